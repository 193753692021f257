"""The part of `docs/results.md` on sentences, from what has been trained."""

from __future__ import annotations

import json
import statistics
from dataclasses import dataclass
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent
KEPT = ROOT / "build" / "results"
PICTURE = ROOT / "docs" / "sentence_sensitivity.png"


@dataclass(frozen=True)
class Planned:
    """What is trained for a row of the table.

    Attributes:
        dataset: name in the catalogue.
        nets: how many.
        word_dropout: of the recipe; 0 is as published.
    """

    dataset: str
    nets: int
    word_dropout: float = 0.0

    @property
    def folder(self) -> Path:
        """Where the results are kept."""
        changed = f"-words-{self.word_dropout:g}" if self.word_dropout else ""
        return KEPT / f"sentences-{self.dataset}-rand{changed}"

    @property
    def results(self) -> list[dict[str, Any]]:
        """The results that are there, by fold or seed."""
        files = sorted(self.folder.glob("*_*.json"))
        return [json.loads(file.read_text("utf-8")) for file in files]


PLANNED = (Planned("mr", 10), Planned("trec", 3), Planned("trec", 3, 0.1))
PAPER = {"trec": 91.2, "mr": 76.1}  # per cent: Kim 2014, table 2, CNN-rand
SHORT: dict[str, Any] = {"epochs": 8, "maps": 50}  # for the picture
NOTE = (
    "CNN-rand of Kim 2014 by its published recipe, `cnncourse train sentence_cnn`: 25 "
    "epochs, of which the one that is best on a tenth of the training sentences "
    "counts. Words are numbered from the other nine tenths and the rest are unknown, "
    "with zeros as vector; the published program gives all words random vectors. MR is "
    "cross-validated in ten folds; TREC has a test part, and the mean is over seeds. "
    "Word dropout, which is not of this paper, replaces that share of the words by the "
    "unknown one in training. On the 545 sentences that choose the epoch it is not "
    "better, so with 500 test questions part of its gain may be chance. The time is "
    "that of all nets together, on a machine that did other things beside."
)
PICTURE_NOTE = (
    f"One seed on TREC with {SHORT['maps']} filters of each width and "
    f"{SHORT['epochs']} epochs, so differences below two points mean little:"
)


def section() -> str:
    """Returns the part of `docs/results.md` on sentences; "" if nothing was trained."""
    rows = [row(planned, found) for planned in PLANNED if (found := planned.results)]
    if not rows:
        return ""
    lines = [
        "",
        "## Sentences",
        "",
        NOTE,
        "",
        "| data | recipe | nets | test accuracy | each | time | Kim 2014 |",
        "|---|---|---|---|---|---|---|",
        *rows,
    ]
    if PICTURE.exists():
        lines += [
            "",
            PICTURE_NOTE,
            "",
            f"![Accuracy against filter widths and dropout]({PICTURE.name})",
        ]
    return "\n".join([*lines, ""])


def row(planned: Planned, results: list[dict[str, Any]]) -> str:
    """Returns a line of the table."""
    each = [r["test_accuracy"] for r in results]
    paper, share = PAPER[planned.dataset], planned.word_dropout
    kind = "folds" if planned.nets == 10 else "seeds"
    recipe = f"word dropout {share:g}" if share else "published"
    minutes = sum(r["seconds"] for r in results) / 60
    return (
        f"| {planned.dataset} | {recipe} | {len(each)} of {planned.nets} {kind} | "
        f"**{100 * statistics.mean(each):.2f} %** | "
        f"{', '.join(f'{100 * a:.1f}' for a in each)} | {minutes:.0f} min | {paper} % |"
    )
