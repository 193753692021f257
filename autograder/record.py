"""What a grading produces: frozen records that cross processes as JSON."""

from __future__ import annotations

from dataclasses import asdict, dataclass, field, fields
from typing import Any, get_type_hints


@dataclass(frozen=True)
class Finding:
    """Something that the report must name.

    Args:
        kind: one of `FINDING_KINDS`.
        message: one sentence for the instructor.
        cell: the `grade_id` that it is about, or "".
    """

    kind: str
    message: str
    cell: str = ""


FINDING_KINDS = {
    "added_file": "a file that the lab does not have; it was not used",
    "bad_link": "a link, device or pipe instead of a file; it was not followed",
    "channel_misuse": "the submission wrote to the examiner's channel",
    "crashed": "the submission killed its own process",
    "duplicate_cell": "two cells with the same id; they ran one after the other",
    "edited_given": "a given cell was edited; the lab's own ran first",
    "edited_test": "a test cell was edited; the lab's own was used",
    "forbidden_name": "a name that the task forbids",
    "missing_cell": "a solution cell is missing from the notebook",
    "mutated_input": "a function changed its input",
    "no_notebook": "no notebook of this lab in the submission",
    "refused_value": "a returned value could not cross to the examiner",
    "removed_test": "a test cell was deleted; the lab's own was used",
    "skipped_cell": "a tag that skips or excuses a cell; it had no effect",
    "timed_out": "a cell or a call used up its time",
    "too_large": "the submission or its output is larger than allowed",
    "too_much_output": "output was cut",
    "unknown_cell": "a cell that claims a grade_id the lab does not have",
    "unreadable": "the notebook cannot be read",
    "withheld": "the submission asked for a module or name that is withheld",
    "wrong_name": "the notebook or its folder has another name",
}


@dataclass(frozen=True)
class Output:
    """One output of a cell, plain text or a PNG picture, never HTML or script.

    Args:
        kind: "stream", "text", "image" or "error".
        text: the text (for "error" the traceback), or the PNG in base64.
        name: "stdout" or "stderr" of a stream; the exception's class of an error.
    """

    kind: str
    text: str
    name: str = ""


@dataclass(frozen=True)
class CellRecord:
    """A cell of the rebuilt notebook as it ran.

    Args:
        cell: the cell's id, which for lab cells is its `grade_id`.
        kind: "given", "solution", "added", "experiment", "tests" or "markdown".
        source: what ran; for "tests" the lab's own cell, with its hidden part.
        outputs: what it printed, showed and raised.
    """

    cell: str
    kind: str
    source: str
    outputs: tuple[Output, ...] = ()


@dataclass(frozen=True)
class TestRecord:
    """What the examiner recorded for one test cell.

    Args:
        grade_id: the test cell's id.
        points: what it is worth.
        score: what the submission got, 0 or `points`.
        passed: whether every check in the cell passed.
        region: "" if passed, else where it failed: "visible" or "hidden".
        message: for the student; shows no hidden input and no expected number of a
            hidden test.
        detail: for the instructor: the whole message, with numbers.
    """

    grade_id: str
    points: float
    score: float
    passed: bool
    region: str = ""
    message: str = ""
    detail: str = ""


@dataclass(frozen=True)
class Diagnosis:
    """A known mistake that explains a failed exercise.

    Args:
        mistake: its name in the lab's `mistakes.py`.
        hint: what the student is told.
    """

    mistake: str
    hint: str


@dataclass(frozen=True)
class ExerciseRecord:
    """The tests of one exercise, and what explains their failure."""

    exercise: str
    score: float
    max_score: float
    tests: tuple[TestRecord, ...]
    diagnosis: Diagnosis | None = None


@dataclass(frozen=True)
class Result:
    """The grading of one submission.

    Args:
        lab: the lab's folder name.
        student: the student's id, as the submission folder names it.
        score: the sum of the tests' scores.
        max_score: the sum of the tests' points.
        exercises: in the lab's order.
        findings: what the report must name.
        cells: the rebuilt notebook with its outputs.
        needs_review: "" or why a person must look before the score counts.
        seconds: how long the grading took.
        digest: SHA-256 of the submitted files.
        submitted: when the files were submitted, ISO 8601, or "".
    """

    lab: str
    student: str
    score: float
    max_score: float
    exercises: tuple[ExerciseRecord, ...] = ()
    findings: tuple[Finding, ...] = ()
    cells: tuple[CellRecord, ...] = field(default=(), repr=False)
    needs_review: str = ""
    seconds: float = 0.0
    digest: str = ""
    submitted: str = ""

    def to_json(self) -> dict[str, Any]:
        """The record as plain data, for JSON."""
        return asdict(self)

    def summary(self) -> dict[str, Any]:
        """`to_json` without the notebook's cells, for `grade --json`."""
        plain = self.to_json()
        del plain["cells"]
        return plain


_NESTED: dict[str, Any] = {
    "exercises": ExerciseRecord,
    "findings": Finding,
    "cells": CellRecord,
    "tests": TestRecord,
    "outputs": Output,
    "diagnosis": Diagnosis,
}


def from_json(record: type, plain: dict[str, Any]) -> Any:
    """Rebuilds a record from the plain data that `to_json` gave.

    Args:
        record: `Result` or one of the records inside it.
        plain: the data, for example `json.load(file)`.
    Returns:
        The record.
    Raises:
        ValueError: if a field is unknown, missing or of the wrong type.
    """
    names = {f.name for f in fields(record)}
    if not isinstance(plain, dict) or not set(plain) <= names:
        raise ValueError(
            f"Expected the fields {sorted(names)} of a {record.__name__}. "
            f"Received: {sorted(plain) if isinstance(plain, dict) else plain!r}"
        )
    values = {}
    hints = get_type_hints(record)
    for name, value in plain.items():
        hint = hints[name]
        kinds: tuple[type, ...] = (int, float) if hint is float else (hint,)
        if name in _NESTED:
            kinds = (dict, type(None)) if name == "diagnosis" else (list, tuple)
        if type(value) not in kinds:
            raise ValueError(
                f"Expected {name} of a {record.__name__} to be "
                f"{' or '.join(k.__name__ for k in kinds)}. Received: {value!r}"
            )
        if type(value) in (list, tuple):
            value = tuple(from_json(_NESTED[name], item) for item in value)
        elif type(value) is dict:
            value = from_json(_NESTED[name], value)
        values[name] = value
    try:
        return record(**values)
    except TypeError as error:
        raise ValueError(f"Expected a whole {record.__name__}: {error}") from None
