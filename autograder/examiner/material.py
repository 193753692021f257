"""A lab as the examiner uses it: tests compiled, given cells run, answers at hand."""

from __future__ import annotations

import contextlib
import copy
import io
from dataclasses import dataclass
from functools import cached_property
from types import CodeType
from typing import Any

import numpy as np

from autograder.candidate.models import copy_model, is_model
from autograder.cells import Alternative, Cell, names_defined, names_used
from autograder.course import Lab
from autograder.examiner import models

# a cell of the lab, or a mistake, runs under this file name
CELL_FILE = "<cell {}>"


def run(source: str, name: str, namespace: dict[str, Any]) -> None:
    """Runs one of the lab's own cells in a namespace, showing nothing."""
    code = compile(source, CELL_FILE.format(name), "exec", dont_inherit=True)
    with (
        contextlib.redirect_stdout(io.StringIO()),
        contextlib.redirect_stderr(io.StringIO()),
    ):
        exec(code, namespace)


@dataclass
class Material:
    """What the examiner needs of a lab for every submission.

    Args:
        lab: the lab, with solutions, hidden tests and mistakes.
    """

    lab: Lab

    def __post_init__(self) -> None:
        self.answers: dict[tuple[Alternative | None, bytes], tuple] = {}
        self.answers_bytes = 0
        self._snapshots: dict[str, dict[str, Any]] = {}
        namespace: dict[str, Any] = {"__name__": "__lab__"}
        for cell in self.lab.cells:
            if cell.kind == "given":
                run(cell.source, cell.id, namespace)
            elif cell.kind == "tests":
                self._snapshots[cell.id] = dict(namespace)
        self._given = namespace

    @cached_property
    def keras_names(self) -> dict[str, Any] | None:
        """The lab's own layers and functions; None if it is no Keras lab."""
        return models.names_of_lab(self._given) if self.lab.preloaded else None

    @cached_property
    def code(self) -> dict[str, CodeType]:
        """The test cells, compiled, by `grade_id`."""
        return {
            c.id: compile(c.source, CELL_FILE.format(c.id), "exec", dont_inherit=True)
            for c in self.lab.tests
        }

    def compiled(self, test: Cell) -> CodeType:
        """A test cell's code; of a cell cut short, compiled anew."""
        if test in self.lab.tests:
            return self.code[test.id]
        return compile(test.source, CELL_FILE.format(test.id), "exec")

    @cached_property
    def names(self) -> dict[str, str]:
        """The names that solution cells define, and the exercise of each."""
        return {
            name: cell.exercise
            for cell in self.lab.cells
            if cell.kind == "solution"
            for name in sorted(names_defined(cell.source))
        }

    def namespace(self, test: Cell) -> dict[str, Any]:
        """What the given cells before a test define; the test's own copy of data."""
        used = names_used(test.source)
        return {
            name: _own(value) if name in used else value
            for name, value in self._snapshots[test.id].items()
        }

    @cached_property
    def reference(self) -> dict[str, Any]:
        """A namespace with the reference solution of every exercise."""
        namespace = dict(self._given)
        for cell in self.lab.cells:
            if cell.kind == "solution":
                run(cell.source, cell.id, namespace)
        return namespace

    @cached_property
    def _mistakes(self) -> dict[Alternative, dict[str, Any]]:
        return {}

    def mistaken(self, mistake: Alternative) -> dict[str, Any]:
        """A namespace in which one exercise is answered by a known mistake."""
        if mistake not in self._mistakes:
            namespace = dict(self._given)
            for cell in self.lab.cells:
                if cell.kind == "solution" and cell.exercise != mistake.exercise:
                    run(cell.source, cell.id, namespace)
            run(mistake.source, mistake.name, namespace)
            self._mistakes[mistake] = namespace
        return self._mistakes[mistake]


def _own(value: Any) -> Any:
    if is_model(value):
        return copy_model(value)
    plain = isinstance(value, np.ndarray | list | dict | tuple | set)
    return copy.deepcopy(value) if plain else value
