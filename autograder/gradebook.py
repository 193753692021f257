"""Results in nbgrader's own gradebook and autograded notebooks.

Only the coordinator of a grading opens the gradebook, from one thread.
"""

from __future__ import annotations

import contextlib
import os
import shutil
import sqlite3
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from autograder.build import as_text, solution_notebook
from autograder.course import Course, CourseError, Lab
from autograder.files import write_atomically
from autograder.record import CellRecord, Output, Result

COURSE_ID = "cnncourse"

_SCORES = """
select student.id, cell.name, grade.auto_score
from grade
join submitted_notebook on grade.notebook_id = submitted_notebook.id
join submitted_assignment on submitted_notebook.assignment_id = submitted_assignment.id
join assignment on submitted_assignment.assignment_id = assignment.id
join student on submitted_assignment.student_id = student.id
join base_cell as cell on grade.cell_id = cell.id
where assignment.name = ?
"""


@contextlib.contextmanager
def open_gradebook(course: Course) -> Iterator[Any]:
    """Opens a course's gradebook, making a whole new one if there is none.

    Args:
        course: where the gradebook is.
    Yields:
        nbgrader's `Gradebook`.
    Raises:
        CourseError: if the file is no gradebook, locked or cannot be written.
    """
    _put_alembic_on_path()
    from nbgrader.api import Gradebook
    from sqlalchemy.exc import SQLAlchemyError

    _check_whole(course.gradebook)
    try:
        if not course.gradebook.exists():
            # nbgrader takes a half-made file for a whole one ever after
            new = course.gradebook.with_suffix(".db.new")
            new.unlink(missing_ok=True)
            made = Gradebook(f"sqlite:///{new}", COURSE_ID)
            made.close()
            made.engine.dispose()
            new.replace(course.gradebook)
        book = Gradebook(f"sqlite:///{course.gradebook}", COURSE_ID)
    except (SQLAlchemyError, OSError) as error:
        raise CourseError(
            f"Expected to open the gradebook {course.gradebook}. Received: "
            f"{_first_line(error)}"
        ) from None
    try:
        yield book
    except SQLAlchemyError as error:
        raise CourseError(
            f"Expected to write the gradebook {course.gradebook}. Received: "
            f"{_first_line(error)}. Nothing graded is lost: run the command again."
        ) from None
    finally:
        book.close()
        book.engine.dispose()


def _put_alembic_on_path() -> None:
    """nbgrader runs `alembic` by name, which is beside this Python."""
    folder = str(Path(sys.executable).parent)
    if shutil.which("alembic") is None:
        os.environ["PATH"] = f"{folder}{os.pathsep}{os.environ.get('PATH', '')}"


def _check_whole(path: Path) -> None:
    if not path.exists():
        return
    try:
        with contextlib.closing(
            sqlite3.connect(f"file:{path}?mode=ro", uri=True)
        ) as db:
            tables = {row[0] for row in db.execute("select name from sqlite_master")}
            whole = "alembic_version" in tables and bool(
                db.execute("select count(*) from alembic_version").fetchone()[0]
            )
    except sqlite3.Error as error:
        raise CourseError(
            f"Expected an nbgrader gradebook at {path}. Received: {error}"
        ) from None
    if not whole:
        raise CourseError(
            f"Expected a whole nbgrader gradebook at {path}. Received: one that was "
            "left half-made. Move it away and run the command again."
        )


def _first_line(error: BaseException) -> str:
    return str(error).splitlines()[0] if str(error) else type(error).__name__


def recorded_scores(
    course: Course, lab_name: str
) -> dict[str, dict[str, float | None]]:
    """The automatic scores in the gradebook: student -> grade_id -> score."""
    found: dict[str, dict[str, float | None]] = {}
    if not course.gradebook.exists():
        return found
    with contextlib.closing(sqlite3.connect(course.gradebook)) as db:
        for student, cell, score in db.execute(_SCORES, (lab_name,)):
            found.setdefault(student, {})[cell] = score
    return found


