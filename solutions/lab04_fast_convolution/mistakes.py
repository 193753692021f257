# %% mistake="channel_before_place" exercise="im2col" fails="test_im2col_layout test_im2col_strides"
"""In your rows the channel comes first, then the place in the window. `w` has the axes
(kh, kw, C_in, C_out), so the channel must change fastest."""


def im2col(x, kernel_size, strides=1, padding=0):
    kh, kw = kernel_size
    x = np.pad(x, [(0, 0), (padding, padding), (padding, padding), (0, 0)])
    rows = (x.shape[1] - kh) // strides + 1
    columns = (x.shape[2] - kw) // strides + 1
    if rows < 1 or columns < 1:
        raise ValueError("the kernel does not fit")
    windows = np.empty((len(x), rows, columns, kh, kw, x.shape[3]), dtype=x.dtype)
    for a in range(kh):
        for b in range(kw):
            bottom, right = a + strides * rows, b + strides * columns
            windows[:, :, :, a, b] = x[:, a:bottom:strides, b:right:strides]
    return windows.transpose(0, 1, 2, 5, 3, 4).reshape(len(x) * rows * columns, -1)


# %% mistake="window_column_first" exercise="im2col" fails="test_im2col_layout test_im2col_strides"
"""Your rows hold a window column by column. The row of the window comes before its
column, as in the axes (kh, kw, C_in) of a filter."""


def im2col(x, kernel_size, strides=1, padding=0):
    kh, kw = kernel_size
    x = np.pad(x, [(0, 0), (padding, padding), (padding, padding), (0, 0)])
    rows = (x.shape[1] - kh) // strides + 1
    columns = (x.shape[2] - kw) // strides + 1
    if rows < 1 or columns < 1:
        raise ValueError("the kernel does not fit")
    windows = np.empty((len(x), rows, columns, kh, kw, x.shape[3]), dtype=x.dtype)
    for a in range(kh):
        for b in range(kw):
            bottom, right = a + strides * rows, b + strides * columns
            windows[:, :, :, a, b] = x[:, a:bottom:strides, b:right:strides]
    return windows.transpose(0, 1, 2, 4, 3, 5).reshape(len(x) * rows * columns, -1)


# %% mistake="windows_down_first" exercise="im2col" fails="test_im2col_layout test_im2col_strides"
"""You take the windows down the columns of the picture. They go line by line, from left
to right."""


def im2col(x, kernel_size, strides=1, padding=0):
    kh, kw = kernel_size
    x = np.pad(x, [(0, 0), (padding, padding), (padding, padding), (0, 0)])
    rows = (x.shape[1] - kh) // strides + 1
    columns = (x.shape[2] - kw) // strides + 1
    if rows < 1 or columns < 1:
        raise ValueError("the kernel does not fit")
    windows = np.empty((len(x), rows, columns, kh, kw, x.shape[3]), dtype=x.dtype)
    for a in range(kh):
        for b in range(kw):
            bottom, right = a + strides * rows, b + strides * columns
            windows[:, :, :, a, b] = x[:, a:bottom:strides, b:right:strides]
    return windows.transpose(0, 2, 1, 3, 4, 5).reshape(len(x) * rows * columns, -1)


# %% mistake="pictures_change_fastest" exercise="im2col" fails="test_im2col_layout test_im2col_strides"
"""You take the first window of every picture, then the second. All windows of the first
picture come first: n is the slowest index."""


def im2col(x, kernel_size, strides=1, padding=0):
    kh, kw = kernel_size
    x = np.pad(x, [(0, 0), (padding, padding), (padding, padding), (0, 0)])
    rows = (x.shape[1] - kh) // strides + 1
    columns = (x.shape[2] - kw) // strides + 1
    if rows < 1 or columns < 1:
        raise ValueError("the kernel does not fit")
    windows = np.empty((len(x), rows, columns, kh, kw, x.shape[3]), dtype=x.dtype)
    for a in range(kh):
        for b in range(kw):
            bottom, right = a + strides * rows, b + strides * columns
            windows[:, :, :, a, b] = x[:, a:bottom:strides, b:right:strides]
    return windows.transpose(1, 2, 0, 3, 4, 5).reshape(len(x) * rows * columns, -1)


# %% mistake="windows_as_columns" exercise="im2col" fails="test_im2col_layout test_im2col_strides"
"""Your matrix is transposed: the windows are its columns, as in Matlab. Here each
window is a row."""


def im2col(x, kernel_size, strides=1, padding=0):
    kh, kw = kernel_size
    x = np.pad(x, [(0, 0), (padding, padding), (padding, padding), (0, 0)])
    rows = (x.shape[1] - kh) // strides + 1
    columns = (x.shape[2] - kw) // strides + 1
    if rows < 1 or columns < 1:
        raise ValueError("the kernel does not fit")
    windows = np.empty((len(x), rows, columns, kh, kw, x.shape[3]), dtype=x.dtype)
    for a in range(kh):
        for b in range(kw):
            bottom, right = a + strides * rows, b + strides * columns
            windows[:, :, :, a, b] = x[:, a:bottom:strides, b:right:strides]
    return windows.reshape(len(x) * rows * columns, -1).T


# %% mistake="not_flattened" exercise="im2col" fails="test_im2col_layout test_im2col_strides"
"""You return the windows with all their axes. The task asks for a matrix: one row for
each window."""


def im2col(x, kernel_size, strides=1, padding=0):
    kh, kw = kernel_size
    x = np.pad(x, [(0, 0), (padding, padding), (padding, padding), (0, 0)])
    rows = (x.shape[1] - kh) // strides + 1
    columns = (x.shape[2] - kw) // strides + 1
    if rows < 1 or columns < 1:
        raise ValueError("the kernel does not fit")
    windows = np.empty((len(x), rows, columns, kh, kw, x.shape[3]), dtype=x.dtype)
    for a in range(kh):
        for b in range(kw):
            bottom, right = a + strides * rows, b + strides * columns
            windows[:, :, :, a, b] = x[:, a:bottom:strides, b:right:strides]
    return windows


# %% mistake="taps_flipped" exercise="im2col" fails="test_im2col_layout test_im2col_strides"
"""Your windows are upside down and mirrored. A layer correlates, so nothing is
flipped."""


def im2col(x, kernel_size, strides=1, padding=0):
    kh, kw = kernel_size
    x = np.pad(x, [(0, 0), (padding, padding), (padding, padding), (0, 0)])
    rows = (x.shape[1] - kh) // strides + 1
    columns = (x.shape[2] - kw) // strides + 1
    if rows < 1 or columns < 1:
        raise ValueError("the kernel does not fit")
    windows = np.empty((len(x), rows, columns, kh, kw, x.shape[3]), dtype=x.dtype)
    for a in range(kh):
        for b in range(kw):
            bottom, right = a + strides * rows, b + strides * columns
            windows[:, :, :, kh - 1 - a, kw - 1 - b] = x[
                :, a:bottom:strides, b:right:strides
            ]
    return windows.reshape(len(x) * rows * columns, -1)


# %% mistake="im2col_strides_ignored" exercise="im2col" fails="test_im2col_strides"
"""You do not look at `strides`: the window moves on by so many pixels."""


def im2col(x, kernel_size, strides=1, padding=0):
    kh, kw = kernel_size
    strides = 1
    x = np.pad(x, [(0, 0), (padding, padding), (padding, padding), (0, 0)])
    rows = (x.shape[1] - kh) // strides + 1
    columns = (x.shape[2] - kw) // strides + 1
    if rows < 1 or columns < 1:
        raise ValueError("the kernel does not fit")
    windows = np.empty((len(x), rows, columns, kh, kw, x.shape[3]), dtype=x.dtype)
    for a in range(kh):
        for b in range(kw):
            bottom, right = a + strides * rows, b + strides * columns
            windows[:, :, :, a, b] = x[:, a:bottom:strides, b:right:strides]
    return windows.reshape(len(x) * rows * columns, -1)


# %% mistake="im2col_padding_ignored" exercise="im2col" fails="test_im2col_strides"
"""You do not look at `padding`: so many lines of zeros are put on each side of the
picture."""


def im2col(x, kernel_size, strides=1, padding=0):
    kh, kw = kernel_size
    rows = (x.shape[1] - kh) // strides + 1
    columns = (x.shape[2] - kw) // strides + 1
    if rows < 1 or columns < 1:
        raise ValueError("the kernel does not fit")
    windows = np.empty((len(x), rows, columns, kh, kw, x.shape[3]), dtype=x.dtype)
    for a in range(kh):
        for b in range(kw):
            bottom, right = a + strides * rows, b + strides * columns
            windows[:, :, :, a, b] = x[:, a:bottom:strides, b:right:strides]
    return windows.reshape(len(x) * rows * columns, -1)


# %% mistake="im2col_padding_one_side" exercise="im2col" fails="test_im2col_strides"
"""You put zeros above and at the left only. The padding counts on each of the four
sides."""


def im2col(x, kernel_size, strides=1, padding=0):
    kh, kw = kernel_size
    x = np.pad(x, [(0, 0), (padding, 0), (padding, 0), (0, 0)])
    rows = (x.shape[1] - kh) // strides + 1
    columns = (x.shape[2] - kw) // strides + 1
    if rows < 1 or columns < 1:
        raise ValueError("the kernel does not fit")
    windows = np.empty((len(x), rows, columns, kh, kw, x.shape[3]), dtype=x.dtype)
    for a in range(kh):
        for b in range(kw):
            bottom, right = a + strides * rows, b + strides * columns
            windows[:, :, :, a, b] = x[:, a:bottom:strides, b:right:strides]
    return windows.reshape(len(x) * rows * columns, -1)


# %% mistake="im2col_padding_split" exercise="im2col" fails="test_im2col_strides"
"""You take the padding as the total of both sides. Here it is the number of lines on
*each* side."""


def im2col(x, kernel_size, strides=1, padding=0):
    kh, kw = kernel_size
    before, after = padding // 2, padding - padding // 2
    x = np.pad(x, [(0, 0), (before, after), (before, after), (0, 0)])
    rows = (x.shape[1] - kh) // strides + 1
    columns = (x.shape[2] - kw) // strides + 1
    if kh > x.shape[1] or kw > x.shape[2]:
        raise ValueError("the kernel does not fit")
    windows = np.empty((len(x), rows, columns, kh, kw, x.shape[3]), dtype=x.dtype)
    for a in range(kh):
        for b in range(kw):
            bottom, right = a + strides * rows, b + strides * columns
            windows[:, :, :, a, b] = x[:, a:bottom:strides, b:right:strides]
    return windows.reshape(len(x) * rows * columns, -1)


# %% mistake="strides_between_taps" exercise="im2col" fails="test_im2col_strides"
"""You spread the taps of a window by the strides. That is dilation: with strides the
windows are apart, the taps still touch."""


def im2col(x, kernel_size, strides=1, padding=0):
    kh, kw = kernel_size
    x = np.pad(x, [(0, 0), (padding, padding), (padding, padding), (0, 0)])
    rows = (x.shape[1] - strides * (kh - 1) - 1) // strides + 1
    columns = (x.shape[2] - strides * (kw - 1) - 1) // strides + 1
    if kh > x.shape[1] or kw > x.shape[2]:
        raise ValueError("the kernel does not fit")
    rows, columns = max(rows, 0), max(columns, 0)
    windows = np.empty((len(x), rows, columns, kh, kw, x.shape[3]), dtype=x.dtype)
    for a in range(kh):
        for b in range(kw):
            windows[:, :, :, a, b] = x[
                :, a * strides :: strides, b * strides :: strides
            ][:, :rows, :columns]
    return windows.reshape(len(x) * rows * columns, -1)


# %% mistake="last_windows_missing" exercise="im2col" fails="test_im2col_layout test_im2col_strides"
"""Your last line and column of windows are missing: (n - k) // s + 1 of them fit."""


def im2col(x, kernel_size, strides=1, padding=0):
    kh, kw = kernel_size
    x = np.pad(x, [(0, 0), (padding, padding), (padding, padding), (0, 0)])
    rows = (x.shape[1] - kh) // strides
    columns = (x.shape[2] - kw) // strides
    if kh > x.shape[1] or kw > x.shape[2]:
        raise ValueError("the kernel does not fit")
    windows = np.empty((len(x), rows, columns, kh, kw, x.shape[3]), dtype=x.dtype)
    for a in range(kh):
        for b in range(kw):
            bottom, right = a + strides * rows, b + strides * columns
            windows[:, :, :, a, b] = x[:, a:bottom:strides, b:right:strides]
    return windows.reshape(len(x) * rows * columns, -1)


# %% mistake="im2col_always_float64" exercise="im2col" fails="test_im2col_rules"
"""Your matrix is float64 whatever came in. `np.zeros` and `np.empty` need a `dtype` to
make anything else, and this matrix is large enough as it is."""


