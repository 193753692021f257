"""The commands of `cnncourse` that are about training: `train`, `evaluate`."""

import argparse
import os
from pathlib import Path
from typing import Any

from cnncourse.training import sentences_command

RUNS = Path("runs")


def add_to(commands: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """Adds the commands to those of `cnncourse`."""
    text = "Trains a net by its recipe; goes on if a run was interrupted."
    train = commands.add_parser("train", help=text, description=text)
    text = f"of an architecture, or {sentences_command.NAME}: its paper's experiments"
    train.add_argument("name", help=text)
    train.add_argument("--dataset", required=True, help="name of a data set")
    train.add_argument("--data-dir", help="the folder of a data set that needs one")
    train.add_argument("--recipe", help="by default that of architecture and data set")
    train.add_argument("--epochs", type=int, help="by default those of the recipe")
    train.add_argument("--batch-size", type=int, help="by default that of the recipe")
    train.add_argument("--seed", type=int, default=0)
    train.add_argument("--folder", type=Path, help=f"by default {RUNS}/NAME-SET-SEED")
    train.add_argument("--again", action="store_true", help="start anew in the folder")
    train.add_argument(
        "--precision",
        default="auto",
        choices=["auto", "float32", "bfloat16", "float16"],
    )
    train.add_argument("--devices", type=_devices, default="auto", help="how many")
    train.add_argument(
        "--deterministic", action="store_true", help="equal runs give equal bits"
    )
    sentences_command.add_options(train)
    train.set_defaults(run=_train, uses_keras=True)
    text = "Says what a trained net gets right, and draws what it does not."
    evaluate = commands.add_parser("evaluate", help=text, description=text)
    evaluate.add_argument("folder", type=Path, help="that `cnncourse train` wrote")
    evaluate.add_argument("--dataset", help="by default that of the run")
    evaluate.add_argument("--data-dir", help="the folder of a data set that needs one")
    evaluate.add_argument("--best", action="store_true", help="of best.keras")
    evaluate.add_argument(
        "--views", action="store_true", help="mean over mirrored and shifted pictures"
    )
    evaluate.set_defaults(run=_evaluate, uses_keras=True)


def _devices(text: str) -> str | int:
    return text if text == "auto" else int(text)


def _quiet() -> None:
    """No windows, and no log of TensorFlow between the lines."""
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
    import matplotlib

    matplotlib.use("agg")


def _train(options: argparse.Namespace) -> int:
    _quiet()
    if options.name == sentences_command.NAME:
        return sentences_command.run(options)
    from cnncourse import architectures
    from cnncourse.training.devices import prepare
    from cnncourse.training.evaluation import evaluate
    from cnncourse.training.inputs import inputs_for, with_dropout
    from cnncourse.training.loop import MODEL, RECORD, fit
    from cnncourse.training.recipes import RECIPES, recipe_for

    name, dataset = options.name, options.dataset
    _ = architectures.ARCHITECTURES[name]  # an unknown name is told at once
    folder = options.folder or RUNS / f"{name}-{dataset}-{options.seed}"
    if (folder / RECORD).exists() and not options.again:
        status = _status(folder / RECORD)
        if status in ("finished", "stopped early"):
            raise ValueError(
                "Expected a folder without a finished run, or --again. "
                f"Received: folder={folder}"
            )
    recipe = RECIPES[options.recipe] if options.recipe else recipe_for(name, dataset)
    epochs = options.epochs or recipe.epochs
    batch_size = options.batch_size or recipe.batch_size
    devices = prepare(
        options.seed,
        precision=options.precision,
        deterministic=options.deterministic,
        devices=options.devices,
    )
    print(
        f"recipe: {recipe.source}" + (f" ({recipe.differs})" if recipe.differs else "")
    )
    data = inputs_for(recipe, dataset, batch_size, options.seed, options.data_dir)
    with devices.scope():
        model = architectures.create(name, **{**data.options, **recipe.options})
        model = with_dropout(model, recipe.dropout)
        recipe.compile(model, data.steps, epochs)
    run = fit(
        model,
        data.train,
        data.test,
        epochs=epochs,
        batch_size=batch_size,
        seed=options.seed,
        augment=data.augment,
        ema=recipe.ema,
        folder=folder,
        monitor="loss",  # the test set is watched, but chooses nothing
        name=f"{name} on {dataset}",
        resume=not options.again,
    )
    _note(folder, run, options, data, name)
    if run.status == "interrupted":
        return 1
    if run.status == "diverged":
        raise ValueError("Expected losses that are finite: see above. Received: nan")
    print(f"{run.epochs} epochs in {sum(run.seconds):.1f} s, {_speed(run)}")
    if isinstance(data.test, tuple):
        x, labels = data.test
        result = evaluate(model, x, labels, data.classes)
        result.save(folder / "evaluation.json")
        print(f"test: {result}")
    print(f"model, record and curves: {folder} ({MODEL}, {RECORD}, curves.png)")
    return 0


def _status(file: Path) -> str:
    from cnncourse.training.run import TrainingRun

    return TrainingRun.load(file).status


def _speed(run: Any) -> str:
    rate = run.examples_per_second
    return "too few epochs for a rate" if rate is None else f"{rate:,.0f} examples/s"


def _note(
    folder: Path, run: Any, options: argparse.Namespace, data: Any, name: str
) -> None:
    """Adds to the record what `evaluate` must know."""
    from dataclasses import replace

    from cnncourse.training.loop import RECORD

    extra = {
        "architecture": name,
        "dataset": options.dataset,
        "data_dir": options.data_dir,
        "recipe": options.recipe,
        "vocabulary": data.vocabulary,
    }
    configuration = {**run.configuration, "command": extra}
    replace(run, configuration=configuration).save(folder / RECORD)


def _evaluate(options: argparse.Namespace) -> int:
    _quiet()
    import keras
    from rich.console import Console

    from cnncourse.training.evaluation import (
        calibration,
        evaluate,
        mirrored_and_shifted,
        most_wrong,
        predict,
    )
    from cnncourse.training.loop import BEST, MODEL, RECORD
    from cnncourse.training.run import TrainingRun

    folder = options.folder
    noted = TrainingRun.load(folder / RECORD).configuration.get("command")
    if noted is None:
        raise ValueError(
            f"Expected a folder that `cnncourse train` wrote. Received: {folder}"
        )
    model = keras.saving.load_model(folder / (BEST if options.best else MODEL))
    x, labels, classes = _test_data(model, noted, options)
    views = mirrored_and_shifted() if options.views else []
    result = evaluate(model, x, labels, classes, views=views)
    Console().print(result.table())
    result.save(folder / "evaluation.json")
    written = ["evaluation.json", "confusion.png", "calibration.png"]
    probabilities = predict(model, x, views)
    result.plot().savefig(folder / written[1])
    calibration(labels, probabilities).plot().savefig(folder / written[2])
    if result.accuracy < 1 and x.ndim == 4:
        written.append("most_wrong.png")
        figure = most_wrong(x, labels, probabilities, classes)
        figure.savefig(folder / written[3])
    print(f"written to {folder}: {', '.join(written)}")
    return 0


def _test_data(
    model: Any, noted: dict[str, Any], options: argparse.Namespace
) -> tuple[Any, Any, Any]:
    from cnncourse.datasets import DATASETS, load
    from cnncourse.training.inputs import centre_crop, encode
    from cnncourse.training.recipes import RECIPES, recipe_for

    dataset = options.dataset or noted["dataset"]
    data_dir = options.data_dir or noted["data_dir"]
    recipe = (
        RECIPES[noted["recipe"]]
        if noted["recipe"]
        else recipe_for(noted["architecture"], noted["dataset"])
    )
    record = DATASETS[dataset]
    wanted = {"data_dir": data_dir, "as_numpy": True}
    if noted["vocabulary"]:
        texts, labels = load(dataset, "test", **wanted)
        return encode(texts, noted["vocabulary"]), labels, record.classes
    if recipe.image_size:
        wanted["image_size"] = recipe.image_size
    x, labels = load(dataset, "test", **wanted)
    return centre_crop(x, model.input_shape[1:]), labels, record.classes
