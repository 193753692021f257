"""The LeNets: the counts of their papers, layer by layer."""

import numpy as np
import pytest

from cnncourse.architectures import create, outline, summary
from cnncourse.architectures.lenet import C3_TABLE, H2_TABLE, H3_TABLE

PARAMETERS = {
    "lenet1989": {"h1_conv": 1_068, "h2_conv": 2_592, "h3": 5_790, "logits": 310},
    "lenet1": {
        "h1_conv": 104, "h2_pool": 8, "h3_conv": 512, "h4_pool": 24, "logits": 1_930,
    },
    "lenet5_original": {
        "c1_conv": 156, "s2_pool": 12, "c3_conv": 1_516, "s4_pool": 32,
        "c5_conv": 48_120, "f6": 10_164, "logits": 840,
    },
    "lenet5": {
        "c1_conv": 156, "c3_conv": 2_416, "c5_conv": 48_120, "f6": 10_164,
        "logits": 850,
    },
}  # fmt: skip


@pytest.mark.parametrize("name", PARAMETERS)
def test_parameters_of_each_layer(name: str) -> None:
    rows = summary(outline(name)).rows
    assert {row.name: row.parameters for row in rows if row.parameters} == PARAMETERS[
        name
    ]


@pytest.mark.parametrize(
    ("name", "connections"),
    [("lenet1989", 64_660), ("lenet1", 98_442), ("lenet5_original", 340_908)],
)
def test_connections_of_the_papers(name: str, connections: int) -> None:
    """A weight in use or a bias is one; a subsampling unit has five."""
    total = 0
    for row in summary(outline(name)).rows:
        units = int(np.prod(row.output_shape[1:]))
        if row.kind == "Subsampling":
            total += units * 5
        elif row.kind == "RadialBasis":
            total += row.macs
        elif row.parameters:
            total += row.macs + units
    assert total == connections


def test_table_1_of_1998() -> None:
    assert C3_TABLE[:6] == (
        (0, 1, 2), (1, 2, 3), (2, 3, 4), (3, 4, 5), (4, 5, 0), (5, 0, 1),
    )  # fmt: skip
    assert [set(maps) for maps in C3_TABLE[6:12]] == [
        {0, 1, 2, 3}, {1, 2, 3, 4}, {2, 3, 4, 5}, {0, 3, 4, 5}, {0, 1, 4, 5},
        {0, 1, 2, 5},
    ]  # fmt: skip
    assert [set(maps) for maps in C3_TABLE[12:]] == [
        {0, 1, 3, 4}, {1, 2, 4, 5}, {0, 2, 3, 5}, set(range(6)),
    ]  # fmt: skip


def test_the_other_tables() -> None:
    assert sum(map(len, H3_TABLE)) == 20
    assert all(len(set(maps)) == 8 for maps in H2_TABLE)
    assert {maps.count(0) for maps in H2_TABLE} == {0, 1}
    uses = [sum(channel in maps for maps in H2_TABLE) for channel in range(12)]
    assert uses == [8] * 12


@pytest.mark.parametrize("name", ["lenet5", "lenet5_original"])
@pytest.mark.parametrize("size", [20, 28, 32, 40])
def test_small_pictures_are_padded(name: str, size: int) -> None:
    model = outline(name, (size, size, 1))
    assert model.get_layer("c1_conv").output.shape[1] == max(size, 32) - 4
    assert model.output_shape == (None, 10)


def test_the_background_is_minus_one() -> None:
    model = create("lenet1989")
    blank = np.full((1, 16, 16, 1), -1.0, "float32")
    maps = np.asarray(model.get_layer("h1_conv")(blank))
    np.testing.assert_allclose(maps - maps[:, :1, :1], 0, atol=1e-5)


def test_unknown_sizes() -> None:
    with pytest.raises(TypeError):
        create("lenet5", (None, None, 1))
