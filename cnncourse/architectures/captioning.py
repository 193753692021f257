"""A sentence for a picture.

Vinyals, Toshev, Bengio and Erhan 2015, Show and tell: a neural image caption generator,
CVPR, arXiv:1411.4555.
"""

from collections.abc import Sequence

import keras
import numpy as np
from keras import layers

from cnncourse.architectures.architecture import Architecture
from cnncourse.architectures.batch_normalized import conv_bn_relu


def captioner(
    input_shape: tuple[int, ...],
    num_classes: int,
    words: int = 20,
    filters: tuple[int, ...] = (32, 64, 128, 256),
    units: int = 512,
    dropout: float = 0.5,
) -> keras.Model:
    """A convolutional net that reads the picture, a recurrent one that writes.

    Args:
        input_shape: `(H, W, C)` of the picture.
        num_classes: words of the vocabulary, with those that start and end a sentence.
        words: of a sentence, at most.
        filters: of the picture's convolutions, each of which halves height and width.
        units: of the embeddings and of the recurrent layer.
        dropout: rate before and after the recurrent layer.

    Returns:
        A model of two inputs, the picture and the words so far as integers
        `(B, words)`. It gives `(B, words, num_classes)`: at each place the logits of
        the next word. The picture takes the place before the first word.

    The paper's encoder is an Inception net trained on ImageNet; this one is small.

    Source: section 3, figure 3, equations 10 to 12.
    """
    picture = x = keras.Input(input_shape, name="image")
    for stage, number in enumerate(filters, start=1):
        x = conv_bn_relu(x, number, 3, f"encoder{stage}", strides=2)
    x = layers.GlobalAveragePooling2D(name="encoder_average")(x)
    x = layers.Dense(units, name="encoder_project")(x)
    x = layers.Reshape((1, units), name="encoder_first")(x)
    sentence = keras.Input((words,), dtype="int32", name="words")
    embedded = layers.Embedding(num_classes, units, name="decoder_embed")(sentence)
    x = layers.Concatenate(axis=1, name="decoder_sequence")([x, embedded])
    x = layers.Dropout(dropout, name="decoder_dropout1")(x)
    x = layers.LSTM(units, return_sequences=True, name="decoder_lstm")(x)
    x = layers.Dropout(dropout, name="decoder_dropout2")(x)
    x = layers.Cropping1D((1, 0), name="decoder_crop")(x)
    logits = layers.Dense(num_classes, name="logits")(x)
    return keras.Model([picture, sentence], logits, name="captioner")


def write_caption(
    model: keras.Model, picture: np.ndarray, start: int, end: int
) -> Sequence[int]:
    """Returns the sentence that the model finds likeliest, word for word.

    Args:
        model: made by `captioner`.
        picture: `(H, W, C)`.
        start: the word that starts a sentence.
        end: the word that ends it.

    Returns:
        The words after `start` and before `end`, at most as many as the model's places.

    Source: section 3.1, inference, with the beam of one sentence.
    """
    places = model.inputs[1].shape[1]
    sentence = np.full((1, places), end, "int32")
    sentence[0, 0] = start
    for place in range(places):
        logits = keras.ops.convert_to_numpy(model([picture[None], sentence]))
        word = int(logits[0, place].argmax())
        if word == end:
            return [int(w) for w in sentence[0, 1 : place + 1]]
        if place + 1 < places:
            sentence[0, place + 1] = word
    return [*(int(w) for w in sentence[0, 1:]), word]


ENTRIES = (
    Architecture(
        "captioner", captioner, 2015,
        "Vinyals et al., Show and tell: a neural image caption generator, CVPR 2015; "
        "smaller",
        (64, 64, 3), 1000, 3_644_680, 69_451_776, task="captioning",
        reduced={
            "input_shape": (16, 16, 3), "num_classes": 7, "words": 4,
            "filters": (4, 8), "units": 8, "dropout": 0.0,
        },
    ),
)  # fmt: skip
