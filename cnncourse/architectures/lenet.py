"""The LeNets, 1989 to 1998.

The original ones have a table that says which maps see which, subsampling with trained
coefficients, and the squashing function `1.7159 tanh(2x/3)`.
"""

from typing import Any

import keras
from keras import layers

from cnncourse.architectures.architecture import Architecture
from cnncourse.architectures.blocks import conv_relu, dense_relu
from cnncourse.architectures.layers import (
    RadialBasis,
    ScaledTanh,
    Subsampling,
    TableConv2D,
)

# for each map of C3, the maps of S2 that it sees; LeCun et al. 1998, table I
C3_TABLE = (
    *(tuple((first + step) % 6 for step in range(3)) for first in range(6)),
    *(tuple((first + step) % 6 for step in range(4)) for first in range(6)),
    *((first, first + 1, (first + 3) % 6, (first + 4) % 6) for first in range(3)),
    tuple(range(6)),
)
# for each map of H3, the maps of H2; LeCun et al. 1990, table 1
H3_TABLE = (
    (0,), (0, 1), (0, 1), (1,), (0, 1), (0, 1),
    (2,), (2, 3), (2, 3), (3,), (2, 3), (2, 3),
)  # fmt: skip
# the 1989 paper says that a map of H2 sees eight of the twelve of H1, not which
H2_TABLE = tuple(tuple((first + step) % 12 for step in range(8)) for first in range(12))


def lenet1989(input_shape: tuple[int, ...], num_classes: int) -> keras.Model:
    """The net that read zip codes.

    Args:
        input_shape: `(H, W, C)`, values in [-1, 1]; beyond its border all is -1.
        num_classes: classes; the paper's outputs are squashed too, these are not.

    Source: LeCun et al. 1989, Backpropagation applied to handwritten zip code
        recognition, Neural Computation 1, section 3 and figure 3: 1,256 units, 64,660
        connections, 9,760 parameters.
    """
    inputs = keras.Input(input_shape, name="image")
    everything = [range(input_shape[-1])] * 12
    shared: dict[str, Any] = {
        "strides": 2,
        "padding": 2,
        "padding_value": -1.0,
        "bias_per_unit": True,
    }
    x = TableConv2D(everything, 5, name="h1_conv", **shared)(inputs)
    x = ScaledTanh(name="h1_tanh")(x)
    x = TableConv2D(H2_TABLE, 5, name="h2_conv", **shared)(x)
    x = ScaledTanh(name="h2_tanh")(x)
    x = layers.Flatten(name="flatten")(x)
    x = layers.Dense(30, name="h3")(x)
    x = ScaledTanh(name="h3_tanh")(x)
    logits = layers.Dense(num_classes, name="logits")(x)
    return keras.Model(inputs, logits, name="lenet1989")


def lenet1(input_shape: tuple[int, ...], num_classes: int) -> keras.Model:
    """LeNet-1, the first with subsampling layers.

    Args:
        input_shape: `(H, W, C)`, at least 16 x 16.
        num_classes: classes; the paper's outputs are squashed too, these are not.

    Source: LeCun et al. 1990, Handwritten digit recognition with a back-propagation
        network, NIPS 2: 4,635 units, 98,442 connections, 2,578 parameters. The name is
        of 1998, section III.C.2.
    """
    inputs = keras.Input(input_shape, name="image")
    x = layers.Conv2D(4, 5, name="h1_conv")(inputs)
    x = ScaledTanh(name="h1_tanh")(x)
    x = Subsampling(name="h2_pool")(x)
    x = ScaledTanh(name="h2_tanh")(x)
    x = TableConv2D(H3_TABLE, 5, name="h3_conv")(x)
    x = ScaledTanh(name="h3_tanh")(x)
    x = Subsampling(name="h4_pool")(x)
    x = ScaledTanh(name="h4_tanh")(x)
    x = layers.Flatten(name="flatten")(x)
    logits = layers.Dense(num_classes, name="logits")(x)
    return keras.Model(inputs, logits, name="lenet1")


