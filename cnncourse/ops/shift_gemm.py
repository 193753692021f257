"""Convolution as one matrix product for each tap of the kernel, on shifted input.

The examples lie one after another in memory, so to shift an image by a tap is to start
reading further on, and a tap is one product of a tall matrix `(pixels, C_in)` with
`(C_in, C_out)`. Nothing is copied; windows that run over the right border give rows
that are dropped at the end. With strides the input is first dealt out into its phases,
one for each remainder. (Vasudevan, Anderson, Gregg 2017, who call it kn2row.)
"""

from collections.abc import Iterator
from math import prod

import numpy as np

from cnncourse.ops.blas_threads import blas_threads
from cnncourse.ops.geometry import Geometry, without_padding
from cnncourse.ops.long_products import in_pieces, multiply, multiply_transposed

ROWS = 1024  # of one product: its result stays in the cache until the next is added
FEW_CHANNELS = 32  # fewer: a tap's product of its own is slow
PLANES_BYTES = 1 << 22  # of the products of all taps
SMALL_IMAGE = 256  # pixels: smaller images are taken together, dropped rows and all

Phase = tuple[int, ...]


def canvas(g: Geometry) -> tuple[int, ...]:
    """Returns the spatial sizes of one phase: the input sizes over the strides."""
    return tuple(-(-n // s) for n, s in zip(g.sizes, g.strides, strict=True))


def taps(g: Geometry) -> Iterator[tuple[Phase, Phase, int]]:
    """Yields each tap, the phase that it reads and by how many pixels it is shifted."""
    sizes = canvas(g)
    for tap in np.ndindex(*g.kernel_size):
        at = [i * rate for i, rate in zip(tap, g.dilation_rate, strict=True)]
        pairs = [divmod(a, s) for a, s in zip(at, g.strides, strict=True)]
        shift = int(np.ravel_multi_index([q for q, _ in pairs], sizes))
        yield tap, tuple(r for _, r in pairs), shift


def runs(g: Geometry) -> list[tuple[int, int]]:
    """Cuts the pixels into runs `(start, stop)` that are multiplied at once."""
    sizes = canvas(g)
    pixels = prod(sizes)
    used = int(np.ravel_multi_index([o - 1 for o in g.outputs], sizes)) + 1
    if pixels < SMALL_IMAGE:
        whole = [(0, (g.batch - 1) * pixels + used)]
    else:
        whole = [(b * pixels, b * pixels + used) for b in range(g.batch)]
    return [
        (start, min(start + ROWS, stop))
        for first, stop in whole
        for start in range(first, stop, ROWS)
    ]


def phases(x: np.ndarray, g: Geometry) -> dict[Phase, np.ndarray]:
    """Deals padded `x` out into the phases that are read, each `(pixels, C)`."""
    shape = (g.batch, *canvas(g), g.channels)
    dealt = {}
    for phase in {phase for _, phase, _ in taps(g)}:
        part = x[(slice(None), *_every(phase, g))]
        if part.shape != shape:
            larger = np.zeros(shape, x.dtype)
            larger[tuple(slice(n) for n in part.shape)] = part
            part = larger
        dealt[phase] = np.ascontiguousarray(part).reshape(-1, g.channels)
    return dealt


def _every(phase: Phase, g: Geometry) -> list[slice]:
    return [slice(p, None, s) for p, s in zip(phase, g.strides, strict=True)]


def _on_canvas(dy: np.ndarray, g: Geometry) -> np.ndarray:
    """Lays output gradients on the canvas, zero elsewhere, as `(pixels, C_out)`."""
    if canvas(g) == g.outputs:
        return np.ascontiguousarray(dy).reshape(-1, g.filters)
    larger = np.zeros((g.batch, *canvas(g), g.filters), dy.dtype)
    larger[(slice(None), *(slice(n) for n in g.outputs))] = dy
    return larger.reshape(-1, g.filters)


def forward(x: np.ndarray, w: np.ndarray, g: Geometry) -> np.ndarray:
    """Convolves padded `x` with `w`, both as `g` says."""
    source = phases(x, g)
    y = np.empty((g.batch * prod(canvas(g)), g.filters), x.dtype)
    product = np.empty((ROWS, g.filters), x.dtype)
    steps = list(taps(g))
    times = multiply if in_pieces(g.channels, g.filters) else np.matmul
    for start, stop in runs(g):
        for number, (tap, phase, shift) in enumerate(steps):
            out = y[start:stop] if number == 0 else product[: stop - start]
            times(source[phase][start + shift : stop + shift], w[tap], out=out)
            if number > 0:
                y[start:stop] += out
    y = y.reshape(g.batch, *canvas(g), g.filters)
    return np.ascontiguousarray(y[(slice(None), *(slice(n) for n in g.outputs))])


def kernel_gradient(x: np.ndarray, dy: np.ndarray, g: Geometry) -> np.ndarray:
    """Multiplies shifted input with output gradients, tap by tap."""
    source = phases(x, g)
    target = _on_canvas(dy, g)
    dw = np.zeros(g.kernel_shape, x.dtype)
    product = np.empty((g.channels, g.filters), x.dtype)
    steps = list(taps(g))
    for start, stop in runs(g):
        for tap, phase, shift in steps:
            part = source[phase][start + shift : stop + shift]
            dw[tap] += multiply_transposed(part, target[start:stop], out=product)
    return dw


def in_planes(task: str, g: Geometry) -> bool:
    """Whether a task is done by one product for all taps."""
    return task == "input_gradient" and g.taps > 1 and g.channels < FEW_CHANNELS


def input_gradient(dy: np.ndarray, w: np.ndarray, g: Geometry) -> np.ndarray:
    """Adds each tap's share of the output gradients to the shifted input."""
    source = _on_canvas(dy, g)
    if in_planes("input_gradient", g):
        target = _added_in_planes(source, w, g)
    else:
        target = _added(source, w, g)
    whole = (g.batch, *canvas(g), g.channels)
    if max(g.strides) == 1:
        return without_padding(target[(0,) * len(g.sizes)].reshape(whole), g)
    dx = np.zeros(g.input_shape, dy.dtype)
    for phase, values in target.items():
        part = dx[(slice(None), *_every(phase, g))]
        part[...] = values.reshape(whole)[tuple(slice(n) for n in part.shape)]
    return without_padding(dx, g)


def _added(source: np.ndarray, w: np.ndarray, g: Geometry) -> dict[Phase, np.ndarray]:
    """Returns the gradients of all phases, each `(pixels, C)`, added tap by tap."""
    steps = list(taps(g))
    alone = len(steps) == 1  # a single tap reaches every pixel, and nothing is added
    shape = (source.shape[0], g.channels)
    create = np.empty if alone else np.zeros
    target = {phase: create(shape, w.dtype) for _, phase, _ in steps}
    product = np.empty((ROWS, g.channels), w.dtype)
    for start, stop in runs(g):
        for tap, phase, shift in steps:
            values = target[phase][start + shift : stop + shift]
            out = values if alone else product[: stop - start]
            np.matmul(source[start:stop], w[tap].T, out=out)
            if not alone:
                values += out
    return target


def _added_in_planes(
    source: np.ndarray, w: np.ndarray, g: Geometry
) -> dict[Phase, np.ndarray]:
    """The same from one product for all taps, as planes: additions run along pixels."""
    steps = list(taps(g))
    pixels, planes = source.shape[0], g.taps * g.channels
    target = {phase: np.zeros((g.channels, pixels), w.dtype) for _, phase, _ in steps}
    kernels = w.reshape(planes, g.filters).T
    # the shares of one thread are faster to add than to fetch from another's cache
    times = np.matmul if blas_threads() == 1 else multiply
    end = pixels - max(shift for _, _, shift in steps)
    size = max(ROWS, PLANES_BYTES // (planes * w.itemsize))
    memory = np.empty(planes * min(size, end), w.dtype)
    for start in range(0, end, size):
        run = source[start : min(start + size, end)]
        product = memory[: planes * len(run)].reshape(planes, len(run))
        times(run, kernels, out=product.T)
        shares = product.reshape(*g.kernel_size, g.channels, len(run))
        for tap, phase, shift in steps:
            target[phase][:, start + shift : start + shift + len(run)] += shares[tap]
    return {phase: values.T for phase, values in target.items()}
