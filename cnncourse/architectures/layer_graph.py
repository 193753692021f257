"""A model as a graph of what one draws: layers in steps, steps in blocks.

A step is a layer with what only follows on it (normalisation, activation, dropout). A
block holds the steps whose names begin alike, as in stage2_block1_conv.
"""

import re
from dataclasses import dataclass, field, replace
from typing import Any

import keras

from cnncourse.architectures.counts import layer_rows
from cnncourse.architectures.summary_table import shape_text

BLOCK = re.compile(r"stage\d+_block\d+|[^_]+")
ABSORBED = {  # what joins the step before it, and how it is called there
    "BatchNormalization": "BN",
    "ReLU": "ReLU",
    "Activation": "",
    "ScaledTanh": "scaled tanh",
    "Dropout": "dropout",
    "LocalResponseNormalization": "LRN",
    "Maxout": "maxout",
    "Softmax": "softmax",
    "LayerNormalization": "LN",
}
INVISIBLE = ("ZeroPadding1D", "ZeroPadding2D", "ZeroPadding3D", "Flatten", "Reshape")
WORDS = {"strides": "stride {}", "groups": "{} groups", "dilation_rate": "dilation {}"}


@dataclass
class Step:
    """A box of the diagram.

    Attributes:
        name: of its first layer.
        kind: of that layer.
        title: such as "3×3 conv, 64".
        extras: what follows in the same box, such as ["BN", "ReLU"].
        shape: of the result, such as "56 x 56 x 64".
        parameters: of all layers of the step.
        inputs: names of the steps before.
    """

    name: str
    kind: str
    title: str
    shape: str
    parameters: int
    inputs: list[str]
    extras: list[str] = field(default_factory=list)


@dataclass
class Block:
    """Steps whose names begin alike.

    Attributes:
        name: what their names begin with.
        steps: in order.
        last: name of the last of the blocks that this one stands for; blocks that
            repeat the one before are not drawn again.
        count: how many it stands for.
    """

    name: str
    steps: list[Step]
    last: str = ""
    count: int = 1


def layer_blocks(model: keras.Model) -> list[Block]:
    """Returns the blocks of a model, those that repeat another counted with it.

    Raises:
        ValueError: as `cnncourse.architectures.counts.layer_rows`.
    """
    return _counted(_grouped(_steps(model)))


def _steps(model: keras.Model) -> list[Step]:
    rows = layer_rows(model)
    uses: dict[str, int] = {}
    for row in rows:
        for name in row.inputs:
            uses[name] = uses.get(name, 0) + 1
    layers = {layer.name: layer for layer in model.layers}
    steps: dict[str, Step] = {}
    home: dict[str, str] = {}  # layer -> the step that holds it
    for row in rows:
        inputs = list(dict.fromkeys(home[name] for name in row.inputs))
        alone = len(inputs) == 1 and uses[row.inputs[0]] == 1
        if row.kind in INVISIBLE and len(inputs) == 1:
            home[row.name] = inputs[0]
            uses[row.inputs[0]] = uses.get(row.name, 0)
        elif row.kind in ABSORBED and alone and steps[inputs[0]].kind != "InputLayer":
            step = steps[inputs[0]]
            word = ABSORBED[row.kind] or layers[row.name].activation.__name__
            step.extras.append(word)
            step.parameters += row.parameters
            step.shape = shape_text(row.output_shape)
            home[row.name] = step.name
        else:
            layer = layers.get(row.name)
            steps[row.name] = Step(
                row.name,
                row.kind,
                layer_title(layer) if layer else row.kind,
                shape_text(row.output_shape),
                row.parameters,
                inputs,
            )
            home[row.name] = row.name
    return list(steps.values())


def layer_title(layer: Any) -> str:
    """Returns what a layer does in a few words, such as "3×3 conv, 64, stride 2"."""
    kind = type(layer).__name__
    settings = layer.get_config()
    words = re.sub(r"(?<=[a-z])(?=[A-Z])|_", " ", re.sub(r"\dD", "", kind)).lower()
    window = settings.get("kernel_size", settings.get("pool_size"))
    if window is not None:
        words = words.replace("pooling", "pool")
        words = {"conv transpose": "up-conv", "table conv": "conv by table"}.get(
            words, words
        )
        words = f"{_sizes(window)} {words}"
        if kind.endswith("1D"):
            words = f"width {words}"
    for key in ("filters", "units", "num_classes", "output_dim"):
        if isinstance(settings.get(key), int):
            words += f", {settings[key]}"
    for key in WORDS:
        value = _sizes(settings.get(key) or 1, 1)
        if value != "1" and not (key == "strides" and value == _sizes(window or 0, 1)):
            words += f", {WORDS[key].format(value)}"
    return words.removesuffix(" layer")


def _sizes(value: Any, rank: int = 2) -> str:
    """Sizes along the axes, such as "3×3"; with rank 1 one number if all are equal."""
    values = list(value) if isinstance(value, list | tuple) else [value] * rank
    if rank == 1 and len(set(values)) == 1:
        values = values[:1]
    return "×".join(map(str, values))


def _grouped(steps: list[Step]) -> list[Block]:
    blocks: dict[str, Block] = {}
    for step in steps:
        match = BLOCK.match(step.name)
        name = match.group() if match else step.name
        blocks.setdefault(name, Block(name, [], name)).steps.append(step)
    return list(blocks.values())


def _counted(blocks: list[Block]) -> list[Block]:
    """Counts a block with the one before where it is the same and follows on it."""
    kept: list[Block] = []
    repeated: dict[str, str] = {}  # last step of a block not drawn -> that of its twin
    for block in blocks:
        before = kept[-1] if kept else None
        if before and _alike(block, before, repeated):
            repeated[block.steps[-1].name] = before.steps[-1].name
            before.last, before.count = block.name, before.count + 1
            continue
        for step in block.steps:
            step.inputs = [repeated.get(name, name) for name in step.inputs]
        kept.append(block)
    return kept


def _alike(block: Block, before: Block, repeated: dict[str, str]) -> bool:
    if block.name == before.name or "_block" not in block.name:
        return False
    own = {step.name for step in block.steps}
    outer = {
        repeated.get(name, name)
        for step in block.steps
        for name in step.inputs
        if name not in own
    }
    return outer == {before.steps[-1].name} and _portrait(block) == _portrait(before)


def _portrait(block: Block) -> list[Step]:
    """All of a block but its names, to compare it with another."""
    place = {step.name: number for number, step in enumerate(block.steps)}
    return [
        replace(
            step, name="", inputs=[str(place.get(n, "outside")) for n in step.inputs]
        )
        for step in block.steps
    ]
