"""Convolution layers in 1, 2 and 3 dimensions, and their gradients.

As in every deep-learning library, "convolution" slides the kernel as it is, which is
cross-correlation. For the convolution of mathematics, flip the kernel first:
`conv(x, flip(w))`.

Arrays are channels-last: inputs `(B, *sizes, C_in)`, kernels `(*kernel_size, C_in /
groups, C_out)`. Paddings are written as `cnncourse.ops.shapes` says.
"""

from typing import Any, TypedDict, Unpack

import numpy as np

from cnncourse.ops.arguments import Sizes, check_shape, float_arrays, per_axis
from cnncourse.ops.dispatch import ALGORITHMS, choose
from cnncourse.ops.plan import Plan, plan
from cnncourse.ops.shapes import Padding


class Options(TypedDict, total=False):
    """The keyword arguments that all functions of this module share.

    Attributes:
        strides: step between windows; an integer >= 1, or one for each axis (1).
        padding: see `cnncourse.ops.shapes` ("valid").
        dilation_rate: step between the taps; an integer, or one for each axis (1).
        groups: number of groups of channels that do not see one another (1).
        algorithm: a name in `ALGORITHMS`; by default the one that should be fastest.
    """

    strides: Sizes
    padding: Padding
    dilation_rate: Sizes
    groups: int
    algorithm: str | None


def _plan(
    x_shape: tuple[int, ...], w_shape: tuple[int, ...], options: Options
) -> tuple[Plan, str | None]:
    """Checks the shapes and options; returns the plan and the named algorithm."""
    rest: dict[str, Any] = {**options}
    algorithm = rest.pop("algorithm", None)
    if algorithm is not None:
        ALGORITHMS[algorithm]  # raises if there is none of that name
    return plan(x_shape, w_shape, **rest), algorithm


# OpenBLAS now and then reports an invalid value where there is none (numpy#24067); what
# is really not a number shows in the result.
@np.errstate(invalid="ignore")
def _run(
    task: str, a: np.ndarray, b: np.ndarray, p: Plan, algorithm: str | None
) -> np.ndarray:
    """Runs a task on each group of channels and joins the results.

    In all three tasks both operands and the result are split along their last axis.
    """
    name = algorithm or choose(task, p.geometry, a.itemsize)
    function = getattr(ALGORITHMS[name], task)
    if p.groups == 1:
        return function(a, b, p.geometry)
    split = (np.split(operand, p.groups, axis=-1) for operand in (a, b))
    parts = [
        function(np.ascontiguousarray(one), np.ascontiguousarray(two), p.geometry)
        for one, two in zip(*split, strict=True)
    ]
    return np.concatenate(parts, axis=-1)


def conv(
    x: np.ndarray,
    w: np.ndarray,
    b: np.ndarray | None = None,
    **options: Unpack[Options],
) -> np.ndarray:
    """Convolves in as many dimensions as `x` has spatial axes, 1 to 3.

    Args:
        x: float array `(B, *sizes, C_in)`.
        w: float array `(*kernel_size, C_in / groups, C_out)`.
        b: float array `(C_out,)`, or None for no bias.
        **options: see `Options`.

    Returns:
        Array `(B, *outputs, C_out)` of the dtype of `x`.

    Raises:
        ValueError: if ranks, channels or dtypes do not fit, or an option is out of
            range.
        KeyError: if there is no such algorithm.

    Example:
        >>> x = np.array([0, 0, 1, 2, 3, 4, 4], np.float32).reshape(1, -1, 1)
        >>> conv(x, np.array([-1, 1], np.float32).reshape(2, 1, 1)).ravel()
        array([0., 1., 1., 1., 1., 0.], dtype=float32)
    """
    biases = {} if b is None else {"b": b}
    x, w, *rest = float_arrays(x=x, w=w, **biases)
    p, algorithm = _plan(x.shape, w.shape, options)
    y = _run("forward", p.pad(x), np.ascontiguousarray(w), p, algorithm)
    for bias in rest:
        check_shape("b", bias, w.shape[-1:])
        y += bias
    return y


def conv_input_gradient(
    dy: np.ndarray, w: np.ndarray, input_size: Sizes, **options: Unpack[Options]
) -> np.ndarray:
    """Returns the gradient of a loss with respect to the input of `conv`.

    It is also the transposed convolution of `dy` with `w`.

    Args:
        dy: gradient with respect to the output, `(B, *outputs, C_out)`.
        w: float array `(*kernel_size, C_in / groups, C_out)`.
        input_size: spatial sizes of the input, which strides do not tell from `dy`.
        **options: see `Options`; as they were in the forward call.

    Returns:
        Array `(B, *input_size, C_in)` of the dtype of `dy`.

    Raises:
        ValueError: if `dy` is not of the shape that such an input leads to.
    """
    dy, w = float_arrays(dy=dy, w=w)
    sizes = per_axis("input_size", input_size, max(w.ndim - 2, 0))
    (groups,) = per_axis("groups", options.get("groups", 1), 1)
    channels = w.shape[-2] * groups if w.ndim > 1 else 0
    batch = dy.shape[0] if dy.ndim else 0
    p, algorithm = _plan((batch, *sizes, channels), w.shape, options)
    check_shape("dy", dy, (*p.geometry.output_shape[:-1], w.shape[-1]))
    return _run("input_gradient", dy, np.ascontiguousarray(w), p, algorithm)


def conv_kernel_gradient(
    x: np.ndarray, dy: np.ndarray, kernel_size: Sizes, **options: Unpack[Options]
) -> np.ndarray:
    """Returns the gradient of a loss with respect to the kernel of `conv`.

    Args:
        x: float array `(B, *sizes, C_in)`.
        dy: gradient with respect to the output, `(B, *outputs, C_out)`.
        kernel_size: spatial sizes of the kernel; an integer, or one for each axis.
        **options: see `Options`; as they were in the forward call.

    Returns:
        Array `(*kernel_size, C_in / groups, C_out)` of the dtype of `x`.

    Raises:
        ValueError: if `dy` is not of the shape that such a kernel leads to.
    """
    x, dy = float_arrays(x=x, dy=dy)
    kernel = per_axis("kernel_size", kernel_size, max(x.ndim - 2, 0))
    (groups,) = per_axis("groups", options.get("groups", 1), 1)
    channels = x.shape[-1] // groups if x.ndim else 0
    filters = dy.shape[-1] if dy.ndim else 0
    p, algorithm = _plan(x.shape, (*kernel, channels, filters), options)
    check_shape("dy", dy, (*p.geometry.output_shape[:-1], filters))
    return _run("kernel_gradient", p.pad(x), dy, p, algorithm)


def conv_bias_gradient(dy: np.ndarray) -> np.ndarray:
    """Returns the gradient of a loss with respect to the bias: the sum over all pixels.

    Args:
        dy: gradient with respect to the output, `(B, *outputs, C_out)`.

    Returns:
        Array `(C_out,)` of the dtype of `dy`.
    """
    (dy,) = float_arrays(dy=dy)
    return dy.sum(axis=tuple(range(dy.ndim - 1)))
