"""Convolution with fewer multiplications: Winograd's minimal filtering.

A line of `m` outputs of a filter of `r` taps reads `m + r - 1` inputs. Seen as
polynomials, input and filter can be evaluated at as many points, multiplied there, and
the product turned back into the outputs: `m + r - 1` multiplications instead of
`m * r` (Winograd, *Arithmetic Complexity of Computations*, 1980). In two dimensions
with 3x3 taps that is 36 for 4x4 outputs instead of 144 (Lavin and Gray 2016,
arXiv:1509.09308, section 4.3). At each point the channels are summed by a product of
matrices, and so are the evaluations, along one axis after the other: the channels of
some examples lie side by side, so that a small matrix meets long rows. Dilated
convolutions are dealt out into dense ones.

The price is precision: large numbers nearly cancel, which costs two or three bits, and
in kernel gradients up to five. What is not finite spreads over its tile.
"""

from collections.abc import Iterator
from functools import lru_cache
from itertools import cycle
from math import prod

import numpy as np

from cnncourse.ops.dilation import dealt, dense_geometry, joined
from cnncourse.ops.geometry import Geometry, back_geometry, back_input, flip
from cnncourse.ops.long_products import multiply_each
from cnncourse.ops.tiling import Matrices, Tiles, Tiling, tiling

Memory = Iterator[np.ndarray]  # buffers, of which the last one given is read meanwhile


def _rows(x: np.ndarray, part: tuple[slice, ...], memory: Memory) -> np.ndarray:
    """Copies a part of some examples, `(*sizes, examples * C)`; zeros beyond `x`."""
    source = np.moveaxis(x[part], 0, -2)
    sizes = [s.stop - s.start for s in part[1:]]
    shape = (*sizes, *source.shape[-2:])
    copy = next(memory)[: prod(shape)].reshape(shape)
    if source.shape != shape:
        copy.fill(0)
    copy[tuple(slice(n) for n in source.shape)] = source
    return copy.reshape(*sizes, -1)


def _along(
    matrix: np.ndarray, x: np.ndarray, source: int, target: int, memory: Memory
) -> np.ndarray:
    """Multiplies along the axis `source`, which becomes the axis `target`."""
    shape = [*x.shape[:source], *x.shape[source + 1 :]]
    shape.insert(target, len(matrix))
    out = next(memory)[: prod(shape)].reshape(shape)
    rows, results = (_rows_last(x.ndim, axis) for axis in (source, target))
    np.matmul(matrix, x.transpose(rows), out=out.transpose(results))
    return out


@lru_cache
def _rows_last(axes: int, rows: int) -> tuple[int, ...]:
    """Orders axes so that the columns are the last and these rows the last but one."""
    return (*(axis for axis in range(axes - 1) if axis != rows), rows, axes - 1)


def _evaluate(
    x: np.ndarray,
    matrices: Matrices,
    block: Tiles,
    t: Tiling,
    memory: Memory,
) -> np.ndarray:
    """Returns a block of the tiles of `x` at all points, `(points, tiles, C)`."""
    axes = list(zip(block[1:], t.outputs, matrices, strict=True))
    part = (slice(s.start * m, (s.stop - 1) * m + a.shape[1]) for s, m, a in axes)
    values = _rows(x, (block[0], *part), memory)
    for axis, (tiles, step, matrix) in enumerate(axes):
        # axes: the points and the tiles along those before, this one, the others
        at = 2 * axis
        shape, strides = list(values.shape), list(values.strides)
        shape[at : at + 1] = tiles.stop - tiles.start, matrix.shape[1]
        strides[at : at + 1] = step * strides[at], strides[at]
        windows = np.ndarray(shape, x.dtype, values, 0, strides)
        values = _along(matrix, windows, at + 1, axis, memory)
    return values.reshape(len(t.g), -1, x.shape[-1])


