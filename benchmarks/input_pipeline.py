"""How many images per second do the pipeline and the augmentations feed?

    python -m benchmarks.input_pipeline [--quick]

Each row is the median of interleaved runs, each of which draws batches from `tf.data`
for some time, within epochs of 160 or 24 batches. "ours" stands against plain `tf.data`
written by hand, one picture at a time as tutorials do, and against Keras' own layers;
"Keras, each" gives the layers one picture at a time, where on a batch they would give
all pictures the same crop or the same operations.
"""

import argparse
import os
import random
import statistics
import time
from collections.abc import Callable, Iterator
from typing import Any

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")

import keras
import numpy as np
import tensorflow as tf

from cnncourse import augmentation as ours
from cnncourse.datasets.pipeline import pipeline

ROUNDS, SECONDS = 5, 0.15  # of each method: so many runs, each about so long
BATCH = {32: 128, 224: 32}
AUTO = tf.data.AUTOTUNE
Data = tf.data.Dataset


def pictures(count: int, height: int, width: int, channels: int = 3) -> np.ndarray:
    """Makes pictures of noise, float32 in [0, 1]."""
    shape = (count, height, width, channels)
    return np.random.default_rng(0).random(shape, dtype=np.float32)


def by_batch(x: np.ndarray, change: Callable) -> Data:
    """Changes a batch at a time."""
    seeds = Data.counter()
    source = Data.zip(Data.from_tensors(x).repeat(), seeds)
    return source.map(change, num_parallel_calls=AUTO).prefetch(AUTO)


def by_picture(x: np.ndarray, change: Callable) -> Data:
    """Changes a picture at a time."""
    source = Data.zip(Data.from_tensor_slices(x).repeat(), Data.counter())
    changed = source.map(change, num_parallel_calls=AUTO)
    return changed.batch(len(x), drop_remainder=True).prefetch(AUTO)


def keras_layers(*layers: Any) -> Callable:
    """Returns a change that calls layers, made once and traced when first used."""

    def change(x: Any, seed: Any) -> Any:
        for layer in layers:
            x = layer(x, training=True)
        return x

    return change


def hand_crop(pad: int, share: float) -> Callable:
    """Crops and mirrors one picture with `tf.image`."""

    def change(x: Any, seed: Any) -> Any:
        seeds = tf.stack([seed, 0])
        if pad:
            x = tf.pad(x, [[pad, pad], [pad, pad], [0, 0]])
        side = round(x.shape[0] * share) if share < 1 else x.shape[0] - 2 * pad
        x = tf.image.stateless_random_crop(x, (side, side, 3), seeds)
        return tf.image.stateless_random_flip_left_right(x, seeds + 1)

    return change


def hand_alexnet(x: Any, seed: Any) -> Any:
    """Crops and mirrors one picture, and jitters its colour along components."""
    from cnncourse.augmentation.colour import IMAGENET_VALUES, IMAGENET_VECTORS

    x = hand_crop(0, 224 / 256)(x, seed)
    drawn = tf.random.stateless_normal((3,), tf.stack([seed, 1]), stddev=0.1)
    jitter = tf.linalg.matvec(IMAGENET_VECTORS, drawn * IMAGENET_VALUES)
    return tf.clip_by_value(x + jitter, 0, 1)


def hand_eval(side: int, crop: int) -> Callable:
    """Resizes and crops one picture with `tf.image`."""

    def change(x: Any, seed: Any) -> Any:
        height, width = (round(side * n / min(x.shape[:2])) for n in x.shape[:2])
        x = tf.image.resize(x, (height, width), antialias=True)
        return tf.image.resize_with_crop_or_pad(x, crop, crop)

    return change


def hand_mixup(x: Any, seed: Any) -> Any:
    """Mixes a batch with its reverse."""
    gamma = tf.random.stateless_gamma((2, x.shape[0]), tf.stack([seed, 0]), 0.2)
    weight = (gamma[0] / (gamma[0] + gamma[1] + 1e-30))[:, None, None, None]
    return weight * x + (1 - weight) * x[::-1]


