# ---
# jupyter:
#   kernelspec:
#     display_name: Python 3
#     language: python
#     name: python3
#   lab:
#     title: Training on one GPU and many
#     withheld_modules: [cnncourse.ops, cnncourse.training, cnncourse.architectures,
#       scipy, tensorflow, keras, torch, jax, sklearn]
#     call_seconds: 5
# ---

# %% [markdown]
# # Lab 14: Training on one GPU and many
#
# Two people train the same network on the same data, on the same machine. One waits an
# hour, the other a day. When the power fails at night, one goes on in the morning as if
# nothing had happened; the other's curve has a step in it that nobody can explain. And
# when both are given eight GPUs, one is eight times as fast, and the other's network no
# longer learns. None of this is in the papers on architectures. It is in this lab.
#
# What you write here is what `model.fit` and `tf.distribute` do behind your back, each
# piece in ten lines of NumPy, where it can be looked at. At the end, the same pieces in
# Keras and TensorFlow train a LeNet on two devices, and you measure what each is worth.
#
# **When you are through you can**
#
# - order the stages of an input pipeline, and say what prefetching gains;
# - train in float16: know what overflows, what vanishes, and how a scale for the loss
#   helps;
# - write the learning-rate schedules that most papers use, and choose the rate by
#   measuring;
# - share a batch among devices so that the result is that of one device;
# - save all that a run needs in order to go on to the bit;
# - tell how much of a machine you use.
#
# **How it works.** As in the labs before. The exercises need NumPy only; Keras and
# TensorFlow, which have ready answers to some of them, are switched off while your work
# is graded. The experiments at the end use them, on GPUs if the machine has some, and
# else on two devices that share the processor.
#
# **How long it takes.** Four hours. The exercises do not need each other.
#
# | exercise | function | points |
# |---|---|---|
# | 1. Cache, shuffle, batch, augment | `input_pipeline` | 3 |
# | 2. Prefetch | `epoch_seconds` | 2 |
# | 3. A loss in half precision | `mixed_crossentropy` | 2 |
# | 4. A scale that adapts | `update_scale` | 2 |
# | 5. Warm-up and cosine | `warmup_cosine` | 2 |
# | 6. One cycle | `one_cycle` | 1 |
# | 7. Choose the rate | `suggest_rate` | 1 |
# | 8. One gradient from many devices | `global_gradient` | 2 |
# | 9. One recipe for many devices | `scale_recipe` | 1 |
# | 10. Go on to the bit | `train` | 3 |
# | 11. How much of the machine? | `throughput` | 1 |

# %% given="setup"
import math
import time

import matplotlib.pyplot as plt
import numpy as np

from cnncourse import checks, datasets, plots

FULL = False  # True: longer experiments, better to read, minutes instead

# %% [markdown]
# ## 1. Cache, shuffle, batch, augment
#
# A network eats pictures faster than a disk hands them over. So the input is made by a
# pipeline: read an example, keep it (**cache**), mix the order (**shuffle**), put
# examples together (**batch**), change them at random (**augment**). `tf.data` has a
# line for each, and takes them in any order without a word. Only one is right:
#
# - Reading is slow, so it is done once, and what was read is kept.
# - The cache comes **before** augmentation. Behind it, the network sees the same
#   "random" pictures in every epoch.
# - Shuffling comes **before** batching. Behind it, whole batches change places, and the
#   same pictures sit together for ever. If the data are sorted by class, each batch
#   holds one class only.
# - Augmentation comes **after** batching: one call for sixty pictures is far quicker
#   than sixty calls.
#
# A run must be repeatable, and next week you want to know what the network saw in step
# 1234. So the order of an epoch, and the augmentation of a batch, are functions of the
# seed and of a number, and not of what was drawn before.
#
# **Your task.** Write `input_pipeline` without `tf.data`. The order of an epoch is that
# of `epoch_order`, which is given.


# %% given="epoch_order"
def epoch_order(count, seed, epoch):
    """The order in which an epoch takes the examples: a permutation `(count,)`."""
    return np.random.default_rng((seed, epoch)).permutation(count)


# %% solution="input_pipeline"
def input_pipeline(read, augment, count, batch_size, epochs, seed):
    """The batches of a training run.

    Args:
        read: `read(i)` returns example `i`, an array. It is slow: it is called once for
            each example in the whole run.
        augment: `augment(batch, seed)` returns a changed batch, where `batch` is an
            array of examples `(B, ...)` and `seed` a tuple of two ints. It is called
            once for each batch.
        count: examples there are, numbered from 0.
        batch_size: examples in a batch; the last batch of an epoch may have fewer.
        epochs: how often all examples are used.
        seed: epoch `e`, from 0, has the order `epoch_order(count, seed, e)`. Batch
            number `n` of the run, from 0 and counted on through all epochs, is
            augmented with the seed `(seed, n)`.
    Returns:
        A list of epochs; each is the list of its augmented batches.
    """
    ### BEGIN SOLUTION
    examples = np.stack([read(i) for i in range(count)])
    run, number = [], 0
    for epoch in range(epochs):
        order = epoch_order(count, seed, epoch)
        batches = []
        for start in range(0, count, batch_size):
            batch = examples[order[start : start + batch_size]]
            batches.append(augment(batch, (seed, number)))
            number += 1
        run.append(batches)
    return run
    ### END SOLUTION


# %% tests="input_pipeline" name="order" points=1
def read_number(i):
    return np.array([i])


def as_it_is(batch, seed):
    return batch


def numbers(run):
    """The examples in the batches of each epoch."""
    return [[np.ravel(batch).tolist() for batch in batches] for batches in run]


# epoch_order(5, 0, 0) is 2 4 3 0 1, epoch_order(5, 0, 1) is 1 4 3 0 2
run = numbers(input_pipeline(read_number, as_it_is, 5, 2, 2, 0))
checks.equal(
    run,
    [[[2, 4], [3, 0], [1]], [[1, 4], [3, 0], [2]]],
    "five examples in batches of two, two epochs",
)
### BEGIN HIDDEN TESTS
for count, batch_size, epochs, seed, case in [
    (12, 3, 3, 5, "batches without a rest"),
    (7, 3, 4, 8, "a last batch with one example"),
    (4, 9, 2, 1, "fewer examples than a batch"),
    (6, 1, 2, 2, "batches of one"),
]:
    expected = []
    for epoch in range(epochs):
        left = np.random.default_rng((seed, epoch)).permutation(count).tolist()
        expected.append([])
        while left:
            expected[-1].append(left[:batch_size])
            left = left[batch_size:]
    run = input_pipeline(read_number, as_it_is, count, batch_size, epochs, seed)
    checks.equal(numbers(run), expected, case)
### END HIDDEN TESTS

# %% tests="input_pipeline" name="cache" points=1
calls = []


def read_picture(i):
    calls.append(i)
    return np.full((2, 3), float(i))


run = input_pipeline(read_picture, lambda batch, seed: batch, 5, 2, 3, 0)
checks.equal(sorted(calls), [0, 1, 2, 3, 4], "what is read in three epochs of five")
checks.shape(run[0][0], (2, 2, 3), "a batch of two pictures of 2 by 3")
### BEGIN HIDDEN TESTS
calls.clear()
run = input_pipeline(read_picture, lambda batch, seed: batch + 1, 7, 3, 4, 3)
checks.equal(sorted(calls), list(range(7)), "what is read in four epochs of seven")
checks.shape(run[3][1], (3, 2, 3), "a batch of the last epoch")
### END HIDDEN TESTS

# %% tests="input_pipeline" name="augment" points=1
seen = []


def add_seed(batch, seed):
    """Adds what is easy to find again: number and size of the batch."""
    seen.append((len(batch), *seed))
    return batch + 100 * seed[1] + 10_000 * len(batch)


run = input_pipeline(lambda i: np.array([i]), add_seed, 3, 2, 2, 4)
checks.equal(
    seen, [(2, 4, 0), (1, 4, 1), (2, 4, 2), (1, 4, 3)], "the calls of `augment`"
)
checks.equal(
    [
        sorted(int(x) for batch in batches for x in np.ravel(batch) % 100)
        for batches in run
    ],
    [[0, 1, 2], [0, 1, 2]],
    "what was under the augmentation: each epoch starts from the plain examples",
)
### BEGIN HIDDEN TESTS
seen.clear()
run = input_pipeline(lambda i: np.array([i]), add_seed, 8, 3, 3, 6)
checks.equal(
    seen,
    [
        (size, 6, 3 * epoch + b)
        for epoch in range(3)
        for b, size in enumerate([3, 3, 2])
    ],
    "the calls of `augment` in three epochs",
)
for epoch in range(3):
    order = np.random.default_rng((6, epoch)).permutation(8)
    numbers_of_batches = 3 * epoch + np.arange(8) // 3
    received = np.concatenate([batch[:, 0] for batch in run[epoch]])
    expected = order + 100 * numbers_of_batches + 10_000 * np.repeat([3, 2], [6, 2])
    checks.array(received, expected, f"epoch {epoch} of three")
### END HIDDEN TESTS

