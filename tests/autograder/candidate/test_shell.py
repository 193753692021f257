"""The shell in which cells run: what they show, and what they may not flood."""

import base64
import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from autograder.candidate import shell
from autograder.candidate.shell import Outputs, Stream

SCRIPT = """
import json, os, sys
from autograder.candidate import shell
cells = json.loads(sys.argv[1])
report = os.dup(1)
made, outputs = shell.make_shell()
memory = shell.attach_streams(outputs, 1000)
found = []
for source in cells:
    result = made.run_cell(source, store_history=False)
    from matplotlib_inline.backend_inline import flush_figures
    flush_figures()
    shell.collect_descriptor_output(outputs, memory)
    found.append([bool(result.success), *outputs.take()])
os.write(report, json.dumps(found).encode())
"""

CELLS = {
    "print": "print('a', 1)\nprint('b')",
    "value": "[1.5]",
    "assignment": "x = 5",
    "assigned": "x",
    "error stream": "import sys\nprint('careful', file=sys.stderr)",
    "error": "def inner():\n    return 1 / 0\n\ninner()",
    "figure": "import matplotlib.pyplot as plt\nplt.plot([1, 2])\nplt.show()",
    "figure without show": "plt.plot([1, 2])\nNone",
    "no figure left": "plt.get_fignums()",
    "inline": "%matplotlib inline",
    "program": "import os\nos.system('echo from a program')\nNone",
    "bang": "!echo from a line",
    "descriptor": "os.write(1, b'one ')\nos.write(2, b'two')\nNone",
    "input": "input('your name? ')",
    "flood": "print('y' * 10**7)",
    "flood of a program": "os.system('head -c 5000 /dev/zero | tr \\\\\\\\0 z')\nNone",
    "after the flood": "print('dry again')",
    "exit": "exit",
    "html": "from IPython.display import HTML\nHTML('<script>alert(1)</script>')",
    "clear": "print('gone')\nfrom IPython.display import clear_output\nclear_output()",
    "interactive": "plt.ion()\nimport sys\nsys.stdin.read()",
    "binary": "os.write(1, b'\\xff')\nNone",
}


@pytest.fixture(scope="module")
def ran(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    """For each cell: whether it was well, its outputs, whether some were cut."""
    done = subprocess.run(
        [sys.executable, "-c", SCRIPT, json.dumps(list(CELLS.values()))],
        cwd=Path(shell.__file__).parents[2],
        capture_output=True,
        timeout=60,
        check=True,
    )
    return dict(zip(CELLS, json.loads(done.stdout), strict=True))


def out(text: str, name: str = "stdout") -> list[dict[str, str]]:
    return [{"kind": "stream", "text": text, "name": name}]


def value(text: str) -> list[dict[str, str]]:
    return [{"kind": "text", "text": text, "name": ""}]


SHOWN = {
    "print": out("a 1\nb\n"),
    "value": value("[1.5]"),
    "assignment": [],
    "assigned": value("5"),
    "error stream": out("careful\n", "stderr"),
    "no figure left": value("[]"),
    "inline": [],
    "program": out("from a program\n"),
    "bang": out("from a line\r\n"),
    "descriptor": out("one two"),
    "input": [*out("your name? \n"), *value("''")],
    "after the flood": out("dry again\n"),
    "exit": [],
    "html": value("<IPython.core.display.HTML object>"),
    "clear": [],
    "interactive": value("''"),
    "binary": out("\ufffd"),
}


@pytest.mark.parametrize("cell", SHOWN)
def test_what_a_cell_shows(ran: dict[str, Any], cell: str) -> None:
    assert ran[cell] == [True, SHOWN[cell], False]


def test_an_error_shows_the_students_lines(ran: dict[str, Any]) -> None:
    well, outputs, _ = ran["error"]
    assert not well
    assert (outputs[0]["kind"], outputs[0]["name"]) == ("error", "ZeroDivisionError")
    assert "return 1 / 0" in outputs[0]["text"]
    assert "\x1b" not in outputs[0]["text"]


@pytest.mark.parametrize("cell", ["figure", "figure without show"])
def test_a_figure_is_a_picture(ran: dict[str, Any], cell: str) -> None:
    well, outputs, _ = ran[cell]
    assert well and [o["kind"] for o in outputs] == ["image"]
    assert base64.b64decode(outputs[0]["text"]).startswith(b"\x89PNG")


@pytest.mark.parametrize(
    ("cell", "text"), [("flood", "y"), ("flood of a program", "z")]
)
def test_a_flood_is_cut(ran: dict[str, Any], cell: str, text: str) -> None:
    assert ran[cell] == [True, out(text * 1000), True]


def test_outputs_join_streams_and_keep_the_order() -> None:
    outputs = Outputs()
    for kind, text, name in (
        *(("stream", "a", "stdout"), ("stream", "b", "stdout")),
        *(("stream", "c", "stderr"), ("text", "d", ""), ("text", "e", "")),
    ):
        outputs.text(kind, text, name)
    items, cut = outputs.take()
    assert [i["text"] for i in items] == ["ab", "c", "d", "e"] and not cut
    assert outputs.take() == ([], False)


def test_outputs_have_a_limit_for_each_cell() -> None:
    outputs = Outputs(limit=5)
    outputs.text("stream", "abc", "stdout")
    outputs.text("stream", "defg", "stdout")
    outputs.text("stream", "h", "stdout")
    assert outputs.take() == (out("abcde"), True)
    outputs.text("stream", "next", "stdout")
    assert outputs.take() == (out("next"), False)


def test_outputs_keep_the_picture_of_a_shown_object() -> None:
    outputs = Outputs()
    outputs.show({"image/png": b"\x89PNG", "text/plain": "<Figure>"})
    outputs.show({"text/html": "<b>", "text/plain": "bold"})
    outputs.show({"text/html": "<b>"})
    assert [(i["kind"], i["text"]) for i in outputs.take()[0]] == [
        ("image", "iVBORw=="),
        ("text", "bold"),
    ]


def test_pictures_have_limits() -> None:
    outputs = Outputs()
    outputs.image(b"x" * (shell.MAX_IMAGE + 1))
    assert outputs.take() == ([], True)
    for _ in range(shell.MAX_IMAGES + 1):
        outputs.image(base64.b64encode(b"x").decode())
    items, cut = outputs.take()
    assert len(items) == shell.MAX_IMAGES and cut


def test_a_stream_counts_what_it_was_given() -> None:
    outputs = Outputs(limit=2)
    stream = Stream(outputs, "stderr", 2)
    assert stream.write("abc") == 3
    assert stream.writable() and stream.fileno() == 2
    assert outputs.take() == (out("ab", "stderr"), True)
