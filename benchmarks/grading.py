"""Seconds per submission: nbgrader, Otter and ours on the same notebooks.

    python -m benchmarks.grading                     # class of 50, all labs
    python -m benchmarks.grading --students 50 200 --labs numpy

Each round grades the same class with nbgrader (serial, as it is), with Otter's local
run (`make .venv-otter/.ready` brings it), with ours for each number of jobs, and runs
the same cells in a warm process (the floor), one after the other, so that a machine
that drifts drifts for all. Start-up is included, medians are printed. nbgrader and
Otter take a class in sequence at a constant rate, so larger classes than they are given
are extrapolated; the table says so.
"""

from __future__ import annotations

import argparse
import itertools
import json
import math
import os
import shutil
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import psutil
from rich.console import Console
from rich.table import Table
from threadpoolctl import threadpool_info

from autograder.course import Course, Lab, find_course
from autograder.made_up_class import answered
from autograder.submission import visible_source
from benchmarks import grading_otter
from benchmarks.grading_stages import stages

HERE = Path(__file__).resolve().parent
TOYS = HERE.parent / "tests" / "autograder"
LABS = {  # of one model, and of ten that tests build, call, take apart and hand over
    "numpy": TOYS / "toy",
    "keras": HERE / "small_keras",
    "keras, many models": TOYS / "toy_keras",
}
BIN = Path(sys.executable).parent
OTTER_STUDENTS = 3
console = Console()


@dataclass(frozen=True)
class Timing:
    """One run of a command over a class.

    Args:
        seconds: wall time, start-up included.
        peak_mb: the most memory of the command and all its children, in MiB; pages
            that processes share count once.
    """

    seconds: float
    peak_mb: float


def notebooks(lab: Lab) -> Iterator[bytes]:
    """The same submissions again and again: right ones, variants and mistakes."""
    answers = [(), *((a,) for a in (*lab.variants, *lab.mistakes))]
    made = [json.dumps(answered(lab, *a)).encode() for a in answers]
    return itertools.cycle(made)


def make_course(folder: Path, template: Path, students: int) -> Course:
    """A course with a class of submissions in it, none graded."""
    shutil.copytree(template / "solutions", folder / "solutions")
    course = find_course(folder)
    lab = course.lab(course.lab_names()[0])
    (folder / "nbgrader_config.py").write_text(
        "c = get_config()\n"
        "c.CourseDirectory.source_directory = 'solutions'\n"
        "c.CourseDirectory.release_directory = 'labs'\n"
        "c.CourseDirectory.ignore = ['*.py', '*.pyc', '__pycache__']\n"
        "c.ExecutePreprocessor.timeout = 120\n"
    )
    subprocess.run([BIN / "autograder", "build"], cwd=folder, check=True)
    for number, data in zip(range(students), notebooks(lab), strict=False):
        place = course.submitted / f"s{number:04d}" / lab.name
        place.mkdir(parents=True)
        (place / f"{lab.name}.ipynb").write_bytes(data)
    return course


def timed(command: list[str | Path], folder: Path) -> Timing:
    """Runs a command to its end and watches its memory."""
    environment = {**os.environ, "PATH": f"{BIN}:{os.environ['PATH']}"}
    peak = 0.0
    ended = threading.Event()
    started = time.monotonic()
    process = subprocess.Popen(
        command,
        cwd=folder,
        env=environment,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )

    def watch() -> None:
        nonlocal peak
        pause = 0.5
        while not ended.wait(pause):
            asked = time.monotonic()
            peak = max(peak, _memory(process.pid))
            # the kernel walks through all pages: no more than a twentieth of the time
            pause = max(0.5, 20 * (time.monotonic() - asked))

    watcher = threading.Thread(target=watch)
    watcher.start()
    process.wait()
    seconds = time.monotonic() - started
    ended.set()
    watcher.join()
    return Timing(seconds, peak)


def _memory(pid: int) -> float:
    total = 0
    try:
        root = psutil.Process(pid)
        for process in (root, *root.children(recursive=True)):
            try:
                total += process.memory_full_info().pss
            except psutil.Error:
                continue  # it ended meanwhile
    except psutil.Error:
        return 0.0
    return total / 2**20


def nbgrader(template: Path, students: int) -> Timing:
    """Stock `nbgrader autograde` on a class."""
    with tempfile.TemporaryDirectory() as name:
        course = make_course(Path(name) / "course", template, students)
        lab = course.lab_names()[0]
        generate = [BIN / "nbgrader", "generate_assignment", lab, "--force"]
        environment = {**os.environ, "PATH": f"{BIN}:{os.environ['PATH']}"}
        subprocess.run(
            generate, cwd=course.root, env=environment, check=True, capture_output=True
        )
        return timed([BIN / "nbgrader", "autograde", lab], course.root)


