"""Intake: untrusted files in, the lab's notebook with the student's cells out."""

from __future__ import annotations

import ast
import hashlib
import json
import os
import stat
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import Any

from autograder.cells import Cell, names_defined
from autograder.course import Course, Lab
from autograder.record import Finding, Output

MAX_NOTEBOOK = 32 * 2**20  # bytes; the record made from it must fit in a frame
MAX_CELLS = 3000  # looked at in a notebook
MAX_ADDED = 500  # cells that a student may add
MAX_SOURCE = 2**19  # characters of all code together
MAX_ENTRIES = 1000  # files looked at in a submission's folder
MAX_OUTPUTS = 20  # kept of one cell
MAX_TEXT = 20_000  # characters of one output
MAX_PICTURE = 2 * 2**20  # characters of a picture in base64
MAX_SHOWN = 2**23  # characters of all outputs together


@dataclass(frozen=True)
class Submission:
    """The files of one submission, as bytes; nothing of them has been interpreted.

    Args:
        lab: the lab's folder name.
        student: the student's id.
        notebook: the notebook's bytes, or None if there is none to read.
        findings: what was wrong with the files.
        digest: SHA-256 of the notebook.
        submitted: the text of nbgrader's `timestamp.txt`, or "".
    """

    lab: str
    student: str
    notebook: bytes | None
    findings: tuple[Finding, ...] = ()
    digest: str = ""
    submitted: str = ""


@dataclass(frozen=True)
class StudentCell:
    """A cell of the rebuilt notebook.

    Args:
        cell: its id.
        kind: "given", "solution", "added", "experiment", "tests" or "markdown".
        source: the lab's text, but the student's in solution and added cells.
        exercise: which exercise a solution or test cell belongs to.
        outputs: what the cell showed when the student saved it.
    """

    cell: str
    kind: str
    source: str
    exercise: str = ""
    outputs: tuple[Output, ...] = ()


def submission_folders(course: Course, lab_name: str) -> dict[str, Path]:
    """The folders of all students who submitted a lab: student -> folder.

    A submission is in `submitted/STUDENT/LAB/`; LAB may be the lab's short name.
    """
    found = {}
    for student in (
        sorted(course.submitted.iterdir()) if course.submitted.is_dir() else ()
    ):
        if student.name.startswith(".") or student.is_symlink() or not student.is_dir():
            continue
        for name in (lab_name, lab_name.split("_")[0]):
            folder = student / name
            if os.path.lexists(folder):
                found[student.name] = folder
                break
    return found


def read_submission(folder: Path, lab_name: str, student: str) -> Submission:
    """Reads a submission's files without following a link or blocking on a pipe.

    Args:
        folder: `submitted/STUDENT/LAB`, perhaps not a folder at all.
        lab_name: the lab's whole name.
        student: the student's id.
    Returns:
        The submission; whatever is wrong with the files is among its findings.
    """
    findings: list[Finding] = []

    def find(kind: str, message: str) -> None:
        findings.append(Finding(kind, message))

    if folder.is_symlink() or not folder.is_dir():
        find(
            "bad_link", f"Expected a folder. Received: {folder.name!r} of another kind"
        )
        return Submission(lab_name, student, None, tuple(findings))
    try:
        notebook = _choose_notebook(folder, lab_name, find)
    except OSError as error:  # a folder without permissions
        find("bad_link", f"Expected a folder. Received: {error.strerror or error}")
        notebook = None
    data = _read_plainly(notebook, MAX_NOTEBOOK, find) if notebook else None
    timestamp = folder / "timestamp.txt"
    text = b""
    if os.path.lexists(timestamp):
        text = _read_plainly(timestamp, 1024, find) or b""
    return Submission(
        lab_name,
        student,
        data,
        tuple(findings),
        hashlib.sha256(data or b"").hexdigest(),
        text.decode("ascii", "replace").strip()[:64],
    )


