"""Where a course's files are, and what a lab is."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path

from autograder.cells import (
    Alternative,
    Cell,
    LabError,
    read_alternatives,
    read_lab_cells,
)


class CourseError(Exception):
    """Wrong usage or set-up: one line for the user, exit status 2."""


@dataclass(frozen=True)
class Limits:
    """What a submission may use while it is graded.

    Times are wall times; what a busy machine keeps a submission from using is added.

    Args:
        call_seconds: one call of a student's function by a test.
        cell_seconds: one cell.
        total_seconds: the whole submission, restarts included.
        memory_mb: memory of the submission's process, in MiB.
        output_kb: text output of one cell, in KiB.
        restarts: how often a dead or hanging process is started again.
    """

    call_seconds: float = 10.0
    cell_seconds: float = 20.0
    total_seconds: float = 120.0
    memory_mb: int = 1024
    output_kb: int = 256
    restarts: int = 12


# what a lab may ask for, and the packages that are loaded then
PRELOAD = {"keras": ("keras", "tensorflow"), "sklearn": ("sklearn",)}


@dataclass(frozen=True)
class Lab:
    """A lab's source, read and checked.

    Args:
        name: the folder's name, nbgrader's name of the assignment.
        title: what people call it.
        cells: in order.
        limits: what a submission may use.
        withheld_modules: what a submission cannot import while it is graded.
        withheld_names: what does not exist while it is graded ("numpy.convolve").
        preload: what is imported before a submission starts: some of `PRELOAD`.
        mistakes: known wrong answers.
        variants: independent right answers.
    """

    name: str
    title: str
    cells: tuple[Cell, ...]
    limits: Limits = Limits()
    withheld_modules: tuple[str, ...] = ()
    withheld_names: tuple[str, ...] = ()
    preload: tuple[str, ...] = ()
    mistakes: tuple[Alternative, ...] = field(default=(), repr=False)
    variants: tuple[Alternative, ...] = field(default=(), repr=False)

    @cached_property
    def tests(self) -> tuple[Cell, ...]:
        """The test cells, in order."""
        return tuple(c for c in self.cells if c.kind == "tests")

    @cached_property
    def exercises(self) -> tuple[str, ...]:
        """The exercises' names, in order."""
        return tuple(dict.fromkeys(c.exercise for c in self.tests))

    @property
    def preloaded(self) -> tuple[str, ...]:
        """The packages that are imported before a submission starts."""
        return tuple(p for name in self.preload for p in PRELOAD[name])

    @property
    def withheld_of_preloaded(self) -> tuple[str, ...]:
        """The withheld parts of preloaded packages, under each name that they have."""
        parts = [m.split(".", 1) for m in self.withheld_modules if "." in m]
        return tuple(
            name
            for top, rest in parts
            if top in self.preloaded
            for name in (
                f"{top}.{rest}",
                f"{top}.src.{rest}",
                f"{top}._tf_keras.keras.{rest}",
            )
        )

    @property
    def max_score(self) -> float:
        """The sum of all points."""
        return sum(c.points for c in self.tests)


