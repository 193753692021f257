"""Grades thousands of submissions and watches cost, memory and files.

    python benchmarks/soak.py                # 5,000 submissions of the toy lab
    python benchmarks/soak.py --students 500

Memory must stay flat, a submission cost at the end what it cost at the start, and the
gradebook and the records grow in proportion to the class.
"""

from __future__ import annotations

import argparse
import os
import random
import tempfile
import time
from pathlib import Path

import psutil
from rich.console import Console
from rich.table import Table

from autograder.course import Course, Lab
from autograder.engine import grade_class, record_path
from autograder.record import Result
from benchmarks.grading import LABS, make_course

MARKS = (100, 500, 1000, 2000, 3000, 4000, 5000)
WINDOW = 100  # submissions over which a rate is taken
console = Console()


def memory_mb() -> float:
    """Memory of this process and its children, shared pages counted once, in MiB."""
    processes = [psutil.Process(), *psutil.Process().children(recursive=True)]
    total = 0
    for process in processes:
        try:
            total += process.memory_full_info().pss
        except psutil.Error:
            continue  # a candidate that ended meanwhile
    return total / 2**20


def soak(course: Course, lab: Lab, jobs: int) -> Table:
    """Grades the class in a course folder.

    Args:
        course: with submissions, none graded.
        lab: the lab.
        jobs: how many at a time.
    Returns:
        A row for each of `MARKS`.
    """
    table = Table(title=f"{lab.name}, {jobs} jobs")
    for column in (
        "graded",
        "ms each, last 100",
        "MiB",
        "gradebook MiB",
        "records MiB",
    ):
        table.add_column(column, justify="right")
    times: list[float] = []

    def progress(done: int, total: int, result: Result | None) -> None:
        times.append(time.monotonic())
        if result is None or done not in (*MARKS, total):
            return
        window = times[-WINDOW - 1 :]
        each = (window[-1] - window[0]) / (len(window) - 1)
        records = record_path(course, lab.name, "x").parent
        size = sum(entry.stat().st_size for entry in os.scandir(records))
        table.add_row(
            str(done),
            f"{each * 1000:.1f}",
            f"{memory_mb():.0f}",
            f"{course.gradebook.stat().st_size / 2**20:.1f}",
            f"{size / 2**20:.1f}",
        )
        console.log(f"{done} of {total}, {each * 1000:.1f} ms each")

    grade_class(course, lab, jobs=jobs, progress=progress)
    return table


def main() -> None:
    """Makes a class, grades it and prints the table."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--students", type=int, default=5000)
    parser.add_argument("--jobs", type=int, default=os.cpu_count() or 1)
    parser.add_argument("--seed", type=int, default=0)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as name:
        course = make_course(Path(name) / "course", LABS["numpy"], options.students)
        shuffle(course, random.Random(options.seed))
        console.print(soak(course, course.lab("lab90"), options.jobs))


def shuffle(course: Course, rng: random.Random) -> None:
    """Gives the submissions to the students in another order."""
    students = sorted(course.submitted.iterdir())
    names = [s.name for s in students]
    rng.shuffle(names)
    for student, name in zip(students, names, strict=True):
        student.rename(course.submitted / f"{name}.new")
    for student in list(course.submitted.iterdir()):
        student.rename(student.with_suffix(""))


if __name__ == "__main__":
    main()
