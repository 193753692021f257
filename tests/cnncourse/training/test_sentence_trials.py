"""Folds and seeds: one file each, and nothing is trained twice."""

import json
from pathlib import Path
from typing import Any

import pytest

from cnncourse.training import sentence_trials
from cnncourse.training.sentence_trials import (
    PUBLISHED,
    Trials,
    cross_validated,
    line,
    load_result,
    run_trials,
)
from cnncourse.training.sentences import SentenceRecipe, SentenceResult

RECIPE = SentenceRecipe(epochs=2)


def result(accuracy: float = 0.75) -> SentenceResult:
    return SentenceResult(accuracy, (0.5, 0.625), 2, 30.0, (80, 10, 10), 99)


@pytest.fixture
def trained(monkeypatch: pytest.MonkeyPatch) -> list[tuple[Any, ...]]:
    """Replaces training; the list has what would have been trained."""
    calls: list[tuple[Any, ...]] = []

    def data(dataset: str, recipe: Any, data_dir: Any, fold: Any, seed: int) -> None:
        calls.append((dataset, fold, seed))

    def train(data: Any, recipe: Any, seed: int, after_epoch: Any) -> Any:
        after_epoch(0, {"val_accuracy": 0.5})
        return None, result(0.5 + seed / 100)

    monkeypatch.setattr(sentence_trials, "sentence_data", data)
    monkeypatch.setattr(sentence_trials, "train_sentences", train)
    return calls


def test_folds_of_a_set_without_test_part(
    trained: list, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    trials = run_trials("mr", RECIPE, tmp_path / "new")
    assert trained == [("mr", fold, fold) for fold in range(10)]
    assert (trials.accuracy, trials.published) == pytest.approx((0.545, 0.761))
    assert sorted(p.name for p in (tmp_path / "new").iterdir())[0] == "fold_0.json"
    assert "fold 9: test accuracy 59.00%" in capsys.readouterr().out
    assert "over 10 of 10 folds, trained for 5.0 min; the paper: 76.1%" in str(trials)


def test_seeds_of_a_set_with_test_part(trained: list, tmp_path: Path) -> None:
    trials = run_trials("trec", RECIPE, tmp_path, seed=4)
    assert trained == [("trec", None, seed) for seed in (4, 5, 6)]
    assert trials.kind == "seed" and sorted(trials.results) == [4, 5, 6]


def test_what_is_there_is_not_trained_again(trained: list, tmp_path: Path) -> None:
    run_trials("mr", RECIPE, tmp_path, count=2)
    (tmp_path / "fold_0.json").unlink()
    trials = run_trials("mr", RECIPE, tmp_path, count=3)
    assert [fold for _, fold, _ in trained] == [0, 1, 0, 2]
    assert list(trials.results) == [0, 1, 2]
    assert trials.results[1] == result(0.51)  # read from its file


def test_two_processes_share_the_work(
    trained: list, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    usual = sentence_trials.train_sentences

    def while_another_trains(data: Any, recipe: Any, seed: int, after: Any) -> Any:
        monkeypatch.setattr(sentence_trials, "train_sentences", usual)
        run_trials("mr", RECIPE, tmp_path, count=2)
        return usual(data, recipe, seed, after)

    monkeypatch.setattr(sentence_trials, "train_sentences", while_another_trains)
    trials = run_trials("mr", RECIPE, tmp_path, count=3)
    assert [fold for _, fold, _ in trained] == [0, 0, 1, 2]
    assert list(trials.results) == [0, 1, 2]


def test_an_interruption_loses_only_the_net_that_is_trained(
    trained: list, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    usual = sentence_trials.train_sentences

    def interrupted(data: Any, recipe: Any, seed: int, after: Any) -> Any:
        if seed == 2:
            raise KeyboardInterrupt
        return usual(data, recipe, seed, after)

    monkeypatch.setattr(sentence_trials, "train_sentences", interrupted)
    with pytest.raises(KeyboardInterrupt):
        run_trials("mr", RECIPE, tmp_path)
    assert sorted(p.name for p in tmp_path.iterdir()) == ["fold_0.json", "fold_1.json"]


def test_results_of_another_recipe_are_not_mixed(trained: list, tmp_path: Path) -> None:
    run_trials("mr", RECIPE, tmp_path, count=1)
    with pytest.raises(ValueError, match=r"Expected results of the same.*of epochs=2"):
        run_trials("mr", SentenceRecipe(epochs=3), tmp_path, count=1)
    with pytest.raises(ValueError, match=r"of seed=0"):
        run_trials("mr", RECIPE, tmp_path, count=1, seed=1)


def test_a_damaged_file(trained: list, tmp_path: Path) -> None:
    (tmp_path / "fold_0.json").write_text("{}")
    with pytest.raises(ValueError, match=r"Expected the result of a net.*fold_0"):
        run_trials("mr", RECIPE, tmp_path, count=1)


def test_load_result(trained: list, tmp_path: Path) -> None:
    run_trials("mr", RECIPE, tmp_path, count=1)
    file = tmp_path / "fold_0.json"
    known = json.loads(file.read_text())["configuration"]
    assert load_result(file, known) == result(0.5)


@pytest.mark.parametrize("count", [0, 11])
def test_too_few_and_too_many_folds(count: int, tmp_path: Path) -> None:
    with pytest.raises(ValueError, match=rf"Expected count from 1.*count={count}"):
        run_trials("mr", RECIPE, tmp_path, count=count)


def test_a_net_that_is_kept_can_be_read(tmp_path: Path) -> None:
    import keras

    if keras.backend.backend() != "tensorflow":
        pytest.skip("batches are TensorFlow's")
    recipe = SentenceRecipe(windows=(2,), maps=2, dimensions=2, epochs=1)
    trials = run_trials("reviews", recipe, tmp_path, count=1, keep_models=True)
    model = keras.saving.load_model(tmp_path / "seed_0.keras")
    words = json.loads((tmp_path / "seed_0_words.json").read_text("utf-8"))
    assert model.get_layer("embedding").input_dim == len(words)
    assert trials.results[0].words == len(words) and trials.published is None


def test_which_sets_have_folds() -> None:
    names = [n for n in PUBLISHED["rand"] if cross_validated(n)]
    assert names == ["mr", "subj", "cr", "mpqa"]


def test_line_and_single_result() -> None:
    assert line(result()) == (
        "test accuracy 75.00% with the weights of epoch 2 of 2 (dev 62.50%), 30 s"
    )
    text = str(Trials("reviews", RECIPE, "seed", {0: result()}, 3))
    assert "75.00% over 1 of 3 seeds" in text and "paper" not in text
