"""Which known mistake gives what the student's code gave."""

from __future__ import annotations

import copy
import hashlib
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np

from autograder.candidate import models, wire
from autograder.cells import Alternative
from autograder.examiner import exchange
from autograder.examiner.material import Material
from autograder.examiner.models import outline
from autograder.examiner.proxies import Call
from autograder.record import Diagnosis

_SECONDS = 60.0  # for the mistakes of one exercise; a hint is not worth more
_KEPT_BYTES = 2**27


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
    deadline = time.monotonic() + _SECONDS
    cells = [_judged(material, exercise, calls) for calls in failed]
    for mistake in material.lab.mistakes:
        if mistake.exercise != exercise or time.monotonic() > deadline:
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
    return [(c, agrees(_recalled(material, None, c), c.outcome)) for c in mine]


def _explains(
    material: Material, mistake: Alternative, cell: list[tuple[Call, bool]]
) -> int:
    """How many wrong answers in a test cell a mistake explains; 0 if not all."""
    wrong = sum(not right for _, right in cell)
    if not wrong:
        return 0
    try:
        material.mistaken(mistake)
    except Exception:  # the lab's fault, which must not cost the others' hints
        return 0
    if all(agrees(_recalled(material, mistake, c), c.outcome) for c, _ in cell):
        return wrong
    return 0


def _recalled(material: Material, mistake: Alternative | None, call: Call) -> tuple:
    """What the reference or a mistake answers to a call.

    Tests ask every submission the same, and to train a net takes seconds: answers to
    plain data are kept, models among them as what they are made of.
    """
    namespace = material.mistaken(mistake) if mistake else material.reference
    if call.outcome[0] == "read":
        return answer(namespace, call)
    try:
        asked = wire.encode([call.name, list(call.args), call.kwargs])
    except wire.WireError:  # a function or a model
        return answer(namespace, call)
    key = (mistake, hashlib.sha256(asked).digest())
    if key not in material.answers:
        outcome = _map(_outlined, answer(namespace, call))
        try:
            size = len(wire.encode(list(_map(_spelled, outcome))))
        except wire.WireError:
            return outcome
        material.answers_bytes += size
        if material.answers_bytes > _KEPT_BYTES:
            return outcome
        material.answers[key] = outcome
    return material.answers[key]


@dataclass(frozen=True)
class _Outline:
    """What is kept of a model: all by which answers are told apart."""

    parts: tuple[str, ...]


def _outlined(thing: Any) -> Any:
    return _Outline(tuple(outline(thing))) if models.is_model(thing) else thing


def _spelled(thing: Any) -> Any:
    return list(thing.parts) if isinstance(thing, _Outline) else thing


def answer(namespace: dict[str, Any], call: Call) -> tuple:
    """The outcome of a call, or of reading a value, in a namespace of ours."""
    if call.outcome[0] == "read":
        return ("read", _as_it_crosses(namespace.get(call.name), []))
    inputs: list[Any] = []
    args, kwargs = _revived(copy.deepcopy((call.args, call.kwargs)), namespace, inputs)
    arrays = [a for a in (*args, *kwargs.values()) if isinstance(a, np.ndarray)]
    before = [a.copy() for a in arrays]
    lent = [a for a in (*args, *kwargs.values()) if models.is_model(a)]
    states = [models.state(model) for model in lent]
    try:
        with np.errstate(all="ignore"):
            value = namespace[call.name](*args, **kwargs)
        outcome: tuple = ("value", _as_it_crosses(value, inputs))
    except Exception as error:
        outcome = ("raised", type(error).__name__)
    changed: dict[Any, Any] = {
        i: new
        for i, (old, new) in enumerate(zip(before, arrays, strict=True))
        if old.tobytes() != new.tobytes()
    }
    for i, (model, state) in enumerate(zip(lent, states, strict=True)):
        if not models.is_same_state(state, models.state(model)):
            changed[f"model {i}"] = models.state(model)
    return (*outcome, changed)


def _revived(value: Any, namespace: dict[str, Any], inputs: list[Any]) -> Any:
    """Kept arguments, with models and symbolic tensors as a submission gets them."""

    def revive(item: Any) -> Any:
        if type(item) is not wire.Reference:
            return item
        if item.type_name == models.MODEL:
            return models.build(item.content, namespace)
        inputs.append(models.symbolic(item.content))
        return inputs[-1]

    return _map(revive, value)


def _as_it_crosses(value: Any, inputs: list[Any]) -> Any:
    """A value of ours as the examiner gets it from a submission."""
    tensors: list[Any] = []

    def note(item: Any) -> Any:
        if models.is_symbolic(item):
            tensors.append(item)
            return wire.Reference(len(tensors) - 1, models.SYMBOLIC)
        array = models.to_array(item)
        return item if array is None else array

    value = _map(note, value)
    if not tensors:
        return value
    import keras

    model = keras.Model(inputs, tensors)
    return exchange.replace(value, {i: (model, i) for i in range(len(tensors))})


def _map(change: Callable[[Any], Any], value: Any) -> Any:
    if type(value) in (list, tuple):
        return type(value)(_map(change, item) for item in value)
    if type(value) is dict:
        return {k: _map(change, v) for k, v in value.items()}
    return change(value)


def agrees(ours: Any, theirs: Any) -> bool:
    """Whether two outcomes are equal but for rounding, types and dtypes included."""
    ours, theirs = _outlined(ours), _outlined(theirs)
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
