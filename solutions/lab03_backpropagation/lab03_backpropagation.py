# ---
# jupyter:
#   kernelspec:
#     display_name: Python 3
#     language: python
#     name: python3
#   lab:
#     title: Backpropagation
#     withheld_modules: [cnncourse.ops, scipy, tensorflow, keras, torch, jax, cv2,
#       skimage, sklearn, numba]
#     call_seconds: 100
#     cell_seconds: 60
#     total_seconds: 300
# ---

# %% [markdown]
# # Lab 03: Backpropagation
#
# "In practice, we do not calculate $dw_k$ and $dx_k$ ourselves", says lecture 1, and
# "you will not actually have to implement this". You will, once. Whoever has pushed a
# gradient through a network by hand knows afterwards why a unit dies, why a sure and
# wrong answer teaches more than an unsure one, what pooling does to learning, and where
# to look when a loss will not fall. In this lab you write the backward half of every
# layer of a LeNet, check each against measured slopes, chain them, and train the
# network on handwritten digits: with nothing but NumPy and your own lines.
#
# **When you are through you can**
#
# - check any gradient by measuring it, and read the size of the error;
# - write the gradients of ReLU, dense, convolutional and pooling layers, and of softmax
#   with cross-entropy;
# - say why the kernel is flipped on the way back, and what strides, padding, ties and
#   overlaps do to a gradient;
# - chain the layers of a network, and train it by stochastic gradient descent;
# - explain why a loss that falls does not prove that the gradient is right.
#
# **How it works.** As before: replace `raise NotImplementedError()` by your code, run
# the cell, then the checks below it. A check cell that prints nothing has passed. After
# you submit, hidden checks try everything that the docstring promises on other inputs.
#
# You need NumPy only; libraries that differentiate for you are switched off while your
# work is graded. Loops over the places of a window, or over the weights of a kernel,
# are fine. But in the end your functions are called thousands of times, for 32 digits
# at once, so let array operations take care of pictures, channels and filters. With a
# loop over the pictures the training lasts half a minute instead of a second, and one
# over channels or filters inside makes it hopeless: in grading it may take 100 seconds.
#
# **How long it takes.** Four to five hours. Exercises 1 to 8 do not need each other.
# Exercises 9 and 10 put them together and need all but 1 and 5.
#
# | exercise | function | points |
# |---|---|---|
# | 1. Measure a slope | `numerical_gradient` | 2 |
# | 2. Through a ReLU | `relu_backward` | 1 |
# | 3. Through a dense layer | `dense_backward` | 2 |
# | 4. Where gradients begin | `softmax_cross_entropy` | 3 |
# | 5. Lecture 1's example | `slide_dx`, `slide_dw`, `slide_factor` | 1 |
# | 6. Through a convolution | `conv2d_backward` | 4 |
# | 7. Through max pooling | `max_pool2d_backward` | 2 |
# | 8. Through average pooling | `avg_pool2d_backward` | 1 |
# | 9. Through the whole network | `lenet_gradients` | 1 |
# | 10. Learn | `train_lenet` | 3 |

# %% given="setup"
import matplotlib.pyplot as plt
import numpy as np

from cnncourse import checks, datasets, plots

FULL = False  # True: train in the experiments for 60 epochs instead of 14

# %% [markdown]
# The layers forwards are given: you wrote them in labs 01 and 02. They are built here
# from `windows`, a view of all places that a window takes, which you may use as well.
# (It is a *view*: its entries are those of `x`, many of them several times over. Read
# from it, never write to it.)


# %% given="layers"
def windows(x, size, strides):
    """All places of a window on `x` `(B, H, W, C)`: a view `(B, H', W', C, *size)`."""
    view = np.lib.stride_tricks.sliding_window_view(x, size, axis=(1, 2))
    return view[:, :: strides[0], :: strides[1]]


def conv2d(x, w, b, strides=1, padding=0):
    """`(B, H, W, C_in)` and `(kh, kw, C_in, C_out)` to `(B, H', W', C_out)`."""
    x = np.pad(x, [(0, 0), (padding, padding), (padding, padding), (0, 0)])
    places = windows(x, w.shape[:2], (strides, strides))
    return np.tensordot(places, w, ([3, 4, 5], [2, 0, 1])) + b


def relu(x):
    return np.maximum(x, 0)


def max_pool2d(x, pool_size, strides=None):
    return windows(x, pool_size, strides or pool_size).max(axis=(4, 5))


def avg_pool2d(x, pool_size, strides=None):
    return windows(x, pool_size, strides or pool_size).mean(axis=(4, 5))


# %% [markdown]
# ## 1. Measure a slope
#
# Learning means to change every weight a little in the direction in which the loss
# falls, so we need the slope of the loss in every weight: the **gradient**. The rest of
# this lab computes it from formulas. Formulas can be wrong, and a network whose
# gradient is wrong does not crash: it learns worse. So first build the instrument that
# finds such errors. It needs no formula at all: move one number a little, see what the
# loss does.
#
# The definition of the derivative suggests
# $\big(f(x + \varepsilon) - f(x)\big) / \varepsilon$. There is a better way for nearly
# the same price: step to both sides,
#
# $$\frac{\partial f}{\partial x_i} \approx
# \frac{f(x + \varepsilon e_i) - f(x - \varepsilon e_i)}{2 \varepsilon},$$
#
# where $e_i$ is 1 at entry $i$ and 0 elsewhere. In the series
# $f(x \pm \varepsilon) = f(x) \pm \varepsilon f' + \tfrac{1}{2} \varepsilon^2 f'' \pm
# \tfrac{1}{6} \varepsilon^3 f''' + \dots$ the term with $f''$ has the same sign on both
# sides, so it drops out of the difference. The error shrinks with $\varepsilon^2$
# instead of $\varepsilon$. This is the **central difference**.
#
# **Your task.** Write `numerical_gradient`. `x` may have any number of axes.
# `np.ndindex(x.shape)` walks through its entries.


# %% solution="numerical_gradient"
def numerical_gradient(f, x, epsilon=1e-5):
    """The gradient of a function of an array, entry by entry, by central differences.

    Args:
        f: function that takes an array of the shape of `x` and returns a number.
        x: float64 array of any shape: the place at which the gradient is measured.
        epsilon: by how much an entry is moved to either side; the others stay.
    Returns:
        float64 array of the shape of `x`. When you return, `x` has exactly the values
        that it had before.
    """
    ### BEGIN SOLUTION
    gradient = np.zeros(x.shape)
    for index in np.ndindex(x.shape):
        above, below = x.copy(), x.copy()
        above[index] += epsilon
        below[index] -= epsilon
        gradient[index] = (f(above) - f(below)) / (2 * epsilon)
    return gradient
    ### END SOLUTION


# %% tests="numerical_gradient" points=1
checks.array(
    numerical_gradient(lambda x: float(x[0] ** 2 * x[1]), np.array([3.0, 2.0])),
    [2 * 3 * 2, 3**2],
    "the square of the first number, times the second, at (3, 2)",
)
checks.array(
    numerical_gradient(lambda x: float(x[0] ** 3), np.array([1.0]), epsilon=1),
    [(2**3 - 0**3) / 2],
    "the cube at 1, with epsilon 1",
)
### BEGIN HIDDEN TESTS
rng = np.random.default_rng(1)
x, c = rng.normal(size=4), rng.normal(size=4)
for epsilon, case in [(0.5, "a large epsilon"), (0.01, "a smaller epsilon")]:
    checks.array(
        numerical_gradient(lambda x: float(np.sum(c * x**3)), x, epsilon=epsilon),
        c * (3 * x**2 + epsilon**2),
        "a sum of cubes, with " + case,
    )
checks.array(
    numerical_gradient(lambda x: float(np.prod(x)), x),
    np.prod(x) / x,
    "a product of all numbers",
)
checks.array(
    numerical_gradient(lambda x: float(np.exp(c @ x)), x),
    c * np.exp(c @ x),
    "an exponential",
)
### END HIDDEN TESTS

# %% tests="numerical_gradient" name="rules" points=1
x = np.array([[1.0, 2.0, 3.0], [4.0, 5.0, 6.0]])
checks.array(
    numerical_gradient(lambda x: float(np.sum(x[0] * x[1])), x),
    [[4, 5, 6], [1, 2, 3]],
    "two rows, multiplied and added",
)
with checks.unchanged("x after the call", x):
    numerical_gradient(lambda x: float(np.sum(x)), x, epsilon=1)
### BEGIN HIDDEN TESTS
rng = np.random.default_rng(2)
x, c = rng.normal(size=(2, 3, 4)), rng.normal(size=(2, 3, 4))
with checks.unchanged("x after the call", x):
    received = numerical_gradient(lambda x: float(np.sum(c * np.sin(x))), x)
checks.array(received, c * np.cos(x), "three axes", dtype=np.float64)
with checks.unchanged("x after the call", x):
    numerical_gradient(lambda x: float(np.sum(x)), x, epsilon=0.3)
### END HIDDEN TESTS

# %% [markdown]
# How small should $\varepsilon$ be? Try it, on a function whose gradient is known. Both
# axes are logarithmic, so an error that shrinks with $\varepsilon$ is a line of slope
# 1, one that shrinks with $\varepsilon^2$ a line of slope 2.

# %% experiment="step_size"
x = np.random.default_rng(0).normal(size=20)


def bumpy(x):
    return float(np.sum(np.sin(3 * x)))


def forward_difference(f, x, epsilon):
    return np.array([f(x + epsilon * e) - f(x) for e in np.eye(len(x))]) / epsilon


steps = 10.0 ** np.arange(-12, 0.1, 0.5)
with plt.rc_context(plots.STYLE):
    figure, axes = plt.subplots(figsize=(7.5, 3.6), layout="constrained")
    for method, label, line in [
        (forward_difference, "forward difference", {"color": plots.RED, "ls": "--"}),
        (numerical_gradient, "yours, central", {"color": plots.BLUE, "ls": "-"}),
    ]:
        errors = [np.abs(method(bumpy, x, s) - 3 * np.cos(3 * x)).max() for s in steps]
        axes.loglog(steps, errors, marker="o", markersize=4, label=label, **line)
    axes.set(xlabel="epsilon", ylabel="largest error", title="sin 3x at 20 places")
    axes.grid(alpha=0.3)
    axes.legend()

