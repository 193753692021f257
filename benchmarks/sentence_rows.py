"""The part of `docs/results.md` on sentences, from what has been trained."""

from __future__ import annotations

import json
import statistics
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent
KEPT = ROOT / "build" / "results"
PICTURE = ROOT / "docs" / "sentence_sensitivity.png"
PLANNED = {"trec": 3, "mr": 10}  # nets of a set
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
PICTURE_NOTE = (
    f"One seed on TREC with {SHORT['maps']} filters of each width and "
    f"{SHORT['epochs']} epochs, so differences below two points mean little:"
)


def kept_in(dataset: str) -> Path:
    """The folder with the results of a data set."""
    return KEPT / f"sentences-{dataset}-rand"


def kept(dataset: str) -> list[dict[str, Any]]:
    """The results that are there, by fold or seed."""
    files = sorted(kept_in(dataset).glob("*_*.json"))
    return [json.loads(file.read_text("utf-8")) for file in files]


def section() -> str:
    """Returns the part of `docs/results.md` on sentences; "" if nothing was trained."""
    rows = [row(name, results) for name in PLANNED if (results := kept(name))]
    if not rows:
        return ""
    lines = [
        "",
        "## Sentences",
        "",
        NOTE,
        "",
        "| data | nets | test accuracy | each | time | Kim 2014 |",
        "|---|---|---|---|---|---|",
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


def row(dataset: str, results: list[dict[str, Any]]) -> str:
    """Returns the line of a data set in the table."""
    each = [r["test_accuracy"] for r in results]
    planned, paper = PLANNED[dataset], PAPER[dataset]
    kind = "folds" if planned == 10 else "seeds"
    minutes = sum(r["seconds"] for r in results) / 60
    return (
        f"| {dataset} | {len(each)} of {planned} {kind} | "
        f"**{100 * statistics.mean(each):.2f} %** | "
        f"{', '.join(f'{100 * a:.1f}' for a in each)} | {minutes:.0f} min | {paper} % |"
    )
