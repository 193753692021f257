"""What the scenes of shapes look like to each task."""

from collections.abc import Callable
from types import MappingProxyType
from typing import Any

import numpy as np

from cnncourse.datasets.shapes import (
    SHAPES,
    describe,
    flow_field,
    make_scene,
    render,
)

MOST_SHAPES = 4
Element = tuple | dict[str, Any]


def _classification(seed: int, split: str, index: int, size: int) -> Element:
    image, _ = render(make_scene(seed, split, index, most=1), size)
    return image, np.int64(index % len(SHAPES))


def _segmentation(seed: int, split: str, index: int, size: int) -> Element:
    scene = make_scene(seed, split, index, MOST_SHAPES)
    image, owner = render(scene, size)
    classes = np.array([*(shape.kind + 1 for shape in scene.shapes), 0], np.int32)
    return {"image": image, "mask": classes[owner]}  # the background's -1 is the last


def _detection(seed: int, split: str, index: int, size: int) -> Element:
    scene = make_scene(seed, split, index, MOST_SHAPES)
    image, owner = render(scene, size)
    boxes = np.zeros((MOST_SHAPES, 4), np.float32)
    labels = np.full(MOST_SHAPES, -1, np.int64)
    for number, shape in enumerate(scene.shapes):
        rows, columns = np.nonzero(owner == number)
        top, left, bottom, right = (
            rows.min(), columns.min(), rows.max() + 1, columns.max() + 1
        )  # fmt: skip
        boxes[number] = np.array([top, left, bottom, right]) / size
        labels[number] = shape.kind
    return {"image": image, "boxes": boxes, "labels": labels}


def _captioning(seed: int, split: str, index: int, size: int) -> Element:
    scene = make_scene(seed, split, index, MOST_SHAPES)
    return {"image": render(scene, size)[0], "caption": describe(scene)}


def _flow(seed: int, split: str, index: int, size: int) -> Element:
    scene = make_scene(seed, split, index, MOST_SHAPES)
    image, owner = render(scene, size)
    return {
        "image": image,
        "next_image": render(scene, size, time=1.0)[0],
        "flow": flow_field(scene, owner),
        "valid": np.ones((size, size), dtype=bool),
    }


def _super_resolution(
    seed: int, split: str, index: int, size: int, factor: int = 2
) -> Element:
    if factor < 1 or size % factor:
        raise ValueError(
            f"Expected a factor that divides the size. Received: factor={factor} "
            f"size={size}"
        )
    high, _ = render(make_scene(seed, split, index, MOST_SHAPES), size)
    small = size // factor
    blocks = high.reshape(small, factor, small, factor, 3)
    return {"low_resolution": blocks.mean(axis=(1, 3)), "high_resolution": high}


VIEWS: MappingProxyType[str, Callable[..., Element]] = MappingProxyType(
    {
        "classification": _classification,
        "segmentation": _segmentation,
        "detection": _detection,
        "captioning": _captioning,
        "flow": _flow,
        "super-resolution": _super_resolution,
    }
)


def shapes_example(
    seed: int,
    split: str,
    index: int,
    task: str = "classification",
    image_size: int = 64,
    **options: Any,
) -> Element:
    """Draws one example of a task.

    Args:
        seed: of the data set.
        split: "train", "test" or "validation".
        index: number of the example, >= 0.
        task: one of `VIEWS`.
        image_size: pixels a side, >= 8.
        **options: for super-resolution `factor`, by which the low resolution is
            smaller (2).

    Returns:
        One element of the task, as `elements.TASKS` describes it.

    Raises:
        ValueError: if an argument is out of range.
    """
    if task not in VIEWS:
        raise ValueError(f"Expected one of {', '.join(VIEWS)}. Received: task={task}")
    return VIEWS[task](seed, split, index, image_size, **options)
