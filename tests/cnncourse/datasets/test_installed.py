"""Data are found in installed packages, which are not imported."""

import subprocess
import sys
from pathlib import Path

import pytest

from cnncourse.datasets.installed import installed_file


def test_file_is_found() -> None:
    assert installed_file("sklearn", "datasets/images/china.jpg").is_file()


@pytest.mark.parametrize(
    ("package", "path", "message"),
    [
        ("sklearn", "datasets/faces.csv", "file datasets/faces.csv.*no such file"),
        ("no_such_package", "a.csv", "package no_such_package.*no such package"),
        ("this", "a.csv", "Received: no such package"),
    ],
)  # fmt: skip
def test_missing_file(package: str, path: str, message: str) -> None:
    with pytest.raises(FileNotFoundError, match=message):
        installed_file(package, path)


def test_folder_without_code_will_do(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """While a lab is graded, only the data of these packages are there."""
    (tmp_path / "bare_package").mkdir()
    (tmp_path / "bare_package" / "a.csv").write_text("1")
    monkeypatch.syspath_prepend(tmp_path)
    assert installed_file("bare_package", "a.csv").read_text() == "1"


def test_packages_are_neither_imported_nor_needed_as_modules() -> None:
    code = """
import sys
for name in ("sklearn", "skimage", "scipy", "tensorflow"):
    sys.modules[name] = None  # importing it would raise
from cnncourse import datasets
datasets.digits(), datasets.photograph("camera"), datasets.photograph("china")
"""
    subprocess.run([sys.executable, "-c", code], check=True)
