"""A class of students who never were, each with the score that it deserves.

Made from a lab's own variants and mistakes, and from what real classes hand in
besides: nothing at all, crashes, endless loops, attempts to cheat.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from textwrap import dedent
from typing import Any

from autograder.build import as_text, release_notebook, solution_notebook
from autograder.cells import (
    BEGIN_SOLUTION,
    END_SOLUTION,
    Alternative,
    names_defined,
)
from autograder.course import Lab
from autograder.submission import visible_source

# name -> (in words, the code that answers an exercise whose function is NAME)
_FAILURES = {
    "syntax-error": (
        "a cell that does not compile",
        """
        def NAME(*args, **kwargs)
            return 0
        """,
    ),
    "infinite-loop": (
        "a function that never ends",
        """
        def NAME(*args, **kwargs):
            while True:
                pass
        """,
    ),
    "exits": (
        "a function that ends the process",
        """
        def NAME(*args, **kwargs):
            import os

            os._exit(0)
        """,
    ),
    "hungry": (
        "a function that takes 2 GB",
        """
        def NAME(*args, **kwargs):
            return np.ones(2 * 2**30, dtype=np.uint8)
        """,
    ),
    "fake-score": (
        "a function that prints what looks like a score",
        """
        def NAME(*args, **kwargs):
            print('{"score": 20, "max_score": 20, "passed": true}')
            return {"score": 20.0}
        """,
    ),
    "patches-numpy": (
        "NumPy's comparisons and the checks patched to hold always",
        """
        import numpy as np
        from cnncourse import checks

        np.allclose = np.array_equal = lambda *args, **kwargs: True
        np.testing.assert_allclose = lambda *args, **kwargs: None
        checks.array = checks.equal = checks.shape = lambda *args, **kwargs: None


        def NAME(*args, **kwargs):
            return np.zeros(3)
        """,
    ),
}
_WRONG = """
def NAME(*args, **kwargs):
    return 0
"""


@dataclass(frozen=True)
class Student:
    """A made-up submission.

    Args:
        name: the student's id, which says what it is.
        what: the same in words.
        deserved: the score that it deserves.
        notebook: the file's bytes, or None for a symbolic link to the first student's.
    """

    name: str
    what: str
    deserved: float
    notebook: bytes | None


def make_class(lab: Lab) -> list[Student]:
    """Makes up a class for a lab.

    Args:
        lab: with at least one exercise that is a function.
    Returns:
        The students, in an order that is the same every time.
    """
    makers = (_right(lab), _mistaken(lab), _failing(lab), _spoilt(lab))
    found = [student for maker in makers for student in maker]
    return [replace(s, name=f"{i:02d}-{s.name}") for i, s in enumerate(found, start=1)]


def write_class(lab: Lab, students: list[Student], submitted: Path) -> None:
    """Writes a class's submissions as nbgrader collects them.

    Args:
        lab: the lab.
        students: what `make_class` gave.
        submitted: the course's `submitted/` folder.
    """
    first = submitted / students[0].name / lab.name / f"{lab.name}.ipynb"
    for student in students:
        folder = submitted / student.name / lab.name
        folder.mkdir(parents=True)
        path = folder / f"{lab.name}.ipynb"
        if student.notebook is None:
            path.symlink_to(first.resolve())
        else:
            path.write_bytes(student.notebook)


def answered(lab: Lab, *answers: Alternative) -> dict[str, Any]:
    """A submission's notebook with the right answer to all but some exercises."""
    replaced = {a.exercise: a.source for a in answers}
    cells = []
    for cell in lab.cells:
        source = visible_source(cell)
        if cell.kind == "solution":
            source = _without_marks(source)
            if cell.exercise in replaced:
                # the exercise's first cell takes the answer, others are emptied
                source, replaced[cell.exercise] = replaced[cell.exercise], ""
        cells.append(replace(cell, source=source))
    text = as_text(solution_notebook(replace(lab, cells=tuple(cells))))
    notebook: dict[str, Any] = json.loads(text)
    return notebook


def _without_marks(source: str) -> str:
    marks = (BEGIN_SOLUTION, END_SOLUTION)
    return "\n".join(
        line for line in source.split("\n") if not any(mark in line for mark in marks)
    )


def _bytes(notebook: dict[str, Any]) -> bytes:
    return json.dumps(notebook, indent=1).encode("utf-8")


def _points(lab: Lab, exercise: str) -> float:
    return sum(c.points for c in lab.tests if c.exercise == exercise)


def _right(lab: Lab) -> Iterator[Student]:
    yield Student(
        "right", "the reference solution", lab.max_score, _bytes(answered(lab))
    )
    for variant in _one_each(lab.variants, 4):
        yield Student(
            f"variant-{variant.name}",
            f"{variant.exercise} answered in another right way",
            lab.max_score,
            _bytes(answered(lab, variant)),
        )


def _one_each(others: tuple[Alternative, ...], most: int) -> list[Alternative]:
    """The first alternative of each exercise, as far as `most`."""
    first: dict[str, Alternative] = {}
    for other in others:
        first.setdefault(other.exercise, other)
    return list(first.values())[:most]


def _mistaken(lab: Lab) -> Iterator[Student]:
    points = {c.id: c.points for c in lab.tests}
    chosen = _one_each(lab.mistakes, 10)
    for mistake in chosen:
        lost = sum(points[test] for test in mistake.fails)
        yield Student(
            f"mistake-{mistake.name}",
            f"the known mistake {mistake.name} in {mistake.exercise}",
            lab.max_score - lost,
            _bytes(answered(lab, mistake)),
        )
    two = chosen[:2]
    if len(two) == 2:
        lost = sum(points[test] for mistake in two for test in mistake.fails)
        yield Student(
            "two-mistakes",
            f"the known mistakes {two[0].name} and {two[1].name}",
            lab.max_score - lost,
            _bytes(answered(lab, *two)),
        )


def function_exercise(lab: Lab) -> tuple[str, str]:
    """The first exercise that is a function, and the function's name."""
    for cell in lab.cells:
        if cell.kind == "solution" and cell.source.lstrip().startswith("def "):
            return cell.exercise, sorted(names_defined(cell.source))[0]
    raise ValueError(f"Expected {lab.name} to have an exercise that is a function")


def _failing(lab: Lab) -> Iterator[Student]:
    exercise, name = function_exercise(lab)
    rest = lab.max_score - _points(lab, exercise)
    for kind, (what, code) in _FAILURES.items():
        answer = Alternative(kind, exercise, dedent(code).replace("NAME", name))
        yield Student(kind, what, rest, _bytes(answered(lab, answer)))
    wrong = Alternative("wrong", exercise, _WRONG.replace("NAME", name))
    notebook = answered(lab, wrong)
    for cell in notebook["cells"]:
        if cell["metadata"].get("nbgrader", {}).get("grade"):
            cell["source"] = "print('all tests passed')"
            cell["metadata"]["tags"] = ["skip-execution"]
    yield Student("edited-tests", "every test cell edited", rest, _bytes(notebook))


def _spoilt(lab: Lab) -> Iterator[Student]:
    untouched = as_text(release_notebook(lab)).encode("utf-8")
    yield Student("untouched", "the lab as it was released", 0.0, untouched)
    yield Student("empty-file", "a file of no bytes", 0.0, b"")
    yield Student("symlink", "a link to another student's notebook", 0.0, None)
