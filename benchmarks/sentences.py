"""How well and how fast does the sentence CNN learn?

    python -m benchmarks.sentences [--data FOLDER] [--trials N] [accuracy|plot|speed]

`accuracy` trains CNN-rand by the published recipe on MR with ten folds and on TREC with
three seeds; then by others on TREC, compared on training sentences, and tests the best.
Each net leaves a file in `build/results`, so that a stopped command goes on; `make
results` shows what is there.
`plot` draws how filters and dropout matter, by short runs on TREC. `speed` compares a
step with the same net written directly in Keras.
FOLDER has `sentences/` in it (by default the environment variable CNNCOURSE_DATA).
"""

from __future__ import annotations

import argparse
import os
import statistics
import time
from pathlib import Path
from typing import Any

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
os.environ.setdefault("MPLBACKEND", "agg")

from benchmarks.sentence_rows import COMPARED, KEPT, PICTURE, PLANNED, ROOT, SHORT
from cnncourse.training.sentence_trials import Trials, run_trials
from cnncourse.training.sentences import SentenceData, SentenceRecipe

WINDOWS = ((1,), (2,), (3,), (5,), (7,), (3, 4, 5), (5, 6, 7))
RATES = (0.0, 0.25, 0.5, 0.75)
LIMIT = 0.9  # of the speed of the net in Keras


def accuracy(data: Path, count: int | None) -> None:
    """Trains what is missing."""
    for planned in (*COMPARED, *PLANNED):
        trials = run_trials(
            planned.dataset,
            SentenceRecipe(**planned.changes),
            planned.folder,
            data / "sentences",
            min(planned.nets, count or planned.nets),
            planned.seed,
        )
        if planned in PLANNED:  # the others are there to choose a recipe
            print(trials)


def plot(data: Path) -> None:
    """Draws accuracy against filter widths and dropout."""
    from cnncourse.plots import BLUE, ORANGE
    from cnncourse.plots.drawing import framed_figure

    def short(name: str, **changes: Any) -> tuple[float, float]:
        recipe = SentenceRecipe(**{**SHORT, **changes})
        folder = KEPT / f"sentences-sensitivity-{name}"
        trials: Trials = run_trials("trec", recipe, folder, data / "sentences", 1)
        result = trials.results[0]
        return max(result.dev_accuracy), result.test_accuracy

    panels = {
        "width of the filters": {
            ", ".join(map(str, w)): short(f"windows-{'-'.join(map(str, w))}", windows=w)
            for w in WINDOWS
        },
        "dropout": {
            str(rate): short(f"dropout-{rate}", dropout=rate) for rate in RATES
        },
    }
    with framed_figure(1, 2, 9.0, 3.4, sharey=True) as (figure, axes):
        for axis, (title, values) in zip(axes[0], panels.items(), strict=True):
            for part, (label, colour, mark) in enumerate(
                (("dev part", BLUE, "o"), ("test part", ORANGE, "s"))
            ):
                heights = [100 * pair[part] for pair in values.values()]
                axis.plot(list(values), heights, mark, color=colour, label=label)
            axis.set(xlabel=title)
            axis.grid(alpha=0.3)
        axes[0, 0].set(ylabel="accuracy, %")
        axes[0, 1].legend(loc="lower left")
    figure.savefig(PICTURE, dpi=110)
    print(f"written: {PICTURE}")


def direct(data: SentenceData) -> Any:
    """The same net as anybody would write it in Keras."""
    import keras
    from keras import layers

    words = keras.Input((None,), dtype="int32")
    x = layers.Embedding(len(data.vocabulary), 300)(words)
    x = layers.ZeroPadding1D(4)(x)
    x = layers.Concatenate()(
        [
            layers.GlobalMaxPooling1D()(layers.Conv1D(100, w, activation="relu")(x))
            for w in (3, 4, 5)
        ]
    )
    x = layers.Dropout(0.5)(x)
    norm = keras.constraints.MaxNorm(3, axis=0)
    model = keras.Model(words, layers.Dense(2, kernel_constraint=norm)(x))
    model.compile(
        keras.optimizers.Adadelta(1.0, rho=0.95, epsilon=1e-6),
        keras.losses.SparseCategoricalCrossentropy(from_logits=True),
        metrics=["accuracy"],
    )
    return model


def speed(data: Path, rounds: int = 5, steps: int = 40) -> None:
    """Prints the time of a step of both nets on MR, which take turns."""
    import numpy as np
    import tensorflow as tf

    from cnncourse.training.sentences import (
        sentence_data,
        sentence_model,
        training_batches,
    )

    recipe = SentenceRecipe()
    films = sentence_data("mr", recipe, data / "sentences", fold=0)
    rows, labels = (part[: steps * recipe.batch_size] for part in films.train)
    whole = tf.data.Dataset.from_tensor_slices((rows, labels))
    ours, plain = sentence_model(films, recipe), direct(films)
    trimmed = training_batches((rows, labels), recipe.batch_size, 0)
    calls = {
        "cnncourse": (ours, trimmed),
        "Keras, the same batches": (plain, trimmed),
        "Keras, rows of one length": (plain, whole.batch(recipe.batch_size).cache()),
    }
    times: dict[str, list[float]] = {name: [] for name in calls}
    for turn in range(rounds + 1):
        for name, (model, batches) in calls.items():
            start = time.perf_counter()
            model.fit(batches, verbose=0, shuffle=False)
            if turn:  # the first one traces graphs
                times[name].append(1e3 * (time.perf_counter() - start) / steps)
    base = np.median(times["cnncourse"])
    for name, found in times.items():
        median = statistics.median(found)
        print(
            f"{name:27s} {median:6.1f} ms a step of {recipe.batch_size} sentences; "
            f"ours has {median / base:.0%} of its speed (at least {LIMIT:.0%} wanted)"
        )


def main() -> None:
    """Does what is asked for; by default all."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    default = os.environ.get("CNNCOURSE_DATA", ROOT.parent / "shared" / "data")
    parser.add_argument("--data", type=Path, default=Path(default))
    parser.add_argument("--trials", type=int, help="at most so many nets of a set")
    parser.add_argument("what", nargs="*", default=["speed", "plot", "accuracy"])
    options = parser.parse_args()
    for what in options.what:
        if what == "accuracy":
            accuracy(options.data, options.trials)
        elif what == "plot":
            plot(options.data)
        elif what == "speed":
            speed(options.data)
        else:
            parser.error(f"expected accuracy, plot or speed; received {what}")


if __name__ == "__main__":
    main()
