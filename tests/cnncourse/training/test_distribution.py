"""Do several devices and workers train as one?"""

import json
import multiprocessing
import socket
from pathlib import Path

import numpy as np
import pytest

from cnncourse.training.distribution import parallel
from tests.cnncourse.training import on_devices

processes = multiprocessing.get_context("forkserver")
processes.set_forkserver_preload(["tensorflow", "keras"])


def run(*tasks: tuple) -> None:
    """Runs `on_devices.train` with each of the arguments, at the same time."""
    children = [processes.Process(target=on_devices.train, args=task) for task in tasks]
    for child in children:
        child.start()
    for child in children:
        child.join(120)
    exits = [child.exitcode for child in children]
    for child in children:
        child.kill()
    assert exits == [0] * len(tasks)


@pytest.fixture(scope="module")
def one_device(tmp_path_factory: pytest.TempPathFactory) -> dict[str, list[float]]:
    file = tmp_path_factory.mktemp("one") / "history.json"
    run((file,))
    history: dict[str, list[float]] = json.loads(file.read_text())
    return history


def compare(history: dict[str, list[float]], expected: dict[str, list[float]]) -> None:
    assert history.keys() == expected.keys()
    for name, values in expected.items():
        np.testing.assert_allclose(history[name], values, atol=1e-4, err_msg=name)
    assert expected["loss"][0] != expected["loss"][-1]


def test_two_devices_train_as_one(
    one_device: dict[str, list[float]], tmp_path: Path
) -> None:
    file = tmp_path / "history.json"
    run((file, 2))
    compare(json.loads(file.read_text()), one_device)


def free_ports(count: int) -> list[int]:
    sockets = [socket.create_server(("localhost", 0)) for _ in range(count)]
    ports: list[int] = [s.getsockname()[1] for s in sockets]
    for s in sockets:
        s.close()
    return ports


def test_two_workers_train_as_one(
    one_device: dict[str, list[float]], tmp_path: Path
) -> None:
    file = tmp_path / "history.json"
    workers = [f"localhost:{port}" for port in free_ports(2)]
    clusters = [
        {"cluster": {"worker": workers}, "task": {"type": "worker", "index": index}}
        for index in (0, 1)
    ]
    run(*((file, 1, cluster) for cluster in clusters))
    compare(json.loads(file.read_text()), one_device)
    assert (tmp_path / "model.keras").exists()


def test_a_device_must_exist() -> None:
    with pytest.raises(ValueError, match="Received: GPU:7"):
        parallel(["CPU:0", "GPU:7"])