def _choose_notebook(folder: Path, lab_name: str, find: Any) -> Path | None:
    entries = sorted(islice(folder.iterdir(), MAX_ENTRIES))
    for entry in entries:
        if entry.name.startswith(".") or entry.name == "timestamp.txt":
            continue
        if entry.suffix.lower() != ".ipynb":
            find(
                "added_file", f"{entry.name!r} is not part of the lab; it was not used"
            )
    expected = folder / f"{lab_name}.ipynb"
    if os.path.lexists(expected):
        return expected
    notebooks = [e for e in entries if e.suffix.lower() == ".ipynb"]
    for inner in [e for e in entries if e.is_dir() and not e.is_symlink()]:
        if not notebooks and not inner.name.startswith("."):
            inside = sorted(islice(inner.iterdir(), MAX_ENTRIES))
            notebooks = [e for e in inside if e.suffix == ".ipynb"]
    if len(notebooks) == 1:
        name = notebooks[0].relative_to(folder)
        find("wrong_name", f"Expected {expected.name}. Received: {str(name)!r}")
        return notebooks[0]
    received = ", ".join(repr(e.name) for e in entries[:5]) or "an empty folder"
    find("no_notebook", f"Expected {expected.name}. Received: {received}")
    return None


def _read_plainly(path: Path, limit: int, find: Any) -> bytes | None:
    """The bytes of an ordinary file; a link, pipe, folder or giant is a finding."""
    try:
        flags = os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC
        with os.fdopen(os.open(path, flags), "rb") as file:
            state = os.fstat(file.fileno())
            if not stat.S_ISREG(state.st_mode):
                raise OSError("not an ordinary file")
            if state.st_size > limit:
                find(
                    "too_large",
                    f"Expected {path.name!r} to have at most {limit} bytes. "
                    f"Received: {state.st_size}",
                )
                return None
            return file.read(limit)
    except OSError as error:
        find(
            "bad_link",
            f"Expected an ordinary file {path.name!r}. Received: "
            f"{error.strerror or error}",
        )
        return None


def rebuild(
    lab: Lab, notebook: bytes | None
) -> tuple[list[StudentCell], list[Finding]]:
    """The lab's notebook with the student's solution cells and added cells in it.

    Nothing else of the submission is used: tests, given cells, metadata and outputs
    are the lab's own.

    Args:
        lab: the lab.
        notebook: the submitted file.
    Returns:
        The cells in the order in which they run, and the findings. Without a readable
        notebook the solution cells are empty.
    """
    findings: list[Finding] = []

    def find(kind: str, message: str, cell: str = "") -> None:
        findings.append(Finding(kind, message, cell))

    submitted = _parse(notebook, find) if notebook is not None else []
    matched, added = _match(lab, submitted, find)
    cells: list[StudentCell] = []
    cells += added.get("", [])
    for cell in lab.cells:
        source = cell.source
        mine = matched.get(cell.id, [])
        if cell.kind == "solution":
            source = "\n\n".join(c["source"] for c in mine)
        saved = tuple(o for c in mine for o in c["outputs"])
        if cell.kind in ("markdown", "tests"):
            saved = ()
        cells.append(StudentCell(cell.id, cell.kind, source, cell.exercise, saved))
        cells += added.get(cell.id, [])
    if notebook is not None and submitted:
        _compare(lab, matched, find)
    return cells, findings


def _parse(notebook: bytes, find: Any) -> list[dict[str, Any]]:
    """The code and text cells of a notebook of any version, whatever else is in it."""
    try:
        plain = json.loads(notebook.decode("utf-8-sig"))
        cells = plain.get("cells")
        if cells is None and type(plain.get("worksheets")) is list:
            cells = [c for sheet in plain["worksheets"] for c in sheet["cells"]]
        if type(cells) is not list:
            raise ValueError("no list of cells")
    except json.JSONDecodeError as error:
        where = f"line {error.lineno}, column {error.colno}"
        reason = f"a file that is not JSON ({where})" if notebook else "an empty file"
        find("unreadable", f"Expected a Jupyter notebook. Received: {reason}")
        return []
    except _NO_NOTEBOOK as error:
        reason = str(error) or type(error).__name__
        find("unreadable", f"Expected a Jupyter notebook. Received: {reason[:200]}")
        return []
    if len(cells) > MAX_CELLS:
        received = f"Expected at most {MAX_CELLS} cells. Received: {len(cells)}"
        find("too_large", received)
    found = [read for c in cells[:MAX_CELLS] if (read := _read_cell(c)) is not None]
    if not found:
        find("unreadable", "Expected a notebook with cells. Received: none")
    _cut(found, find)
    return found


