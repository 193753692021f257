"""What a classifier gets right, what wrong, and how sure it is."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import keras
import numpy as np

from cnncourse.training.state import write_whole

if TYPE_CHECKING:
    from matplotlib.figure import Figure
    from rich.table import Table

View = Callable[[np.ndarray], np.ndarray]
BINS = 10


@dataclass(frozen=True)
class Evaluation:
    """The result of a classifier on labelled examples.

    Attributes:
        count: of examples.
        accuracy: share of right answers.
        top_k: k -> share of examples whose class is among the k most probable.
        log_loss: mean of `-log p(class)`, natural.
        calibration_error: mean over examples of how far the confidence of their bin is
            from its accuracy.
        confusion: `confusion[true][predicted]`, numbers of examples.
        per_class: class -> precision, recall, f1 and number of examples.
    """

    count: int
    accuracy: float
    top_k: dict[str, float]
    log_loss: float
    calibration_error: float
    confusion: list[list[int]]
    per_class: dict[str, dict[str, float]]

    def table(self) -> Table:
        """Returns the classes as a table for `rich`."""
        from rich.table import Table

        table = Table(title=str(self))
        columns = ("class", "precision", "recall", "F1", "examples")
        for column in columns:
            table.add_column(column, justify="left" if column == "class" else "right")
        for name, row in self.per_class.items():
            shares = (f"{row[key]:.2%}" for key in ("precision", "recall", "f1"))
            table.add_row(name, *shares, f"{row['examples']:,.0f}")
        return table

    def __str__(self) -> str:
        tops = ", ".join(f"top-{k} {share:.2%}" for k, share in self.top_k.items())
        return (
            f"accuracy {self.accuracy:.2%} ({tops}), log loss {self.log_loss:.4f}, "
            f"calibration error {self.calibration_error:.2%}, {self.count:,} examples"
        )

    def save(self, file: str | Path) -> None:
        """Writes the result as JSON."""
        text = json.dumps(asdict(self), indent=1)
        write_whole(Path(file), lambda path: path.write_text(f"{text}\n", "utf-8"))

    def plot(self) -> Figure:
        """Draws the confusion matrix."""
        from cnncourse.plots.drawing import framed_figure

        matrix = np.array(self.confusion)
        share = matrix / np.maximum(matrix.sum(1, keepdims=True), 1)
        size = float(np.clip(0.45 * len(matrix) + 1.5, 4, 14))
        with framed_figure(1, 1, size, size) as (figure, axes):
            panel = axes[0, 0]
            panel.imshow(share, cmap="Blues", vmin=0, vmax=1)
            if len(matrix) <= 20:
                for (row, column), count in np.ndenumerate(matrix):
                    colour = "white" if share[row, column] > 0.5 else "black"
                    text = str(count) if count else ""
                    panel.text(
                        column, row, text, ha="center", va="center", color=colour
                    )
                panel.set_xticks(range(len(matrix)), self.per_class, rotation=90)
                panel.set_yticks(range(len(matrix)), self.per_class)
            panel.set(xlabel="predicted", ylabel="true")
        return figure


def evaluate(
    model: keras.Model,
    x: Any,
    labels: np.ndarray,
    classes: Sequence[str] = (),
    top_k: Sequence[int] = (1, 5),
    views: Sequence[View] = (),
    batch_size: int = 256,
) -> Evaluation:
    """Evaluates a classifier.

    Args:
        model: gives logits or probabilities `(B, classes)`.
        x: inputs, the examples on axis 0.
        labels: class numbers `(n,)`.
        classes: their names; by default their numbers.
        top_k: which shares to count; those above the number of classes are left out.
        views: see `predict`.
        batch_size: at least 1.

    Raises:
        ValueError: if labels and outputs do not fit.
    """
    probabilities = predict(model, x, views, batch_size)
    labels = np.asarray(labels).reshape(-1)
    _check_labels(labels, probabilities)
    size = probabilities.shape[1]
    names = list(classes) or [str(number) for number in range(size)]
    if len(names) != size:
        raise ValueError(
            f"Expected {size} names of classes. Received: {len(names)} names"
        )
    confusion = confusion_matrix(labels, probabilities.argmax(1), size)
    right = np.diagonal(confusion)
    predicted, true = confusion.sum(0), confusion.sum(1)
    precision = right / np.maximum(predicted, 1)
    recall = right / np.maximum(true, 1)
    f1 = 2 * right / np.maximum(predicted + true, 1)
    own = probabilities[np.arange(len(labels)), labels]
    return Evaluation(
        count=len(labels),
        accuracy=float(right.sum() / len(labels)),
        top_k={
            str(k): top_k_accuracy(labels, probabilities, k) for k in top_k if k <= size
        },
        log_loss=float(-np.log(np.maximum(own, np.finfo(np.float32).tiny)).mean()),
        calibration_error=calibration(labels, probabilities).error,
        confusion=confusion.tolist(),
        per_class={
            name: {
                "precision": float(precision[number]),
                "recall": float(recall[number]),
                "f1": float(f1[number]),
                "examples": int(true[number]),
            }
            for number, name in enumerate(names)
        },
    )


def predict(
    model: keras.Model, x: Any, views: Sequence[View] = (), batch_size: int = 256
) -> np.ndarray:
    """Returns the probabilities of the classes.

    Args:
        model: gives logits or probabilities `(B, classes)`.
        x: inputs, the examples on axis 0.
        views: test-time augmentation: functions from inputs to changed inputs; the
            probabilities are the mean over them. By default the inputs as they are.
        batch_size: at least 1.

    Returns:
        float64 `(n, classes)`, rows that sum to 1.

    Raises:
        ValueError: if the model gives something else.
    """
    total: Any = 0.0
    for view in views or (lambda images: images,):
        outputs = np.asarray(model.predict(view(x), batch_size, verbose=0), np.float64)
        if outputs.ndim != 2 or not np.isfinite(outputs).all():
            raise ValueError(
                "Expected a model that gives finite (B, classes). "
                f"Received: outputs of shape {outputs.shape}"
            )
        total = total + _probabilities(outputs)
    return total / max(1, len(views))


def _probabilities(outputs: np.ndarray) -> np.ndarray:
    if (outputs >= 0).all() and np.allclose(outputs.sum(1), 1, atol=1e-3):
        return outputs / outputs.sum(1, keepdims=True)
    powers = np.exp(outputs - outputs.max(1, keepdims=True))
    return powers / powers.sum(1, keepdims=True)


def mirrored_and_shifted(shift: int = 1) -> list[View]:
    """Returns the views of test-time augmentation that suit small photographs.

    Args:
        shift: pixels up-left and down-right, at least 0; 0 for mirrored ones only.

    Returns:
        Six functions (two if `shift` is 0) of images `(B, H, W, C)`.

    Raises:
        ValueError: if `shift` is negative.

    Source: K. Jordan, 94% on CIFAR-10 in 3.29 Seconds on a Single GPU,
    arXiv:2404.00498, section 3.6.
    """
    if shift < 0:
        raise ValueError(f"Expected shift >= 0. Received: shift={shift}")
    moves = sorted({-shift, 0, shift})

    def view(move: int, mirror: bool) -> View:
        def changed(images: np.ndarray) -> np.ndarray:
            border = ((0, 0), (shift, shift), (shift, shift), (0, 0))
            height, width = images.shape[1:3]
            padded = np.pad(images, border, mode="reflect")
            start = shift + move
            moved = padded[:, start : start + height, start : start + width]
            return moved[:, :, ::-1] if mirror else moved

        return changed

    return [view(move, mirror) for move in moves for mirror in (False, True)]


def top_k_accuracy(labels: np.ndarray, probabilities: np.ndarray, k: int) -> float:
    """Returns the share of examples whose class is among the k most probable.

    Args:
        labels: class numbers `(n,)`.
        probabilities: or logits, `(n, classes)`.
        k: from 1 to the number of classes. Of equal values, the first classes win.

    Raises:
        ValueError: if an argument is not as above.
    """
    _check_labels(labels, probabilities)
    if not 1 <= k <= probabilities.shape[1]:
        raise ValueError(
            f"Expected k from 1 to {probabilities.shape[1]}. Received: k={k}"
        )
    best = np.argsort(-probabilities, axis=1, kind="stable")[:, :k]
    return float((best == np.asarray(labels)[:, None]).any(1).mean())


def confusion_matrix(
    labels: np.ndarray, predicted: np.ndarray, classes: int
) -> np.ndarray:
    """Counts examples by true and predicted class.

    Args:
        labels: class numbers `(n,)`.
        predicted: class numbers `(n,)`.
        classes: how many there are.

    Returns:
        int64 `(classes, classes)`: rows are true classes, columns predicted.

    Raises:
        ValueError: if the lengths differ or a number is not a class.

    Example:
        >>> confusion_matrix(np.array([0, 1, 1]), np.array([0, 0, 1]), 2).tolist()
        [[1, 0], [1, 1]]
    """
    both = np.stack([np.asarray(labels), np.asarray(predicted)])
    if both.size and not (0 <= both.min() and both.max() < classes):
        raise ValueError(
            f"Expected class numbers from 0 to {classes - 1}. "
            f"Received: from {both.min()} to {both.max()}"
        )
    counts = np.bincount(both[0] * classes + both[1], minlength=classes**2)
    return counts.reshape(classes, classes)


@dataclass(frozen=True)
class Calibration:
    """Accuracy against confidence.

    Attributes:
        confidence: mean probability of the predicted class in each bin that is not
            empty.
        accuracy: share of right answers in each of them.
        share: of all examples in each of them.
    """

    confidence: np.ndarray
    accuracy: np.ndarray
    share: np.ndarray

    @property
    def error(self) -> float:
        """The expected calibration error, from 0 to 1."""
        return float((self.share * np.abs(self.confidence - self.accuracy)).sum())

    def plot(self) -> Figure:
        """Draws accuracy over confidence, beside the perfect line."""
        from cnncourse.plots import curves

        return curves(
            self.confidence,
            {"this model": self.accuracy, "perfect": self.confidence},
            "confidence",
            "accuracy",
            title=f"expected calibration error {self.error:.2%}",
            markers=True,
            size=(4.6, 4.6),
        )


def calibration(
    labels: np.ndarray, probabilities: np.ndarray, bins: int = BINS
) -> Calibration:
    """Compares how sure a classifier is with how often it is right.

    Args:
        labels: class numbers `(n,)`.
        probabilities: `(n, classes)`.
        bins: equal intervals of confidence, at least 1.

    Raises:
        ValueError: if an argument is not as above.

    Source: C. Guo et al., On Calibration of Modern Neural Networks, ICML 2017.
    """
    _check_labels(labels, probabilities)
    if bins < 1:
        raise ValueError(f"Expected bins >= 1. Received: bins={bins}")
    confidence = probabilities.max(1)
    right = probabilities.argmax(1) == labels
    which = np.minimum((confidence * bins).astype(int), bins - 1)
    counts = np.bincount(which, minlength=bins)
    full = counts > 0
    means = [
        np.bincount(which, weights=values, minlength=bins)[full] / counts[full]
        for values in (confidence, right)
    ]
    return Calibration(means[0], means[1], counts[full] / len(labels))


def most_wrong(
    x: np.ndarray,
    labels: np.ndarray,
    probabilities: np.ndarray,
    classes: Sequence[str] = (),
    count: int = 12,
) -> Figure:
    """Draws the wrong answers of which the classifier was surest.

    Args:
        x: images `(n, H, W, C)`, values in [0, 1].
        labels: class numbers `(n,)`.
        probabilities: `(n, classes)`.
        classes: their names; by default their numbers.
        count: how many to draw at most.

    Returns:
        The figure; each title says what was predicted, how surely, and what is true.

    Raises:
        ValueError: if labels and probabilities do not fit, or all answers are right.
    """
    from cnncourse.plots import images

    _check_labels(labels, probabilities)
    predicted = probabilities.argmax(1)
    wrong = np.flatnonzero(predicted != labels)
    if not len(wrong):
        raise ValueError("Expected at least one wrong answer. Received: none")
    surest = wrong[np.argsort(-probabilities.max(1)[wrong], kind="stable")][:count]
    names = classes or [str(number) for number in range(probabilities.shape[1])]
    titles = [
        f"{names[predicted[i]]} ({probabilities[i].max():.0%})\nis {names[labels[i]]}"
        for i in surest
    ]
    return images(list(x[surest]), titles, columns=6, size=1.7)


def _check_labels(labels: np.ndarray, probabilities: np.ndarray) -> None:
    if probabilities.ndim != 2 or np.shape(labels) != probabilities.shape[:1]:
        raise ValueError(
            "Expected labels (n,) and probabilities (n, classes). "
            f"Received: shapes {np.shape(labels)} and {probabilities.shape}"
        )
