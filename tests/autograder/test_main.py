"""The command as an instructor types it: what it does, says and returns."""

import json
import os
import shutil
import sqlite3
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from autograder import __version__, sandbox
from autograder.__main__ import main, safe
from autograder.course import Course

PROGRAM = Path(sys.executable).parent / "autograder"
Type = Callable[..., tuple[int, str, str]]


@pytest.fixture
def run(capsys: pytest.CaptureFixture[str]) -> Type:
    """Runs a command: its status, and what it printed, unwrapped, and complained."""

    def typed(*words: object) -> tuple[int, str, str]:
        capsys.readouterr()
        status = main([str(word) for word in words])
        shown = capsys.readouterr()
        return status, shown.out, shown.err

    return typed


def is_one_clear_line(complaint: str) -> bool:
    """Whether a complaint is one line that says what was expected and what came."""
    lines = [x for x in complaint.splitlines() if x.startswith("autograder: ")]
    others = [
        x for x in complaint.splitlines() if not x.startswith(("autograder: ", "g"))
    ]
    return (
        len(lines) == 1
        and "Expected" in lines[0]
        and "Received: " in lines[0]
        and not others
    )


def test_build_check_names_what_is_stale(run: Type, course: Course) -> None:
    where = ("--course", course.root)
    status, shown, _ = run("build", *where)
    notebook = course.release / "lab90_toy" / "lab90_toy.ipynb"
    assert status == 0 and f"wrote {notebook}" in shown
    assert run("build", "--check", *where) == (0, "up to date: 1 lab\n", "")
    assert run("build", *where) == (0, "", "")
    source = course.solutions / "lab90_toy" / "lab90_toy.py"
    source.write_text(source.read_text("utf-8").replace("A toy lab", "A lab"), "utf-8")
    status, shown, _ = run("build", "--check", *where)
    assert status == 1
    assert [line.split(":")[0] for line in shown.splitlines()] == [
        "stale lab90_toy"
    ] * 2
    assert run("build", "lab90", *where)[0] == 0
    assert run("build", "--check", "lab90_toy", *where)[0] == 0


def test_validate_says_what_it_proved(run: Type, course: Course) -> None:
    status, shown, _ = run("validate", "lab90", "--jobs", 1, "--course", course.root)
    assert status == 0
    assert [line.strip() for line in shown.splitlines()] == [
        "lab90_toy",
        "reference 10/10",
        "untouched 0/10",
        "variants 2/2 10/10",
        "mistakes 4/4 lose exactly what they name",
        "named in the feedback 4/4",
    ]


def test_validate_names_what_is_wrong(run: Type, course: Course) -> None:
    path = course.solutions / "lab90_toy" / "mistakes.py"
    text = path.read_text("utf-8").replace("return 3 * x", "return 2 * x")
    path.write_text(text, "utf-8")
    status, shown, _ = run("validate", "--jobs", 1, "--course", course.root)
    assert status == 1
    assert (
        "mistake double.triple Expected to fail: ['test_double']. Received: []" in shown
    )
    assert "mistakes 3/4 lose exactly what they name" in shown
    assert "not named: double.triple" in shown


@pytest.fixture
def handed_in(course: Course, hand_in: Any, submit: Any) -> Course:
    hand_in(course, "ann", submit())
    hand_in(course, "bob", submit(double="def double(x):\n    return 3 * x"))
    return course


