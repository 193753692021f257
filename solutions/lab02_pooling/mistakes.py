# %% mistake="max_across_channels" exercise="max_pool2d" fails="test_max_pool2d_windows test_max_pool2d_strides test_max_pool2d_padding"
"""You take the largest value over the channels too. Each channel is pooled by itself:
reduce over the two axes of the window only."""


def max_pool2d(x, pool_size, strides=None, padding=0):
    (height, width), (down, right) = pool_size, strides or pool_size
    rows = (x.shape[1] + 2 * padding - height) // down + 1
    columns = (x.shape[2] + 2 * padding - width) // right + 1
    if rows < 1 or columns < 1:
        raise ValueError("the window does not fit")
    y = np.empty((len(x), rows, columns, x.shape[3]), dtype=x.dtype)
    for i in range(rows):
        for j in range(columns):
            top, left = i * down - padding, j * right - padding
            window = x[:, max(top, 0) : top + height, max(left, 0) : left + width]
            y[:, i, j] = window.max(axis=(1, 2, 3))[:, None]
    return y


# %% mistake="max_of_neighbours_in_batch" exercise="max_pool2d" fails="test_max_pool2d_windows test_max_pool2d_strides test_max_pool2d_padding"
"""You take the largest value over the whole batch. Axis 0 counts the pictures, and each
is pooled by itself."""


def max_pool2d(x, pool_size, strides=None, padding=0):
    (height, width), (down, right) = pool_size, strides or pool_size
    rows = (x.shape[1] + 2 * padding - height) // down + 1
    columns = (x.shape[2] + 2 * padding - width) // right + 1
    if rows < 1 or columns < 1:
        raise ValueError("the window does not fit")
    y = np.empty((len(x), rows, columns, x.shape[3]), dtype=x.dtype)
    for i in range(rows):
        for j in range(columns):
            top, left = i * down - padding, j * right - padding
            window = x[:, max(top, 0) : top + height, max(left, 0) : left + width]
            y[:, i, j] = window.max(axis=(0, 1, 2))
    return y


# %% mistake="max_strides_ignored" exercise="max_pool2d" fails="test_max_pool2d_strides test_max_pool2d_padding"
"""You move the window by its own size and never look at `strides`. Its size is only
what `None` stands for."""


def max_pool2d(x, pool_size, strides=None, padding=0):
    (height, width), (down, right) = pool_size, pool_size
    rows = (x.shape[1] + 2 * padding - height) // down + 1
    columns = (x.shape[2] + 2 * padding - width) // right + 1
    if rows < 1 or columns < 1:
        raise ValueError("the window does not fit")
    y = np.empty((len(x), rows, columns, x.shape[3]), dtype=x.dtype)
    for i in range(rows):
        for j in range(columns):
            top, left = i * down - padding, j * right - padding
            window = x[:, max(top, 0) : top + height, max(left, 0) : left + width]
            y[:, i, j] = window.max(axis=(1, 2))
    return y


# %% mistake="max_strides_one" exercise="max_pool2d" fails="test_max_pool2d_windows test_max_pool2d_rules"
"""Without `strides` you move the window by 1. Here `None` stands for the size of the
window, so that the windows do not overlap."""


def max_pool2d(x, pool_size, strides=None, padding=0):
    (height, width), (down, right) = pool_size, strides or (1, 1)
    rows = (x.shape[1] + 2 * padding - height) // down + 1
    columns = (x.shape[2] + 2 * padding - width) // right + 1
    if rows < 1 or columns < 1:
        raise ValueError("the window does not fit")
    y = np.empty((len(x), rows, columns, x.shape[3]), dtype=x.dtype)
    for i in range(rows):
        for j in range(columns):
            top, left = i * down - padding, j * right - padding
            window = x[:, max(top, 0) : top + height, max(left, 0) : left + width]
            y[:, i, j] = window.max(axis=(1, 2))
    return y


# %% mistake="max_zeros_around" exercise="max_pool2d" fails="test_max_pool2d_padding test_max_pool2d_rules"
"""Zeros from outside take part, and win where all values of the picture are negative.
Only pixels of the picture may count."""


def max_pool2d(x, pool_size, strides=None, padding=0):
    (height, width), (down, right) = pool_size, strides or pool_size
    sides = [(0, 0), (padding, padding), (padding, padding), (0, 0)]
    x = np.pad(x, sides)
    rows = (x.shape[1] - height) // down + 1
    columns = (x.shape[2] - width) // right + 1
    if rows < 1 or columns < 1:
        raise ValueError("the window does not fit")
    y = np.empty((len(x), rows, columns, x.shape[3]), dtype=x.dtype)
    for i in range(rows):
        for j in range(columns):
            top, left = i * down, j * right
            window = x[:, top : top + height, left : left + width]
            y[:, i, j] = window.max(axis=(1, 2))
    return y


# %% mistake="max_padding_ignored" exercise="max_pool2d" fails="test_max_pool2d_padding test_max_pool2d_rules"
"""You do not look at `padding`: windows may stick out of the picture by so many pixels
on each side, so there are more of them."""


def max_pool2d(x, pool_size, strides=None, padding=0):
    (height, width), (down, right) = pool_size, strides or pool_size
    rows = (x.shape[1] - height) // down + 1
    columns = (x.shape[2] - width) // right + 1
    if rows < 1 or columns < 1:
        raise ValueError("the window does not fit")
    y = np.empty((len(x), rows, columns, x.shape[3]), dtype=x.dtype)
    for i in range(rows):
        for j in range(columns):
            top, left = i * down, j * right
            window = x[:, max(top, 0) : top + height, max(left, 0) : left + width]
            y[:, i, j] = window.max(axis=(1, 2))
    return y


# %% mistake="max_padding_one_side" exercise="max_pool2d" fails="test_max_pool2d_padding test_max_pool2d_rules"
"""Your windows stick out at the top and at the left only. The padding counts on each of
the four sides, so twice along an axis."""


def max_pool2d(x, pool_size, strides=None, padding=0):
    (height, width), (down, right) = pool_size, strides or pool_size
    rows = (x.shape[1] + padding - height) // down + 1
    columns = (x.shape[2] + padding - width) // right + 1
    if rows < 1 or columns < 1:
        raise ValueError("the window does not fit")
    y = np.empty((len(x), rows, columns, x.shape[3]), dtype=x.dtype)
    for i in range(rows):
        for j in range(columns):
            top, left = i * down - padding, j * right - padding
            window = x[:, max(top, 0) : top + height, max(left, 0) : left + width]
            y[:, i, j] = window.max(axis=(1, 2))
    return y


# %% mistake="max_starts_from_zero" exercise="max_pool2d" fails="test_max_pool2d_windows test_max_pool2d_strides test_max_pool2d_padding test_max_pool2d_rules"
"""You compare with a zero that is not in the picture: a window of negative values must
give a negative value. Begin with the window's own values."""


def max_pool2d(x, pool_size, strides=None, padding=0):
    (height, width), (down, right) = pool_size, strides or pool_size
    rows = (x.shape[1] + 2 * padding - height) // down + 1
    columns = (x.shape[2] + 2 * padding - width) // right + 1
    if rows < 1 or columns < 1:
        raise ValueError("the window does not fit")
    y = np.zeros((len(x), rows, columns, x.shape[3]), dtype=x.dtype)
    for i in range(rows):
        for j in range(columns):
            top, left = i * down - padding, j * right - padding
            window = x[:, max(top, 0) : top + height, max(left, 0) : left + width]
            y[:, i, j] = np.maximum(y[:, i, j], window.max(axis=(1, 2)))
    return y


