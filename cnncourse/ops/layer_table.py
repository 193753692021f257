"""What a stack of layers costs and sees: shapes, parameters, MACs, receptive fields."""

from collections.abc import Sequence
from dataclasses import dataclass
from math import prod

from cnncourse.ops.arguments import Sizes, per_axis
from cnncourse.ops.shapes import Padding, extent, output_sizes, padding_pairs


@dataclass(frozen=True)
class Convolution:
    """A convolution layer; the attributes are the arguments of `conv`."""

    filters: int
    kernel_size: Sizes
    strides: Sizes = 1
    padding: Padding = "valid"
    dilation_rate: Sizes = 1
    groups: int = 1
    use_bias: bool = True


@dataclass(frozen=True)
class Pooling:
    """A pooling layer, maximum or average; the strides default to the pool size."""

    pool_size: Sizes
    strides: Sizes | None = None
    padding: Padding = "valid"


@dataclass(frozen=True)
class Dense:
    """A dense layer; what comes before it is flattened."""

    units: int
    use_bias: bool = True


Layer = Convolution | Pooling | Dense


@dataclass(frozen=True)
class ReceptiveField:
    """What one unit sees of the input of the net, along each axis, in pixels.

    Attributes:
        size: pixels that it depends on.
        jump: pixels between two neighbouring units.
        start: pixel on which the first unit is centred, from 0; halves are possible.
    """

    size: tuple[int, ...]
    jump: tuple[int, ...]
    start: tuple[float, ...]


@dataclass(frozen=True)
class Row:
    """One layer in its net.

    Attributes:
        layer: the layer.
        output_shape: `(*sizes, C)` after a convolution or pooling, else `(units,)`.
        parameters: weights and biases.
        macs: multiply-accumulate operations for one example; adding biases and pooling
            count for nothing.
        receptive_field: None after a dense layer, which sees everything.
    """

    layer: Layer
    output_shape: tuple[int, ...]
    parameters: int
    macs: int
    receptive_field: ReceptiveField | None


def layer_table(layers: Sequence[Layer], input_shape: tuple[int, ...]) -> list[Row]:
    """Follows an input through a stack of layers.

    Args:
        layers: from the input to the output.
        input_shape: `(*sizes, C)`, of 1 to 3 spatial axes, without the batch.

    Returns:
        One row for each layer. The sum of `parameters` is the number of parameters of
        the net.

    Raises:
        ValueError: if a layer does not fit its input.

    Example:
        >>> rows = layer_table([Convolution(6, 5), Pooling(2)], (32, 32, 1))
        >>> rows[-1].output_shape, rows[0].parameters, rows[0].macs
        ((14, 14, 6), 156, 117600)
        >>> rows[-1].receptive_field.size
        (6, 6)
    """
    rank = len(input_shape) - 1
    shape = per_axis("input_shape", input_shape, rank + 1)
    field: ReceptiveField | None = None
    if rank > 0:
        field = ReceptiveField((1,) * rank, (1,) * rank, (0.0,) * rank)
    rows: list[Row] = []
    for layer in layers:
        row = _row(layer, shape, field)
        rows.append(row)
        shape, field = row.output_shape, row.receptive_field
    return rows


def receptive_field(
    layers: Sequence[Layer], input_shape: tuple[int, ...]
) -> ReceptiveField:
    """Returns what a unit of the last layer sees; the arguments are `layer_table`'s.

    Raises:
        ValueError: if there is a dense layer, or a layer does not fit its input.
    """
    rows = layer_table(layers, input_shape)
    field = rows[-1].receptive_field if rows else None
    if field is None:
        raise ValueError(
            "Expected convolution and pooling layers, at least one. "
            f"Received: layers={list(layers)}"
        )
    return field


def _row(layer: Layer, shape: tuple[int, ...], field: ReceptiveField | None) -> Row:
    if isinstance(layer, Dense):
        inputs, (units,) = prod(shape), per_axis("units", layer.units, 1)
        weights = inputs * units
        return Row(layer, (units,), weights + units * layer.use_bias, weights, None)
    if field is None:
        raise ValueError(
            f"Expected an input with axes (*sizes, C) for {layer}. Received: {shape}"
        )
    if isinstance(layer, Pooling):
        pool = layer.pool_size
        steps = pool if layer.strides is None else layer.strides
        sizes, field = _slide(shape[:-1], field, pool, steps, layer.padding, 1)
        return Row(layer, (*sizes, shape[-1]), 0, 0, field)
    channels, filters = shape[-1], layer.filters
    if channels % layer.groups or filters % layer.groups:
        raise ValueError(
            f"Expected groups to divide {channels} channels and {filters} filters. "
            f"Received: groups={layer.groups}"
        )
    sizes, field = _slide(
        shape[:-1],
        field,
        layer.kernel_size,
        layer.strides,
        layer.padding,
        layer.dilation_rate,
    )
    taps = prod(per_axis("kernel_size", layer.kernel_size, len(sizes)))
    weights = taps * channels // layer.groups * filters
    parameters = weights + filters * layer.use_bias
    return Row(layer, (*sizes, filters), parameters, weights * prod(sizes), field)


def _slide(
    sizes: tuple[int, ...],
    field: ReceptiveField,
    kernel_size: Sizes,
    strides: Sizes,
    padding: Padding,
    dilation_rate: Sizes,
) -> tuple[tuple[int, ...], ReceptiveField]:
    """Returns the output sizes of a window that slides, and what its units see."""
    rank = len(sizes)
    outputs = output_sizes(sizes, kernel_size, strides, padding, dilation_rate)
    pairs = padding_pairs(padding, sizes, kernel_size, strides, dilation_rate)
    spans = [
        extent(k, d) - 1
        for k, d in zip(
            per_axis("kernel_size", kernel_size, rank),
            per_axis("dilation_rate", dilation_rate, rank),
            strict=True,
        )
    ]
    steps = per_axis("strides", strides, rank)
    size = [
        s + span * j for s, span, j in zip(field.size, spans, field.jump, strict=True)
    ]
    jump = [j * step for j, step in zip(field.jump, steps, strict=True)]
    start = [
        at + (span / 2 - before) * j
        for at, span, (before, _), j in zip(
            field.start, spans, pairs, field.jump, strict=True
        )
    ]
    return outputs, ReceptiveField(tuple(size), tuple(jump), tuple(start))
