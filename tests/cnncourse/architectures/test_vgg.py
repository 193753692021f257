"""VGG."""

import pytest

from cnncourse.architectures import outline
from cnncourse.architectures.vgg import CONFIGURATIONS, vgg


@pytest.mark.parametrize(
    ("configuration", "depth"),
    [("A", 11), ("B", 13), ("C", 16), ("D", 16), ("E", 19)],
)
def test_layers_with_weights(configuration: str, depth: int) -> None:
    convolutions = sum(map(len, CONFIGURATIONS[configuration]))
    assert convolutions + 3 == depth


def test_one_by_one_kernels_are_in_configuration_c_only() -> None:
    with_one = [name for name, stages in CONFIGURATIONS.items() if (3, 3, 1) in stages]
    assert with_one == ["C"]


def test_names() -> None:
    model = outline("vgg16")
    assert model.get_layer("stage5_block3_conv").kernel.shape == (3, 3, 512, 512)
    assert model.get_layer("stage5_pool").output.shape == (None, 7, 7, 512)


def test_unknown_configuration() -> None:
    with pytest.raises(ValueError, match=r"Expected configuration in A, B.*'F'"):
        vgg((32, 32, 3), 10, "F")
