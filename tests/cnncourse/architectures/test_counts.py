"""Shapes, parameters and multiply-accumulates of layers."""

import keras
import pytest
from keras import layers

from cnncourse.architectures.counts import count_macs, count_parameters, layer_rows
from cnncourse.ops import Convolution, Dense, Pooling, layer_table

# layer, shape of its input, multiply-accumulates counted by hand
RULES = [
    (layers.Dense(5), (7,), 35),
    (layers.Dense(5), (4, 7), 4 * 35),
    (layers.Conv1D(6, 3), (10, 4), 8 * 3 * 4 * 6),
    (layers.Conv2D(6, 3, strides=2), (9, 7, 4), 4 * 3 * 9 * 4 * 6),
    (layers.Conv2D(6, 3, groups=2), (9, 7, 4), 7 * 5 * 9 * 2 * 6),
    (layers.Conv2D(6, 3, dilation_rate=2), (9, 7, 4), 5 * 3 * 9 * 4 * 6),
    (layers.Conv3D(2, 2), (3, 4, 5, 1), 2 * 3 * 4 * 8 * 2),
    (layers.DepthwiseConv2D(3, depth_multiplier=2), (5, 5, 4), 9 * 9 * 4 * 2),
    (layers.SeparableConv2D(6, 3), (5, 5, 4), 9 * (9 * 4 + 4 * 6)),
    (layers.Conv2DTranspose(6, 3, strides=2), (5, 5, 4), 25 * 9 * 4 * 6),
    (layers.Conv3DTranspose(2, 2), (2, 2, 2, 3), 8 * 8 * 3 * 2),
    (layers.LSTM(5), (6, 3), 6 * (3 * 20 + 5 * 20)),
    (layers.TimeDistributed(layers.Dense(4)), (6, 3), 6 * 12),
    (layers.Embedding(9, 4), (6,), 0),
    (layers.MaxPooling2D(2), (4, 4, 3), 0),
    (layers.BatchNormalization(), (4, 4, 3), 0),
]


@pytest.mark.parametrize(
    ("layer", "shape", "macs"), RULES, ids=[layer.name for layer, _, _ in RULES]
)
def test_rule(layer: layers.Layer, shape: tuple[int, ...], macs: int) -> None:
    inputs = keras.Input(shape)
    assert count_macs(keras.Model(inputs, layer(inputs))) == macs


def test_equals_the_layer_table() -> None:
    stack = [Convolution(6, 5, padding=2), Pooling(2), Convolution(8, 3, 2), Dense(10)]
    table = layer_table(stack, (16, 16, 3))
    model = keras.Sequential(
        [
            keras.Input((16, 16, 3)),
            layers.Conv2D(6, 5, padding="same"),
            layers.MaxPooling2D(2),
            layers.Conv2D(8, 3, 2),
            layers.Flatten(),
            layers.Dense(10),
        ]
    )
    rows = [
        row for row in layer_rows(model) if row.kind not in ("InputLayer", "Flatten")
    ]
    found = [(row.output_shape[1:], row.parameters, row.macs) for row in rows]
    assert found == [(row.output_shape, row.parameters, row.macs) for row in table]


def test_a_layer_called_twice_has_its_parameters_once() -> None:
    inputs = keras.Input((8,))
    dense = layers.Dense(8)
    model = keras.Model(inputs, dense(dense(inputs)))
    assert [row.parameters for row in layer_rows(model)] == [0, 72, 0]
    assert count_macs(model) == 128 and count_parameters(model) == 72


def test_calls_of_a_layer_in_another_model_do_not_count() -> None:
    inputs = keras.Input((8,))
    dense = layers.Dense(8)
    model = keras.Model(inputs, dense(inputs))
    dense(dense(inputs))
    assert count_macs(model) == 64


def test_a_model_inside_a_model() -> None:
    inner = keras.Sequential([keras.Input((8,)), layers.Dense(3)])
    inputs = keras.Input((8,))
    model = keras.Model(inputs, layers.Dense(2)(inner(inputs)))
    assert count_macs(model) == 24 + 6


def test_statistics_are_no_parameters_and_frozen_ones_are() -> None:
    inputs = keras.Input((4, 4, 3))
    norm = layers.BatchNormalization()
    model = keras.Model(inputs, norm(inputs))
    assert layer_rows(model)[-1].parameters == 6
    norm.trainable = False
    row = layer_rows(model)[-1]
    assert (row.parameters, row.trained) == (6, 0)
    assert count_parameters(model) == 0
    assert count_parameters(model, trained=False) == 6


def test_unknown_sizes() -> None:
    inputs = keras.Input((None, None, 3))
    model = keras.Model(inputs, layers.Conv2D(2, 3)(inputs))
    with pytest.raises(ValueError, match=r"whose input sizes are all known. Received"):
        count_macs(model)


class Square(layers.Layer):
    def build(self, input_shape: tuple) -> None:
        self.kernel = self.add_weight(shape=(input_shape[-1],) * 2)

    def call(self, x: object) -> object:
        return keras.ops.matmul(x, self.kernel)

    def compute_output_shape(self, input_shape: tuple) -> tuple:
        return input_shape


def test_an_unknown_layer() -> None:
    inputs = keras.Input((3,))
    model = keras.Model(inputs, Square(name="square")(inputs))
    with pytest.raises(ValueError, match=r"count_macs.*Received: square of Square"):
        count_macs(model)


def test_no_graph() -> None:
    model = keras.Sequential([layers.Dense(2)], name="unbuilt")
    with pytest.raises(ValueError, match=r"sequential one that is built.*unbuilt"):
        count_macs(model)
