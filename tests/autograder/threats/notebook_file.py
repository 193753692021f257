"""Rows 1-11: the notebook file, and what lies beside it."""

from __future__ import annotations

import copy
import json
import os
import socket
import stat
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

from threat import WRONG, Threat, as_bytes

Notebook = dict[str, Any]
ANSWERS = {"double": WRONG}


def cell_of(notebook: Notebook, identity: str) -> dict[str, Any]:
    """The cell with a `grade_id`."""
    return next(
        c
        for c in notebook["cells"]
        if c["metadata"].get("nbgrader", {}).get("grade_id") == identity
    )


def code(source: Any, **fields: Any) -> dict[str, Any]:
    """A code cell."""
    empty = {
        "cell_type": "code",
        "metadata": {},
        "outputs": [],
        "execution_count": None,
    }
    return {**empty, "source": source, **fields}


def tests_of(notebook: Notebook) -> list[dict[str, Any]]:
    """The test cells."""
    cells = notebook["cells"]
    return [c for c in cells if c["metadata"].get("nbgrader", {}).get("grade")]


def tag(*tags: Any) -> Callable[[Notebook], None]:
    """Gives every test cell these tags."""

    def change(notebook: Notebook) -> None:
        for cell in tests_of(notebook):
            cell["metadata"]["tags"] = list(tags)

    return change


def set_in_tests(**fields: Any) -> Callable[[Notebook], None]:
    """Sets these fields of every test cell."""

    def change(notebook: Notebook) -> None:
        for cell in tests_of(notebook):
            cell.update(fields)

    return change


def set_nbgrader(identity: str, **fields: Any) -> Callable[[Notebook], None]:
    """Sets these fields of a cell's nbgrader metadata."""

    def change(notebook: Notebook) -> None:
        cell_of(notebook, identity)["metadata"]["nbgrader"].update(fields)

    return change


def set_metadata(**fields: Any) -> Callable[[Notebook], None]:
    """Sets these fields of the notebook's metadata."""

    def change(notebook: Notebook) -> None:
        notebook["metadata"].update(fields)

    return change


def set_top(**fields: Any) -> Callable[[Notebook], None]:
    """Sets these fields of the notebook."""

    def change(notebook: Notebook) -> None:
        notebook.update(fields)

    return change


def remove(identity: str) -> Callable[[Notebook], None]:
    """Deletes a cell."""

    def change(notebook: Notebook) -> None:
        notebook["cells"].remove(cell_of(notebook, identity))

    return change


def repeat(identity: str, **fields: Any) -> Callable[[Notebook], None]:
    """Puts a copy of a cell right after it."""

    def change(notebook: Notebook) -> None:
        cell = cell_of(notebook, identity)
        place = notebook["cells"].index(cell) + 1
        notebook["cells"].insert(place, {**copy.deepcopy(cell), **fields})

    return change


def add(*cells: Any) -> Callable[[Notebook], None]:
    """Appends cells."""

    def change(notebook: Notebook) -> None:
        notebook["cells"] += cells

    return change


def instead(data: bytes) -> Callable[[Notebook], bytes]:
    """Uses these bytes as the notebook."""
    return lambda _: data


def everywhere(value: Any) -> Callable[[Notebook], None]:
    """Puts a value of the wrong type into every field that can do without."""

    def change(notebook: Notebook) -> None:
        for cell in notebook["cells"]:
            cell["outputs"] = cell["attachments"] = cell["execution_count"] = value
            cell["metadata"]["tags"] = cell["metadata"]["jupyter"] = value
            cell.setdefault("id", value)
            for field in ("points", "locked", "checksum", "schema_version", "task"):
                cell["metadata"].get("nbgrader", {})[field] = value
        notebook["metadata"] = notebook["nbformat"] = notebook["nbformat_minor"] = value

    return change


def nested(depth: int) -> bytes:
    """JSON of lists in lists."""
    return b'{"cells": ' + b"[" * depth + b"]" * depth + b"}"


def output(**data: Any) -> dict[str, Any]:
    """A displayed output."""
    return {"output_type": "display_data", "metadata": {}, "data": data}


