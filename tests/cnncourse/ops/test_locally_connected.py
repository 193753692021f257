"""Locally connected layers against TensorFlow window by window."""

from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cnncourse.ops.convolution import conv
from cnncourse.ops.gradcheck import numerical_gradient
from cnncourse.ops.locally_connected import (
    locally_connected,
    locally_connected_input_gradient,
    locally_connected_kernel_gradient,
)
from cnncourse.ops.shapes import output_sizes, padding_pairs

examples = settings(deadline=None, derandomize=True, max_examples=30)
TOLERANCE = {np.float32: 1e-4, np.float64: 1e-10}


@st.composite
def cases(draw: Any, dtypes: tuple[type, ...] = (np.float32, np.float64)) -> Any:
    rank = draw(st.integers(1, 3))

    def per_axis(low: int, high: int) -> tuple[int, ...]:
        return tuple(draw(st.integers(low, high)) for _ in range(rank))

    kernel_size = per_axis(1, 3)
    sizes = tuple(k + draw(st.integers(0, 2)) for k in kernel_size)
    padding = draw(st.sampled_from(["valid", "same", 1]))
    options = {"strides": per_axis(1, 3), "padding": padding}
    outputs = output_sizes(sizes, kernel_size, **options)
    batch, channels, filters = (draw(st.integers(1, 3)) for _ in "bcf")
    rng = np.random.default_rng(draw(st.integers(0, 2**32 - 1)))
    dtype = draw(st.sampled_from(dtypes))
    x, w, b, dy = (
        rng.standard_normal(shape).astype(dtype)
        for shape in (
            (batch, *sizes, channels),
            (*outputs, *kernel_size, channels, filters),
            (*outputs, filters),
            (batch, *outputs, filters),
        )
    )
    return x, w, b, dy, options


def oracle(tf: Any, x: Any, w: Any, options: dict[str, Any]) -> Any:
    """One dense layer for each window."""
    rank = len(x.shape) - 2
    outputs, kernel_size = w.shape[:rank], w.shape[rank : 2 * rank]
    pairs = padding_pairs(
        options["padding"], x.shape[1:-1], kernel_size, options["strides"]
    )
    padded = tf.pad(x, [(0, 0), *pairs, (0, 0)])
    columns = []
    for at in np.ndindex(*outputs):
        begin = [0, *(i * s for i, s in zip(at, options["strides"], strict=True)), 0]
        size = [x.shape[0], *kernel_size, x.shape[-1]]
        window = tf.reshape(tf.slice(padded, begin, size), (x.shape[0], -1))
        columns.append(window @ tf.reshape(w[at], (-1, w.shape[-1])))
    return tf.reshape(tf.stack(columns, 1), (x.shape[0], *outputs, w.shape[-1]))


@examples
@given(case=cases())
def test_value_and_gradients_match_tensorflow(tf: Any, case: Any) -> None:
    x, w, b, dy, options = case
    rank = x.ndim - 2
    sources = [tf.constant(a) for a in (x, w)]
    with tf.GradientTape() as tape:
        tape.watch(sources)
        expected = oracle(tf, *sources, options)
    dx, dw = tape.gradient(expected, sources, tf.constant(dy))
    kernel_size = w.shape[rank : 2 * rank]
    for received, value in (
        (locally_connected(x, w, **options), expected),
        (locally_connected(x, w, b, **options), expected + b),
        (locally_connected_input_gradient(dy, w, x.shape[1:-1], **options), dx),
        (locally_connected_kernel_gradient(x, dy, kernel_size, **options), dw),
    ):
        assert received.dtype == x.dtype and received.shape == tuple(value.shape)
        tolerance = TOLERANCE[x.dtype.type]
        np.testing.assert_allclose(received, value, rtol=tolerance, atol=tolerance)


@settings(examples, max_examples=10)
@given(case=cases(dtypes=(np.float64,)))
def test_input_gradient_matches_central_differences(case: Any) -> None:
    x, w, _, dy, options = case
    dx = locally_connected_input_gradient(dy, w, x.shape[1:-1], **options)
    expected = numerical_gradient(lambda v: locally_connected(v, w, **options), x, dy)
    np.testing.assert_allclose(dx, expected, rtol=1e-6, atol=1e-6)


def test_equal_kernels_are_a_convolution() -> None:
    rng = np.random.default_rng(0)
    x, w = rng.standard_normal((2, 5, 6, 3)), rng.standard_normal((2, 3, 3, 4))
    each = np.broadcast_to(w, (4, 4, *w.shape))
    np.testing.assert_allclose(locally_connected(x, each), conv(x, w))


def test_what_is_not_a_number_shows_without_a_warning() -> None:
    x = np.array([np.inf, -np.inf, 1, 2, 3]).reshape(1, 5, 1)
    w = np.ones((4, 2, 1, 1))
    with np.errstate(all="raise"):
        y = locally_connected(x, w)
        dw = locally_connected_kernel_gradient(x, y, 2)
        dx = locally_connected_input_gradient(y, w, 5)
    assert np.isnan(y[0, 0]) and np.isnan(dw[0]).all() and np.isnan(dx[0, 0])


def test_inputs_are_not_changed() -> None:
    x, w, dy = np.ones((1, 3, 1)), np.ones((2, 2, 1, 1)), np.ones((1, 2, 1))
    x.flags.writeable = w.flags.writeable = dy.flags.writeable = False
    locally_connected(x, w)
    locally_connected_input_gradient(dy, w, 3)
    locally_connected_kernel_gradient(x, dy, 2)


X, W, DY = np.ones((1, 3, 1)), np.ones((2, 2, 1, 1)), np.ones((1, 2, 1))


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: locally_connected(X[0], W), r"axes \(B, \*sizes, C_in\)"),
        (lambda: locally_connected(X, W[0]), r"\*outputs, \*kernel_size"),
        (lambda: locally_connected(X, W[:1]), r"w of shape \(2, 2, 1, 1\)"),
        (lambda: locally_connected(X, W, np.ones(2)), r"b of shape \(2, 1\)"),
        (lambda: locally_connected(X.astype(int), W), "float32 or float64"),
        (lambda: locally_connected(X, W, strides=0), "Expected strides"),
        (lambda: locally_connected_kernel_gradient(X, DY, 3), "Expected dy of shape"),
        (lambda: locally_connected_kernel_gradient(X, DY, 4), "no larger than"),
        (lambda: locally_connected_input_gradient(DY, W, 5), "Expected w of shape"),
        (lambda: locally_connected_input_gradient(X, W, 3), "Expected dy of shape"),
    ],
)
def test_wrong_arguments(call: Any, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        call()
