# ---
# jupyter:
#   kernelspec:
#     display_name: Python 3
#     language: python
#     name: python3
#   lab:
#     title: LeNet
#     preload: [keras]
#     withheld_modules: [cnncourse.ops, cnncourse.architectures, cnncourse.training,
#       cnncourse.augmentation, tensorflow, torch, jax, tensorflow_datasets]
#     call_seconds: 40
#     cell_seconds: 40
#     memory_mb: 3000
# ---

# %% [markdown]
# # Lab 05: LeNet
#
# In 1998 a network of 60,000 weights read the amounts on several million bank checks a
# day. LeNet-5 has all that you built in labs 01 to 04: convolution, pooling, dense
# layers, gradients. Now you build it in Keras, twice: as it was, with parts that nobody
# builds any more and that are worth knowing for the reasons behind them, and as it is
# taught today. Then you train it, and fight the enemy of every large network with few
# pictures: it learns them by heart.
#
# **When you are through you can**
#
# - say what each layer of LeNet-5 does, and count its weights and connections;
# - build a Keras model from layers, in a line or as a graph;
# - prepare pictures without telling the network anything about the test;
# - write a training loop with augmentation, and say what dropout and batch
#   normalisation do while training and what they do afterwards;
# - read a confusion matrix, and look at the worst mistakes before believing a number.
#
# **How it works.** As before: replace `raise NotImplementedError()` by your code, run
# the cell, then the checks below it. A check cell that prints nothing has passed. After
# you submit, hidden checks try everything that the docstring promises on other inputs.
#
# You need Keras and NumPy. Build models of Keras's own layers and of those given here:
# a `Lambda` layer, a layer class or a model class of your own cannot be graded.
#
# **How long it takes.** Four hours. Exercise 5 needs 2, 3 and 4; the experiment needs
# all.
#
# | exercise | name | points |
# |---|---|---|
# | 1. Weights and connections | `count_by_hand` | 2 |
# | 2. Subsampling that learns | `subsampling` | 2 |
# | 3. Who sees whom | `C3_TABLE` | 1 |
# | 4. A convolution with a table | `partial_convolution` | 2 |
# | 5. LeNet-5 as it was | `lenet5_original` | 3 |
# | 6. LeNet-5 as it is taught | `lenet5` | 3 |
# | 7. Prepare the pictures | `prepare` | 2 |
# | 8. Train | `train` | 3 |
# | 9. Predict | `predict` | 1 |
# | 10. Who is taken for whom | `confusion_matrix` | 1 |

# %% given="setup"
import logging

import matplotlib.pyplot as plt
import numpy as np

from cnncourse import checks, datasets, plots
from cnncourse.quietly import import_quietly

keras = import_quietly("keras")
layers = keras.layers
# every new model is compiled once, which is no reason for a warning
logging.getLogger("tensorflow").setLevel(logging.ERROR)
FULL = False  # True: all of MNIST, if it is there or can be downloaded; an hour or two

# %% [markdown]
# ## 1. Weights and connections
#
# This is LeNet-5, from LeCun, Bottou, Bengio and Haffner, *Gradient-based learning
# applied to document recognition* (Proceedings of the IEEE, 1998; lecture 1 dates it
# 1989, which is the year of the net that read zip codes). C are convolutions, S is
# subsampling, F is a dense layer.
#
# | layer | made by | maps | size |
# |---|---|---|---|
# | input | a digit of 28 × 28 in the middle | 1 | 32 × 32 |
# | C1 | convolution 5 × 5 | 6 | 28 × 28 |
# | S2 | subsampling 2 × 2 | 6 | 14 × 14 |
# | C3 | convolution 5 × 5, each map sees *some* maps of S2 | 16 | 10 × 10 |
# | S4 | subsampling 2 × 2 | 16 | 5 × 5 |
# | C5 | convolution 5 × 5, each map sees all of S4 | 120 | 1 × 1 |
# | F6 | dense | 84 | |
# | output | distance to a fixed code for each class | 10 | |
#
# The paper gives two numbers for each layer. **Trainable parameters** are what is
# stored and learnt. **Connections** are what is computed: every output counts one
# connection for each number that it is made from, *and one for its bias*. Weights are
# shared, so C1 has 156 parameters, but 122,304 connections: 26 for each of its
# 28 × 28 × 6 outputs.
#
# Subsampling, in 1998, is a layer that learns: each output adds the four numbers of its
# window, multiplies the sum by a coefficient and adds a bias. Coefficient and bias are
# one for each map. That makes two parameters a map, and five connections an output.
#
# **Your task.** Write `count_by_hand` for one layer. A convolution has a `table`: for
# each of its maps, the list of those maps below that it sees.


# %% given="layers_to_count"
def all_maps(count, below):
    """The table of a convolution whose `count` maps see all maps below."""
    return [list(range(below)) for _ in range(count)]


def convolution(table, kernel_size, size):
    """A convolution that makes maps of `size`, `(height, width)`."""
    return {"kind": "convolution", "table": table, "kernel_size": kernel_size,
            "size": size}  # fmt: skip


def pooling(maps, pool_size, size):
    """Subsampling with a coefficient and a bias a map; `size` as it comes out."""
    return {"kind": "subsampling", "maps": maps, "pool_size": pool_size, "size": size}


def dense(inputs, units):
    return {"kind": "dense", "inputs": inputs, "units": units}


def fixed_codes(inputs, units):
    """Units that measure the distance to fixed codes: no weights to learn, no bias."""
    return {"kind": "codes", "inputs": inputs, "units": units}


C1, S2 = convolution(all_maps(6, 1), 5, (28, 28)), pooling(6, 2, (14, 14))


# %% solution="count_by_hand"
def count_by_hand(layer):
    """The trainable parameters and the connections of a layer.

    Args:
        layer: a dict as `convolution`, `pooling`, `dense` and `fixed_codes` make them.
            Kernels and windows are square.
    Returns:
        `(parameters, connections)`, a tuple of two ints, biases counted in both.
    """
    ### BEGIN SOLUTION
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
    parameters = pairs * layer["kernel_size"] ** 2 + len(layer["table"])
    return parameters, parameters * places
    ### END SOLUTION


# %% tests="count_by_hand" name="convolutions" points=1
checks.equal(count_by_hand(C1), (156, 122_304), "C1")
checks.equal(
    count_by_hand(convolution([[0], [0, 1]], 3, (2, 4))),
    (29, 232),
    "two maps, one of which sees one map, and one two",
)
### BEGIN HIDDEN TESTS
c3 = [[0, 1, 2], [1, 2, 3], [2, 3, 4], [3, 4, 5], [4, 5, 0], [5, 0, 1]]
c3 += [[0, 1, 2, 3], [1, 2, 3, 4], [2, 3, 4, 5], [3, 4, 5, 0], [4, 5, 0, 1]]
c3 += [[5, 0, 1, 2], [0, 1, 3, 4], [1, 2, 4, 5], [0, 2, 3, 5], [0, 1, 2, 3, 4, 5]]
checks.equal(
    count_by_hand(convolution(c3, 5, (10, 10))), (1516, 151_600), "C3 with its table"
)
c5 = convolution(all_maps(120, 16), 5, (1, 1))
checks.equal(count_by_hand(c5), (48_120, 48_120), "C5")
rng = np.random.default_rng(1)
for _ in range(5):
    below, count, k, height, width = (int(n) for n in rng.integers(2, 9, size=5))
    table = [[m for m in range(below) if rng.random() < 0.6] for _ in range(count)]
    weights = sum(1 for row in table for _ in row for _ in range(k * k)) + count
    outputs = sum(1 for _ in range(height) for _ in range(width))
    layer = convolution(table, k, (height, width))
    checks.equal(count_by_hand(layer), (weights, weights * outputs), "another table")
### END HIDDEN TESTS