def read_lab(folder: Path) -> Lab:
    """Reads the lab in a folder of `solutions/`.

    Args:
        folder: holds `<folder name>.py` and, if there are any, `mistakes.py` and
            `variants.py`.
    Returns:
        The lab.
    Raises:
        LabError: if a file is not as the format says.
    """
    cells, header = read_lab_cells(folder / f"{folder.name}.py")
    limits = {k: header.pop(k) for k in list(header) if k in Limits.__annotations__}
    for name, value in limits.items():
        if type(value) not in (int, float) or not value >= 0:
            raise LabError(
                f"{folder}: Expected {name} to be a number from 0 up. "
                f"Received: {value!r}"
            )
    for name in ("withheld_modules", "withheld_names", "preload"):
        if not isinstance(header.get(name, []), list):
            raise LabError(
                f"{folder}: Expected {name} to be a list of names. "
                f"Received: {header[name]!r}"
            )
    lab = Lab(
        name=folder.name,
        title=str(header.pop("title", folder.name)),
        cells=cells,
        limits=Limits(**limits),
        withheld_modules=tuple(header.pop("withheld_modules", ())),
        withheld_names=tuple(header.pop("withheld_names", ())),
        preload=tuple(header.pop("preload", ())),
        mistakes=read_alternatives(folder / "mistakes.py", "mistake"),
        variants=read_alternatives(folder / "variants.py", "variant"),
    )
    if header:
        raise LabError(f"{folder}: Expected known keys in lab. Received: {header}")
    if set(lab.preload) - set(PRELOAD):
        raise LabError(
            f"{folder}: Expected preload to be some of {', '.join(PRELOAD)}. "
            f"Received: {', '.join(lab.preload)}"
        )
    tests = {c.id for c in lab.tests}
    for other in (*lab.mistakes, *lab.variants):
        if other.exercise not in lab.exercises or not set(other.fails) <= tests:
            raise LabError(
                f"{folder}: Expected the exercise and tests of {other.name} to be in "
                f"the lab. Received: {other.exercise}, fails {other.fails}"
            )
    return lab


@dataclass(frozen=True)
class Course:
    """The folders of a course, laid out as nbgrader lays them out.

    Args:
        root: the course folder: `submitted/`, `autograded/`, `feedback/` and
            `gradebook.db` are in it.
        solutions: the folder with the labs' sources.
        release: the folder with the released labs.
    """

    root: Path
    solutions: Path
    release: Path

    @property
    def submitted(self) -> Path:
        """Where students' work is: `submitted/STUDENT/LAB/`."""
        return self.root / "submitted"

    @property
    def autograded(self) -> Path:
        """Where graded notebooks go: `autograded/STUDENT/LAB/`."""
        return self.root / "autograded"

    @property
    def feedback(self) -> Path:
        """Where feedback pages go: `feedback/STUDENT/LAB/`."""
        return self.root / "feedback"

    @property
    def gradebook(self) -> Path:
        """nbgrader's SQLite gradebook."""
        return self.root / "gradebook.db"

    def journal(self, lab: str) -> Path:
        """What has been graded of a lab, one JSON line for each submission."""
        return self.root / ".autograder" / f"{lab}.jsonl"

    def lab_names(self) -> list[str]:
        """The names of all labs, in order."""
        if not self.solutions.is_dir():
            return []
        return sorted(
            folder.name
            for folder in self.solutions.iterdir()
            if (folder / f"{folder.name}.py").is_file()
        )

    def lab_name(self, given: str) -> str:
        """The whole name of a lab that a user named, perhaps in short ("lab01").

        Raises:
            CourseError: if no lab, or more than one, is meant.
        """
        names = self.lab_names()
        found = [n for n in names if n == given] or [
            n for n in names if n.split("_")[0] == given
        ]
        if len(found) != 1:
            raise CourseError(
                f"Expected one of the labs {', '.join(names) or '(none)'} in "
                f"{self.solutions}. Received: {given!r}"
            )
        return found[0]

    def lab(self, given: str) -> Lab:
        """Reads the lab that a user named.

        Raises:
            CourseError: if there is no such lab, or its source is not valid.
        """
        name = self.lab_name(given)
        try:
            return read_lab(self.solutions / name)
        except LabError as error:
            raise CourseError(str(error)) from None


def find_course(root: Path | None = None) -> Course:
    """The course in a folder.

    Args:
        root: the course folder; the current folder, or the nearest one above it that
            has `solutions/`, if None. A course without `solutions/` of its own uses
            the labs that come with this package.
    Returns:
        The course; nothing is created.
    Raises:
        CourseError: if the folder does not exist.
    """
    own = Path(__file__).resolve().parent.parent
    if root is None:
        here = Path.cwd()
        root = next(
            (p for p in (here, *here.parents) if (p / "solutions").is_dir()), own
        )
    root = root.resolve()
    if not root.is_dir():
        raise CourseError(f"Expected a course folder. Received: {root}")
    base = root if (root / "solutions").is_dir() else own
    return Course(root, base / "solutions", base / "labs")
