"""A lab as the examiner uses it."""

from dataclasses import replace

import numpy as np
import pytest

from autograder.course import Lab
from autograder.examiner.material import CELL_FILE, Material, run


def test_tests_are_compiled_under_their_own_names(material: Material) -> None:
    assert {i: c.co_filename for i, c in material.code.items()} == {
        t.id: CELL_FILE.format(t.id) for t in material.lab.tests
    }


def test_a_cell_cut_short_is_compiled_anew(material: Material) -> None:
    test = material.lab.tests[0]
    assert material.compiled(test) is material.code[test.id]
    short = material.compiled(replace(test, source="x = 1"))
    assert short.co_names == ("x",) and short.co_filename == CELL_FILE.format(test.id)


def test_names_belong_to_exercises(material: Material) -> None:
    assert material.names == {
        "double": "double",
        "smooth": "smooth",
        "answer": "answer",
    }


def test_a_test_has_what_given_cells_define_and_no_answers(material: Material) -> None:
    namespace = material.namespace(material.lab.tests[0])
    assert {"np", "plt", "checks", "signal"} <= set(namespace)
    assert not {"double", "smooth", "answer"} & set(namespace)


def test_a_test_has_its_own_copy_of_the_data(material: Material) -> None:
    test = material.lab.tests[0]
    namespace = material.namespace(test)
    namespace["signal"] *= 0
    assert material.namespace(test)["signal"].tolist() == [1, 2, 4]


def test_a_given_cell_below_a_test_is_not_in_it(toy: Lab) -> None:
    later = replace(toy.cells[1], id="given_later", source="late = 1")
    material = Material(replace(toy, cells=(*toy.cells, later)))
    assert "late" not in material.namespace(toy.tests[-1])
    assert material.reference["late"] == 1


def test_the_reference_answers_every_exercise(material: Material) -> None:
    assert material.reference["double"](np.ones(2)).tolist() == [2, 2]
    assert material.reference["answer"] == "one fewer"


def test_a_mistake_replaces_one_exercise(material: Material) -> None:
    triple = material.lab.mistakes[0]
    namespace = material.mistaken(triple)
    assert namespace["double"](1) == 3 and namespace["answer"] == "one fewer"
    assert material.mistaken(triple) is namespace
    assert material.reference["double"](1) == 2


def test_cells_print_nothing(capsys: pytest.CaptureFixture[str]) -> None:
    namespace: dict[str, object] = {}
    run(
        "import sys\nprint('out')\nprint('err', file=sys.stderr)\nx = 1", "a", namespace
    )
    assert namespace["x"] == 1
    assert capsys.readouterr() == ("", "")


def test_a_given_cell_that_fails_is_the_labs_error(toy: Lab) -> None:
    cells = [replace(c, source="1 / 0") if c.kind == "given" else c for c in toy.cells]
    with pytest.raises(ZeroDivisionError, match="division by zero"):
        Material(replace(toy, cells=tuple(cells)))
