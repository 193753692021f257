"""Does `prepare` set what it says, and say what it set?"""

import keras
import numpy as np
import pytest

from cnncourse.training.devices import Devices, prepare


def test_it_seeds_and_says_what_it_chose(capsys: pytest.CaptureFixture[str]) -> None:
    draws = []
    for _ in range(2):
        devices = prepare(7)
        draws.append((np.random.rand(), keras.layers.Dense(2)))
    assert devices == Devices(
        "tensorflow", "CPU", ("CPU:0",), "float32", False, False, False, 7
    )
    assert draws[0][0] == draws[1][0]
    kernels = [keras.ops.convert_to_numpy(d(np.ones((1, 3)))) for _, d in draws]
    np.testing.assert_array_equal(*kernels)
    printed = capsys.readouterr().out.splitlines()
    assert printed[0] == printed[1] == str(devices)
    assert printed[0].startswith(
        "CPU (CPU:0), float32, XLA off, not deterministic, seed 7, Keras 3."
    )


@pytest.mark.parametrize(
    ("asked", "policy"),
    [
        ("auto", "float32"),
        ("float16", "mixed_float16"),
        ("bfloat16", "mixed_bfloat16"),
    ],
)
def test_precision_is_the_policy_of_keras(asked: str, policy: str) -> None:
    prepare(0, precision=asked)
    assert keras.config.dtype_policy().name == policy


def test_one_device_needs_no_strategy() -> None:
    with prepare(0).scope():
        model = keras.Sequential([keras.Input((2,)), keras.layers.Dense(1)])
    assert model.distribute_strategy.num_replicas_in_sync == 1


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"seed": 0, "precision": "float64"}, "Expected precision in"),
        ({"seed": 0, "devices": 0}, "Expected devices='auto' or a number >= 1"),
        ({"seed": 0, "devices": "all"}, "Expected devices='auto'"),
        ({"seed": -1}, "Expected seed >= 0"),
    ],
)
def test_wrong_arguments_are_refused(arguments: dict, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        prepare(**arguments)


def test_it_must_come_before_the_first_operation() -> None:
    import tensorflow as tf

    tf.constant(1.0) + 1.0
    with pytest.raises(ValueError, match="before the first operation of TensorFlow"):
        prepare(0, devices=2)
