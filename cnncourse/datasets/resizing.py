"""Resizes the pictures of an element, and what belongs to them, in NumPy."""

from collections.abc import Mapping
from typing import Any

import numpy as np

ImageSize = tuple[int, int]


def checked_size(image_size: int | tuple[int, int]) -> ImageSize:
    """`(height, width)` from one number or two, if they are positive."""
    pair = (image_size, image_size) if isinstance(image_size, int) else image_size
    if len(pair) != 2 or not all(isinstance(n, int) and n > 0 for n in pair):
        raise ValueError(
            "Expected a positive number of pixels or a pair (height, width). "
            f"Received: image_size={image_size}"
        )
    return pair


def triangle_weights(size: int, new_size: int) -> np.ndarray:
    """Weights of linear interpolation that averages when it makes smaller.

    Args:
        size: samples there are.
        new_size: samples wanted.

    Returns:
        float32 `(new_size, size)`, rows that sum to 1: multiply a signal by it.
    """
    scale = size / new_size
    centres = (np.arange(new_size) + 0.5) * scale - 0.5
    distance = np.abs(np.arange(size) - centres[:, np.newaxis])
    weights = np.maximum(0, 1 - distance / max(scale, 1))
    return (weights / weights.sum(axis=1, keepdims=True)).astype(np.float32)


def resize_images(images: np.ndarray, image_size: ImageSize) -> np.ndarray:
    """Resizes pictures with a triangle filter, as `tf.image.resize(antialias=True)`.

    Args:
        images: float32 `(..., H, W, C)`.
        image_size: `(height, width)`.

    Returns:
        float32 `(..., height, width, C)`.
    """
    if images.shape[-3:-1] == image_size:
        return images
    rows = triangle_weights(images.shape[-3], image_size[0])
    columns = triangle_weights(images.shape[-2], image_size[1])
    narrow = np.einsum("xw,...hwc->...hxc", columns, images, optimize=True)
    return np.einsum("yh,...hxc->...yxc", rows, narrow, optimize=True)


def resize_nearest(maps: np.ndarray, image_size: ImageSize) -> np.ndarray:
    """Resizes maps of numbers that must not be mixed: masks of classes.

    Args:
        maps: `(..., H, W)`.
        image_size: `(height, width)`.

    Returns:
        `(..., height, width)` of the same dtype.
    """
    rows, columns = (
        ((np.arange(new) + 0.5) * old / new).astype(int)
        for old, new in zip(maps.shape[-2:], image_size, strict=True)
    )
    return maps[..., rows[:, np.newaxis], columns]


def _resized(name: str, values: np.ndarray, image_size: ImageSize) -> np.ndarray:
    if name in ("image", "next_image"):
        return resize_images(values, image_size)
    if name == "flow":
        height, width = values.shape[-3:-1]
        factors = np.array([image_size[1] / width, image_size[0] / height], np.float32)
        return resize_images(values, image_size) * factors
    if name in ("mask", "valid"):
        return resize_nearest(values, image_size)
    return values  # boxes are relative to the picture; labels and captions stay


def resize_elements(
    elements: tuple | Mapping[str, Any], image_size: ImageSize
) -> tuple | dict[str, Any]:
    """Resizes the pictures of a data set with all that is measured on them.

    Args:
        elements: arrays `(images, labels)` or a dictionary of arrays, or of lists where
            the pictures have different sizes.
        image_size: `(height, width)`.

    Returns:
        The same structure; lists have become arrays.
    """
    if isinstance(elements, tuple):
        images, labels = elements
        return resize_images(images, image_size), labels
    return {
        name: np.stack([_resized(name, value, image_size) for value in values])
        if isinstance(values, list)
        else _resized(name, values, image_size)
        for name, values in elements.items()
    }
