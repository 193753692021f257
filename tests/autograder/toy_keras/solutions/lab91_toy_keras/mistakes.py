# %% mistake="valid" exercise="small_cnn" fails="test_small_cnn"
"""Your convolution loses the border: pad it with `padding="same"`."""


def small_cnn(num_classes):
    return keras.Sequential(
        [
            keras.Input((8, 8, 3)),
            keras.layers.Conv2D(4, 3, activation="relu"),
            keras.layers.MaxPooling2D(),
            keras.layers.Flatten(),
            keras.layers.Dense(num_classes),
        ]
    )


# %% mistake="softmax" exercise="small_cnn" fails="test_small_cnn_runs"
"""Your model ends with a softmax: logits are what comes before it."""


def small_cnn(num_classes):
    return keras.Sequential(
        [
            keras.Input((8, 8, 3)),
            keras.layers.Conv2D(4, 3, padding="same", activation="relu"),
            keras.layers.MaxPooling2D(),
            keras.layers.Flatten(),
            keras.layers.Dense(num_classes, activation="softmax"),
        ]
    )


# %% mistake="no_shortcut" exercise="residual" fails="test_residual"
"""You forgot the shortcut: add the input to the convolution."""


def residual(x):
    return keras.layers.Conv2D(x.shape[-1], 3, padding="same")(x)


# %% mistake="axis" exercise="predict" fails="test_predict"
"""You compared the images with one another: the classes are the last axis."""


def predict(model, x):
    return keras.ops.argmax(model(x, training=False), axis=0)


# %% mistake="all_frozen" exercise="freeze" fails="test_freeze"
"""You froze the last layer too."""


def freeze(model):
    model.trainable = False
    for weight in model.weights:
        if len(weight.shape) == 1:
            weight.assign(np.zeros(weight.shape))
