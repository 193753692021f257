"""The warm processes that candidates are forked from. They never run a submission.

Started inside the sandbox as `python -m autograder.candidate.server`, with the
number of an inherited socket and the lab's settings as arguments. It forks a server
for each worker (see `branching`), which answers
`{"spawn": ...}` (with one descriptor, the candidate's channel), `{"usage": pid}` and
`{"kill": pid}`; with `"gone"` it first looks what the process has died of.
"""

from __future__ import annotations

import builtins
import ctypes
import gc
import importlib.abc
import json
import os
import select
import signal
import socket
import sys
import time
from collections.abc import Callable, Sequence
from importlib.machinery import EXTENSION_SUFFIXES
from itertools import chain
from types import BuiltinFunctionType, ModuleType
from typing import Any, NoReturn

from autograder.candidate import isolation, memory, processor, watch, wire
from autograder.candidate import shell as shells
from autograder.candidate.branching import MAX_REQUEST, reply, serve_branches
from autograder.candidate.preloading import COURSE, preload
from autograder.candidate.runner import Runner
from autograder.candidate.warming import warm_keras

_GONE_SECONDS = 0.5  # a process closes its files some time before it has ended


_HEAD = object.__basicsize__  # bytes of a C function's object before its table entry
_POINTER_AND_FLAGS = ctypes.sizeof(ctypes.c_void_p) + ctypes.sizeof(ctypes.c_int)


class _Withheld(importlib.abc.MetaPathFinder):
    """Says kindly that a module is withheld; the sandbox holds the real lock."""

    def __init__(self, modules: list[str]) -> None:
        self._modules = modules

    def find_spec(self, name: str, *_: object) -> None:
        """Raises ImportError for a withheld module, else leaves it to the others."""
        for module in self._modules:
            if name == module or name.startswith(f"{module}."):
                raise ImportError(
                    f"{module} is withheld while this lab is graded: it would be the "
                    "answer to the task",
                    name=name,
                )


def withhold(
    modules: list[str], names: list[str], preloaded: Sequence[str] = ()
) -> None:
    """Takes modules and functions away from this process and its children.

    Args:
        modules: cannot be imported from here on.
        names: "package.function": no loaded module has the object afterwards.
        preloaded: packages that stay, since others run on them; parts of them go.
    Raises:
        RuntimeError: if another withheld module is loaded already.
    """
    parts = [m for m in modules if m.partition(".")[0] in preloaded]
    loaded = [m for m in modules if m in sys.modules and m not in parts]
    if loaded:
        raise RuntimeError(f"Expected withheld modules not to be loaded: {loaded}")
    whole = [m for m in parts if "." not in m]
    if whole:
        _refuse_to_import(whole)
    gone = [_take_out(m) for m in parts if m not in whole]
    sys.meta_path.insert(0, _Withheld([m for m in modules if m not in whole]))
    found = {
        name: getattr(sys.modules[package], attribute)
        for name in names
        for package, _, attribute in (name.rpartition("."),)
        if package in sys.modules
    }
    _forget([*chain(*gone), *found.values()])
    for name in found:
        package, _, attribute = name.rpartition(".")
        setattr(sys.modules[package], attribute, _stand_in(name))


def _take_out(module: str) -> list[ModuleType]:
    """Takes a loaded module, and those inside it, from the list of loaded ones."""
    gone = [m for m in sys.modules if m == module or m.startswith(f"{module}.")]
    return [sys.modules.pop(name) for name in gone]


def _refuse_to_import(packages: list[str]) -> None:
    """Refuses packages to submissions that the process itself runs on.

    No lock, since what stays loaded can be found; the examiner reports who tries.
    """
    import_module = builtins.__import__
    finder = _Withheld(packages)

    def guarded(name: str, names: Any = None, *rest: Any, **kwargs: Any) -> Any:
        if (names or {}).get("__name__") == "__main__":
            finder.find_spec(name)
        return import_module(name, names, *rest, **kwargs)

    setattr(builtins, "__import__", guarded)  # noqa: B010 (of another type)


def _stand_in(name: str) -> Callable[..., NoReturn]:
    def withheld(*_: Any, **__: Any) -> NoReturn:
        raise RuntimeError(
            f"{name} is withheld while this lab is graded: write it yourself"
        )

    return withheld


def _forget(things: list[Any]) -> None:
    """Removes objects, and what they wrap, from every loaded module.

    All in one pass: with Keras there are some 200,000 names to look at.
    """
    gone = list(things)
    for thing in gone:  # which grows meanwhile
        if hasattr(thing, "__wrapped__"):
            gone.append(thing.__wrapped__)
    ids = {id(thing) for thing in gone}
    # NumPy's Python functions call a C function of the same name
    bare = {getattr(thing, "__name__", "") for thing in things}
    cores = bare | {f"{name}2" for name in bare}
    for module in list(sys.modules.values()):
        inside = list(getattr(module, "__dict__", {}).items())
        in_numpy = inside and "numpy" in module.__name__
        for key, value in inside:
            if id(value) in ids or (in_numpy and key in cores):
                delattr(module, key)
                if isinstance(value, BuiltinFunctionType):
                    _disarm(value)


