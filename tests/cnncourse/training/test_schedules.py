"""Do the learning rates go where they should?"""

from collections.abc import Callable
from typing import Any

import keras
import numpy as np
import pytest

from cnncourse.training.schedules import (
    OneCycle,
    linear_decay,
    step_decay,
    warmup_cosine,
)


def rates(schedule: Callable[[Any], Any], steps: list[int]) -> list[float]:
    return [float(schedule(np.int64(step))) for step in steps]


@pytest.mark.parametrize(
    ("schedule", "steps", "expected"),
    [
        (step_decay(0.1, [10, 20]), [0, 9, 10, 19, 20], [0.1, 0.1, 0.01, 0.01, 0.001]),
        (step_decay(1.0, [5], 0.5), [4, 5], [1.0, 0.5]),
        (warmup_cosine(1.0, 100), [0, 50, 100, 150], [1.0, 0.5, 0.0, 0.0]),
        (warmup_cosine(2.0, 110, 10), [0, 5, 10, 60, 110], [0.0, 1.0, 2.0, 1.0, 0.0]),
        (warmup_cosine(1.0, 100, 0, 0.1), [0, 50, 100], [1.0, 0.55, 0.1]),
        (linear_decay(1.0, 10, 0.5), [0, 5, 10, 20], [1.0, 0.75, 0.5, 0.5]),
        (OneCycle(1.0, 100, 0.3, 0.1, 0.01), [0, 15, 30, 65, 100, 200],
         [0.1, 0.55, 1.0, 0.505, 0.01, 0.01]),
    ],
)  # fmt: skip
def test_rates(schedule: Any, steps: list[int], expected: list[float]) -> None:
    np.testing.assert_allclose(rates(schedule, steps), expected, atol=1e-6)


def test_one_cycle_can_be_saved_and_rises_then_falls() -> None:
    schedule = OneCycle(0.4, 50, rise=0.4)
    config = keras.optimizers.schedules.serialize(schedule)
    again = keras.optimizers.schedules.deserialize(config)
    values = rates(schedule, list(range(51)))
    np.testing.assert_array_equal(values, rates(again, list(range(51))))
    assert (np.diff(values[:21]) > 0).all()
    assert (np.diff(values[20:]) < 0).all()


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda: step_decay(0.1, []), "Expected ascending steps"),
        (lambda: step_decay(0.1, [5, 3]), "Expected ascending steps"),
        (lambda: step_decay(0.1, [5], 2.0), "factor between 0 and 1"),
        (lambda: step_decay(0.0, [5]), "Expected initial > 0"),
        (lambda: warmup_cosine(1.0, 10, 10), "Expected 0 <= warmup_steps < steps"),
        (lambda: warmup_cosine(-1.0, 10), "Expected peak > 0"),
        (lambda: linear_decay(1.0, 0), "Expected steps >= 1"),
        (lambda: OneCycle(1.0, 1), "Expected steps >= 2"),
        (lambda: OneCycle(1.0, 10, rise=1.0), "rise between 0 and 1"),
    ],
)
def test_wrong_arguments_are_refused(make: Callable[[], Any], message: str) -> None:
    with pytest.raises(ValueError, match=message):
        make()
