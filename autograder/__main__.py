"""The `autograder` command: what an instructor types."""

from __future__ import annotations

import argparse
import gc
import json
import os
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.progress import (
    BarColumn,
    MofNCompleteColumn,
    Progress,
    TextColumn,
    TimeElapsedColumn,
    TimeRemainingColumn,
)
from rich.table import Table

from autograder import __version__
from autograder.course import Course, CourseError, Lab, find_course

ALL_WELL, NEEDS_REVIEW, WRONG_USAGE = 0, 1, 2
console = Console()
errors = Console(stderr=True)

# jsonschema imports it to check formats, which nothing here asks for, and it takes
# longer to import than all of nbgrader
sys.modules.setdefault("rfc3987_syntax", None)  # type: ignore[arg-type]


def entry_point() -> int:
    """Runs the command that was typed, in a process that ends with it.

    nbgrader alone makes 130,000 objects that stay. Looking for garbage among them is a
    fifth of the time that its import takes, and 0.4 s at the end.
    """
    gc.set_threshold(50_000)
    status = main()
    gc.freeze()
    return status


def main(arguments: list[str] | None = None) -> int:
    """Runs a command.

    Args:
        arguments: as typed, without the program's name.
    Returns:
        0 if all is well, 1 if something needs a person, 2 for wrong usage or set-up
        and when not one submission could be graded.
    """
    options = _parser().parse_args(arguments)
    try:
        status: int = options.run(options)
    except CourseError as error:
        errors.print(f"[bold red]autograder:[/] {safe(str(error))}", soft_wrap=True)
        return WRONG_USAGE
    except OSError as error:
        if error.filename is None:
            raise
        errors.print(
            f"[bold red]autograder:[/] Expected to use {safe(str(error.filename))}. "
            f"Received: {error.strerror}",
            soft_wrap=True,
        )
        return WRONG_USAGE
    except KeyboardInterrupt:
        errors.print("\nStopped. What was graded is kept: run the command to go on.")
        return 130
    return status


def safe(text: str) -> str:
    """Text as rich shows it literally, without control characters."""
    from rich.markup import escape

    plain = "".join(c if c.isprintable() or c == "\n" else "\ufffd" for c in text)
    return escape(plain)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="autograder", description="Builds, checks and grades the labs of a course."
    )
    parser.add_argument("--version", action="version", version=__version__)
    commands = parser.add_subparsers(required=True, metavar="COMMAND")

    def command(
        name: str, run: Callable[[argparse.Namespace], int], text: str, labs: str | None
    ) -> argparse.ArgumentParser:
        sub = commands.add_parser(name, help=text, description=text)
        sub.set_defaults(run=run)
        if labs == "*":
            sub.add_argument(
                "labs", nargs="*", metavar="LAB", help="all if none is named"
            )
        elif labs:
            sub.add_argument("lab", metavar="LAB", help="a lab's name, or its labNN")
        sub.add_argument(
            "--course",
            type=Path,
            metavar="DIR",
            help="the course folder (default: here)",
        )
        return sub

    build = command("build", _build, "Makes the notebooks from the labs' sources.", "*")
    build.add_argument(
        "--check", action="store_true", help="only say which notebooks are stale"
    )
    validate = command("validate", _validate, "Tests the labs' tests.", "*")
    grade = command("grade", _grade, "Grades all submissions of a lab.", "lab")
    grade.add_argument("--json", type=Path, metavar="FILE", help="write the results")
    grade.add_argument(
        "--again", action="store_true", help="also what has been graded already"
    )
    grade.add_argument(
        "--rerun",
        action="store_true",
        help="run the cells once more for the outputs on the feedback pages, instead "
        "of keeping those in the notebooks",
    )
    grade.add_argument(
        "--scheduler",
        metavar="ADDRESS",
        help="grade on the workers of this Dask scheduler, as many at a time as they "
        "have threads, instead of here",
    )
    for sub in (validate, grade):
        sub.add_argument(
            "--jobs", type=_positive, default=os.cpu_count() or 1, help="at a time"
        )
        sub.add_argument(
            "--no-sandbox",
            action="store_true",
            help="DANGEROUS: run submissions as you, with your files and network",
        )
    command("feedback", _feedback, "Writes the feedback pages of a graded lab.", "lab")
    command("report", _report, "Writes the class report of a graded lab.", "lab")
    export = command(
        "export", _export, "Writes the scores of a lab for another system.", "lab"
    )
    export.add_argument(
        "--format",
        choices=("csv", "canvas", "moodle", "gradescope"),
        default="csv",
        help="for whom (default: csv, for people and spreadsheets)",
    )
    export.add_argument(
        "--output",
        type=Path,
        metavar="FILE",
        help="default: exports/ in the course folder; a folder for gradescope",
    )
    command("doctor", _doctor, "Says whether this machine can grade.", None)
    return parser


