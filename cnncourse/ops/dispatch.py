"""The algorithms of convolution by name, and which should be fastest.

The estimates count the operations and the memory traffic of each algorithm. Their
constants were fitted to 350 measured convolutions, in nanoseconds for float32 on one
core with AVX2 and OpenBLAS, and mended on one with AVX-512. Only their ratios matter.
Of threads only this is sure: they read a matrix faster together than one copies it, and
gain less from many small products than from a few large ones. How much sooner a product
is done depends on its shape, so that is left out.

In float64 nearly everything takes twice as long, which changes no ratio. What does not
is in tables by the bytes of an entry; for eight, the unit is two nanoseconds.
"""

from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache
from math import prod

import numpy as np

from cnncourse.catalogue import Catalogue
from cnncourse.ops import fft, im2col, shift_gemm, winograd
from cnncourse.ops.blas_threads import blas_threads
from cnncourse.ops.geometry import Geometry, back_geometry

GEMM = 0.0185  # one multiplication and addition in a large product of matrices
COPY = {4: 0.28, 8: 0.33}  # one entry of a patch copied into the block
ADD = {4: 0.85, 8: 0.74}  # one entry of a patch added to the input
KERNEL_TURN = {4: 2.4, 8: 1.6}  # one entry of a kernel whose channels are exchanged
ADD_PLANAR = 0.5  # the same where a run along the channels would be short
SHIFT_READ, SHIFT_ADD = 0.05, 0.18  # one entry of a shifted product's input and output
SHIFT_READ_ONCE = 0.37  # of the input if one product reads it, from the memory
SHIFT_CALL = 4000.0  # one product of a run of pixels
SHIFT_TURN = 0.3  # one entry of the input, read from the memory across its rows
BUTTERFLY = 0.22  # in a transform
PRODUCT = {4: 0.2, 8: 0.13}  # of entries of two spectra
TILE_COPY = {4: 0.61, 8: 0.37}  # one entry of a tile
TILE_EVALUATE, KERNEL_EVALUATE = 0.025, 0.04  # one multiplication
TILE_PRODUCT = {4: 0.023, 8: 0.03}  # one in the product of tiles and kernels
KERNEL_READ = {4: 0.4, 8: 0.16}  # one entry of a kernel, for each block of tiles
KERNEL_FETCH = {4: 1.4, 8: 0.6}  # the same from the memory
KERNEL_CACHE = 4 << 20  # bytes of evaluated kernels that are not yet fetched
TILE_CALL = 1100.0  # the product at one point
TILES_SHARED = 1.3  # by several threads, which wait for each of many small products

Run = Callable[[np.ndarray, np.ndarray, Geometry], np.ndarray]


@dataclass(frozen=True)
class Algorithm:
    """One way to compute a convolution and its gradients.

    Attributes:
        forward: `(x, w, geometry) -> y`, with `x` padded.
        input_gradient: `(dy, w, geometry) -> dx`, without the padding.
        kernel_gradient: `(x, dy, geometry) -> dw`, with `x` padded.
        nanoseconds: `(task, geometry, threads, itemsize) -> estimate`, the task being
            one of these names.
    """

    forward: Run
    input_gradient: Run
    kernel_gradient: Run
    nanoseconds: Callable[[str, Geometry, int, int], float]


def _im2col_nanoseconds(task: str, g: Geometry, threads: int, itemsize: int) -> float:
    entries = g.positions * g.taps * g.channels
    each = COPY[itemsize]
    if task == "input_gradient":
        each = ADD_PLANAR if g.channels < im2col.FEW_CHANNELS else ADD[itemsize]
    return GEMM * g.macs + each * entries


def _flipped_nanoseconds(task: str, g: Geometry, threads: int, itemsize: int) -> float:
    if task != "input_gradient" or max(g.strides) > 1:
        return float("inf")
    back = back_geometry(g)
    turned = KERNEL_TURN[itemsize] * prod(g.kernel_shape)
    return turned + 1.05 * _im2col_nanoseconds("forward", back, threads, itemsize)


