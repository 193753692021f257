"""The part of `docs/results.md` on sentences, from what has been trained."""

from __future__ import annotations

import json
import re
import statistics
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent
KEPT = ROOT / "build" / "results"
PICTURE = ROOT / "docs" / "sentence_sensitivity.png"


@dataclass(frozen=True)
class Planned:
    """What is trained for a row of a table.

    Attributes:
        dataset: name in the catalogue.
        nets: how many.
        changes: to the published recipe.
        seed: of the first net.
    """

    dataset: str
    nets: int
    changes: dict[str, Any] = field(default_factory=dict)
    seed: int = 0

    @property
    def kind(self) -> str:
        """What differs between the nets."""
        return "fold" if self.dataset == "mr" else "seed"

    @property
    def name(self) -> str:
        """The changes, to be read."""
        each = [f"{n.replace('_', ' ')} {value}" for n, value in self.changes.items()]
        return ", ".join(each) or "published"

    @property
    def folder(self) -> Path:
        """Where the results of the recipe are kept."""
        return KEPT / re.sub(r"[^\w.]+", "-", f"sentences-{self.dataset} {self.name}")

    @property
    def results(self) -> list[dict[str, Any]]:
        """The results that are there, by fold or seed."""
        numbers = range(self.seed, self.seed + self.nets)
        files = [self.folder / f"{self.kind}_{number}.json" for number in numbers]
        return [json.loads(f.read_text("utf-8")) for f in files if f.exists()]


COMPARED = tuple(  # on training sentences alone, with other dev parts than below
    Planned("trec", 3, {"epochs": 50, **changes}, seed=100)
    for changes in (
        {},
        {"dropout": 0.25},
        {"windows": (5, 6, 7)},
        {"word_dropout": 0.1},
    )
)
CHOSEN = COMPARED[3].changes  # the best of them
PLANNED = (
    Planned("mr", 10),
    Planned("trec", 3),
    Planned("trec", 3, {"word_dropout": 0.1}),
    Planned("trec", 3, CHOSEN),
)
PAPER = {"trec": 91.2, "mr": 76.1}  # per cent: Kim 2014, table 2, CNN-rand
SHORT: dict[str, Any] = {"epochs": 8, "maps": 50}  # for the picture
NOTE = (
    "CNN-rand of Kim 2014 by its published recipe, `cnncourse train sentence_cnn`: 25 "
    "epochs, of which the one that is best on a tenth of the training sentences "
    "counts. Words are numbered from the other nine tenths and the rest are unknown, "
    "with zeros as vector; the published program gives all words random vectors. MR is "
    "cross-validated in ten folds; TREC has a test part, and the mean is over seeds. "
    "The time is that of all nets together, on a machine that did other things beside."
)
COMPARED_NOTE = (
    "TREC's training sentences alone chose another recipe, `--epochs 50 "
    "--word-dropout 0.1`: the best of this table, whose numbers are means over "
    f"{COMPARED[0].nets} seeds with other tenths than above. Word dropout (Iyyer et "
    "al. 2015) replaces that share of the words by the unknown one in training. With "
    "some 1,600 sentences, half a point between two rows may be chance, and word "
    "dropout for 25 epochs had been tested before these were compared."
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
    if all(planned.results for planned in COMPARED):
        lines += [
            "",
            COMPARED_NOTE,
            "",
            "| recipe | best dev accuracy of the first 25 epochs | of all 50 |",
            "|---|---|---|",
            *map(compared_row, COMPARED),
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
    minutes = sum(r["seconds"] for r in results) / 60
    return (
        f"| {planned.dataset} | {planned.name} | "
        f"{len(each)} of {planned.nets} {planned.kind}s | "
        f"**{100 * statistics.mean(each):.2f} %** | "
        f"{', '.join(f'{100 * a:.1f}' for a in each)} | {minutes:.0f} min | "
        f"{PAPER[planned.dataset]} % |"
    )


def compared_row(planned: Planned) -> str:
    """Returns a line of the table by which a recipe was chosen."""
    dev = [r["dev_accuracy"] for r in planned.results]
    best = (statistics.mean(max(d[:epochs]) for d in dev) for epochs in (25, 50))
    return f"| {planned.name} | {' | '.join(f'{100 * mean:.2f} %' for mean in best)} |"