# %% tests="count_by_hand" name="other_layers" points=1
checks.equal(count_by_hand(S2), (12, 5_880), "S2")
checks.equal(count_by_hand(dense(3, 2)), (8, 8), "three inputs, two units")
### BEGIN HIDDEN TESTS
checks.equal(count_by_hand(pooling(16, 2, (5, 5))), (32, 2_000), "S4")
checks.equal(count_by_hand(pooling(5, 3, (4, 7))), (10, 1_400), "windows of 3 by 3")
checks.equal(count_by_hand(dense(120, 84)), (10_164, 10_164), "F6")
checks.equal(count_by_hand(fixed_codes(84, 10)), (0, 840), "the output layer")
### END HIDDEN TESTS

# %% [markdown]
# ## 2. Subsampling that learns
#
# How would you build S2 in Keras? There is no such layer, but it is two that there are:
# one that takes the mean of each window, and one that multiplies each map by a number
# of its own and adds another. The second is a convolution of 1 × 1 in which *maps do
# not mix*. (The paper adds the four numbers. We take their mean; the factor of 4 goes
# into the coefficient.)
#
# **Your task.** Write `subsampling`. It is given a symbolic tensor, as
# `keras.Input((28, 28, 6))` makes, and returns another: call layers on it, as in
# `y = layers.ReLU()(x)`. (This is Keras's functional way to build a model: tensors
# without values remember which layers led to them.)


# %% solution="subsampling"
def subsampling(x):
    """Halves height and width: means of 2 x 2, times a coefficient, plus a bias.

    Args:
        x: symbolic tensor `(B, H, W, C)`. A last row or column without partner is left
            out.
    Returns:
        Symbolic tensor `(B, H // 2, W // 2, C)`. Each map has one trainable
        coefficient, which is 1 at first, and one trainable bias, which is 0 at first.
    """
    ### BEGIN SOLUTION
    x = layers.AveragePooling2D(2)(x)
    return layers.DepthwiseConv2D(1, depthwise_initializer="ones")(x)
    ### END SOLUTION


# %% tests="subsampling" name="parameters" points=1
inputs = keras.Input((28, 28, 6))
s2 = keras.Model(inputs, subsampling(inputs))
checks.equal(s2.output_shape, (None, 14, 14, 6), "the shape of S2")
checks.equal(s2.count_params(), 12, "the parameters of S2")
### BEGIN HIDDEN TESTS
inputs = keras.Input((7, 10, 5))
model = keras.Model(inputs, subsampling(inputs))
checks.equal(model.output_shape, (None, 3, 5, 5), "the shape for an odd height")
trainable = [w for w in model.weights if w.trainable]
checks.equal([int(np.prod(w.shape)) for w in trainable], [5, 5], "what is trainable")
### END HIDDEN TESTS

# %% tests="subsampling" name="values" points=1
inputs = keras.Input((2, 4, 1))
model = keras.Model(inputs, subsampling(inputs))
x = np.array([[1, 2, 0, 4], [3, 6, 8, 4]], np.float32).reshape(1, 2, 4, 1)
checks.array(np.asarray(model(x))[0, :, :, 0], [[3, 4]], "two windows, untrained")
### BEGIN HIDDEN TESTS
rng = np.random.default_rng(2)
inputs = keras.Input((6, 8, 3))
model = keras.Model(inputs, subsampling(inputs))
x = rng.normal(size=(2, 6, 8, 3)).astype(np.float32)
means = x.reshape(2, 3, 2, 4, 2, 3).mean(axis=(2, 4))
checks.array(np.asarray(model(x)), means, "three maps, untrained", rtol=1e-3, atol=1e-5)
coefficient, bias = rng.normal(size=(2, 3))
shapes = [tuple(w.shape) for w in model.weights]
model.set_weights([coefficient.reshape(shapes[0]), bias.reshape(shapes[1])])
checks.array(
    np.asarray(model(x)),
    means * coefficient + bias,
    "three maps with other coefficients and biases",
    rtol=1e-3,
    atol=1e-5,
)
### END HIDDEN TESTS

# %% [markdown]
# ## 3. Who sees whom
#
# The maps of C3 do not see all maps of S2. The paper gives two reasons: it keeps the
# number of connections small, and, "more importantly, it forces a break of symmetry":
# maps that are given different things must learn different things. Of the 16 maps of
# C3, numbered from 0 as the six of S2,
#
# - the first six see three neighbours each: map 0 sees 0, 1, 2, map 1 sees 1, 2, 3, and
#   so on, around the corner: after 5 comes 0 again;
# - the next six see four neighbours each, in the same way, map 6 from 0 on;
# - the next three see two pairs of neighbours that lie opposite: map 12 sees 0, 1 and
#   3, 4, map 13 one further, map 14 two further;
# - the last sees all.
#
# **Your task.** Define `C3_TABLE`, a list of 16 lists: for each map of C3 the maps of
# S2 that it sees. Within a list the order does not matter.

# %% solution="c3_table"
# C3_TABLE: a list of 16 lists of ints from 0 to 5.
### BEGIN SOLUTION
C3_TABLE = [[(first + step) % 6 for step in range(3)] for first in range(6)]
C3_TABLE += [[(first + step) % 6 for step in range(4)] for first in range(6)]
C3_TABLE += [[(first + step) % 6 for step in (0, 1, 3, 4)] for first in range(3)]
C3_TABLE += [list(range(6))]
### END SOLUTION

# %% tests="c3_table" points=1
checks.equal(len(C3_TABLE), 16, "the number of maps of C3")
checks.equal(sorted(C3_TABLE[0]), [0, 1, 2], "map 0")
checks.equal(sorted(C3_TABLE[12]), [0, 1, 3, 4], "map 12")
### BEGIN HIDDEN TESTS
columns = "012 123 234 345 045 015 0123 1234 2345 0345 0145 0125 0134 1245 0235 012345"
rows = [[int(digit) for digit in column] for column in columns.split()]
for number, row in enumerate(rows):
    checks.equal(sorted(C3_TABLE[number]), row, f"map {number}")
### END HIDDEN TESTS

# %% [markdown]
# Your table, as it is drawn in the paper. Look at a row: each map of S2 is seen by ten
# of the sixteen, no two columns are the same, and 60 of 96 places are filled.

# %% experiment="c3_table"
with plt.rc_context(plots.STYLE):
    figure, axes = plt.subplots(figsize=(7, 2.9), layout="constrained")
    filled = np.zeros((6, 16))
    for column, maps in enumerate(C3_TABLE):
        filled[maps, column] = 1
    axes.pcolormesh(
        filled, cmap="Blues", vmax=1.4, edgecolors="white", linewidth=2, rasterized=True
    )
    axes.set(xticks=np.arange(16) + 0.5, xticklabels=range(16), xlabel="map of C3")
    axes.set(yticks=np.arange(6) + 0.5, yticklabels=range(6), ylabel="map of S2")
    axes.vlines([6, 12, 15], 0, 6, color=plots.RED, linewidth=1.5)
    for place, text in [(3, "three neighbours"), (9, "four neighbours"),
                        (13.5, "two pairs"), (15.5, "all")]:  # fmt: skip
        axes.text(place, -0.25, text, ha="center", va="bottom", fontsize=9)
    axes.invert_yaxis()
    axes.set_aspect("equal")
    axes.tick_params(length=0)
    axes.spines[:].set_visible(False)
    plt.show()

# %% [markdown]
# ## 4. A convolution with a table
#
# Keras knows no table. But a convolution with 16 filters is nothing but 16 convolutions
# with one filter, beside one another. So: for each row of the table pick the maps, give
# them to a convolution with a single filter, and lay the 16 results on top of one
# another (`layers.Concatenate`). To pick maps you have the layer `PickMaps`; slices of
# symbolic tensors as `x[..., 2:4]` do as well.


