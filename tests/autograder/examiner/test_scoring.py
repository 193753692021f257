"""Scores, and what a student and an instructor are told."""

import json
import socket
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest

from autograder.course import Lab
from autograder.examiner import scoring
from autograder.examiner.material import Material
from autograder.examiner.proxies import RefusedValue, student_error
from autograder.examiner.session import SandboxBroken, TimedOut
from autograder.record import Result
from autograder.submission import Submission
from cnncourse.checks import CheckFailure

Grade = Callable[..., Result]


@pytest.fixture
def score(
    material: Material, control: socket.socket, submit: Any
) -> Callable[..., Result]:
    """Grades answers, by exercise, in this process; the submission runs in another."""

    def grade(rerun: bool = False, change: Any = None, **answers: str) -> Result:
        notebook = submit(**answers)
        if change is not None:
            change(notebook)
        data = json.dumps(notebook).encode()
        submission = Submission("lab90_toy", "ann", data)
        return scoring.grade(material, submission, control, rerun=rerun)

    return grade


def record(result: Result, test: str = "test_double") -> Any:
    return next(t for e in result.exercises for t in e.tests if t.grade_id == test)


def add(source: str, place: int = 10**6) -> Callable[[dict], None]:
    def change(notebook: dict) -> None:
        cell = {"cell_type": "code", "metadata": {}, "source": source}
        notebook["cells"].insert(place, cell)

    return change


def test_a_score_is_the_sum_of_passed_tests(score: Grade) -> None:
    result = score(smooth="def smooth(x):\n    return (x[1:] + x[:-1]) / 2")
    assert [(e.exercise, e.score, e.max_score) for e in result.exercises] == [
        *(("double", 5, 5), ("smooth", 0, 3), ("answer", 2, 2)),
    ]
    assert (result.score, result.max_score, result.lab) == (7, 10, "lab90_toy")
    failed = record(result, "test_smooth")
    assert (failed.points, failed.score, failed.passed) == (3, 0, False)
    diagnosis = result.exercises[1].diagnosis
    assert diagnosis is not None and diagnosis.mistake == "no_check"


def test_a_visible_failure_says_numbers(score: Grade) -> None:
    result = score(double="def double(x):\n    return 3 * x")
    failed = record(result)
    assert failed.region == "visible"
    assert "doubling three numbers" in failed.message
    assert "expected 2.0, received 3.0" in failed.message


HIDDEN = {
    "a wrong value": "return 2 * x if x.ndim == 1 else 2 * x + 1",
    "a wrong shape": "return 2 * x if x.ndim == 1 else x[:, :1]",
    "another type": "return 2 * x if x.ndim == 1 else str(x)",
    "an object": "return 2 * x if x.ndim == 1 else {str(x)}",
    "its own error": "if x.ndim > 1: raise ValueError(str(x))\n    return 2 * x",
    "an error named so": (
        "if x.ndim > 1: raise type(f'E{x[0, 0]:.0f}', (OSError,), {})\n    return 2 * x"
    ),
    "an assertion": "assert x.ndim == 1, str(x)\n    return 2 * x",
    "an index error": "return 2 * x if x.ndim == 1 else x[int(x[0, 0])]",
    "exec on that line": (
        "if x.ndim > 1: exec(f'raise ValueError({x[0, 0]})')\n    return 2 * x"
    ),
    "a hang": "while x.ndim > 1: pass\n    return 2 * x",
}
SECRETS = ("31337", "62674", "-7.5", "2.25")


@pytest.mark.parametrize("case", HIDDEN)
def test_a_hidden_failure_shows_neither_input_nor_expected_number(
    score: Grade, case: str
) -> None:
    result = score(double=f"def double(x):\n    {HIDDEN[case]}")
    failed = record(result)
    assert (failed.region, failed.score) == ("hidden", 0)
    assert failed.message
    assert not any(secret in failed.message for secret in SECRETS)
    assert record(result, "test_double_input").passed


