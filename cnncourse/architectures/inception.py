"""GoogLeNet, and its successor with batch normalisation.

Szegedy et al. 2015, Going deeper with convolutions, CVPR, arXiv:1409.4842. Ioffe and
Szegedy 2015, Batch normalization, ICML, arXiv:1502.03167.

Auxiliary heads are further outputs; during training the paper adds their losses with
the weight `AUXILIARY_WEIGHT`, and at the end drops them (section 5):

>>> model.compile(loss=..., loss_weights=[1, AUXILIARY_WEIGHT, AUXILIARY_WEIGHT])
"""

from collections.abc import Callable
from typing import Any

import keras
from keras import layers

from cnncourse.architectures.architecture import Architecture
from cnncourse.architectures.batch_normalized import conv_bn_relu
from cnncourse.architectures.blocks import conv_relu, dense_relu
from cnncourse.architectures.inception_block import (
    Branches,
    Convolution,
    Pooling,
    inception_block,
)
from cnncourse.architectures.layers import LocalResponseNormalization

AUXILIARY_WEIGHT = 0.3

# 1x1 | 3x3 after its reduction | 5x5 after its reduction | after the pooling
GOOGLENET = {
    "stage3": ((64, 96, 128, 16, 32, 32), (128, 128, 192, 32, 96, 64)),
    "stage4": (
        (192, 96, 208, 16, 48, 64),
        (160, 112, 224, 24, 64, 64),
        (128, 128, 256, 24, 64, 64),
        (112, 144, 288, 32, 64, 64),
        (256, 160, 320, 32, 128, 128),
    ),
    "stage5": ((256, 160, 320, 32, 128, 128), (384, 192, 384, 48, 128, 128)),
}
AUXILIARY_AFTER = ("stage4_block1", "stage4_block4")


def googlenet(
    input_shape: tuple[int, ...],
    num_classes: int,
    batch_normalized: bool = False,
    auxiliary_heads: bool = False,
    width: float = 1.0,
    dropout: float = 0.4,
) -> keras.Model:
    """GoogLeNet: nine Inception blocks and one dense layer.

    Args:
        input_shape: `(H, W, C)`, at least 32 x 32; with auxiliary heads at least
            80 x 80.
        num_classes: classes.
        batch_normalized: the net that torchvision publishes: batch normalisation in
            place of biases and of local response normalisation, and kernels of 3x3
            where the paper has 5x5.
        auxiliary_heads: the outputs are then a list, of the net and of the heads after
            the first and the fourth block of stage 4.
        width: a factor for the numbers of filters, for small experiments.
        dropout: rate before the last layer; torchvision has .2.

    Source: table 1 and section 5; normalisation as in the authors' published model.
    """

    def convolve(
        x: keras.KerasTensor, filters: int, kernel_size: int, name: str, **options: Any
    ) -> keras.KerasTensor:
        block = conv_bn_relu if batch_normalized else conv_relu
        return block(x, round(filters * width), kernel_size, name, **options)

    def local_norm(x: keras.KerasTensor, name: str) -> keras.KerasTensor:
        return x if batch_normalized else LocalResponseNormalization(name=name)(x)

    inputs = keras.Input(input_shape, name="image")
    x = convolve(inputs, 64, 7, "stage1", strides=2)
    x = layers.MaxPooling2D(3, 2, padding="same", name="stage1_pool")(x)
    x = local_norm(x, "stage1_norm")
    x = convolve(x, 64, 1, "stage2_reduce")
    x = convolve(x, 192, 3, "stage2")
    x = local_norm(x, "stage2_norm")
    x = layers.MaxPooling2D(3, 2, padding="same", name="stage2_pool")(x)
    heads = []
    for stage, blocks in GOOGLENET.items():
        for number, filters in enumerate(blocks, start=1):
            name = f"{stage}_block{number}"
            branches = _inception(filters, 3 if batch_normalized else 5)
            x = inception_block(x, branches, convolve, name)
            if auxiliary_heads and name in AUXILIARY_AFTER:
                order = AUXILIARY_AFTER.index(name) + 1
                head = f"auxiliary{order}"
                heads.append(_auxiliary(x, num_classes, convolve, head, width))
        if stage != "stage5":
            size = 2 if batch_normalized and stage == "stage4" else 3
            x = layers.MaxPooling2D(size, 2, padding="same", name=f"{stage}_pool")(x)
    x = layers.GlobalAveragePooling2D(name="average")(x)
    x = layers.Dropout(dropout, name="dropout")(x)
    logits = layers.Dense(num_classes, name="logits")(x)
    return keras.Model(inputs, [logits, *heads] if heads else logits, name="googlenet")


def _inception(filters: tuple[int, ...], large: int) -> Branches:
    one, reduce3, three, reduce5, five, pooled = filters
    return (
        (Convolution(one, 1),),
        (Convolution(reduce3, 1), Convolution(three, 3)),
        (Convolution(reduce5, 1), Convolution(five, large)),
        (Pooling("max"), Convolution(pooled, 1)),
    )