# %% [markdown]
# On the right the series rules, and the central difference wins by its slope. On the
# left the computer rules: $f(x + \varepsilon)$ and $f(x - \varepsilon)$ agree in almost
# all of their 16 digits, and the difference is made of what was rounded away. The best
# place lies between: about $10^{-5}$ for central differences of 64-bit floats. With
# 32-bit floats there is no good place. Always check gradients in float64.
#
# ## 2. Through a ReLU
#
# A network is a chain: $x \to$ layer $\to y \to \dots \to L$, with a loss $L$ at its
# end. The chain rule lets each layer mind its own business. Suppose that we know how
# the loss depends on the *output* of a layer. Lecture 1 writes $dy_i := \partial L /
# \partial y_i$, and so do we: `dy` is an array of the shape of the output `y`, and says
# for each of its numbers by how much the loss would rise if that number did. A layer's
# backward function turns `dy` into `dx`, the same for its input,
#
# $$dx_k = \sum_i dy_i \, \frac{\partial y_i}{\partial x_k},$$
#
# and hands it to the layer below. That is all of backpropagation. What differs is
# $\partial y_i / \partial x_k$.
#
# ReLU is the simplest. $y_k = \max(0, x_k)$ depends on $x_k$ only, with slope 1 where
# $x_k > 0$ and 0 where $x_k < 0$. At 0 it has a kink and no slope; TensorFlow takes 0
# there, and so do you.
#
# **Your task.** Write `relu_backward`. Notice which array it is that decides.


# %% solution="relu_backward"
def relu_backward(dy, x):
    """The gradient of the loss in the input of `y = relu(x)`.

    Args:
        dy: float array, the gradient in `y`.
        x: float array of the same shape, what the layer was given.
    Returns:
        Array `dx` of the shape and dtype of `dy`; the slope of ReLU at 0 is taken as 0.
        `dy` and `x` are left as they are.
    """
    ### BEGIN SOLUTION
    return dy * (x > 0)
    ### END SOLUTION


# %% tests="relu_backward" points=1
x, dy = np.array([-2.0, 3.0, 0.0, 5.0]), np.array([1.0, -4.0, 7.0, 0.5])
checks.array(relu_backward(dy, x), [0, -4, 0, 0.5], "four numbers")
with checks.unchanged("dy and x after the call", dy, x):
    relu_backward(dy, x)
### BEGIN HIDDEN TESTS
rng = np.random.default_rng(3)
for shape in [(7,), (3, 5), (2, 3, 4, 2)]:
    x, dy = rng.normal(size=shape), rng.normal(size=shape)
    x[0] = 0
    slopes = np.zeros(shape)
    for index in np.ndindex(shape):
        if x[index] > 0:
            slopes[index] = 1
    with checks.unchanged("dy and x after the call", dy, x):
        received = relu_backward(dy, x)
    checks.array(received, slopes * dy, f"{len(shape)} axes")
x, dy = x.astype(np.float32), dy.astype(np.float32)
checks.dtype(relu_backward(dy, x), np.float32, "float32 throughout")
### END HIDDEN TESTS

# %% [markdown]
# Where the input is negative the gradient stops: the unit learns nothing from this
# picture, and if it is negative for *every* picture, it never learns again. It is dead.
# (Lecture 3 lists "will not die" among the merits of ReLU. It belongs to the leaky
# ReLU, one line further down.)
#
# ## 3. Through a dense layer
#
# $y = x w + b$, with a batch of inputs `x` of shape `(B, n)`, one in each row, weights
# `w` of shape `(n, m)` and biases `b` of shape `(m,)`. Now each input reaches all
# outputs of its row, so its gradient collects from all of them:
#
# $$dx_{r,k} = \sum_i dy_{r,i}\, w_{k,i}.$$
#
# There are also parameters to learn. They are used by every row of the batch, and a
# number that is used many times collects from every use:
#
# $$dw_{k,i} = \sum_r x_{r,k}\, dy_{r,i}, \qquad db_i = \sum_r dy_{r,i}.$$
#
# Lecture 4 writes $\partial J / \partial w = (\partial J / \partial z)\, x^\top$. That
# is the same, for a single input that is a *column*. Keras has inputs as rows, so the
# order of the product turns round. If in doubt, look at the shapes: a gradient has the
# shape of what it is the gradient of, and mostly there is one product that fits.
#
# **Your task.** Write `dense_backward`. It returns three arrays.


# %% solution="dense_backward"
def dense_backward(dy, x, w):
    """The gradients of the loss in input, weights and biases of `y = x @ w + b`.

    Args:
        dy: float array `(B, m)`, the gradient in `y`.
        x: float array `(B, n)`, what the layer was given.
        w: float array `(n, m)`, its weights.
    Returns:
        `(dx, dw, db)`, a tuple of arrays `(B, n)`, `(n, m)` and `(m,)`. If all
        arguments are float32, so are they. The arguments are left as they are.
    """
    ### BEGIN SOLUTION
    return dy @ w.T, x.T @ dy, dy.sum(axis=0)
    ### END SOLUTION


# %% tests="dense_backward" name="input" points=1
x = np.array([[1.0, 2.0], [3.0, 4.0]])
w = np.array([[1.0, 0.0, -1.0], [2.0, 1.0, 0.0]])
dy = np.array([[1.0, 0.0, 2.0], [0.0, 1.0, -3.0]])
dx, _, _ = dense_backward(dy, x, w)
checks.array(dx, [[-1, 2], [3, 1]], "dx of two inputs of two numbers, three outputs")
with checks.unchanged("dy, x and w after the call", dy, x, w):
    dense_backward(dy, x, w)
### BEGIN HIDDEN TESTS
rng = np.random.default_rng(4)
for batch, n, m, case in [
    (5, 4, 3, "five inputs"),
    (1, 6, 2, "a batch of one"),
    (4, 3, 3, "as many outputs as inputs"),
    (3, 1, 5, "inputs of one number"),
]:
    x, w, dy = (rng.normal(size=s) for s in [(batch, n), (n, m), (batch, m)])
    with checks.unchanged("dy, x and w after the call", dy, x, w):
        dx, _, _ = dense_backward(dy, x, w)
    by_hand = [
        [sum(dy[r, i] * w[k, i] for i in range(m)) for k in range(n)]
        for r in range(batch)
    ]
    checks.array(dx, by_hand, "dx, " + case)
x, w, dy = (array.astype(np.float32) for array in (x, w, dy))
checks.dtype(dense_backward(dy, x, w)[0], np.float32, "dx of float32")
### END HIDDEN TESTS

# %% tests="dense_backward" name="parameters" points=1
x = np.array([[1.0, 2.0], [3.0, 4.0]])
w = np.array([[1.0, 0.0, -1.0], [2.0, 1.0, 0.0]])
dy = np.array([[1.0, 0.0, 2.0], [0.0, 1.0, -3.0]])
_, dw, db = dense_backward(dy, x, w)
checks.array(dw, [[1, 3, 2 - 9], [2, 4, 4 - 12]], "dw of the same example")
checks.array(db, [1, 1, -1], "db of the same example")
### BEGIN HIDDEN TESTS
rng = np.random.default_rng(5)
for batch, n, m, case in [
    (5, 4, 3, "five inputs"),
    (1, 6, 2, "a batch of one"),
    (3, 3, 3, "square weights and batch"),
    (6, 2, 1, "a single output"),
]:
    x, w, dy = (rng.normal(size=s) for s in [(batch, n), (n, m), (batch, m)])
    _, dw, db = dense_backward(dy, x, w)
    by_hand = np.zeros((n, m))
    for r, k, i in np.ndindex(batch, n, m):
        by_hand[k, i] += x[r, k] * dy[r, i]
    checks.array(dw, by_hand, "dw, " + case)
    checks.array(db, [sum(dy[:, i]) for i in range(m)], "db, " + case)
x, w, dy = (array.astype(np.float32) for array in (x, w, dy))
for gradient in dense_backward(dy, x, w)[1:]:
    checks.dtype(gradient, np.float32, "dw and db of float32")
### END HIDDEN TESTS

# %% [markdown]
# ## 4. Where gradients begin
#
# At the end of the chain stands the loss. For digits the network gives ten numbers for
# each picture, the **logits** $z_0, \dots, z_9$. **Softmax** makes probabilities of
# them, and **cross-entropy** asks how surprised we are by the true label $t$:
#
# $$p_j = \frac{e^{z_j}}{\sum_i e^{z_i}}, \qquad
# L = -\log p_t = \log\Big(\sum_i e^{z_i}\Big) - z_t,$$
#
# and the loss of a batch is the **mean** over its pictures. Taken together the two have
# a gradient of great simplicity. For one picture,
#
# $$\frac{\partial L}{\partial z_j} = p_j - [\,j = t\,],$$
#
# the probability that was given, minus the one that should have been. (And the mean
# over the batch?)
#
# One thing to mind: $e^{1000}$ is too large for a float, $e^{-1000}$ is rounded to 0,
# and $\log 0$ is $-\infty$. Logits of that size do occur, in a network that is very
# sure, or is falling apart. Two remedies are enough. Softmax does not change when the
# same number is subtracted from all logits of a picture, so subtract the largest: what
# remains is at most 0. And do not take the logarithm of a probability: use the form on
# the far right.
#
# **Your task.** Write `softmax_cross_entropy`.


# %% solution="softmax_cross_entropy"
def softmax_cross_entropy(logits, labels):
    """The loss of a batch, and its gradient in the logits.

    Args:
        logits: float array `(B, K)` of finite numbers of any size.
        labels: int array `(B,)`, the true classes, in `0..K-1`.
    Returns:
        `(loss, dlogits)`: the mean over the batch of `-log softmax(logits)[label]`, a
        number, and its gradient, an array `(B, K)` of the dtype of `logits`. Both are
        exact up to rounding for logits of any size. The arguments are left as they are.
    """
    ### BEGIN SOLUTION
    rows = np.arange(len(labels))
    shifted = logits - logits.max(axis=1, keepdims=True)
    log_sums = np.log(np.exp(shifted).sum(axis=1, keepdims=True))
    loss = (log_sums[:, 0] - shifted[rows, labels]).mean()
    dlogits = np.exp(shifted - log_sums)
    dlogits[rows, labels] -= 1
    return loss, dlogits / len(labels)
    ### END SOLUTION


