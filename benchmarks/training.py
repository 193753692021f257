"""What does `cnncourse.training.fit` cost, and what do precision, XLA and feed change?

    python -m benchmarks.training [--quick]

LeNet-5 on made-up images. The first table compares `fit` with Keras' own `fit` on the
same arrays: whole calls that take turns, by the clock on the wall and by the time of
the processor, which other programs disturb less. The second one shows single changes.
It runs on a GPU as it is.
"""

from __future__ import annotations

import argparse
import os
import statistics
import time
from collections import defaultdict
from collections.abc import Callable
from itertools import product
from typing import Any

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")

import keras
import numpy as np
from rich.console import Console
from rich.progress import track
from rich.table import Table

from cnncourse import architectures, augmentation, training

console = Console()
BATCH = 128
MIDDLES: dict[str, Callable[..., float]] = {"median": statistics.median, "least": min}


def images(count: int) -> tuple[np.ndarray, np.ndarray]:
    """Random pictures of the size of MNIST."""
    rng = np.random.default_rng(0)
    x = rng.random((count, 28, 28, 1), dtype=np.float32)
    return x, rng.integers(0, 10, count)


def net(jit_compile: Any = "auto") -> keras.Model:
    """LeNet-5, compiled."""
    model = architectures.create("lenet5", input_shape=(28, 28, 1))
    loss = training.SmoothedCrossentropy()
    model.compile("adam", loss, metrics=["accuracy"], jit_compile=jit_compile)
    return model


def overhead(data: tuple, epochs: int, rounds: int) -> Table:
    """Compares a step of both `fit`, and what a call costs besides its steps.

    Calls of one epoch and of several take turns; a step is what the epochs more take.
    """
    plain, ours = net(), net()
    calls: dict[str, Callable[[int], Any]] = {
        "Keras": lambda count: plain.fit(*data, BATCH, count, verbose=0),
        "cnncourse": lambda count: training.fit(
            ours, data, epochs=count, batch_size=BATCH, progress="none"
        ),
    }
    clocks = {"wall": time.perf_counter, "processor": time.process_time}
    times: dict[tuple[str, str, int], list[float]] = defaultdict(list)
    for number in track(range(-1, rounds), "overhead", console=console):
        for count in (1, epochs):
            for name in sorted(calls, reverse=number % 2 == 0):
                starts = {clock: read() for clock, read in clocks.items()}
                calls[name](count)
                if number >= 0:  # the first traces graphs
                    for clock, read in clocks.items():
                        times[name, clock, count].append(read() - starts[clock])
    steps = -(-len(data[0]) // BATCH)
    table = Table(title=f"{rounds} calls of {steps} and of {epochs * steps} steps")
    for column in ("clock", "what", *calls, "overhead"):
        table.add_column(column, justify="right")
    for clock, (kind, middle) in product(clocks, MIDDLES.items()):
        first, all_ = (
            [middle(times[name, clock, count]) for name in calls]
            for count in (1, epochs)
        )
        step = [
            (b - a) / steps / (epochs - 1) for a, b in zip(first, all_, strict=True)
        ]
        once = [a - each * steps for a, each in zip(first, step, strict=True)]
        cells = [f"{1e3 * each:.3f} ms" for each in step]
        ratio = step[1] / step[0] - 1
        table.add_row(clock, f"a step, {kind}", *cells, f"{ratio:+.1%}")
        table.add_row(clock, f"a call, {kind}", *(f"{x:.2f} s" for x in once))
    table.caption = "aim: a step costs at most 2 % more"
    return table


def variants() -> dict[str, Callable[[tuple], Any]]:
    """Single changes: name -> function that trains an epoch."""
    policy = augmentation.POLICIES["lenet"].policy

    def run(model: keras.Model, **options: Any) -> Callable[[tuple], Any]:
        return lambda data: training.fit(
            model, data, batch_size=BATCH, progress="none", **options
        )

    table = {
        "as it is": run(net(jit_compile=False)),
        "XLA": run(net(jit_compile=True)),
        "augmented": run(net(jit_compile=False), augment=policy),
        "moving average": run(net(jit_compile=False), ema=0.999),
    }
    for policy_name in ("mixed_bfloat16", "mixed_float16"):
        keras.config.set_dtype_policy(policy_name)
        table[policy_name] = run(net(jit_compile=False))
    keras.config.set_dtype_policy("float32")
    return table


def changes(data: tuple, rounds: int) -> Table:
    """Times an epoch with each change."""
    table = Table(title=f"an epoch of {len(data[0]):,} images")
    for column in ("what", "images/s", "against as it is"):
        table.add_column(column, justify="right")
    calls = variants()
    times: dict[str, list[float]] = {name: [] for name in calls}
    for number in track(range(-1, rounds), "changes", console=console):
        for name, call in calls.items():
            start = time.perf_counter()
            call(data)
            if number >= 0:
                times[name].append(time.perf_counter() - start)
    base = statistics.median(times["as it is"])
    for name, seconds in times.items():
        median = statistics.median(seconds)
        table.add_row(name, f"{len(data[0]) / median:,.0f}", f"{base / median:.2f} x")
    return table


def main() -> None:
    """Measures and prints."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--quick", action="store_true", help="fewer, smaller rounds")
    quick = parser.parse_args().quick
    training.prepare(0)
    data = images(4_096 if quick else 16_384)
    half = tuple(array[: len(array) // 2] for array in data)
    console.print(overhead(half, epochs=5, rounds=2 if quick else 12))
    console.print(changes(data, rounds=1 if quick else 3))
    speed = training.throughput(net(), *(a[:BATCH] for a in data))
    console.print(f"one batch again and again: {speed}")


if __name__ == "__main__":
    main()