def _auxiliary(
    x: keras.KerasTensor,
    num_classes: int,
    convolve: Callable[..., keras.KerasTensor],
    name: str,
    width: float,
) -> keras.KerasTensor:
    x = layers.AveragePooling2D(5, 3, name=f"{name}_pool")(x)
    x = convolve(x, 128, 1, name)
    x = layers.Flatten(name=f"{name}_flatten")(x)
    x = dense_relu(x, round(1024 * width), f"{name}_dense", 0.7)
    return layers.Dense(num_classes, name=f"{name}_logits")(x)


# 1x1 | 3x3 after its reduction | two 3x3 after their reduction | kind and filters of
# the pooling. Without a 1x1 branch the strides are 2, and the pooled maps pass through.
# The paper prints 128 for the pooling of blocks 3 and 4 of stage 4, which would give
# 608 maps; the 576 that it also prints need 96.
INCEPTION_V2 = {
    "stage3": (
        (64, 64, 64, 64, 96, "average", 32),
        (64, 64, 96, 64, 96, "average", 64),
        (0, 128, 160, 64, 96, "max", 0),
    ),
    "stage4": (
        (224, 64, 96, 96, 128, "average", 128),
        (192, 96, 128, 96, 128, "average", 128),
        (160, 128, 160, 128, 160, "average", 96),
        (96, 128, 192, 160, 192, "average", 96),
        (0, 128, 192, 192, 256, "max", 0),
    ),
    "stage5": (
        (352, 192, 320, 160, 224, "average", 128),
        (352, 192, 320, 192, 224, "max", 128),
    ),
}


def inception_v2(
    input_shape: tuple[int, ...], num_classes: int, width: float = 1.0
) -> keras.Model:
    """BN-Inception, also called Inception v2: two 3x3 kernels in place of a 5x5.

    Args:
        input_shape: `(H, W, C)`, at least 32 x 32.
        num_classes: classes.
        width: a factor for the numbers of filters, for small experiments.

    Source: Ioffe and Szegedy 2015, section 4.2 and the table of the appendix.
    """

    def convolve(
        x: keras.KerasTensor, filters: int, kernel_size: int, name: str, **options: Any
    ) -> keras.KerasTensor:
        return conv_bn_relu(x, round(filters * width), kernel_size, name, **options)

    inputs = keras.Input(input_shape, name="image")
    x = convolve(inputs, 64, 7, "stage1", strides=2)
    x = layers.MaxPooling2D(3, 2, padding="same", name="stage1_pool")(x)
    x = convolve(x, 64, 1, "stage2_reduce")
    x = convolve(x, 192, 3, "stage2")
    x = layers.MaxPooling2D(3, 2, padding="same", name="stage2_pool")(x)
    for stage, blocks in INCEPTION_V2.items():
        for number, row in enumerate(blocks, start=1):
            name = f"{stage}_block{number}"
            x = inception_block(x, _inception_v2(*row), convolve, name)
    x = layers.GlobalAveragePooling2D(name="average")(x)
    logits = layers.Dense(num_classes, name="logits")(x)
    return keras.Model(inputs, logits, name="inception_v2")


def _inception_v2(
    one: int, reduce3: int, three: int, reduce5: int, five: int, kind: str, pooled: int
) -> Branches:
    strides = 1 if one else 2
    kernels = (
        (Convolution(reduce3, 1), Convolution(three, 3, strides)),
        (Convolution(reduce5, 1), Convolution(five, 3), Convolution(five, 3, strides)),
    )
    if not one:
        return (*kernels, (Pooling(kind, strides),))
    return (
        (Convolution(one, 1),),
        *kernels,
        (Pooling(kind), Convolution(pooled, 1)),
    )


SZEGEDY = "Szegedy et al., Going deeper with convolutions, CVPR 2015"
SMALL = {"input_shape": (64, 64, 3), "num_classes": 3, "width": 0.125}

ENTRIES = (
    Architecture(
        "googlenet", googlenet, 2014, SZEGEDY, (224, 224, 3), 1000,
        6_998_552, 1_582_671_872,
        reduced=SMALL | {"dropout": 0.0},
    ),
    Architecture(
        "googlenet_bn", googlenet, 2014, f"{SZEGEDY}; torchvision's form",
        (224, 224, 3), 1000, 6_624_904, 1_498_376_192,
        options={"batch_normalized": True, "dropout": 0.2},
        reduced=SMALL | {"dropout": 0.0},
    ),
    Architecture(
        "inception_v2", inception_v2, 2015,
        "Ioffe and Szegedy, Batch normalization: accelerating deep network training by "
        "reducing internal covariate shift, ICML 2015",
        (224, 224, 3), 1000, 11_194_984, 2_018_851_840, reduced=SMALL,
    ),
)  # fmt: skip
