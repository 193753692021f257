import re

import keras
import numpy as np
import pytest

from cnncourse.architectures.catalogue import create, outline
from cnncourse.architectures.counts import count_parameters, layer_rows
from cnncourse.architectures.inception import GOOGLENET, INCEPTION_V2
from cnncourse.architectures.inception_block import (
    Convolution,
    Fork,
    Pooling,
    inception_block,
)

WITH_HEADS = {  # parameters with both auxiliary heads
    "googlenet": 13_378_280,
    "googlenet_bn": 13_004_888,
}


@pytest.mark.parametrize("name", WITH_HEADS)
def test_auxiliary_heads_are_further_outputs_with_their_parameters(name: str) -> None:
    model = outline(name, auxiliary_heads=True)
    assert count_parameters(model) == WITH_HEADS[name]
    assert model.output_shape == [(None, 1000)] * 3


def test_maps_are_as_deep_as_table_1_says() -> None:
    rows = {row.name: row.output_shape for row in layer_rows(outline("googlenet"))}
    depths = {
        name: rows[f"{name}_concat"][1:]
        for name in (
            "stage3_block1", "stage3_block2", "stage4_block1", "stage4_block4",
            "stage4_block5", "stage5_block1", "stage5_block2",
        )
    }  # fmt: skip
    assert depths == {
        "stage3_block1": (28, 28, 256),
        "stage3_block2": (28, 28, 480),
        "stage4_block1": (14, 14, 512),
        "stage4_block4": (14, 14, 528),
        "stage4_block5": (14, 14, 832),
        "stage5_block1": (7, 7, 832),
        "stage5_block2": (7, 7, 1024),
    }
    assert sum(map(len, GOOGLENET.values())) == 9


def test_maps_of_the_second_version_are_as_deep_as_its_table_says() -> None:
    rows = {row.name: row.output_shape for row in layer_rows(outline("inception_v2"))}
    found = [
        rows[f"{stage}_block{number}_concat"][1:]
        for stage, blocks in INCEPTION_V2.items()
        for number in range(1, len(blocks) + 1)
    ]
    assert found == [
        (28, 28, 256), (28, 28, 320), (14, 14, 576),
        (14, 14, 576), (14, 14, 576), (14, 14, 576), (14, 14, 576), (7, 7, 1024),
        (7, 7, 1024), (7, 7, 1024),
    ]  # fmt: skip


def test_the_normalised_form_has_neither_biases_nor_local_normalisation() -> None:
    model = outline("googlenet_bn")
    kinds = {type(layer).__name__ for layer in model.layers}
    assert "LocalResponseNormalization" not in kinds
    assert not any(getattr(x, "use_bias", False) for x in model.layers[:-1])


def test_heads_can_be_trained_with_the_weight_of_the_paper() -> None:
    model = create(
        "googlenet", (80, 80, 3), 3, width=0.125, auxiliary_heads=True
    )  # fmt: skip
    loss = keras.losses.SparseCategoricalCrossentropy(from_logits=True)
    model.compile("sgd", loss=[loss] * 3, loss_weights=[1, 0.3, 0.3])
    images, labels = np.zeros((2, 80, 80, 3)), np.array([0, 1])
    losses = model.test_on_batch(images, [labels] * 3)
    assert losses[0] == pytest.approx(losses[1] + 0.3 * (losses[2] + losses[3]))


def test_a_picture_too_small_for_the_heads_is_refused() -> None:
    with pytest.raises(
        ValueError, match=re.escape("Received: input_shape=(32, 32, 3)")
    ):
        create("googlenet", (32, 32, 3), 3, width=0.125, auxiliary_heads=True)


def convolve(x, filters, kernel_size, name, strides=1):  # type: ignore
    layer = keras.layers.Conv2D(
        filters, kernel_size, strides, "same", name=f"{name}_conv"
    )
    return layer(x)


def test_a_fork_splits_a_branch() -> None:
    branches = (
        (Convolution(2, 1), Fork(((Convolution(3, (1, 3)),), (Convolution(4, 3),)))),
        (Pooling("max"),),
    )
    inputs = keras.Input((6, 6, 5))
    outputs = inception_block(inputs, branches, convolve, "block")
    assert outputs.shape == (None, 6, 6, 3 + 4 + 5)
    names = [layer.name for layer in keras.Model(inputs, outputs).layers]
    assert "block_branch1_step2_branch2_step1_conv" in names


@pytest.mark.parametrize(("reduction", "size"), [("same", 4), ("valid", 3)])
def test_a_reducing_pooling_pads_as_told(reduction: str, size: int) -> None:
    inputs = keras.Input((8, 8, 5))
    branches = ((Pooling("max", strides=2),), (Pooling("average", strides=2),))
    outputs = inception_block(inputs, branches, convolve, "block", reduction)
    assert outputs.shape == (None, size, size, 10)
