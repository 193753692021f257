"""Dilated convolutions as dense ones."""

from dataclasses import replace

import numpy as np
import pytest

from cnncourse.ops import im2col
from cnncourse.ops.dilation import dealt, dense_geometry, joined
from cnncourse.ops.geometry import Geometry

DILATED = [
    Geometry(2, (17,), 3, (4,), (1,), (3,), 2),
    Geometry(3, (12, 9), 2, (3, 2), (1, 1), (2, 3), 4, ((2, 1), (0, 3))),
    Geometry(1, (7, 6, 9), 1, (2, 1, 3), (1, 1, 1), (1, 2, 4), 2),
]


@pytest.mark.parametrize("g", DILATED)
def test_the_parts_are_convolved_alone(g: Geometry) -> None:
    rng = np.random.default_rng(0)
    x, w = rng.standard_normal(g.input_shape), rng.standard_normal(g.kernel_shape)
    dy = rng.standard_normal(g.output_shape)
    dense = dense_geometry(g)
    assert set(dense.dilation_rate) == {1}
    parts = dealt(x, g, dense.sizes)
    assert parts.shape == dense.input_shape
    received = joined(im2col.forward(parts, w, dense), g)
    np.testing.assert_allclose(received, im2col.forward(x, w, g), atol=1e-12)

    gradients = dealt(dy, g, dense.outputs)
    received = im2col.kernel_gradient(parts, gradients, dense)
    expected = im2col.kernel_gradient(x, dy, g)
    np.testing.assert_allclose(received, expected, atol=1e-12)


def test_every_other_pixel_is_one_part() -> None:
    g = Geometry(1, (5, 4), 1, (2, 2), (1, 1), (2, 2), 1)
    x = np.arange(20.0).reshape(1, 5, 4, 1)
    parts = dealt(x, g, (3, 2))[..., 0]
    np.testing.assert_array_equal(parts[0], [[0, 2], [8, 10], [16, 18]])
    np.testing.assert_array_equal(parts[3], [[5, 7], [13, 15], [0, 0]])


def test_without_dilation_nothing_is_dealt() -> None:
    g = Geometry(1, (5, 4), 2, (2, 2), (1, 1), (1, 1), 2, ((1, 0), (0, 0)))
    x = np.ones(g.input_shape)
    assert dealt(x, g, g.sizes) is x and joined(x, g) is x
    assert dense_geometry(g) == replace(g, pads=())
