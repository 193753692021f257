"""The middle of a picture, at a given size: what is not random."""

from dataclasses import dataclass
from typing import Any

from keras import ops

from cnncourse.augmentation.draws import Draws
from cnncourse.augmentation.moves import Source, cut_length, moved_boxes
from cnncourse.augmentation.resampling import in_xla
from cnncourse.augmentation.transformation import (
    Batch,
    Transformation,
    size,
    to_dtype,
)


@dataclass(frozen=True)
class CentreCrop(Transformation):
    """Cuts out the middle, after making the shorter side so long.

    Args:
        size: height and width of the part: pixels if a whole number, a part of the
            picture's size if a fraction of 1.
        shorter: pixels of the shorter side, to which the picture is resized before
            with a triangle filter that widens when it shrinks; None for no resizing.

    Raises:
        ValueError: if `size` or `shorter` is too small, or if the part does not fit.
    """

    size: int | float = 224
    shorter: int | None = 256

    def __post_init__(self) -> None:
        whole = isinstance(self.size, int) and self.size >= 1
        if not (whole or 0 < self.size < 1):
            raise ValueError(
                "Expected size as pixels or a fraction below 1. "
                f"Received: size={self.size}"
            )
        if self.shorter is not None and self.shorter < max(1, self.size):
            raise ValueError(
                f"Expected shorter of at least size={self.size}. "
                f"Received: shorter={self.shorter}"
            )

    def apply(self, batch: Batch, draws: Draws) -> Batch:
        """Changes a batch of pictures."""
        if self.shorter is not None:
            batch = resized(batch, self.shorter)
        count, height, width = size(batch)
        zeros = ops.zeros((count,), "int32")
        places, cuts = [], []
        for side in (height, width):
            length = cut_length(self.size, side)
            if isinstance(side, int) and side < length:
                raise ValueError(
                    f"Expected a picture of at least {length} pixels on each side. "
                    f"Received: {side}"
                )
            start = (side - length) // 2
            places.append(Source(zeros + start, length, zeros > 0))
            cuts.append(slice(start, start + length))
        cut = {
            name: batch[name][:, cuts[0], cuts[1]]
            for name in {"image", "mask"} & set(batch)
        }
        if "boxes" in batch:
            cut["boxes"] = moved_boxes(batch["boxes"], *places)
        return {**batch, **cut}


def resized(batch: Batch, shorter: int) -> Batch:
    """Makes the shorter side so long, and keeps the shape."""
    _, height, width = size(batch)
    if isinstance(height, int) and isinstance(width, int):
        least = min(height, width)
        new = [max(shorter, round(shorter * n / least)) for n in (height, width)]
        if new == [height, width]:
            return batch
    else:
        sides = ops.cast(ops.stack([height, width]), "float32")
        rounded = ops.round(shorter * sides / ops.min(sides))
        new = [ops.cast(ops.maximum(rounded, shorter), "int32")[k] for k in (0, 1)]
    image = to_dtype(batch["image"], "float32")
    changed = {"image": smooth(image, *new)}
    if "mask" in batch:
        mask = batch["mask"]
        for axis, (old, side) in enumerate(zip((height, width), new, strict=True), 1):
            mask = ops.take(mask, nearest(old, side), axis=axis)
        changed["mask"] = mask
    if "boxes" in batch:
        y, x = (
            ops.cast(b, "float32") / ops.cast(a, "float32")
            for a, b in zip((height, width), new, strict=True)
        )
        changed["boxes"] = ops.cast(batch["boxes"], "float32") * ops.stack([x, y, x, y])
    return {**batch, **changed}


def smooth(image: Any, height: Any, width: Any) -> Any:
    """Resizes `(B, H, W, C)` with a triangle filter."""
    if not in_xla():
        return ops.image.resize(image, (height, width), antialias=True)
    _, old_height, old_width, _ = ops.shape(image)
    image = ops.einsum("hi,bijc->bhjc", triangles(old_height, height), image)
    return ops.einsum("wj,bhjc->bhwc", triangles(old_width, width), image)


def triangles(old: int, new: int) -> Any:
    """Returns the weights `(new, old)` of a triangle filter."""
    scale = old / new
    there = (ops.arange(new, dtype="float32") + 0.5)[:, None] * scale
    here = ops.arange(old, dtype="float32") + 0.5
    weights = ops.relu(1 - ops.abs(here - there) / max(scale, 1.0))
    return weights / ops.sum(weights, axis=1, keepdims=True)


def nearest(old: Any, new: Any) -> Any:
    """Returns the place `(new,)` in the old side that is nearest to each new one."""
    scale = ops.cast(old, "float32") / ops.cast(new, "float32")
    there = (ops.arange(new, dtype="float32") + 0.5) * scale
    return ops.minimum(ops.cast(ops.floor(there), "int32"), old - 1)