_NO_NOTEBOOK = (
    *(AttributeError, KeyError, MemoryError, RecursionError, TypeError, ValueError),
)


def _cut(cells: list[dict[str, Any]], find: Any) -> None:
    """Empties the cells and outputs that are beyond what is looked at."""
    code = shown = 0
    for cell in cells:
        if cell["type"] == "code" or cell["grade_id"]:
            code += len(cell["source"])
            cell["source"] = cell["source"] if code <= MAX_SOURCE else ""
        shown += sum(len(output.text) for output in cell["outputs"])
        if shown > MAX_SHOWN:
            cell["outputs"] = ()
    if code > MAX_SOURCE:
        received = f"Expected at most {MAX_SOURCE} characters. Received: {code}"
        find("too_large", f"The cells after these were not used. {received}")
    if shown > MAX_SHOWN:
        find("too_much_output", "the outputs after a limit are not shown")


def _read_cell(cell: Any) -> dict[str, Any] | None:
    if type(cell) is not dict:
        return None
    source = cell.get("source", cell.get("input", ""))
    if type(source) is list:
        source = "".join(line for line in source if type(line) is str)
    if type(source) is not str:
        return None
    metadata = cell.get("metadata")
    metadata = metadata if type(metadata) is dict else {}
    nbgrader = metadata.get("nbgrader")
    nbgrader = nbgrader if type(nbgrader) is dict else {}
    grade_id = nbgrader.get("grade_id")
    source = source.replace("\r\n", "\n").replace("\r", "\n")
    return {
        "type": cell.get("cell_type"),
        # what cannot be UTF-8 could be written to no file
        "source": source.encode("utf-8", "replace").decode("utf-8"),
        "grade_id": grade_id if type(grade_id) is str else "",
        "id": cell.get("id") if type(cell.get("id")) is str else "",
        "points": nbgrader.get("points"),
        "outputs": _read_outputs(cell.get("outputs")),
        "tags": _tags(metadata.get("tags")),
    }


def _tags(tags: Any) -> list[str]:
    """The tags that would have kept a cell from running, or from failing."""
    known = ("skip-execution", "raises-exception")
    return [t for t in known if type(tags) is list and t in tags]


def _read_outputs(outputs: Any) -> tuple[Output, ...]:
    """The text, pictures and errors that a cell showed; nothing that is active."""
    found = []
    for item in outputs[:MAX_OUTPUTS] if type(outputs) is list else []:
        if type(item) is not dict:
            continue
        data = item.get("data")
        data = data if type(data) is dict else {}
        if item.get("output_type") == "stream":
            name = "stderr" if item.get("name") == "stderr" else "stdout"
            found.append(Output("stream", _joined(item.get("text"), MAX_TEXT), name))
        elif item.get("output_type") == "error":
            name = _joined(item.get("ename"), 80)
            found.append(Output("error", _joined(item.get("evalue"), MAX_TEXT), name))
        elif "image/png" in data:
            picture = "".join(_joined(data["image/png"], MAX_PICTURE + 1).split())
            if len(picture) <= MAX_PICTURE:
                found.append(Output("image", picture))
        elif "text/plain" in data:
            found.append(Output("text", _joined(data["text/plain"], MAX_TEXT)))
    return tuple(found)


def _joined(text: Any, limit: int) -> str:
    """Text that a notebook may keep as a list of lines."""
    if type(text) is list:
        text = "".join(line for line in text if type(line) is str)
    if type(text) is not str:
        return ""
    return text[:limit].encode("utf-8", "replace").decode("utf-8")


