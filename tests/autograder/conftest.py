"""A toy lab, courses that have it, and processes that grade it in the real sandbox."""

from __future__ import annotations

import json
import re
import shutil
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from autograder import engine, sandbox
from autograder.cells import Alternative
from autograder.course import Course, Lab, find_course
from autograder.made_up_class import answered
from autograder.record import Result
from autograder.stem import Stem
from autograder.submission import Submission
from autograder.worker import Worker

TOY = Path(__file__).parent / "toy"
ROOT = Path(__file__).parents[2]
START_SECONDS = 60.0

TRIPLE = "def double(x):\n    return 3 * x\n"


def _as_bytes(notebook: Any) -> bytes:
    if isinstance(notebook, bytes):
        return notebook
    return json.dumps(notebook).encode("utf-8", "surrogatepass")


@pytest.fixture(scope="session")
def toy() -> Lab:
    """The toy lab."""
    return find_course(TOY).lab("lab90")


@pytest.fixture
def course(tmp_path: Path) -> Course:
    """A course folder of its own with the toy lab in it."""
    shutil.copytree(TOY / "solutions", tmp_path / "course" / "solutions")
    return find_course(tmp_path / "course")


@pytest.fixture(scope="session")
def worker(toy: Lab) -> Iterator[Worker]:
    """A worker in the real sandbox, shared: no submission can hurt the next."""
    sandbox.require()
    running = Worker(toy)
    yield running
    running.close()


@pytest.fixture(scope="session")
def control(toy: Lab) -> Iterator[socket.socket]:
    """The socket of a real candidates' server, which forks shut-in processes."""
    sandbox.require()
    stem = Stem(toy)
    branch = stem.branch()  # one to whose server no examiner talks
    yield branch.server
    stem.end(branch)


@pytest.fixture(scope="session")
def submit(toy: Lab) -> Callable[..., dict[str, Any]]:
    """Makes a right submission's notebook, but for the answers named by exercise."""

    def make(**answers: str) -> dict[str, Any]:
        return answered(toy, *(Alternative(e, e, s) for e, s in answers.items()))

    return make


@pytest.fixture
def grade(
    worker: Worker, toy: Lab, submit: Callable[..., dict[str, Any]]
) -> Callable[..., Result]:
    """Grades a notebook given as bytes, as a dict, or as answers by exercise."""

    def grade_one(notebook: Any = None, **answers: str) -> Result:
        if notebook is None:
            notebook = submit(**answers)
        return worker.grade(Submission(toy.name, "student", _as_bytes(notebook)))

    return grade_one


@pytest.fixture(scope="session")
def hand_in(toy: Lab) -> Callable[[Course, str, Any], Path]:
    """Puts a notebook, given as bytes or as a dict, where nbgrader collects it."""

    def put(course: Course, student: str, notebook: Any) -> Path:
        folder = course.submitted / student / toy.name
        folder.mkdir(parents=True, exist_ok=True)
        path = folder / f"{toy.name}.ipynb"
        path.write_bytes(_as_bytes(notebook))
        return path

    return put


@pytest.fixture(scope="session")
def _graded(
    tmp_path_factory: pytest.TempPathFactory,
    toy: Lab,
    submit: Callable[..., dict[str, Any]],
    hand_in: Callable[[Course, str, Any], Path],
) -> Path:
    root = tmp_path_factory.mktemp("graded") / "course"
    shutil.copytree(TOY / "solutions", root / "solutions")
    course = find_course(root)
    hand_in(course, "ann", submit())
    hand_in(course, "bob", submit(double=TRIPLE))
    hand_in(course, "cleo", b"{")
    engine.grade_class(course, toy, jobs=1)
    return root


@pytest.fixture
def graded(_graded: Path, tmp_path: Path) -> Course:
    """A course of its own in which ann (right), bob (triples) and cleo (no notebook
    that can be read) are graded."""
    return find_course(shutil.copytree(_graded, tmp_path / "graded"))


class DaskCluster:
    """A scheduler and workers of one thread each.

    Args:
        folder: for logs and what Dask writes.
        workers: how many.
    """

    def __init__(self, folder: Path, workers: int = 2) -> None:
        self._folder, self._started = folder, 0
        self.scheduler = self._run("scheduler", "--port", "0", "--no-dashboard")
        found = self._wait_for("scheduler", r"Scheduler at: +(tcp://\S+)")
        self.address = found.replace("0.0.0.0", "127.0.0.1")
        self.workers: list[subprocess.Popen[bytes]] = []
        for _ in range(workers):
            self.add_worker()

    def add_worker(self) -> None:
        """Starts another worker and waits until the scheduler knows it."""
        self._started += 1
        name = f"worker-{self._started}"
        options = ("--nthreads", "1", "--no-nanny", "--no-dashboard", "--name", name)
        self.workers.append(
            self._run("worker", self.address, *options, log=name),
        )
        self._wait_for(name, r"Registered to: +(tcp://\S+)")

    def replace_worker(self) -> None:
        """Kills the oldest worker and starts another."""
        oldest = self.workers.pop(0)
        oldest.kill()
        oldest.wait()
        self.add_worker()

    def close(self) -> None:
        """Ends all."""
        for process in (*self.workers, self.scheduler):
            process.kill()
            process.wait()

    def _run(
        self, kind: str, *arguments: str, log: str = ""
    ) -> subprocess.Popen[bytes]:
        out = (self._folder / f"{log or kind}.log").open("wb")
        with out:
            return subprocess.Popen(
                [sys.executable, "-m", f"distributed.cli.dask_{kind}", *arguments],
                stdout=out,
                stderr=subprocess.STDOUT,
                cwd=ROOT,
            )

    def _wait_for(self, name: str, pattern: str) -> str:
        path = self._folder / f"{name}.log"
        deadline = time.monotonic() + START_SECONDS
        while time.monotonic() < deadline:
            found = re.search(pattern, path.read_text("utf-8", "replace"))
            if found:
                return found[1]
            time.sleep(0.05)
        raise TimeoutError(f"Expected {pattern} in {path}:\n{path.read_text()}")


@pytest.fixture(scope="session")
def dask_cluster(tmp_path_factory: pytest.TempPathFactory) -> Iterator[DaskCluster]:
    """A real scheduler and two real workers."""
    pytest.importorskip("distributed")
    sandbox.require()
    running = DaskCluster(tmp_path_factory.mktemp("dask"))
    yield running
    running.close()