def test_grade_writes_json_and_gradebook_alike(run: Type, handed_in: Course) -> None:
    out = handed_in.root / "out.json"
    status, shown, complaint = run(
        "grade", "lab90", "--jobs", 1, "--course", handed_in.root, "--json", out
    )
    assert status == 0, complaint
    results = {r["student"]: r for r in json.loads(out.read_text("utf-8"))}
    assert {s: (r["score"], r["max_score"]) for s, r in results.items()} == {
        "ann": (10, 10),
        "bob": (7, 10),
    }
    assert set(results["bob"]) == {
        *("lab", "student", "score", "max_score", "exercises", "findings"),
        *("needs_review", "seconds", "digest", "submitted"),
    }
    exercise = results["bob"]["exercises"][0]
    assert exercise["diagnosis"]["mistake"] == "triple"
    assert {t["grade_id"]: t["score"] for t in exercise["tests"]} == {
        "test_double": 0,
        "test_double_input": 2,
    }
    query = (
        "select student.id, sum(grade.auto_score) from grade "
        "join submitted_notebook n on grade.notebook_id = n.id "
        "join submitted_assignment a on n.assignment_id = a.id "
        "join student on a.student_id = student.id group by student.id"
    )
    with closing(sqlite3.connect(handed_in.gradebook)) as db:
        assert dict(db.execute(query)) == {s: r["score"] for s, r in results.items()}
    assert "ann" in shown and "10/10" in shown and "7/10" in shown
    assert f"report: {handed_in.root}/reports/lab90_toy.html" in shown

    # from here on everything is there already
    assert run("grade", "lab90", "--course", handed_in.root)[0] == 0
    status, shown, _ = run("report", "lab90", "--course", handed_in.root)
    assert status == 0 and "reports/lab90_toy.html" in shown
    status, shown, _ = run("feedback", "lab90", "--course", handed_in.root)
    assert (status, shown.startswith("wrote 2 pages in")) == (0, True)


def test_what_needs_review_is_named(run: Type, handed_in: Course, hand_in: Any) -> None:
    hand_in(handed_in, "cleo", b"\x89PNG")
    hand_in(handed_in, "[red]dan\x1b[31m", b"")
    status, shown, _ = run("grade", "lab90", "--jobs", 1, "--course", handed_in.root)
    assert status == 1
    reviews = [line for line in shown.splitlines() if line.startswith("needs review")]
    assert len(reviews) == 2
    assert reviews[1].startswith("needs review cleo: There was no notebook to grade.")
    assert reviews[0].startswith("needs review [red]dan\ufffd[31m: There was no")
    assert "\x1b" not in shown


def test_when_nothing_could_be_graded_the_status_is_2(
    run: Type, course: Course, hand_in: Any
) -> None:
    path = hand_in(course, "ann", b"this is not JSON")
    status, shown, _ = run("grade", "lab90", "--jobs", 1, "--course", course.root)
    assert status == 2
    assert (
        "needs review ann: There was no notebook to grade. Expected a Jupyter" in shown
    )
    assert path.read_bytes() == b"this is not JSON"


WRONG: dict[str, tuple[list[str], str]] = {
    "unknown lab": (["grade", "lab99"], "Expected one of the labs lab90_toy in"),
    "unknown lab to build": (["build", "lab99"], "Received: 'lab99'"),
    "no submissions": (["grade", "lab90"], "Expected submissions in .*no such folder"),
    "nothing to report": (["report", "lab90"], "Expected graded submissions of lab90"),
    "nothing for feedback": (["feedback", "lab90"], "Expected graded submissions of"),
    "a file in a missing folder": (
        ["grade", "lab90", "--json", "none/out.json"],
        "Expected a folder for the results. Received: none",
    ),
}


@pytest.mark.parametrize("case", WRONG)
def test_wrong_usage_is_one_clear_line(run: Type, course: Course, case: str) -> None:
    import re

    words, message = WRONG[case]
    before = sorted(course.root.rglob("*"))
    status, shown, complaint = run(*words, "--course", course.root)
    assert (status, shown) == (2, "")
    assert is_one_clear_line(complaint) and re.search(message, complaint), complaint
    assert sorted(course.root.rglob("*")) == before


def test_a_missing_course_is_one_clear_line(run: Type, tmp_path: Path) -> None:
    status, shown, complaint = run("grade", "lab90", "--course", tmp_path / "none")
    assert (status, shown) == (2, "") and is_one_clear_line(complaint)


def test_a_broken_lab_is_one_clear_line(run: Type, course: Course) -> None:
    source = course.solutions / "lab90_toy" / "lab90_toy.py"
    source.write_text(
        source.read_text("utf-8") + "\n# %% given='a'\ndef f(:\n", "utf-8"
    )
    for words in (["build"], ["validate"], ["grade", "lab90"]):
        status, _, complaint = run(*words, "--course", course.root)
        assert status == 2 and is_one_clear_line(complaint)
        assert "Expected Python in given_a" in complaint


