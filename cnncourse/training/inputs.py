"""Data and nets that fit one another, from names: what the commands begin with."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from math import prod
from pathlib import Path
from typing import Any

import keras
import numpy as np

from cnncourse.training.recipes import Recipe

MOST_BYTES = 8 * 2**30  # of a data set that is loaded into memory whole
WORDS = 56  # of a sentence; the longest of MR
TASKS = ("classification", "volumes", "text")


@dataclass(frozen=True)
class Inputs:
    """The examples of a data set, as a net takes them.

    Attributes:
        train: arrays `(x, y)`, or a function from the first epoch to the batches, if
            the set is too large for the memory.
        test: arrays `(x, y)`, or batches.
        classes: names of the classes.
        steps: batches of an epoch.
        options: of `architectures.create`: input_shape, num_classes and others.
        augment: the policy; None for none.
        vocabulary: of texts, the words by number; else empty.
    """

    train: Any
    test: Any
    classes: tuple[str, ...]
    steps: int
    options: dict[str, Any]
    augment: Callable[..., Any] | None = None
    vocabulary: list[str] = field(default_factory=list)


def inputs_for(
    recipe: Recipe,
    dataset: str,
    batch_size: int,
    seed: int = 0,
    data_dir: str | Path | None = None,
) -> Inputs:
    """Loads a data set for a recipe.

    Args:
        recipe: says the size of pictures and the augmentation.
        dataset: name in the catalogue of data sets.
        batch_size: of the run.
        seed: of the run.
        data_dir: the user's folder of the set, if it needs one.

    Raises:
        ValueError: if the set is not for classification.
        FileNotFoundError: if its files are missing.
    """
    from cnncourse.datasets import DATASETS, load

    record = DATASETS[dataset]
    if record.task not in TASKS:
        raise ValueError(
            f"Expected a data set for classification. Received: {dataset}, which is "
            f"for {record.task}"
        )
    wanted: dict[str, Any] = {"data_dir": data_dir, "seed": 0}
    if recipe.image_size and record.task == "classification":
        wanted["image_size"] = recipe.image_size
    policy = _policy(recipe, record.task)
    if _bytes(record, recipe.image_size) > MOST_BYTES:
        return _streamed(record, wanted, policy, batch_size, seed)
    train = load(dataset, "train", as_numpy=True, **wanted)
    test = load(dataset, "test", as_numpy=True, **wanted)
    vocabulary: list[str] = []
    if record.task == "text":
        vocabulary = words_of(train[0])
        train, test = ((encode(x, vocabulary), y) for x, y in (train, test))
    shape = _shape_after(policy, train[0][:1])
    options = {"input_shape": shape, "num_classes": _count(record, train[1])}
    if vocabulary:
        options["vocabulary_size"] = len(vocabulary)
    return Inputs(
        train=train,
        test=(centre_crop(test[0], shape), test[1]),
        classes=record.classes if len(record.classes) == options["num_classes"] else (),
        steps=-(-len(train[1]) // batch_size),
        options=options,
        augment=policy,
        vocabulary=vocabulary,
    )


def _streamed(
    record: Any, wanted: dict[str, Any], policy: Any, batch_size: int, seed: int
) -> Inputs:
    """A set that is read while the net trains."""
    from cnncourse.datasets import load
    from cnncourse.datasets.pipeline import pipeline

    train = load(record.name, "train", **wanted)
    splits = list(record.splits)
    split = "test" if "test" in splits else splits[-1]
    test = load(record.name, split, batch_size=batch_size, **wanted)
    side = wanted.get("image_size")
    shape = (side, side, record.shape[-1]) if side else record.shape
    shape = _shape_after(policy, np.zeros((1, *shape), np.float32))

    def batches(first_epoch: int) -> Any:
        return pipeline(
            train, batch_size, policy, cache=False, seed=seed, first_epoch=first_epoch
        )

    return Inputs(
        train=batches,
        test=test.map(lambda x, y: (centre_crop(x, shape), y)),
        classes=record.classes,
        steps=-(-record.splits["train"] // batch_size),
        options={"input_shape": shape, "num_classes": record.num_classes},
    )


def _bytes(record: Any, image_size: int | None) -> int:
    """About how many bytes the pictures of a set take as float32."""
    shape = record.shape
    if image_size and record.task == "classification":
        shape = (image_size, image_size, shape[-1])
    if None in shape:
        return 0
    return 4 * prod(shape) * sum(record.splits.values())


def _policy(recipe: Recipe, task: str) -> Callable[..., Any] | None:
    from cnncourse.augmentation import POLICIES

    if recipe.augment is None or task != "classification":
        return None
    return POLICIES[recipe.augment].policy


def _count(record: Any, labels: np.ndarray) -> int:
    return int(record.num_classes or labels.max() + 1)


def _shape_after(policy: Any, example: Any) -> tuple[int, ...]:
    """The shape of an input behind the augmentation, which may crop."""
    if policy is None:
        return tuple(example.shape[1:])
    return tuple(
        policy(example, seed=0, epoch=0, index=np.zeros(1, np.int64)).shape[1:]
    )


def centre_crop(images: Any, shape: Sequence[int]) -> Any:
    """Cuts the middle out of larger pictures `(B, H, W, C)`; leaves others alone."""
    if len(shape) != 3 or tuple(images.shape[1:3]) == tuple(shape[:2]):
        return images
    top, left = ((images.shape[axis + 1] - shape[axis]) // 2 for axis in (0, 1))
    return images[:, top : top + shape[0], left : left + shape[1]]


def words_of(texts: Sequence[str]) -> list[str]:
    """Returns padding, the unknown word, and words of texts, the commonest first."""
    layer = keras.layers.TextVectorization()
    layer.adapt(list(texts))
    return list(layer.get_vocabulary())


def encode(texts: Sequence[str], vocabulary: list[str]) -> np.ndarray:
    """Returns the numbers of words, int64 `(B, WORDS)`; 0 is padding, 1 unknown."""
    layer = keras.layers.TextVectorization(
        vocabulary=vocabulary[2:], output_sequence_length=WORDS
    )
    return keras.ops.convert_to_numpy(layer(list(texts)))


def with_dropout(model: keras.Model, rate: float) -> keras.Model:
    """Puts Dropout in front of the last layer of a functional model.

    Args:
        model: whose last layer has one input.
        rate: from 0 to less than 1; 0 leaves the model as it is.
    """
    if not rate:
        return model
    last = model.layers[-1]
    x = keras.layers.Dropout(rate, name="recipe_dropout")(last.input)
    inputs = model.inputs if len(model.inputs) > 1 else model.inputs[0]
    return keras.Model(inputs, last(x), name=model.name)
