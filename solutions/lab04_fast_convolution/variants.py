# %% variant="loop_over_windows" exercise="im2col"
def im2col(x, kernel_size, strides=1, padding=0):
    kh, kw = kernel_size
    x = np.pad(x, [(0, 0), (padding, padding), (padding, padding), (0, 0)])
    if x.shape[1] < kh or x.shape[2] < kw:
        raise ValueError("the kernel is larger than the picture")
    return np.array(
        [
            picture[i : i + kh, j : j + kw].reshape(-1)
            for picture in x
            for i in range(0, x.shape[1] - kh + 1, strides)
            for j in range(0, x.shape[2] - kw + 1, strides)
        ]
    )


# %% variant="sliding_view" exercise="im2col"
def im2col(x, kernel_size, strides=1, padding=0):
    framed = np.pad(x, [(0, 0), (padding, padding), (padding, padding), (0, 0)])
    view = np.lib.stride_tricks.sliding_window_view(framed, kernel_size, axis=(1, 2))
    view = np.moveaxis(view[:, ::strides, ::strides], 3, 5)
    return view.reshape(np.prod(view.shape[:3]), np.prod(view.shape[3:]))


# %% variant="index_arrays" exercise="im2col"
def im2col(x, kernel_size, strides=1, padding=0):
    kh, kw = kernel_size
    framed = np.pad(x, [(0, 0), (padding, padding), (padding, padding), (0, 0)])
    tops = np.arange(0, framed.shape[1] - kh + 1, strides)
    lefts = np.arange(0, framed.shape[2] - kw + 1, strides)
    if len(tops) == 0 or len(lefts) == 0:
        raise ValueError(f"kernel_size={kernel_size}")
    rows = tops[:, None, None, None] + np.arange(kh)[:, None]
    columns = lefts[:, None, None] + np.arange(kw)
    return framed[:, rows, columns].reshape(-1, kh * kw * x.shape[3])


# %% variant="loop_over_windows_back" exercise="col2im"
def col2im(columns, x_shape, kernel_size, strides=1, padding=0):
    batch, height, width, channels = x_shape
    kh, kw = kernel_size
    size = (batch, height + 2 * padding, width + 2 * padding, channels)
    framed = np.zeros(size, columns.dtype)
    row = 0
    for n in range(batch):
        for i in range(0, size[1] - kh + 1, strides):
            for j in range(0, size[2] - kw + 1, strides):
                window = columns[row].reshape(kh, kw, channels)
                framed[n, i : i + kh, j : j + kw] += window
                row += 1
    if padding:
        framed = framed[:, padding:-padding, padding:-padding]
    return framed


# %% variant="add_at" exercise="col2im"
def col2im(columns, x_shape, kernel_size, strides=1, padding=0):
    kh, kw = kernel_size
    size = [x_shape[1] + 2 * padding, x_shape[2] + 2 * padding]
    numbers = np.arange(x_shape[0] * size[0] * size[1] * x_shape[3])
    numbers = numbers.reshape(x_shape[0], *size, x_shape[3])
    view = np.lib.stride_tricks.sliding_window_view(numbers, (kh, kw), axis=(1, 2))
    view = np.moveaxis(view[:, ::strides, ::strides], 3, 5)
    framed = np.zeros(numbers.size, columns.dtype)
    np.add.at(framed, view.reshape(columns.shape), columns)
    framed = framed.reshape(numbers.shape)
    return framed[:, padding : size[0] - padding, padding : size[1] - padding]


# %% variant="own_im2col" exercise="conv2d_im2col"
def conv2d_im2col(x, w, b=None, strides=1, padding=0):
    if x.shape[3] != w.shape[2]:
        raise ValueError("different numbers of channels")
    columns = im2col(x, w.shape[:2], strides, padding)
    y = columns @ w.reshape(-1, w.shape[3])
    if b is not None:
        y = y + b
    rows = (x.shape[1] + 2 * padding - w.shape[0]) // strides + 1
    return y.reshape(len(x), rows, -1, w.shape[3])


