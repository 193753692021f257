import numpy as np
import pytest

from cnncourse.architectures.detection import intersection_over_union
from cnncourse.architectures.region_proposals import region_proposals


def scene() -> tuple[np.ndarray, np.ndarray]:
    """Two squares of several colours on grey ground, and their boxes."""
    rng = np.random.default_rng(0)
    picture = np.full((60, 80, 3), 0.5)
    boxes = np.array([[8, 10, 32, 34], [20, 48, 52, 72]])
    for (top, left, bottom, right), colour in zip(
        boxes, ([0.9, 0.1, 0.1], [0.1, 0.2, 0.9]), strict=True
    ):
        picture[top:bottom, left:right] = colour
        picture[top : (top + bottom) // 2, left:right, 1] += 0.4
    return (picture + rng.normal(0, 0.01, picture.shape)).clip(0, 1), boxes


def test_each_object_has_a_box_though_it_has_two_colours() -> None:
    picture, truths = scene()
    proposals = region_proposals(picture)
    assert (intersection_over_union(truths, proposals).max(1) > 0.8).all()


def test_the_first_box_is_the_picture_and_none_comes_twice() -> None:
    picture, _ = scene()
    proposals = region_proposals(picture)
    assert proposals[0].tolist() == [0, 0, 60, 80]
    assert len(np.unique(proposals, axis=0)) == len(proposals)
    assert (proposals[:, 2:] - proposals[:, :2] >= 10).all()


def test_a_picture_of_one_colour_is_one_region() -> None:
    assert region_proposals(np.zeros((20, 30, 3))).tolist() == [[0, 0, 20, 30]]
    assert region_proposals(np.zeros((20, 30, 3)), minimum=25).shape == (0, 4)


@pytest.mark.parametrize(
    ("picture", "text"),
    [
        (np.zeros((9, 9)), r"\(H, W, 3\). Received: shape=\(9, 9\)"),
        (np.full((9, 9, 3), 200), r"in \[0, 1\]. Received: from 200 to 200"),
    ],
)
def test_other_arrays_are_refused(picture: np.ndarray, text: str) -> None:
    with pytest.raises(ValueError, match=text):
        region_proposals(picture)
