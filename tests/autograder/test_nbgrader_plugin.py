"""Stock nbgrader on a course of ours: commands as typed, and formgrader's button."""

import json
import os
import re
import shutil
import socket
import sqlite3
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from textwrap import dedent
from typing import Any

import nbformat.v4 as v4
import pytest

from autograder import engine, export, gradebook, nbgrader_plugin, sandbox
from autograder.build import as_text, build
from autograder.cells import Alternative
from autograder.course import Course, Lab, find_course
from autograder.made_up_class import answered

TOY = Path(__file__).parent / "toy"
CONFIGURATION = Path(__file__).parents[2] / "nbgrader_config.py"
BIN = Path(sys.executable).parent
CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser")
# what only the toy's hidden tests say
HIDDEN = ("31337", "secret", "longer", "[5.0, 9.0", "14.5")

WRONG = "def double(x):\n    return 3 * x\n"
PATCHED = (
    """
from IPython.core.interactiveshell import InteractiveShell

run_cell = InteractiveShell.run_cell


def run_without_errors(self, *args, **kwargs):
    result = run_cell(self, *args, **kwargs)
    result.error_before_exec = result.error_in_exec = None
    return result


InteractiveShell.run_cell = run_without_errors
InteractiveShell.showtraceback = lambda *args, **kwargs: None
"""
    + WRONG
)
DISPLAYS_A_SCORE = """
def double(x):
    import sys
    sys.displayhook(3)
    return 3 * x
"""
LEAVES_FILES = WRONG + "print('<script>alert(1)</script>')\n"


def nbgrader(
    course: Course, *arguments: str, succeeds: bool = True, **variables: str
) -> str:
    """Types an nbgrader command in the course folder; what it printed."""
    environment = {**os.environ, "PATH": f"{BIN}:{os.environ['PATH']}", **variables}
    done = subprocess.run(
        [str(BIN / "nbgrader"), *arguments],
        cwd=course.root,
        env=environment,
        capture_output=True,
        text=True,
        timeout=300,
    )
    printed = done.stdout + done.stderr
    assert (done.returncode == 0) == succeeds, printed
    return printed


def submit(course: Course, student: str, lab: str, notebook: Any) -> Path:
    folder = course.submitted / student / lab
    folder.mkdir(parents=True)
    text = notebook if isinstance(notebook, str) else json.dumps(notebook)
    (folder / f"{lab}.ipynb").write_text(text, "utf-8")
    return folder


def skipping(notebook: dict[str, Any]) -> dict[str, Any]:
    """Every test cell edited, and tagged so that nbgrader would skip it."""
    for cell in notebook["cells"]:
        if cell["metadata"].get("nbgrader", {}).get("grade"):
            cell["source"] = "print('all passed')"
            cell["metadata"]["tags"] = ["skip-execution"]
    return notebook


# student -> the score deserved; of 10 points, 3 are lost by tripling
DESERVED = {
    "blocks": 10,
    "displays": 7,
    "edits": 7,
    "empty": 0,
    "forges": 10,
    "links": 0,
    "patches": 7,
    "renames": 10,
    "right": 10,
    "shadows": 7,
    "triples": 7,
}


def hand_in(course: Course, lab: Lab) -> None:
    """A class whose submissions try to break nbgrader."""

    def answer(source: str) -> dict[str, Any]:
        return answered(lab, Alternative("x", "double", source))

    def hand(student: str, notebook: Any) -> Path:
        return submit(course, student, lab.name, notebook)

    right = answered(lab)
    hand("right", right)
    hand("triples", answer(WRONG))
    hand("patches", answer(PATCHED))
    hand("displays", answer(DISPLAYS_A_SCORE))
    hand("edits", skipping(answer(WRONG)))
    hand("empty", "")
    hand("renames", right).joinpath(f"{lab.name}.ipynb").rename(
        course.submitted / "renames" / lab.name / "my lab.ipynb"
    )
    hand("forges", right).joinpath("timestamp.txt").write_text("last year, I swear")
    os.mkfifo(hand("blocks", right) / "timestamp.txt")
    shadows = hand("shadows", answer(LEAVES_FILES))
    (shadows / "numpy.py").write_text("raise SystemExit")
    (shadows / "secrets.txt").symlink_to("/etc/hostname")
    (shadows / "numbers.txt").symlink_to("/dev/zero")
    folder = course.submitted / "links" / lab.name
    folder.mkdir(parents=True)
    original = course.submitted / "right" / lab.name / f"{lab.name}.ipynb"
    (folder / original.name).symlink_to(original)


