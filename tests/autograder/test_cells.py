"""The text format of labs: what it reads, and what it refuses with a clear line."""

from pathlib import Path

import pytest

from autograder import cells
from autograder.cells import Alternative, Cell, LabError

HEADER = """\
# ---
# jupyter:
#   kernelspec:
#     display_name: Python 3
#     language: python
#     name: python3
#   lab:
#     title: Sums
#     withheld_modules: [scipy]
# ---
"""
SOLUTION = """\
# %% solution="add"
def add(a, b):
    ### BEGIN SOLUTION
    return a + b
    ### END SOLUTION
"""
TESTS = """\
# %% tests="add" points=2.5
assert add(1, 2) == 3
### BEGIN HIDDEN TESTS
assert add(-1, 2) == 1
### END HIDDEN TESTS
"""
LAB = f"""{HEADER}
# %% [markdown]
# # Sums

# %% given="imports"
import numpy as np

{SOLUTION}
{TESTS}
# %% tests="add" name="zero" points=1
assert add(0, 0) == 0

# %% experiment="plot"
print(add(1, 1))
"""


def write(folder: Path, text: str) -> Path:
    path = folder / "lab.py"
    path.write_text(text, "utf-8")
    return path


def test_reads_a_lab(tmp_path: Path) -> None:
    read, header = cells.read_lab_cells(write(tmp_path, LAB))
    assert header == {"title": "Sums", "withheld_modules": ["scipy"]}
    assert [(c.id, c.kind, c.exercise, c.points) for c in read] == [
        ("text_000", "markdown", "", 0),
        ("given_imports", "given", "", 0),
        ("add", "solution", "add", 0),
        ("test_add", "tests", "add", 2.5),
        ("test_add_zero", "tests", "add", 1),
        ("experiment_plot", "experiment", "", 0),
    ]
    assert read[0].source == "# Sums"
    assert read[1].source == "import numpy as np"
    assert read[2].source == SOLUTION.split("\n", 1)[1].rstrip()


def test_a_test_cell_knows_where_its_hidden_part_begins() -> None:
    assert Cell("a", "tests", "x\n### BEGIN HIDDEN TESTS\ny").hidden_line() == 2
    assert Cell("a", "tests", "x\ny").hidden_line() is None


BROKEN = {
    "no kind": ("# %%\nx = 1\n", "Expected a cell header with one of given, solution"),
    "a typing error": ('# %% solutoin="add"\nx = 1\n', "Received: {'solutoin': 'add'}"),
    "two kinds": ('# %% given="a" tests="add" points=1\nx = 1\n', "at most name"),
    "an id with spaces": ('# %% given="a b"\nx = 1\n', "Expected an id of 1 to 64"),
    "a long id": (f'# %% given="{"a" * 64}"\nx = 1\n', "Expected an id of 1 to 64"),
    "tests without points": ('# %% tests="add" name="b"\nx = 1\n', "Expected points"),
    "points that are no number": (
        '# %% tests="add" name="b" points="many"\nx = 1\n',
        "Expected points of test_add_b from 0 up. Received: 'many'",
    ),
    "points below zero": (
        '# %% tests="add" name="b" points=-1\nx = 1\n',
        "Expected points of test_add_b from 0 up. Received: -1",
    ),
    "given with points": ('# %% given="a" points=1\nx = 1\n', "Expected points on"),
    "an id twice": ('# %% given="imports"\nx = 1\n', "Received twice: given_imports"),
    "a solution without a region": (
        '# %% solution="b"\nx = 1\n\n# %% tests="b" points=1\nx\n',
        "Expected ### BEGIN SOLUTION and ### END SOLUTION in pairs",
    ),
    "a region without an end": (
        '# %% solution="b"\n### BEGIN SOLUTION\nx = 1\n',
        "Received: 1 and 0 in the solution cell b",
    ),
    "a region that ends before it begins": (
        f"# %% tests='add' name='b' points=1\n{cells.END_HIDDEN}\n{cells.BEGIN_HIDDEN}",
        "Expected ### BEGIN HIDDEN TESTS and ### END HIDDEN TESTS in pairs",
    ),
    "hidden tests that are given": (
        '# %% given="a"\n### BEGIN HIDDEN TESTS\n### END HIDDEN TESTS\n',
        "in tests cells only",
    ),
    "a solution that is given": (
        '# %% given="a"\n### BEGIN SOLUTION\nx = 1\n### END SOLUTION\n',
        "in solution cells only",
    ),
    "a solution without tests": (
        SOLUTION.replace('"add"', '"b"').replace("def add", "def b"),
        r"Received one without the other: \['b'\]",
    ),
    "tests without a solution": (
        '# %% tests="b" points=1\nx = 1\n',
        r"Received one without the other: \['b'\]",
    ),
    "a given cell that needs the student": (
        '# %% given="a"\nsix = add(3, 3)\n',
        r"make given_a an experiment. Received: \['add'\]",
    ),
    "code that does not compile": (
        '# %% given="a"\ndef f(:\n',
        "Expected Python in given_a. Received: invalid syntax",
    ),
}


