# ---
# jupyter:
#   kernelspec:
#     display_name: Python 3
#     language: python
#     name: python3
#   lab:
#     title: Pooling and receptive fields
#     withheld_modules: [cnncourse.ops, scipy, tensorflow, keras, torch, jax, cv2,
#       skimage, sklearn, numba]
# ---

# %% [markdown]
# # Lab 02: Pooling and receptive fields
#
# A convolution tells *where* something is, pixel by pixel. To name a digit you do not
# need to know that: a 7 is a 7 at the left and at the right. Between the two stand a
# few very simple layers that make maps smaller: they keep the largest value of a
# window, or the mean, or just every second pixel. In this lab you write them, and then
# ask what they do to a network: how far can a unit see, what does a layer cost, and how
# much may the input move before the network notices?
#
# **When you are through you can**
#
# - compute max pooling and average pooling, overlapping and padded, and say what
#   padding must not do to them;
# - tell strides in a convolution from subsampling behind it (there is no difference);
# - compute which pixels a unit deep in a network can see;
# - count the parameters and the multiplications of LeNet-5, AlexNet and VGG-16, and say
#   where in the network they are;
# - say exactly what pooling makes invariant, and what it does not.
#
# **How it works.** As in lab 01: replace `raise NotImplementedError()` by your code,
# run the cell, then the checks below it. A check cell that prints nothing has passed.
# After you submit, hidden checks try everything that the docstring promises on other
# inputs.
#
# You need NumPy only; libraries that have these functions ready are switched off while
# your work is graded. Loops are fine.
#
# **How long it takes.** Two to three hours. The exercises do not need each other.
#
# | exercise | function | points |
# |---|---|---|
# | 1. Keep the largest | `max_pool2d` | 4 |
# | 2. Keep the mean | `avg_pool2d` | 4 |
# | 3. Keep every second | `subsample` | 2 |
# | 4. How far can a unit see? | `receptive_field` | 4 |
# | 5. What must be learnt | `count_parameters` | 2 |
# | 6. What must be computed | `count_macs` | 2 |
# | 7. Find what is wrong on the slide | eight answers | 2 |

# %% given="setup"
import matplotlib.pyplot as plt
import numpy as np

from cnncourse import checks, datasets, plots

COLOURS = (plots.BLUE, plots.RED, plots.GREEN, plots.PURPLE, plots.ORANGE, plots.SKY)
FULL = False  # True: the last experiment with all digits and 200 filters, some seconds

# Lecture 4's map of 4 by 4, and the same as a batch of one picture with one channel.
lecture4_map = np.array([[0, 3, 1, 6], [2, 1, 0, 2], [-1, 1, 1, 1], [-1, 0, -1, 3]])
lecture4_x = lecture4_map.reshape(1, 4, 4, 1)

# %% [markdown]
# ## 1. Keep the largest
#
# Lay a window on a map, as for a convolution, but instead of weighing what lies in it,
# keep its largest value. That is **max pooling**. A map of a filter says how much each
# place looks like the filter, so the largest value answers: does this thing occur
# *anywhere* in the window? Where exactly is forgotten.
#
# Here is lecture 4's example. The window is 2 by 2 and moves by 2, so the windows tile
# the map. Fill in the last three numbers before you go on.

# %% experiment="window"
unknown = np.array([[3, np.nan], [np.nan, np.nan]])
plots.numbers(
    [lecture4_map, unknown],
    ["x", "max pooling, 2 × 2"],
    ["→"],
    [(0, 0, 2, 2), (0, 0, 1, 1)],
)

# %% [markdown]
# Real layers have a batch and channels, `(B, H, W, C)`, and pooling works on **each
# channel by itself**: a filter for eyes and a filter for wheels have nothing to say to
# each other. It has no weights, so there is nothing to learn. What can be chosen:
#
# - `pool_size`, height and width of the window;
# - `strides`, by how much it moves. Most often they are the size of the window, so
#   Keras takes them so unless you say otherwise. If they are smaller the windows
#   overlap: AlexNet pools 3 by 3 with strides 2;
# - `padding`: by how many pixels the windows may stick out on each side.
#
# In lab 01 padding meant zeros. Here it must not. If all values near the border are
# negative, a zero from outside would win, though nobody ever measured it. What is
# outside of the picture does not take part. (Lectures 0, 3 and 4 note that zero padding
# is not common for pooling. This is why.)
#
# **Your task.** Write `max_pool2d`. Mind three things: maps have negative values, maps
# may hold ints (which know no `-np.inf`), and sizes are floored as in lab 01: a window
# that would stick out further than `padding` is not used.


# %% solution="max_pool2d"
def max_pool2d(x, pool_size, strides=None, padding=0):
    """The largest value of each window, in each channel by itself.

    Args:
        x: array `(B, H, W, C)` of ints or floats.
        pool_size: `(height, width)` of the window.
        strides: `(down, right)`, by how many pixels the window moves on; None for the
            size of the window.
        padding: by how many pixels windows may stick out on each of the four sides;
            less than height and width of the window. Only the pixels of the picture
            count.
    Returns:
        Array `(B, H', W', C)` of the dtype of `x`, which is left as it is, with
        `H' = floor((H + 2 padding - height) / down) + 1`, and `W'` alike.
    Raises:
        ValueError: if the window is higher or wider than the picture with its padding.
    """
    ### BEGIN SOLUTION
    (height, width), (down, right) = pool_size, strides or pool_size
    rows = (x.shape[1] + 2 * padding - height) // down + 1
    columns = (x.shape[2] + 2 * padding - width) // right + 1
    if rows < 1 or columns < 1:
        raise ValueError(
            "Expected a window that fits into the picture with its padding. "
            f"Received: pool_size={pool_size} picture={x.shape[1:3]} padding={padding}"
        )
    y = np.empty((len(x), rows, columns, x.shape[3]), dtype=x.dtype)
    for i in range(rows):
        for j in range(columns):
            top, left = i * down - padding, j * right - padding
            window = x[:, max(top, 0) : top + height, max(left, 0) : left + width]
            y[:, i, j] = window.max(axis=(1, 2))
    return y
    ### END SOLUTION


