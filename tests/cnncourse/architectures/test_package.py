"""The package is light until it is used."""

import subprocess
import sys

import pytest

from cnncourse import architectures


def test_import_loads_no_keras() -> None:
    code = "import sys, cnncourse.architectures, cnncourse.architectures.command; "
    result = subprocess.run(
        [sys.executable, "-c", code + "print('keras' in sys.modules)"],
        capture_output=True,
        text=True,
        check=True,
    )
    assert result.stdout == "False\n"


def test_names_are_what_they_say() -> None:
    from cnncourse.architectures import block_diagram, summary_table

    assert architectures.summary is summary_table.summary
    assert architectures.diagram is block_diagram.diagram
    for name in architectures.__all__:
        assert getattr(architectures, name) is not None
    assert set(architectures.__all__) == set(dir(architectures))


def test_unknown_name() -> None:
    with pytest.raises(AttributeError, match=r"Expected one of ARCH.*: summarise"):
        architectures.summarise  # noqa: B018
