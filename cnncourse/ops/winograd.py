"""Convolution with fewer multiplications: Winograd's minimal filtering.

A line of `m` outputs of a filter of `r` taps reads `m + r - 1` inputs. Seen as
polynomials, input and filter can be evaluated at as many points, multiplied there, and
the product turned back into the outputs: `m + r - 1` multiplications instead of
`m * r` (Winograd, *Arithmetic Complexity of Computations*, 1980). In two dimensions
with 3x3 taps that is 36 for 4x4 outputs instead of 144 (Lavin and Gray 2016,
arXiv:1509.09308, section 4.3). At each point the channels are summed by a product of
matrices, and so are the evaluations here: one product with the Kronecker product of the
matrices of all axes, which BLAS does faster than NumPy adds. Dilated convolutions are
dealt out into dense ones.

The price is precision: large numbers nearly cancel, which costs two or three bits, and
in kernel gradients up to five. What is not finite spreads over its tile.
"""

from dataclasses import dataclass, replace
from functools import lru_cache, reduce
from math import prod

import numpy as np

from cnncourse.ops.blas_threads import blas_threads
from cnncourse.ops.dilation import dealt, dense_geometry, joined
from cnncourse.ops.geometry import Geometry, back_geometry, back_input, flip, windows
from cnncourse.ops.im2col import Block, blocks
from cnncourse.ops.long_products import multiply, multiply_each

# Evaluation at 0, 1, -1, 1/2, -2 and at infinity. With 2 in place of 1/2, as in the
# paper, the error in float32 is twice as large.
POINTS = (0.0, 1.0, -1.0, 0.5, -2.0)
TILE = len(POINTS) + 1  # entries of the input along each axis
LARGEST_KERNEL = TILE - 1  # taps along an axis
BLOCK_BYTES = 1 << 20  # of the evaluated input, for few threads: they stay in the cache
SHARED_BLOCK_BYTES = 12 << 20  # for many, which lose more by waiting for one another
FEW_THREADS = 2  # gain no more by sharing than they lose by fetching one's results
SMALLEST_BLOCK = 96  # tiles; fewer would spend their time on reading the kernels


