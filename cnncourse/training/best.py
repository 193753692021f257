"""The best model of a run, kept in a file that is never half written."""

from __future__ import annotations

from pathlib import Path

import keras

from cnncourse.training.averaging import averaged
from cnncourse.training.state import write_whole


class BestModel(keras.callbacks.Callback):
    """Saves the model after each epoch that is better than all before.

    Unlike Keras' `ModelCheckpoint` it replaces the file whole, so that a run that is
    killed while it writes leaves the former best; and it saves the moving average of
    the weights if the optimizer keeps one.

    Args:
        file: path that ends in ".keras".
        monitor: metric of the logs; less is better if its name ends in "loss" or
            "error", else more.
    """

    def __init__(self, file: Path, monitor: str) -> None:
        super().__init__()
        self.file, self.monitor = file, monitor
        self.best: float | None = None

    def on_epoch_end(self, epoch: int, logs: dict[str, float]) -> None:
        if self.monitor not in logs:
            raise ValueError(
                f"Expected monitor in {list(logs)}. Received: monitor={self.monitor!r}"
            )
        value = logs[self.monitor]
        sign = -1 if self.monitor.endswith(("loss", "error")) else 1
        if self.best is None or sign * value > sign * self.best:
            self.best = value
            with averaged(self.model):
                write_whole(self.file, self.model.save)
