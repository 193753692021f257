"""Every offline set loads, in balance, disjoint, and the same under a seed."""

import hashlib
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from cnncourse.datasets import DATASETS, TASKS, info, load

OFFLINE = [name for name, record in DATASETS.items() if record.offline]
SPLITS = [(name, split) for name in OFFLINE for split in DATASETS[name].splits]
PAIRS = [name for name in OFFLINE if TASKS[DATASETS[name].task].element == "pair"]
VIEWS = ["segmentation", "detection", "captioning", "flow", "super-resolution"]


def hashes(inputs) -> list[str]:
    return [
        hashlib.sha256(x.encode() if isinstance(x, str) else x.tobytes()).hexdigest()
        for x in inputs
    ]


def inputs(name: str, split: str, **arguments):
    loaded = load(name, split, as_numpy=True, **arguments)
    return loaded[0] if isinstance(loaded, tuple) else loaded["image"]


@pytest.mark.parametrize(("name", "split"), SPLITS)
def test_sizes_shapes_and_range(name: str, split: str) -> None:
    record = DATASETS[name]
    values = inputs(name, split)
    assert len(values) == record.splits[split]
    for value in values[:20]:
        if record.task == "text":
            assert isinstance(value, str)
            continue
        assert value.dtype == np.float32
        assert all(n in (None, m) for n, m in zip(record.shape, value.shape))  # noqa: B905
        assert value.ndim == len(record.shape)
        assert value.min() >= 0 and value.max() <= 1


@pytest.mark.parametrize("name", PAIRS)
def test_classes_are_in_balance(name: str) -> None:
    record = DATASETS[name]
    for split in record.splits:
        _, labels = load(name, split, as_numpy=True)
        counts = np.bincount(labels, minlength=record.num_classes)
        assert labels.dtype == np.int64 and len(counts) == record.num_classes
        assert counts.min() > 0.9 * counts.max()


@pytest.mark.parametrize("name", [n for n in OFFLINE if len(DATASETS[n].splits) > 1])
def test_parts_have_no_example_in_common(name: str) -> None:
    parts = [hashes(inputs(name, split)) for split in DATASETS[name].splits]
    assert all(parts)
    for i, part in enumerate(parts):
        for other in parts[:i]:
            if name == "reviews" and part is parts[-1]:
                continue  # both are tests: they are compared with train below
            assert not set(part) & set(other)
    assert not set(parts[-1]) & set(parts[0])


@pytest.mark.parametrize("name", OFFLINE)
def test_equal_seeds_give_equal_data(name: str) -> None:
    few = {"examples": 30} if "examples" in DATASETS[name].options else {}
    first = hashes(inputs(name, "train", seed=3, **few))
    assert first == hashes(inputs(name, "train", seed=3, **few))
    if name in ("digits", "faces", "shapes", "voxels", "reviews"):
        assert first != hashes(inputs(name, "train", seed=4, **few))


def test_a_longer_set_begins_as_a_shorter_one() -> None:
    short, long = (inputs("shapes", "train", examples=n) for n in (5, 9))
    np.testing.assert_array_equal(short, long[:5])


@pytest.mark.parametrize("task", VIEWS)
def test_shapes_serve_each_task(task: str) -> None:
    loaded = load("shapes", as_numpy=True, task=task, examples=4, image_size=32)
    assert set(loaded) == set(TASKS[task].fields)
    assert all(len(values) == 4 for values in loaded.values())


@pytest.mark.parametrize("name", OFFLINE)
def test_tensorflow_has_the_same_elements(name: str) -> None:
    few = {"examples": 6} if "examples" in DATASETS[name].options else {}
    arrays = load(name, as_numpy=True, **few)
    dataset = load(name, **few)
    count = len(arrays[0] if isinstance(arrays, tuple) else arrays["image"])
    assert int(dataset.cardinality()) == count
    for i, element in enumerate(dataset.take(3).as_numpy_iterator()):
        if isinstance(arrays, tuple):
            pairs = [(element[k], arrays[k][i]) for k in (0, 1)]
        else:
            pairs = [(element[k], arrays[k][i]) for k in arrays]
        for got, expected in pairs:
            got = got.decode() if isinstance(got, bytes) else got
            np.testing.assert_array_equal(got, expected)


