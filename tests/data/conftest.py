"""Digits in four arrays, as data files hold them."""

import pytest


@pytest.fixture
def sets(digits):
    pixels, labels = digits
    return pixels[:600], labels[:600], pixels[600:], labels[600:]
