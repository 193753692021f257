"""The max-norm constraint, column by column."""

from typing import Any

import keras
from keras import ops


@keras.saving.register_keras_serializable("cnncourse")
class ColumnMaxNorm(keras.constraints.Constraint):
    """Scales each column whose L2 norm is greater down to `max_norm`.

    Other columns keep every bit, which `keras.constraints.MaxNorm` does not promise: it
    divides by the norm plus a small number.

    Args:
        max_norm: greatest norm of a column, above 0.

    Raises:
        ValueError: if `max_norm` is not above 0.

    Source: Hinton et al. 2012, arXiv:1207.0580; Kim 2014, section 2.1, has 3.
    """

    def __init__(self, max_norm: float = 3.0) -> None:
        if not max_norm > 0:
            raise ValueError(f"Expected max_norm > 0. Received: max_norm={max_norm}")
        self.max_norm = max_norm

    def __call__(self, w: Any) -> Any:
        """`w`: a matrix `(inputs, units)`, whose columns hold a unit's weights each."""
        norms = ops.sqrt(ops.sum(ops.square(w), axis=0, keepdims=True))
        return w * ops.where(
            norms > self.max_norm, self.max_norm / ops.maximum(norms, self.max_norm), 1
        )

    def get_config(self) -> dict[str, Any]:
        return {"max_norm": self.max_norm}
