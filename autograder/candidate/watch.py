"""Ends candidates whose processes together take more memory than one may.

A limit of the kernel holds for each process, and a candidate may have many.
"""

from __future__ import annotations

import os
import signal
from pathlib import Path

SECONDS = 0.1  # between two looks
_PSS = "Pss:"  # memory, with what processes share divided among them


def end_the_hungry(candidates: set[int], most_mb: float) -> set[int]:
    """Kills candidates whose processes take more than `most_mb` MiB together.

    Args:
        candidates: the first process of each.
        most_mb: MiB of all processes of one candidate. One that has a single process
            is left alone: its own limit holds.
    Returns:
        The candidates that were killed; they still have to be waited for.
    """
    namespaces = _by_namespace()
    ended = set()
    for pid in candidates:
        own = namespaces.get(_namespace(pid), [])
        if len(own) > 1 and sum(map(megabytes, own)) > most_mb:
            os.kill(pid, signal.SIGKILL)  # and with it all in its namespace
            ended.add(pid)
    return ended


def family(pid: int) -> list[int]:
    """The processes of a candidate that has a pid namespace of its own; else itself."""
    own = _namespace(pid)
    if own == _namespace(os.getpid()):
        return [pid]
    return _by_namespace().get(own, []) if own else []


def _by_namespace() -> dict[int, list[int]]:
    found: dict[int, list[int]] = {}
    for entry in os.listdir("/proc"):  # noqa: PTH208 (several times a second)
        if entry.isdigit() and (space := _namespace(int(entry))):
            found.setdefault(space, []).append(int(entry))
    return found


def _namespace(pid: int) -> int:
    """The number of a process's pid namespace; 0 if the process is gone."""
    try:
        return Path(f"/proc/{pid}/ns/pid").stat().st_ino
    except OSError:
        return 0


def megabytes(pid: int) -> float:
    """MiB of memory of a process, its share of what others share with it; 0 if gone."""
    try:
        text = Path(f"/proc/{pid}/smaps_rollup").read_text()
    except OSError:
        return 0.0
    lines = (line.split() for line in text.splitlines())
    return sum(int(line[1]) for line in lines if line[0] == _PSS) / 1024
