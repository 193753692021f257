"""Grades a class: submissions in, records on disk, scores in the gradebook.

Each record is written whole before the gradebook is touched, so a killed run is
resumed by running it again: what has a record is not graded again, and what the
gradebook lacks is entered.
"""

from __future__ import annotations

import errno
import hashlib
import json
import queue
from collections.abc import Callable, Iterator
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from dataclasses import asdict, replace
from pathlib import Path
from typing import Any

from autograder import feedback, gradebook, report
from autograder.course import Course, CourseError, Lab
from autograder.files import write_atomically
from autograder.record import Result, from_json
from autograder.submission import Submission, read_submission, submission_folders
from autograder.worker import Worker

_UNREADABLE = {"no_notebook", "unreadable", "bad_link", "too_large"}


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
    found = {}
    for path in sorted(record_path(course, lab_name, "x").parent.glob("*.json")):
        try:
            plain = json.loads(path.read_text("utf-8"))
            found[path.stem] = (plain["lab_digest"], from_json(Result, plain["result"]))
        except (ValueError, KeyError, TypeError):
            continue  # graded again, as if it had never been
    return found


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
    submissions: list[Submission],
    *,
    jobs: int = 2,
    sandboxed: bool = True,
    rerun: bool = False,
) -> Iterator[Result]:
    """Grades submissions on local workers.

    Args:
        lab: the lab.
        submissions: in any order.
        jobs: how many workers run at a time.
        sandboxed: False runs submissions without walls.
        rerun: whether to run cells once more for their outputs.
    Yields:
        The results as they are ready.
    """
    workers: queue.SimpleQueue[Worker] = queue.SimpleQueue()
    every = [
        Worker(lab, sandboxed=sandboxed, rerun=rerun)
        for _ in range(min(jobs, len(submissions)))
    ]
    for worker in every:
        workers.put(worker)

    def grade_one(submission: Submission) -> Result:
        worker = workers.get()
        try:
            return _flag_unreadable(worker.grade(submission), submission)
        finally:
            workers.put(worker)

    pool = ThreadPoolExecutor(max(len(every), 1))
    pending: set[Future[Result]] = {pool.submit(grade_one, s) for s in submissions}
    try:
        while pending:
            done, pending = wait(pending, return_when=FIRST_COMPLETED)
            for future in done:
                yield future.result()
    finally:
        for future in pending:
            future.cancel()
        for worker in every:
            worker.close()
        pool.shutdown(wait=True)


def _flag_unreadable(result: Result, submission: Submission) -> Result:
    kinds = {f.kind for f in result.findings} & _UNREADABLE
    if result.needs_review or not kinds:
        return result
    if submission.notebook is None or "unreadable" in kinds:
        reason = next(f.message for f in result.findings if f.kind in kinds)
        return replace(result, needs_review=f"There was no notebook to grade. {reason}")
    return result


def grade_class(
    course: Course,
    lab: Lab,
    *,
    jobs: int = 2,
    again: bool = False,
    sandboxed: bool = True,
    rerun: bool = False,
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
        progress: called with (done, total, the newest result).
    Returns:
        The results of all submissions, earlier ones included, by student.
    Raises:
        CourseError: if there are no submissions, or the folder cannot be written;
            nothing is half-written then.
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
    submissions = [read_submission(f, lab.name, s) for s, f in folders.items()]
    known = {} if again else read_records(course, lab.name)
    digest = lab_digest(lab)
    done = {
        s.student: known[s.student][1]
        for s in submissions
        if s.student in known and _is_current(known[s.student], digest, s)
    }
    todo = [s for s in submissions if s.student not in done]
    progress(len(done), len(submissions), None)
    graded = grade_submissions(lab, todo, jobs=jobs, sandboxed=sandboxed, rerun=rerun)
    with _writing(course), gradebook.open_gradebook(course) as book:
        gradebook.register(book, lab, course)
        _enter_missing(course, book, lab, done)
        try:
            for result in graded:
                write_record(course, lab, result)
                _publish(course, book, lab, result)
                done[result.student] = result
                progress(len(done), len(submissions), result)
        finally:
            graded.close()  # type: ignore[attr-defined]
    return [done[s.student] for s in submissions]


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


def _is_current(
    record: tuple[str, Result], digest: str, submission: Submission
) -> bool:
    lab, result = record
    return lab == digest and result.digest == submission.digest


def _publish(course: Course, book: Any, lab: Lab, result: Result) -> None:
    """Enters a recorded result wherever people look for it."""
    gradebook.write_autograded(course, lab, result)
    feedback.write(result, lab.title, course.feedback)
    gradebook.save(book, lab, result)


def _enter_missing(
    course: Course, book: Any, lab: Lab, done: dict[str, Result]
) -> None:
    """Enters records that a killed run wrote and did not get to enter."""
    entered = gradebook.recorded_scores(course, lab.name)
    for student, result in done.items():
        scores = {t.grade_id: t.score for e in result.exercises for t in e.tests}
        if entered.get(student) != scores:
            _publish(course, book, lab, result)


class _writing:
    """Turns a folder that cannot be written into one clear line."""

    def __init__(self, course: Course) -> None:
        self._course = course

    def __enter__(self) -> None:
        return None

    def __exit__(self, kind: object, error: BaseException | None, _: object) -> None:
        if isinstance(error, OSError) and error.errno in _WRITE_ERRORS:
            raise CourseError(
                f"Expected to write in the course folder {self._course.root}. "
                f"Received: {error.strerror} ({error.filename}). Nothing graded is "
                "lost: make it writable and run the command again."
            ) from None


_WRITE_ERRORS = {errno.EACCES, errno.EPERM, errno.EROFS, errno.ENOSPC, errno.EDQUOT}