def otter(template: Path, students: int) -> Timing:
    """`otter run` on each submission of a class."""
    course = find_course(template)
    lab = course.lab(course.lab_names()[0])
    files = list(itertools.islice(notebooks(lab), students))
    with tempfile.TemporaryDirectory() as name:
        seconds, score = grading_otter.seconds(lab, files, Path(name))
    if score != lab.max_score:
        sys.exit(f"Expected Otter to give full marks. Received: {score}")
    return Timing(seconds, float("nan"))


def ours(template: Path, students: int, jobs: int) -> Timing:
    """`autograder grade` on a class."""
    with tempfile.TemporaryDirectory() as name:
        course = make_course(Path(name) / "course", template, students)
        lab = course.lab_names()[0]
        command = [BIN / "autograder", "grade", lab, "--jobs", str(jobs)]
        return timed(command, course.root)


_FLOOR = """
import contextlib, io, json, sys, time
cells = json.load(sys.stdin)
for number in range(6):
    started = time.perf_counter()
    namespace = {}
    with contextlib.redirect_stdout(io.StringIO()):
        for source in cells:
            exec(source, namespace)
    if number:
        print(time.perf_counter() - started)
"""


def floor(template: Path) -> float:
    """Seconds that the right submission's cells and tests take in a warm process."""
    course = find_course(template)
    lab = course.lab(course.lab_names()[0])
    sources = [visible_source(c) for c in lab.cells if c.kind not in ("markdown",)]
    output = subprocess.run(
        [sys.executable, "-c", _FLOOR],
        input=json.dumps(sources),
        env={**os.environ, "MPLBACKEND": "agg"},
        capture_output=True,
        text=True,
        check=True,
    ).stdout
    return statistics.median(map(float, output.split()))


def measure(
    name: str, students: list[int], jobs: list[int], rounds: int, limit: int
) -> Table:
    """The table of one lab."""
    template = LABS[name]
    table = Table(title=f"{name} lab, {rounds} round(s), medians, start-up included")
    for column in ("who", "class", "s per submission", "times nbgrader", "peak MiB"):
        table.add_column(column, justify="right")
    small = min(limit, max(students))
    runs: dict[tuple[str, int], list[Timing]] = {}
    contestants: list[tuple[tuple[str, int], Callable[[], Timing]]] = [
        (("nbgrader", small), lambda: nbgrader(template, small))
    ]
    if grading_otter.PROGRAM.exists():
        few = (("Otter", OTTER_STUDENTS), lambda: otter(template, OTTER_STUDENTS))
        contestants.append(few)
    for count, job in itertools.product(students, jobs):
        key = (f"ours, {job} job{'s' * (job > 1)}", count)
        contestants.append((key, lambda c=count, j=job: ours(template, c, j)))
    floors = []
    for _ in range(rounds):
        floors.append(floor(template))
        for key, run in contestants:
            runs.setdefault(key, []).append(run())
            console.log(f"{name}: {key[0]}, {key[1]}: {runs[key][-1].seconds:.1f} s")
    rate = statistics.median(t.seconds for t in runs["nbgrader", small]) / small
    for (who, count), timings in runs.items():
        each = statistics.median(t.seconds for t in timings) / count
        peak = max(t.peak_mb for t in timings)
        memory = "-" if math.isnan(peak) else f"{peak:.0f}"
        table.add_row(who, str(count), f"{each:.3f}", f"{rate / each:.1f}", memory)
    table.add_row(
        "floor (warm process)", "1", f"{statistics.median(floors):.3f}", "", ""
    )
    if max(students) > small:
        table.caption = f"nbgrader's rate is that of its class of {small}"
    return table


def main() -> None:
    """Measures what the arguments ask for and prints it."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--labs", nargs="+", choices=LABS, default=list(LABS))
    parser.add_argument("--students", nargs="+", type=int, default=[50])
    parser.add_argument("--jobs", nargs="+", type=int, default=[1, 2])
    parser.add_argument("--rounds", type=int, default=1)
    parser.add_argument("--nbgrader-students", type=int, default=25)
    options = parser.parse_args()
    for library in threadpool_info():
        console.print(
            f"{library['internal_api']} {library['version']}, "
            f"{library.get('architecture', '?')}, {library['num_threads']} threads"
        )
    console.print(f"{os.cpu_count()} cores, Python {sys.version.split()[0]}")
    for name in options.labs:
        if not LABS[name].exists():
            console.print(f"no {name} lab to measure")
            continue
        console.print(
            measure(
                name,
                options.students,
                options.jobs,
                options.rounds,
                options.nbgrader_students,
            )
        )
        console.print(stages(LABS[name]))


if __name__ == "__main__":
    main()
