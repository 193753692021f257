"""What arguments are refused, and with which words."""

from typing import Any

import numpy as np
import pytest

from cnncourse.ops.arguments import check_shape, float_arrays, per_axis


def test_floats_of_one_dtype_pass() -> None:
    x, y = float_arrays(x=np.ones(2, np.float32), y=np.ones(3, np.float32))
    assert x.dtype == y.dtype == np.float32
    (z,) = float_arrays(z=[1.0, 2.0])
    assert z.dtype == np.float64


@pytest.mark.parametrize("dtype", [np.int64, np.float16, np.complex128, bool, object])
def test_other_dtypes_are_refused(dtype: Any) -> None:
    with pytest.raises(ValueError, match=f"Expected x of dtype.*{np.dtype(dtype)}"):
        float_arrays(x=np.ones(2, dtype))


def test_two_dtypes_are_refused() -> None:
    with pytest.raises(ValueError, match=r"one dtype.*x\.dtype=float64, y\.dtype=fl"):
        float_arrays(x=np.ones(2), y=np.ones(2, np.float32))


def test_shape() -> None:
    check_shape("x", np.ones((2, 3)), (2, 3))
    with pytest.raises(ValueError, match=r"x of shape \(3,\).*x\.shape=\(2,\)"):
        check_shape("x", np.ones(2), (3,))


def test_per_axis() -> None:
    assert per_axis("strides", 2, 3) == (2, 2, 2)
    assert per_axis("strides", [1, np.int32(2)], 2) == (1, 2)


@pytest.mark.parametrize("value", [0, -1, (1, 0), (1,), (1.0, 2.0), True, (True, 1)])
def test_per_axis_refuses(value: Any) -> None:
    with pytest.raises(ValueError, match="Expected strides: an integer >= 1, or 2"):
        per_axis("strides", value, 2)
