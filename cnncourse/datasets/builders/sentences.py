"""The sentence sets of Kim 2014 as a builder for TensorFlow Datasets."""

from collections.abc import Iterator
from typing import Any

import tensorflow_datasets as tfds

from cnncourse.datasets.builders.base import CourseBuilder
from cnncourse.datasets.folds import assign_folds
from cnncourse.datasets.sentence_sets import FOLDS, SENTENCE_SETS, read_part

CITATION = """@inproceedings{kim2014convolutional,
  title = {Convolutional Neural Networks for Sentence Classification},
  author = {Kim, Yoon},
  booktitle = {EMNLP},
  year = {2014},
}"""


class KimSentences(CourseBuilder):
    """One configuration for each set: "kim_sentences/mr", ...

    A set with a test part of its own has the splits "train", "validation" and "test" as
    published. The others have "fold_0" to "fold_9", ten parts with the classes in
    balance: train on "all" but one, such as "fold_0+fold_1", and test on that one.
    """

    BUILDER_CONFIGS = [  # noqa: RUF012
        tfds.core.BuilderConfig(name=name, description=record.title)
        for name, record in SENTENCE_SETS.items()
    ]
    MANUAL_DOWNLOAD_INSTRUCTIONS = (
        "manual_dir must hold the files, with `label text` on each line, of the set: "
        + "; ".join(
            f"{name}: {', '.join(file for file, _ in record.files.values())}"
            for name, record in SENTENCE_SETS.items()
        )
    )

    def _info(self) -> tfds.core.DatasetInfo:
        record = SENTENCE_SETS[self.builder_config.name]
        return tfds.core.DatasetInfo(
            builder=self,
            description=f"{record.title} ({record.source}).",
            features=tfds.features.FeaturesDict(
                {
                    "text": tfds.features.Text(),
                    "label": tfds.features.ClassLabel(names=list(record.classes)),
                }
            ),
            supervised_keys=("text", "label"),
            citation=CITATION,
        )

    def _split_generators(
        self, dl_manager: tfds.download.DownloadManager
    ) -> dict[str, Iterator[tuple[int, dict[str, Any]]]]:
        name, folder = self.builder_config.name, dl_manager.manual_dir
        record = SENTENCE_SETS[name]
        if not record.cross_validated:
            return {
                part: self._generate_examples(part, folder) for part in record.files
            }
        return {
            f"fold_{fold}": self._generate_examples("all", folder, fold)
            for fold in range(FOLDS)
        }

    def _generate_examples(
        self, part: str, folder: Any, fold: int | None = None
    ) -> Iterator[tuple[int, dict[str, Any]]]:
        sentences, labels = read_part(self.builder_config.name, part, folder)
        folds = assign_folds(labels, FOLDS) if fold is not None else None
        for index, (text, label) in enumerate(zip(sentences, labels, strict=True)):
            if folds is None or folds[index] == fold:
                yield index, {"text": text, "label": int(label)}
