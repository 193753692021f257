"""A made-up submission, what it tries and what it deserves."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from textwrap import dedent, indent
from typing import Any

from autograder.cells import Alternative
from autograder.course import Lab
from autograder.made_up_class import answered

# what a process or file is called that a submission tries to leave behind
MARK = "threat-leftover"

WRONG = """
def double(x):
    x += 1
    return x
"""


@dataclass(frozen=True)
class Threat:
    """A made-up submission.

    Args:
        name: unique.
        row: of the table of what submissions try; 0 for what is beyond it.
        tries: what it tries, in words.
        deserved: the score that its code deserves; of 10 in the toy lab.
        finding: the kind of finding that must be named; None if none need be.
        answers: what differs from a right submission: exercise -> code.
        change: changes the notebook; may give bytes to use instead.
        before: answers of a submission that is graded just before it.
        files: fills the submission's folder, given the folder and the notebook.
        review: whether a person must be asked to look.
        accused: False if no finding at all may be there.
        lab: "toy" or "weak".
        slow: whether it runs with the longer proofs only.
        hurts_itself: whether its own threads may cost it more than it deserves to lose,
            depending on when they run.
    """

    name: str
    row: int
    tries: str
    deserved: float = 5.0
    finding: str | None = None
    answers: dict[str, str] = field(default_factory=dict)
    change: Callable[[dict[str, Any]], bytes | None] | None = None
    before: dict[str, str] | None = None
    files: Callable[[Path, bytes], None] | None = None
    review: bool = False
    accused: bool = True
    lab: str = "toy"
    slow: bool = False
    hurts_itself: bool = False

    def notebook(self, lab: Lab) -> bytes:
        """The notebook's bytes."""
        made = answered(lab, *alternatives(self.answers))
        spoilt = self.change(made) if self.change else None
        return as_bytes(made) if spoilt is None else spoilt


def alternatives(answers: dict[str, str]) -> list[Alternative]:
    """Answers by exercise as the made-up class takes them."""
    return [Alternative(e, e, dedent(code)) for e, code in answers.items()]


def as_bytes(notebook: Any) -> bytes:
    """A notebook as a file, surrogates included."""
    return json.dumps(notebook).encode("utf-8", "surrogatepass")


def cheat(name: str, row: int, tries: str, code: str, **others: Any) -> Threat:
    """A threat whose answer to `double` is this code; alone it is worth 5 of 10."""
    return Threat(name, row, tries, answers={"double": dedent(code)}, **others)


def beside(name: str, row: int, tries: str, code: str, **others: Any) -> Threat:
    """A threat that runs code beside a wrong answer."""
    return cheat(name, row, tries, dedent(code) + WRONG, **others)


def probe(name: str, row: int, tries: str, code: str, **others: Any) -> Threat:
    """A threat whose answer is right only if a forbidden thing is possible.

    Args:
        name: unique.
        row: of the table.
        tries: what must not be possible.
        code: the body of a function that returns something true if it is.
        **others: fields of `Threat`.
    """
    source = f"""
import builtins, ctypes, glob, os, socket, subprocess, sys, time

def possible():
{indent(dedent(code).strip(), "    ")}

try:
    won = possible()
except BaseException:
    won = False

def double(x):
    if won:
        return 2 * x
    x += 1
    return x
"""
    return cheat(name, row, tries, source, **others)
