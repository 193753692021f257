"""Reads pretrained word vectors: those of a vocabulary, out of files of any size."""

import gzip
from collections.abc import Iterator
from dataclasses import dataclass
from io import BufferedReader
from pathlib import Path

import numpy as np

from cnncourse.datasets.text import PAD, SPECIAL, Vocabulary

Stream = gzip.GzipFile | BufferedReader
LONGEST_WORD = 2000  # bytes; more means that the file is another one
MOST_DIMENSIONS = 10_000


@dataclass(frozen=True, eq=False)
class WordVectors:
    """Vectors of a vocabulary.

    Attributes:
        matrix: float32 `(len(vocabulary), dimensions)`, zeros for padding.
        found: bool `(len(vocabulary),)`, whether the file has the word.
        missing: the words that it has not, the most frequent first.
    """

    matrix: np.ndarray
    found: np.ndarray
    missing: tuple[str, ...]

    @property
    def coverage(self) -> float:
        """Share of the words, padding and unknown left out, that the file has."""
        return float(self.found[len(SPECIAL) :].mean())

    def report(self) -> str:
        """One line on what was found."""
        total = len(self.found) - len(SPECIAL)
        line = f"{self.found.sum()} of {total} words found ({self.coverage:.1%})"
        shown = ", ".join(self.missing[:5])
        return f"{line}; not found: {shown}" if shown else line


def _open(file: Path) -> Stream:
    return gzip.open(file, "rb") if file.suffix == ".gz" else file.open("rb")


def _read(stream: Stream, size: int, place: str) -> bytes:
    content = stream.read(size)
    if len(content) != size:
        raise ValueError(
            f"Expected {size} bytes of a vector: the file is truncated. "
            f"Received: {len(content)} bytes, {place}"
        )
    return content


def _read_word(stream: Stream, place: str) -> bytes:
    """Bytes up to a space; the line end of the vector before is left out."""
    letters = bytearray()
    while (letter := stream.read(1)) != b" ":
        if not letter or len(letters) > LONGEST_WORD:
            raise ValueError(
                "Expected a word and a space: the file is truncated or another one. "
                f"Received: {bytes(letters[:30])!r}, {place}"
            )
        letters += letter
    return bytes(letters).lstrip(b"\n")


def _binary_vectors(file: Path) -> Iterator[tuple[str, np.ndarray]]:
    """The words and vectors of a file in word2vec's binary format."""
    with _open(file) as stream:
        header = stream.readline(100)
        parts = header.split()
        if len(parts) != 2 or not all(part.isdigit() for part in parts):
            raise ValueError(
                "Expected a first line with the numbers of words and of dimensions. "
                f"Received: {header[:40]!r} in {file}"
            )
        count, dimensions = map(int, parts)
        if not 1 <= dimensions <= MOST_DIMENSIONS:
            raise ValueError(
                f"Expected 1 to {MOST_DIMENSIONS} dimensions. Received: {dimensions} "
                f"in {file}"
            )
        for number in range(1, count + 1):
            place = f"in word {number} of {count} of {file}"
            word = _read_word(stream, place)
            values = _read(stream, 4 * dimensions, place)
            # a few words of the published files are not UTF-8
            yield word.decode("utf-8", "replace"), np.frombuffer(values, "<f4")


def _text_vectors(file: Path) -> Iterator[tuple[str, np.ndarray]]:
    """The words and vectors of a file in GloVe's format, or word2vec's as text."""
    dimensions = None
    with _open(file) as stream:
        for number, line in enumerate(stream, start=1):
            try:
                word, *values = line.decode("utf-8").rstrip().split(" ")
                if number == 1 and len(values) == 1:
                    continue  # word2vec's text format begins with the two numbers
                dimensions = dimensions or len(values)
                extra = len(values) - dimensions
                if extra > 0:  # a few words of GloVe have spaces in them
                    word = " ".join([word, *values[:extra]])
                    values = values[extra:]
                if not word or not values or extra < 0:
                    raise ValueError(f"{len(values)} numbers")
                vector = np.array(values, dtype=np.float32)
            except ValueError as error:  # also bytes that are not UTF-8
                raise ValueError(
                    "Expected a word and "
                    f"{'some' if dimensions is None else dimensions} numbers in UTF-8 "
                    f"on each line. Received: line {number} of {file} ({error})"
                ) from None
            yield word, vector


def load_word_vectors(
    file: str | Path, vocabulary: Vocabulary, seed: int = 0, scale: float = 0.25
) -> WordVectors:
    """Reads the vectors of a vocabulary's words; of the file no more is kept.

    Args:
        file: word2vec's binary format if its name ends in .bin or .bin.gz, otherwise a
            word and its numbers on each line, as GloVe has them; packed if it ends in
            .gz.
        vocabulary: the words.
        seed: of the vectors of words that are not in the file.
        scale: they are uniform in [-scale, scale], as in Kim 2014.

    Returns:
        The vectors, which of them were found, and the missing words. Padding is zero.

    Raises:
        ValueError: if the file is truncated, is not UTF-8, or has an empty line or
            vectors of different lengths; the message names the place.
        FileNotFoundError: if there is no such file.

    Source: Mikolov et al. 2013; Pennington et al. 2014; Kim 2014, section 3.
    """
    file = Path(file)
    binary = ".bin" in file.suffixes[-2:]
    found = np.zeros(len(vocabulary), dtype=bool)
    matrix: np.ndarray | None = None
    try:
        for word, vector in _binary_vectors(file) if binary else _text_vectors(file):
            if matrix is None:
                rng = np.random.default_rng(seed)
                shape = len(vocabulary), len(vector)
                matrix = rng.uniform(-scale, scale, shape).astype(np.float32)
                matrix[PAD] = 0
            number = vocabulary.number(word) if word in vocabulary else PAD
            if number >= len(SPECIAL) and not found[number]:
                matrix[number], found[number] = vector, True
    except (EOFError, gzip.BadGzipFile) as error:
        raise ValueError(
            f"Expected a whole gzip file. Received: {file} ({error})"
        ) from None
    if matrix is None:
        raise ValueError(f"Expected at least one vector. Received: {file}, empty")
    missing = np.flatnonzero(~found[len(SPECIAL) :]) + len(SPECIAL)
    return WordVectors(matrix, found, tuple(vocabulary.words[i] for i in missing))