# %% given="pick_maps"
class PickMaps(layers.Layer):
    """Some of the maps: `(B, H, W, C)` to `(B, H, W, len(maps))`, in that order."""

    def __init__(self, maps, **options):
        super().__init__(**options)
        self.maps = list(maps)

    def call(self, x):
        return keras.ops.take(x, self.maps, axis=-1)

    def get_config(self):
        return {**super().get_config(), "maps": self.maps}


# %% solution="partial_convolution"
def partial_convolution(x, table, kernel_size):
    """A convolution in which each map sees some of the maps below.

    Args:
        x: symbolic tensor `(B, H, W, C)`.
        table: for each map to make, the list of maps of `x` that it sees.
        kernel_size: height and width of the kernels.
    Returns:
        Symbolic tensor `(B, H - kernel_size + 1, W - kernel_size + 1, len(table))`,
        whose maps stand in the order of the table: no padding, no activation, one
        kernel for each map seen, and one bias for each map made.
    """
    ### BEGIN SOLUTION
    made = [layers.Conv2D(1, kernel_size)(PickMaps(maps)(x)) for maps in table]
    return layers.Concatenate()(made)
    ### END SOLUTION


# %% tests="partial_convolution" name="parameters" points=1
inputs = keras.Input((8, 9, 3))
model = keras.Model(inputs, partial_convolution(inputs, [[0], [1, 2]], 3))
checks.equal(model.output_shape, (None, 6, 7, 2), "the shape of two maps")
checks.equal(model.count_params(), 29, "the parameters of two maps")
### BEGIN HIDDEN TESTS
inputs = keras.Input((14, 14, 6))
table = [[0, 1, 2], [3, 5], [4], [0, 1, 2, 3, 4, 5]]
model = keras.Model(inputs, partial_convolution(inputs, table, 5))
checks.equal(model.output_shape, (None, 10, 10, 4), "the shape of four maps")
checks.equal(model.count_params(), 12 * 25 + 4, "the parameters of four maps")
### END HIDDEN TESTS

# %% tests="partial_convolution" name="who_sees_whom" points=1
inputs = keras.Input((4, 4, 3))
model = keras.Model(inputs, partial_convolution(inputs, [[0], [1, 2]], 3))
model.set_weights([np.ones(w.shape) for w in model.weights])
x = np.ones((1, 4, 4, 3), np.float32) * [1, 10, 100]
checks.array(
    np.asarray(model(x))[0, 0, 0],
    [10, 991],
    "maps of ones, tens and hundreds; all kernels and biases are ones",
)
### BEGIN HIDDEN TESTS
rng = np.random.default_rng(4)
table = [[3], [0, 2], [1, 2, 3], [0, 1]]
inputs = keras.Input((7, 6, 4))
model = keras.Model(inputs, partial_convolution(inputs, table, 2))
model.set_weights([rng.normal(size=w.shape) + 1 for w in model.weights])
x = rng.normal(size=(2, 7, 6, 4)).astype(np.float32)
before = np.asarray(model(x))
checks.shape(before, (2, 6, 5, 4), "four maps of two pictures")
seen = []
for number in range(4):
    changed = x.copy()
    changed[..., number] += 1
    difference = np.abs(np.asarray(model(changed)) - before).max(axis=(0, 1, 2))
    seen.append([bool(value > 1e-3) for value in difference])
expected = [[number in maps for maps in table] for number in range(4)]
checks.equal(seen, expected, "which of four maps react when a map below changes")
middle = np.zeros((1, 7, 6, 4), np.float32)
middle[0, 3, 3] = 5
reach = np.asarray(model(middle)) - np.asarray(model(0 * middle))
places = np.argwhere(np.abs(reach).max(axis=-1)[0] > 1e-3)
checks.equal(
    [places.min(axis=0).tolist(), places.max(axis=0).tolist()],
    [[2, 2], [3, 3]],
    "which outputs of 2 by 2 kernels a pixel reaches",
)
checks.holds(bool(np.any(before < 0)), "no activation: some outputs are negative")
### END HIDDEN TESTS

# %% [markdown]
# ## 5. LeNet-5 as it was
#
# Two more parts are given.
#
# **The squashing function** $1.7159 \tanh(\frac{2}{3} x)$. At 1 it is 1 and at -1 it is
# -1, and it bends most there, so that targets of 1 and -1 do not drive the units into
# saturation, where gradients vanish. The layer is `ScaledTanh`.
#
# **Codes for classes.** The output has no weights that learn. Each class has a picture
# of 7 × 12 pixels, 1 and -1, that was drawn by hand; F6 has 84 units, one for each
# pixel, and must learn to draw the picture. The output layer measures how far the
# drawing is from each code (squared distance). Characters that look alike, such as O
# and 0, then have codes that are alike, which helps a program that reads whole words
# later. Our layer `Codes` returns *minus* the distance, so that the largest output wins
# as usual. The codes below are those of a pocket calculator's display.

# %% given="codes"
SEGMENTS = {
    "a": np.s_[:2, :], "b": np.s_[:7, 5:], "c": np.s_[5:, 5:], "d": np.s_[10:, :],
    "e": np.s_[5:, :2], "f": np.s_[:7, :2], "g": np.s_[5:7, :],
}  # fmt: skip
LIT = "abcdef bc abged abgcd fgbc afgcd afgcde abc abcdefg abfgcd".split()
CODES = np.full((10, 12, 7), -1, np.float32)
for digit, segments in enumerate(LIT):
    for segment in segments:
        CODES[digit][SEGMENTS[segment]] = 1


class ScaledTanh(layers.Layer):
    """The squashing function `1.7159 tanh(2 x / 3)`."""

    def call(self, x):
        return 1.7159 * keras.ops.tanh(2 / 3 * x)


class Codes(layers.Layer):
    """Minus the squared distance to each of ten codes: `(B, 84)` to `(B, 10)`."""

    def build(self, input_shape):
        self.codes = self.add_weight(
            shape=(10, 84),
            initializer=lambda shape, dtype=None: CODES.reshape(shape),
            trainable=False,
            name="codes",
        )

    def call(self, x):
        return -keras.ops.sum((x[:, None] - self.codes) ** 2, axis=-1)


# %% experiment="codes"
plots.images((1 - CODES) / 2, [str(digit) for digit in range(10)], size=0.85)

# %% [markdown]
# **Your task.** Put it together. A `ScaledTanh` follows each of C1, S2, C3, S4, C5 and
# F6; `Codes` comes last. C5 makes maps of 1 × 1: flatten them before F6. Use your
# `subsampling`, `C3_TABLE` and `partial_convolution`. The model must have 60,000
# trainable parameters, not one more.
#
# (Lecture 1's table says "28 × 28, 3 layers, 60,000 parameters" for LeNet. The
# parameters are right. The picture has 32 × 32 pixels, so that a stroke that ends near
# the border can still be in the middle of a 5 × 5 window; and three is the number of
# convolutions.)


# %% solution="lenet5_original"
def lenet5_original():
    """LeNet-5 as of 1998.

    Returns:
        `keras.Model` from pictures `(B, 32, 32, 1)` to minus the squared distances to
        the ten codes, `(B, 10)`: 60,000 trainable parameters and 840 fixed ones.
    """
    ### BEGIN SOLUTION
    inputs = keras.Input((32, 32, 1))
    x = ScaledTanh()(layers.Conv2D(6, 5)(inputs))
    x = ScaledTanh()(subsampling(x))
    x = ScaledTanh()(partial_convolution(x, C3_TABLE, 5))
    x = ScaledTanh()(subsampling(x))
    x = ScaledTanh()(layers.Conv2D(120, 5)(x))
    x = ScaledTanh()(layers.Dense(84)(layers.Flatten()(x)))
    return keras.Model(inputs, Codes()(x))
    ### END SOLUTION


