"""Kills what grades, at random moments: nothing is lost, entered twice or wrong."""

from __future__ import annotations

import contextlib
import json
import random
import shutil
import sqlite3
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import psutil
import pytest

from autograder import engine
from autograder.course import Course, find_course

ROOT = Path(__file__).parents[2]
STUDENTS = 14
ANSWERS = (
    {},
    {"double": "def double(x):\n    return 3 * x\n"},
    {"smooth": "def smooth(x):\n    raise ValueError('no')\n"},
    {"double": "def double(x):\n    x *= 2\n    return x\n"},
)
SERVER, EXAMINER = "autograder.candidate.server", "autograder.examiner.server"
PATIENCE = 120.0


class Grading:
    """`autograder grade` in a process of its own, with what it started.

    Args:
        course: the course folder.
        *options: of the command.
    """

    def __init__(self, course: Course, *options: str) -> None:
        command = (sys.executable, "-m", "autograder", "grade", "lab90")
        self._popen = subprocess.Popen(
            [*command, "--course", str(course.root), "--jobs", "2", *options],
            stdout=subprocess.DEVNULL,
            stderr=subprocess.PIPE,
            cwd=ROOT,
        )
        self.process = psutil.Process(self._popen.pid)

    def ends(self) -> int:
        """Waits for its exit status."""
        _, complaints = self._popen.communicate(timeout=PATIENCE)
        if self._popen.returncode not in (0, -9):
            raise AssertionError(complaints.decode())
        return self._popen.returncode

    def is_running(self) -> bool:
        """Whether it still grades."""
        return self._popen.poll() is None


def named(process: psutil.Process, module: str) -> bool:
    """Whether a process runs a module."""
    try:
        return module in process.cmdline() and "python" in process.exe()
    except psutil.Error:
        return False


def below(process: psutil.Process, module: str) -> list[psutil.Process]:
    """The processes that run a module, below another."""
    try:
        return [p for p in process.children(recursive=True) if named(p, module)]
    except psutil.Error:
        return []


def candidates(process: psutil.Process) -> list[psutil.Process]:
    """The processes in which submissions run: forked from what was forked itself."""
    found = {p.pid: p for p in below(process, SERVER)}
    forked = {pid for pid, p in found.items() if p.ppid() in found}
    return [p for p in found.values() if p.ppid() in forked]


def servers(process: psutil.Process) -> list[psutil.Process]:
    """The processes that submissions are forked from, and what those came from."""
    forked = set(candidates(process))
    return [p for p in below(process, SERVER) if p not in forked]


VICTIMS: dict[str, Callable[[Grading, Any], list[psutil.Process]]] = {
    "coordinator": lambda grading, _: [grading.process],
    "candidates' server": lambda grading, _: servers(grading.process),
    "examiner": lambda grading, _: below(grading.process, EXAMINER),
    "candidate": lambda grading, _: candidates(grading.process),
    "cluster's worker": lambda _, cluster: [psutil.Process(cluster.workers[0].pid)],
}


def kill_one(
    grading: Grading, victim: str, cluster: Any, after: float, rng: random.Random
) -> bool:
    """Kills a process of a kind at a moment; False if the grading ended before.

    Args:
        grading: what runs.
        victim: a key of `VICTIMS`.
        cluster: the cluster that grades, if there is one.
        after: seconds from now.
        rng: chooses among several.
    """
    time.sleep(after)
    while grading.is_running():
        with contextlib.suppress(psutil.Error, IndexError):
            rng.choice(VICTIMS[victim](grading, cluster)).kill()
            return True
        time.sleep(0.001)
    return False


def plain_records(course: Course) -> dict[str, str]:
    """The records without their times, by student."""
    found = {}
    for path in engine.record_path(course, "lab90_toy", "x").parent.glob("*.json"):
        record = json.loads(path.read_text("utf-8"))
        record["result"].pop("seconds")
        found[path.stem] = json.dumps(record)
    return found


def rows(course: Course) -> list[tuple[Any, ...]]:
    """The scores and comments in the gradebook, which must be sound."""
    query = """
    select a.student_id, cell.name, g.auto_score, g.needs_manual_grade, c.auto_comment
    from submitted_assignment a
    join submitted_notebook n on n.assignment_id = a.id
    join base_cell cell on cell.notebook_id = n.notebook_id
    left join grade g on g.cell_id = cell.id and g.notebook_id = n.id
    left join comment c on c.cell_id = cell.id and c.notebook_id = n.id
    """
    with contextlib.closing(sqlite3.connect(course.gradebook)) as book:
        assert book.execute("pragma integrity_check").fetchall() == [("ok",)]
        return sorted(book.execute(query), key=repr)


