"""Says in words how a received array differs from the expected one.

`cnncourse.checks` raises with these words. Every function here returns sentences; the
ones that end in a hint hold no numbers, so that they may be shown for a hidden test.
"""

from collections.abc import Callable

import numpy as np

SMALL = 64  # arrays up to this many entries are printed in full

NUMBER_TYPES = frozenset(
    {bool, int, float, complex}
    | {np.dtype(code).type for code in "?" + np.typecodes["AllInteger"] + "efdgFDG"}
)


def type_name(value: object) -> str:
    """Names the type of `value` if it is a well-known one.

    A type that a student made could carry anything in its name, so it has no name here.
    """
    kind = type(value)
    if kind in (np.ndarray, np.matrix, np.ma.MaskedArray):
        return f"numpy.{kind.__name__}"
    if kind in NUMBER_TYPES and kind.__module__ == "numpy":
        return f"numpy.{kind.__name__}"
    if kind in (bool, int, float, complex, str, bytes, list, tuple, dict, set, range):
        return kind.__name__
    return "None" if value is None else "an object of another type"


def show(value: np.ndarray) -> str:
    """Renders a small array, or names the shape and dtype of a large one."""
    if value.size <= SMALL:
        return np.array2string(value, separator=", ", precision=6, threshold=SMALL + 1)
    return f"an array of shape {value.shape}, dtype {value.dtype}"


def place(index: tuple[int, ...]) -> str:
    """Renders an index as it is written in Python."""
    return "[" + ", ".join(str(i) for i in index) + "]"


def close(
    received: np.ndarray, expected: np.ndarray, rtol: float, atol: float
) -> np.ndarray:
    """Marks the entries that agree: exactly between integers, else within tolerance.

    NaN agrees with NaN only, an infinity with itself only.
    """
    if received.dtype.kind in "biu" and expected.dtype.kind in "biu":
        return np.asarray(received == expected)
    wide = np.result_type(received, expected, np.float64)
    return np.isclose(
        received.astype(wide),
        expected.astype(wide),
        rtol=rtol,
        atol=atol,
        equal_nan=True,
    )


def shape_hint(received: tuple[int, ...], expected: tuple[int, ...]) -> str:
    """Names a common slip behind a wrong shape; "" where there is none to name."""
    if len(received) == len(expected):
        moved = [i for i, (r, e) in enumerate(zip(received, expected, strict=True))
                 if r != e]  # fmt: skip
        if len(moved) == 2 and received[moved[0]] == expected[moved[1]]:
            if received[moved[1]] == expected[moved[0]]:
                return f"Axes {moved[0]} and {moved[1]} are swapped."
        if moved and all(abs(received[i] - expected[i]) == 1 for i in moved):
            return "The size is off by one."
        return ""
    if [n for n in received if n != 1] == [n for n in expected if n != 1]:
        more = len(received) > len(expected)
        return f"There is an axis of size 1 too {'many' if more else 'few'}."
    return ""


def parted_shapes(received: tuple[int, ...], expected: tuple[int, ...]) -> str:
    """Says where two different shapes part, without a size of either."""
    if len(received) != len(expected):
        return (
            f"yours has too {'many' if len(received) > len(expected) else 'few'} axes"
        )
    sizes = enumerate(zip(received, expected, strict=True))
    parted = [(axis, "long" if r > e else "short") for axis, (r, e) in sizes if r != e]
    return "yours is " + ", ".join(
        f"too {how} along axis {axis}" for axis, how in parted
    )


def value_hint(
    received: np.ndarray, expected: np.ndarray, rtol: float, atol: float
) -> str:
    """Names a common slip behind wrong values of the right shape, without numbers."""
    wide = np.result_type(received, expected, np.float64)
    r, e = received.astype(wide), expected.astype(wide)
    if not np.all(np.isfinite(e)):
        return ""
    if np.any(np.isnan(r)):
        return "Yours holds NaN (not a number): look for 0/0 or for the log of 0."
    if not np.all(np.isfinite(r)):
        return "Yours holds an infinity: look for an overflow or a division by 0."

    def same(candidate: np.ndarray) -> bool:
        return bool(np.allclose(candidate, e, rtol=rtol, atol=atol))

    with np.errstate(all="ignore"):
        for sentence, is_it in SLIPS:
            if is_it(r, e, same):
                return sentence
    if received.dtype.kind in "iu" and np.array_equal(np.trunc(e), r):
        return "Yours are integers, so the fractions were lost: compute in floats."
    return ""


Same = Callable[[np.ndarray], bool]
Slip = Callable[[np.ndarray, np.ndarray, Same], bool]


def _varies(e: np.ndarray) -> bool:
    """Whether there is enough in `e` for a likeness to mean something."""
    return np.unique(e[e != 0]).size >= 2


def _swapped(r: np.ndarray, e: np.ndarray, same: Same) -> bool:
    return r.ndim >= 2 and any(
        r.shape[i] == r.shape[j] and same(np.swapaxes(r, i, j))
        for i in range(r.ndim)
        for j in range(i + 1, r.ndim)
    )


def _scaled(r: np.ndarray, e: np.ndarray, same: Same) -> bool:
    power = np.vdot(r, r)
    return bool(_varies(e) and power != 0 and same(r * (np.vdot(r, e) / power)))


def _shifted(r: np.ndarray, e: np.ndarray, same: Same) -> bool:
    return bool(_varies(e) and same(r - np.mean(r - e)))


def _reversed(r: np.ndarray, e: np.ndarray, same: Same) -> bool:
    axes = [*((axis,) for axis in range(r.ndim)), tuple(range(r.ndim))]
    return r.ndim > 0 and any(same(np.flip(r, axis)) for axis in axes)


SLIPS: tuple[tuple[str, Slip], ...] = (
    ("Every value of yours is 0.", lambda r, e, same: r.size > 1 and not np.any(r)),
    ("Every sign is flipped.", lambda r, e, same: same(-r)),
    ("The values are right but two axes are swapped (transposed).", _swapped),
    ("The values are right but in reverse order along an axis.", _reversed),
    ("Every value is off by the same factor.", _scaled),
    ("Every value is off by the same amount (is something not added?).", _shifted),
)
