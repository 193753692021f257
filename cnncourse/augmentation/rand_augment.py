"""RandAugment: each picture is changed by operations drawn from a list."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from keras import ops

from cnncourse.augmentation import colour
from cnncourse.augmentation.affine import matrices, warp
from cnncourse.augmentation.draws import Draws
from cnncourse.augmentation.transformation import (
    Batch,
    Transformation,
    size,
    to_dtype,
)

OPERATIONS = (
    "identity", "auto_contrast", "equalize", "rotate", "solarize", "saturation",
    "posterize", "contrast", "brightness", "sharpness", "shear_x", "shear_y",
    "translate_x", "translate_y",
)  # fmt: skip
GEOMETRY = ("rotate", "shear_x", "shear_y", "translate_x", "translate_y")
LINEAR = ("auto_contrast", "saturation", "contrast", "brightness")


@dataclass(frozen=True)
class RandAugment(Transformation):
    """Applies some operations of equal strength to each picture, drawn at random.

    Each picture of a batch has operations of its own. Geometry moves boxes and masks.

    Args:
        count: operations for each picture.
        magnitude: strength, from 0 for none to 10.

    Raises:
        ValueError: if `count` or `magnitude` is out of range, or for a picture without
            3 channels.

    Source: Cubuk et al. (2020), "RandAugment: practical automated data augmentation
        with a reduced search space". The largest strengths are those of AutoAugment:
        30 degrees, slant 0.3, 0.45 of the side, factors 0.1 to 1.9, 4 bits.
    """

    count: int = 2
    magnitude: float = 9

    def __post_init__(self) -> None:
        if self.count < 1 or not 0 <= self.magnitude <= 10:
            raise ValueError(
                "Expected count of at least 1 and magnitude in [0, 10]. "
                f"Received: count={self.count}, magnitude={self.magnitude}"
            )

    def apply(self, batch: Batch, draws: Draws) -> Batch:
        """Changes a batch of pictures."""
        count, height, width = size(batch)
        batch = {**batch, "image": to_dtype(batch["image"], "float32")}
        colour.check_colour(batch["image"])
        strength = self.magnitude / 10
        for _ in range(self.count):
            chosen = draws.integers((count,), len(OPERATIONS))
            sign = ops.where(draws.uniform((count,)) < 0.5, -1.0, 1.0)

            def when(*names: str, chosen: Any = chosen) -> Any:
                numbers = [OPERATIONS.index(name) for name in names]
                return ops.any(
                    ops.stack([chosen == number for number in numbers]), axis=0
                )

            before = batch
            moved = warp(
                batch, geometry(when, sign * strength, height, width), "constant"
            )
            batch = {**batch, **chosen_only(when(*GEOMETRY), moved, before)}
            image = linear(batch["image"], when, sign * strength)
            for name, operation in POINTWISE.items():
                picked = when(name)[:, None, None, None]
                image = ops.where(picked, operation(image, strength, sign), image)
            batch = {**batch, "image": image}
        return batch


When = Callable[..., Any]


def chosen_only(picked: Any, moved: Batch, before: Batch) -> Batch:
    """Returns what geometry changed, for the pictures that were picked."""
    changed = {}
    for name in {"image", "mask", "boxes"} & set(before):
        old = before[name]
        axes = (-1, *[1] * (len(old.shape) - 1))
        if name == "boxes":
            old = ops.cast(old, "float32")
        changed[name] = ops.where(ops.reshape(picked, axes), moved[name], old)
    return changed


def geometry(when: When, strength: Any, height: Any, width: Any) -> Any:
    """Returns the matrices `(B, 3, 3)` of the pictures' operations."""

    def of(name: str, most: Any) -> Any:
        return ops.where(when(name), strength * most, 0.0)

    angle = of("rotate", 30 * 3.14159265 / 180)
    cos, sin = ops.cos(angle), ops.sin(angle)
    x = of("translate_x", 0.45 * ops.cast(width, "float32"))
    y = of("translate_y", 0.45 * ops.cast(height, "float32"))
    return matrices(
        [cos, of("shear_x", 0.3) - sin, x], [of("shear_y", 0.3) + sin, cos, y]
    )


