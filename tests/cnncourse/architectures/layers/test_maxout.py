"""Maxout."""

import numpy as np
import pytest

from cnncourse.architectures.layers import Maxout
from cnncourse.ops import maxout


def test_greatest_of_neighbours() -> None:
    x = np.array([[1.0, 5, 2, -3, -1, -2]], "float32")
    np.testing.assert_array_equal(Maxout(2)(x), [[5, 2, -1]])
    np.testing.assert_array_equal(Maxout(3)(x), [[5, -1]])


def test_equals_the_operator() -> None:
    x = np.random.default_rng(0).normal(size=(2, 3, 4, 6)).astype("float32")
    np.testing.assert_array_equal(Maxout(3)(x), maxout(x, 3))


def test_wrong_pieces() -> None:
    with pytest.raises(ValueError, match=r"Expected pieces >= 1. Received: pieces=0"):
        Maxout(0)
    with pytest.raises(ValueError, match="Expected channels that 4 divides"):
        Maxout(4).compute_output_shape((None, 6))
