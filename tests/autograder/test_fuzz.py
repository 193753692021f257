"""Mutated notebooks: each gives a record and named findings, never an exception.

`FUZZ_COUNT` and `FUZZ_SEED` in the environment make it longer, or another.
"""

from __future__ import annotations

import json
import os
import random
from collections import Counter
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from autograder import feedback
from autograder.build import solution_notebook
from autograder.course import Lab
from autograder.record import FINDING_KINDS
from autograder.submission import Submission, rebuild
from autograder.worker import Worker

COUNT = int(os.environ.get("FUZZ_COUNT", "1500"))
SEED = int(os.environ.get("FUZZ_SEED", "0"))
GRADED = max(40, COUNT // 40)  # of them, those that are run and tested too

MOST_PLACES = 3000

ODD = (
    *(None, True, 0, -1, 1.5, float("nan"), float("inf"), 10**400, 2**63),
    *("", "x" * 10_000, "\ud800", "\x00", "\u202e", "é", "[]", "test_double", "code"),
    *([], [[]], {}, {"": {}}, [None] * 50, {"grade_id": "double", "points": 99}),
)


def nested(depth: int) -> Any:
    value: Any = 1
    for _ in range(depth):
        value = [value]
    return value


def places(root: Any) -> list[tuple[Any, Any]]:
    """All `(container, key)` in nested lists and dictionaries."""
    found: list[tuple[Any, Any]] = []
    waiting = [root]
    while waiting:
        node = waiting.pop()
        for key in list(node) if isinstance(node, dict) else range(len(node)):
            found.append((node, key))
            if isinstance(node[key], dict | list):
                waiting.append(node[key])
    return found


def replace_value(rng: random.Random, notebook: Any) -> None:
    container, key = rng.choice(places(notebook))
    container[key] = rng.choice((*ODD, nested(rng.choice((5, 80, 300)))))


def delete_value(rng: random.Random, notebook: Any) -> None:
    container, key = rng.choice(places(notebook))
    del container[key]


def add_key(rng: random.Random, notebook: Any) -> None:
    dictionaries = [c[k] for c, k in places(notebook) if isinstance(c[k], dict)]
    if dictionaries:
        keys = ("nbgrader", "grade_id", "tags", "input", "worksheets", "cells", "")
        rng.choice(dictionaries)[rng.choice(keys)] = rng.choice(ODD)


def swap_values(rng: random.Random, notebook: Any) -> None:
    (one, i), (other, k) = rng.choices(places(notebook), k=2)
    one[i], other[k] = json.loads(json.dumps(other[k])), json.loads(json.dumps(one[i]))


def repeat_items(rng: random.Random, notebook: Any) -> None:
    lists = [c[k] for c, k in places(notebook) if isinstance(c[k], list) and c[k]]
    if lists:
        chosen = rng.choice(lists)
        chosen += json.loads(json.dumps(chosen)) * rng.choice((1, 3))
        rng.shuffle(chosen)


def edit_text(rng: random.Random, notebook: Any) -> None:
    texts = [(c, k) for c, k in places(notebook) if isinstance(c[k], str)]
    if texts:
        container, key = rng.choice(texts)
        text = container[key]
        at = rng.randrange(len(text) + 1)
        junk = rng.choice(
            ("\x00", "(", "'''", "\ud8ff", "%%bash\n", "\n### BEGIN", "🦆")
        )
        container[key] = text[:at] + junk + text[at + rng.randrange(9) :]


CHANGES: tuple[Callable[[random.Random, Any], None], ...] = (
    *(replace_value, delete_value, add_key, swap_values, repeat_items, edit_text),
)


def spoil_bytes(rng: random.Random, data: bytes) -> bytes:
    """Bytes changed, lost, repeated, or in another encoding."""
    at, other = sorted(rng.randrange(len(data) + 1) for _ in range(2))
    return rng.choice(
        [
            data[:at],
            data[:at] + data[other:],
            data[:at] + data[at:other] * 2 + data[other:],
            data[:at] + rng.randbytes(rng.randrange(1, 9)) + data[at + 1 :],
            data.decode("utf-8", "replace").encode("utf-16"),
            b"\xef\xbb\xbf" + data,
            data.replace(b"\\n", b"\\r\\n"),
            data.replace(b'"', b"'"),
            rng.randbytes(rng.randrange(2000)),
        ]
    )


def mutations(lab: Lab, count: int, seed: int) -> Iterator[bytes]:
    """Notebooks that nobody would hand in, and somebody will."""
    text = json.dumps(solution_notebook(lab))
    for number in range(count):
        rng = random.Random(f"{seed} {number}")
        notebook = json.loads(text)
        for _ in range(rng.choice((1, 1, 2, 5, 20))):
            if 0 < len(places(notebook)) < MOST_PLACES:  # repeats of repeats grow
                rng.choice(CHANGES)(rng, notebook)
        data = json.dumps(notebook).encode("utf-8", "surrogatepass")
        if rng.random() < 0.35:
            data = spoil_bytes(rng, data)
        yield data


def test_each_mutation_gives_cells_and_named_findings(toy: Lab) -> None:
    kinds: Counter[str] = Counter()
    whole = [c.id for c in toy.cells]
    for number, data in enumerate(mutations(toy, COUNT, SEED)):
        try:
            cells, findings = rebuild(toy, data)
        except Exception as error:
            pytest.fail(f"mutation {number} of seed {SEED}: {error!r}")
        assert [c.cell for c in cells if c.kind != "added"] == whole
        assert {f.kind for f in findings} <= set(FINDING_KINDS)
        kinds.update(f.kind for f in findings)
        sources = "".join(c.source for c in cells)
        assert sources.encode("utf-8")  # fit for a file
        assert "BEGIN HIDDEN" in sources  # the tests are ours, whatever came
    # the mutations reach what they are to reach
    assert {"unreadable", "missing_cell", "duplicate_cell", "edited_test"} <= set(kinds)


def test_mutations_are_graded(toy: Lab, worker: Worker) -> None:
    scores: Counter[float] = Counter()
    for number, data in enumerate(mutations(toy, GRADED, SEED + 1)):
        result = worker.grade(Submission(toy.name, f"s{number}", data))
        said = f"mutation {number} of seed {SEED + 1}: {result.needs_review}"
        assert not result.needs_review.startswith("The grader failed"), said
        assert 0 <= result.score <= toy.max_score
        assert result.exercises, said
        assert "Traceback" not in feedback.page(result, "A toy lab")
        scores[result.score] += 1
    assert len(scores) > 1 and scores[toy.max_score] > 0
    untouched = json.dumps(solution_notebook(toy)).encode()
    right = worker.grade(Submission(toy.name, "right", untouched))
    assert right.score == toy.max_score
