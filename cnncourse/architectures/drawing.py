"""A page of boxes, words and arrows, as SVG or PNG."""

from dataclasses import dataclass
from html import escape
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from matplotlib.axes import Axes

INK, FAINT = "#222222", "#666666"
ALIGNED = {"start": "left", "middle": "center", "end": "right"}  # as matplotlib says it
FONT = "DejaVu Sans, Verdana, Helvetica, Arial, sans-serif"


@dataclass(frozen=True)
class Box:
    """A rectangle with round corners; `x, y` is its upper left corner, in pixels."""

    x: float
    y: float
    width: float
    height: float
    fill: str
    edge: str


@dataclass(frozen=True)
class Words:
    """A line of text at height `y`, of which `x` is the middle, start or end."""

    x: float
    y: float
    text: str
    size: float = 11
    bold: bool = False
    colour: str = INK
    align: str = "middle"


@dataclass(frozen=True)
class Arrow:
    """A line through points, with a head at the last."""

    points: tuple[tuple[float, float], ...]
    colour: str = FAINT


@dataclass(frozen=True)
class Drawing:
    """A page, which notebooks show.

    Attributes:
        width: in pixels.
        height: in pixels.
        marks: what is on it, from the back to the front.
    """

    width: float
    height: float
    marks: tuple[Box | Words | Arrow, ...]

    @property
    def svg(self) -> str:
        """The page as SVG."""
        body = "\n".join(_svg(mark) for mark in self.marks)
        return (
            f'<svg xmlns="http://www.w3.org/2000/svg" width="{self.width:.0f}" '
            f'height="{self.height:.0f}" viewBox="0 0 {self.width:.0f} '
            f'{self.height:.0f}" font-family="{FONT}">\n'
            f'<rect width="100%" height="100%" fill="white"/>\n{body}\n</svg>\n'
        )

    def _repr_svg_(self) -> str:
        return self.svg

    def save(self, path: str | Path) -> None:
        """Writes the page.

        Args:
            path: ends in ".svg" or ".png".

        Raises:
            ValueError: if it ends in something else.
        """
        path = Path(path)
        if path.suffix == ".svg":
            path.write_text(self.svg, "utf-8")
        elif path.suffix == ".png":
            self._save_png(path)
        else:
            raise ValueError(
                f"Expected a file that ends in .svg or .png. Received: path={path}"
            )

    def _save_png(self, path: Path) -> None:
        from matplotlib.figure import Figure

        inch = 72  # so that a point of a font is a pixel of the page
        figure = Figure(figsize=(self.width / inch, self.height / inch))
        axes = figure.add_axes((0, 0, 1, 1), xlim=(0, self.width))
        axes.set(ylim=(self.height, 0))
        axes.axis("off")
        for mark in self.marks:
            _paint(axes, mark)
        figure.savefig(path, dpi=1.5 * inch, facecolor="white")


def _svg(mark: Box | Words | Arrow) -> str:
    if isinstance(mark, Box):
        return (
            f'<rect x="{mark.x:.1f}" y="{mark.y:.1f}" width="{mark.width:.1f}" '
            f'height="{mark.height:.1f}" rx="4" fill="{mark.fill}" '
            f'stroke="{mark.edge}"/>'
        )
    if isinstance(mark, Words):
        weight = ' font-weight="bold"' if mark.bold else ""
        return (
            f'<text x="{mark.x:.1f}" y="{mark.y + mark.size * 0.35:.1f}" '
            f'font-size="{mark.size}" fill="{mark.colour}" '
            f'text-anchor="{mark.align}"{weight}>'
            f"{escape(mark.text)}</text>"
        )
    path = " ".join(f"{x:.1f},{y:.1f}" for x, y in mark.points)
    head = " ".join(f"{x:.1f},{y:.1f}" for x, y in _head(mark))
    return (
        f'<polyline points="{path}" fill="none" stroke="{mark.colour}"/>'
        f'<polygon points="{head}" fill="{mark.colour}"/>'
    )


def _head(arrow: Arrow) -> tuple[tuple[float, float], ...]:
    """The corners of an arrow's head, which points along its last line."""
    (x0, y0), (x, y) = arrow.points[-2:]
    length = ((x - x0) ** 2 + (y - y0) ** 2) ** 0.5 or 1.0
    along, across = (x - x0) / length, (y - y0) / length
    back = (x - 6 * along, y - 6 * across)
    return (
        (x, y),
        (back[0] - 3 * across, back[1] + 3 * along),
        (back[0] + 3 * across, back[1] - 3 * along),
    )


def _paint(axes: "Axes", mark: Box | Words | Arrow) -> None:
    from matplotlib.patches import FancyBboxPatch, Polygon

    if isinstance(mark, Box):
        style = "round,pad=0,rounding_size=4"
        axes.add_patch(
            FancyBboxPatch(
                (mark.x, mark.y), mark.width, mark.height, boxstyle=style,
                facecolor=mark.fill, edgecolor=mark.edge, linewidth=1,
            )
        )  # fmt: skip
    elif isinstance(mark, Words):
        axes.text(
            mark.x, mark.y, mark.text, fontsize=mark.size, color=mark.colour,
            ha=ALIGNED[mark.align], va="center_baseline",
            fontweight="bold" if mark.bold else "normal", parse_math=False,
            fontfamily="DejaVu Sans",
        )  # fmt: skip
    else:
        axes.plot(*zip(*mark.points, strict=True), color=mark.colour, linewidth=1)
        axes.add_patch(Polygon(_head(mark), color=mark.colour, linewidth=0))
