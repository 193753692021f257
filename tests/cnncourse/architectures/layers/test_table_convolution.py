"""A convolution whose maps see some of the maps before."""

import keras
import numpy as np
import pytest

from cnncourse import ops
from cnncourse.architectures.layers import TableConv2D


def random_layer(
    shape: tuple[int, ...], *args: object, **options: object
) -> TableConv2D:
    layer = TableConv2D(*args, **options)
    layer.build(shape)
    random = np.random.default_rng(1)
    layer.set_weights([random.normal(size=w.shape) for w in layer.weights])
    return layer


def test_equals_a_convolution_with_zeros() -> None:
    table = [(0,), (1, 2), (2, 0)]
    x = np.random.default_rng(0).normal(size=(2, 6, 5, 3)).astype("float32")
    layer = random_layer(x.shape, table, 3)
    kernel = keras.ops.convert_to_numpy(layer.full_kernel())
    for channel in range(3):
        for out, maps in enumerate(table):
            assert kernel[:, :, channel, out].any() == (channel in maps)
    expected = ops.conv(x, kernel, layer.get_weights()[1])
    np.testing.assert_allclose(layer(x), expected, rtol=1e-4, atol=1e-5)


def test_a_full_table_has_as_many_weights_as_a_convolution() -> None:
    layer = random_layer((None, 6, 6, 3), [range(3)] * 4, 5)
    conv = keras.layers.Conv2D(4, 5)
    conv.build((None, 6, 6, 3))
    assert layer.count_params() == conv.count_params()


def test_background_and_bias_per_unit() -> None:
    layer = TableConv2D([(0,)], 3, padding=1, padding_value=-1.0, bias_per_unit=True)
    layer.build((None, 1, 1, 1))
    layer.set_weights([np.ones((3, 3, 1)), np.full((1, 1, 1), 0.5)])
    y = layer(np.full((1, 1, 1, 1), 2.0, "float32"))
    np.testing.assert_allclose(y, [[[[2 - 8 + 0.5]]]])


def test_wrong_table() -> None:
    with pytest.raises(ValueError, match=r"Expected an input of 4 maps or more"):
        TableConv2D([(0, 3)], 3).build((None, 6, 6, 3))
