"""Word vectors are read in bounded memory, and damaged files are named."""

import gzip
import tracemalloc
from pathlib import Path

import numpy as np
import pytest

from cnncourse.datasets.text import build_vocabulary
from cnncourse.datasets.word_vectors import load_word_vectors

WORDS = ("the", "film", "größe", "funny", "dull")
VECTORS = np.random.default_rng(0).normal(size=(5, 3)).astype(np.float32)
VOCABULARY = build_vocabulary([["film", "film", "dull", "unheard", "größe"]])


def binary(words=WORDS, vectors=VECTORS, end: bytes = b"") -> bytes:
    header = f"{len(words)} {vectors.shape[1]}\n".encode()
    rows = zip(words, vectors, strict=True)
    body = [w.encode() + b" " + v.astype("<f4").tobytes() + end for w, v in rows]
    return header + b"".join(body)


def text(words=WORDS, vectors=VECTORS) -> bytes:
    rows = zip(words, vectors, strict=True)
    lines = [f"{w} {' '.join(repr(float(x)) for x in v)}\n" for w, v in rows]
    return "".join(lines).encode()


FILES = {
    "google.bin": binary(),
    "ends.bin": binary(end=b"\n"),
    "google.bin.gz": gzip.compress(binary()),
    "glove.txt": text(),
    "glove.txt.gz": gzip.compress(text()),
    "word2vec.txt": b"5 3\n" + text(),
}


@pytest.mark.parametrize("name", FILES)
def test_all_formats(tmp_path: Path, name: str) -> None:
    (tmp_path / name).write_bytes(FILES[name])
    vectors = load_word_vectors(tmp_path / name, VOCABULARY, seed=1)
    assert vectors.matrix.shape == (6, 3) and vectors.matrix.dtype == np.float32
    for word in ("film", "dull", "größe"):
        row = vectors.matrix[VOCABULARY.number(word)]
        np.testing.assert_allclose(row, VECTORS[WORDS.index(word)], rtol=1e-6)
        assert vectors.found[VOCABULARY.number(word)]
    assert vectors.missing == ("unheard",) and vectors.found.sum() == 3
    assert vectors.coverage == 0.75
    assert vectors.report() == "3 of 4 words found (75.0%); not found: unheard"
    assert not vectors.matrix[0].any() and np.abs(vectors.matrix[1]).max() <= 0.25
    again = load_word_vectors(tmp_path / name, VOCABULARY, seed=1)
    np.testing.assert_array_equal(vectors.matrix, again.matrix)
    other = load_word_vectors(tmp_path / name, VOCABULARY, seed=2)
    unheard = VOCABULARY.number("unheard")
    assert (vectors.matrix[unheard] != other.matrix[unheard]).any()


def test_words_with_spaces(tmp_path: Path) -> None:
    (tmp_path / "a.txt").write_text("film 1 2 3\n. . . 4 5 6\n")
    vectors = load_word_vectors(tmp_path / "a.txt", build_vocabulary([[". . ."]]))
    assert vectors.matrix[2].tolist() == [4, 5, 6]


def test_all_found(tmp_path: Path) -> None:
    (tmp_path / "a.txt").write_text("film 1 2\n")
    vectors = load_word_vectors(tmp_path / "a.txt", build_vocabulary([["film"]]))
    assert vectors.report() == "1 of 1 words found (100.0%)"


@pytest.mark.parametrize("name", ["large.bin", "large.txt"])
def test_memory_is_that_of_the_vocabulary(tmp_path: Path, name: str) -> None:
    words = [f"word{i}" for i in range(4000)]
    vectors = np.random.default_rng(0).normal(size=(4000, 100)).astype(np.float32)
    content = binary(words, vectors) if name.endswith("bin") else text(words, vectors)
    (tmp_path / name).write_bytes(content)
    vocabulary = build_vocabulary([["word7", "word3999"]])
    tracemalloc.start()
    found = load_word_vectors(tmp_path / name, vocabulary).found
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert found[2:].all() and len(content) > 1_500_000 > 5 * peak


@pytest.mark.parametrize(
    ("name", "content", "message"),
    [
        (
            "a.bin",
            binary()[:-1],
            "12 bytes of a vector.*truncated.*11 bytes.*word 5 of",
        ),
        ("a.bin", binary()[:-14], "Expected a word and a space: .*in word 5 of 5"),
        ("a.bin", b"<html> nothing", "first line with the numbers.*<html>"),
        ("a.bin", b"3 0\n", "1 to 10000 dimensions. Received: 0"),
        ("a.bin", b"0 3\n", "at least one vector.*empty"),
        ("a.bin.gz", gzip.compress(binary())[:-9], "a whole gzip file"),
        ("a.txt", b"", "at least one vector.*empty"),
        ("a.txt", b"film 1 2 3\ndull 1 2\n", "3 numbers in UTF-8.*line 2 of .*2 num"),
        ("a.txt", b"film 1 2 3\n\ndull 1 2 3\n", "Received: line 2"),
        ("a.txt", b"film 1 2 3\ndull 1 2 x\n", "Received: line 2.*'x'"),
        ("a.txt", b"gr\xf6\xdfe 1 2 3\n", "some numbers in UTF-8.*line 1"),
    ],
)
def test_damaged_files(tmp_path: Path, name: str, content: bytes, message: str) -> None:
    (tmp_path / name).write_bytes(content)
    with pytest.raises(ValueError, match=message):
        load_word_vectors(tmp_path / name, VOCABULARY)


def test_missing_file(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError, match=r"none\.bin"):
        load_word_vectors(tmp_path / "none.bin", VOCABULARY)
