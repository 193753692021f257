"""The watch over memory: many small processes count as one large one."""

import os
import subprocess
import sys
from typing import Any

import pytest

from autograder.candidate import watch, wire

MANY = """
import os, time
def take(processes, megabytes):
    for _ in range(processes):
        if os.fork() == 0:
            kept = bytearray(megabytes * 2**20)
            time.sleep(60)
    time.sleep(4)
    return processes
"""


GROW = """
import os
from autograder.candidate import watch
def now(): return watch.megabytes(os.getpid())
before = now()
kept = bytearray(b"x") * (50 * 2**20)
print(now() - before)
del kept
print(now() - before)
"""


def test_processes_that_take_too_much_together_end(candidate: Any) -> None:
    candidate.cell(MANY)
    with pytest.raises(wire.Closed):
        candidate.call("take", 8, 150)


def test_processes_that_take_little_together_live(candidate: Any) -> None:
    candidate.cell(MANY)
    assert candidate.call("take", 8, 10)["value"] == 8


def test_one_process_is_left_to_its_own_limit(candidate: Any) -> None:
    candidate.cell(MANY)
    candidate.cell("kept = bytearray(300 * 2**20)")
    assert candidate.call("take", 0, 0)["value"] == 0


def test_memory_of_a_process() -> None:
    # in a process of its own: children that end give back what they shared
    grown, without = subprocess.run(
        [sys.executable, "-c", GROW], capture_output=True, check=True, text=True
    ).stdout.split()
    assert 45 < float(grown) < 60 and abs(float(without)) < 5


def test_a_process_that_is_gone_takes_nothing() -> None:
    pid = os.fork()
    if pid == 0:
        os._exit(0)
    os.waitpid(pid, 0)
    assert watch.megabytes(pid) == 0
    assert watch.end_the_hungry({pid}, 0) == set()
