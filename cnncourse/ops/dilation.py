"""A dilated convolution as a dense one of more and smaller examples.

With a dilation rate of `d` the taps of a window lie `d` entries apart, and so do the
windows that read the same entries: the input falls into `d` parts along each axis that
never meet. Dealt out, they are examples of a convolution without dilation (Yu and
Koltun 2016 call such convolutions dilated; others deal "space to batch").
"""

from dataclasses import replace
from math import prod

import numpy as np

from cnncourse.ops.geometry import Geometry


def dense_geometry(g: Geometry) -> Geometry:
    """Returns the convolution of all parts of `g`, which has strides of 1.

    Where the parts differ in length, all are as long as the longest.
    """
    outputs = (-(-o // d) for o, d in zip(g.outputs, g.dilation_rate, strict=True))
    return replace(
        g,
        batch=g.batch * prod(g.dilation_rate),
        sizes=tuple(o + k - 1 for o, k in zip(outputs, g.kernel_size, strict=True)),
        dilation_rate=(1,) * len(g.sizes),
        pads=(),
    )


def dealt(x: np.ndarray, g: Geometry, sizes: tuple[int, ...]) -> np.ndarray:
    """Deals out the parts of `x`, input or output of `g`, as examples.

    Args:
        x: array `(B, *, C)`.
        g: the dilated convolution.
        sizes: spatial sizes of a part; zeros fill the shorter ones.

    Returns:
        Array `(B * parts, *sizes, C)`, or `x` itself if `g` is not dilated.
    """
    if max(g.dilation_rate) == 1:
        return x
    parts = np.zeros((*g.dilation_rate, len(x), *sizes, x.shape[-1]), x.dtype)
    for first in np.ndindex(*g.dilation_rate):
        part = x[_part(first, g)]
        parts[first][tuple(slice(n) for n in part.shape)] = part
    return parts.reshape(-1, *sizes, x.shape[-1])


def joined(y: np.ndarray, g: Geometry) -> np.ndarray:
    """Joins the outputs of all parts to those of `g`."""
    if max(g.dilation_rate) == 1:
        return y
    parts = y.reshape(*g.dilation_rate, g.batch, *y.shape[1:])
    whole = np.empty(g.output_shape, y.dtype)
    for first in np.ndindex(*g.dilation_rate):
        part = whole[_part(first, g)]
        part[...] = parts[first][tuple(slice(n) for n in part.shape)]
    return whole


def _part(first: tuple[int, ...], g: Geometry) -> tuple[slice, ...]:
    """Returns the slices of one part, from its first entry on."""
    pairs = zip(first, g.dilation_rate, strict=True)
    return (slice(None), *(slice(start, None, d) for start, d in pairs))
