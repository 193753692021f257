"""A convolution written out as a matrix."""

from dataclasses import replace

import numpy as np

from cnncourse.ops.arguments import Sizes, float_arrays, per_axis
from cnncourse.ops.geometry import tap_slices
from cnncourse.ops.plan import plan
from cnncourse.ops.shapes import Padding


def conv_matrix(
    w: np.ndarray,
    input_size: Sizes,
    strides: Sizes = 1,
    padding: Padding = "valid",
    dilation_rate: Sizes = 1,
) -> np.ndarray:
    """Returns the matrix `U` with `conv(x, w).ravel() == U @ x.ravel()`.

    In one dimension it is a Toeplitz matrix, in two a doubly blocked Toeplitz matrix;
    its transpose carries output gradients back to the input.

    Args:
        w: float array `(*kernel_size, C_in, C_out)`.
        input_size: spatial sizes of the input; an integer, or one for each axis.
        strides: as in `conv`, and so are the next two.
        padding: see `cnncourse.ops.shapes`.
        dilation_rate: step between the taps.

    Returns:
        Array of shape (outputs x C_out, inputs x C_in), sizes multiplied out, of the
        dtype of `w`.

    Raises:
        ValueError: if `w` is no float array of 3 to 5 axes, or an option out of range.

    Source: Lecture 2.

    Example:
        >>> conv_matrix(np.array([-1.0, 1.0]).reshape(2, 1, 1), 3)
        array([[-1.,  1.,  0.],
               [ 0., -1.,  1.]])
    """
    (w,) = float_arrays(w=w)
    sizes = per_axis("input_size", input_size, max(w.ndim - 2, 0))
    channels = w.shape[-2] if w.ndim > 1 else 0
    p = plan((1, *sizes, channels), w.shape, strides, padding, dilation_rate)
    # Each input pixel carries its own number, from 1; padding carries 0.
    pixels = np.arange(1, np.prod(sizes) + 1).reshape(1, *sizes, 1)
    numbers = replace(p, geometry=replace(p.geometry, channels=1)).pad(pixels)
    outputs = p.geometry.positions
    matrix = np.zeros((outputs, pixels.size + 1, w.shape[-1], channels), w.dtype)
    for tap in np.ndindex(*p.geometry.kernel_size):
        read = numbers[tap_slices(p.geometry, tap)].ravel()
        matrix[np.arange(outputs), read] = w[tap].T
    return matrix[:, 1:].transpose(0, 2, 1, 3).reshape(-1, pixels.size * channels)