def lenet5_original(input_shape: tuple[int, ...], num_classes: int) -> keras.Model:
    """LeNet-5 as it was: 60,000 trained parameters and fixed output codes.

    Args:
        input_shape: `(H, W, C)`; pictures smaller than 32 x 32 are padded to it, as the
            paper's of 28 x 28 were.
        num_classes: classes.

    The outputs are minus the paper's: logits rather than distances.

    Source: LeCun et al. 1998, Gradient-based learning applied to document recognition,
        Proceedings of the IEEE 86, section II.B, figure 2.
    """
    inputs = keras.Input(input_shape, name="image")
    x = _padded(inputs)
    x = layers.Conv2D(6, 5, name="c1_conv")(x)
    x = ScaledTanh(name="c1_tanh")(x)
    x = Subsampling(name="s2_pool")(x)
    x = ScaledTanh(name="s2_tanh")(x)
    x = TableConv2D(C3_TABLE, 5, name="c3_conv")(x)
    x = ScaledTanh(name="c3_tanh")(x)
    x = Subsampling(name="s4_pool")(x)
    x = ScaledTanh(name="s4_tanh")(x)
    x = layers.Conv2D(120, 5, name="c5_conv")(x)
    x = ScaledTanh(name="c5_tanh")(x)
    x = layers.Flatten(name="flatten")(x)
    x = layers.Dense(84, name="f6")(x)
    x = ScaledTanh(name="f6_tanh")(x)
    logits = RadialBasis(num_classes, name="logits")(x)
    return keras.Model(inputs, logits, name="lenet5_original")


def lenet5(input_shape: tuple[int, ...], num_classes: int) -> keras.Model:
    """LeNet-5 as it is taught now: full tables, ReLU, max pooling, a dense output.

    Args:
        input_shape: `(H, W, C)`; pictures smaller than 32 x 32 are padded to it.
        num_classes: classes.

    Source: Lecture 2, after LeCun et al. 1998.
    """
    inputs = keras.Input(input_shape, name="image")
    x = conv_relu(_padded(inputs), 6, 5, "c1", padding=0)
    x = layers.MaxPooling2D(2, name="s2_pool")(x)
    x = conv_relu(x, 16, 5, "c3", padding=0)
    x = layers.MaxPooling2D(2, name="s4_pool")(x)
    x = conv_relu(x, 120, 5, "c5", padding=0)
    x = layers.Flatten(name="flatten")(x)
    x = dense_relu(x, 84, "f6")
    logits = layers.Dense(num_classes, name="logits")(x)
    return keras.Model(inputs, logits, name="lenet5")


def _padded(x: keras.KerasTensor) -> keras.KerasTensor:
    """Zeros around a picture that is smaller than 32 x 32, so that it is not."""
    missing = [max(0, 32 - size) for size in x.shape[1:3]]
    if not any(missing):
        return x
    sides = tuple((zeros // 2, zeros - zeros // 2) for zeros in missing)
    return layers.ZeroPadding2D(sides, name="pad")(x)


PAPER_1998 = (
    "LeCun, Bottou, Bengio and Haffner, Gradient-based learning applied to document "
    "recognition, Proc. IEEE 1998"
)
SMALL = {"input_shape": (28, 28, 1), "num_classes": 3}

ENTRIES = (
    Architecture(
        "lenet1989", lenet1989, 1989,
        "LeCun et al., Backpropagation applied to handwritten zip code recognition, "
        "Neural Computation 1989",
        (16, 16, 1), 10, 9_760, 63_660,
        reduced={"input_shape": (12, 12, 1), "num_classes": 3},
    ),
    Architecture(
        "lenet1", lenet1, 1990,
        "LeCun et al., Handwritten digit recognition with a back-propagation network, "
        "NIPS 1989",
        (28, 28, 1), 10, 2_578, 91_520,
        reduced={"input_shape": (16, 16, 1), "num_classes": 3},
    ),
    Architecture(
        "lenet5_original", lenet5_original, 1998, PAPER_1998, (32, 32, 1), 10, 60_000,
        326_520, reduced=SMALL,
    ),
    Architecture(
        "lenet5", lenet5, 1998, PAPER_1998, (32, 32, 1), 10, 61_706, 416_520,
        reduced=SMALL,
    ),
)  # fmt: skip