def im2col(x, kernel_size, strides=1, padding=0):
    kh, kw = kernel_size
    x = np.pad(x, [(0, 0), (padding, padding), (padding, padding), (0, 0)])
    rows = (x.shape[1] - kh) // strides + 1
    columns = (x.shape[2] - kw) // strides + 1
    if rows < 1 or columns < 1:
        raise ValueError("the kernel does not fit")
    windows = np.empty((len(x), rows, columns, kh, kw, x.shape[3]))
    for a in range(kh):
        for b in range(kw):
            bottom, right = a + strides * rows, b + strides * columns
            windows[:, :, :, a, b] = x[:, a:bottom:strides, b:right:strides]
    return windows.reshape(len(x) * rows * columns, -1)


# %% mistake="im2col_no_error" exercise="im2col" fails="test_im2col_rules"
"""A kernel larger than the picture gives a matrix without rows. The task asks for a
ValueError."""


def im2col(x, kernel_size, strides=1, padding=0):
    kh, kw = kernel_size
    x = np.pad(x, [(0, 0), (padding, padding), (padding, padding), (0, 0)])
    rows = (x.shape[1] - kh) // strides + 1
    columns = (x.shape[2] - kw) // strides + 1
    rows, columns = max(rows, 0), max(columns, 0)
    windows = np.empty((len(x), rows, columns, kh, kw, x.shape[3]), dtype=x.dtype)
    for a in range(kh):
        for b in range(kw):
            bottom, right = a + strides * rows, b + strides * columns
            windows[:, :, :, a, b] = x[:, a:bottom:strides, b:right:strides][
                :, :rows, :columns
            ]
    return windows.reshape(len(x) * rows * columns, kh * kw * x.shape[3])


# %% mistake="overwritten" exercise="col2im" fails="test_col2im_sums test_col2im_strides test_col2im_rules"
"""Where windows overlap you keep what the last one says. A pixel gets the *sum* of its
entries: add, do not assign."""


def col2im(columns, x_shape, kernel_size, strides=1, padding=0):
    (batch, height, width, channels), (kh, kw) = x_shape, kernel_size
    rows = (height + 2 * padding - kh) // strides + 1
    across = (width + 2 * padding - kw) // strides + 1
    windows = columns.reshape(batch, rows, across, kh, kw, channels)
    x = np.zeros(
        (batch, height + 2 * padding, width + 2 * padding, channels),
        dtype=columns.dtype,
    )
    for a in range(kh):
        for b in range(kw):
            bottom, right = a + strides * rows, b + strides * across
            x[:, a:bottom:strides, b:right:strides] = windows[:, :, :, a, b]
    return x[:, padding : padding + height, padding : padding + width]


# %% mistake="averaged" exercise="col2im" fails="test_col2im_sums test_col2im_strides test_col2im_rules"
"""You divide by the number of windows in which a pixel lies, which gives back the
picture. `col2im` is the transpose of `im2col`, not its inverse: the sums are what a
gradient needs."""


def col2im(columns, x_shape, kernel_size, strides=1, padding=0):
    (batch, height, width, channels), (kh, kw) = x_shape, kernel_size
    rows = (height + 2 * padding - kh) // strides + 1
    across = (width + 2 * padding - kw) // strides + 1
    windows = columns.reshape(batch, rows, across, kh, kw, channels)
    x = np.zeros(
        (batch, height + 2 * padding, width + 2 * padding, channels),
        dtype=columns.dtype,
    )
    for a in range(kh):
        for b in range(kw):
            bottom, right = a + strides * rows, b + strides * across
            x[:, a:bottom:strides, b:right:strides] += windows[:, :, :, a, b]
    counts = np.zeros(x.shape[1:3], dtype=int)
    for i in range(rows):
        for j in range(across):
            top, left = i * strides, j * strides
            counts[top : top + kh, left : left + kw] += 1
    x = (x / np.maximum(counts, 1)[None, :, :, None]).astype(columns.dtype)
    return x[:, padding : padding + height, padding : padding + width]


# %% mistake="repeated_indices_lost" exercise="col2im" fails="test_col2im_sums test_col2im_strides test_col2im_rules"
"""`x[indices] += ...` adds only once where an index occurs several times. Loop over the
taps with slices, or use `np.add.at`."""


def col2im(columns, x_shape, kernel_size, strides=1, padding=0):
    (batch, height, width, channels), (kh, kw) = x_shape, kernel_size
    height, width = height + 2 * padding, width + 2 * padding
    tops = np.arange(0, height - kh + 1, strides)[:, None, None, None]
    lefts = np.arange(0, width - kw + 1, strides)[None, :, None, None]
    rows = tops + np.arange(kh)[None, None, :, None]
    across = lefts + np.arange(kw)[None, None, None, :]
    shape = (batch, len(tops), lefts.shape[1], kh, kw, channels)
    x = np.zeros((batch, height, width, channels), dtype=columns.dtype)
    x[:, rows, across] += columns.reshape(shape)
    return x[:, padding : height - padding, padding : width - padding]


# %% mistake="channel_first_back" exercise="col2im" fails="test_col2im_sums test_col2im_strides test_col2im_rules"
"""You read the rows as if the channel came before the place in the window. It changes
fastest: (kh, kw, C)."""


def col2im(columns, x_shape, kernel_size, strides=1, padding=0):
    (batch, height, width, channels), (kh, kw) = x_shape, kernel_size
    rows = (height + 2 * padding - kh) // strides + 1
    across = (width + 2 * padding - kw) // strides + 1
    windows = columns.reshape(batch, rows, across, channels, kh, kw)
    x = np.zeros(
        (batch, height + 2 * padding, width + 2 * padding, channels),
        dtype=columns.dtype,
    )
    for a in range(kh):
        for b in range(kw):
            bottom, right = a + strides * rows, b + strides * across
            x[:, a:bottom:strides, b:right:strides] += windows[:, :, :, :, a, b]
    return x[:, padding : padding + height, padding : padding + width]


# %% mistake="window_columns_first_back" exercise="col2im" fails="test_col2im_sums test_col2im_strides test_col2im_rules"
"""You read the rows as if a window were written column by column. Its rows come first:
(kh, kw, C)."""


def col2im(columns, x_shape, kernel_size, strides=1, padding=0):
    (batch, height, width, channels), (kh, kw) = x_shape, kernel_size
    rows = (height + 2 * padding - kh) // strides + 1
    across = (width + 2 * padding - kw) // strides + 1
    windows = columns.reshape(batch, rows, across, kw, kh, channels)
    x = np.zeros(
        (batch, height + 2 * padding, width + 2 * padding, channels),
        dtype=columns.dtype,
    )
    for a in range(kh):
        for b in range(kw):
            bottom, right = a + strides * rows, b + strides * across
            x[:, a:bottom:strides, b:right:strides] += windows[:, :, :, b, a]
    return x[:, padding : padding + height, padding : padding + width]


# %% mistake="windows_down_first_back" exercise="col2im" fails="test_col2im_sums test_col2im_strides test_col2im_rules"
"""You read the windows as if they came down the columns of the picture. They go line by
line."""


def col2im(columns, x_shape, kernel_size, strides=1, padding=0):
    (batch, height, width, channels), (kh, kw) = x_shape, kernel_size
    rows = (height + 2 * padding - kh) // strides + 1
    across = (width + 2 * padding - kw) // strides + 1
    windows = columns.reshape(batch, across, rows, kh, kw, channels)
    x = np.zeros(
        (batch, height + 2 * padding, width + 2 * padding, channels),
        dtype=columns.dtype,
    )
    for a in range(kh):
        for b in range(kw):
            bottom, right = a + strides * rows, b + strides * across
            x[:, a:bottom:strides, b:right:strides] += windows[:, :, :, a, b].transpose(
                0, 2, 1, 3
            )
    return x[:, padding : padding + height, padding : padding + width]


# %% mistake="pictures_fastest_back" exercise="col2im" fails="test_col2im_sums test_col2im_strides test_col2im_rules"
"""You read the rows as if the pictures changed fastest. All windows of the first
picture come first."""


def col2im(columns, x_shape, kernel_size, strides=1, padding=0):
    (batch, height, width, channels), (kh, kw) = x_shape, kernel_size
    rows = (height + 2 * padding - kh) // strides + 1
    across = (width + 2 * padding - kw) // strides + 1
    windows = columns.reshape(rows, across, batch, kh, kw, channels)
    x = np.zeros(
        (batch, height + 2 * padding, width + 2 * padding, channels),
        dtype=columns.dtype,
    )
    for a in range(kh):
        for b in range(kw):
            bottom, right = a + strides * rows, b + strides * across
            x[:, a:bottom:strides, b:right:strides] += windows[:, :, :, a, b].transpose(
                2, 0, 1, 3
            )
    return x[:, padding : padding + height, padding : padding + width]


# %% mistake="flipped_back" exercise="col2im" fails="test_col2im_sums test_col2im_strides test_col2im_rules"
"""You put the taps back in reverse order. Transposing changes where a number goes, not
the order in a window: column (a, b) goes to pixel (a, b) of its window."""


def col2im(columns, x_shape, kernel_size, strides=1, padding=0):
    (batch, height, width, channels), (kh, kw) = x_shape, kernel_size
    rows = (height + 2 * padding - kh) // strides + 1
    across = (width + 2 * padding - kw) // strides + 1
    windows = columns.reshape(batch, rows, across, kh, kw, channels)
    x = np.zeros(
        (batch, height + 2 * padding, width + 2 * padding, channels),
        dtype=columns.dtype,
    )
    for a in range(kh):
        for b in range(kw):
            bottom, right = a + strides * rows, b + strides * across
            x[:, a:bottom:strides, b:right:strides] += windows[
                :, :, :, kh - 1 - a, kw - 1 - b
            ]
    return x[:, padding : padding + height, padding : padding + width]


# %% mistake="padding_not_cut_off" exercise="col2im" fails="test_col2im_strides test_col2im_rules"
"""You return the padded picture. Cut off the lines that were put around it."""


def col2im(columns, x_shape, kernel_size, strides=1, padding=0):
    (batch, height, width, channels), (kh, kw) = x_shape, kernel_size
    rows = (height + 2 * padding - kh) // strides + 1
    across = (width + 2 * padding - kw) // strides + 1
    windows = columns.reshape(batch, rows, across, kh, kw, channels)
    x = np.zeros(
        (batch, height + 2 * padding, width + 2 * padding, channels),
        dtype=columns.dtype,
    )
    for a in range(kh):
        for b in range(kw):
            bottom, right = a + strides * rows, b + strides * across
            x[:, a:bottom:strides, b:right:strides] += windows[:, :, :, a, b]
    return x


# %% mistake="cut_off_at_end_only" exercise="col2im" fails="test_col2im_strides test_col2im_rules"
"""You cut all padding off at the bottom and at the right. Half of it lies above and at
the left."""


def col2im(columns, x_shape, kernel_size, strides=1, padding=0):
    (batch, height, width, channels), (kh, kw) = x_shape, kernel_size
    rows = (height + 2 * padding - kh) // strides + 1
    across = (width + 2 * padding - kw) // strides + 1
    windows = columns.reshape(batch, rows, across, kh, kw, channels)
    x = np.zeros(
        (batch, height + 2 * padding, width + 2 * padding, channels),
        dtype=columns.dtype,
    )
    for a in range(kh):
        for b in range(kw):
            bottom, right = a + strides * rows, b + strides * across
            x[:, a:bottom:strides, b:right:strides] += windows[:, :, :, a, b]
    return x[:, :height, :width]


# %% mistake="minus_zero_slice" exercise="col2im" fails="test_col2im_sums test_col2im_strides"
"""Without padding your result is empty: `x[:, 0:-0]` ends before it begins. Write the
end as `padding + height`."""


def col2im(columns, x_shape, kernel_size, strides=1, padding=0):
    (batch, height, width, channels), (kh, kw) = x_shape, kernel_size
    rows = (height + 2 * padding - kh) // strides + 1
    across = (width + 2 * padding - kw) // strides + 1
    windows = columns.reshape(batch, rows, across, kh, kw, channels)
    x = np.zeros(
        (batch, height + 2 * padding, width + 2 * padding, channels),
        dtype=columns.dtype,
    )
    for a in range(kh):
        for b in range(kw):
            bottom, right = a + strides * rows, b + strides * across
            x[:, a:bottom:strides, b:right:strides] += windows[:, :, :, a, b]
    return x[:, padding:-padding, padding:-padding]


# %% mistake="col2im_padding_ignored" exercise="col2im" fails="test_col2im_strides test_col2im_rules"
"""You do not look at `padding`, so the windows end up shifted, or do not fit at all."""


