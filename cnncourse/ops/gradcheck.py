"""Gradients by central differences, to check the others against."""

from collections.abc import Callable

import numpy as np

STEP = 1e-5  # near the cube root of float64's precision, where the error is least


def numerical_gradient(
    function: Callable[[np.ndarray], np.ndarray | float],
    x: np.ndarray,
    dy: np.ndarray | float = 1.0,
    step: float = STEP,
) -> np.ndarray:
    """Estimates the gradient of `sum(dy * function(x))` by central differences.

    Args:
        function: maps an array of the shape of `x` to an array or a number.
        x: float64 array; it is not changed.
        dy: weights of the outputs, such as the gradient of a loss.
        step: half the distance between the two points, > 0.

    Returns:
        Array of the shape of `x`, with an error of the order of `step^2`.

    Raises:
        ValueError: if `x` is not of float64 (in float32 differences drown in rounding),
            or `step` is not positive.

    Example:
        >>> numerical_gradient(lambda x: x**2, np.array([3.0])).round(6)
        array([6.])
    """
    x = np.asarray(x)
    if x.dtype != np.float64:
        raise ValueError(f"Expected x of dtype float64. Received: x.dtype={x.dtype}")
    if not step > 0:
        raise ValueError(f"Expected step > 0. Received: step={step}")
    point = x.copy()
    gradient = np.empty(x.shape)
    for index in np.ndindex(x.shape):
        point[index] = x[index] + step
        above = np.array(function(point.copy()))
        point[index] = x[index] - step
        below = np.array(function(point.copy()))
        point[index] = x[index]
        gradient[index] = np.sum(dy * (above - below)) / (2 * step)
    return gradient


def relative_error(a: np.ndarray, b: np.ndarray) -> float:
    """Returns the largest difference over the largest value; 0 for two zeros.

    Args:
        a: float array.
        b: float array of the same shape.

    Raises:
        ValueError: if the shapes differ.
    """
    a, b = np.asarray(a), np.asarray(b)
    if a.shape != b.shape:
        raise ValueError(
            f"Expected two arrays of one shape. Received: {a.shape} and {b.shape}"
        )
    scale = max(np.abs(a).max(initial=0), np.abs(b).max(initial=0))
    return float(np.abs(a - b).max(initial=0) / scale) if scale else 0.0
