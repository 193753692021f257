"""Data sets of TensorFlow Datasets, in the element structures of this package.

TensorFlow Datasets downloads, checks and caches them and shows its progress. Without a
network it would try again and again; here it is asked only if the data are in its cache
or the server answers.
"""

from __future__ import annotations

import os
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from cnncourse.datasets.records import Query

if TYPE_CHECKING:
    import tensorflow as tf

SECONDS_TO_ANSWER = 4.0
MOST_OBJECTS = 64  # in a picture of PASCAL VOC


class OfflineError(ConnectionError):
    """The data are not in the cache and cannot be downloaded now."""


@dataclass(frozen=True)
class TensorFlowSource:
    """Where a set is in TensorFlow Datasets.

    Attributes:
        builder: what `tfds.builder` is asked for.
        url: of the data; its server is asked whether it answers. Empty if the user
            must download them by hand.
        keys: the features that are input and label; None for detection.
        transposed: whether its pictures are stored column by column.
        manual: file that must be in `downloads/manual` of the cache.
        instead: the offline set that serves the same labs.
        files: what else `data_dir` may hold, for the message.
    """

    builder: str
    url: str
    keys: tuple[str, str] | None = ("image", "label")
    transposed: bool = False
    manual: str = ""
    instead: str = "digits"
    files: str = ""


def cache_folder(data_dir: Path | None = None) -> Path:
    """The folder of TensorFlow Datasets: `data_dir`, `TFDS_DATA_DIR` or its default."""
    default = os.environ.get("TFDS_DATA_DIR", Path.home() / "tensorflow_datasets")
    return Path(data_dir if data_dir is not None else default).expanduser()


def is_prepared(builder: str, folder: Path) -> bool:
    """Whether a cache holds a prepared version of a builder."""
    name, _, config = builder.partition("/")
    place = folder / name / config
    return any(place.glob("[0-9]*.[0-9]*.[0-9]*/dataset_info.json")) or (
        not config and any(place.glob("*/[0-9]*.[0-9]*.[0-9]*/dataset_info.json"))
    )


def answers(url: str, seconds: float = SECONDS_TO_ANSWER) -> bool:
    """Whether the server of a URL, or the proxy before it, accepts a connection."""
    import socket
    import threading
    import urllib.request  # slow to import, and the labs do without

    scheme = urlsplit(url).scheme
    proxy = urllib.request.getproxies().get(scheme)
    target = urlsplit(proxy or url)
    port = target.port or (443 if target.scheme == "https" else 80)
    outcome: list[bool] = []

    def connect() -> None:
        try:
            socket.create_connection((target.hostname, port), seconds).close()
            outcome.append(True)
        except (OSError, UnicodeError):
            outcome.append(False)

    # looking up a name has no time limit of its own
    thread = threading.Thread(target=connect, daemon=True)
    thread.start()
    thread.join(seconds)
    return outcome == [True]


def _offline_message(source: TensorFlowSource, folder: Path, reason: str) -> str:
    files = f" or data_dir with {source.files}" if source.files else ""
    return (
        f"Expected {source.builder} in the cache {folder} (or TFDS_DATA_DIR){files}, "
        f"or a network: connect and run again, or use load({source.instead!r}), which "
        f"needs none and serves the same labs. Received: {reason}"
    )


def prepared_builder(source: TensorFlowSource, data_dir: Path | None) -> Any:
    """Returns the builder, its data prepared: from the cache, or downloaded now.

    Args:
        source: the set.
        data_dir: the cache; by default that of TensorFlow Datasets.

    Returns:
        A `tfds.core.DatasetBuilder`.

    Raises:
        OfflineError: if the data are not in the cache, and the server does not answer
            or the download breaks off.
        FileNotFoundError: if the user must download the data by hand and has not.
    """
    folder = cache_folder(data_dir)
    ready = is_prepared(source.builder, folder)
    if not ready:
        by_hand = folder / "downloads" / "manual" / source.manual
        if source.manual and not by_hand.is_file():
            raise FileNotFoundError(
                f"Expected {by_hand}, which its owners give to registered users: "
                f"download it from {source.url}, or use load({source.instead!r}), "
                "which needs no network and serves the same labs. Received: no such "
                "file"
            )
        if not source.manual and not answers(source.url):
            server = urlsplit(source.url).hostname
            reason = f"no such cache, and {server} does not answer"
            raise OfflineError(_offline_message(source, folder, reason))
    import tensorflow_datasets as tfds

    builder = tfds.builder(source.builder, data_dir=folder)
    if not ready:
        try:
            builder.download_and_prepare()
        except (OSError, tfds.download.DownloadError) as error:
            reason = f"no such cache, and {' '.join(str(error).split())[:200]}"
            raise OfflineError(_offline_message(source, folder, reason)) from error
    return builder


def _pair(source: TensorFlowSource, query: Query) -> Callable[[Any], Any]:
    """Turns features into `(image, label)` or `(text, label)`."""
    import tensorflow as tf

    first, second = source.keys or ("image", "label")

    def convert(features: dict[str, tf.Tensor]) -> tuple[tf.Tensor, tf.Tensor]:
        value, label = features[first], tf.cast(features[second], tf.int64)
        if value.dtype == tf.string:
            return value, label
        if source.transposed:
            value = tf.transpose(value, [1, 0, 2])
        return _scaled(value, query), label

    return convert


def _boxes(query: Query) -> Callable[[Any], Any]:
    """Turns the features of PASCAL VOC into those of detection."""
    import tensorflow as tf

    def convert(features: dict[str, Any]) -> dict[str, tf.Tensor]:
        objects = features["objects"]
        boxes, labels = objects["bbox"][:MOST_OBJECTS], objects["label"][:MOST_OBJECTS]
        missing = MOST_OBJECTS - tf.shape(labels)[0]
        return {
            "image": _scaled(features["image"], query),
            "boxes": tf.ensure_shape(
                tf.pad(boxes, [[0, missing], [0, 0]]), (MOST_OBJECTS, 4)
            ),
            "labels": tf.ensure_shape(
                tf.pad(labels, [[0, missing]], constant_values=-1), (MOST_OBJECTS,)
            ),
        }

    return convert


def _scaled(image: tf.Tensor, query: Query) -> tf.Tensor:
    import tensorflow as tf

    image = tf.cast(image, tf.float32) / 255
    if query.image_size is None:
        return image
    return tf.image.resize(image, query.image_size, antialias=True)


def tensorflow_split(source: TensorFlowSource, query: Query) -> tf.data.Dataset:
    """Loads a split as a `tf.data.Dataset` of our elements.

    Args:
        source: the set.
        query: what was asked for; its split may be a slice such as "train[:10%]".

    Returns:
        The data set, not shuffled and not batched.

    Raises:
        OfflineError: as `prepared_builder`.
        FileNotFoundError: as `prepared_builder`.
        ValueError: if there is no such split.
    """
    builder = prepared_builder(source, query.data_dir)  # may say that there is none
    import tensorflow as tf

    known = [*builder.info.splits, "all"]
    if query.split.partition("[")[0] not in known:
        raise ValueError(
            f"Expected one of {', '.join(known)}. Received: split={query.split}"
        )
    dataset = builder.as_dataset(split=query.split, shuffle_files=False)
    convert = _boxes(query) if source.keys is None else _pair(source, query)
    return dataset.map(convert, num_parallel_calls=tf.data.AUTOTUNE)
