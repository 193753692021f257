"""A class: graded once, resumed where it stopped, entered wherever people look."""

import json
import os
import signal
import sqlite3
import subprocess
import sys
import time
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from autograder import engine
from autograder.course import Course, CourseError, Lab
from autograder.record import Result
from autograder.submission import Submission

WRONG = "def double(x):\n    return x\n"


@pytest.fixture
def grade_again(graded: Course) -> Callable[..., tuple[list[str], dict[str, Result]]]:
    """Grades the class; gives who was graded now, and everyone's results."""

    def run(**options: Any) -> tuple[list[str], dict[str, Result]]:
        now: list[str] = []

        def note(done: int, total: int, result: Result | None) -> None:
            if result is not None:
                now.append(result.student)

        results = engine.grade_class(
            graded, graded.lab("lab90"), jobs=1, progress=note, **options
        )
        return sorted(now), {r.student: r for r in results}

    return run


def score_of(course: Course, student: str) -> float:
    """The score in the gradebook."""
    query = (
        "select sum(coalesce(grade.manual_score, grade.auto_score)) from grade "
        "join submitted_notebook n on grade.notebook_id = n.id "
        "join submitted_assignment a on n.assignment_id = a.id where a.student_id = ?"
    )
    with closing(sqlite3.connect(course.gradebook)) as db:
        return float(db.execute(query, (student,)).fetchone()[0])


def test_all_are_graded_and_entered(graded: Course) -> None:
    results = {r.student: r for r in engine.results(graded, "lab90_toy")}
    assert {s: r.score for s, r in results.items()} == {"ann": 10, "bob": 7, "cleo": 0}
    assert {s: score_of(graded, s) for s in results} == {"ann": 10, "bob": 7, "cleo": 0}
    for student in results:
        page = graded.feedback / student / "lab90_toy" / "lab90_toy.html"
        notebook = graded.autograded / student / "lab90_toy" / "lab90_toy.ipynb"
        assert page.is_file() and json.loads(notebook.read_text("utf-8"))["cells"]
    assert "You multiplied by three" in (
        (graded.feedback / "bob" / "lab90_toy" / "lab90_toy.html").read_text("utf-8")
    )


def test_what_cannot_be_read_needs_review(graded: Course) -> None:
    results = {r.student: r for r in engine.results(graded, "lab90_toy")}
    assert results["cleo"].needs_review.startswith("There was no notebook to grade.")
    assert results["ann"].needs_review == results["bob"].needs_review == ""


def test_grading_twice_does_nothing(graded: Course, grade_again: Any) -> None:
    before = {p: p.stat().st_mtime_ns for p in graded.root.rglob("*") if p.is_file()}
    now, results = grade_again()
    assert now == [] and results["ann"].score == 10
    after = {p: p.stat().st_mtime_ns for p in graded.root.rglob("*") if p.is_file()}
    changed = {p.name for p in after if before.get(p) != after[p]}
    assert changed <= {"gradebook.db"}  # nbgrader enters the lab's cells anew


def test_new_and_changed_submissions_are_graded(
    graded: Course, grade_again: Any, hand_in: Any, submit: Any
) -> None:
    hand_in(graded, "bob", submit(double=WRONG))
    hand_in(graded, "dan", submit())
    now, results = grade_again()
    assert now == ["bob", "dan"]
    assert results["bob"].score == 7 and results["bob"].exercises[0].diagnosis is None
    assert (score_of(graded, "bob"), score_of(graded, "dan")) == (7, 10)


def test_a_better_second_try_replaces_the_first(
    graded: Course, grade_again: Any, hand_in: Any, submit: Any
) -> None:
    hand_in(graded, "cleo", submit())
    now, results = grade_again()
    assert now == ["cleo"] and results["cleo"].needs_review == ""
    assert score_of(graded, "cleo") == 10


