"""The sources of functions and the names in them."""

import types

import numpy as np
import pytest

from cnncourse.source_code import source_of, uses


def example(x: int) -> int:
    return abs(x)


def test_source_of_a_function_is_dedented() -> None:
    def inner() -> None:
        pass

    assert (source_of(example) or "").startswith("def example(x: int)")
    assert (source_of(inner) or "").startswith("def inner()")


def test_source_that_is_carried_wins() -> None:
    proxy = types.SimpleNamespace(__lab_source__="    x = 1\n")
    assert source_of(proxy) == "x = 1\n"


@pytest.mark.parametrize("source", ["def f(:", "x = \0", "(" * 500 + ")" * 500])
def test_source_that_cannot_be_parsed(source: str) -> None:
    assert source_of(types.SimpleNamespace(__lab_source__=source)) is None


@pytest.mark.parametrize("function", [len, np.dot, 3])
def test_no_source(function: object) -> None:
    assert source_of(function) is None  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("source", "number"),
    [
        ("y = wanted(x)", 1),
        ("\n# wanted\n'wanted'\ny = a.wanted.b", 4),
        ("import a.wanted.b as c", 1),
        ("from a.wanted import b", 1),
        ("from a import wanted as c", 1),
        ("def f():\n    def wanted(): pass", 2),
        ("x = 1\f\ny = wanted", 2),
    ],
)
def test_uses(source: str, number: int) -> None:
    ((name, line_number, line),) = uses(source, ["wanted", "other"])
    assert (name, line_number) == ("wanted", number)
    assert "wanted" in line


@pytest.mark.parametrize(
    "source", ["'wanted'", "# wanted", "wanted2 = 1", "f(wante=1)"]
)
def test_no_uses(source: str) -> None:
    assert list(uses(source, ["wanted"])) == []