def compare(course: Course, right: Course) -> Counter[str]:
    """Counts what is lost, twice or wrong against a grading that nobody disturbed."""
    found: Counter[str] = Counter()
    expected, given = rows(right), rows(course)
    entries = Counter((student, cell) for student, cell, *_ in given)
    found["lost"] += len({row[:2] for row in expected} - set(entries))
    found["twice"] += sum(count - 1 for count in entries.values())
    found["wrong"] += len(set(given) ^ set(expected))
    records, rights = plain_records(course), plain_records(right)
    found["lost"] += len(set(rights) - set(records))
    found["wrong"] += sum(records.get(s) != record for s, record in rights.items())
    for place in ("autograded", "feedback"):
        pages = [
            {
                str(p.relative_to(c.root)): p.read_bytes()
                for p in (c.root / place).rglob("*")
                if p.is_file()
            }
            for c in (course, right)
        ]
        found["lost"] += len(set(pages[1]) - set(pages[0]))
        found["wrong"] += sum(pages[0].get(n) != page for n, page in pages[1].items())
    return found


@pytest.fixture(scope="module")
def handed_in(
    tmp_path_factory: pytest.TempPathFactory, submit: Any, hand_in: Any
) -> Course:
    """A class that handed in and is not graded."""
    root = tmp_path_factory.mktemp("class") / "course"
    toy = Path(__file__).parent / "toy"
    shutil.copytree(toy / "solutions", root / "solutions")
    course = find_course(root)
    for number in range(STUDENTS):
        hand_in(course, f"s{number:02d}", submit(**ANSWERS[number % len(ANSWERS)]))
    return course


@pytest.fixture(scope="module")
def undisturbed(
    handed_in: Course, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[tuple[Course, float]]:
    """The class graded by a run that nobody kills, and how long that took."""
    root = tmp_path_factory.mktemp("undisturbed") / "course"
    course = find_course(shutil.copytree(handed_in.root, root))
    started = time.monotonic()
    assert Grading(course).ends() == 0
    yield course, time.monotonic() - started


def killed_and_resumed(
    handed_in: Course,
    undisturbed: tuple[Course, float],
    folder: Path,
    victim: str,
    seed: int,
    cluster: Any = None,
) -> tuple[bool, Counter[str]]:
    """Kills one process of a grading and grades on until all is done.

    Returns:
        Whether anything was killed before all was done, and what is lost, twice or
        wrong in the end.
    """
    course = find_course(shutil.copytree(handed_in.root, folder))
    rng = random.Random(f"{victim} {seed}")
    options = () if cluster is None else ("--scheduler", cluster.address)
    grading = Grading(course, *options)
    hit = kill_one(grading, victim, cluster, rng.uniform(0, undisturbed[1]), rng)
    if grading.ends() != 0:
        assert victim == "coordinator"
        assert not psutil.pid_exists(grading.process.pid)
        assert Grading(course).ends() == 0
    if cluster is not None and hit:
        cluster.replace_worker()
    return hit, compare(course, undisturbed[0])


@pytest.mark.parametrize("victim", [v for v in VICTIMS if v != "cluster's worker"])
def test_a_kill_loses_nothing(
    handed_in: Course, undisturbed: Any, tmp_path: Path, victim: str
) -> None:
    hits = 0
    for seed in range(6):  # some come too late
        folder = tmp_path / f"{seed}"
        hit, harm = killed_and_resumed(handed_in, undisturbed, folder, victim, seed)
        assert harm.total() == 0, harm
        hits += hit
        if hits == 2:
            break
    assert hits == 2


KILLS = {v: 10 for v in VICTIMS}


@pytest.mark.slow
def test_fifty_kills_lose_nothing(
    handed_in: Course,
    undisturbed: Any,
    dask_cluster: Any,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
) -> None:
    table: dict[str, Counter[str]] = {}
    for victim, kills in KILLS.items():
        cluster = dask_cluster if victim == "cluster's worker" else None
        table[victim] = Counter()
        for seed in range(3 * kills):  # a kill that comes too late does not count
            if table[victim]["kills"] < kills:
                folder = tmp_path / f"{victim}-{seed}"
                hit, harm = killed_and_resumed(
                    handed_in, undisturbed, folder, victim, seed, cluster
                )
                table[victim] += harm + Counter(kills=int(hit))
                shutil.rmtree(folder)
    total = sum(table.values(), Counter())
    with capsys.disabled():
        print()
        for victim, counts in {**table, "all": total}.items():
            shown = ", ".join(f"{counts[w]} {w}" for w in ("lost", "twice", "wrong"))
            print(f"{victim:20} {counts['kills']:>3} kills: {shown}")
    assert total["kills"] == sum(KILLS.values())
    assert total["lost"] == total["twice"] == total["wrong"] == 0
