"""Products of many rows in pieces."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from cnncourse.ops.long_products import (
    PIECE,
    SMALLEST_PIECE,
    in_pieces,
    multiply,
    multiply_each,
    multiply_transposed,
    pieces,
)

sizes = st.integers(1, 70)


@given(
    rows=st.integers(1, 9000),
    columns=sizes,
    others=sizes,
    dtype=st.sampled_from([np.float32, np.float64]),
    planar=st.booleans(),
)
def test_both_are_the_products_of_numpy(
    rows: int, columns: int, others: int, dtype: type, planar: bool
) -> None:
    rng = np.random.default_rng(rows)
    a = rng.standard_normal((rows, columns)).astype(dtype)
    if planar:
        a = np.asfortranarray(a)
    b = rng.standard_normal((columns, others)).astype(dtype)
    y = rng.standard_normal((rows, others)).astype(dtype)
    tolerance = 100 * np.finfo(dtype).eps

    out = np.full((rows, others), np.nan, dtype)
    assert multiply(a, b, out) is out
    np.testing.assert_allclose(out, a @ b, tolerance, tolerance * columns)

    total = np.full((columns, others), np.nan, dtype)
    assert multiply_transposed(a, y, total) is total
    np.testing.assert_allclose(total, a.T @ y, tolerance, tolerance * rows)


@given(pairs=st.integers(1, 5), rows=st.integers(1, 900), columns=sizes, others=sizes)
def test_pairs_are_multiplied_each(
    pairs: int, rows: int, columns: int, others: int
) -> None:
    rng = np.random.default_rng(rows)
    a = rng.standard_normal((pairs, rows, columns))
    b = rng.standard_normal((pairs, columns, others))
    out = np.full((pairs, rows, others), np.nan)
    assert multiply_each(a, b, out) is out
    np.testing.assert_allclose(out, a @ b, 1e-12, 1e-12)


def test_a_transposed_result_is_written_in_place() -> None:
    """As where patches are planar."""
    rng = np.random.default_rng(0)
    a, b = rng.standard_normal((5000, 6)), rng.standard_normal((6, 75))
    memory = np.full((75, 5000), np.nan)
    multiply(a, b, memory.T)
    np.testing.assert_allclose(memory.T, a @ b)


@given(rows=st.integers(1, 100_000), columns=sizes, others=sizes)
def test_pieces_are_for_one_thread_and_leave_less_than_one(
    rows: int, columns: int, others: int
) -> None:
    number, size = pieces(rows, columns, others)
    assert 0 <= rows - number * size < size
    if in_pieces(columns, others):
        assert size * columns * others <= PIECE
    else:
        assert (number, size) == (1, rows)


@pytest.mark.parametrize(("filters", "expected"), [(16, True), (64, False)])
def test_only_what_leaves_enough_rows_is_cut(filters: int, expected: bool) -> None:
    columns = 5 * 5 * 6
    assert in_pieces(columns, filters) is expected
    assert (PIECE // (columns * filters) >= SMALLEST_PIECE) is expected
