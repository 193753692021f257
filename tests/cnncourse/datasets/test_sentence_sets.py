"""The sentence sets of Kim 2014: numbers as in the paper, folds, damaged files."""

from pathlib import Path

import numpy as np
import pytest

from cnncourse.datasets.loading import load
from cnncourse.datasets.sentence_sets import SENTENCE_SETS, sentence_set_split

PAPER = {  # Kim 2014, table 1: classes, sentences; test sentences, None if folds
    "mr": (2, 10_662, None), "sst1": (5, 11_855, 2_210), "sst2": (2, 9_613, 1_821),
    "subj": (2, 10_000, None), "trec": (6, 5_952, 500), "cr": (2, 3_775, None),
    "mpqa": (2, 10_606, None),
}  # fmt: skip


@pytest.mark.parametrize("name", PAPER)
def test_numbers_of_the_paper(name: str) -> None:
    record = SENTENCE_SETS[name]
    classes, sentences, tests = PAPER[name]
    assert len(record.classes) == classes
    assert sum(count for _, count in record.files.values()) == sentences
    assert record.cross_validated == (tests is None)
    assert tests is None or record.files["test"][1] == tests
    assert list(SENTENCE_SETS) == list(PAPER)


def write(folder: Path, name: str) -> None:
    """Files of a set with as many sentences as the paper's."""
    record = SENTENCE_SETS[name]
    for part, (file, count) in record.files.items():
        lines = [f"{i % len(record.classes)} {part} {i}" for i in range(count)]
        (folder / file).write_text("\n".join(lines) + "\n", "latin-1")


@pytest.mark.parametrize("name", PAPER)
def test_splits(name: str, tmp_path: Path) -> None:
    write(tmp_path, name)
    whole, _ = load(name, "all", as_numpy=True, data_dir=tmp_path)
    assert len(set(whole)) == len(whole) == PAPER[name][1]
    parts = {s: load(name, s, True, data_dir=tmp_path)
             for s in load_record(name).splits}  # fmt: skip
    assert {s: len(p[0]) for s, p in parts.items()} == dict(load_record(name).splits)
    assert set().union(*(p[0] for p in parts.values())) == set(whole)
    assert sum(len(p[0]) for p in parts.values()) == len(whole)


def load_record(name: str):
    from cnncourse.datasets import DATASETS

    return DATASETS[name]


def test_ten_folds_are_the_whole(tmp_path: Path) -> None:
    write(tmp_path, "cr")
    tests = [load("cr", "test", True, data_dir=tmp_path, fold=f)[0] for f in range(10)]
    assert len(set(np.concatenate(tests))) == sum(map(len, tests)) == 3775
    again, _ = load("cr", "test", True, data_dir=tmp_path, fold=3)
    assert again.tolist() == tests[3].tolist()
    other, _ = load("cr", "test", True, data_dir=tmp_path, fold=3, seed=1)
    assert set(other) != set(again)
    with pytest.raises(ValueError, match=r"Expected 0 <= fold < 10. Received: fold=10"):
        load("cr", "test", data_dir=tmp_path, fold=10)


def test_half_a_file(tmp_path: Path) -> None:
    write(tmp_path, "cr")
    file = tmp_path / "custrev.all"
    file.write_bytes(file.read_bytes()[:20_000].rpartition(b"\n")[0] + b"\n")
    with pytest.raises(ValueError, match=r"Expected 3775 sentences.*Received: \d+ in"):
        load("cr", data_dir=tmp_path)
    sentences, _ = load("cr", "all", True, data_dir=tmp_path, checksum=False)
    assert 1000 < len(sentences) < 3775


def test_wrong_set_split_and_file(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError, match=r"the file TREC.test.all with a label"):
        sentence_set_split("trec", "test", tmp_path)
    with pytest.raises(ValueError, match=r"of train, test, all. Received: split=dev"):
        sentence_set_split("trec", "dev", tmp_path)
    with pytest.raises(KeyError, match="Did you mean 'trec'"):
        sentence_set_split("trek", "test", tmp_path)


def test_film_reviews(real_data: Path) -> None:
    folder = real_data / "sentences"
    sentences, labels = load("mr", "all", as_numpy=True, data_dir=folder)
    assert len(sentences) == 10_662
    assert np.bincount(labels).tolist() == [5_331, 5_331]
    train, _ = load("mr", "train", as_numpy=True, data_dir=folder, fold=9)
    test, _ = load("mr", "test", as_numpy=True, data_dir=folder, fold=9)
    assert (len(train), len(test)) == (9_596, 1_066)


def test_questions(real_data: Path) -> None:
    sizes = {}
    for split in ("train", "test"):
        questions, labels = load("trec", split, True, data_dir=real_data / "sentences")
        sizes[split] = len(questions)
        assert set(labels) == set(range(6))
    assert sizes == {"train": 5_452, "test": 500}
    names = SENTENCE_SETS["trec"].classes
    asks = {q: names[k] for q, k in zip(questions, labels, strict=True)}
    assert asks["How far is it from Denver to Aspen ?"] == "number"
    assert asks["What county is Modesto , California in ?"] == "location"
