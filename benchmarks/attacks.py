"""What stock nbgrader and ours give the same hostile, and the same honest, notebooks.

    python -m benchmarks.attacks           # rewrites the table in docs/grading.md

nbgrader runs in a container without network whose disk is read-only, but for a copy of
the course: it shuts nothing in by itself.
"""

from __future__ import annotations

import argparse
import contextlib
import os
import resource
import shutil
import sqlite3
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from rich.console import Console
from rich.progress import track

from autograder import engine
from autograder.build import build
from autograder.course import Course, Lab, find_course

ROOT = Path(__file__).resolve().parents[1]
THREATS = ROOT / "tests" / "autograder" / "threats"
PAGE = ROOT / "docs" / "grading.md"
BEGIN, END = "<!-- attacks: make attacks -->", "<!-- end of attacks -->"
MODULES = ("notebook_file", "score_channel", "interpreter", "values", "honest")
BIN = Path(sys.executable).parent
MEMORY = 4 * 2**30
CONFIG = """
c = get_config()
c.CourseDirectory.source_directory = 'solutions'
c.CourseDirectory.release_directory = 'labs'
c.CourseDirectory.ignore = ['*.py', '*.pyc', '__pycache__']
c.ExecutePreprocessor.timeout = 10
"""
console = Console()


@dataclass(frozen=True)
class Tried:
    """A notebook and what it got; a score is None where there is none."""

    row: int
    name: str
    tries: str
    honest: bool
    deserved: float
    nbgrader: float | None
    ours: float | None


def threats(per_row: int) -> Iterator:
    """The first few of each row of the threat suite that need no second submission."""
    sys.path.insert(0, str(THREATS))
    counts: dict[tuple[int, bool], int] = {}
    for name in MODULES:
        for threat in __import__(name).THREATS:
            key = threat.row, threat.accused
            usable = threat.row and not (threat.slow or threat.before or threat.files)
            if usable and threat.lab == "toy" and counts.get(key, 0) < per_row:
                counts[key] = counts.get(key, 0) + 1
                yield threat


def shut_in(command: list[str | Path], course: Course) -> list[str]:
    """A command line that can write nowhere but in a course folder."""
    wall = ["bwrap", "--ro-bind", "/", "/", "--dev", "/dev", "--proc", "/proc"]
    wall += ["--unshare-all", "--die-with-parent", "--tmpfs", "/tmp"]
    wall += ["--bind", str(course.root), str(course.root), "--chdir", str(course.root)]
    wall += ["--setenv", "HOME", "/tmp", "--setenv", "PYTHONPATH", str(ROOT)]
    return [*wall, *map(str, command)]


def grade_by_nbgrader(course: Course, lab: Lab) -> dict[str, float]:
    """Scores by student; those that nbgrader could not grade are missing."""
    environment = {**os.environ, "PATH": f"{BIN}:{os.environ['PATH']}"}
    (course.root / "nbgrader_config.py").write_text(CONFIG)

    def type_in(*words: str) -> None:
        subprocess.run(
            shut_in([BIN / "nbgrader", *words], course),
            env=environment,
            capture_output=True,
            preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY)),
        )

    type_in("generate_assignment", lab.name, "--force")
    students = sorted(p.name for p in course.submitted.iterdir())
    for student in track(students, "nbgrader", console=console):
        # one by one, since some stop all those that come after them
        type_in("autograde", lab.name, "--student", student)
    graded = {p.name for p in course.autograded.iterdir()}
    query = """
    select a.student_id, sum(coalesce(g.manual_score, g.auto_score, 0))
    from submitted_assignment a
    join submitted_notebook n on n.assignment_id = a.id
    join grade g on g.notebook_id = n.id group by a.student_id
    """
    with contextlib.closing(sqlite3.connect(course.gradebook)) as book:
        return {s: score for s, score in book.execute(query) if s in graded}


def run(per_row: int) -> list[Tried]:
    """Grades the notebooks twice."""
    chosen = list(threats(per_row))
    with tempfile.TemporaryDirectory(dir="/var/tmp") as folder:
        courses = []
        for who in ("nbgrader", "ours"):
            root = Path(folder) / who
            shutil.copytree(THREATS.parent / "toy" / "solutions", root / "solutions")
            course = find_course(root)
            lab = course.lab("lab90")
            build(course, lab)
            for threat in chosen:
                place = course.submitted / threat.name / lab.name
                place.mkdir(parents=True)
                (place / f"{lab.name}.ipynb").write_bytes(threat.notebook(lab))
            courses.append(course)
        theirs, mine = courses
        scores = grade_by_nbgrader(theirs, lab)
        results = {r.student: r.score for r in engine.grade_class(mine, lab, jobs=2)}
    return [
        Tried(
            *(t.row, t.name, t.tries, t.row >= 40, t.deserved),
            scores.get(t.name),
            results.get(t.name),
        )
        for t in chosen
    ]


def is_fair(deserved: float, score: float | None) -> bool:
    return score is not None and abs(score - deserved) < 1e-6


def table(tried: list[Tried]) -> str:
    """The table in Markdown: for each row what nbgrader did worst on."""
    rows: dict[int, list[Tried]] = {}
    for one in tried:
        rows.setdefault(one.row, []).append(one)
    lines = [
        "| row | what the notebook does | deserved | nbgrader | ours |",
        "|---|---|---|---|---|",
    ]
    for row in sorted(rows):

        def harm(one: Tried) -> float:
            given = -0.5 if one.nbgrader is None else one.nbgrader
            return abs(given - one.deserved)

        worst = max(rows[row], key=harm)
        shown = [
            ("not graded" if s is None else f"{s:g}") + ("" if fair else " ✗")
            for s in (worst.nbgrader, worst.ours)
            for fair in [is_fair(worst.deserved, s)]
        ]
        lines.append(
            f"| {row} | {worst.tries} | {worst.deserved:g} | {shown[0]} | {shown[1]} |"
        )
    for who in ("nbgrader", "ours"):
        unfair = [t for t in tried if not is_fair(t.deserved, getattr(t, who))]
        scores = [(t.deserved, getattr(t, who)) for t in unfair]
        won = sum(s is not None and s > d for d, s in scores)
        none = sum(s is None for _, s in scores)
        lines.append(
            f"\n{who}: {len(tried)} notebooks, {won} got more than they deserve, "
            f"{len(unfair) - won - none} less, {none} were not graded."
        )
    return "\n".join(lines)


def main() -> None:
    """Runs both and rewrites the table."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--per-row", type=int, default=3)
    options = parser.parse_args()
    text = table(run(options.per_row))
    print(text)
    page = PAGE.read_text("utf-8")
    head, _, rest = page.partition(BEGIN)
    _, _, tail = rest.partition(END)
    PAGE.write_text(f"{head}{BEGIN}\n\n{text}\n\n{END}{tail}", "utf-8")


if __name__ == "__main__":
    main()