# %% [markdown]
# With `tf.data` the same pipeline reads as below; nothing runs before the data set is
# iterated. (`shuffle` of a seeded data set draws a new order in each epoch, but not one
# that can be found again in the middle of a run.)
#
# ```python
# batches = (
#     tf.data.Dataset.range(count)
#     .map(read, num_parallel_calls=tf.data.AUTOTUNE)
#     .cache()
#     .shuffle(count, seed=0)
#     .batch(batch_size)
#     .map(augment, num_parallel_calls=tf.data.AUTOTUNE)
#     .prefetch(tf.data.AUTOTUNE)
# )
# ```
#
# ## 2. Prefetch
#
# The last line lets the processor prepare the next batches while the device trains on
# this one. What is it worth? Think of two workers, and a shelf between them with room
# for `buffer` batches:
#
# - The processor prepares batch after batch, in order. Finished batches wait on the
#   shelf. It begins with a batch as soon as it has finished the one before **and** the
#   shelf has room for it: when it begins batch $i$, the device has already begun batch
#   $i - \mathtt{buffer}$.
# - The device trains on batch after batch, in order. It begins with a batch as soon as
#   that is prepared and the one before is done. When it begins, the batch leaves the
#   shelf.
# - Without prefetch (`buffer` 0) the two take turns: the processor begins batch $i$
#   when the device is **done** with batch $i - 1$.
#
# By hand: three batches, 2 s to prepare and 3 s to train each. Without prefetch they
# take 15 s. With room for one the device waits for the first batch only: 2 + 9 = 11 s.
#
# **Your task.** Write `epoch_seconds`.


# %% solution="epoch_seconds"
def epoch_seconds(prepare, train, buffer):
    """When the last training step of an epoch ends.

    Args:
        prepare: seconds that the processor takes to prepare each batch, a list.
        train: seconds that the device takes to train on each, a list of that length, at
            least 1.
        buffer: for how many prepared batches there is room; 0 for no prefetch.
    Returns:
        Seconds from the beginning of the first preparation.
    """
    ### BEGIN SOLUTION
    if buffer == 0:
        return sum(prepare) + sum(train)
    prepared = trained = 0
    begun = []  # when the device began each batch
    for i, (making, using) in enumerate(zip(prepare, train, strict=True)):
        room = begun[i - buffer] if i >= buffer else 0
        prepared = max(prepared, room) + making
        begun.append(max(prepared, trained))
        trained = begun[i] + using
    return trained
    ### END SOLUTION


# %% tests="epoch_seconds" name="even" points=1
checks.array(epoch_seconds([2, 2, 2], [3, 3, 3], 0), 15, "three batches, no prefetch")
checks.array(epoch_seconds([2, 2, 2], [3, 3, 3], 1), 11, "the same, room for one")
checks.array(epoch_seconds([3, 3, 3], [2, 2, 2], 1), 11, "a slow processor")
### BEGIN HIDDEN TESTS
checks.array(epoch_seconds([0.5], [0.25], 0), 0.75, "one batch, no prefetch")
checks.array(epoch_seconds([0.5], [0.25], 3), 0.75, "one batch, much room")
checks.array(epoch_seconds([4] * 10, [7] * 10, 2), 74, "ten batches, room for two")
checks.array(epoch_seconds([4] * 10, [7] * 10, 0), 110, "ten batches, no prefetch")
checks.array(epoch_seconds([7] * 10, [4] * 10, 4), 74, "ten slowly prepared batches")
### END HIDDEN TESTS

# %% tests="epoch_seconds" name="uneven" points=1
# The fourth batch is slow. The sooner the processor may begin with it, the better.
prepare, train = [1, 1, 1, 14, 1], [4, 4, 4, 4, 4]
received = [float(epoch_seconds(prepare, train, buffer)) for buffer in (1, 2, 3)]
checks.array(
    np.array(received), [31, 27, 25], "one slow batch, room for one, two and three"
)


### BEGIN HIDDEN TESTS
def by_the_clock(prepare, train, buffer):
    """Looks at both workers once a second; all times are whole seconds."""
    second, finished, begun, done = 0, 0, 0, 0  # numbers of batches
    cpu_free = device_free = 0  # when each has finished its present batch
    busy_cpu = busy_device = False
    while True:
        if busy_cpu and second >= cpu_free:
            finished, busy_cpu = finished + 1, False
        if busy_device and second >= device_free:
            done, busy_device = done + 1, False
        if done == len(train):
            return second
        if not busy_device and begun < finished:
            device_free, busy_device = second + train[begun], True
            begun += 1
        room = done >= finished if buffer == 0 else finished - begun < buffer
        if not busy_cpu and finished < len(prepare) and room:
            cpu_free, busy_cpu = second + prepare[finished], True
        second += 1


rng = np.random.default_rng(5)
for buffer in (0, 1, 2, 3, 5):
    for _ in range(6):
        prepare, train = rng.integers(1, 12, size=(2, 14)).tolist()
        checks.array(
            epoch_seconds(prepare, train, buffer),
            by_the_clock(prepare, train, buffer),
            f"uneven times, buffer {buffer}",
        )
### END HIDDEN TESTS

# %% [markdown]
# The figure shows an epoch of 200 batches of which one in ten is slow to prepare: the
# disk was busy with something else. On the horizontal axis is how long preparing takes
# in the mean, in parts of a training step.

# %% experiment="prefetch"
rng = np.random.default_rng(0)
uneven = np.where(rng.random(200) < 0.1, 5.5, 0.5)  # 1 in the mean
loads = np.linspace(0.05, 2, 40)
figure = plots.curves(
    loads,
    {
        f"buffer {buffer}": np.array(
            [
                epoch_seconds(list(load * uneven / uneven.mean()), [1.0] * 200, buffer)
                / 200
                for load in loads
            ]
        )
        for buffer in (0, 1, 2, 10)
    },
    "time to prepare a batch (training steps)",
    "time of a batch (training steps)",
)
figure

# %% [markdown]
# Without prefetch the times add; with it the longer one counts. The buffer is there for
# the hiccups: with equal times, room for one would do. No buffer helps if preparing
# takes longer than training in the mean. Then the pipeline itself must become quicker.
#
# ## 3. A loss in half precision
#
# GPUs multiply matrices of 16-bit numbers several times as fast as of 32-bit numbers,
# and in half the memory. Two such types are in use:
#
# | | exponent | largest | least normal | least | digits |
# |---|---|---|---|---|---|
# | float32 | 8 bits | $3.4 \cdot 10^{38}$ | $10^{-38}$ | $10^{-45}$ | 7 |
# | bfloat16 | 8 bits | $3.4 \cdot 10^{38}$ | $10^{-38}$ | $10^{-40}$ | 2 to 3 |
# | float16 | 5 bits | 65,504 | $6 \cdot 10^{-5}$ | $6 \cdot 10^{-8}$ | 3 to 4 |
#
# bfloat16 is float32 cut in the middle, and hardly needs care. float16 has a narrow
# range, and both ends of it hurt. $e^{12}$ is too large already, so a softmax in
# float16 gives infinity over infinity. And gradients are small: that of a mean over 256
# examples has a factor of 1/256 in it. What is below $6 \cdot 10^{-8}$ becomes 0.
#
# Mixed precision therefore keeps weights, softmax and loss in float32, and works in
# float16 between them. And it multiplies the loss by a scale, say 1024. By the chain
# rule all gradients are then 1024 times as large and can be seen in float16; before the
# weights are changed they are divided by it, in float32. The factor must come in
# **before** the gradient is rounded to float16. Afterwards there is nothing left to
# enlarge.
#
# **Your task.** Write `mixed_crossentropy`: where a net in float16 ends and its
# backward pass begins.


# %% solution="mixed_crossentropy"
def mixed_crossentropy(logits, labels, scale):
    """Softmax cross-entropy of float16 logits, and its scaled gradient.

    Args:
        logits: float16 `(B, K)`, any finite numbers; left as they are.
        labels: int `(B,)`, the class of each example, 0 to K - 1.
        scale: factor of the loss before its gradient is taken, a float.
    Returns:
        `(loss, gradient)`: the mean cross-entropy of the batch without the scale, a
        float with the precision of float32; and the float16 array `(B, K)` of the
        derivatives of `scale * loss` with respect to the logits, rounded only once. A
        derivative too large for float16 is infinite.
    """
    ### BEGIN SOLUTION
    logits = logits.astype(np.float32)
    logits -= logits.max(axis=1, keepdims=True)
    log_sum = np.log(np.exp(logits).sum(axis=1, keepdims=True))
    log_probabilities = logits - log_sum
    rows = np.arange(len(labels))
    loss = -log_probabilities[rows, labels].mean()
    gradient = np.exp(log_probabilities)
    gradient[rows, labels] -= 1
    with np.errstate(over="ignore"):
        return float(loss), (gradient * (scale / len(labels))).astype(np.float16)
    ### END SOLUTION


# %% tests="mixed_crossentropy" name="range" points=1
logits = np.array([[0, 0], [20, 0]], np.float16)
loss, gradient = mixed_crossentropy(logits, np.array([0, 1]), 1.0)
# by hand: the first loses log 2, the second log(1 + exp(20)), which is nearly 20
checks.array(loss, (math.log(2) + 20) / 2, "the loss of an unsure and a wrong answer")
checks.array(gradient, [[-0.25, 0.25], [0.5, -0.5]], "their gradient", rtol=1e-3)
checks.dtype(gradient, np.float16, "their gradient")


