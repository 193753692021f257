"""Grades made-up hostile submissions, and prints what each got."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from autograder import sandbox
from autograder.course import Lab, find_course
from autograder.record import Result
from autograder.submission import Submission
from autograder.worker import Worker

HERE = Path(__file__).parent
sys.path.insert(0, str(HERE))  # the modules that hold the threats, for test_threats.py

from threat import Threat  # noqa: E402

_ROWS = pytest.StashKey[list[tuple[Any, ...]]]()


@pytest.fixture(scope="session")
def weak() -> Lab:
    """A lab whose tests are written carelessly."""
    return find_course(HERE / "weak").lab("lab92")


def _start(lab: Lab, *, rerun: bool = False) -> Iterator[Worker]:
    sandbox.require()
    running = Worker(lab, rerun=rerun)
    yield running
    running.close()


@pytest.fixture(scope="session")
def weak_worker(weak: Lab) -> Iterator[Worker]:
    """A worker for the careless lab."""
    yield from _start(weak)


@pytest.fixture(scope="session")
def rerunning_worker(toy: Lab) -> Iterator[Worker]:
    """A worker that runs the cells once more for what they show."""
    yield from _start(toy, rerun=True)


@pytest.fixture
def try_it(toy: Lab, weak: Lab, request: pytest.FixtureRequest) -> Callable[..., Any]:
    """Grades a threat with the worker of that name; after it, a right submission."""

    def grade(threat: Threat, worker: str = "") -> tuple[Result, Result]:
        lab = weak if threat.lab == "weak" else toy
        worker = worker or ("weak_worker" if lab is weak else "worker")
        running = request.getfixturevalue(worker)

        def give(made: Threat) -> Result:
            return running.grade(Submission(lab.name, "student", made.notebook(lab)))

        if threat.before is not None:
            give(Threat("before", 0, "", answers=threat.before, lab=threat.lab))
        return give(threat), give(Threat("right", 0, "", lab=threat.lab))

    return grade


@pytest.fixture
def note(pytestconfig: pytest.Config) -> Callable[[Threat, Result], None]:
    """Notes what a threat got, for the table at the end."""

    def note_down(threat: Threat, result: Result) -> None:
        kinds = ", ".join(sorted({f.kind for f in result.findings}))
        least = 0.0 if threat.hurts_itself else threat.deserved
        row = (threat.row, threat.name, threat.deserved, result.score, kinds, least)
        pytestconfig.stash.setdefault(_ROWS, []).append(row)

    return note_down


def pytest_terminal_summary(
    terminalreporter: pytest.TerminalReporter, config: pytest.Config
) -> None:
    """Prints the table of all threats that were tried."""
    rows = sorted(set(config.stash.get(_ROWS, [])))
    if not rows:
        return
    terminalreporter.section("threats")
    terminalreporter.line(
        f"{'row':>3}  {'name':<34} {'deserved':>9} {'given':>6}  finding"
    )
    for row, name, deserved, given, kinds, least in rows:
        most = f"{'at most ' if least < deserved else ''}{deserved:g}"
        wrong = "" if least <= given <= deserved else "  <-- WRONG"
        line = f"{row or '+':>3}  {name:<34} {most:>9} {given:>6g}  {kinds or '-'}"
        line += wrong
        terminalreporter.line(line)
    won = sum(given > deserved for _, _, deserved, given, _, _ in rows)
    hurt = sum(given < least for _, _, _, given, _, least in rows)
    terminalreporter.line(
        f"{len(rows)} submissions: {won} got more than they deserve, {hurt} got less"
    )
