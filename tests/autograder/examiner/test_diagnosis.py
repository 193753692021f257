"""Which known mistake gives what the student's code gave."""

from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from autograder.cells import Alternative
from autograder.examiner.diagnosis import agrees, answer, diagnose
from autograder.examiner.material import Material
from autograder.examiner.proxies import Call
from autograder.record import Diagnosis

X = np.array([1.0, 2.0, 4.0])


def called(value: Any, x: Any = X, name: str = "double") -> Call:
    """A call that the submission answered with a value."""
    return Call(name, (x,), {}, ("value", value, {}))


AGREE: list[tuple[Any, Any]] = [
    (1, 1),
    ("a", "a"),
    (None, None),
    (1.0, 1.0 + 1e-12),
    (float("nan"), float("nan")),
    (X, X + 1e-9),
    (np.array([np.nan, np.inf]), np.array([np.nan, np.inf])),
    (np.float32(1), np.float32(1 + 1e-5)),
    ([1, (X, "a")], [1, (X, "a")]),
    ({"a": X}, {"a": X.copy()}),
    (np.array(["a"]), np.array(["a"])),
    (np.zeros((0, 3)), np.zeros((0, 3))),
]
DIFFER: list[tuple[Any, Any]] = [
    (1, 1.0),
    (1, True),
    (1.0, 1.1),
    ("a", "b"),
    (X, X.tolist()),
    (X, X.astype(np.float32)),
    (X, X[None]),
    (X, X + 1e-3),
    (np.array([1, 2]), np.array([1, 3])),
    ([1], (1,)),
    ([1], [1, 2]),
    ({"a": 1}, {"b": 1}),
    ({"a": 1}, {"a": 2}),
    (None, 0),
]


@pytest.mark.parametrize(("ours", "theirs"), AGREE, ids=repr)
def test_equal_but_for_rounding(ours: Any, theirs: Any) -> None:
    assert agrees(ours, theirs)


@pytest.mark.parametrize(("ours", "theirs"), DIFFER, ids=repr)
def test_types_dtypes_and_shapes_count(ours: Any, theirs: Any) -> None:
    assert not agrees(ours, theirs) and not agrees(theirs, ours)


def test_the_answer_of_our_own_code(material: Material) -> None:
    outcome = answer(material.reference, called(None))
    assert agrees(outcome, ("value", 2 * X, {}))
    short = called(None, np.ones(1), "smooth")
    assert answer(material.reference, short) == ("raised", "ValueError", {})
    read = Call("answer", (), {}, ("read", "three"))
    assert answer(material.reference, read) == ("read", "one fewer")


def test_our_own_code_does_not_change_the_kept_arguments(material: Material) -> None:
    in_place = next(m for m in material.lab.mistakes if m.name == "in_place")
    x = X.copy()
    outcome = answer(material.mistaken(in_place), called(None, x))
    assert x.tolist() == X.tolist()
    assert outcome[2][0].tolist() == (2 * X).tolist()


def test_the_mistake_that_gives_the_same_is_named(material: Material) -> None:
    found = diagnose(material, "double", [[called(3 * X), called(3 * X)]])
    assert found == Diagnosis(
        "triple", "You multiplied by three: twice a number is the number and itself."
    )


def test_a_mistake_that_only_shows_in_the_input(material: Material) -> None:
    changed = Call("double", (X,), {}, ("value", 2 * X, {0: 2 * X}))
    found = diagnose(material, "double", [[changed]])
    assert found is not None and found.mistake == "in_place"


UNEXPLAINED: dict[str, list[list[Call]]] = {
    "no calls": [[]],
    "no failed cells": [],
    "right answers": [[called(2 * X)]],
    "something else": [[called(5 * X)]],
    "half of it": [[called(3 * X), called(5 * X)]],
    "another exercise": [[called(3 * X, name="smooth")]],
    "an unknown name": [[called(3 * X, name="triple")]],
    "no answer": [[Call("double", (X,), {}, ("failed",))]],
}


@pytest.mark.parametrize("case", UNEXPLAINED)
def test_nothing_is_named_that_does_not_explain(material: Material, case: str) -> None:
    assert diagnose(material, "double", UNEXPLAINED[case]) is None


def test_one_explained_cell_is_enough(material: Material) -> None:
    cells = [[called(5 * X)], [called(3 * X)]]
    found = diagnose(material, "double", cells)
    assert found is not None and found.mistake == "triple"


def test_the_mistake_that_explains_most_is_named(material: Material) -> None:
    sometimes = Alternative(
        "only_vectors",
        "double",
        "def double(x):\n    return 3 * x if x.ndim == 1 else 2 * x",
        ("test_double",),
        "hint",
    )
    lab = material.lab
    both = Material(replace(lab, mistakes=(sometimes, *lab.mistakes)))
    matrix = np.ones((2, 2))
    always = [[called(3 * X)], [called(3 * matrix, matrix)]]
    found = diagnose(both, "double", always)
    assert found is not None and found.mistake == "triple"
    vectors = [[called(3 * X), called(2 * matrix, matrix)]]
    found = diagnose(both, "double", vectors)
    assert found is not None and found.mistake == "only_vectors"
