"""Which accuracy do the recipes reach, and how soon? Writes `docs/results.md`.

    python -m benchmarks.results [--data FOLDER]

Each run has a process of its own and keeps its result in `build/results`: when the
command is stopped and typed again, it goes on. FOLDER has `mnist/` and `sentences/` in
it (by default the environment variable CNNCOURSE_DATA); without them, only the data
that packages carry are used. The sentences are those of `benchmarks.sentences` and take
about an hour. The clock counts training, not the test after each epoch.
"""

from __future__ import annotations

import argparse
import json
import os
import statistics
import subprocess
import sys
import time
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from benchmarks.sentence_rows import section

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")

ROOT = Path(__file__).resolve().parent.parent
KEPT = ROOT / "build" / "results"
PAGE = ROOT / "docs" / "results.md"
SEEDS = (0, 1, 2)
GOAL = 0.99  # accuracy to which the time is taken

HEAD = """# Results

Written by `make results`. Accuracies are those after the last epoch, the mean of the
seeds {seeds}; within a run nothing is chosen by the test set. Times are those of
training, without the test after each epoch.

Hardware: {processor}, {cores} cores, {precision}. """
TABLE = """\
| what | data | parameters | epochs | test accuracy | each seed | time | published |
|---|---|---|---|---|---|---|---|"""
TIMES = """
## Time to {goal} on MNIST

Seconds of training after which the test accuracy first was {goal}, all on the same
machine in the same run of the command:

| what | mean | each seed |
|---|---|---|"""


@dataclass(frozen=True)
class Task:
    """What is trained.

    Attributes:
        name: of its files.
        title: of its row.
        dataset: that it trains on.
        published: what others say that it reaches.
    """

    name: str
    title: str
    dataset: str
    published: str


TASKS = (
    Task("lenet5-digits", "LeNet-5, recipe `lenet5-digits`", "digits", "-"),
    Task(
        "lenet5-mnist",
        "LeNet-5, recipe `lenet5-mnist`",
        "mnist",
        "99.05 % (LeCun et al. 1998; 99.2 % with distortions)",
    ),
    Task(
        "keras-io-convnet",
        "Simple MNIST convnet of keras.io",
        "mnist",
        "about 99.2 % (keras.io)",
    ),
)


@dataclass(frozen=True)
class Result:
    """One run.

    Attributes:
        accuracy: on the test set, after the last epoch.
        accuracies: after each epoch.
        seconds: of training until the end of each epoch, added up.
        parameters: of the net.
        hardware: processor, cores and devices.
        versions: of packages.
    """

    accuracy: float
    accuracies: list[float]
    seconds: list[float]
    parameters: int
    hardware: dict[str, Any]
    versions: dict[str, str]

    def seconds_to(self, goal: float) -> float | None:
        """The training time after which the accuracy was first reached."""
        pairs = zip(self.accuracies, self.seconds, strict=True)
        return next((s for accuracy, s in pairs if accuracy >= goal), None)


def clock() -> Any:
    """A callback that adds up the time of training, epoch by epoch."""
    import keras

    class Clock(keras.callbacks.Callback):
        def on_train_begin(self, logs: Any = None) -> None:
            self.seconds: list[float] = []

        def on_epoch_begin(self, epoch: int, logs: Any = None) -> None:
            self.start = self.end = time.perf_counter()

        def on_train_batch_end(self, batch: int, logs: Any = None) -> None:
            self.end = time.perf_counter()

        def on_epoch_end(self, epoch: int, logs: Any = None) -> None:
            before = self.seconds[-1] if self.seconds else 0.0
            self.seconds.append(before + self.end - self.start)

    return Clock()


def train_recipe(name: str, dataset: str, seed: int, folder: Path | None) -> Result:
    """Trains a net by its recipe."""
    from cnncourse import architectures, training
    from cnncourse.training.inputs import inputs_for, with_dropout

    recipe = training.RECIPES[name]
    training.prepare(seed)
    place = folder / dataset if folder and dataset == "mnist" else None
    data = inputs_for(recipe, dataset, recipe.batch_size, seed, place)
    model = architectures.create(recipe.architecture, **data.options)
    model = with_dropout(model, recipe.dropout)
    recipe.compile(model, data.steps, recipe.epochs)
    timer = clock()
    run = training.fit(
        model,
        data.train,
        data.test,
        epochs=recipe.epochs,
        batch_size=recipe.batch_size,
        seed=seed,
        augment=data.augment,
        ema=recipe.ema,
        callbacks=[timer],
    )
    accuracies = run.history["val_accuracy"]
    return Result(
        accuracies[-1],
        accuracies,
        timer.seconds,
        model.count_params(),
        run.hardware,
        run.versions,
    )


def train_keras_io(seed: int, folder: Path) -> Result:
    """Trains the net of keras.io/examples/vision/mnist_convnet as that page does."""
    import keras
    from keras import layers

    from cnncourse import datasets, training
    from cnncourse.training.run import hardware, versions

    training.prepare(seed)
    place = folder / "mnist"
    x, y = datasets.load("mnist", "train", as_numpy=True, data_dir=place)
    test = datasets.load("mnist", "test", as_numpy=True, data_dir=place)
    model = keras.Sequential(
        [
            keras.Input((28, 28, 1)),
            layers.Conv2D(32, 3, activation="relu"),
            layers.MaxPooling2D(2),
            layers.Conv2D(64, 3, activation="relu"),
            layers.MaxPooling2D(2),
            layers.Flatten(),
            layers.Dropout(0.5),
            layers.Dense(10, activation="softmax"),
        ]
    )
    model.compile("adam", "categorical_crossentropy", metrics=["accuracy"])
    timer = clock()
    accuracies: list[float] = []

    class Test(keras.callbacks.Callback):
        def on_epoch_end(self, epoch: int, logs: Any = None) -> None:
            predicted = model.predict(test[0], 256, verbose=0).argmax(1)
            accuracies.append(float((predicted == test[1]).mean()))
            print(f"epoch {epoch + 1}/15  test accuracy {accuracies[-1]:.4f}")

    labels = keras.utils.to_categorical(y, 10)
    options: dict[str, Any] = {"batch_size": 128, "epochs": 15}
    model.fit(
        x,
        labels,
        validation_split=0.1,
        verbose=0,
        callbacks=[timer, Test()],
        **options,
    )
    parameters = model.count_params()
    return Result(
        accuracies[-1], accuracies, timer.seconds, parameters, hardware(), versions()
    )