def register(book: Any, lab: Lab, course: Course) -> None:
    """Enters a lab's cells and points, as `nbgrader generate_assignment` does.

    Args:
        book: nbgrader's gradebook.
        lab: the lab.
        course: where the gradebook is.
    Raises:
        CourseError: if submissions were graded with other cells.
    """
    from nbgrader import preprocessors as steps

    book.update_or_create_assignment(lab.name)
    notebook = solution_notebook(lab)
    resources: dict[str, Any] = {
        "language": "python",
        "nbgrader": {
            "assignment": lab.name,
            "notebook": lab.name,
            "db_url": f"sqlite:///{course.gradebook}",
        },
    }
    try:
        for step in (
            steps.LockCells,
            steps.ClearSolutions,
            steps.ClearOutput,
            steps.CheckCellMetadata,
            steps.ComputeChecksums,
            steps.SaveCells,
        ):
            notebook, resources = step().preprocess(notebook, resources)
    except RuntimeError as error:
        raise CourseError(
            f"Expected {lab.name} to have the cells that it had when submissions were "
            f"graded into {course.gradebook}. Received: other cells ({error})"
        ) from None


def save(book: Any, lab: Lab, result: Result) -> None:
    """Writes one result, in one transaction; what people entered by hand stays.

    Args:
        book: nbgrader's gradebook, in which the lab is registered.
        lab: the lab.
        result: the record; writing it again changes nothing.
    """
    book.update_or_create_student(result.student)
    when = {"timestamp": result.submitted} if _is_time(result.submitted) else {}
    with book.db.no_autoflush:  # else SQLAlchemy warns of nbgrader's half-made rows
        submission = book.update_or_create_submission(lab.name, result.student, **when)
    notebook = next(n for n in submission.notebooks if n.name == lab.name)
    scores = {t.grade_id: t.score for e in result.exercises for t in e.tests}
    for grade in notebook.grades:
        grade.auto_score = scores.get(grade.name, 0.0)
        grade.needs_manual_grade = bool(
            result.needs_review or grade.manual_score is not None
        )
    hints = {
        cell.id: exercise.diagnosis.hint
        for exercise in result.exercises
        if exercise.diagnosis
        for cell in lab.cells
        if cell.kind == "solution" and cell.exercise == exercise.exercise
    }
    for comment in notebook.comments:
        comment.auto_comment = hints.get(comment.name)
    book.db.commit()


def _is_time(text: str) -> bool:
    from nbgrader.utils import parse_utc

    try:
        return bool(text) and parse_utc(text) is not None
    except (ValueError, OverflowError, TypeError):
        return False


def write_autograded(course: Course, lab: Lab, result: Result) -> Path:
    """Writes the graded notebook where nbgrader and formgrader look for it."""
    folder = course.autograded / result.student / lab.name
    folder.mkdir(parents=True, exist_ok=True)
    if _is_time(result.submitted):
        write_atomically(folder / "timestamp.txt", result.submitted + "\n")
    path = folder / f"{lab.name}.ipynb"
    write_atomically(path, as_text(autograded_notebook(lab, result)))
    return path


def autograded_notebook(lab: Lab, result: Result) -> Any:
    """The rebuilt notebook as it ran, with nbgrader's metadata.

    A failed test cell has an error output, as if it had run in the notebook.
    """
    import nbformat.v4 as v4

    notebook = solution_notebook(lab)
    originals = {cell.id: cell for cell in notebook.cells}
    failures = {
        t.grade_id: t for e in result.exercises for t in e.tests if not t.passed
    }
    cells = []
    for record in result.cells:
        cell = originals.get(record.cell)
        if cell is None:
            cell = v4.new_code_cell(record.source, id=record.cell)
        cell.source = record.source
        if cell.cell_type == "code":
            cell.outputs = [_notebook_output(o) for o in _outputs(record, failures)]
        cells.append(cell)
    if cells:
        notebook.cells = cells
    return notebook


def _outputs(record: CellRecord, failures: dict[str, Any]) -> tuple[Output, ...]:
    if record.kind != "tests" or record.cell not in failures:
        return record.outputs
    return (Output("error", failures[record.cell].detail, "CheckFailure"),)


def _notebook_output(output: Output) -> Any:
    import nbformat.v4 as v4

    if output.kind == "stream":
        return v4.new_output("stream", name=output.name or "stdout", text=output.text)
    if output.kind == "image":
        return v4.new_output("display_data", data={"image/png": output.text})
    if output.kind == "error":
        lines = output.text.splitlines()
        name = output.name or "Error"
        value = lines[-1] if lines else ""
        return v4.new_output("error", ename=name, evalue=value, traceback=lines)
    return v4.new_output("display_data", data={"text/plain": output.text})
