"""Grades one submission: runs its cells, then the tests against it."""

from __future__ import annotations

import ast
import builtins
import contextlib
import io
import signal
import socket
import time
import traceback
from collections.abc import Iterator
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, replace
from types import FrameType
from typing import Any

from autograder.cells import Cell
from autograder.examiner.diagnosis import answer, diagnose
from autograder.examiner.material import CELL_FILE, Material
from autograder.examiner.proxies import Call, Desk, RefusedValue, StudentError
from autograder.examiner.session import (
    CandidateFailure,
    Lost,
    SandboxBroken,
    Session,
    plain,
)
from autograder.record import (
    CellRecord,
    Diagnosis,
    ExerciseRecord,
    Finding,
    Output,
    Result,
    TestRecord,
)
from autograder.submission import (
    MAX_SHOWN,
    StudentCell,
    Submission,
    rebuild,
    student_sources,
    visible_source,
)
from cnncourse.checks import CheckFailure

_TEST_SECONDS = 120  # of one test cell, all its calls included
_DIAGNOSIS_SECONDS = 20  # of one exercise: known mistakes run on the same inputs
_MAX_TEXT = 8000  # characters of a message
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
        try:
            nodes = list(ast.walk(ast.parse(source)))
        except (RecursionError, MemoryError):
            continue
        for node in nodes:
            for name in _imported(node):
                if any(
                    name == m or name.startswith(f"{m}.")
                    for m in material.lab.withheld_modules
                ):
                    yield Finding("withheld", f"the submission imports {name[:80]}")
            for name in material.lab.withheld_names:
                if _dotted(node) in (name, name.replace("numpy.", "np.")):
                    yield Finding("withheld", f"the submission uses {name}")


def _dotted(node: ast.AST, most: int = 6) -> str:
    """`a.b.c` of an attribute of attributes of a name; "" of anything else."""
    parts: list[str] = []
    while isinstance(node, ast.Attribute) and len(parts) < most:
        parts.insert(0, node.attr)
        node = node.value
    return ".".join([node.id, *parts]) if parts and isinstance(node, ast.Name) else ""


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
    again, vague = [], []
    sources = _sources(cells)
    for cell in cells:
        if cell.kind == "tests":
            test = tests[cell.cell]
            tried = _run_test(material, test, session, sources)
            records[test.id], calls[test.id] = tried.record, tried.calls
            if tried.missed:
                again.append(test)
            if tried.vague:
                vague.append(test.id)
        elif cell.kind in ("given", "solution", "added"):
            session.run_cell(cell.cell, cell.source)
    if again:
        _run_late(cells, session)
    for test in again:
        tried = _run_test(material, test, session, sources)
        if tried.record.passed:
            records[test.id], calls[test.id] = tried.record, tried.calls
    session.close()
    unclear = {i for i in vague if not records[i].passed}
    if unclear:
        records |= _explained_anew(material, cells, session, records, unclear)
    return records, calls


def _run_late(cells: list[StudentCell], session: Session) -> None:
    """Runs again the cells that missed a name which a later cell defines."""
    for cell in cells:
        if session.cell_errors.get(cell.cell) == "NameError":
            session.run_cell(cell.cell, cell.source)


def _explained_anew(
    material: Material,
    cells: list[StudentCell],
    session: Session,
    records: dict[str, TestRecord],
    unclear: set[str],
) -> dict[str, TestRecord]:
    """Records of failed visible tests with whole messages, numbers included.

    They come from a process that has seen no hidden test. The process that is scored
    may answer a visible test with a hidden input that it has kept.
    """
    found: dict[str, TestRecord] = {}
    sources = _sources(cells)
    clean = session.fresh()
    try:
        for cell in cells:
            if cell.cell in unclear:
                test = next(c for c in material.lab.tests if c.id == cell.cell)
                visible = replace(test, source=visible_source(test))
                record = _run_test(material, visible, clean, sources).record
                if record.region == "visible":
                    found[test.id] = replace(records[test.id], message=record.message)
                if len(found) == len(unclear):
                    break
            elif cell.kind in ("given", "solution", "added"):
                clean.run_cell(cell.cell, cell.source)
    finally:
        clean.close()
    return found


