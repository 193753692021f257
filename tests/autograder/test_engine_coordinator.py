"""The coordinator of a large class: little in memory, few transactions, clear ends.

Most of these grade without running anything: what they are about is what happens to
the records.
"""

import contextlib
import errno
import os
import shutil
import sqlite3
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest

from autograder import engine, executors, gradebook
from autograder import record as records
from autograder.course import Course, CourseError, Lab
from autograder.record import Diagnosis, ExerciseRecord, Finding, Result
from autograder.submission import Submission

ROOT = Path(engine.__file__).parents[1]
COUNT = 30


def judged(lab: Lab, submission: Submission) -> Result:
    """A record as the examiner gives it; every third student has a mistake."""
    wrong = int(submission.student[1:]) % 3 == 0
    exercises = []
    for name in lab.exercises:
        tests = tuple(
            records.TestRecord(c.id, c.points, 0.0 if wrong else c.points, not wrong)
            for c in lab.tests
            if c.exercise == name
        )
        hint = Diagnosis("triple", "You multiplied by three.") if wrong else None
        scores = sum(t.score for t in tests), sum(t.points for t in tests)
        exercises.append(ExerciseRecord(name, *scores, tests, hint))
    score = sum(e.score for e in exercises)
    found = (Finding("withheld", "the submission imports scipy"),) if wrong else ()
    return Result(
        *(lab.name, submission.student, score, lab.max_score, tuple(exercises), found),
        digest=submission.digest,
        submitted="2026-01-02 03:04:05 UTC" if wrong else "",
    )


@pytest.fixture
def grade_quickly(monkeypatch: pytest.MonkeyPatch) -> Callable[..., None]:
    """Grades by a function of the test instead of workers."""

    def use(grade: Callable[..., Result]) -> None:
        def here(lab: Lab, submission: Submission, **_: bool) -> Result:
            return grade(lab, submission)

        @contextlib.contextmanager
        def local(jobs: int) -> Iterator[executors.Place]:
            with ThreadPoolExecutor(jobs) as pool:
                yield executors.Place(pool, here, jobs)

        monkeypatch.setattr(executors, "local", local)

    use(judged)
    return use


@pytest.fixture
def large(course: Course, hand_in: Any, submit: Any) -> Course:
    """A course in which many have handed in."""
    for i in range(COUNT):
        hand_in(course, f"s{i:02d}", submit())
    return course


def rows(course: Course) -> list[tuple[Any, ...]]:
    """All that people see of a grading in the gradebook."""
    query = """
    select a.student_id, a.timestamp, cell.name, cell.type, g.auto_score,
        g.manual_score, g.needs_manual_grade, c.auto_comment, n.flagged
    from submitted_assignment a
    join submitted_notebook n on n.assignment_id = a.id
    join base_cell cell on cell.notebook_id = n.notebook_id
    left join grade g on g.cell_id = cell.id and g.notebook_id = n.id
    left join comment c on c.cell_id = cell.id and c.notebook_id = n.id
    """
    with contextlib.closing(sqlite3.connect(course.gradebook)) as db:
        assert db.execute("pragma integrity_check").fetchall() == [("ok",)]
        return sorted(db.execute(query), key=repr)


def scores(course: Course) -> dict[str, float]:
    found: dict[str, float] = {}
    for student, _, _, _, score, *_ in rows(course):
        found[student] = found.get(student, 0.0) + (score or 0.0)
    return found


DESERVED = {f"s{i:02d}": 0.0 if i % 3 == 0 else 10.0 for i in range(COUNT)}


