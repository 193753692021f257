"""Rebuilds the Keras models of submissions, so that tests ask the examiner's own copy.

A description is only plain data, but a hostile one may name classes that run code, or
sizes that would hold or kill the examiner. So it is cleaned by rules before Keras sees
it, built without allocating any weight, measured, and only then given its weights.
"""

from __future__ import annotations

import contextlib
import math
import re
import signal
import time
from collections.abc import Iterator
from types import FrameType, FunctionType, ModuleType
from typing import Any

import numpy as np

from autograder.candidate.models import layers
from autograder.examiner.keras_classes import ALLOWED, DTYPES

MAX_ITEMS = 200_000  # values in a configuration
MAX_DEPTH = 60  # of lists and dicts in one another
MAX_CALLS = 3000  # of layers, those of nested models for each call of the model
MAX_NESTED = 5  # models in one another
MAX_SPAN = 4096  # of a window, padding, factor or number of units of unknown input
MAX_OUTPUT = 2**26  # numbers in a layer's output for one example
MAX_WORK = 2**36  # multiplications for one example
BUILD_SECONDS = 20.0

_OURS = "__lab__"  # the module of what given cells define
_SPANS = {
    *("cropping", "dilation_rate", "factor", "kernel_size", "padding", "pool_size"),
    *("size", "strides", "n", "height", "width"),
}
_SIZES = {"depth_multiplier", "filters", "groups", "input_dim", "output_dim", "units"}


class ModelRefused(ValueError):
    """A description that is not rebuilt; the text says why."""


def names_of_lab(namespace: dict[str, Any]) -> dict[str, Any]:
    """Layers and functions that a lab's given cells define or take from cnncourse.

    Args:
        namespace: of the given cells.
    Returns:
        What a model may hold besides Keras's own classes, by name.
    """
    things = dict(namespace)
    for module in namespace.values():
        if isinstance(module, ModuleType) and module.__name__.startswith("cnncourse."):
            things |= {n: getattr(module, n) for n in getattr(module, "__all__", ())}
    return {
        thing.__name__: thing
        for thing in things.values()
        if isinstance(thing, type | FunctionType)
        and (thing.__module__ == _OURS or thing.__module__.startswith("cnncourse."))
    }


def rebuild(described: Any, names: dict[str, Any]) -> Any:
    """Builds a model or layer from a submission's description of it.

    Args:
        described: "config" and "weights", or anything.
        names: the lab's own layers and functions.
    Returns:
        The model, with the weights; without values if they were too large to cross.
    Raises:
        ModelRefused: if it is not made of known classes, is too large, or its weights
            do not fit.
    """
    if type(described) is not dict or type(described.get("config")) is not dict:
        raise ModelRefused("Expected a configuration of a model or layer")
    config = _Cleaner(names).clean(described["config"])
    compiled = config.pop("compile_config", None)
    _count_calls(config, 0)
    weights = described.get("weights")
    try:
        with _deadline(BUILD_SECONDS):
            model = _build(config, names)
            _measure(model)
            _rename(model)
            _fill(model, weights)
            if compiled and weights is not None:
                model.compile_from_config(compiled)
    except ModelRefused:
        raise
    except Exception as error:
        reason = f"{type(error).__name__}: {error}".splitlines()[0][:300]
        raise ModelRefused(f"Expected a model that can be built. {reason}") from None
    return model


def apply(model: Any, inputs: list[Any]) -> list[Any]:
    """The symbolic tensors that a model makes of others, one layer after another.

    Args:
        model: with a list of inputs and a list of outputs.
        inputs: symbolic tensors.
    Returns:
        Its outputs; its layers, not the model itself, are what leads to them.
    Raises:
        ModelRefused: if the inputs do not fit.
    """
    try:
        made = model.call(list(inputs))  # unlike `model(...)`, which would nest it
    except Exception as error:
        reason = str(error).splitlines()[0][:300] if str(error) else ""
        raise ModelRefused(f"Expected layers that fit the inputs. {reason}") from None
    return list(made) if isinstance(made, list | tuple) else [made]


def learn(model: Any, state: Any) -> None:
    """Repeats in a test's model what a submission did to its copy, if it fits."""
    weights, flags = (state.get("weights"), state.get("trainable"))
    parts = layers(model)
    if type(flags) is list and len(flags) == len(parts):
        for part, flag in zip(parts, flags, strict=True):
            part.trainable = flag is True
    own = [tuple(w.shape) for w in model.weights]
    if type(weights) is list and all(type(w) is np.ndarray for w in weights):
        if [w.shape for w in weights] == own and all(
            w.dtype.kind in "biuf" for w in weights
        ):
            model.set_weights(weights)


