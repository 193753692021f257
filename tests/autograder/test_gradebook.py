"""Results in nbgrader's own gradebook, as nbgrader itself reads them."""

import csv
import os
import sqlite3
import subprocess
import sys
from contextlib import closing
from dataclasses import replace
from pathlib import Path
from typing import Any

import nbformat
import pytest

from autograder import engine, gradebook
from autograder.course import Course, CourseError, Lab, find_course
from autograder.record import CellRecord, Output, Result

NBGRADER = Path(sys.executable).parent / "nbgrader"


def rows(course: Course, query: str, *values: str) -> list[tuple]:
    with closing(sqlite3.connect(course.gradebook)) as db:
        return db.execute(query, values).fetchall()


def test_the_tables_hold_the_lab(graded: Course, toy: Lab) -> None:
    assert rows(graded, "select name from assignment") == [("lab90_toy",)]
    assert sorted(rows(graded, "select id from student")) == [
        *(("ann",), ("bob",), ("cleo",)),
    ]
    points = dict(
        rows(
            graded,
            "select base_cell.name, grade_cells.max_score from grade_cells "
            "join base_cell on base_cell.id = grade_cells.id",
        )
    )
    assert points == {t.id: t.points for t in toy.tests}
    kinds = dict(rows(graded, "select name, type from base_cell"))
    assert kinds["double"] == "SolutionCell" and kinds["test_double"] == "GradeCell"
    assert len(rows(graded, "select * from source_cell")) == 9


def test_the_scores_are_those_of_the_records(graded: Course) -> None:
    recorded = {
        r.student: {t.grade_id: t.score for e in r.exercises for t in e.tests}
        for r in engine.results(graded, "lab90_toy")
    }
    assert gradebook.recorded_scores(graded, "lab90_toy") == recorded
    assert recorded["bob"]["test_double"] == 0
    assert gradebook.recorded_scores(graded, "lab91") == {}


def test_a_course_without_a_gradebook_has_no_scores(course: Course) -> None:
    assert gradebook.recorded_scores(course, "lab90_toy") == {}


def test_nbgrader_export_gives_the_same_scores(graded: Course, tmp_path: Path) -> None:
    file = tmp_path / "grades.csv"
    done = subprocess.run(
        [str(NBGRADER), "export", "--to", str(file)],
        cwd=graded.root,
        env={**os.environ, "HOME": str(tmp_path), "JUPYTER_CONFIG_DIR": str(tmp_path)},
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
    )
    assert done.returncode == 0, done.stderr
    with file.open(newline="") as lines:
        exported = {row["student_id"]: row for row in csv.DictReader(lines)}
    for result in engine.results(graded, "lab90_toy"):
        row = exported[result.student]
        assert float(row["score"]) == result.score
        assert float(row["max_score"]) == result.max_score
        assert row["assignment"] == "lab90_toy"


def test_nbgrader_finds_what_it_asks_for(graded: Course) -> None:
    from nbgrader.api import Gradebook

    with Gradebook(f"sqlite:///{graded.gradebook}", "cnncourse") as book:
        submission = book.find_submission("lab90_toy", "bob")
        assert (submission.score, submission.max_score) == (7, 10)
        assert not submission.needs_manual_grade
        assert book.find_submission("lab90_toy", "cleo").needs_manual_grade
        notebook = submission.notebooks[0]
        assert {g.name: g.score for g in notebook.grades} == {
            "test_double": 0,
            "test_double_input": 2,
            "test_smooth": 3,
            "test_answer": 2,
        }
        comments = {c.name: c.comment for c in notebook.comments}
        assert set(comments) == {"double", "smooth", "answer"}
        assert comments["double"].startswith("You multiplied by three")
        assert comments["smooth"] is None


def test_saving_twice_changes_nothing(graded: Course, toy: Lab) -> None:
    results = engine.results(graded, "lab90_toy")
    tables = (
        "grade",
        "comment",
        "submitted_assignment",
        "submitted_notebook",
        "student",
    )
    before = {table: sorted(rows(graded, f"select * from {table}")) for table in tables}
    with gradebook.open_gradebook(graded) as book:
        gradebook.register(book, toy, graded)
        for result in results:
            gradebook.save(book, toy, result)
    after = {table: sorted(rows(graded, f"select * from {table}")) for table in tables}
    assert before == after


@pytest.mark.parametrize(
    ("text", "stored"),
    [
        ("2026-01-02 03:04:05 UTC", "2026-01-02 03:04:05.000000"),
        ("2026-01-02 03:04:05.678 UTC", "2026-01-02 03:04:05.678000"),
        ("yesterday, I think", None),
        ("9" * 60, None),
        ("", None),
    ],
)
def test_the_time_of_submission_is_kept(
    graded: Course, toy: Lab, text: str, stored: str | None
) -> None:
    result = replace(
        engine.results(graded, "lab90_toy")[0], student="new", submitted=text
    )
    with gradebook.open_gradebook(graded) as book:
        gradebook.register(book, toy, graded)
        gradebook.save(book, toy, result)
    query = "select timestamp from submitted_assignment where student_id = ?"
    assert rows(graded, query, "new") == [(stored,)]
    folder = gradebook.write_autograded(graded, toy, result).parent
    assert (folder / "timestamp.txt").exists() == (stored is not None)


