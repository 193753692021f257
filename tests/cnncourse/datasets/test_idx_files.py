"""Files in the format of MNIST are read, and damaged ones are named."""

import gzip
import struct
from pathlib import Path

import numpy as np
import pytest

from cnncourse.datasets.idx_files import LABEL_COUNTS, idx_split, read_idx
from cnncourse.datasets.loading import load


def idx(values: np.ndarray) -> bytes:
    magic = {1: 2049, 3: 2051}[values.ndim]
    return struct.pack(f">{1 + values.ndim}I", magic, *values.shape) + values.tobytes()


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Four small files, two of them packed."""
    rng = np.random.default_rng(0)
    for prefix, count, pack in (("train", 6, True), ("t10k", 4, False)):
        images = rng.integers(0, 256, (count, 5, 3)).astype(np.uint8)
        labels = (np.arange(count) % 3).astype(np.uint8)
        for name, values in (("images-idx3", images), ("labels-idx1", labels)):
            content = idx(values)
            if pack:
                file, content = f"{prefix}-{name}-ubyte.gz", gzip.compress(content)
            else:
                file = f"{prefix}-{name}-ubyte"
            (tmp_path / file).write_bytes(content)
    return tmp_path


def test_packed_and_unpacked_files(folder: Path) -> None:
    images, labels = idx_split(folder, "train")
    raw = read_idx(folder / "train-images-idx3-ubyte.gz", 3)
    assert images.shape == (6, 5, 3, 1) and images.dtype == np.float32
    np.testing.assert_array_equal(images[..., 0], raw / np.float32(255))
    assert labels.tolist() == [0, 1, 2, 0, 1, 2] and labels.dtype == np.int64
    assert len(idx_split(folder, "test")[1]) == 4
    assert len(load("idx_files", "all", True, data_dir=folder)[1]) == 10


def truncated(content: bytes) -> bytes:
    return content[:-7]


def other_magic(content: bytes) -> bytes:
    return struct.pack(">I", 2050) + content[4:]


@pytest.mark.parametrize(
    ("file", "damage", "message"),
    [
        ("t10k-images-idx3-ubyte", truncated, "60 bytes after.*again.*with 53"),
        ("t10k-images-idx3-ubyte", other_magic, "number 2051. Received: .* with 2050"),
        ("t10k-images-idx3-ubyte", lambda _: b"\0\0\x08", "header of 16.*of 3 bytes"),
        ("t10k-labels-idx1-ubyte", lambda _: idx(np.zeros(3, np.uint8)),
         "as many images as labels. Received: 4 images and 3 labels"),
        ("t10k-labels-idx1-ubyte", lambda _: idx(np.zeros((4, 1, 1), np.uint8)),
         "Expected labels .* number 2049. Received: .* with 2051"),
        ("train-images-idx3-ubyte.gz", truncated, "whole gzip file.*again.*Received"),
        ("train-images-idx3-ubyte.gz", lambda _: b"<html>", "whole gzip file.*6 bytes"),
    ],
)  # fmt: skip
def test_damaged_files(folder: Path, file: str, damage, message: str) -> None:
    place = folder / file
    place.write_bytes(damage(place.read_bytes()))
    with pytest.raises(ValueError, match=message):
        idx_split(folder, "train" if "train" in file else "test")


def test_missing_file_and_split(folder: Path) -> None:
    (folder / "t10k-labels-idx1-ubyte").unlink()
    with pytest.raises(FileNotFoundError, match="Expected t10k-labels-idx1-ubyte or"):
        idx_split(folder, "test")
    with pytest.raises(ValueError, match="Received: split=dev"):
        idx_split(folder, "dev")


@pytest.mark.parametrize("name", LABEL_COUNTS)
def test_other_files_under_a_known_name(folder: Path, name: str) -> None:
    """The packed file by its checksum, the unpacked one by its labels."""
    with pytest.raises(ValueError, match=f"train-images.* of {name} with the SHA-256"):
        load(name, as_numpy=True, data_dir=folder)
    with pytest.raises(ValueError, match=f"10000 examples of {name} .*Received: 4 "):
        load(name, "test", as_numpy=True, data_dir=folder)
    images, _ = load(name, "test", as_numpy=True, data_dir=folder, checksum=False)
    assert images.shape == (4, 5, 3, 1)


def test_mnist(real_data: Path) -> None:
    for split, counts in LABEL_COUNTS["mnist"].items():
        images, labels = load("mnist", split, True, data_dir=real_data / "mnist")
        assert images.shape == (sum(counts), 28, 28, 1)
        assert sum(counts) == {"train": 60_000, "test": 10_000}[split]
        assert tuple(np.bincount(labels)) == counts
        assert images.min() == 0 and images.max() == 1
        assert 0.12 < images.mean() < 0.14


def test_half_of_mnist(real_data: Path, tmp_path: Path) -> None:
    for file in (real_data / "mnist").iterdir():
        content = file.read_bytes()
        (tmp_path / file.name).write_bytes(content[: len(content) // 2])
    with pytest.raises(ValueError, match=r"download train-images-idx3-ubyte.gz again"):
        load("mnist", as_numpy=True, data_dir=tmp_path)
