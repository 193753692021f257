"""What the workers of a lab have in common: two warm processes that they branch from.

One forks servers of candidates, the other examiners. Importing Keras costs many
seconds and hundreds of megabytes: this way it is paid once for all workers.
"""

from __future__ import annotations

import contextlib
import json
import socket
import threading
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict, dataclass

from autograder import sandbox
from autograder.course import Lab

_START_SECONDS = 120.0
_FORK_SECONDS = 30.0


class StemError(Exception):
    """A shut-in process of ours did not start, or is gone."""


class Stopped(Exception):
    """Another thread stopped the worker; the submission has not been graded."""


@dataclass(frozen=True)
class Branch:
    """A worker's own two processes.

    Args:
        server: the socket of its server of candidates.
        examiner: the socket of its examiner.
        pids: of both, as their stems know them.
    """

    server: socket.socket
    examiner: socket.socket
    pids: tuple[int, int]


class Stem:
    """Starts when the first worker asks for a branch, ends with the last branch.

    Args:
        lab: the lab.
        sandboxed: False runs submissions without walls, for people who insist.
    """

    def __init__(self, lab: Lab, *, sandboxed: bool = True) -> None:
        self._lab, self._sandboxed = lab, sandboxed
        self._lock = threading.Lock()
        self._stopping, self._stopped = threading.Lock(), False
        # bubblewrap ends with the thread that started it, and workers come and go
        self._starter = ThreadPoolExecutor(1, thread_name_prefix="stem")
        self._processes: list[sandbox.Process] = []
        self._branches: list[Branch] = []

    def branch(self) -> Branch:
        """Forks a server and an examiner for a worker.

        Raises:
            StemError: if they cannot be started.
            Stopped: if `stop` was called.
        """
        with self._lock:
            if self._processes:
                with contextlib.suppress(StemError, OSError):
                    return self._fork_both()
                self._end_processes()  # they had died meanwhile
            try:
                return self._fork_both()
            except BaseException:
                self._end_processes()
                raise

    def end(self, branch: Branch) -> None:
        """Ends a worker's processes."""
        with self._lock:
            branch.server.close()  # and with it the server and its candidates
            branch.examiner.close()
            if branch not in self._branches:
                return  # it went with processes that are gone
            self._branches.remove(branch)
            if not self._branches:
                self._end_processes()
                return
            with contextlib.suppress(StemError, OSError):
                _ask(self._processes[1], {"end": branch.pids[1]})

    def complaint(self) -> str:
        """The last line that an examiner wrote to its standard error."""
        return self._processes[1].complaint() if self._processes else ""

    def stop(self) -> None:
        """Ends it for good, from any thread."""
        with self._stopping:
            self._stopped = True
            for process in self._processes:
                with contextlib.suppress(OSError):
                    # a process killed while it starts may leave a child that lives on
                    process.channel.shutdown(socket.SHUT_RDWR)
                process.popen.kill()

    def _fork_both(self) -> Branch:
        if not self._processes:
            self._start()
        server, server_pid = self._fork(0)
        try:
            examiner, examiner_pid = self._fork(1)
        except (StemError, OSError):
            server.close()
            raise
        branch = Branch(server, examiner, (server_pid, examiner_pid))
        self._branches.append(branch)
        return branch

    def _fork(self, which: int) -> tuple[socket.socket, int]:
        ours, theirs = socket.socketpair()
        try:
            with theirs:
                answer = _ask(self._processes[which], {"branch": True}, theirs)
            return ours, int(answer["pid"])
        except BaseException:
            ours.close()
            raise

    def _start(self) -> None:
        lab = self._lab
        self._start_one(
            _server_view(lab), "autograder.candidate.server", self._settings()
        )
        self._start_one(
            sandbox.View(("cnncourse", "autograder")),
            "autograder.examiner.server",
            {"preloaded": lab.preloaded},
        )
        for process, what in zip(
            self._processes, ("the candidates' server", "the examiner"), strict=True
        ):
            process.channel.settimeout(_START_SECONDS)
            try:
                ready = process.channel.recv(65536)
            except OSError:
                ready = b""
            if not ready:
                self._check_stopped()
                raise StemError(f"Expected {what} to start. {process.complaint()}")

    def _start_one(self, view: sandbox.View, module: str, settings: dict) -> None:
        with self._stopping:
            self._check_stopped()
            if self._sandboxed:
                started = self._starter.submit(sandbox.start, view, module, settings)
            else:
                start = sandbox.start_without_walls
                started = self._starter.submit(start, module, settings)
            self._processes.append(started.result())

    def _check_stopped(self) -> None:
        if self._stopped:
            raise Stopped("Expected a worker that goes on")

    def _end_processes(self) -> None:
        with self._stopping:
            processes, self._processes = self._processes, []
        self._branches = []
        for process in processes:
            process.end()

    def _settings(self) -> dict:
        lab = self._lab
        # What is imported before the first candidate is hidden from each candidate.
        later = [p for m in lab.withheld_of_preloaded for p in sandbox.module_paths(m)]
        return {
            "withheld_modules": (*lab.withheld_modules, *lab.withheld_of_preloaded),
            "withheld_names": lab.withheld_names,
            "preloaded": lab.preloaded,
            "hidden": [str(path) for path in later],
            "isolate": self._sandboxed,
            "scratch": sandbox.scratch_folders(),
            **asdict(lab.limits),
        }


def _server_view(lab: Lab) -> sandbox.View:
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
    return sandbox.View(
        ("cnncourse", "autograder/candidate"),
        tuple(hidden),
        tuple(p for p in shown if p.is_dir()),
        may_isolate=True,
    )


def _ask(
    process: sandbox.Process, request: dict, descriptor: socket.socket | None = None
) -> dict:
    channel, answer = process.channel, b""
    # what runs below a process that is dead may answer for a moment yet
    if process.popen.poll() is None:
        channel.settimeout(_FORK_SECONDS)
        data = json.dumps(request).encode()
        socket.send_fds(channel, [data], [descriptor.fileno()] if descriptor else [])
        answer = channel.recv(65536)
    if not answer:
        raise StemError(f"Expected a process that forks. {process.complaint()}")
    plain: dict = json.loads(answer)
    return plain
