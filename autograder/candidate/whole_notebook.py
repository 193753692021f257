"""Runs a whole notebook with nbgrader's Execute, tests included, inside the sandbox.

For assignments whose tests cannot be kept from the submission. Started as
`python -m autograder.candidate.whole_notebook`, with the number of an inherited
socket; one request, one answer.
"""

from __future__ import annotations

import os
import resource
import socket
import sys
from pathlib import Path

from autograder.candidate import wire

_LIMITS = (
    (resource.RLIMIT_DATA, 4 * 2**30),
    (resource.RLIMIT_CORE, 0),
    (resource.RLIMIT_FSIZE, 2**28),
    (resource.RLIMIT_NPROC, 256),
)


def main() -> None:
    """Runs the notebook of the request, with its files around it."""
    channel = socket.socket(fileno=int(sys.argv[1]))
    channel.set_inheritable(False)
    request = wire.decode(wire.receive(channel))
    for limit, value in _LIMITS:
        resource.setrlimit(limit, (value, value))
    work = Path.cwd() / "work"  # the sandbox starts in its scratch folder
    work.mkdir()
    for name, content in request["files"].items():
        path = work / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)
    os.chdir(work)
    os.environ["NBGRADER_EXECUTION"] = "autograde"
    text = _run(request["notebook"], request["cell_seconds"])
    wire.send(channel, wire.encode({"notebook": text}))


def _run(text: str, cell_seconds: int) -> str:
    # A grammar that nbformat can do without, and half of its time to load.
    sys.modules["rfc3987_syntax"] = None  # type: ignore[assignment]
    import nbformat
    from nbgrader.preprocessors import Execute

    notebook = nbformat.reads(text, as_version=4)
    # No tag skips a test cell: it would count as passed.
    runner = Execute(timeout=cell_seconds, skip_cells_with_tag="")
    notebook, _ = runner.preprocess(notebook, {"metadata": {"path": str(Path.cwd())}})
    written: str = nbformat.writes(notebook)
    return written


if __name__ == "__main__":
    main()