def _sources(cells: list[StudentCell]) -> dict[str, str]:
    """For each exercise, the code in which its tests look for forbidden names."""
    added = student_sources([c for c in cells if c.kind == "added"])
    found = {}
    for exercise in {c.exercise for c in cells if c.kind == "solution"}:
        own = student_sources([c for c in cells if c.exercise == exercise])
        found[exercise] = "\n\n".join([*own, *added]) or "pass"
    return found


@dataclass(frozen=True)
class _Tried:
    """A test cell that ran: its record, its calls, whether it missed a name, and
    whether its message leaves out what the submission may have put there."""

    record: TestRecord
    calls: list[Call]
    missed: bool = False
    vague: bool = False


def _run_test(
    material: Material, test: Cell, session: Session, sources: dict[str, str]
) -> _Tried:
    """Runs one test cell against the submission."""
    try:
        return _run_test_once(material, test, session, sources)
    except Lost:
        return _run_test(material, test, session, sources)


def _run_test_once(
    material: Material, test: Cell, session: Session, sources: dict[str, str]
) -> _Tried:
    desk = Desk(session, test.id, names=material.keras_names)
    strict = replace(desk, writes_back=False, calls=[], functions=[])
    message = detail = region = ""
    missed = vague = altered = False
    try:
        _execute(material, test, desk, sources)
        altered = desk.restore() and not _reference_alters(material, desk.calls)
        if altered:
            _execute(material, test, strict, sources)
    except (SandboxBroken, Lost):
        raise
    except (Exception, CandidateFailure, TestOverdue) as error:
        missed = _missed_a_name(error)
        region = _region(error, test)
        lines = _lines(sources)
        hidden = region == "hidden" or session.has_seen_hidden
        message, detail = explain(error, hidden=hidden, lines=lines)
        vague = region == "visible" and message != explain(error, hidden=False)[0]
        if isinstance(error, NameError) and not isinstance(error, StudentError):
            message = _why_missing(material, session, error) or message
        if isinstance(error, TestOverdue):
            session.close()  # its answer would be taken for the next one
        if altered:
            session.find(
                "mutated_input", "a test passed only by a changed input", test.id
            )
            message = f"Your code changed the array that it was given. {message}"
    finally:
        desk.restore()
    if test.hidden_line() is not None and region != "visible":
        session.has_seen_hidden = True
    passed = not region
    score = test.points if passed else 0.0
    record = TestRecord(test.id, test.points, score, passed, region, message, detail)
    return _Tried(record, desk.calls, missed, vague)


def _execute(
    material: Material, test: Cell, desk: Desk, sources: dict[str, str]
) -> None:
    """Runs a test cell's code, with proxies for the submission's names."""
    namespace = material.namespace(test)
    code = material.compiled(test)
    for name in sorted(set(material.names) & _global_names(code)):
        defined, value = desk.fetch(name, sources.get(material.names[name], "pass"))
        namespace.pop(name, None)
        if defined:
            namespace[name] = value
    with _within(_TEST_SECONDS), _silently():
        exec(code, namespace)


def _reference_alters(material: Material, calls: list[Call]) -> bool:
    """Whether the reference solution too changes what it is given in these calls."""
    with _within(_DIAGNOSIS_SECONDS), _silently():
        return any(
            answer(material.reference, call)[-1]
            for call in calls
            if call.outcome[0] in ("value", "raised") and call.outcome[-1]
        )


def _lines(sources: dict[str, str]) -> set[str]:
    """The lines of a submission's code, as its exceptions quote them."""
    return {
        line.strip()[:200] for source in sources.values() for line in source.split("\n")
    }


_FAILURES = {cls.__name__ for cls in CandidateFailure.__subclasses__()}


def _why_missing(material: Material, session: Session, error: NameError) -> str:
    """Why a solution's name is not there: what its cell ended with, if it failed."""
    exercise = material.names.get(error.name or "")
    for cell in material.lab.cells:
        if cell.kind == "solution" and cell.exercise == exercise:
            ended = session.cell_errors.get(cell.id, "")
            if ended == "NotImplementedError":
                return "This exercise is not implemented yet."
            if ended:
                known = hasattr(builtins, ended) or ended in _FAILURES
                ended = ended if known else "an error"
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


