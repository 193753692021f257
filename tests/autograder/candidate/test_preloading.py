"""What a lab's processes import before they fork."""

import gc
import sys
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType

import pytest

from autograder.candidate import preloading


@pytest.fixture
def spared(monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    """A module that is spared, and not loaded yet."""
    threshold = gc.get_threshold()
    monkeypatch.setattr(preloading, "SPARED", ("this",))
    monkeypatch.delitem(sys.modules, "this", raising=False)
    yield "this"
    gc.unfreeze()
    gc.set_threshold(*threshold)


@pytest.fixture
def asks(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    """A package that looks for the spared module, as Keras does."""
    code = "try:\n    import this\nexcept ImportError:\n    this = None\n"
    (tmp_path / "asks_for_it.py").write_text(code)
    monkeypatch.syspath_prepend(str(tmp_path))
    monkeypatch.delitem(sys.modules, "asks_for_it", raising=False)
    return "asks_for_it"


def test_a_spared_module_is_not_imported_for_another(spared: str, asks: str) -> None:
    preloading.preload([asks])
    assert sys.modules[asks].this is None
    assert spared not in sys.modules
    assert gc.isenabled()


def test_a_spared_module_comes_if_it_is_named(
    spared: str, asks: str, capsys: pytest.CaptureFixture
) -> None:
    preloading.preload([spared, asks])
    assert gc.get_threshold()[0] == preloading.OBJECTS
    assert isinstance(sys.modules[asks].this, ModuleType)
    assert "Zen" in capsys.readouterr().out


def test_a_missing_package_leaves_all_as_it_was(spared: str) -> None:
    with pytest.raises(ModuleNotFoundError, match="no_such_package"):
        preloading.preload(["no_such_package"])
    assert spared not in sys.modules and gc.isenabled()
