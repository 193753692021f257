"""What holds of every architecture, and the published numbers of each."""

import re
from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import Any

import keras
import numpy as np
import pytest

from cnncourse import architectures
from cnncourse.architectures.architecture import Architecture
from cnncourse.architectures.counts import count_macs, count_parameters
from cnncourse.catalogue import UnknownNameError

ALL = architectures.ARCHITECTURES
FIRST = {entry.build: name for name, entry in reversed([*ALL.items()])}.values()
# one of each kind by default, and all by `make test-slow`
each = pytest.mark.parametrize(
    "name", [n if n in FIRST else pytest.param(n, marks=pytest.mark.slow) for n in ALL]
)

# Parameters and multiply-accumulates that papers, torchvision and the lectures state,
# counted from their tables by hand; multiply-accumulates in thousands, rounded
PUBLISHED: dict[str, tuple[int, int | None]] = {
    "mlp": (28_326, None),
    "lenet1989": (9_760, None),
    "lenet1": (2_578, None),
    "lenet5_original": (60_000, None),
    "lenet5": (61_706, 417),
    "two_stage": (349_494, None),
    "alexnet": (60_965_224, 724_407),
    "alexnet_single_stream": (61_100_840, 714_188),
    "alexnet_one_column": (62_378_344, 1_135_256),
    "zfnet": (62_357_608, None),
    "vgg11": (132_863_336, 7_609_090),
    "vgg13": (133_047_848, 11_308_466),
    "vgg16_c": (133_638_952, None),
    "vgg16": (138_357_544, 15_470_264),
    "vgg19": (143_667_240, 19_632_062),
    "nin_cifar": (966_986, None),
    "nin": (1_992_166, None),
    "googlenet": (6_998_552, 1_582_672),
    "googlenet_bn": (6_624_904, 1_498_376),
    "inception_v3": (23_851_784 - 34_432, 5_713_216),  # without moving statistics
    "resnet18": (11_689_512, 1_814_073),
    "resnet34": (21_797_672, 3_663_761),
    "resnet50": (25_557_032, 4_089_184),
    "resnet101": (44_549_160, 7_801_405),
    "resnet152": (60_192_808, 11_513_627),
    "resnet50_v1": (25_557_032, 3_857_973),
    "resnet101_v1": (44_549_160, 7_570_194),
    "resnet152_v1": (60_192_808, 11_282_416),
    "cifar_resnet20": (269_722, 40_551),
    "cifar_resnet32": (464_154, 68_863),
    "cifar_resnet44": (658_586, 97_174),
    "cifar_resnet56": (853_018, 125_486),
    "cifar_resnet110": (1_727_962, 252_888),
    "cifar_resnet1202": (19_421_274, 2_829_239),
    "sentence_cnn_static": (360_902, None),
    "srcnn": (8_129, None),
}


@pytest.mark.parametrize("name", PUBLISHED)
def test_the_published_numbers(name: str) -> None:
    parameters, thousands = PUBLISHED[name]
    assert ALL[name].parameters == parameters
    macs = ALL[name].macs
    if thousands is not None:
        assert macs is not None and round(macs / 1000) == thousands


def test_auxiliary_heads() -> None:
    for name, parameters in (("googlenet", 13_378_280), ("googlenet_bn", 13_004_888)):
        model = architectures.outline(name, auxiliary_heads=True)
        assert count_parameters(model) == parameters


@pytest.mark.parametrize(
    "name",
    [
        pytest.param(name, marks=pytest.mark.slow if name == "cifar_resnet1202" else ())
        for name in ALL
    ],
)
def test_the_record_is_what_is_built(name: str) -> None:
    entry = ALL[name]
    model = architectures.outline(name)
    assert count_parameters(model) == entry.parameters
    assert model.inputs[0].shape[1:] == entry.input_shape
    if entry.macs is not None:
        assert count_macs(model) == entry.macs
    names = [layer.name for layer in model.layers]
    assert all(re.fullmatch(r"[a-z][a-z0-9_]*", layer) for layer in names)
    assert model.name == name


@pytest.mark.parametrize("name", ALL)
def test_docstring(name: str) -> None:
    entry = ALL[name]
    text = entry.build.__doc__ or ""
    module = __import__(entry.build.__module__, fromlist=["_"]).__doc__ or ""
    assert "Source:" in text + module or "lecture" in text
    assert 1950 < entry.year < 2030 and entry.paper


@cache
def reduced(name: str) -> keras.Model:
    keras.utils.set_random_seed(1)
    return architectures.create(name, **ALL[name].reduced)


def batch(model: keras.Model, size: int = 4) -> Any:
    random = np.random.default_rng(0)
    return alone(
        [
            random.integers(1, 3, (size, *x.shape[1:])).astype("int32")
            if "int" in x.dtype
            else random.normal(size=(size, *x.shape[1:])).astype("float32")
            for x in model.inputs
        ]
    )


def alone(values: list) -> Any:
    """The values, or the only one."""
    return values if len(values) > 1 else values[0]


def arrays(outputs: Any) -> list[np.ndarray]:
    outputs = outputs if isinstance(outputs, list | tuple) else [outputs]
    return [np.asarray(keras.ops.convert_to_numpy(y), "float32") for y in outputs]


