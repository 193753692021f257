# Wrong answers that students give, each with the tests that it fails and its hint.
# A mistake differs from a right answer in one thing, so most of them look alike. A wrong
# gradient of a layer fails the exercises that are built on it too, wherever it matters.
# ruff: noqa: E501 (the headers)

# %%
import numpy as np

# %% mistake="forward_difference" exercise="numerical_gradient" fails="test_numerical_gradient test_numerical_gradient_rules"
"""This is the forward difference: you step up only. Step to both sides, and divide by
the distance of the two places."""


def numerical_gradient(f, x, epsilon=1e-5):
    gradient = np.zeros(x.shape)
    for index in np.ndindex(x.shape):
        above = x.copy()
        above[index] += epsilon
        gradient[index] = (f(above) - f(x)) / epsilon
    return gradient


# %% mistake="backward_difference" exercise="numerical_gradient" fails="test_numerical_gradient test_numerical_gradient_rules"
"""You step down only. Step to both sides, and divide by the distance of the two
places."""


def numerical_gradient(f, x, epsilon=1e-5):
    gradient = np.zeros(x.shape)
    for index in np.ndindex(x.shape):
        below = x.copy()
        below[index] -= epsilon
        gradient[index] = (f(x) - f(below)) / epsilon
    return gradient


# %% mistake="divided_by_epsilon" exercise="numerical_gradient" fails="test_numerical_gradient test_numerical_gradient_rules"
"""Your gradient is twice too large: the two places are 2 epsilon apart, not epsilon."""


def numerical_gradient(f, x, epsilon=1e-5):
    gradient = np.zeros(x.shape)
    for index in np.ndindex(x.shape):
        above, below = x.copy(), x.copy()
        above[index] += epsilon
        below[index] -= epsilon
        gradient[index] = (f(above) - f(below)) / epsilon
    return gradient


# %% mistake="multiplied_by_epsilon" exercise="numerical_gradient" fails="test_numerical_gradient test_numerical_gradient_rules"
"""`a / 2 * b` is a half times b in Python: the whole of 2 epsilon belongs below the
line, so it needs brackets."""


def numerical_gradient(f, x, epsilon=1e-5):
    gradient = np.zeros(x.shape)
    for index in np.ndindex(x.shape):
        above, below = x.copy(), x.copy()
        above[index] += epsilon
        below[index] -= epsilon
        gradient[index] = (f(above) - f(below)) / 2 * epsilon
    return gradient


# %% mistake="sign_reversed" exercise="numerical_gradient" fails="test_numerical_gradient test_numerical_gradient_rules"
"""Your gradient has the wrong sign: subtract the value below from the value above."""


def numerical_gradient(f, x, epsilon=1e-5):
    gradient = np.zeros(x.shape)
    for index in np.ndindex(x.shape):
        above, below = x.copy(), x.copy()
        above[index] += epsilon
        below[index] -= epsilon
        gradient[index] = (f(below) - f(above)) / (2 * epsilon)
    return gradient


# %% mistake="epsilon_ignored" exercise="numerical_gradient" fails="test_numerical_gradient"
"""You step by 1e-5 whatever is asked for: use the argument `epsilon`."""


def numerical_gradient(f, x, epsilon=1e-5):
    gradient = np.zeros(x.shape)
    for index in np.ndindex(x.shape):
        above, below = x.copy(), x.copy()
        above[index] += 1e-5
        below[index] -= 1e-5
        gradient[index] = (f(above) - f(below)) / (2e-5)
    return gradient


# %% mistake="all_at_once" exercise="numerical_gradient" fails="test_numerical_gradient test_numerical_gradient_rules"
"""You move all entries at once, so every place gets the slope along the diagonal. Move
one entry at a time, the others stay where they are."""


def numerical_gradient(f, x, epsilon=1e-5):
    slope = (f(x + epsilon) - f(x - epsilon)) / (2 * epsilon)
    return np.full(x.shape, slope)


# %% mistake="no_copy" exercise="numerical_gradient" fails="test_numerical_gradient test_numerical_gradient_rules"
"""`above = x` makes no copy: above and below are one array, which you move up and down
again, so the difference is 0. Use `x.copy()`."""


def numerical_gradient(f, x, epsilon=1e-5):
    gradient = np.zeros(x.shape)
    for index in np.ndindex(x.shape):
        above = below = x
        above[index] += epsilon
        below[index] -= epsilon
        gradient[index] = (f(above) - f(below)) / (2 * epsilon)
    return gradient


# %% mistake="not_moved_back" exercise="numerical_gradient" fails="test_numerical_gradient test_numerical_gradient_rules"
"""You leave each entry where you moved it, so the next slope is measured elsewhere, and
`x` is changed after the call. Put the old value back."""


def numerical_gradient(f, x, epsilon=1e-5):
    gradient = np.zeros(x.shape)
    for index in np.ndindex(x.shape):
        x[index] += epsilon
        above = f(x)
        x[index] -= 2 * epsilon
        gradient[index] = (above - f(x)) / (2 * epsilon)
    return gradient


# %% mistake="copies_made_once" exercise="numerical_gradient" fails="test_numerical_gradient test_numerical_gradient_rules"
"""You make the copies once, before the loop, so the entries that you moved stay moved
when the next is measured. Take fresh copies, or move back."""


def numerical_gradient(f, x, epsilon=1e-5):
    gradient = np.zeros(x.shape)
    above, below = x.copy(), x.copy()
    for index in np.ndindex(x.shape):
        above[index] += epsilon
        below[index] -= epsilon
        gradient[index] = (f(above) - f(below)) / (2 * epsilon)
    return gradient


# %% mistake="moved_back_with_rounding" exercise="numerical_gradient" fails="test_numerical_gradient_rules"
"""You move an entry back by adding what you subtracted. In floats that does not give
the old value exactly. Keep the old value and put it back, or work on a copy."""


def numerical_gradient(f, x, epsilon=1e-5):
    gradient = np.zeros(x.shape)
    for index in np.ndindex(x.shape):
        x[index] += epsilon
        above = f(x)
        x[index] -= 2 * epsilon
        below = f(x)
        x[index] += epsilon
        gradient[index] = (above - below) / (2 * epsilon)
    return gradient


# %% mistake="rows_at_once" exercise="numerical_gradient" fails="test_numerical_gradient_rules"
"""`x[i]` is a whole row if `x` has two axes, and you move all of it. Use an index that
has a number for each axis, as `np.ndindex` gives."""


def numerical_gradient(f, x, epsilon=1e-5):
    gradient = np.zeros(x.shape)
    for index in range(len(x)):
        above, below = x.copy(), x.copy()
        above[index] += epsilon
        below[index] -= epsilon
        gradient[index] = (f(above) - f(below)) / (2 * epsilon)
    return gradient


# %% mistake="flat" exercise="numerical_gradient" fails="test_numerical_gradient_rules"
"""The values are right but lie in one long row: give the gradient the shape of `x`."""


def numerical_gradient(f, x, epsilon=1e-5):
    gradient = np.zeros(x.shape)
    for index in np.ndindex(x.shape):
        above, below = x.copy(), x.copy()
        above[index] += epsilon
        below[index] -= epsilon
        gradient[index] = (f(above) - f(below)) / (2 * epsilon)
    return gradient.ravel()


# %% mistake="decided_by_dy" exercise="relu_backward" fails="test_relu_backward test_lenet_gradients test_train_lenet_step test_train_lenet_learns"
"""You let the sign of `dy` decide. What counts is where the *input* was positive: there
the layer has slope 1, whatever comes back."""


def relu_backward(dy, x):
    return dy * (dy > 0)


# %% mistake="arguments_swapped" exercise="relu_backward" fails="test_relu_backward test_lenet_gradients test_train_lenet_step test_train_lenet_learns"
"""You return `x` where `dy` is positive. It is the other way round: `dy` is what comes
back, and `x` decides where it passes."""


def relu_backward(dy, x):
    return x * (dy > 0)


# %% mistake="both_decide" exercise="relu_backward" fails="test_relu_backward test_lenet_gradients test_train_lenet_step test_train_lenet_learns"
"""Negative gradients must pass too: only the sign of `x` decides. (What you have is
known as guided backpropagation, and makes pretty pictures, but is no gradient.)"""


def relu_backward(dy, x):
    return dy * (x > 0) * (dy > 0)


# %% mistake="one_at_zero" exercise="relu_backward" fails="test_relu_backward"
"""At x = 0 the slope is taken as 0 here, and you take it as 1. Look at your
comparison."""


def relu_backward(dy, x):
    return dy * (x >= 0)


# %% mistake="slope_only" exercise="relu_backward" fails="test_relu_backward test_lenet_gradients test_train_lenet_step test_train_lenet_learns"
"""This is the slope of ReLU alone. The chain rule wants it multiplied by what comes
from above."""


def relu_backward(dy, x):
    return (x > 0).astype(dy.dtype)


# %% mistake="times_output" exercise="relu_backward" fails="test_relu_backward test_lenet_gradients test_train_lenet_step test_train_lenet_learns"
"""You multiply by the output of the ReLU. Multiply by its slope, which is 1 wherever
the input was positive."""


def relu_backward(dy, x):
    return dy * np.maximum(x, 0)


# %% mistake="leaky" exercise="relu_backward" fails="test_relu_backward test_lenet_gradients test_train_lenet_step"
"""Where the input is negative you let a hundredth pass: that is a leaky ReLU. Nothing
passes through this one."""


def relu_backward(dy, x):
    return np.where(x > 0, dy, dy * 0.01)


# %% mistake="mask_reversed" exercise="relu_backward" fails="test_relu_backward test_lenet_gradients test_train_lenet_step test_train_lenet_learns"
"""You let the gradient pass where the input was not positive, and stop it where it was.
Turn the comparison round."""


def relu_backward(dy, x):
    return dy * (x <= 0)


# %% mistake="passed_through" exercise="relu_backward" fails="test_relu_backward test_lenet_gradients test_train_lenet_step test_train_lenet_learns"
"""You pass everything on. Where the input was not positive the output did not depend on
it, so no gradient goes there."""


def relu_backward(dy, x):
    return dy.copy()


# %% mistake="dy_overwritten" exercise="relu_backward" fails="test_relu_backward"
"""The values are right, but you wrote them into `dy`, which belongs to the caller. Make
a new array."""


def relu_backward(dy, x):
    dy[x <= 0] = 0
    return dy


# %% mistake="zeros_left_out" exercise="relu_backward" fails="test_relu_backward test_lenet_gradients test_train_lenet_step test_train_lenet_batches test_train_lenet_learns"
"""You return only those entries that pass. `dx` has the shape of `x`, with zeros where
nothing passes."""


def relu_backward(dy, x):
    return dy[x > 0]


# %% mistake="relu_float64" exercise="relu_backward" fails="test_relu_backward"
"""The values are right, but `np.zeros` and `np.ones` make float64 whatever you were
given: make an array of the dtype of `dy`."""


def relu_backward(dy, x):
    slopes = np.zeros(x.shape)
    slopes[x > 0] = 1
    return slopes * dy


# %% mistake="db_not_summed" exercise="dense_backward" fails="test_dense_backward_parameters test_lenet_gradients test_train_lenet_step test_train_lenet_batches test_train_lenet_learns"
"""Your db has one row for each input of the batch. All of them use the same biases, so
their gradients add up: db has shape (m,)."""


def dense_backward(dy, x, w):
    return dy @ w.T, x.T @ dy, dy.copy()


# %% mistake="dense_db_mean" exercise="dense_backward" fails="test_dense_backward_parameters test_lenet_gradients test_train_lenet_step"
"""Your db is the mean over the batch. It is the sum: the loss has taken the mean
already, once."""


def dense_backward(dy, x, w):
    return dy @ w.T, x.T @ dy, dy.mean(axis=0)


# %% mistake="db_over_outputs" exercise="dense_backward" fails="test_dense_backward_parameters test_lenet_gradients test_train_lenet_step test_train_lenet_batches test_train_lenet_learns"
"""You sum db over the outputs. Sum over the batch, so that one number remains for each
bias."""


def dense_backward(dy, x, w):
    return dy @ w.T, x.T @ dy, dy.sum(axis=1)


# %% mistake="dense_db_total" exercise="dense_backward" fails="test_dense_backward_parameters test_lenet_gradients test_train_lenet_step"
"""You add up all of `dy`. Each bias collects from its own column only."""


def dense_backward(dy, x, w):
    return dy @ w.T, x.T @ dy, dy.sum()


# %% mistake="db_with_two_axes" exercise="dense_backward" fails="test_dense_backward_parameters test_lenet_gradients test_train_lenet_step test_train_lenet_batches test_train_lenet_learns"
"""The numbers of db are right, but its shape is (1, m): biases have shape (m,)."""


def dense_backward(dy, x, w):
    return dy @ w.T, x.T @ dy, dy.sum(axis=0, keepdims=True)


# %% mistake="db_times_x" exercise="dense_backward" fails="test_dense_backward_parameters test_lenet_gradients test_train_lenet_step"
"""You multiply db by the input. A bias enters with the factor 1, so nothing is
multiplied."""


def dense_backward(dy, x, w):
    return dy @ w.T, x.T @ dy, (dy * x.sum(axis=1, keepdims=True)).sum(axis=0)


# %% mistake="dw_mean" exercise="dense_backward" fails="test_dense_backward_parameters test_lenet_gradients test_train_lenet_step"
"""Your dw is divided by the number of inputs. Sum over the batch: the loss has taken
the mean already, once."""


def dense_backward(dy, x, w):
    return dy @ w.T, x.T @ dy / len(x), dy.sum(axis=0)


# %% mistake="parameters_mean" exercise="dense_backward" fails="test_dense_backward_parameters test_lenet_gradients test_train_lenet_step"
"""Your dw and db are divided by the number of inputs. Sum over the batch: the loss has
taken the mean already, once."""


def dense_backward(dy, x, w):
    return dy @ w.T, x.T @ dy / len(x), dy.mean(axis=0)


# %% mistake="dw_transposed" exercise="dense_backward" fails="test_dense_backward_parameters test_lenet_gradients test_train_lenet_step test_train_lenet_batches test_train_lenet_learns"
"""Your dw has the axes of outputs and inputs exchanged: it must have the shape of
`w`."""


def dense_backward(dy, x, w):
    return dy @ w.T, dy.T @ x, dy.sum(axis=0)


# %% mistake="dw_of_first_input" exercise="dense_backward" fails="test_dense_backward_parameters test_lenet_gradients test_train_lenet_step"
"""Your dw holds what the first input of the batch contributes. Add up all of them."""


def dense_backward(dy, x, w):
    return dy @ w.T, np.outer(x[0], dy[0]), dy.sum(axis=0)


# %% mistake="dw_per_input" exercise="dense_backward" fails="test_dense_backward_parameters test_lenet_gradients test_train_lenet_step test_train_lenet_batches test_train_lenet_learns"
"""Your dw has one matrix for each input of the batch. All inputs use the same weights,
so add them up."""


def dense_backward(dy, x, w):
    return dy @ w.T, x[:, :, np.newaxis] * dy[:, np.newaxis], dy.sum(axis=0)


# %% mistake="dx_not_transposed" exercise="dense_backward" fails="test_dense_backward_input test_dense_backward_parameters test_lenet_gradients test_train_lenet_step test_train_lenet_batches test_train_lenet_learns"
"""In dx you multiply by `w` as it is. That goes from inputs to outputs; back you need
its transpose."""


def dense_backward(dy, x, w):
    return dy @ w, x.T @ dy, dy.sum(axis=0)


# %% mistake="dense_dx_mean" exercise="dense_backward" fails="test_dense_backward_input test_lenet_gradients test_train_lenet_step test_train_lenet_learns"
"""Your dx is divided by the number of inputs. No mean is taken here: the loss has done
it, once."""


def dense_backward(dy, x, w):
    return dy @ w.T / len(x), x.T @ dy, dy.sum(axis=0)


# %% mistake="dense_dx_dw_exchanged" exercise="dense_backward" fails="test_dense_backward_input test_dense_backward_parameters test_lenet_gradients test_train_lenet_step test_train_lenet_batches test_train_lenet_learns"
"""The arrays are right, but come in another order: dx, dw, db."""


def dense_backward(dy, x, w):
    return x.T @ dy, dy @ w.T, dy.sum(axis=0)


# %% mistake="two_arrays" exercise="dense_backward" fails="test_dense_backward_input test_dense_backward_parameters test_lenet_gradients test_train_lenet_step test_train_lenet_batches test_train_lenet_learns"
"""You return two arrays. The layer has biases too: return dx, dw and db."""


def dense_backward(dy, x, w):
    return dy @ w.T, x.T @ dy


# %% mistake="dw_float64" exercise="dense_backward" fails="test_dense_backward_parameters"
"""The values are right, but `np.zeros` makes float64 whatever you were given: look at
the dtype of dw."""


