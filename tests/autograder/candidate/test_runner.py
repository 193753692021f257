"""What a candidate answers to the examiner's requests."""

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from autograder.candidate import runner, wire


def test_a_cell_runs_and_shows(candidate: Any) -> None:
    answer = candidate.ask("cell", cell="c", source="print('hello')\n1 + 1")
    assert answer == {
        "ok": True,
        "cut": False,
        "outputs": [
            {"kind": "stream", "text": "hello\n", "name": "stdout"},
            {"kind": "text", "text": "2", "name": ""},
        ],
    }


FAILING = {
    "1 / 0": "ZeroDivisionError",
    "def f(": "SyntaxError",
    "raise SystemExit": "SystemExit",
    "raise KeyboardInterrupt": "KeyboardInterrupt",
    "undefined": "NameError",
    "import cnncourse.ops": "ImportError",
}


@pytest.mark.parametrize("source", FAILING)
def test_a_cell_that_fails_leaves_the_process_running(
    candidate: Any, source: str
) -> None:
    answer = candidate.ask("cell", cell="c", source=source)
    assert not answer["ok"]
    assert candidate.cell("print('still here')") == [("stream", "still here\n")]
    shown = [o["name"] for o in answer["outputs"] if o["kind"] == "error"]
    assert shown == [FAILING[source]]


def test_a_figure_that_cannot_be_drawn_is_an_error(candidate: Any) -> None:
    source = "import matplotlib.pyplot as plt\n_ = plt.title(r'$\\frac$')"
    errors = [text for kind, text in candidate.cell(source) if kind == "error"]
    assert "ParseSyntaxException" in errors[0]
    assert candidate.value("1 + 1") == 2


def test_looks_up_names(candidate: Any) -> None:
    candidate.cell("x = (1, [2.5])\ndef f(): pass")
    assert candidate.ask("look", name="x") == {"value": (1, [2.5])}
    assert candidate.ask("look", name="y") == {"missing": True}
    reference = candidate.ask("look", name="f")["value"]
    assert reference == wire.Reference(0, "function", True)


CALLS = """
import numpy as np

def add(a, b=1):
    return a + b

def scale(x, factor):
    x *= factor
    return x

class Layer:
    size = 3
    def __call__(self, x): return x + self.size
    def grow(self): self.size += 1
"""


def test_calls_by_name(candidate: Any) -> None:
    candidate.cell(CALLS)
    assert candidate.call("add", 2) == {"value": 3}
    assert candidate.call("add", 2, b=5) == {"value": 7}


def test_changes_of_arguments_come_back(candidate: Any) -> None:
    candidate.cell(CALLS)
    x, same = np.arange(3.0), np.ones(2)
    answer = candidate.call("scale", x, factor=2.0)
    assert answer["changed"].keys() == {0}
    assert answer["changed"][0].tolist() == [0, 2, 4]
    assert "changed" not in candidate.call("add", same, b=same)


def test_objects_stay_and_can_be_asked(candidate: Any) -> None:
    candidate.cell(CALLS)
    layer = candidate.call("Layer")["value"]
    assert layer == wire.Reference(0, "Layer", True)
    assert candidate.call(layer, 4) == {"value": 7}
    grow = {"target": layer, "path": ["grow"], "args": [], "kwargs": {}}
    assert candidate.ask("call", **grow) == {"value": None}
    assert candidate.call(layer, 4) == {"value": 8}
    assert candidate.call("add", [layer], b=[1])["value"][0].type_name == "Layer"


def test_an_error_comes_with_its_classes_text_and_place(candidate: Any) -> None:
    candidate.cell(
        "class Odd(ValueError): pass\ndef f(x):\n    raise Odd('n' * 5000)  # here"
    )
    error = candidate.call("f", 1)["error"]
    assert error["types"] == [
        "Odd",
        "ValueError",
        "Exception",
        "BaseException",
        "object",
    ]
    assert error["message"] == "n" * runner.MAX_MESSAGE
    assert error["where"] == ["f, line 3: raise Odd('n' * 5000)  # here"]


