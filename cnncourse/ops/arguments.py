"""Checks what the functions of `cnncourse.ops` are given."""

from collections.abc import Sequence
from typing import Any

import numpy as np

FLOATS = (np.dtype(np.float32), np.dtype(np.float64))

Sizes = int | Sequence[int]


def float_arrays(**arrays: Any) -> tuple[np.ndarray, ...]:
    """Returns the arguments as arrays of one dtype, float32 or float64.

    Raises:
        ValueError: if one is not of these dtypes, or if they differ.
    """
    values = {name: np.asarray(value) for name, value in arrays.items()}
    for name, value in values.items():
        if value.dtype not in FLOATS:
            raise ValueError(
                f"Expected {name} of dtype float32 or float64. "
                f"Received: {name}.dtype={value.dtype}"
            )
    if len({value.dtype for value in values.values()}) > 1:
        received = ", ".join(f"{n}.dtype={v.dtype}" for n, v in values.items())
        raise ValueError(f"Expected arrays of one dtype. Received: {received}")
    return tuple(values.values())


def check_shape(name: str, value: np.ndarray, shape: tuple[int, ...]) -> None:
    """Checks the shape of an array.

    Raises:
        ValueError: if it differs from `shape`.
    """
    if value.shape != shape:
        raise ValueError(
            f"Expected {name} of shape {shape}. Received: {name}.shape={value.shape}"
        )


def per_axis(name: str, value: Sizes, rank: int) -> tuple[int, ...]:
    """Returns one positive integer for each spatial axis.

    Args:
        name: name of the argument.
        value: an integer for all axes, or a sequence of `rank` of them.
        rank: number of spatial axes.

    Raises:
        ValueError: if a value is not an integer >= 1 or if their number is wrong.
    """
    values = (value,) * rank if isinstance(value, int | np.integer) else tuple(value)
    whole = all(isinstance(v, int | np.integer) and v >= 1 for v in values)
    if len(values) != rank or not whole or bool in map(type, values):
        raise ValueError(
            f"Expected {name}: an integer >= 1, or {rank} of them. "
            f"Received: {name}={value!r}"
        )
    return tuple(int(v) for v in values)
