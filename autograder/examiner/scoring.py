"""Grades one submission: runs its cells, then the tests against it."""

from __future__ import annotations

import ast
import contextlib
import io
import signal
import socket
import time
import traceback
from collections.abc import Iterator
from types import FrameType
from typing import Any

from autograder.cells import Cell
from autograder.examiner.diagnosis import diagnose
from autograder.examiner.material import CELL_FILE, Material
from autograder.examiner.proxies import Call, Desk, RefusedValue, StudentError
from autograder.examiner.session import CandidateFailure, SandboxBroken, Session
from autograder.record import (
    CellRecord,
    ExerciseRecord,
    Finding,
    Output,
    Result,
    TestRecord,
)
from autograder.submission import StudentCell, Submission, rebuild, student_sources
from cnncourse.checks import CheckFailure

_TEST_SECONDS = 120  # of one test cell, all its calls included
_GIVE_UP_FIGURES = 2  # cells that hang or crash before figures are no longer drawn


class TestOverdue(BaseException):
    """A test cell itself took too long; not to be caught by a test's `except`."""


def grade(
    material: Material,
    submission: Submission,
    control: socket.socket,
    *,
    rerun: bool = False,
) -> Result:
    """Grades a submission.

    The tests run against one process. The outputs for the feedback page are those
    that the student saved, or come from another process, which has seen no test: so
    they cannot show a hidden input.

    Args:
        material: the lab.
        submission: its files.
        control: the socket of the server that forks candidates.
        rerun: whether to run the cells once more for their outputs, instead of
            keeping those that the student saved.
    Returns:
        The record.
    Raises:
        SandboxBroken: if the grader's own processes fail.
    """
    started = time.monotonic()
    cells, findings = rebuild(material.lab, submission.notebook)
    findings = [*submission.findings, *findings, *_forbidden(material, cells)]
    testing = Session(control, material.lab.limits)
    try:
        tests, calls = _run_tests(material, cells, testing)
    finally:
        testing.close()
    shown = [CellRecord(c.cell, c.kind, c.source, c.outputs) for c in cells]
    if rerun:
        showing = Session(control, material.lab.limits)
        showing.learn_from(testing)
        try:
            shown = _run_for_outputs(cells, showing)
        finally:
            showing.close()
        testing.findings += showing.findings
    for finding in testing.findings:
        if finding not in findings:
            findings.append(finding)
    exercises = _exercises(material, tests, calls)
    return Result(
        lab=material.lab.name,
        student=submission.student,
        score=sum(e.score for e in exercises),
        max_score=material.lab.max_score,
        exercises=exercises,
        findings=tuple(findings),
        cells=tuple(shown),
        seconds=round(time.monotonic() - started, 3),
        digest=submission.digest,
        submitted=submission.submitted,
    )


def _forbidden(material: Material, cells: list[StudentCell]) -> Iterator[Finding]:
    """Withheld modules and names that the student's code asks for by name."""
    for source in student_sources(cells):
        for node in ast.walk(ast.parse(source)):
            for name in _imported(node):
                if any(
                    name == m or name.startswith(f"{m}.")
                    for m in material.lab.withheld_modules
                ):
                    yield Finding("withheld", f"the submission imports {name}")
            if isinstance(node, ast.Attribute):
                for name in material.lab.withheld_names:
                    if ast.unparse(node) in (name, name.replace("numpy.", "np.")):
                        yield Finding("withheld", f"the submission uses {name}")


def _imported(node: ast.AST) -> list[str]:
    if isinstance(node, ast.Import):
        return [alias.name for alias in node.names]
    if isinstance(node, ast.ImportFrom) and node.module:
        return [node.module, *(f"{node.module}.{a.name}" for a in node.names)]
    return []


def _run_tests(
    material: Material, cells: list[StudentCell], session: Session
) -> tuple[dict[str, TestRecord], dict[str, list[Call]]]:
    """Runs cells and tests in order; a test that missed a name, again at the end.

    A student may have run a helper that stands further down before saving.
    """
    tests = {c.id: c for c in material.lab.tests}
    records: dict[str, TestRecord] = {}
    calls: dict[str, list[Call]] = {}
    again = []
    sources = _sources(cells)
    for cell in cells:
        if cell.kind == "tests":
            test = tests[cell.cell]
            record, made, missed = _run_test(material, test, session, sources)
            records[test.id], calls[test.id] = record, made
            if missed:
                again.append(test)
        elif cell.kind in ("given", "solution", "added"):
            session.run_cell(cell.cell, cell.source)
    for test in again:
        record, made, _ = _run_test(material, test, session, sources)
        if record.passed:
            records[test.id], calls[test.id] = record, made
    return records, calls


def _sources(cells: list[StudentCell]) -> dict[str, str]:
    """For each exercise, the code in which its tests look for forbidden names."""
    added = student_sources([c for c in cells if c.kind == "added"])
    found = {}
    for exercise in {c.exercise for c in cells if c.kind == "solution"}:
        own = student_sources([c for c in cells if c.exercise == exercise])
        found[exercise] = "\n\n".join([*own, *added]) or "pass"
    return found


