"""The sets that packages carry are those of the packages, divided fairly."""

import numpy as np
import pytest

from cnncourse.datasets import carried
from cnncourse.datasets.photographs import PHOTOGRAPHS, photograph

SPLITS = [
    carried.digits_split,
    carried.faces_split,
    carried.textures_split,
    carried.photographs_split,
    carried.stereo_motorcycle_split,
]


@pytest.mark.parametrize("function", SPLITS, ids=lambda f: f.__name__)
def test_unknown_split(function) -> None:
    with pytest.raises(ValueError, match=r"'all'. Received: split=dev"):
        function("dev")


def test_faces_are_those_of_scikit_image() -> None:
    from skimage.data import lfw_subset

    images, labels = carried.faces_split("all")
    np.testing.assert_allclose(images[..., 0], lfw_subset(), atol=1e-7)
    assert labels[:100].all() and not labels[100:].any()


def test_textures_of_train_and_test_share_no_pixels() -> None:
    """Each patch is where it was cut, and no test patch begins above the border."""
    train, labels = carried.textures_split("train", 32, 16)
    assert np.bincount(labels).tolist() == [23 * 31] * 3
    grass = photograph("grass")
    test, labels = carried.textures_split("test", 32, 16)
    first = test[labels == 1][0, :, :, 0]
    np.testing.assert_array_equal(first, grass[384:416, :32])
    last = train[713:1426][-1, :, :, 0]
    np.testing.assert_array_equal(last, grass[352:384, 480:])


@pytest.mark.parametrize("arguments", [(129, None), (32, 0), (0, 1)])
def test_textures_sizes(arguments: tuple) -> None:
    with pytest.raises(ValueError, match="Expected 1 <= patch_size <= 128"):
        carried.textures_split("train", *arguments)


def test_photographs_are_in_colour_and_each_in_one_part() -> None:
    parts = {s: carried.photographs_split(s)["image"] for s in ("train", "test", "all")}
    assert len(parts["train"]) + len(parts["test"]) == len(PHOTOGRAPHS)
    assert all(p.shape[2] == 3 and p.dtype == np.float32 for p in parts["all"])
    both = {p.tobytes() for p in parts["train"]} & {p.tobytes() for p in parts["test"]}
    assert not both
    grey = parts["all"][list(PHOTOGRAPHS).index("camera")]
    np.testing.assert_array_equal(grey[..., 2], photograph("camera"))


def test_the_motorcycle_moves_as_its_disparity_says() -> None:
    """Where the flow points the other camera sees about the same colour."""
    pair = {k: v[0] for k, v in carried.stereo_motorcycle_split("train").items()}
    y, x = np.nonzero(pair["valid"])
    moved = np.rint(x + pair["flow"][y, x, 0]).astype(int)
    seen = moved >= 0
    y, x, moved = y[seen], x[seen], moved[seen]
    error = np.abs(pair["image"][y, x] - pair["next_image"][y, moved])
    still = np.abs(pair["image"][y, x] - pair["next_image"][y, x])
    assert 4 * np.median(error) < 0.06 < np.median(still)
    assert pair["flow"][..., 1].max() == 0 and np.isfinite(pair["flow"]).all()
    assert 0.9 < pair["valid"].mean() < 0.95
