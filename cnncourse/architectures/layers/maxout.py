"""Maxout: an activation that is learned."""

from typing import Any

import keras
from keras import ops


@keras.saving.register_keras_serializable("cnncourse")
class Maxout(keras.layers.Layer):
    """The greatest of each group of `pieces` neighbouring channels.

    After a dense layer or a convolution of `pieces * units` it is the paper's maxout
    unit: the greatest of some linear functions.

    Args:
        pieces: channels in a group, at least 1.
        **options: of `keras.layers.Layer`.

    Raises:
        ValueError: if `pieces` does not divide the channels.

    Source: Goodfellow et al. 2013, Maxout networks, ICML, section 3.
    """

    def __init__(self, pieces: int = 2, **options: Any) -> None:
        super().__init__(**options)
        if pieces < 1:
            raise ValueError(f"Expected pieces >= 1. Received: pieces={pieces}")
        self.pieces = pieces

    def call(self, x: Any) -> Any:
        """`(B, ..., C) -> (B, ..., C / pieces)`."""
        sizes = ops.shape(x)[:-1]
        units = x.shape[-1] // self.pieces
        return ops.max(ops.reshape(x, (*sizes, units, self.pieces)), axis=-1)

    def compute_output_shape(
        self, input_shape: tuple[int | None, ...]
    ) -> tuple[int | None, ...]:
        channels = input_shape[-1]
        if channels is None or channels % self.pieces:
            raise ValueError(
                f"Expected channels that {self.pieces} divides. "
                f"Received: input_shape={input_shape}"
            )
        return (*input_shape[:-1], channels // self.pieces)

    def get_config(self) -> dict[str, Any]:
        return {**super().get_config(), "pieces": self.pieces}
