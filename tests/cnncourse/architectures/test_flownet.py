import re

import keras
import numpy as np
import pytest

from cnncourse.architectures.catalogue import create, outline

SMALL = {"input_shape": (64, 128, 6), "width": 4, "max_displacement": 4}
NAMES = ("flownet_simple", "flownet_correlated")


@pytest.mark.parametrize("name", NAMES)
def test_flow_has_two_values_for_each_pixel(name: str) -> None:
    assert create(name, **SMALL).output_shape == (None, 64, 128, 2)


@pytest.mark.parametrize("name", NAMES)
def test_auxiliary_flows_go_from_fine_to_coarse(name: str) -> None:
    model = outline(name, auxiliary_heads=True, **SMALL)
    heights = [shape[1] for shape in model.output_shape]
    assert heights == [64, 16, 8, 4, 2, 1]


def test_the_pictures_share_their_convolutions_until_they_are_compared() -> None:
    model = create("flownet_correlated", **SMALL)
    alike = keras.Model(model.input, model.get_layer("correlation").output)
    picture = np.random.default_rng(0).normal(size=(1, 64, 128, 3))
    itself = np.asarray(alike(np.concatenate([picture, picture], -1)))
    inside = itself[0, 2:-2, 2:-2]
    assert itself.shape == (1, 8, 16, 25)
    # summed over the pixels, nothing is more alike than what did not move
    assert inside.sum((0, 1)).argmax() == 12


def test_displacements_are_those_of_the_paper() -> None:
    model = outline("flownet_correlated")
    assert model.get_layer("correlation").output.shape == (None, 48, 64, 441)
    assert model.get_layer("correlation_concat").output.shape == (None, 48, 64, 473)


@pytest.mark.parametrize("shape", [(60, 64, 6), (64, 100, 6), (64, 64, 5)])
def test_sizes_that_do_not_fit_are_refused(shape: tuple[int, ...]) -> None:
    text = f"multiples of 64 and an even number of channels, for two pictures. \
Received: input_shape={shape}"
    with pytest.raises(ValueError, match=re.escape(text)):
        outline("flownet_simple", shape)