def _positive(text: str) -> int:
    number = int(text)
    if number < 1:
        raise argparse.ArgumentTypeError(f"Expected at least 1. Received: {text}")
    return number


def _labs(options: argparse.Namespace) -> tuple[Course, list[Lab]]:
    course = find_course(options.course)
    names = options.labs or course.lab_names()
    if not names:
        raise CourseError(f"Expected labs in {course.solutions}. Received: none")
    return course, [course.lab(name) for name in names]


@contextmanager
def progress_bar(text: str) -> Iterator[Callable[[int, int], None]]:
    with Progress(
        TextColumn(text),
        BarColumn(),
        MofNCompleteColumn(),
        TimeElapsedColumn(),
        TextColumn("left"),
        TimeRemainingColumn(),
        console=errors,
    ) as bar:
        task = bar.add_task(text, total=None)

        def show(done: int, total: int) -> None:
            bar.update(task, completed=done, total=total)

        yield show


def _build(options: argparse.Namespace) -> int:
    from autograder.build import build, stale

    course, labs = _labs(options)
    status = ALL_WELL
    for lab in labs:
        if options.check:
            for path in stale(course, lab):
                status = NEEDS_REVIEW
                console.print(
                    f"[red]stale[/] {lab.name}: {safe(str(path))} (run `autograder "
                    "build`)",
                    soft_wrap=True,
                )
        else:
            for path in build(course, lab):
                console.print(f"wrote {safe(str(path))}", soft_wrap=True)
    if options.check and status == ALL_WELL:
        console.print(f"up to date: {len(labs)} lab{'s' * (len(labs) != 1)}")
    return status


def _check_sandbox(options: argparse.Namespace) -> None:
    from autograder import sandbox

    if options.no_sandbox:
        errors.print(
            "[bold white on red] NO SANDBOX [/] Submissions run as you: they can read "
            "and delete your files and use your network. Grade only code you trust.",
        )
    else:
        sandbox.require()


def _validate(options: argparse.Namespace) -> int:
    from autograder.validate import NAMED_AT_LEAST, validate

    _, labs = _labs(options)
    _check_sandbox(options)
    status = ALL_WELL
    for lab in labs:
        with progress_bar(f"validating {lab.name}") as show:
            verdicts = validate(
                lab,
                jobs=options.jobs,
                sandboxed=not options.no_sandbox,
                progress=show,
            )
        console.print(f"[bold]{lab.name}[/]")
        for kind in ("reference", "untouched", "variant", "mistake"):
            mine = [v for v in verdicts if v.kind == kind]
            wrong = [v for v in mine if v.problem]
            if kind in ("reference", "untouched"):
                console.print(f"  {kind} {mine[0].score:g}/{lab.max_score:g}")
            else:
                right = "20/20" if kind == "variant" else "lose exactly what they name"
                right = right.replace("20/20", f"{lab.max_score:g}/{lab.max_score:g}")
                console.print(f"  {kind}s {len(mine) - len(wrong)}/{len(mine)} {right}")
            for verdict in wrong:
                status = NEEDS_REVIEW
                console.print(
                    f"  [red]{kind} {verdict.name}[/] {safe(verdict.problem)}",
                    soft_wrap=True,
                )
        mistakes = [v for v in verdicts if v.kind == "mistake"]
        named = sum(v.named for v in mistakes)
        console.print(f"  named in the feedback {named}/{len(mistakes)}")
        unnamed = [v.name for v in mistakes if not v.named]
        if unnamed:
            console.print(f"  not named: {', '.join(unnamed)}", soft_wrap=True)
        if named < NAMED_AT_LEAST * len(mistakes):
            status = NEEDS_REVIEW
    return status


