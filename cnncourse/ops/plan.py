"""Checks a call of a convolution and plans it: sizes, padding, groups."""

from dataclasses import dataclass

import numpy as np

from cnncourse.ops.arguments import Sizes, per_axis
from cnncourse.ops.geometry import Geometry
from cnncourse.ops.shapes import Padding, output_sizes, padding_pairs


@dataclass(frozen=True)
class Plan:
    """What a call asks for.

    Attributes:
        geometry: the sizes of one group of channels, with the padding.
        groups: number of groups of channels.
    """

    geometry: Geometry
    groups: int

    def pad(self, x: np.ndarray, value: float = 0.0) -> np.ndarray:
        """Returns `x` with its padding, or `x` itself where there is none."""
        g = self.geometry
        if not any(map(any, g.pairs)):
            return x
        shape = (x.shape[0], *g.sizes, x.shape[-1])
        padded = np.full(shape, value, x.dtype) if value else np.zeros(shape, x.dtype)
        padded[g.inside] = x
        return padded


def plan(
    x_shape: tuple[int, ...],
    w_shape: tuple[int, ...],
    strides: Sizes = 1,
    padding: Padding = "valid",
    dilation_rate: Sizes = 1,
    groups: int = 1,
) -> Plan:
    """Checks the shapes and options of a call.

    Args:
        x_shape: `(B, *sizes, C_in)`.
        w_shape: `(*kernel_size, C_in / groups, C_out)`.
        strides: an integer >= 1, or one for each axis.
        padding: see `cnncourse.ops.shapes`.
        dilation_rate: an integer >= 1, or one for each axis.
        groups: a divisor of both numbers of channels.

    Raises:
        ValueError: if ranks or channels do not fit, or an option is out of range.
    """
    rank = len(x_shape) - 2
    if rank not in (1, 2, 3) or len(w_shape) != rank + 2:
        raise ValueError(
            "Expected x with axes (B, *sizes, C_in) and w with axes (*kernel_size, "
            "C_in / groups, C_out), of 1 to 3 spatial axes. "
            f"Received: x.shape={x_shape}, w.shape={w_shape}"
        )
    if min(*x_shape, *w_shape) < 1:
        raise ValueError(
            f"Expected no empty axis. Received: x.shape={x_shape}, w.shape={w_shape}"
        )
    (groups,) = per_axis("groups", groups, 1)
    channels, filters = x_shape[-1], w_shape[-1]
    if channels % groups or filters % groups or channels // groups != w_shape[-2]:
        raise ValueError(
            "Expected w.shape[-2] to be the channels of x over groups, and groups to "
            "divide the channels and the filters. Received: "
            f"x.shape={x_shape}, w.shape={w_shape}, groups={groups}"
        )
    sizes, kernel_size = x_shape[1:-1], w_shape[:-2]
    output_sizes(sizes, kernel_size, strides, padding, dilation_rate)  # checks them
    pairs = padding_pairs(padding, sizes, kernel_size, strides, dilation_rate)
    geometry = Geometry(
        batch=x_shape[0],
        sizes=tuple(n + sum(pair) for n, pair in zip(sizes, pairs, strict=True)),
        channels=channels // groups,
        kernel_size=kernel_size,
        strides=per_axis("strides", strides, rank),
        dilation_rate=per_axis("dilation_rate", dilation_rate, rank),
        filters=filters // groups,
        pads=pairs,
    )
    return Plan(geometry, groups)
