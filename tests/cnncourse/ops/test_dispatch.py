"""The choice of an algorithm and the parts that the algorithms are made of."""

from math import prod

import numpy as np
import pytest
from numpy.lib.stride_tricks import sliding_window_view
from threadpoolctl import threadpool_limits

from cnncourse.ops import fft, im2col
from cnncourse.ops.dispatch import ALGORITHMS, choose, fastest
from cnncourse.ops.geometry import Geometry, tap_slices, windows
from tests.cnncourse.ops.geometries import square

TASKS = ("forward", "input_gradient", "kernel_gradient")


@pytest.mark.parametrize("itemsize", [4, 8])
@pytest.mark.parametrize("threads", [1, 2])
@pytest.mark.parametrize("task", TASKS)
@pytest.mark.parametrize(
    ("geometry", "expected"),
    [
        (square(4, 78, 16, 15, 16), {"fft"}),
        (square(2, 64, 64, 9, 64), {"fft"}),
        (square(8, 9, 512, 3, 512), {"im2col", "winograd"}),
        (square(8, 34, 64, 3, 64), {"winograd"}),
        (square(8, 30, 128, 3, 128), {"winograd"}),
        (square(8, 34, 32, 3, 32), {"winograd"}),
    ],
)
def test_choice_where_it_is_clear(
    task: str, geometry: Geometry, expected: set[str], threads: int, itemsize: int
) -> None:
    assert fastest(task, geometry, threads, itemsize) in expected


@pytest.mark.parametrize("itemsize", [4, 8])
@pytest.mark.parametrize("threads", [1, 2])
@pytest.mark.parametrize("task", TASKS)
@pytest.mark.parametrize(
    "geometry", [square(8, 36, 3, 5, 16), square(4, 230, 3, 7, 64, strides=2)]
)
def test_few_channels_are_copied_but_added_in_planes(
    task: str, geometry: Geometry, threads: int, itemsize: int
) -> None:
    expected = "shift_gemm" if task == "input_gradient" else "im2col"
    assert fastest(task, geometry, threads, itemsize) == expected


@pytest.mark.parametrize("itemsize", [4, 8])
@pytest.mark.parametrize(
    ("threads", "task", "expected"),
    [
        (1, "forward", "im2col"),
        (2, "forward", "shift_gemm"),
        (1, "input_gradient", "shift_gemm"),
        (2, "input_gradient", "shift_gemm"),
        (1, "kernel_gradient", "im2col"),
        (2, "kernel_gradient", "shift_gemm"),
    ],
)
def test_only_one_thread_copies_the_input_of_a_1x1_kernel(
    threads: int, task: str, expected: str, itemsize: int
) -> None:
    geometry = square(8, 28, 256, 1, 64)
    assert fastest(task, geometry, threads, itemsize) == expected
    with threadpool_limits(threads, user_api="blas"):
        assert choose(task, geometry, itemsize) == expected


@pytest.mark.parametrize("task", TASKS)
@pytest.mark.parametrize("kernel", [2, 3, 7])
@pytest.mark.parametrize("channels", [1, 16, 48, 256])
def test_choice_is_for_the_threads_of_the_moment(
    task: str, kernel: int, channels: int
) -> None:
    geometry = square(8, 28, channels, kernel, 64)
    for threads in (1, 2):
        with threadpool_limits(threads, user_api="blas"):
            expected = fastest(task, geometry, threads, 4)
            assert choose(task, geometry, 4) == expected


@pytest.mark.parametrize("itemsize", [4, 8])
@pytest.mark.parametrize("task", TASKS)
def test_several_threads_leave_few_channels_to_one(task: str, itemsize: int) -> None:
    """No estimate of products in pieces depends on the threads."""
    for geometry in (square(8, 36, 3, 5, 16), square(64, 32, 1, 5, 6)):
        one, many = (
            ALGORITHMS["im2col"].nanoseconds(task, geometry, threads, itemsize)
            for threads in (1, 16)
        )
        assert one == many
    geometry = square(8, 34, 64, 3, 64)
    one, many = (
        ALGORITHMS["im2col"].nanoseconds(task, geometry, threads, itemsize)
        for threads in (1, 16)
    )
    assert many < one


