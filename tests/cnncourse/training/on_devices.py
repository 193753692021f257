"""Training runs on several devices or workers, each in a process of its own."""

import json
import os
from pathlib import Path
from typing import Any

import numpy as np


def train(file: Path, devices: int = 1, cluster: Any = None) -> None:
    """Trains a small net on one global batch size, and writes its history to a file.

    Args:
        file: JSON to write; of the first worker only.
        devices: logical CPUs.
        cluster: value of TF_CONFIG; None for one worker.
    """
    if cluster is not None:
        os.environ["TF_CONFIG"] = json.dumps(cluster)
    import keras

    from cnncourse import training

    prepared = training.prepare(1, devices=devices)
    scope = prepared.scope() if cluster is None else training.parallel()
    rng = np.random.default_rng(0)
    x = rng.random((100, 8, 8, 1), dtype=np.float32)
    y = rng.integers(0, 3, 100)

    def noise(batch: Any, seed: Any, epoch: Any, index: Any) -> Any:
        import tensorflow as tf

        pair = tf.stack([seed, epoch])
        return batch[0] + tf.random.stateless_normal(tf.shape(batch[0]), pair), batch[1]

    with scope:
        model = keras.Sequential(
            [
                keras.Input((8, 8, 1)),
                keras.layers.Conv2D(4, 3, activation="relu"),
                keras.layers.Flatten(),
                keras.layers.Dense(3),
            ]
        )
        loss = training.SmoothedCrossentropy()
        model.compile(keras.optimizers.SGD(0.1, 0.9), loss, metrics=["accuracy"])
    data = training.Batches((x, y), 16, 2, augment=noise, drop_remainder=True)
    run = training.fit(model, data, epochs=3, progress="none", folder=file.parent)
    if cluster is None or cluster["task"]["index"] == 0:
        file.write_text(json.dumps(run.history))
