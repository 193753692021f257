"""Grades a class: submissions in, records on disk, scores in the gradebook.

Each record is written whole before the gradebook is touched, so a killed run is
resumed by running it again: what has a record is not graded again, and what the
gradebook lacks is entered.
"""

from __future__ import annotations

import errno
import hashlib
import json
import time
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import FIRST_COMPLETED, Future, wait
from dataclasses import asdict, replace
from functools import lru_cache
from itertools import islice
from pathlib import Path
from typing import Any

from autograder import executors, feedback, gradebook, report
from autograder.course import Course, CourseError, Lab
from autograder.files import write_atomically
from autograder.record import Result, from_json
from autograder.submission import Submission, read_submission, submission_folders

_MAX_ID = 200  # bytes of a student's id, which becomes part of file names
_UNREADABLE = {"no_notebook", "unreadable", "bad_link", "too_large"}

_CHECK_EVERY = 5.0  # seconds: is the place where submissions are graded still there?
_ENTER_EVERY = 0.5  # seconds: one transaction for all results since the last
_ENTER_AT_MOST = 50  # results


@lru_cache(maxsize=4)
def lab_digest(lab: Lab) -> str:
    """SHA-256 of all that decides a lab's scores and hints."""
    text = json.dumps(asdict(lab), sort_keys=True)
    return hashlib.sha256(text.encode()).hexdigest()


def record_path(course: Course, lab_name: str, student: str) -> Path:
    """Where the record of a submission is kept."""
    return course.root / ".autograder" / lab_name / f"{student}.json"


def write_record(course: Course, lab: Lab, result: Result) -> None:
    """Keeps a record, whole or not at all."""
    path = record_path(course, lab.name, result.student)
    path.parent.mkdir(parents=True, exist_ok=True)
    plain = {"lab_digest": lab_digest(lab), "result": result.to_json()}
    write_atomically(path, json.dumps(plain))


def read_records(course: Course, lab_name: str) -> dict[str, tuple[str, Result]]:
    """The records of a lab: student -> (lab digest, record). Not the damaged ones."""
    paths = sorted(record_path(course, lab_name, "x").parent.glob("*.json"))
    read = ((path.stem, _read_record(path)) for path in paths)
    return {student: record for student, record in read if record is not None}


def _read_record(path: Path) -> tuple[str, Result] | None:
    """A record and its lab's digest; None if there is none that is whole."""
    try:
        plain = json.loads(path.read_text("utf-8"))
        return plain["lab_digest"], from_json(Result, plain["result"])
    except (OSError, ValueError, KeyError, TypeError):
        return None  # graded again, as if it had never been


def results(course: Course, lab_name: str) -> list[Result]:
    """The results of all submissions of a lab, by student.

    Raises:
        CourseError: if nothing has been graded.
    """
    records = read_records(course, lab_name)
    if not records:
        raise CourseError(
            f"Expected graded submissions of {lab_name} in {course.root}. Received: "
            f"none. Run `autograder grade {lab_name}` first."
        )
    return [result for _, result in records.values()]


def grade_submissions(
    lab: Lab,
    submissions: Iterable[Submission],
    *,
    jobs: int = 2,
    sandboxed: bool = True,
    rerun: bool = False,
) -> Iterator[Result]:
    """Grades submissions on local workers.

    Args:
        lab: the lab.
        submissions: in any order; each is asked for when there is a worker for it.
        jobs: how many workers run at a time.
        sandboxed: False runs submissions without walls.
        rerun: whether to run cells once more for their outputs.
    Yields:
        The results as they are ready.
    """
    how = {"sandboxed": sandboxed, "rerun": rerun}
    with executors.local(jobs) as place:
        for results in _begin(place, lab, submissions, how):
            yield from results


