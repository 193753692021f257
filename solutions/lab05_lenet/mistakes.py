# Wrong answers that students give, each with the tests that it fails and its hint.
# A mistake differs from a right answer in one thing, so most of them look alike. A wrong
# part of LeNet-5 fails the tests of the whole net too, wherever it matters.
# ruff: noqa: E501 (the headers)

# %%
import keras
import numpy as np
from keras import layers

# %% mistake="no_bias_in_dense" exercise="count_by_hand" fails="test_count_by_hand_other_layers"
"""Your dense layer has no biases: each unit has one weight for each input, and one more."""


def count_by_hand(layer):
    if layer["kind"] == "dense":
        parameters = layer["inputs"] * layer["units"]
        return parameters, parameters
    if layer["kind"] == "codes":
        return 0, layer["inputs"] * layer["units"]
    places = layer["size"][0] * layer["size"][1]
    if layer["kind"] == "subsampling":
        per_output = layer["pool_size"] ** 2 + 1
        return 2 * layer["maps"], per_output * layer["maps"] * places
    pairs = sum(len(maps) for maps in layer["table"])
    parameters = pairs * layer["kernel_size"] ** 2 + len(layer["table"])
    return parameters, parameters * places


# %% mistake="no_biases" exercise="count_by_hand" fails="test_count_by_hand_convolutions test_count_by_hand_other_layers"
"""You leave out the biases: one for each map of a convolution, one for each unit of a
dense layer."""


def count_by_hand(layer):
    if layer["kind"] == "dense":
        parameters = layer["inputs"] * layer["units"]
        return parameters, parameters
    if layer["kind"] == "codes":
        return 0, layer["inputs"] * layer["units"]
    places = layer["size"][0] * layer["size"][1]
    if layer["kind"] == "subsampling":
        per_output = layer["pool_size"] ** 2 + 1
        return 2 * layer["maps"], per_output * layer["maps"] * places
    pairs = sum(len(maps) for maps in layer["table"])
    parameters = pairs * layer["kernel_size"] ** 2
    return parameters, parameters * places


# %% mistake="bias_for_each_pair" exercise="count_by_hand" fails="test_count_by_hand_convolutions"
"""You count a bias for each pair of maps. There is a kernel for each pair, but only one
bias for each map that is made."""


def count_by_hand(layer):
    if layer["kind"] == "dense":
        parameters = (layer["inputs"] + 1) * layer["units"]
        return parameters, parameters
    if layer["kind"] == "codes":
        return 0, layer["inputs"] * layer["units"]
    places = layer["size"][0] * layer["size"][1]
    if layer["kind"] == "subsampling":
        per_output = layer["pool_size"] ** 2 + 1
        return 2 * layer["maps"], per_output * layer["maps"] * places
    pairs = sum(len(maps) for maps in layer["table"])
    parameters = pairs * layer["kernel_size"] ** 2 + pairs
    return parameters, parameters * places


# %% mistake="table_ignored" exercise="count_by_hand" fails="test_count_by_hand_convolutions"
"""You connect every map with every map below. Count the maps that the table names."""


def count_by_hand(layer):
    if layer["kind"] == "dense":
        parameters = (layer["inputs"] + 1) * layer["units"]
        return parameters, parameters
    if layer["kind"] == "codes":
        return 0, layer["inputs"] * layer["units"]
    places = layer["size"][0] * layer["size"][1]
    if layer["kind"] == "subsampling":
        per_output = layer["pool_size"] ** 2 + 1
        return 2 * layer["maps"], per_output * layer["maps"] * places
    pairs = len(layer["table"]) * (1 + max(max(maps) for maps in layer["table"]))
    parameters = pairs * layer["kernel_size"] ** 2 + len(layer["table"])
    return parameters, parameters * places


# %% mistake="kernel_not_squared" exercise="count_by_hand" fails="test_count_by_hand_convolutions"
"""A kernel of size 5 has 5 x 5 weights, not 5."""


def count_by_hand(layer):
    if layer["kind"] == "dense":
        parameters = (layer["inputs"] + 1) * layer["units"]
        return parameters, parameters
    if layer["kind"] == "codes":
        return 0, layer["inputs"] * layer["units"]
    places = layer["size"][0] * layer["size"][1]
    if layer["kind"] == "subsampling":
        per_output = layer["pool_size"] ** 2 + 1
        return 2 * layer["maps"], per_output * layer["maps"] * places
    pairs = sum(len(maps) for maps in layer["table"])
    parameters = pairs * layer["kernel_size"] + len(layer["table"])
    return parameters, parameters * places


# %% mistake="connections_without_bias" exercise="count_by_hand" fails="test_count_by_hand_convolutions test_count_by_hand_other_layers"
"""Your parameters are right. But in the paper's count of connections the bias of each
output is one too."""


def count_by_hand(layer):
    if layer["kind"] == "dense":
        parameters = (layer["inputs"] + 1) * layer["units"]
        return parameters, parameters
    if layer["kind"] == "codes":
        return 0, layer["inputs"] * layer["units"]
    places = layer["size"][0] * layer["size"][1]
    if layer["kind"] == "subsampling":
        per_output = layer["pool_size"] ** 2
        return 2 * layer["maps"], per_output * layer["maps"] * places
    pairs = sum(len(maps) for maps in layer["table"])
    parameters = pairs * layer["kernel_size"] ** 2 + len(layer["table"])
    return parameters, (parameters - len(layer["table"])) * places


# %% mistake="connections_once" exercise="count_by_hand" fails="test_count_by_hand_convolutions test_count_by_hand_other_layers"
"""You count connections as if weights were not shared. Each is used again at every
place of the map."""


def count_by_hand(layer):
    if layer["kind"] == "dense":
        parameters = (layer["inputs"] + 1) * layer["units"]
        return parameters, parameters
    if layer["kind"] == "codes":
        return 0, layer["inputs"] * layer["units"]
    places = layer["size"][0] * layer["size"][1]
    if layer["kind"] == "subsampling":
        per_output = layer["pool_size"] ** 2 + 1
        return 2 * layer["maps"], per_output * layer["maps"]
    pairs = sum(len(maps) for maps in layer["table"])
    parameters = pairs * layer["kernel_size"] ** 2 + len(layer["table"])
    return parameters, parameters


# %% mistake="square_maps" exercise="count_by_hand" fails="test_count_by_hand_convolutions test_count_by_hand_other_layers"
"""You take all maps for squares: the size is height and width."""


def count_by_hand(layer):
    if layer["kind"] == "dense":
        parameters = (layer["inputs"] + 1) * layer["units"]
        return parameters, parameters
    if layer["kind"] == "codes":
        return 0, layer["inputs"] * layer["units"]
    places = layer["size"][0] ** 2
    if layer["kind"] == "subsampling":
        per_output = layer["pool_size"] ** 2 + 1
        return 2 * layer["maps"], per_output * layer["maps"] * places
    pairs = sum(len(maps) for maps in layer["table"])
    parameters = pairs * layer["kernel_size"] ** 2 + len(layer["table"])
    return parameters, parameters * places


# %% mistake="weight_for_each_pixel" exercise="count_by_hand" fails="test_count_by_hand_other_layers"
"""Your subsampling has a weight for each pixel of its window. The four share one
coefficient, so a map has two parameters."""


def count_by_hand(layer):
    if layer["kind"] == "dense":
        parameters = (layer["inputs"] + 1) * layer["units"]
        return parameters, parameters
    if layer["kind"] == "codes":
        return 0, layer["inputs"] * layer["units"]
    places = layer["size"][0] * layer["size"][1]
    if layer["kind"] == "subsampling":
        per_output = layer["pool_size"] ** 2 + 1
        return per_output * layer["maps"], per_output * layer["maps"] * places
    pairs = sum(len(maps) for maps in layer["table"])
    parameters = pairs * layer["kernel_size"] ** 2 + len(layer["table"])
    return parameters, parameters * places


# %% mistake="one_for_all_maps" exercise="count_by_hand" fails="test_count_by_hand_other_layers"
"""Your subsampling has one coefficient and one bias for all maps: each map has its own."""


def count_by_hand(layer):
    if layer["kind"] == "dense":
        parameters = (layer["inputs"] + 1) * layer["units"]
        return parameters, parameters
    if layer["kind"] == "codes":
        return 0, layer["inputs"] * layer["units"]
    places = layer["size"][0] * layer["size"][1]
    if layer["kind"] == "subsampling":
        per_output = layer["pool_size"] ** 2 + 1
        return 2, per_output * layer["maps"] * places
    pairs = sum(len(maps) for maps in layer["table"])
    parameters = pairs * layer["kernel_size"] ** 2 + len(layer["table"])
    return parameters, parameters * places


# %% mistake="codes_trained" exercise="count_by_hand" fails="test_count_by_hand_other_layers"
"""The codes of the output layer are fixed: they count as connections, not as trainable
parameters."""


def count_by_hand(layer):
    if layer["kind"] == "dense":
        parameters = (layer["inputs"] + 1) * layer["units"]
        return parameters, parameters
    if layer["kind"] == "codes":
        return layer["inputs"] * layer["units"], layer["inputs"] * layer["units"]
    places = layer["size"][0] * layer["size"][1]
    if layer["kind"] == "subsampling":
        per_output = layer["pool_size"] ** 2 + 1
        return 2 * layer["maps"], per_output * layer["maps"] * places
    pairs = sum(len(maps) for maps in layer["table"])
    parameters = pairs * layer["kernel_size"] ** 2 + len(layer["table"])
    return parameters, parameters * places


# %% mistake="codes_with_bias" exercise="count_by_hand" fails="test_count_by_hand_other_layers"
"""The output layer measures distances and has no biases."""


def count_by_hand(layer):
    if layer["kind"] == "dense":
        parameters = (layer["inputs"] + 1) * layer["units"]
        return parameters, parameters
    if layer["kind"] == "codes":
        return 0, (layer["inputs"] + 1) * layer["units"]
    places = layer["size"][0] * layer["size"][1]
    if layer["kind"] == "subsampling":
        per_output = layer["pool_size"] ** 2 + 1
        return 2 * layer["maps"], per_output * layer["maps"] * places
    pairs = sum(len(maps) for maps in layer["table"])
    parameters = pairs * layer["kernel_size"] ** 2 + len(layer["table"])
    return parameters, parameters * places


