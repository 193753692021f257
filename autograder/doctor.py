"""Whether this machine can grade, and what to do if not."""

from __future__ import annotations

import importlib.metadata
import importlib.util
import sys
from collections.abc import Iterator
from dataclasses import dataclass

from autograder import sandbox
from autograder.course import Course

_PACKAGES = ("nbgrader", "nbformat", "jupytext", "numpy", "matplotlib", "msgpack")


@dataclass(frozen=True)
class Line:
    """One thing that grading needs.

    Args:
        what: its name.
        ok: whether it is there.
        state: what was found.
        remedy: what to do if it is missing.
    """

    what: str
    ok: bool
    state: str
    remedy: str = ""


def examine(course: Course) -> Iterator[Line]:
    """Looks at everything that grading needs.

    Args:
        course: the course folder.
    Yields:
        A line for each thing.
    """
    version = ".".join(map(str, sys.version_info[:3]))
    yield Line("Python", sys.version_info >= (3, 11), version, "install Python >= 3.11")
    for package in _PACKAGES:
        there = importlib.util.find_spec(package) is not None
        state = importlib.metadata.version(package) if there else "not installed"
        yield Line(package, there, state, "make setup")
    problem = sandbox.find_problem()
    yield Line(
        "sandbox", not problem, "bubblewrap works" if not problem else "", problem
    )
    labs = course.lab_names()
    where = str(course.solutions)
    yield Line(
        "labs", bool(labs), f"{len(labs)} in {where}", "name a course: --course DIR"
    )
