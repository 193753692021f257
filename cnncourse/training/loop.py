"""`fit`: a thin layer over Keras' own, with what a course needs by default."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from importlib.util import find_spec
from inspect import isfunction
from pathlib import Path
from typing import Any

import keras

from cnncourse.training.averaging import ValidateAverage
from cnncourse.training.batches import Augment, Batches
from cnncourse.training.best import BestModel
from cnncourse.training.configuration import configuration
from cnncourse.training.distribution import distributed, is_chief, replicas, scope_of
from cnncourse.training.progress import Bar, progress_callbacks
from cnncourse.training.resume import GoOn, Keeper
from cnncourse.training.run import TrainingRun, new_run
from cnncourse.training.state import write_whole
from cnncourse.training.stopping import StopOnNaN, Stopped, interrupts

STATE, RECORD, MODEL, BEST = "state.npz", "run.json", "model.keras", "best.keras"
HISTORY, CURVES = "history.csv", "curves.png"


def fit(
    model: keras.Model,
    data: Any,
    validation: Any = None,
    *,
    epochs: int = 1,
    batch_size: int = 32,
    seed: int = 0,
    shuffle: bool = True,
    augment: Augment | None = None,
    folder: str | Path | None = None,
    name: str | None = None,
    resume: bool = True,
    save_every: int = 0,
    patience: int | None = None,
    monitor: str | None = None,
    gradient_accumulation: int | None = None,
    ema: float | None = None,
    callbacks: Sequence[keras.callbacks.Callback] = (),
    tensorboard: bool = False,
    progress: str = "auto",
) -> TrainingRun:
    """Trains a compiled model by `model.fit`.

    Each epoch has another order, which depends on the seed and the epoch alone. A loss
    that is not finite ends the run and keeps its batch; Ctrl-C ends it after the batch
    it is at; in both cases the model can be used.

    With a folder, the run leaves there `model.keras` (the last), `best.keras`,
    `run.json`, `history.csv` and `curves.png`. While it goes on there is `state.npz`
    too: if the process dies, the same call in another process goes on from it and, on
    a CPU, gives the model that the run would have given, to the bit. (Call
    `prepare(..., deterministic=True)` first: with several threads some operations add
    in another order each time.)

    Args:
        model: `keras.Model` with a loss; made in the scope of `parallel` if it is to
            train on several devices.
        data: arrays `(x, y)` or `(x, y, sample_weight)`, or `Batches`; or what else
            `model.fit` takes, or, so that the order goes on after an interruption, a
            function from the number of the first epoch to it, such as `lambda epoch:
            pipeline(dataset, 32, first_epoch=epoch)`. With the last two, `batch_size`
            and `augment` do not count, nor does `seed` for the order.
        validation: arrays `(x, y)` or what else `model.fit` takes.
        epochs: at least 1.
        batch_size: of all devices together.
        seed: of order and augmentation, at least 0.
        shuffle: whether each epoch has its own order.
        augment: see `Batches`.
        folder: where to keep the run; None to keep nothing.
        name: of the run; by default that of the model.
        resume: go on with what the folder holds of an interrupted run.
        save_every: batches between two states; 0 for the ends of epochs only.
        patience: stop when `monitor` has not improved for so many epochs, and take the
            weights of the best; None to go on.
        monitor: metric; by default the loss, of the validation if there is one.
        gradient_accumulation: batches whose gradients make one step.
        ema: momentum of the exponential moving average of the weights, with which the
            model validates, and which it has in the end.
        callbacks: of Keras. Their plain attributes (numbers, text, arrays) are saved
            and restored as part of the run.
        tensorboard: write logs to `folder/tensorboard`.
        progress: "auto", "bar", "lines" or "none".

    Returns:
        The record of the run.

    Raises:
        ValueError: if an argument is not as above, the model is not compiled, or the
            folder holds a run of another configuration.

    Example:
        >>> model.compile("adam", loss, metrics=["accuracy"])  # doctest: +SKIP
        >>> run = fit(model, (x, y), (x_test, y_test), epochs=5)  # doctest: +SKIP
        >>> compare([run])  # doctest: +SKIP
    """
    _check(model, epochs, save_every)
    _set_averages(model, gradient_accumulation, ema)
    if isinstance(data, tuple):
        several = replicas(model) > 1
        data = Batches(data, batch_size, seed, shuffle, augment, several)
    batches = data if isinstance(data, Batches) else None
    if batches is None and save_every:
        raise ValueError(
            "Expected arrays or Batches, whose place in an epoch can be found again, "
            f"for save_every. Received: data of type {type(data).__name__}"
        )
    _build(model, batches)
    arguments = {"epochs": epochs, "patience": patience, "ema": ema}
    run = new_run(
        name or model.name,
        configuration(model, batches, **arguments),
        batches.seed if batches else seed,
    )
    home = _home(folder, resume)
    monitor = monitor or ("loss" if validation is None else "val_loss")
    # Those whose memory belongs to the run: what they see, they see in this order.
    kept = list(callbacks)
    if ema:
        kept.append(ValidateAverage())
    if home and is_chief(model):
        kept.append(BestModel(home / BEST, monitor))
    if patience is not None:
        kept.append(
            keras.callbacks.EarlyStopping(
                monitor, patience=patience, restore_best_weights=not ema
            )
        )
    with interrupts() as interrupt:
        file = home / STATE if home else None
        keeper = Keeper(run, batches, kept, file, save_every, interrupt)
        keeper.load(model)
        others = [
            *_tensorboard(tensorboard, home),
            *progress_callbacks(progress, keeper, epochs, batch_size),
            StopOnNaN(keeper.step, batches.at if batches else None, home),
        ]
        if batches is not None:
            data = distributed(model, batches, keeper.step)
        elif isfunction(data):
            data = data(keeper.run.epochs)
        status = _train(
            model,
            x=data,
            validation_data=validation,
            initial_epoch=keeper.run.epochs,
            epochs=epochs,
            steps_per_epoch=keeper.steps,
            callbacks=[GoOn(keeper), *kept, *others, keeper],
            shuffle=shuffle and isinstance(data, keras.utils.PyDataset),
        )
    return _finish(model, keeper, status, home)


def _check(model: keras.Model, epochs: int, save_every: int) -> None:
    if not getattr(model, "compiled", False):
        raise ValueError(
            "Expected a compiled model: call model.compile(optimizer, loss, metrics). "
            f"Received: {model.name}"
        )
    if epochs < 1 or save_every < 0:
        raise ValueError(
            "Expected epochs >= 1 and save_every >= 0. "
            f"Received: epochs={epochs}, save_every={save_every}"
        )


def _set_averages(
    model: keras.Model, accumulation: int | None, ema: float | None
) -> None:
    """Sets what the optimizer averages, which it must know before it has variables."""
    optimizer = getattr(model.optimizer, "inner_optimizer", model.optimizer)
    wanted = {
        "gradient_accumulation_steps": accumulation,
        "use_ema": True if ema else None,
        "ema_momentum": ema,
    }
    changes = {
        name: value
        for name, value in wanted.items()
        if value is not None and getattr(optimizer, name) != value
    }
    if changes and optimizer.built:
        raise ValueError(
            "Expected an optimizer that has not trained yet, to change its averages. "
            f"Received: {', '.join(f'{k}={v}' for k, v in changes.items())}"
        )
    for attribute, value in changes.items():
        setattr(optimizer, attribute, value)
    devices = replicas(model)
    if devices > 1 and optimizer.use_ema and optimizer.gradient_accumulation_steps:
        raise ValueError(
            "Expected gradient accumulation or a moving average, not both, on several "
            f"devices: Keras {keras.__version__} fails. Received: devices={devices}"
        )


def _build(model: keras.Model, batches: Batches | None) -> None:
    """Makes the variables of model and optimizer, which a state may have to fill."""
    if not model.built:
        if batches is None:
            raise ValueError(
                "Expected a built model: give it an Input, or call it on a batch. "
                f"Received: {model.name}"
            )
        model(keras.tree.map_structure(lambda array: array[:1], batches.arrays[0]))
    if not model.optimizer.built:
        with scope_of(model):
            model.optimizer.build(model.trainable_variables)


def _home(folder: str | Path | None, resume: bool) -> Path | None:
    if folder is None:
        return None
    home = Path(folder)
    home.mkdir(parents=True, exist_ok=True)
    if not resume:
        (home / STATE).unlink(missing_ok=True)
    return home


def _tensorboard(wanted: bool, home: Path | None) -> list[keras.callbacks.Callback]:
    if not wanted:
        return []
    if home is None or find_spec("tensorboard") is None:
        raise ValueError(
            "Expected a folder and the package tensorboard (pip install tensorboard) "
            f"to write logs for it. Received: folder={home}"
        )
    return [keras.callbacks.TensorBoard(str(home / "tensorboard"))]


def _train(model: keras.Model, **arguments: Any) -> str:
    """Runs the loop of Keras; returns the status of the run."""
    bars = [c for c in arguments["callbacks"] if isinstance(c, Bar)]
    try:
        model.fit(**arguments, verbose=0)
        status, message = "finished", ""
    except Stopped as stopped:
        status, message = stopped.status, str(stopped)
    except KeyboardInterrupt:
        status, message = "interrupted", "stopped at once"
    finally:
        for bar in bars:
            bar.close()
    if message and bars:
        print(message)
    return status


def _finish(
    model: keras.Model, keeper: Keeper, status: str, home: Path | None
) -> TrainingRun:
    """Completes the record, and writes what the run leaves."""
    run = keeper.run
    if status == "finished" and run.epochs < run.configuration["epochs"]:
        status = "stopped early"
    run = replace(run, status=status, examples_per_second=keeper.examples_per_second())
    if home is None or not is_chief(model):
        return run
    write_whole(home / MODEL, model.save)
    run.save(home / RECORD)
    run.save_history(home / HISTORY)
    if run.epochs:
        write_whole(home / CURVES, run.plot().savefig)
    if status in ("finished", "stopped early"):
        (home / STATE).unlink(missing_ok=True)
    return run
