"""The outer wall, tried from inside, and what is said where it cannot be built."""

import json
import os
import shutil
import socket
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy
import pytest

from autograder import sandbox
from autograder.course import CourseError
from autograder.sandbox import ROOT, View

LOOK = """
import json, os, socket, sys
def listed(path):
    try:
        return sorted(os.listdir(path))
    except OSError as error:
        return error.strerror
def written(path):
    try:
        open(path, "w").close()
        return "written"
    except OSError as error:
        return error.strerror
def connected():
    try:
        socket.create_connection(("127.0.0.1", {port}), timeout=2).close()
        return "connected"
    except OSError as error:
        return error.strerror
print(json.dumps({{
    "root": listed("/"),
    "project": listed({root!r}),
    "etc": listed("/etc"),
    "processes": [n for n in os.listdir("/proc") if n.isdigit()],
    "hidden": listed({hidden!r}),
    "shown": listed({shown!r}),
    "environment": dict(os.environ),
    "user": os.getuid(),
    "host": socket.gethostname(),
    "capabilities": open("/proc/self/status").read().split("CapEff:")[1].split()[0],
    "connected": connected(),
    "written": {{path: written(path) for path in {paths!r}}},
}}))
"""
WRITTEN = {
    "/file": "Read-only file system",
    "/usr/file": "Read-only file system",
    f"{ROOT}/cnncourse/file": "Read-only file system",
    f"{sys.prefix}/file": "Read-only file system",
    "/scratch/file": "written",
}
NUMPY = Path(numpy.__file__).parent


@pytest.fixture(scope="module")
def seen() -> Any:
    """What a program sees that is shut in."""
    sandbox.require()
    view = View(
        ("cnncourse", "autograder/candidate"),
        hidden=(NUMPY / "f2py", NUMPY / "fft"),
        shown=(NUMPY / "fft" / "tests",),
    )
    with socket.create_server(("127.0.0.1", 0)) as listening:
        code = LOOK.format(
            root=str(ROOT),
            hidden=str(NUMPY / "f2py"),
            shown=str(NUMPY / "fft"),
            port=listening.getsockname()[1],
            paths=list(WRITTEN),
        )
        done = subprocess.run(
            sandbox.command(view, [sys.executable, "-c", code]),
            env={**os.environ, "A_SECRET": "of the instructor"},
            capture_output=True,
            check=False,
            timeout=60,
        )
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


def test_only_the_packages_are_there(seen: Any) -> None:
    inside = {"cnncourse", "autograder"}
    python = {Path(sys.prefix).name} if Path(sys.prefix).parent == ROOT else set()
    assert set(seen["project"]) == inside | python
    assert set(seen["etc"]) <= {"ld.so.cache", "localtime"}


def test_nothing_of_the_user_is_there(seen: Any) -> None:
    assert "A_SECRET" not in seen["environment"]
    assert seen["environment"]["HOME"] == sandbox.SCRATCH
    assert (seen["host"], seen["capabilities"]) == ("lab", "0" * 16)
    assert seen["user"] != 0
    assert len(seen["processes"]) <= 2  # bubblewrap's own, and the program


def test_there_is_no_network(seen: Any) -> None:
    assert seen["connected"] in ("Connection refused", "Network is unreachable")


def test_what_is_hidden_looks_empty_but_for_what_is_shown(seen: Any) -> None:
    assert seen["hidden"] == []
    assert seen["shown"] == ["tests"]


@pytest.mark.parametrize("path", WRITTEN)
def test_only_scratch_can_be_written(seen: Any, path: str) -> None:
    assert seen["written"][path] == WRITTEN[path]


@pytest.mark.parametrize(("hidden", "seen"), [(False, True), (True, False)])
def test_a_hidden_file_cannot_be_read(hidden: bool, seen: bool) -> None:
    path = NUMPY / "matlib.py"
    command = sandbox.command(
        View((), hidden=(path,) if hidden else ()), ["/bin/cat", str(path)]
    )
    done = subprocess.run(command, capture_output=True, check=False, timeout=60)
    assert (b"import" in done.stdout) == seen


