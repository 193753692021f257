"""The scores of a lab for other systems: spreadsheets, Canvas, Moodle, Gradescope.

They come from the gradebook: what people entered by hand counts before what was
graded automatically, and late penalties are taken off. Who submitted nothing is left
out, so that an importer changes nothing for them.
"""

from __future__ import annotations

import contextlib
import csv
import io
import json
import re
import sqlite3
import unicodedata
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from autograder import pages
from autograder.course import Course, CourseError, Lab
from autograder.engine import read_records
from autograder.files import write_atomically
from autograder.record import Result

_SCORES = """
select student.id, student.first_name, student.last_name, student.email,
    student.lms_user_id, cell.name, coalesce(
        coalesce(grade.manual_score, grade.auto_score)
        + coalesce(grade.extra_credit, 0), 0),
    coalesce(grade_cells.max_score, task_cells.max_score, 0),
    grade.needs_manual_grade, coalesce(submitted_notebook.late_submission_penalty, 0)
from grade
join submitted_notebook on grade.notebook_id = submitted_notebook.id
join submitted_assignment on submitted_notebook.assignment_id = submitted_assignment.id
join assignment on submitted_assignment.assignment_id = assignment.id
join student on submitted_assignment.student_id = student.id
join base_cell as cell on grade.cell_id = cell.id
left join grade_cells on grade_cells.id = cell.id
left join task_cells on task_cells.id = cell.id
where assignment.name = ?
order by student.id
"""
_FORMULA_STARTS = tuple("=+-@＝＋－＠")
_BREAKS = re.compile(r"[\t-\r\x85\u2028\u2029]+")  # tabs and line breaks of any kind
_JOINERS = "\u200c\u200d"  # invisible, but some scripts spell names with them

Cell = str | int | float
Row = list[Cell]


@dataclass
class Score:
    """What one student has for a lab.

    Args:
        student: the id, as the submission folder names it.
        name: "Last, First" if the gradebook has it, else the id.
        email: "" if the gradebook has none.
        lms_id: the user's number in the learning system, or "".
        penalty: what is taken off because the submission was late.
        tests: grade_id -> (score, points).
        needs_review: whether a person must still look at it.
    """

    student: str
    name: str
    email: str
    lms_id: str
    penalty: float
    tests: dict[str, tuple[float, float]] = field(default_factory=dict)
    needs_review: bool = False

    @property
    def total(self) -> float:
        """The score that counts."""
        return max(0.0, sum(score for score, _ in self.tests.values()) - self.penalty)

    @property
    def max_score(self) -> float:
        """The sum of all points."""
        return sum(points for _, points in self.tests.values())


def read_scores(course: Course, lab: Lab) -> list[Score]:
    """Reads a lab's scores from the gradebook.

    Args:
        course: where the gradebook is.
        lab: the lab.
    Returns:
        A score for each submission, by student.
    Raises:
        CourseError: if there is none, or the gradebook cannot be read.
    """
    found: dict[str, Score] = {}
    if course.gradebook.exists():
        try:
            uri = f"{course.gradebook.as_uri()}?mode=ro"
            with contextlib.closing(sqlite3.connect(uri, uri=True)) as db:
                for row in db.execute(_SCORES, (lab.name,)):
                    _add(found, *row)
        except sqlite3.Error as error:
            raise CourseError(
                f"Expected to read the gradebook {course.gradebook}. Received: {error}"
            ) from None
    if not found:
        raise CourseError(
            f"Expected scores of {lab.name} in {course.gradebook}. Received: none. "
            f"Run `autograder grade {lab.name}` first."
        )
    return list(found.values())


def _add(
    found: dict[str, Score],
    student: str,
    first: str | None,
    last: str | None,
    email: str | None,
    lms_id: str | None,
    grade_id: str,
    score: float,
    points: float,
    needs_review: int,
    penalty: float,
) -> None:
    name = ", ".join(part for part in (last, first) if part) or student
    new = Score(student, name, email or "", lms_id or "", penalty)
    mine = found.setdefault(student, new)
    mine.tests[grade_id] = (score, points)
    mine.needs_review |= bool(needs_review)


def harmless(text: str) -> str:
    """A text as a spreadsheet's cell may hold it.

    Args:
        text: any text, for example a name that a student chose.
    Returns:
        It without control characters and marks that reorder text, and with an
        apostrophe before it if a spreadsheet would take it for a formula.
    Example:
        >>> harmless("=cmd()")
        "'=cmd()"
    """
    kept = "".join(
        c
        for c in _BREAKS.sub(" ", text)
        if unicodedata.category(c) not in ("Cc", "Cf", "Cs") or c in _JOINERS
    ).strip()
    formula = kept.lstrip(_JOINERS).startswith(_FORMULA_STARTS)
    return f"'{kept}" if formula else kept


def _number(value: float) -> int | float:
    """Whole numbers without a decimal point."""
    return int(value) if value == int(value) else round(value, 4)


def _spreadsheet(lab: Lab, scores: list[Score]) -> list[Row]:
    tests = {e: [c.id for c in lab.tests if c.exercise == e] for e in lab.exercises}
    rows: list[Row] = [["student", "score", "max_score", *tests, "needs_review"]]
    for score in scores:
        exercises = (
            sum(score.tests.get(grade_id, (0.0, 0.0))[0] for grade_id in grade_ids)
            for grade_ids in tests.values()
        )
        numbers = map(_number, (score.total, score.max_score, *exercises))
        rows.append([score.student, *numbers, "yes" if score.needs_review else ""])
    return rows


