"""AlexNet and ZFNet."""

import pytest

from cnncourse.architectures import outline, summary
from cnncourse.ops import Convolution, Pooling, receptive_field

# maps of figure 3 of Zeiler and Fergus; sizes of section 3.5 of Krizhevsky et al.
SIZES = {
    "alexnet": {
        "conv1_conv": (55, 96), "conv1_pool": (27, 96), "conv2_conv": (27, 256),
        "conv2_pool": (13, 256), "conv3_conv": (13, 384), "conv4_conv": (13, 384),
        "conv5_conv": (13, 256), "conv5_pool": (6, 256),
    },
    "zfnet": {
        "conv1_conv": (110, 96), "conv1_pool": (55, 96), "conv2_conv": (26, 256),
        "conv2_pool": (13, 256), "conv3_conv": (13, 384), "conv4_conv": (13, 384),
        "conv5_conv": (13, 256), "conv5_pool": (6, 256),
    },
}  # fmt: skip


@pytest.mark.parametrize("name", SIZES)
def test_sizes_of_the_papers(name: str) -> None:
    rows = {row.name: row.output_shape for row in summary(outline(name)).rows}
    for layer, (size, maps) in SIZES[name].items():
        assert rows[layer] == (None, size, size, maps)


def test_the_order_of_the_paper() -> None:
    """Convolution, ReLU, normalisation, pooling; CaffeNet pools first."""
    names = [row.name for row in summary(outline("alexnet")).rows]
    assert names[:4] == ["conv1_conv", "conv1_relu", "conv1_norm", "conv1_pool"]


def test_the_halves() -> None:
    model = outline("alexnet")
    groups = [model.get_layer(f"conv{n}_conv").groups for n in range(1, 6)]
    assert groups == [1, 2, 1, 2, 2]
    one = outline("alexnet_one_column")
    assert {one.get_layer(f"conv{n}_conv").groups for n in range(1, 6)} == {1}


def test_receptive_field_of_the_last_pooling() -> None:
    layers = [Convolution(1, 11, 4), Pooling(3, 2), Convolution(1, 5, padding=2)]
    layers += [Pooling(3, 2), *[Convolution(1, 3, padding=1)] * 3, Pooling(3, 2)]
    assert receptive_field(layers, (227, 227, 1)).size == (195, 195)


@pytest.mark.parametrize(
    ("name", "smallest"),
    [("alexnet", 67), ("alexnet_single_stream", 63), ("zfnet", 53)],
)
def test_the_smallest_input(name: str, smallest: int) -> None:
    assert outline(name, (smallest, smallest, 3), 5).output_shape == (None, 5)
    with pytest.raises(ValueError, match="large enough for every layer"):
        outline(name, (smallest - 1, smallest - 1, 3))
