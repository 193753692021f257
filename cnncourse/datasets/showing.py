"""Draws examples of a data set with their labels, boxes, masks, captions or motion."""

from __future__ import annotations

import textwrap
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from cnncourse.datasets.entries import DATASETS
from cnncourse.datasets.loading import load
from cnncourse.datasets.records import DatasetRecord
from cnncourse.plots.drawing import (
    BLACK,
    FRAME,
    LINES,
    SKY,
    bare_axes,
    draw_picture,
    framed_figure,
    grid_shape,
    used_axes,
)

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

SEEN = 512  # examples among which those to draw are chosen
Draw = Callable[["Axes", Any, DatasetRecord], None]


def _class_name(record: DatasetRecord, label: int) -> str:
    return record.classes[label] if record.classes else f"class {label}"


def _draw_class(axes: Axes, element: Any, record: DatasetRecord) -> None:
    image, label = element
    draw_picture(axes, image, (0, 1))
    axes.set_title(_class_name(record, int(label)))


def _draw_volume(axes: Axes, element: Any, record: DatasetRecord) -> None:
    """Draws a body from the side and above, lit by the depth of its surface."""
    from matplotlib.colors import LightSource

    volume, label = element
    # (D, H, W) is (down, rows, columns); plots have x, y and up
    filled = volume[::-1, :, :, 0].transpose(2, 1, 0) > 0.5
    axes.voxels(  # type: ignore[attr-defined]
        _without_specks(filled),
        facecolors=SKY,
        edgecolor=FRAME,
        linewidth=0.15,
        lightsource=LightSource(315, 45),
    )
    axes.set(xticks=[], yticks=[], zticks=[], aspect="equal")
    axes.set_title(_class_name(record, int(label)), y=1.0)


def _without_specks(filled: np.ndarray) -> np.ndarray:
    """Voxels that have two neighbours or more, without the noise in the air."""
    padded = np.pad(filled, 1).astype(int)
    neighbours = sum(
        np.roll(padded, step, axis) for axis in range(3) for step in (-1, 1)
    )
    return filled & (np.asarray(neighbours)[1:-1, 1:-1, 1:-1] >= 2)


def _draw_text(axes: Axes, element: Any, record: DatasetRecord) -> None:
    text, label = element
    colour = LINES[int(label) % len(LINES)]
    axes.set(xlim=(0, 1), ylim=(0, 1))
    bare_axes(axes)
    axes.text(0, 0.92, _class_name(record, int(label)), color=colour, weight="bold")
    lines = textwrap.wrap(text, 50)
    shown = lines[:4] if len(lines) <= 4 else [*lines[:3], f"{lines[3][:40]} ..."]
    axes.text(0, 0.82, "\n".join(shown), va="top", color=BLACK, linespacing=1.35)
    axes.axhline(0.02, color=FRAME, linewidth=0.5)


def _draw_image(axes: Axes, element: Any, record: DatasetRecord) -> None:
    draw_picture(axes, element["image"], (0, 1))
    height, width = element["image"].shape[:2]
    axes.set_title(f"{height} x {width}")


def _draw_mask(axes: Axes, element: Any, record: DatasetRecord) -> None:
    """Draws the outline and a tint of each class over a paler picture."""
    image, mask = np.asarray(element["image"]), np.asarray(element["mask"])
    draw_picture(axes, 0.35 * image + 0.65 * image.mean(axis=2, keepdims=True), None)
    for value in np.unique(mask[mask > 0]):
        colour = LINES[(int(value) - 1) % len(LINES)]
        mine = (mask == value).astype(float)
        axes.contourf(mine, levels=[0.5, 1.5], colors=[colour], alpha=0.55)
        axes.contour(mine, levels=[0.5], colors=[colour], linewidths=1.6)
    names = [_class_name(record, int(v) - 1) for v in np.unique(mask[mask > 0])]
    axes.set_title(", ".join(names), fontsize=9)


