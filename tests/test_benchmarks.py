import numpy as np

from benchmarks import networks, offline


def test_nearest_distances_are_those_to_the_nearest():
    random = np.random.default_rng(0)
    others = random.integers(0, 256, (30, 28, 28)).astype(np.uint8)
    images = np.concatenate([random.integers(0, 256, (1200, 28, 28)).astype(np.uint8), others[4:5]])
    found = offline.nearest_distances(images, others)
    assert found.shape == (1201,)
    assert found[-1] < 0.05  # a copy; float32 leaves a little
    expected = np.sqrt(((images[:5, np.newaxis] / 255 - others / 255) ** 2).sum(axis=(2, 3)).min(axis=1))
    np.testing.assert_allclose(found[:5], expected, rtol=1e-4)


def test_mean_and_deviation():
    assert networks.mean_and_deviation([99.0, 99.2]) == "99.10 ± 0.14 %"
    assert networks.mean_and_deviation([99.0]) == "99.00 %"
