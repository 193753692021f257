"""Maximum and average pooling in 1, 2 and 3 dimensions, and their gradients.

Padding never wins a maximum and never counts in an average, as in TensorFlow.
"""

import numpy as np

from cnncourse.ops.arguments import Sizes, check_shape, float_arrays, per_axis
from cnncourse.ops.geometry import tap_slices, without_padding
from cnncourse.ops.plan import Plan, plan
from cnncourse.ops.shapes import Padding

TIES = ("first", "share")


def _plan(
    x_shape: tuple[int, ...], pool_size: Sizes, strides: Sizes | None, padding: Padding
) -> Plan:
    """Checks the shapes and options; the windows are those of a convolution."""
    rank = len(x_shape) - 2
    if rank not in (1, 2, 3):
        raise ValueError(
            "Expected x with axes (B, *sizes, C), of 1 to 3 spatial axes. "
            f"Received: x.shape={x_shape}"
        )
    pool = per_axis("pool_size", pool_size, rank)
    channels = x_shape[-1]
    steps = pool if strides is None else strides
    p = plan(x_shape, (*pool, channels, channels), steps, padding)
    if any(max(pair) >= k for pair, k in zip(p.geometry.pairs, pool, strict=True)):
        raise ValueError(
            "Expected less padding than pool_size, or some windows are empty. "
            f"Received: padding={padding!r}, pool_size={pool_size}"
        )
    return p


def max_pool(
    x: np.ndarray,
    pool_size: Sizes,
    strides: Sizes | None = None,
    padding: Padding = "valid",
) -> np.ndarray:
    """Returns the maximum of each window, channel by channel.

    Args:
        x: float array `(B, *sizes, C)`, of 1 to 3 spatial axes.
        pool_size: an integer, or one for each axis.
        strides: an integer, or one for each axis; by default `pool_size`. Windows
            overlap where it is smaller.
        padding: see `cnncourse.ops.shapes`; less than `pool_size` on each side.

    Returns:
        Array `(B, *outputs, C)` of the dtype of `x`.

    Raises:
        ValueError: if `x` has no such axes, or an option is out of range.
    """
    (x,) = float_arrays(x=x)
    p = _plan(x.shape, pool_size, strides, padding)
    padded = p.pad(x, -np.inf)
    y = np.full(p.geometry.output_shape, -np.inf, x.dtype)
    for tap in np.ndindex(*p.geometry.kernel_size):
        np.maximum(y, padded[tap_slices(p.geometry, tap)], out=y)
    return y


def max_pool_gradient(
    dy: np.ndarray,
    x: np.ndarray,
    pool_size: Sizes,
    strides: Sizes | None = None,
    padding: Padding = "valid",
    ties: str = "first",
) -> np.ndarray:
    """Returns the gradient of a loss with respect to the input of `max_pool`.

    Args:
        dy: gradient with respect to the output, `(B, *outputs, C)`.
        x: the input, `(B, *sizes, C)`.
        pool_size: as in the forward call, and so are the next two.
        strides: by default `pool_size`.
        padding: see `cnncourse.ops.shapes`.
        ties: "first" gives the gradient of a window to its first maximum, in reading
            order, as TensorFlow does; "share" divides it among all of them.

    Returns:
        Array of the shape and dtype of `x`.

    Raises:
        ValueError: if shapes or dtypes do not fit, or an option is out of range.
    """
    dy, x = float_arrays(dy=dy, x=x)
    if ties not in TIES:
        raise ValueError(f"Expected ties: one of {TIES}. Received: ties={ties!r}")
    p = _plan(x.shape, pool_size, strides, padding)
    g = p.geometry
    check_shape("dy", dy, g.output_shape)
    padded = p.pad(x, -np.inf)
    y = max_pool(x, pool_size, strides, padding)
    taps = list(np.ndindex(*g.kernel_size))
    left = np.ones(y.shape, bool)  # windows whose maximum has not been met yet
    if ties == "share":
        dy = dy / sum(padded[tap_slices(g, tap)] == y for tap in taps).astype(dy.dtype)
    dx = np.zeros(g.input_shape, dy.dtype)
    for tap in taps:
        at = tap_slices(g, tap)
        largest = padded[at] == y
        if ties == "first":
            largest &= left
            left &= ~largest
        dx[at] += np.where(largest, dy, 0)
    return without_padding(dx, g)


def average_pool(
    x: np.ndarray,
    pool_size: Sizes,
    strides: Sizes | None = None,
    padding: Padding = "valid",
) -> np.ndarray:
    """Returns the mean of each window, channel by channel; see `max_pool`."""
    (x,) = float_arrays(x=x)
    p = _plan(x.shape, pool_size, strides, padding)
    padded = p.pad(x)
    y = np.zeros(p.geometry.output_shape, x.dtype)
    for tap in np.ndindex(*p.geometry.kernel_size):
        y += padded[tap_slices(p.geometry, tap)]
    return y / _counts(p, x)


def average_pool_gradient(
    dy: np.ndarray,
    input_size: Sizes,
    pool_size: Sizes,
    strides: Sizes | None = None,
    padding: Padding = "valid",
) -> np.ndarray:
    """Returns the gradient of a loss with respect to the input of `average_pool`.

    Args:
        dy: gradient with respect to the output, `(B, *outputs, C)`.
        input_size: spatial sizes of the input; an integer, or one for each axis.
        pool_size: as in the forward call, and so are the next two.
        strides: by default `pool_size`.
        padding: see `cnncourse.ops.shapes`.

    Returns:
        Array `(B, *input_size, C)` of the dtype of `dy`.

    Raises:
        ValueError: if `dy` is not of the shape that such an input leads to.
    """
    (dy,) = float_arrays(dy=dy)
    sizes = per_axis("input_size", input_size, max(dy.ndim - 2, 0))
    batch, channels = dy.shape[:1] or (0,), dy.shape[-1:] or (0,)
    p = _plan((*batch, *sizes, *channels), pool_size, strides, padding)
    check_shape("dy", dy, p.geometry.output_shape)
    share = dy / _counts(p, np.empty((1, *sizes, 1), dy.dtype))
    dx = np.zeros(p.geometry.input_shape, dy.dtype)
    for tap in np.ndindex(*p.geometry.kernel_size):
        dx[tap_slices(p.geometry, tap)] += share
    return without_padding(dx, p.geometry)


def _counts(p: Plan, x: np.ndarray) -> np.ndarray:
    """Returns how many entries of each window are input, `(1, *outputs, 1)`."""
    ones = p.pad(np.ones((1, *x.shape[1:-1], 1), x.dtype))
    taps = np.ndindex(*p.geometry.kernel_size)
    counts = [ones[tap_slices(p.geometry, tap)] for tap in taps]
    return np.sum(counts, axis=0, dtype=x.dtype)
