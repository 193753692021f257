"""A submission's process as the examiner sees it: cells to run, names to call.

A process that dies, hangs or misuses its channel is killed and a new one is forked;
the cells run again there, without the one that did it.
"""

from __future__ import annotations

import json
import secrets
import signal
import socket
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from autograder.candidate import wire
from autograder.course import Limits
from autograder.examiner.deadline import Deadline
from autograder.record import Finding, Output

CallBack = Callable[[dict[str, Any]], dict[str, Any]]

_SPAWN_SECONDS = 30.0
_WHOLE_SECONDS = 1.0  # for the rest of an answer that has begun in time
_IMPATIENT = 5.0  # after a hang, time limits are divided by this
_MOST_LOST = 2  # processes of a submission that may be killed from outside


class CandidateFailure(BaseException):
    """The submission's process did not answer; the text is fit for the student.

    No `Exception`: a test that expects one must not take this for it.
    """


class TimedOut(CandidateFailure):
    """It used up its time."""


class Crashed(CandidateFailure):
    """It ended itself."""


class Lost(CandidateFailure):
    """It was killed from outside, which is not the submission's doing: ask again."""


class Misused(CandidateFailure):
    """It wrote to the examiner's channel, or sent something that is not data."""


# what the report calls each
_KINDS = {TimedOut: "timed_out", Crashed: "crashed", Misused: "channel_misuse"}


class SandboxBroken(BaseException):
    """The grader's own machinery failed; the submission needs review."""


@dataclass
class _Live:
    """A forked process: its pid in the sandbox, our end of its channel, and how long
    it took for its answers so far."""

    pid: int
    channel: socket.socket
    answering: float = 0.0