def dense_backward(dy, x, w):
    dw = np.zeros(w.shape)
    for row, gradient in zip(x, dy, strict=True):
        dw += np.outer(row, gradient)
    return dy @ w.T, dw, dy.sum(axis=0)


# %% mistake="overflow" exercise="softmax_cross_entropy" fails="test_softmax_cross_entropy_stability"
"""`np.exp` of a large logit is infinite, and what comes after is not a number. Subtract
from each row its largest logit first."""


def softmax_cross_entropy(logits, labels):
    rows = np.arange(len(labels))
    exponentials = np.exp(logits)
    shares = exponentials / exponentials.sum(axis=1, keepdims=True)
    loss = -np.log(shares[rows, labels]).mean()
    shares[rows, labels] -= 1
    return loss, shares / len(labels)


# %% mistake="largest_of_all" exercise="softmax_cross_entropy" fails="test_softmax_cross_entropy_stability"
"""You subtract the largest logit of the whole batch. A picture whose logits are all
much smaller is then left with zeros. Each row has its own largest logit."""


def softmax_cross_entropy(logits, labels):
    rows = np.arange(len(labels))
    shifted = logits - logits.max()
    log_sums = np.log(np.exp(shifted).sum(axis=1, keepdims=True))
    loss = (log_sums[:, 0] - shifted[rows, labels]).mean()
    dlogits = np.exp(shifted - log_sums)
    dlogits[rows, labels] -= 1
    return loss, dlogits / len(labels)


# %% mistake="log_of_zero" exercise="softmax_cross_entropy" fails="test_softmax_cross_entropy_stability"
"""Your probabilities are stable, but one that is rounded to 0 has the logarithm minus
infinity. Compute the logarithm of softmax without the detour."""


def softmax_cross_entropy(logits, labels):
    rows = np.arange(len(labels))
    exponentials = np.exp(logits - logits.max(axis=1, keepdims=True))
    shares = exponentials / exponentials.sum(axis=1, keepdims=True)
    loss = -np.log(shares[rows, labels]).mean()
    shares[rows, labels] -= 1
    return loss, shares / len(labels)


# %% mistake="tiny_number_added" exercise="softmax_cross_entropy" fails="test_softmax_cross_entropy_stability"
"""You add a tiny number to the probability before the logarithm. That avoids infinity
but caps the loss: compute the logarithm of softmax without the detour."""


def softmax_cross_entropy(logits, labels):
    rows = np.arange(len(labels))
    exponentials = np.exp(logits - logits.max(axis=1, keepdims=True))
    shares = exponentials / exponentials.sum(axis=1, keepdims=True)
    loss = -np.log(shares[rows, labels] + 1e-12).mean()
    shares[rows, labels] -= 1
    return loss, shares / len(labels)


# %% mistake="clipped" exercise="softmax_cross_entropy" fails="test_softmax_cross_entropy_stability"
"""You clip the probabilities before the logarithm. That avoids infinity but caps the
loss: compute the logarithm of softmax without the detour."""


def softmax_cross_entropy(logits, labels):
    rows = np.arange(len(labels))
    exponentials = np.exp(logits - logits.max(axis=1, keepdims=True))
    shares = exponentials / exponentials.sum(axis=1, keepdims=True)
    loss = -np.log(np.clip(shares[rows, labels], 1e-7, 1 - 1e-7)).mean()
    shares[rows, labels] -= 1
    return loss, shares / len(labels)


# %% mistake="sum_over_batch" exercise="softmax_cross_entropy" fails="test_softmax_cross_entropy_loss test_softmax_cross_entropy_gradient test_softmax_cross_entropy_stability test_lenet_gradients test_train_lenet_step test_train_lenet_batches test_train_lenet_learns"
"""Loss and gradient are sums over the batch. The loss is a mean, so divide both by the
number of pictures."""


def softmax_cross_entropy(logits, labels):
    rows = np.arange(len(labels))
    shifted = logits - logits.max(axis=1, keepdims=True)
    log_sums = np.log(np.exp(shifted).sum(axis=1, keepdims=True))
    loss = (log_sums[:, 0] - shifted[rows, labels]).sum()
    dlogits = np.exp(shifted - log_sums)
    dlogits[rows, labels] -= 1
    return loss, dlogits


# %% mistake="gradient_not_divided" exercise="softmax_cross_entropy" fails="test_softmax_cross_entropy_gradient test_softmax_cross_entropy_stability test_lenet_gradients test_train_lenet_step test_train_lenet_learns"
"""The loss is a mean over the batch, but your gradient is that of the sum: it is too
large by the number of pictures."""


def softmax_cross_entropy(logits, labels):
    rows = np.arange(len(labels))
    shifted = logits - logits.max(axis=1, keepdims=True)
    log_sums = np.log(np.exp(shifted).sum(axis=1, keepdims=True))
    loss = (log_sums[:, 0] - shifted[rows, labels]).mean()
    dlogits = np.exp(shifted - log_sums)
    dlogits[rows, labels] -= 1
    return loss, dlogits


# %% mistake="loss_not_divided" exercise="softmax_cross_entropy" fails="test_softmax_cross_entropy_loss test_softmax_cross_entropy_stability test_lenet_gradients test_train_lenet_step test_train_lenet_batches"
"""The gradient is that of the mean over the batch, but your loss is the sum."""


def softmax_cross_entropy(logits, labels):
    rows = np.arange(len(labels))
    shifted = logits - logits.max(axis=1, keepdims=True)
    log_sums = np.log(np.exp(shifted).sum(axis=1, keepdims=True))
    loss = (log_sums[:, 0] - shifted[rows, labels]).sum()
    dlogits = np.exp(shifted - log_sums)
    dlogits[rows, labels] -= 1
    return loss, dlogits / len(labels)


# %% mistake="mean_over_classes" exercise="softmax_cross_entropy" fails="test_softmax_cross_entropy_loss test_softmax_cross_entropy_gradient test_softmax_cross_entropy_stability test_lenet_gradients test_train_lenet_step test_train_lenet_batches test_train_lenet_learns"
"""You divide by the number of classes too. The mean is over the pictures only."""


def softmax_cross_entropy(logits, labels):
    rows = np.arange(len(labels))
    shifted = logits - logits.max(axis=1, keepdims=True)
    log_sums = np.log(np.exp(shifted).sum(axis=1, keepdims=True))
    loss = (log_sums[:, 0] - shifted[rows, labels]).sum() / logits.size
    dlogits = np.exp(shifted - log_sums)
    dlogits[rows, labels] -= 1
    return loss, dlogits / logits.size


# %% mistake="loss_of_each_picture" exercise="softmax_cross_entropy" fails="test_softmax_cross_entropy_loss test_softmax_cross_entropy_stability test_lenet_gradients test_train_lenet_step test_train_lenet_batches test_train_lenet_learns"
"""You return a loss for each picture: return their mean, one number."""


def softmax_cross_entropy(logits, labels):
    rows = np.arange(len(labels))
    shifted = logits - logits.max(axis=1, keepdims=True)
    log_sums = np.log(np.exp(shifted).sum(axis=1, keepdims=True))
    loss = log_sums[:, 0] - shifted[rows, labels]
    dlogits = np.exp(shifted - log_sums)
    dlogits[rows, labels] -= 1
    return loss, dlogits / len(labels)


# %% mistake="softmax_gradient_reversed" exercise="softmax_cross_entropy" fails="test_softmax_cross_entropy_gradient test_softmax_cross_entropy_stability test_lenet_gradients test_train_lenet_step test_train_lenet_learns"
"""Your gradient has the wrong sign: it is the probability minus the truth, since the
loss falls when the true logit rises."""


def softmax_cross_entropy(logits, labels):
    rows = np.arange(len(labels))
    shifted = logits - logits.max(axis=1, keepdims=True)
    log_sums = np.log(np.exp(shifted).sum(axis=1, keepdims=True))
    loss = (log_sums[:, 0] - shifted[rows, labels]).mean()
    dlogits = np.exp(shifted - log_sums)
    dlogits[rows, labels] -= 1
    return loss, -dlogits / len(labels)


# %% mistake="loss_negative" exercise="softmax_cross_entropy" fails="test_softmax_cross_entropy_loss test_softmax_cross_entropy_stability test_lenet_gradients test_train_lenet_step test_train_lenet_batches test_train_lenet_learns"
"""Your loss is negative. A probability below 1 has a negative logarithm, and the loss
is minus that."""


def softmax_cross_entropy(logits, labels):
    rows = np.arange(len(labels))
    shifted = logits - logits.max(axis=1, keepdims=True)
    log_sums = np.log(np.exp(shifted).sum(axis=1, keepdims=True))
    loss = (shifted[rows, labels] - log_sums[:, 0]).mean()
    dlogits = np.exp(shifted - log_sums)
    dlogits[rows, labels] -= 1
    return loss, dlogits / len(labels)


# %% mistake="truth_not_subtracted" exercise="softmax_cross_entropy" fails="test_softmax_cross_entropy_gradient test_softmax_cross_entropy_stability test_lenet_gradients test_train_lenet_step test_train_lenet_learns"
"""Your gradient is the probabilities alone. For the true class 1 is to be
subtracted."""


def softmax_cross_entropy(logits, labels):
    rows = np.arange(len(labels))
    shifted = logits - logits.max(axis=1, keepdims=True)
    log_sums = np.log(np.exp(shifted).sum(axis=1, keepdims=True))
    loss = (log_sums[:, 0] - shifted[rows, labels]).mean()
    dlogits = np.exp(shifted - log_sums)
    return loss, dlogits / len(labels)


# %% mistake="true_class_only" exercise="softmax_cross_entropy" fails="test_softmax_cross_entropy_gradient test_softmax_cross_entropy_stability test_lenet_gradients test_train_lenet_step test_train_lenet_learns"
"""Your gradient is 0 for all classes but the true one. The others matter too: their
logits are in the sum below the line."""


def softmax_cross_entropy(logits, labels):
    rows = np.arange(len(labels))
    shifted = logits - logits.max(axis=1, keepdims=True)
    log_sums = np.log(np.exp(shifted).sum(axis=1, keepdims=True))
    loss = (log_sums[:, 0] - shifted[rows, labels]).mean()
    dlogits = np.zeros_like(logits)
    dlogits[rows, labels] = np.exp(shifted - log_sums)[rows, labels] - 1
    return loss, dlogits / len(labels)


# %% mistake="saturating" exercise="softmax_cross_entropy" fails="test_softmax_cross_entropy_gradient test_softmax_cross_entropy_stability test_lenet_gradients test_train_lenet_step test_train_lenet_learns"
"""You multiply by p (1 - p). That is the slope of a sigmoid, for the squared error;
with cross-entropy it cancels."""


def softmax_cross_entropy(logits, labels):
    rows = np.arange(len(labels))
    shifted = logits - logits.max(axis=1, keepdims=True)
    log_sums = np.log(np.exp(shifted).sum(axis=1, keepdims=True))
    loss = (log_sums[:, 0] - shifted[rows, labels]).mean()
    dlogits = np.exp(shifted - log_sums)
    slopes = dlogits * (1 - dlogits)
    dlogits[rows, labels] -= 1
    dlogits = dlogits * slopes
    return loss, dlogits / len(labels)


# %% mistake="softmax_over_batch" exercise="softmax_cross_entropy" fails="test_softmax_cross_entropy_loss test_softmax_cross_entropy_gradient test_softmax_cross_entropy_stability test_lenet_gradients test_train_lenet_step test_train_lenet_batches test_train_lenet_learns"
"""You normalise over the pictures of the batch. The probabilities of the classes of one
picture add up to 1, so sum along axis 1."""


def softmax_cross_entropy(logits, labels):
    rows = np.arange(len(labels))
    shifted = logits - logits.max(axis=0, keepdims=True)
    log_sums = np.log(np.exp(shifted).sum(axis=0, keepdims=True))
    loss = (log_sums[0, labels] - shifted[rows, labels]).mean()
    dlogits = np.exp(shifted - log_sums)
    dlogits[rows, labels] -= 1
    return loss, dlogits / len(labels)


# %% mistake="axis_lost" exercise="softmax_cross_entropy" fails="test_softmax_cross_entropy_loss test_softmax_cross_entropy_gradient test_softmax_cross_entropy_stability test_lenet_gradients test_train_lenet_step test_train_lenet_batches test_train_lenet_learns"
"""The sum over the classes has lost its axis, so NumPy lays it along the wrong one, or
cannot. Keep the axis with `keepdims=True`."""


def softmax_cross_entropy(logits, labels):
    rows = np.arange(len(labels))
    shifted = logits - logits.max(axis=1, keepdims=True)
    log_sums = np.log(np.exp(shifted).sum(axis=1))
    loss = (log_sums - shifted[rows, labels]).mean()
    dlogits = np.exp(shifted - log_sums)
    dlogits[rows, labels] -= 1
    return loss, dlogits / len(labels)


# %% mistake="other_logarithm" exercise="softmax_cross_entropy" fails="test_softmax_cross_entropy_loss test_softmax_cross_entropy_stability test_lenet_gradients test_train_lenet_step test_train_lenet_batches"
"""You use the logarithm to base 10. The gradient p minus the truth belongs to the
natural one, `np.log`."""


def softmax_cross_entropy(logits, labels):
    rows = np.arange(len(labels))
    shifted = logits - logits.max(axis=1, keepdims=True)
    log_sums = np.log(np.exp(shifted).sum(axis=1, keepdims=True))
    loss = (log_sums[:, 0] - shifted[rows, labels]).mean() / np.log(10)
    dlogits = np.exp(shifted - log_sums)
    dlogits[rows, labels] -= 1
    return loss, dlogits / len(labels)


# %% mistake="logits_overwritten" exercise="softmax_cross_entropy" fails="test_softmax_cross_entropy_loss"
"""The values are right, but `-=` changes the logits of the caller. Subtract into a new
array."""


def softmax_cross_entropy(logits, labels):
    rows = np.arange(len(labels))
    logits -= logits.max(axis=1, keepdims=True)
    shifted = logits
    log_sums = np.log(np.exp(shifted).sum(axis=1, keepdims=True))
    loss = (log_sums[:, 0] - shifted[rows, labels]).mean()
    dlogits = np.exp(shifted - log_sums)
    dlogits[rows, labels] -= 1
    return loss, dlogits / len(labels)


# %% mistake="softmax_float64" exercise="softmax_cross_entropy" fails="test_softmax_cross_entropy_gradient"
"""The values are right, but `np.eye` and `np.zeros` make float64, and so the gradient
is float64 for logits of float32."""


def softmax_cross_entropy(logits, labels):
    rows = np.arange(len(labels))
    shifted = logits - logits.max(axis=1, keepdims=True)
    log_sums = np.log(np.exp(shifted).sum(axis=1, keepdims=True))
    loss = (log_sums[:, 0] - shifted[rows, labels]).mean()
    dlogits = np.exp(shifted - log_sums)
    dlogits = dlogits - np.eye(logits.shape[1])[labels]
    return loss, dlogits / len(labels)


# %% mistake="not_flipped" exercise="slide" fails="test_slide"
"""In dx you give x its shares in the order in which the kernel lies. x_1 enters y_0
with the last weight, c, and y_2 with the first, a."""

slide_dx = np.array([-1, 4, -3, 5])
slide_dw = np.array([4, 5, 3])
slide_factor = "dy2"


# %% mistake="slide_taken_literally" exercise="slide" fails="test_slide"
"""You took the printed formula as it stands, with dy_1 twice. x_1 enters the third term
through y_2: which dy belongs to it?"""

slide_dx = np.array([1, 1, 2, 1])
slide_dw = np.array([4, 5, 3])
slide_factor = "dy1"


# %% mistake="factor_of_the_slide" exercise="slide" fails="test_slide"
"""dy1 is what the slide prints. The factor beside it is the slope of y_2, so the chain
rule wants the gradient in y_2."""

slide_dx = np.array([-1, 5, -4, 3])
slide_dw = np.array([4, 5, 3])
slide_factor = "dy1"


# %% mistake="factor_one_too_far" exercise="slide" fails="test_slide"
"""Look at what the misprinted factor is multiplied by: the slope of y_2. The chain rule
wants the gradient in that output."""

slide_dx = np.array([-1, 5, -4, 3])
slide_dw = np.array([4, 5, 3])
slide_factor = "dy3"


# %% mistake="weights_reversed" exercise="slide" fails="test_slide"
"""Your gradients of a and c are exchanged. In y_i the weight a lies on x_(i-1), so da
collects dy_i x_(i-1)."""

slide_dx = np.array([-1, 5, -4, 3])
slide_dw = np.array([3, 5, 4])
slide_factor = "dy2"


# %% mistake="ends_joined" exercise="slide" fails="test_slide"
"""You let the signal go round: beyond its ends are zeros, so x_0 has no left neighbour
and x_3 no right one."""