def spoil_with_text(path: Path) -> None:
    path.write_text("student,score\n" * 100)


def spoil_half(path: Path) -> None:
    with closing(sqlite3.connect(path)) as db, db:
        db.execute("create table assignment (id text)")


@pytest.mark.parametrize("spoil", [spoil_with_text, spoil_half])
def test_a_gradebook_that_is_none_is_one_clear_line(
    run: Type, handed_in: Course, spoil: Callable[[Path], None]
) -> None:
    spoil(handed_in.gradebook)
    before = handed_in.gradebook.read_bytes()
    status, shown, complaint = run("grade", "lab90", "--course", handed_in.root)
    assert (status, shown) == (2, "") and is_one_clear_line(complaint), complaint
    assert handed_in.gradebook.read_bytes() == before
    made = {p.name for p in handed_in.root.iterdir()}
    assert made <= {"solutions", "submitted", "gradebook.db", ".autograder"}
    assert list((handed_in.root / ".autograder").rglob("*.json")) == []


def test_results_that_cannot_be_written_are_one_clear_line(
    run: Type, handed_in: Course
) -> None:
    (handed_in.root / "out.json").mkdir()
    status, _, complaint = run(
        *("grade", "lab90", "--jobs", 1, "--course", handed_in.root),
        *("--json", handed_in.root / "out.json"),
    )
    assert status == 2 and is_one_clear_line(complaint), complaint


@pytest.fixture
def read_only(submit: Any, hand_in: Any) -> Iterator[tuple[Course, list[str]]]:
    """A course that its user may read and not write, and how to become that user."""
    from autograder.course import find_course

    toy = Path(__file__).parent / "toy" / "solutions"
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        shutil.copytree(toy, folder / "solutions")
        course = find_course(folder)
        hand_in(course, "ann", submit())
        (folder / "labs").mkdir()
        become: list[str] = []
        if os.geteuid() == 0:
            if shutil.which("setpriv") is None:
                pytest.skip("needs setpriv to give up root, who may write everywhere")
            become = [
                *("setpriv", "--reuid", "65534", "--regid", "65534"),
                *("--clear-groups", "--"),
            ]
        folders = [folder, *(p for p in folder.rglob("*") if p.is_dir())]
        for path in folders:
            path.chmod(0o555)
        yield course, become
        for path in folders:
            path.chmod(0o755)


def typed(
    command: list[str], folder: Path, **environment: str
) -> subprocess.CompletedProcess:
    """Runs a command as a process of its own."""
    return subprocess.run(
        command,
        cwd=folder,
        env={**os.environ, **environment},
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
    )


@pytest.mark.parametrize("words", [("grade", "lab90"), ("build",)], ids=lambda w: w[0])
def test_a_read_only_course_is_one_clear_line(
    read_only: tuple[Course, list[str]], words: tuple[str, ...]
) -> None:
    course, become = read_only
    before = sorted(course.root.rglob("*"))
    command = [*become, str(PROGRAM), *words, "--course", str(course.root)]
    done = typed(command, Path("/"), HOME="/nowhere")
    assert done.returncode == 2, done.stdout + done.stderr
    assert is_one_clear_line(done.stderr), done.stderr
    assert "Permission denied" in done.stderr
    assert sorted(course.root.rglob("*")) == before


def test_a_graded_course_that_became_read_only_is_one_clear_line(
    graded: Course,
) -> None:
    """Its folders belong to another user: report and feedback cannot be written."""
    if os.geteuid() == 0 and shutil.which("setpriv") is None:
        pytest.skip("needs setpriv to give up root, who may write everywhere")
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        folder.chmod(0o755)
        shutil.copytree(graded.root, folder / "course")
        become = (
            ["setpriv", "--reuid", "65534", "--regid", "65534", "--clear-groups", "--"]
            if os.geteuid() == 0
            else []
        )
        paths = [folder / "course", *(folder / "course").rglob("*")]
        for path in paths if not become else []:
            path.chmod(0o555 if path.is_dir() else 0o444)
        for words in (["report"], ["feedback"], ["grade", "--again", "--jobs", "1"]):
            command = [*become, str(PROGRAM), *words, "lab90", "--course"]
            done = typed([*command, str(folder / "course")], Path("/"), HOME="/nowhere")
            assert done.returncode == 2, (words, done.stdout + done.stderr)
            assert is_one_clear_line(done.stderr), (words, done.stderr)
        for path in paths if not become else []:
            path.chmod(0o755)


