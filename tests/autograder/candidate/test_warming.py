"""Keras that has run before the first fork, and still runs in each fork."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from autograder.candidate import warming

HEAD = """
import os, signal, sys
import keras
import numpy as np
import tensorflow as tf
from autograder.candidate.warming import warm_keras
"""
# what labs do: models, training, gradients, pipelines, compiled code, large products
WORK = """
x = np.random.default_rng(0).random((64, 8, 8, 3), dtype=np.float32)
y = np.arange(64) % 3

def work():
    model = keras.Sequential([
        keras.Input((8, 8, 3)), keras.layers.Conv2D(4, 3), keras.layers.Flatten(),
        keras.layers.Dropout(0.5), keras.layers.Dense(3, activation="softmax"),
    ])
    assert model.name == "sequential" and model.layers[0].name == "conv2d"
    for compiled in (False, True):
        model.compile("adam", "sparse_categorical_crossentropy", jit_compile=compiled)
        data = tf.data.Dataset.from_tensor_slices((x, y)).shuffle(64, seed=1)
        data = data.map(lambda a, b: (a * 2, b), num_parallel_calls=4).batch(16)
        assert np.isfinite(model.fit(data.prefetch(2), verbose=0).history["loss"][0])
    assert model.predict(x, verbose=0).shape == (64, 3)
    with tf.GradientTape() as tape:
        loss = tf.reduce_mean(model(x, training=True))
    assert len(tape.gradient(loss, model.trainable_variables)) == 4
    large = keras.ops.ones((1500, 1500))
    assert float((large @ large)[0, 0]) == 1500
"""
FORKS = """
assert warm_keras()
for number in range(3):
    pid = os.fork()
    if pid == 0:
        signal.alarm(90)
        work()
        os._exit(0)
    print("ended", os.waitpid(pid, 0)[1])
"""


def run(code: str, **environment: str) -> list[str]:
    """What a process of its own prints."""
    done = subprocess.run(
        [sys.executable, "-c", code],
        cwd=Path(warming.__file__).parents[2],
        env={**os.environ, "TF_CPP_MIN_LOG_LEVEL": "3", **environment},
        capture_output=True,
        text=True,
        check=False,
        timeout=300,
    )
    return (done.stdout or done.stderr).strip().splitlines()


@pytest.mark.parametrize("threads", ["1", "4"])
def test_each_fork_runs_as_a_new_process_does(threads: str) -> None:
    pools = {"TF_NUM_INTRAOP_THREADS": threads, "TF_NUM_INTEROP_THREADS": threads}
    assert run(HEAD + WORK + FORKS, **pools) == ["ended 0"] * 3


def test_operations_run_as_they_are_and_with_the_same_results(tmp_path: Path) -> None:
    """TensorFlow's own name for a wrapped operation shows in its errors."""
    code = """
def values():
    keras.utils.set_random_seed(0)
    model = keras.Sequential([keras.Input((8, 8, 3)), keras.layers.Conv2D(4, 3)])
    x = np.random.default_rng(0).random((2, 8, 8, 3), dtype=np.float32)
    try:
        tf.linalg.matmul(tf.ones((2, 3)), tf.ones((2, 3)))
    except tf.errors.InvalidArgumentError as error:
        return np.asarray(model(x)), "__wrapped__" in str(error)

def in_a_fork(name):
    pid = os.fork()
    if pid == 0:
        y, wrapped = values()
        np.save(name, y)
        print(name, wrapped, flush=True)
        os._exit(0)
    os.waitpid(pid, 0)
    return np.load(name)

os.chdir(os.environ["FOLDER"])
a = in_a_fork("as it is.npy")
warm_keras()
b = in_a_fork("warm.npy")
print(a.shape, float(abs(a - b).max()) < 1e-6)
"""
    shown = run(HEAD + code, FOLDER=str(tmp_path))
    assert shown == ["as it is.npy True", "warm.npy False", "(2, 6, 6, 4) True"]


def test_a_process_that_has_run_something_is_refused() -> None:
    code = """
keras.ops.ones(1)
try:
    warm_keras()
except RuntimeError as error:
    print(error)
"""
    assert run(HEAD + code) == ["Expected a process that has run no operation"]


def test_an_unknown_tensorflow_is_left_alone() -> None:
    code = """
from tensorflow.python import pywrap_tfe
del pywrap_tfe.TFE_ClearScalarCache
print(warm_keras(), tf.executing_eagerly())
"""
    assert run(HEAD + code) == ["False True"]
