"""What every transformation promises."""

import subprocess
import sys
from typing import Any

import numpy as np
import pytest

from cnncourse import augmentation
from cnncourse.augmentation import (
    POLICIES,
    AlternatingFlip,
    Brightness,
    CentreCrop,
    Contrast,
    Crop,
    CutMix,
    Erasing,
    Hue,
    Mirror,
    MixUp,
    PCAColour,
    Policy,
    RandAugment,
    Rotation,
    Saturation,
    Scale,
    Shear,
    Transformation,
    Translation,
)

tf = pytest.importorskip("tensorflow")

COLOUR = [Brightness(), Contrast(), Saturation(), Hue(), PCAColour()]
GEOMETRY = [
    Translation(0.2),
    Scale(0.2, 0.2),
    Rotation(20),
    Shear(0.2),
    Shear(0.2, vertical=True),
    Crop(pad=4),
    Crop(0.75),
    Mirror(),
    Mirror(vertical=True),
    AlternatingFlip(),
    CentreCrop(16, shorter=18),
    Policy(Rotation(20), Shear(0.2), Crop(16), Mirror()),
    RandAugment(),
]
REST = [Erasing(), Erasing(value=None), MixUp(classes=3), CutMix(classes=3)]
ALL = [*GEOMETRY, *COLOUR, *REST, Policy(*COLOUR, Erasing())]
COUNT, HEIGHT, WIDTH = 8, 20, 24


def name(value: Any) -> str:
    return repr(value)[:60]


def element(t: Transformation, dtype: str) -> dict[str, np.ndarray]:
    rng = np.random.default_rng(0)
    image = rng.integers(0, 256, (COUNT, HEIGHT, WIDTH, 3), "uint8")
    made: dict[str, np.ndarray] = {"image": image}
    if dtype == "float32":
        made["image"] = image.astype("float32") / np.float32(255)
    if isinstance(t, MixUp | CutMix):
        made["label"] = np.arange(COUNT) % 3
    else:
        made["mask"] = (image[..., 0] > 127).astype("int32")
        box = np.float32([[2, 3, 10, 12], [0, 0, 0, 0]])
        made["boxes"] = np.tile(box, (COUNT, 1, 1))
    return made


def arrays(of: Any) -> Any:
    return {key: np.asarray(value) for key, value in of.items()}


@pytest.mark.parametrize("dtype", ["float32", "uint8"])
@pytest.mark.parametrize("t", ALL, ids=name)
def test_the_same_in_eager_tf_data_and_xla(t: Transformation, dtype: str) -> None:
    data = element(t, dtype)

    def call(e: dict, seed: Any) -> dict:
        return t(e, seed, epoch=tf.constant(1), index=tf.range(COUNT))

    eager = arrays(call(data, 3))
    mapped = tf.data.Dataset.from_tensors(data).map(
        lambda e: call(e, tf.constant(3, tf.int64))
    )
    compiled = tf.function(call, jit_compile=True)
    tensors = tf.nest.map_structure(tf.constant, data)
    for other in (
        arrays(next(iter(mapped))),
        arrays(compiled(tensors, tf.constant(3))),
    ):
        assert other.keys() == eager.keys()
        for key, value in eager.items():
            assert other[key].dtype == value.dtype
            # a half may be rounded up or down
            limit = 1 if value.dtype == np.uint8 else 1e-5
            difference = np.abs(other[key].astype("f8") - value.astype("f8"))
            assert difference.max() <= limit, key


@pytest.mark.parametrize("dtype", ["float32", "uint8"])
@pytest.mark.parametrize("t", ALL, ids=name)
def test_keeps_dtype_and_range(t: Transformation, dtype: str) -> None:
    data = element(t, dtype)
    changed = np.asarray(t(data, 5, epoch=0, index=np.arange(COUNT))["image"])
    assert changed.dtype == dtype and changed.shape[0] == COUNT
    assert changed.min() >= 0 and changed.max() <= (255 if dtype == "uint8" else 1)
    assert np.isfinite(changed).all()


@pytest.mark.parametrize("t", ALL, ids=name)
def test_a_seed_gives_one_result_and_another_gives_another(t: Transformation) -> None:
    data = element(t, "float32")
    first, again, other = (
        np.asarray(t(data, seed, epoch=0, index=np.arange(COUNT))["image"])
        for seed in (1, 1, 2**40 + 1)
    )
    np.testing.assert_array_equal(first, again)
    assert np.array_equal(first, other) == isinstance(t, AlternatingFlip | CentreCrop)


