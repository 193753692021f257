"""How alike the patches of two pictures are."""

from typing import Any

import keras
from keras import ops

Shape = tuple[int | None, ...]


@keras.saving.register_keras_serializable("cnncourse")
class Correlation(keras.layers.Layer):
    """The mean product of two maps' channels, for each displacement of the second.

    `y[i, j, d] = mean over c of first[i, j, c] * second[i + d_row, j + d_column, c]`

    where the second is zero outside. The displacements run over the rows and then the
    columns of a square, from `-max_displacement` to `max_displacement`, in steps of
    `step`: with 20 and 2 there are 21 * 21.

    Args:
        max_displacement: pixels, at least 0.
        step: pixels between two displacements; it divides `max_displacement`.
        **options: of `keras.layers.Layer`.

    Call arguments:
        inputs: two tensors `(B, H, W, C)`.

    Returns:
        `(B, H, W, D)` for D displacements.

    Raises:
        ValueError: if the step does not divide the largest displacement, or the two
            inputs have different shapes.

    Source: Dosovitskiy et al. 2015, FlowNet, arXiv:1504.06852, section 3, equation 1,
        with patches of one pixel.
    """

    def __init__(
        self, max_displacement: int = 20, step: int = 2, **options: Any
    ) -> None:
        super().__init__(**options)
        if max_displacement < 0 or step < 1 or max_displacement % step:
            raise ValueError(
                "Expected a max_displacement >= 0 that step divides. Received: "
                f"max_displacement={max_displacement}, step={step}"
            )
        self.max_displacement, self.step = max_displacement, step
        self.offsets = range(0, 2 * max_displacement + 1, step)

    def build(self, input_shape: tuple[Shape, Shape]) -> None:
        """Checks that both inputs have the same shape."""
        if len(input_shape) != 2 or tuple(input_shape[0]) != tuple(input_shape[1]):
            raise ValueError(
                f"Expected two inputs of one shape. Received: {input_shape}"
            )

    def call(self, inputs: Any) -> Any:
        """Correlates; see the class."""
        first, second = inputs
        height, width = first.shape[1:3]
        border = (self.max_displacement, self.max_displacement)
        second = ops.pad(second, ((0, 0), border, border, (0, 0)))
        return ops.stack(
            [
                ops.mean(
                    first * second[:, row : row + height, column : column + width],
                    axis=-1,
                )
                for row in self.offsets
                for column in self.offsets
            ],
            axis=-1,
        )

    def compute_output_shape(self, input_shape: tuple[Shape, Shape]) -> Shape:
        """The shape of the first input, with a channel for each displacement."""
        return (*input_shape[0][:-1], len(self.offsets) ** 2)

    def count_macs(
        self, input_shape: tuple[Shape, Shape], output_shape: tuple[int, ...]
    ) -> int:
        """One for each channel, pixel and displacement."""
        _, height, width, displacements = output_shape
        return height * width * displacements * (input_shape[0][-1] or 0)

    def get_config(self) -> dict[str, Any]:
        return {
            **super().get_config(),
            "max_displacement": self.max_displacement,
            "step": self.step,
        }