# %% mistake="swapped" exercise="count_by_hand" fails="test_count_by_hand_convolutions test_count_by_hand_other_layers"
"""You return the connections first. The parameters come first."""


def count_by_hand(layer):
    if layer["kind"] == "dense":
        parameters = (layer["inputs"] + 1) * layer["units"]
        return parameters, parameters
    if layer["kind"] == "codes":
        return layer["inputs"] * layer["units"], 0
    places = layer["size"][0] * layer["size"][1]
    if layer["kind"] == "subsampling":
        per_output = layer["pool_size"] ** 2 + 1
        return per_output * layer["maps"] * places, 2 * layer["maps"]
    pairs = sum(len(maps) for maps in layer["table"])
    parameters = pairs * layer["kernel_size"] ** 2 + len(layer["table"])
    return parameters * places, parameters


# %% mistake="lists" exercise="count_by_hand" fails="test_count_by_hand_convolutions test_count_by_hand_other_layers"
"""You return a list. The task asks for a tuple of two ints."""


def count_by_hand(layer):
    if layer["kind"] == "dense":
        parameters = (layer["inputs"] + 1) * layer["units"]
        return [parameters, parameters]
    if layer["kind"] == "codes":
        return [0, layer["inputs"] * layer["units"]]
    places = layer["size"][0] * layer["size"][1]
    if layer["kind"] == "subsampling":
        per_output = layer["pool_size"] ** 2 + 1
        return [2 * layer["maps"], per_output * layer["maps"] * places]
    pairs = sum(len(maps) for maps in layer["table"])
    parameters = pairs * layer["kernel_size"] ** 2 + len(layer["table"])
    return [parameters, parameters * places]


# %% mistake="maximum" exercise="subsampling" fails="test_subsampling_values test_lenet5_original_function"
"""You take the maximum of each window. LeNet-5 takes the mean."""


def subsampling(x):
    x = layers.MaxPooling2D(2)(x)
    return layers.DepthwiseConv2D(1, depthwise_initializer="ones")(x)


# %% mistake="nothing_learnt" exercise="subsampling" fails="test_subsampling_parameters test_subsampling_values test_lenet5_original_parameters test_lenet5_original_function"
"""Your layer takes means and learns nothing. Each map has a coefficient and a bias."""


def subsampling(x):
    return layers.AveragePooling2D(2)(x)


# %% mistake="weight_for_each_pixel" exercise="subsampling" fails="test_subsampling_parameters test_subsampling_values test_lenet5_original_parameters test_lenet5_original_function"
"""Your windows have a weight for each of their four pixels. The four share one
coefficient: take the mean first, then multiply."""


def subsampling(x):
    return layers.DepthwiseConv2D(2, strides=2, depthwise_initializer="ones")(x)


# %% mistake="maps_mixed" exercise="subsampling" fails="test_subsampling_parameters test_subsampling_values test_lenet5_original_parameters test_lenet5_original_function"
"""Your 1 x 1 convolution mixes the maps. Each map has one coefficient of its own: there
is a convolution that goes through each map by itself."""


def subsampling(x):
    x = layers.AveragePooling2D(2)(x)
    return layers.Conv2D(x.shape[-1], 1)(x)


# %% mistake="no_bias" exercise="subsampling" fails="test_subsampling_parameters test_subsampling_values test_lenet5_original_parameters test_lenet5_original_function"
"""You have coefficients but no biases."""


def subsampling(x):
    x = layers.AveragePooling2D(2)(x)
    return layers.DepthwiseConv2D(1, depthwise_initializer="ones", use_bias=False)(x)


# %% mistake="starts_at_random" exercise="subsampling" fails="test_subsampling_values"
"""Your coefficients start at random. They are 1 at first: choose the initializer."""


def subsampling(x):
    x = layers.AveragePooling2D(2)(x)
    return layers.DepthwiseConv2D(1)(x)


# %% mistake="sum" exercise="subsampling" fails="test_subsampling_values"
"""Your coefficient starts at 4, so the layer adds the four pixels. We take their mean:
it starts at 1."""


def subsampling(x):
    x = layers.AveragePooling2D(2)(x)
    return layers.DepthwiseConv2D(
        1, depthwise_initializer=keras.initializers.Constant(4.0)
    )(x)


# %% mistake="overlapping" exercise="subsampling" fails="test_subsampling_parameters test_subsampling_values test_lenet5_original_parameters test_lenet5_original_function"
"""Your windows overlap: they move on by 2, as they are 2 wide."""


def subsampling(x):
    x = layers.AveragePooling2D(2, strides=1)(x)
    return layers.DepthwiseConv2D(1, depthwise_initializer="ones")(x)


# %% mistake="padded" exercise="subsampling" fails="test_subsampling_parameters"
"""A last row without partner is left out. Yours is padded."""


def subsampling(x):
    x = layers.AveragePooling2D(2, padding="same")(x)
    return layers.DepthwiseConv2D(1, depthwise_initializer="ones")(x)


# %% mistake="batch_normalization" exercise="subsampling" fails="test_subsampling_parameters test_subsampling_values test_lenet5_original_parameters test_lenet5_original_function"
"""Batch normalisation has a factor and a shift as well, but it also measures the batch
and subtracts its mean. Here nothing is measured."""


def subsampling(x):
    x = layers.AveragePooling2D(2)(x)
    return layers.BatchNormalization()(x)


# %% mistake="with_relu" exercise="subsampling" fails="test_subsampling_values test_lenet5_original_function"
"""You put a ReLU into the layer, which cuts off what is negative. The squashing
function comes later, and is another one."""


def subsampling(x):
    x = layers.AveragePooling2D(2)(x)
    return layers.DepthwiseConv2D(1, depthwise_initializer="ones", activation="relu")(x)


# %% mistake="counted_from_one" exercise="c3_table" fails="test_c3_table test_lenet5_original_function"
"""You count maps from 1. Here they are numbered from 0, as Python does."""


C3_TABLE = [[(first + step) % 6 for step in range(3)] for first in range(6)]
C3_TABLE += [[(first + step) % 6 for step in range(4)] for first in range(6)]
C3_TABLE += [[(first + step) % 6 for step in (0, 1, 3, 4)] for first in range(3)]
C3_TABLE += [list(range(6))]
C3_TABLE = [[m + 1 for m in maps] for maps in C3_TABLE]


# %% mistake="not_around_the_corner" exercise="c3_table" fails="test_c3_table test_lenet5_original_parameters test_lenet5_original_function"
"""Your neighbours end at map 5. After 5 comes 0 again, so every map of the first group
sees three."""


C3_TABLE = [[m for m in range(first, first + 3) if m < 6] for first in range(6)]
C3_TABLE += [[m for m in range(first, first + 4) if m < 6] for first in range(6)]
C3_TABLE += [[(first + step) % 6 for step in (0, 1, 3, 4)] for first in range(3)]
C3_TABLE += [list(range(6))]


# %% mistake="stopped_at_the_corner" exercise="c3_table" fails="test_c3_table test_lenet5_original_function"
"""Near map 5 you shift the neighbours back instead of going around the corner: after 5
comes 0."""


C3_TABLE = [[min(first, 3) + step for step in range(3)] for first in range(6)]
C3_TABLE += [[min(first, 2) + step for step in range(4)] for first in range(6)]
C3_TABLE += [[(first + step) % 6 for step in (0, 1, 3, 4)] for first in range(3)]
C3_TABLE += [list(range(6))]


# %% mistake="pairs_two_further" exercise="c3_table" fails="test_c3_table test_lenet5_original_function"
"""The third group moves by one map from row to row. Yours moves by two."""


C3_TABLE = [[(first + step) % 6 for step in range(3)] for first in range(6)]
C3_TABLE += [[(first + step) % 6 for step in range(4)] for first in range(6)]
C3_TABLE += [[(first + step) % 6 for step in (0, 1, 3, 4)] for first in (0, 2, 4)]
C3_TABLE += [list(range(6))]


# %% mistake="pairs_fixed" exercise="c3_table" fails="test_c3_table test_lenet5_original_function"
"""All three maps of the third group see the same in your table: 13 is one further than
12, and 14 two."""


C3_TABLE = [[(first + step) % 6 for step in range(3)] for first in range(6)]
C3_TABLE += [[(first + step) % 6 for step in range(4)] for first in range(6)]
C3_TABLE += [[0, 1, 3, 4] for first in range(3)]
C3_TABLE += [list(range(6))]


# %% mistake="four_begin_at_one" exercise="c3_table" fails="test_c3_table test_lenet5_original_function"
"""Your second group begins one map too far: map 6 sees 0, 1, 2, 3."""


C3_TABLE = [[(first + step) % 6 for step in range(3)] for first in range(6)]
C3_TABLE += [[(first + step) % 6 for step in range(1, 5)] for first in range(6)]
C3_TABLE += [[(first + step) % 6 for step in (0, 1, 3, 4)] for first in range(3)]
C3_TABLE += [list(range(6))]


# %% mistake="last_missing" exercise="c3_table" fails="test_c3_table test_lenet5_original_parameters test_lenet5_original_function"
"""The last map, the one that sees all, is missing."""


C3_TABLE = [[(first + step) % 6 for step in range(3)] for first in range(6)]
C3_TABLE += [[(first + step) % 6 for step in range(4)] for first in range(6)]
C3_TABLE += [[(first + step) % 6 for step in (0, 1, 3, 4)] for first in range(3)]


# %% mistake="full" exercise="c3_table" fails="test_c3_table test_lenet5_original_parameters test_lenet5_original_function"
"""In your table everybody sees all. That is today's LeNet-5; the one of 1998 has 60
connections, not 96."""


C3_TABLE = [list(range(6)) for _ in range(16)]


# %% mistake="transposed" exercise="c3_table" fails="test_c3_table test_lenet5_original_parameters test_lenet5_original_function"
"""Your table has a row for each map of S2. It has one for each map of C3."""


C3_TABLE = [[(first + step) % 6 for step in range(3)] for first in range(6)]
C3_TABLE += [[(first + step) % 6 for step in range(4)] for first in range(6)]
C3_TABLE += [[(first + step) % 6 for step in (0, 1, 3, 4)] for first in range(3)]
C3_TABLE += [list(range(6))]
C3_TABLE = [[n for n in range(16) if m in C3_TABLE[n]] for m in range(6)]


