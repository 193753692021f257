"""Every check passes what is right, and says of what is wrong what a student needs."""

import re
import sys
import types
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import array_shapes, arrays

from cnncourse import checks
from cnncourse.checks import CheckFailure

CASE = "stride 2 with an even kernel"


def failure(check: Any, *arguments: Any, **options: Any) -> CheckFailure:
    """The failure of a check that must fail; both its texts name the case."""
    with pytest.raises(CheckFailure) as caught:
        check(*arguments, **options)
    assert str(caught.value).startswith(CASE + ": ")
    assert caught.value.public.startswith(CASE + ": ")
    return caught.value


class Liar:
    """Claims to be equal to everything."""

    def __eq__(self, other: object) -> bool:
        return True

    def __ne__(self, other: object) -> bool:
        return False

    __hash__ = object.__hash__


class LyingInt(int):
    __eq__, __ne__ = Liar.__eq__, Liar.__ne__
    __hash__ = int.__hash__


class LyingArray(np.ndarray):
    def __eq__(self, other: object) -> Any:
        return np.ones(self.shape, bool)


class Secret(Exception):
    """Raised by a student's code, with the hidden input in its name or text."""


# array ------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("received", "expected"),
    [
        (np.array([1.0, 2.0]), [1.0, 2.0]),
        (np.array([1, 2]), [1.0, 2.0]),
        (np.array([1.0, 2.0], np.float32), [1 + 1e-6, 2.0]),
        (np.array([np.nan, np.inf, -np.inf]), [np.nan, np.inf, -np.inf]),
        (np.array([True, False]), [True, False]),
        (np.array([1 + 2j]), [1 + 2j]),
        (np.array(3.0), 3.0),
        (np.float32(3.0), 3.0),
        (3, 3.0),
        (np.zeros((0, 2)), np.zeros((0, 2))),
        (np.array([0], np.uint8), np.array([0], np.int64)),
    ],
)
def test_array_passes(received: Any, expected: Any) -> None:
    checks.array(received, expected, CASE)


@pytest.mark.parametrize(
    ("received", "expected", "message"),
    [
        (None, [1.0], "received None. Did you forget `return`?"),
        ([1.0], [1.0], "expected a NumPy array, received list. Wrap it"),
        ((1.0,), [1.0], "received tuple. Wrap it in `np.array(...)`"),
        (1.0, [1.0], "received float. It is a single number"),
        ([1.0], 1.0, "expected a number, received list"),
        ("1", 1.0, "expected a number, received str"),
        (np.array([1.0]).view(LyingArray), [2.0], "an object of another type"),
        (np.ones((1, 1)).view(np.matrix), [[1.0]], "received numpy.matrix"),
        (np.ma.array([1.0]), [1.0], "received numpy.MaskedArray"),
        (Liar(), [1.0], "received an object of another type"),
        (LyingInt(1), 2, "expected a number, received an object of another type"),
        (np.array([Liar()]), [1.0], "an array of numbers, received one of objects"),
        (np.array(["1"]), [1.0], "received one of objects"),
        (np.array([1.0]), 1.0, "There is an axis of size 1 too many"),
        (np.ones((2, 3)), np.ones((3, 2)), "Axes 0 and 1 are swapped"),
        (np.ones((4, 5)), np.ones((3, 4)), "The size is off by one"),
        (np.ones((1, 3)), np.ones((2, 3)), r"expected shape (2, 3), received (1, 3)"),
        (np.ones(3), np.ones((2, 3)), r"expected shape (2, 3), received (3,)"),
        (np.array([True]), [1.0], "expected numbers, received bool"),
        (np.array([1]), [True], "expected truth values (bool), received int64"),
        (np.array([1 + 0j]), [1.0], "take the real part"),
        (np.array([np.nan, 1]), [1.0, 1.0], "Yours holds NaN"),
        (np.array([1.0, 1.0]), [np.nan, 1.0], "first at [0]: expected nan"),
        (np.array([np.inf, 1]), [1.0, 1.0], "Yours holds an infinity"),
        (np.array([np.inf]), [-np.inf], "expected -inf, received inf"),
        (4.0, 5.0, "expected 5.0, received 4.0"),
        (np.array([0], np.uint8), np.array([1], np.uint8), "expected 1, received 0"),
        (np.array([2**62 + 1]), [2**62], "the values differ in 1 of 1 places"),
        (np.array([1, 2, 3]), [1.5, 2.5, 3.2], "the fractions were lost"),
        (np.array([0.0, 0.0]), [1.0, 2.0], "Every value of yours is 0"),
        (np.array([-1.0, 2.0]), [1.0, -2.0], "Every sign is flipped"),
        (np.array([3.0, 2.0, 0.0]), [0.0, 2.0, 3.0], "in reverse order along an axis"),
        (np.array([[1.0, 2], [3, 4]]), [[1, 3], [2, 4]], "two axes are swapped"),
        (np.array([2.0, 4.0, 9.0]), [1.0, 2.0, 4.5], "off by the same factor"),
        (np.array([2.0, 3.0, 6.0]), [1.0, 2.0, 5.0], "off by the same amount"),
    ],
)
def test_array_fails_and_names_the_slip(
    received: Any, expected: Any, message: str
) -> None:
    assert message in str(failure(checks.array, received, expected, CASE))


