"""What a run is made of: what must be the same for it to go on."""

from __future__ import annotations

from typing import Any

import keras
import numpy as np

from cnncourse.training.batches import Batches
from cnncourse.training.state import PLAIN


def configuration(
    model: keras.Model, batches: Batches | None, **arguments: Any
) -> dict[str, Any]:
    """Describes a run in what JSON can hold.

    Args:
        model: compiled.
        batches: the data; None if they are not arrays.
        **arguments: of `fit`.

    Returns:
        Name -> value; equal for equal runs.
    """
    return {
        "weights": [list(v.shape) for v in model.weights],
        "optimizer": _plain(keras.optimizers.serialize(model.optimizer)),
        "loss": _plain(keras.saving.serialize_keras_object(model.loss)),
        "data": None if batches is None else _data(batches),
        **_plain(arguments),
    }


def _data(batches: Batches) -> dict[str, Any]:
    arrays = keras.tree.flatten(batches.arrays)
    return {
        "arrays": [f"{a.dtype} {tuple(a.shape)}" for a in map(np.asarray, arrays)],
        "batch_size": batches.batch_size,
        "shuffle": batches.shuffle,
        "augment": None if batches.augment is None else _name(batches.augment),
    }


def _plain(value: Any) -> Any:
    if isinstance(value, dict):
        # Keras counts the objects of a process in their names: adam, adam_1, ...
        return {str(k): _plain(entry) for k, entry in value.items() if k != "name"}
    if isinstance(value, (list, tuple)):
        return [_plain(entry) for entry in value]
    if isinstance(value, np.generic):
        return value.item()
    return value if isinstance(value, PLAIN) else _name(value)


def _name(value: Any) -> str:
    """The text of a value; of a function its name, without an address in memory."""
    return getattr(value, "__qualname__", None) or str(value)
