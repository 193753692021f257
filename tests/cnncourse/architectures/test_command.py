"""The commands about architectures."""

from pathlib import Path

import pytest

from cnncourse import architectures
from cnncourse.__main__ import main
from cnncourse.architectures import ARCHITECTURES


def test_models(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["models"]) == 0
    text = capsys.readouterr().out
    for name, entry in ARCHITECTURES.items():
        line = next(line for line in text.splitlines() if f" {name} " in line)
        assert f" {entry.year} " in line and f" {entry.parameters:,} " in line
        assert " x ".join(map(str, entry.input_shape)) in line
        assert f"{entry.macs:,}" in line
    assert f"{len(ARCHITECTURES)} architectures" in text


def test_models_of_a_task(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["models", "--task", "segmentation", "--year", "2015"]) == 0
    text = capsys.readouterr().out
    assert f"{len(architectures.list('segmentation', 2015))} architectures" in text
    assert "resnet" not in text


def test_summary(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["summary", "lenet5", "--input", "28x28x3", "--classes", "26"]) == 0
    text = capsys.readouterr().out
    assert "c1_conv  Conv2D        28 x 28 x 6          456" in text
    assert "logits   Dense         26 " in text


@pytest.mark.parametrize("suffix", ["svg", "png"])
def test_diagram(
    suffix: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / f"net.{suffix}"
    assert main(["diagram", "lenet5", "-o", str(path)]) == 0
    assert path.stat().st_size > 2000
    assert capsys.readouterr().out == f"{path}: lenet5\n"


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["summary", "lenet6"], "Did you mean"),
        (["summary", "alexnet", "--input", "32x32x3"], "large enough for every layer"),
        (["summary", "lenet5", "--input", "1x28x28"], "channels last"),
        (["diagram", "lenet5", "-o", "net.gif"], "ends in .svg or .png"),
        (["models", "--task", "cooking"], "Expected task in"),
    ],
)
def test_one_line_for_an_error(
    arguments: list[str], message: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(arguments) == 2
    lines = capsys.readouterr().err.splitlines()
    assert len(lines) == 1 and message in lines[0]


def test_wrong_sizes(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        main(["summary", "lenet5", "--input", "28,28"])
    assert (
        "Expected sizes such as 28x28x1. Received: '28,28'" in capsys.readouterr().err
    )
