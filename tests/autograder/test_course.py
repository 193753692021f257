"""Where a course's files are, and what a lab is."""

import shutil
from dataclasses import FrozenInstanceError
from pathlib import Path

import pytest

import autograder
from autograder import course as courses
from autograder.cells import LabError
from autograder.course import Course, CourseError, Lab, Limits, find_course, read_lab


def test_reads_the_lab(toy: Lab) -> None:
    assert (toy.name, toy.title, toy.max_score) == ("lab90_toy", "A toy", 10)
    assert toy.exercises == ("double", "smooth", "answer")
    assert [t.id for t in toy.tests] == [
        *("test_double", "test_double_input", "test_smooth", "test_answer"),
    ]
    assert toy.withheld_names == ("numpy.convolve", "numpy.correlate")
    assert (toy.limits.call_seconds, toy.limits.memory_mb) == (1.5, 512)
    assert toy.limits.output_kb == Limits().output_kb
    assert [m.name for m in toy.mistakes] == ["triple", "in_place", "sum", "no_check"]
    assert [v.name for v in toy.variants] == ["addition", "convolution"]


def test_a_lab_cannot_be_changed(toy: Lab) -> None:
    with pytest.raises(FrozenInstanceError, match="cannot assign to field 'title'"):
        toy.title = "mine"  # type: ignore[misc]


def edit(course: Course, file: str, old: str, new: str) -> Path:
    path = course.solutions / "lab90_toy" / file
    text = path.read_text("utf-8")
    assert old in text
    path.write_text(text.replace(old, new, 1), "utf-8")
    return path.parent


BROKEN = {
    "an unknown key": (
        ("lab90_toy.py", "title:", "tilte:"),
        "Expected known keys in lab. Received: {'tilte': 'A toy'}",
    ),
    "a limit that is no number": (
        ("lab90_toy.py", "call_seconds: 1.5", "call_seconds: soon"),
        "Expected call_seconds to be a number from 0 up. Received: 'soon'",
    ),
    "a limit below zero": (
        ("lab90_toy.py", "memory_mb: 512", "memory_mb: -1"),
        "Expected memory_mb to be a number from 0 up. Received: -1",
    ),
    "text instead of a list": (
        ("lab90_toy.py", "[numpy.convolve, numpy.correlate]", "numpy.convolve"),
        "Expected withheld_names to be a list of names. Received: 'numpy.convolve'",
    ),
    "a mistake of no exercise": (
        ("mistakes.py", 'exercise="double"', 'exercise="bouble"'),
        "Expected the exercise and tests of triple .* Received: bouble",
    ),
    "a mistake that fails no test of the lab": (
        ("mistakes.py", 'fails="test_double"', 'fails="test_bouble"'),
        "Expected the exercise and tests of triple .* fails .*test_bouble",
    ),
    "a variant of no exercise": (
        ("variants.py", 'exercise="double"', 'exercise="bouble"'),
        "Expected the exercise and tests of addition",
    ),
}


@pytest.mark.parametrize("case", BROKEN)
def test_a_broken_lab_is_named(course: Course, case: str) -> None:
    change, message = BROKEN[case]
    folder = edit(course, *change)
    with pytest.raises(LabError, match=message):
        read_lab(folder)
    with pytest.raises(CourseError, match=message):
        course.lab("lab90")


def test_a_folder_without_a_source_is_no_lab(tmp_path: Path) -> None:
    with pytest.raises(LabError, match="No such file"):
        read_lab(tmp_path)


def test_the_folders_of_a_course(tmp_path: Path) -> None:
    course = Course(tmp_path, tmp_path / "solutions", tmp_path / "labs")
    assert course.submitted == tmp_path / "submitted"
    assert course.autograded == tmp_path / "autograded"
    assert course.feedback == tmp_path / "feedback"
    assert course.gradebook == tmp_path / "gradebook.db"


@pytest.fixture
def three_labs(course: Course) -> Course:
    for name in ("lab91_one", "lab91_two"):
        folder = course.solutions / name
        shutil.copytree(course.solutions / "lab90_toy", folder)
        (folder / "lab90_toy.py").rename(folder / f"{name}.py")
    (course.solutions / "notes").mkdir()
    return course


def test_lab_names(three_labs: Course) -> None:
    assert three_labs.lab_names() == ["lab90_toy", "lab91_one", "lab91_two"]


def test_a_course_without_solutions_has_no_labs(tmp_path: Path) -> None:
    assert Course(tmp_path, tmp_path / "none", tmp_path).lab_names() == []


@pytest.mark.parametrize("given", ["lab90", "lab90_toy"])
def test_a_lab_may_be_named_in_short(three_labs: Course, given: str) -> None:
    assert three_labs.lab_name(given) == "lab90_toy"
    assert three_labs.lab(given).name == "lab90_toy"


@pytest.mark.parametrize("given", ["lab91", "lab9", "lab99", "", "../lab90_toy"])
def test_an_unknown_or_ambiguous_lab_is_an_error(
    three_labs: Course, given: str
) -> None:
    message = "Expected one of the labs lab90_toy, lab91_one, lab91_two .* Received: "
    with pytest.raises(CourseError, match=message + repr(given)):
        three_labs.lab_name(given)


def test_finds_the_course_in_a_folder(course: Course) -> None:
    assert find_course(course.root) == course
    assert course.release == course.root / "labs"


def test_finds_the_nearest_course_above(
    course: Course, monkeypatch: pytest.MonkeyPatch
) -> None:
    inner = course.root / "submitted" / "ann"
    inner.mkdir(parents=True)
    monkeypatch.chdir(inner)
    assert find_course() == course


def test_a_course_without_labs_uses_ours(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    ours = Path(autograder.__file__).parent.parent
    course = find_course(tmp_path)
    assert (course.root, course.solutions) == (tmp_path, ours / "solutions")
    monkeypatch.chdir(tmp_path)
    assert find_course().root == ours


def test_a_missing_course_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(CourseError, match=r"Expected a course folder\. Received: .*no"):
        courses.find_course(tmp_path / "none")
