"""Random weights whose variance keeps signals neither growing nor dying."""

from math import prod, sqrt
from typing import Any

import numpy as np

from cnncourse.ops.arguments import FLOATS

DISTRIBUTIONS = ("uniform", "normal")


def fans(shape: tuple[int, ...]) -> tuple[int, int]:
    """Returns how many inputs a unit has, and how many units an input reaches.

    Args:
        shape: of a dense kernel `(inputs, units)` or a convolution's `(*kernel_size,
            C_in, C_out)`.

    Raises:
        ValueError: if `shape` has fewer than two axes.

    Example:
        >>> fans((3, 3, 64, 128))
        (576, 1152)
    """
    if len(shape) < 2 or min(shape) < 1:
        raise ValueError(
            f"Expected a shape (..., inputs, units). Received: shape={shape}"
        )
    window = prod(shape[:-2])
    return window * shape[-2], window * shape[-1]


def glorot(
    shape: tuple[int, ...],
    rng: np.random.Generator,
    distribution: str = "uniform",
    dtype: Any = np.float32,
) -> np.ndarray:
    """Draws weights of variance `2 / (fan_in + fan_out)`, for tanh-like units.

    Args:
        shape: of the kernel; see `fans`.
        rng: source of randomness.
        distribution: "uniform" (the paper's) or "normal".
        dtype: float32 or float64.

    Raises:
        ValueError: if an argument is none of these.

    Source: Glorot, Bengio 2010, equation 16.
    """
    fan_in, fan_out = fans(shape)
    return _draw(shape, rng, 2 / (fan_in + fan_out), distribution, dtype)


def he(
    shape: tuple[int, ...],
    rng: np.random.Generator,
    distribution: str = "normal",
    dtype: Any = np.float32,
) -> np.ndarray:
    """Draws weights of variance `2 / fan_in`, for rectified linear units.

    The arguments are those of `glorot`; the paper's distribution is "normal".

    Source: He, Zhang, Ren, Sun 2015, equation 10.
    """
    return _draw(shape, rng, 2 / fans(shape)[0], distribution, dtype)


def _draw(
    shape: tuple[int, ...],
    rng: np.random.Generator,
    variance: float,
    distribution: str,
    dtype: Any,
) -> np.ndarray:
    if np.dtype(dtype) not in FLOATS:
        raise ValueError(f"Expected dtype float32 or float64. Received: dtype={dtype}")
    if distribution == "normal":
        return (rng.standard_normal(shape) * sqrt(variance)).astype(dtype)
    if distribution == "uniform":
        limit = sqrt(3 * variance)
        return rng.uniform(-limit, limit, shape).astype(dtype)
    raise ValueError(
        f"Expected distribution: one of {DISTRIBUTIONS}. "
        f"Received: distribution={distribution!r}"
    )
