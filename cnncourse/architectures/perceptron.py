"""Perceptrons: nets without convolution, which others are compared with."""

from collections.abc import Sequence

import keras
from keras import layers

from cnncourse.architectures.architecture import Architecture


def perceptron(
    input_shape: tuple[int, ...],
    num_classes: int,
    units: Sequence[int] = (100,),
    activation: str = "sigmoid",
) -> keras.Model:
    """A perceptron with hidden layers, or none.

    Args:
        input_shape: any; it is flattened.
        num_classes: classes.
        units: of each hidden layer, from the input on.
        activation: of the hidden layers.

    Source: Rumelhart, Hinton and Williams 1986, Learning representations by
        back-propagating errors, Nature 323; sizes 300 and 300-100 from LeCun et al.
        1998, Proceedings of the IEEE 86, section III.C.
    """
    inputs = keras.Input(input_shape, name="image")
    x = layers.Flatten(name="flatten")(inputs)
    for number, width in enumerate(units, start=1):
        x = layers.Dense(width, name=f"hidden{number}")(x)
        x = layers.Activation(activation, name=f"hidden{number}_{activation}")(x)
    logits = layers.Dense(num_classes, name="logits")(x)
    return keras.Model(inputs, logits, name="perceptron")


LECUN = (
    "LeCun et al., Gradient-based learning applied to document recognition, "
    "Proc. IEEE 1998"
)
LECTURE_4 = "Lecture 4: letters of 16 x 16 pixels, 100 hidden units, 26 classes"
ROSENBLATT = "Rosenblatt, The perceptron, Psychological Review 1958; sizes of MNIST"


def _entry(
    name: str,
    year: int,
    paper: str,
    input_shape: tuple[int, ...],
    num_classes: int,
    parameters: int,
    macs: int,
    units: Sequence[int],
) -> Architecture:
    return Architecture(
        name,
        perceptron,
        year,
        paper,
        input_shape,
        num_classes,
        parameters,
        macs,
        options={"units": units},
        reduced={"input_shape": (6, 6, 1), "num_classes": 3},
    )


ENTRIES = (
    _entry("linear", 1958, ROSENBLATT, (28, 28, 1), 10, 7_850, 7_840, ()),
    _entry("mlp", 1986, LECTURE_4, (16, 16, 1), 26, 28_326, 28_200, (100,)),
    _entry("mlp_300", 1998, LECUN, (28, 28, 1), 10, 238_510, 238_200, (300,)),
    _entry(
        "mlp_300_100", 1998, LECUN, (28, 28, 1), 10, 266_610, 266_200, (300, 100)
    ),
)  # fmt: skip
