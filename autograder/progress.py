"""What an instructor sees while a class is graded."""

from __future__ import annotations

import contextlib
import time
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import timedelta

from rich.console import Console, Group
from rich.live import Live
from rich.progress_bar import ProgressBar
from rich.text import Text

from autograder.record import Result

_SECONDS_BETWEEN_LINES = 10.0  # where there is no terminal to draw on


@dataclass
class Tally:
    """A grading so far, in numbers.

    Args:
        done: how many submissions have a record, earlier runs included.
        total: how many there are.
        graded: how many were graded in this run.
        reviews: how many of these need review.
        findings: how often each kind was found in this run.
    """

    done: int = 0
    total: int = 0
    graded: int = 0
    reviews: int = 0
    findings: Counter[str] = field(default_factory=Counter)
    _first: float = 0.0

    def add(self, done: int, total: int, newest: Result | None) -> None:
        """Counts the newest result; the arguments are those of `grade_class`."""
        self.done, self.total = done, total
        if newest is None:
            return
        if not self.graded:
            self._first = time.monotonic()  # start-up says nothing about the rest
        self.graded += 1
        self.reviews += bool(newest.needs_review)
        self.findings.update(finding.kind for finding in newest.findings)

    @property
    def rate(self) -> float:
        """Submissions graded in a second; 0 while that is not known."""
        seconds = time.monotonic() - self._first
        return (self.graded - 1) / seconds if self.graded > 1 and seconds else 0.0

    def lines(self) -> list[str]:
        """The numbers in words: one line, and one of findings if there are any."""
        to_go = self.total - self.done
        parts = [f"{self.done} of {self.total} done", f"{to_go} to go"]
        if self.rate:
            left = timedelta(seconds=round(to_go / self.rate))
            parts += [f"{self.rate:.1f}/s", f"{left} left"]
        if self.reviews:
            parts.append(f"{self.reviews} need review")
        found = [f"{kind} {count}" for kind, count in self.findings.most_common()]
        return [", ".join(parts), *([f"found: {', '.join(found)}"] if found else [])]


@contextlib.contextmanager
def grading(
    console: Console, lab_name: str
) -> Iterator[Callable[[int, int, Result | None], None]]:
    """Shows how a grading goes on: a bar on a terminal, else a line now and then.

    Args:
        console: where.
        lab_name: what is graded.
    Yields:
        What `grade_class` takes as `progress`.
    """
    tally = Tally()
    if console.is_terminal:

        def drawn() -> Group:
            bar = ProgressBar(tally.total or None, tally.done, pulse=not tally.total)
            return Group(f"grading {lab_name}", bar, *map(Text, tally.lines()))

        with Live(get_renderable=drawn, console=console):
            yield tally.add
        return
    printed = time.monotonic()

    def add(done: int, total: int, newest: Result | None) -> None:
        nonlocal printed
        tally.add(done, total, newest)
        if time.monotonic() - printed >= _SECONDS_BETWEEN_LINES:
            printed = time.monotonic()
            show()

    def show() -> None:
        text = f"grading {lab_name}: {'; '.join(tally.lines())}"
        console.print(Text(text), soft_wrap=True)

    try:
        yield add
    finally:
        show()
