# Right answers that are built in other ways than the reference; all must pass.

# %%
import numpy as np


# %% variant="loops" exercise="corr1d"
def corr1d(x, w):
    if len(w) > len(x):
        raise ValueError("the kernel is longer than the signal")
    y = []
    for i in range(len(x) - len(w) + 1):
        total = 0
        for m in range(len(w)):
            total += x[i + m] * w[m]
        y.append(total)
    return np.array(y)


# %% variant="window_view" exercise="corr1d"
def corr1d(x, w):
    if len(w) > len(x):
        raise ValueError
    return np.lib.stride_tricks.sliding_window_view(x, len(w)) @ w


# %% variant="table_of_indices" exercise="corr1d"
def corr1d(x, w):
    places = len(x) - len(w) + 1
    if places <= 0:
        raise ValueError("too long")
    where = np.arange(places)[:, np.newaxis] + np.arange(len(w))
    return np.einsum("im,m->i", x[where], w)


# %% variant="by_convolution" exercise="corr1d"
def corr1d(x, w):
    if len(w) > len(x):
        raise ValueError("the kernel is longer than the signal")
    return conv1d(x, w[::-1])[len(w) - 1 : len(x)]


# %% variant="loops" exercise="conv1d"
def conv1d(x, w):
    y = np.zeros(len(x) + len(w) - 1, dtype=(x[:1] * w[:1]).dtype)
    for i in range(len(x)):
        for j in range(len(w)):
            y[i + j] += x[i] * w[j]
    return y


# %% variant="by_correlation" exercise="conv1d"
def conv1d(x, w):
    return corr1d(np.pad(x, len(w) - 1), w[::-1])


# %% variant="fourier" exercise="conv1d"
def conv1d(x, w):
    n = len(x) + len(w) - 1
    y = np.fft.irfft(np.fft.rfft(x, n) * np.fft.rfft(w, n), n)
    dtype = np.result_type(x, w)
    return np.round(y).astype(dtype) if dtype.kind in "iu" else y.astype(dtype)


# %% variant="diagonals" exercise="conv1d"
def conv1d(x, w):
    table = np.outer(w[::-1], x)
    diagonals = range(1 - len(w), len(x))
    return np.array([np.trace(table, offset=k) for k in diagonals], dtype=table.dtype)


# %% variant="counting" exercise="output_size"
def output_size(size, kernel_size, strides=1, padding=0, dilation_rate=1):
    last_tap = (kernel_size - 1) * dilation_rate
    count = len(range(0, size + 2 * padding - last_tap, strides))
    if count == 0:
        raise ValueError("the window is larger than the padded input")
    return count


# %% variant="math_floor" exercise="output_size"
def output_size(size, kernel_size, strides=1, padding=0, dilation_rate=1):
    import math

    padded = size + 2 * padding
    window = kernel_size + (kernel_size - 1) * (dilation_rate - 1)
    if window > padded:
        raise ValueError(f"window {window}, padded input {padded}")
    return math.floor((padded - window) / strides + 1)


# %% variant="numpy_integer" exercise="output_size"
def output_size(size, kernel_size, strides=1, padding=0, dilation_rate=1):
    places = np.arange(size + 2 * padding - dilation_rate * (kernel_size - 1))[
        ::strides
    ]
    if not places.size:
        raise ValueError
    return np.int64(places.size)


# %% variant="loops" exercise="corr2d"
def corr2d(x, w):
    H, W = x.shape
    h, k = w.shape
    if h > H or k > W:
        raise ValueError("the kernel is larger than the picture")
    y = np.zeros((H - h + 1, W - k + 1), dtype=np.result_type(x.dtype, w.dtype))
    for i in range(H - h + 1):
        for j in range(W - k + 1):
            for a in range(h):
                for b in range(k):
                    y[i, j] += x[i + a, j + b] * w[a, b]
    return y


# %% variant="window_view" exercise="corr2d"
def corr2d(x, w):
    if w.shape[0] > x.shape[0] or w.shape[1] > x.shape[1]:
        raise ValueError
    windows = np.lib.stride_tricks.sliding_window_view(x, w.shape)
    return np.einsum("ijab,ab->ij", windows, w)


