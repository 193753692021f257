"""Where submissions are graded: on threads of this process, or on a Dask cluster.

Either way one grading is the same function of the lab and the submission's files, and
an executor of `concurrent.futures` runs it.
"""

from __future__ import annotations

import atexit
import contextlib
import logging
import platform
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import CancelledError, Executor, ThreadPoolExecutor
from dataclasses import dataclass

from autograder import sandbox
from autograder.course import CourseError, Lab
from autograder.record import Result
from autograder.stem import Stem, Stopped
from autograder.submission import Submission
from autograder.worker import Worker

CONNECT_SECONDS = 10.0
_IDLE_SECONDS = 60.0

_Key = tuple[Lab, bool, bool]  # what a worker is for: lab, rerun, sandboxed


@dataclass(frozen=True)
class Place:
    """Where submissions are graded.

    Args:
        executor: runs `grade`.
        grade: `grade(lab, submission, rerun=..., sandboxed=...)` gives the record.
        jobs: how many gradings run there at a time.
        check: raises an exception if the place is lost.
    """

    executor: Executor
    grade: Callable[..., Result]
    jobs: int
    check: Callable[[], None] = lambda: None


class Workers:
    """The workers of a process, warm, each used by one thread at a time.

    Args:
        idle_seconds: how long they are kept when nothing is to be graded; None for as
            long as nobody closes them.
    """

    def __init__(self, idle_seconds: float | None = None) -> None:
        self._idle_seconds = idle_seconds
        self._lock = threading.Lock()
        self._idle: list[tuple[_Key, Worker]] = []
        self._busy: set[Worker] = set()
        self._stems: dict[tuple[Lab, bool], Stem] = {}
        self._closed = False
        self._timer: threading.Timer | None = None

    def grade(
        self,
        lab: Lab,
        submission: Submission,
        *,
        rerun: bool = False,
        sandboxed: bool = True,
    ) -> Result:
        """Grades one submission; the same one gives the same record, but `seconds`.

        Args:
            lab: the lab.
            submission: its files.
            rerun: whether to run cells once more for their outputs.
            sandboxed: False runs the submission without walls.
        Returns:
            The record.
        Raises:
            CourseError: if the submission cannot be shut in on this machine.
            Stopped: if `close` was called meanwhile.
        """
        if sandboxed:
            sandbox.require()
        key = (lab, rerun, sandboxed)
        worker = self._take(key)
        try:
            return worker.grade(submission)
        finally:
            self._give_back(key, worker)

    def close(self) -> None:
        """Ends all workers for good, also those that are grading."""
        with self._lock:
            self._closed = True
            for worker in self._busy:
                worker.stop()
        self.close_idle()

    def close_idle(self) -> None:
        """Ends the workers that nobody uses; they start again when needed."""
        with self._lock:
            idle, self._idle = self._idle, []
            if self._timer is not None:
                self._timer.cancel()
        for _, worker in idle:
            worker.close()

    def _take(self, key: _Key) -> Worker:
        other = None
        with self._lock:
            if self._closed:
                raise Stopped("Expected open workers")
            mine = [i for i, (k, _) in enumerate(self._idle) if k == key]
            if mine:
                _, worker = self._idle.pop(mine[-1])
            else:
                # never more workers than threads: a new one takes an idle one's place
                other = self._idle.pop(0)[1] if self._idle else None
                lab, rerun, sandboxed = key
                worker = Worker(lab, rerun=rerun, stem=self._stem(lab, sandboxed))
            self._busy.add(worker)
        if other is not None:
            other.close()
        return worker

    def _stem(self, lab: Lab, sandboxed: bool) -> Stem:
        """What the workers of a lab branch from; others' are forgotten when unused."""
        used = {key[0] for key, _ in self._idle} | {w.lab for w in self._busy}
        self._stems = {k: s for k, s in self._stems.items() if k[0] in used}
        return self._stems.setdefault((lab, sandboxed), Stem(lab, sandboxed=sandboxed))

    def _give_back(self, key: _Key, worker: Worker) -> None:
        with self._lock:
            self._busy.remove(worker)
            closed = self._closed
            if not closed:
                self._idle.append((key, worker))
                self._close_later()
        if closed:
            worker.close()

    def _close_later(self) -> None:
        if self._idle_seconds is None:
            return
        if self._timer is not None:
            self._timer.cancel()
        self._timer = threading.Timer(self._idle_seconds, self.close_idle)
        self._timer.daemon = True
        self._timer.start()


@contextlib.contextmanager
def local(jobs: int) -> Iterator[Place]:
    """Grades on threads of this process; each has a worker, which is two processes.

    Args:
        jobs: how many threads.
    Yields:
        The place; what is not graded when it is left is dropped.
    """
    workers = Workers()
    pool = ThreadPoolExecutor(jobs, thread_name_prefix="grading")
    try:
        yield Place(pool, workers.grade, jobs)
    finally:
        pool.shutdown(wait=False, cancel_futures=True)
        workers.close()
        pool.shutdown(wait=True)


_of_this_process = Workers(_IDLE_SECONDS)
atexit.register(_of_this_process.close)


def grade(
    lab: Lab, submission: Submission, *, rerun: bool = False, sandboxed: bool = True
) -> Result:
    """Grades one submission on a process of a cluster: see `Workers.grade`."""
    try:
        return _of_this_process.grade(lab, submission, rerun=rerun, sandboxed=sandboxed)
    except CourseError as error:
        raise CourseError(
            f"On the cluster's machine {platform.node()}: {error}"
        ) from None


@contextlib.contextmanager
def cluster(address: str) -> Iterator[Place]:
    """Grades on the workers of a Dask cluster.

    Args:
        address: of its scheduler, for example "tcp://10.0.0.1:8786".
    Yields:
        The place.
    Raises:
        CourseError: if Dask is not installed, the scheduler or its workers do not
            answer, or get lost for good.
    """
    try:
        from distributed import Client, KilledWorker
        from distributed.comm.addressing import resolve_address
    except ImportError:
        raise CourseError(
            "Expected Dask, which --scheduler needs. Received: none installed. Type: "
            "pip install 'cnncourse[cluster]'"
        ) from None
    for name in ("distributed.client", "tornado.application"):
        # they tell of a lost scheduler in forty lines; we do in one
        logging.getLogger(name).setLevel(logging.CRITICAL)
    try:
        resolve_address(address)  # a client with a wrong address takes long to close
        client = Client(address, timeout=CONNECT_SECONDS, set_as_default=False)
    except (OSError, ValueError) as error:
        raise CourseError(
            f"Expected a Dask scheduler at {address}. Received: {_first_line(error)}"
        ) from None
    with client:
        try:
            client.wait_for_workers(1, timeout=CONNECT_SECONDS)
        except TimeoutError:
            raise CourseError(
                f"Expected the Dask scheduler at {address} to have workers. Received: "
                f"none within {CONNECT_SECONDS:g} s. Start some: dask worker {address}"
            ) from None
        executor = client.get_executor(pure=False)

        def check() -> None:
            # Dask forgets a future whose result it was fetching when the line broke
            if client.status != "running":
                raise CancelledError

        try:
            jobs = sum(client.nthreads().values())
            yield Place(executor, grade, jobs, check)
        except (KilledWorker, CancelledError) as error:
            raise CourseError(
                f"Expected the Dask cluster at {address} to stay. Received: "
                f"{_first_line(error) or 'the scheduler is gone'}. Nothing graded is "
                "lost: run the command again."
            ) from None
        finally:
            executor.shutdown(wait=False)


def _first_line(error: BaseException) -> str:
    return str(error).partition("\n")[0]