### BEGIN HIDDEN TESTS
def in_float64(logits, labels):
    """Loss and gradient of each example, one after the other."""
    losses, gradients = [], []
    for row, label in zip(logits.astype(np.float64), labels, strict=True):
        top = max(row)
        powers = [math.exp(value - top) for value in row]
        losses.append(math.log(sum(powers)) - (row[label] - top))
        shares = [power / sum(powers) for power in powers]
        gradients.append([p - (k == label) for k, p in enumerate(shares)])
    return np.mean(losses), np.array(gradients) / len(labels)


rng = np.random.default_rng(7)
for count, classes, spread, case in [
    (6, 4, 1, "small logits"),
    (5, 3, 30, "large logits"),
    (4, 7, 15000, "huge logits"),
]:
    logits = (spread * rng.normal(size=(count, classes))).astype(np.float16)
    labels = rng.integers(classes, size=count)
    with checks.unchanged(case, logits, labels):
        loss, gradient = mixed_crossentropy(logits, labels, 1.0)
    expected_loss, expected = in_float64(logits, labels)
    checks.array(loss, expected_loss, f"the loss, {case}")
    checks.array(gradient, expected, f"the gradient, {case}", rtol=1e-3, atol=1e-7)
    checks.dtype(gradient, np.float16, f"the gradient, {case}")
### END HIDDEN TESTS

# %% tests="mixed_crossentropy" name="scale" points=1
logits = np.array([[0, 0], [20, 0]], np.float16)
loss, gradient = mixed_crossentropy(logits, np.array([0, 0]), 1024.0)
checks.array(loss, math.log(2) / 2, "the loss, which has no scale", rtol=1e-4)
# the second answer is right: 512 exp(-20) remains, which is 1.06e-06
checks.array(gradient[0], [-256.0, 256.0], "an unsure answer, scale 1024", rtol=1e-3)
checks.array(
    gradient[1, 1], 1.06e-6, "the wrong class of a right answer", rtol=1e-3, atol=4e-8
)
### BEGIN HIDDEN TESTS
rng = np.random.default_rng(8)
logits = np.zeros((64, 5), np.float16)
labels = rng.integers(5, size=64)
logits[np.arange(64), labels] = rng.uniform(9, 14, size=64)  # sure and right
for scale in (2.0**10, 2.0**15):
    loss, gradient = mixed_crossentropy(logits, labels, scale)
    powers = np.exp(logits.astype(np.float64))
    expected = powers / powers.sum(axis=1, keepdims=True) / 64
    others = np.arange(5) != labels[:, None]
    expected_loss = -np.mean(np.log1p(-64 * np.sum(expected * others, axis=1)))
    case = f"sure and right answers, scale {scale:.0f}"
    checks.array(loss, expected_loss, f"the loss, {case}", rtol=1e-2)
    checks.array(
        gradient[others],
        (scale * expected)[others],
        f"the gradient of the other classes, {case}",
        rtol=2e-3,
        atol=4e-8,
    )
loss, gradient = mixed_crossentropy(np.zeros((2, 2), np.float16), labels[:2] % 2, 2**20)
checks.holds(bool(np.isinf(gradient).all()), "a scale with which all overflow")
### END HIDDEN TESTS

# %% [markdown]
# Below are the gradients of an untrained and of a trained classifier of digits, with
# respect to the logits, in a batch of 256. Left of the white area float16 has only 0.
# Count what a scale saves.

# %% experiment="float16_range"
digits, classes = datasets.digits()
x = digits.reshape(len(digits), -1).astype(np.float64)
w = np.zeros((64, 10))
stages = {}
for step in range(2001):
    rows = epoch_order(len(x), 0, step)[:256]
    logits = (8 * x[rows] @ w).astype(np.float16)
    _, gradient = mixed_crossentropy(logits, classes[rows], 1024.0)
    exact = np.exp(logits - np.log(np.exp(logits.astype(float)).sum(1, keepdims=True)))
    exact[np.arange(256), classes[rows]] -= 1
    if step in (20, 2000):
        stages[f"after {step:,} steps"] = np.log2(
            np.abs(exact / 256).ravel() + 2**-60.0
        )
    w -= 0.1 * 8 * x[rows].T @ (gradient.astype(float) / 1024)

with plt.rc_context(plots.STYLE):
    figure, panels = plt.subplots(
        1, 2, figsize=(10, 3.2), sharey=True, layout="constrained"
    )
    for axes, scale in zip(panels, (1, 1024), strict=True):
        axes.axvspan(-45, -24.5, color="0.88", zorder=0)
        axes.axvspan(-24.5, -14, color="0.95", zorder=0)
        for (name, values), color in zip(
            stages.items(), (plots.ORANGE, plots.BLUE), strict=True
        ):
            scaled = values + np.log2(scale)
            lost = np.mean(scaled < -25)
            axes.hist(
                scaled,
                bins=np.arange(-45, 12),
                linewidth=0,
                color=color,
                alpha=0.75,
                label=f"{name}: {lost:.0%} become 0",
            )
        axes.text(-44, 0.66, "0 in float16", transform=axes.get_xaxis_transform())
        axes.text(-24, 0.66, "subnormal", transform=axes.get_xaxis_transform())
        axes.margins(y=0.8)
        axes.set_title(f"scale {scale:,}")
        axes.set_xlabel("binary exponent of the gradient")
        axes.legend(loc="upper left", frameon=False)
        axes.set_xlim(-45, 12)
    panels[0].set_ylabel("how many entries")
    plt.show()

# %% [markdown]
# ## 4. A scale that adapts
#
# How large should the scale be? As large as possible, and no larger: when a gradient
# overflows, the step is lost. It changes in the course of a training, so nobody guesses
# it. One tries. If a gradient holds an infinity or a NaN anywhere, the weights stay as
# they are, and the scale is halved. After many good steps one after the other it is
# doubled, to see whether that works too. Keras' `LossScaleOptimizer` does this.
#
# **Your task.** Write `update_scale`.


# %% solution="update_scale"
def update_scale(gradients, scale, good_steps, growth_steps=2000):
    """Takes the scale out of gradients, and adapts it.

    Args:
        gradients: a list of float16 arrays, one for each weight, of `scale` times the
            loss. They are left as they are.
        scale: the scale with which they were made, a float, at least 1.
        good_steps: good steps since the scale last changed.
        growth_steps: after so many good steps in a row the scale is doubled.
    Returns:
        `(gradients, scale, good_steps)`. In a good step, a list of float32 arrays, the
        gradients of the loss itself; the scale for the next step; and one good step
        more, or 0 if the scale was doubled. If any entry of any array is infinite or
        NaN: None, so that the step is skipped; half the scale, but not less than 1; and
        0 good steps.
    """
    ### BEGIN SOLUTION
    if not all(np.isfinite(gradient).all() for gradient in gradients):
        return None, max(scale / 2, 1.0), 0
    gradients = [gradient.astype(np.float32) / scale for gradient in gradients]
    if good_steps + 1 == growth_steps:
        return gradients, 2 * scale, 0
    return gradients, scale, good_steps + 1
    ### END SOLUTION


# %% tests="update_scale" name="gradients" points=1
gradients = [np.array([512, -2], np.float16), np.array([[1.5 * 2.0**-14]], np.float16)]
spoilt = [[1, np.inf], [np.nan, 1], [-np.inf, np.nan]]
received, _, _ = update_scale(gradients, 1024.0, 7)
skipped = [update_scale([np.array(g, np.float16)], 8.0, 3)[0] for g in spoilt]
checks.array(received[0], [0.5, -2 / 1024], "the first of two arrays", dtype=np.float32)
checks.array(
    received[1],
    [[1.5 * 2.0**-24]],
    "a small gradient divided by 1024, less than float16 can tell",
    atol=0,
    dtype=np.float32,
)
checks.equal(skipped, [None] * 3, "gradients with infinities and NaNs")
### BEGIN HIDDEN TESTS
rng = np.random.default_rng(9)
shapes = [(3, 4), (4,), (4, 2), (2,)]
gradients = [rng.normal(size=shape).astype(np.float16) for shape in shapes]
with checks.unchanged("gradients of four weights", *gradients):
    received, _, _ = update_scale(gradients, 4096.0, 1999, 2000)
checks.equal(len(received), 4, "how many arrays come back for four weights")
for mine, given in zip(received, gradients, strict=True):
    expected = np.ldexp(given.astype(np.float64), -12)
    checks.array(
        mine,
        expected,
        "gradients in a step that doubles the scale",
        atol=0,
        dtype=np.float32,
    )
for place, value in [(0, np.nan), (1, np.inf), (2, -np.inf), (3, np.nan)]:
    spoilt = [gradient.copy() for gradient in gradients]
    spoilt[place].flat[-1] = value
    received, _, _ = update_scale(spoilt, 64.0, 5)
    checks.equal(received, None, f"a {value} in one of four arrays")
huge = [np.full(3, 60000, np.float16)]
received, _, _ = update_scale(huge, 2.0, 5)
checks.array(received[0], [30000.0] * 3, "gradients whose sum is too large for float16")
### END HIDDEN TESTS

# %% tests="update_scale" name="scale" points=1
good, bad = [np.ones(2, np.float16)], [np.array([np.nan], np.float16)]
scale, good_steps, history = 8.0, 0, []
for _ in range(7):
    _, scale, good_steps = update_scale(good, scale, good_steps, 3)
    history.append((float(scale), int(good_steps)))
