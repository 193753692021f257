"""The demo, on a bare clone whose only lab is the toy."""

import shutil
import sqlite3
import subprocess
import sys
from contextlib import closing
from pathlib import Path

import pytest

import autograder

ROOT = Path(autograder.__file__).parents[1]
SCRIPT = """
import sys
from pathlib import Path
from autograder.demo import main
sys.exit(main(Path(sys.argv[1]), sys.argv[2]))
"""


def demo(clone: Path, folder: str, lab: str = "lab90") -> subprocess.CompletedProcess:
    return subprocess.run(
        [sys.executable, "-c", SCRIPT, folder, lab],
        cwd=clone,
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
    )


@pytest.fixture(scope="module")
def clone(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The packages and the toy lab in a folder of their own."""
    folder = tmp_path_factory.mktemp("clone")
    ignore = shutil.ignore_patterns("__pycache__")
    for package in ("autograder", "cnncourse"):
        shutil.copytree(ROOT / package, folder / package, ignore=ignore)
    shutil.copy(ROOT / "nbgrader_config.py", folder)
    toy = Path(__file__).parent / "toy" / "solutions"
    shutil.copytree(toy, folder / "solutions", ignore=ignore)
    return folder


@pytest.fixture(scope="module")
def ran(clone: Path) -> subprocess.CompletedProcess:
    return demo(clone, "demo")


def test_every_score_is_the_deserved_one(ran: subprocess.CompletedProcess) -> None:
    assert ran.returncode == 0, ran.stdout + ran.stderr
    assert "made up a class of 16" in ran.stdout
    assert "16 of 16 scores as deserved" in ran.stdout


def test_the_results_are_where_it_says(
    clone: Path, ran: subprocess.CompletedProcess
) -> None:
    folder = clone / "demo"
    flat = ran.stdout.replace("\n", "")
    for path in ("reports/lab90_toy.html", "feedback", "gradebook.db"):
        assert str(folder / path) in flat and (folder / path).exists()
    pages = list((folder / "feedback").glob("*/lab90_toy/lab90_toy.html"))
    assert len(pages) == 16
    assert (clone / "labs" / "lab90_toy" / "lab90_toy.ipynb").is_file()
    with closing(sqlite3.connect(folder / "gradebook.db")) as db:
        assert db.execute("select count(*) from student").fetchone() == (16,)


def test_an_older_demo_is_replaced(
    clone: Path, ran: subprocess.CompletedProcess
) -> None:
    left = clone / "demo" / "left-over"
    left.touch()
    again = demo(clone, "demo", "no-such-lab")
    assert again.returncode == 2 and not left.exists()
    assert "demo: Expected one of the labs lab90_toy" in again.stderr


def test_a_folder_of_someone_else_is_left_alone(clone: Path) -> None:
    folder = clone / "thesis"
    folder.mkdir()
    (folder / "chapter.tex").write_text("precious")
    done = demo(clone, "thesis")
    assert done.returncode == 2
    assert "Received: a folder that the demo did not make" in done.stderr
    assert "Traceback" not in done.stderr
    assert (folder / "chapter.tex").read_text() == "precious"
