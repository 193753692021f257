"""Tiles of a convolution: their matrices, blocks and counts."""

from math import prod

import numpy as np
import pytest

from cnncourse.ops import tiling
from cnncourse.ops.tiling import (
    LARGEST_KERNEL,
    TILE,
    line,
    operations,
    supports,
    tile_blocks,
    tile_counts,
)
from tests.cnncourse.ops.geometries import square


@pytest.mark.parametrize("kernel", range(1, LARGEST_KERNEL + 1))
def test_six_products_give_a_line_of_outputs(kernel: int) -> None:
    rng = np.random.default_rng(kernel)
    a, g, b = line(kernel)
    assert a.shape == (TILE, TILE + 1 - kernel) and g.shape == (TILE, kernel)
    for _ in range(20):
        d, w = rng.standard_normal(TILE), rng.standard_normal(kernel)
        received = a.T @ ((g @ w) * (b @ d))
        np.testing.assert_allclose(received, np.correlate(d, w, "valid"), atol=1e-13)


def test_matrices_are_those_of_the_construction() -> None:
    """Evaluation at 0, 1, -1, 1/2, -2 and infinity, of a kernel x^2 and outputs."""
    a, g, b = line(3)
    np.testing.assert_array_equal(a[:, 2], [0, 1, 1, 0.25, 4, 0])
    np.testing.assert_array_equal(a[-1], [0, 0, 0, 1])
    np.testing.assert_array_equal(g[-1], [0, 0, 1])
    # (x - 1)(x + 1)(x - 1/2)(x + 2) = 1 - 3/2 x - 2 x^2 + 3/2 x^3 + x^4
    np.testing.assert_allclose(b[0], [1, -1.5, -2, 1.5, 1, 0])
    np.testing.assert_allclose(g[0], [1, 0, 0])


def test_what_is_supported() -> None:
    assert supports(square(1, 9, 1, 5, 1))
    assert not supports(square(1, 9, 1, 6, 1))
    assert not supports(square(1, 9, 1, 3, 1, strides=2))
    assert supports(square(1, 9, 1, 3, 1, dilation_rate=2))
    with pytest.raises(ValueError, match=r"strides of 1.*strides=\(2, 2\)"):
        tiling.tiling(square(1, 9, 1, 3, 1, strides=2), np.dtype("float32"))


def test_the_counts_of_the_paper() -> None:
    """36 multiplications for 4x4 outputs of 3x3 taps instead of 144."""
    g = square(2, 10, 10, 3, 20)
    assert tile_counts(g) == (2, 2)
    count = operations(g, 4)
    assert g.macs == 4 * count.products
    assert count.products == 2 * 4 * 36 * 10 * 20
    assert count.kernels == 9 * 36 * 10 * 20
    # rows of 10 x 10 are read, and tiles of 4 x 4 written
    assert count.blocks == 1
    assert count.copies == 2 * (100 * 10 + 4 * 16 * 20)
    # 2 lines of tiles in each of 10 columns, then 2 more at each of 6 points
    there, back = 2 * 10 + 6 * 2 * 2, 6 + 4
    assert count.calls == 36 + there + back
    assert count.evaluated == 2 * (6 * there * 10 + 4 * back * 4 * 20)


@pytest.mark.parametrize("channels", [4, 64, 1024])
@pytest.mark.parametrize(("batch", "size"), [(16, 28), (1, 226), (300, 4)])
def test_blocks_hold_each_tile_once_and_are_not_small(
    batch: int, size: int, channels: int
) -> None:
    g = square(batch, size + 2, channels, 3, 32)
    times = np.zeros((batch, *tile_counts(g)), int)
    blocks = tile_blocks(g, 4)
    for block in blocks:
        times[block] += 1
    assert np.all(times == 1)
    sizes = [prod(s.stop - s.start for s in block) for block in blocks]
    assert min(sizes) >= tiling.SMALLEST_BLOCK // 2
    each = 36 * max(channels, 32) * 4
    assert max(sizes) <= max(tiling.SMALLEST_BLOCK, tiling.BLOCK_BYTES // each)


@pytest.mark.parametrize(("channels", "itemsize"), [(1, 4), (16, 4), (16, 8)])
def test_examples_lie_side_by_side_where_channels_are_few(
    channels: int, itemsize: int
) -> None:
    g = square(64, 32, channels, 3, 8)
    for examples, *_ in tile_blocks(g, itemsize):
        row = (examples.stop - examples.start) * channels * itemsize
        assert row >= tiling.ROW_BYTES / 2 or examples == slice(0, 64)
