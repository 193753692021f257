# ---
# jupyter:
#   kernelspec:
#     display_name: Python 3
#     language: python
#     name: python3
#   lab:
#     title: Convolution
#     withheld_modules: [cnncourse.ops, scipy, tensorflow, keras, torch, jax, cv2,
#       skimage, sklearn, numba]
#     withheld_names: [numpy.convolve, numpy.correlate, numpy.polymul]
# ---

# %% [markdown]
# # Lab 01: Convolution
#
# A convolutional network is built from one small operation: lay a window of weights on
# the input, multiply what lies on top of each other, add, slide on. In this lab you
# write that operation yourself, first for a signal, then for a picture, at last for a
# batch of pictures with many channels and many filters, as a layer does it. On the way
# you look at real photographs through your own filters, and at the end you measure the
# property for which the operation was chosen: when the input moves, the output moves
# with it. You will also see where that stops being true.
#
# **When you are through you can**
#
# - compute a correlation and a convolution by hand, and say which of the two Keras
#   means;
# - tell the size of a layer's output from kernel, strides, padding and dilation;
# - write a convolutional layer in NumPy, and so know what the others do inside;
# - write it as one matrix product, and say what is special about the matrix;
# - build filters that find edges, blur and sharpen;
# - explain translation equivariance, and what strides and borders do to it.
#
# **How it works.** Each exercise has a story, a task and checks. Replace
# `raise NotImplementedError()` by your code, run the cell, then run the checks below
# it. A check cell that prints nothing has passed; otherwise its last lines say what was
# tried, what was expected and what came. The checks that you see are small enough to
# follow with pencil and paper. After you submit, hidden checks try your functions on
# other inputs: other shapes, other number types, everything that the docstring
# promises. So the docstring is the task, and it is worth a second reading. The figures
# after an exercise are drawn with your functions: they come to life once it is solved.
#
# You need NumPy only. The functions that do the whole work (`np.convolve`,
# `np.correlate`, SciPy, Keras, ...) are switched off while your work is graded. Loops
# are fine everywhere: in this lab clear code counts, in lab 04 fast code.
#
# **How long it takes.** Three to four hours if you know NumPy's slices, one more if you
# are meeting them here. Plan an hour for exercise 6. The exercises do not need each
# other, so go on if you are stuck.
#
# | exercise | function | points |
# |---|---|---|
# | 1. Slide, multiply, add | `corr1d` | 2 |
# | 2. Flip the kernel | `conv1d` | 2 |
# | 3. How large is the output? | `output_size` | 2 |
# | 4. Two dimensions | `corr2d` | 2 |
# | 5. Borders | `pad2d` | 2 |
# | 6. A convolutional layer | `conv2d` | 4 |
# | 7. Convolution is a matrix | `conv_matrix` | 2 |
# | 8. Filters that people made | `sobel_x`, `sobel_y`, ... | 2 |
# | 9. Find what is wrong on the slide | seven answers | 2 |

# %% given="setup"
import numpy as np

from cnncourse import checks, datasets, plots

FULL = False  # True: whole photographs. With a loop over pixels this takes minutes.


def picture(name):
    """A photograph `(H, W, C)` in [0, 1], at half its size unless `FULL`."""
    photo = datasets.photograph(name)
    step = 1 if FULL else 2
    height, width = photo.shape[0] // step, photo.shape[1] // step
    blocks = photo[: height * step, : width * step].reshape(
        height, step, width, step, -1
    )
    return blocks.mean(axis=(1, 3))


# %% [markdown]
# The examples that the lectures work out by hand are here, ready to use.

# %% given="slides"
lecture2_x = np.array([[4, 5, 8, 7], [1, 8, 8, 8], [3, 6, 6, 4], [6, 5, 7, 8]])
lecture2_u = np.array([[1, 4, 1], [1, 4, 3], [3, 3, 1]])
lecture3_image = np.array(
    [
        [0, 1, 1, 1, 0, 0, 0],
        [0, 0, 1, 1, 1, 0, 0],
        [0, 0, 0, 1, 1, 1, 0],
        [0, 0, 0, 1, 1, 0, 0],
        [0, 0, 1, 1, 0, 0, 0],
        [0, 1, 1, 0, 0, 0, 0],
        [1, 1, 0, 0, 0, 0, 0],
    ]
)
lecture3_kernel = np.array([[1, 0, 1], [0, 1, 0], [1, 0, 1]])
lecture4_image = np.array(
    [
        [1, 0, 0, 0, 0, 1],
        [0, 1, 0, 0, 1, 0],
        [0, 0, 1, 1, 0, 0],
        [1, 0, 0, 0, 1, 0],
        [0, 1, 0, 0, 1, 0],
        [0, 0, 1, 0, 1, 0],
    ]
)
lecture4_diagonal = np.array([[1, -1, -1], [-1, 1, -1], [-1, -1, 1]])
lecture4_vertical = np.array([[-1, 1, -1], [-1, 1, -1], [-1, 1, -1]])
lecture4_edge = np.array([[-1, 0, 1], [-1, 0, 1], [-1, 0, 1]])

# %% [markdown]
# ## 1. Slide, multiply, add
#
# Take a signal $x$ of $n$ numbers and a kernel $w$ of $k$ weights. Lay the kernel on
# the first $k$ numbers, multiply each number by the weight on top of it, and add: that
# is the first output. Move the kernel one step to the right for the next, until its
# last weight lies on the last number:
#
# $$y_i = (x \star w)_i = \sum_{m=0}^{k-1} x_{i+m}\, w_m, \qquad i = 0, \dots, n-k.$$
#
# This is the **cross-correlation**, which is what Keras and the other libraries compute
# in a layer called convolution. Here is lecture 3's example, $x = (1, 2, 3, 4)$ and
# $w = (1, 2, 3)$: two places for the window, so two outputs.

# %% experiment="window"
plots.sliding_window(np.array([1, 2, 3, 4]), np.array([1, 2, 3]))

# %% [markdown]
# **Your task.** Write `corr1d`. A loop over the outputs is one way; a loop over the
# weights, which adds a shifted and scaled copy of the signal for each, is another.
#
# Mind the number types. `np.zeros(5)` makes 64-bit floats whatever you put in, and an
# array of integers cuts `2.5` to `2` without a word. `np.result_type(x, w)` is the
# dtype of `x * w`.


# %% solution="corr1d"
def corr1d(x, w):
    """Cross-correlates a signal with a kernel, at the places where it fits wholly.

    Args:
        x: array `(n,)` of ints or floats.
        w: array `(k,)` of ints or floats.
    Returns:
        Array `(n - k + 1,)`, `y[i] = x[i] w[0] + x[i + 1] w[1] + ...`, of the dtype of
        the product `x * w`: float32 stays float32, and ints times fractions give
        fractions. `x` and `w` are left as they are.
    Raises:
        ValueError: if the kernel is longer than the signal.
    """
    ### BEGIN SOLUTION
    outputs = len(x) - len(w) + 1
    if outputs < 1:
        raise ValueError(
            "Expected a kernel no longer than the signal. "
            f"Received: kernel={len(w)} signal={len(x)}"
        )
    y = np.zeros(outputs, dtype=np.result_type(x, w))
    for m, weight in enumerate(w):
        y += weight * x[m : m + outputs]
    return y
    ### END SOLUTION


# %% tests="corr1d" points=1
checks.array(
    corr1d(np.array([1, 2, 3, 4]), np.array([1, 2, 3])),
    [14, 20],
    "lecture 3's example",
)
checks.array(
    corr1d(np.array([0, 0, 0, 0, 1, 2, 3, 4, 4, 4, 4]), np.array([-1, 1])),
    [0, 0, 0, 1, 1, 1, 1, 0, 0, 0],
    "lecture 2's derivative",
)
checks.forbids(corr1d, ["convolve", "correlate", "polymul"])
### BEGIN HIDDEN TESTS
rng = np.random.default_rng(1)
for n, k, case in [
    (9, 4, "an even kernel"),
    (5, 5, "a kernel as long as the signal"),
    (6, 1, "a kernel of a single weight"),
    (40, 7, "a long signal"),
]:
    x, w = rng.normal(size=n), rng.normal(size=k)
    by_hand = [sum(x[i + m] * w[m] for m in range(k)) for i in range(n - k + 1)]
    checks.array(corr1d(x, w), by_hand, case)
### END HIDDEN TESTS

