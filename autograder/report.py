"""The class report that an instructor gets: one page about all submissions of a lab."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from statistics import fmean, median
from typing import Any
from urllib.parse import quote

from autograder import pages
from autograder.record import FINDING_KINDS, ExerciseRecord, Finding, Result

# The histogram's drawing, in the units of its viewBox.
_WIDTH, _HEIGHT, _BASE, _TOP, _MARGIN = 470, 210, 180, 24, 14
_BINS = 10


@dataclass
class _Exercise:
    """What the class did in one exercise."""

    name: str
    max_score: float = 0.0
    score: float = 0.0
    passes: dict[str, int] = field(default_factory=dict)  # of each test cell


@dataclass(frozen=True)
class _Mistake:
    exercise: str
    mistake: str
    hint: str
    students: tuple[str, ...]


@dataclass(frozen=True)
class _Finding:
    kind: str
    meaning: str
    students: tuple[tuple[str, list[Finding]], ...]


@dataclass(frozen=True)
class _Bar:
    """A bar of the histogram: its scores, and its place in the drawing."""

    low: float
    high: float
    count: int
    x: float
    y: float
    width: float
    height: float


def page(
    results: Sequence[Result], lab_title: str, feedback_links: dict[str, str]
) -> str:
    """The class report of one lab.

    Args:
        results: the gradings, one for each student.
        lab_title: the lab's title, for example "Convolution".
        feedback_links: student -> path of the feedback page, relative to the report,
            with "/" between its parts; a student may be missing.
    Returns:
        A whole HTML page that needs no other file.
    """
    results = sorted(results, key=lambda result: result.student)
    scores = [result.score for result in results]
    max_score = max((result.max_score for result in results), default=0.0)
    return pages.render(
        "report.html",
        lab_title=lab_title,
        results=results,
        links={
            student: _relative(path) for student, path in feedback_links.items() if path
        },
        max_score=max_score,
        mean=fmean(scores) if scores else 0.0,
        median=median(scores) if scores else 0.0,
        complete=sum(0 < result.max_score <= result.score for result in results),
        review=[result for result in results if result.needs_review],
        histogram=_bars(histogram(scores, max_score, _BINS), max_score),
        edges=[(_WIDTH * n / _BINS, max_score * n / _BINS) for n in range(_BINS + 1)],
        view_box=f"{-_MARGIN} 0 {_WIDTH + 2 * _MARGIN} {_HEIGHT}",
        base=_BASE,
        exercises=_exercises(results),
        mistakes=_mistakes(results),
        findings=_findings(results),
        rows=[_row(result) for result in results],
    )


def write(
    results: Sequence[Result],
    lab_title: str,
    feedback_links: dict[str, str],
    path: Path,
) -> Path:
    """Writes the class report, whole or not at all.

    Args:
        results: the gradings, one for each student.
        lab_title: the lab's title.
        feedback_links: student -> path of the feedback page, relative to the report.
        path: the report's file.
    Returns:
        `path`.
    """
    return pages.write(page(results, lab_title, feedback_links), path)


def histogram(scores: Sequence[float], max_score: float, bins: int) -> list[int]:
    """Counts scores in equal steps from 0 to the highest possible one.

    Args:
        scores: any scores; what lies outside counts in the first or last step.
        max_score: the end of the last step, which belongs to it.
        bins: how many steps.
    Returns:
        One count for each step.
    Raises:
        ValueError: if there is no step.
    """
    if bins < 1:
        raise ValueError(f"Expected at least one bin. Received: bins={bins}")
    counts = [0] * bins
    for score in scores:
        counts[min(int(pages.share(score, max_score) * bins), bins - 1)] += 1
    return counts


def _bars(counts: list[int], max_score: float) -> list[_Bar]:
    step = _WIDTH / len(counts)
    highest = max(counts) or 1
    bars = []
    for index, count in enumerate(counts):
        height = (_BASE - _TOP) * count / highest
        low, high = (max_score * edge / len(counts) for edge in (index, index + 1))
        x, y = index * step + 2, _BASE - height
        bars.append(_Bar(low, high, count, x, y, step - 4, height))
    return bars


def _relative(path: str) -> str:
    # "./" and the quoted colon keep it a path: no scheme, no host.
    return "./" + quote(path.lstrip("/"), errors="replace")


def _exercises(results: Sequence[Result]) -> list[_Exercise]:
    """The exercises in the lab's order; a result that lacks one counts 0 for it."""
    exercises: dict[str, _Exercise] = {}
    for result in results:
        for record in result.exercises:
            exercise = exercises.setdefault(record.exercise, _Exercise(record.exercise))
            _count(exercise, record)
    return list(exercises.values())


def _count(exercise: _Exercise, record: ExerciseRecord) -> None:
    exercise.max_score = max(exercise.max_score, record.max_score)
    exercise.score += record.score
    for test in record.tests:
        passes = exercise.passes.get(test.grade_id, 0)
        exercise.passes[test.grade_id] = passes + test.passed


def _mistakes(results: Sequence[Result]) -> list[_Mistake]:
    """The named mistakes, the most frequent first."""
    found: dict[tuple[str, str, str], list[str]] = {}
    for result in results:
        for record in result.exercises:
            if record.diagnosis:
                mistake, hint = record.diagnosis.mistake, record.diagnosis.hint
                key = (record.exercise, mistake, hint)
                found.setdefault(key, []).append(result.student)
    mistakes = [_Mistake(*key, tuple(students)) for key, students in found.items()]
    return sorted(mistakes, key=lambda mistake: -len(mistake.students))


def _findings(results: Sequence[Result]) -> list[_Finding]:
    """The findings by kind, the one of most students first."""
    found: dict[str, dict[str, list[Finding]]] = {}
    for result in results:
        for finding in result.findings:
            students = found.setdefault(finding.kind, {})
            students.setdefault(result.student, []).append(finding)
    kinds = [
        _Finding(kind, FINDING_KINDS.get(kind, ""), tuple(students.items()))
        for kind, students in found.items()
    ]
    return sorted(kinds, key=lambda kind: (-len(kind.students), kind.kind))


def _row(result: Result) -> dict[str, Any]:
    return {
        "student": result.student,
        "score": result.score,
        "max_score": result.max_score,
        "exercises": {record.exercise: record for record in result.exercises},
        "findings": sorted({finding.kind for finding in result.findings}),
        "review": bool(result.needs_review),
    }
