"""`label text` lines are read, and the wrong line is named."""

from pathlib import Path

import pytest

from cnncourse.datasets.loading import load
from cnncourse.datasets.text_files import read_sentences


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "train.txt"


def test_lines_end_in_newline_alone(file: Path) -> None:
    file.write_bytes("1 good\x85film\n0\tbad  film \n".encode("latin-1"))
    sentences, labels = read_sentences(file, 2, "latin-1")
    assert sentences.tolist() == ["good\x85film", "bad  film"]
    assert labels.tolist() == [1, 0]


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"1 good\n\n0 bad\n", "'' in line 2"),
        (b"1 good\nno label\n", "Expected a label in 0..1.*'no label' in line 2"),
        (b"1 good\n1\n", "a sentence on each line. Received: '1' in line 2"),
        (b"1 good\n2 bad\n", "'2 bad' in line 2"),
        (b"-1 good\n", "'-1 good' in line 1"),
        (b"1 caf\xe9\n", "Expected text in utf-8; encoding='latin-1'.*0xe9 at 5"),
        (b"", "Expected at least one line.*empty"),
    ],
)
def test_wrong_lines(file: Path, content: bytes, message: str) -> None:
    file.write_bytes(content)
    with pytest.raises(ValueError, match=message):
        read_sentences(file, 2)


def test_folder(file: Path) -> None:
    file.write_text("0 a\n1 b\n", "utf-8")
    file.with_name("test.txt").write_text("1 ç\n", "utf-8")
    texts, labels = load("text_files", "all", as_numpy=True, data_dir=file.parent)
    assert texts.tolist() == ["a", "b", "ç"] and labels.tolist() == [0, 1, 1]
    with pytest.raises(ValueError, match="Received: split=dev"):
        load("text_files", "dev", data_dir=file.parent)
    file.unlink()
    with pytest.raises(FileNotFoundError, match=r"train\.txt"):
        load("text_files", data_dir=file.parent)
