"""The entries of sliding windows."""

import numpy as np
import pytest

from cnncourse.architectures.layers.taps import known_product, output_size, taps


def test_row_by_row() -> None:
    x = np.arange(9, dtype="float32").reshape(1, 3, 3, 1)
    seen = [np.asarray(tap)[0, :, :, 0] for tap in taps(x, 2, 1, 0)]
    np.testing.assert_array_equal(seen[0], [[0, 1], [3, 4]])
    np.testing.assert_array_equal(seen[1], [[1, 2], [4, 5]])
    np.testing.assert_array_equal(seen[3], [[4, 5], [7, 8]])


@pytest.mark.parametrize("strides", [1, 2, 3])
@pytest.mark.parametrize("padding", [0, 1])
def test_as_many_as_there_are_windows(strides: int, padding: int) -> None:
    windows = taps(np.zeros((2, 8, 5, 3), "float32"), 3, strides, padding)
    sizes = [output_size(size, 3, strides, padding) for size in (8, 5)]
    assert {tuple(window.shape) for window in windows} == {(2, *sizes, 3)}


def test_unknown_sizes() -> None:
    assert output_size(None, 3, 1, 0) is None
    assert known_product((2, 3)) == 6
    with pytest.raises(ValueError, match="Expected sizes that are all known"):
        known_product((2, None))


def test_no_room() -> None:
    with pytest.raises(ValueError, match=r"at least 3. Received: 2"):
        output_size(2, 5, 1, 1)
