"""Is the package light, and are its names what it says?"""

import subprocess
import sys

import pytest

from cnncourse import training


def test_the_package_and_its_commands_import_neither_keras_nor_tensorflow() -> None:
    code = (
        "import sys, cnncourse.training, cnncourse.training.command\n"
        "print([n for n in ('keras', 'tensorflow', 'matplotlib') if n in sys.modules])"
    )
    result = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True
    )
    assert result.stdout.strip() == "[]"


@pytest.mark.parametrize("name", training.__all__)
def test_every_name_is_there(name: str) -> None:
    value = getattr(training, name)
    assert value.__doc__ or name.isupper()
    assert name in dir(training)


def test_other_names_are_refused() -> None:
    with pytest.raises(AttributeError, match="Expected one of Batches, "):
        _ = training.train_it