# %% tests="softmax_cross_entropy" name="loss" points=1
logits = np.array([[0.0, 0.0], [0.0, np.log(3)]])  # probabilities 1/2, 1/2 and 1/4, 3/4
loss, _ = softmax_cross_entropy(logits[:1], np.array([0]))
checks.array(loss, np.log(2), "one picture, two classes of equal probability")
loss, _ = softmax_cross_entropy(logits, np.array([0, 1]))
checks.array(loss, (np.log(2) + np.log(4 / 3)) / 2, "two pictures")
### BEGIN HIDDEN TESTS
rng = np.random.default_rng(6)
for batch, classes, case in [
    (6, 10, "six pictures, ten classes"),
    (1, 4, "a batch of one"),
    (5, 5, "as many classes as pictures"),
    (3, 2, "two classes"),
]:
    logits = 3 * rng.normal(size=(batch, classes))
    labels = rng.integers(classes, size=batch)
    by_hand = 0
    for z, label in zip(logits, labels, strict=True):
        by_hand -= np.log(np.exp(z[label]) / sum(np.exp(z))) / batch
    with checks.unchanged("logits and labels after the call", logits, labels):
        loss, _ = softmax_cross_entropy(logits, labels)
    checks.array(loss, by_hand, case)
### END HIDDEN TESTS

# %% tests="softmax_cross_entropy" name="gradient" points=1
logits = np.array([[0.0, 0.0], [0.0, np.log(3)]])
_, dlogits = softmax_cross_entropy(logits[:1], np.array([0]))
checks.array(dlogits, [[-1 / 2, 1 / 2]], "one picture, two classes")
_, dlogits = softmax_cross_entropy(logits, np.array([0, 1]))
checks.array(dlogits, [[-1 / 4, 1 / 4], [1 / 8, -1 / 8]], "two pictures")
### BEGIN HIDDEN TESTS
rng = np.random.default_rng(7)
for batch, classes, case in [
    (6, 10, "six pictures, ten classes"),
    (1, 4, "a batch of one"),
    (5, 5, "as many classes as pictures"),
]:
    logits = 2 * rng.normal(size=(batch, classes))
    labels = rng.integers(classes, size=batch)
    by_hand = np.zeros((batch, classes))
    for r, j in np.ndindex(batch, classes):
        by_hand[r, j] = np.exp(logits[r, j]) / sum(np.exp(logits[r])) / batch
        if j == labels[r]:
            by_hand[r, j] -= 1 / batch
    _, dlogits = softmax_cross_entropy(logits, labels)
    checks.array(dlogits, by_hand, case)
_, dlogits = softmax_cross_entropy(logits.astype(np.float32), labels)
checks.dtype(dlogits, np.float32, "logits of float32")
### END HIDDEN TESTS

# %% tests="softmax_cross_entropy" name="stability" points=1
loss, dlogits = softmax_cross_entropy(np.array([[1000.0, 0.0]]), np.array([1]))
checks.array(loss, 1000, "a logit of 1000 for the wrong class")
checks.array(dlogits, [[1, -1]], "a logit of 1000 for the wrong class")
loss, dlogits = softmax_cross_entropy(np.array([[1000.0, 0.0]]), np.array([0]))
checks.array(loss, 0, "a logit of 1000 for the true class: no loss")
checks.array(dlogits, [[0, 0]], "a logit of 1000 for the true class: no gradient")
### BEGIN HIDDEN TESTS
logits = np.array([[2000.0, 1997.0, 0.0], [0.0, 1.0, 2.0], [-5000.0, -5001.0, -5000.0]])
labels = np.array([1, 2, 0])
shares = np.exp([[0, -3, -2000], [-2, -1, 0], [0, -1, 0]])
shares /= shares.sum(axis=1, keepdims=True)
loss, dlogits = softmax_cross_entropy(logits, labels)
checks.array(
    loss, -np.log(shares[[0, 1, 2], labels]).mean(), "pictures of unlike logits"
)
checks.array(dlogits, (shares - np.eye(3)[labels]) / 3, "pictures of unlike logits")
loss, _ = softmax_cross_entropy(logits, np.array([2, 0, 1]))
sums = [1 + np.exp(-3), 1 + np.exp(-1) + np.exp(-2), 2 + np.exp(-1)]
surprise = np.mean([2000, 2, 1] + np.log(sums))
checks.array(loss, surprise, "wrong answers that are very sure")
### END HIDDEN TESTS

# %% [markdown]
# The networks of lecture 2, from 1986, end otherwise: in sigmoids $y = \sigma(z)$ with
# the error $E = \tfrac{1}{2} (y - d)^2$, so that $\partial E / \partial z = (y - d)\,
# y\, (1 - y)$. Compare what a unit is told that should say 1 and says something else.

# %% experiment="saturation"
z = np.linspace(-8, 8, 65)
pushes = [softmax_cross_entropy(np.array([[0.0, s]]), np.array([1]))[1] for s in z]
y = 1 / (1 + np.exp(-z))
plots.curves(
    z,
    {
        "softmax, cross-entropy": [-push[0, 1] for push in pushes],
        "sigmoid, squared error": (1 - y) * y * (1 - y),
    },
    xlabel="logit of the true class, less that of the other",
    ylabel="push towards the truth",
    title="Who is sure and wrong (on the left) must learn most",
)

# %% [markdown]
# With cross-entropy the push grows with the error up to 1 and stays there. With squared
# error a unit that is sure and wrong is told next to nothing, as the factor $y(1-y)$
# vanishes: the sigmoid is saturated. Networks used to be stuck there for hours.
#
# ## 5. Lecture 1's example
#
# Before the convolution in full, lecture 1's example with pencil and paper. A kernel
# $(a, b, c)$ slides over a signal, with zeros at both ends:
#
# $$y_i = a\, x_{i-1} + b\, x_i + c\, x_{i+1}.$$
#
# Which outputs does $x_1$ enter? $y_0$, by the weight $c$; $y_1$, by $b$; and $y_2$, by
# $a$. So three terms, with the weights in reverse. The slide has
#
# $$dx_1 = dy_0 \frac{\partial y_0}{\partial x_1} +
# dy_1 \frac{\partial y_1}{\partial x_1} + dy_1 \frac{\partial y_2}{\partial x_1}
# = dy_0\, c + dy_1\, b + dy_2\, a.$$
#
# One of the seven factors $dy$, $\partial y / \partial x$ in the middle is a misprint.
#
# **Your task.** Take $x = (1, 3, 2, 0)$, $(a, b, c) = (2, -1, 1)$ and
# $dy = (1, 0, 2, -1)$. Work out $dx$, and the gradient in the three weights: for
# instance $da = \sum_i dy_i\, x_{i-1}$. Set `slide_dx` to the array
# $(dx_0, dx_1, dx_2, dx_3)$, `slide_dw` to $(da, db, dc)$, and `slide_factor` to what
# the misprinted factor must be, as a text such as `"dy3"`.

# %% solution="slide"
# slide_dx: array (4,); slide_dw: array (3,); slide_factor: a text such as "dy3"
### BEGIN SOLUTION
slide_dx = np.array([-1, 5, -4, 3])
slide_dw = np.array([4, 5, 3])
slide_factor = "dy2"
### END SOLUTION

# %% tests="slide" points=1
checks.shape(slide_dx, (4,), "slide_dx")
checks.shape(slide_dw, (3,), "slide_dw")
factors = [f"dy{i}" for i in range(4)]
checks.holds(slide_factor in factors, "slide_factor is one of dy0, dy1, dy2, dy3")
### BEGIN HIDDEN TESTS
x, w, dy = np.array([1, 3, 2, 0]), np.array([2, -1, 1]), np.array([1, 0, 2, -1])
dx, dw = np.zeros(4), np.zeros(3)
for i, k in np.ndindex(4, 3):
    if 0 <= i + k - 1 < 4:
        dx[i + k - 1] += dy[i] * w[k]
        dw[k] += dy[i] * x[i + k - 1]
checks.array(slide_dx, dx, "the gradient in the signal")
checks.array(slide_dw, dw, "the gradient in the weights")
checks.equal(slide_factor, "dy2", "the factor that is misprinted")
### END HIDDEN TESTS

# %% [markdown]
# ## 6. Through a convolution
#
# In two dimensions nothing else happens. Read it from the output's side. Output $(i,
# j)$ looked at the input through its window: weight $w_{a,b}$ lay on pixel
# $x_{i+a,\,j+b}$. So if the loss wants this output to change by $dy_{i,j}$, then every
# pixel below the window gets its share, $dy_{i,j}\, w_{a,b}$. In a picture: every
# output **stamps the kernel**, times its own $dy$, on the place where it looked, and
# where stamps overlap they add up. Here is the kernel of lecture 2, stamped twice.

# %% experiment="stamps"
lecture2_u = np.array([[1, 4, 1], [1, 4, 3], [3, 3, 1]])
stamps = np.zeros((2, 4, 4))
stamps[0, :3, :3] = lecture2_u
stamps[1, 1:, 1:] = 10 * lecture2_u
plots.numbers(
    [np.array([[1, 0], [0, 10]]), *stamps, stamps.sum(axis=0)],
    ["dy", "the first output", "the last output", "dx"],
    ["→", "+", "="],
    [None, (0, 0, 3, 3), (1, 1, 3, 3), None],
)

# %% [markdown]
# Read from the pixel's side, the same is: pixel $(k, l)$ collects from the outputs
# *above and to the left* of it, the last weights from the first outputs. That is the
# formula of lecture 1, $dx = dy * \mathrm{flip}(w)$ in the lecture's notation: a
# **full** correlation of $dy$, with zeros all round, with the **flipped** kernel. And
# since $v(y) = U\, v(x)$ (lab 01), it is also $v(dx) = U^\top v(dy)$. Three sentences,
# one sum.
#
# With channels, an output of filter $f$ stamps its whole kernel `w[:, :, :, f]` on all
# input channels, and the stamps of all filters add up.
#
# **Strides** only move the places of the stamps apart. (In the pixel's view one has to
# put zeros between the entries of `dy` first.) If the windows left a rest at the right
# or bottom, nobody looked there, and the gradient is 0. **Padding**: pad `x`, do
# everything on the padded picture, and cut the frame off `dx` in the end.
#
# The gradient in the **weights**: weight $w_{a,b,c,f}$ is used by every output of
# filter $f$, in every picture, so it collects over all of them,
#
# $$dw_{a,b,c,f} = \sum_{n,\,i,\,j} dy_{n,i,j,f}\;\, x_{n,\; s i + a,\; s j + b,\; c},
# \qquad db_f = \sum_{n,\,i,\,j} dy_{n,i,j,f}.$$
#
# That is a correlation of the input with `dy`. And it is a sum, not a mean: the mean
# over the batch was taken once, in the loss.
#
# **Your task.** Write `conv2d_backward`. Two ways to begin: a loop over the outputs'
# places $(i, j)$, which stamps; or a loop over the weights $(a, b)$, which adds a
# shifted array for each. In both, the sums over channels and filters are matrix
# products.