def make_course(root: Path) -> tuple[Course, Lab]:
    shutil.copytree(TOY / "solutions", root / "solutions")
    shutil.copy(CONFIGURATION, root)
    course = find_course(root)
    lab = course.lab("lab90")
    build(course, lab)
    return course, lab


@pytest.fixture(scope="module")
def graded(
    tmp_path_factory: pytest.TempPathFactory,
) -> tuple[Course, Course, Lab]:
    """A class graded by `nbgrader autograde`, and the same one by ours."""
    sandbox.require()
    theirs, lab = make_course(tmp_path_factory.mktemp("theirs"))
    hand_in(theirs, lab)
    ours = find_course(tmp_path_factory.mktemp("ours"))
    ours = replace(ours, solutions=theirs.solutions)
    hand_in(ours, lab)
    nbgrader(theirs, "autograde", lab.name)
    engine.grade_class(ours, lab, jobs=1)
    return theirs, ours, lab


def entries(course: Course, lab: str) -> dict[tuple[str, str], tuple[Any, ...]]:
    """Every grade and comment of a lab in the gradebook."""
    query = """
    select student.id, cell.name, {columns} from {table} x
    join submitted_notebook n on x.notebook_id = n.id
    join submitted_assignment a on n.assignment_id = a.id
    join assignment on a.assignment_id = assignment.id
    join student on a.student_id = student.id
    join base_cell cell on x.cell_id = cell.id where assignment.name = ?
    """
    found = {}
    with sqlite3.connect(course.gradebook) as db:
        for columns, table in (
            ("auto_score, manual_score, needs_manual_grade", "grade"),
            ("auto_comment, manual_comment", "comment"),
        ):
            for row in db.execute(query.format(columns=columns, table=table), (lab,)):
                found[row[0], row[1]] = tuple(row[2:])
    db.close()
    return found


def totals(course: Course, lab: Lab) -> dict[str, float]:
    return {s.student: s.total for s in export.read_scores(course, lab)}


def test_scores_are_deserved(graded: tuple[Course, Course, Lab]) -> None:
    theirs, _, lab = graded
    assert totals(theirs, lab) == DESERVED


def test_gradebook_is_that_of_autograder_grade(
    graded: tuple[Course, Course, Lab],
) -> None:
    theirs, ours, lab = graded
    assert entries(theirs, lab.name) == entries(ours, lab.name)
    assert "multiplied by three" in entries(theirs, lab.name)["triples", "double"][0]


def test_records_are_those_of_autograder_grade(
    graded: tuple[Course, Course, Lab],
) -> None:
    theirs, ours, lab = graded
    mine, yours = (
        {r.student: replace(r, seconds=0.0) for r in engine.results(c, lab.name)}
        for c in (ours, theirs)
    )
    assert mine == yours


def test_pages_and_notebooks_are_those_of_autograder_grade(
    graded: tuple[Course, Course, Lab],
) -> None:
    theirs, ours, lab = graded
    for student in DESERVED:
        page, other = (
            (c.feedback / student / lab.name / f"{lab.name}.html").read_text("utf-8")
            for c in (theirs, ours)
        )
        assert page == other
        mine, yours = (
            cells(c.autograded / student / lab.name / f"{lab.name}.ipynb")
            for c in (ours, theirs)
        )
        assert mine == yours


