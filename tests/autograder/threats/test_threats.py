"""Each hostile submission gets what its code deserves, and hurts nobody."""

from __future__ import annotations

import os
import re
import shutil
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import availability
import honest
import integrity
import interpreter
import leaks
import notebook_file
import pytest
import score_channel
import values
from threat import MARK, Threat

from autograder import engine, feedback, report
from autograder.course import Course, Lab, find_course
from autograder.record import FINDING_KINDS, Result

pytestmark = pytest.mark.threats

MODULES = (
    *(notebook_file, score_channel, interpreter, values, leaks, integrity),
    *(availability, honest),
)
THREATS = [t for module in MODULES for t in module.THREATS]
ROOT = Path(__file__).resolve().parents[3]
# of the toy lab's hidden tests: an input and what is expected for it
SECRETS = ("31337", "62674")
NORMAL_SECONDS = 10.0  # for a right submission, on a busy machine


def cases(threats: list[Threat]) -> list[Any]:
    """The threats as parameters, the slow ones marked."""
    return [
        pytest.param(t, id=t.name, marks=[pytest.mark.slow] if t.slow else [])
        for t in threats
    ]


def leftovers() -> list[str]:
    """Processes and files of this machine that a submission left behind."""
    found = []
    for folder in Path("/proc").glob("[0-9]*"):
        try:
            texts = (folder / "comm").read_text() + (folder / "cmdline").read_text()
        except (OSError, UnicodeDecodeError):
            continue
        if MARK[:15] in texts and int(folder.name) != os.getpid():
            found.append(f"process {folder.name}")
    places = ("/", "/tmp", "/dev/shm", "/home", "/var/tmp", "/root", "/usr", "/etc")
    for place in (
        *places,
        str(ROOT),
        str(ROOT / "cnncourse"),
        str(ROOT / "autograder"),
    ):
        found += [str(p) for p in Path(place).glob(f"*{MARK}*")]
    return found


def shown_texts(result: Result) -> list[str]:
    """All that a student may see of a result, and the instructor's report."""
    cells = [c for c in result.cells if c.kind != "tests"]
    return [
        feedback.page(result, "A toy lab"),
        report.page([result], "A toy lab", {}),
        *(output.text + output.name for c in cells for output in c.outputs),
    ]


def assert_no_secret(result: Result) -> None:
    """No hidden input and no expected number is shown."""
    for text in shown_texts(result):
        for secret in SECRETS:
            assert secret not in text, text[max(text.index(secret) - 200, 0) :][:400]


ACTIVE = re.compile(
    r"<(?:script|iframe|form|object|embed|base|svg onload|a [^>]*javascript:)|onerror=|"
    r"<img (?!src=\"data:image/png;base64,)",
    re.IGNORECASE,
)


def assert_not_active(page: str) -> None:
    """Nothing of a page runs or loads anything."""
    body = re.sub(r"&lt;.*?&gt;", "", page, flags=re.DOTALL)
    tags = re.findall(r"<[^>]*>", body)
    assert not [t for t in tags if ACTIVE.search(t)]
    assert not set("\x00\x08\x1b\x7f\u202e\u2066\u200b\ufeff") & set(page)


def assert_deserved(threat: Threat, result: Result) -> None:
    """The score is what the code deserves, and what must be named is named."""
    kinds = {f.kind for f in result.findings}
    failed = [
        (t.grade_id, t.detail[:300])
        for e in result.exercises
        for t in e.tests
        if not t.passed
    ]
    assert result.score <= threat.deserved, (failed, result.needs_review)
    if not threat.hurts_itself:
        assert result.score == threat.deserved, (failed, result.needs_review)
    assert kinds <= set(FINDING_KINDS)
    assert threat.finding is None or threat.finding in kinds
    assert bool(result.needs_review) == threat.review, result.needs_review
    if not threat.accused:
        assert kinds == set()