def test_a_new_gradebook_is_whole_and_empty(course: Course) -> None:
    with gradebook.open_gradebook(course) as book:
        assert book.assignments == [] and book.students == []
    assert course.gradebook.is_file()
    assert [p.name for p in course.root.iterdir() if ".new" in p.name] == []


def no_sqlite(path: Path) -> None:
    path.write_text("student,score\nann,20\n" * 50)


def empty(path: Path) -> None:
    path.touch()


def half_made(path: Path) -> None:
    with closing(sqlite3.connect(path)) as db, db:
        db.execute("create table assignment (id text)")


def without_version(path: Path) -> None:
    with closing(sqlite3.connect(path)) as db, db:
        db.execute("create table alembic_version (version_num text)")


def folder(path: Path) -> None:
    path.mkdir()


SPOILT = {
    no_sqlite: "Expected an nbgrader gradebook at .* Received: file is not a database",
    empty: "Expected a whole nbgrader gradebook at .* left half-made. Move it away",
    half_made: "Expected a whole nbgrader gradebook at .* left half-made",
    without_version: "Expected a whole nbgrader gradebook at .* left half-made",
    folder: "Received: unable to open database file",
}


@pytest.mark.parametrize("spoil", SPOILT, ids=lambda f: f.__name__)
def test_a_gradebook_that_is_none_is_left_alone(course: Course, spoil: Any) -> None:
    spoil(course.gradebook)
    before = course.gradebook.read_bytes() if course.gradebook.is_file() else None
    with (
        pytest.raises(CourseError, match=SPOILT[spoil]) as caught,
        gradebook.open_gradebook(course),
    ):
        raise AssertionError("it must not open")
    assert "\n" not in str(caught.value)
    assert before is None or course.gradebook.read_bytes() == before


def test_a_gradebook_that_another_program_writes_is_one_clear_line(
    graded: Course, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(gradebook, "LOCK_SECONDS", 0.2)
    with closing(sqlite3.connect(graded.gradebook)) as other:
        other.execute("begin exclusive")
        with (
            pytest.raises(CourseError, match="Received: database is locked"),
            gradebook.open_gradebook(graded),
        ):
            raise AssertionError("it must not open")
    with gradebook.open_gradebook(graded) as book:
        assert len(book.students) == 3


def test_other_cells_than_those_that_were_graded_are_refused(
    graded: Course, toy: Lab
) -> None:
    fewer = replace(toy, cells=tuple(c for c in toy.cells if c.id != "test_answer"))
    with (
        pytest.raises(CourseError, match=r"Received: other cells \("),
        gradebook.open_gradebook(graded) as book,
    ):
        gradebook.register(book, fewer, graded)


def test_the_autograded_notebook_is_one_of_nbgrader(graded: Course, toy: Lab) -> None:
    path = graded.autograded / "bob" / "lab90_toy" / "lab90_toy.ipynb"
    notebook = nbformat.read(path, as_version=4)
    nbformat.validate(notebook)
    cells = {c.id: c for c in notebook.cells}
    assert [c.id for c in notebook.cells] == [c.id for c in toy.cells]
    assert cells["double"].source == "def double(x):\n    return 3 * x\n"
    assert "secret" in cells["test_double"].source  # the whole test, for the instructor
    (output,) = cells["test_double"].outputs
    assert output.output_type == "error" and "2.0" in "".join(output.traceback)
    assert cells["test_smooth"].outputs == []
    assert cells["test_double"].metadata.nbgrader.points == 3


def test_outputs_become_those_of_a_notebook(toy: Lab) -> None:
    outputs = (
        Output("stream", "hello\n", "stderr"),
        Output("text", "[1.5]"),
        Output("image", "aGk="),
        Output("error", "line 1\nValueError: no", "ValueError"),
        Output("error", "", ""),
    )
    cells = (
        CellRecord("added_001", "added", "x = 1", outputs),
        CellRecord("text_000", "markdown", "# A toy lab"),
    )
    result = Result(toy.name, "ann", 0, 10, cells=cells)
    notebook = gradebook.autograded_notebook(toy, result)
    nbformat.validate(notebook)
    shown = notebook.cells[0].outputs
    assert [o.output_type for o in shown] == [
        *("stream", "display_data", "display_data", "error", "error"),
    ]
    assert (shown[0].name, shown[0].text) == ("stderr", "hello\n")
    assert shown[2].data == {"image/png": "aGk="}
    assert (shown[3].ename, shown[3].evalue) == ("ValueError", "ValueError: no")


def test_a_result_without_cells_shows_the_lab(toy: Lab) -> None:
    notebook = gradebook.autograded_notebook(toy, Result(toy.name, "ann", 0, 10))
    assert [c.id for c in notebook.cells] == [c.id for c in toy.cells]


def test_the_gradebook_is_of_the_course(graded: Course) -> None:
    assert find_course(graded.root).gradebook == graded.gradebook
    assert rows(graded, "select course_id from assignment") == [(gradebook.COURSE_ID,)]
