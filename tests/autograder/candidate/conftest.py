"""Processes that the real server forked and shut in, spoken to without an examiner."""

from __future__ import annotations

import json
import socket
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

import pytest

from autograder.candidate import wire


@dataclass
class Candidate:
    """A forked process, and how to ask it."""

    pid: int
    channel: socket.socket
    control: socket.socket

    def ask(self, op: str, **request: Any) -> dict[str, Any]:
        """The answer to a request."""
        wire.send(self.channel, wire.encode({"id": 7, "op": op, **request}))
        answer: dict[str, Any] = wire.decode(wire.receive(self.channel, 20))
        assert answer.pop("id") == 7
        return answer

    def cell(self, source: str) -> list[tuple[str, str]]:
        """The outputs of a cell: (kind, text)."""
        answer = self.ask("cell", cell="c", source=source)
        return [(o["kind"], o["text"]) for o in answer["outputs"]]

    def value(self, source: str) -> Any:
        """The value of an expression, perhaps after a few lines of code."""
        *lines, last = source.strip().split("\n")
        shown = self.cell("\n".join([*lines, f"value = {last}"]))
        assert shown == [], shown
        return self.ask("look", name="value")["value"]

    def call(self, target: Any, *args: Any, **kwargs: Any) -> dict[str, Any]:
        """The answer to a call."""
        return self.ask("call", target=target, path=[], args=list(args), kwargs=kwargs)

    def usage(self) -> tuple[float, bool]:
        """Processor time of all its processes, and whether they want more."""
        answer = tell(self.control, {"usage": self.pid})
        return answer["seconds"], answer["wanting"]

    def kill(self) -> int:
        """The wait status with which it ended."""
        return int(tell(self.control, {"kill": self.pid})["status"])


def tell(
    control: socket.socket,
    request: dict[str, Any],
    descriptor: socket.socket | None = None,
) -> dict[str, Any]:
    """The server's answer to a request."""
    control.settimeout(20)
    socket.send_fds(
        control,
        [json.dumps(request).encode()],
        [descriptor.fileno()] if descriptor else [],
    )
    answer: dict[str, Any] = json.loads(control.recv(65536))
    return answer


@pytest.fixture
def spawn(control: socket.socket) -> Iterator[Callable[[], Candidate]]:
    """Forks candidates, and ends them after the test."""
    running: list[Candidate] = []

    def fork() -> Candidate:
        ours, theirs = socket.socketpair()
        with theirs:
            pid = tell(control, {"spawn": True}, theirs)["pid"]
        running.append(Candidate(pid, ours, control))
        assert wire.decode(wire.receive(ours, 20)) == {"ready": True}
        return running[-1]

    yield fork
    for candidate in running:
        candidate.channel.close()
        candidate.kill()


@pytest.fixture
def candidate(spawn: Callable[[], Candidate]) -> Candidate:
    """A candidate of the test's own."""
    return spawn()
