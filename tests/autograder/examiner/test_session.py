"""A submission's process: what it answers, and what happens when it does not."""

import socket
import threading
import time
from dataclasses import replace
from typing import Any

import numpy as np
import psutil
import pytest

from autograder.candidate import wire
from autograder.course import Lab
from autograder.examiner import session as sessions
from autograder.examiner.session import (
    CandidateFailure,
    Crashed,
    Lost,
    Misused,
    SandboxBroken,
    Session,
    TimedOut,
)
from autograder.record import Finding, Output


def call(session: Session, name: str, *args: Any) -> dict[str, Any]:
    request = {"target": name, "path": [], "args": list(args), "kwargs": {}}
    return session.call(request, name, "test_x")


def kinds(session: Session) -> list[tuple[str, str]]:
    return [(f.kind, f.cell) for f in session.findings]


def test_runs_cells_and_keeps_what_they_show(session: Session) -> None:
    assert session.run_cell("a", "print('hello')\nx = 5") == (
        *(True, (Output("stream", "hello\n", "stdout"),)),
    )
    assert session.look("x") == (True, 5)
    assert session.look("y") == (False, None)
    assert session.findings == [] and session.generation == 1


def test_a_cell_that_fails_is_remembered_with_its_error(session: Session) -> None:
    well, outputs = session.run_cell("a", "x = 1\nraise OSError('no')\ny = 1")
    assert not well
    assert [(o.kind, o.name) for o in outputs] == [("error", "OSError")]
    assert session.cell_errors == {"a": "OSError"}
    assert session.look("x") == (True, 1)  # it ran as far as that


def test_calls(session: Session) -> None:
    session.run_cell("a", "def twice(x): return 2 * x")
    answer = call(session, "twice", np.arange(3))
    assert answer["value"].tolist() == [0, 2, 4]
    assert call(session, "twice", None)["error"]["types"][0] == "TypeError"
    assert call(session, "thrice", 1)["error"]["types"][0] == "KeyError"
    assert session.findings == []


def test_a_hanging_call_is_stopped_and_the_next_one_goes_on(session: Session) -> None:
    session.run_cell("a", "y = 3\ndef f(x):\n    while x: pass\n    return y")
    started = time.monotonic()
    with pytest.raises(TimedOut, match=r"Expected f to end within 2 s\. Received no"):
        call(session, "f", 1)
    assert time.monotonic() - started > 1.4
    assert call(session, "f", 0)["value"] == 3
    assert session.generation == 2
    less = r"within 1 s\. Received no answer: is there a loop that never ends"
    with pytest.raises(TimedOut, match=less):  # there is less patience now
        call(session, "f", 1)
    assert kinds(session) == [("timed_out", "test_x")]


def test_a_hanging_cell_is_not_run_again(session: Session) -> None:
    session.run_cell("a", "x = 1")
    well, outputs = session.run_cell("b", "y = 1\nwhile True: pass")
    assert not well
    assert outputs[0].name == "TimedOut"
    assert outputs[0].text.startswith("Expected this cell to end within 2 s.")
    assert session.look("x") == (True, 1) and session.look("y") == (False, None)
    assert session.run_cell("b", "y = 1")[1][0].text == "This cell was not run again."
    assert session.cell_errors == {"b": "TimedOut"}
    assert kinds(session) == [("timed_out", "b")]


def test_a_crash_costs_that_call(session: Session) -> None:
    session.run_cell("a", "import os\ndef f(x):\n    if x: os._exit(0)\n    return x")
    with pytest.raises(Crashed, match="Received: the process ended"):
        call(session, "f", 1)
    assert call(session, "f", 0)["value"] == 0
    assert kinds(session) == [("crashed", "test_x")]


def test_a_cell_that_crashes_is_left_out(session: Session) -> None:
    session.run_cell("a", "x = 1")
    well, outputs = session.run_cell("b", "import os\nos._exit(0)")
    assert (well, outputs[0].name) == (False, "Crashed")
    session.run_cell("c", "z = 3")
    assert session.look("z") == (True, 3) and session.look("x") == (True, 1)


def kill_candidates() -> None:
    """Kills, from outside, each running process that a fork has forked."""
    found = {
        p.pid: p
        for p in psutil.Process().children(recursive=True)
        if "autograder.candidate.server" in p.cmdline() and "python" in p.exe()
    }
    servers = {pid for pid, p in found.items() if p.ppid() in found}
    for process in found.values():
        if process.ppid() in servers:
            process.kill()


