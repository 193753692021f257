"""Exact resume: a run that was killed goes on as if nothing had happened.

Keras' `BackupAndRestore` leaves out the state of seed generators (Dropout), metrics,
callbacks and the order of the data. `Keeper` saves all of it, in one file that is
replaced whole. As every batch is a function of the seed and its number, the position in
the run is one number. On a CPU the rest of the run then has the same bits.
"""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

import keras
import numpy as np

from cnncourse.training.batches import Batches
from cnncourse.training.distribution import is_chief
from cnncourse.training.run import TrainingRun, with_epoch
from cnncourse.training.state import (
    assign,
    callback_state,
    learning_rate,
    load_state,
    save_state,
    set_callback_state,
    values_of,
    variables_of,
)
from cnncourse.training.stopping import Interrupt, Stopped


class Keeper(keras.callbacks.Callback):
    """Writes the record of the run, and saves and restores its state.

    It stands last in the list of callbacks, so that it sees what the others did.

    Args:
        run: the record.
        batches: the data; None if they are not arrays: then states are those of the
            ends of epochs.
        callbacks: those whose state belongs to the run.
        file: of the state; None to save nothing.
        save_every: batches between two states; 0 for the ends of epochs only.
        interrupt: says whether to stop after this batch.
    """

    def __init__(
        self,
        run: TrainingRun,
        batches: Batches | None,
        callbacks: Sequence[keras.callbacks.Callback],
        file: Path | None,
        save_every: int,
        interrupt: Interrupt,
    ) -> None:
        super().__init__()
        self.run, self.batches, self.callbacks = run, batches, list(callbacks)
        self.steps = batches.steps if batches else None  # of an epoch
        self.file, self.save_every, self.interrupt = file, save_every, interrupt
        self.step = 0  # batches done, counted through all epochs
        self.cut = False  # whether this callback ended the epoch
        self.spent = 0.0  # seconds of the epoch before the run was interrupted
        self.started = time.perf_counter()
        self._metrics: list[np.ndarray] = []
        self._callbacks: list[tuple[Any, list[np.ndarray]]] = []

    @property
    def position(self) -> int:
        """How many batches of the present epoch are done."""
        return self.step % self.steps if self.steps else 0

    def load(self, model: keras.Model) -> None:
        """Restores what the file holds, before `fit` of Keras begins.

        Args:
            model: compiled and built, as is its optimizer.

        Raises:
            ValueError: if the file is of a run with another configuration.
        """
        if self.file is None or not self.file.exists():
            return
        arrays, values = load_state(self.file)
        saved = TrainingRun(**values["run"])
        mine, theirs = self.run.configuration, saved.configuration
        if mine != theirs or self.run.seed != saved.seed:
            differing = [k for k in {**mine, **theirs} if mine.get(k) != theirs.get(k)]
            raise ValueError(
                f"Expected the configuration of the run that {self.file.parent} holds, "
                "another folder, or resume=False to start anew. Received: "
                f"{', '.join(differing) or 'another seed'} differ"
            )
        # Metrics make their variables when they are first used. Outside a batch of an
        # epoch their values are no matter, so that a state may lack them too.
        if self.batches and values["step"] % self.batches.steps:
            model.test_on_batch(*self.batches.at(values["step"])[:2])
        self._metrics = arrays[: values["metrics"]]
        arrays = arrays[values["metrics"] :]
        assign(variables_of(model), arrays[: values["variables"]])
        kept = iter(arrays[values["variables"] :])
        for state, count in values["callbacks"]:
            self._callbacks.append((state, [next(kept) for _ in range(count)]))
        self.run, self.step, self.spent = saved, values["step"], values["spent"]

    def save(self) -> None:
        """Saves the state as it is now."""
        if self.file is None or not is_chief(self.model):
            return
        states = [callback_state(callback) for callback in self.callbacks]
        model = self.model
        metrics = values_of(model.metrics_variables) if self.position else []
        arrays = [*metrics, *values_of(variables_of(model))]
        values = {
            "run": asdict(self.run),
            "step": self.step,
            "spent": self.elapsed(),
            "metrics": len(metrics),
            "variables": len(arrays) - len(metrics),
            "callbacks": [(state, len(kept)) for state, kept in states],
        }
        for _, kept in states:
            arrays += kept
        save_state(self.file, arrays, values)

    def elapsed(self) -> float:
        """Returns the seconds that the present epoch has taken."""
        return self.spent + time.perf_counter() - self.started

    def on_train_begin(self, logs: dict[str, float] | None = None) -> None:
        pairs = zip(self.callbacks, self._callbacks, strict=bool(self._callbacks))
        for callback, (state, arrays) in pairs:
            set_callback_state(callback, state, arrays)

    def on_epoch_begin(self, epoch: int, logs: dict[str, float] | None = None) -> None:
        if self.position:  # Keras has just reset the metrics of the unfinished epoch
            assign(self.model.metrics_variables, self._metrics)
        self.started = time.perf_counter()

    def on_train_batch_end(
        self, batch: int, logs: dict[str, float] | None = None
    ) -> None:
        self.step += 1
        if self.interrupt.asked:
            self.stop()
        if self.steps and not self.position:
            # An epoch that began in the middle has fewer batches than Keras counts on.
            if batch + 1 < self.steps and not self.model.stop_training:
                self.model.stop_training = self.cut = True
        elif self.save_every and self.step % self.save_every == 0:
            self.save()

    def on_test_batch_end(
        self, batch: int, logs: dict[str, float] | None = None
    ) -> None:
        if self.interrupt.asked:
            self.stop(during_validation=True)

    def on_epoch_end(self, epoch: int, logs: dict[str, float]) -> None:
        logs = {**logs, "learning_rate": learning_rate(self.model)}
        self.run = with_epoch(
            self.run, {k: float(v) for k, v in logs.items()}, self.elapsed()
        )
        self.spent, self.started = 0.0, time.perf_counter()
        self.save()

    def examples_per_second(self) -> float | None:
        """Returns the rate after the first epoch, in which graphs are traced."""
        if self.batches is None or len(self.run.seconds) < 2:
            return None
        later = self.run.seconds[1:]
        return self.batches.count * len(later) / sum(later)

    def stop(self, during_validation: bool = False) -> None:
        """Ends the loop; the batches done are kept, but not a half validation."""
        where = f"after epoch {self.run.epochs}"
        if not during_validation and self.steps and self.position:
            self.save()
            where += f" and {self.position} batches"
        hint = "; the same call goes on from there" if self.file else ""
        raise Stopped("interrupted", f"stopped {where}{hint}")


class GoOn(keras.callbacks.Callback):
    """Lets the run go on after an epoch that its keeper cut short.

    It stands first in the list, so that others may still stop the run.

    Args:
        keeper: of the run.
    """

    def __init__(self, keeper: Keeper) -> None:
        super().__init__()
        self.keeper = keeper

    def on_epoch_end(self, epoch: int, logs: dict[str, float] | None = None) -> None:
        if self.keeper.cut:
            self.model.stop_training = self.keeper.cut = False