# %% variant="windows_as_columns" exercise="conv2d_im2col"
def conv2d_im2col(x, w, b=None, strides=1, padding=0):
    kh, kw, channels, filters = w.shape
    x = np.pad(x, [(0, 0), (padding, padding), (padding, padding), (0, 0)])
    rows, columns = x.shape[1] - kh + 1, x.shape[2] - kw + 1
    if min(rows, columns) <= 0 or x.shape[3] != channels:
        raise ValueError("the kernel does not fit")
    taps = [
        x[:, i : i + rows : strides, j : j + columns : strides, c]
        for c in range(channels)
        for i in range(kh)
        for j in range(kw)
    ]
    matrix = np.stack(taps).reshape(len(taps), -1)
    product = w.transpose(3, 2, 0, 1).reshape(filters, -1) @ matrix
    y = product.reshape(filters, *taps[0].shape).transpose(1, 2, 3, 0)
    return y + b if b is not None else y


# %% variant="tensordot" exercise="conv2d_im2col"
def conv2d_im2col(x, w, b=None, strides=1, padding=0):
    x = np.pad(x, [(0, 0), (padding, padding), (padding, padding), (0, 0)])
    view = np.lib.stride_tricks.sliding_window_view(x, w.shape[:2], axis=(1, 2))
    view = view[:, ::strides, ::strides]
    return np.tensordot(view, w, axes=((4, 5, 3), (0, 1, 2))) + (0 if b is None else b)


# %% variant="flat_products" exercise="conv2d_shift_gemm"
def conv2d_shift_gemm(x, w, b=None, strides=1, padding=0):
    kh, kw, channels, filters = w.shape
    x = np.pad(x, [(0, 0), (padding, padding), (padding, padding), (0, 0)])
    rows = (x.shape[1] - kh) // strides + 1
    columns = (x.shape[2] - kw) // strides + 1
    if rows < 1 or columns < 1 or channels != x.shape[3]:
        raise ValueError("the kernel does not fit")
    total = 0
    for a in range(kh):
        for c in range(kw):
            shifted = x[:, a::strides, c::strides][:, :rows, :columns]
            total = total + shifted.reshape(-1, channels) @ w[a, c]
    y = total.reshape(len(x), rows, columns, filters)
    return y if b is None else y + b.astype(y.dtype)


# %% variant="multiply_then_shift" exercise="conv2d_shift_gemm"
def conv2d_shift_gemm(x, w, b=None, strides=1, padding=0):
    kh, kw, channels, filters = w.shape
    x = np.pad(x, [(0, 0), (padding, padding), (padding, padding), (0, 0)])
    if channels != x.shape[3]:
        raise ValueError("different numbers of channels")
    height, width = x.shape[1] - kh + 1, x.shape[2] - kw + 1
    if height < 1 or width < 1:
        raise ValueError("the kernel is too large")
    y = np.zeros((len(x), height, width, filters), np.result_type(x, w))
    for tap in np.ndindex(kh, kw):
        product = np.einsum("nijc,cf->nijf", x, w[tap])
        y += product[:, tap[0] : tap[0] + height, tap[1] : tap[1] + width]
    y = y[:, ::strides, ::strides]
    return y + b if b is not None else y


# %% variant="flipped_and_linear" exercise="conv2d_fft"
def conv2d_fft(x, w, b=None, strides=1, padding=0):
    kh, kw, channels, filters = w.shape
    height, width = x.shape[1] + 2 * padding, x.shape[2] + 2 * padding
    if x.shape[3] != channels or height < kh or width < kw:
        raise ValueError("the kernel does not fit")
    framed = np.zeros((len(x), height, width, channels), x.dtype)
    framed[:, padding : padding + x.shape[1], padding : padding + x.shape[2]] = x
    size = (height + kh - 1, width + kw - 1)
    pictures = np.fft.fft2(framed, size, axes=(1, 2))
    kernels = np.fft.fft2(w[::-1, ::-1], size, axes=(0, 1))
    spectra = np.zeros((len(x), *size, filters), dtype=complex)
    for channel in range(channels):
        spectra += pictures[..., channel, None] * kernels[:, :, channel]
    y = np.fft.ifft2(spectra, axes=(1, 2)).real
    y = y[:, kh - 1 : height : strides, kw - 1 : width : strides]
    return (y + (0 if b is None else b)).astype(np.result_type(x, w))