slide_dx = np.array([-2, 5, -4, 5])
slide_dw = np.array([4, 5, 2])
slide_factor = "dy2"


# %% mistake="weights_mean" exercise="slide" fails="test_slide"
"""Your gradient in the weights is a mean over the outputs. A weight that is used four
times collects from all four uses: it is a sum."""

slide_dx = np.array([-1, 5, -4, 3])
slide_dw = np.array([1, 1.25, 0.75])
slide_factor = "dy2"


# %% mistake="forward" exercise="slide" fails="test_slide"
"""Your slide_dx is the output y of the layer. Go the other way: what does each x_k get
back from the dy of the outputs that it enters?"""

slide_dx = np.array([2, 1, 4, 4])
slide_dw = np.array([4, 5, 3])
slide_factor = "dy2"


# %% mistake="kernel_reversed" exercise="conv2d_backward" fails="test_conv2d_backward_input test_conv2d_backward_strides test_conv2d_backward_rules test_lenet_gradients test_train_lenet_step"
"""In dx your kernel lies the wrong way round: every output stamps the kernel as it
looked. (Only a correlation of the padded dy wants it flipped, so perhaps you flipped it
twice, or not at all.)"""


def conv2d_backward(dy, x, w, strides=1, padding=0):
    (height, width), (kh, kw) = x.shape[1:3], w.shape[:2]
    x = np.pad(x, [(0, 0), (padding, padding), (padding, padding), (0, 0)])
    rows, columns = (x.shape[1] - kh) // strides + 1, (x.shape[2] - kw) // strides + 1
    if dy.shape != (len(x), rows, columns, w.shape[3]):
        raise ValueError(f"Expected dy as large as the output. Received: {dy.shape}")
    dx, dw = np.zeros_like(x), np.zeros_like(w)
    for i in range(rows):
        for j in range(columns):
            top, left = i * strides, j * strides
            window = np.s_[:, top : top + kh, left : left + kw]
            dx[window] += np.tensordot(dy[:, i, j], w[::-1, ::-1], (1, 3))
            dw += np.tensordot(x[window], dy[:, i, j], (0, 0))
    dx = dx[:, padding : padding + height, padding : padding + width]
    return dx, dw, dy.sum(axis=(0, 1, 2))


# %% mistake="stamps_overwrite" exercise="conv2d_backward" fails="test_conv2d_backward_input test_conv2d_backward_strides test_conv2d_backward_rules test_lenet_gradients test_train_lenet_step"
"""Where stamps overlap you keep the last one. A pixel that lay in several windows
collects from all of them: add."""


def conv2d_backward(dy, x, w, strides=1, padding=0):
    (height, width), (kh, kw) = x.shape[1:3], w.shape[:2]
    x = np.pad(x, [(0, 0), (padding, padding), (padding, padding), (0, 0)])
    rows, columns = (x.shape[1] - kh) // strides + 1, (x.shape[2] - kw) // strides + 1
    if dy.shape != (len(x), rows, columns, w.shape[3]):
        raise ValueError(f"Expected dy as large as the output. Received: {dy.shape}")
    dx, dw = np.zeros_like(x), np.zeros_like(w)
    for i in range(rows):
        for j in range(columns):
            top, left = i * strides, j * strides
            window = np.s_[:, top : top + kh, left : left + kw]
            dx[window] = np.tensordot(dy[:, i, j], w, (1, 3))
            dw += np.tensordot(x[window], dy[:, i, j], (0, 0))
    dx = dx[:, padding : padding + height, padding : padding + width]
    return dx, dw, dy.sum(axis=(0, 1, 2))


# %% mistake="filters_mixed" exercise="conv2d_backward" fails="test_conv2d_backward_input test_conv2d_backward_strides test_conv2d_backward_rules test_lenet_gradients test_train_lenet_step test_train_lenet_learns"
"""In dx you add up the gradients of all filters before you stamp. Each filter stamps
its own kernel, times its own dy."""


def conv2d_backward(dy, x, w, strides=1, padding=0):
    (height, width), (kh, kw) = x.shape[1:3], w.shape[:2]
    x = np.pad(x, [(0, 0), (padding, padding), (padding, padding), (0, 0)])
    rows, columns = (x.shape[1] - kh) // strides + 1, (x.shape[2] - kw) // strides + 1
    if dy.shape != (len(x), rows, columns, w.shape[3]):
        raise ValueError(f"Expected dy as large as the output. Received: {dy.shape}")
    dx, dw = np.zeros_like(x), np.zeros_like(w)
    for i in range(rows):
        for j in range(columns):
            top, left = i * strides, j * strides
            window = np.s_[:, top : top + kh, left : left + kw]
            dx[window] += np.multiply.outer(dy[:, i, j].sum(axis=1), w.sum(axis=3))
            dw += np.tensordot(x[window], dy[:, i, j], (0, 0))
    dx = dx[:, padding : padding + height, padding : padding + width]
    return dx, dw, dy.sum(axis=(0, 1, 2))


# %% mistake="first_filter_only" exercise="conv2d_backward" fails="test_conv2d_backward_input test_conv2d_backward_strides test_conv2d_backward_rules test_lenet_gradients test_train_lenet_step"
"""Your dx has the stamps of the first filter only. All filters looked at the input, so
all of them stamp."""


def conv2d_backward(dy, x, w, strides=1, padding=0):
    (height, width), (kh, kw) = x.shape[1:3], w.shape[:2]
    x = np.pad(x, [(0, 0), (padding, padding), (padding, padding), (0, 0)])
    rows, columns = (x.shape[1] - kh) // strides + 1, (x.shape[2] - kw) // strides + 1
    if dy.shape != (len(x), rows, columns, w.shape[3]):
        raise ValueError(f"Expected dy as large as the output. Received: {dy.shape}")
    dx, dw = np.zeros_like(x), np.zeros_like(w)
    for i in range(rows):
        for j in range(columns):
            top, left = i * strides, j * strides
            window = np.s_[:, top : top + kh, left : left + kw]
            dx[window] += np.multiply.outer(dy[:, i, j, 0], w[..., 0])
            dw += np.tensordot(x[window], dy[:, i, j], (0, 0))
    dx = dx[:, padding : padding + height, padding : padding + width]
    return dx, dw, dy.sum(axis=(0, 1, 2))


# %% mistake="conv_dx_mean" exercise="conv2d_backward" fails="test_conv2d_backward_input test_conv2d_backward_strides test_conv2d_backward_rules test_lenet_gradients test_train_lenet_step"
"""Your dx is divided by the number of pictures. No mean is taken here: the loss has
done it, once."""


def conv2d_backward(dy, x, w, strides=1, padding=0):
    (height, width), (kh, kw) = x.shape[1:3], w.shape[:2]
    x = np.pad(x, [(0, 0), (padding, padding), (padding, padding), (0, 0)])
    rows, columns = (x.shape[1] - kh) // strides + 1, (x.shape[2] - kw) // strides + 1
    if dy.shape != (len(x), rows, columns, w.shape[3]):
        raise ValueError(f"Expected dy as large as the output. Received: {dy.shape}")
    dx, dw = np.zeros_like(x), np.zeros_like(w)
    for i in range(rows):
        for j in range(columns):
            top, left = i * strides, j * strides
            window = np.s_[:, top : top + kh, left : left + kw]
            dx[window] += np.tensordot(dy[:, i, j], w, (1, 3))
            dw += np.tensordot(x[window], dy[:, i, j], (0, 0))
    dx = dx[:, padding : padding + height, padding : padding + width]
    return dx / np.float32(len(x)), dw, dy.sum(axis=(0, 1, 2))


# %% mistake="conv_strides_ignored" exercise="conv2d_backward" fails="test_conv2d_backward_strides"
"""Your windows move by one pixel whatever the strides are: output (i, j) looked at the
window that begins at row strides times i."""


def conv2d_backward(dy, x, w, strides=1, padding=0):
    (height, width), (kh, kw) = x.shape[1:3], w.shape[:2]
    x = np.pad(x, [(0, 0), (padding, padding), (padding, padding), (0, 0)])
    rows, columns = (x.shape[1] - kh) // strides + 1, (x.shape[2] - kw) // strides + 1
    if dy.shape != (len(x), rows, columns, w.shape[3]):
        raise ValueError(f"Expected dy as large as the output. Received: {dy.shape}")
    dx, dw = np.zeros_like(x), np.zeros_like(w)
    for i in range(rows):
        for j in range(columns):
            top, left = i, j
            window = np.s_[:, top : top + kh, left : left + kw]
            dx[window] += np.tensordot(dy[:, i, j], w, (1, 3))
            dw += np.tensordot(x[window], dy[:, i, j], (0, 0))
    dx = dx[:, padding : padding + height, padding : padding + width]
    return dx, dw, dy.sum(axis=(0, 1, 2))


# %% mistake="strides_ignored_in_dx" exercise="conv2d_backward" fails="test_conv2d_backward_strides"
"""In dx your stamps stand side by side whatever the strides are: the stamp of output
(i, j) begins at row strides times i."""


def conv2d_backward(dy, x, w, strides=1, padding=0):
    (height, width), (kh, kw) = x.shape[1:3], w.shape[:2]
    x = np.pad(x, [(0, 0), (padding, padding), (padding, padding), (0, 0)])
    rows, columns = (x.shape[1] - kh) // strides + 1, (x.shape[2] - kw) // strides + 1
    if dy.shape != (len(x), rows, columns, w.shape[3]):
        raise ValueError(f"Expected dy as large as the output. Received: {dy.shape}")
    dx, dw = np.zeros_like(x), np.zeros_like(w)
    for i in range(rows):
        for j in range(columns):
            top, left = i * strides, j * strides
            window = np.s_[:, top : top + kh, left : left + kw]
            dx[:, i : i + kh, j : j + kw] += np.tensordot(dy[:, i, j], w, (1, 3))
            dw += np.tensordot(x[window], dy[:, i, j], (0, 0))
    dx = dx[:, padding : padding + height, padding : padding + width]
    return dx, dw, dy.sum(axis=(0, 1, 2))


# %% mistake="strides_ignored_in_dw" exercise="conv2d_backward" fails="test_conv2d_backward_strides"
"""In dw your windows move by one pixel whatever the strides are: output (i, j) looked
at the window that begins at row strides times i."""


def conv2d_backward(dy, x, w, strides=1, padding=0):
    (height, width), (kh, kw) = x.shape[1:3], w.shape[:2]
    x = np.pad(x, [(0, 0), (padding, padding), (padding, padding), (0, 0)])
    rows, columns = (x.shape[1] - kh) // strides + 1, (x.shape[2] - kw) // strides + 1
    if dy.shape != (len(x), rows, columns, w.shape[3]):
        raise ValueError(f"Expected dy as large as the output. Received: {dy.shape}")
    dx, dw = np.zeros_like(x), np.zeros_like(w)
    for i in range(rows):
        for j in range(columns):
            top, left = i * strides, j * strides
            window = np.s_[:, top : top + kh, left : left + kw]
            dx[window] += np.tensordot(dy[:, i, j], w, (1, 3))
            dw += np.tensordot(x[:, i : i + kh, j : j + kw], dy[:, i, j], (0, 0))
    dx = dx[:, padding : padding + height, padding : padding + width]
    return dx, dw, dy.sum(axis=(0, 1, 2))


# %% mistake="conv_rest_left_out" exercise="conv2d_backward" fails="test_conv2d_backward_strides"
"""Your dx ends where the last window ends. Pixels behind it, which no window reached,
have the gradient 0: dx has the shape of x."""


def conv2d_backward(dy, x, w, strides=1, padding=0):
    (height, width), (kh, kw) = x.shape[1:3], w.shape[:2]
    x = np.pad(x, [(0, 0), (padding, padding), (padding, padding), (0, 0)])
    rows, columns = (x.shape[1] - kh) // strides + 1, (x.shape[2] - kw) // strides + 1
    if dy.shape != (len(x), rows, columns, w.shape[3]):
        raise ValueError(f"Expected dy as large as the output. Received: {dy.shape}")
    dw = np.zeros_like(w)
    bottom, right = (rows - 1) * strides + kh, (columns - 1) * strides + kw
    dx = np.zeros_like(x[:, :bottom, :right])
    for i in range(rows):
        for j in range(columns):
            top, left = i * strides, j * strides
            window = np.s_[:, top : top + kh, left : left + kw]
            dx[window] += np.tensordot(dy[:, i, j], w, (1, 3))
            dw += np.tensordot(x[window], dy[:, i, j], (0, 0))
    dx = dx[:, padding : padding + height, padding : padding + width]
    return dx, dw, dy.sum(axis=(0, 1, 2))


# %% mistake="frame_not_cut" exercise="conv2d_backward" fails="test_conv2d_backward_strides test_conv2d_backward_rules test_lenet_gradients test_train_lenet_step test_train_lenet_batches test_train_lenet_learns"
"""Your dx still has the frame of the padding. The zeros of the frame are no pixels: cut
it off."""


def conv2d_backward(dy, x, w, strides=1, padding=0):
    (height, width), (kh, kw) = x.shape[1:3], w.shape[:2]
    x = np.pad(x, [(0, 0), (padding, padding), (padding, padding), (0, 0)])
    rows, columns = (x.shape[1] - kh) // strides + 1, (x.shape[2] - kw) // strides + 1
    if dy.shape != (len(x), rows, columns, w.shape[3]):
        raise ValueError(f"Expected dy as large as the output. Received: {dy.shape}")
    dx, dw = np.zeros_like(x), np.zeros_like(w)
    for i in range(rows):
        for j in range(columns):
            top, left = i * strides, j * strides
            window = np.s_[:, top : top + kh, left : left + kw]
            dx[window] += np.tensordot(dy[:, i, j], w, (1, 3))
            dw += np.tensordot(x[window], dy[:, i, j], (0, 0))
    return dx, dw, dy.sum(axis=(0, 1, 2))


# %% mistake="frame_cut_above_only" exercise="conv2d_backward" fails="test_conv2d_backward_strides test_conv2d_backward_rules test_lenet_gradients test_train_lenet_step test_train_lenet_batches test_train_lenet_learns"
"""You cut the frame off above and on the left, but it is on all four sides."""


def conv2d_backward(dy, x, w, strides=1, padding=0):
    (height, width), (kh, kw) = x.shape[1:3], w.shape[:2]
    x = np.pad(x, [(0, 0), (padding, padding), (padding, padding), (0, 0)])
    rows, columns = (x.shape[1] - kh) // strides + 1, (x.shape[2] - kw) // strides + 1
    if dy.shape != (len(x), rows, columns, w.shape[3]):
        raise ValueError(f"Expected dy as large as the output. Received: {dy.shape}")
    dx, dw = np.zeros_like(x), np.zeros_like(w)
    for i in range(rows):
        for j in range(columns):
            top, left = i * strides, j * strides
            window = np.s_[:, top : top + kh, left : left + kw]
            dx[window] += np.tensordot(dy[:, i, j], w, (1, 3))
            dw += np.tensordot(x[window], dy[:, i, j], (0, 0))
    dx = dx[:, padding:, padding:]
    return dx, dw, dy.sum(axis=(0, 1, 2))


# %% mistake="frame_cut_at_the_wrong_side" exercise="conv2d_backward" fails="test_conv2d_backward_strides test_conv2d_backward_rules test_lenet_gradients test_train_lenet_step"
"""You cut the whole frame off below and on the right. Half of it is above and on the
left, so your dx is shifted."""


def conv2d_backward(dy, x, w, strides=1, padding=0):
    (height, width), (kh, kw) = x.shape[1:3], w.shape[:2]
    x = np.pad(x, [(0, 0), (padding, padding), (padding, padding), (0, 0)])
    rows, columns = (x.shape[1] - kh) // strides + 1, (x.shape[2] - kw) // strides + 1
    if dy.shape != (len(x), rows, columns, w.shape[3]):
        raise ValueError(f"Expected dy as large as the output. Received: {dy.shape}")
    dx, dw = np.zeros_like(x), np.zeros_like(w)
    for i in range(rows):
        for j in range(columns):
            top, left = i * strides, j * strides
            window = np.s_[:, top : top + kh, left : left + kw]
            dx[window] += np.tensordot(dy[:, i, j], w, (1, 3))
            dw += np.tensordot(x[window], dy[:, i, j], (0, 0))
    dx = dx[:, :height, :width]
    return dx, dw, dy.sum(axis=(0, 1, 2))


# %% mistake="padding_forgotten" exercise="conv2d_backward" fails="test_conv2d_backward_strides test_conv2d_backward_rules test_lenet_gradients test_train_lenet_step test_train_lenet_batches test_train_lenet_learns"
"""You work on the picture without its padding, so the output has not the shape that you
expect. Pad `x` first."""


