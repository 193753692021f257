"""Exports: what counts as the score, and what a hostile name becomes in a cell."""

import csv
import io
import json
import shutil
import sqlite3
import unicodedata
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from autograder import export, gradebook, record
from autograder.__main__ import main
from autograder.course import Course, CourseError, Lab, find_course
from autograder.engine import write_record

TOY = Path(__file__).parent / "toy"

# a student's text -> what a cell holds
CELLS = {
    "=cmd|' /C calc'!A0": "'=cmd|' /C calc'!A0",
    "+1+1": "'+1+1",
    "-2+3": "'-2+3",
    "@SUM(1;1)": "'@SUM(1;1)",
    "\t=1+1": "'=1+1",
    "\r=1+1": "'=1+1",
    "\n=1+1": "'=1+1",
    "  =1+1": "'=1+1",
    "\x00=1+1": "'=1+1",
    "\u202e=1+1": "'=1+1",
    "\ufeff=1+1": "'=1+1",
    "\u200d=1+1": "'\u200d=1+1",
    "\u3000=1+1": "'=1+1",
    "＝1+1": "'＝1+1",
    "\tAnn": "Ann",
    "Ann\tLee": "Ann Lee",
    "Ann\r\nLee": "Ann Lee",
    "a\x1b[31mb\x7fc\x85d": "a[31mbc d",
    "nna\u202e": "nna",
    "1=2": "1=2",
    "'quoted'": "'quoted'",
    'Ann "the" Lee': 'Ann "the" Lee',
    "Ørsted, Åsa; O'Neill-Smith": "Ørsted, Åsa; O'Neill-Smith",
    "山田　太郎": "山田　太郎",
    "علی\u200cرضا": "علی\u200cرضا",
    "Zoë 👩\u200d💻": "Zoë 👩\u200d💻",
    "": "",
}
NAMED = "Ann", "Lee", "ann@example.org", "4711"


@pytest.mark.parametrize(("text", "cell"), CELLS.items(), ids=map(ascii, CELLS))
def test_harmless(text: str, cell: str) -> None:
    assert export.harmless(text) == cell


@given(st.text(alphabet=st.characters(), max_size=20))
def test_harmless_for_any_text(text: str) -> None:
    cell = export.harmless(text)
    assert cell[:1] not in tuple("=+-@＝＋－＠\t\r\n")
    assert not any(unicodedata.category(c) == "Cc" for c in cell)
    cell.encode("utf-8")
    assert export.harmless(cell) == cell


def result(lab: Lab, student: str, **scores: float) -> record.Result:
    """A record with these scores of the exercises' first tests, full marks else."""
    exercises = []
    for exercise in lab.exercises:
        tests = []
        for cell in lab.tests:
            if cell.exercise == exercise:
                score = scores.get(cell.id, cell.points)
                passed = score == cell.points
                message = "" if passed else "2 of 4 entries differ"
                tests.append(
                    record.TestRecord(
                        cell.id,
                        cell.points,
                        score,
                        passed,
                        "" if passed else "hidden",
                        message,
                        "" if passed else "SECRET 31337",
                    )
                )
        score = sum(t.score for t in tests)
        most = sum(t.points for t in tests)
        hint = None if score == most else record.Diagnosis("triple", "Twice is twice.")
        exercises.append(
            record.ExerciseRecord(exercise, score, most, tuple(tests), hint)
        )
    total = sum(e.score for e in exercises)
    return record.Result(lab.name, student, total, lab.max_score, tuple(exercises))


@pytest.fixture(scope="module")
def graded(tmp_path_factory: pytest.TempPathFactory, toy: Lab) -> Course:
    """A course in whose gradebook people have entered things by hand."""
    root = tmp_path_factory.mktemp("export")
    shutil.copytree(TOY / "solutions", root / "solutions")
    course = find_course(root)
    odd = replace(result(toy, "odd", test_answer=0), needs_review="It looks odd.")
    hostile = [result(toy, s) for s in ("=cmd()", "山田　太郎", "Points Possible")]
    named = result(toy, "ann", test_double=0, test_smooth=0)
    with gradebook.open_gradebook(course) as book:
        gradebook.register(book, toy, course)
        for each in (named, odd, result(toy, "late"), *hostile):
            write_record(course, toy, each)
            gradebook.save(book, toy, each)
    with sqlite3.connect(course.gradebook) as db:
        db.execute(
            "update student set first_name = ?, last_name = ?, email = ?, "
            "lms_user_id = ? where id = 'ann'",
            NAMED,
        )
        by_hand(db, "ann", "test_double", "manual_score = 1.25, extra_credit = 0.5")
        db.execute(
            "update submitted_notebook set late_submission_penalty = 2.5 where "
            "assignment_id = (select id from submitted_assignment where "
            "student_id = 'late')"
        )
    db.close()
    return course


def by_hand(db: sqlite3.Connection, student: str, grade_id: str, values: str) -> None:
    db.execute(
        f"update grade set {values} where cell_id = "
        "(select id from base_cell where name = ?) and notebook_id in "
        "(select n.id from submitted_notebook n join submitted_assignment a "
        "on n.assignment_id = a.id where a.student_id = ?)",
        (grade_id, student),
    )


def rows(course: Course, lab: Lab, format: str) -> list[list[str]]:
    path = export.write(course, lab, export.read_scores(course, lab), format)
    return list(csv.reader(io.StringIO(path.read_text("utf-8-sig"), newline="")))


