"""Radial basis units."""

import numpy as np
import pytest

from cnncourse.architectures.layers import RadialBasis
from cnncourse.architectures.layers.radial_basis import class_codes


def test_minus_the_squared_distance() -> None:
    x = np.random.default_rng(0).normal(size=(2, 84)).astype("float32")
    y = RadialBasis(10)(x)
    expected = [[-((row - code) ** 2).sum() for code in class_codes(10)] for row in x]
    np.testing.assert_allclose(y, expected, rtol=1e-5)


def test_a_code_is_nearest_to_itself() -> None:
    y = np.asarray(RadialBasis(12)(class_codes(12)))
    np.testing.assert_array_equal(y.argmax(axis=1), np.arange(12))
    np.testing.assert_array_equal(np.diag(y), 0)


def test_codes_are_pictures_of_digits() -> None:
    codes = class_codes(10)
    assert set(np.unique(codes)) == {-1, 1}
    assert len(np.unique(codes, axis=0)) == 10
    one = codes[1].reshape(12, 7)
    assert (one[:, 5:] == 1).all() and (one[:, :5] == -1).all()
    np.testing.assert_array_equal(class_codes(12)[:10], codes)


def test_nothing_is_trained() -> None:
    layer = RadialBasis(3)
    layer.build((None, 5))
    assert layer.trainable_weights == [] and layer.count_params() == 15


def test_wrong_axes() -> None:
    with pytest.raises(ValueError, match=r"Expected axes \(B, length\)"):
        RadialBasis(3).build((None, 2, 5))
