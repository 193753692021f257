"""The truth of each task agrees with the picture and with the other tasks."""

import numpy as np
import pytest

from cnncourse.datasets.shape_tasks import VIEWS, shapes_example
from cnncourse.datasets.shapes import SHAPES

INDICES = range(12)


@pytest.mark.parametrize("task", [t for t in VIEWS if t != "classification"])
def test_all_tasks_but_classification_see_one_scene(task: str) -> None:
    element = shapes_example(5, "train", 7, task)
    image = element.get("image", element.get("high_resolution"))
    expected = shapes_example(5, "train", 7, "segmentation")["image"]
    np.testing.assert_array_equal(image, expected)


@pytest.mark.parametrize("index", INDICES)
def test_boxes_hold_their_part_of_the_mask_tightly(index: int) -> None:
    seen = shapes_example(0, "test", index, "detection")
    mask = shapes_example(0, "test", index, "segmentation")["mask"]
    assert mask.dtype == np.int32 and set(np.unique(mask)) <= set(range(7))
    assert 0 in mask
    covered = np.zeros_like(mask)
    for box, label in zip(seen["boxes"], seen["labels"], strict=True):
        if label == -1:
            assert (box == 0).all()
            continue
        top, left, bottom, right = np.rint(box * 64).astype(int)
        inside = mask[top:bottom, left:right] == label + 1
        assert inside[0].any() and inside[-1].any()
        assert inside[:, 0].any() and inside[:, -1].any()
        covered[top:bottom, left:right] = 1
    assert not mask[covered == 0].any()


def test_captions_name_the_labels() -> None:
    for index in INDICES:
        caption = shapes_example(0, "train", index, "captioning")["caption"]
        labels = shapes_example(0, "train", index, "detection")["labels"]
        named = sorted(SHAPES.index(w) for w in caption.replace(",", "").split()
                       if w in SHAPES)  # fmt: skip
        assert named == sorted(labels[labels >= 0])


def test_low_resolution_is_the_mean_of_blocks() -> None:
    pair = shapes_example(0, "train", 0, "super-resolution", 48, factor=3)
    assert pair["low_resolution"].shape == (16, 16, 3)
    np.testing.assert_allclose(
        pair["low_resolution"][2, 5],
        pair["high_resolution"][6:9, 15:18].mean(axis=(0, 1)), rtol=1e-6,
    )  # fmt: skip


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"task": "sorting"}, "Expected one of classification.*task=sorting"),
        ({"task": "super-resolution", "factor": 5}, "divides the size.*factor=5"),
    ],
)
def test_wrong_arguments(arguments: dict, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        shapes_example(0, "train", 0, **arguments)
