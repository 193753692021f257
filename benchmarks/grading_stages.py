"""Where the milliseconds of one grading go, stage by stage."""

from __future__ import annotations

import json
import statistics
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import Any
from unittest import mock

from rich.table import Table

from autograder import engine, feedback, gradebook
from autograder.course import Lab, find_course
from autograder.examiner import scoring
from autograder.examiner.material import Material
from autograder.examiner.session import Session
from autograder.made_up_class import answered
from autograder.stem import Stem
from autograder.submission import Submission

ROUNDS = 15
STAGES = (
    *("read the notebook", "fork and isolate", "cells in the candidate"),
    *("calls in the candidate", "end the candidate", "tests in the examiner"),
    *("write the record", "enter into the gradebook", "write the pages"),
)


class Clock:
    """Adds up seconds by stage; an inner stage's seconds are not the outer one's."""

    def __init__(self) -> None:
        self.seconds: dict[str, float] = {}
        self._open: list[float] = []

    @contextmanager
    def stage(self, name: str) -> Iterator[None]:
        """Counts what runs inside for a stage."""
        started = time.perf_counter()
        self._open.append(0.0)
        try:
            yield
        finally:
            spent = time.perf_counter() - started
            inner = self._open.pop()
            self.seconds[name] = self.seconds.get(name, 0.0) + spent - inner
            if self._open:
                self._open[-1] += spent

    def timed(self, function: Callable, name: str | Callable[..., str]) -> Callable:
        """The function, counted for a stage."""

        def run(*args: Any, **kwargs: Any) -> Any:
            stage = name if isinstance(name, str) else name(*args)
            with self.stage(stage):
                return function(*args, **kwargs)

        return run


def _asked(_: Session, request: dict[str, Any], *__: Any) -> str:
    kind = "cells" if request["op"] == "cell" else "calls"
    return f"{kind} in the candidate"


def stages(template: Path) -> Table:
    """Grades a right submission again and again in this process.

    Args:
        template: a course folder with one lab.
    Returns:
        A table of medians.
    """
    lab = find_course(template).lab(find_course(template).lab_names()[0])
    stem = Stem(lab)
    branch = stem.branch()
    try:
        rounds = [_once(lab, branch.server, n) for n in _numbers(lab)]
    finally:
        stem.end(branch)
    table = Table(title=f"{lab.name}: one right submission, medians of {ROUNDS}")
    table.add_column("stage")
    table.add_column("ms", justify="right")
    total = 0.0
    for stage in STAGES:
        each = 1000 * statistics.median(r.get(stage, 0.0) for r in rounds)
        total += each
        table.add_row(stage, f"{each:.1f}")
    table.add_row("all", f"{total:.1f}")
    return table


_material: dict[str, Material] = {}


def _numbers(lab: Lab) -> range:
    _material[lab.name] = Material(lab)
    return range(ROUNDS)


def _once(lab: Lab, control: Any, number: int) -> dict[str, float]:
    clock = Clock()
    notebook = json.dumps(answered(lab)).encode()
    submission = Submission(lab.name, f"s{number}", notebook, (), str(number))
    with (
        mock.patch.object(scoring, "rebuild", clock.timed(scoring.rebuild, STAGES[0])),
        mock.patch.object(Session, "_spawn", clock.timed(Session._spawn, STAGES[1])),
        mock.patch.object(Session, "_ask", clock.timed(Session._ask, _asked)),
        mock.patch.object(Session, "close", clock.timed(Session.close, STAGES[4])),
        clock.stage(STAGES[5]),
    ):
        result = scoring.grade(_material[lab.name], submission, control)
    if result.score != result.max_score:
        sys.exit(f"Expected full marks. Received: {result.summary()}")
    with tempfile.TemporaryDirectory() as folder:
        (Path(folder) / "solutions").mkdir()
        course = find_course(Path(folder))
        with gradebook.open_gradebook(course) as book:
            gradebook.register(book, lab, course)
            write = partial(engine.write_record, course, lab, result)
            clock.timed(write, STAGES[6])()
            with clock.stage(STAGES[7]):
                gradebook.save(book, lab, result)
            with clock.stage(STAGES[8]):
                gradebook.write_autograded(course, lab, result)
                feedback.write(result, lab.title, course.feedback)
    return clock.seconds
