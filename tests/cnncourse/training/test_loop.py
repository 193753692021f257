"""Does `fit` train, keep what it should, and stop as it should?"""

import csv
import os
import signal
from collections.abc import Callable
from pathlib import Path
from typing import Any

import keras
import numpy as np
import pytest

from cnncourse.training import loop
from cnncourse.training.batches import Batches
from cnncourse.training.run import TrainingRun
from cnncourse.training.state import values_of

Make = Callable[..., keras.Model]
Arrays = tuple[np.ndarray, np.ndarray]


def fit(model: keras.Model, data: Any, *rest: Any, **options: Any) -> TrainingRun:
    return loop.fit(model, data, *rest, **{"progress": "none", **options})


def test_it_learns(make: Make, arrays: Arrays) -> None:
    model = make(keras.optimizers.Adam(0.02))
    run = fit(model, arrays, arrays, epochs=12, batch_size=16)
    assert run.status == "finished"
    assert run.history["loss"][-1] < 0.5 * run.history["loss"][0]
    names = {"loss", "accuracy", "val_loss", "val_accuracy", "learning_rate"}
    assert set(run.history) == names
    assert len(run.seconds) == len(run.history["loss"]) == 12
    assert run.examples_per_second is not None


def test_equal_runs_are_equal_and_seeds_differ(make: Make, arrays: Arrays) -> None:
    runs = [fit(make(), arrays, epochs=2, seed=seed) for seed in (0, 0, 1)]
    assert runs[0].history == runs[1].history
    assert runs[0].history != runs[2].history


def test_it_is_keras_fit_on_the_same_batches(make: Make, arrays: Arrays) -> None:
    ours, theirs = make(), make()
    run = fit(ours, arrays, epochs=2, batch_size=16, seed=3)
    batches = Batches(arrays, 16, 3)
    history = theirs.fit(
        batches.dataset(),
        steps_per_epoch=batches.steps,
        epochs=2,
        verbose=0,
        shuffle=False,
    )
    assert run.history["loss"] == history.history["loss"]
    for a, b in zip(ours.get_weights(), theirs.get_weights(), strict=True):
        np.testing.assert_array_equal(a, b)


def test_a_folder_keeps_the_run(make: Make, arrays: Arrays, tmp_path: Path) -> None:
    home = tmp_path / "new" / "run"
    model = make()
    run = fit(model, arrays, arrays, epochs=3, folder=home, name="mine")
    assert TrainingRun.load(home / loop.RECORD) == run
    assert run.name == "mine"
    kept = {loop.RECORD, loop.MODEL, loop.BEST, loop.HISTORY, loop.CURVES}
    assert {path.name for path in home.iterdir()} == kept
    again = keras.saving.load_model(home / loop.MODEL)
    for a, b in zip(model.get_weights(), again.get_weights(), strict=True):
        np.testing.assert_array_equal(a, b)
    with (home / loop.HISTORY).open() as stream:
        rows = list(csv.DictReader(stream))
    assert [float(row["loss"]) for row in rows] == run.history["loss"]
    best = keras.saving.load_model(home / loop.BEST).evaluate(*arrays, verbose=0)[0]
    np.testing.assert_allclose(best, run.best("val_loss"), rtol=1e-5)


class Interrupt(keras.callbacks.Callback):
    """Types Ctrl-C in the middle of an epoch, or in its validation."""

    def __init__(self, at: int, in_validation: bool = False) -> None:
        super().__init__()
        self.at = (at, in_validation)  # no plain value: not a part of the run
        self.seen = 0

    def on_train_batch_end(self, batch: int, logs: Any = None) -> None:
        self.seen += 1
        if (self.seen, False) == self.at:
            os.kill(os.getpid(), signal.SIGINT)

    def on_test_batch_end(self, batch: int, logs: Any = None) -> None:
        if self.at <= (self.seen, True) and self.at[1]:
            os.kill(os.getpid(), signal.SIGINT)