def test_array_names_the_first_place_and_counts() -> None:
    expected = np.arange(12.0).reshape(3, 4)
    received = expected.copy()
    received[1, 2], received[2, 0] = 50, 60
    error = failure(checks.array, received, expected, CASE)
    assert "differ in 2 of 12 places, first at [1, 2]: expected 6.0, received 50.0" in (
        str(error)
    )
    assert "Expected:\n[[ 0.,  1.," in str(error) and "50." in str(error)
    assert error.public == f"{CASE}: the values differ in 2 of 12 places."


def test_array_does_not_print_large_arrays() -> None:
    error = failure(checks.array, np.ones((20, 20)), np.zeros((20, 20)), CASE)
    assert "Expected:" not in str(error) and len(str(error)) < 300


def test_array_checks_the_dtype_if_asked() -> None:
    x = np.ones(3)
    checks.array(x, x, CASE, dtype=np.float64)
    checks.array(np.float32(1), 1.0, CASE, dtype="float32")
    error = failure(checks.array, x, x, CASE, dtype=np.float32)
    assert "expected float32, received float64. Only the dtype is wrong" in str(error)
    assert error.public == str(error)
    error = failure(checks.array, x, 2 * x, CASE, dtype=np.float32)
    assert "Only" not in str(error)


def test_array_tolerances() -> None:
    checks.array(np.array([1.1]), [1.0], CASE, rtol=0.2)
    checks.array(np.array([0.1]), [0.0], CASE, atol=0.2)
    failure(checks.array, np.array([1.1]), [1.0], CASE)


@settings(deadline=None, derandomize=True)
@given(st.data())
def test_array_fails_wherever_one_value_is_changed(data: Any) -> None:
    dtype = data.draw(st.sampled_from([np.float32, np.float64, np.int64, np.uint8]))
    shape = data.draw(array_shapes(max_dims=3, max_side=4))
    values = data.draw(arrays(dtype, shape, elements=st.integers(0, 100)))
    checks.array(values.copy(), values, CASE)
    index = tuple(data.draw(st.integers(0, n - 1)) for n in shape)
    wrong = values.copy()
    wrong[index] += 1
    error = failure(checks.array, wrong, values, CASE)
    assert f"expected {values[index]}, received {wrong[index]}" in str(error)
    if values.size > 1:
        assert f"in 1 of {values.size} places, first at {list(index)}" in str(error)


@settings(deadline=None, derandomize=True)
@given(array_shapes(max_dims=3, max_side=4), array_shapes(max_dims=3, max_side=4))
def test_array_never_broadcasts(one: tuple, two: tuple) -> None:
    if one == two:
        checks.array(np.ones(one), np.ones(two), CASE)
    else:
        failure(checks.array, np.ones(one), np.ones(two), CASE)


def test_array_refuses_an_expectation_of_objects() -> None:
    with pytest.raises(TypeError, match="Expected an array of numbers"):
        checks.array(np.ones(1), [object()], CASE)


