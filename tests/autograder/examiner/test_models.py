"""Whether models are rebuilt as they were, and hostile descriptions are refused."""

from __future__ import annotations

import copy
import time
from collections.abc import Callable
from types import ModuleType
from typing import Any

import keras
import numpy as np
import pytest

from autograder.candidate import models as described
from autograder.candidate import wire
from autograder.examiner import models

layers = keras.layers


class Halve(layers.Layer):
    """A layer of the lab."""

    def call(self, inputs: Any) -> Any:
        return inputs / 2


def cnn() -> Any:
    """A convolution and a dense layer, 3 logits."""
    parts = [layers.Conv2D(4, 3, activation="relu"), layers.Flatten(), layers.Dense(3)]
    return keras.Sequential([keras.Input((6, 6, 2)), *parts])


def residual() -> Any:
    """A model with a shortcut, batch normalization, dropout and an operation."""
    inputs = keras.Input((6, 6, 2))
    x = layers.Conv2D(2, 3, padding="same", kernel_regularizer="l2")(inputs)
    x = layers.Dropout(0.5)(layers.BatchNormalization()(x + inputs))
    return keras.Model(inputs, layers.GlobalAveragePooling2D()(keras.ops.relu(x)))


def nested() -> Any:
    """A model in a model, called twice."""
    inner = keras.Sequential([keras.Input((6, 6, 2)), layers.Conv2D(2, 1)])
    inputs = keras.Input((6, 6, 2))
    return keras.Model(inputs, inner(inner(inputs)))


def describe(model: Any) -> dict[str, Any]:
    """The description as it comes over the wire."""
    crossed: dict[str, Any] = wire.decode(wire.encode(described.describe([model], [])))
    return crossed


@pytest.mark.parametrize("make", [cnn, residual, nested])
def test_a_rebuilt_model_gives_what_the_model_gives(make: Callable[[], Any]) -> None:
    model = make()
    model.set_weights([np.random.rand(*w.shape) for w in model.get_weights()])
    copied = models.rebuild(describe(model), {})
    images = np.random.rand(2, 6, 6, 2).astype("float32")
    np.testing.assert_allclose(copied(images), model(images), rtol=1e-6)
    np.asarray(copied(images, training=True))
    assert copied.count_params() == model.count_params()
    assert copied.output_shape == model.output_shape
    assert models.outline(copied) == models.outline(model)


def test_a_compiled_model_stays_compiled() -> None:
    model = cnn()
    model.compile("sgd", "mse")
    copied = models.rebuild(describe(model), {})
    assert isinstance(copied.optimizer, keras.optimizers.SGD)
    assert copied.loss == "mse"