def col2im(columns, x_shape, kernel_size, strides=1, padding=0):
    (batch, height, width, channels), (kh, kw) = x_shape, kernel_size
    padding = 0
    rows = (height + 2 * padding - kh) // strides + 1
    across = (width + 2 * padding - kw) // strides + 1
    windows = columns[: batch * rows * across].reshape(
        batch, rows, across, kh, kw, channels
    )
    x = np.zeros(
        (batch, height + 2 * padding, width + 2 * padding, channels),
        dtype=columns.dtype,
    )
    for a in range(kh):
        for b in range(kw):
            bottom, right = a + strides * rows, b + strides * across
            x[:, a:bottom:strides, b:right:strides] += windows[:, :, :, a, b]
    return x[:, padding : padding + height, padding : padding + width]


# %% mistake="col2im_strides_ignored" exercise="col2im" fails="test_col2im_strides test_col2im_rules"
"""You put the windows back side by side and do not look at `strides`: they lie so many
pixels apart."""


def col2im(columns, x_shape, kernel_size, strides=1, padding=0):
    (batch, height, width, channels), (kh, kw) = x_shape, kernel_size
    rows = (height + 2 * padding - kh) // strides + 1
    across = (width + 2 * padding - kw) // strides + 1
    windows = columns.reshape(batch, rows, across, kh, kw, channels)
    x = np.zeros(
        (batch, height + 2 * padding, width + 2 * padding, channels),
        dtype=columns.dtype,
    )
    for a in range(kh):
        for b in range(kw):
            x[:, a : a + rows, b : b + across] += windows[:, :, :, a, b]
    return x[:, padding : padding + height, padding : padding + width]


# %% mistake="col2im_always_float64" exercise="col2im" fails="test_col2im_rules"
"""Your result is float64 whatever came in. `np.zeros` needs a `dtype` to make anything
else."""


def col2im(columns, x_shape, kernel_size, strides=1, padding=0):
    (batch, height, width, channels), (kh, kw) = x_shape, kernel_size
    rows = (height + 2 * padding - kh) // strides + 1
    across = (width + 2 * padding - kw) // strides + 1
    windows = columns.reshape(batch, rows, across, kh, kw, channels)
    x = np.zeros(
        (batch, height + 2 * padding, width + 2 * padding, channels), dtype=np.float64
    )
    for a in range(kh):
        for b in range(kw):
            bottom, right = a + strides * rows, b + strides * across
            x[:, a:bottom:strides, b:right:strides] += windows[:, :, :, a, b]
    return x[:, padding : padding + height, padding : padding + width]


# %% mistake="columns_in_other_order" exercise="conv2d_im2col" fails="test_conv2d_im2col_values test_conv2d_im2col_strides"
"""Your columns have the channels first, your kernel has them last, so weights meet the
wrong pixels. Both need one order, (kh, kw, C_in)."""


def conv2d_im2col(x, w, b=None, strides=1, padding=0):
    kh, kw, channels, filters = w.shape
    x = np.pad(x, [(0, 0), (padding, padding), (padding, padding), (0, 0)])
    if x.shape[3] != channels or x.shape[1] < kh or x.shape[2] < kw:
        raise ValueError("the kernel does not fit")
    windows = np.lib.stride_tricks.sliding_window_view(x, (kh, kw), axis=(1, 2))
    windows = windows[:, ::strides, ::strides]
    columns = windows.transpose(0, 1, 2, 3, 4, 5).reshape(-1, kh * kw * channels)
    y = (columns @ w.reshape(-1, filters)).reshape(*windows.shape[:3], filters)
    return y if b is None else y + b


# %% mistake="kernel_reshaped_for_transposed" exercise="conv2d_im2col" fails="test_conv2d_im2col_values test_conv2d_im2col_strides"
"""`w.reshape(C_out, -1)` does not transpose: it deals out the numbers in another order.
The filters are the last axis, so `w.reshape(-1, C_out)` puts each into a column."""


def conv2d_im2col(x, w, b=None, strides=1, padding=0):
    kh, kw, channels, filters = w.shape
    x = np.pad(x, [(0, 0), (padding, padding), (padding, padding), (0, 0)])
    if x.shape[3] != channels or x.shape[1] < kh or x.shape[2] < kw:
        raise ValueError("the kernel does not fit")
    windows = np.lib.stride_tricks.sliding_window_view(x, (kh, kw), axis=(1, 2))
    windows = windows[:, ::strides, ::strides]
    columns = windows.transpose(0, 1, 2, 4, 5, 3).reshape(-1, kh * kw * channels)
    y = (columns @ w.reshape(filters, -1).T).reshape(*windows.shape[:3], filters)
    return y if b is None else y + b


# %% mistake="gemm_kernel_flipped" exercise="conv2d_im2col" fails="test_conv2d_im2col_values test_conv2d_im2col_strides test_conv2d_im2col_use"
"""Your kernel is flipped. A layer correlates: the first weight meets the first pixel of
each window."""


def conv2d_im2col(x, w, b=None, strides=1, padding=0):
    kh, kw, channels, filters = w.shape
    x = np.pad(x, [(0, 0), (padding, padding), (padding, padding), (0, 0)])
    if x.shape[3] != channels or x.shape[1] < kh or x.shape[2] < kw:
        raise ValueError("the kernel does not fit")
    windows = np.lib.stride_tricks.sliding_window_view(x, (kh, kw), axis=(1, 2))
    windows = windows[:, ::strides, ::strides]
    columns = windows.transpose(0, 1, 2, 4, 5, 3).reshape(-1, kh * kw * channels)
    y = (columns @ w[::-1, ::-1].reshape(-1, filters)).reshape(
        *windows.shape[:3], filters
    )
    return y if b is None else y + b


# %% mistake="rows_and_columns_swapped" exercise="conv2d_im2col" fails="test_conv2d_im2col_values test_conv2d_im2col_strides test_conv2d_im2col_use"
"""You give the result its height and width in the wrong order. The windows go line by
line, so the rows come first."""


def conv2d_im2col(x, w, b=None, strides=1, padding=0):
    kh, kw, channels, filters = w.shape
    x = np.pad(x, [(0, 0), (padding, padding), (padding, padding), (0, 0)])
    if x.shape[3] != channels or x.shape[1] < kh or x.shape[2] < kw:
        raise ValueError("the kernel does not fit")
    windows = np.lib.stride_tricks.sliding_window_view(x, (kh, kw), axis=(1, 2))
    windows = windows[:, ::strides, ::strides]
    columns = windows.transpose(0, 1, 2, 4, 5, 3).reshape(-1, kh * kw * channels)
    y = (columns @ w.reshape(-1, filters)).reshape(
        len(x), windows.shape[2], windows.shape[1], filters
    )
    return y if b is None else y + b


# %% mistake="filters_before_places" exercise="conv2d_im2col" fails="test_conv2d_im2col_values test_conv2d_im2col_strides"
"""You reshape to (B, C_out, H', W') and transpose. In the product the filters change
fastest, so reshape to (B, H', W', C_out)."""


def conv2d_im2col(x, w, b=None, strides=1, padding=0):
    kh, kw, channels, filters = w.shape
    x = np.pad(x, [(0, 0), (padding, padding), (padding, padding), (0, 0)])
    if x.shape[3] != channels or x.shape[1] < kh or x.shape[2] < kw:
        raise ValueError("the kernel does not fit")
    windows = np.lib.stride_tricks.sliding_window_view(x, (kh, kw), axis=(1, 2))
    windows = windows[:, ::strides, ::strides]
    columns = windows.transpose(0, 1, 2, 4, 5, 3).reshape(-1, kh * kw * channels)
    y = (columns @ w.reshape(-1, filters)).reshape(len(x), filters, *windows.shape[1:3])
    y = y.transpose(0, 2, 3, 1)
    return y if b is None else y + b


# %% mistake="gemm_bias_missing" exercise="conv2d_im2col" fails="test_conv2d_im2col_values test_conv2d_im2col_strides test_conv2d_im2col_use"
"""You do not add the bias."""


def conv2d_im2col(x, w, b=None, strides=1, padding=0):
    kh, kw, channels, filters = w.shape
    x = np.pad(x, [(0, 0), (padding, padding), (padding, padding), (0, 0)])
    if x.shape[3] != channels or x.shape[1] < kh or x.shape[2] < kw:
        raise ValueError("the kernel does not fit")
    windows = np.lib.stride_tricks.sliding_window_view(x, (kh, kw), axis=(1, 2))
    windows = windows[:, ::strides, ::strides]
    columns = windows.transpose(0, 1, 2, 4, 5, 3).reshape(-1, kh * kw * channels)
    y = (columns @ w.reshape(-1, filters)).reshape(*windows.shape[:3], filters)
    return y


# %% mistake="gemm_bias_for_each_tap" exercise="conv2d_im2col" fails="test_conv2d_im2col_values test_conv2d_im2col_strides test_conv2d_im2col_use"
"""You add the bias once for each weight. It is added once to each output."""


def conv2d_im2col(x, w, b=None, strides=1, padding=0):
    kh, kw, channels, filters = w.shape
    x = np.pad(x, [(0, 0), (padding, padding), (padding, padding), (0, 0)])
    if x.shape[3] != channels or x.shape[1] < kh or x.shape[2] < kw:
        raise ValueError("the kernel does not fit")
    windows = np.lib.stride_tricks.sliding_window_view(x, (kh, kw), axis=(1, 2))
    windows = windows[:, ::strides, ::strides]
    columns = windows.transpose(0, 1, 2, 4, 5, 3).reshape(-1, kh * kw * channels)
    y = (columns @ w.reshape(-1, filters)).reshape(*windows.shape[:3], filters)
    return y if b is None else y + kh * kw * b


# %% mistake="bias_needed" exercise="conv2d_im2col" fails="test_conv2d_im2col_values test_conv2d_im2col_strides test_conv2d_im2col_use"
"""Your function fails if there is no bias. `b` may be None."""


def conv2d_im2col(x, w, b=None, strides=1, padding=0):
    kh, kw, channels, filters = w.shape
    x = np.pad(x, [(0, 0), (padding, padding), (padding, padding), (0, 0)])
    if x.shape[3] != channels or x.shape[1] < kh or x.shape[2] < kw:
        raise ValueError("the kernel does not fit")
    windows = np.lib.stride_tricks.sliding_window_view(x, (kh, kw), axis=(1, 2))
    windows = windows[:, ::strides, ::strides]
    columns = windows.transpose(0, 1, 2, 4, 5, 3).reshape(-1, kh * kw * channels)
    y = (columns @ w.reshape(-1, filters)).reshape(*windows.shape[:3], filters)
    return y + b


# %% mistake="gemm_strides_ignored" exercise="conv2d_im2col" fails="test_conv2d_im2col_strides"
"""You do not look at `strides`: keep every `strides`-th window, down and across."""


def conv2d_im2col(x, w, b=None, strides=1, padding=0):
    kh, kw, channels, filters = w.shape
    x = np.pad(x, [(0, 0), (padding, padding), (padding, padding), (0, 0)])
    if x.shape[3] != channels or x.shape[1] < kh or x.shape[2] < kw:
        raise ValueError("the kernel does not fit")
    windows = np.lib.stride_tricks.sliding_window_view(x, (kh, kw), axis=(1, 2))

    columns = windows.transpose(0, 1, 2, 4, 5, 3).reshape(-1, kh * kw * channels)
    y = (columns @ w.reshape(-1, filters)).reshape(*windows.shape[:3], filters)
    return y if b is None else y + b


# %% mistake="gemm_strides_down_only" exercise="conv2d_im2col" fails="test_conv2d_im2col_strides"
"""You use `strides` for the rows only. The window moves on by as much to the right."""


def conv2d_im2col(x, w, b=None, strides=1, padding=0):
    kh, kw, channels, filters = w.shape
    x = np.pad(x, [(0, 0), (padding, padding), (padding, padding), (0, 0)])
    if x.shape[3] != channels or x.shape[1] < kh or x.shape[2] < kw:
        raise ValueError("the kernel does not fit")
    windows = np.lib.stride_tricks.sliding_window_view(x, (kh, kw), axis=(1, 2))
    windows = windows[:, ::strides]
    columns = windows.transpose(0, 1, 2, 4, 5, 3).reshape(-1, kh * kw * channels)
    y = (columns @ w.reshape(-1, filters)).reshape(*windows.shape[:3], filters)
    return y if b is None else y + b


# %% mistake="gemm_padding_ignored" exercise="conv2d_im2col" fails="test_conv2d_im2col_strides"
"""You do not look at `padding`: so many lines of zeros are put on each side of the
picture."""


