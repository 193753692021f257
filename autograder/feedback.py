"""The page that a student gets: the score, what failed and why, the notebook as it ran.

It never shows the source of a test cell, `TestRecord.detail`, the message of a finding
or the reason for a review: those are the instructor's.
"""

from __future__ import annotations

import base64
import binascii
import struct
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from autograder import pages
from autograder.pages import Passage
from autograder.pages.source import coloured
from autograder.record import CellRecord, ExerciseRecord, Finding, Output, Result

FINDING_NOTES = {
    "added_file": "There were other files beside your notebook. Only the notebook is "
    "graded; they were not used.",
    "bad_link": "A file in your submission is a link instead of a file. It was not "
    "opened.",
    "channel_misuse": "Something in your notebook wrote where the grader keeps its own "
    "notes. What it wrote was not used.",
    "crashed": "Your code ended the process that it ran in. The process was started "
    "again, and the checks went on.",
    "duplicate_cell": "Two cells have the same id. They ran one after the other.",
    "edited_given": "A given cell was changed. The lab's own version ran first.",
    "edited_test": "A check in your notebook was changed. This had no effect: the "
    "lab's own check was used.",
    "forbidden_name": "Your code uses a name that the task asks you to do without.",
    "missing_cell": "A cell for one of your answers is missing from the notebook.",
    "mutated_input": "A function changed the array that it was given. Work on a copy.",
    "no_notebook": "There was no notebook of this lab in your submission.",
    "refused_value": "A function returned something that the checks cannot take. "
    "Return plain Python values and NumPy arrays.",
    "removed_test": "A check was deleted from your notebook. This had no effect: the "
    "lab's own check was used.",
    "skipped_cell": "A cell has a tag that asks to skip it. The tag had no effect.",
    "timed_out": "A cell or a call used up its time and was stopped. The checks after "
    "it went on.",
    "too_large": "Your submission, or what it printed, is larger than allowed.",
    "too_much_output": "Your notebook printed more than is kept; the rest was cut.",
    "unknown_cell": "A cell says that it belongs to the lab, but the lab does not have "
    "it. It counts for no points.",
    "unreadable": "Your notebook could not be read. Open it in JupyterLab to see "
    "whether the file is whole.",
    "withheld": "Your code asked for a module or a function that is switched off while "
    "this lab is graded, because the task is to write it.",
    "wrong_name": "Your notebook or its folder has another name than the lab gave it.",
}
_OTHER_NOTE = "The grader noted something about your submission."

# The kinds of cell that are shown, and their labels. "tests" must never be here.
_CELL_LABELS = {
    "given": "Given code",
    "solution": "Your answer",
    "added": "Your own cell",
    "experiment": "Experiment",
}
_MAX_OUTPUTS = 40  # of one cell
_MAX_PICTURE_BYTES = 4_000_000
_MAX_PICTURE_SIDE = 10_000
_MAX_PICTURE_PIXELS = 40_000_000  # a browser needs four bytes for each
_MAX_PAGE_CHARACTERS = 30_000_000
_MAX_FINDINGS_CELLS = 20
_EMPTY = Passage("")
_PNG_START = b"\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR"
_PNG_END = b"\x00\x00\x00\x00IEND\xaeB`\x82"


@dataclass(frozen=True)
class _ShownOutput:
    kind: str
    title: str = ""
    text: Passage = _EMPTY
    picture: str = ""
    alt: str = ""


@dataclass(frozen=True)
class _ShownCell:
    kind: str
    label: str
    cell: str
    text: Passage
    source: str = ""
    outputs: tuple[_ShownOutput, ...] = ()
    more_outputs: int = 0
    passed: bool = False

    @property
    def folded(self) -> bool:
        """Whether the source is shown on request only: the lab gave it."""
        return self.kind in ("given", "experiment")

    @property
    def size(self) -> int:
        parts = [self.source, self.text.head, self.text.rest]
        for output in self.outputs:
            parts += [output.text.head, output.text.rest, output.picture]
        return sum(map(len, parts))


def page(result: Result, lab_title: str) -> str:
    """The feedback page of one submission.

    Args:
        result: its grading.
        lab_title: the lab's title, for example "Convolution".
    Returns:
        A whole HTML page that needs no other file.
    """
    tests = [test for exercise in result.exercises for test in exercise.tests]
    cells, left_out = _shown_cells(result)
    return pages.render(
        "feedback.html",
        result=result,
        lab_title=lab_title,
        exercises=[_shown_exercise(exercise) for exercise in result.exercises],
        submitted=_time(result.submitted),
        passed=sum(test.passed for test in tests),
        tests=len(tests),
        notes=_notes(result.findings),
        cells=cells,
        left_out=left_out,
    )


def write(result: Result, lab_title: str, folder: Path) -> Path:
    """Writes the feedback page where nbgrader looks for it.

    Args:
        result: the grading of one submission.
        lab_title: the lab's title.
        folder: the course's `feedback` folder.
    Returns:
        `folder/student/lab/lab.html`.
    Raises:
        ValueError: if the student or the lab is no plain folder name.
    """
    for name, value in (("student", result.student), ("lab", result.lab)):
        if value in ("", ".", "..") or any(mark in value for mark in "/\\\0"):
            raise ValueError(
                f"Expected a plain folder name. Received: {name}={value!r}"
            )
    path = folder / result.student / result.lab / f"{result.lab}.html"
    return pages.write(page(result, lab_title), path)


