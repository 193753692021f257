"""What processes had of the processor, and whether they want more."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from typing import Any

import psutil
import pytest

from autograder.candidate import processor

Usage = Callable[[], tuple[float, bool]]

BURN = """
import os, time
def burn(seconds):
    started = time.process_time()
    while time.process_time() - started < seconds: pass
"""


SLEEP = """
import signal, time
def burn(*_):
    while True: pass
signal.signal(signal.SIGUSR1, burn)
print("ready", flush=True)
time.sleep(600)
"""


@pytest.fixture
def sleeper() -> Iterator[int]:
    """A process that sleeps, until a signal makes it burn."""
    with subprocess.Popen([sys.executable, "-c", SLEEP], stdout=subprocess.PIPE) as it:
        assert it.stdout is not None and it.stdout.readline() == b"ready\n"
        yield it.pid
        it.kill()


def until(usage: Usage, wanting: bool) -> float:
    """Waits until they want to run, or do not; the processor time they had."""
    deadline = time.monotonic() + 30
    while time.monotonic() < deadline:
        seconds, wants = usage()
        if wants == wanting:
            return seconds
        time.sleep(0.01)
    raise AssertionError(f"Expected wanting={wanting}")


def test_what_sleeps_wants_nothing_and_what_burns_wants_more(sleeper: int) -> None:
    def usage() -> tuple[float, bool]:
        return processor.usage([sleeper])

    slept = until(usage, wanting=False)
    os.kill(sleeper, signal.SIGUSR1)
    until(usage, wanting=True)
    deadline = time.monotonic() + 30
    while usage()[0] < slept + 0.2 and time.monotonic() < deadline:
        time.sleep(0.01)
    assert usage()[0] >= slept + 0.2
    psutil.Process(sleeper).suspend()
    until(usage, wanting=False)


def test_children_that_ended_count_and_what_is_gone_does_not(candidate: Any) -> None:
    candidate.cell(BURN)
    # it still runs for a moment after its answer: longer on a busy machine
    before = until(candidate.usage, wanting=False)
    # the kernel cuts both of its times down to hundredths
    candidate.cell("if os.fork() == 0:\n    burn(0.32)\n    os._exit(0)\nos.wait()")
    assert until(candidate.usage, wanting=False) >= before + 0.3
    assert processor.usage([2**22 + 1]) == (0.0, False)


def test_a_thread_that_burns_wants_more(candidate: Any) -> None:
    candidate.cell(BURN)
    until(candidate.usage, wanting=False)
    candidate.cell(
        "import threading\nthreading.Thread(target=burn, args=(60,)).start()"
    )
    until(candidate.usage, wanting=True)
