"""Losses, each a mean, and their gradients."""

import numpy as np

from cnncourse.ops.activations import sigmoid, softmax
from cnncourse.ops.arguments import check_shape, float_arrays


def softmax_cross_entropy(logits: np.ndarray, labels: np.ndarray) -> float:
    """Returns the mean of `-log softmax(logits)[label]`, without overflow.

    Args:
        logits: float array `(..., K)`, scores of K classes.
        labels: integer array `(...)`, values in 0..K-1.

    Returns:
        The mean over all leading axes.

    Raises:
        ValueError: if shapes do not fit or a label is no class.

    Example:
        >>> float(softmax_cross_entropy(np.zeros((1, 2)), np.array([1])))  # log 2
        0.6931471805599453
    """
    logits, labels = _classes(logits, labels)
    shifted = logits - logits.max(axis=-1, keepdims=True)
    logs = shifted - np.log(np.exp(shifted).sum(axis=-1, keepdims=True))
    return -np.take_along_axis(logs, labels[..., None], axis=-1).mean()


def softmax_cross_entropy_gradient(
    logits: np.ndarray, labels: np.ndarray
) -> np.ndarray:
    """Returns `(softmax(logits) - one_hot(labels)) / N`, with N labels."""
    logits, labels = _classes(logits, labels)
    gradient = softmax(logits)
    at = labels[..., None]
    ones = np.take_along_axis(gradient, at, axis=-1) - 1
    np.put_along_axis(gradient, at, ones, axis=-1)
    return gradient / logits.dtype.type(labels.size)


def _classes(logits: np.ndarray, labels: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Checks the arguments of a loss over classes."""
    (logits,) = float_arrays(logits=logits)
    labels = np.asarray(labels)
    if logits.ndim < 1 or labels.shape != logits.shape[:-1] or logits.size == 0:
        raise ValueError(
            "Expected logits of shape (..., K) and labels of shape (...). "
            f"Received: logits.shape={logits.shape}, labels.shape={labels.shape}"
        )
    if labels.dtype.kind not in "iu":
        raise ValueError(
            f"Expected integer labels. Received: labels.dtype={labels.dtype}"
        )
    classes = logits.shape[-1]
    if labels.min() < 0 or labels.max() >= classes:
        raise ValueError(
            f"Expected labels from 0 to {classes - 1}. "
            f"Received: labels from {labels.min()} to {labels.max()}"
        )
    return logits, labels.astype(np.intp)


def sigmoid_cross_entropy(logits: np.ndarray, targets: np.ndarray) -> float:
    """Returns the mean of `-t log s - (1 - t) log (1 - s)` with `s = sigmoid(logits)`.

    Args:
        logits: float array.
        targets: float array of the same shape, values in [0, 1].

    Raises:
        ValueError: if shapes or dtypes do not fit.
    """
    logits, targets = _alike(logits=logits, targets=targets)
    softplus = np.log1p(np.exp(-np.abs(logits))) + np.maximum(logits, 0)
    return (softplus - logits * targets).mean()


def sigmoid_cross_entropy_gradient(
    logits: np.ndarray, targets: np.ndarray
) -> np.ndarray:
    """Returns `(sigmoid(logits) - targets) / N`, N being the number of logits."""
    logits, targets = _alike(logits=logits, targets=targets)
    return (sigmoid(logits) - targets) / logits.dtype.type(logits.size)


def mean_squared_error(predictions: np.ndarray, targets: np.ndarray) -> float:
    """Returns the mean of `(predictions - targets)^2`.

    Args:
        predictions: float array.
        targets: float array of the same shape.

    Raises:
        ValueError: if shapes or dtypes do not fit.
    """
    predictions, targets = _alike(predictions=predictions, targets=targets)
    return ((predictions - targets) ** 2).mean()


def mean_squared_error_gradient(
    predictions: np.ndarray, targets: np.ndarray
) -> np.ndarray:
    """Returns `2 (predictions - targets) / N`, N being the number of predictions."""
    predictions, targets = _alike(predictions=predictions, targets=targets)
    return (predictions - targets) * predictions.dtype.type(2 / predictions.size)


def _alike(**arrays: np.ndarray) -> tuple[np.ndarray, ...]:
    """Checks two float arrays of one shape, the second one being the targets."""
    first, targets = float_arrays(**arrays)
    check_shape("targets", targets, first.shape)
    if first.size == 0:
        raise ValueError(f"Expected no empty array. Received: shape={first.shape}")
    return first, targets
