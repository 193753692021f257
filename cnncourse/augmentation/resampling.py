"""Reads a picture at places between its pixels."""

from typing import Any

import keras
from keras import ops


def in_xla() -> bool:
    """Whether TensorFlow is tracing a function for XLA.

    Two of its image kernels exist outside XLA only. Its own code asks in this way;
    there is no public one.
    """
    if keras.backend.backend() != "tensorflow":
        return False
    from tensorflow.python.framework.ops import get_default_graph
    from tensorflow.python.ops.control_flow_util import GraphOrParentsInXlaContext

    return GraphOrParentsInXlaContext(get_default_graph())


def resample(image: Any, matrix: Any, fill: str, interpolation: str) -> Any:
    """Draws each picture anew, each pixel taken from where a matrix says.

    Args:
        image: `(B, H, W, C)`; float32 if the interpolation is bilinear.
        matrix: `(B, 2, 3)`, from `(x, y, 1)` in the result to `(x, y)` in the picture,
            in pixels from the centre of the upper left one.
        fill: "constant" for zeros from outside, "nearest" for the picture's edge.
        interpolation: "bilinear" or "nearest".

    Returns:
        `(B, H, W, C)`, dtype as the picture's.
    """
    if keras.backend.backend() == "tensorflow" and not in_xla():
        rows = ops.reshape(matrix, (-1, 6))
        rows = ops.concatenate([rows, ops.zeros_like(rows[:, :2])], axis=1)
        return ops.image.affine_transform(image, rows, interpolation, fill)
    return gathered(image, matrix, fill, interpolation)


def gathered(image: Any, matrix: Any, fill: str, interpolation: str) -> Any:
    """The same as `resample`, by looking pixels up: compiles, slow if not compiled."""
    count, height, width, channels = ops.shape(image)
    i = ops.reshape(ops.arange(height, dtype="float32"), (1, -1, 1))
    j = ops.reshape(ops.arange(width, dtype="float32"), (1, 1, -1))
    m = matrix[:, :, :, None, None]
    x, y = (m[:, k, 0] * j + m[:, k, 1] * i + m[:, k, 2] for k in (0, 1))
    if fill == "nearest":
        x = ops.clip(x, 0, ops.cast(width - 1, "float32"))
        y = ops.clip(y, 0, ops.cast(height - 1, "float32"))
    flat = ops.reshape(ops.pad(image, [(0, 0), (1, 1), (1, 1), (0, 0)]), (-1, channels))
    start = ops.reshape(ops.arange(count) * ((height + 2) * (width + 2)), (-1, 1, 1))

    def at(y: Any, x: Any) -> Any:
        y = ops.clip(ops.cast(y, "int32") + 1, 0, height + 1)
        x = ops.clip(ops.cast(x, "int32") + 1, 0, width + 1)
        return ops.take(flat, start + y * (width + 2) + x, axis=0)

    if interpolation == "nearest":
        # halves away from zero, as the kernel of TensorFlow rounds
        return at(*(ops.sign(v) * ops.floor(ops.abs(v) + 0.5) for v in (y, x)))
    y0, x0 = ops.floor(y), ops.floor(x)
    down, right = (y - y0)[..., None], (x - x0)[..., None]
    upper = at(y0, x0) * (1 - right) + at(y0, x0 + 1) * right
    lower = at(y0 + 1, x0) * (1 - right) + at(y0 + 1, x0 + 1) * right
    return upper * (1 - down) + lower * down
