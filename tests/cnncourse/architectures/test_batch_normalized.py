import keras
import numpy as np

from cnncourse.architectures.batch_normalized import (
    EPSILON,
    bn_relu_conv,
    conv_bn,
    conv_bn_relu,
)


def names(model: keras.Model) -> list[str]:
    return [layer.name for layer in model.layers[1:]]


def test_layers_are_in_the_order_of_their_names() -> None:
    inputs = keras.Input((6, 6, 2))
    after = keras.Model(inputs, conv_bn_relu(inputs, 3, 3, "block", strides=2))
    before = keras.Model(inputs, bn_relu_conv(inputs, 3, 3, "block"))
    assert names(after) == ["block_conv_pad", "block_conv", "block_bn", "block_relu"]
    assert names(before) == ["block_bn", "block_relu", "block_conv"]
    assert not any(getattr(x, "use_bias", False) for x in after.layers + before.layers)


def test_each_map_has_mean_0_and_variance_1_over_the_batch() -> None:
    inputs = keras.Input((6, 6, 2))
    model = keras.Model(inputs, conv_bn(inputs, 3, 3, "block"))
    images = np.random.default_rng(0).normal(3, 2, (4, 6, 6, 2))
    maps = np.asarray(model(images, training=True))
    np.testing.assert_allclose(maps.mean((0, 1, 2)), 0, atol=1e-5)
    np.testing.assert_allclose(maps.var((0, 1, 2)), 1, atol=10 * EPSILON)
