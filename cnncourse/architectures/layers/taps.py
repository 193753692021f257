"""The entries of sliding windows, on any backend."""

from collections.abc import Sequence
from math import prod
from typing import Any

from keras import ops


def output_size(
    size: int | None, kernel_size: int, strides: int, padding: int
) -> int | None:
    """Windows along an axis; None where the axis is unknown.

    Raises:
        ValueError: if there is room for none.
    """
    if size is None:
        return None
    windows = (size + 2 * padding - kernel_size) // strides + 1
    if windows < 1:
        raise ValueError(
            "Computed output size would be negative. Expected an axis of at least "
            f"{kernel_size - 2 * padding}. Received: {size}"
        )
    return windows


def known_product(sizes: Sequence[int | None]) -> int:
    """The product of sizes.

    Raises:
        ValueError: if one is None.
    """
    known = [size for size in sizes if size is not None]
    if len(known) < len(sizes):
        raise ValueError(f"Expected sizes that are all known. Received: {sizes}")
    return prod(known)


def taps(x: Any, kernel_size: int, strides: int, padding: int) -> list[Any]:
    """Returns what each entry of a square window sees, row by row.

    Args:
        x: tensor `(B, H, W, C)`.
        kernel_size: height and width of the window.
        strides: step between windows.
        padding: zeros per side.

    Returns:
        `kernel_size ** 2` tensors `(B, H', W', C)`.
    """
    if padding:
        edges = ((0, 0), (padding, padding), (padding, padding), (0, 0))
        x = ops.pad(x, edges)
    bottom, right = (size - kernel_size + 1 for size in x.shape[1:3])
    return [
        x[:, row : bottom + row : strides, column : right + column : strides]
        for row in range(kernel_size)
        for column in range(kernel_size)
    ]
