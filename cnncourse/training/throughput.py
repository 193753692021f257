"""How fast a model runs, and how near that is to what the machine can do."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import keras
import numpy as np

from cnncourse.training.state import assign, values_of, variables_of

TRAINING_PASSES = 3  # forward, and gradients by inputs and by weights


@dataclass(frozen=True)
class Throughput:
    """The speed of a model on one machine.

    Attributes:
        images_per_second: of whole steps.
        macs_per_second: multiply-accumulates in convolutions and dense layers.
        gemm_macs_per_second: of a product of large matrices in the same precision.
        milliseconds: median time of a step.
        training: whether a step was one of training, or of inference.
    """

    images_per_second: float
    macs_per_second: float
    gemm_macs_per_second: float
    milliseconds: float
    training: bool

    @property
    def fraction(self) -> float:
        """The share of the rate of matrix products that the model reaches."""
        return self.macs_per_second / self.gemm_macs_per_second

    def __str__(self) -> str:
        return (
            f"{self.images_per_second:,.0f} images/s, {self.milliseconds:.1f} ms a "
            f"step of {'training' if self.training else 'inference'}, "
            f"{self.macs_per_second / 1e9:.1f} GMAC/s: {self.fraction:.0%} of the "
            f"machine's {self.gemm_macs_per_second / 1e9:.1f} in matrix products"
        )


def throughput(
    model: keras.Model, x: Any, y: Any = None, seconds: float = 2.0
) -> Throughput:
    """Measures steps on one batch, which is there beforehand.

    Args:
        model: built; compiled if `y` is given. It is as before afterwards.
        x: inputs `(B, ...)`.
        y: labels, to measure training; None for inference.
        seconds: about how long to measure, above 0.

    Raises:
        ValueError: if `seconds` is not above 0.
    """
    from cnncourse.architectures import count_macs

    if seconds <= 0:
        raise ValueError(f"Expected seconds > 0. Received: seconds={seconds}")
    macs = count_macs(model) * len(x)
    if y is None:
        median = _median_seconds(lambda: model.predict_on_batch(x), seconds)
    else:
        with _unchanged(model):
            median = _median_seconds(lambda: model.train_on_batch(x, y), seconds)
        macs *= TRAINING_PASSES
    return Throughput(
        images_per_second=len(x) / median,
        macs_per_second=macs / median,
        gemm_macs_per_second=gemm_rate(model.compute_dtype),
        milliseconds=1e3 * median,
        training=y is not None,
    )


def gemm_rate(
    dtype: str = "float32", size: int | None = None, seconds: float = 0.5
) -> float:
    """Returns the multiply-accumulates per second of a product of two large matrices.

    Args:
        dtype: "float32", "bfloat16" or "float16".
        size: of the square matrices; by default what keeps the machine busy, 8192 on
            a GPU and 1024 on a CPU.
        seconds: about how long to measure.
    """
    if size is None:
        size = 8192 if keras.distribution.list_devices("gpu") else 1024
    rng = np.random.default_rng(0)
    matrix = keras.ops.cast(rng.standard_normal((size, size), np.float32), dtype)
    return size**3 / _median_seconds(lambda: _finished(matrix @ matrix), seconds)


def _finished(tensor: Any) -> None:
    """Waits for the device: GPUs work while Python goes on."""
    keras.ops.convert_to_numpy(tensor[:1, :1])


def _median_seconds(call: Callable[[], Any], seconds: float) -> float:
    """Median duration of a call, after one that traces and warms up."""
    call()
    call()
    times: list[float] = []
    while len(times) < 3 or sum(times) < seconds:
        start = time.perf_counter()
        call()
        times.append(time.perf_counter() - start)
    return float(np.median(times))


@contextmanager
def _unchanged(model: keras.Model) -> Iterator[None]:
    """Gives the model back the state that it had."""
    if not model.optimizer.built:
        model.optimizer.build(model.trainable_variables)
    before = values_of(variables_of(model))
    try:
        yield
    finally:
        assign(variables_of(model), before)
        model.reset_metrics()


def profile(
    model: keras.Model, x: Any, y: Any, folder: str | Path, steps: int = 10
) -> Path:
    """Writes a trace of training steps for TensorBoard's profiler.

    Args:
        model: compiled. It is as before afterwards.
        x: inputs of a batch.
        y: labels of the batch.
        folder: where to write.
        steps: how many to trace, at least 1.

    Returns:
        The folder, for `tensorboard --logdir` (with `tensorboard-plugin-profile`).

    Raises:
        ValueError: if the backend is not TensorFlow, or `steps` is too small.
    """
    if keras.backend.backend() != "tensorflow" or steps < 1:
        raise ValueError(
            "Expected TensorFlow as backend of Keras and steps >= 1. "
            f"Received: backend={keras.backend.backend()!r}, steps={steps}"
        )
    import tensorflow as tf

    with _unchanged(model):
        model.train_on_batch(x, y)  # traces the graph, which is not to be measured
        with tf.profiler.experimental.Profile(str(folder)):
            for step in range(steps):
                with tf.profiler.experimental.Trace("train", step_num=step, _r=1):
                    model.train_on_batch(x, y)
    return Path(folder)