@pytest.mark.parametrize("in_validation", [False, True])
def test_after_ctrl_c_the_model_works_and_the_run_goes_on(
    in_validation: bool, make: Make, arrays: Arrays, tmp_path: Path
) -> None:
    whole = make()
    expected = fit(
        whole, arrays, arrays, epochs=3, batch_size=16, folder=tmp_path / "a"
    )
    home, model = tmp_path / "b", make()
    options: dict[str, Any] = {"epochs": 3, "batch_size": 16, "folder": home}
    interrupt = Interrupt(8, in_validation)
    run = fit(model, arrays, arrays, **options, callbacks=[interrupt])
    assert (run.status, run.epochs) == ("interrupted", 1)
    assert np.isfinite(model.predict(arrays[0], verbose=0)).all()
    assert (home / loop.STATE).exists()
    model = make()
    run = fit(model, arrays, arrays, **options, callbacks=[Interrupt(1000)])
    assert run.status == "finished"
    assert run.history == expected.history
    for a, b in zip(model.get_weights(), whole.get_weights(), strict=True):
        np.testing.assert_array_equal(a, b)
    assert not (home / loop.STATE).exists()


def test_a_second_ctrl_c_stops_at_once(make: Make, arrays: Arrays) -> None:
    class Twice(keras.callbacks.Callback):
        def on_train_batch_begin(self, batch: int, logs: Any = None) -> None:
            os.kill(os.getpid(), signal.SIGINT)
            os.kill(os.getpid(), signal.SIGINT)

    usual = signal.getsignal(signal.SIGINT)
    run = fit(make(), arrays, callbacks=[Twice()])
    assert (run.status, run.epochs) == ("interrupted", 0)
    assert signal.getsignal(signal.SIGINT) is usual


def test_another_configuration_is_not_gone_on_with(
    make: Make, arrays: Arrays, tmp_path: Path
) -> None:
    options: dict[str, Any] = {"folder": tmp_path, "batch_size": 16}
    fit(make(), arrays, epochs=3, callbacks=[Interrupt(8)], **options)
    with pytest.raises(ValueError, match="Received: epochs differ"):
        fit(make(), arrays, epochs=4, callbacks=[Interrupt(99)], **options)
    with pytest.raises(ValueError, match="another seed differ"):
        fit(make(), arrays, epochs=3, seed=1, callbacks=[Interrupt(99)], **options)
    run = fit(make(), arrays, epochs=4, resume=False, **options)
    assert (run.status, run.epochs) == ("finished", 4)


def test_a_loss_that_is_not_finite_stops_the_run_and_keeps_its_batch(
    make: Make, arrays: Arrays, tmp_path: Path
) -> None:
    done: list[int] = []
    note = keras.callbacks.LambdaCallback(
        on_train_batch_end=lambda batch, logs: done.append(batch)
    )
    model = make(keras.optimizers.SGD(1e30))
    options: dict[str, Any] = {"batch_size": 16, "seed": 5, "folder": tmp_path}
    run = fit(model, arrays, epochs=3, callbacks=[note], **options)
    assert (run.status, run.epochs) == ("diverged", 0)
    with np.load(tmp_path / "nan_batch.npz") as kept:
        for name, array in zip(kept, Batches(arrays, 16, 5).at(done[-1]), strict=True):
            np.testing.assert_array_equal(kept[name], array)


def test_it_stops_early_with_the_best_weights(make: Make, arrays: Arrays) -> None:
    model = make(keras.optimizers.SGD(3.0))
    run = fit(model, arrays, arrays, epochs=40, patience=2)
    assert run.status == "stopped early"
    assert run.epochs < 40
    reached = model.evaluate(*arrays, verbose=0)[0]
    np.testing.assert_allclose(reached, run.best("val_loss"), rtol=1e-4)


