"""A time limit that counts for less while others keep a submission from running.

A student's limit is wall time: what sleeps or waits for ever ends on time. But a
machine that is busy, or stands still for a moment, takes time from a submission that
it did not use. What it wanted to use and was not given is added to its limit.
"""

from __future__ import annotations

import select
import socket
import time
from collections.abc import Callable

from autograder.candidate import wire

LONGEST = 3.0  # times the limit, whatever else goes on
_SMALL = 0.1  # of the limit: a process seldom has a processor for itself alone

Usage = Callable[[], tuple[float, bool]]


class Deadline:
    """When an answer has to be there.

    Args:
        seconds: the limit.
        most: how much may be added to it at most.
        before: processor time that the process may have used before, in seconds.
        usage: says how much it has used by now, and whether it would use more.

    Attributes:
        added: seconds that were added to the limit.
    """

    def __init__(
        self, seconds: float, most: float, before: float, usage: Usage
    ) -> None:
        self._seconds, self._before, self._usage = seconds, before, usage
        self._most = min(most, (LONGEST - 1) * seconds)
        self._started = time.monotonic()
        self.added = 0.0

    def elapsed(self) -> float:
        """Seconds since it was made."""
        return time.monotonic() - self._started

    def left(self) -> float:
        """Seconds until it is over; negative afterwards."""
        return self._seconds + self.added - self.elapsed()

    def wait(self, channel: socket.socket) -> None:
        """Waits until there is something to read.

        Raises:
            TooLate: if there is nothing before the time is over. What calls back again
                and again always has something to say, but not for ever.
        """
        while not self._comes_in_time(channel):
            more = min(self._owed(), self._most - self.added)
            if more <= 0.0:
                raise wire.TooLate("Expected an answer in time")
            self.added += more

    def _comes_in_time(self, channel: socket.socket) -> bool:
        left = self.left()
        return left > 0 and bool(select.select([channel], [], [], left)[0])

    def _owed(self) -> float:
        used, wanting = self._usage()
        missing = self._seconds - max(used - self._before, 0.0)
        return missing if wanting and missing > _SMALL * self._seconds else 0.0