# %% mistake="max_rounded_up" exercise="max_pool2d" fails="test_max_pool2d_windows test_max_pool2d_strides test_max_pool2d_padding"
"""You also use windows at the right and at the bottom that are not whole. The number of
windows is rounded down."""


def max_pool2d(x, pool_size, strides=None, padding=0):
    (height, width), (down, right) = pool_size, strides or pool_size
    rows = -((height - x.shape[1] - 2 * padding) // down) + 1
    columns = -((width - x.shape[2] - 2 * padding) // right) + 1
    if height > x.shape[1] + 2 * padding or width > x.shape[2] + 2 * padding:
        raise ValueError("the window does not fit")
    y = np.empty((len(x), rows, columns, x.shape[3]), dtype=x.dtype)
    for i in range(rows):
        for j in range(columns):
            top, left = i * down - padding, j * right - padding
            window = x[:, max(top, 0) : top + height, max(left, 0) : left + width]
            y[:, i, j] = window.max(axis=(1, 2))
    return y


# %% mistake="max_height_and_width_swapped" exercise="max_pool2d" fails="test_max_pool2d_windows test_max_pool2d_strides test_max_pool2d_padding test_max_pool2d_rules"
"""Height and width of the window are swapped. `pool_size` and `strides` begin with the
height, as axis 1 of `x` is the height."""


def max_pool2d(x, pool_size, strides=None, padding=0):
    (width, height), (right, down) = pool_size, strides or pool_size
    rows = (x.shape[1] + 2 * padding - height) // down + 1
    columns = (x.shape[2] + 2 * padding - width) // right + 1
    if rows < 1 or columns < 1:
        raise ValueError("the window does not fit")
    y = np.empty((len(x), rows, columns, x.shape[3]), dtype=x.dtype)
    for i in range(rows):
        for j in range(columns):
            top, left = i * down - padding, j * right - padding
            window = x[:, max(top, 0) : top + height, max(left, 0) : left + width]
            y[:, i, j] = window.max(axis=(1, 2))
    return y


# %% mistake="max_printed_index" exercise="max_pool2d" fails="test_max_pool2d_windows test_max_pool2d_strides test_max_pool2d_padding test_max_pool2d_rules"
"""Your windows begin at r j, r being the number of outputs, as lecture 2 prints it.
Window j begins after j steps of the *strides*: see exercise 7."""


def max_pool2d(x, pool_size, strides=None, padding=0):
    (height, width), (down, right) = pool_size, strides or pool_size
    rows = (x.shape[1] + 2 * padding - height) // down + 1
    columns = (x.shape[2] + 2 * padding - width) // right + 1
    if rows < 1 or columns < 1:
        raise ValueError("the window does not fit")
    y = np.empty((len(x), rows, columns, x.shape[3]), dtype=x.dtype)
    for i in range(rows):
        for j in range(columns):
            top, left = i * rows - padding, j * columns - padding
            window = x[:, max(top, 0) : top + height, max(left, 0) : left + width]
            y[:, i, j] = window.max(axis=(1, 2))
    return y


# %% mistake="max_always_float" exercise="max_pool2d" fails="test_max_pool2d_rules"
"""Your result is float64 whatever came in. `np.zeros` and `np.empty` need a `dtype` to
make anything else: the one of `x`."""


def max_pool2d(x, pool_size, strides=None, padding=0):
    (height, width), (down, right) = pool_size, strides or pool_size
    rows = (x.shape[1] + 2 * padding - height) // down + 1
    columns = (x.shape[2] + 2 * padding - width) // right + 1
    if rows < 1 or columns < 1:
        raise ValueError("the window does not fit")
    y = np.empty((len(x), rows, columns, x.shape[3]))
    for i in range(rows):
        for j in range(columns):
            top, left = i * down - padding, j * right - padding
            window = x[:, max(top, 0) : top + height, max(left, 0) : left + width]
            y[:, i, j] = window.max(axis=(1, 2))
    return y


# %% mistake="max_infinity_among_ints" exercise="max_pool2d" fails="test_max_pool2d_rules"
"""You pad with minus infinity, which no int can be. Leave out what is outside, or pad
ints with the smallest int of their dtype."""


def max_pool2d(x, pool_size, strides=None, padding=0):
    (height, width), (down, right) = pool_size, strides or pool_size
    if padding:
        sides = [(0, 0), (padding, padding), (padding, padding), (0, 0)]
        x = np.pad(x, sides, constant_values=-np.inf)
    rows = (x.shape[1] - height) // down + 1
    columns = (x.shape[2] - width) // right + 1
    if rows < 1 or columns < 1:
        raise ValueError("the window does not fit")
    y = np.empty((len(x), rows, columns, x.shape[3]), dtype=x.dtype)
    for i in range(rows):
        for j in range(columns):
            top, left = i * down, j * right
            window = x[:, top : top + height, left : left + width]
            y[:, i, j] = window.max(axis=(1, 2))
    return y


# %% mistake="max_input_changed" exercise="max_pool2d" fails="test_max_pool2d_windows test_max_pool2d_strides test_max_pool2d_padding test_max_pool2d_rules"
"""You write the result into the picture that was given: a slice is a view, and `out=`
or an assignment to it changes the original. Begin with a copy."""


def max_pool2d(x, pool_size, strides=None, padding=0):
    (height, width), (down, right) = pool_size, strides or pool_size
    if padding:
        lowest = -np.inf if x.dtype.kind == "f" else np.iinfo(x.dtype).min
        sides = [(0, 0), (padding, padding), (padding, padding), (0, 0)]
        x = np.pad(x, sides, constant_values=lowest)
    rows = (x.shape[1] - height) // down + 1
    columns = (x.shape[2] - width) // right + 1
    if rows < 1 or columns < 1:
        raise ValueError("the window does not fit")
    y = x[:, ::down, ::right][:, :rows, :columns]
    for a in range(height):
        for b in range(width):
            seen = x[:, a::down, b::right][:, :rows, :columns]
            np.maximum(y, seen, out=y)
    return y


# %% mistake="max_empty_for_large_window" exercise="max_pool2d" fails="test_max_pool2d_rules"
"""A window larger than the picture gives an empty result, which nobody notices until
much later. The task asks for a ValueError."""


def max_pool2d(x, pool_size, strides=None, padding=0):
    (height, width), (down, right) = pool_size, strides or pool_size
    rows = (x.shape[1] + 2 * padding - height) // down + 1
    columns = (x.shape[2] + 2 * padding - width) // right + 1
    rows, columns = max(rows, 0), max(columns, 0)
    y = np.empty((len(x), rows, columns, x.shape[3]), dtype=x.dtype)
    for i in range(rows):
        for j in range(columns):
            top, left = i * down - padding, j * right - padding
            window = x[:, max(top, 0) : top + height, max(left, 0) : left + width]
            y[:, i, j] = window.max(axis=(1, 2))
    return y


# %% mistake="max_is_mean" exercise="max_pool2d" fails="test_max_pool2d_windows test_max_pool2d_strides test_max_pool2d_padding test_max_pool2d_rules"
"""You take the mean of each window. That is exercise 2: here the largest value is
kept."""


def max_pool2d(x, pool_size, strides=None, padding=0):
    (height, width), (down, right) = pool_size, strides or pool_size
    rows = (x.shape[1] + 2 * padding - height) // down + 1
    columns = (x.shape[2] + 2 * padding - width) // right + 1
    if rows < 1 or columns < 1:
        raise ValueError("the window does not fit")
    y = np.empty((len(x), rows, columns, x.shape[3]), dtype=x.dtype)
    for i in range(rows):
        for j in range(columns):
            top, left = i * down - padding, j * right - padding
            window = x[:, max(top, 0) : top + height, max(left, 0) : left + width]
            y[:, i, j] = window.mean(axis=(1, 2))
    return y


# %% mistake="mean_across_channels" exercise="avg_pool2d" fails="test_avg_pool2d_windows test_avg_pool2d_strides test_avg_pool2d_padding"
"""You take the mean over the channels too. Each channel is pooled by itself: reduce
over the two axes of the window only."""


def avg_pool2d(x, pool_size, strides=None, padding=0):
    (height, width), (down, right) = pool_size, strides or pool_size
    rows = (x.shape[1] + 2 * padding - height) // down + 1
    columns = (x.shape[2] + 2 * padding - width) // right + 1
    if rows < 1 or columns < 1:
        raise ValueError("the window does not fit")
    dtype = x.dtype if x.dtype.kind == "f" else np.float64
    y = np.empty((len(x), rows, columns, x.shape[3]), dtype=dtype)
    for i in range(rows):
        for j in range(columns):
            top, left = i * down - padding, j * right - padding
            window = x[:, max(top, 0) : top + height, max(left, 0) : left + width]
            y[:, i, j] = window.mean(axis=(1, 2, 3))[:, None]
    return y


# %% mistake="mean_over_batch" exercise="avg_pool2d" fails="test_avg_pool2d_windows test_avg_pool2d_strides test_avg_pool2d_padding"
"""You take the mean over the whole batch. Axis 0 counts the pictures, and each is
pooled by itself."""


def avg_pool2d(x, pool_size, strides=None, padding=0):
    (height, width), (down, right) = pool_size, strides or pool_size
    rows = (x.shape[1] + 2 * padding - height) // down + 1
    columns = (x.shape[2] + 2 * padding - width) // right + 1
    if rows < 1 or columns < 1:
        raise ValueError("the window does not fit")
    dtype = x.dtype if x.dtype.kind == "f" else np.float64
    y = np.empty((len(x), rows, columns, x.shape[3]), dtype=dtype)
    for i in range(rows):
        for j in range(columns):
            top, left = i * down - padding, j * right - padding
            window = x[:, max(top, 0) : top + height, max(left, 0) : left + width]
            y[:, i, j] = window.mean(axis=(0, 1, 2))
    return y


# %% mistake="mean_strides_ignored" exercise="avg_pool2d" fails="test_avg_pool2d_strides test_avg_pool2d_padding"
"""You move the window by its own size and never look at `strides`. Its size is only
what `None` stands for."""


def avg_pool2d(x, pool_size, strides=None, padding=0):
    (height, width), (down, right) = pool_size, pool_size
    rows = (x.shape[1] + 2 * padding - height) // down + 1
    columns = (x.shape[2] + 2 * padding - width) // right + 1
    if rows < 1 or columns < 1:
        raise ValueError("the window does not fit")
    dtype = x.dtype if x.dtype.kind == "f" else np.float64
    y = np.empty((len(x), rows, columns, x.shape[3]), dtype=dtype)
    for i in range(rows):
        for j in range(columns):
            top, left = i * down - padding, j * right - padding
            window = x[:, max(top, 0) : top + height, max(left, 0) : left + width]
            y[:, i, j] = window.mean(axis=(1, 2))
    return y


# %% mistake="mean_strides_one" exercise="avg_pool2d" fails="test_avg_pool2d_windows test_avg_pool2d_rules"
"""Without `strides` you move the window by 1. Here `None` stands for the size of the
window, so that the windows do not overlap."""


def avg_pool2d(x, pool_size, strides=None, padding=0):
    (height, width), (down, right) = pool_size, strides or (1, 1)
    rows = (x.shape[1] + 2 * padding - height) // down + 1
    columns = (x.shape[2] + 2 * padding - width) // right + 1
    if rows < 1 or columns < 1:
        raise ValueError("the window does not fit")
    dtype = x.dtype if x.dtype.kind == "f" else np.float64
    y = np.empty((len(x), rows, columns, x.shape[3]), dtype=dtype)
    for i in range(rows):
        for j in range(columns):
            top, left = i * down - padding, j * right - padding
            window = x[:, max(top, 0) : top + height, max(left, 0) : left + width]
            y[:, i, j] = window.mean(axis=(1, 2))
    return y


# %% mistake="zeros_averaged_in" exercise="avg_pool2d" fails="test_avg_pool2d_padding"
"""At the border you average zeros in, or divide by the size of the whole window, so the
border gets pale. Divide by the number of pixels that the window has inside of the
picture."""


def avg_pool2d(x, pool_size, strides=None, padding=0):
    (height, width), (down, right) = pool_size, strides or pool_size
    sides = [(0, 0), (padding, padding), (padding, padding), (0, 0)]
    x = np.pad(x, sides)
    rows = (x.shape[1] - height) // down + 1
    columns = (x.shape[2] - width) // right + 1
    if rows < 1 or columns < 1:
        raise ValueError("the window does not fit")
    dtype = x.dtype if x.dtype.kind == "f" else np.float64
    y = np.empty((len(x), rows, columns, x.shape[3]), dtype=dtype)
    for i in range(rows):
        for j in range(columns):
            top, left = i * down, j * right
            window = x[:, top : top + height, left : left + width]
            y[:, i, j] = window.mean(axis=(1, 2))
    return y


# %% mistake="mean_padding_ignored" exercise="avg_pool2d" fails="test_avg_pool2d_padding"
"""You do not look at `padding`: windows may stick out of the picture by so many pixels
on each side, so there are more of them."""


def avg_pool2d(x, pool_size, strides=None, padding=0):
    (height, width), (down, right) = pool_size, strides or pool_size
    rows = (x.shape[1] - height) // down + 1
    columns = (x.shape[2] - width) // right + 1
    if rows < 1 or columns < 1:
        raise ValueError("the window does not fit")
    dtype = x.dtype if x.dtype.kind == "f" else np.float64
    y = np.empty((len(x), rows, columns, x.shape[3]), dtype=dtype)
    for i in range(rows):
        for j in range(columns):
            top, left = i * down, j * right
            window = x[:, max(top, 0) : top + height, max(left, 0) : left + width]
            y[:, i, j] = window.mean(axis=(1, 2))
    return y


# %% mistake="mean_padding_one_side" exercise="avg_pool2d" fails="test_avg_pool2d_padding"
"""Your windows stick out at the top and at the left only. The padding counts on each of
the four sides, so twice along an axis."""


def avg_pool2d(x, pool_size, strides=None, padding=0):
    (height, width), (down, right) = pool_size, strides or pool_size
    rows = (x.shape[1] + padding - height) // down + 1
    columns = (x.shape[2] + padding - width) // right + 1
    if rows < 1 or columns < 1:
        raise ValueError("the window does not fit")
    dtype = x.dtype if x.dtype.kind == "f" else np.float64
    y = np.empty((len(x), rows, columns, x.shape[3]), dtype=dtype)
    for i in range(rows):
        for j in range(columns):
            top, left = i * down - padding, j * right - padding
            window = x[:, max(top, 0) : top + height, max(left, 0) : left + width]
            y[:, i, j] = window.mean(axis=(1, 2))
    return y


# %% mistake="sum_for_mean" exercise="avg_pool2d" fails="test_avg_pool2d_windows test_avg_pool2d_strides test_avg_pool2d_padding test_avg_pool2d_rules"
"""You add the pixels of a window but do not divide by their number."""


def avg_pool2d(x, pool_size, strides=None, padding=0):
    (height, width), (down, right) = pool_size, strides or pool_size
    rows = (x.shape[1] + 2 * padding - height) // down + 1
    columns = (x.shape[2] + 2 * padding - width) // right + 1
    if rows < 1 or columns < 1:
        raise ValueError("the window does not fit")
    dtype = x.dtype if x.dtype.kind == "f" else np.float64
    y = np.empty((len(x), rows, columns, x.shape[3]), dtype=dtype)
    for i in range(rows):
        for j in range(columns):
            top, left = i * down - padding, j * right - padding
            window = x[:, max(top, 0) : top + height, max(left, 0) : left + width]
            y[:, i, j] = window.sum(axis=(1, 2))
    return y


# %% mistake="max_for_mean" exercise="avg_pool2d" fails="test_avg_pool2d_windows test_avg_pool2d_strides test_avg_pool2d_padding test_avg_pool2d_rules"
"""You keep the largest value of each window. That is exercise 1: here the mean is
kept."""


def avg_pool2d(x, pool_size, strides=None, padding=0):
    (height, width), (down, right) = pool_size, strides or pool_size
    rows = (x.shape[1] + 2 * padding - height) // down + 1
    columns = (x.shape[2] + 2 * padding - width) // right + 1
    if rows < 1 or columns < 1:
        raise ValueError("the window does not fit")
    dtype = x.dtype if x.dtype.kind == "f" else np.float64
    y = np.empty((len(x), rows, columns, x.shape[3]), dtype=dtype)
    for i in range(rows):
        for j in range(columns):
            top, left = i * down - padding, j * right - padding
            window = x[:, max(top, 0) : top + height, max(left, 0) : left + width]
            y[:, i, j] = window.max(axis=(1, 2)) * 1
    return y


# %% mistake="mean_of_ints_is_int" exercise="avg_pool2d" fails="test_avg_pool2d_windows test_avg_pool2d_strides test_avg_pool2d_rules"
"""The means of ints have lost their fractions. An array of ints cuts off what is put
into it: make the result float64 if `x` holds ints."""


def avg_pool2d(x, pool_size, strides=None, padding=0):
    (height, width), (down, right) = pool_size, strides or pool_size
    rows = (x.shape[1] + 2 * padding - height) // down + 1
    columns = (x.shape[2] + 2 * padding - width) // right + 1
    if rows < 1 or columns < 1:
        raise ValueError("the window does not fit")
    y = np.empty((len(x), rows, columns, x.shape[3]), dtype=x.dtype)
    for i in range(rows):
        for j in range(columns):
            top, left = i * down - padding, j * right - padding
            window = x[:, max(top, 0) : top + height, max(left, 0) : left + width]
            y[:, i, j] = window.mean(axis=(1, 2))
    return y


# %% mistake="mean_always_float64" exercise="avg_pool2d" fails="test_avg_pool2d_rules"
"""Your result is float64 whatever came in. float32 must stay float32: twice the memory
for nothing is a price that networks do not pay."""


def avg_pool2d(x, pool_size, strides=None, padding=0):
    (height, width), (down, right) = pool_size, strides or pool_size
    rows = (x.shape[1] + 2 * padding - height) // down + 1
    columns = (x.shape[2] + 2 * padding - width) // right + 1
    if rows < 1 or columns < 1:
        raise ValueError("the window does not fit")
    y = np.empty((len(x), rows, columns, x.shape[3]))
    for i in range(rows):
        for j in range(columns):
            top, left = i * down - padding, j * right - padding
            window = x[:, max(top, 0) : top + height, max(left, 0) : left + width]
            y[:, i, j] = window.mean(axis=(1, 2))
    return y


# %% mistake="sum_overflows" exercise="avg_pool2d" fails="test_avg_pool2d_rules"
"""You add up bytes in an array of bytes: beyond 255 they begin again at 0. Convert to
floats before you add."""


def avg_pool2d(x, pool_size, strides=None, padding=0):
    (height, width), (down, right) = pool_size, strides or pool_size
    rows = (x.shape[1] + 2 * padding - height) // down + 1
    columns = (x.shape[2] + 2 * padding - width) // right + 1
    if rows < 1 or columns < 1:
        raise ValueError("the window does not fit")
    dtype = x.dtype if x.dtype.kind == "f" else np.float64
    y = np.empty((len(x), rows, columns, x.shape[3]), dtype=dtype)
    for i in range(rows):
        for j in range(columns):
            top, left = i * down - padding, j * right - padding
            window = x[:, max(top, 0) : top + height, max(left, 0) : left + width]
            count = window.shape[1] * window.shape[2]
            y[:, i, j] = window.sum(axis=(1, 2), dtype=x.dtype) / count
    return y


# %% mistake="mean_rounded_up" exercise="avg_pool2d" fails="test_avg_pool2d_windows test_avg_pool2d_strides test_avg_pool2d_padding"
"""You also use windows at the right and at the bottom that are not whole. The number of
windows is rounded down."""


def avg_pool2d(x, pool_size, strides=None, padding=0):
    (height, width), (down, right) = pool_size, strides or pool_size
    rows = -((height - x.shape[1] - 2 * padding) // down) + 1
    columns = -((width - x.shape[2] - 2 * padding) // right) + 1
    if height > x.shape[1] + 2 * padding or width > x.shape[2] + 2 * padding:
        raise ValueError("the window does not fit")
    dtype = x.dtype if x.dtype.kind == "f" else np.float64
    y = np.empty((len(x), rows, columns, x.shape[3]), dtype=dtype)
    for i in range(rows):
        for j in range(columns):
            top, left = i * down - padding, j * right - padding
            window = x[:, max(top, 0) : top + height, max(left, 0) : left + width]
            y[:, i, j] = window.mean(axis=(1, 2))
    return y


# %% mistake="mean_height_and_width_swapped" exercise="avg_pool2d" fails="test_avg_pool2d_windows test_avg_pool2d_strides test_avg_pool2d_padding test_avg_pool2d_rules"
"""Height and width of the window are swapped. `pool_size` and `strides` begin with the
height, as axis 1 of `x` is the height."""


def avg_pool2d(x, pool_size, strides=None, padding=0):
    (width, height), (right, down) = pool_size, strides or pool_size
    rows = (x.shape[1] + 2 * padding - height) // down + 1
    columns = (x.shape[2] + 2 * padding - width) // right + 1
    if rows < 1 or columns < 1:
        raise ValueError("the window does not fit")
    dtype = x.dtype if x.dtype.kind == "f" else np.float64
    y = np.empty((len(x), rows, columns, x.shape[3]), dtype=dtype)
    for i in range(rows):
        for j in range(columns):
            top, left = i * down - padding, j * right - padding
            window = x[:, max(top, 0) : top + height, max(left, 0) : left + width]
            y[:, i, j] = window.mean(axis=(1, 2))
    return y


# %% mistake="mean_printed_index" exercise="avg_pool2d" fails="test_avg_pool2d_windows test_avg_pool2d_strides test_avg_pool2d_padding test_avg_pool2d_rules"
"""Your windows begin at r j, r being the number of outputs, as lecture 2 prints it.
Window j begins after j steps of the *strides*: see exercise 7."""


def avg_pool2d(x, pool_size, strides=None, padding=0):
    (height, width), (down, right) = pool_size, strides or pool_size
    rows = (x.shape[1] + 2 * padding - height) // down + 1
    columns = (x.shape[2] + 2 * padding - width) // right + 1
    if rows < 1 or columns < 1:
        raise ValueError("the window does not fit")
    dtype = x.dtype if x.dtype.kind == "f" else np.float64
    y = np.empty((len(x), rows, columns, x.shape[3]), dtype=dtype)
    for i in range(rows):
        for j in range(columns):
            top, left = i * rows - padding, j * columns - padding
            window = x[:, max(top, 0) : top + height, max(left, 0) : left + width]
            y[:, i, j] = window.mean(axis=(1, 2))
    return y


# %% mistake="mean_empty_for_large_window" exercise="avg_pool2d" fails="test_avg_pool2d_rules"
"""A window larger than the picture gives an empty result, which nobody notices until
much later. The task asks for a ValueError."""


def avg_pool2d(x, pool_size, strides=None, padding=0):
    (height, width), (down, right) = pool_size, strides or pool_size
    rows = (x.shape[1] + 2 * padding - height) // down + 1
    columns = (x.shape[2] + 2 * padding - width) // right + 1
    rows, columns = max(rows, 0), max(columns, 0)
    dtype = x.dtype if x.dtype.kind == "f" else np.float64
    y = np.empty((len(x), rows, columns, x.shape[3]), dtype=dtype)
    for i in range(rows):
        for j in range(columns):
            top, left = i * down - padding, j * right - padding
            window = x[:, max(top, 0) : top + height, max(left, 0) : left + width]
            y[:, i, j] = window.mean(axis=(1, 2))
    return y


# %% mistake="rest_left_out" exercise="subsample" fails="test_subsample_rest"
"""If the step leaves a rest you drop the last row or column. Row i of the result exists
whenever row `step * i` of the picture does, so their number is rounded up."""


def subsample(x, step):
    if step < 1:
        raise ValueError("step")
    rows, columns = x.shape[1] // step * step, x.shape[2] // step * step
    return x[:, :rows:step, :columns:step]


# %% mistake="starts_with_last_of_step" exercise="subsample" fails="test_subsample_pictures test_subsample_rest"
"""You keep the last pixel of each step. Pixel 0 of the result is pixel 0 of the
picture: the formula gives x(0) for t = 0."""


def subsample(x, step):
    if step < 1:
        raise ValueError("step")
    return x[:, step - 1 :: step, step - 1 :: step]


# %% mistake="starts_with_second" exercise="subsample" fails="test_subsample_pictures test_subsample_rest"
"""You begin at pixel 1. Pixel 0 of the result is pixel 0 of the picture: the formula
gives x(0) for t = 0."""


def subsample(x, step):
    if step < 1:
        raise ValueError("step")
    return x[:, 1::step, 1::step]


# %% mistake="only_rows" exercise="subsample" fails="test_subsample_pictures test_subsample_rest"
"""You leave out rows but keep all columns. Axis 1 counts rows, axis 2 counts columns,
and both are subsampled."""


def subsample(x, step):
    if step < 1:
        raise ValueError("step")
    return x[:, ::step]


# %% mistake="last_two_axes" exercise="subsample" fails="test_subsample_pictures test_subsample_rest"
"""You subsample columns and channels. The axes are (B, H, W, C), so rows and columns
are the two in the middle."""


def subsample(x, step):
    if step < 1:
        raise ValueError("step")
    return x[..., ::step, ::step]


# %% mistake="first_two_axes" exercise="subsample" fails="test_subsample_pictures test_subsample_rest"
"""You subsample the batch and the rows. The axes are (B, H, W, C), so rows and columns
are the two in the middle."""


def subsample(x, step):
    if step < 1:
        raise ValueError("step")
    return x[::step, ::step]


# %% mistake="corner_cut_out" exercise="subsample" fails="test_subsample_pictures test_subsample_rest"
"""You keep a corner of the picture, all pixels of it. `a:b` cuts out, `::step` takes
steps."""


def subsample(x, step):
    if step < 1:
        raise ValueError("step")
    return x[:, : -(-x.shape[1] // step), : -(-x.shape[2] // step)]


# %% mistake="mean_of_blocks" exercise="subsample" fails="test_subsample_pictures test_subsample_rest"
"""You take the mean of each block. That is average pooling, exercise 2; subsampling
keeps one pixel of each block and forgets the others."""


def subsample(x, step):
    if step < 1:
        raise ValueError("step")
    rows, columns = -(-x.shape[1] // step), -(-x.shape[2] // step)
    y = np.empty(
        (len(x), rows, columns, x.shape[3]), dtype=np.result_type(x, np.float32)
    )
    for i in range(rows):
        for j in range(columns):
            block = x[:, i * step : (i + 1) * step, j * step : (j + 1) * step]
            y[:, i, j] = block.mean(axis=(1, 2))
    return y


# %% mistake="negative_step_mirrors" exercise="subsample" fails="test_subsample_pictures"
"""A negative step mirrors the picture without a word, as slices do. The task asks for a
ValueError if the step is less than 1."""


def subsample(x, step):
    return x[:, ::step, ::step]


# %% mistake="zero_step_accepted" exercise="subsample" fails="test_subsample_pictures"
"""You refuse negative steps but let 0 pass. The step must be at least 1."""


def subsample(x, step):
    if step < 0:
        raise ValueError("step")
    return x[:, :: max(step, 1), :: max(step, 1)]


# %% mistake="jump_forgotten" exercise="receptive_field" fails="test_receptive_field_strides test_receptive_field_padding test_receptive_field_networks"
"""The size grows by the kernel's steps as if each were one pixel. Behind layers with
strides a step is longer: it is as long as the jump."""


def receptive_field(layers):
    size, jump, start = 1, 1, 0
    for layer in layers:
        size += layer["dilation_rate"] * (layer["kernel_size"] - 1)
        start -= layer["padding"] * jump
        jump *= layer["strides"]
    return size, jump, start


# %% mistake="own_strides_too_early" exercise="receptive_field" fails="test_receptive_field_strides test_receptive_field_padding test_receptive_field_networks"
"""You multiply the jump by the layer's own strides before you use it. Its window lies
on the units *below*, so the jump of those counts."""


def receptive_field(layers):
    size, jump, start = 1, 1, 0
    for layer in layers:
        jump *= layer["strides"]
        size += layer["dilation_rate"] * (layer["kernel_size"] - 1) * jump
        start -= layer["padding"] * jump
    return size, jump, start


# %% mistake="strides_added" exercise="receptive_field" fails="test_receptive_field_strides test_receptive_field_padding test_receptive_field_networks"
"""You add the strides up. Two layers with strides 2 make a jump of 4, three one of 8:
jumps multiply."""


def receptive_field(layers):
    size, jump, start = 1, 1, 0
    for layer in layers:
        size += layer["dilation_rate"] * (layer["kernel_size"] - 1) * jump
        start -= layer["padding"] * jump
        jump += layer["strides"] - 1
    return size, jump, start


# %% mistake="jump_is_last_stride" exercise="receptive_field" fails="test_receptive_field_strides test_receptive_field_padding test_receptive_field_networks"
"""Your jump is the strides of the last layer only. It is the product of the strides of
all layers."""


def receptive_field(layers):
    size, jump, start = 1, 1, 0
    for layer in layers:
        size += layer["dilation_rate"] * (layer["kernel_size"] - 1) * jump
        start -= layer["padding"] * jump
        jump = layer["strides"]
    return size, jump, start


# %% mistake="dilation_ignored" exercise="receptive_field" fails="test_receptive_field_size test_receptive_field_networks"
"""You do not look at `dilation_rate`. Neighbouring weights lie so far apart, so the
window spans d (k - 1) steps."""


def receptive_field(layers):
    size, jump, start = 1, 1, 0
    for layer in layers:
        size += (layer["kernel_size"] - 1) * jump
        start -= layer["padding"] * jump
        jump *= layer["strides"]
    return size, jump, start


# %% mistake="dilation_times_kernel" exercise="receptive_field" fails="test_receptive_field_size test_receptive_field_networks"
"""You take a dilated window to span d k places. Between k weights there are only k - 1
gaps: it spans d (k - 1) + 1."""


def receptive_field(layers):
    size, jump, start = 1, 1, 0
    for layer in layers:
        size += (layer["dilation_rate"] * layer["kernel_size"] - 1) * jump
        start -= layer["padding"] * jump
        jump *= layer["strides"]
    return size, jump, start


# %% mistake="kernel_size_added" exercise="receptive_field" fails="test_receptive_field_size test_receptive_field_strides test_receptive_field_padding test_receptive_field_networks"
"""You add the whole kernel size. The window's first place is counted already, so a
kernel of k adds k - 1 steps: two of 3 by 3 see 5, not 7."""


def receptive_field(layers):
    size, jump, start = 1, 1, 0
    for layer in layers:
        size += (layer["dilation_rate"] * (layer["kernel_size"] - 1) + 1) * jump
        start -= layer["padding"] * jump
        jump *= layer["strides"]
    return size, jump, start


# %% mistake="size_begins_at_zero" exercise="receptive_field" fails="test_receptive_field_size test_receptive_field_strides test_receptive_field_padding test_receptive_field_networks"
"""Your size is one too small: it begins at 0. Before the first layer a unit is a pixel,
and sees that one."""


def receptive_field(layers):
    size, jump, start = 0, 1, 0
    for layer in layers:
        size += layer["dilation_rate"] * (layer["kernel_size"] - 1) * jump
        start -= layer["padding"] * jump
        jump *= layer["strides"]
    return size, jump, start


# %% mistake="sizes_multiplied" exercise="receptive_field" fails="test_receptive_field_size test_receptive_field_strides test_receptive_field_padding test_receptive_field_networks"
"""You multiply the sizes. A second kernel of 3 by 3 sees three windows that overlap, so
only the steps between them are added."""


def receptive_field(layers):
    size, jump, start = 1, 1, 0
    for layer in layers:
        size *= layer["dilation_rate"] * (layer["kernel_size"] - 1) + 1
        start -= layer["padding"] * jump
        jump *= layer["strides"]
    return size, jump, start


# %% mistake="start_with_wrong_sign" exercise="receptive_field" fails="test_receptive_field_padding test_receptive_field_networks"
"""Your start is positive. With padding the first window begins in front of the picture,
at a negative index."""


def receptive_field(layers):
    size, jump, start = 1, 1, 0
    for layer in layers:
        size += layer["dilation_rate"] * (layer["kernel_size"] - 1) * jump
        start += layer["padding"] * jump
        jump *= layer["strides"]
    return size, jump, start


# %% mistake="padding_in_pixels" exercise="receptive_field" fails="test_receptive_field_padding test_receptive_field_networks"
"""You count padding in pixels. Behind layers with strides a padding of 1 is one unit of
the layer below, which is a whole jump of pixels."""


def receptive_field(layers):
    size, jump, start = 1, 1, 0
    for layer in layers:
        size += layer["dilation_rate"] * (layer["kernel_size"] - 1) * jump
        start -= layer["padding"]
        jump *= layer["strides"]
    return size, jump, start


# %% mistake="padding_after_strides" exercise="receptive_field" fails="test_receptive_field_padding test_receptive_field_networks"
"""You multiply the padding by a jump that has the layer's own strides in it. The
padding is put around the layer below, so the jump of that counts."""


def receptive_field(layers):
    size, jump, start = 1, 1, 0
    for layer in layers:
        size += layer["dilation_rate"] * (layer["kernel_size"] - 1) * jump
        jump *= layer["strides"]
        start -= layer["padding"] * jump
    return size, jump, start


# %% mistake="padding_forgotten" exercise="receptive_field" fails="test_receptive_field_padding test_receptive_field_networks"
"""Your start is always 0. With padding the first window begins in front of the
picture."""


def receptive_field(layers):
    size, jump, start = 1, 1, 0
    for layer in layers:
        size += layer["dilation_rate"] * (layer["kernel_size"] - 1) * jump
        jump *= layer["strides"]
    return size, jump, start


# %% mistake="padding_makes_it_smaller" exercise="receptive_field" fails="test_receptive_field_padding test_receptive_field_networks"
"""You subtract the padding from the size. That is right for the size of a map, but a
unit sees no less because zeros were put around."""


def receptive_field(layers):
    size, jump, start = 1, 1, 0
    for layer in layers:
        size += (
            layer["dilation_rate"] * (layer["kernel_size"] - 1) - 2 * layer["padding"]
        ) * jump
        start -= layer["padding"] * jump
        jump *= layer["strides"]
    return size, jump, start


# %% mistake="centre_for_start" exercise="receptive_field" fails="test_receptive_field_strides test_receptive_field_padding test_receptive_field_networks"
"""You return the centre of the first field. The task asks for its first index, half a
field further left."""


def receptive_field(layers):
    size, jump, start = 1, 1, 0
    for layer in layers:
        size += layer["dilation_rate"] * (layer["kernel_size"] - 1) * jump
        reach = layer["dilation_rate"] * (layer["kernel_size"] - 1)
        start += (reach // 2 - layer["padding"]) * jump
        jump *= layer["strides"]
    return size, jump, start


# %% mistake="last_layer_first" exercise="receptive_field" fails="test_receptive_field_strides test_receptive_field_padding test_receptive_field_networks"
"""You go through the layers from the last to the first, but with the rules for the
other direction. The jump begins at 1 at the pixels."""


def receptive_field(layers):
    size, jump, start = 1, 1, 0
    for layer in reversed(layers):
        size += layer["dilation_rate"] * (layer["kernel_size"] - 1) * jump
        start -= layer["padding"] * jump
        jump *= layer["strides"]
    return size, jump, start


# %% mistake="list_for_tuple" exercise="receptive_field" fails="test_receptive_field_size test_receptive_field_strides test_receptive_field_padding test_receptive_field_networks"
"""You return a list. The task asks for a tuple, (size, jump, start)."""


def receptive_field(layers):
    size, jump, start = 1, 1, 0
    for layer in layers:
        size += layer["dilation_rate"] * (layer["kernel_size"] - 1) * jump
        start -= layer["padding"] * jump
        jump *= layer["strides"]
    return [size, jump, start]


# %% mistake="biases_forgotten" exercise="count_parameters" fails="test_count_parameters_conv test_count_parameters_dense"
"""You count the weights but not the biases: there is one for each filter or unit."""


def count_parameters(layer, input_shape):
    if layer["kind"] == "pool":
        return 0
    if layer["kind"] == "conv":
        outputs = layer["filters"]
        weights = layer["kernel_size"] ** 2 * input_shape[2] * outputs
    else:
        outputs = layer["units"]
        weights = int(np.prod(input_shape)) * outputs
    return weights


# %% mistake="biases_always" exercise="count_parameters" fails="test_count_parameters_conv test_count_parameters_dense"
"""You count biases also where `use_bias` is False."""


def count_parameters(layer, input_shape):
    if layer["kind"] == "pool":
        return 0
    if layer["kind"] == "conv":
        outputs = layer["filters"]
        weights = layer["kernel_size"] ** 2 * input_shape[2] * outputs
    else:
        outputs = layer["units"]
        weights = int(np.prod(input_shape)) * outputs
    return weights + outputs


# %% mistake="one_bias" exercise="count_parameters" fails="test_count_parameters_conv test_count_parameters_dense"
"""You count one bias for the whole layer. Each filter, or unit, has its own."""


def count_parameters(layer, input_shape):
    if layer["kind"] == "pool":
        return 0
    if layer["kind"] == "conv":
        outputs = layer["filters"]
        weights = layer["kernel_size"] ** 2 * input_shape[2] * outputs
    else:
        outputs = layer["units"]
        weights = int(np.prod(input_shape)) * outputs
    return weights + layer["use_bias"]


# %% mistake="bias_for_each_slice" exercise="count_parameters" fails="test_count_parameters_conv test_count_parameters_dense"
"""You count one bias for each pair of an input channel and a filter. A filter adds up
its channels first and has one bias for all of them."""


def count_parameters(layer, input_shape):
    if layer["kind"] == "pool":
        return 0
    if layer["kind"] == "conv":
        outputs = layer["filters"]
        weights = (
            (layer["kernel_size"] ** 2 + layer["use_bias"]) * input_shape[2] * outputs
        )
    else:
        outputs = layer["units"]
        weights = int(np.prod(input_shape)) * outputs
    return weights + outputs * layer["use_bias"] * (layer["kind"] == "dense")


# %% mistake="kernel_one_dimensional" exercise="count_parameters" fails="test_count_parameters_conv test_count_parameters_dense"
"""A kernel of size k has k times k weights for each channel, you count k."""


def count_parameters(layer, input_shape):
    if layer["kind"] == "pool":
        return 0
    if layer["kind"] == "conv":
        outputs = layer["filters"]
        weights = layer["kernel_size"] * input_shape[2] * outputs
    else:
        outputs = layer["units"]
        weights = int(np.prod(input_shape)) * outputs
    return weights + outputs * layer["use_bias"]


# %% mistake="channels_forgotten" exercise="count_parameters" fails="test_count_parameters_conv test_count_parameters_dense"
"""Your filters are one channel deep. Each is as deep as the maps that enter, so the
weights are multiplied by the number of input channels."""


def count_parameters(layer, input_shape):
    if layer["kind"] == "pool":
        return 0
    if layer["kind"] == "conv":
        outputs = layer["filters"]
        weights = layer["kernel_size"] ** 2 * outputs
    else:
        outputs = layer["units"]
        weights = int(np.prod(input_shape)) * outputs
    return weights + outputs * layer["use_bias"]


# %% mistake="filters_forgotten" exercise="count_parameters" fails="test_count_parameters_conv test_count_parameters_dense"
"""You count the weights of a single filter. The layer has `filters` of them."""


def count_parameters(layer, input_shape):
    if layer["kind"] == "pool":
        return 0
    if layer["kind"] == "conv":
        outputs = layer["filters"]
        weights = layer["kernel_size"] ** 2 * input_shape[2]
    else:
        outputs = layer["units"]
        weights = int(np.prod(input_shape)) * outputs
    return weights + outputs * layer["use_bias"]


# %% mistake="weights_for_each_pixel" exercise="count_parameters" fails="test_count_parameters_conv test_count_parameters_dense"
"""You count the weights again for each pixel. They are shared: a filter has the same
weights everywhere, so the size of the picture does not matter."""


def count_parameters(layer, input_shape):
    if layer["kind"] == "pool":
        return 0
    if layer["kind"] == "conv":
        outputs = layer["filters"]
        weights = layer["kernel_size"] ** 2 * int(np.prod(input_shape)) * outputs
    else:
        outputs = layer["units"]
        weights = int(np.prod(input_shape)) * outputs
    return weights + outputs * layer["use_bias"]


# %% mistake="maps_not_flattened" exercise="count_parameters" fails="test_count_parameters_dense"
"""For maps that enter a dense layer you count only their channels. They are flattened
first, so every pixel of every map is an input."""


def count_parameters(layer, input_shape):
    if layer["kind"] == "pool":
        return 0
    if layer["kind"] == "conv":
        outputs = layer["filters"]
        weights = layer["kernel_size"] ** 2 * input_shape[2] * outputs
    else:
        outputs = layer["units"]
        weights = input_shape[-1] * outputs
    return weights + outputs * layer["use_bias"]


# %% mistake="pooling_has_weights" exercise="count_parameters" fails="test_count_parameters_conv test_count_parameters_dense"
"""You count weights for pooling. It computes a fixed function of its window, so there
is nothing to learn."""


def count_parameters(layer, input_shape):
    if layer["kind"] == "pool":
        return layer["kernel_size"] ** 2 * input_shape[2]
    if layer["kind"] == "conv":
        outputs = layer["filters"]
        weights = layer["kernel_size"] ** 2 * input_shape[2] * outputs
    else:
        outputs = layer["units"]
        weights = int(np.prod(input_shape)) * outputs
    return weights + outputs * layer["use_bias"]


# %% mistake="flops_for_macs" exercise="count_macs" fails="test_count_macs_conv test_count_macs_dense"
"""You count multiplications and additions apart, which are FLOPs. A multiply-accumulate
is one of each: half as many."""


def count_macs(layer, input_shape, output_shape):
    if layer["kind"] == "pool":
        return 0
    if layer["kind"] == "conv":
        each = layer["kernel_size"] ** 2 * input_shape[2]
    else:
        each = int(np.prod(input_shape))
    places = int(np.prod(output_shape))
    return 2 * each * places


# %% mistake="biases_counted" exercise="count_macs" fails="test_count_macs_conv test_count_macs_dense"
"""You count the additions of the biases. The task leaves them out: they are no
multiply-accumulates, and few."""


def count_macs(layer, input_shape, output_shape):
    if layer["kind"] == "pool":
        return 0
    if layer["kind"] == "conv":
        each = layer["kernel_size"] ** 2 * input_shape[2]
    else:
        each = int(np.prod(input_shape))
    places = int(np.prod(output_shape))
    return each * places + places * layer["use_bias"]


# %% mistake="places_of_the_input" exercise="count_macs" fails="test_count_macs_conv test_count_macs_dense"
"""You count a window for each pixel of the input. Work is done for each pixel of the
*output*, which is smaller if there are strides or no padding."""


def count_macs(layer, input_shape, output_shape):
    if layer["kind"] == "pool":
        return 0
    if layer["kind"] == "conv":
        each = layer["kernel_size"] ** 2 * input_shape[2]
    else:
        each = int(np.prod(input_shape))
    places = int(np.prod(output_shape))
    if layer["kind"] == "conv":
        places = input_shape[0] * input_shape[1] * layer["filters"]
    return each * places


# %% mistake="one_filter" exercise="count_macs" fails="test_count_macs_conv test_count_macs_dense"
"""You count the work of a single filter. The layer has `filters` of them, and each
computes a whole map."""


def count_macs(layer, input_shape, output_shape):
    if layer["kind"] == "pool":
        return 0
    if layer["kind"] == "conv":
        each = layer["kernel_size"] ** 2 * input_shape[2]
    else:
        each = int(np.prod(input_shape))
    places = int(np.prod(output_shape))
    if layer["kind"] == "conv":
        places = output_shape[0] * output_shape[1]
    return each * places


# %% mistake="one_channel" exercise="count_macs" fails="test_count_macs_conv test_count_macs_dense"
"""You count k times k products for each output. A filter is as deep as the maps that
enter, so it needs so many for each input channel."""


def count_macs(layer, input_shape, output_shape):
    if layer["kind"] == "pool":
        return 0
    if layer["kind"] == "conv":
        each = layer["kernel_size"] ** 2
    else:
        each = int(np.prod(input_shape))
    places = int(np.prod(output_shape))
    return each * places


# %% mistake="kernel_a_line" exercise="count_macs" fails="test_count_macs_conv test_count_macs_dense"
"""A window of size k holds k times k pixels of each channel, you count k."""


def count_macs(layer, input_shape, output_shape):
    if layer["kind"] == "pool":
        return 0
    if layer["kind"] == "conv":
        each = layer["kernel_size"] * input_shape[2]
    else:
        each = int(np.prod(input_shape))
    places = int(np.prod(output_shape))
    return each * places


# %% mistake="parameters_for_macs" exercise="count_macs" fails="test_count_macs_conv test_count_macs_dense"
"""You count the weights. Each weight of a filter is used again for every pixel of the
output, and each use is one multiply-accumulate."""


def count_macs(layer, input_shape, output_shape):
    if layer["kind"] == "pool":
        return 0
    if layer["kind"] == "conv":
        each = layer["kernel_size"] ** 2 * input_shape[2]
    else:
        each = int(np.prod(input_shape))
    places = layer["filters"] if layer["kind"] == "conv" else layer["units"]
    return each * places


# %% mistake="macs_not_flattened" exercise="count_macs" fails="test_count_macs_dense"
"""For maps that enter a dense layer you count only their channels. They are flattened
first, so every pixel of every map is an input."""


def count_macs(layer, input_shape, output_shape):
    if layer["kind"] == "pool":
        return 0
    if layer["kind"] == "conv":
        each = layer["kernel_size"] ** 2 * input_shape[2]
    else:
        each = input_shape[-1]
    places = int(np.prod(output_shape))
    return each * places


# %% mistake="pooling_counted" exercise="count_macs" fails="test_count_macs_conv test_count_macs_dense"
"""You count the comparisons or additions of pooling. They are no multiply-accumulates:
the task asks for 0."""


def count_macs(layer, input_shape, output_shape):
    if layer["kind"] == "pool":
        return layer["kernel_size"] ** 2 * int(np.prod(output_shape))
    if layer["kind"] == "conv":
        each = layer["kernel_size"] ** 2 * input_shape[2]
    else:
        each = int(np.prod(input_shape))
    places = int(np.prod(output_shape))
    return each * places


# %% mistake="rows_swapped" exercise="errata" fails="test_errata_pooling"
"""You have swapped the two: the printed formula adds the window's index to r j, and r
is the number of *outputs*."""


printed_rows = np.array([2, 3])
right_rows = np.array([3, 4])
subsampled_size = 3
ten_convolutions = 21
five_blocks = 94
edge_parameters = 2
edge_operations = 267_960
dense_parameters = 338_954


# %% mistake="rows_counted_from_one" exercise="errata" fails="test_errata_pooling"
"""You count rows from 1. The formula, like Python, counts from 0, for j and n alike."""


printed_rows = np.array([4, 5])
right_rows = np.array([3, 4])
subsampled_size = 3
ten_convolutions = 21
five_blocks = 94
edge_parameters = 2
edge_operations = 267_960
dense_parameters = 338_954


# %% mistake="tiles_of_three" exercise="errata" fails="test_errata_pooling"
"""For the right rows you take windows of r rows. A window has h rows, and window j
begins at h j."""


printed_rows = np.array([3, 4])
right_rows = np.array([3, 4])
subsampled_size = 3
ten_convolutions = 21
five_blocks = 94
edge_parameters = 2
edge_operations = 267_960
dense_parameters = 338_954


# %% mistake="subsampled_rounded_down" exercise="errata" fails="test_errata_pooling"
"""The length after subsampling is rounded up: of 10 numbers with a step of 4 those with
the indices 0, 4 and 8 remain."""


printed_rows = np.array([3, 4])
right_rows = np.array([2, 3])
subsampled_size = 2
ten_convolutions = 21
five_blocks = 94
edge_parameters = 2
edge_operations = 267_960
dense_parameters = 338_954


# %% mistake="field_without_own_pixel" exercise="errata" fails="test_errata_pooling"
"""Ten convolutions add 2 pixels each, and a unit sees its own pixel before the first:
you left that out."""


printed_rows = np.array([3, 4])
right_rows = np.array([2, 3])
subsampled_size = 3
ten_convolutions = 20
five_blocks = 94
edge_parameters = 2
edge_operations = 267_960
dense_parameters = 338_954


# %% mistake="field_of_three_each" exercise="errata" fails="test_errata_pooling"
"""You add 3 for each convolution. Neighbouring windows overlap: each layer adds only 2
pixels to the field."""


printed_rows = np.array([3, 4])
right_rows = np.array([2, 3])
subsampled_size = 3
ten_convolutions = 30
five_blocks = 94
edge_parameters = 2
edge_operations = 267_960
dense_parameters = 338_954


# %% mistake="blocks_without_jump" exercise="errata" fails="test_errata_pooling"
"""For the five blocks you add pixels as if there were no strides. After each pooling a
step is twice as long: call your `receptive_field` with the ten layers."""


printed_rows = np.array([3, 4])
right_rows = np.array([2, 3])
subsampled_size = 3
ten_convolutions = 21
five_blocks = 16
edge_parameters = 2
edge_operations = 267_960
dense_parameters = 338_954


# %% mistake="blocks_halve" exercise="errata" fails="test_errata_pooling"
"""For the five blocks you count a jump too early: the strides of a pooling layer
lengthen the steps of the layers *behind* it, not its own."""


printed_rows = np.array([3, 4])
right_rows = np.array([2, 3])
subsampled_size = 3
ten_convolutions = 21
five_blocks = 125
edge_parameters = 2
edge_operations = 267_960
dense_parameters = 338_954


# %% mistake="connections_for_parameters" exercise="errata" fails="test_errata_counting"
"""You count connections. The filter has one weight for the pixel and one for its
neighbour, the same everywhere."""


printed_rows = np.array([3, 4])
right_rows = np.array([2, 3])
subsampled_size = 3
ten_convolutions = 21
five_blocks = 94
edge_parameters = 178_640
edge_operations = 267_960
dense_parameters = 338_954


# %% mistake="only_multiplications" exercise="errata" fails="test_errata_counting"
"""You count the multiplications of the edge filter only. There is an addition for each
output too, so three operations."""


printed_rows = np.array([3, 4])
right_rows = np.array([2, 3])
subsampled_size = 3
ten_convolutions = 21
five_blocks = 94
edge_parameters = 2
edge_operations = 178_640
dense_parameters = 338_954


# %% mistake="last_column_counted" exercise="errata" fails="test_errata_counting"
"""You count an output for every pixel. The last column has no right neighbour, so the
output has 319 columns."""


printed_rows = np.array([3, 4])
right_rows = np.array([2, 3])
subsampled_size = 3
ten_convolutions = 21
five_blocks = 94
edge_parameters = 2
edge_operations = 268_800
dense_parameters = 338_954


# %% mistake="dense_without_biases" exercise="errata" fails="test_errata_counting"
"""Your count for lecture 3's dense layers lacks the biases, one for each unit of both
layers."""


printed_rows = np.array([3, 4])
right_rows = np.array([2, 3])
subsampled_size = 3
ten_convolutions = 21
five_blocks = 94
edge_parameters = 2
edge_operations = 267_960
dense_parameters = 337_920


# %% mistake="only_first_dense" exercise="errata" fails="test_errata_counting"
"""You count one of the two dense layers of lecture 3. The layer of 10 units has
parameters too."""


printed_rows = np.array([3, 4])
right_rows = np.array([2, 3])
subsampled_size = 3
ten_convolutions = 21
five_blocks = 94
edge_parameters = 2
edge_operations = 267_960
dense_parameters = 328_704


# %% mistake="all_parameters" exercise="errata" fails="test_errata_counting"
"""You count all layers of lecture 3's network. Leave the two convolutions out."""


printed_rows = np.array([3, 4])
right_rows = np.array([2, 3])
subsampled_size = 3
ten_convolutions = 21
five_blocks = 94
edge_parameters = 2
edge_operations = 267_960
dense_parameters = 349_494