def picture_size(png: str) -> tuple[int, int] | None:
    """Checks that a text is a whole PNG picture of bearable size, in base64.

    Args:
        png: the picture of an `Output`, with or without line breaks.
    Returns:
        Its width and height in pixels, or None if it must not be shown.
    """
    if len(png) > _MAX_PICTURE_BYTES * 4 // 3 + 100_000:
        return None
    try:
        data = base64.b64decode("".join(png.split()), validate=True)
    except (binascii.Error, ValueError):
        return None
    if not data.startswith(_PNG_START) or not data.endswith(_PNG_END):
        return None
    if len(data) > _MAX_PICTURE_BYTES:
        return None
    width, height = struct.unpack_from(">II", data, len(_PNG_START))
    if not 0 < min(width, height) <= max(width, height) <= _MAX_PICTURE_SIDE:
        return None
    return (width, height) if width * height <= _MAX_PICTURE_PIXELS else None


def _shown_exercise(exercise: ExerciseRecord) -> dict[str, Any]:
    """What the template needs of an exercise; no test's `detail` is in it."""
    checks = [
        {
            "name": pages.check_name(exercise.exercise, test.grade_id),
            "passed": test.passed,
            "region": test.region if test.region in ("visible", "hidden") else "",
            "score": test.score,
            "points": test.points,
            "message": pages.passage(pages.as_printed(test.message), characters=4_000),
        }
        for test in exercise.tests
    ]
    return {
        "name": exercise.exercise,
        "score": exercise.score,
        "max_score": exercise.max_score,
        "hint": exercise.diagnosis.hint if exercise.diagnosis else "",
        "failed": [check for check in checks if not check["passed"]],
        "passed": [check for check in checks if check["passed"]],
    }


def _time(submitted: str) -> str:
    """The time to the minute; as it stands if it is no ISO 8601."""
    try:
        time = datetime.fromisoformat(submitted)
    except ValueError:
        return submitted
    return f"{time:%Y-%m-%d %H:%M} {time.tzname() or ''}".strip()


def _notes(findings: tuple[Finding, ...]) -> list[tuple[str, list[str], int]]:
    """A sentence for each kind of finding, the cells it is about, how many are not."""
    cells: dict[str, dict[str, None]] = {}
    for finding in findings:
        named = cells.setdefault(FINDING_NOTES.get(finding.kind, _OTHER_NOTE), {})
        if finding.cell:
            named[finding.cell] = None
    return [
        (note, list(named)[:_MAX_FINDINGS_CELLS], len(named) - _MAX_FINDINGS_CELLS)
        for note, named in cells.items()
    ]


def _shown_cells(result: Result) -> tuple[list[_ShownCell], int]:
    """The notebook's cells, and how many did not fit in the page."""
    checks = {
        test.grade_id: (pages.check_name(exercise.exercise, test.grade_id), test.passed)
        for exercise in result.exercises
        for test in exercise.tests
    }
    room = _MAX_PAGE_CHARACTERS
    shown: list[_ShownCell] = []
    for index, record in enumerate(result.cells):
        if record.cell in checks or record.kind == "tests":
            name, passed = checks.get(record.cell, ("Check", False))
            cell = _ShownCell("tests", name, record.cell, _EMPTY, passed=passed)
        elif record.kind == "markdown":
            text = pages.passage(record.source, seen_lines=6, characters=5_000)
            cell = _ShownCell("markdown", "Text", record.cell, text)
        elif record.kind in _CELL_LABELS:
            cell = _code_cell(record)
        else:
            continue
        # Each cell counts a little even when empty: there may be 100,000 of them.
        room -= cell.size + 10_000
        if room < 0:
            return shown, len(result.cells) - index
        shown.append(cell)
    return shown, 0


def _code_cell(record: CellRecord) -> _ShownCell:
    label = _CELL_LABELS[record.kind]
    text = pages.passage(record.source, seen_lines=10_000)
    return _ShownCell(
        kind=record.kind,
        label=label,
        cell=record.cell,
        text=Passage("", cut=text.cut),
        source=coloured(text.head),
        outputs=tuple(_shown_outputs(record, label)),
        more_outputs=len(record.outputs) - _MAX_OUTPUTS,
    )


def _shown_outputs(record: CellRecord, label: str) -> Iterator[_ShownOutput]:
    for number, output in enumerate(record.outputs[:_MAX_OUTPUTS], start=1):
        if output.kind == "image":
            yield _shown_picture(output, f"Output {number} of {label} {record.cell}")
        elif output.kind == "error":
            yield _shown_error(output)
        else:
            stderr = output.kind == "stream" and output.name == "stderr"
            text = pages.passage(pages.as_printed(output.text))
            yield _ShownOutput("stderr" if stderr else "text", "", text)


def _shown_error(output: Output) -> _ShownOutput:
    """The traceback, with its last line, which says most, as the title."""
    printed = pages.as_printed(output.text).rstrip()
    traceback, _, last = printed.rpartition("\n")
    if not last.startswith(output.name):
        traceback, last = printed, output.name
    return _ShownOutput("error", pages.short(last, 500), pages.passage(traceback))


def _shown_picture(output: Output, alt: str) -> _ShownOutput:
    if picture_size(output.text) is None:
        return _ShownOutput("refused")
    return _ShownOutput("image", picture="".join(output.text.split()), alt=alt)
