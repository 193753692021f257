"""Figures on squared paper: matrices with their numbers, a window that slides."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from cnncourse.plots.drawing import (
    BLACK,
    BLUE,
    CELL,
    FAINT,
    FRAME,
    RED,
    SHADE,
    bare_axes,
    checked_matrix,
    checked_titles,
    colour_reach,
    framed_figure,
    grid_shape,
    used_axes,
)

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure


def _text(value: float) -> str:
    """A number as one writes it by hand; "?" for NaN."""
    if np.isnan(value):
        return "?"
    return f"{round(float(value), 2) + 0.0:g}".replace("-", "−")  # no negative zero


def _cell(
    axes: Axes, x: float, y: float, text: str, face: str | tuple, ink: str = BLACK
) -> None:
    """A unit square with a text, its upper left corner at `(x, y)`."""
    from matplotlib.patches import Rectangle

    square = Rectangle((x, y), 1, 1, facecolor=face, edgecolor="white", linewidth=1.5)
    axes.add_patch(square)
    axes.text(x + 0.5, y + 0.5, text, color=ink, ha="center", va="center", fontsize=9)


def _sheet(axes: Axes, width: float, height: float) -> None:
    """Makes the axes a sheet of squared paper, `(0, 0)` its upper left corner."""
    axes.set(xlim=(-0.1, width + 0.1), ylim=(height + 0.1, -0.1), aspect="equal")
    bare_axes(axes)


def numbers(
    grids: Sequence[np.ndarray],
    titles: Sequence[str] | None = None,
    symbols: Sequence[str] | None = None,
    windows: Sequence[tuple[int, int, int, int] | None] | None = None,
) -> Figure:
    """Draws matrices as squares with their numbers, with symbols between them.

    Args:
        grids: matrices `(H, W)`; NaN is written as a question mark.
        titles: one for each matrix.
        symbols: one fewer than matrices, such as `["⋆", "="]`.
        windows: for each matrix `(row, column, height, width)` of the part to frame, or
            None.
    Returns:
        The figure, one axes. Positive numbers have a red ground, negative a blue one.
    Raises:
        ValueError: if a grid is no matrix, or the lists have not the right lengths.
    """
    grids = [checked_matrix(g).astype(np.float64) for g in grids]
    if not grids:
        raise ValueError("Expected at least one matrix. Received: grids=[]")
    titles = checked_titles(titles, len(grids), "titles")
    symbols = [*checked_titles(symbols, len(grids) - 1, "symbols"), ""]
    windows = [None] * len(grids) if windows is None else list(windows)
    if len(windows) != len(grids):
        raise ValueError(
            f"Expected {len(grids)} windows, one for each. Received: windows={windows}"
        )
    gap, top = 1.2, 0.9
    height = top + max(g.shape[0] for g in grids)
    width = sum(g.shape[1] for g in grids) + gap * (len(grids) - 1)
    size = (width + 0.4) * CELL, (height + 0.4) * CELL
    with framed_figure(1, 1, *size) as (figure, axes):
        sheet, left, middle = axes[0, 0], 0.0, (top + height) / 2
        for grid, text, symbol, window in zip(
            grids, titles, symbols, windows, strict=True
        ):
            upper = middle - grid.shape[0] / 2
            _draw_grid(sheet, grid, left, upper, window)
            centre = left + grid.shape[1] / 2
            sheet.text(centre, upper - 0.25, text, ha="center", va="bottom")
            left += grid.shape[1] + gap
            place = left - gap / 2, middle
            sheet.text(*place, symbol, ha="center", va="center", fontsize=22)
        _sheet(sheet, width, height)
    return figure


def _draw_grid(
    axes: Axes,
    grid: np.ndarray,
    left: float,
    upper: float,
    window: tuple[int, int, int, int] | None,
) -> None:
    from matplotlib import colormaps
    from matplotlib.patches import Rectangle

    shades = np.nan_to_num(grid / colour_reach(grid)) * 0.22 + 0.5
    for (row, column), value in np.ndenumerate(grid):
        face = colormaps["RdBu_r"](float(shades[row, column]))
        _cell(axes, left + column, upper + row, _text(value), face)
    if window:
        row, column, height, width = window
        corner = left + column, upper + row
        frame = Rectangle(corner, width, height, fill=False, edgecolor=BLACK)
        frame.set_linewidth(2.2)
        axes.add_patch(frame)


def sliding_window(
    x: np.ndarray,
    w: np.ndarray,
    cases: Sequence[Mapping[str, int]] = ({},),
    columns: int | None = None,
) -> Figure:
    """Draws how a kernel slides over a signal: one line for each output.

    Args:
        x: the signal, `(n,)`.
        w: the kernel, `(k,)`.
        cases: for each panel those of `strides`, `padding` (zeros on each side) and
            `dilation_rate` that are not 1, 0 and 1.
        columns: panels a row; all in one row if None.
    Returns:
        The figure, with one axes for each case: above the signal, below it the kernel
        in each place that it takes, on the right the sum of products.
    Raises:
        ValueError: if there is no case, or the kernel does not fit.
    """
    x, w = np.asarray(x), np.asarray(w)
    plans = [_slide(x, w, **case) for case in cases]
    if not plans:
        raise ValueError("Expected at least one case. Received: cases=[]")
    rows, columns = grid_shape(len(plans), columns)
    width = max(len(padded) for padded, _, _ in plans) + 2.2
    heights = [1.5 + max(len(plan[1]) for plan in plans[i : i + columns])
               for i in range(0, len(plans), columns)]  # fmt: skip
    size = columns * width * CELL, sum(heights) * CELL + 0.4 * rows
    options: dict[str, Any] = {"height_ratios": heights}
    with framed_figure(rows, columns, *size, **options) as (figure, axes):
        for i, (panel, case, plan) in enumerate(
            zip(used_axes(axes, len(plans)), cases, plans, strict=True)
        ):
            _draw_slide(panel, x, w, plan, case.get("padding", 0))
            settings = ", ".join(f"{name}={value}" for name, value in case.items())
            count = f"{len(plan[1])} output" + "s" * (len(plan[1]) != 1)
            panel.set_title(f"{settings}: {count}" if settings else count, loc="left")
            _sheet(panel, width, heights[i // columns])
    return figure


Slide = tuple[np.ndarray, range, np.ndarray]


def _slide(
    x: np.ndarray,
    w: np.ndarray,
    strides: int = 1,
    padding: int = 0,
    dilation_rate: int = 1,
) -> Slide:
    """The padded signal, where the windows start, and the taps of a window."""
    padded = np.pad(x, padding)
    taps = np.arange(len(w)) * dilation_rate
    starts = range(0, len(padded) - int(taps[-1]), strides)
    if not starts:
        raise ValueError(
            "Expected a window that fits into the padded signal. "
            f"Received: window={taps[-1] + 1} signal={len(padded)}"
        )
    return padded, starts, taps


def _draw_slide(
    axes: Axes, x: np.ndarray, w: np.ndarray, plan: Slide, padding: int
) -> None:
    padded, starts, taps = plan
    for place, value in enumerate(padded):
        real = padding <= place < padding + len(x)
        face, ink = (SHADE, BLACK) if real else (FAINT, FRAME)
        _cell(axes, place, 0, _text(value), face, ink)
    for line, start in enumerate(starts):
        y = line + 1.4
        for place in range(start, start + taps[-1] + 1):
            _cell(axes, place, y, "", FAINT)
        for tap, weight in zip(taps, w, strict=True):
            _cell(axes, start + tap, y, _text(weight), BLUE, "white")
        total = padded[start + taps] @ w
        axes.text(
            len(padded) + 0.3, y + 0.5, f"= {_text(total)}", va="center", color=RED
        )