# %% solution="conv2d_backward"
def conv2d_backward(dy, x, w, strides=1, padding=0):
    """The gradients of the loss in input, weights and biases of a convolution.

    Args:
        dy: float array `(B, H', W', C_out)`, the gradient in
            `conv2d(x, w, b, strides, padding)`.
        x: float array `(B, H, W, C_in)`, what the layer was given.
        w: float array `(kh, kw, C_in, C_out)`, its weights.
        strides: by how many pixels the window moved on, in both directions.
        padding: lines of zeros that were put on each of the four sides of a picture.
    Returns:
        `(dx, dw, db)`, a tuple of arrays of the shapes of `x`, of `w`, and `(C_out,)`.
        If all arguments are float32, so are they. The arguments are left as they are.
    Raises:
        ValueError: if `dy` has not the shape of the layer's output.
    """
    ### BEGIN SOLUTION
    height, width, channels = x.shape[1:]
    kh, kw, _, filters = w.shape
    x = np.pad(x, [(0, 0), (padding, padding), (padding, padding), (0, 0)])
    rows = (x.shape[1] - kh) // strides + 1
    columns = (x.shape[2] - kw) // strides + 1
    if dy.shape != (len(x), rows, columns, filters):
        raise ValueError(
            f"Expected dy of shape {(len(x), rows, columns, filters)}. "
            f"Received: shape={dy.shape}"
        )
    dx, dw = np.zeros_like(x), np.zeros_like(w)
    for a in range(kh):
        for b in range(kw):
            bottom, right = a + strides * rows, b + strides * columns
            below = np.s_[:, a:bottom:strides, b:right:strides]  # what w[a, b] lay on
            dx[below] += dy @ w[a, b].T
            dw[a, b] = x[below].reshape(-1, channels).T @ dy.reshape(-1, filters)
    dx = dx[:, padding : padding + height, padding : padding + width]
    return dx, dw, dy.sum(axis=(0, 1, 2))
    ### END SOLUTION


# %% tests="conv2d_backward" name="input" points=1
x = np.array([[4.0, 5, 8, 7], [1, 8, 8, 8], [3, 6, 6, 4], [6, 5, 7, 8]])  # lecture 2
w = np.array([[1.0, 4, 1], [1, 4, 3], [3, 3, 1]])
dy = np.array([[1.0, 0], [0, 10]])
x, w, dy = (
    x[np.newaxis, :, :, np.newaxis],
    w[:, :, np.newaxis, np.newaxis],
    dy[np.newaxis, :, :, np.newaxis],
)
dx, _, _ = conv2d_backward(dy, x, w)
checks.shape(dx, (1, 4, 4, 1), "dx of lecture 2's example")
checks.array(
    dx[0, :, :, 0],
    [[1, 4, 1, 0], [1, 4 + 10, 3 + 40, 10], [3, 3 + 10, 1 + 40, 30], [0, 30, 30, 10]],
    "dx of lecture 2's example: two stamps",
)
### BEGIN HIDDEN TESTS
rng = np.random.default_rng(8)
for batch, height, width, kh, kw, channels, filters, case in [
    (2, 5, 7, 3, 3, 3, 4, "colour pictures and four filters"),
    (1, 7, 4, 2, 3, 4, 2, "a batch of one with a wide kernel"),
    (3, 6, 6, 1, 1, 2, 2, "a kernel of one pixel"),
    (2, 4, 6, 4, 1, 2, 2, "a kernel as high as the picture"),
]:
    x = rng.normal(size=(batch, height, width, channels))
    w = rng.normal(size=(kh, kw, channels, filters))
    dy = rng.normal(size=(batch, height - kh + 1, width - kw + 1, filters))
    by_hand = np.zeros(x.shape)
    for n, i, j, f in np.ndindex(dy.shape):
        by_hand[n, i : i + kh, j : j + kw] += dy[n, i, j, f] * w[..., f]
    dx, _, _ = conv2d_backward(dy, x, w)
    checks.array(dx, by_hand, "dx, " + case)
### END HIDDEN TESTS

# %% tests="conv2d_backward" name="parameters" points=1
x = np.array([[4.0, 5, 8, 7], [1, 8, 8, 8], [3, 6, 6, 4], [6, 5, 7, 8]])  # lecture 2
w = np.array([[1.0, 4, 1], [1, 4, 3], [3, 3, 1]])
dy = np.array([[1.0, 0], [0, 10]])
x, w, dy = (
    x[np.newaxis, :, :, np.newaxis],
    w[:, :, np.newaxis, np.newaxis],
    dy[np.newaxis, :, :, np.newaxis],
)
_, dw, db = conv2d_backward(dy, x, w)
checks.shape(dw, (3, 3, 1, 1), "dw of lecture 2's example")
checks.array(
    dw[:, :, 0, 0],
    [[4 + 80, 5 + 80, 8 + 80], [1 + 60, 8 + 60, 8 + 40], [3 + 50, 6 + 70, 6 + 80]],
    "dw of lecture 2's example: the first window of x, plus 10 times the last",
)
checks.array(db, [11], "db of lecture 2's example")
### BEGIN HIDDEN TESTS
rng = np.random.default_rng(9)
for batch, height, width, kh, kw, channels, filters, case in [
    (2, 5, 7, 3, 3, 3, 4, "colour pictures and four filters"),
    (1, 7, 4, 2, 3, 4, 2, "a batch of one with a wide kernel"),
    (3, 6, 6, 1, 1, 2, 2, "a kernel of one pixel"),
    (4, 4, 6, 4, 1, 1, 3, "a kernel as high as the picture"),
]:
    x = rng.normal(size=(batch, height, width, channels))
    w = rng.normal(size=(kh, kw, channels, filters))
    dy = rng.normal(size=(batch, height - kh + 1, width - kw + 1, filters))
    by_hand = np.zeros(w.shape)
    for n, i, j, f in np.ndindex(dy.shape):
        by_hand[..., f] += dy[n, i, j, f] * x[n, i : i + kh, j : j + kw]
    _, dw, db = conv2d_backward(dy, x, w)
    checks.array(dw, by_hand, "dw, " + case)
    checks.array(db, [np.sum(dy[..., f]) for f in range(filters)], "db, " + case)
### END HIDDEN TESTS

# %% tests="conv2d_backward" name="strides" points=1
x = np.array([1.0, 2, 3, 4, 5, 6]).reshape(1, 1, 6, 1)
w, dy = np.array([1.0, 10]).reshape(1, 2, 1, 1), np.array([1.0, 2]).reshape(1, 1, 2, 1)
dx, dw, _ = conv2d_backward(dy, x, w, strides=3)
checks.array(
    dx[0, 0, :, 0], [1, 10, 0, 2, 20, 0], "six pixels, two weights, strides 3: dx"
)
checks.array(dw[0, :, 0, 0], [1 + 2 * 4, 2 + 2 * 5], "the same: dw")
x, dy = np.array([[3.0]]).reshape(1, 1, 1, 1), np.ones((1, 3, 2, 1))
dx, dw, _ = conv2d_backward(dy, x, w, padding=1)
checks.array(dx, [[[[11]]]], "a single pixel with padding 1: two windows see it")
checks.array(dw[0, :, 0, 0], [3, 3], "the same: dw")
### BEGIN HIDDEN TESTS
rng = np.random.default_rng(10)
for height, width, kh, kw, strides, padding, case in [
    (6, 9, 3, 3, 1, 1, "padding that keeps the size"),
    (8, 7, 3, 2, 2, 0, "strides that leave a rest"),
    (5, 11, 2, 4, 3, 2, "strides 3, padding 2, an even kernel"),
    (9, 8, 1, 1, 2, 0, "strides 2 with a kernel of one pixel"),
    (7, 10, 2, 2, 4, 1, "strides larger than the kernel"),
]:
    x, w = rng.normal(size=(2, height, width, 2)), rng.normal(size=(kh, kw, 2, 3))
    rows = (height + 2 * padding - kh) // strides + 1
    columns = (width + 2 * padding - kw) // strides + 1
    dy = rng.normal(size=(2, rows, columns, 3))
    inner = np.s_[:, padding : padding + height, padding : padding + width]
    framed = np.zeros((2, height + 2 * padding, width + 2 * padding, 2))
    framed[inner] = x
    stamped, collected = np.zeros(framed.shape), np.zeros(w.shape)
    for n, i, j, f in np.ndindex(dy.shape):
        top, left = strides * i, strides * j
        window = np.s_[n, top : top + kh, left : left + kw]
        stamped[window] += dy[n, i, j, f] * w[..., f]
        collected[..., f] += dy[n, i, j, f] * framed[window]
    dx, dw, db = conv2d_backward(dy, x, w, strides=strides, padding=padding)
    checks.array(dx, stamped[inner], "dx, " + case)
    checks.array(dw, collected, "dw, " + case)
    checks.array(db, [np.sum(dy[..., f]) for f in range(3)], "db, " + case)
### END HIDDEN TESTS

# %% tests="conv2d_backward" name="rules" points=1
x, w, dy = np.ones((1, 3, 4, 2)), np.full((2, 2, 2, 1), 0.5), np.ones((1, 2, 3, 1))
with checks.unchanged("dy, x and w after the call", dy, x, w):
    dx, _, _ = conv2d_backward(dy, x, w)
checks.array(np.sum(dx), 6 * 8 * 0.5, "the sum of dx: six outputs stamp eight halves")
checks.raises(
    ValueError,
    conv2d_backward,
    np.ones((1, 3, 4, 1)),
    x,
    w,
    what="a dy that is too large",
)
### BEGIN HIDDEN TESTS
rng = np.random.default_rng(11)
x, w = rng.normal(size=(2, 6, 7, 3)), rng.normal(size=(3, 3, 3, 2))
dy = rng.normal(size=(2, 6, 7, 2))
with checks.unchanged("dy, x and w after the call", dy, x, w):
    conv2d_backward(dy, x, w, padding=1)
