"""Transformations that keep straight lines straight.

Each is a matrix. Several in a row are multiplied first, so that the picture is read
once: it is faster and less blurred than a chain of layers, each of which interpolates.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from keras import ops

from cnncourse.augmentation.draws import Draws
from cnncourse.augmentation.resampling import resample
from cnncourse.augmentation.transformation import (
    Batch,
    Transformation,
    check_share,
    size,
    to_dtype,
    visible,
)

FILLS = ("constant", "nearest")


@dataclass(frozen=True)
class Affine(Transformation):
    """A random matrix about the picture's centre."""

    fill: str = field(default="constant", kw_only=True)

    def __post_init__(self) -> None:
        if self.fill not in FILLS:
            raise ValueError(
                f"Expected fill to be one of {', '.join(FILLS)}. "
                f"Received: fill={self.fill!r}"
            )

    def matrix(self, draws: Draws, count: Any, height: Any, width: Any) -> Any:
        """Draws `(B, 3, 3)`, from `(x, y, 1)` in the result to the picture."""
        raise NotImplementedError

    def apply(self, batch: Batch, draws: Draws) -> Batch:
        """Changes a batch of pictures."""
        return apply_all([self], batch, draws)


@dataclass(frozen=True)
class Translation(Affine):
    """Shifts by a random part of the size.

    Args:
        share: largest shift, down or up and right or left, in parts of the height and
            of the width.
        fill: "constant" for black outside the picture, "nearest" for its edge.

    Raises:
        ValueError: if `share` is not in [0, 1] or `fill` is unknown.
    """

    share: float = 0.1

    def __post_init__(self) -> None:
        super().__post_init__()
        check_share("share", self.share)

    def matrix(self, draws: Draws, count: Any, height: Any, width: Any) -> Any:
        """Draws `(B, 3, 3)`, from `(x, y, 1)` in the result to the picture."""
        x, y = (
            draws.uniform((count,), -self.share, self.share) * ops.cast(n, "float32")
            for n in (width, height)
        )
        return matrices([1, 0, x], [0, 1, y])


@dataclass(frozen=True)
class Scale(Affine):
    """Enlarges or shrinks, and squeezes one axis against the other.

    Args:
        amount: the size becomes from `1 - amount` to `1 + amount` times as large.
        squeeze: the width grows by a factor of up to `1 + squeeze` while the height
            shrinks by it, or the other way round.
        fill: "constant" for black outside the picture, "nearest" for its edge.

    Raises:
        ValueError: if `amount` or `squeeze` is not in [0, 0.9] or `fill` is unknown.
    """

    amount: float = 0.1
    squeeze: float = 0.0

    def __post_init__(self) -> None:
        super().__post_init__()
        check_share("amount", self.amount, 0.9)
        check_share("squeeze", self.squeeze, 0.9)

    def matrix(self, draws: Draws, count: Any, height: Any, width: Any) -> Any:
        """Draws `(B, 3, 3)`, from `(x, y, 1)` in the result to the picture."""
        factor = draws.uniform((count,), 1 - self.amount, 1 + self.amount)
        limit = math.log1p(self.squeeze)
        aspect = ops.exp(draws.uniform((count,), -limit, limit))
        return matrices([1 / (factor * aspect), 0, 0], [0, aspect / factor, 0])


@dataclass(frozen=True)
class Rotation(Affine):
    """Turns about the centre.

    Args:
        degrees: largest angle, either way.
        fill: "constant" for black outside the picture, "nearest" for its edge.

    Raises:
        ValueError: if `degrees` is not in [0, 180] or `fill` is unknown.
    """

    degrees: float = 10.0

    def __post_init__(self) -> None:
        super().__post_init__()
        check_share("degrees", self.degrees, 180)

    def matrix(self, draws: Draws, count: Any, height: Any, width: Any) -> Any:
        """Draws `(B, 3, 3)`, from `(x, y, 1)` in the result to the picture."""
        limit = math.radians(self.degrees)
        angle = draws.uniform((count,), -limit, limit)
        cos, sin = ops.cos(angle), ops.sin(angle)
        return matrices([cos, -sin, 0], [sin, cos, 0])


