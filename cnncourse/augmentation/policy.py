"""Several transformations, one after the other."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from itertools import groupby
from typing import Any

from cnncourse.augmentation import affine, colour, moves
from cnncourse.augmentation.draws import Draws
from cnncourse.augmentation.transformation import Batch, Transformation

# neighbours of one of these kinds are combined, so that they read the picture once
TOGETHER: dict[type[Transformation], Callable[[Any, Batch, Draws], Batch]] = {
    affine.Affine: affine.apply_all,
    moves.Move: moves.apply_all,
    colour.Colour: colour.apply_all,
}


@dataclass(frozen=True, init=False)
class Policy(Transformation):
    """Applies transformations in order.

    Neighbours of one kind are combined: geometry is interpolated once, colour is
    clipped once.

    Args:
        steps: the transformations.

    Raises:
        ValueError: if one of them is not a transformation.

    Example:
        >>> policy = Policy(Crop(pad=4), Mirror(), Brightness(0.1))
        >>> changed = policy(image, seed=1)
    """

    steps: tuple[Transformation, ...]

    def __init__(self, *steps: Transformation) -> None:
        for step in steps:
            if not isinstance(step, Transformation):
                raise ValueError(
                    f"Expected every step to be a transformation. Received: {step!r}"
                )
        object.__setattr__(self, "steps", steps)

    def apply(self, batch: Batch, draws: Draws) -> Batch:
        """Changes a batch of pictures."""
        for together, steps in groups(self.steps):
            if together:
                batch = together(steps, batch, draws)
            else:
                for step in steps:
                    batch = step.apply(batch, draws)
        return batch


def groups(
    steps: tuple[Transformation, ...],
) -> Iterator[tuple[Callable[[Any, Batch, Draws], Batch] | None, list]]:
    """Yields neighbours that can be combined, and the function that does it."""

    def key(step: Transformation) -> tuple:
        kind = next((k for k in TOGETHER if isinstance(step, k)), None)
        # one matrix has one way to fill what is outside
        return kind, step.fill if isinstance(step, affine.Affine) else None

    for (kind, _), found in groupby(steps, key):
        yield (TOGETHER[kind] if kind else None), list(found)