def conv2d_im2col(x, w, b=None, strides=1, padding=0):
    kh, kw, channels, filters = w.shape

    if x.shape[3] != channels or x.shape[1] < kh or x.shape[2] < kw:
        raise ValueError("the kernel does not fit")
    windows = np.lib.stride_tricks.sliding_window_view(x, (kh, kw), axis=(1, 2))
    windows = windows[:, ::strides, ::strides]
    columns = windows.transpose(0, 1, 2, 4, 5, 3).reshape(-1, kh * kw * channels)
    y = (columns @ w.reshape(-1, filters)).reshape(*windows.shape[:3], filters)
    return y if b is None else y + b


# %% mistake="gemm_padding_one_side" exercise="conv2d_im2col" fails="test_conv2d_im2col_strides"
"""You put zeros above and at the left only. The padding counts on each of the four
sides."""


def conv2d_im2col(x, w, b=None, strides=1, padding=0):
    kh, kw, channels, filters = w.shape
    x = np.pad(x, [(0, 0), (padding, 0), (padding, 0), (0, 0)])
    if x.shape[3] != channels or x.shape[1] < kh or x.shape[2] < kw:
        raise ValueError("the kernel does not fit")
    windows = np.lib.stride_tricks.sliding_window_view(x, (kh, kw), axis=(1, 2))
    windows = windows[:, ::strides, ::strides]
    columns = windows.transpose(0, 1, 2, 4, 5, 3).reshape(-1, kh * kw * channels)
    y = (columns @ w.reshape(-1, filters)).reshape(*windows.shape[:3], filters)
    return y if b is None else y + b


# %% mistake="channels_into_columns_unchecked" exercise="conv2d_im2col" fails="test_conv2d_im2col_use"
"""A kernel of other depth than the picture is computed without a word. The task asks
for a ValueError."""


def conv2d_im2col(x, w, b=None, strides=1, padding=0):
    kh, kw, channels, filters = w.shape
    x = np.pad(x, [(0, 0), (padding, padding), (padding, padding), (0, 0)])
    w = w[:, :, : x.shape[3]]
    channels = min(channels, x.shape[3])
    x = x[:, :, :, :channels]
    windows = np.lib.stride_tricks.sliding_window_view(x, (kh, kw), axis=(1, 2))
    windows = windows[:, ::strides, ::strides]
    columns = windows.transpose(0, 1, 2, 4, 5, 3).reshape(-1, kh * kw * channels)
    y = (columns @ w.reshape(-1, filters)).reshape(*windows.shape[:3], filters)
    return y if b is None else y + b


# %% mistake="gemm_dtype_of_picture" exercise="conv2d_im2col" fails="test_conv2d_im2col_use"
"""You convert the result to the dtype of the picture, so ints cut off the fractions of
the kernel. `np.result_type(x, w)` is the dtype of the product."""


def conv2d_im2col(x, w, b=None, strides=1, padding=0):
    kh, kw, channels, filters = w.shape
    x = np.pad(x, [(0, 0), (padding, padding), (padding, padding), (0, 0)])
    if x.shape[3] != channels or x.shape[1] < kh or x.shape[2] < kw:
        raise ValueError("the kernel does not fit")
    windows = np.lib.stride_tricks.sliding_window_view(x, (kh, kw), axis=(1, 2))
    windows = windows[:, ::strides, ::strides]
    columns = windows.transpose(0, 1, 2, 4, 5, 3).reshape(-1, kh * kw * channels)
    y = (columns @ w.reshape(-1, filters)).reshape(*windows.shape[:3], filters)
    y = y.astype(x.dtype)
    return y if b is None else (y + b).astype(x.dtype)


# %% mistake="gemm_float64" exercise="conv2d_im2col" fails="test_conv2d_im2col_use"
"""Your result is float64 for float32 pictures and kernels: an array without a `dtype`,
or a float64 constant, has crept in."""


def conv2d_im2col(x, w, b=None, strides=1, padding=0):
    kh, kw, channels, filters = w.shape
    x = np.pad(x, [(0, 0), (padding, padding), (padding, padding), (0, 0)])
    if x.shape[3] != channels or x.shape[1] < kh or x.shape[2] < kw:
        raise ValueError("the kernel does not fit")
    windows = np.lib.stride_tricks.sliding_window_view(x, (kh, kw), axis=(1, 2))
    windows = windows[:, ::strides, ::strides]
    columns = windows.transpose(0, 1, 2, 4, 5, 3).reshape(-1, kh * kw * channels)
    y = (columns @ w.reshape(-1, filters)).reshape(*windows.shape[:3], filters)
    y = y.astype(np.float64)
    return y if b is None else y + b


# %% mistake="tap_overwrites" exercise="conv2d_shift_gemm" fails="test_conv2d_shift_gemm_values test_conv2d_shift_gemm_strides test_conv2d_shift_gemm_use"
"""Each tap overwrites what the taps before it gave, so only the last one counts. Add
them up."""


def conv2d_shift_gemm(x, w, b=None, strides=1, padding=0):
    kh, kw, channels, filters = w.shape
    x = np.pad(x, [(0, 0), (padding, padding), (padding, padding), (0, 0)])
    if x.shape[3] != channels or x.shape[1] < kh or x.shape[2] < kw:
        raise ValueError("the kernel does not fit")
    rows = (x.shape[1] - kh) // strides + 1
    columns = (x.shape[2] - kw) // strides + 1
    y = np.zeros((len(x), rows, columns, filters), dtype=np.result_type(x, w))
    for i in range(kh):
        for j in range(kw):
            bottom, right = i + strides * rows, j + strides * columns
            shifted = x[:, i:bottom:strides, j:right:strides]
            y = shifted @ w[i, j]
    return y if b is None else y + b


# %% mistake="shifted_the_other_way" exercise="conv2d_shift_gemm" fails="test_conv2d_shift_gemm_values test_conv2d_shift_gemm_strides test_conv2d_shift_gemm_use"
"""You shift the picture the other way, so your kernel is flipped. With tap (a, b)
output (i, j) meets pixel (i + a, j + b)."""


def conv2d_shift_gemm(x, w, b=None, strides=1, padding=0):
    kh, kw, channels, filters = w.shape
    x = np.pad(x, [(0, 0), (padding, padding), (padding, padding), (0, 0)])
    if x.shape[3] != channels or x.shape[1] < kh or x.shape[2] < kw:
        raise ValueError("the kernel does not fit")
    rows = (x.shape[1] - kh) // strides + 1
    columns = (x.shape[2] - kw) // strides + 1
    y = np.zeros((len(x), rows, columns, filters), dtype=np.result_type(x, w))
    for i in range(kh):
        for j in range(kw):
            bottom, right = i + strides * rows, j + strides * columns
            shifted = x[:, i:bottom:strides, j:right:strides]
            y += shifted @ w[kh - 1 - i, kw - 1 - j]
    return y if b is None else y + b


# %% mistake="tap_indices_swapped" exercise="conv2d_shift_gemm" fails="test_conv2d_shift_gemm_values test_conv2d_shift_gemm_strides test_conv2d_shift_gemm_use"
"""Your tap's row shifts the picture sideways and its column shifts it down. Axis 1 of
`x` is the height."""


def conv2d_shift_gemm(x, w, b=None, strides=1, padding=0):
    kh, kw, channels, filters = w.shape
    x = np.pad(x, [(0, 0), (padding, padding), (padding, padding), (0, 0)])
    if x.shape[3] != channels or x.shape[1] < kh or x.shape[2] < kw:
        raise ValueError("the kernel does not fit")
    rows = (x.shape[1] - kh) // strides + 1
    columns = (x.shape[2] - kw) // strides + 1
    y = np.zeros((len(x), rows, columns, filters), dtype=np.result_type(x, w))
    for i in range(kh):
        for j in range(kw):
            shifted = x[
                :, j : j + strides * rows : strides, i : i + strides * columns : strides
            ]
            y += shifted @ w[i, j]
    return y if b is None else y + b


# %% mistake="windows_after_all" exercise="conv2d_shift_gemm" fails="test_conv2d_shift_gemm_use"
"""You lay the windows out, which is exercise 3. Here each tap is multiplied by itself,
and no pixel is copied for it."""


def conv2d_shift_gemm(x, w, b=None, strides=1, padding=0):
    x = np.pad(x, [(0, 0), (padding, padding), (padding, padding), (0, 0)])
    view = np.lib.stride_tricks.sliding_window_view(x, w.shape[:2], axis=(1, 2))
    y = np.tensordot(view[:, ::strides, ::strides], w, ((4, 5, 3), (0, 1, 2)))
    return y if b is None else y + b


# %% mistake="bias_added_for_each_tap" exercise="conv2d_shift_gemm" fails="test_conv2d_shift_gemm_values test_conv2d_shift_gemm_strides test_conv2d_shift_gemm_use"
"""You add the bias inside the loop, once for each tap. It is added once to each
output."""


def conv2d_shift_gemm(x, w, b=None, strides=1, padding=0):
    kh, kw, channels, filters = w.shape
    x = np.pad(x, [(0, 0), (padding, padding), (padding, padding), (0, 0)])
    if x.shape[3] != channels or x.shape[1] < kh or x.shape[2] < kw:
        raise ValueError("the kernel does not fit")
    rows = (x.shape[1] - kh) // strides + 1
    columns = (x.shape[2] - kw) // strides + 1
    y = np.zeros((len(x), rows, columns, filters), dtype=np.result_type(x, w))
    for i in range(kh):
        for j in range(kw):
            bottom, right = i + strides * rows, j + strides * columns
            shifted = x[:, i:bottom:strides, j:right:strides]
            y += shifted @ w[i, j] + (0 if b is None else b)
    return y


# %% mistake="shift_bias_missing" exercise="conv2d_shift_gemm" fails="test_conv2d_shift_gemm_values test_conv2d_shift_gemm_strides test_conv2d_shift_gemm_use"
"""You do not add the bias."""


def conv2d_shift_gemm(x, w, b=None, strides=1, padding=0):
    kh, kw, channels, filters = w.shape
    x = np.pad(x, [(0, 0), (padding, padding), (padding, padding), (0, 0)])
    if x.shape[3] != channels or x.shape[1] < kh or x.shape[2] < kw:
        raise ValueError("the kernel does not fit")
    rows = (x.shape[1] - kh) // strides + 1
    columns = (x.shape[2] - kw) // strides + 1
    y = np.zeros((len(x), rows, columns, filters), dtype=np.result_type(x, w))
    for i in range(kh):
        for j in range(kw):
            bottom, right = i + strides * rows, j + strides * columns
            shifted = x[:, i:bottom:strides, j:right:strides]
            y += shifted @ w[i, j]
    return y


# %% mistake="transposed_tap" exercise="conv2d_shift_gemm" fails="test_conv2d_shift_gemm_values test_conv2d_shift_gemm_strides"
"""You multiply with the transposed weights of a tap. They have the shape (C_in, C_out)
already: channels of the picture times that gives filters."""


def conv2d_shift_gemm(x, w, b=None, strides=1, padding=0):
    kh, kw, channels, filters = w.shape
    x = np.pad(x, [(0, 0), (padding, padding), (padding, padding), (0, 0)])
    if x.shape[3] != channels or x.shape[1] < kh or x.shape[2] < kw:
        raise ValueError("the kernel does not fit")
    rows = (x.shape[1] - kh) // strides + 1
    columns = (x.shape[2] - kw) // strides + 1
    y = np.zeros((len(x), rows, columns, filters), dtype=np.result_type(x, w))
    for i in range(kh):
        for j in range(kw):
            bottom, right = i + strides * rows, j + strides * columns
            shifted = x[:, i:bottom:strides, j:right:strides]
            y += shifted @ w[i, j].reshape(filters, channels).T
    return y if b is None else y + b


# %% mistake="channels_averaged" exercise="conv2d_shift_gemm" fails="test_conv2d_shift_gemm_values test_conv2d_shift_gemm_strides test_conv2d_shift_gemm_use"
"""You take the mean over the channels. A filter adds its channels up, as the matrix
product does."""


def conv2d_shift_gemm(x, w, b=None, strides=1, padding=0):
    kh, kw, channels, filters = w.shape
    x = np.pad(x, [(0, 0), (padding, padding), (padding, padding), (0, 0)])
    if x.shape[3] != channels or x.shape[1] < kh or x.shape[2] < kw:
        raise ValueError("the kernel does not fit")
    rows = (x.shape[1] - kh) // strides + 1
    columns = (x.shape[2] - kw) // strides + 1
    y = np.zeros((len(x), rows, columns, filters), dtype=np.result_type(x, w))
    for i in range(kh):
        for j in range(kw):
            bottom, right = i + strides * rows, j + strides * columns
            shifted = x[:, i:bottom:strides, j:right:strides]
            y += shifted @ w[i, j] / channels
    return y if b is None else y + b


# %% mistake="shift_strides_ignored" exercise="conv2d_shift_gemm" fails="test_conv2d_shift_gemm_strides"
"""You do not look at `strides`: every tap meets every `strides`-th pixel, from its own
shift on."""


