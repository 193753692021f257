"""The examiner's process, spoken to as the worker speaks to it."""

import json
import socket
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from autograder import sandbox
from autograder.candidate import wire
from autograder.course import Lab
from autograder.record import Result, from_json
from autograder.submission import Submission
from autograder.transport import to_plain

Ask = Callable[..., dict[str, Any]]


@pytest.fixture
def stem() -> Iterator[sandbox.Process]:
    """A process that examiners are forked from, shut in."""
    view = sandbox.View(("cnncourse", "autograder"))
    process = sandbox.start(view, "autograder.examiner.server", {"preloaded": []})
    process.channel.settimeout(60)
    assert json.loads(process.channel.recv(4096)) == {"ready": True}
    yield process
    process.end()


@pytest.fixture
def examiner(stem: sandbox.Process) -> Iterator[socket.socket]:
    """The socket of a running examiner."""
    ours, theirs = socket.socketpair()
    with theirs:
        request = json.dumps({"branch": True}).encode()
        socket.send_fds(stem.channel, [request], [theirs.fileno()])
    assert json.loads(stem.channel.recv(4096))["pid"] > 1
    with ours:
        yield ours


@pytest.fixture
def ask(examiner: socket.socket) -> Ask:
    """Sends a request, and perhaps a socket; gives the answer."""

    def send(request: dict[str, Any], control: socket.socket | None = None) -> Any:
        wire.send(examiner, wire.encode(request))
        if control is not None:
            socket.send_fds(examiner, [b"c"], [control.fileno()])
        return wire.decode(wire.receive(examiner, 60))

    return send


def request(submission: Submission, new_control: bool) -> dict[str, Any]:
    plain = to_plain(submission)
    return {"submission": plain, "rerun": False, "new_control": new_control}


def test_it_grades_one_submission_after_the_other(
    ask: Ask, toy: Lab, control: socket.socket, submit: Any
) -> None:
    assert ask({"lab": to_plain(toy)}) == {"ready": True}
    right = Submission(toy.name, "ann", json.dumps(submit()).encode())
    for new_control in (True, False):
        socket_to_send = control if new_control else None
        answer = ask(request(right, new_control), socket_to_send)
        result: Result = from_json(Result, json.loads(answer["result"]))
        assert (result.student, result.score) == ("ann", 10)


def test_without_a_lab_it_says_what_it_expected(ask: Ask, toy: Lab) -> None:
    submission = Submission(toy.name, "ann", None)
    expected = {"broken": "Expected a lab and a candidates' server first"}
    assert ask(request(submission, False)) == expected
    assert ask({"lab": to_plain(toy)}) == {"ready": True}
    assert ask(request(submission, False)) == expected


def test_without_candidates_it_says_so(ask: Ask, toy: Lab) -> None:
    ours, theirs = socket.socketpair()
    theirs.close()
    ask({"lab": to_plain(toy)})
    with ours:
        answer = ask(request(Submission(toy.name, "ann", None), True), ours)
    assert answer["broken"].startswith("The candidates' server is gone")


def test_it_ends_when_its_channel_closes(stem: sandbox.Process) -> None:
    stem.channel.shutdown(socket.SHUT_RDWR)
    assert stem.popen.wait(60) == 0
