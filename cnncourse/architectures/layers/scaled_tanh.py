"""LeCun's squashing function."""

from typing import Any

import keras
from keras import ops


@keras.saving.register_keras_serializable("cnncourse")
class ScaledTanh(keras.layers.Layer):
    """`amplitude * tanh(slope * x)`, which is about 1 at 1 and -1 at -1.

    Source: LeCun et al. 1998, section II.B and appendix A: 1.7159 and 2/3.
    """

    def __init__(
        self, amplitude: float = 1.7159, slope: float = 2 / 3, **options: Any
    ) -> None:
        super().__init__(**options)
        self.amplitude, self.slope = amplitude, slope

    def call(self, x: Any) -> Any:
        """Any shape, to the same."""
        return self.amplitude * ops.tanh(self.slope * x)

    def compute_output_shape(
        self, input_shape: tuple[int | None, ...]
    ) -> tuple[int | None, ...]:
        return input_shape

    def get_config(self) -> dict[str, Any]:
        settings = {"amplitude": self.amplitude, "slope": self.slope}
        return {**super().get_config(), **settings}
