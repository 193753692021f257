"""Intake: whatever is handed in gives cells and findings, and never an exception."""

import copy
import json
import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from autograder import submission
from autograder.build import as_text, release_notebook, solution_notebook
from autograder.cells import Cell
from autograder.course import Course, Lab, find_course
from autograder.made_up_class import answered
from autograder.record import FINDING_KINDS, Output
from autograder.submission import StudentCell, read_submission, rebuild

LAB = "lab90_toy"


def kinds(findings: Any) -> list[str]:
    return [f.kind for f in findings]


def solution(cells: list[StudentCell], name: str) -> str:
    return next(c.source for c in cells if c.cell == name)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A submission's folder."""
    path = tmp_path / "submitted" / "ann" / LAB
    path.mkdir(parents=True)
    return path


def test_finds_students_with_long_or_short_lab_names(course: Course) -> None:
    for place in ("ann/lab90_toy", "bob/lab90", "cleo/lab91_other", ".hidden/lab90"):
        (course.submitted / place).mkdir(parents=True)
    (course.submitted / "file").touch()
    (course.submitted / "link").symlink_to(course.submitted / "ann")
    (course.submitted / "dan").mkdir()
    (course.submitted / "dan" / "lab90_toy").symlink_to(course.submitted / "ann")
    found = submission.submission_folders(course, LAB)
    assert {
        s: p.relative_to(course.submitted).as_posix() for s, p in found.items()
    } == {
        "ann": "ann/lab90_toy",
        "bob": "bob/lab90",
        "dan": "dan/lab90_toy",
    }


def test_no_submitted_folder_gives_no_students(course: Course) -> None:
    assert submission.submission_folders(course, LAB) == {}


def test_reads_a_submission(folder: Path) -> None:
    (folder / f"{LAB}.ipynb").write_bytes(b"{}")
    (folder / "timestamp.txt").write_text("2026-01-02 03:04:05 UTC\n")
    read = read_submission(folder, LAB, "ann")
    assert (read.lab, read.student, read.notebook) == (LAB, "ann", b"{}")
    assert (read.findings, read.submitted) == ((), "2026-01-02 03:04:05 UTC")
    assert len(read.digest) == 64


def test_the_digest_tells_a_changed_submission(folder: Path) -> None:
    path = folder / f"{LAB}.ipynb"
    path.write_bytes(b"{}")
    first = read_submission(folder, LAB, "ann").digest
    path.write_bytes(b"[]")
    assert read_submission(folder, LAB, "ann").digest != first


def spoil_nothing(folder: Path, notebook: Path) -> None:
    pass


def spoil_link(folder: Path, notebook: Path) -> None:
    secret = folder.parent / "secret.ipynb"
    secret.write_bytes(b"{}")
    notebook.symlink_to(secret)


def spoil_pipe(folder: Path, notebook: Path) -> None:
    os.mkfifo(notebook)


def spoil_folder(folder: Path, notebook: Path) -> None:
    notebook.mkdir()


def spoil_giant(folder: Path, notebook: Path) -> None:
    with notebook.open("wb") as file:
        file.truncate(submission.MAX_NOTEBOOK + 1)


def spoil_two(folder: Path, notebook: Path) -> None:
    (folder / "a.ipynb").write_bytes(b"{}")
    (folder / "b.ipynb").write_bytes(b"{}")


def spoil_other_file(folder: Path, notebook: Path) -> None:
    (folder / "answers.txt").write_bytes(b"42")


UNREADABLE: dict[str, tuple[Callable[[Path, Path], None], list[str], str]] = {
    "nothing": (spoil_nothing, ["no_notebook"], "Received: an empty folder"),
    "a link": (spoil_link, ["bad_link"], "symbolic links"),
    "a pipe": (spoil_pipe, ["bad_link"], "not an ordinary file"),
    "a folder": (spoil_folder, ["bad_link"], "Received: Is a directory"),
    "a giant": (spoil_giant, ["too_large"], "at most 33554432 bytes"),
    "two": (spoil_two, ["no_notebook"], "Received: 'a.ipynb', 'b.ipynb'"),
    "another file": (
        *(spoil_other_file, ["added_file", "no_notebook"]),
        "Received: 'answers.txt'",
    ),
}


