"""Max-over-time pooling."""

from typing import Any

import keras
from keras import ops


@keras.saving.register_keras_serializable("cnncourse")
class MaxOverTime(keras.layers.Layer):
    """Keeps the greatest activity of each map: the strongest feature of a sentence.

    Source: Collobert et al. 2011, JMLR 12, section 3.3.2; Kim 2014, section 2.
    """

    def call(self, x: Any) -> Any:
        """`(B, T, C) -> (B, C)`."""
        return ops.max(x, axis=1)

    def compute_output_shape(
        self, input_shape: tuple[int | None, ...]
    ) -> tuple[int | None, ...]:
        if len(input_shape) != 3:
            raise ValueError(f"Expected axes (B, T, C). Received: {input_shape}")
        return (input_shape[0], input_shape[2])
