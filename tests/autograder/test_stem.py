"""What workers branch from: started once, started again when it died."""

import json
import os
import signal
import threading
import time
from collections.abc import Iterator
from typing import Any

import psutil
import pytest

from autograder import sandbox
from autograder.course import Lab
from autograder.stem import Stem, StemError, Stopped
from autograder.submission import Submission
from autograder.worker import Worker


@pytest.fixture
def stem(toy: Lab) -> Iterator[Stem]:
    sandbox.require()
    running = Stem(toy)
    yield running
    for branch in list(running._branches):
        running.end(branch)


def processes(stem: Stem) -> list[int]:
    return [p.popen.pid for p in stem._processes]


def pythons(stem: Stem) -> set[int]:
    """The processes below a stem that run Python."""
    found = (psutil.Process(pid).children(recursive=True) for pid in processes(stem))
    return {p.pid for below in found for p in below if "python" in p.name()}


def test_branches_share_a_stem_that_ends_with_the_last(stem: Stem) -> None:
    first, second = stem.branch(), stem.branch()
    started = [p.popen for p in stem._processes]
    assert len(started) == 2 and len(pythons(stem)) == 2 + 4
    stem.end(first)
    assert all(p.poll() is None for p in started)
    stem.end(second)
    assert all(p.poll() is not None for p in started)
    stem.end(stem.branch())  # it starts again when it is needed


def test_workers_of_one_stem_grade_at_the_same_time(
    toy: Lab, stem: Stem, submit: Any
) -> None:
    right = Submission(toy.name, "ann", json.dumps(submit()).encode())
    workers = [Worker(toy, stem=stem) for _ in range(3)]
    scores: list[float] = []

    def grade(worker: Worker) -> None:
        scores.extend(worker.grade(right).score for _ in range(3))

    threads = [threading.Thread(target=grade, args=(w,)) for w in workers]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    started = len(stem._processes)
    for worker in workers:
        worker.close()
    assert scores == [10] * 9 and started == 2 and stem._processes == []


def test_branches_outlive_the_thread_of_the_first_worker(
    toy: Lab, stem: Stem, submit: Any
) -> None:
    """As when workers run out of submissions one after the other."""
    first = threading.Thread(target=Worker(toy, stem=stem).warm)
    first.start()
    first.join()
    second = Worker(toy, stem=stem)
    second.warm()
    started = processes(stem)
    right = Submission(toy.name, "ann", json.dumps(submit()).encode())
    assert second.grade(right).score == 10 and processes(stem) == started
    second.close()


@pytest.mark.parametrize("which", [0, 1])
def test_a_stem_that_died_is_started_again(
    toy: Lab, stem: Stem, submit: Any, which: int
) -> None:
    submission = Submission(toy.name, "ann", json.dumps(submit()).encode())
    lost = stem.branch()
    process = stem._processes[which].popen
    os.kill(process.pid, signal.SIGKILL)
    process.wait()
    branch = stem.branch()
    assert process.pid not in processes(stem)
    stem.end(lost)  # which is gone, and hurts no other
    assert Worker(toy, stem=stem).grade(submission).score == 10
    stem.end(branch)


def test_a_hanging_candidate_ends_with_its_branch(
    toy: Lab, stem: Stem, submit: Any
) -> None:
    hanging = submit(double="def double(x):\n    while True: pass")
    other, worker = stem.branch(), Worker(toy, stem=stem)
    worker.warm()
    before = pythons(stem)
    thread = threading.Thread(
        target=worker.grade,
        args=(Submission(toy.name, "bob", json.dumps(hanging).encode()),),
    )
    thread.start()
    while not pythons(stem) - before:
        pass
    (candidate, *_) = pythons(stem) - before
    assert worker._branch is not None
    worker._branch.server.close()
    thread.join()
    worker.close()
    deadline = time.monotonic() + 10
    while psutil.pid_exists(candidate) and time.monotonic() < deadline:
        time.sleep(0.01)
    assert not psutil.pid_exists(candidate)
    stem.end(other)


def test_what_does_not_start_says_why(
    toy: Lab, monkeypatch: pytest.MonkeyPatch
) -> None:
    broken = Stem(toy)
    monkeypatch.setattr(broken, "_settings", dict)  # a server needs its settings
    with pytest.raises(
        StemError, match=r"Expected the candidates' server to start\. KeyError"
    ):
        broken.branch()
    assert broken._processes == []


def test_a_stopped_stem_starts_nothing(stem: Stem) -> None:
    stem.stop()
    with pytest.raises(Stopped, match="Expected a worker that goes on"):
        stem.branch()