def test_without_bubblewrap_one_line_says_how_to_get_it(
    handed_in: Course, tmp_path: Path
) -> None:
    programs = tmp_path / "programs"
    programs.mkdir()
    for name in ("setpriv", "env"):
        (programs / name).symlink_to(shutil.which(name) or "/none")
    command = [str(PROGRAM), "grade", "lab90", "--course", str(handed_in.root)]
    done = typed(command, tmp_path, PATH=str(programs))
    assert done.returncode == 2
    assert is_one_clear_line(done.stderr) and "apt install bubblewrap" in done.stderr
    assert {p.name for p in handed_in.root.iterdir()} == {"solutions", "submitted"}
    doctor = typed([str(PROGRAM), "doctor"], tmp_path, PATH=str(programs))
    assert doctor.returncode == 2 and "bubblewrap" in doctor.stdout


def test_without_a_sandbox_it_grades_only_when_told_and_says_so(
    run: Type, handed_in: Course
) -> None:
    words = ("grade", "lab90", "--jobs", 1, "--no-sandbox", "--course", handed_in.root)
    status, shown, complaint = run(*words)
    assert status == 0 and "7/10" in shown
    assert "NO SANDBOX" in complaint and "Grade only code you trust" in complaint


def test_doctor(run: Type, course: Course) -> None:
    status, shown, _ = run("doctor", "--course", course.root)
    assert status == 0 and "bubblewrap works" in shown
    sandbox.require()


USAGE = {
    "no command": ([], "the following arguments are required: COMMAND"),
    "an unknown command": (["grad"], "invalid choice: 'grad'"),
    "no lab": (["grade"], "the following arguments are required: LAB"),
    "no jobs": (["grade", "lab90", "--jobs", "0"], "Expected at least 1. Received: 0"),
    "jobs in words": (["grade", "lab90", "--jobs", "two"], "--jobs"),
}


@pytest.mark.parametrize("case", USAGE)
def test_what_cannot_be_parsed_is_wrong_usage(
    case: str, capsys: pytest.CaptureFixture[str]
) -> None:
    words, message = USAGE[case]
    with pytest.raises(SystemExit, match="2"):
        main(words)
    assert message in capsys.readouterr().err


def test_version(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit, match="0"):
        main(["--version"])
    assert capsys.readouterr().out == f"{__version__}\n"


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("ann", "ann"),
        ("[red]x[/]", r"\[red]x\[/]"),
        ("a\x1b[2Jb\tc", "a\ufffd[2Jb\ufffdc"),
    ],
)
def test_text_of_others_is_shown_literally(text: str, shown: str) -> None:
    assert safe(text) == shown


def test_it_starts_quickly() -> None:
    """Nothing heavy is imported for the help."""
    code = "import sys, autograder.__main__; print([m for m in sys.modules])"
    done = typed([sys.executable, "-c", code], Path("/"))
    loaded = set(json.loads(done.stdout.replace("'", '"')))
    assert loaded.isdisjoint({"numpy", "nbgrader", "tensorflow", "jupytext", "IPython"})


@pytest.mark.parametrize(("lab", "status"), [("lab90", 0), ("lab91", 2)])
def test_a_process_of_the_command_does_not_look_for_garbage_when_it_ends(
    course: Course, lab: str, status: int
) -> None:
    code = (
        "import gc, json, sys; from autograder.__main__ import entry_point\n"
        "print(json.dumps([entry_point(), gc.get_freeze_count() > 10_000]))"
    )
    command = [sys.executable, "-c", code, "build", lab]
    done = typed([*command, "--course", str(course.root)], Path("/"))
    assert json.loads(done.stdout.splitlines()[-1]) == [status, True]
    assert (status == 0) == (not done.stderr), done.stderr
