"""TensorFlow Datasets is asked only if it can answer, and gives our elements."""

import gzip
import socket
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import pytest

from cnncourse.datasets import DATASETS, OfflineError, load
from cnncourse.datasets import tensorflow_sets as sets
from cnncourse.datasets.records import Query
from cnncourse.datasets.tensorflow_sets import TensorFlowSource, tensorflow_split

ONLINE = [name for name, record in DATASETS.items() if record.needs == "network"]


@pytest.fixture
def no_network(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sets, "answers", lambda url: False)


@pytest.mark.parametrize("name", ONLINE)
@pytest.mark.usefixtures("no_network")
def test_no_cache_and_no_network(name: str, tmp_path: Path) -> None:
    """One line says what to do and which set serves the same labs."""
    with pytest.raises(
        OSError, match=f"load\\('{DATASETS[name].instead}'\\)"
    ) as failed:
        load(name, data_dir=tmp_path)
    assert str(failed.value).count("\n") == 0
    assert str(tmp_path) in str(failed.value)


def test_it_takes_seconds_and_no_tensorflow(tmp_path: Path) -> None:
    """In a process of its own, with a proxy where nobody listens."""
    code = """
import sys
sys.modules["tensorflow"] = sys.modules["tensorflow_datasets"] = None
from cnncourse.__main__ import main
sys.exit(main(["show", "cifar10"]))
"""
    nobody = "http://127.0.0.1:9"
    environment = {"TFDS_DATA_DIR": str(tmp_path), "https_proxy": nobody, "HOME": "/"}
    started = time.monotonic()
    ran = subprocess.run(
        [sys.executable, "-c", code], env=environment, capture_output=True, text=True
    )
    assert time.monotonic() - started < 10
    assert ran.returncode == 2 and ran.stderr.count("\n") == 1
    assert "www.cs.toronto.edu does not answer" in ran.stderr
    assert "load('textures')" in ran.stderr


def test_a_server_answers_or_not(monkeypatch: pytest.MonkeyPatch) -> None:
    for variable in ("http_proxy", "https_proxy", "HTTP_PROXY", "HTTPS_PROXY",
                     "all_proxy", "ALL_PROXY"):  # fmt: skip
        monkeypatch.delenv(variable, raising=False)
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]
        assert sets.answers(f"http://127.0.0.1:{port}/data/")
        monkeypatch.setenv("https_proxy", f"http://127.0.0.1:{port}")
        assert sets.answers("https://no.such.host.invalid/")
    assert not sets.answers(f"http://127.0.0.1:{port}/data/")


def test_a_name_server_that_is_silent(monkeypatch: pytest.MonkeyPatch) -> None:
    def silent(*_: object) -> None:
        time.sleep(1)
        raise OSError("no answer")

    monkeypatch.setattr(socket, "create_connection", silent)
    started = time.monotonic()
    assert not sets.answers("http://host.invalid/", seconds=0.1)
    assert time.monotonic() - started < 0.5


