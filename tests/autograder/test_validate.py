"""The tests of the tests: what `validate` proves of a lab, and what it objects to."""

from dataclasses import replace

import pytest

from autograder.cells import Alternative
from autograder.course import Lab
from autograder.validate import Verdict, validate


@pytest.fixture(scope="module")
def verdicts(toy: Lab) -> list[Verdict]:
    """Of the toy lab as it is."""
    return validate(toy, jobs=1)


def test_a_good_lab_has_no_problem(toy: Lab, verdicts: list[Verdict]) -> None:
    assert [v.problem for v in verdicts] == [""] * len(verdicts)
    assert [(v.kind, v.name, v.score) for v in verdicts] == [
        ("reference", "reference", 10),
        ("untouched", "untouched", 0),
        ("variant", "double.addition", 10),
        ("variant", "smooth.convolution", 10),
        ("mistake", "double.triple", 7),
        ("mistake", "double.in_place", 5),
        ("mistake", "smooth.sum", 7),
        ("mistake", "smooth.no_check", 7),
    ]


def test_the_feedback_names_the_mistakes(verdicts: list[Verdict]) -> None:
    assert all(v.named == (v.kind == "mistake") for v in verdicts)


def double(body: str) -> str:
    return f"def double(x):\n    return {body}"


@pytest.fixture(scope="module")
def objections(toy: Lab) -> dict[str, Verdict]:
    """Of the toy lab with all that can be wrong in it."""
    mistakes = (
        Alternative("right", "double", double("2 * x"), ("test_double",), "h"),
        Alternative("more", "double", double("None"), ("test_double",), "h"),
        Alternative("nothing", "double", double("5 * x"), (), "h"),
        Alternative("twin", "double", double("3.0 * x"), ("test_double",), "h"),
        Alternative("no_code", "double", "1 / 0", ("test_double",), "h"),
    )
    variants = (Alternative("wrong", "double", double("4 * x")),)
    cells = tuple(
        replace(c, source="pass  # asks for nothing") if c.id == "test_answer" else c
        for c in toy.cells
    )
    lab = replace(toy, cells=cells, mistakes=toy.mistakes + mistakes, variants=variants)
    return {v.name: v for v in validate(lab, jobs=1)}


OBJECTIONS = {
    "untouched": "Received: ['test_double', 'test_double_input', 'test_smooth'].",
    "double.wrong": "Expected to fail: []. Received: ['test_double'].",
    "double.right": "Expected to fail: ['test_double']. Received: [].",
    "double.more": "Received: ['test_double', 'test_double_input'].",
    "double.nothing": "Expected the names of tests that fail. Received: none",
}


@pytest.mark.parametrize("name", OBJECTIONS)
def test_a_bad_lab_has_problems(objections: dict[str, Verdict], name: str) -> None:
    assert OBJECTIONS[name] in objections[name].problem


def test_a_problem_says_why_the_tests_failed(objections: dict[str, Verdict]) -> None:
    assert "doubling three numbers" in objections["double.wrong"].problem


def test_a_twin_of_a_known_mistake_is_not_named(
    objections: dict[str, Verdict],
) -> None:
    assert objections["double.triple"].named
    assert not objections["double.twin"].named and not objections["double.twin"].problem


def test_a_broken_mistake_hurts_no_other(objections: dict[str, Verdict]) -> None:
    assert objections["reference"].problem == objections["smooth.sum"].problem == ""
    assert not objections["double.no_code"].named


def test_progress_counts_to_the_end(toy: Lab) -> None:
    seen: list[tuple[int, int]] = []
    few = replace(toy, mistakes=(), variants=())
    validate(few, jobs=2, progress=lambda done, total: seen.append((done, total)))
    assert seen == [(0, 2), (1, 2), (2, 2)]
