"""The doctor says what is there, what is missing and what to do."""

import subprocess
import sys
from importlib import metadata
from typing import Any

import pytest

from cnncourse import doctor
from cnncourse.doctor import Line


def test_all_is_well_here(capsys: pytest.CaptureFixture[str]) -> None:
    assert doctor.report() == 0
    printed = capsys.readouterr().out
    for word in ("Python", "numpy", "JupyterLab", "nbgrader", "data", "GPU"):
        assert word in printed
    assert "The labs can run." in printed


def test_something_to_do(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    lines = [Line("a", True, "1.0"), Line("b", False, "[old] 0.1", "buy a new one")]
    monkeypatch.setattr(doctor, "examine", lambda: iter(lines))
    assert doctor.report() == 1
    printed = capsys.readouterr().out
    assert "[old] 0.1" in printed and "buy a new one" in printed
    assert "To do: b" in printed


def test_without_rich_it_prints_plain_lines(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    line = Line("rich", False, "not installed", "run `pip install rich`")
    monkeypatch.setattr(doctor, "examine", lambda: iter([line]))
    monkeypatch.setitem(sys.modules, "rich.table", None)
    assert doctor.report() == 1
    expected = "TO DO rich: not installed run `pip install rich`\n"
    assert capsys.readouterr().out == expected


def test_old_python(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "version_info", (3, 9, 1))
    assert doctor.python_line() == Line(
        "Python", False, "3.9.1", "install Python 3.11 or newer"
    )


@pytest.mark.parametrize(
    ("requirement", "found", "ok"),
    [
        ("numpy>=2.0", "2.4.6", True),
        ("numpy>=2.0", "2.0", True),
        ("numpy>=2.0", "1.26.4", False),
        ("numpy>=2.10", "2.9", False),
        ("numpy>=2.0", "2.1.0rc1", True),
        ("tensorflow[and-cuda]>=2.20", "2.21.0", True),
        ("tensorflow[and-cuda]>=2.20", "2.19.1", False),
        ("numpy", "0.1", True),
    ],
)
def test_versions(
    monkeypatch: pytest.MonkeyPatch, requirement: str, found: str, ok: bool
) -> None:
    monkeypatch.setattr(metadata, "version", lambda name: found)
    line = doctor.package_line(requirement)
    assert (line.ok, line.state) == (ok, found)
    assert ok or line.remedy.startswith("run `pip install '")


def test_missing_package(monkeypatch: pytest.MonkeyPatch) -> None:
    line = doctor.package_line("no-such-package>=1.0")
    assert (line.ok, line.remedy) == (False, "run `pip install no-such-package`")

    def missing(name: str) -> Any:
        raise metadata.PackageNotFoundError(name)

    monkeypatch.setattr(metadata, "requires", missing)
    (line,) = doctor.package_lines()
    assert not line.ok and "pip install -e ." in line.remedy


def test_extras_are_not_required(monkeypatch: pytest.MonkeyPatch) -> None:
    requirements = ["numpy>=1.0", 'ruff>=0.1; extra == "dev"']
    monkeypatch.setattr(metadata, "requires", lambda name: requirements)
    assert [line.what for line in doctor.package_lines()] == ["numpy"]


def test_no_requirement() -> None:
    with pytest.raises(ValueError, match=r"Expected a requirement. Received"):
        doctor.package_line(">=1")


def test_missing_commands(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(doctor.shutil, "which", lambda name: None)
    monkeypatch.setattr(sys, "executable", "/nowhere/python")
    lines = {line.what: line for line in doctor.jupyter_lines()}
    assert not lines["JupyterLab command"].ok
    assert lines["nbgrader command"].remedy == "run `pip install nbgrader`"


def test_missing_data(monkeypatch: pytest.MonkeyPatch) -> None:
    def missing(package: str, path: str) -> Any:
        raise FileNotFoundError

    monkeypatch.setattr("cnncourse.datasets.installed.installed_file", missing)
    line = doctor.data_line()
    assert not line.ok and "sklearn/datasets/data/digits.csv.gz" in line.state
    assert "scikit-image" in line.remedy


@pytest.mark.parametrize(
    ("driver", "gpus", "state", "remedy"),
    [
        ("", "", "none: the labs run on the CPU", ""),
        ("GPU 0: X (UUID: 1)\nGPU 1: X", "2\n", "GPU 0: X", ""),
        ("GPU 0: X (UUID: 1)", "0\n", "GPU 0: X, not used by TensorFlow", "and-cuda"),
        ("GPU 0: X (UUID: 1)", "", "GPU 0: X, not used by TensorFlow", "and-cuda"),
    ],
)
def test_gpu(
    monkeypatch: pytest.MonkeyPatch, driver: str, gpus: str, state: str, remedy: str
) -> None:
    asked: list = []

    def output(command: list[str], environment: Any = None) -> str:
        asked.append(command[0])
        return driver if command[0] == "nvidia-smi" else gpus

    monkeypatch.setattr(doctor, "_output", output)
    line = doctor.gpu_line()
    assert line.ok and line.state == state and remedy in line.remedy
    assert len(asked) == (2 if driver else 1)  # TensorFlow is slow: only with a GPU


def test_output_of_commands() -> None:
    assert doctor._output([sys.executable, "-c", "print(1)"]) == "1\n"
    assert doctor._output([sys.executable, "-c", "print(1); exit(2)"]) == ""
    assert doctor._output(["/no/such/command"]) == ""


def test_output_of_a_command_that_hangs(monkeypatch: pytest.MonkeyPatch) -> None:
    def hang(*arguments: Any, **options: Any) -> Any:
        raise subprocess.TimeoutExpired("x", options["timeout"])

    monkeypatch.setattr(subprocess, "run", hang)
    assert doctor._output(["x"]) == ""
