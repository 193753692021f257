"""Is the speed measured, and is the model as before?"""

from collections.abc import Callable
from pathlib import Path

import keras
import numpy as np
import pytest

from cnncourse.training.state import values_of, variables_of
from cnncourse.training.throughput import Throughput, gemm_rate, profile, throughput

Make = Callable[..., keras.Model]
Arrays = tuple[np.ndarray, np.ndarray]


def test_rates_follow_from_the_time(make: Make, arrays: Arrays) -> None:
    model = make()
    model.optimizer.build(model.trainable_variables)
    before = [a.tobytes() for a in values_of(variables_of(model))]
    for labels, passes in ((None, 1), (arrays[1], 3)):
        speed = throughput(model, arrays[0], labels, seconds=0.02)
        images = 90 / (speed.milliseconds / 1e3)
        macs = 36 * 8 + 8 * 2
        np.testing.assert_allclose(speed.images_per_second, images)
        np.testing.assert_allclose(speed.macs_per_second, passes * macs * images)
        assert 0 < speed.fraction < 1
        assert speed.training == (labels is not None)
    assert [a.tobytes() for a in values_of(variables_of(model))] == before


def test_it_says_what_it_measured() -> None:
    speed = Throughput(1234.5, 2e9, 8e9, 3.25, True)
    assert str(speed) == (
        "1,234 images/s, 3.2 ms a step of training, 2.0 GMAC/s: 25% of the machine's "
        "8.0 in matrix products"
    )


def test_the_rate_of_products_is_positive() -> None:
    assert gemm_rate("float32", size=64, seconds=0.01) > 1e6


@pytest.mark.parametrize(("gpus", "size"), [([], 1024), (["gpu:0"], 8192)])
def test_matrices_are_as_large_as_the_device_needs(
    gpus: list[str], size: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(keras.distribution, "list_devices", lambda kind: gpus)
    shapes = []

    class Noise:
        def standard_normal(self, shape: tuple[int, int], dtype: type) -> np.ndarray:
            shapes.append(shape)
            return np.ones((4, 4), dtype)

    monkeypatch.setattr(np.random, "default_rng", lambda seed: Noise())
    assert gemm_rate(seconds=0.01) > 0
    assert shapes == [(size, size)]


def test_a_profile_is_written(make: Make, arrays: Arrays, tmp_path: Path) -> None:
    model = make()
    model.optimizer.build(model.trainable_variables)
    before = model.get_weights()
    assert profile(model, *arrays, tmp_path, steps=2) == tmp_path
    assert list(tmp_path.rglob("*.xplane.pb"))
    for a, b in zip(before, model.get_weights(), strict=True):
        np.testing.assert_array_equal(a, b)


def test_wrong_numbers_are_refused(make: Make, arrays: Arrays, tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="Expected seconds > 0"):
        throughput(make(), arrays[0], seconds=0.0)
    with pytest.raises(ValueError, match="steps >= 1"):
        profile(make(), *arrays, tmp_path, steps=0)
