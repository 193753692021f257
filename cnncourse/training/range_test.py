"""The learning-rate range test: which rates make the loss fall, which explode it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import keras
import numpy as np

from cnncourse.training.batches import Batches

if TYPE_CHECKING:
    from matplotlib.figure import Figure

SMOOTHING = 0.9  # of the moving average of the losses
EXPLODED = 4.0  # times the least loss


@dataclass(frozen=True)
class RangeTest:
    """Losses at rising learning rates.

    Attributes:
        rates: ascending `(n,)`.
        losses: of the batch at each rate `(n,)`.
        smoothed: their moving average `(n,)`.
    """

    rates: np.ndarray
    losses: np.ndarray
    smoothed: np.ndarray

    @property
    def suggestion(self) -> float:
        """The rate at which the smoothed loss falls fastest."""
        least = max(2, int(np.argmin(self.smoothed)) + 1)
        slopes = np.gradient(self.smoothed[:least], np.log(self.rates[:least]))
        return float(self.rates[int(np.argmin(slopes))])

    def plot(self) -> Figure:
        """Draws the losses over the rates, and the suggestion."""
        from cnncourse.plots import RED, curves

        figure = curves(
            self.rates,
            {"moving average": self.smoothed},
            "learning rate",
            "loss",
            points={"one batch": self.losses},
        )
        axes = figure.axes[0]
        axes.set_xscale("log")
        axes.axvline(self.suggestion, color=RED, linestyle="--")
        axes.set_title(f"falls fastest at {self.suggestion:.2g}")
        return figure


class _Rise(keras.callbacks.Callback):
    """Raises the rate after each batch and notes the losses until they explode."""

    def __init__(self, rates: np.ndarray) -> None:
        super().__init__()
        self.rates = rates
        self.losses: list[float] = []
        self.smoothed: list[float] = []
        self.average = 0.0

    def on_train_batch_begin(self, batch: int, logs: Any = None) -> None:
        self.model.reset_metrics()  # else the loss is a mean over the epoch
        self.model.optimizer.learning_rate = self.rates[batch]

    def on_train_batch_end(self, batch: int, logs: dict[str, float]) -> None:
        loss = logs["loss"]
        self.average = SMOOTHING * self.average + (1 - SMOOTHING) * loss
        smoothed = self.average / (1 - SMOOTHING ** (batch + 1))
        if not np.isfinite(loss) or (
            self.smoothed and smoothed > EXPLODED * min(self.smoothed)
        ):
            self.model.stop_training = True
            return
        self.losses.append(loss)
        self.smoothed.append(smoothed)


def range_test(
    model: keras.Model,
    data: Any,
    lowest: float = 1e-5,
    highest: float = 10.0,
    steps: int = 100,
    batch_size: int = 32,
    seed: int = 0,
) -> RangeTest:
    """Trains a copy of a model while the learning rate rises, until the loss explodes.

    Args:
        model: compiled; a functional or sequential one, which Keras can copy.
        data: arrays `(x, y)`, or `Batches`.
        lowest: first rate, above 0.
        highest: last rate.
        steps: batches, at least 3; the rate is multiplied by the same at each.
        batch_size: if `data` are arrays.
        seed: if `data` are arrays.

    Returns:
        The losses; the model is as before.

    Raises:
        ValueError: if an argument is not as above, or the loss explodes at once.

    Source: L. N. Smith, Cyclical Learning Rates for Training Neural Networks, WACV
    2017, arXiv:1506.01186, section 3.3.
    """
    if not 0 < lowest < highest or steps < 3:
        raise ValueError(
            "Expected 0 < lowest < highest and steps >= 3. "
            f"Received: lowest={lowest}, highest={highest}, steps={steps}"
        )
    batches = data if isinstance(data, Batches) else Batches(data, batch_size, seed)
    copy = keras.models.clone_model(model)
    copy.set_weights(model.get_weights())
    config = {**model.optimizer.get_config(), "learning_rate": lowest}
    optimizer = type(model.optimizer).from_config(config)
    copy.compile(optimizer, model.loss)
    rise = _Rise(np.geomspace(lowest, highest, steps))
    copy.fit(
        batches.dataset(),
        steps_per_epoch=steps,
        callbacks=[rise],
        verbose=0,
        shuffle=False,
    )
    if len(rise.losses) < 3:
        raise ValueError(
            f"Expected a lower rate to begin with. Received: lowest={lowest}, where "
            "the loss explodes"
        )
    rates = rise.rates[: len(rise.losses)]
    return RangeTest(rates, np.array(rise.losses), np.array(rise.smoothed))
