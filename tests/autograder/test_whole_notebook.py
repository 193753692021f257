"""Other courses' notebooks: what runs, what is shown of it, and what stops it."""

from pathlib import Path

import nbformat.v4 as v4
import pytest

from autograder import sandbox
from autograder.whole_notebook import NotebookError, run_shut_in

SHOWS_SCRIPT = """
from IPython.display import display
display(
    {"text/html": "<b>bold</b><script>alert(1)</script>", "text/plain": "plain",
     "image/svg+xml": "<svg onload='alert(1)'/>", "image/png": "iVBORw0KGgo="},
    metadata={"image/png": {"width": "1 onerror=alert(1)"}}, raw=True,
)
"""


def test_run_shut_in(tmp_path: Path) -> None:
    sandbox.require()
    (tmp_path / "data").mkdir()
    (tmp_path / "data" / "numbers.txt").write_text("1 2 3")
    (tmp_path / "answers.ipynb").write_text("{}")
    reads = "import os\nprint(open('data/numbers.txt').read(), os.listdir('.'))"
    skipped = v4.new_code_cell("assert False, 'seen'")
    skipped.metadata["tags"] = ["skip-execution"]
    notebook = v4.new_notebook(
        cells=[
            v4.new_markdown_cell("**text** <script>alert(1)</script>"),
            v4.new_code_cell(reads),
            v4.new_code_cell("while True:\n    pass"),
            skipped,
            v4.new_code_cell(SHOWS_SCRIPT),
        ],
        metadata={"kernelspec": {"name": "python3", "display_name": "Python 3"}},
    )
    ran = run_shut_in(notebook, tmp_path, cell_seconds=3)
    text, read, endless, tagged, shows = ran.cells
    assert "<script>" not in text.source
    assert read.outputs[0].text == "1 2 3 ['data']\n"
    assert "CellTimeoutError" in str(endless.outputs)
    assert tagged.outputs[0].evalue == "seen"
    assert set(shows.outputs[0].data) == {"text/html", "text/plain", "image/png"}
    assert "<script>" not in shows.outputs[0].data["text/html"]
    assert shows.outputs[0].metadata == {}


def test_a_notebook_that_ends_its_kernel(tmp_path: Path) -> None:
    sandbox.require()
    notebook = v4.new_notebook(cells=[v4.new_code_cell("import os\nos._exit(0)")])
    with pytest.raises(NotebookError, match="Kernel died"):
        run_shut_in(notebook, tmp_path, cell_seconds=10)
