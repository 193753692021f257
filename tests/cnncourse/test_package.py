"""The package is light: its parts are loaded when they are used."""

import subprocess
import sys

import pytest

import cnncourse

HEAVY = ("tensorflow", "keras", "matplotlib", "sklearn", "skimage", "scipy", "pandas")


def run(code: str) -> str:
    result = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True
    )
    return result.stdout


def test_import_loads_nothing() -> None:
    code = "import sys; before = set(sys.modules); import cnncourse; "
    loaded = run(code + "print(*sorted(set(sys.modules) - before))").split()
    assert loaded == ["cnncourse"]


def test_import_is_fast() -> None:
    code = "import time; t = time.perf_counter(); import cnncourse; "
    times = [float(run(code + "print(time.perf_counter() - t)")) for _ in range(3)]
    assert min(times) < 0.2


@pytest.mark.parametrize(
    "module", ["catalogue", "checks", "datasets", "interpretation", "ops"]
)
def test_modules_are_light(module: str) -> None:
    code = f"import sys, cnncourse; cnncourse.{module}; "
    loaded = run(code + "print(*sys.modules)").split()
    assert f"cnncourse.{module}" in loaded
    assert not set(HEAVY) & set(loaded)


def test_modules_are_attributes() -> None:
    for name in cnncourse.__all__:
        if name != "plots":  # draws, so it may take its time
            assert getattr(cnncourse, name) is not None
    assert set(cnncourse.__all__) <= set(dir(cnncourse))


def test_unknown_attribute() -> None:
    with pytest.raises(AttributeError, match=r"Expected one of architectures.*: opps"):
        cnncourse.opps  # noqa: B018
