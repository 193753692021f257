# ---
# jupyter:
#   kernelspec:
#     display_name: Python 3
#     language: python
#     name: python3
#   lab:
#     title: A small lab in Keras
#     preload: [keras]
#     withheld_modules: [cnncourse.ops, keras.applications]
#     call_seconds: 5
#     memory_mb: 2048
# ---

# %% [markdown]
# # A small lab in Keras
# One model. Almost all that it costs to grade is what is around it.

# %% given="imports"
import keras
import numpy as np

from cnncourse import checks

images = np.linspace(0, 1, 2 * 8 * 8 * 3, dtype=np.float32).reshape(2, 8, 8, 3)

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


# %% tests="small_cnn" points=4
model = small_cnn(10)
checks.equal(model.count_params(), 762, "the parameters for ten classes")
logits = np.asarray(model(images))
checks.shape(logits, (2, 10), "the logits of two images")
checks.holds(bool(np.any(logits < 0)), "logits may be negative")
### BEGIN HIDDEN TESTS
model = small_cnn(3)
checks.equal(model.output_shape, (None, 3), "the shape of three logits")
### END HIDDEN TESTS