def conv2d_backward(dy, x, w, strides=1, padding=0):
    (height, width), (kh, kw) = x.shape[1:3], w.shape[:2]
    rows, columns = (x.shape[1] - kh) // strides + 1, (x.shape[2] - kw) // strides + 1
    if dy.shape != (len(x), rows, columns, w.shape[3]):
        raise ValueError(f"Expected dy as large as the output. Received: {dy.shape}")
    dx, dw = np.zeros_like(x), np.zeros_like(w)
    for i in range(rows):
        for j in range(columns):
            top, left = i * strides, j * strides
            window = np.s_[:, top : top + kh, left : left + kw]
            dx[window] += np.tensordot(dy[:, i, j], w, (1, 3))
            dw += np.tensordot(x[window], dy[:, i, j], (0, 0))
    dx = dx[:, padding : padding + height, padding : padding + width]
    return dx, dw, dy.sum(axis=(0, 1, 2))


# %% mistake="conv_height_and_width_exchanged" exercise="conv2d_backward" fails="test_conv2d_backward_input test_conv2d_backward_parameters test_conv2d_backward_strides"
"""You exchange height and width of the kernel: axis 0 of `w` is its height. Square
kernels do not show it."""


def conv2d_backward(dy, x, w, strides=1, padding=0):
    (height, width), (kw, kh) = x.shape[1:3], w.shape[:2]
    x = np.pad(x, [(0, 0), (padding, padding), (padding, padding), (0, 0)])
    rows, columns = (x.shape[1] - kh) // strides + 1, (x.shape[2] - kw) // strides + 1
    if dy.shape != (len(x), rows, columns, w.shape[3]):
        raise ValueError(f"Expected dy as large as the output. Received: {dy.shape}")
    dx, dw = np.zeros_like(x), np.zeros_like(w)
    for i in range(rows):
        for j in range(columns):
            top, left = i * strides, j * strides
            window = np.s_[:, top : top + kh, left : left + kw]
            dx[window] += np.tensordot(dy[:, i, j], w, (1, 3))
            dw += np.tensordot(x[window], dy[:, i, j], (0, 0))
    dx = dx[:, padding : padding + height, padding : padding + width]
    return dx, dw, dy.sum(axis=(0, 1, 2))


# %% mistake="dw_of_first_picture" exercise="conv2d_backward" fails="test_conv2d_backward_parameters test_conv2d_backward_strides test_conv2d_backward_rules test_lenet_gradients test_train_lenet_step test_train_lenet_learns"
"""Your dw holds what the first picture contributes. All pictures use the same weights:
add them up."""


def conv2d_backward(dy, x, w, strides=1, padding=0):
    (height, width), (kh, kw) = x.shape[1:3], w.shape[:2]
    x = np.pad(x, [(0, 0), (padding, padding), (padding, padding), (0, 0)])
    rows, columns = (x.shape[1] - kh) // strides + 1, (x.shape[2] - kw) // strides + 1
    if dy.shape != (len(x), rows, columns, w.shape[3]):
        raise ValueError(f"Expected dy as large as the output. Received: {dy.shape}")
    dx, dw = np.zeros_like(x), np.zeros_like(w)
    for i in range(rows):
        for j in range(columns):
            top, left = i * strides, j * strides
            window = np.s_[:, top : top + kh, left : left + kw]
            dx[window] += np.tensordot(dy[:, i, j], w, (1, 3))
            dw += np.multiply.outer(x[window][0], dy[0, i, j])
    dx = dx[:, padding : padding + height, padding : padding + width]
    return dx, dw, dy.sum(axis=(0, 1, 2))


# %% mistake="dw_of_each_picture" exercise="conv2d_backward" fails="test_conv2d_backward_parameters test_conv2d_backward_strides test_lenet_gradients test_train_lenet_step test_train_lenet_batches test_train_lenet_learns"
"""Your dw has one array for each picture. All pictures use the same weights: add them
up."""


def conv2d_backward(dy, x, w, strides=1, padding=0):
    (height, width), (kh, kw) = x.shape[1:3], w.shape[:2]
    x = np.pad(x, [(0, 0), (padding, padding), (padding, padding), (0, 0)])
    rows, columns = (x.shape[1] - kh) // strides + 1, (x.shape[2] - kw) // strides + 1
    if dy.shape != (len(x), rows, columns, w.shape[3]):
        raise ValueError(f"Expected dy as large as the output. Received: {dy.shape}")
    dx, dw = np.zeros_like(x), np.zeros((len(x), *w.shape), w.dtype)
    for i in range(rows):
        for j in range(columns):
            top, left = i * strides, j * strides
            window = np.s_[:, top : top + kh, left : left + kw]
            dx[window] += np.tensordot(dy[:, i, j], w, (1, 3))
            dw += (
                x[window][..., np.newaxis]
                * dy[:, i, j, np.newaxis, np.newaxis, np.newaxis]
            )
    dx = dx[:, padding : padding + height, padding : padding + width]
    return dx, dw, dy.sum(axis=(0, 1, 2))


# %% mistake="dw_mean_over_pictures" exercise="conv2d_backward" fails="test_conv2d_backward_parameters test_conv2d_backward_strides test_conv2d_backward_rules test_lenet_gradients test_train_lenet_step test_train_lenet_learns"
"""Your dw is divided by the number of pictures. It is a sum: the loss has taken the
mean already, once."""


def conv2d_backward(dy, x, w, strides=1, padding=0):
    (height, width), (kh, kw) = x.shape[1:3], w.shape[:2]
    x = np.pad(x, [(0, 0), (padding, padding), (padding, padding), (0, 0)])
    rows, columns = (x.shape[1] - kh) // strides + 1, (x.shape[2] - kw) // strides + 1
    if dy.shape != (len(x), rows, columns, w.shape[3]):
        raise ValueError(f"Expected dy as large as the output. Received: {dy.shape}")
    dx, dw = np.zeros_like(x), np.zeros_like(w)
    for i in range(rows):
        for j in range(columns):
            top, left = i * strides, j * strides
            window = np.s_[:, top : top + kh, left : left + kw]
            dx[window] += np.tensordot(dy[:, i, j], w, (1, 3))
            dw += np.tensordot(x[window], dy[:, i, j], (0, 0))
    dx = dx[:, padding : padding + height, padding : padding + width]
    return dx, dw / np.float32(len(x)), dy.sum(axis=(0, 1, 2))


# %% mistake="dw_mean_over_places" exercise="conv2d_backward" fails="test_conv2d_backward_parameters test_conv2d_backward_strides test_conv2d_backward_rules test_lenet_gradients test_train_lenet_step test_train_lenet_learns"
"""Your dw is divided by the number of outputs. Weights that are used in many places
collect from all of them: it is a sum."""


def conv2d_backward(dy, x, w, strides=1, padding=0):
    (height, width), (kh, kw) = x.shape[1:3], w.shape[:2]
    x = np.pad(x, [(0, 0), (padding, padding), (padding, padding), (0, 0)])
    rows, columns = (x.shape[1] - kh) // strides + 1, (x.shape[2] - kw) // strides + 1
    if dy.shape != (len(x), rows, columns, w.shape[3]):
        raise ValueError(f"Expected dy as large as the output. Received: {dy.shape}")
    dx, dw = np.zeros_like(x), np.zeros_like(w)
    for i in range(rows):
        for j in range(columns):
            top, left = i * strides, j * strides
            window = np.s_[:, top : top + kh, left : left + kw]
            dx[window] += np.tensordot(dy[:, i, j], w, (1, 3))
            dw += np.tensordot(x[window], dy[:, i, j], (0, 0))
    dx = dx[:, padding : padding + height, padding : padding + width]
    return dx, dw / np.float32(rows * columns), dy.sum(axis=(0, 1, 2))


# %% mistake="dw_reversed" exercise="conv2d_backward" fails="test_conv2d_backward_parameters test_conv2d_backward_strides test_conv2d_backward_rules test_lenet_gradients test_train_lenet_step test_train_lenet_learns"
"""Your dw is upside down and back to front. Weight (a, b) meets the pixel at row a,
column b of each window; nothing is flipped here."""


def conv2d_backward(dy, x, w, strides=1, padding=0):
    (height, width), (kh, kw) = x.shape[1:3], w.shape[:2]
    x = np.pad(x, [(0, 0), (padding, padding), (padding, padding), (0, 0)])
    rows, columns = (x.shape[1] - kh) // strides + 1, (x.shape[2] - kw) // strides + 1
    if dy.shape != (len(x), rows, columns, w.shape[3]):
        raise ValueError(f"Expected dy as large as the output. Received: {dy.shape}")
    dx, dw = np.zeros_like(x), np.zeros_like(w)
    for i in range(rows):
        for j in range(columns):
            top, left = i * strides, j * strides
            window = np.s_[:, top : top + kh, left : left + kw]
            dx[window] += np.tensordot(dy[:, i, j], w, (1, 3))
            dw += np.tensordot(x[window], dy[:, i, j], (0, 0))
    dx = dx[:, padding : padding + height, padding : padding + width]
    return dx, dw[::-1, ::-1], dy.sum(axis=(0, 1, 2))


# %% mistake="dw_of_last_window" exercise="conv2d_backward" fails="test_conv2d_backward_parameters test_conv2d_backward_strides test_conv2d_backward_rules test_lenet_gradients test_train_lenet_step test_train_lenet_learns"
"""Your dw holds what the last window contributes. The same weights lie on every window:
add."""


def conv2d_backward(dy, x, w, strides=1, padding=0):
    (height, width), (kh, kw) = x.shape[1:3], w.shape[:2]
    x = np.pad(x, [(0, 0), (padding, padding), (padding, padding), (0, 0)])
    rows, columns = (x.shape[1] - kh) // strides + 1, (x.shape[2] - kw) // strides + 1
    if dy.shape != (len(x), rows, columns, w.shape[3]):
        raise ValueError(f"Expected dy as large as the output. Received: {dy.shape}")
    dx, dw = np.zeros_like(x), np.zeros_like(w)
    for i in range(rows):
        for j in range(columns):
            top, left = i * strides, j * strides
            window = np.s_[:, top : top + kh, left : left + kw]
            dx[window] += np.tensordot(dy[:, i, j], w, (1, 3))
            dw = np.tensordot(x[window], dy[:, i, j], (0, 0))
    dx = dx[:, padding : padding + height, padding : padding + width]
    return dx, dw, dy.sum(axis=(0, 1, 2))


# %% mistake="db_of_each_place" exercise="conv2d_backward" fails="test_conv2d_backward_parameters test_conv2d_backward_strides test_lenet_gradients test_train_lenet_step test_train_lenet_batches test_train_lenet_learns"
"""Your db has a number for each place of the map. A filter has a single bias, which is
used in all places: sum over them too."""


def conv2d_backward(dy, x, w, strides=1, padding=0):
    (height, width), (kh, kw) = x.shape[1:3], w.shape[:2]
    x = np.pad(x, [(0, 0), (padding, padding), (padding, padding), (0, 0)])
    rows, columns = (x.shape[1] - kh) // strides + 1, (x.shape[2] - kw) // strides + 1
    if dy.shape != (len(x), rows, columns, w.shape[3]):
        raise ValueError(f"Expected dy as large as the output. Received: {dy.shape}")
    dx, dw = np.zeros_like(x), np.zeros_like(w)
    for i in range(rows):
        for j in range(columns):
            top, left = i * strides, j * strides
            window = np.s_[:, top : top + kh, left : left + kw]
            dx[window] += np.tensordot(dy[:, i, j], w, (1, 3))
            dw += np.tensordot(x[window], dy[:, i, j], (0, 0))
    dx = dx[:, padding : padding + height, padding : padding + width]
    return dx, dw, dy.sum(axis=0)


# %% mistake="db_of_each_picture" exercise="conv2d_backward" fails="test_conv2d_backward_parameters test_conv2d_backward_strides test_lenet_gradients test_train_lenet_step test_train_lenet_batches test_train_lenet_learns"
"""Your db has a row for each picture. All pictures use the same biases: sum over the
batch too."""


def conv2d_backward(dy, x, w, strides=1, padding=0):
    (height, width), (kh, kw) = x.shape[1:3], w.shape[:2]
    x = np.pad(x, [(0, 0), (padding, padding), (padding, padding), (0, 0)])
    rows, columns = (x.shape[1] - kh) // strides + 1, (x.shape[2] - kw) // strides + 1
    if dy.shape != (len(x), rows, columns, w.shape[3]):
        raise ValueError(f"Expected dy as large as the output. Received: {dy.shape}")
    dx, dw = np.zeros_like(x), np.zeros_like(w)
    for i in range(rows):
        for j in range(columns):
            top, left = i * strides, j * strides
            window = np.s_[:, top : top + kh, left : left + kw]
            dx[window] += np.tensordot(dy[:, i, j], w, (1, 3))
            dw += np.tensordot(x[window], dy[:, i, j], (0, 0))
    dx = dx[:, padding : padding + height, padding : padding + width]
    return dx, dw, dy.sum(axis=(1, 2))


# %% mistake="conv_db_mean" exercise="conv2d_backward" fails="test_conv2d_backward_parameters test_conv2d_backward_strides test_lenet_gradients test_train_lenet_step"
"""Your db is a mean. It is the sum over all pictures and places: the loss has taken the
mean already, once."""


def conv2d_backward(dy, x, w, strides=1, padding=0):
    (height, width), (kh, kw) = x.shape[1:3], w.shape[:2]
    x = np.pad(x, [(0, 0), (padding, padding), (padding, padding), (0, 0)])
    rows, columns = (x.shape[1] - kh) // strides + 1, (x.shape[2] - kw) // strides + 1
    if dy.shape != (len(x), rows, columns, w.shape[3]):
        raise ValueError(f"Expected dy as large as the output. Received: {dy.shape}")
    dx, dw = np.zeros_like(x), np.zeros_like(w)
    for i in range(rows):
        for j in range(columns):
            top, left = i * strides, j * strides
            window = np.s_[:, top : top + kh, left : left + kw]
            dx[window] += np.tensordot(dy[:, i, j], w, (1, 3))
            dw += np.tensordot(x[window], dy[:, i, j], (0, 0))
    dx = dx[:, padding : padding + height, padding : padding + width]
    return dx, dw, dy.mean(axis=(0, 1, 2))


# %% mistake="conv_db_total" exercise="conv2d_backward" fails="test_conv2d_backward_parameters test_conv2d_backward_strides test_lenet_gradients test_train_lenet_step"
"""You add up all of `dy`. Each filter has its own bias: keep the last axis."""


def conv2d_backward(dy, x, w, strides=1, padding=0):
    (height, width), (kh, kw) = x.shape[1:3], w.shape[:2]
    x = np.pad(x, [(0, 0), (padding, padding), (padding, padding), (0, 0)])
    rows, columns = (x.shape[1] - kh) // strides + 1, (x.shape[2] - kw) // strides + 1
    if dy.shape != (len(x), rows, columns, w.shape[3]):
        raise ValueError(f"Expected dy as large as the output. Received: {dy.shape}")
    dx, dw = np.zeros_like(x), np.zeros_like(w)
    for i in range(rows):
        for j in range(columns):
            top, left = i * strides, j * strides
            window = np.s_[:, top : top + kh, left : left + kw]
            dx[window] += np.tensordot(dy[:, i, j], w, (1, 3))
            dw += np.tensordot(x[window], dy[:, i, j], (0, 0))
    dx = dx[:, padding : padding + height, padding : padding + width]
    return dx, dw, dy.sum()


# %% mistake="db_with_four_axes" exercise="conv2d_backward" fails="test_conv2d_backward_parameters test_conv2d_backward_strides test_lenet_gradients test_train_lenet_step test_train_lenet_batches test_train_lenet_learns"
"""The numbers of db are right, but its shape is not (C_out,): let the summed axes
go."""


def conv2d_backward(dy, x, w, strides=1, padding=0):
    (height, width), (kh, kw) = x.shape[1:3], w.shape[:2]
    x = np.pad(x, [(0, 0), (padding, padding), (padding, padding), (0, 0)])
    rows, columns = (x.shape[1] - kh) // strides + 1, (x.shape[2] - kw) // strides + 1
    if dy.shape != (len(x), rows, columns, w.shape[3]):
        raise ValueError(f"Expected dy as large as the output. Received: {dy.shape}")
    dx, dw = np.zeros_like(x), np.zeros_like(w)
    for i in range(rows):
        for j in range(columns):
            top, left = i * strides, j * strides
            window = np.s_[:, top : top + kh, left : left + kw]
            dx[window] += np.tensordot(dy[:, i, j], w, (1, 3))
            dw += np.tensordot(x[window], dy[:, i, j], (0, 0))
    dx = dx[:, padding : padding + height, padding : padding + width]
    return dx, dw, dy.sum(axis=(0, 1, 2), keepdims=True)


# %% mistake="conv_dx_dw_exchanged" exercise="conv2d_backward" fails="test_conv2d_backward_input test_conv2d_backward_parameters test_conv2d_backward_strides test_conv2d_backward_rules test_lenet_gradients test_train_lenet_step test_train_lenet_batches test_train_lenet_learns"
"""The arrays are right, but come in another order: dx, dw, db."""


