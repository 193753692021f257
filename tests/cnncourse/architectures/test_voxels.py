import re

import pytest

from cnncourse.architectures.catalogue import outline


def test_maps_shrink_as_in_the_paper() -> None:
    model = outline("shapenets")
    sizes = [model.get_layer(f"stage{n}_conv").output.shape[1:] for n in (1, 2, 3)]
    assert sizes == [(13, 13, 13, 48), (5, 5, 5, 160), (2, 2, 2, 512)]


def test_it_takes_other_grids_and_classes() -> None:
    assert outline("shapenets", (32, 34, 30, 2), 10).output_shape == (None, 10)


def test_a_grid_that_is_too_small_is_refused() -> None:
    with pytest.raises(
        ValueError, match=re.escape("Received: input_shape=(9, 9, 9, 1)")
    ):
        outline("shapenets", (9, 9, 9, 1))
