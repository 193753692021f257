"""LeCun's squashing function."""

import numpy as np

from cnncourse.architectures.layers import ScaledTanh


def test_values() -> None:
    x = np.array([-100.0, -1, 0, 1, 100], "float32")
    expected = [-1.7159, -1, 0, 1, 1.7159]
    np.testing.assert_allclose(ScaledTanh()(x), expected, atol=1e-4)
    np.testing.assert_allclose(ScaledTanh(2, 1)(x), 2 * np.tanh(x), rtol=1e-6)
