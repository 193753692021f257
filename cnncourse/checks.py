"""What the test cells of the labs call.

Each check passes silently or raises `CheckFailure`, whose text says what was tried,
what was expected, what came and where the two part. Its `public` text is fit for a
hidden test: it names the kind of difference and holds no expected numbers.
"""

import builtins
import re
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any

import numpy as np

from cnncourse import differences, plain_data, source_code
from cnncourse.differences import NUMBER_TYPES, type_name

__all__ = [
    "CheckFailure",
    "array",
    "dtype",
    "equal",
    "forbids",
    "holds",
    "raises",
    "shape",
    "unchanged",
]

BOOLEANS = (bool, np.bool_)


class CheckFailure(AssertionError):
    """A check that failed.

    Args:
        message: everything there is to say, numbers included.
        public: the same without expected numbers, for a hidden test.
    """

    def __init__(self, message: str, public: str) -> None:
        super().__init__(message, public)
        self.public = public

    def __str__(self) -> str:
        return str(self.args[0])


def _fail(what: str, problem: str, public: str | None = None, hint: str = "") -> None:
    """Raises: `problem` in full, `public` (default: the same) for a hidden test."""
    public = problem if public is None else public
    texts = [f"{what}: {text} {hint}".rstrip() for text in (problem, public)]
    raise CheckFailure(*texts) from None


def _plain_array(received: object, scalar: bool, what: str) -> np.ndarray:
    """Returns `received` as an array if it is one, exactly; fails otherwise."""
    if received is None:
        hint = "Did you forget `return`?"
        _fail(what, "expected an array or a number, received None.", hint=hint)
    if scalar and type(received) in NUMBER_TYPES:
        return np.asarray(received)
    if type(received) is not np.ndarray:
        wanted = "a number" if scalar else "a NumPy array"
        hint = "Wrap it in `np.array(...)`." if type(received) in (list, tuple) else ""
        if type(received) in NUMBER_TYPES:
            hint = "It is a single number: was an axis summed away?"
        problem = f"expected {wanted}, received {type_name(received)}."
        _fail(what, problem, hint=hint)
    values: Any = received
    if values.dtype.kind not in "biufc":
        hint = (
            "Rows of unequal length give such an array." if values.dtype == "O" else ""
        )
        _fail(what, "expected an array of numbers, received one of objects.", hint=hint)
    return np.asarray(values)


def array(
    received: object,
    expected: object,
    what: str,
    rtol: float = 1e-5,
    atol: float = 1e-8,
    dtype: Any = None,
) -> None:
    """Checks the values of an array, or of a number where `expected` is a number.

    Args:
        received: what the student's code returned; exactly `np.ndarray`, or a number.
        expected: array, nested list or number. NaN agrees with NaN only.
        what: what was tried, in words that may be shown for a hidden test.
        rtol: relative tolerance; integers are compared with integers exactly.
        atol: absolute tolerance.
        dtype: if given, the dtype that `received` must have.

    Raises:
        CheckFailure: if type, shape, dtype or values are not the expected ones.
    """
    goal = np.asarray(expected)
    if goal.dtype.kind not in "biufc":
        raise TypeError(
            f"Expected an array of numbers. Received: expected={expected!r}"
        )
    values = _plain_array(received, goal.ndim == 0, what)
    _check_shape(values, goal.shape, what)
    right = np.all(differences.close(values, goal, rtol, atol))
    if dtype is not None:
        _check_dtype(values, dtype, what, "Only the dtype is wrong." if right else "")
    _check_kind(values, goal, what)
    if not right:
        _fail_values(values, goal, what, rtol, atol)


def _fail_values(
    received: np.ndarray, expected: np.ndarray, what: str, rtol: float, atol: float
) -> None:
    """Fails with the first place of difference, the counts and a likely reason."""
    agree = differences.close(received, expected, rtol, atol)
    hint = differences.value_hint(received, expected, rtol, atol)
    if agree.ndim == 0:
        problem = f"expected {expected[()]}, received {received[()]}."
        _fail(what, problem, "the value is not the expected one.", hint)
    first = tuple(int(i) for i in np.argwhere(~agree)[0])
    count = f"the values differ in {np.sum(~agree)} of {agree.size} places"
    problem = (
        f"{count}, first at {differences.place(first)}: "
        f"expected {expected[first]}, received {received[first]}."
    )
    if max(received.size, expected.size) <= differences.SMALL:
        both = differences.show(expected), differences.show(received)
        problem += "\nExpected:\n{}\nReceived:\n{}\n".format(*both)
    if _in_notebook():
        from cnncourse.comparison_picture import display_comparison

        display_comparison(received, expected)
    _fail(what, problem, f"{count}.", hint)


def _in_notebook() -> bool:
    """Whether a Jupyter kernel runs this process."""
    ipython = sys.modules.get("IPython")
    shell = ipython.get_ipython() if ipython else None
    return getattr(shell, "kernel", None) is not None


def _check_shape(received: np.ndarray, expected: tuple[int, ...], what: str) -> None:
    if received.shape != expected:
        problem = f"expected shape {expected}, received {received.shape}."
        hint = differences.shape_hint(received.shape, expected)
        # not the received shape: it could be a hidden input, told in numbers
        parted = differences.parted_shapes(received.shape, expected)
        public = f"the shape is not the expected one: {parted}. {hint}".rstrip()
        _fail(what, f"{problem} {hint}".rstrip(), public)


