"""Makes notebooks from a lab's text: the solution, and the release for students."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from autograder.cells import Cell
from autograder.course import Course, Lab
from autograder.files import write_atomically

NBGRADER_SCHEMA = 3

# grade, solution, locked of nbgrader's metadata
_FLAGS = {
    "given": (False, False, True),
    "solution": (False, True, False),
    "tests": (True, False, True),
    "experiment": (False, False, True),
}


def solution_notebook(lab: Lab) -> Any:
    """The lab as a notebook with solutions, hidden tests and nbgrader's metadata.

    Args:
        lab: the lab.
    Returns:
        A version 4.5 notebook without outputs; equal labs give equal notebooks.
    """
    import nbformat.v4 as v4

    return v4.new_notebook(
        cells=[_notebook_cell(cell) for cell in lab.cells],
        metadata={
            "kernelspec": {
                "display_name": "Python 3",
                "language": "python",
                "name": "python3",
            },
            "language_info": {"name": "python"},
        },
    )


def _notebook_cell(cell: Cell) -> Any:
    import nbformat.v4 as v4

    if cell.kind == "markdown":
        return v4.new_markdown_cell(cell.source, id=cell.id)
    grade, solution, locked = _FLAGS[cell.kind]
    metadata: dict[str, Any] = {
        "schema_version": NBGRADER_SCHEMA,
        "grade_id": cell.id,
        "grade": grade,
        "solution": solution,
        "locked": locked,
        "task": False,
    }
    if grade:
        # nbgrader's forms show whole numbers without a decimal point
        points = cell.points
        metadata["points"] = int(points) if points == int(points) else points
    return v4.new_code_cell(cell.source, id=cell.id, metadata={"nbgrader": metadata})


def release_notebook(lab: Lab) -> Any:
    """The lab as students get it: stubs for solutions, no hidden tests.

    nbgrader's own preprocessors make it, in the order of `generate_assignment`, so
    that nbgrader's checksums, locks and stubs are what nbgrader would have written.
    """
    from nbgrader import preprocessors as steps

    notebook, resources = solution_notebook(lab), {"language": "python"}
    for step in (
        steps.LockCells,
        steps.ClearSolutions,
        steps.ClearOutput,
        steps.CheckCellMetadata,
        steps.ClearHiddenTests,
        steps.ClearMarkScheme,
        steps.ComputeChecksums,
        steps.CheckCellMetadata,
    ):
        notebook, resources = step().preprocess(notebook, resources)
    return notebook


def as_text(notebook: Any) -> str:
    """A notebook as the text of its file, the same for equal notebooks."""
    return json.dumps(notebook, indent=1, ensure_ascii=False, sort_keys=True) + "\n"


def outputs(course: Course, lab: Lab) -> dict[Path, str]:
    """What `build` writes for a lab: path -> text."""
    file = f"{lab.name}.ipynb"
    return {
        course.solutions / lab.name / file: as_text(solution_notebook(lab)),
        course.release / lab.name / file: as_text(release_notebook(lab)),
    }


def stale(course: Course, lab: Lab) -> list[Path]:
    """The notebooks that are not what the lab's source generates.

    Also any other file in the release's folder: a release holds its notebook only.
    """
    wanted = outputs(course, lab)
    found = [
        path
        for path, text in wanted.items()
        if not path.is_file() or path.read_bytes() != text.encode("utf-8")
    ]
    release = course.release / lab.name
    if release.is_dir():
        found += sorted(p for p in release.iterdir() if p not in wanted)
    return found


def build(course: Course, lab: Lab) -> list[Path]:
    """Writes the notebooks of a lab that are stale.

    Args:
        course: where the lab lives.
        lab: the lab.
    Returns:
        The files written.
    """
    written = []
    for path, text in outputs(course, lab).items():
        if not path.is_file() or path.read_bytes() != text.encode("utf-8"):
            path.parent.mkdir(parents=True, exist_ok=True)
            write_atomically(path, text)
            written.append(path)
    return written
