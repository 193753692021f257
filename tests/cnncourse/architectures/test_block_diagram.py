"""The picture of a model."""

import re

import keras
import pytest
from keras import layers

from cnncourse.architectures import diagram, outline
from cnncourse.architectures.block_diagram import STEP_HEIGHT, STEP_WIDTH
from cnncourse.architectures.drawing import Arrow, Box, Drawing, Words

NETS = ("lenet5", "resnet50", "googlenet", "inception_v3", "unet", "cifar_resnet110")


def texts(page: Drawing) -> list[str]:
    return [mark.text for mark in page.marks if isinstance(mark, Words)]


def steps(page: Drawing) -> list[Box]:
    boxes = [mark for mark in page.marks if isinstance(mark, Box)]
    return [b for b in boxes if (b.width, b.height) == (STEP_WIDTH, STEP_HEIGHT)]


def test_it_says_what_is_in_the_model() -> None:
    found = texts(diagram(outline("lenet5")))
    assert found[:2] == ["lenet5", "61,706 parameters"]
    assert "5×5 conv, 6 · ReLU" in found
    assert "28 x 28 x 6   156 par." in found
    assert {"c1", "s2", "c3", "f6", "logits"} <= set(found)


def test_repeated_blocks_are_drawn_once() -> None:
    found = texts(diagram(outline("resnet152")))
    assert "stage4 block2–36" in found and "35 times" in found
    assert "60,192,808 parameters" in found


@pytest.mark.parametrize("name", NETS)
def test_steps_do_not_overlap_and_are_on_the_page(name: str) -> None:
    page = diagram(outline(name))
    boxes = steps(page)
    for number, box in enumerate(boxes):
        assert 0 <= box.x <= page.width - box.width
        assert 0 <= box.y <= page.height - box.height
        for other in boxes[:number]:
            apart = abs(box.x - other.x) >= STEP_WIDTH
            assert apart or abs(box.y - other.y) >= STEP_HEIGHT


@pytest.mark.parametrize("name", NETS)
def test_no_arrow_crosses_a_step(name: str) -> None:
    page = diagram(outline(name))
    for arrow in (mark for mark in page.marks if isinstance(mark, Arrow)):
        for (x0, y0), (x1, y1) in zip(arrow.points, arrow.points[1:], strict=False):
            for box in steps(page):
                left, right = sorted((x0, x1))
                top, bottom = sorted((y0, y1))
                beside = right <= box.x or left >= box.x + box.width
                off = bottom <= box.y or top >= box.y + box.height
                assert beside or off


@pytest.mark.parametrize("name", NETS)
def test_every_text_fits_its_step(name: str) -> None:
    for mark in diagram(outline(name)).marks:
        if isinstance(mark, Words) and " conv" in mark.text:
            assert mark.size * len(mark.text) * 0.6 <= STEP_WIDTH
            assert mark.size >= 6


def test_columns_are_as_high_as_asked() -> None:
    low, high = (diagram(outline("vgg16"), height=h) for h in (600, 3000))
    assert low.height < 800 < high.height and low.width > high.width


def test_a_far_input_is_named() -> None:
    found = texts(diagram(outline("unet")))
    assert any(re.match("from ", text) for text in found)


def test_unknown_sizes() -> None:
    inputs = keras.Input((None, None, 3))
    model = keras.Model(inputs, layers.Conv2D(2, 3)(inputs))
    with pytest.raises(ValueError, match="whose input sizes are all known"):
        diagram(model)
