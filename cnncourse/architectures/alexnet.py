"""AlexNet in three forms, and ZFNet.

Krizhevsky, Sutskever and Hinton 2012, ImageNet classification with deep convolutional
neural networks, NIPS 25. The paper's order is convolution, ReLU, local response
normalisation, pooling (sections 3.3 to 3.5).
"""

import keras
from keras import layers

from cnncourse.architectures.architecture import Architecture
from cnncourse.architectures.blocks import conv_relu, dense_relu
from cnncourse.architectures.layers import LocalResponseNormalization


def alexnet(
    input_shape: tuple[int, ...],
    num_classes: int,
    groups: int = 2,
    units: int = 4096,
    dropout: float = 0.5,
) -> keras.Model:
    """AlexNet as in the paper's figure 2.

    Args:
        input_shape: `(H, W, C)`, at least 67 x 67. The paper says 224, its sizes need
            227.
        num_classes: classes.
        groups: 2 for the two halves, one on each GPU, which meet in the third
            convolution and the dense layers; 1 for one column.
        units: of the two hidden dense layers.
        dropout: rate after each of these; section 4.2.

    Source: sections 3.3 (normalisation), 3.4 (overlapping pooling), 3.5 (the whole).
    """
    inputs = keras.Input(input_shape, name="image")
    x = conv_relu(inputs, 96, 11, "conv1", strides=4, padding=0)
    x = LocalResponseNormalization(name="conv1_norm")(x)
    x = layers.MaxPooling2D(3, 2, name="conv1_pool")(x)
    x = conv_relu(x, 256, 5, "conv2", groups=groups)
    x = LocalResponseNormalization(name="conv2_norm")(x)
    x = layers.MaxPooling2D(3, 2, name="conv2_pool")(x)
    x = conv_relu(x, 384, 3, "conv3")
    x = conv_relu(x, 384, 3, "conv4", groups=groups)
    x = conv_relu(x, 256, 3, "conv5", groups=groups)
    x = layers.MaxPooling2D(3, 2, name="conv5_pool")(x)
    logits = _classifier(x, num_classes, units, dropout)
    return keras.Model(inputs, logits, name="alexnet")


def alexnet_single_stream(
    input_shape: tuple[int, ...],
    num_classes: int,
    units: int = 4096,
    dropout: float = 0.5,
) -> keras.Model:
    """The one-tower AlexNet without normalisation that torchvision and lecture 2 have.

    Args:
        input_shape: `(H, W, C)`, at least 63 x 63.
        num_classes: classes.
        units: of the two hidden dense layers.
        dropout: rate before each of these.

    Source: Krizhevsky 2014, One weird trick for parallelizing convolutional neural
        networks, arXiv:1404.5997, section 5.
    """
    inputs = keras.Input(input_shape, name="image")
    x = conv_relu(inputs, 64, 11, "conv1", strides=4, padding=2)
    x = layers.MaxPooling2D(3, 2, name="conv1_pool")(x)
    x = conv_relu(x, 192, 5, "conv2")
    x = layers.MaxPooling2D(3, 2, name="conv2_pool")(x)
    x = conv_relu(x, 384, 3, "conv3")
    x = conv_relu(x, 256, 3, "conv4")
    x = conv_relu(x, 256, 3, "conv5")
    x = layers.MaxPooling2D(3, 2, name="conv5_pool")(x)
    x = layers.Dropout(dropout, name="conv5_dropout")(x)
    x = layers.Flatten(name="flatten")(x)
    x = dense_relu(x, units, "dense6", dropout)
    x = dense_relu(x, units, "dense7")
    logits = layers.Dense(num_classes, name="logits")(x)
    return keras.Model(inputs, logits, name="alexnet_single_stream")


def zfnet(
    input_shape: tuple[int, ...],
    num_classes: int,
    units: int = 4096,
    dropout: float = 0.5,
) -> keras.Model:
    """AlexNet with a finer first layer: 7x7 kernels with strides of 2.

    Args:
        input_shape: `(H, W, C)`, at least 53 x 53.
        num_classes: classes.
        units: of the two hidden dense layers.
        dropout: rate after each of these.

    The paper says that maps are normalised across one another and gives no constants:
    they are AlexNet's here.

    Source: Zeiler and Fergus 2014, Visualizing and understanding convolutional
        networks, ECCV, figure 3.
    """
    inputs = keras.Input(input_shape, name="image")
    x = conv_relu(inputs, 96, 7, "conv1", strides=2, padding=1)
    x = layers.MaxPooling2D(3, 2, padding="same", name="conv1_pool")(x)
    x = LocalResponseNormalization(name="conv1_norm")(x)
    x = conv_relu(x, 256, 5, "conv2", strides=2, padding=0)
    x = layers.MaxPooling2D(3, 2, padding="same", name="conv2_pool")(x)
    x = LocalResponseNormalization(name="conv2_norm")(x)
    x = conv_relu(x, 384, 3, "conv3")
    x = conv_relu(x, 384, 3, "conv4")
    x = conv_relu(x, 256, 3, "conv5")
    x = layers.MaxPooling2D(3, 2, name="conv5_pool")(x)
    logits = _classifier(x, num_classes, units, dropout)
    return keras.Model(inputs, logits, name="zfnet")


def _classifier(
    x: keras.KerasTensor, num_classes: int, units: int, dropout: float
) -> keras.KerasTensor:
    x = layers.Flatten(name="flatten")(x)
    x = dense_relu(x, units, "dense6", dropout)
    x = dense_relu(x, units, "dense7", dropout)
    return layers.Dense(num_classes, name="logits")(x)


KRIZHEVSKY = (
    "Krizhevsky, Sutskever and Hinton, ImageNet classification with deep "
    "convolutional neural networks, NIPS 2012"
)
SMALL = {"input_shape": (67, 67, 3), "num_classes": 3, "units": 32, "dropout": 0.0}

ENTRIES = (
    Architecture(
        "alexnet", alexnet, 2012, KRIZHEVSKY, (227, 227, 3), 1000, 60_965_224,
        724_406_816,
        reduced=SMALL,
    ),
    Architecture(
        "alexnet_one_column", alexnet, 2012, KRIZHEVSKY, (227, 227, 3), 1000,
        62_378_344, 1_135_256_096, options={"groups": 1}, reduced=SMALL,
    ),
    Architecture(
        "zfnet", zfnet, 2013,
        "Zeiler and Fergus, Visualizing and understanding convolutional networks, "
        "ECCV 2014",
        (224, 224, 3), 1000, 62_357_608, 1_168_032_896, reduced=SMALL,
    ),
    Architecture(
        "alexnet_single_stream", alexnet_single_stream, 2014,
        "Krizhevsky, One weird trick for parallelizing convolutional neural networks, "
        "arXiv:1404.5997",
        (224, 224, 3), 1000, 61_100_840, 714_188_480, reduced=SMALL,
    ),
)  # fmt: skip
