"""Normalisations and their gradients against TensorFlow and central differences."""

from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import array_shapes

from cnncourse.ops.gradcheck import numerical_gradient
from cnncourse.ops.normalization import (
    batch_norm,
    batch_norm_gradient,
    batch_statistics,
    local_response_norm,
    local_response_norm_gradient,
)

examples = settings(deadline=None, derandomize=True, max_examples=40)
TOLERANCE = {np.float32: 2e-4, np.float64: 1e-9}


@st.composite
def inputs(draw: Any, dtypes: tuple[type, ...] = (np.float32, np.float64)) -> Any:
    shape = draw(array_shapes(min_dims=2, max_dims=4, max_side=5))
    rng = np.random.default_rng(draw(st.integers(0, 2**32 - 1)))
    dtype = draw(st.sampled_from(dtypes))
    x, dy = (rng.standard_normal(shape).astype(dtype) for _ in "xy")
    gamma, beta = (rng.uniform(0.5, 2, shape[-1]).astype(dtype) for _ in "gb")
    return x, dy, gamma, beta


@examples
@given(case=inputs())
def test_batch_norm_matches_tensorflow(tf: Any, case: Any) -> None:
    x, dy, gamma, beta = case
    sources = [tf.constant(a) for a in (x, gamma, beta)]
    with tf.GradientTape() as tape:
        tape.watch(sources)
        mean, variance = tf.nn.moments(sources[0], list(range(x.ndim - 1)))
        expected = tf.nn.batch_normalization(
            sources[0], mean, variance, sources[2], sources[1], 1e-3
        )
    tolerance = TOLERANCE[x.dtype.type]
    y = batch_norm(x, gamma, beta)
    assert y.dtype == x.dtype
    np.testing.assert_allclose(y, expected, rtol=tolerance, atol=tolerance)
    oracles = tape.gradient(expected, sources, tf.constant(dy))
    gradients = batch_norm_gradient(dy, x, gamma)
    for received, oracle in zip(gradients, oracles, strict=True):
        assert received.dtype == x.dtype and received.shape == tuple(oracle.shape)
        np.testing.assert_allclose(
            received, oracle, rtol=10 * tolerance, atol=10 * tolerance
        )


@settings(examples, max_examples=20)
@given(case=inputs(dtypes=(np.float64,)))
def test_batch_norm_gradient_matches_central_differences(case: Any) -> None:
    x, dy, gamma, beta = case
    received = batch_norm_gradient(dy, x, gamma)
    expected = (
        numerical_gradient(lambda v: batch_norm(v, gamma, beta), x, dy),
        numerical_gradient(lambda v: batch_norm(x, v, beta), gamma, dy),
        numerical_gradient(lambda v: batch_norm(x, gamma, v), beta, dy),
    )
    for ours, theirs in zip(received, expected, strict=True):
        np.testing.assert_allclose(ours, theirs, rtol=1e-4, atol=1e-4)


def test_batch_norm_with_given_statistics_matches_keras(tf: Any) -> None:
    rng = np.random.default_rng(0)
    x = rng.standard_normal((4, 3, 3, 5)).astype(np.float32)
    weights = [rng.uniform(0.5, 2, 5).astype(np.float32) for _ in range(4)]
    layer = tf.keras.layers.BatchNormalization()
    layer.build(x.shape)
    layer.set_weights(weights)
    gamma, beta, mean, variance = weights
    y = batch_norm(x, gamma, beta, (mean, variance))
    np.testing.assert_allclose(y, layer(x, training=False), rtol=1e-5, atol=1e-5)


def test_batch_norm_gives_mean_0_and_variance_1() -> None:
    x = np.random.default_rng(0).normal(3, 5, (50, 4, 2))
    y = batch_norm(x, np.ones(2), np.zeros(2), epsilon=0)
    mean, variance = batch_statistics(y)
    np.testing.assert_allclose(mean, 0, atol=1e-12)
    np.testing.assert_allclose(variance, 1)


