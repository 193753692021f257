"""What the filters of a sentence CNN look for, and which words decide.

For nets of `cnncourse.architectures.sentence_cnn` on the TensorFlow backend, and
others whose layers have the same names: "pad" gives the padded word vectors,
"window3_relu" the answers of the filters over three words, "logits" the last layer.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

import keras
import numpy as np

from cnncourse.interpretation.highlighted_text import HighlightedText

PADDING = 0  # the number that is no word
BATCH = 256
METHODS = ("gradient", "occlusion", "maxima")


@dataclass(frozen=True)
class Ngram:
    """Words in a row that excite a filter.

    Attributes:
        words: as many as the filter sees; padding is "·".
        activation: the filter's answer, at least 0.
        window: width of the filter.
        filter: number of the filter among those of its width.
        sentence: number of the sentence in the rows.
        start: place of the first word in the row; negative in the padding before it.
        weights: of the filter in each class's logit.
    """

    words: tuple[str, ...]
    activation: float
    window: int
    filter: int
    sentence: int
    start: int
    weights: tuple[float, ...]

    def __str__(self) -> str:
        return f"{' '.join(self.words)} ({self.activation:.2f})"

    def in_sentence(self, words: Sequence[str]) -> HighlightedText:
        """Shows the n-gram in its sentence.

        Args:
            words: of the sentence.
        """
        places = range(self.start, self.start + self.window)
        scores = [self.activation * (place in places) for place in range(len(words))]
        return HighlightedText(words, scores, f"filter {self.filter}")


def top_ngrams(
    model: keras.Model,
    rows: np.ndarray,
    vocabulary: Sequence[str],
    window: int,
    count: int = 5,
) -> list[list[Ngram]]:
    """Finds the n-grams that excite each filter of a width most.

    Args:
        model: a sentence CNN.
        rows: numbers of words, int `(N, T)`, 0 for padding at the end.
        vocabulary: the words by number.
        window: width of the filters, one that the model has.
        count: how many n-grams of each filter; equal ones count once.

    Returns:
        For each filter the n-grams, the strongest first; fewer if there are not so
        many that excite it. Windows of padding alone are left out.

    Raises:
        ValueError: if the model has no such filters or count is below 1.

    Source: Kim 2014 is silent on it; Kalchbrenner et al. 2014, figure 5, show filters
    so.
    """
    rows = np.asarray(rows)
    if window not in windows_of(model) or count < 1:
        raise ValueError(
            f"Expected a window in {windows_of(model)} and count >= 1. "
            f"Received: window={window}, count={count}"
        )
    margin = _margin(model)
    answers = keras.Model(model.input, model.get_layer(f"window{window}_relu").output)
    padded = np.pad(rows, ((0, 0), (margin, margin)))
    places = np.lib.stride_tricks.sliding_window_view(padded, window, axis=1)
    blank = (places == PADDING).all(-1)
    best, where = _best_places(answers, rows, blank, count)
    weights = _class_weights(model, window)
    found = []
    for number in range(best.shape[0]):
        ngrams: dict[tuple[str, ...], Ngram] = {}
        for activation, (sentence, place) in zip(
            best[number], where[number], strict=True
        ):
            words = tuple(_word(w, vocabulary) for w in places[sentence, place])
            if activation > 0 and words not in ngrams:
                ngrams[words] = Ngram(
                    words,
                    float(activation),
                    window,
                    number,
                    int(sentence),
                    int(place) - margin,
                    tuple(map(float, weights[number])),
                )
        found.append(list(ngrams.values())[:count])
    return found


def windows_of(model: keras.Model) -> list[int]:
    """Returns the widths of a sentence CNN's filters."""
    names = [re.fullmatch(r"window(\d+)_relu", layer.name) for layer in model.layers]
    return sorted(int(match[1]) for match in names if match)


def _margin(model: keras.Model) -> int:
    return int(model.get_layer("pad").padding[0])


def _word(number: int, vocabulary: Sequence[str]) -> str:
    return "·" if number == PADDING else vocabulary[number]


def _best_places(
    answers: keras.Model, rows: np.ndarray, blank: np.ndarray, count: int
) -> tuple[np.ndarray, np.ndarray]:
    """The strongest answers of each filter `(F, K)` and where: `(F, K, 2)`.

    More than `count` are kept, as equal n-grams are common.
    """
    kept = 10 * count
    filters = answers.output_shape[-1]
    best = np.empty((filters, 0), np.float32)
    where = np.empty((filters, 0, 2), np.int64)
    for start in range(0, len(rows), BATCH):
        found = keras.ops.convert_to_numpy(answers(rows[start : start + BATCH]))
        found = np.where(blank[start : start + BATCH, :, None], 0, found)
        flat = found.reshape(-1, filters).T
        first = np.argsort(-flat, axis=1, kind="stable")[:, :kept]
        sentence, place = np.divmod(first, found.shape[1])
        best = np.concatenate([best, np.take_along_axis(flat, first, 1)], axis=1)
        new = np.stack([sentence + start, place], axis=-1)
        where = np.concatenate([where, new], axis=1)
        order = np.argsort(-best, axis=1, kind="stable")[:, :kept]
        best = np.take_along_axis(best, order, 1)
        where = np.take_along_axis(where, order[:, :, None], 1)
    return best, where