# %% mistake="zeros_and_ones" exercise="c3_table" fails="test_c3_table test_lenet5_original_parameters test_lenet5_original_function"
"""You wrote the table as a matrix of zeros and ones. Asked for are the numbers of the
maps."""


C3_TABLE = [[(first + step) % 6 for step in range(3)] for first in range(6)]
C3_TABLE += [[(first + step) % 6 for step in range(4)] for first in range(6)]
C3_TABLE += [[(first + step) % 6 for step in (0, 1, 3, 4)] for first in range(3)]
C3_TABLE += [list(range(6))]
C3_TABLE = [[int(m in maps) for m in range(6)] for maps in C3_TABLE]


# %% mistake="table_ignored" exercise="partial_convolution" fails="test_partial_convolution_parameters test_partial_convolution_who_sees_whom test_lenet5_original_parameters test_lenet5_original_function"
"""Every map of yours sees all maps: the table is not used, only its length."""


def partial_convolution(x, table, kernel_size):
    return layers.Conv2D(len(table), kernel_size)(x)


# %% mistake="padded" exercise="partial_convolution" fails="test_partial_convolution_parameters test_partial_convolution_who_sees_whom test_lenet5_original_parameters test_lenet5_original_function"
"""Your convolutions keep the size. Without padding they lose `kernel_size - 1` rows and
columns."""


def partial_convolution(x, table, kernel_size):
    made = [
        layers.Conv2D(1, kernel_size, padding="same")(PickMaps(maps)(x))
        for maps in table
    ]
    return layers.Concatenate()(made)


# %% mistake="with_relu" exercise="partial_convolution" fails="test_partial_convolution_who_sees_whom test_lenet5_original_function"
"""There is a ReLU in your convolutions. The activation comes later."""


def partial_convolution(x, table, kernel_size):
    made = [
        layers.Conv2D(1, kernel_size, activation="relu")(PickMaps(maps)(x))
        for maps in table
    ]
    return layers.Concatenate()(made)


# %% mistake="no_bias" exercise="partial_convolution" fails="test_partial_convolution_parameters test_partial_convolution_who_sees_whom test_lenet5_original_parameters test_lenet5_original_function"
"""Your maps have no biases: each map that is made has one."""


def partial_convolution(x, table, kernel_size):
    made = [
        layers.Conv2D(1, kernel_size, use_bias=False)(PickMaps(maps)(x))
        for maps in table
    ]
    return layers.Concatenate()(made)


# %% mistake="added" exercise="partial_convolution" fails="test_partial_convolution_parameters test_partial_convolution_who_sees_whom test_lenet5_original_parameters test_lenet5_original_function"
"""You add the maps up to one. They belong beside one another: concatenate."""


def partial_convolution(x, table, kernel_size):
    made = [layers.Conv2D(1, kernel_size)(PickMaps(maps)(x)) for maps in table]
    return layers.Add()(made)


# %% mistake="beside_in_the_picture" exercise="partial_convolution" fails="test_partial_convolution_parameters test_partial_convolution_who_sees_whom test_lenet5_original_parameters test_lenet5_original_function"
"""You lay the maps one below the other in one large picture. The axis of the channels
is the last."""


def partial_convolution(x, table, kernel_size):
    made = [layers.Conv2D(1, kernel_size)(PickMaps(maps)(x)) for maps in table]
    return layers.Concatenate(axis=1)(made)


# %% mistake="from_first_to_last" exercise="partial_convolution" fails="test_partial_convolution_parameters test_partial_convolution_who_sees_whom test_lenet5_original_parameters test_lenet5_original_function"
"""You take all maps from the first named to the last. Not all rows of the table are
neighbours in order."""


def partial_convolution(x, table, kernel_size):
    made = [
        layers.Conv2D(1, kernel_size)(x[..., min(maps) : max(maps) + 1])
        for maps in table
    ]
    return layers.Concatenate()(made)


# %% mistake="counted_from_one" exercise="partial_convolution" fails="test_partial_convolution_who_sees_whom test_lenet5_original_function"
"""You take the numbers of the table as if they began at 1: they begin at 0."""


def partial_convolution(x, table, kernel_size):
    made = [
        layers.Conv2D(1, kernel_size)(PickMaps([m - 1 for m in maps])(x))
        for maps in table
    ]
    return layers.Concatenate()(made)


# %% mistake="reversed" exercise="partial_convolution" fails="test_partial_convolution_who_sees_whom test_lenet5_original_function"
"""Your maps stand in the wrong order: the first row of the table makes the first map."""


def partial_convolution(x, table, kernel_size):
    made = [layers.Conv2D(1, kernel_size)(PickMaps(maps)(x)) for maps in table]
    return layers.Concatenate()(made[::-1])


# %% mistake="always_five" exercise="partial_convolution" fails="test_partial_convolution_parameters test_partial_convolution_who_sees_whom"
"""Your kernels are always 5 x 5: use `kernel_size`."""


def partial_convolution(x, table, kernel_size):
    made = [layers.Conv2D(1, 5)(PickMaps(maps)(x)) for maps in table]
    return layers.Concatenate()(made)


# %% mistake="filter_for_each_map_seen" exercise="partial_convolution" fails="test_partial_convolution_parameters test_partial_convolution_who_sees_whom test_lenet5_original_parameters test_lenet5_original_function"
"""You make as many maps as each row sees. Each row of the table makes one map."""


def partial_convolution(x, table, kernel_size):
    made = [layers.Conv2D(len(maps), kernel_size)(PickMaps(maps)(x)) for maps in table]
    return layers.Concatenate()(made)


# %% mistake="dense_output" exercise="lenet5_original" fails="test_lenet5_original_parameters test_lenet5_original_function"
"""Your output is a dense layer that learns. In 1998 it measured the distance to fixed
codes: `Codes`."""


def lenet5_original():
    inputs = keras.Input((32, 32, 1))
    x = ScaledTanh()(layers.Conv2D(6, 5)(inputs))
    x = ScaledTanh()(subsampling(x))
    x = ScaledTanh()(partial_convolution(x, C3_TABLE, 5))
    x = ScaledTanh()(subsampling(x))
    x = ScaledTanh()(layers.Conv2D(120, 5)(x))
    x = ScaledTanh()(layers.Dense(84)(layers.Flatten()(x)))
    return keras.Model(inputs, layers.Dense(10)(x))


# %% mistake="relu" exercise="lenet5_original" fails="test_lenet5_original_function"
"""You use ReLU. LeNet-5 squashes by `ScaledTanh`."""


def lenet5_original():
    inputs = keras.Input((32, 32, 1))
    x = layers.ReLU()(layers.Conv2D(6, 5)(inputs))
    x = layers.ReLU()(subsampling(x))
    x = layers.ReLU()(partial_convolution(x, C3_TABLE, 5))
    x = layers.ReLU()(subsampling(x))
    x = layers.ReLU()(layers.Conv2D(120, 5)(x))
    x = layers.ReLU()(layers.Dense(84)(layers.Flatten()(x)))
    return keras.Model(inputs, Codes()(x))


# %% mistake="plain_tanh" exercise="lenet5_original" fails="test_lenet5_original_function"
"""You use tanh as it is. The squashing function is 1.7159 tanh(2x/3): `ScaledTanh`."""


def lenet5_original():
    inputs = keras.Input((32, 32, 1))
    x = layers.Activation("tanh")(layers.Conv2D(6, 5)(inputs))
    x = layers.Activation("tanh")(subsampling(x))
    x = layers.Activation("tanh")(partial_convolution(x, C3_TABLE, 5))
    x = layers.Activation("tanh")(subsampling(x))
    x = layers.Activation("tanh")(layers.Conv2D(120, 5)(x))
    x = layers.Activation("tanh")(layers.Dense(84)(layers.Flatten()(x)))
    return keras.Model(inputs, Codes()(x))


# %% mistake="subsampling_not_squashed" exercise="lenet5_original" fails="test_lenet5_original_function"
"""S2 and S4 have a squashing function too."""


def lenet5_original():
    inputs = keras.Input((32, 32, 1))
    x = ScaledTanh()(layers.Conv2D(6, 5)(inputs))
    x = subsampling(x)
    x = ScaledTanh()(partial_convolution(x, C3_TABLE, 5))
    x = subsampling(x)
    x = ScaledTanh()(layers.Conv2D(120, 5)(x))
    x = ScaledTanh()(layers.Dense(84)(layers.Flatten()(x)))
    return keras.Model(inputs, Codes()(x))


# %% mistake="f6_not_squashed" exercise="lenet5_original" fails="test_lenet5_original_function"
"""F6 is not squashed, so it cannot be compared with codes of 1 and -1."""


def lenet5_original():
    inputs = keras.Input((32, 32, 1))
    x = ScaledTanh()(layers.Conv2D(6, 5)(inputs))
    x = ScaledTanh()(subsampling(x))
    x = ScaledTanh()(partial_convolution(x, C3_TABLE, 5))
    x = ScaledTanh()(subsampling(x))
    x = ScaledTanh()(layers.Conv2D(120, 5)(x))
    x = layers.Dense(84)(layers.Flatten()(x))
    return keras.Model(inputs, Codes()(x))


# %% mistake="convolutions_not_squashed" exercise="lenet5_original" fails="test_lenet5_original_function"
"""Your convolutions have no squashing function: it follows C1, C3 and C5 as well."""


def lenet5_original():
    inputs = keras.Input((32, 32, 1))
    x = layers.Conv2D(6, 5)(inputs)
    x = ScaledTanh()(subsampling(x))
    x = partial_convolution(x, C3_TABLE, 5)
    x = ScaledTanh()(subsampling(x))
    x = layers.Conv2D(120, 5)(x)
    x = ScaledTanh()(layers.Dense(84)(layers.Flatten()(x)))
    return keras.Model(inputs, Codes()(x))


# %% mistake="full_c3" exercise="lenet5_original" fails="test_lenet5_original_parameters test_lenet5_original_function"
"""Your C3 sees everything: 900 weights too many. Use the table."""


def lenet5_original():
    inputs = keras.Input((32, 32, 1))
    x = ScaledTanh()(layers.Conv2D(6, 5)(inputs))
    x = ScaledTanh()(subsampling(x))
    x = ScaledTanh()(layers.Conv2D(16, 5)(x))
    x = ScaledTanh()(subsampling(x))
    x = ScaledTanh()(layers.Conv2D(120, 5)(x))
    x = ScaledTanh()(layers.Dense(84)(layers.Flatten()(x)))
    return keras.Model(inputs, Codes()(x))


