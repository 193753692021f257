"""Averages of weights: exponential (Keras' own) and stochastic weight averaging."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import keras
import numpy as np

from cnncourse.training.state import assign, values_of


@contextmanager
def averaged(model: keras.Model) -> Iterator[None]:
    """Inside it, the model has the exponential moving average of its weights.

    Does nothing if its optimizer keeps none. Afterwards the weights have their bits
    back, which Keras' `SwapEMAWeights`, as it swaps by adding, does not promise.
    """
    inner = getattr(model.optimizer, "inner_optimizer", model.optimizer)
    if not inner.use_ema:
        yield
        return
    weights = model.trainable_variables
    own = values_of(weights)
    inner.finalize_variable_values(weights)
    try:
        yield
    finally:
        assign(weights, own)


class ValidateAverage(keras.callbacks.Callback):
    """Validates with the exponential moving average of the weights."""

    def on_test_begin(self, logs: dict[str, float] | None = None) -> None:
        self.inside = averaged(self.model)
        self.inside.__enter__()

    def on_test_end(self, logs: dict[str, float] | None = None) -> None:
        self.inside.__exit__(None, None, None)


class StochasticWeightAveraging(keras.callbacks.Callback):
    """Averages the weights of the ends of epochs, and gives them to the model at last.

    Args:
        first_epoch: from 0: the first whose weights count.
        data: batches `(x, ...)` of training data, for the statistics of batch
            normalization under the averaged weights; None if the model has none.
        batches: how many of them to use.

    Raises:
        ValueError: if an argument is too small.

    Source: P. Izmailov et al., Averaging Weights Leads to Wider Optima and Better
    Generalization, UAI 2018, arXiv:1803.05407.
    """

    def __init__(self, first_epoch: int, data: Any = None, batches: int = 100) -> None:
        super().__init__()
        if first_epoch < 0 or batches < 1:
            raise ValueError(
                "Expected first_epoch >= 0 and batches >= 1. "
                f"Received: first_epoch={first_epoch}, batches={batches}"
            )
        self.first_epoch, self.data, self.batches = first_epoch, data, batches
        self.count = 0
        self.average: list[np.ndarray] = []

    def on_epoch_end(self, epoch: int, logs: dict[str, float] | None = None) -> None:
        if epoch < self.first_epoch:
            return
        weights = values_of(self.model.trainable_variables)
        self.count += 1
        if not self.average:
            self.average = weights
        for mean, weight in zip(self.average, weights, strict=True):
            mean += (weight - mean) / self.count

    def on_train_end(self, logs: dict[str, float] | None = None) -> None:
        if not self.average:
            return
        assign(self.model.trainable_variables, self.average)
        if self.data is not None:
            refresh_batch_normalization(self.model, self.data, self.batches)


def refresh_batch_normalization(
    model: keras.Model, data: Any, batches: int = 100
) -> None:
    """Measures anew the means and variances that batch normalization uses in inference.

    They belong to the weights with which they were measured; after averaging weights
    they are wrong. Each becomes the mean over batches.

    Args:
        model: changed in place; without such layers nothing happens.
        data: batches `(x, ...)`, such as `Batches(...).dataset()`.
        batches: at most so many are used, at least 1.

    Raises:
        ValueError: if there is no batch.
    """
    layers = [
        layer
        for layer in model._flatten_layers()
        if isinstance(layer, keras.layers.BatchNormalization)
    ]
    if not layers:
        return
    statistics = [v for la in layers for v in (la.moving_mean, la.moving_variance)]
    usual = [layer.momentum for layer in layers]
    before = values_of(model.variables)  # also of the seeds of Dropout
    sums = [np.zeros(v.shape, np.float64) for v in statistics]
    used = 0
    try:
        for layer in layers:
            layer.momentum = 0.0  # then the moving statistics are those of the batch
        for batch in data:
            if used == batches:
                break
            model(batch[0], training=True)
            used += 1
            for total, value in zip(sums, values_of(statistics), strict=True):
                total += value
    finally:
        for layer, momentum in zip(layers, usual, strict=True):
            layer.momentum = momentum
    assign(model.variables, before)
    if not used:
        raise ValueError("Expected data with at least one batch. Received: none")
    means = [(total / used).astype(np.float32) for total in sums]
    assign(statistics, means)
