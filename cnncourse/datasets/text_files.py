"""Reads files with a label and a sentence on each line."""

from pathlib import Path

import numpy as np

Sentences = tuple[np.ndarray, np.ndarray]


def read_sentences(
    file: str | Path, num_classes: int | None = None, encoding: str = "utf-8"
) -> Sentences:
    r"""Reads `label text` lines.

    Lines end in "\n" alone: other characters that Python's `splitlines` takes for the
    end of a line, such as byte 0x85 in the film reviews, belong to the sentence.

    Args:
        file: path; each line is a whole number, a space or tab, and a sentence.
        num_classes: labels must be below it; any that are not negative if None.
        encoding: of the file; the sentence sets of Kim 2014 are "latin-1".

    Returns:
        sentences: object `(N,)`, str without white space at the ends.
        labels: int64 `(N,)`.

    Raises:
        ValueError: if the encoding is another, or a line is empty, or has no label or
            no text, or its label is out of range; the message names the line.
        FileNotFoundError: if there is no such file.
    """
    try:
        text = Path(file).read_bytes().decode(encoding)
    except UnicodeDecodeError as error:
        raise ValueError(
            f"Expected text in {encoding}; encoding='latin-1' may be what is needed. "
            f"Received: {file} with byte {error.object[error.start]:#04x} at "
            f"{error.start}"
        ) from None
    lines = text.split("\n")
    if lines[-1] == "":
        lines.pop()  # after the last line's end
    sentences = np.empty(len(lines), dtype=object)
    labels = np.empty(len(lines), dtype=np.int64)
    for i, line in enumerate(lines):
        label, *rest = line.split(maxsplit=1)[:2] or [""]
        valid = label.isascii() and label.isdigit() and rest
        if not valid or (num_classes is not None and int(label) >= num_classes):
            bound = "" if num_classes is None else f" in 0..{num_classes - 1}"
            raise ValueError(
                f"Expected a label{bound} and a sentence on each line. Received: "
                f"{line[:60]!r} in line {i + 1} of {file}"
            )
        labels[i], sentences[i] = int(label), rest[0].strip()
    if not lines:
        raise ValueError(f"Expected at least one line. Received: {file}, empty")
    return sentences, labels


def sentences_split(
    folder: str | Path,
    split: str,
    num_classes: int | None = None,
    encoding: str = "utf-8",
) -> Sentences:
    """Reads `train.txt` or `test.txt` of a folder, or both.

    Args:
        folder: where they are.
        split: "train", "test" or "all".
        num_classes: labels must be below it.
        encoding: of the files.

    Returns:
        sentences object `(N,)` and labels int64 `(N,)`.

    Raises:
        ValueError: if there is no such split, or a file is not right.
        FileNotFoundError: if a file is missing.
    """
    if split == "all":
        parts = [sentences_split(folder, part, num_classes, encoding)
                 for part in ("train", "test")]  # fmt: skip
        sentences, labels = (np.concatenate(both) for both in zip(*parts, strict=True))
        return sentences, labels
    if split not in ("train", "test"):
        raise ValueError(f"Expected 'train', 'test' or 'all'. Received: split={split}")
    return read_sentences(Path(folder) / f"{split}.txt", num_classes, encoding)
