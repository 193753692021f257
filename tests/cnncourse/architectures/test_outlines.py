"""Models without values."""

import gc
import weakref

import keras
import numpy as np
import pytest

from cnncourse.architectures import outline
from cnncourse.architectures.outlines import without_values


def has_value(variable: keras.Variable) -> bool:
    return variable._value is not None


def waiting() -> keras.Variable:
    """A variable of ones."""
    return keras.Variable("ones", shape=(3,))


def later_scopes() -> None:
    """What Keras ends with values for all variables that wait for one."""
    layer = keras.layers.Dense(2)
    layer.build((None, 3))
    variables = [np.zeros(v.shape) for v in layer.variables]
    layer.stateless_call(variables, [], np.zeros((1, 3)))
    keras.Sequential([keras.Input((4,)), keras.layers.Dense(2)])


def test_nothing_gets_a_value_later() -> None:
    model = outline("lenet5")
    later_scopes()
    assert model.weights and not any(map(has_value, model.weights))


def test_a_huge_layer_takes_no_memory() -> None:
    with without_values():
        layer = keras.layers.Dense(10**6)
        layer.build((None, 10**6))
    later_scopes()
    assert layer.count_params() == 10**12 + 10**6


def test_nothing_is_kept_alive() -> None:
    variable = weakref.ref(outline("lenet5").weights[0])
    gc.collect()
    assert variable() is None


def test_variables_that_waited_before_get_their_values() -> None:
    with keras.StatelessScope():
        early = waiting()
        with without_values():
            late = waiting()
        assert not has_value(early)
    np.testing.assert_array_equal(early, np.ones(3))
    assert not has_value(late)


def test_an_error_inside_leaves_no_variable_behind() -> None:
    made = []
    with pytest.raises(ZeroDivisionError), without_values():
        made.append(waiting())
        1 / 0  # noqa: B018
    later_scopes()
    assert not has_value(made[0])