# %% mistake="c1_padded" exercise="lenet5_original" fails="test_lenet5_original_parameters test_lenet5_original_function"
"""C1 is padded, so its maps have 32 x 32 and all that follows is too large. The picture
has its border already."""


def lenet5_original():
    inputs = keras.Input((32, 32, 1))
    x = ScaledTanh()(layers.Conv2D(6, 5, padding="same")(inputs))
    x = ScaledTanh()(subsampling(x))
    x = ScaledTanh()(partial_convolution(x, C3_TABLE, 5))
    x = ScaledTanh()(subsampling(x))
    x = ScaledTanh()(layers.Conv2D(120, 5)(x))
    x = ScaledTanh()(layers.Dense(84)(layers.Flatten()(x)))
    return keras.Model(inputs, Codes()(x))


# %% mistake="plain_pooling" exercise="lenet5_original" fails="test_lenet5_original_parameters test_lenet5_original_function"
"""Your pooling learns nothing: 44 parameters are missing. Use `subsampling`."""


def lenet5_original():
    inputs = keras.Input((32, 32, 1))
    x = ScaledTanh()(layers.Conv2D(6, 5)(inputs))
    x = ScaledTanh()(layers.AveragePooling2D(2)(x))
    x = ScaledTanh()(partial_convolution(x, C3_TABLE, 5))
    x = ScaledTanh()(layers.AveragePooling2D(2)(x))
    x = ScaledTanh()(layers.Conv2D(120, 5)(x))
    x = ScaledTanh()(layers.Dense(84)(layers.Flatten()(x)))
    return keras.Model(inputs, Codes()(x))


# %% mistake="not_flattened" exercise="lenet5_original" fails="test_lenet5_original_parameters test_lenet5_original_function"
"""C5 has maps of 1 x 1, which you did not flatten: the output has two axes too many."""


def lenet5_original():
    inputs = keras.Input((32, 32, 1))
    x = ScaledTanh()(layers.Conv2D(6, 5)(inputs))
    x = ScaledTanh()(subsampling(x))
    x = ScaledTanh()(partial_convolution(x, C3_TABLE, 5))
    x = ScaledTanh()(subsampling(x))
    x = ScaledTanh()(layers.Conv2D(120, 5)(x))
    x = ScaledTanh()(layers.Dense(84)(x))
    return keras.Model(inputs, Codes()(x))


# %% mistake="softmax" exercise="lenet5_original" fails="test_lenet5_original_function"
"""You put a softmax behind the codes. Asked for are minus the distances; the loss does
the rest."""


def lenet5_original():
    inputs = keras.Input((32, 32, 1))
    x = ScaledTanh()(layers.Conv2D(6, 5)(inputs))
    x = ScaledTanh()(subsampling(x))
    x = ScaledTanh()(partial_convolution(x, C3_TABLE, 5))
    x = ScaledTanh()(subsampling(x))
    x = ScaledTanh()(layers.Conv2D(120, 5)(x))
    x = ScaledTanh()(layers.Dense(84)(layers.Flatten()(x)))
    return keras.Model(inputs, layers.Softmax()(Codes()(x)))


# %% mistake="distances" exercise="lenet5_original" fails="test_lenet5_original_function"
"""Your outputs are the distances. `Codes` has turned the sign already, so that the
largest output wins."""


def lenet5_original():
    inputs = keras.Input((32, 32, 1))
    x = ScaledTanh()(layers.Conv2D(6, 5)(inputs))
    x = ScaledTanh()(subsampling(x))
    x = ScaledTanh()(partial_convolution(x, C3_TABLE, 5))
    x = ScaledTanh()(subsampling(x))
    x = ScaledTanh()(layers.Conv2D(120, 5)(x))
    x = ScaledTanh()(layers.Dense(84)(layers.Flatten()(x)))
    return keras.Model(inputs, -Codes()(x))


# %% mistake="small_input" exercise="lenet5_original" fails="test_lenet5_original_parameters test_lenet5_original_function"
"""Your input has 28 x 28 pixels. It is 32 x 32; with 28 the maps of C5 would be empty
without padding."""


def lenet5_original():
    inputs = keras.Input((28, 28, 1))
    x = ScaledTanh()(layers.Conv2D(6, 5, padding="same")(inputs))
    x = ScaledTanh()(subsampling(x))
    x = ScaledTanh()(partial_convolution(x, C3_TABLE, 5))
    x = ScaledTanh()(subsampling(x))
    x = ScaledTanh()(layers.Conv2D(120, 5)(x))
    x = ScaledTanh()(layers.Dense(84)(layers.Flatten()(x)))
    return keras.Model(inputs, Codes()(x))


# %% mistake="softmax" exercise="lenet5" fails="test_lenet5_plain test_lenet5_batch_normalization"
"""Your model ends with a softmax. Together with `from_logits=True` in the loss it is
taken twice, and the net learns slowly. Logits are what comes before."""


def lenet5(dropout=0.0, batch_normalization=False):
    model = keras.Sequential([keras.Input((32, 32, 1))])
    for filters in (6, 16, 120):
        model.add(layers.Conv2D(filters, 5, use_bias=not batch_normalization))
        if batch_normalization:
            model.add(layers.BatchNormalization(momentum=0.9))
        model.add(layers.ReLU())
        if filters < 120:
            model.add(layers.MaxPooling2D(2))
    model.add(layers.Flatten())
    model.add(layers.Dropout(dropout))
    model.add(layers.Dense(84, activation="relu"))
    model.add(layers.Dropout(dropout))
    model.add(layers.Dense(10, activation="softmax"))
    return model


# %% mistake="c1_padded" exercise="lenet5" fails="test_lenet5_plain test_lenet5_dropout test_lenet5_batch_normalization"
"""C1 is padded: its maps are 28 x 28, not 32 x 32. The border of 2 pixels is in the
picture already."""


def lenet5(dropout=0.0, batch_normalization=False):
    model = keras.Sequential([keras.Input((32, 32, 1))])
    for filters in (6, 16, 120):
        model.add(
            layers.Conv2D(
                filters,
                5,
                padding="same" if filters == 6 else "valid",
                use_bias=not batch_normalization,
            )
        )
        if batch_normalization:
            model.add(layers.BatchNormalization(momentum=0.9))
        model.add(layers.ReLU())
        if filters < 120:
            model.add(layers.MaxPooling2D(2))
    model.add(layers.Flatten())
    model.add(layers.Dropout(dropout))
    model.add(layers.Dense(84, activation="relu"))
    model.add(layers.Dropout(dropout))
    model.add(layers.Dense(10))
    return model


# %% mistake="average_pooling" exercise="lenet5" fails="test_lenet5_plain test_lenet5_batch_normalization"
"""You take means. LeNet-5 as it is taught takes the maximum."""


def lenet5(dropout=0.0, batch_normalization=False):
    model = keras.Sequential([keras.Input((32, 32, 1))])
    for filters in (6, 16, 120):
        model.add(layers.Conv2D(filters, 5, use_bias=not batch_normalization))
        if batch_normalization:
            model.add(layers.BatchNormalization(momentum=0.9))
        model.add(layers.ReLU())
        if filters < 120:
            model.add(layers.AveragePooling2D(2))
    model.add(layers.Flatten())
    model.add(layers.Dropout(dropout))
    model.add(layers.Dense(84, activation="relu"))
    model.add(layers.Dropout(dropout))
    model.add(layers.Dense(10))
    return model


# %% mistake="tanh" exercise="lenet5" fails="test_lenet5_plain test_lenet5_batch_normalization"
"""You use tanh. Today's LeNet-5 has ReLU."""


def lenet5(dropout=0.0, batch_normalization=False):
    model = keras.Sequential([keras.Input((32, 32, 1))])
    for filters in (6, 16, 120):
        model.add(layers.Conv2D(filters, 5, use_bias=not batch_normalization))
        if batch_normalization:
            model.add(layers.BatchNormalization(momentum=0.9))
        model.add(layers.Activation("tanh"))
        if filters < 120:
            model.add(layers.MaxPooling2D(2))
    model.add(layers.Flatten())
    model.add(layers.Dropout(dropout))
    model.add(layers.Dense(84, activation="tanh"))
    model.add(layers.Dropout(dropout))
    model.add(layers.Dense(10))
    return model


# %% mistake="no_relu_in_convolutions" exercise="lenet5" fails="test_lenet5_plain test_lenet5_batch_normalization"
"""There is no ReLU behind your convolutions: without one, a convolution after another
is just one convolution."""


def lenet5(dropout=0.0, batch_normalization=False):
    model = keras.Sequential([keras.Input((32, 32, 1))])
    for filters in (6, 16, 120):
        model.add(layers.Conv2D(filters, 5, use_bias=not batch_normalization))
        if batch_normalization:
            model.add(layers.BatchNormalization(momentum=0.9))
        if filters < 120:
            model.add(layers.MaxPooling2D(2))
    model.add(layers.Flatten())
    model.add(layers.Dropout(dropout))
    model.add(layers.Dense(84, activation="relu"))
    model.add(layers.Dropout(dropout))
    model.add(layers.Dense(10))
    return model


# %% mistake="no_relu_in_f6" exercise="lenet5" fails="test_lenet5_plain test_lenet5_batch_normalization"
"""F6 has no activation, so F6 and the output together are one linear layer."""


def lenet5(dropout=0.0, batch_normalization=False):
    model = keras.Sequential([keras.Input((32, 32, 1))])
    for filters in (6, 16, 120):
        model.add(layers.Conv2D(filters, 5, use_bias=not batch_normalization))
        if batch_normalization:
            model.add(layers.BatchNormalization(momentum=0.9))
        model.add(layers.ReLU())
        if filters < 120:
            model.add(layers.MaxPooling2D(2))
    model.add(layers.Flatten())
    model.add(layers.Dropout(dropout))
    model.add(layers.Dense(84))
    model.add(layers.Dropout(dropout))
    model.add(layers.Dense(10))
    return model


# %% mistake="relu_on_logits" exercise="lenet5" fails="test_lenet5_plain test_lenet5_batch_normalization"
"""There is a ReLU on your logits. They may be negative."""


