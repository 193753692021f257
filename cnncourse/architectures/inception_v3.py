"""Inception v3: kernels factorised into 3x3, 1x7 and 7x1.

Szegedy et al. 2016, Rethinking the Inception architecture for computer vision, CVPR,
arXiv:1512.00567. The sizes are those of the authors' published model, which
keras.applications has too; table 1 of the paper is less precise.
"""

from typing import Any

import keras
from keras import layers

from cnncourse.architectures.architecture import Architecture
from cnncourse.architectures.inception_block import (
    Branches,
    Convolution,
    Fork,
    Pooling,
    inception_block,
)

ROW, COLUMN = (1, 7), (7, 1)


def _factorised(pooled: int) -> Branches:  # figure 5, on 35 x 35
    return (
        (Convolution(64, 1),),
        (Convolution(48, 1), Convolution(64, 5)),
        (Convolution(64, 1), Convolution(96, 3), Convolution(96, 3)),
        (Pooling("average"), Convolution(pooled, 1)),
    )


def _asymmetric(n: int) -> Branches:  # figure 6, on 17 x 17
    return (
        (Convolution(192, 1),),
        (Convolution(n, 1), Convolution(n, ROW), Convolution(192, COLUMN)),
        (
            Convolution(n, 1),
            Convolution(n, COLUMN),
            Convolution(n, ROW),
            Convolution(n, COLUMN),
            Convolution(192, ROW),
        ),
        (Pooling("average"), Convolution(192, 1)),
    )


BOTH_DIRECTIONS = Fork(((Convolution(384, (1, 3)),), (Convolution(384, (3, 1)),)))
EXPANDED: Branches = (  # figure 7, on 8 x 8
    (Convolution(320, 1),),
    (Convolution(384, 1), BOTH_DIRECTIONS),
    (Convolution(448, 1), Convolution(384, 3), BOTH_DIRECTIONS),
    (Pooling("average"), Convolution(192, 1)),
)
TO_17: Branches = (  # figure 10
    (Convolution(384, 3, strides=2),),
    (Convolution(64, 1), Convolution(96, 3), Convolution(96, 3, strides=2)),
    (Pooling("max", strides=2),),
)
TO_8: Branches = (
    (Convolution(192, 1), Convolution(320, 3, strides=2)),
    (
        Convolution(192, 1),
        Convolution(192, ROW),
        Convolution(192, COLUMN),
        Convolution(192, 3, strides=2),
    ),
    (Pooling("max", strides=2),),
)
STAGES = {
    "stage2": (_factorised(32), _factorised(64), _factorised(64)),
    "stage3": (TO_17, *(_asymmetric(n) for n in (128, 160, 160, 192))),
    "stage4": (TO_8, EXPANDED, EXPANDED),
}


def inception_v3(
    input_shape: tuple[int, ...],
    num_classes: int,
    auxiliary_heads: bool = False,
    width: float = 1.0,
) -> keras.Model:
    """Inception v3: eleven blocks in three stages.

    Args:
        input_shape: `(H, W, C)`, at least 75 x 75; with the auxiliary head at least
            107 x 107.
        num_classes: classes.
        auxiliary_heads: the outputs are then a list, of the net and of the head at the
            end of the 17 x 17 stage, whose loss is to have the weight .3; section 4.
        width: a factor for the numbers of filters, for small experiments.

    Batch normalisation has no scale: the ReLU and the next convolution make up for it.

    Source: sections 2 to 6, figures 5 to 10.
    """

    def convolve(
        x: keras.KerasTensor,
        filters: int,
        kernel_size: int | tuple[int, int],
        name: str,
        strides: int = 1,
        padding: str = "",
    ) -> keras.KerasTensor:
        padding = padding or ("same" if strides == 1 else "valid")
        filters = round(filters * width)
        return _conv_bn_relu(x, filters, kernel_size, name, strides, padding)

    inputs = keras.Input(input_shape, name="image")
    x = convolve(inputs, 32, 3, "stage1_block1", 2)
    x = convolve(x, 32, 3, "stage1_block2", padding="valid")
    x = convolve(x, 64, 3, "stage1_block3")
    x = layers.MaxPooling2D(3, 2, name="stage1_block3_pool")(x)
    x = convolve(x, 80, 1, "stage1_block4")
    x = convolve(x, 192, 3, "stage1_block5", padding="valid")
    x = layers.MaxPooling2D(3, 2, name="stage1_block5_pool")(x)
    outputs = []
    for stage, blocks in STAGES.items():
        for number, branches in enumerate(blocks, start=1):
            name = f"{stage}_block{number}"
            x = inception_block(x, branches, convolve, name, reduction="valid")
        if auxiliary_heads and stage == "stage3":
            y = layers.AveragePooling2D(5, 3, name="auxiliary_pool")(x)
            y = convolve(y, 128, 1, "auxiliary_block1")
            y = convolve(y, 768, 5, "auxiliary_block2", padding="valid")
            y = layers.GlobalAveragePooling2D(name="auxiliary_average")(y)
            outputs.append(layers.Dense(num_classes, name="auxiliary_logits")(y))
    x = layers.GlobalAveragePooling2D(name="average")(x)
    logits = layers.Dense(num_classes, name="logits")(x)
    outputs = [logits, *outputs] if outputs else logits
    return keras.Model(inputs, outputs, name="inception_v3")


def _conv_bn_relu(
    x: keras.KerasTensor,
    filters: int,
    kernel_size: int | tuple[int, int],
    name: str,
    strides: int,
    padding: str,
) -> keras.KerasTensor:
    options: dict[str, Any] = {"padding": padding, "use_bias": False}
    x = layers.Conv2D(filters, kernel_size, strides, name=f"{name}_conv", **options)(x)
    x = layers.BatchNormalization(scale=False, name=f"{name}_bn")(x)
    return layers.ReLU(name=f"{name}_relu")(x)


ENTRIES = (
    Architecture(
        "inception_v3", inception_v3, 2015,
        "Szegedy et al., Rethinking the Inception architecture for computer vision, "
        "CVPR 2016",
        (299, 299, 3), 1000, 23_817_352, 5_713_216_096,
        reduced={"input_shape": (107, 107, 3), "num_classes": 3, "width": 0.25},
    ),
)  # fmt: skip
