"""Is a state whole, exact and checked?"""

from pathlib import Path
from typing import Any

import keras
import numpy as np
import pytest

from cnncourse.training import state


def test_arrays_and_values_come_back_to_the_bit(tmp_path: Path) -> None:
    arrays = [np.float32([0.1, np.nan, -0.0]), np.arange(4).reshape(2, 2), np.array(7)]
    values = {"loss": 0.1 + 0.2, "names": ["a", None], "step": 3}
    state.save_state(tmp_path / "s.npz", arrays, values)
    loaded, again = state.load_state(tmp_path / "s.npz")
    assert again == values
    for before, after in zip(arrays, loaded, strict=True):
        assert before.tobytes() == after.tobytes()
        assert before.dtype == after.dtype


def test_a_write_that_fails_leaves_the_old_file(tmp_path: Path) -> None:
    file = tmp_path / "a.txt"
    file.write_text("old")

    def half(path: Path) -> None:
        path.write_text("ne")
        raise OSError("disk full")

    with pytest.raises(OSError, match="disk full"):
        state.write_whole(file, half)
    assert file.read_text() == "old"
    state.write_whole(file, lambda path: path.write_text("new"))
    assert file.read_text() == "new"


def test_another_file_is_refused(tmp_path: Path) -> None:
    np.savez(tmp_path / "other.npz", a=np.zeros(2))
    (tmp_path / "text.npz").write_text("no archive")
    for name in ("other.npz", "text.npz"):
        with pytest.raises(ValueError, match="Expected the state of a run"):
            state.load_state(tmp_path / name)


def test_the_variables_include_seeds_and_the_optimizer() -> None:
    model = keras.Sequential([keras.Input((3,)), keras.layers.Dropout(0.5)])
    model.compile("adam", "mse")
    model.optimizer.build([])
    names = [v.path for v in state.variables_of(model)]
    assert sum("seed_generator_state" in name for name in names) == 2
    assert any("iteration" in name for name in names)


def test_variables_of_another_model_are_refused() -> None:
    dense = keras.layers.Dense(2)
    dense.build((None, 3))
    with pytest.raises(ValueError, match=r"kernel \(3, 2\), saved \(2, 2\)"):
        state.assign(dense.variables, [np.zeros((2, 2)), np.zeros(2)])
    with pytest.raises(ValueError, match="2 variables, 1 saved"):
        state.assign(dense.variables, [np.zeros((3, 2))])


class Remembering(keras.callbacks.Callback):
    def __init__(self) -> None:
        super().__init__()
        self.best: Any = np.float32(0.25)
        self.wait = 2
        self.weights: Any = [np.ones(2), np.zeros((1, 3))]
        self.mean: Any = np.arange(3.0)
        self.function = print


def test_a_callback_gets_its_memory_back() -> None:
    old, new = Remembering(), Remembering()
    old.wait, old.weights, old.mean = 5, [np.full(2, 3.0)], np.zeros(1)
    values, arrays = state.callback_state(old)
    assert "function" not in values
    state.set_callback_state(new, values, arrays)
    assert (new.best, new.wait) == (0.25, 5)
    np.testing.assert_array_equal(new.weights, old.weights)
    np.testing.assert_array_equal(new.mean, old.mean)
