"""VGG: depth from 3x3 kernels.

Simonyan and Zisserman 2014, Very deep convolutional networks for large-scale image
recognition, arXiv:1409.1556, table 1.
"""

import keras
from keras import layers

from cnncourse.architectures.architecture import Architecture
from cnncourse.architectures.blocks import conv_relu, dense_relu

FILTERS = (64, 128, 256, 512, 512)
CONFIGURATIONS = {  # the kernel sizes of each stage; letters are the paper's
    "A": ((3,), (3,), (3, 3), (3, 3), (3, 3)),
    "B": ((3, 3), (3, 3), (3, 3), (3, 3), (3, 3)),
    "C": ((3, 3), (3, 3), (3, 3, 1), (3, 3, 1), (3, 3, 1)),
    "D": ((3, 3), (3, 3), (3, 3, 3), (3, 3, 3), (3, 3, 3)),
    "E": ((3, 3), (3, 3), (3, 3, 3, 3), (3, 3, 3, 3), (3, 3, 3, 3)),
}


def vgg(
    input_shape: tuple[int, ...],
    num_classes: int,
    configuration: str = "D",
    width: float = 1.0,
    units: int = 4096,
    dropout: float = 0.5,
) -> keras.Model:
    """VGG in one of the paper's configurations.

    Args:
        input_shape: `(H, W, C)`, at least 32 x 32.
        num_classes: classes.
        configuration: "A" (11 layers), "B" (13), "C" (16, with 1x1 kernels), "D" (16)
            or "E" (19).
        width: a factor for the numbers of filters, for small experiments.
        units: of the two hidden dense layers.
        dropout: rate after each of these; section 3.1.

    Raises:
        ValueError: if there is no such configuration.

    Source: section 2.1 and table 1.
    """
    if configuration not in CONFIGURATIONS:
        raise ValueError(
            f"Expected configuration in {', '.join(CONFIGURATIONS)}. "
            f"Received: configuration={configuration!r}"
        )
    inputs = x = keras.Input(input_shape, name="image")
    stages = zip(FILTERS, CONFIGURATIONS[configuration], strict=True)
    for stage, (filters, kernel_sizes) in enumerate(stages, start=1):
        for number, kernel_size in enumerate(kernel_sizes, start=1):
            name = f"stage{stage}_block{number}"
            x = conv_relu(x, round(filters * width), kernel_size, name)
        x = layers.MaxPooling2D(2, name=f"stage{stage}_pool")(x)
    x = layers.Flatten(name="flatten")(x)
    x = dense_relu(x, units, "dense1", dropout)
    x = dense_relu(x, units, "dense2", dropout)
    logits = layers.Dense(num_classes, name="logits")(x)
    return keras.Model(inputs, logits, name=f"vgg_{configuration}")


def _entry(name: str, configuration: str, parameters: int, macs: int) -> Architecture:
    return Architecture(
        name,
        vgg,
        2014,
        "Simonyan and Zisserman, Very deep convolutional networks for large-scale "
        "image recognition, ICLR 2015",
        (224, 224, 3),
        1000,
        parameters,
        macs,
        options={"configuration": configuration},
        reduced={
            "input_shape": (32, 32, 3),
            "num_classes": 3,
            "width": 0.125,
            "units": 32,
            "dropout": 0.0,
        },
    )


ENTRIES = (
    _entry("vgg11", "A", 132_863_336, 7_609_090_048),
    _entry("vgg13", "B", 133_047_848, 11_308_466_176),
    _entry("vgg16_c", "C", 133_638_952, 11_770_888_192),
    _entry("vgg16", "D", 138_357_544, 15_470_264_320),
    _entry("vgg19", "E", 143_667_240, 19_632_062_464),
)
