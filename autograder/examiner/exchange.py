"""Brings what a submission returned to the examiner: models and tensors as own copies.

A model or layer is rebuilt from its description. Symbolic tensors are rebuilt as the
model that leads to them, which is then applied to the tensors that the test had sent.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from autograder.candidate import wire
from autograder.examiner import models

Ask = Callable[[list[wire.Reference]], Any]  # for the description of things
# what has no description, and is asked for too often
_NO_MODELS = {"function", "method", "builtin_function_or_method", "type", "module"}


class Rebuilt:
    """The examiner's own copies of what a value refers to.

    Args:
        value: what came, with references in it.
        inputs: the symbolic tensors that the test had sent.
        names: the lab's own layers and functions.
        ask: asks the submission for a description.
    """

    def __init__(
        self, value: Any, inputs: list[Any], names: dict[str, Any], ask: Ask
    ) -> None:
        self.objects: dict[int, Any] = {}  # for the test, by a reference's number
        self.graphs: dict[int, Any] = {}  # the same for the diagnosis
        self.refusals: dict[int, str] = {}  # why something was not rebuilt
        self._names, self._ask = names, ask
        found = references(value)
        tensors = [r for r in found if r.type_name == "KerasTensor"]
        if tensors and inputs:
            self._rebuild(tensors, inputs)
        for reference in found:
            if reference.type_name not in {"KerasTensor", *_NO_MODELS}:
                self._rebuild([reference], None)

    def _rebuild(self, found: list[wire.Reference], inputs: list[Any] | None) -> None:
        described = self._ask(found)
        if described is None:
            return
        numbers = [r.number for r in found]
        try:
            model = models.rebuild(described, self._names)
            things = [model] if inputs is None else models.apply(model, inputs)
        except models.ModelRefused as refused:
            self.refusals |= dict.fromkeys(numbers, str(refused))
            return
        self.objects |= dict(zip(numbers, things, strict=False))
        if inputs is None:
            self.graphs |= {numbers[0]: model}
        else:
            self.graphs |= {n: (model, i) for i, n in enumerate(numbers)}


def references(value: Any) -> list[wire.Reference]:
    """The references in a value, in order."""
    if type(value) is wire.Reference:
        return [value]
    if type(value) in (list, tuple):
        return [r for item in value for r in references(item)]
    if type(value) is dict:
        return [r for item in value.values() for r in references(item)]
    return []


def replace(value: Any, known: dict[int, Any]) -> Any:
    """The value with the references that are known replaced."""
    if type(value) is wire.Reference:
        return known.get(value.number, value)
    if type(value) in (list, tuple):
        return type(value)(replace(item, known) for item in value)
    if type(value) is dict:
        return {k: replace(v, known) for k, v in value.items()}
    return value
