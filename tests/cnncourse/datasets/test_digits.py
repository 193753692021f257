"""The digits are those of scikit-learn."""

import numpy as np

from cnncourse.datasets.digits import digits


def test_digits_are_those_of_scikit_learn() -> None:
    from sklearn.datasets import load_digits

    expected = load_digits()
    images, labels = digits()
    assert images.dtype == np.float32 and labels.dtype == np.int64
    np.testing.assert_array_equal(images, expected.images / 16)
    np.testing.assert_array_equal(labels, expected.target)
