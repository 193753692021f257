"""The first difference between plain data, against what Python calls equal."""

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cnncourse.plain_data import Difference, first_difference

scalars = (
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats(allow_nan=False)
    | st.text(max_size=3)
    | st.binary(max_size=3)
)
values = st.recursive(
    scalars,
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.lists(inner, max_size=3).map(tuple)
        | st.dictionaries(st.text(max_size=2), inner, max_size=3)
    ),
    max_leaves=8,
)


def same_types(one: Any, other: Any) -> bool:
    """Whether two equal values have the same types all through."""
    if type(one) is int and type(other) is float:
        return True  # received an integer where a float is expected
    if type(one) is not type(other):
        return False
    if isinstance(one, list | tuple):
        return all(map(same_types, one, other))
    if isinstance(one, dict):
        return all(same_types(one[key], other[key]) for key in one)
    return True


@settings(deadline=None, derandomize=True, max_examples=300)
@given(received=values, expected=values)
def test_agrees_with_python(received: Any, expected: Any) -> None:
    equal = received == expected and same_types(received, expected)
    assert (first_difference(received, expected) is None) == equal
    assert first_difference(expected, expected) is None


def test_path_problem_and_hint() -> None:
    difference = first_difference([1, {"a": (2, 3.0)}], [1, {"a": (2, 3)}])
    assert difference == Difference(
        "at [1]['a'][1]: expected int, received float.",
        "at [1]['a'][1]: expected int, received float.",
        "The value is right but a float: use `//` or `int(...)`.",
    )


@pytest.mark.parametrize(
    ("received", "expected"),
    [(lambda: 10**5000, 0), (lambda: "x" * 10**6, ""), (lambda: {"x" * 10**6: 0}, {})],
    ids=["integer", "text", "key"],
)
def test_received_data_that_are_too_long_to_show(received: Any, expected: Any) -> None:
    difference = first_difference(received(), expected)
    assert difference is not None and len(difference.problem) < 300


def test_expected_data_that_are_not_plain() -> None:
    with pytest.raises(TypeError, match=r"Expected plain data.*<class 'set'>"):
        first_difference({1}, {1})
    with pytest.raises(TypeError, match="Expected plain keys"):
        first_difference({}, {None: 1})
