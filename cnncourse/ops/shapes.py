"""Sizes along the spatial axes: padding, convolution, pooling, transposed convolution.

Padding is written in one of four ways, everywhere in `cnncourse.ops`:

* `"valid"`: none;
* `"same"`: TensorFlow's rule, so that `output = ceil(size / strides)`; an odd number of
  zeros puts the extra one at the end;
* an integer: that many on each side of each axis;
* one entry for each axis, an integer (each side) or a pair `(before, after)`.
"""

from collections.abc import Sequence

import numpy as np

from cnncourse.ops.arguments import Sizes, per_axis

Padding = str | int | Sequence[int | tuple[int, int]]
Pairs = tuple[tuple[int, int], ...]


def extent(kernel_size: int, dilation_rate: int = 1) -> int:
    """Returns how many entries a dilated kernel spans, holes included."""
    return dilation_rate * (kernel_size - 1) + 1


def padding_pairs(
    padding: Padding,
    sizes: Sequence[int],
    kernel_size: Sizes,
    strides: Sizes = 1,
    dilation_rate: Sizes = 1,
) -> Pairs:
    """Writes a padding as one pair `(before, after)` for each axis.

    Args:
        padding: see the head of this module.
        sizes: input sizes, one for each spatial axis.
        kernel_size: an integer >= 1, or one for each axis; so are the next two.
        strides: step between windows.
        dilation_rate: step between the taps of a window.

    Raises:
        ValueError: if `padding` is none of the four, or negative.
    """
    rank = len(sizes)
    kernel_size = per_axis("kernel_size", kernel_size, rank)
    strides = per_axis("strides", strides, rank)
    dilation_rate = per_axis("dilation_rate", dilation_rate, rank)
    if isinstance(padding, str) and padding.lower() == "valid":
        return ((0, 0),) * rank
    if isinstance(padding, str) and padding.lower() == "same":
        totals = [
            max((-(-n // s) - 1) * s + extent(k, d) - n, 0)
            for n, k, s, d in zip(
                sizes, kernel_size, strides, dilation_rate, strict=True
            )
        ]
        return tuple((total // 2, total - total // 2) for total in totals)
    return _explicit_pairs(padding, rank)


def _explicit_pairs(padding: Padding, rank: int) -> Pairs:
    entries: list = [padding] * rank if isinstance(padding, int) else list(padding)
    pairs = [(e, e) if isinstance(e, int | np.integer) else e for e in entries]
    good = len(pairs) == rank and all(
        isinstance(pair, tuple | list)
        and len(pair) == 2
        and all(isinstance(p, int | np.integer) and p >= 0 for p in pair)
        for pair in pairs
    )
    if not good:
        raise ValueError(
            'Expected padding: "valid", "same", an integer >= 0, or for each of the '
            f"{rank} spatial axes an integer or a pair (before, after). "
            f"Received: padding={padding!r}"
        )
    return tuple((int(before), int(after)) for before, after in pairs)


def output_sizes(
    sizes: Sequence[int],
    kernel_size: Sizes,
    strides: Sizes = 1,
    padding: Padding = "valid",
    dilation_rate: Sizes = 1,
) -> tuple[int, ...]:
    """Returns the output sizes of a convolution or of a pooling.

    For each axis, `floor((n + before + after - d (k - 1) - 1) / s) + 1`.

    Args:
        sizes: input sizes, one for each spatial axis.
        kernel_size: window size; an integer, or one for each axis.
        strides: step between windows; an integer, or one for each axis.
        padding: see the head of this module.
        dilation_rate: step between the taps; an integer, or one for each axis.

    Raises:
        ValueError: if an argument is out of range, or the kernel larger than the
            padded input.

    Example:
        >>> output_sizes((227, 227), 11, strides=4)
        (55, 55)
    """
    rank = len(sizes)
    sizes = per_axis("sizes", sizes, rank)
    pairs = padding_pairs(padding, sizes, kernel_size, strides, dilation_rate)
    kernel_size = per_axis("kernel_size", kernel_size, rank)
    dilation_rate = per_axis("dilation_rate", dilation_rate, rank)
    padded = [n + sum(pair) for n, pair in zip(sizes, pairs, strict=True)]
    extents = [extent(k, d) for k, d in zip(kernel_size, dilation_rate, strict=True)]
    if any(e > n for e, n in zip(extents, padded, strict=True)):
        raise ValueError(
            "Expected a kernel no larger than the padded input, "
            f"{tuple(padded)}. Received: kernel_size={kernel_size} with "
            f"dilation_rate={dilation_rate}, which spans {tuple(extents)}"
        )
    steps = per_axis("strides", strides, rank)
    return tuple(
        (n - e) // s + 1 for n, e, s in zip(padded, extents, steps, strict=True)
    )


def output_size(
    size: int,
    kernel_size: int,
    strides: int = 1,
    padding: str | int | tuple[int, int] = "valid",
    dilation_rate: int = 1,
) -> int:
    """Returns the output size along one axis; see `output_sizes`.

    Example:
        >>> output_size(5, 3, strides=2, padding=(1, 2))
        3
    """
    entry: Padding = padding if isinstance(padding, str) else (padding,)
    return output_sizes((size,), kernel_size, strides, entry, dilation_rate)[0]


def transposed_output_sizes(
    sizes: Sequence[int],
    kernel_size: Sizes,
    strides: Sizes = 1,
    padding: Padding = "valid",
    dilation_rate: Sizes = 1,
    output_padding: int = 0,
) -> tuple[int, ...]:
    """Returns the output sizes of a transposed convolution.

    Explicit padding is cut off: `(n - 1) s + d (k - 1) + 1 - before - after`. With
    "same" the output is `n s`, with "valid" `(n - 1) s + max(d (k - 1) + 1, s)`, as in
    Keras.

    Args:
        sizes: input sizes, one for each spatial axis.
        kernel_size: an integer, or one for each axis; so are the next ones.
        strides: factor by which the input is spread.
        padding: see the head of this module.
        dilation_rate: step between the taps.
        output_padding: entries added at the end of each axis, fewer than the stride.

    Raises:
        ValueError: if an argument is out of range, or nothing is left to return.
    """
    rank = len(sizes)
    sizes = per_axis("sizes", sizes, rank)
    kernel_size = per_axis("kernel_size", kernel_size, rank)
    steps = per_axis("strides", strides, rank)
    rates = per_axis("dilation_rate", dilation_rate, rank)
    if not 0 <= output_padding < max(min(steps), 1):
        raise ValueError(
            "Expected output_padding from 0 to strides - 1. "
            f"Received: output_padding={output_padding}, strides={strides}"
        )
    extents = [extent(k, d) for k, d in zip(kernel_size, rates, strict=True)]
    name = padding.lower() if isinstance(padding, str) else ""
    if name == "same":
        return tuple(n * s + output_padding for n, s in zip(sizes, steps, strict=True))
    if name == "valid":
        extents = [max(e, s) for e, s in zip(extents, steps, strict=True)]
    pairs = padding_pairs(padding, sizes, kernel_size)
    outputs = tuple(
        (n - 1) * s + e - sum(pair) + output_padding
        for n, s, e, pair in zip(sizes, steps, extents, pairs, strict=True)
    )
    if min(outputs) < 1:
        raise ValueError(
            f"Expected less padding than output, {outputs} is left. "
            f"Received: padding={padding!r}"
        )
    return outputs