# %% variant="rows_of_correlations" exercise="corr2d"
def corr2d(x, w):
    if len(w) > len(x):
        raise ValueError("the kernel is higher than the picture")
    rows = range(len(x) - len(w) + 1)
    return np.array([sum(corr1d(x[i + a], w[a]) for a in range(len(w))) for i in rows])


# %% variant="fourier" exercise="corr2d"
def corr2d(x, w):
    rows, columns = np.array(x.shape) - w.shape + 1
    if min(rows, columns) < 1:
        raise ValueError("the kernel is larger than the picture")
    spectrum = np.fft.rfft2(x) * np.conj(np.fft.rfft2(w, x.shape))
    y = np.fft.irfft2(spectrum, x.shape)[:rows, :columns]
    dtype = np.result_type(x, w)
    return np.round(y).astype(dtype) if dtype.kind in "iu" else y.astype(dtype)


# %% variant="matrix" exercise="corr2d"
def corr2d(x, w):
    y = conv_matrix(w, x.shape) @ x.ravel()
    return y.reshape(x.shape[0] - w.shape[0] + 1, -1)


# %% variant="slice_assignment" exercise="pad2d"
def pad2d(x, kernel_size, padding, strides=1):
    if padding not in ("valid", "same"):
        raise ValueError("padding is 'valid' or 'same'")
    if padding == "valid":
        return x
    B, H, W, C = x.shape
    (kh, kw), s = kernel_size, strides
    rows = max(0, (int(np.ceil(H / s)) - 1) * s + kh - H)
    columns = max(0, (int(np.ceil(W / s)) - 1) * s + kw - W)
    y = np.zeros((B, H + rows, W + columns, C), dtype=x.dtype)
    y[:, rows // 2 : rows // 2 + H, columns // 2 : columns // 2 + W, :] = x
    return y


# %% variant="by_remainder" exercise="pad2d"
def pad2d(x, kernel_size, padding, strides=1):
    def zeros(size, kernel):
        rest = size % strides
        return max(kernel - (rest or strides), 0)

    match padding:
        case "valid":
            return x
        case "same":
            rows, columns = (
                zeros(x.shape[1], kernel_size[0]),
                zeros(x.shape[2], kernel_size[1]),
            )
        case _:
            raise ValueError(padding)
    ends = [(n // 2, (n + 1) // 2) for n in (0, rows, columns, 0)]
    return np.pad(x, ends, mode="constant", constant_values=0)


# %% variant="concatenation" exercise="pad2d"
def pad2d(x, kernel_size, padding, strides=1):
    if padding not in ("valid", "same"):
        raise ValueError(f"unknown padding {padding}")
    for axis in (1, 2):
        size, kernel = x.shape[axis], kernel_size[axis - 1]
        last = strides * ((size - 1) // strides)
        total = max(0, last + kernel - size) if padding == "same" else 0
        line = np.zeros_like(np.take(x, [0], axis=axis))
        before, after = [line] * (total // 2), [line] * (total - total // 2)
        x = np.concatenate(before + [x] + after, axis=axis)
    return x


# %% variant="loops" exercise="conv2d"
def conv2d(x, w, b=None, strides=1, padding=0, dilation_rate=1):
    B, H, W, C = x.shape
    kh, kw, depth, K = w.shape
    if C != depth:
        raise ValueError("the kernels are not as deep as the pictures")
    height = dilation_rate * (kh - 1) + 1
    width = dilation_rate * (kw - 1) + 1
    if height > H + 2 * padding or width > W + 2 * padding:
        raise ValueError("the window is larger than the picture")
    rows = (H + 2 * padding - height) // strides + 1
    columns = (W + 2 * padding - width) // strides + 1
    bias = np.zeros(K, dtype=np.result_type(x, w)) if b is None else b
    y = np.zeros((B, rows, columns, K), dtype=np.result_type(x, w, bias))
    for n, i, j, f in np.ndindex(y.shape):
        total = bias[f]
        for a in range(kh):
            for c in range(kw):
                row = i * strides + a * dilation_rate - padding
                column = j * strides + c * dilation_rate - padding
                if 0 <= row < H and 0 <= column < W:
                    total = total + np.dot(x[n, row, column], w[a, c, :, f])
        y[n, i, j, f] = total
    return y


# %% variant="window_view" exercise="conv2d"
def conv2d(x, w, b=None, strides=1, padding=0, dilation_rate=1):
    if x.shape[-1] != w.shape[2]:
        raise ValueError("channels")
    x = np.pad(x, ((0, 0), (padding, padding), (padding, padding), (0, 0)))
    span = [dilation_rate * (k - 1) + 1 for k in w.shape[:2]]
    if span[0] > x.shape[1] or span[1] > x.shape[2]:
        raise ValueError("window")
    windows = np.lib.stride_tricks.sliding_window_view(x, span, axis=(1, 2))
    windows = windows[:, ::strides, ::strides, :, ::dilation_rate, ::dilation_rate]
    y = np.einsum("nijcab,abcf->nijf", windows, w)
    if b is not None:
        y = y + b
    return y


# %% variant="spread_kernel" exercise="conv2d"
def conv2d(x, w, b=None, strides=1, padding=0, dilation_rate=1):
    kh, kw, channels, filters = w.shape
    if channels != x.shape[3]:
        raise ValueError("channels differ")
    spread = np.zeros(
        (dilation_rate * (kh - 1) + 1, dilation_rate * (kw - 1) + 1, channels, filters),
        dtype=w.dtype,
    )
    spread[::dilation_rate, ::dilation_rate] = w
    x = np.pad(x, [(0, 0), (padding, padding), (padding, padding), (0, 0)])
    y = np.stack(
        [
            [
                sum(corr2d(one[..., c], spread[..., c, f]) for c in range(channels))
                for f in range(filters)
            ]
            for one in x
        ]
    )
    y = y.transpose(0, 2, 3, 1)[:, ::strides, ::strides]
    return y if b is None else y + b


# %% variant="columns_and_one_product" exercise="conv2d"
def conv2d(x, w, b=None, strides=1, padding=0, dilation_rate=1):
    if x.shape[3] != w.shape[2]:
        raise ValueError("channels differ")
    rows = output_size(x.shape[1], w.shape[0], strides, padding, dilation_rate)
    columns = output_size(x.shape[2], w.shape[1], strides, padding, dilation_rate)
    x = np.pad(x, ((0, 0), (padding,) * 2, (padding,) * 2, (0, 0)))
    i = strides * np.arange(rows)[:, None, None, None]
    j = strides * np.arange(columns)[:, None, None]
    a = dilation_rate * np.arange(w.shape[0])[:, None]
    c = dilation_rate * np.arange(w.shape[1])
    table = x[:, i + a, j + c].reshape(len(x) * rows * columns, -1)
    y = table @ w.reshape(-1, w.shape[3])
    y = y.reshape(len(x), rows, columns, -1)
    return y if b is None else y + b


# %% variant="fourier" exercise="conv2d"
def conv2d(x, w, b=None, strides=1, padding=0, dilation_rate=1):
    if x.shape[3] != w.shape[2]:
        raise ValueError("channels differ")
    x = np.pad(x, [(0, 0), (padding, padding), (padding, padding), (0, 0)])
    spread = np.zeros(
        [dilation_rate * (k - 1) + 1 for k in w.shape[:2]] + list(w.shape[2:])
    )
    spread[::dilation_rate, ::dilation_rate] = w
    size = x.shape[1:3]
    rows, columns = size[0] - spread.shape[0] + 1, size[1] - spread.shape[1] + 1
    if rows < 1 or columns < 1:
        raise ValueError("the window is larger than the picture")
    pictures = np.fft.rfft2(x, axes=(1, 2))
    kernels = np.conj(np.fft.rfft2(spread, size, axes=(0, 1)))
    products = np.einsum("nijc,ijcf->nijf", pictures, kernels)
    y = np.fft.irfft2(products, size, axes=(1, 2))[:, :rows:strides, :columns:strides]
    if x.dtype.kind in "iu" and w.dtype.kind in "iu":
        y = np.round(y)
    dtype = np.result_type(x, w)
    return y.astype(dtype) if b is None else y.astype(dtype) + b


# %% variant="images_of_units" exercise="conv_matrix"
def conv_matrix(w, input_shape):
    units = np.eye(input_shape[0] * input_shape[1], dtype=w.dtype)
    images = [corr2d(unit.reshape(input_shape), w).ravel() for unit in units]
    return np.stack(images, axis=1)


# %% variant="kronecker" exercise="conv_matrix"
def conv_matrix(w, input_shape):
    H, W = input_shape
    rows, columns = H - w.shape[0] + 1, W - w.shape[1] + 1
    if rows < 1 or columns < 1:
        raise ValueError("the kernel is larger than the picture")
    U = np.zeros((rows * columns, H * W), dtype=w.dtype)
    for (a, c), weight in np.ndenumerate(w):
        down = np.eye(rows, H, k=a, dtype=w.dtype)
        right = np.eye(columns, W, k=c, dtype=w.dtype)
        U += weight * np.kron(down, right)
    return U


# %% variant="loops" exercise="conv_matrix"
def conv_matrix(w, input_shape):
    H, W = input_shape
    kh, kw = w.shape
    if kh > H or kw > W:
        raise ValueError("the kernel is larger than the picture")
    rows = []
    for i in range(H - kh + 1):
        for j in range(W - kw + 1):
            picture_of_weights = np.zeros((H, W), dtype=w.dtype)
            picture_of_weights[i : i + kh, j : j + kw] = w
            rows.append(picture_of_weights.flatten())
    return np.array(rows)


# %% variant="literal" exercise="filters"
sobel_x = np.array([[-1.0, 0.0, 1.0], [-2.0, 0.0, 2.0], [-1.0, 0.0, 1.0]])
sobel_y = np.array([[-1.0, -2.0, -1.0], [0.0, 0.0, 0.0], [1.0, 2.0, 1.0]])
laplacian = np.array([[0, -1, 0], [-1, 4, -1], [0, -1, 0]], dtype=np.float32)
sharpen = laplacian + np.array([[0, 0, 0], [0, 1, 0], [0, 0, 0]])
blur = np.array([[1, 1, 1], [1, 1, 1], [1, 1, 1]]) / 9
wrong_sobel = "vertical"

# %% variant="from_one_dimension" exercise="filters"
smooth, derivative = np.array([[1, 2, 1]]), np.array([[-1, 0, 1]])
sobel_x = smooth.T * derivative
sobel_y = derivative.T * smooth
unit = np.zeros((3, 3))
unit[1, 1] = 1
neighbours = np.zeros((3, 3))
neighbours[[0, 1, 1, 2], [1, 0, 2, 1]] = 1
laplacian = 4 * unit - neighbours
sharpen = unit + laplacian
blur = np.full((3, 3), np.float32(1) / np.float32(9))
wrong_sobel = "vertical"

# %% variant="with_the_functions" exercise="errata"
first_map_last_row = corr2d(lecture4_image, lecture4_diagonal)[-1]
second_map_last_row = corr2d(lecture4_image, lecture4_vertical)[-1]
matrix_second_row = conv_matrix(lecture2_u, (4, 4))[1]
second_index = "n"
strides_3_size = output_size(7, 3, strides=3)
dilated = conv1d(np.array([1, 2, 3]), np.array([1, 0, 10]))
slide_dilated = conv1d(np.array([1, 0, 2, 0, 3]), np.array([1, 10]))

# %% variant="floats_by_hand" exercise="errata"
first_map_last_row = np.array([3.0, -2.0, -2.0, -1.0])
second_map_last_row = np.array([-1.0, 0.0, -4.0, 3.0])
matrix_second_row = np.zeros(16)
matrix_second_row[[1, 2, 3, 5, 6, 7, 9, 10, 11]] = [1, 4, 1, 1, 4, 3, 3, 3, 1]
second_index = "n"
strides_3_size = np.int64(2)
dilated = np.array([1.0, 2.0, 13.0, 20.0, 30.0])
slide_dilated = np.array([1.0, 10.0, 2.0, 20.0, 3.0, 30.0])
