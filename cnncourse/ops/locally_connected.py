"""Locally connected layers: windows like a convolution's, but no shared weights."""

import numpy as np

from cnncourse.ops.arguments import Sizes, check_shape, float_arrays, per_axis
from cnncourse.ops.geometry import Geometry, tap_slices, windows, without_padding
from cnncourse.ops.plan import Plan, plan
from cnncourse.ops.shapes import Padding


def _plan(
    x_shape: tuple[int, ...], w: np.ndarray, strides: Sizes, padding: Padding
) -> Plan:
    """Checks the shapes: `w` has a kernel for each output position."""
    rank = len(x_shape) - 2
    if rank < 1 or w.ndim != 2 * rank + 2:
        raise ValueError(
            "Expected x with axes (B, *sizes, C_in) and w with axes (*outputs, "
            "*kernel_size, C_in, C_out). "
            f"Received: x.shape={x_shape}, w.shape={w.shape}"
        )
    p = plan(x_shape, w.shape[rank:], strides, padding)
    check_shape("w", w, (*p.geometry.outputs, *p.geometry.kernel_shape))
    return p


def _rows(g: Geometry) -> tuple[int, int, int]:
    """Returns the numbers of positions, of entries of a window and of filters."""
    return g.positions // g.batch, g.taps * g.channels, g.filters


def _patches(x: np.ndarray, p: Plan) -> np.ndarray:
    """Returns the windows by position, `(positions, B, entries)`."""
    positions, entries, _ = _rows(p.geometry)
    rows = windows(p.pad(x), p.geometry).reshape(-1, positions, entries)
    return np.ascontiguousarray(rows.swapaxes(0, 1))


def _gradients(dy: np.ndarray, p: Plan) -> np.ndarray:
    """Returns the output gradients by position, `(positions, B, C_out)`."""
    check_shape("dy", dy, p.geometry.output_shape)
    positions, _, filters = _rows(p.geometry)
    return np.ascontiguousarray(dy.reshape(-1, positions, filters).swapaxes(0, 1))


# OpenBLAS now and then reports an invalid value where there is none (numpy#24067).
@np.errstate(invalid="ignore")
def _products(a: np.ndarray, b: np.ndarray) -> np.ndarray:
    """Multiplies two matrices for each position."""
    return np.matmul(a, b)


def locally_connected(
    x: np.ndarray,
    w: np.ndarray,
    b: np.ndarray | None = None,
    strides: Sizes = 1,
    padding: Padding = "valid",
) -> np.ndarray:
    """Applies to each window its own kernel.

    Args:
        x: float array `(B, *sizes, C_in)`, of 1 to 3 spatial axes.
        w: float array `(*outputs, *kernel_size, C_in, C_out)`.
        b: float array `(*outputs, C_out)`, or None for no bias.
        strides: step between windows; an integer, or one for each axis.
        padding: see `cnncourse.ops.shapes`.

    Returns:
        Array `(B, *outputs, C_out)` of the dtype of `x`.

    Raises:
        ValueError: if shapes or dtypes do not fit, or an option is out of range.

    Source: Lecture 1.
    """
    biases = {} if b is None else {"b": b}
    x, w, *rest = float_arrays(x=x, w=w, **biases)
    p = _plan(x.shape, w, strides, padding)
    y = _products(_patches(x, p), w.reshape(_rows(p.geometry)))
    y = np.ascontiguousarray(y.swapaxes(0, 1)).reshape(p.geometry.output_shape)
    for bias in rest:
        check_shape("b", bias, y.shape[1:])
        y += bias
    return y


def locally_connected_kernel_gradient(
    x: np.ndarray,
    dy: np.ndarray,
    kernel_size: Sizes,
    strides: Sizes = 1,
    padding: Padding = "valid",
) -> np.ndarray:
    """Returns the gradient with respect to the kernels.

    Args:
        x: float array `(B, *sizes, C_in)`.
        dy: gradient with respect to the output, `(B, *outputs, C_out)`; its sum over
            the batch is the gradient with respect to the bias.
        kernel_size: an integer, or one for each axis.
        strides: as in the forward call.
        padding: as in the forward call.

    Returns:
        Array `(*outputs, *kernel_size, C_in, C_out)` of the dtype of `x`.

    Raises:
        ValueError: if `dy` is not of the shape that such kernels lead to.
    """
    x, dy = float_arrays(x=x, dy=dy)
    kernel = per_axis("kernel_size", kernel_size, max(x.ndim - 2, 0))
    channels, filters = x.shape[-1:] or (0,), dy.shape[-1:] or (0,)
    p = plan(x.shape, (*kernel, *channels, *filters), strides, padding)
    rows = _gradients(dy, p)
    dw = _products(_patches(x, p).swapaxes(1, 2), rows)
    return dw.reshape(*p.geometry.outputs, *p.geometry.kernel_shape)


def locally_connected_input_gradient(
    dy: np.ndarray,
    w: np.ndarray,
    input_size: Sizes,
    strides: Sizes = 1,
    padding: Padding = "valid",
) -> np.ndarray:
    """Returns the gradient with respect to the input.

    Args:
        dy: gradient with respect to the output, `(B, *outputs, C_out)`.
        w: float array `(*outputs, *kernel_size, C_in, C_out)`.
        input_size: spatial sizes of the input.
        strides: as in the forward call.
        padding: as in the forward call.

    Returns:
        Array `(B, *input_size, C_in)` of the dtype of `dy`.

    Raises:
        ValueError: if `dy` is not of the shape that such an input leads to.
    """
    dy, w = float_arrays(dy=dy, w=w)
    sizes = per_axis("input_size", input_size, max(dy.ndim - 2, 0))
    batch, channels = dy.shape[:1] or (0,), w.shape[-2:-1] or (0,)
    p = _plan((*batch, *sizes, *channels), w, strides, padding)
    g = p.geometry
    rows = _products(_gradients(dy, p), w.reshape(_rows(g)).swapaxes(1, 2))
    shares = rows.swapaxes(0, 1).reshape(g.batch, *g.outputs, *g.kernel_size, -1)
    dx = np.zeros(g.input_shape, dy.dtype)
    for tap in np.ndindex(*g.kernel_size):
        dx[tap_slices(g, tap)] += shares[(..., *tap, slice(None))]
    return without_padding(dx, g)