def _draw_boxes(axes: Axes, element: Any, record: DatasetRecord) -> None:
    from matplotlib.patches import Rectangle

    draw_picture(axes, element["image"], (0, 1))
    height, width = element["image"].shape[:2]
    for box, label in zip(element["boxes"], element["labels"], strict=True):
        if label < 0:
            continue
        top, left, bottom, right = box * [height, width, height, width]
        corner = left - 0.5, top - 0.5  # pixels' centres are whole numbers
        colour = LINES[int(label) % len(LINES)]
        axes.add_patch(
            Rectangle(corner, right - left, bottom - top, fill=False, ec=colour, lw=2)
        )
        style = {"facecolor": colour, "edgecolor": "none", "pad": 1.2}
        axes.text(
            left, top - 0.5, _class_name(record, int(label)), color="white",
            fontsize=7.5, va="bottom" if top > 0.1 * height else "top", bbox=style,
        )  # fmt: skip


def _draw_caption(axes: Axes, element: Any, record: DatasetRecord) -> None:
    draw_picture(axes, element["image"], (0, 1))
    axes.set_xlabel("\n".join(textwrap.wrap(element["caption"], 30)), fontsize=9)


def _draw_flow(axes: Axes, element: Any, record: DatasetRecord) -> None:
    """Draws both frames in one, and arrows from a point to where it goes."""
    image, following = np.asarray(element["image"]), np.asarray(element["next_image"])
    flow, valid = np.asarray(element["flow"]), np.asarray(element["valid"])
    both = (image + following) / 2
    draw_picture(axes, 0.6 * both + 0.4, (0, 1))  # paler, so that arrows stand out
    height, width = valid.shape
    step = max(1, min(height, width) // 10)
    y, x = np.mgrid[step // 2 : height : step, step // 2 : width : step]
    y, x = y[valid[y, x]], x[valid[y, x]]
    axes.quiver(
        x, y, flow[y, x, 0], flow[y, x, 1], angles="xy", scale_units="xy", scale=1,
        color=BLACK, width=0.008, headwidth=3.5, headlength=4, headaxislength=3.5,
    )  # fmt: skip
    axes.set(xlim=(-0.5, width - 0.5), ylim=(height - 0.5, -0.5))
    axes.set_title(f"up to {np.hypot(*flow[valid].T).max():.1f} pixels")


def _draw_resolutions(axes: Axes, element: Any, record: DatasetRecord) -> None:
    """Draws the low resolution on the left of a line, the high one on the right."""
    low, high = element["low_resolution"], element["high_resolution"]
    factor = high.shape[0] // low.shape[0]
    both = np.array(high)
    middle = high.shape[1] // 2
    both[:, :middle] = low.repeat(factor, 0).repeat(factor, 1)[:, :middle]
    draw_picture(axes, both, (0, 1))
    axes.axvline(middle - 0.5, color="white", linewidth=1.5)
    axes.set_title(f"{low.shape[0]} and {high.shape[0]} pixels")


DRAW: Mapping[str, tuple[Draw, tuple[float, float]]] = {
    "classification": (_draw_class, (1.35, 1.6)),
    "volumes": (_draw_volume, (2.0, 2.1)),
    "text": (_draw_text, (3.9, 1.1)),
    "images": (_draw_image, (2.6, 2.4)),
    "segmentation": (_draw_mask, (2.0, 2.25)),
    "detection": (_draw_boxes, (2.0, 2.05)),
    "captioning": (_draw_caption, (2.2, 2.75)),
    "flow": (_draw_flow, (2.4, 2.65)),
    "super-resolution": (_draw_resolutions, (2.0, 2.25)),
}  # how, and width and height in inches


def show(name: str, split: str = "train", count: int = 12, **arguments: Any) -> Figure:
    """Draws examples of a data set with all that is known of them.

    Args:
        name: one of `DATASETS`.
        split: as for `load`.
        count: how many at most, >= 1; of classes there is one of each in turn.
        **arguments: further ones of `load`, such as `task="detection"` for "shapes".

    Returns:
        The figure. Of "shapes" without a task it has a row for each task.

    Raises:
        ValueError, KeyError, OSError: as `load`; or if there is nothing to draw.

    Example:
        >>> figure = show("digits", count=20)
    """
    if count < 1:
        raise ValueError(f"Expected at least one example. Received: count={count}")
    record = DATASETS[name]
    if "task" in record.options and "task" not in arguments:
        return _show_tasks(record, split, **arguments)
    task = arguments.get("task", record.task)
    elements = _choose(_first(record, split, arguments), count)
    draw, (width, height) = DRAW[task]
    shape = np.shape(_picture(elements[0]))
    if task == "flow":  # wide pictures
        width = height * shape[1] / shape[0]
    rows, columns = grid_shape(len(elements), _columns(task, len(elements)))
    options: dict[str, Any] = {}
    if task == "volumes":
        options["subplot_kw"] = {"projection": "3d"}
    size = columns * width, rows * height + 0.35
    with framed_figure(rows, columns, *size, **options) as (figure, axes):
        for panel, element in zip(
            used_axes(axes, len(elements)), elements, strict=True
        ):
            draw(panel, element, record)
        figure.suptitle(f"{name} ({split}): {record.title}", fontsize=11)
    return figure


def _columns(task: str, count: int) -> int:
    if task == "text":
        return 2
    if task == "classification":
        return min(count, 6 if count <= 18 else 10)
    return min(count, 4 if count % 4 == 0 else 3)


def _picture(element: Any) -> Any:
    if isinstance(element, tuple):
        return element[0]
    return element.get("image", element.get("high_resolution"))


def _first(
    record: DatasetRecord, split: str, arguments: Mapping[str, Any]
) -> list[Any]:
    """The first elements of a split, pictures of TensorFlow Datasets not all read."""
    if record.needs == "network" and arguments.get("data_dir") is None:
        dataset = load(record.name, split, **arguments).take(SEEN)
        return [
            tuple(_text(v) for v in e)
            if isinstance(e, tuple)
            else {k: _text(v) for k, v in e.items()}
            for e in dataset.as_numpy_iterator()
        ]
    arguments = dict(arguments)
    if "examples" in record.options:
        arguments.setdefault("examples", 60)
    arrays = load(record.name, split, as_numpy=True, **arguments)
    if isinstance(arrays, tuple):
        order = np.random.default_rng(0).permutation(len(arrays[0]))[:SEEN]
        return [tuple(values[i] for values in arrays) for i in order]
    count = len(next(iter(arrays.values())))
    return [{k: v[i] for k, v in arrays.items()} for i in range(min(count, SEEN))]


def _text(value: Any) -> Any:
    return value.decode() if isinstance(value, bytes) else value


def _choose(elements: list[Any], count: int) -> list[Any]:
    """Of pairs the classes in turn, otherwise the first."""
    if not elements:
        raise ValueError("Expected at least one example. Received: an empty split")
    if not isinstance(elements[0], tuple):
        return elements[:count]
    labels = np.array([int(label) for _, label in elements])
    turn = np.zeros(len(labels), int)
    for label in np.unique(labels):
        mine = labels == label
        turn[mine] = np.arange(mine.sum())
    return [elements[i] for i in np.lexsort((labels, turn))[:count]]


def _show_tasks(record: DatasetRecord, split: str, **arguments: Any) -> Figure:
    """One row for each task of a set that serves several."""
    from cnncourse.datasets.shape_tasks import VIEWS

    columns, arguments = 6, {"image_size": 96, **arguments}
    with framed_figure(len(VIEWS), columns, 12, 2.3 * len(VIEWS)) as (figure, axes):
        for row, task in zip(axes, VIEWS, strict=True):
            chosen = {**arguments, "task": task}
            if task == "super-resolution":
                chosen.setdefault("factor", 4)
            elements = _choose(_first(record, split, chosen), columns)
            for panel, element in zip(row, elements, strict=False):
                DRAW[task][0](panel, element, record)
            row[0].set_ylabel(task, fontsize=11, labelpad=8)
        figure.suptitle(f"{record.name} ({split}): {record.title}", fontsize=12)
    return figure


def save(figure: Figure, path: str | Path) -> None:
    """Writes a figure to a file, whose ending decides the format."""
    figure.savefig(path, dpi=130, bbox_inches="tight", facecolor="white")
