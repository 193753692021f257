"""Whether this machine can grade."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from autograder import sandbox
from autograder.course import Course
from autograder.doctor import examine


def test_this_machine_can_grade(course: Course) -> None:
    lines = {line.what: line for line in examine(course)}
    assert all(line.ok and line.state for line in lines.values())
    assert {"Python", "nbgrader", "msgpack", "sandbox", "labs"} <= set(lines)
    assert lines["labs"].state == f"1 in {course.solutions}"


def test_a_course_without_labs_is_named(tmp_path: Path) -> None:
    lines = {x.what: x for x in examine(Course(tmp_path, tmp_path / "no", tmp_path))}
    labs = lines["labs"]
    assert (labs.ok, labs.remedy) == (False, "name a course: --course DIR")


@pytest.fixture
def no_programs(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[None]:
    monkeypatch.setenv("PATH", str(tmp_path))
    sandbox.find_problem.cache_clear()
    yield
    monkeypatch.undo()
    sandbox.find_problem.cache_clear()


def test_a_missing_sandbox_is_named_with_its_remedy(
    no_programs: None, course: Course
) -> None:
    line = next(line for line in examine(course) if line.what == "sandbox")
    assert not line.ok
    assert line.remedy.startswith("Expected the program bwrap (bubblewrap)")
    assert "apt install bubblewrap" in line.remedy
