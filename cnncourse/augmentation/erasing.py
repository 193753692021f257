"""Hides a random part of a picture."""

import math
from dataclasses import dataclass

from keras import ops

from cnncourse.augmentation.draws import Draws
from cnncourse.augmentation.regions import rectangle
from cnncourse.augmentation.transformation import (
    Batch,
    Transformation,
    check_range,
    check_share,
    size,
    to_dtype,
)


@dataclass(frozen=True)
class Erasing(Transformation):
    """Paints a random rectangle grey. Boxes and masks stay: what they name is there.

    Args:
        probability: of each picture to be changed.
        area: smallest and largest area, in parts of the picture's.
        ratio: largest height over width, and width over height.
        value: the grey, in [0, 1]; None for noise, another value in each pixel.

    Raises:
        ValueError: if one of these is out of its range.

    Source: Zhong et al. (2020), "Random erasing data augmentation".
    """

    probability: float = 0.5
    area: tuple[float, float] = (0.02, 0.33)
    ratio: float = 3.3
    value: float | None = 0.5

    def __post_init__(self) -> None:
        check_share("probability", self.probability)
        check_range("area", self.area)
        if self.ratio < 1:
            raise ValueError(f"Expected ratio of at least 1. Received: {self.ratio}")
        if self.value is not None:
            check_share("value", self.value)

    def apply(self, batch: Batch, draws: Draws) -> Batch:
        """Changes a batch of pictures."""
        count, height, width = size(batch)
        image = to_dtype(batch["image"], "float32")
        limit = math.log(self.ratio)
        area = draws.uniform((count,), *self.area)
        ratio = ops.exp(draws.uniform((count,), -limit, limit))
        corners = []
        # what is too long for the picture is cut, rather than drawn again
        for side, share in ((height, area * ratio), (width, area / ratio)):
            length = ops.cast(side, "float32") * ops.minimum(ops.sqrt(share), 1)
            length = ops.cast(ops.round(length), "int32")
            start = draws.integers((count,), side - length + 1)
            corners.append((start, start + length))
        # an empty rectangle where nothing is to be hidden
        chosen = draws.uniform((count,)) < self.probability
        corners[0] = (corners[0][0], ops.where(chosen, corners[0][1], 0))
        shape = ops.shape(image)
        value = draws.uniform(shape) if self.value is None else self.value
        hidden = rectangle(corners[0], corners[1], shape)
        return {**batch, "image": ops.where(hidden, value, image)}
