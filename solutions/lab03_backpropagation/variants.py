# Right answers that are built in other ways than the reference; all must pass.

# %%
import numpy as np


# %% variant="moved_and_put_back" exercise="numerical_gradient"
def numerical_gradient(f, x, epsilon=1e-5):
    gradient = np.empty_like(x)
    for index, old in np.ndenumerate(x):
        values = []
        for moved in (old - epsilon, old + epsilon):
            x[index] = moved
            values.append(f(x))
        x[index] = old
        gradient[index] = (values[1] - values[0]) / (2 * epsilon)
    return gradient


# %% variant="unit_arrays" exercise="numerical_gradient"
def numerical_gradient(f, x, epsilon=1e-5):
    units = np.eye(x.size).reshape(x.size, *x.shape)
    slopes = [(f(x + epsilon * e) - f(x - epsilon * e)) / 2 / epsilon for e in units]
    return np.array(slopes).reshape(x.shape)


# %% variant="flat_copy" exercise="numerical_gradient"
def numerical_gradient(f, x, epsilon=1e-5):
    flat = x.flatten()
    gradient = np.zeros(x.size)
    for i in range(x.size):
        flat[i] = x.flat[i] + epsilon
        gradient[i] = f(flat.reshape(x.shape))
        flat[i] = x.flat[i] - epsilon
        gradient[i] -= f(flat.reshape(x.shape))
        flat[i] = x.flat[i]
    return gradient.reshape(x.shape) / (2 * epsilon)


# %% variant="where" exercise="relu_backward"
def relu_backward(dy, x):
    return np.where(x > 0, dy, 0)


# %% variant="copy_and_clear" exercise="relu_backward"
def relu_backward(dy, x):
    dx = dy.copy()
    dx[x <= 0] = 0
    return dx


# %% variant="heaviside" exercise="relu_backward"
def relu_backward(dy, x):
    return np.heaviside(x, 0) * dy


# %% variant="einsum" exercise="dense_backward"
def dense_backward(dy, x, w):
    dx = np.einsum("ri,ki->rk", dy, w)
    dw = np.einsum("rk,ri->ki", x, dy)
    return dx, dw, np.einsum("ri->i", dy)


# %% variant="one_input_after_the_other" exercise="dense_backward"
def dense_backward(dy, x, w):
    dx, dw, db = np.zeros_like(x), np.zeros_like(w), np.zeros_like(dy[0])
    for r in range(len(x)):
        dx[r] = w @ dy[r]
        dw += np.outer(x[r], dy[r])
        db += dy[r]
    return dx, dw, db


# %% variant="bias_as_weight" exercise="dense_backward"
def dense_backward(dy, x, w):
    ones = np.ones((len(x), 1), dtype=x.dtype)
    gradients = np.hstack([x, ones]).T @ dy
    return np.dot(dy, np.transpose(w)), gradients[:-1], gradients[-1]


# %% variant="logaddexp" exercise="softmax_cross_entropy"
def softmax_cross_entropy(logits, labels):
    logs = logits - np.logaddexp.reduce(logits, axis=1, keepdims=True)
    true = np.eye(logits.shape[1], dtype=logits.dtype)[labels]
    loss = -np.sum(logs[true == 1]) / len(labels)
    return loss, (np.exp(logs) - true) / len(labels)


# %% variant="picture_after_picture" exercise="softmax_cross_entropy"
def softmax_cross_entropy(logits, labels):
    loss, dlogits = 0.0, np.empty_like(logits)
    for r, (z, label) in enumerate(zip(logits, labels, strict=True)):
        z = z - np.max(z)
        total = np.sum(np.exp(z))
        loss += (np.log(total) - z[label]) / len(logits)
        dlogits[r] = np.exp(z) / total
        dlogits[r, label] -= 1
    return loss, dlogits / len(logits)


# %% variant="taken_along_axis" exercise="softmax_cross_entropy"
def softmax_cross_entropy(logits, labels):
    shifted = logits - np.amax(logits, axis=-1)[:, None]
    exponentials = np.exp(shifted)
    sums = exponentials.sum(axis=-1)
    true = np.take_along_axis(shifted, labels[:, None], axis=1)[:, 0]
    dlogits = exponentials / sums[:, None]
    dlogits[np.arange(len(labels)), labels] -= 1
    return np.mean(np.log(sums) - true), dlogits / dlogits.shape[0]


