"""A toy lab, and a worker that grades it in the real sandbox."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from autograder import sandbox
from autograder.cells import Alternative
from autograder.course import Course, Lab, find_course
from autograder.made_up_class import answered
from autograder.record import Result
from autograder.submission import Submission
from autograder.worker import Worker

TOY = Path(__file__).parent / "toy"


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


@pytest.fixture
def grade(worker: Worker, toy: Lab) -> Callable[..., Result]:
    """Grades a notebook given as bytes, as a dict, or as answers by exercise."""

    def grade_one(notebook: Any = None, **answers: str) -> Result:
        if notebook is None:
            wanted = [Alternative(e, e, source) for e, source in answers.items()]
            notebook = answered(toy, *wanted)
        if not isinstance(notebook, bytes):
            notebook = json.dumps(notebook).encode("utf-8", "surrogatepass")
        return worker.grade(Submission(toy.name, "student", notebook))

    return grade_one
