"""Winograd's minimal filtering: its precision, and the same result in any blocks."""

from dataclasses import replace

import numpy as np
import pytest

from cnncourse.ops import im2col, tiling, winograd
from cnncourse.ops.geometry import Geometry
from cnncourse.ops.winograd import forward, input_gradient, kernel_gradient
from tests.cnncourse.ops.geometries import square


@pytest.mark.parametrize("size", [4, 7, 8, 30])
@pytest.mark.parametrize("kernel", [2, 3, 5])
@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_precision_is_a_few_bits_less_than_that_of_im2col(
    size: int, kernel: int, dtype: type
) -> None:
    rng = np.random.default_rng(0)
    pads = ((kernel // 2, (kernel - 1) // 2),) * 2
    g = replace(square(2, size + kernel - 1, 40, kernel, 24), pads=pads)
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


@pytest.mark.parametrize("block_bytes", [1 << 10, 1 << 12, 1 << 30])
@pytest.mark.parametrize("kernel_size", [(4,), (3, 1), (2, 3, 5)])
@pytest.mark.parametrize("task", ["forward", "input_gradient", "kernel_gradient"])
def test_it_is_the_same_in_blocks_of_any_size(
    task: str,
    kernel_size: tuple[int, ...],
    block_bytes: int,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(tiling, "BLOCK_BYTES", block_bytes)
    monkeypatch.setattr(tiling, "SMALLEST_BLOCK", 1)
    monkeypatch.setattr(tiling, "ROW_BYTES", block_bytes >> 5)
    axes = len(kernel_size)
    g = Geometry(
        batch=6,
        sizes=(13, 11, 9)[:axes],
        channels=5,
        kernel_size=kernel_size,
        strides=(1,) * axes,
        dilation_rate=(1,) * axes,
        filters=3,
    )
    assert (len(tiling.tile_blocks(g, 8)) == 1) is (block_bytes == 1 << 30)
    rng = np.random.default_rng(0)
    x, w, dy = (
        rng.standard_normal(shape)
        for shape in (g.input_shape, g.kernel_shape, g.output_shape)
    )
    operands = {
        "forward": (x, w),
        "input_gradient": (dy, w),
        "kernel_gradient": (x, dy),
    }[task]
    received = getattr(winograd, task)(*operands, g)
    expected = getattr(im2col, task)(*operands, g)
    np.testing.assert_allclose(received, expected, atol=1e-9)
