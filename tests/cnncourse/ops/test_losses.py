"""Losses and their gradients against TensorFlow and central differences."""

from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import array_shapes

from cnncourse.ops import losses
from cnncourse.ops.gradcheck import numerical_gradient

examples = settings(deadline=None, derandomize=True, max_examples=40)
TOLERANCE = {np.float32: 1e-5, np.float64: 1e-10}
NAMES = ("softmax_cross_entropy", "sigmoid_cross_entropy", "mean_squared_error")


def functions(name: str) -> tuple[Any, Any]:
    return getattr(losses, name), getattr(losses, f"{name}_gradient")


def oracle(tf: Any, name: str, outputs: Any, targets: Any) -> Any:
    if name == "softmax_cross_entropy":
        each = tf.nn.sparse_softmax_cross_entropy_with_logits(targets, outputs)
    elif name == "sigmoid_cross_entropy":
        each = tf.nn.sigmoid_cross_entropy_with_logits(targets, outputs)
    else:
        each = tf.square(outputs - targets)
    return tf.reduce_mean(each)


@st.composite
def cases(draw: Any, name: str, dtypes: tuple = (np.float32, np.float64)) -> Any:
    shape = draw(array_shapes(min_dims=2, max_dims=3, max_side=5))
    rng = np.random.default_rng(draw(st.integers(0, 2**32 - 1)))
    dtype = draw(st.sampled_from(dtypes))
    outputs = (3 * rng.standard_normal(shape)).astype(dtype)
    if name == "softmax_cross_entropy":
        return outputs, rng.integers(0, shape[-1], shape[:-1])
    return outputs, rng.uniform(0, 1, shape).astype(dtype)


@pytest.mark.parametrize("name", NAMES)
@examples
@given(data=st.data())
def test_value_and_gradient_match_tensorflow(tf: Any, name: str, data: Any) -> None:
    outputs, targets = data.draw(cases(name))
    loss, gradient = functions(name)
    source = tf.constant(outputs)
    with tf.GradientTape() as tape:
        tape.watch(source)
        expected = oracle(tf, name, source, tf.constant(targets))
    tolerance = TOLERANCE[outputs.dtype.type]
    value, slope = loss(outputs, targets), gradient(outputs, targets)
    assert np.ndim(value) == 0 and np.asarray(value).dtype == outputs.dtype
    assert slope.dtype == outputs.dtype
    np.testing.assert_allclose(value, expected, rtol=tolerance, atol=tolerance)
    slopes = tape.gradient(expected, source)
    np.testing.assert_allclose(slope, slopes, rtol=tolerance, atol=tolerance)


@pytest.mark.parametrize("name", NAMES)
@examples
@given(data=st.data())
def test_gradient_matches_central_differences(name: str, data: Any) -> None:
    outputs, targets = data.draw(cases(name, (np.float64,)))
    loss, gradient = functions(name)
    expected = numerical_gradient(lambda v: loss(v, targets), outputs)
    np.testing.assert_allclose(gradient(outputs, targets), expected, atol=1e-8)


def test_large_logits_do_not_overflow() -> None:
    logits = np.array([[1e4, 0.0], [0.0, 1e4]])
    assert losses.softmax_cross_entropy(logits, np.array([0, 0])) == 5000
    targets = np.array([[0.0, 1.0], [1.0, 0.0]])
    assert losses.sigmoid_cross_entropy(logits, targets) == pytest.approx(
        5000 + np.log(2) / 2
    )


def test_inputs_are_not_changed() -> None:
    logits, labels = np.zeros((2, 3)), np.array([0, 2], np.uint8)
    logits.flags.writeable = labels.flags.writeable = False
    losses.softmax_cross_entropy(logits, labels)
    losses.softmax_cross_entropy_gradient(logits, labels)
    losses.sigmoid_cross_entropy_gradient(logits, logits)
    losses.mean_squared_error_gradient(logits, logits)


X = np.ones((2, 3))


@pytest.mark.parametrize("index", [0, 1], ids=["value", "gradient"])
@pytest.mark.parametrize(
    ("name", "arguments", "message"),
    [
        (NAMES[0], (X, np.array([0, 3])), "labels from 0 to 2.*from 0 to 3"),
        (NAMES[0], (X, np.array([-1, 0])), "labels from 0 to 2.*from -1 to 0"),
        (NAMES[0], (X, np.array([0.0, 1.0])), "integer labels.*float64"),
        (NAMES[0], (X, X), r"labels of shape \(\.\.\.\)"),
        (NAMES[0], (X.astype(int), np.array([0, 1])), "float32 or float64"),
        (NAMES[0], (X[:0], np.zeros(0, int)), r"logits\.shape=\(0, 3\)"),
        (NAMES[1], (X, X[0]), r"targets of shape \(2, 3\)"),
        (NAMES[1], (X, X.astype(np.float32)), "one dtype"),
        (NAMES[2], (X, X[0]), r"targets of shape \(2, 3\)"),
        (NAMES[2], (X[:0], X[:0]), "no empty array"),
    ],
)
def test_wrong_arguments(name: str, arguments: Any, message: str, index: int) -> None:
    with pytest.raises(ValueError, match=message):
        functions(name)[index](*arguments)
