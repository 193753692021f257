"""Convolutions followed by batch normalisation.

Ioffe and Szegedy 2015, Batch normalization, arXiv:1502.03167: the bias of the
convolution would be subtracted again, so it has none (section 3.2).
"""

from typing import Any

import keras
from keras import layers

from cnncourse.architectures.blocks import conv

MOMENTUM, EPSILON = 0.9, 1e-5  # Keras's own defaults, .99 and 1e-3, are slower to adapt


def conv_bn(
    x: keras.KerasTensor, filters: int, kernel_size: int, name: str, **options: Any
) -> keras.KerasTensor:
    """A convolution as in `blocks.conv`, `{name}_conv`, and `{name}_bn` after it.

    Args:
        x: maps `(B, H, W, C)`.
        filters: maps of the output.
        kernel_size: height and width of a kernel.
        name: of the pair.
        **options: of `blocks.conv`.
    """
    options = {"use_bias": False, "kernel_initializer": "he_normal", **options}
    x = conv(x, filters, kernel_size, f"{name}_conv", **options)
    return batch_normalization(x, f"{name}_bn")


def conv_bn_relu(
    x: keras.KerasTensor, filters: int, kernel_size: int, name: str, **options: Any
) -> keras.KerasTensor:
    """As `conv_bn`, and `{name}_relu` after it."""
    x = conv_bn(x, filters, kernel_size, name, **options)
    return layers.ReLU(name=f"{name}_relu")(x)


def bn_relu_conv(
    x: keras.KerasTensor, filters: int, kernel_size: int, name: str, **options: Any
) -> keras.KerasTensor:
    """The order of the pre-activation nets: `{name}_bn`, `{name}_relu`, `{name}_conv`.

    He et al. 2016, Identity mappings in deep residual networks, arXiv:1603.05027.
    """
    options = {"use_bias": False, "kernel_initializer": "he_normal", **options}
    x = batch_normalization(x, f"{name}_bn")
    x = layers.ReLU(name=f"{name}_relu")(x)
    return conv(x, filters, kernel_size, f"{name}_conv", **options)


def batch_normalization(x: keras.KerasTensor, name: str) -> keras.KerasTensor:
    """Normalises each map over the batch, with the constants of these nets."""
    return layers.BatchNormalization(momentum=MOMENTUM, epsilon=EPSILON, name=name)(x)