def test_a_process_killed_from_outside_is_not_to_blame(session: Session) -> None:
    session.run_cell("a", "import time\ndef f(x):\n    time.sleep(x)\n    return 7")
    for _ in range(2):
        timer = threading.Timer(0.2, kill_candidates)
        timer.start()
        with pytest.raises(Lost, match="Something outside ended the process in f"):
            call(session, "f", 1)
        timer.join()
        assert call(session, "f", 0)["value"] == 7
    assert kinds(session) == []
    threading.Timer(0.2, kill_candidates).start()
    with pytest.raises(Crashed, match="Expected f to end"):  # enough is enough
        call(session, "f", 1)


def test_a_cell_whose_process_is_killed_from_outside_runs_again(
    session: Session,
) -> None:
    threading.Timer(0.3, kill_candidates).start()
    assert session.run_cell("a", "import time\ntime.sleep(0.8)\nx = 1") == (True, ())
    assert session.look("x") == (True, 1) and session.lost == 1
    assert kinds(session) == []


def test_a_process_cannot_seem_killed_from_outside(session: Session) -> None:
    session.run_cell("a", "import os\ndef f(signal): os.kill(os.getpid(), signal)")
    call(session, "f", 9)  # the first of its namespace is immune to its own
    with pytest.raises(Crashed):
        session.run_cell("b", "import ctypes")
        session.run_cell("c", "def g(): ctypes.string_at(0)")
        call(session, "g")
    assert session.lost == 0


WRITES = (
    "import os, socket\n"
    "channel = next(int(n) for n in os.listdir('/proc/self/fd')\n"
    "               if n not in '012' and os.path.exists(f'/proc/self/fd/{n}')\n"
    "               and os.readlink(f'/proc/self/fd/{n}').startswith('socket'))\n"
)


def test_writing_to_the_channel_is_misuse(session: Session) -> None:
    source = (
        f"{WRITES}def f(x):\n    os.write(channel, b'\\0\\0\\0\\1\\xc0')\n    return 1"
    )
    session.run_cell("a", source)
    with pytest.raises(Misused, match="answered on the examiner's channel itself"):
        call(session, "f", 1)
    assert kinds(session) == [("channel_misuse", "test_x")]
    assert session.look("f")[0]


def test_writing_before_it_is_asked_is_misuse(session: Session) -> None:
    source = f"{WRITES}import threading\ndef late(): os.write(channel, b'junk')\n"
    session.run_cell("a", f"{source}threading.Timer(0.05, late).start()")
    time.sleep(0.4)
    with pytest.raises(Misused, match="wrote to the examiner's channel"):
        call(session, "late")


def test_what_is_no_frame_is_misuse(session: Session) -> None:
    source = (
        f"{WRITES}def f(x):\n    os.write(channel, b'\\0\\0\\0\\1\\xc1')\n    return 1"
    )
    session.run_cell("a", source)
    with pytest.raises(Misused, match="Expected an answer of plain data") as caught:
        call(session, "f", 1)
    assert "c1" not in str(caught.value)


def test_too_many_restarts_end_it(control: socket.socket, toy: Lab) -> None:
    session = Session(control, replace(toy.limits, restarts=2))
    session.run_cell("a", "import os\ndef f(): os._exit(0)")
    for _ in range(3):
        with pytest.raises(Crashed, match="the process ended"):
            call(session, "f")
    with pytest.raises(Crashed, match="had to be started again too often"):
        call(session, "f")
    assert session.generation == 3


def test_the_whole_submission_has_a_time(control: socket.socket, toy: Lab) -> None:
    session = Session(control, replace(toy.limits, total_seconds=0.3))
    session.run_cell("a", "import time\ndef f(): time.sleep(1)")
    with pytest.raises(TimedOut, match="Expected f to end within 0 s"):
        call(session, "f")
    with pytest.raises(TimedOut, match="whole submission was used up"):
        call(session, "f")


def test_a_refused_value_is_found_and_not_quoted(session: Session) -> None:
    session.run_cell("a", "import numpy as np\ndef f(): return np.zeros(2**24)")
    assert "refused" in call(session, "f")
    assert kinds(session) == [("refused_value", "test_x")]