@pytest.mark.parametrize("threat", cases(THREATS))
def test_gets_what_it_deserves_and_hurts_nobody(
    threat: Threat, try_it: Callable[..., Any], note: Callable[..., None]
) -> None:
    result, right = try_it(threat)
    note(threat, result)
    assert_deserved(threat, result)
    assert_no_secret(result)
    assert_not_active(feedback.page(result, "A toy lab"))
    assert_not_active(report.page([result], "A toy lab", {}))
    assert right.score == right.max_score
    assert not right.findings
    assert right.seconds < NORMAL_SECONDS
    assert leftovers() == []


def test_every_row_has_a_submission() -> None:
    rows = {t.row for t in (*THREATS, *notebook_file.BESIDE_THE_FILE)}
    # 32 and 33 are about names, which are tested below
    assert set(range(1, 46)) - {32, 33} <= rows


def test_names_are_unique() -> None:
    names = [t.name for t in (*THREATS, *notebook_file.BESIDE_THE_FILE)]
    assert len(set(names)) == len(names)


SHOWING = [t for t in leaks.THREATS if t.name.startswith("shows_")]


@pytest.mark.parametrize("threat", cases(SHOWING))
def test_outputs_of_a_second_run_show_no_hidden_input(
    threat: Threat, try_it: Callable[..., Any]
) -> None:
    result, right = try_it(threat, "rerunning_worker")
    assert result.score == threat.deserved
    assert_no_secret(result)
    assert right.score == right.max_score


PRINTING = [
    *(t for t in availability.THREATS if t.name in availability.CELLS),
    *(t for t in integrity.THREATS if "answer" in t.answers),
]


@pytest.mark.parametrize("threat", cases(PRINTING))
def test_outputs_of_a_second_run_are_bounded_and_plain(
    threat: Threat, try_it: Callable[..., Any]
) -> None:
    result, right = try_it(threat, "rerunning_worker")
    assert_deserved(threat, result)
    page = feedback.page(result, "A toy lab")
    assert_not_active(page)
    assert len(page) < 3_000_000
    assert {o.kind for c in result.cells for o in c.outputs} <= {
        *("stream", "text", "image", "error")
    }
    assert right.score == right.max_score


FORGED_OUTPUTS = """
from autograder.candidate import runner
big = "\\ud800" + "x" * 4 * 2**20
runner.Runner._cell = lambda self, request: {"ok": True, "cut": [], "outputs": [
    {"kind": "error", "text": big, "name": "\\ud800" * 10**5}] * 3 + [
    {"kind": "<script>", "text": 7}, None, {"kind": "image", "text": "x"}]}
def double(x):
    x += 1
    return x
"""


def test_forged_outputs_are_bounded(try_it: Callable[..., Any]) -> None:
    threat = Threat("forged_outputs", 37, "", answers={"double": FORGED_OUTPUTS})
    result, right = try_it(threat, "rerunning_worker")
    assert not result.needs_review
    assert "too_much_output" in {f.kind for f in result.findings}
    assert sum(len(o.text) for c in result.cells for o in c.outputs) < 2**24
    assert_not_active(feedback.page(result, "A toy lab"))
    assert right.score == right.max_score


# --- a whole class ---------------------------------------------------------------


@pytest.fixture(scope="module")
def class_of_files(
    tmp_path_factory: pytest.TempPathFactory, toy: Lab
) -> Iterator[tuple[Course, dict[str, Result], float, set[str]]]:
    """A class in which each student's folder holds something odd."""
    root = tmp_path_factory.mktemp("class") / "course"
    source = ROOT / "tests/autograder/toy/solutions"
    shutil.copytree(source, root / "solutions")
    course = find_course(root)
    right = Threat("right", 0, "").notebook(toy)
    students: dict[str, Threat | None] = {"right": None}
    for threat in notebook_file.BESIDE_THE_FILE:
        students[threat.name] = threat
    for student in integrity.STUDENTS.values():
        students[student] = None
    for raw in integrity.UNFIT.values():
        students[os.fsdecode(raw)] = None
    for student, threat in students.items():
        folder = course.submitted / student / toy.name
        folder.mkdir(parents=True)
        if threat is None:
            (folder / "lab90_toy.ipynb").write_bytes(right)
        elif threat.files is not None:
            threat.files(folder, threat.notebook(toy))
    before = {str(p) for p in root.parent.rglob("*")}
    started = time.monotonic()
    results = engine.grade_class(course, toy, jobs=2)
    engine.write_report(course, toy, results)
    seconds = time.monotonic() - started
    made = {str(p) for p in root.parent.rglob("*")} - before
    yield course, {r.student: r for r in results}, seconds, made


