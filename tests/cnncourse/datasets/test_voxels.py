"""Bodies in voxels."""

import numpy as np
import pytest

from cnncourse.datasets.voxels import BODIES, voxels_example


@pytest.mark.parametrize("size", [16, 24])
def test_a_body_is_a_function_of_its_numbers(size: int) -> None:
    for index, _ in enumerate(BODIES):
        volume, label = voxels_example(0, "train", index, size, noise=0)
        again, _ = voxels_example(0, "train", index, size, noise=0)
        np.testing.assert_array_equal(volume, again)
        assert volume.shape == (size, size, size, 1) and volume.dtype == np.float32
        assert label == index and set(np.unique(volume)) == {0, 1}
        assert 0.03 < volume.mean() < 0.5


def test_a_table_stands_on_its_legs() -> None:
    """The first axis goes down: the plate is above the legs."""
    for index in range(5, 60, 6):
        volume, label = voxels_example(0, "train", index, 24, noise=0)
        assert BODIES[label] == "table"
        layers = volume.sum(axis=(1, 2, 3))
        filled = np.flatnonzero(layers)
        assert layers[filled[1]] > 2 * layers[filled[-2]] > 0


def test_noise_turns_voxels_over() -> None:
    clean, _ = voxels_example(0, "train", 0, noise=0)
    noisy, _ = voxels_example(0, "train", 0, noise=0.1)
    assert 0.07 < (clean != noisy).mean() < 0.13


@pytest.mark.parametrize("arguments", [{"size": 7}, {"noise": 1.5}])
def test_wrong_arguments(arguments: dict) -> None:
    with pytest.raises(ValueError, match="Expected at least 8 voxels"):
        voxels_example(0, "train", 0, **arguments)
