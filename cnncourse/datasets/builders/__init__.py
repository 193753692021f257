"""Our builders for TensorFlow Datasets: import this, and `tfds.load` knows them.

>>> import tensorflow_datasets as tfds
>>> import cnncourse.datasets.builders
>>> tfds.load("procedural_shapes/detection", split="train")  # doctest: +SKIP

The sentence sets of Kim 2014 need files of yours: name their folder in
`download_and_prepare_kwargs={"download_config": tfds.download.DownloadConfig(
manual_dir=...)}`, or put them into `downloads/manual` of the cache.

Importing this imports TensorFlow Datasets, so nothing else here does.
"""

from cnncourse.datasets.builders.procedural import (
    ProceduralConfig,
    ProceduralReviews,
    ProceduralShapes,
    ProceduralVoxels,
)
from cnncourse.datasets.builders.sentences import KimSentences

__all__ = [
    "KimSentences",
    "ProceduralConfig",
    "ProceduralReviews",
    "ProceduralShapes",
    "ProceduralVoxels",
]
