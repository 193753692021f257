"""Coloured source: what is marked, that the text survives, and how long it takes."""

import re
from html import unescape
from time import perf_counter

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from autograder.pages.source import coloured

FLOODS = (
    *("(", '"', "'", '"""', "'''", 'f"{', "\\", '"\\', "@", "0", "a.", "def ", "\n "),
    *("#", "é", "\x00", '"""\\', '""" "', "class\t", "rb'", "_1"),
)


def marked(source: str, kind: str) -> list[str]:
    pattern = rf'<span class="{kind}">(.*?)</span>'
    return [unescape(text) for text in re.findall(pattern, coloured(source), re.DOTALL)]


def plain(html: str) -> str:
    return unescape(re.sub(r'<span class="[a-z]+">|</span>', "", html))


@pytest.mark.parametrize(
    ("source", "kind", "texts"),
    [
        ("x = 1  # one", "comment", ["# one"]),
        ("s = '#'  # not '", "comment", ["# not '"]),
        ("s = 'a\\'b' + \"c\"", "string", ["'a\\'b'", '"c"']),
        (
            'def f():\n    """Two\n    "lines"."""\n',
            "string",
            ['"""Two\n    "lines"."""'],
        ),
        ("rb'\\x00' + f\"{x}\" + ab'c'", "string", ["rb'\\x00'", 'f"{x}"', "'c'"]),
        ("'open\nx = 'next", "string", ["'open", "'next"]),
        ("'''open\nx", "string", ["'''open\nx"]),
        ("for i in range(3): pass", "keyword", ["for", "in", "pass"]),
        ("format = notin.is_ok", "keyword", []),
        ("def conv2d(x):\n  class Net:", "defined", ["conv2d", "Net"]),
        ("@np.vectorize\ndef f", "defined", ["@np.vectorize", "f"]),
        ("x1 + 0x1F + 1e-5 + 2.5j", "number", ["0x1F", "1e", "5", "2.5j"]),
        ("a < b & c", "operator", []),
    ],
)
def test_coloured_marks(source: str, kind: str, texts: list[str]) -> None:
    assert marked(source, kind) == texts


@given(
    st.text(st.sampled_from("ab1 \n\"'\\#<>&@.{}()é") | st.characters(), max_size=80)
)
@settings(max_examples=300, deadline=None)
def test_coloured_keeps_every_character_and_escapes_it(source: str) -> None:
    html = coloured(source)
    assert plain(html) == source
    assert "<" not in re.sub(r'<span class="[a-z]+">|</span>', "", html)


@pytest.mark.parametrize("flood", FLOODS)
def test_coloured_takes_linear_time(flood: str) -> None:
    source = flood * (200_000 // len(flood))
    start = perf_counter()
    html = coloured(source)
    assert perf_counter() - start < 5
    assert plain(html) == source
