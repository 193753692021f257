"""Reads pictures from a folder that has one folder for each class."""

from pathlib import Path

import numpy as np

from cnncourse.datasets.folds import fold_split
from cnncourse.datasets.resizing import ImageSize, checked_size, resize_images

SUFFIXES = (".bmp", ".gif", ".jpeg", ".jpg", ".png", ".ppm", ".webp")


def class_folders(folder: str | Path) -> tuple[str, ...]:
    """Names of the classes: the folders in a folder, sorted, hidden ones left out.

    Raises:
        FileNotFoundError: if there are none.
    """
    place = Path(folder)
    names = sorted(
        p.name for p in place.glob("*") if p.is_dir() and not p.name.startswith(".")
    )
    if not names:
        raise FileNotFoundError(
            f"Expected a folder with one folder of pictures for each class. "
            f"Received: data_dir={folder}"
        )
    return tuple(names)


def read_picture(file: Path) -> np.ndarray:
    """Reads a picture in colour, float32 `(H, W, 3)` in [0, 1].

    Raises:
        ValueError: if it is truncated or is no picture.
    """
    from PIL import Image

    try:
        with Image.open(file) as picture:
            values = np.asarray(picture.convert("RGB"), np.float32)
    except (OSError, SyntaxError, ValueError) as error:
        raise ValueError(
            f"Expected a whole picture. Received: {file} ({error})"
        ) from None
    return values / np.float32(255)


def folder_split(
    folder: str | Path,
    split: str,
    image_size: int | ImageSize,
    seed: int = 0,
) -> tuple[np.ndarray, np.ndarray]:
    """Reads the pictures of a split, all of one size.

    Args:
        folder: holds either the classes' folders, of which a fifth is the test part, or
            the folders "train" and "test" that hold them.
        split: "train", "test" or "all".
        image_size: to which pictures are resized, one number or `(height, width)`.
        seed: of the division, where it is ours.

    Returns:
        images float32 `(N, height, width, 3)` in [0, 1] and labels int64 `(N,)`, the
        place of the class's name in alphabetical order.

    Raises:
        ValueError: if a picture is damaged, a class has none, or the classes of the two
            parts differ.
        FileNotFoundError: if there are no classes' folders.
    """
    size = checked_size(image_size)
    if split not in ("train", "test", "all"):
        raise ValueError(f"Expected 'train', 'test' or 'all'. Received: split={split}")
    names = class_folders(folder)
    divided = set(names) == {"train", "test"}
    parts = [Path(folder)]
    if divided:
        classes = {part: class_folders(Path(folder) / part) for part in names}
        if classes["train"] != classes["test"]:
            raise ValueError(
                "Expected the same classes in train and test. "
                f"Received: train={classes['train']} test={classes['test']}"
            )
        names = classes["train"]
        parts = [Path(folder) / p for p in ("train", "test") if split in (p, "all")]
    files: list[Path] = []
    labels: list[int] = []
    for part in parts:
        for label, name in enumerate(names):
            found = sorted(
                p for p in (part / name).iterdir() if p.suffix.lower() in SUFFIXES
            )
            if not found:
                raise ValueError(
                    f"Expected at least one picture ({', '.join(SUFFIXES)}). "
                    f"Received: {part / name}"
                )
            files += found
            labels += [label] * len(found)
    truth = np.array(labels, dtype=np.int64)
    chosen = fold_split(truth, "all" if divided else split, 0, 5, seed)
    pictures = [resize_images(read_picture(files[i]), size) for i in chosen]
    return np.stack(pictures), truth[chosen]
