"""Training: devices, batches, exact resume, schedules, recipes, measurement.

>>> from cnncourse import training
>>> run = training.fit(model, (x, y), epochs=3, seed=0)  # doctest: +SKIP

Keras and TensorFlow are imported when one of the names is first used.
"""

from importlib import import_module
from typing import Any

HOMES = {
    "Batches": "batches",
    "epoch_order": "batches",
    "Devices": "devices",
    "prepare": "devices",
    "parallel": "distribution",
    "Evaluation": "evaluation",
    "calibration": "evaluation",
    "confusion_matrix": "evaluation",
    "evaluate": "evaluation",
    "most_wrong": "evaluation",
    "predict": "evaluation",
    "top_k_accuracy": "evaluation",
    "SmoothedCrossentropy": "losses",
    "fit": "loop",
    "PaperSGD": "optimizers",
    "exclude_from_decay": "optimizers",
    "RangeTest": "range_test",
    "range_test": "range_test",
    "RECIPES": "recipes",
    "Recipe": "recipes",
    "recipe_for": "recipes",
    "TrainingRun": "run",
    "compare": "run",
    "OneCycle": "schedules",
    "linear_decay": "schedules",
    "step_decay": "schedules",
    "warmup_cosine": "schedules",
    "StochasticWeightAveraging": "averaging",
    "refresh_batch_normalization": "averaging",
    "Throughput": "throughput",
    "profile": "throughput",
    "throughput": "throughput",
}

__all__ = sorted(HOMES)


def __getattr__(name: str) -> Any:
    if name in HOMES:
        value = getattr(import_module(f"{__name__}.{HOMES[name]}"), name)
        globals()[name] = value
        return value
    raise AttributeError(
        f"Expected one of {', '.join(HOMES)} in {__name__}. Received: {name}"
    )


def __dir__() -> list[str]:
    return sorted(HOMES)