def conv2d_backward(dy, x, w, strides=1, padding=0):
    (height, width), (kh, kw) = x.shape[1:3], w.shape[:2]
    x = np.pad(x, [(0, 0), (padding, padding), (padding, padding), (0, 0)])
    rows, columns = (x.shape[1] - kh) // strides + 1, (x.shape[2] - kw) // strides + 1
    if dy.shape != (len(x), rows, columns, w.shape[3]):
        raise ValueError(f"Expected dy as large as the output. Received: {dy.shape}")
    dx, dw = np.zeros_like(x), np.zeros_like(w)
    for i in range(rows):
        for j in range(columns):
            top, left = i * strides, j * strides
            window = np.s_[:, top : top + kh, left : left + kw]
            dx[window] += np.tensordot(dy[:, i, j], w, (1, 3))
            dw += np.tensordot(x[window], dy[:, i, j], (0, 0))
    dx = dx[:, padding : padding + height, padding : padding + width]
    return dw, dx, dy.sum(axis=(0, 1, 2))


# %% mistake="shape_not_checked" exercise="conv2d_backward" fails="test_conv2d_backward_rules"
"""You do not check the shape of `dy`. One that is too small goes through in silence:
raise a ValueError."""


def conv2d_backward(dy, x, w, strides=1, padding=0):
    (height, width), (kh, kw) = x.shape[1:3], w.shape[:2]
    x = np.pad(x, [(0, 0), (padding, padding), (padding, padding), (0, 0)])
    rows, columns = dy.shape[1:3]
    dx, dw = np.zeros_like(x), np.zeros_like(w)
    for i in range(rows):
        for j in range(columns):
            top, left = i * strides, j * strides
            window = np.s_[:, top : top + kh, left : left + kw]
            dx[window] += np.tensordot(dy[:, i, j], w, (1, 3))
            dw += np.tensordot(x[window], dy[:, i, j], (0, 0))
    dx = dx[:, padding : padding + height, padding : padding + width]
    return dx, dw, dy.sum(axis=(0, 1, 2))


# %% mistake="shape_checked_by_assert" exercise="conv2d_backward" fails="test_conv2d_backward_rules"
"""You check the shape of `dy` with `assert`, which raises an AssertionError. A
ValueError is asked for."""


def conv2d_backward(dy, x, w, strides=1, padding=0):
    (height, width), (kh, kw) = x.shape[1:3], w.shape[:2]
    x = np.pad(x, [(0, 0), (padding, padding), (padding, padding), (0, 0)])
    rows, columns = (x.shape[1] - kh) // strides + 1, (x.shape[2] - kw) // strides + 1
    assert dy.shape == (len(x), rows, columns, w.shape[3])
    dx, dw = np.zeros_like(x), np.zeros_like(w)
    for i in range(rows):
        for j in range(columns):
            top, left = i * strides, j * strides
            window = np.s_[:, top : top + kh, left : left + kw]
            dx[window] += np.tensordot(dy[:, i, j], w, (1, 3))
            dw += np.tensordot(x[window], dy[:, i, j], (0, 0))
    dx = dx[:, padding : padding + height, padding : padding + width]
    return dx, dw, dy.sum(axis=(0, 1, 2))


# %% mistake="conv_float64" exercise="conv2d_backward" fails="test_conv2d_backward_rules"
"""The values are right, but `np.zeros` makes float64 whatever you were given: look at
its dtype."""


def conv2d_backward(dy, x, w, strides=1, padding=0):
    (height, width), (kh, kw) = x.shape[1:3], w.shape[:2]
    x = np.pad(x, [(0, 0), (padding, padding), (padding, padding), (0, 0)])
    rows, columns = (x.shape[1] - kh) // strides + 1, (x.shape[2] - kw) // strides + 1
    if dy.shape != (len(x), rows, columns, w.shape[3]):
        raise ValueError(f"Expected dy as large as the output. Received: {dy.shape}")
    dx, dw = np.zeros(x.shape), np.zeros(w.shape)
    for i in range(rows):
        for j in range(columns):
            top, left = i * strides, j * strides
            window = np.s_[:, top : top + kh, left : left + kw]
            dx[window] += np.tensordot(dy[:, i, j], w, (1, 3))
            dw += np.tensordot(x[window], dy[:, i, j], (0, 0))
    dx = dx[:, padding : padding + height, padding : padding + width]
    return dx, dw, dy.sum(axis=(0, 1, 2))


# %% mistake="x_overwritten" exercise="conv2d_backward" fails="test_conv2d_backward_rules"
"""The values are right, but you write them into `x`, which belongs to the caller. Make
a new array for dx."""


def conv2d_backward(dy, x, w, strides=1, padding=0):
    (height, width), (kh, kw) = x.shape[1:3], w.shape[:2]
    if padding:
        x = np.pad(x, [(0, 0), (padding, padding), (padding, padding), (0, 0)])
    rows, columns = (x.shape[1] - kh) // strides + 1, (x.shape[2] - kw) // strides + 1
    if dy.shape != (len(x), rows, columns, w.shape[3]):
        raise ValueError(f"Expected dy as large as the output. Received: {dy.shape}")
    dx, dw = np.zeros_like(x), np.zeros_like(w)
    for i in range(rows):
        for j in range(columns):
            top, left = i * strides, j * strides
            window = np.s_[:, top : top + kh, left : left + kw]
            dx[window] += np.tensordot(dy[:, i, j], w, (1, 3))
            dw += np.tensordot(x[window], dy[:, i, j], (0, 0))
    x[...] = dx
    dx = x[:, padding : padding + height, padding : padding + width]
    return dx, dw, dy.sum(axis=(0, 1, 2))


# %% mistake="no_zeros_between" exercise="conv2d_backward" fails="test_conv2d_backward_strides"
"""You correlate `dy` as it is with the flipped kernel. With strides, the outputs looked
at places that lie apart: put strides - 1 zeros between the entries of `dy` first."""


def conv2d_backward(dy, x, w, strides=1, padding=0):
    (height, width), (kh, kw) = x.shape[1:3], w.shape[:2]
    x = np.pad(x, [(0, 0), (padding, padding), (padding, padding), (0, 0)])
    places = windows(x, (kh, kw), (strides, strides))
    if dy.shape != (*places.shape[:3], w.shape[3]):
        raise ValueError(f"Expected dy as large as the output. Received: {dy.shape}")
    around = [(0, 0), (kh - 1, kh - 1), (kw - 1, kw - 1), (0, 0)]
    flipped = w[::-1, ::-1].swapaxes(2, 3)
    dx = conv2d(np.pad(dy, around), flipped, np.zeros((), dtype=dy.dtype))
    dx = dx[:, padding : padding + height, padding : padding + width]
    dw = np.tensordot(places, dy, ([0, 1, 2], [0, 1, 2])).transpose(1, 2, 0, 3)
    return dx, dw, dy.sum(axis=(0, 1, 2))


# %% mistake="one_zero_too_many" exercise="conv2d_backward" fails="test_conv2d_backward_input test_conv2d_backward_strides test_conv2d_backward_rules test_lenet_gradients test_train_lenet_step"
"""You put as many zeros between the entries of `dy` as the strides say. One fewer is
right: with strides 1 there are none."""


def conv2d_backward(dy, x, w, strides=1, padding=0):
    (height, width), (kh, kw) = x.shape[1:3], w.shape[:2]
    x = np.pad(x, [(0, 0), (padding, padding), (padding, padding), (0, 0)])
    places = windows(x, (kh, kw), (strides, strides))
    if dy.shape != (*places.shape[:3], w.shape[3]):
        raise ValueError(f"Expected dy as large as the output. Received: {dy.shape}")
    rows, columns = (n + (n - 1) * strides for n in dy.shape[1:3])
    spread = np.zeros((len(x), rows, columns, w.shape[3]), dtype=dy.dtype)
    spread[:, :: strides + 1, :: strides + 1] = dy
    around = [(0, 0), (kh - 1, kh - 1), (kw - 1, kw - 1), (0, 0)]
    flipped = w[::-1, ::-1].swapaxes(2, 3)
    dx = conv2d(np.pad(spread, around), flipped, np.zeros((), dtype=dy.dtype))
    dx = dx[:, padding : padding + height, padding : padding + width]
    dw = np.tensordot(places, dy, ([0, 1, 2], [0, 1, 2])).transpose(1, 2, 0, 3)
    return dx, dw, dy.sum(axis=(0, 1, 2))


# %% mistake="to_every_maximum" exercise="max_pool2d_backward" fails="test_max_pool2d_backward_ties"
"""If several values of a window are largest, you give the gradient to each of them, so
there is more of it than before. Here the first one gets it."""


def max_pool2d_backward(dy, x, pool_size, strides=None):
    (height, width), (down, right) = pool_size, strides or pool_size
    dx = np.zeros_like(x)
    for i in range(dy.shape[1]):
        for j in range(dy.shape[2]):
            top, left = i * down, j * right
            window = np.s_[:, top : top + height, left : left + width]
            won = x[window] == x[window].max(axis=(1, 2), keepdims=True)
            dx[window] += won * dy[:, i : i + 1, j : j + 1]
    return dx


# %% mistake="shared_by_maxima" exercise="max_pool2d_backward" fails="test_max_pool2d_backward_ties"
"""If several values of a window are largest, you share the gradient among them. Here
the first one gets all of it."""


def max_pool2d_backward(dy, x, pool_size, strides=None):
    (height, width), (down, right) = pool_size, strides or pool_size
    dx = np.zeros_like(x)
    for i in range(dy.shape[1]):
        for j in range(dy.shape[2]):
            top, left = i * down, j * right
            window = np.s_[:, top : top + height, left : left + width]
            won = x[window] == x[window].max(axis=(1, 2), keepdims=True)
            dx[window] += (
                won * dy[:, i : i + 1, j : j + 1] / won.sum(axis=(1, 2), keepdims=True)
            )
    return dx


# %% mistake="none_on_ties" exercise="max_pool2d_backward" fails="test_max_pool2d_backward_ties"
"""If several values of a window are largest, you give the gradient to none of them, and
it is lost. Here the first one gets it."""


def max_pool2d_backward(dy, x, pool_size, strides=None):
    (height, width), (down, right) = pool_size, strides or pool_size
    dx = np.zeros_like(x)
    for i in range(dy.shape[1]):
        for j in range(dy.shape[2]):
            top, left = i * down, j * right
            window = np.s_[:, top : top + height, left : left + width]
            won = x[window] == x[window].max(axis=(1, 2), keepdims=True)
            alone = won.sum(axis=(1, 2), keepdims=True) == 1
            dx[window] += won * alone * dy[:, i : i + 1, j : j + 1]
    return dx


# %% mistake="last_maximum" exercise="max_pool2d_backward" fails="test_max_pool2d_backward_ties"
"""If several values of a window are largest, you choose the last one. Here the first
one gets the gradient."""


def max_pool2d_backward(dy, x, pool_size, strides=None):
    (height, width), (down, right) = pool_size, strides or pool_size
    pictures, channels = np.ogrid[: x.shape[0], : x.shape[3]]
    dx = np.zeros_like(x)
    for i in range(dy.shape[1]):
        for j in range(dy.shape[2]):
            top, left = i * down, j * right
            window = x[:, top : top + height, left : left + width]
            backwards = window.reshape(len(x), -1, x.shape[3])[:, ::-1]
            winner = height * width - 1 - backwards.argmax(axis=1)
            row, column = np.divmod(winner, width)
            dx[pictures, top + row, left + column, channels] += dy[:, i, j]
    return dx


# %% mistake="first_column_first" exercise="max_pool2d_backward" fails="test_max_pool2d_backward_ties"
"""If several values of a window are largest, you choose the first one column after
column. Go row after row."""


def max_pool2d_backward(dy, x, pool_size, strides=None):
    (height, width), (down, right) = pool_size, strides or pool_size
    pictures, channels = np.ogrid[: x.shape[0], : x.shape[3]]
    dx = np.zeros_like(x)
    for i in range(dy.shape[1]):
        for j in range(dy.shape[2]):
            top, left = i * down, j * right
            window = x[:, top : top + height, left : left + width]
            turned = window.swapaxes(1, 2).reshape(len(x), -1, x.shape[3])
            winner = turned.argmax(axis=1)
            column, row = np.divmod(winner, height)
            dx[pictures, top + row, left + column, channels] += dy[:, i, j]
    return dx


# %% mistake="max_pool_overlaps_overwrite" exercise="max_pool2d_backward" fails="test_max_pool2d_backward_ties"
"""A value that wins several windows keeps the gradient of the last one only. It
collects from all of them: add."""


def max_pool2d_backward(dy, x, pool_size, strides=None):
    (height, width), (down, right) = pool_size, strides or pool_size
    pictures, channels = np.ogrid[: x.shape[0], : x.shape[3]]
    dx = np.zeros_like(x)
    for i in range(dy.shape[1]):
        for j in range(dy.shape[2]):
            top, left = i * down, j * right
            window = x[:, top : top + height, left : left + width]
            winner = window.reshape(len(x), -1, x.shape[3]).argmax(axis=1)
            row, column = np.divmod(winner, width)
            dx[pictures, top + row, left + column, channels] = dy[:, i, j]
    return dx


# %% mistake="max_pool_strides_ignored" exercise="max_pool2d_backward" fails="test_max_pool2d_backward_winners test_max_pool2d_backward_ties"
"""Your windows move by their own size whatever the strides are. Use `strides` where
they are given."""


def max_pool2d_backward(dy, x, pool_size, strides=None):
    (height, width), (down, right) = pool_size, pool_size
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


# %% mistake="to_the_whole_window" exercise="max_pool2d_backward" fails="test_max_pool2d_backward_winners test_max_pool2d_backward_ties test_lenet_gradients test_train_lenet_step"
"""You give the gradient to all values of a window. Only the largest one made the
output, so only that one gets it."""


def max_pool2d_backward(dy, x, pool_size, strides=None):
    (height, width), (down, right) = pool_size, strides or pool_size
    dx = np.zeros_like(x)
    for i in range(dy.shape[1]):
        for j in range(dy.shape[2]):
            top, left = i * down, j * right
            window = np.s_[:, top : top + height, left : left + width]
            dx[window] += dy[:, i : i + 1, j : j + 1]
    return dx


# %% mistake="divided_by_the_window" exercise="max_pool2d_backward" fails="test_max_pool2d_backward_winners test_max_pool2d_backward_ties test_lenet_gradients test_train_lenet_step"
"""You divide the gradient by the size of the window, as for a mean. The largest value
made the whole output, so it gets the whole gradient."""


def max_pool2d_backward(dy, x, pool_size, strides=None):
    (height, width), (down, right) = pool_size, strides or pool_size
    pictures, channels = np.ogrid[: x.shape[0], : x.shape[3]]
    dx = np.zeros_like(x)
    for i in range(dy.shape[1]):
        for j in range(dy.shape[2]):
            top, left = i * down, j * right
            window = x[:, top : top + height, left : left + width]
            winner = window.reshape(len(x), -1, x.shape[3]).argmax(axis=1)
            row, column = np.divmod(winner, width)
            dx[pictures, top + row, left + column, channels] += dy[
                :, i, j
            ] / np.float32(height * width)
    return dx


# %% mistake="one_winner_for_all_channels" exercise="max_pool2d_backward" fails="test_max_pool2d_backward_winners test_max_pool2d_backward_ties test_lenet_gradients test_train_lenet_step"
"""You look for the largest value in all channels together. Each channel is pooled by
itself, so each has its own winner."""


def max_pool2d_backward(dy, x, pool_size, strides=None):
    (height, width), (down, right) = pool_size, strides or pool_size
    pictures, channels = np.ogrid[: x.shape[0], : x.shape[3]]
    dx = np.zeros_like(x)
    for i in range(dy.shape[1]):
        for j in range(dy.shape[2]):
            top, left = i * down, j * right
            window = x[:, top : top + height, left : left + width]
            winner = (
                window.max(axis=3).reshape(len(x), -1).argmax(axis=1)[:, np.newaxis]
            )
            row, column = np.divmod(winner, width)
            dx[pictures, top + row, left + column, channels] += dy[:, i, j]
    return dx


# %% mistake="one_winner_for_all_pictures" exercise="max_pool2d_backward" fails="test_max_pool2d_backward_winners test_max_pool2d_backward_ties test_lenet_gradients test_train_lenet_step"
"""The winners of the first picture get the gradients of all pictures. Each picture has
its own."""


def max_pool2d_backward(dy, x, pool_size, strides=None):
    (height, width), (down, right) = pool_size, strides or pool_size
    pictures, channels = np.ogrid[: x.shape[0], : x.shape[3]]
    dx = np.zeros_like(x)
    for i in range(dy.shape[1]):
        for j in range(dy.shape[2]):
            top, left = i * down, j * right
            window = x[:, top : top + height, left : left + width]
            winner = window.reshape(len(x), -1, x.shape[3]).argmax(axis=1)[:1]
            row, column = np.divmod(winner, width)
            dx[pictures, top + row, left + column, channels] += dy[:, i, j]
    return dx


