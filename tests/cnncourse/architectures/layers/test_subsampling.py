"""Subsampling with a trainable coefficient and bias."""

import keras
import numpy as np

from cnncourse.architectures.layers import Subsampling


def test_begins_as_an_average() -> None:
    x = np.random.default_rng(0).normal(size=(2, 5, 4, 3)).astype("float32")
    expected = keras.layers.AveragePooling2D(2)(x)
    np.testing.assert_allclose(Subsampling(2)(x), expected, rtol=1e-5, atol=1e-6)


def test_sum_times_coefficient_plus_bias() -> None:
    layer = Subsampling(2)
    layer.build((None, 2, 2, 2))
    layer.set_weights([np.array([1.0, 10.0]), np.array([0.5, -1.0])])
    x = np.arange(8, dtype="float32").reshape(1, 2, 2, 2)
    np.testing.assert_allclose(layer(x), [[[[12.5, 159]]]])


def test_two_weights_for_a_map() -> None:
    layer = Subsampling()
    layer.build((None, 28, 28, 6))
    assert layer.count_params() == 12
