"""`cnncourse datasets` and `cnncourse show`."""

from pathlib import Path

import pytest
from PIL import Image

from cnncourse.__main__ import main
from cnncourse.datasets import DATASETS, info


def test_all_sets_are_listed_with_their_marks(
    capsys: pytest.CaptureFixture[str],
) -> None:
    assert main(["datasets"]) == 0
    lines = capsys.readouterr().out.splitlines()
    marks = {"nothing": "offline", "network": "online", "files": "your files"}
    for line, (name, record) in zip(lines, DATASETS.items(), strict=False):
        assert line.split()[0] == name
        assert f" {marks[record.needs]} " in line and record.title in line


def test_one_set_is_explained(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["datasets", "mnist"]) == 0
    assert capsys.readouterr().out == info("mnist") + "\n"


def test_show_writes_a_picture(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = tmp_path / "boxes.png"
    arguments = ["shapes", "-o", str(file), "--task", "detection", "--count", "2"]
    assert main(["show", *arguments, "--split", "test", "--seed", "5"]) == 0
    assert capsys.readouterr().out == f"{file}\n"
    with Image.open(file) as picture:
        assert picture.format == "PNG"


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["datasets", "digitz"], "Did you mean 'digits'"),
        (["show", "digits", "--task", "flow"], "no other options than none"),
        (["show", "mr"], "Expected data_dir with rt-polarity.all"),
    ],
)
def test_mistakes_are_one_line(
    arguments: list, message: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(arguments) == 2
    error = capsys.readouterr().err
    assert message in error and error.count("\n") == 1