def lenet5(dropout=0.0, batch_normalization=False):
    model = keras.Sequential([keras.Input((32, 32, 1))])
    for filters in (6, 16, 120):
        model.add(layers.Conv2D(filters, 5, use_bias=not batch_normalization))
        if batch_normalization:
            model.add(layers.BatchNormalization(momentum=0.9))
        model.add(layers.ReLU())
        if filters < 120:
            model.add(layers.MaxPooling2D(2))
    model.add(layers.Flatten())
    model.add(layers.Dropout(dropout))
    model.add(layers.Dense(84, activation="relu"))
    model.add(layers.Dropout(dropout))
    model.add(layers.Dense(10, activation="relu"))
    return model


# %% mistake="f6_missing" exercise="lenet5" fails="test_lenet5_plain test_lenet5_dropout test_lenet5_batch_normalization"
"""F6, the dense layer with 84 units, is missing."""


def lenet5(dropout=0.0, batch_normalization=False):
    model = keras.Sequential([keras.Input((32, 32, 1))])
    for filters in (6, 16, 120):
        model.add(layers.Conv2D(filters, 5, use_bias=not batch_normalization))
        if batch_normalization:
            model.add(layers.BatchNormalization(momentum=0.9))
        model.add(layers.ReLU())
        if filters < 120:
            model.add(layers.MaxPooling2D(2))
    model.add(layers.Flatten())
    model.add(layers.Dropout(dropout))
    model.add(layers.Dense(10))
    return model


# %% mistake="always_dropout" exercise="lenet5" fails="test_lenet5_dropout"
"""Your model drops units though nobody asked for it: use the argument `dropout`."""


def lenet5(dropout=0.0, batch_normalization=False):
    model = keras.Sequential([keras.Input((32, 32, 1))])
    for filters in (6, 16, 120):
        model.add(layers.Conv2D(filters, 5, use_bias=not batch_normalization))
        if batch_normalization:
            model.add(layers.BatchNormalization(momentum=0.9))
        model.add(layers.ReLU())
        if filters < 120:
            model.add(layers.MaxPooling2D(2))
    model.add(layers.Flatten())
    model.add(layers.Dropout(dropout or 0.5))
    model.add(layers.Dense(84, activation="relu"))
    model.add(layers.Dropout(dropout or 0.5))
    model.add(layers.Dense(10))
    return model


# %% mistake="dropout_ignored" exercise="lenet5" fails="test_lenet5_dropout"
"""Your model has no dropout: the switch does nothing."""


def lenet5(dropout=0.0, batch_normalization=False):
    model = keras.Sequential([keras.Input((32, 32, 1))])
    for filters in (6, 16, 120):
        model.add(layers.Conv2D(filters, 5, use_bias=not batch_normalization))
        if batch_normalization:
            model.add(layers.BatchNormalization(momentum=0.9))
        model.add(layers.ReLU())
        if filters < 120:
            model.add(layers.MaxPooling2D(2))
    model.add(layers.Flatten())
    model.add(layers.Dense(84, activation="relu"))
    model.add(layers.Dense(10))
    return model


# %% mistake="keeps_the_rate" exercise="lenet5" fails="test_lenet5_dropout"
"""You drop what should be kept: Keras's rate is the share that is dropped."""


def lenet5(dropout=0.0, batch_normalization=False):
    model = keras.Sequential([keras.Input((32, 32, 1))])
    for filters in (6, 16, 120):
        model.add(layers.Conv2D(filters, 5, use_bias=not batch_normalization))
        if batch_normalization:
            model.add(layers.BatchNormalization(momentum=0.9))
        model.add(layers.ReLU())
        if filters < 120:
            model.add(layers.MaxPooling2D(2))
    model.add(layers.Flatten())
    model.add(layers.Dropout(1 - dropout))
    model.add(layers.Dense(84, activation="relu"))
    model.add(layers.Dropout(1 - dropout))
    model.add(layers.Dense(10))
    return model


# %% mistake="fixed_rate" exercise="lenet5" fails="test_lenet5_dropout"
"""Your rate is always 0.5. Use the one that is given."""


def lenet5(dropout=0.0, batch_normalization=False):
    model = keras.Sequential([keras.Input((32, 32, 1))])
    for filters in (6, 16, 120):
        model.add(layers.Conv2D(filters, 5, use_bias=not batch_normalization))
        if batch_normalization:
            model.add(layers.BatchNormalization(momentum=0.9))
        model.add(layers.ReLU())
        if filters < 120:
            model.add(layers.MaxPooling2D(2))
    model.add(layers.Flatten())
    model.add(layers.Dropout(0.5 if dropout else 0.0))
    model.add(layers.Dense(84, activation="relu"))
    model.add(layers.Dropout(0.5 if dropout else 0.0))
    model.add(layers.Dense(10))
    return model


# %% mistake="dropout_once" exercise="lenet5" fails="test_lenet5_dropout"
"""You drop behind F6 only. C5 has dropout too."""


def lenet5(dropout=0.0, batch_normalization=False):
    model = keras.Sequential([keras.Input((32, 32, 1))])
    for filters in (6, 16, 120):
        model.add(layers.Conv2D(filters, 5, use_bias=not batch_normalization))
        if batch_normalization:
            model.add(layers.BatchNormalization(momentum=0.9))
        model.add(layers.ReLU())
        if filters < 120:
            model.add(layers.MaxPooling2D(2))
    model.add(layers.Flatten())
    model.add(layers.Dense(84, activation="relu"))
    model.add(layers.Dropout(dropout))
    model.add(layers.Dense(10))
    return model


# %% mistake="dropout_on_logits" exercise="lenet5" fails="test_lenet5_dropout"
"""You drop logits: a class that was set to 0 at random cannot be learnt. Dropout stands
behind C5 and F6."""


def lenet5(dropout=0.0, batch_normalization=False):
    model = keras.Sequential([keras.Input((32, 32, 1))])
    for filters in (6, 16, 120):
        model.add(layers.Conv2D(filters, 5, use_bias=not batch_normalization))
        if batch_normalization:
            model.add(layers.BatchNormalization(momentum=0.9))
        model.add(layers.ReLU())
        if filters < 120:
            model.add(layers.MaxPooling2D(2))
    model.add(layers.Flatten())
    model.add(layers.Dense(84, activation="relu"))
    model.add(layers.Dropout(dropout))
    model.add(layers.Dense(10))
    model.add(layers.Dropout(dropout))
    return model


# %% mistake="dropout_everywhere" exercise="lenet5" fails="test_lenet5_dropout"
"""You drop behind every convolution. Asked for is dropout behind C5 and F6."""


def lenet5(dropout=0.0, batch_normalization=False):
    model = keras.Sequential([keras.Input((32, 32, 1))])
    for filters in (6, 16, 120):
        model.add(layers.Conv2D(filters, 5, use_bias=not batch_normalization))
        if batch_normalization:
            model.add(layers.BatchNormalization(momentum=0.9))
        model.add(layers.ReLU())
        model.add(layers.Dropout(dropout))
        if filters < 120:
            model.add(layers.MaxPooling2D(2))
    model.add(layers.Flatten())
    model.add(layers.Dense(84, activation="relu"))
    model.add(layers.Dropout(dropout))
    model.add(layers.Dense(10))
    return model


# %% mistake="bias_beside_normalization" exercise="lenet5" fails="test_lenet5_batch_normalization"
"""Your convolutions keep their biases though batch normalisation subtracts the mean
again: leave them out."""


def lenet5(dropout=0.0, batch_normalization=False):
    model = keras.Sequential([keras.Input((32, 32, 1))])
    for filters in (6, 16, 120):
        model.add(layers.Conv2D(filters, 5))
        if batch_normalization:
            model.add(layers.BatchNormalization(momentum=0.9))
        model.add(layers.ReLU())
        if filters < 120:
            model.add(layers.MaxPooling2D(2))
    model.add(layers.Flatten())
    model.add(layers.Dropout(dropout))
    model.add(layers.Dense(84, activation="relu"))
    model.add(layers.Dropout(dropout))
    model.add(layers.Dense(10))
    return model


# %% mistake="never_a_bias" exercise="lenet5" fails="test_lenet5_plain test_lenet5_dropout"
"""Your convolutions never have a bias. Only with batch normalisation they have none."""


def lenet5(dropout=0.0, batch_normalization=False):
    model = keras.Sequential([keras.Input((32, 32, 1))])
    for filters in (6, 16, 120):
        model.add(layers.Conv2D(filters, 5, use_bias=False))
        if batch_normalization:
            model.add(layers.BatchNormalization(momentum=0.9))
        model.add(layers.ReLU())
        if filters < 120:
            model.add(layers.MaxPooling2D(2))
    model.add(layers.Flatten())
    model.add(layers.Dropout(dropout))
    model.add(layers.Dense(84, activation="relu"))
    model.add(layers.Dropout(dropout))
    model.add(layers.Dense(10))
    return model


# %% mistake="normalized_after_relu" exercise="lenet5" fails="test_lenet5_batch_normalization"
"""You normalise behind the ReLU. Asked for is between convolution and ReLU."""


def lenet5(dropout=0.0, batch_normalization=False):
    model = keras.Sequential([keras.Input((32, 32, 1))])
    for filters in (6, 16, 120):
        model.add(layers.Conv2D(filters, 5, use_bias=not batch_normalization))
        model.add(layers.ReLU())
        if batch_normalization:
            model.add(layers.BatchNormalization(momentum=0.9))
        if filters < 120:
            model.add(layers.MaxPooling2D(2))
    model.add(layers.Flatten())
    model.add(layers.Dropout(dropout))
    model.add(layers.Dense(84, activation="relu"))
    model.add(layers.Dropout(dropout))
    model.add(layers.Dense(10))
    return model


# %% mistake="f6_normalized" exercise="lenet5" fails="test_lenet5_batch_normalization"
"""You normalise F6 too. Only the three convolutions are normalised."""


def lenet5(dropout=0.0, batch_normalization=False):
    model = keras.Sequential([keras.Input((32, 32, 1))])
    for filters in (6, 16, 120):
        model.add(layers.Conv2D(filters, 5, use_bias=not batch_normalization))
        if batch_normalization:
            model.add(layers.BatchNormalization(momentum=0.9))
        model.add(layers.ReLU())
        if filters < 120:
            model.add(layers.MaxPooling2D(2))
    model.add(layers.Flatten())
    model.add(layers.Dropout(dropout))
    model.add(layers.Dense(84))
    if batch_normalization:
        model.add(layers.BatchNormalization(momentum=0.9))
    model.add(layers.ReLU())
    model.add(layers.Dropout(dropout))
    model.add(layers.Dense(10))
    return model