narrow = [array.astype(np.float32) for array in (dy, x, w)]
for gradient in conv2d_backward(*narrow, padding=1):
    checks.dtype(gradient, np.float32, "float32 throughout")
# the layer is linear in x and in w, so its gradients are its transposes
v, u = rng.normal(size=x.shape), rng.normal(size=w.shape)
dx, dw, _ = conv2d_backward(dy, x, w, padding=1)
checks.array(np.sum(dx * v), np.sum(conv2d(v, w, 0, padding=1) * dy), "a step in x")
checks.array(np.sum(dw * u), np.sum(conv2d(x, u, 0, padding=1) * dy), "a step in w")
for shape, case in [
    ((2, 4, 5, 2), "a dy that is too small"),
    ((1, 6, 7, 2), "a dy of too few pictures"),
    ((2, 6, 7, 1), "a dy of too few filters"),
]:
    checks.raises(
        ValueError, conv2d_backward, np.ones(shape), x, w, padding=1, what=case
    )
### END HIDDEN TESTS

# %% [markdown]
# You can learn with this already. Someone has sent a photograph through a filter, and
# you have both pictures but not the filter. Start with random weights, compare what
# comes out with what should, send half the squared difference back through
# `conv2d_backward`, and move the weights against `dw`.

# %% experiment="learn_the_filter"
photo = datasets.photograph("camera")[60:188:2, 200:328:2, np.newaxis].astype(float)
x = (photo - photo.mean())[np.newaxis] / photo.std()
sobel = np.outer([1.0, 2, 1], [-1, 0, 1])[:, :, np.newaxis, np.newaxis]
target = conv2d(x, sobel, 0)
w = np.random.default_rng(0).normal(size=sobel.shape)
kept = {"at random": w}
for step in range(1, 301):
    difference = conv2d(x, w, 0) - target
    _, dw, _ = conv2d_backward(difference / difference.size, x, w)
    w = w - 0.1 * dw
    if step in (10, 50, 300):
        kept[f"after {step} steps"] = w
kept["the filter that was used"] = sobel
weights = [values[:, :, 0, 0] for values in kept.values()]
plots.heatmaps(weights, list(kept), shared=True, size=1.8)

# %% [markdown]
# It is a Sobel filter, found from one pair of pictures. And what is `dx` good for, if
# nobody learns the input? The layer below needs it. But one *can* learn the input: here
# the filter is known, a blur, and the picture is not. Start with grey everywhere, and
# move the *pixels* against `dx`. (Lab 10 does this through whole networks.)

# %% experiment="recover_the_picture"
blur = np.outer([1.0, 4, 6, 4, 1], [1, 4, 6, 4, 1])[:, :, np.newaxis, np.newaxis] / 256
blurred = conv2d(photo[np.newaxis], blur, 0, padding=2)
x = np.full_like(blurred, 0.5)
kept = {"what was given": blurred}
for step in range(1, 101):
    difference = conv2d(x, blur, 0, padding=2) - blurred
    dx, _, _ = conv2d_backward(difference, x, blur, padding=2)
    x = x - 1.5 * dx
    if step in (3, 20, 100):
        kept[f"x after {step} steps"] = x
kept["what was photographed"] = photo[np.newaxis]
plots.images([picture[0, :, :, 0] for picture in kept.values()], list(kept), size=2.2)

# %% [markdown]
# ## 7. Through max pooling
#
# "Back propagation of max pooling only passes the gradient through the maximum"
# (lecture 1). For each window, one pixel was kept; that pixel gets the window's `dy`,
# the others would change nothing if they moved a little, and get 0. So pooling
# backwards is a matter of remembering who won.
#
# Two questions are open. *Ties:* two pixels of a window have the same largest value.
# That sounds rare, and happens all the time, since behind a ReLU half of a map is
# exactly 0. Here the **first** one wins, row after row, as in TensorFlow on a CPU and
# as with `np.argmax`. *Overlaps:* a pixel may win several windows, and then it collects
# from all of them.
#
# **Your task.** Write `max_pool2d_backward`. `strides` is a pair, or None, as in lab
# 02.


# %% solution="max_pool2d_backward"
def max_pool2d_backward(dy, x, pool_size, strides=None):
    """The gradient of the loss in the input of `max_pool2d(x, pool_size, strides)`.

    Args:
        dy: float array `(B, H', W', C)`, the gradient in the output.
        x: float array `(B, H, W, C)`, what the layer was given.
        pool_size: `(height, width)` of the window.
        strides: `(down, right)`, by how many pixels the window moved on; None for the
            size of the window.
    Returns:
        Array `dx` of the shape and dtype of `x`: in each channel by itself the largest
        value of a window gets the gradient of that window, the first one (row after
        row) if several are largest. A value that is largest in several windows gets the
        sum.
        `dy` and `x` are left as they are.
    """
    ### BEGIN SOLUTION
    (height, width), (down, right) = pool_size, strides or pool_size
    pictures, channels = np.ogrid[: x.shape[0], : x.shape[3]]
    dx = np.zeros_like(x)
    for i in range(dy.shape[1]):
        for j in range(dy.shape[2]):
            top, left = i * down, j * right
            window = x[:, top : top + height, left : left + width]
            winner = window.reshape(len(x), -1, x.shape[3]).argmax(axis=1)
            row, column = np.divmod(winner, width)
            dx[pictures, top + row, left + column, channels] += dy[:, i, j]
    return dx
    ### END SOLUTION


# %% tests="max_pool2d_backward" name="winners" points=1
x = np.array([[0.0, 3, 1, 6], [2, 1, 0, 2], [-1, 1, 1, 1], [-1, 0, -1, 3]])  # lecture 4
dy = np.array([[1.0, 2], [3, 4]])
x, dy = x.reshape(1, 4, 4, 1), dy.reshape(1, 2, 2, 1)
checks.array(
    max_pool2d_backward(dy, x, (2, 2))[0, :, :, 0],
    [[0, 1, 0, 2], [0, 0, 0, 0], [0, 3, 0, 0], [0, 0, 0, 4]],
    "lecture 4's map",
)
with checks.unchanged("dy and x after the call", dy, x):
    max_pool2d_backward(dy, x, (2, 2))
### BEGIN HIDDEN TESTS
rng = np.random.default_rng(12)
for shape, (ph, pw), strides, case in [
    ((2, 6, 4, 3), (2, 2), None, "two pictures of three channels"),
    ((1, 6, 9, 2), (3, 2), None, "a high window, a rest at the right"),
    ((2, 7, 8, 1), (2, 3), None, "a wide window, a rest at the bottom"),
    ((2, 8, 9, 2), (2, 2), (3, 4), "strides larger than the window"),
    ((3, 4, 5, 4), (4, 5), None, "one window for the whole map"),
]:
    down, right = strides or (ph, pw)
    x = rng.permuted(np.arange(np.prod(shape), dtype=float)).reshape(shape) - 50
    rows, columns = (shape[1] - ph) // down + 1, (shape[2] - pw) // right + 1
    dy = rng.normal(size=(shape[0], rows, columns, shape[3]))
    by_hand = np.zeros(shape)
    for n, i, j, c in np.ndindex(dy.shape):
        inside = np.s_[n, i * down : i * down + ph, j * right : j * right + pw, c]
        by_hand[inside] += dy[n, i, j, c] * (x[inside] == np.max(x[inside]))
    with checks.unchanged("dy and x after the call", dy, x):
        received = max_pool2d_backward(dy, x, (ph, pw), strides)
    checks.array(received, by_hand, case)
x, dy = x.astype(np.float32), dy.astype(np.float32)
checks.dtype(max_pool2d_backward(dy, x, (4, 5)), np.float32, "float32 throughout")
### END HIDDEN TESTS

# %% tests="max_pool2d_backward" name="ties" points=1
x = np.array([[0.0, 0, 5, 1], [0, 0, 2, 5]]).reshape(1, 2, 4, 1)
dy = np.array([3.0, 4]).reshape(1, 1, 2, 1)
checks.array(
    max_pool2d_backward(dy, x, (2, 2))[0, :, :, 0],
    [[3, 0, 4, 0], [0, 0, 0, 0]],
    "four equal values, and two",
)
x, dy = np.array([1.0, 7, 2, 3]).reshape(1, 1, 4, 1), np.ones((1, 1, 3, 1))
checks.array(
    max_pool2d_backward(dy, x, (1, 2), (1, 1))[0, 0, :, 0],
    [0, 2, 0, 1],
    "windows that overlap: the 7 wins two of them",
)
### BEGIN HIDDEN TESTS
rng = np.random.default_rng(13)
for shape, (ph, pw), (down, right), case in [
    ((2, 7, 7, 2), (3, 3), (2, 2), "AlexNet's window"),
    ((2, 6, 8, 3), (2, 3), (1, 2), "a wide window that overlaps"),
    ((1, 8, 6, 2), (3, 2), (1, 1), "strides 1"),
    ((3, 4, 6, 2), (2, 2), (2, 2), "windows that do not overlap"),
]:
    x = np.maximum(rng.integers(-3, 4, size=shape), 0).astype(float)  # as behind a ReLU
    rows, columns = (shape[1] - ph) // down + 1, (shape[2] - pw) // right + 1
    dy = rng.normal(size=(shape[0], rows, columns, shape[3]))
    by_hand = np.zeros(shape)
    for n, i, j, c in np.ndindex(dy.shape):
        best = None
        for a, b in np.ndindex(ph, pw):
            place = (n, i * down + a, j * right + b, c)
            if best is None or x[place] > x[best]:
                best = place
        by_hand[best] += dy[n, i, j, c]
    checks.array(
        max_pool2d_backward(dy, x, (ph, pw), (down, right)), by_hand, "ties, " + case
    )
### END HIDDEN TESTS

# %% [markdown]
# ## 8. Through average pooling
#
# A mean treats all alike: each of the $n$ pixels of a window enters with weight $1/n$,
# so each gets $1/n$ of the gradient. (It is a convolution whose weights are all $1/n$,
# so this is exercise 6 with a constant stamp.) Overlapping windows add up again.
#
# **Your task.** Write `avg_pool2d_backward`.