MEMORY = (
    "Unable to allocate 8.00 TiB for an array with shape (1099511627776,) and data "
    "type float64"
)
ERRORS = {
    "def f(): raise KeyboardInterrupt": ("KeyboardInterrupt", ""),
    "def f(): raise SystemExit(3)": ("SystemExit", "3"),
    "def f(): return f()": ("RecursionError", "maximum recursion depth exceeded"),
    "def f(a): pass": ("TypeError", "f() missing 1 required positional argument: 'a'"),
    "f = 3": ("TypeError", "'int' object is not callable"),
    "g = 3": ("KeyError", "'f'"),
    "import numpy as np\ndef f(): return np.ones(2**40)": (
        "MemoryError",
        MEMORY,
    ),
    ("class Bad(Exception):\n    def __str__(self): raise self\ndef f(): raise Bad"): (
        "Bad",
        "(an exception that cannot be shown)",
    ),
}


@pytest.mark.parametrize("source", ERRORS)
def test_whatever_a_call_raises_is_told(candidate: Any, source: str) -> None:
    candidate.cell(source)
    error = candidate.call("f")["error"]
    assert (error["types"][0], error["message"]) == ERRORS[source]
    assert candidate.value("1 + 1") == 2


REFUSED = {
    "def f():\n    a = []\n    a.append(a)\n    return a": "plain data that can cross",
    "import numpy as np\ndef f(): return np.zeros(2**23 + 1)": "at most 67108864 bytes",
    "def f(): return [object() for _ in range(20_000)]": "Expected fewer objects",
}


@pytest.mark.parametrize("source", REFUSED)
def test_what_cannot_cross_is_refused(candidate: Any, source: str) -> None:
    candidate.cell(source)
    assert REFUSED[source] in candidate.call("f")["refused"]
    assert candidate.value("1 + 1") == 2


def test_what_calls_print_is_in_no_cell(candidate: Any) -> None:
    candidate.cell("import os\ndef f(): print('a call'); os.system('echo a program')")
    candidate.call("f")
    assert candidate.cell("print('from the cell')") == [("stream", "from the cell\n")]


def test_a_function_of_the_tests_is_called_back(candidate: Any) -> None:
    candidate.cell("def f(g, x): return g(x, scale=2) + 1")
    callback = wire.Reference(0, wire.CALLBACK, True)
    request = {"id": 7, "op": "call", "target": "f", "path": [], "kwargs": {}}
    wire.send(candidate.channel, wire.encode({**request, "args": [callback, 5]}))
    asked = wire.decode(wire.receive(candidate.channel, 20))
    assert asked == {"id": 7, "callback": 0, "args": [5], "kwargs": {"scale": 2}}
    wire.send(candidate.channel, wire.encode({"id": 7, "result": 10}))
    assert wire.decode(wire.receive(candidate.channel, 20)) == {"id": 7, "value": 11}


def test_what_the_tests_function_raises_is_raised(candidate: Any) -> None:
    candidate.cell("def f(g): return g()")
    callback = wire.Reference(0, wire.CALLBACK, True)
    request = {"id": 7, "op": "call", "target": "f", "path": [], "kwargs": {}}
    wire.send(candidate.channel, wire.encode({**request, "args": [callback]}))
    wire.receive(candidate.channel, 20)
    wire.send(candidate.channel, wire.encode({"id": 7, "raised": "ValueError: no"}))
    answer = wire.decode(wire.receive(candidate.channel, 20))
    assert answer["error"]["types"][0] == "RuntimeError"
    assert answer["error"]["message"] == "ValueError: no"


def test_candidates_share_nothing(spawn: Callable[[], Any]) -> None:
    first, second = spawn(), spawn()
    first.cell("import numpy\nx = 1\nnumpy.pi = 3\nnumpy.zeros = numpy.ones")
    assert second.ask("look", name="x") == {"missing": True}
    assert second.value("import numpy\n(numpy.pi > 3, numpy.zeros(1)[0])") == (True, 0)