def _match(
    lab: Lab, submitted: list[dict[str, Any]], find: Any
) -> tuple[dict[str, list[dict[str, Any]]], dict[str, list[StudentCell]]]:
    """Sorts submitted cells to the lab's; the others follow the last known one."""
    known = {c.id: c for c in lab.cells}
    named = {c["grade_id"] for c in submitted if c["grade_id"] in known}
    answers = {c.id: _names(c.source) for c in lab.cells if c.kind == "solution"}
    texts: dict[str, str] = {}
    for mine in lab.cells:
        if mine.kind != "solution":
            texts.setdefault(visible_source(mine).strip(), mine.id)
    texts.pop("", None)
    matched: dict[str, list[dict[str, Any]]] = {}
    added: dict[str, list[StudentCell]] = {}
    last, count = "", 0
    for cell in submitted:
        identity = _identify(cell, known, named, texts, answers)
        if identity:
            last = identity
            matched.setdefault(identity, []).append(cell)
            edited_given = (
                known[identity].kind == "given"
                and cell["type"] == "code"
                and cell["source"].strip() != known[identity].source.strip()
            )
            if not edited_given:
                continue
            find("edited_given", "a given cell was edited; both ran", identity)
        elif cell["grade_id"]:
            find("unknown_cell", f"no such cell in the lab: {cell['grade_id'][:80]!r}")
        if cell["type"] != "code" or not cell["source"].strip():
            continue
        count += 1
        if count > MAX_ADDED:
            continue
        identity = f"added_{count:03d}"
        new = StudentCell(identity, "added", cell["source"], "", cell["outputs"])
        added.setdefault(last, []).append(new)
    if count > MAX_ADDED:
        find(
            "too_large", f"Expected at most {MAX_ADDED} added cells. Received: {count}"
        )
    return matched, added


def _identify(
    cell: dict[str, Any],
    known: dict[str, Cell],
    named: set[str],
    texts: dict[str, str],
    answers: dict[str, set[str]],
) -> str:
    """The lab cell that a submitted cell is, or "".

    By nbgrader's id; editors that lose it keep the cell's id, or at least its text.

    Args:
        cell: the submitted cell.
        known: the lab's cells by id.
        named: the ids that some submitted cell has from nbgrader.
        texts: what the other cells than solutions say, and their ids.
        answers: the names that each solution cell defines.
    """
    if cell["grade_id"]:
        return cell["grade_id"] if cell["grade_id"] in known else ""
    if cell["id"] in known and cell["id"] not in named:
        return str(cell["id"])
    if (text := cell["source"].strip()) in texts:
        return texts[text]
    unnamed = {i: names for i, names in answers.items() if i not in named}
    if cell["type"] == "code" and unnamed:
        defined = _names(cell["source"])
        return next((i for i, names in unnamed.items() if names & defined), "")
    return ""


def _names(source: str) -> set[str]:
    try:
        return names_defined(source)
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return set()


def visible_source(cell: Cell) -> str:
    """A test cell without its hidden part; any other cell as it is."""
    hidden = cell.hidden_line()
    if hidden is None:
        return cell.source
    return "\n".join(cell.source.split("\n")[: hidden - 1]).rstrip()


def _compare(lab: Lab, matched: dict[str, list[dict[str, Any]]], find: Any) -> None:
    """Finds what was done to cells that are not the student's to change."""
    for cell in lab.cells:
        mine = matched.get(cell.id, [])
        if cell.kind == "solution" and not mine:
            find("missing_cell", "the solution cell is missing", cell.id)
        if cell.kind == "tests" and not mine:
            find("removed_test", "the test cell was deleted", cell.id)
        if len(mine) > 1 and cell.kind != "markdown":
            find("duplicate_cell", f"{len(mine)} cells have this id", cell.id)
        for other in mine:
            if cell.kind == "tests" and _is_edited(cell, other):
                find("edited_test", "the test cell was edited", cell.id)
            if other["tags"]:
                find("skipped_cell", f"tags {other['tags']} had no effect", cell.id)


def _is_edited(cell: Cell, other: dict[str, Any]) -> bool:
    points = other["points"]
    return bool(
        other["source"].strip()
        not in (visible_source(cell).strip(), cell.source.strip())
        or other["type"] != "code"
        or (points is not None and points != cell.points)
    )


def student_sources(cells: list[StudentCell]) -> list[str]:
    """Everything that the student wrote and that is Python, cell by cell.

    Lines for IPython (`%time`, `!ls`) are left out, and cells that do not compile.
    """
    found = []
    for cell in cells:
        if cell.kind not in ("solution", "added"):
            continue
        lines = [
            "" if line.lstrip().startswith(("%", "!")) else line
            for line in cell.source.split("\n")
        ]
        source = "\n".join(lines)
        try:
            ast.parse(source)
        except (SyntaxError, ValueError, RecursionError, MemoryError):
            continue
        found.append(source)
    return found
