"""The made-up class: each student gets what it deserves."""

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from autograder.cells import Alternative
from autograder.course import Lab
from autograder.made_up_class import (
    Student,
    answered,
    function_exercise,
    make_class,
    write_class,
)
from autograder.submission import Submission
from autograder.worker import Worker


@pytest.fixture(scope="module")
def students(toy: Lab) -> list[Student]:
    return make_class(toy)


def test_every_kind_of_student_is_in_it(students: list[Student]) -> None:
    names = [s.name.split("-", 1)[1] for s in students]
    assert names == [
        *("right", "variant-addition", "variant-convolution", "mistake-triple"),
        *("mistake-sum", "two-mistakes", "syntax-error", "infinite-loop", "exits"),
        *("hungry", "fake-score", "patches-numpy", "edited-tests", "untouched"),
        *("empty-file", "symlink"),
    ]
    assert [s.name[:3] for s in students] == [
        f"{i:02d}-" for i in range(1, len(students) + 1)
    ]


def test_it_is_the_same_every_time(toy: Lab, students: list[Student]) -> None:
    assert make_class(toy) == students


def test_each_gets_what_it_deserves(
    toy: Lab, worker: Worker, students: list[Student]
) -> None:
    graded = [
        worker.grade(Submission(toy.name, s.name, s.notebook)).score for s in students
    ]
    assert graded == [s.deserved for s in students]
    assert len(set(graded)) > 3


def test_it_is_written_as_nbgrader_collects_it(
    toy: Lab, students: list[Student], tmp_path: Path
) -> None:
    write_class(toy, students, tmp_path)
    for student in students:
        path = tmp_path / student.name / toy.name / f"{toy.name}.ipynb"
        if student.notebook is None:
            assert path.is_symlink() and path.resolve().is_file()
        else:
            assert path.read_bytes() == student.notebook
    with pytest.raises(FileExistsError, match="01-right"):
        write_class(toy, students, tmp_path)


def sources(notebook: dict[str, Any]) -> dict[str, str]:
    return {c["id"]: c["source"] for c in notebook["cells"]}


def test_an_answered_lab_holds_the_answers_and_no_secrets(toy: Lab) -> None:
    found = sources(answered(toy, Alternative("mine", "double", "def double(x): ...")))
    assert found["double"] == "def double(x): ..."
    assert "return (x[1:] + x[:-1]) / 2" in found["smooth"]
    text = json.dumps(answered(toy))
    assert not any(w in text for w in ("BEGIN SOLUTION", "HIDDEN", "31337"))


def test_only_the_first_of_two_cells_takes_the_answer(toy: Lab) -> None:
    double = next(c for c in toy.cells if c.id == "double")
    two = (*toy.cells, replace(double, id="double_again"))
    lab = replace(toy, cells=two)
    found = sources(answered(lab, Alternative("mine", "double", "x = 1")))
    assert (found["double"], found["double_again"]) == ("x = 1", "")


def test_the_first_function_of_a_lab(toy: Lab) -> None:
    assert function_exercise(toy) == ("double", "double")


def test_a_lab_without_functions_has_no_class(toy: Lab) -> None:
    values = tuple(c for c in toy.cells if c.exercise not in ("double", "smooth"))
    with pytest.raises(ValueError, match="Expected lab90_toy to have an exercise that"):
        make_class(replace(toy, cells=values, mistakes=(), variants=()))
