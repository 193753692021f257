"""What single transformations do, on pictures small enough to know the answer."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cnncourse.augmentation import (
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
    Shear,
    Translation,
)
from cnncourse.augmentation.colour import IMAGENET_VECTORS
from cnncourse.augmentation.draws import Draws

pytest.importorskip("tensorflow")


def picture(height: int = 6, width: int = 5, channels: int = 3) -> np.ndarray:
    rng = np.random.default_rng(1)
    return rng.random((height, width, channels), dtype=np.float32)


def test_mirror() -> None:
    x = picture()
    np.testing.assert_array_equal(Mirror(1.0)(x), x[:, ::-1])
    np.testing.assert_array_equal(Mirror(1.0, vertical=True)(x), x[::-1])
    np.testing.assert_array_equal(Mirror(0.0)(x), x)


@settings(max_examples=20, deadline=None)
@given(st.integers(0, 2**62), st.integers(0, 4), st.integers(1, 6))
def test_a_crop_is_a_part_of_the_padded_picture(seed: int, pad: int, side: int) -> None:
    x = picture(7, 6, 1)
    padded = np.pad(x, [(pad, pad), (pad, pad), (0, 0)])
    windows = np.lib.stride_tricks.sliding_window_view(padded, (side, side), (0, 1))
    cut = np.asarray(Crop(side, pad=pad)(x, seed))
    assert (windows[:, :, 0] == cut[..., 0]).all(axis=(2, 3)).any()


def test_every_crop_is_as_likely() -> None:
    x = np.zeros((4000, 9, 9, 1), "uint8")
    x[:] = np.arange(81).reshape(9, 9, 1)
    corner = np.asarray(Crop(7)(x, 1))[:, 0, 0, 0]
    places, counts = np.unique(corner, return_counts=True)
    assert places.tolist() == [0, 1, 2, 9, 10, 11, 18, 19, 20]
    expected = 4000 / 9
    assert ((counts - expected) ** 2 / expected).sum() < 26  # chi-squared, 0.1 %


def test_moves_in_a_row_are_those_one_by_one() -> None:
    x = np.arange(2 * 9 * 9).reshape(2, 9, 9, 1).astype("uint8")
    for seed in range(8):
        both = np.asarray(Policy(Mirror(1.0), Crop(5, pad=1), Mirror(1.0))(x, seed))
        # the crop draws third: so it does with a mirror that never turns before it
        alone = np.asarray(Policy(Mirror(0.0), Crop(5, pad=1))(x[:, :, ::-1], seed))
        np.testing.assert_array_equal(both, alone[:, :, ::-1])


def test_alternating_flip_shows_both_sides_in_two_epochs() -> None:
    x = np.stack([picture()] * 400)
    flip, index = AlternatingFlip(), np.arange(400)
    turned = np.stack(
        [
            (np.asarray(flip(x, 0, epoch=e, index=index)) == x[:, :, ::-1]).all(
                (1, 2, 3)
            )
            for e in range(3)
        ]
    )
    np.testing.assert_array_equal(turned[0], ~turned[1])
    np.testing.assert_array_equal(turned[0], turned[2])
    assert 150 < turned[0].sum() < 250
    again = np.asarray(flip(x[::-1], 0, epoch=0, index=index[::-1]))
    np.testing.assert_array_equal(
        (again == x[:, :, ::-1]).all((1, 2, 3)), turned[0, ::-1]
    )


def test_rotation_keeps_the_centre_and_reaches_its_angle() -> None:
    x = np.zeros((200, 21, 21, 1), "float32")
    x[:, 10, 10] = 1
    x[:, 10, 18] = 1
    turned = np.array(Rotation(30)(x, 2))[..., 0]
    np.testing.assert_allclose(turned[:, 10, 10], 1, atol=1e-4)
    turned[:, 9:12, 9:12] = 0
    rows, columns = np.mgrid[-10:11, -10:11]
    weight = turned.sum(axis=(1, 2))
    y, x = ((turned * g).sum(axis=(1, 2)) / weight for g in (rows, columns))
    angles = np.degrees(np.arctan2(y, x))
    assert 25 < angles.max() < 31 and -31 < angles.min() < -25


def test_geometry_of_no_strength_changes_nothing() -> None:
    x = picture(9, 8)
    still = Policy(Translation(0.0), Rotation(0.0), Shear(0.0))
    np.testing.assert_allclose(still(x), x, atol=1e-6)
    np.testing.assert_allclose(Translation(0.0, fill="nearest")(x), x, atol=1e-6)


def test_edges_are_black_or_repeated() -> None:
    x = np.ones((16, 8, 8, 1), "float32")
    assert np.asarray(Translation(0.5)(x, 1)).min() == 0
    assert np.asarray(Translation(0.5, fill="nearest")(x, 1)).min() == 1


def test_light_and_contrast() -> None:
    x = np.full((50, 4, 4, 3), 0.5, "float32")
    x[:, 0] = 0.25
    brighter = np.asarray(Brightness(0.2)(x, 1)) - x
    assert np.ptp(brighter, axis=(1, 2, 3)).max() < 1e-6
    assert 0.15 < np.abs(brighter).max() <= 0.2
    changed = np.asarray(Contrast(0.5)(x, 1))
    np.testing.assert_allclose(changed.mean((1, 2, 3)), x.mean((1, 2, 3)), atol=1e-6)
    assert changed.std((1, 2, 3)).min() < x[0].std() < changed.std((1, 2, 3)).max()


def test_saturation_and_hue_keep_greys() -> None:
    grey = np.repeat(picture(channels=1), 3, axis=-1)
    for change in (Saturation(0.9), Hue(180)):
        np.testing.assert_allclose(change(grey, 3), grey, atol=1e-5)
    x = 0.4 + 0.2 * picture()
    weights = np.array([0.299, 0.587, 0.114])
    np.testing.assert_allclose(
        np.asarray(Saturation(0.9)(x, 3)) @ weights, x @ weights, atol=1e-5
    )
    np.testing.assert_allclose(Hue(90)(x, 3).numpy().sum(-1), x.sum(-1), atol=1e-5)


def test_colours_in_a_row_are_those_one_by_one() -> None:
    x = 0.4 + 0.2 * np.stack([picture()] * 3)  # far from where one would clip
    steps = [Contrast(0.3), Brightness(0.1), Hue(20), Contrast(0.3), Saturation(0.3)]
    draws = Draws(5)
    batch = {"image": x}
    for step in steps:
        batch = step.apply(batch, draws)
    np.testing.assert_allclose(Policy(*steps)(x, 5), batch["image"], atol=1e-6)


def test_pca_colour_adds_components_with_the_papers_deviation() -> None:
    x = np.full((4000, 1, 1, 3), 0.5, "float32")
    jitter = np.asarray(PCAColour(0.1)(x, 1))[:, 0, 0] - 0.5
    along = jitter @ np.array(IMAGENET_VECTORS)
    np.testing.assert_allclose(along.std(0), [0.02175, 0.00188, 0.00045], rtol=0.05)


def test_erasing_hides_a_rectangle_of_the_asked_area() -> None:
    x = np.zeros((300, 40, 40, 3), "uint8")
    hidden = (np.asarray(Erasing(0.5, area=(0.1, 0.2), value=1.0)(x, 1)) == 255).all(-1)
    area = hidden.mean(axis=(1, 2))
    assert 0.4 < (area > 0).mean() < 0.6
    assert 0.08 < area[area > 0].min() and area.max() < 0.22
    for one in hidden[area > 0]:
        rows, columns = one.any(axis=1), one.any(axis=0)
        np.testing.assert_array_equal(one, np.outer(rows, columns))


@pytest.mark.parametrize("mixing", [MixUp(0.4, classes=8), CutMix(classes=8)])
def test_labels_are_mixed_as_the_pictures_are(mixing: MixUp | CutMix) -> None:
    # picture k is white in channel k alone: its mean is the label
    x = np.zeros((8, 16, 16, 8), "float32")
    for k in range(8):
        x[k, ..., k] = 1
    image, label = mixing((x, np.arange(8)), 3)
    np.testing.assert_allclose(np.mean(image, (1, 2)), label, atol=1e-5)
    np.testing.assert_allclose(np.sum(label, -1), 1, atol=1e-5)
    assert 0.01 < np.asarray(label).max(-1).min() < 0.99
    same = mixing((x, np.eye(8, dtype="float32")), 3)[1]
    np.testing.assert_allclose(same, label)


def test_cut_mix_cuts_masks_too() -> None:
    x = np.random.default_rng(0).integers(0, 256, (6, 12, 12, 1), "uint8")
    cut = CutMix()({"image": x, "mask": x[..., 0].astype("int32")}, 3)
    np.testing.assert_array_equal(np.asarray(cut["image"])[..., 0], cut["mask"])
    assert not np.array_equal(cut["image"], x)


def test_centre_crop_resizes_as_a_mean_over_pixels() -> None:
    x = picture(16, 24)
    small = CentreCrop(4, shorter=4)(x)
    assert small.shape == (4, 4, 3)
    flat = np.full((16, 24, 3), 0.3, "float32")
    np.testing.assert_allclose(CentreCrop(6, shorter=8)(flat), 0.3, atol=1e-6)
    np.testing.assert_array_equal(CentreCrop(4, None)(x), x[6:10, 10:14])
    np.testing.assert_array_equal(CentreCrop(0.5, None)(x), x[4:12, 6:18])


def test_rand_augment_of_no_strength_leaves_most_pictures() -> None:
    x = np.stack([picture(12, 12)] * 64)
    changed = np.asarray(RandAugment(1, magnitude=0)(x, 0))
    differs = np.abs(changed - x).max(axis=(1, 2, 3)) > 0.01
    # only auto contrast and equalisation have no strength: 2 of 14
    assert 0 < differs.mean() < 0.4


def test_draws_are_even_and_independent() -> None:
    draws = Draws(1)
    a, b = (np.asarray(draws.uniform((20_000,))) for _ in range(2))
    for x in (a, b):
        counts = np.histogram(x, 20, (0, 1))[0]
        assert ((counts - 1000) ** 2 / 1000).sum() < 44  # chi-squared, 0.1 %
    others = [b, np.roll(a, 1), np.asarray(Draws(2).uniform((20_000,)))]
    assert all(abs(np.corrcoef(a, x)[0, 1]) < 0.03 for x in others)
    normal = np.asarray(draws.normal((20_000,)))
    assert abs(normal.mean()) < 0.03 and abs(normal.std() - 1) < 0.03
    assert sorted(np.asarray(draws.order(50))) == list(range(50))
    assert set(np.asarray(draws.integers((500,), 3))) == {0, 1, 2}


@pytest.mark.parametrize("alpha", [0.1, 0.2, 0.5, 1.0])
def test_beta(alpha: float) -> None:
    from scipy.stats import beta

    drawn = np.asarray(Draws(3).beta(5000, alpha))
    for limit in (1e-6, 1e-3, 0.1, 0.3, 0.5, 0.7, 0.9, 0.999):
        share = beta.cdf(limit, alpha, alpha)
        assert abs((drawn <= limit).mean() - share) < 0.03


@pytest.mark.parametrize("alpha", [1e-9, 1e-4])
def test_beta_of_a_tiny_alpha_is_almost_always_0_or_1(alpha: float) -> None:
    drawn = np.asarray(Draws(3).beta(2000, alpha))
    assert np.mean((drawn < 1e-6) | (drawn > 1 - 1e-6)) > 0.99
    assert 0.45 < drawn.mean() < 0.55
