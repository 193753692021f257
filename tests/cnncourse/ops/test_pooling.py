"""Pooling and its gradients against TensorFlow and central differences."""

from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.lib.stride_tricks import sliding_window_view

from cnncourse.ops.gradcheck import numerical_gradient
from cnncourse.ops.pooling import (
    average_pool,
    average_pool_gradient,
    max_pool,
    max_pool_gradient,
)

examples = settings(deadline=None, derandomize=True, max_examples=60)
TOLERANCE = {np.float32: 1e-5, np.float64: 1e-12}


@st.composite
def pools(draw: Any, for_tensorflow: bool = False) -> Any:
    """Draws an input and the options of a pooling."""
    rank = draw(st.integers(1, 3))

    def per_axis(low: int, high: int) -> tuple[int, ...]:
        return tuple(draw(st.integers(low, high)) for _ in range(rank))

    pool_size = per_axis(1, 3)
    smaller = tuple(draw(st.integers(1, k)) for k in pool_size)
    larger = () if for_tensorflow else (per_axis(1, 4),)  # which refuses them
    strides = draw(st.sampled_from([None, smaller, *larger]))
    padding = draw(st.sampled_from(["valid", "same"]))
    sizes = tuple(k + draw(st.integers(0, 4)) for k in pool_size)
    shape = (draw(st.integers(1, 2)), *sizes, draw(st.integers(1, 3)))
    rng = np.random.default_rng(draw(st.integers(0, 2**32 - 1)))
    lacking = for_tensorflow and rank == 3  # it has 3-D pooling for float32 only
    dtype = draw(st.sampled_from([np.float32] if lacking else list(TOLERANCE)))
    x = rng.permutation(np.prod(shape)).reshape(shape) / 7 - 5  # no ties
    options = {"pool_size": pool_size, "strides": strides, "padding": padding}
    return x.astype(dtype), options, rng


def tf_pool(tf: Any, x: Any, options: dict[str, Any], kind: str) -> Any:
    return tf.nn.pool(
        x,
        options["pool_size"],
        kind,
        options["strides"] or options["pool_size"],
        options["padding"].upper(),
    )


@examples
@given(case=pools(for_tensorflow=True))
def test_values_and_gradients_match_tensorflow(tf: Any, case: Any) -> None:
    x, options, rng = case
    tolerance = TOLERANCE[x.dtype.type]
    for kind, pool in (("MAX", max_pool), ("AVG", average_pool)):
        source = tf.constant(x)
        with tf.GradientTape() as tape:
            tape.watch(source)
            expected = tf_pool(tf, source, options, kind)
        y = pool(x, **options)
        assert y.dtype == x.dtype and y.shape == tuple(expected.shape)
        np.testing.assert_allclose(y, expected, rtol=tolerance, atol=tolerance)
        dy = rng.standard_normal(y.shape).astype(x.dtype)
        if kind == "MAX":
            dx = max_pool_gradient(dy, x, **options)
        else:
            dx = average_pool_gradient(dy, x.shape[1:-1], **options)
        oracle = tape.gradient(expected, source, tf.constant(dy))
        assert dx.dtype == x.dtype and dx.shape == x.shape
        np.testing.assert_allclose(dx, oracle, rtol=tolerance, atol=tolerance)


@settings(examples, max_examples=25)
@given(case=pools())
def test_gradients_match_central_differences(case: Any) -> None:
    x, options, rng = case
    x = x[:1, ..., :1].astype(np.float64)
    dy = rng.standard_normal(max_pool(x, **options).shape)
    for dx, pool in (
        (max_pool_gradient(dy, x, **options), max_pool),
        (max_pool_gradient(dy, x, ties="share", **options), max_pool),
        (average_pool_gradient(dy, x.shape[1:-1], **options), average_pool),
    ):
        expected = numerical_gradient(lambda v, f=pool: f(v, **options), x, dy)
        np.testing.assert_allclose(dx, expected, rtol=1e-6, atol=1e-6)


@examples
@given(case=pools(), before=st.integers(0, 2), after=st.integers(0, 2))
def test_values_window_by_window(case: Any, before: int, after: int) -> None:
    x, options, _ = case
    pool = options["pool_size"]
    pads = [(min(before, k - 1), min(after, k - 1)) for k in pool]
    options = {**options, "padding": tuple(pads)}
    padded = np.pad(x, [(0, 0), *pads, (0, 0)], constant_values=np.nan)
    axes = tuple(range(1, x.ndim - 1))
    steps = tuple(slice(None, None, s) for s in options["strides"] or pool)
    windows = sliding_window_view(padded, pool, axes)[(slice(None), *steps)]
    over = tuple(range(x.ndim, windows.ndim))
    maxima, means = np.nanmax(windows, over), np.nanmean(windows, over)
    np.testing.assert_array_equal(max_pool(x, **options), maxima)
    np.testing.assert_allclose(average_pool(x, **options), means, rtol=1e-5, atol=1e-6)


