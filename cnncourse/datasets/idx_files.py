"""Reads the files of MNIST and of the sets that have its format (idx)."""

import gzip
import hashlib
import struct
import zlib
from collections.abc import Mapping
from pathlib import Path
from types import MappingProxyType

import numpy as np

MAGIC = MappingProxyType({1: 2049, 3: 2051})  # unsigned bytes of 1 or 3 dimensions
KINDS = MappingProxyType({1: "labels", 3: "images"})
PREFIXES = MappingProxyType({"train": "train", "test": "t10k"})
# SHA-256 of the .gz files as their authors publish them, in the order of `FILES`
FILES = (
    "train-images-idx3-ubyte.gz",
    "train-labels-idx1-ubyte.gz",
    "t10k-images-idx3-ubyte.gz",
    "t10k-labels-idx1-ubyte.gz",
)
CHECKSUMS: Mapping[str, tuple[str, ...]] = MappingProxyType(
    {
        "mnist": (
            "440fcabf73cc546fa21475e81ea370265605f56be210a4024d2ca8f203523609",
            "3552534a0a558bbed6aed32b30c495cca23d567ec52cac8be1a0730e8010255c",
            "8d422c7b0a1c1c79245a5bcf07fe86e33eeafee792b84584aec276f5a2dbc4e6",
            "f7ae60f92e00ec6debd23a6088c31dbd2371eca3ffa0defaefb259924204aec6",
        ),
        "fashion_mnist": (
            "3aede38d61863908ad78613f6a32ed271626dd12800ba2636569512369268a84",
            "a04f17134ac03560a47e3764e11b92fc97de4d1bfaf8ba1a3aa29af54cc90845",
            "346e55b948d973a97e58d2351dde16a484bd415d4595297633bb08f03db6a073",
            "67da17c76eaffca5446c3361aaab5c3cd6d1c2608764d35dfb1850b086bf8dd5",
        ),
        "kmnist": (
            "51467d22d8cc72929e2a028a0428f2086b092bb31cfb79c69cc0a90ce135fde4",
            "e38f9ebcd0f3ebcdec7fc8eabdcdaef93bb0df8ea12bee65224341c8183d8e17",
            "edd7a857845ad6bb1d0ba43fe7e794d164fe2dce499a1694695a792adfac43c5",
            "20bb9a0ef54c7db3efc55a92eef5582c109615df22683c380526788f98e42a1c",
        ),
    }
)
# how often each class occurs, which tells MNIST from the sets with its format
LABEL_COUNTS: Mapping[str, Mapping[str, tuple[int, ...]]] = MappingProxyType(
    {
        "mnist": {
            "train": (5923, 6742, 5958, 6131, 5842, 5421, 5918, 6265, 5851, 5949),
            "test": (980, 1135, 1032, 1010, 982, 892, 958, 1028, 974, 1009),
        },
        "fashion_mnist": {"train": (6000,) * 10, "test": (1000,) * 10},
        "kmnist": {"train": (6000,) * 10, "test": (1000,) * 10},
    }
)


def unpack(file: Path) -> bytes:
    """Reads a file, unpacked if its name ends in .gz.

    Raises:
        ValueError: if a .gz file is truncated or damaged.
    """
    content = file.read_bytes()
    if file.suffix != ".gz":
        return content
    try:
        return gzip.decompress(content)
    except (EOFError, zlib.error, gzip.BadGzipFile) as error:
        raise ValueError(
            f"Expected a whole gzip file: download {file.name} again. "
            f"Received: {file} of {len(content)} bytes ({error})"
        ) from None


