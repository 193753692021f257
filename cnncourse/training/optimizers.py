"""What the papers do to biases and normalisation, and Keras does not."""

from __future__ import annotations

from typing import Any

import keras


def spared(variable: Any) -> bool:
    """Returns whether weight decay skips a variable: biases, gains, offsets."""
    return len(variable.shape) <= 1 or variable.name.endswith("bias")


def exclude_from_decay(
    optimizer: keras.optimizers.Optimizer, model: keras.Model
) -> None:
    """Makes the `weight_decay` of an optimizer skip biases and normalisation.

    Args:
        optimizer: before its first step.
        model: built.

    Raises:
        ValueError: if the optimizer has trained already.
    """
    if optimizer.built:
        raise ValueError(
            "Expected an optimizer before its first step. "
            f"Received: {optimizer.name}, which has variables"
        )
    optimizer.exclude_from_weight_decay(
        [variable for variable in model.trainable_variables if spared(variable)]
    )


@keras.saving.register_keras_serializable("cnncourse")
class PaperSGD(keras.optimizers.SGD):
    """SGD as AlexNet, VGG and ResNet were trained.

    Weight decay is part of the gradient, `g + decay * w`, so that the momentum carries
    it too (the `weight_decay` of Keras is added to the step instead); it skips biases
    and normalisation. Biases have a learning rate of their own.

    Args:
        learning_rate: number above 0 or schedule.
        momentum: from 0 to 1.
        decay: of kernels, at least 0.
        bias_rate: the learning rate of biases, as a multiple of the others'.
        **options: of `keras.optimizers.SGD`.

    Raises:
        ValueError: if `decay` or `bias_rate` is negative.

    Source: Krizhevsky et al. 2012, section 5; the double rate of biases is that of the
    author's published code.
    """

    def __init__(
        self,
        learning_rate: Any = 0.01,
        momentum: float = 0.9,
        decay: float = 5e-4,
        bias_rate: float = 1.0,
        **options: Any,
    ) -> None:
        if decay < 0 or bias_rate < 0:
            raise ValueError(
                "Expected decay >= 0 and bias_rate >= 0. "
                f"Received: decay={decay}, bias_rate={bias_rate}"
            )
        super().__init__(learning_rate, momentum, **options)
        self.decay, self.bias_rate = decay, bias_rate

    def build(self, variables: list[Any]) -> None:
        super().build(variables)
        self.spared = [spared(v) for v in variables]
        self.biases = [v.name.endswith("bias") for v in variables]

    def update_step(self, gradient: Any, variable: Any, learning_rate: Any) -> None:
        index = self._get_variable_index(variable)
        if self.decay and not self.spared[index]:
            gradient = gradient + self.decay * keras.ops.cast(variable, gradient.dtype)
        if self.biases[index]:
            learning_rate = learning_rate * self.bias_rate
        super().update_step(gradient, variable, learning_rate)

    def get_config(self) -> dict[str, Any]:
        own = {"decay": self.decay, "bias_rate": self.bias_rate}
        return {**super().get_config(), **own}
