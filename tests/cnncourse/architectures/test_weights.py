from typing import Any

import keras
import numpy as np
import pytest

from cnncourse.architectures.catalogue import create
from cnncourse.architectures.weights import load_weights_from

NETS = {  # ours: theirs, a size of the picture
    "vgg16": (keras.applications.VGG16, 32),
    "vgg19": (keras.applications.VGG19, 32),
    "resnet50_v1": (keras.applications.ResNet50, 64),
    "resnet101_v1": (keras.applications.ResNet101, 64),
    "resnet152_v1": (keras.applications.ResNet152, 64),
    "inception_v3": (keras.applications.InceptionV3, 75),
}
QUICK = ("vgg16", "resnet50_v1", "inception_v3")


def reference(name: str, **options: Any) -> keras.Model:
    """A net of keras.applications whose weights, all of them, are random."""
    build, size = NETS[name]
    keras.utils.set_random_seed(0)
    options = {"classifier_activation": None, "classes": 10, **options}
    model = build(weights=None, input_shape=(size, size, 3), **options)
    rng = np.random.default_rng(0)
    for weight in model.weights:
        if weight.name in ("bias", "beta", "moving_mean"):
            weight.assign(rng.normal(0, 0.1, weight.shape))
        if weight.name in ("gamma", "moving_variance"):
            weight.assign(rng.uniform(0.5, 1.5, weight.shape))
    return model


@pytest.mark.parametrize(
    "name",
    [pytest.param(n, marks=() if n in QUICK else pytest.mark.slow) for n in NETS],
)
def test_outputs_equal_those_of_keras(name: str) -> None:
    theirs, size = reference(name), NETS[name][1]
    ours = create(name, (size, size, 3), 10)
    images = np.random.default_rng(1).normal(size=(2, size, size, 3))
    expected = np.asarray(theirs(images))
    load_weights_from(ours, theirs)
    difference = np.abs(np.asarray(ours(images)) - expected).max()
    print(f"{name}: {difference:.2e} of {np.abs(expected).max():.2e}")
    assert difference < 1e-4 * np.abs(expected).max()


@pytest.fixture(scope="module")
def resnet50() -> keras.Model:
    return reference("resnet50_v1")


@pytest.mark.parametrize(
    ("name", "options", "text"),
    [
        ("resnet50", {}, r"'conv3_block1_1_conv' .*strides.*Received:"),
        ("resnet50_v1", {"num_classes": 11}, "'predictions' of reference='resnet50'"),
        (
            "resnet101_v1",
            {},
            "as many layers Conv2D as 'resnet101_v1' has: 104. Received: 53",
        ),
        ("resnet50_v1", {"width": 32}, r"'conv1_conv' .*\(7, 7, 3, 32\)"),
    ],
)
def test_another_net_is_refused(
    resnet50: keras.Model, name: str, options: dict, text: str
) -> None:
    options = {"num_classes": 10, **options}
    ours = create(name, (32, 32, 3), **options)
    before = ours.get_weights()[:6]
    with pytest.raises(ValueError, match=text):
        load_weights_from(ours, resnet50)
    for old, new in zip(before, ours.get_weights()[:6], strict=True):
        np.testing.assert_array_equal(old, new)
