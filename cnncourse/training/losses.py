"""Cross-entropy with smoothed labels, from class numbers or from mixtures."""

from __future__ import annotations

from typing import Any

import keras
from keras import ops


@keras.saving.register_keras_serializable("cnncourse")
class SmoothedCrossentropy(keras.losses.Loss):
    """Cross-entropy of logits with labels that are a little unsure.

    The right class has probability `1 - smoothing` and all classes share `smoothing`.
    Keras smooths one-hot labels only.

    Args:
        smoothing: from 0 to less than 1.
        **options: of `keras.losses.Loss`.

    Call arguments:
        y_true: class numbers `(B,)` or `(B, 1)`, or probabilities `(B, classes)`.
        y_pred: logits `(B, classes)`.

    Raises:
        ValueError: if `smoothing` is out of range.

    Source: Szegedy et al. 2015, arXiv:1512.00567, section 7.
    """

    def __init__(self, smoothing: float = 0.0, **options: Any) -> None:
        if not 0 <= smoothing < 1:
            raise ValueError(
                f"Expected 0 <= smoothing < 1. Received: smoothing={smoothing}"
            )
        super().__init__(**{"name": "smoothed_crossentropy", **options})
        self.smoothing = smoothing

    def call(self, y_true: Any, y_pred: Any) -> Any:
        classes = y_pred.shape[-1]
        if len(y_true.shape) < 2 or y_true.shape[-1] != classes:
            y_true = ops.one_hot(ops.reshape(y_true, (-1,)), classes)
        y_true = ops.cast(y_true, y_pred.dtype)
        y_true = (1 - self.smoothing) * y_true + self.smoothing / classes
        return ops.categorical_crossentropy(y_true, y_pred, from_logits=True)

    def get_config(self) -> dict[str, Any]:
        return {**super().get_config(), "smoothing": self.smoothing}