# %% tests="corr1d" name="rules" points=1
x, w = np.array([1, 2, 3, 4]), np.array([0.5, 0.5])
checks.array(corr1d(x, w), [1.5, 2.5, 3.5], "ints with a kernel of fractions")
with checks.unchanged("signal and kernel after the call", x, w):
    corr1d(x, w)
checks.raises(
    ValueError, corr1d, np.ones(2), np.ones(3), what="a kernel longer than the signal"
)
### BEGIN HIDDEN TESTS
rng = np.random.default_rng(2)
x, w = rng.normal(size=(2, 12)).astype(np.float32), np.float32([0.25, -1, 0.25])
for row in x:
    checks.dtype(corr1d(row, w), np.float32, "float32 with float32")
both = corr1d(x[0] + 2 * x[1], w)
apart = corr1d(x[0], w) + 2 * corr1d(x[1], w)
checks.array(both, apart, "a sum of two signals (linearity)", rtol=1e-4, atol=1e-5)
x, w = rng.normal(size=9), np.array([1.0, 2.0, 1.0])
with checks.unchanged("signal and kernel after the call", x, w):
    corr1d(x, w)
checks.raises(ValueError, corr1d, np.ones(2), np.ones(6), what="a kernel much longer")
### END HIDDEN TESTS

# %% [markdown]
# The kernel $(-1, 1)$ subtracts each number from the next, so it is a **derivative**:
# it answers where the signal changes and is silent where it is constant. On a row of a
# photograph, brightness changes where one thing ends and another begins. Run this, and
# match the peaks with what you see on the orange line.

# %% experiment="derivative"
camera = picture("camera")[:, :, 0]
row = int(0.35 * len(camera))
reach = len(camera) // 14
plots.signals(
    {
        "brightness along the orange line": camera[row],
        "your corr1d with (-1, 1): the change from one column to the next": corr1d(
            camera[row], np.array([-1, 1])
        ),
    },
    strip=camera[row - reach : row + reach + 1],
    xlabel="column",
)

# %% [markdown]
# ## 2. Flip the kernel
#
# Mathematicians call something else convolution:
#
# $$(x * w)_i = \sum_{m} x_m\, w_{i-m}.$$
#
# The index of $w$ runs *against* that of $x$: the kernel is flipped before it slides.
# And the sum has no border: both signals are thought to go on with zeros for ever, so
# the window starts where a single weight touches the signal and ends where the last one
# leaves it. That makes $n + k - 1$ outputs that can differ from zero.
#
# Why the flip? Think of a laser that measures the distance of a spaceship (lecture 0).
# Each measurement is noisy, so average the last few, with a weight $w_a$ for a
# measurement of age $a$: $s_t = \sum_a w_a\, x_{t-a}$. The newest measurement has age 0
# and meets $w_0$, the one before it meets $w_1$: time runs backwards under the kernel.
# (The weights must add up to 1. The slide asks for that, but forgets a second
# condition: $w_a = 0$ for $a < 0$, since nobody has measured the future.)
#
# The flip also buys laws that correlation lacks: $x * w = w * x$, and
# $(x * v) * w = x * (v * w)$.
#
# **Your task.** Write `conv1d`, with all $n + k - 1$ outputs. One way is to pad and
# flip; another to read the formula as "every number of $x$ starts a scaled copy of the
# kernel, and overlapping copies add up".


# %% solution="conv1d"
def conv1d(x, w):
    """Convolves a signal with a kernel, both continued by zeros.

    Args:
        x: array `(n,)` of ints or floats, `n >= 1`.
        w: array `(k,)` of ints or floats, `k >= 1`; may be longer than `x`.
    Returns:
        Array `(n + k - 1,)`, `y[i]` the sum of all `x[m] w[i - m]` whose indices exist,
        of the dtype of the product `x * w`. `x` and `w` are left as they are.
    """
    ### BEGIN SOLUTION
    y = np.zeros(len(x) + len(w) - 1, dtype=np.result_type(x, w))
    for age, weight in enumerate(w):
        y[age : age + len(x)] += weight * x
    return y
    ### END SOLUTION


# %% tests="conv1d" points=1
checks.array(
    conv1d(np.array([1, 2, 3, 4]), np.array([1, 2, 3])),
    [1, 4, 10, 16, 17, 12],
    "the signal and the kernel of exercise 1",
)
checks.array(
    conv1d(np.array([0, 1, 0, 0]), np.array([5, 6, 7])),
    [0, 5, 6, 7, 0, 0],
    "an impulse, which gives back the kernel",
)
checks.forbids(conv1d, ["convolve", "correlate", "polymul"])
### BEGIN HIDDEN TESTS
rng = np.random.default_rng(3)
for n, k, case in [
    (9, 4, "an even kernel"),
    (3, 8, "a kernel longer than the signal"),
    (6, 1, "a kernel of a single weight"),
    (1, 1, "one number and one weight"),
    (40, 7, "a long signal"),
]:
    x, w = rng.normal(size=n), rng.normal(size=k)
    by_hand = [
        sum(x[m] * w[i - m] for m in range(n) if 0 <= i - m < k)
        for i in range(n + k - 1)
    ]
    checks.array(conv1d(x, w), by_hand, case)
### END HIDDEN TESTS

# %% tests="conv1d" name="laws" points=1
x, w = np.array([6, 4]), np.array([0.5, 0.25, 0.25])
checks.array(conv1d(x, w), [3, 3.5, 2.5, 1], "ints with a kernel of fractions")
with checks.unchanged("signal and kernel after the call", x, w):
    conv1d(x, w)
checks.array(conv1d(x, w), conv1d(w, x), "x * w against w * x")
### BEGIN HIDDEN TESTS
rng = np.random.default_rng(4)
x, v, w = rng.normal(size=9), rng.normal(size=4), rng.normal(size=3)
checks.array(
    conv1d(conv1d(x, v), w), conv1d(x, conv1d(v, w)), "(x * v) * w against x * (v * w)"
)
late = conv1d(np.concatenate([np.zeros(5), x]), w)
checks.array(
    late, np.concatenate([np.zeros(5), conv1d(x, w)]), "a signal that comes later"
)
with checks.unchanged("signal and kernel after the call", x, w):
    conv1d(x, w)
x, w = rng.normal(size=12).astype(np.float32), np.float32([0.5, 0.5])
checks.dtype(conv1d(x, w), np.float32, "float32 with float32")
### END HIDDEN TESTS

# %% [markdown]
# Now track the spaceship. If the noise of the measurements is independent, smoothing
# multiplies its variance by $\sum_a w_a^2$: twenty-four equal weights leave a
# twenty-fourth. The picture shows the price: an average of old measurements is late,
# and it is latest where the ship turns.

# %% experiment="laser"
rng = np.random.default_rng(0)
seconds = np.arange(200)
distance = 30 + np.abs(120 - seconds)
noise = rng.normal(scale=12, size=seconds.size)
fading = 0.75 ** np.arange(24)
weights = {
    "mean of the last 24": np.full(24, 1 / 24),
    "fading memory": fading / fading.sum(),
}
smoothed = {"true distance": distance}
for label, w in weights.items():
    smoothed[label] = conv1d(distance + noise, w)[: seconds.size]
    smoothed[label][: len(w) - 1] = np.nan  # not all ages have been measured yet
    print(
        f"{label}: the variance of the noise falls to {np.sum(w**2):.3f} of what it was"
    )
plots.curves(
    seconds,
    smoothed,
    xlabel="time (s)",
    ylabel="distance (km)",
    points={"measured": distance + noise},
    title="A noisy laser, smoothed by your conv1d",
)

# %% [markdown]
# ## 3. How large is the output?
#
# Every architecture that you will meet is a chain of sizes, and most first bugs in a
# network are one of these sizes. Four numbers decide, besides the size $n$ of the
# input: the kernel size $k$; the **strides** $s$, by how much the window moves on; the
# **padding** $p$, how many zeros are put on *each* side; and the **dilation rate** $d$,
# the distance between neighbouring weights (1: they touch).

# %% experiment="sizes"
plots.sliding_window(
    np.array([2, 1, 3, 5, 4, 6, 1]),
    np.array([1, 0, -1]),
    [{}, {"strides": 2}, {"padding": 1}, {"dilation_rate": 2}],
    columns=2,
)