def _run_test(
    material: Material, test: Cell, session: Session, sources: dict[str, str]
) -> tuple[TestRecord, list[Call], bool]:
    """One test cell: its record, the calls it made, whether a name was missing."""
    desk = Desk(session, test.id)
    namespace = material.namespace(test)
    message = detail = region = ""
    missed = False
    code = material.code[test.id]
    try:
        for name in sorted(set(material.names) & _global_names(code)):
            defined, value = desk.fetch(name, sources.get(material.names[name], "pass"))
            namespace.pop(name, None)
            if defined:
                namespace[name] = value
        with _within(_TEST_SECONDS), _silently():
            exec(code, namespace)
    except SandboxBroken:
        raise
    except (Exception, TestOverdue) as error:
        missed = _missed_a_name(error)
        region = _region(error, test)
        message, detail = explain(error, hidden=region == "hidden")
        if isinstance(error, NameError) and not isinstance(error, StudentError):
            message = _why_missing(material, session, error) or message
    passed = not region
    return (
        TestRecord(
            test.id,
            test.points,
            test.points if passed else 0.0,
            passed,
            region,
            message,
            detail,
        ),
        desk.calls,
        missed,
    )


def _why_missing(material: Material, session: Session, error: NameError) -> str:
    """Why a solution's name is not there: what its cell ended with, if it failed."""
    exercise = material.names.get(error.name or "")
    for cell in material.lab.cells:
        if cell.kind == "solution" and cell.exercise == exercise:
            ended = session.cell_errors.get(cell.id)
            if ended == "NotImplementedError":
                return "This exercise is not implemented yet."
            if ended:
                return f"`{error.name}` is not defined: its cell stopped with {ended}."
    return ""


def _global_names(code: Any) -> set[str]:
    names = set(code.co_names)
    for constant in code.co_consts:
        if hasattr(constant, "co_names"):
            names |= _global_names(constant)
    return names


def _missed_a_name(error: BaseException) -> bool:
    return isinstance(error, NameError) or "NameError" in str(
        getattr(error, "kind", "")
    )


def _region(error: BaseException, test: Cell) -> str:
    """Where in the test cell the error arose: "visible" or "hidden"."""
    hidden = test.hidden_line()
    lines = [
        frame.lineno or 0
        for frame in traceback.extract_tb(error.__traceback__)
        if frame.filename == CELL_FILE.format(test.id)
    ]
    # the first frame is the cell itself, whatever functions it then calls
    if hidden is not None and lines and lines[0] >= hidden:
        return "hidden"
    return "visible"


def explain(error: BaseException, *, hidden: bool) -> tuple[str, str]:
    """What a failed test tells the student, and what it tells the instructor.

    Args:
        error: what the test cell raised.
        hidden: whether it arose among the hidden tests, whose inputs and expected
            numbers the student's message must not show. What the submission itself
            wrote into an exception may hold them too.
    Returns:
        `(message, detail)`.
    """
    full = f"{type(error).__name__}: {error}".strip()[:8000]
    if isinstance(error, StudentError):
        where = f" in {error.where[-1]}" if error.where else ""
        if error.kind == "NotImplementedError":
            return "This exercise is not implemented yet.", full
        text = "" if hidden or not error.message else f": {error.message}"
        return f"Your code raised {error.kind}{text}{where}", f"{full}{where}"
    if isinstance(error, CheckFailure):
        return (error.public if hidden else str(error)), full
    if isinstance(error, CandidateFailure):
        return str(error), full
    if isinstance(error, RefusedValue):
        return str(error), full
    if isinstance(error, NameError):
        name = getattr(error, "name", None) or "a name"
        return f"`{name}` is not defined: did its cell run without an error?", full
    if isinstance(error, TestOverdue):
        return "The check took too long with your functions.", full
    if isinstance(error, AssertionError):
        text = str(error) or "a check did not hold"
        return text, full
    kind = type(error).__name__
    reason = "" if hidden else f": {error}"
    message = (
        f"The check could not go on ({kind}{reason}): your answer is of another type "
        "or shape than the task asks for."
    )
    return message, full


@contextlib.contextmanager
def _within(seconds: int) -> Iterator[None]:
    def overdue(_number: int, _frame: FrameType | None) -> None:
        raise TestOverdue(f"Expected the test to end within {seconds} s")

    previous = signal.signal(signal.SIGALRM, overdue)
    signal.alarm(seconds)
    try:
        yield
    finally:
        signal.alarm(0)
        signal.signal(signal.SIGALRM, previous)


@contextlib.contextmanager
def _silently() -> Iterator[None]:
    with (
        contextlib.redirect_stdout(io.StringIO()),
        contextlib.redirect_stderr(io.StringIO()),
    ):
        yield


def _exercises(
    material: Material, tests: dict[str, TestRecord], calls: dict[str, list[Call]]
) -> tuple[ExerciseRecord, ...]:
    found = []
    for exercise in material.lab.exercises:
        records = tuple(
            tests[c.id] for c in material.lab.tests if c.exercise == exercise
        )
        failed = [calls[r.grade_id] for r in records if not r.passed]
        found.append(
            ExerciseRecord(
                exercise,
                sum(r.score for r in records),
                sum(r.points for r in records),
                records,
                diagnose(material, exercise, failed) if failed else None,
            )
        )
    return tuple(found)


def _run_for_outputs(cells: list[StudentCell], session: Session) -> list[CellRecord]:
    """Runs everything but the tests, for what the student sees on the page."""
    shown = []
    for cell in cells:
        outputs: tuple[Output, ...] = ()
        if cell.kind not in ("markdown", "tests"):
            troubled = sum(f.kind in ("timed_out", "crashed") for f in session.findings)
            if cell.kind == "experiment" and troubled >= _GIVE_UP_FIGURES:
                outputs = (Output("error", "Not drawn: cells before it failed."),)
            else:
                _, outputs = session.run_cell(cell.cell, cell.source)
        shown.append(CellRecord(cell.cell, cell.kind, cell.source, outputs))
    return shown
