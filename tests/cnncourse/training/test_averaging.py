"""Are averages of weights averages, with statistics that fit them?"""

from collections.abc import Callable
from typing import Any

import keras
import numpy as np
import pytest

from cnncourse.training.averaging import (
    StochasticWeightAveraging,
    averaged,
    refresh_batch_normalization,
)
from cnncourse.training.batches import Batches
from cnncourse.training.loop import fit
from cnncourse.training.state import values_of, variables_of

Make = Callable[..., keras.Model]
Arrays = tuple[np.ndarray, np.ndarray]


def test_swa_gives_the_mean_of_the_last_epochs(make: Make, arrays: Arrays) -> None:
    seen: list[list[np.ndarray]] = []

    class Watch(keras.callbacks.Callback):
        def on_epoch_end(self, epoch: int, logs: Any = None) -> None:
            seen.append(values_of(self.model.trainable_variables))

    model = make()
    swa = StochasticWeightAveraging(2, Batches(arrays, 30).dataset(), batches=3)
    fit(model, arrays, epochs=5, callbacks=[Watch(), swa], progress="none")
    means = [np.mean(epochs, axis=0) for epochs in zip(*seen[2:], strict=True)]
    for mine, mean in zip(values_of(model.trainable_variables), means, strict=True):
        np.testing.assert_allclose(mine, mean, atol=1e-6)
    assert swa.count == 3


@pytest.mark.parametrize("arguments", [(-1,), (0, None, 0)])
def test_swa_refuses_numbers_that_are_too_small(arguments: tuple) -> None:
    with pytest.raises(ValueError, match="Expected first_epoch >= 0 and batches >= 1"):
        StochasticWeightAveraging(*arguments)


def test_refreshed_statistics_are_those_of_the_data(arrays: Arrays) -> None:
    model = keras.Sequential(
        [
            keras.Input((6, 6, 1)),
            keras.layers.BatchNormalization(),
            keras.layers.Dropout(0.5),
        ]
    )
    x = arrays[0]
    seeds = [v for v in model.variables if "seed" in v.path]
    before = values_of(seeds)
    refresh_batch_normalization(model, [(x[:30],), (x[30:60],), (x[60:],)])
    layer = model.layers[0]
    mean, variance = values_of([layer.moving_mean, layer.moving_variance])
    np.testing.assert_allclose(mean, [x.mean()], rtol=1e-5)
    variances = [x[i : i + 30].var() for i in (0, 30, 60)]
    np.testing.assert_allclose(variance, [np.mean(variances)], rtol=1e-5)
    assert layer.momentum == 0.99
    assert len(before) == 1
    np.testing.assert_array_equal(values_of(seeds), before)
    with pytest.raises(ValueError, match="Expected data with at least one batch"):
        refresh_batch_normalization(model, [])


def test_a_model_without_normalization_stays() -> None:
    model = keras.Sequential([keras.Input((2,)), keras.layers.Dense(1)])
    before = model.get_weights()
    refresh_batch_normalization(model, [])
    for a, b in zip(before, model.get_weights(), strict=True):
        np.testing.assert_array_equal(a, b)


def test_weights_have_their_bits_back(make: Make, arrays: Arrays) -> None:
    model = make(keras.optimizers.SGD(0.1, use_ema=True, ema_momentum=0.5))
    for _ in range(3):
        model.train_on_batch(*arrays)
    before = values_of(variables_of(model))
    with averaged(model):
        inside = values_of(model.trainable_variables)
    after = values_of(variables_of(model))
    assert [a.tobytes() for a in before] == [a.tobytes() for a in after]
    assert not np.array_equal(inside[0], values_of(model.trainable_variables)[0])
