# ---
# jupyter:
#   kernelspec:
#     display_name: Python 3
#     language: python
#     name: python3
#   lab:
#     title: Fast convolution
#     withheld_modules: [cnncourse.ops, scipy, tensorflow, keras, torch, jax, cv2,
#       skimage, sklearn, numba]
#     withheld_names: [numpy.convolve, numpy.correlate]
#     call_seconds: 5
# ---

# %% [markdown]
# # Lab 04: Fast convolution
#
# In lab 01 a convolution was a loop over places. It is right, it is easy to read, and
# it is a hundred times slower than what a library does with the same numbers on the
# same machine. In this lab you make up for that, in NumPy, without a line of C. The
# trick is always the same: turn the convolution into something that is already fast. A
# matrix product is, and two ways lead there; the Fourier transform is another.
#
# None of them is the best one. Each does different work, in a different amount of
# memory, and which wins depends on the size of the kernel and on the channels. At the
# end you predict the winner by counting, then measure, and see how far counting goes.
#
# **When you are through you can**
#
# - lay out the windows of a picture as the rows of a matrix, and put them back;
# - write a convolution as one matrix product, as a sum of $k^2$ small ones, and as a
#   product of spectra;
# - explain why a Fourier transform convolves in a circle, and what to do about it;
# - count the operations and the memory of an algorithm, and choose by them;
# - say why the libraries under Keras carry several algorithms and pick one for each
#   layer.
#
# **How it works.** As in the labs before. Here speed is part of the task: three hidden
# checks use inputs for which a loop over the pixels of the output takes too long. A
# loop over the $k \times k$ weights of a kernel of 3 by 3 is fine.
#
# You need NumPy only, `np.fft` included. `np.convolve`, `np.correlate` and the
# libraries that convolve are switched off while your work is graded.
#
# **How long it takes.** Three to four hours. The exercises do not need each other.
#
# | exercise | function | points |
# |---|---|---|
# | 1. Windows become rows | `im2col` | 3 |
# | 2. Rows become a picture | `col2im` | 3 |
# | 3. One large matrix product | `conv2d_im2col` | 3 |
# | 4. Many small matrix products | `conv2d_shift_gemm` | 3 |
# | 5. A product of spectra | `conv2d_fft` | 4 |
# | 6. Count before you run | `algorithm_costs` | 2 |
# | 7. Choose | `choose_algorithm` | 2 |

# %% given="setup"
import os
import time
import tracemalloc

import matplotlib.pyplot as plt
import numpy as np
from threadpoolctl import threadpool_limits

from cnncourse import checks, datasets, plots

FULL = False  # True: four times as many pictures in the experiment, minutes instead

# Lecture 2's worked example, as a batch of one picture and a kernel with one filter.
lecture2_x = np.array([[4.0, 5, 8, 7], [1, 8, 8, 8], [3, 6, 6, 4], [6, 5, 7, 8]])
lecture2_x = lecture2_x.reshape(1, 4, 4, 1)
lecture2_w = np.array([[1.0, 4, 1], [1, 4, 3], [3, 3, 1]]).reshape(3, 3, 1, 1)

# %% [markdown]
# ## 1. Windows become rows
#
# A matrix product is the most polished piece of code on any machine: it does tens of
# billions of operations a second on one core, in NumPy as everywhere else. To use it,
# write each window as one row of a matrix. The weights of a filter become a column, and
# every output is a row times a column. That is what a matrix product computes.
#
# Below, the window in the frame becomes the row in the frame. What are the others?

# %% experiment="rows"
x = np.arange(1, 10).reshape(3, 3)
unknown = np.full((4, 4), np.nan)
unknown[1] = 2, 3, 5, 6
plots.numbers(
    [x, unknown], ["x", "its windows of 2 × 2"], ["→"], [(0, 1, 2, 2), (1, 0, 1, 4)]
)

# %% [markdown]
# With batches and channels there is more to put in a row, and the order matters:
#
# - one **row** for each window: first those of the first picture, there from top to
#   bottom, and in each line from left to right;
# - one **column** for each weight of a filter, in the order of the axes of `w`,
#   `(kh, kw, C_in, C_out)`: row of the window, then column of the window, then channel.
#   So `w.reshape(-1, C_out)` needs no rearranging.
#
# Strides and padding (zeros on each side) mean what they meant in lab 01.
#
# **Your task.** Write `im2col`. (The name is from Matlab, where the windows became
# columns.) A loop over the taps of the kernel is a good way: what do *all* the windows
# see at their pixel (a, b)?


# %% solution="im2col"
def im2col(x, kernel_size, strides=1, padding=0):
    """Lays out the windows of pictures as rows of a matrix.

    Args:
        x: array `(B, H, W, C)` of ints or floats.
        kernel_size: `(kh, kw)`, height and width of the windows.
        strides: by how many pixels the window moves on, in both directions.
        padding: lines of zeros on each of the four sides of a picture.
    Returns:
        Array `(B * H' * W', kh * kw * C)` of the dtype of `x`, which is left as it is,
        with `H' = floor((H + 2 padding - kh) / strides) + 1` and `W'` alike. Row
        `(n H' + i) W' + j` holds window (i, j) of picture n, column
        `(a kw + b) C + c` its pixel (a, b) in channel c.
    Raises:
        ValueError: if the window is higher or wider than the padded picture.
    """
    ### BEGIN SOLUTION
    kh, kw = kernel_size
    x = np.pad(x, [(0, 0), (padding, padding), (padding, padding), (0, 0)])
    rows = (x.shape[1] - kh) // strides + 1
    columns = (x.shape[2] - kw) // strides + 1
    if rows < 1 or columns < 1:
        raise ValueError(
            "Expected a window that fits into the padded picture. "
            f"Received: kernel_size={kernel_size} padded picture={x.shape[1:3]}"
        )
    windows = np.empty((len(x), rows, columns, kh, kw, x.shape[3]), dtype=x.dtype)
    for a in range(kh):
        for b in range(kw):
            bottom, right = a + strides * rows, b + strides * columns
            windows[:, :, :, a, b] = x[:, a:bottom:strides, b:right:strides]
    return windows.reshape(len(x) * rows * columns, -1)
    ### END SOLUTION


# %% tests="im2col" name="layout" points=1
x = np.arange(1, 10).reshape(1, 3, 3, 1)
checks.array(
    im2col(x, (2, 2)),
    [[1, 2, 4, 5], [2, 3, 5, 6], [4, 5, 7, 8], [5, 6, 8, 9]],
    "the picture above",
)
two = np.concatenate([x, 10 * x], axis=3)  # a second channel, ten times the first
checks.array(
    im2col(two, (2, 3)),
    [
        [1, 10, 2, 20, 3, 30, 4, 40, 5, 50, 6, 60],
        [4, 40, 5, 50, 6, 60, 7, 70, 8, 80, 9, 90],
    ],
    "two channels, windows of 2 by 3",
)
### BEGIN HIDDEN TESTS
rng = np.random.default_rng(1)
for batch, height, width, kh, kw, channels, case in [
    (2, 4, 6, 3, 2, 3, "two wide pictures with three channels"),
    (1, 6, 3, 2, 3, 2, "a kernel as wide as the picture"),
    (3, 3, 4, 2, 1, 1, "three pictures, a kernel of one column"),
    (2, 3, 4, 3, 4, 2, "a kernel as large as the picture"),
    (2, 3, 2, 1, 1, 4, "a kernel of one pixel"),
]:
    x = rng.normal(size=(batch, height, width, channels))
    by_hand = [
        x[n, i : i + kh, j : j + kw].ravel()
        for n in range(batch)
        for i in range(height - kh + 1)
        for j in range(width - kw + 1)
    ]
    checks.array(im2col(x, (kh, kw)), by_hand, case)
### END HIDDEN TESTS

