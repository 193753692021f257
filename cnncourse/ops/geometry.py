"""The sizes of one convolution, and what its algorithms share."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from itertools import pairwise
from math import prod

import numpy as np
from numpy.lib.stride_tricks import as_strided

from cnncourse.ops.shapes import Pairs, extent


@dataclass(frozen=True)
class Geometry:
    """A convolution of padded input without groups, in 1, 2 or 3 dimensions.

    Attributes:
        batch: number of examples.
        sizes: spatial sizes of the padded input.
        channels: channels of the input.
        kernel_size: taps along each spatial axis; so are the next two.
        strides: step between windows.
        dilation_rate: step between the taps of a window.
        filters: channels of the output.
        pads: how much of the sizes is padding, `(before, after)` for each axis; its
            gradient is not wanted. () for none.
    """

    batch: int
    sizes: tuple[int, ...]
    channels: int
    kernel_size: tuple[int, ...]
    strides: tuple[int, ...]
    dilation_rate: tuple[int, ...]
    filters: int
    pads: Pairs = ()

    @property
    def pairs(self) -> Pairs:
        """The padding of every axis."""
        return self.pads or ((0, 0),) * len(self.sizes)

    @property
    def inner_sizes(self) -> tuple[int, ...]:
        """Spatial sizes of the input without its padding."""
        return tuple(
            n - sum(pair) for n, pair in zip(self.sizes, self.pairs, strict=True)
        )

    @property
    def inside(self) -> tuple[slice, ...]:
        """What of the padded input, batch first, is not padding."""
        axes = zip(self.pairs, self.sizes, strict=True)
        return (slice(None), *(slice(a, n - b) for (a, b), n in axes))

    @property
    def extents(self) -> tuple[int, ...]:
        """Entries that the kernel spans along each axis, holes included."""
        pairs = zip(self.kernel_size, self.dilation_rate, strict=True)
        return tuple(extent(k, d) for k, d in pairs)

    @property
    def outputs(self) -> tuple[int, ...]:
        """Spatial sizes of the output."""
        triples = zip(self.sizes, self.extents, self.strides, strict=True)
        return tuple((n - e) // s + 1 for n, e, s in triples)

    @property
    def input_shape(self) -> tuple[int, ...]:
        """Shape `(B, *sizes, C_in)` of the padded input."""
        return (self.batch, *self.sizes, self.channels)

    @property
    def output_shape(self) -> tuple[int, ...]:
        """Shape `(B, *outputs, C_out)`."""
        return (self.batch, *self.outputs, self.filters)

    @property
    def kernel_shape(self) -> tuple[int, ...]:
        """Shape `(*kernel_size, C_in, C_out)`."""
        return (*self.kernel_size, self.channels, self.filters)

    @property
    def positions(self) -> int:
        """Number of windows in the batch."""
        return self.batch * prod(self.outputs)

    @property
    def taps(self) -> int:
        """Number of entries of a window, the channels not counted."""
        return prod(self.kernel_size)

    @property
    def macs(self) -> int:
        """Multiply-accumulate operations of the direct sum."""
        return self.positions * self.taps * self.channels * self.filters


def back_geometry(g: Geometry) -> Geometry:
    """Returns the convolution that carries output gradients back to the input.

    It has strides of 1 and runs over the gradients as strides of 1 would have given
    them, padded by the kernel's extent less one on every side, as far as they reach the
    input and not its padding alone.
    """
    sizes = tuple(n + e - 1 for n, e in zip(g.inner_sizes, g.extents, strict=True))
    return replace(
        g,
        sizes=sizes,
        channels=g.filters,
        strides=(1,) * len(sizes),
        filters=g.channels,
        pads=(),
    )


def back_input(dy: np.ndarray, g: Geometry) -> np.ndarray:
    """Returns what `back_geometry` convolves: `dy`, spread and padded."""
    back = back_geometry(g)
    padded = np.zeros(back.input_shape, dy.dtype)
    into, reached = [slice(None)], [slice(None)]
    axes = zip(g.extents, g.pairs, g.strides, g.outputs, back.sizes, strict=True)
    for e, (before, _), s, o, size in axes:
        start = e - 1 - before  # of the first window's gradient
        first = max(0, -(start // s))
        last = min(o, (size - 1 - start) // s + 1)
        reached.append(slice(first, last))
        into.append(slice(start + first * s, start + last * s, s))
    padded[tuple(into)] = dy[tuple(reached)]
    return padded


def flip(w: np.ndarray) -> np.ndarray:
    """Flips a kernel along its spatial axes, which makes a correlation a convolution.

    Args:
        w: array `(*kernel_size, C_in, C_out)`.

    Returns:
        A view of `w`.
    """
    return np.flip(w, tuple(range(w.ndim - 2)))


def back_kernel(w: np.ndarray) -> np.ndarray:
    """Returns the kernel of `back_geometry`: flipped, its channels exchanged."""
    return np.ascontiguousarray(np.swapaxes(flip(w), -1, -2))


def without_padding(dx: np.ndarray, g: Geometry) -> np.ndarray:
    """Returns the gradient of the input from that of the padded input."""
    return np.ascontiguousarray(dx[g.inside])


def windows(x: np.ndarray, g: Geometry, writeable: bool = False) -> np.ndarray:
    """Views the windows of `x`, `(B, *outputs, *kernel_size, C)`, without copying."""
    batch, *spatial, channel = x.strides
    steps = [s * step for s, step in zip(spatial, g.strides, strict=True)]
    taps = [s * rate for s, rate in zip(spatial, g.dilation_rate, strict=True)]
    return as_strided(
        x,
        (x.shape[0], *g.outputs, *g.kernel_size, x.shape[-1]),
        (batch, *steps, *taps, channel),
        writeable=writeable,
    )


def tap_slices(g: Geometry, tap: tuple[int, ...]) -> tuple[slice, ...]:
    """Returns the slices of the padded input that one tap of all windows reads."""
    start = [i * rate for i, rate in zip(tap, g.dilation_rate, strict=True)]
    slices = [
        slice(a, a + (o - 1) * s + 1, s)
        for a, o, s in zip(start, g.outputs, g.strides, strict=True)
    ]
    return (slice(None), *slices)


def ranges(length: int, largest: int) -> Iterator[tuple[int, int]]:
    """Cuts a range into the fewest pieces that are no longer than `largest`, or 1."""
    number = -(-length // max(1, largest))
    edges = [length * i // number for i in range(number + 1)]
    yield from pairwise(edges)
