"""Figures of the labs: pictures, maps, numbers, windows, signals and curves.

Every function returns its Figure and leaves none open, so a notebook shows it once, as
the value of the cell's last line. Lines have the colours of Okabe and Ito, which people
who cannot tell red from green tell apart; signed values go from blue (negative) over
white (zero) to red (positive).
"""

from cnncourse.plots.drawing import (
    BLACK,
    BLUE,
    DASHES,
    FRAME,
    GREEN,
    LINES,
    ORANGE,
    PURPLE,
    RED,
    SKY,
    STYLE,
)
from cnncourse.plots.lines import curves, signals
from cnncourse.plots.paper import numbers, sliding_window
from cnncourse.plots.pictures import (
    before_after,
    feature_maps,
    heatmaps,
    images,
    marked,
)

__all__ = [
    "BLACK",
    "BLUE",
    "DASHES",
    "FRAME",
    "GREEN",
    "LINES",
    "ORANGE",
    "PURPLE",
    "RED",
    "SKY",
    "STYLE",
    "before_after",
    "curves",
    "feature_maps",
    "heatmaps",
    "images",
    "marked",
    "numbers",
    "signals",
    "sliding_window",
]