def outline(model: Any) -> list[str]:
    """What a model is made of, but for names, seeds and the values of weights."""
    found = []
    for layer in layers(model):
        operations = getattr(layer, "operations", [layer])
        found += [_outline_of_one(one) for one in {layer, *operations}]
    return sorted(found)


def _outline_of_one(layer: Any) -> str:
    is_model = hasattr(layer, "layers")
    config = {} if is_model else _without_names(layer.get_config())
    weights = [tuple(w.shape) for w in getattr(layer, "weights", ())]
    nodes = getattr(layer, "_inbound_nodes", ())
    outputs = [tuple(t.shape) for node in nodes[:1] for t in node.outputs]
    return f"{type(layer).__name__} {config} {weights} {outputs}"


def _without_names(config: Any) -> Any:
    if isinstance(config, dict):
        kept = {k: v for k, v in config.items() if k not in ("name", "seed")}
        return {k: _without_names(v) for k, v in sorted(kept.items())}
    if isinstance(config, list | tuple):
        return [_without_names(item) for item in config]
    return config


class _Cleaner:
    """Copies a configuration as far as it follows the rules."""

    def __init__(self, names: dict[str, Any]) -> None:
        self._names = names
        self._left = MAX_ITEMS

    def clean(self, value: Any, key: str = "", depth: int = 0) -> Any:
        """The value, made of None, bool, number, str, list and dict only.

        Args:
            value: from the description.
            key: under which it stands.
            depth: of the lists and dicts around it.
        Raises:
            ModelRefused: if a rule is broken.
        """
        self._left -= 1
        if depth > MAX_DEPTH or self._left < 0:
            raise ModelRefused("Expected a configuration of bounded size and depth")
        if type(value) in (list, tuple):
            return [self.clean(item, key, depth + 1) for item in value]
        if type(value) is dict:
            return self._clean_dict(value, depth)
        if type(value) is str:
            return _text(value, key)
        if isinstance(value, np.generic):
            value = value.item()
        if type(value) is int:
            return _whole(value, key)
        if value is None or type(value) in (bool, float):
            return value
        raise ModelRefused(f"Expected plain data. Received: {type(value).__name__}")

    def _clean_dict(self, value: dict[Any, Any], depth: int) -> dict[str, Any]:
        if any(type(key) is not str or len(key) > 100 for key in value):
            raise ModelRefused("Expected text as the keys of a configuration")
        if "class_name" in value:
            return self._clean_object(value, depth)
        if "spec_name" in value or "registered_name" in value or "module" in value:
            raise ModelRefused(
                "Expected an object of a configuration to name its class"
            )
        return {k: self.clean(v, k, depth + 1) for k, v in value.items()}

    def _clean_object(self, value: dict[Any, Any], depth: int) -> dict[str, Any]:
        """An object's module and class, if allowed, and all else cleaned."""
        module, name = value.get("module"), value["class_name"]
        inner = value.get("config")
        if type(name) is not str or not (module is None or type(module) is str):
            raise ModelRefused("Expected a class by its name")
        if name == "function" and isinstance(self._find(inner), FunctionType):
            return {"module": None, "class_name": name, "config": inner}
        known: dict[str, Any] = {"class_name": name}
        if name in ALLOWED.get(module or "", ()):
            known["module"] = module
        elif not (module or "").startswith("keras") and self._is_class(name):
            known |= {"module": None, "registered_name": name}
        elif name not in ("__keras_tensor__", "__slice__", "__ellipsis__"):
            raise ModelRefused(
                f"Expected layers of Keras or of the lab. Received: {name[:80]}"
            )
        if type(inner) is not dict:
            raise ModelRefused(f"Expected a configuration of {name[:80]}")
        rest = {
            k: self.clean(v, k, depth + 1)
            for k, v in value.items()
            if k not in ("module", "class_name", "registered_name", "shared_object_id")
        }
        return {**rest, **known}

    def _is_class(self, name: str) -> bool:
        return isinstance(self._find(name), type)

    def _find(self, name: Any) -> Any:
        return self._names.get(name) if type(name) is str else None


def _text(value: str, key: str) -> str:
    if len(value) > 1000 or (key == "dtype" and value not in DTYPES):
        raise ModelRefused(f"Expected a known value of {key}. Received: {value[:80]!r}")
    return value


def _whole(value: int, key: str) -> int:
    limit = MAX_SPAN if key in _SPANS else 2**40
    if abs(value) > limit:
        raise ModelRefused(f"Expected {key} to be at most {limit}")
    return value


