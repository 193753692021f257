"""Products of matrices of many rows, in pieces that a single thread computes.

Where few columns meet few filters, several threads take longer to hand the rows to one
another than one takes to multiply them. A product of few multiplications OpenBLAS
leaves to one thread, and with AVX-512 it then multiplies the matrices as they lie,
which takes a quarter to two thirds less time; NumPy computes a stack of them in one
call.
"""

import numpy as np

PIECE = 1 << 18  # multiplications that OpenBLAS leaves to one thread
SMALLEST_PIECE = 96  # rows; with fewer the calls take too long
SMALLEST_OF_PAIR = 32  # the same in products of many pairs of matrices


def in_pieces(columns: int, others: int, smallest: int = SMALLEST_PIECE) -> bool:
    """Whether products of rows of so many columns with so many others are cut."""
    return columns * others * smallest <= PIECE


def pieces(
    rows: int, columns: int, others: int, smallest: int = SMALLEST_PIECE
) -> tuple[int, int]:
    """Returns the number and the rows of equal pieces; fewer rows may be left."""
    size = PIECE // (columns * others)
    if not in_pieces(columns, others, smallest) or rows <= size:
        return 1, rows
    return rows // size, size


def multiply(a: np.ndarray, b: np.ndarray, out: np.ndarray) -> np.ndarray:
    """Writes the product of `a`, of many rows, and `b` to `out`.

    Args:
        a: matrix `(rows, columns)`.
        b: matrix `(columns, others)`.
        out: matrix `(rows, others)`.

    Returns:
        `out`.
    """
    _multiply(a[None], b[None], out[None], SMALLEST_PIECE)
    return out


def multiply_each(a: np.ndarray, b: np.ndarray, out: np.ndarray) -> np.ndarray:
    """Writes the products of pairs of matrices to `out`.

    Args:
        a: matrices `(pairs, rows, columns)`, C-contiguous.
        b: matrices `(pairs, columns, others)`.
        out: matrices `(pairs, rows, others)`, C-contiguous.

    Returns:
        `out`.
    """
    _multiply(a, b, out, SMALLEST_OF_PAIR)
    return out


def _multiply(a: np.ndarray, b: np.ndarray, out: np.ndarray, smallest: int) -> None:
    """Multiplies pairs in pieces of at least so many rows."""
    pairs, rows, columns = a.shape
    number, size = pieces(rows, columns, b.shape[2], smallest)
    done = number * size
    stacks = [m[:, :done].reshape(pairs, number, size, -1) for m in (a, out)]
    np.matmul(stacks[0], b[:, None], out=stacks[1])
    if done < rows:
        np.matmul(a[:, done:], b, out=out[:, done:])


def multiply_transposed(a: np.ndarray, b: np.ndarray, out: np.ndarray) -> np.ndarray:
    """Writes the product of the transposed `a` and `b`, both of many rows, to `out`.

    Args:
        a: matrix `(rows, columns)`.
        b: matrix `(rows, others)`.
        out: matrix `(columns, others)`.

    Returns:
        `out`.
    """
    number, size = pieces(len(a), a.shape[1], b.shape[1])
    if number == 1:
        return np.matmul(a.T, b, out=out)
    done = number * size
    parts = np.matmul(
        _stack(a, number, size).transpose(0, 2, 1), _stack(b, number, size)
    )
    np.sum(parts, axis=0, out=out)
    if done < len(a):
        out += a[done:].T @ b[done:]
    return out


def _stack(matrix: np.ndarray, number: int, size: int) -> np.ndarray:
    """Views the first rows as `(number, size, columns)`."""
    return matrix[: number * size].reshape(number, size, -1)