# %% variant="powers_of_two" exercise="conv2d_fft"
def conv2d_fft(x, w, b=None, strides=1, padding=0):
    if x.shape[-1] != w.shape[2]:
        raise ValueError("different numbers of channels")
    x = np.pad(x, [(0, 0), (padding, padding), (padding, padding), (0, 0)])
    kh, kw = w.shape[:2]
    rows, columns = x.shape[1] - kh + 1, x.shape[2] - kw + 1
    if rows < 1 or columns < 1:
        raise ValueError("the kernel is too large")
    size = [1 << (n - 1).bit_length() for n in x.shape[1:3]]
    pictures = np.fft.rfft2(x.transpose(0, 3, 1, 2), size)
    kernels = np.fft.rfft2(w.transpose(3, 2, 0, 1), size)
    y = np.fft.irfft2(np.einsum("nchw,fchw->nfhw", pictures, kernels.conj()), size)
    y = y[:, :, :rows:strides, :columns:strides].transpose(0, 2, 3, 1)
    y = np.ascontiguousarray(y, dtype=np.result_type(x, w))
    return y if b is None else y + b


# %% variant="step_by_step" exercise="algorithm_costs"
def algorithm_costs(x_shape, w_shape):
    B, H, W, C = x_shape
    kh, kw, _, K = w_shape
    P, N = B * (H - kh + 1) * (W - kw + 1), H * W
    T = B * C + C * K + B * K
    keys = ("multiply_adds", "moved", "butterflies", "memory")
    stages = (N - 1).bit_length()
    rows = {
        "im2col": (P * kh * kw * C * K, P * kh * kw * C, 0, P * kh * kw * C),
        "shift_gemm": (P * kh * kw * C * K, P * kh * kw * K, 0, P * K),
        "fft": (
            N * B * C * K // 2 * 4 + N * B * C * K % 2 * 2,
            0,
            T * N * stages,
            T * N,
        ),
    }
    return {name: dict(zip(keys, row)) for name, row in rows.items()}


# %% variant="numpy_counts" exercise="algorithm_costs"
def algorithm_costs(x_shape, w_shape):
    batch, height, width, channels = np.array(x_shape)
    kernel, filters = np.prod(w_shape[:2]), w_shape[3]
    places = batch * (height - w_shape[0] + 1) * (width - w_shape[1] + 1)
    transforms = batch * channels + channels * filters + batch * filters
    pixels = height * width
    costs = {}
    for name in ("im2col", "shift_gemm", "fft"):
        costs[name] = dict.fromkeys(["multiply_adds", "moved", "butterflies"], 0)
        if name != "fft":
            costs[name]["multiply_adds"] = places * kernel * channels * filters
    costs["im2col"]["moved"] = costs["im2col"]["memory"] = places * kernel * channels
    costs["shift_gemm"]["moved"] = places * kernel * filters
    costs["shift_gemm"]["memory"] = places * filters
    costs["fft"]["multiply_adds"] = pixels * 2 * batch * channels * filters
    costs["fft"]["memory"] = transforms * pixels
    costs["fft"]["butterflies"] = transforms * pixels * int(np.ceil(np.log2(pixels)))
    return costs


# %% variant="loop" exercise="choose_algorithm"
def choose_algorithm(costs, memory):
    best = None
    for name, counts in costs.items():
        if counts["memory"] > memory:
            continue
        time = 0
        for work in ("multiply_adds", "moved", "butterflies"):
            time += counts[work] * NANOSECONDS[work]
        candidate = (time, counts["memory"], name)
        if best is None or candidate < best:
            best = candidate
    if best is None:
        raise ValueError("nothing fits")
    return best[2]


# %% variant="sorted" exercise="choose_algorithm"
def choose_algorithm(costs, memory):
    def time(name):
        return sum(NANOSECONDS[work] * costs[name][work] for work in NANOSECONDS)

    names = sorted(costs, key=lambda name: costs[name]["memory"])
    names = [name for name in names if costs[name]["memory"] <= memory]
    if len(names) == 0:
        raise ValueError("nothing fits")
    return sorted(names, key=time)[0]
