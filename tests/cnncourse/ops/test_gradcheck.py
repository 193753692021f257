"""Numerical gradients of functions whose gradients are known."""

import numpy as np
import pytest

from cnncourse.ops.gradcheck import numerical_gradient, relative_error


def test_gradient_of_known_functions() -> None:
    x = np.random.default_rng(0).uniform(0.5, 2, (3, 4))
    np.testing.assert_allclose(numerical_gradient(np.sin, x), np.cos(x), rtol=1e-8)
    dy = np.arange(12.0).reshape(3, 4)
    expected = dy * 3 * x**2
    np.testing.assert_allclose(numerical_gradient(lambda v: v**3, x, dy), expected)
    total = numerical_gradient(lambda v: float(v.sum()), x)
    np.testing.assert_allclose(total, np.ones((3, 4)))


def test_point_is_not_changed_even_by_a_careless_function() -> None:
    x = np.array([1.0, 2.0])
    x.flags.writeable = False

    def careless(v: np.ndarray) -> float:
        v *= 2
        return float(v.sum())

    np.testing.assert_allclose(numerical_gradient(careless, x), [2, 2])
    assert x.tolist() == [1, 2]


def test_function_that_returns_its_argument() -> None:
    gradient = numerical_gradient(lambda v: v, np.zeros(3), np.array([1.0, 2.0, 3.0]))
    np.testing.assert_allclose(gradient, [1, 2, 3])


def test_relative_error() -> None:
    assert relative_error(np.array([1.0, 2.0]), np.array([1.0, 2.5])) == 0.2
    assert relative_error(np.zeros(3), np.zeros(3)) == 0
    assert relative_error(np.zeros(0), np.zeros(0)) == 0


def test_wrong_arguments() -> None:
    with pytest.raises(ValueError, match=r"x of dtype float64.*float32"):
        numerical_gradient(np.sin, np.zeros(2, np.float32))
    with pytest.raises(ValueError, match=r"step > 0.*step=0"):
        numerical_gradient(np.sin, np.zeros(2), step=0)
    with pytest.raises(ValueError, match=r"one shape.*\(2,\) and \(3,\)"):
        relative_error(np.zeros(2), np.zeros(3))
