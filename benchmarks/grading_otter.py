"""A lab as Otter-Grader takes it, and the time that its local run needs.

Otter runs one submission at a time, in a kernel of its own: `otter run`, without a
container. `make bench-grading` installs it beside the project, in `.venv-otter`.
"""

from __future__ import annotations

import json
import subprocess
import time
from pathlib import Path

from autograder.course import Lab

PROGRAM = Path(__file__).resolve().parent.parent / ".venv-otter" / "bin" / "otter"
_TEST = """\
from otter.test_files import test_case

OK_FORMAT = False
name = {name!r}
points = {points}


@test_case()
def test_it(env):
    exec({source!r}, env)
"""


def write_autograder(lab: Lab, folder: Path) -> Path:
    """Writes a lab's tests as Otter's own, and packs them as `otter generate` does.

    Args:
        lab: the lab.
        folder: an empty one.
    Returns:
        The zip file.
    """
    tests = folder / "tests"
    tests.mkdir()
    for cell in lab.tests:
        text = _TEST.format(name=cell.id, points=cell.points, source=cell.source)
        (tests / f"{cell.id}.py").write_text(text)
    file = folder / "autograder.zip"
    command = [PROGRAM, "generate", "-t", tests, "-o", file, "--no-requirements"]
    command += ["--no-environment", "--no-config"]
    subprocess.run(command, cwd=folder, check=True, capture_output=True)
    return file


def write_submission(lab: Lab, notebook: bytes, file: Path) -> None:
    """Writes a student's notebook without its test cells, which Otter brings itself."""
    tests = {cell.id for cell in lab.tests}
    plain = json.loads(notebook)
    plain["cells"] = [
        c
        for c in plain["cells"]
        if c["metadata"].get("nbgrader", {}).get("grade_id") not in tests
    ]
    file.write_text(json.dumps(plain))


def seconds(lab: Lab, notebooks: list[bytes], folder: Path) -> tuple[float, float]:
    """Runs Otter on submissions, one after the other.

    Args:
        lab: the lab.
        notebooks: the first of them right.
        folder: an empty one.
    Returns:
        Seconds of all, and the score of the first, which shows that it was graded.
    """
    autograder = write_autograder(lab, folder)
    files = []
    for number, notebook in enumerate(notebooks):
        files.append(folder / f"s{number}.ipynb")
        write_submission(lab, notebook, files[-1])
    started = time.monotonic()
    for file in files:
        command = [PROGRAM, "run", "-a", autograder, "-o", folder / file.stem, file]
        (folder / file.stem).mkdir()
        subprocess.run(command, cwd=folder, check=True, capture_output=True)
    spent = time.monotonic() - started
    results = json.loads((folder / "s0" / "results.json").read_text())
    return spent, sum(test.get("score", 0.0) for test in results["tests"])
