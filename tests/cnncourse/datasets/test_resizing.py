"""Pictures are resized as TensorFlow does, and all that is measured on them follows."""

import numpy as np
import pytest

from cnncourse.datasets.resizing import (
    checked_size,
    resize_elements,
    resize_images,
    resize_nearest,
    triangle_weights,
)


@pytest.mark.parametrize("size", [(5, 7), (12, 12), (30, 9), (64, 64)])
def test_images_as_tensorflow_resizes_them(size: tuple) -> None:
    import tensorflow as tf

    images = np.random.default_rng(0).random((2, 24, 17, 3), np.float32)
    expected = tf.image.resize(images, size, antialias=True)
    result = resize_images(images, size)
    assert result.dtype == np.float32
    np.testing.assert_allclose(result, expected, atol=2e-6)


def test_its_own_size_changes_nothing() -> None:
    images = np.random.default_rng(0).random((1, 6, 5, 1), np.float32)
    assert resize_images(images, (6, 5)) is images
    np.testing.assert_array_equal(triangle_weights(4, 4), np.eye(4))


def test_half_a_mask() -> None:
    mask = np.kron(np.array([[0, 1], [2, 3]]), np.ones((2, 2), int))
    np.testing.assert_array_equal(resize_nearest(mask, (2, 2)), [[0, 1], [2, 3]])


def test_elements_follow_the_picture() -> None:
    """Flow is measured in pixels, boxes in shares of the sides."""
    elements = {
        "image": np.ones((1, 8, 4, 3), np.float32),
        "flow": np.full((1, 8, 4, 2), 2, np.float32),
        "valid": np.ones((1, 8, 4), bool),
        "boxes": np.array([[[0, 0, 1, 0.5]]], np.float32),
    }
    result = resize_elements(elements, (4, 8))
    assert {name: value.shape[1:3] for name, value in result.items()} == {
        "image": (4, 8), "flow": (4, 8), "valid": (4, 8), "boxes": (1, 4)
    }  # fmt: skip
    np.testing.assert_allclose(result["flow"][0, 0, 0], [4, 1])
    np.testing.assert_array_equal(result["boxes"], elements["boxes"])
    pictures = {"image": [np.ones((3, 5, 3), np.float32), np.ones((9, 2, 3))]}
    assert resize_elements(pictures, (4, 4))["image"].shape == (2, 4, 4, 3)


def test_size() -> None:
    assert checked_size(7) == (7, 7) and checked_size((3, 5)) == (3, 5)


@pytest.mark.parametrize("size", [0, (3, -1), (1, 2, 3), (2.5, 2)])
def test_wrong_size(size) -> None:
    with pytest.raises(ValueError, match=r"Expected a positive number.*image_size="):
        checked_size(size)
