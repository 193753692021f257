"""What the README and its siblings tell people to type exists."""

import importlib
import re
import shlex
from pathlib import Path

import pytest

from autograder.course import find_course

ROOT = Path(__file__).parents[1]
PAGES = ("README.md", "CONTRIBUTING.md", "docs/writing_a_lab.md")
MODULES = {"autograder": "autograder.__main__", "cnncourse": "cnncourse.__main__"}


def commands() -> set[tuple[str, str]]:
    """What the pages show as typed: (page, command line)."""
    found = set()
    for page in PAGES:
        text = (ROOT / page).read_text("utf-8")
        blocks = re.findall(
            r"^```(?:sh|bash)\n(.*?)^```", text, re.DOTALL | re.MULTILINE
        )
        lines = [line for block in blocks for line in block.splitlines()]
        prose = re.sub(r"^```.*?^```", "", text, flags=re.DOTALL | re.MULTILINE)
        lines += re.findall(
            r"`((?:make|(?:\.venv/bin/)?(?:autograder|cnncourse)) [^`]+)`", prose
        )
        for line in lines:
            typed = line.split("#")[0].replace("...", "").strip()
            if typed:
                found.add((page, typed))
    return found


def of(program: str) -> list[tuple[str, str]]:
    """The commands of one program, in order."""
    return sorted(c for c in commands() if Path(shlex.split(c[1])[0]).name == program)


TARGETS = re.findall(
    r"^([\w-]+):", (ROOT / "Makefile").read_text("utf-8"), re.MULTILINE
)


@pytest.mark.parametrize(("page", "typed"), of("make"))
def test_make_targets_exist(page: str, typed: str) -> None:
    target = shlex.split(typed)[1]
    assert target in TARGETS, f"{page}: {typed}"


@pytest.mark.parametrize(("page", "typed"), [*of("autograder"), *of("cnncourse")])
def test_commands_and_their_options_exist(
    page: str, typed: str, capsys: pytest.CaptureFixture[str]
) -> None:
    program, command, *words = shlex.split(typed)
    main = importlib.import_module(MODULES[Path(program).name]).main
    with pytest.raises(SystemExit, match="0"):
        main([command, "--help"])
    options = re.findall(r"--[\w-]+", capsys.readouterr().out)
    unknown = [w for w in words if w.startswith("--") and w not in options]
    assert unknown == [], f"{page}: {typed}"


def test_there_is_something_to_test() -> None:
    assert len(of("make")) >= 5 and len(of("autograder")) >= 6
    others = {Path(shlex.split(c)[0]).name for _, c in commands()}
    assert others <= {"make", "autograder", "cnncourse", "conda", "jupyter", "nbgrader"}


@pytest.mark.parametrize("page", PAGES)
def test_links_to_files_exist(page: str) -> None:
    text = (ROOT / page).read_text("utf-8")
    links = re.findall(r"\]\(([^)#]+)\)", text)
    files = [link for link in links if not link.startswith(("http://", "https://"))]
    missing = [f for f in files if not ((ROOT / page).parent / f).exists()]
    assert missing == []


def test_every_lab_is_in_the_readme() -> None:
    rows = re.findall(
        r"^\| (\d\d) ([^|]+?) \|", (ROOT / "README.md").read_text("utf-8"), re.MULTILINE
    )
    course = find_course(ROOT)
    labs = [course.lab(name) for name in course.lab_names()]
    assert rows == [(lab.name[3:5], lab.title) for lab in labs]


def test_every_command_is_in_the_readme() -> None:
    """So that nobody has to guess; `--help` says the rest."""
    from autograder.__main__ import _parser

    names = re.findall(r"^    (\w+)", _parser().format_help(), re.MULTILINE)
    assert {"build", "grade", "doctor"} <= set(names)
    text = (ROOT / "README.md").read_text("utf-8")
    assert [name for name in names if f"autograder {name}" not in text] == []
