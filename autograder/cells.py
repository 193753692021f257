"""The text format of labs: percent cells with short headers.

`docs/writing_a_lab.md` describes the format for people who write labs.
"""

from __future__ import annotations

import ast
import importlib
import math
import re
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

BEGIN_SOLUTION, END_SOLUTION = "### BEGIN SOLUTION", "### END SOLUTION"
BEGIN_HIDDEN, END_HIDDEN = "### BEGIN HIDDEN TESTS", "### END HIDDEN TESTS"

# header key -> kind of cell; the prefix that makes its id from its name
KINDS = {
    "given": "given_",
    "solution": "",
    "tests": "test_",
    "experiment": "experiment_",
}
_ID = re.compile(r"[A-Za-z0-9_-]{1,64}")


class LabError(ValueError):
    """A lab's source is not what the format says."""


@dataclass(frozen=True)
class Cell:
    """A cell of a lab.

    Args:
        id: the notebook cell's id, and nbgrader's `grade_id` of a code cell.
        kind: "markdown", "given", "solution", "tests" or "experiment".
        source: the whole text, with solution and hidden regions.
        exercise: which exercise a solution or test cell belongs to.
        points: what a test cell is worth.
    """

    id: str
    kind: str
    source: str
    exercise: str = ""
    points: float = 0.0

    def hidden_line(self) -> int | None:
        """The line (from 1) at which the hidden tests begin, if there are any."""
        for number, line in enumerate(self.source.split("\n"), start=1):
            if BEGIN_HIDDEN in line:
                return number
        return None


@dataclass(frozen=True)
class Alternative:
    """A wrong or right answer that replaces an exercise's solution.

    Args:
        name: how reports call it.
        exercise: whose solution cell it replaces.
        source: its code.
        fails: the test cells that it must fail; empty for a variant.
        hint: what a student who made this mistake is told; "" for a variant.
    """

    name: str
    exercise: str
    source: str
    fails: tuple[str, ...] = ()
    hint: str = ""


def read_percent(path: Path) -> tuple[list[tuple[str, dict[str, Any], str]], dict]:
    """Reads a percent file.

    Args:
        path: the text file.
    Returns:
        `(cell_type, header options, source)` for each cell, and the file's header.
    Raises:
        LabError: if the file is not readable text in the percent format.
    """
    jupytext = _import_jupytext()
    from yaml import YAMLError

    try:
        notebook = jupytext.reads(path.read_text("utf-8"), fmt="py:percent")
    except (OSError, ValueError, YAMLError) as error:
        raise LabError(f"{path}: Expected a percent file. Received: {error}") from None
    # jupytext adds notes on blank lines, to write the text as it was
    cells = [
        (
            c.cell_type,
            {k: v for k, v in c.metadata.items() if not k.startswith("lines_to_")},
            c.source,
        )
        for c in notebook.cells
    ]
    return cells, dict(notebook.metadata)


def _import_jupytext() -> Any:
    """Imports jupytext when it is needed, in half the time that it takes by itself.

    Of the packages behind it one builds forty grammars for identifiers of the web,
    with which no notebook is checked. jsonschema goes without it where it is missing.
    """
    grammars = "rfc3987_syntax"
    missing = grammars not in sys.modules
    if missing:
        sys.modules[grammars] = None  # type: ignore[assignment]
    try:
        return importlib.import_module("jupytext")
    finally:
        if missing:
            del sys.modules[grammars]


def read_lab_cells(path: Path) -> tuple[tuple[Cell, ...], dict[str, Any]]:
    """Reads a lab's source.

    Args:
        path: `solutions/labNN_topic/labNN_topic.py`.
    Returns:
        The cells, in order, and the `lab` part of the file's header.
    Raises:
        LabError: if a header, an id, a region or the order is not as the format says.
    """
    raw, header = read_percent(path)
    cells: list[Cell] = []
    for cell_type, options, source in raw:
        try:
            cells.append(_cell(cell_type, options, source, len(cells)))
        except LabError as error:
            raise LabError(f"{path}: {error}") from None
    _check_lab(path, cells)
    lab = header.get("lab", {})
    if not isinstance(lab, dict):
        raise LabError(f"{path}: Expected lab to hold the lab's keys. Received: {lab}")
    return tuple(cells), dict(lab)


def _cell(cell_type: str, options: dict[str, Any], source: str, index: int) -> Cell:
    if cell_type == "markdown":
        return Cell(f"text_{index:03d}", "markdown", source)
    kind = next((k for k in KINDS if k in options), None)
    extra = set(options) - {kind, "name", "points"}
    if kind is None or extra:
        raise LabError(
            f"Expected a cell header with one of {', '.join(KINDS)}, and at most name "
            f"and points. Received: {options or source[:60]!r}"
        )
    name = str(options[kind])
    if "name" in options:
        name = f"{name}_{options['name']}"
    identity = KINDS[kind] + name
    if not _ID.fullmatch(identity):
        raise LabError(
            f"Expected an id of 1 to 64 letters, digits, - or _. Received: {identity!r}"
        )
    points = options.get("points", 0)
    if (kind == "tests") != ("points" in options):
        raise LabError(f"Expected points on test cells only. Received: {identity}")
    if type(points) not in (int, float) or not 0 <= points < math.inf:
        raise LabError(f"Expected points of {identity} from 0 up. Received: {points!r}")
    if kind != "experiment":
        _parse(source, identity)
    exercise = str(options[kind]) if kind in ("solution", "tests") else ""
    return Cell(identity, kind, source, exercise, float(points))