def explain(
    error: BaseException, *, hidden: bool, lines: AbstractSet[str] = frozenset()
) -> tuple[str, str]:
    """What a failed test tells the student, and what it tells the instructor.

    Args:
        error: what the test cell raised.
        hidden: whether it arose among the hidden tests or after some, whose inputs and
            expected numbers the student's message must not show. What the submission
            itself wrote into an exception may hold them too.
        lines: the lines of the submission's code, which may be shown.
    Returns:
        `(message, detail)`.
    """
    text = _text(error)
    full = f"{type(error).__name__}: {text}".strip()
    message = _message(error, text, hidden, lines)
    if isinstance(error, StudentError) and error.where:
        full += f" in {error.where[-1]}"
    return plain(message, _MAX_TEXT), plain(full, _MAX_TEXT)


def _text(error: BaseException) -> str:
    """The exception's text; "" if there is a value in it that cannot be written."""
    try:
        return str(error)
    except Exception:  # an int of too many digits, an object of the submission
        return ""


def _message(
    error: BaseException, text: str, hidden: bool, lines: AbstractSet[str]
) -> str:
    if isinstance(error, StudentError):
        return _what_was_raised(error, hidden, lines)
    if isinstance(error, CheckFailure):
        return error.public if hidden else text
    if isinstance(error, CandidateFailure):
        return text
    if isinstance(error, RefusedValue):
        return _REFUSED if hidden else text
    if isinstance(error, NameError):
        name = getattr(error, "name", None) or "a name"
        return f"`{name}` is not defined: did its cell run without an error?"
    if isinstance(error, TestOverdue):
        return "The check took too long with your functions."
    if isinstance(error, AssertionError):
        return text or "a check did not hold"
    kind = type(error).__name__
    reason = "" if hidden else f": {text}"
    return (
        f"The check could not go on ({kind}{reason}): your answer is of another type "
        "or shape than the task asks for."
    )


_REFUSED = "Your answer is of a kind that the check cannot take, or it is too large."


def _what_was_raised(error: StudentError, hidden: bool, lines: AbstractSet[str]) -> str:
    """Of a hidden test only what the submission cannot have made up during it."""
    if error.kind == "NotImplementedError":
        return "This exercise is not implemented yet."
    where = error.where[-1] if error.where else ""
    if not hidden:
        text = f": {error.message}" if error.message else ""
        return f"Your code raised {error.kind}{text}" + (
            f" in {where}" if where else ""
        )
    known = (c for c in type(error).__mro__ if c.__module__ == "builtins")
    line = where.partition(": ")[2]
    place = f" in the line `{line}`" if line and line in lines else ""
    return f"Your code raised {next(known).__name__}{place}"


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
                _diagnosed(material, exercise, failed) if failed else None,
            )
        )
    return tuple(found)


def _diagnosed(
    material: Material, exercise: str, failed: list[list[Call]]
) -> Diagnosis | None:
    """The diagnosis; none if our own code fails on what the submission gave it."""
    try:
        with _within(_DIAGNOSIS_SECONDS), _silently():
            return diagnose(material, exercise, failed)
    except (Exception, TestOverdue):
        return None


def _run_for_outputs(cells: list[StudentCell], session: Session) -> list[CellRecord]:
    """Runs everything but the tests, for what the student sees on the page."""
    shown = []
    characters = 0
    for cell in cells:
        outputs: tuple[Output, ...] = ()
        if cell.kind not in ("markdown", "tests"):
            troubled = sum(f.kind in ("timed_out", "crashed") for f in session.findings)
            if cell.kind == "experiment" and troubled >= _GIVE_UP_FIGURES:
                outputs = (Output("error", "Not drawn: cells before it failed."),)
            else:
                _, outputs = session.run_cell(cell.cell, cell.source)
        characters += sum(len(output.text) for output in outputs)
        if characters > MAX_SHOWN:
            outputs = ()
            session.find("too_much_output", "output of a cell was cut", cell.cell)
        shown.append(CellRecord(cell.cell, cell.kind, cell.source, outputs))
    return shown
