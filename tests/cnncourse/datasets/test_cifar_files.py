"""CIFAR's binary files and .npz archives are read, and damaged ones are named."""

from pathlib import Path

import numpy as np
import pytest

from cnncourse.datasets.cifar_files import LAYOUTS, cifar_split, read_cifar, read_npz
from cnncourse.datasets.loading import load

LAYOUT = LAYOUTS["cifar10"]


@pytest.fixture
def records(tmp_path: Path) -> tuple[Path, np.ndarray, np.ndarray]:
    """Seven random pictures, written plane after plane, red first."""
    rng = np.random.default_rng(0)
    images = rng.integers(0, 256, (7, 32, 32, 3)).astype(np.uint8)
    labels = rng.integers(0, 10, 7).astype(np.uint8)
    planes = images.transpose(0, 3, 1, 2).reshape(7, -1)
    content = np.concatenate([labels[:, np.newaxis], planes], axis=1)
    (tmp_path / "test_batch.bin").write_bytes(content.tobytes())
    return tmp_path / "test_batch.bin", images, labels


def test_binary_file(records: tuple) -> None:
    file, images, labels = records
    read, numbers = read_cifar(file, LAYOUT)
    np.testing.assert_array_equal(read, images / np.float32(255))
    np.testing.assert_array_equal(numbers, labels)
    assert read.dtype == np.float32 and numbers.dtype == np.int64


def test_fine_labels_are_the_second_byte(tmp_path: Path) -> None:
    content = np.zeros((2, 3074), np.uint8)
    content[:, 0], content[:, 1] = 19, (99, 3)
    (tmp_path / "test.bin").write_bytes(content.tobytes())
    _, labels = read_cifar(tmp_path / "test.bin", LAYOUTS["cifar100"])
    assert labels.tolist() == [99, 3]


def test_part_of_a_batch(records: tuple) -> None:
    """The published files have 10,000 records each."""
    with pytest.raises(ValueError, match="10000 records of 3073 bytes: download"):
        load("cifar10", "test", as_numpy=True, data_dir=records[0].parent)


def test_damaged_binary_files(records: tuple) -> None:
    file, _, _ = records
    content = file.read_bytes()
    file.write_bytes(content[:-1])
    with pytest.raises(ValueError, match=r"Expected whole records.*of 21510 bytes"):
        read_cifar(file, LAYOUT)
    file.write_bytes(b"\x0a" + content[1:])
    with pytest.raises(ValueError, match=r"Expected labels in 0\.\.9\. Received: .*10"):
        read_cifar(file, LAYOUT)


def test_missing_files(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError, match=r"data_batch_1\.bin, .* one \.npz"):
        cifar_split(tmp_path, "train")
    with pytest.raises(ValueError, match="Received: split=dev"):
        cifar_split(tmp_path, "dev")


def test_missing_batch_below_the_folder(tmp_path: Path) -> None:
    below = tmp_path / "cifar-10-batches-bin"
    below.mkdir()
    (below / "test_batch.bin").write_bytes(b"")
    with pytest.raises(FileNotFoundError, match=r"data_batch_1\.bin"):
        cifar_split(tmp_path, "train")


@pytest.mark.parametrize(
    ("arrays", "message"),
    [
        ({"x": np.zeros(3)}, "archive with x_train and y_train"),
        ({"x_train": np.zeros((2, 4, 4, 3)), "y_train": np.zeros(2, int)},
         r"Expected bytes .*x_train=float64\(2, 4, 4, 3\)"),
        ({"x_train": np.zeros((2, 4, 4, 3), np.uint8), "y_train": np.zeros(3, int)},
         r"as many labels. .*y_train=\(3,\)"),
        ({"x_train": np.zeros((1, 4, 4, 3), np.uint8), "y_train": np.full(1, -1)},
         r"Expected labels in 0\.\.9\. Received: -1"),
    ],
)  # fmt: skip
def test_wrong_archives(tmp_path: Path, arrays: dict, message: str) -> None:
    np.savez(tmp_path / "a.npz", **arrays)
    with pytest.raises(ValueError, match=message):
        read_npz(tmp_path / "a.npz", "train", 10)


def test_half_an_archive(tmp_path: Path) -> None:
    values = np.random.default_rng(0).integers(0, 256, (9, 32, 32, 3)).astype(np.uint8)
    np.savez_compressed(tmp_path / "a.npz", x_train=values, y_train=np.zeros(9, int))
    content = (tmp_path / "a.npz").read_bytes()
    (tmp_path / "a.npz").write_bytes(content[: len(content) // 2])
    with pytest.raises(ValueError, match=r"archive with x_train.*Received: .*a.npz"):
        load("cifar10", as_numpy=True, data_dir=tmp_path)


def test_the_means_of_a_part_of_cifar10(real_data: Path) -> None:
    folder = real_data / "cifar10"
    with np.load(next(folder.glob("*.npz"))) as archive:
        for split in ("train", "test"):
            images, labels = load("cifar10", split, as_numpy=True, data_dir=folder)
            raw = archive[f"x_{split}"]
            assert images.shape == raw.shape and len(images) in (5000, 1000)
            np.testing.assert_array_equal(labels, archive[f"y_{split}"].reshape(-1))
            expected = raw.mean(axis=(0, 1, 2), dtype=np.float64) / 255
            means = images.mean(axis=(0, 1, 2), dtype=np.float64)
            np.testing.assert_allclose(means, expected, atol=1e-8)
