"""Do the tables on sentences show the nets that belong to each row?"""

import json
from pathlib import Path

import pytest

from benchmarks import sentence_rows
from benchmarks.sentence_rows import COMPARED, PLANNED, Planned, compared_row, row


def leave_result(planned: Planned, number: int, accuracy: float) -> None:
    planned.folder.mkdir(parents=True, exist_ok=True)
    result = {
        "test_accuracy": accuracy,
        "dev_accuracy": [0.5] * 24 + [accuracy] + [accuracy + 0.01] * 25,
        "seconds": 60,
    }
    file = planned.folder / f"{planned.kind}_{number}.json"
    file.write_text(json.dumps(result), "utf-8")


@pytest.fixture
def kept(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sentence_rows, "KEPT", tmp_path)


def test_each_recipe_has_a_folder_of_its_own() -> None:
    folders = {planned.folder for planned in PLANNED}
    assert len(folders) == len(PLANNED)
    assert len({planned.folder for planned in COMPARED}) == len(COMPARED)


@pytest.mark.usefixtures("kept")
def test_a_row_counts_its_own_seeds() -> None:
    tested, compared = PLANNED[-1], COMPARED[-1]
    assert tested.folder == compared.folder
    for number, accuracy in {0: 0.9, 1: 0.92, 100: 0.8, 101: 0.86}.items():
        leave_result(tested, number, accuracy)
    line = row(tested, tested.results)
    assert "| epochs 50, word dropout 0.1 | 2 of 3 seeds | **91.00 %** |" in line
    assert "| 90.0, 92.0 | 2 min | 91.2 % |" in line
    assert compared_row(compared).endswith("| 83.00 % | 84.00 % |")


@pytest.mark.usefixtures("kept")
def test_folds_come_in_their_order_and_what_lacks_has_no_row() -> None:
    films = PLANNED[0]
    for fold in range(10):
        leave_result(films, fold, 0.7 + fold / 100)
    text = sentence_rows.section()
    assert "| mr | published | 10 of 10 folds | **74.50 %** | 70.0, 71.0, " in text
    assert "| trec |" not in text and "dev accuracy" not in text


@pytest.mark.usefixtures("kept")
def test_without_nets_there_is_no_section() -> None:
    assert sentence_rows.section() == ""