# %% [markdown]
# Count from the picture: how many numbers does a dilated window span? Where does its
# first weight stand last? If the last step would stick out beyond the end, it is not
# made, and some numbers at the end are never looked at. That is what Keras, TensorFlow
# and PyTorch do.
#
# Read the lectures with care here. Lectures 0 and 3 mean the padding per side, lecture
# 4 the *total* of both sides under the same letter $p$. Here it is per side.
#
# **Your task.** Write `output_size`. It holds for rows and columns alike.


# %% solution="output_size"
def output_size(size, kernel_size, strides=1, padding=0, dilation_rate=1):
    """The number of places that a window takes along one axis.

    Args:
        size: number of entries of the input, at least 1.
        kernel_size: number of weights, at least 1.
        strides: by how many entries the window moves on, at least 1.
        padding: zeros on each of the two sides, at least 0.
        dilation_rate: distance between neighbouring weights, at least 1.
    Returns:
        The number of outputs, an int.
    Raises:
        ValueError: if the window is larger than the padded input.
    """
    ### BEGIN SOLUTION
    span = dilation_rate * (kernel_size - 1) + 1
    room = size + 2 * padding - span
    if room < 0:
        raise ValueError(
            "Expected a window that fits into the padded input. "
            f"Received: window={span} padded={size + 2 * padding}"
        )
    return room // strides + 1
    ### END SOLUTION


# %% tests="output_size" points=1
checks.equal(output_size(7, 3), 5, "lecture 0: 7 entries, kernel 3")
checks.equal(
    output_size(7, 3, strides=2), 3, "lecture 0: 7 entries, kernel 3, strides 2"
)
checks.equal(output_size(4, 2), 3, "lecture 3: 4 entries, kernel 2")
checks.equal(
    output_size(5, 3, strides=2, padding=2),
    4,
    "lecture 3: 5 entries, kernel 3, strides 2, padding 2",
)
checks.equal(output_size(227, 11, strides=4), 55, "AlexNet's first layer")
### BEGIN HIDDEN TESTS
rng = np.random.default_rng(5)
checks.equal(
    output_size(224, 11, strides=4, padding=2), 55, "strides that leave a rest"
)
checks.equal(output_size(27, 5, padding=2), 27, "padding that keeps the size")
for _ in range(60):
    n, k, s, p = (
        int(rng.integers(*ends)) for ends in [(6, 40), (1, 7), (1, 6), (0, 4)]
    )
    starts = [i for i in range(n + 2 * p) if i % s == 0 and i + k <= n + 2 * p]
    checks.equal(
        output_size(n, k, strides=s, padding=p),
        len(starts),
        "another size, kernel, strides and padding",
    )
### END HIDDEN TESTS

# %% tests="output_size" name="dilation" points=1
checks.equal(
    output_size(16, 3, dilation_rate=4),
    8,
    "16 entries, kernel 3, dilation 4: the window spans 9",
)
checks.equal(output_size(7, 3, dilation_rate=2), 3, "7 entries, kernel 3, dilation 2")
checks.raises(ValueError, output_size, 4, 5, what="a kernel of 5 on 4 entries")
### BEGIN HIDDEN TESTS
rng = np.random.default_rng(6)
for _ in range(60):
    n, k, s, p, d = (
        int(rng.integers(*ends)) for ends in [(16, 40), (1, 6), (1, 4), (0, 4), (1, 5)]
    )
    last = n + 2 * p - 1
    starts = [i for i in range(last + 1) if i % s == 0 and i + d * (k - 1) <= last]
    if starts:
        checks.equal(
            output_size(n, k, strides=s, padding=p, dilation_rate=d),
            len(starts),
            "another dilation, with strides and padding",
        )
checks.equal(output_size(5, 3, dilation_rate=2), 1, "a dilated window that just fits")
checks.raises(
    ValueError,
    output_size,
    5,
    4,
    dilation_rate=2,
    what="a dilated window that is too wide",
)
checks.raises(
    ValueError, output_size, 3, 9, padding=2, what="padding that is too little"
)
checks.raises(ValueError, output_size, 3, 4, strides=2, what="too wide, with strides")
### END HIDDEN TESTS

# %% [markdown]
# ## 4. Two dimensions
#
# A grey picture is a matrix, and so is its kernel. The window now has a height and a
# width, and slides along the rows and down the columns:
#
# $$y_{i,j} = \sum_{a=0}^{h-1} \sum_{b=0}^{w-1} x_{i+a,\,j+b}\; u_{a,b}.$$
#
# Nothing else is new. Here is lecture 2's example with its first window. Work out one
# more entry by hand before you write code.

# %% experiment="window_2d"
unknown = np.array([[122, np.nan], [np.nan, np.nan]])
plots.numbers(
    [lecture2_x, lecture2_u, unknown],
    ["x", "u", "x ⋆ u"],
    ["⋆", "="],
    [(0, 0, 3, 3), None, (0, 0, 1, 1)],
)

# %% [markdown]
# **Your task.** Write `corr2d` for one picture with one channel. Pictures and kernels
# need not be square: keep rows (axis 0, height) and columns (axis 1, width) apart.


# %% solution="corr2d"
def corr2d(x, w):
    """Cross-correlates a picture with a kernel, at the places where it fits wholly.

    Args:
        x: array `(H, W)` of ints or floats.
        w: array `(kh, kw)` of ints or floats.
    Returns:
        Array `(H - kh + 1, W - kw + 1)`, `y[i, j]` the sum of all
        `x[i + a, j + b] w[a, b]`, of the dtype of the product `x * w`. `x` and `w` are
        left as they are.
    Raises:
        ValueError: if the kernel is higher or wider than the picture.
    """
    ### BEGIN SOLUTION
    rows, columns = x.shape[0] - w.shape[0] + 1, x.shape[1] - w.shape[1] + 1
    if rows < 1 or columns < 1:
        raise ValueError(
            "Expected a kernel that fits into the picture. "
            f"Received: kernel={w.shape} picture={x.shape}"
        )
    y = np.zeros((rows, columns), dtype=np.result_type(x, w))
    for (a, b), weight in np.ndenumerate(w):
        y += weight * x[a : a + rows, b : b + columns]
    return y
    ### END SOLUTION


# %% tests="corr2d" points=1
checks.array(
    corr2d(lecture2_x.copy(), lecture2_u.copy()),
    [[122, 148], [126, 134]],
    "lecture 2's example",
)
checks.array(
    corr2d(lecture3_image.copy(), lecture3_kernel.copy()),
    [
        [1, 4, 3, 4, 1],
        [1, 2, 4, 3, 3],
        [1, 2, 3, 4, 1],
        [1, 3, 3, 1, 1],
        [3, 3, 1, 1, 0],
    ],
    "lecture 3's example",
)
checks.forbids(corr2d, ["convolve", "correlate", "polymul"])
### BEGIN HIDDEN TESTS
rng = np.random.default_rng(7)
for height, width, kh, kw, case in [
    (5, 8, 3, 3, "a wide picture"),
    (9, 4, 2, 2, "a high picture with an even kernel"),
    (6, 7, 2, 4, "a wide kernel"),
    (7, 7, 3, 1, "a kernel of one column"),
    (4, 5, 4, 5, "a kernel as large as the picture"),
]:
    x, w = rng.normal(size=(height, width)), rng.normal(size=(kh, kw))
    by_hand = [
        [np.sum(x[i : i + kh, j : j + kw] * w) for j in range(width - kw + 1)]
        for i in range(height - kh + 1)
    ]
    checks.array(corr2d(x, w), by_hand, case)
### END HIDDEN TESTS

# %% tests="corr2d" name="rules" points=1
x, w = np.array([[1, 2, 3], [4, 5, 6]]), np.array([[0.5, 0.5], [0.5, 0]])
checks.array(corr2d(x, w), [[3.5, 5]], "ints with a kernel of fractions")
with checks.unchanged("picture and kernel after the call", x, w):
    corr2d(x, w)
checks.raises(
    ValueError,
    corr2d,
    np.ones((2, 9)),
    np.ones((3, 3)),
    what="a kernel that is too high",
)
### BEGIN HIDDEN TESTS
rng = np.random.default_rng(8)
x, w = rng.normal(size=(7, 9)), np.full((3, 3), 0.5)
with checks.unchanged("picture and kernel after the call", x, w):
    corr2d(x, w)