# %% mistake="max_pool_height_and_width_exchanged" exercise="max_pool2d_backward" fails="test_max_pool2d_backward_winners test_max_pool2d_backward_ties"
"""You turn the number of the winner into row and column with the height of the window.
A row has as many entries as the window is wide."""


def max_pool2d_backward(dy, x, pool_size, strides=None):
    (height, width), (down, right) = pool_size, strides or pool_size
    pictures, channels = np.ogrid[: x.shape[0], : x.shape[3]]
    dx = np.zeros_like(x)
    for i in range(dy.shape[1]):
        for j in range(dy.shape[2]):
            top, left = i * down, j * right
            window = x[:, top : top + height, left : left + width]
            winner = window.reshape(len(x), -1, x.shape[3]).argmax(axis=1)
            row, column = np.divmod(winner, height)
            dx[pictures, top + row, left + column, channels] += dy[:, i, j]
    return dx


# %% mistake="largest_magnitude" exercise="max_pool2d_backward" fails="test_max_pool2d_backward_winners"
"""You look for the largest magnitude. The largest value won: of -3 and 1 that is 1."""


def max_pool2d_backward(dy, x, pool_size, strides=None):
    (height, width), (down, right) = pool_size, strides or pool_size
    pictures, channels = np.ogrid[: x.shape[0], : x.shape[3]]
    dx = np.zeros_like(x)
    for i in range(dy.shape[1]):
        for j in range(dy.shape[2]):
            top, left = i * down, j * right
            window = x[:, top : top + height, left : left + width]
            winner = np.abs(window).reshape(len(x), -1, x.shape[3]).argmax(axis=1)
            row, column = np.divmod(winner, width)
            dx[pictures, top + row, left + column, channels] += dy[:, i, j]
    return dx


# %% mistake="times_the_value" exercise="max_pool2d_backward" fails="test_max_pool2d_backward_winners test_max_pool2d_backward_ties test_lenet_gradients test_train_lenet_step"
"""You multiply the gradient by the value that won. A maximum has slope 1 in it,
whatever it is."""


def max_pool2d_backward(dy, x, pool_size, strides=None):
    (height, width), (down, right) = pool_size, strides or pool_size
    pictures, channels = np.ogrid[: x.shape[0], : x.shape[3]]
    dx = np.zeros_like(x)
    for i in range(dy.shape[1]):
        for j in range(dy.shape[2]):
            top, left = i * down, j * right
            window = x[:, top : top + height, left : left + width]
            winner = window.reshape(len(x), -1, x.shape[3]).argmax(axis=1)
            row, column = np.divmod(winner, width)
            dx[pictures, top + row, left + column, channels] += dy[
                :, i, j
            ] * window.max(axis=(1, 2))
    return dx


# %% mistake="value_instead_of_gradient" exercise="max_pool2d_backward" fails="test_max_pool2d_backward_winners test_max_pool2d_backward_ties test_lenet_gradients test_train_lenet_step test_train_lenet_learns"
"""You put the largest values back where they came from. It is their gradient, `dy`,
that goes there."""


def max_pool2d_backward(dy, x, pool_size, strides=None):
    (height, width), (down, right) = pool_size, strides or pool_size
    pictures, channels = np.ogrid[: x.shape[0], : x.shape[3]]
    dx = np.zeros_like(x)
    for i in range(dy.shape[1]):
        for j in range(dy.shape[2]):
            top, left = i * down, j * right
            window = x[:, top : top + height, left : left + width]
            winner = window.reshape(len(x), -1, x.shape[3]).argmax(axis=1)
            row, column = np.divmod(winner, width)
            dx[pictures, top + row, left + column, channels] += window.max(axis=(1, 2))
    return dx


# %% mistake="max_pool_rest_left_out" exercise="max_pool2d_backward" fails="test_max_pool2d_backward_winners test_max_pool2d_backward_ties"
"""Your dx ends where the last window ends. Pixels behind it, which no window reached,
have the gradient 0: dx has the shape of x."""


def max_pool2d_backward(dy, x, pool_size, strides=None):
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
    bottom, end = (i * down + height, j * right + width)
    return dx[:, :bottom, :end]


# %% mistake="max_pool_float64" exercise="max_pool2d_backward" fails="test_max_pool2d_backward_winners"
"""The values are right, but `np.zeros` makes float64 whatever you were given: look at
its dtype."""


def max_pool2d_backward(dy, x, pool_size, strides=None):
    (height, width), (down, right) = pool_size, strides or pool_size
    pictures, channels = np.ogrid[: x.shape[0], : x.shape[3]]
    dx = np.zeros(x.shape)
    for i in range(dy.shape[1]):
        for j in range(dy.shape[2]):
            top, left = i * down, j * right
            window = x[:, top : top + height, left : left + width]
            winner = window.reshape(len(x), -1, x.shape[3]).argmax(axis=1)
            row, column = np.divmod(winner, width)
            dx[pictures, top + row, left + column, channels] += dy[:, i, j]
    return dx


# %% mistake="max_pool_tiles_only" exercise="max_pool2d_backward" fails="test_max_pool2d_backward_winners test_max_pool2d_backward_ties"
"""You spread the output over the windows and compare. That holds only if the windows
tile the map and no two values are equal: mind overlaps, rests and ties."""


def max_pool2d_backward(dy, x, pool_size, strides=None):
    height, width = pool_size
    largest = max_pool2d(x, pool_size, strides)
    spread = largest.repeat(height, axis=1).repeat(width, axis=2)
    return dy.repeat(height, axis=1).repeat(width, axis=2) * (x == spread)


# %% mistake="not_divided" exercise="avg_pool2d_backward" fails="test_avg_pool2d_backward test_lenet_gradients test_train_lenet_step"
"""You give each value of a window the whole gradient. It entered the mean with weight
1/n, so it gets 1/n of it."""


def avg_pool2d_backward(dy, x, pool_size, strides=None):
    (height, width), (down, right) = pool_size, strides or pool_size
    rows, columns = dy.shape[1:3]
    dx = np.zeros_like(x)
    for a in range(height):
        for b in range(width):
            dx[:, a : a + down * rows : down, b : b + right * columns : right] += dy
    return dx


# %% mistake="divided_by_strides" exercise="avg_pool2d_backward" fails="test_avg_pool2d_backward"
"""You divide by the size of a step. The mean was taken over the window, so divide by
the number of its values."""


def avg_pool2d_backward(dy, x, pool_size, strides=None):
    (height, width), (down, right) = pool_size, strides or pool_size
    rows, columns = dy.shape[1:3]
    dx = np.zeros_like(x)
    for a in range(height):
        for b in range(width):
            dx[:, a : a + down * rows : down, b : b + right * columns : right] += dy
    return dx / np.array(down * right, dtype=x.dtype)


# %% mistake="divided_by_height_squared" exercise="avg_pool2d_backward" fails="test_avg_pool2d_backward"
"""You divide by the height of the window twice. The number of its values is height
times width."""


def avg_pool2d_backward(dy, x, pool_size, strides=None):
    (height, width), (down, right) = pool_size, strides or pool_size
    rows, columns = dy.shape[1:3]
    dx = np.zeros_like(x)
    for a in range(height):
        for b in range(width):
            dx[:, a : a + down * rows : down, b : b + right * columns : right] += dy
    return dx / np.array(height * height, dtype=x.dtype)


# %% mistake="divided_by_outputs" exercise="avg_pool2d_backward" fails="test_avg_pool2d_backward"
"""You divide by the number of outputs. The mean was taken over the window, so divide by
the number of its values."""


def avg_pool2d_backward(dy, x, pool_size, strides=None):
    (height, width), (down, right) = pool_size, strides or pool_size
    rows, columns = dy.shape[1:3]
    dx = np.zeros_like(x)
    for a in range(height):
        for b in range(width):
            dx[:, a : a + down * rows : down, b : b + right * columns : right] += dy
    return dx / np.array(rows * columns, dtype=x.dtype)


# %% mistake="avg_pool_overlaps_overwrite" exercise="avg_pool2d_backward" fails="test_avg_pool2d_backward"
"""A value that lies in several windows keeps the share of one only. It collects from
all of them: add."""


def avg_pool2d_backward(dy, x, pool_size, strides=None):
    (height, width), (down, right) = pool_size, strides or pool_size
    rows, columns = dy.shape[1:3]
    dx = np.zeros_like(x)
    for a in range(height):
        for b in range(width):
            dx[:, a : a + down * rows : down, b : b + right * columns : right] = dy
    return dx / np.array(height * width, dtype=x.dtype)


# %% mistake="overlaps_averaged" exercise="avg_pool2d_backward" fails="test_avg_pool2d_backward"
"""A value that lies in several windows gets the mean of its shares. It gets their sum:
it entered the loss through each of them."""


def avg_pool2d_backward(dy, x, pool_size, strides=None):
    (height, width), (down, right) = pool_size, strides or pool_size
    rows, columns = dy.shape[1:3]
    dx, visits = np.zeros_like(x), np.zeros_like(x)
    for a in range(height):
        for b in range(width):
            below = np.s_[
                :, a : a + down * rows : down, b : b + right * columns : right
            ]
            dx[below] += dy
            visits[below] += 1
    return dx / np.maximum(visits, 1) / np.array(height * width, dtype=x.dtype)


# %% mistake="avg_pool_strides_ignored" exercise="avg_pool2d_backward" fails="test_avg_pool2d_backward"
"""Your windows move by their own size whatever the strides are. Use `strides` where
they are given."""


def avg_pool2d_backward(dy, x, pool_size, strides=None):
    (height, width), (down, right) = pool_size, pool_size
    rows, columns = dy.shape[1:3]
    dx = np.zeros_like(x)
    for a in range(height):
        for b in range(width):
            dx[:, a : a + down * rows : down, b : b + right * columns : right] += dy
    return dx / np.array(height * width, dtype=x.dtype)


# %% mistake="to_the_largest" exercise="avg_pool2d_backward" fails="test_avg_pool2d_backward test_lenet_gradients test_train_lenet_step"
"""This is max pooling backwards: the largest value gets all. In a mean all values count
alike, so all get the same share."""


def avg_pool2d_backward(dy, x, pool_size, strides=None):
    return max_pool2d_backward(dy, x, pool_size, strides)


# %% mistake="avg_pool_rest_left_out" exercise="avg_pool2d_backward" fails="test_avg_pool2d_backward"
"""Your dx ends where the last window ends. Pixels behind it, which no window reached,
have the gradient 0: dx has the shape of x."""


def avg_pool2d_backward(dy, x, pool_size, strides=None):
    (height, width), (down, right) = pool_size, strides or pool_size
    rows, columns = dy.shape[1:3]
    dx = np.zeros_like(x)
    for a in range(height):
        for b in range(width):
            dx[:, a : a + down * rows : down, b : b + right * columns : right] += dy
    bottom, end = (rows - 1) * down + height, (columns - 1) * right + width
    return dx[:, :bottom, :end] / np.array(height * width, dtype=x.dtype)


# %% mistake="avg_pool_float64" exercise="avg_pool2d_backward" fails="test_avg_pool2d_backward"
"""The values are right, but `np.zeros` makes float64 whatever you were given: look at
its dtype."""


def avg_pool2d_backward(dy, x, pool_size, strides=None):
    (height, width), (down, right) = pool_size, strides or pool_size
    rows, columns = dy.shape[1:3]
    dx = np.zeros(x.shape)
    for a in range(height):
        for b in range(width):
            dx[:, a : a + down * rows : down, b : b + right * columns : right] += dy
    return dx / np.array(height * width, dtype=x.dtype)


# %% mistake="avg_pool_tiles_only" exercise="avg_pool2d_backward" fails="test_avg_pool2d_backward"
"""You spread the gradient by repeating it. That holds only if the windows tile the map:
mind overlaps, gaps and rests."""


def avg_pool2d_backward(dy, x, pool_size, strides=None):
    height, width = pool_size
    return dy.repeat(height, axis=1).repeat(width, axis=2) / np.float32(height * width)


# %% mistake="relu3_left_out" exercise="lenet_gradients" fails="test_lenet_gradients test_train_lenet_step test_train_lenet_learns"
"""On the way back you pass the dense layers without the ReLU between them."""


def lenet_gradients(parameters, images, labels):
    a, p, g = lenet(parameters, images), parameters, {}
    loss, d = softmax_cross_entropy(a["logits"], labels)
    d, g["w4"], g["b4"] = dense_backward(d, a["relu3"], p["w4"])
    d, g["w3"], g["b3"] = dense_backward(d, a["flat"], p["w3"])
    d = d.reshape(a["pool2"].shape)
    d = avg_pool2d_backward(d, a["relu2"], (2, 2))
    d = relu_backward(d, a["conv2"])
    d, g["w2"], g["b2"] = conv2d_backward(d, a["pool1"], p["w2"], padding=1)
    d = max_pool2d_backward(d, a["relu1"], (2, 2))
    d = relu_backward(d, a["conv1"])
    _, g["w1"], g["b1"] = conv2d_backward(d, images, p["w1"], padding=2)
    return loss, g


# %% mistake="relu2_left_out" exercise="lenet_gradients" fails="test_lenet_gradients test_train_lenet_step test_train_lenet_learns"
"""On the way back you leave out the ReLU behind the second convolution."""


def lenet_gradients(parameters, images, labels):
    a, p, g = lenet(parameters, images), parameters, {}
    loss, d = softmax_cross_entropy(a["logits"], labels)
    d, g["w4"], g["b4"] = dense_backward(d, a["relu3"], p["w4"])
    d = relu_backward(d, a["dense3"])
    d, g["w3"], g["b3"] = dense_backward(d, a["flat"], p["w3"])
    d = d.reshape(a["pool2"].shape)
    d = avg_pool2d_backward(d, a["relu2"], (2, 2))
    d, g["w2"], g["b2"] = conv2d_backward(d, a["pool1"], p["w2"], padding=1)
    d = max_pool2d_backward(d, a["relu1"], (2, 2))
    d = relu_backward(d, a["conv1"])
    _, g["w1"], g["b1"] = conv2d_backward(d, images, p["w1"], padding=2)
    return loss, g


# %% mistake="relu1_left_out" exercise="lenet_gradients" fails="test_lenet_gradients test_train_lenet_step"
"""On the way back you leave out the ReLU behind the first convolution. The gradients of
w1 and b1 suffer from it."""


def lenet_gradients(parameters, images, labels):
    a, p, g = lenet(parameters, images), parameters, {}
    loss, d = softmax_cross_entropy(a["logits"], labels)
    d, g["w4"], g["b4"] = dense_backward(d, a["relu3"], p["w4"])
    d = relu_backward(d, a["dense3"])
    d, g["w3"], g["b3"] = dense_backward(d, a["flat"], p["w3"])
    d = d.reshape(a["pool2"].shape)
    d = avg_pool2d_backward(d, a["relu2"], (2, 2))
    d = relu_backward(d, a["conv2"])
    d, g["w2"], g["b2"] = conv2d_backward(d, a["pool1"], p["w2"], padding=1)
    d = max_pool2d_backward(d, a["relu1"], (2, 2))
    _, g["w1"], g["b1"] = conv2d_backward(d, images, p["w1"], padding=2)
    return loss, g


# %% mistake="all_relus_left_out" exercise="lenet_gradients" fails="test_lenet_gradients test_train_lenet_step test_train_lenet_learns"
"""On the way back you pass no ReLU. Every line of the table has its turn, the ReLUs
too."""


def lenet_gradients(parameters, images, labels):
    a, p, g = lenet(parameters, images), parameters, {}
    loss, d = softmax_cross_entropy(a["logits"], labels)
    d, g["w4"], g["b4"] = dense_backward(d, a["relu3"], p["w4"])
    d, g["w3"], g["b3"] = dense_backward(d, a["flat"], p["w3"])
    d = d.reshape(a["pool2"].shape)
    d = avg_pool2d_backward(d, a["relu2"], (2, 2))
    d, g["w2"], g["b2"] = conv2d_backward(d, a["pool1"], p["w2"], padding=1)
    d = max_pool2d_backward(d, a["relu1"], (2, 2))
    _, g["w1"], g["b1"] = conv2d_backward(d, images, p["w1"], padding=2)
    return loss, g


# %% mistake="input_before_relu" exercise="lenet_gradients" fails="test_lenet_gradients test_train_lenet_step"
"""The last dense layer is told that its input was "dense3". What it was given is what
came out of the ReLU."""


