"""Every lab grades what it says, runs, and is built."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from collections import Counter
from pathlib import Path
from typing import Any

import nbclient
import nbformat
import pytest

from autograder import build, validate
from autograder.cells import BEGIN_HIDDEN, BEGIN_SOLUTION, END_HIDDEN, END_SOLUTION
from autograder.course import Course, Lab, find_course

ROOT = Path(__file__).parents[1]
COURSE: Course = find_course(ROOT)
# for labs that train networks; all others: 60
SECONDS = {
    "lab03_backpropagation": 180,
    "lab05_lenet": 180,
    "lab09_sentences": 180,
    "lab14_training": 180,
}

# labs that train networks take minutes, lab 03 one net for each of two hundred answers;
# lab 04 measures a hundred answers, and takes one
SLOW = {*SECONDS, "lab04_fast_convolution"}

labs = pytest.mark.parametrize("lab", COURSE.lab_names(), indirect=True)
validated = pytest.mark.parametrize(
    "lab",
    [
        pytest.param(name, marks=pytest.mark.slow if name in SLOW else ())
        for name in COURSE.lab_names()
    ],
    indirect=True,
)


@pytest.fixture(scope="module")
def lab(request: pytest.FixtureRequest) -> Lab:
    return COURSE.lab(request.param)


@pytest.fixture(scope="module")
def verdicts(lab: Lab) -> list[validate.Verdict]:
    return validate.validate(lab, jobs=os.cpu_count() or 1)


@labs
def test_points_sum_to_20(lab: Lab) -> None:
    assert lab.max_score == 20
    assert all(test.points > 0 for test in lab.tests)


@labs
def test_every_exercise_has_mistakes_and_variants(lab: Lab) -> None:
    mistakes = Counter(m.exercise for m in lab.mistakes)
    variants = Counter(v.exercise for v in lab.variants)
    few = {e: (mistakes[e], variants[e]) for e in lab.exercises}
    assert {e: n for e, n in few.items() if n[0] < 5 or n[1] < 2} == {}


@labs
def test_every_mistake_has_a_hint_that_is_its_own(lab: Lab) -> None:
    assert all(len(m.hint) > 20 and m.fails for m in lab.mistakes)


@labs
def test_it_is_built(lab: Lab) -> None:
    assert build.stale(COURSE, lab) == []


def regions(source: str, begin: str, end: str) -> list[str]:
    """The parts of a cell between marks, stripped."""
    parts = source.split(begin)[1:]
    return [part.split(end)[0].strip() for part in parts]


@labs
def test_no_secret_is_in_the_release(lab: Lab) -> None:
    folder = COURSE.release / lab.name
    assert [p.name for p in folder.iterdir()] == [f"{lab.name}.ipynb"]
    notebook = json.loads((folder / f"{lab.name}.ipynb").read_text("utf-8"))
    text = "\n\n".join(cell["source"] for cell in notebook["cells"])
    secrets = [m.hint for m in lab.mistakes]
    for cell in lab.cells:
        secrets += regions(cell.source, BEGIN_SOLUTION, END_SOLUTION)
        secrets += regions(cell.source, BEGIN_HIDDEN, END_HIDDEN)
    assert len(secrets) > len(lab.mistakes) + len(lab.exercises)
    assert [secret for secret in secrets if secret in text] == []
    assert "BEGIN" not in text.replace("# YOUR CODE HERE", "")


@validated
def test_what_must_pass_passes_and_each_mistake_fails_as_it_says(
    lab: Lab, verdicts: list[validate.Verdict]
) -> None:
    problems = {f"{v.kind} {v.name}": v.problem for v in verdicts if v.problem}
    assert problems == {}
    assert verdicts[0].score == lab.max_score and verdicts[1].score == 0


@validated
def test_the_feedback_names_the_mistakes(
    lab: Lab, verdicts: list[validate.Verdict]
) -> None:
    mistakes = [v for v in verdicts if v.kind == "mistake"]
    unnamed = [v.name for v in mistakes if not v.named]
    assert len(unnamed) <= (1 - validate.NAMED_AT_LEAST) * len(mistakes), unnamed


@validated
def test_the_solution_runs_in_time_and_complains_of_nothing(
    lab: Lab, tmp_path: Path
) -> None:
    notebook = build.solution_notebook(lab)
    seconds = SECONDS.get(lab.name, 60)
    client = nbclient.NotebookClient(
        notebook, timeout=seconds, resources={"metadata": {"path": str(tmp_path)}}
    )
    # the tests' own backend would keep figures from being shown
    environment = {k: v for k, v in os.environ.items() if k != "MPLBACKEND"}
    started = time.monotonic()
    client.execute(env=environment)
    took = time.monotonic() - started
    complaints = [
        (cell.id, output.get("text", output.get("evalue")))
        for cell in notebook.cells
        for output in cell.get("outputs", [])
        if output.output_type == "error" or output.get("name") == "stderr"
    ]
    assert complaints == []
    assert took < seconds
    nbformat.validate(notebook)
    assert any("image/png" in str(c.get("outputs")) for c in notebook.cells)


@pytest.fixture(scope="module")
def stock(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    """What stock nbgrader makes of all solution notebooks."""
    folder = tmp_path_factory.mktemp("stock")
    for name in COURSE.lab_names():
        source = folder / "source" / name
        source.mkdir(parents=True)
        text = build.as_text(build.solution_notebook(COURSE.lab(name)))
        (source / f"{name}.ipynb").write_text(text, "utf-8")
    program = Path(sys.executable).parent / "nbgrader"
    done = subprocess.run(
        [str(program), "generate_assignment", "--create", "--assignment=*"],
        cwd=folder,
        env={"PATH": os.environ["PATH"], "HOME": str(folder)},
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
    )
    assert done.returncode == 0, done.stderr
    return {
        path.stem: nbformat.read(path, as_version=4)
        for path in (folder / "release").glob("*/*.ipynb")
    }


@labs
def test_the_release_is_what_stock_nbgrader_makes(
    lab: Lab, stock: dict[str, Any]
) -> None:
    ours = build.release_notebook(lab)
    assert [c.id for c in ours.cells] == [c.id for c in stock[lab.name].cells]
    for mine, theirs in zip(ours.cells, stock[lab.name].cells, strict=True):
        assert mine == theirs, mine.id
