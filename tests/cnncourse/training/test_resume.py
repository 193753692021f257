"""Does a run that was killed go on as if nothing had happened?"""

import multiprocessing
import os
import random
import signal
from pathlib import Path

import pytest

from cnncourse.training.state import load_state
from tests.cnncourse.training import interrupted

STEPS = 8 * interrupted.EPOCHS  # 120 examples in batches of 16
processes = multiprocessing.get_context("forkserver")
processes.set_forkserver_preload(["tensorflow", "keras"])


def run(folder: Path, kill_after: int | None = None, **options: object) -> None:
    """Trains in another process, and kills it when it has told of so many batches."""
    mine, theirs = processes.Pipe(duplex=False)
    child = processes.Process(
        target=interrupted.train, args=(folder, theirs), kwargs=options
    )
    child.start()
    theirs.close()
    told = 0
    try:
        while True:
            mine.recv()
            told += 1
            if told == kill_after:
                os.kill(child.pid or 0, signal.SIGKILL)
    except EOFError:
        child.join()
    assert child.exitcode == (0 if kill_after is None else -signal.SIGKILL)


def reached(folder: Path) -> tuple[list[bytes], dict]:
    arrays, values = load_state(folder / "reached.npz")
    return [array.tobytes() for array in arrays], values


@pytest.fixture(scope="module")
def uninterrupted(tmp_path_factory: pytest.TempPathFactory) -> tuple[list[bytes], dict]:
    folder = tmp_path_factory.mktemp("whole")
    run(folder)
    return reached(folder)


def test_a_run_killed_three_times_is_the_same_to_the_bit(
    tmp_path: Path, uninterrupted: tuple[list[bytes], dict]
) -> None:
    for batches in random.Random(0).choices(range(5, 12), k=3):
        run(tmp_path, kill_after=batches)
        assert (tmp_path / "state.npz").exists()
    run(tmp_path)
    assert reached(tmp_path) == uninterrupted
    assert len(uninterrupted[1]["history"]["loss"]) == interrupted.EPOCHS


@pytest.mark.slow
@pytest.mark.parametrize("seed", range(20))
def test_a_run_killed_at_a_random_batch_is_the_same_to_the_bit(
    seed: int, tmp_path: Path, uninterrupted: tuple[list[bytes], dict]
) -> None:
    run(tmp_path, kill_after=random.Random(seed).randrange(1, STEPS))
    run(tmp_path)
    assert reached(tmp_path) == uninterrupted
