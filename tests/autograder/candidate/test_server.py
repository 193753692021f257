"""The warm process that forks candidates, and what it takes away from them."""

import contextlib
import json
import socket
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from autograder import sandbox
from autograder.candidate import server, wire

WITHHOLD = """
import numpy as np, sys
from autograder.candidate.server import withhold
kept = [np.convolve]
withhold({modules}, {names})
{code}
"""


def withhold(code: str, modules: str = "['scipy']", names: str = "[]") -> str:
    """What a process says after modules and names were withheld from it."""
    done = subprocess.run(
        [
            *(sys.executable, "-c"),
            WITHHOLD.format(modules=modules, names=names, code=code),
        ],
        cwd=Path(server.__file__).parents[2],
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )
    return (done.stdout + done.stderr).strip().splitlines()[-1]


KIND = "is withheld while this lab is graded"


@pytest.mark.parametrize(
    "code",
    [
        *("import scipy", "import scipy.signal", "from scipy import signal"),
        "__import__('scipy')",
        "import importlib; importlib.import_module('scipy.signal')",
    ],
)
def test_a_withheld_module_says_so(code: str) -> None:
    assert withhold(code) == (
        f"ImportError: scipy {KIND}: it would be the answer to the task"
    )


def test_other_modules_are_there() -> None:
    code = "import json, numpy.linalg\nprint('well')"
    assert withhold(code, "['scipy', 'js', 'numpy.fft.none']") == "well"


@pytest.mark.parametrize("code", ["np.convolve([1], [1])", "numpy.convolve(1)"])
def test_a_withheld_name_says_so(code: str) -> None:
    code = f"import numpy\n{code}"
    answer = withhold(code, names="['numpy.convolve']")
    assert answer == f"RuntimeError: numpy.convolve {KIND}: write it yourself"


def test_no_module_keeps_a_withheld_object() -> None:
    code = (
        "print([n for n, m in list(sys.modules.items()) if n != '__main__'"
        " for v in list(vars(m).values()) if v is kept[0]])"
    )
    assert withhold(code, names="['numpy.convolve']") == "[]"


def test_what_a_withheld_name_wraps_is_gone_too() -> None:
    code = "print(hasattr(np._core.multiarray, 'correlate'))"
    assert withhold(code, names="[]") == "True"
    assert withhold(code, names="['numpy.correlate']") == "False"


def test_a_loaded_module_cannot_be_withheld() -> None:
    assert withhold("", "['json']") == (
        "RuntimeError: Expected withheld modules not to be loaded: ['json']"
    )


def test_an_unknown_name_cannot_be_withheld() -> None:
    assert withhold("", names="['numpy.convolv']").startswith(
        "AttributeError: module 'numpy' has no attribute 'convolv'"
    )


def test_the_lab_withholds_from_candidates(candidate: Any) -> None:
    assert KIND in candidate.cell("import numpy\nnumpy.convolve([1], [1])")[0][1]
    assert KIND in candidate.cell("import scipy.signal")[0][1]
    assert "cnncourse.ops is withheld" in candidate.cell("import cnncourse.ops")[0][1]


def test_what_the_lab_needs_is_warm(candidate: Any) -> None:
    assert candidate.value(
        "import sys\n[m in sys.modules for m in ('numpy', 'matplotlib.pyplot', "
        "'cnncourse.checks', 'autograder.examiner')]"
    ) == [True, True, True, False]


def test_each_candidate_is_a_process_of_its_own(spawn: Callable[[], Any]) -> None:
    first, second = spawn(), spawn()
    assert first.pid != second.pid
    assert first.kill() == 9
    with pytest.raises(wire.Closed, match="end of file"):
        wire.receive(first.channel, 10)
    assert second.value("1 + 1") == 2


def test_a_candidate_ends_when_its_channel_closes(spawn: Callable[[], Any]) -> None:
    candidate = spawn()
    candidate.channel.shutdown(socket.SHUT_RDWR)
    with pytest.raises(wire.Closed, match="end of file"):
        wire.receive(candidate.channel, 10)
    assert candidate.kill() in (0, 9)  # ended by itself, or killed on the way


def test_an_unknown_process_cannot_be_killed(spawn: Callable[[], Any]) -> None:
    candidate = spawn()
    pid, candidate.pid = candidate.pid, 4_000_000
    assert candidate.kill() == -1
    candidate.pid = pid
    assert candidate.value("1 + 1") == 2


def settings(**changes: Any) -> dict[str, Any]:
    lists = ("withheld_modules", "withheld_names", "preloaded", "hidden")
    plain = {**{key: [] for key in lists}, "scratch": ["/scratch"], "isolate": True}
    return {**plain, "memory_mb": 64, "output_kb": 1, **changes}


@contextlib.contextmanager
def branch_of(started: sandbox.Process) -> Iterator[socket.socket]:
    """The socket of a server that a started process has forked."""
    try:
        started.channel.settimeout(60)
        assert "ready" in json.loads(started.channel.recv(65536))
        ours, theirs = socket.socketpair()
        with ours:
            with theirs:
                request = [b'{"branch": true}']
                socket.send_fds(started.channel, request, [theirs.fileno()])
            assert json.loads(started.channel.recv(65536))["pid"] > 1
            ours.settimeout(60)
            yield ours
    finally:
        started.end()


def test_without_walls_there_is_no_isolation() -> None:
    started = sandbox.start_without_walls(
        "autograder.candidate.server", settings(isolate=False)
    )
    with branch_of(started) as control:
        ours, theirs = socket.socketpair()
        with ours, theirs:
            socket.send_fds(control, [b'{"spawn": true}'], [theirs.fileno()])
            assert json.loads(control.recv(65536))["pid"] > 1
            assert wire.decode(wire.receive(ours, 20)) == {"ready": True}


def test_without_the_power_to_isolate_nothing_is_forked() -> None:
    view = sandbox.View(("cnncourse", "autograder/candidate"), may_isolate=False)
    started = sandbox.start(view, "autograder.candidate.server", settings())
    with branch_of(started) as control:
        ours, theirs = socket.socketpair()
        with ours, theirs:
            socket.send_fds(control, [b'{"spawn": true}'], [theirs.fileno()])
            with contextlib.suppress(ConnectionResetError):
                assert control.recv(65536) == b""
        assert started.complaint().endswith(
            "Expected unshare to work: Operation not permitted"
        )
