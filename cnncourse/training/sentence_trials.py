"""Cross-validation of the sentence CNN, or several seeds: one file for each net.

Where a set has no test part, the ten folds take turns as test part; else nets with
several seeds are tested on the one test part.
"""

from __future__ import annotations

import json
import statistics
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import keras
from rich.console import Console
from rich.progress import BarColumn, Progress, TextColumn, TimeRemainingColumn

from cnncourse.datasets import DATASETS
from cnncourse.datasets.sentence_sets import FOLDS
from cnncourse.training.sentences import (
    SentenceRecipe,
    SentenceResult,
    sentence_data,
    train_sentences,
)
from cnncourse.training.state import write_whole

SEEDS = 3
PUBLISHED = {  # per cent: Kim 2014, table 2
    "rand": {"mr": 76.1, "sst1": 45.0, "sst2": 82.7, "subj": 89.6, "trec": 91.2,
             "cr": 79.8, "mpqa": 83.4},
    "static": {"mr": 81.0, "sst1": 45.5, "sst2": 86.8, "subj": 93.0, "trec": 92.8,
               "cr": 84.7, "mpqa": 89.6},
    "non-static": {"mr": 81.5, "sst1": 48.0, "sst2": 87.2, "subj": 93.4, "trec": 93.6,
                   "cr": 84.3, "mpqa": 89.5},
    "multichannel": {"mr": 81.1, "sst1": 47.4, "sst2": 88.1, "subj": 93.2,
                     "trec": 92.2, "cr": 85.0, "mpqa": 89.4},
}  # fmt: skip


@dataclass(frozen=True)
class Trials:
    """The results of the nets that have been trained.

    Attributes:
        dataset: name in the catalogue.
        recipe: of all nets.
        kind: "fold" or "seed".
        results: number of the fold or seed -> result.
        planned: how many nets there are to be.
    """

    dataset: str
    recipe: SentenceRecipe
    kind: str
    results: dict[int, SentenceResult]
    planned: int

    @property
    def accuracy(self) -> float:
        """Mean share of test sentences that are right."""
        return statistics.mean(r.test_accuracy for r in self.results.values())

    @property
    def seconds(self) -> float:
        """Training time of all nets."""
        return sum(r.seconds for r in self.results.values())

    @property
    def published(self) -> float | None:
        """What the paper reports for data set and variant, as a share."""
        percent = PUBLISHED[self.recipe.variant].get(self.dataset)
        return None if percent is None else percent / 100

    def __str__(self) -> str:
        each = [r.test_accuracy for r in self.results.values()]
        spread = (
            f" (standard deviation {statistics.stdev(each):.1%})" if each[1:] else ""
        )
        count = f"{len(each)} of {self.planned} {self.kind}s"
        paper = "" if self.published is None else f"; the paper: {self.published:.1%}"
        return (
            f"{self.dataset}, {self.recipe.variant}: mean test accuracy "
            f"{self.accuracy:.2%}{spread} over {count}, trained for "
            f"{self.seconds / 60:.1f} min{paper}"
        )


def cross_validated(dataset: str) -> bool:
    """Whether folds take turns as test part of a data set."""
    return "fold" in DATASETS[dataset].options


