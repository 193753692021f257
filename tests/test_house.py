"""What must agree in the house: dependencies, lock, notebooks."""

import json
import re
import tomllib
from pathlib import Path

import pytest
from packaging.markers import default_environment
from packaging.requirements import Requirement
from packaging.specifiers import SpecifierSet
from packaging.utils import canonicalize_name

ROOT = Path(__file__).parents[1]
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]
ENVIRONMENT = (ROOT / "environment.yml").read_text("utf-8").splitlines()
LOCK = (ROOT / "requirements.lock").read_text("utf-8").splitlines()
IN_CONDA = {  # PyPI's name -> conda-forge's, where it is another
    "importlib-resources": "importlib_resources",
    "msgpack": "msgpack-python",
}


def by_name(requirements: list[str]) -> dict[str, Requirement]:
    parsed = [Requirement(text) for text in requirements]
    return {canonicalize_name(r.name): r for r in parsed}


NEEDED = by_name(PROJECT["dependencies"])
EXTRAS = {
    f"{extra} {name}": requirement
    for extra, texts in PROJECT["optional-dependencies"].items()
    if extra != "gpu"  # its packages are for one kind of machine
    for name, requirement in by_name(texts).items()
}


def environment_pins() -> dict[str, str]:
    """The pins of environment.yml, without comments: name -> version."""
    found = {}
    for line in ENVIRONMENT:
        match = re.fullmatch(r"\s*- ([\w.-]+)(>=[\w.]+)\s*(#.*)?", line)
        if match:
            found[match[1]] = match[2]
    return found


def test_conda_and_pip_install_the_same() -> None:
    expected = {IN_CONDA.get(n, n): str(r.specifier) for n, r in NEEDED.items()}
    assert environment_pins() == {"python": PROJECT["requires-python"], **expected}


def test_every_pin_says_where_it_is_used() -> None:
    bare = [line for line in ENVIRONMENT if ">=" in line and "#" not in line]
    assert bare == ["  - python>=3.11"]


def test_conda_leaves_our_own_package_alone() -> None:
    assert "--no-deps --editable ." in ENVIRONMENT[-1]


def locked() -> list[Requirement]:
    return [Requirement(line) for line in LOCK]


def test_the_lock_has_exact_versions_and_no_addresses() -> None:
    for line, requirement in zip(LOCK, locked(), strict=True):
        assert re.fullmatch(r"[\w.-]+==[\w.!+]+( ; .+)?", line), line
        assert requirement.url is None and not requirement.extras
    names = [requirement.name for requirement in locked()]
    assert len(names) > 100 and sorted(names) == names


def in_lock(requirement: Requirement) -> list[SpecifierSet]:
    """The versions that the lock gives to a package on this machine."""
    name = canonicalize_name(requirement.name)
    here = default_environment()
    return [
        lock.specifier
        for lock in locked()
        if canonicalize_name(lock.name) == name
        and (lock.marker is None or lock.marker.evaluate(dict(here)))
    ]


@pytest.mark.parametrize("name", [*NEEDED, *EXTRAS])
def test_the_lock_satisfies_the_project(name: str) -> None:
    requirement = {**NEEDED, **EXTRAS}[name]
    versions = in_lock(requirement)
    assert len(versions) == 1, f"{requirement.name} is locked {len(versions)} times"
    version = next(iter(versions[0])).version
    assert requirement.specifier.contains(version)


NOTEBOOKS = sorted(
    path
    for folder in ("solutions", "labs", "tests", "docs")
    for path in (ROOT / folder).rglob("*.ipynb")
    if ".ipynb_checkpoints" not in path.parts
)


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda p: str(p.relative_to(ROOT)))
def test_no_notebook_has_outputs(path: Path) -> None:
    code = [
        cell
        for cell in json.loads(path.read_text("utf-8"))["cells"]
        if cell["cell_type"] == "code"
    ]
    assert code
    assert all(not c["outputs"] and c["execution_count"] is None for c in code)
