"""Convolution as a product of spectra, tile by tile (overlap-save).

The input is cut into tiles that overlap by the kernel's extent less one. Tiles a few
times larger than the kernel cost less than one transform of the whole image, because
the kernels, which are many, are then transformed at the small size. (Mathieu, Henaff,
LeCun 2014, for whole images.) A NaN or an infinity in the input spreads over its tile.

The transforms are those of SciPy: in float32 NumPy 2.4 takes up to eight times as long.
SciPy takes a while to import, so that is left to the first transform.
"""

from dataclasses import dataclass
from math import log2, prod

import numpy as np
from numpy.lib.stride_tricks import as_strided

from cnncourse.ops.geometry import Geometry, back_geometry, back_input, back_kernel

FAST_SIZES = tuple(
    sorted(2**a * 3**b * 5**c for a in range(1, 15) for b in range(4) for c in range(3))
)
TILE_RATIOS = (1.3, 1.6, 2, 2.5, 3, 4, 5, 6, 8)  # tile over kernel, to choose from


def dense_outputs(g: Geometry) -> list[int]:
    """Returns the output sizes with strides of 1."""
    return [n - e + 1 for n, e in zip(g.sizes, g.extents, strict=True)]


def tile_sizes(g: Geometry) -> tuple[int, ...]:
    """Picks the tile along each axis: the one with the least work for this geometry."""
    whole = [_fast(n) for n in g.sizes]
    choices = [
        tuple(
            min(_fast(round(ratio * e + 1)), most)
            for e, most in zip(g.extents, whole, strict=True)
        )
        for ratio in TILE_RATIOS
    ]
    return min([*choices, tuple(whole)], key=lambda tile: _work(g, tile))


def _work(g: Geometry, tile: tuple[int, ...]) -> float:
    butterflies, products = operations(g, tile)
    return butterflies + products / 2


def operations(g: Geometry, tile: tuple[int, ...] = ()) -> tuple[float, float]:
    """Counts the butterflies of the transforms and the products of the spectra."""
    tile = tile or tile_sizes(g)
    size = prod(tile)
    count = g.batch * prod(Tiling(g, tile).count)
    transforms = count * (g.channels + g.filters) + g.channels * g.filters
    products = count * g.channels * g.filters
    return size * transforms * (log2(size) + 4), size * products


def _fast(size: int) -> int:
    """Returns the least size >= `size` that the transform is quick at."""
    return next((t for t in FAST_SIZES if t >= size), size)