@pytest.mark.parametrize("case", UNREADABLE)
def test_what_is_no_notebook_is_found(folder: Path, case: str) -> None:
    spoil, expected, message = UNREADABLE[case]
    spoil(folder, folder / f"{LAB}.ipynb")
    read = read_submission(folder, LAB, "ann")
    assert read.notebook is None
    assert kinds(read.findings) == expected
    assert message in read.findings[-1].message


@pytest.mark.parametrize("place", ["other name.ipynb", "inner/lab90_toy.ipynb"])
def test_a_notebook_in_another_place_is_used_and_named(
    folder: Path, place: str
) -> None:
    path = folder / place
    path.parent.mkdir(exist_ok=True)
    path.write_bytes(b"{}")
    read = read_submission(folder, LAB, "ann")
    assert read.notebook == b"{}"
    assert "wrong_name" in kinds(read.findings)
    assert repr(place) in read.findings[-1].message


def test_other_files_are_named_and_not_used(folder: Path) -> None:
    for name in ("solution.py", "numpy.py", ".DS_Store", f"{LAB}.ipynb"):
        (folder / name).write_bytes(b"{}")
    (folder / ".ipynb_checkpoints").mkdir()
    read = read_submission(folder, LAB, "ann")
    assert read.notebook == b"{}"
    assert [f.message.split()[0] for f in read.findings] == [
        "'numpy.py'",
        "'solution.py'",
    ]


def test_a_link_instead_of_the_folder_is_not_followed(folder: Path) -> None:
    (folder / f"{LAB}.ipynb").write_bytes(b"{}")
    link = folder.parent / "link"
    link.symlink_to(folder)
    read = read_submission(link, LAB, "ann")
    assert read.notebook is None
    assert (
        read.findings[0].message
        == "Expected a folder. Received: 'link' of another kind"
    )


@pytest.mark.parametrize("spoil", [spoil_pipe, spoil_link, spoil_folder])
def test_a_timestamp_of_another_kind_is_not_read(
    folder: Path, spoil: Callable[[Path, Path], None]
) -> None:
    (folder / f"{LAB}.ipynb").write_bytes(b"{}")
    spoil(folder, folder / "timestamp.txt")
    read = read_submission(folder, LAB, "ann")
    assert (read.notebook, read.submitted) == (b"{}", "")
    assert kinds(read.findings) == ["bad_link"]


def test_a_folder_of_many_files_is_not_read_for_ever(folder: Path) -> None:
    for number in range(submission.MAX_ENTRIES + 50):
        (folder / f"{number:05d}").touch()
    read = read_submission(folder, LAB, "ann")
    assert kinds(read.findings).count("added_file") == submission.MAX_ENTRIES


def data(notebook: Any) -> bytes:
    return json.dumps(notebook).encode("utf-8", "surrogatepass")


def test_the_release_gives_the_lab_back(toy: Lab) -> None:
    cells, findings = rebuild(toy, as_text(release_notebook(toy)).encode())
    assert findings == []
    assert [c.cell for c in cells] == [c.id for c in toy.cells]
    for cell, mine in zip(toy.cells, cells, strict=True):
        assert (mine.source == cell.source) == (cell.kind != "solution")
        assert (mine.kind, mine.exercise) == (cell.kind, cell.exercise)
    assert "NotImplementedError" in solution(cells, "double")


def test_no_notebook_gives_empty_answers(toy: Lab) -> None:
    cells, findings = rebuild(toy, None)
    assert findings == []
    assert [c.source for c in cells if c.kind == "solution"] == ["", "", ""]


UNPARSABLE = {
    "no bytes": b"",
    "text": b"hello",
    "cut off": b'{"cells": [{"cell_type": "code"',
    "a picture": b"\x89PNG\r\n\x1a\n\0\0",
    "UTF-16": '{"cells": []}'.encode("utf-16"),
    "a list": b"[]",
    "a number": b"1e999",
    "no cells": b"{}",
    "an empty notebook": b'{"cells": []}',
    "cells of text": b'{"cells": ["a", 1, null]}',
    "a dict of cells": b'{"cells": {"a": 1}}',
    "old and broken": b'{"worksheets": [{}]}',
    "old and of text": b'{"worksheets": ["a"]}',
    "too deep": b"[" * 100_000,
}


@pytest.mark.parametrize("case", UNPARSABLE)
def test_what_is_no_notebook_gives_a_finding(toy: Lab, case: str) -> None:
    cells, findings = rebuild(toy, UNPARSABLE[case])
    assert kinds(findings) == ["unreadable"]
    assert findings[0].message.startswith("Expected a ")
    assert [c.cell for c in cells] == [c.id for c in toy.cells]


