"""The words for differences: names of types, renderings and recognised slips."""

from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from cnncourse import differences


@pytest.mark.parametrize(
    ("value", "name"),
    [
        (None, "None"),
        (1, "int"),
        (np.float32(1), "numpy.float32"),
        (np.ones(2), "numpy.ndarray"),
        ([], "list"),
        (range(2), "range"),
        (type("int", (), {})(), "an object of another type"),
    ],
)
def test_type_name(value: Any, name: str) -> None:
    assert differences.type_name(value) == name


def test_show_and_place() -> None:
    assert differences.show(np.array([1, 2])) == "[1, 2]"
    large = np.zeros((9, 9), np.float32)
    assert differences.show(large) == "an array of shape (9, 9), dtype float32"
    assert differences.place((1, 2)) == "[1, 2]"


def test_close_between_integers_is_exact() -> None:
    one, two = np.array([100_000]), np.array([100_001])
    assert not differences.close(one, two, 1e-3, 0)
    assert differences.close(one.astype(float), two, 1e-3, 0)


@pytest.mark.parametrize(
    ("received", "expected", "hint"),
    [
        ((2, 3), (3, 2), "Axes 0 and 1 are swapped."),
        ((1, 5, 4, 2), (1, 4, 5, 2), "Axes 1 and 2 are swapped."),
        ((3, 3), (4, 4), "The size is off by one."),
        ((2, 1, 3), (2, 3), "There is an axis of size 1 too many."),
        ((2, 3), (2, 3, 1), "There is an axis of size 1 too few."),
        ((2, 3), (5, 3), ""),
        ((6,), (2, 3), ""),
    ],
)
def test_shape_hint(received: tuple, expected: tuple, hint: str) -> None:
    assert differences.shape_hint(received, expected) == hint


numbers = arrays(np.float64, (3, 3), elements=st.floats(-100, 100, width=16))


@settings(deadline=None, derandomize=True)
@given(numbers)
def test_slips_are_recognised(expected: np.ndarray) -> None:
    expected = expected + np.array([[1000, 2, 3], [400, 5, 6], [7, 8, 90]]) * 7.0
    for slip, words in (
        (-expected, "sign"),
        (expected.T.copy(), "axes are swapped"),
        (expected[::-1].copy(), "reverse order"),
        (expected[::-1, ::-1].copy(), "reverse order"),
        (expected / 9, "same factor"),
        (expected + 4, "same amount"),
        (0 * expected, "is 0"),
    ):
        assert words in differences.value_hint(slip, expected, 1e-5, 1e-8)


@settings(deadline=None, derandomize=True)
@given(numbers, numbers)
def test_hints_hold_no_digits_but_0(received: np.ndarray, expected: np.ndarray) -> None:
    hint = differences.value_hint(received, expected, 1e-5, 1e-8)
    assert not set(hint) & set("123456789")


def test_huge_values_give_no_warning() -> None:
    received, expected = np.array([1e308, -1e308]), np.array([-1e308, 1.0])
    assert differences.value_hint(received, expected, 1e-5, 1e-8) == ""


def test_no_hint_from_constant_values() -> None:
    """Between constants every difference is a factor; that would say nothing."""
    hint = differences.value_hint(np.full(4, 2.0), np.full(4, 3.0), 1e-5, 1e-8)
    assert hint == ""