def test_a_started_module_talks_over_its_socket() -> None:
    settings = {"a": [1, "é"]}
    process = sandbox.start(View(("cnncourse", "autograder")), "autograder", settings)
    try:
        # `autograder DESCRIPTOR SETTINGS` is no command: it ends and says so
        assert process.popen.wait(60) == 2
        assert "invalid choice" in process.complaint()
    finally:
        process.end()
    assert process.popen.poll() is not None and process.channel.fileno() == -1


def test_ending_a_process_ends_all_that_is_inside() -> None:
    process = sandbox.start(View(("cnncourse", "autograder")), "timeit", {})
    process.end()
    assert process.popen.returncode is not None
    process.end()  # harmless


def test_a_process_that_said_nothing_is_named_by_its_status() -> None:
    process = sandbox.start_without_walls("this", {})
    try:
        process.popen.wait(60)
        assert process.complaint() == "exit status 0"
    finally:
        process.end()


def test_a_module_that_is_not_there_complains() -> None:
    process = sandbox.start(View(()), "autograder.engine", {})
    try:
        assert process.popen.wait(60) != 0
        assert "ModuleNotFoundError" in process.complaint() or "No module" in (
            process.complaint()
        )
    finally:
        process.end()


def test_modules_are_found_without_importing_them() -> None:
    assert sandbox.module_paths("numpy.fft") == (NUMPY / "fft",)
    assert sandbox.module_paths("cnncourse.checks")[0] == ROOT / "cnncourse/checks.py"
    assert sandbox.module_paths("this_is_no_module") == ()
    assert sandbox.module_paths("numpy.no_part") == ()


def test_scratch_folders_hold_nothing_of_ours() -> None:
    folders = sandbox.scratch_folders()
    assert folders[0] == sandbox.SCRATCH
    for needed in (ROOT, Path(sys.prefix), Path(sys.base_prefix)):
        assert not any(needed.is_relative_to(folder) for folder in folders)


@pytest.fixture
def fresh(monkeypatch: pytest.MonkeyPatch) -> Iterator[pytest.MonkeyPatch]:
    """Forgets what was found out about this machine, before and after."""
    sandbox.find_problem.cache_clear()
    yield monkeypatch
    monkeypatch.undo()
    sandbox.find_problem.cache_clear()


def test_here_submissions_can_be_shut_in(fresh: pytest.MonkeyPatch) -> None:
    assert sandbox.find_problem() == ""
    sandbox.require()


def only(folder: Path, *programs: str) -> str:
    """A folder for PATH with a few programs in it."""
    folder.mkdir()
    for program in programs:
        (folder / program).symlink_to(shutil.which(program) or program)
    return str(folder)


def test_without_bubblewrap_one_line_says_how_to_get_it(
    fresh: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    fresh.setenv("PATH", only(tmp_path / "bin", "setpriv"))
    message = (
        r"Expected the program bwrap \(bubblewrap\), which shuts submissions in\. "
        r"Received: none on PATH\. Type: apt install bubblewrap"
    )
    with pytest.raises(CourseError, match=message) as caught:
        sandbox.require()
    assert "\n" not in str(caught.value)


def test_where_namespaces_are_forbidden_one_line_says_so(
    fresh: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    folder = tmp_path / "bin"
    path = only(folder, "setpriv")
    (folder / "bwrap").write_text(
        "#!/bin/sh\necho 'bwrap: No permissions to create new namespace' >&2\nexit 1\n"
    )
    (folder / "bwrap").chmod(0o755)
    fresh.setenv("PATH", path)
    with pytest.raises(CourseError, match="to be allowed to make namespaces") as caught:
        sandbox.require()
    assert "Received: bwrap: No permissions to create new namespace." in str(
        caught.value
    )
    assert "\n" not in str(caught.value)