def test_a_large_model_crosses_without_weights(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(described, "MAX_WEIGHTS", 100)
    copied = models.rebuild(describe(cnn()), {})
    assert copied.count_params() == 76 + 195
    with pytest.raises(Exception, match="small enough for its weights"):
        copied(np.zeros((1, 6, 6, 2)))


def test_layers_of_the_lab_are_rebuilt_from_the_lab() -> None:
    model = keras.Sequential([keras.Input((3,)), Halve()])
    copied = models.rebuild(describe(model), {"Halve": Halve})
    np.testing.assert_allclose(copied(np.ones((1, 3))), 0.5)
    with pytest.raises(models.ModelRefused, match="Halve"):
        models.rebuild(describe(model), {})


def test_names_of_lab_are_its_own() -> None:
    course = ModuleType("cnncourse.architectures")
    course.__dict__.update(__all__=["Course"], Course=type("Course", (Halve,), {}))
    course.Course.__module__ = course.__name__
    own = type("Own", (Halve,), {"__module__": "__lab__"})
    namespace = {"a": course, "Own": own, "Lambda": layers.Lambda, "keras": keras}
    assert set(models.names_of_lab(namespace)) == {"Course", "Own"}


def test_symbolic_tensors_are_applied_layer_by_layer() -> None:
    inputs = keras.Input((6, 6, 2))
    outputs = layers.Conv2D(2, 3)(inputs)
    content = wire.decode(wire.encode(described.describe([outputs], [inputs])))
    own = keras.Input((6, 6, 2))
    (made,) = models.apply(models.rebuild(content, {}), [own])
    model = keras.Model(own, made)
    assert [type(layer).__name__ for layer in model.layers] == ["InputLayer", "Conv2D"]


def test_models_with_the_same_automatic_names_fit_into_one() -> None:
    parts = []
    for _ in range(2):
        model = describe(cnn())
        model["config"]["config"]["name"] = "sequential"
        parts.append(models.rebuild(copy.deepcopy(model), {}))
    inputs = keras.Input((6, 6, 2))
    keras.Model(inputs, [part(inputs) for part in parts])


DENSE = 3  # of the layers of cnn(), after the input, convolution and flatten


def _set(*path: Any, to: Any) -> Callable[[dict[str, Any]], None]:
    def change(description: dict[str, Any]) -> None:
        *way, last = path
        place: Any = description
        for step in way:
            place = place[step]
        place[last] = to

    return change


def _layer(class_name: str, module: Any = "keras.layers", **config: Any) -> Any:
    made = {"module": module, "class_name": class_name, "config": config}
    return _set("config", "config", "layers", DENSE, to=made)


def _dense(**changes: Any) -> Callable[[dict[str, Any]], None]:
    def change(description: dict[str, Any]) -> None:
        description["config"]["config"]["layers"][DENSE]["config"] |= changes

    return change


def _deep(value: Any, depth: int) -> Any:
    for _ in range(depth):
        value = [value]
    return value


def _calls_itself(description: dict[str, Any]) -> None:
    """A model in a model in a model, each called forty times."""
    config = description["config"]
    for _ in range(3):
        node = {"args": [], "kwargs": {}}
        inner = {**config, "inbound_nodes": [node] * 40}
        config = {**config, "config": {**config["config"], "layers": [inner]}}
    description["config"] = config


def _upsample(description: dict[str, Any]) -> None:
    """The dense layer, of which 4096 x 4096 copies are made."""
    parts = description["config"]["config"]["layers"]
    config = {"size": [4096, 4096], "name": "larger"}
    larger = {"module": "keras.layers", "class_name": "UpSampling2D", "config": config}
    parts[DENSE - 1 :] = [larger]
    description["weights"] = description["weights"][:2]


def _function(name: str, module: str) -> dict[str, Any]:
    parts = {"module": module, "registered_name": name}
    return {"class_name": "function", "config": name, **parts}


_LAMBDA = {"class_name": "__lambda__", "config": {"value": ["4wAA", None, None]}}
HOSTILE = {
    "not a dict": lambda d: d.clear(),
    "lambda layer": _layer("Lambda", function=_LAMBDA),
    "lambda as activation": _dense(activation=_LAMBDA),
    "custom class": _layer("Mine", module="__main__"),
    "registered name": lambda d: d["config"]["config"]["layers"][DENSE].update(
        module=None, class_name="Mine", registered_name="Dense"
    ),
    "no module": _layer("Dense", module=None, units=3),
    "model from a file": _layer("TFSMLayer", filepath="/etc/passwd"),
    "vocabulary from a file": _layer("StringLookup", vocabulary="/etc/passwd"),
    "os.system": _layer("system", module="os", command="id"),
    "os.system as activation": _dense(activation=_function("system", "os")),
    "load_model": _layer("load_model", module="keras.models", filepath="/x"),
    "get_file": _layer("get_file", module="keras.utils", origin="file:///etc/passwd"),
    "function as a layer": _set(
        *("config", "config", "layers", DENSE), to=_function("get_file", "keras.utils")
    ),
    "get_file as function": _dense(activation=_function("get_file", "keras.utils")),
    "object without a class": _dense(activation={"module": "os", "config": {}}),
    "type specification": _dense(
        activation={"class_name": "__typespec__", "spec_name": "x", "module": "os"}
    ),
    "array": _dense(
        activation={"class_name": "__numpy__", "config": {"value": [1], "dtype": "O"}}
    ),
    "unknown dtype": _dense(dtype="int8_from_float32"),
    "unknown activation": _dense(activation="/etc/passwd"),
    "gigantic dense": _dense(units=10**9),
    "gigantic dense without weights": lambda d: (
        _dense(units=2**41)(d),
        d.update(weights=None),
    ),
    "gigantic orthogonal": _dense(units=2**20, kernel_initializer="orthogonal"),
    "gigantic padding": _layer("ZeroPadding2D", padding=10**6),
    "gigantic upsampling": _upsample,
    "weights of other shapes": _set("weights", 0, to=np.zeros((1, 1))),
    "too few weights": lambda d: d["weights"].pop(),
    "weights of text": _set("weights", 1, to=np.array(["a"] * 4)),
    "weights that are lists": _set("weights", to=[[1.0]]),
    "deep nesting": _dense(activation=_deep("relu", 100)),
    "long": _dense(activation=["relu"] * 300_000),
    "calls itself": _calls_itself,
    "layers of text": _set("config", "config", "layers", to=["Dense"]),
    "layers that are a number": _set("config", "config", "layers", to=7),
    "bytes": _dense(activation=b"relu"),
    "reference": _dense(activation=wire.Reference(0, "relu")),
    "keys of numbers": _dense(activation={1: 2}),
    "an optimizer for a model": _set(
        "config", to={"module": "keras.optimizers", "class_name": "SGD", "config": {}}
    ),
}


@pytest.mark.parametrize("change", HOSTILE.values(), ids=HOSTILE.keys())
def test_a_hostile_description_is_refused(
    change: Callable[[dict[str, Any]], Any], capfd: pytest.CaptureFixture[str]
) -> None:
    description = describe(cnn())
    change(description)
    started = time.monotonic()
    with pytest.raises(models.ModelRefused):
        models.rebuild(description, {})
    assert time.monotonic() - started < 10
    assert "uid=" not in capfd.readouterr().out


def test_a_refused_model_leaves_nothing_to_initialize() -> None:
    description = describe(cnn())
    _dense(units=10**9)(description)
    with pytest.raises(models.ModelRefused):
        models.rebuild(description, {})
    with keras.StatelessScope():
        pass  # at its end Keras gives values to all variables that wait for them
