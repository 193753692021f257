"""The system call filter: its program, run step by step, and as the kernel runs it."""

import ctypes
import errno
import platform
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from autograder.candidate import seccomp

ALLOW, KILL = 0x7FFF0000, 0x80000000
REFUSE, ABSENT = 0x00050000 | errno.EPERM, 0x00050000 | errno.ENOSYS
MACHINES = {"x86_64": (0, 0xC000003E), "aarch64": (1, 0xC00000B7)}


def verdict(machine: str, architecture: int, number: int, argument: int = 0) -> int:
    """What the filter answers, by an interpreter of its few instructions."""
    program = seccomp._program(*MACHINES[machine])
    data = {0: number, 4: architecture, 16: argument}
    value = at = 0
    while True:
        code, if_true, if_false, operand = program[at]
        at += 1
        match code:
            case 0x20:
                value = data[operand]
            case 0x15:
                at += if_true if value == operand else if_false
            case 0x35:
                at += if_true if value >= operand else if_false
            case 0x45:
                at += if_true if value & operand else if_false
            case 0x06:
                return operand
            case _:
                raise AssertionError(f"unknown instruction {code:#x}")


CASES = {  # system call -> numbers on x86_64 and aarch64, first argument, verdict
    "read": ((0, 63), 0, ALLOW),
    "openat": ((257, 56), 0, ALLOW),
    "execve": ((59, 221), 0, ALLOW),
    "ptrace": ((101, 117), 0, REFUSE),
    "mount": ((165, 40), 0, REFUSE),
    "unshare": ((272, 97), 0, REFUSE),
    "setns": ((308, 268), 0, REFUSE),
    "bpf": ((321, 280), 0, REFUSE),
    "io_uring_setup": ((425, 425), 0, REFUSE),
    "clone3": ((435, 435), 0, ABSENT),
    "clone, a thread": ((56, 220), 0x003D0F00, ALLOW),
    "clone, a user namespace": ((56, 220), 0x10000000, REFUSE),
    "clone, a mount namespace": ((56, 220), 0x00020000, REFUSE),
    "clone, a time namespace": ((56, 220), 0x00000080, ALLOW),  # the exit signal's bits
    "socket, UNIX": ((41, 198), 1, ALLOW),
    "socket, IPv4": ((41, 198), 2, REFUSE),
    "socket, netlink": ((41, 198), 16, REFUSE),
    "socketpair, UNIX": ((53, 199), 1, ALLOW),
    "socketpair, vsock": ((53, 199), 40, REFUSE),
}


@pytest.mark.parametrize("case", CASES)
@pytest.mark.parametrize("machine", MACHINES)
def test_verdicts(machine: str, case: str) -> None:
    numbers, argument, expected = CASES[case]
    column, architecture = MACHINES[machine]
    assert verdict(machine, architecture, numbers[column], argument) == expected


@pytest.mark.parametrize("machine", MACHINES)
def test_every_jump_ends_in_a_verdict(machine: str) -> None:
    _, architecture = MACHINES[machine]
    for number in range(500):
        for argument in (0, 1, 2, 0x10000000):
            assert verdict(machine, architecture, number, argument) in (
                *(ALLOW, REFUSE, ABSENT),
            )


def test_another_architecture_is_killed() -> None:
    i386 = 0x40000003
    assert verdict("x86_64", i386, 0) == KILL
    assert verdict("aarch64", MACHINES["x86_64"][1], 0) == KILL


def test_the_x32_numbers_are_killed() -> None:
    assert verdict("x86_64", MACHINES["x86_64"][1], 0x40000000) == KILL


def test_no_two_calls_have_one_number() -> None:
    for column in (0, 1):
        numbers = [n[column] for n in seccomp._DENIED.values() if n[column] is not None]
        assert len(set(numbers)) == len(numbers)


def _number(name: str) -> int | None:
    machine = platform.machine()
    if machine not in MACHINES:
        pytest.skip(f"no table for {machine}")
    return seccomp._DENIED[name][MACHINES[machine][0]]


CALL = """
import ctypes
libc = ctypes.CDLL(None, use_errno=True)
(libc.syscall({}, *{}), ctypes.get_errno())
"""

# What any process may do: without the filter these give another answer.
HARMLESS: dict[str, tuple[int, ...]] = {
    "personality": (0xFFFFFFFF,),
    "request_key": (0, 0, 0, 0),
    "process_vm_readv": (1, 0, 0, 0, 0, 0),
    "unshare": (0,),
    "pidfd_getfd": (-1, 0, 0),
    "io_uring_setup": (0, 0),
    "open_tree": (-1, 0, 0),
}


@pytest.mark.parametrize("name", HARMLESS)
def test_the_kernel_refuses(candidate: Any, name: str) -> None:
    arguments = HARMLESS[name]
    answer = candidate.value(CALL.format(_number(name), arguments))
    assert answer == (-1, errno.EPERM)


@pytest.mark.parametrize("name", ["personality", "unshare"])
def test_without_the_filter_the_kernel_does_not_refuse(name: str) -> None:
    libc = ctypes.CDLL(None, use_errno=True)
    assert libc.syscall(_number(name), *HARMLESS[name]) != -1


def test_threads_programs_and_pipes_still_work(candidate: Any) -> None:
    assert candidate.value(
        "import subprocess, threading, socket\n"
        "found = []\n"
        "thread = threading.Thread(target=found.append, args=(1,))\n"
        "thread.start(); thread.join()\n"
        "found.append(subprocess.run(['echo', 'two'], capture_output=True).stdout)\n"
        "[s.close() for s in socket.socketpair()]\n"
        "found"
    ) == [1, b"two\n"]


def run(*command: str) -> subprocess.CompletedProcess:
    code = "from autograder.candidate import seccomp\nseccomp.install()"
    return subprocess.run(
        [*command, sys.executable, "-c", code],
        cwd=Path(seccomp.__file__).parents[2],
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )


def test_an_unknown_machine_is_an_error() -> None:
    if platform.machine() != "x86_64":
        pytest.skip("setarch can only make an x86_64 look like another machine")
    done = run("setarch", "i686")
    last = done.stderr.strip().splitlines()[-1]
    assert last == "OSError: Expected one of ['aarch64', 'x86_64']. Received: i686"


def test_without_no_new_privs_an_ordinary_user_is_refused() -> None:
    import os
    import shutil

    prefix = ["setpriv", "--reuid", "65534", "--regid", "65534", "--clear-groups", "--"]
    if os.geteuid() != 0 or shutil.which("setpriv") is None:
        pytest.skip("needs root and setpriv, to start as an ordinary user")
    done = run(*prefix)
    last = done.stderr.strip().splitlines()[-1]
    assert last == (
        "PermissionError: [Errno 13] Expected the kernel to take the system call filter"
    )
