"""Results in nbgrader's own gradebook and autograded notebooks.

Only the coordinator of a grading opens the gradebook, from one thread.
"""

from __future__ import annotations

import contextlib
import copy
import logging
import sqlite3
from collections.abc import Iterator
from functools import lru_cache
from pathlib import Path
from typing import Any

from autograder.build import as_text, solution_notebook
from autograder.course import Course, CourseError, Lab
from autograder.files import write_atomically
from autograder.record import CellRecord, Output, Result

COURSE_ID = "cnncourse"
LOCK_SECONDS = 20.0  # how long to wait for another program that writes the gradebook

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
    from nbgrader.api import Gradebook, InvalidEntry
    from sqlalchemy.exc import SQLAlchemyError

    _check_whole(course.gradebook)
    # there nbgrader logs, with forty lines of traceback, what it then raises
    log = logging.getLogger("tornado.application")
    try:
        if not course.gradebook.exists():
            _make(course.gradebook)
        book = Gradebook(url(course.gradebook), COURSE_ID)
    except (SQLAlchemyError, sqlite3.Error, OSError) as error:
        raise CourseError(
            f"Expected to open the gradebook {course.gradebook}. Received: "
            f"{_first_line(error)}. Nothing graded is lost: run the command again."
        ) from None
    try:
        log.disabled = True
        yield book
    except (SQLAlchemyError, sqlite3.Error, InvalidEntry) as error:
        raise CourseError(
            f"Expected to write the gradebook {course.gradebook}. Received: "
            f"{_first_line(error)}. Nothing graded is lost: run the command again."
        ) from None
    finally:
        log.disabled = False
        book.close()
        book.engine.dispose()


def url(path: Path) -> str:
    """The address by which SQLAlchemy opens a gradebook, patient with a lock."""
    return f"sqlite:///{path}?timeout={LOCK_SECONDS:g}"


def _make(path: Path) -> None:
    """Makes an empty gradebook, whole: nbgrader takes a half-made one for whole."""
    from alembic.script import ScriptDirectory
    from nbgrader.api import Gradebook
    from nbgrader.dbutil import ALEMBIC_DIR

    new = path.with_suffix(".db.new")
    try:
        new.unlink(missing_ok=True)
        with contextlib.closing(sqlite3.connect(new)) as db, db:
            # nbgrader would run the program `alembic` for this, which takes seconds
            version = ScriptDirectory(ALEMBIC_DIR).get_current_head()
            db.execute(
                "create table alembic_version (version_num varchar(32) not null)"
            )
            db.execute("insert into alembic_version values (?)", (version,))
        book = Gradebook(url(new), COURSE_ID)
        book.close()
        book.engine.dispose()
        new.replace(path)
    finally:
        new.unlink(missing_ok=True)


def _check_whole(path: Path) -> None:
    if not path.exists():
        return
    # to write: a transaction that a killed run left behind is rolled back
    address = f"{path.absolute().as_uri()}?mode=rw"
    try:
        with contextlib.closing(
            sqlite3.connect(address, uri=True, timeout=LOCK_SECONDS)
        ) as db:
            tables = {row[0] for row in db.execute("select name from sqlite_master")}
            whole = "alembic_version" in tables and bool(
                db.execute("select count(*) from alembic_version").fetchone()[0]
            )
            db.execute("begin immediate")  # is it free, and may we write?
    except sqlite3.DatabaseError as error:
        what = "an nbgrader gradebook at"
        if isinstance(error, sqlite3.OperationalError):
            what = "to write the gradebook"
        raise CourseError(f"Expected {what} {path}. Received: {error}") from None
    if not whole:
        raise CourseError(
            f"Expected a whole nbgrader gradebook at {path}. Received: one that was "
            "left half-made. Move it away and run the command again."
        )


def _first_line(error: BaseException) -> str:
    text = str(error).removeprefix("(sqlite3.OperationalError) ")
    return text.splitlines()[0] if text else type(error).__name__


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
            "db_url": url(course.gradebook),
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


def save(book: Any, lab: Lab, *results: Result) -> None:
    """Writes results in one transaction; what people entered by hand stays.

    The rows are those of nbgrader's own `update_or_create_submission`, which commits,
    and waits for the disk, three times for each submission.

    Args:
        book: nbgrader's gradebook, in which the lab is registered.
        lab: the lab.
        *results: the records; writing them again changes nothing.
    """
    from nbgrader import api
    from nbgrader.utils import parse_utc
    from sqlalchemy.orm import selectinload

    students = [result.student for result in results]
    assignment = book.find_assignment(lab.name)
    known = book.db.query(api.Student.id).filter(api.Student.id.in_(students))
    new = set(students) - {student for (student,) in known}
    notebooks = selectinload(api.SubmittedAssignment.notebooks)
    entered = (
        book.db.query(api.SubmittedAssignment)
        .filter_by(assignment_id=assignment.id)
        .filter(api.SubmittedAssignment.student_id.in_(students))
        .options(notebooks.selectinload(api.SubmittedNotebook.grades))
        .options(notebooks.selectinload(api.SubmittedNotebook.comments))
    )
    submissions = {submission.student_id: submission for submission in entered}
    main = next(n for n in assignment.notebooks if n.name == lab.name)
    cells = (*main.grade_cells, *main.solution_cells)
    names = {cell.id: cell.name for cell in cells}
    book.db.add_all(api.Student(id=student) for student in sorted(new))
    for result in results:
        submission = submissions.get(result.student)
        if submission is None:
            submission = _new_submission(assignment, result.student)
        if _is_time(result.submitted):
            submission.timestamp = parse_utc(result.submitted)
        notebook = next(n for n in submission.notebooks if n.notebook_id == main.id)
        _fill(notebook, names, lab, result)
        book.db.add(submission)
    book.db.commit()


def _new_submission(assignment: Any, student: str) -> Any:
    from nbgrader import api

    return api.SubmittedAssignment(
        assignment_id=assignment.id,
        student_id=student,
        notebooks=[
            api.SubmittedNotebook(
                notebook_id=notebook.id,
                grades=[
                    api.Grade(cell_id=cell.id)
                    for cell in (*notebook.grade_cells, *notebook.task_cells)
                ],
                comments=[
                    api.Comment(cell_id=cell.id)
                    for cell in (*notebook.solution_cells, *notebook.task_cells)
                ],
            )
            for notebook in assignment.notebooks
        ],
    )


def _fill(notebook: Any, names: dict[str, str], lab: Lab, result: Result) -> None:
    scores = {t.grade_id: t.score for e in result.exercises for t in e.tests}
    for grade in notebook.grades:
        grade.auto_score = scores.get(names.get(grade.cell_id, ""), 0.0)
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
        comment.auto_comment = hints.get(names.get(comment.cell_id, ""))


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


@lru_cache(maxsize=4)
def _original(lab: Lab) -> Any:
    """The lab's notebook, which takes nbformat longer to make than to copy."""
    return solution_notebook(lab)


def autograded_notebook(lab: Lab, result: Result) -> Any:
    """The rebuilt notebook as it ran, with nbgrader's metadata.

    A failed test cell has an error output, as if it had run in the notebook.
    """
    import nbformat.v4 as v4

    notebook = copy.deepcopy(_original(lab))
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
