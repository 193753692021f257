"""Network in network."""

import pytest

from cnncourse.architectures import outline, summary


@pytest.mark.parametrize(
    ("name", "sizes"), [("nin_cifar", (32, 16, 8)), ("nin", (54, 26, 12, 5))]
)
def test_sizes_of_the_stages(name: str, sizes: tuple[int, ...]) -> None:
    rows = {row.name: row.output_shape for row in summary(outline(name)).rows}
    for stage, size in enumerate(sizes, start=1):
        assert rows[f"stage{stage}_spatial_conv"][1:3] == (size, size)


@pytest.mark.parametrize("name", ["nin_cifar", "nin"])
def test_no_dense_layer_and_logits_of_either_sign(name: str) -> None:
    rows = summary(outline(name, num_classes=7)).rows
    assert all(row.kind != "Dense" for row in rows)
    assert [row.kind for row in rows[-2:]] == ["Conv2D", "GlobalAveragePooling2D"]
    assert rows[-1].output_shape == (None, 7)


def test_parameters_do_not_depend_on_the_size_of_the_input() -> None:
    models = (outline("nin_cifar", (size, size, 3)) for size in (12, 32, 50))
    assert {model.count_params() for model in models} == {966_986}


def test_too_small() -> None:
    with pytest.raises(ValueError, match="large enough for every layer of 'nin'"):
        outline("nin", (66, 66, 1))
