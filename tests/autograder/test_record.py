"""Records cross processes as JSON and come back as they were, or not at all."""

import ast
import json
from dataclasses import FrozenInstanceError
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import autograder
from autograder import record
from autograder.record import (
    FINDING_KINDS,
    CellRecord,
    Diagnosis,
    ExerciseRecord,
    Finding,
    Output,
    Result,
    from_json,
)

TESTS = (
    record.TestRecord("test_double", 3, 0.0, False, "hidden", "wrong", "41 is not 42"),
    record.TestRecord("test_double_input", 2, 2, True),
)
RESULT = Result(
    lab="lab90_toy",
    student="ann",
    score=2.0,
    max_score=5.0,
    exercises=(
        ExerciseRecord("double", 2, 5, TESTS, Diagnosis("triple", "Not three.")),
        ExerciseRecord("smooth", 0, 0, ()),
    ),
    findings=(Finding("crashed", "it ended", "test_double"), Finding("x", "y")),
    cells=(CellRecord("double", "solution", "x = 1", (Output("stream", "hé", "o"),)),),
    needs_review="look",
    seconds=0.25,
    digest="abc",
    submitted="2026-01-01 10:00:00 UTC",
)


def test_a_record_survives_json() -> None:
    plain = json.loads(json.dumps(RESULT.to_json()))
    assert from_json(Result, plain) == RESULT


def test_a_record_without_its_optional_parts() -> None:
    short = Result("lab", "ann", 0, 10)
    assert from_json(Result, json.loads(json.dumps(short.to_json()))) == short


def test_a_record_cannot_be_changed() -> None:
    with pytest.raises(FrozenInstanceError, match="cannot assign to field 'score'"):
        RESULT.score = 20  # type: ignore[misc]


def test_a_summary_has_all_but_the_cells() -> None:
    assert RESULT.summary() == {
        k: v for k, v in RESULT.to_json().items() if k != "cells"
    }


WHOLE = {"lab": "lab", "student": "ann", "score": 1, "max_score": 2}
DAMAGED: dict[str, tuple[Any, str]] = {
    "no dict": ([], r"Expected the fields .* of a Result. Received: \[\]"),
    "nothing": (None, "of a Result. Received: None"),
    "an unknown field": ({**WHOLE, "bonus": 5}, "Received: .*bonus"),
    "a missing field": ({"lab": "lab"}, "Expected a whole Result"),
    "a score that is text": (
        {**WHOLE, "score": "20"},
        "score of a Result to be int or float",
    ),
    "a score that is true": (
        {**WHOLE, "score": True},
        "score of a Result to be int or float",
    ),
    "a student that is a list": ({**WHOLE, "student": []}, "student .* to be str"),
    "no exercises": ({**WHOLE, "exercises": None}, "exercises of a Result"),
    "one exercise": ({**WHOLE, "exercises": {}}, "exercises of a Result"),
    "text for findings": ({**WHOLE, "findings": "none"}, "findings of a Result"),
    "a damaged finding": ({**WHOLE, "findings": [{}]}, "Expected a whole Finding"),
    "a list for a diagnosis": (
        {
            **WHOLE,
            "exercises": [
                {
                    **{"exercise": "a", "score": 0, "max_score": 1},
                    **{"tests": [], "diagnosis": []},
                }
            ],
        },
        "diagnosis of a ExerciseRecord",
    ),
    "a test that passed by text": (
        {
            **WHOLE,
            "exercises": [
                {
                    **{"exercise": "a", "score": 0, "max_score": 1},
                    "tests": [
                        {"grade_id": "a", "points": 1, "score": 1, "passed": "yes"}
                    ],
                }
            ],
        },
        "passed of a TestRecord to be bool",
    ),
}


@pytest.mark.parametrize("case", DAMAGED)
def test_a_damaged_record_is_refused(case: str) -> None:
    plain, message = DAMAGED[case]
    with pytest.raises(ValueError, match=message):
        from_json(Result, plain)


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(st.text(max_size=5), inner, max_size=3)
    ),
    max_leaves=5,
)


def places(plain: Any, path: tuple = ()) -> list[tuple]:
    """The paths to all values inside plain data."""
    items: Any = ()
    if isinstance(plain, dict):
        items = plain.items()
    elif isinstance(plain, list):
        items = enumerate(plain)
    return [path, *(p for k, v in items for p in places(v, (*path, k)))]


@given(st.data(), json_values)
@settings(max_examples=150, deadline=None)
def test_a_changed_record_is_refused_or_is_a_record(data: Any, value: Any) -> None:
    plain = json.loads(json.dumps({"result": RESULT.to_json()}))
    path = data.draw(st.sampled_from(places(plain["result"], ("result",))))
    place = plain
    for key in path[:-1]:
        place = place[key]
    place[path[-1]] = value
    try:
        result = from_json(Result, plain["result"])
    except ValueError:
        return
    assert from_json(Result, result.to_json()).to_json() is not None
    assert isinstance(result.score, int | float)
    assert all(
        isinstance(t, record.TestRecord) for e in result.exercises for t in e.tests
    )
    assert all(isinstance(f, Finding) for f in result.findings)
    assert all(isinstance(o, Output) for c in result.cells for o in c.outputs)


def kinds_in(tree: ast.AST) -> set[str]:
    """The kinds of findings that a module's code names."""
    calls = [n for n in ast.walk(tree) if isinstance(n, ast.Call) and n.args]
    makers = {"Finding", "find", "_find"}
    return {
        call.args[0].value
        for call in calls
        if getattr(call.func, "id", getattr(call.func, "attr", "")) in makers
        and isinstance(call.args[0], ast.Constant)
        and isinstance(call.args[0].value, str)
    }


def test_every_kind_of_finding_is_described() -> None:
    folder = Path(autograder.__file__).parent
    trees = [ast.parse(p.read_text("utf-8")) for p in folder.rglob("*.py")]
    used = set().union(*map(kinds_in, trees))
    assert {"timed_out", "unreadable", "withheld"} <= used
    assert used <= set(FINDING_KINDS)
