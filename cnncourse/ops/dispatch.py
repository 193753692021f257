"""The algorithms of convolution by name, and which should be fastest."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache

import numpy as np

from cnncourse.catalogue import Catalogue
from cnncourse.ops import estimates, fft, im2col, shift_gemm, winograd
from cnncourse.ops.blas_threads import blas_threads
from cnncourse.ops.geometry import Geometry

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


ALGORITHMS = Catalogue(
    "algorithm of convolution",
    [
        ("im2col", Algorithm(
            im2col.forward,
            im2col.input_gradient,
            im2col.kernel_gradient,
            estimates.im2col_time,
        )),
        ("flipped_im2col", Algorithm(
            im2col.forward,
            im2col.flipped_input_gradient,
            im2col.kernel_gradient,
            estimates.flipped_im2col_time,
        )),
        ("shift_gemm", Algorithm(
            shift_gemm.forward,
            shift_gemm.input_gradient,
            shift_gemm.kernel_gradient,
            estimates.shift_gemm_time,
        )),
        ("fft", Algorithm(
            fft.forward,
            fft.input_gradient,
            fft.kernel_gradient,
            estimates.fft_time,
        )),
        ("winograd", Algorithm(
            winograd.forward,
            winograd.input_gradient,
            winograd.kernel_gradient,
            estimates.winograd_time,
        )),
    ],
)  # fmt: skip


def choose(task: str, g: Geometry, itemsize: int) -> str:
    """Returns the name of the algorithm that should be fastest here and now.

    Args are those of `fastest`.
    """
    return fastest(task, g, blas_threads(), itemsize)


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
