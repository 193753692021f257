"""The outer wall: bubblewrap around the processes of the autograder.

Both the candidates' server and the examiner run inside one: no network, a cleared
environment, namespaces of their own, a read-only file system that holds Python, the
course's packages and nothing else. When root grades, the process first becomes an
unprivileged user: to the kernel a root that is shut in is still root.
"""

from __future__ import annotations

import importlib.util
import json
import os
import shutil
import site
import socket
import subprocess
import sys
import tempfile
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import IO

from autograder.course import CourseError

ROOT = Path(__file__).resolve().parent.parent
_NOBODY = "65534"
SCRATCH = "/scratch"
_HOW_TO_GET = "apt install bubblewrap (or your system's package manager)"


@dataclass(frozen=True)
class Process:
    """A running sandboxed process.

    Args:
        popen: the process.
        channel: our end of its socket.
        errors: what it wrote to its standard error.
    """

    popen: subprocess.Popen
    channel: socket.socket
    errors: IO[bytes]

    def end(self) -> None:
        """Kills the process, with everything inside its sandbox."""
        self.channel.close()
        self.popen.kill()
        self.popen.wait()
        self.errors.close()

    def complaint(self) -> str:
        """The last line that it wrote to its standard error, or its exit status."""
        self.errors.seek(0)
        lines = self.errors.read().decode("utf-8", "replace").strip().splitlines()
        return lines[-1] if lines else f"exit status {self.popen.poll()}"


@dataclass(frozen=True)
class View:
    """What a sandboxed process sees of this machine, besides Python and its packages.

    Args:
        packages: folders of this project, relative to its root.
        hidden: folders and files that look empty.
        shown: folders inside hidden ones that are seen all the same.
        may_isolate: whether it keeps the capabilities, inside its own namespaces,
            that it needs to isolate its children further.
    """

    packages: tuple[str, ...]
    hidden: tuple[Path, ...] = ()
    shown: tuple[Path, ...] = ()
    may_isolate: bool = False


def require() -> None:
    """Checks that submissions can be shut in.

    Raises:
        CourseError: if bubblewrap is missing or not allowed to make namespaces.
    """
    problem = find_problem()
    if problem:
        raise CourseError(problem)


@cache
def find_problem() -> str:
    """Why nothing can be shut in on this machine: one line, or ""."""
    if not sys.platform.startswith("linux"):
        return (
            "Expected Linux, where submissions can be shut in. Received: "
            f"{sys.platform}. Grade on Linux, in WSL or in a container."
        )
    for program in ("bwrap", "setpriv") if os.geteuid() == 0 else ("bwrap",):
        if shutil.which(program) is None:
            package = "bubblewrap" if program == "bwrap" else "util-linux"
            return (
                f"Expected the program {program} ({package}), which shuts submissions "
                f"in. Received: none on PATH. Type: {_HOW_TO_GET}"
            )
    trial = subprocess.run(
        command(View(()), ["/usr/bin/env", "true"]), capture_output=True, check=False
    )
    if trial.returncode:
        reason = trial.stderr.decode("utf-8", "replace").strip().splitlines()
        return (
            "Expected bubblewrap to be allowed to make namespaces. Received: "
            f"{reason[-1] if reason else trial.returncode}. Allow them with: "
            "sysctl kernel.unprivileged_userns_clone=1 (and, on Ubuntu, "
            "kernel.apparmor_restrict_unprivileged_userns=0)"
        )
    return ""


def module_paths(module: str) -> tuple[Path, ...]:
    """The folder or file of a module, found without importing it."""
    top, *rest = module.split(".")
    spec = importlib.util.find_spec(top)
    if spec is None:
        return ()
    places = list(spec.submodule_search_locations or [str(spec.origin)])
    found = []
    for place in places:
        path = Path(str(place)).joinpath(*rest)
        found += [p for p in (path, path.with_suffix(".py")) if p.exists()]
        found += path.parent.glob(f"__pycache__/{path.name}.*.pyc")
    return tuple(found)


def command(view: View, inner: list[str]) -> list[str]:
    """The command line that runs a program shut in.

    Args:
        view: what the program sees.
        inner: the program and its arguments.
    Returns:
        bubblewrap's command line; two nested ones when called by root, so that the
        folders which only root may enter are in place before root is given up.
    """
    files = _files(view)
    wall = [
        _program("bwrap"),
        *("--unshare-user", "--unshare-pid", "--unshare-net", "--unshare-ipc"),
        *("--unshare-uts", "--unshare-cgroup-try"),
        *("--die-with-parent", "--new-session"),
        *("--hostname", "lab", "--clearenv", *_environment()),
        *(("--uid", "0", "--gid", "0", "--cap-add", "ALL") if view.may_isolate else ()),
        *files,
        *(word for folder in scratch_folders() for word in ("--tmpfs", folder)),
        *("--proc", "/proc", "--dev", "/dev", *_font_cache()),
        # what bubblewrap made of memory is a place to leave messages in
        *(
            word
            for p in _hidden(view)
            if p.is_dir()
            for word in ("--remount-ro", str(p))
        ),
        *("--remount-ro", "/", "--chdir", SCRATCH, "--"),
        *inner,
    ]
    if os.geteuid() != 0:
        return wall
    return [
        # a root without capabilities may not kill another user's processes, but a pid
        # namespace dies with its first process: so all end when the outer wall does
        *(_program("bwrap"), "--unshare-pid", "--die-with-parent"),
        *(*files, "--dir", "/tmp"),
        *("--dev-bind", "/proc", "/proc", "--dev-bind", "/dev", "/dev", "--"),
        *(_program("setpriv"), "--reuid", _NOBODY, "--regid", _NOBODY),
        *("--clear-groups", "--no-new-privs", "--"),
        *wall,
    ]