def _class_weights(model: keras.Model, window: int) -> np.ndarray:
    """What each filter of a width adds to the logits: `(filters, classes)`."""
    kernel = keras.ops.convert_to_numpy(model.get_layer("logits").kernel)
    before = sum(_filters(model, w) for w in windows_of(model) if w < window)
    return kernel[before : before + _filters(model, window)]


def _filters(model: keras.Model, window: int) -> int:
    return int(model.get_layer(f"window{window}_relu").output.shape[-1])


def ngram_table(found: Sequence[Sequence[Ngram]], classes: Sequence[str]) -> str:
    """Lists the n-grams of filters, the filters that decide most first.

    Args:
        found: of `top_ngrams`.
        classes: names of the labels.

    Returns:
        A line for each filter that any n-gram excites: number, the class that it speaks
        for most, its n-grams.
    """
    lines = []
    filters = [ngrams for ngrams in found if ngrams]
    for ngrams in sorted(filters, key=lambda n: -np.ptp(n[0].weights)):
        first = ngrams[0]
        label = classes[int(np.argmax(first.weights))]
        shown = ", ".join(map(str, ngrams))
        lines.append(f"filter {first.filter:3d}  {label:<12s}  {shown}")
    return "\n".join(lines)


def saliency(
    model: keras.Model,
    row: np.ndarray,
    words: Sequence[str],
    label: int | None = None,
    method: str = "gradient",
) -> HighlightedText:
    """Says how much each word of a sentence speaks for a class.

    Args:
        model: a sentence CNN.
        row: numbers of words, int `(T,)`, 0 for padding at the end.
        words: of the sentence, one for each number but padding.
        label: the class; by default the one that the model takes.
        method: "gradient": the gradient of the logit by the word's vector, times that
            vector; "occlusion": by how much the logit falls without the word's vector;
            "maxima": for each filter, its share of the logit, divided equally among the
            words of the n-gram that gave its maximum. The scores of the last add up to
            the logit without the bias, padding left out.

    Returns:
        The words with the scores; a positive one speaks for the class, against the
        mean of the classes.

    Raises:
        ValueError: if there is no such method or class, or the words are not those of
            the row.

    Source: "gradient" is that of Simonyan et al. 2013, arXiv:1312.6034, with the sign;
    "occlusion" that of Zeiler and Fergus 2013, arXiv:1311.2901, with words.
    """
    row = np.asarray(row)
    used = int((row != PADDING).sum())
    classes = int(model.output_shape[-1])
    if method not in METHODS or not (label is None or 0 <= label < classes):
        raise ValueError(
            f"Expected method in {METHODS} and label in 0..{classes - 1}. "
            f"Received: method={method!r}, label={label}"
        )
    if row.ndim != 1 or used != len(words) or (row[used:] != PADDING).any():
        raise ValueError(
            "Expected one row of numbers, as many as words, and padding behind them. "
            f"Received: shape={row.shape}, {used} numbers, {len(words)} words"
        )
    if label is None:
        label = int(keras.ops.argmax(model(row[None])[0]))
    score = {"gradient": _gradient, "occlusion": _occlusion, "maxima": _maxima}[method]
    scores = score(model, row, label)[:used]
    return HighlightedText(words, scores.tolist())


def _centred(logits: np.ndarray, label: int) -> np.ndarray:
    """A class's logits against the mean of all: only differences matter."""
    return logits[..., label] - logits.mean(-1)


def _gradient(model: keras.Model, row: np.ndarray, label: int) -> np.ndarray:
    import tensorflow as tf

    pad = model.get_layer("pad")
    vectors = keras.Model(model.input, pad.input)(row[None])
    rest = keras.Model(pad.input, model.output)
    with tf.GradientTape() as tape:
        tape.watch(vectors)
        logits = rest(vectors)
        wanted = logits[0, label] - tf.reduce_mean(logits[0])
    gradient = tape.gradient(wanted, vectors)
    return keras.ops.convert_to_numpy(tf.reduce_sum(gradient * vectors, -1)[0])


def _occlusion(model: keras.Model, row: np.ndarray, label: int) -> np.ndarray:
    """Each row lacks one word; the vector of padding is zero."""
    without = np.where(np.eye(len(row), dtype=bool), PADDING, row)
    logits = keras.ops.convert_to_numpy(model(np.concatenate([row[None], without])))
    scores = _centred(logits, label)
    return scores[0] - scores[1:]


def _maxima(model: keras.Model, row: np.ndarray, label: int) -> np.ndarray:
    margin = _margin(model)
    scores = np.zeros(len(row) + 2 * margin)
    kept = [la for la in model.layers if la.name == "kept_share"]
    share = kept[0].scale if kept else 1.0
    for window in windows_of(model):
        relu = model.get_layer(f"window{window}_relu")
        answers = keras.ops.convert_to_numpy(
            keras.Model(model.input, relu.output)(row[None])
        )[0]
        weights = _centred(_class_weights(model, window), label) * share
        places = answers.argmax(0)
        for place, part in zip(places, weights * answers.max(0) / window, strict=True):
            scores[place : place + window] += part
    return scores[margin : margin + len(row)]
