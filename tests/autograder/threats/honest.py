"""Rows 40-45: honest work, which must lose nothing and be accused of nothing."""

from __future__ import annotations

import json
from typing import Any

from threat import Threat, as_bytes

DOUBLE = "def double(x):\n    return 2 * x\n"


def _code(source: Any) -> dict[str, Any]:
    return {"cell_type": "code", "metadata": {}, "outputs": [], "source": source,
            "execution_count": None}  # fmt: skip


def _position(notebook: dict[str, Any], identity: str) -> int:
    ids = [c["metadata"].get("nbgrader", {}).get("grade_id") for c in notebook["cells"]]
    return ids.index(identity)


def insert(identity: str, *sources: Any, after: bool = False) -> Any:
    """Puts cells of the student's own before or after a cell of the lab."""

    def change(notebook: dict[str, Any]) -> None:
        place = _position(notebook, identity) + after
        notebook["cells"][place:place] = [_code(s) for s in sources]

    return change


def append(*sources: Any) -> Any:
    """Puts cells at the end."""
    return lambda notebook: notebook["cells"].extend(_code(s) for s in sources)


def _every(function: Any) -> Any:
    return lambda notebook: [function(cell) for cell in notebook["cells"]] and None


def _old_jupyter(notebook: dict[str, Any]) -> bytes:
    """nbformat 4.2: no cell ids."""
    notebook["nbformat_minor"] = 2
    for cell in notebook["cells"]:
        cell.pop("id", None)
    return as_bytes(notebook)


def _very_old_jupyter(notebook: dict[str, Any]) -> bytes:
    """nbformat 3: worksheets, and `input` for the source."""
    cells = []
    for cell in notebook["cells"]:
        source = cell["source"].splitlines(keepends=True)
        field = "input" if cell["cell_type"] == "code" else "source"
        cells.append({"cell_type": cell["cell_type"], field: source,
                      "metadata": cell["metadata"], "language": "python",
                      "collapsed": False, "outputs": []})  # fmt: skip
    made = {"metadata": {"name": ""}, "nbformat": 3, "nbformat_minor": 0,
            "worksheets": [{"cells": cells, "metadata": {}}]}  # fmt: skip
    return as_bytes(made)


def _colab(notebook: dict[str, Any]) -> bytes:
    """Colab: its own ids and metadata, nbgrader's kept."""
    for number, cell in enumerate(notebook["cells"]):
        cell["metadata"].update(id=f"aB{number}", colab={"base_uri": "https://x"})
        cell["metadata"]["executionInfo"] = {"status": "ok", "user": {"userId": "1"}}
        cell.pop("id", None)
    notebook["metadata"].update(colab={"provenance": []}, accelerator="GPU")
    notebook["nbformat_minor"] = 0
    return as_bytes(notebook)


def _vs_code(notebook: dict[str, Any]) -> bytes:
    """VS Code: other metadata, lists of lines, the BOM and CRLF of Windows."""
    for cell in notebook["cells"]:
        cell["metadata"]["vscode"] = {"languageId": "python"}
        cell["source"] = cell["source"].splitlines(keepends=True)
    text = json.dumps(notebook, indent=1).replace("\n", "\r\n")
    return b"\xef\xbb\xbf" + text.encode()


def _no_metadata(notebook: dict[str, Any]) -> bytes:
    """An editor that keeps nothing but the text."""
    for cell in notebook["cells"]:
        cell["metadata"] = {}
        cell.pop("id", None)
    return as_bytes(notebook)


def _crlf(notebook: dict[str, Any]) -> None:
    for cell in notebook["cells"]:
        cell["source"] = cell["source"].replace("\n", "\r\n")


def _moved_import(notebook: dict[str, Any]) -> None:
    insert("given_imports", "from math import fsum\n")(notebook)


def _helper_below(notebook: dict[str, Any]) -> None:
    append("def helper(x):\n    return x + x\n")(notebook)


