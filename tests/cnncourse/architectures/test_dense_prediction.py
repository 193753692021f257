import re

import keras
import numpy as np
import pytest

from cnncourse.architectures.catalogue import create, outline
from cnncourse.architectures.counts import count_parameters
from cnncourse.architectures.dense_prediction import bilinear_kernel


@pytest.mark.parametrize("factor", [2, 8])
def test_the_bilinear_kernel_enlarges_as_interpolation_does(factor: int) -> None:
    enlarge = keras.layers.Conv2DTranspose(
        2,
        2 * factor,
        factor,
        "same",
        use_bias=False,
        kernel_initializer=bilinear_kernel,
    )
    maps = np.random.default_rng(0).normal(size=(1, 5, 6, 2)).astype("float32")
    expected = keras.layers.UpSampling2D(factor, interpolation="bilinear")(maps)
    inside = slice(factor, -factor)  # at the border the one adds zeros
    np.testing.assert_allclose(
        enlarge(maps)[:, inside, inside], expected[:, inside, inside], atol=1e-5
    )


def test_fcn_gives_scores_for_every_pixel_at_three_strides() -> None:
    def paths(name: str) -> int:
        model = create(name, (64, 32, 3), 3, width=0.125, units=8)
        assert model.output_shape == (None, 64, 32, 3)
        return sum("scores" in layer.name for layer in model.layers)

    assert [paths(name) for name in ("fcn32", "fcn16", "fcn8")] == [1, 2, 3]


def test_fcn_has_the_layers_of_vgg_16_and_its_scores() -> None:
    trunk = count_parameters(outline("vgg16")) - (4096 * 1000 + 1000)
    scores = [maps * 21 + 21 for maps in (4096, 512, 256)]
    enlarged = [size * size * 21 * 21 for size in (4, 4, 16)]
    assert count_parameters(outline("fcn8")) == trunk + sum(scores + enlarged)


def test_unet_is_the_figure_of_the_paper() -> None:
    model = outline("unet")
    assert model.output_shape == (None, 388, 388, 2)
    sizes = {
        name: model.get_layer(name).output.shape[1:]
        for name in ("down1_block2_relu", "down5_block2_relu", "up4_concat")
    }
    assert sizes == {
        "down1_block2_relu": (568, 568, 64),
        "down5_block2_relu": (28, 28, 1024),
        "up4_concat": (56, 56, 1024),
    }


def test_unet_can_keep_the_size() -> None:
    model = create("unet", (16, 24, 3), 4, depth=2, filters=2, padding="same")
    assert model.output_shape == (None, 16, 24, 4)


def test_srcnn_loses_twelve_pixels_or_none() -> None:
    assert outline("srcnn").output_shape == (None, 21, 21, 1)
    model = outline("srcnn", (33, 40, 3), padding="same")
    assert model.output_shape == (None, 33, 40, 3)


@pytest.mark.parametrize(
    ("name", "options", "text"),
    [
        ("fcn8", {"stride": 4}, "stride in (32, 16, 8). Received: stride=4"),
        ("fcn8", {"input_shape": (40, 32, 3)}, "multiples of 32. Received:"),
        ("unet", {"padding": "full"}, "'valid' or 'same'. Received: padding='full'"),
        ("unet", {"input_shape": (571, 572, 1)}, "input_shape=(571, 572, 1), which"),
    ],
)
def test_what_does_not_fit_is_refused(name: str, options: dict, text: str) -> None:
    with pytest.raises(ValueError, match=re.escape(text)):
        outline(name, **options)
