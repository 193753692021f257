"""Runs the notebook of an assignment that is no lab of ours, shut in.

Its tests are cells among the submission's own, so they run in one process, where a
submission can read and fake them. Nothing else can be reached from there: no file of
the course, no other submission, no network.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import nbformat
from nbconvert.preprocessors.sanitize import SanitizeHTML

from autograder import sandbox
from autograder.candidate import wire

_START_SECONDS = 60.0  # for a kernel, beyond the cells' own time
_MOST_SECONDS = 3600.0


class NotebookError(Exception):
    """The notebook could not be run to its end."""


def run_shut_in(notebook: Any, folder: Path, cell_seconds: int) -> Any:
    """Runs a notebook with nbgrader's Execute, in a sandbox of its own.

    Args:
        notebook: of any nbgrader course, tests included.
        folder: whose other files the notebook finds around it.
        cell_seconds: wall time of one cell.
    Returns:
        The same notebook, with the outputs that are safe to show in a page.
    Raises:
        NotebookError: if the kernel dies, the time is over, or what came back is not
            this notebook.
    """
    files = {
        str(path.relative_to(folder)): path.read_bytes()
        for path in sorted(folder.rglob("*"))
        if path.is_file() and path.suffix != ".ipynb"
    }
    text = nbformat.writes(notebook)
    request = {"notebook": text, "files": files, "cell_seconds": cell_seconds}
    cells = sum(cell.cell_type == "code" for cell in notebook.cells)
    view = sandbox.View(("cnncourse", "autograder/candidate"))
    process = sandbox.start(view, "autograder.candidate.whole_notebook", {})
    try:
        wire.send(process.channel, wire.encode(request))
        seconds = min(cells * cell_seconds, _MOST_SECONDS) + _START_SECONDS
        answer = wire.decode(wire.receive(process.channel, seconds))
        ran = nbformat.reads(answer["notebook"], as_version=4)
        nbformat.validate(ran)
        pairs = list(zip(notebook.cells, ran.cells, strict=True))
    except (ValueError, KeyError, TypeError, RecursionError) as error:
        raise NotebookError(
            f"Expected the notebook to run in its sandbox. Received: {error} "
            f"({process.complaint()})"
        ) from None
    finally:
        process.end()
    for cell, other in pairs:
        if cell.cell_type == "code":
            cell.outputs = [_harmless(output) for output in other.get("outputs", [])]
        SanitizeHTML().preprocess_cell(cell, {}, 0)
    return notebook


def _harmless(output: Any) -> Any:
    # nbconvert writes an output's width and height into its page without quotes
    if "metadata" in output:
        output.metadata = nbformat.NotebookNode()
    return output