def flood_of_outputs(notebook: Notebook) -> bytes:
    """Saved outputs that grow when they are written as ASCII."""
    many = [output(**{"text/plain": "é" * 20_000})] * 20
    notebook["cells"] += [code("x = 2", outputs=many)] * 24
    return json.dumps(notebook, ensure_ascii=False).encode()


SCRIPT = "<script>alert(1)</script>"

IN_THE_FILE = [
    Threat("skip_tag", 1, "a tag that skips the tests", 5, "skipped_cell",
           ANSWERS, tag("skip-execution")),
    Threat("raises_tag", 2, "a tag that excuses failures", 5, "skipped_cell",
           ANSWERS, tag("raises-exception")),
    Threat("giant_tags", 2, "tags of many megabytes", 5, "skipped_cell",
           ANSWERS, tag("skip-execution", *["x" * 2**20] * 4)),
    Threat("edited_tests", 3, "tests that say pass", 5, "edited_test",
           ANSWERS, set_in_tests(source="pass")),
    Threat("hidden_below", 3, "a test that ends before it begins", 5, "edited_test",
           ANSWERS, set_in_tests(source=["raise SystemExit\n", "1/0"])),
    Threat("more_points", 3, "a test worth 100 points", 10, "edited_test",
           {}, set_nbgrader("test_answer", points=100)),
    Threat("infinite_points", 3, "points that are infinite", 10, "edited_test",
           {}, set_nbgrader("test_answer", points=float("inf"))),
    Threat("points_of_many_digits", 3, "points that no float holds", 10, "edited_test",
           {}, set_nbgrader("test_answer", points=10**400)),
    Threat("tests_as_text", 3, "test cells that are markdown", 5, "edited_test",
           ANSWERS, set_in_tests(cell_type="markdown")),
    Threat("tests_as_raw", 3, "test cells that are raw", 5, "edited_test",
           ANSWERS, set_in_tests(cell_type="raw")),
    Threat("another_kernel", 3, "a kernel of its own", 5, None, ANSWERS,
           set_metadata(kernelspec={"name": "evil", "argv": ["/bin/sh", "-c", "x"],
                                    "display_name": 7, "language": "bash"})),
    Threat("another_language", 3, "another language", 5, None, ANSWERS,
           set_metadata(language_info={"name": "bash", "file_extension": "/../x"})),
    Threat("edited_given", 3, "given code that defines the tests' own names", 5,
           "edited_given", ANSWERS, lambda n: cell_of(n, "given_imports").update(
               source="class checks:\n    array = equal = raises = shape = print\n"
                      "import numpy as np\nsignal = np.zeros(0)\n")),
    Threat("no_given", 3, "given code deleted", 10, None, {}, remove("given_imports")),
    Threat("no_tests", 4, "the tests deleted", 5, "removed_test", ANSWERS,
           lambda n: [n["cells"].remove(c) for c in tests_of(n)] and None),
    Threat("a_test_deleted", 4, "a failing test deleted", 5, "removed_test",
           ANSWERS, remove("test_double")),
    Threat("two_tests", 5, "a test twice, the second says pass", 5, "duplicate_cell",
           ANSWERS, repeat("test_double", source="pass")),
    Threat("two_answers", 5, "an answer twice, the second wrong", 5, "duplicate_cell",
           {}, repeat("double", source=WRONG)),
    Threat("a_bonus", 6, "a test cell that the lab does not have", 5, "unknown_cell",
           ANSWERS, add(code("1", metadata={"nbgrader": {
               "grade_id": "bonus", "grade": True, "points": 100, "solution": False,
               "locked": True, "schema_version": 3, "task": False}}))),
    Threat("flags_swapped", 6, "the answer as the test", 5, None, ANSWERS,
           set_nbgrader("double", grade=True, solution=False, points=100)),
    Threat("test_as_answer", 6, "the test as the answer", 5, "edited_test", ANSWERS,
           lambda n: (cell_of(n, "test_double").update(source="x"),
                      set_nbgrader("test_double", grade=False, solution=True)(n))[1]),
    Threat("a_task_cell", 6, "a test for a person to grade", 5, None, ANSWERS,
           set_nbgrader("test_double", task=True, points=None)),
    Threat("ids_of_other_cells", 7, "cells with each other's ids", 5, None, ANSWERS,
           lambda n: [c.update(id="double") for c in n["cells"]] and None),
    Threat("unknown_ids_only", 7, "a wrong answer called by no name", 5, None, ANSWERS,
           lambda n: [c["metadata"].pop("nbgrader", 0) for c in n["cells"]] and None),
    *(Threat(f"nbformat_{i}", 7, "a wrong version", 5, None, ANSWERS,
             set_top(nbformat=version))
      for i, version in enumerate((0, 99, "4", None, -1, 1e308, [], {}))),
    *(Threat(f"wrong_types_{i}", 7, "wrong types everywhere", 5, None, ANSWERS,
             everywhere(value))
      for i, value in enumerate((None, 7, -1.5, "x", [], {}, [[[]]], {"a": {}}, True,
                                 10**400, "\ud800", float("nan")))),
    *(Threat(f"no_notebook_{i}", 7, "a file that is no notebook", 0, "unreadable",
             change=instead(data))
      for i, data in enumerate((b"", b"{", b"null", b"[]", b"7", b'"x"', b"\0" * 1000,
                                b"{}", b'{"cells": {}}', b'{"cells": 7}', b"PK\3\4",
                                b'{"cells": []}', b'{"cells": [1, null, []]}',
                                b'{"worksheets": [7]}', b'{"worksheets": [{}]}',
                                '{"cells": []}'.encode("utf-16"), b"\xff\xfe\xff",
                                nested(10**6), b'{"cells": ' + b"9" * 10**5 + b"}"))),
    Threat("answers_of_wrong_types", 7, "sources that are no text", 5, None, ANSWERS,
           add(code(7), code(None), code({}), code([1, "x = 1", None]), code([[]]))),
    Threat("cells_of_wrong_types", 7, "cells that are no cells", 5, None, ANSWERS,
           add(None, 7, [], "x", {}, {"cell_type": []}, {"source": {}})),
    Threat("many_cells", 7, "a hundred thousand cells", 5, "too_large", ANSWERS,
           add(*[code("x = 1")] * 100_000)),
    Threat("millions_of_empty_cells", 7, "ten million cells that are {}", 0,
           "too_large", change=instead(b'{"cells": [' + b"{}," * (9 * 2**20) + b"{}]}")),
    Threat("deep_metadata", 7, "metadata nested 900 deep", 5, None, ANSWERS,
           set_metadata(deep=json.loads("[" * 900 + "]" * 900))),
    Threat("giant_attachment", 7, "an attachment of 25 MB", 5, None, ANSWERS,
           add({"cell_type": "markdown", "source": "", "metadata": {},
                "attachments": {"a.png": {"image/png": "A" * 25 * 2**20}}})),
    Threat("giant_line", 37, "a line of 20 MB in a cell", 5, "too_large", ANSWERS,
           add(code("x = '" + "a" * 20 * 2**20 + "'"))),
    Threat("giant_outputs", 37, "saved outputs of 10 million letters", 5, "too_much_output",
           ANSWERS, flood_of_outputs),
    Threat("large_code", 7, "half a million statements", 5, "too_large", ANSWERS,
           add(*[code("a = 1\n" * 10_000)] * 50)),
    Threat("deep_attributes", 0, "code that overflows a reader's stack", 5, None,
           {"double": WRONG + "\ndef f():\n    return x" + ".a" * 900}),
    Threat("deep_operators", 0, "code that no parser takes", 5, None, ANSWERS,
           add(code("x = " + "-" * 50_000 + "1"))),
    Threat("surrogates", 0, "text that cannot be UTF-8", 5, None,
           {"double": WRONG + "\nprint('\ud800')"},
           add(code("'\udfff'", id="\ud800", outputs=[
               output(**{"text/plain": "\ud800"}),
               {"output_type": "error", "ename": "\ud800", "evalue": "\udfff"}]))),
    Threat("duplicate_keys", 0, "JSON that says everything twice", 5, None, ANSWERS,
           lambda n: as_bytes(n).replace(b'{"cells":', b'{"cells": 7, "cells":', 1)),
    Threat("active_outputs", 31, "saved outputs that run in a browser", 5, None,
           ANSWERS, add(code(f"'{SCRIPT}'", outputs=[
               output(**{"text/html": SCRIPT, "application/javascript": "alert(1)",
                         "image/svg+xml": f"<svg>{SCRIPT}</svg>",
                         "text/plain": SCRIPT}),
               output(**{"image/png": f'"><{SCRIPT}'}),
               {"output_type": "stream", "name": SCRIPT, "text": [SCRIPT, 7]},
               {"output_type": "error", "ename": SCRIPT, "evalue": SCRIPT,
                "traceback": [SCRIPT]}]))),
    Threat("active_text", 31, "text cells that run in a browser", 5, None, ANSWERS,
           lambda n: [c.update(source=f"[x](javascript:alert(1)) {SCRIPT}")
                      for c in n["cells"] if c["cell_type"] == "markdown"] and None),
]  # fmt: skip


