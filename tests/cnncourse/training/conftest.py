"""A small net and small data for the tests of training."""

from collections.abc import Callable, Iterator
from pathlib import Path

import keras
import numpy as np
import pytest

# Keras 3.15 as it saves, on NumPy 2.4
OLD_ARRAY = "ignore:__array__ implementation doesn't accept:DeprecationWarning"

Arrays = tuple[np.ndarray, np.ndarray]


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        if Path(__file__).parent in item.path.parents:
            item.add_marker(pytest.mark.filterwarnings(OLD_ARRAY))


@pytest.fixture(autouse=True)
def settings() -> Iterator[None]:
    """Undoes what `prepare` sets for the whole process."""
    policy = keras.config.dtype_policy()
    yield
    keras.config.set_dtype_policy(policy)


@pytest.fixture
def arrays() -> Arrays:
    """90 images whose class is the brightest half: a task that a net learns."""
    rng = np.random.default_rng(0)
    x = rng.random((90, 6, 6, 1), dtype=np.float32)
    y = (x[:, :, :3].mean((1, 2, 3)) > x[:, :, 3:].mean((1, 2, 3))).astype(np.int64)
    return x, y


@pytest.fixture
def make() -> Callable[..., keras.Model]:
    """`make(optimizer)` gives the same compiled net each time."""

    def make(optimizer: str | keras.optimizers.Optimizer = "adam") -> keras.Model:
        keras.utils.set_random_seed(1)
        model = keras.Sequential(
            [
                keras.Input((6, 6, 1)),
                keras.layers.Flatten(),
                keras.layers.Dense(8, activation="relu"),
                keras.layers.BatchNormalization(),
                keras.layers.Dense(2),
            ],
            name="small",
        )
        loss = keras.losses.SparseCategoricalCrossentropy(from_logits=True)
        model.compile(optimizer, loss, metrics=["accuracy"])
        return model

    return make
