"""The tables of lecture 2, row by row."""

import keras
import pytest
from keras import layers

from cnncourse.architectures import outline, summary
from cnncourse.architectures.summary_table import shape_text

# kind, output shape, parameters; "Linear" and the like are what PyTorch calls them
LENET5 = """
Conv2D 28x28x6 156 | ReLU 28x28x6 0 | MaxPooling2D 14x14x6 0
Conv2D 10x10x16 2416 | ReLU 10x10x16 0 | MaxPooling2D 5x5x16 0
Conv2D 1x1x120 48120 | ReLU 1x1x120 0 | Dense 84 10164 | ReLU 84 0 | Dense 10 850
"""
ALEXNET = """
Conv2D 55x55x64 23296 | ReLU 55x55x64 0 | MaxPooling2D 27x27x64 0
Conv2D 27x27x192 307392 | ReLU 27x27x192 0 | MaxPooling2D 13x13x192 0
Conv2D 13x13x384 663936 | ReLU 13x13x384 0 | Conv2D 13x13x256 884992
ReLU 13x13x256 0 | Conv2D 13x13x256 590080 | ReLU 13x13x256 0
MaxPooling2D 6x6x256 0 | Dropout 6x6x256 0 | Dense 4096 37752832 | ReLU 4096 0
Dropout 4096 0 | Dense 4096 16781312 | ReLU 4096 0 | Dense 1000 4097000
"""
VGG16 = """
Conv2D 224x224x64 1792 | ReLU 224x224x64 0 | Conv2D 224x224x64 36928
ReLU 224x224x64 0 | MaxPooling2D 112x112x64 0
Conv2D 112x112x128 73856 | ReLU 112x112x128 0 | Conv2D 112x112x128 147584
ReLU 112x112x128 0 | MaxPooling2D 56x56x128 0
Conv2D 56x56x256 295168 | ReLU 56x56x256 0 | Conv2D 56x56x256 590080
ReLU 56x56x256 0 | Conv2D 56x56x256 590080 | ReLU 56x56x256 0
MaxPooling2D 28x28x256 0
Conv2D 28x28x512 1180160 | ReLU 28x28x512 0 | Conv2D 28x28x512 2359808
ReLU 28x28x512 0 | Conv2D 28x28x512 2359808 | ReLU 28x28x512 0
MaxPooling2D 14x14x512 0
Conv2D 14x14x512 2359808 | ReLU 14x14x512 0 | Conv2D 14x14x512 2359808
ReLU 14x14x512 0 | Conv2D 14x14x512 2359808 | ReLU 14x14x512 0
MaxPooling2D 7x7x512 0
Dense 4096 102764544 | ReLU 4096 0 | Dropout 4096 0 | Dense 4096 16781312
ReLU 4096 0 | Dropout 4096 0 | Dense 1000 4097000
"""


def lecture_rows(table: str) -> list[tuple[str, str, int]]:
    rows = [row.split() for row in table.strip().replace("\n", "|").split("|")]
    return [(kind, shape, int(parameters)) for kind, shape, parameters in rows]


@pytest.mark.parametrize(
    ("name", "table", "count"),
    [
        ("lenet5", LENET5, 11),  # the lecture's 12th is the log-softmax of the logits
        ("alexnet_single_stream", ALEXNET, 20),
        ("vgg16", VGG16, 38),
    ],
)
def test_row_by_row(name: str, table: str, count: int) -> None:
    expected = lecture_rows(table)
    found = [
        (row.kind, shape_text(row.output_shape).replace(" ", ""), row.parameters)
        for row in summary(outline(name)).rows
    ]
    assert found == expected and len(expected) == count


@pytest.mark.parametrize(
    ("name", "memory"),
    [
        (
            "lenet5",
            "input 0.00, forward/backward pass 0.11, parameters 0.24, total 0.35",
        ),
        (
            "alexnet_single_stream",
            "input 0.57, forward/backward pass 8.31, parameters 233.08, total 241.96",
        ),
        (
            "vgg16",
            "input 0.57, forward/backward pass 218.59, parameters 527.79, total 746.96",
        ),
        (
            "resnet50",
            "input 0.57, forward/backward pass 286.56, parameters 97.49, total 384.62",
        ),
    ],
)
def test_memory_of_the_lecture(name: str, memory: str) -> None:
    assert str(summary(outline(name))).endswith(f"Memory in MB: {memory}")


# input shape -> connections by layer: LeCun et al. 1998, section II.B
CONNECTIONS = {"c1_conv": 122_304, "c3_conv": 151_600, "c5_conv": 48_120, "f6": 10_164}


@pytest.mark.parametrize("layer", CONNECTIONS)
def test_connections_of_lenet5(layer: str) -> None:
    row = {row.name: row for row in summary(outline("lenet5_original")).rows}[layer]
    units = 1
    for size in row.output_shape[1:]:
        units *= size or 1
    assert row.macs + units == CONNECTIONS[layer]  # a bias is a connection too


def test_parameters_that_are_not_trained() -> None:
    text = str(summary(outline("lenet5_original")))
    assert "Parameters: 60,840 (60,000 trained)" in text


def test_text() -> None:
    inputs = keras.Input((4, 4, 1), name="image")
    x = layers.ZeroPadding2D(1, name="pad")(inputs)
    x = layers.Conv2D(2, 3, name="conv")(x)
    model = keras.Model(inputs, layers.Flatten(name="flatten")(x), name="tiny")
    memory = "input 0.00, forward/backward pass 0.00, parameters 0.00, total 0.00"
    assert str(summary(model)).splitlines() == [
        "tiny",
        "-" * 45,
        "Layer  Type    Output shape  Parameters  MACs",
        "-" * 45,
        "conv   Conv2D  4 x 4 x 2             20   288",
        "-" * 45,
        "Parameters: 20 (all trained)",
        "MACs: 288",
        f"Memory in MB: {memory}",
    ]


def test_unknown_sizes() -> None:
    inputs = keras.Input((None, None, 3))
    model = keras.Model(inputs, layers.Conv2D(2, 3)(inputs))
    with pytest.raises(ValueError, match="whose input sizes are all known"):
        summary(model)
