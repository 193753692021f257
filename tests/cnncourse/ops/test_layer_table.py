"""Published counts and receptive fields; the latter also by walking back."""

from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cnncourse.ops.layer_table import (
    Convolution,
    Dense,
    Layer,
    Pooling,
    layer_table,
    receptive_field,
)


def lenet5() -> list[Layer]:
    return [
        Convolution(6, 5),
        Pooling(2),
        Convolution(16, 5),
        Pooling(2),
        Dense(120),
        Dense(84),
        Dense(10),
    ]


def alexnet(groups: int) -> list[Layer]:
    return [
        Convolution(96, 11, 4),
        Pooling(3, 2),
        Convolution(256, 5, padding=2, groups=groups),
        Pooling(3, 2),
        Convolution(384, 3, padding=1),
        Convolution(384, 3, padding=1, groups=groups),
        Convolution(256, 3, padding=1, groups=groups),
        Pooling(3, 2),
        Dense(4096),
        Dense(4096),
        Dense(1000),
    ]


def vgg(convolutions: tuple[int, ...]) -> list[Layer]:
    layers: list[Layer] = []
    for count, filters in zip(convolutions, (64, 128, 256, 512, 512), strict=True):
        layers += [Convolution(filters, 3, padding="same")] * count + [Pooling(2)]
    return [*layers, Dense(4096), Dense(4096), Dense(1000)]


@pytest.mark.parametrize(
    ("layers", "input_shape", "parameters", "macs"),
    [
        (lenet5(), (32, 32, 1), 61_706, 416_520),
        (alexnet(2), (227, 227, 3), 60_965_224, 724_406_816),
        (alexnet(1), (227, 227, 3), 62_378_344, 1_135_256_096),
        (vgg((2, 2, 3, 3, 3)), (224, 224, 3), 138_357_544, 15_470_264_320),
        (vgg((2, 2, 4, 4, 4)), (224, 224, 3), 143_667_240, 19_632_062_464),
    ],
    ids=["LeNet-5", "AlexNet in two groups", "AlexNet in one", "VGG-16", "VGG-19"],
)
def test_published_counts(
    layers: list[Layer], input_shape: tuple, parameters: int, macs: int
) -> None:
    rows = layer_table(layers, input_shape)
    assert sum(row.parameters for row in rows) == parameters
    assert sum(row.macs for row in rows) == macs


@pytest.mark.parametrize(
    ("layers", "input_shape", "size"),
    [
        (lenet5()[:4], (32, 32, 1), 16),
        (alexnet(2)[:8], (227, 227, 3), 195),
        (vgg((2, 2, 3, 3, 3))[:-3], (224, 224, 3), 212),
        (vgg((2, 2, 3, 3, 3))[:-4], (224, 224, 3), 196),
        ([Convolution(1, 3)] * 3, (9, 9, 1), 7),
    ],
    ids=["LeNet S4", "AlexNet pool5", "VGG-16 pool5", "VGG-16 conv5_3", "3 x 3x3"],
)
def test_published_receptive_fields(
    layers: list[Layer], input_shape: tuple, size: int
) -> None:
    assert receptive_field(layers, input_shape).size == (size, size)


windows = st.builds(
    Convolution,
    filters=st.just(1),
    kernel_size=st.integers(1, 4),
    strides=st.integers(1, 3),
    padding=st.sampled_from(["valid", "same", 1]),
    dilation_rate=st.integers(1, 3),
)
pools = st.builds(
    Pooling,
    pool_size=st.integers(1, 3),
    strides=st.sampled_from([None, 1, 2]),
    padding=st.sampled_from(["valid", "same"]),
)


@settings(deadline=None, derandomize=True)
@given(st.lists(windows | pools, min_size=1, max_size=4))
def test_receptive_field_by_walking_back(layers: list[Layer]) -> None:
    """Follows which input pixels one unit far from the border depends on."""
    length = 400
    field = receptive_field(layers, (length, 1))
    sizes = [length, *(row.output_shape[0] for row in layer_table(layers, (length, 1)))]

    def seen(unit: int) -> set[int]:
        pixels = {unit}
        for layer, n in zip(reversed(layers), reversed(sizes[:-1]), strict=True):
            k = getattr(layer, "kernel_size", None) or layer.pool_size
            s = layer.strides or layer.pool_size
            d = getattr(layer, "dilation_rate", 1)
            before = {"valid": 0, 1: 1}.get(layer.padding)
            if before is None:
                before = max((-(-n // s) - 1) * s + d * (k - 1) + 1 - n, 0) // 2
            pixels = {p * s - before + i * d for p in pixels for i in range(k)}
        return pixels

    unit = sizes[-1] // 2
    here, after = seen(unit), seen(unit + 1)
    assert field.size == (max(here) - min(here) + 1,)
    assert field.jump == (min(after) - min(here),)
    centre = (max(here) + min(here)) / 2
    assert field.start[0] + unit * field.jump[0] == centre


def test_counts_are_those_of_keras(tf: Any) -> None:
    layers: list[Layer] = [
        Convolution(8, (3, 2), (2, 1), "same", groups=2, use_bias=False),
        Pooling((2, 3), padding="same"),
        Convolution(5, 3, dilation_rate=2),
        Dense(7, use_bias=False),
    ]
    keras = tf.keras.layers
    model = tf.keras.Sequential([
        keras.Input((20, 25, 4)),
        keras.Conv2D(8, (3, 2), (2, 1), "same", groups=2, use_bias=False),
        keras.MaxPooling2D((2, 3), padding="same"),
        keras.Conv2D(5, 3, dilation_rate=2),
        keras.Flatten(),
        keras.Dense(7, use_bias=False),
    ])  # fmt: skip
    rows = layer_table(layers, (20, 25, 4))
    built = [layer for layer in model.layers if not isinstance(layer, keras.Flatten)]
    for row, layer in zip(rows, built, strict=True):
        assert row.parameters == layer.count_params()
        assert row.output_shape == tuple(layer.output.shape[1:])


def test_dense_layers_see_everything() -> None:
    rows = layer_table([Dense(3), Dense(2)], (10,))
    assert [row.receptive_field for row in rows] == [None, None]
    assert [row.parameters for row in rows] == [33, 8]
    assert [row.macs for row in rows] == [30, 6]


@pytest.mark.parametrize(
    ("layers", "input_shape", "message"),
    [
        ([Dense(3), Pooling(2)], (4, 4, 1), r"axes \(\*sizes, C\) for Pooling"),
        ([Convolution(4, 3, groups=3)], (4, 4, 3), "groups to divide.*groups=3"),
        ([Convolution(4, 5)], (4, 4, 3), "no larger than the padded input"),
        ([Dense(0)], (4,), "Expected units"),
        ([Dense(3)], (4, 4, 0), "Expected input_shape"),
    ],
)
def test_layers_that_do_not_fit(layers: list, input_shape: tuple, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        layer_table(layers, input_shape)


@pytest.mark.parametrize("layers", [[], [Convolution(1, 3), Dense(2)]])
def test_no_receptive_field(layers: list) -> None:
    with pytest.raises(ValueError, match="Expected convolution and pooling layers"):
        receptive_field(layers, (8, 8, 1))


def test_mean_of_field_centres_is_centre_of_image_with_same_padding() -> None:
    field = receptive_field([Convolution(1, 3, padding=1)] * 2, (9, 9, 1))
    assert field.start == (0.0, 0.0)
    assert np.array_equal(field.jump, (1, 1))