def _check_dtype(received: np.ndarray, expected: Any, what: str, hint: str) -> None:
    wanted = np.dtype(expected)
    if received.dtype != wanted:
        _fail(what, f"expected {wanted}, received {received.dtype}.", hint=hint)


def _check_kind(received: np.ndarray, expected: np.ndarray, what: str) -> None:
    """Refuses truth values for numbers and complex numbers for real ones."""
    boolean = received.dtype.kind == "b", expected.dtype.kind == "b"
    if boolean[0] != boolean[1]:
        wanted = "truth values (bool)" if boolean[1] else "numbers"
        _fail(what, f"expected {wanted}, received {received.dtype}.")
    if received.dtype.kind == "c" and expected.dtype.kind != "c":
        hint = "An inverse FFT returns complex numbers: take the real part."
        _fail(what, f"expected real numbers, received {received.dtype}.", hint=hint)


def shape(received: object, expected: Sequence[int], what: str) -> None:
    """Checks that `received` is an array of shape `expected`.

    Raises:
        CheckFailure: if it is no array, or one of another shape.
    """
    goal = tuple(expected)
    _check_shape(_plain_array(received, not goal, what), goal, what)


def dtype(received: object, expected: Any, what: str) -> None:
    """Checks that `received`, an array or a NumPy number, has dtype `expected`.

    Raises:
        CheckFailure: if it is something else or has another dtype.
    """
    scalar = type(received) in NUMBER_TYPES and isinstance(received, np.generic)
    _check_dtype(_plain_array(received, scalar, what), expected, what, "")


def equal(received: object, expected: object, what: str) -> None:
    """Checks plain data: None, bool, numbers, str, bytes, and tuples, lists and dicts.

    NumPy's integers may stand for int and its floats for float, an integer for a
    float; a bool is not an int, a list not a tuple. Floats are compared exactly.

    Raises:
        CheckFailure: if the type or the value is not the expected one.
        TypeError: if `expected` is something else, such as an array.
    """
    difference = plain_data.first_difference(received, expected)
    if difference is not None:
        _fail(what, difference.problem, difference.public, difference.hint)


def raises(
    exception: type[Exception],
    function: Callable[..., object],
    *args: Any,
    what: str,
    match: str | None = None,
    **kwargs: Any,
) -> None:
    """Checks that `function(*args, **kwargs)` raises `exception`.

    Args:
        exception: the class that is expected; a subclass will do.
        function: what to call.
        *args: positional arguments of the call.
        what: what was tried.
        match: regular expression that must be found in the text of the exception.
        **kwargs: keyword arguments of the call.

    Raises:
        CheckFailure: if nothing or something else is raised.
        NotImplementedError: as it came, since the exercise is then not begun.
    """
    wanted = exception.__name__
    try:
        function(*args, **kwargs)
    except exception as raised:
        if _unfinished(raised, exception):
            raise
        if match is not None and not re.search(match, str(raised)):
            problem = f"{wanted} was raised, but its message does not fit"
            _fail(what, f"{problem} the pattern {match!r}: {raised}", f"{problem}.")
        return
    except Exception as raised:
        if _unfinished(raised, exception):
            raise
        kind = type(raised)
        known = getattr(builtins, kind.__name__, None) is kind
        came = kind.__name__ if known else "an exception of another class"
        problem = f"expected {wanted}, received {came}"
        _fail(what, f"{problem}: {raised}", f"{problem}.")
    _fail(what, f"expected {wanted}, but nothing was raised.")


def _unfinished(raised: Exception, expected: type[Exception]) -> bool:
    """Whether a stub raised, where that is not what the check asks for."""
    return isinstance(raised, NotImplementedError) and not issubclass(
        expected, NotImplementedError
    )


@contextmanager
def unchanged(what: str, *arrays: np.ndarray) -> Iterator[None]:
    """Checks that the arrays have the same bytes, shape and dtype after the block.

    Example:
        >>> x = np.ones(3)
        >>> with unchanged("the input", x):
        ...     y = 2 * x

    Raises:
        CheckFailure: if one of them changed.
    """
    before = [(a.shape, a.dtype, a.tobytes()) for a in arrays]
    yield
    for number, (a, old) in enumerate(zip(arrays, before, strict=True), start=1):
        if (a.shape, a.dtype, a.tobytes()) != old:
            which = f"array {number}" if len(arrays) > 1 else "the array"
            hint = "Work on a copy: `x = x.copy()`, and mind `+=`."
            _fail(what, f"{which} that was given as input was changed.", hint=hint)


def holds(condition: object, what: str) -> None:
    """Checks that `condition` is true: exactly `True` or NumPy's `True`.

    Raises:
        CheckFailure: if it is false, or no truth value at all.
    """
    if type(condition) not in BOOLEANS:
        _fail(what, f"expected True or False, received {type_name(condition)}.")
    if not condition:
        _fail(what, "this does not hold.")


def forbids(
    function: Callable[..., object], names: Sequence[str], what: str | None = None
) -> None:
    """Checks that the source of `function` mentions none of `names`.

    A name counts where it is used as a variable, as an attribute (`np.convolve`), in an
    import or as the function's own name; in a comment or a text it does not.

    Raises:
        CheckFailure: if one is found, or if there is no source to look at.
    """
    what = what or f"without {', '.join(names)}"
    source = source_code.source_of(function)
    if source is None:
        hint = "Write it with `def` in its own cell."
        _fail(what, "the source of this function was not found.", hint=hint)
    else:
        for name, number, line in source_code.uses(source, names):
            found = f"`{name}` is used in line {number}"
            _fail(what, f"{found}: {line}", f"{found}.")
