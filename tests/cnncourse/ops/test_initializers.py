"""Random weights: their variance, bounds, and agreement with Keras."""

from typing import Any

import numpy as np
import pytest

from cnncourse.ops.initializers import fans, glorot, he


@pytest.mark.parametrize(
    ("shape", "expected"),
    [((3, 3, 64, 128), (576, 1152)), ((10, 20), (10, 20)), ((5, 2, 3), (10, 15))],
)
def test_fans(shape: tuple, expected: tuple) -> None:
    assert fans(shape) == expected


@pytest.mark.parametrize("distribution", ["uniform", "normal"])
@pytest.mark.parametrize(
    ("draw", "variance"), [(glorot, 2 / (9 * 200 + 9 * 100)), (he, 2 / (9 * 200))]
)
def test_variance(draw: Any, variance: float, distribution: str) -> None:
    w = draw((3, 3, 200, 100), np.random.default_rng(0), distribution)
    assert w.shape == (3, 3, 200, 100) and w.dtype == np.float32
    assert abs(w.mean()) < 3 * np.sqrt(variance / w.size)
    assert w.var() == pytest.approx(variance, rel=0.01)


@pytest.mark.parametrize(
    ("draw", "keras_name"), [(glorot, "GlorotUniform"), (he, "HeUniform")]
)
def test_bounds_are_those_of_keras(tf: Any, draw: Any, keras_name: str) -> None:
    shape = (3, 3, 40, 50)
    oracle = getattr(tf.keras.initializers, keras_name)(seed=0)(shape)
    w = draw(shape, np.random.default_rng(0), "uniform")
    assert np.abs(w).max() == pytest.approx(np.abs(oracle).max(), rel=1e-3)


@pytest.mark.parametrize("draw", [glorot, he])
def test_equal_seeds_give_equal_weights(draw: Any) -> None:
    first, second = (
        draw((4, 5), np.random.default_rng(7), dtype=np.float64) for _ in "ab"
    )
    assert first.dtype == np.float64
    np.testing.assert_array_equal(first, second)


def test_he_keeps_the_size_of_signals_through_rectified_layers() -> None:
    rng = np.random.default_rng(0)
    x = rng.standard_normal((200, 300))
    energy = np.mean(x**2)
    for _ in range(20):
        x = np.maximum(x @ he((300, 300), rng, dtype=np.float64), 0)
    assert 0.3 * energy < 2 * np.mean(x**2) < 3 * energy


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (((5,),), r"\(\.\.\., inputs, units\).*\(5,\)"),
        (((0, 5),), "Expected a shape"),
    ],
)
@pytest.mark.parametrize("draw", [glorot, he])
def test_wrong_shape(draw: Any, arguments: tuple, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        draw(*arguments, np.random.default_rng(0))


@pytest.mark.parametrize("draw", [glorot, he])
def test_wrong_distribution_and_dtype(draw: Any) -> None:
    rng = np.random.default_rng(0)
    with pytest.raises(ValueError, match="distribution='cauchy'"):
        draw((2, 2), rng, "cauchy")
    with pytest.raises(ValueError, match="dtype float32 or float64"):
        draw((2, 2), rng, dtype=np.int32)