def _count_calls(config: dict[str, Any], nested: int) -> int:
    """How many layers are called when the model is; a model may be called itself."""
    if nested > MAX_NESTED:
        raise ModelRefused(f"Expected at most {MAX_NESTED} models in one another")
    inner = config.get("config")
    parts = inner.get("layers") if type(inner) is dict else None
    calls = 1
    for part in parts if type(parts) is list else []:
        if type(part) is not dict:
            raise ModelRefused("Expected the layers of a model to be configurations")
        nodes = part.get("inbound_nodes", [])
        if type(nodes) is not list:
            raise ModelRefused("Expected the calls of a layer to be a list")
        calls += max(len(nodes), 1) * _count_calls(part, nested + 1)
        if calls > MAX_CALLS:
            raise ModelRefused(f"Expected at most {MAX_CALLS} calls of layers")
    return calls


def _build(config: dict[str, Any], names: dict[str, Any]) -> Any:
    """The model without any weight in memory: all shapes are known, no value is."""
    import keras
    from keras.src.backend.common import global_state

    try:
        with (
            keras.StatelessScope(initialize_variables=False),
            keras.saving.custom_object_scope(names),
        ):
            model = keras.saving.deserialize_keras_object(config, safe_mode=True)
    finally:
        # else Keras would give all of them values at the end of its next such scope
        global_state.set_global_attribute("uninitialized_variables", [])
    if not isinstance(model, keras.layers.Layer):
        raise ModelRefused("Expected a model or layer")
    return model


def _rename(model: Any) -> None:
    """Counts automatic names on, so that layers fit into one model with others."""
    from keras.src.utils.naming import auto_name, to_snake_case

    for layer in layers(model):
        prefix = to_snake_case(type(layer).__name__)
        if re.fullmatch(rf"{prefix}(_\d+)?", layer.name):
            layer.name = auto_name(prefix)


def _measure(model: Any) -> None:
    """Refuses a model that is too large to run, or whose size cannot be known."""
    work = 0
    for layer in layers(model):
        weights = sum(math.prod(w.shape) for w in layer.weights)
        own = 0 if getattr(layer, "layers", None) else weights
        for node in getattr(layer, "_inbound_nodes", ()):
            sizes = [math.prod(d or 1 for d in t.shape) for t in node.output_tensors]
            if max(sizes, default=0) > MAX_OUTPUT:
                raise ModelRefused(f"Expected outputs of at most {MAX_OUTPUT} numbers")
            places = [math.prod(d or 1 for d in t.shape[1:-1]) for t in node.outputs]
            work += own * max(places, default=1)
        if not layer.built and any(
            getattr(layer, name, 0) and getattr(layer, name) > MAX_SPAN
            for name in _SIZES
        ):
            raise ModelRefused(f"Expected at most {MAX_SPAN} units or filters")
    if work > MAX_WORK:
        raise ModelRefused(f"Expected at most {MAX_WORK} multiplications")


def _fill(model: Any, weights: Any) -> None:
    """Gives the variables their values, or makes them say that they have none."""
    variables = model.weights
    if weights is not None:
        shapes = [(tuple(v.shape), v.dtype) for v in variables]
        if type(weights) is not list or any(type(w) is not np.ndarray for w in weights):
            raise ModelRefused("Expected the weights to be arrays")
        if [w.shape for w in weights] != [s for s, _ in shapes]:
            raise ModelRefused("Expected weights of the shapes that the layers have")
        if any(w.dtype.kind not in "biuf" for w in weights):
            raise ModelRefused("Expected weights that are numbers")
    # a model has variables besides its weights: the seeds of dropout
    values = dict(zip(map(id, variables), weights or (), strict=False))
    for variable in _all_variables(model):
        value = values.get(id(variable))
        if value is not None:
            variable._initializer = _constant(value)
        elif id(variable) in {id(v) for v in variables}:
            variable._initializer = _absent
            continue
        variable._deferred_initialize()


def _all_variables(model: Any) -> list[Any]:
    return [v for v in model.variables if v._value is None]


def _constant(value: np.ndarray) -> Any:
    def give(shape: tuple[int, ...], dtype: str | None = None) -> Any:
        import keras

        return keras.ops.convert_to_tensor(value, dtype=dtype)

    return give


def _absent(*_: Any, **__: Any) -> Any:
    raise ModelRefused(
        "Expected a model small enough for its weights to be looked at; of this one "
        "only the layers and shapes are known"
    )


@contextlib.contextmanager
def _deadline(seconds: float) -> Iterator[None]:
    """Ends the block by `ModelRefused`; a time limit around it goes on afterwards."""

    def late(_number: int, _frame: FrameType | None) -> None:
        raise ModelRefused(f"Expected a model that is built within {seconds:.0f} s")

    started = time.monotonic()
    handler = signal.signal(signal.SIGALRM, late)
    left, _ = signal.setitimer(signal.ITIMER_REAL, seconds)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, handler)
        if left:
            spent = time.monotonic() - started
            signal.setitimer(signal.ITIMER_REAL, max(left - spent, 0.001))
