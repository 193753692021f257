"""Learning rates that change with the step."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

import keras
from keras.optimizers.schedules import (
    CosineDecay,
    LearningRateSchedule,
    PiecewiseConstantDecay,
    PolynomialDecay,
)


def step_decay(
    initial: float, steps: Sequence[int], factor: float = 0.1
) -> LearningRateSchedule:
    """A rate that is multiplied by a factor at each of some steps.

    AlexNet divided by 10 when the validation error stopped falling, three times in
    some 90 epochs; CIFAR ResNets at 32,000 and 48,000 of 64,000 steps.

    Args:
        initial: first rate, above 0.
        steps: ascending; from each on the rate is lower.
        factor: between 0 and 1.

    Raises:
        ValueError: if an argument is not as above.

    Source: Krizhevsky et al. 2012, section 5; He et al. 2015, section 4.2.

    Example:
        >>> schedule = step_decay(0.1, [32_000, 48_000])
        >>> [round(float(schedule(step)), 4) for step in (0, 31_999, 32_000, 50_000)]
        [0.1, 0.1, 0.01, 0.001]
    """
    if not steps or list(steps) != sorted(set(steps)) or not 0 < factor < 1:
        raise ValueError(
            "Expected ascending steps and a factor between 0 and 1. "
            f"Received: steps={list(steps)}, factor={factor}"
        )
    _check_rate("initial", initial)
    rates = [initial * factor**n for n in range(len(steps) + 1)]
    # Keras counts a boundary to the interval before it
    return PiecewiseConstantDecay([step - 1 for step in steps], rates)


def warmup_cosine(
    peak: float, steps: int, warmup_steps: int = 0, end: float = 0.0
) -> LearningRateSchedule:
    """A rate that rises in a line from 0, then falls along half a cosine.

    Args:
        peak: the highest rate, above 0.
        steps: of the whole run.
        warmup_steps: of the rise, fewer than `steps`.
        end: the last rate.

    Raises:
        ValueError: if an argument is not as above.

    Source: I. Loshchilov and F. Hutter, SGDR, ICLR 2017; P. Goyal et al., Accurate,
    Large Minibatch SGD, arXiv:1706.02677, for the warm-up.
    """
    _check_rate("peak", peak)
    if not 0 <= warmup_steps < steps:
        raise ValueError(
            "Expected 0 <= warmup_steps < steps. "
            f"Received: warmup_steps={warmup_steps}, steps={steps}"
        )
    if not warmup_steps:
        return CosineDecay(peak, steps, alpha=end / peak)
    return CosineDecay(
        0.0,
        steps - warmup_steps,
        alpha=end / peak,
        warmup_target=peak,
        warmup_steps=warmup_steps,
    )


def linear_decay(initial: float, steps: int, end: float = 0.0) -> LearningRateSchedule:
    """A rate that falls in a line.

    Args:
        initial: first rate, above 0.
        steps: until `end` is reached, at least 1.
        end: the last rate.

    Raises:
        ValueError: if an argument is not as above.
    """
    _check_rate("initial", initial)
    if steps < 1:
        raise ValueError(f"Expected steps >= 1. Received: steps={steps}")
    return PolynomialDecay(initial, steps, end_learning_rate=end)


@keras.saving.register_keras_serializable("cnncourse")
class OneCycle(LearningRateSchedule):
    """A rate that rises along half a cosine, then falls along another to almost 0.

    Args:
        peak: the highest rate, above 0.
        steps: of the whole run, at least 2.
        rise: share of the steps until the peak, between 0 and 1.
        start: first rate, as a share of the peak.
        end: last rate, as a share of the peak.

    Raises:
        ValueError: if an argument is not as above.

    Source: L. N. Smith and N. Topin, Super-Convergence, arXiv:1708.07120; they cycle
    the momentum too, and draw lines; the cosines are fastai's.
    """

    def __init__(
        self,
        peak: float,
        steps: int,
        rise: float = 0.3,
        start: float = 1 / 25,
        end: float = 1e-4,
    ) -> None:
        super().__init__()
        _check_rate("peak", peak)
        if steps < 2 or not 0 < rise < 1:
            raise ValueError(
                "Expected steps >= 2 and rise between 0 and 1. "
                f"Received: steps={steps}, rise={rise}"
            )
        self.peak, self.steps, self.rise = peak, steps, rise
        self.start, self.end = start, end

    def __call__(self, step: Any) -> Any:
        top = self.rise * self.steps
        step = keras.ops.cast(step, "float32")
        up = keras.ops.clip(step / top, 0.0, 1.0)
        down = keras.ops.clip((step - top) / (self.steps - top), 0.0, 1.0)
        risen = self.start + (1 - self.start) * _half_cosine(up)
        fallen = 1 - (1 - self.end) * _half_cosine(down)
        return self.peak * keras.ops.where(step < top, risen, fallen)

    def get_config(self) -> dict[str, Any]:
        names = ("peak", "steps", "rise", "start", "end")
        return {name: getattr(self, name) for name in names}


def _half_cosine(share: Any) -> Any:
    return (1 - keras.ops.cos(math.pi * share)) / 2


def _check_rate(name: str, rate: float) -> None:
    if rate <= 0:
        raise ValueError(f"Expected {name} > 0. Received: {name}={rate}")
