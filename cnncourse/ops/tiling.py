"""Cuts a convolution into tiles for Winograd's minimal filtering."""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache, reduce
from math import prod

import numpy as np

from cnncourse.ops.geometry import Geometry, ranges

# Evaluation at 0, 1, -1, 1/2, -2 and at infinity. With 2 in place of 1/2, as in Lavin
# and Gray 2016 (arXiv:1509.09308), the error in float32 is twice as large.
POINTS = (0.0, 1.0, -1.0, 0.5, -2.0)
TILE = len(POINTS) + 1  # entries of the input along each axis
LARGEST_KERNEL = TILE - 1  # taps along an axis
BLOCK_BYTES = 3 << 19  # of the evaluated input: about a second-level cache
SMALLEST_BLOCK = 96  # tiles; fewer would spend their time on reading the kernels
ROW_BYTES = 1 << 10  # of a pixel in some examples; shorter ones are slow to evaluate

Matrices = tuple[np.ndarray, ...]  # one for each axis
Tiles = tuple[slice, ...]  # of examples, and of tiles along each axis


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


@dataclass(frozen=True)
class Tiling:
    """How a convolution is cut into tiles, and the matrices that evaluate them.

    Attributes:
        counts: number of tiles along each axis.
        a: for each axis, matrix `(TILE, outputs of a tile)` that evaluates output
            gradients; its transpose ends a forward call.
        b: for each axis, matrix `(TILE, TILE)` that evaluates the input.
        g: matrix `(points, taps)` that evaluates whole kernels.
        blocks: the tiles that are evaluated together.
    """

    counts: tuple[int, ...]
    a: Matrices
    b: Matrices
    g: np.ndarray
    blocks: list[Tiles]

    @property
    def outputs(self) -> tuple[int, ...]:
        """Outputs of a tile along each axis: the step from one to the next."""
        return tuple(a.shape[1] for a in self.a)

    def buffers(self, number: int, channels: int) -> np.ndarray:
        """Returns some rows of memory, each for any block of tiles.

        They are allocated together: several are handed back to the system after each
        call, and its zeroing of new ones takes longer than the copies into them.
        """
        tiles = max(prod(s.stop - s.start for s in block) for block in self.blocks)
        return np.empty((number, len(self.g) * tiles * channels), self.g.dtype)


def supports(g: Geometry) -> bool:
    """Whether strides are 1 and the kernel is small."""
    return max(g.strides) == 1 and max(g.kernel_size) <= LARGEST_KERNEL


def tiling(g: Geometry, dtype: np.dtype) -> Tiling:
    """Cuts the convolution `g`, which is not dilated.

    Raises:
        ValueError: if the algorithm is not made for it.
    """
    if not supports(g):
        raise ValueError(
            "Expected strides of 1 and a kernel of at most "
            f"{LARGEST_KERNEL} taps along each axis for winograd. Received: "
            f"strides={g.strides}, kernel_size={g.kernel_size}"
        )
    a, b, kernels = _matrices(g.kernel_size, dtype)
    return Tiling(tile_counts(g), a, b, kernels, tile_blocks(g, dtype.itemsize))


@lru_cache(maxsize=64)
def _matrices(
    kernel_size: tuple[int, ...], dtype: np.dtype
) -> tuple[Matrices, Matrices, np.ndarray]:
    """Returns those of `Tiling`."""
    a, g, b = zip(*map(line, kernel_size), strict=True)
    a, b = (tuple(m.astype(dtype) for m in matrices) for matrices in (a, b))
    return a, b, reduce(np.kron, g).astype(dtype)


def tile_counts(g: Geometry) -> tuple[int, ...]:
    """Returns the number of tiles along each axis."""
    pairs = zip(g.outputs, g.kernel_size, strict=True)
    return tuple(-(-o // (TILE + 1 - k)) for o, k in pairs)


def tile_blocks(g: Geometry, itemsize: int) -> list[Tiles]:
    """Cuts the tiles into those that are evaluated together; see `Tiling.blocks`."""
    each = TILE ** len(g.sizes) * max(g.channels, g.filters) * itemsize
    tiles = max(SMALLEST_BLOCK, BLOCK_BYTES // each)
    counts = tile_counts(g)
    examples = max(ROW_BYTES // (g.channels * itemsize), tiles // prod(counts), 1)
    return [
        (slice(start, stop), *rest)
        for start, stop in ranges(g.batch, min(examples, tiles))
        for rest in _cut(counts, tiles // (stop - start))
    ]


def _cut(counts: tuple[int, ...], largest: int) -> Iterator[Tiles]:
    """Cuts a box of tiles into about equal ones of at most so many, or of one."""
    if not counts:
        yield ()
        return
    inner = prod(counts[1:])
    for start, stop in ranges(counts[0], largest // inner):
        for rest in _cut(counts[1:], largest // (stop - start)):
            yield (slice(start, stop), *rest)


@dataclass(frozen=True)
class Operations:
    """What a convolution costs.

    Attributes:
        points: products for each tile, input channel and filter.
        copies: entries that are copied, into rows and from tiles.
        evaluated: entries that are written on the way from the rows to their values at
            all points, and from the products to the outputs.
        products: multiplications that sum the channels.
        kernels: multiplications in the evaluation of kernels.
        blocks: how often the evaluated kernels are read.
        calls: products of matrices.
    """

    points: int
    copies: int
    evaluated: int
    products: int
    kernels: int
    blocks: int
    calls: int


def operations(g: Geometry, itemsize: int) -> Operations:
    """Counts the operations of a call without dilation, whose blocks are alike."""
    blocks = tile_blocks(g, itemsize)
    examples, *numbers = (s.stop - s.start for s in blocks[0])
    steps = [TILE + 1 - k for k in g.kernel_size]
    sizes = [(n - 1) * m + TILE for n, m in zip(numbers, steps, strict=True)]
    points, tiles = TILE ** len(sizes), prod(numbers)
    copies = prod(sizes) * g.channels + prod(steps) * tiles * g.filters
    evaluated, calls = 0, points
    for axis, step in enumerate(steps):
        there = TILE**axis * prod(numbers[: axis + 1]) * prod(sizes[axis + 1 :])
        back = prod(steps[:axis]) * TILE ** (len(steps) - axis - 1)
        evaluated += TILE * there * g.channels + step * back * tiles * g.filters
        calls += there + back
    kernels = points * g.channels * g.filters
    return Operations(
        points=points,
        copies=len(blocks) * examples * copies,
        evaluated=len(blocks) * examples * evaluated,
        products=g.batch * prod(tile_counts(g)) * kernels,
        kernels=g.taps * kernels,
        blocks=len(blocks),
        calls=len(blocks) * calls,
    )