# %% mistake="normalization_ignored" exercise="lenet5" fails="test_lenet5_batch_normalization"
"""Your model has no batch normalisation: the switch does nothing but remove biases."""


def lenet5(dropout=0.0, batch_normalization=False):
    model = keras.Sequential([keras.Input((32, 32, 1))])
    for filters in (6, 16, 120):
        model.add(layers.Conv2D(filters, 5, use_bias=not batch_normalization))
        model.add(layers.ReLU())
        if filters < 120:
            model.add(layers.MaxPooling2D(2))
    model.add(layers.Flatten())
    model.add(layers.Dropout(dropout))
    model.add(layers.Dense(84, activation="relu"))
    model.add(layers.Dropout(dropout))
    model.add(layers.Dense(10))
    return model


# %% mistake="test_statistics" exercise="prepare" fails="test_prepare_statistics"
"""You normalise the test pictures by their own mean and deviation. The net has learnt
with those of the training pictures, and a single digit in use has none."""


def prepare(train_images, test_images):
    border = [(0, 0), (2, 2), (2, 2)]
    train, test = (np.pad(images, border) for images in (train_images, test_images))
    train, test = ((x - x.mean()) / x.std() for x in (train, test))
    return train[..., None].astype(np.float32), test[..., None].astype(np.float32)


# %% mistake="all_statistics" exercise="prepare" fails="test_prepare_statistics"
"""You measure mean and deviation on training and test pictures together: the test must
not have a say."""


def prepare(train_images, test_images):
    border = [(0, 0), (2, 2), (2, 2)]
    train, test = (np.pad(images, border) for images in (train_images, test_images))
    both = np.concatenate([train, test])
    mean, deviation = both.mean(), both.std()
    train, test = ((images - mean) / deviation for images in (train, test))
    return train[..., None].astype(np.float32), test[..., None].astype(np.float32)


# %% mistake="for_each_picture" exercise="prepare" fails="test_prepare_pictures test_prepare_statistics"
"""You measure mean and deviation on each picture by itself. One mean and one deviation
of all training pictures serve all."""


def prepare(train_images, test_images):
    border = [(0, 0), (2, 2), (2, 2)]
    train, test = (np.pad(images, border) for images in (train_images, test_images))
    train, test = (
        (x - x.mean(axis=(1, 2), keepdims=True)) / x.std(axis=(1, 2), keepdims=True)
        for x in (train, test)
    )
    return train[..., None].astype(np.float32), test[..., None].astype(np.float32)


# %% mistake="for_each_pixel" exercise="prepare" fails="test_prepare_pictures test_prepare_statistics"
"""You measure mean and deviation for each pixel. The border never changes, so you
divide by 0 there. One number for all pixels is asked for."""


def prepare(train_images, test_images):
    border = [(0, 0), (2, 2), (2, 2)]
    train, test = (np.pad(images, border) for images in (train_images, test_images))
    mean, deviation = train.mean(axis=0), train.std(axis=0)
    train, test = ((images - mean) / deviation for images in (train, test))
    return train[..., None].astype(np.float32), test[..., None].astype(np.float32)


# %% mistake="no_channel" exercise="prepare" fails="test_prepare_pictures test_prepare_statistics"
"""The channel axis is missing: a grey picture is (H, W, 1) to a convolution."""


def prepare(train_images, test_images):
    border = [(0, 0), (2, 2), (2, 2)]
    train, test = (np.pad(images, border) for images in (train_images, test_images))
    mean, deviation = train.mean(), train.std()
    train, test = ((images - mean) / deviation for images in (train, test))
    return train.astype(np.float32), test.astype(np.float32)


# %% mistake="channel_first" exercise="prepare" fails="test_prepare_pictures test_prepare_statistics"
"""Your channel axis stands before the rows. In Keras it is the last."""


def prepare(train_images, test_images):
    border = [(0, 0), (2, 2), (2, 2)]
    train, test = (np.pad(images, border) for images in (train_images, test_images))
    mean, deviation = train.mean(), train.std()
    train, test = ((images - mean) / deviation for images in (train, test))
    return train[:, None].astype(np.float32), test[:, None].astype(np.float32)


# %% mistake="float64" exercise="prepare" fails="test_prepare_pictures"
"""Your pictures are float64: convert them to float32."""


def prepare(train_images, test_images):
    border = [(0, 0), (2, 2), (2, 2)]
    train, test = (np.pad(images, border) for images in (train_images, test_images))
    mean, deviation = train.mean(), train.std()
    train, test = ((images - mean) / deviation for images in (train, test))
    return train[..., None], test[..., None]


# %% mistake="border_last" exercise="prepare" fails="test_prepare_statistics"
"""You put the border around normalised pictures, where 0 is grey. Paper has another
value by then: add the border first."""


def prepare(train_images, test_images):
    border = [(0, 0), (2, 2), (2, 2)]
    mean, deviation = train_images.mean(), train_images.std()
    train, test = (
        np.pad((images - mean) / deviation, border)
        for images in (train_images, test_images)
    )
    return train[..., None].astype(np.float32), test[..., None].astype(np.float32)


# %% mistake="measured_without_border" exercise="prepare" fails="test_prepare_statistics"
"""You measure before the border is there. It is part of the pictures that the net sees."""


def prepare(train_images, test_images):
    border = [(0, 0), (2, 2), (2, 2)]
    train, test = (np.pad(images, border) for images in (train_images, test_images))
    mean, deviation = train_images.mean(), train_images.std()
    train, test = ((images - mean) / deviation for images in (train, test))
    return train[..., None].astype(np.float32), test[..., None].astype(np.float32)


# %% mistake="one_sided" exercise="prepare" fails="test_prepare_pictures test_prepare_statistics"
"""Your border is below and to the right only. Put 2 pixels on each side."""


def prepare(train_images, test_images):
    border = [(0, 0), (0, 4), (0, 4)]
    train, test = (np.pad(images, border) for images in (train_images, test_images))
    mean, deviation = train.mean(), train.std()
    train, test = ((images - mean) / deviation for images in (train, test))
    return train[..., None].astype(np.float32), test[..., None].astype(np.float32)


# %% mistake="variance" exercise="prepare" fails="test_prepare_statistics"
"""You divide by the variance. Its square root is the deviation."""


def prepare(train_images, test_images):
    border = [(0, 0), (2, 2), (2, 2)]
    train, test = (np.pad(images, border) for images in (train_images, test_images))
    mean, deviation = train.mean(), train.var()
    train, test = ((images - mean) / deviation for images in (train, test))
    return train[..., None].astype(np.float32), test[..., None].astype(np.float32)


# %% mistake="mean_only" exercise="prepare" fails="test_prepare_statistics"
"""You subtract the mean, but do not divide by the deviation."""


def prepare(train_images, test_images):
    border = [(0, 0), (2, 2), (2, 2)]
    train, test = (np.pad(images, border) for images in (train_images, test_images))
    mean, deviation = train.mean(), train.std()
    train, test = (images - mean for images in (train, test))
    return train[..., None].astype(np.float32), test[..., None].astype(np.float32)


# %% mistake="test_untouched" exercise="prepare" fails="test_prepare_statistics"
"""You normalise the training pictures only. The test pictures must go the same way."""


def prepare(train_images, test_images):
    border = [(0, 0), (2, 2), (2, 2)]
    train, test = (np.pad(images, border) for images in (train_images, test_images))
    mean, deviation = train.mean(), train.std()
    train = (train - mean) / deviation
    return train[..., None].astype(np.float32), test[..., None].astype(np.float32)


# %% mistake="minus_one_to_one" exercise="prepare" fails="test_prepare_statistics"
"""You scale to the range from -1 to 1. Asked for are mean 0 and deviation 1."""


def prepare(train_images, test_images):
    border = [(0, 0), (2, 2), (2, 2)]
    train, test = (np.pad(images, border) for images in (train_images, test_images))
    train, test = (2 * images - 1 for images in (train, test))
    return train[..., None].astype(np.float32), test[..., None].astype(np.float32)


# %% mistake="from_logits_forgotten" exercise="train" fails="test_train_learns test_train_order test_train_augment"
"""Your loss takes the logits for probabilities. Say `from_logits=True`."""


def train(
    model, images, labels, epochs, batch_size=32, learning_rate=0.001, augment=None,
    seed=0,
):  # fmt: skip
    loss = keras.losses.SparseCategoricalCrossentropy()
    model.compile(keras.optimizers.Adam(learning_rate), loss)
    rng = np.random.default_rng(seed)
    losses = []
    for _ in range(epochs):
        order = rng.permutation(len(images))
        pictures = images[order] if augment is None else augment(images[order])
        history = model.fit(
            pictures, labels[order], batch_size=batch_size, shuffle=False, verbose=0
        )
        losses += history.history["loss"]
    return np.array(losses)


# %% mistake="slow_momentum" exercise="lenet5" fails="test_lenet5_batch_normalization"
"""Your averages move too slowly for some hundred steps: the momentum is 0.9."""


def lenet5(dropout=0.0, batch_normalization=False):
    model = keras.Sequential([keras.Input((32, 32, 1))])
    for filters in (6, 16, 120):
        model.add(layers.Conv2D(filters, 5, use_bias=not batch_normalization))
        if batch_normalization:
            model.add(layers.BatchNormalization())
        model.add(layers.ReLU())
        if filters < 120:
            model.add(layers.MaxPooling2D(2))
    model.add(layers.Flatten())
    model.add(layers.Dropout(dropout))
    model.add(layers.Dense(84, activation="relu"))
    model.add(layers.Dropout(dropout))
    model.add(layers.Dense(10))
    return model


# %% mistake="sgd" exercise="train" fails="test_train_learns"
"""You train by plain gradient descent. Asked for is Adam."""


def train(
    model, images, labels, epochs, batch_size=32, learning_rate=0.001, augment=None,
    seed=0,
):  # fmt: skip
    loss = keras.losses.SparseCategoricalCrossentropy(from_logits=True)
    model.compile(keras.optimizers.SGD(learning_rate), loss)
    rng = np.random.default_rng(seed)
    losses = []
    for _ in range(epochs):
        order = rng.permutation(len(images))
        pictures = images[order] if augment is None else augment(images[order])
        history = model.fit(
            pictures, labels[order], batch_size=batch_size, shuffle=False, verbose=0
        )
        losses += history.history["loss"]
    return np.array(losses)


