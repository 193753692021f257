"""The procedural sets as builders for TensorFlow Datasets."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Any

import numpy as np
import tensorflow_datasets as tfds

from cnncourse.datasets.builders.base import CourseBuilder
from cnncourse.datasets.entries import DATASETS
from cnncourse.datasets.records import Query
from cnncourse.datasets.shape_tasks import MOST_SHAPES, VIEWS

Element = tuple | dict[str, Any]


@dataclass(eq=False)
class ProceduralConfig(tfds.core.BuilderConfig):
    """How many examples there are, and which: pass it with a name of your own.

    `tfds.load("procedural_shapes", builder_kwargs={"config": config})` takes it.

    Attributes:
        task: of the shapes; by default the name of the configuration.
        examples: of each split, those of the catalogue by default.
        seed: of the examples.
        image_size: pixels a side of the shapes.
    """

    task: str = ""
    examples: Mapping[str, int] = field(default_factory=dict)
    seed: int = 0
    image_size: int = 64


class _Procedural(CourseBuilder, skip_registration=True):  # type: ignore[call-arg]
    """What the builders share: they write what `load` gives."""

    RECORD = ""

    def _query(self, split: str) -> Query:
        return Query(split, seed=self.builder_config.seed)

    def _features(self) -> dict[str, Any]:
        raise NotImplementedError

    def _info(self) -> tfds.core.DatasetInfo:
        record, features = DATASETS[self.RECORD], self._features()
        names = tuple(features)
        return tfds.core.DatasetInfo(
            builder=self,
            description=f"{record.title}, {record.source}.",
            features=tfds.features.FeaturesDict(features),
            supervised_keys=names if names[-1] == "label" else None,
            license=record.licence,
        )

    def _split_generators(
        self, dl_manager: tfds.download.DownloadManager
    ) -> dict[str, Iterator[tuple[int, dict[str, Any]]]]:
        splits = {**DATASETS[self.RECORD].splits, **self.builder_config.examples}
        return {s: self._generate_examples(s, count) for s, count in splits.items()}

    def _generate_examples(
        self, split: str, count: int
    ) -> Iterator[tuple[int, dict[str, Any]]]:
        made = DATASETS[self.RECORD].loader(self._query(split))
        names = tuple(self._features())
        for index in range(count):
            element = made.make(index)
            if isinstance(element, tuple):
                element = dict(zip(names, element, strict=True))
            yield index, element


def _labelled(name: str, feature: Any, record: str) -> dict[str, Any]:
    classes = tfds.features.ClassLabel(names=list(DATASETS[record].classes))
    return {name: feature, "label": classes}


class ProceduralShapes(_Procedural):
    """One configuration for each task: "procedural_shapes/detection", ..."""

    RECORD = "shapes"
    BUILDER_CONFIGS = [  # noqa: RUF012
        ProceduralConfig(name=task, description=f"for {task}")
        for task in (name.replace("-", "_") for name in VIEWS)
    ]

    @property
    def _task(self) -> str:
        return (self.builder_config.task or self.builder_config.name).replace("_", "-")

    def _query(self, split: str) -> Query:
        size = self.builder_config.image_size
        options = {"task": self._task}
        return Query(split, (size, size), self.builder_config.seed, options=options)

    def _features(self) -> dict[str, Any]:
        size = self.builder_config.image_size

        def tensor(*shape: int, dtype: Any = np.float32) -> Any:
            return tfds.features.Tensor(shape=shape, dtype=dtype)

        image = {"image": tensor(size, size, 3)}
        features: Mapping[str, dict[str, Any]] = MappingProxyType(
            {
                "classification": _labelled("image", image["image"], self.RECORD),
                "segmentation": image | {"mask": tensor(size, size, dtype=np.int32)},
                "detection": image
                | {
                    "boxes": tensor(MOST_SHAPES, 4),
                    "labels": tensor(MOST_SHAPES, dtype=np.int64),
                },
                "captioning": image | {"caption": tfds.features.Text()},
                "flow": image
                | {
                    "next_image": tensor(size, size, 3),
                    "flow": tensor(size, size, 2),
                    "valid": tensor(size, size, dtype=np.bool_),
                },
                "super-resolution": {
                    "low_resolution": tensor(size // 2, size // 2, 3),
                    "high_resolution": tensor(size, size, 3),
                },
            }
        )
        return features[self._task]


class ProceduralVoxels(_Procedural):
    """Bodies in voxels, `(16, 16, 16, 1)`."""

    RECORD = "voxels"
    BUILDER_CONFIGS = [ProceduralConfig(name="default")]  # noqa: RUF012

    def _features(self) -> dict[str, Any]:
        shape = DATASETS[self.RECORD].shape
        volume = tfds.features.Tensor(shape=shape, dtype=np.float32)
        return _labelled("volume", volume, self.RECORD)


class ProceduralReviews(_Procedural):
    """Reviews from the grammar."""

    RECORD = "reviews"
    BUILDER_CONFIGS = [ProceduralConfig(name="default")]  # noqa: RUF012

    def _features(self) -> dict[str, Any]:
        return _labelled("text", tfds.features.Text(), self.RECORD)