def cells(path: Path) -> list[tuple[Any, Any]]:
    """Each cell's source and outputs, with a list of lines as one text."""

    def whole(thing: Any) -> Any:
        if isinstance(thing, dict):
            return {
                k: "".join(v)
                if k in ("source", "text", "text/plain", "image/png")
                else whole(v)
                for k, v in thing.items()
            }
        return [whole(t) for t in thing] if isinstance(thing, list) else thing

    notebook = whole(json.loads(path.read_text("utf-8")))
    return [(c["source"], c.get("outputs")) for c in notebook["cells"]]


def test_nothing_of_a_submissions_folder_is_copied(
    graded: tuple[Course, Course, Lab],
) -> None:
    theirs, _, lab = graded
    for student in DESERVED:
        folder = theirs.autograded / student / lab.name
        assert [p.name for p in folder.iterdir()] == [f"{lab.name}.ipynb"]


def test_autograder_grade_has_nothing_left_to_do(
    graded: tuple[Course, Course, Lab],
) -> None:
    theirs, _, lab = graded
    shown = []
    engine.grade_class(
        theirs, lab, progress=lambda done, total, newest: shown.append((done, newest))
    )
    assert shown == [(len(DESERVED), None)]


def test_generate_feedback_shows_no_hidden_test(
    graded: tuple[Course, Course, Lab],
) -> None:
    theirs, _, lab = graded
    nbgrader(theirs, "generate_feedback", lab.name, "--force")
    for student, score in DESERVED.items():
        page = (theirs.feedback / student / lab.name / f"{lab.name}.html").read_text()
        page = page[page.index("<body") :]
        assert f"(Score: {score:.1f} / 10.0)" in page
        assert "Grade cell" in page
        assert not [text for text in HIDDEN if text in page]
        assert "<script>alert" not in page
    page = (theirs.feedback / "triples" / lab.name / f"{lab.name}.html").read_text()
    assert "doubling three numbers: the values differ" in page


def test_export_has_the_same_totals(graded: tuple[Course, Course, Lab]) -> None:
    theirs, _, lab = graded
    nbgrader(theirs, "export", "--to", "scores.csv")
    lines = (theirs.root / "scores.csv").read_text().splitlines()[1:]
    scores = {line.split(",")[3]: float(line.split(",")[9]) for line in lines}
    assert scores == totals(theirs, lab)


@pytest.fixture
def small(tmp_path: Path) -> tuple[Course, Lab]:
    """A course in which one student has tripled and handed in."""
    sandbox.require()
    course, lab = make_course(tmp_path / "course")
    notebook = answered(lab, Alternative("x", "double", WRONG))
    folder = submit(course, "ann", lab.name, notebook)
    (folder / "timestamp.txt").write_text("2030-01-02 10:00:00 UTC")
    return course, lab


@pytest.mark.slow
def test_regrading_keeps_what_people_entered(small: tuple[Course, Lab]) -> None:
    course, lab = small
    nbgrader(course, "autograde", lab.name)
    assert totals(course, lab) == {"ann": 7}
    with gradebook.open_gradebook(course) as book:
        book.update_or_create_assignment(lab.name, duedate="2030-01-01 10:00:00 UTC")
        grade = book.find_grade("test_double", lab.name, lab.name, "ann")
        grade.manual_score = 2.5
        comment = book.find_comment("double", lab.name, lab.name, "ann")
        comment.manual_comment = "Nearly."
        book.db.commit()
    newer = answered(lab, Alternative("x", "answer", "answer = 7"))
    folder = course.submitted / "ann" / lab.name
    (folder / f"{lab.name}.ipynb").write_text(json.dumps(newer))
    (folder / "timestamp.txt").write_text("2030-01-03 10:00:00 UTC")
    nbgrader(course, "autograde", lab.name)
    assert totals(course, lab) == {"ann": 2.5 + 2 + 3 + 0}
    assert entries(course, lab.name)["ann", "test_double"] == (3, 2.5, 1)
    assert entries(course, lab.name)["ann", "double"] == (None, "Nearly.")
    zero = "--LateSubmissionPlugin.penalty_method=zero"
    nbgrader(course, "autograde", lab.name, "--force", zero)
    assert totals(course, lab) == {"ann": 0}