def lenet_gradients(parameters, images, labels):
    a, p, g = lenet(parameters, images), parameters, {}
    loss, d = softmax_cross_entropy(a["logits"], labels)
    d, g["w4"], g["b4"] = dense_backward(d, a["dense3"], p["w4"])
    d = relu_backward(d, a["dense3"])
    d, g["w3"], g["b3"] = dense_backward(d, a["flat"], p["w3"])
    d = d.reshape(a["pool2"].shape)
    d = avg_pool2d_backward(d, a["relu2"], (2, 2))
    d = relu_backward(d, a["conv2"])
    d, g["w2"], g["b2"] = conv2d_backward(d, a["pool1"], p["w2"], padding=1)
    d = max_pool2d_backward(d, a["relu1"], (2, 2))
    d = relu_backward(d, a["conv1"])
    _, g["w1"], g["b1"] = conv2d_backward(d, images, p["w1"], padding=2)
    return loss, g


# %% mistake="conv2_input_wrong" exercise="lenet_gradients" fails="test_lenet_gradients test_train_lenet_step"
"""The second convolution is told that its input was something else than "pool1". Look
in the table at what it was given."""


def lenet_gradients(parameters, images, labels):
    a, p, g = lenet(parameters, images), parameters, {}
    loss, d = softmax_cross_entropy(a["logits"], labels)
    d, g["w4"], g["b4"] = dense_backward(d, a["relu3"], p["w4"])
    d = relu_backward(d, a["dense3"])
    d, g["w3"], g["b3"] = dense_backward(d, a["flat"], p["w3"])
    d = d.reshape(a["pool2"].shape)
    d = avg_pool2d_backward(d, a["relu2"], (2, 2))
    d = relu_backward(d, a["conv2"])
    d, g["w2"], g["b2"] = conv2d_backward(
        d, a["relu1"][:, ::2, ::2], p["w2"], padding=1
    )
    d = max_pool2d_backward(d, a["relu1"], (2, 2))
    d = relu_backward(d, a["conv1"])
    _, g["w1"], g["b1"] = conv2d_backward(d, images, p["w1"], padding=2)
    return loss, g


# %% mistake="pools_exchanged" exercise="lenet_gradients" fails="test_lenet_gradients test_train_lenet_step"
"""The two poolings are exchanged: behind the first convolution is the maximum, behind
the second the average."""


def lenet_gradients(parameters, images, labels):
    a, p, g = lenet(parameters, images), parameters, {}
    loss, d = softmax_cross_entropy(a["logits"], labels)
    d, g["w4"], g["b4"] = dense_backward(d, a["relu3"], p["w4"])
    d = relu_backward(d, a["dense3"])
    d, g["w3"], g["b3"] = dense_backward(d, a["flat"], p["w3"])
    d = d.reshape(a["pool2"].shape)
    d = max_pool2d_backward(d, a["relu2"], (2, 2))
    d = relu_backward(d, a["conv2"])
    d, g["w2"], g["b2"] = conv2d_backward(d, a["pool1"], p["w2"], padding=1)
    d = avg_pool2d_backward(d, a["relu1"], (2, 2))
    d = relu_backward(d, a["conv1"])
    _, g["w1"], g["b1"] = conv2d_backward(d, images, p["w1"], padding=2)
    return loss, g


# %% mistake="average_twice" exercise="lenet_gradients" fails="test_lenet_gradients test_train_lenet_step"
"""You take both poolings for averages. The first one is a maximum."""


def lenet_gradients(parameters, images, labels):
    a, p, g = lenet(parameters, images), parameters, {}
    loss, d = softmax_cross_entropy(a["logits"], labels)
    d, g["w4"], g["b4"] = dense_backward(d, a["relu3"], p["w4"])
    d = relu_backward(d, a["dense3"])
    d, g["w3"], g["b3"] = dense_backward(d, a["flat"], p["w3"])
    d = d.reshape(a["pool2"].shape)
    d = avg_pool2d_backward(d, a["relu2"], (2, 2))
    d = relu_backward(d, a["conv2"])
    d, g["w2"], g["b2"] = conv2d_backward(d, a["pool1"], p["w2"], padding=1)
    d = avg_pool2d_backward(d, a["relu1"], (2, 2))
    d = relu_backward(d, a["conv1"])
    _, g["w1"], g["b1"] = conv2d_backward(d, images, p["w1"], padding=2)
    return loss, g


# %% mistake="maximum_twice" exercise="lenet_gradients" fails="test_lenet_gradients test_train_lenet_step"
"""You take both poolings for maxima. The second one is an average."""


def lenet_gradients(parameters, images, labels):
    a, p, g = lenet(parameters, images), parameters, {}
    loss, d = softmax_cross_entropy(a["logits"], labels)
    d, g["w4"], g["b4"] = dense_backward(d, a["relu3"], p["w4"])
    d = relu_backward(d, a["dense3"])
    d, g["w3"], g["b3"] = dense_backward(d, a["flat"], p["w3"])
    d = d.reshape(a["pool2"].shape)
    d = max_pool2d_backward(d, a["relu2"], (2, 2))
    d = relu_backward(d, a["conv2"])
    d, g["w2"], g["b2"] = conv2d_backward(d, a["pool1"], p["w2"], padding=1)
    d = max_pool2d_backward(d, a["relu1"], (2, 2))
    d = relu_backward(d, a["conv1"])
    _, g["w1"], g["b1"] = conv2d_backward(d, images, p["w1"], padding=2)
    return loss, g


# %% mistake="padding_left_out" exercise="lenet_gradients" fails="test_lenet_gradients test_train_lenet_step test_train_lenet_batches test_train_lenet_learns"
"""A convolution backwards must be told of its padding: 1 for the second, 2 for the
first."""


def lenet_gradients(parameters, images, labels):
    a, p, g = lenet(parameters, images), parameters, {}
    loss, d = softmax_cross_entropy(a["logits"], labels)
    d, g["w4"], g["b4"] = dense_backward(d, a["relu3"], p["w4"])
    d = relu_backward(d, a["dense3"])
    d, g["w3"], g["b3"] = dense_backward(d, a["flat"], p["w3"])
    d = d.reshape(a["pool2"].shape)
    d = avg_pool2d_backward(d, a["relu2"], (2, 2))
    d = relu_backward(d, a["conv2"])
    d, g["w2"], g["b2"] = conv2d_backward(d, a["pool1"], p["w2"])
    d = max_pool2d_backward(d, a["relu1"], (2, 2))
    d = relu_backward(d, a["conv1"])
    _, g["w1"], g["b1"] = conv2d_backward(d, images, p["w1"])
    return loss, g


# %% mistake="lenet_divided_by_the_batch_again" exercise="lenet_gradients" fails="test_lenet_gradients test_train_lenet_step test_train_lenet_learns"
"""Your gradients are divided by the number of images once too often: the loss has taken
the mean already."""


def lenet_gradients(parameters, images, labels):
    a, p, g = lenet(parameters, images), parameters, {}
    loss, d = softmax_cross_entropy(a["logits"], labels)
    d, g["w4"], g["b4"] = dense_backward(d, a["relu3"], p["w4"])
    d = relu_backward(d, a["dense3"])
    d, g["w3"], g["b3"] = dense_backward(d, a["flat"], p["w3"])
    d = d.reshape(a["pool2"].shape)
    d = avg_pool2d_backward(d, a["relu2"], (2, 2))
    d = relu_backward(d, a["conv2"])
    d, g["w2"], g["b2"] = conv2d_backward(d, a["pool1"], p["w2"], padding=1)
    d = max_pool2d_backward(d, a["relu1"], (2, 2))
    d = relu_backward(d, a["conv1"])
    _, g["w1"], g["b1"] = conv2d_backward(d, images, p["w1"], padding=2)
    return loss, {name: values / len(images) for name, values in g.items()}


# %% mistake="lenet_times_the_batch" exercise="lenet_gradients" fails="test_lenet_gradients test_train_lenet_step test_train_lenet_learns"
"""Your gradients are too large by the number of images: they belong to the sum of the
losses, not to their mean."""


def lenet_gradients(parameters, images, labels):
    a, p, g = lenet(parameters, images), parameters, {}
    loss, d = softmax_cross_entropy(a["logits"], labels)
    d, g["w4"], g["b4"] = dense_backward(d, a["relu3"], p["w4"])
    d = relu_backward(d, a["dense3"])
    d, g["w3"], g["b3"] = dense_backward(d, a["flat"], p["w3"])
    d = d.reshape(a["pool2"].shape)
    d = avg_pool2d_backward(d, a["relu2"], (2, 2))
    d = relu_backward(d, a["conv2"])
    d, g["w2"], g["b2"] = conv2d_backward(d, a["pool1"], p["w2"], padding=1)
    d = max_pool2d_backward(d, a["relu1"], (2, 2))
    d = relu_backward(d, a["conv1"])
    _, g["w1"], g["b1"] = conv2d_backward(d, images, p["w1"], padding=2)
    return loss, {name: values * len(images) for name, values in g.items()}


# %% mistake="loss_summed" exercise="lenet_gradients" fails="test_lenet_gradients test_train_lenet_step test_train_lenet_batches"
"""Your loss is the sum over the images: return the mean."""


def lenet_gradients(parameters, images, labels):
    a, p, g = lenet(parameters, images), parameters, {}
    loss, d = softmax_cross_entropy(a["logits"], labels)
    d, g["w4"], g["b4"] = dense_backward(d, a["relu3"], p["w4"])
    d = relu_backward(d, a["dense3"])
    d, g["w3"], g["b3"] = dense_backward(d, a["flat"], p["w3"])
    d = d.reshape(a["pool2"].shape)
    d = avg_pool2d_backward(d, a["relu2"], (2, 2))
    d = relu_backward(d, a["conv2"])
    d, g["w2"], g["b2"] = conv2d_backward(d, a["pool1"], p["w2"], padding=1)
    d = max_pool2d_backward(d, a["relu1"], (2, 2))
    d = relu_backward(d, a["conv1"])
    _, g["w1"], g["b1"] = conv2d_backward(d, images, p["w1"], padding=2)
    return loss * len(images), g


# %% mistake="softmax_left_out" exercise="lenet_gradients" fails="test_lenet_gradients test_train_lenet_step test_train_lenet_learns"
"""The gradient in the logits is that of a squared error: you subtract the truth from
the logits. Begin with your softmax_cross_entropy."""


def lenet_gradients(parameters, images, labels):
    a, p, g = lenet(parameters, images), parameters, {}
    loss, _ = softmax_cross_entropy(a["logits"], labels)
    d = (a["logits"] - np.eye(10)[labels]) / len(images)
    d, g["w4"], g["b4"] = dense_backward(d, a["relu3"], p["w4"])
    d = relu_backward(d, a["dense3"])
    d, g["w3"], g["b3"] = dense_backward(d, a["flat"], p["w3"])
    d = d.reshape(a["pool2"].shape)
    d = avg_pool2d_backward(d, a["relu2"], (2, 2))
    d = relu_backward(d, a["conv2"])
    d, g["w2"], g["b2"] = conv2d_backward(d, a["pool1"], p["w2"], padding=1)
    d = max_pool2d_backward(d, a["relu1"], (2, 2))
    d = relu_backward(d, a["conv1"])
    _, g["w1"], g["b1"] = conv2d_backward(d, images, p["w1"], padding=2)
    return loss, g


# %% mistake="biases_left_at_zero" exercise="lenet_gradients" fails="test_lenet_gradients test_train_lenet_step"
"""The gradients in the biases are all 0. The backward functions give them as third
array."""


def lenet_gradients(parameters, images, labels):
    a, p, g = lenet(parameters, images), parameters, {}
    loss, d = softmax_cross_entropy(a["logits"], labels)
    d, g["w4"], g["b4"] = dense_backward(d, a["relu3"], p["w4"])
    d = relu_backward(d, a["dense3"])
    d, g["w3"], g["b3"] = dense_backward(d, a["flat"], p["w3"])
    d = d.reshape(a["pool2"].shape)
    d = avg_pool2d_backward(d, a["relu2"], (2, 2))
    d = relu_backward(d, a["conv2"])
    d, g["w2"], g["b2"] = conv2d_backward(d, a["pool1"], p["w2"], padding=1)
    d = max_pool2d_backward(d, a["relu1"], (2, 2))
    d = relu_backward(d, a["conv1"])
    _, g["w1"], g["b1"] = conv2d_backward(d, images, p["w1"], padding=2)
    return loss, {n: v if n[0] == "w" else np.zeros_like(v) for n, v in g.items()}


# %% mistake="biases_missing" exercise="lenet_gradients" fails="test_lenet_gradients test_train_lenet_step test_train_lenet_batches test_train_lenet_learns"
"""The dict has gradients of weights only. The biases are parameters too."""


def lenet_gradients(parameters, images, labels):
    a, p, g = lenet(parameters, images), parameters, {}
    loss, d = softmax_cross_entropy(a["logits"], labels)
    d, g["w4"], g["b4"] = dense_backward(d, a["relu3"], p["w4"])
    d = relu_backward(d, a["dense3"])
    d, g["w3"], g["b3"] = dense_backward(d, a["flat"], p["w3"])
    d = d.reshape(a["pool2"].shape)
    d = avg_pool2d_backward(d, a["relu2"], (2, 2))
    d = relu_backward(d, a["conv2"])
    d, g["w2"], g["b2"] = conv2d_backward(d, a["pool1"], p["w2"], padding=1)
    d = max_pool2d_backward(d, a["relu1"], (2, 2))
    d = relu_backward(d, a["conv1"])
    _, g["w1"], g["b1"] = conv2d_backward(d, images, p["w1"], padding=2)
    return loss, {name: values for name, values in g.items() if name[0] == "w"}


# %% mistake="channels_first" exercise="lenet_gradients" fails="test_lenet_gradients test_train_lenet_step"
""""flat" is "pool2" in the order (rows, columns, channels). You unfold the gradient as
if the channels came first."""


def lenet_gradients(parameters, images, labels):
    a, p, g = lenet(parameters, images), parameters, {}
    loss, d = softmax_cross_entropy(a["logits"], labels)
    d, g["w4"], g["b4"] = dense_backward(d, a["relu3"], p["w4"])
    d = relu_backward(d, a["dense3"])
    d, g["w3"], g["b3"] = dense_backward(d, a["flat"], p["w3"])
    d = d.reshape(len(images), 16, 2, 2).transpose(0, 2, 3, 1)
    d = avg_pool2d_backward(d, a["relu2"], (2, 2))
    d = relu_backward(d, a["conv2"])
    d, g["w2"], g["b2"] = conv2d_backward(d, a["pool1"], p["w2"], padding=1)
    d = max_pool2d_backward(d, a["relu1"], (2, 2))
    d = relu_backward(d, a["conv1"])
    _, g["w1"], g["b1"] = conv2d_backward(d, images, p["w1"], padding=2)
    return loss, g


# %% mistake="lenet_gradient_reversed" exercise="lenet_gradients" fails="test_lenet_gradients test_train_lenet_step test_train_lenet_learns"
"""All gradients have the wrong sign. They say where the loss rises; to go against them
is the business of exercise 10."""


def lenet_gradients(parameters, images, labels):
    a, p, g = lenet(parameters, images), parameters, {}
    loss, d = softmax_cross_entropy(a["logits"], labels)
    d, g["w4"], g["b4"] = dense_backward(d, a["relu3"], p["w4"])
    d = relu_backward(d, a["dense3"])
    d, g["w3"], g["b3"] = dense_backward(d, a["flat"], p["w3"])
    d = d.reshape(a["pool2"].shape)
    d = avg_pool2d_backward(d, a["relu2"], (2, 2))
    d = relu_backward(d, a["conv2"])
    d, g["w2"], g["b2"] = conv2d_backward(d, a["pool1"], p["w2"], padding=1)
    d = max_pool2d_backward(d, a["relu1"], (2, 2))
    d = relu_backward(d, a["conv1"])
    _, g["w1"], g["b1"] = conv2d_backward(d, images, p["w1"], padding=2)
    return loss, {name: -values for name, values in g.items()}


# %% mistake="ascent" exercise="train_lenet" fails="test_train_lenet_step test_train_lenet_learns"
"""Your steps go up: the gradient says where the loss rises, so go against it."""


def train_lenet(images, labels, epochs, learning_rate=0.2, batch_size=32, seed=0):
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
                parameters[name] += learning_rate * gradients[name]
    return parameters, np.array(losses)


# %% mistake="learning_rate_ignored" exercise="train_lenet" fails="test_train_lenet_step test_train_lenet_batches test_train_lenet_learns"
"""You subtract the whole gradient. The step is the learning rate times the gradient."""


def train_lenet(images, labels, epochs, learning_rate=0.2, batch_size=32, seed=0):
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
                parameters[name] -= gradients[name]
    return parameters, np.array(losses)


# %% mistake="learning_rate_fixed" exercise="train_lenet" fails="test_train_lenet_step test_train_lenet_batches test_train_lenet_learns"
"""You step with a learning rate of your own: use the argument."""


