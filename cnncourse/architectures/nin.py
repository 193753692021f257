"""Network in network.

Lin, Chen and Yan 2013, Network in network, arXiv:1312.4400.
"""

import keras
from keras import layers

from cnncourse.architectures.architecture import Architecture
from cnncourse.architectures.blocks import conv, conv_relu


def mlpconv(
    x: keras.KerasTensor,
    filters: tuple[int, int, int],
    kernel_size: int,
    name: str,
    last: bool = False,
    **options: int,
) -> keras.KerasTensor:
    """A convolution and two 1x1 ones: a small perceptron that slides. Section 3.1.

    The last of a net has no ReLU at its end, though the paper's equation 2 has one:
    logits can be negative.
    """
    x = conv_relu(x, filters[0], kernel_size, f"{name}_spatial", **options)
    x = conv_relu(x, filters[1], 1, f"{name}_inner")
    if last:
        return conv(x, filters[2], 1, f"{name}_outer_conv")
    return conv_relu(x, filters[2], 1, f"{name}_outer")


def nin_cifar(
    input_shape: tuple[int, ...], num_classes: int, dropout: float = 0.5
) -> keras.Model:
    """Three blocks, dropout between them and global average pooling, for 32 x 32.

    Args:
        input_shape: `(H, W, C)`.
        num_classes: classes; the last block has a map for each.
        dropout: rate after each of the first two blocks.

    Source: sections 3 and 4.1; the numbers of filters are those of the authors'
        published configuration for CIFAR-10.
    """
    inputs = keras.Input(input_shape, name="image")
    x = mlpconv(inputs, (192, 160, 96), 5, "stage1")
    x = layers.MaxPooling2D(3, 2, padding="same", name="stage1_pool")(x)
    x = layers.Dropout(dropout, name="stage1_dropout")(x)
    x = mlpconv(x, (192, 192, 192), 5, "stage2")
    x = layers.AveragePooling2D(3, 2, padding="same", name="stage2_pool")(x)
    x = layers.Dropout(dropout, name="stage2_dropout")(x)
    x = mlpconv(x, (192, 192, num_classes), 3, "stage3", last=True)
    logits = layers.GlobalAveragePooling2D(name="logits")(x)
    return keras.Model(inputs, logits, name="nin_cifar")


def nin(
    input_shape: tuple[int, ...], num_classes: int, dropout: float = 0.5
) -> keras.Model:
    """Four blocks with AlexNet's kernels, for pictures of 224 x 224.

    Args:
        input_shape: `(H, W, C)`, at least 67 x 67.
        num_classes: classes; the last block has a map for each.
        dropout: rate before the last block.

    Source: Zhang et al., Dive into deep learning, section 8.3, after the paper.
    """
    inputs = keras.Input(input_shape, name="image")
    x = mlpconv(inputs, (96, 96, 96), 11, "stage1", strides=4, padding=0)
    x = layers.MaxPooling2D(3, 2, name="stage1_pool")(x)
    x = mlpconv(x, (256, 256, 256), 5, "stage2")
    x = layers.MaxPooling2D(3, 2, name="stage2_pool")(x)
    x = mlpconv(x, (384, 384, 384), 3, "stage3")
    x = layers.MaxPooling2D(3, 2, name="stage3_pool")(x)
    x = layers.Dropout(dropout, name="stage3_dropout")(x)
    x = mlpconv(x, (num_classes, num_classes, num_classes), 3, "stage4", last=True)
    logits = layers.GlobalAveragePooling2D(name="logits")(x)
    return keras.Model(inputs, logits, name="nin")


LIN = "Lin, Chen and Yan, Network in network, ICLR 2014"

ENTRIES = (
    Architecture(
        "nin_cifar", nin_cifar, 2013, LIN, (32, 32, 3), 10, 966_986, 222_486_528,
        reduced={"input_shape": (12, 12, 3), "num_classes": 3, "dropout": 0.0},
    ),
    Architecture(
        "nin", nin, 2013, f"{LIN}; sizes of Dive into deep learning", (224, 224, 1), 10,
        1_992_166, 762_297_352,
        reduced={"input_shape": (67, 67, 1), "num_classes": 3, "dropout": 0.0},
    ),
)  # fmt: skip
