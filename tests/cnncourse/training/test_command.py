"""Do the commands train, go on, evaluate, and refuse what is wrong?"""

import json
from pathlib import Path

import pytest

from cnncourse.__main__ import main
from cnncourse.training.run import TrainingRun


def train(folder: Path, *more: str) -> int:
    options = ["--dataset", "digits", "--epochs", "2", "--folder", str(folder)]
    return main(["train", "mlp", *options, *more])


def test_it_trains_and_evaluates(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert train(tmp_path) == 0
    printed = capsys.readouterr().out
    assert "epoch 2/2" in printed
    assert "test: accuracy" in printed
    names = {path.name for path in tmp_path.iterdir()}
    assert {"model.keras", "run.json", "curves.png", "evaluation.json"} <= names
    run = TrainingRun.load(tmp_path / "run.json")
    assert (run.status, run.configuration["command"]["dataset"]) == (
        "finished",
        "digits",
    )
    trained = json.loads((tmp_path / "evaluation.json").read_text())
    assert main(["evaluate", str(tmp_path)]) == 0
    again = json.loads((tmp_path / "evaluation.json").read_text())
    assert again["confusion"] == trained["confusion"]
    assert again["log_loss"] == pytest.approx(trained["log_loss"])
    assert (tmp_path / "confusion.png").exists()
    assert (tmp_path / "most_wrong.png").exists()
    assert main(["evaluate", str(tmp_path), "--best", "--views"]) == 0

    assert train(tmp_path) == 2
    assert "Expected a folder without a finished run" in capsys.readouterr().err
    assert train(tmp_path, "--again") == 0


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["train", "lenet6", "--dataset", "digits"], "Did you mean 'lenet"),
        (["train", "lenet5", "--dataset", "digit"], "Did you mean 'digits'"),
        (["train", "lenet5", "--dataset", "photographs"], "for classification"),
        (["train", "lenet5", "--dataset", "digits", "--recipe", "x"], "as recipe"),
        (["evaluate", "no-such-folder"], "No such file"),
    ],
)
def test_what_is_wrong_is_said_in_a_line(
    arguments: list[str],
    message: str,
    capsys: pytest.CaptureFixture[str],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.chdir(tmp_path)
    assert main(arguments) == 2
    error = capsys.readouterr().err
    assert message in error
    assert error.count("\n") == 1