checks.dtype(
    corr2d(x.astype(np.float32), w.astype(np.float32)),
    np.float32,
    "float32 with float32",
)
checks.array(
    corr2d(x[2:, 1:], w), corr2d(x, w)[2:, 1:], "a picture that is cut and so moves"
)
checks.raises(
    ValueError,
    corr2d,
    np.ones((9, 2)),
    np.ones((3, 3)),
    what="a kernel that is too wide",
)
checks.raises(
    ValueError, corr2d, np.ones((2, 2)), np.ones((5, 5)), what="a kernel much too large"
)
### END HIDDEN TESTS

# %% [markdown]
# A kernel is a small picture of what it looks for: the sum is large where the window
# resembles it. Lecture 4's three kernels look for a diagonal stroke, a vertical stroke
# and an edge from dark to bright. Here they read handwritten digits, after their mean
# was taken off, so that they answer to shape and not to brightness. Red is a strong
# yes, blue a strong no. What does the edge kernel say on the two sides of a stroke? The
# 7 has a long diagonal stroke: why does the diagonal kernel not light up along it?

# %% experiment="digits"
digit_images, labels = datasets.digits()
chosen = [digit_images[labels == digit][0] for digit in (7, 1, 4, 0)]
kernels = [lecture4_diagonal, lecture4_vertical, lecture4_edge]
kernels = [kernel - kernel.mean() for kernel in kernels]
plots.feature_maps(
    chosen,
    [np.stack([corr2d(x, w) for w in kernels], axis=-1) for x in chosen],
    ["diagonal", "vertical", "edge"],
)

# %% [markdown]
# ## 5. Borders
#
# A window that must fit wholly makes the output smaller, and looks at the pixels near
# the border less often than at the others. Keras offers two answers:
#
# - `"valid"`: leave it so;
# - `"same"`: put zeros around the picture, so that with strides 1 the output is as
#   large as the input. With strides $s$, $n$ rows give $\lceil n / s \rceil$ rows, and
#   likewise for columns.
#
# How many zeros does `"same"` need? As few as possible: the last window must just fit.
# With $o = \lceil n / s \rceil$ windows of size $k$, how far does the last one reach?
# What is missing is the *total* number of zeros along that axis, and never less than
# none. Half of it goes before the picture, half behind, and if it is odd, TensorFlow
# puts the extra line of zeros *behind*: at the bottom and at the right. (PyTorch pads
# alike on both sides, so with strides 2 the two libraries look at different pixels.
# Weights that were trained with one lose accuracy in the other.)
#
# From here on we work on batches of pictures with channels, with the axes that Keras
# uses: `(B, H, W, C)` for batch, height, width, channels.
#
# **Your task.** Write `pad2d`. Rows and columns may need different paddings.