def run_one(task: Task, seed: int, folder: Path | None) -> None:
    """Trains once and keeps the result."""
    if task.name == "keras-io-convnet":
        result = train_keras_io(seed, folder or Path())
    else:
        result = train_recipe(task.name, task.dataset, seed, folder)
    KEPT.mkdir(parents=True, exist_ok=True)
    file = kept_file(task, seed)
    new = file.with_suffix(".new")
    new.write_text(json.dumps(asdict(result), indent=1))
    new.replace(file)


def kept_file(task: Task, seed: int) -> Path:
    return KEPT / f"{task.name}-{seed}.json"


def page(results: dict[str, list[Result]]) -> str:
    """Returns the text of the page."""
    some = next(iter(results.values()))[0]
    packages = ", ".join(f"{k} {v}" for k, v in some.versions.items())
    lines = [HEAD.format(seeds=", ".join(map(str, SEEDS)), **some.hardware)]
    lines[0] += f"Versions: {packages}.\n\n{TABLE}"
    for task in TASKS:
        if task.name in results:
            lines.append(row(task, results[task.name]))
    times = [(t, mean_time(results[t.name])) for t in TASKS if t.name in results]
    mnist = [(task, seconds) for task, seconds in times if task.dataset == "mnist"]
    if len(mnist) == 2:
        lines.append(TIMES.format(goal=f"{GOAL:.0%}"))
        for task, _ in mnist:
            each = [r.seconds_to(GOAL) for r in results[task.name]]
            texts = ["not reached" if s is None else f"{s:.1f} s" for s in each]
            mean = mean_time(results[task.name])
            shown = "not reached by all" if mean is None else f"{mean:.1f} s"
            lines.append(f"| {task.title} | {shown} | {', '.join(texts)} |")
    return "\n".join(lines) + "\n"


def row(task: Task, results: list[Result]) -> str:
    """Returns the line of a task in the table."""
    mean = statistics.mean(r.accuracy for r in results)
    each = ", ".join(f"{r.accuracy:.2%}" for r in results)
    seconds = statistics.mean(r.seconds[-1] for r in results)
    cells = (
        task.title,
        task.dataset,
        f"{results[0].parameters:,}",
        str(len(results[0].accuracies)),
        f"**{mean:.2%}**",
        each,
        f"{seconds:.0f} s",
        task.published,
    )
    return f"| {' | '.join(cells)} |".replace("%", " %").replace("  %", " %")


def mean_time(results: list[Result]) -> float | None:
    """Mean of the times to the goal; None if a run did not reach it."""
    times = [r.seconds_to(GOAL) for r in results]
    known = [s for s in times if s is not None]
    return statistics.mean(known) if len(known) == len(times) else None


def main() -> None:
    """Runs what is missing and writes the page."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    default = os.environ.get("CNNCOURSE_DATA", ROOT.parent / "shared" / "data")
    parser.add_argument("--data", type=Path, default=Path(default))
    parser.add_argument("--again", action="store_true", help="forget former results")
    parser.add_argument(
        "--one", nargs=2, metavar=("TASK", "SEED"), help=argparse.SUPPRESS
    )
    options = parser.parse_args()
    tasks = {task.name: task for task in TASKS}
    if options.one:
        return run_one(tasks[options.one[0]], int(options.one[1]), options.data)
    if not (options.data / "mnist").is_dir():
        print(f"no mnist/ in {options.data}: only the data that packages carry")
        tasks = {name: t for name, t in tasks.items() if t.dataset != "mnist"}
    if options.again:
        for file in KEPT.rglob("*.json"):
            file.unlink()
    # seed by seed, so that a machine that slows down does so for all
    jobs = [(task, seed) for seed in SEEDS for task in tasks.values()]
    for number, (task, seed) in enumerate(jobs, start=1):
        print(f"[{number}/{len(jobs)}] {task.title}, seed {seed}", flush=True)
        if not kept_file(task, seed).exists():
            command = [sys.executable, "-m", "benchmarks.results", "--one"]
            command += [task.name, str(seed), "--data", str(options.data)]
            subprocess.run(command, check=True, cwd=ROOT)
    results = {
        name: [Result(**json.loads(kept_file(task, s).read_text())) for s in SEEDS]
        for name, task in tasks.items()
    }
    # these take longest: what is known before them is not to wait
    PAGE.write_text(page(results) + section(), "utf-8")
    if (options.data / "sentences").is_dir():
        command = [sys.executable, "-m", "benchmarks.sentences", "accuracy", "plot"]
        command += ["--data", str(options.data)]
        subprocess.run(command, check=True, cwd=ROOT)
    text = page(results) + section()
    PAGE.write_text(text, "utf-8")
    print(text)
    return None


if __name__ == "__main__":
    main()
