"""Does the range test find rates that train, and leave the model alone?"""

from collections.abc import Callable

import keras
import numpy as np
import pytest

from cnncourse.training.range_test import RangeTest, range_test

Make = Callable[..., keras.Model]
Arrays = tuple[np.ndarray, np.ndarray]


def test_the_loss_falls_then_explodes(make: Make, arrays: Arrays) -> None:
    model = make(keras.optimizers.SGD(0.01))
    before = model.get_weights()
    test = range_test(model, arrays, 1e-4, 1e4, steps=80, batch_size=30)
    for a, b in zip(before, model.get_weights(), strict=True):
        np.testing.assert_array_equal(a, b)
    assert float(model.optimizer.iterations.value) == 0
    assert len(test.rates) == len(test.losses) < 80
    assert test.smoothed.min() < test.smoothed[0]
    assert 1e-4 < test.suggestion < test.rates[-1]
    np.testing.assert_allclose(np.diff(np.log(test.rates)), np.log(1e8) / 79)


def test_the_suggestion_is_where_the_loss_falls_fastest() -> None:
    rates = np.geomspace(1e-3, 1.0, 7)
    losses = np.array([2.0, 1.9, 1.5, 0.9, 0.6, 0.5, 3.0])
    test = RangeTest(rates, losses, losses)
    assert test.suggestion in rates[2:4]
    axes = test.plot().axes[0]
    assert axes.get_xscale() == "log"


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ((0.0, 1.0), "Expected 0 < lowest < highest"),
        ((1.0, 0.1), "Expected 0 < lowest < highest"),
        ((0.1, 1.0, 2), "steps >= 3"),
        ((1e30, 1e31, 10), "Expected a lower rate to begin with"),
    ],
)
def test_wrong_arguments_are_refused(
    arguments: tuple, message: str, make: Make, arrays: Arrays
) -> None:
    with pytest.raises(ValueError, match=message):
        range_test(make("sgd"), arrays, *arguments)
