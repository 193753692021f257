"""All that a training run needs to go on, in one file that is never half written."""

from __future__ import annotations

import json
import os
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

import keras
import numpy as np

JSON = "values.json"  # the name in the archive of what is not an array
PLAIN = (bool, int, float, str, type(None))


def write_whole(file: Path, write: Any) -> None:
    """Writes a file so that at any moment the old one or the new one is there, whole.

    Args:
        file: to be replaced.
        write: `write(path)` writes to another path with the same suffix.
    """
    new = file.with_name(f".{file.stem}.new{file.suffix}")
    write(new)
    with new.open("rb") as written:
        os.fsync(written.fileno())
    new.replace(file)


def save_state(
    file: Path, arrays: Iterable[np.ndarray], values: Mapping[str, Any]
) -> None:
    """Saves arrays and plain values in one archive of NumPy, without pickle.

    Args:
        file: path that ends in ".npz".
        arrays: of any shapes and dtypes.
        values: what JSON can hold; floats keep every bit.
    """
    table: dict[str, Any] = {str(number): array for number, array in enumerate(arrays)}
    table[JSON] = np.frombuffer(json.dumps(values).encode(), np.uint8)
    write_whole(file, lambda path: np.savez(path, **table))


def load_state(file: Path) -> tuple[list[np.ndarray], dict[str, Any]]:
    """Loads what `save_state` saved.

    Raises:
        ValueError: if the file is something else.
        FileNotFoundError: if there is no file.
    """
    try:
        with np.load(file, allow_pickle=False) as archive:
            values = json.loads(archive[JSON].tobytes())
            return [archive[str(n)] for n in range(len(archive.files) - 1)], values
    except (KeyError, ValueError, AttributeError) as error:
        raise ValueError(f"Expected the state of a run. Received: {file}") from error


def variables_of(model: keras.Model) -> list[Any]:
    """Returns every variable that training changes.

    These are weights, the state of seed generators (which `save_weights` leaves out),
    the optimizer's variables, and Keras' seed generator for layers that have none of
    their own; not metrics, which each epoch begins anew.
    """
    # the only way to it: Keras gives no public name to its global generator
    from keras.src.random.seed_generator import global_seed_generator

    return [
        *model.variables,
        *model.optimizer.variables,
        global_seed_generator().state,
    ]


def values_of(variables: Iterable[Any]) -> list[np.ndarray]:
    """Returns copies of the values of variables."""
    # by way of a tensor: NumPy warns of the variables of Keras themselves
    return [keras.ops.convert_to_numpy(keras.ops.copy(v)) for v in variables]


def learning_rate(model: keras.Model) -> float:
    """Returns the present learning rate, whether a variable or of a schedule."""
    return float(values_of([model.optimizer.learning_rate])[0])


def assign(variables: list[Any], arrays: list[np.ndarray]) -> None:
    """Gives variables their saved values.

    Raises:
        ValueError: if there are not as many, or the shapes differ.
    """
    expected = [tuple(v.shape) for v in variables]
    received = [array.shape for array in arrays]
    if expected != received:
        differing = [
            f"{variable.path} {wanted}, saved {found}"
            for variable, wanted, found in zip(
                variables, expected, received, strict=False
            )
            if wanted != found
        ]
        raise ValueError(
            "Expected a model, optimizer and metrics like those of the interrupted "
            f"run. Received: {len(expected)} variables, {len(received)} saved"
            f"{'; ' if differing else ''}{'; '.join(differing[:3])}"
        )
    for variable, array in zip(variables, arrays, strict=True):
        variable.assign(array)


def callback_state(
    callback: keras.callbacks.Callback,
) -> tuple[dict[str, Any], list[np.ndarray]]:
    """Returns what a callback remembers: its plain attributes, and its arrays.

    In the values an array is `{"array": number}`, and a list of arrays a list of such.
    Attributes of other types, such as models and open files, are left out.
    """
    values: dict[str, Any] = {}
    arrays: list[np.ndarray] = []

    def numbered(array: np.ndarray) -> dict[str, int]:
        arrays.append(np.array(array))
        return {"array": len(arrays) - 1}

    for name, value in vars(callback).items():
        if isinstance(value, np.generic):
            value = value.item()
        if isinstance(value, PLAIN):
            values[name] = value
        elif isinstance(value, np.ndarray):
            values[name] = numbered(value)
        elif isinstance(value, list) and all(
            isinstance(entry, np.ndarray) for entry in value
        ):
            values[name] = [numbered(entry) for entry in value]
    return values, arrays


def set_callback_state(
    callback: keras.callbacks.Callback,
    values: Mapping[str, Any],
    arrays: list[np.ndarray],
) -> None:
    """Gives a callback what `callback_state` returned."""
    for name, value in values.items():
        if isinstance(value, list):
            value = [arrays[entry["array"]] for entry in value]
        elif isinstance(value, dict):
            value = arrays[value["array"]]
        setattr(callback, name, value)
