"""Solids from voxels.

Wu et al. 2015, 3D ShapeNets: a deep representation for volumetric shapes, CVPR,
arXiv:1406.5670.
"""

import keras
from keras import layers

from cnncourse.architectures.architecture import Architecture


def shapenets(
    input_shape: tuple[int, ...],
    num_classes: int,
    filters: tuple[int, int, int] = (48, 160, 512),
    units: tuple[int, int] = (1200, 4000),
    dropout: float = 0.5,
) -> keras.Model:
    """Three convolutions and two dense layers on a grid that is occupied or not.

    Args:
        input_shape: `(D, H, W, C)`; the paper has 24 voxels a side and 3 empty ones
            around them, so 30.
        num_classes: classes.
        filters: of the three convolutions, with kernels of 6, 5 and 4 voxels a side and
            strides of 2, 2 and 1.
        units: of the dense layers.
        dropout: rate after each of these.

    The paper trains a deep belief net layer by layer, with units that are 0 or 1, and
    fine-tunes it as a classifier. This is the classifier, with ReLU and dropout.

    Source: section 3, figure 2a.
    """
    inputs = x = keras.Input(input_shape, name="voxels")
    sizes = ((6, 2), (5, 2), (4, 1))
    for stage, (number, (size, strides)) in enumerate(
        zip(filters, sizes, strict=True), start=1
    ):
        convolve = layers.Conv3D(
            number,
            size,
            strides,
            kernel_initializer="he_normal",
            name=f"stage{stage}_conv",
        )
        x = layers.ReLU(name=f"stage{stage}_relu")(convolve(x))
    x = layers.Flatten(name="flatten")(x)
    for number, width in enumerate(units, start=1):
        x = layers.Dense(width, activation="relu", name=f"dense{number}")(x)
        x = layers.Dropout(dropout, name=f"dense{number}_dropout")(x)
    logits = layers.Dense(num_classes, name="logits")(x)
    return keras.Model(inputs, logits, name="shapenets")


ENTRIES = (
    Architecture(
        "shapenets", shapenets, 2015,
        "Wu et al., 3D ShapeNets: a deep representation for volumetric shapes, "
        "CVPR 2015",
        (30, 30, 30, 1), 40, 16_094_408, 194_596_736, task="voxels",
        reduced={
            "num_classes": 3, "filters": (4, 6, 8), "units": (16, 16), "dropout": 0.0,
        },
    ),
)  # fmt: skip