after_bad = update_scale(bad, 8.0, 2, 3)[1:]
checks.equal(
    history,
    [(8.0, 1), (8.0, 2), (16.0, 0), (16.0, 1), (16.0, 2), (32.0, 0), (32.0, 1)],
    "scale and good steps in seven good steps, doubled after three",
)
checks.equal(after_bad, (4.0, 0), "scale and good steps after a bad step")
### BEGIN HIDDEN TESTS
checks.equal(update_scale(bad, 1.0, 5)[1:], (1.0, 0), "a bad step at the least scale")
checks.equal(update_scale(good, 2.0, 1998)[1:], (2.0, 1999), "one step before 2000")
checks.equal(update_scale(good, 2.0, 1999)[1:], (4.0, 0), "good step number 2000")
history, expected = [], []
scale, good_steps, exponent, since = 64.0, 0, 6, 0
for step in range(30):
    overflow = step in (4, 5, 13, 22)
    gradients = bad if overflow else good
    _, scale, good_steps = update_scale(gradients, scale, good_steps, 4)
    since = 0 if overflow else since + 1
    exponent += -1 if overflow else since == 4
    since %= 4
    history.append(float(scale))
    expected.append(2.0**exponent)
checks.equal(history, expected, "the scale in thirty steps, four of them bad")
### END HIDDEN TESTS

# %% [markdown]
# ## 5. Warm-up and cosine
#
# A rate that is right at the beginning is too large at the end, and with large batches
# it is too large in the very first steps as well, when the weights are still random.
# The schedule of most recipes since 2017 begins with a line from 0 to the peak (the
# **warm-up**) and then goes down along half a cosine:
#
# $$\eta(s) = \text{end} + \frac{\text{peak} - \text{end}}{2}
# \left(1 + \cos \pi t\right), \quad
# t = \frac{s - \text{warmup}}{\text{steps} - \text{warmup}}.$$
#
# Half way down it is in the middle between peak and end. Behind the last step it stays
# at the end: a cosine that is let go on would climb again.
#
# **Your task.** Write `warmup_cosine`.


# %% solution="warmup_cosine"
def warmup_cosine(step, peak, steps, warmup_steps=0, end=0.0):
    """A rate that rises in a line from 0, then falls along half a cosine.

    Args:
        step: number of the step, an int from 0; it may be larger than `steps`.
        peak: the highest rate, which step `warmup_steps` has.
        steps: of the whole run, warm-up included.
        warmup_steps: of the rise, fewer than `steps`; 0 for none.
        end: the rate of step `steps` and of all steps after it.
    Returns:
        The rate, a float. Step 0 of a warm-up has the rate 0.
    """
    ### BEGIN SOLUTION
    if step < warmup_steps:
        return peak * step / warmup_steps
    t = min((step - warmup_steps) / (steps - warmup_steps), 1)
    return end + (peak - end) * (1 + math.cos(math.pi * t)) / 2
    ### END SOLUTION


# %% tests="warmup_cosine" name="warmup" points=1
rates = [warmup_cosine(step, 0.8, 12, 4) for step in range(4)]
checks.array(np.array(rates), [0, 0.2, 0.4, 0.6], "a warm-up of four steps")
### BEGIN HIDDEN TESTS
for peak, steps, warmup_steps, end in [(0.1, 90, 7, 0.0), (3, 20, 10, 0.5)]:
    rates = [
        warmup_cosine(step, peak, steps, warmup_steps, end)
        for step in range(warmup_steps)
    ]
    expected = np.interp(np.arange(warmup_steps), [0, warmup_steps], [0, peak])
    checks.array(np.array(rates), expected, f"a warm-up of {warmup_steps} steps")
checks.array(warmup_cosine(0, 0.3, 10), 0.3, "the first step without a warm-up")
### END HIDDEN TESTS

# %% tests="warmup_cosine" name="cosine" points=1
rates = [warmup_cosine(step, 0.8, 12, 4) for step in (4, 6, 8, 10, 12)]
root = math.sqrt(0.5)
checks.array(
    np.array(rates),
    [0.8, 0.4 * (1 + root), 0.4, 0.4 * (1 - root), 0],
    "from the peak at step 4 to the end at step 12, and half way at step 8",
)
checks.array(warmup_cosine(30, 0.8, 12, 4), 0.0, "a step after the end")
### BEGIN HIDDEN TESTS
for peak, steps, warmup_steps, end in [
    (0.1, 90, 0, 0.0),
    (3, 20, 10, 0.5),
    (0.5, 33, 5, 0.01),
]:
    shares = np.linspace(0, 1, steps - warmup_steps + 1)
    expected = end + (peak - end) * np.cos(np.pi * shares / 2) ** 2
    rates = [
        warmup_cosine(step, peak, steps, warmup_steps, end)
        for step in range(warmup_steps, steps + 1)
    ]
    case = f"{steps} steps, {warmup_steps} of them warm-up, end at {end}"
    checks.array(np.array(rates), expected, case, atol=1e-12)
    later = [warmup_cosine(steps + n, peak, steps, warmup_steps, end) for n in (1, 9)]
    checks.array(np.array(later), [end, end], f"after the end, {case}", atol=1e-12)
### END HIDDEN TESTS

# %% [markdown]
# ## 6. One cycle
#
# Smith and Topin found that a network may be trained with rates far above the usual, if
# the rate rises slowly and falls for the rest of the run to almost nothing. They drew
# lines; the version that everybody uses joins two halves of a cosine. It begins at a
# share `start` of the peak, reaches the peak after a share `rise` of the steps, and
# ends at a share `end` of the peak.
#
# **Your task.** Write `one_cycle`. A helper that goes from one number to another along
# half a cosine, while $t$ goes from 0 to 1, makes it short.


# %% solution="one_cycle"
def one_cycle(step, peak, steps, rise=0.3, start=1 / 25, end=1e-4):
    """A rate that rises along half a cosine, then falls along another to almost 0.

    Args:
        step: number of the step, an int from 0; it may be larger than `steps`.
        peak: the highest rate, which step `rise * steps` has.
        steps: of the whole run.
        rise: share of the steps before the peak, between 0 and 1.
        start: rate of step 0, as a share of the peak.
        end: rate of step `steps` and of all steps after it, as a share of the peak.
    Returns:
        The rate, a float.
    """

    ### BEGIN SOLUTION
    def half_cosine(first, last, t):
        return first + (last - first) * (1 - math.cos(math.pi * t)) / 2

    top = rise * steps
    if step < top:
        return peak * half_cosine(start, 1, step / top)
    return peak * half_cosine(1, end, min((step - top) / (steps - top), 1))
    ### END SOLUTION


# %% tests="one_cycle" points=1
rates = [one_cycle(step, 2.0, 8, 0.5, 0.1, 0.0) for step in (0, 2, 4, 6, 8, 20)]
checks.array(
    np.array(rates),
    [0.2, 1.1, 2, 1, 0, 0],
    "eight steps with the peak in the middle, from 0.1 of the peak to 0",
)
### BEGIN HIDDEN TESTS
for peak, steps, rise, start, end in [
    (1.0, 100, 0.3, 1 / 25, 1e-4),
    (0.4, 40, 0.25, 0.2, 0.1),
    (6.0, 30, 0.6, 0.0, 0.5),
]:
    top = round(rise * steps)
    up = np.sin(np.pi / 2 * np.arange(top) / top) ** 2
    down = np.cos(np.pi / 2 * np.arange(steps - top + 1) / (steps - top)) ** 2
    expected = peak * np.concatenate([start + (1 - start) * up, end + (1 - end) * down])
    rates = [
        one_cycle(step, peak, steps, rise, start, end) for step in range(steps + 1)
    ]
    case = f"peak {peak} after {rise} of {steps} steps"
    checks.array(np.array(rates), expected, case, atol=1e-12)
    later = one_cycle(2 * steps, peak, steps, rise, start, end)
    checks.array(later, peak * end, f"after the end, {case}", atol=1e-12)
checks.array(one_cycle(0, 0.5, 10), 0.02, "the start without further arguments")
checks.array(one_cycle(10, 0.5, 10), 5e-5, "the end without further arguments")
### END HIDDEN TESTS

# %% experiment="schedules"
steps = np.arange(1001)
plots.curves(
    steps,
    {
        "warm-up and cosine": np.array(
            [warmup_cosine(int(s), 0.1, 1000, 50) for s in steps]
        ),
        "one cycle, peak three times as high": np.array(
            [one_cycle(int(s), 0.3, 1000) for s in steps]
        ),
    },
    "step",
    "learning rate",
)

# %% [markdown]
# ## 7. Choose the rate
#
# How high should the peak be? Smith's **range test** finds out in a minute: train for a
# hundred steps while the rate rises from far too small to far too large, always by the
# same factor, and note the loss of each batch. At first nothing happens, then the loss
# falls, then it explodes. Choose the rate at which it falls fastest.
#
# The losses of single batches jump, so they are smoothed first:
#
# 1. The moving average is $a_i = 0.9\, a_{i-1} + 0.1\, \ell_i$ from $a_{-1} = 0$. As it
#    begins at 0, the first ones are too small; $s_i = a_i / (1 - 0.9^{i+1})$ makes up
#    for it.
# 2. At the first $s_i$ that is not finite, or more than four times the least $s$ before
#    it, the loss has exploded. It and all that follows are left out.
# 3. In what remains, look for the neighbours between which $s$ falls fastest over the
#    **logarithm** of the rate: the least
#    $(s_{i+1} - s_i) / (\log r_{i+1} - \log r_i)$. The answer is the rate in their
#    middle, $\sqrt{r_i r_{i+1}}$.
#
# **Your task.** Write `suggest_rate`.


