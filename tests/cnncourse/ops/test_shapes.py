"""Sizes against counting windows one by one, Keras and the lectures' numbers."""

from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cnncourse.ops.shapes import (
    extent,
    output_size,
    output_sizes,
    padding_pairs,
    transposed_output_sizes,
)

examples = settings(deadline=None, derandomize=True)
small = st.integers(1, 5)


@examples
@given(
    st.integers(1, 20), small, small, small, st.integers(0, 3), st.integers(0, 3)
)  # fmt: skip
def test_output_size_counts_the_windows_that_fit(
    n: int, k: int, s: int, d: int, before: int, after: int
) -> None:
    padded = n + before + after
    starts = [i for i in range(0, padded, s) if i + d * (k - 1) < padded]
    if starts:
        assert output_size(n, k, s, (before, after), d) == len(starts)
    else:
        with pytest.raises(ValueError, match="no larger than the padded input"):
            output_size(n, k, s, (before, after), d)


@examples
@given(st.integers(1, 20), small, small, small)
def test_same_padding_keeps_the_size_over_the_stride(
    n: int, k: int, s: int, d: int
) -> None:
    assert output_size(n, k, s, "same", d) == -(-n // s)
    ((before, after),) = padding_pairs("same", (n,), k, s, d)
    assert 0 <= after - before <= 1


@pytest.mark.parametrize(
    ("size", "kernel_size", "strides", "padding", "expected"),
    [
        (7, 3, 1, 0, 5),
        (7, 3, 2, 0, 3),
        (7, 3, 3, 0, 2),
        (7, 3, 3, 1, 3),
        (7, 3, 1, 1, 7),
        (4, 2, 1, 0, 3),
        (5, 3, 2, 2, 4),
        (227, 11, 4, 0, 55),
        (224, 11, 4, 2, 55),
        (55, 3, 2, 0, 27),
        (27, 5, 1, 2, 27),
        (13, 3, 2, 0, 6),
        (8, 3, 2, "SAME", 4),
    ],
)
def test_sizes_of_the_lectures(
    size: int, kernel_size: int, strides: int, padding: Any, expected: int
) -> None:
    assert output_size(size, kernel_size, strides, padding) == expected


def test_padding_is_written_in_four_ways() -> None:
    assert padding_pairs("valid", (5, 5), 3) == ((0, 0), (0, 0))
    assert padding_pairs("same", (5, 6), (3, 4)) == ((1, 1), (1, 2))
    assert padding_pairs(2, (5, 5), 3) == ((2, 2), (2, 2))
    assert padding_pairs((1, (0, 2)), (5, 5), 3) == ((1, 1), (0, 2))
    assert padding_pairs((np.int64(1),), (5,), 3) == ((1, 1),)


def test_sizes_of_each_axis() -> None:
    assert output_sizes((8, 9), (2, 3), (2, 3), (0, (0, 1)), (1, 2)) == (4, 2)
    assert extent(3, 2) == 5


@pytest.mark.parametrize("padding", ["valid", "same"])
@pytest.mark.parametrize("strides", [1, 2, 3])
@pytest.mark.parametrize("kernel_size", [1, 2, 3, 4])
def test_transposed_sizes_are_those_of_keras(
    tf: Any, padding: str, strides: int, kernel_size: int
) -> None:
    layer = tf.keras.layers.Conv2DTranspose(1, kernel_size, strides, padding)
    expected = layer.compute_output_shape((1, 5, 7, 1))[1:-1]
    received = transposed_output_sizes((5, 7), kernel_size, strides, padding)
    assert received == tuple(expected)


@examples
@given(st.integers(4, 20), small, small, st.integers(0, 2), st.integers(1, 3))
def test_transposed_size_undoes_the_size(
    n: int, k: int, s: int, pad: int, d: int
) -> None:
    if d * (k - 1) + 1 > n + 2 * pad:
        return
    output = output_size(n, k, s, pad, d)
    lost = (n + 2 * pad - extent(k, d)) % s
    try:
        back = transposed_output_sizes((output,), k, s, pad, d, lost)
    except ValueError as error:
        assert "less padding" in str(error)
        assert (output - 1) * s + extent(k, d) + lost <= 2 * pad
    else:
        assert back == (n,)


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: output_size(0, 1), "Expected sizes: an integer >= 1"),
        (lambda: output_size(5, 0), "Expected kernel_size: an integer >= 1"),
        (lambda: output_size(5, 3, 0), "Expected strides: an integer >= 1"),
        (lambda: output_size(5, 3, 1, "full"), "Received: padding='full'"),
        (lambda: output_size(5, 3, 1, -1), "Expected padding"),
        (lambda: output_size(5, 3, 1, 0, 0), "Expected dilation_rate"),
        (lambda: output_size(5, 6), r"no larger than the padded input, \(5,\)"),
        (lambda: output_size(5, True), "Received: kernel_size=True"),
        (lambda: output_sizes((5, 5), (3, 3, 3)), "2 of them.*kernel_size"),
        (lambda: output_sizes((5, 5), 3, padding=((1, 1),)), "Expected padding"),
        (lambda: output_sizes((5,), 3, padding=(1.5,)), "Expected padding"),
        (lambda: transposed_output_sizes((5,), 3, 0), "Expected strides"),
        (
            lambda: transposed_output_sizes((5,), 3, 2, output_padding=2),
            "Expected output_padding from 0 to strides - 1",
        ),
        (
            lambda: transposed_output_sizes((1,), 3, padding=2),
            "Expected less padding than output",
        ),
    ],
)
def test_wrong_arguments(call: Any, message: str) -> None:
    with pytest.raises(ValueError, match=f"(?s){message}"):
        call()