def _disarm(function: BuiltinFunctionType) -> None:
    """Makes a C function a harmless other one: its module's table outlives its name."""

    def entry(builtin: Any) -> int:  # of the table: name, pointer, flags, text
        where: int = ctypes.c_size_t.from_address(id(builtin) + _HEAD).value
        return where + ctypes.sizeof(ctypes.c_void_p)

    ctypes.memmove(entry(function), entry(gc.isenabled), _POINTER_AND_FLAGS)


def _compiled(names: list[str]) -> list[str]:
    """The loaded C modules of the packages in which there are withheld names.

    Their files are hidden from candidates: a copy, or another Python that a candidate
    starts, would have the names still.
    """
    packages = {name.partition(".")[0] for name in names}
    files = {
        getattr(module, "__file__", None) or ""
        for name, module in sys.modules.items()
        if name.partition(".")[0] in packages
    }
    return sorted(f for f in files if f.endswith(tuple(EXTENSION_SUFFIXES)))


def main() -> None:
    """Imports all there is to import, then forks a server for each worker."""
    control = socket.socket(fileno=int(sys.argv[1]))
    settings = json.loads(sys.argv[2])
    started = time.monotonic()
    preloaded = settings["preloaded"]
    preload((*COURSE, *preloaded))
    shell, outputs = shells.make_shell()
    if "keras" in preloaded:
        # no other operation may run here: a child's first one would hang for ever
        warm_keras()
    withhold(settings["withheld_modules"], settings["withheld_names"], preloaded)
    settings["hidden"] += _compiled(settings["withheld_names"])
    gc.collect()
    gc.freeze()
    if preloaded:
        memory.collapse()
    reply(control, {"ready": round(time.monotonic() - started, 3)})
    serve_branches(control, lambda channel: _serve(channel, settings, shell, outputs))


def _serve(
    control: socket.socket,
    settings: dict[str, Any],
    shell: Any,
    outputs: shells.Outputs,
) -> None:
    """Forks a candidate for each request of a worker until the socket closes."""
    fork = isolation.Fork() if settings["isolate"] else os.fork
    alive: set[int] = set()
    overfed: set[int] = set()  # those that we ended for their hunger
    most_mb = watch.megabytes(os.getpid()) + settings["memory_mb"]
    while True:
        while alive and not select.select([control], [], [], watch.SECONDS)[0]:
            hungry = watch.end_the_hungry(alive, most_mb)
            alive -= hungry
            overfed |= hungry
        try:
            data, descriptors, _, _ = socket.recv_fds(control, MAX_REQUEST, 1)
        except OSError:
            data, descriptors = b"", []
        if not data:
            for pid in alive:
                _kill(pid)
            return
        request = json.loads(data)
        if "spawn" in request:
            pid = fork()
            if pid == 0:
                control.close()
                _become_candidate(descriptors[0], settings, shell, outputs)
            for descriptor in descriptors:
                os.close(descriptor)
            alive |= {pid} if settings["isolate"] else set()
            reply(control, {"pid": pid})
        elif "usage" in request:
            seconds, wanting = processor.usage(watch.family(request["usage"]))
            reply(control, {"seconds": seconds, "wanting": wanting})
        else:
            pid = request["kill"]
            alive.discard(pid)
            ask = request.get("gone") and pid not in overfed
            ended_by = _ended_by(pid) if ask else 0
            overfed.discard(pid)
            reply(control, {"status": _kill(pid), "ended_by": ended_by})


def _ended_by(pid: int) -> int:
    """The signal that a process has died of; 0 if it lives, or ended in another way."""
    deadline = time.monotonic() + _GONE_SECONDS
    while time.monotonic() < deadline:
        try:
            end = os.waitid(os.P_PID, pid, os.WEXITED | os.WNOHANG | os.WNOWAIT)
        except OSError:
            return 0
        if end is not None:
            by_signal = end.si_code in (os.CLD_KILLED, os.CLD_DUMPED)
            return end.si_status if by_signal else 0
        time.sleep(0.002)
    return 0


def _kill(pid: int) -> int:
    """Ends a candidate and all that it started; its wait status."""
    try:
        # the whole process group too, for the mode without a pid namespace
        os.killpg(pid, signal.SIGKILL)
    except OSError:
        pass
    try:
        os.kill(pid, signal.SIGKILL)
        return os.waitpid(pid, 0)[1]
    except OSError:
        return -1


def _become_candidate(
    descriptor: int, settings: dict[str, Any], shell: Any, outputs: shells.Outputs
) -> NoReturn:
    """Isolates the forked process and serves the examiner; never returns."""
    channel = socket.socket(fileno=descriptor)
    try:
        if settings["isolate"]:
            isolation.isolate(
                settings["memory_mb"],
                descriptor,
                settings["scratch"],
                settings["hidden"],
                processes=256 if settings["preloaded"] else 64,
            )
            os.chdir(settings["scratch"][0])
        else:
            os.setsid()
    except OSError as error:
        wire.send(channel, wire.encode({"failed": str(error)}))
        os._exit(70)
    printed = shells.attach_streams(outputs, settings["output_kb"] * 1024)
    builtins.__dict__.pop("__warningregistry__", None)
    wire.send(channel, wire.encode({"ready": True}))
    try:
        Runner(shell, outputs, printed).serve(channel)
    finally:
        os._exit(0)


if __name__ == "__main__":
    main()
