"""Subsampling with a trainable coefficient and bias."""

from typing import Any

import keras
from keras import ops

from cnncourse.architectures.layers.taps import output_size


@keras.saving.register_keras_serializable("cnncourse")
class Subsampling(keras.layers.Layer):
    """Adds each window's entries, times a coefficient, plus a bias, one per map.

    Windows do not overlap; rows and columns that fill none are left out. The
    coefficient starts at `1 / pool_size ** 2`, so the layer begins as an average.

    Args:
        pool_size: height and width of a window.
        **options: of `keras.layers.Layer`.

    Source: LeCun et al. 1998, section II.B, layer S2.
    """

    def __init__(self, pool_size: int = 2, **options: Any) -> None:
        super().__init__(**options)
        self.pool_size = pool_size

    def build(self, input_shape: tuple[int | None, ...]) -> None:
        start = keras.initializers.Constant(self.pool_size**-2)
        shape = (input_shape[-1],)
        self.coefficient = self.add_weight(
            shape=shape, initializer=start, name="coefficient"
        )
        self.bias = self.add_weight(shape=shape, initializer="zeros", name="bias")

    def call(self, x: Any) -> Any:
        """`(B, H, W, C) -> (B, H // pool_size, W // pool_size, C)`."""
        size = self.pool_size
        means = ops.average_pool(x, size, size, data_format="channels_last")
        return means * (self.coefficient * self.pool_size**2) + self.bias

    def compute_output_shape(
        self, input_shape: tuple[int | None, ...]
    ) -> tuple[int | None, ...]:
        sizes = [
            output_size(size, self.pool_size, self.pool_size, 0)
            for size in input_shape[1:3]
        ]
        return (input_shape[0], *sizes, input_shape[-1])

    def count_macs(
        self, input_shape: tuple[int | None, ...], output_shape: tuple[int | None, ...]
    ) -> int:
        """0: pooling is not counted, whatever its coefficient."""
        return 0

    def get_config(self) -> dict[str, Any]:
        return {**super().get_config(), "pool_size": self.pool_size}
