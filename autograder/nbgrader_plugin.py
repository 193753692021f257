"""nbgrader's own `autograde` and formgrader's button on the autograder's safe path.

The course's `nbgrader_config.py` names these classes. A lab of ours is graded from the
file that the student submitted, as `autograder grade` does: nbgrader's sanitised copy
has lost the saved outputs, the edits of test cells and the second of two cells with one
id, so it would be another submission with other findings. nbgrader never opens that
file. Any other assignment runs in nbgrader's own Execute, shut in.
"""

from __future__ import annotations

import atexit
import json
import os
import stat
from functools import lru_cache, partial
from pathlib import Path
from typing import Any

import nbformat
from nbconvert.exporters import NotebookExporter
from nbgrader import preprocessors as steps
from nbgrader import utils
from nbgrader.api import Gradebook
from nbgrader.converters import Autograde
from nbgrader.converters.base import NbGraderException
from nbgrader.coursedir import CourseDirectory

from autograder import engine, feedback, gradebook, sandbox
from autograder.build import solution_notebook
from autograder.course import Course, Lab, find_course
from autograder.record import Result, from_json
from autograder.submission import read_submission
from autograder.whole_notebook import run_shut_in
from autograder.worker import Worker

_CELL_SECONDS = 30  # where the configuration sets no limit
_MAX_TIMESTAMP = 1024  # bytes
_FAILED = "This check failed."


class SubmissionExporter(NotebookExporter):
    """The first of nbgrader's parts that a configuration can replace.

    It exists before any submission is opened, so it also sees to it that nbgrader
    follows no link and waits for no pipe in a submission's folder.
    """

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        converter = self.parent
        if isinstance(converter, Autograde):
            converter.init_assignment = partial(_init_assignment, converter)
            converter.coursedir.get_existing_timestamp = partial(
                _timestamp, converter.coursedir
            )

    def from_filename(
        self, filename: str, resources: Any = None, **kwargs: Any
    ) -> tuple[Any, Any]:
        """Reads a submission; for a lab of ours, gives the untouched lab instead."""
        converter: Any = self.parent
        found = _find_lab(converter.coursedir, resources["nbgrader"]["assignment"])
        if found is None:
            return super().from_filename(filename, resources=resources, **kwargs)
        path = Path(filename)
        resources["metadata"] = {"name": path.stem, "path": str(path.parent)}
        # Without solutions: it gets 0 if a wrong configuration leaves it to nbgrader.
        untouched, _ = steps.ClearSolutions().preprocess(
            solution_notebook(found[1]), {"language": "python"}
        )
        return self.from_notebook_node(untouched, resources=resources, **kwargs)


class Execute(steps.Execute):
    """Grades a submission of ours, or runs another assignment's notebook shut in."""

    def preprocess(
        self, nb: Any, resources: Any = None, km: Any = None
    ) -> tuple[Any, Any]:
        """The notebook as it ran; for a lab of ours `resources` has the record too."""
        sandbox.require()
        coursedir = self.parent.parent.coursedir
        names = resources["nbgrader"]
        found = _find_lab(coursedir, names["assignment"])
        if found is None:
            self.log.warning(
                "%s is no lab with a source of ours: its tests run in the submission's "
                "own process, where a submission can read and fake them. Nothing else "
                "can be reached from there.",
                names["assignment"],
            )
            folder = Path(resources["metadata"]["path"])
            return run_shut_in(nb, folder, self.timeout or _CELL_SECONDS), resources
        course, lab = found
        _register(course, lab)
        folder = _submitted(coursedir, names["assignment"], names["student"])
        submission = read_submission(folder, lab.name, names["student"])
        result = engine.flag_unreadable(_worker(lab).grade(submission), submission)
        for finding in result.findings:
            where = f" in {finding.cell}" if finding.cell else ""
            self.log.warning("%s%s: %s", finding.kind, where, finding.message)
        if result.needs_review:
            self.log.warning("needs review: %s", result.needs_review)
        names["result"] = result
        return gradebook.autograded_notebook(lab, result), resources


class SaveAutoGrades(steps.SaveAutoGrades):
    """Enters what the examiner recorded, and writes the record and the feedback."""

    def preprocess(self, nb: Any, resources: Any) -> tuple[Any, Any]:
        """Leaves the notebook as it is."""
        names = resources["nbgrader"]
        found = _find_lab(self.parent.parent.coursedir, names["assignment"])
        if found is None:
            return super().preprocess(nb, resources)
        course, lab = found
        result = names.pop("result", None)
        if result is None:
            raise NbGraderException(
                f"Expected {lab.name} to be graded by running it. Received: no record. "
                "Leave out --no-execute, and keep the configuration whole."
            )
        engine.write_record(course, lab, result)
        gradebook.write_autograded(course, lab, result)
        feedback.write(result, lab.title, course.feedback)
        with Gradebook(names["db_url"], gradebook.COURSE_ID) as book:
            gradebook.save(book, lab, result)
        return nb, resources


