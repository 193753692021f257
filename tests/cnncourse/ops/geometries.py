"""Convolutions that several tests are about."""

from cnncourse.ops.geometry import Geometry


def square(
    batch: int,
    size: int,
    channels: int,
    kernel: int,
    filters: int,
    strides: int = 1,
    dilation_rate: int = 1,
) -> Geometry:
    """A convolution of a square as large as `size`, its padding included."""
    k, s, d = ((n, n) for n in (kernel, strides, dilation_rate))
    return Geometry(batch, (size, size), channels, k, s, d, filters)
