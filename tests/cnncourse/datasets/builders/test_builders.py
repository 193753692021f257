"""`tfds.load` works on our builders, offline, in both formats."""

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from cnncourse.datasets.loading import load
from cnncourse.datasets.sentence_sets import SENTENCE_SETS

FORMATS = ["tfrecord", "array_record"]
FEW = {"train": 7, "validation": 2, "test": 3}
TASKS = [
    "classification",
    "segmentation",
    "detection",
    "captioning",
    "flow",
    "super_resolution",
]


def prepared(name: str, folder: Path, file_format: str, **options: Any) -> Any:
    """A builder of ours whose data are written."""
    import tensorflow_datasets as tfds

    import cnncourse.datasets.builders  # noqa: F401

    manual = options.pop("manual_dir", None)
    builder = tfds.builder(name, data_dir=folder, file_format=file_format, **options)
    builder.download_and_prepare(
        download_config=tfds.download.DownloadConfig(
            manual_dir=manual, try_download_gcs=False
        )
    )
    return builder


@pytest.mark.parametrize("file_format", FORMATS)
def test_voxels_by_name(tmp_path: Path, file_format: str) -> None:
    """As a user does it: `download_and_prepare`, then `tfds.load`."""
    import tensorflow_datasets as tfds

    prepared("procedural_voxels", tmp_path, file_format)
    dataset, info = tfds.load(
        "procedural_voxels", split="test", as_supervised=True, with_info=True,
        data_dir=tmp_path, download=False,
    )  # fmt: skip
    assert info.file_format.value == file_format
    assert len(dataset) == info.splits["test"].num_examples == 150
    written = {volume.tobytes(): label for volume, label in tfds.as_numpy(dataset)}
    volumes, labels = load("voxels", "test", as_numpy=True)
    assert written == {v.tobytes(): k for v, k in zip(volumes, labels, strict=True)}
    assert next(iter(dataset.batch(4)))[0].shape == (4, 16, 16, 16, 1)


@pytest.mark.parametrize("task", TASKS)
def test_each_task_of_the_shapes(tmp_path: Path, task: str) -> None:
    from cnncourse.datasets.builders import ProceduralConfig

    options = ProceduralConfig(
        name="few", task=task, examples=FEW, seed=5, image_size=16
    )
    builder = prepared("procedural_shapes", tmp_path, "tfrecord", config=options)
    written = list(builder.as_dataset(split="test").as_numpy_iterator())
    expected = load("shapes", "test", as_numpy=True, seed=5, image_size=16,
                    examples=3, task=task.replace("_", "-"))  # fmt: skip

    def rows(name: str, values: Any) -> list:
        if name == "caption":
            return sorted(v.decode() if isinstance(v, bytes) else v for v in values)
        return sorted(np.asarray(v).tobytes() for v in values)

    if isinstance(expected, tuple):
        expected = dict(zip(("image", "label"), expected, strict=True))
    assert set(written[0]) == set(expected) and len(written) == 3
    for name, values in expected.items():
        assert rows(name, [e[name] for e in written]) == rows(name, values)
        assert name == "caption" or written[0][name].dtype == values.dtype


def test_reviews_by_their_number(tmp_path: Path) -> None:
    builder = prepared("procedural_reviews", tmp_path, "array_record")
    source = builder.as_data_source(split="negation")
    texts, _ = load("reviews", "negation", as_numpy=True)
    assert len(source) == len(texts) and set(source[3]) == {"text", "label"}
    assert {e["text"].decode() for e in source} == set(texts)


def write(folder: Path, name: str) -> None:
    """Files of a set with as many sentences as the paper's, Latin letters in them."""
    record = SENTENCE_SETS[name]
    for part, (file, count) in record.files.items():
        lines = [f"{i % len(record.classes)} é {part} {i}" for i in range(count)]
        (folder / file).write_text("\n".join(lines) + "\n", "latin-1")


@pytest.mark.parametrize("file_format", FORMATS)
def test_sentences_with_folds(tmp_path: Path, file_format: str) -> None:
    write(tmp_path, "cr")
    builder = prepared(
        "kim_sentences/cr", tmp_path / "cache", file_format, manual_dir=tmp_path
    )
    sizes = {name: split.num_examples for name, split in builder.info.splits.items()}
    assert list(sizes) == [f"fold_{k}" for k in range(10)]
    assert sum(sizes.values()) == 3_775 and set(sizes.values()) == {377, 378}
    texts = {e["text"].decode() for e in
             builder.as_dataset(split="fold_3").as_numpy_iterator()}  # fmt: skip
    same, _ = load("cr", "test", as_numpy=True, data_dir=tmp_path, fold=3)
    assert texts == set(same)
    both = builder.as_dataset(split="fold_0+fold_1", as_supervised=True)
    assert len(list(both)) == 756
    assert builder.info.features["label"].names == ["negative", "positive"]


@pytest.mark.parametrize("name", ["sst1", "trec"])
def test_sentences_with_a_test_part(tmp_path: Path, name: str) -> None:
    write(tmp_path, name)
    builder = prepared(
        f"kim_sentences/{name}", tmp_path / "cache", "tfrecord", manual_dir=tmp_path
    )
    sizes = {part: split.num_examples for part, split in builder.info.splits.items()}
    expected = SENTENCE_SETS[name].files
    assert sizes == {part: count for part, (_, count) in expected.items()}


def test_a_missing_file_is_named(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError, match=r"Expected the file subj\.all"):
        prepared("kim_sentences/subj", tmp_path / "cache", "tfrecord",
                 manual_dir=tmp_path)  # fmt: skip


def test_every_set_has_its_configuration() -> None:
    from cnncourse.datasets.builders import KimSentences, ProceduralShapes

    assert list(KimSentences.builder_configs) == list(SENTENCE_SETS)
    assert list(ProceduralShapes.builder_configs) == TASKS
    for name, record in SENTENCE_SETS.items():
        for file, _ in record.files.values():
            assert file in KimSentences.MANUAL_DOWNLOAD_INSTRUCTIONS, name
