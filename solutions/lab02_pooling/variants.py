# %% variant="sliding_windows" exercise="max_pool2d"
def max_pool2d(x, pool_size, strides=None, padding=0):
    down, right = pool_size if strides is None else strides
    lowest = -np.inf if x.dtype.kind == "f" else np.iinfo(x.dtype).min
    sides = [(0, 0), (padding, padding), (padding, padding), (0, 0)]
    x = np.pad(x, sides, constant_values=lowest)
    windows = np.lib.stride_tricks.sliding_window_view(x, pool_size, axis=(1, 2))
    return windows[:, ::down, ::right].max(axis=(-2, -1))


# %% variant="pixel_by_pixel" exercise="max_pool2d"
def max_pool2d(x, pool_size, strides=None, padding=0):
    batch, height, width, channels = x.shape
    strides = strides or pool_size
    shape = [
        (n + 2 * padding - k) // s + 1
        for n, k, s in zip((height, width), pool_size, strides, strict=True)
    ]
    if min(shape) < 1:
        raise ValueError("the window does not fit")
    y = np.zeros((batch, *shape, channels), x.dtype)
    for n, i, j, c in np.ndindex(y.shape):
        best = None
        for a in range(pool_size[0]):
            for b in range(pool_size[1]):
                row = i * strides[0] + a - padding
                column = j * strides[1] + b - padding
                if 0 <= row < height and 0 <= column < width:
                    value = x[n, row, column, c]
                    best = value if best is None or value > best else best
        y[n, i, j, c] = best
    return y


# %% variant="one_shift_for_each_tap" exercise="max_pool2d"
def max_pool2d(x, pool_size, strides=None, padding=0):
    if strides is None:
        strides = pool_size
    lowest = np.finfo(x.dtype).min if x.dtype.kind == "f" else np.iinfo(x.dtype).min
    framed = np.full(
        (len(x), x.shape[1] + 2 * padding, x.shape[2] + 2 * padding, x.shape[3]),
        lowest,
        dtype=x.dtype,
    )
    framed[:, padding : padding + x.shape[1], padding : padding + x.shape[2]] = x
    rows = (framed.shape[1] - pool_size[0]) // strides[0] + 1
    columns = (framed.shape[2] - pool_size[1]) // strides[1] + 1
    if rows <= 0 or columns <= 0:
        raise ValueError(f"window {pool_size} too large")
    y = np.full((len(x), rows, columns, x.shape[3]), lowest, dtype=x.dtype)
    for a in range(pool_size[0]):
        for b in range(pool_size[1]):
            seen = framed[:, a :: strides[0], b :: strides[1]][:, :rows, :columns]
            y = np.maximum(y, seen)
    return y


# %% variant="sums_over_counts" exercise="avg_pool2d"
def avg_pool2d(x, pool_size, strides=None, padding=0):
    down, right = strides or pool_size
    dtype = x.dtype if x.dtype.kind == "f" else np.float64
    sides = [(0, 0), (padding, padding), (padding, padding), (0, 0)]

    def sums(values):
        values = np.pad(values.astype(np.float64), sides)
        view = np.lib.stride_tricks.sliding_window_view(values, pool_size, axis=(1, 2))
        return view[:, ::down, ::right].sum(axis=(-2, -1))

    return (sums(x) / sums(np.ones_like(x, dtype=float))).astype(dtype)


# %% variant="pixel_by_pixel_mean" exercise="avg_pool2d"
def avg_pool2d(x, pool_size, strides=None, padding=0):
    batch, height, width, channels = x.shape
    strides = strides or pool_size
    shape = [
        (n + 2 * padding - k) // s + 1
        for n, k, s in zip((height, width), pool_size, strides, strict=True)
    ]
    if min(shape) < 1:
        raise ValueError("the window does not fit")
    y = np.zeros((batch, *shape, channels))
    for n, i, j, c in np.ndindex(y.shape):
        seen = []
        for a in range(pool_size[0]):
            for b in range(pool_size[1]):
                row = i * strides[0] + a - padding
                column = j * strides[1] + b - padding
                if 0 <= row < height and 0 <= column < width:
                    seen.append(float(x[n, row, column, c]))
        y[n, i, j, c] = sum(seen) / len(seen)
    return y.astype(x.dtype) if np.issubdtype(x.dtype, np.floating) else y


# %% variant="mean_of_what_is_there" exercise="avg_pool2d"
def avg_pool2d(x, pool_size, strides=None, padding=0):
    strides = strides or pool_size
    if x.dtype.kind != "f":
        x = x.astype(np.float64)
    sides = [(0, 0), (padding, padding), (padding, padding), (0, 0)]
    framed = np.pad(x, sides, constant_values=np.nan)
    rows = (framed.shape[1] - pool_size[0]) // strides[0] + 1
    columns = (framed.shape[2] - pool_size[1]) // strides[1] + 1
    if rows < 1 or columns < 1:
        raise ValueError("the window does not fit")
    y = np.empty((len(x), rows, columns, x.shape[3]), x.dtype)
    for i, j in np.ndindex(rows, columns):
        top, left = i * strides[0], j * strides[1]
        window = framed[:, top : top + pool_size[0], left : left + pool_size[1]]
        y[:, i, j] = np.nanmean(window, axis=(1, 2))
    return y


