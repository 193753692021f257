"""How long an answer may take, by what the process had of the processor meanwhile."""

import os
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from typing import Any

import pytest

from autograder.candidate import wire
from autograder.examiner.deadline import Deadline
from autograder.examiner.session import Session, TimedOut

SECONDS = 0.2


@pytest.fixture
def channel() -> Iterator[socket.socket]:
    """A channel on which nothing ever comes."""
    ours, theirs = socket.socketpair()
    with ours, theirs:
        yield ours


def waited(channel: socket.socket, usage: Any, most: float = 9.0, before: float = 0.0):
    deadline = Deadline(SECONDS, most, before, usage)
    with pytest.raises(wire.TooLate, match="Expected an answer in time"):
        deadline.wait(channel)
    assert deadline.left() <= 0
    return deadline.added


def test_what_does_not_want_to_run_gets_its_limit(channel: socket.socket) -> None:
    assert waited(channel, lambda: (0.0, False)) == 0


def test_what_had_the_processor_gets_its_limit(channel: socket.socket) -> None:
    assert waited(channel, lambda: (0.95 * SECONDS, True)) == 0
    assert waited(channel, lambda: (5 + 0.95 * SECONDS, True), before=5) == 0


def test_what_it_was_not_given_is_added(channel: socket.socket) -> None:
    had = iter([0.25, 0.75, 1.0])
    added = waited(channel, lambda: (next(had) * SECONDS, True))
    assert added == pytest.approx((0.75 + 0.25) * SECONDS)
    assert list(had) == []


def test_not_more_than_three_times_the_limit(channel: socket.socket) -> None:
    assert waited(channel, lambda: (0.0, True)) == pytest.approx(2 * SECONDS)


def test_not_more_than_is_left_to_the_submission(channel: socket.socket) -> None:
    assert waited(channel, lambda: (0.0, True), most=0.1) == pytest.approx(0.1)
    assert waited(channel, lambda: (0.0, True), most=0.0) == 0


def test_an_answer_ends_the_wait() -> None:
    ours, theirs = socket.socketpair()
    with ours, theirs:
        theirs.send(b"x")
        deadline = Deadline(SECONDS, 9.0, 0.0, lambda: (0.0, True))
        deadline.wait(ours)
        assert deadline.added == 0 and deadline.left() > 0


def test_what_comes_late_is_not_read() -> None:
    ours, theirs = socket.socketpair()
    with ours, theirs:
        deadline = Deadline(0.01, 9.0, 0.0, lambda: (0.0, False))
        time.sleep(0.02)
        theirs.send(b"x")
        with pytest.raises(wire.TooLate, match="Expected an answer in time"):
            deadline.wait(ours)


NICE = """
import os, time
os.nice(5)
def last(seconds):
    started = time.monotonic()
    while time.monotonic() - started < seconds: pass
    return "done"
"""


@pytest.fixture
def busy() -> Iterator[None]:
    """A machine whose processors all have two others to serve first."""
    burn = [sys.executable, "-c", "while True: pass"]
    count = 2 * (os.cpu_count() or 1)
    # each in a session of its own: kernels share the processors out by sessions
    running = [subprocess.Popen(burn, start_new_session=True) for _ in range(count)]
    yield
    for process in running:
        process.kill()
        process.wait()


@pytest.mark.usefixtures("busy")
def test_a_busy_machine_takes_no_points(session: Session) -> None:
    """The call takes longer than its limit, since it seldom has a processor."""
    seconds = session.limits.call_seconds + 0.5
    session.run_cell("a", NICE)
    request = {"target": "last", "path": [], "args": [seconds], "kwargs": {}}
    started = time.monotonic()
    assert session.call(request, "last", "test_x")["value"] == "done"
    assert time.monotonic() - started >= seconds
    assert session.findings == [] and session.generation == 1


@pytest.mark.usefixtures("busy")
def test_a_sleep_is_not_excused_by_a_busy_machine(session: Session) -> None:
    session.run_cell("a", "import time")
    started = time.monotonic()
    with pytest.raises(TimedOut, match="Expected sleep to end within 2 s"):
        request = {"target": "time", "path": ["sleep"], "args": [60], "kwargs": {}}
        session.call(request, "sleep", "test_x")
    assert time.monotonic() - started < 2 * session.limits.call_seconds
