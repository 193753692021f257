"""The grader's web pages: one file each, no script, nothing from outside.

What a submission printed, raised or called itself is foreign text. It is escaped by
the templates (autoescape is always on), its control characters are made visible by
`render`, and a Content-Security-Policy in every page forbids all script.
"""

from __future__ import annotations

import re
import secrets
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from unicodedata import category

from jinja2 import Environment, PackageLoader, StrictUndefined

# Control and format characters that hide or reorder text (bidirectional marks, zero
# widths, tags), separators that act as line ends, and surrogates, which UTF-8 cannot
# hold. U+200C and U+200D stay: Persian, Indic scripts and emoji need them.
_UNSEEN = re.compile(
    r"[\x00-\x08\x0b-\x1f\x7f-\x9f\xad\u034f\u061c\u115f\u1160\u180e\u200b\u200e\u200f"
    r"\u2028-\u202e\u2060-\u206f\u3164\ud800-\udfff\ufdd0-\ufdef\ufeff\uffa0"
    r"\ufff0-\ufffb\ufffe\uffff\U000e0000-\U000e0fff]"
)
# Runs that may hold combining marks, which are no word characters.
_MARKS = re.compile(r"[^\w\s\x00-\x7f]{7,}")
_MAX_MARKS = 6
# Each branch stops at the next escape, so that floods of them take linear time.
_TERMINAL_CODES = re.compile(
    r"\x1b\[[0-?]*[ -/]*[@-~]?"  # colours, cursor movements
    r"|\x1b[\]PX^_][^\x07\x1b]*(?:\x07|\x1b\\)?"  # window titles, links, device strings
    r"|\x1b[ -/]*[0-~]?"  # the others
)
_MAX_PRINTED = 1_000_000


@dataclass(frozen=True)
class Passage:
    """Foreign text as a page shows it.

    Args:
        head: the lines seen at once.
        rest: the lines folded away, or "".
        cut: how many characters are not in the page.
    """

    head: str
    rest: str = ""
    cut: int = 0

    @property
    def rest_lines(self) -> int:
        """How many lines are folded away."""
        return self.rest.count("\n") + 1 if self.rest else 0


def visible(text: str) -> str:
    r"""Writes control, bidirectional and surrogate characters as escapes.

    Args:
        text: any text, also text that UTF-8 cannot encode.
    Returns:
        The text, with for example `\u202e` spelled out. Tabs and newlines stay, and
        as many combining marks on a letter as do not grow over the lines above.
    Example:
        >>> visible("gpj\u202etxt")
        'gpj\\u202etxt'
    """
    text = _UNSEEN.sub(_spelled, text.replace("\r\n", "\n"))
    return _MARKS.sub(_unstacked, text)


def _unstacked(match: re.Match[str]) -> str:
    shown = []
    marks = 0
    for character in match.group():
        if category(character).startswith("M"):
            marks += 1
        elif character not in "\u200c\u200d":
            marks = 0
        shown.append(_escape(character) if marks > _MAX_MARKS else character)
    return "".join(shown)


def _spelled(match: re.Match[str]) -> str:
    return _escape(match.group())


def _escape(character: str) -> str:
    code = ord(character)
    if code <= 0xFF:
        return f"\\x{code:02x}"
    return f"\\u{code:04x}" if code <= 0xFFFF else f"\\U{code:08x}"


def as_printed(text: str) -> str:
    """What a terminal would have left on the screen: no colours, progress bars done.

    Args:
        text: what a cell printed; only its first million characters are read.
    Returns:
        The text without terminal codes; a carriage return restarts its line and a
        backspace removes a character.
    """
    text = _TERMINAL_CODES.sub("", text[:_MAX_PRINTED])
    lines = (line.rstrip("\r").rpartition("\r")[2] for line in text.split("\n"))
    return "\n".join(_without_backspaces(line) for line in lines)


def _without_backspaces(line: str) -> str:
    if "\b" not in line:
        return line
    kept: list[str] = []
    for character in line:
        if character != "\b":
            kept.append(character)
        elif kept:
            kept.pop()
    return "".join(kept)


def passage(text: str, seen_lines: int = 20, characters: int = 20_000) -> Passage:
    """Cuts and folds a long text.

    Args:
        text: what to show.
        seen_lines: lines seen at once; the others are folded away.
        characters: how many characters the page keeps.
    Returns:
        The passage.
    """
    kept = text[:characters].rstrip("\n")
    lines = kept.split("\n")
    # Folding three lines away would cost the reader more than it saves.
    if len(lines) <= seen_lines + 3:
        seen_lines = len(lines)
    return Passage(
        head="\n".join(lines[:seen_lines]),
        rest="\n".join(lines[seen_lines:]),
        cut=max(0, len(text) - characters),
    )


def share(score: float, max_score: float) -> float:
    """The part of the points that was reached, in [0, 1]; 0 where there are none."""
    return max(0.0, min(score / max_score, 1.0)) if max_score > 0 else 0.0


def points(score: float) -> str:
    """A score in at most two decimals, without trailing zeros."""
    return f"{round(score, 2) + 0.0:g}"


def short(name: str, characters: int = 100) -> str:
    """A name that fits in a line: its start, and "…" if more was cut."""
    return name if len(name) <= characters else name[: characters - 1] + "…"


def check_name(exercise: str, grade_id: str) -> str:
    """A readable name of a test cell.

    Args:
        exercise: the exercise that it tests.
        grade_id: the cell's id, `test_exercise` or `test_exercise_name`.
    Returns:
        For example "Even kernel" for `test_conv2d_even_kernel`.
    """
    stem = f"test_{exercise}"
    if grade_id == stem:
        return "Main check"
    name = grade_id.removeprefix(f"{stem}_").replace("_", " ").strip()
    return name[:1].upper() + name[1:]


_ENVIRONMENT = Environment(
    loader=PackageLoader("autograder", "pages"),
    autoescape=True,
    undefined=StrictUndefined,
    trim_blocks=True,
    lstrip_blocks=True,
)
_ENVIRONMENT.filters.update(points=points, short=short)
_ENVIRONMENT.globals.update(share=share, check_name=check_name)


def render(template: str, **values: Any) -> str:
    """Fills a template of this folder.

    Args:
        template: its file name.
        **values: what it uses; all text is escaped unless it is `Markup`.
    Returns:
        HTML that UTF-8 can encode and that holds no invisible control character.
    """
    return visible(_ENVIRONMENT.get_template(template).render(**values))


def write(html: str, path: Path) -> Path:
    """Writes a page, whole or not at all.

    Args:
        html: the page.
        path: where; missing folders are made.
    Returns:
        `path`.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    temporary = path.with_name(f".{secrets.token_hex(8)}.tmp")
    try:
        # "x" and not a tempfile: the page gets the permissions that the umask gives.
        with temporary.open("x", encoding="utf-8", newline="\n") as file:
            file.write(html)
        temporary.replace(path)
    finally:
        temporary.unlink(missing_ok=True)
    return path