# What honest editors and honest students do to a notebook. Each must count in full.


def plain(notebook: dict) -> bytes:
    return data(notebook)


def with_carriage_returns(notebook: dict) -> bytes:
    for cell in notebook["cells"]:
        cell["source"] = cell["source"].replace("\n", "\r\n")
    return json.dumps(notebook, indent=1).replace("\n", "\r\n").encode()


def with_a_byte_order_mark(notebook: dict) -> bytes:
    return b"\xef\xbb\xbf" + data(notebook)


def with_lists_of_lines(notebook: dict) -> bytes:
    for cell in notebook["cells"]:
        cell["source"] = cell["source"].splitlines(keepends=True)
    return data(notebook)


def without_cell_ids(notebook: dict) -> bytes:
    """Colab keeps metadata and loses the cells' ids."""
    for cell in notebook["cells"]:
        cell.pop("id")
        cell["metadata"]["id"] = "aBcD"
    notebook["nbformat_minor"] = 0
    notebook["metadata"]["colab"] = {"provenance": []}
    return data(notebook)


def without_metadata(notebook: dict) -> bytes:
    """Other editors keep the ids and lose nbgrader's metadata."""
    for cell in notebook["cells"]:
        cell["metadata"] = {}
    return data(notebook)


def without_both(notebook: dict) -> bytes:
    for cell in notebook["cells"]:
        cell["metadata"] = {}
        cell.pop("id")
    return data(notebook)


def of_version_3(notebook: dict) -> bytes:
    cells = []
    for cell in notebook["cells"]:
        old = {"cell_type": cell["cell_type"], "metadata": cell["metadata"]}
        if cell["cell_type"] == "code":
            old |= {"input": cell["source"], "language": "python", "outputs": []}
        else:
            old["source"] = cell["source"]
        cells.append(old)
    sheet = {"cells": cells, "metadata": {}}
    return data({"nbformat": 3, "worksheets": [sheet], "metadata": {}})


def with_a_split_solution(notebook: dict) -> bytes:
    """A copy of the cell below it, each with half of the answer."""
    index = next(i for i, c in enumerate(notebook["cells"]) if c["id"] == "smooth")
    cell = notebook["cells"][index]
    second = copy.deepcopy(cell)
    cell["source"] = "def mean(a, b):\n    return (a + b) / 2"
    second["source"] = (
        "def smooth(x):\n    if len(x) < 2:\n        raise ValueError('short')\n"
        "    return mean(x[1:], x[:-1])"
    )
    notebook["cells"].insert(index + 1, second)
    return data(notebook)


def added(notebook: dict, index: int, source: str) -> bytes:
    cell = {"cell_type": "code", "metadata": {}, "source": source, "outputs": []}
    notebook["cells"].insert(index, cell)
    return data(notebook)


def replaced(notebook: dict, cell_id: str, source: str) -> dict:
    next(c for c in notebook["cells"] if c["id"] == cell_id)["source"] = source
    return notebook


def with_an_import_cell(notebook: dict) -> bytes:
    replaced(notebook, "double", "def double(x):\n    return operator.mul(2, x)")
    return added(notebook, 0, "import operator")


def with_a_helper_further_down(notebook: dict) -> bytes:
    replaced(notebook, "double", "def double(x):\n    return twice(x)")
    return added(notebook, len(notebook["cells"]), "def twice(x):\n    return x + x")


def with_magics(notebook: dict) -> bytes:
    return added(notebook, 2, "%matplotlib inline\n!true\n%time 1 + 1")


def with_a_display_at_the_end(notebook: dict) -> bytes:
    return added(notebook, len(notebook["cells"]), "double(signal)")


def in_another_order(notebook: dict) -> bytes:
    notebook["cells"].reverse()
    return data(notebook)


HONEST = [
    *(plain, with_carriage_returns, with_a_byte_order_mark, with_lists_of_lines),
    *(without_cell_ids, without_metadata, without_both, of_version_3, in_another_order),
    *(with_a_split_solution, with_an_import_cell, with_a_helper_further_down),
    *(with_magics, with_a_display_at_the_end),
]


