"""Local response normalisation."""

import keras
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cnncourse.architectures.layers import LocalResponseNormalization


def by_the_paper(
    x: np.ndarray, n: int, k: float, alpha: float, beta: float
) -> np.ndarray:
    """Krizhevsky et al. 2012, the formula of section 3.3, number by number."""
    y, channels = np.empty_like(x), x.shape[-1]
    for i in range(channels):
        near = range(max(0, i - n // 2), min(channels - 1, i + n // 2) + 1)
        total = sum(x[..., j] ** 2 for j in near)
        y[..., i] = x[..., i] / (k + alpha * total) ** beta
    return y


SETTINGS = [(5, 2.0, 1e-4, 0.75), (3, 1.0, 0.5, 0.5), (1, 1.0, 1.0, 1.0)]


@settings(max_examples=20, deadline=None)
@given(st.integers(0, 99), st.integers(1, 9), st.sampled_from(SETTINGS))
def test_equals_the_paper(seed: int, channels: int, constants: tuple) -> None:
    x = np.random.default_rng(seed).normal(size=(2, 3, 2, channels)).astype("float32")
    y = LocalResponseNormalization(*constants)(x)
    np.testing.assert_allclose(y, by_the_paper(x, *constants), rtol=1e-5)


@pytest.mark.parametrize("constants", SETTINGS)
def test_equals_tensorflow(constants: tuple) -> None:
    tf = pytest.importorskip("tensorflow")
    n, k, alpha, beta = constants
    x = np.random.default_rng(0).normal(size=(2, 4, 4, 8)).astype("float32") * 10
    y = LocalResponseNormalization(*constants)(x)
    theirs = tf.nn.lrn(x, n // 2, k, alpha, beta).numpy()
    np.testing.assert_allclose(y, theirs, rtol=1e-5)


def test_half_precision_does_not_overflow() -> None:
    layer = LocalResponseNormalization(dtype="mixed_float16")
    y = keras.ops.convert_to_numpy(layer(np.full((1, 1, 1, 5), 3e4, "float32")))
    assert np.isfinite(y).all() and (y > 0).all()


@pytest.mark.parametrize("wrong", [{"n": 4}, {"n": -1}, {"k": 0.0}])
def test_wrong_constants(wrong: dict) -> None:
    with pytest.raises(ValueError, match=r"Expected n odd and k > 0. Received: n="):
        LocalResponseNormalization(**wrong)