def _grade(options: argparse.Namespace) -> int:
    from autograder import engine, progress

    course = find_course(options.course)
    lab = course.lab(options.lab)
    if options.json is not None and not options.json.absolute().parent.is_dir():
        raise CourseError(
            f"Expected a folder for the results. Received: {options.json.parent}"
        )
    if options.scheduler is None or options.no_sandbox:
        _check_sandbox(options)
    with progress.grading(errors, lab.name) as advance:
        results = engine.grade_class(
            course,
            lab,
            jobs=options.jobs,
            again=options.again,
            rerun=options.rerun,
            sandboxed=not options.no_sandbox,
            scheduler=options.scheduler,
            progress=advance,
        )
    console.print(score_table(lab, results))
    path = engine.write_report(course, lab, results)
    console.print(f"report: {safe(str(path))}", soft_wrap=True)
    console.print(f"feedback: {safe(str(course.feedback))}", soft_wrap=True)
    if options.json is not None:
        text = json.dumps([r.summary() for r in results], indent=1)
        options.json.write_text(text + "\n", "utf-8")
    return _name_reviews(results)


def score_table(lab: Lab, results: list[Any]) -> Table:
    """The scores of a class as a table for the terminal."""
    table = Table(title=f"{lab.name}: {lab.title}")
    table.add_column("student")
    table.add_column("score", justify="right")
    for exercise in lab.exercises:
        table.add_column(exercise, justify="right")
    table.add_column("findings")
    for result in results:
        scores = {e.exercise: f"{e.score:g}" for e in result.exercises}
        table.add_row(
            safe(result.student),
            f"{result.score:g}/{result.max_score:g}",
            *(scores.get(e, "-") for e in lab.exercises),
            ", ".join(sorted({f.kind for f in result.findings})),
        )
    return table


def _name_reviews(results: list[Any]) -> int:
    reviews = [r for r in results if r.needs_review]
    for result in reviews:
        console.print(
            f"[yellow]needs review[/] {safe(result.student)}: "
            f"{safe(result.needs_review)}",
            soft_wrap=True,
        )
    if reviews and len(reviews) == len(results):
        return WRONG_USAGE  # not one submission could be graded
    return NEEDS_REVIEW if reviews else ALL_WELL


def _feedback(options: argparse.Namespace) -> int:
    from autograder import engine, feedback

    course = find_course(options.course)
    lab = course.lab(options.lab)
    results = engine.results(course, lab.name)
    for result in results:
        feedback.write(result, lab.title, course.feedback)
    console.print(f"wrote {len(results)} pages in {safe(str(course.feedback))}")
    return ALL_WELL


def _report(options: argparse.Namespace) -> int:
    from autograder import engine

    course = find_course(options.course)
    lab = course.lab(options.lab)
    results = engine.results(course, lab.name)
    path = engine.write_report(course, lab, results)
    console.print(f"wrote {safe(str(path))}", soft_wrap=True)
    return _name_reviews(results)


def _export(options: argparse.Namespace) -> int:
    from autograder import export

    course = find_course(options.course)
    lab = course.lab(options.lab)
    scores = export.read_scores(course, lab)
    path = export.write(course, lab, scores, options.format, options.output)
    console.print(
        f"wrote {len(scores)} scores in {safe(str(path))}",
        soft_wrap=True,
    )
    changed = [s for s in scores if export.harmless(s.student) != s.student]
    for score in changed if options.format != "gradescope" else ():
        console.print(
            f"[yellow]changed[/] {safe(score.student)}: a spreadsheet could run this "
            "id, or not show it; an importer will not find it",
            soft_wrap=True,
        )
    for score in scores:
        if score.needs_review:
            console.print(f"[yellow]needs review[/] {safe(score.student)}")
    return NEEDS_REVIEW if any(s.needs_review for s in scores) else ALL_WELL


def _doctor(options: argparse.Namespace) -> int:
    from autograder.doctor import examine

    table = Table(title="autograder doctor")
    for column in ("what", "state", "what to do"):
        table.add_column(column)
    status = ALL_WELL
    for line in examine(find_course(options.course)):
        state = "[green]ok[/]" if line.ok else "[red]missing[/]"
        table.add_row(safe(line.what), f"{state} {safe(line.state)}", safe(line.remedy))
        status = status if line.ok else WRONG_USAGE
    console.print(table)
    return status


if __name__ == "__main__":
    sys.exit(entry_point())
