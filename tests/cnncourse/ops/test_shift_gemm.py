"""The input gradient of few channels, which one product for all taps gives."""

import numpy as np
import pytest
from threadpoolctl import threadpool_limits

from cnncourse.ops import im2col, shift_gemm
from cnncourse.ops.geometry import Geometry


@pytest.mark.parametrize("threads", [1, 2])
@pytest.mark.parametrize("planes_bytes", [1, 1 << 22])
@pytest.mark.parametrize(
    "geometry",
    [
        Geometry(3, (50,), 2, (7,), (3,), (1,), 5, ((3, 2),)),
        Geometry(2, (24, 21), 3, (5, 4), (1, 1), (1, 1), 6, ((2, 2), (2, 1))),
        Geometry(9, (12, 12), 1, (3, 3), (2, 3), (1, 1), 4),
        Geometry(2, (19, 23), 31, (3, 2), (1, 2), (3, 4), 8, ((3, 3), (0, 0))),
        Geometry(2, (7, 8, 9), 2, (3, 2, 3), (2, 1, 1), (1, 2, 1), 3),
    ],
)
def test_planes_are_added_as_windows_are(
    geometry: Geometry,
    planes_bytes: int,
    threads: int,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(shift_gemm, "PLANES_BYTES", planes_bytes)
    monkeypatch.setattr(shift_gemm, "ROWS", 50)
    assert shift_gemm.in_planes("input_gradient", geometry)
    rng = np.random.default_rng(0)
    dy = rng.standard_normal(geometry.output_shape)
    w = rng.standard_normal(geometry.kernel_shape)
    with threadpool_limits(threads, user_api="blas"):
        received = shift_gemm.input_gradient(dy, w, geometry)
        expected = im2col.input_gradient(dy, w, geometry)
    np.testing.assert_allclose(received, expected, atol=1e-12)


@pytest.mark.parametrize(
    ("task", "channels", "kernel"),
    [("forward", 3, 3), ("input_gradient", 32, 3), ("input_gradient", 3, 1)],
)
def test_other_tasks_take_each_tap_alone(task: str, channels: int, kernel: int) -> None:
    geometry = Geometry(2, (9, 9), channels, (kernel,) * 2, (1, 1), (1, 1), 4)
    assert not shift_gemm.in_planes(task, geometry)
