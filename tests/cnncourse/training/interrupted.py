"""A small training run in a process of its own, which a test may kill."""

from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any

import keras
import numpy as np

EPOCHS, BATCH = 4, 16


def jitter(
    batch: tuple[Any, Any], seed: Any, epoch: Any, index: Any
) -> tuple[Any, Any]:
    """Moves and brightens every image by random numbers that follow from the seed."""
    import tensorflow as tf

    x, y = batch
    pair = tf.stack([seed, tf.cast(epoch, tf.int64)])
    shift = tf.random.stateless_uniform((2,), pair, -1, 2, tf.int32)
    noise = tf.random.stateless_normal(tf.shape(x), pair + 1, stddev=0.1)
    return tf.roll(x, shift, (1, 2)) + noise, y


def data() -> tuple[tuple[np.ndarray, np.ndarray], tuple[np.ndarray, np.ndarray]]:
    """Images whose class is the brightest quarter, for training and validation."""
    rng = np.random.default_rng(5)
    x = rng.random((150, 8, 8, 1), dtype=np.float32)
    y = x.reshape(150, 2, 4, 2, 4).mean((2, 4)).reshape(150, 4).argmax(1)
    return (x[:120], y[:120]), (x[120:], y[120:])


def net() -> keras.Model:
    """A net with everything that has a state: normalization, Dropout, noise."""
    layers = keras.layers
    return keras.Sequential(
        [
            keras.Input((8, 8, 1)),
            layers.GaussianNoise(0.05),
            layers.Conv2D(4, 3),
            layers.BatchNormalization(),
            layers.ReLU(),
            layers.Dropout(0.3),
            layers.Flatten(),
            layers.Dense(4),
        ]
    )


class Tell(keras.callbacks.Callback):
    """Sends the number of every batch that is done."""

    def __init__(self, pipe: Connection | None) -> None:
        super().__init__()
        self.pipe = pipe

    def on_train_batch_end(self, batch: int, logs: Any = None) -> None:
        if self.pipe is not None:
            self.pipe.send(batch)


def train(folder: Path, pipe: Connection | None, **options: Any) -> None:
    """Trains in `folder`, tells its batches, and leaves what it reached there."""
    from cnncourse import training
    from cnncourse.training.state import save_state, values_of, variables_of

    training.prepare(3, deterministic=True)
    model = net()
    rate = training.warmup_cosine(0.01, EPOCHS * 8, warmup_steps=5)
    loss = keras.losses.SparseCategoricalCrossentropy(from_logits=True)
    model.compile(keras.optimizers.Adam(rate), loss, metrics=["accuracy"])
    train_data, validation = data()
    run = training.fit(
        model,
        train_data,
        validation,
        epochs=EPOCHS,
        batch_size=BATCH,
        seed=3,
        augment=jitter,
        folder=folder,
        callbacks=[Tell(pipe)],
        progress="none",
        **{"save_every": 3, "patience": 10, "ema": 0.9, **options},
    )
    values = {"history": run.history, "status": run.status}
    save_state(folder / "reached.npz", values_of(variables_of(model)), values)
