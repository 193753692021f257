"""What each call of a layer costs: shapes, parameters, multiply-accumulates."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from math import prod
from typing import Any

import keras
from keras import layers

Shape = tuple[int | None, ...]


@dataclass(frozen=True)
class Row:
    """One call of a layer in a model.

    Attributes:
        name: of the layer.
        kind: its class, such as "Conv2D".
        inputs: names of the layers whose output it takes.
        input_shapes: of each input, with the batch.
        output_shape: with the batch, which is None; of the first output.
        parameters: weights, trained or not, without the moving statistics of batch
            normalisation; 0 where the layer was called before.
        trained: the parameters that training changes.
        macs: multiply-accumulates for one example in convolutions and dense layers;
            adding biases, normalisation, pooling and activations count for nothing.
    """

    name: str
    kind: str
    inputs: tuple[str, ...]
    input_shapes: tuple[Shape, ...]
    output_shape: Shape
    parameters: int
    trained: int
    macs: int


def layer_rows(model: keras.Model) -> list[Row]:
    """Returns a row for each call of a layer, from the inputs to the outputs.

    Raises:
        ValueError: if the model is no graph of layers, a size is unknown, or a layer
            with a matrix of weights does not say how often it uses them.
    """
    seen: set[int] = set()
    rows = []
    for operation, node in _calls(model):
        first = id(operation) not in seen
        seen.add(id(operation))
        rows.append(_row(operation, node, first))
    return rows


def count_macs(model: keras.Model) -> int:
    """Returns the multiply-accumulates of a forward pass for one example.

    The errors are those of `layer_rows`.

    Example:
        >>> count_macs(outline("lenet5"))
        416520
    """
    return sum(row.macs for row in layer_rows(model))


def count_parameters(model: keras.Model, trained: bool = True) -> int:
    """Returns the parameters that training changes, or all."""
    weights = model.trainable_weights if trained else model.weights
    return _size(weights)


def _calls(model: keras.Model) -> Iterator[tuple[Any, Any]]:
    graph = getattr(model, "_functional", None) or model
    if not hasattr(graph, "operations"):
        raise ValueError(
            "Expected a functional model, or a sequential one that is built. "
            f"Received: model={model.name}"
        )
    inside = {id(node) for nodes in graph._nodes_by_depth.values() for node in nodes}
    for operation in graph.operations:
        for node in operation._inbound_nodes:
            if id(node) in inside:
                yield operation, node


def _row(operation: Any, node: Any, first: bool) -> Row:
    weights = getattr(operation, "weights", []) if first else []
    output = tuple(node.outputs[0].shape)
    inputs = tuple(tuple(tensor.shape) for tensor in node.input_tensors)
    return Row(
        name=operation.name,
        kind=type(operation).__name__,
        inputs=tuple(t._keras_history.operation.name for t in node.input_tensors),
        input_shapes=inputs,
        output_shape=output,
        parameters=_size(weights),
        trained=_size([weight for weight in weights if weight.trainable]),
        macs=layer_macs(operation, inputs, output),
    )


def _size(weights: list[Any]) -> int:
    """Entries of weights, without those that only record what passed."""
    statistics = ("moving_mean", "moving_variance")
    return sum(prod(w.shape) for w in weights if w.name not in statistics)


def layer_macs(layer: Any, inputs: tuple[Shape, ...], output: Shape) -> int:
    """Returns the multiply-accumulates of one call of a layer, for one example.

    A layer that has a method `count_macs(input_shape, output_shape)` is asked; of some
    inputs it gets a tuple of shapes.

    Raises:
        ValueError: if a size is unknown, or the layer is unknown and has a matrix.
    """
    if hasattr(layer, "count_macs"):
        shape = inputs[0] if len(inputs) == 1 else inputs
        return int(layer.count_macs(shape, output))
    if isinstance(layer, keras.Model):
        return count_macs(layer)
    for kinds, rule in RULES:
        if isinstance(layer, kinds):
            if None in (*inputs[0][1:], *output[1:]):
                raise ValueError(
                    "Expected a model whose input sizes are all known. "
                    f"Received: {layer.name} with output_shape={output}"
                )
            return rule(layer, inputs[0][1:], output[1:])
    if any(len(weight.shape) > 1 for weight in getattr(layer, "weights", [])):
        raise ValueError(
            "Expected a layer of Keras or one with a method count_macs(input_shape, "
            f"output_shape). Received: {layer.name} of {type(layer).__name__}"
        )
    return 0


def _at_outputs(*weights: str) -> Callable[[Any, Any, Any], int]:
    """Every weight is used once at each position of the output."""

    def rule(layer: Any, inputs: Any, output: Any) -> int:
        sizes = sum(prod(getattr(layer, name).shape) for name in weights)
        return sizes * prod(output[:-1])

    return rule


def _at_inputs(layer: Any, inputs: Any, output: Any) -> int:
    return prod(layer.kernel.shape) * prod(inputs[:-1])


def _at_steps(layer: Any, inputs: Any, output: Any) -> int:
    cell = layer.cell
    return inputs[0] * (prod(cell.kernel.shape) + prod(cell.recurrent_kernel.shape))


def _for_each_step(layer: Any, inputs: Any, output: Any) -> int:
    return inputs[0] * layer_macs(
        layer.layer, ((None, *inputs[1:]),), (None, *output[1:])
    )


def _nothing(layer: Any, inputs: Any, output: Any) -> int:
    return 0


# the first that fits counts: a transposed convolution is a convolution to Keras
RULES: tuple[tuple[Any, Callable[[Any, Any, Any], int]], ...] = (
    (
        (layers.Conv1DTranspose, layers.Conv2DTranspose, layers.Conv3DTranspose),
        _at_inputs,
    ),
    (
        (layers.SeparableConv1D, layers.SeparableConv2D),
        _at_outputs("depthwise_kernel", "pointwise_kernel"),
    ),
    (
        (
            layers.Conv1D, layers.Conv2D, layers.Conv3D, layers.Dense,
            layers.DepthwiseConv1D, layers.DepthwiseConv2D,
        ),
        _at_outputs("kernel"),
    ),
    ((layers.LSTM, layers.GRU, layers.SimpleRNN), _at_steps),
    (layers.TimeDistributed, _for_each_step),
    ((layers.Embedding, layers.PReLU), _nothing),
)  # fmt: skip
