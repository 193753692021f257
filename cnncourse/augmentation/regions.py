"""Random rectangles in pictures."""

from typing import Any

from keras import ops


def rectangle(
    rows: tuple[Any, Any], columns: tuple[Any, Any], shape: tuple[Any, ...]
) -> Any:
    """Says which values are in a rectangle.

    Args:
        rows: first row, and the one after the last, each `(B,)` int32.
        columns: first column, and the one after the last.
        shape: of the pictures, `(B, H, W)` or `(B, H, W, C)`.

    Returns:
        Booleans of this shape.
    """
    _, height, width, *channels = shape
    depth = channels[0] if channels else 1
    i = ops.arange(height, dtype="int32")
    # whole rows, because TensorFlow is slow where it repeats along a short last axis
    j = ops.arange(width * depth, dtype="int32") // depth
    across = (i >= rows[0][:, None]) & (i < rows[1][:, None])
    along = (j >= columns[0][:, None]) & (j < columns[1][:, None])
    return ops.reshape(across[:, :, None] & along[:, None, :], shape)