# %% solution="suggest_rate"
def suggest_rate(rates, losses):
    """The learning rate at which the smoothed loss of a range test falls fastest.

    Args:
        rates: float64 `(n,)`, rising, above 0. The factor from one to the next need not
            be the same everywhere.
        losses: float64 `(n,)`, of the batch at each rate; those at the end may be NaN
            or infinite. At least two come before the explosion.
    Returns:
        The rate, a float, by the three steps above.
    """
    ### BEGIN SOLUTION
    smoothed, average = [], 0.0
    for i, loss in enumerate(losses):
        average = 0.9 * average + 0.1 * loss
        value = average / (1 - 0.9 ** (i + 1))
        if not np.isfinite(value) or (smoothed and value > 4 * min(smoothed)):
            break
        smoothed.append(value)
    slopes = np.diff(smoothed) / np.diff(np.log(rates[: len(smoothed)]))
    i = np.argmin(slopes)
    return float(np.sqrt(rates[i] * rates[i + 1]))
    ### END SOLUTION


# %% tests="suggest_rate" points=1
rates = np.array([1, 2, 5, 10, 20, 40, 100, 300, 1000, 2000, 5000, 10000]) / 10000
explodes = [2.4, 2.1, 2.1, 1.6, 1.2, 1.2, 0.7, 27.0, 7.8, 0.9, 3.6, 3.2]
jumps = [2.2, 2.1, 2.2, 1.7, 1.5, 1.0, 1.0, 15.0, 1.5, 1.6, 4.1, 1.3]
comes_back = [2.4, 2.1, 2.1, 1.6, 1.1, 0.8, 0.5, 26.0, 2.2, 4.2, 5.4, 1.0]
received = [
    float(suggest_rate(rates, np.array(losses)))
    for losses in (explodes, jumps, comes_back)
]
checks.array(received[0], math.sqrt(0.001 * 0.002), "losses that explode")
checks.array(received[1], math.sqrt(0.1 * 0.2), "a jump that is no explosion yet")
checks.array(received[2], math.sqrt(0.001 * 0.002), "losses that come back")


### BEGIN HIDDEN TESTS
def by_the_three_steps(rates, losses):
    """Weighted means instead of a recursion."""
    smoothed = []
    for i in range(len(losses)):
        weights = 0.9 ** np.arange(i, -1, -1)
        smoothed.append(np.sum(weights * losses[: i + 1]) / np.sum(weights))
        value = smoothed[-1]
        if i and not value <= 4 * min(smoothed[:-1]):
            smoothed.pop()
            break
    steepest, answer = np.inf, None
    for i in range(len(smoothed) - 1):
        slope = (smoothed[i + 1] - smoothed[i]) / math.log(rates[i + 1] / rates[i])
        if slope < steepest:
            steepest, answer = (
                slope,
                math.exp((math.log(rates[i]) + math.log(rates[i + 1])) / 2),
            )
    return answer


rng = np.random.default_rng(11)
for case, explosion in [
    ("losses that end as NaN", np.nan),
    ("losses that end as infinities", np.inf),
    ("losses that explode and come back to 0", 0.0),
]:
    for _ in range(3):
        rates = np.exp(np.cumsum(rng.uniform(0.05, 0.4, size=60)) - 9)
        losses = 2.3 - 1.9 / (1 + np.exp(-2 * (np.log(rates) + 4)))
        losses += 0.02 * rng.normal(size=60)
        losses[48:51] = 30, 300, 3000
        losses[51:] = explosion
        expected = by_the_three_steps(rates, losses)
        checks.array(suggest_rate(rates, losses), expected, case)
### END HIDDEN TESTS

# %% [markdown]
# Here is a range test on the digits, with a softmax regression and momentum. The moving
# average runs some steps behind, and so does the answer: it is an upper bound rather
# than a middle. A third of it is a careful choice.

# %% experiment="range_test"
digits, classes = datasets.digits()
x = digits.reshape(len(digits), -1).astype(np.float64)
rates, losses = np.geomspace(1e-4, 1e3, 120), []
w = velocity = np.zeros((64, 10))
for step, rate in enumerate(rates):
    rows = epoch_order(len(x), 1, step)[:64]
    logits = x[rows] @ w
    logits -= logits.max(axis=1, keepdims=True)
    probabilities = np.exp(logits) / np.exp(logits).sum(axis=1, keepdims=True)
    losses.append(-np.mean(np.log(probabilities[range(64), classes[rows]] + 1e-300)))
    error = (probabilities - np.eye(10)[classes[rows]]) / 64
    velocity = 0.9 * velocity - rate * x[rows].T @ error
    w = w + velocity

suggested = suggest_rate(rates, np.array(losses))
with plt.rc_context(plots.STYLE):
    figure, axes = plt.subplots(figsize=(8.5, 3.2), layout="constrained")
    axes.plot(rates, losses, ".-", color=plots.BLUE, lw=0.8, ms=5)
    axes.axvline(suggested, color=plots.RED, ls="--", label=f"{suggested:.2g}")
    axes.set(xscale="log", ylim=(0, 8), xlabel="learning rate", ylabel="loss")
    axes.legend(title="falls fastest at", frameon=False)
    plt.show()

# %% [markdown]
# ## 8. One gradient from many devices
#
# With several GPUs the usual way is **data parallelism**. Each has a copy of the
# weights and gets a share of the batch. Each computes the gradient on its share; then
# they are combined, so that all take the same step and stay equal. If it is done right,
# nobody can tell from the loss curve how many devices there were.
#
# The loss is a mean over the whole batch, the **global** batch. If the shares are
# equal, the mean of the devices' mean gradients is right. But 10 examples on 4 devices
# give shares of 3, 3, 2 and 2, and then the mean of means counts an example on the
# third device half as much again as one on the first. Sum over examples, and divide
# once by the size of the global batch. (This is why `tf.distribute` wants losses with
# reduction "sum", divided by the global batch size. Divide by the size of the share
# instead, and with eight devices that add their gradients the step is eight times too
# large.)
#
# **Your task.** Write `global_gradient`.


# %% solution="global_gradient"
def global_gradient(gradient, w, x, y, devices):
    """The gradient of the mean loss of a batch, of which each device sees a share.

    Args:
        gradient: `gradient(w, x, y)` returns the gradient, an array shaped as `w`, of
            the mean loss of the examples that it is given, at least 1.
        w: the weights, an array; left as they are.
        x: inputs `(B, ...)` of the global batch, B at least 1.
        y: targets `(B, ...)`.
        devices: into how many shares the batch is cut, at least 1. The shares are as
            equal as possible: their sizes differ by 1 at most. With fewer examples than
            devices, some devices have nothing to do.
    Returns:
        Array shaped as `w`: up to rounding what `gradient(w, x, y)` would return. For
        each share that is not empty `gradient` is called once, and never else.
    """
    ### BEGIN SOLUTION
    total = np.zeros_like(w)
    for rows in np.array_split(np.arange(len(x)), devices):
        if len(rows):
            total += len(rows) * gradient(w, x[rows], y[rows])
    return total / len(x)
    ### END SOLUTION


# %% tests="global_gradient" name="shares" points=1
sizes = []


def mean_error(w, x, y):
    """The gradient of half the mean of (w x - y)^2, for one weight."""
    sizes.append(len(x))
    return np.array([np.mean((w[0] * x - y) * x)])


x, y = np.array([1.0, 2, 3, 4]), np.array([0.0, 0, 0, 8])
# at w = 1 the examples say 1, 4, 9 and -16: -0.5 in the mean
received = global_gradient(mean_error, np.array([1.0]), x, y, 2)
told = global_gradient(lambda w, x, y: np.array([10.0 ** len(x)]), np.ones(1), x, y, 2)
checks.array(received, [-0.5], "four examples on two devices")
checks.equal(sorted(sizes), [2, 2], "the examples in each call of `gradient`")
checks.array(told, [100.0], "a made-up gradient of 100 for each share of two")


### BEGIN HIDDEN TESTS
def softmax_gradient(w, x, y):
    sizes.append(len(x))
    powers = np.exp(x @ w)
    error = powers / powers.sum(axis=1, keepdims=True) - y
    return x.T @ error / len(x)