# %% variant="transposed_matrix" exercise="slide"
dy, x = np.array([1, 0, 2, -1]), np.array([1, 3, 2, 0])
U = 2 * np.eye(4, k=-1) - np.eye(4) + np.eye(4, k=1)
slide_dx = U.T @ dy
slide_dw = np.array([dy[1:] @ x[:-1], dy @ x, dy[:-1] @ x[1:]])
slide_factor = "dy2"

# %% variant="by_convolution" exercise="slide"
slide_dx = np.convolve([1, 0, 2, -1], [2, -1, 1], mode="full")[1:5]
slide_dw = np.correlate([0, 1, 3, 2, 0, 0], [1, 0, 2, -1])
slide_factor = "dy" + str(2)


# %% variant="stamps" exercise="conv2d_backward"
def conv2d_backward(dy, x, w, strides=1, padding=0):
    (kh, kw), (_, height, width, _) = w.shape[:2], x.shape
    frame = ((0, 0), (padding, padding), (padding, padding), (0, 0))
    padded = np.pad(x, frame)
    rows = (height + 2 * padding - kh) // strides + 1
    columns = (width + 2 * padding - kw) // strides + 1
    if dy.shape != (x.shape[0], rows, columns, w.shape[-1]):
        raise ValueError("dy has another shape than the output")
    dx, dw = np.zeros_like(padded), np.zeros_like(w)
    for i in range(rows):
        for j in range(columns):
            here = np.s_[
                :, i * strides : i * strides + kh, j * strides : j * strides + kw
            ]
            dx[here] += np.einsum("nf,abcf->nabc", dy[:, i, j], w)
            dw += np.einsum("nabc,nf->abcf", padded[here], dy[:, i, j])
    inner = np.s_[:, padding : padding + height, padding : padding + width]
    return dx[inner], dw, dy.sum(axis=0).sum(axis=0).sum(axis=0)


# %% variant="full_correlation" exercise="conv2d_backward"
def conv2d_backward(dy, x, w, strides=1, padding=0):
    (count, height, width, _), (kh, kw, _, filters) = x.shape, w.shape
    tall, wide = height + 2 * padding, width + 2 * padding
    rows, columns = (tall - kh) // strides + 1, (wide - kw) // strides + 1
    if dy.shape != (count, rows, columns, filters):
        raise ValueError(dy.shape)
    # zeros between the entries of dy, and as many after it as no window reached
    spread = np.zeros((count, tall - kh + 1, wide - kw + 1, filters), dtype=dy.dtype)
    spread[:, ::strides, ::strides] = dy
    around = ((0, 0), (kh - 1, kh - 1), (kw - 1, kw - 1), (0, 0))
    flipped = np.flip(w, (0, 1)).swapaxes(2, 3)
    zero = np.zeros((), dtype=dy.dtype)
    dx = conv2d(np.pad(spread, around), flipped, zero)
    # the weights: a correlation of x with dy, pictures in the place of channels
    framed = np.pad(x, ((0, 0), (padding, padding), (padding, padding), (0, 0)))
    dw = conv2d(framed.transpose(3, 1, 2, 0), spread.transpose(1, 2, 0, 3), zero)
    inner = np.s_[:, padding : tall - padding, padding : wide - padding]
    return dx[inner], dw.transpose(1, 2, 0, 3), np.einsum("nijf->f", dy)


# %% variant="windows_and_einsum" exercise="conv2d_backward"
def conv2d_backward(dy, x, w, strides=1, padding=0):
    framed = np.pad(x, ((0, 0), (padding, padding), (padding, padding), (0, 0)))
    places = windows(framed, w.shape[:2], (strides, strides))
    if dy.shape != (*places.shape[:3], w.shape[3]):
        raise ValueError(f"Expected {places.shape[:3]}. Received: {dy.shape}")
    dw = np.einsum("nijcab,nijf->abcf", places, dy, optimize=True)
    dx = np.zeros_like(framed)
    for (a, b), _ in np.ndenumerate(w[:, :, 0, 0]):
        for i in range(dy.shape[1]):
            columns = np.arange(dy.shape[2]) * strides + b
            dx[:, i * strides + a, columns] += dy[:, i] @ w[a, b].T
    if padding:
        dx = dx[:, padding:-padding, padding:-padding]
    return dx, dw, np.sum(dy, axis=(0, 1, 2))