def conv2d_shift_gemm(x, w, b=None, strides=1, padding=0):
    kh, kw, channels, filters = w.shape
    strides = 1
    x = np.pad(x, [(0, 0), (padding, padding), (padding, padding), (0, 0)])
    if x.shape[3] != channels or x.shape[1] < kh or x.shape[2] < kw:
        raise ValueError("the kernel does not fit")
    rows = (x.shape[1] - kh) // strides + 1
    columns = (x.shape[2] - kw) // strides + 1
    y = np.zeros((len(x), rows, columns, filters), dtype=np.result_type(x, w))
    for i in range(kh):
        for j in range(kw):
            bottom, right = i + strides * rows, j + strides * columns
            shifted = x[:, i:bottom:strides, j:right:strides]
            y += shifted @ w[i, j]
    return y if b is None else y + b


# %% mistake="taps_spread_by_strides" exercise="conv2d_shift_gemm" fails="test_conv2d_shift_gemm_strides"
"""You multiply the shift of a tap by the strides, or leave out pixels before you shift.
That is dilation: with strides the windows are apart, the taps still touch."""


def conv2d_shift_gemm(x, w, b=None, strides=1, padding=0):
    kh, kw, channels, filters = w.shape
    x = np.pad(x, [(0, 0), (padding, padding), (padding, padding), (0, 0)])
    if x.shape[3] != channels or x.shape[1] < kh or x.shape[2] < kw:
        raise ValueError("the kernel does not fit")
    rows = (x.shape[1] - strides * (kh - 1) - 1) // strides + 1
    columns = (x.shape[2] - strides * (kw - 1) - 1) // strides + 1
    y = np.zeros((len(x), rows, columns, filters), dtype=np.result_type(x, w))
    for i in range(kh):
        for j in range(kw):
            shifted = x[:, i * strides :: strides, j * strides :: strides][
                :, :rows, :columns
            ]
            y += shifted @ w[i, j]
    return y if b is None else y + b


# %% mistake="shift_padding_ignored" exercise="conv2d_shift_gemm" fails="test_conv2d_shift_gemm_strides"
"""You do not look at `padding`: so many lines of zeros are put on each side of the
picture."""


def conv2d_shift_gemm(x, w, b=None, strides=1, padding=0):
    kh, kw, channels, filters = w.shape

    if x.shape[3] != channels or x.shape[1] < kh or x.shape[2] < kw:
        raise ValueError("the kernel does not fit")
    rows = (x.shape[1] - kh) // strides + 1
    columns = (x.shape[2] - kw) // strides + 1
    y = np.zeros((len(x), rows, columns, filters), dtype=np.result_type(x, w))
    for i in range(kh):
        for j in range(kw):
            bottom, right = i + strides * rows, j + strides * columns
            shifted = x[:, i:bottom:strides, j:right:strides]
            y += shifted @ w[i, j]
    return y if b is None else y + b


# %% mistake="rolled_in_a_circle" exercise="conv2d_shift_gemm" fails="test_conv2d_shift_gemm_strides"
"""You shift with `np.roll`, which brings back at one side what left at the other. Put
zeros around the picture first."""


def conv2d_shift_gemm(x, w, b=None, strides=1, padding=0):
    kh, kw, channels, filters = w.shape
    height, width = x.shape[1] + 2 * padding, x.shape[2] + 2 * padding
    if x.shape[3] != channels or height < kh or width < kw:
        raise ValueError("the kernel does not fit")
    rows, columns = (height - kh) // strides + 1, (width - kw) // strides + 1
    across = np.arange(rows)[:, None] * strides, np.arange(columns)[None, :] * strides
    y = np.zeros((len(x), rows, columns, filters), dtype=np.result_type(x, w))
    for i in range(kh):
        for j in range(kw):
            shifted = np.roll(x, (padding - i, padding - j), axis=(1, 2))
            seen = shifted[:, across[0] % x.shape[1], across[1] % x.shape[2]]
            y += seen @ w[i, j]
    return y if b is None else y + b


# %% mistake="shift_dtype_of_picture" exercise="conv2d_shift_gemm" fails="test_conv2d_shift_gemm_use"
"""Your sum has the dtype of the picture: ints cut off the fractions, or refuse them.
`np.result_type(x, w)` is the dtype of the product."""


def conv2d_shift_gemm(x, w, b=None, strides=1, padding=0):
    kh, kw, channels, filters = w.shape
    x = np.pad(x, [(0, 0), (padding, padding), (padding, padding), (0, 0)])
    if x.shape[3] != channels or x.shape[1] < kh or x.shape[2] < kw:
        raise ValueError("the kernel does not fit")
    rows = (x.shape[1] - kh) // strides + 1
    columns = (x.shape[2] - kw) // strides + 1
    y = np.zeros((len(x), rows, columns, filters), dtype=x.dtype)
    for i in range(kh):
        for j in range(kw):
            bottom, right = i + strides * rows, j + strides * columns
            shifted = x[:, i:bottom:strides, j:right:strides]
            y += shifted @ w[i, j]
    return y if b is None else y + b


# %% mistake="shift_float64" exercise="conv2d_shift_gemm" fails="test_conv2d_shift_gemm_use"
"""Your result is float64 for float32 pictures and kernels. `np.zeros` needs a `dtype`
to make anything else."""


def conv2d_shift_gemm(x, w, b=None, strides=1, padding=0):
    kh, kw, channels, filters = w.shape
    x = np.pad(x, [(0, 0), (padding, padding), (padding, padding), (0, 0)])
    if x.shape[3] != channels or x.shape[1] < kh or x.shape[2] < kw:
        raise ValueError("the kernel does not fit")
    rows = (x.shape[1] - kh) // strides + 1
    columns = (x.shape[2] - kw) // strides + 1
    y = np.zeros((len(x), rows, columns, filters), dtype=np.float64)
    for i in range(kh):
        for j in range(kw):
            bottom, right = i + strides * rows, j + strides * columns
            shifted = x[:, i:bottom:strides, j:right:strides]
            y += shifted @ w[i, j]
    return y if b is None else y + b


# %% mistake="shift_no_error" exercise="conv2d_shift_gemm" fails="test_conv2d_shift_gemm_use"
"""A kernel larger than the picture gives an empty result. The task asks for a
ValueError."""


