"""The pattern of most convolutional nets, as a grammar. Lecture 2.

input -> [[conv -> ReLU] * n -> pool?] * m -> [dense -> ReLU] * k -> dense
"""

from typing import Any

import keras
from keras import layers

from cnncourse.architectures.architecture import Architecture
from cnncourse.architectures.blocks import conv_relu, dense_relu


def cnn_from_pattern(
    n: int,
    m: int,
    k: int,
    input_shape: tuple[int, ...] = (32, 32, 3),
    num_classes: int = 10,
    *,
    filters: int = 32,
    growth: int = 2,
    kernel_size: int = 3,
    padding: int | None = None,
    pool: bool = True,
    units: int = 128,
) -> keras.Model:
    """Builds the net that a sentence of the grammar describes.

    Args:
        n: convolutions in a stage; at least 0.
        m: stages; at least 0.
        k: hidden dense layers; at least 0.
        input_shape: `(H, W, C)`.
        num_classes: units of the last layer.
        filters: of each convolution in the first stage.
        growth: each stage has this many times the filters of the one before.
        kernel_size: height and width of the kernels.
        padding: zeros per side; None keeps the size, for odd kernels.
        pool: whether a stage ends with 2x2 max pooling.
        units: of each hidden dense layer.

    Raises:
        ValueError: if n, m or k is negative, or nothing is left after pooling.

    Example:
        >>> cnn_from_pattern(0, 0, 0).count_params()  # a linear classifier
        30730

    Source: Lecture 2; the same pattern is in Stanford's CS231n.
    """
    if min(n, m, k) < 0:
        raise ValueError(f"Expected n, m and k >= 0. Received: n={n}, m={m}, k={k}")
    inputs = x = keras.Input(input_shape, name="image")
    for stage in range(1, m + 1):
        maps = filters * growth ** (stage - 1)
        for number in range(1, n + 1):
            name = f"stage{stage}_block{number}"
            x = conv_relu(x, maps, kernel_size, name, padding=padding)
        if pool:
            x = layers.MaxPooling2D(2, name=f"stage{stage}_pool")(x)
    x = layers.Flatten(name="flatten")(x)
    for number in range(1, k + 1):
        x = dense_relu(x, units, f"dense{number}")
    logits = layers.Dense(num_classes, name="logits")(x)
    return keras.Model(inputs, logits, name=f"pattern_{n}_{m}_{k}")


def from_pattern(
    input_shape: tuple[int, ...],
    num_classes: int,
    n: int = 2,
    m: int = 3,
    k: int = 2,
    **sizes: Any,
) -> keras.Model:
    """`cnn_from_pattern`, by default the longest example of lecture 2."""
    return cnn_from_pattern(n, m, k, input_shape, num_classes, **sizes)


def two_stage(input_shape: tuple[int, ...], num_classes: int) -> keras.Model:
    """Two stages of 20 maps of 5x5 kernels and a dense layer of 1024 units.

    Source: Lecture 3.
    """
    return cnn_from_pattern(
        1, 2, 1, input_shape, num_classes,
        filters=20, growth=1, kernel_size=5, padding=0, units=1024,
    )  # fmt: skip


ENTRIES = (
    Architecture(
        "two_stage",
        two_stage,
        2015,
        "Lecture 3: 20 maps of 5x5 and pooling, twice; 1024 units",
        (28, 28, 1),
        10,
        349_494,
        1_265_920,
        reduced={"input_shape": (16, 16, 1), "num_classes": 3},
    ),
    Architecture(
        "pattern",
        from_pattern,
        2015,
        "Lecture 2: [[conv -> ReLU] * 2 -> pool] * 3 -> [dense -> ReLU] * 2 -> dense",
        (32, 32, 3),
        10,
        567_082,
        38_913_280,
        reduced={"input_shape": (8, 8, 3), "num_classes": 3, "filters": 4, "units": 8},
    ),
)
