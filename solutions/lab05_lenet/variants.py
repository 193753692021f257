# Right answers that are built in other ways than the reference; all must pass.

# %%
import keras
import numpy as np
from keras import layers


# %% variant="output_by_output" exercise="count_by_hand"
def count_by_hand(layer):
    kind = layer["kind"]
    parameters = connections = 0
    if kind in ("dense", "codes"):
        for _ in range(layer["units"]):
            connections += layer["inputs"] + (kind == "dense")
        return (connections if kind == "dense" else 0), connections
    height, width = layer["size"]
    if kind == "subsampling":
        for _ in range(layer["maps"]):
            parameters += 2
            connections += height * width * (1 + layer["pool_size"] ** 2)
        return parameters, connections
    for maps in layer["table"]:
        weights = 1 + len(maps) * layer["kernel_size"] ** 2
        parameters += weights
        connections += weights * height * width
    return parameters, connections


# %% variant="numpy_integers" exercise="count_by_hand"
def count_by_hand(layer):
    if layer["kind"] == "dense":
        return ((layer["inputs"] + 1) * layer["units"],) * 2
    if layer["kind"] == "codes":
        return 0, layer["inputs"] * layer["units"]
    if layer["kind"] == "subsampling":
        per_map, each = 2, layer["pool_size"] ** 2 + 1
        outputs = np.prod(layer["size"]) * layer["maps"]
        return layer["maps"] * per_map, each * outputs
    kernels = np.sum([len(maps) for maps in layer["table"]])
    parameters = kernels * layer["kernel_size"] ** 2 + len(layer["table"])
    return parameters, parameters * np.prod(layer["size"])


# %% variant="scaled_before_pooling" exercise="subsampling"
def subsampling(x):
    scaled = layers.DepthwiseConv2D((1, 1), depthwise_initializer="ones")(x)
    return layers.AveragePooling2D((2, 2))(scaled)


# %% variant="grouped" exercise="subsampling"
def subsampling(x):
    maps = x.shape[-1]
    x = layers.AveragePooling2D((2, 2), strides=2)(x)
    return layers.Conv2D(maps, 1, groups=maps, kernel_initializer="ones")(x)


# %% variant="written_down" exercise="c3_table"
C3_TABLE = [
    [0, 1, 2], [1, 2, 3], [2, 3, 4], [3, 4, 5], [0, 4, 5], [0, 1, 5],
    [0, 1, 2, 3], [1, 2, 3, 4], [2, 3, 4, 5], [0, 3, 4, 5], [0, 1, 4, 5], [0, 1, 2, 5],
    [0, 1, 3, 4], [1, 2, 4, 5], [0, 2, 3, 5], [0, 1, 2, 3, 4, 5],
]  # fmt: skip


# %% variant="walking_around" exercise="c3_table"
around = [*range(6), *range(6)]
C3_TABLE = []
for count in (3, 4):
    for first in range(6):
        C3_TABLE.append(around[first : first + count])
for first in range(3):
    C3_TABLE.append(around[first : first + 2] + around[first + 3 : first + 5])
C3_TABLE.append(around[:6])


# %% variant="slices" exercise="partial_convolution"
def partial_convolution(x, table, kernel_size):
    made = []
    for maps in table:
        seen = [x[..., m : m + 1] for m in maps]
        if len(seen) > 1:
            seen = [layers.Concatenate()(seen)]
        made.append(layers.Conv2D(1, kernel_size)(seen[0]))
    return layers.Concatenate(axis=-1)(made)


# %% variant="valid_convolutions" exercise="partial_convolution"
def partial_convolution(x, table, kernel_size):
    made = None
    for maps in table:
        one = layers.Conv2D(
            filters=1, kernel_size=(kernel_size, kernel_size), padding="valid"
        )(PickMaps(sorted(maps))(x))
        made = one if made is None else layers.concatenate([made, one])
    return made


# %% variant="dense_c5" exercise="lenet5_original"
def lenet5_original():
    inputs = layers.Input(shape=(32, 32, 1))
    c1 = ScaledTanh()(layers.Conv2D(6, (5, 5))(inputs))
    s2 = ScaledTanh()(subsampling(c1))
    c3 = ScaledTanh()(partial_convolution(s2, C3_TABLE, 5))
    s4 = ScaledTanh()(subsampling(c3))
    c5 = ScaledTanh()(layers.Dense(120)(layers.Flatten()(s4)))
    f6 = ScaledTanh()(layers.Dense(84)(c5))
    return keras.Model(inputs=inputs, outputs=Codes()(f6), name="lenet5")


# %% variant="one_squash" exercise="lenet5_original"
def lenet5_original():
    squash = ScaledTanh()
    x = inputs = keras.Input((32, 32, 1))
    for make in (
        layers.Conv2D(6, 5),
        subsampling,
        lambda x: partial_convolution(x, C3_TABLE, 5),
        subsampling,
        layers.Conv2D(120, 5),
        lambda x: layers.Dense(84)(layers.Reshape((120,))(x)),
    ):
        x = squash(make(x))
    return keras.Model(inputs, Codes()(x))


