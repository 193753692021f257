"""Loads a data set of the catalogue, as arrays or for TensorFlow."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal, overload

import numpy as np

from cnncourse.datasets.entries import DATASETS
from cnncourse.datasets.records import TASKS, DatasetRecord, Examples, Query
from cnncourse.datasets.resizing import checked_size, resize_elements

if TYPE_CHECKING:
    import tensorflow as tf

MOST_IN_MEMORY = 2**30  # bytes of a procedural set that are made at once


@overload
def load(
    name: str,
    split: str = ...,
    as_numpy: Literal[False] = ...,
    batch_size: int | None = ...,
    image_size: int | tuple[int, int] | None = ...,
    seed: int = ...,
    data_dir: str | Path | None = ...,
    **options: Any,
) -> tf.data.Dataset: ...


@overload
def load(
    name: str,
    split: str = ...,
    as_numpy: Literal[True] = ...,
    batch_size: None = ...,
    image_size: int | tuple[int, int] | None = ...,
    seed: int = ...,
    data_dir: str | Path | None = ...,
    **options: Any,
) -> Any: ...


def load(
    name: str,
    split: str = "train",
    as_numpy: bool = False,
    batch_size: int | None = None,
    image_size: int | tuple[int, int] | None = None,
    seed: int = 0,
    data_dir: str | Path | None = None,
    **options: Any,
) -> Any:
    """Loads a split of a data set.

    An element is `(input, label)` for classification, volumes and text, and a
    dictionary for the other tasks; `TASKS` says what is in it. Pictures are float32 in
    [0, 1] of shape (H, W, C), labels int64. Nothing is shuffled.

    Args:
        name: one of `DATASETS`.
        split: "train", "test" or another that `info(name)` lists; "all" for sets that
            are read from files or carried by packages.
        as_numpy: whether to return NumPy arrays; TensorFlow is then imported only for
            sets that come from TensorFlow Datasets.
        batch_size: elements in a batch; None for single elements.
        image_size: to which pictures are resized (or drawn), one number or `(height,
            width)`; None for the set's own. Boxes, masks and flow follow.
        seed: of what is made or divided at random, >= 0.
        data_dir: the user's folder with files of the set, or the cache of TensorFlow
            Datasets.
        **options: further arguments of this set, which `info(name)` lists.

    Returns:
        A `tf.data.Dataset`; or its elements in arrays with one more axis in front:
        `(inputs, labels)` or a dictionary. Text is an object array of str; pictures of
        different sizes are a list of arrays.

    Raises:
        UnknownNameError: if there is no such data set.
        ValueError: if an argument is out of range or a file is damaged.
        FileNotFoundError: if a file is missing.
        OfflineError: if the set must be downloaded and there is no network.

    Example:
        >>> images, labels = load("digits", as_numpy=True)
        >>> images.shape, labels.shape
        ((1437, 8, 8, 1), (1437,))
    """
    record = DATASETS[name]
    query = _checked_query(record, split, image_size, seed, data_dir, options)
    if batch_size is not None and (as_numpy or batch_size < 1):
        raise ValueError(
            "Expected batch_size >= 1, and None with as_numpy=True. "
            f"Received: batch_size={batch_size} as_numpy={as_numpy}"
        )
    loaded = record.loader(query)
    if isinstance(loaded, Examples) and (as_numpy or _fits(loaded)):
        loaded = loaded.stack()
    if isinstance(loaded, (tuple, dict)) and query.image_size is not None:
        loaded = resize_elements(loaded, query.image_size)
    if as_numpy:
        return loaded if isinstance(loaded, (tuple, dict)) else _collect(loaded)
    dataset = _tensorflow(loaded)
    return dataset if batch_size is None else _batched(dataset, batch_size)


def _checked_query(
    record: DatasetRecord,
    split: str,
    image_size: int | tuple[int, int] | None,
    seed: int,
    data_dir: str | Path | None,
    options: dict[str, Any],
) -> Query:
    unknown = sorted(set(options) - set(record.options))
    if unknown:
        raise ValueError(
            f"Expected of load({record.name!r}) no other options than "
            f"{', '.join(record.options) or 'none'}. Received: {', '.join(unknown)}"
        )
    if image_size is not None and record.task in ("text", "volumes"):
        raise ValueError(
            f"Expected no image_size: {record.name} has no pictures. "
            f"Received: image_size={image_size}"
        )
    if record.needs == "files" and data_dir is None:
        raise ValueError(
            f"Expected {record.source}; load({record.instead!r}) needs no files and "
            "serves the same labs. Received: data_dir=None"
        )
    folder = None if data_dir is None else Path(data_dir).expanduser()
    if folder is not None and not folder.is_dir():
        raise FileNotFoundError(f"Expected a folder. Received: data_dir={data_dir}")
    size = None if image_size is None else checked_size(image_size)
    return Query(split, size, seed, folder, options)


def _fits(examples: Examples) -> bool:
    """Whether a procedural set is small enough to be made at once."""
    first = examples.make(0)
    values = first if isinstance(first, tuple) else first.values()
    return examples.count * sum(np.asarray(v).nbytes for v in values) <= MOST_IN_MEMORY


def _tensorflow(loaded: Any) -> tf.data.Dataset:
    """A `tf.data.Dataset` of arrays, of lists of pictures, or of made examples."""
    import tensorflow as tf

    if isinstance(loaded, tf.data.Dataset):
        return loaded
    if isinstance(loaded, Examples):
        signature = tf.nest.map_structure(_spec, loaded.make(0))
        return tf.data.Dataset.from_generator(
            lambda: map(loaded.make, range(loaded.count)), output_signature=signature
        ).apply(tf.data.experimental.assert_cardinality(loaded.count))
    if isinstance(loaded, dict) and isinstance(loaded.get("image"), list):
        images = loaded["image"]
        signature = {"image": tf.TensorSpec((None, None, 3), tf.float32)}
        return tf.data.Dataset.from_generator(
            lambda: ({"image": image} for image in images), output_signature=signature
        ).apply(tf.data.experimental.assert_cardinality(len(images)))
    return tf.data.Dataset.from_tensor_slices(loaded)


def _spec(value: Any) -> tf.TensorSpec:
    import tensorflow as tf

    array = np.asarray(value)
    dtype = tf.string if array.dtype.kind in "UO" else tf.as_dtype(array.dtype)
    return tf.TensorSpec(array.shape, dtype)


def _batched(dataset: tf.data.Dataset, batch_size: int) -> tf.data.Dataset:
    import tensorflow as tf

    for spec in tf.nest.flatten(dataset.element_spec):
        if not spec.shape.is_fully_defined():
            raise ValueError(
                "Expected image_size, for the pictures have different sizes and cannot "
                f"be put into one batch. Received: batch_size={batch_size}"
            )
    return dataset.batch(batch_size)


def _collect(dataset: tf.data.Dataset) -> Any:
    """The elements of a `tf.data.Dataset` in arrays."""
    elements = list(dataset.as_numpy_iterator())
    if isinstance(elements[0], tuple):
        return tuple(_joined(values) for values in zip(*elements, strict=True))
    return {name: _joined([e[name] for e in elements]) for name in elements[0]}


def _joined(values: Any) -> Any:
    if isinstance(values[0], bytes):
        return np.array([value.decode() for value in values], dtype=object)
    if len({np.shape(value) for value in values}) > 1:
        return list(values)
    return np.stack(values)


def info(name: str) -> str:
    """Says what a data set is, where it comes from and how to load it.

    Args:
        name: one of `DATASETS`.

    Returns:
        Some lines: task, splits and sizes, shapes, classes, options, licence, citation,
        source.

    Raises:
        UnknownNameError: if there is no such data set.
    """
    record = DATASETS[name]
    splits = ", ".join(f"{s} {n:,}" for s, n in record.splits.items())
    shape = ", ".join("?" if n is None else str(n) for n in record.shape)
    classes = ", ".join(record.classes) or str(record.num_classes or "none")
    if record.classes:
        classes = f"{len(record.classes)}: {classes}"
    there = {
        "nothing": "yes",
        "network": f"once it is downloaded; until then use {record.instead}",
        "files": f"with your files; without them use {record.instead}",
    }
    lines = {
        "task": record.task,
        "splits": splits or "as your files have them",
        "input": f"({shape})" if record.shape else "a string",
        "classes": classes,
        "offline": there[record.needs],
        "source": record.source,
        "licence": record.licence,
        "citation": record.citation,
        **{f"option {key}": text for key, text in record.options.items()},
    }
    for field, text in TASKS[record.task].fields.items():
        lines[f"element {field}"] = text
    width = max(map(len, lines))
    body = [f"  {key:<{width}}  {text}" for key, text in lines.items()]
    return "\n".join([f"{name}: {record.title}", *body])
