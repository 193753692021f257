"""How long each algorithm of convolution should take.

The estimates count the operations and the memory traffic of each algorithm. Their
constants were fitted to 900 measured convolutions with one thread and 700 with two, on
two cores with AVX-512 and OpenBLAS: nanoseconds for float32. In float64 all but the
calls takes twice as long, or what a table says by the bytes of an entry. Only their
ratios matter.

Several threads share the products of matrices alone, and what one of them writes the
others fetch from its cache, which differs from one moment to the next and from machine
to machine by a factor of ten.
"""

from math import prod

from cnncourse.ops import fft, im2col, shift_gemm, tiling
from cnncourse.ops.dilation import dense_geometry
from cnncourse.ops.geometry import Geometry, back_geometry
from cnncourse.ops.long_products import SMALLEST_OF_PAIR, in_pieces

GEMM = 0.021  # one multiplication and addition in a product of matrices
GEMM_OF_COLUMNS = 0.0225  # the same if it sums over the rows of both
NARROWEST = 16  # columns: a product with fewer takes as long, if it is not in pieces
SPEEDUP = 0.75  # a power of the number of threads
FETCH = 0.4  # one entry that another thread has written
COPY, COPY_PLANAR = 0.27, 0.33  # one entry of a patch copied into the block
OUTPUT = 0.12  # one entry of the output
ADD = {4: 0.75, 8: 0.6}  # one entry of a patch added to the input
ADD_PLANAR = 0.95  # the same where a run along the channels would be short
ADD_PLANES = 0.3  # the same in planes of all pixels
TURN = 0.6  # one entry of output gradients that are read across their rows
KERNEL_TURN = 0.5  # one entry of a kernel whose channels are exchanged
BACK_INPUT = 0.2  # one entry of padded output gradients
SHIFT_READ = 0.06  # one entry of the input, of each product of a run of pixels
SHIFT_READ_ONCE = 0.3  # if one product reads it, from the memory
SHIFT_ADD = {"forward": 0.13, "input_gradient": 0.28, "kernel_gradient": 0.1}
SHIFT_TURN = 0.3  # one entry of the input, read from the memory across its rows
PHASE = 0.13  # one entry dealt out by the strides or the dilation
BUTTERFLY, PRODUCT = 0.34, 0.125  # in a transform; of entries of two spectra
TILE_COPY = 0.9  # one entry of the rows that tiles read, or of the tiles of the output
TILE_EVALUATE = 0.18  # one entry on the way to all points, or back
TILE_PRODUCT = 0.024  # one multiplication in the product of tiles and kernels
KERNEL_EVALUATE = 0.04  # one in the evaluation of kernels
KERNEL_READ = 0.1  # one entry of a kernel at a point
KERNEL_FETCH = 0.45  # the same from the memory
KERNEL_NEW = 0.5  # one written to memory that the system gives anew for each call
KERNEL_EXCHANGE = 0.3  # the same with channels exchanged
KERNEL_CACHE = 4 << 20  # bytes of evaluated kernels that are not yet fetched
KEPT = 32 << 20  # bytes at most that C's library keeps for the next call
# of one call, whatever its sizes, and of one product of matrices
IM2COL_CALL, IM2COL_ADD_CALL, SHIFT_GEMM_CALL = 5.5e4, 1.0e5, 7.5e4
FFT_CALL, WINOGRAD_CALL, TILE_BLOCK_CALL = 1.8e5, 3.0e4, 5.5e4
SHIFT_PRODUCT_CALL, TILE_PRODUCT_CALL = 2800.0, 50.0


def im2col_time(task: str, g: Geometry, threads: int, itemsize: int) -> float:
    """Estimates im2col; the arguments are those of `dispatch.fastest`."""
    if task == "forward":
        return IM2COL_CALL + itemsize / 4 * _patches(g, threads, GEMM)
    if task == "kernel_gradient":
        return IM2COL_CALL + itemsize / 4 * _patches(g, threads, GEMM_OF_COLUMNS)
    columns = g.taps * g.channels
    entries = g.positions * columns
    planar = g.channels < im2col.FEW_CHANNELS
    add = ADD_PLANAR if planar else ADD[itemsize]
    multiplications = g.positions * g.filters * max(columns, NARROWEST)
    sharing = 1 if in_pieces(columns, g.filters) else threads
    work = add * entries + _product(multiplications, entries, sharing)
    work += TURN * planar * g.positions * g.filters
    return IM2COL_ADD_CALL + itemsize / 4 * work


