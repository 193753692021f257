"""docs/datasets.md names what there is."""

import re
from pathlib import Path

from cnncourse.datasets import DATASETS, TASKS

PAGE = (Path(__file__).parents[3] / "docs" / "datasets.md").read_text("utf-8")


def test_every_set_and_task_is_named() -> None:
    assert [name for name in DATASETS if f'`{name}`' not in PAGE
            and f'`"{name}"`' not in PAGE] == []  # fmt: skip
    rows = re.findall(r"^\| (\S+) \| `[({]", PAGE, re.MULTILINE)
    assert rows == list(TASKS)


def test_the_fields_are_those_of_the_catalogue() -> None:
    for name, task in TASKS.items():
        row = re.search(rf"^\| {name} \| (.*) \|$", PAGE, re.MULTILINE)
        assert row and all(field in row[1] for field in task.fields)