def _finish(
    values: np.ndarray, y: np.ndarray, block: Tiles, t: Tiling, memory: Memory
) -> None:
    """Turns values `(points, tiles, C_out)` into the outputs of a block.

    `y` has axes `(B, tiles and outputs of a tile along each axis, C_out)`.
    """
    axes = len(t.a)
    values = values.reshape(*map(len, t.a), -1)
    for axis, a in enumerate(t.a):
        values = _along(a.T, values, axis, axis, memory)
    outputs = y[(block[0], *(at for s in block[1:] for at in (s, slice(None))))]
    tiles, inside = range(1, 2 * axes, 2), range(2, 2 * axes + 1, 2)
    target = outputs.transpose(*inside, *tiles, 0, 2 * axes + 1)
    np.copyto(target, values.reshape(target.shape))


def _sum_channels(
    values: np.ndarray, kernels: np.ndarray, memory: Memory
) -> np.ndarray:
    """Multiplies at each point; returns `(points, tiles, C_out)`."""
    shape = (*values.shape[:2], kernels.shape[2])
    out = next(memory)[: prod(shape)].reshape(shape)
    return multiply_each(values, kernels, out=out)


def _kernel_values(w: np.ndarray, t: Tiling) -> np.ndarray:
    """Returns the kernels at all points, `(points, C_in, C_out)`."""
    inputs, outputs = w.shape[-2:]
    flat = np.ascontiguousarray(w).reshape(-1, inputs * outputs)
    return (t.g @ flat).reshape(-1, inputs, outputs)


def forward(x: np.ndarray, w: np.ndarray, g: Geometry) -> np.ndarray:
    """Convolves padded `x` with `w`, both as `g` says."""
    dense = dense_geometry(g)
    t = tiling(dense, x.dtype)
    y = _convolve(dealt(x, g, dense.sizes), _kernel_values(w, t), dense, t)
    return joined(y, g)


def _convolve(x: np.ndarray, kernels: np.ndarray, g: Geometry, t: Tiling) -> np.ndarray:
    """Convolves with kernels of which the values at the points are known."""
    axes = list(zip(t.counts, t.outputs, strict=True))
    y = np.empty((g.batch, *(n for axis in axes for n in axis), g.filters), x.dtype)
    memory = cycle(t.buffers(2, max(g.channels, g.filters)))
    for block in t.blocks:
        values = _evaluate(x, t.b, block, t, memory)
        values = _sum_channels(values, kernels, memory)
        _finish(values, y, block, t, memory)
    y = y.reshape(g.batch, *map(prod, axes), g.filters)
    return np.ascontiguousarray(y[(slice(None), *(slice(n) for n in g.outputs))])


def input_gradient(dy: np.ndarray, w: np.ndarray, g: Geometry) -> np.ndarray:
    """Convolves the padded output gradients with the flipped kernel."""
    back = back_geometry(g)
    dense = dense_geometry(back)
    t = tiling(dense, dy.dtype)
    kernels = np.swapaxes(_kernel_values(flip(w), t), 1, 2)
    source = dealt(back_input(dy, g), back, dense.sizes)
    return joined(_convolve(source, kernels, dense, t), back)


def kernel_gradient(x: np.ndarray, dy: np.ndarray, g: Geometry) -> np.ndarray:
    """Multiplies evaluated input with evaluated output gradients, over all tiles."""
    dense = dense_geometry(g)
    t = tiling(dense, x.dtype)
    x, dy = dealt(x, g, dense.sizes), dealt(dy, g, dense.outputs)
    one, two, *others = t.buffers(4, max(g.channels, g.filters))
    total = np.empty((len(t.g), g.channels, g.filters), x.dtype)
    product = np.empty_like(total) if len(t.blocks) > 1 else total
    for number, block in enumerate(t.blocks):
        values = _evaluate(x, t.b, block, t, cycle((one, two)))
        arrived = _evaluate(dy, t.a, block, t, cycle(others))
        out = total if number == 0 else product
        np.matmul(np.swapaxes(values, 1, 2), arrived, out=out)
        if number > 0:
            total += product
    return (t.g.T @ total.reshape(len(t.g), -1)).reshape(g.kernel_shape)
