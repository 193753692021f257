"""What the nets share."""

import keras
import pytest

from cnncourse.architectures.blocks import conv, conv_relu, dense_relu


@pytest.mark.parametrize(
    ("size", "kernel_size", "strides", "padding", "expected"),
    [
        (7, 3, 1, None, 7),
        (8, 3, 2, None, 4),
        (224, 11, 4, 2, 55),
        (227, 11, 4, 0, 55),
        (9, 3, 1, 2, 11),
    ],
)
def test_sizes(
    size: int, kernel_size: int, strides: int, padding: int | None, expected: int
) -> None:
    x = keras.Input((size, size, 1))
    y = conv(x, 2, kernel_size, "c", strides=strides, padding=padding)
    assert tuple(y.shape[1:]) == (expected, expected, 2)


def test_padding_is_the_same_on_each_side() -> None:
    """With 8 pixels and strides of 2 the windows begin at -1, 1, 3, 5."""
    inputs = keras.Input((8, 8, 1))
    model = keras.Model(inputs, conv(inputs, 1, 3, "c", strides=2, use_bias=False))
    model.set_weights([keras.ops.ones((3, 3, 1, 1))])
    ramp = keras.ops.reshape(keras.ops.arange(8, dtype="float32"), (1, 1, 8, 1))
    y = keras.ops.convert_to_numpy(model(keras.ops.repeat(ramp, 8, axis=1)))
    assert (y[0, 1, :, 0] == [3 * (0 + 1), 3 * (1 + 2 + 3), 3 * 12, 3 * 18]).all()


def test_names() -> None:
    inputs = keras.Input((8, 8, 1))
    x = conv_relu(inputs, 2, 3, "stage1_block1", strides=2)
    x = dense_relu(keras.layers.Flatten(name="flat")(x), 4, "dense1", dropout=0.5)
    names = [layer.name for layer in keras.Model(inputs, x).layers[1:]]
    assert names == [
        "stage1_block1_conv_pad",
        "stage1_block1_conv",
        "stage1_block1_relu",
        "flat",
        "dense1",
        "dense1_relu",
        "dense1_dropout",
    ]
