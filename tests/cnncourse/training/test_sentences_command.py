"""`cnncourse train sentence_cnn`."""

from pathlib import Path
from typing import Any

import pytest

from cnncourse.__main__ import main
from cnncourse.training import sentence_trials
from cnncourse.training.sentence_trials import Trials
from cnncourse.training.sentences import SentenceRecipe, SentenceResult

TYPED = ["train", "sentence_cnn", "--dataset", "mr", "--variant", "rand"]


@pytest.fixture
def calls(monkeypatch: pytest.MonkeyPatch) -> list[tuple[Any, ...]]:
    seen: list[tuple[Any, ...]] = []

    def run(dataset: str, recipe: SentenceRecipe, *rest: Any) -> Trials:
        seen.append((dataset, recipe, *rest))
        result = SentenceResult(0.76, (0.75,), 1, 60.0, (8, 1, 1), 20)
        return Trials(dataset, recipe, "fold", {0: result}, 10)

    monkeypatch.setattr(sentence_trials, "run_trials", run)
    return seen


def test_the_published_recipe_by_default(
    calls: list, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main([*TYPED, "--data-dir", "files"]) == 0
    folder = Path("runs/sentence_cnn-rand-mr-0")
    assert calls == [("mr", SentenceRecipe(), folder, "files", None, 0, False)]
    printed = capsys.readouterr().out
    assert "76.00% over 1 of 10 folds" in printed and "changed" not in printed


def test_options_reach_the_recipe(
    calls: list, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    options = ["--epochs", "3", "--patience", "2", "--trials", "4", "--keep-models"]
    options += ["--batch-size", "9", "--word-dropout", "0.1"]
    assert main([*TYPED, *options, "--folder", str(tmp_path)]) == 0
    recipe = SentenceRecipe(epochs=3, patience=2, batch_size=9, word_dropout=0.1)
    assert calls == [("mr", recipe, tmp_path, None, 4, 0, True)]
    changed = "changed: epochs=3, batch_size=9, patience=2, word_dropout=0.1\n"
    assert changed in capsys.readouterr().out


def test_again_forgets_results(calls: list, tmp_path: Path) -> None:
    (tmp_path / "fold_0.json").write_text("{}")
    main([*TYPED, "--folder", str(tmp_path), "--again"])
    assert list(tmp_path.iterdir()) == []


def test_an_interruption_is_told(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def run(*arguments: Any) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(sentence_trials, "run_trials", run)
    assert main(TYPED) == 1
    assert "the same command goes on" in capsys.readouterr().out


def test_a_variant_without_vectors_is_one_line(
    capsys: pytest.CaptureFixture[str],
) -> None:
    assert main([*TYPED[:-1], "static"]) == 2
    assert "Expected a file of word vectors" in capsys.readouterr().err


def test_missing_files_are_one_line(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    folder = ["--folder", str(tmp_path / "runs"), "--data-dir", str(tmp_path)]
    assert main([*TYPED, *folder]) == 2
    assert "Expected the file rt-polarity.all" in capsys.readouterr().err
