"""Do biases and kernels get the updates of the papers?"""

import keras
import numpy as np
import pytest

from cnncourse.training.optimizers import PaperSGD, exclude_from_decay, spared


def layer() -> keras.layers.Dense:
    dense = keras.layers.Dense(2, bias_initializer="ones")
    dense.build((None, 3))
    return dense


def test_kernels_decay_with_momentum_and_biases_have_their_own_rate() -> None:
    dense = layer()
    optimizer = PaperSGD(0.1, 0.9, decay=0.01, bias_rate=2.0)
    kernel, bias = (np.array(v.numpy(), np.float64) for v in dense.variables)
    speeds = [0 * kernel, 0 * bias]
    gradients = [np.full_like(kernel, 0.5), np.full_like(bias, -0.25)]
    for _ in range(3):
        tensors = [keras.ops.convert_to_tensor(g, "float32") for g in gradients]
        optimizer.apply(tensors, dense.trainable_variables)
        speeds[0] = 0.9 * speeds[0] - 0.1 * (gradients[0] + 0.01 * kernel)
        speeds[1] = 0.9 * speeds[1] - 0.2 * gradients[1]
        kernel, bias = kernel + speeds[0], bias + speeds[1]
    np.testing.assert_allclose(dense.kernel, kernel, rtol=1e-5)
    np.testing.assert_allclose(dense.bias, bias, rtol=1e-5)


def test_it_can_be_saved() -> None:
    optimizer = PaperSGD(0.1, 0.8, decay=0.01, bias_rate=2.0)
    config = keras.optimizers.serialize(optimizer)
    again = keras.optimizers.deserialize(config)
    assert again.get_config() == optimizer.get_config()


@pytest.mark.parametrize("options", [{"decay": -1.0}, {"bias_rate": -1.0}])
def test_negative_numbers_are_refused(options: dict[str, float]) -> None:
    with pytest.raises(ValueError, match="Expected decay >= 0 and bias_rate >= 0"):
        PaperSGD(0.1, **options)


def test_decay_of_keras_skips_biases_and_normalization() -> None:
    model = keras.Sequential(
        [
            keras.Input((4,)),
            keras.layers.Dense(3, bias_initializer="ones"),
            keras.layers.BatchNormalization(),
        ]
    )
    names = [v.name for v in model.trainable_variables if spared(v)]
    assert names == ["bias", "gamma", "beta"]
    optimizer = keras.optimizers.AdamW(0.1, weight_decay=0.5)
    exclude_from_decay(optimizer, model)
    before = [v.numpy().copy() for v in model.trainable_variables]
    zeros = [keras.ops.zeros(v.shape) for v in model.trainable_variables]
    optimizer.apply(zeros, model.trainable_variables)
    kernel, *others = (v.numpy() for v in model.trainable_variables)
    np.testing.assert_allclose(kernel, before[0] * 0.95, rtol=1e-5)
    for a, b in zip(others, before[1:], strict=True):
        np.testing.assert_array_equal(a, b)
    with pytest.raises(ValueError, match="Expected an optimizer before its first step"):
        exclude_from_decay(optimizer, model)