def test_example_of_lecture_4() -> None:
    x = np.array([[0, 3, 1, 6], [2, 1, 0, 2], [-1, 1, 1, 1], [-1, 0, -1, 3]], float)
    x = x[None, ..., None]
    np.testing.assert_allclose(max_pool(x, 2)[0, ..., 0], [[3, 6], [1, 3]])
    expected = [[1.5, 2.25], [-0.25, 1]]
    np.testing.assert_allclose(average_pool(x, 2)[0, ..., 0], expected)


def test_explicit_padding_never_counts() -> None:
    x = np.array([-4.0, -2.0, -8.0])[None, :, None]
    options = {"pool_size": 2, "strides": 2, "padding": ((1, 0),)}
    np.testing.assert_array_equal(max_pool(x, **options).ravel(), [-4, -2])
    np.testing.assert_array_equal(average_pool(x, **options).ravel(), [-4, -5])
    dy = np.array([1.0, 2.0])[None, :, None]
    dx = average_pool_gradient(dy, 3, **options)
    np.testing.assert_array_equal(dx.ravel(), [1, 1, 1])
    dx = max_pool_gradient(dy, x, **options)
    np.testing.assert_array_equal(dx.ravel(), [1, 2, 0])


def test_ties_first_as_in_tensorflow_or_shared(tf: Any) -> None:
    x = np.random.default_rng(0).integers(0, 2, (2, 6, 6, 3)).astype(np.float64)
    dy = np.random.default_rng(1).standard_normal((2, 2, 2, 3))
    source = tf.constant(x)
    with tf.GradientTape() as tape:
        tape.watch(source)
        y = tf.nn.max_pool2d(source, 3, 3, "VALID")
    oracle = tape.gradient(y, source, tf.constant(dy))
    np.testing.assert_allclose(max_pool_gradient(dy, x, 3), oracle)
    flat = np.zeros((1, 2, 2, 1))
    one = np.ones((1, 1, 1, 1))
    first = max_pool_gradient(one, flat, 2)
    np.testing.assert_array_equal(first.ravel(), [1, 0, 0, 0])
    shared = max_pool_gradient(one, flat, 2, ties="share")
    np.testing.assert_array_equal(shared.ravel(), [0.25] * 4)


def test_overlapping_windows_add_their_gradients() -> None:
    x = np.array([0.0, 5.0, 1.0])[None, :, None]
    dy = np.array([1.0, 10.0])[None, :, None]
    assert max_pool_gradient(dy, x, 2, 1).ravel().tolist() == [0, 11, 0]
    assert average_pool_gradient(dy, 3, 2, 1).ravel().tolist() == [0.5, 5.5, 5]


def test_inputs_are_not_changed() -> None:
    x = np.random.default_rng(0).standard_normal((1, 4, 4, 2))
    dy = np.ones((1, 2, 2, 2))
    x.flags.writeable = dy.flags.writeable = False
    before = x.copy()
    max_pool(x, 2), average_pool(x, 2)
    max_pool_gradient(dy, x, 2, ties="share"), average_pool_gradient(dy, 4, 2)
    np.testing.assert_array_equal(x, before)


X = np.ones((1, 4, 4, 2))


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: max_pool(np.ones((4, 4)), 2), r"axes \(B, \*sizes, C\)"),
        (lambda: average_pool(np.ones((4, 4)), 2), r"x\.shape=\(4, 4\)"),
        (lambda: max_pool(X, 5), "no larger than the padded input"),
        (lambda: max_pool(X, 2, 0), "Expected strides"),
        (lambda: average_pool(X, (2, 0)), "Expected pool_size"),
        (lambda: max_pool(X.astype(int), 2), "float32 or float64"),
        (lambda: average_pool(X, 2, padding=2), "less padding than pool_size"),
        (lambda: max_pool_gradient(X, X, 2), r"Expected dy of shape \(1, 2, 2, 2\)"),
        (lambda: average_pool_gradient(X, 4, 2), r"Expected dy of shape"),
        (lambda: average_pool_gradient(X, (4,), 2), "Expected input_size"),
        (lambda: max_pool_gradient(X, X, 1, ties="last"), "one of.*ties='last'"),
    ],
)
def test_wrong_arguments(call: Any, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        call()