@pytest.mark.parametrize("case", BROKEN)
def test_a_broken_lab_is_named(tmp_path: Path, case: str) -> None:
    text, message = BROKEN[case]
    path = write(tmp_path, f"{LAB}\n{text}")
    with pytest.raises(LabError, match=message) as caught:
        cells.read_lab_cells(path)
    assert str(caught.value).startswith(f"{path}: ")


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (None, "No such file"),
        (b"\xff\xfe", "codec can't decode"),
    ],
)
def test_a_file_that_cannot_be_read_is_named(
    tmp_path: Path, content: bytes | None, reason: str
) -> None:
    path = tmp_path / "lab.py"
    if content is not None:
        path.write_bytes(content)
    with pytest.raises(LabError, match=reason):
        cells.read_percent(path)


@pytest.mark.parametrize(
    ("header", "message"),
    [
        ("lab: 5", "Expected lab to hold the lab's keys. Received: 5"),
        ("lab: [", "Expected a percent file. Received: while parsing"),
    ],
)
def test_a_broken_header_is_named(tmp_path: Path, header: str, message: str) -> None:
    text = f"# ---\n# jupyter:\n#   {header}\n# ---\n\n{SOLUTION}\n{TESTS}"
    with pytest.raises(LabError, match=message):
        cells.read_lab_cells(write(tmp_path, text))


def test_reads_percent_cells_with_their_options(tmp_path: Path) -> None:
    found, header = cells.read_percent(write(tmp_path, LAB))
    assert found[0] == ("markdown", {}, "# Sums")
    assert found[3][:2] == ("code", {"tests": "add", "points": 2.5})
    assert header["lab"]["title"] == "Sums"


MISTAKES = '''
# %% [markdown]
# Prose is left alone.

# %%
import numpy as np  # keeps the file readable as Python

# %% mistake="minus" exercise="add" fails="test_add test_add_zero"
"""You subtract:
   read the task again."""


def add(a, b):
    return a - b
'''


def test_reads_mistakes(tmp_path: Path) -> None:
    found = cells.read_alternatives(write(tmp_path, MISTAKES), "mistake")
    hint = "You subtract: read the task again."
    fails = ("test_add", "test_add_zero")
    source = "def add(a, b):\n    return a - b"
    assert found == (Alternative("minus", "add", source, fails, hint),)


def test_reads_variants(tmp_path: Path) -> None:
    text = '# %% variant="swapped" exercise="add"\ndef add(a, b):\n    return b + a\n'
    found = cells.read_alternatives(write(tmp_path, text), "variant")
    source = "def add(a, b):\n    return b + a"
    assert found == (Alternative("swapped", "add", source),)


def test_a_missing_file_holds_no_alternatives(tmp_path: Path) -> None:
    assert cells.read_alternatives(tmp_path / "mistakes.py", "mistake") == ()


MISTAKE = '# %% mistake="a" exercise="add" fails="test_add"\n'
BROKEN_MISTAKES = {
    "a missing key": ('# %% mistake="a" exercise="add"\n"h"\n', "with .*'fails'"),
    "a variant": ('# %% variant="a" exercise="add"\nx = 1\n', "Received: {'variant'"),
    "no hint": (f"{MISTAKE}x = 1\n", "begin with its hint, a string. Received: 'x = 1"),
    "a hint that is a number": (f"{MISTAKE}1\n", "begin with its hint"),
    "a name twice": (
        f'{MISTAKE}"h"\nx = 1\n\n{MISTAKE}"h"\nx = 2\n',
        "twice: a of add",
    ),
    "no Python": (
        f'{MISTAKE}"h"\ndef f(:\n',
        "Expected Python in mistake a in .*lab.py. Received: invalid",
    ),
}


@pytest.mark.parametrize("case", BROKEN_MISTAKES)
def test_a_broken_mistake_is_named(tmp_path: Path, case: str) -> None:
    text, message = BROKEN_MISTAKES[case]
    with pytest.raises(LabError, match=message):
        cells.read_alternatives(write(tmp_path, text), "mistake")


NAMES = {
    "def f(x):\n    y = x": {"f"},
    "async def f():\n    pass": {"f"},
    "class A:\n    b = 1": {"A"},
    "a, (b, *c) = value": {"a", "b", "c"},
    "a: int = 1": {"a"},
    "a.b = c[d] = 1": set(),
    "print(a)": set(),
}


@pytest.mark.parametrize("source", NAMES)
def test_names_that_a_cell_defines(source: str) -> None:
    assert cells.names_defined(source) == NAMES[source]


def test_names_that_a_cell_uses() -> None:
    assert cells.names_used("a = b + f(lambda c: c.d)") == {"b", "f", "c"}


@pytest.mark.parametrize("function", [cells.names_defined, cells.names_used])
def test_names_need_python(function: object) -> None:
    with pytest.raises(SyntaxError, match="invalid syntax"):
        function("def")  # type: ignore[operator]


def test_names_of_all_solutions() -> None:
    both = [Cell("a", "solution", "def f(): pass"), Cell("b", "given", "g = 1")]
    assert cells.solution_names(both) == {"f"}