# %% solution="avg_pool2d_backward"
def avg_pool2d_backward(dy, x, pool_size, strides=None):
    """The gradient of the loss in the input of `avg_pool2d(x, pool_size, strides)`.

    Args:
        dy: float array `(B, H', W', C)`, the gradient in the output.
        x: float array `(B, H, W, C)`, what the layer was given.
        pool_size: `(height, width)` of the window.
        strides: `(down, right)`, by how many pixels the window moved on; None for the
            size of the window.
    Returns:
        Array `dx` of the shape and dtype of `x`: every value of a window gets an equal
        share of its gradient, and the sum of its shares if it lies in several. `dy` and
        `x` are left as they are.
    """
    ### BEGIN SOLUTION
    (height, width), (down, right) = pool_size, strides or pool_size
    rows, columns = dy.shape[1:3]
    dx = np.zeros_like(x)
    for a in range(height):
        for b in range(width):
            dx[:, a : a + down * rows : down, b : b + right * columns : right] += dy
    return dx / np.array(height * width, dtype=x.dtype)
    ### END SOLUTION


# %% tests="avg_pool2d_backward" points=1
x = np.arange(16.0).reshape(1, 4, 4, 1)
dy = np.array([[4.0, 8], [12, 16]]).reshape(1, 2, 2, 1)
checks.array(
    avg_pool2d_backward(dy, x, (2, 2))[0, :, :, 0],
    [[1, 1, 2, 2], [1, 1, 2, 2], [3, 3, 4, 4], [3, 3, 4, 4]],
    "four windows of four",
)
x, dy = np.ones((1, 2, 4, 1)), np.array([6.0, 60]).reshape(1, 1, 2, 1)
checks.array(
    avg_pool2d_backward(dy, x, (2, 3), (1, 1))[0, :, :, 0],
    [[1, 11, 11, 10], [1, 11, 11, 10]],
    "two windows of six that overlap",
)
### BEGIN HIDDEN TESTS
rng = np.random.default_rng(14)
for shape, (ph, pw), strides, case in [
    ((2, 6, 4, 3), (2, 2), None, "two pictures of three channels"),
    ((1, 6, 9, 2), (3, 2), None, "a high window, a rest at the right"),
    ((2, 7, 7, 2), (3, 3), (2, 2), "windows that overlap"),
    ((2, 7, 8, 1), (2, 3), (1, 2), "a wide window that overlaps to the side and down"),
    ((2, 8, 9, 2), (2, 2), (3, 4), "strides larger than the window"),
]:
    down, right = strides or (ph, pw)
    x = rng.normal(size=shape)
    rows, columns = (shape[1] - ph) // down + 1, (shape[2] - pw) // right + 1
    dy = rng.normal(size=(shape[0], rows, columns, shape[3]))
    by_hand = np.zeros(shape)
    for n, i, j, a, b in np.ndindex(shape[0], rows, columns, ph, pw):
        by_hand[n, i * down + a, j * right + b] += dy[n, i, j] / (ph * pw)
    with checks.unchanged("dy and x after the call", dy, x):
        received = avg_pool2d_backward(dy, x, (ph, pw), strides)
    checks.array(received, by_hand, case)
x, dy = x.astype(np.float32), dy.astype(np.float32)
received = avg_pool2d_backward(dy, x, (2, 2), (3, 4))
checks.dtype(received, np.float32, "float32 throughout")
### END HIDDEN TESTS

# %% [markdown]
# Who gets the gradient? Here is a piece of a photograph, seen through an edge filter
# and a ReLU, and where a gradient of 1 at every output of a pooling layer arrives.

# %% experiment="who_gets_it"
edges = relu(conv2d(photo[np.newaxis, :48, 16:], sobel, -0.4))
ones = np.ones_like(max_pool2d(edges, (3, 3), (2, 2)))
plots.heatmaps(
    [
        edges[0, :, :, 0],
        max_pool2d_backward(ones, edges, (3, 3), (2, 2))[0, :, :, 0],
        avg_pool2d_backward(ones, edges, (3, 3), (2, 2))[0, :, :, 0],
    ],
    [
        "edges behind a ReLU",
        "dx, max pooling 3 × 3, strides 2",
        "dx, the same, average",
    ],
    signed=False,
)

# %% [markdown]
# Max pooling sends the gradient to few places, and those few win up to four windows:
# the ridges of the edges. Where the map is 0 all over, the first pixel of each window
# gets it, which makes the regular dots; the ReLU below will stop it there. Average
# pooling spreads it over all, whatever they show; the grid comes from the overlaps.
#
# ## 9. Through the whole network
#
# Now chain them. Our digits have 8 by 8 pixels, so the network is a LeNet in small: two
# convolutions with pooling, two dense layers, 3,446 parameters.
#
# | `lenet(parameters, images)` | made by | shape |
# |---|---|---|
# | `"conv1"` | 6 filters of 5 × 5, padding 2, on the images | `(B, 8, 8, 6)` |
# | `"relu1"` | ReLU | `(B, 8, 8, 6)` |
# | `"pool1"` | max pooling 2 × 2 | `(B, 4, 4, 6)` |
# | `"conv2"` | 16 filters of 3 × 3, padding 1 | `(B, 4, 4, 16)` |
# | `"relu2"` | ReLU | `(B, 4, 4, 16)` |
# | `"pool2"` | average pooling 2 × 2 | `(B, 2, 2, 16)` |
# | `"flat"` | the same numbers, as rows | `(B, 64)` |
# | `"dense3"` | dense, 32 units | `(B, 32)` |
# | `"relu3"` | ReLU | `(B, 32)` |
# | `"logits"` | dense, 10 units | `(B, 10)` |
#
# (LeNet-5 itself has average pooling twice, and other activations. Lab 05 builds it.)
# The forward pass keeps everything that it computes, since the way back needs it. The
# weights start at random, with the variance $2 / n$, where $n$ is the number of inputs
# of a unit, so that signals neither fade nor grow from layer to layer.


# %% given="lenet"
def initial_parameters(seed):
    """Weights at random, biases 0: `{"w1": ..., "b1": ..., ..., "b4": ...}`."""
    rng = np.random.default_rng(seed)
    shapes = [(5, 5, 1, 6), (3, 3, 6, 16), (64, 32), (32, 10)]
    parameters = {}
    for layer, shape in enumerate(shapes, start=1):
        spread = np.sqrt(2 / np.prod(shape[:-1]))
        parameters[f"w{layer}"] = rng.normal(scale=spread, size=shape)
        parameters[f"b{layer}"] = np.zeros(shape[-1])
    return parameters


def lenet(parameters, images):
    """Everything that the network computes from images `(B, 8, 8, 1)`, by name."""
    p, a = parameters, {}
    a["conv1"] = conv2d(images, p["w1"], p["b1"], padding=2)
    a["relu1"] = relu(a["conv1"])
    a["pool1"] = max_pool2d(a["relu1"], (2, 2))
    a["conv2"] = conv2d(a["pool1"], p["w2"], p["b2"], padding=1)
    a["relu2"] = relu(a["conv2"])
    a["pool2"] = avg_pool2d(a["relu2"], (2, 2))
    a["flat"] = a["pool2"].reshape(len(images), -1)
    a["dense3"] = a["flat"] @ p["w3"] + p["b3"]
    a["relu3"] = relu(a["dense3"])
    a["logits"] = a["relu3"] @ p["w4"] + p["b4"]
    return a


# %% [markdown]
# **Your task.** Write `lenet_gradients` with your functions of exercises 2, 3, 4, 6, 7
# and 8. Go through the table from the bottom to the top. Each line takes the gradient
# in its output and makes the gradient in its input; you never need more than one of
# them at a time.


# %% solution="lenet_gradients"
def lenet_gradients(parameters, images, labels):
    """The loss of a batch, and its gradient in all parameters of the network.

    Args:
        parameters: dict as `initial_parameters` makes it.
        images: float64 array `(B, 8, 8, 1)`.
        labels: int array `(B,)`, the true digits.
    Returns:
        `(loss, gradients)`: the mean of the cross-entropy over the batch, a number, and
        a dict with the names of `parameters`, each with the array of its gradient. The
        arguments are left as they are.
    """
    ### BEGIN SOLUTION
    a, p, gradients = lenet(parameters, images), parameters, {}
    loss, d = softmax_cross_entropy(a["logits"], labels)
    d, gradients["w4"], gradients["b4"] = dense_backward(d, a["relu3"], p["w4"])
    d = relu_backward(d, a["dense3"])
    d, gradients["w3"], gradients["b3"] = dense_backward(d, a["flat"], p["w3"])
    d = avg_pool2d_backward(d.reshape(a["pool2"].shape), a["relu2"], (2, 2))
    d = relu_backward(d, a["conv2"])
    d, gradients["w2"], gradients["b2"] = conv2d_backward(
        d, a["pool1"], p["w2"], padding=1
    )
    d = max_pool2d_backward(d, a["relu1"], (2, 2))
    d = relu_backward(d, a["conv1"])
    _, gradients["w1"], gradients["b1"] = conv2d_backward(d, images, p["w1"], padding=2)
    return loss, gradients
    ### END SOLUTION


# %% tests="lenet_gradients" points=1
rng = np.random.default_rng(15)
parameters = initial_parameters(15)
images, labels = rng.uniform(-1, 1, size=(3, 8, 8, 1)), np.array([1, 4, 1])
with checks.unchanged("images and labels after the call", images, labels):
    loss, gradients = lenet_gradients(parameters, images, labels)
exponentials = np.exp(lenet(parameters, images)["logits"])
shares = exponentials / exponentials.sum(axis=1, keepdims=True)
checks.array(
    loss, -np.log(shares[[0, 1, 2], labels]).mean(), "the loss of three images"
)
checks.equal(sorted(gradients), sorted(parameters), "the names of the gradients")
for name in parameters:
    checks.shape(gradients[name], parameters[name].shape, f"the gradient in {name}")
checks.array(
    gradients["b4"],
    np.mean(shares - np.eye(10)[labels], axis=0),
    "the gradient in b4, which the loss reaches first",
)
### BEGIN HIDDEN TESTS
for batch, seed in [(5, 16), (1, 17), (32, 18)]:
    rng = np.random.default_rng(seed)
    parameters = {
        name: values + 0.1 * rng.normal(size=values.shape)
        for name, values in initial_parameters(seed).items()
    }
    images = rng.uniform(-1, 1, size=(batch, 8, 8, 1))
    labels = rng.integers(10, size=batch)
    _, gradients = lenet_gradients(parameters, images, labels)
    for name, values in parameters.items():
        for _ in range(2):
            direction = rng.normal(size=values.shape)
            losses = []
            for step in (1e-6, -1e-6):
                moved = {**parameters, name: values + step * direction}
                z = lenet(moved, images)["logits"]
                surprises = np.log(np.exp(z).sum(axis=1)) - z[np.arange(batch), labels]
                losses.append(surprises.mean())
            checks.array(
                np.sum(gradients[name] * direction),
                (losses[0] - losses[1]) / 2e-6,
                f"the slope in a direction of {name}",
                rtol=1e-4,
                atol=1e-7,
            )