# %% tests="lenet5_original" name="parameters" points=1
model = lenet5_original()
checks.equal(model.input_shape, (None, 32, 32, 1), "the shape of the input")
checks.equal(model.output_shape, (None, 10), "the shape of the output")
trainable = sum(int(np.prod(w.shape)) for w in model.trainable_weights)
checks.equal(trainable, 60_000, "the trainable parameters")
checks.equal(model.count_params(), 60_840, "all parameters, the codes included")

# %% tests="lenet5_original" name="function" points=2
model = lenet5_original()
sizes = [150, 6, 6, 6, *[75, 1] * 6, *[100, 1] * 9, 150, 1, 16, 16]
sizes += [48_000, 120, 10_080, 84, 840]
found = [int(np.prod(w.shape)) for w in model.weights]
checks.equal(found, sizes, "the sizes of the arrays of weights, C1 first")
model.set_weights([0 * w for w in model.get_weights()[:-1]] + [CODES.reshape(10, 84)])
nothing = np.asarray(model(np.ones((1, 32, 32, 1), np.float32)))
checks.array(nothing, np.full((1, 10), -84.0), "all trained weights 0, so F6 is 0 too")
### BEGIN HIDDEN TESTS
rng = np.random.default_rng(5)


def squash(x):
    return 1.7159 * np.tanh(2 / 3 * x)


def convolved(x, kernel):
    windows = np.lib.stride_tricks.sliding_window_view(x, kernel.shape[:2], axis=(1, 2))
    return np.einsum("bhwcij,ijcf->bhwf", windows, kernel)