# %% tests="im2col" name="strides" points=1
x = np.arange(1, 11).reshape(1, 2, 5, 1)  # rows 1 to 5 and 6 to 10
checks.array(
    im2col(x, (2, 2), strides=2), [[1, 2, 6, 7], [3, 4, 8, 9]], "5 columns, strides 2"
)
checks.array(
    im2col(np.array([[[[7]]]]), (2, 2), padding=1),
    [[0, 0, 0, 7], [0, 0, 7, 0], [0, 7, 0, 0], [7, 0, 0, 0]],
    "a single pixel with zeros around it",
)
### BEGIN HIDDEN TESTS
rng = np.random.default_rng(2)
for height, width, kh, kw, strides, padding, case in [
    (7, 8, 3, 3, 2, 0, "strides 2 that leave a rest"),
    (5, 9, 2, 4, 3, 2, "strides 3, padding 2, an even kernel"),
    (6, 4, 3, 3, 1, 1, "padding that keeps the size"),
    (7, 5, 1, 2, 3, 1, "strides larger than the kernel"),
]:
    x = rng.normal(size=(2, height, width, 3))
    framed = np.zeros((2, height + 2 * padding, width + 2 * padding, 3))
    framed[:, padding : padding + height, padding : padding + width] = x
    by_hand = [
        framed[n, i : i + kh, j : j + kw].ravel()
        for n in range(2)
        for i in range(0, framed.shape[1] - kh + 1, strides)
        for j in range(0, framed.shape[2] - kw + 1, strides)
    ]
    checks.array(im2col(x, (kh, kw), strides, padding), by_hand, case)
### END HIDDEN TESTS

# %% tests="im2col" name="rules" points=1
x = np.arange(12).reshape(1, 3, 4, 1)
checks.dtype(im2col(x, (2, 2)), x.dtype, "a picture of ints")
with checks.unchanged("the picture after the call", x):
    im2col(x, (2, 2), padding=1)
checks.raises(ValueError, im2col, x, (4, 1), what="a kernel higher than the picture")
### BEGIN HIDDEN TESTS
x = np.random.default_rng(3).normal(size=(2, 5, 6, 2)).astype(np.float32)
with checks.unchanged("the picture after the call", x):
    y = im2col(x, (3, 3), strides=2, padding=1)
checks.dtype(y, np.float32, "float32 with padding")
checks.dtype(im2col(x, (3, 2)), np.float32, "float32")
checks.raises(ValueError, im2col, x, (2, 7), what="a kernel wider than the picture")
checks.raises(
    ValueError,
    im2col,
    x,
    (8, 2),
    padding=1,
    what="a kernel higher than the padded picture",
)
### END HIDDEN TESTS

# %% [markdown]
# ## 2. Rows become a picture
#
# The way back is needed for training. Lab 03 showed that the gradient with respect to
# the input is the transposed matrix times the gradient of the output. With windows as
# rows it arrives as one row for each window, and must be gathered at the pixels. A
# pixel that lay in several windows gets the **sum** of what they say about it.
#
# So `col2im` does not undo `im2col`. It is its transpose: for all $x$ and all $m$,
#
# $$\langle \mathrm{im2col}(x),\, m \rangle = \langle x,\, \mathrm{col2im}(m) \rangle.$$
#
# By hand: take the four windows of exercise 1 and put them back. The corner pixels 1,
# 3, 7 and 9 lie in one window each and come back as they are; the 5 in the middle lies
# in all four and comes back as 20.
#
# **Your task.** Write `col2im`. What fell on the zeros of the padding is thrown away.


# %% solution="col2im"
def col2im(columns, x_shape, kernel_size, strides=1, padding=0):
    """Adds up rows of windows at the pixels where `im2col` took them from.

    Args:
        columns: array `(B * H' * W', kh * kw * C)` of ints or floats, rows and columns
            in the order of exercise 1.
        x_shape: `(B, H, W, C)` of the pictures.
        kernel_size: `(kh, kw)`, height and width of the windows.
        strides: by how many pixels the window moves on, in both directions.
        padding: lines of zeros that were on each of the four sides of a picture.
    Returns:
        Array `(B, H, W, C)` of the dtype of `columns`, which is left as it is: for each
        pixel the sum of its entries in `columns`, 0 if it lies in no window.
    """
    ### BEGIN SOLUTION
    (batch, height, width, channels), (kh, kw) = x_shape, kernel_size
    rows = (height + 2 * padding - kh) // strides + 1
    across = (width + 2 * padding - kw) // strides + 1
    windows = columns.reshape(batch, rows, across, kh, kw, channels)
    framed = (batch, height + 2 * padding, width + 2 * padding, channels)
    x = np.zeros(framed, dtype=columns.dtype)
    for a in range(kh):
        for b in range(kw):
            bottom, right = a + strides * rows, b + strides * across
            x[:, a:bottom:strides, b:right:strides] += windows[:, :, :, a, b]
    return x[:, padding : padding + height, padding : padding + width]
    ### END SOLUTION


# %% tests="col2im" name="sums" points=1
m = np.array([[1, 2, 4, 5], [2, 3, 5, 6], [4, 5, 7, 8], [5, 6, 8, 9]])
checks.array(
    col2im(m, (1, 3, 3, 1), (2, 2))[0, :, :, 0],
    [[1, 4, 3], [8, 20, 12], [7, 16, 9]],
    "the windows of exercise 1",
)
m = np.array([[1, 10, 2, 20, 3, 30, 4, 40, 5, 50, 6, 60]])
checks.array(
    col2im(m, (1, 2, 3, 2), (2, 3))[0, :, :, 1],
    [[10, 20, 30], [40, 50, 60]],
    "a single window of 2 by 3, its second channel",
)
### BEGIN HIDDEN TESTS
rng = np.random.default_rng(4)
for batch, height, width, kh, kw, channels, case in [
    (2, 4, 6, 3, 2, 3, "two wide pictures with three channels"),
    (1, 6, 3, 2, 3, 2, "a kernel as wide as the picture"),
    (3, 3, 4, 2, 1, 1, "three pictures, a kernel of one column"),
    (2, 3, 2, 1, 1, 4, "a kernel of one pixel"),
]:
    shape = (batch, height - kh + 1, width - kw + 1)
    windows = rng.normal(size=(*shape, kh, kw, channels))
    by_hand = np.zeros((batch, height, width, channels))
    for n, i, j in np.ndindex(shape):
        by_hand[n, i : i + kh, j : j + kw] += windows[n, i, j]
    m = windows.reshape(np.prod(shape), -1)
    checks.array(col2im(m, by_hand.shape, (kh, kw)), by_hand, case)
### END HIDDEN TESTS

# %% tests="col2im" name="strides" points=1
m = np.array([[1, 2], [3, 4]])
checks.array(
    col2im(m, (1, 5, 1, 1), (2, 1), strides=2),
    np.array([1, 2, 3, 4, 0]).reshape(1, 5, 1, 1),
    "two windows one below the other, and a last pixel that lies in none",
)
m = np.array([[0, 0, 0, 7], [0, 0, 6, 0], [0, 5, 0, 0], [4, 0, 0, 0]])
checks.array(
    col2im(m, (1, 1, 1, 1), (2, 2), padding=1),
    [[[[22]]]],
    "a single pixel with zeros around it",
)
### BEGIN HIDDEN TESTS
rng = np.random.default_rng(5)
for height, width, kh, kw, strides, padding, case in [
    (7, 8, 3, 3, 2, 0, "strides 2 that leave a rest"),
    (5, 9, 2, 4, 3, 2, "strides 3, padding 2, an even kernel"),
    (6, 4, 3, 3, 1, 1, "padding that keeps the size"),
    (7, 5, 1, 2, 3, 1, "strides larger than the kernel"),
]:
    framed = np.zeros((2, height + 2 * padding, width + 2 * padding, 3))
    shape = (
        2,
        len(range(0, framed.shape[1] - kh + 1, strides)),
        len(range(0, framed.shape[2] - kw + 1, strides)),
    )
    windows = rng.normal(size=(*shape, kh, kw, 3))
    for n, i, j in np.ndindex(shape):
        top, left = i * strides, j * strides
        framed[n, top : top + kh, left : left + kw] += windows[n, i, j]
    by_hand = framed[:, padding : padding + height, padding : padding + width]
    m = windows.reshape(np.prod(shape), -1)
    received = col2im(m, (2, height, width, 3), (kh, kw), strides, padding)
    checks.array(received, by_hand, case)
### END HIDDEN TESTS

# %% tests="col2im" name="rules" points=1
m = np.array([[1, 2], [3, 4]])
checks.dtype(col2im(m, (1, 1, 3, 1), (1, 2)), m.dtype, "windows of ints")
with checks.unchanged("the windows after the call", m):
    col2im(m, (1, 1, 3, 1), (1, 2))
### BEGIN HIDDEN TESTS
rng = np.random.default_rng(6)
m = rng.normal(size=(2 * 3 * 4, 3 * 2 * 2)).astype(np.float32)
with checks.unchanged("the windows after the call", m):
    back = col2im(m, (2, 5, 7, 2), (3, 2), strides=2, padding=1)
