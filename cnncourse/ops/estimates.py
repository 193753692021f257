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

from cnncourse.ops import fft, im2col, shift_gemm, winograd
from cnncourse.ops.dilation import dense_geometry
from cnncourse.ops.geometry import Geometry, back_geometry
from cnncourse.ops.long_products import in_pieces

GEMM = 0.021  # one multiplication and addition in a product of matrices
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
TILE_COPY = 0.39  # one entry of a tile
TILE_EVALUATE, KERNEL_EVALUATE = 0.032, 0.03  # one multiplication
TILE_PRODUCT = 0.023  # one in the product of tiles and kernels
KERNEL_READ = 0.2  # one entry of a kernel at a point
KERNEL_FETCH = {4: 1.2, 8: 0.75}  # the same from the memory, for entries of such bytes
KERNEL_EXCHANGE = 0.35  # the same with channels exchanged
KERNEL_CACHE = 4 << 20  # bytes of evaluated kernels that are not yet fetched
# of one call, whatever its sizes, and of one product of matrices
IM2COL_CALL, IM2COL_ADD_CALL, SHIFT_GEMM_CALL = 5.5e4, 1.0e5, 7.5e4
FFT_CALL, WINOGRAD_CALL = 1.8e5, 1.0e5
SHIFT_PRODUCT_CALL, TILE_PRODUCT_CALL = 2800.0, 500.0


def im2col_time(task: str, g: Geometry, threads: int, itemsize: int) -> float:
    """Estimates im2col; the arguments are those of `dispatch.fastest`."""
    if task != "input_gradient":
        return IM2COL_CALL + itemsize / 4 * _patches(g, threads)
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
    return IM2COL_CALL + itemsize / 4 * (turned + _patches(back, threads))


def _patches(g: Geometry, threads: int) -> float:
    """Of patches that are copied and multiplied."""
    columns = g.taps * g.channels
    entries = g.positions * columns
    copy = COPY_PLANAR if im2col.row(g) < im2col.SHORT_ROW else COPY
    work = copy * entries + OUTPUT * g.positions * g.filters
    if in_pieces(columns, g.filters):
        return work + GEMM * g.macs
    return work + _product(entries * max(g.filters, NARROWEST), entries, threads)


def _product(multiplications: int, fetched: int, threads: int) -> float:
    """Of a product of matrices, of which one thread writes or reads some entries."""
    alone = GEMM * multiplications
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
    if not winograd.supports(g):
        return float("inf")
    dense = dense_geometry(g)
    count = winograd.operations(dense, itemsize, threads)
    kernels = count.points * g.channels * g.filters
    read = KERNEL_READ if kernels * itemsize <= KERNEL_CACHE else KERNEL_FETCH[itemsize]
    work = (
        TILE_COPY * count.copies
        + TILE_EVALUATE * count.evaluations
        + TILE_PRODUCT * count.products
        + KERNEL_EVALUATE * count.kernels
        + read * count.reads
        + KERNEL_EXCHANGE * kernels * exchanged
    )
    if dense.batch > g.batch:
        work += PHASE * (prod(g.input_shape) + prod(g.output_shape))
    calls = WINOGRAD_CALL + TILE_PRODUCT_CALL * count.calls
    return calls + itemsize / 4 * work
