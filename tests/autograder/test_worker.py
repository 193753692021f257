"""One worker grades one submission after the other, whatever they do."""

import json
import os
import signal
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest

from autograder.course import Lab
from autograder.record import Result
from autograder.submission import Submission
from autograder.worker import Worker

Grade = Callable[..., Result]
TESTS = ("test_double", "test_double_input", "test_smooth", "test_answer")


def scores(result: Result) -> dict[str, float]:
    return {t.grade_id: t.score for e in result.exercises for t in e.tests}


def messages(result: Result) -> dict[str, str]:
    return {t.grade_id: t.message for e in result.exercises for t in e.tests}


def findings(result: Result) -> set[tuple[str, str]]:
    return {(f.kind, f.cell) for f in result.findings}


def test_the_reference_gets_full_marks(grade: Grade) -> None:
    result = grade()
    assert (result.score, result.max_score, result.findings) == (10, 10, ())
    assert scores(result) == dict(zip(TESTS, (3, 2, 3, 2), strict=True))
    assert result.needs_review == "" and result.seconds > 0


def test_the_record_names_its_submission(worker: Worker, toy: Lab) -> None:
    submission = Submission(toy.name, "zoë", None, (), "digest", "2026-01-01")
    result = worker.grade(submission)
    assert (result.student, result.digest, result.submitted, result.score) == (
        *("zoë", "digest", "2026-01-01", 0),
    )


def code(*lines: str) -> str:
    return "\n".join(lines)


# answer to `double` -> what is left of the four tests, and what is found
TROUBLE: dict[str, tuple[str, dict[str, float], set[tuple[str, str]]]] = {
    "an endless loop in one test": (
        "def double(x):\n    while x.ndim == 2: pass\n    return 2 * x",
        {"test_double": 0},
        {("timed_out", "test_double")},
    ),
    "an endless loop": (
        "def double(x):\n    while True: pass",
        {"test_double": 0, "test_double_input": 0},
        {("timed_out", "test_double"), ("timed_out", "test_double_input")},
    ),
    "an endless loop that catches everything": (
        code(
            *("def double(x):", "  while True:", "    try:"),
            *("      while True: pass", "    except BaseException: pass"),
        ),
        {"test_double": 0, "test_double_input": 0},
        {("timed_out", "test_double"), ("timed_out", "test_double_input")},
    ),
    "an exit in one test": (
        "import os\ndef double(x):\n    if x.ndim == 2: os._exit(0)\n    return 2 * x",
        {"test_double": 0},
        {("crashed", "test_double")},
    ),
    "a crash": (
        "import ctypes\ndef double(x):\n    ctypes.string_at(0)",
        {"test_double": 0, "test_double_input": 0},
        {("crashed", "test_double"), ("crashed", "test_double_input")},
    ),
    "sys.exit": (
        "import sys\ndef double(x):\n    sys.exit()",
        {"test_double": 0, "test_double_input": 0},
        set(),
    ),
    "all memory": (
        "def double(x):\n    return np.ones(2**40)",
        {"test_double": 0, "test_double_input": 0},
        set(),
    ),
    "more and more memory": (
        "def double(x):\n    kept = []\n    while True: kept.append(bytearray(2**24))",
        {"test_double": 0, "test_double_input": 0},
        set(),
    ),
    "a fork bomb": (
        code(
            *("import os", "def double(x):", "  while True:"),
            *("    try: os.fork()", "    except OSError: pass"),
        ),
        {"test_double": 0, "test_double_input": 0},
        {("timed_out", "test_double"), ("timed_out", "test_double_input")},
    ),
    "a flood of output in a call": (
        "def double(x):\n    print('y' * 10**7)\n    return 2 * x",
        {},
        set(),
    ),
    "a flood of output of a program": (
        code(
            *("import os", "def double(x):"),
            *("  os.system('head -c 100000000 /dev/zero')", "  return 2 * x"),
        ),
        {},
        set(),
    ),
    "a flood of answers": (
        "def double(x):\n    return np.ones(2**25)",
        {"test_double": 0, "test_double_input": 0},
        {("refused_value", "test_double"), ("refused_value", "test_double_input")},
    ),
    "a cell that never ends": (
        "def double(x):\n    return 2 * x\nwhile True: pass",
        {"test_double": 0, "test_double_input": 0},
        {("timed_out", "double")},
    ),
    "a cell that ends the process": (
        "import os\nos._exit(1)",
        {"test_double": 0, "test_double_input": 0},
        {("crashed", "double")},
    ),
    "a cell that does not compile": (
        "def double(x)\n    return 2 * x",
        {"test_double": 0, "test_double_input": 0},
        set(),
    ),
    "a process that stops itself": (
        code(
            *("import os, signal", "def double(x):"),
            *("  os.kill(os.getpid(), signal.SIGSTOP)", "  return 2 * x"),
        ),
        {},  # the first process of a namespace ignores its own signals
        set(),
    ),
    "another type": (
        "def double(x):\n    return {1, 2}",
        {"test_double": 0, "test_double_input": 0},
        set(),
    ),
}