def cases(size: int) -> Iterator[tuple[str, dict[str, Data]]]:
    """Yields the name of each augmentation, and its data sets by method."""
    layers = keras.layers
    batch = BATCH[size]
    policies = {name: ours.POLICIES[name].policy for name in ours.POLICIES}
    share = 224 / 256
    whole = round(size / share)  # what is cropped to `size`
    same, larger = pictures(batch, size, size), pictures(batch, whole, whole)

    lenet = pictures(batch, size, size, 1)
    # the layers' factors are parts of the size, of the scale and of a whole turn
    chain = keras_layers(
        layers.RandomTranslation(0.07, 0.07, fill_mode="constant"),
        layers.RandomZoom(0.1, 0.1, fill_mode="constant"),
        layers.RandomRotation(8 / 360, fill_mode="constant"),
        layers.RandomShear(0.15, 0.0, fill_mode="constant"),
    )
    yield (
        "lenet",
        {
            "ours": by_batch(lenet, policies["lenet"]),
            "Keras, batch": by_batch(lenet, chain),
            "Keras, each": by_picture(lenet, chain),
        },
    )

    crop_flip = [layers.RandomCrop(size, size), layers.RandomFlip("horizontal")]
    padded = keras_layers(layers.ZeroPadding2D(4), *crop_flip)

    def each_padded(x: Any, seed: Any) -> Any:
        return keras_layers(*crop_flip)(tf.pad(x, [[4, 4], [4, 4], [0, 0]]), seed)

    yield (
        "cifar",
        {
            "ours": by_batch(same, policies["cifar"]),
            "by hand": by_picture(same, hand_crop(4, 1)),
            "Keras, each": by_picture(same, each_padded),
            "(one crop a batch)": by_batch(same, padded),
        },
    )
    yield (
        "alexnet",
        {
            "ours": by_batch(larger, policies["alexnet"]),
            "by hand": by_picture(larger, hand_alexnet),
            "Keras, each": by_picture(larger, keras_layers(*crop_flip)),
            "(one crop a batch)": by_batch(larger, keras_layers(*crop_flip)),
        },
    )

    side, crop = (256, 224) if size == 224 else (36, 32)
    wide = pictures(batch, round(1.25 * side), round(1.5 * side))
    policy = ours.Policy(ours.CentreCrop(crop, shorter=side))
    resize = keras_layers(
        layers.Resizing(side, round(side * 1.2), antialias=True),
        layers.CenterCrop(crop, crop),
    )
    yield (
        "imagenet_eval",
        {
            "ours": by_batch(wide, policy),
            "by hand": by_picture(wide, hand_eval(side, crop)),
            "Keras, batch": by_batch(wide, resize),
        },
    )

    limits = {"value_range": (0, 1)}
    colours = ours.Policy(
        ours.Brightness(0.2), ours.Contrast(0.2), ours.Saturation(0.2), ours.Hue(18)
    )
    jitter = layers.RandomColorJitter(
        **limits,
        brightness_factor=0.2,
        contrast_factor=0.2,
        saturation_factor=(0.4, 0.6),
        hue_factor=0.05,
    )
    pairs = {
        "colour": (colours, jitter),
        "Erasing": (
            ours.Erasing(0.5, value=0.5),
            layers.RandomErasing((0.5, 0.5), fill_value=0.5, **limits),
        ),
        "MixUp": (ours.MixUp(), layers.MixUp()),
        "CutMix": (ours.CutMix(), layers.CutMix()),
    }
    for name, (mine, layer) in pairs.items():
        yield (
            name,
            {
                "ours": by_batch(same, mine),
                "Keras, batch": by_batch(same, keras_layers(layer)),
                **({"by hand": by_batch(same, hand_mixup)} if name == "MixUp" else {}),
            },
        )
    rand = keras_layers(layers.RandAugment(**limits))
    yield (
        "RandAugment",
        {
            "ours": by_batch(same, ours.RandAugment()),
            "Keras, each": by_picture(same, rand),
            "(one choice a batch)": by_batch(same, rand),
        },
    )


