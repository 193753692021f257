"""Figures show what is known of the examples."""

from pathlib import Path

import numpy as np
import pytest
from matplotlib import pyplot as plt
from PIL import Image

from cnncourse.datasets import DATASETS, show
from cnncourse.datasets.showing import save

OFFLINE = [name for name, record in DATASETS.items() if record.offline]


@pytest.mark.parametrize("name", OFFLINE)
def test_every_offline_set_is_drawn(name: str, tmp_path: Path) -> None:
    arguments = {"count": 4} if name != "shapes" else {"image_size": 32}
    figure = show(name, **arguments)
    save(figure, tmp_path / "a.png")
    with Image.open(tmp_path / "a.png") as picture:
        assert min(picture.size) > 150
        assert np.asarray(picture.convert("L")).std() > 5
    assert not plt.get_fignums()  # none is left open
    assert DATASETS[name].title in figure.get_suptitle()


def test_classes_come_in_turn() -> None:
    figure = show("digits", count=12)
    assert [a.get_title() for a in figure.axes] == list("012345678901")


@pytest.mark.parametrize(
    "task", ["segmentation", "detection", "captioning", "flow", "super-resolution"]
)
def test_tasks_of_the_shapes(task: str) -> None:
    figure = show("shapes", "test", 4, task=task)
    assert len(figure.axes) == 4
    axes = figure.axes[0]
    drawn = {
        "segmentation": lambda: axes.get_title(),
        "detection": lambda: axes.patches and axes.texts,
        "captioning": lambda: axes.get_xlabel().startswith("a "),
        "flow": lambda: axes.collections,
        "super-resolution": lambda: axes.lines,
    }
    assert drawn[task]()


def test_boxes_are_where_they_should_be() -> None:
    """The frame encloses the pixels of the box: their centres are whole numbers."""
    from cnncourse.datasets import load

    boxes = load("shapes", as_numpy=True, task="detection", examples=60)["boxes"][0, 0]
    frame = show("shapes", count=1, task="detection").axes[0].patches[0]
    top, left, bottom, right = boxes * 64 - 0.5
    np.testing.assert_allclose(frame.get_xy(), (left, top), atol=1e-5)
    assert frame.get_width() == pytest.approx(right - left, abs=1e-5)
    assert frame.get_height() == pytest.approx(bottom - top, abs=1e-5)


def test_nothing_to_draw() -> None:
    with pytest.raises(ValueError, match=r"at least one example. Received: count=0"):
        show("digits", count=0)