def linear(image: Any, when: When, strength: Any) -> Any:
    """Applies the operations that are linear in colour."""
    low, high = ops.min(image, axis=(1, 2)), ops.max(image, axis=(1, 2))
    mean = ops.mean(image, axis=(1, 2))
    factor = (1 + 0.9 * strength)[:, None]

    def of(name: str, value: Any, other: float) -> Any:
        return ops.where(when(name)[:, None], value, other)

    # a channel of one value has nothing to stretch
    span = ops.where(high > low, high - low, 1.0)
    stretch = of("auto_contrast", ops.where(high > low, 1 / span, 1.0), 1.0)
    stretch_by = of("auto_contrast", ops.where(high > low, -low / span, 0.0), 0.0)
    # brightness is a factor here, as in the paper's library
    light = of("brightness", factor, 1.0) * of("contrast", factor, 1.0)
    offset = of("contrast", (1 - factor) * colour.grey(mean), 0.0) + stretch_by
    matrix = colour.saturation(of("saturation", factor, 1.0), mean)
    matrix = matrix * (light * stretch)[:, None, :]
    changed = colour.recolour(image, matrix, offset)
    return ops.where(when(*LINEAR)[:, None, None, None], changed, image)


def solarize(image: Any, strength: float, sign: Any) -> Any:
    """Inverts values from a threshold on."""
    return ops.where(image >= 1 - strength, 1 - image, image)


def posterize(image: Any, strength: float, sign: Any) -> Any:
    """Keeps the upper bits of each value, 8 at no strength and 4 at the largest."""
    step = 2.0 ** round(4 * strength)
    return ops.floor(ops.round(image * 255) / step) * (step / 255)


def sharpness(image: Any, strength: float, sign: Any) -> Any:
    """Moves each pixel towards the mean of its neighbourhood, or away from it."""
    weights = ops.convert_to_tensor([[1, 1, 1], [1, 5, 1], [1, 1, 1]], "float32") / 13
    kernel = ops.broadcast_to(weights[:, :, None, None], (3, 3, 3, 1))
    # the border has no neighbourhood and stays
    inner = ops.depthwise_conv(
        image, kernel, padding="valid", data_format="channels_last"
    )
    frame = [(0, 0), (1, 1), (1, 1), (0, 0)]
    blurred = ops.where(
        ops.pad(ops.ones_like(inner[..., :1]), frame) > 0, ops.pad(inner, frame), image
    )
    factor = (1 + 0.9 * strength * sign)[:, None, None, None]
    return ops.clip(blurred + factor * (image - blurred), 0, 1)


def equalize(image: Any, strength: float, sign: Any) -> Any:
    """Spreads the values of each channel evenly over the range."""
    count, height, width, channels = ops.shape(image)
    level = ops.cast(ops.round(image * 255), "int32")
    group = ops.reshape(ops.arange(count * channels), (count, 1, 1, channels)) * 256
    flat = ops.reshape(level + group, (-1,))
    histogram = ops.segment_sum(
        ops.ones_like(flat), flat, num_segments=count * channels * 256
    )
    histogram = ops.cast(ops.reshape(histogram, (-1, 256)), "float32")
    total = ops.cumsum(histogram, axis=1)
    pixels = ops.cast(height * width, "float32")
    # the values below a level, and half of those on it
    table = ops.clip((total - histogram / 2) / pixels, 0, 1)
    return ops.reshape(ops.take(ops.reshape(table, (-1,)), flat), ops.shape(image))


POINTWISE = {
    "solarize": solarize,
    "posterize": posterize,
    "sharpness": sharpness,
    "equalize": equalize,
}
