"""Activations and their gradients against TensorFlow and central differences."""

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import array_shapes

from cnncourse.ops import activations
from cnncourse.ops.activations import ACTIVATIONS
from cnncourse.ops.gradcheck import numerical_gradient

examples = settings(deadline=None, derandomize=True, max_examples=25)
TOLERANCE = {np.float32: 1e-5, np.float64: 1e-10}


@st.composite
def inputs(draw: Any, dtypes: tuple[type, ...] = (np.float32, np.float64)) -> Any:
    """Draws an input with an even number of channels, and its random numbers."""
    shape = draw(array_shapes(min_dims=1, max_dims=4, max_side=4))
    rng = np.random.default_rng(draw(st.integers(0, 2**32 - 1)))
    x = 4 * rng.standard_normal((*shape[:-1], 2 * shape[-1]))
    return x.astype(draw(st.sampled_from(dtypes))), rng


ORACLES: dict[str, Callable[[Any, Any], Any]] = {
    "sigmoid": lambda tf, x: tf.nn.sigmoid(x),
    "tanh": lambda tf, x: tf.nn.tanh(x),
    "relu": lambda tf, x: tf.nn.relu(x),
    # tf.nn.leaky_relu keeps its slope in float32 only
    "leaky_relu": lambda tf, x: tf.maximum(x, x.dtype.as_numpy_dtype(0.01) * x),
    "elu": lambda tf, x: tf.nn.elu(x),
    "maxout": lambda tf, x: tf.reduce_max(tf.reshape(x, (*x.shape[:-1], -1, 2)), -1),
    "softmax": lambda tf, x: tf.nn.softmax(x),
}


@pytest.mark.parametrize("name", list(ACTIVATIONS))
@examples
@given(case=inputs())
def test_value_and_gradient_match_tensorflow(tf: Any, name: str, case: Any) -> None:
    x, rng = case
    tolerance = TOLERANCE[x.dtype.type]
    source = tf.constant(x)
    with tf.GradientTape() as tape:
        tape.watch(source)
        expected = ORACLES[name](tf, source)
    y = ACTIVATIONS[name].value(x)
    assert y.dtype == x.dtype and y.shape == tuple(expected.shape)
    np.testing.assert_allclose(y, expected, rtol=tolerance, atol=tolerance)
    dy = rng.standard_normal(y.shape).astype(x.dtype)
    dx = ACTIVATIONS[name].gradient(dy, x)
    oracle = tape.gradient(expected, source, tf.constant(dy))
    assert dx.dtype == x.dtype and dx.shape == x.shape
    np.testing.assert_allclose(dx, oracle, rtol=tolerance, atol=tolerance)


@pytest.mark.parametrize("name", list(ACTIVATIONS))
@examples
@given(case=inputs(dtypes=(np.float64,)))
def test_gradient_matches_central_differences(name: str, case: Any) -> None:
    x, rng = case
    x = np.where(np.abs(x) < 1e-3, 1.0, x)  # not within a step of a kink
    activation = ACTIVATIONS[name]
    dy = rng.standard_normal(activation.value(x).shape)
    expected = numerical_gradient(activation.value, x, dy)
    np.testing.assert_allclose(activation.gradient(dy, x), expected, atol=1e-7)


@pytest.mark.parametrize("name", list(ACTIVATIONS))
def test_extreme_inputs_neither_overflow_nor_change(name: str) -> None:
    x = np.array([-1e4, -800.0, 800.0, 1e4], np.float64)
    x.flags.writeable = False
    y = ACTIVATIONS[name].value(x)
    assert np.all(np.isfinite(y))
    assert np.all(np.isfinite(ACTIVATIONS[name].gradient(np.ones_like(y), x)))


def test_sigmoid_is_precise_far_out() -> None:
    np.testing.assert_allclose(activations.sigmoid(np.array([-50.0])), np.exp(-50.0))


def test_gradient_at_the_kink_is_the_left_one() -> None:
    zero, one = np.zeros(1), np.ones(1)
    assert activations.relu_gradient(one, zero) == 0
    assert activations.leaky_relu_gradient(one, zero, 0.2) == 0.2
    assert activations.elu_gradient(one, zero, 3.0) == 3.0


def test_maxout_gives_a_tie_to_the_first_piece() -> None:
    dx = activations.maxout_gradient(np.ones((1, 1)), np.zeros((1, 3)), pieces=3)
    assert dx.tolist() == [[1, 0, 0]]


def test_parameters() -> None:
    x = np.array([-2.0, 3.0])
    assert activations.leaky_relu(x, 0.1).tolist() == [-0.2, 3.0]
    np.testing.assert_allclose(activations.elu(x, 2.0), [2 * np.expm1(-2.0), 3.0])
    np.testing.assert_allclose(
        activations.softmax(np.ones((2, 4)), axis=0), np.full((2, 4), 0.5)
    )


@pytest.mark.parametrize("name", list(ACTIVATIONS))
def test_integers_are_refused(name: str) -> None:
    with pytest.raises(ValueError, match=r"x of dtype float32 or float64.*int64"):
        ACTIVATIONS[name].value(np.ones((2, 2), np.int64))


@pytest.mark.parametrize("name", list(ACTIVATIONS))
def test_gradient_of_another_shape_is_refused(name: str) -> None:
    with pytest.raises(ValueError, match="Expected dy of shape"):
        ACTIVATIONS[name].gradient(np.ones((3, 4)), np.ones((2, 4)))


@pytest.mark.parametrize(("pieces", "shape"), [(3, (2, 4)), (0, (2, 4)), (2, ())])
def test_maxout_of_a_wrong_number_of_channels(pieces: int, shape: tuple) -> None:
    with pytest.raises(ValueError, match=f"pieces to divide.*pieces={pieces}"):
        activations.maxout(np.ones(shape), pieces)