# %% solution="pad2d"
def pad2d(x, kernel_size, padding, strides=1):
    """Puts around pictures the zeros that a convolution with "same" or "valid" needs.

    Args:
        x: array `(B, H, W, C)` of ints or floats.
        kernel_size: `(kh, kw)`, height and width of the kernel.
        padding: "valid" for no zeros; "same" for the fewest zeros with which the
            windows of size `kernel_size` give `ceil(H / strides)` rows and
            `ceil(W / strides)` columns; an odd one out goes to the bottom or right.
        strides: by how many pixels the window moves on, in both directions.
    Returns:
        Array `(B, H + zeros, W + zeros, C)` of the dtype of `x`. `x` is left as it is.
    Raises:
        ValueError: if `padding` is something else.
    """
    ### BEGIN SOLUTION
    if padding == "valid":
        return x.copy()
    if padding != "same":
        raise ValueError(f'Expected "valid" or "same". Received: padding={padding!r}')
    zeros = [(0, 0)]
    for size, kernel in zip(x.shape[1:3], kernel_size, strict=True):
        windows = -(-size // strides)
        total = max((windows - 1) * strides + kernel - size, 0)
        zeros.append((total // 2, total - total // 2))
    return np.pad(x, [*zeros, (0, 0)])
    ### END SOLUTION


# %% tests="pad2d" points=1
x = np.array([[1, 2], [3, 4]]).reshape(1, 2, 2, 1)
checks.array(
    pad2d(x, (3, 3), "same")[0, :, :, 0],
    [[0, 0, 0, 0], [0, 1, 2, 0], [0, 3, 4, 0], [0, 0, 0, 0]],
    "a kernel of 3 by 3",
)
checks.array(
    pad2d(x, (2, 2), "same")[0, :, :, 0],
    [[1, 2, 0], [3, 4, 0], [0, 0, 0]],
    "a kernel of 2 by 2, which needs one line of zeros",
)
checks.array(pad2d(x, (3, 3), "valid"), x, "valid")
checks.raises(
    ValueError, pad2d, x, (3, 3), "full", what="a padding that does not exist"
)
### BEGIN HIDDEN TESTS
rng = np.random.default_rng(9)
for kh, kw, above, below, left, right, case in [
    (1, 1, 0, 0, 0, 0, "a kernel of one pixel"),
    (5, 3, 2, 2, 1, 1, "a high kernel"),
    (1, 4, 0, 0, 1, 2, "a wide, even kernel"),
    (6, 7, 2, 3, 3, 3, "a large kernel"),
]:
    x = rng.normal(size=(3, 5, 8, 2)).astype(np.float32)
    with checks.unchanged("the pictures after the call", x):
        received = pad2d(x, (kh, kw), "same")
    by_hand = np.zeros((3, 5 + above + below, 8 + left + right, 2))
    by_hand[:, above : above + 5, left : left + 8] = x
    checks.array(received, by_hand, case)
    checks.dtype(received, np.float32, "pictures of float32")
    checks.array(pad2d(x, (kh, kw), "valid"), x, "valid, " + case)
### END HIDDEN TESTS

# %% tests="pad2d" name="strides" points=1
x = np.arange(1, 9).reshape(1, 8, 1, 1)
checks.array(
    pad2d(x, (4, 1), "same", strides=2)[0, :, 0, 0],
    [0, 1, 2, 3, 4, 5, 6, 7, 8, 0],
    "8 rows, a kernel of 4 rows, strides 2: four windows",
)
checks.array(
    pad2d(x, (3, 1), "same", strides=2)[0, :, 0, 0],
    [1, 2, 3, 4, 5, 6, 7, 8, 0],
    "8 rows, a kernel of 3 rows, strides 2: four windows",
)
checks.array(
    pad2d(x, (1, 1), "same", strides=3), x, "a window that never reaches the border"
)
### BEGIN HIDDEN TESTS
rng = np.random.default_rng(10)
for height, width, kh, kw, strides, case in [
    (8, 7, 3, 3, 2, "strides 2"),
    (7, 10, 5, 5, 3, "strides 3"),
    (9, 6, 2, 4, 3, "strides 3 with an even kernel"),
    (10, 11, 2, 3, 4, "strides larger than the kernel"),
]:
    x = rng.normal(size=(2, height, width, 3))
    by_hand = x
    for axis, size, kernel in [(1, height, kh), (2, width, kw)]:
        starts = range(0, size, strides)  # one window for each, so ceil(size / strides)
        total = max(starts[-1] + kernel - size, 0)
        ends = [(0, 0)] * 4
        ends[axis] = (total // 2, total // 2 + total % 2)
        by_hand = np.pad(by_hand, ends)
    checks.array(pad2d(x, (kh, kw), "same", strides=strides), by_hand, case)
### END HIDDEN TESTS

# %% [markdown]
# Where do the zeros go? The frames mark the picture inside its padding.

# %% experiment="borders_of_padding"
x = np.arange(1, 17).reshape(1, 4, 4, 1)
padded = {
    "kernel 3 x 3": pad2d(x, (3, 3), "same"),
    "kernel 5 x 2": pad2d(x, (5, 2), "same"),
    "kernel 3 x 3, strides 2": pad2d(x, (3, 3), "same", strides=2),
}
plots.numbers(
    [p[0, :, :, 0] for p in padded.values()],
    list(padded),
    windows=[(*np.argwhere(p[0, :, :, 0] == 1)[0], 4, 4) for p in padded.values()],
)

# %% [markdown]
# ## 6. A convolutional layer
#
# Now everything at once. A layer gets a batch of pictures `x` of shape
# `(B, H, W, C_in)`. It has `C_out` **filters**; each is a kernel as deep as the
# picture, so all of them make an array `w` of shape `(kh, kw, C_in, C_out)`, the order
# that Keras uses. A filter correlates every channel with its own slice, *adds* the
# results over the channels, and adds its one bias: one number for the whole map, not
# one for each pixel or each weight. What comes out is one map for each filter,
# `(B, H', W', C_out)`:
#
# $$y_{n,i,j,f} = b_f + \sum_{a}\sum_{b}\sum_{c}
# x_{n,\; s i + d a,\; s j + d b,\; c}\;\, w_{a,b,c,f}.$$
#
# Strides $s$, padding $p$ and dilation rate $d$ mean what they meant in exercise 3, and
# are the same for rows and columns. `padding` is a number here, the zeros on each side,
# as in lectures 0 and 3; for Keras's `"same"` you would call `pad2d` first.
#
# **Your task.** Write `conv2d`. Begin with the channels and filters (the first check
# cell), then add strides and padding, then dilation. If you think in arrays: for one
# place of the window, or for one weight of the kernel, the sum over channels for all
# filters is a matrix product.


# %% solution="conv2d"
def conv2d(x, w, b=None, strides=1, padding=0, dilation_rate=1):
    """What a convolutional layer computes (a cross-correlation: nothing is flipped).

    Args:
        x: array `(B, H, W, C_in)` of ints or floats.
        w: array `(kh, kw, C_in, C_out)` of ints or floats.
        b: array `(C_out,)`, or None for no bias.
        strides: by how many pixels the window moves on, in both directions.
        padding: lines of zeros on each of the four sides of a picture.
        dilation_rate: distance between neighbouring weights, in both directions.
    Returns:
        Array `(B, H', W', C_out)` with the `H'` and `W'` of exercise 3, of the dtype of
        `x * w`, or of `x * w + b` if there is a bias. `x`, `w` and `b` are left as they
        are.
    Raises:
        ValueError: if `x` and `w` have different numbers of channels, or the window is
            larger than the padded picture.
    """
    ### BEGIN SOLUTION
    kh, kw, channels, filters = w.shape
    if x.shape[3] != channels:
        raise ValueError(
            "Expected a kernel as deep as the pictures. "
            f"Received: kernel channels={channels} picture channels={x.shape[3]}"
        )
    x = np.pad(x, [(0, 0), (padding, padding), (padding, padding), (0, 0)])
    rows = (x.shape[1] - dilation_rate * (kh - 1) - 1) // strides + 1
    columns = (x.shape[2] - dilation_rate * (kw - 1) - 1) // strides + 1
    if rows < 1 or columns < 1:
        raise ValueError(
            "Expected a window that fits into the padded picture. "
            f"Received: kernel={(kh, kw)} padded picture={x.shape[1:3]}"
        )
    y = np.zeros((len(x), rows, columns, filters), dtype=np.result_type(x, w))
    for i in range(kh):
        for j in range(kw):
            top, left = i * dilation_rate, j * dilation_rate
            bottom, right = top + strides * rows, left + strides * columns
            y += x[:, top:bottom:strides, left:right:strides] @ w[i, j]
    return y if b is None else y + b
    ### END SOLUTION


# %% tests="conv2d" name="channels" points=1
# Lecture 3: two channels, two filters. (The slide prints -3.1 where 3.1 is right.)
x = np.array(
    [
        [[1, -2, 2, 2], [2, 1, 3, -2], [-2, 3, -3, 1], [-1, 2, -4, 2]],
        [[3, 0, 0, 0], [-2, -2, 1, -1], [2, -1, 3, 1], [5, -2, 0, 1]],
    ]
)
w = np.array(
    [[[[1, -2], [-2, 1]], [[1, 0], [0, 1]]], [[[3, 1], [2, 2]], [[0, 0], [0, 4]]]]
)
x = x.transpose(1, 2, 0)[None]  # from (C_in, H, W) to (1, H, W, C_in)
w = w.transpose(2, 3, 1, 0)  # from (C_out, C_in, kh, kw) to (kh, kw, C_in, C_out)
y = conv2d(x, w, np.array([0.1, 0.2]))
checks.shape(y, (1, 3, 3, 2), "lecture 3's example")
checks.array(
    y[0, :, :, 0],
    [[3.1, -3.9, -10.9], [4.1, -12.9, 16.1], [-3.9, 0.1, 9.1]],
    "lecture 3's example, first filter",
)
checks.array(
    y[0, :, :, 1],
    [[-0.8, 8.2, 6.2], [5.2, 18.2, 7.2], [-8.8, 2.2, -7.8]],
    "lecture 3's example, second filter",
)
checks.forbids(conv2d, ["convolve", "correlate", "polymul"])
### BEGIN HIDDEN TESTS
rng = np.random.default_rng(11)
for batch, height, width, kh, kw, channels, filters, case in [
    (2, 5, 7, 3, 3, 3, 4, "a batch of two colour pictures and four filters"),
    (1, 7, 4, 2, 3, 4, 2, "a batch of one with a wide kernel"),
    (3, 6, 6, 1, 1, 5, 1, "a kernel of one pixel and one filter"),
    (2, 4, 6, 4, 1, 1, 3, "one channel and a kernel as high as the picture"),
]:
    x = rng.normal(size=(batch, height, width, channels))
    w, b = rng.normal(size=(kh, kw, channels, filters)), rng.normal(size=filters)
    by_hand = np.empty((batch, height - kh + 1, width - kw + 1, filters))
    for n, i, j, f in np.ndindex(by_hand.shape):
        by_hand[n, i, j, f] = np.sum(x[n, i : i + kh, j : j + kw] * w[..., f]) + b[f]
    checks.array(conv2d(x, w, b), by_hand, case)
    checks.array(conv2d(x, w), by_hand - b, case + ", without a bias")
### END HIDDEN TESTS

# %% tests="conv2d" name="strides" points=1
row, w = np.array([1, 2, 3, 4]), np.array([1, 2, 3])
checks.array(
    conv2d(row.reshape(1, 1, 4, 1), w.reshape(1, 3, 1, 1), padding=1)[0, :, :, 0],
    [[0, 0, 0, 0], [8, 14, 20, 11], [0, 0, 0, 0]],
    "lecture 3's row of four numbers, zeros all around it",
)
# Lecture 4's picture of 7 by 7 with its diagonal filter.
x = np.array(
    [
        [1, 0, 0, 0, 0, 1, 1],
        [0, 1, 0, 0, 1, 0, 0],
        [0, 0, 1, 1, 0, 0, 0],
        [1, 0, 0, 0, 1, 0, 0],
        [0, 1, 0, 0, 1, 0, 0],
        [0, 0, 1, 0, 1, 0, 0],
        [0, 0, 1, 0, 1, 0, 0],
    ]
).reshape(1, 7, 7, 1)
w = lecture4_diagonal.reshape(3, 3, 1, 1).copy()
checks.array(
    conv2d(x, w, strides=2)[0, :, :, 0],
    [[3, -3, -3], [-3, 0, -2], [-1, -3, -1]],
    "lecture 4's picture, strides 2",
)
checks.array(
    conv2d(x, w, strides=3, padding=1)[0, :, :, 0],
    [[2, 1, 0], [2, 0, 0], [0, -2, 0]],
    "lecture 4's picture, strides 3, padding 1",
)
### BEGIN HIDDEN TESTS
rng = np.random.default_rng(12)
for height, width, kh, kw, strides, padding, case in [
    (6, 9, 3, 3, 1, 1, "padding that keeps the size"),
    (8, 7, 3, 2, 2, 0, "strides that leave a rest"),
    (5, 11, 2, 4, 3, 2, "strides 3, padding 2, an even kernel"),
    (9, 8, 1, 1, 2, 0, "strides 2 with a kernel of one pixel"),
    (7, 10, 2, 2, 4, 1, "strides larger than the kernel"),
]:
    x, w = rng.normal(size=(1, height, width, 1)), rng.normal(size=(kh, kw, 1, 1))
    framed = np.zeros((height + 2 * padding, width + 2 * padding))
    framed[padding : padding + height, padding : padding + width] = x[0, :, :, 0]
    by_hand = [
        [
            np.sum(framed[i : i + kh, j : j + kw] * w[:, :, 0, 0])
            for j in range(0, framed.shape[1] - kw + 1, strides)
        ]
        for i in range(0, framed.shape[0] - kh + 1, strides)
    ]
    received = conv2d(x, w, strides=strides, padding=padding)
    checks.shape(received, (1, len(by_hand), len(by_hand[0]), 1), case)
    checks.array(received[0, :, :, 0], by_hand, case)
### END HIDDEN TESTS

# %% tests="conv2d" name="dilation" points=1
x, w = (
    np.array([1, 2, 3, 4, 5]).reshape(1, 1, 5, 1),
    np.array([1, 10]).reshape(1, 2, 1, 1),
)
checks.array(
    conv2d(x, w, dilation_rate=2)[0, 0, :, 0],
    [1 + 30, 2 + 40, 3 + 50],
    "one row of five pixels, two weights, dilation 2",
)
### BEGIN HIDDEN TESTS
rng = np.random.default_rng(13)
for height, width, kh, kw, channels, strides, padding, dilation_rate, case in [
    (9, 8, 3, 3, 1, 1, 0, 2, "dilation 2"),
    (10, 13, 2, 4, 1, 1, 0, 3, "dilation 3 with an even kernel"),
    (9, 12, 3, 2, 3, 2, 1, 3, "everything at once, dilation 3"),
    (8, 7, 2, 3, 2, 3, 2, 2, "everything at once, dilation 2"),
]:
    x = rng.normal(size=(channels, height, width, channels))
    w, b = rng.normal(size=(kh, kw, channels, 2)), rng.normal(size=2) * (channels > 1)
    framed = np.zeros((len(x), height + 2 * padding, width + 2 * padding, channels))
    framed[:, padding : padding + height, padding : padding + width] = x
    span = dilation_rate * (kh - 1) + 1, dilation_rate * (kw - 1) + 1
    spread = np.zeros((*span, channels, 2))
    spread[::dilation_rate, ::dilation_rate] = w  # the same weights, zeros between them
    by_hand = [
        [
            np.tensordot(framed[:, i : i + span[0], j : j + span[1]], spread, 3) + b
            for j in range(0, framed.shape[2] - span[1] + 1, strides)
        ]
        for i in range(0, framed.shape[1] - span[0] + 1, strides)
    ]
    settings = {"strides": strides, "padding": padding, "dilation_rate": dilation_rate}
    received = conv2d(x, w, b, **settings)
    checks.array(received, np.transpose(by_hand, (2, 0, 1, 3)), case)
### END HIDDEN TESTS

# %% tests="conv2d" name="rules" points=1
x, w, b = np.ones((1, 3, 4, 1), int), np.full((2, 2, 1, 1), 0.3), np.array([0.5])
checks.array(
    conv2d(x, w), np.full((1, 2, 3, 1), 1.2), "ints with a kernel of fractions"
)
with checks.unchanged("pictures, kernel and bias after the call", x, w, b):
    conv2d(x, w, b, strides=2, padding=1)
checks.raises(
    ValueError,
    conv2d,
    np.ones((1, 4, 4, 3)),
    w,
    what="kernels less deep than the picture",
)
### BEGIN HIDDEN TESTS
rng = np.random.default_rng(14)
x, w, b = (
    rng.normal(size=(2, 6, 7, 3)),
    rng.normal(size=(3, 3, 3, 2)),
    rng.normal(size=2),
)
with checks.unchanged("pictures, kernel and bias after the call", x, w, b):
    conv2d(x, w, b, padding=1)
narrow = [array.astype(np.float32) for array in (x, w, b)]
checks.dtype(conv2d(*narrow, padding=1), np.float32, "float32 throughout")
checks.raises(
    ValueError, conv2d, np.ones((1, 4, 4, 1)), w, what="kernels deeper than the picture"
)
checks.raises(
    ValueError,
    conv2d,
    np.ones((1, 2, 8, 3)),
    w,
    what="a kernel higher than the picture",
)
checks.raises(
    ValueError,
    conv2d,
    np.ones((1, 8, 6, 3)),
    w,
    dilation_rate=3,
    what="a dilated kernel wider than the picture",
)
### END HIDDEN TESTS

# %% [markdown]
# Your layer on a colour photograph, with three filters chosen by hand. One adds the
# three colours and finds edges of brightness from left to right. One subtracts green
# and blue from red, so it answers to things that are red or orange; one likewise to
# things that are blue. A filter sees all channels at once: that is why a map after the
# first layer is no longer a colour.

# %% experiment="colours"
astronaut = picture("astronaut")
step = np.outer([1, 2, 1], [-1, 0, 1]) / 12
mean = np.full((3, 3), 1 / 9)
filters = [  # for each the kernels on red, green and blue
    (step, step, step),
    (mean, -mean / 2, -mean / 2),
    (-mean / 2, -mean / 2, mean),
]
w = np.transpose(filters, (2, 3, 1, 0))  # (kh, kw, C_in, C_out)
plots.feature_maps(
    [astronaut],
    conv2d(astronaut[None], w, strides=2),
    ["edges of brightness", "red and orange", "blue"],
    size=2.4,
)

# %% [markdown]
# ## 7. Convolution is a matrix
#
# Sliding is linear: every output is a weighted sum of inputs. So, once the picture is
# written as one long vector $v(x)$, row after row, there is a matrix $U$ with
#
# $$v(x \star u) = U\, v(x).$$
#
# It has one row for each output and one column for each input; $U_{r,c}$ is the weight
# with which input $c$ enters output $r$, most of the time zero. A convolutional layer
# is thus a fully connected layer whose weights are mostly zeros and otherwise shared.
# Later the matrix pays off: the gradient with respect to the input is just $U^\top$
# times the gradient with respect to the output (lab 03).
#
# **Your task.** Write `conv_matrix`. Think of row $r$ as a picture: it is zero but for
# the kernel, which lies where output $r$ looks.


# %% solution="conv_matrix"
def conv_matrix(w, input_shape):
    """The matrix U with `U @ x.ravel()` equal to `corr2d(x, w).ravel()`.

    Args:
        w: array `(kh, kw)` of ints or floats.
        input_shape: `(H, W)`, height and width of the picture.
    Returns:
        Array `((H - kh + 1) * (W - kw + 1), H * W)` of the dtype of `w`, outputs and
        inputs counted row after row.
    Raises:
        ValueError: if the kernel is higher or wider than the picture.
    """
    ### BEGIN SOLUTION
    (kh, kw), (height, width) = w.shape, input_shape
    rows, columns = height - kh + 1, width - kw + 1
    if rows < 1 or columns < 1:
        raise ValueError(
            "Expected a kernel that fits into the picture. "
            f"Received: kernel={w.shape} picture={input_shape}"
        )
    matrix = np.zeros((rows, columns, height, width), dtype=w.dtype)
    for i in range(rows):
        for j in range(columns):
            matrix[i, j, i : i + kh, j : j + kw] = w
    return matrix.reshape(rows * columns, height * width)
    ### END SOLUTION


# %% tests="conv_matrix" points=1
U = conv_matrix(lecture2_u.copy(), (4, 4))
checks.shape(U, (4, 16), "lecture 2's kernel on 4 by 4 pixels")
checks.array(
    U[0],
    [1, 4, 1, 0, 1, 4, 3, 0, 3, 3, 1, 0, 0, 0, 0, 0],
    "the row of the first output",
)
checks.array(U @ lecture2_x.ravel(), [122, 148, 126, 134], "lecture 2's product U v(x)")
### BEGIN HIDDEN TESTS
rng = np.random.default_rng(15)
for size, k, case in [
    (4, 3, "every row"),
    (6, 2, "an even kernel"),
    (5, 1, "one weight"),
]:
    w = rng.normal(size=(k, k))
    by_hand = np.zeros(((size - k + 1) ** 2, size**2))
    for i, j, a, c in np.ndindex(size - k + 1, size - k + 1, k, k):
        by_hand[i * (size - k + 1) + j, (i + a) * size + j + c] = w[a, c]
    checks.array(conv_matrix(w, (size, size)), by_hand, "a square picture, " + case)
### END HIDDEN TESTS

# %% tests="conv_matrix" name="shapes" points=1
checks.array(
    conv_matrix(np.array([[1], [2]]), (2, 3)),
    [[1, 0, 0, 2, 0, 0], [0, 1, 0, 0, 2, 0], [0, 0, 1, 0, 0, 2]],
    "a kernel of one column on 2 by 3 pixels",
)
checks.raises(
    ValueError, conv_matrix, np.ones((3, 1)), (2, 5), what="a kernel that is too high"
)
### BEGIN HIDDEN TESTS
rng = np.random.default_rng(16)
for height, width, kh, kw, case in [
    (3, 7, 2, 3, "a wide picture"),
    (6, 4, 3, 2, "a high picture"),
    (4, 5, 4, 5, "a kernel as large as the picture"),
]:
    x, w = rng.normal(size=(height, width)), rng.normal(size=(kh, kw))
    U = conv_matrix(w, (height, width))
    outputs = (height - kh + 1) * (width - kw + 1)
    checks.shape(U, (outputs, height * width), case)
    by_hand = [
        np.sum(x[i : i + kh, j : j + kw] * w)
        for i in range(height - kh + 1)
        for j in range(width - kw + 1)
    ]
    checks.array(U @ x.ravel(), by_hand, case + ", U times a picture")
    checks.equal(
        int(np.sum(U != 0)), outputs * kh * kw, case + ", entries that are not 0"
    )
halves = conv_matrix(np.array([[0.5, 0.25]], dtype=np.float32), (1, 3))
checks.array(
    halves, [[0.5, 0.25, 0], [0, 0.5, 0.25]], "fractions in float32", dtype=np.float32
)
checks.raises(
    ValueError, conv_matrix, np.ones((1, 3)), (5, 2), what="a kernel that is too wide"
)
### END HIDDEN TESTS

# %% [markdown]
# The picture of such a matrix shows its structure. Along each diagonal of a block all
# entries are equal (a Toeplitz matrix), and along each diagonal of blocks all blocks
# are equal: it is **doubly blocked Toeplitz**. The lecture says "circulant", which
# would mean that each row is the row above, shifted by one place, and what leaves on
# the right comes back on the left. It is not: where a window has reached the right
# border, the next row *jumps*.

# %% experiment="matrix"
U = conv_matrix(lecture2_u, (6, 8))
print(
    f"entries {U.size}, not zero {np.sum(U != 0)}, different weights {lecture2_u.size}"
)
plots.heatmaps(
    [U],
    ["U for a kernel of 3 x 3 on a picture of 6 x 8"],
    blocks=(6, 8),
    labels=("output", "input pixel"),
    signed=False,
    size=7,
)

# %% [markdown]
# How much does sharing save? Lecture 0 finds edges with a kernel of two weights and
# says "250k vs 8 Bi. Params". The picture, from the book of Goodfellow, Bengio and
# Courville, has 320 by 280 pixels, so the matrix has
# $(319 \cdot 280) \times (320 \cdot 280) = 8\,003\,072\,000$ entries; 178,640 of them
# are not zero; 2 of them are different. The quarter of a million are the operations of
# the convolution, two products and a sum for each of the 89,320 outputs. So the slide
# compares entries with operations: the parameters are 2.
#
# ## 8. Filters that people made
#
# Before networks learnt their kernels, people designed them, and the first layer of a
# trained network is full of kernels that look like theirs. Build five, each an array of
# 3 by 3, to be used as it stands (correlation, nothing flipped):
#
# - `sobel_x`: the derivative from left to right, the difference of the right and the
#   left neighbours, smoothed over three rows with the weights 1, 2, 1. Positive where
#   the picture gets brighter to the right. Whole numbers, as on the slide.
# - `sobel_y`: the same from top to bottom. Positive where it gets brighter downwards.
# - `laplacian`: how much brighter a pixel is than its four neighbours: 4 times the
#   pixel minus the neighbours above, below, left and right (lecture 1).
# - `sharpen`: adds to the picture its Laplacian. It leaves a constant picture as it is.
# - `blur`: the mean of the nine pixels.
#
# Lecture 1 shows these two as Sobel filters, the left one for horizontal edges, the
# right one for vertical edges:
#
# $$\text{horizontal: }\begin{pmatrix}-1&-2&-1\\0&0&0\\1&2&1\end{pmatrix}\qquad
# \text{vertical: }\begin{pmatrix}-1&0&1\\2&0&-2\\-1&0&1\end{pmatrix}$$
#
# One of them is wrong: it does not answer to the edge that it is named after.
#
# **Your task.** Define the five filters, and set `wrong_sobel` to `"horizontal"` or
# `"vertical"`.

# %% solution="filters"
# sobel_x, sobel_y, laplacian, sharpen, blur: arrays (3, 3);
# wrong_sobel: "horizontal" or "vertical".
### BEGIN SOLUTION
sobel_x = np.outer([1, 2, 1], [-1, 0, 1])
sobel_y = sobel_x.T
laplacian = np.array([[0, -1, 0], [-1, 4, -1], [0, -1, 0]])
sharpen = np.array([[0, -1, 0], [-1, 5, -1], [0, -1, 0]])
blur = np.full((3, 3), 1 / 9)
wrong_sobel = "vertical"
### END SOLUTION

# %% tests="filters" name="edges" points=1
for kernel, name in [
    (sobel_x, "sobel_x"),
    (sobel_y, "sobel_y"),
    (laplacian, "laplacian"),
]:
    checks.shape(kernel, (3, 3), name)
    checks.equal(float(np.sum(kernel)), 0.0, f"{name}, the sum over a constant picture")
checks.holds(
    wrong_sobel in ("horizontal", "vertical"), "wrong_sobel is one of two words"
)
slope = np.array([[0, 1, 2], [0, 1, 2], [0, 1, 2]])  # brighter to the right
checks.equal(float(np.sum(sobel_x * slope)), 8.0, "sobel_x on a slope to the right")
checks.equal(float(np.sum(sobel_y * slope)), 0.0, "sobel_y on a slope to the right")
checks.equal(float(np.sum(sobel_y * slope.T)), 8.0, "sobel_y on a slope downwards")
### BEGIN HIDDEN TESTS
checks.array(sobel_x, [[-1, 0, 1], [-2, 0, 2], [-1, 0, 1]], "the weights of sobel_x")
checks.array(sobel_y, [[-1, -2, -1], [0, 0, 0], [1, 2, 1]], "the weights of sobel_y")
checks.array(laplacian, [[0, -1, 0], [-1, 4, -1], [0, -1, 0]], "the Laplacian")
checks.equal(wrong_sobel, "vertical", "which Sobel filter on the slide is wrong")
### END HIDDEN TESTS

# %% tests="filters" name="smoothing" points=1
for kernel, name in [(sharpen, "sharpen"), (blur, "blur")]:
    checks.shape(kernel, (3, 3), name)
    checks.array(np.sum(kernel), 1.0, f"{name} on a picture that is 1 everywhere")
### BEGIN HIDDEN TESTS
checks.array(blur, np.ones((3, 3)) / 9, "the mean of nine pixels")
checks.array(
    sharpen, [[0, -1, 0], [-1, 5, -1], [0, -1, 0]], "the picture plus its Laplacian"
)
### END HIDDEN TESTS

# %% [markdown]
# Look at them, with your `corr2d`. The third map is the slide's "vertical" filter: the
# tripod and the tower, which are all vertical edges, hardly show. On a vertical edge
# its rows $(-1, 0, 1)$, $(2, 0, -2)$, $(-1, 0, 1)$ cancel.

# %% experiment="edges"
camera = picture("camera")[:, :, 0]
slide_vertical = np.array([[-1, 0, 1], [2, 0, -2], [-1, 0, 1]])
maps = [corr2d(camera, w) for w in (sobel_x, sobel_y, slide_vertical, laplacian)]
plots.feature_maps(
    [camera],
    [np.stack(maps, axis=-1)],
    ["sobel_x", "sobel_y", "the slide's vertical", "laplacian"],
    shared=True,
    size=2.3,
)

# %% experiment="smoothing"
blurred = camera
for _ in range(4):
    blurred = corr2d(blurred, blur)
plots.images(
    [camera, blurred, corr2d(camera, sharpen), np.hypot(maps[0], maps[1]) / 3],
    ["the photograph", "blurred four times", "sharpened", "strength of the edges"],
    size=2.7,
)

# %% [markdown]
# The last picture is $\sqrt{g_x^2 + g_y^2}$ of the two Sobel maps: edges of any
# direction. It is not linear, and no single kernel can do it; a network needs a
# non-linearity between two layers for that.
#
# ## 9. Find what is wrong on the slide
#
# Slides are written by people and copied by machines, so some of what they print is
# wrong. You can check it now: by hand, or with your functions.
#
# 1. **Lecture 4** slides its diagonal filter and its vertical filter over a picture of
#    6 by 6 (`lecture4_image`, `lecture4_diagonal`, `lecture4_vertical`). It prints as
#    last rows of the two maps $(3, -2, -2, 1)$ and $(-1, 0, 4, 3)$. Each has one wrong
#    entry. Set `first_map_last_row` and `second_map_last_row` to the right rows.
# 2. **Lecture 2** prints its matrix $U$ (exercise 7) with 15 entries in the row of the
#    second output. Set `matrix_second_row` to the right row of 16.
# 3. **Lecture 0** writes the convolution of a picture $I$ with a kernel $K$ as
#    $S(i, j) = \sum_m \sum_m I(m, n)\, K(i-m, j-n)$. Set `second_index` to the letter
#    over which the second sum must run.
# 4. **Lecture 4** says of a picture of 7 by 7, a kernel of 3 by 3 and strides 3 that it
#    "does not fit", since $(7-3)/3+1$ is not whole. Keras computes it all the same. Set
#    `strides_3_size` to the number of rows that it returns, without padding.
# 5. **Lecture 1** defines the convolution with dilation $D$ by
#    $(u * v)(y) = \sum_i u(i)\, v(y - D i)$. (In one dimension here.) The words beside
#    it are right: "add a space between each point" *of the kernel* $v$. But the formula
#    spreads something else. For $u = (1, 2, 3)$, $v = (1, 10)$ and $D = 2$, set
#    `dilated` to what the words mean, all entries from the first to the last one
#    touched (a true convolution as in exercise 2), and `slide_dilated` to what the
#    formula gives, also from the first entry to the last.
#
# **Your task.** Define the seven answers. Rows and signals are NumPy arrays.

# %% solution="errata"
# first_map_last_row, second_map_last_row: arrays (4,); matrix_second_row: array (16,);
# second_index: a letter; strides_3_size: an int; dilated, slide_dilated: arrays.
### BEGIN SOLUTION
first_map_last_row = np.array([3, -2, -2, -1])
second_map_last_row = np.array([-1, 0, -4, 3])
matrix_second_row = np.array([0, 1, 4, 1, 0, 1, 4, 3, 0, 3, 3, 1, 0, 0, 0, 0])
second_index = "n"
strides_3_size = 2
dilated = np.array([1, 2, 13, 20, 30])
slide_dilated = np.array([1, 10, 2, 20, 3, 30])
### END SOLUTION

# %% tests="errata" name="numbers" points=1
checks.shape(first_map_last_row, (4,), "the last row of the first map")
checks.shape(second_map_last_row, (4,), "the last row of the second map")
checks.shape(matrix_second_row, (16,), "the second row of the matrix")
### BEGIN HIDDEN TESTS
for received, kernel, case in [
    (first_map_last_row, lecture4_diagonal, "the last row of the first map"),
    (second_map_last_row, lecture4_vertical, "the last row of the second map"),
]:
    by_hand = [np.sum(lecture4_image[3:6, j : j + 3] * kernel) for j in range(4)]
    checks.array(received, by_hand, case)
as_picture = np.zeros((4, 4), int)
as_picture[0:3, 1:4] = lecture2_u
checks.array(matrix_second_row, as_picture.ravel(), "the second row of the matrix")
### END HIDDEN TESTS

# %% tests="errata" name="formulas" points=1
checks.holds(second_index in ("i", "j", "m", "n"), "second_index is one of i, j, m, n")
checks.holds(isinstance(strides_3_size, (int, np.integer)), "strides_3_size is an int")
checks.array(np.sum(dilated), 66, "dilated, the sum: 6 times 11 wherever they meet")
checks.array(np.sum(slide_dilated), 66, "slide_dilated, the sum, again 6 times 11")
### BEGIN HIDDEN TESTS
checks.equal(second_index, "n", "the index of the second sum")
checks.equal(strides_3_size, 2, "a kernel of 3 on 7 pixels with strides 3")
by_hand = np.zeros(5, int)
as_printed = np.zeros(6, int)
for i, j in np.ndindex(3, 2):
    product = [1, 2, 3][i] * [1, 10][j]
    by_hand[i + 2 * j] += product
    as_printed[2 * i + j] += product
checks.array(dilated, by_hand, "the dilated convolution that the words mean")
checks.array(slide_dilated, as_printed, "the formula as it is printed")
### END HIDDEN TESTS

# %% [markdown]
# ## The experiment: move the input
#
# Why slide one small kernel over the whole picture, instead of learning a weight for
# each pixel? Because a cup is a cup wherever it stands. If $T$ moves the input, and $f$
# is the layer, then a layer that slides ought to satisfy
#
# $$f(T x) = T f(x),$$
#
# which is called **equivariance** to translation. Let us measure it. A camera looks at
# a window of the photograph, then moves by $d$ pixels and looks again. We put both
# pictures through your `conv2d`, lay the maps on each other as well as whole steps of
# the map allow, and take the relative error where both see the same scene.

# %% experiment="equivariance_and_strides"
photo = picture("camera")
w = np.random.default_rng(0).normal(size=(3, 3, 1, 2))


def look(left, strides):
    """The maps of the window of 64 pixels that begins at column `left`."""
    return conv2d(photo[None, 60:124, left : left + 64], w, strides=strides)


def equivariance_error(shift, strides):
    """Relative error of the best alignment of the maps, by whole steps of the map."""
    still, moved = look(100, strides), look(100 - shift, strides)
    errors = []
    for steps in {shift // strides, -(-shift // strides)}:
        common = still.shape[2] - steps
        difference = moved[:, :, steps:] - still[:, :, :common]
        errors.append(np.linalg.norm(difference) / np.linalg.norm(still[:, :, :common]))
    return min(errors)


shifts = np.arange(9)
plots.curves(
    shifts,
    {
        f"strides {strides}": [equivariance_error(shift, strides) for shift in shifts]
        for strides in (1, 2, 4)
    },
    xlabel="the camera moves by (pixels)",
    ylabel="|f(Tx) - Tf(x)| / |f(x)|",
    title="Only multiples of the strides come out unharmed",
    markers=True,
)

# %% [markdown]
# With strides 1 the error is zero, up to rounding. With strides 2 every second shift is
# lost, with strides 4 three of four: the map can only move in whole steps, and between
# them it has looked at other pixels. A network with five layers of strides 2 is
# equivariant to shifts by multiples of 32, and in general to no others. (Lab 02 asks
# what pooling can mend.)
#
# The second exception is the border. `"same"` pads with zeros, and zeros do not move
# with the scene. Now the camera moves by 10 pixels down and to the right, and the
# layer, here a blur, is applied once, four times and eight times. Orange is where
# $f(Tx)$ and $T f(x)$ differ.

# %% experiment="equivariance_and_borders"
w = np.full((3, 3, 1, 1), 1 / 9)


def stack(top, left, layers):
    """The map of a window of 96 pixels after some layers with zeros at the border."""
    x = photo[None, top : top + 96, left : left + 96]
    for _ in range(layers):
        x = conv2d(x, w, padding=1)
    return x[0, :, :, 0]


broken = {}
for layers in (1, 4, 8):
    still, moved = stack(40, 100, layers)[:-10, :-10], stack(30, 90, layers)[10:, 10:]
    wrong = np.abs(moved - still) > 1e-9
    depth = f"{layers} layer" + "s" * (layers > 1)
    broken[f"{depth}: {wrong.mean():.0%} differ"] = plots.marked(moved, wrong)
plots.images(list(broken.values()), list(broken), size=3)

# %% [markdown]
# The frame is as wide as the layers are many: each layer of 3 by 3 carries the border
# one pixel further in. In a deep network nearly every unit knows where the border is,
# and networks do use this to tell positions. Convolution is equivariant, says lecture
# 1, "if we forget about border conditions for a moment". Now you know how long that
# moment lasts.
#
# ## What you take along
#
# - Correlation slides the kernel as it is, convolution flips it; Keras correlates. As
#   the weights are learnt, it does not matter which.
# - $\lfloor (n + 2p - d(k-1) - 1)/s \rfloor + 1$, with the padding $p$ per side.
# - One filter spans all input channels; one bias for each filter.
# - A convolution is a matrix product with few, shared weights: 9 instead of thousands.
# - It moves with its input, up to strides and borders.
#
# Lecture 1 also says "there is no point in having two or more consecutive
# convolutions", since together they are one convolution. Something to think about: two
# of 3 by 3 have 18 weights and see 5 by 5 pixels. Can they be *every* kernel of 5 by 5,
# which has 25? And what stands between two convolutions in a network?
#
# Next: pooling and receptive fields, in lab 02.