def test_a_class_with_odd_files_is_graded_soon(class_of_files: Any) -> None:
    _, results, seconds, _ = class_of_files
    named = integrity.STUDENTS.values()
    unfit = [os.fsdecode(raw) for raw in integrity.UNFIT.values()]
    others = [t.name for t in notebook_file.BESIDE_THE_FILE]
    assert set(results) == {"right", *named, *unfit, *others}
    assert seconds < 60


def test_grading_writes_only_where_it_says(class_of_files: Any) -> None:
    course, _, _, made = class_of_files
    own = ("autograded", "feedback", "reports", ".autograder", "gradebook.db")
    tops = {Path(p).relative_to(course.root).parts[0] for p in made}
    assert tops == set(own)
    assert not [p for p in made if Path(p).is_symlink()]
    assert leftovers() == []


@pytest.mark.parametrize("threat", cases(notebook_file.BESIDE_THE_FILE))
def test_odd_files_get_what_they_deserve(
    threat: Threat, class_of_files: Any, note: Callable[..., None]
) -> None:
    result = class_of_files[1][threat.name]
    note(threat, result)
    assert_deserved(threat, result)
    assert_no_secret(result)


@pytest.mark.parametrize("name", integrity.STUDENTS)
def test_odd_names_are_names(name: str, class_of_files: Any) -> None:
    course, results, _, _ = class_of_files
    student = integrity.STUDENTS[name]
    assert results[student].score == 10
    assert not results[student].needs_review
    page = course.feedback / student / "lab90_toy" / "lab90_toy.html"
    assert_not_active(page.read_text("utf-8"))
    again = engine.results(course, "lab90_toy")
    assert student in {r.student for r in again}


@pytest.mark.parametrize("name", integrity.UNFIT)
def test_names_that_no_file_can_have_are_named(name: str, class_of_files: Any) -> None:
    _, results, _, _ = class_of_files
    result = results[os.fsdecode(integrity.UNFIT[name])]
    assert result.score == 0
    assert "named by a student's id" in result.needs_review


def test_the_report_of_an_odd_class_is_harmless(class_of_files: Any) -> None:
    course, _, _, _ = class_of_files
    page = (course.root / "reports/lab90_toy.html").read_text("utf-8")
    assert_not_active(page)
    for secret in SECRETS:
        assert secret not in page


def test_a_person_keeps_the_last_word(class_of_files: Any) -> None:
    """No submission sets a manual score, and one that a person set survives."""
    import sqlite3

    course, results, _, _ = class_of_files
    with sqlite3.connect(course.gradebook) as book:
        scores = book.execute("select manual_score, auto_score from grade").fetchall()
    assert {manual for manual, _ in scores} == {None}
    graded = [r for r in results.values() if "student's id" not in r.needs_review]
    assert sum(auto for _, auto in scores) == sum(r.score for r in graded)


# --- beside each other -----------------------------------------------------------

HOG = (
    availability.NAMED
    + """
for _ in range(63):
    if os.fork() == 0:
        named()
        while True: pass
while True: pass
"""
)


def test_a_hog_does_not_starve_its_neighbour(toy: Lab) -> None:
    from autograder.submission import Submission

    slow = next(t for t in honest.THREATS if t.name == "slow")
    threats = [Threat("hog", 44, "", answers={"answer": HOG}), slow, slow]
    handed_in = [
        Submission(toy.name, f"{i}", t.notebook(toy)) for i, t in enumerate(threats)
    ]
    results = {r.student: r for r in engine.grade_submissions(toy, handed_in, jobs=2)}
    assert [results[s].score for s in "012"] == [8, 10, 10]
    assert not results["1"].findings and not results["2"].findings
    assert leftovers() == []