def flipped_im2col_time(task: str, g: Geometry, threads: int, itemsize: int) -> float:
    """Estimates the input gradient that is a convolution by im2col itself."""
    if task != "input_gradient" or max(g.strides) > 1:
        return float("inf")
    back = back_geometry(g)
    turned = KERNEL_TURN * prod(g.kernel_shape) + BACK_INPUT * prod(back.input_shape)
    return IM2COL_CALL + itemsize / 4 * (turned + _patches(back, threads, GEMM))


def _patches(g: Geometry, threads: int, gemm: float) -> float:
    """Of patches that are copied and multiplied."""
    columns = g.taps * g.channels
    entries = g.positions * columns
    copy = COPY_PLANAR if im2col.row(g) < im2col.SHORT_ROW else COPY
    work = copy * entries + OUTPUT * g.positions * g.filters
    if in_pieces(columns, g.filters):
        return work + gemm * g.macs
    multiplications = entries * max(g.filters, NARROWEST)
    return work + _product(multiplications, entries, threads, gemm)


def _product(
    multiplications: int, fetched: int, threads: int, gemm: float = GEMM
) -> float:
    """Of a product of matrices, of which one thread writes or reads some entries."""
    alone = gemm * multiplications
    return alone / threads**SPEEDUP + FETCH * (1 - 1 / threads) * fetched


def shift_gemm_time(task: str, g: Geometry, threads: int, itemsize: int) -> float:
    """Estimates one product for each tap, or for all of them."""
    if shift_gemm.in_planes(task, g):
        return SHIFT_GEMM_CALL + itemsize / 4 * _planes(g, threads)
    pixels = g.batch * prod(shift_gemm.canvas(g)) * g.taps
    source, target = g.channels, g.filters
    if task == "input_gradient":
        source, target = target, source
    adds = g.taps > 1 and task != "kernel_gradient"
    if task != "input_gradient" and in_pieces(source, target):
        work = GEMM * pixels * source * target
    else:
        wide = max(target, NARROWEST)
        work = _product(pixels * source * wide, pixels * target * adds, threads)
    if g.taps == 1:
        work += pixels * SHIFT_READ_ONCE / threads * source
    else:
        work += pixels * (SHIFT_READ * source + SHIFT_ADD[task] * target)
    if task == "kernel_gradient":
        # im2col multiplies what it has just copied, which is in the cache
        work += pixels * SHIFT_TURN * g.channels / g.taps / threads
    work += PHASE * prod(g.input_shape)
    products = len(shift_gemm.runs(g)) * g.taps
    return SHIFT_GEMM_CALL + SHIFT_PRODUCT_CALL * products + itemsize / 4 * work


def _planes(g: Geometry, threads: int) -> float:
    """Of one product for all taps, whose planes are added to the input."""
    pixels = g.batch * prod(shift_gemm.canvas(g))
    columns = g.taps * g.channels
    sharing = 1 if in_pieces(columns, g.filters) else threads
    entries = pixels * columns
    added = ADD_PLANES * entries + TURN * pixels * g.filters
    return added + _product(entries * g.filters, entries, sharing)


def fft_time(task: str, g: Geometry, threads: int, itemsize: int) -> float:
    """Estimates the Fourier transforms, which one thread computes."""
    if task == "input_gradient":
        g = back_geometry(g)
    butterflies, products = fft.operations(g)
    return FFT_CALL + itemsize / 4 * (BUTTERFLY * butterflies + PRODUCT * products)


def winograd_time(task: str, g: Geometry, threads: int, itemsize: int) -> float:
    """Estimates Winograd's filtering, which is not for all kernels."""
    exchanged = task == "input_gradient"
    if exchanged:
        g = back_geometry(g)
    if not tiling.supports(g):
        return float("inf")
    dense = dense_geometry(g)
    count = tiling.operations(dense, itemsize)
    kernels = count.points * g.channels * g.filters
    alone = in_pieces(g.channels, g.filters, SMALLEST_OF_PAIR)
    product = TILE_PRODUCT / (1 if alone else threads) ** SPEEDUP
    read = KERNEL_READ if kernels * itemsize <= KERNEL_CACHE else KERNEL_FETCH
    work = (
        TILE_COPY * count.copies
        + TILE_EVALUATE * count.evaluated
        + product * count.products
        + KERNEL_EVALUATE * count.kernels
        + read * count.blocks * kernels
        + KERNEL_EXCHANGE * kernels * exchanged
    )
    if kernels * itemsize > KEPT:
        work += KERNEL_NEW * kernels
    if dense.batch > g.batch:
        work += PHASE * (prod(g.input_shape) + prod(g.output_shape))
    calls = TILE_BLOCK_CALL * count.blocks + TILE_PRODUCT_CALL * count.calls
    return WINOGRAD_CALL + calls + itemsize / 4 * work
