"""What a candidate has lost: seen from inside."""

import os
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

import autograder
from autograder import sandbox
from autograder.candidate import isolation

ROOT = Path(autograder.__file__).parents[1]

STATUS = {
    "CapInh": "0000000000000000",
    "CapPrm": "0000000000000000",
    "CapEff": "0000000000000000",
    "CapBnd": "0000000000000000",
    "CapAmb": "0000000000000000",
    "NoNewPrivs": "1",
    "Seccomp": "2",
    "Pid": "1",
}


def test_no_power_is_left(candidate: Any) -> None:
    text = candidate.value("open('/proc/self/status').read()")
    status = dict(line.split(":\t", 1) for line in text.splitlines())
    assert {k: status[k].strip() for k in STATUS} == STATUS
    assert candidate.value("__import__('os').getuid()") == 1000


LIMITS = {
    "RLIMIT_CORE": 1,
    "RLIMIT_FSIZE": 64 * 2**20,
    "RLIMIT_NOFILE": 256,
    "RLIMIT_NPROC": 64,
}


@pytest.mark.parametrize("limit", LIMITS)
def test_limits_hold_and_cannot_be_raised(candidate: Any, limit: str) -> None:
    candidate.cell(f"import resource\nlimit = resource.{limit}")
    assert candidate.value("resource.getrlimit(limit)") == (LIMITS[limit],) * 2
    shown = candidate.cell("resource.setrlimit(limit, (2**40, 2**40))")
    assert "not allowed to raise maximum limit" in shown[0][1]


def test_memory_is_limited(candidate: Any) -> None:
    taken = "len(bytearray(300 * 2**20)) // 2**20"
    assert candidate.value(taken) == 300
    assert "MemoryError" in candidate.cell("x = bytearray(2**30)")[0][1]


def test_only_its_own_descriptors_are_open(candidate: Any) -> None:
    targets = candidate.value(
        "import os\nfolder = '/proc/self/fd'\nnames = os.listdir(folder)\n"
        "{n: os.readlink(f'{folder}/{n}') for n in names "
        "if os.path.lexists(f'{folder}/{n}')}"
    )
    assert {"0", "1", "2"} <= set(targets)
    sockets = [t for t in targets.values() if t.startswith("socket:")]
    files = {t for t in targets.values() if not t.startswith("socket:")}
    own = {t for t in files if t.endswith(" (deleted)")}  # where its output goes
    assert len(sockets) == 1 and len(own) == 1 and files - own == {"/dev/null"}


def test_no_other_process_is_seen(candidate: Any) -> None:
    listed = candidate.value("__import__('os').listdir('/proc')")
    assert [name for name in listed if name.isdigit()] == ["1"]


UNWRITABLE = [
    *("/file", "/usr/file", "/etc/file", "/dev/file", "/proc/sys/kernel/core_pattern"),
    *("/proc/self/oom_score_adj", f"{ROOT}/file", f"{sys.prefix}/file"),
    f"{ROOT}/cnncourse/checks.py",
]


@pytest.mark.parametrize("path", UNWRITABLE)
def test_nothing_can_be_written_outside(candidate: Any, path: str) -> None:
    shown = candidate.cell(f"open({path!r}, 'w')")
    assert shown[0][0] == "error"
    assert any(
        reason in shown[0][1]
        for reason in ("Read-only file system", "Permission denied", "No such file")
    )


ABSENT = [
    *("solutions", "labs", "tests", "docs", ".git", "autograder/examiner"),
    *("autograder/engine.py", "autograder/gradebook.py", "autograder/course.py"),
]


@pytest.mark.parametrize("path", ABSENT)
def test_the_answer_key_is_not_there(candidate: Any, path: str) -> None:
    assert (ROOT / path).exists()
    assert (
        candidate.value(f"__import__('os').path.lexists({str(ROOT / path)!r})") is False
    )


@pytest.mark.parametrize("folder", [*sandbox.scratch_folders(), "/dev/shm"])
def test_each_has_empty_folders_of_its_own(
    spawn: Callable[[], Any], folder: str
) -> None:
    first, second = spawn(), spawn()
    first.cell(f"open('{folder}/note', 'w').write('the answers are ...')")
    assert first.value(f"open('{folder}/note').read()") == "the answers are ..."
    assert second.value(f"__import__('os').listdir({folder!r})") == []


def test_a_scratch_folder_has_a_size(candidate: Any) -> None:
    shown = candidate.cell(
        "for i in range(8):\n    with open(f'/dev/shm/{i}', 'wb') as file:\n"
        "        file.write(bytes(30 * 2**20))"
    )
    assert "No space left on device" in shown[0][1]


def test_there_is_no_network(candidate: Any) -> None:
    devices = candidate.value("open('/proc/net/dev').read()").splitlines()[2:]
    assert [line.split(":")[0].strip() for line in devices] in ([], ["lo"])
    shown = candidate.cell("import socket\nsocket.create_connection(('127.0.0.1', 22))")
    assert "Operation not permitted" in shown[0][1]


def test_the_environment_is_cleared(candidate: Any) -> None:
    seen = candidate.value("dict(__import__('os').environ)")
    assert "PYTEST_CURRENT_TEST" in os.environ
    assert not [name for name in seen if name.startswith("PYTEST")]
    assert seen["HOME"] == sandbox.SCRATCH


def test_children_die_with_it(spawn: Callable[[], Any]) -> None:
    candidate = spawn()
    candidate.cell(
        "import subprocess\nfor _ in range(5):\n"
        "    subprocess.Popen(['sleep', '86399'], start_new_session=True)"
    )
    assert "86399" in _processes()
    assert candidate.kill() == 9
    assert "86399" not in _processes()


def _processes() -> str:
    lines = []
    for path in Path("/proc").glob("[0-9]*/cmdline"):
        try:
            lines.append(
                path.read_bytes().replace(b"\0", b" ").decode("utf-8", "replace")
            )
        except OSError:
            continue  # it ended meanwhile
    return "\n".join(line for line in lines if line.startswith("sleep"))


def unprivileged(code: str) -> subprocess.CompletedProcess:
    """Runs Python as an ordinary user without any power."""
    become = ["setpriv", "--reuid", "65534", "--regid", "65534", "--clear-groups"]
    prefix = [*become, "--bounding-set=-all", "--no-new-privs", "--"]
    if os.geteuid() != 0:
        prefix = []
    elif shutil.which("setpriv") is None:
        pytest.skip("needs setpriv to give up root")
    return subprocess.run(
        [*prefix, sys.executable, "-c", code],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )


@pytest.mark.parametrize(
    "code", ["isolation.isolate(512, 2, [], [], 64)", "isolation.Fork()()"]
)
def test_without_the_power_to_isolate_nothing_runs(code: str) -> None:
    done = unprivileged(f"from autograder.candidate import isolation\n{code}")
    assert done.returncode == 1
    last = done.stderr.strip().splitlines()[-1]
    assert last.endswith(
        "IsolationError: [Errno 1] Expected unshare to work: Operation not permitted"
    )


def test_an_isolation_error_is_an_error_of_the_system() -> None:
    assert issubclass(isolation.IsolationError, OSError)
