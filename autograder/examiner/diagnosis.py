"""Which known mistake gives what the student's code gave."""

from __future__ import annotations

import copy
from typing import Any

import numpy as np

from autograder.cells import Alternative
from autograder.examiner.material import Material
from autograder.examiner.proxies import Call
from autograder.record import Diagnosis


def diagnose(
    material: Material, exercise: str, failed: list[list[Call]]
) -> Diagnosis | None:
    """Names the known mistake that explains an exercise's failed tests.

    A mistake explains a test cell if it gives the student's answer to every call in
    it and the reference gives another answer to at least one. The one that explains
    the most calls that went wrong is named.

    Args:
        material: the lab.
        exercise: which exercise failed.
        failed: the calls of each of its failed test cells.
    Returns:
        The mistake and its hint, or None if no known mistake explains a failed cell.
    """
    best: tuple[int, Alternative] | None = None
    cells = [_judged(material, exercise, calls) for calls in failed]
    for mistake in material.lab.mistakes:
        if mistake.exercise != exercise:
            continue
        explained = sum(_explains(material, mistake, cell) for cell in cells)
        if explained and (best is None or explained > best[0]):
            best = (explained, mistake)
    return Diagnosis(best[1].name, best[1].hint) if best else None


def _judged(
    material: Material, exercise: str, calls: list[Call]
) -> list[tuple[Call, bool]]:
    """The exercise's calls in a test cell, each with whether it was answered right."""
    mine = [c for c in calls if material.names.get(c.name) == exercise]
    return [(c, agrees(answer(material.reference, c), c.outcome)) for c in mine]


def _explains(
    material: Material, mistake: Alternative, cell: list[tuple[Call, bool]]
) -> int:
    """How many wrong answers in a test cell a mistake explains; 0 if not all."""
    wrong = sum(not right for _, right in cell)
    namespace = material.mistaken(mistake)
    if wrong and all(agrees(answer(namespace, c), c.outcome) for c, _ in cell):
        return wrong
    return 0


def answer(namespace: dict[str, Any], call: Call) -> tuple:
    """The outcome of a call, or of reading a value, in a namespace of ours."""
    if call.outcome[0] == "read":
        return ("read", namespace.get(call.name))
    args, kwargs = copy.deepcopy((call.args, call.kwargs))
    arrays = [a for a in (*args, *kwargs.values()) if isinstance(a, np.ndarray)]
    before = [a.copy() for a in arrays]
    try:
        with np.errstate(all="ignore"):
            value = namespace[call.name](*args, **kwargs)
        outcome: tuple = ("value", value)
    except Exception as error:
        outcome = ("raised", type(error).__name__)
    changed = {
        i: new
        for i, (old, new) in enumerate(zip(before, arrays, strict=True))
        if old.tobytes() != new.tobytes()
    }
    return (*outcome, changed)


def agrees(ours: Any, theirs: Any) -> bool:
    """Whether two outcomes are equal but for rounding, types and dtypes included."""
    if type(ours) is not type(theirs):
        return False
    if isinstance(ours, np.ndarray | np.generic):
        if ours.shape != theirs.shape or ours.dtype != theirs.dtype:
            return False
        if ours.dtype.kind in "fc":
            close = np.isclose(ours, theirs, rtol=1e-4, atol=1e-6, equal_nan=True)
            return bool(close.all())
        return bool((ours == theirs).all())
    if isinstance(ours, list | tuple):
        pairs = zip(ours, theirs, strict=False)
        return len(ours) == len(theirs) and all(agrees(a, b) for a, b in pairs)
    if isinstance(ours, dict):
        return ours.keys() == theirs.keys() and all(
            agrees(ours[k], theirs[k]) for k in ours
        )
    if isinstance(ours, float):
        return bool(np.isclose(ours, theirs, rtol=1e-9, equal_nan=True))
    return bool(ours == theirs)