@pytest.mark.parametrize(
    ("check", "received", "expected"),
    [
        (checks.array, np.array([11.0, 12.0]), np.array([987.0, 654.0])),
        (checks.array, np.ones((2, 3)), np.ones((987, 654))),
        (checks.array, 1.0, 987.654),
        (checks.equal, 11, 987654),
        (checks.equal, (1, 2), (987, 654)),
        (checks.equal, [1], [1] * 987),
        (checks.equal, "a", "987"),
        (checks.equal, {"a": 1}, {"987": 1}),
        (checks.shape, np.ones((2, 3)), (987, 654)),
    ],
)
def test_public_text_holds_no_expected_numbers(
    check: Any, received: Any, expected: Any
) -> None:
    error = failure(check, received, expected, CASE)
    assert re.search("987|654", str(error))
    assert not re.search("987|654", error.public)


# shape, dtype -----------------------------------------------------------------------


def test_shape() -> None:
    checks.shape(np.ones((2, 3)), (2, 3), CASE)
    checks.shape(np.ones((2, 3)), [2, 3], CASE)
    checks.shape(np.float64(1), (), CASE)
    error = failure(checks.shape, np.ones((2, 3)), (3, 2), CASE)
    assert "expected shape (3, 2), received (2, 3). Axes 0 and 1" in str(error)
    assert error.public.endswith(
        "the shape is not the expected one: yours is too short along axis 0, too long "
        "along axis 1. Axes 0 and 1 are swapped."
    )
    error = failure(checks.shape, np.ones(7), (3, 2), CASE)
    assert error.public.endswith("yours has too few axes.")
    assert "received list" in str(failure(checks.shape, [1], (1,), CASE))


def test_dtype() -> None:
    checks.dtype(np.ones(2, np.float32), np.float32, CASE)
    checks.dtype(np.float32(1), "float32", CASE)
    error = failure(checks.dtype, np.ones(2), np.float32, CASE)
    assert error.public == f"{CASE}: expected float32, received float64."
    assert "received float" in str(failure(checks.dtype, 1.0, np.float32, CASE))
    assert "forget `return`" in str(failure(checks.dtype, None, np.float32, CASE))


# equal ------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("received", "expected"),
    [
        (3, 3),
        (np.int32(3), 3),
        (np.uint8(3), 3),
        (3.0, 3.0),
        (3, 3.0),
        (np.float64(0.5), 0.5),
        (float("nan"), float("nan")),
        (1j, 1j),
        (True, True),
        (np.True_, True),
        (None, None),
        ("a", "a"),
        (b"a", b"a"),
        ((1, (2, [3])), (1, (2, [3]))),
        ([], []),
        ({"a": [1], 2: None}, {2: None, "a": [1]}),
    ],
)
def test_equal_passes(received: Any, expected: Any) -> None:
    checks.equal(received, expected, CASE)


@pytest.mark.parametrize(
    ("received", "expected", "message"),
    [
        (4, 3, "expected 3, received 4"),
        (3.0, 3, "expected int, received float. The value is right but a float"),
        (np.float32(3), 3, "received numpy.float32. The value is right but a float"),
        (3.5, 3, "expected int, received float."),
        (True, 1, "expected int, received bool"),
        (1, True, "expected bool, received int"),
        (np.True_, 1, "expected int, received numpy.bool"),
        (None, 1, "received None. Did you forget `return`?"),
        ([1, 2], (1, 2), "expected tuple, received list. Use round brackets"),
        ((1, 2), [1, 2], "expected list, received tuple. Use square brackets"),
        (np.array([1, 2]), (1, 2), "Take the single values out of the array"),
        ((1, 5), (1, 2), "at [1]: expected 2, received 5"),
        ((1, [2, 5]), (1, [2, 3]), "at [1][1]: expected 3, received 5"),
        ((1,), (1, 2), "the number of entries: expected 2, received 1"),
        ({"a": [1, 5]}, {"a": [1, 2]}, "at ['a'][1]: expected 2, received 5"),
        ({"b": 1}, {"a": 1}, "expected keys ['a'], received ['b']"),
        ({Liar(): 1}, {"a": 1}, "expected keys ['a'], received others"),
        ("a", b"a", "expected bytes, received str"),
        (float("nan"), 1.0, "expected 1.0, received nan"),
        (0.1 + 0.2, 0.3, "expected 0.3"),
        (Liar(), 1, "received an object of another type"),
        (LyingInt(2), 1, "received an object of another type"),
        ((Liar(),), (1,), "at [0]: expected int, received an object of another type"),
        (Liar(), None, "expected None, received an object of another type"),
    ],
)
def test_equal_fails_and_names_the_slip(
    received: Any, expected: Any, message: str
) -> None:
    assert message in str(failure(checks.equal, received, expected, CASE))