def put(name: str, data: bytes | None = None) -> Callable[[Path, bytes], None]:
    """Saves the notebook, or other bytes, under a name."""

    def fill(folder: Path, notebook: bytes) -> None:
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(notebook if data is None else data)

    return fill


def with_notebook(other: Callable[[Path], None]) -> Callable[[Path, bytes], None]:
    """Saves the notebook where it belongs, and something else."""

    def fill(folder: Path, notebook: bytes) -> None:
        put("lab90_toy.ipynb")(folder, notebook)
        other(folder)

    return fill


def link_to(target: str) -> Callable[[Path, bytes], None]:
    """A symbolic link in the notebook's place; `target` is seen from the folder."""
    return lambda folder, _: (folder / "lab90_toy.ipynb").symlink_to(target)


def folder_link(folder: Path, _: bytes) -> None:
    """The whole folder is a link to a right submission."""
    folder.rmdir()
    folder.symlink_to("../right/lab90_toy", target_is_directory=True)


def pipe(folder: Path, _: bytes) -> None:
    """A pipe that nobody writes to."""
    os.mkfifo(folder / "lab90_toy.ipynb")


def sparse(folder: Path, _: bytes) -> None:
    """A file of a terabyte that takes no room."""
    with (folder / "lab90_toy.ipynb").open("wb") as file:
        file.truncate(2**40)