def test_a_callback_is_answered(session: Session) -> None:
    session.run_cell("a", "def apply(f, x): return f(x) + f(x + 1)")
    given = []

    def back(asked: dict[str, Any]) -> dict[str, Any]:
        given.append(asked["args"])
        return {"result": asked["args"][0] * 10}

    function = wire.Reference(0, wire.CALLBACK, True)
    request = {"target": "apply", "path": [], "args": [function, 3], "kwargs": {}}
    assert session.call(request, "apply", "test_x", back)["value"] == 70
    assert given == [[3], [4]]


def test_a_callback_for_ever_uses_up_the_time(session: Session) -> None:
    session.run_cell("a", "def apply(f):\n    while True: f()")
    function = wire.Reference(0, wire.CALLBACK, True)
    request = {"target": "apply", "path": [], "args": [function], "kwargs": {}}
    with pytest.raises(TimedOut, match="Expected apply to end"):
        session.call(request, "apply", "test_x", lambda _: {"result": None})


FLOOD = """
import threading
def apply(f):
    cells = (c.cell_contents for c in f.__closure__)
    runner = next(c for c in cells if hasattr(c, "_channel"))
    wire, channel = f.__globals__["wire"], runner._channel
    def swallow():
        while True: channel.recv(65536)
    threading.Thread(target=swallow, daemon=True).start()
    asked = {"id": runner._current, "callback": 0, "args": [], "kwargs": {}}
    while True: wire.send(channel, wire.encode(asked))
"""


def test_a_flood_of_callbacks_uses_up_the_time(session: Session) -> None:
    """There is always something to read, since it does not wait for answers."""
    session.run_cell("a", FLOOD)
    function = wire.Reference(0, wire.CALLBACK, True)
    request = {"target": "apply", "path": [], "args": [function], "kwargs": {}}
    given: list[Any] = []

    def back(_: dict[str, Any]) -> dict[str, Any]:
        given.append(1)
        return {"result": None}

    with pytest.raises(TimedOut, match="Expected apply to end"):
        session.call(request, "apply", "test_x", back)
    assert len(given) > 100


def test_another_session_learns_what_hangs(
    session: Session, control: socket.socket, toy: Lab
) -> None:
    session.run_cell("a", "while True: pass")
    second = Session(control, toy.limits)
    second.learn_from(session)
    _, (output,) = second.run_cell("a", "while True: pass")
    second.close()
    assert "Expected this cell to end within 1 s" in output.text


def test_a_fresh_session_has_no_names(session: Session) -> None:
    session.run_cell("a", "x = 1")
    session.run_cell("b", "import os\nos._exit(0)")
    other = session.fresh()
    assert other.look("x") == (False, None)
    assert not other.run_cell("b", "z = 1")[0]  # known to crash
    other.close()


def test_closing_ends_the_process_and_may_be_repeated(session: Session) -> None:
    session.run_cell("a", "x = 1")
    channel = session._live.channel if session._live else None
    session.close()
    session.close()
    assert channel is not None and channel.fileno() == -1
    assert session.look("x") == (True, 1)  # in a new process


def test_a_finding_is_noted_once(session: Session) -> None:
    for _ in range(2):
        session.find("crashed", "it ended", "a")
    assert session.findings == [Finding("crashed", "it ended", "a")]


def test_without_a_server_the_grader_is_broken(toy: Lab) -> None:
    ours, theirs = socket.socketpair()
    theirs.close()
    with ours, pytest.raises(SandboxBroken, match="candidates' server is gone"):
        Session(ours, toy.limits).run_cell("a", "x = 1")


def test_failures_cannot_be_expected_by_a_test() -> None:
    for failure in (TimedOut, Crashed, Misused, SandboxBroken):
        assert not issubclass(failure, Exception)
    assert issubclass(TimedOut, CandidateFailure)


@pytest.mark.parametrize(
    ("items", "kept"),
    [
        ([{"kind": "text", "text": "a"}], (Output("text", "a"),)),
        ([{"kind": "text", "text": "\ud800"}], (Output("text", "?"),)),
        ([{"kind": "html", "text": "<b>"}, 5, {"kind": "text"}], ()),
        ([{"kind": "text", "text": "a", "name": 5}], (Output("text", "a"),)),
        ("text", ()),
        (None, ()),
    ],
)
def test_outputs_are_believed_only_as_far_as_they_are_in_order(
    items: Any, kept: tuple[Output, ...]
) -> None:
    assert sessions._outputs(items) == kept