@dataclass
class Session:
    """Runs one submission in a forked, isolated process.

    Args:
        control: the socket of the server that forks.
        limits: what the submission may use.
        findings: what happened that the report must name.
        generation: how many processes there have been.
        lost: how many of them were killed from outside.
        cell_errors: for each cell that failed, the exception's class name.
        has_seen_hidden: whether a hidden test has sent its inputs to it, which the
            submission may put into all that it says from then on.
    """

    control: socket.socket
    limits: Limits
    findings: list[Finding] = field(default_factory=list)
    generation: int = 0
    lost: int = 0
    cell_errors: dict[str, str] = field(default_factory=dict)
    has_seen_hidden: bool = False
    _live: _Live | None = None
    _ran: list[tuple[str, str]] = field(default_factory=list)
    _culprits: set[str] = field(default_factory=set)
    _hung: set[str] = field(default_factory=set)
    _started: float = field(default_factory=time.monotonic)
    _added: float = 0.0

    def run_cell(self, cell: str, source: str) -> tuple[bool, tuple[Output, ...]]:
        """Runs a cell.

        Args:
            cell: its id.
            source: its code.
        Returns:
            Whether it ended without an error, and its outputs.
        """
        if cell in self._culprits:
            return False, (Output("error", "This cell was not run again."),)
        try:
            answer = self._ask_cell(cell, source)
        except Lost:
            return self.run_cell(cell, source)
        except CandidateFailure as failure:
            self._blame(cell, failure)
            return False, (Output("error", str(failure), type(failure).__name__),)
        self._ran.append((cell, source))
        self.cell_errors.pop(cell, None)
        if answer.get("cut"):
            self.find("too_much_output", "output of a cell was cut", cell)
        outputs = _outputs(answer.get("outputs"))
        for output in outputs:
            if output.kind == "error":
                self.cell_errors[cell] = output.name
        return bool(answer.get("ok")), outputs

    def look(self, name: str) -> tuple[bool, Any]:
        """Whether the submission defines a name, and its value.

        Raises:
            CandidateFailure: if the process cannot answer.
        """
        try:
            answer = self._ask({"op": "look", "name": name}, self.limits.call_seconds)
        except Lost:
            raise
        except CandidateFailure as failure:
            self.find(_KINDS[type(failure)], str(failure), "")
            raise
        return "value" in answer, answer.get("value")

    def call(
        self,
        request: dict[str, Any],
        name: str,
        cell: str,
        call_back: CallBack | None = None,
    ) -> dict[str, Any]:
        """Calls something of the submission.

        Args:
            request: target, path, args and kwargs, as the runner takes them.
            name: what is called, for messages and patience.
            cell: the test cell that asks.
            call_back: answers when the submission calls a function that it was given.
        Returns:
            The runner's answer: "value", or "error" with its description; perhaps
            "changed" arguments.
        Raises:
            CandidateFailure: if the process hangs, dies or answers with no data.
        """
        seconds = self.limits.call_seconds
        if name in self._hung:
            seconds = max(1.0, seconds / _IMPATIENT)
        try:
            asked = {"op": "call", **request}
            answer = self._ask(asked, seconds, what=name, call_back=call_back)
        except TimedOut:
            self._hung.add(name)
            self.find("timed_out", f"a call of {name} used up its time", cell)
            raise
        except Crashed:
            self.find("crashed", f"a call of {name} killed the process", cell)
            raise
        except Misused as failure:
            self.find("channel_misuse", str(failure), cell)
            raise
        if "refused" in answer:
            self.find("refused_value", f"{name} returned what cannot cross", cell)
        return answer

    def learn_from(self, other: Session) -> None:
        """Has no more patience with what hung in another session already."""
        self._hung |= other._hung
        if self._hung:
            self._hung.add("cells")

    def fresh(self) -> Session:
        """Another process for the same submission, without the cells that fail."""
        return Session(
            self.control,
            self.limits,
            _culprits=set(self._culprits),
            _hung={*self._hung, "cells"},
            _started=self._started,
            _added=self._added,
        )

    def close(self, *, gone: bool = False) -> int:
        """Kills the process, if there is one.

        Args:
            gone: whether it seems to have ended.
        Returns:
            The signal that had ended it then; else 0.
        """
        if self._live is None:
            return 0
        self._live.channel.close()
        pid, self._live = self._live.pid, None
        return int(self._ask_server({"kill": pid, "gone": gone})["ended_by"])

    def find(self, kind: str, message: str, cell: str) -> None:
        """Notes what the report must name, once."""
        finding = Finding(kind, message, cell)
        if finding not in self.findings:
            self.findings.append(finding)

    def _blame(self, cell: str, failure: CandidateFailure) -> None:
        self._culprits.add(cell)
        self.cell_errors[cell] = type(failure).__name__
        self._hung.add("cells")
        self.find(_KINDS[type(failure)], str(failure), cell)

    def _ask_cell(self, cell: str, source: str) -> dict[str, Any]:
        seconds = self.limits.cell_seconds
        if "cells" in self._hung:
            seconds = max(1.0, seconds / _IMPATIENT)
        request = {"op": "cell", "cell": cell, "source": source}
        return self._ask(request, seconds, what="this cell")

    def _ask(
        self,
        request: dict[str, Any],
        seconds: float,
        what: str = "it",
        call_back: CallBack | None = None,
    ) -> dict[str, Any]:
        live = self._live or self._revive()
        if not wire.is_quiet(live.channel):
            self.close()
            raise Misused("The submission wrote to the examiner's channel.")
        identity = secrets.randbits(62)
        frame = wire.encode({**request, "id": identity})  # the test's fault if not
        seconds = max(min(seconds, self._left()), 0.01)
        deadline = self._deadline(live, seconds)
        try:
            live.channel.settimeout(seconds)
            wire.send(live.channel, frame)
            while True:
                deadline.wait(live.channel)
                data = wire.receive(live.channel, max(deadline.left(), _WHOLE_SECONDS))
                answer = wire.decode(data)
                if not (call_back and _asks_back(answer, identity)):
                    break
                reply = {"id": identity, **call_back(answer)}
                wire.send(live.channel, wire.encode(reply))
        except wire.TooLate:
            self.close()
            raise TimedOut(
                f"Expected {what} to end within {seconds:.0f} s. "
                "Received no answer: is there a loop that never ends?"
            ) from None
        except wire.Closed:
            # in its own pid namespace it is the first process, which cannot kill itself
            if self.close(gone=True) == signal.SIGKILL and self.lost < _MOST_LOST:
                self.lost += 1
                raise Lost(f"Something outside ended the process in {what}.") from None
            raise Crashed(
                f"Expected {what} to end and give an answer. Received: the process "
                "ended (out of memory, a crash, or an exit)."
            ) from None
        except wire.WireError:
            # what it sent is not quoted: it may be a hidden input
            self.close()
            raise Misused("Expected an answer of plain data. Received: none") from None
        finally:
            live.answering += deadline.elapsed()
            self._added += deadline.added
        if type(answer) is not dict or answer.get("id") != identity:
            self.close()
            raise Misused("The submission answered on the examiner's channel itself.")
        return answer

    def _left(self) -> float:
        """Seconds of the whole submission's limit that are left."""
        end = self._started + self.limits.total_seconds + self._added
        return end - time.monotonic()

    def _deadline(self, live: _Live, seconds: float) -> Deadline:
        def usage() -> tuple[float, bool]:
            answer = self._ask_server({"usage": live.pid})
            return float(answer["seconds"]), bool(answer["wanting"])

        most = self.limits.total_seconds - self._added
        return Deadline(seconds, most, live.answering, usage)

    def _revive(self) -> _Live:
        """Forks a process and brings it to where the last one was."""
        if self.generation > self.limits.restarts:
            raise Crashed(
                "The process had to be started again too often; the rest was not run."
            )
        if self._left() < 0:
            raise TimedOut("The time for the whole submission was used up.")
        self.generation += 1
        self._live = self._spawn()
        for cell, source in self._ran:
            if cell in self._culprits:
                continue
            try:
                self._ask_cell(cell, source)
            except Lost:
                return self._revive()
            except CandidateFailure as failure:
                # it ran before: blame it only now, and start once more without it
                self._blame(cell, failure)
                return self._revive()
        return self._live

    def _spawn(self) -> _Live:
        ours, theirs = socket.socketpair()
        try:
            with theirs:
                answer = self._ask_server({"spawn": True}, theirs)
            first = wire.decode(wire.receive(ours, _SPAWN_SECONDS))
            if "failed" in first:
                raise SandboxBroken(f"A candidate was not isolated: {first['failed']}")
        except wire.WireError as error:
            ours.close()
            raise SandboxBroken(f"A candidate did not start: {error}") from None
        except SandboxBroken:
            ours.close()
            raise
        return _Live(int(answer["pid"]), ours)

    def _ask_server(
        self, request: dict[str, Any], descriptor: socket.socket | None = None
    ) -> dict[str, Any]:
        data = json.dumps(request).encode()
        try:
            self.control.settimeout(_SPAWN_SECONDS)
            if descriptor is None:
                self.control.send(data)
            else:
                socket.send_fds(self.control, [data], [descriptor.fileno()])
            answer = self.control.recv(65536)
        except OSError as error:
            raise SandboxBroken(f"The candidates' server is gone: {error}") from None
        if not answer:
            raise SandboxBroken("The candidates' server is gone")
        plain: dict[str, Any] = json.loads(answer)
        return plain


def _asks_back(answer: Any, identity: int) -> bool:
    return (
        type(answer) is dict and answer.get("id") == identity and "callback" in answer
    )


def plain(text: str, limit: int) -> str:
    """The text's beginning; what cannot be UTF-8 could be written to no file."""
    return text[:limit].encode("utf-8", "replace").decode("utf-8")


def _outputs(items: Any) -> tuple[Output, ...]:
    """A cell's outputs, as far as they are what the runner would send."""
    found = []
    for item in items if type(items) is list else []:
        if type(item) is not dict:
            continue
        kind, text, name = (item.get(k) for k in ("kind", "text", "name"))
        if kind in ("stream", "text", "image", "error") and type(text) is str:
            name = name if type(name) is str else ""
            found.append(Output(kind, plain(text, 4 * 2**20), plain(name, 80)))
    return tuple(found[:500])
