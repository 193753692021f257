# Wrong answers that students give, each with the tests that it fails and its hint.
# A mistake differs from the reference in one thing, so most of them look alike.
# ruff: noqa: E501 (the headers)

# %%
import numpy as np

# %% mistake="flipped_kernel" exercise="corr1d" fails="test_corr1d"
"""Your kernel is flipped: this is true convolution, the subject of exercise 2. Here the
first weight meets the first number of each window."""


def corr1d(x, w):
    outputs = len(x) - len(w) + 1
    if outputs < 1:
        raise ValueError("kernel longer than signal")
    y = np.zeros(outputs, dtype=np.result_type(x, w))
    for i in range(outputs):
        y[i] = np.sum(x[i : i + len(w)] * w[::-1])
    return y


# %% mistake="last_window_missing" exercise="corr1d" fails="test_corr1d test_corr1d_rules"
"""Your last window is missing: n - k + 1 windows fit, and `range` leaves out its
end."""


def corr1d(x, w):
    if len(w) > len(x):
        raise ValueError("kernel longer than signal")
    y = [np.sum(x[i : i + len(w)] * w) for i in range(len(x) - len(w))]
    return np.array(y, dtype=np.result_type(x, w))


# %% mistake="first_window_missing" exercise="corr1d" fails="test_corr1d test_corr1d_rules"
"""Your first window is missing. Lecture 2 counts from 1, Python counts from 0: the
first window begins at `x[0]`."""


def corr1d(x, w):
    outputs = len(x) - len(w) + 1
    if outputs < 1:
        raise ValueError("kernel longer than signal")
    y = [np.sum(x[i : i + len(w)] * w) for i in range(1, outputs)]
    return np.array(y, dtype=np.result_type(x, w))


# %% mistake="padded_to_same_length" exercise="corr1d" fails="test_corr1d test_corr1d_rules"
"""Your output is as long as the signal, so zeros were put around it. Here only the
windows that lie wholly on the signal count: n - k + 1 of them."""


def corr1d(x, w):
    if len(w) > len(x):
        raise ValueError("kernel longer than signal")
    before = (len(w) - 1) // 2
    padded = np.pad(x, (before, len(w) - 1 - before))
    y = [np.sum(padded[i : i + len(w)] * w) for i in range(len(x))]
    return np.array(y, dtype=np.result_type(x, w))


# %% mistake="all_overlaps" exercise="corr1d" fails="test_corr1d test_corr1d_rules"
"""Your kernel also slides over the two ends of the signal. Here only the windows that
lie wholly on the signal count: n - k + 1 of them."""


def corr1d(x, w):
    if len(w) > len(x):
        raise ValueError("kernel longer than signal")
    padded = np.pad(x, len(w) - 1)
    y = [np.sum(padded[i : i + len(w)] * w) for i in range(len(x) + len(w) - 1)]
    return np.array(y, dtype=np.result_type(x, w))


# %% mistake="mean_for_sum" exercise="corr1d" fails="test_corr1d test_corr1d_rules"
"""You take the mean of the products, the formula asks for their sum. Only a kernel
whose weights add up to 1 makes an average."""


def corr1d(x, w):
    outputs = len(x) - len(w) + 1
    if outputs < 1:
        raise ValueError("kernel longer than signal")
    y = [np.mean(x[i : i + len(w)] * w) for i in range(outputs)]
    return np.array(y)


# %% mistake="integer_output" exercise="corr1d" fails="test_corr1d_rules"
"""Your output array has the dtype of the signal, so a signal of ints cuts the fractions
off. Make the array with `np.result_type(x, w)`."""


def corr1d(x, w):
    outputs = len(x) - len(w) + 1
    if outputs < 1:
        raise ValueError("kernel longer than signal")
    y = np.zeros(outputs, dtype=x.dtype)
    for i in range(outputs):
        y[i] = np.sum(x[i : i + len(w)] * w)
    return y


# %% mistake="always_float64" exercise="corr1d" fails="test_corr1d_rules"
"""Your values are right, but `np.zeros` makes 64-bit floats unless it is told
otherwise, so float32 is lost. Give it a dtype."""


def corr1d(x, w):
    outputs = len(x) - len(w) + 1
    if outputs < 1:
        raise ValueError("kernel longer than signal")
    y = np.zeros(outputs)
    for i in range(outputs):
        y[i] = np.sum(x[i : i + len(w)] * w)
    return y


# %% mistake="multiplied_in_place" exercise="corr1d" fails="test_corr1d test_corr1d_rules"
"""You multiply the window in place. A slice is a view, so `window *= w` changes the
signal itself, and the next window finds it changed."""


def corr1d(x, w):
    outputs = len(x) - len(w) + 1
    if outputs < 1:
        raise ValueError("kernel longer than signal")
    y = np.zeros(outputs, dtype=np.result_type(x, w))
    for i in range(outputs):
        window = x[i : i + len(w)]
        window *= w.astype(x.dtype)
        y[i] = np.sum(window)
    return y


# %% mistake="no_error" exercise="corr1d" fails="test_corr1d_rules"
"""A kernel that is longer than the signal fits nowhere. You return an empty array,
which some later line will stumble over: raise a ValueError at once."""


def corr1d(x, w):
    outputs = max(len(x) - len(w) + 1, 0)
    y = [np.sum(x[i : i + len(w)] * w) for i in range(outputs)]
    return np.array(y, dtype=np.result_type(x, w))


# %% mistake="flipped_twice" exercise="corr1d" fails="test_corr1d test_corr1d_rules"
"""You flip the signal where nothing is to be flipped, so your outputs come from the
wrong end. The first output belongs to the first window."""


def corr1d(x, w):
    outputs = len(x) - len(w) + 1
    if outputs < 1:
        raise ValueError("kernel longer than signal")
    x = x[::-1]
    y = [np.sum(x[i : i + len(w)] * w[::-1]) for i in range(outputs)]
    return np.array(y, dtype=np.result_type(x, w))


# %% mistake="not_flipped" exercise="conv1d" fails="test_conv1d test_conv1d_laws"
"""Your kernel is not flipped: this is cross-correlation. In x[m] w[i - m] one index
goes up while the other goes down."""


def conv1d(x, w):
    padded = np.pad(x, len(w) - 1)
    y = [np.sum(padded[i : i + len(w)] * w) for i in range(len(x) + len(w) - 1)]
    return np.array(y, dtype=np.result_type(x, w))


# %% mistake="only_whole_windows" exercise="conv1d" fails="test_conv1d test_conv1d_laws"
"""You keep only the windows that lie wholly on the signal. Here the signal goes on with
zeros, and every output with at least one existing product counts: n + k - 1."""


def conv1d(x, w):
    x, w = (x, w) if len(x) >= len(w) else (w, x)
    outputs = len(x) - len(w) + 1
    y = [np.sum(x[i : i + len(w)] * w[::-1]) for i in range(outputs)]
    return np.array(y, dtype=np.result_type(x, w))


# %% mistake="same_length" exercise="conv1d" fails="test_conv1d test_conv1d_laws"
"""Your output is as long as the signal. The kernel touches the signal in n + k - 1
places; the ones at the two ends are missing."""


def conv1d(x, w):
    y = np.zeros(len(x) + len(w) - 1, dtype=np.result_type(x, w))
    for age, weight in enumerate(w):
        y[age : age + len(x)] += weight * x
    before = (len(w) - 1) // 2
    return y[before : before + len(x)]


# %% mistake="padded_before_only" exercise="conv1d" fails="test_conv1d test_conv1d_laws"
"""You put zeros before the signal but not behind it, so the outputs at the end are
missing, where the kernel leaves the signal."""


def conv1d(x, w):
    padded = np.concatenate([np.zeros(len(w) - 1, dtype=x.dtype), x])
    y = [np.sum(padded[i : i + len(w)] * w[::-1]) for i in range(len(x))]
    return np.array(y, dtype=np.result_type(x, w))


# %% mistake="padded_by_k" exercise="conv1d" fails="test_conv1d test_conv1d_laws"
"""You put k zeros on each side. With k - 1 the first window already touches the signal
with one weight; one more makes an output that is always 0 at each end."""


def conv1d(x, w):
    padded = np.pad(x, len(w))
    y = [np.sum(padded[i : i + len(w)] * w[::-1]) for i in range(len(x) + len(w) + 1)]
    return np.array(y, dtype=np.result_type(x, w))


# %% mistake="negative_index" exercise="conv1d" fails="test_conv1d test_conv1d_laws"
"""Your index i - m becomes negative, and in Python `w[-1]` is the last weight, not 0.
Leave out the products whose index does not exist."""


def conv1d(x, w):
    y = np.zeros(len(x) + len(w) - 1, dtype=np.result_type(x, w))
    for i in range(len(y)):
        for m in range(len(x)):
            if -len(w) <= i - m < len(w):
                y[i] += x[m] * w[i - m]
    return y


# %% mistake="wraps_around" exercise="conv1d" fails="test_conv1d test_conv1d_laws"
"""Your signal comes back at the other end (a circular convolution). It goes on with
zeros: before an FFT, make both arrays n + k - 1 long."""


def conv1d(x, w):
    size = max(len(x), len(w))
    y = np.fft.irfft(np.fft.rfft(x, size) * np.fft.rfft(w, size), size)
    return y.astype(np.result_type(x, w, np.float32))


# %% mistake="overwritten" exercise="conv1d" fails="test_conv1d test_conv1d_laws"
"""Your copies of the kernel overwrite one another. Where they overlap they must be
added: `+=` instead of `=`."""


def conv1d(x, w):
    y = np.zeros(len(x) + len(w) - 1, dtype=np.result_type(x, w))
    for m, value in enumerate(x):
        y[m : m + len(w)] = value * w
    return y


# %% mistake="flipped_in_place" exercise="conv1d" fails="test_conv1d_laws"
"""Your values are right, but you flip the kernel in place, so the caller's kernel is
flipped after the call. `w[::-1]` alone makes a flipped view and changes nothing."""


def conv1d(x, w):
    w[:] = w[::-1].copy()
    padded = np.pad(x, len(w) - 1)
    y = [np.sum(padded[i : i + len(w)] * w) for i in range(len(x) + len(w) - 1)]
    return np.array(y, dtype=np.result_type(x, w))


# %% mistake="integer_output" exercise="conv1d" fails="test_conv1d_laws"
"""Your output array has the dtype of the signal, so a signal of ints cuts the fractions
off. Make the array with `np.result_type(x, w)`."""


def conv1d(x, w):
    y = np.zeros(len(x) + len(w) - 1, dtype=x.dtype)
    padded = np.pad(x, len(w) - 1)
    for i in range(len(y)):
        y[i] = np.sum(padded[i : i + len(w)] * w[::-1])
    return y


# %% mistake="always_float64" exercise="conv1d" fails="test_conv1d_laws"
"""Your values are right, but `np.zeros` makes 64-bit floats unless it is told
otherwise, so float32 is lost. Give it a dtype."""


def conv1d(x, w):
    y = np.zeros(len(x) + len(w) - 1)
    for age, weight in enumerate(w):
        y[age : age + len(x)] += weight * x
    return y


# %% mistake="ceil" exercise="output_size" fails="test_output_size test_output_size_dilation"
"""You round up. A step that would carry the window beyond the end is not made, so the
division rounds down."""


