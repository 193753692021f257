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


# %% mistake="softmax" exercise="small_cnn" fails="test_small_cnn"
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