def _value_below(notebook: dict[str, Any]) -> None:
    append("def how_many():\n    return 'one ' + 'fewer'\n")(notebook)


def honest(name: str, row: int, tries: str, answers: Any = None, change: Any = None,
           **others: Any) -> Threat:  # fmt: skip
    """Honest work: full marks and no finding."""
    return Threat(name, row, tries, 10.0, None, answers or {}, change, accused=False,
                  **others)  # fmt: skip


THREATS = [
    honest("warnings", 40, "warnings and native logs", {"double": """
import os, sys, warnings, logging
warnings.warn("careful")
logging.warning("log")
os.write(2, b"2026-01-05 I tensorflow: oneDNN\\n")
def double(x):
    warnings.warn("again"); sys.stderr.write("noise\\n"); os.write(2, b"noise\\n")
    return 2 * x
"""}),
    honest("division_warnings", 40, "warnings of NumPy", {"double": """
def double(x):
    np.zeros(2) / np.zeros(2)
    return 2 * x
"""}),
    honest("prints", 41, "prints, plots and progress bars", {"double": """
import sys, time
import matplotlib.pyplot as plt
def double(x):
    for i in range(50):
        print(f"\\r{i}/50", end="", flush=True)
    sys.stdout.flush(); sys.__stdout__.write("x")
    plt.plot([1, 2]); plt.show()
    return 2 * x
"""}),
    honest("inline", 41, "%matplotlib inline", change=insert("double", "%matplotlib inline")),
    honest("timed_cell", 41, "%%time over an answer", {"double": "%%time\n" + DOUBLE}),
    honest("shell_line", 41, "!ls left in a cell",
           change=insert("double", "!ls -la\n!echo $HOME")),
    honest("shell_in_answer", 41, "!ls left in an answer", {"double": "!ls\n" + DOUBLE}),
    honest("help", 41, "a question mark", change=insert("double", "np.dot?\n", "?")),
    honest("who_and_reload", 41, "other magics",
           change=insert("double", "%load_ext autoreload\n%autoreload 2", "%who",
                         "%config InlineBackend.figure_format = 'retina'")),
    honest("input", 41, "input() left in a cell",
           change=insert("double", "name = input('your name? ')")),
    honest("tqdm_like", 41, "a bar that clears its line", change=insert("double", """
from IPython.display import clear_output, display
for i in range(20):
    clear_output(wait=True); display(i)
""")),
    honest("pandas_like", 41, "an object with a table", change=insert("double", """
class Table:
    def _repr_html_(self): return "<table></table>"
    def __repr__(self): return "a table"
Table()
""")),
    honest("failing_scratch", 41, "a scratch cell that fails",
           change=insert("double", "1 / 0", "undefined_name", "x = (")),
    honest("exit_left", 41, "exit left at the end", change=append("exit")),
    honest("helpers", 42, "helper cells of its own",
           {"double": "def double(x):\n    return helper(x)\n"},
           insert("double", "def helper(x):\n    return x + x\n")),
    honest("moved_import", 42, "an import in another cell",
           {"smooth": "def smooth(x):\n    if len(x) < 2:\n        raise ValueError\n"
                      "    return np.array([fsum(x[i:i + 2]) / 2 for i in "
                      "range(len(x) - 1)])\n"}, _moved_import),
    honest("split", 42, "an answer in two cells",
           {"double": "def half(x):\n    return x\n"},
           insert("double", "def double(x):\n    return half(x) + half(x)\n", after=True)),
    honest("helper_below", 42, "a helper that stands at the end",
           {"double": "def double(x):\n    return helper(x)\n"}, _helper_below),
    honest("value_below", 42, "a value made by a function that stands at the end",
           {"answer": "answer = how_many()\n"}, _value_below),
    honest("redefined", 42, "a first try that is replaced",
           {"double": "def double(x):\n    return x\n\ndef double(x):\n    return 2 * x\n"}),
    honest("class_of_its_own", 42, "a class of its own", {"double": """
class Doubler:
    def __call__(self, x):
        return x + x
double = Doubler()
"""}),
    honest("a_lambda", 42, "a lambda", {"double": "double = lambda x: x * 2"}),
    honest("decorated", 42, "a decorator", {"double": """
import functools
def logged(f):
    @functools.wraps(f)
    def g(*a):
        print("called")
        return f(*a)
    return g
@logged
def double(x):
    return 2 * x
"""}),
    honest("single_precision", 43, "float32 where float64 is the reference",
           {"double": "def double(x):\n    return (2 * x).astype(np.float32)\n"}),
    honest("whole_numbers", 43, "another order of summation",
           {"smooth": "def smooth(x):\n    if len(x) < 2:\n        raise ValueError\n"
                      "    return 0.5 * x[:-1] + 0.5 * x[1:]\n"}),
    honest("another_error_text", 43, "an error of a subclass", {"smooth": """
class TooShort(ValueError):
    pass
def smooth(x):
    if len(x) < 2:
        raise TooShort("no")
    return (x[1:] + x[:-1]) / 2
"""}),
    Threat("uses_failed_helper", 44, "a right answer that uses a wrong one's helper",
           5.0, answers={
               "double": "def both(x):\n    return x[1:] + x[:-1]\n\ndef double(x):\n"
                         "    raise KeyError\n",
               "smooth": "def smooth(x):\n    if len(x) < 2:\n        raise ValueError\n"
                         "    return both(x) / 2\n"}, accused=False),
    Threat("after_a_crash", 44, "right answers after one that crashes", 5.0, "crashed",
           {"double": "import os\nhelper = 2\ndef double(x):\n    os._exit(1)\n",
            "smooth": "def smooth(x):\n    if len(x) < 2:\n        raise ValueError\n"
                      "    return (x[1:] + x[:-1]) / helper\n"}),
    honest("slow", 44, "an answer that is slow but allowed",
           {"double": "import time\ndef double(x):\n    time.sleep(0.7)\n    return 2 * x\n"}),
    honest("background_thread", 44, "a thread left running", {"double": """
import threading, time
threading.Thread(target=time.sleep, args=(30,), daemon=True).start()
""" + DOUBLE}),
    honest("processes", 44, "processes that it starts and ends", {"double": """
import multiprocessing
def double(x):
    with multiprocessing.get_context("fork").Pool(2) as pool:
        return np.array(pool.map(float, (2 * x).ravel())).reshape(x.shape)
"""}),
    honest("c_function", 44, "a callback from C", {"double": """
import ctypes
numbers = (ctypes.c_int * 2)(2, 1)
kind = ctypes.CFUNCTYPE(ctypes.c_int, ctypes.POINTER(ctypes.c_int),
                        ctypes.POINTER(ctypes.c_int))
ctypes.CDLL(None).qsort(numbers, 2, 4, kind(lambda a, b: a[0] - b[0]))
""" + DOUBLE}),
    honest("files", 44, "files that it writes and reads", {"double": """
import tempfile
def double(x):
    with tempfile.TemporaryFile() as file:
        np.save(file, 2 * x); file.seek(0)
        return np.load(file)
"""}),
    honest("old_jupyter", 45, "an older Jupyter", change=_old_jupyter),
    honest("very_old_jupyter", 45, "a much older Jupyter", change=_very_old_jupyter),
    honest("colab", 45, "Colab", change=_colab),
    honest("vs_code", 45, "VS Code on Windows", change=_vs_code),
    honest("no_metadata", 45, "an editor that keeps only text", change=_no_metadata),
    honest("crlf", 45, "Windows line ends in the cells", change=_crlf),
    honest("executed", 45, "outputs and execution counts",
           change=_every(lambda c: c["cell_type"] == "code" and c.update(
               execution_count=7, outputs=[{"output_type": "stream", "name": "stdout",
                                            "text": ["x\n"]}]))),
]  # fmt: skip