# %% mistake="rate_ignored" exercise="train" fails="test_train_learns test_train_order test_train_augment"
"""Your learning rate is always that of Keras: use `learning_rate`."""


def train(
    model, images, labels, epochs, batch_size=32, learning_rate=0.001, augment=None,
    seed=0,
):  # fmt: skip
    loss = keras.losses.SparseCategoricalCrossentropy(from_logits=True)
    model.compile(keras.optimizers.Adam(), loss)
    rng = np.random.default_rng(seed)
    losses = []
    for _ in range(epochs):
        order = rng.permutation(len(images))
        pictures = images[order] if augment is None else augment(images[order])
        history = model.fit(
            pictures, labels[order], batch_size=batch_size, shuffle=False, verbose=0
        )
        losses += history.history["loss"]
    return np.array(losses)


# %% mistake="compiled_each_epoch" exercise="train" fails="test_train_learns"
"""You compile in each epoch anew, and Adam forgets what it has measured. Compile once,
before the loop."""


def train(
    model, images, labels, epochs, batch_size=32, learning_rate=0.001, augment=None,
    seed=0,
):  # fmt: skip
    loss = keras.losses.SparseCategoricalCrossentropy(from_logits=True)
    rng = np.random.default_rng(seed)
    losses = []
    for _ in range(epochs):
        model.compile(keras.optimizers.Adam(learning_rate), loss)
        order = rng.permutation(len(images))
        pictures = images[order] if augment is None else augment(images[order])
        history = model.fit(
            pictures, labels[order], batch_size=batch_size, shuffle=False, verbose=0
        )
        losses += history.history["loss"]
    return np.array(losses)


# %% mistake="not_shuffled" exercise="train" fails="test_train_order"
"""You never shuffle: each epoch takes the pictures in another order."""


def train(
    model, images, labels, epochs, batch_size=32, learning_rate=0.001, augment=None,
    seed=0,
):  # fmt: skip
    loss = keras.losses.SparseCategoricalCrossentropy(from_logits=True)
    model.compile(keras.optimizers.Adam(learning_rate), loss)
    rng = np.random.default_rng(seed)
    losses = []
    for _ in range(epochs):
        order = np.arange(len(images))
        pictures = images[order] if augment is None else augment(images[order])
        history = model.fit(
            pictures, labels[order], batch_size=batch_size, shuffle=False, verbose=0
        )
        losses += history.history["loss"]
    return np.array(losses)


# %% mistake="same_order" exercise="train" fails="test_train_order"
"""Every epoch has the same order. Shuffle inside the loop, and make the generator once,
before it: made anew, it begins again."""


def train(
    model, images, labels, epochs, batch_size=32, learning_rate=0.001, augment=None,
    seed=0,
):  # fmt: skip
    loss = keras.losses.SparseCategoricalCrossentropy(from_logits=True)
    model.compile(keras.optimizers.Adam(learning_rate), loss)
    losses = []
    for _ in range(epochs):
        rng = np.random.default_rng(seed)
        order = rng.permutation(len(images))
        pictures = images[order] if augment is None else augment(images[order])
        history = model.fit(
            pictures, labels[order], batch_size=batch_size, shuffle=False, verbose=0
        )
        losses += history.history["loss"]
    return np.array(losses)


# %% mistake="seed_ignored" exercise="train" fails="test_train_order"
"""Your order does not depend on `seed`."""


def train(
    model, images, labels, epochs, batch_size=32, learning_rate=0.001, augment=None,
    seed=0,
):  # fmt: skip
    loss = keras.losses.SparseCategoricalCrossentropy(from_logits=True)
    model.compile(keras.optimizers.Adam(learning_rate), loss)
    rng = np.random.default_rng(0)
    losses = []
    for _ in range(epochs):
        order = rng.permutation(len(images))
        pictures = images[order] if augment is None else augment(images[order])
        history = model.fit(
            pictures, labels[order], batch_size=batch_size, shuffle=False, verbose=0
        )
        losses += history.history["loss"]
    return np.array(losses)


# %% mistake="labels_stay" exercise="train" fails="test_train_order"
"""You shuffle the pictures and not their labels, so each gets the label of another."""


def train(
    model, images, labels, epochs, batch_size=32, learning_rate=0.001, augment=None,
    seed=0,
):  # fmt: skip
    loss = keras.losses.SparseCategoricalCrossentropy(from_logits=True)
    model.compile(keras.optimizers.Adam(learning_rate), loss)
    rng = np.random.default_rng(seed)
    losses = []
    for _ in range(epochs):
        order = rng.permutation(len(images))
        pictures = images[order] if augment is None else augment(images[order])
        history = model.fit(
            pictures, labels, batch_size=batch_size, shuffle=False, verbose=0
        )
        losses += history.history["loss"]
    return np.array(losses)


# %% mistake="drawn_with_repetition" exercise="train" fails="test_train_order test_train_augment"
"""You draw pictures with repetition: some come twice in an epoch and others never."""


def train(
    model, images, labels, epochs, batch_size=32, learning_rate=0.001, augment=None,
    seed=0,
):  # fmt: skip
    loss = keras.losses.SparseCategoricalCrossentropy(from_logits=True)
    model.compile(keras.optimizers.Adam(learning_rate), loss)
    rng = np.random.default_rng(seed)
    losses = []
    for _ in range(epochs):
        order = rng.integers(len(images), size=len(images))
        pictures = images[order] if augment is None else augment(images[order])
        history = model.fit(
            pictures, labels[order], batch_size=batch_size, shuffle=False, verbose=0
        )
        losses += history.history["loss"]
    return np.array(losses)


# %% mistake="augment_ignored" exercise="train" fails="test_train_order test_train_augment"
"""You never call `augment`."""


def train(
    model, images, labels, epochs, batch_size=32, learning_rate=0.001, augment=None,
    seed=0,
):  # fmt: skip
    loss = keras.losses.SparseCategoricalCrossentropy(from_logits=True)
    model.compile(keras.optimizers.Adam(learning_rate), loss)
    rng = np.random.default_rng(seed)
    losses = []
    for _ in range(epochs):
        order = rng.permutation(len(images))
        pictures = images[order]
        history = model.fit(
            pictures, labels[order], batch_size=batch_size, shuffle=False, verbose=0
        )
        losses += history.history["loss"]
    return np.array(losses)


# %% mistake="result_ignored" exercise="train" fails="test_train_augment"
"""You call `augment` and then learn from the pictures as they were."""


def train(
    model, images, labels, epochs, batch_size=32, learning_rate=0.001, augment=None,
    seed=0,
):  # fmt: skip
    loss = keras.losses.SparseCategoricalCrossentropy(from_logits=True)
    model.compile(keras.optimizers.Adam(learning_rate), loss)
    rng = np.random.default_rng(seed)
    losses = []
    for _ in range(epochs):
        order = rng.permutation(len(images))
        pictures = images[order]
        if augment is not None:
            augment(pictures)
        history = model.fit(
            pictures, labels[order], batch_size=batch_size, shuffle=False, verbose=0
        )
        losses += history.history["loss"]
    return np.array(losses)


# %% mistake="augmented_once" exercise="train" fails="test_train_order test_train_augment"
"""You augment once, before the loop, so that the net sees the same distorted pictures
in every epoch."""


def train(
    model, images, labels, epochs, batch_size=32, learning_rate=0.001, augment=None,
    seed=0,
):  # fmt: skip
    loss = keras.losses.SparseCategoricalCrossentropy(from_logits=True)
    model.compile(keras.optimizers.Adam(learning_rate), loss)
    rng = np.random.default_rng(seed)
    if augment is not None:
        images = augment(images)
    losses = []
    for _ in range(epochs):
        order = rng.permutation(len(images))
        pictures = images[order]
        history = model.fit(
            pictures, labels[order], batch_size=batch_size, shuffle=False, verbose=0
        )
        losses += history.history["loss"]
    return np.array(losses)


# %% mistake="augmented_again" exercise="train" fails="test_train_augment"
"""You distort in each epoch what is distorted already. Begin with the pictures as they
were given."""


def train(
    model, images, labels, epochs, batch_size=32, learning_rate=0.001, augment=None,
    seed=0,
):  # fmt: skip
    loss = keras.losses.SparseCategoricalCrossentropy(from_logits=True)
    model.compile(keras.optimizers.Adam(learning_rate), loss)
    rng = np.random.default_rng(seed)
    losses = []
    for _ in range(epochs):
        order = rng.permutation(len(images))
        images, labels = images[order], labels[order]
        if augment is not None:
            images = augment(images)
        history = model.fit(
            images, labels, batch_size=batch_size, shuffle=False, verbose=0
        )
        losses += history.history["loss"]
    return np.array(losses)


# %% mistake="beside_the_originals" exercise="train" fails="test_train_augment"
"""You learn from the pictures as they were *and* as they are after `augment`. Only what
`augment` returns is learnt."""


def train(
    model, images, labels, epochs, batch_size=32, learning_rate=0.001, augment=None,
    seed=0,
):  # fmt: skip
    loss = keras.losses.SparseCategoricalCrossentropy(from_logits=True)
    model.compile(keras.optimizers.Adam(learning_rate), loss)
    rng = np.random.default_rng(seed)
    losses = []
    for _ in range(epochs):
        order = rng.permutation(len(images))
        pictures = images[order] if augment is None else augment(images[order])
        history = model.fit(
            pictures if augment is None else np.concatenate([images[order], pictures]),
            labels[order] if augment is None else np.tile(labels[order], 2),
            batch_size=batch_size,
            shuffle=False,
            verbose=0,
        )
        losses += history.history["loss"]
    return np.array(losses)


# %% mistake="batch_size_ignored" exercise="train" fails="test_train_learns"
"""Your batches always have 32 pictures: pass on `batch_size`."""


def train(
    model, images, labels, epochs, batch_size=32, learning_rate=0.001, augment=None,
    seed=0,
):  # fmt: skip
    loss = keras.losses.SparseCategoricalCrossentropy(from_logits=True)
    model.compile(keras.optimizers.Adam(learning_rate), loss)
    rng = np.random.default_rng(seed)
    losses = []
    for _ in range(epochs):
        order = rng.permutation(len(images))
        pictures = images[order] if augment is None else augment(images[order])
        history = model.fit(
            pictures, labels[order], batch_size=32, shuffle=False, verbose=0
        )
        losses += history.history["loss"]
    return np.array(losses)


