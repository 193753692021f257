"""What holds of every layer: it is saved, differentiated, compiled and halved."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import keras
import numpy as np
import pytest

from cnncourse.architectures.layers import (
    LocallyConnected2D,
    LocalResponseNormalization,
    Maxout,
    MaxOverTime,
    RadialBasis,
    ScaledTanh,
    Subsampling,
    TableConv2D,
)
from cnncourse.ops import numerical_gradient, relative_error

TABLE = [[0, 1], [2], [0, 2, 1]]
LAYERS: dict[str, tuple[type, dict[str, Any], tuple[int, ...], tuple[int, ...]]] = {
    "lrn": (LocalResponseNormalization, {"n": 3, "alpha": 0.1}, (4, 4, 6), (4, 4, 6)),
    "maxout": (Maxout, {"pieces": 3}, (4, 6), (4, 2)),
    "max over time": (MaxOverTime, {}, (5, 4), (4,)),
    "locally connected": (
        LocallyConnected2D,
        {"filters": 2, "kernel_size": 3, "strides": 2, "padding": 1},
        (6, 5, 3),
        (3, 3, 2),
    ),
    "locally connected, no bias": (
        LocallyConnected2D,
        {"filters": 2, "kernel_size": 2, "use_bias": False},
        (4, 3, 2),
        (3, 2, 2),
    ),
    "scaled tanh": (ScaledTanh, {"slope": 0.5}, (3, 2), (3, 2)),
    "subsampling": (Subsampling, {"pool_size": 2}, (5, 4, 3), (2, 2, 3)),
    "table": (
        TableConv2D,
        {"table": TABLE, "kernel_size": 3, "padding": 1, "padding_value": -1.0},
        (5, 4, 3),
        (5, 4, 3),
    ),
    "table, bias per unit": (
        TableConv2D,
        {"table": TABLE, "kernel_size": 3, "strides": 2, "bias_per_unit": True},
        (5, 5, 3),
        (2, 2, 3),
    ),
    "radial basis": (RadialBasis, {"num_classes": 3}, (8,), (3,)),
}
each_layer = pytest.mark.parametrize("name", LAYERS)


def example(name: str, dtype: str = "float32") -> tuple[keras.layers.Layer, np.ndarray]:
    """A layer whose weights are all random, and a batch for it."""
    make, settings, shape, _ = LAYERS[name]
    layer = make(dtype=dtype, **settings)
    layer.build((None, *shape))
    random = np.random.default_rng(0)
    layer.set_weights([random.normal(size=w.shape) for w in layer.weights])
    x = random.normal(size=(2, *shape))
    return layer, x.astype("float64" if dtype == "float64" else "float32")


@each_layer
def test_output_shape(name: str) -> None:
    layer, x = example(name)
    expected = (2, *LAYERS[name][3])
    assert tuple(layer(x).shape) == expected
    assert tuple(layer.compute_output_shape(x.shape)) == expected


@each_layer
def test_saved_and_loaded(name: str, tmp_path: Path) -> None:
    layer, x = example(name)
    inputs = keras.Input(x.shape[1:])
    model = keras.Model(inputs, layer(inputs))
    model.save(tmp_path / "model.keras")
    loaded = keras.models.load_model(tmp_path / "model.keras")
    np.testing.assert_array_equal(model.predict_on_batch(x), loaded.predict_on_batch(x))


@each_layer
def test_eager_equals_compiled(name: str) -> None:
    layer, x = example(name)
    inputs = keras.Input(x.shape[1:])
    model = keras.Model(inputs, layer(inputs))
    eager = keras.ops.convert_to_numpy(model(x))
    np.testing.assert_allclose(model.predict_on_batch(x), eager, rtol=1e-5, atol=1e-5)


@each_layer
def test_gradient_of_the_input(name: str, gradient: Callable, float64: None) -> None:
    if name == "scaled tanh" and keras.backend.backend() == "jax":
        pytest.skip("Keras computes tanh in single precision on JAX")
    layer, x = example(name, "float64")
    weights = np.random.default_rng(1).normal(size=layer(x).shape)

    def loss(x: Any) -> Any:
        return keras.ops.sum(layer(x) * weights)

    numeric = numerical_gradient(lambda x: float(loss(x)), x)
    assert relative_error(gradient(loss, x), numeric) < 1e-6


@each_layer
def test_gradients_of_the_weights(name: str, gradient: Callable, float64: None) -> None:
    layer, x = example(name, "float64")
    if not layer.trainable_variables:
        assert name in ("radial basis", *(n for n in LAYERS if not layer.weights))
        return
    factors = np.random.default_rng(1).normal(size=layer(x).shape)
    values = [keras.ops.convert_to_numpy(v) for v in layer.trainable_variables]
    for index, value in enumerate(values):

        def loss(w: Any, index: int = index) -> Any:
            others = [w if i == index else v for i, v in enumerate(values)]
            y, _ = layer.stateless_call(others, [], x)
            return keras.ops.sum(y * factors)

        numeric = numerical_gradient(lambda w, f=loss: float(f(w)), value)
        assert relative_error(gradient(loss, value), numeric) < 1e-6


@each_layer
def test_half_precision(name: str) -> None:
    half, x = example(name, "mixed_float16")
    whole, _ = example(name)
    y = half(x)
    assert keras.backend.standardize_dtype(y.dtype) == "float16"
    np.testing.assert_allclose(
        keras.ops.convert_to_numpy(y).astype("float32"),
        keras.ops.convert_to_numpy(whole(x)),
        rtol=2e-2,
        atol=2e-2,
    )


def test_every_public_layer_is_here() -> None:
    import cnncourse.architectures.layers as package

    tested = {make.__name__ for make, *_ in LAYERS.values()}
    alone = {"ColumnMaxNorm", "Correlation", "WordEmbedding"}  # have other arguments
    assert tested | alone == set(package.__all__)