def read_idx(file: str | Path, dimensions: int) -> np.ndarray:
    """Reads one idx file of bytes.

    Args:
        file: path, packed if it ends in .gz.
        dimensions: 3 for images, 1 for labels.

    Returns:
        uint8 `(N, H, W)` or `(N,)`.

    Raises:
        ValueError: if the magic number is another (images for labels, say), or the
            length is not what the header says (half a download).
        FileNotFoundError: if there is no such file.
    """
    file = Path(file)
    content = unpack(file)
    start = 4 + 4 * dimensions
    if len(content) < start:
        raise ValueError(
            f"Expected a header of {start} bytes. Received: {file} of {len(content)} "
            "bytes"
        )
    magic, *shape = struct.unpack(f">{1 + dimensions}I", content[:start])
    if magic != MAGIC[dimensions]:
        raise ValueError(
            f"Expected {KINDS[dimensions]} in the idx format, with the magic number "
            f"{MAGIC[dimensions]}. Received: {file} with {magic}"
        )
    expected = int(np.prod(shape, dtype=np.int64))
    if len(content) - start != expected:
        raise ValueError(
            f"Expected {expected} bytes after the header: download {file.name} again. "
            f"Received: {file} with {len(content) - start}"
        )
    return np.frombuffer(content, np.uint8, offset=start).reshape(shape)


def find_idx(folder: str | Path, split: str, dimensions: int) -> Path | None:
    """Finds the file of a split, `train-images-idx3-ubyte` say, packed or not."""
    kind = KINDS[dimensions]
    stem = f"{PREFIXES[split]}-{kind}"
    names = [f"{stem}{mark}idx{dimensions}-ubyte{end}"
             for mark in "-." for end in ("", ".gz")]  # fmt: skip
    return next((p for name in names if (p := Path(folder) / name).is_file()), None)


def _check_sum(file: Path, name: str) -> None:
    if name not in CHECKSUMS or file.name not in FILES:
        return
    expected = CHECKSUMS[name][FILES.index(file.name)]
    received = hashlib.sha256(file.read_bytes()).hexdigest()
    if received != expected:
        raise ValueError(
            f"Expected {file.name} of {name} with the SHA-256 {expected[:16]}... "
            f"(checksum=False accepts others). Received: {file} with {received[:16]}..."
        )


def idx_split(
    folder: str | Path, split: str, name: str = "", checksum: bool = True
) -> tuple[np.ndarray, np.ndarray]:
    """Reads the images and labels of a split.

    Args:
        folder: where the four files are.
        split: "train", "test" or "all".
        name: of the data set whose checksums and label counts they must have: "mnist",
            "fashion_mnist", "kmnist"; others are not known and not compared.
        checksum: whether to compare them.

    Returns:
        images float32 `(N, H, W, 1)` in [0, 1] and labels int64 `(N,)`.

    Raises:
        ValueError: if a file is damaged, is another one, or the two do not belong
            together.
        FileNotFoundError: if a file is missing.
    """
    if split == "all":
        parts = [idx_split(folder, part, name, checksum) for part in PREFIXES]
        images, labels = (np.concatenate(both) for both in zip(*parts, strict=True))
        return images, labels
    if split not in PREFIXES:
        raise ValueError(f"Expected 'train', 'test' or 'all'. Received: split={split}")
    arrays = []
    for dimensions in (3, 1):
        file = find_idx(folder, split, dimensions)
        if file is None:
            raise FileNotFoundError(
                f"Expected {PREFIXES[split]}-{KINDS[dimensions]}-idx{dimensions}-ubyte "
                f"or the same with .gz. Received: data_dir={folder}"
            )
        arrays.append(read_idx(file, dimensions))  # damage first: it says more
        if checksum:
            _check_sum(file, name)
    images, labels = arrays
    if len(images) != len(labels):
        raise ValueError(
            f"Expected as many images as labels. Received: {len(images)} images and "
            f"{len(labels)} labels in {folder}"
        )
    counts = LABEL_COUNTS.get(name, {}).get(split)
    received = tuple(int(n) for n in np.bincount(labels))
    if checksum and counts is not None and received != counts:
        raise ValueError(
            f"Expected {sum(counts)} examples of {name} with the label counts {counts} "
            f"(checksum=False accepts others). Received: {len(labels)} with {received}"
        )
    scaled = images[..., np.newaxis].astype(np.float32) / np.float32(255)
    return scaled, labels.astype(np.int64)
