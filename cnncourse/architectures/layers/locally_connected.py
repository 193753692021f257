"""Locally connected layers, which Keras 3 no longer has."""

from math import prod
from typing import Any

import keras
from keras import ops

from cnncourse.architectures.layers.taps import output_size, taps


@keras.saving.register_keras_serializable("cnncourse")
class LocallyConnected2D(keras.layers.Layer):
    """Windows like a convolution's, each with its own kernel and bias.

    Its kernels are `(H', W', kh, kw, C_in, C_out)`, as in `cnncourse.ops`.

    Args:
        filters: maps of the output.
        kernel_size: height and width of a window.
        strides: step between windows.
        padding: zeros per side.
        use_bias: whether each output has a bias, in `(H', W', C_out)`.
        **options: of `keras.layers.Layer`.

    Source: Lecture 1; LeCun 1989, Generalization and network design strategies.
    """

    def __init__(
        self,
        filters: int,
        kernel_size: int,
        strides: int = 1,
        padding: int = 0,
        use_bias: bool = True,
        **options: Any,
    ) -> None:
        super().__init__(**options)
        self.filters, self.kernel_size, self.strides = filters, kernel_size, strides
        self.padding, self.use_bias = padding, use_bias

    def build(self, input_shape: tuple[int | None, ...]) -> None:
        channels = input_shape[-1]
        sizes = self.compute_output_shape(input_shape)[1:]
        if channels is None or None in sizes:
            raise ValueError(
                "Expected an input of known height, width and channels. "
                f"Received: input_shape={input_shape}"
            )
        window = self.kernel_size**2 * channels
        limit = (6 / (window + self.filters)) ** 0.5  # Glorot's, of one window
        self.kernel = self.add_weight(
            shape=(
                *sizes[:2], self.kernel_size, self.kernel_size, channels,
                self.filters,
            ),
            initializer=keras.initializers.RandomUniform(-limit, limit),
            name="kernel",
        )  # fmt: skip
        if self.use_bias:
            self.bias = self.add_weight(shape=sizes, initializer="zeros", name="bias")

    def call(self, x: Any) -> Any:
        """`(B, H, W, C_in) -> (B, H', W', C_out)`."""
        windows = ops.stack(
            taps(x, self.kernel_size, self.strides, self.padding), axis=3
        )
        height, width = self.kernel.shape[:2]
        kernel = ops.reshape(
            self.kernel, (height, width, self.kernel_size**2, -1, self.filters)
        )
        y = ops.einsum("bhwkc,hwkcf->bhwf", windows, kernel)
        return y + self.bias if self.use_bias else y

    def compute_output_shape(
        self, input_shape: tuple[int | None, ...]
    ) -> tuple[int | None, ...]:
        sizes = [
            output_size(size, self.kernel_size, self.strides, self.padding)
            for size in input_shape[1:3]
        ]
        return (input_shape[0], *sizes, self.filters)

    def count_macs(
        self, input_shape: tuple[int | None, ...], output_shape: tuple[int | None, ...]
    ) -> int:
        """Multiply-accumulates for one example: every weight is used once."""
        return prod(self.kernel.shape)

    def get_config(self) -> dict[str, Any]:
        names = ("filters", "kernel_size", "strides", "padding", "use_bias")
        return {**super().get_config(), **{name: getattr(self, name) for name in names}}
