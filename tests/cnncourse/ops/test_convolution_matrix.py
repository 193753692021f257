"""The matrix of a convolution against the convolution."""

from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cnncourse.ops.convolution import conv, conv_input_gradient
from cnncourse.ops.convolution_matrix import conv_matrix


@st.composite
def cases(draw: Any) -> Any:
    rank = draw(st.integers(1, 3))

    def per_axis(low: int, high: int) -> tuple[int, ...]:
        return tuple(draw(st.integers(low, high)) for _ in range(rank))

    kernel_size, dilation_rate = per_axis(1, 3), per_axis(1, 2)
    sizes = tuple(
        d * (k - 1) + 1 + draw(st.integers(0, 2))
        for k, d in zip(kernel_size, dilation_rate, strict=True)
    )
    options = {
        "strides": per_axis(1, 2),
        "padding": draw(st.sampled_from(["valid", "same", 1])),
        "dilation_rate": dilation_rate,
    }
    rng = np.random.default_rng(draw(st.integers(0, 2**32 - 1)))
    channels, filters = draw(st.integers(1, 2)), draw(st.integers(1, 3))
    w = rng.standard_normal((*kernel_size, channels, filters))
    return w, rng.standard_normal((1, *sizes, channels)), options


@settings(deadline=None, derandomize=True, max_examples=60)
@given(case=cases())
def test_matrix_convolves_and_its_transpose_goes_back(case: Any) -> None:
    w, x, options = case
    sizes = x.shape[1:-1]
    matrix, y = conv_matrix(w, sizes, **options), conv(x, w, **options)
    assert matrix.dtype == w.dtype
    np.testing.assert_allclose(matrix @ x.ravel(), y.ravel(), atol=1e-12)
    dx = conv_input_gradient(y, w, sizes, **options)
    np.testing.assert_allclose(matrix.T @ y.ravel(), dx.ravel(), atol=1e-12)


def test_matrix_of_lecture_2() -> None:
    w = np.array([[1, 4, 1], [1, 4, 3], [3, 3, 1]], np.float32)[..., None, None]
    rows = [
        [1, 4, 1, 0, 1, 4, 3, 0, 3, 3, 1, 0, 0, 0, 0, 0],
        [0, 1, 4, 1, 0, 1, 4, 3, 0, 3, 3, 1, 0, 0, 0, 0],
        [0, 0, 0, 0, 1, 4, 1, 0, 1, 4, 3, 0, 3, 3, 1, 0],
        [0, 0, 0, 0, 0, 1, 4, 1, 0, 1, 4, 3, 0, 3, 3, 1],
    ]
    matrix = conv_matrix(w, 4)
    assert matrix.dtype == np.float32
    np.testing.assert_array_equal(matrix, rows)


def test_laplacian_with_same_padding_of_lecture_1() -> None:
    w = np.array([[0, -1, 0], [-1, 4, -1], [0, -1, 0]], float)[..., None, None]
    matrix = conv_matrix(w, (4, 4), padding="same")
    assert matrix.shape == (16, 16) and np.count_nonzero(matrix) == 64
    np.testing.assert_array_equal(matrix, matrix.T)
    assert matrix[0, :6].tolist() == [4, -1, 0, 0, -1, 0]


@pytest.mark.parametrize(
    ("w", "input_size", "message"),
    [
        (np.ones((2, 2)), 4, "1 to 3 spatial axes"),
        (np.ones((2, 1, 1)), (4, 4), "Expected input_size"),
        (np.ones((5, 1, 1)), 4, "no larger than the padded input"),
        (np.ones((2, 1, 1), int), 4, "float32 or float64"),
    ],
)
def test_wrong_arguments(w: np.ndarray, input_size: Any, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        conv_matrix(w, input_size)
