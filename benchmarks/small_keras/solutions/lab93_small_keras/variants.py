# %% variant="functional" exercise="small_cnn"
def small_cnn(num_classes):
    inputs = keras.Input((8, 8, 3))
    x = keras.layers.Conv2D(4, (3, 3), padding="same")(inputs)
    x = keras.layers.MaxPooling2D(2)(keras.ops.relu(x))
    outputs = keras.layers.Dense(num_classes)(keras.layers.Flatten()(x))
    return keras.Model(inputs, outputs)
