"""Grading on a real Dask cluster: the same results, and a lost worker costs nothing."""

from __future__ import annotations

import contextlib
import json
import shutil
import sqlite3
import subprocess
import sys
from pathlib import Path
from typing import Any

from autograder.course import Course, find_course

ROOT = Path(__file__).parents[2]

ANSWERS = (
    {},
    {"double": "def double(x):\n    return 3 * x\n"},
    {"double": "def double(x):\n    while True: pass\n"},
    {"smooth": "def smooth(x):\n    raise ValueError('no')\n"},
)


def hand_in_some(course: Course, submit: Any, hand_in: Any, count: int) -> None:
    for number in range(count):
        hand_in(course, f"s{number:02d}", submit(**ANSWERS[number % len(ANSWERS)]))


def grade(course: Course, *options: str) -> str:
    """Grades by the command; what it wrote for `--json`, without the times."""
    out = course.root / "results.json"
    subprocess.run(
        [
            *(sys.executable, "-m", "autograder", "grade", "lab90"),
            *("--course", str(course.root), "--json", str(out), *options),
        ],
        cwd=ROOT,
        check=True,
        capture_output=True,
    )
    results = json.loads(out.read_text("utf-8"))
    for result in results:
        assert result.pop("seconds") > 0
    return json.dumps(results)


def entered(course: Course) -> list[Any]:
    """What the gradebook holds."""
    query = """
    select a.student_id, cell.name, g.auto_score, g.needs_manual_grade, c.auto_comment
    from submitted_assignment a
    join submitted_notebook n on n.assignment_id = a.id
    join base_cell cell on cell.notebook_id = n.notebook_id
    left join grade g on g.cell_id = cell.id and g.notebook_id = n.id
    left join comment c on c.cell_id = cell.id and c.notebook_id = n.id
    """
    with contextlib.closing(sqlite3.connect(course.gradebook)) as book:
        return sorted(book.execute(query), key=repr)


def files(course: Course) -> dict[str, bytes]:
    """What students and instructors are given, byte by byte."""
    places = (course.autograded, course.feedback)
    found = (p for place in places for p in place.rglob("*") if p.is_file())
    return {str(p.relative_to(course.root)): p.read_bytes() for p in found}


def test_a_cluster_gives_what_local_grading_gives(
    dask_cluster: Any, course: Course, submit: Any, hand_in: Any, tmp_path: Path
) -> None:
    hand_in_some(course, submit, hand_in, 8)
    other = find_course(shutil.copytree(course.root, tmp_path / "other"))
    here = grade(course)
    there = grade(other, "--scheduler", dask_cluster.address)
    assert [r["score"] for r in json.loads(here)] == [10, 7, 5, 7] * 2
    assert there == here
    assert entered(other) == entered(course)
    assert files(other) == files(course)


def test_a_lost_worker_costs_nothing(
    dask_cluster: Any, course: Course, submit: Any, hand_in: Any
) -> None:
    hand_in_some(course, submit, hand_in, 12)
    records = course.root / ".autograder" / "lab90_toy"
    process = subprocess.Popen(
        [
            *(sys.executable, "-m", "autograder", "grade", "lab90"),
            *("--course", str(course.root), "--scheduler", dask_cluster.address),
        ],
        cwd=ROOT,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
    )
    while process.poll() is None and not list(records.glob("*.json")):
        pass
    dask_cluster.replace_worker()
    _, complaints = process.communicate(timeout=120)
    assert process.returncode == 0, complaints.decode()
    results = json.loads(grade(course))
    assert [r["score"] for r in results] == [10, 7, 5, 7] * 3