@examples
@given(
    case=inputs(),
    radius=st.integers(0, 6),
    bias=st.floats(0.5, 3),
    alpha=st.floats(0, 2),
    beta=st.floats(0.1, 1.5),
)
def test_local_response_norm_matches_tensorflow(
    tf: Any, case: Any, radius: int, bias: float, alpha: float, beta: float
) -> None:
    """TensorFlow has it for float32 and four axes only."""
    x, dy, _, _ = case
    x, dy = (a.reshape(-1, 1, 1, a.shape[-1]).astype(np.float32) for a in (x, dy))
    source = tf.constant(x)
    options = {"depth_radius": radius, "bias": bias, "alpha": alpha, "beta": beta}
    with tf.GradientTape() as tape:
        tape.watch(source)
        expected = tf.nn.local_response_normalization(source, **options)
    y = local_response_norm(x, **options)
    dx = local_response_norm_gradient(dy, x, **options)
    assert y.dtype == dx.dtype == np.float32
    np.testing.assert_allclose(y, expected, rtol=1e-4, atol=1e-5)
    oracle = tape.gradient(expected, source, tf.constant(dy))
    np.testing.assert_allclose(dx, oracle, rtol=1e-3, atol=1e-4)


@settings(examples, max_examples=20)
@given(case=inputs(dtypes=(np.float64,)), radius=st.integers(0, 4))
def test_local_response_norm_gradient_matches_central_differences(
    case: Any, radius: int
) -> None:
    x, dy, _, _ = case
    options = {"depth_radius": radius, "bias": 1.0, "alpha": 0.5, "beta": 0.75}
    dx = local_response_norm_gradient(dy, x, **options)
    assert dx.dtype == np.float64
    expected = numerical_gradient(lambda v: local_response_norm(v, **options), x, dy)
    np.testing.assert_allclose(dx, expected, rtol=1e-6, atol=1e-6)


def test_local_response_norm_with_the_constants_of_alexnet() -> None:
    x = np.array([1.0, 2.0, 3.0, 4.0])
    energy = np.array([14.0, 30.0, 30.0, 29.0])
    expected = x / (2 + 1e-4 * energy) ** 0.75
    np.testing.assert_allclose(local_response_norm(x), expected)


def test_inputs_are_not_changed() -> None:
    x, gamma = np.random.default_rng(0).standard_normal((3, 4)), np.ones(4)
    x.flags.writeable = gamma.flags.writeable = False
    batch_norm(x, gamma, gamma), batch_norm_gradient(x, x, gamma)
    local_response_norm(x), local_response_norm_gradient(x, x)


X, C = np.ones((2, 3)), np.ones(3)


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: batch_statistics(C), r"axes \(B, \.\.\., C\).*\(3,\)"),
        (lambda: batch_norm(C, C, C, (C, C)), r"axes \(B, \.\.\., C\)"),
        (lambda: batch_norm(X, np.ones(2), C), r"gamma of shape \(3,\)"),
        (lambda: batch_norm(X, C, np.ones(2)), r"beta of shape \(3,\)"),
        (lambda: batch_norm(X, C, C, (C, np.ones(2))), r"variance of shape"),
        (lambda: batch_norm(X, C, C.astype(np.float32)), "of one dtype"),
        (lambda: batch_norm(X.astype(int), C, C), "float32 or float64"),
        (lambda: batch_norm_gradient(C, X, C), r"dy of shape \(2, 3\)"),
        (lambda: batch_norm_gradient(X, X, np.ones(2)), "gamma of shape"),
        (lambda: local_response_norm(X, -1), "depth_radius >= 0"),
        (lambda: local_response_norm(np.float64(1)), r"x with axes \(\.\.\., C\)"),
        (lambda: local_response_norm_gradient(C, X), "Expected dy of shape"),
    ],
)
def test_wrong_arguments(call: Any, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        call()
