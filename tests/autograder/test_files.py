"""Files are whole or absent."""

import multiprocessing
import os
import signal
import time
from pathlib import Path

import pytest

from autograder.files import write_atomically


@pytest.mark.parametrize(
    ("content", "written"),
    [("é\n", b"\xc3\xa9\n"), (b"\x00\xff", b"\x00\xff"), ("", b"")],
)
def test_writes_text_as_utf8_and_bytes_as_they_are(
    tmp_path: Path, content: str | bytes, written: bytes
) -> None:
    path = tmp_path / "file"
    write_atomically(path, content)
    assert path.read_bytes() == written
    assert path.stat().st_mode & 0o777 == 0o644


def test_replaces_and_leaves_nothing_else(tmp_path: Path) -> None:
    path = tmp_path / "file"
    path.write_text("old")
    write_atomically(path, "new")
    assert path.read_text() == "new"
    assert [p.name for p in tmp_path.iterdir()] == ["file"]


def test_a_link_is_replaced_and_not_written_through(tmp_path: Path) -> None:
    precious = tmp_path / "precious"
    precious.write_text("precious")
    path = tmp_path / "file"
    path.symlink_to(precious)
    write_atomically(path, "new")
    assert precious.read_text() == "precious"
    assert path.read_text() == "new" and not path.is_symlink()


def test_a_missing_folder_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError, match="No such file or directory"):
        write_atomically(tmp_path / "none" / "file", "text")


def test_a_failure_leaves_nothing_behind(tmp_path: Path) -> None:
    folder = tmp_path / "folder"
    folder.mkdir()
    with pytest.raises(OSError, match="Is a directory"):
        write_atomically(folder, "text")
    assert [p.name for p in tmp_path.iterdir()] == ["folder"]


def _write_for_ever(path: Path) -> None:
    for number in range(10**9):
        write_atomically(path, str(number % 10) * 2**20)


def test_killed_writers_leave_the_old_file_or_the_new_one(tmp_path: Path) -> None:
    path = tmp_path / "file"
    path.write_text("0" * 2**20)
    context = multiprocessing.get_context("spawn")
    for pause in (0.0, 0.01, 0.02):
        writer = context.Process(target=_write_for_ever, args=(path,))
        writer.start()
        before = path.stat().st_ino
        while path.stat().st_ino == before:  # until it has written once
            time.sleep(0.005)
        time.sleep(pause)
        os.kill(writer.pid or 0, signal.SIGKILL)
        writer.join()
        writer.close()
        text = path.read_text()
        assert len(text) == 2**20 and len(set(text)) == 1