@dataclass(frozen=True)
class Shear(Affine):
    """Slants: each row is shifted in proportion to its distance from the centre.

    Args:
        amount: largest shift of a row over its distance, either way.
        vertical: shifts columns instead of rows.
        fill: "constant" for black outside the picture, "nearest" for its edge.

    Raises:
        ValueError: if `amount` is not in [0, 1] or `fill` is unknown.
    """

    amount: float = 0.1
    vertical: bool = False

    def __post_init__(self) -> None:
        super().__post_init__()
        check_share("amount", self.amount)

    def matrix(self, draws: Draws, count: Any, height: Any, width: Any) -> Any:
        """Draws `(B, 3, 3)`, from `(x, y, 1)` in the result to the picture."""
        s = draws.uniform((count,), -self.amount, self.amount)
        return (
            matrices([1, 0, 0], [s, 1, 0])
            if self.vertical
            else matrices([1, s, 0], [0, 1, 0])
        )


def matrices(x: Sequence[Any], y: Sequence[Any]) -> Any:
    """Stacks two rows of numbers and `(B,)` to matrices `(B, 3, 3)`."""
    like = next(v for v in (*x, *y) if not isinstance(v, int))
    rows = [
        ops.stack([v + ops.zeros_like(like) for v in row], axis=-1)
        for row in (x, y, (0, 0, 1))
    ]
    return ops.stack(rows, axis=-2)


def apply_all(steps: Sequence[Affine], batch: Batch, draws: Draws) -> Batch:
    """Applies several transformations, reading each picture once."""
    count, height, width = size(batch)
    matrix = steps[0].matrix(draws, count, height, width)
    for step in steps[1:]:
        matrix = matrix @ step.matrix(draws, count, height, width)
    return warp(batch, matrix, steps[0].fill)


def warp(batch: Batch, matrix: Any, fill: str) -> Batch:
    """Moves pictures, masks and boxes by matrices `(B, 3, 3)` about the centre."""
    _, height, width = size(batch)
    linear = matrix[:, :2, :2]
    centre = ops.cast(ops.stack([width, height]), "float32") / 2
    image = to_dtype(batch["image"], "float32")
    pixels = from_centre(matrix, centre - 0.5)
    changed = {"image": resample(image, pixels, fill, "bilinear")}
    if "mask" in batch:
        mask = batch["mask"]
        flat = mask if len(mask.shape) == 4 else mask[..., None]
        # float32 holds every class exactly, and all backends resample it
        moved = resample(ops.cast(flat, "float32"), pixels, "constant", "nearest")
        changed["mask"] = ops.reshape(ops.cast(moved, mask.dtype), ops.shape(mask))
    if "boxes" in batch:
        boxes = ops.cast(batch["boxes"], "float32")
        x, y = boxes[..., 0::2], boxes[..., 1::2]
        corners = [
            ops.stack([x[..., i], y[..., j]], axis=-1) for i in (0, 1) for j in (0, 1)
        ]
        there = ops.stack(corners, axis=-2)  # (B, N, 4, 2)
        moved = there - (centre + matrix[:, None, None, :2, 2])
        moved = moved @ ops.swapaxes(inverse(linear), 1, 2)[:, None] + centre
        moved = ops.concatenate([ops.min(moved, -2), ops.max(moved, -2)], axis=-1)
        empty = (x[..., 1:] <= x[..., :1]) | (y[..., 1:] <= y[..., :1])
        changed["boxes"] = visible(ops.where(empty, 0.0, moved), height, width)
    return {**batch, **changed}


def from_centre(matrix: Any, centre: Any) -> Any:
    """Rewrites matrices about `centre` as `(B, 2, 3)` about the upper left pixel."""
    linear = matrix[:, :2, :2]
    offset = matrix[:, :2, 2] + centre - ops.sum(linear * centre, axis=-1)
    return ops.concatenate([linear, offset[..., None]], axis=-1)


def inverse(linear: Any) -> Any:
    """Inverts matrices `(B, 2, 2)`."""
    a, b, c, d = (linear[:, i, j] for i in (0, 1) for j in (0, 1))
    rows = [ops.stack([d, -b], axis=-1), ops.stack([-c, a], axis=-1)]
    return ops.stack(rows, axis=-2) / (a * d - b * c)[:, None, None]
