"""Max-over-time pooling."""

import numpy as np
import pytest

from cnncourse.architectures.layers import MaxOverTime


def test_greatest_of_each_map() -> None:
    x = np.array([[[1.0, -4], [3, -5], [2, -6]]], "float32")
    np.testing.assert_array_equal(MaxOverTime()(x), [[3, -4]])


def test_wrong_axes() -> None:
    with pytest.raises(ValueError, match=r"Expected axes \(B, T, C\). Received"):
        MaxOverTime().compute_output_shape((None, 5, 4, 3))