@pytest.mark.slow
@pytest.mark.parametrize(
    ("arguments", "renamed", "message"),
    [
        (["--no-execute"], {}, "Received: no record"),
        ([], {"autograder.nbgrader_plugin": "not_there"}, "No module named 'not_there"),
        (
            [],
            {
                "autograder.nbgrader_plugin.Execute": "nbgrader.preprocessors.Execute",
                "autograder.nbgrader_plugin.Save": "nbgrader.preprocessors.Save",
            },
            "MissingEntry",
        ),
    ],
    ids=["not executed", "plug-in missing", "stock steps"],
)
def test_no_score_without_the_safe_path(
    small: tuple[Course, Lab],
    arguments: list[str],
    renamed: dict[str, str],
    message: str,
) -> None:
    course, lab = small
    path = course.root / CONFIGURATION.name
    text = path.read_text()
    for old, new in renamed.items():
        assert old in text
        text = text.replace(old, new)
    path.write_text(text)
    printed = nbgrader(course, "autograde", lab.name, *arguments, succeeds=False)
    assert message in printed
    assert not list(course.autograded.glob("*/*/*.ipynb"))


class FakeWorker:
    def __init__(self, lab: Lab) -> None:
        self.lab, self.closed = lab, False

    def close(self) -> None:
        self.closed = True


def test_one_worker_is_kept(monkeypatch: pytest.MonkeyPatch, toy: Lab) -> None:
    monkeypatch.setattr(nbgrader_plugin, "Worker", FakeWorker)
    first: Any = nbgrader_plugin._worker(toy)
    assert nbgrader_plugin._worker(replace(toy)) is first
    second: Any = nbgrader_plugin._worker(replace(toy, title="edited"))
    assert (second.lab.title, first.closed, second.closed) == ("edited", True, False)
    nbgrader_plugin.close_worker()
    assert second.closed


SPY = """
import os
import socket


def readable(path):
    try:
        return os.listdir(path) if os.path.isdir(path) else open(path).read()
    except OSError:
        return "refused"


def square(x):
    return x * x


print([readable(p) for p in PATHS], open("data.txt").read())
try:
    print(socket.create_connection(("127.0.0.1", PORT), 2))
except OSError:
    print("no network")
from IPython.display import HTML, display
display(HTML("<script>alert(1)</script>"))
"""


def other_notebook(answer: str) -> str:
    """An assignment as any nbgrader course has it."""

    def cell(source: str, grade_id: str, **flags: Any) -> Any:
        metadata = {
            "schema_version": 3,
            "grade_id": grade_id,
            "grade": False,
            "solution": False,
            "locked": False,
            "task": False,
            **flags,
        }
        return v4.new_code_cell(source, id=grade_id, metadata={"nbgrader": metadata})

    test = """
        assert square(2) == 4
        ### BEGIN HIDDEN TESTS
        assert square(31337) == 31337 ** 2, "the secret"
        ### END HIDDEN TESTS
    """
    test = dedent(test).strip()
    python = {"display_name": "Python 3", "language": "python", "name": "python3"}
    return as_text(
        v4.new_notebook(
            cells=[
                cell(answer, "square", solution=True),
                cell(
                    dedent(test).strip(),
                    "test_square",
                    grade=True,
                    locked=True,
                    points=3,
                ),
            ],
            metadata={"kernelspec": python},
        )
    )