def conv2d_shift_gemm(x, w, b=None, strides=1, padding=0):
    kh, kw, _, filters = w.shape
    x = np.pad(x, [(0, 0), (padding, padding), (padding, padding), (0, 0)])
    rows = max((x.shape[1] - kh) // strides + 1, 0)
    columns = max((x.shape[2] - kw) // strides + 1, 0)
    y = np.zeros((len(x), rows, columns, filters), dtype=np.result_type(x, w))
    for i in range(kh):
        for j in range(kw):
            bottom, right = i + strides * rows, j + strides * columns
            shifted = x[:, i:bottom:strides, j:right:strides][:, :rows, :columns]
            y += shifted @ w[i, j]
    return y if b is None else y + b


# %% mistake="true_convolution" exercise="conv2d_fft" fails="test_conv2d_fft_values test_conv2d_fft_strides test_conv2d_fft_large"
"""This is true convolution, as the theorem says it. A layer correlates: flip the kernel
first or conjugate its spectrum, but not both."""


def conv2d_fft(x, w, b=None, strides=1, padding=0):
    kh, kw, channels, _ = w.shape
    x = np.pad(x, [(0, 0), (padding, padding), (padding, padding), (0, 0)])
    if x.shape[3] != channels or x.shape[1] < kh or x.shape[2] < kw:
        raise ValueError("the kernel does not fit")
    size = x.shape[1:3]
    pictures = np.fft.rfft2(x, size, axes=(1, 2)).transpose(1, 2, 0, 3)
    kernels = np.fft.rfft2(w, size, axes=(0, 1))
    spectra = (pictures @ kernels).transpose(2, 0, 1, 3)
    y = np.fft.irfft2(spectra, size, axes=(1, 2))
    y = y[:, kh - 1 :: strides, kw - 1 :: strides]
    y = y.astype(np.result_type(x, w))
    return y if b is None else y + b


# %% mistake="wrapped_part_kept" exercise="conv2d_fft" fails="test_conv2d_fft_values test_conv2d_fft_strides test_conv2d_fft_large"
"""You flip the kernel and keep the first entries, but those are made of both ends of
the picture. With a flipped kernel the windows that fit begin at (kh - 1, kw - 1)."""


def conv2d_fft(x, w, b=None, strides=1, padding=0):
    kh, kw, channels, _ = w.shape
    x = np.pad(x, [(0, 0), (padding, padding), (padding, padding), (0, 0)])
    if x.shape[3] != channels or x.shape[1] < kh or x.shape[2] < kw:
        raise ValueError("the kernel does not fit")
    height, width = x.shape[1:3]
    size = x.shape[1:3]
    pictures = np.fft.rfft2(x, size, axes=(1, 2)).transpose(1, 2, 0, 3)
    kernels = np.fft.rfft2(w[::-1, ::-1], size, axes=(0, 1))
    spectra = (pictures @ kernels).transpose(2, 0, 1, 3)
    y = np.fft.irfft2(spectra, size, axes=(1, 2))
    y = y[:, : height - kh + 1 : strides, : width - kw + 1 : strides]
    y = y.astype(np.result_type(x, w))
    return y if b is None else y + b


# %% mistake="end_kept_for_begin" exercise="conv2d_fft" fails="test_conv2d_fft_values test_conv2d_fft_strides test_conv2d_fft_large"
"""You conjugate the spectrum and keep the last entries, but those are made of both ends
of the picture. With a conjugated spectrum the windows that fit come first."""


def conv2d_fft(x, w, b=None, strides=1, padding=0):
    kh, kw, channels, _ = w.shape
    x = np.pad(x, [(0, 0), (padding, padding), (padding, padding), (0, 0)])
    if x.shape[3] != channels or x.shape[1] < kh or x.shape[2] < kw:
        raise ValueError("the kernel does not fit")
    size = x.shape[1:3]
    pictures = np.fft.rfft2(x, size, axes=(1, 2)).transpose(1, 2, 0, 3)
    kernels = np.fft.rfft2(w, size, axes=(0, 1)).conj()
    spectra = (pictures @ kernels).transpose(2, 0, 1, 3)
    y = np.fft.irfft2(spectra, size, axes=(1, 2))
    y = y[:, kh - 1 :: strides, kw - 1 :: strides]
    y = y.astype(np.result_type(x, w))
    return y if b is None else y + b


# %% mistake="circle_not_cut" exercise="conv2d_fft" fails="test_conv2d_fft_values test_conv2d_fft_strides test_conv2d_fft_large"
"""Your result is as large as the picture: the entries in which the window wraps around
are still there. Only the windows that fit count."""


def conv2d_fft(x, w, b=None, strides=1, padding=0):
    kh, kw, channels, _ = w.shape
    x = np.pad(x, [(0, 0), (padding, padding), (padding, padding), (0, 0)])
    if x.shape[3] != channels or x.shape[1] < kh or x.shape[2] < kw:
        raise ValueError("the kernel does not fit")
    size = x.shape[1:3]
    pictures = np.fft.rfft2(x, size, axes=(1, 2)).transpose(1, 2, 0, 3)
    kernels = np.fft.rfft2(w, size, axes=(0, 1)).conj()
    spectra = (pictures @ kernels).transpose(2, 0, 1, 3)
    y = np.fft.irfft2(spectra, size, axes=(1, 2))
    y = y[:, ::strides, ::strides]
    y = y.astype(np.result_type(x, w))
    return y if b is None else y + b


# %% mistake="full_convolution" exercise="conv2d_fft" fails="test_conv2d_fft_values test_conv2d_fft_strides test_conv2d_fft_large"
"""You return all places where the kernel touches the picture. Only the windows that lie
wholly on it count."""


def conv2d_fft(x, w, b=None, strides=1, padding=0):
    kh, kw, channels, _ = w.shape
    x = np.pad(x, [(0, 0), (padding, padding), (padding, padding), (0, 0)])
    if x.shape[3] != channels or x.shape[1] < kh or x.shape[2] < kw:
        raise ValueError("the kernel does not fit")
    height, width = x.shape[1:3]
    size = (height + kh - 1, width + kw - 1)
    pictures = np.fft.rfft2(x, size, axes=(1, 2)).transpose(1, 2, 0, 3)
    kernels = np.fft.rfft2(w[::-1, ::-1], size, axes=(0, 1))
    spectra = (pictures @ kernels).transpose(2, 0, 1, 3)
    y = np.fft.irfft2(spectra, size, axes=(1, 2))
    y = y[:, ::strides, ::strides]
    y = y.astype(np.result_type(x, w))
    return y if b is None else y + b


# %% mistake="picture_conjugated" exercise="conv2d_fft" fails="test_conv2d_fft_values test_conv2d_fft_strides test_conv2d_fft_large"
"""You conjugate the spectrum of the picture instead of that of the kernel, which turns
the result around."""


def conv2d_fft(x, w, b=None, strides=1, padding=0):
    kh, kw, channels, _ = w.shape
    x = np.pad(x, [(0, 0), (padding, padding), (padding, padding), (0, 0)])
    if x.shape[3] != channels or x.shape[1] < kh or x.shape[2] < kw:
        raise ValueError("the kernel does not fit")
    height, width = x.shape[1:3]
    size = x.shape[1:3]
    pictures = np.fft.rfft2(x, size, axes=(1, 2)).transpose(1, 2, 0, 3).conj()
    kernels = np.fft.rfft2(w, size, axes=(0, 1))
    spectra = (pictures @ kernels).transpose(2, 0, 1, 3)
    y = np.fft.irfft2(spectra, size, axes=(1, 2))
    y = y[:, : height - kh + 1 : strides, : width - kw + 1 : strides]
    y = y.astype(np.result_type(x, w))
    return y if b is None else y + b


# %% mistake="complex_output" exercise="conv2d_fft" fails="test_conv2d_fft_values test_conv2d_fft_strides test_conv2d_fft_rules test_conv2d_fft_large"
"""Your result is complex. What is left of the imaginary part is rounding: take the real
part, or use `np.fft.irfft2`."""


def conv2d_fft(x, w, b=None, strides=1, padding=0):
    kh, kw, channels, _ = w.shape
    x = np.pad(x, [(0, 0), (padding, padding), (padding, padding), (0, 0)])
    if x.shape[3] != channels or x.shape[1] < kh or x.shape[2] < kw:
        raise ValueError("the kernel does not fit")
    height, width = x.shape[1:3]
    size = x.shape[1:3]
    pictures = np.fft.fft2(x, size, axes=(1, 2)).transpose(1, 2, 0, 3)
    kernels = np.fft.fft2(w, size, axes=(0, 1)).conj()
    spectra = (pictures @ kernels).transpose(2, 0, 1, 3)
    y = np.fft.ifft2(spectra, axes=(1, 2))
    y = y[:, : height - kh + 1 : strides, : width - kw + 1 : strides]
    return y if b is None else y + b


# %% mistake="magnitude_for_real_part" exercise="conv2d_fft" fails="test_conv2d_fft_values test_conv2d_fft_strides test_conv2d_fft_large"
"""You take the magnitude of the complex result, which makes negative outputs positive.
Take the real part."""


def conv2d_fft(x, w, b=None, strides=1, padding=0):
    kh, kw, channels, _ = w.shape
    x = np.pad(x, [(0, 0), (padding, padding), (padding, padding), (0, 0)])
    if x.shape[3] != channels or x.shape[1] < kh or x.shape[2] < kw:
        raise ValueError("the kernel does not fit")
    height, width = x.shape[1:3]
    size = x.shape[1:3]
    pictures = np.fft.fft2(x, size, axes=(1, 2)).transpose(1, 2, 0, 3)
    kernels = np.fft.fft2(w, size, axes=(0, 1)).conj()
    spectra = (pictures @ kernels).transpose(2, 0, 1, 3)
    y = np.abs(np.fft.ifft2(spectra, axes=(1, 2)))
    y = y[:, : height - kh + 1 : strides, : width - kw + 1 : strides]
    y = y.astype(np.result_type(x, w))
    return y if b is None else y + b


# %% mistake="odd_width_lost" exercise="conv2d_fft" fails="test_conv2d_fft_values test_conv2d_fft_strides"
"""`np.fft.irfft2` cannot know whether the width was even or odd and takes it as even.
Give it the size."""


def conv2d_fft(x, w, b=None, strides=1, padding=0):
    kh, kw, channels, _ = w.shape
    x = np.pad(x, [(0, 0), (padding, padding), (padding, padding), (0, 0)])
    if x.shape[3] != channels or x.shape[1] < kh or x.shape[2] < kw:
        raise ValueError("the kernel does not fit")
    height, width = x.shape[1:3]
    size = x.shape[1:3]
    pictures = np.fft.rfft2(x, size, axes=(1, 2)).transpose(1, 2, 0, 3)
    kernels = np.fft.rfft2(w, size, axes=(0, 1)).conj()
    spectra = (pictures @ kernels).transpose(2, 0, 1, 3)
    y = np.fft.irfft2(spectra, axes=(1, 2))
    y = y[:, : height - kh + 1 : strides, : width - kw + 1 : strides]
    y = y.astype(np.result_type(x, w))
    return y if b is None else y + b


# %% mistake="last_two_axes_transformed" exercise="conv2d_fft" fails="test_conv2d_fft_values test_conv2d_fft_strides test_conv2d_fft_large"
"""You transform the last two axes, which are width and channels. Tell the transform its
axes: (1, 2) for pictures, (0, 1) for kernels."""


def conv2d_fft(x, w, b=None, strides=1, padding=0):
    kh, kw, channels, _ = w.shape
    x = np.pad(x, [(0, 0), (padding, padding), (padding, padding), (0, 0)])
    if x.shape[3] != channels or x.shape[1] < kh or x.shape[2] < kw:
        raise ValueError("the kernel does not fit")
    height, width = x.shape[1:3]
    size = x.shape[1:3]
    pictures = np.fft.fft2(x).transpose(1, 2, 0, 3)
    kernels = np.fft.fft2(w, size, axes=(0, 1)).conj()
    spectra = (pictures @ kernels).transpose(2, 0, 1, 3)
    y = np.fft.ifft2(spectra, axes=(1, 2)).real
    y = y[:, : height - kh + 1 : strides, : width - kw + 1 : strides]
    y = y.astype(np.result_type(x, w))
    return y if b is None else y + b


# %% mistake="kernel_not_enlarged" exercise="conv2d_fft" fails="test_conv2d_fft_values test_conv2d_fft_strides test_conv2d_fft_rules test_conv2d_fft_large"
"""You transform the kernel at its own size, so its spectrum does not match that of the
picture. Give `rfft2` the size of the picture."""


def conv2d_fft(x, w, b=None, strides=1, padding=0):
    kh, kw, channels, _ = w.shape
    x = np.pad(x, [(0, 0), (padding, padding), (padding, padding), (0, 0)])
    if x.shape[3] != channels or x.shape[1] < kh or x.shape[2] < kw:
        raise ValueError("the kernel does not fit")
    height, width = x.shape[1:3]
    size = x.shape[1:3]
    pictures = np.fft.rfft2(x, size, axes=(1, 2)).transpose(1, 2, 0, 3)
    kernels = np.fft.rfft2(w, axes=(0, 1)).conj()
    spectra = (pictures @ kernels).transpose(2, 0, 1, 3)
    y = np.fft.irfft2(spectra, size, axes=(1, 2))
    y = y[:, : height - kh + 1 : strides, : width - kw + 1 : strides]
    y = y.astype(np.result_type(x, w))
    return y if b is None else y + b


# %% mistake="bias_in_the_spectrum" exercise="conv2d_fft" fails="test_conv2d_fft_values test_conv2d_fft_strides"
"""You add the bias to the spectrum, where it becomes a spike in a corner of the
picture. Add it after the transform back."""


def conv2d_fft(x, w, b=None, strides=1, padding=0):
    kh, kw, channels, _ = w.shape
    x = np.pad(x, [(0, 0), (padding, padding), (padding, padding), (0, 0)])
    if x.shape[3] != channels or x.shape[1] < kh or x.shape[2] < kw:
        raise ValueError("the kernel does not fit")
    height, width = x.shape[1:3]
    size = x.shape[1:3]
    pictures = np.fft.rfft2(x, size, axes=(1, 2)).transpose(1, 2, 0, 3)
    kernels = np.fft.rfft2(w, size, axes=(0, 1)).conj()
    spectra = (pictures @ kernels).transpose(2, 0, 1, 3)
    if b is not None:
        spectra = spectra + b
    y = np.fft.irfft2(spectra, size, axes=(1, 2))
    y = y[:, : height - kh + 1 : strides, : width - kw + 1 : strides]
    y = y.astype(np.result_type(x, w))
    return y


# %% mistake="fft_bias_missing" exercise="conv2d_fft" fails="test_conv2d_fft_values test_conv2d_fft_strides"
"""You do not add the bias."""


def conv2d_fft(x, w, b=None, strides=1, padding=0):
    kh, kw, channels, _ = w.shape
    x = np.pad(x, [(0, 0), (padding, padding), (padding, padding), (0, 0)])
    if x.shape[3] != channels or x.shape[1] < kh or x.shape[2] < kw:
        raise ValueError("the kernel does not fit")
    height, width = x.shape[1:3]
    size = x.shape[1:3]
    pictures = np.fft.rfft2(x, size, axes=(1, 2)).transpose(1, 2, 0, 3)
    kernels = np.fft.rfft2(w, size, axes=(0, 1)).conj()
    spectra = (pictures @ kernels).transpose(2, 0, 1, 3)
    y = np.fft.irfft2(spectra, size, axes=(1, 2))
    y = y[:, : height - kh + 1 : strides, : width - kw + 1 : strides]
    y = y.astype(np.result_type(x, w))
    return y


# %% mistake="fft_strides_ignored" exercise="conv2d_fft" fails="test_conv2d_fft_strides"
"""You do not look at `strides`: keep every `strides`-th output, down and across."""


def conv2d_fft(x, w, b=None, strides=1, padding=0):
    kh, kw, channels, _ = w.shape
    x = np.pad(x, [(0, 0), (padding, padding), (padding, padding), (0, 0)])
    if x.shape[3] != channels or x.shape[1] < kh or x.shape[2] < kw:
        raise ValueError("the kernel does not fit")
    height, width = x.shape[1:3]
    size = x.shape[1:3]
    pictures = np.fft.rfft2(x, size, axes=(1, 2)).transpose(1, 2, 0, 3)
    kernels = np.fft.rfft2(w, size, axes=(0, 1)).conj()
    spectra = (pictures @ kernels).transpose(2, 0, 1, 3)
    y = np.fft.irfft2(spectra, size, axes=(1, 2))
    y = y[:, : height - kh + 1, : width - kw + 1]
    y = y.astype(np.result_type(x, w))
    return y if b is None else y + b


# %% mistake="fft_padding_ignored" exercise="conv2d_fft" fails="test_conv2d_fft_strides"
"""You do not look at `padding`: so many lines of zeros are put on each side of the
picture."""


def conv2d_fft(x, w, b=None, strides=1, padding=0):
    kh, kw, channels, _ = w.shape

    if x.shape[3] != channels or x.shape[1] < kh or x.shape[2] < kw:
        raise ValueError("the kernel does not fit")
    height, width = x.shape[1:3]
    size = x.shape[1:3]
    pictures = np.fft.rfft2(x, size, axes=(1, 2)).transpose(1, 2, 0, 3)
    kernels = np.fft.rfft2(w, size, axes=(0, 1)).conj()
    spectra = (pictures @ kernels).transpose(2, 0, 1, 3)
    y = np.fft.irfft2(spectra, size, axes=(1, 2))
    y = y[:, : height - kh + 1 : strides, : width - kw + 1 : strides]
    y = y.astype(np.result_type(x, w))
    return y if b is None else y + b


# %% mistake="padded_behind_only" exercise="conv2d_fft" fails="test_conv2d_fft_strides"
"""You put all zeros of the padding behind the picture. Half of them belong above it and
at its left, or the result is shifted."""


def conv2d_fft(x, w, b=None, strides=1, padding=0):
    kh, kw, channels, _ = w.shape
    x = np.pad(x, [(0, 0), (0, 2 * padding), (0, 2 * padding), (0, 0)])
    if x.shape[3] != channels or x.shape[1] < kh or x.shape[2] < kw:
        raise ValueError("the kernel does not fit")
    height, width = x.shape[1:3]
    size = x.shape[1:3]
    pictures = np.fft.rfft2(x, size, axes=(1, 2)).transpose(1, 2, 0, 3)
    kernels = np.fft.rfft2(w, size, axes=(0, 1)).conj()
    spectra = (pictures @ kernels).transpose(2, 0, 1, 3)
    y = np.fft.irfft2(spectra, size, axes=(1, 2))
    y = y[:, : height - kh + 1 : strides, : width - kw + 1 : strides]
    y = y.astype(np.result_type(x, w))
    return y if b is None else y + b


# %% mistake="fft_float64" exercise="conv2d_fft" fails="test_conv2d_fft_rules"
"""Your result is float64 for float32 pictures and kernels. Convert it at the end with
`astype(np.result_type(x, w))`."""


def conv2d_fft(x, w, b=None, strides=1, padding=0):
    kh, kw, channels, _ = w.shape
    x = np.pad(x, [(0, 0), (padding, padding), (padding, padding), (0, 0)])
    if x.shape[3] != channels or x.shape[1] < kh or x.shape[2] < kw:
        raise ValueError("the kernel does not fit")
    height, width = x.shape[1:3]
    size = x.shape[1:3]
    pictures = np.fft.rfft2(x, size, axes=(1, 2)).transpose(1, 2, 0, 3)
    kernels = np.fft.rfft2(w, size, axes=(0, 1)).conj()
    spectra = (pictures @ kernels).transpose(2, 0, 1, 3)
    y = np.fft.irfft2(spectra, size, axes=(1, 2))
    y = y[:, : height - kh + 1 : strides, : width - kw + 1 : strides]
    y = y.astype(np.float64)
    return y if b is None else y + b


# %% mistake="fft_no_error" exercise="conv2d_fft" fails="test_conv2d_fft_rules"
"""A kernel larger than the picture is cut to its size without a word. The task asks for
a ValueError."""


def conv2d_fft(x, w, b=None, strides=1, padding=0):
    kh, kw, channels, _ = w.shape
    x = np.pad(x, [(0, 0), (padding, padding), (padding, padding), (0, 0)])
    if x.shape[3] != channels:
        raise ValueError("different numbers of channels")
    height, width = x.shape[1:3]
    size = x.shape[1:3]
    pictures = np.fft.rfft2(x, size, axes=(1, 2)).transpose(1, 2, 0, 3)
    kernels = np.fft.rfft2(w, size, axes=(0, 1)).conj()
    spectra = (pictures @ kernels).transpose(2, 0, 1, 3)
    y = np.fft.irfft2(spectra, size, axes=(1, 2))
    y = y[:, : max(height - kh + 1, 0) : strides, : max(width - kw + 1, 0) : strides]
    y = y.astype(np.result_type(x, w))
    return y if b is None else y + b


# %% mistake="places_are_pixels" exercise="algorithm_costs" fails="test_algorithm_costs_products"
"""You count a window for each pixel of the picture. Without padding there are only H -
kh + 1 by W - kw + 1 places."""


def algorithm_costs(x_shape, w_shape):
    (batch, height, width, _), (kh, kw, channels, filters) = x_shape, w_shape
    places = batch * height * width
    pixels = height * width
    windows = places * kh * kw * channels
    transforms = batch * channels + channels * filters + batch * filters
    keys = ("multiply_adds", "moved", "butterflies", "memory")
    butterflies = transforms * pixels * int(np.ceil(np.log2(pixels)))
    counts = {
        "im2col": (windows * filters, windows, 0, windows),
        "shift_gemm": (
            windows * filters,
            places * kh * kw * filters,
            0,
            places * filters,
        ),
        "fft": (
            2 * pixels * batch * channels * filters,
            0,
            butterflies,
            transforms * pixels,
        ),
    }
    return {name: dict(zip(keys, row, strict=True)) for name, row in counts.items()}


# %% mistake="one_picture_counted" exercise="algorithm_costs" fails="test_algorithm_costs_products"
"""You count the places of one picture. The batch has B of them."""


def algorithm_costs(x_shape, w_shape):
    (batch, height, width, _), (kh, kw, channels, filters) = x_shape, w_shape
    places = (height - kh + 1) * (width - kw + 1)
    pixels = height * width
    windows = places * kh * kw * channels
    transforms = batch * channels + channels * filters + batch * filters
    keys = ("multiply_adds", "moved", "butterflies", "memory")
    butterflies = transforms * pixels * int(np.ceil(np.log2(pixels)))
    counts = {
        "im2col": (windows * filters, windows, 0, windows),
        "shift_gemm": (
            windows * filters,
            places * kh * kw * filters,
            0,
            places * filters,
        ),
        "fft": (
            2 * pixels * batch * channels * filters,
            0,
            butterflies,
            transforms * pixels,
        ),
    }
    return {name: dict(zip(keys, row, strict=True)) for name, row in counts.items()}


# %% mistake="operations_counted_twice" exercise="algorithm_costs" fails="test_algorithm_costs_products"
"""You count multiplications and additions apart. A multiply-add is one of each."""


def algorithm_costs(x_shape, w_shape):
    (batch, height, width, _), (kh, kw, channels, filters) = x_shape, w_shape
    places = batch * (height - kh + 1) * (width - kw + 1)
    pixels = height * width
    windows = places * kh * kw * channels
    transforms = batch * channels + channels * filters + batch * filters
    keys = ("multiply_adds", "moved", "butterflies", "memory")
    butterflies = transforms * pixels * int(np.ceil(np.log2(pixels)))
    counts = {
        "im2col": (2 * windows * filters, windows, 0, windows),
        "shift_gemm": (
            2 * windows * filters,
            places * kh * kw * filters,
            0,
            places * filters,
        ),
        "fft": (
            2 * pixels * batch * channels * filters,
            0,
            butterflies,
            transforms * pixels,
        ),
    }
    return {name: dict(zip(keys, row, strict=True)) for name, row in counts.items()}


# %% mistake="filters_not_counted" exercise="algorithm_costs" fails="test_algorithm_costs_products"
"""You count the multiply-adds of one filter. There are C_out of them."""


def algorithm_costs(x_shape, w_shape):
    (batch, height, width, _), (kh, kw, channels, filters) = x_shape, w_shape
    places = batch * (height - kh + 1) * (width - kw + 1)
    pixels = height * width
    windows = places * kh * kw * channels
    transforms = batch * channels + channels * filters + batch * filters
    keys = ("multiply_adds", "moved", "butterflies", "memory")
    butterflies = transforms * pixels * int(np.ceil(np.log2(pixels)))
    counts = {
        "im2col": (windows, windows, 0, windows),
        "shift_gemm": (windows, places * kh * kw * filters, 0, places * filters),
        "fft": (
            2 * pixels * batch * channels * filters,
            0,
            butterflies,
            transforms * pixels,
        ),
    }
    return {name: dict(zip(keys, row, strict=True)) for name, row in counts.items()}


# %% mistake="shift_moves_channels" exercise="algorithm_costs" fails="test_algorithm_costs_products"
"""For shift-GEMM you count what is read. It moves the *product* into the sum, which has
C_out numbers for each place, once for each tap."""


def algorithm_costs(x_shape, w_shape):
    (batch, height, width, _), (kh, kw, channels, filters) = x_shape, w_shape
    places = batch * (height - kh + 1) * (width - kw + 1)
    pixels = height * width
    windows = places * kh * kw * channels
    transforms = batch * channels + channels * filters + batch * filters
    keys = ("multiply_adds", "moved", "butterflies", "memory")
    butterflies = transforms * pixels * int(np.ceil(np.log2(pixels)))
    counts = {
        "im2col": (windows * filters, windows, 0, windows),
        "shift_gemm": (windows * filters, windows, 0, places * filters),
        "fft": (
            2 * pixels * batch * channels * filters,
            0,
            butterflies,
            transforms * pixels,
        ),
    }
    return {name: dict(zip(keys, row, strict=True)) for name, row in counts.items()}


# %% mistake="shift_moves_once" exercise="algorithm_costs" fails="test_algorithm_costs_products"
"""For shift-GEMM you count one addition of the product. There is one for each of the kh
kw taps."""


def algorithm_costs(x_shape, w_shape):
    (batch, height, width, _), (kh, kw, channels, filters) = x_shape, w_shape
    places = batch * (height - kh + 1) * (width - kw + 1)
    pixels = height * width
    windows = places * kh * kw * channels
    transforms = batch * channels + channels * filters + batch * filters
    keys = ("multiply_adds", "moved", "butterflies", "memory")
    butterflies = transforms * pixels * int(np.ceil(np.log2(pixels)))
    counts = {
        "im2col": (windows * filters, windows, 0, windows),
        "shift_gemm": (windows * filters, places * filters, 0, places * filters),
        "fft": (
            2 * pixels * batch * channels * filters,
            0,
            butterflies,
            transforms * pixels,
        ),
    }
    return {name: dict(zip(keys, row, strict=True)) for name, row in counts.items()}


# %% mistake="shift_stores_windows" exercise="algorithm_costs" fails="test_algorithm_costs_products"
"""For shift-GEMM you count the memory of all windows. It lays out none: it needs one
product at a time."""


def algorithm_costs(x_shape, w_shape):
    (batch, height, width, _), (kh, kw, channels, filters) = x_shape, w_shape
    places = batch * (height - kh + 1) * (width - kw + 1)
    pixels = height * width
    windows = places * kh * kw * channels
    transforms = batch * channels + channels * filters + batch * filters
    keys = ("multiply_adds", "moved", "butterflies", "memory")
    butterflies = transforms * pixels * int(np.ceil(np.log2(pixels)))
    counts = {
        "im2col": (windows * filters, windows, 0, windows),
        "shift_gemm": (windows * filters, places * kh * kw * filters, 0, windows),
        "fft": (
            2 * pixels * batch * channels * filters,
            0,
            butterflies,
            transforms * pixels,
        ),
    }
    return {name: dict(zip(keys, row, strict=True)) for name, row in counts.items()}


# %% mistake="shift_stores_all_products" exercise="algorithm_costs" fails="test_algorithm_costs_products"
"""For shift-GEMM you count the memory of a product for each tap. Each is added and then
forgotten, so one is enough."""


def algorithm_costs(x_shape, w_shape):
    (batch, height, width, _), (kh, kw, channels, filters) = x_shape, w_shape
    places = batch * (height - kh + 1) * (width - kw + 1)
    pixels = height * width
    windows = places * kh * kw * channels
    transforms = batch * channels + channels * filters + batch * filters
    keys = ("multiply_adds", "moved", "butterflies", "memory")
    butterflies = transforms * pixels * int(np.ceil(np.log2(pixels)))
    counts = {
        "im2col": (windows * filters, windows, 0, windows),
        "shift_gemm": (
            windows * filters,
            places * kh * kw * filters,
            0,
            places * kh * kw * filters,
        ),
        "fft": (
            2 * pixels * batch * channels * filters,
            0,
            butterflies,
            transforms * pixels,
        ),
    }
    return {name: dict(zip(keys, row, strict=True)) for name, row in counts.items()}


# %% mistake="only_picture_transforms" exercise="algorithm_costs" fails="test_algorithm_costs_fft"
"""You transform the channels of the pictures only. The filters are transformed too, and
the results are transformed back."""


def algorithm_costs(x_shape, w_shape):
    (batch, height, width, _), (kh, kw, channels, filters) = x_shape, w_shape
    places = batch * (height - kh + 1) * (width - kw + 1)
    pixels = height * width
    windows = places * kh * kw * channels
    transforms = batch * channels
    keys = ("multiply_adds", "moved", "butterflies", "memory")
    butterflies = transforms * pixels * int(np.ceil(np.log2(pixels)))
    counts = {
        "im2col": (windows * filters, windows, 0, windows),
        "shift_gemm": (
            windows * filters,
            places * kh * kw * filters,
            0,
            places * filters,
        ),
        "fft": (
            2 * pixels * batch * channels * filters,
            0,
            butterflies,
            transforms * pixels,
        ),
    }
    return {name: dict(zip(keys, row, strict=True)) for name, row in counts.items()}


# %% mistake="no_transform_back" exercise="algorithm_costs" fails="test_algorithm_costs_fft"
"""The transforms back are missing: one for each filter's map of each picture."""


def algorithm_costs(x_shape, w_shape):
    (batch, height, width, _), (kh, kw, channels, filters) = x_shape, w_shape
    places = batch * (height - kh + 1) * (width - kw + 1)
    pixels = height * width
    windows = places * kh * kw * channels
    transforms = batch * channels + channels * filters
    keys = ("multiply_adds", "moved", "butterflies", "memory")
    butterflies = transforms * pixels * int(np.ceil(np.log2(pixels)))
    counts = {
        "im2col": (windows * filters, windows, 0, windows),
        "shift_gemm": (
            windows * filters,
            places * kh * kw * filters,
            0,
            places * filters,
        ),
        "fft": (
            2 * pixels * batch * channels * filters,
            0,
            butterflies,
            transforms * pixels,
        ),
    }
    return {name: dict(zip(keys, row, strict=True)) for name, row in counts.items()}


# %% mistake="one_transform_for_each_filter" exercise="algorithm_costs" fails="test_algorithm_costs_fft"
"""You count one transform for each filter. A filter is as deep as the picture, and each
of its C_in slices is transformed."""


def algorithm_costs(x_shape, w_shape):
    (batch, height, width, _), (kh, kw, channels, filters) = x_shape, w_shape
    places = batch * (height - kh + 1) * (width - kw + 1)
    pixels = height * width
    windows = places * kh * kw * channels
    transforms = batch * channels + filters + batch * filters
    keys = ("multiply_adds", "moved", "butterflies", "memory")
    butterflies = transforms * pixels * int(np.ceil(np.log2(pixels)))
    counts = {
        "im2col": (windows * filters, windows, 0, windows),
        "shift_gemm": (
            windows * filters,
            places * kh * kw * filters,
            0,
            places * filters,
        ),
        "fft": (
            2 * pixels * batch * channels * filters,
            0,
            butterflies,
            transforms * pixels,
        ),
    }
    return {name: dict(zip(keys, row, strict=True)) for name, row in counts.items()}


# %% mistake="logarithm_rounded_down" exercise="algorithm_costs" fails="test_algorithm_costs_fft"
"""You round the logarithm down. The task rounds it up."""


def algorithm_costs(x_shape, w_shape):
    (batch, height, width, _), (kh, kw, channels, filters) = x_shape, w_shape
    places = batch * (height - kh + 1) * (width - kw + 1)
    pixels = height * width
    windows = places * kh * kw * channels
    transforms = batch * channels + channels * filters + batch * filters
    keys = ("multiply_adds", "moved", "butterflies", "memory")
    butterflies = transforms * pixels * int(np.log2(pixels))
    counts = {
        "im2col": (windows * filters, windows, 0, windows),
        "shift_gemm": (
            windows * filters,
            places * kh * kw * filters,
            0,
            places * filters,
        ),
        "fft": (
            2 * pixels * batch * channels * filters,
            0,
            butterflies,
            transforms * pixels,
        ),
    }
    return {name: dict(zip(keys, row, strict=True)) for name, row in counts.items()}


# %% mistake="logarithm_not_rounded" exercise="algorithm_costs" fails="test_algorithm_costs_fft"
"""You do not round the logarithm up, or return a float. All counts are ints."""


def algorithm_costs(x_shape, w_shape):
    (batch, height, width, _), (kh, kw, channels, filters) = x_shape, w_shape
    places = batch * (height - kh + 1) * (width - kw + 1)
    pixels = height * width
    windows = places * kh * kw * channels
    transforms = batch * channels + channels * filters + batch * filters
    keys = ("multiply_adds", "moved", "butterflies", "memory")
    butterflies = float(transforms * pixels * np.log2(pixels))
    counts = {
        "im2col": (windows * filters, windows, 0, windows),
        "shift_gemm": (
            windows * filters,
            places * kh * kw * filters,
            0,
            places * filters,
        ),
        "fft": (
            2 * pixels * batch * channels * filters,
            0,
            butterflies,
            transforms * pixels,
        ),
    }
    return {name: dict(zip(keys, row, strict=True)) for name, row in counts.items()}


# %% mistake="natural_logarithm" exercise="algorithm_costs" fails="test_algorithm_costs_fft"
"""You take the natural logarithm. The FFT halves the picture again and again, so it is
the logarithm to base 2."""


def algorithm_costs(x_shape, w_shape):
    (batch, height, width, _), (kh, kw, channels, filters) = x_shape, w_shape
    places = batch * (height - kh + 1) * (width - kw + 1)
    pixels = height * width
    windows = places * kh * kw * channels
    transforms = batch * channels + channels * filters + batch * filters
    keys = ("multiply_adds", "moved", "butterflies", "memory")
    butterflies = transforms * pixels * int(np.ceil(np.log(pixels)))
    counts = {
        "im2col": (windows * filters, windows, 0, windows),
        "shift_gemm": (
            windows * filters,
            places * kh * kw * filters,
            0,
            places * filters,
        ),
        "fft": (
            2 * pixels * batch * channels * filters,
            0,
            butterflies,
            transforms * pixels,
        ),
    }
    return {name: dict(zip(keys, row, strict=True)) for name, row in counts.items()}


# %% mistake="all_frequencies_multiplied" exercise="algorithm_costs" fails="test_algorithm_costs_fft"
"""You count N frequencies. The spectra of real numbers are symmetric, so half of them
are enough: four multiply-adds for each of N/2."""


def algorithm_costs(x_shape, w_shape):
    (batch, height, width, _), (kh, kw, channels, filters) = x_shape, w_shape
    places = batch * (height - kh + 1) * (width - kw + 1)
    pixels = height * width
    windows = places * kh * kw * channels
    transforms = batch * channels + channels * filters + batch * filters
    keys = ("multiply_adds", "moved", "butterflies", "memory")
    butterflies = transforms * pixels * int(np.ceil(np.log2(pixels)))
    counts = {
        "im2col": (windows * filters, windows, 0, windows),
        "shift_gemm": (
            windows * filters,
            places * kh * kw * filters,
            0,
            places * filters,
        ),
        "fft": (
            4 * pixels * batch * channels * filters,
            0,
            butterflies,
            transforms * pixels,
        ),
    }
    return {name: dict(zip(keys, row, strict=True)) for name, row in counts.items()}


# %% mistake="complex_products_as_real" exercise="algorithm_costs" fails="test_algorithm_costs_fft"
"""You count a product of complex numbers as one multiply-add. It is four."""


def algorithm_costs(x_shape, w_shape):
    (batch, height, width, _), (kh, kw, channels, filters) = x_shape, w_shape
    places = batch * (height - kh + 1) * (width - kw + 1)
    pixels = height * width
    windows = places * kh * kw * channels
    transforms = batch * channels + channels * filters + batch * filters
    keys = ("multiply_adds", "moved", "butterflies", "memory")
    butterflies = transforms * pixels * int(np.ceil(np.log2(pixels)))
    counts = {
        "im2col": (windows * filters, windows, 0, windows),
        "shift_gemm": (
            windows * filters,
            places * kh * kw * filters,
            0,
            places * filters,
        ),
        "fft": (
            pixels * batch * channels * filters // 2,
            0,
            butterflies,
            transforms * pixels,
        ),
    }
    return {name: dict(zip(keys, row, strict=True)) for name, row in counts.items()}


# %% mistake="batch_not_multiplied" exercise="algorithm_costs" fails="test_algorithm_costs_fft"
"""You count the products of spectra for one picture. The batch has B of them."""


def algorithm_costs(x_shape, w_shape):
    (batch, height, width, _), (kh, kw, channels, filters) = x_shape, w_shape
    places = batch * (height - kh + 1) * (width - kw + 1)
    pixels = height * width
    windows = places * kh * kw * channels
    transforms = batch * channels + channels * filters + batch * filters
    keys = ("multiply_adds", "moved", "butterflies", "memory")
    butterflies = transforms * pixels * int(np.ceil(np.log2(pixels)))
    counts = {
        "im2col": (windows * filters, windows, 0, windows),
        "shift_gemm": (
            windows * filters,
            places * kh * kw * filters,
            0,
            places * filters,
        ),
        "fft": (2 * pixels * channels * filters, 0, butterflies, transforms * pixels),
    }
    return {name: dict(zip(keys, row, strict=True)) for name, row in counts.items()}


# %% mistake="memory_ignored" exercise="choose_algorithm" fails="test_choose_algorithm_memory"
"""You choose an algorithm that does not fit into memory. Leave those out before you
look at the time."""


def choose_algorithm(costs, memory):
    candidates = []
    for name, counts in costs.items():
        if True:
            time = sum(counts[work] * price for work, price in NANOSECONDS.items())
            candidates.append((time, counts["memory"], name))
    if not candidates:
        raise ValueError("nothing fits")
    return min(candidates)[-1]


# %% mistake="memory_must_be_less" exercise="choose_algorithm" fails="test_choose_algorithm_memory"
"""You leave out an algorithm that needs exactly the memory there is. "At most" includes
it."""


def choose_algorithm(costs, memory):
    candidates = []
    for name, counts in costs.items():
        if counts["memory"] < memory:
            time = sum(counts[work] * price for work, price in NANOSECONDS.items())
            candidates.append((time, counts["memory"], name))
    if not candidates:
        raise ValueError("nothing fits")
    return min(candidates)[-1]


# %% mistake="slowest_chosen" exercise="choose_algorithm" fails="test_choose_algorithm_fastest test_choose_algorithm_memory"
"""You choose the algorithm with the most time. Look for the least."""


def choose_algorithm(costs, memory):
    candidates = []
    for name, counts in costs.items():
        if counts["memory"] <= memory:
            time = sum(counts[work] * price for work, price in NANOSECONDS.items())
            candidates.append((time, counts["memory"], name))
    if not candidates:
        raise ValueError("nothing fits")
    return max(candidates)[-1]


# %% mistake="prices_ignored" exercise="choose_algorithm" fails="test_choose_algorithm_fastest test_choose_algorithm_memory"
"""You add up the counts as if all cost the same. Each kind of work has its price in
`NANOSECONDS`."""


def choose_algorithm(costs, memory):
    candidates = []
    for name, counts in costs.items():
        if counts["memory"] <= memory:
            time = sum(counts[work] for work in NANOSECONDS)
            candidates.append((time, counts["memory"], name))
    if not candidates:
        raise ValueError("nothing fits")
    return min(candidates)[-1]


# %% mistake="only_multiply_adds" exercise="choose_algorithm" fails="test_choose_algorithm_fastest test_choose_algorithm_memory"
"""You compare the multiply-adds only. Moved numbers and butterflies take time too, and
more of it each."""


def choose_algorithm(costs, memory):
    candidates = []
    for name, counts in costs.items():
        if counts["memory"] <= memory:
            time = counts["multiply_adds"]
            candidates.append((time, counts["memory"], name))
    if not candidates:
        raise ValueError("nothing fits")
    return min(candidates)[-1]


# %% mistake="only_products_and_butterflies" exercise="choose_algorithm" fails="test_choose_algorithm_fastest test_choose_algorithm_memory"
"""You leave out the moved numbers, which are dear."""


def choose_algorithm(costs, memory):
    candidates = []
    for name, counts in costs.items():
        if counts["memory"] <= memory:
            time = sum(
                counts[w] * NANOSECONDS[w] for w in ("multiply_adds", "butterflies")
            )
            candidates.append((time, counts["memory"], name))
    if not candidates:
        raise ValueError("nothing fits")
    return min(candidates)[-1]


# %% mistake="memory_has_a_price" exercise="choose_algorithm" fails="test_choose_algorithm_fastest test_choose_algorithm_memory"
"""You add the memory to the time. It takes none: it only decides who may take part."""


def choose_algorithm(costs, memory):
    candidates = []
    for name, counts in costs.items():
        if counts["memory"] <= memory:
            time = sum(counts[w] * NANOSECONDS.get(w, 1) for w in counts)
            candidates.append((time, counts["memory"], name))
    if not candidates:
        raise ValueError("nothing fits")
    return min(candidates)[-1]


# %% mistake="least_memory_chosen" exercise="choose_algorithm" fails="test_choose_algorithm_fastest test_choose_algorithm_memory"
"""You choose the algorithm that needs the least memory. If several fit, the fastest is
asked for."""


def choose_algorithm(costs, memory):
    candidates = []
    for name, counts in costs.items():
        if counts["memory"] <= memory:
            time = sum(counts[work] * price for work, price in NANOSECONDS.items())
            candidates.append((counts["memory"], time, name))
    if not candidates:
        raise ValueError("nothing fits")
    return min(candidates)[-1]


# %% mistake="tie_by_name" exercise="choose_algorithm" fails="test_choose_algorithm_memory"
"""If two algorithms take equally long you take the one whose name or place comes first.
The task asks for the one that needs less memory."""


def choose_algorithm(costs, memory):
    candidates = []
    for name, counts in costs.items():
        if counts["memory"] <= memory:
            time = sum(counts[work] * price for work, price in NANOSECONDS.items())
            candidates.append((time, name))
    if not candidates:
        raise ValueError("nothing fits")
    return min(candidates)[-1]


# %% mistake="nothing_returned" exercise="choose_algorithm" fails="test_choose_algorithm_memory"
"""If nothing fits into memory you return None, which the caller takes for an answer.
The task asks for a ValueError."""


def choose_algorithm(costs, memory):
    candidates = []
    for name, counts in costs.items():
        if counts["memory"] <= memory:
            time = sum(counts[work] * price for work, price in NANOSECONDS.items())
            candidates.append((time, counts["memory"], name))
    if not candidates:
        return None
    return min(candidates)[-1]


# %% mistake="first_name_if_nothing_fits" exercise="choose_algorithm" fails="test_choose_algorithm_memory"
"""If nothing fits into memory you name an algorithm all the same. The task asks for a
ValueError."""


def choose_algorithm(costs, memory):
    candidates = []
    for name, counts in costs.items():
        if counts["memory"] <= memory:
            time = sum(counts[work] * price for work, price in NANOSECONDS.items())
            candidates.append((time, counts["memory"], name))
    if not candidates:
        return min(costs, key=lambda name: costs[name]["memory"], default=None)
    return min(candidates)[-1]
