"""The package is light and knows its names."""

import subprocess
import sys

import pytest

from cnncourse import interpretation


def test_names() -> None:
    for name in interpretation.__all__:
        assert getattr(interpretation, name).__doc__
    assert set(interpretation.__all__) <= set(dir(interpretation))


def test_import_is_light() -> None:
    code = "import sys, cnncourse.interpretation; print(*sys.modules)"
    command = [sys.executable, "-c", code]
    loaded = subprocess.run(command, capture_output=True, text=True, check=True).stdout
    assert not {"keras", "tensorflow", "matplotlib"} & set(loaded.split())


def test_unknown_name() -> None:
    with pytest.raises(AttributeError, match=r"Expected one of .*saliency.*: salience"):
        interpretation.salience  # noqa: B018
