"""Where submissions are graded: warm workers, shared by threads and closed in time."""

import json
import sys
import threading
import time
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import pytest

from autograder import executors, sandbox
from autograder.course import CourseError, Lab
from autograder.executors import Workers
from autograder.stem import Stopped
from autograder.submission import Submission
from autograder.worker import Worker

HANGS = "def double(x):\n    while True:\n        pass\n"


@pytest.fixture
def workers() -> Iterator[Workers]:
    shared = Workers()
    yield shared
    shared.close()


@pytest.fixture(scope="session")
def right(toy: Lab, submit: Any) -> Submission:
    return Submission(toy.name, "ann", json.dumps(submit()).encode())


def idle(workers: Workers) -> list[Worker]:
    return [worker for _, worker in workers._idle]


def test_a_worker_is_kept_warm_for_the_next_submission(
    workers: Workers, toy: Lab, right: Submission
) -> None:
    first = workers.grade(toy, right)
    (worker,) = idle(workers)
    branch = worker._branch
    second = workers.grade(toy, right)
    assert idle(workers) == [worker] and worker._branch is branch
    assert first.score == 10
    assert replace(first, seconds=0) == replace(second, seconds=0)


def test_a_worker_for_something_else_takes_an_idle_one_s_place(
    workers: Workers, toy: Lab, right: Submission
) -> None:
    """Whoever alternates between labs does not gather processes."""
    workers.grade(toy, right)
    (old,) = idle(workers)
    process = old._stem._processes[0].popen
    other = replace(toy, title="Another toy")
    assert workers.grade(other, right).score == 10
    (new,) = idle(workers)
    assert new is not old
    assert process.poll() is not None


def test_workers_that_nobody_uses_are_closed(toy: Lab, right: Submission) -> None:
    workers = Workers(idle_seconds=0.2)
    try:
        workers.grade(toy, right)
        (worker,) = idle(workers)
        process = worker._stem._processes[0].popen
        deadline = time.monotonic() + 10
        while process.poll() is None and time.monotonic() < deadline:
            time.sleep(0.05)
        assert process.poll() is not None
        assert idle(workers) == []
        assert workers.grade(toy, right).score == 10
    finally:
        workers.close()


def test_closing_stops_what_is_being_graded(
    workers: Workers, toy: Lab, submit: Any
) -> None:
    """At once, though the submission would hang for minutes."""
    patient = replace(toy, limits=replace(toy.limits, call_seconds=100))
    hanging = Submission(toy.name, "bob", json.dumps(submit(double=HANGS)).encode())
    raised: list[BaseException] = []

    def grade() -> None:
        try:
            workers.grade(patient, hanging)
        except Stopped as error:
            raised.append(error)

    thread = threading.Thread(target=grade)
    thread.start()
    deadline = time.monotonic() + 60
    while not any(w._branch for w in workers._busy):
        assert time.monotonic() < deadline
        time.sleep(0.05)
    processes = [p.popen for w in workers._busy for p in w._stem._processes]
    workers.close()
    thread.join(timeout=20)
    assert [str(error) for error in raised] == ["Expected a worker that goes on"]
    assert len(processes) == 2 and all(p.poll() is not None for p in processes)


def test_closed_workers_take_nothing_more(toy: Lab, right: Submission) -> None:
    workers = Workers()
    workers.close()
    with pytest.raises(Stopped, match="Expected open workers"):
        workers.grade(toy, right)


def test_nothing_runs_where_it_cannot_be_shut_in(
    workers: Workers, toy: Lab, right: Submission, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sandbox, "find_problem", lambda: "Expected a wall")
    with pytest.raises(CourseError, match="Expected a wall"):
        workers.grade(toy, right)
    assert idle(workers) == []
    with pytest.raises(
        CourseError, match=r"On the cluster.s machine .*: Expected a wall"
    ):
        executors.grade(toy, right)


def test_leaving_the_local_place_ends_its_workers(toy: Lab, right: Submission) -> None:
    with executors.local(2) as place:
        assert place.jobs == 2
        future = place.executor.submit(place.grade, toy, right)
        assert future.result().score == 10
        place.check()
        workers = place.grade.__self__  # type: ignore[attr-defined]
        (worker,) = idle(workers)
        processes = [p.popen for p in worker._stem._processes]
    assert len(processes) == 2 and all(p.poll() is not None for p in processes)


def test_a_cluster_needs_dask(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "distributed", None)
    with pytest.raises(CourseError, match=r"pip install 'cnncourse\[cluster\]'"):
        with executors.cluster("tcp://127.0.0.1:1"):
            pass


@pytest.mark.parametrize(
    ("address", "received"),
    [
        ("nonsense", "missing port number"),
        ("pigeon://127.0.0.1:1", "unknown address scheme"),
        ("tcp://127.0.0.1:1", "Timed out trying to connect"),
    ],
)
def test_a_scheduler_must_answer(
    monkeypatch: pytest.MonkeyPatch, address: str, received: str
) -> None:
    monkeypatch.setattr(executors, "CONNECT_SECONDS", 0.5)
    with pytest.raises(CourseError, match=f"scheduler at {address}. Rec.*{received}"):
        with executors.cluster(address):
            pass