# by hand: 1.25 + 0.5 + 2 of double, 0 of smooth, 2 of answer; late: 10 - 2.5
def test_spreadsheet(graded: Course, toy: Lab) -> None:
    assert rows(graded, toy, "csv") == [
        ["student", "score", "max_score", "double", "smooth", "answer", "needs_review"],
        ["'=cmd()", "10", "10", "5", "3", "2", ""],
        ["Points Possible", "10", "10", "5", "3", "2", ""],
        ["ann", "5.75", "10", "3.75", "0", "2", ""],
        ["late", "7.5", "10", "5", "3", "2", ""],
        ["odd", "8", "10", "5", "3", "0", "yes"],
        ["山田　太郎", "10", "10", "5", "3", "2", ""],
    ]


def test_canvas(graded: Course, toy: Lab) -> None:
    assert rows(graded, toy, "canvas") == [
        ["Student", "ID", "SIS Login ID", "Section", "lab90_toy"],
        ["Points Possible", "", "", "", "10"],
        ["'=cmd()", "", "'=cmd()", "", "10"],
        ["Points possible", "", "Points Possible", "", "10"],
        ["Lee, Ann", "4711", "ann", "", "5.75"],
        ["late", "", "late", "", "7.5"],
        ["odd", "", "odd", "", "8"],
        ["山田　太郎", "", "山田　太郎", "", "10"],
    ]


def test_moodle(graded: Course, toy: Lab) -> None:
    table = rows(graded, toy, "moodle")
    assert table[0] == ["username", "email address", "lab90_toy"]
    assert ["ann", "ann@example.org", "5.75"] in table
    assert ["late", "", "7.5"] in table


@pytest.mark.parametrize(("format", "mark"), [("csv", True), ("canvas", False)])
def test_bytes_of_a_table(
    graded: Course, toy: Lab, format: str, mark: bool, tmp_path: Path
) -> None:
    scores = export.read_scores(graded, toy)
    path = export.write(graded, toy, scores, format, tmp_path / "scores.csv")
    data = path.read_bytes()
    assert data.startswith(b"\xef\xbb\xbf") == mark
    assert b'"ann"' in data  # texts are quoted,
    assert b",5.75" in data  # numbers are numbers


def test_gradescope(graded: Course, toy: Lab) -> None:
    scores = export.read_scores(graded, toy)
    folder = export.write(graded, toy, scores, "gradescope")
    assert sorted(p.name for p in folder.iterdir()) == [s.student for s in scores]
    text = (folder / "ann" / "results.json").read_text("utf-8")
    assert "SECRET" not in text
    plain = json.loads(text)
    assert plain["score"] == 5.75
    assert "Twice is twice." in plain["output"]
    assert [(t["name"], t["score"], t["max_score"]) for t in plain["tests"]] == [
        ("double: Main check", 1.75, 3),
        ("double: Input", 2, 2),
        ("smooth: Main check", 0, 3),
        ("answer: Main check", 2, 2),
    ]
    assert plain["tests"][2]["output"] == "2 of 4 entries differ"
    assert plain["tests"][1]["status"] == "passed"
    assert plain["extra_data"]["student"] == "ann"


@pytest.mark.parametrize("format", export.FORMATS)
def test_command(
    graded: Course,
    format: str,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
) -> None:
    arguments = ["export", "lab90", "--course", str(graded.root), "--format", format]
    assert main([*arguments, "--output", str(tmp_path / "scores")]) == 1
    assert (tmp_path / "scores").exists()
    printed = capsys.readouterr().out
    assert "needs review odd" in printed
    assert ("changed =cmd()" in printed) == (format != "gradescope")


def no_gradebook(course: Course) -> None:
    pass


def damaged_gradebook(course: Course) -> None:
    course.gradebook.write_text("this is no database, it only has its name " * 30)


@pytest.mark.parametrize(
    ("damage", "message"),
    [(no_gradebook, "Received: none"), (damaged_gradebook, "not a database")],
)
def test_no_scores_to_read(
    course: Course, toy: Lab, damage: Callable[[Course], None], message: str
) -> None:
    damage(course)
    with pytest.raises(CourseError, match=message):
        export.read_scores(course, toy)


def score(student: str) -> export.Score:
    return export.Score(student, student, "", "", 0.0)


def test_unknown_format(course: Course, toy: Lab) -> None:
    with pytest.raises(ValueError, match="Expected one of csv, canvas"):
        export.write(course, toy, [], "excel")


@pytest.mark.parametrize(
    ("format", "students", "message"),
    [
        ("csv", ["ann", "ann\u202e"], "differ in more than invisible"),
        ("gradescope", ["../ann"], "plain folder name"),
        ("gradescope", [".."], "plain folder name"),
    ],
)
def test_bad_students(
    course: Course, toy: Lab, format: str, students: list[str], message: str
) -> None:
    with pytest.raises(CourseError, match=message):
        export.write(course, toy, [score(s) for s in students], format)


@pytest.mark.parametrize("format", export.FORMATS)
def test_output_that_cannot_be_written(
    course: Course, toy: Lab, format: str, tmp_path: Path
) -> None:
    output = tmp_path / "missing" / "scores"
    with pytest.raises(CourseError, match="Expected to write"):
        export.write(course, toy, [score("ann")], format, output)


def test_nothing_is_left_of_a_failed_export(
    course: Course, toy: Lab, tmp_path: Path
) -> None:
    output = tmp_path / "scores.csv"
    output.mkdir()
    with pytest.raises(CourseError, match="Expected to write"):
        export.write(course, toy, [score("ann")], "csv", output)
    assert not [p for p in tmp_path.iterdir() if p.name.startswith(".")]
