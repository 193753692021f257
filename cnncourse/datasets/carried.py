"""Sets of pictures that the packages we depend on carry."""

from collections.abc import Mapping

import numpy as np

from cnncourse.datasets.digits import digits
from cnncourse.datasets.folds import fold_split
from cnncourse.datasets.installed import installed_file
from cnncourse.datasets.photographs import PHOTOGRAPHS, photograph

TEXTURES = ("brick", "grass", "gravel")
TEXTURE_SIZE = 512  # pixels a side of the three pictures
TEXTURE_TEST_ROWS = 128  # at the bottom: pixels that no training patch has
TEST_PHOTOGRAPHS = ("coffee", "flower", "coins", "gravel")


def digits_split(split: str, seed: int = 0) -> tuple[np.ndarray, np.ndarray]:
    """Loads scikit-learn's digits, a fifth of each class for the test.

    Args:
        split: "train", "test" or "all".
        seed: of the division.

    Returns:
        images float32 `(N, 8, 8, 1)` in [0, 1] and labels int64 `(N,)`.

    Raises:
        ValueError: if there is no such split.
    """
    images, labels = digits()
    chosen = fold_split(labels, split, 0, 5, seed)
    return images[chosen, :, :, np.newaxis], labels[chosen]


def faces_split(split: str, seed: int = 0) -> tuple[np.ndarray, np.ndarray]:
    """Loads 100 faces and 100 other cuttings, a fifth of each for the test.

    Args:
        split: "train", "test" or "all".
        seed: of the division.

    Returns:
        images float32 `(N, 25, 25, 1)` in [0, 1] and labels int64 `(N,)`, 1 is a face.

    Raises:
        ValueError: if there is no such split.

    Source: `lfw_subset` of scikit-image, from Labeled Faces in the Wild (Huang et al.).
    """
    images = np.load(installed_file("skimage", "data/lfw_subset.npy"))
    labels = np.repeat(np.array([1, 0]), 100)
    chosen = fold_split(labels, split, 0, 5, seed)
    return images[chosen, :, :, np.newaxis].astype(np.float32), labels[chosen]


def textures_split(
    split: str, patch_size: int = 32, stride: int | None = None
) -> tuple[np.ndarray, np.ndarray]:
    """Cuts patches from photographs of bricks, grass and gravel.

    The lowest quarter of each photograph is the test part, so no pixel is in both.

    Args:
        split: "train", "test" or "all".
        patch_size: pixels a side, at most 128.
        stride: pixels from one patch to the next; `patch_size` if None, so that
            patches do not overlap.

    Returns:
        images float32 `(N, patch_size, patch_size, 1)` in [0, 1] and labels int64
        `(N,)`, the place in `TEXTURES`.

    Raises:
        ValueError: if there is no such split, or the sizes are out of range.
    """
    stride = patch_size if stride is None else stride
    if not 1 <= patch_size <= TEXTURE_TEST_ROWS or stride < 1:
        raise ValueError(
            f"Expected 1 <= patch_size <= {TEXTURE_TEST_ROWS} and stride >= 1. "
            f"Received: patch_size={patch_size} stride={stride}"
        )
    border = TEXTURE_SIZE - TEXTURE_TEST_ROWS
    regions = {
        "train": [slice(0, border)],
        "test": [slice(border, None)],
        "all": [slice(0, border), slice(border, None)],
    }
    if split not in regions:
        raise ValueError(f"Expected 'train', 'test' or 'all'. Received: split={split}")
    images, labels = [], []
    for rows in regions[split]:
        for label, name in enumerate(TEXTURES):
            windows = np.lib.stride_tricks.sliding_window_view(
                photograph(name)[rows], (patch_size, patch_size)
            )[::stride, ::stride]
            images.append(windows.reshape(-1, patch_size, patch_size, 1))
            labels.append(np.full(len(images[-1]), label))
    return np.concatenate(images), np.concatenate(labels)


def photographs_split(split: str) -> Mapping[str, list[np.ndarray]]:
    """Loads the photographs in colour; grey ones have three equal channels.

    Args:
        split: "train", "test" or "all".

    Returns:
        `{"image": [...]}`, float32 `(H, W, 3)` in [0, 1] of different sizes.

    Raises:
        ValueError: if there is no such split.
    """
    names = {
        "train": [name for name in PHOTOGRAPHS if name not in TEST_PHOTOGRAPHS],
        "test": list(TEST_PHOTOGRAPHS),
        "all": list(PHOTOGRAPHS),
    }
    if split not in names:
        raise ValueError(f"Expected 'train', 'test' or 'all'. Received: split={split}")
    pictures = [np.atleast_3d(photograph(name)) for name in names[split]]
    shapes = [(*picture.shape[:2], 3) for picture in pictures]
    return {
        "image": [
            np.broadcast_to(picture, shape).copy()
            for picture, shape in zip(pictures, shapes, strict=True)
        ]
    }


def stereo_motorcycle_split(split: str) -> Mapping[str, np.ndarray]:
    """Loads a motorcycle seen by two cameras side by side, as motion between them.

    Args:
        split: "train" or "all", which are the same pair.

    Returns:
        A batch of one: "image" (left) and "next_image" (right) float32
        `(1, 500, 741, 3)` in [0, 1]; "flow" float32 `(1, 500, 741, 2)`, columns and
        rows in pixels, here minus the disparity and 0; "valid" bool `(1, 500, 741)`,
        where the flow is known (it is 0 elsewhere).

    Raises:
        ValueError: if there is no such split.

    Source: Scharstein et al., High-resolution stereo datasets with subpixel-accurate
    ground truth, GCPR 2014; a quarter of the size, as scikit-image carries it.
    """
    if split not in ("train", "all"):
        raise ValueError(f"Expected 'train' or 'all'. Received: split={split}")
    from PIL import Image

    frames = []
    for side in ("left", "right"):
        with Image.open(installed_file("skimage", f"data/motorcycle_{side}.png")) as p:
            frames.append(np.asarray(p.convert("RGB"), np.float32) / np.float32(255))
    with np.load(installed_file("skimage", "data/motorcycle_disp.npz")) as archive:
        disparity = archive["arr_0"]
    valid = np.isfinite(disparity)
    columns = np.where(valid, -disparity, 0)
    flow = np.stack([columns, np.zeros_like(columns)], axis=-1)
    return {
        "image": frames[0][np.newaxis],
        "next_image": frames[1][np.newaxis],
        "flow": flow[np.newaxis].astype(np.float32),
        "valid": valid[np.newaxis],
    }