@pytest.mark.parametrize("change", HONEST, ids=lambda f: f.__name__)
def test_honest_work_gets_full_marks(
    change: Callable[[dict], bytes], submit: Any, grade: Any
) -> None:
    result = grade(change(submit()))
    messages = [t.message for e in result.exercises for t in e.tests if not t.passed]
    assert messages == []
    assert (result.score, result.needs_review) == (10, "")
    assert set(kinds(result.findings)) <= {"duplicate_cell"}


# What students do to cells that are not theirs. None of it counts.


def cell_of(notebook: dict, cell_id: str) -> dict[str, Any]:
    found: dict[str, Any] = next(c for c in notebook["cells"] if c["id"] == cell_id)
    return found


def edit_test(notebook: dict) -> None:
    cell_of(notebook, "test_double")["source"] = "pass"


def edit_points(notebook: dict) -> None:
    cell_of(notebook, "test_double")["metadata"]["nbgrader"]["points"] = 100


def edit_type(notebook: dict) -> None:
    cell_of(notebook, "test_double")["cell_type"] = "markdown"


def remove_test(notebook: dict) -> None:
    notebook["cells"].remove(cell_of(notebook, "test_double"))


def remove_solution(notebook: dict) -> None:
    notebook["cells"].remove(cell_of(notebook, "double"))


def edit_given(notebook: dict) -> None:
    cell_of(notebook, "given_imports")["source"] = "import numpy as np\nx = 1"


def repeat_solution(notebook: dict) -> None:
    notebook["cells"].append(copy.deepcopy(cell_of(notebook, "double")))


def skip(notebook: dict) -> None:
    cell_of(notebook, "test_double")["metadata"]["tags"] = ["skip-execution"]


def invent(notebook: dict) -> None:
    cell = copy.deepcopy(cell_of(notebook, "test_double"))
    cell["metadata"]["nbgrader"]["grade_id"] = "bonus"
    cell["id"] = "bonus"
    notebook["cells"].append(cell)


def add_many(notebook: dict) -> None:
    cell = {"cell_type": "code", "metadata": {}, "source": "x = 1"}
    notebook["cells"] += [cell] * (submission.MAX_ADDED + 5)


TAMPERED: dict[Callable[[dict], None], tuple[str, str]] = {
    edit_test: ("edited_test", "test_double"),
    edit_points: ("edited_test", "test_double"),
    edit_type: ("edited_test", "test_double"),
    remove_test: ("removed_test", "test_double"),
    remove_solution: ("missing_cell", "double"),
    edit_given: ("edited_given", "given_imports"),
    repeat_solution: ("duplicate_cell", "double"),
    skip: ("skipped_cell", "test_double"),
    invent: ("unknown_cell", ""),
    add_many: ("too_large", ""),
}


@pytest.mark.parametrize("change", TAMPERED, ids=lambda f: f.__name__)
def test_tampering_is_found_and_the_tests_are_the_labs(
    toy: Lab, change: Callable[[dict], None]
) -> None:
    notebook = answered(toy)
    change(notebook)
    cells, findings = rebuild(toy, data(notebook))
    assert [(f.kind, f.cell) for f in findings] == [TAMPERED[change]]
    tests = {c.cell: c.source for c in cells if c.kind == "tests"}
    assert tests == {t.id: t.source for t in toy.tests}
    given_cells = [c.source for c in cells if c.kind == "given"]
    assert given_cells == [c.source for c in toy.cells if c.kind == "given"]
    assert len(cells) <= len(toy.cells) + submission.MAX_ADDED


def test_an_edited_given_cell_runs_after_the_labs_own(toy: Lab) -> None:
    notebook = answered(toy)
    edit_given(notebook)
    cells, _ = rebuild(toy, data(notebook))
    names = [c.cell for c in cells]
    place = names.index("given_imports") + 1
    assert cells[place].source == "import numpy as np\nx = 1"
    assert cells[place].kind == "added"