def test_cache_folder(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("TFDS_DATA_DIR", str(tmp_path))
    assert sets.cache_folder() == tmp_path
    assert sets.cache_folder(Path("/a")) == Path("/a")
    monkeypatch.delenv("TFDS_DATA_DIR")
    assert sets.cache_folder() == Path.home() / "tensorflow_datasets"


def test_a_download_that_breaks_off(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    import tensorflow_datasets as tfds

    class Breaking:
        def download_and_prepare(self) -> None:
            raise tfds.download.DownloadError("HTTP code:\n503")

    monkeypatch.setattr(sets, "answers", lambda url: True)
    monkeypatch.setattr(tfds, "builder", lambda *_, **__: Breaking())
    with pytest.raises(
        OfflineError, match=r"Received: no such cache, and HTTP code: 50"
    ):
        load("mnist", data_dir=tmp_path)


@pytest.fixture(scope="module")
def cache(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A cache with one prepared set: the reviews of our own builder."""
    import tensorflow_datasets as tfds

    import cnncourse.datasets.builders  # noqa: F401

    folder = tmp_path_factory.mktemp("cache")
    builder = tfds.builder("procedural_reviews", data_dir=folder)
    builder.download_and_prepare(
        download_config=tfds.download.DownloadConfig(try_download_gcs=False)
    )
    return folder


@pytest.mark.usefixtures("no_network")
def test_a_prepared_cache_needs_no_network(cache: Path) -> None:
    source = TensorFlowSource(
        "procedural_reviews", "http://x.invalid", ("text", "label")
    )
    assert sets.is_prepared("procedural_reviews", cache)
    assert sets.is_prepared("procedural_reviews/default", cache)
    assert not sets.is_prepared("procedural_reviews/other", cache)
    dataset = tensorflow_split(source, Query("test", data_dir=cache))
    texts, labels = zip(*dataset.as_numpy_iterator(), strict=True)
    expected, truth = load("reviews", "test", as_numpy=True)
    assert dict(zip(texts, labels, strict=True)) == {
        text.encode(): label for text, label in zip(expected, truth, strict=True)
    }
    assert len(tensorflow_split(source, Query("train[:10%]", data_dir=cache))) == 400
    with pytest.raises(ValueError, match=r"Expected one of .*all. Received: split=dev"):
        tensorflow_split(source, Query("dev", data_dir=cache))


def test_pictures_and_boxes_as_ours() -> None:
    import tensorflow as tf

    picture = tf.constant(np.arange(24).reshape(2, 4, 3), tf.uint8)
    objects = {"bbox": tf.constant([[0.1, 0.2, 0.3, 0.4]]), "label": [7]}
    element = sets._boxes(Query(image_size=(4, 4)))(
        {"image": picture, "objects": {**objects, "label": tf.constant([7], tf.int64)}}
    )
    assert element["image"].shape == (4, 4, 3)
    assert element["boxes"].shape == (64, 4) and element["labels"].shape == (64,)
    assert element["labels"][0] == 7 and (element["labels"][1:] == -1).numpy().all()
    np.testing.assert_allclose(element["boxes"][0], [0.1, 0.2, 0.3, 0.4])
    source = TensorFlowSource("emnist", "", transposed=True)
    features = {"image": picture, "label": tf.constant(3, tf.int32)}
    image, label = sets._pair(source, Query())(features)
    expected = picture.numpy().transpose(1, 0, 2) / np.float32(255)
    np.testing.assert_allclose(image, expected)
    assert label.dtype == tf.int64 and label == 3


@pytest.mark.slow
@pytest.mark.usefixtures("no_network")
def test_mnist_of_tensorflow_datasets_is_that_of_the_files(
    real_data: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Its own builder, with the files in the place of the download."""
    import tensorflow_datasets as tfds

    def unpacked(manager: object, urls: dict) -> dict:
        paths = {}
        for key, url in urls.items():
            name = url.rpartition("/")[2]
            paths[key] = tmp_path / name.removesuffix(".gz")
            packed = (real_data / "mnist" / name).read_bytes()
            paths[key].write_bytes(gzip.decompress(packed))
        return paths

    cache = tmp_path / "cache"
    with monkeypatch.context() as patched:
        patched.setattr(tfds.download.DownloadManager, "download_and_extract", unpacked)
        tfds.builder("mnist", data_dir=cache).download_and_prepare(
            download_config=tfds.download.DownloadConfig(try_download_gcs=False)
        )
    images, labels = load("mnist", "test", as_numpy=True, data_dir=cache)
    files, truth = load("mnist", "test", as_numpy=True, data_dir=real_data / "mnist")

    def rows(pictures: np.ndarray, numbers: np.ndarray) -> list:
        return sorted(zip((p.tobytes() for p in pictures), numbers, strict=True))

    assert rows(images, labels) == rows(files, truth)
