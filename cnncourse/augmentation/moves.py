"""Transformations that only move whole pixels: crop and mirror.

Each says from which row and column of the picture each of the result is taken. Several
in a row are combined first, so that the picture is copied once.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, ClassVar

import keras
from keras import ops

from cnncourse.augmentation.draws import Draws
from cnncourse.augmentation.resampling import in_xla
from cnncourse.augmentation.transformation import (
    Batch,
    Transformation,
    check_share,
    size,
    visible,
)

LARGE = 96 * 96  # pixels


@dataclass(frozen=True)
class Source:
    """Where the rows or columns of the result come from.

    Attributes:
        start: first place in the picture `(B,)`, int32; may be outside it.
        length: number of places in the result.
        reverse: whether they are taken backwards `(B,)`, booleans.
    """

    start: Any
    length: Any
    reverse: Any

    def places(self) -> Any:
        """Returns the places in the picture `(B, length)`."""
        steps = ops.arange(self.length, dtype="int32")
        turned = ops.where(self.reverse[:, None], self.length - 1 - steps, steps)
        return self.start[:, None] + turned

    def crop(self, start: Any, length: Any) -> "Source":
        """Returns a part of the result."""
        turned = self.length - start - length
        return Source(
            self.start + ops.where(self.reverse, turned, start), length, self.reverse
        )

    def interval(self, low: Any, high: Any) -> tuple[Any, Any]:
        """Returns where intervals `(B, N)` of the picture are in the result."""
        start = ops.cast(self.start, "float32")[:, None]
        length = ops.cast(self.length, "float32")
        low, high, reverse = low - start, high - start, self.reverse[:, None]
        return (
            ops.where(reverse, length - high, low),
            ops.where(reverse, length - low, high),
        )


@dataclass(frozen=True)
class Move(Transformation):
    """A random choice of rows and columns."""

    only_moves: ClassVar[bool] = True

    def move(self, rows: Source, columns: Source, draws: Draws) -> tuple:
        """Returns the rows and columns after this step."""
        raise NotImplementedError

    def outside(self) -> int:
        """Returns how far from the picture a pixel may be taken."""
        return 0

    def apply(self, batch: Batch, draws: Draws) -> Batch:
        """Changes a batch of pictures."""
        return apply_all([self], batch, draws)


@dataclass(frozen=True)
class Crop(Move):
    """Cuts out a random part.

    Args:
        size: height and width of the part: pixels if a whole number, a part of the
            picture's size if a fraction of 1, the picture's own size if None.
        pad: pixels of black to add on each side before.

    Raises:
        ValueError: if `size` or `pad` is too small, or if the part does not fit.

    Source: He et al. (2016), "Deep residual learning for image recognition", section
        4.2, for `Crop(pad=4)` on CIFAR-10.
    """

    size: int | float | None = None
    pad: int = 0

    def __post_init__(self) -> None:
        whole = isinstance(self.size, int) and self.size >= 1
        if not (self.size is None or whole or 0 < self.size < 1):
            raise ValueError(
                "Expected size as pixels, a fraction below 1 or None. "
                f"Received: size={self.size}"
            )
        if self.pad < 0:
            raise ValueError(f"Expected pad of at least 0. Received: pad={self.pad}")

    def outside(self) -> int:
        """Returns how far from the picture a pixel may be taken."""
        return self.pad

    def move(self, rows: Source, columns: Source, draws: Draws) -> tuple:
        """Returns the rows and columns after this step."""
        return self._cut(rows, draws), self._cut(columns, draws)

    def _cut(self, source: Source, draws: Draws) -> Source:
        length = cut_length(self.size, source.length)
        room = source.length + 2 * self.pad - length
        if isinstance(room, int) and room < 0:
            raise ValueError(
                f"Expected a picture of at least {length - 2 * self.pad} pixels on "
                f"each side. Received: {source.length}"
            )
        start = draws.integers(ops.shape(source.start), room + 1) - self.pad
        return source.crop(start, length)


@dataclass(frozen=True)
class Mirror(Move):
    """Swaps left and right.

    Args:
        probability: of each picture to be mirrored.
        vertical: swaps top and bottom instead.

    Raises:
        ValueError: if `probability` is not in [0, 1].
    """

    probability: float = 0.5
    vertical: bool = False

    def __post_init__(self) -> None:
        check_share("probability", self.probability)

    def move(self, rows: Source, columns: Source, draws: Draws) -> tuple:
        """Returns the rows and columns after this step."""
        turn = draws.uniform(ops.shape(rows.start)) < self.probability
        if self.vertical:
            return Source(rows.start, rows.length, rows.reverse ^ turn), columns
        return rows, Source(columns.start, columns.length, columns.reverse ^ turn)


@dataclass(frozen=True)
class AlternatingFlip(Move):
    """Mirrors half of the pictures in one epoch, and the other half in the next.

    Within two epochs each picture is seen both ways, where `Mirror` shows half of the
    pictures twice the same way. `pipeline` gives the epoch and the pictures' places.

    Args:
        seed: chooses which half is mirrored first.

    Raises:
        ValueError: if `seed` is negative, or when called without epoch and index.

    Source: Jordan (2024), "94% on CIFAR-10 in 3.29 seconds on a single GPU",
        section 3.6.
    """

    seed: int = 0

    def __post_init__(self) -> None:
        if self.seed < 0:
            raise ValueError(f"Expected seed of at least 0. Received: seed={self.seed}")

    def move(self, rows: Source, columns: Source, draws: Draws) -> tuple:
        """Returns the rows and columns after this step."""
        if draws.epoch is None or draws.index is None:
            raise ValueError(
                "Expected the epoch and the index of each picture, as `pipeline` gives "
                f"them. Received: epoch={draws.epoch}, index={draws.index}"
            )
        side = parity(ops.cast(draws.index, "int32"), self.seed)
        turn = (side + ops.cast(draws.epoch, "int32")) % 2 == 1
        return rows, Source(columns.start, columns.length, columns.reverse ^ turn)


def parity(index: Any, seed: int) -> Any:
    """Mixes whole numbers `(B,)` to 0 or 1, as if at random."""
    # multiplications that stay below 2^31, because backends differ where they overflow
    mixed = index % 32749
    for step in range(1, 4):
        mixed = (mixed * (20011 + 2 * step) + index // 32749 + seed % 32749) % 32749
        mixed = mixed ^ (mixed // 64)
    return mixed % 2


def cut_length(size: int | float | None, length: Any) -> Any:
    """Returns how many pixels `size` means of a side of so many."""
    if size is None:
        return length
    if isinstance(size, int):
        return size
    if isinstance(length, int):
        return max(1, round(size * length))
    return ops.cast(ops.round(size * ops.cast(length, "float32")), "int32")


def apply_all(steps: Sequence[Move], batch: Batch, draws: Draws) -> Batch:
    """Applies several transformations, copying each picture once."""
    count, height, width = size(batch)
    zeros = ops.zeros((count,), "int32")
    rows, columns = (Source(zeros, n, zeros > 0) for n in (height, width))
    for step in steps:
        rows, columns = step.move(rows, columns, draws)
    pad = sum(step.outside() for step in steps)
    return take(batch, rows, columns, pad)


def take(batch: Batch, rows: Source, columns: Source, pad: int = 0) -> Batch:
    """Takes rows and columns of pictures and masks, and moves boxes with them."""
    changed: Batch = {
        name: _pixels(batch[name], rows, columns, pad)
        for name in ("image", "mask")
        if name in batch
    }
    if "boxes" in batch:
        changed["boxes"] = moved_boxes(batch["boxes"], rows, columns)
    return {**batch, **changed}


def moved_boxes(boxes: Any, rows: Source, columns: Source) -> Any:
    """Returns where boxes `(B, N, 4)` are among the rows and columns taken."""
    boxes = ops.cast(boxes, "float32")
    x, y, right, bottom = (boxes[..., k] for k in range(4))
    x, right = columns.interval(x, right)
    y, bottom = rows.interval(y, bottom)
    moved = ops.stack([x, y, right, bottom], axis=-1)
    # boxes that only fill up the batch are zeros and stay so
    moved = ops.where(ops.all(boxes == 0, axis=-1, keepdims=True), 0.0, moved)
    return visible(moved, rows.length, columns.length)


def _pixels(image: Any, rows: Source, columns: Source, pad: int) -> Any:
    """Takes rows and columns of `(B, H, W, ...)`, with black around it."""
    if _slices_are_quicker(image):
        return _slices(image, rows, columns, pad)
    if pad:
        width = [(0, 0), (pad, pad), (pad, pad)] + [(0, 0)] * (len(image.shape) - 3)
        image = ops.pad(image, width)
    shape = ops.shape(image)
    count, height, width = shape[:3]
    start = ops.reshape(ops.arange(count, dtype="int32") * (height * width), (-1, 1, 1))
    i, j = (rows.places() + pad)[:, :, None], (columns.places() + pad)[:, None, :]
    flat = ops.reshape(image, (-1, *shape[3:]))
    return ops.take(flat, start + i * width + j, axis=0)


def _slices_are_quicker(image: Any) -> bool:
    """Whether to cut one picture after the other: if they are large, in a graph."""
    if keras.backend.backend() != "tensorflow" or in_xla():
        return False
    import tensorflow as tf

    sides = image.shape[1:3]
    large = None in sides or sides[0] * sides[1] >= LARGE
    return large and not tf.executing_eagerly()


def _slices(image: Any, rows: Source, columns: Source, pad: int) -> Any:
    """Cuts one picture after the other."""
    import tensorflow as tf

    rest = list(image.shape[3:])
    shape = [rows.length, columns.length, *rest]
    static = [n if isinstance(n, int) else None for n in shape]

    def one(of: tuple) -> Any:
        picture, top, left, upturned, mirrored = of
        if pad:
            low = tf.maximum([top, left], 0)
            high = tf.minimum([top + shape[0], left + shape[1]], tf.shape(picture)[:2])
            black = tf.stack(
                [low - [top, left], [top, left] - high + shape[:2]], axis=1
            )
            part = picture[low[0] : high[0], low[1] : high[1]]
            part = tf.pad(part, tf.pad(black, [[0, len(rest)], [0, 0]]))
        else:
            part = tf.slice(picture, [top, left, *[0] * len(rest)], shape)
        part = tf.cond(upturned, lambda: tf.reverse(part, [0]), lambda: part)
        return tf.cond(mirrored, lambda: tf.reverse(part, [1]), lambda: part)

    kind = tf.TensorSpec(static, image.dtype)
    sources = (rows.start, columns.start, rows.reverse, columns.reverse)
    return tf.map_fn(one, (image, *sources), fn_output_signature=kind)