def start(view: View, module: str, settings: dict) -> Process:
    """Starts one of our modules shut in, with a socket to it.

    It ends with the calling thread.

    Args:
        view: what it sees.
        module: run as `python -m module DESCRIPTOR SETTINGS`.
        settings: plain data, sent as JSON.
    Returns:
        The process, which may still be starting.
    """
    return _start(lambda inner: command(view, inner), module, settings)


def start_without_walls(module: str, settings: dict) -> Process:
    """Starts one of our modules without a sandbox, for people who insist."""
    return _start(lambda inner: inner, module, settings)


def _start(wrap, module: str, settings: dict) -> Process:  # type: ignore[no-untyped-def]
    ours, theirs = socket.socketpair()
    errors = tempfile.TemporaryFile()
    with theirs:
        number = str(theirs.fileno())
        inner = [sys.executable, "-s", "-m", module, number, json.dumps(settings)]
        popen = subprocess.Popen(
            wrap(inner),
            pass_fds=[theirs.fileno()],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=errors,
        )
    return Process(popen, ours, errors)


def _program(name: str) -> str:
    return shutil.which(name) or name


def _environment() -> list[str]:
    variables = {
        "PATH": f"{Path(sys.executable).parent}:/usr/bin:/bin",
        "HOME": SCRATCH,
        "TMPDIR": SCRATCH,
        "LANG": "C.UTF-8",
        "PYTHONPATH": str(ROOT),
        "PYTHONDONTWRITEBYTECODE": "1",
        "PYTHONHASHSEED": "0",
        "MPLCONFIGDIR": f"{SCRATCH}/matplotlib",
        "OPENBLAS_NUM_THREADS": "1",
        "OMP_NUM_THREADS": "1",
        "TF_NUM_INTEROP_THREADS": "1",
        "TF_NUM_INTRAOP_THREADS": "1",
        "KERAS_BACKEND": "tensorflow",
        "KERAS_HOME": f"{SCRATCH}/keras",
        "TF_CPP_MIN_LOG_LEVEL": "3",
        "CUDA_VISIBLE_DEVICES": "",
    }
    return [word for k, v in variables.items() for word in ("--setenv", k, v)]


def scratch_folders() -> list[str]:
    """Folders that are empty and may be written inside; each candidate has its own.

    Programs expect to write to /tmp and /home, unless Python or the course lies there.
    """
    needed = [*_python_folders(), ROOT]
    usual = [Path("/tmp"), Path("/home")]
    free = [f for f in usual if not any(n.is_relative_to(f) for n in needed)]
    return [SCRATCH, *map(str, free)]


def _python_folders() -> list[Path]:
    folders = [sys.prefix, sys.base_prefix, *site.getsitepackages()]
    return [Path(folder) for folder in folders]


def _files(view: View) -> list[str]:
    """bubblewrap's options for the file system of a view."""
    folders = [Path("/usr"), *_python_folders()]
    folders += [ROOT / package for package in view.packages]
    options = []
    for name in ("bin", "sbin", "lib", "lib32", "lib64"):
        path = Path("/") / name
        if path.is_symlink():
            options += ["--symlink", str(path.readlink()), str(path)]
        elif path.is_dir():
            folders.append(path)
    files = [
        Path("/etc/ld.so.cache"),
        Path("/etc/localtime"),
        ROOT / "autograder/__init__.py",
    ]
    options += _parents([*folders, *files])
    bound: list[Path] = []
    for folder in folders:
        if folder.exists() and not any(folder.is_relative_to(b) for b in bound):
            bound.append(folder)
            options += ["--ro-bind", str(folder), str(folder)]
    for file in files:
        options += ["--ro-bind-try", str(file), str(file)]
    for path in _hidden(view):
        if path.is_dir():
            options += ["--tmpfs", str(path)]
        else:
            options += ["--ro-bind", os.devnull, str(path)]
    for path in view.shown:
        if path.exists():
            options += ["--dir", str(path), "--ro-bind", str(path), str(path)]
    return options


def _hidden(view: View) -> list[Path]:
    """What a view hides, and the packages of other Pythons beside ours.

    What is withheld of ours could be imported from there.
    """
    ours = {Path(p).resolve() for p in site.getsitepackages()}
    places = (Path(sys.base_prefix, "lib"), Path("/usr/lib"), Path("/usr/local/lib"))
    others = {q.resolve() for p in places for q in p.glob("python3*/*-packages")}
    return [*view.hidden, *sorted(others - ours)]


def _parents(paths: list[Path]) -> list[str]:
    """Options that make the folders above; by itself bubblewrap makes them private."""
    above = {parent for path in paths for parent in path.parents} - {Path("/")}
    inside = {p for p in above if not any(p.is_relative_to(q) for q in paths)}
    ordered = sorted(inside, key=lambda p: len(p.parts))
    return [word for p in ordered for word in ("--dir", str(p))]


def _font_cache() -> list[str]:
    """Matplotlib's list of fonts, which takes seconds to make."""
    folder = Path(sys.prefix) / "share" / "matplotlib"
    caches = sorted(folder.glob("fontlist-*.json"))
    options = []
    for cache_file in caches:
        options += [
            "--ro-bind",
            str(cache_file),
            f"{SCRATCH}/matplotlib/{cache_file.name}",
        ]
    return options