def test_a_hidden_failure_says_what_was_tried(score: Grade) -> None:
    result = score(double=f"def double(x):\n    {HIDDEN['a wrong value']}")
    failed = record(result)
    assert failed.message.startswith("doubling a matrix: the values differ in 4 of 4")
    assert "expected 62674.0, received 62675.0" in failed.detail


def test_the_second_test_cannot_show_what_the_first_was_given(score: Grade) -> None:
    """What a visible check says after a hidden one may be a hidden input."""
    result = score(
        double="kept = []\ndef double(x):\n    kept.append(x)\n    return 2 * x",
        smooth="def smooth(x):\n    raise ValueError(str(kept))",
    )
    failed = record(result, "test_smooth")
    assert failed.region == "visible"
    assert not any(secret in failed.message for secret in SECRETS)


@pytest.mark.parametrize("rerun", [False, True])
def test_outputs_come_from_a_process_that_has_seen_no_test(
    score: Grade, rerun: bool
) -> None:
    result = score(
        rerun=rerun,
        double="kept = []\ndef double(x):\n    kept.append(x)\n    return 2 * x",
        change=add("print('kept:', kept)"),
    )
    shown = [o.text for c in result.cells for o in c.outputs if o.kind == "stream"]
    # the experiment has called it with what everyone may see
    assert shown == (["kept: [array([1., 2., 4.])]\n"] if rerun else [])
    assert result.score == 10


def test_a_rerun_shows_the_experiments(score: Grade) -> None:
    result = score(rerun=True)
    shown = {c.cell: [o.kind for o in c.outputs] for c in result.cells}
    assert shown["experiment_picture"] == ["image"]
    assert [c.cell for c in score().cells] == list(shown)


def test_what_is_not_implemented_says_so(score: Grade) -> None:
    stub = "def double(x):\n    raise NotImplementedError()"
    result = score(double=stub)
    assert record(result).message == "This exercise is not implemented yet."
    assert record(result, "test_double_input").message == record(result).message


def test_a_value_that_is_not_implemented_says_so(score: Grade) -> None:
    result = score(answer="raise NotImplementedError()")
    failed = record(result, "test_answer")
    assert failed.message == "This exercise is not implemented yet."


@pytest.mark.parametrize(
    ("source", "message"),
    [
        ("def double(x)\n    pass", "its cell stopped with SyntaxError."),
        ("1 / 0", "its cell stopped with ZeroDivisionError."),
        ("def twice(x):\n    return 2 * x", "did its cell run without an error?"),
    ],
)
def test_a_missing_name_says_why(score: Grade, source: str, message: str) -> None:
    failed = record(score(double=source))
    assert failed.message == f"`double` is not defined: {message}"


def test_a_helper_further_down_counts(score: Grade) -> None:
    answer = "def double(x):\n    return twice(x)"
    result = score(double=answer, change=add("def twice(x):\n    return x + x"))
    assert result.score == 10


def test_a_cell_that_needs_a_helper_further_down_counts(score: Grade) -> None:
    answer = "factor = two()\ndef double(x):\n    return factor * x"
    result = score(double=answer, change=add("def two():\n    return 2"))
    assert result.score == 10


WITHHELD = {
    "from scipy import signal": "imports scipy",
    "import scipy.signal as s": "imports scipy.signal",
    "from cnncourse import ops": "imports cnncourse.ops",
    "f = np.convolve": "uses numpy.convolve",
    "import numpy\nf = numpy.correlate": "uses numpy.correlate",
}


@pytest.mark.parametrize("source", WITHHELD)
def test_asking_for_the_answer_key_is_found(score: Grade, source: str) -> None:
    result = score(change=add(source))
    found = [f.message for f in result.findings if f.kind == "withheld"]
    assert f"the submission {WITHHELD[source]}" in found
    assert result.score == 10


def test_plain_numpy_is_not_withheld(score: Grade) -> None:
    assert score(change=add("import scipyx\nnp.pad(np.ones(1), 1)")).findings == ()


def test_findings_of_the_files_are_kept(
    material: Material, control: socket.socket
) -> None:
    from autograder.record import Finding

    found = Finding("wrong_name", "another name")
    submission = Submission("lab90_toy", "ann", None, (found,), "abc", "now")
    result = scoring.grade(material, submission, control)
    assert result.findings[0] == found
    assert (result.score, result.digest, result.submitted) == (0, "abc", "now")
    assert len(result.exercises) == 3