def _parse(source: str, name: str) -> ast.Module:
    try:
        return ast.parse(source)
    except (SyntaxError, ValueError) as error:
        raise LabError(f"Expected Python in {name}. Received: {error}") from None


def _check_lab(path: Path, cells: list[Cell]) -> None:
    seen: set[str] = set()
    for cell in cells:
        if cell.id in seen:
            raise LabError(
                f"{path}: Expected unique cell ids. Received twice: {cell.id}"
            )
        seen.add(cell.id)
        _check_region(path, cell)
    answered = {c.exercise for c in cells if c.kind == "solution"}
    tested = {c.exercise for c in cells if c.kind == "tests"}
    if answered != tested:
        raise LabError(
            f"{path}: Expected a solution and tests for each exercise. "
            f"Received one without the other: {sorted(answered ^ tested)}"
        )
    answers = solution_names(cells)
    for cell in cells:
        if cell.kind == "given" and (used := names_used(cell.source) & answers):
            raise LabError(
                f"{path}: Expected given cells not to use the student's names: make "
                f"{cell.id} an experiment. Received: {sorted(used)}"
            )


def _check_region(path: Path, cell: Cell) -> None:
    for kind, begin, end in (
        ("solution", BEGIN_SOLUTION, END_SOLUTION),
        ("tests", BEGIN_HIDDEN, END_HIDDEN),
    ):
        marks = re.findall(f"{begin}|{end}", cell.source)
        begins, ends = marks.count(begin), marks.count(end)
        required = kind == "solution" and cell.kind == kind
        if (
            marks != [begin, end] * begins
            or (begins and cell.kind != kind)
            or (required and not begins)
        ):
            raise LabError(
                f"{path}: Expected {begin} and {end} in pairs, in {kind} cells only. "
                f"Received: {begins} and {ends} in the {cell.kind} cell {cell.id}"
            )


def read_alternatives(path: Path, kind: str) -> tuple[Alternative, ...]:
    """Reads a lab's `mistakes.py` or `variants.py`.

    Args:
        path: the text file; a missing one holds nothing.
        kind: "mistake" or "variant".
    Returns:
        The alternatives, in order.
    Raises:
        LabError: if a cell's header or hint is not as the format says.
    """
    if not path.exists():
        return ()
    found: list[Alternative] = []
    for cell_type, options, source in read_percent(path)[0]:
        if cell_type != "code" or not options:
            continue  # prose, and imports that keep the file readable as Python
        expected = {kind, "exercise"} | ({"fails"} if kind == "mistake" else set())
        if set(options) != expected:
            raise LabError(
                f"{path}: Expected a cell header with {sorted(expected)}. "
                f"Received: {options}"
            )
        code, hint = source, ""
        name, exercise = str(options[kind]), str(options["exercise"])
        body = _parse(source, f"{kind} {name} in {path}").body
        if kind == "mistake":
            code, hint = _split_hint(path, source, body)
        fails = tuple(str(options.get("fails", "")).split())
        if any((name, exercise) == (o.name, o.exercise) for o in found):
            raise LabError(
                f"{path}: Expected an exercise's {kind}s to have names of their own. "
                f"Received twice: {name} of {exercise}"
            )
        found.append(Alternative(name, exercise, code, fails, hint))
    return tuple(found)


def _split_hint(path: Path, source: str, body: list[ast.stmt]) -> tuple[str, str]:
    first = body[0] if body else None
    if not (
        isinstance(first, ast.Expr)
        and isinstance(first.value, ast.Constant)
        and isinstance(first.value.value, str)
    ):
        raise LabError(
            f"{path}: Expected a mistake to begin with its hint, a string. "
            f"Received: {source[:60]!r}"
        )
    lines = source.split("\n")[first.end_lineno or 0 :]
    return "\n".join(lines).strip("\n"), " ".join(first.value.value.split())


def solution_names(cells: list[Cell] | tuple[Cell, ...]) -> set[str]:
    """The names that the solution cells define at their top level."""
    names: set[str] = set()
    for cell in cells:
        if cell.kind == "solution":
            names |= names_defined(cell.source)
    return names


def names_defined(source: str) -> set[str]:
    """The names that `source` defines by def, class or assignment at its top level."""
    names: set[str] = set()
    for node in ast.parse(source).body:
        if isinstance(node, ast.FunctionDef | ast.ClassDef | ast.AsyncFunctionDef):
            names.add(node.name)
        elif isinstance(node, ast.Assign | ast.AnnAssign):
            names |= {
                n.id
                for n in ast.walk(node)
                if isinstance(n, ast.Name) and isinstance(n.ctx, ast.Store)
            }
    return names


def names_used(source: str) -> set[str]:
    """The names that `source` reads anywhere."""
    return {
        n.id
        for n in ast.walk(ast.parse(source))
        if isinstance(n, ast.Name) and isinstance(n.ctx, ast.Load)
    }