# %% variant="not_yet_taken" exercise="max_pool2d_backward"
def max_pool2d_backward(dy, x, pool_size, strides=None):
    down, right = strides or pool_size
    rows, columns = dy.shape[1:3]
    largest = max_pool2d(x, pool_size, strides)
    dx, left_over = np.zeros_like(x), np.ones(dy.shape, dtype=bool)
    for a, b in np.ndindex(*pool_size):
        here = np.s_[:, a : a + down * rows : down, b : b + right * columns : right]
        wins = left_over & (x[here] == largest)
        dx[here] += np.where(wins, dy, 0)
        left_over &= ~wins
    return dx


# %% variant="max_pool_pictures_and_places" exercise="max_pool2d_backward"
def max_pool2d_backward(dy, x, pool_size, strides=None):
    if strides is None:
        strides = pool_size
    dx = np.zeros_like(x)
    channels = range(x.shape[3])
    for n in range(dy.shape[0]):
        for i in range(dy.shape[1]):
            for j in range(dy.shape[2]):
                top, left = i * strides[0], j * strides[1]
                window = x[n, top : top + pool_size[0], left : left + pool_size[1]]
                row, column = np.unravel_index(
                    window.reshape(-1, len(channels)).argmax(axis=0), window.shape[:2]
                )
                dx[n, top + row, left + column, channels] += dy[n, i, j]
    return dx


# %% variant="places_of_winners" exercise="max_pool2d_backward"
def max_pool2d_backward(dy, x, pool_size, strides=None):
    steps = strides or pool_size
    places = windows(x, pool_size, steps)
    winner = places.reshape(*places.shape[:4], -1).argmax(axis=-1)
    n, i, j, c = np.indices(dy.shape)
    rows = i * steps[0] + winner // pool_size[1]
    columns = j * steps[1] + winner % pool_size[1]
    dx = np.zeros_like(x)
    np.add.at(dx, (n, rows, columns, c), dy)
    return dx


# %% variant="places" exercise="avg_pool2d_backward"
def avg_pool2d_backward(dy, x, pool_size, strides=None):
    down, right = pool_size if strides is None else strides
    dx = np.zeros_like(x)
    share = dy / np.prod(pool_size).astype(dy.dtype)
    for i in range(dy.shape[1]):
        for j in range(dy.shape[2]):
            rows = slice(i * down, i * down + pool_size[0])
            columns = slice(j * right, j * right + pool_size[1])
            dx[:, rows, columns] += share[:, i : i + 1, j : j + 1]
    return dx


# %% variant="two_matrices" exercise="avg_pool2d_backward"
def avg_pool2d_backward(dy, x, pool_size, strides=None):
    steps = strides or pool_size
    maps = []
    for size, outputs, step, length in zip(
        x.shape[1:3], dy.shape[1:3], steps, pool_size, strict=True
    ):
        distance = np.arange(size)[:, None] - step * np.arange(outputs)
        maps.append(((distance >= 0) & (distance < length)).astype(x.dtype) / length)
    return np.einsum("hi,wj,nijc->nhwc", *maps, dy, optimize=True).astype(x.dtype)


# %% variant="avg_pool_pictures_and_places" exercise="avg_pool2d_backward"
def avg_pool2d_backward(dy, x, pool_size, strides=None):
    height, width = pool_size
    down, right = strides or pool_size
    dx = np.zeros(x.shape, dtype=x.dtype)
    for n, i, j in np.ndindex(dy.shape[:3]):
        for a, b in np.ndindex(height, width):
            dx[n, i * down + a, j * right + b] += dy[n, i, j] / (height * width)
    return dx


