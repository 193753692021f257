"""Keras models, layers and symbolic tensors as plain data: configuration and weights.

Nothing here imports Keras before a lab has asked for it. What a submission describes
is rebuilt by the examiner's own `models`, which believes nothing; `build` is for the
other direction, a model that a test hands to a submission.
"""

from __future__ import annotations

import math
import sys
from types import FunctionType
from typing import Any

import numpy as np

from autograder.candidate import wire

MODEL, SYMBOLIC = "(model)", "(symbolic tensor)"  # type names of references to tests'
MAX_WEIGHTS = 48 * 2**20  # bytes that cross; a larger model crosses without its weights


def is_model(thing: Any) -> bool:
    """Whether an object is a Keras model or layer."""
    keras = sys.modules.get("keras")
    return keras is not None and isinstance(thing, keras.layers.Layer)


def is_symbolic(thing: Any) -> bool:
    """Whether an object is a tensor without values, as `keras.Input` gives."""
    keras = sys.modules.get("keras")
    return keras is not None and isinstance(thing, keras.KerasTensor)


def to_array(thing: Any) -> np.ndarray | None:
    """The values of a tensor or variable of Keras or TensorFlow; None if it is none."""
    keras = sys.modules.get("keras")
    if keras is None or is_symbolic(thing):
        return None
    try:
        if keras.ops.is_tensor(thing) or isinstance(thing, keras.Variable):
            return np.array(keras.ops.convert_to_numpy(thing))
        if hasattr(thing, "assign_add") and hasattr(thing, "numpy"):  # tf.Variable
            return np.array(thing.numpy())
    except Exception:
        return None  # it stays where it is: a tensor of a graph, for example
    return None


def describe(things: list[Any], inputs: list[Any]) -> dict[str, Any] | None:
    """Takes apart a model or layer, or what leads to symbolic tensors.

    Args:
        things: one model or layer, or symbolic tensors.
        inputs: the symbolic tensors that those were made from.
    Returns:
        "config", and "weights": arrays, or None if they are too large to cross. None
        if the things are something else.
    """
    import keras

    if things and all(is_symbolic(t) for t in things):
        model = keras.Model(inputs, things)
    elif len(things) == 1 and is_model(things[0]):
        model = things[0]
    else:
        return None
    size = sum(math.prod(w.shape) * 4 for w in model.weights)
    weights = model.get_weights() if size <= MAX_WEIGHTS else None
    config = keras.saving.serialize_keras_object(model)
    return {"config": config, "weights": weights}


def refer(thing: Any) -> wire.Reference | None:
    """What crosses to the submission for a model or symbolic tensor of a test."""
    if is_symbolic(thing):
        content = {"batch_shape": tuple(thing.shape), "dtype": str(thing.dtype)}
        return wire.Reference(0, SYMBOLIC, False, content)
    if is_model(thing):
        return wire.Reference(0, MODEL, True, describe([thing], []))
    return None


def build(content: dict[str, Any], names: dict[str, Any]) -> Any:
    """Rebuilds what `refer` took apart.

    Args:
        content: of the reference.
        names: where classes and functions of the lab's given cells are found.
    Returns:
        The model or layer.
    """
    import keras

    own = {
        name: value
        for name, value in names.items()
        if isinstance(value, type | FunctionType)
        and value.__module__ in ("__main__", "__lab__")
    }
    with keras.saving.custom_object_scope(own):
        model = keras.saving.deserialize_keras_object(content["config"])
    if content["weights"]:
        model.set_weights(content["weights"])
    return model


def symbolic(content: dict[str, Any]) -> Any:
    """A symbolic tensor as the one that `refer` took apart."""
    import keras

    shape, dtype = content["batch_shape"], content["dtype"]
    return keras.Input(batch_shape=shape, dtype=dtype)


def copy_model(model: Any, names: dict[str, Any] | None = None) -> Any:
    """Another model or layer with the same configuration and weights."""
    content = describe([model], [])
    return model if content is None else build(content, names or {})


def layers(model: Any) -> list[Any]:
    """The layers of a model, those inside others included, in a fixed order."""
    inner = [layer for one in getattr(model, "layers", ()) for layer in layers(one)]
    return [model, *inner]


def state(model: Any) -> dict[str, Any]:
    """What training or freezing changes of a model."""
    flags = [bool(layer.trainable) for layer in layers(model)]
    return {"weights": model.get_weights(), "trainable": flags}


def is_same_state(one: dict[str, Any], other: dict[str, Any]) -> bool:
    """Whether a model is as it was."""
    pairs = zip(one["weights"], other["weights"], strict=True)
    return one["trainable"] == other["trainable"] and all(
        a.tobytes() == b.tobytes() for a, b in pairs
    )
