# ---
# jupyter:
#   kernelspec:
#     display_name: Python 3
#     language: python
#     name: python3
#   lab:
#     title: A toy in Keras
#     preload: [keras]
#     withheld_modules: [cnncourse.ops, keras.applications, tensorflow]
#     withheld_names: [keras.layers.SeparableConv2D]
#     call_seconds: 5
#     memory_mb: 2048
# ---

# %% [markdown]
# # A toy in Keras
# Small enough to be graded in a moment; the tests of the autograder use it.

# %% given="imports"
import keras
import numpy as np

from cnncourse import checks

images = np.linspace(0, 1, 2 * 8 * 8 * 3, dtype=np.float32).reshape(2, 8, 8, 3)


class Halve(keras.layers.Layer):
    """Halves its input."""

    def call(self, inputs):
        return inputs / 2


# %% [markdown]
# ## `small_cnn`


# %% solution="small_cnn"
def small_cnn(num_classes):
    """A model of images (B, 8, 8, 3): convolution, ReLU, pooling, dense.

    Four filters of 3x3 with "same" padding; maximum over 2x2; logits.
    """
    ### BEGIN SOLUTION
    return keras.Sequential(
        [
            keras.Input((8, 8, 3)),
            keras.layers.Conv2D(4, 3, padding="same", activation="relu"),
            keras.layers.MaxPooling2D(),
            keras.layers.Flatten(),
            keras.layers.Dense(num_classes),
        ]
    )
    ### END SOLUTION


# %% tests="small_cnn" points=3
model = small_cnn(10)
checks.equal(model.count_params(), 762, "the parameters for ten classes")
checks.equal(model.output_shape, (None, 10), "the shape of ten logits")
### BEGIN HIDDEN TESTS
model = small_cnn(3)
checks.equal(model.count_params(), 307, "the parameters for three classes")
kernel, bias, *_ = model.get_weights()
checks.shape(kernel, (3, 3, 3, 4), "the kernel of the convolution")
### END HIDDEN TESTS

# %% tests="small_cnn" name="runs" points=2
logits = np.asarray(small_cnn(10)(images))
checks.shape(logits, (2, 10), "the logits of two images")
checks.holds(bool(np.any(logits < 0)), "logits may be negative")

# %% [markdown]
# ## `residual`


# %% solution="residual"
def residual(x):
    """`x` plus a 3x3 convolution of `x`, with as many filters as `x` has channels."""
    ### BEGIN SOLUTION
    return x + keras.layers.Conv2D(x.shape[-1], 3, padding="same")(x)
    ### END SOLUTION


# %% tests="residual" points=3
inputs = keras.Input((8, 8, 3))
first = residual(inputs)
net = keras.Model(inputs, residual(Halve()(first)))
checks.equal(net.output_shape, (None, 8, 8, 3), "the shape after two blocks")
checks.equal(net.count_params(), 168, "the parameters of two blocks")
net.set_weights([np.zeros(w.shape) for w in net.get_weights()])
checks.array(np.asarray(net(images)), images / 2, "two blocks whose kernels are 0")

# %% [markdown]
# ## `predict`


# %% solution="predict"
def predict(model, x):
    """The most probable class of each image: an integer array (B,)."""
    ### BEGIN SOLUTION
    return keras.ops.argmax(model(x, training=False), axis=-1)
    ### END SOLUTION


# %% tests="predict" points=2
maker = keras.utils.set_random_seed(3)
teacher = keras.Sequential(
    [keras.Input((8, 8, 3)), Halve(), keras.layers.Flatten(), keras.layers.Dense(5)]
)
expected = np.argmax(np.asarray(teacher(images)), axis=1)
checks.array(np.asarray(predict(teacher, images)), expected, "the classes of two")

# %% [markdown]
# ## `freeze`


# %% solution="freeze"
def freeze(model):
    """Sets the model's biases to 0 and keeps all layers but the last from training."""
    ### BEGIN SOLUTION
    for layer in model.layers[:-1]:
        layer.trainable = False
    for weight in model.weights:
        if len(weight.shape) == 1:
            weight.assign(np.zeros(weight.shape))
    ### END SOLUTION


# %% tests="freeze" points=2
dense = keras.layers.Dense
learner = keras.Sequential(
    [keras.Input((4,)), dense(3, bias_initializer="ones"), dense(2)]
)
freeze(learner)
checks.equal(len(learner.trainable_weights), 2, "the weights that are still trained")
checks.array(learner.get_weights()[1], np.zeros(3), "the first layer's bias")

# %% experiment="picture"
small_cnn(10).summary()