def output_size(size, kernel_size, strides=1, padding=0, dilation_rate=1):
    room = size + 2 * padding - dilation_rate * (kernel_size - 1) - 1
    if room < 0:
        raise ValueError("window too large")
    return -(-room // strides) + 1


# %% mistake="off_by_one" exercise="output_size" fails="test_output_size test_output_size_dilation"
"""You count the steps, not the places: the window stands somewhere before its first
step, which is one place more."""


def output_size(size, kernel_size, strides=1, padding=0, dilation_rate=1):
    room = size + 2 * padding - dilation_rate * (kernel_size - 1) - 1
    if room < 0:
        raise ValueError("window too large")
    return room // strides


# %% mistake="one_divided_too" exercise="output_size" fails="test_output_size test_output_size_dilation"
"""You divide the "+ 1" by the strides as well. It counts the place where the window
begins, so add it after the division."""


def output_size(size, kernel_size, strides=1, padding=0, dilation_rate=1):
    span = dilation_rate * (kernel_size - 1) + 1
    if span > size + 2 * padding:
        raise ValueError("window too large")
    return (size + 2 * padding - span + 1) // strides


# %% mistake="total_padding" exercise="output_size" fails="test_output_size test_output_size_dilation"
"""You count the padding once. Here it is meant per side, as in lectures 0 and 3, so the
input grows by twice as much (lecture 4's p is the total)."""


def output_size(size, kernel_size, strides=1, padding=0, dilation_rate=1):
    room = size + padding - dilation_rate * (kernel_size - 1) - 1
    if room < 0:
        raise ValueError("window too large")
    return room // strides + 1


# %% mistake="strides_ignored" exercise="output_size" fails="test_output_size test_output_size_dilation"
"""You do not use the strides: your window moves on by one entry at a time."""


def output_size(size, kernel_size, strides=1, padding=0, dilation_rate=1):
    room = size + 2 * padding - dilation_rate * (kernel_size - 1) - 1
    if room < 0:
        raise ValueError("window too large")
    return room + 1


# %% mistake="padding_ignored" exercise="output_size" fails="test_output_size test_output_size_dilation"
"""You do not use the padding: it makes the input longer on both sides."""


def output_size(size, kernel_size, strides=1, padding=0, dilation_rate=1):
    room = size - dilation_rate * (kernel_size - 1) - 1
    if room < 0:
        raise ValueError("window too large")
    return room // strides + 1


# %% mistake="dilation_ignored" exercise="output_size" fails="test_output_size_dilation"
"""You do not use the dilation rate. It spreads the weights, so that the window spans
more entries than it has weights."""


def output_size(size, kernel_size, strides=1, padding=0, dilation_rate=1):
    room = size + 2 * padding - kernel_size
    if room < 0:
        raise ValueError("window too large")
    return room // strides + 1


# %% mistake="dilation_times_kernel" exercise="output_size" fails="test_output_size_dilation"
"""You multiply the whole kernel size by the dilation rate. Between k weights there are
only k - 1 distances; try a kernel of one weight."""


def output_size(size, kernel_size, strides=1, padding=0, dilation_rate=1):
    room = size + 2 * padding - dilation_rate * kernel_size
    if room < 0:
        raise ValueError("window too large")
    return room // strides + 1


# %% mistake="dilation_as_gap" exercise="output_size" fails="test_output_size_dilation"
"""You put as many holes between neighbouring weights as the dilation rate says. It is
the distance, so a rate of 2 leaves one hole and a rate of 1 none."""


def output_size(size, kernel_size, strides=1, padding=0, dilation_rate=1):
    distance = 1 if dilation_rate == 1 else dilation_rate + 1
    room = size + 2 * padding - distance * (kernel_size - 1) - 1
    if room < 0:
        raise ValueError("window too large")
    return room // strides + 1


# %% mistake="dilation_as_strides" exercise="output_size" fails="test_output_size_dilation"
"""You treat the dilation rate as strides. Strides are how far the window moves; the
dilation rate is how far apart its weights are."""


def output_size(size, kernel_size, strides=1, padding=0, dilation_rate=1):
    room = size + 2 * padding - kernel_size
    if room < 0:
        raise ValueError("window too large")
    return room // (strides * dilation_rate) + 1


# %% mistake="dilation_after_division" exercise="output_size" fails="test_output_size_dilation"
"""You take the dilation off after dividing by the strides. It makes the window larger,
so it comes off before the division."""


def output_size(size, kernel_size, strides=1, padding=0, dilation_rate=1):
    extra = (dilation_rate - 1) * (kernel_size - 1)
    if size + 2 * padding < kernel_size + extra:
        raise ValueError("window too large")
    return (size + 2 * padding - kernel_size) // strides + 1 - extra


# %% mistake="float_result" exercise="output_size" fails="test_output_size test_output_size_dilation"
"""`/` gives a float, and a size of 2.33 does not exist. Divide with `//`, which rounds
down."""


def output_size(size, kernel_size, strides=1, padding=0, dilation_rate=1):
    room = size + 2 * padding - dilation_rate * (kernel_size - 1) - 1
    if room < 0:
        raise ValueError("window too large")
    return room / strides + 1


# %% mistake="rounded" exercise="output_size" fails="test_output_size test_output_size_dilation"
"""You round to the nearest whole number. A step that would carry the window beyond the
end is not made, however near it comes: round down."""


def output_size(size, kernel_size, strides=1, padding=0, dilation_rate=1):
    room = size + 2 * padding - dilation_rate * (kernel_size - 1) - 1
    if room < 0:
        raise ValueError("window too large")
    return round(room / strides) + 1


# %% mistake="no_error" exercise="output_size" fails="test_output_size_dilation"
"""Your sizes are right, but a window that is larger than the padded input must raise a
ValueError. Zero or a negative size would go unnoticed for a while."""


def output_size(size, kernel_size, strides=1, padding=0, dilation_rate=1):
    room = size + 2 * padding - dilation_rate * (kernel_size - 1) - 1
    return room // strides + 1


# %% mistake="no_error_when_rounded_up" exercise="output_size" fails="test_output_size_dilation"
"""You look at the result to see whether the window fits. With strides, rounding can
hide that it does not; compare the window with the padded input before you divide."""


def output_size(size, kernel_size, strides=1, padding=0, dilation_rate=1):
    room = size + 2 * padding - dilation_rate * (kernel_size - 1) - 1
    result = int(room / strides) + 1
    if result < 1:
        raise ValueError("window too large")
    return result


# %% mistake="flipped_kernel" exercise="corr2d" fails="test_corr2d test_corr2d_rules"
"""Your kernel is flipped in both directions: this is true convolution. Here it slides
as it is."""


def corr2d(x, w):
    rows, columns = x.shape[0] - w.shape[0] + 1, x.shape[1] - w.shape[1] + 1
    if rows < 1 or columns < 1:
        raise ValueError("kernel too large")
    y = np.zeros((rows, columns), dtype=np.result_type(x, w))
    for (a, b), weight in np.ndenumerate(w[::-1, ::-1]):
        y += weight * x[a : a + rows, b : b + columns]
    return y


# %% mistake="transposed_kernel" exercise="corr2d" fails="test_corr2d"
"""Your kernel is transposed: the row of the kernel must go with the row of the picture,
`x[i + a, j + b] * w[a, b]`."""


def corr2d(x, w):
    rows, columns = x.shape[0] - w.shape[0] + 1, x.shape[1] - w.shape[1] + 1
    if rows < 1 or columns < 1:
        raise ValueError("kernel too large")
    y = np.zeros((rows, columns), dtype=np.result_type(x, w))
    for (b, a), weight in np.ndenumerate(w):
        y += weight * x[a : a + rows, b : b + columns]
    return y


# %% mistake="swapped_height_and_width" exercise="corr2d" fails="test_corr2d test_corr2d_rules"
"""Your output has height and width swapped. `shape[0]` counts rows (height), `shape[1]`
columns (width)."""


def corr2d(x, w):
    height, width = x.shape
    kh, kw = w.shape
    if kh > height or kw > width:
        raise ValueError("kernel too large")
    y = np.zeros((width - kw + 1, height - kh + 1), dtype=np.result_type(x, w))
    for i in range(height - kh + 1):
        for j in range(width - kw + 1):
            y[j, i] = np.sum(x[i : i + kh, j : j + kw] * w)
    return y


# %% mistake="square_kernel" exercise="corr2d" fails="test_corr2d"
"""You take the kernel for a square. Its height is `w.shape[0]`, its width
`w.shape[1]`."""


def corr2d(x, w):
    k = len(w)
    rows, columns = x.shape[0] - k + 1, x.shape[1] - k + 1
    if rows < 1 or columns < 1:
        raise ValueError("kernel too large")
    y = np.zeros((rows, columns), dtype=np.result_type(x, w))
    for i in range(rows):
        for j in range(columns):
            y[i, j] = np.sum(x[i : i + k, j : j + k] * w)
    return y


# %% mistake="square_picture" exercise="corr2d" fails="test_corr2d test_corr2d_rules"
"""You take the picture for a square: your windows stop after as many columns as there
are rows, or look beyond them. Its height is `x.shape[0]`, its width `x.shape[1]`."""


def corr2d(x, w):
    if w.shape[0] > x.shape[0] or w.shape[1] > x.shape[1]:
        raise ValueError("kernel too large")
    rows, columns = len(x) - w.shape[0] + 1, len(x) - w.shape[1] + 1
    y = np.zeros((rows, columns), dtype=np.result_type(x, w))
    for i in range(rows):
        for j in range(columns):
            window = x[i : i + w.shape[0], j : j + w.shape[1]]
            y[i, j] = np.sum(window * w[: window.shape[0], : window.shape[1]])
    return y


# %% mistake="last_windows_missing" exercise="corr2d" fails="test_corr2d test_corr2d_rules"
"""Your last row and column of windows are missing: H - kh + 1 fit below one another,
and `range` leaves out its end."""


def corr2d(x, w):
    kh, kw = w.shape
    if kh > x.shape[0] or kw > x.shape[1]:
        raise ValueError("kernel too large")
    rows, columns = x.shape[0] - kh, x.shape[1] - kw
    y = np.zeros((rows, columns), dtype=np.result_type(x, w))
    for i in range(rows):
        for j in range(columns):
            y[i, j] = np.sum(x[i : i + kh, j : j + kw] * w)
    return y


# %% mistake="padded_to_same_size" exercise="corr2d" fails="test_corr2d test_corr2d_rules"
"""Your output is as large as the picture, so zeros were put around it. Here only
windows that lie wholly on the picture count."""


def corr2d(x, w):
    kh, kw = w.shape
    if kh > x.shape[0] or kw > x.shape[1]:
        raise ValueError("kernel too large")
    before = (kh - 1) // 2, (kw - 1) // 2
    padded = np.pad(
        x, [(before[0], kh - 1 - before[0]), (before[1], kw - 1 - before[1])]
    )
    y = np.zeros(x.shape, dtype=np.result_type(x, w))
    for i, j in np.ndindex(*x.shape):
        y[i, j] = np.sum(padded[i : i + kh, j : j + kw] * w)
    return y


# %% mistake="windows_side_by_side" exercise="corr2d" fails="test_corr2d test_corr2d_rules"
"""Your windows lie side by side like tiles. Move the window by one pixel, not by its
own size; neighbouring windows overlap."""


def corr2d(x, w):
    kh, kw = w.shape
    if kh > x.shape[0] or kw > x.shape[1]:
        raise ValueError("kernel too large")
    rows, columns = x.shape[0] // kh, x.shape[1] // kw
    y = np.zeros((rows, columns), dtype=np.result_type(x, w))
    for i, j in np.ndindex(rows, columns):
        y[i, j] = np.sum(x[i * kh : (i + 1) * kh, j * kw : (j + 1) * kw] * w)
    return y


# %% mistake="matrix_product" exercise="corr2d" fails="test_corr2d test_corr2d_rules"
"""`@` and `np.dot` multiply matrices, rows times columns. The window and the kernel are
multiplied entry by entry: `*`, then sum."""


def corr2d(x, w):
    kh, kw = w.shape
    rows, columns = x.shape[0] - kh + 1, x.shape[1] - kw + 1
    if rows < 1 or columns < 1:
        raise ValueError("kernel too large")
    y = np.zeros((rows, columns), dtype=np.result_type(x, w))
    for i in range(rows):
        for j in range(columns):
            y[i, j] = np.sum(x[i : i + kh, j : j + kw] @ w)
    return y


# %% mistake="mean_for_sum" exercise="corr2d" fails="test_corr2d test_corr2d_rules"
"""You take the mean of the products, the formula asks for their sum."""


def corr2d(x, w):
    kh, kw = w.shape
    rows, columns = x.shape[0] - kh + 1, x.shape[1] - kw + 1
    if rows < 1 or columns < 1:
        raise ValueError("kernel too large")
    y = np.zeros((rows, columns))
    for i in range(rows):
        for j in range(columns):
            y[i, j] = np.mean(x[i : i + kh, j : j + kw] * w)
    return y


# %% mistake="integer_output" exercise="corr2d" fails="test_corr2d_rules"
"""Your output array has the dtype of the picture, so a picture of ints cuts the
fractions off. Make the array with `np.result_type(x, w)`."""


def corr2d(x, w):
    kh, kw = w.shape
    rows, columns = x.shape[0] - kh + 1, x.shape[1] - kw + 1
    if rows < 1 or columns < 1:
        raise ValueError("kernel too large")
    y = np.zeros((rows, columns), dtype=x.dtype)
    for i in range(rows):
        for j in range(columns):
            y[i, j] = np.sum(x[i : i + kh, j : j + kw] * w)
    return y


# %% mistake="always_float64" exercise="corr2d" fails="test_corr2d_rules"
"""Your values are right, but `np.zeros` makes 64-bit floats unless it is told
otherwise, so float32 is lost. Give it a dtype."""


def corr2d(x, w):
    kh, kw = w.shape
    rows, columns = x.shape[0] - kh + 1, x.shape[1] - kw + 1
    if rows < 1 or columns < 1:
        raise ValueError("kernel too large")
    y = np.zeros((rows, columns))
    for i in range(rows):
        for j in range(columns):
            y[i, j] = np.sum(x[i : i + kh, j : j + kw] * w)
    return y


# %% mistake="multiplied_in_place" exercise="corr2d" fails="test_corr2d test_corr2d_rules"
"""You multiply the window in place. A slice is a view, so `window *= w` changes the
picture itself, and the next window finds it changed."""


def corr2d(x, w):
    kh, kw = w.shape
    rows, columns = x.shape[0] - kh + 1, x.shape[1] - kw + 1
    if rows < 1 or columns < 1:
        raise ValueError("kernel too large")
    y = np.zeros((rows, columns), dtype=np.result_type(x, w))
    for i in range(rows):
        for j in range(columns):
            window = x[i : i + kh, j : j + kw]
            window *= w.astype(x.dtype)
            y[i, j] = np.sum(window)
    return y


# %% mistake="no_error" exercise="corr2d" fails="test_corr2d_rules"
"""Your values are right, but a kernel that does not fit into the picture must raise a
ValueError, whether it is too high or too wide. You return an empty array."""


def corr2d(x, w):
    kh, kw = w.shape
    rows, columns = max(x.shape[0] - kh + 1, 0), max(x.shape[1] - kw + 1, 0)
    y = np.zeros((rows, columns), dtype=np.result_type(x, w))
    for i in range(rows):
        for j in range(columns):
            y[i, j] = np.sum(x[i : i + kh, j : j + kw] * w)
    return y


# %% mistake="error_only_for_height" exercise="corr2d" fails="test_corr2d_rules"
"""You refuse kernels that are too high, but not those that are too wide."""


def corr2d(x, w):
    kh, kw = w.shape
    if kh > x.shape[0]:
        raise ValueError("kernel too high")
    rows, columns = x.shape[0] - kh + 1, max(x.shape[1] - kw + 1, 0)
    y = np.zeros((rows, columns), dtype=np.result_type(x, w))
    for i in range(rows):
        for j in range(columns):
            y[i, j] = np.sum(x[i : i + kh, j : j + kw] * w)
    return y


# %% mistake="extra_zeros_before" exercise="pad2d" fails="test_pad2d test_pad2d_strides"
"""When the number of zeros is odd, you put the extra line at the top and left. In Keras
and TensorFlow it goes to the bottom and right."""


def pad2d(x, kernel_size, padding, strides=1):
    if padding == "valid":
        return x
    if padding != "same":
        raise ValueError("unknown padding")
    zeros = [(0, 0)]
    for size, kernel in zip(x.shape[1:3], kernel_size, strict=True):
        total = max((-(-size // strides) - 1) * strides + kernel - size, 0)
        zeros.append((total - total // 2, total // 2))
    return np.pad(x, zeros + [(0, 0)])


# %% mistake="all_zeros_behind" exercise="pad2d" fails="test_pad2d test_pad2d_strides"
"""You put all zeros behind the picture. Half of them belong before it, at the top and
at the left."""


def pad2d(x, kernel_size, padding, strides=1):
    if padding == "valid":
        return x
    if padding != "same":
        raise ValueError("unknown padding")
    zeros = [(0, 0)]
    for size, kernel in zip(x.shape[1:3], kernel_size, strict=True):
        total = max((-(-size // strides) - 1) * strides + kernel - size, 0)
        zeros.append((0, total))
    return np.pad(x, zeros + [(0, 0)])


# %% mistake="total_on_each_side" exercise="pad2d" fails="test_pad2d test_pad2d_strides"
"""You put the total number of zeros on each side, so there are twice as many as needed.
Share them between the two sides."""


def pad2d(x, kernel_size, padding, strides=1):
    if padding == "valid":
        return x
    if padding != "same":
        raise ValueError("unknown padding")
    zeros = [(0, 0)]
    for size, kernel in zip(x.shape[1:3], kernel_size, strict=True):
        total = max((-(-size // strides) - 1) * strides + kernel - size, 0)
        zeros.append((total, total))
    return np.pad(x, zeros + [(0, 0)])


# %% mistake="half_rounded_down_twice" exercise="pad2d" fails="test_pad2d test_pad2d_strides"
"""You put half of the zeros, rounded down, on both sides. When the number is odd one
line is lost, and the output is smaller than the input: look at even kernels."""


def pad2d(x, kernel_size, padding, strides=1):
    if padding == "valid":
        return x
    if padding != "same":
        raise ValueError("unknown padding")
    zeros = [(0, 0)]
    for size, kernel in zip(x.shape[1:3], kernel_size, strict=True):
        total = max((-(-size // strides) - 1) * strides + kernel - size, 0)
        zeros.append((total // 2, total // 2))
    return np.pad(x, zeros + [(0, 0)])


# %% mistake="half_the_kernel" exercise="pad2d" fails="test_pad2d test_pad2d_strides"
"""You put half a kernel, k // 2 lines, on both sides. That fits odd kernels; an even
one needs k - 1 lines in all, an odd number."""


def pad2d(x, kernel_size, padding, strides=1):
    if padding == "valid":
        return x
    if padding != "same":
        raise ValueError("unknown padding")
    kh, kw = kernel_size
    return np.pad(x, [(0, 0), (kh // 2, kh // 2), (kw // 2, kw // 2), (0, 0)])


# %% mistake="strides_ignored" exercise="pad2d" fails="test_pad2d_strides"
"""You pad as if the strides were 1. With larger strides there are only ceil(size /
strides) windows, and the last one needs fewer zeros to fit."""


def pad2d(x, kernel_size, padding, strides=1):
    if padding == "valid":
        return x
    if padding != "same":
        raise ValueError("unknown padding")
    zeros = [(0, 0)]
    for kernel in kernel_size:
        zeros.append(((kernel - 1) // 2, kernel - 1 - (kernel - 1) // 2))
    return np.pad(x, zeros + [(0, 0)])


# %% mistake="windows_rounded_down" exercise="pad2d" fails="test_pad2d_strides"
"""You round the number of windows down. "same" means ceil(size / strides) of them."""


def pad2d(x, kernel_size, padding, strides=1):
    if padding == "valid":
        return x
    if padding != "same":
        raise ValueError("unknown padding")
    zeros = [(0, 0)]
    for size, kernel in zip(x.shape[1:3], kernel_size, strict=True):
        total = max((size // strides - 1) * strides + kernel - size, 0)
        zeros.append((total // 2, total - total // 2))
    return np.pad(x, zeros + [(0, 0)])


# %% mistake="same_size_with_strides" exercise="pad2d" fails="test_pad2d_strides"
"""You pad so much that even with strides the output is as large as the input. "same"
promises that for strides 1 only; otherwise it means ceil(size / strides) windows."""


def pad2d(x, kernel_size, padding, strides=1):
    if padding == "valid":
        return x
    if padding != "same":
        raise ValueError("unknown padding")
    zeros = [(0, 0)]
    for size, kernel in zip(x.shape[1:3], kernel_size, strict=True):
        total = (size - 1) * strides + kernel - size
        zeros.append((total // 2, total - total // 2))
    return np.pad(x, zeros + [(0, 0)])


# %% mistake="negative_zeros" exercise="pad2d" fails="test_pad2d_strides"
"""The number of zeros that you compute can be negative, when the strides are larger
than the kernel. Fewer than none are not possible."""


def pad2d(x, kernel_size, padding, strides=1):
    if padding == "valid":
        return x
    if padding != "same":
        raise ValueError("unknown padding")
    zeros = [(0, 0)]
    for size, kernel in zip(x.shape[1:3], kernel_size, strict=True):
        total = (-(-size // strides) - 1) * strides + kernel - size
        zeros.append((total // 2, total - total // 2))
    return np.pad(x, zeros + [(0, 0)])


# %% mistake="swapped_height_and_width" exercise="pad2d" fails="test_pad2d test_pad2d_strides"
"""You pad the rows as the width of the kernel asks and the columns as its height asks.
In `(B, H, W, C)` axis 1 is the height, and `kernel_size` is (height, width)."""


def pad2d(x, kernel_size, padding, strides=1):
    if padding == "valid":
        return x
    if padding != "same":
        raise ValueError("unknown padding")
    zeros = [(0, 0)]
    for size, kernel in zip(x.shape[1:3], kernel_size[::-1], strict=True):
        total = max((-(-size // strides) - 1) * strides + kernel - size, 0)
        zeros.append((total // 2, total - total // 2))
    return np.pad(x, zeros + [(0, 0)])


# %% mistake="square_kernel" exercise="pad2d" fails="test_pad2d test_pad2d_strides"
"""You take the kernel for a square and use its height for the columns too."""


def pad2d(x, kernel_size, padding, strides=1):
    if padding == "valid":
        return x
    if padding != "same":
        raise ValueError("unknown padding")
    zeros = [(0, 0)]
    for size in x.shape[1:3]:
        total = max((-(-size // strides) - 1) * strides + kernel_size[0] - size, 0)
        zeros.append((total // 2, total - total // 2))
    return np.pad(x, zeros + [(0, 0)])


# %% mistake="every_axis_padded" exercise="pad2d" fails="test_pad2d test_pad2d_strides"
"""You pad every axis, so there are extra pictures and extra channels of zeros. Pad the
axes 1 and 2 only."""


def pad2d(x, kernel_size, padding, strides=1):
    if padding == "valid":
        return x
    if padding != "same":
        raise ValueError("unknown padding")
    total = max(
        (-(-x.shape[1] // strides) - 1) * strides + kernel_size[0] - x.shape[1], 0
    )
    return np.pad(x, (total // 2, total - total // 2))


# %% mistake="border_repeated" exercise="pad2d" fails="test_pad2d test_pad2d_strides"
"""You repeat the pixels of the border. "same" in a convolutional layer pads with zeros,
which is what `np.pad` does if it is told nothing else."""


def pad2d(x, kernel_size, padding, strides=1):
    if padding == "valid":
        return x
    if padding != "same":
        raise ValueError("unknown padding")
    zeros = [(0, 0)]
    for size, kernel in zip(x.shape[1:3], kernel_size, strict=True):
        total = max((-(-size // strides) - 1) * strides + kernel - size, 0)
        zeros.append((total // 2, total - total // 2))
    return np.pad(x, zeros + [(0, 0)], mode="edge")


# %% mistake="valid_padded_too" exercise="pad2d" fails="test_pad2d"
""""valid" means no zeros at all: the pictures come back as they are. You pad them."""


def pad2d(x, kernel_size, padding, strides=1):
    if padding not in ("valid", "same"):
        raise ValueError("unknown padding")
    zeros = [(0, 0)]
    for size, kernel in zip(x.shape[1:3], kernel_size, strict=True):
        total = max((-(-size // strides) - 1) * strides + kernel - size, 0)
        zeros.append((total // 2, total - total // 2))
    return np.pad(x, zeros + [(0, 0)])


# %% mistake="no_error" exercise="pad2d" fails="test_pad2d"
"""Your paddings are right, but a word other than "valid" and "same" must raise a
ValueError: a misspelt "smae" would go unnoticed."""


def pad2d(x, kernel_size, padding, strides=1):
    if padding != "same":
        return x
    zeros = [(0, 0)]
    for size, kernel in zip(x.shape[1:3], kernel_size, strict=True):
        total = max((-(-size // strides) - 1) * strides + kernel - size, 0)
        zeros.append((total // 2, total - total // 2))
    return np.pad(x, zeros + [(0, 0)])


# %% mistake="always_float64" exercise="pad2d" fails="test_pad2d"
"""Your values are right, but `np.zeros` makes 64-bit floats unless it is told
otherwise. Give it the dtype of the pictures."""


def pad2d(x, kernel_size, padding, strides=1):
    if padding == "valid":
        return x
    if padding != "same":
        raise ValueError("unknown padding")
    batch, height, width, channels = x.shape
    zeros = []
    for size, kernel in zip((height, width), kernel_size, strict=True):
        zeros.append(max((-(-size // strides) - 1) * strides + kernel - size, 0))
    padded = np.zeros((batch, height + zeros[0], width + zeros[1], channels))
    top, left = zeros[0] // 2, zeros[1] // 2
    padded[:, top : top + height, left : left + width] = x
    return padded


# %% mistake="flipped_kernel" exercise="conv2d" fails="test_conv2d_channels test_conv2d_strides test_conv2d_dilation"
"""Your kernel is flipped: this is true convolution. A layer computes the
cross-correlation, with the kernel as it is."""


def conv2d(x, w, b=None, strides=1, padding=0, dilation_rate=1):
    kh, kw, channels, filters = w.shape
    if x.shape[3] != channels:
        raise ValueError("channels differ")
    x = np.pad(x, [(0, 0), (padding, padding), (padding, padding), (0, 0)])
    rows = output_size(x.shape[1], kh, strides, 0, dilation_rate)
    columns = output_size(x.shape[2], kw, strides, 0, dilation_rate)
    y = np.zeros((len(x), rows, columns, filters), dtype=np.result_type(x, w))
    for i in range(rows):
        for j in range(columns):
            top, left = i * strides, j * strides
            bottom, right = top + kh * dilation_rate, left + kw * dilation_rate
            window = x[:, top:bottom:dilation_rate, left:right:dilation_rate]
            y[:, i, j] = np.tensordot(window, w[::-1, ::-1], 3)
    return y if b is None else y + b


# %% mistake="transposed_kernel" exercise="conv2d" fails="test_conv2d_channels test_conv2d_strides test_conv2d_dilation"
"""Your kernel is transposed: axis 0 of `w` goes down the rows of the picture, axis 1
along its columns."""


def conv2d(x, w, b=None, strides=1, padding=0, dilation_rate=1):
    w = w.transpose(1, 0, 2, 3)
    kh, kw, channels, filters = w.shape
    if x.shape[3] != channels:
        raise ValueError("channels differ")
    x = np.pad(x, [(0, 0), (padding, padding), (padding, padding), (0, 0)])
    rows = output_size(x.shape[1], kh, strides, 0, dilation_rate)
    columns = output_size(x.shape[2], kw, strides, 0, dilation_rate)
    y = np.zeros((len(x), rows, columns, filters), dtype=np.result_type(x, w))
    for i in range(rows):
        for j in range(columns):
            top, left = i * strides, j * strides
            bottom, right = top + kh * dilation_rate, left + kw * dilation_rate
            window = x[:, top:bottom:dilation_rate, left:right:dilation_rate]
            y[:, i, j] = np.tensordot(window, w, 3)
    return y if b is None else y + b


# %% mistake="swapped_height_and_width" exercise="conv2d" fails="test_conv2d_channels test_conv2d_strides test_conv2d_dilation test_conv2d_rules"
"""Your output has height and width swapped. It is `(B, H', W', C_out)`, rows before
columns."""


def conv2d(x, w, b=None, strides=1, padding=0, dilation_rate=1):
    kh, kw, channels, filters = w.shape
    if x.shape[3] != channels:
        raise ValueError("channels differ")
    x = np.pad(x, [(0, 0), (padding, padding), (padding, padding), (0, 0)])
    rows = output_size(x.shape[1], kh, strides, 0, dilation_rate)
    columns = output_size(x.shape[2], kw, strides, 0, dilation_rate)
    y = np.zeros((len(x), columns, rows, filters), dtype=np.result_type(x, w))
    for i in range(rows):
        for j in range(columns):
            top, left = i * strides, j * strides
            bottom, right = top + kh * dilation_rate, left + kw * dilation_rate
            window = x[:, top:bottom:dilation_rate, left:right:dilation_rate]
            y[:, j, i] = np.tensordot(window, w, 3)
    return y if b is None else y + b


# %% mistake="square_picture" exercise="conv2d" fails="test_conv2d_channels test_conv2d_strides test_conv2d_dilation test_conv2d_rules"
"""You take the picture for a square and use its height for the columns too."""


def conv2d(x, w, b=None, strides=1, padding=0, dilation_rate=1):
    kh, kw, channels, filters = w.shape
    if x.shape[3] != channels:
        raise ValueError("channels differ")
    x = np.pad(x, [(0, 0), (padding, padding), (padding, padding), (0, 0)])
    rows = output_size(x.shape[1], kh, strides, 0, dilation_rate)
    columns = output_size(x.shape[1], kw, strides, 0, dilation_rate)
    y = np.zeros((len(x), rows, columns, filters), dtype=np.result_type(x, w))
    for i in range(rows):
        for j in range(columns):
            top, left = i * strides, j * strides
            bottom, right = top + kh * dilation_rate, left + kw * dilation_rate
            window = x[:, top:bottom:dilation_rate, left:right:dilation_rate]
            seen = w[:, : window.shape[2]]
            y[:, i, j] = np.tensordot(window, seen, 3)
    return y if b is None else y + b


# %% mistake="first_channel_only" exercise="conv2d" fails="test_conv2d_channels test_conv2d_dilation"
"""You look at the first channel only. A filter correlates every channel with its own
slice of the kernel and adds the results."""


def conv2d(x, w, b=None, strides=1, padding=0, dilation_rate=1):
    kh, kw, channels, filters = w.shape
    if x.shape[3] != channels:
        raise ValueError("channels differ")
    x = np.pad(x, [(0, 0), (padding, padding), (padding, padding), (0, 0)])
    rows = output_size(x.shape[1], kh, strides, 0, dilation_rate)
    columns = output_size(x.shape[2], kw, strides, 0, dilation_rate)
    y = np.zeros((len(x), rows, columns, filters), dtype=np.result_type(x, w))
    for i in range(rows):
        for j in range(columns):
            top, left = i * strides, j * strides
            bottom, right = top + kh * dilation_rate, left + kw * dilation_rate
            window = x[:, top:bottom:dilation_rate, left:right:dilation_rate]
            y[:, i, j] = np.tensordot(window[..., 0], w[:, :, 0], 2)
    return y if b is None else y + b


# %% mistake="channels_averaged" exercise="conv2d" fails="test_conv2d_channels test_conv2d_dilation"
"""You average over the input channels. The results of the channels are added."""


def conv2d(x, w, b=None, strides=1, padding=0, dilation_rate=1):
    kh, kw, channels, filters = w.shape
    if x.shape[3] != channels:
        raise ValueError("channels differ")
    x = np.pad(x, [(0, 0), (padding, padding), (padding, padding), (0, 0)])
    rows = output_size(x.shape[1], kh, strides, 0, dilation_rate)
    columns = output_size(x.shape[2], kw, strides, 0, dilation_rate)
    y = np.zeros(
        (len(x), rows, columns, filters), dtype=np.result_type(x, w, np.float32)
    )
    for i in range(rows):
        for j in range(columns):
            top, left = i * strides, j * strides
            bottom, right = top + kh * dilation_rate, left + kw * dilation_rate
            window = x[:, top:bottom:dilation_rate, left:right:dilation_rate]
            y[:, i, j] = np.tensordot(window, w, 3) / channels
    return y if b is None else y + b


# %% mistake="first_filter_only" exercise="conv2d" fails="test_conv2d_channels test_conv2d_dilation"
"""You use the first filter for every map. Map f belongs to the kernel `w[..., f]`."""


def conv2d(x, w, b=None, strides=1, padding=0, dilation_rate=1):
    kh, kw, channels, filters = w.shape
    if x.shape[3] != channels:
        raise ValueError("channels differ")
    x = np.pad(x, [(0, 0), (padding, padding), (padding, padding), (0, 0)])
    rows = output_size(x.shape[1], kh, strides, 0, dilation_rate)
    columns = output_size(x.shape[2], kw, strides, 0, dilation_rate)
    y = np.zeros((len(x), rows, columns, filters), dtype=np.result_type(x, w))
    for i in range(rows):
        for j in range(columns):
            top, left = i * strides, j * strides
            bottom, right = top + kh * dilation_rate, left + kw * dilation_rate
            window = x[:, top:bottom:dilation_rate, left:right:dilation_rate]
            y[:, i, j] = np.tensordot(window, w[..., :1], 3)
    return y if b is None else y + b


# %% mistake="filters_added" exercise="conv2d" fails="test_conv2d_channels test_conv2d_dilation"
"""You add the maps of all filters. Each filter keeps a map of its own, on the last axis
of the output."""


def conv2d(x, w, b=None, strides=1, padding=0, dilation_rate=1):
    kh, kw, channels, _ = w.shape
    if x.shape[3] != channels:
        raise ValueError("channels differ")
    x = np.pad(x, [(0, 0), (padding, padding), (padding, padding), (0, 0)])
    rows = output_size(x.shape[1], kh, strides, 0, dilation_rate)
    columns = output_size(x.shape[2], kw, strides, 0, dilation_rate)
    y = np.zeros((len(x), rows, columns, 1), dtype=np.result_type(x, w))
    for i in range(rows):
        for j in range(columns):
            top, left = i * strides, j * strides
            bottom, right = top + kh * dilation_rate, left + kw * dilation_rate
            window = x[:, top:bottom:dilation_rate, left:right:dilation_rate]
            y[:, i, j] = np.tensordot(window, w.sum(axis=3, keepdims=True), 3)
    return y if b is None else y + b


# %% mistake="filter_axis_first" exercise="conv2d" fails="test_conv2d_channels test_conv2d_strides test_conv2d_dilation test_conv2d_rules"
"""Your maps are on axis 1, as PyTorch and lecture 2 have them. Here, as in Keras, the
axis of the filters is the last one."""


def conv2d(x, w, b=None, strides=1, padding=0, dilation_rate=1):
    kh, kw, channels, filters = w.shape
    if x.shape[3] != channels:
        raise ValueError("channels differ")
    x = np.pad(x, [(0, 0), (padding, padding), (padding, padding), (0, 0)])
    rows = output_size(x.shape[1], kh, strides, 0, dilation_rate)
    columns = output_size(x.shape[2], kw, strides, 0, dilation_rate)
    y = np.zeros((len(x), rows, columns, filters), dtype=np.result_type(x, w))
    for i in range(rows):
        for j in range(columns):
            top, left = i * strides, j * strides
            bottom, right = top + kh * dilation_rate, left + kw * dilation_rate
            window = x[:, top:bottom:dilation_rate, left:right:dilation_rate]
            y[:, i, j] = np.tensordot(window, w, 3)
    y = y if b is None else y + b
    return y.transpose(0, 3, 1, 2)


# %% mistake="first_picture_only" exercise="conv2d" fails="test_conv2d_channels test_conv2d_dilation"
"""You compute the first picture of the batch only, or forget the axis of the batch."""


def conv2d(x, w, b=None, strides=1, padding=0, dilation_rate=1):
    x = x[:1]
    kh, kw, channels, filters = w.shape
    if x.shape[3] != channels:
        raise ValueError("channels differ")
    x = np.pad(x, [(0, 0), (padding, padding), (padding, padding), (0, 0)])
    rows = output_size(x.shape[1], kh, strides, 0, dilation_rate)
    columns = output_size(x.shape[2], kw, strides, 0, dilation_rate)
    y = np.zeros((len(x), rows, columns, filters), dtype=np.result_type(x, w))
    for i in range(rows):
        for j in range(columns):
            top, left = i * strides, j * strides
            bottom, right = top + kh * dilation_rate, left + kw * dilation_rate
            window = x[:, top:bottom:dilation_rate, left:right:dilation_rate]
            y[:, i, j] = np.tensordot(window, w, 3)
    return y if b is None else y + b


# %% mistake="bias_ignored" exercise="conv2d" fails="test_conv2d_channels test_conv2d_dilation"
"""You do not add the bias: one number for each filter, the same in every place of its
map."""


def conv2d(x, w, b=None, strides=1, padding=0, dilation_rate=1):
    kh, kw, channels, filters = w.shape
    if x.shape[3] != channels:
        raise ValueError("channels differ")
    x = np.pad(x, [(0, 0), (padding, padding), (padding, padding), (0, 0)])
    rows = output_size(x.shape[1], kh, strides, 0, dilation_rate)
    columns = output_size(x.shape[2], kw, strides, 0, dilation_rate)
    y = np.zeros((len(x), rows, columns, filters), dtype=np.result_type(x, w))
    for i in range(rows):
        for j in range(columns):
            top, left = i * strides, j * strides
            bottom, right = top + kh * dilation_rate, left + kw * dilation_rate
            window = x[:, top:bottom:dilation_rate, left:right:dilation_rate]
            y[:, i, j] = np.tensordot(window, w, 3)
    return y


# %% mistake="bias_per_weight" exercise="conv2d" fails="test_conv2d_channels test_conv2d_dilation"
"""You add the bias once for each weight of the kernel. It is added once for each
output, after the sum."""


def conv2d(x, w, b=None, strides=1, padding=0, dilation_rate=1):
    kh, kw, channels, filters = w.shape
    if x.shape[3] != channels:
        raise ValueError("channels differ")
    x = np.pad(x, [(0, 0), (padding, padding), (padding, padding), (0, 0)])
    rows = output_size(x.shape[1], kh, strides, 0, dilation_rate)
    columns = output_size(x.shape[2], kw, strides, 0, dilation_rate)
    y = np.zeros((len(x), rows, columns, filters), dtype=np.result_type(x, w))
    for i in range(rows):
        for j in range(columns):
            top, left = i * strides, j * strides
            bottom, right = top + kh * dilation_rate, left + kw * dilation_rate
            window = x[:, top:bottom:dilation_rate, left:right:dilation_rate]
            y[:, i, j] = np.tensordot(window, w, 3)
    return y if b is None else y + kh * kw * b


# %% mistake="bias_per_channel" exercise="conv2d" fails="test_conv2d_channels test_conv2d_dilation"
"""You add the bias once for each input channel. It is added once for each output, after
the sum over the channels."""


def conv2d(x, w, b=None, strides=1, padding=0, dilation_rate=1):
    kh, kw, channels, filters = w.shape
    if x.shape[3] != channels:
        raise ValueError("channels differ")
    x = np.pad(x, [(0, 0), (padding, padding), (padding, padding), (0, 0)])
    rows = output_size(x.shape[1], kh, strides, 0, dilation_rate)
    columns = output_size(x.shape[2], kw, strides, 0, dilation_rate)
    y = np.zeros((len(x), rows, columns, filters), dtype=np.result_type(x, w))
    for i in range(rows):
        for j in range(columns):
            top, left = i * strides, j * strides
            bottom, right = top + kh * dilation_rate, left + kw * dilation_rate
            window = x[:, top:bottom:dilation_rate, left:right:dilation_rate]
            y[:, i, j] = np.tensordot(window, w, 3)
    return y if b is None else y + channels * b


# %% mistake="bias_rounded" exercise="conv2d" fails="test_conv2d_channels"
"""You add the bias in place to an array of ints, or before its dtype is settled, so the
fractions of the bias are lost."""


def conv2d(x, w, b=None, strides=1, padding=0, dilation_rate=1):
    kh, kw, channels, filters = w.shape
    if x.shape[3] != channels:
        raise ValueError("channels differ")
    x = np.pad(x, [(0, 0), (padding, padding), (padding, padding), (0, 0)])
    rows = output_size(x.shape[1], kh, strides, 0, dilation_rate)
    columns = output_size(x.shape[2], kw, strides, 0, dilation_rate)
    y = np.zeros((len(x), rows, columns, filters), dtype=np.result_type(x, w))
    for i in range(rows):
        for j in range(columns):
            top, left = i * strides, j * strides
            bottom, right = top + kh * dilation_rate, left + kw * dilation_rate
            window = x[:, top:bottom:dilation_rate, left:right:dilation_rate]
            y[:, i, j] = np.tensordot(window, w, 3) + (0 if b is None else b)
    return y


# %% mistake="relu_applied" exercise="conv2d" fails="test_conv2d_channels test_conv2d_strides test_conv2d_dilation"
"""You set negative outputs to 0. The non-linearity is a step of its own, which comes
after the convolution."""


def conv2d(x, w, b=None, strides=1, padding=0, dilation_rate=1):
    kh, kw, channels, filters = w.shape
    if x.shape[3] != channels:
        raise ValueError("channels differ")
    x = np.pad(x, [(0, 0), (padding, padding), (padding, padding), (0, 0)])
    rows = output_size(x.shape[1], kh, strides, 0, dilation_rate)
    columns = output_size(x.shape[2], kw, strides, 0, dilation_rate)
    y = np.zeros((len(x), rows, columns, filters), dtype=np.result_type(x, w))
    for i in range(rows):
        for j in range(columns):
            top, left = i * strides, j * strides
            bottom, right = top + kh * dilation_rate, left + kw * dilation_rate
            window = x[:, top:bottom:dilation_rate, left:right:dilation_rate]
            y[:, i, j] = np.tensordot(window, w, 3)
    return np.maximum(y if b is None else y + b, 0)


# %% mistake="strides_ignored" exercise="conv2d" fails="test_conv2d_strides test_conv2d_dilation"
"""You do not use the strides: your window moves on by one pixel at a time."""


def conv2d(x, w, b=None, strides=1, padding=0, dilation_rate=1):
    kh, kw, channels, filters = w.shape
    if x.shape[3] != channels:
        raise ValueError("channels differ")
    x = np.pad(x, [(0, 0), (padding, padding), (padding, padding), (0, 0)])
    rows = output_size(x.shape[1], kh, 1, 0, dilation_rate)
    columns = output_size(x.shape[2], kw, 1, 0, dilation_rate)
    y = np.zeros((len(x), rows, columns, filters), dtype=np.result_type(x, w))
    for i in range(rows):
        for j in range(columns):
            top, left = i, j
            bottom, right = top + kh * dilation_rate, left + kw * dilation_rate
            window = x[:, top:bottom:dilation_rate, left:right:dilation_rate]
            y[:, i, j] = np.tensordot(window, w, 3)
    return y if b is None else y + b


# %% mistake="strides_in_size_only" exercise="conv2d" fails="test_conv2d_strides test_conv2d_dilation"
"""Your output has the right size for the strides, but your window still moves on by one
pixel. Output i begins at row `i * strides`."""


def conv2d(x, w, b=None, strides=1, padding=0, dilation_rate=1):
    kh, kw, channels, filters = w.shape
    if x.shape[3] != channels:
        raise ValueError("channels differ")
    x = np.pad(x, [(0, 0), (padding, padding), (padding, padding), (0, 0)])
    rows = output_size(x.shape[1], kh, strides, 0, dilation_rate)
    columns = output_size(x.shape[2], kw, strides, 0, dilation_rate)
    y = np.zeros((len(x), rows, columns, filters), dtype=np.result_type(x, w))
    for i in range(rows):
        for j in range(columns):
            top, left = i, j
            bottom, right = top + kh * dilation_rate, left + kw * dilation_rate
            window = x[:, top:bottom:dilation_rate, left:right:dilation_rate]
            y[:, i, j] = np.tensordot(window, w, 3)
    return y if b is None else y + b


# %% mistake="strides_on_rows_only" exercise="conv2d" fails="test_conv2d_strides test_conv2d_dilation"
"""You use the strides for the rows only. They hold for the columns as well."""


def conv2d(x, w, b=None, strides=1, padding=0, dilation_rate=1):
    kh, kw, channels, filters = w.shape
    if x.shape[3] != channels:
        raise ValueError("channels differ")
    x = np.pad(x, [(0, 0), (padding, padding), (padding, padding), (0, 0)])
    rows = output_size(x.shape[1], kh, strides, 0, dilation_rate)
    columns = output_size(x.shape[2], kw, 1, 0, dilation_rate)
    y = np.zeros((len(x), rows, columns, filters), dtype=np.result_type(x, w))
    for i in range(rows):
        for j in range(columns):
            top, left = i * strides, j
            bottom, right = top + kh * dilation_rate, left + kw * dilation_rate
            window = x[:, top:bottom:dilation_rate, left:right:dilation_rate]
            y[:, i, j] = np.tensordot(window, w, 3)
    return y if b is None else y + b


# %% mistake="padding_ignored" exercise="conv2d" fails="test_conv2d_strides test_conv2d_dilation"
"""You do not use the padding."""


def conv2d(x, w, b=None, strides=1, padding=0, dilation_rate=1):
    kh, kw, channels, filters = w.shape
    if x.shape[3] != channels:
        raise ValueError("channels differ")
    rows = output_size(x.shape[1], kh, strides, 0, dilation_rate)
    columns = output_size(x.shape[2], kw, strides, 0, dilation_rate)
    y = np.zeros((len(x), rows, columns, filters), dtype=np.result_type(x, w))
    for i in range(rows):
        for j in range(columns):
            top, left = i * strides, j * strides
            bottom, right = top + kh * dilation_rate, left + kw * dilation_rate
            window = x[:, top:bottom:dilation_rate, left:right:dilation_rate]
            y[:, i, j] = np.tensordot(window, w, 3)
    return y if b is None else y + b


# %% mistake="padding_before_only" exercise="conv2d" fails="test_conv2d_strides test_conv2d_dilation"
"""You pad at the top and at the left only. `padding` is the number of zeros on each of
the four sides."""


def conv2d(x, w, b=None, strides=1, padding=0, dilation_rate=1):
    kh, kw, channels, filters = w.shape
    if x.shape[3] != channels:
        raise ValueError("channels differ")
    x = np.pad(x, [(0, 0), (padding, 0), (padding, 0), (0, 0)])
    rows = output_size(x.shape[1], kh, strides, 0, dilation_rate)
    columns = output_size(x.shape[2], kw, strides, 0, dilation_rate)
    y = np.zeros((len(x), rows, columns, filters), dtype=np.result_type(x, w))
    for i in range(rows):
        for j in range(columns):
            top, left = i * strides, j * strides
            bottom, right = top + kh * dilation_rate, left + kw * dilation_rate
            window = x[:, top:bottom:dilation_rate, left:right:dilation_rate]
            y[:, i, j] = np.tensordot(window, w, 3)
    return y if b is None else y + b


# %% mistake="total_padding" exercise="conv2d" fails="test_conv2d_strides test_conv2d_dilation"
"""You take the padding for the total of both sides, as lecture 4 does. Here it is meant
for each side."""


def conv2d(x, w, b=None, strides=1, padding=0, dilation_rate=1):
    kh, kw, channels, filters = w.shape
    if x.shape[3] != channels:
        raise ValueError("channels differ")
    ends = padding // 2, padding - padding // 2
    x = np.pad(x, [(0, 0), ends, ends, (0, 0)])
    rows = output_size(x.shape[1], kh, strides, 0, dilation_rate)
    columns = output_size(x.shape[2], kw, strides, 0, dilation_rate)
    y = np.zeros((len(x), rows, columns, filters), dtype=np.result_type(x, w))
    for i in range(rows):
        for j in range(columns):
            top, left = i * strides, j * strides
            bottom, right = top + kh * dilation_rate, left + kw * dilation_rate
            window = x[:, top:bottom:dilation_rate, left:right:dilation_rate]
            y[:, i, j] = np.tensordot(window, w, 3)
    return y if b is None else y + b


# %% mistake="every_axis_padded" exercise="conv2d" fails="test_conv2d_strides test_conv2d_dilation"
"""You pad every axis, so there are extra pictures or channels of zeros. Pad the height
and the width only."""


def conv2d(x, w, b=None, strides=1, padding=0, dilation_rate=1):
    kh, kw, channels, filters = w.shape
    if x.shape[3] != channels:
        raise ValueError("channels differ")
    x = np.pad(x, [(padding, padding)] * 3 + [(0, 0)])
    rows = output_size(x.shape[1], kh, strides, 0, dilation_rate)
    columns = output_size(x.shape[2], kw, strides, 0, dilation_rate)
    y = np.zeros((len(x), rows, columns, filters), dtype=np.result_type(x, w))
    for i in range(rows):
        for j in range(columns):
            top, left = i * strides, j * strides
            bottom, right = top + kh * dilation_rate, left + kw * dilation_rate
            window = x[:, top:bottom:dilation_rate, left:right:dilation_rate]
            y[:, i, j] = np.tensordot(window, w, 3)
    return y if b is None else y + b


# %% mistake="dilation_ignored" exercise="conv2d" fails="test_conv2d_dilation test_conv2d_rules"
"""You do not use the dilation rate: the weights of your kernel touch each other."""


def conv2d(x, w, b=None, strides=1, padding=0, dilation_rate=1):
    kh, kw, channels, filters = w.shape
    if x.shape[3] != channels:
        raise ValueError("channels differ")
    x = np.pad(x, [(0, 0), (padding, padding), (padding, padding), (0, 0)])
    rows = output_size(x.shape[1], kh, strides)
    columns = output_size(x.shape[2], kw, strides)
    y = np.zeros((len(x), rows, columns, filters), dtype=np.result_type(x, w))
    for i in range(rows):
        for j in range(columns):
            top, left = i * strides, j * strides
            bottom, right = top + kh, left + kw
            window = x[:, top:bottom, left:right]
            y[:, i, j] = np.tensordot(window, w, 3)
    return y if b is None else y + b


# %% mistake="dilation_in_size_only" exercise="conv2d" fails="test_conv2d_dilation"
"""Your output has the right size for the dilation rate, but the weights of your kernel
still touch each other."""


def conv2d(x, w, b=None, strides=1, padding=0, dilation_rate=1):
    kh, kw, channels, filters = w.shape
    if x.shape[3] != channels:
        raise ValueError("channels differ")
    x = np.pad(x, [(0, 0), (padding, padding), (padding, padding), (0, 0)])
    rows = output_size(x.shape[1], kh, strides, 0, dilation_rate)
    columns = output_size(x.shape[2], kw, strides, 0, dilation_rate)
    y = np.zeros((len(x), rows, columns, filters), dtype=np.result_type(x, w))
    for i in range(rows):
        for j in range(columns):
            top, left = i * strides, j * strides
            bottom, right = top + kh, left + kw
            window = x[:, top:bottom, left:right]
            y[:, i, j] = np.tensordot(window, w, 3)
    return y if b is None else y + b


# %% mistake="dilation_as_strides" exercise="conv2d" fails="test_conv2d_dilation test_conv2d_rules"
"""You treat the dilation rate as strides. Strides are how far the window moves; the
dilation rate is how far apart its weights are."""


def conv2d(x, w, b=None, strides=1, padding=0, dilation_rate=1):
    strides, dilation_rate = strides * dilation_rate, 1
    kh, kw, channels, filters = w.shape
    if x.shape[3] != channels:
        raise ValueError("channels differ")
    x = np.pad(x, [(0, 0), (padding, padding), (padding, padding), (0, 0)])
    rows = output_size(x.shape[1], kh, strides, 0, dilation_rate)
    columns = output_size(x.shape[2], kw, strides, 0, dilation_rate)
    y = np.zeros((len(x), rows, columns, filters), dtype=np.result_type(x, w))
    for i in range(rows):
        for j in range(columns):
            top, left = i * strides, j * strides
            bottom, right = top + kh * dilation_rate, left + kw * dilation_rate
            window = x[:, top:bottom:dilation_rate, left:right:dilation_rate]
            y[:, i, j] = np.tensordot(window, w, 3)
    return y if b is None else y + b


# %% mistake="dilation_as_gap" exercise="conv2d" fails="test_conv2d_dilation"
"""You leave as many holes between neighbouring weights as the dilation rate says. It is
the distance, so a rate of 2 leaves one hole."""


def conv2d(x, w, b=None, strides=1, padding=0, dilation_rate=1):
    dilation_rate += dilation_rate > 1
    kh, kw, channels, filters = w.shape
    if x.shape[3] != channels:
        raise ValueError("channels differ")
    x = np.pad(x, [(0, 0), (padding, padding), (padding, padding), (0, 0)])
    rows = output_size(x.shape[1], kh, strides, 0, dilation_rate)
    columns = output_size(x.shape[2], kw, strides, 0, dilation_rate)
    y = np.zeros((len(x), rows, columns, filters), dtype=np.result_type(x, w))
    for i in range(rows):
        for j in range(columns):
            top, left = i * strides, j * strides
            bottom, right = top + kh * dilation_rate, left + kw * dilation_rate
            window = x[:, top:bottom:dilation_rate, left:right:dilation_rate]
            y[:, i, j] = np.tensordot(window, w, 3)
    return y if b is None else y + b


# %% mistake="dilated_picture" exercise="conv2d" fails="test_conv2d_dilation test_conv2d_rules"
"""You put the holes into the picture. Dilation spreads the weights of the kernel; the
picture stays as it is."""


def conv2d(x, w, b=None, strides=1, padding=0, dilation_rate=1):
    size = [n * dilation_rate for n in x.shape[1:3]]
    spread = np.zeros((len(x), *size, x.shape[3]), dtype=x.dtype)
    spread[:, ::dilation_rate, ::dilation_rate] = x
    x, dilation_rate = spread[:, : spread.shape[1] - dilation_rate + 1], 1
    kh, kw, channels, filters = w.shape
    if x.shape[3] != channels:
        raise ValueError("channels differ")
    x = np.pad(x, [(0, 0), (padding, padding), (padding, padding), (0, 0)])
    rows = output_size(x.shape[1], kh, strides, 0, dilation_rate)
    columns = output_size(x.shape[2], kw, strides, 0, dilation_rate)
    y = np.zeros((len(x), rows, columns, filters), dtype=np.result_type(x, w))
    for i in range(rows):
        for j in range(columns):
            top, left = i * strides, j * strides
            bottom, right = top + kh * dilation_rate, left + kw * dilation_rate
            window = x[:, top:bottom:dilation_rate, left:right:dilation_rate]
            y[:, i, j] = np.tensordot(window, w, 3)
    return y if b is None else y + b


# %% mistake="integer_output" exercise="conv2d" fails="test_conv2d_rules"
"""Your output array has the dtype of the pictures, so pictures of ints cut the
fractions off. Make the array with `np.result_type(x, w)`."""


def conv2d(x, w, b=None, strides=1, padding=0, dilation_rate=1):
    kh, kw, channels, filters = w.shape
    if x.shape[3] != channels:
        raise ValueError("channels differ")
    x = np.pad(x, [(0, 0), (padding, padding), (padding, padding), (0, 0)])
    rows = output_size(x.shape[1], kh, strides, 0, dilation_rate)
    columns = output_size(x.shape[2], kw, strides, 0, dilation_rate)
    y = np.zeros((len(x), rows, columns, filters), dtype=x.dtype)
    for i in range(rows):
        for j in range(columns):
            top, left = i * strides, j * strides
            bottom, right = top + kh * dilation_rate, left + kw * dilation_rate
            window = x[:, top:bottom:dilation_rate, left:right:dilation_rate]
            y[:, i, j] = np.tensordot(window, w, 3)
    return y if b is None else y + b


# %% mistake="always_float64" exercise="conv2d" fails="test_conv2d_rules"
"""Your values are right, but `np.zeros` makes 64-bit floats unless it is told
otherwise, so float32 is lost. Give it a dtype."""


def conv2d(x, w, b=None, strides=1, padding=0, dilation_rate=1):
    kh, kw, channels, filters = w.shape
    if x.shape[3] != channels:
        raise ValueError("channels differ")
    x = np.pad(x, [(0, 0), (padding, padding), (padding, padding), (0, 0)])
    rows = output_size(x.shape[1], kh, strides, 0, dilation_rate)
    columns = output_size(x.shape[2], kw, strides, 0, dilation_rate)
    y = np.zeros((len(x), rows, columns, filters))
    for i in range(rows):
        for j in range(columns):
            top, left = i * strides, j * strides
            bottom, right = top + kh * dilation_rate, left + kw * dilation_rate
            window = x[:, top:bottom:dilation_rate, left:right:dilation_rate]
            y[:, i, j] = np.tensordot(window, w, 3)
    return y if b is None else y + b


# %% mistake="multiplied_in_place" exercise="conv2d" fails="test_conv2d_channels test_conv2d_strides test_conv2d_dilation test_conv2d_rules"
"""You multiply the window in place. A slice is a view, so `window *= w[..., f]` changes
the pictures themselves, and the next filter finds them changed."""


def conv2d(x, w, b=None, strides=1, padding=0, dilation_rate=1):
    kh, kw, channels, filters = w.shape
    if x.shape[3] != channels:
        raise ValueError("channels differ")
    if padding:
        x = np.pad(x, [(0, 0), (padding, padding), (padding, padding), (0, 0)])
    rows = output_size(x.shape[1], kh, strides, 0, dilation_rate)
    columns = output_size(x.shape[2], kw, strides, 0, dilation_rate)
    y = np.zeros((len(x), rows, columns, filters), dtype=np.result_type(x, w))
    for n, i, j, f in np.ndindex(y.shape):
        top, left = i * strides, j * strides
        bottom, right = top + kh * dilation_rate, left + kw * dilation_rate
        window = x[n, top:bottom:dilation_rate, left:right:dilation_rate]
        window *= w[..., f]
        y[n, i, j, f] = window.sum()
    return y if b is None else y + b


# %% mistake="bias_accumulates" exercise="conv2d" fails="test_conv2d_channels test_conv2d_dilation test_conv2d_rules"
"""You begin each sum with `total = b` and add in place. `total` is then another name of
the bias itself, so it grows from place to place. Begin with a copy, or add the bias at
the end."""


def conv2d(x, w, b=None, strides=1, padding=0, dilation_rate=1):
    kh, kw, channels, filters = w.shape
    if x.shape[3] != channels:
        raise ValueError("channels differ")
    x = np.pad(x, [(0, 0), (padding, padding), (padding, padding), (0, 0)])
    rows = output_size(x.shape[1], kh, strides, 0, dilation_rate)
    columns = output_size(x.shape[2], kw, strides, 0, dilation_rate)
    y = np.zeros(
        (len(x), rows, columns, filters),
        np.result_type(x, w, *([] if b is None else [b])),
    )
    for n, i, j in np.ndindex(len(x), rows, columns):
        top, left = i * strides, j * strides
        bottom, right = top + kh * dilation_rate, left + kw * dilation_rate
        window = x[n, top:bottom:dilation_rate, left:right:dilation_rate]
        total = np.zeros(filters, y.dtype) if b is None else b
        total += np.tensordot(window, w, 3)
        y[n, i, j] = total
    return y


# %% mistake="channels_broadcast" exercise="conv2d" fails="test_conv2d_rules"
"""You multiply window and kernel without comparing their channels. A picture of one
channel then meets each slice of a deeper kernel, by broadcasting, and nobody notices:
compare `x.shape[3]` with `w.shape[2]` and raise a ValueError."""


def conv2d(x, w, b=None, strides=1, padding=0, dilation_rate=1):
    kh, kw, _, filters = w.shape
    x = np.pad(x, [(0, 0), (padding, padding), (padding, padding), (0, 0)])
    rows = output_size(x.shape[1], kh, strides, 0, dilation_rate)
    columns = output_size(x.shape[2], kw, strides, 0, dilation_rate)
    y = np.zeros((len(x), rows, columns, filters), dtype=np.result_type(x, w))
    for i in range(rows):
        for j in range(columns):
            top, left = i * strides, j * strides
            bottom, right = top + kh * dilation_rate, left + kw * dilation_rate
            window = x[:, top:bottom:dilation_rate, left:right:dilation_rate]
            y[:, i, j] = np.sum(window[..., None] * w, axis=(1, 2, 3))
    return y if b is None else y + b


# %% mistake="extra_channels_dropped" exercise="conv2d" fails="test_conv2d_rules"
"""You loop over the channels of the kernel, so a picture with more channels loses some
without an error. Compare `x.shape[3]` with `w.shape[2]`."""


def conv2d(x, w, b=None, strides=1, padding=0, dilation_rate=1):
    kh, kw, channels, filters = w.shape
    if x.shape[3] < channels:
        raise ValueError("channels differ")
    x = np.pad(x, [(0, 0), (padding, padding), (padding, padding), (0, 0)])
    rows = output_size(x.shape[1], kh, strides, 0, dilation_rate)
    columns = output_size(x.shape[2], kw, strides, 0, dilation_rate)
    y = np.zeros((len(x), rows, columns, filters), dtype=np.result_type(x, w))
    for i in range(rows):
        for j in range(columns):
            top, left = i * strides, j * strides
            bottom, right = top + kh * dilation_rate, left + kw * dilation_rate
            window = x[:, top:bottom:dilation_rate, left:right:dilation_rate]
            y[:, i, j] = np.tensordot(window[..., :channels], w, 3)
    return y if b is None else y + b


# %% mistake="no_error_for_size" exercise="conv2d" fails="test_conv2d_rules"
"""Your values are right, but a window that is larger than the padded picture must raise
a ValueError. You return an array without entries."""


def conv2d(x, w, b=None, strides=1, padding=0, dilation_rate=1):
    kh, kw, channels, filters = w.shape
    if x.shape[3] != channels:
        raise ValueError("channels differ")
    x = np.pad(x, [(0, 0), (padding, padding), (padding, padding), (0, 0)])
    span = dilation_rate * (kh - 1) + 1, dilation_rate * (kw - 1) + 1
    rows = max((x.shape[1] - span[0]) // strides + 1, 0)
    columns = max((x.shape[2] - span[1]) // strides + 1, 0)
    y = np.zeros((len(x), rows, columns, filters), dtype=np.result_type(x, w))
    for i in range(rows):
        for j in range(columns):
            top, left = i * strides, j * strides
            bottom, right = top + kh * dilation_rate, left + kw * dilation_rate
            window = x[:, top:bottom:dilation_rate, left:right:dilation_rate]
            y[:, i, j] = np.tensordot(window, w, 3)
    return y if b is None else y + b


# %% mistake="transposed" exercise="conv_matrix" fails="test_conv_matrix test_conv_matrix_shapes"
"""Your matrix is transposed: it has one row for each output and one column for each
input pixel."""


def conv_matrix(w, input_shape):
    (kh, kw), (height, width) = w.shape, input_shape
    rows, columns = height - kh + 1, width - kw + 1
    if rows < 1 or columns < 1:
        raise ValueError("kernel too large")
    matrix = np.zeros((rows * columns, height * width), dtype=w.dtype)
    for i, j, a, c in np.ndindex(rows, columns, kh, kw):
        matrix[i * columns + j, (i + a) * width + j + c] = w[a, c]
    return matrix.T


# %% mistake="flipped_kernel" exercise="conv_matrix" fails="test_conv_matrix test_conv_matrix_shapes"
"""Your kernel is flipped. Row 0 begins with `w[0, 0]`, because `corr2d` flips
nothing."""


def conv_matrix(w, input_shape):
    (kh, kw), (height, width) = w.shape, input_shape
    rows, columns = height - kh + 1, width - kw + 1
    if rows < 1 or columns < 1:
        raise ValueError("kernel too large")
    matrix = np.zeros((rows * columns, height * width), dtype=w.dtype)
    for i, j, a, c in np.ndindex(rows, columns, kh, kw):
        matrix[i * columns + j, (i + a) * width + j + c] = w[kh - 1 - a, kw - 1 - c]
    return matrix


# %% mistake="transposed_kernel" exercise="conv_matrix" fails="test_conv_matrix test_conv_matrix_shapes"
"""Your kernel is transposed: its rows must lie along the rows of the picture."""


def conv_matrix(w, input_shape):
    (kh, kw), (height, width) = w.shape, input_shape
    rows, columns = height - kh + 1, width - kw + 1
    if rows < 1 or columns < 1:
        raise ValueError("kernel too large")
    matrix = np.zeros((rows * columns, height * width), dtype=w.dtype)
    for i, j, a, c in np.ndindex(rows, columns, kh, kw):
        matrix[i * columns + j, (i + a) * width + j + c] = (
            w.reshape(kw, kh)[c, a] if kh != kw else w[c, a]
        )
    return matrix


# %% mistake="inputs_column_by_column" exercise="conv_matrix" fails="test_conv_matrix test_conv_matrix_shapes"
"""You count the pixels column after column. `ravel` counts row after row, so the pixel
below is a whole width away."""


def conv_matrix(w, input_shape):
    (kh, kw), (height, width) = w.shape, input_shape
    rows, columns = height - kh + 1, width - kw + 1
    if rows < 1 or columns < 1:
        raise ValueError("kernel too large")
    matrix = np.zeros((rows * columns, height * width), dtype=w.dtype)
    for i, j, a, c in np.ndindex(rows, columns, kh, kw):
        matrix[i * columns + j, (j + c) * height + i + a] = w[a, c]
    return matrix


# %% mistake="outputs_column_by_column" exercise="conv_matrix" fails="test_conv_matrix test_conv_matrix_shapes"
"""You count the outputs column after column. They are counted row after row: the second
output is to the right of the first."""


def conv_matrix(w, input_shape):
    (kh, kw), (height, width) = w.shape, input_shape
    rows, columns = height - kh + 1, width - kw + 1
    if rows < 1 or columns < 1:
        raise ValueError("kernel too large")
    matrix = np.zeros((rows * columns, height * width), dtype=w.dtype)
    for i, j, a, c in np.ndindex(rows, columns, kh, kw):
        matrix[j * rows + i, (i + a) * width + j + c] = w[a, c]
    return matrix


# %% mistake="no_gap" exercise="conv_matrix" fails="test_conv_matrix test_conv_matrix_shapes"
"""Your kernel's rows follow one another without a gap. In the vector the pixel below is
a whole width away, so width - kw zeros stand between two rows of the kernel."""


def conv_matrix(w, input_shape):
    (kh, kw), (height, width) = w.shape, input_shape
    rows, columns = height - kh + 1, width - kw + 1
    if rows < 1 or columns < 1:
        raise ValueError("kernel too large")
    matrix = np.zeros((rows * columns, height * width), dtype=w.dtype)
    for i, j, a, c in np.ndindex(rows, columns, kh, kw):
        matrix[i * columns + j, i * width + j + a * kw + c] = w[a, c]
    return matrix


# %% mistake="circulant" exercise="conv_matrix" fails="test_conv_matrix test_conv_matrix_shapes"
"""You shift every row by one from the row above (that is the "circulant" of the slide).
Where a window has reached the right border, the next one begins in the next row of the
picture."""


def conv_matrix(w, input_shape):
    (kh, kw), (height, width) = w.shape, input_shape
    rows, columns = height - kh + 1, width - kw + 1
    if rows < 1 or columns < 1:
        raise ValueError("kernel too large")
    matrix = np.zeros((rows * columns, height * width), dtype=w.dtype)
    for i, j, a, c in np.ndindex(rows, columns, kh, kw):
        matrix[
            i * columns + j, (i * columns + j + a * width + c) % (height * width)
        ] = w[a, c]
    return matrix


# %% mistake="same_padding" exercise="conv_matrix" fails="test_conv_matrix test_conv_matrix_shapes"
"""Your matrix is square: it has a row for every pixel, with zeros around the picture.
Here only windows that lie wholly on it count."""


def conv_matrix(w, input_shape):
    (kh, kw), (height, width) = w.shape, input_shape
    rows, columns = height - kh + 1, width - kw + 1
    if rows < 1 or columns < 1:
        raise ValueError("kernel too large")
    matrix = np.zeros((height * width, height * width), dtype=w.dtype)
    for i, j, a, c in np.ndindex(height, width, kh, kw):
        row, column = i + a - (kh - 1) // 2, j + c - (kw - 1) // 2
        if 0 <= row < height and 0 <= column < width:
            matrix[i * width + j, row * width + column] = w[a, c]
    return matrix


# %% mistake="swapped_height_and_width" exercise="conv_matrix" fails="test_conv_matrix_shapes"
"""You take `input_shape` for (width, height). It is `(H, W)`, as in `x.shape`."""


def conv_matrix(w, input_shape):
    (kh, kw), (width, height) = w.shape, input_shape
    rows, columns = height - kh + 1, width - kw + 1
    if rows < 1 or columns < 1:
        raise ValueError("kernel too large")
    matrix = np.zeros((rows * columns, height * width), dtype=w.dtype)
    for i, j, a, c in np.ndindex(rows, columns, kh, kw):
        matrix[i * columns + j, (i + a) * width + j + c] = w[a, c]
    return matrix


# %% mistake="square_picture" exercise="conv_matrix" fails="test_conv_matrix_shapes"
"""You take the picture for a square and use its height where its width is meant."""


def conv_matrix(w, input_shape):
    (kh, kw), (height, width) = w.shape, input_shape
    rows, columns = height - kh + 1, width - kw + 1
    if rows < 1 or columns < 1:
        raise ValueError("kernel too large")
    matrix = np.zeros((rows * columns, height * width), dtype=w.dtype)
    for i, j, a, c in np.ndindex(rows, columns, kh, kw):
        matrix[i * columns + j, min((i + a) * height + j + c, height * width - 1)] = w[
            a, c
        ]
    return matrix


# %% mistake="integer_matrix" exercise="conv_matrix" fails="test_conv_matrix test_conv_matrix_shapes"
"""Your matrix is one of ints, so it cuts the fractions of the weights off. Give it the
dtype of `w`."""


def conv_matrix(w, input_shape):
    (kh, kw), (height, width) = w.shape, input_shape
    rows, columns = height - kh + 1, width - kw + 1
    if rows < 1 or columns < 1:
        raise ValueError("kernel too large")
    matrix = np.zeros((rows * columns, height * width), dtype=int)
    for i, j, a, c in np.ndindex(rows, columns, kh, kw):
        matrix[i * columns + j, (i + a) * width + j + c] = w[a, c]
    return matrix


# %% mistake="always_float64" exercise="conv_matrix" fails="test_conv_matrix_shapes"
"""Your values are right, but `np.zeros` makes 64-bit floats unless it is told
otherwise. Give it the dtype of `w`."""


def conv_matrix(w, input_shape):
    (kh, kw), (height, width) = w.shape, input_shape
    rows, columns = height - kh + 1, width - kw + 1
    if rows < 1 or columns < 1:
        raise ValueError("kernel too large")
    matrix = np.zeros((rows * columns, height * width))
    for i, j, a, c in np.ndindex(rows, columns, kh, kw):
        matrix[i * columns + j, (i + a) * width + j + c] = w[a, c]
    return matrix


# %% mistake="no_error" exercise="conv_matrix" fails="test_conv_matrix_shapes"
"""Your matrices are right, but a kernel that does not fit into the picture must raise a
ValueError, whether it is too high or too wide."""


def conv_matrix(w, input_shape):
    (kh, kw), (height, width) = w.shape, input_shape
    rows, columns = height - kh + 1, width - kw + 1
    rows, columns = max(rows, 0), max(columns, 0)
    matrix = np.zeros((rows * columns, height * width), dtype=w.dtype)
    for i, j, a, c in np.ndindex(rows, columns, kh, kw):
        matrix[i * columns + j, (i + a) * width + j + c] = w[a, c]
    return matrix


# %% mistake="sobel_swapped" exercise="filters" fails="test_filters_edges"
"""Your two Sobel filters are exchanged. `sobel_x` differentiates along x, from left to
right, so it answers to *vertical* edges."""

sobel_x = np.array([[-1, -2, -1], [0, 0, 0], [1, 2, 1]])
sobel_y = np.array([[-1, 0, 1], [-2, 0, 2], [-1, 0, 1]])
laplacian = np.array([[0, -1, 0], [-1, 4, -1], [0, -1, 0]])
sharpen = np.array([[0, -1, 0], [-1, 5, -1], [0, -1, 0]])
blur = np.ones((3, 3)) / 9
wrong_sobel = "vertical"

# %% mistake="sobel_sign" exercise="filters" fails="test_filters_edges"
"""Your Sobel filters have the other sign: they are made for true convolution, which
flips them. Here they are used as they stand, and brighter to the right or below is
positive."""

sobel_x = -np.array([[-1, 0, 1], [-2, 0, 2], [-1, 0, 1]])
sobel_y = -np.array([[-1, -2, -1], [0, 0, 0], [1, 2, 1]])
laplacian = np.array([[0, -1, 0], [-1, 4, -1], [0, -1, 0]])
sharpen = np.array([[0, -1, 0], [-1, 5, -1], [0, -1, 0]])
blur = np.ones((3, 3)) / 9
wrong_sobel = "vertical"

# %% mistake="sobel_of_the_slide" exercise="filters" fails="test_filters_edges"
"""You copied the slide's "vertical" Sobel filter. Multiply it with a vertical edge: its
three rows cancel."""

sobel_x = np.array([[-1, 0, 1], [2, 0, -2], [-1, 0, 1]])
sobel_y = np.array([[-1, -2, -1], [0, 0, 0], [1, 2, 1]])
laplacian = np.array([[0, -1, 0], [-1, 4, -1], [0, -1, 0]])
sharpen = np.array([[0, -1, 0], [-1, 5, -1], [0, -1, 0]])
blur = np.ones((3, 3)) / 9
wrong_sobel = "vertical"

# %% mistake="prewitt" exercise="filters" fails="test_filters_edges"
"""Your derivative is smoothed with the weights 1, 1, 1: that is Prewitt's filter.
Sobel's weights are 1, 2, 1."""

sobel_x = np.outer([1, 1, 1], [-1, 0, 1])
sobel_y = np.outer([-1, 0, 1], [1, 1, 1])
laplacian = np.array([[0, -1, 0], [-1, 4, -1], [0, -1, 0]])
sharpen = np.array([[0, -1, 0], [-1, 5, -1], [0, -1, 0]])
blur = np.ones((3, 3)) / 9
wrong_sobel = "vertical"

# %% mistake="smoothing_along_the_derivative" exercise="filters" fails="test_filters_edges"
"""You smooth along the direction of the derivative. The weights 1, 2, 1 run across it:
for `sobel_x`, over the three rows."""

sobel_x = np.array([[-1, 2, -1], [0, 0, 0], [1, -2, 1]])
sobel_y = np.array([[-1, 0, 1], [2, 0, -2], [-1, 0, 1]])
laplacian = np.array([[0, -1, 0], [-1, 4, -1], [0, -1, 0]])
sharpen = np.array([[0, -1, 0], [-1, 5, -1], [0, -1, 0]])
blur = np.ones((3, 3)) / 9
wrong_sobel = "vertical"

# %% mistake="sobel_scaled" exercise="filters" fails="test_filters_edges"
"""Your Sobel filters are divided by 4 or 8. That is reasonable, but the task asks for
the whole numbers of the slide."""

sobel_x = np.array([[-1, 0, 1], [-2, 0, 2], [-1, 0, 1]]) / 8
sobel_y = np.array([[-1, -2, -1], [0, 0, 0], [1, 2, 1]]) / 8
laplacian = np.array([[0, -1, 0], [-1, 4, -1], [0, -1, 0]])
sharpen = np.array([[0, -1, 0], [-1, 5, -1], [0, -1, 0]])
blur = np.ones((3, 3)) / 9
wrong_sobel = "vertical"

# %% mistake="laplacian_sign" exercise="filters" fails="test_filters_edges"
"""Your Laplacian has the other sign. Here, as in lecture 1, the middle is positive: how
much brighter a pixel is than its neighbours."""

sobel_x = np.array([[-1, 0, 1], [-2, 0, 2], [-1, 0, 1]])
sobel_y = np.array([[-1, -2, -1], [0, 0, 0], [1, 2, 1]])
laplacian = np.array([[0, 1, 0], [1, -4, 1], [0, 1, 0]])
sharpen = np.array([[0, -1, 0], [-1, 5, -1], [0, -1, 0]])
blur = np.ones((3, 3)) / 9
wrong_sobel = "vertical"

# %% mistake="laplacian_of_eight" exercise="filters" fails="test_filters_edges"
"""Your Laplacian counts the four diagonal neighbours too. Lecture 1 takes only those
above, below, left and right."""

sobel_x = np.array([[-1, 0, 1], [-2, 0, 2], [-1, 0, 1]])
sobel_y = np.array([[-1, -2, -1], [0, 0, 0], [1, 2, 1]])
laplacian = np.array([[-1, -1, -1], [-1, 8, -1], [-1, -1, -1]])
sharpen = np.array([[0, -1, 0], [-1, 5, -1], [0, -1, 0]])
blur = np.ones((3, 3)) / 9
wrong_sobel = "vertical"

# %% mistake="sharpen_is_laplacian" exercise="filters" fails="test_filters_smoothing"
"""Your `sharpen` is the Laplacian alone. The picture itself is to be added: one more in
the middle."""

sobel_x = np.array([[-1, 0, 1], [-2, 0, 2], [-1, 0, 1]])
sobel_y = np.array([[-1, -2, -1], [0, 0, 0], [1, 2, 1]])
laplacian = np.array([[0, -1, 0], [-1, 4, -1], [0, -1, 0]])
sharpen = np.array([[0, -1, 0], [-1, 4, -1], [0, -1, 0]])
blur = np.ones((3, 3)) / 9
wrong_sobel = "vertical"

# %% mistake="sharpen_subtracts" exercise="filters" fails="test_filters_smoothing"
"""You subtract the Laplacian from the picture, and that blurs. Add it."""

sobel_x = np.array([[-1, 0, 1], [-2, 0, 2], [-1, 0, 1]])
sobel_y = np.array([[-1, -2, -1], [0, 0, 0], [1, 2, 1]])
laplacian = np.array([[0, -1, 0], [-1, 4, -1], [0, -1, 0]])
sharpen = np.array([[0, 1, 0], [1, -3, 1], [0, 1, 0]])
blur = np.ones((3, 3)) / 9
wrong_sobel = "vertical"

# %% mistake="sharpen_of_eight" exercise="filters" fails="test_filters_smoothing"
"""Your `sharpen` subtracts all eight neighbours. The Laplacian of this exercise has
four."""

sobel_x = np.array([[-1, 0, 1], [-2, 0, 2], [-1, 0, 1]])
sobel_y = np.array([[-1, -2, -1], [0, 0, 0], [1, 2, 1]])
laplacian = np.array([[0, -1, 0], [-1, 4, -1], [0, -1, 0]])
sharpen = np.array([[-1, -1, -1], [-1, 9, -1], [-1, -1, -1]])
blur = np.ones((3, 3)) / 9
wrong_sobel = "vertical"

# %% mistake="blur_not_normalized" exercise="filters" fails="test_filters_smoothing"
"""Your `blur` adds nine pixels without dividing by nine, so a picture gets nine times
as bright."""

sobel_x = np.array([[-1, 0, 1], [-2, 0, 2], [-1, 0, 1]])
sobel_y = np.array([[-1, -2, -1], [0, 0, 0], [1, 2, 1]])
laplacian = np.array([[0, -1, 0], [-1, 4, -1], [0, -1, 0]])
sharpen = np.array([[0, -1, 0], [-1, 5, -1], [0, -1, 0]])
blur = np.ones((3, 3))
wrong_sobel = "vertical"

# %% mistake="blur_integer_division" exercise="filters" fails="test_filters_smoothing"
"""Your `blur` is zero everywhere: `//` divides whole numbers and drops the fraction."""

sobel_x = np.array([[-1, 0, 1], [-2, 0, 2], [-1, 0, 1]])
sobel_y = np.array([[-1, -2, -1], [0, 0, 0], [1, 2, 1]])
laplacian = np.array([[0, -1, 0], [-1, 4, -1], [0, -1, 0]])
sharpen = np.array([[0, -1, 0], [-1, 5, -1], [0, -1, 0]])
blur = np.ones((3, 3), dtype=int) // 9
wrong_sobel = "vertical"

# %% mistake="blur_binomial" exercise="filters" fails="test_filters_smoothing"
"""Your `blur` gives the middle more weight (a small Gaussian). The task asks for the
mean: nine equal weights."""

sobel_x = np.array([[-1, 0, 1], [-2, 0, 2], [-1, 0, 1]])
sobel_y = np.array([[-1, -2, -1], [0, 0, 0], [1, 2, 1]])
laplacian = np.array([[0, -1, 0], [-1, 4, -1], [0, -1, 0]])
sharpen = np.array([[0, -1, 0], [-1, 5, -1], [0, -1, 0]])
blur = np.outer([1, 2, 1], [1, 2, 1]) / 16
wrong_sobel = "vertical"

# %% mistake="blur_without_the_pixel" exercise="filters" fails="test_filters_smoothing"
"""Your `blur` leaves the pixel itself out. It is the mean of all nine, eight neighbours
and the pixel."""

sobel_x = np.array([[-1, 0, 1], [-2, 0, 2], [-1, 0, 1]])
sobel_y = np.array([[-1, -2, -1], [0, 0, 0], [1, 2, 1]])
laplacian = np.array([[0, -1, 0], [-1, 4, -1], [0, -1, 0]])
sharpen = np.array([[0, -1, 0], [-1, 5, -1], [0, -1, 0]])
blur = np.array([[1, 1, 1], [1, 0, 1], [1, 1, 1]]) / 8
wrong_sobel = "vertical"

# %% mistake="horizontal_accused" exercise="filters" fails="test_filters_edges"
"""You call the horizontal filter wrong. Lay both on a picture with one straight edge
and add up the products: one of them gives 0 where it should not."""

sobel_x = np.array([[-1, 0, 1], [-2, 0, 2], [-1, 0, 1]])
sobel_y = np.array([[-1, -2, -1], [0, 0, 0], [1, 2, 1]])
laplacian = np.array([[0, -1, 0], [-1, 4, -1], [0, -1, 0]])
sharpen = np.array([[0, -1, 0], [-1, 5, -1], [0, -1, 0]])
blur = np.ones((3, 3)) / 9
wrong_sobel = "horizontal"

# %% mistake="slide_rows_copied" exercise="errata" fails="test_errata_numbers"
"""Your rows are the ones that the slide prints. Lay the kernel on the three lowest rows
of the picture and add up the products for each of the four places."""

first_map_last_row = np.array([3, -2, -2, 1])
second_map_last_row = np.array([-1, 0, 4, 3])
matrix_second_row = np.array([0, 1, 4, 1, 0, 1, 4, 3, 0, 3, 3, 1, 0, 0, 0, 0])
second_index = "n"
strides_3_size = 2
dilated = np.array([1, 2, 13, 20, 30])
slide_dilated = np.array([1, 10, 2, 20, 3, 30])

# %% mistake="first_row_copied" exercise="errata" fails="test_errata_numbers"
"""The last row of the first map still has the slide's wrong entry."""

first_map_last_row = np.array([3, -2, -2, 1])
second_map_last_row = np.array([-1, 0, -4, 3])
matrix_second_row = np.array([0, 1, 4, 1, 0, 1, 4, 3, 0, 3, 3, 1, 0, 0, 0, 0])
second_index = "n"
strides_3_size = 2
dilated = np.array([1, 2, 13, 20, 30])
slide_dilated = np.array([1, 10, 2, 20, 3, 30])

# %% mistake="second_row_copied" exercise="errata" fails="test_errata_numbers"
"""The last row of the second map still has the slide's wrong entry."""

first_map_last_row = np.array([3, -2, -2, -1])
second_map_last_row = np.array([-1, 0, 4, 3])
matrix_second_row = np.array([0, 1, 4, 1, 0, 1, 4, 3, 0, 3, 3, 1, 0, 0, 0, 0])
second_index = "n"
strides_3_size = 2
dilated = np.array([1, 2, 13, 20, 30])
slide_dilated = np.array([1, 10, 2, 20, 3, 30])

# %% mistake="first_rows_given" exercise="errata" fails="test_errata_numbers"
"""You give the first rows of the two maps. The question is about the last ones."""

first_map_last_row = np.array([3, -1, -3, -1])
second_map_last_row = np.array([-1, -1, -1, -1])
matrix_second_row = np.array([0, 1, 4, 1, 0, 1, 4, 3, 0, 3, 3, 1, 0, 0, 0, 0])
second_index = "n"
strides_3_size = 2
dilated = np.array([1, 2, 13, 20, 30])
slide_dilated = np.array([1, 10, 2, 20, 3, 30])

# %% mistake="matrix_row_fifteen" exercise="errata" fails="test_errata_numbers"
"""Your row of the matrix has 15 entries, like the slide's. The picture has 16 pixels,
so one zero is missing."""

first_map_last_row = np.array([3, -2, -2, -1])
second_map_last_row = np.array([-1, 0, -4, 3])
matrix_second_row = np.array([0, 1, 4, 1, 0, 1, 4, 3, 0, 3, 3, 1, 0, 0, 0])
second_index = "n"
strides_3_size = 2
dilated = np.array([1, 2, 13, 20, 30])
slide_dilated = np.array([1, 10, 2, 20, 3, 30])

# %% mistake="matrix_row_first" exercise="errata" fails="test_errata_numbers"
"""You give the row of the first output. The window of the second one stands one pixel
further to the right."""

first_map_last_row = np.array([3, -2, -2, -1])
second_map_last_row = np.array([-1, 0, -4, 3])
matrix_second_row = np.array([1, 4, 1, 0, 1, 4, 3, 0, 3, 3, 1, 0, 0, 0, 0, 0])
second_index = "n"
strides_3_size = 2
dilated = np.array([1, 2, 13, 20, 30])
slide_dilated = np.array([1, 10, 2, 20, 3, 30])

# %% mistake="matrix_row_zero_misplaced" exercise="errata" fails="test_errata_numbers"
"""Your row of the matrix has the missing zero in the wrong place. Between two rows of
the kernel there is one zero, the one pixel that the window does not cover."""

first_map_last_row = np.array([3, -2, -2, -1])
second_map_last_row = np.array([-1, 0, -4, 3])
matrix_second_row = np.array([0, 0, 1, 4, 1, 0, 1, 4, 3, 0, 3, 3, 1, 0, 0, 0])
second_index = "n"
strides_3_size = 2
dilated = np.array([1, 2, 13, 20, 30])
slide_dilated = np.array([1, 10, 2, 20, 3, 30])

# %% mistake="index_m" exercise="errata" fails="test_errata_formulas"
"""You keep m for the second sum. Which index of the summand has no sum sign?"""

first_map_last_row = np.array([3, -2, -2, -1])
second_map_last_row = np.array([-1, 0, -4, 3])
matrix_second_row = np.array([0, 1, 4, 1, 0, 1, 4, 3, 0, 3, 3, 1, 0, 0, 0, 0])
second_index = "m"
strides_3_size = 2
dilated = np.array([1, 2, 13, 20, 30])
slide_dilated = np.array([1, 10, 2, 20, 3, 30])

# %% mistake="index_j" exercise="errata" fails="test_errata_formulas"
"""You sum over an index of the output. S(i, j) is asked for one i and one j; what is
left to be summed over?"""

first_map_last_row = np.array([3, -2, -2, -1])
second_map_last_row = np.array([-1, 0, -4, 3])
matrix_second_row = np.array([0, 1, 4, 1, 0, 1, 4, 3, 0, 3, 3, 1, 0, 0, 0, 0])
second_index = "j"
strides_3_size = 2
dilated = np.array([1, 2, 13, 20, 30])
slide_dilated = np.array([1, 10, 2, 20, 3, 30])

# %% mistake="strides_3_rounded_up" exercise="errata" fails="test_errata_formulas"
"""You round 2.33 up. A third window would begin at pixel 6 and stick out."""

first_map_last_row = np.array([3, -2, -2, -1])
second_map_last_row = np.array([-1, 0, -4, 3])
matrix_second_row = np.array([0, 1, 4, 1, 0, 1, 4, 3, 0, 3, 3, 1, 0, 0, 0, 0])
second_index = "n"
strides_3_size = 3
dilated = np.array([1, 2, 13, 20, 30])
slide_dilated = np.array([1, 10, 2, 20, 3, 30])

# %% mistake="strides_3_refused" exercise="errata" fails="test_errata_formulas"
"""You say that there is no output. Keras drops the rest: the windows at 0 and at 3 fit,
and they are computed."""

first_map_last_row = np.array([3, -2, -2, -1])
second_map_last_row = np.array([-1, 0, -4, 3])
matrix_second_row = np.array([0, 1, 4, 1, 0, 1, 4, 3, 0, 3, 3, 1, 0, 0, 0, 0])
second_index = "n"
strides_3_size = 0
dilated = np.array([1, 2, 13, 20, 30])
slide_dilated = np.array([1, 10, 2, 20, 3, 30])

# %% mistake="dilated_exchanged" exercise="errata" fails="test_errata_formulas"
"""You have exchanged `dilated` and `slide_dilated`: the formula spreads u, the words
spread v."""

first_map_last_row = np.array([3, -2, -2, -1])
second_map_last_row = np.array([-1, 0, -4, 3])
matrix_second_row = np.array([0, 1, 4, 1, 0, 1, 4, 3, 0, 3, 3, 1, 0, 0, 0, 0])
second_index = "n"
strides_3_size = 2
dilated = np.array([1, 10, 2, 20, 3, 30])
slide_dilated = np.array([1, 2, 13, 20, 30])

# %% mistake="dilated_not_at_all" exercise="errata" fails="test_errata_formulas"
"""You convolve without any dilation. Between the two weights of v there must be one
zero."""

first_map_last_row = np.array([3, -2, -2, -1])
second_map_last_row = np.array([-1, 0, -4, 3])
matrix_second_row = np.array([0, 1, 4, 1, 0, 1, 4, 3, 0, 3, 3, 1, 0, 0, 0, 0])
second_index = "n"
strides_3_size = 2
dilated = np.array([1, 12, 23, 30])
slide_dilated = np.array([1, 10, 2, 20, 3, 30])

# %% mistake="dilated_by_three" exercise="errata" fails="test_errata_formulas"
"""You put two zeros between the weights of v. A dilation of 2 is a distance of 2, which
leaves one hole."""

first_map_last_row = np.array([3, -2, -2, -1])
second_map_last_row = np.array([-1, 0, -4, 3])
matrix_second_row = np.array([0, 1, 4, 1, 0, 1, 4, 3, 0, 3, 3, 1, 0, 0, 0, 0])
second_index = "n"
strides_3_size = 2
dilated = np.array([1, 2, 3, 10, 20, 30])
slide_dilated = np.array([1, 10, 2, 20, 3, 30])

# %% mistake="dilated_correlation" exercise="errata" fails="test_errata_formulas"
"""You correlate: lecture 1's formula flips the kernel. Its first weight, 1, meets the
first number first."""

first_map_last_row = np.array([3, -2, -2, -1])
second_map_last_row = np.array([-1, 0, -4, 3])
matrix_second_row = np.array([0, 1, 4, 1, 0, 1, 4, 3, 0, 3, 3, 1, 0, 0, 0, 0])
second_index = "n"
strides_3_size = 2
dilated = np.array([10, 20, 31, 2, 3])
slide_dilated = np.array([1, 10, 2, 20, 3, 30])
