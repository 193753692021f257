"""Previews, and the command that writes them."""

from pathlib import Path

import numpy as np
import pytest

from cnncourse.__main__ import main
from cnncourse.augmentation import POLICIES, Mirror, preview

pytest.importorskip("tensorflow")

IMAGE = np.random.default_rng(0).random((16, 20, 3), dtype=np.float32)


def test_a_grid_begins_with_the_original() -> None:
    figure = preview(Mirror(1.0), IMAGE, rows=2, columns=3)
    shown = [axes.images[0].get_array() for axes in figure.axes]
    assert len(shown) == 6
    np.testing.assert_array_equal(shown[0], IMAGE)
    np.testing.assert_array_equal(shown[5], IMAGE[:, ::-1])


def test_boxes_and_masks_are_drawn() -> None:
    mask = np.zeros((16, 20), "int32")
    mask[4:9, 5:12] = 1
    element = {"image": IMAGE, "mask": mask, "boxes": np.float32([[5, 4, 12, 9]])}
    axes = preview(Mirror(1.0), element, rows=1, columns=2).axes[1]
    assert axes.patches[0].get_x() == 20 - 12 - 0.5
    assert len(axes.collections) == 1


def test_a_batch_has_a_row_for_each_picture() -> None:
    figure = preview("cifar", np.stack([IMAGE, IMAGE[::-1]]), columns=4)
    assert len(figure.axes) == 8
    np.testing.assert_array_equal(figure.axes[4].images[0].get_array(), IMAGE[::-1])


def test_refuses_no_room_and_unknown_names() -> None:
    with pytest.raises(ValueError, match="rows=1, columns=1"):
        preview("cifar", IMAGE, rows=1, columns=1)
    with pytest.raises(KeyError, match=r"'lenet'.*Received: 'lenin'"):
        preview("lenin", IMAGE)


@pytest.mark.parametrize("policy", POLICIES)
def test_command_writes_a_picture(policy: str, tmp_path: Path) -> None:
    from PIL import Image

    file = tmp_path / "preview.png"
    assert main(["preview", policy, "-o", str(file)]) == 0
    with Image.open(file) as written:
        pixels = np.asarray(written.convert("L"))
        assert min(written.size) > 250 and pixels.std() > 20


def test_command_takes_a_picture_of_yours(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    from PIL import Image

    Image.fromarray((IMAGE * 255).astype("uint8")).save(tmp_path / "own.png")
    output = tmp_path / "out.png"
    arguments = ["preview", "cifar", str(tmp_path / "own.png"), "-o", str(output)]
    assert main(arguments) == 0 and output.exists()
    (tmp_path / "text.png").write_text("no picture")
    assert main(["preview", "cifar", str(tmp_path / "text.png")]) == 2
    assert "Expected a picture. Received:" in capsys.readouterr().err
    assert main(["preview", "cifra"]) == 2
    assert "Did you mean 'cifar'" in capsys.readouterr().err
