# %% variant="functional" exercise="small_cnn"
def small_cnn(num_classes):
    inputs = keras.Input((8, 8, 3))
    x = keras.layers.Conv2D(4, (3, 3), padding="same")(inputs)
    x = keras.layers.MaxPooling2D(2)(keras.ops.relu(x))
    outputs = keras.layers.Dense(num_classes)(keras.layers.Flatten()(x))
    return keras.Model(inputs, outputs)


# %% variant="layer" exercise="residual"
def residual(x):
    filters = x.shape[-1]
    convolved = keras.layers.Conv2D(filters, 3, padding="same")(x)
    return keras.layers.Add()([x, convolved])


# %% variant="array" exercise="predict"
def predict(model, x):
    return np.argmax(model.predict(x, verbose=0), axis=1)
