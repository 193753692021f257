"""Transformations of colour and light.

Each is linear in the colour of a pixel: a matrix or a factor, and an offset. Several in
a row are combined first, so that the picture is read once and clipped once.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from keras import ops

from cnncourse.augmentation.draws import Draws
from cnncourse.augmentation.transformation import (
    Batch,
    Transformation,
    check_share,
    size,
    to_dtype,
)

GREY = (0.299, 0.587, 0.114)  # weights of red, green and blue in ITU-R BT.601

# What fb.resnet.torch publishes as the eigenvalues and eigenvectors (columns) of red,
# green and blue over the pixels of ImageNet, values in [0, 1].
IMAGENET_VALUES = (0.2175, 0.0188, 0.0045)
IMAGENET_VECTORS = (
    (-0.5675, 0.7192, 0.4009),
    (-0.5808, -0.0045, -0.8140),
    (-0.5836, -0.6948, 0.4203),
)


@dataclass(frozen=True)
class Colour(Transformation):
    """A random linear change of colour."""

    def change(self, draws: Draws, count: Any, mean: Any) -> tuple[Any, Any]:
        """Draws a change.

        Args:
            draws: random numbers.
            count: number of pictures B.
            mean: mean colour of each picture `(B, C)`.

        Returns:
            Factor `(B, 1)`, matrix `(B, 3, 3)` or None, and offset `(B, 1)`, `(B, C)`
            or None: colours `c` become `matrix @ c + offset`.
        """
        raise NotImplementedError

    def apply(self, batch: Batch, draws: Draws) -> Batch:
        """Changes a batch of pictures."""
        return apply_all([self], batch, draws)


@dataclass(frozen=True)
class Brightness(Colour):
    """Adds the same to all values of a picture.

    Args:
        amount: largest change, in parts of the whole range.

    Raises:
        ValueError: if `amount` is not in [0, 1].
    """

    amount: float = 0.2

    def __post_init__(self) -> None:
        check_share("amount", self.amount)

    def change(self, draws: Draws, count: Any, mean: Any) -> tuple[Any, Any]:
        """Draws a factor or matrix, and an offset."""
        return None, draws.uniform((count, 1), -self.amount, self.amount)


@dataclass(frozen=True)
class Contrast(Colour):
    """Moves all values towards the picture's mean grey, or away from it.

    Args:
        amount: differences become from `1 - amount` to `1 + amount` times as large.

    Raises:
        ValueError: if `amount` is not in [0, 1].
    """

    amount: float = 0.2

    def __post_init__(self) -> None:
        check_share("amount", self.amount)

    def change(self, draws: Draws, count: Any, mean: Any) -> tuple[Any, Any]:
        """Draws a factor or matrix, and an offset."""
        factor = draws.uniform((count, 1), 1 - self.amount, 1 + self.amount)
        return factor, (1 - factor) * grey(mean)


@dataclass(frozen=True)
class Saturation(Colour):
    """Moves all colours towards their grey, or away from it.

    Args:
        amount: differences become from `1 - amount` to `1 + amount` times as large.

    Raises:
        ValueError: if `amount` is not in [0, 1], or for a picture without 3 channels.
    """

    amount: float = 0.2

    def __post_init__(self) -> None:
        check_share("amount", self.amount)

    def change(self, draws: Draws, count: Any, mean: Any) -> tuple[Any, Any]:
        """Draws a factor or matrix, and an offset."""
        factor = draws.uniform((count, 1), 1 - self.amount, 1 + self.amount)
        return saturation(factor, mean), None


@dataclass(frozen=True)
class Hue(Colour):
    """Turns all colours about the axis of greys.

    Args:
        degrees: largest angle, either way.

    Raises:
        ValueError: if `degrees` is not in [0, 180], or for a picture without 3
            channels.
    """

    degrees: float = 10.0

    def __post_init__(self) -> None:
        check_share("degrees", self.degrees, 180)

    def change(self, draws: Draws, count: Any, mean: Any) -> tuple[Any, Any]:
        """Draws a factor or matrix, and an offset."""
        check_colour(mean)
        limit = math.radians(self.degrees)
        angle = draws.uniform((count, 1, 1), -limit, limit)
        third, root = 1 / 3, math.sqrt(1 / 3)
        across = ops.convert_to_tensor([[0, -root, root], [root, 0, -root],
                                        [-root, root, 0]], "float32")  # fmt: skip
        along = third * ops.ones((3, 3))
        return ops.cos(angle) * (ops.eye(3) - along) + along + ops.sin(
            angle
        ) * across, None


@dataclass(frozen=True)
class PCAColour(Colour):
    """Adds random multiples of the principal components of colour.

    Args:
        deviation: standard deviation of the multiples.
        values: eigenvalues of the covariance of red, green and blue, values in [0, 1];
            the components are multiplied by them, as in the paper. The default is
            ImageNet's.
        vectors: eigenvectors, one in each column.

    Raises:
        ValueError: if `deviation` is negative, or for a picture without 3 channels.

    Source: Krizhevsky et al. (2012), "ImageNet classification with deep convolutional
        neural networks", section 4.1.
    """

    deviation: float = 0.1
    values: tuple[float, ...] = IMAGENET_VALUES
    vectors: tuple[tuple[float, ...], ...] = IMAGENET_VECTORS

    def __post_init__(self) -> None:
        if self.deviation < 0:
            raise ValueError(
                "Expected deviation of at least 0. "
                f"Received: deviation={self.deviation}"
            )

    def change(self, draws: Draws, count: Any, mean: Any) -> tuple[Any, Any]:
        """Draws a factor or matrix, and an offset."""
        check_colour(mean)
        multiples = self.deviation * draws.normal((count, 3))
        weights = multiples * ops.convert_to_tensor(self.values, "float32")
        return None, weights @ ops.transpose(
            ops.convert_to_tensor(self.vectors, "float32")
        )


def check_colour(mean: Any) -> None:
    """Refuses pictures without red, green and blue."""
    if mean.shape[-1] != 3:
        raise ValueError(
            f"Expected pictures with 3 channels. Received: channels={mean.shape[-1]}"
        )


def grey(colour: Any) -> Any:
    """Returns the grey `(B, 1)` of colours `(B, C)`."""
    if colour.shape[-1] != 3:
        return ops.mean(colour, axis=-1, keepdims=True)
    return colour @ ops.convert_to_tensor([[w] for w in GREY], "float32")


def saturation(factor: Any, mean: Any) -> Any:
    """Returns the matrix `(B, 3, 3)` that keeps `factor` `(B, 1)` of the colour."""
    check_colour(mean)
    to_grey = ops.convert_to_tensor([GREY] * 3, "float32")
    return factor[:, :, None] * (ops.eye(3) - to_grey) + to_grey


def times(matrix: Any, colour: Any) -> Any:
    """Multiplies factors `(B, 1)` or matrices `(B, 3, 3)` with colours `(B, C)`."""
    if len(matrix.shape) == 2:
        return matrix * colour
    return ops.sum(matrix * colour[:, None, :], axis=-1)


def apply_all(steps: Sequence[Colour], batch: Batch, draws: Draws) -> Batch:
    """Applies several transformations, reading each picture once."""
    count = size(batch)[0]
    image = to_dtype(batch["image"], "float32")
    # only contrast asks for the mean's values; the others for its shape
    needs_mean = any(isinstance(step, Contrast) for step in steps)
    mean = ops.mean(image, axis=(1, 2)) if needs_mean else image[:, 0, 0]
    matrix = offset = None
    for step in steps:
        now = mean if matrix is None else times(matrix, mean)
        now = now if offset is None else now + offset
        factor, shift = step.change(draws, count, now)
        if factor is not None:
            matrix = factor if matrix is None else product(factor, matrix)
            offset = None if offset is None else times(factor, offset)
        if shift is not None:
            offset = shift if offset is None else offset + shift
    return {**batch, "image": recolour(image, matrix, offset)}


def product(second: Any, first: Any) -> Any:
    """Multiplies two factors or matrices."""
    if len(second.shape) == len(first.shape) == 3:
        return second @ first
    if len(second.shape) == len(first.shape):
        return second * first
    factor, matrix = sorted((second, first), key=lambda value: len(value.shape))
    return factor[:, :, None] * matrix


def recolour(image: Any, matrix: Any, offset: Any) -> Any:
    """Multiplies the colours of `(B, H, W, C)`, adds the offset and clips."""
    if matrix is not None and len(matrix.shape) == 3:
        count, height, width, channels = ops.shape(image)
        flat = ops.reshape(image, (count, height * width, channels))
        flat = flat @ ops.swapaxes(matrix, 1, 2)
        image = ops.reshape(flat, (count, height, width, channels))
    elif matrix is not None:
        image = image * matrix[:, None, None, :]
    if offset is None:
        return ops.clip(image, 0, 1)
    _, height, width, channels = ops.shape(image)
    # whole rows, because TensorFlow is slow where it repeats along a short last axis
    offset = ops.tile(
        ops.broadcast_to(offset, (ops.shape(offset)[0], channels)), (1, width)
    )
    rows = ops.reshape(image, (-1, height, width * channels)) + offset[:, None, :]
    return ops.reshape(ops.clip(rows, 0, 1), ops.shape(image))
