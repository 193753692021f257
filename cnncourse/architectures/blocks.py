"""What the nets share: a convolution with explicit padding, and its ReLU.

Keras pads "same" at the bottom and right where strides > 1; the papers pad each side
alike. So padding here is a number of zeros per side.
"""

from typing import Any

import keras
from keras import layers


def conv(
    x: keras.KerasTensor,
    filters: int,
    kernel_size: int,
    name: str,
    strides: int = 1,
    padding: int | None = None,
    **options: Any,
) -> keras.KerasTensor:
    """`(B, H, W, C) -> (B, H', W', filters)`, with as many zeros on each side.

    Args:
        x: maps.
        filters: maps of the output.
        kernel_size: height and width of a kernel.
        name: of the layer.
        strides: vertical and horizontal.
        padding: zeros per side; None keeps the size where strides are 1, and is for odd
            kernels.
        **options: of `keras.layers.Conv2D`.
    """
    if padding is None:
        padding = (kernel_size - 1) // 2
    keeps_size = strides == 1 and kernel_size == 2 * padding + 1
    if padding and not keeps_size:
        x = layers.ZeroPadding2D(padding, name=f"{name}_pad")(x)
    return layers.Conv2D(
        filters,
        kernel_size,
        strides,
        padding="same" if keeps_size else "valid",
        name=name,
        **options,
    )(x)


def conv_relu(
    x: keras.KerasTensor, filters: int, kernel_size: int, name: str, **options: Any
) -> keras.KerasTensor:
    """A convolution as in `conv`, named `{name}_conv`, and `{name}_relu` after it."""
    x = conv(x, filters, kernel_size, f"{name}_conv", **options)
    return layers.ReLU(name=f"{name}_relu")(x)


def dense_relu(
    x: keras.KerasTensor, units: int, name: str, dropout: float = 0.0
) -> keras.KerasTensor:
    """A dense layer, its ReLU and, where dropout > 0, dropout of its output."""
    x = layers.Dense(units, name=name)(x)
    x = layers.ReLU(name=f"{name}_relu")(x)
    return layers.Dropout(dropout, name=f"{name}_dropout")(x) if dropout else x
