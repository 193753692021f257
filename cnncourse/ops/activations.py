"""Activation functions and their gradients.

Each gradient takes the gradient with respect to the output and the input of the forward
call. Where a function has a kink, the gradient is the one on the left.
"""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from cnncourse.catalogue import Catalogue
from cnncourse.ops.arguments import check_shape, float_arrays


def _pair(dy: np.ndarray, x: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    dy, x = float_arrays(dy=dy, x=x)
    check_shape("dy", dy, x.shape)
    return dy, x


def sigmoid(x: np.ndarray) -> np.ndarray:
    """Returns `1 / (1 + exp(-x))`, without overflow."""
    (x,) = float_arrays(x=x)
    small = np.exp(-np.abs(x))
    return np.where(x >= 0, 1, small) / (1 + small)


def sigmoid_gradient(dy: np.ndarray, x: np.ndarray) -> np.ndarray:
    """Returns `dy s (1 - s)` with `s = sigmoid(x)`."""
    dy, x = _pair(dy, x)
    return dy * sigmoid(x) * sigmoid(-x)


def tanh(x: np.ndarray) -> np.ndarray:
    """Returns the hyperbolic tangent."""
    (x,) = float_arrays(x=x)
    return np.tanh(x)


def tanh_gradient(dy: np.ndarray, x: np.ndarray) -> np.ndarray:
    """Returns `dy (1 - tanh(x)^2)`."""
    dy, x = _pair(dy, x)
    return dy * (1 - np.tanh(x) ** 2)


def relu(x: np.ndarray) -> np.ndarray:
    """Returns `max(x, 0)`.

    Source: Nair, Hinton 2010.
    """
    (x,) = float_arrays(x=x)
    return np.maximum(x, 0)


def relu_gradient(dy: np.ndarray, x: np.ndarray) -> np.ndarray:
    """Returns `dy` where `x > 0`, else 0."""
    dy, x = _pair(dy, x)
    return np.where(x > 0, dy, 0)


def leaky_relu(x: np.ndarray, negative_slope: float = 0.01) -> np.ndarray:
    """Returns `x` where it is positive, else `negative_slope x`.

    Source: Maas, Hannun, Ng 2013.
    """
    (x,) = float_arrays(x=x)
    return np.where(x > 0, x, x * x.dtype.type(negative_slope))


def leaky_relu_gradient(
    dy: np.ndarray, x: np.ndarray, negative_slope: float = 0.01
) -> np.ndarray:
    """Returns `dy` where `x > 0`, else `negative_slope dy`."""
    dy, x = _pair(dy, x)
    return np.where(x > 0, dy, dy * x.dtype.type(negative_slope))


def elu(x: np.ndarray, alpha: float = 1.0) -> np.ndarray:
    """Returns `x` where it is positive, else `alpha (exp(x) - 1)`.

    Source: Clevert, Unterthiner, Hochreiter 2016.
    """
    (x,) = float_arrays(x=x)
    return np.where(x > 0, x, x.dtype.type(alpha) * np.expm1(np.minimum(x, 0)))


def elu_gradient(dy: np.ndarray, x: np.ndarray, alpha: float = 1.0) -> np.ndarray:
    """Returns `dy` where `x > 0`, else `alpha exp(x) dy`."""
    dy, x = _pair(dy, x)
    return dy * np.where(x > 0, 1, x.dtype.type(alpha) * np.exp(np.minimum(x, 0)))


def maxout(x: np.ndarray, pieces: int = 2) -> np.ndarray:
    """Returns the maximum of each run of `pieces` channels.

    Args:
        x: float array `(..., units x pieces)`.
        pieces: number of linear pieces of a unit.

    Returns:
        Array `(..., units)`.

    Raises:
        ValueError: if `pieces` does not divide the number of channels.

    Source: Goodfellow et al. 2013.
    """
    (x,) = float_arrays(x=x)
    return _pieces(x, pieces).max(axis=-1)


def maxout_gradient(dy: np.ndarray, x: np.ndarray, pieces: int = 2) -> np.ndarray:
    """Gives `dy`, `(..., units)`, to the first largest piece of each unit."""
    dy, x = float_arrays(dy=dy, x=x)
    parts = _pieces(x, pieces)
    check_shape("dy", dy, parts.shape[:-1])
    dx = np.zeros(parts.shape, x.dtype)
    first = parts.argmax(axis=-1, keepdims=True)
    np.put_along_axis(dx, first, dy[..., None], axis=-1)
    return dx.reshape(x.shape)


def _pieces(x: np.ndarray, pieces: int) -> np.ndarray:
    if x.ndim == 0 or pieces < 1 or x.shape[-1] % pieces:
        raise ValueError(
            "Expected pieces to divide the number of channels. "
            f"Received: pieces={pieces}, x.shape={x.shape}"
        )
    return x.reshape(*x.shape[:-1], -1, pieces)


def softmax(x: np.ndarray, axis: int = -1) -> np.ndarray:
    """Returns `exp(x)` over its sum along `axis`, without overflow."""
    (x,) = float_arrays(x=x)
    powers = np.exp(x - x.max(axis=axis, keepdims=True))
    return powers / powers.sum(axis=axis, keepdims=True)


def softmax_gradient(dy: np.ndarray, x: np.ndarray, axis: int = -1) -> np.ndarray:
    """Returns `p (dy - sum(dy p))` with `p = softmax(x)`."""
    dy, x = _pair(dy, x)
    p = softmax(x, axis)
    return p * (dy - (dy * p).sum(axis=axis, keepdims=True))


@dataclass(frozen=True)
class Activation:
    """A function and its gradient.

    Attributes:
        value: `(x) -> y`.
        gradient: `(dy, x) -> dx`.
    """

    value: Callable[..., np.ndarray]
    gradient: Callable[..., np.ndarray]


ACTIVATIONS = Catalogue(
    "activation",
    [
        ("sigmoid", Activation(sigmoid, sigmoid_gradient)),
        ("tanh", Activation(tanh, tanh_gradient)),
        ("relu", Activation(relu, relu_gradient)),
        ("leaky_relu", Activation(leaky_relu, leaky_relu_gradient)),
        ("elu", Activation(elu, elu_gradient)),
        ("maxout", Activation(maxout, maxout_gradient)),
        ("softmax", Activation(softmax, softmax_gradient)),
    ],
)