### END HIDDEN TESTS

# %% [markdown]
# Now for what the instrument of exercise 1 was built. Below, each of your gradients is
# compared with the measured one, first layer by layer, then for the network, with four
# real digits and 25 weights of each array. The error is relative: the largest
# difference, divided by the largest gradient. With central differences in float64,
#
# - below $10^{-6}$ all is well;
# - above $10^{-2}$ something is wrong;
# - between the two there may be a mistake in a rare case, or a kink: if some unit of a
#   ReLU or a maximum is so close to its switch that $\varepsilon$ throws it, the
#   measurement itself is off.
#
# To show what a mistake looks like, the last line is one on purpose: the gradient in
# the input of a convolution with a kernel that was not flipped.

# %% given="digits"
digits, digit_labels = datasets.digits()
digits = 2 * digits[..., np.newaxis].astype(float) - 1  # paper is -1, ink is 1
shuffled = np.random.default_rng(0).permutation(len(digits))
train_images, test_images = digits[shuffled[:1280]], digits[shuffled[1280:]]
train_labels, test_labels = digit_labels[shuffled[:1280]], digit_labels[shuffled[1280:]]


def accuracy(parameters, images, labels):
    """The share of the images whose largest logit is that of the true digit."""
    return np.mean(lenet(parameters, images)["logits"].argmax(axis=1) == labels)


# %% experiment="gradient_check"
rng = np.random.default_rng(0)
table = {}


def compare(name, ours, f, place):
    """Enters into the table how far a gradient is from the measured one."""
    measured = numerical_gradient(f, place)
    table[name] = np.abs(ours - measured).max() / np.abs(measured).max()


def error_of_layer(name, layer, backward, arguments):
    """Checks the gradients of `layer` in each of its arguments, for a loss `dy * y`."""
    dy = rng.normal(size=layer(*arguments).shape)
    for i, (ours, part) in enumerate(
        zip(backward(dy), ("dx", "dw", "db"), strict=False)
    ):

        def loss(value, i=i):
            return np.sum(dy * layer(*arguments[:i], value, *arguments[i + 1 :]))

        compare(f"{name}: {part}", ours, loss, arguments[i])


x, w, b = (rng.normal(size=s) for s in [(2, 5, 6, 2), (3, 2, 2, 3), (3,)])
error_of_layer("ReLU", relu, lambda dy: [relu_backward(dy, x)], [x])
rows, weights = x.reshape(10, 12), rng.normal(size=(12, 3))
error_of_layer(
    "dense",
    lambda x, w, b: x @ w + b,
    lambda dy: dense_backward(dy, rows, weights),
    [rows, weights, b],
)
settings = {"strides": 2, "padding": 1}
error_of_layer(
    "convolution",
    lambda x, w, b: conv2d(x, w, b, **settings),
    lambda dy: conv2d_backward(dy, x, w, **settings),
    [x, w, b],
)
error_of_layer(
    "max pooling",
    lambda x: max_pool2d(x, (2, 3), (1, 2)),
    lambda dy: [max_pool2d_backward(dy, x, (2, 3), (1, 2))],
    [x],
)
error_of_layer(
    "average pooling",
    lambda x: avg_pool2d(x, (2, 3), (1, 2)),
    lambda dy: [avg_pool2d_backward(dy, x, (2, 3), (1, 2))],
    [x],
)
z, truth = rng.normal(size=(4, 10)), train_labels[:4]
compare(
    "softmax and cross-entropy",
    softmax_cross_entropy(z, truth)[1],
    lambda z: softmax_cross_entropy(z, truth)[0],
    z,
)
parameters = initial_parameters(0)
_, gradients = lenet_gradients(parameters, train_images[:4], truth)
for name, values in parameters.items():
    chosen = rng.permutation(values.size)[:25]

    def loss(shifts, name=name, values=values, chosen=chosen):
        moved = values.copy()
        moved.flat[chosen] += shifts
        logits = lenet({**parameters, name: moved}, train_images[:4])["logits"]
        return softmax_cross_entropy(logits, truth)[0]

    compare(f"LeNet: {name}", gradients[name].flat[chosen], loss, np.zeros(len(chosen)))
error_of_layer(
    "not flipped, to compare",
    lambda x: conv2d(x, w, 0, **settings),
    lambda dy: conv2d_backward(dy, x, w[::-1, ::-1], **settings)[:1],
    [x],
)

with plt.rc_context(plots.STYLE):
    figure, axes = plt.subplots(figsize=(8, 5.6), layout="constrained")
    errors = np.clip(list(table.values()), 1e-14, 1e2)
    axes.axvspan(1e-14, 1e-6, color=plots.BLUE, alpha=0.08)
    axes.axvspan(1e-2, 1e2, color=plots.RED, alpha=0.12)
    for line, error in enumerate(errors):
        colour = plots.BLUE if error < 1e-6 else plots.RED
        axes.plot(error, line, "o" if error < 1e-6 else "X", color=colour)
        axes.text(error * 2, line, f"{error:.0e}", va="center", fontsize=8)
    axes.set_xscale("log")
    axes.set_yticks(range(len(table)), list(table))
    axes.set(xlim=(1e-14, 1e2), xlabel="relative error", title="Gradient check")
    axes.invert_yaxis()
    axes.grid(axis="x", alpha=0.3)

# %% [markdown]
# ## 10. Learn
#
# **Stochastic gradient descent.** Take a few images (a **batch**), compute the gradient
# of their loss, and move every parameter a small step against it,
#
# $$w \leftarrow w - \eta \, \frac{\partial L}{\partial w},$$
#
# with the **learning rate** $\eta$. Then take the next few. When all images have had
# their turn, an **epoch** is over; shuffle them anew, and begin the next. The gradient
# of a batch is not that of all images, but it is right on average and costs a
# hundredth.
#
# **Your task.** Write `train_lenet`:
#
# 1. start with `initial_parameters(seed)` and with `rng = np.random.default_rng(seed)`;
# 2. for each epoch draw an order with `rng.permutation`, and cut it into batches of
#    `batch_size`; the last one has what is left over;
# 3. for each batch note the loss, and move all parameters by one step.


# %% solution="train_lenet"
def train_lenet(images, labels, epochs, learning_rate=0.2, batch_size=32, seed=0):
    """Trains the network by stochastic gradient descent, from random parameters.

    Args:
        images: float64 array `(N, 8, 8, 1)`.
        labels: int array `(N,)`, the true digits.
        epochs: how often every image is used, at least once.
        learning_rate: length of a step, in units of the gradient.
        batch_size: images a step; the last step of an epoch has those that are left.
        seed: of `initial_parameters`, and of the order of the images, which is random
            and another one in each epoch. Equal seeds give equal results.
    Returns:
        `(parameters, losses)`: a dict as `initial_parameters` makes it, and a float
        array with the loss of each batch, in order, as it was before its step. `images`
        and `labels` are left as they are.
    """
    ### BEGIN SOLUTION
    parameters = initial_parameters(seed)
    rng = np.random.default_rng(seed)
    losses = []
    for _ in range(epochs):
        order = rng.permutation(len(images))
        for start in range(0, len(images), batch_size):
            batch = order[start : start + batch_size]
            loss, gradients = lenet_gradients(parameters, images[batch], labels[batch])
            losses.append(loss)
            for name in parameters:
                parameters[name] -= learning_rate * gradients[name]
    return parameters, np.array(losses)
    ### END SOLUTION


# %% tests="train_lenet" name="step" points=1
rng = np.random.default_rng(19)
images, labels = rng.uniform(-1, 1, size=(6, 8, 8, 1)), np.array([0, 9, 3, 3, 5, 1])
start = initial_parameters(19)
trained, losses = train_lenet(
    images, labels, epochs=1, learning_rate=0.5, batch_size=6, seed=19
)
exponentials = np.exp(lenet(start, images)["logits"])
shares = exponentials / exponentials.sum(axis=1, keepdims=True)
surprises = -np.log(shares[np.arange(6), labels])
checks.array(losses, [surprises.mean()], "the loss before the first and only step")
checks.equal(sorted(trained), sorted(start), "the names of the parameters")
checks.array(
    trained["b4"],
    start["b4"] - 0.5 * np.mean(shares - np.eye(10)[labels], axis=0),
    "b4 after one step with learning rate 0.5",
)
### BEGIN HIDDEN TESTS
options = {"learning_rate": 0.2, "batch_size": 9, "seed": 20}
rng = np.random.default_rng(20)
images, labels = rng.uniform(-1, 1, size=(9, 8, 8, 1)), rng.integers(10, size=9)
path = [initial_parameters(20)]
for epochs in (1, 2):
    trained, losses = train_lenet(images, labels, epochs=epochs, **options)
    checks.shape(losses, (epochs,), "all images in one batch: the losses")
    path.append(trained)
for old, new, case in [(*path[:2], "the first step"), (*path[1:], "the second step")]:
    for name, values in old.items():
        direction = rng.normal(size=values.shape)
        ends = []
        for step in (1e-6, -1e-6):
            z = lenet({**old, name: values + step * direction}, images)["logits"]
            surprises = np.log(np.exp(z).sum(axis=1)) - z[np.arange(9), labels]
            ends.append(surprises.mean())
        checks.array(
            np.sum((values - new[name]) * direction) / 0.2,
            (ends[0] - ends[1]) / 2e-6,
            f"{case} of {name}, seen from a random direction",
            rtol=1e-4,
            atol=1e-7,
        )
### END HIDDEN TESTS

# %% tests="train_lenet" name="batches" points=1
# With learning rate 0 nothing is learnt, and the losses show who was in which batch.
rng = np.random.default_rng(21)
images, labels = rng.uniform(-1, 1, size=(5, 8, 8, 1)), np.array([2, 7, 1, 8, 2])
with checks.unchanged("images and labels after the call", images, labels):
    _, losses = train_lenet(images, labels, epochs=2, learning_rate=0, batch_size=2)
