"""What an Inception net is made of: branches side by side, concatenated.

A net is data: a block is a tuple of branches, a branch a tuple of steps, and a step a
convolution, a pooling or a fork into further branches.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import keras
from keras import layers


@dataclass(frozen=True)
class Convolution:
    """A convolution of a branch.

    Attributes:
        filters: maps of the output.
        kernel_size: height and width, or one number for both.
        strides: vertical and horizontal.
    """

    filters: int
    kernel_size: int | tuple[int, int]
    strides: int = 1


@dataclass(frozen=True)
class Pooling:
    """A 3 x 3 pooling of a branch; `kind` is "max" or "average"."""

    kind: str
    strides: int = 1


@dataclass(frozen=True)
class Fork:
    """Branches inside a branch."""

    branches: tuple[tuple[Any, ...], ...]


Step = Convolution | Pooling | Fork
Branches = tuple[tuple[Step, ...], ...]
POOLINGS = {"max": layers.MaxPooling2D, "average": layers.AveragePooling2D}


def inception_block(
    x: keras.KerasTensor,
    branches: Branches,
    convolve: Callable[..., keras.KerasTensor],
    name: str,
    reduction: str = "same",
) -> keras.KerasTensor:
    """Applies every branch to the same maps and concatenates what they give.

    Args:
        x: maps `(B, H, W, C)`.
        branches: what is applied.
        convolve: `convolve(x, filters, kernel_size, name, strides=...)`.
        name: of the block; its layers are called `{name}_branch1_step1_conv` and so on.
        reduction: padding of poolings with strides of 2: "valid", or "same", which
            equals the ceil mode of other frameworks on maps of even size.

    Returns:
        Maps `(B, H', W', sum of the branches' filters)`.

    Source: Szegedy et al. 2015, Going deeper with convolutions, arXiv:1409.4842,
        section 4, figure 2b.
    """
    outputs = []
    for number, steps in enumerate(branches, start=1):
        y = x
        for position, step in enumerate(steps, start=1):
            label = f"{name}_branch{number}_step{position}"
            if isinstance(step, Convolution):
                y = convolve(
                    y, step.filters, step.kernel_size, label, strides=step.strides
                )
            elif isinstance(step, Pooling):
                padding = "same" if step.strides == 1 else reduction
                pool = POOLINGS[step.kind]
                y = pool(3, step.strides, padding, name=f"{label}_pool")(y)
            else:
                y = inception_block(y, step.branches, convolve, label, reduction)
        outputs.append(y)
    return layers.Concatenate(name=f"{name}_concat")(outputs)