def device(folder: Path, _: bytes) -> None:
    """An endless device; a pipe for whoever may not make one."""
    if os.geteuid() == 0:
        os.mknod(folder / "lab90_toy.ipynb", stat.S_IFCHR | 0o666, os.makedev(1, 5))
    else:
        pipe(folder, b"")


def a_socket(folder: Path, _: bytes) -> None:
    """A socket, whose name must be short."""
    here = Path.cwd()
    os.chdir(folder)
    try:
        with socket.socket(socket.AF_UNIX) as made:
            made.bind("lab90_toy.ipynb")
    finally:
        os.chdir(here)


def zipped(folder: Path, notebook: bytes) -> None:
    """A zip file, with a member that climbs out of its folder."""
    with zipfile.ZipFile(folder / "lab90_toy.zip", "w") as file:
        file.writestr("lab90_toy.ipynb", notebook)
        file.writestr("../../../escaped.ipynb", notebook)


def two_notebooks(folder: Path, notebook: bytes) -> None:
    """Two notebooks, neither with the lab's name."""
    put("one.ipynb")(folder, notebook)
    put("two.ipynb")(folder, notebook)


def shadows(folder: Path) -> None:
    """Files that would be imported in place of modules, if anybody did."""
    evil = "import os\nopen('/tmp/threat-leftover-shadow', 'w')\nraise SystemExit"
    for name in (
        *("numpy", "sitecustomize", "usercustomize", "conftest", "autograder"),
        *("cnncourse", "json", "matplotlib", "IPython", "nbgrader_config"),
    ):
        (folder / f"{name}.py").write_text(evil)
    (folder / "evil.pth").write_text("import os; os._exit(1)")
    startup = folder / ".ipython/profile_default/startup"
    startup.mkdir(parents=True)
    (startup / "00.py").write_text(evil)
    (folder / "numpy").mkdir()
    (folder / "numpy/__init__.py").write_text(evil)