def test_equal_stops_at_a_list_that_holds_itself() -> None:
    endless: list = []
    endless.append(endless)
    assert "at [0][0]" in str(failure(checks.equal, endless, [[1]], CASE))


@pytest.mark.parametrize("expected", [np.ones(2), object(), {1, 2}, [np.ones(2)]])
def test_equal_refuses_other_expectations(expected: Any) -> None:
    received = [0] if isinstance(expected, list) else expected
    with pytest.raises(TypeError, match="Expected plain data"):
        checks.equal(received, expected, CASE)


def test_equal_refuses_other_keys() -> None:
    with pytest.raises(TypeError, match="Expected plain keys"):
        checks.equal({}, {(1, 2): 3}, CASE)


# raises -----------------------------------------------------------------------------


def throw(error: BaseException) -> None:
    raise error


def test_raises_passes() -> None:
    checks.raises(ValueError, int, "x", what=CASE)
    checks.raises(ValueError, int, "x", what=CASE, match="invalid literal")
    checks.raises(LookupError, throw, KeyError("a"), what=CASE)
    checks.raises(ValueError, int, "9", base=8, what=CASE)


def test_raises_fails() -> None:
    error = failure(checks.raises, ValueError, int, "1", what=CASE)
    assert "expected ValueError, but nothing was raised" in error.public
    error = failure(checks.raises, ValueError, throw, KeyError("42"), what=CASE)
    assert "expected ValueError, received KeyError: '42'" in str(error)
    assert error.public.endswith("expected ValueError, received KeyError.")
    error = failure(checks.raises, ValueError, int, "x", what=CASE, match="stride")
    assert "invalid literal" in str(error) and "'stride'" in str(error)
    assert "invalid" not in error.public and "stride'" not in error.public


def test_raises_does_not_repeat_a_name_that_a_student_made() -> None:
    error = failure(checks.raises, ValueError, throw, Secret("42"), what=CASE)
    assert error.public.endswith("received an exception of another class.")
    posing = type("KeyError", (Exception,), {})
    error = failure(checks.raises, ValueError, throw, posing("42"), what=CASE)
    assert error.public.endswith("received an exception of another class.")


@pytest.mark.parametrize("expected", [ValueError, RuntimeError, Exception])
def test_raises_lets_the_stub_say_that_it_is_a_stub(expected: type) -> None:
    with pytest.raises(NotImplementedError, match="not yet"):
        checks.raises(expected, throw, NotImplementedError("not yet"), what=CASE)


def test_raises_can_expect_not_implemented() -> None:
    checks.raises(NotImplementedError, throw, NotImplementedError(), what=CASE)


# unchanged --------------------------------------------------------------------------


def test_unchanged_passes() -> None:
    x = np.array([1.0, np.nan])
    with checks.unchanged(CASE, x, x[::-1]):
        x * 2


def set_value(x: np.ndarray) -> None:
    x[0] = 5


def set_shape(x: np.ndarray) -> None:
    x.resize((2, 2), refcheck=False)


def set_sign_of_zero(x: np.ndarray) -> None:
    x[1] = -0.0


@pytest.mark.parametrize("change", [set_value, set_shape, set_sign_of_zero])
def test_unchanged_fails(change: Any) -> None:
    x = np.array([1.0, 0.0, 2.0, 3.0])

    def block() -> None:
        with checks.unchanged(CASE, np.ones(2), x):
            change(x)

    assert "array 2 that was given as input was changed" in str(failure(block))


def test_unchanged_says_the_array_if_there_is_one() -> None:
    x = np.zeros(2)

    def block() -> None:
        with checks.unchanged(CASE, x):
            set_value(x)

    assert "the array that was given as input was changed" in failure(block).public


def test_unchanged_lets_exceptions_through() -> None:
    x = np.zeros(2)
    with pytest.raises(NotImplementedError), checks.unchanged(CASE, x):
        set_value(x)
        raise NotImplementedError


# holds ------------------------------------------------------------------------------


