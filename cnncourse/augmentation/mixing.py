"""Transformations that mix two pictures of a batch, and their labels."""

from dataclasses import dataclass
from typing import Any

from keras import ops

from cnncourse.augmentation.draws import Draws
from cnncourse.augmentation.regions import rectangle
from cnncourse.augmentation.transformation import (
    Batch,
    Transformation,
    size,
    to_dtype,
)


@dataclass(frozen=True)
class Mixing(Transformation):
    """Mixes each picture with another of its batch."""

    alpha: float = 1.0
    classes: int | None = None

    def __post_init__(self) -> None:
        if not 0 < self.alpha <= 1:
            raise ValueError(f"Expected alpha in (0, 1]. Received: alpha={self.alpha}")

    def label(self, batch: Batch) -> Any:
        """Returns the labels one-hot, float32 `(B, classes)`."""
        label = batch["label"]
        if len(label.shape) == 1 and self.classes:
            return ops.one_hot(ops.cast(label, "int32"), self.classes, dtype="float32")
        if len(label.shape) != 2:
            raise ValueError(
                "Expected labels one-hot (B, classes), or the number of classes to "
                f"make them so. Received: label.shape={tuple(label.shape)}, "
                f"classes={self.classes}"
            )
        return ops.cast(label, "float32")

    def mixed(self, batch: Batch, weight: Any, partner: Any) -> Batch:
        """Returns the batch's labels, `weight` of their own and the rest of another."""
        if "label" not in batch:
            return {}
        label, weight = self.label(batch), weight[:, None]
        other = ops.take(label, partner, axis=0)
        return {"label": weight * label + (1 - weight) * other}

    def refuse(self, batch: Batch, names: tuple[str, ...]) -> None:
        """Refuses what has no meaning in a mixture."""
        for name in names:
            if name in batch:
                raise ValueError(
                    f"Expected pictures without {name}: they cannot be mixed. "
                    f"Received: {name}.shape={tuple(batch[name].shape)}"
                )


@dataclass(frozen=True)
class MixUp(Mixing):
    """Adds two pictures with random weights, and their labels with the same.

    Args:
        alpha: the weights come from Beta(alpha, alpha): small values mix little.
        classes: number of classes, if labels are whole numbers.

    Raises:
        ValueError: if `alpha` is not in (0, 1]; if labels are whole numbers and
            `classes` is missing; for boxes or masks.

    Source: Zhang et al. (2018), "mixup: beyond empirical risk minimization".
    """

    alpha: float = 0.2

    def apply(self, batch: Batch, draws: Draws) -> Batch:
        """Changes a batch of pictures."""
        self.refuse(batch, ("boxes", "mask"))
        count = size(batch)[0]
        partner = draws.order(count)
        weight = draws.beta(count, self.alpha)
        image = to_dtype(batch["image"], "float32")
        other = ops.take(image, partner, axis=0)
        share = weight[:, None, None, None]
        image = share * image + (1 - share) * other  # fewer passes than by a difference
        return {**batch, "image": image, **self.mixed(batch, weight, partner)}


@dataclass(frozen=True)
class CutMix(Mixing):
    """Pastes a rectangle of one picture into another, and mixes labels by area.

    Args:
        alpha: the area left comes from Beta(alpha, alpha).
        classes: number of classes, if labels are whole numbers.

    Raises:
        ValueError: if `alpha` is not in (0, 1]; if labels are whole numbers and
            `classes` is missing; for boxes.

    Source: Yun et al. (2019), "CutMix: regularization strategy to train strong
        classifiers with localizable features".
    """

    def apply(self, batch: Batch, draws: Draws) -> Batch:
        """Changes a batch of pictures."""
        self.refuse(batch, ("boxes",))
        count, height, width = size(batch)
        partner = draws.order(count)
        side = ops.sqrt(1 - draws.beta(count, self.alpha))
        corners = []
        for length in (height, width):
            half = ops.cast(side * ops.cast(length, "float32") / 2, "int32")
            centre = draws.integers((count,), length)
            low, high = centre - half, centre + half
            corners.append((ops.clip(low, 0, length), ops.clip(high, 0, length)))
        changed = {}
        for name in {"image", "mask"} & set(batch):
            own = batch[name]
            other = ops.take(own, partner, axis=0)
            inside = rectangle(corners[0], corners[1], ops.shape(own))
            changed[name] = ops.where(inside, other, own)
        (top, bottom), (left, right) = corners
        area = ops.cast((bottom - top) * (right - left), "float32")
        weight = 1 - area / ops.cast(height * width, "float32")
        return {**batch, **changed, **self.mixed(batch, weight, partner)}