@lru_cache(maxsize=TILE)
def line(kernel_size: int) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Returns the matrices of one axis (Toom and Cook's construction).

    Args:
        kernel_size: taps `r`, 1 to `LARGEST_KERNEL`; with `m = TILE + 1 - r` outputs.

    Returns:
        `A` of shape `(TILE, m)`, `G` of `(TILE, r)` and `B` of `(TILE, TILE)`, such
        that the outputs of input `d` and filter `g` are `A.T @ ((G @ g) * (B @ d))`.
    """
    points = np.array(POINTS)
    last = np.eye(TILE)[-1:]
    others = [np.delete(points, i) for i in range(len(points))]
    # rows of B: the polynomials that vanish at all points but one; those of G are
    # divided by their values there
    b = np.zeros((TILE, TILE))
    for i, rest in enumerate(others):
        b[i, :-1] = np.poly(rest)[::-1]
    b[-1] = np.poly(points)[::-1]
    scale = np.array([prod(p - rest) for p, rest in zip(points, others, strict=True)])
    outputs = TILE + 1 - kernel_size
    a = np.vstack([np.vander(points, outputs, True), last[:, -outputs:]])
    g = np.vstack([np.vander(points, kernel_size, True), last[:, -kernel_size:]])
    g[:-1] /= scale[:, None]
    return a, g, b


def supports(g: Geometry) -> bool:
    """Whether strides are 1 and the kernel is small."""
    return max(g.strides) == 1 and max(g.kernel_size) <= LARGEST_KERNEL


@dataclass(frozen=True)
class Tiling:
    """How a convolution is cut into tiles, and the matrices that evaluate them.

    Attributes:
        inputs: of a convolution whose windows are the tiles of the input.
        outputs: the same for the output, whose tiles do not overlap.
        a: matrix `(points, outputs of a tile)`; its transpose ends a forward call.
        g: matrix `(points, taps)` that evaluates kernels.
        b: matrix `(points, points)` that evaluates tiles of the input.
        blocks: the tiles that are evaluated together, each with its number of tiles.
        shared: whether all threads compute each product.
    """

    inputs: Geometry
    outputs: Geometry
    a: np.ndarray
    g: np.ndarray
    b: np.ndarray
    blocks: list[tuple[Block, int]]
    shared: bool

    @property
    def points(self) -> int:
        """Number of points: products for each tile, input channel and filter."""
        return len(self.b)

    def buffers(self, number: int) -> np.ndarray:
        """Returns some rows of memory, each for any block of tiles.

        They are allocated together: several are handed back to the system after each
        call, and its zeroing of new ones takes longer than the copies into them.
        """
        tiles = max(size for _, size in self.blocks)
        channels = max(self.inputs.channels, self.outputs.channels)
        return np.empty((number, self.points * tiles * channels), self.a.dtype)


def tile_counts(g: Geometry) -> tuple[int, ...]:
    """Returns the number of tiles along each axis."""
    pairs = zip(g.outputs, g.kernel_size, strict=True)
    return tuple(-(-o // (TILE + 1 - k)) for o, k in pairs)


def tile_blocks(g: Geometry, itemsize: int, threads: int) -> list[tuple[Block, int]]:
    """Cuts the tiles into those that are evaluated together; see `Tiling.blocks`."""
    whole = BLOCK_BYTES if threads <= FEW_THREADS else SHARED_BLOCK_BYTES
    each = TILE ** len(g.sizes) * max(g.channels, g.filters) * itemsize
    shape = (g.batch, *tile_counts(g))
    return list(blocks(shape, max(SMALLEST_BLOCK, whole // each)))


def tiling(g: Geometry, dtype: np.dtype) -> Tiling:
    """Cuts the convolution `g`, not dilated, for the threads that BLAS has now.

    Raises:
        ValueError: if the algorithm is not made for it.
    """
    if not supports(g):
        raise ValueError(
            "Expected strides of 1 and a kernel of at most "
            f"{LARGEST_KERNEL} taps along each axis for winograd. Received: "
            f"strides={g.strides}, kernel_size={g.kernel_size}"
        )
    outputs = tuple(TILE + 1 - k for k in g.kernel_size)
    sizes = tuple(n * o for n, o in zip(tile_counts(g), outputs, strict=True))
    read = replace(
        g,
        sizes=tuple(n + k - 1 for n, k in zip(sizes, g.kernel_size, strict=True)),
        kernel_size=(TILE,) * len(sizes),
        strides=outputs,
        pads=(),
    )
    written = replace(read, sizes=sizes, channels=g.filters, kernel_size=outputs)
    a, kernels, b = _matrices(g.kernel_size, dtype)
    threads = blas_threads()
    cut = tile_blocks(g, dtype.itemsize, threads)
    return Tiling(read, written, a, kernels, b, cut, threads > FEW_THREADS)


@dataclass(frozen=True)
class Operations:
    """What a convolution costs.

    Attributes:
        points: products for each tile, input channel and filter.
        copies: entries that are copied, into tiles and from them.
        evaluations: multiplications in the evaluation of tiles.
        products: multiplications that sum the channels.
        kernels: multiplications in the evaluation of kernels.
        reads: entries of evaluated kernels that are read, once for each block.
        calls: products of matrices.
    """

    points: int
    copies: int
    evaluations: int
    products: int
    kernels: int
    reads: int
    calls: int


def operations(g: Geometry, itemsize: int, threads: int) -> Operations:
    """Counts the operations of a call, without dilation."""
    tiles = g.batch * prod(tile_counts(g))
    points = TILE ** len(g.sizes)
    inside = prod(TILE + 1 - k for k in g.kernel_size)
    number = len(tile_blocks(g, itemsize, threads))
    entries = tiles * (points * g.channels + inside * g.filters)
    kernels = points * g.channels * g.filters
    return Operations(
        points=points,
        copies=entries,
        evaluations=points * entries,
        products=tiles * kernels,
        kernels=g.taps * kernels,
        reads=number * kernels,
        calls=number * points,
    )


@lru_cache(maxsize=64)
def _matrices(
    kernel_size: tuple[int, ...], dtype: np.dtype
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Joins the matrices of all axes."""
    each = zip(*(line(k) for k in kernel_size), strict=True)
    a, g, b = (reduce(np.kron, matrices).astype(dtype) for matrices in each)
    return a, g, b


def _extended(x: np.ndarray, sizes: tuple[int, ...]) -> np.ndarray:
    """Returns `x` with zeros behind it, up to these spatial sizes."""
    if x.shape[1:-1] == sizes:
        return np.ascontiguousarray(x)
    larger = np.zeros((len(x), *sizes, x.shape[-1]), x.dtype)
    larger[tuple(slice(n) for n in x.shape)] = x
    return larger


def _points_first(tiles: np.ndarray, axes: int) -> np.ndarray:
    """Moves the axes inside the tiles, of `(*tiles, *inside, C)`, to the front."""
    first = tiles.ndim - 1 - axes
    return tiles.transpose(*range(first, first + axes), *range(first), first + axes)


def _gather(tiles: np.ndarray, axes: int, memory: np.ndarray) -> np.ndarray:
    """Copies tiles into `memory`, as a matrix `(entries of a tile, tiles * C)`."""
    source = _points_first(tiles, axes)
    copy = memory[: source.size].reshape(source.shape)
    np.copyto(copy, source)
    return copy.reshape(prod(source.shape[:axes]), -1)


def _times(
    matrix: np.ndarray, tiles: np.ndarray, memory: np.ndarray, t: Tiling
) -> np.ndarray:
    """Multiplies into `memory`."""
    out = memory[: len(matrix) * tiles.shape[1]].reshape(len(matrix), -1)
    if t.shared:
        return np.matmul(matrix, tiles, out=out)
    return multiply(tiles.T, matrix.T, out=out.T).T


def _sum_channels(
    values: np.ndarray, kernels: np.ndarray, memory: np.ndarray, t: Tiling
) -> np.ndarray:
    """Multiplies at each point into `memory`; returns `(points, tiles * C_out)`."""
    points, inputs, outputs = kernels.shape
    values = values.reshape(points, -1, inputs)
    out = memory[: points * values.shape[1] * outputs].reshape(points, -1, outputs)
    (np.matmul if t.shared else multiply_each)(values, kernels, out=out)
    return out.reshape(points, -1)


def _evaluated(w: np.ndarray, t: Tiling) -> np.ndarray:
    """Returns the kernels at all points, `(points, C_in, C_out)`."""
    inputs, outputs = w.shape[-2:]
    flat = np.ascontiguousarray(w).reshape(-1, inputs * outputs)
    return (t.g @ flat).reshape(-1, inputs, outputs)


def forward(x: np.ndarray, w: np.ndarray, g: Geometry) -> np.ndarray:
    """Convolves padded `x` with `w`, both as `g` says."""
    dense = dense_geometry(g)
    t = tiling(dense, x.dtype)
    y = _convolve(dealt(x, g, dense.sizes), _evaluated(w, t), dense, t)
    return joined(y, g)


def _convolve(x: np.ndarray, kernels: np.ndarray, g: Geometry, t: Tiling) -> np.ndarray:
    """Convolves with kernels of which the values at the points are known."""
    axes = len(g.sizes)
    source = windows(_extended(x, t.inputs.sizes), t.inputs)
    y = np.empty(t.outputs.input_shape, x.dtype)
    target = windows(y, t.outputs, writeable=True)
    one, two = t.buffers(2)
    for block, _ in t.blocks:
        values = _times(t.b, _gather(source[block], axes, one), two, t)
        results = _times(t.a.T, _sum_channels(values, kernels, one, t), two, t)
        into = _points_first(target[block], axes)
        np.copyto(into, results.reshape(into.shape))
    return np.ascontiguousarray(y[(slice(None), *(slice(n) for n in g.outputs))])


def input_gradient(dy: np.ndarray, w: np.ndarray, g: Geometry) -> np.ndarray:
    """Convolves the padded output gradients with the flipped kernel."""
    back = back_geometry(g)
    dense = dense_geometry(back)
    t = tiling(dense, dy.dtype)
    kernels = np.swapaxes(_evaluated(flip(w), t), 1, 2)
    source = dealt(back_input(dy, g), back, dense.sizes)
    return joined(_convolve(source, kernels, dense, t), back)


def kernel_gradient(x: np.ndarray, dy: np.ndarray, g: Geometry) -> np.ndarray:
    """Multiplies evaluated input with evaluated output gradients, over all tiles."""
    dense = dense_geometry(g)
    t = tiling(dense, x.dtype)
    axes = len(g.sizes)
    x, dy = dealt(x, g, dense.sizes), dealt(dy, g, dense.outputs)
    source = windows(_extended(x, t.inputs.sizes), t.inputs)
    gradients = windows(_extended(dy, t.outputs.sizes), t.outputs)
    one, two, three = t.buffers(3)
    total = np.empty((t.points, g.channels, g.filters), x.dtype)
    product = np.empty_like(total) if len(t.blocks) > 1 else total
    for number, (block, size) in enumerate(t.blocks):
        values = _times(t.b, _gather(source[block], axes, one), two, t)
        values = values.reshape(t.points, size, g.channels)
        arrived = _times(t.a, _gather(gradients[block], axes, one), three, t)
        arrived = arrived.reshape(t.points, size, g.filters)
        out = total if number == 0 else product
        np.matmul(np.swapaxes(values, 1, 2), arrived, out=out)
        if number > 0:
            total += product
    return (t.g.T @ total.reshape(t.points, -1)).reshape(g.kernel_shape)