@dataclass(frozen=True)
class Tiling:
    """How an input is cut for one geometry; its strides are taken as 1.

    Attributes:
        geometry: the sizes.
        tile: size of a tile along each axis.
    """

    geometry: Geometry
    tile: tuple[int, ...]

    @property
    def axes(self) -> tuple[int, ...]:
        """The axes of a tile, which are the leading ones."""
        return tuple(range(len(self.tile)))

    @property
    def steps(self) -> list[int]:
        """From one tile to the next, along each axis."""
        pairs = zip(self.tile, self.geometry.extents, strict=True)
        return [t - e + 1 for t, e in pairs]

    @property
    def count(self) -> list[int]:
        """How many tiles there are along each axis."""
        pairs = zip(dense_outputs(self.geometry), self.steps, strict=True)
        return [-(-o // step) for o, step in pairs]

    def cut(self, x: np.ndarray, tile: tuple[int, ...], tail: int) -> np.ndarray:
        """Cuts `x` into tiles `(*tile, B x count, C)` that start `steps` apart.

        `tail` is 1 if tiles overlap by the kernel's extent less one, else 0.
        """
        sizes = [
            c * step + tail * (e - 1)
            for c, step, e in zip(
                self.count, self.steps, self.geometry.extents, strict=True
            )
        ]
        padded = np.zeros((x.shape[0], *sizes, x.shape[-1]), x.dtype)
        padded[tuple(slice(n) for n in x.shape)] = x
        batch, *spatial, channel = padded.strides
        hops = [s * step for s, step in zip(spatial, self.steps, strict=True)]
        view = as_strided(
            padded,
            (*tile, x.shape[0], *self.count, x.shape[-1]),
            (*spatial, batch, *hops, channel),
            writeable=False,
        )
        return view.reshape(*tile, -1, x.shape[-1])

    def join(self, tiles: np.ndarray) -> np.ndarray:
        """Puts output tiles `(*steps, B x count, C)` together, `(B, *outputs, C)`."""
        rank, batch = len(self.tile), self.geometry.batch
        parts = tiles.reshape(*self.steps, batch, *self.count, tiles.shape[-1])
        order = [rank]
        for axis in self.axes:
            order += [rank + 1 + axis, axis]
        sizes = [c * s for c, s in zip(self.count, self.steps, strict=True)]
        whole = parts.transpose(*order, 2 * rank + 1).reshape(batch, *sizes, -1)
        inside = (slice(n) for n in dense_outputs(self.geometry))
        return whole[(slice(None), *inside)]

    def spectrum(self, values: np.ndarray) -> np.ndarray:
        """Transforms along the leading, spatial axes, padding with zeros."""
        from scipy.fft import rfftn

        return rfftn(values, s=self.tile, axes=self.axes)

    def values(self, spectrum: np.ndarray, sizes: list[int]) -> np.ndarray:
        """Transforms back and keeps the leading `sizes`."""
        from scipy.fft import irfftn

        full = irfftn(spectrum, s=self.tile, axes=self.axes)
        return full[tuple(slice(n) for n in sizes)]


def _holes(values: np.ndarray, steps: tuple[int, ...], sizes: list[int]) -> np.ndarray:
    """Spreads the leading axes of `values` by `steps`, zeros between, to `sizes`."""
    if all(step == 1 for step in steps) and list(values.shape[: len(sizes)]) == sizes:
        return values
    spread = np.zeros((*sizes, *values.shape[len(sizes) :]), values.dtype)
    pairs = zip(values.shape, steps, strict=False)
    spread[tuple(slice(0, (n - 1) * step + 1, step) for n, step in pairs)] = values
    return spread


def _kernel(w: np.ndarray, g: Geometry) -> np.ndarray:
    """Returns `w` with the holes of its dilation."""
    return _holes(w, g.dilation_rate, list(g.extents))


def _dense_gradient(dy: np.ndarray, g: Geometry) -> np.ndarray:
    """Returns `dy` as it would be with strides of 1, zeros where no window was."""
    return _holes(dy, (1, *g.strides), [g.batch, *dense_outputs(g)])


def forward(x: np.ndarray, w: np.ndarray, g: Geometry) -> np.ndarray:
    """Convolves padded `x` with `w`, both as `g` says."""
    tiling = Tiling(g, tile_sizes(g))
    tiles = tiling.spectrum(tiling.cut(x, tiling.tile, tail=1))
    kernels = np.conj(tiling.spectrum(_kernel(w, g)))
    y = tiling.join(tiling.values(np.matmul(tiles, kernels), tiling.steps))
    return np.ascontiguousarray(
        y[(slice(None), *(slice(None, None, s) for s in g.strides))]
    )


def kernel_gradient(x: np.ndarray, dy: np.ndarray, g: Geometry) -> np.ndarray:
    """Correlates the input with the output gradients."""
    tiling = Tiling(g, tile_sizes(g))
    tiles = tiling.spectrum(tiling.cut(x, tiling.tile, tail=1))
    gradients = tiling.cut(_dense_gradient(dy, g), tuple(tiling.steps), tail=0)
    spectra = np.conj(tiling.spectrum(gradients))
    dw = tiling.values(np.matmul(np.swapaxes(tiles, -1, -2), spectra), list(g.extents))
    return np.ascontiguousarray(
        dw[tuple(slice(None, None, d) for d in g.dilation_rate)]
    )


def input_gradient(dy: np.ndarray, w: np.ndarray, g: Geometry) -> np.ndarray:
    """Convolves the output gradients, spread and padded, with the flipped kernel."""
    return forward(back_input(dy, g), back_kernel(w), back_geometry(g))
