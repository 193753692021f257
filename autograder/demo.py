"""The main job on a bare clone: release a lab, grade a made-up class, show it."""

from __future__ import annotations

import shutil
import sys
import time
from pathlib import Path

from rich.table import Table

from autograder import engine, sandbox
from autograder.__main__ import console, errors, progress_bar, safe
from autograder.build import build
from autograder.course import Course, CourseError, find_course
from autograder.made_up_class import Student, make_class, write_class
from autograder.record import Result

_MARK = ".made-up"  # only a folder with this file is deleted
_FOLDERS = """
# The demo grades the labs of the course that it comes from.
c.CourseDirectory.source_directory = {source!r}
c.CourseDirectory.release_directory = {release!r}
"""


def main(folder: Path = Path("demo"), lab_name: str = "lab01") -> int:
    """Runs the demo.

    Args:
        folder: where the demo course is made; an older demo there is replaced.
        lab_name: which lab is graded.
    Returns:
        0 if every submission got the score that it deserves.
    """
    started = time.monotonic()
    try:
        sandbox.require()
        course = _make_course(folder)
        lab = course.lab(lab_name)
        build(course, lab)
        console.print(
            f"released {safe(str(course.release / lab.name))}", soft_wrap=True
        )
        students = make_class(lab)
        write_class(lab, students, course.submitted)
        console.print(f"made up a class of {len(students)}")
        with progress_bar(f"grading {lab.name}") as show:
            results = engine.grade_class(
                course,
                lab,
                rerun=True,  # nobody has run the made-up notebooks
                progress=lambda done, total, _: show(done, total),
            )
        report = engine.write_report(course, lab, results)
    except CourseError as error:
        errors.print(f"[bold red]demo:[/] {safe(str(error))}", soft_wrap=True)
        return 2
    wrong = _show(students, results)
    console.print(f"report:   {safe(str(report))}", soft_wrap=True)
    console.print(f"feedback: {safe(str(course.feedback))}", soft_wrap=True)
    console.print(f"gradebook: {safe(str(course.gradebook))}", soft_wrap=True)
    seconds = time.monotonic() - started
    console.print(
        f"{len(results) - wrong} of {len(results)} scores as deserved, {seconds:.0f} s"
    )
    return 1 if wrong else 0


def _make_course(folder: Path) -> Course:
    if folder.exists():
        if not (folder / _MARK).exists():
            raise CourseError(
                f"Expected {folder.resolve()} to be free or an older demo. Received: "
                "a folder that the demo did not make"
            )
        shutil.rmtree(folder)
    folder.mkdir(parents=True)
    (folder / _MARK).touch()
    course = find_course(folder)
    # the course's own configuration, so that formgrader's button is safe here as well
    text = (sandbox.ROOT / "nbgrader_config.py").read_text("utf-8")
    text += _FOLDERS.format(source=str(course.solutions), release=str(course.release))
    (folder / "nbgrader_config.py").write_text(text, "utf-8")
    return course


def _show(students: list[Student], results: list[Result]) -> int:
    """Prints the score table; how many scores are not the deserved ones."""
    table = Table(title="a made-up class")
    for column in ("student", "what it handed in", "findings"):
        table.add_column(column)
    for column in ("deserved", "score"):
        table.add_column(column, justify="right")
    scores = {r.student: r for r in results}
    wrong = 0
    for student in students:
        result = scores[student.name]
        right = result.score == student.deserved
        wrong += not right
        colour = "green" if right else "bold red"
        table.add_row(
            student.name,
            student.what,
            ", ".join(sorted({f.kind for f in result.findings})),
            f"{student.deserved:g}",
            f"[{colour}]{result.score:g}[/]",
        )
    console.print(table)
    return wrong


if __name__ == "__main__":
    sys.exit(main())
