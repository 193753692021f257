"""The sentence CNN, trained as it was published.

Kim 2014, Convolutional neural networks for sentence classification, EMNLP, section 3.1,
and the author's published program, which says what the paper leaves open.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

import keras
import numpy as np

from cnncourse.architectures.sentence_cnn import VARIANTS, sentence_cnn
from cnncourse.datasets import DATASETS, assign_folds, load
from cnncourse.datasets.text import (
    PAD,
    TOKENIZERS,
    UNKNOWN,
    Vocabulary,
    build_vocabulary,
    encode,
)
from cnncourse.datasets.word_vectors import WordVectors, load_word_vectors
from cnncourse.training.adadelta import RowAdadelta
from cnncourse.training.state import assign, values_of

if TYPE_CHECKING:
    import tensorflow as tf

RANGE = 0.25  # random word vectors are uniform in [-RANGE, RANGE]
WITH_CAPITALS = ("trec",)  # the sets that the published program does not write small
EVALUATED = 250  # sentences of a batch that is not trained on
Part = tuple[np.ndarray, np.ndarray]


@dataclass(frozen=True)
class SentenceRecipe:
    """How a sentence CNN is trained; by default as published.

    Attributes:
        variant: "rand", "static", "non-static" or "multichannel".
        vectors: file of word vectors, for all variants but "rand".
        windows: widths of the filters, in words.
        maps: filters of each width.
        dropout: rate in front of the last layer.
        max_norm: greatest norm of a class's weights.
        dimensions: entries of a word vector, if there is no file.
        epochs: passes over the training part; the weights of the one that is best on
            the dev part are kept.
        patience: end after so many epochs without a better one; None for never.
        batch_size: sentences of a step.
        dev_share: of the training sentences, if the set has no validation part.
        tokenizer: one of `cnncourse.datasets.text.TOKENIZERS`.
        word_dropout: share of the words that training replaces by the unknown one,
            others each time, so that its vector is learned and no word is relied on.
            Not of this paper: Iyyer et al. 2015, Deep unordered composition rivals
            syntactic methods for text classification, ACL, section 3.2.

    Raises:
        ValueError: if there is no such variant or tokenizer, a variant lacks its file
            or has one too many, or a number is out of range.
    """

    variant: str = "rand"
    vectors: str | None = None
    windows: tuple[int, ...] = (3, 4, 5)
    maps: int = 100
    dropout: float = 0.5
    max_norm: float = 3.0
    dimensions: int = 300
    epochs: int = 25
    patience: int | None = None
    batch_size: int = 50
    dev_share: float = 0.1
    tokenizer: str = "kim"
    word_dropout: float = 0.0

    def __post_init__(self) -> None:
        if self.variant not in VARIANTS or self.tokenizer not in TOKENIZERS:
            raise ValueError(
                f"Expected variant in {VARIANTS} and tokenizer in {tuple(TOKENIZERS)}. "
                f"Received: variant={self.variant!r}, tokenizer={self.tokenizer!r}"
            )
        if (self.variant == "rand") != (self.vectors is None):
            raise ValueError(
                "Expected a file of word vectors for each variant but 'rand'. "
                f"Received: variant={self.variant!r}, vectors={self.vectors!r}"
            )
        least = min(self.epochs, self.batch_size, self.maps, self.dimensions)
        shares = 0 < self.dev_share <= 0.5 and 0 <= self.word_dropout < 1
        if least < 1 or not shares or self.patience == 0:
            raise ValueError(
                "Expected numbers >= 1, 0 < dev_share <= 0.5 and 0 <= word_dropout < "
                f"1. Received: epochs={self.epochs}, batch_size={self.batch_size}, "
                f"maps={self.maps}, dimensions={self.dimensions}, "
                f"dev_share={self.dev_share}, word_dropout={self.word_dropout}, "
                f"patience={self.patience}"
            )


@dataclass(frozen=True, eq=False)
class SentenceData:
    """The parts of a data set as numbers of words, and what the net is built from.

    Attributes:
        train: rows int32 `(N, T)` and labels int64 `(N,)`.
        dev: the same for the sentences that choose the epoch.
        test: the same for those that are only counted in the end.
        vocabulary: of the training part, and with a file of vectors also its words.
        matrix: float32 `(len(vocabulary), dimensions)`, the first word vectors.
        num_classes: of the labels.
    """

    train: Part
    dev: Part
    test: Part
    vocabulary: Vocabulary
    matrix: np.ndarray
    num_classes: int


def sentence_data(
    dataset: str,
    recipe: SentenceRecipe,
    data_dir: str | Path | None = None,
    fold: int | None = None,
    seed: int = 0,
) -> SentenceData:
    """Loads a data set for a recipe.

    Words are numbered from the training sentences without those of the dev part, so
    that all others meet unknown words as new sentences do; their vector is zero, the
    mean of the random ones. A file of vectors, though, has learned of words elsewhere:
    with it, all words of the set have their vectors.

    Args:
        dataset: name of a text set in the catalogue of data sets.
        recipe: of the net.
        data_dir: the user's folder with the set's files, if it needs one.
        fold: which tenth is the test part, for the sets that have none.
        seed: of the dev part and of random vectors, at least 0.

    Raises:
        ValueError: if the set is no text, or a file is damaged.
        FileNotFoundError: if a file is missing.
    """
    record = DATASETS[dataset]
    if record.task != "text":
        raise ValueError(
            f"Expected a data set of texts. Received: {dataset}, for {record.task}"
        )
    wanted: dict[str, Any] = {"as_numpy": True, "data_dir": data_dir}
    if fold is not None:
        wanted["fold"] = fold
    parts = {name: load(dataset, name, **wanted) for name in ("train", "test")}
    if "validation" in record.splits:
        parts["dev"] = load(dataset, "validation", **wanted)
    else:
        texts, labels = parts["train"]
        in_dev = assign_folds(labels, round(1 / recipe.dev_share), seed) == 0
        parts["train"] = texts[~in_dev], labels[~in_dev]
        parts["dev"] = texts[in_dev], labels[in_dev]
    split, lower = TOKENIZERS[recipe.tokenizer], dataset not in WITH_CAPITALS
    tokens = {
        name: [split(text, lower) for text in texts]
        for name, (texts, _) in parts.items()
    }
    known = ["train"] if recipe.vectors is None else list(tokens)
    vocabulary = build_vocabulary(t for name in known for t in tokens[name])
    rows = {name: _rows(part, vocabulary) for name, part in tokens.items()}
    return SentenceData(
        **{name: (rows[name], labels) for name, (_, labels) in parts.items()},
        vocabulary=vocabulary,
        matrix=_matrix(recipe, vocabulary, seed),
        num_classes=int(max(labels.max() for _, labels in parts.values()) + 1),
    )


def _rows(tokens: Sequence[Sequence[str]], vocabulary: Vocabulary) -> np.ndarray:
    """With one padding at least, so that each filter sees a window of padding alone."""
    return encode(tokens, vocabulary, 1 + max(map(len, tokens), default=0))


def _matrix(recipe: SentenceRecipe, vocabulary: Vocabulary, seed: int) -> np.ndarray:
    if recipe.vectors is not None:
        return _vectors(recipe.vectors, vocabulary).matrix
    shape = len(vocabulary), recipe.dimensions
    matrix = np.random.default_rng(seed).uniform(-RANGE, RANGE, shape)
    matrix[[PAD, UNKNOWN]] = 0
    return matrix.astype(np.float32)


@lru_cache(1)  # all folds of a set have the same words, and the files are large
def _vectors(file: str, vocabulary: Vocabulary) -> WordVectors:
    vectors = load_word_vectors(file, vocabulary, scale=RANGE)
    print(vectors.report())
    return vectors


def sentence_model(data: SentenceData, recipe: SentenceRecipe) -> keras.Model:
    """Builds and compiles the net of a recipe, for sentences of any length."""
    model = sentence_cnn(
        (None,),
        data.num_classes,
        recipe.variant,
        data.matrix,
        windows=recipe.windows,
        maps=recipe.maps,
        dropout=recipe.dropout,
        max_norm=recipe.max_norm,
    )
    model.compile(
        RowAdadelta(1.0, rho=0.95, epsilon=1e-6),
        keras.losses.SparseCategoricalCrossentropy(from_logits=True),
        metrics=["accuracy"],
        jit_compile=False,
    )
    return model


def training_batches(
    part: Part, batch_size: int, seed: int, word_dropout: float = 0.0
) -> tf.data.Dataset:
    """Makes the batches of an epoch, in another order in each.

    As in the published program the last batch is filled by sentences that are drawn a
    second time, and which sentences are in a batch together stays the same.

    Args:
        part: rows `(N, T)` and labels `(N,)`.
        batch_size: sentences of a batch.
        seed: at least 0.
        word_dropout: share of the words that are replaced, others in each epoch.
    """
    rows, labels = part
    rng = np.random.default_rng(seed)
    lacking = -len(rows) % batch_size
    order = rng.permutation(len(rows))
    order = np.append(order, rng.choice(len(rows), lacking, lacking > len(rows)))
    chosen = rng.permutation(order)
    batches = _trimmed(rows[chosen], labels[chosen], batch_size).cache()
    batches = batches.shuffle(len(chosen) // batch_size, seed=seed)
    if word_dropout:
        batches = _without_some_words(batches, word_dropout, seed)
    return batches.prefetch(2)


def _without_some_words(
    batches: tf.data.Dataset, share: float, seed: int
) -> tf.data.Dataset:
    import tensorflow as tf

    keys = tf.data.Dataset.random(seed, rerandomize_each_iteration=True).batch(2)

    def hide(batch: tuple[tf.Tensor, tf.Tensor], key: tf.Tensor) -> Any:
        rows, labels = batch
        drawn = tf.random.stateless_uniform(tf.shape(rows), key) < share
        return tf.where(drawn & (rows != PAD), UNKNOWN, rows), labels

    return tf.data.Dataset.zip(batches, keys).map(hide)


def evaluation_batches(part: Part) -> tf.data.Dataset:
    """Makes batches of sentences that are about as long, which is fastest."""
    rows, labels = part
    order = np.argsort((rows != PAD).sum(1), kind="stable")
    return _trimmed(rows[order], labels[order], EVALUATED).cache()


def _trimmed(rows: np.ndarray, labels: np.ndarray, batch_size: int) -> tf.data.Dataset:
    """Batches without the columns that are padding in all of their sentences, but one.

    Windows of padding alone are equal and one of them is left, so the maxima over time
    are those of the whole rows.
    """
    import tensorflow as tf

    def trim(rows: tf.Tensor, labels: tf.Tensor) -> tuple[tf.Tensor, tf.Tensor]:
        used = tf.reduce_max(tf.math.count_nonzero(rows, axis=1))
        return rows[:, : used + 1], labels

    return (
        tf.data.Dataset.from_tensor_slices((rows, labels)).batch(batch_size).map(trim)
    )


class KeepBest(keras.callbacks.Callback):
    """Gives the model in the end the weights of its best epoch; of equals, the last.

    Args:
        patience: end after so many epochs that are worse than the best; None for never.
    """

    def __init__(self, patience: int | None = None) -> None:
        super().__init__()
        self.patience = patience
        self.best, self.epoch = -1.0, 0
        self.weights: list[np.ndarray] = []

    def on_epoch_end(self, epoch: int, logs: dict[str, float]) -> None:
        if logs["val_accuracy"] >= self.best:
            self.best, self.epoch = logs["val_accuracy"], epoch
            self.weights = values_of(self.model.weights)
        elif self.patience and epoch - self.epoch >= self.patience:
            self.model.stop_training = True

    def on_train_end(self, logs: dict[str, float] | None = None) -> None:
        assign(self.model.weights, self.weights)


@dataclass(frozen=True)
class SentenceResult:
    """How well a net reads the test part, and how it came about.

    Attributes:
        test_accuracy: share of the test sentences, with the weights of `best_epoch`.
        dev_accuracy: of the dev sentences after each epoch.
        best_epoch: from 1.
        seconds: of training, with its measurements.
        sentences: how many each part has: train, dev, test.
        words: of the vocabulary.
    """

    test_accuracy: float
    dev_accuracy: tuple[float, ...]
    best_epoch: int
    seconds: float
    sentences: tuple[int, int, int]
    words: int


def train_sentences(
    data: SentenceData,
    recipe: SentenceRecipe,
    seed: int = 0,
    after_epoch: Callable[[int, dict[str, float]], None] | None = None,
) -> tuple[keras.Model, SentenceResult]:
    """Trains one net by a recipe.

    Args:
        data: of `sentence_data`.
        recipe: the same.
        seed: of weights, order and dropout, at least 0.
        after_epoch: `after_epoch(epoch, logs)`, epochs counted from 0.

    Returns:
        The model with the weights of its best epoch, and the result.

    Example:
        >>> recipe = SentenceRecipe(epochs=3)  # doctest: +SKIP
        >>> data = sentence_data("reviews", recipe)  # doctest: +SKIP
        >>> model, result = train_sentences(data, recipe)  # doctest: +SKIP
    """
    keras.utils.set_random_seed(seed)
    model = sentence_model(data, recipe)
    keep = KeepBest(recipe.patience)
    shown = keras.callbacks.LambdaCallback(on_epoch_end=after_epoch)
    start = time.perf_counter()
    history = model.fit(
        training_batches(data.train, recipe.batch_size, seed, recipe.word_dropout),
        validation_data=evaluation_batches(data.dev),
        epochs=recipe.epochs,
        callbacks=[keep, shown],
        shuffle=False,  # the batches are shuffled already
        verbose=0,
    )
    seconds = time.perf_counter() - start
    test = model.evaluate(evaluation_batches(data.test), verbose=0, return_dict=True)
    return model, SentenceResult(
        test_accuracy=test["accuracy"],
        dev_accuracy=tuple(history.history["val_accuracy"]),
        best_epoch=keep.epoch + 1,
        seconds=seconds,
        sentences=(len(data.train[1]), len(data.dev[1]), len(data.test[1])),
        words=len(data.vocabulary),
    )
