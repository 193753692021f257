"""Perceptrons."""

import itertools

import pytest

from cnncourse.architectures import ARCHITECTURES, count_macs, outline
from cnncourse.architectures.perceptron import perceptron


@pytest.mark.parametrize(
    ("name", "sizes"),
    [
        ("linear", (784, 10)),
        ("mlp", (256, 100, 26)),
        ("mlp_300", (784, 300, 10)),
        ("mlp_300_100", (784, 300, 100, 10)),
    ],
)
def test_counts(name: str, sizes: tuple[int, ...]) -> None:
    weights = sum(a * b for a, b in itertools.pairwise(sizes))
    assert ARCHITECTURES[name].macs == count_macs(outline(name)) == weights
    assert ARCHITECTURES[name].parameters == weights + sum(sizes[1:])


def test_activation_of_hidden_layers_only() -> None:
    model = perceptron((4,), 2, (3,), "tanh")
    names = [layer.name for layer in model.layers[2:]]
    assert names == ["hidden1", "hidden1_tanh", "logits"]


def test_unknown_activation() -> None:
    with pytest.raises(ValueError, match="tanhh"):
        perceptron((4,), 2, (3,), "tanhh")
