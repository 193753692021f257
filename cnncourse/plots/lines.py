"""Figures of signals and curves."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import numpy as np

from cnncourse.plots.drawing import (
    DASHES,
    FRAME,
    LINES,
    ORANGE,
    checked_matrix,
    framed_figure,
)

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure


def signals(
    signals: Mapping[str, np.ndarray],
    strip: np.ndarray | None = None,
    xlabel: str = "position",
    height: float = 1.5,
) -> Figure:
    """Draws signals one below the other over one axis of positions.

    Args:
        signals: label -> values `(n,)`; the lengths may differ.
        strip: rows of a picture `(H, W)` to draw above, its middle row marked.
        xlabel: what the positions are.
        height: of a signal in inches.
    Returns:
        The figure, with one axes for each signal, and one before them for the strip.
    Raises:
        ValueError: if there is no signal, or one is not one-dimensional.
    """
    lines = {label: np.asarray(values) for label, values in signals.items()}
    if not lines or any(values.ndim != 1 for values in lines.values()):
        shapes = {label: values.shape for label, values in lines.items()}
        raise ValueError(f"Expected signals of shape (n,). Received: signals={shapes}")
    count = len(lines) + (strip is not None)
    options: dict[str, Any] = {"sharex": True}
    with framed_figure(count, 1, 8.5, height * count + 0.4, **options) as (
        figure,
        axes,
    ):
        panels = list(axes[:, 0])
        if strip is not None:
            _draw_strip(panels.pop(0), checked_matrix(strip))
        for i, (panel, label) in enumerate(zip(panels, lines, strict=True)):
            panel.axhline(0, color=FRAME, linewidth=0.7)
            panel.plot(lines[label], color=LINES[i % len(LINES)], linewidth=1.4)
            panel.set_title(label, loc="left")
        panels[-1].set_xlabel(xlabel)
    return figure


def _draw_strip(axes: Axes, strip: np.ndarray) -> None:
    axes.imshow(strip, cmap="gray", vmin=0, vmax=1, aspect="auto")
    axes.axhline((len(strip) - 1) / 2, color=ORANGE, linewidth=2)
    axes.tick_params(left=False, labelleft=False, bottom=False)
    axes.spines[:].set_visible(False)


def curves(
    x: np.ndarray,
    lines: Mapping[str, np.ndarray],
    xlabel: str,
    ylabel: str,
    points: Mapping[str, np.ndarray] | None = None,
    title: str = "",
    markers: bool = False,
    size: tuple[float, float] = (8.5, 3.6),
) -> Figure:
    """Draws curves over one axis, with a legend.

    Args:
        x: the abscissa of all, `(n,)`.
        lines: label -> ordinates `(n,)`, drawn as lines.
        xlabel: what is on the horizontal axis, with its unit.
        ylabel: what is on the vertical axis, with its unit.
        points: label -> ordinates `(n,)`, drawn as grey dots below the lines.
        title: title of the axes.
        markers: whether the points of the lines are marked.
        size: `(width, height)` in inches.
    Returns:
        The figure, one axes.
    Raises:
        ValueError: if a curve has not the length of `x`.
    """
    points = points or {}
    lengths = {label: len(y) for label, y in {**lines, **points}.items()}
    if any(length != len(x) for length in lengths.values()):
        raise ValueError(
            f"Expected curves of length {len(x)}. Received: lengths={lengths}"
        )
    with framed_figure(1, 1, *size) as (figure, axes):
        panel = axes[0, 0]
        for label, values in points.items():
            panel.plot(x, values, ".", color="#AAAAAA", markersize=5, label=label)
        for i, (label, values) in enumerate(lines.items()):
            panel.plot(
                x,
                values,
                color=LINES[i % len(LINES)],
                linestyle=DASHES[i % len(DASHES)],
                marker="os^Dv<>"[i % 7] if markers else None,
                markersize=5,
                linewidth=1.8,
                label=label,
            )
        panel.set(xlabel=xlabel, ylabel=ylabel, title=title)
        panel.grid(alpha=0.3)
        figure.legend(loc="outside lower center", ncols=4)
    return figure
