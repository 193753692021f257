"""Locally connected layers."""

import keras
import numpy as np
import pytest

from cnncourse import ops
from cnncourse.architectures.layers import LocallyConnected2D


@pytest.mark.parametrize(("strides", "padding"), [(1, 0), (2, 0), (2, 1), (3, 2)])
def test_equals_the_operator(strides: int, padding: int) -> None:
    layer = LocallyConnected2D(4, 3, strides, padding)
    x = np.random.default_rng(0).normal(size=(2, 7, 6, 3)).astype("float32")
    layer.build(x.shape)
    random = np.random.default_rng(1)
    layer.set_weights([random.normal(size=w.shape) for w in layer.weights])
    w, b = layer.get_weights()
    expected = ops.locally_connected(x, w, b, strides, padding)
    np.testing.assert_allclose(layer(x), expected, rtol=1e-4, atol=1e-5)


def test_equals_a_convolution_where_all_kernels_are_equal() -> None:
    conv = keras.layers.Conv2D(2, 3)
    layer = LocallyConnected2D(2, 3)
    x = np.random.default_rng(0).normal(size=(1, 5, 6, 3)).astype("float32")
    conv.build(x.shape)
    layer.build(x.shape)
    kernel, bias = conv.get_weights()
    layer.set_weights(
        [
            np.broadcast_to(v, w.shape)
            for v, w in zip((kernel, bias), layer.weights, strict=True)
        ]
    )
    np.testing.assert_allclose(layer(x), conv(x), rtol=1e-4, atol=1e-5)


@pytest.mark.parametrize(
    ("shape", "message"),
    [
        ((None, None, 5, 3), "Expected an input of known height, width and channels"),
        ((None, 2, 5, 3), "Expected an axis of at least 3. Received: 2"),
    ],
)
def test_wrong_input(shape: tuple, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        LocallyConnected2D(2, 3).build(shape)