def _canvas(lab: Lab, scores: list[Score]) -> list[Row]:
    """As Canvas's gradebook exports it: it finds students by ID, else by login."""
    rows: list[Row] = [
        ["Student", "ID", "SIS Login ID", "Section", lab.name],
        ["Points Possible", "", "", "", _number(lab.max_score)],
    ]
    for score in scores:
        # Canvas would take a student of this name for the row above.
        name = score.name.replace("Points Possible", "Points possible")
        rows.append([name, score.lms_id, score.student, "", _number(score.total)])
    return rows


def _moodle(lab: Lab, scores: list[Score]) -> list[Row]:
    """The teacher maps the columns when importing; one bad name stops an import."""
    rows: list[Row] = [["username", "email address", lab.name]]
    rows += [[s.student, s.email, _number(s.total)] for s in scores]
    return rows


@dataclass(frozen=True)
class _Table:
    """A CSV format: its rows, and whether the file begins with a byte order mark.

    Excel needs the mark to read UTF-8. Canvas takes it for a part of the first cell.
    """

    rows: Callable[[Lab, list[Score]], list[Row]]
    mark: bool


_TABLES = {
    "csv": _Table(_spreadsheet, mark=True),
    "canvas": _Table(_canvas, mark=False),
    "moodle": _Table(_moodle, mark=False),
}
FORMATS = (*_TABLES, "gradescope")


def write(
    course: Course,
    lab: Lab,
    scores: list[Score],
    format: str,
    output: Path | None = None,
) -> Path:
    """Writes scores for another system.

    Args:
        course: the course.
        lab: the lab.
        scores: what `read_scores` gave.
        format: "csv" (for people and spreadsheets), "canvas" and "moodle" (for their
            grade import) or "gradescope" (one `results.json` for each student, as
            Gradescope's autograders write it).
        output: the file, for "gradescope" the folder, in an existing folder;
            `exports/LAB_FORMAT` in the course folder if None.
    Returns:
        What was written.
    Raises:
        ValueError: if there is no such format.
        CourseError: if it cannot be written, or two students would have one name.
    """
    if format not in FORMATS:
        raise ValueError(f"Expected one of {', '.join(FORMATS)}. Received: {format!r}")
    counts = Counter(harmless(s.student) for s in scores)
    if clashing := [s.student for s in scores if counts[harmless(s.student)] > 1]:
        raise CourseError(
            "Expected student ids that differ in more than invisible characters. "
            f"Received: {clashing}"
        )
    try:
        if output is None:
            endings = {"csv": ".csv", "gradescope": "_gradescope"}
            name = lab.name + endings.get(format, f"_{format}.csv")
            output = course.root / "exports" / name
            output.parent.mkdir(exist_ok=True)
        if format == "gradescope":
            _write_results(course, lab, scores, output)
        else:
            table = _TABLES[format]
            write_atomically(output, _csv(table.rows(lab, scores), table.mark))
    except OSError as error:
        raise CourseError(
            f"Expected to write {output}. Received: {error.strerror}"
        ) from None
    return output


def _csv(rows: list[Row], mark: bool) -> bytes:
    text = io.StringIO()
    # Quotes keep a semicolon in a name from starting a cell, where it separates them.
    writer = csv.writer(text, quoting=csv.QUOTE_NONNUMERIC)
    for row in rows:
        writer.writerow([harmless(c) if isinstance(c, str) else c for c in row])
    return text.getvalue().encode("utf-8-sig" if mark else "utf-8")


def _write_results(course: Course, lab: Lab, scores: list[Score], folder: Path) -> None:
    for score in scores:
        name = score.student
        if name in ("", ".", "..") or any(mark in name for mark in "/\\\0"):
            raise CourseError(
                f"Expected a plain folder name. Received: student={name!r}"
            )
    records = read_records(course, lab.name)
    folder.mkdir(exist_ok=True)
    for score in scores:
        mine = folder / score.student
        mine.mkdir(exist_ok=True)
        record = records[score.student][1] if score.student in records else None
        text = json.dumps(_results(lab, score, record), indent=1, ensure_ascii=False)
        write_atomically(mine / "results.json", text + "\n")


def _results(lab: Lab, score: Score, record: Result | None) -> dict[str, Any]:
    """What Gradescope shows a student: no hidden input, no number of a hidden test."""
    exercises = record.exercises if record else ()
    messages = {t.grade_id: t.message for e in exercises for t in e.tests}
    hints = [f"{e.exercise}: {e.diagnosis.hint}" for e in exercises if e.diagnosis]
    tests = []
    for cell in lab.tests:
        points, most = score.tests.get(cell.id, (0.0, cell.points))
        passed = points >= most
        tests.append(
            {
                "name": f"{cell.exercise}: {pages.check_name(cell.exercise, cell.id)}",
                "score": _number(points),
                "max_score": _number(most),
                "status": "passed" if passed else "failed",
                "output": "" if passed else pages.as_printed(messages.get(cell.id, "")),
                "visibility": "visible",
            }
        )
    return {
        "score": _number(score.total),
        "output": "\n".join(hints),
        "visibility": "visible",
        "tests": tests,
        "extra_data": {
            "student": score.student,
            "max_score": _number(score.max_score),
            "late_penalty": _number(score.penalty),
            "needs_review": score.needs_review,
        },
    }