def test_a_moving_average_validates_and_stays(make: Make, arrays: Arrays) -> None:
    model = make(keras.optimizers.SGD(0.5))
    steps = [values_of(model.trainable_variables)]

    class Watch(keras.callbacks.Callback):
        def on_train_batch_end(self, batch: int, logs: Any = None) -> None:
            steps.append(values_of(self.model.trainable_variables))

    options: dict[str, Any] = {"ema": 0.8, "batch_size": 16}
    run = fit(model, arrays, arrays, callbacks=[Watch()], **options)
    average = steps[1]  # with which Keras begins the average
    for weights in steps[2:]:
        pairs = zip(average, weights, strict=True)
        average = [0.8 * mean + 0.2 * weight for mean, weight in pairs]
    for mine, mean in zip(values_of(model.trainable_variables), average, strict=True):
        np.testing.assert_allclose(mine, mean, atol=1e-5)
    reached = model.evaluate(*arrays, verbose=0)[0]
    np.testing.assert_allclose(run.history["val_loss"][-1], reached, rtol=1e-5)


def test_accumulated_gradients_are_those_of_a_larger_batch(
    make: Make, arrays: Arrays
) -> None:
    def net() -> keras.Model:
        keras.utils.set_random_seed(2)
        model = keras.Sequential([keras.Input((36,)), keras.layers.Dense(2)])
        model.compile(keras.optimizers.SGD(0.1), "mse")
        return model

    data = (arrays[0].reshape(90, 36)[:80], np.eye(2)[arrays[1]][:80])
    large, small = net(), net()
    fit(large, data, batch_size=16, seed=4)
    fit(small, data, batch_size=8, seed=4, gradient_accumulation=2)
    for a, b in zip(large.get_weights(), small.get_weights(), strict=True):
        np.testing.assert_allclose(a, b, atol=1e-6)
    with pytest.raises(ValueError, match="Expected an optimizer that has not trained"):
        fit(small, data, gradient_accumulation=4)


def test_other_data_are_taken_as_they_are(make: Make, arrays: Arrays) -> None:
    import tensorflow as tf

    dataset = tf.data.Dataset.from_tensor_slices(arrays).batch(16)
    run = fit(make(), dataset, dataset, epochs=2)
    assert (run.epochs, run.configuration["data"]) == (2, None)
    begun: list[int] = []

    def from_epoch(first: int) -> tf.data.Dataset:
        begun.append(first)
        return dataset

    assert fit(make(), from_epoch, epochs=1).status == "finished"
    assert begun == [0]
    with pytest.raises(ValueError, match="for save_every"):
        fit(make(), dataset, save_every=2)


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"epochs": 0}, "Expected epochs >= 1"),
        ({"save_every": -1}, "save_every >= 0"),
        ({"progress": "loud"}, "Expected progress in"),
        ({"tensorboard": True}, "Expected a folder and the package tensorboard"),
        ({"batch_size": 0}, "Expected a batch_size from 1"),
    ],
)
def test_wrong_arguments_are_refused(
    options: dict[str, Any], message: str, make: Make, arrays: Arrays
) -> None:
    with pytest.raises(ValueError, match=message):
        fit(make(), arrays, **options)


def test_a_monitor_must_be_measured(make: Make, arrays: Arrays, tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="Expected monitor in"):
        fit(make(), arrays, folder=tmp_path, monitor="val_loss")


def test_a_model_must_be_compiled_and_built(arrays: Arrays) -> None:
    model = keras.Sequential([keras.layers.Flatten(), keras.layers.Dense(2)])
    with pytest.raises(ValueError, match="Expected a compiled model"):
        fit(model, arrays)
    model.compile("adam", "mse")
    with pytest.raises(ValueError, match="Expected a built model"):
        fit(model, iter([arrays]))
    data = (arrays[0], np.eye(2)[arrays[1]])
    assert fit(model, data).status == "finished"
