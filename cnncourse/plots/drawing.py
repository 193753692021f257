"""What the figures share: style, colours, checks and the drawing of one picture."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

ORANGE, SKY, GREEN, BLUE, RED, PURPLE, BLACK = (
    "#E69F00", "#56B4E9", "#009E73", "#0072B2", "#D55E00", "#CC79A7", "#222222"
)  # fmt: skip
LINES = (BLUE, RED, GREEN, PURPLE, ORANGE, SKY, BLACK)
DASHES = ("-", (0, (4, 1.5)), (0, (9, 1.5)), ":", "-.", (0, (1, 2)), "-")
FAINT, SHADE, FRAME = "#F4F4F4", "#DDDDDD", "#888888"
STYLE: dict[Any, Any] = {
    "figure.dpi": 100,
    "font.size": 10,
    "axes.titlesize": 10.5,
    "axes.spines.top": False,
    "axes.spines.right": False,
    "axes.grid": False,
    "legend.frameon": False,
    "image.interpolation": "nearest",
}
CELL = 0.45  # inches a side of a square that holds a number


@contextmanager
def framed_figure(
    rows: int, columns: int, width: float, height: float, **options: Any
) -> Iterator[tuple[Figure, np.ndarray]]:
    """A figure of `rows` x `columns` axes, `width` x `height` inches in all."""
    import matplotlib.pyplot as plt

    with plt.rc_context(STYLE):
        figure, axes = plt.subplots(
            rows,
            columns,
            figsize=(width, height),
            squeeze=False,
            layout="constrained",
            **options,
        )
        try:
            yield figure, axes
        finally:
            plt.close(figure)


def checked_titles(
    titles: Sequence[str] | None, count: int, name: str
) -> Sequence[str]:
    """`titles`, or as many empty ones."""
    if titles is None:
        return [""] * count
    if len(titles) != count:
        raise ValueError(
            f"Expected {count} {name}, one for each. Received: {name}={list(titles)}"
        )
    return titles


def checked_picture(image: np.ndarray) -> np.ndarray:
    """A picture that matplotlib draws: `(H, W)` or `(H, W, 3)`, bytes as [0, 1]."""
    image = np.asarray(image)
    if image.ndim == 3 and image.shape[2] == 1:
        image = image[:, :, 0]
    if not (image.ndim == 2 or (image.ndim == 3 and image.shape[2] == 3)):
        raise ValueError(
            "Expected a picture of shape (H, W), (H, W, 1) or (H, W, 3). "
            f"Received: shape={image.shape}"
        )
    if image.dtype == np.uint8:
        return image / np.float32(255)
    return np.clip(image, 0, 1) if image.ndim == 3 else image


def checked_matrix(values: np.ndarray) -> np.ndarray:
    """`values` as an array, if they are a matrix."""
    values = np.asarray(values)
    if values.ndim != 2:
        raise ValueError(f"Expected a matrix (H, W). Received: shape={values.shape}")
    return values


def bare_axes(axes: Axes) -> None:
    """Leaves of the axes only their title and labels."""
    axes.set(xticks=[], yticks=[])
    axes.spines[:].set_visible(False)


def colour_reach(values: np.ndarray, share: float = 1.0) -> float:
    """The magnitude that a share of the values does not exceed; 1 if it is 0."""
    finite = np.abs(values[np.isfinite(values)])
    return (float(np.quantile(finite, share)) if finite.size else 0.0) or 1.0


def draw_picture(
    axes: Axes, image: np.ndarray, limits: tuple[float, float] | None
) -> None:
    low, high = limits or (None, None)
    axes.imshow(checked_picture(image), cmap="gray", vmin=low, vmax=high)
    bare_axes(axes)


def draw_map(axes: Axes, values: np.ndarray, signed: bool, reach: float) -> Any:
    """Draws a matrix in colours; returns what a colour bar is made from."""
    colours, low = ("RdBu_r", -reach) if signed else ("viridis", 0.0)
    return axes.imshow(checked_matrix(values), cmap=colours, vmin=low, vmax=reach)


def grid_shape(count: int, columns: int | None) -> tuple[int, int]:
    columns = max(1, min(count, columns or count))
    return -(-count // columns), columns


def used_axes(axes: np.ndarray, count: int) -> list[Axes]:
    """The first `count` of the axes; the others are removed."""
    for panel in axes.flat[count:]:
        panel.remove()
    return list(axes.flat[:count])
