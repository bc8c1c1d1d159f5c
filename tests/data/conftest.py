"""The arrays that the tests of data files write."""

import pytest


@pytest.fixture
def sets(digits):
    """600 training images and their labels, 200 test images and their labels."""
    pixels, labels = digits
    return pixels[:600], labels[:600], pixels[600:], labels[600:]
