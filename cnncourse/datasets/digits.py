"""Handwritten digits of 8 x 8 pixels: small, real and always there."""

import numpy as np

from cnncourse.datasets.installed import installed_file

DIGITS_FILE = ("sklearn", "datasets/data/digits.csv.gz")
HIGHEST_VALUE = 16  # a pixel counts the inked ones among 4 x 4 pixels of the scan


def digits() -> tuple[np.ndarray, np.ndarray]:
    """Loads the digits that scikit-learn carries.

    Returns:
        images: float32 `(1797, 8, 8)`, values in [0, 1], 1 is ink.
        labels: int64 `(1797,)`, values in 0..9.

    Raises:
        FileNotFoundError: if scikit-learn is not installed.

    Source: E. Alpaydin and C. Kaynak, Optical Recognition of Handwritten Digits, UCI
    Machine Learning Repository, 1998 (the test part; CC BY 4.0).
    """
    file = installed_file(*DIGITS_FILE)
    table = np.loadtxt(file, delimiter=",", dtype=np.float32)
    images = table[:, :-1].reshape(-1, 8, 8) / np.float32(HIGHEST_VALUE)
    return images, table[:, -1].astype(np.int64)
