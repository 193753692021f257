"""The picture of a failed check."""

import sys
import types
from io import BytesIO

import numpy as np
import pytest
from PIL import Image

from cnncourse import comparison_picture
from cnncourse.comparison_picture import display_comparison


@pytest.mark.parametrize("side", [2, 8, 16])
@pytest.mark.parametrize("dtype", [np.float32, np.int64, bool])
def test_small_matrices_are_drawn(side: int, dtype: type) -> None:
    expected = np.eye(side, dtype=dtype)
    png = comparison_picture.comparison_picture(expected[::-1].copy(), expected)
    assert png is not None
    with Image.open(BytesIO(png)) as picture:
        assert picture.width > 2 * picture.height
        assert len(picture.convert("RGB").getcolors(1 << 20) or []) > 3


@pytest.mark.parametrize("value", [np.nan, np.inf, 0.0, 1.0])
def test_odd_values_are_drawn(value: float) -> None:
    received, expected = np.full((2, 3), value), np.zeros((2, 3))
    assert comparison_picture.comparison_picture(received, expected)


@pytest.mark.parametrize(
    ("received", "expected"),
    [
        (np.ones(3), np.ones(3)),
        (np.ones((17, 2)), np.ones((17, 2))),
        (np.ones((2, 3)), np.ones((3, 2))),
        (np.ones((1, 1)), np.ones((1, 1))),
        (np.ones((2, 2)) * 1j, np.ones((2, 2))),
        (np.ones((0, 2)), np.ones((0, 2))),
    ],
)
def test_other_arrays_are_not_drawn(received: np.ndarray, expected: np.ndarray) -> None:
    assert comparison_picture.comparison_picture(received, expected) is None


def test_picture_is_displayed(monkeypatch: pytest.MonkeyPatch) -> None:
    shown: list = []
    module = types.ModuleType("IPython.display")
    monkeypatch.setattr(module, "Image", lambda **options: options, raising=False)
    monkeypatch.setattr(module, "display", shown.append, raising=False)
    monkeypatch.setitem(sys.modules, "IPython.display", module)
    display_comparison(np.ones((2, 2)), np.zeros((2, 2)))
    display_comparison(np.ones(2), np.zeros(2))
    assert [options["format"] for options in shown] == ["png"]
