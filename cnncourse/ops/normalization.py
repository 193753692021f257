"""Batch normalisation and local response normalisation, with their gradients."""

import numpy as np

from cnncourse.ops.arguments import check_shape, float_arrays

EPSILON = 1e-3  # the default of Keras

Statistics = tuple[np.ndarray, np.ndarray]


def batch_statistics(x: np.ndarray) -> Statistics:
    """Returns the mean and the (biased) variance of each channel.

    Args:
        x: float array `(B, ..., C)`.

    Returns:
        Two arrays `(C,)` of the dtype of `x`.

    Raises:
        ValueError: if `x` has fewer than two axes.
    """
    (x,) = float_arrays(x=x)
    if x.ndim < 2:
        raise ValueError(
            f"Expected x with axes (B, ..., C). Received: x.shape={x.shape}"
        )
    axes = tuple(range(x.ndim - 1))
    return x.mean(axis=axes), x.var(axis=axes)


def batch_norm(
    x: np.ndarray,
    gamma: np.ndarray,
    beta: np.ndarray,
    statistics: Statistics | None = None,
    epsilon: float = EPSILON,
) -> np.ndarray:
    """Normalises each channel, then scales by `gamma` and shifts by `beta`.

    Args:
        x: float array `(B, ..., C)`.
        gamma: scale, `(C,)`.
        beta: shift, `(C,)`.
        statistics: mean and variance, each `(C,)`, such as moving averages for
            inference; by default those of `x`, as in training.
        epsilon: added to the variance.

    Returns:
        Array of the shape and dtype of `x`.

    Raises:
        ValueError: if shapes or dtypes do not fit.

    Source: Ioffe, Szegedy 2015, algorithm 1.
    """
    mean, variance = batch_statistics(x) if statistics is None else statistics
    x, gamma, beta, mean, variance = float_arrays(
        x=x, gamma=gamma, beta=beta, mean=mean, variance=variance
    )
    if x.ndim < 2:
        raise ValueError(
            f"Expected x with axes (B, ..., C). Received: x.shape={x.shape}"
        )
    parameters = {"gamma": gamma, "beta": beta, "mean": mean, "variance": variance}
    for name, value in parameters.items():
        check_shape(name, value, x.shape[-1:])
    scale = gamma / np.sqrt(variance + x.dtype.type(epsilon))
    return (x - mean) * scale + beta


def batch_norm_gradient(
    dy: np.ndarray, x: np.ndarray, gamma: np.ndarray, epsilon: float = EPSILON
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Returns the gradients of `batch_norm` in training, by way of the statistics too.

    Args:
        dy: gradient with respect to the output, of the shape of `x`.
        x: the input, `(B, ..., C)`.
        gamma: scale, `(C,)`.
        epsilon: added to the variance.

    Returns:
        The gradients with respect to `x`, `gamma` and `beta`.

    Raises:
        ValueError: if shapes or dtypes do not fit.
    """
    dy, x, gamma = float_arrays(dy=dy, x=x, gamma=gamma)
    check_shape("dy", dy, x.shape)
    mean, variance = batch_statistics(x)
    check_shape("gamma", gamma, mean.shape)
    axes = tuple(range(x.ndim - 1))
    deviation = np.sqrt(variance + x.dtype.type(epsilon))
    normal = (x - mean) / deviation
    dgamma, dbeta = (dy * normal).sum(axis=axes), dy.sum(axis=axes)
    count = x.dtype.type(x.size // x.shape[-1])
    dx = gamma / deviation * (dy - dbeta / count - normal * dgamma / count)
    return dx, dgamma, dbeta


def local_response_norm(
    x: np.ndarray,
    depth_radius: int = 2,
    bias: float = 2.0,
    alpha: float = 1e-4,
    beta: float = 0.75,
) -> np.ndarray:
    """Divides by a power of the energy in the neighbouring channels.

    `y_c = x_c / (bias + alpha sum_{|j - c| <= depth_radius} x_j^2)^beta`; the defaults
    are the paper's, with `n = 2 depth_radius + 1`.

    Args:
        x: float array `(..., C)`.
        depth_radius: neighbours on each side, >= 0.
        bias: the paper's k, > 0.
        alpha: weight of the energy; not divided by n, unlike in Caffe and PyTorch.
        beta: exponent.

    Returns:
        Array of the shape and dtype of `x`.

    Raises:
        ValueError: if `depth_radius` is negative or `x` has no channels.

    Source: Krizhevsky, Sutskever, Hinton 2012, section 3.3.
    """
    (x,) = float_arrays(x=x)
    return x * _base(x, depth_radius, bias, alpha) ** -float(beta)


def local_response_norm_gradient(
    dy: np.ndarray,
    x: np.ndarray,
    depth_radius: int = 2,
    bias: float = 2.0,
    alpha: float = 1e-4,
    beta: float = 0.75,
) -> np.ndarray:
    """Returns the gradient with respect to the input of `local_response_norm`."""
    dy, x = float_arrays(dy=dy, x=x)
    check_shape("dy", dy, x.shape)
    beta = float(beta)
    base = _base(x, depth_radius, bias, alpha)
    through = _neighbours(dy * x * base ** (-beta - 1), depth_radius)
    return dy * base**-beta - 2 * float(alpha) * beta * x * through


def _base(x: np.ndarray, radius: int, bias: float, alpha: float) -> np.ndarray:
    """Returns what local response normalisation raises to a power."""
    return float(bias) + float(alpha) * _neighbours(x * x, radius)


def _neighbours(values: np.ndarray, radius: int) -> np.ndarray:
    """Returns the sums over `radius` channels on each side."""
    if radius < 0 or values.ndim == 0:
        raise ValueError(
            "Expected depth_radius >= 0 and x with axes (..., C). "
            f"Received: depth_radius={radius}, x.shape={values.shape}"
        )
    channels = values.shape[-1]
    total = values.copy()
    for distance in range(1, min(radius, channels - 1) + 1):
        total[..., distance:] += values[..., :-distance]
        total[..., :-distance] += values[..., distance:]
    return total
