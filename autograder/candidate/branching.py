"""A process that has imported all there is to import, and forks what works.

A fork shares the memory of what was imported and starts in a moment, so any number of
workers costs the start of one. The process itself never works: a fork of one that has
run an operation of TensorFlow would hang.
"""

from __future__ import annotations

import json
import os
import signal
import socket
from collections.abc import Callable
from typing import Any

MAX_REQUEST = 65536


def serve_branches(
    control: socket.socket, work: Callable[[socket.socket], None]
) -> None:
    """Forks a branch for each request until the socket closes.

    Args:
        control: brings `{"branch": true}` with a descriptor, which the branch works
            with, and `{"end": pid}`.
        work: what a branch does; the process ends with it.
    """
    while True:
        data, descriptors, _, _ = socket.recv_fds(control, MAX_REQUEST, 1)
        if not data:
            return
        request = json.loads(data)
        if "branch" not in request:
            reply(control, {"status": _end(request["end"])})
            continue
        pid = os.fork()
        if pid == 0:
            control.close()
            work(socket.socket(fileno=descriptors[0]))
            os._exit(0)
        for descriptor in descriptors:
            os.close(descriptor)
        reply(control, {"pid": pid})


def reply(control: socket.socket, answer: dict[str, Any]) -> None:
    """Sends an answer, which is short."""
    control.send(json.dumps(answer).encode())


def _end(pid: int) -> int:
    try:
        os.kill(pid, signal.SIGKILL)
        return os.waitpid(pid, 0)[1]
    except OSError:
        return -1
