"""Finds the source of a function, and the names that it uses."""

import ast
import inspect
import textwrap
from collections.abc import Callable, Iterator, Sequence


def source_of(function: Callable[..., object]) -> str | None:
    """Returns the source of a function, or None if there is none to be parsed.

    Args:
        function: a Python function, or a stand-in for one that carries its source as
            `__lab_source__`.
    """
    try:
        carried = getattr(function, "__lab_source__", None)
        source = textwrap.dedent(carried or inspect.getsource(function))
        ast.parse(source)
    except (OSError, TypeError, ValueError, SyntaxError, RecursionError):
        return None
    return source


def uses(source: str, names: Sequence[str]) -> Iterator[tuple[str, int, str]]:
    """Yields each use of one of `names`: the name, the line's number and its text.

    A name counts as a variable, an attribute, part of an import or the name of a
    function; in a comment or a text it does not.
    """
    lines = source.split("\n")
    for node in ast.walk(ast.parse(source)):
        for name in sorted(_names(node) & set(names)):
            number = getattr(node, "lineno", 1)
            yield name, number, lines[number - 1].strip()


def _names(node: ast.AST) -> set[str]:
    """Returns the names that one node of a syntax tree uses."""
    match node:
        case ast.Name(id=name) | ast.Attribute(attr=name) | ast.FunctionDef(name=name):
            return {name}
        case ast.Import(names=aliases):
            return {part for alias in aliases for part in alias.name.split(".")}
        case ast.ImportFrom(module=module, names=aliases):
            parts = (module or "").split(".")
            return {*parts, *(alias.name for alias in aliases)}
    return set()