DAMAGE = {
    "cut off": lambda text: text[: len(text) // 2],
    "empty": lambda text: "",
    "another type": lambda text: "[]",
    "no score": lambda text: text.replace('"score"', '"scare"'),
    "a score that is text": lambda text: text.replace('"score": 7', '"score": "20"'),
    "no exercises": lambda text: '{"lab_digest": "", "result": {"exercises": null}}',
}


@pytest.mark.parametrize("damage", ["cut off", "a score that is text"])
def test_a_damaged_record_is_graded_again(
    graded: Course, grade_again: Any, damage: str
) -> None:
    path = engine.record_path(graded, "lab90_toy", "bob")
    path.write_text(DAMAGE[damage](path.read_text("utf-8")), "utf-8")
    now, results = grade_again()
    assert now == ["bob"] and results["bob"].score == 7


@pytest.mark.parametrize("damage", DAMAGE)
def test_a_damaged_record_is_not_read(graded: Course, damage: str) -> None:
    path = engine.record_path(graded, "lab90_toy", "bob")
    path.write_text(DAMAGE[damage](path.read_text("utf-8")), "utf-8")
    assert set(engine.read_records(graded, "lab90_toy")) == {"ann", "cleo"}


def test_a_record_that_is_not_entered_is_entered(
    graded: Course, grade_again: Any
) -> None:
    """As after a kill between the record and the gradebook."""
    with closing(sqlite3.connect(graded.gradebook)) as db, db:
        db.execute("update grade set auto_score = null")
    assert grade_again()[0] == []
    assert {s: score_of(graded, s) for s in ("ann", "bob")} == {"ann": 10, "bob": 7}


def test_a_lost_gradebook_is_made_again_from_the_records(
    graded: Course, grade_again: Any
) -> None:
    graded.gradebook.unlink()
    assert grade_again()[0] == []
    assert {s: score_of(graded, s) for s in ("ann", "bob")} == {"ann": 10, "bob": 7}


def test_lost_records_are_graded_again(graded: Course, grade_again: Any) -> None:
    for student in ("ann", "bob"):
        engine.record_path(graded, "lab90_toy", student).unlink()
    assert grade_again()[0] == ["ann", "bob"]


def test_again_grades_all_again(grade_again: Any) -> None:
    now, results = grade_again(again=True)
    assert now == ["ann", "bob", "cleo"] and results["bob"].score == 7


def edit(course: Course, old: str, new: str) -> None:
    source = course.solutions / "lab90_toy" / "lab90_toy.py"
    text = source.read_text("utf-8")
    assert old in text
    source.write_text(text.replace(old, new), "utf-8")


def test_after_an_edit_of_the_lab_all_are_graded_again(
    graded: Course, grade_again: Any
) -> None:
    edit(graded, "secret + secret", "3 * secret")  # now no one is right
    now, results = grade_again()
    assert now == ["ann", "bob", "cleo"]
    assert (results["ann"].score, score_of(graded, "ann")) == (7, 7)


def test_a_lab_with_other_cells_is_refused_and_nothing_is_lost(
    graded: Course, grade_again: Any
) -> None:
    edit(
        graded, '# %% tests="answer" points=2', '# %% tests="answer" name="b" points=2'
    )
    with pytest.raises(CourseError, match="to have the cells that it had when"):
        grade_again()
    assert score_of(graded, "ann") == 10


def test_manual_scores_and_comments_survive(graded: Course, grade_again: Any) -> None:
    from nbgrader.api import Gradebook

    with Gradebook(f"sqlite:///{graded.gradebook}", "cnncourse") as book:
        grade = book.find_grade("test_double", "lab90_toy", "lab90_toy", "bob")
        grade.manual_score, grade.extra_credit = 2.5, 0.5
        comment = book.find_comment("double", "lab90_toy", "lab90_toy", "bob")
        assert comment.auto_comment.startswith("You multiplied by three")
        comment.manual_comment = "Come and see me."
        book.db.commit()
    assert "bob" in grade_again(again=True)[0]
    with Gradebook(f"sqlite:///{graded.gradebook}", "cnncourse") as book:
        grade = book.find_grade("test_double", "lab90_toy", "lab90_toy", "bob")
        assert (grade.auto_score, grade.manual_score) == (0, 2.5)
        assert (grade.score, grade.needs_manual_grade) == (3, True)
        comment = book.find_comment("double", "lab90_toy", "lab90_toy", "bob")
        assert comment.comment == "Come and see me."


def test_progress_counts_to_the_end(graded: Course, toy: Lab) -> None:
    seen: list[tuple[int, int]] = []
    engine.grade_class(
        graded, toy, again=True, jobs=1, progress=lambda d, t, _: seen.append((d, t))
    )
    assert seen[0] == (0, 3) and seen[-1] == (3, 3)
    assert [d for d, _ in seen] == sorted(d for d, _ in seen)


def test_two_jobs_grade_the_same(graded: Course, toy: Lab) -> None:
    results = engine.grade_class(graded, toy, again=True, jobs=2)
    assert {r.student: r.score for r in results} == {"ann": 10, "bob": 7, "cleo": 0}


ODD_NAMES = ["o'neill", 'a"b', "zoë", "<script>", "a b", "semi;colon", "-rf", "%s{0}"]


def test_odd_names_are_graded(
    graded: Course, grade_again: Any, hand_in: Any, submit: Any
) -> None:
    for name in ODD_NAMES:
        hand_in(graded, name, submit())
    assert grade_again()[0] == sorted(ODD_NAMES)
    assert {score_of(graded, name) for name in ODD_NAMES} == {10}


def test_a_name_that_is_no_text_needs_review_and_stops_no_one(
    graded: Course, grade_again: Any, hand_in: Any, submit: Any
) -> None:
    name = b"zo\xeb".decode("utf-8", "surrogateescape")
    hand_in(graded, name, submit())
    hand_in(graded, "dan", submit())
    now, results = grade_again()
    assert now == ["dan"]
    assert results[name].needs_review.startswith("Expected a folder named by a student")


def test_no_submissions_is_an_error(course: Course, toy: Lab) -> None:
    with pytest.raises(CourseError, match=r"Expected submissions in .*no such folder"):
        engine.grade_class(course, toy)
    course.submitted.mkdir()
    with pytest.raises(CourseError, match="Received: none of this lab"):
        engine.grade_class(course, toy)
    assert {p.name for p in course.root.iterdir()} == {"solutions", "submitted"}


def test_results_need_grading(course: Course) -> None:
    with pytest.raises(CourseError, match=r"Run `autograder grade lab90_toy` first"):
        engine.results(course, "lab90_toy")


def test_results_come_as_they_are_ready(toy: Lab, submit: Any) -> None:
    notebook = json.dumps(submit(double=WRONG)).encode()
    submissions = [Submission(toy.name, f"s{i}", notebook) for i in range(3)]
    graded = engine.grade_submissions(toy, submissions, jobs=2)
    assert sorted((r.student, r.score) for r in graded) == [
        *(("s0", 7), ("s1", 7), ("s2", 7)),
    ]
    assert list(engine.grade_submissions(toy, [], jobs=2)) == []


def test_the_digest_of_a_lab_is_of_all_that_decides_scores(
    course: Course, toy: Lab
) -> None:
    assert engine.lab_digest(course.lab("lab90")) == engine.lab_digest(toy)
    edit(course, "31337.0", "31338.0")
    assert engine.lab_digest(course.lab("lab90")) != engine.lab_digest(toy)


def test_a_record_is_read_as_it_was_written(course: Course, toy: Lab) -> None:
    result = Result("lab90_toy", "zoë", 3, 10, digest="abc")
    engine.write_record(course, toy, result)
    read = engine.read_records(course, "lab90_toy")
    assert read == {"zoë": (engine.lab_digest(toy), result)}


def test_the_report_links_to_the_feedback(graded: Course, toy: Lab) -> None:
    path = engine.write_report(graded, toy, engine.results(graded, "lab90_toy"))
    assert path == graded.root / "reports" / "lab90_toy.html"
    text = path.read_text("utf-8")
    link = "../feedback/bob/lab90_toy/lab90_toy.html"
    assert link in text and (path.parent / link).is_file()


def test_a_folder_that_cannot_be_written_is_one_clear_line(
    graded: Course, toy: Lab
) -> None:
    (graded.root / "reports").write_text("a file where a folder should be")
    with pytest.raises((CourseError, OSError), match="reports"):
        engine.write_report(graded, toy, engine.results(graded, "lab90_toy"))


def test_a_killed_run_loses_nothing(
    graded: Course, grade_again: Any, hand_in: Any, submit: Any
) -> None:
    """Killed for real, after the first record of several."""
    students = [f"s{i}" for i in range(12)]
    for student in students:
        hand_in(graded, student, submit())
    process = subprocess.Popen(
        [
            *(sys.executable, "-m", "autograder", "grade", "lab90", "--jobs", "1"),
            *("--course", str(graded.root)),
        ],
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        cwd=Path(engine.__file__).parents[1],
    )
    records = engine.record_path(graded, "lab90_toy", "x").parent
    deadline = time.monotonic() + 60
    while not (records / "s0.json").exists() and time.monotonic() < deadline:
        time.sleep(0.005)
    os.kill(process.pid, signal.SIGKILL)
    process.wait()
    kept = {p.stem for p in records.glob("s*.json")}
    assert kept
    now, results = grade_again()
    assert set(now) | kept == set(students) and not set(now) & kept
    assert {score_of(graded, s) for s in students} == {10}
    assert all(results[s].score == 10 for s in students)
