"""Layers in steps, steps in blocks."""

import pytest
from keras import layers

from cnncourse.architectures import create, outline
from cnncourse.architectures.layer_graph import layer_blocks, layer_title

TITLES = [
    (layers.Conv2D(64, 3), "3×3 conv, 64"),
    (layers.Conv2D(64, (1, 7), strides=2), "1×7 conv, 64, stride 2"),
    (layers.Conv2D(64, 3, strides=(2, 1)), "3×3 conv, 64, stride 2×1"),
    (layers.Conv2D(64, 3, groups=2, dilation_rate=4), "3×3 conv, 64, 2 groups, dil"),
    (layers.Conv1D(100, 5), "width 5 conv, 100"),
    (layers.Conv2DTranspose(8, 2, 2), "2×2 up-conv, 8"),
    (layers.MaxPooling2D(3, 2), "3×3 max pool, stride 2"),
    (layers.AveragePooling2D(2), "2×2 average pool"),
    (layers.GlobalAveragePooling2D(), "global average pooling"),
    (layers.Dense(10), "dense, 10"),
    (layers.Concatenate(), "concatenate"),
]


@pytest.mark.parametrize(("layer", "title"), TITLES, ids=[t for _, t in TITLES])
def test_title(layer: layers.Layer, title: str) -> None:
    assert layer_title(layer).startswith(title)


def test_steps_absorb_what_follows() -> None:
    blocks = layer_blocks(outline("alexnet"))
    conv1 = next(block for block in blocks if block.name == "conv1")
    first, pool = conv1.steps
    assert first.extras == ["ReLU", "LRN"] and first.parameters == 34_944
    assert pool.inputs == ["conv1_conv"]


def test_equal_blocks_are_counted() -> None:
    blocks = layer_blocks(outline("resnet50"))
    counts = {block.name: block.count for block in blocks}
    drawn = [name for name in counts if "_block" in name]
    assert len(drawn) == 8 and counts["stage4_block2"] == 5
    assert sum(counts[name] for name in drawn) == 16
    last = next(block for block in blocks if block.name == "stage4_block2").last
    assert last == "stage4_block6"


def test_what_follows_on_counted_blocks_points_to_the_drawn_one() -> None:
    blocks = layer_blocks(outline("resnet50"))
    names = {step.name for block in blocks for step in block.steps}
    assert all(n in names for b in blocks for s in b.steps for n in s.inputs)


@pytest.mark.parametrize("name", ["lenet5", "resnet18", "googlenet", "unet"])
def test_no_parameter_is_lost(name: str) -> None:
    model = outline(name)
    blocks = layer_blocks(model)
    drawn = sum(
        block.count * step.parameters for block in blocks for step in block.steps
    )
    statistics = sum(
        2 * layer.gamma.shape[0] if layer.scale else 2 * layer.beta.shape[0]
        for layer in model.layers
        if isinstance(layer, layers.BatchNormalization)
    )
    assert drawn == model.count_params() - statistics


def test_what_two_layers_take_absorbs_neither() -> None:
    """The sum of a block goes to the next block's normalisation and to its sum."""
    model = create("resnet18_v2", (32, 32, 3), blocks=(2,), width=4)
    steps = {step.name: step for block in layer_blocks(model) for step in block.steps}
    assert steps["stage2_block1_add"].extras == []
    assert "BN" in steps["stage2_block2_add"].extras