def _begin(
    place: executors.Place, lab: Lab, submissions: Iterable[Submission], how: Any
) -> Iterator[list[Result]]:
    """Starts to grade; gives the results in the groups in which they come.

    No more than two submissions for each job are in memory: one being graded, one
    that waits.
    """
    waiting = iter(submissions)
    running: dict[Future[Result], Submission] = {}

    def fill() -> None:
        for submission in islice(waiting, 2 * place.jobs - len(running)):
            future = place.executor.submit(place.grade, lab, submission, **how)
            running[future] = submission

    def groups() -> Iterator[list[Result]]:
        while running:
            done, _ = wait(running, _CHECK_EVERY, return_when=FIRST_COMPLETED)
            place.check()
            graded = [(future.result(), running.pop(future)) for future in done]
            fill()
            yield [flag_unreadable(*pair) for pair in graded]

    fill()
    return groups()


def flag_unreadable(result: Result, submission: Submission) -> Result:
    """The record, marked for a person if there was no notebook to grade."""
    kinds = {f.kind for f in result.findings} & _UNREADABLE
    if result.needs_review or not kinds:
        return result
    if submission.notebook is None or "unreadable" in kinds:
        reason = next(f.message for f in result.findings if f.kind in kinds)
        return replace(
            result,
            needs_review=f"There was no notebook to grade. {reason}. Ask for it again.",
        )
    return result


def grade_class(
    course: Course,
    lab: Lab,
    *,
    jobs: int = 2,
    again: bool = False,
    sandboxed: bool = True,
    rerun: bool = False,
    scheduler: str | None = None,
    progress: Callable[[int, int, Result | None], None] = lambda *_: None,
) -> list[Result]:
    """Grades all submissions of a lab in a course folder.

    Args:
        course: the course.
        lab: the lab.
        jobs: how many submissions are graded at a time.
        again: whether to grade those again that have a record.
        sandboxed: False runs submissions without walls.
        rerun: whether to run cells once more for their outputs, instead of keeping
            those that students saved.
        scheduler: the address of a Dask scheduler whose workers are to grade.
        progress: called with (done, total, the newest result).
    Returns:
        The results of all submissions, earlier ones included, by student; without
        their cells, which for a large class are better left in the records.
    Raises:
        CourseError: if there are no submissions, or the folder or the gradebook
            cannot be written; nothing is half-written then.
    """
    folders = submission_folders(course, lab.name)
    if not folders:
        raise CourseError(
            f"Expected submissions in {course.submitted}/STUDENT/{lab.name}/. "
            "Received: "
            + ("none of this lab" if course.submitted.is_dir() else "no such folder")
        )
    with _writing(course):
        (course.root / ".autograder").mkdir(exist_ok=True)
    refused = {s: _refused(lab, s) for s in folders if not _is_fit(s)}
    students = [s for s in folders if s not in refused]
    done = {} if again else _graded(course, lab, students, folders)
    todo = [s for s in students if s not in done]
    progress(len(done), len(students), None)
    submissions = (read_submission(folders[s], lab.name, s) for s in todo)
    how = {"sandboxed": sandboxed, "rerun": rerun}
    where = executors.local(jobs)
    if scheduler is not None and todo:
        where = executors.cluster(scheduler)
    with _writing(course), where as place:
        groups = _begin(place, lab, submissions, how)  # they start while we open
        with gradebook.open_gradebook(course) as book:
            gradebook.register(book, lab, course)
            _enter_missing(course, book, lab, done)
            for result in _entered(course, book, lab, groups):
                done[result.student] = replace(result, cells=())
                progress(len(done), len(students), result)
    return [(refused | done)[student] for student in folders]


def _graded(
    course: Course, lab: Lab, students: list[str], folders: dict[str, Path]
) -> dict[str, Result]:
    """What has been graded already, as it is now, without cells."""
    digest = lab_digest(lab)
    found = {}
    for student in students:
        record = _read_record(record_path(course, lab.name, student))
        if record is None or record[0] != digest or not record[1].exercises:
            continue  # no exercises: the grader itself failed
        if read_submission(folders[student], lab.name, student).digest == (
            record[1].digest
        ):
            found[student] = replace(record[1], cells=())
    return found