@pytest.mark.parametrize("t", ALL, ids=name)
def test_pictures_of_a_batch_change_independently(t: Transformation) -> None:
    data = {"image": np.repeat(element(t, "float32")["image"][:1], 16, axis=0)}
    if isinstance(t, MixUp | CutMix):  # the mixture of equal pictures is the picture
        np.testing.assert_allclose(t(data, 1)["image"], data["image"], atol=1e-6)
        return
    changed = np.asarray(t(data, 1, epoch=0, index=np.arange(16))["image"])
    differs = [not np.array_equal(changed[0], one) for one in changed[1:]]
    assert any(differs) != isinstance(t, CentreCrop)


@pytest.mark.parametrize("t", [*GEOMETRY, *COLOUR], ids=name)
def test_one_picture_comes_back_without_a_batch(t: Transformation) -> None:
    data = {key: value[0] for key, value in element(t, "float32").items()}
    changed = t({**data, "name": "kept"}, 1, epoch=0, index=0)
    assert changed["image"].shape[-1] == 3 and len(changed["image"].shape) == 3
    assert tuple(changed["mask"].shape) == tuple(changed["image"].shape[:2])
    assert changed["boxes"].shape == (2, 4) and changed["name"] == "kept"


@pytest.mark.parametrize("t", GEOMETRY, ids=name)
def test_masks_move_with_their_picture(t: Transformation) -> None:
    rows, columns = np.mgrid[:HEIGHT, :WIDTH]
    disc = (rows - 9) ** 2 + (columns - 13) ** 2 < 30
    image = np.repeat(disc[..., None].astype("float32"), 3, axis=-1)
    batch = {"image": np.stack([image] * 16), "mask": np.stack([disc * 3] * 16)}
    moved = t(batch, 7, epoch=0, index=np.arange(16))
    picture, mask = np.asarray(moved["image"]), np.asarray(moved["mask"])
    assert set(np.unique(mask)) <= {0, 3} and (mask == 3).any()
    if isinstance(t, RandAugment):  # changes colours too, so the picture tells nothing
        return
    agree = (picture[..., 0] > 0.5) == (mask == 3)
    assert agree.mean() > 0.96  # the rest lies on the edge of the disc


@pytest.mark.parametrize("t", GEOMETRY, ids=name)
def test_boxes_move_with_their_picture(t: Transformation) -> None:
    mask = np.zeros((16, HEIGHT, WIDTH), "int32")
    mask[:, 6:14, 8:17] = 1
    boxes = np.tile(np.float32([[8, 6, 17, 14]]), (16, 1, 1))
    image = np.repeat(mask[..., None].astype("float32"), 3, axis=-1)
    data = {"image": image, "mask": mask, "boxes": boxes}
    moved = t(data, 7, epoch=0, index=np.arange(16))
    for one, box in zip(np.asarray(moved["mask"]), moved["boxes"], strict=True):
        rows, columns = np.nonzero(one)
        if len(rows) == 0:
            continue
        found = [columns.min(), rows.min(), columns.max() + 1, rows.max() + 1]
        # a slanted corner may fall between the pixels' centres
        np.testing.assert_allclose(np.asarray(box)[0], found, atol=2)


def test_boxes_that_leave_become_zeros() -> None:
    boxes = np.float32([[0, 0, 3, 3], [0, 0, 0, 0]])
    data = {"image": np.ones((20, 20, 1), "float32"), "boxes": boxes}
    np.testing.assert_array_equal(CentreCrop(8, None)(data)["boxes"], np.zeros((2, 4)))


def test_large_pictures_are_cut_in_the_same_way() -> None:
    image = np.random.default_rng(0).integers(0, 256, (4, 120, 100, 3), "uint8")
    for t in (Policy(Crop(pad=9), Mirror(), Mirror(vertical=True)), Crop(0.5)):
        graph = tf.function(lambda x, t=t: t(x, 3))
        np.testing.assert_array_equal(graph(tf.constant(image)), t(image, 3))


def test_pairs_stay_pairs() -> None:
    image, label = Mirror(1.0)((np.ones((2, 4, 4, 1), "float32"), np.arange(2)), 0)
    assert image.shape == (2, 4, 4, 1)
    np.testing.assert_array_equal(label, [0, 1])


def test_the_same_on_another_backend() -> None:
    pytest.importorskip("jax", reason="needs JAX beside TensorFlow")
    code = (
        "import numpy as np; from cnncourse.augmentation import *; "
        "x = np.linspace(0, 1, 720).astype('float32').reshape(2, 12, 10, 3);"
        "p = Policy(Rotation(20), Crop(pad=2), Mirror(), PCAColour(), Erasing());"
        "print(repr(np.asarray(p(x, 2**40 + 3)).sum(axis=(1, 2, 3)).tolist()))"
    )
    found = [
        subprocess.run(
            [sys.executable, "-W", "ignore", "-c", code],
            env={"KERAS_BACKEND": backend, "PATH": "", "TF_CPP_MIN_LOG_LEVEL": "3"},
            capture_output=True,
            text=True,
            check=True,
        ).stdout
        for backend in ("jax", "tensorflow")
    ]
    np.testing.assert_allclose(*(eval(text) for text in found), rtol=1e-5)


