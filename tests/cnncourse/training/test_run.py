"""Does the record of a run keep and show what happened?"""

from dataclasses import replace
from pathlib import Path

import pytest

from cnncourse.training.run import TrainingRun, compare, new_run, with_epoch


@pytest.fixture
def run() -> TrainingRun:
    run = new_run("first", {"epochs": 2}, seed=4)
    run = with_epoch(run, {"loss": 0.5, "val_loss": 0.6, "accuracy": 0.75}, 1.5)
    return with_epoch(run, {"loss": 0.25, "val_loss": 0.7, "accuracy": 0.5}, 1.25)


def test_a_record_comes_back(run: TrainingRun, tmp_path: Path) -> None:
    run.save(tmp_path / "run.json")
    assert TrainingRun.load(tmp_path / "run.json") == run
    assert run.epochs == 2
    assert {"keras", "numpy", "python", "tensorflow"} <= set(run.versions)
    assert run.hardware["cores"] >= 1


def test_the_history_is_a_table(run: TrainingRun, tmp_path: Path) -> None:
    run.save_history(tmp_path / "history.csv")
    lines = (tmp_path / "history.csv").read_text().splitlines()
    assert lines[0] == "epoch,loss,val_loss,accuracy,seconds"
    assert lines[2] == "2,0.25,0.7,0.5,1.25"


def test_the_best_is_the_least_loss_and_the_most_accuracy(run: TrainingRun) -> None:
    assert (run.best("val_loss"), run.best("accuracy")) == (0.6, 0.75)
    with pytest.raises(ValueError, match="Expected a metric among"):
        run.best("recall")


@pytest.mark.parametrize("text", ["no json", "[]", '{"other": 1}'])
def test_another_file_is_refused(text: str, tmp_path: Path) -> None:
    (tmp_path / "run.json").write_text(text)
    with pytest.raises(ValueError, match="Expected the record of a run"):
        TrainingRun.load(tmp_path / "run.json")


def test_runs_are_drawn_over_one_another(run: TrainingRun) -> None:
    other = replace(run, name="second", history={"loss": [1.0, 0.5, 0.25]})
    figure = compare([run, other])
    loss, accuracy = figure.axes
    assert [len(line.get_xdata()) for line in loss.lines] == [2, 2, 3]
    assert (loss.get_ylabel(), accuracy.get_ylabel()) == ("loss", "accuracy")
    labels = {text.get_text() for text in figure.legends[0].get_texts()}
    assert labels == {"first", "first, validation", "second"}
    assert len(compare([run], ["accuracy"]).axes) == 1
    assert len(run.plot().axes) == 2


def test_a_run_without_epochs_cannot_be_drawn() -> None:
    with pytest.raises(ValueError, match="Expected runs with at least one finished"):
        compare([new_run("empty", {}, 0)])