def _entered(
    course: Course, book: Any, lab: Lab, groups: Iterator[list[Result]]
) -> Iterator[Result]:
    """Records each result when it comes, and enters some at a time."""
    waiting: list[Result] = []
    last = time.monotonic()
    for results in groups:
        for result in results:
            write_record(course, lab, result)
            waiting.append(result)
            yield result
        if time.monotonic() - last > _ENTER_EVERY or len(waiting) >= _ENTER_AT_MOST:
            _enter(course, book, lab, waiting)
            waiting, last = [], time.monotonic()
    _enter(course, book, lab, waiting)


def write_report(course: Course, lab: Lab, results: list[Result]) -> Path:
    """Writes the class report to `reports/LAB.html` in the course folder."""
    links = {
        r.student: f"../feedback/{r.student}/{lab.name}/{lab.name}.html"
        for r in results
    }
    path = course.root / "reports" / f"{lab.name}.html"
    with _writing(course):
        path.parent.mkdir(exist_ok=True)
        return report.write(results, lab.title, links, path)


def _is_fit(student: str) -> bool:
    """Whether a folder's name can be a student's id in file names and the gradebook."""
    try:
        return len(student.encode("utf-8")) <= _MAX_ID and "\\" not in student
    except UnicodeEncodeError:
        return False


def _refused(lab: Lab, student: str) -> Result:
    reason = (
        "Expected a folder named by a student's id, which is UTF-8 of at most "
        f"{_MAX_ID} bytes without a backslash. It was not graded: rename it and run "
        "the command again."
    )
    return Result(lab.name, student, 0.0, lab.max_score, needs_review=reason)


def _enter(course: Course, book: Any, lab: Lab, results: list[Result]) -> None:
    """Enters recorded results wherever people look for them; the pages come last."""
    for result in results:
        gradebook.write_autograded(course, lab, result)
    if results:
        gradebook.save(book, lab, *results)
    for result in results:
        feedback.write(result, lab.title, course.feedback)


def _enter_missing(
    course: Course, book: Any, lab: Lab, done: dict[str, Result]
) -> None:
    """Enters records that a killed run wrote and did not get to enter."""
    entered = gradebook.recorded_scores(course, lab.name)
    missing = [
        record_path(course, lab.name, student)
        for student, result in done.items()
        if entered.get(student) != _scores(result)
        or not _has_page(course, lab, student)
    ]
    for path in missing:
        record = _read_record(path)
        if record is not None:
            _enter(course, book, lab, [record[1]])


def _scores(result: Result) -> dict[str, float]:
    return {t.grade_id: t.score for e in result.exercises for t in e.tests}


def _has_page(course: Course, lab: Lab, student: str) -> bool:
    """Whether the feedback page, the last thing to be entered, is of this record."""
    page = course.feedback / student / lab.name / f"{lab.name}.html"
    record = record_path(course, lab.name, student)
    return page.exists() and page.stat().st_mtime_ns >= record.stat().st_mtime_ns


class _writing:
    """Turns a folder that cannot be written into one clear line."""

    def __init__(self, course: Course) -> None:
        self._course = course

    def __enter__(self) -> None:
        return None

    def __exit__(self, kind: object, error: BaseException | None, _: object) -> None:
        if isinstance(error, OSError) and error.errno in _WRITE_ERRORS:
            where = f" ({error.filename})" if error.filename else ""
            raise CourseError(
                f"Expected to write in the course folder {self._course.root}. "
                f"Received: {error.strerror}{where}. Nothing graded is lost: make it "
                "writable, or make room, and run the command again."
            ) from None


_WRITE_ERRORS = {errno.EACCES, errno.EPERM, errno.EROFS, errno.ENOSPC, errno.EDQUOT}
