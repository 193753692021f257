"""Winograd's minimal filtering: its matrices, precision and counts."""

import numpy as np
import pytest

from cnncourse.ops import im2col, winograd
from cnncourse.ops.geometry import Geometry
from cnncourse.ops.winograd import (
    LARGEST_KERNEL,
    TILE,
    forward,
    input_gradient,
    kernel_gradient,
    line,
    operations,
    supports,
    tile_blocks,
    tile_counts,
    tiling,
)


def square(
    batch: int, size: int, channels: int, kernel: int, filters: int, **rest: int
) -> Geometry:
    """A geometry with "same" padding."""
    strides, rate = rest.get("strides", 1), rest.get("dilation_rate", 1)
    pads = ((kernel // 2, (kernel - 1) // 2),) * 2
    padded = size + kernel - 1
    return Geometry(
        batch,
        (padded, padded),
        channels,
        (kernel, kernel),
        (strides, strides),
        (rate, rate),
        filters,
        pads,
    )


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


@pytest.mark.parametrize("size", [4, 7, 8, 30])
@pytest.mark.parametrize("kernel", [2, 3, 5])
@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_precision_is_a_few_bits_less_than_that_of_im2col(
    size: int, kernel: int, dtype: type
) -> None:
    rng = np.random.default_rng(0)
    g = square(2, size, 40, kernel, 24)
    x, w, dy = (
        rng.standard_normal(shape)
        for shape in (g.input_shape, g.kernel_shape, g.output_shape)
    )
    for ours, other, operands in (
        (forward, im2col.forward, (x, w)),
        (input_gradient, im2col.input_gradient, (dy, w)),
        (kernel_gradient, im2col.kernel_gradient, (x, dy)),
    ):
        operands = tuple(operand.astype(dtype) for operand in operands)
        exact = other(*(operand.astype(np.longdouble) for operand in operands), g)
        received = ours(*operands, g)
        assert received.dtype == dtype and received.shape == exact.shape
        error = np.abs(received - exact).max() / np.abs(exact).max()
        assert error < 128 * np.finfo(dtype).eps


def test_what_is_supported() -> None:
    assert supports(square(1, 9, 1, 5, 1))
    assert not supports(square(1, 9, 1, 6, 1))
    assert not supports(square(1, 9, 1, 3, 1, strides=2))
    assert supports(square(1, 9, 1, 3, 1, dilation_rate=2))
    with pytest.raises(ValueError, match=r"strides of 1.*strides=\(2, 2\)"):
        tiling(square(1, 9, 1, 3, 1, strides=2), np.dtype("float32"))


def test_the_counts_of_the_paper() -> None:
    """36 multiplications for 4x4 outputs of 3x3 taps instead of 144."""
    g = square(2, 8, 10, 3, 20)
    assert tile_counts(g) == (2, 2)
    count = operations(g, 4, 1)
    assert g.macs == 4 * count.products
    assert count.products == 2 * 4 * 36 * 10 * 20
    assert count.copies == 2 * 4 * (36 * 10 + 16 * 20)
    assert count.kernels == 9 * 36 * 10 * 20


@pytest.mark.parametrize("threads", [1, winograd.FEW_THREADS, 4])
@pytest.mark.parametrize("channels", [4, 64, 1024])
def test_blocks_hold_all_tiles_and_are_not_small(channels: int, threads: int) -> None:
    g = square(16, 28, channels, 3, 32)
    sizes = [size for _, size in tile_blocks(g, 4, threads)]
    assert sum(sizes) == 16 * 7 * 7
    assert min(sizes) >= winograd.SMALLEST_BLOCK // 2
    few = threads <= winograd.FEW_THREADS
    most = winograd.BLOCK_BYTES if few else winograd.SHARED_BLOCK_BYTES
    each = 36 * max(channels, 32) * 4
    assert max(sizes) <= max(winograd.SMALLEST_BLOCK, most // each)


@pytest.mark.parametrize("few", [0, 1 << 10])
@pytest.mark.parametrize("task", ["forward", "input_gradient", "kernel_gradient"])
def test_it_is_the_same_however_many_threads_share_it(
    task: str, few: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(winograd, "FEW_THREADS", few)
    g = square(6, 30, 40, 3, 24)
    assert tiling(g, np.dtype(float)).shared is (few == 0)
    rng = np.random.default_rng(0)
    x, w, dy = (
        rng.standard_normal(shape)
        for shape in (g.input_shape, g.kernel_shape, g.output_shape)
    )
    x *= np.pad(np.ones((6, 30, 30, 40)), [(0, 0), (1, 1), (1, 1), (0, 0)])
    operands = {
        "forward": (x, w),
        "input_gradient": (dy, w),
        "kernel_gradient": (x, dy),
    }[task]
    received = getattr(winograd, task)(*operands, g)
    expected = getattr(im2col, task)(*operands, g)
    np.testing.assert_allclose(received, expected, atol=1e-9)