def test_few_submissions_are_in_memory_at_a_time(
    large: Course, grade_quickly: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A class of thousands, with pictures in the notebooks, must not fill it."""
    read, most = [0], [0]
    read_submission = engine.read_submission

    def reading(folder: Path, lab_name: str, student: str) -> Submission:
        read[0] += 1
        return read_submission(folder, lab_name, student)

    def grade(lab: Lab, submission: Submission) -> Result:
        time.sleep(0.005)
        return judged(lab, submission)

    def progress(done: int, total: int, newest: Result | None) -> None:
        most[0] = max(most[0], read[0] - done)

    grade_quickly(grade)
    monkeypatch.setattr(engine, "read_submission", reading)
    lab = large.lab("lab90")
    results = engine.grade_class(large, lab, jobs=3, progress=progress)
    assert read[0] == len(results) == COUNT
    # two for each job, and those of the group whose records are being written
    assert 3 <= most[0] <= 2 * 2 * 3
    assert all(result.cells == () for result in results)


def test_one_transaction_enters_what_nbgrader_would_enter(
    large: Course, toy: Lab, grade_quickly: Any
) -> None:
    engine.grade_class(large, toy)
    ours = rows(large)
    results = {r.student: r for r in engine.results(large, toy.name)}
    large.gradebook.unlink()
    with gradebook.open_gradebook(large) as book:
        gradebook.register(book, toy, large)
        for student, result in results.items():
            when = {"timestamp": result.submitted} if result.submitted else {}
            book.update_or_create_student(student)
            with book.db.no_autoflush:
                book.update_or_create_submission(toy.name, student, **when)
    bare = rows(large)
    assert [row[:4] for row in ours] == [row[:4] for row in bare]
    assert len(bare) == COUNT * (len(toy.tests) + len(toy.exercises))
    # and over rows that nbgrader made, as over none
    with gradebook.open_gradebook(large) as book:
        gradebook.save(book, toy, *results.values())
    assert rows(large) == ours


def test_what_the_grader_failed_on_is_graded_again(
    large: Course, toy: Lab, grade_quickly: Any
) -> None:
    def grade(lab: Lab, submission: Submission) -> Result:
        if submission.student == "s04":
            review = "The grader failed on this submission: it broke"
            return Result(
                lab.name, "s04", 0, 10, needs_review=review, digest=submission.digest
            )
        return judged(lab, submission)

    grade_quickly(grade)
    first = engine.grade_class(large, toy)
    assert [r.student for r in first if r.needs_review] == ["s04"]
    grade_quickly(judged)
    newest: list[Result | None] = []
    again = engine.grade_class(large, toy, progress=lambda *a: newest.append(a[2]))
    assert [r.student for r in newest if r] == ["s04"]
    assert not any(r.needs_review for r in again)
    assert scores(large) == DESERVED


@pytest.mark.parametrize("lost", ["page", "page is older", "comment and page"])
def test_a_record_that_was_not_wholly_entered_is_entered(
    large: Course, toy: Lab, grade_quickly: Any, lost: str
) -> None:
    """A second grading may end with equal scores and other hints, and be killed."""
    engine.grade_class(large, toy)
    before = rows(large)
    page = large.feedback / "s03" / toy.name / f"{toy.name}.html"
    text = page.read_text("utf-8")
    page.write_text("another page")
    if lost == "page is older":
        old = engine.record_path(large, toy.name, "s03").stat().st_mtime_ns - 10**9
        os.utime(page, ns=(old, old))
    else:
        page.unlink()
    if lost == "comment and page":
        with contextlib.closing(sqlite3.connect(large.gradebook)) as db, db:
            db.execute("update comment set auto_comment = 'an older hint'")
        assert rows(large) != before
        for other in large.feedback.glob("*/*/*.html"):
            other.unlink()
    engine.grade_class(large, toy)
    assert rows(large) == before
    assert page.read_text("utf-8") == text


def locked(course: Course) -> sqlite3.Connection:
    other = sqlite3.connect(course.gradebook, check_same_thread=False)
    other.execute("begin immediate")
    return other


def test_a_gradebook_that_gets_locked_is_one_clear_line_and_loses_nothing(
    large: Course,
    toy: Lab,
    grade_quickly: Any,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> None:
    monkeypatch.setattr(gradebook, "LOCK_SECONDS", 0.3)
    others: list[sqlite3.Connection] = []

    def lock(done: int, total: int, newest: Result | None) -> None:
        if newest is not None and not others:
            others.append(locked(large))

    with pytest.raises(CourseError, match=r"database is locked. Nothing gra") as caught:
        engine.grade_class(large, toy, progress=lock)
    assert "\n" not in str(caught.value) and caplog.records == []
    kept = set(engine.read_records(large, toy.name))
    assert kept
    with pytest.raises(CourseError, match=r"to write the gradebook .* locked"):
        engine.grade_class(large, toy)
    others[0].close()
    kept |= set(engine.read_records(large, toy.name))
    now: list[str] = []
    engine.grade_class(
        large, toy, progress=lambda *a: now.append(a[2].student) if a[2] else None
    )
    assert set(now) == set(DESERVED) - kept
    assert scores(large) == DESERVED


def test_a_short_lock_is_waited_for(
    large: Course, toy: Lab, grade_quickly: Any
) -> None:
    engine.grade_class(large, toy)
    other = locked(large)
    timer = threading.Timer(0.5, other.close)
    timer.start()
    started = time.monotonic()
    engine.grade_class(large, toy, again=True)
    assert time.monotonic() - started >= 0.4
    timer.join()
    assert scores(large) == DESERVED


def test_an_error_of_the_place_ends_the_grading_and_keeps_the_records(
    large: Course, toy: Lab, grade_quickly: Any
) -> None:
    def grade(lab: Lab, submission: Submission) -> Result:
        if submission.student == "s20":
            raise CourseError("Expected a wall")
        return judged(lab, submission)

    grade_quickly(grade)
    with pytest.raises(CourseError, match="Expected a wall"):
        engine.grade_class(large, toy, jobs=1)
    assert set(engine.read_records(large, toy.name)) >= {"s00", "s17"}
    grade_quickly(judged)
    engine.grade_class(large, toy)
    assert scores(large) == DESERVED


FULL = """
head -c {filler} /dev/zero > {course}/filler
{grade}; echo status $?
rm {course}/filler
{grade}; echo status $?
cp {course}/gradebook.db {kept}
"""


def small_disk(course: Course, size: int) -> list[str]:
    """Runs a command where all of a course that can be written is on a small disk."""
    shown = [course.solutions, course.submitted]
    return [
        *("bwrap", "--dev-bind", "/", "/", "--size", str(size)),
        *("--tmpfs", str(course.root)),
        *(word for p in shown for word in ("--ro-bind", str(p), str(p))),
        *("--chdir", str(ROOT), "--"),
    ]


# what is left when the first run starts: too little for a gradebook, for the lab in
# it, or for the records and pages of a class
@pytest.mark.parametrize("free", [4_096, 180_000, 280_000])
def test_a_full_disk_is_one_clear_line_and_loses_nothing(
    course: Course, hand_in: Any, submit: Any, tmp_path: Path, free: int
) -> None:
    for i in range(1, 9):
        hand_in(course, f"s{i:02d}", submit())
    size, kept = 3_000_000, tmp_path / "kept.db"
    wrap = small_disk(course, size)
    if shutil.which("bwrap") is None or subprocess.run([*wrap, "true"]).returncode:
        pytest.skip("bubblewrap cannot make a small disk here")
    grade = (
        f"{sys.executable} -m autograder grade lab90 --jobs 2 --course {course.root}"
    )
    script = FULL.format(filler=size - free, course=course.root, grade=grade, kept=kept)
    ran = subprocess.run(
        [*wrap, "sh", "-c", script], capture_output=True, text=True, check=False
    )
    statuses = [x for x in ran.stdout.splitlines() if x.startswith("status")]
    assert statuses == ["status 2", "status 0"], ran.stderr
    (line,) = [x for x in ran.stderr.splitlines() if x.startswith("autograder:")]
    assert os.strerror(errno.ENOSPC) in line or "database or disk is full" in line
    assert "Nothing graded is lost" in line
    assert len(ran.stderr.splitlines()) == 3  # it, and how far each run came
    shutil.copy(kept, course.gradebook)
    assert scores(course) == {f"s{i:02d}": 10.0 for i in range(1, 9)}
