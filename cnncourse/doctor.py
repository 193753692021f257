"""Says whether this machine can run the labs, and what to do where it cannot."""

import argparse
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from importlib import metadata
from importlib.util import find_spec
from pathlib import Path

OLDEST_PYTHON = (3, 11)
INSTALL = "pip install -e ."
REQUIREMENT = re.compile(r"([\w.-]+)[^;>=<]*(?:>=\s*([\d.]+))?")
COUNT_GPUS = "import tensorflow as t; print(len(t.config.list_physical_devices('GPU')))"


@dataclass(frozen=True)
class Line:
    """One thing that was looked at.

    Attributes:
        what: its name.
        ok: whether the labs can run with it as it is.
        state: what was found.
        remedy: what to do; "" if nothing need be done.
    """

    what: str
    ok: bool
    state: str
    remedy: str = ""


def examine() -> Iterator[Line]:
    """Looks at everything that the labs need, in the order in which to repair it."""
    yield python_line()
    yield from package_lines()
    yield from jupyter_lines()
    yield data_line()
    yield gpu_line()


def python_line() -> Line:
    """Looks at the version of Python."""
    found = ".".join(map(str, sys.version_info[:3]))
    wanted = ".".join(map(str, OLDEST_PYTHON))
    ok = sys.version_info[:2] >= OLDEST_PYTHON
    return Line("Python", ok, found, "" if ok else f"install Python {wanted} or newer")


def package_lines() -> Iterator[Line]:
    """Looks at the packages that cnncourse depends on, without importing them."""
    try:
        requirements = metadata.requires("cnncourse") or []
    except metadata.PackageNotFoundError:
        yield Line(
            "cnncourse", False, "not installed", f"run `{INSTALL}` in its folder"
        )
        return
    for requirement in requirements:
        if "extra ==" not in requirement:
            yield package_line(requirement)


def package_line(requirement: str) -> Line:
    """Looks at one package.

    Args:
        requirement: as packages write it, such as "numpy>=2.0".

    Raises:
        ValueError: if `requirement` does not begin with a name.
    """
    match = REQUIREMENT.match(requirement)
    if match is None:
        raise ValueError(
            f"Expected a requirement. Received: requirement={requirement!r}"
        )
    name, oldest = match.group(1), match.group(2) or "0"
    try:
        found = metadata.version(name)
    except metadata.PackageNotFoundError:
        return Line(name, False, "not installed", f"run `pip install {name}`")
    if _numbers(found) < _numbers(oldest):
        return Line(name, False, found, f"run `pip install '{name}>={oldest}'`")
    return Line(name, True, found)


def _numbers(version: str) -> tuple[int, ...]:
    """Returns the leading numbers of a version: "2.21.0rc1" gives (2, 21, 0)."""
    match = re.match(r"\d+(\.\d+)*", version)
    return tuple(map(int, match.group().split("."))) if match else ()


def jupyter_lines() -> Iterator[Line]:
    """Looks whether notebooks can be opened, run and handed in."""
    for what, command, module in (
        ("JupyterLab command", "jupyter-lab", "jupyterlab"),
        ("nbgrader command", "nbgrader", "nbgrader"),
    ):
        beside = Path(sys.executable).parent / command
        found = shutil.which(command) or (str(beside) if beside.exists() else "")
        ok = bool(found) and find_spec(module) is not None
        remedy = "" if ok else f"run `pip install {module}`"
        yield Line(what, ok, found or f"no command {command}", remedy)
    kernel = find_spec("ipykernel") is not None
    remedy = "" if kernel else "run `pip install ipykernel`"
    yield Line("Python kernel", kernel, "found" if kernel else "missing", remedy)


def data_line() -> Line:
    """Looks whether the data of the labs are there; they come with other packages."""
    from cnncourse.datasets.digits import DIGITS_FILE
    from cnncourse.datasets.installed import installed_file
    from cnncourse.datasets.photographs import PHOTOGRAPHS

    files = [DIGITS_FILE, *((p.package, p.path) for p in PHOTOGRAPHS.values())]
    missing = set()
    for package, path in files:
        try:
            installed_file(package, path)
        except FileNotFoundError:
            missing.add(f"{package}/{path}")
    if missing:
        remedy = "run `pip install --force-reinstall scikit-learn scikit-image`"
        return Line("data", False, f"missing: {', '.join(sorted(missing))}", remedy)
    return Line("data", True, f"{len(files)} files")


def gpu_line() -> Line:
    """Looks whether TensorFlow can use a GPU; the labs run without one.

    TensorFlow, slow to import, is asked only where there is a GPU to be found.
    """
    driver = _output(["nvidia-smi", "-L"])
    if not driver:
        return Line("GPU", True, "none: the labs run on the CPU")
    name = driver.splitlines()[0].split(" (")[0]
    quiet = {**os.environ, "TF_CPP_MIN_LOG_LEVEL": "3"}
    if _output([sys.executable, "-c", COUNT_GPUS], quiet).strip() in ("", "0"):
        remedy = "to use it run `pip install 'tensorflow[and-cuda]'`"
        return Line("GPU", True, f"{name}, not used by TensorFlow", remedy)
    return Line("GPU", True, name)


def _output(command: list[str], environment: dict[str, str] | None = None) -> str:
    """Returns what a command prints; "" if it is missing, fails or takes a minute."""
    try:
        result = subprocess.run(
            command, capture_output=True, text=True, timeout=60, env=environment
        )
    except (OSError, subprocess.TimeoutExpired):
        return ""
    return result.stdout if result.returncode == 0 else ""


def report() -> int:
    """Prints a line for each thing; returns 0 if the labs can run, else 1."""
    lines = list(examine())
    try:
        _print_table(lines)
    except ImportError:  # rich itself may be what is missing
        for line in lines:
            state = "ok" if line.ok else "TO DO"
            print(f"{state:5} {line.what}: {line.state} {line.remedy}".rstrip())
    return 0 if all(line.ok for line in lines) else 1


def _print_table(lines: list[Line]) -> None:
    from rich.console import Console
    from rich.markup import escape
    from rich.table import Table

    table = Table(title="cnncourse doctor")
    for column in ("what", "state", "found", "what to do"):
        table.add_column(column, overflow="fold")
    for line in lines:
        state = "[green]ok[/]" if line.ok else "[bold red]to do[/]"
        remedy = escape(line.remedy)
        table.add_row(escape(line.what), state, escape(line.state), remedy)
    Console().print(table)
    undone = [line.what for line in lines if not line.ok]
    if undone:
        Console().print(f"[bold red]To do:[/] {escape(', '.join(undone))}")
    else:
        Console().print("[green]The labs can run.[/]")


def add_to(commands: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """Adds `doctor` to the commands of `cnncourse`."""
    text = "Says whether this machine can run the labs."
    doctor = commands.add_parser("doctor", help=text, description=text)
    doctor.set_defaults(run=lambda options: report())