def targets(model: keras.Model, classes: int | None) -> tuple[Any, Any]:
    """Targets for a batch of four, and the losses that compare with them."""
    random = np.random.default_rng(1)
    values, losses = [], []
    for y in model.outputs:
        if classes is not None and y.shape[-1] == classes:
            values.append(random.integers(0, classes, (4, *y.shape[1:-1])))
            losses.append(keras.losses.SparseCategoricalCrossentropy(from_logits=True))
        else:
            values.append(random.normal(size=(4, *y.shape[1:])).astype("float32"))
            losses.append(keras.losses.MeanSquaredError())
    return alone(values), alone(losses)


def losses_of_steps(name: str, model: keras.Model, steps: int, **how: Any) -> list:
    """The loss before each of some training steps on one batch."""
    values, losses = targets(model, ALL[name].reduced.get("num_classes"))
    model.compile(keras.optimizers.Adam(1e-5), losses, **how)
    x = batch(model)
    return [float(np.ravel(model.train_on_batch(x, values))[0]) for _ in range(steps)]


@each
def test_it_builds(name: str) -> None:
    model = reduced(name)
    classes = ALL[name].reduced.get("num_classes")
    if classes is not None:
        assert model.outputs[0].shape[-1] == classes
    outputs = arrays(model(batch(model), training=False))
    assert all(np.isfinite(y).all() for y in outputs)


@each
def test_saved_and_loaded(name: str, tmp_path: Path) -> None:
    model = reduced(name)
    model.save(tmp_path / "model.keras")
    loaded = keras.models.load_model(tmp_path / "model.keras")
    x = batch(model)
    for y, again in zip(arrays(model(x)), arrays(loaded(x)), strict=True):
        np.testing.assert_array_equal(y, again)


@each
def test_eager_equals_compiled(name: str) -> None:
    model = reduced(name)
    x = batch(model)
    compiled = arrays(model.predict_on_batch(x))
    for y, again in zip(arrays(model(x, training=False)), compiled, strict=True):
        np.testing.assert_allclose(y, again, rtol=1e-3, atol=1e-4)


@each
def test_a_step_lowers_the_loss(name: str) -> None:
    keras.utils.set_random_seed(1)
    model = architectures.create(name, **ALL[name].reduced)
    # to trace a step of TensorFlow takes longer than the step
    eager = keras.backend.backend() == "tensorflow"
    before, after = losses_of_steps(name, model, 2, run_eagerly=eager)
    assert after < before


@each
def test_mixed_precision(name: str) -> None:
    # JAX would compile each operation of an eager step alone
    eager = keras.backend.backend() != "jax"
    keras.utils.set_random_seed(1)
    keras.config.set_dtype_policy("mixed_float16")
    try:
        model = architectures.create(name, **ALL[name].reduced)
    finally:
        keras.config.set_dtype_policy("float32")
    assert all(np.isfinite(losses_of_steps(name, model, 2, run_eagerly=eager)))


def test_list() -> None:
    assert architectures.list() == tuple(ALL)
    assert architectures.list(year=1998) == tuple(
        name for name, entry in ALL.items() if entry.year == 1998
    )
    early = architectures.list(year=range(1980, 2000), at_most=10_000)
    assert early == ("lenet1989", "lenet1")
    assert "unet" in architectures.list(task="segmentation")


def test_list_of_an_unknown_task() -> None:
    with pytest.raises(ValueError, match=r"Expected task in \('classif.*'cooking'"):
        architectures.list(task="cooking")


def test_options_go_before_those_of_the_entry() -> None:
    model = architectures.create("mlp", input_shape=(4, 4, 1), units=(3, 2))
    assert count_parameters(model) == 16 * 3 + 3 + 3 * 2 + 2 + 2 * 26 + 26


def test_an_outline_has_no_values() -> None:
    model = architectures.outline("vgg19")
    assert count_parameters(model) == 143_667_240
    assert model.weights[0]._value is None


@pytest.mark.parametrize("make", [architectures.create, architectures.outline])
@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("resnet5",), r"Did you mean .*'resnet50'.* Received: 'resnet5'"),
        (("alexnet", (66, 66, 3)), r"large enough for every layer of 'alexnet', such"),
        (("lenet1", (12, 12, 1)), r"large enough for every layer of 'lenet1'"),
        (("lenet5", (28, 28)), r"Expected an input_shape like \(32, 32, 1\) for 'le"),
        (("lenet5", (1, 28, 28)), r"channels last, as in \(28, 28, 1\).*\(1, 28, 28\)"),
        (("vgg16", (3, 224, 224)), r"channels last, as in \(224, 224, 3\)"),
        (("lenet5", (0, 28, 1)), r"Expected sizes >= 1. Received"),
        (("lenet5", None, 0), r"Expected num_classes >= 1. Received: num_classes=0"),
    ],
)
def test_one_clear_error(make: Callable, arguments: tuple, message: str) -> None:
    with pytest.raises((ValueError, UnknownNameError), match=message) as caught:
        make(*arguments)
    assert "\n" not in str(caught.value)


def test_keras_set_to_channels_first() -> None:
    keras.config.set_image_data_format("channels_first")
    try:
        with pytest.raises(ValueError, match="image_data_format to be 'channels_last'"):
            architectures.create("lenet5")
    finally:
        keras.config.set_image_data_format("channels_last")


def test_other_errors_of_a_build_pass_through() -> None:
    with pytest.raises(ValueError, match="Expected configuration in A, B, C, D, E"):
        architectures.create("vgg16", configuration="F")


def test_records() -> None:
    assert all(isinstance(entry, Architecture) for entry in ALL.values())
    assert all(name == entry.name for name, entry in ALL.items())
