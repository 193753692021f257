"""Word vectors with padding that stays nothing."""

import keras
import numpy as np

from cnncourse.architectures.layers import WordEmbedding


def test_padding_is_zero_and_words_are_looked_up() -> None:
    layer = WordEmbedding(4, 3)
    layer.build((None, 2))
    matrix = np.arange(12, dtype="float32").reshape(4, 3)
    layer.set_weights([matrix])
    y = np.asarray(layer(np.array([[2, 0]])))
    np.testing.assert_array_equal(y[0], [matrix[2], [0, 0, 0]])


def test_padding_is_not_trained() -> None:
    model = keras.Sequential([keras.Input((3,), dtype="int32"), WordEmbedding(4, 2)])
    before = model.get_weights()[0]
    model.compile(keras.optimizers.SGD(1.0), "mse")
    model.train_on_batch(np.array([[0, 1, 2]]), np.ones((1, 3, 2)))
    changed = (model.get_weights()[0] != before).any(axis=1)
    np.testing.assert_array_equal(changed, [False, True, True, False])
