"""A convolution whose maps see some of the maps before, as a table says."""

from collections.abc import Sequence
from math import prod
from typing import Any

import keras
import numpy as np
from keras import ops

from cnncourse.architectures.layers.taps import known_product, output_size


@keras.saving.register_keras_serializable("cnncourse")
class TableConv2D(keras.layers.Layer):
    """A convolution with a kernel for each connected pair of maps and no others.

    Args:
        table: for each map of the output, the maps of the input that it sees, from 0.
        kernel_size: height and width.
        strides: step between windows.
        padding: entries per side.
        padding_value: of the padding; LeCun's background is -1.
        bias_per_unit: whether each unit has its own bias, rather than each map.
        **options: of `keras.layers.Layer`.

    Raises:
        ValueError: if the table names a map that the input has not.

    Source: LeCun et al. 1998, table I; LeCun et al. 1989, section 3, for one bias
        per unit and the background around the picture.
    """

    def __init__(
        self,
        table: Sequence[Sequence[int]],
        kernel_size: int,
        strides: int = 1,
        padding: int = 0,
        padding_value: float = 0.0,
        bias_per_unit: bool = False,
        **options: Any,
    ) -> None:
        super().__init__(**options)
        self.table = [list(maps) for maps in table]
        self.kernel_size, self.strides, self.padding = kernel_size, strides, padding
        self.padding_value, self.bias_per_unit = padding_value, bias_per_unit

    def build(self, input_shape: tuple[int | None, ...]) -> None:
        channels, filters = input_shape[-1], len(self.table)
        greatest = max(max(maps) for maps in self.table)
        if channels is None or greatest >= channels:
            raise ValueError(
                f"Expected an input of {greatest + 1} maps or more, as the table "
                f"says. Received: input_shape={input_shape}"
            )
        # scatters the kernels of connected pairs into those of all pairs
        places = [(m, f) for f, maps in enumerate(self.table) for m in maps]
        self._scatter = np.zeros((len(places), channels * filters), "float32")
        for pair, (m, f) in enumerate(places):
            self._scatter[pair, m * filters + f] = 1
        seen = self.kernel_size**2 * len(places) / filters
        limit = 2.4 / seen  # appendix A of the 1998 paper
        self.kernel = self.add_weight(
            shape=(self.kernel_size, self.kernel_size, len(places)),
            initializer=keras.initializers.RandomUniform(-limit, limit),
            name="kernel",
        )
        sizes = self.compute_output_shape(input_shape)[1:]
        self.bias = self.add_weight(
            shape=sizes if self.bias_per_unit else (filters,),
            initializer="zeros",
            name="bias",
        )

    def call(self, x: Any) -> Any:
        """`(B, H, W, C_in) -> (B, H', W', C_out)`."""
        kernel = self.full_kernel()
        if self.padding:
            around = (self.padding, self.padding)
            x = ops.pad(
                x, ((0, 0), around, around, (0, 0)), constant_values=self.padding_value
            )
        y = ops.conv(x, kernel, self.strides, "valid", data_format="channels_last")
        return y + self.bias

    def full_kernel(self) -> Any:
        """The kernels `(kh, kw, C_in, C_out)`, with zeros for pairs not connected."""
        scatter = ops.cast(self._scatter, self.kernel.dtype)
        pairs = ops.matmul(self.kernel, scatter)
        size = (self.kernel_size, self.kernel_size, -1, len(self.table))
        return ops.cast(ops.reshape(pairs, size), self.compute_dtype)

    def compute_output_shape(
        self, input_shape: tuple[int | None, ...]
    ) -> tuple[int | None, ...]:
        sizes = [
            output_size(size, self.kernel_size, self.strides, self.padding)
            for size in input_shape[1:3]
        ]
        return (input_shape[0], *sizes, len(self.table))

    def count_macs(
        self, input_shape: tuple[int | None, ...], output_shape: tuple[int | None, ...]
    ) -> int:
        """Multiply-accumulates for one example, of the connected pairs."""
        return prod(self.kernel.shape) * known_product(output_shape[1:3])

    def get_config(self) -> dict[str, Any]:
        names = (
            "table", "kernel_size", "strides", "padding", "padding_value",
            "bias_per_unit",
        )  # fmt: skip
        return {**super().get_config(), **{name: getattr(self, name) for name in names}}
