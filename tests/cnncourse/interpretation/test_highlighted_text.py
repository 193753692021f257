"""Words with scores as text and as HTML."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cnncourse.interpretation import HighlightedText

SCORES = st.lists(
    st.integers(-999, 999).map(lambda number: number / 16), min_size=1, max_size=8
)


def test_text() -> None:
    drawn = HighlightedText(["not", "dull", "at", "all"], [3.0, -1.5, 0.1, -3.0], "why")
    assert str(drawn) == "why: not++ dull- at all--"


def test_greatest_compares_several_texts() -> None:
    assert str(HighlightedText(["a"], [1.0], greatest=2.0)) == "a+"
    assert str(HighlightedText(["a"], [9.0], greatest=2.0)) == "a++"


def test_without_any_score() -> None:
    assert str(HighlightedText(["a", "b"], [0.0, 0.0])) == "a b"
    assert str(HighlightedText([], [])) == ""


def test_html_escapes_and_says_the_score() -> None:
    page = HighlightedText(["<b>", "&"], [2.0, -0.5], "<i>")._repr_html_()
    assert "&lt;b&gt;</span>" in page and "&amp;</span>" in page
    assert "<b>&lt;i&gt;</b>" in page and 'title="+2"' in page


def luminance(colour: str) -> float:
    """Relative luminance of WCAG 2."""
    parts = [int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5)]
    linear = [
        p / 12.92 if p <= 0.04045 else ((p + 0.055) / 1.055) ** 2.4 for p in parts
    ]
    return sum(w * p for w, p in zip((0.2126, 0.7152, 0.0722), linear, strict=True))


@given(SCORES)
def test_words_can_be_read_on_every_colour(scores: list[float]) -> None:
    page = HighlightedText(["w"] * len(scores), scores)._repr_html_()
    colours = re.findall(r"background: (#[0-9a-f]{6});", page)
    assert len(colours) == len(scores)
    text = luminance("#111111")
    assert all((luminance(c) + 0.05) / (text + 0.05) >= 7 for c in colours)


def test_signs_differ_without_colour() -> None:
    page = HighlightedText(["a", "b"], [1.0, -1.0])._repr_html_()
    assert "2px solid #111" in page and "2px dotted #111" in page


@given(SCORES, st.floats(0.1, 10))
def test_a_common_factor_changes_nothing(scores: list[float], factor: float) -> None:
    words = ["w"] * len(scores)
    shares = HighlightedText(words, scores).shares()
    scaled = HighlightedText(words, [s * factor for s in scores]).shares()
    assert scaled == pytest.approx(shares)


def test_wrong_scores() -> None:
    with pytest.raises(ValueError, match=r"one finite score for each word.*1 words"):
        HighlightedText(["a"], [])
    with pytest.raises(ValueError, match=r"one finite score"):
        HighlightedText(["a"], [float("nan")])
    with pytest.raises(ValueError, match=r"Expected greatest > 0. Received: 0"):
        HighlightedText(["a"], [1.0], greatest=0)