def halved(x, coefficient, bias):
    b, h, w, c = x.shape
    means = x.reshape(b, h // 2, 2, w // 2, 2, c).mean(axis=(2, 4))
    return means * coefficient.ravel() + bias


values = [rng.normal(size=w.shape) for w in model.weights]
# the larger the fan-in, the smaller the weights, so that no layer saturates
values = [2 * v / np.prod(v.shape[:-1]) ** 0.5 if v.ndim > 1 else v / 2 for v in values]
for v in values[4:36:2]:  # in what order a map of C3 sees its maps is free
    v[:] = 2 * v.mean(axis=2, keepdims=True)
values[-1] = CODES.reshape(10, 84)
model.set_weights(values)
x = rng.normal(size=(2, 32, 32, 1)).astype(np.float32)
given = iter(values)
y = squash(convolved(x, next(given)) + next(given))
y = squash(halved(y, next(given), next(given)))
columns = "012 123 234 345 450 501 0123 1234 2345 3450 4501 5012 0134 1245 2350 012345"
made = []
for maps in columns.split():
    total = y[..., [int(digit) for digit in maps]].sum(axis=-1, keepdims=True)
    made.append(convolved(total, next(given)[:, :, :1]) + next(given))
y = squash(np.concatenate(made, axis=-1))
y = squash(halved(y, next(given), next(given)))
y = squash(y.reshape(2, -1) @ next(given).reshape(400, 120) + next(given))
y = squash(y @ next(given) + next(given))
expected = -np.sum((y[:, None] - next(given)) ** 2, axis=-1)
received = np.asarray(model(x))
checks.array(received, expected, "two pictures, random weights", 1e-4, 2e-3)
### END HIDDEN TESTS

# %% [markdown]
# ## 6. LeNet-5 as it is taught
#
# Lecture 2 shows the LeNet-5 of today: every map of C3 sees all maps, pooling takes the
# maximum and learns nothing, ReLU for tanh, and a dense layer of ten units at the end.
# It has 61,706 parameters. (Lecture 2's list ends with a softmax. Ours ends with the
# **logits**, the numbers before the softmax: the loss computes softmax and logarithm in
# one step, as in lab 03, since one after the other they lose precision. Whoever has
# both, softmax in the net and `from_logits=True` in the loss, takes the softmax twice.)
#
# Two switches, for later:
#
# **Dropout** (Srivastava et al. 2014; lecture 4) sets each unit to 0 with some
# probability, the *rate*, at every training step anew, so that no unit can rely on
# another. Those that stay are multiplied by 1 / (1 - rate). After training nothing is
# dropped.
#
# **Batch normalisation** (Ioffe and Szegedy 2015) subtracts from each map its mean over
# the batch and divides by the deviation, then multiplies by a trained factor and adds a
# trained shift, which makes a bias before it useless. After training it uses averages
# that it collected meanwhile: two more numbers a map, which are not trained. (The
# averages move by a share of 1 - momentum at each step. Keras's 0.99 is meant for many
# thousand steps. We take some hundreds, so ours is 0.9.)
#
# **Your task.** Write `lenet5`.


# %% solution="lenet5"
def lenet5(dropout=0.0, batch_normalization=False):
    """LeNet-5 as it is taught now.

    C1 (6 maps), C3 (16) and C5 (120) are convolutions 5 x 5 without padding, a ReLU
    behind each; C1 and C3 are followed by max pooling 2 x 2. Then F6, dense with 84
    units and ReLU, and a dense layer with ten units.

    Args:
        dropout: rate of dropout behind C5 and behind F6 (behind their ReLU); with 0
            nothing is ever dropped.
        batch_normalization: whether a `BatchNormalization` with momentum 0.9 stands
            between each of the three convolutions and its ReLU. These convolutions then
            have no bias.
    Returns:
        `keras.Model` from pictures `(B, 32, 32, 1)` to logits `(B, 10)`.
    """
    ### BEGIN SOLUTION
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
    model.add(layers.Dense(10))
    return model
    ### END SOLUTION


# %% tests="lenet5" name="plain" points=1
model = lenet5()
checks.equal(model.input_shape, (None, 32, 32, 1), "the shape of the input")
checks.equal(model.output_shape, (None, 10), "the shape of the logits")
checks.equal(model.count_params(), 61_706, "the parameters")
### BEGIN HIDDEN TESTS
rng = np.random.default_rng(6)


def convolved(x, kernel):
    windows = np.lib.stride_tricks.sliding_window_view(x, kernel.shape[:2], axis=(1, 2))
    return np.einsum("bhwcij,ijcf->bhwf", windows, kernel)


def halved(x):
    b, h, w, c = x.shape
    return x.reshape(b, h // 2, 2, w // 2, 2, c).max(axis=(2, 4))


values = [rng.normal(size=w.shape) / 4 for w in model.weights]
model.set_weights(values)
x = rng.normal(size=(2, 32, 32, 1)).astype(np.float32)
given = iter(values)
y = halved(np.maximum(convolved(x, next(given)) + next(given), 0))
y = halved(np.maximum(convolved(y, next(given)) + next(given), 0))
y = y.reshape(2, -1) @ next(given).reshape(400, 120) + next(given)
y = np.maximum(np.maximum(y, 0) @ next(given) + next(given), 0)
expected = y @ next(given) + next(given)
scale = np.abs(expected).max()
checks.array(
    np.asarray(model(x)), expected, "two pictures, random weights", 1e-3, 1e-3 * scale
)
### END HIDDEN TESTS

# %% tests="lenet5" name="dropout" points=1
model = lenet5(dropout=0.5)
checks.equal(model.count_params(), 61_706, "the parameters with dropout")
x = np.random.default_rng(7).random((2, 32, 32, 1)).astype(np.float32)
quiet, noisy = (np.asarray(model(x, training=t)) for t in (False, True))
checks.holds(not np.allclose(quiet, noisy), "in training something is dropped")
### BEGIN HIDDEN TESTS
plain = lenet5()
checks.array(
    np.asarray(plain(x, training=True)),
    np.asarray(plain(x)),
    "without the switch nothing is dropped",
    rtol=1e-3,
    atol=1e-4,
)
model = lenet5(dropout=0.25)
found = [layer for layer in model.layers if isinstance(layer, layers.Dropout)]
sizes = [int(np.prod(layer.output.shape[1:])) for layer in found]
checks.equal(sizes, [120, 84], "how many units stand before each dropout")
checks.equal([layer.rate for layer in found], [0.25, 0.25], "the rates of dropout")
### END HIDDEN TESTS

# %% tests="lenet5" name="batch_normalization" points=1
model = lenet5(batch_normalization=True)
trainable = sum(int(np.prod(w.shape)) for w in model.trainable_weights)
checks.equal(trainable, 61_848, "what is trained with batch normalisation")
checks.equal(model.count_params(), 62_132, "all parameters with batch normalisation")
### BEGIN HIDDEN TESTS
found = [layer for layer in model.layers if hasattr(layer, "momentum")]
checks.equal([layer.momentum for layer in found], [0.9] * 3, "the momenta")
rng = np.random.default_rng(8)


def convolved(x, kernel):
    windows = np.lib.stride_tricks.sliding_window_view(x, kernel.shape[:2], axis=(1, 2))
    return np.einsum("bhwcij,ijcf->bhwf", windows, kernel)


def halved(x):
    b, h, w, c = x.shape
    return x.reshape(b, h // 2, 2, w // 2, 2, c).max(axis=(2, 4))


def normalized(x, factor, shift, mean, variance):
    return (x - mean) / np.sqrt(variance + 1e-3) * factor + shift


values = [np.abs(rng.normal(size=w.shape)) + 0.3 for w in model.weights]
values = [v if v.ndim == 1 else rng.normal(size=v.shape) / 4 for v in values]
model.set_weights(values)
x = rng.normal(size=(2, 32, 32, 1)).astype(np.float32)
given = iter(values)
y = x
for filters in (6, 16, 120):
    kernel = next(given)
    y = convolved(y, kernel.reshape(5, 5, -1, filters))
    y = np.maximum(normalized(y, *(next(given) for _ in range(4))), 0)
    y = halved(y) if filters < 120 else y
y = np.maximum(y.reshape(2, 120) @ next(given) + next(given), 0)
expected = y @ next(given) + next(given)
scale = np.abs(expected).max()
checks.array(
    np.asarray(model(x, training=False)),
    expected,
    "two pictures, random weights and averages",
    1e-3,
    1e-3 * scale,
)
### END HIDDEN TESTS

# %% [markdown]
# ## 7. Prepare the pictures
#
# Our digits have 28 × 28 pixels from 0 (paper) to 1 (ink). The net wants 32 × 32, a
# channel axis, and numbers around 0: LeCun et al. scale the pixels such that their mean
# is roughly 0 and their variance roughly 1, "which accelerates learning".
#
# Mind two things. The border is paper, so it must get the value that paper gets. And
# the mean and the deviation are *part of the trained model*: they are measured on the
# training pictures, once, and applied to all. Whoever measures them on the test
# pictures lets the network see something of the test; and in use there is no "test
# set", but one digit.
#
# **Your task.** Write `prepare`.


# %% solution="prepare"
def prepare(train_images, test_images):
    """Pictures for LeNet-5, with mean 0 and deviation 1 over the training set.

    First a border of 2 pixels of paper (0) is put around each picture. Then the mean of
    all pixels of all training pictures, borders included, is subtracted from both sets,
    and both are divided by the standard deviation of the same pixels.

    Args:
        train_images: float array `(B, H, W)`, values from 0 to 1.
        test_images: float array `(N, H, W)`.
    Returns:
        Two float32 arrays, `(B, H + 4, W + 4, 1)` and `(N, H + 4, W + 4, 1)`. The given
        arrays are left as they are.
    """
    ### BEGIN SOLUTION
    border = [(0, 0), (2, 2), (2, 2)]
    train, test = (np.pad(images, border) for images in (train_images, test_images))
    mean, deviation = train.mean(), train.std()
    train, test = ((images - mean) / deviation for images in (train, test))
    return train[..., None].astype(np.float32), test[..., None].astype(np.float32)
    ### END SOLUTION


# %% tests="prepare" name="pictures" points=1
dot = np.zeros((1, 2, 1))
dot[0, 0, 0] = 1
known, new = prepare(dot, dot)
checks.shape(known, (1, 6, 5, 1), "a training picture of 2 by 1 pixels")
checks.dtype(known, np.float32, "the training pictures")
checks.holds(bool(np.argmax(known) == 12), "the ink is in the middle")
### BEGIN HIDDEN TESTS
rng = np.random.default_rng(9)
train_images, test_images = rng.random((3, 4, 6)), rng.random((2, 4, 6))
with checks.unchanged("the arrays after the call", train_images, test_images):
    known, new = prepare(train_images, test_images)
checks.shape(known, (3, 8, 10, 1), "three training pictures")
checks.shape(new, (2, 8, 10, 1), "two test pictures")
checks.dtype(new, np.float32, "the test pictures")
checks.holds(
    bool(np.ptp(known[:, :2]) == 0 and np.ptp(known[:, :, -2:]) == 0),
    "the border has one value",
)
inside = known[:, 2:-2, 2:-2, 0]
order = np.argsort(train_images, axis=None)
checks.array(np.argsort(inside, axis=None), order, "the pixels inside keep their order")
### END HIDDEN TESTS

# %% tests="prepare" name="statistics" points=1
third = np.tile(np.reshape([1.0, 0.0, 0.0], (3, 1, 1)), (1, 2, 2))  # one black
known, new = prepare(third, third[:1])
checks.holds(bool(abs(known.mean()) < 1e-5), "the training pictures have mean 0")
checks.holds(
    bool(abs(known.std() - 1) < 1e-5), "the training pictures have deviation 1"
)
### BEGIN HIDDEN TESTS
rng = np.random.default_rng(10)
for size in [(28, 28), (5, 3)]:
    train_images = rng.random((6, *size)) ** 3
    test_images = rng.random((4, *size)) / 2
    known, new = prepare(train_images, test_images)
    total = 6 * (size[0] + 4) * (size[1] + 4)
    mean = train_images.sum() / total
    deviation = ((train_images**2).sum() / total - mean**2) ** 0.5
    for received, images, case in [(known, train_images, "training"),
                                   (new, test_images, "test")]:  # fmt: skip
        expected = np.full((len(images), size[0] + 4, size[1] + 4), -mean / deviation)
        expected[:, 2:-2, 2:-2] = (images - mean) / deviation
        checks.array(received[..., 0], expected, f"{case} pictures", 1e-4, 1e-5)
### END HIDDEN TESTS

# %% [markdown]
# ## 8. Train
#
# Time to learn. One pass over all training pictures is an **epoch**. Each epoch takes
# the pictures in a *new* random order, in batches. (Keras's `fit` shuffles as well. But
# if a seed is set before each call, as one does for results that can be repeated, it
# takes the same order every time; so do it yourself and pass `shuffle=False`.)
#
# **Augmentation** makes up for pictures that we do not have. A digit that is moved by a
# pixel, turned by some degrees or a little larger is still the same digit; LeCun et al.
# added 540,000 distorted digits to their 60,000 and cut the error from 0.95 % to 0.8 %.
# We do not store them: each epoch distorts the pictures anew, so the net never sees the
# same picture twice. What distorts is an argument, a function. It is meant for
# training only: a test picture is read as it is.
#
# **Your task.** Write `train`. You may call `fit` once for each epoch (with `epochs=1`
# and `verbose=0`), or write the loop over the batches yourself.


# %% given="quick_net"
class QuickNet(keras.Sequential):
    """A net as any other, but one that Keras does not compile to a graph.

    That saves a third of a second at the start and costs time in every step, so it is
    good for a handful of steps, as in the checks of `train`.
    """

    def compile(self, *args, **settings):
        super().compile(*args, **{**settings, "run_eagerly": True})


# %% solution="train"
def train(
    model, images, labels, epochs, batch_size=32, learning_rate=0.001, augment=None,
    seed=0,
):  # fmt: skip
    """Trains a model by Adam on the cross-entropy of its logits.

    Args:
        model: `keras.Model` from pictures to logits; it is trained in place.
        images: float32 array `(B, H, W, 1)`; it is left as it is.
        labels: int array `(B,)`, the classes.
        epochs: passes over the pictures.
        batch_size: pictures a step; the last step of an epoch takes the rest.
        learning_rate: of `keras.optimizers.Adam`, whose other settings stay.
        augment: function from pictures to as many pictures of the same shape, or None.
            In every epoch it gets the pictures as they were given, once they are in the
            new order, all at once or batch by batch; what it returns is learnt, with
            the labels of the pictures it got.
        seed: int. In each epoch every picture is used once, in a random order, another
            one in each epoch; equal seeds give equal orders, other seeds others.
    Returns:
        Float array `(epochs,)`: for each epoch the mean loss over its pictures, each
        measured by the step in which the picture was used, as `fit` reports it.
    """
    ### BEGIN SOLUTION
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
    ### END SOLUTION


# %% tests="train" name="learns" points=1
model = QuickNet(
    [keras.Input((2, 2, 1)), layers.Flatten(), layers.Dense(3, "linear", True, "zeros")]
)
x = np.arange(24, dtype=np.float32).reshape(6, 2, 2, 1) / 24 - 0.5
y = np.array([0, 0, 1, 1, 2, 2])
losses = train(model, x, y, epochs=4, batch_size=6, learning_rate=0.1)
checks.shape(losses, (4,), "the losses of four epochs")
checks.array(losses[0], np.log(3), "the first loss, all logits being 0", 1e-3)
### BEGIN HIDDEN TESTS
rng = np.random.default_rng(11)


def adam(flat, y, weights, rate, steps):
    """The weights of a dense layer after some steps, and the loss before each."""
    losses, first, second = [], [0, 0], [0, 0]
    for step in range(1, steps + 1):
        logits = flat @ weights[0] + weights[1]
        p = np.exp(logits - logits.max(axis=1, keepdims=True))
        p /= p.sum(axis=1, keepdims=True)
        losses.append(-np.mean(np.log(p[np.arange(len(y)), y])))
        error = (p - np.eye(4)[y]) / len(y)
        for i, g in enumerate([flat.T @ error, error.sum(axis=0)]):
            first[i] = 0.9 * first[i] + 0.1 * g
            second[i] = 0.999 * second[i] + 0.001 * g**2
            root = np.sqrt(second[i] / (1 - 0.999**step)) + 1e-7
            weights[i] = weights[i] - rate * first[i] / (1 - 0.9**step) / root
    return weights, losses


# the same picture five times, so that the order does not matter: steps of 2, 2 and 1
x = np.tile(rng.normal(size=(1, 2, 3, 1)), (5, 1, 1, 1)).astype(np.float32)
y = np.full(5, 2)
weights = [rng.normal(size=(6, 4)), rng.normal(size=4)]
model = QuickNet([keras.Input((2, 3, 1)), layers.Flatten(), layers.Dense(4)])
model.set_weights(weights)
with checks.unchanged("images and labels after the call", x, y):
    received = train(model, x, y, epochs=3, batch_size=2, learning_rate=0.05)
weights, losses = adam(x.reshape(5, 6)[:1], y[:1], weights, 0.05, 9)
means = np.reshape(losses, (3, 3)) @ [0.4, 0.4, 0.2]
checks.array(received, means, "three epochs of three steps: the losses", 1e-3)
kernel = model.get_weights()[0]
checks.array(kernel, weights[0], "three epochs of three steps: the weights", 1e-3, 1e-3)
### END HIDDEN TESTS

# %% tests="train" name="order" points=1
seen = []


def look(pictures):
    seen.append(np.array(pictures))
    return pictures


# a layer that knows each picture's class by heart: its loss says who got which label
model = QuickNet([keras.Input((8, 1, 1)), layers.Flatten(), layers.Dense(8)])
x, y = np.eye(8, dtype=np.float32).reshape(8, 8, 1, 1), np.arange(8)[::-1].copy()
size = np.linspace(2, 6, 8)[:, None]
model.set_weights([size * np.eye(8)[y], np.zeros(8)])
losses = train(model, x, y, 2, batch_size=4, learning_rate=0.0, augment=look)
orders = np.concatenate(seen).reshape(2, 8, 8).argmax(axis=2)
checks.array(np.sort(orders), [range(8)] * 2, "each epoch uses every picture once")
checks.holds(bool(np.any(orders[0] != orders[1])), "another order in each epoch")
right = np.mean(np.log1p(7 * np.exp(-size)))
checks.array(losses, [right, right], "each picture keeps its label", 1e-3)
### BEGIN HIDDEN TESTS
runs = []
for seed, epochs in [(0, 3), (4, 2)]:
    seen.clear()
    model.set_weights([size * np.eye(8)[y], np.zeros(8)])
    losses = train(model, x, y, epochs, 4, 0.0, augment=look, seed=seed)
    runs.append(np.concatenate(seen).reshape(epochs, 8, 8).argmax(axis=2))
    checks.array(np.sort(runs[-1]), [range(8)] * epochs, "another run uses each once")
    checks.array(losses, np.full(epochs, right), "another run: the labels", 1e-3)
checks.holds(bool(np.any(orders[0] != np.arange(8))), "the first order is random too")
checks.holds(len({tuple(row) for row in runs[0]}) == 3, "three epochs, three orders")
checks.array(runs[0][:2], orders, "equal seeds give equal orders")
checks.holds(bool(np.any(runs[1] != orders)), "another seed gives other orders")
### END HIDDEN TESTS

# %% tests="train" name="augment" points=1
seen = []


def double(pictures):
    seen.append(np.array(pictures))
    return 2 * pictures


model = QuickNet([keras.Input((1, 1, 1)), layers.Flatten(), layers.Dense(2)])
model.set_weights([np.array([[0.0, 1.0]]), np.zeros(2)])
x = np.ones((4, 1, 1, 1), np.float32)
losses = train(model, x, np.array([1, 1, 1, 1]), 2, learning_rate=0.0, augment=double)
checks.array(losses, [np.log1p(np.exp(-2))] * 2, "pictures twice as bright", 1e-3)
checks.array(np.concatenate(seen).ravel(), np.ones(8), "what is made brighter")
### BEGIN HIDDEN TESTS
calls = []


def brighter(pictures):
    calls.append(len(pictures))
    return pictures + 1


model.set_weights([np.array([[0.0, 1.0]]), np.zeros(2)])
x = np.linspace(-1, 1, 5, dtype=np.float32).reshape(5, 1, 1, 1)
with checks.unchanged("the images after the call", x):
    losses = train(model, x, np.zeros(5, int), 3, 5, 0.0, augment=brighter)
checks.equal(sum(calls), 15, "how many pictures are augmented in three epochs")
expected = np.full(3, np.log1p(np.exp(x + 1)).mean())
checks.array(losses, expected, "brighter pictures in each of three epochs", 1e-3)
### END HIDDEN TESTS

# %% [markdown]
# ## 9. Predict
#
# A trained net gives logits. Softmax makes probabilities of them,
# $p_k = e^{z_k} / \sum_j e^{z_j}$; mind that $e^{1000}$ is too much for a computer (the
# logits of LeNet-5 of 1998 are minus distances of some hundreds).
#
# And mind the switch. Dropout and batch normalisation do one thing in training and
# another afterwards. `fit` sets the switch itself; where you call a model, you say
# `model(x, training=False)`. With `training=True` answers are random, and depend on
# which other pictures are in the batch.
#
# **Your task.** Write `predict`.


# %% solution="predict"
def predict(model, images):
    """The probabilities that a model gives to the classes of some pictures.

    Args:
        model: `keras.Model` from pictures to logits `(B, classes)`, used as after
            training. It is left as it is.
        images: float32 array `(B, ...)`.
    Returns:
        Float array `(B, classes)`, rows that sum to 1, whatever the size of the logits.
    """
    ### BEGIN SOLUTION
    batches = [images[i : i + 500] for i in range(0, len(images), 500)]
    logits = np.concatenate([np.asarray(model(b, training=False)) for b in batches])
    p = np.exp(logits - logits.max(axis=1, keepdims=True))
    return p / p.sum(axis=1, keepdims=True)
    ### END SOLUTION


# %% tests="predict" points=1
model = keras.Sequential([keras.Input((3,)), layers.Dropout(0.5, seed=1)])
x = np.log(np.array([[1, 2, 1], [2, 2, 4]], np.float32))
checks.array(
    predict(model, x),
    [[0.25, 0.5, 0.25], [0.25, 0.25, 0.5]],
    "logits log 1, log 2, log 1, and log 2, log 2, log 4",
    1e-4,
)
### BEGIN HIDDEN TESTS
rng = np.random.default_rng(12)
model = keras.Sequential(
    [keras.Input((5,)), layers.BatchNormalization(), layers.Dropout(0.5, seed=2)]
)
weights = np.abs(rng.normal(size=(4, 5))) + 0.5
model.set_weights(list(weights))
x = rng.normal(size=(7, 5)).astype(np.float32)
factor, shift, mean, variance = weights
logits = (x - mean) / np.sqrt(variance + 1e-3) * factor + shift
expected = np.exp(logits) / np.exp(logits).sum(axis=1, keepdims=True)
p = predict(model, x)
checks.array(p, expected, "a net with batch normalisation and dropout", 1e-3, 1e-5)
checks.array(predict(model, x[:1]), p[:1], "one picture", 1e-4, 1e-6)
checks.array(
    np.asarray(model.get_weights()), weights, "the model after the calls", 1e-4
)
model = keras.Sequential([keras.Input((3,)), layers.Rescaling(1000.0)])
x = np.array([[1, 1, -1], [-1, -2, -3]], np.float32)
checks.array(predict(model, x), [[0.5, 0.5, 0], [1, 0, 0]], "logits of 1000", 1e-4)
### END HIDDEN TESTS

# %% [markdown]
# ## 10. Who is taken for whom
#
# One number, the accuracy, hides a lot. A **confusion matrix** has a row for each true
# class and a column for each class that was predicted, and counts the pictures. What is
# right stands on the diagonal; the other numbers say which digits look alike to the
# net.
#
# **Your task.** Write `confusion_matrix`.


# %% solution="confusion_matrix"
def confusion_matrix(labels, predicted, num_classes):
    """How many pictures of each class were taken for each class.

    Args:
        labels: int array `(B,)`, the true classes, from 0.
        predicted: int array `(B,)`, the classes that were predicted.
        num_classes: of how many classes, even if some occur in neither.
    Returns:
        Int array `(num_classes, num_classes)`; row: the true class, column: the
        predicted one.
    """
    ### BEGIN SOLUTION
    matrix = np.zeros((num_classes, num_classes), int)
    np.add.at(matrix, (labels, predicted), 1)
    return matrix
    ### END SOLUTION


# %% tests="confusion_matrix" points=1
checks.array(
    confusion_matrix(np.array([0, 0, 1, 1, 1]), np.array([0, 1, 1, 1, 0]), 2),
    [[1, 1], [1, 2]],
    "two zeros, one of them taken for a one, and three ones, one taken for a zero",
)
### BEGIN HIDDEN TESTS
rng = np.random.default_rng(13)
for classes, count in [(3, 40), (10, 200), (4, 1)]:
    labels = rng.integers(0, classes, size=count)
    predicted = np.where(rng.random(count) < 0.5, labels, labels // 2)
    pairs = [f"{a} {b}" for a, b in zip(labels, predicted, strict=True)]
    by_hand = [
        [pairs.count(f"{a} {b}") for b in range(classes)] for a in range(classes)
    ]
    received = confusion_matrix(labels, predicted, classes)
    checks.array(received, by_hand, f"{count} pictures of {classes} classes")
    checks.holds(received.dtype.kind in "iu", "the counts are ints")
labels, predicted = np.array([0, 2, 1]), np.array([1, 1, 0])
expected = np.zeros((5, 5), int)
expected[[0, 2, 1], [1, 1, 0]] = 1
received = confusion_matrix(labels, predicted, 5)
checks.array(received, expected, "classes that do not occur")
### END HIDDEN TESTS

# %% [markdown]
# ## The experiment: learnt by heart?
#
# The digits come from scikit-learn: 1,797 of 8 × 8 pixels, enlarged to 28 × 28. They
# were written by 13 people, and the file goes through them one after the other. We
# train on the first 640 and test on the last 517, which are mostly by people whom the
# net has never seen. This is harder than a random choice, and it is what a post office
# needs.


# %% given="digits"
def load_digits():
    """Training pictures `(B, 28, 28)` and labels, then the same for the test."""
    if FULL:
        try:
            sets = [datasets.load("mnist", s, as_numpy=True) for s in ("train", "test")]
            return [array for x, y in sets for array in (x[..., 0], y)]
        except datasets.OfflineError:
            print("MNIST is not here, so the small digits must do.")
    images, labels = datasets.load("digits", "all", as_numpy=True, image_size=28)
    parts = (slice(None, 640), slice(1280, None))
    return [array for s in parts for array in (images[s, ..., 0], labels[s])]


# %% experiment="digits"
train_images, train_labels, test_images, test_labels = load_digits()
train_x, test_x = prepare(train_images, test_images)
shift = layers.RandomTranslation(0.1, 0.1, fill_mode="nearest", seed=1)
turn = layers.RandomRotation(0.04, fill_mode="nearest", seed=2)
zoom = layers.RandomZoom(0.12, fill_mode="nearest", seed=3)


def distort(pictures):
    """Moves, turns and resizes each picture a little, at random."""
    for layer in (shift, turn, zoom):
        pictures = layer(pictures, training=True)
    return np.asarray(pictures)


chosen = [int(np.flatnonzero(train_labels == digit)[0]) for digit in (2, 3, 5, 7)]
rows = [train_x[chosen]] + [distort(train_x[chosen]) for _ in range(5)]
low, high = train_x.min(), train_x.max()
plots.images(
    [(high - row[i, :, :, 0]) / (high - low) for i in range(4) for row in rows],
    ["as it is", *(f"distorted {n}" for n in range(1, 6)), *[""] * 18],
    columns=6,
    size=1.3,
)

# %% [markdown]
# First the old and the new, as they are.

# %% experiment="old_and_new"
EPOCHS, SEEDS = (12, (0, 1, 2)) if FULL else (16, (0, 1))


def accuracy(model, images, labels):
    return float(np.mean(predict(model, images).argmax(axis=1) == labels))


losses = {}
for name, build in [("LeNet-5 of 1998", lenet5_original), ("LeNet-5 of today", lenet5)]:
    keras.utils.set_random_seed(0)
    net = build()
    run = train(net, train_x, train_labels, EPOCHS)
    learnt, new = (accuracy(net, *s) for s in [(train_x, train_labels),
                                               (test_x, test_labels)])  # fmt: skip
    losses[f"{name}: {new:.1%} of new digits"] = run
    print(f"{name}: {learnt:.1%} of the digits it learnt from, {new:.1%} of new ones")
plots.curves(
    np.arange(1, EPOCHS + 1),
    losses,
    xlabel="epoch",
    ylabel="loss in training",
    markers=True,
)

# %% [markdown]
# Both know every digit they learnt from, and the loss is next to nothing: there is
# nothing left to learn from *these* pictures. Now the means against learning by heart,
# each alone and all together, each with two seeds.

# %% experiment="regularisers"
settings = {
    "plain": ({}, None),
    "batch normalisation": ({"batch_normalization": True}, None),
    "dropout 0.5": ({"dropout": 0.5}, None),
    "augmentation": ({}, distort),
    "all three": ({"dropout": 0.25, "batch_normalization": True}, distort),
}
nets, scores = {}, {name: [] for name in settings}
for name, (switches, augment) in settings.items():
    for seed in SEEDS:
        keras.utils.set_random_seed(seed)
        net = lenet5(**switches)
        train(net, train_x, train_labels, EPOCHS, augment=augment, seed=seed)
        scores[name].append([accuracy(net, train_x, train_labels),
                             accuracy(net, test_x, test_labels)])  # fmt: skip
        nets[name, seed] = net
with plt.rc_context(plots.STYLE):
    figure, axes = plt.subplots(figsize=(8.5, 3.2), layout="constrained")
    for row, shares in enumerate(scores.values()):
        learnt, new = np.transpose(shares) * 100
        axes.plot([new.mean(), learnt.mean()], [row, row], color="#BBBBBB", zorder=0)
        axes.scatter(learnt, [row] * len(learnt), marker="s", color=plots.BLUE)
        axes.scatter(new, [row] * len(new), color=plots.RED)
        axes.text(new.mean(), row - 0.22, f"{new.mean():.1f}", ha="center")
    axes.scatter([], [], marker="s", color=plots.BLUE, label="digits it learnt from")
    axes.scatter([], [], color=plots.RED, label="new digits, mostly by new people")
    axes.set(yticks=range(len(scores)), yticklabels=scores, xlabel="recognised (%)")
    axes.set_ylim(len(scores) - 0.5, -0.7)
    axes.grid(axis="x", alpha=0.3)
    figure.legend(loc="outside lower center", ncols=2)
    plt.show()

# %% [markdown]
# The red dots are what counts, and the line between red and blue is what was learnt by
# heart. Each of the three moves the red dots to the right. Augmentation tells the net
# something about digits that the pictures do not say: that they stay what they are when
# they are moved or turned. Dropout and batch normalisation know nothing about digits;
# the one makes the net rely on many units, the other makes learning smoother, with some
# noise from the other pictures of the batch.
#
# What helps does not add up, though: all three together are hardly better than one.
# They fight the same enemy, and none of them brings what is missing, other people's
# handwriting. And look at the distance between two dots of a line: the same net with
# another seed. A difference smaller than that says nothing.

# %% experiment="confusion"
best = nets["all three", SEEDS[0]]
p = predict(best, test_x)
matrix = confusion_matrix(test_labels, p.argmax(axis=1), 10)
with plt.rc_context(plots.STYLE):
    figure, axes = plt.subplots(figsize=(5, 4.6), layout="constrained")
    wrong = np.where(np.eye(10, dtype=bool), 0, matrix)
    axes.imshow(wrong, cmap="Oranges", vmax=max(wrong.max() * 1.3, 1))
    for (row, column), count in np.ndenumerate(matrix):
        if count:
            weight = "normal" if row == column else "bold"
            colour = "#888888" if row == column else "black"
            axes.text(column, row, count, ha="center", va="center", weight=weight,
                      color=colour)  # fmt: skip
    axes.set(xticks=range(10), yticks=range(10))
    axes.set(xlabel="taken for", ylabel="the digit is a", title="All three, new digits")
    axes.tick_params(length=0)
    axes.spines[:].set_visible(False)
    plt.show()

# %% [markdown]
# And here are the mistakes of which the net was surest.

# %% experiment="worst"
predicted = p.argmax(axis=1)
wrong = np.flatnonzero(predicted != test_labels)
surest = wrong[np.argsort(-p[wrong].max(axis=1))][:12]
plots.images(
    [1 - test_images[n] for n in surest],
    [f"a {test_labels[n]}: {predicted[n]} ({p[n].max():.0%})" for n in surest],
    columns=6,
    size=1.4,
)

# %% [markdown]
# About some you may not be sure yourself, at 8 × 8 pixels. But look at the eights, and
# at their row in the matrix: somebody in the last third of the file writes them as
# nobody in the training set does. To move and turn the eights of other people does not
# make that handwriting. And look at the percentages: to be sure is not to be right.
#
# One more experiment. What do the mistakes cost that this lab warns of?


# %% experiment="what_mistakes_cost"
def share(logits):
    return float(np.mean(np.argmax(np.asarray(logits), axis=1) == test_labels))


own = np.pad(test_images, [(0, 0), (2, 2), (2, 2)])[..., None]
own = (own - own.mean()) / own.std()
grey = np.zeros_like(test_x)
grey[:, 2:-2, 2:-2] = test_x[:, 2:-2, 2:-2]
keras.utils.set_random_seed(0)
# Keras would notice a softmax that comes last, and leave it out: a factor 1 hides it
twice = keras.Sequential([lenet5(), layers.Softmax(), layers.Rescaling(1.0)])
train(twice, train_x, train_labels, EPOCHS)
plain = nets["plain", 0]
costs = {
    "all three, as it should be": share(best(test_x, training=False)),
    "test pictures by their own mean and deviation": share(best(own, training=False)),
    "training=True in the test, all at once": share(best(test_x, training=True)),
    "training=True in the test, in batches of 4": share(
        np.concatenate([best(test_x[i : i + 4], training=True)
                        for i in range(0, len(test_x), 4)])
    ),
    "a grey border around the test pictures": share(best(grey, training=False)),
    "plain, as it should be": share(plain(test_x)),
    "plain, softmax twice": share(twice(test_x)),
}  # fmt: skip
with plt.rc_context(plots.STYLE):
    figure, axes = plt.subplots(figsize=(8.5, 3), layout="constrained")
    values = 100 * np.array(list(costs.values()))
    right = ["as it should be" in name for name in costs]
    axes.barh(range(len(costs)), values, 0.65,
              color=[plots.BLUE if r else plots.ORANGE for r in right])  # fmt: skip
    for row, value in enumerate(values):
        axes.text(value + 0.4, row, f"{value:.1f}", va="center")
    axes.set(yticks=range(len(costs)), yticklabels=costs, xlim=(50, 101))
    axes.set_xlabel("new digits recognised (%); the axis begins at 50")
    axes.invert_yaxis()
    plt.show()

# %% [markdown]
# Some cost nothing here, or even gain a point by luck, and this is the trouble with
# them. Training and test digits are so alike that mean and deviation hardly differ;
# with pictures from another camera they would. With `training=True` and all test digits
# in one batch, batch normalisation measures the whole test set, which looks as good as
# the right way: but the answer for a digit depends on who else is in the batch. In
# batches of four it falls apart. Two softmaxes make all probabilities nearly equal and
# the gradients small: the net learns all the same, and nobody asks why its loss stays
# high. **A good score does not prove that there is no mistake.**
#
# ## What you take along
#
# - LeNet-5 has 60,000 parameters and 340,908 connections: sharing weights is what makes
#   the difference.
# - Its old parts, tables, coefficients and codes, were answers to real questions:
#   computing cost, symmetry, classes that look alike. They went when computers grew.
# - What is measured on pictures, mean and deviation too, is measured on training
#   pictures only.
# - One softmax: in the net or in the loss.
# - Training and use are two modes of the same net. Set the switch.
# - Fewer pictures than weights is no sin; no regulariser is. The best regulariser is
#   more pictures, and the second best is to distort those you have.
# - Look at the mistakes.
#
# **Numbers to check.** Lecture 1 says that LeNet of 1989/1998 is right for 98.9 % of
# the digits. By the paper's comparison that is LeNet-4 (1.1 % errors); LeNet-5 makes
# 0.95 %, and 0.8 % with distorted digits. Of 10,000 test digits that is a difference of
# 15. Lecture 0 asks for the number of parameters of LeNet 1989, with pooling of 2 × 2
# and strides of 2. The net of 1989 had no pooling: its convolutions had strides of 2,
# and 9,760 parameters, with one bias for each unit, not for each map.