def pipelines(size: int) -> Iterator[tuple[str, dict[str, Data]]]:
    """Yields pipelines from arrays and from a data set, by method."""
    batch = BATCH[size]
    count = 160 * batch if size == 32 else 24 * batch
    named, side, crop = {
        32: ("cifar", 32, hand_crop(4, 1)),
        224: ("alexnet", 256, hand_alexnet),
    }[size]
    x, y = pictures(count, side, side), np.arange(count)
    slices = Data.from_tensor_slices((x, y))
    policy = ours.POLICIES[named].policy

    def by_hand(*, augment: bool, cache: bool) -> Data:
        data = slices.cache() if cache else slices
        data = data.shuffle(count)
        if augment:
            data = Data.zip(data, Data.counter())
            data = data.map(lambda e, s: (crop(e[0], s), e[1]), num_parallel_calls=AUTO)
        return data.batch(batch).prefetch(AUTO)

    for name, policy_or_none in (("no augmentation", None), (named, policy)):
        augment = policy_or_none is not None
        yield (
            f"arrays, {name}",
            {
                "ours": pipeline((x, y), batch, policy_or_none).repeat(),
                "by hand": by_hand(augment=augment, cache=False).repeat(),
            },
        )
        yield (
            f"tf.data, cached, {name}",
            {
                "ours": pipeline(slices, batch, policy_or_none).repeat(),
                "by hand": by_hand(augment=augment, cache=True).repeat(),
            },
        )


def interleaved(datasets: dict[str, Data], batch: int, rounds: int) -> dict[str, float]:
    """Returns the images per second of each data set."""
    iterators = {name: iter(data) for name, data in datasets.items()}
    for iterator in iterators.values():  # tracing, caches, first buffers
        next(iterator)
    rates: dict[str, list[float]] = {name: [] for name in datasets}
    turns = random.Random(0)
    for _ in range(rounds):
        for name in turns.sample(list(iterators), len(iterators)):
            rates[name].append(batch * batches_per_second(datasets[name]))
    return {name: statistics.median(found) for name, found in rates.items()}


def batches_per_second(data: Data) -> float:
    """Draws batches for some time, after the first one."""
    iterator = iter(data)
    next(iterator)
    start, drawn = time.perf_counter(), 0
    while (passed := time.perf_counter() - start) < SECONDS or not drawn:
        next(iterator)
        drawn += 1
    return drawn / passed


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--quick", action="store_true", help="3 rounds")
    rounds = 3 if parser.parse_args().quick else ROUNDS
    tf.config.set_visible_devices([], "GPU")
    threading = tf.config.threading
    print(
        f"TensorFlow {tf.__version__}, Keras {keras.__version__}, {os.cpu_count()} "
        f"cores; threads (0: one for each core): "
        f"{threading.get_intra_op_parallelism_threads()} in an operation, "
        f"{threading.get_inter_op_parallelism_threads()} between operations; "
        "tf.data as many as it chooses"
    )
    print(f"Images per second, medians of {rounds} interleaved runs")
    start = time.perf_counter()
    slower = []
    for title, table in (("Pipeline", pipelines), ("Augmentation", cases)):
        for size in BATCH:
            print(f"\n{title}, {size} pixels, batches of {BATCH[size]}")
            for name, datasets in table(size):
                rates = interleaved(datasets, BATCH[size], rounds)
                columns = "  ".join(f"{k} {v:,.0f}" for k, v in rates.items())
                print(f"{name:34}{columns}", flush=True)
                rivals = {k: v for k, v in rates.items() if not k.startswith("(")}
                mine = rivals.pop("ours")
                limit = 0.9 if title == "Pipeline" else 1.0
                for rival, rate in rivals.items():
                    if mine < limit * rate:
                        slower.append(
                            f"{name}, {size} pixels: {rival} {rate / mine:.2f}x"
                        )
    aim = "10 % slower in a pipeline, or slower in an augmentation"
    print(f"\nMore than {aim}: {'; '.join(slower) or 'none'}")
    print("In brackets: what gives all pictures of a batch the same change.")
    print(f"{time.perf_counter() - start:.0f} s in all")


if __name__ == "__main__":
    main()