class HideTests(steps.NbGraderPreprocessor):
    """Takes hidden tests, and all that they say, out of nbgrader's feedback page."""

    def preprocess(self, nb: Any, resources: Any) -> tuple[Any, Any]:
        """The notebook as its student may see it."""
        coursedir = self.parent.parent.coursedir
        names = resources["nbgrader"]
        found = _find_lab(coursedir, names["assignment"])
        messages = _messages(found[0], names) if found else {}
        cut = steps.ClearHiddenTests(parent=self)
        for index, cell in enumerate(nb.cells):
            if cell.cell_type != "code" or not utils.is_grade(cell):
                continue
            if utils.is_solution(cell):
                continue
            whole = cell.source
            cut.preprocess_cell(cell, resources, index)
            if found is not None or cell.source != whole:
                failed = any(o.output_type == "error" for o in cell.outputs)
                message = messages.get(cell.metadata.nbgrader.grade_id) or _FAILED
                cell.outputs = [_error(message)] if failed else []
        return nb, resources


def register_lab(*, assignment: str, **_: Any) -> None:
    """Enters a lab's cells in the gradebook, before nbgrader looks for them there.

    nbgrader calls it for each submission, in the course folder.
    """
    course = find_course(Path.cwd())
    if _is_ours(course, assignment):
        _register(course, course.lab(assignment))


def _init_assignment(converter: Any, assignment: str, student: str) -> None:
    """Stands in for `Autograde.init_assignment`, which copies a submission's files."""
    found = _find_lab(converter.coursedir, assignment)
    folder = _submitted(converter.coursedir, assignment, student)
    if found is None:
        _refuse_odd_files(folder, converter.coursedir.max_file_size * 1000)
        Autograde.init_assignment(converter, assignment, student)
    else:
        # One notebook, whatever the student called it; nothing else is used.
        converter.notebooks = [str(folder / f"{assignment}.ipynb")]


def _refuse_odd_files(folder: Path, most: int) -> None:
    inside = (
        Path(parent, name)
        for parent, folders, files in os.walk(folder)
        for name in (*folders, *files)
    )
    for path in (folder, *inside):
        if not (_is_file(path, most) or (path.is_dir() and not path.is_symlink())):
            raise NbGraderException(
                f"Expected ordinary files of at most {most} bytes in a submission. "
                f"Received: {path}"
            )


def _is_file(path: Path, most: int) -> bool:
    """Whether a path is an ordinary file, itself and no link to one, and not large."""
    state = path.lstat()
    return stat.S_ISREG(state.st_mode) and state.st_size <= most


def _timestamp(coursedir: CourseDirectory, folder: str) -> Any:
    """When something was submitted; None if the file that says it is no plain time."""
    path = Path(folder, "timestamp.txt")
    if not os.path.lexists(path) or not _is_file(path, _MAX_TIMESTAMP):
        return None
    try:
        return CourseDirectory.get_existing_timestamp(coursedir, folder)
    except (AttributeError, ValueError, OverflowError, TypeError):
        return None  # its own error path calls a method that it does not have


def _find_lab(coursedir: CourseDirectory, assignment: str) -> tuple[Course, Lab] | None:
    """The course, and the lab that an assignment is; None if it is no lab of ours."""
    course = find_course(Path(coursedir.root))
    if not _is_ours(course, assignment):
        return None
    return course, _read_lab(course, assignment, _stamp(course.solutions / assignment))


def _is_ours(course: Course, assignment: str) -> bool:
    return (course.solutions / assignment / f"{assignment}.py").is_file()


def _stamp(folder: Path) -> tuple[Any, ...]:
    states = [(p.name, p.stat()) for p in sorted(folder.glob("*.py"))]
    return tuple((name, s.st_mtime_ns, s.st_size) for name, s in states)


@lru_cache(maxsize=4)
def _read_lab(course: Course, assignment: str, stamp: tuple[Any, ...]) -> Lab:
    return course.lab(assignment)


def _submitted(coursedir: CourseDirectory, assignment: str, student: str) -> Path:
    return Path(
        coursedir.format_path(coursedir.submitted_directory, student, assignment)
    )


_registered: dict[tuple[str, int], Lab] = {}  # gradebook and its inode -> the lab


def _register(course: Course, lab: Lab) -> None:
    """Enters a lab's cells in the gradebook, unless they were the last ones entered."""
    path = course.gradebook
    if path.exists() and _registered.get((str(path), path.stat().st_ino)) == lab:
        return
    with gradebook.open_gradebook(course) as book:
        gradebook.register(book, lab, course)
    _registered.clear()
    _registered[str(path), path.stat().st_ino] = lab


_running: list[tuple[Lab, Worker]] = []  # at most one: a warm Keras takes memory


def _worker(lab: Lab) -> Worker:
    """The worker of a lab, kept for the next submission."""
    if not _running or _running[0][0] != lab:
        close_worker()
        _running.append((lab, Worker(lab)))
    return _running[0][1]


@atexit.register
def close_worker() -> None:
    """Ends the worker that is kept, if there is one."""
    while _running:
        _running.pop()[1].close()


def _messages(course: Course, names: Any) -> dict[str, str]:
    """What the record tells the student about each test cell."""
    path = engine.record_path(course, names["assignment"], names["student"])
    try:
        plain = json.loads(path.read_text("utf-8"))
        result: Result = from_json(Result, plain["result"])
    except (OSError, ValueError, KeyError, TypeError):
        return {}
    return {t.grade_id: t.message for e in result.exercises for t in e.tests}


def _error(message: str) -> Any:
    return nbformat.v4.new_output(
        "error", ename="CheckFailure", evalue=message, traceback=message.splitlines()
    )
