import re
from collections import Counter
from math import prod

import keras
import numpy as np
import pytest

from cnncourse.architectures.catalogue import create, outline
from cnncourse.architectures.counts import Row, layer_rows
from cnncourse.architectures.resnet import ZeroMaps, recursion_limit

# Lecture 2's table of ResNet-50: shape of the output, parameters. ReLU and the block
# itself have a row each, as "add" and "relu" have in ours.
STEM = [((112, 112, 64), 9_408), ((112, 112, 64), 128), ((112, 112, 64), 0)]
TABLE_STAGES = (  # size, parameters of 1x1 (first, later), 3x3, 1x1, shortcut
    (56, 64, (4_096, 16_384), 36_864, 16_384, 16_384, 3),
    (28, 128, (32_768, 65_536), 147_456, 65_536, 131_072, 4),
    (14, 256, (131_072, 262_144), 589_824, 262_144, 524_288, 6),
    (7, 512, (524_288, 1_048_576), 2_359_296, 1_048_576, 2_097_152, 3),
)


def table_rows(stage: int, block: int) -> Counter:
    """The rows of a block in the lecture's table."""
    size, maps, ones, three, last, shortcut, _ = TABLE_STAGES[stage - 2]
    before = size if stage == 2 or block > 1 else 2 * size
    narrow, wide = (size, size, maps), (size, size, 4 * maps)
    entry = (before, before, maps)
    rows = [(entry, ones[block > 1]), (entry, 2 * maps), (entry, 0)]
    rows += [(narrow, three), (narrow, 2 * maps), (narrow, 0)]
    rows += [(wide, last), (wide, 8 * maps)]
    rows += [(wide, shortcut), (wide, 8 * maps)] if block == 1 else []
    return Counter([*rows, (wide, 0), (wide, 0)])


def counted_rows(name: str) -> list[Row]:
    """Rows that the lecture has: a pad belongs to the convolution after it."""
    rows = layer_rows(outline(name))
    return [row for row in rows if row.kind not in ("InputLayer", "ZeroPadding2D")]


def test_resnet50_is_the_table_of_lecture_2_layer_by_layer() -> None:
    rows = counted_rows("resnet50")
    assert len(rows) == 174
    found = [(row.output_shape[1:], row.parameters) for row in rows]
    assert found[:4] == [*STEM, ((56, 56, 64), 0)]
    assert found[-2:] == [((2048,), 0), ((1000,), 2_049_000)]
    for stage, (*_, blocks) in enumerate(TABLE_STAGES, start=2):
        for block in range(1, blocks + 1):
            name = f"stage{stage}_block{block}_"
            here = Counter(
                shape
                for row, shape in zip(rows, found, strict=True)
                if row.name.startswith(name)
            )
            assert here == table_rows(stage, block), name


@pytest.mark.parametrize(
    ("name", "megabytes"), [("resnet50", 286.56), ("resnet50_v1", 274.50)]
)
def test_resnet50_needs_the_memory_of_lecture_2(name: str, megabytes: float) -> None:
    values = sum(prod(row.output_shape[1:]) for row in counted_rows(name))
    assert round(2 * 4 * values / 2**20, 2) == megabytes  # forward and backward
    weights = sum(row.parameters for row in counted_rows(name))
    assert round(4 * weights / 2**20, 2) == 97.49


def test_version_1_reduces_one_convolution_earlier() -> None:
    def strides(name: str) -> list[tuple[int, int]]:
        model = outline(name)
        return [model.get_layer(f"stage3_block1_{n}_conv").strides for n in (1, 2, 3)]

    assert strides("resnet50") == [(1, 1), (2, 2), (1, 1)]
    assert strides("resnet50_v1") == [(2, 2), (1, 1), (1, 1)]
    assert strides("resnet50_v2") == [(1, 1), (2, 2), (1, 1)]


def test_version_2_leaves_the_path_of_the_sums_untouched() -> None:
    # every activation is on a branch: with zero kernels a block is the identity
    model = create("resnet18_v2", (32, 32, 3), 3, blocks=(2,), width=4)
    for number in (1, 2):
        kernel = model.get_layer(f"stage2_block{number}_2_conv").kernel
        kernel.assign(np.zeros(kernel.shape))
    ends = [model.get_layer(n).output for n in ("stage1_pool", "stage2_block2_add")]
    images = np.random.default_rng(0).normal(size=(2, 32, 32, 3))
    before, after = keras.Model(model.input, ends)(images)
    np.testing.assert_array_equal(before, after)


def test_the_plain_net_is_the_residual_one_without_additions() -> None:
    plain, residual = outline("cifar_plain20"), outline("cifar_resnet20")
    added = {"Add", "MaxPooling2D", "ZeroMaps"}

    def kinds(model: keras.Model) -> Counter:
        return Counter(type(layer).__name__ for layer in model.layers)

    assert not kinds(plain).keys() & added
    assert kinds(residual)["Add"] == 9
    assert kinds(residual) - kinds(plain) == Counter(
        {"Add": 9, "MaxPooling2D": 2, "ZeroMaps": 2}
    )


@pytest.mark.parametrize("depth", [2, 21, 49, -4])
def test_a_depth_of_another_form_is_refused(depth: int) -> None:
    with pytest.raises(
        ValueError, match=rf"depth = 6 n \+ 2 .*Received: depth={depth}"
    ):
        create("cifar_resnet20", depth=depth)


def test_a_very_deep_net_can_be_built_and_the_limit_comes_back() -> None:
    with recursion_limit(200):
        pass
    import sys

    before = sys.getrecursionlimit()
    model = outline("cifar_resnet20", depth=302, width=1)
    assert len(model.layers) > before
    assert sys.getrecursionlimit() == before


@pytest.mark.parametrize(
    ("name", "options", "text"),
    [
        ("resnet50", {"version": "3"}, "version in 1, 1.5, 2. Received: version='3'"),
        ("resnet50", {"blocks": (3, 0)}, "one block in each stage. Received: blocks="),
        ("cifar_resnet20", {"shortcut": "C"}, "A, B, none. Received: shortcut='C'"),
    ],
)
def test_unknown_options_are_refused(name: str, options: dict, text: str) -> None:
    with pytest.raises(ValueError, match=re.escape(text)):
        create(name, **options)


def test_option_a_takes_every_second_pixel_and_appends_zeros() -> None:
    model = create("cifar_resnet20", (8, 8, 3), 3, depth=8, width=2)
    ends = [
        model.get_layer(n).output
        for n in ("stage2_block1_relu", "stage3_block1_shortcut_zeros")
    ]
    images = np.random.default_rng(0).normal(size=(1, 8, 8, 3))
    before, after = map(np.asarray, keras.Model(model.input, ends)(images))
    np.testing.assert_array_equal(after[..., :2], before[:, ::2, ::2])
    assert after.shape == (1, 4, 4, 4) and not after[..., 2:].any()


def test_zero_maps_can_be_saved_and_refuse_to_drop_maps() -> None:
    layer = ZeroMaps(5, name="zeros")
    again = ZeroMaps.from_config(layer.get_config())
    images = np.ones((1, 2, 3, 4), "float32")
    np.testing.assert_array_equal(again(images), layer(images))
    assert layer.compute_output_shape((None, 2, 3, 4)) == (None, 2, 3, 5)
    with pytest.raises(ValueError, match=r"at most 3 maps. Received: input_shape="):
        ZeroMaps(3)(images)
