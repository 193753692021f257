"""Compares plain data: None, bool, numbers, str, bytes, and tuples, lists and dicts.

What a student's code returned is never asked whether it is equal: its type is looked at
first, and only values of the types named here are compared.
"""

from dataclasses import dataclass
from typing import Any

import numpy as np

from cnncourse.differences import NUMBER_TYPES, type_name

INTEGERS = tuple(t for t in NUMBER_TYPES if t is int or issubclass(t, np.integer))
REALS = tuple(t for t in NUMBER_TYPES if t is float or issubclass(t, np.floating))
STANDS_FOR: dict[type, tuple[type, ...]] = {  # what may be received for a Python number
    bool: (bool, np.bool_),
    int: INTEGERS,
    float: INTEGERS + REALS,
    complex: tuple(NUMBER_TYPES - {bool, np.bool_}),
}
TYPES = (*STANDS_FOR, type(None), str, bytes, tuple, list, dict)
KEYS = (str, bytes, bool, int, float)
LONGEST_TEXT = 100


@dataclass(frozen=True)
class Difference:
    """Where and how two values part.

    Attributes:
        problem: in full.
        public: without expected values.
        hint: a common slip that may be behind it, or "".
    """

    problem: str
    public: str
    hint: str = ""


def first_difference(
    received: Any, expected: Any, where: str = ""
) -> Difference | None:
    """Returns the first difference, or None.

    Args:
        received: anything.
        expected: plain data.
        where: the path to these values, "" at the top, else such as "[1]['a']".

    Raises:
        TypeError: if `expected` is not plain data.
    """
    at = f"at {where}: " if where else ""
    kind = type(expected)
    if kind not in TYPES:
        raise TypeError(f"Expected plain data (arrays: checks.array). Received: {kind}")
    if type(received) not in STANDS_FOR.get(kind, (kind,)):
        problem = f"{at}expected {type_name(expected)}, received {type_name(received)}."
        return Difference(problem, problem, _type_hint(received, expected))
    if kind in (tuple, list):
        return _between_sequences(received, expected, where, at)
    if kind is dict:
        return _between_dicts(received, expected, where, at)
    both_nan = received != received and expected != expected
    if received == expected or both_nan:
        return None
    return Difference(
        f"{at}expected {_show(expected)}, received {_show(received)}.",
        f"{at}the value is not the expected one.",
    )


def _between_sequences(
    received: Any, expected: Any, where: str, at: str
) -> Difference | None:
    if len(received) != len(expected):
        sizes = f"expected {len(expected)}, received {len(received)}"
        return Difference(
            f"{at}the number of entries: {sizes}.",
            f"{at}the number of entries is not the expected one.",
        )
    for i, (one, other) in enumerate(zip(received, expected, strict=True)):
        difference = first_difference(one, other, f"{where}[{i}]")
        if difference is not None:
            return difference
    return None


def _between_dicts(
    received: dict, expected: dict, where: str, at: str
) -> Difference | None:
    public = f"{at}the keys are not the expected ones."
    if not all(type(key) in KEYS for key in expected):
        raise TypeError(f"Expected plain keys. Received: expected={expected!r}")
    if not all(type(key) in KEYS for key in received):
        problem = f"{at}expected keys {_show(list(expected))}, received others."
        return Difference(problem, public)
    if received.keys() != expected.keys():
        keys = f"{_show(list(expected))}, received {_show(list(received))}"
        return Difference(f"{at}expected keys {keys}.", public)
    for key, value in expected.items():
        difference = first_difference(received[key], value, f"{where}[{key!r}]")
        if difference is not None:
            return difference
    return None


def _show(value: Any) -> str:
    """Renders a value, cut where it is long."""
    try:
        text = repr(value)
    except ValueError:  # Python does not write integers of thousands of digits
        return "an integer too long to be written"
    return text if len(text) <= LONGEST_TEXT else text[:LONGEST_TEXT] + "..."


def _type_hint(received: Any, expected: Any) -> str:
    """Names a common slip behind a wrong type."""
    if received is None:
        return "Did you forget `return`?"
    if type(expected) is int and type(received) in REALS and received == expected:
        return "The value is right but a float: use `//` or `int(...)`."
    if type(expected) is tuple and type(received) is list:
        return "Use round brackets, or `tuple(...)`."
    if type(expected) is list and type(received) is tuple:
        return "Use square brackets, or `list(...)`."
    if type(received) is np.ndarray:
        return "Take the single values out of the array."
    return ""
