"""The examiners' processes: shut in, they take submissions and give records.

Started inside a sandbox as `python -m autograder.examiner.server`, with the number of
an inherited socket and settings. It forks an examiner for each worker (see
`branching`). An examiner's first frame is the lab; then each request brings a
submission and, when there is a new one, the socket of the candidates' server.
"""

from __future__ import annotations

import array
import json
import os
import resource
import socket
import sys
from pathlib import Path
from typing import Any

from autograder.candidate import wire
from autograder.candidate.branching import reply, serve_branches
from autograder.candidate.preloading import COURSE, preload
from autograder.candidate.warming import warm_keras
from autograder.course import Lab
from autograder.examiner.material import Material
from autograder.examiner.scoring import grade
from autograder.examiner.session import SandboxBroken
from autograder.submission import Submission
from autograder.transport import lab_from_plain, submission_from_plain

_EXAMINER_MEMORY = 3 * 2**30  # bytes beyond what a lab needs, with models at work


def main() -> None:
    """Imports all there is to import, then forks an examiner for each worker."""
    os.environ.setdefault("MPLBACKEND", "agg")
    control = socket.socket(fileno=int(sys.argv[1]))
    preloaded = json.loads(sys.argv[2])["preloaded"]
    preload((*COURSE, *preloaded))
    if "keras" in preloaded:
        # no other operation may run here: a fork's first one would hang for ever
        warm_keras()
    reply(control, {"ready": True})
    serve_branches(control, _serve)


def _serve(channel: socket.socket) -> None:
    """Examines for a worker until the socket closes."""
    material: Material | None = None
    control: socket.socket | None = None
    while True:
        try:
            request = wire.decode(wire.receive(channel))
        except wire.Closed:
            return
        answer: dict[str, Any]
        if "lab" in request:
            lab: Lab = lab_from_plain(request["lab"])
            material = Material(lab)
            _bound_memory()
            answer = {"ready": True}
        else:
            if request["new_control"]:
                control = _receive_socket(channel)
            submission = submission_from_plain(request)
            answer = _grade(material, control, submission, request["rerun"])
        wire.send(channel, wire.encode(answer))


def _grade(
    material: Material | None,
    control: socket.socket | None,
    submission: Submission,
    rerun: bool,
) -> dict[str, Any]:
    if material is None or control is None:
        return {"broken": "Expected a lab and a candidates' server first"}
    try:
        result = grade(material, submission, control, rerun=rerun)
    except SandboxBroken as error:
        return {"broken": str(error)}
    # JSON, not frames of records: bounded by what JSON can hold
    return {"result": json.dumps(result.to_json())}


def _bound_memory() -> None:
    """Lets what was too large after all fail in its test, not kill us."""
    pages = int(Path("/proc/self/statm").read_text().split()[0])
    limit = pages * resource.getpagesize() + _EXAMINER_MEMORY
    resource.setrlimit(resource.RLIMIT_AS, (limit, limit))


def _receive_socket(channel: socket.socket) -> socket.socket:
    channel.settimeout(10)
    _, ancillary, _, _ = channel.recvmsg(
        1, socket.CMSG_SPACE(array.array("i").itemsize)
    )
    numbers = array.array("i")
    for level, kind, data in ancillary:
        if level == socket.SOL_SOCKET and kind == socket.SCM_RIGHTS:
            numbers.frombytes(data[: len(data) - len(data) % numbers.itemsize])
    return socket.socket(fileno=numbers[0])


if __name__ == "__main__":
    main()
