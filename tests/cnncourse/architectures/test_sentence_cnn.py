"""The convolutional net for sentences."""

import keras
import numpy as np
import pytest

from cnncourse.architectures import ARCHITECTURES, create, outline
from cnncourse.architectures.counts import count_parameters
from cnncourse.architectures.sentence_cnn import VARIANTS, sentence_cnn

SMALL = {"maps": 4, "windows": (2, 3), "dropout": 0.0}
MATRIX = np.random.default_rng(0).normal(size=(12, 6)).astype("float32")


def small(variant: str, **options: object) -> keras.Model:
    return sentence_cnn((7,), 3, variant, MATRIX, **{**SMALL, **options})


@pytest.mark.parametrize("variant", VARIANTS)
def test_parameters_besides_the_word_vectors(variant: str) -> None:
    model = outline(f"sentence_cnn_{variant.replace('-', '_')}")
    vectors = [w for w in model.weights if "embedding" in w.path]
    assert all(tuple(w.shape) == (18_766, 300) for w in vectors)
    assert len(vectors) == (2 if variant == "multichannel" else 1)
    every = count_parameters(model, trained=False)
    assert every - len(vectors) * 18_766 * 300 == 360_902


@pytest.mark.parametrize(
    ("variant", "changed"),
    [
        ("static", {"embedding_static": False}),
        ("rand", {"embedding": True}),
        ("non-static", {"embedding": True}),
        ("multichannel", {"embedding_static": False, "embedding": True}),
    ],
)
def test_which_word_vectors_are_trained(variant: str, changed: dict) -> None:
    keras.utils.set_random_seed(0)
    model = small(variant)
    weights = np.random.default_rng(1).normal(size=(8, 3))
    model.get_layer("logits").set_weights([weights, np.zeros(3)])
    loss = keras.losses.SparseCategoricalCrossentropy(from_logits=True)
    model.compile(keras.optimizers.SGD(1.0), loss)
    model.train_on_batch(np.array([[1, 2, 3, 4, 0, 0, 0]]), np.array([1]))
    for name, moves in changed.items():
        after = model.get_layer(name).get_weights()[0]
        assert (after != MATRIX).any() == moves
        np.testing.assert_array_equal(after[0], MATRIX[0])  # padding
        np.testing.assert_array_equal(after[5:], MATRIX[5:])  # words not in it


def test_the_number_of_paddings_changes_nothing() -> None:
    keras.utils.set_random_seed(0)
    short = small("static")
    long = sentence_cnn((15,), 3, "static", MATRIX, **SMALL)
    weights = [np.random.default_rng(1).normal(size=w.shape) for w in short.weights]
    for model in (short, long):
        model.set_weights(weights)
    words = np.array([[5, 3, 9, 11, 0, 0, 0]])
    padded = np.pad(words, ((0, 0), (0, 8)))
    np.testing.assert_allclose(short(words), long(padded), rtol=1e-5, atol=1e-5)


def test_both_channels_are_seen_by_the_same_filters() -> None:
    """Each filter is applied to both channels and the results are added."""
    both, one = small("multichannel"), small("static")
    weights = [np.random.default_rng(1).normal(size=w.shape) for w in both.weights]
    both.set_weights(weights)
    first, second, *others = both.get_weights()
    one.set_weights([first + second, *others])
    words = np.array([[5, 3, 9, 11, 1, 2, 0]])
    np.testing.assert_allclose(both(words), one(words), rtol=1e-4, atol=1e-5)


def test_initial_values() -> None:
    model = create("sentence_cnn_rand", vocabulary_size=1000)
    vectors = model.get_layer("embedding").get_weights()[0]
    assert 0.24 < np.abs(vectors).max() <= 0.25
    kernel = model.get_layer("window3_conv").get_weights()[0]
    assert 0.009 < np.abs(kernel).max() <= 0.01
    assert not model.get_layer("logits").get_weights()[0].any()


def test_the_norm_of_a_class_stays_below_three() -> None:
    model = small("static", max_norm=0.5)
    loss = keras.losses.SparseCategoricalCrossentropy(from_logits=True)
    model.compile(keras.optimizers.SGD(1e3), loss)
    words = np.array([[1, 2, 3, 4, 5, 6, 7], [8, 9, 10, 11, 1, 2, 3]])
    model.train_on_batch(words, np.array([0, 1]))
    norms = np.linalg.norm(model.get_layer("logits").get_weights()[0], axis=0)
    assert 0.49 < norms.max() < 0.50001


def test_one_window() -> None:
    model = small("static", windows=(2,))
    assert model.output_shape == (None, 3)


def test_operations_at_the_size_of_the_paper() -> None:
    words = {window: 56 + 8 - window + 1 for window in (3, 4, 5)}
    expected = sum(count * window * 300 * 100 for window, count in words.items()) + 600
    assert ARCHITECTURES["sentence_cnn_rand"].macs == expected


def test_wrong_variant_and_matrix() -> None:
    with pytest.raises(ValueError, match=r"Expected variant in .*'multi'"):
        sentence_cnn((7,), 3, "multi")
    with pytest.raises(ValueError, match=r"Expected embedding_matrix with axes"):
        sentence_cnn((7,), 3, "static", np.zeros(5))
