"""Spoilt images: they stay images of the same digits, and each is spoilt in its own way."""

import numpy as np
import pytest

from handwriting.training.spoiling import WAYS, covered, crossed, pale, with_spoilt

MANY = 400


@pytest.fixture
def images(digits) -> np.ndarray:
    """One digit image, many times."""
    return np.repeat(digits[0][:1, ..., np.newaxis] / np.float32(255), MANY, axis=0).astype(np.float32)


@pytest.mark.parametrize("spoil", WAYS, ids=lambda spoil: spoil.__name__)
def test_spoilt_images_are_images_still(spoil, images):
    before = images.copy()
    spoilt = spoil(images, np.random.default_rng(0))
    np.testing.assert_array_equal(images, before)
    assert (spoilt.shape, spoilt.dtype) == (images.shape, np.float32)
    assert 0 <= spoilt.min() < spoilt.max() <= 1.0001
    changes = np.abs(spoilt - images).mean(axis=(1, 2, 3))
    assert np.median(changes) > 0.005
    assert len(np.unique(changes.round(6))) > MANY / 4  # each in its own way
    likeness = [
        np.corrcoef(one.ravel(), other.ravel())[0, 1] for one, other in zip(spoilt, images, strict=True)
    ]
    assert np.median(likeness) > 0.7  # a digit is there still


def test_lines_only_add_ink_and_covers_only_take_it(images):
    random = np.random.default_rng(1)
    assert (crossed(images, random) >= images).all()
    assert (covered(images, random) <= images).all()
    kept = covered(images, random)
    assert np.isin(kept[images > 0], np.append(images[0][images[0] > 0], 0)).all()


def test_pale_ink_keeps_its_form(images):
    paler = pale(images, np.random.default_rng(2))
    strength = paler.max(axis=(1, 2, 3)) / images.max(axis=(1, 2, 3))
    np.testing.assert_allclose(paler, images * strength.reshape(-1, 1, 1, 1), atol=1e-6)
    assert strength.min() < 0.2
    assert strength.max() > 0.95


@pytest.mark.parametrize("batch", [MANY, 5, 1])
def test_a_share_is_spoilt_and_the_others_are_untouched(batch, images):
    random = np.random.default_rng(3)
    batches = [with_spoilt(images[:batch], 0.1, random) for _ in range(2 * MANY // batch)]
    spoilt = (np.concatenate(batches) != images[0]).any(axis=(1, 2, 3))
    assert spoilt.mean() == pytest.approx(0.1, abs=0.035)
    assert with_spoilt(images, 0.0, random) is images


def test_small_batches_see_all_ways(images):
    random = np.random.default_rng(4)
    ink = [with_spoilt(images[:1], 1.0, random).sum() / images[0].sum() for _ in range(100)]
    assert min(ink) < 0.5  # pale or covered
    assert max(ink) > 1.2  # noisy or crossed
