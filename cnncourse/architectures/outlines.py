"""Models without values: all shapes are known, and no weight takes memory."""

from collections.abc import Iterator
from contextlib import contextmanager

import keras
from keras.src.backend.common import global_state

WAITING = "uninitialized_variables"  # Keras' list of variables that have no value yet


@contextmanager
def without_values() -> Iterator[None]:
    """Variables that are made inside have a shape, and never get a value.

    Keras' own scope for that leaves them on a list, from which the end of any later
    scope gives all of them values, and which keeps their models alive.

    Example:
        >>> with without_values():
        ...     layer = keras.layers.Dense(1_000_000)
        ...     layer.build((None, 1_000_000))
        >>> layer.kernel.shape
        (1000000, 1000000)
    """
    earlier = [*global_state.get_global_attribute(WAITING, [])]
    try:
        with keras.StatelessScope(initialize_variables=False):
            yield
    finally:
        global_state.set_global_attribute(WAITING, earlier)
