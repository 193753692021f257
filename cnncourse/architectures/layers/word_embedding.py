"""Word vectors with padding that stays nothing."""

from typing import Any

import keras
from keras import ops


@keras.saving.register_keras_serializable("cnncourse")
class WordEmbedding(keras.layers.Embedding):
    """A vector for each word; the padding, word 0, is a vector of zeros and stays so.

    Zeros replace row 0 where it is looked up, so it gets no gradient. Arguments are
    those of `keras.layers.Embedding`.

    Source: Kim's code sets row 0 to zero after each step, which comes to the same.
    """

    def call(self, inputs: Any) -> Any:
        """Integers `(B, T) -> (B, T, output_dim)`."""
        vectors = super().call(inputs)
        words = ops.cast(ops.not_equal(inputs, 0), vectors.dtype)
        return vectors * ops.expand_dims(words, -1)