def run_trials(
    dataset: str,
    recipe: SentenceRecipe,
    folder: str | Path,
    data_dir: str | Path | None = None,
    count: int | None = None,
    seed: int = 0,
    keep_models: bool = False,
) -> Trials:
    """Trains the nets whose results are not in a folder yet.

    Args:
        dataset: name of a text set in the catalogue of data sets.
        recipe: of the nets.
        folder: has or gets `fold_0.json`, ... or `seed_0.json`, ...; an interrupted
            command goes on there with the first net that is missing.
        data_dir: the user's folder with the set's files, if it needs one.
        count: how many nets; by default 10 folds or 3 seeds.
        seed: of the first net.
        keep_models: whether to leave each net in `fold_0.keras` and its words, by
            number, in `fold_0_words.json`.

    Returns:
        All results in the folder, new and old.

    Raises:
        ValueError: if there are not so many folds, or the folder holds results of
            another recipe or data set.
    """
    kind = "fold" if cross_validated(dataset) else "seed"
    count = (FOLDS if kind == "fold" else SEEDS) if count is None else count
    if count < 1 or (kind == "fold" and count > FOLDS):
        raise ValueError(
            f"Expected count from 1 (to {FOLDS} with folds). Received: count={count}"
        )
    home = Path(folder)
    home.mkdir(parents=True, exist_ok=True)
    configuration = _configuration(dataset, recipe, seed)
    numbers = range(count) if kind == "fold" else range(seed, seed + count)
    files = {number: home / f"{kind}_{number}.json" for number in numbers}
    results = {n: load_result(f, configuration) for n, f in files.items() if f.exists()}
    with _progress() as progress:
        total = progress.add_task("all", total=count, completed=len(results), state="")
        for number in (n for n in numbers if n not in results):
            if files[number].exists():  # by now: another process shares the work
                results[number] = load_result(files[number], configuration)
                progress.advance(total)
                continue
            one = progress.add_task(f"{kind} {number}", total=recipe.epochs, state="")

            def after_epoch(
                epoch: int, logs: dict[str, float], task: Any = one
            ) -> None:
                state = f"dev accuracy {logs['val_accuracy']:.1%}"
                progress.update(task, completed=epoch + 1, state=state)

            fold = number if kind == "fold" else None
            own = seed + number if kind == "fold" else number
            data = sentence_data(dataset, recipe, data_dir, fold, own)
            model, result = train_sentences(data, recipe, own, after_epoch)
            if keep_models:
                _keep(model, data.vocabulary.words, home / f"{kind}_{number}")
            _save(result, configuration, files[number])
            results[number] = result
            progress.remove_task(one)
            progress.advance(total)
            progress.console.print(f"{kind} {number}: {line(result)}", highlight=False)
            keras.utils.clear_session(free_memory=True)
    return Trials(dataset, recipe, kind, dict(sorted(results.items())), count)


def line(result: SentenceResult) -> str:
    """Returns a result as a person reads it."""
    return (
        f"test accuracy {result.test_accuracy:.2%} with the weights of epoch "
        f"{result.best_epoch} of {len(result.dev_accuracy)} (dev "
        f"{result.dev_accuracy[result.best_epoch - 1]:.2%}), {result.seconds:.0f} s"
    )


def _progress() -> Progress:
    console = Console(soft_wrap=True)
    return Progress(
        TextColumn("{task.description}"),
        BarColumn(bar_width=24),
        TextColumn("{task.completed}/{task.total}  {task.fields[state]}"),
        TimeRemainingColumn(compact=True),
        console=console,
        transient=True,
        disable=not (console.is_terminal or console.is_jupyter),
        speed_estimate_period=3600,
    )


def _configuration(dataset: str, recipe: SentenceRecipe, seed: int) -> dict[str, Any]:
    """What must be equal for results to belong together, as JSON has it."""
    known: dict[str, Any] = {"dataset": dataset, "recipe": asdict(recipe)}
    if cross_validated(dataset):
        known["seed"] = seed
    return json.loads(json.dumps(known))


def _save(result: SentenceResult, configuration: dict[str, Any], file: Path) -> None:
    text = json.dumps({"configuration": configuration, **asdict(result)}, indent=1)
    write_whole(file, lambda path: path.write_text(f"{text}\n", "utf-8"))


def load_result(file: Path, configuration: dict[str, Any]) -> SentenceResult:
    """Reads the result of one net.

    Raises:
        ValueError: if the file is something else, or of another configuration.
    """
    try:
        values = json.loads(file.read_text("utf-8"))
        found = values.pop("configuration")
        lists = {k: tuple(v) for k, v in values.items() if isinstance(v, list)}
        result = SentenceResult(**{**values, **lists})
    except (KeyError, TypeError, ValueError) as error:
        raise ValueError(f"Expected the result of a net. Received: {file}") from error
    if found != configuration:
        raise ValueError(
            "Expected results of the same data set, recipe and seed, or another "
            f"folder. Received: {file} of {_difference(found, configuration)}"
        )
    return result


def _difference(found: dict[str, Any], wanted: dict[str, Any]) -> str:
    pairs = {**found, **found.get("recipe", {})}, {**wanted, **wanted["recipe"]}
    return ", ".join(
        f"{name}={pairs[0].get(name)!r}"
        for name in pairs[1]
        if name != "recipe" and pairs[0].get(name) != pairs[1][name]
    )


def _keep(model: keras.Model, words: Sequence[str], name: Path) -> None:
    write_whole(
        name.with_suffix(".keras"), lambda p: model.save(p, include_optimizer=False)
    )
    text = json.dumps(list(words), ensure_ascii=False)
    write_whole(
        name.with_name(f"{name.name}_words.json"),
        lambda path: path.write_text(text, "utf-8"),
    )
