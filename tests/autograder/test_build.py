"""Notebooks from a lab's text: byte-equal, as nbgrader makes them, without secrets."""

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import nbformat
import pytest

from autograder import build
from autograder.course import Course, Lab, find_course

NBGRADER = Path(sys.executable).parent / "nbgrader"
SECRETS = (
    *("return 2 * x", "raise ValueError(", "31337", "secret", "longer"),
    *("BEGIN SOLUTION", "END SOLUTION", "HIDDEN TESTS", "You multiplied by three"),
)


def nbgrader(folder: Path, *arguments: str) -> subprocess.CompletedProcess:
    """Runs stock nbgrader in a folder, with no configuration but the folder's."""
    home = folder / "home"
    home.mkdir()
    environment = {
        "PATH": os.environ["PATH"],
        "HOME": str(home),
        "JUPYTER_CONFIG_DIR": str(home),
        "JUPYTER_DATA_DIR": str(home),
        "IPYTHONDIR": str(home),
    }
    return subprocess.run(
        [str(NBGRADER), *arguments],
        cwd=folder,
        env=environment,
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
    )


def test_the_solution_notebook_is_valid(toy: Lab) -> None:
    notebook = build.solution_notebook(toy)
    nbformat.validate(notebook)
    assert (notebook.nbformat, notebook.nbformat_minor) == (4, 5)
    assert [c.id for c in notebook.cells] == [c.id for c in toy.cells]
    assert [c.source for c in notebook.cells] == [c.source for c in toy.cells]
    assert not any(c.get("outputs") for c in notebook.cells)


FLAGS = {  # kind of cell -> grade, solution, locked
    "given_imports": (False, False, True),
    "double": (False, True, False),
    "test_double": (True, False, True),
    "experiment_picture": (False, False, True),
}


@pytest.mark.parametrize("cell_id", FLAGS)
def test_cells_have_metadata_of_nbgrader(toy: Lab, cell_id: str) -> None:
    cell = next(c for c in build.solution_notebook(toy).cells if c.id == cell_id)
    metadata = cell.metadata.nbgrader
    flags = (metadata.grade, metadata.solution, metadata.locked)
    assert flags == FLAGS[cell_id]
    assert (metadata.grade_id, metadata.schema_version) == (cell_id, 3)
    assert metadata.get("points") == (3 if cell_id == "test_double" else None)


def test_the_release_has_stubs_and_visible_tests(toy: Lab) -> None:
    cells = {c.id: c.source for c in build.release_notebook(toy).cells}
    assert cells["double"] == (
        "def double(x):\n"
        '    """Returns a new array with twice the values of x."""\n'
        "    # YOUR CODE HERE\n"
        "    raise NotImplementedError()"
    )
    assert cells["test_double"].endswith('"doubling three numbers")')
    assert "\n" not in cells["test_double"]


def test_builds_are_byte_equal(course: Course) -> None:
    first = build.outputs(course, course.lab("lab90"))
    second = build.outputs(find_course(course.root), course.lab("lab90"))
    assert first == second
    assert [p.relative_to(course.root).as_posix() for p in first] == [
        "solutions/lab90_toy/lab90_toy.ipynb",
        "labs/lab90_toy/lab90_toy.ipynb",
    ]
    for text in first.values():
        assert text == build.as_text(json.loads(text)) and text.endswith("}\n")


def test_builds_only_what_is_stale(course: Course) -> None:
    lab = course.lab("lab90")
    wanted = build.outputs(course, lab)
    assert build.stale(course, lab) == list(wanted)
    assert build.build(course, lab) == list(wanted)
    assert {p: p.read_text("utf-8") for p in wanted} == wanted
    assert build.stale(course, lab) == []
    assert build.build(course, lab) == []


@pytest.mark.parametrize("content", [None, b"", b"\xff\xfe", b"{}"])
def test_a_spoilt_notebook_is_stale(course: Course, content: bytes | None) -> None:
    lab = course.lab("lab90")
    build.build(course, lab)
    path = course.release / lab.name / f"{lab.name}.ipynb"
    path.unlink()
    if content is not None:
        path.write_bytes(content)
    assert build.stale(course, lab) == [path]
    assert build.build(course, lab) == [path]


def test_after_an_edit_both_notebooks_are_stale(course: Course) -> None:
    build.build(course, course.lab("lab90"))
    source = course.solutions / "lab90_toy" / "lab90_toy.py"
    source.write_text(source.read_text().replace("A toy lab", "A better toy lab"))
    lab = course.lab("lab90")
    assert build.stale(course, lab) == list(build.outputs(course, lab))


def test_another_file_in_the_release_is_stale(course: Course) -> None:
    lab = course.lab("lab90")
    build.build(course, lab)
    leak = course.release / lab.name / "mistakes.py"
    leak.write_text("answers = 1")
    assert build.stale(course, lab) == [leak]


def test_a_folder_that_cannot_be_made_is_an_error(course: Course) -> None:
    course.release.write_text("a file where the folder should be")
    with pytest.raises(OSError, match=r"Not a directory|File exists"):
        build.build(course, course.lab("lab90"))


def test_no_secret_is_in_the_release(course: Course) -> None:
    lab = course.lab("lab90")
    build.build(course, lab)
    files = [p for p in course.release.rglob("*") if p.is_file()]
    assert [p.name for p in files] == ["lab90_toy.ipynb"]
    text = files[0].read_text("utf-8")
    solution = (course.solutions / lab.name / f"{lab.name}.ipynb").read_text("utf-8")
    assert [s for s in SECRETS[:-1] if s not in solution] == []  # they are secrets
    assert [s for s in SECRETS if s in text] == []


@pytest.fixture(scope="module")
def stock_release(toy: Lab, tmp_path_factory: pytest.TempPathFactory) -> Any:
    """What stock nbgrader makes of the solution notebook."""
    folder = tmp_path_factory.mktemp("stock")
    source = folder / "source" / toy.name
    source.mkdir(parents=True)
    text = build.as_text(build.solution_notebook(toy))
    (source / f"{toy.name}.ipynb").write_text(text, "utf-8")
    done = nbgrader(folder, "generate_assignment", toy.name, "--create")
    assert done.returncode == 0, done.stderr
    made = folder / "release" / toy.name / f"{toy.name}.ipynb"
    return nbformat.read(made, as_version=4)


def test_the_release_is_what_stock_nbgrader_makes(toy: Lab, stock_release: Any) -> None:
    ours = build.release_notebook(toy)
    assert [c.id for c in ours.cells] == [c.id for c in stock_release.cells]
    for mine, stock in zip(ours.cells, stock_release.cells, strict=True):
        assert mine == stock, mine.id
    assert "checksum" in ours.cells[-1].metadata.nbgrader


def test_stock_validate_passes_the_solution(toy: Lab, tmp_path: Path) -> None:
    path = tmp_path / "lab90_toy.ipynb"
    path.write_text(build.as_text(build.solution_notebook(toy)), "utf-8")
    done = nbgrader(tmp_path, "validate", path.name)
    assert "Success! Your notebook passes all the tests." in done.stdout, done.stderr
