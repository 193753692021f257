"""Words with scores, drawn as highlighted text."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from html import escape

import numpy as np

from cnncourse.plots.drawing import ORANGE, SKY

STRONGEST = 0.85  # of the colour behind a word; the rest is white
STEPS = (1 / 3, 2 / 3)  # of the greatest score: from where a word has one mark, or two


@dataclass(frozen=True)
class HighlightedText:
    """Words, each with a score that says how much it counts and for what.

    A notebook shows positive scores on orange with a line below and negative ones on
    blue with a dotted line, the stronger the greater; these colours and lines are told
    apart by people who see red and green alike. As plain text, strong words have one or
    two of the marks + and - behind them.

    Attributes:
        words: of one text.
        scores: one for each word, finite.
        title: in front of the text.
        greatest: the score with the full colour, above 0; by default the greatest here.

    Raises:
        ValueError: if there is not one finite score for each word.

    Example:
        >>> print(HighlightedText(("not", "dull"), (2.0, -0.8)))
        not++ dull-
    """

    words: Sequence[str]
    scores: Sequence[float]
    title: str = ""
    greatest: float | None = None

    def __post_init__(self) -> None:
        if len(self.words) != len(self.scores) or not np.isfinite(self.scores).all():
            raise ValueError(
                "Expected one finite score for each word. "
                f"Received: {len(self.words)} words, scores={list(self.scores)}"
            )
        if self.greatest is not None and not self.greatest > 0:
            raise ValueError(f"Expected greatest > 0. Received: {self.greatest}")

    def shares(self) -> np.ndarray:
        """Scores as shares of the greatest, in [-1, 1]."""
        scores = np.asarray(self.scores, dtype=float)
        greatest = self.greatest or np.abs(scores).max(initial=0) or 1.0
        return np.clip(scores / greatest, -1, 1)

    def __str__(self) -> str:
        pairs = zip(self.words, self.shares(), strict=True)
        text = " ".join(f"{word}{_marks(share)}" for word, share in pairs)
        return f"{self.title}: {text}" if self.title else text

    def _repr_html_(self) -> str:
        marked = zip(self.words, self.scores, self.shares(), strict=True)
        text = " ".join(_span(word, score, share) for word, score, share in marked)
        title = f"<b>{escape(self.title)}</b> " if self.title else ""
        return f'<p style="line-height: 1.9; color: #111">{title}{text}</p>'


def _marks(share: float) -> str:
    # scores are sums of float32: thirds are thirds up to rounding
    return ("+" if share > 0 else "-") * sum(abs(share) >= s - 1e-6 for s in STEPS)


def _span(word: str, score: float, share: float) -> str:
    line = "solid" if share > 0 else "dotted"
    marked = bool(_marks(share))
    return (
        f'<span title="{score:+.3g}" style="padding: 0.15em; border-radius: 0.2em; '
        f"background: {_mixed(ORANGE if share > 0 else SKY, abs(share))}; "
        f'border-bottom: 2px {line} {"#111" if marked else "transparent"}">'
        f"{escape(word)}</span>"
    )


def _mixed(colour: str, share: float) -> str:
    """A colour, the whiter the smaller the share."""
    parts = [int(colour[i : i + 2], 16) for i in (1, 3, 5)]
    mixed = [round(255 + STRONGEST * share * (part - 255)) for part in parts]
    return "#" + "".join(f"{part:02x}" for part in mixed)
