import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from cnncourse.architectures.catalogue import create
from cnncourse.architectures.detection import (
    decode_boxes,
    encode_boxes,
    intersection_over_union,
    suppress_weaker,
    warp_regions,
)

corners = arrays(int, (5, 2, 2), elements=st.integers(0, 12))
boxes = corners.map(lambda c: np.sort(c, axis=1).reshape(-1, 4))
whole = boxes.map(lambda b: b + np.array([0, 0, 1, 1]))  # none is empty


def pixels(box: np.ndarray) -> set[tuple[int, int]]:
    top, left, bottom, right = map(int, box)
    return {(i, j) for i in range(top, bottom) for j in range(left, right)}


@settings(max_examples=30, deadline=None)
@given(boxes, boxes)
def test_overlap_is_counted_in_pixels(some: np.ndarray, others: np.ndarray) -> None:
    found = intersection_over_union(some, others)
    for i, a in enumerate(map(pixels, some)):
        for j, b in enumerate(map(pixels, others)):
            assert found[i, j] == pytest.approx(len(a & b) / max(len(a | b), 1))


@settings(max_examples=30, deadline=None)
@given(boxes, arrays(float, 5, elements=st.integers(0, 3)), st.floats(0, 0.9))
def test_every_box_stays_or_a_better_one_overlaps_it(
    some: np.ndarray, scores: np.ndarray, threshold: float
) -> None:
    kept = suppress_weaker(some, scores, threshold)
    overlaps = intersection_over_union(some, some)
    assert (np.diff(scores[kept]) <= 0).all()
    for index in range(5):
        better = [k for k in kept if scores[k] >= scores[index] and k != index]
        assert (index in kept) != (overlaps[index, better] > threshold).any()


def test_suppression_by_hand() -> None:
    some = [[0, 0, 10, 10], [1, 0, 11, 10], [20, 20, 30, 30]]
    assert suppress_weaker(some, [0.5, 0.9, 0.1]).tolist() == [1, 2]
    assert suppress_weaker(some, [0.5, 0.9, 0.1], threshold=0.9).tolist() == [1, 0, 2]


@settings(max_examples=30, deadline=None)
@given(whole, whole)
def test_decoding_undoes_encoding(regions: np.ndarray, truths: np.ndarray) -> None:
    offsets = encode_boxes(regions, truths)
    np.testing.assert_allclose(decode_boxes(regions, offsets), truths, atol=1e-9)


def test_offsets_by_hand() -> None:
    offsets = encode_boxes([[0, 0, 10, 20]], [[5, 0, 15, 40]])
    np.testing.assert_allclose(offsets, [[0.5, 0.5, 0, np.log(2)]])


@pytest.mark.parametrize("bad", [[[3, 0, 1, 2]], [[0, 0, 1]]])
def test_what_is_no_box_is_refused(bad: list) -> None:
    with pytest.raises(ValueError, match=r"Expected boxes .*Received: boxes="):
        intersection_over_union(bad, [[0, 0, 1, 1]])


def test_an_empty_box_has_no_offsets() -> None:
    with pytest.raises(ValueError, match=r"not empty\. Received: boxes="):
        encode_boxes([[0, 0, 0, 1]], [[0, 0, 1, 1]])


def test_a_region_of_the_right_size_is_cut_out_as_it_is() -> None:
    picture = np.random.default_rng(0).random((12, 15, 3)).astype("float32")
    cut = warp_regions(picture, [[2, 3, 7, 9]], (5, 6), context=0)
    assert cut.dtype == "float32"
    np.testing.assert_allclose(cut[0], picture[2:7, 3:9], atol=1e-6)


def test_context_surrounds_it_and_the_mean_is_outside() -> None:
    picture = np.random.default_rng(0).random((12, 15, 3)).astype("float32")
    cut = warp_regions(picture, [[0, 3, 5, 9]], (9, 10), context=2)
    np.testing.assert_allclose(cut[0, 2:], picture[:7, 1:11], atol=1e-6)
    expected = np.broadcast_to(picture.mean((0, 1)), (2, 10, 3))
    np.testing.assert_allclose(cut[0, :2], expected, atol=1e-6)


def test_a_region_is_stretched_to_the_size() -> None:
    ramp = np.linspace(0, 1, 40)[:, None, None] * np.ones((1, 8, 1))
    cut = warp_regions(ramp, [[10, 0, 30, 8]], (40, 4), context=0)
    rows = 10 + (np.arange(40) + 0.5) / 2 - 0.5
    np.testing.assert_allclose(cut[0, :, 1, 0], rows / 39, atol=1e-6)


def test_the_head_gives_a_class_and_a_box_for_each_class() -> None:
    model = create("rcnn_head", (3, 3, 4), 6, units=8)
    logits, offsets = model(np.zeros((2, 3, 3, 4)))
    assert logits.shape == (2, 6) and offsets.shape == (2, 5, 4)


def test_the_background_alone_is_refused() -> None:
    with pytest.raises(ValueError, match=r"num_classes >= 2.*Received: num_classes=1"):
        create("rcnn_head", (3, 3, 4), 1)