checks.shape(losses, (6,), "two epochs of 2 + 2 + 1 images: the losses")
z = lenet(initial_parameters(0), images)["logits"]
alone = np.log(np.exp(z).sum(axis=1)) - z[np.arange(5), labels]
for epoch in (losses[:3], losses[3:]):
    checks.array(epoch @ [2, 2, 1], sum(alone), "all five images once in each epoch")
### BEGIN HIDDEN TESTS
rng = np.random.default_rng(22)
images, labels = rng.uniform(-1, 1, size=(12, 8, 8, 1)), rng.integers(10, size=12)
orders = []
for seed in (1, 1, 2):
    with checks.unchanged("images and labels after the call", images, labels):
        _, losses = train_lenet(
            images, labels, epochs=3, learning_rate=0, batch_size=1, seed=seed
        )
    z = lenet(initial_parameters(seed), images)["logits"]
    alone = np.log(np.exp(z).sum(axis=1)) - z[np.arange(12), labels]
    checks.shape(losses, (36,), "batches of one: the losses")
    for epoch in losses.reshape(3, 12):
        checks.array(
            np.sort(epoch),
            np.sort(alone),
            "each image once an epoch, with its own label",
        )
        orders.append([int(np.abs(alone - loss).argmin()) for loss in epoch])
checks.holds(list(range(12)) not in orders, "the images are shuffled")
checks.holds(orders[0] != orders[1] != orders[2], "every epoch has another order")
checks.holds(orders[:3] == orders[3:6], "equal seeds, equal orders")
checks.holds(orders[0] != orders[6], "another seed, another order")
_, losses = train_lenet(images[:7], labels[:7], epochs=1, learning_rate=0, batch_size=4)
checks.shape(losses, (2,), "seven images in batches of four: the losses")
z = lenet(initial_parameters(0), images[:7])["logits"]
alone = np.log(np.exp(z).sum(axis=1)) - z[np.arange(7), labels[:7]]
checks.array(losses @ [4, 3], sum(alone), "the last batch has what is left over")
### END HIDDEN TESTS

# %% [markdown]
# Before a long training always try a short one: can the network learn eight images by
# heart? If not, something is wrong, and you know it after a second. The hidden check
# after it trains on 1,280 digits for 14 epochs, and asks for 95 % of the 517 others.

# %% tests="train_lenet" name="learns" points=1
_, losses = train_lenet(train_images[:8], train_labels[:8], epochs=60, batch_size=8)
checks.shape(losses, (60,), "eight digits, 60 steps: the losses")
checks.holds(bool(losses[-1] < losses[0] / 10), "eight digits are learnt by heart")
### BEGIN HIDDEN TESTS
_, losses = train_lenet(
    train_images[:8], train_labels[:8], epochs=10, learning_rate=0.01, batch_size=8
)
checks.holds(bool(np.all(np.diff(losses) < 0)), "small steps, and each lowers the loss")
_, losses = train_lenet(train_images[:7], train_labels[:7], epochs=2, batch_size=3)
checks.shape(losses, (6,), "two epochs of 3 + 3 + 1 digits: the losses")
for seed in (0, 1, 2):  # now and then the last steps of a run are unlucky ones
    trained, _ = train_lenet(train_images, train_labels, epochs=14, seed=seed)
    share = accuracy(trained, test_images, test_labels)
    if not 0.85 <= share < 0.95:
        break
checks.holds(bool(share >= 0.95), "95 % of the test digits are recognised")
### END HIDDEN TESTS

# %% [markdown]
# ## The experiment: what a falling loss proves
#
# First, enjoy it. Your network learns digits, in a second or two, with your gradients.

# %% experiment="training"
EPOCHS, FEW_EPOCHS = (60, 30) if FULL else (14, 6)


def smooth(losses):
    """The mean of each loss and the 19 before it."""
    sums = np.cumsum(np.concatenate([[0], losses]))
    return (sums[20:] - sums[:-20]) / 20


trained, losses = train_lenet(train_images, train_labels, EPOCHS)
print(
    f"recognised: {accuracy(trained, train_images, train_labels):.1%} of the digits "
    f"that it learnt from, {accuracy(trained, test_images, test_labels):.1%} of others"
)
few_losses = losses[: len(losses) * FEW_EPOCHS // EPOCHS]
epochs = np.arange(20, len(few_losses) + 1) / len(few_losses) * FEW_EPOCHS
runs = {"learning rate 0.2": smooth(few_losses)}
for rate in (0.02, 1.0):
    _, others = train_lenet(train_images, train_labels, FEW_EPOCHS, learning_rate=rate)
    runs[f"learning rate {rate}"] = smooth(others)
plots.curves(
    epochs,
    runs,
    xlabel="epoch",
    ylabel="loss, mean of 20 steps",
    points={"each step with 0.2": few_losses[19:]},
    title="Learning digits, with your gradients",
)

# %% [markdown]
# Too small a rate learns slowly. Too large a rate jumps over the valley and back. In
# between the loss falls to almost nothing, though not smoothly: each point is a batch
# of 32, and another batch has other difficulties. Here are the filters of the first
# layer, before and after, and what they make of three digits.

# %% experiment="filters"
rows = {"at random": initial_parameters(0)["w1"], "learnt": trained["w1"]}
reach = np.abs(trained["w1"]).max()
with plt.rc_context(plots.STYLE):
    figure, panels = plt.subplots(2, 6, figsize=(9, 3.3), layout="constrained")
    for line, (label, w) in zip(panels, rows.items(), strict=True):
        line[0].set_ylabel(label)
        for k, axes in enumerate(line):
            drawn = axes.imshow(w[:, :, 0, k], cmap="RdBu_r", vmin=-reach, vmax=reach)
            axes.set(xticks=[], yticks=[], title=f"filter {k}")
            axes.spines[:].set_visible(False)
    figure.colorbar(drawn, ax=panels, shrink=0.8)

# %% experiment="maps"
chosen = [np.flatnonzero(test_labels == digit)[0] for digit in (0, 4, 7)]
plots.feature_maps(
    (test_images[chosen] + 1) / 2,
    lenet(trained, test_images[chosen])["relu1"],
    [f"filter {k}" for k in range(6)],
    size=1.5,
)

# %% [markdown]
# And the digits that it gets wrong. You may not be sure about all of them yourself.

# %% experiment="errors"
logits = lenet(trained, test_images)["logits"]
given = logits.argmax(axis=1)
wrong = np.flatnonzero(given != test_labels)
surest = wrong[
    np.argsort(logits[wrong, test_labels[wrong]] - logits[wrong].max(axis=1))
]
plots.images(
    [(test_images[n] + 1) / 2 for n in surest[:12]],
    [f"a {test_labels[n]}, taken for {given[n]}" for n in surest[:12]],
    columns=6,
    size=1.6,
)

# %% [markdown]
# One honest number more. These digits were written by 13 people, and it seems that the
# file goes through them one after the other. A random choice of test digits has all 13
# on both sides. If you train on the first 1,280 of the file instead, and test on the
# last 517, which are mostly by people whom the network has never seen, it gets 92.5 %:
# try `train_lenet(digits[:1280], digit_labels[:1280], EPOCHS)`.
#
# Now the point of this lab. Does it matter whether the gradient is right? Below the
# same network learns with your gradients, and then with three wrong ones:
#
# - a kernel that is not flipped on the way back;
# - a max pooling that gives its gradient to all four pixels of a window;
# - a second convolution that passes nothing on, so that the first never learns.

# %% experiment="wrong_gradients"
right = {
    "conv2d_backward": conv2d_backward,
    "max_pool2d_backward": max_pool2d_backward,
}


def not_flipped(dy, x, w, **settings):
    _, dw, db = right["conv2d_backward"](dy, x, w, **settings)
    return right["conv2d_backward"](dy, x, w[::-1, ::-1], **settings)[0], dw, db


def nothing_passed_on(dy, x, w, **settings):
    _, dw, db = right["conv2d_backward"](dy, x, w, **settings)
    return np.zeros_like(x), dw, db


def to_all_pixels(dy, x, pool_size, *strides):
    return pool_size[0] * pool_size[1] * avg_pool2d_backward(dy, x, pool_size, *strides)


runs = {}
for label, changed in [
    ("yours", {}),
    ("not flipped", {"conv2d_backward": not_flipped}),
    ("to all pixels", {"max_pool2d_backward": to_all_pixels}),
    ("nothing passed on", {"conv2d_backward": nothing_passed_on}),
]:
    globals().update(changed)  # lenet_gradients now calls the wrong function
    try:
        learnt, others = train_lenet(train_images, train_labels, FEW_EPOCHS)
    finally:
        globals().update(right)
    share = accuracy(learnt, test_images, test_labels)
    runs[f"{label}: {share:.1%}"] = smooth(others)
plots.curves(
    epochs,
    runs,
    xlabel="epoch",
    ylabel="loss, mean of 20 steps",
    title="One of these gradients is right (and what it recognises)",
)

# %% [markdown]
# All of them learn. Had you made one of these mistakes, you would have seen a falling
# loss and a good score, and gone home. (The layers above a wrong one still have right
# gradients, and arrange themselves with what they get. Networks even learn when on the
# way back the weights are replaced by fixed random ones: Lillicrap et al., *Random
# synaptic feedback weights support error backpropagation for deep learning*, 2016.)
# What the mistake costs shows up later, in a deeper network or on a harder task, and
# nobody will know where to look. In the table of exercise 9 right and wrong lie ten
# orders of magnitude apart.
#
# **A falling loss proves nothing about the gradient. Measure it.**
#
# ## What you take along
#
# - Backward, a layer turns the gradient in its output into the gradients in its input
#   and in its parameters. Nothing else is needed to train any network.
# - What is used many times collects from every use: weights from all places and all
#   pictures, pixels from all windows that cover them.
# - A convolution backwards stamps its kernel, which for each pixel is a full
#   correlation with the flipped kernel, and for the whole picture the transposed
#   matrix.
# - Max pooling and ReLU switch gradients on and off; averages and sums spread them.
# - Softmax with cross-entropy: $p$ minus the truth, divided by the batch.
# - Central differences, float64, and a network that learns eight images by heart: three
#   checks that cost a minute and save a week.
#
# Next: the same convolutions, but fast, in lab 04.