def test_holds() -> None:
    checks.holds(True, CASE)
    checks.holds(np.all(np.ones(3) > 0), CASE)
    assert "this does not hold" in failure(checks.holds, False, CASE).public
    assert "this does not hold" in str(failure(checks.holds, np.False_, CASE))


@pytest.mark.parametrize("condition", [1, "yes", np.array([True]), Liar(), None, [1]])
def test_holds_takes_truth_values_only(condition: Any) -> None:
    error = failure(checks.holds, condition, CASE)
    assert "expected True or False, received" in str(error)


# forbids ----------------------------------------------------------------------------


def uses_attribute(x: np.ndarray) -> np.ndarray:
    # no convolve in a comment
    return np.convolve(x, x)


def uses_import(x: np.ndarray) -> np.ndarray:
    from numpy import convolve as c

    return c(x, x)


def uses_module(x: np.ndarray) -> Any:
    import scipy.signal

    return scipy.signal


def says_only(x: np.ndarray) -> str:
    """This is not np.convolve."""
    return "convolve"


def test_forbids_passes() -> None:
    checks.forbids(says_only, ["convolve", "correlate"])
    checks.forbids(uses_attribute, ["correlate"])


@pytest.mark.parametrize(
    ("function", "name", "line"),
    [
        (uses_attribute, "convolve", "line 3: return np.convolve(x, x)"),
        (uses_import, "convolve", "line 2: from numpy import convolve as c"),
        (uses_module, "signal", "line 2: import scipy.signal"),
        (uses_module, "scipy", "line 2: import scipy.signal"),
        (np.convolve, "convolve", "line"),  # given another name, but the same
    ],
)
def test_forbids_names_the_line(function: Any, name: str, line: str) -> None:
    with pytest.raises(CheckFailure) as caught:
        checks.forbids(function, [name])
    assert f"without {name}: `{name}` is used in {line}" in str(caught.value)


def test_forbids_reads_the_source_that_a_proxy_carries() -> None:
    proxy = types.SimpleNamespace(__lab_source__="def f(x):\n    return lfilter(x)\n")
    error = failure(checks.forbids, proxy, ["lfilter"], what=CASE)
    assert "`lfilter` is used in line 2: return lfilter(x)" in str(error)
    checks.forbids(proxy, ["convolve"])


@pytest.mark.parametrize("function", [np.dot, len, 3, eval("lambda x: x")])
def test_forbids_fails_without_a_source(function: Any) -> None:
    error = failure(checks.forbids, function, ["convolve"], what=CASE)
    assert "the source of this function was not found. Write it with `def`" in (
        error.public
    )


# notebooks --------------------------------------------------------------------------


def test_picture_is_shown_in_a_notebook_only(monkeypatch: pytest.MonkeyPatch) -> None:
    shown: list = []
    monkeypatch.setattr(
        "cnncourse.comparison_picture.display_comparison",
        lambda received, expected: shown.append((received, expected)),
    )
    kernel = types.SimpleNamespace(kernel=object())
    terminal = types.SimpleNamespace()
    for shell in (None, terminal, kernel):
        module = types.SimpleNamespace(get_ipython=lambda shell=shell: shell)
        monkeypatch.setitem(sys.modules, "IPython", module)
        failure(checks.array, np.zeros((2, 2)), np.ones((2, 2)), CASE)
        assert len(shown) == (shell is kernel)


def test_matplotlib_is_not_imported_outside_a_notebook() -> None:
    import subprocess

    code = (
        "import sys, numpy as np; from cnncourse import checks\n"
        "try: checks.array(np.zeros((2, 2)), np.ones((2, 2)), 'x')\n"
        "except checks.CheckFailure: pass\n"
        "bad = {'matplotlib', 'IPython', 'tensorflow'} & set(sys.modules)\n"
        "sys.exit(len(bad))"
    )
    subprocess.run([sys.executable, "-c", code], check=True)


def test_failure_survives_pickling() -> None:
    import pickle

    error = failure(checks.holds, False, CASE)
    again = pickle.loads(pickle.dumps(error))
    assert (str(again), again.public) == (str(error), error.public)


def test_every_public_name_is_documented() -> None:
    for name in checks.__all__:
        assert getattr(checks, name).__doc__