checks.dtype(back, np.float32, "float32 with padding")
x = rng.normal(size=(2, 5, 7, 2))
framed = np.pad(x, [(0, 0), (1, 1), (1, 1), (0, 0)])
windows = [
    framed[n, i : i + 3, j : j + 2].ravel()
    for n in range(2)
    for i in (0, 2, 4)
    for j in (0, 2, 4, 6)
]
checks.array(
    np.sum(x * back),
    np.sum(np.array(windows) * m),
    "the two inner products: col2im as the transpose of im2col",
    rtol=1e-4,
)
### END HIDDEN TESTS

# %% [markdown]
# `col2im` of ones counts in how many windows each pixel lies: how often `im2col` copies
# it, and from how many places its gradient comes. With strides 2 and a kernel of 3 the
# pixels are not treated alike, some count four times as much as others. A layer like
# that, run backwards to *make* pictures, leaves a checkerboard on them (lab 12).

# %% experiment="how_often"
counts = {}
for kernel, strides, padding in [(3, 1, 0), (3, 1, 1), (3, 2, 1), (2, 2, 0)]:
    places = ((9 + 2 * padding - kernel) // strides + 1) ** 2
    ones = np.ones((places, kernel * kernel))
    count = col2im(ones, (1, 9, 9, 1), (kernel, kernel), strides, padding)
    counts[f"kernel {kernel}, strides {strides}, padding {padding}"] = count[0, :, :, 0]
plots.heatmaps(list(counts.values()), list(counts), signed=False, shared=True, size=2.2)

# %% [markdown]
# ## 3. One large matrix product
#
# Now the layer of lab 01 once more, with strides, padding and a bias, as
#
# $$Y = \mathrm{im2col}(x)\; W,$$
#
# where $W$ is the kernel with $k_h k_w C_{in}$ rows and $C_{out}$ columns. Chellapilla
# et al. (2006) had the idea, Caffe made it known, and it is still what many libraries
# do when nothing better fits. Its price is memory: every pixel is stored $k_h k_w$
# times.
#
# **Your task.** Write `conv2d_im2col`. You may call your `im2col`. One hidden check
# calls it with a picture of 1500 by 1500 pixels and a kernel of 3 by 3, and gives it 5
# seconds. A matrix product needs a fraction of one.


# %% solution="conv2d_im2col"
def conv2d_im2col(x, w, b=None, strides=1, padding=0):
    """A convolutional layer as one matrix product.

    Args:
        x: array `(B, H, W, C_in)` of ints or floats.
        w: array `(kh, kw, C_in, C_out)` of ints or floats, used as it is, not flipped.
        b: array `(C_out,)`, or None for no bias.
        strides: by how many pixels the window moves on, in both directions.
        padding: lines of zeros on each of the four sides of a picture.
    Returns:
        Array `(B, H', W', C_out)` of the dtype of the product `x * w`, `H'` and `W'` as
        in exercise 1. `x`, `w` and `b` are left as they are.
    Raises:
        ValueError: if `x` and `w` have different numbers of channels, or the kernel is
            larger than the padded picture.
    """
    ### BEGIN SOLUTION
    kh, kw, channels, filters = w.shape
    x = np.pad(x, [(0, 0), (padding, padding), (padding, padding), (0, 0)])
    if x.shape[3] != channels or x.shape[1] < kh or x.shape[2] < kw:
        raise ValueError(
            "Expected a kernel as deep as the pictures and no larger. "
            f"Received: kernel={w.shape} padded pictures={x.shape}"
        )
    windows = np.lib.stride_tricks.sliding_window_view(x, (kh, kw), axis=(1, 2))
    windows = windows[:, ::strides, ::strides]  # (B, H', W', C_in, kh, kw)
    columns = windows.transpose(0, 1, 2, 4, 5, 3).reshape(-1, kh * kw * channels)
    y = (columns @ w.reshape(-1, filters)).reshape(*windows.shape[:3], filters)
    return y if b is None else y + b
    ### END SOLUTION


# %% tests="conv2d_im2col" name="values" points=1
checks.array(
    conv2d_im2col(lecture2_x, lecture2_w)[0, :, :, 0],
    [[122, 148], [126, 134]],
    "lecture 2's example",
)
x = np.array([[1.0, 10], [2, 20], [3, 30]]).reshape(1, 3, 1, 2)  # two channels
w = np.array([[1.0, 0], [0, 1], [1, 1], [0, 2]]).reshape(2, 1, 2, 2)  # two filters
checks.array(
    conv2d_im2col(x, w, np.array([100.0, 0]))[0, :, 0],
    [[103, 52], [105, 83]],
    "three pixels below each other, two channels, two filters, a bias for the first",
)
### BEGIN HIDDEN TESTS
rng = np.random.default_rng(10)
for batch, height, width, kh, kw, channels, filters, case in [
    (2, 5, 7, 3, 2, 3, 4, "a batch of two colour pictures and four filters"),
    (1, 7, 4, 2, 3, 4, 2, "a batch of one with a wide kernel"),
    (3, 6, 6, 1, 1, 5, 1, "a kernel of one pixel and one filter"),
    (2, 4, 5, 4, 1, 1, 3, "one channel and a kernel as high as the picture"),
]:
    x = rng.normal(size=(batch, height, width, channels))
    w, b = rng.normal(size=(kh, kw, channels, filters)), rng.normal(size=filters)
    by_hand = np.empty((batch, height - kh + 1, width - kw + 1, filters))
    for n, i, j, f in np.ndindex(by_hand.shape):
        by_hand[n, i, j, f] = np.sum(x[n, i : i + kh, j : j + kw] * w[..., f]) + b[f]
    checks.array(conv2d_im2col(x, w, b), by_hand, case)
    checks.array(conv2d_im2col(x, w), by_hand - b, case + ", without a bias")
### END HIDDEN TESTS

# %% tests="conv2d_im2col" name="strides" points=1
x = np.arange(1.0, 16.0).reshape(1, 3, 5, 1)  # rows 1 to 5, 6 to 10, 11 to 15
w = np.array([1.0, 10.0]).reshape(1, 2, 1, 1)
checks.array(
    conv2d_im2col(x, w, strides=2)[0, :, :, 0],
    [[21, 43], [131, 153]],
    "three rows and five columns, strides 2",
)
checks.array(
    conv2d_im2col(x[:, :1, :3], w, padding=1)[0, :, :, 0],
    [[0, 0, 0, 0], [10, 21, 32, 3], [0, 0, 0, 0]],
    "a row of three pixels, padding 1",
)
### BEGIN HIDDEN TESTS
rng = np.random.default_rng(11)
for height, width, kh, kw, strides, padding, case in [
    (6, 9, 3, 3, 1, 1, "padding that keeps the size"),
    (8, 7, 3, 2, 2, 0, "strides that leave a rest"),
    (5, 11, 2, 4, 3, 2, "strides 3, padding 2, an even kernel"),
    (7, 10, 2, 2, 4, 1, "strides larger than the kernel"),
]:
    x, w = rng.normal(size=(2, height, width, 2)), rng.normal(size=(kh, kw, 2, 3))
    b = rng.normal(size=3)
    framed = np.zeros((2, height + 2 * padding, width + 2 * padding, 2))
    framed[:, padding : padding + height, padding : padding + width] = x
    rows = range(0, framed.shape[1] - kh + 1, strides)
    columns = range(0, framed.shape[2] - kw + 1, strides)
    by_hand = np.empty((2, len(rows), len(columns), 3))
    for (r, i), (c, j) in [(p, q) for p in enumerate(rows) for q in enumerate(columns)]:
        window = framed[:, i : i + kh, j : j + kw]
        by_hand[:, r, c] = np.tensordot(window, w, 3) + b
    checks.array(conv2d_im2col(x, w, b, strides, padding), by_hand, case)
### END HIDDEN TESTS

# %% tests="conv2d_im2col" name="use" points=1
x, w = np.ones((1, 3, 4, 2), int), np.full((2, 2, 2, 1), 0.125)
b = np.array([0.5])
checks.array(conv2d_im2col(x, w, b), np.full((1, 2, 3, 1), 1.5), "ints with fractions")
with checks.unchanged("pictures, kernel and bias after the call", x, w, b):
    conv2d_im2col(x, w, b, strides=2, padding=1)
checks.raises(
    ValueError,
    conv2d_im2col,
    np.ones((1, 2, 9, 2)),
    np.ones((3, 3, 2, 1)),
    what="a kernel higher than the picture",
)
### BEGIN HIDDEN TESTS
rng = np.random.default_rng(12)
x = rng.normal(size=(2, 6, 7, 3)).astype(np.float32)
w = rng.normal(size=(3, 3, 3, 2)).astype(np.float32)
with checks.unchanged("pictures and kernel after the call", x, w):
    y = conv2d_im2col(x, w, padding=1)
checks.dtype(y, np.float32, "float32 with float32")
checks.raises(
    ValueError,
    conv2d_im2col,
    x,
    np.ones((3, 8, 3, 1)),
    what="a kernel wider than the picture",
)
checks.raises(
    ValueError,
    conv2d_im2col,
    x,
    np.ones((3, 3, 4, 1)),
    what="a kernel deeper than the picture",
)
x = rng.integers(-9, 10, size=(1, 1500, 1500, 1)).astype(np.float32)
w = rng.integers(-9, 10, size=(3, 3, 1, 1)).astype(np.float32)
y = conv2d_im2col(x, w)
checks.shape(y, (1, 1498, 1498, 1), "a picture of 1500 by 1500 pixels")
by_hand = [np.sum(x[0, i : i + 3, 9:12] * w[..., 0]) for i in range(1498)]
checks.array(y[0, :, 9, 0], by_hand, "a picture of 1500 by 1500 pixels, one column")
### END HIDDEN TESTS

# %% [markdown]
# ## 4. Many small matrix products
#
# Exercise 3 copies all windows before it multiplies. It need not. Take the weights of
# *one* tap (a, b): a small matrix of `C_in` by `C_out`. All outputs meet this tap with
# the same picture, only shifted by (a, b). So shift, multiply, and add up over the
# taps:
#
# $$Y = \sum_{a} \sum_{b} X_{\text{shifted by } (a, b)}\; W_{a,b}.$$
#
# The picture is never copied $k^2$ times, only the output is added to $k^2$ times.
# Matrix products are called GEMM in this trade (general matrix multiply), so this is
# shift-GEMM, also known as kn2row (Anderson et al., 2017).
#
# **Your task.** Write `conv2d_shift_gemm`, with a loop over the taps and nothing laid
# out in windows: no `im2col`, no `sliding_window_view`, no `as_strided`. The large
# picture of exercise 3 comes here too.


# %% solution="conv2d_shift_gemm"
def conv2d_shift_gemm(x, w, b=None, strides=1, padding=0):
    """A convolutional layer as one small matrix product for each tap, added up.

    Args:
        x: array `(B, H, W, C_in)` of ints or floats.
        w: array `(kh, kw, C_in, C_out)` of ints or floats, used as it is, not flipped.
        b: array `(C_out,)`, or None for no bias.
        strides: by how many pixels the window moves on, in both directions.
        padding: lines of zeros on each of the four sides of a picture.
    Returns:
        Array `(B, H', W', C_out)` of the dtype of the product `x * w`, `H'` and `W'` as
        in exercise 1. `x`, `w` and `b` are left as they are.
    Raises:
        ValueError: if `x` and `w` have different numbers of channels, or the kernel is
            larger than the padded picture.
    """
    ### BEGIN SOLUTION
    kh, kw, channels, filters = w.shape
    x = np.pad(x, [(0, 0), (padding, padding), (padding, padding), (0, 0)])
    if x.shape[3] != channels or x.shape[1] < kh or x.shape[2] < kw:
        raise ValueError(
            "Expected a kernel as deep as the pictures and no larger. "
            f"Received: kernel={w.shape} padded pictures={x.shape}"
        )
    rows = (x.shape[1] - kh) // strides + 1
    columns = (x.shape[2] - kw) // strides + 1
    y = np.zeros((len(x), rows, columns, filters), dtype=np.result_type(x, w))
    for i in range(kh):
        for j in range(kw):
            bottom, right = i + strides * rows, j + strides * columns
            y += x[:, i:bottom:strides, j:right:strides] @ w[i, j]
    return y if b is None else y + b
    ### END SOLUTION


# %% tests="conv2d_shift_gemm" name="values" points=1
checks.array(
    conv2d_shift_gemm(lecture2_x, lecture2_w)[0, :, :, 0],
    [[122, 148], [126, 134]],
    "lecture 2's example",
)
x = np.array([[1.0, 10], [2, 20], [3, 30]]).reshape(1, 3, 1, 2)  # two channels
w = np.array([[1.0, 0], [0, 1], [1, 1], [0, 2]]).reshape(2, 1, 2, 2)  # two filters
checks.array(
    conv2d_shift_gemm(x, w, np.array([100.0, 0]))[0, :, 0],
    [[103, 52], [105, 83]],
    "three pixels below each other, two channels, two filters, a bias for the first",
)
### BEGIN HIDDEN TESTS
rng = np.random.default_rng(20)
for batch, height, width, kh, kw, channels, filters, case in [
    (2, 5, 7, 3, 2, 3, 4, "a batch of two colour pictures and four filters"),
    (1, 7, 4, 2, 3, 4, 2, "a batch of one with a wide kernel"),
    (3, 6, 6, 1, 1, 5, 1, "a kernel of one pixel and one filter"),
    (2, 4, 5, 4, 1, 1, 3, "one channel and a kernel as high as the picture"),
]:
    x = rng.normal(size=(batch, height, width, channels))
    w, b = rng.normal(size=(kh, kw, channels, filters)), rng.normal(size=filters)
    by_hand = np.empty((batch, height - kh + 1, width - kw + 1, filters))
    for n, i, j, f in np.ndindex(by_hand.shape):
        by_hand[n, i, j, f] = np.sum(x[n, i : i + kh, j : j + kw] * w[..., f]) + b[f]
    checks.array(conv2d_shift_gemm(x, w, b), by_hand, case)
    checks.array(conv2d_shift_gemm(x, w), by_hand - b, case + ", without a bias")
### END HIDDEN TESTS

# %% tests="conv2d_shift_gemm" name="strides" points=1
x = np.arange(1.0, 16.0).reshape(1, 3, 5, 1)  # rows 1 to 5, 6 to 10, 11 to 15
w = np.array([1.0, 10.0]).reshape(1, 2, 1, 1)
checks.array(
    conv2d_shift_gemm(x, w, strides=2)[0, :, :, 0],
    [[21, 43], [131, 153]],
    "three rows and five columns, strides 2",
)
checks.array(
    conv2d_shift_gemm(x[:, :1, :3], w, padding=1)[0, :, :, 0],
    [[0, 0, 0, 0], [10, 21, 32, 3], [0, 0, 0, 0]],
    "a row of three pixels, padding 1",
)
### BEGIN HIDDEN TESTS
rng = np.random.default_rng(21)
for height, width, kh, kw, strides, padding, case in [
    (6, 9, 3, 3, 1, 1, "padding that keeps the size"),
    (8, 7, 3, 2, 2, 0, "strides that leave a rest"),
    (5, 11, 2, 4, 3, 2, "strides 3, padding 2, an even kernel"),
    (7, 10, 2, 2, 4, 1, "strides larger than the kernel"),
]:
    x, w = rng.normal(size=(2, height, width, 2)), rng.normal(size=(kh, kw, 2, 3))
    b = rng.normal(size=3)
    framed = np.zeros((2, height + 2 * padding, width + 2 * padding, 2))
    framed[:, padding : padding + height, padding : padding + width] = x
    rows = range(0, framed.shape[1] - kh + 1, strides)
    columns = range(0, framed.shape[2] - kw + 1, strides)
    by_hand = np.empty((2, len(rows), len(columns), 3))
    for (r, i), (c, j) in [(p, q) for p in enumerate(rows) for q in enumerate(columns)]:
        window = framed[:, i : i + kh, j : j + kw]
        by_hand[:, r, c] = np.tensordot(window, w, 3) + b
    checks.array(conv2d_shift_gemm(x, w, b, strides, padding), by_hand, case)
### END HIDDEN TESTS

# %% tests="conv2d_shift_gemm" name="use" points=1
x, w = np.ones((1, 3, 4, 2), int), np.full((2, 2, 2, 1), 0.125)
b = np.array([0.5])
checks.array(
    conv2d_shift_gemm(x, w, b), np.full((1, 2, 3, 1), 1.5), "ints with fractions"
)
with checks.unchanged("pictures, kernel and bias after the call", x, w, b):
    conv2d_shift_gemm(x, w, b, strides=2, padding=1)
checks.raises(
    ValueError,
    conv2d_shift_gemm,
    np.ones((1, 2, 9, 2)),
    np.ones((3, 3, 2, 1)),
    what="a kernel higher than the picture",
)
checks.forbids(
    conv2d_shift_gemm, ["im2col", "conv2d_im2col", "sliding_window_view", "as_strided"]
)
### BEGIN HIDDEN TESTS
rng = np.random.default_rng(22)
x = rng.normal(size=(2, 6, 7, 3)).astype(np.float32)
w = rng.normal(size=(3, 3, 3, 2)).astype(np.float32)
with checks.unchanged("pictures and kernel after the call", x, w):
    y = conv2d_shift_gemm(x, w, padding=1)
checks.dtype(y, np.float32, "float32 with float32")
checks.raises(
    ValueError,
    conv2d_shift_gemm,
    x,
    np.ones((3, 8, 3, 1)),
    what="a kernel wider than the picture",
)
checks.raises(
    ValueError,
    conv2d_shift_gemm,
    x,
    np.ones((3, 3, 4, 1)),
    what="a kernel deeper than the picture",
)
x = rng.integers(-9, 10, size=(1, 1500, 1500, 1)).astype(np.float32)
w = rng.integers(-9, 10, size=(3, 3, 1, 1)).astype(np.float32)
y = conv2d_shift_gemm(x, w)
checks.shape(y, (1, 1498, 1498, 1), "a picture of 1500 by 1500 pixels")
by_hand = [np.sum(x[0, i : i + 3, 9:12] * w[..., 0]) for i in range(1498)]
checks.array(y[0, :, 9, 0], by_hand, "a picture of 1500 by 1500 pixels, one column")
### END HIDDEN TESTS

# %% [markdown]
# ## 5. A product of spectra
#
# The Fourier transform writes a picture as a sum of waves, and a convolution treats
# each wave by itself: it makes it stronger or weaker and moves it, no more. So what
# costs $k^2$ products for each pixel becomes *one* product for each wave:
#
# $$\mathcal{F}(x * w) = \mathcal{F}(x)\,\mathcal{F}(w).$$
#
# The transforms cost $N \log N$ for a picture of $N$ pixels, whatever the size of the
# kernel. For large kernels nothing else comes near. Three things to get right:
#
# 1. **Padding the kernel.** To multiply the spectra they must have the same size, so
#    the kernel is transformed as a picture that is zero but for its corner
#    (`np.fft.rfft2` does it if you give it the size).
# 2. **The flip.** The theorem speaks of true convolution, and our layers correlate.
#    Flip the kernel first; or conjugate its spectrum, which does the same, but puts the
#    result at another place.
# 3. **The circle.** The waves go on for ever and repeat, so a window that leaves the
#    picture on the right comes back on the left. For lecture 3's $x = (1, 2, 3, 4)$ and
#    $w = (1, 2, 3)$ the correlation in a circle is $(14, 20, 14, 12)$: the first two
#    are the windows that fit, $14$ and $20$; the others are made of both ends of the
#    signal. Either cut them off, or put enough zeros behind the signal first.
#
# Channels and filters work as always: multiply the spectra channel by channel, and add
# over the channels (in the spectrum, it is linear). The bias comes last. With strides,
# compute all and subsample.
#
# **Your task.** Write `conv2d_fft`. One hidden check calls it with a kernel of 257 by
# 257 on a picture of 768 by 768, which is far too much for the other two algorithms.


# %% solution="conv2d_fft"
def conv2d_fft(x, w, b=None, strides=1, padding=0):
    """A convolutional layer by the fast Fourier transform.

    Args:
        x: array `(B, H, W, C_in)` of floats.
        w: array `(kh, kw, C_in, C_out)` of floats, used as it is, not flipped.
        b: array `(C_out,)`, or None for no bias.
        strides: by how many pixels the window moves on, in both directions.
        padding: lines of zeros on each of the four sides of a picture.
    Returns:
        Array `(B, H', W', C_out)` of real numbers, of the dtype of the product `x * w`,
        `H'` and `W'` as in exercise 1. `x`, `w` and `b` are left as they are.
    Raises:
        ValueError: if `x` and `w` have different numbers of channels, or the kernel is
            larger than the padded picture.
    """
    ### BEGIN SOLUTION
    kh, kw, channels, _ = w.shape
    x = np.pad(x, [(0, 0), (padding, padding), (padding, padding), (0, 0)])
    if x.shape[3] != channels or x.shape[1] < kh or x.shape[2] < kw:
        raise ValueError(
            "Expected a kernel as deep as the pictures and no larger. "
            f"Received: kernel={w.shape} padded pictures={x.shape}"
        )
    size = x.shape[1:3]
    # one matrix product of (B, C_in) by (C_in, C_out) for each frequency
    pictures = np.fft.rfft2(x, axes=(1, 2)).transpose(1, 2, 0, 3)
    kernels = np.fft.rfft2(w, size, axes=(0, 1))
    spectra = (pictures @ kernels.conj()).transpose(2, 0, 1, 3)
    y = np.fft.irfft2(spectra, size, axes=(1, 2))
    y = y[:, : size[0] - kh + 1 : strides, : size[1] - kw + 1 : strides]
    y = y.astype(np.result_type(x, w))
    return y if b is None else y + b
    ### END SOLUTION


# %% tests="conv2d_fft" name="values" points=1
checks.array(
    conv2d_fft(lecture2_x, lecture2_w)[0, :, :, 0],
    [[122, 148], [126, 134]],
    "lecture 2's example",
)
x = np.array([[1.0, 10], [2, 20], [3, 30]]).reshape(1, 3, 1, 2)  # two channels
w = np.array([[1.0, 0], [0, 1], [1, 1], [0, 2]]).reshape(2, 1, 2, 2)  # two filters
checks.array(
    conv2d_fft(x, w, np.array([100.0, 0]))[0, :, 0],
    [[103, 52], [105, 83]],
    "three pixels below each other, two channels, two filters, a bias for the first",
)
### BEGIN HIDDEN TESTS
rng = np.random.default_rng(30)
for batch, height, width, kh, kw, channels, filters, case in [
    (2, 5, 7, 3, 2, 3, 4, "a batch of two colour pictures and four filters"),
    (1, 7, 4, 2, 3, 4, 2, "a batch of one with a wide kernel"),
    (3, 6, 6, 1, 1, 5, 1, "a kernel of one pixel and one filter"),
    (2, 4, 5, 4, 1, 1, 3, "one channel and a kernel as high as the picture"),
]:
    x = rng.normal(size=(batch, height, width, channels))
    w, b = rng.normal(size=(kh, kw, channels, filters)), rng.normal(size=filters)
    by_hand = np.empty((batch, height - kh + 1, width - kw + 1, filters))
    for n, i, j, f in np.ndindex(by_hand.shape):
        by_hand[n, i, j, f] = np.sum(x[n, i : i + kh, j : j + kw] * w[..., f]) + b[f]
    checks.array(conv2d_fft(x, w, b), by_hand, case)
    checks.array(conv2d_fft(x, w), by_hand - b, case + ", without a bias")
### END HIDDEN TESTS

# %% tests="conv2d_fft" name="strides" points=1
x = np.arange(1.0, 16.0).reshape(1, 3, 5, 1)  # rows 1 to 5, 6 to 10, 11 to 15
w = np.array([1.0, 10.0]).reshape(1, 2, 1, 1)
checks.array(
    conv2d_fft(x, w, strides=2)[0, :, :, 0],
    [[21, 43], [131, 153]],
    "three rows and five columns, strides 2",
)
checks.array(
    conv2d_fft(x[:, :1, :3], w, padding=1)[0, :, :, 0],
    [[0, 0, 0, 0], [10, 21, 32, 3], [0, 0, 0, 0]],
    "a row of three pixels, padding 1",
)
### BEGIN HIDDEN TESTS
rng = np.random.default_rng(31)
for height, width, kh, kw, strides, padding, case in [
    (6, 9, 3, 3, 1, 1, "padding that keeps the size"),
    (8, 7, 3, 2, 2, 0, "strides that leave a rest"),
    (5, 11, 2, 4, 3, 2, "strides 3, padding 2, an even kernel"),
    (7, 10, 2, 2, 4, 1, "strides larger than the kernel"),
]:
    x, w = rng.normal(size=(2, height, width, 2)), rng.normal(size=(kh, kw, 2, 3))
    b = rng.normal(size=3)
    framed = np.zeros((2, height + 2 * padding, width + 2 * padding, 2))
    framed[:, padding : padding + height, padding : padding + width] = x
    rows = range(0, framed.shape[1] - kh + 1, strides)
    columns = range(0, framed.shape[2] - kw + 1, strides)
    by_hand = np.empty((2, len(rows), len(columns), 3))
    for (r, i), (c, j) in [(p, q) for p in enumerate(rows) for q in enumerate(columns)]:
        window = framed[:, i : i + kh, j : j + kw]
        by_hand[:, r, c] = np.tensordot(window, w, 3) + b
    checks.array(conv2d_fft(x, w, b, strides, padding), by_hand, case)
### END HIDDEN TESTS

# %% tests="conv2d_fft" name="rules" points=1
x = np.linspace(-1, 1, 15).reshape(1, 3, 5, 1)
w = np.array([[0.5, 0.25], [0.25, -0.5]]).reshape(2, 2, 1, 1)
checks.dtype(conv2d_fft(x, w), np.float64, "floats, which give real floats")
with checks.unchanged("pictures and kernel after the call", x, w):
    conv2d_fft(x, w, strides=2, padding=1)
checks.raises(
    ValueError,
    conv2d_fft,
    np.ones((1, 2, 9, 2)),
    np.ones((3, 3, 2, 1)),
    what="a kernel higher than the picture",
)
### BEGIN HIDDEN TESTS
rng = np.random.default_rng(32)
x = rng.normal(size=(2, 6, 7, 3)).astype(np.float32)
w, b = rng.normal(size=(3, 3, 3, 2)).astype(np.float32), np.ones(2, np.float32)
with checks.unchanged("pictures, kernel and bias after the call", x, w, b):
    y = conv2d_fft(x, w, b, padding=1)
checks.dtype(y, np.float32, "float32 with float32")
checks.raises(
    ValueError,
    conv2d_fft,
    x,
    np.ones((3, 8, 3, 1)),
    what="a kernel wider than the picture",
)
checks.raises(
    ValueError,
    conv2d_fft,
    x,
    np.ones((3, 3, 4, 1)),
    what="a kernel deeper than the picture",
)
### END HIDDEN TESTS

# %% tests="conv2d_fft" name="large" points=1
x, w = np.ones((1, 40, 40, 1)), np.ones((33, 33, 1, 1))
checks.array(
    conv2d_fft(x, w), np.full((1, 8, 8, 1), 33.0 * 33), "a kernel of 33 by 33 of ones"
)
### BEGIN HIDDEN TESTS
rng = np.random.default_rng(33)
x, w = rng.normal(size=(1, 768, 768, 1)), rng.normal(size=(257, 257, 1, 1))
y = conv2d_fft(x, w)
checks.shape(y, (1, 512, 512, 1), "a kernel of 257 by 257 on 768 by 768 pixels")
for i, j in [(0, 0), (0, 511), (511, 0), (511, 511), (200, 317)]:
    by_hand = np.sum(x[0, i : i + 257, j : j + 257] * w[..., 0])
    checks.array(y[0, i, j, 0], by_hand, "a kernel of 257 by 257, one of the outputs")
### END HIDDEN TESTS

# %% [markdown]
# What a spectrum shows: below, the photograph, the strength of its waves (slow ones in
# the middle, fast ones outside, on a logarithmic scale), and the same for a round
# kernel of 31 by 31, the blur of a lens that is out of focus. Where the kernel's
# spectrum is dark, the waves of the photograph are lost. Last, the result of your
# `conv2d_fft`, and what comes if one forgets the circle: each border bleeds into the
# one opposite.

# %% experiment="spectra"
camera = datasets.photograph("camera")[::2, ::2].astype(np.float64)
y, x = np.mgrid[-15:16, -15:16]
lens = (x**2 + y**2 <= 15**2).astype(np.float64)
lens /= lens.sum()


def strength(picture):
    """The strength of the waves of a picture, for the eye: logarithmic, from 0 to 1."""
    waves = np.abs(np.fft.fftshift(np.fft.fft2(picture, camera.shape)))
    logarithm = np.log10(waves + 1e-3)
    return (logarithm - logarithm.min()) / np.ptp(logarithm)


blurred = conv2d_fft(camera[None, :, :, None], lens[:, :, None, None])[0, :, :, 0]
circle = np.fft.fft2(camera) * np.fft.fft2(lens, camera.shape)
plots.images(
    [camera, strength(camera), strength(lens), blurred, np.fft.ifft2(circle).real],
    ["photograph", "its spectrum", "the kernel's", "your conv2d_fft", "in a circle"],
    size=2.4,
)

# %% [markdown]
# ## 6. Count before you run
#
# Three algorithms, one result. Which is the fastest? Count what each has to do, for
# strides 1 and no padding. Let $P = B\,(H - k_h + 1)(W - k_w + 1)$ be the number of
# places of the window, and $N = H W$ the pixels of a picture.
#
# - **im2col**: $P\,k_h k_w\,C_{in} C_{out}$ multiply-adds. Before that it moves
#   $P\,k_h k_w\,C_{in}$ numbers into the matrix of windows, which need that much
#   memory.
# - **shift-GEMM**: as many multiply-adds. For each tap it moves the product,
#   $P\,C_{out}$ numbers, into the sum, so $k_h k_w$ times that; and needs memory for
#   one product, $P\,C_{out}$.
# - **FFT**: one transform for each channel of each picture, for each channel of each
#   filter, and for each filter's map of each picture:
#   $T = B\,C_{in} + C_{in} C_{out} + B\,C_{out}$ transforms. Each has
#   $N \lceil \log_2 N \rceil$ *butterflies*, the small steps of the FFT. The spectra of
#   real numbers are symmetric, so there are $N/2$ frequencies, each with
#   $B\,C_{in} C_{out}$ products of complex numbers, and each of those is four
#   multiply-adds. Its memory is the spectra: $T N$ numbers.
#
# What is not mentioned is zero. Nothing of this is exact: caches, threads and the
# shapes of the matrices matter too. A **cost model** is right if it gets the order
# right.
#
# **Your task.** Write `algorithm_costs`.


# %% solution="algorithm_costs"
def algorithm_costs(x_shape, w_shape):
    """What the three algorithms have to do for a layer with strides 1, no padding.

    Args:
        x_shape: `(B, H, W, C_in)`.
        w_shape: `(kh, kw, C_in, C_out)`.
    Returns:
        A dict with the keys "im2col", "shift_gemm" and "fft". Each value is a dict with
        the keys "multiply_adds", "moved", "butterflies" and "memory", and ints as
        values, as counted above.
    """
    ### BEGIN SOLUTION
    (batch, height, width, _), (kh, kw, channels, filters) = x_shape, w_shape
    places, pixels = batch * (height - kh + 1) * (width - kw + 1), height * width
    windows = places * kh * kw * channels
    transforms = batch * channels + channels * filters + batch * filters
    return {
        "im2col": {
            "multiply_adds": windows * filters,
            "moved": windows,
            "butterflies": 0,
            "memory": windows,
        },
        "shift_gemm": {
            "multiply_adds": windows * filters,
            "moved": places * kh * kw * filters,
            "butterflies": 0,
            "memory": places * filters,
        },
        "fft": {
            "multiply_adds": 2 * pixels * batch * channels * filters,
            "moved": 0,
            "butterflies": transforms * pixels * int(np.ceil(np.log2(pixels))),
            "memory": transforms * pixels,
        },
    }
    ### END SOLUTION


# %% tests="algorithm_costs" name="products" points=1
costs = algorithm_costs((1, 4, 4, 3), (3, 3, 3, 5))  # four places
checks.equal(sorted(costs), ["fft", "im2col", "shift_gemm"], "the names")
checks.equal(
    costs["im2col"],
    {"multiply_adds": 540, "moved": 108, "butterflies": 0, "memory": 108},
    "im2col: 4 by 4 pixels, 3 channels, 5 filters of 3 by 3",
)
checks.equal(
    costs["shift_gemm"],
    {"multiply_adds": 540, "moved": 180, "butterflies": 0, "memory": 20},
    "shift_gemm, the same layer",
)
### BEGIN HIDDEN TESTS
rng = np.random.default_rng(40)
for _ in range(10):
    batch, kh, kw, channels, filters, rows, columns = (
        int(n) for n in rng.integers(2, 9, size=7)
    )
    costs = algorithm_costs(
        (batch, rows + kh - 1, columns + kw - 1, channels), (kh, kw, channels, filters)
    )
    matrix = np.zeros((batch * rows * columns, kh * kw * channels)).size
    product = np.zeros((batch, rows, columns, filters)).size
    steps = sum(matrix for _ in range(filters))
    expected = {"multiply_adds": steps, "moved": matrix, "butterflies": 0}
    checks.equal(
        costs["im2col"], {**expected, "memory": matrix}, "im2col, another layer"
    )
    expected["moved"] = sum(product for _ in np.ndindex(kh, kw))
    checks.equal(
        costs["shift_gemm"],
        {**expected, "memory": product},
        "shift_gemm, another layer",
    )
### END HIDDEN TESTS

# %% tests="algorithm_costs" name="fft" points=1
costs = algorithm_costs((1, 4, 4, 3), (3, 3, 3, 5))  # 3 + 15 + 5 = 23 transforms
checks.equal(
    costs["fft"],
    {"multiply_adds": 480, "moved": 0, "butterflies": 23 * 64, "memory": 368},
    "fft: 4 by 4 pixels, 3 channels, 5 filters",
)
### BEGIN HIDDEN TESTS
rng = np.random.default_rng(41)
for case, (height, width) in [
    ("a picture of 5 by 7 pixels", (5, 7)),
    ("a picture of 16 by 32 pixels", (16, 32)),
    ("a picture of 33 by 31 pixels", (33, 31)),
]:
    batch, channels, filters = (int(n) for n in rng.integers(2, 9, size=3))
    costs = algorithm_costs(
        (batch, height, width, channels), (3, 2, channels, filters)
    )["fft"]
    stages = 0
    while 2**stages < height * width:
        stages += 1
    pairs = [(batch, channels), (channels, filters), (batch, filters)]
    numbers = sum(a * b * height * width for a, b in pairs)
    complex_products = height * width * batch * channels * filters / 2
    expected = {
        "multiply_adds": int(4 * complex_products),
        "moved": 0,
        "butterflies": numbers * stages,
        "memory": numbers,
    }
    checks.equal(costs, expected, "fft, " + case)
### END HIDDEN TESTS

# %% [markdown]
# ## 7. Choose
#
# A multiply-add inside a matrix product is cheap, a number that must be moved through
# memory costs fifteen of them, and a butterfly, which jumps about in memory, costs
# twenty. The table below has nanoseconds for one core of a server; yours has other
# numbers, but the order is the same on most machines.
#
# The time of an algorithm is then the sum over its counts, each times its nanoseconds.
# And the fastest is of no use if it does not fit into memory: a library is told how
# much it may take, and chooses among those that need no more than that.
#
# **Your task.** Write `choose_algorithm`.

# %% given="prices"
NANOSECONDS = {"multiply_adds": 0.02, "moved": 0.3, "butterflies": 0.4}


# %% solution="choose_algorithm"
def choose_algorithm(costs, memory):
    """The fastest algorithm that fits into memory.

    Args:
        costs: a dict from names of algorithms to dicts of counts, as in exercise 6. The
            names may be others than those three.
        memory: how many numbers an algorithm may keep in memory.
    Returns:
        The name of the algorithm with the least time, the sum of its counts times
        `NANOSECONDS`, among those whose "memory" is at most `memory`. If several have
        the same time, the one that needs less memory.
    Raises:
        ValueError: if none fits into memory.
    """
    ### BEGIN SOLUTION
    fitting = [name for name, counts in costs.items() if counts["memory"] <= memory]
    if not fitting:
        raise ValueError(
            f"Expected an algorithm that fits into memory. Received: memory={memory}"
        )

    def time_and_memory(name):
        counts = costs[name]
        time = sum(counts[work] * price for work, price in NANOSECONDS.items())
        return time, counts["memory"]

    return min(fitting, key=time_and_memory)
    ### END SOLUTION


# %% tests="choose_algorithm" name="fastest" points=1
keys = ["multiply_adds", "moved", "butterflies", "memory"]
duels = [
    ((900, 100, 0, 100), (100, 0, 110, 300)),  # 18 + 30 = 48 ns, 2 + 44 = 46 ns
    ((900, 100, 0, 100), (100, 0, 120, 300)),  # 18 + 30 = 48 ns, 2 + 48 = 50 ns
    ((100, 500, 0, 10), (400, 10, 0, 10)),  # 2 + 150 = 152 ns, 8 + 3 = 11 ns
    ((1000, 10, 0, 50), (1500, 10, 0, 10)),  # 20 + 3 = 23 ns, 30 + 3 = 33 ns
    ((1000, 10, 0, 20), (3000, 10, 0, 10)),  # 20 + 3 = 23 ns, 60 + 3 = 63 ns
]
chosen = [
    choose_algorithm(
        {
            "left": dict(zip(keys, left, strict=True)),
            "right": dict(zip(keys, right, strict=True)),
        },
        memory=1000,
    )
    for left, right in duels
]
checks.equal(
    chosen,
    ["right", "left", "right", "left", "left"],
    "the left or the right of each pair, with plenty of memory",
)
### BEGIN HIDDEN TESTS
rng = np.random.default_rng(42)
for _ in range(25):
    names = [f"algorithm_{letter}" for letter in "dbca"]
    counts = rng.integers(1, 1000, size=(4, 4)) * [20, 2, 1, 1]
    costs = {
        name: dict(zip(keys, (int(n) for n in row), strict=True))
        for name, row in zip(names, counts, strict=True)
    }
    times = counts[:, :3] @ [0.02, 0.3, 0.4]
    checks.equal(
        choose_algorithm(costs, 10**6),
        names[int(np.argmin(times))],
        "four other algorithms with plenty of memory",
    )
### END HIDDEN TESTS

# %% tests="choose_algorithm" name="memory" points=1
costs = {
    "im2col": {"multiply_adds": 900, "moved": 100, "butterflies": 0, "memory": 100},
    "fft": {"multiply_adds": 100, "moved": 0, "butterflies": 110, "memory": 300},
}
checks.equal(
    [choose_algorithm(costs, 299), choose_algorithm(costs, 300)],
    ["im2col", "fft"],
    "memory for im2col only, and memory that is just enough for both",
)
checks.raises(ValueError, choose_algorithm, costs, 99, what="memory for neither")
### BEGIN HIDDEN TESTS
rng = np.random.default_rng(43)
for _ in range(25):
    names = [f"algorithm_{letter}" for letter in "dbca"]
    counts = rng.integers(1, 1000, size=(4, 4)) * [20, 2, 1, 1]
    keys = ["multiply_adds", "moved", "butterflies", "memory"]
    costs = {
        name: dict(zip(keys, (int(n) for n in row), strict=True))
        for name, row in zip(names, counts, strict=True)
    }
    memory = int(sorted(counts[:, 3])[1])  # two of the four fit
    times = np.where(counts[:, 3] <= memory, counts[:, :3] @ [0.02, 0.3, 0.4], np.inf)
    checks.equal(
        choose_algorithm(costs, memory),
        names[int(np.argmin(times))],
        "four other algorithms of which two fit into memory",
    )
equal = {"multiply_adds": 50, "moved": 10, "butterflies": 0}
costs = {
    "b": {**equal, "memory": 20},
    "c": {**equal, "memory": 10},
    "a": {**equal, "memory": 30},
}
checks.equal(choose_algorithm(costs, 100), "c", "equal times, different memory")
checks.raises(ValueError, choose_algorithm, {}, 10, what="no algorithm at all")
### END HIDDEN TESTS

# %% [markdown]
# ## The experiment: who wins where
#
# Two questions. How do time and memory grow with the size of the kernel, for two
# pictures of 64 by 64 with 16 channels and 16 filters? And how does the time grow with
# the channels, for kernels of 3 by 3? The naive algorithm, a loop over the pixels of
# the output, is there for comparison, and Keras, if it is installed (it may use more
# cores). Memory is what NumPy takes at most during a call. Dotted: your costs with the
# prices of exercise 7, nothing fitted.


# %% experiment="measure"
def conv2d_naive(x, w):
    """A loop over the pixels of the output."""
    kh, kw, _, filters = w.shape
    y = np.empty((len(x), x.shape[1] - kh + 1, x.shape[2] - kw + 1, filters), x.dtype)
    for i, j in np.ndindex(y.shape[1:3]):
        y[:, i, j] = np.tensordot(x[:, i : i + kh, j : j + kw], w, 3)
    return y


ALGORITHMS = {
    "naive": conv2d_naive,
    "im2col": conv2d_im2col,
    "shift_gemm": conv2d_shift_gemm,
    "fft": conv2d_fft,
}
os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")  # else TensorFlow says hello
try:
    from keras import ops
except ImportError:  # so it is while the lab is graded
    print("Keras is not there: the comparison goes without it.")
else:
    ALGORITHMS["Keras"] = lambda x, w: np.asarray(ops.conv(x, w, padding="valid"))


def layer(kernel_size, channels, filters):
    """Random pictures of 64 by 64, and filters."""
    rng = np.random.default_rng(0)
    x = rng.normal(size=(8 if FULL else 2, 64, 64, channels))
    w = rng.normal(size=(kernel_size, kernel_size, channels, filters))
    return x.astype(np.float32), w.astype(np.float32)


def milliseconds(function, x, w):
    """The time of a call on one core, the best of three."""
    times = []
    with threadpool_limits(1):
        for _ in range(3):
            start = time.perf_counter()
            function(x, w)
            times.append(1e3 * (time.perf_counter() - start))
    return min(times)


def megabytes(function, x, w):
    """The memory that NumPy takes at most during a call."""
    tracemalloc.start()
    function(x, w)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    return peak / 1e6


kernel_sizes, channel_counts = (1, 3, 5, 7, 9, 11, 15, 21, 27), (1, 2, 4, 8, 16, 32, 64)
time_over_kernels, memory_over_kernels, time_over_channels = {}, {}, {}
for name, conv2d in ALGORITHMS.items():
    layers = [layer(k, 16, 16) for k in kernel_sizes]
    time_over_kernels[name] = [milliseconds(conv2d, *pair) for pair in layers]
    if name != "Keras":  # its memory is not NumPy's, so it is not seen
        memory_over_kernels[name] = [megabytes(conv2d, *pair) for pair in layers]
    layers = [layer(3, c, c) for c in channel_counts]
    time_over_channels[name] = [milliseconds(conv2d, *pair) for pair in layers]

# %% experiment="kernels_and_channels"
COLOURS = dict(
    zip(
        ["naive", "im2col", "shift_gemm", "fft", "Keras"],
        [plots.BLACK, plots.BLUE, plots.RED, plots.GREEN, plots.PURPLE],
        strict=True,
    )
)
OURS = ("im2col", "shift_gemm", "fft")


def predicted(name, x, w):
    """Milliseconds by the cost model."""
    counts = algorithm_costs(x.shape, w.shape)[name]
    return 1e-6 * sum(counts[work] * price for work, price in NANOSECONDS.items())


with plt.rc_context(plots.STYLE):
    figure, panels = plt.subplots(1, 3, figsize=(12, 3.8), layout="constrained")
    for axes, x, table in [
        (panels[0], kernel_sizes, time_over_kernels),
        (panels[1], kernel_sizes, memory_over_kernels),
        (panels[2], channel_counts, time_over_channels),
    ]:
        for name, values in table.items():
            marker = "xos^D"[list(COLOURS).index(name)]
            axes.plot(x, values, color=COLOURS[name], marker=marker, ms=5, label=name)
    for name in OURS:
        style = {"linestyle": ":", "color": COLOURS[name]}
        counted = [predicted(name, *layer(k, 16, 16)) for k in kernel_sizes]
        panels[0].plot(kernel_sizes, counted, **style)
        counted = [predicted(name, *layer(3, c, c)) for c in channel_counts]
        panels[2].plot(channel_counts, counted, **style)
    panels[0].plot([], [], ":", color="gray", label="by counting")
    panels[0].set(title="16 channels", xlabel="kernel size", ylabel="time (ms)")
    panels[1].set(title="16 channels", xlabel="kernel size", ylabel="memory (MB)")
    panels[2].set(title="kernel 3 × 3", xlabel="channels and filters")
    panels[2].set(ylabel="time (ms)", xscale="log")
    panels[2].set_xticks(channel_counts, channel_counts)
    panels[2].set_xticks([], minor=True)
    for axes in panels:
        axes.set_yscale("log")
        axes.grid(alpha=0.3)
    figure.legend(*panels[0].get_legend_handles_labels(), loc="outside right upper")
    plt.show()

# %% [markdown]
# **Over the kernel size** the FFT is nearly flat: the spectra are as large for a kernel
# of 1 as for one of 27. The matrix products grow with $k^2$, side by side at first.
# Then im2col parts from shift-GEMM, though they multiply and move as much: its matrix
# of windows no longer fits into the cache, and the processor waits for memory. The
# model does not know the cache. The naive loop is slow because each of its steps is
# small; for huge kernels its steps are large, and there are fewer of them.
#
# **The memory** of im2col is $k^2$ times that of the picture. Shift-GEMM needs next to
# nothing, which is what counts on a phone.
#
# **Over the channels** the matrix products are slower at first than counted: a product
# with a matrix of 2 by 2 keeps no processor busy. For the FFT each pair of a channel
# and a filter has a spectrum of its own, and with 64 of both it has lost.
#
# Now let `choose_algorithm` decide. The colours below are its choice; on the left over
# the size of the kernel and the channels, on the right for kernels of 5 by 5 over
# channels and filters. The letters say who was the fastest when measured: i, s or f.
# Where they disagree, the times are close together, or the model leaves something out
# that matters there. What could it be?


# %% experiment="map_of_winners"
def draw_map(axes, kernel_sizes, pairs, ticks):
    """The choice by counting as a colour, the measured winner as a letter."""
    chosen = np.empty((len(pairs), len(kernel_sizes)))
    for i, j in np.ndindex(chosen.shape):
        x, w = layer(kernel_sizes[j], *pairs[i][j])
        costs = algorithm_costs(x.shape, w.shape)
        chosen[i, j] = OURS.index(choose_algorithm(costs, memory=10**9))
        if i % 2 == 0 and j % 2 == 0:
            times = [milliseconds(ALGORITHMS[name], x, w) for name in OURS]
            letter = OURS[int(np.argmin(times))][0]
            axes.text(j, i, letter, ha="center", va="center", weight="bold")
    faces = plt.matplotlib.colors.ListedColormap([COLOURS[name] for name in OURS])
    axes.imshow(chosen, cmap=faces, vmin=0, vmax=2, alpha=0.45, origin="lower")
    axes.set_xticks(range(len(ticks)), ticks)
    axes.set_aspect("auto")


with plt.rc_context(plots.STYLE):
    figure, panels = plt.subplots(1, 2, figsize=(11, 3.6), layout="constrained")
    sizes, counts = range(1, 22, 2), [1, 2, 4, 8, 16]
    draw_map(panels[0], sizes, [[(c, c)] * len(sizes) for c in counts], sizes)
    panels[0].set_yticks(range(len(counts)), counts)
    panels[0].set(xlabel="kernel size", ylabel="channels and filters")
    counts = [1, 2, 4, 8, 16, 32, 64]
    pairs = [[(c, f) for f in counts] for c in counts]
    draw_map(panels[1], [5] * len(counts), pairs, counts)
    panels[1].set_yticks(range(len(counts)), counts)
    panels[1].set(xlabel="filters", ylabel="channels", title="kernel 5 × 5")
    for name in OURS:
        style = {"color": COLOURS[name], "alpha": 0.45, "ms": 11}
        panels[1].plot([], [], "s", label=name, **style)
    figure.legend(loc="outside right upper")
    plt.show()

# %% [markdown]
# ## What you take along
#
# - A convolution is a matrix product, once the windows are rows: fast, and $k^2$ times
#   the memory.
# - `col2im` is the transpose of `im2col`: overlapping windows add.
# - Sums over shifted pictures do the same work without the memory.
# - The FFT convolves in a circle, does true convolution, and does not care for $k$.
# - Operations alone do not tell the time. Operations and moved numbers, each with their
#   price, nearly do.
#
# Today's networks use kernels of 3 by 3 and many channels. Look at the map: is it
# because of the FFT's weakness that nobody uses it, or is it the other way round, that
# the kernels are small because large ones were slow? And what would a network look like
# if a kernel of 31 by 31 cost no more than one of 3 by 3?