rng = np.random.default_rng(12)
for count, devices in [(12, 4), (6, 6), (8, 1), (24, 3)]:
    w, x = rng.normal(size=(3, 4)), rng.normal(size=(count, 3))
    y = np.eye(4)[rng.integers(4, size=count)]
    expected = softmax_gradient(w, x, y)
    sizes.clear()
    case = f"{count} examples on {devices} devices"
    with checks.unchanged(case, w, x, y):
        received = global_gradient(softmax_gradient, w, x, y, devices)
    checks.array(received, expected, case, atol=1e-12)
    checks.equal(sizes, [count // devices] * devices, f"the calls for {case}")
### END HIDDEN TESTS


# %% tests="global_gradient" name="unequal" points=1
def mean_error_of_share(w, x, y):
    """The gradient of half the mean of (w x - y)^2, for one weight."""
    return np.array([np.mean((w[0] * x - y) * x)])


def squared_size(w, x, y):
    """Not a gradient, but a number that tells the sizes of the shares."""
    return np.array([len(x) ** 2.0])


told = [
    np.ravel(global_gradient(squared_size, np.ones(1), np.ones(n), np.ones(n), devices))
    for n, devices in ((10, 4), (3, 8))
]
x, y = np.array([1.0, 2, 3]), np.array([0.0, 0, 6])
# at w = 1 the examples say 1, 4 and -9: -4/3 in the mean
received = global_gradient(mean_error_of_share, np.array([1.0]), x, y, 2)
checks.array(received, [-4 / 3], "three examples on two devices")
checks.array(
    np.concatenate(told),
    [(3 * 9 + 3 * 9 + 2 * 4 + 2 * 4) / 10, 1],
    "ten examples on 4 devices and three on 8; the squared size for a gradient",
)
### BEGIN HIDDEN TESTS
shares_seen = []


def softmax_gradient_of_share(w, x, y):
    shares_seen.append(len(x))
    powers = np.exp(x @ w)
    error = powers / powers.sum(axis=1, keepdims=True) - y
    return x.T @ error / len(x)


rng = np.random.default_rng(13)
for count, devices, shares in [
    (10, 4, [2, 2, 3, 3]),
    (17, 5, [3, 3, 3, 4, 4]),
    (3, 8, [1, 1, 1]),
    (1, 2, [1]),
]:
    w, x = rng.normal(size=(3, 4)), rng.normal(size=(count, 3))
    y = np.eye(4)[rng.integers(4, size=count)]
    expected = softmax_gradient_of_share(w, x, y)
    shares_seen.clear()
    case = f"{count} examples on {devices} devices"
    received = global_gradient(softmax_gradient_of_share, w, x, y, devices)
    checks.array(received, expected, case, atol=1e-12)
    checks.equal(sorted(shares_seen), shares, f"the calls for {case}")
### END HIDDEN TESTS

# %% [markdown]
# ## 9. One recipe for many devices
#
# Eight devices that share a batch of 32 have four examples each, and are bored. To keep
# them busy, each gets as many as one device had: the global batch grows. Now the run
# takes fewer steps for the same number of epochs, and each step must reach further.
# Goyal and others trained a ResNet-50 in an hour by a simple rule: **if the batch is k
# times as large, so is the rate**, with a warm-up over as many *examples* as before.
#
# **Your task.** Write `scale_recipe`.


# %% solution="scale_recipe"
def scale_recipe(recipe, devices):
    """Changes a recipe for one device into one for several.

    Args:
        recipe: a dict with the keys "batch_size" (examples in a step, of all devices
            together), "learning_rate" (a float), "steps" and "warmup_steps" (ints). It
            is left as it is.
        devices: how many, an int, at least 1. Each is to work on as many examples in a
            step as the one did.
    Returns:
        A new dict with these keys. The rate follows the rule above; run and warm-up see
        at least as many examples as before, in as few steps as possible.
    """
    ### BEGIN SOLUTION
    return {
        "batch_size": devices * recipe["batch_size"],
        "learning_rate": devices * recipe["learning_rate"],
        "steps": math.ceil(recipe["steps"] / devices),
        "warmup_steps": math.ceil(recipe["warmup_steps"] / devices),
    }
    ### END SOLUTION


# %% tests="scale_recipe" points=1
recipe = {"batch_size": 32, "learning_rate": 0.125, "steps": 1001, "warmup_steps": 51}
checks.equal(
    scale_recipe(recipe, 4),
    {"batch_size": 128, "learning_rate": 0.5, "steps": 251, "warmup_steps": 13},
    "four devices",
)
checks.equal(scale_recipe(recipe, 1), recipe, "one device")
checks.equal(recipe["batch_size"], 32, "the recipe that was given, after the calls")
### BEGIN HIDDEN TESTS
for batch_size, steps, warmup_steps, devices in [
    (256, 90000, 5000, 32),
    (10, 101, 0, 2),
    (64, 1000, 7, 8),
    (1, 3, 1, 16),
]:
    recipe = {
        "batch_size": batch_size,
        "learning_rate": 0.25,
        "steps": steps,
        "warmup_steps": warmup_steps,
    }
    expected = {"batch_size": 0, "learning_rate": 0.0, "steps": 0, "warmup_steps": 0}
    for _ in range(devices):
        expected["batch_size"] += batch_size
        expected["learning_rate"] += 0.25
    for key in ("steps", "warmup_steps"):
        while expected[key] * expected["batch_size"] < recipe[key] * batch_size:
            expected[key] += 1
    checks.equal(scale_recipe(recipe, devices), expected, f"{devices} devices")
### END HIDDEN TESTS

# %% [markdown]
# ## 10. Go on to the bit
#
# Long runs are interrupted: by a full disk, by a colleague, by a queue that gives the
# machine to somebody else. A run that goes on should be the run that it was, **to the
# bit**. Then nothing has to be explained, and two runs can be compared whether or not
# one was interrupted. Most programs save the weights and wonder about the step in the
# curve. What else does a training remember from one step to the next? Look for it in
# the function below, and in exercise 1.


# %% given="update"
def update(weights, velocity, x, y, rate, rng):
    """A step of softmax regression with Dropout and momentum; nothing is changed.

    Args:
        weights: float64 `(D, 10)`.
        velocity: float64 `(D, 10)`, the momentum of the optimizer.
        x: inputs `(B, D)`.
        y: labels `(B,)`.
        rate: learning rate.
        rng: `np.random.Generator`, from which Dropout draws.
    Returns:
        `(weights, velocity, loss)` after the step; the loss, a float, is that before.
    """
    kept = x * (rng.random(x.shape) < 0.8) / 0.8
    powers = np.exp(kept @ weights)
    probabilities = powers / powers.sum(axis=1, keepdims=True)
    loss = -np.mean(np.log(probabilities[np.arange(len(y)), y]))
    error = (probabilities - np.eye(10)[y]) / len(y)
    velocity = 0.9 * velocity - rate * kept.T @ error
    return weights + velocity, velocity, float(loss)


def rate_at(step):
    """The learning rate of each step of the run, from 0."""
    return 0.2 / math.sqrt(1 + step / 10)


# %% [markdown]
# **Your task.** Write `train`. It trains for some steps, from the beginning or from a
# state, and returns the losses and the state. The state goes into a file and comes back
# in another process, so it must be plain data: numbers, text, bytes, arrays, or lists
# and dicts of these. What is in it is up to you. (The state of a generator is plain
# data too: `rng.bit_generator.state` can be read and set.)


# %% solution="train"
def train(x, y, steps, batch_size, seed, state=None):
    """Trains a softmax regression, from the beginning or on from a state.

    A run begins with weights and velocity of zeros `(D, 10)` and the generator
    `np.random.default_rng(seed)` for Dropout, and makes its steps by `update`. Each
    epoch, from 0, takes the examples in the order `epoch_order(len(x), seed, epoch)`,
    in batches of `batch_size`, the last of which may have fewer. Step `n` of the run,
    from 0, has the rate `rate_at(n)`.

    Args:
        x: inputs, float64 `(N, D)`; left as they are.
        y: labels, int `(N,)`, 0 to 9.
        steps: how many to make now, at least 0.
        batch_size: at least 1.
        seed: of the run, at least 0; the same when it goes on.
        state: what an earlier call returned, perhaps in another process; None at the
            beginning. It is left as it is. What was learnt is in it: `x` and `y` may
            have other values than before (but the same shapes).
    Returns:
        `(losses, state)`: the list of the losses of these steps, floats, and the state
        after the last of them, plain data. The next call goes on where this one ended,
        in the middle of an epoch too, as if there had been only one call.
    """
    ### BEGIN SOLUTION
    rng = np.random.default_rng(seed)
    weights = velocity = np.zeros((x.shape[1], 10))
    first = 0
    if state is not None:
        weights, velocity, first = state["weights"], state["velocity"], state["step"]
        rng.bit_generator.state = state["dropout"]
    batches = math.ceil(len(x) / batch_size)
    losses = []
    for step in range(first, first + steps):
        epoch, position = divmod(step, batches)
        start = position * batch_size
        rows = epoch_order(len(x), seed, epoch)[start : start + batch_size]
        weights, velocity, loss = update(
            weights, velocity, x[rows], y[rows], rate_at(step), rng
        )
        losses.append(loss)
    state = {
        "weights": weights,
        "velocity": velocity,
        "step": first + steps,
        "dropout": rng.bit_generator.state,
    }
    return losses, state
    ### END SOLUTION


# %% tests="train" name="whole" points=1
rng = np.random.default_rng(14)
x, y = rng.normal(size=(7, 5)), rng.integers(10, size=7)
losses, _ = train(x, y, 3, 3, 0)
checks.equal(len(losses), 3, "how many losses three steps have")
checks.array(losses[0], math.log(10), "the first loss, with weights of 0")


### BEGIN HIDDEN TESTS
def whole_run(x, y, steps, batch_size, seed):
    """The losses of a run that nothing interrupts."""
    generator = np.random.default_rng(seed)
    weights, velocity = np.zeros((x.shape[1], 10)), np.zeros((x.shape[1], 10))
    expected, epoch = [], 0
    while len(expected) < steps:
        left = np.random.default_rng((seed, epoch)).permutation(len(x))
        while len(left) and len(expected) < steps:
            rows, left = left[:batch_size], left[batch_size:]
            rate = rate_at(len(expected))
            weights, velocity, loss = update(
                weights, velocity, x[rows], y[rows], rate, generator
            )
            expected.append(loss)
        epoch += 1
    return expected


for count, batch_size, steps, seed in [(7, 3, 10, 0), (8, 4, 9, 3), (5, 9, 4, 2)]:
    x, y = rng.normal(size=(count, 5)), rng.integers(10, size=count)
    case = f"{count} examples in batches of {batch_size}"
    with checks.unchanged(case, x, y):
        losses, _ = train(x, y, steps, batch_size, seed)
    expected = whole_run(x, y, steps, batch_size, seed)
    checks.array(np.array(losses), expected, case, rtol=1e-9)
### END HIDDEN TESTS

# %% tests="train" name="epochs" points=1
rng = np.random.default_rng(15)
x, y = rng.normal(size=(6, 5)), rng.integers(10, size=6)
together, _ = train(x, y, 4, 3, 0)
first, state = train(x, y, 2, 3, 0)
second, _ = train(x, y, 2, 3, 0, state)
checks.equal(first + second, together, "two epochs, interrupted between them")
### BEGIN HIDDEN TESTS
x, y = rng.normal(size=(12, 6)), rng.integers(10, size=12)
together, _ = train(x, y, 12, 4, 5)
pieces, state = [], None
for steps in (3, 0, 6, 3):
    losses, state = train(x, y, steps, 4, 5, state)
    pieces += losses
checks.equal(pieces, together, "four epochs, interrupted twice between them")
_, state = train(x, y, 3, 4, 5)
once, _ = train(x, y, 3, 4, 5, state)
again, _ = train(x, y, 3, 4, 5, state)
checks.equal(again, once, "a state that is used twice")
### END HIDDEN TESTS

# %% tests="train" name="anywhere" points=1
rng = np.random.default_rng(16)
x, y = rng.normal(size=(7, 5)), rng.integers(10, size=7)
together, _ = train(x, y, 7, 3, 0)
first, state = train(x, y, 4, 3, 0)
second, _ = train(x, y, 3, 3, 0, state)
checks.equal(first + second, together, "seven steps, interrupted after the fourth")
### BEGIN HIDDEN TESTS
x, y = rng.normal(size=(10, 6)), rng.integers(10, size=10)
together, _ = train(x, y, 11, 4, 8)
for killed in (0, 1, 5, 8, 10):
    first, state = train(x, y, killed, 4, 8)
    second, _ = train(x, y, 11 - killed, 4, 8, state)
    checks.equal(first + second, together, f"eleven steps, interrupted after {killed}")
pieces, state = [], None
for _ in range(11):
    losses, state = train(x, y, 1, 4, 8, state)
    pieces += losses
checks.equal(pieces, together, "eleven steps, interrupted after each")
other = rng.normal(size=x.shape)
_, state = train(x, y, 4, 4, 8)
losses, _ = train(other, y, 1, 4, 8, state)
fresh, _ = train(other, y, 5, 4, 8)
checks.holds(
    losses[0] != fresh[-1], "what was learnt is in the state, and not in the data"
)
### END HIDDEN TESTS

# %% [markdown]
# Does it matter? Below, a run on the digits of lab 03, whole and interrupted twice. A
# third program has saved the weights alone, as most do.

# %% experiment="interrupted"
digits, classes = datasets.digits()
x = digits[:1792].reshape(1792, -1).astype(np.float64)  # 28 batches of 64
classes = classes[:1792]
whole, _ = train(x, classes, 90, 64, 0)

pieces, state = [], None
for steps in (30, 25, 35):
    losses, state = train(x, classes, steps, 64, 0, state)
    pieces += losses

weights_only, weights = [], np.zeros((64, 10))
for steps in (30, 25, 35):
    velocity, rng = np.zeros_like(weights), np.random.default_rng(0)
    for step in range(steps):
        start = 64 * (step % 28)
        rows = epoch_order(len(x), 0, step // 28)[start : start + 64]
        weights, velocity, loss = update(
            weights, velocity, x[rows], classes[rows], rate_at(step), rng
        )
        weights_only.append(loss)

with plt.rc_context(plots.STYLE):
    figure, axes = plt.subplots(figsize=(8.5, 3.4), layout="constrained")
    axes.plot(weights_only, color=plots.RED, lw=1.3, label="weights alone are saved")
    axes.plot(whole, color=plots.SKY, lw=5, alpha=0.7, label="not interrupted")
    axes.plot(pieces, "--", color=plots.BLACK, lw=1.4, label="interrupted twice")
    for step in (30, 55):
        axes.axvline(step - 0.5, color="gray", ls=":", lw=1)
    axes.set(xlabel="step", ylabel="loss of the batch", yscale="log")
    axes.legend(frameon=False)
    plt.show()
print("the same bits:", pieces == whole)

# %% [markdown]
# ## 11. How much of the machine?
#
# The sheet of a GPU says how many operations it does in a second. Your training reaches
# a part of that, and this part is the first thing to look at when a run seems slow: at
# 5 % it is the input, at 50 % you may be content. Three traps:
#
# - The first steps trace and compile; leave two out. Single steps are slow for reasons
#   of their own, so take the **median** of the others.
# - Lectures count multiply-adds (MACs), sheets count floating-point operations. A MAC
#   is two: a multiplication and an addition.
# - A training step does three times the work of a forward pass: the gradients with
#   respect to the inputs of a layer and to its weights cost as much as its outputs.
#
# **Your task.** Write `throughput`.


# %% solution="throughput"
def throughput(step_seconds, batch_size, macs, peak_flops):
    """How fast a training is, and how near to what the device can do.

    Args:
        step_seconds: seconds of each training step, a list of at least 3, of which the
            first two do not count.
        batch_size: examples in a step.
        macs: multiply-adds in a forward pass of one example.
        peak_flops: floating-point operations that the device can do in a second.
    Returns:
        A dict of floats: "images_per_second"; "macs_per_second", forward and backward
        together; "fraction_of_peak", 1 if the device does all it can.
    """
    ### BEGIN SOLUTION
    images_per_second = batch_size / float(np.median(step_seconds[2:]))
    macs_per_second = 3 * macs * images_per_second
    return {
        "images_per_second": images_per_second,
        "macs_per_second": macs_per_second,
        "fraction_of_peak": 2 * macs_per_second / peak_flops,
    }
    ### END SOLUTION


# %% tests="throughput" points=1
# 100 examples in 0.5 s, 1000 MACs forward: 200 a second, 600,000 MACs, 1.2 MFLOP
speed = throughput([9, 2, 0.5, 0.5, 4, 0.5], 100, 1000, 4.8e6)
checks.array(speed["images_per_second"], 200.0, "images per second")
checks.array(speed["macs_per_second"], 6e5, "MACs per second")
checks.array(speed["fraction_of_peak"], 0.25, "fraction of the peak")
### BEGIN HIDDEN TESTS
rng = np.random.default_rng(17)
for count in (3, 6, 11, 20):
    times = rng.uniform(0.1, 0.9, size=count)
    times[:2] += 5
    ordered = sorted(times[2:])
    middle = (ordered[(count - 2) // 2] + ordered[(count - 3) // 2]) / 2
    # a ResNet-50 on a device with 300 TFLOP/s
    speed = throughput(times.tolist(), 256, 4.1e9, 3e14)
    case = f"a large net, {count} steps"
    checks.array(speed["images_per_second"], 256 / middle, f"images per second, {case}")
    operations = 256 * 4.1e9 * 3 / middle
    checks.array(speed["macs_per_second"], operations, f"MACs per second, {case}")
    checks.array(
        speed["fraction_of_peak"],
        operations * 2 / 3e14,
        f"fraction of the peak, {case}",
    )
### END HIDDEN TESTS

# %% [markdown]
# ## The experiment: what each change is worth
#
# Now the same in Keras and TensorFlow, on the GPUs of your machine, or else on two
# logical devices that share the processor. `training.prepare` says what it found. (It
# must come before TensorFlow does anything else: if you run this cell a second time,
# restart the kernel.)

# %% experiment="machine"
from cnncourse.quietly import import_quietly

keras = import_quietly("keras")
import tensorflow as tf

from cnncourse import augmentation, training

tf.get_logger().setLevel("ERROR")  # else it reports each sum over devices
gpus = tf.config.list_physical_devices("GPU")
machine = training.prepare(0, precision="float32", devices="auto" if gpus else 2)

digits, classes = datasets.digits()
images = np.pad(np.kron(digits, np.ones((1, 3, 3))), [(0, 0), (2, 2), (2, 2)])[
    ..., None
]
images = images.astype(np.float32)
large = np.uint8(255 * images).repeat(5, axis=1).repeat(5, axis=2)  # as cameras do
files = tf.stack([tf.io.encode_png(image) for image in large])
labels = tf.constant(classes)
policy = augmentation.POLICIES["lenet"].policy


def small_net(precision="float32"):
    """A LeNet with "same" padding: 0.8 million multiply-adds for a picture."""
    conv = {"padding": "same", "activation": "relu", "dtype": precision}
    return keras.Sequential(
        [
            keras.Input((28, 28, 1)),
            keras.layers.Conv2D(8, 5, **conv),
            keras.layers.MaxPooling2D(dtype=precision),
            keras.layers.Conv2D(16, 5, **conv),
            keras.layers.MaxPooling2D(dtype=precision),
            keras.layers.Flatten(dtype=precision),
            keras.layers.Dense(10, dtype="float32"),  # logits and loss in float32
        ]
    )


MACS = 28 * 28 * 25 * 8 + 14 * 14 * 25 * 8 * 16 + 7 * 7 * 16 * 10

# %% [markdown]
# The pictures lie in memory as PNG files, five times as wide and high as the network
# wants them. Each bar of the figure changes one thing and keeps what came before. The
# first three differ only in the order of the lines of exercise 1.


# %% experiment="changes"
def read(i):
    """Decodes a file, and makes the picture small."""
    image = tf.io.decode_png(files[i], channels=1)
    image = tf.image.resize(tf.ensure_shape(image, (140, 140, 1)), (28, 28), "area")
    return image / 255, labels[i]


def augment(image, label):
    """Moves and bends a picture or a batch of them."""
    seed = tf.random.uniform((), maxval=2**31, dtype=tf.int64)
    return policy(image, seed=seed), label


def input_in_order(cache=True, whole_batches=True, parallel=True):
    """The digits in batches of 64, by a better or worse pipeline."""
    calls = tf.data.AUTOTUNE if parallel else None
    data = tf.data.Dataset.range(len(images))
    if cache:
        data = data.map(read, num_parallel_calls=calls).cache().shuffle(2000, seed=0)
    else:
        data = data.shuffle(2000, seed=0).map(read, num_parallel_calls=calls)
    if whole_batches:
        data = data.batch(64, drop_remainder=True)
        data = data.map(augment, num_parallel_calls=calls)
    else:
        data = data.map(augment, num_parallel_calls=calls)
        data = data.batch(64, drop_remainder=True)
    return data.prefetch(tf.data.AUTOTUNE) if parallel else data


def step_seconds(data, precision="float32", xla=False):
    """Seconds of a step, a mean for each epoch; the first fills the cache, compiles."""
    model = small_net(precision)
    loss = keras.losses.SparseCategoricalCrossentropy(from_logits=True)
    model.compile(keras.optimizers.SGD(0.05), loss, jit_compile=xla)
    seconds = []
    for _ in range(9 if FULL else 4):
        start = time.perf_counter()
        model.fit(data, verbose=0, shuffle=False)
        seconds.append((time.perf_counter() - start) / (len(images) // 64))
    return seconds[1:]


half = "mixed_bfloat16"
best = input_in_order()
runs = {
    "read in every epoch,\naugment one by one": step_seconds(
        input_in_order(cache=False, whole_batches=False, parallel=False)
    ),
    "+ cache": step_seconds(input_in_order(whole_batches=False, parallel=False)),
    "+ augment batches": step_seconds(input_in_order(parallel=False)),
    "+ parallel, prefetch": step_seconds(best),
    "+ XLA": step_seconds(best, xla=True),
    "+ bfloat16": step_seconds(best, half, xla=True),
}

matrix = tf.random.normal((4096 if gpus else 1024,) * 2)
times = []
for _ in range(8):
    start = time.perf_counter()
    (matrix @ matrix)[0, 0].numpy()
    times.append(time.perf_counter() - start)
peak = 2 * len(matrix) ** 3 / min(times)  # measured, in float32
speeds = {
    name: throughput([0, 0, *seconds], 64, MACS, peak) for name, seconds in runs.items()
}

# %% experiment="throughput"
with plt.rc_context(plots.STYLE):
    figure, axes = plt.subplots(figsize=(8.5, 3.4), layout="constrained")
    rates = [speed["images_per_second"] for speed in speeds.values()]
    colours = 4 * [plots.BLUE] + [plots.ORANGE, plots.GREEN]
    axes.barh(list(speeds), rates, color=colours)
    for i, speed in enumerate(speeds.values()):
        text = f" {speed['fraction_of_peak']:.0%} of the peak"
        axes.text(speed["images_per_second"], i, text, va="center")
    axes.invert_yaxis()
    axes.set(xlabel="images per second", xlim=(0, 1.3 * max(rates)))
    plt.show()
print(f"The peak is that of a large product of matrices: {peak / 1e9:,.0f} GFLOP/s.")

# %% [markdown]
# The blue bars train the same network on the same pictures. Only the input is another.
# What XLA and bfloat16 do depends on the machine: a GPU with tensor cores gains from
# both; on a processor without instructions for bfloat16 every number is converted to
# and fro, and the bar is short. Measure on the machine that you use, one change at a
# time.
#
# ## The experiment: two devices and a power cut
#
# Four runs with one seed, with augmentation, and with your `warmup_cosine` as schedule:
# on one device; on all devices with the same global batch; on all devices with a power
# cut in the middle of an epoch, after which the same call goes on; and one that after
# the cut has the weights and nothing else. `training.fit` does what you did in exercise
# 10: the batch is a function of the seed and its number, and the rest of the state is
# in a file.


# %% experiment="power_cut"
from tempfile import TemporaryDirectory

from cnncourse.training import Batches

tf.config.experimental.enable_op_determinism()  # XLA does not go with it
EPOCHS, BATCH = (8 if FULL else 3), 128
PER_EPOCH = len(images) // BATCH
STEPS = EPOCHS * PER_EPOCH
CUT = STEPS // 2 + 3


class PowerCut(Exception):
    """What a dying process does not notice."""


def trained(parallel, folder=None, cut=None, weights=None):
    """Returns the mean loss of the epoch after each batch, and the model."""
    keras.utils.set_random_seed(0)
    with machine.scope() if parallel else tf.device(machine.names[0]):
        model = small_net()
        loss = keras.losses.SparseCategoricalCrossentropy(from_logits=True)
        model.compile(keras.optimizers.SGD(0.03, momentum=0.9), loss, jit_compile=False)
    if weights is not None:
        model.set_weights(weights)
    curve = []

    def before(batch, logs):
        step = int(model.optimizer.iterations.numpy())
        model.optimizer.learning_rate = warmup_cosine(step, 0.03, STEPS, STEPS // 5)

    def after(batch, logs):
        curve.append(logs["loss"])
        if len(curve) == cut:
            raise PowerCut

    batches = Batches((images, classes), BATCH, 0, augment=policy, drop_remainder=True)
    calls = keras.callbacks.LambdaCallback(
        on_train_batch_begin=before, on_train_batch_end=after
    )
    try:
        training.fit(
            model,
            batches,
            epochs=EPOCHS,
            folder=folder,
            save_every=1 if folder else 0,
            callbacks=[calls],
            progress="none",
        )
    except PowerCut:
        print(f"power cut after {cut} of {STEPS} steps")
    return curve, model


def of_batches(means):
    """The loss of each batch, from the means since the beginning of its epoch."""
    place = np.arange(len(means)) % PER_EPOCH
    sums = np.array(means) * (place + 1)
    return np.where(place == 0, sums, sums - np.roll(sums, 1))


one, _ = trained(parallel=False)
many, whole_model = trained(parallel=True)
with TemporaryDirectory() as folder:
    first, cut_model = trained(True, folder, cut=CUT)
    second, resumed_model = trained(True, folder)
saved = STEPS - len(second)  # the step that was cut off is made again
resumed = first[:saved] + second
again, _ = trained(True, weights=cut_model.get_weights())

# %% experiment="runs"
with plt.rc_context(plots.STYLE):
    figure, panels = plt.subplots(
        1, 2, figsize=(11, 3.6), sharey=True, layout="constrained"
    )
    count = len(machine.names)
    wide, thin = {"lw": 5, "color": plots.SKY}, {"lw": 1.4, "color": plots.BLACK}
    panels[0].plot(of_batches(one), **wide, label="one device")
    panels[0].plot(of_batches(many), "--", **thin, label=f"{count} x {machine.kind}")
    panels[1].plot(of_batches(many), **wide, label="not interrupted")
    panels[1].plot(of_batches(resumed), "--", **thin, label="interrupted, exact resume")
    steps = range(CUT, STEPS)
    panels[1].plot(
        steps,
        of_batches(again)[: len(steps)],
        color=plots.RED,
        lw=1.4,
        label="weights alone",
    )
    panels[1].axvline(CUT - 0.5, color="gray", ls=":", lw=1)
    for axes in panels:
        axes.set(xlabel="step", ylabel="loss of the batch")
        axes.legend(frameon=False)
    plt.show()
gap = max(abs(a - b) / a for a, b in zip(one, many, strict=True))
print(f"one device and {count}: the losses differ by {gap:.1e} at most")
pairs = zip(whole_model.get_weights(), resumed_model.get_weights(), strict=True)
same = all(np.array_equal(a, b) for a, b in pairs)
print("interrupted and not, the same bits in all weights:", same)

# %% [markdown]
# ## What you take along
#
# - Cache, shuffle, batch, augment, prefetch: in this order.
# - Prefetch turns the sum of two times into the larger one. It does not help a pipeline
#   that is too slow.
# - In float16, softmax and loss belong in float32, and the scale must come before
#   rounding. bfloat16 has the range of float32 and needs no scale.
# - Choose the peak by a range test; warm up; go down smoothly.
# - A mean over devices is right for equal shares only. Sum, and divide once.
# - A run is its weights, the memory of its optimizer, its random generators, and its
#   place in the data.
# - Say how much of the peak you reach before you ask for a larger machine.
#
# What would your `train` have to remember in addition if it stopped early, when the
# loss on a validation set has not improved for five epochs? And what if the pictures
# were augmented by a generator that is passed on from batch to batch?
