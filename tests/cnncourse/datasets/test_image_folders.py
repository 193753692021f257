"""Pictures are read from a folder for each class."""

from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from cnncourse.datasets.image_folders import folder_split
from cnncourse.datasets.loading import load


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Ten dark and five bright pictures of different sizes, and what is none."""
    for name, count, value in (("dark", 10, 20), ("bright", 5, 230)):
        (tmp_path / name).mkdir()
        for i in range(count):
            picture = np.full((6 + i, 8, 3), value + i, np.uint8)
            Image.fromarray(picture).save(tmp_path / name / f"{i}.png")
    (tmp_path / "dark" / "notes.txt").write_text("no picture")
    (tmp_path / ".hidden").mkdir()
    return tmp_path


def test_a_fifth_of_each_class_is_the_test(folder: Path) -> None:
    images, labels = load("image_folder", as_numpy=True, data_dir=folder, image_size=4)
    assert images.shape == (12, 4, 4, 3) and images.dtype == np.float32
    assert np.bincount(labels).tolist() == [4, 8]  # bright comes before dark
    np.testing.assert_array_equal(images.mean(axis=(1, 2, 3)) > 0.5, labels == 0)
    test, _ = folder_split(folder, "test", 4)
    values = [np.rint(255 * part[:, 0, 0, 0]).tolist() for part in (images, test)]
    assert len(test) == 3 and not set(values[0]) & set(values[1])
    assert len(folder_split(folder, "all", 4)[0]) == 15


def test_divided_folders(
    folder: Path, tmp_path_factory: pytest.TempPathFactory
) -> None:
    place = tmp_path_factory.mktemp("divided")
    for part in ("train", "test"):
        for name in ("dark", "bright"):
            (place / part / name).mkdir(parents=True)
            file = "0.png" if part == "train" else "1.png"
            content = (folder / name / file).read_bytes()
            (place / part / name / file).write_bytes(content)
    images, labels = folder_split(place, "test", (3, 5))
    assert images.shape == (2, 3, 5, 3) and labels.tolist() == [0, 1]
    np.testing.assert_allclose(images[:, 0, 0, 0] * 255, [231, 21], atol=1e-4)
    assert len(folder_split(place, "all", 4)[1]) == 4
    (place / "test" / "grey").mkdir()
    with pytest.raises(ValueError, match=r"same classes in train and test.*grey"):
        folder_split(place, "train", 4)


def test_damaged_and_missing_pictures(folder: Path, tmp_path: Path) -> None:
    file = folder / "dark" / "3.png"
    file.write_bytes(file.read_bytes()[:30])
    with pytest.raises(
        ValueError, match=r"Expected a whole picture. Received: .*3\.pn"
    ):
        folder_split(folder, "all", 4)
    file.write_text("<html>")
    with pytest.raises(
        ValueError, match=r"Expected a whole picture. Received: .*3\.pn"
    ):
        folder_split(folder, "all", 4)
    for picture in (folder / "bright").iterdir():
        picture.unlink()
    with pytest.raises(ValueError, match=r"at least one picture.*bright"):
        folder_split(folder, "all", 4)


def test_no_folders(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError, match="one folder of pictures for each cla"):
        folder_split(tmp_path, "train", 4)
    with pytest.raises(ValueError, match="Received: split=dev"):
        folder_split(tmp_path, "dev", 4)
