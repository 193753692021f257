"""Gradients on whichever backend runs."""

from collections.abc import Callable, Iterator
from typing import Any

import keras
import numpy as np
import pytest


def _gradient(function: Callable[[Any], Any], x: np.ndarray) -> np.ndarray:
    """The gradient of a function that returns a number."""
    if keras.backend.backend() == "jax":
        import jax

        return np.asarray(jax.grad(function)(keras.ops.convert_to_tensor(x)))
    import tensorflow as tf

    tensor = tf.convert_to_tensor(x)
    with tf.GradientTape() as tape:
        tape.watch(tensor)
        value = function(tensor)
    return np.asarray(tape.gradient(value, tensor))


@pytest.fixture
def gradient() -> Callable[[Callable[[Any], Any], np.ndarray], np.ndarray]:
    return _gradient


@pytest.fixture
def float64() -> Iterator[None]:
    """Double precision, which JAX leaves off unless it is asked."""
    if keras.backend.backend() != "jax":
        yield
        return
    import jax

    jax.config.update("jax_enable_x64", True)
    yield
    jax.config.update("jax_enable_x64", False)
