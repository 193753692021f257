"""Solid bodies in a grid of voxels: drawn by formula, the same for the same numbers."""

import numpy as np

from cnncourse.datasets.shapes import generator

BODIES = ("ball", "box", "cylinder", "cone", "torus", "table")


def _inside(kind: str, x: np.ndarray, y: np.ndarray, z: np.ndarray) -> np.ndarray:
    """Where a body of about unit size is; z goes up."""
    from_axis = np.hypot(x, y)
    if kind == "ball":
        return from_axis**2 + z**2 < 0.9**2
    if kind == "box":
        return (np.abs(x) < 0.85) & (np.abs(y) < 0.6) & (np.abs(z) < 0.7)
    if kind == "cylinder":
        return (from_axis < 0.55) & (np.abs(z) < 0.9)
    if kind == "cone":
        return (from_axis < 0.45 * (0.9 - z)) & (np.abs(z) < 0.9)
    if kind == "torus":
        return (from_axis - 0.62) ** 2 + z**2 < 0.3**2
    plate = (np.abs(x) < 0.85) & (np.abs(y) < 0.7) & (z > 0.25) & (z < 0.6)
    legs = (np.abs(np.abs(x) - 0.65) < 0.2) & (np.abs(np.abs(y) - 0.5) < 0.2)
    return plate | (legs & (np.abs(z + 0.3) < 0.6))


def voxels_example(
    seed: int, split: str, index: int, size: int = 16, noise: float = 0.01
) -> tuple[np.ndarray, np.int64]:
    """Makes one body, turned about the vertical axis, scaled and moved.

    Args:
        seed: of the data set, >= 0.
        split: "train", "test" or "validation".
        index: number of the example, >= 0; its remainder is the class.
        size: voxels a side, >= 8.
        noise: share of the voxels that are turned over.

    Returns:
        volume: float32 `(size, size, size, 1)`, axes down, rows, columns; 1 is filled.
        label: the place in `BODIES`.

    Raises:
        ValueError: if an argument is out of range.
    """
    if size < 8 or not 0 <= noise <= 1:
        raise ValueError(
            "Expected at least 8 voxels a side and 0 <= noise <= 1. "
            f"Received: size={size} noise={noise}"
        )
    rng = generator(seed, split, index)
    label = index % len(BODIES)
    angle, scale = rng.uniform(0, 2 * np.pi), rng.uniform(0.65, 0.95)
    z, y, x = (np.mgrid[:size, :size, :size] + 0.5) * 2 / size - 1
    # down in the grid is up in the body; what a smaller body leaves free it may move
    x, y, z = (
        (axis - rng.uniform(-1, 1) * (0.95 - scale)) / scale for axis in (x, y, -z)
    )
    u = np.cos(angle) * x + np.sin(angle) * y
    v = np.cos(angle) * y - np.sin(angle) * x
    turned_over = rng.random((size, size, size)) < noise
    filled = _inside(BODIES[label], u, v, z) ^ turned_over
    return filled[..., np.newaxis].astype(np.float32), np.int64(label)
