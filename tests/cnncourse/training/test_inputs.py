"""Do data and nets fit one another?"""

import keras
import numpy as np
import pytest

from cnncourse.training.inputs import (
    WORDS,
    centre_crop,
    encode,
    inputs_for,
    with_dropout,
    words_of,
)
from cnncourse.training.recipes import PLAIN, RECIPES


def test_digits_for_lenet_are_enlarged_and_distorted() -> None:
    data = inputs_for(RECIPES["lenet5-digits"], "digits", batch_size=64)
    assert data.train[0].shape == (1437, 28, 28, 1)
    assert data.test[0].shape == (360, 28, 28, 1)
    assert data.options == {"input_shape": (28, 28, 1), "num_classes": 10}
    assert (data.steps, data.classes[3]) == (23, "3")
    assert data.augment is not None


def test_pictures_are_cropped_to_what_the_net_is_trained_on() -> None:
    images = np.arange(2 * 6 * 5).reshape(2, 6, 5, 1)
    np.testing.assert_array_equal(centre_crop(images, (2, 3, 1)), images[:, 2:4, 1:4])
    assert centre_crop(images, (6, 5, 1)) is images


def test_texts_become_numbers() -> None:
    vocabulary = words_of(["a good film", "a bad film", "a film"])
    assert vocabulary[:3] == ["", "[UNK]", "film"] or vocabulary[2] == "a"
    codes = encode(["a good plot"], vocabulary)
    assert codes.shape == (1, WORDS)
    assert [vocabulary[code] for code in codes[0, :4]] == ["a", "good", "[UNK]", ""]


def test_sentences_fit_the_net_for_sentences() -> None:
    data = inputs_for(PLAIN, "reviews", batch_size=50)
    assert data.options["input_shape"] == (WORDS,)
    assert data.options["vocabulary_size"] == len(data.vocabulary)
    assert data.train[0].max() < len(data.vocabulary)


def test_only_sets_for_classification_are_taken() -> None:
    with pytest.raises(ValueError, match="Received: photographs, which is for images"):
        inputs_for(PLAIN, "photographs", 8)


def test_dropout_goes_in_front_of_the_last_layer() -> None:
    layers = [keras.Input((4,)), keras.layers.Dense(3), keras.layers.Dense(2)]
    model = keras.Sequential(layers)
    assert with_dropout(model, 0.0) is model
    dropped = with_dropout(model, 0.5)
    kinds = [type(layer).__name__ for layer in dropped.layers]
    assert kinds[-2:] == ["Dropout", "Dense"]
    x = np.ones((3, 4), np.float32)
    np.testing.assert_array_equal(model(x), dropped(x))
