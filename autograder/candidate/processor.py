"""What a candidate's processes had of the processor, and whether they want more."""

from __future__ import annotations

import os
from collections.abc import Iterable
from pathlib import Path

_TICKS = os.sysconf("SC_CLK_TCK")
_WANTING = (["R"], ["D"])  # runs or could, or waits for a disk; not what sleeps


def usage(pids: Iterable[int]) -> tuple[float, bool]:
    """Looks at processes.

    Args:
        pids: of all of them; those that are gone count nothing.
    Returns:
        The seconds of processor time that they and their ended children had, and
        whether a thread of theirs would run on if it had a processor.
    """
    seconds, wanting = 0.0, False
    for pid in pids:
        fields = _fields(Path(f"/proc/{pid}/stat"))
        # of itself and of its children, in user and in kernel mode
        seconds += sum(map(int, fields[11:15])) / _TICKS
        states = (_fields(thread / "stat")[:1] for thread in _threads(pid))
        wanting = wanting or any(state in _WANTING for state in states)
    return seconds, wanting


def _threads(pid: int) -> list[Path]:
    try:
        return list(Path(f"/proc/{pid}/task").iterdir())
    except OSError:
        return []


def _fields(path: Path) -> list[str]:
    """The fields after the name, which may hold anything; none if it is gone."""
    try:
        return path.read_text(errors="replace").rpartition(") ")[2].split()
    except OSError:
        return []
