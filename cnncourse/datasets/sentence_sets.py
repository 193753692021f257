"""The seven sentence sets of Kim 2014, read from a folder that the user names."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from cnncourse.catalogue import Catalogue
from cnncourse.datasets.folds import fold_split
from cnncourse.datasets.text_files import Sentences, read_sentences

FOLDS = 10


@dataclass(frozen=True)
class SentenceSet:
    """What Kim 2014, table 1, says of a set, and where its sentences are.

    Attributes:
        title: what it is.
        classes: names of the labels.
        files: file and number of sentences of each split; one split "all" if the paper
            reports cross-validation.
        source: who made it.
    """

    title: str
    classes: tuple[str, ...]
    files: Mapping[str, tuple[str, int]]
    source: str

    @property
    def cross_validated(self) -> bool:
        """Whether the set has no test part of its own."""
        return "all" in self.files


def _whole(file: str, count: int) -> Mapping[str, tuple[str, int]]:
    return {"all": (file, count)}


NEGATIVE_POSITIVE = ("negative", "positive")
SENTENCE_SETS: Catalogue[SentenceSet] = Catalogue(
    "sentence set",
    [
        ("mr", SentenceSet(
            "Film reviews, one sentence each", NEGATIVE_POSITIVE,
            _whole("rt-polarity.all", 10_662), "Pang and Lee, ACL 2005")),
        ("sst1", SentenceSet(
            "Stanford Sentiment Treebank, five degrees",
            ("very negative", "negative", "neutral", "positive", "very positive"),
            {"train": ("stsa.fine.train", 8_544),
             "validation": ("stsa.fine.dev", 1_101),
             "test": ("stsa.fine.test", 2_210)}, "Socher et al., EMNLP 2013")),
        ("sst2", SentenceSet(
            "Stanford Sentiment Treebank without neutral sentences", NEGATIVE_POSITIVE,
            {"train": ("stsa.binary.train", 6_920),
             "validation": ("stsa.binary.dev", 872),
             "test": ("stsa.binary.test", 1_821)}, "Socher et al., EMNLP 2013")),
        ("subj", SentenceSet(
            "Subjective or objective sentences on films", ("objective", "subjective"),
            _whole("subj.all", 10_000), "Pang and Lee, ACL 2004")),
        ("trec", SentenceSet(
            "Questions by what they ask for",
            ("description", "entity", "abbreviation", "human", "location", "number"),
            {"train": ("TREC.train.all", 5_452), "test": ("TREC.test.all", 500)},
            "Li and Roth, COLING 2002")),
        ("cr", SentenceSet(
            "Customers' reviews of products", NEGATIVE_POSITIVE,
            _whole("custrev.all", 3_775), "Hu and Liu, KDD 2004")),
        ("mpqa", SentenceSet(
            "Polarity of opinions, short phrases", NEGATIVE_POSITIVE,
            _whole("mpqa.all", 10_606), "Wiebe et al., LRE 2005")),
    ],
)  # fmt: skip


def read_part(
    name: str, part: str, folder: str | Path, checksum: bool = True
) -> Sentences:
    """Reads one file of a set.

    Args:
        name: one of `SENTENCE_SETS`.
        part: one of its files' splits.
        folder: where the file is.
        checksum: whether the number of sentences must be the paper's.

    Returns:
        sentences object `(N,)` and labels int64 `(N,)`.

    Raises:
        ValueError: if the file is damaged or is another one.
        FileNotFoundError: if it is missing.
    """
    record = SENTENCE_SETS[name]
    file, count = record.files[part]
    path = Path(folder) / file
    if not path.is_file():
        raise FileNotFoundError(
            f"Expected the file {file} with a label and a sentence on each line. "
            f"Received: data_dir={folder}"
        )
    sentences, labels = read_sentences(path, len(record.classes), "latin-1")
    if checksum and len(sentences) != count:
        raise ValueError(
            f"Expected {count} sentences (checksum=False accepts others). "
            f"Received: {len(sentences)} in {path}"
        )
    return sentences, labels


def sentence_set_split(
    name: str,
    split: str,
    folder: str | Path,
    fold: int = 0,
    seed: int = 0,
    checksum: bool = True,
) -> Sentences:
    """Reads a split of a set, or of one of ten folds.

    Args:
        name: one of `SENTENCE_SETS`.
        split: "train", "validation" or "test" if the set has it, or "all". Of a set
            that has no test part "test" is one fold and "train" are the nine others.
        folder: where the files are.
        fold: 0..9, which fold is the test part.
        seed: of the folds.
        checksum: whether the numbers of sentences must be the paper's.

    Returns:
        sentences object `(N,)` and labels int64 `(N,)`.

    Raises:
        ValueError: if the split is not there, or a file is damaged or another.
        FileNotFoundError: if a file is missing.
    """
    record = SENTENCE_SETS[name]
    if record.cross_validated:
        sentences, labels = read_part(name, "all", folder, checksum)
        chosen = fold_split(labels, split, fold, FOLDS, seed)
        return sentences[chosen], labels[chosen]
    if split != "all" and split not in record.files:
        raise ValueError(
            f"Expected one of {', '.join([*record.files, 'all'])}. "
            f"Received: split={split}"
        )
    parts = list(record.files) if split == "all" else [split]
    read = [read_part(name, part, folder, checksum) for part in parts]
    sentences, labels = (np.concatenate(both) for both in zip(*read, strict=True))
    return sentences, labels