# %% mistake="rest_dropped" exercise="train" fails="test_train_learns test_train_augment"
"""You leave out the last pictures of an epoch when they fill no batch."""


def train(
    model, images, labels, epochs, batch_size=32, learning_rate=0.001, augment=None,
    seed=0,
):  # fmt: skip
    loss = keras.losses.SparseCategoricalCrossentropy(from_logits=True)
    model.compile(keras.optimizers.Adam(learning_rate), loss)
    rng = np.random.default_rng(seed)
    losses = []
    for _ in range(epochs):
        order = rng.permutation(len(images))
        order = order[: len(images) // batch_size * batch_size]
        pictures = images[order] if augment is None else augment(images[order])
        history = model.fit(
            pictures, labels[order], batch_size=batch_size, shuffle=False, verbose=0
        )
        losses += history.history["loss"]
    return np.array(losses)


# %% mistake="last_loss_only" exercise="train" fails="test_train_learns test_train_order test_train_augment"
"""You return the loss of the last epoch only."""


def train(
    model, images, labels, epochs, batch_size=32, learning_rate=0.001, augment=None,
    seed=0,
):  # fmt: skip
    loss = keras.losses.SparseCategoricalCrossentropy(from_logits=True)
    model.compile(keras.optimizers.Adam(learning_rate), loss)
    rng = np.random.default_rng(seed)
    losses = []
    for _ in range(epochs):
        order = rng.permutation(len(images))
        pictures = images[order] if augment is None else augment(images[order])
        history = model.fit(
            pictures, labels[order], batch_size=batch_size, shuffle=False, verbose=0
        )
        losses = history.history["loss"]
    return np.array(losses)


# %% mistake="one_epoch_short" exercise="train" fails="test_train_learns test_train_order test_train_augment"
"""You train one epoch too few."""


def train(
    model, images, labels, epochs, batch_size=32, learning_rate=0.001, augment=None,
    seed=0,
):  # fmt: skip
    loss = keras.losses.SparseCategoricalCrossentropy(from_logits=True)
    model.compile(keras.optimizers.Adam(learning_rate), loss)
    rng = np.random.default_rng(seed)
    losses = []
    for _ in range(1, epochs):
        order = rng.permutation(len(images))
        pictures = images[order] if augment is None else augment(images[order])
        history = model.fit(
            pictures, labels[order], batch_size=batch_size, shuffle=False, verbose=0
        )
        losses += history.history["loss"]
    return np.array(losses)


# %% mistake="list" exercise="train" fails="test_train_learns test_train_order test_train_augment"
"""You return a list. The task asks for an array."""


def train(
    model, images, labels, epochs, batch_size=32, learning_rate=0.001, augment=None,
    seed=0,
):  # fmt: skip
    loss = keras.losses.SparseCategoricalCrossentropy(from_logits=True)
    model.compile(keras.optimizers.Adam(learning_rate), loss)
    rng = np.random.default_rng(seed)
    losses = []
    for _ in range(epochs):
        order = rng.permutation(len(images))
        pictures = images[order] if augment is None else augment(images[order])
        history = model.fit(
            pictures, labels[order], batch_size=batch_size, shuffle=False, verbose=0
        )
        losses += history.history["loss"]
    return losses


# %% mistake="trains_a_copy" exercise="train" fails="test_train_learns"
"""You train a copy: the model that was given learns nothing."""


def train(
    model, images, labels, epochs, batch_size=32, learning_rate=0.001, augment=None,
    seed=0,
):  # fmt: skip
    original, model = model, keras.models.clone_model(model)
    model.set_weights(original.get_weights())
    loss = keras.losses.SparseCategoricalCrossentropy(from_logits=True)
    model.compile(keras.optimizers.Adam(learning_rate), loss)
    rng = np.random.default_rng(seed)
    losses = []
    for _ in range(epochs):
        order = rng.permutation(len(images))
        pictures = images[order] if augment is None else augment(images[order])
        history = model.fit(
            pictures, labels[order], batch_size=batch_size, shuffle=False, verbose=0
        )
        losses += history.history["loss"]
    return np.array(losses)


# %% mistake="training_mode" exercise="predict" fails="test_predict"
"""You call the model as in training: dropout drops, batch normalisation looks at the
batch. Say `training=False`."""


def predict(model, images):
    batches = [images[i : i + 500] for i in range(0, len(images), 500)]
    logits = np.concatenate([np.asarray(model(b, training=True)) for b in batches])
    p = np.exp(logits - logits.max(axis=1, keepdims=True))
    return p / p.sum(axis=1, keepdims=True)


# %% mistake="no_softmax" exercise="predict" fails="test_predict"
"""You return the logits. Probabilities are what the softmax makes of them."""


def predict(model, images):
    batches = [images[i : i + 500] for i in range(0, len(images), 500)]
    logits = np.concatenate([np.asarray(model(b, training=False)) for b in batches])
    return logits


# %% mistake="across_pictures" exercise="predict" fails="test_predict"
"""Your softmax runs over the pictures. The classes are the last axis."""


def predict(model, images):
    batches = [images[i : i + 500] for i in range(0, len(images), 500)]
    logits = np.concatenate([np.asarray(model(b, training=False)) for b in batches])
    p = np.exp(logits - logits.max(axis=0, keepdims=True))
    return p / p.sum(axis=0, keepdims=True)


# %% mistake="overflow" exercise="predict" fails="test_predict"
"""Your exponentials are too large for a computer when logits are. Subtract the largest
logit of the row first, which changes no probability."""


def predict(model, images):
    batches = [images[i : i + 500] for i in range(0, len(images), 500)]
    logits = np.concatenate([np.asarray(model(b, training=False)) for b in batches])
    p = np.exp(logits)
    return p / p.sum(axis=1, keepdims=True)


# %% mistake="classes" exercise="predict" fails="test_predict"
"""You return the most probable class. Asked for are the probabilities of all."""


def predict(model, images):
    batches = [images[i : i + 500] for i in range(0, len(images), 500)]
    logits = np.concatenate([np.asarray(model(b, training=False)) for b in batches])
    return logits.argmax(axis=1)


# %% mistake="sigmoid" exercise="predict" fails="test_predict"
"""You use the sigmoid: each class by itself, so rows do not sum to 1. Use the softmax."""


def predict(model, images):
    batches = [images[i : i + 500] for i in range(0, len(images), 500)]
    logits = np.concatenate([np.asarray(model(b, training=False)) for b in batches])
    return 1 / (1 + np.exp(-logits))


# %% mistake="logits_divided_by_their_sum" exercise="predict" fails="test_predict"
"""You divide logits by their sum. Take the exponentials first."""


def predict(model, images):
    batches = [images[i : i + 500] for i in range(0, len(images), 500)]
    logits = np.concatenate([np.asarray(model(b, training=False)) for b in batches])
    return logits / logits.sum(axis=1, keepdims=True)


# %% mistake="sum_of_all" exercise="predict" fails="test_predict"
"""You divide by the sum over all pictures. Each row sums to 1 by itself."""


def predict(model, images):
    batches = [images[i : i + 500] for i in range(0, len(images), 500)]
    logits = np.concatenate([np.asarray(model(b, training=False)) for b in batches])
    p = np.exp(logits - logits.max(axis=1, keepdims=True))
    return p / p.sum()


# %% mistake="transposed" exercise="confusion_matrix" fails="test_confusion_matrix"
"""Your rows are the predicted classes. Rows are the true ones."""


def confusion_matrix(labels, predicted, num_classes):
    matrix = np.zeros((num_classes, num_classes), int)
    np.add.at(matrix, (predicted, labels), 1)
    return matrix


# %% mistake="counted_once" exercise="confusion_matrix" fails="test_confusion_matrix"
"""`matrix[labels, predicted] += 1` adds 1 once, however often a pair occurs."""


def confusion_matrix(labels, predicted, num_classes):
    matrix = np.zeros((num_classes, num_classes), int)
    matrix[labels, predicted] += 1
    return matrix


# %% mistake="shares" exercise="confusion_matrix" fails="test_confusion_matrix"
"""You return shares of each row. Asked for are counts."""


def confusion_matrix(labels, predicted, num_classes):
    matrix = np.zeros((num_classes, num_classes), int)
    np.add.at(matrix, (labels, predicted), 1)
    return matrix / np.maximum(matrix.sum(axis=1, keepdims=True), 1)


# %% mistake="shares_of_all" exercise="confusion_matrix" fails="test_confusion_matrix"
"""You return shares of all pictures. Asked for are counts."""


def confusion_matrix(labels, predicted, num_classes):
    matrix = np.zeros((num_classes, num_classes), int)
    np.add.at(matrix, (labels, predicted), 1)
    return matrix / len(labels)


# %% mistake="classes_that_occur" exercise="confusion_matrix" fails="test_confusion_matrix"
"""Your matrix is as large as the largest class that occurs. It has `num_classes` rows
and columns."""


def confusion_matrix(labels, predicted, num_classes):
    matrix = np.zeros((1 + max(labels.max(), predicted.max()),) * 2, int)
    np.add.at(matrix, (labels, predicted), 1)
    return matrix


# %% mistake="floats" exercise="confusion_matrix" fails="test_confusion_matrix"
"""Your counts are floats: make the matrix of ints."""


def confusion_matrix(labels, predicted, num_classes):
    matrix = np.zeros((num_classes, num_classes))
    np.add.at(matrix, (labels, predicted), 1)
    return matrix


# %% mistake="right_ones_only" exercise="confusion_matrix" fails="test_confusion_matrix"
"""You count only what is right. What is wrong belongs beside the diagonal."""


def confusion_matrix(labels, predicted, num_classes):
    matrix = np.zeros((num_classes, num_classes), int)
    np.add.at(matrix, (labels, labels), labels == predicted)
    return matrix


# %% mistake="wrong_ones_only" exercise="confusion_matrix" fails="test_confusion_matrix"
"""You count only what is wrong. What is right belongs on the diagonal."""


def confusion_matrix(labels, predicted, num_classes):
    matrix = np.zeros((num_classes, num_classes), int)
    np.add.at(matrix, (labels, predicted), labels != predicted)
    return matrix