@pytest.mark.slow
def test_other_assignments_run_shut_in(tmp_path: Path) -> None:
    sandbox.require()
    course, _ = make_course(tmp_path / "course")
    source = course.solutions / "ps1"
    source.mkdir()
    right = (
        "def square(x):\n    ### BEGIN SOLUTION\n    return x * x\n    ### END SOLUTION"
    )
    (source / "ps1.ipynb").write_text(other_notebook(right))
    (source / "data.txt").write_text("twelve")
    nbgrader(course, "generate_assignment", "ps1")
    with socket.create_server(("127.0.0.1", 0)) as server:
        paths = [str(course.root), str(course.gradebook), "/etc/passwd"]
        spy = SPY.replace("PATHS", str(paths))
        spy = spy.replace("PORT", str(server.getsockname()[1]))
        submit(course, "spy", "ps1", other_notebook(spy))
        wrong = json.loads(other_notebook("def square(x):\n    return 4"))
        submit(course, "wrong", "ps1", skipping(wrong))
        linking = submit(course, "linking", "ps1", other_notebook(right))
        (linking / "answer.txt").symlink_to(course.gradebook)
        printed = nbgrader(course, "autograde", "ps1", succeeds=False)
    assert "Expected ordinary files" in printed
    scores = {k: v[0] for k, v in entries(course, "ps1").items() if k[1] != "square"}
    assert scores == {("spy", "test_square"): 3, ("wrong", "test_square"): 0}
    shown = str(cells(course.autograded / "spy" / "ps1" / "ps1.ipynb")[0][1])
    assert "['refused', 'refused', 'refused'] twelve" in shown.replace("\\", "")
    assert "no network" in shown
    assert "<script>" not in shown
    nbgrader(course, "generate_feedback", "ps1")
    page = (course.feedback / "wrong" / "ps1" / "ps1.html").read_text()
    page = page[page.index("<body") :]
    assert "This check failed." in page
    assert not [text for text in ("31337", "secret") if text in page]


@pytest.fixture
def server(small: tuple[Course, Lab], tmp_path: Path) -> Iterator[str]:
    """The address of a JupyterLab that runs in the course folder."""
    course, lab = small
    with gradebook.open_gradebook(course) as book:
        gradebook.register(book, lab, course)
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    address = f"http://127.0.0.1:{port}"
    home = tmp_path / "home"
    home.mkdir()
    with (tmp_path / "server.log").open("wb") as log:
        process = subprocess.Popen(
            [
                str(BIN / "jupyter"),
                "lab",
                "--no-browser",
                "--allow-root",
                f"--port={port}",
                "--ServerApp.port_retries=0",
                "--IdentityProvider.token=",
                f"--ServerApp.root_dir={course.root}",
            ],
            cwd=course.root,
            env={
                **os.environ,
                "PATH": f"{BIN}:{os.environ['PATH']}",
                "HOME": str(home),
                "JUPYTER_CONFIG_DIR": str(home),
            },
            stdout=log,
            stderr=subprocess.STDOUT,
        )
    try:
        wait_for(f"{address}/api", process)
        yield address
    finally:
        process.kill()
        process.wait(30)


def wait_for(address: str, process: subprocess.Popen) -> None:
    deadline = time.monotonic() + 60
    while time.monotonic() < deadline and process.poll() is None:
        try:
            urllib.request.urlopen(address, timeout=5).close()
            return
        except OSError:
            time.sleep(0.2)
    raise AssertionError("Expected JupyterLab to start")


@pytest.mark.browser
@pytest.mark.skipif(CHROMIUM is None, reason="no chromium on PATH")
def test_formgraders_button(small: tuple[Course, Lab], server: str) -> None:
    playwright = pytest.importorskip("playwright.sync_api", reason="no playwright")
    course, lab = small
    with playwright.sync_playwright() as play:
        browser = play.chromium.launch(
            executable_path=CHROMIUM, args=["--no-sandbox"], timeout=60_000
        )
        page = browser.new_page()
        page.set_default_timeout(60_000)
        page.goto(f"{server}/formgrader/manage_assignments")
        page.click(f'tr:has(td.name[data-order="{lab.name}"]) td.num-submissions a')
        row = page.locator('tr:has(td.student-id[data-order="ann"])')
        assert "needs autograding" in row.locator("td.status").inner_text()
        row.locator("td.autograde a").click()
        page.locator("#success-modal").wait_for()
        page.locator("#success-modal .modal-footer button.close").click()
        graded = row.locator('td.status:has-text("graded"):not(:has-text("needs"))')
        graded.wait_for()
        score = row.locator("td.score").inner_text()
        browser.close()
    assert re.sub(r"\s", "", score) == "7/10"
    assert totals(course, lab) == {"ann": 7}
    assert (course.feedback / "ann" / lab.name / f"{lab.name}.html").exists()