def train_lenet(images, labels, epochs, learning_rate=0.2, batch_size=32, seed=0):
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
                parameters[name] -= 0.2 * gradients[name]
    return parameters, np.array(losses)


# %% mistake="biases_not_learnt" exercise="train_lenet" fails="test_train_lenet_step"
"""The biases stay where they were. They are parameters too, and have gradients."""


def train_lenet(images, labels, epochs, learning_rate=0.2, batch_size=32, seed=0):
    parameters = initial_parameters(seed)
    rng = np.random.default_rng(seed)
    losses = []
    for _ in range(epochs):
        order = rng.permutation(len(images))
        for start in range(0, len(images), batch_size):
            batch = order[start : start + batch_size]
            loss, gradients = lenet_gradients(parameters, images[batch], labels[batch])
            losses.append(loss)
            for name in ("w1", "w2", "w3", "w4"):
                parameters[name] -= learning_rate * gradients[name]
    return parameters, np.array(losses)


# %% mistake="last_layer_only" exercise="train_lenet" fails="test_train_lenet_step test_train_lenet_learns"
"""Only the last layer learns. Move all parameters."""


def train_lenet(images, labels, epochs, learning_rate=0.2, batch_size=32, seed=0):
    parameters = initial_parameters(seed)
    rng = np.random.default_rng(seed)
    losses = []
    for _ in range(epochs):
        order = rng.permutation(len(images))
        for start in range(0, len(images), batch_size):
            batch = order[start : start + batch_size]
            loss, gradients = lenet_gradients(parameters, images[batch], labels[batch])
            losses.append(loss)
            for name in ("w4", "b4"):
                parameters[name] -= learning_rate * gradients[name]
    return parameters, np.array(losses)


# %% mistake="train_times_the_batch" exercise="train_lenet" fails="test_train_lenet_step test_train_lenet_learns"
"""Your steps are too long by the number of images in the batch: the gradient of the
mean is multiplied by it again."""


def train_lenet(images, labels, epochs, learning_rate=0.2, batch_size=32, seed=0):
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
                parameters[name] -= learning_rate * len(batch) * gradients[name]
    return parameters, np.array(losses)


# %% mistake="train_divided_by_the_batch_again" exercise="train_lenet" fails="test_train_lenet_step test_train_lenet_learns"
"""Your steps are too short: the gradient is divided by the number of images in the
batch, but the loss has taken the mean already."""


def train_lenet(images, labels, epochs, learning_rate=0.2, batch_size=32, seed=0):
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
                parameters[name] -= learning_rate * gradients[name] / len(batch)
    return parameters, np.array(losses)


# %% mistake="parameters_never_change" exercise="train_lenet" fails="test_train_lenet_step test_train_lenet_learns"
"""Your parameters never change. `p = p - ...` gives a new value to the name p in the
loop, not to the entry of the dict."""


def train_lenet(images, labels, epochs, learning_rate=0.2, batch_size=32, seed=0):
    parameters = initial_parameters(seed)
    rng = np.random.default_rng(seed)
    losses = []
    for _ in range(epochs):
        order = rng.permutation(len(images))
        for start in range(0, len(images), batch_size):
            batch = order[start : start + batch_size]
            loss, gradients = lenet_gradients(parameters, images[batch], labels[batch])
            losses.append(loss)
            for name, p in parameters.items():
                p = p - learning_rate * gradients[name]
    return parameters, np.array(losses)


# %% mistake="gradient_computed_once" exercise="train_lenet" fails="test_train_lenet_step test_train_lenet_learns"
"""You compute the gradient at the start and use it for every step. After a step the
slope is another one: compute it anew."""


def train_lenet(images, labels, epochs, learning_rate=0.2, batch_size=32, seed=0):
    parameters = initial_parameters(seed)
    rng = np.random.default_rng(seed)
    losses = []
    _, gradients = lenet_gradients(parameters, images, labels)
    for _ in range(epochs):
        order = rng.permutation(len(images))
        for start in range(0, len(images), batch_size):
            batch = order[start : start + batch_size]
            loss, _ = lenet_gradients(parameters, images[batch], labels[batch])
            losses.append(loss)
            for name in parameters:
                parameters[name] -= learning_rate * gradients[name]
    return parameters, np.array(losses)


# %% mistake="gradients_pile_up" exercise="train_lenet" fails="test_train_lenet_step test_train_lenet_learns"
"""Each step uses the sum of all gradients so far. Begin with fresh ones for each
batch."""


def train_lenet(images, labels, epochs, learning_rate=0.2, batch_size=32, seed=0):
    parameters = initial_parameters(seed)
    rng = np.random.default_rng(seed)
    losses = []
    total = {name: np.zeros_like(values) for name, values in parameters.items()}
    for _ in range(epochs):
        order = rng.permutation(len(images))
        for start in range(0, len(images), batch_size):
            batch = order[start : start + batch_size]
            loss, gradients = lenet_gradients(parameters, images[batch], labels[batch])
            losses.append(loss)
            for name in parameters:
                total[name] += gradients[name]
                parameters[name] -= learning_rate * total[name]
    return parameters, np.array(losses)


# %% mistake="started_again_each_epoch" exercise="train_lenet" fails="test_train_lenet_step test_train_lenet_learns"
"""You draw new parameters at the start of each epoch, so all that was learnt is
lost."""


def train_lenet(images, labels, epochs, learning_rate=0.2, batch_size=32, seed=0):
    parameters = initial_parameters(seed)
    rng = np.random.default_rng(seed)
    losses = []
    for _ in range(epochs):
        parameters = initial_parameters(seed)
        order = rng.permutation(len(images))
        for start in range(0, len(images), batch_size):
            batch = order[start : start + batch_size]
            loss, gradients = lenet_gradients(parameters, images[batch], labels[batch])
            losses.append(loss)
            for name in parameters:
                parameters[name] -= learning_rate * gradients[name]
    return parameters, np.array(losses)


# %% mistake="train_rest_left_out" exercise="train_lenet" fails="test_train_lenet_batches test_train_lenet_learns"
"""The images that are left over at the end of an epoch are not used: the last batch may
be smaller than the others."""


def train_lenet(images, labels, epochs, learning_rate=0.2, batch_size=32, seed=0):
    parameters = initial_parameters(seed)
    rng = np.random.default_rng(seed)
    losses = []
    for _ in range(epochs):
        order = rng.permutation(len(images))
        for start in range(0, len(images) - batch_size + 1, batch_size):
            batch = order[start : start + batch_size]
            loss, gradients = lenet_gradients(parameters, images[batch], labels[batch])
            losses.append(loss)
            for name in parameters:
                parameters[name] -= learning_rate * gradients[name]
    return parameters, np.array(losses)


# %% mistake="one_batch_an_epoch" exercise="train_lenet" fails="test_train_lenet_batches test_train_lenet_learns"
"""Each epoch ends after its first batch. All images have their turn in every epoch."""


def train_lenet(images, labels, epochs, learning_rate=0.2, batch_size=32, seed=0):
    parameters = initial_parameters(seed)
    rng = np.random.default_rng(seed)
    losses = []
    for _ in range(epochs):
        order = rng.permutation(len(images))
        for start in range(0, 1):
            batch = order[start : start + batch_size]
            loss, gradients = lenet_gradients(parameters, images[batch], labels[batch])
            losses.append(loss)
            for name in parameters:
                parameters[name] -= learning_rate * gradients[name]
    return parameters, np.array(losses)


# %% mistake="batch_size_ignored" exercise="train_lenet" fails="test_train_lenet_batches test_train_lenet_learns"
"""You use all images in every step, whatever `batch_size` is. Cut the order of the
epoch into batches."""


def train_lenet(images, labels, epochs, learning_rate=0.2, batch_size=32, seed=0):
    parameters = initial_parameters(seed)
    rng = np.random.default_rng(seed)
    losses = []
    for _ in range(epochs):
        order = rng.permutation(len(images))
        for start in range(0, len(images), len(images)):
            batch = order[start : start + len(images)]
            loss, gradients = lenet_gradients(parameters, images[batch], labels[batch])
            losses.append(loss)
            for name in parameters:
                parameters[name] -= learning_rate * gradients[name]
    return parameters, np.array(losses)


# %% mistake="slice_end" exercise="train_lenet" fails="test_train_lenet_batches test_train_lenet_learns"
"""Your slices run from `start` to `batch_size`, so all batches after the first are
empty. The end of a slice is a place, not a length."""


def train_lenet(images, labels, epochs, learning_rate=0.2, batch_size=32, seed=0):
    parameters = initial_parameters(seed)
    rng = np.random.default_rng(seed)
    losses = []
    for _ in range(epochs):
        order = rng.permutation(len(images))
        for start in range(0, len(images), batch_size):
            batch = order[start:batch_size]
            loss, gradients = lenet_gradients(parameters, images[batch], labels[batch])
            losses.append(loss)
            for name in parameters:
                parameters[name] -= learning_rate * gradients[name]
    return parameters, np.array(losses)


# %% mistake="batches_overlap" exercise="train_lenet" fails="test_train_lenet_step test_train_lenet_batches test_train_lenet_learns"
"""Your batches start at every image, so they overlap and there are too many of them.
The next batch starts where the last one ended."""


def train_lenet(images, labels, epochs, learning_rate=0.2, batch_size=32, seed=0):
    parameters = initial_parameters(seed)
    rng = np.random.default_rng(seed)
    losses = []
    for _ in range(epochs):
        order = rng.permutation(len(images))
        for start in range(len(images)):
            batch = order[start : start + batch_size]
            loss, gradients = lenet_gradients(parameters, images[batch], labels[batch])
            losses.append(loss)
            for name in parameters:
                parameters[name] -= learning_rate * gradients[name]
    return parameters, np.array(losses)


# %% mistake="labels_not_shuffled" exercise="train_lenet" fails="test_train_lenet_step test_train_lenet_batches test_train_lenet_learns"
"""The images are shuffled but their labels are not, so most images learn a wrong label.
Use the same order for both."""


def train_lenet(images, labels, epochs, learning_rate=0.2, batch_size=32, seed=0):
    parameters = initial_parameters(seed)
    rng = np.random.default_rng(seed)
    losses = []
    for _ in range(epochs):
        order = rng.permutation(len(images))
        for start in range(0, len(images), batch_size):
            batch = order[start : start + batch_size]
            loss, gradients = lenet_gradients(
                parameters, images[batch], labels[start : start + batch_size]
            )
            losses.append(loss)
            for name in parameters:
                parameters[name] -= learning_rate * gradients[name]
    return parameters, np.array(losses)


# %% mistake="not_shuffled" exercise="train_lenet" fails="test_train_lenet_batches"
"""The images come in the order in which they are given. Draw an order for each
epoch."""


def train_lenet(images, labels, epochs, learning_rate=0.2, batch_size=32, seed=0):
    parameters = initial_parameters(seed)
    rng = np.random.default_rng(seed)
    losses = []
    for _ in range(epochs):
        order = np.arange(len(images))
        for start in range(0, len(images), batch_size):
            batch = order[start : start + batch_size]
            loss, gradients = lenet_gradients(parameters, images[batch], labels[batch])
            losses.append(loss)
            for name in parameters:
                parameters[name] -= learning_rate * gradients[name]
    return parameters, np.array(losses)


# %% mistake="same_order_each_epoch" exercise="train_lenet" fails="test_train_lenet_batches"
"""Every epoch has the same order, since the generator starts again in each. Make it
once, before the loop."""


def train_lenet(images, labels, epochs, learning_rate=0.2, batch_size=32, seed=0):
    parameters = initial_parameters(seed)
    losses = []
    for _ in range(epochs):
        rng = np.random.default_rng(seed)
        order = rng.permutation(len(images))
        for start in range(0, len(images), batch_size):
            batch = order[start : start + batch_size]
            loss, gradients = lenet_gradients(parameters, images[batch], labels[batch])
            losses.append(loss)
            for name in parameters:
                parameters[name] -= learning_rate * gradients[name]
    return parameters, np.array(losses)


# %% mistake="drawn_with_replacement" exercise="train_lenet" fails="test_train_lenet_step test_train_lenet_batches test_train_lenet_learns"
"""You draw images at random for each epoch, so some come twice and others not at all.
Draw an order in which each has its turn."""


def train_lenet(images, labels, epochs, learning_rate=0.2, batch_size=32, seed=0):
    parameters = initial_parameters(seed)
    rng = np.random.default_rng(seed)
    losses = []
    for _ in range(epochs):
        order = rng.integers(len(images), size=len(images))
        for start in range(0, len(images), batch_size):
            batch = order[start : start + batch_size]
            loss, gradients = lenet_gradients(parameters, images[batch], labels[batch])
            losses.append(loss)
            for name in parameters:
                parameters[name] -= learning_rate * gradients[name]
    return parameters, np.array(losses)


# %% mistake="seed_ignored_in_order" exercise="train_lenet" fails="test_train_lenet_batches"
"""The order of the images is the same for every seed. Give the seed to the
generator."""


def train_lenet(images, labels, epochs, learning_rate=0.2, batch_size=32, seed=0):
    parameters = initial_parameters(seed)
    rng = np.random.default_rng(0)
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


# %% mistake="seed_ignored_in_start" exercise="train_lenet" fails="test_train_lenet_step test_train_lenet_batches"
"""The parameters start with the same numbers for every seed. Give the seed to
`initial_parameters`."""


def train_lenet(images, labels, epochs, learning_rate=0.2, batch_size=32, seed=0):
    parameters = initial_parameters(0)
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


# %% mistake="one_epoch_too_few" exercise="train_lenet" fails="test_train_lenet_step test_train_lenet_batches test_train_lenet_learns"
"""You make one epoch too few: `range(1, epochs)` begins at 1."""


def train_lenet(images, labels, epochs, learning_rate=0.2, batch_size=32, seed=0):
    parameters = initial_parameters(seed)
    rng = np.random.default_rng(seed)
    losses = []
    for _ in range(1, epochs):
        order = rng.permutation(len(images))
        for start in range(0, len(images), batch_size):
            batch = order[start : start + batch_size]
            loss, gradients = lenet_gradients(parameters, images[batch], labels[batch])
            losses.append(loss)
            for name in parameters:
                parameters[name] -= learning_rate * gradients[name]
    return parameters, np.array(losses)


# %% mistake="losses_in_a_list" exercise="train_lenet" fails="test_train_lenet_step test_train_lenet_batches test_train_lenet_learns"
"""The losses are right, but in a list: make an array of it."""


def train_lenet(images, labels, epochs, learning_rate=0.2, batch_size=32, seed=0):
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
    return parameters, losses


# %% mistake="loss_of_each_epoch" exercise="train_lenet" fails="test_train_lenet_batches test_train_lenet_learns"
"""You return one loss for each epoch: the loss of each batch is asked for."""


def train_lenet(images, labels, epochs, learning_rate=0.2, batch_size=32, seed=0):
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
    return parameters, np.array(losses).reshape(epochs, -1).mean(axis=1)


# %% mistake="loss_after_the_step" exercise="train_lenet" fails="test_train_lenet_step"
"""Your losses are those after the step. Note the loss that comes with the gradient,
before you move."""


def train_lenet(images, labels, epochs, learning_rate=0.2, batch_size=32, seed=0):
    parameters = initial_parameters(seed)
    rng = np.random.default_rng(seed)
    losses = []
    for _ in range(epochs):
        order = rng.permutation(len(images))
        for start in range(0, len(images), batch_size):
            batch = order[start : start + batch_size]
            loss, gradients = lenet_gradients(parameters, images[batch], labels[batch])
            for name in parameters:
                parameters[name] -= learning_rate * gradients[name]
            losses.append(lenet_gradients(parameters, images[batch], labels[batch])[0])
    return parameters, np.array(losses)


# %% mistake="parameters_only" exercise="train_lenet" fails="test_train_lenet_step test_train_lenet_batches test_train_lenet_learns"
"""You return the parameters only: return the losses too."""


def train_lenet(images, labels, epochs, learning_rate=0.2, batch_size=32, seed=0):
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
    return parameters


# %% mistake="images_shuffled_in_place" exercise="train_lenet" fails="test_train_lenet_batches"
"""You shuffle the caller's own arrays: `images[:] = ...` writes into them. Draw an
order, and take the batches by index."""


def train_lenet(images, labels, epochs, learning_rate=0.2, batch_size=32, seed=0):
    parameters = initial_parameters(seed)
    rng = np.random.default_rng(seed)
    losses = []
    for _ in range(epochs):
        order = rng.permutation(len(images))
        images[:], labels[:] = images[order], labels[order]
        for start in range(0, len(images), batch_size):
            batch = slice(start, start + batch_size)
            loss, gradients = lenet_gradients(parameters, images[batch], labels[batch])
            losses.append(loss)
            for name in parameters:
                parameters[name] -= learning_rate * gradients[name]
    return parameters, np.array(losses)
