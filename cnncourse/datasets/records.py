"""What the catalogue knows of a data set, and what one of its elements looks like."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np

from cnncourse.catalogue import Catalogue
from cnncourse.datasets.resizing import ImageSize


@dataclass(frozen=True)
class Query:
    """What `load` was asked for.

    Attributes:
        split: name of the part.
        image_size: `(height, width)`, or None for the set's own.
        seed: of what is made or divided at random.
        data_dir: the user's folder, if any.
        options: arguments of this set alone.
    """

    split: str = "train"
    image_size: ImageSize | None = None
    seed: int = 0
    data_dir: Path | None = None
    options: Mapping[str, Any] = field(default_factory=dict)

    @property
    def folder(self) -> Path:
        """The user's folder, where it is needed."""
        if self.data_dir is None:
            raise ValueError(
                "Expected a folder with the files. Received: data_dir=None"
            )
        return self.data_dir


@dataclass(frozen=True)
class Examples:
    """Examples that are made when asked for.

    Attributes:
        make: `make(index)` returns the example of an index.
        count: how many there are.
    """

    make: Callable[[int], Any]
    count: int

    def stack(self) -> Any:
        """All examples, in arrays of one more axis."""
        if self.count < 1:
            raise ValueError(
                f"Expected at least one example. Received: examples={self.count}"
            )
        made = [self.make(index) for index in range(self.count)]
        if isinstance(made[0], tuple):
            return tuple(_stacked(values) for values in zip(*made, strict=True))
        return {name: _stacked([m[name] for m in made]) for name in made[0]}


def _stacked(values: Any) -> np.ndarray:
    if isinstance(values[0], str):
        return np.array(values, dtype=object)
    return np.stack(values)


@dataclass(frozen=True)
class DatasetRecord:
    """An entry of the catalogue.

    Attributes:
        name: what `load` is asked for.
        title: what it shows, in a few words.
        task: key of `TASKS`, which says what an element is.
        splits: number of examples of each; empty if the user's files decide.
        shape: of an input, None where it varies; `()` for text.
        classes: names of the labels, or empty if there are none or too many.
        num_classes: how many labels there are; None if there are none.
        licence: the terms of use.
        citation: who made it, and where it was published.
        source: where it comes from.
        needs: "nothing", then it is always there; "network", once, to download it; or
            "files" of the user's, in `data_dir`.
        loader: `loader(query)` returns arrays, `Examples` or a `tf.data.Dataset`.
        options: names of further arguments of `load`, and what they mean.
        instead: for sets that need a network or files, the offline set that serves the
            same labs.
    """

    name: str
    title: str
    task: str
    splits: Mapping[str, int]
    shape: tuple[int | None, ...]
    classes: tuple[str, ...]
    num_classes: int | None
    licence: str
    citation: str
    source: str
    needs: str
    loader: Callable[[Query], Any]
    options: Mapping[str, str] = field(default_factory=dict)
    instead: str = ""

    @property
    def offline(self) -> bool:
        """Whether it is there without a network and without files of the user's."""
        return self.needs == "nothing"


@dataclass(frozen=True)
class Task:
    """What an element of a task is; the same for every data set.

    Attributes:
        element: "pair" for `(input, label)`, which `fit` takes, or "fields" for a
            dictionary.
        fields: what each part is: name -> shape and meaning.
    """

    element: str
    fields: Mapping[str, str]


IMAGE = "float32 (H, W, C), values in [0, 1], C is 1 or 3"
TASKS: Catalogue[Task] = Catalogue(
    "task",
    [
        ("classification", Task("pair", {
            "image": IMAGE, "label": "int64 (), the class's number"})),
        ("volumes", Task("pair", {
            "volume": "float32 (D, H, W, 1), 1 is filled, 0 is empty",
            "label": "int64 (), the class's number"})),
        ("text", Task("pair", {
            "text": "string (), words and marks",
            "label": "int64 (), the class's number"})),
        ("images", Task("fields", {"image": IMAGE})),
        ("segmentation", Task("fields", {
            "image": IMAGE,
            "mask": "int32 (H, W), 0 is the background, k + 1 is class k"})),
        ("detection", Task("fields", {
            "image": IMAGE,
            "boxes": "float32 (N, 4), top, left, bottom, right as shares of the "
                     "picture's sides, zeros where there is no further object",
            "labels": "int64 (N,), classes' numbers, -1 where there is none"})),
        ("captioning", Task("fields", {
            "image": IMAGE, "caption": "string (), what the picture shows"})),
        ("flow", Task("fields", {
            "image": IMAGE, "next_image": IMAGE,
            "flow": "float32 (H, W, 2), pixels to the right and down that a point of "
                    "image has moved in next_image",
            "valid": "bool (H, W), where the flow is known"})),
        ("super-resolution", Task("fields", {
            "low_resolution": "float32 (h, w, C), values in [0, 1]",
            "high_resolution": "float32 (H, W, C), values in [0, 1]"})),
    ],
)  # fmt: skip
