"""The max-norm constraint, column by column."""

import keras
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from cnncourse.architectures.layers import ColumnMaxNorm


def constrained(w: np.ndarray, max_norm: float = 3.0) -> np.ndarray:
    y = ColumnMaxNorm(max_norm)(keras.ops.convert_to_tensor(w))
    return keras.ops.convert_to_numpy(y)


def test_long_columns_are_scaled_and_short_ones_keep_every_bit() -> None:
    w = np.array([[3, 0.1, 0], [4, 0.7, 0]], "float32")
    y = constrained(w)
    np.testing.assert_allclose(y[:, 0], [1.8, 2.4], rtol=1e-6)
    np.testing.assert_array_equal(y[:, 1:], w[:, 1:])


@settings(max_examples=30, deadline=None)
@given(
    arrays("float32", (4, 3), elements=st.floats(-100, 100, width=32)),
    st.floats(0.125, 10, width=32),
)
def test_no_column_is_longer(w: np.ndarray, max_norm: float) -> None:
    y = constrained(w, max_norm)
    assert (np.linalg.norm(y, axis=0) <= max_norm * 1.00001).all()
    assert (y * w >= 0).all()


def test_it_holds_after_training() -> None:
    dense = keras.layers.Dense(2, kernel_constraint=ColumnMaxNorm(0.5))
    model = keras.Sequential([keras.Input((3,)), dense])
    model.compile(keras.optimizers.SGD(1.0), "mse")
    model.train_on_batch(np.ones((4, 3)), 100 * np.ones((4, 2)))
    norms = np.linalg.norm(dense.get_weights()[0], axis=0)
    np.testing.assert_allclose(norms, 0.5, rtol=1e-5)


def test_saved() -> None:
    again = keras.constraints.deserialize(
        keras.constraints.serialize(ColumnMaxNorm(2.5))
    )
    assert isinstance(again, ColumnMaxNorm) and again.max_norm == 2.5


@pytest.mark.parametrize("max_norm", [0.0, -1.0, float("nan")])
def test_wrong_norm(max_norm: float) -> None:
    with pytest.raises(ValueError, match=r"Expected max_norm > 0. Received: max_norm"):
        ColumnMaxNorm(max_norm)