def _shift_nanoseconds(task: str, g: Geometry, threads: int, itemsize: int) -> float:
    pixels = g.batch * prod(shift_gemm.canvas(g)) * g.taps
    source, target = g.channels, float(g.filters)
    if task == "input_gradient":
        source, target = g.filters, 1.5 * g.channels
    # im2col multiplies what it has just copied, which is in the cache
    turn = SHIFT_TURN * g.channels / g.taps * (task == "kernel_gradient")
    if g.taps == 1:
        traffic = SHIFT_READ_ONCE / threads * source
    else:
        traffic = SHIFT_READ * source + SHIFT_ADD * target
    calls = len(shift_gemm.runs(g)) * g.taps
    return (
        pixels * (GEMM * g.channels * g.filters + traffic + turn) + SHIFT_CALL * calls
    )


def _fft_nanoseconds(task: str, g: Geometry, threads: int, itemsize: int) -> float:
    if task == "input_gradient":
        g = back_geometry(g)
    butterflies, products = fft.operations(g)
    return BUTTERFLY * butterflies + PRODUCT[itemsize] * products


def _winograd_nanoseconds(task: str, g: Geometry, threads: int, itemsize: int) -> float:
    padded = 0.0
    if task == "input_gradient":
        g = back_geometry(g)
        padded = prod(g.input_shape)
    if not winograd.supports(g):
        return float("inf")
    count = winograd.operations(g, itemsize, threads)
    cached = count.points * g.channels * g.filters * itemsize <= KERNEL_CACHE
    read = (KERNEL_READ if cached else KERNEL_FETCH)[itemsize]
    alone = (
        padded
        + TILE_COPY[itemsize] * count.copies
        + TILE_EVALUATE * count.evaluations
        + TILE_PRODUCT[itemsize] * count.products
        + KERNEL_EVALUATE * count.kernels
        + read * count.reads
        + TILE_CALL * count.calls
    )
    return alone if threads == 1 else TILES_SHARED * alone


ALGORITHMS = Catalogue(
    "algorithm of convolution",
    [
        ("im2col", Algorithm(
            im2col.forward,
            im2col.input_gradient,
            im2col.kernel_gradient,
            _im2col_nanoseconds,
        )),
        ("flipped_im2col", Algorithm(
            im2col.forward,
            im2col.flipped_input_gradient,
            im2col.kernel_gradient,
            _flipped_nanoseconds,
        )),
        ("shift_gemm", Algorithm(
            shift_gemm.forward,
            shift_gemm.input_gradient,
            shift_gemm.kernel_gradient,
            _shift_nanoseconds,
        )),
        ("fft", Algorithm(
            fft.forward,
            fft.input_gradient,
            fft.kernel_gradient,
            _fft_nanoseconds,
        )),
        ("winograd", Algorithm(
            winograd.forward,
            winograd.input_gradient,
            winograd.kernel_gradient,
            _winograd_nanoseconds,
        )),
    ],
)  # fmt: skip


def choose(task: str, g: Geometry, itemsize: int) -> str:
    """Returns the name of the algorithm that should be fastest here and now.

    Args are those of `fastest`.
    """
    name = fastest(task, g, 1, itemsize)
    # asking for the threads takes some 30 us, and only here they matter
    if g.taps == 1 or name == "winograd":
        return fastest(task, g, blas_threads(), itemsize)
    return name


@lru_cache(maxsize=1024)
def fastest(task: str, g: Geometry, threads: int, itemsize: int) -> str:
    """Returns the name of the algorithm with the lowest estimate.

    Args:
        task: "forward", "input_gradient" or "kernel_gradient".
        g: the sizes.
        threads: that share a product of matrices.
        itemsize: bytes of an entry, 4 or 8.
    """

    def estimate(name: str) -> float:
        return ALGORITHMS[name].nanoseconds(task, g, threads, itemsize)

    return min(ALGORITHMS, key=estimate)