@pytest.mark.parametrize(
    "make, message",
    [
        (lambda: Translation(2), r"share in \[0, 1\].*share=2"),
        (lambda: Translation(fill="wrap"), "constant, nearest.*fill='wrap'"),
        (lambda: Scale(1.0), r"amount in \[0, 0.9\]"),
        (lambda: Scale(0.1, squeeze=-1), "squeeze"),
        (lambda: Rotation(200), r"degrees in \[0, 180\]"),
        (lambda: Shear(-0.1), "amount"),
        (lambda: Crop(0), "size=0"),
        (lambda: Crop(1.5), "size=1.5"),
        (lambda: Crop(pad=-1), "pad=-1"),
        (lambda: Mirror(1.1), "probability=1.1"),
        (lambda: AlternatingFlip(-1), "seed=-1"),
        (lambda: Brightness(-1), "amount"),
        (lambda: Contrast(2), "amount=2"),
        (lambda: Saturation(2), "amount=2"),
        (lambda: Hue(360), "degrees=360"),
        (lambda: PCAColour(-1), "deviation=-1"),
        (lambda: Erasing(2), "probability=2"),
        (lambda: Erasing(area=(0.5, 0.1)), "two ordered numbers"),
        (lambda: Erasing(ratio=0.5), "ratio of at least 1"),
        (lambda: Erasing(value=7), "value=7"),
        (lambda: MixUp(0), "alpha=0"),
        (lambda: CutMix(2), "alpha=2"),
        (lambda: RandAugment(0), "count=0"),
        (lambda: RandAugment(magnitude=11), "magnitude=11"),
        (lambda: CentreCrop(0), "size=0"),
        (lambda: CentreCrop(8, shorter=4), "shorter=4"),
        (lambda: Policy("mirror"), "Received: 'mirror'"),
    ],
)
def test_refuses_wrong_parameters(make: Any, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        make()


@pytest.mark.parametrize(
    "t, data, message",
    [
        (Mirror(), np.ones((4, 4), "float32"), r"image.shape=\(4, 4\)"),
        (Mirror(), np.ones((4, 4, 1)), "image.dtype=float64"),
        (Mirror(), {"label": 1}, "with an image"),
        (Crop(9), np.ones((4, 4, 1), "float32"), "at least 9 pixels.*Received: 4"),
        (CentreCrop(9, None), np.ones((4, 4, 1), "float32"), "at least 9 pixels"),
        (Saturation(), np.ones((4, 4, 1), "float32"), "3 channels.*channels=1"),
        (Hue(), np.ones((4, 4, 1), "float32"), "channels=1"),
        (PCAColour(), np.ones((4, 4, 1), "float32"), "channels=1"),
        (RandAugment(), np.ones((4, 4, 1), "float32"), r"channels=1"),
        (AlternatingFlip(), np.ones((4, 4, 1), "float32"), "epoch=None, index=None"),
        (MixUp(), (np.ones((2, 4, 4, 1), "float32"), np.arange(2)), "one-hot"),
        (CutMix(), (np.ones((2, 4, 4, 1), "float32"), np.arange(2)), "classes=None"),
        (
            MixUp(),
            {"image": np.ones((1, 4, 4, 1), "float32"), "mask": np.ones((1, 4, 4))},
            r"without mask.*mask.shape=\(1, 4, 4\)",
        ),
        (
            CutMix(),
            {"image": np.ones((1, 4, 4, 1), "float32"), "boxes": np.ones((1, 1, 4))},
            "without boxes",
        ),
    ],
)
def test_refuses_wrong_pictures(t: Transformation, data: Any, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        t(data, 0)


@pytest.mark.parametrize("named", POLICIES)
def test_policies_change_what_they_are_meant_for(named: str) -> None:
    record = POLICIES[named]
    channels = 1 if named == "lenet" else 3
    shape = (2, record.size, record.size, channels)
    image = np.random.default_rng(0).integers(0, 256, shape, "uint8")
    changed = np.asarray(record.policy(image, 1))
    side = 224 if record.size == 256 else record.size
    assert changed.shape == (2, side, side, channels) and changed.dtype == np.uint8
    assert record.source and record.text


def test_unknown_names() -> None:
    with pytest.raises(KeyError, match="Did you mean 'cifar'"):
        POLICIES["cifra"]
    with pytest.raises(AttributeError, match="Received: Mirrors"):
        augmentation.Mirrors  # noqa: B018
    assert set(augmentation.__all__) <= set(dir(augmentation))
