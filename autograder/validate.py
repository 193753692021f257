"""Tests a lab's tests: what must pass passes, each known mistake fails as it says."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from autograder.build import as_text, release_notebook, solution_notebook
from autograder.cells import Alternative
from autograder.course import Lab
from autograder.engine import grade_submissions
from autograder.made_up_class import answered
from autograder.record import Result
from autograder.submission import Submission

NAMED_AT_LEAST = 0.9  # of the mistakes, by the hint on the feedback page


@dataclass(frozen=True)
class Verdict:
    """One submission made from the lab, and whether it was graded as it must be.

    Args:
        name: "reference", "untouched", or a variant's or mistake's name.
        kind: "reference", "untouched", "variant" or "mistake".
        score: what it got.
        problem: "" or what was expected and what came.
        named: whether the feedback names the mistake.
    """

    name: str
    kind: str
    score: float
    problem: str = ""
    named: bool = False


def validate(
    lab: Lab,
    *,
    jobs: int = 2,
    sandboxed: bool = True,
    progress: Callable[[int, int], None] = lambda *_: None,
) -> list[Verdict]:
    """Grades the reference, the untouched lab, all variants and all mistakes.

    Args:
        lab: the lab.
        jobs: how many are graded at a time.
        sandboxed: False runs them without walls.
        progress: called with (done, total).
    Returns:
        A verdict for each, in that order.
    """
    texts = {"reference": as_text(solution_notebook(lab))}
    texts["untouched"] = as_text(release_notebook(lab))
    alternatives = {}
    for kind, others in (("variant", lab.variants), ("mistake", lab.mistakes)):
        for other in others:
            name = f"{kind} {other.exercise}.{other.name}"
            alternatives[name] = other
            texts[name] = as_text(answered(lab, other))
    submissions = [Submission(lab.name, n, t.encode("utf-8")) for n, t in texts.items()]
    results: dict[str, Result] = {}
    progress(0, len(submissions))
    for result in grade_submissions(lab, submissions, jobs=jobs, sandboxed=sandboxed):
        results[result.student] = result
        progress(len(results), len(submissions))
    return [_judge(lab, n, results[n], alternatives.get(n)) for n in texts]


def _judge(lab: Lab, name: str, result: Result, answer: Alternative | None) -> Verdict:
    kind, _, short = name.partition(" ")
    tests = [t for e in result.exercises for t in e.tests]
    failed = {t.grade_id for t in tests if not t.passed}
    must_fail = {c.id for c in lab.tests} if kind == "untouched" else set()
    named = False
    problem = result.needs_review
    if kind == "mistake" and answer is not None:
        must_fail = set(answer.fails)
        diagnoses = {e.exercise: e.diagnosis for e in result.exercises}
        diagnosis = diagnoses.get(answer.exercise)
        named = diagnosis is not None and diagnosis.mistake == answer.name
        if not must_fail:
            problem = "Expected the names of tests that fail. Received: none"
    if not problem and failed != must_fail:
        reasons = [f"{t.grade_id}: {t.detail}" for t in tests if t.grade_id in failed]
        problem = (
            f"Expected to fail: {sorted(must_fail)}. Received: {sorted(failed)}. "
            + " ".join(reasons)[:400]
        )
    return Verdict(short or name, kind, result.score, problem, named)
