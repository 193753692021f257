"""One worker: a candidates' server and an examiner, both shut in, and nothing else.

The worker itself interprets nothing of a submission: it passes bytes in and a record
out, and starts its parts again when they fail.
"""

from __future__ import annotations

import contextlib
import json
import socket
import time

from autograder.candidate import wire
from autograder.course import Lab
from autograder.record import Result, from_json
from autograder.stem import Branch, Stem, StemError, Stopped
from autograder.submission import Submission
from autograder.transport import to_plain

_START_SECONDS = 120.0
_MARGIN_SECONDS = 60.0
_LIMITS = 4  # of a submission: for tests and outputs, each twice on a busy machine


class WorkerError(Exception):
    """The worker's own parts failed, twice; the submission needs review."""


class Worker:
    """Grades submissions of one lab, one after the other.

    Args:
        lab: the lab.
        sandboxed: False runs submissions without walls, for people who insist.
        rerun: whether to run a submission once more for what its cells show, instead of
            keeping the outputs that it was saved with.
        stem: shared with other workers of the lab; by default one of its own.

    Attributes:
        lab: the lab.
    """

    def __init__(
        self,
        lab: Lab,
        *,
        sandboxed: bool = True,
        rerun: bool = False,
        stem: Stem | None = None,
    ) -> None:
        self.lab, self._rerun = lab, rerun
        self._stem = stem or Stem(lab, sandboxed=sandboxed)
        self._branch: Branch | None = None
        self._new_control, self._stopped = True, False

    def warm(self) -> None:
        """Starts both processes, if they are not running, and waits for them."""
        if self._branch is not None:
            return
        self._branch = self._stem.branch()
        examiner = self._branch.examiner
        try:
            wire.send(examiner, wire.encode({"lab": to_plain(self.lab)}))
            wire.receive(examiner, _START_SECONDS)
        except (wire.WireError, OSError):
            raise WorkerError(
                f"Expected the examiner to start. {self._stem.complaint()}"
            ) from None
        self._new_control = True

    def grade(self, submission: Submission) -> Result:
        """Grades one submission.

        Args:
            submission: its files.
        Returns:
            The record; `needs_review` says why if the grader itself failed.
        Raises:
            Stopped: if `stop` was called meanwhile.
        """
        started = time.monotonic()
        problem = ""
        for _ in range(2):
            try:
                self.warm()
                return self._ask(submission)
            except (WorkerError, StemError, OSError, wire.WireError) as error:
                problem = str(error)
                self.close()
            if self._stopped:
                raise Stopped("Expected a worker that goes on")
        return Result(
            lab=self.lab.name,
            student=submission.student,
            score=0.0,
            max_score=self.lab.max_score,
            findings=submission.findings,
            needs_review=f"The grader failed on this submission: {problem}",
            seconds=round(time.monotonic() - started, 3),
            digest=submission.digest,
            submitted=submission.submitted,
        )

    def close(self) -> None:
        """Ends both processes."""
        branch, self._branch = self._branch, None
        if branch is not None:
            self._stem.end(branch)

    def stop(self) -> None:
        """Ends the worker for good, and its stem with all that share it.

        From another thread than the one that grades.
        """
        self._stopped = True
        self._stem.stop()
        branch = self._branch
        for channel in (branch.server, branch.examiner) if branch else ():
            with contextlib.suppress(OSError):
                channel.shutdown(socket.SHUT_RDWR)

    def _ask(self, submission: Submission) -> Result:
        branch = self._branch
        if branch is None:
            raise WorkerError("Expected a running worker")
        channel = branch.examiner
        request = {
            "submission": to_plain(submission),
            "rerun": self._rerun,
            "new_control": self._new_control,
        }
        channel.settimeout(_START_SECONDS)
        wire.send(channel, wire.encode(request))
        if self._new_control:
            socket.send_fds(channel, [b"c"], [branch.server.fileno()])
            self._new_control = False
        seconds = _LIMITS * self.lab.limits.total_seconds + _MARGIN_SECONDS
        answer = wire.decode(wire.receive(channel, seconds))
        if "broken" in answer:
            raise WorkerError(answer["broken"])
        result: Result = from_json(Result, json.loads(answer["result"]))
        return result
