"""Adadelta on the rows of a batch equals Adadelta on whole tables."""

from typing import Any

import keras
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cnncourse.training.adadelta import RowAdadelta

pytestmark = pytest.mark.skipif(
    keras.backend.backend() != "tensorflow", reason="gradients by rows are TensorFlow's"
)
WORDS, WIDTH = 9, 4


class Product(keras.layers.Embedding):
    """The same vectors by a product of matrices, whose gradient is a whole table."""

    def call(self, inputs: Any) -> Any:
        return keras.ops.one_hot(inputs, self.input_dim) @ self.embeddings


def trained(
    optimizer: keras.optimizers.Optimizer,
    batches: list[list[int]],
    embedding: type[keras.layers.Embedding] = keras.layers.Embedding,
) -> list[np.ndarray]:
    """The weights of an embedding and a dense layer after a step on each batch."""
    table = np.random.default_rng(0).normal(size=(WORDS, WIDTH))
    kernel = np.random.default_rng(1).normal(size=(WIDTH, 3))
    model = keras.Sequential(
        [
            keras.Input((4,), dtype="int32"),
            embedding(WORDS, WIDTH),
            keras.layers.GlobalAveragePooling1D(),
            keras.layers.Dense(3, use_bias=False),
        ]
    )
    model.layers[0].embeddings.assign(table)
    model.layers[-1].kernel.assign(kernel)
    loss = keras.losses.SparseCategoricalCrossentropy(from_logits=True)
    # eagerly, which is faster than many graphs
    model.compile(optimizer, loss, run_eagerly=True)
    for words in batches:
        model.train_on_batch(np.array([words]), np.array([sum(words) % 3]))
    return [keras.ops.convert_to_numpy(w.value) for w in model.weights]


@settings(max_examples=6, deadline=None)
@given(
    st.lists(
        st.lists(st.integers(0, WORDS - 1), min_size=4, max_size=4),
        min_size=1,
        max_size=7,
    ),
    st.sampled_from([1.0, 0.5]),
)
def test_as_over_the_whole_table(batches: list[list[int]], rate: float) -> None:
    options = {"learning_rate": rate, "rho": 0.7, "epsilon": 1e-3}
    expected = trained(keras.optimizers.Adadelta(**options), batches, Product)
    for ours, theirs in zip(
        trained(RowAdadelta(**options), batches), expected, strict=True
    ):
        np.testing.assert_allclose(ours, theirs, rtol=2e-5, atol=1e-6)


def test_rows_without_a_gradient_keep_every_bit() -> None:
    before = np.random.default_rng(0).normal(size=(WORDS, WIDTH)).astype("float32")
    after = trained(RowAdadelta(1.0), [[1, 1, 2, 5], [2, 2, 2, 1]])[0]
    changed = (after != before).any(1)
    np.testing.assert_array_equal(np.flatnonzero(changed), [1, 2, 5])


def test_configuration_survives() -> None:
    optimizer = RowAdadelta(0.5, rho=0.8, epsilon=1e-4)
    same = keras.optimizers.deserialize(keras.optimizers.serialize(optimizer))
    assert isinstance(same, RowAdadelta)
    assert (same.rho, same.epsilon) == (0.8, 1e-4)