# %% variant="functional" exercise="lenet5"
def lenet5(dropout=0.0, batch_normalization=False):
    def block(x, filters):
        x = layers.Conv2D(filters, 5, use_bias=not batch_normalization)(x)
        if batch_normalization:
            x = layers.BatchNormalization(momentum=0.9)(x)
        x = keras.ops.relu(x)
        return layers.Dropout(dropout)(x) if dropout and filters == 120 else x

    inputs = keras.Input((32, 32, 1))
    x = layers.MaxPooling2D()(block(inputs, 6))
    x = layers.MaxPooling2D()(block(x, 16))
    x = layers.Flatten()(block(x, 120))
    x = layers.Dense(84)(x)
    if dropout:
        x = layers.Dropout(dropout)(x)
    x = layers.ReLU()(x)
    return keras.Model(inputs, layers.Dense(10)(x))


# %% variant="dense_c5" exercise="lenet5"
def lenet5(dropout=0.0, batch_normalization=False):
    def activated(layer):
        if batch_normalization:
            return [
                layer,
                layers.BatchNormalization(momentum=0.9),
                layers.Activation("relu"),
            ]
        return [layer, layers.Activation("relu")]

    bias = not batch_normalization
    parts = [
        keras.Input((32, 32, 1)),
        *activated(layers.Conv2D(6, (5, 5), padding="valid", use_bias=bias)),
        layers.MaxPool2D((2, 2)),
        *activated(layers.Conv2D(16, (5, 5), use_bias=bias)),
        layers.MaxPool2D((2, 2)),
        layers.Flatten(),
        *activated(layers.Dense(120, use_bias=bias)),
        layers.Dropout(dropout),
        layers.Dense(84, activation="relu"),
        layers.Dropout(dropout),
        layers.Dense(10, activation="linear"),
    ]
    return keras.Sequential(parts)


# %% variant="float32_throughout" exercise="prepare"
def prepare(train_images, test_images):
    sides = ((0, 0), (2, 2), (2, 2), (0, 0))
    train = np.pad(train_images.astype("float32")[..., np.newaxis], sides)
    test = np.pad(test_images.astype("float32")[..., np.newaxis], sides)
    mean = np.mean(train, dtype=np.float64)
    deviation = np.sqrt(np.mean((train - mean) ** 2, dtype=np.float64))
    return tuple(((x - mean) / deviation).astype(np.float32) for x in (train, test))


# %% variant="written_into_paper" exercise="prepare"
def prepare(train_images, test_images):
    ready = []
    for images in (train_images, test_images):
        count, height, width = images.shape
        paper = np.zeros((count, height + 4, width + 4, 1))
        paper[:, 2:-2, 2:-2, 0] = images
        ready.append(paper)
    mean, deviation = ready[0].mean(), ready[0].std()
    return [np.float32((images - mean) / deviation) for images in ready]


# %% variant="batch_by_batch" exercise="train"
def train(
    model, images, labels, epochs, batch_size=32, learning_rate=0.001, augment=None,
    seed=0,
):  # fmt: skip
    model.compile(
        optimizer=keras.optimizers.Adam(learning_rate=learning_rate),
        loss=keras.losses.SparseCategoricalCrossentropy(from_logits=True),
    )
    random = np.random.RandomState(seed)
    means = np.zeros(epochs)
    for epoch in range(epochs):
        order = random.permutation(len(images))
        for start in range(0, len(order), batch_size):
            chosen = order[start : start + batch_size]
            batch = images[chosen]
            if augment is not None:
                batch = augment(batch)
            model.reset_metrics()
            loss = model.train_on_batch(batch, labels[chosen])
            means[epoch] += float(loss) * len(chosen) / len(order)
    return means


# %% variant="one_hot" exercise="train"
def train(
    model, images, labels, epochs, batch_size=32, learning_rate=0.001, augment=None,
    seed=0,
):  # fmt: skip
    targets = np.eye(model.output_shape[-1], dtype=np.float32)[labels]
    loss = keras.losses.CategoricalCrossentropy(from_logits=True)
    model.compile(loss=loss, optimizer=keras.optimizers.Adam(learning_rate))
    losses = np.empty(epochs)
    for epoch in range(epochs):
        order = np.argsort(np.random.default_rng([seed, epoch]).random(len(images)))
        x = images[order]
        if augment:
            x = np.asarray(augment(x))
        run = model.fit(x, targets[order], batch_size, 1, verbose=0, shuffle=False)
        losses[epoch] = run.history["loss"][0]
    return losses


# %% variant="keras_predict" exercise="predict"
def predict(model, images):
    logits = model.predict(images, verbose=0)
    return np.asarray(keras.ops.softmax(logits, axis=-1))


# %% variant="logarithms" exercise="predict"
def predict(model, images):
    logits = keras.ops.convert_to_numpy(model(images)).astype(float)
    largest = np.max(logits, axis=-1)[:, np.newaxis]
    total = largest + np.log(np.sum(np.exp(logits - largest), axis=-1, keepdims=True))
    return np.exp(logits - total)


# %% variant="loop" exercise="confusion_matrix"
def confusion_matrix(labels, predicted, num_classes):
    matrix = np.zeros((num_classes, num_classes), dtype=np.int64)
    for true, other in zip(labels, predicted, strict=True):
        matrix[true, other] += 1
    return matrix


# %% variant="bincount" exercise="confusion_matrix"
def confusion_matrix(labels, predicted, num_classes):
    counts = np.bincount(labels * num_classes + predicted, minlength=num_classes**2)
    return counts.reshape(num_classes, num_classes)
