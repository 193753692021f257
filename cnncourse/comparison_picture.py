"""A small picture of a failed check in a notebook: expected, received, difference."""

from io import BytesIO
from typing import Any

import numpy as np

LARGEST = 16  # pixels a side; larger arrays are not drawn
LARGEST_WITH_NUMBERS = 8


def comparison_picture(received: np.ndarray, expected: np.ndarray) -> bytes | None:
    """Draws two small real matrices side by side, with their difference.

    Args:
        received: array `(H, W)`, shown in the middle.
        expected: array `(H, W)`, shown on the left.

    Returns:
        The bytes of a PNG file; None where the arrays are not of a kind to be drawn.
    """
    drawable = received.ndim == 2 and received.shape == expected.shape
    if not drawable or not 1 < received.size or max(received.shape) > LARGEST:
        return None
    if "c" in (received.dtype.kind, expected.dtype.kind):
        return None
    from matplotlib.figure import Figure

    wanted, came = expected.astype(np.float64), received.astype(np.float64)
    difference = came - wanted
    both = np.concatenate([wanted, came])[np.isfinite([*wanted, *came])]
    limits = (both.min(), both.max()) if both.size else (0.0, 1.0)
    finite = np.abs(difference[np.isfinite(difference)])
    reach = finite.max() if finite.size and finite.max() > 0 else 1.0

    figure = Figure(figsize=(7.5, 2.8), layout="constrained")
    panels = [
        ("expected", wanted, "Greys", *limits),
        ("received", came, "Greys", *limits),
        ("received - expected", difference, "RdBu", -2 * reach, 2 * reach),
    ]
    for axes, panel in zip(figure.subplots(1, 3), panels, strict=True):
        _draw(axes, *panel)
    file = BytesIO()
    figure.savefig(file, format="png", dpi=80)
    return file.getvalue()


def _draw(
    axes: Any, title: str, values: np.ndarray, colours: str, low: float, high: float
) -> None:
    axes.set_title(title, fontsize=10)
    axes.set_xticks(range(values.shape[1]))
    axes.set_yticks(range(values.shape[0]))
    axes.imshow(values, cmap=colours, vmin=low, vmax=high)
    if max(values.shape) > LARGEST_WITH_NUMBERS:
        return
    for (row, column), value in np.ndenumerate(values):
        dark = low < high and (value - low) / (high - low) > 0.6 and colours == "Greys"
        colour = "white" if dark else "black"
        text = f"{value:.3g}"
        axes.text(column, row, text, color=colour, ha="center", va="center", fontsize=8)


def display_comparison(received: np.ndarray, expected: np.ndarray) -> None:
    """Shows the picture in the running notebook, if there is one to show."""
    picture = comparison_picture(received, expected)
    if picture is not None:
        from IPython.display import Image, display

        display(Image(data=picture, format="png"))
