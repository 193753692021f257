"""Reads CIFAR-10 and CIFAR-100 from their binary version, and pictures from .npz."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType

import numpy as np

PIXELS = 3 * 32 * 32


@dataclass(frozen=True)
class Layout:
    """How the binary files of a data set are made.

    Attributes:
        files: of each split.
        records: pictures in each file.
        label_bytes: before the pixels; the last is the label.
        num_classes: labels are below it.
    """

    files: Mapping[str, tuple[str, ...]]
    records: Mapping[str, int]
    label_bytes: int
    num_classes: int


LAYOUTS: Mapping[str, Layout] = MappingProxyType(
    {
        "cifar10": Layout(
            {
                "train": tuple(f"data_batch_{n}.bin" for n in range(1, 6)),
                "test": ("test_batch.bin",),
            },
            {"train": 10_000, "test": 10_000},
            label_bytes=1,
            num_classes=10,
        ),
        "cifar100": Layout(
            {"train": ("train.bin",), "test": ("test.bin",)},
            {"train": 50_000, "test": 10_000},
            label_bytes=2,
            num_classes=100,
        ),
    }
)


def _checked(
    images: np.ndarray, labels: np.ndarray, num_classes: int, place: str
) -> tuple[np.ndarray, np.ndarray]:
    if len(labels) and not (0 <= labels.min() and labels.max() < num_classes):
        raise ValueError(
            f"Expected labels in 0..{num_classes - 1}. Received: {labels.min()}.."
            f"{labels.max()} in {place}"
        )
    return images.astype(np.float32) / np.float32(255), labels.astype(np.int64)


def read_cifar(
    file: str | Path, layout: Layout, records: int | None = None
) -> tuple[np.ndarray, np.ndarray]:
    """Reads one binary file.

    Args:
        file: path.
        layout: one of `LAYOUTS`.
        records: pictures that it must hold; any number if None.

    Returns:
        images float32 `(N, 32, 32, 3)` in [0, 1] and labels int64 `(N,)`.

    Raises:
        ValueError: if the file is truncated, or its labels are out of range.
        FileNotFoundError: if there is no such file.
    """
    content = np.frombuffer(Path(file).read_bytes(), np.uint8)
    length = layout.label_bytes + PIXELS
    count, rest = divmod(len(content), length)
    if rest or (records is not None and count != records):
        wanted = "whole records" if records is None else f"{records} records"
        raise ValueError(
            f"Expected {wanted} of {length} bytes: download {Path(file).name} again. "
            f"Received: {file} of {len(content)} bytes"
        )
    table = content.reshape(count, length)
    planes = table[:, layout.label_bytes :].reshape(count, 3, 32, 32)
    labels = table[:, layout.label_bytes - 1]
    return _checked(planes.transpose(0, 2, 3, 1), labels, layout.num_classes, str(file))


def read_npz(
    file: str | Path, split: str, num_classes: int
) -> tuple[np.ndarray, np.ndarray]:
    """Reads a split of an archive with x_train, y_train, x_test and y_test.

    Args:
        file: path of the .npz file.
        split: "train" or "test".
        num_classes: labels are below it.

    Returns:
        images float32 `(N, H, W, C)` in [0, 1] and labels int64 `(N,)`.

    Raises:
        ValueError: if the archive is damaged or its arrays are others.
        FileNotFoundError: if there is no such file.
    """
    try:
        # opened here, for np.load leaves a damaged file open
        with Path(file).open("rb") as stream:
            archive = np.load(stream, allow_pickle=False)
            images, labels = archive[f"x_{split}"], archive[f"y_{split}"]
    except FileNotFoundError:
        raise
    except Exception as error:  # damaged archives raise zipfile's, zlib's and others
        raise ValueError(
            f"Expected an .npz archive with x_{split} and y_{split}. Received: {file} "
            f"({error})"
        ) from None
    labels = labels.reshape(-1)
    if images.dtype != np.uint8 or images.ndim != 4 or len(images) != len(labels):
        raise ValueError(
            "Expected bytes (N, H, W, C) and as many labels. Received: "
            f"x_{split}={images.dtype}{images.shape} y_{split}={labels.shape} in {file}"
        )
    return _checked(images, labels, num_classes, str(file))


def find_cifar(folder: str | Path, name: str) -> tuple[Path, str] | None:
    """Finds the folder with binary files, or the one .npz file, below a folder."""
    for file in sorted(Path(folder).rglob(LAYOUTS[name].files["test"][0])):
        return file.parent, "binary"
    archives = sorted(Path(folder).glob("*.npz"))
    return (archives[0], "npz") if len(archives) == 1 else None


def cifar_split(
    folder: str | Path, split: str, name: str = "cifar10"
) -> tuple[np.ndarray, np.ndarray]:
    """Reads a split from the binary files, or from the one .npz file of a folder.

    Args:
        folder: with the binary files (or a folder below it has them) or an .npz file,
            which may hold a part of the data set.
        split: "train", "test" or "all".
        name: "cifar10" or "cifar100" (its fine labels).

    Returns:
        images float32 `(N, 32, 32, 3)` in [0, 1] and labels int64 `(N,)`.

    Raises:
        ValueError: if a file is damaged or is another one.
        FileNotFoundError: if a file is missing.
    """
    layout = LAYOUTS[name]
    if split == "all":
        parts = [cifar_split(folder, part, name) for part in layout.files]
    elif split not in layout.files:
        raise ValueError(f"Expected 'train', 'test' or 'all'. Received: split={split}")
    else:
        found = find_cifar(folder, name)
        if found is None:
            raise FileNotFoundError(
                f"Expected {', '.join(layout.files[split])}, or one .npz file. "
                f"Received: data_dir={folder}"
            )
        place, kind = found
        if kind == "npz":
            return read_npz(place, split, layout.num_classes)
        parts = [read_cifar(place / file, layout, layout.records[split])
                 for file in layout.files[split]]  # fmt: skip
    images, labels = (np.concatenate(both) for both in zip(*parts, strict=True))
    return images, labels