# %% variant="by_index" exercise="subsample"
def subsample(x, step):
    if step <= 0:
        raise ValueError("the step must be positive")
    rows, columns = np.arange(0, x.shape[1], step), np.arange(0, x.shape[2], step)
    return x[:, rows][:, :, columns]


# %% variant="loops_with_ceiling" exercise="subsample"
def subsample(x, step):
    if step < 1:
        raise ValueError(f"step={step}")
    batch, height, width, channels = x.shape
    shape = (batch, -(-height // step), -(-width // step), channels)
    y = np.zeros(shape, dtype=x.dtype)
    for i in range(shape[1]):
        for j in range(shape[2]):
            y[:, i, j, :] = x[:, i * step, j * step, :]
    return y


# %% variant="backwards_from_two_units" exercise="receptive_field"
def receptive_field(layers):
    ends = []
    for unit in range(2):
        low, high = unit, unit
        for layer in reversed(layers):
            low = low * layer["strides"] - layer["padding"]
            high = high * layer["strides"] - layer["padding"]
            high += (layer["kernel_size"] - 1) * layer["dilation_rate"]
        ends.append((low, high))
    (low, high), (next_low, _) = ends
    return high - low + 1, next_low - low, low


# %% variant="products_of_strides" exercise="receptive_field"
def receptive_field(layers):
    jumps = np.cumprod([1] + [layer["strides"] for layer in layers])
    spans = [(layer["kernel_size"] - 1) * layer["dilation_rate"] for layer in layers]
    paddings = [layer["padding"] for layer in layers]
    size = 1 + sum(jump * span for jump, span in zip(jumps, spans))
    start = -sum(jump * padding for jump, padding in zip(jumps, paddings))
    return int(size), int(jumps[-1]), int(start)


# %% variant="recursion" exercise="receptive_field"
def receptive_field(layers):
    if not layers:
        return (1, 1, 0)
    size, jump, start = receptive_field(layers[:-1])
    last = layers[-1]
    reach = last["kernel_size"] + (last["kernel_size"] - 1) * (
        last["dilation_rate"] - 1
    )
    return (
        size + (reach - 1) * jump,
        jump * last["strides"],
        start - jump * last["padding"],
    )


# %% variant="sizes_of_arrays" exercise="count_parameters"
def count_parameters(layer, input_shape):
    if layer["kind"] == "conv":
        k, outputs = layer["kernel_size"], layer["filters"]
        weights = k * k * input_shape[-1] * outputs
    elif layer["kind"] == "dense":
        outputs = layer["units"]
        weights = outputs
        for size in input_shape:
            weights *= size
    else:
        weights = outputs = 0
    if layer.get("use_bias"):
        return weights + outputs
    return weights


# %% variant="inputs_and_one" exercise="count_parameters"
def count_parameters(layer, input_shape):
    one = 1 if layer.get("use_bias", False) else 0
    match layer["kind"]:
        case "conv":
            return (layer["kernel_size"] ** 2 * input_shape[2] + one) * layer["filters"]
        case "dense":
            return (np.prod(input_shape) + one) * layer["units"]
    return 0


# %% variant="loop_over_sizes" exercise="count_macs"
def count_macs(layer, input_shape, output_shape):
    if layer["kind"] == "dense":
        macs = layer["units"]
        for size in input_shape:
            macs *= size
        return macs
    if layer["kind"] == "conv":
        rows, columns, filters = output_shape
        k = layer["kernel_size"]
        return rows * columns * filters * k * k * input_shape[-1]
    return 0


# %% variant="weights_times_places" exercise="count_macs"
def count_macs(layer, input_shape, output_shape):
    if layer["kind"] == "pool":
        return 0
    if layer["kind"] == "dense":
        return np.prod(input_shape) * np.prod(output_shape)
    weights = layer["kernel_size"] ** 2 * input_shape[2] * layer["filters"]
    return weights * output_shape[0] * output_shape[1]


# %% variant="computed" exercise="errata"
h, r, j = 2, 3, 1
printed_rows = r * j + np.arange(h)
right_rows = h * j + np.arange(h)
subsampled_size = len(np.arange(10)[::4])
ten_convolutions = receptive_field([conv(1, 3)] * 10)[0]
five_blocks = receptive_field([conv(1, 3), pool(2, 2)] * 5)[0]
edge_parameters = 2
edge_operations = 3 * 280 * 319
dense_parameters = count_parameters(dense(1024), (4, 4, 20)) + 1024 * 10 + 10

# %% variant="numpy_numbers" exercise="errata"
printed_rows, right_rows = np.array([[3, 4], [2, 3]], dtype=np.int32)
subsampled_size = np.int64(np.ceil(10 / 4))
ten_convolutions, five_blocks = np.array([21, 94])
edge_parameters, edge_operations = np.int64(2), np.int64(267960)
dense_parameters = np.int64(338954)
