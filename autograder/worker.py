"""One worker: a candidates' server and an examiner, both shut in, and nothing else.

The worker itself interprets nothing of a submission: it passes bytes in and a record
out, and starts a part again when it fails.
"""

from __future__ import annotations

import contextlib
import json
import socket
import threading
import time
from dataclasses import asdict

from autograder import sandbox
from autograder.candidate import wire
from autograder.course import Lab
from autograder.record import Result, from_json
from autograder.submission import Submission
from autograder.transport import to_plain

_START_SECONDS = 120.0
_MARGIN_SECONDS = 60.0  # beyond a submission's own limit, twice: tests and outputs


class WorkerError(Exception):
    """The worker's own parts failed, twice; the submission needs review."""


class Stopped(Exception):
    """Another thread stopped the worker; the submission has not been graded."""


class Worker:
    """Grades submissions of one lab, one after the other.

    Args:
        lab: the lab.
        sandboxed: False runs submissions without walls, for people who insist.
        rerun: whether to run a submission once more for what its cells show, instead of
            keeping the outputs that it was saved with.
    """

    def __init__(
        self, lab: Lab, *, sandboxed: bool = True, rerun: bool = False
    ) -> None:
        self._lab, self._sandboxed, self._rerun = lab, sandboxed, rerun
        self._server: sandbox.Process | None = None
        self._examiner: sandbox.Process | None = None
        self._new_control, self._server_ready = True, False
        self._processes: list[sandbox.Process] = []
        self._stopping, self._stopped = threading.Lock(), False

    def warm(self) -> None:
        """Starts both processes, if they are not running, and waits for them."""
        server = self._server or self._start_server()
        if self._examiner is None:
            self._examiner = self._start(
                sandbox.View(("cnncourse", "autograder")),
                "autograder.examiner.server",
                {},
            )
            request = wire.encode({"lab": to_plain(self._lab)})
            wire.send(self._examiner.channel, request)
            self._wait_for(self._examiner, "the examiner")
            self._new_control = True
        if not self._server_ready:
            self._wait_for_server(server)
            self._server_ready = True

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
            except (WorkerError, OSError, wire.WireError) as error:
                problem = str(error)
                self.close()
            if self._stopped:
                raise Stopped("Expected a worker that goes on")
        return Result(
            lab=self._lab.name,
            student=submission.student,
            score=0.0,
            max_score=self._lab.max_score,
            findings=submission.findings,
            needs_review=f"The grader failed on this submission: {problem}",
            seconds=round(time.monotonic() - started, 3),
            digest=submission.digest,
            submitted=submission.submitted,
        )

    def close(self) -> None:
        """Ends both processes."""
        while self._processes:
            self._processes.pop().end()
        self._examiner = self._server = None

    def stop(self) -> None:
        """Ends the worker for good, from another thread than the one that grades."""
        with self._stopping:
            self._stopped = True
            for process in self._processes:
                with contextlib.suppress(OSError):
                    # a process killed while it starts may leave a child that lives on
                    process.channel.shutdown(socket.SHUT_RDWR)
                process.popen.kill()

    def _ask(self, submission: Submission) -> Result:
        if self._examiner is None or self._server is None:
            raise WorkerError("Expected a running worker")
        channel = self._examiner.channel
        request = {
            "submission": to_plain(submission),
            "rerun": self._rerun,
            "new_control": self._new_control,
        }
        channel.settimeout(_START_SECONDS)
        wire.send(channel, wire.encode(request))
        if self._new_control:
            socket.send_fds(channel, [b"c"], [self._server.channel.fileno()])
            self._new_control = False
        seconds = 2 * self._lab.limits.total_seconds + _MARGIN_SECONDS
        answer = wire.decode(wire.receive(channel, seconds))
        if "broken" in answer:
            raise WorkerError(answer["broken"])
        result: Result = from_json(Result, json.loads(answer["result"]))
        return result

    def _start_server(self) -> sandbox.Process:
        lab = self._lab
        # What is imported before the first candidate is hidden from each candidate.
        later = [p for m in lab.withheld_of_preloaded for p in sandbox.module_paths(m)]
        hidden = [
            p
            for m in lab.withheld_modules
            if m.partition(".")[0] not in lab.preloaded
            for p in sandbox.module_paths(m)
        ]
        # datasets read the pictures and digits that these packages carry
        shown = [
            p / folder
            for p in hidden
            for folder in ("data", "datasets/data", "datasets/images")
        ]
        settings = {
            "withheld_modules": (*lab.withheld_modules, *lab.withheld_of_preloaded),
            "withheld_names": lab.withheld_names,
            "preloaded": lab.preloaded,
            "hidden": [str(path) for path in later],
            "isolate": self._sandboxed,
            "scratch": sandbox.scratch_folders(),
            **asdict(lab.limits),
        }
        view = sandbox.View(
            ("cnncourse", "autograder/candidate"),
            tuple(hidden),
            tuple(p for p in shown if p.is_dir()),
            may_isolate=True,
        )
        self._server = self._start(view, "autograder.candidate.server", settings)
        self._new_control, self._server_ready = True, False
        return self._server

    def _start(
        self, view: sandbox.View, module: str, settings: dict
    ) -> sandbox.Process:
        with self._stopping:
            if self._stopped:
                raise Stopped("Expected a worker that goes on")
            if self._sandboxed:
                process = sandbox.start(view, module, settings)
            else:
                process = sandbox.start_without_walls(module, settings)
            self._processes.append(process)
        return process

    @staticmethod
    def _wait_for(process: sandbox.Process, what: str) -> None:
        try:
            wire.receive(process.channel, _START_SECONDS)
        except wire.WireError:
            raise WorkerError(
                f"Expected {what} to start. {process.complaint()}"
            ) from None

    @staticmethod
    def _wait_for_server(server: sandbox.Process) -> None:
        server.channel.settimeout(_START_SECONDS)
        try:
            ready = server.channel.recv(65536)
        except OSError:
            ready = b""
        if not ready:
            raise WorkerError(
                f"Expected the candidates' server to start. {server.complaint()}"
            )
