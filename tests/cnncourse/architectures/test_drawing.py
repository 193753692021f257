"""A page as SVG and PNG."""

from pathlib import Path
from xml.etree import ElementTree

import pytest

from cnncourse.architectures.drawing import Arrow, Box, Drawing, Words

PAGE = Drawing(
    100,
    60,
    (
        Box(10, 5, 30, 20, "#FFFFFF", "#000000"),
        Words(50, 30, "3 < 5 & $x$", bold=True),
        Arrow(((10, 10), (10, 50), (40, 50))),
    ),
)


def test_svg_is_well_formed() -> None:
    root = ElementTree.fromstring(PAGE.svg)
    assert (root.get("width"), root.get("height")) == ("100", "60")
    tags = [child.tag.split("}")[1] for child in root]
    assert tags == ["rect", "rect", "text", "polyline", "polygon"]
    assert root[2].text == "3 < 5 & $x$"
    assert PAGE._repr_svg_() == PAGE.svg


def test_the_head_points_along_the_last_line() -> None:
    root = ElementTree.fromstring(PAGE.svg)
    assert root[4].get("points") == "40.0,50.0 34.0,53.0 34.0,47.0"


def test_saved(tmp_path: Path) -> None:
    from matplotlib.image import imread

    PAGE.save(tmp_path / "page.svg")
    assert (tmp_path / "page.svg").read_text("utf-8") == PAGE.svg
    PAGE.save(tmp_path / "page.png")
    pixels = imread(tmp_path / "page.png")
    assert pixels.shape[:2] == (90, 150)
    assert pixels.min() < 0.5 and (pixels[-1] == 1).all()


def test_wrong_suffix(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match=r"ends in .svg or .png. Received: path=.*pdf"):
        PAGE.save(tmp_path / "page.pdf")
