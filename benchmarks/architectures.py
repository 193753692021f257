"""A training step of our nets and of the same ones in keras.applications.

    python benchmarks/architectures.py [--quick]

The two nets of a pair have the same weights and take the same batch. Their steps
alternate, in an order that changes, so that a machine that drifts drifts for both; the
ratio is that of the medians, and the quartiles of the ratios of neighbours follow it.
Then each entry of the catalogue is built: without values for its weights, as summaries
and diagrams need it, and at the reduced size of the tests with values.
"""

import argparse
import os
import random
import statistics
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
os.environ.setdefault("CUDA_VISIBLE_DEVICES", "")

import keras
import numpy as np
import tensorflow as tf

from cnncourse.architectures import ARCHITECTURES, create, load_weights_from, outline

LIMIT = 1.05  # of our time, theirs being 1


@dataclass(frozen=True)
class Pair:
    """The same net by us and by keras.applications."""

    ours: str
    theirs: Callable[..., keras.Model]
    size: int
    batch: int


PAIRS = (
    Pair("vgg16", keras.applications.VGG16, 32, 8),
    Pair("resnet50_v1", keras.applications.ResNet50, 64, 8),
    Pair("inception_v3", keras.applications.InceptionV3, 75, 8),
)


def models(pair: Pair) -> dict[str, keras.Model]:
    """Both nets, with the same weights, ready to be trained for ten classes."""
    shape = (pair.size, pair.size, 3)
    theirs = pair.theirs(
        weights=None, input_shape=shape, classes=10, classifier_activation=None
    )
    # VGG of keras.applications has no dropout
    options = {"dropout": 0.0} if pair.ours.startswith("vgg") else {}
    ours = create(pair.ours, shape, 10, **options)
    load_weights_from(ours, theirs)
    for model in (ours, theirs):
        loss = keras.losses.SparseCategoricalCrossentropy(from_logits=True)
        model.compile(keras.optimizers.SGD(1e-4), loss)
    return {"ours": ours, "theirs": theirs}


def step_times(pair: Pair, rounds: int) -> dict[str, list[float]]:
    """Seconds of each training step, interleaved; the first two are not counted."""
    rng = np.random.default_rng(0)
    images = tf.constant(
        rng.normal(size=(pair.batch, pair.size, pair.size, 3)), "float32"
    )
    labels = tf.constant(rng.integers(0, 10, pair.batch))
    both = models(pair)
    times: dict[str, list[float]] = {name: [] for name in both}
    for turn in range(rounds + 2):
        for name in random.Random(turn).sample(sorted(both), 2):
            start = time.perf_counter()
            both[name].train_on_batch(images, labels)
            if turn > 1:
                times[name].append(time.perf_counter() - start)
    return times


def build_seconds(make: Callable[..., Any], *args: Any, **options: Any) -> float:
    keras.backend.clear_session()
    start = time.perf_counter()
    make(*args, **options)
    return time.perf_counter() - start


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--quick", action="store_true", help="5 rounds, no builds")
    quick = parser.parse_args().quick
    print(
        f"TensorFlow {tf.__version__}, Keras {keras.__version__}, {os.cpu_count()} CPUs"
    )
    print(
        f"{'training step':14}{'input':>12}{'ours ms':>9}{'theirs ms':>11}{'ratio':>7}"
    )
    slower = []
    for pair in PAIRS:
        times = step_times(pair, 5 if quick else 101)
        ours, theirs = (statistics.median(times[name]) for name in ("ours", "theirs"))
        neighbours = np.divide(times["ours"], times["theirs"])
        low, high = np.quantile(neighbours, [0.25, 0.75])
        shape = f"{pair.batch}x{pair.size}x{pair.size}"
        print(
            f"{pair.ours:14}{shape:>12}{1e3 * ours:9.1f}{1e3 * theirs:11.1f}"
            f"{ours / theirs:7.3f}  quartiles {low:.3f} to {high:.3f}",
            flush=True,
        )
        if ours > LIMIT * theirs:
            slower.append(pair.ours)
    print(f"Slower than {LIMIT} times theirs: {', '.join(slower) or 'none'}")
    if not quick:
        print(f"\n{'build':24}{'outline s':>11}{'reduced s':>11}")
        for name, entry in ARCHITECTURES.items():
            whole = build_seconds(outline, name)
            small = build_seconds(create, name, **entry.reduced)
            print(f"{name:24}{whole:11.2f}{small:11.2f}", flush=True)
    return bool(slower)


if __name__ == "__main__":
    sys.exit(main())