# %% variant="other_sides_of_the_relus" exercise="lenet_gradients"
def lenet_gradients(parameters, images, labels):
    seen = lenet(parameters, images)
    gradients = dict.fromkeys(parameters)
    loss, d = softmax_cross_entropy(seen["logits"], labels)
    for k, given, relu_of in [(4, "relu3", "relu3"), (3, "flat", None)]:
        d, dw, db = dense_backward(d, seen[given], parameters[f"w{k}"])
        gradients[f"w{k}"], gradients[f"b{k}"] = dw, db
        if relu_of:
            d = relu_backward(d, seen[relu_of])
    d = avg_pool2d_backward(d.reshape(-1, 2, 2, 16), seen["conv2"], (2, 2), (2, 2))
    d = relu_backward(d, seen["relu2"])
    d, dw, db = conv2d_backward(d, seen["pool1"], parameters["w2"], 1, 1)
    gradients["w2"], gradients["b2"] = dw, db
    d = relu_backward(max_pool2d_backward(d, seen["relu1"], (2, 2)), seen["relu1"])
    d, gradients["w1"], gradients["b1"] = conv2d_backward(
        d, images, parameters["w1"], strides=1, padding=2
    )
    return float(loss), gradients


# %% variant="own_forward_pass" exercise="lenet_gradients"
def lenet_gradients(parameters, images, labels):
    w1, b1, w2, b2, w3, b3, w4, b4 = parameters.values()
    z1 = conv2d(images, w1, b1, padding=2)
    h1 = max_pool2d(relu(z1), (2, 2))
    z2 = conv2d(h1, w2, b2, padding=1)
    h2 = avg_pool2d(relu(z2), (2, 2)).reshape(len(images), -1)
    z3 = h2 @ w3 + b3
    loss, dz4 = softmax_cross_entropy(relu(z3) @ w4 + b4, labels)
    dh3, dw4, db4 = dense_backward(dz4, relu(z3), w4)
    dh2, dw3, db3 = dense_backward(relu_backward(dh3, z3), h2, w3)
    dh2 = avg_pool2d_backward(dh2.reshape(len(images), 2, 2, -1), z2, (2, 2))
    dh1, dw2, db2 = conv2d_backward(relu_backward(dh2, z2), h1, w2, padding=1)
    dz1 = relu_backward(max_pool2d_backward(dh1, relu(z1), (2, 2)), z1)
    _, dw1, db1 = conv2d_backward(dz1, images, w1, padding=2)
    all_gradients = [dw1, db1, dw2, db2, dw3, db3, dw4, db4]
    return loss, dict(zip(parameters, all_gradients, strict=True))


# %% variant="new_parameters_each_step" exercise="train_lenet"
def train_lenet(images, labels, epochs, learning_rate=0.2, batch_size=32, seed=0):
    parameters = initial_parameters(seed)
    rng = np.random.default_rng(seed)
    losses = np.array([])
    for _ in range(epochs):
        order = rng.permutation(len(images))
        for batch in np.split(order, range(batch_size, len(images), batch_size)):
            loss, slopes = lenet_gradients(parameters, images[batch], labels[batch])
            parameters = {
                n: p - learning_rate * slopes[n] for n, p in parameters.items()
            }
            losses = np.append(losses, loss)
    return parameters, losses


# %% variant="shuffled_copies" exercise="train_lenet"
def train_lenet(images, labels, epochs, learning_rate=0.2, batch_size=32, seed=0):
    parameters, rng = initial_parameters(seed), np.random.default_rng(seed)
    losses, places = [], np.arange(len(images))
    for _ in range(epochs):
        rng.shuffle(places)
        x, t = images[places], labels[places]
        while len(x):
            loss, gradients = lenet_gradients(
                parameters, x[:batch_size], t[:batch_size]
            )
            x, t = x[batch_size:], t[batch_size:]
            losses += [float(loss)]
            for name, p in parameters.items():
                p -= learning_rate * gradients[name]
    return parameters, np.asarray(losses)


# %% variant="order_by_sorting" exercise="train_lenet"
def train_lenet(images, labels, epochs, learning_rate=0.2, batch_size=32, seed=0):
    parameters = initial_parameters(seed)
    generator = np.random.default_rng(seed)
    steps = int(np.ceil(len(images) / batch_size))
    losses = np.zeros((epochs, steps))
    for epoch in range(epochs):
        order = np.argsort(generator.random(len(images)))
        for step in range(steps):
            chosen = order[step * batch_size : (step + 1) * batch_size]
            losses[epoch, step], gradients = lenet_gradients(
                parameters, images[chosen], labels[chosen]
            )
            for name, gradient in gradients.items():
                parameters[name] = parameters[name] - learning_rate * gradient
    return parameters, losses.ravel()
