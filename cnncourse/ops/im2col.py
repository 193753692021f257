"""Convolution as a matrix product of patches and filters, block by block.

Every window becomes a row of a matrix (Chellapilla, Puri, Simard 2006). The whole
matrix would be as many times larger than the input as the kernel has taps; a block of
its rows at a time stays in the cache, and is both smaller and faster.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from math import prod

import numpy as np

from cnncourse.ops.blas_threads import blas_threads
from cnncourse.ops.geometry import (
    Geometry,
    back_geometry,
    back_input,
    back_kernel,
    ranges,
    windows,
    without_padding,
)
from cnncourse.ops.long_products import in_pieces, multiply, multiply_transposed

BLOCK_BYTES = 1 << 21  # about the second-level caches of two cores
SHARED_BLOCK_BYTES = 16 << 20  # for threads that fetch the patches from another's cache
SMALLEST_BLOCK = 512  # rows; below, the product spends its time on packing the filters
SHORT_ROW = 12  # entries (kernel width x channels): shorter ones are slow to copy
FEW_CHANNELS = 32  # fewer are slow to add

Block = tuple[slice | int, ...]


@dataclass(frozen=True)
class Patches:
    """A buffer for one block of patches after another.

    Attributes:
        geometry: the sizes.
        planar: whether the buffer is transposed, so that copies run along the output.
            It pays where a run along the channels would be short.
        blocks: the blocks of positions, each with its number of rows.
        memory: the buffer, flat.
    """

    geometry: Geometry
    planar: bool
    blocks: list[tuple[Block, int]]
    memory: np.ndarray

    def views(self, shape: tuple[int, ...]) -> tuple[np.ndarray, np.ndarray]:
        """Views the buffer as windows `(*shape, *kernel_size, C)` and as a matrix."""
        window = (*self.geometry.kernel_size, self.geometry.channels)
        rows, columns, axes = prod(shape), prod(window), len(window)
        memory = self.memory[: rows * columns]
        if not self.planar:
            matrix = memory.reshape(rows, columns)
            return matrix.reshape(*shape, *window), matrix
        matrix = memory.reshape(columns, rows)
        whole = matrix.reshape(*window, *shape)
        order = (*range(axes, whole.ndim), *range(axes))
        return whole.transpose(order), matrix.T

    def input_layout(self, x: np.ndarray) -> np.ndarray:
        """Returns `x` with the memory order in which its windows are fast to copy."""
        if not self.planar:
            return np.ascontiguousarray(x)
        return np.moveaxis(np.ascontiguousarray(np.moveaxis(x, -1, 0)), 0, -1)


def new_patches(g: Geometry, dtype: np.dtype, planar: bool) -> Patches:
    """Makes a buffer that fits the cache, if the geometry lets it."""
    columns = g.taps * g.channels
    alone = in_pieces(columns, g.filters) or blas_threads() == 1
    size = BLOCK_BYTES if alone else SHARED_BLOCK_BYTES
    rows = max(size // (columns * dtype.itemsize), SMALLEST_BLOCK)
    cut = list(blocks((g.batch, *g.outputs), rows))
    largest = max(size for _, size in cut)
    return Patches(g, planar, cut, np.empty(largest * columns, dtype))


def blocks(shape: tuple[int, ...], rows: int) -> Iterator[tuple[Block, int]]:
    """Cuts positions `(B, *outputs)` into blocks of at most about `rows`.

    Yields:
        The block and its number of rows; blocks are about equally large.
    """
    per_example, per_line = prod(shape[1:]), prod(shape[2:])
    if per_example <= rows:
        for start, stop in ranges(shape[0], rows // per_example):
            yield (slice(start, stop),), (stop - start) * per_example
        return
    for example in range(shape[0]):
        for start, stop in ranges(shape[1], rows // per_line):
            yield (example, slice(start, stop)), (stop - start) * per_line


def row(g: Geometry) -> int:
    """Returns how many entries of a window lie next to one another in the input."""
    return g.channels * (g.kernel_size[-1] if g.dilation_rate[-1] == 1 else 1)


def forward(x: np.ndarray, w: np.ndarray, g: Geometry) -> np.ndarray:
    """Convolves padded `x` with `w`, both as `g` says."""
    patches = new_patches(g, x.dtype, row(g) < SHORT_ROW)
    source = windows(patches.input_layout(x), g)
    filters = w.reshape(-1, g.filters)
    y = np.empty(g.output_shape, x.dtype)
    for block, size in patches.blocks:
        window, matrix = patches.views(y[block].shape[:-1])
        np.copyto(window, source[block])
        multiply(matrix, filters, out=y[block].reshape(size, g.filters))
    return y


def kernel_gradient(x: np.ndarray, dy: np.ndarray, g: Geometry) -> np.ndarray:
    """Sums the products of patches and output gradients over all positions."""
    patches = new_patches(g, x.dtype, row(g) < SHORT_ROW)
    source = windows(patches.input_layout(x), g)
    dy = np.ascontiguousarray(dy)
    dw = np.empty((g.taps * g.channels, g.filters), x.dtype)
    product = np.empty_like(dw)
    for number, (block, size) in enumerate(patches.blocks):
        window, matrix = patches.views(dy[block].shape[:-1])
        np.copyto(window, source[block])
        out = dw if number == 0 else product
        multiply_transposed(matrix, dy[block].reshape(size, g.filters), out=out)
        if number > 0:
            dw += product
    return dw.reshape(g.kernel_shape)


def input_gradient(dy: np.ndarray, w: np.ndarray, g: Geometry) -> np.ndarray:
    """Adds to the input what each window's gradient gives it (col2im)."""
    patches = new_patches(g, dy.dtype, g.channels < FEW_CHANNELS)
    dx = patches.input_layout(np.zeros(g.input_shape, dy.dtype))
    target = windows(dx, g, writeable=True)
    filters = w.reshape(-1, g.filters)
    dy = np.ascontiguousarray(dy)
    # one thread would only lose by pieces of products that sum so little
    product = np.matmul if blas_threads() == 1 else multiply
    for block, size in patches.blocks:
        shape = dy[block].shape[:-1]
        window, matrix = patches.views(shape)
        product(dy[block].reshape(size, g.filters), filters.T, out=matrix)
        # Within one tap no two windows overlap; over several taps they do.
        for tap in np.ndindex(*g.kernel_size):
            at = (*(slice(None),) * len(shape), *tap)
            target[block][at] += window[at]
    return without_padding(dx, g)


def flipped_input_gradient(dy: np.ndarray, w: np.ndarray, g: Geometry) -> np.ndarray:
    """The same by convolving the padded gradients with the flipped kernel."""
    return forward(back_input(dy, g), back_kernel(w), back_geometry(g))