def test_without_a_server_there_is_no_result(material: Material) -> None:
    ours, theirs = socket.socketpair()
    theirs.close()
    with ours, pytest.raises(SandboxBroken, match="candidates' server is gone"):
        scoring.grade(material, Submission("lab90_toy", "ann", b"{}"), ours)


def test_one_submission_leaves_nothing_for_the_next(score: Grade) -> None:
    wicked = "signal[:] = 0\nnp.pi = 3\ndef double(x):\n    x[:] = 0\n    return x"
    assert score(double=wicked).score < 10
    assert score().score == 10


def failure(text: str = "what: expected 5, received 6.") -> CheckFailure:
    return CheckFailure(text, "what: the value is not the expected one.")


def student(kind: str = "ValueError", message: str = "41") -> Any:
    where = ["f, line 2: return g(x)"]
    return student_error({"types": [kind], "message": message, "where": where})


TYPE = "your answer is of another type or shape than the task asks for."
EXPLAINED: dict[str, tuple[BaseException, str, str]] = {
    "a check": (
        *(failure(), "what: expected 5, received 6."),
        "what: the value is not the expected one.",
    ),
    "the student's error": (
        student(),
        "Your code raised ValueError: 41 in f, line 2: return g(x)",
        "Your code raised ValueError in the line `return g(x)`",
    ),
    "not implemented": (
        student("NotImplementedError"),
        "This exercise is not implemented yet.",
        "This exercise is not implemented yet.",
    ),
    "out of time": (TimedOut("too late"), "too late", "too late"),
    "an assertion": (AssertionError("not so"), "not so", "not so"),
    "an assertion without a text": (
        *(AssertionError(), "a check did not hold", "a check did not hold"),
    ),
    "another error": (
        TypeError("41 is no list"),
        f"The check could not go on (TypeError: 41 is no list): {TYPE}",
        f"The check could not go on (TypeError): {TYPE}",
    ),
    "a missing name": (
        NameError("name 'f' is not defined", name="f"),
        "`f` is not defined: did its cell run without an error?",
        "`f` is not defined: did its cell run without an error?",
    ),
    "a refused value": (
        RefusedValue("Expected plain data from f. Received: 41"),
        "Expected plain data from f. Received: 41",
        "Your answer is of a kind that the check cannot take, or it is too large.",
    ),
}


@pytest.mark.parametrize("case", EXPLAINED)
@pytest.mark.parametrize("hidden", [False, True])
def test_what_a_student_is_told(case: str, hidden: bool) -> None:
    error, visible_text, hidden_text = EXPLAINED[case]
    lines = frozenset({"return g(x)"})
    message, detail = scoring.explain(error, hidden=hidden, lines=lines)
    assert message == (hidden_text if hidden else visible_text)
    assert str(error) in detail


def test_a_line_that_is_not_the_students_is_not_shown() -> None:
    message, _ = scoring.explain(student(), hidden=True, lines=frozenset())
    assert message == "Your code raised ValueError"


def test_long_texts_are_cut() -> None:
    error = AssertionError("a" * 10**6)
    assert all(len(text) <= 10_000 for text in scoring.explain(error, hidden=False))


def test_a_test_of_its_own_that_never_ends_is_stopped(
    toy: Lab, control: socket.socket, monkeypatch: pytest.MonkeyPatch, submit: Any
) -> None:
    """The lab's own mistake; the limit is lowered so that the test is short."""
    monkeypatch.setattr(scoring, "_TEST_SECONDS", 1)
    cells = [
        replace(c, source="double(signal)\nwhile True: pass")
        if c.id == "test_double"
        else c
        for c in toy.cells
    ]
    material = Material(replace(toy, cells=tuple(cells)))
    submission = Submission(toy.name, "ann", json.dumps(submit()).encode())
    result = scoring.grade(material, submission, control)
    assert record(result).message == "The check took too long with your functions."
    assert result.score == 7