def test_batches() -> None:
    images, labels = next(iter(load("digits", batch_size=32, image_size=16)))
    assert images.shape == (32, 16, 16, 1) and labels.shape == (32,)
    with pytest.raises(ValueError, match="Expected image_size, for the pictures have"):
        load("photographs", batch_size=2)
    batch = next(iter(load("photographs", batch_size=2, image_size=(20, 30))))
    assert batch["image"].shape == (2, 20, 30, 3)


def test_a_large_procedural_set_is_made_piece_by_piece(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    from cnncourse.datasets import loading

    whole = [x for x, _ in load("voxels", examples=5).as_numpy_iterator()]
    monkeypatch.setattr(loading, "MOST_IN_MEMORY", 0)
    dataset = load("voxels", examples=5)
    assert int(dataset.cardinality()) == 5
    for got, expected in zip(dataset.as_numpy_iterator(), whole, strict=True):
        np.testing.assert_array_equal(got[0], expected)
    captions = load("shapes", task="captioning", examples=2)
    assert captions.element_spec["caption"].dtype.name == "string"
    assert b"a " in next(captions.as_numpy_iterator())["caption"]


@pytest.mark.parametrize(
    ("name", "arguments", "message"),
    [
        ("digits", {"fold": 1}, r"no other options than none. Received: fold"),
        ("shapes", {"sise": 1}, "than task, factor, examples. Received: sise"),
        ("reviews", {"image_size": 9}, "Expected no image_size: reviews has no pict"),
        ("voxels", {"image_size": 9}, "voxels has no pictures"),
        ("shapes", {"image_size": (9, 8)}, r"a square. Received: image_size=\(9, 8\)"),
        ("shapes", {"split": "dev"}, "one of train, valid.*split=dev"),
        ("shapes", {"examples": 0}, "at least one example. Received: examples=0"),
        ("digits", {"batch_size": 0}, "Expected batch_size >= 1.*batch_size=0"),
        ("digits", {"as_numpy": True, "batch_size": 2}, "None with as_numpy=True"),
        ("digits", {"image_size": 0}, "positive number of pixels"),
        ("mr", {}, r"data_dir with rt-polarity.all; load\('reviews'\) needs no files"),
        ("mr", {"data_dir": ".", "checksums": 1}, "than fold, checksum. Received: che"),
    ],
)
def test_wrong_arguments(name: str, arguments: dict, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        load(name, **{"as_numpy": True, **arguments})


def test_unknown_name_and_folder(tmp_path: Path) -> None:
    with pytest.raises(KeyError, match=r"Did you mean 'digits'\? Received: 'digitz'"):
        load("digitz")
    with pytest.raises(FileNotFoundError, match=r"Expected a folder. Received: dat"):
        load("mnist", data_dir=tmp_path / "nothing")


@pytest.mark.parametrize("name", list(DATASETS))
def test_info_says_all(name: str) -> None:
    record = DATASETS[name]
    text = info(name)
    assert text.startswith(f"{name}: {record.title}\n")
    for expected in (record.task, record.licence, record.citation, record.source):
        assert expected in text
    assert all(f"{n:,}" in text for n in record.splits.values())
    assert all(f"option {option}" in text for option in record.options)
    assert record.instead in text


def test_arrays_need_neither_tensorflow_nor_scikit_learn() -> None:
    code = """
import sys
for name in ("sklearn", "skimage", "tensorflow", "tensorflow_datasets", "matplotlib"):
    sys.modules[name] = None  # importing it would raise
from cnncourse import datasets
for name, record in datasets.DATASETS.items():
    if record.offline:
        few = {"examples": 2} if "examples" in record.options else {}
        datasets.load(name, as_numpy=True, **few)
"""
    subprocess.run([sys.executable, "-c", code], check=True)
