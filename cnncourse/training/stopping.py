"""What ends a run before its last epoch, with a model that can be used."""

from __future__ import annotations

import signal
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from types import FrameType
from typing import Any

import keras
import numpy as np

from cnncourse.training.state import learning_rate, write_whole


class Stopped(Exception):
    """Ends the loop of Keras between two batches; `fit` catches it.

    Args:
        status: of the run: "interrupted" or "diverged".
        message: what happened and what to do.
    """

    def __init__(self, status: str, message: str) -> None:
        super().__init__(message)
        self.status = status


class StopOnNaN(keras.callbacks.Callback):
    """Ends the run at the first loss that is not finite, and keeps its batch.

    Args:
        first_step: of the run, counted through all epochs.
        batch_at: gives a batch by its step; None if it cannot be made again.
        folder: where to put the batch, `nan_batch.npz`; None for nowhere.
    """

    def __init__(
        self,
        first_step: int,
        batch_at: Callable[[int], Any] | None,
        folder: Path | None,
    ) -> None:
        super().__init__()
        self.step, self.batch_at, self.folder = first_step, batch_at, folder

    def on_train_batch_end(self, batch: int, logs: dict[str, float]) -> None:
        step, self.step = self.step, self.step + 1
        if np.isfinite(logs["loss"]):
            return
        rate = learning_rate(self.model)
        message = (
            f"the loss is {logs['loss']} after batch {step} of the run, at learning "
            f"rate {rate:.3g}: try a lower rate, or look for such numbers in the data"
        )
        if self.folder is not None and self.batch_at is not None:
            file = self.folder / "nan_batch.npz"
            leaves = keras.tree.flatten(self.batch_at(step))
            write_whole(file, lambda path: np.savez(path, *leaves))
            message += f"; the batch is in {file}"
        raise Stopped("diverged", message)


class Interrupt:
    """Whether Ctrl-C was typed since the run began."""

    asked = False


@contextmanager
def interrupts() -> Iterator[Interrupt]:
    """Inside it, the first Ctrl-C only sets `asked`; the second one acts as usual.

    Signals reach only the main thread; elsewhere nothing is changed.
    """
    interrupt = Interrupt()
    if threading.current_thread() is not threading.main_thread():
        yield interrupt
        return
    usual = signal.getsignal(signal.SIGINT)

    def ask(number: int, frame: FrameType | None) -> None:
        interrupt.asked = True
        signal.signal(signal.SIGINT, usual)

    signal.signal(signal.SIGINT, ask)
    try:
        yield interrupt
    finally:
        signal.signal(signal.SIGINT, usual)