def test_only_safe_outputs_are_kept(toy: Lab) -> None:
    notebook = answered(toy)
    html = {"text/html": "<script>alert(1)</script>", "text/plain": ["a ", "table"]}
    cell_of(notebook, "double")["outputs"] = [
        {"output_type": "stream", "name": "stdout", "text": ["hello ", "there"]},
        {"output_type": "stream", "name": ["bad"], "text": "to the screen"},
        {"output_type": "execute_result", "data": html},
        {"output_type": "display_data", "data": {"image/png": "aGk=\n"}},
        {"output_type": "display_data", "data": {"image/svg+xml": "<svg/>"}},
        {"output_type": "display_data", "data": {"image/png": "A" * 2**22}},
        {"output_type": "error", "ename": "E", "evalue": "v", "traceback": ["t"]},
        "nonsense",
    ]
    cell_of(notebook, "test_double")["outputs"] = [
        {"output_type": "stream", "name": "stdout", "text": "All tests passed: 20/20"}
    ]
    cells, _ = rebuild(toy, data(notebook))
    outputs = {c.cell: c.outputs for c in cells}
    assert outputs["double"] == (
        Output("stream", "hello there", "stdout"),
        Output("stream", "to the screen", "stdout"),
        Output("text", "a table"),
        Output("image", "aGk="),
        Output("error", "v", "E"),
    )
    assert outputs["test_double"] == ()


def test_a_test_shows_its_visible_part() -> None:
    whole = Cell("t", "tests", "a\n\n### BEGIN HIDDEN TESTS\nb\n### END HIDDEN TESTS")
    assert submission.visible_source(whole) == "a"
    assert submission.visible_source(Cell("t", "tests", "a\nb")) == "a\nb"


def test_the_students_python() -> None:
    cells = [
        StudentCell("given_a", "given", "g = 1"),
        StudentCell("f", "solution", "%time\ndef f(): pass\n!ls"),
        StudentCell("added_001", "added", "def broken(:"),
        StudentCell("added_002", "added", "x = 2"),
    ]
    assert submission.student_sources(cells) == ["\ndef f(): pass\n", "x = 2"]


json_values = st.recursive(
    st.one_of(
        st.none(),
        st.booleans(),
        st.integers(),
        st.floats(),
        st.text(max_size=20),
        st.sampled_from(
            ["def double(x:", "\ud800", "x" * 5000, "\0", "code", "double"]
        ),
    ),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(["cells", "source", "metadata", "nbgrader", "a"]), inner
        )
    ),
    max_leaves=5,
)
TOY = find_course(Path(__file__).parent / "toy").lab("lab90")
NOTEBOOK = json.loads(as_text(solution_notebook(TOY)))


def places(value: Any, path: tuple = ()) -> list[tuple]:
    items: Any = ()
    if isinstance(value, dict):
        items = value.items()
    elif isinstance(value, list):
        items = enumerate(value)
    return [path, *(p for k, v in items for p in places(v, (*path, k)))]


PLACES = [p for p in places(NOTEBOOK) if p]


def is_a_result(cells: list[StudentCell], findings: list[Any]) -> bool:
    """Whether the lab's own cells are all there and all else is in order."""
    own = [c for c in cells if c.kind != "added"]
    same_tests = all(
        mine.source == cell.source
        for cell, mine in zip(TOY.cells, own, strict=True)
        if cell.kind != "solution"
    )
    texts = [c.source for c in cells] + [o.text for c in cells for o in c.outputs]
    texts += [f.message for f in findings]
    [t.encode("utf-8") for t in texts]
    return (
        same_tests
        and [c.cell for c in own] == [c.id for c in TOY.cells]
        and {f.kind for f in findings} <= set(FINDING_KINDS)
    )


@given(
    st.lists(st.tuples(st.sampled_from(PLACES), json_values), min_size=1, max_size=3)
)
@settings(max_examples=150, deadline=None)
def test_a_changed_notebook_gives_a_result(changes: list[tuple[tuple, Any]]) -> None:
    notebook = copy.deepcopy(NOTEBOOK)
    for path, value in changes:
        place = notebook
        for key in path[:-1]:
            inside = isinstance(place, dict | list)
            place = place[key] if inside and key in _keys(place) else None
        if isinstance(place, dict | list) and path[-1] in _keys(place):
            place[path[-1]] = value
    assert is_a_result(*rebuild(TOY, data(notebook)))


def _keys(place: Any) -> Any:
    return place if isinstance(place, dict) else range(len(place))


@given(st.data())
@settings(max_examples=100, deadline=None)
def test_changed_bytes_give_a_result_or_a_finding(draw: Any) -> None:
    text = bytearray(data(NOTEBOOK))
    for _ in range(draw.draw(st.integers(1, 5))):
        place = draw.draw(st.integers(0, len(text) - 1))
        end = place + draw.draw(st.integers(0, 20))
        text[place:end] = draw.draw(st.binary(max_size=10))
    cells, findings = rebuild(TOY, bytes(text))
    assert is_a_result(cells, findings)