def many_files(folder: Path) -> None:
    """Thousands of files."""
    for number in range(5000):
        (folder / f"file {number}").touch()


def timestamp(data: bytes) -> Callable[[Path, bytes], None]:
    """A notebook with a `timestamp.txt` of the student's own."""
    return with_notebook(
        lambda folder: (folder / "timestamp.txt").write_bytes(data) and None
    )


BESIDE_THE_FILE = [
    Threat("renamed", 8, "another name", 10, "wrong_name", files=put("my lab.ipynb")),
    Threat("wrong_case", 8, "capitals", 10, "wrong_name", files=put("LAB90_TOY.IPYNB")),
    Threat("in_a_subfolder", 8, "a subfolder", 10, "wrong_name",
           files=put("lab90/lab90_toy.ipynb")),
    Threat("two_others", 8, "two notebooks", 0, "no_notebook", files=two_notebooks,
           review=True),
    Threat("an_extra_one", 8, "a right notebook beside a wrong one", 5, None, ANSWERS,
           files=with_notebook(lambda f: (f / "right.ipynb").symlink_to(
               "../../right/lab90_toy/lab90_toy.ipynb"))),
    Threat("zipped", 8, "a zip", 0, "no_notebook", files=zipped, review=True),
    Threat("nothing", 8, "an empty folder", 0, "no_notebook", files=lambda *_: None,
           review=True),
    Threat("a_folder", 7, "a folder as the notebook", 0, "bad_link", review=True,
           files=put("lab90_toy.ipynb/x")),
    Threat("link_to_another", 9, "a link to a right submission", 0, "bad_link",
           files=link_to("../../right/lab90_toy/lab90_toy.ipynb"), review=True),
    Threat("link_to_the_key", 9, "a link to the solution", 0, "bad_link", review=True,
           files=link_to("../../../solutions/lab90_toy/lab90_toy.py")),
    Threat("link_to_itself", 9, "a link to itself", 0, "bad_link", review=True,
           files=link_to("lab90_toy.ipynb")),
    Threat("link_to_nothing", 9, "a broken link", 0, "bad_link", review=True,
           files=link_to("nowhere")),
    Threat("link_to_passwords", 9, "a link to /etc/shadow", 0, "bad_link", review=True,
           files=link_to("/etc/shadow")),
    Threat("linked_folder", 9, "the folder is a link to a right one", 0, "bad_link",
           files=folder_link, review=True),
    Threat("a_pipe", 9, "a pipe that blocks readers", 0, "bad_link", files=pipe,
           review=True),
    Threat("a_socket", 9, "a socket", 0, "bad_link", files=a_socket, review=True),
    Threat("a_device", 9, "an endless device", 0, "bad_link", files=device,
           review=True),
    Threat("a_sparse_giant", 9, "a terabyte of nothing", 0, "too_large", files=sparse,
           review=True),
    Threat("a_linked_timestamp", 10, "a link as the time", 10, "bad_link",
           files=with_notebook(lambda f: (f / "timestamp.txt").symlink_to(
               "/etc/passwd"))),
    Threat("a_piped_timestamp", 10, "a pipe as the time", 10, "bad_link",
           files=with_notebook(lambda f: os.mkfifo(f / "timestamp.txt"))),
    *(Threat(f"forged_time_{i}", 10, "a time of its own", 10, None,
             files=timestamp(data))
      for i, data in enumerate((
          b"1970-01-01 00:00:00 UTC", b"9999-12-31 23:59:59 +14:00",
          b"0001-01-01 00:00:00 -14:00", b"yesterday", b"", b"\xff\xfe\0", b"9" * 60,
          b"1e999999999", b"inf", b"nan", b"T" * 64, b"2020-13-45 99:99:99",
          b"<script>alert(1)</script>", b"'); drop table grade; --"))),
    Threat("shadow_modules", 11, "files that shadow modules", 5, "added_file", ANSWERS,
           files=with_notebook(shadows)),
    Threat("many_files", 9, "thousands of files", 10, "added_file",
           files=with_notebook(many_files)),
]  # fmt: skip

THREATS = IN_THE_FILE
