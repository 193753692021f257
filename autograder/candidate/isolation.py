"""What a forked candidate loses before it runs a submission.

The process is already inside bubblewrap: no network, a minimal read-only file system.
Here it leaves the process that it was forked from: own pid, mount, net, ipc and user
namespaces, a fresh read-only /proc, empty folders to write in, no capabilities, a
system call filter and resource limits.
"""

from __future__ import annotations

import ctypes
import os
import resource
import signal
from pathlib import Path

from autograder.candidate import seccomp

_NEWNS, _NEWUTS, _NEWIPC = 0x00020000, 0x04000000, 0x08000000
_NEWUSER, _NEWPID, _NEWNET = 0x10000000, 0x20000000, 0x40000000
_RDONLY, _NOSUID, _NODEV, _NOEXEC, _REMOUNT, _BIND = 1, 2, 4, 8, 32, 4096
_PRIVATE = (1 << 14) | (1 << 18)  # MS_REC | MS_PRIVATE
_PR_CAPBSET_DROP, _PR_SET_NO_NEW_PRIVS, _PR_CAP_AMBIENT = 24, 38, 47
_PR_SET_PDEATHSIG = 1
_LAST_CAPABILITY = 63
_USER = 1000

_libc = ctypes.CDLL(None, use_errno=True)


class IsolationError(OSError):
    """The kernel refused a part of the isolation; nothing of a submission ran."""


def _call(name: str, *arguments: object) -> None:
    if getattr(_libc, name)(*arguments) != 0:
        number = ctypes.get_errno()
        raise IsolationError(number, f"Expected {name} to work: {os.strerror(number)}")


def _mount(source: str, target: str, kind: str, flags: int, options: str = "") -> None:
    names = (source.encode(), target.encode(), kind.encode())
    _call("mount", *names, ctypes.c_ulong(flags), options.encode())


class Fork:
    """Forks children that are the first process of a new pid namespace.

    Their death takes every process that they started with them.
    """

    def __init__(self) -> None:
        self._own = os.open("/proc/self/ns/pid", os.O_RDONLY | os.O_CLOEXEC)

    def __call__(self) -> int:
        """Forks: returns 0 in the child and the child's pid in the parent."""
        _call("unshare", _NEWPID)
        pid = os.fork()
        if pid:
            _call("setns", self._own, _NEWPID)
        return pid


def isolate(
    memory_mb: int,
    channel: int,
    scratch: list[str],
    hidden: list[str],
    processes: int,
) -> None:
    """Shuts the calling process in; it cannot be undone.

    Args:
        memory_mb: MiB that the process may take beyond what it has.
        channel: the only descriptor above 2 that stays open.
        scratch: folders that get an empty file system of their own.
        hidden: folders and files that look empty from here on.
        processes: how many processes and threads it may have.
    Raises:
        IsolationError: if the kernel refuses a part.
    """
    os.setsid()
    _call("unshare", _NEWNS | _NEWNET | _NEWIPC | _NEWUTS)
    _mount("none", "/", "", _PRIVATE)
    _mount("proc", "/proc", "proc", _NOSUID | _NODEV | _NOEXEC)
    proc = os.open("/proc/self", os.O_RDONLY | os.O_DIRECTORY)
    # when memory runs out, the kernel looks here first
    Path("/proc/self/oom_score_adj").write_text("1000")
    _mount("/proc", "/proc", "", _BIND)
    _mount("none", "/proc", "", _BIND | _REMOUNT | _RDONLY | _NOSUID | _NODEV | _NOEXEC)
    for folder in ("/dev/shm", *scratch):
        options = f"mode=1777,size={memory_mb // 4}m,nr_inodes=4096"
        _mount("tmpfs", folder, "tmpfs", _NOSUID | _NODEV, options)
    for path in hidden:
        _hide(Path(path))
    _mount("none", "/dev", "", _BIND | _REMOUNT | _RDONLY | _NOSUID | _NOEXEC)
    _become_nobody(proc)
    _close_all_but(channel)
    _limit(memory_mb, processes)
    seccomp.install()


def _become_nobody(proc: int) -> None:
    """Enters a user namespace with one ordinary user and no capabilities."""
    outer_user, outer_group = os.geteuid(), os.getegid()
    _call("unshare", _NEWUSER)
    for name, text in (
        ("setgroups", "deny"),
        ("uid_map", f"{_USER} {outer_user} 1"),
        ("gid_map", f"{_USER} {outer_group} 1"),
    ):
        descriptor = os.open(name, os.O_WRONLY, dir_fd=proc)
        os.write(descriptor, text.encode())
        os.close(descriptor)
    for capability in range(_LAST_CAPABILITY + 1):
        # refused for numbers that this kernel does not know
        _libc.prctl(_PR_CAPBSET_DROP, capability, 0, 0, 0)
    _libc.prctl(_PR_CAP_AMBIENT, 4, 0, 0, 0)  # PR_CAP_AMBIENT_CLEAR_ALL
    header = (ctypes.c_uint32 * 2)(0x20080522, 0)  # _LINUX_CAPABILITY_VERSION_3, self
    _call("capset", header, (ctypes.c_uint32 * 6)())
    if _libc.prctl(_PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0:
        raise IsolationError(ctypes.get_errno(), "Expected no_new_privs to be set")
    # if its server is killed, nobody else would end it; new credentials undo this
    _libc.prctl(_PR_SET_PDEATHSIG, signal.SIGKILL, 0, 0, 0)


def _close_all_but(channel: int) -> None:
    # /proc/self/fd rather than a range: the limit may be a million
    for name in os.listdir("/proc/self/fd"):  # noqa: PTH208
        number = int(name)
        if number > 2 and number != channel:
            try:
                os.close(number)
            except OSError:
                continue  # the descriptor of the listing itself


def _hide(path: Path) -> None:
    if path.is_dir():
        _mount("tmpfs", str(path), "tmpfs", _RDONLY | _NOSUID | _NODEV)
    else:
        _mount("/dev/null", str(path), "", _BIND)


def _limit(memory_mb: int, processes: int) -> None:
    pages = int(Path("/proc/self/statm").read_text().split()[0])
    address_space = pages * resource.getpagesize() + memory_mb * 2**20
    for limit, value in (
        (resource.RLIMIT_AS, address_space),
        # of 0 bytes would still go to a program that the host collects them with
        (resource.RLIMIT_CORE, 1),
        (resource.RLIMIT_FSIZE, memory_mb * 2**20 // 8),
        (resource.RLIMIT_NOFILE, 256),
        (resource.RLIMIT_NPROC, processes),
        (resource.RLIMIT_MEMLOCK, 0),
        (resource.RLIMIT_MSGQUEUE, 0),
    ):
        resource.setrlimit(limit, (value, value))