# %% tests="max_pool2d" name="windows" points=1
y = max_pool2d(lecture4_x, (2, 2))
checks.shape(y, (1, 2, 2, 1), "lecture 4's map")
checks.array(y[0, :, :, 0], [[3, 6], [1, 3]], "lecture 4's map")
two = np.concatenate([lecture4_x, -lecture4_x], axis=3)  # a second channel
checks.array(
    max_pool2d(two, (2, 2))[0, :, :, 1],
    [[0, 0], [1, 1]],
    "lecture 4's map with all signs flipped, as second channel",
)
checks.array(
    max_pool2d(lecture4_x, (1, 4))[0, :, :, 0],
    [[6], [2], [1], [3]],
    "a window as wide as the map and one pixel high",
)
### BEGIN HIDDEN TESTS
rng = np.random.default_rng(1)
for batch, height, width, channels, ph, pw, case in [
    (2, 6, 9, 3, 3, 3, "a batch of two with three channels"),
    (1, 7, 5, 2, 2, 2, "windows that leave a rest"),
    (3, 4, 6, 1, 1, 3, "a wide window"),
    (2, 6, 5, 4, 4, 1, "a high window that leaves a rest"),
    (1, 5, 3, 2, 5, 3, "a window as large as the picture"),
]:
    x = rng.normal(size=(batch, height, width, channels)) - 1
    by_hand = np.empty((batch, height // ph, width // pw, channels))
    for n, i, j, c in np.ndindex(by_hand.shape):
        window = [x[n, i * ph + a, j * pw + b, c] for a, b in np.ndindex(ph, pw)]
        by_hand[n, i, j, c] = max(window)
    checks.array(max_pool2d(x, (ph, pw)), by_hand, case)
x = rng.normal(size=(1, 4, 4, 1))
shuffled = x.copy()
shuffled[0, 2:, :2, 0] = shuffled[0, 2:, :2, 0][::-1, ::-1]
checks.array(
    max_pool2d(shuffled, (2, 2)),
    max_pool2d(x, (2, 2)),
    "pixels that change places inside one window (invariance)",
)
### END HIDDEN TESTS

# %% tests="max_pool2d" name="strides" points=1
checks.array(
    max_pool2d(lecture4_x, (2, 2), strides=(2, 1))[0, :, :, 0],
    [[3, 3, 6], [1, 1, 3]],
    "lecture 4's map, strides 2 down and 1 to the right",
)
checks.array(
    max_pool2d(lecture4_x, (3, 3), strides=(1, 1))[0, :, :, 0],
    [[3, 6], [2, 3]],
    "lecture 4's map, overlapping windows of 3 by 3",
)
### BEGIN HIDDEN TESTS
rng = np.random.default_rng(2)
for height, width, ph, pw, down, right, case in [
    (9, 13, 3, 3, 2, 2, "AlexNet's windows of 3 by 3 with strides 2"),
    (8, 6, 3, 2, 2, 1, "different strides that leave a rest"),
    (7, 10, 2, 2, 3, 4, "strides larger than the window"),
    (5, 6, 2, 4, 1, 1, "strides 1 with an even window"),
]:
    x = rng.normal(size=(2, height, width, 3)) - 1
    by_hand = np.empty((2, (height - ph) // down + 1, (width - pw) // right + 1, 3))
    for n, i, j, c in np.ndindex(by_hand.shape):
        window = [x[n, i * down + a, j * right + b, c] for a, b in np.ndindex(ph, pw)]
        by_hand[n, i, j, c] = max(window)
    checks.array(max_pool2d(x, (ph, pw), strides=(down, right)), by_hand, case)
### END HIDDEN TESTS

# %% tests="max_pool2d" name="padding" points=1
x = np.array([[-1.0, -2.0], [-3.0, -4.0]]).reshape(1, 2, 2, 1)
checks.array(
    max_pool2d(x, (2, 2), strides=(1, 1), padding=1)[0, :, :, 0],
    [[-1, -1, -2], [-1, -1, -2], [-3, -3, -4]],
    "four negative pixels, windows that stick out by 1",
)
### BEGIN HIDDEN TESTS
rng = np.random.default_rng(3)
for height, width, ph, pw, down, right, padding, case in [
    (7, 8, 3, 3, 2, 2, 1, "padding 1 with strides 2, which leaves a rest"),
    (5, 6, 3, 5, 1, 1, 2, "padding 2 with a wide window"),
    (6, 4, 4, 3, 3, 2, 2, "padding 2 with different strides"),
]:
    x = rng.normal(size=(2, height, width, 2)) - 2
    rows, columns = height + 2 * padding - ph, width + 2 * padding - pw
    by_hand = np.empty((2, rows // down + 1, columns // right + 1, 2))
    for n, i, j, c in np.ndindex(by_hand.shape):
        top, left = i * down - padding, j * right - padding
        by_hand[n, i, j, c] = max(
            x[n, a, b, c]
            for a in range(top, top + ph)
            for b in range(left, left + pw)
            if 0 <= a < height and 0 <= b < width
        )
    received = max_pool2d(x, (ph, pw), strides=(down, right), padding=padding)
    checks.array(received, by_hand, case)
### END HIDDEN TESTS

# %% tests="max_pool2d" name="rules" points=1
checks.dtype(max_pool2d(lecture4_x, (2, 2)), lecture4_x.dtype, "a map of ints")
checks.array(
    max_pool2d(lecture4_x - 7, (3, 3), padding=1)[0, :, :, 0],
    [[-4, -1], [-6, -4]],
    "a map of negative ints with padding",
)
x = np.linspace(-1, 1, 16).reshape(1, 4, 4, 1)
with checks.unchanged("the map after the call", x):
    max_pool2d(x, (2, 2), strides=(1, 1))
checks.raises(
    ValueError, max_pool2d, x, (5, 2), what="a window higher than the picture"
)
### BEGIN HIDDEN TESTS
rng = np.random.default_rng(4)
x = rng.normal(size=(2, 6, 7, 3)).astype(np.float32)
with checks.unchanged("the map after the call", x):
    y = max_pool2d(x, (3, 3), strides=(2, 2), padding=1)
checks.dtype(y, np.float32, "float32 with padding")
with checks.unchanged("the map after the call", x):
    y = max_pool2d(x, (2, 2))
checks.dtype(y, np.float32, "float32")
pixels = rng.integers(0, 256, size=(1, 6, 6, 1)).astype(np.uint8)
by_hand = pixels.reshape(1, 3, 2, 3, 2, 1).max(axis=(2, 4))
checks.array(max_pool2d(pixels, (2, 2)), by_hand, "bytes", dtype=np.uint8)
checks.raises(ValueError, max_pool2d, x, (2, 8), what="a window wider than the picture")
checks.raises(
    ValueError,
    max_pool2d,
    x,
    (9, 3),
    padding=1,
    what="a window higher than the picture with its padding",
)
### END HIDDEN TESTS

# %% [markdown]
# ## 2. Keep the mean
#
# **Average pooling** keeps the mean of the window instead. It asks *how much* of a
# thing is in the window, not whether there is any. LeNet-5 did this (with a trained
# factor), and modern networks do it once, at the end, with a window as large as the
# whole map: global average pooling.
#
# All else is as in exercise 1, padding too, and there the slip is easy to make and hard
# to see: if zeros from outside are averaged in, or the sum is divided by the size of
# the whole window, the border of every map gets paler. A window that sticks out
# averages *the pixels it has*.
#
# **Your task.** Write `avg_pool2d`. The mean of ints is not an int.


# %% solution="avg_pool2d"
def avg_pool2d(x, pool_size, strides=None, padding=0):
    """The mean of each window, in each channel by itself.

    Args:
        x: array `(B, H, W, C)` of ints or floats.
        pool_size: `(height, width)` of the window.
        strides: `(down, right)`, by how many pixels the window moves on; None for the
            size of the window.
        padding: by how many pixels windows may stick out on each of the four sides;
            less than height and width of the window. Only the pixels of the picture
            count: the mean of a window is their sum divided by their number.
    Returns:
        Array `(B, H', W', C)`, sizes as in exercise 1, of the dtype of `x` if that is
        one of floats, else float64. `x` is left as it is.
    Raises:
        ValueError: if the window is higher or wider than the picture with its padding.
    """
    ### BEGIN SOLUTION
    (height, width), (down, right) = pool_size, strides or pool_size
    rows = (x.shape[1] + 2 * padding - height) // down + 1
    columns = (x.shape[2] + 2 * padding - width) // right + 1
    if rows < 1 or columns < 1:
        raise ValueError(
            "Expected a window that fits into the picture with its padding. "
            f"Received: pool_size={pool_size} picture={x.shape[1:3]} padding={padding}"
        )
    dtype = x.dtype if np.issubdtype(x.dtype, np.floating) else np.float64
    y = np.empty((len(x), rows, columns, x.shape[3]), dtype=dtype)
    for i in range(rows):
        for j in range(columns):
            top, left = i * down - padding, j * right - padding
            window = x[:, max(top, 0) : top + height, max(left, 0) : left + width]
            y[:, i, j] = window.mean(axis=(1, 2))
    return y
    ### END SOLUTION


# %% tests="avg_pool2d" name="windows" points=1
y = avg_pool2d(lecture4_x, (2, 2))
checks.shape(y, (1, 2, 2, 1), "lecture 4's map")
checks.array(y[0, :, :, 0], [[1.5, 2.25], [-0.25, 1]], "lecture 4's map")
two = np.concatenate([lecture4_x, 4 * lecture4_x], axis=3)  # a second channel
checks.array(
    avg_pool2d(two, (2, 2))[0, :, :, 1],
    [[6, 9], [-1, 4]],
    "lecture 4's map times 4, as second channel",
)
checks.array(
    avg_pool2d(lecture4_x, (4, 1))[0, :, :, 0],
    [[0, 1.25, 0.25, 3]],
    "a window as high as the map and one pixel wide",
)
### BEGIN HIDDEN TESTS
rng = np.random.default_rng(5)
for batch, height, width, channels, ph, pw, case in [
    (2, 6, 9, 3, 3, 3, "a batch of two with three channels"),
    (1, 7, 5, 2, 2, 2, "windows that leave a rest"),
    (3, 4, 6, 1, 1, 3, "a wide window"),
    (2, 6, 5, 4, 4, 1, "a high window that leaves a rest"),
    (1, 5, 3, 2, 5, 3, "a window as large as the picture (global)"),
]:
    x = rng.normal(size=(batch, height, width, channels))
    by_hand = np.empty((batch, height // ph, width // pw, channels))
    for n, i, j, c in np.ndindex(by_hand.shape):
        window = [x[n, i * ph + a, j * pw + b, c] for a, b in np.ndindex(ph, pw)]
        by_hand[n, i, j, c] = sum(window) / (ph * pw)
    checks.array(avg_pool2d(x, (ph, pw)), by_hand, case)
### END HIDDEN TESTS

# %% tests="avg_pool2d" name="strides" points=1
checks.array(
    avg_pool2d(lecture4_x, (2, 2), strides=(2, 1))[0, :, :, 0],
    [[1.5, 1.25, 2.25], [-0.25, 0.25, 1]],
    "lecture 4's map, strides 2 down and 1 to the right",
)
### BEGIN HIDDEN TESTS
rng = np.random.default_rng(6)
for height, width, ph, pw, down, right, case in [
    (9, 13, 3, 3, 2, 2, "windows of 3 by 3 with strides 2"),
    (8, 6, 3, 2, 2, 1, "different strides that leave a rest"),
    (7, 10, 2, 2, 3, 4, "strides larger than the window"),
    (5, 6, 2, 4, 1, 1, "strides 1 with an even window"),
]:
    x = rng.normal(size=(2, height, width, 3))
    by_hand = np.empty((2, (height - ph) // down + 1, (width - pw) // right + 1, 3))
    for n, i, j, c in np.ndindex(by_hand.shape):
        window = [x[n, i * down + a, j * right + b, c] for a, b in np.ndindex(ph, pw)]
        by_hand[n, i, j, c] = sum(window) / (ph * pw)
    checks.array(avg_pool2d(x, (ph, pw), strides=(down, right)), by_hand, case)
### END HIDDEN TESTS

# %% tests="avg_pool2d" name="padding" points=1
x = np.array([[4.0, 8.0], [12.0, 16.0]]).reshape(1, 2, 2, 1)
checks.array(
    avg_pool2d(x, (2, 2), strides=(1, 1), padding=1)[0, :, :, 0],
    [[4, 6, 8], [8, 10, 12], [12, 14, 16]],
    "four pixels, windows that stick out by 1",
)
### BEGIN HIDDEN TESTS
rng = np.random.default_rng(7)
for height, width, ph, pw, down, right, padding, case in [
    (7, 8, 3, 3, 2, 2, 1, "padding 1 with strides 2, which leaves a rest"),
    (5, 6, 3, 5, 1, 1, 2, "padding 2 with a wide window"),
    (6, 4, 4, 3, 3, 2, 2, "padding 2 with different strides"),
]:
    x = rng.normal(size=(2, height, width, 2)) + 1
    rows, columns = height + 2 * padding - ph, width + 2 * padding - pw
    by_hand = np.empty((2, rows // down + 1, columns // right + 1, 2))
    for n, i, j, c in np.ndindex(by_hand.shape):
        top, left = i * down - padding, j * right - padding
        window = [
            x[n, a, b, c]
            for a in range(top, top + ph)
            for b in range(left, left + pw)
            if 0 <= a < height and 0 <= b < width
        ]
        by_hand[n, i, j, c] = sum(window) / len(window)
    received = avg_pool2d(x, (ph, pw), strides=(down, right), padding=padding)
    checks.array(received, by_hand, case)
ones = np.ones((1, 6, 5, 1))
checks.array(
    avg_pool2d(ones, (3, 3), strides=(1, 1), padding=1),
    ones,
    "a map of ones, which stays a map of ones up to its border",
)
### END HIDDEN TESTS

# %% tests="avg_pool2d" name="rules" points=1
checks.dtype(avg_pool2d(lecture4_x, (2, 2)), np.float64, "a map of ints")
x = np.linspace(-1, 1, 16).reshape(1, 4, 4, 1)
with checks.unchanged("the map after the call", x):
    avg_pool2d(x, (2, 2), strides=(1, 1))
checks.raises(
    ValueError, avg_pool2d, x, (5, 2), what="a window higher than the picture"
)
### BEGIN HIDDEN TESTS
rng = np.random.default_rng(8)
x = rng.normal(size=(2, 6, 7, 3)).astype(np.float32)
with checks.unchanged("the map after the call", x):
    y = avg_pool2d(x, (3, 3), strides=(2, 2), padding=1)
checks.dtype(y, np.float32, "float32 with padding")
with checks.unchanged("the map after the call", x):
    y = avg_pool2d(x, (2, 2))
checks.dtype(y, np.float32, "float32")
pixels = rng.integers(0, 256, size=(1, 6, 6, 1)).astype(np.uint8)
by_hand = pixels.reshape(1, 3, 2, 3, 2, 1).astype(float).sum(axis=(2, 4)) / 4
checks.array(avg_pool2d(pixels, (2, 2)), by_hand, "bytes", dtype=np.float64)
checks.raises(ValueError, avg_pool2d, x, (2, 8), what="a window wider than the picture")
checks.raises(
    ValueError,
    avg_pool2d,
    x,
    (9, 3),
    padding=1,
    what="a window higher than the picture with its padding",
)
### END HIDDEN TESTS

# %% [markdown]
# ## 3. Keep every second
#
# The cheapest way to make a map smaller is to throw pixels away. Lecture 1 writes it as
# an operator: for a step $\delta$,
#
# $$(S_\delta x)(t) = x(\delta t).$$
#
# It also says that a convolution with strides "is simply convolution, followed by
# subsampling", and so it is: computing every output and keeping each $\delta$-th, or
# computing only each $\delta$-th, gives the same numbers. (The second costs less.) Max
# pooling with strides is max pooling with strides 1, followed by subsampling.
#
# The slide lets $t$ run to $n/\delta - 1$, so it has $n/\delta$ entries in mind. What
# if $\delta$ does not divide $n$? Look at the formula: every $t$ with $\delta t < n$ is
# good. How many are there for $n = 7$, $\delta = 3$?
#
# **Your task.** Write `subsample` for pictures; rows and columns have the same step.


# %% solution="subsample"
def subsample(x, step):
    """Keeps the pixels of every `step`-th row and column, from the first one on.

    Args:
        x: array `(B, H, W, C)` of ints or floats.
        step: an int, at least 1.
    Returns:
        Array `(B, H', W', C)` of the dtype of `x`, with
        `y[n, i, j, c] = x[n, step i, step j, c]` for all rows and columns that exist.
    Raises:
        ValueError: if `step` is less than 1.
    """
    ### BEGIN SOLUTION
    if step < 1:
        raise ValueError(f"Expected a step of at least 1. Received: step={step}")
    return x[:, ::step, ::step]
    ### END SOLUTION


# %% tests="subsample" name="pictures" points=1
x = np.array([[10, 11, 12, 13], [20, 21, 22, 23], [30, 31, 32, 33], [40, 41, 42, 43]])
two = np.stack([x, -x])[:, :, :, None]  # a batch of two pictures with one channel
y = subsample(two, 2)
checks.shape(y, (2, 2, 2, 1), "every second row and column of two pictures, 4 by 4")
checks.array(y[0, :, :, 0], [[10, 12], [30, 32]], "the first of the two pictures")
checks.raises(ValueError, subsample, two, -1, what="a step of minus 1")
### BEGIN HIDDEN TESTS
rng = np.random.default_rng(9)
for batch, height, width, channels, step, case in [
    (3, 6, 9, 4, 3, "a step that divides height and width"),
    (2, 8, 4, 5, 4, "a step as wide as the picture"),
    (4, 5, 5, 3, 1, "a step of 1, which keeps all"),
]:
    x = rng.normal(size=(batch, height, width, channels)).astype(np.float32)
    by_hand = np.empty((batch, height // step, width // step, channels))
    for n, i, j, c in np.ndindex(by_hand.shape):
        by_hand[n, i, j, c] = x[n, step * i, step * j, c]
    checks.array(subsample(x, step), by_hand, case, dtype=np.float32)
checks.raises(ValueError, subsample, x, 0, what="a step of 0")
### END HIDDEN TESTS

# %% tests="subsample" name="rest" points=1
x = np.arange(28).reshape(1, 4, 7, 1)  # rows 0 to 6, 7 to 13, 14 to 20, 21 to 27
checks.array(
    subsample(x, 3)[0, :, :, 0],
    [[0, 3, 6], [21, 24, 27]],
    "four rows and seven columns, a step of 3",
)
### BEGIN HIDDEN TESTS
rng = np.random.default_rng(10)
for height, width, step, case in [
    (7, 10, 4, "a step that leaves a rest"),
    (5, 8, 3, "a step that leaves another rest"),
    (3, 2, 9, "a step larger than the picture"),
]:
    x = rng.normal(size=(2, height, width, 2))
    kept = [x[:, [i for i in range(height) if i % step == 0]]]
    kept = kept[0][:, :, [j for j in range(width) if j % step == 0]]
    checks.array(subsample(x, step), kept, case)
x, w = rng.normal(size=(1, 9, 8, 1)), rng.normal(size=(3, 3))
every = np.array(
    [[np.sum(x[0, i : i + 3, j : j + 3, 0] * w) for j in range(6)] for i in range(7)]
)
strided = [
    [np.sum(x[0, i : i + 3, j : j + 3, 0] * w) for j in range(0, 6, 2)]
    for i in range(0, 7, 2)
]
checks.array(
    subsample(every.reshape(1, 7, 6, 1), 2)[0, :, :, 0],
    strided,
    "a convolution, subsampled, against a convolution with strides",
)
### END HIDDEN TESTS

# %% [markdown]
# Here is why not everybody just throws pixels away. A photograph and a test pattern of
# rings, made smaller with your three functions. The rings get finer towards the border;
# once a ring is thinner than the step, subsampling sees it here and misses it there,
# and invents rings that do not exist. That is **aliasing**. The mean is honest about
# what it cannot show: it gets grey. The maximum keeps whatever is bright, so thin
# bright lines survive and thin dark lines vanish, which is just what one wants of a map
# in which bright means "found it".

# %% experiment="smaller"
text = datasets.photograph("page")[:180, 30:210]
y, x = np.mgrid[-1:1:180j, -1:1:180j]
rings = 0.5 + 0.5 * np.cos(110 * (x**2 + y**2))
panels, titles = [], []
for name, picture in [("page", text), ("rings", rings)]:
    batch = picture.reshape(1, 180, 180, 1)
    results = subsample(batch, 4), avg_pool2d(batch, (4, 4)), max_pool2d(batch, (4, 4))
    panels += [picture, *(result[0, :, :, 0] for result in results)]
    titles += [f"{name}, 180 × 180", "subsample, 45 × 45", "mean", "maximum"]
plots.images(panels, titles, columns=4, size=2.5)

# %% [markdown]
# ## 4. How far can a unit see?
#
# A unit in the first layer sees a window of pixels. A unit in the second layer sees a
# window of such units, and so, indirectly, all the pixels that they see. These pixels
# are its **receptive field**. If it is smaller than the thing that you want to
# recognise, the unit cannot recognise it, however long you train.
#
# One axis is enough, as rows and columns do not mix. Below are nine pixels, a layer
# with kernel 3 and strides 2, and on it a layer with kernel 3 and strides 1.

# %% experiment="field"
with plt.rc_context(plots.STYLE):
    figure, axes = plt.subplots(figsize=(8, 2.9), layout="constrained")
    inputs, first, second = np.arange(9), np.arange(4) * 2 + 1, np.arange(2) * 2 + 3
    for units, below, level, reach in [(first, inputs, 1, 1), (second, first, 2, 2)]:
        for unit in units:
            for seen in below[np.abs(below - unit) <= reach]:
                axes.plot([unit, seen], [level, level - 1], color="gray", lw=0.8)
    for level, units in enumerate([inputs, first, second]):
        axes.scatter(
            units,
            np.full(len(units), level),
            s=340,
            c="white",
            ec=plots.BLACK,
            zorder=2,
        )
        for number, unit in enumerate(units):
            axes.text(unit, level, number, ha="center", va="center", zorder=4)
    for unit, colour, low in [(0, plots.BLUE, -0.42), (1, plots.RED, -0.6)]:
        left = unit * 2
        axes.plot([left - 0.3, left + 6.3], [low, low], color=colour, lw=5)
        axes.scatter(second[unit], 2, s=340, c="none", ec=colour, lw=3, zorder=3)
    axes.set(yticks=[0, 1, 2], yticklabels=["pixels", "layer 1", "layer 2"], xticks=[])
    axes.set(xlim=(-1, 9), ylim=(-0.8, 2.4), title="What units 0 and 1 of layer 2 see")
    axes.spines[:].set_visible(False)
    axes.tick_params(length=0)
    plt.show()

# %% [markdown]
# Read from the picture, for layer 2, three numbers that describe the fields of all its
# units:
#
# - the **size**: a unit sees 7 pixels;
# - the **jump**: its neighbour sees 7 pixels that begin 2 further right;
# - the **start**: unit 0 sees pixels from number 0 on. Padding makes this negative: the
#   first unit then also looks at places in front of the picture.
#
# So unit $i$ sees the pixels from $\text{start} + i \cdot \text{jump}$ on, as many as
# the size says. What does one more layer do to the three? Its window spans
# $d\,(k - 1)$ steps, and *a step is as long as the jump of the units it looks at*, not
# one pixel. The same is true of its padding and of its strides. Work it out for the two
# layers of the picture, beginning with the pixels themselves: size 1, jump 1, start 0.
#
# The layers are given as below. Pooling is a layer like any other.


# %% given="layers"
def conv(filters, kernel_size, strides=1, padding=0, dilation_rate=1, use_bias=True):
    """Describes a convolutional layer with square kernels."""
    return {
        "kind": "conv",
        "filters": filters,
        "kernel_size": kernel_size,
        "strides": strides,
        "padding": padding,
        "dilation_rate": dilation_rate,
        "use_bias": use_bias,
    }


def pool(kernel_size, strides, padding=0):
    """Describes a pooling layer with square windows."""
    return {
        "kind": "pool",
        "kernel_size": kernel_size,
        "strides": strides,
        "padding": padding,
        "dilation_rate": 1,
    }


def dense(units, use_bias=True):
    """Describes a fully connected layer; maps are flattened before it."""
    return {"kind": "dense", "units": units, "use_bias": use_bias}


# Networks as tables, like those of lecture 2: each layer with the shape of its output.
LENET5 = [
    (conv(6, 5), (28, 28, 6)),
    (pool(2, 2), (14, 14, 6)),
    (conv(16, 5), (10, 10, 16)),
    (pool(2, 2), (5, 5, 16)),
    (conv(120, 5), (1, 1, 120)),
    (dense(84), (84,)),
    (dense(10), (10,)),
]
ALEXNET = [
    (conv(64, 11, strides=4, padding=2), (55, 55, 64)),
    (pool(3, 2), (27, 27, 64)),
    (conv(192, 5, padding=2), (27, 27, 192)),
    (pool(3, 2), (13, 13, 192)),
    (conv(384, 3, padding=1), (13, 13, 384)),
    (conv(256, 3, padding=1), (13, 13, 256)),
    (conv(256, 3, padding=1), (13, 13, 256)),
    (pool(3, 2), (6, 6, 256)),
    (dense(4096), (4096,)),
    (dense(4096), (4096,)),
    (dense(1000), (1000,)),
]
VGG16 = [
    row
    for filters, convolutions, size in [
        (64, 2, 224), (128, 2, 112), (256, 3, 56), (512, 3, 28), (512, 3, 14)
    ]
    for row in [
        *[(conv(filters, 3, padding=1), (size, size, filters))] * convolutions,
        (pool(2, 2), (size // 2, size // 2, filters)),
    ]
]  # fmt: skip
VGG16 += [(dense(4096), (4096,)), (dense(4096), (4096,)), (dense(1000), (1000,))]

# %% [markdown]
# **Your task.** Write `receptive_field`.


# %% solution="receptive_field"
def receptive_field(layers):
    """What the units behind the last layer see of the input, along one axis.

    Args:
        layers: from the input on, dicts with the keys `"kernel_size"`, `"strides"`,
            `"padding"` (on each side) and `"dilation_rate"`, all ints. May be empty.
    Returns:
        `(size, jump, start)`, three ints: unit i sees the input from the index
        `start + i * jump` to `start + i * jump + size - 1`, as if there were input
        also outside of its borders.
    """
    ### BEGIN SOLUTION
    size, jump, start = 1, 1, 0
    for layer in layers:
        size += layer["dilation_rate"] * (layer["kernel_size"] - 1) * jump
        start -= layer["padding"] * jump
        jump *= layer["strides"]
    return size, jump, start
    ### END SOLUTION


# %% tests="receptive_field" name="size" points=1
checks.equal(receptive_field([conv(8, 3)])[0], 3, "size: one layer of 3 by 3")
checks.equal(receptive_field([conv(8, 3)] * 3)[0], 7, "size: three layers (lecture 0)")
checks.equal(
    receptive_field([conv(8, 3, dilation_rate=2)])[0],
    5,
    "size: a kernel of 3 with dilation 2",
)
checks.equal(receptive_field([]), (1, 1, 0), "no layer: each unit sees its own pixel")
### BEGIN HIDDEN TESTS
rng = np.random.default_rng(11)
for _ in range(30):
    kernels = [(int(k), int(d)) for k, d in rng.integers(1, 6, size=(5, 2))]
    seen = {0}
    for kernel_size, rate in kernels:
        seen = {place + rate * tap for place in seen for tap in range(kernel_size)}
    layers = [conv(1, k, dilation_rate=d) for k, d in kernels]
    checks.equal(
        receptive_field(layers)[0],
        max(seen) - min(seen) + 1,
        "size: five layers with strides 1, even kernels and dilation",
    )
### END HIDDEN TESTS

# %% tests="receptive_field" name="strides" points=1
checks.equal(
    receptive_field([conv(8, 3, strides=2), conv(8, 3)]), (7, 2, 0), "the picture above"
)
checks.equal(
    receptive_field([conv(6, 5), pool(2, 2), conv(16, 5), pool(2, 2)]),
    (16, 4, 0),
    "LeNet-5 up to its second pooling",
)
### BEGIN HIDDEN TESTS
rng = np.random.default_rng(12)
for _ in range(30):
    layers = [conv(1, int(k), int(s)) for k, s in rng.integers(1, 5, size=(4, 2))]
    fields = []
    for unit in (0, 1):
        seen = {unit}
        for layer in layers[::-1]:
            taps = range(layer["kernel_size"])
            seen = {place * layer["strides"] + tap for place in seen for tap in taps}
        fields.append(seen)
    first, second = fields
    checks.equal(
        receptive_field(layers)[:2],
        (max(first) - min(first) + 1, min(second) - min(first)),
        "size and jump: four layers with strides",
    )
### END HIDDEN TESTS

# %% tests="receptive_field" name="padding" points=1
checks.equal(
    receptive_field([conv(8, 5, padding=2)]), (5, 1, -2), "a kernel of 5, padding 2"
)
checks.equal(
    receptive_field([pool(2, 2), conv(8, 3, padding=1)]),
    (6, 2, -2),
    "pooling, then a kernel of 3 with padding 1",
)
### BEGIN HIDDEN TESTS
rng = np.random.default_rng(13)
for _ in range(30):
    layers = [
        conv(1, int(k), int(s), int(p)) for k, s, p in rng.integers(1, 5, size=(4, 3))
    ]
    fields = []
    for unit in (0, 1):
        seen = {unit}
        for layer in layers[::-1]:
            taps = range(-layer["padding"], layer["kernel_size"] - layer["padding"])
            seen = {place * layer["strides"] + tap for place in seen for tap in taps}
        fields.append(seen)
    first, second = fields
    checks.equal(
        receptive_field(layers),
        (max(first) - min(first) + 1, min(second) - min(first), min(first)),
        "four layers with strides and padding",
    )
### END HIDDEN TESTS

# %% tests="receptive_field" name="networks" points=1
checks.equal(
    receptive_field([layer for layer, _ in ALEXNET[:8]])[0],
    195,
    "AlexNet up to its third pooling",
)
### BEGIN HIDDEN TESTS
networks = {
    "LeNet-5 up to its last convolution": [layer for layer, _ in LENET5[:5]],
    "AlexNet up to its third pooling": [layer for layer, _ in ALEXNET[:8]],
    "VGG-16 up to its last pooling": [layer for layer, _ in VGG16[:18]],
    "a net with strides, padding and dilation": [
        conv(1, 7, strides=2, padding=3),
        pool(3, 2, padding=1),
        conv(1, 3, padding=2, dilation_rate=2),
        conv(1, 2, strides=3, dilation_rate=5),
        conv(1, 1),
        conv(1, 4, strides=2, padding=1, dilation_rate=3),
    ],
}
for case, layers in networks.items():
    ends = []
    for unit in (0, 1):
        low = high = unit
        for layer in layers[::-1]:
            low = low * layer["strides"] - layer["padding"]
            high = high * layer["strides"] - layer["padding"]
            high += layer["dilation_rate"] * (layer["kernel_size"] - 1)
        ends.append((low, high))
    expected = (ends[0][1] - ends[0][0] + 1, ends[1][0] - ends[0][0], ends[0][0])
    checks.equal(receptive_field(layers), expected, case)
### END HIDDEN TESTS

# %% [markdown]
# Now draw it on a photograph. On the left, in the middle of the picture, the field of a
# unit after ten layers of 3 by 3 without pooling; then the fields after each of the
# five pooling layers of VGG-16. On the right, how the size grows from layer to layer.
# Lecture 2 says that it "grows linearly with depth". Which of the curves is linear, and
# what makes the others faster?
#
# The slide also calls this the *effective* receptive field. It is the theoretical one,
# all that a unit can see. What it does see weighs the middle more: there are many more
# ways from a middle pixel to the unit than from one at the edge. The yellow spot shows
# the weights of the pixels if all ten layers take plain means. Luo et al. (2016) gave
# *that* the name effective receptive field.

# %% experiment="fields_on_a_photograph"
cat = datasets.photograph("cat")[40:264, 90:314]
nets = {
    "VGG-16": [layer for layer, _ in VGG16[:18]],
    "AlexNet": [layer for layer, _ in ALEXNET[:8]],
    "LeNet-5": [layer for layer, _ in LENET5[:5]],
    "only 3 × 3": [conv(1, 3)] * 18,
}


def frame(axes, layers, colour, label):
    """Draws what the unit nearest to the middle sees; returns the left end of it."""
    size, jump, start = receptive_field(layers)
    left = start + jump * round((112 - size / 2 - start) / jump)
    options = {"fill": False, "ec": colour, "lw": 2.5, "label": f"{label}: {size}"}
    axes.add_patch(plt.Rectangle((left, left), size, size, **options))
    return left


with plt.rc_context(plots.STYLE):
    figure, (plain, vgg, growth) = plt.subplots(
        1, 3, figsize=(11.5, 3.6), layout="constrained"
    )
    left = frame(plain, nets["only 3 × 3"][:10], plots.SKY, "ten layers of 3 × 3")
    weights = np.ones(1)
    for _ in range(10):
        weights = np.convolve(weights, np.ones(3) / 3)
    spot = np.zeros((21, 21, 4))
    spot[..., :3] = 1, 0.9, 0
    spot[..., 3] = np.outer(weights, weights) / weights.max() ** 2
    plain.imshow(spot, extent=(left, left + 21, left + 21, left), zorder=1)
    blocks = [i for i, layer in enumerate(nets["VGG-16"], 1) if layer["kind"] == "pool"]
    for number, i in list(enumerate(blocks, start=1))[::-1]:
        colour = COLOURS[-number]
        frame(vgg, nets["VGG-16"][:i], colour, f"pool {number}")
    for axes, title in [
        (plain, "without pooling"),
        (vgg, "VGG-16, after each pooling"),
    ]:
        axes.imshow(cat, extent=(0, 224, 224, 0), zorder=0)
        axes.set(title=title, xticks=[], yticks=[])
        axes.legend(
            loc="lower left", fontsize=8, frameon=True, handlelength=1, framealpha=0.9
        )
    for i, (name, layers) in enumerate(nets.items()):
        sizes = [receptive_field(layers[:n])[0] for n in range(len(layers) + 1)]
        growth.plot(sizes, color=COLOURS[i], marker="os^D"[i], markersize=4, label=name)
    growth.set(xlabel="layers, pooling counted", ylabel="size (pixels)")
    growth.set(title="how the receptive field grows", xticks=range(0, 19, 3))
    growth.grid(alpha=0.3)
    growth.legend()
    plt.show()

# %% [markdown]
# ## 5. What must be learnt
#
# The numbers that training changes are the **parameters**: weights and biases. A
# convolutional layer has one kernel of $k \times k \times C_{in}$ weights for each
# filter, and one bias for each filter. How large the picture is does not matter: the
# weights are shared. A fully connected (dense) layer has one weight for each pair of an
# input and an output, and a bias for each output; maps that enter it are flattened
# first, so there the size of the picture matters a lot. Pooling has no parameters.
#
# A layer with `use_bias` False has no biases. (In later labs, what follows such a layer
# subtracts a mean, and the bias with it.)
#
# **Your task.** Write `count_parameters` for one layer of the tables above.


# %% solution="count_parameters"
def count_parameters(layer, input_shape):
    """The number of weights and biases of a layer.

    Args:
        layer: a dict as `conv`, `pool` and `dense` make them.
        input_shape: `(H, W, C)` of the maps that enter the layer; for a dense layer
            perhaps `(n,)`.
    Returns:
        The number of parameters, an int; 0 for pooling.
    """
    ### BEGIN SOLUTION
    if layer["kind"] == "pool":
        return 0
    if layer["kind"] == "conv":
        outputs = layer["filters"]
        weights = layer["kernel_size"] ** 2 * input_shape[2] * outputs
    else:
        outputs = layer["units"]
        weights = int(np.prod(input_shape)) * outputs
    return weights + outputs * layer["use_bias"]
    ### END SOLUTION


# %% tests="count_parameters" name="conv" points=1
checks.equal(count_parameters(conv(6, 5), (32, 32, 1)), 156, "LeNet-5's C1")
checks.equal(count_parameters(conv(16, 5), (14, 14, 6)), 2416, "LeNet-5's C3")
checks.equal(count_parameters(pool(2, 2), (28, 28, 6)), 0, "LeNet-5's first pooling")
checks.equal(
    count_parameters(conv(6, 5, use_bias=False), (32, 32, 1)), 150, "C1 without biases"
)
### BEGIN HIDDEN TESTS
rng = np.random.default_rng(14)
for _ in range(20):
    size, channels, k, filters = (int(n) for n in rng.integers(2, 30, size=4))
    strides, padding, rate = (int(n) for n in rng.integers(1, 4, size=3))
    weights = np.zeros((k, k, channels, filters)).size
    for use_bias in (True, False):
        layer = conv(filters, k, strides, padding, rate, use_bias)
        checks.equal(
            count_parameters(layer, (size + 90, size + 80, channels)),
            weights + (filters if use_bias else 0),
            f"another convolution with{'' if use_bias else 'out'} biases",
        )
checks.equal(count_parameters(pool(3, 2), (9, 9, 20)), 0, "another pooling")
### END HIDDEN TESTS

# %% tests="count_parameters" name="dense" points=1
checks.equal(count_parameters(dense(84), (1, 1, 120)), 10164, "LeNet-5's F6")
checks.equal(count_parameters(dense(10), (84,)), 850, "LeNet-5's last layer")
### BEGIN HIDDEN TESTS
checks.equal(
    count_parameters(dense(1024), (4, 4, 20)), 328704, "lecture 3's layer of 1024 units"
)
checks.equal(
    count_parameters(dense(7, use_bias=False), (3, 5, 2)), 210, "maps without biases"
)
for case, network, input_shape, total in [
    ("LeNet-5 in all", LENET5, (32, 32, 1), 61_706),
    ("AlexNet in all", ALEXNET, (224, 224, 3), 61_100_840),
    ("VGG-16 in all", VGG16, (224, 224, 3), 138_357_544),
]:
    shapes = [input_shape, *(shape for _, shape in network)]
    layers = [layer for layer, _ in network]
    counts = [count_parameters(*pair) for pair in zip(layers, shapes, strict=False)]
    checks.equal(sum(counts), total, case)
### END HIDDEN TESTS

# %% [markdown]
# ## 6. What must be computed
#
# The work of a layer is counted in **multiply-accumulates** (MACs): one multiplication,
# and adding its product to a sum. Papers also count floating-point operations, FLOPs,
# which are twice as many, as each MAC is two of them; and some papers write FLOPs and
# mean MACs, so always ask.
#
# Every number that a convolutional layer puts out costs one MAC for each weight of its
# filter. A dense layer uses each weight once. The biases, the comparisons and additions
# of pooling, and the activation functions are not counted: they are few.
#
# **Your task.** Write `count_macs` for one picture and one layer of the tables.


# %% solution="count_macs"
def count_macs(layer, input_shape, output_shape):
    """The number of multiply-accumulates that a layer needs for one picture.

    Args:
        layer: a dict as `conv`, `pool` and `dense` make them.
        input_shape: `(H, W, C)` of the maps that enter the layer; for a dense layer
            perhaps `(n,)`.
        output_shape: `(H', W', filters)`, or `(units,)`, of what the layer puts out.
    Returns:
        The number of MACs, an int; biases are not counted, and pooling needs 0.
    """
    ### BEGIN SOLUTION
    if layer["kind"] == "pool":
        return 0
    if layer["kind"] == "conv":
        products_each = layer["kernel_size"] ** 2 * input_shape[2]
    else:
        products_each = int(np.prod(input_shape))
    return products_each * int(np.prod(output_shape))
    ### END SOLUTION


# %% tests="count_macs" name="conv" points=1
checks.equal(count_macs(conv(6, 5), (32, 32, 1), (28, 28, 6)), 117_600, "LeNet-5's C1")
checks.equal(
    count_macs(conv(16, 5), (14, 14, 6), (10, 10, 16)), 240_000, "LeNet-5's C3"
)
checks.equal(
    count_macs(pool(2, 2), (28, 28, 6), (14, 14, 6)), 0, "LeNet-5's first pooling"
)
### BEGIN HIDDEN TESTS
rng = np.random.default_rng(15)
for _ in range(20):
    height, width, channels, filters = (int(n) for n in rng.integers(9, 40, size=4))
    k, strides, rate = (int(n) for n in rng.integers(1, 4, size=3))
    span = rate * (k - 1) + 1
    rows = len(range(0, height - span + 1, strides))
    columns = len(range(0, width - span + 1, strides))
    products = sum(k * k * channels for _ in range(rows * columns * filters))
    for use_bias in (True, False):
        layer = conv(filters, k, strides, 0, rate, use_bias)
        checks.equal(
            count_macs(layer, (height, width, channels), (rows, columns, filters)),
            products,
            f"another convolution with{'' if use_bias else 'out'} biases",
        )
checks.equal(count_macs(pool(3, 2), (9, 9, 20), (4, 4, 20)), 0, "another pooling")
### END HIDDEN TESTS

# %% tests="count_macs" name="dense" points=1
checks.equal(count_macs(dense(10), (84,), (10,)), 840, "LeNet-5's last layer")
checks.equal(
    count_macs(dense(1024), (4, 4, 20), (1024,)), 327_680, "lecture 3's dense layer"
)
### BEGIN HIDDEN TESTS
checks.equal(
    count_macs(dense(7, use_bias=False), (3, 5, 2), (7,)), 210, "maps without biases"
)
for case, network, input_shape, total in [
    ("LeNet-5 in all", LENET5, (32, 32, 1), 416_520),
    ("AlexNet in all", ALEXNET, (224, 224, 3), 714_188_480),
    ("VGG-16 in all", VGG16, (224, 224, 3), 15_470_264_320),
]:
    shapes = [input_shape, *(shape for _, shape in network)]
    layers = [layer for layer, _ in network]
    rows = zip(layers, shapes[:-1], shapes[1:], strict=True)
    checks.equal(sum(count_macs(*row) for row in rows), total, case)
### END HIDDEN TESTS

# %% [markdown]
# VGG-16 has 138 million parameters and needs 15.5 billion MACs for one picture. Where?
# Read the two columns against each other: they answer different questions. To make the
# file smaller, one works on the bottom of this figure; to make the network faster, on
# the top.

# %% experiment="where_the_numbers_are"
shapes = [(224, 224, 3), *(shape for _, shape in VGG16)]
labels, parameters, macs = [], [], []
for (layer, output), shape in zip(VGG16, shapes, strict=False):
    if layer["kind"] != "pool":
        dimensions = " × ".join(str(n) for n in output)
        labels.append(f"{layer['kind']} → {dimensions}")
        parameters.append(count_parameters(layer, shape) / 1e6)
        macs.append(count_macs(layer, shape, output) / 1e9)
with plt.rc_context(plots.STYLE):
    figure, panels = plt.subplots(
        1, 2, figsize=(10, 4.6), sharey=True, layout="constrained"
    )
    for axes, values, unit, colour in [
        (panels[0], parameters, "million parameters", plots.BLUE),
        (panels[1], macs, "billion multiply-accumulates", plots.RED),
    ]:
        share = sum(values[-3:]) / sum(values)
        axes.barh(range(len(labels)), values, color=colour)
        axes.set(xlabel=unit, title=f"{share:.1%} of all in the three dense layers")
        axes.grid(axis="x", alpha=0.3)
    panels[0].set_yticks(range(len(labels)), labels)
    panels[0].invert_yaxis()
    plt.show()

# %% [markdown]
# ## 7. Find what is wrong on the slide
#
# 1. **Lecture 2** defines max pooling with windows of $h \times w$ on an input of
#    $(rh) \times (sw)$ pixels by
#    $o_{c,j,i} = \max_{n < h,\, m < w} x_{c,\; rj+n,\; si+m}$. Take $h = 2$, $r = 3$,
#    so 6 rows. Which rows does the formula read for the output row $j = 1$, as it is
#    printed, and which must it read? Set `printed_rows` and `right_rows` to the two
#    arrays of row numbers. (What does the formula read for $j = 2$?)
# 2. **Lecture 1** gives $S_\delta x$ the length $n / \delta$. Set `subsampled_size` to
#    its length for $n = 10$, $\delta = 4$.
# 3. **Lecture 2** says of the receptive field: "it grows linearly with depth". Set
#    `ten_convolutions` to its size after ten convolutions of 3 by 3 with strides 1, and
#    `five_blocks` to its size after five blocks of one such convolution and a pooling
#    of 2 by 2 with strides 2, which are also ten layers.
# 4. **Lecture 0** compares for a "filter of size 2 (250k vs 8 Bi. Params)". The example
#    is from Goodfellow et al. (2016): in a picture of 280 rows and 320 columns every
#    pixel is subtracted from its right neighbour. A dense layer that does it needs 8
#    billion weights. But 250k are not parameters. Set `edge_parameters` to the number
#    of weights of the filter (no bias), and `edge_operations` to the number of
#    operations that it needs in all: two multiplications and one addition for each
#    output.
# 5. **Lecture 3** decodes "a fully convolutional network": pictures of 28 by 28 with
#    one channel, convolution with 20 filters of 5 by 5, pooling of 2 by 2, the same two
#    again, a dense layer of 1024 units, one of 10. No strides but those of pooling, no
#    padding, with biases. Is it fully convolutional? Set `dense_parameters` to the
#    number of parameters in its dense layers. (All layers together have 349,494.)
#
# **Your task.** Define the eight answers.

# %% solution="errata"
# printed_rows, right_rows: arrays (2,); subsampled_size, ten_convolutions, five_blocks,
# edge_parameters, edge_operations, dense_parameters: ints.
### BEGIN SOLUTION
printed_rows = np.array([3, 4])
right_rows = np.array([2, 3])
subsampled_size = 3
ten_convolutions = 21
five_blocks = 94
edge_parameters = 2
edge_operations = 267_960
dense_parameters = 338_954
### END SOLUTION

# %% tests="errata" name="pooling" points=1
checks.shape(printed_rows, (2,), "printed_rows")
checks.shape(right_rows, (2,), "right_rows")
for received, what in [
    (subsampled_size, "subsampled_size is an int"),
    (ten_convolutions, "ten_convolutions is an int"),
    (five_blocks, "five_blocks is an int"),
]:
    checks.holds(isinstance(received, (int, np.integer)), what)
### BEGIN HIDDEN TESTS
h, r, j = 2, 3, 1
checks.array(
    printed_rows, [r * j + n for n in range(h)], "the rows of the printed index"
)
checks.array(right_rows, [h * j + n for n in range(h)], "the rows of the right index")
checks.equal(subsampled_size, len(range(0, 10, 4)), "10 numbers with a step of 4")
for received, layers, case in [
    (ten_convolutions, [(3, 1)] * 10, "ten convolutions"),
    (five_blocks, [(3, 1), (2, 2)] * 5, "five blocks"),
]:
    low, high = 0, 0
    for kernel_size, strides in layers[::-1]:
        low, high = low * strides, high * strides + kernel_size - 1
    checks.equal(received, high - low + 1, case)
### END HIDDEN TESTS

# %% tests="errata" name="counting" points=1
for received, what in [
    (edge_parameters, "edge_parameters is an int"),
    (edge_operations, "edge_operations is an int"),
    (dense_parameters, "dense_parameters is an int"),
]:
    checks.holds(isinstance(received, (int, np.integer)), what)
### BEGIN HIDDEN TESTS
checks.equal(edge_parameters, 2, "the weights of the edge filter")
checks.equal(edge_operations, 280 * (320 - 1) * 3, "the operations of the edge filter")
size = ((28 - 4) // 2 - 4) // 2
flat, units, classes = size * size * 20, 1024, 10
expected = flat * units + units + units * classes + classes
checks.equal(dense_parameters, expected, "the parameters of the two dense layers")
### END HIDDEN TESTS

# %% [markdown]
# ## The experiment: move a digit
#
# Lecture 1 concludes that a cascade of convolutions, non-linearities and subsampling
# "produces shift-invariant classification". Let us see how much of that is true, with
# real digits. Our network has one layer of 64 filters of 5 by 5, cut out of training
# digits, so each looks for a piece of a stroke; then a ReLU; then nothing, or pooling.
# Nothing is trained: a digit gets the label of the training digit whose features are
# nearest. Training digits all stand at one place. The test digits stand there too, and
# then move to the right, pixel by pixel.

# %% given="moving_digits"
ROOM = 24  # columns, so that a digit of 8 can move to the right by 8


def placed(images, column):
    """Digits `(B, 8, 8)` on empty sheets `(B, 12, ROOM, 1)`, at that column."""
    sheets = np.zeros((len(images), 12, ROOM, 1), np.float32)
    sheets[:, 2:10, column : column + 8, 0] = images
    return sheets


def stroke_filters(images, count, rng):
    """Filters `(5, 5, 1, count)`: pieces of digits, mean 0 and norm 1."""
    pieces = []
    while len(pieces) < count:
        row, column = rng.integers(0, 4, size=2)
        piece = images[rng.integers(len(images)), row : row + 5, column : column + 5]
        piece = piece - piece.mean()
        if np.linalg.norm(piece) > 1:  # there is something on it
            pieces.append(piece / np.linalg.norm(piece))
    return np.stack(pieces, axis=-1)[:, :, None]


def stroke_maps(sheets, filters):
    """The filters' maps after a ReLU, `(B, 8, ROOM - 4, count)`."""
    windows = np.lib.stride_tricks.sliding_window_view(sheets, (5, 5), axis=(1, 2))
    return np.maximum(np.tensordot(windows, filters, ((4, 5, 3), (0, 1, 2))), 0)


# %% experiment="moving_digits"
images, labels = datasets.digits()
train, test = slice(0, 1200 if FULL else 500), slice(1200, None if FULL else 1350)
rng = np.random.default_rng(0)
filters = stroke_filters(images[train], 200 if FULL else 64, rng)
networks = {
    "no pooling": lambda maps: maps,
    "max 2 × 2": lambda maps: max_pool2d(maps, (2, 2)),
    "max 4 × 4": lambda maps: max_pool2d(maps, (4, 4)),
    "mean over the whole map": lambda maps: avg_pool2d(maps, maps.shape[1:3]),
    "max over the whole map": lambda maps: max_pool2d(maps, maps.shape[1:3]),
}


def features(sheets):
    """The features of some digits, `(B, number of features)`, for each network."""
    maps = stroke_maps(sheets, filters)
    return {name: net(maps).reshape(len(maps), -1) for name, net in networks.items()}


known, still = features(placed(images[train], 4)), features(placed(images[test], 4))
shifts = np.arange(7)
similarity = {network: [] for network in networks}
accuracy = {network: [] for network in networks}
for shift in shifts:
    for network, moved in features(placed(images[test], 4 + shift)).items():
        lengths = [np.linalg.norm(f, axis=1) for f in (still[network], moved)]
        cosine = np.sum(still[network] * moved, axis=1) / np.prod(lengths, axis=0)
        distance = np.sum(known[network] ** 2, axis=1) - 2 * moved @ known[network].T
        nearest = labels[train][distance.argmin(axis=1)]
        similarity[network].append(cosine.mean())
        accuracy[network].append(np.mean(nearest == labels[test]))

# %% experiment="moving_digits_figure"
with plt.rc_context(plots.STYLE):
    figure, panels = plt.subplots(
        1, 3, figsize=(12, 3.4), width_ratios=[1, 1.6, 1.6], layout="constrained"
    )
    examples = [
        placed(images[test][3:4], 4 + shift)[0, :, :, 0] for shift in (0, 1, 3, 6)
    ]
    panels[0].imshow(1 - np.concatenate(examples), cmap="gray")
    panels[0].hlines(np.arange(1, 4) * 12 - 0.5, -0.5, ROOM - 0.5, color="gray")
    panels[0].set(xticks=[], yticks=np.arange(4) * 12 + 5.5, yticklabels=[0, 1, 3, 6])
    panels[0].set(title="a test digit", ylabel="moved by (pixels)")
    panels[0].spines[:].set_visible(True)
    for axes, table, label in [
        (panels[1], similarity, "similarity of the features (cosine)"),
        (panels[2], accuracy, "digits recognised"),
    ]:
        for i, (network, values) in enumerate(table.items()):
            line = {"color": COLOURS[i], "linestyle": ("-", "--", "-.", ":", "-.")[i]}
            axes.plot(shifts, values, marker="os^Dv"[i], label=network, **line)
        axes.set(xlabel="moved by (pixels)", ylabel=label, ylim=(-0.03, 1.03))
        axes.grid(alpha=0.3)
    figure.legend(*panels[1].get_legend_handles_labels(), loc="outside right upper")
    plt.show()

# %% [markdown]
# Three things to see.
#
# **Small windows buy little.** The features with pooling of 4 by 4 stay similar for a
# pixel or two, as promised. Yet recognition falls nearly as fast as without pooling: a
# digit that moved looks more like another digit at the old place than like itself.
# Invariance of a layer is not yet invariance of the answer.
#
# **It is not a free gift of strides either.** A window of 4 by 4 with strides 4 is
# invariant to moves *inside* the window; at its edge, the maximum jumps to the next
# unit. Lecture 2 puts it well: pooling gives invariance to any permutation inside one
# cell, and so *pseudo*-invariance to translations.
#
# **The maximum over the whole map gives it all**: not one digit is lost by moving. And
# it costs nothing here, though it forgets all places, as the 64 pieces of strokes say
# enough. (Four pieces do not: with them it recognises 39 % of the digits.) This is why
# modern networks end with global pooling; and because they can train what comes before,
# they use the mean.
#
# ## What you take along
#
# - Pooling works per channel, learns nothing, and what is outside must not count.
# - Strides are subsampling behind the layer, with all its aliasing.
# - `size += d (k - 1) * jump`, `start -= p * jump`, `jump *= s`.
# - Parameters sit in dense layers, work in convolutions at high resolution.
# - Pooling is invariant inside its windows, and only there.
#
# Something to think about: AlexNet's pooling of 3 by 3 overlaps, with strides 2. How
# many of its windows does a pixel take part in? And what must the gradient of max
# pooling do with a pixel that wins in two of them? That is lab 03.
