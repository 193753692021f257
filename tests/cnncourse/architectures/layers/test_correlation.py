import re

import keras
import numpy as np
import pytest
import tensorflow as tf
from hypothesis import given, settings
from hypothesis import strategies as st

from cnncourse.architectures.layers import Correlation

ONLY_TENSORFLOW = pytest.mark.skipif(
    keras.backend.backend() != "tensorflow",
    reason="TensorFlow's compiler and gradients",
)

RNG = np.random.default_rng(0)


def correlated(
    first: np.ndarray, second: np.ndarray, largest: int, step: int
) -> np.ndarray:
    """The definition, pixel by pixel."""
    moves = range(-largest, largest + 1, step)
    batch, height, width, _ = first.shape
    out = np.zeros((batch, height, width, len(moves) ** 2))
    for b, i, j in np.ndindex(batch, height, width):
        for d, (row, column) in enumerate((r, c) for r in moves for c in moves):
            if 0 <= i + row < height and 0 <= j + column < width:
                product = first[b, i, j] * second[b, i + row, j + column]
                out[b, i, j, d] = product.mean()
    return out


@settings(max_examples=15, deadline=None)
@given(
    st.integers(1, 4), st.integers(1, 5), st.integers(1, 3),
    st.sampled_from([(0, 1), (1, 1), (2, 1), (2, 2), (4, 2)]), st.integers(0, 99),
)  # fmt: skip
def test_it_is_the_mean_product_for_each_displacement(
    height: int, width: int, channels: int, moves: tuple[int, int], seed: int
) -> None:
    rng = np.random.default_rng(seed)
    pair = rng.normal(size=(2, 2, height, width, channels)).astype("float32")
    found = Correlation(*moves)(list(pair))
    np.testing.assert_allclose(found, correlated(*pair, *moves), atol=1e-5)


def test_the_greatest_value_tells_the_movement() -> None:
    first = RNG.choice([-1.0, 1.0], size=(1, 9, 9, 64)).astype("float32")
    moved = np.roll(first, (2, -1), (1, 2))
    best = np.argmax(Correlation(3, 1)([first, moved])[0, 4, 4])
    assert np.unravel_index(best, (7, 7)) == (3 + 2, 3 - 1)


@ONLY_TENSORFLOW
def test_compiled_and_in_half_precision_it_is_nearly_the_same() -> None:
    pair = list(RNG.normal(size=(2, 1, 4, 5, 3)).astype("float32"))
    expected = np.asarray(Correlation(2, 1)(pair))
    compiled = tf.function(Correlation(2, 1), jit_compile=True)(pair)
    np.testing.assert_allclose(compiled, expected, rtol=1e-5, atol=1e-6)
    half = Correlation(2, 1, dtype="mixed_float16")(pair)
    assert half.dtype == "float16"
    np.testing.assert_allclose(half, expected, atol=0.02)


@ONLY_TENSORFLOW
def test_gradients_equal_finite_differences() -> None:
    layer = Correlation(2, 2, dtype="float64")
    pair = tf.constant(RNG.normal(size=(2, 1, 2, 3, 2)))
    weights = RNG.normal(size=(1, 2, 3, 9))

    def value(x: tf.Tensor) -> tf.Tensor:
        return tf.reduce_sum(layer([x[0], x[1]]) * weights)

    theoretical, numerical = tf.test.compute_gradient(value, [pair])
    np.testing.assert_allclose(theoretical[0], numerical[0], atol=1e-6)


def test_it_can_be_saved_and_knows_its_cost() -> None:
    layer = Correlation.from_config(Correlation(20, 2).get_config())
    shape = (None, 4, 5, 3)
    assert layer.compute_output_shape((shape, shape)) == (None, 4, 5, 441)
    assert layer.count_macs((shape, shape), (None, 4, 5, 441)) == 4 * 5 * 3 * 441


@pytest.mark.parametrize("options", [(-1, 1), (2, 0), (3, 2)])
def test_moves_that_do_not_fit_are_refused(options: tuple[int, int]) -> None:
    text = f"max_displacement={options[0]}, step={options[1]}"
    with pytest.raises(ValueError, match=re.escape(text)):
        Correlation(*options)


def test_inputs_of_two_shapes_are_refused() -> None:
    with pytest.raises(ValueError, match="two inputs of one shape"):
        Correlation()([np.ones((1, 2, 2, 3)), np.ones((1, 2, 2, 4))])
