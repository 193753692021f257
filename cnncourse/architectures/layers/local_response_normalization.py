"""Local response normalisation, across channels."""

from typing import Any

import keras
from keras import ops


@keras.saving.register_keras_serializable("cnncourse")
class LocalResponseNormalization(keras.layers.Layer):
    """Divides each activity by one that grows with its neighbours' in other channels.

    `y[c] = x[c] / (k + alpha * sum(x[c - n // 2 : c + n // 2 + 1] ** 2)) ** beta`

    Other programs divide alpha by n; the paper and this layer do not. It is
    `tf.nn.lrn(x, n // 2, k, alpha, beta)`. Half precision is computed in single.

    Args:
        n: channels in the sum, odd.
        k: what is added to the sum, above 0.
        alpha: factor of the sum.
        beta: exponent.
        **options: of `keras.layers.Layer`.

    Raises:
        ValueError: if n is not odd and positive, or k is not above 0.

    Source: Krizhevsky et al. 2012, section 3.3.
    """

    def __init__(
        self,
        n: int = 5,
        k: float = 2.0,
        alpha: float = 1e-4,
        beta: float = 0.75,
        **options: Any,
    ) -> None:
        super().__init__(**options)
        if n < 1 or n % 2 == 0 or not k > 0:
            raise ValueError(f"Expected n odd and k > 0. Received: n={n}, k={k}")
        self.n, self.k, self.alpha, self.beta = n, k, alpha, beta

    def call(self, x: Any) -> Any:
        """`(B, ..., C)`, to the same shape and dtype."""
        channels, reach = x.shape[-1], self.n // 2
        half = keras.backend.standardize_dtype(x.dtype) in ("float16", "bfloat16")
        activity = ops.cast(x, "float32") if half else x
        edges = [(0, 0)] * (len(x.shape) - 1) + [(reach, reach)]
        squares = ops.pad(ops.square(activity), edges)
        total = squares[..., :channels]
        for shift in range(1, self.n):
            total = total + squares[..., shift : shift + channels]
        scale = ops.power(self.k + self.alpha * total, self.beta)
        return ops.cast(activity / scale, x.dtype)

    def compute_output_shape(
        self, input_shape: tuple[int | None, ...]
    ) -> tuple[int | None, ...]:
        return input_shape

    def get_config(self) -> dict[str, Any]:
        settings = {"n": self.n, "k": self.k, "alpha": self.alpha, "beta": self.beta}
        return {**super().get_config(), **settings}
