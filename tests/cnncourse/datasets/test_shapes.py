"""Scenes are functions of their numbers alone, and their motion is what they show."""

import hashlib

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.ndimage import map_coordinates

from cnncourse.datasets.shapes import (
    COLOURS,
    SHAPES,
    describe,
    flow_field,
    make_scene,
    render,
    signed_distance,
)


@settings(max_examples=15, deadline=None)
@given(seed=st.integers(0, 2**40), index=st.integers(0, 2**40), most=st.integers(1, 6))
def test_a_scene_is_a_function_of_its_numbers(seed: int, index: int, most: int) -> None:
    first, owner = render(make_scene(seed, "train", index, most), 24)
    again, _ = render(make_scene(seed, "train", index, most), 24)
    np.testing.assert_array_equal(first, again)
    other, _ = render(make_scene(seed, "test", index, most), 24)
    assert (first != other).any()
    assert first.shape == (24, 24, 3) and first.dtype == np.float32
    assert 0 <= first.min() and first.max() <= 1
    scene = make_scene(seed, "train", index, most)
    assert 1 <= len(scene.shapes) <= most
    assert set(np.unique(owner)) - {-1} == set(range(len(scene.shapes)))


def test_indices_seeds_and_splits_give_different_pictures() -> None:
    def checksum(seed: int, split: str, index: int) -> str:
        image, _ = render(make_scene(seed, split, index), 16)
        return hashlib.sha256(image.tobytes()).hexdigest()

    all_of_them = [
        checksum(seed, split, index)
        for seed in (0, 1)
        for split in ("train", "test", "validation")
        for index in range(100)
    ]
    assert len(set(all_of_them)) == 600


@pytest.mark.parametrize("kind", SHAPES)
def test_distance_is_negative_inside_alone(kind: str) -> None:
    """Its sign is right, it grows by at most 1 per unit, and radius 1 encloses it."""
    y, x = np.mgrid[-1.5:1.5:121j, -1.5:1.5:121j]
    distance = signed_distance(kind, x, y)
    assert (distance[np.hypot(x, y) > 1.001] > 0).all()
    assert 0.5 < (distance < 0).sum() * (3 / 120) ** 2 < np.pi + 0.05
    step = 3 / 120
    assert np.abs(np.diff(distance, axis=0)).max() <= step * 1.001
    assert np.abs(np.diff(distance, axis=1)).max() <= step * 1.001


def test_shapes_have_their_areas() -> None:
    y, x = np.mgrid[-1:1:401j, -1:1:401j]
    areas = {k: (signed_distance(k, x, y) < 0).mean() * 4 for k in SHAPES}
    assert areas["circle"] == pytest.approx(np.pi, rel=0.02)
    assert areas["square"] == pytest.approx(2, rel=0.02)
    assert areas["triangle"] == pytest.approx(3 * np.sqrt(3) / 4, rel=0.02)
    assert areas["ring"] == pytest.approx(np.pi * (1 - 0.56**2), rel=0.02)


def test_the_size_does_not_change_the_scene() -> None:
    scene = make_scene(3, "train", 8)
    large, _ = render(scene, 96)
    small, _ = render(scene, 32)
    means = large.reshape(32, 3, 32, 3, 3).mean(axis=(1, 3))
    assert np.abs(means - small).mean() < 0.01


@pytest.mark.parametrize("index", range(6))
def test_the_flow_leads_to_the_same_point_in_the_next_frame(index: int) -> None:
    size, scene = 96, make_scene(1, "train", index)
    image, owner = render(scene, size)
    following, later_owner = render(scene, size, time=1)
    flow = flow_field(scene, owner)
    y, x = np.mgrid[:size, :size] + np.moveaxis(flow[..., ::-1], -1, 0)
    warped = np.stack([map_coordinates(following[..., c], [y, x], order=1, cval=-9)
                       for c in range(3)], axis=-1)  # fmt: skip
    rows, columns = (np.clip(np.rint(v).astype(int), 0, size - 1) for v in (y, x))
    seen = (later_owner[rows, columns] == owner) & (warped > -1).all(axis=2)
    assert seen.mean() > 0.8  # the rest is hidden or has left the picture
    error, still = np.abs(warped - image)[seen], np.abs(following - image)[seen]
    assert np.median(error) < 0.002 and np.mean(error) < 0.3 * np.mean(still)


def test_captions_say_what_is_there_from_left_to_right() -> None:
    for index in range(30):
        scene = make_scene(0, "train", index)
        words = describe(scene).replace(",", "").split()
        kinds = [word for word in words if word in SHAPES]
        colours = [word for word in words if word in COLOURS]
        order = sorted(scene.shapes, key=lambda s: s.x)
        assert kinds == [SHAPES[s.kind] for s in order]
        assert colours == [list(COLOURS)[s.colour] for s in order]


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ((-1, "train", 0), "Expected seed >= 0 and index >= 0. Received: seed=-1"),
        ((0, "dev", 0), "Expected one of train, test, validation. Received: split=dev"),
        ((0, "train", 0, 0), "Expected at least one shape. Received: most=0"),
    ],
)
def test_wrong_numbers(arguments: tuple, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        make_scene(*arguments)


def test_too_small() -> None:
    with pytest.raises(ValueError, match=r"Expected at least 8 pixels.*size=7"):
        render(make_scene(0, "train", 0), 7)
