"""The grammar of lecture 2."""

import keras
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cnncourse.architectures.outlines import without_values
from cnncourse.architectures.pattern import cnn_from_pattern


def sentence(model: keras.Model) -> str:
    words = {"Conv2D": "conv", "ReLU": "relu", "MaxPooling2D": "pool", "Dense": "fc"}
    kinds = [type(layer).__name__ for layer in model.layers]
    return " ".join(words[kind] for kind in kinds if kind in words)


# the examples of the lecture
@pytest.mark.parametrize(
    ("n", "m", "k", "pool", "expected"),
    [
        (0, 0, 0, True, "fc"),
        (0, 0, 2, True, "fc relu fc relu fc"),
        (1, 1, 0, False, "conv relu fc"),
        (1, 2, 1, True, "conv relu pool conv relu pool fc relu fc"),
        (2, 3, 2, True, "conv relu conv relu pool " * 3 + "fc relu fc relu fc"),
    ],
)
def test_sentences(n: int, m: int, k: int, pool: bool, expected: str) -> None:
    assert sentence(cnn_from_pattern(n, m, k, pool=pool)) == expected


@settings(max_examples=15, deadline=None)
@given(st.integers(0, 3), st.integers(0, 3), st.integers(0, 2), st.booleans())
def test_every_sentence(n: int, m: int, k: int, pool: bool) -> None:
    with without_values():
        model = cnn_from_pattern(n, m, k, (16, 16, 1), 5, pool=pool)
    stage = "conv relu " * n + "pool " * pool
    assert sentence(model) == stage * m + "fc relu " * k + "fc"
    assert model.output_shape == (None, 5)


def test_filters_grow() -> None:
    model = cnn_from_pattern(1, 3, 0, filters=8, growth=3)
    convs = [layer for layer in model.layers if layer.name.endswith("_conv")]
    assert [layer.filters for layer in convs] == [8, 24, 72]


@pytest.mark.parametrize("counts", [(-1, 0, 0), (0, -1, 0), (0, 0, -1)])
def test_negative_counts(counts: tuple[int, int, int]) -> None:
    with pytest.raises(ValueError, match=r"Expected n, m and k >= 0. Received: n="):
        cnn_from_pattern(*counts)


def test_too_many_stages() -> None:
    with pytest.raises(ValueError, match="output size would be"):
        cnn_from_pattern(1, 5, 0, (16, 16, 1))
