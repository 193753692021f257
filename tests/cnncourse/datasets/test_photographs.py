"""Every photograph of the catalogue can be loaded and says whose it is."""

import numpy as np
import pytest

from cnncourse.datasets.photographs import PHOTOGRAPHS, photograph

COLOURED = {"astronaut", "cat", "coffee", "rocket", "china", "flower", "retina"}


@pytest.mark.parametrize("name", list(PHOTOGRAPHS))
def test_photograph(name: str) -> None:
    picture = photograph(name)
    assert picture.dtype == np.float32
    assert picture.ndim == (3 if name in COLOURED else 2)
    assert name not in COLOURED or picture.shape[-1] == 3
    assert min(picture.shape[:2]) > 100
    assert 0 <= picture.min() < 0.5 < picture.max() <= 1
    assert picture.std() > 0.05
    record = PHOTOGRAPHS[name]
    assert record.licence and record.source


def test_each_call_gives_its_own_array() -> None:
    first = photograph("coins")
    first[:] = 0
    assert photograph("coins").max() > 0.9


def test_unknown_photograph() -> None:
    with pytest.raises(KeyError, match=r"Did you mean 'camera'\? Received: 'kamera'"):
        photograph("kamera")
