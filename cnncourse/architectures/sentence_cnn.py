"""The convolutional net for sentences.

Kim 2014, Convolutional neural networks for sentence classification, EMNLP.
"""

from collections.abc import Sequence
from typing import Any

import keras
import numpy as np
from keras import layers

from cnncourse.architectures.architecture import Architecture
from cnncourse.architectures.layers import ColumnMaxNorm, MaxOverTime, WordEmbedding

VARIANTS = ("rand", "static", "non-static", "multichannel")


def sentence_cnn(
    input_shape: tuple[int | None, ...],
    num_classes: int,
    variant: str = "rand",
    embedding_matrix: np.ndarray | None = None,
    vocabulary_size: int = 18_766,
    dimensions: int = 300,
    windows: Sequence[int] = (3, 4, 5),
    maps: int = 100,
    dropout: float = 0.5,
    max_norm: float = 3.0,
) -> keras.Model:
    """Windows of words, the strongest answer of each map, and a dense layer.

    Args:
        input_shape: `(T,)`, words of a sentence; None for any number. The input is
            integers `(B, T)`; 0 is padding, which is no word: its vector is zero and is
            not trained.
        num_classes: classes.
        variant: "rand": word vectors are trained from random ones; "static": those of
            `embedding_matrix` stay; "non-static": they are trained; "multichannel": one
            set stays, a copy is trained.
        embedding_matrix: `(vocabulary_size, dimensions)`, whose row 0 is not used; None
            for random vectors, uniform in [-0.25, 0.25].
        vocabulary_size: rows of the word vectors, with padding; a matrix has its own.
        dimensions: entries of a word vector; a matrix has its own.
        windows: widths of the kernels, in words.
        maps: kernels of each width.
        dropout: rate after the maxima.
        max_norm: greatest L2 norm of a class's weights.

    Each side of the sentence gets as many zeros as the widest window reaches over it.
    In the multichannel variant each filter sees both channels and the results are
    added, which is the filter's result for the sum of the channels.

    Dropout is that of 2012: training does not scale what it keeps, inference scales all
    by `1 - dropout`. Keras scales in training instead, and what follows it here undoes
    that: to `max_norm` and to the steps it makes a difference.

    Raises:
        ValueError: if there is no such variant, or the matrix is no matrix.

    Source: section 2, figure 1; sizes of section 3.1; initial values of the author's
        published code. 360,902 parameters besides the word vectors.
    """
    if variant not in VARIANTS:
        raise ValueError(f"Expected variant in {VARIANTS}. Received: {variant=}")
    if embedding_matrix is not None:
        if np.ndim(embedding_matrix) != 2:
            raise ValueError(
                "Expected embedding_matrix with axes (words, dimensions). "
                f"Received: shape={np.shape(embedding_matrix)}"
            )
        vocabulary_size, dimensions = np.shape(embedding_matrix)
    words = keras.Input(input_shape, dtype="int32", name="words")
    channels = {"rand": (True,), "static": (False,), "non-static": (True,)}
    vectors = [
        _embedding(trained, vocabulary_size, dimensions, embedding_matrix, words)
        for trained in channels.get(variant, (False, True))
    ]
    x = layers.Add(name="channels")(vectors) if vectors[1:] else vectors[0]
    x = layers.ZeroPadding1D(max(windows) - 1, name="pad")(x)
    features = [_features(x, maps, window) for window in windows]
    x = layers.Concatenate(name="features")(features) if features[1:] else features[0]
    x = layers.Dropout(dropout, name="dropout")(x)
    if dropout:
        x = layers.Rescaling(1 - dropout, name="kept_share")(x)
    logits = layers.Dense(
        num_classes,
        kernel_initializer="zeros",
        kernel_constraint=ColumnMaxNorm(max_norm),
        name="logits",
    )(x)
    return keras.Model(words, logits, name=f"sentence_cnn_{variant}")


def _embedding(
    trained: bool,
    vocabulary_size: int,
    dimensions: int,
    matrix: np.ndarray | None,
    words: keras.KerasTensor,
) -> keras.KerasTensor:
    embedding = WordEmbedding(
        vocabulary_size,
        dimensions,
        embeddings_initializer=keras.initializers.RandomUniform(-0.25, 0.25, seed=0),
        trainable=trained,
        name="embedding" if trained else "embedding_static",
    )
    vectors = embedding(words)
    if matrix is not None:
        embedding.embeddings.assign(matrix)
    return vectors


def _features(x: keras.KerasTensor, maps: int, window: int) -> keras.KerasTensor:
    name = f"window{window}"
    small = keras.initializers.RandomUniform(-0.01, 0.01)
    x = layers.Conv1D(maps, window, kernel_initializer=small, name=f"{name}_conv")(x)
    x = layers.ReLU(name=f"{name}_relu")(x)
    return MaxOverTime(name=f"{name}_max")(x)


WORD_VECTORS = 18_766 * 300
OTHERS = 360_902
REDUCED: dict[str, Any] = {
    "input_shape": (9,),
    "num_classes": 3,
    "vocabulary_size": 20,
    "dimensions": 6,
    "maps": 4,
    "dropout": 0.0,
}

ENTRIES = tuple(
    Architecture(
        f"sentence_cnn_{variant.replace('-', '_')}",
        sentence_cnn,
        2014,
        "Kim, Convolutional neural networks for sentence classification, EMNLP 2014",
        (56,),
        2,
        OTHERS + (0 if variant == "static" else WORD_VECTORS),
        21_900_600,
        task="sentence classification",
        options={"variant": variant},
        reduced=REDUCED,
    )
    for variant in VARIANTS
)