@pytest.mark.parametrize(
    ("dilation_rate", "itemsize", "expected"),
    [
        (1, 4, "flipped_im2col"),
        (1, 8, "flipped_im2col"),
        (2, 4, "flipped_im2col"),
        (2, 8, "im2col"),
    ],
)
def test_only_in_float64_a_wide_margin_makes_adding_faster_than_copying(
    dilation_rate: int, itemsize: int, expected: str
) -> None:
    size = 32 + 2 * dilation_rate
    geometry = square(8, size, 64, 3, 64, dilation_rate=dilation_rate)
    received = min(
        ("im2col", "flipped_im2col"),
        key=lambda name: ALGORITHMS[name].nanoseconds(
            "input_gradient", geometry, 1, itemsize
        ),
    )
    assert received == expected


@pytest.mark.parametrize("task", TASKS)
@pytest.mark.parametrize("name", list(ALGORITHMS))
def test_estimates_grow_with_the_batch(name: str, task: str) -> None:
    estimates = [
        ALGORITHMS[name].nanoseconds(task, square(batch, 20, 8, 3, 8), 2, 4)
        for batch in (8, 16, 64)
    ]
    assert estimates == sorted(estimates) and estimates[0] > 0


@pytest.mark.parametrize("rows", [1, 7, 30, 1000])
@pytest.mark.parametrize("shape", [(3,), (2, 5), (3, 4, 5), (2, 2, 3, 4)])
def test_blocks_cover_every_position_once(shape: tuple[int, ...], rows: int) -> None:
    shape = shape if len(shape) > 1 else (1, *shape)
    count = np.zeros(shape, int)
    for block, size in im2col.blocks(shape, rows):
        assert count[block].size == size
        assert size <= max(rows, prod(shape[2:]))
        count[block] += 1
    assert np.all(count == 1)


def test_windows_are_those_of_numpy() -> None:
    x = np.arange(2 * 9 * 8 * 3.0).reshape(2, 9, 8, 3)
    g = Geometry(2, (9, 8), 3, (3, 2), (2, 1), (2, 3), 1)
    expected = sliding_window_view(x, (5, 4), axis=(1, 2))[:, ::2, :, :, ::2, ::3]
    received = windows(x, g)
    np.testing.assert_array_equal(received, np.moveaxis(expected, 3, -1))
    for tap in np.ndindex(3, 2):
        np.testing.assert_array_equal(x[tap_slices(g, tap)], received[:, :, :, *tap])


@pytest.mark.parametrize("size", [5, 20, 100])
@pytest.mark.parametrize("kernel", [1, 2, 5])
def test_tiles_hold_the_kernel_and_cover_the_output(size: int, kernel: int) -> None:
    g = square(1, size, 1, kernel, 1)
    tile = fft.tile_sizes(g)
    assert all(t >= e for t, e in zip(tile, g.extents, strict=True))
    for count, t in zip(fft.Tiling(g, tile).count, tile, strict=True):
        assert count * (t - kernel + 1) >= size - kernel + 1


def test_fft_of_float32_is_precise() -> None:
    """The error stays near that of a sum of products in float32."""
    rng = np.random.default_rng(0)
    g = square(2, 64, 8, 11, 8)
    x, w = rng.standard_normal(g.input_shape), rng.standard_normal(g.kernel_shape)
    exact = im2col.forward(x, w, g)
    single = fft.forward(x.astype(np.float32), w.astype(np.float32), g)
    assert single.dtype == np.float32
    assert np.abs(single - exact).max() < 2e-6 * np.abs(exact).max()
