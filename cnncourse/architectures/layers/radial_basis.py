"""Radial basis units: how near a vector is to the code of each class."""

from typing import Any

import keras
import numpy as np
from keras import ops

# 7 x 12 pixels for each digit: a seven-segment display's, drawn with strokes of two
SEGMENTS = {  # (first row, last row, first column, last column)
    "top": (0, 1, 0, 6),
    "upper left": (0, 6, 0, 1),
    "upper right": (0, 6, 5, 6),
    "middle": (5, 6, 0, 6),
    "lower left": (5, 11, 0, 1),
    "lower right": (5, 11, 5, 6),
    "bottom": (10, 11, 0, 6),
}
DIGITS = (
    ("top", "upper left", "upper right", "lower left", "lower right", "bottom"),
    ("upper right", "lower right"),
    ("top", "upper right", "middle", "lower left", "bottom"),
    ("top", "upper right", "middle", "lower right", "bottom"),
    ("upper left", "upper right", "middle", "lower right"),
    ("top", "upper left", "middle", "lower right", "bottom"),
    ("top", "upper left", "middle", "lower left", "lower right", "bottom"),
    ("top", "upper right", "lower right"),
    tuple(SEGMENTS),
    ("top", "upper left", "upper right", "middle", "lower right", "bottom"),
)


def class_codes(num_classes: int, length: int = 84) -> np.ndarray:
    """Codes of -1 and 1, one for each class.

    Args:
        num_classes: the first ten of the classes are the digits.
        length: entries of a code. With 84 of them the digits' codes are pictures of 7 x
            12 pixels; all other codes are random, and always the same.

    Returns:
        float32 array `(num_classes, length)`.
    """
    codes = np.random.default_rng(1998).choice([-1.0, 1.0], (num_classes, length))
    if length == 84:
        for digit, names in enumerate(DIGITS[:num_classes]):
            picture = np.full((12, 7), -1.0)
            for name in names:
                top, bottom, left, right = SEGMENTS[name]
                picture[top : bottom + 1, left : right + 1] = 1.0
            codes[digit] = picture.ravel()
    return codes.astype("float32")


@keras.saving.register_keras_serializable("cnncourse")
class RadialBasis(keras.layers.Layer):
    """Minus the squared distance to the code of each class: the nearer, the greater.

    The paper's output is the distance; with the sign turned it is a logit. The codes
    are fixed: no weight of this layer is trained. The paper draws them as stylised
    characters, here the digits are those of a seven-segment display.

    Args:
        num_classes: units.
        **options: of `keras.layers.Layer`.

    Source: LeCun et al. 1998, section II.B, equation 7 and figure 3.
    """

    def __init__(self, num_classes: int, **options: Any) -> None:
        super().__init__(**options)
        self.num_classes = num_classes

    def build(self, input_shape: tuple[int | None, ...]) -> None:
        if len(input_shape) != 2 or input_shape[1] is None:
            raise ValueError(f"Expected axes (B, length). Received: {input_shape}")
        length = input_shape[1]
        self.codes = self.add_weight(
            shape=(self.num_classes, length),
            initializer=lambda shape, dtype=None: ops.convert_to_tensor(
                class_codes(*shape), dtype=dtype
            ),
            trainable=False,
            name="codes",
        )

    def call(self, x: Any) -> Any:
        """`(B, length) -> (B, num_classes)`."""
        differences = ops.expand_dims(x, 1) - self.codes
        return -ops.sum(ops.square(differences), axis=-1)

    def compute_output_shape(
        self, input_shape: tuple[int | None, ...]
    ) -> tuple[int | None, ...]:
        return (input_shape[0], self.num_classes)

    def count_macs(
        self, input_shape: tuple[int | None, ...], output_shape: tuple[int | None, ...]
    ) -> int:
        """Multiply-accumulates for one example: a square for each entry of a code."""
        return int(input_shape[1] or 0) * self.num_classes

    def get_config(self) -> dict[str, Any]:
        return {**super().get_config(), "num_classes": self.num_classes}
