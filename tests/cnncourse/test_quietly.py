"""Imports without the notes of C code, and with Python's errors."""

import subprocess
import sys
from pathlib import Path

import pytest

from cnncourse.quietly import import_quietly

LOUD = "import os\nos.write(2, b'a note on processors')\nanswer = 42\n"


def test_what_is_written_meanwhile_is_dropped(tmp_path: Path) -> None:
    (tmp_path / "loud.py").write_text(LOUD)
    code = (
        "from cnncourse.quietly import import_quietly\nimport os\n"
        "print(import_quietly('loud').answer)\nos.write(2, b'heard')"
    )
    done = subprocess.run(
        [sys.executable, "-c", code],
        env={"PYTHONPATH": f"{tmp_path}:.", "PATH": ""},
        capture_output=True,
        text=True,
        check=True,
    )
    assert (done.stdout, done.stderr) == ("42\n", "heard")


def test_what_is_not_there_is_an_error() -> None:
    with pytest.raises(ModuleNotFoundError, match="no_such_module"):
        import_quietly("no_such_module")