@pytest.mark.parametrize("case", TROUBLE)
def test_trouble_costs_only_the_tests_that_have_it(grade: Grade, case: str) -> None:
    source, lost, found = TROUBLE[case]
    result = grade(double=source)
    assert scores(result) == {**dict(zip(TESTS, (3, 2, 3, 2), strict=True)), **lost}
    assert findings(result) == found
    assert result.needs_review == ""
    assert all(messages(result)[test] for test in lost)


def test_after_a_restart_the_next_test_goes_on_where_the_notebook_was(
    grade: Grade, submit: Any
) -> None:
    """Cells before the crash are run again: later answers need what they define."""
    notebook = submit(
        double="factor = 2\ndef double(x):\n    import os\n    os._exit(1)",
        smooth=(
            "def smooth(x):\n    if len(x) < factor:\n        raise ValueError\n"
            "    return (x[1:] + x[:-1]) / factor"
        ),
    )
    result = grade(notebook)
    assert scores(result) == dict(zip(TESTS, (0, 0, 3, 2), strict=True))


def test_a_flood_of_output_of_a_cell_is_cut(submit: Any, toy: Lab) -> None:
    running = Worker(toy, rerun=True)
    try:
        source = "print('y' * 10**7)\ndef double(x):\n    return 2 * x"
        notebook = _bytes(submit(double=source))
        result = running.grade(Submission(toy.name, "ann", notebook))
    finally:
        running.close()
    assert result.score == 10
    assert ("too_much_output", "double") in findings(result)
    (output,) = next(c.outputs for c in result.cells if c.cell == "double")
    assert output.text == "y" * toy.limits.output_kb * 1024


def _bytes(notebook: Any) -> bytes:
    return json.dumps(notebook).encode()


def test_time_is_kept(grade: Grade) -> None:
    """1.5 s for the first call, less for the second, a little for new processes."""
    result = grade(double="def double(x):\n    while True: pass")
    assert 1.5 < result.seconds < 10


def kill(process: Any) -> None:
    os.kill(process.popen.pid, signal.SIGKILL)
    process.popen.wait()


@pytest.mark.parametrize("part", [0, 1])
def test_a_part_that_died_is_started_again(
    worker: Worker, grade: Grade, part: int
) -> None:
    grade()
    kill(worker._stem._processes[part])
    assert grade().score == 10
    assert grade().score == 10


def test_a_lab_that_cannot_run_needs_review(toy: Lab) -> None:
    broken = replace(
        toy,
        cells=tuple(
            replace(c, source="1 / 0") if c.kind == "given" else c for c in toy.cells
        ),
    )
    worker = Worker(broken)
    try:
        result = worker.grade(Submission(toy.name, "ann", b"{}", (), "abc", "now"))
    finally:
        worker.close()
    assert result.needs_review.startswith(
        "The grader failed on this submission: Expected the examiner to start. "
    )
    assert "ZeroDivisionError: division by zero" in result.needs_review
    assert (result.score, result.exercises) == (0, ())
    assert (result.student, result.digest, result.submitted) == ("ann", "abc", "now")


def test_closing_twice_is_harmless_and_a_closed_worker_starts_again(
    toy: Lab, submit: Any
) -> None:
    worker = Worker(toy)
    worker.close()
    submission = Submission(toy.name, "ann", _bytes(submit()))
    assert worker.grade(submission).score == 10
    worker.close()
    worker.close()


def test_without_a_sandbox_it_grades_the_same(toy: Lab, submit: Any) -> None:
    worker = Worker(toy, sandboxed=False)
    try:
        right = worker.grade(Submission(toy.name, "ann", _bytes(submit())))
        hanging = submit(double="def double(x):\n    while True: pass")
        wrong = worker.grade(Submission(toy.name, "bob", _bytes(hanging)))
    finally:
        worker.close()
    assert (right.score, wrong.score) == (10, 5)
