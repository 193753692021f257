"""Is every batch a function of the seed and its number?"""

from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cnncourse.training.batches import Batches, epoch_order

X = np.arange(23, dtype=np.float32)[:, None]
Y = np.arange(23)


def epochs(batches: Batches, count: int, first: int = 0) -> list[np.ndarray]:
    """The labels of the batches of the run, from a step on."""
    steps = count * batches.steps - first
    return [y.numpy() for _, y in batches.dataset(first).take(steps)]


def add_noise(batch: Any, seed: Any, epoch: Any, index: Any) -> Any:
    import tensorflow as tf

    noise = tf.random.stateless_uniform(tf.shape(batch[0]), tf.stack([seed, epoch]))
    return batch[0] + noise + tf.cast(index, tf.float32)[:, None], batch[1]


def test_an_order_is_a_permutation_that_depends_on_seed_and_epoch() -> None:
    orders = [epoch_order(50, seed, epoch) for seed in (0, 1) for epoch in (0, 1)]
    assert all(sorted(order) == list(range(50)) for order in orders)
    assert len({tuple(order) for order in orders}) == 4
    np.testing.assert_array_equal(orders[0], epoch_order(50, 0, 0))


@pytest.mark.parametrize("arguments", [(0, 0, 0), (5, -1, 0), (5, 0, -1)])
def test_an_order_needs_sensible_numbers(arguments: tuple[int, int, int]) -> None:
    with pytest.raises(ValueError, match="Expected count >= 1, seed >= 0"):
        epoch_order(*arguments)


def test_two_epochs_of_a_run_differ_and_two_equal_runs_do_not() -> None:
    one, same, other = (Batches((X, Y), 5, seed) for seed in (3, 3, 4))
    first, second = np.split(np.concatenate(epochs(one, 2)), 2)
    assert not np.array_equal(first, second)
    assert sorted(first) == sorted(second) == list(range(23))
    for left, right in zip(epochs(one, 2), epochs(same, 2), strict=True):
        np.testing.assert_array_equal(left, right)
    assert not np.array_equal(first, np.concatenate(epochs(other, 1)))


def test_the_order_is_that_of_epoch_order() -> None:
    taken = np.concatenate(epochs(Batches((X, Y), 5, 3), 2))
    orders = np.concatenate([epoch_order(23, 3, epoch) for epoch in (0, 1)])
    np.testing.assert_array_equal(taken, orders)


def test_without_shuffling_the_order_is_that_of_the_arrays() -> None:
    taken = np.concatenate(epochs(Batches((X, Y), 5, shuffle=False), 2))
    np.testing.assert_array_equal(taken, np.tile(Y, 2))


@settings(deadline=None, max_examples=8)
@given(first=st.integers(0, 14), batch_size=st.integers(1, 23), drop=st.booleans())
def test_a_run_that_begins_later_has_the_same_batches(
    first: int, batch_size: int, drop: bool
) -> None:
    batches = Batches((X, Y), batch_size, 7, True, add_noise, drop)
    whole = list(batches.dataset().take(first + 3))[first:]
    part = list(batches.dataset(first).take(3))
    for (x, y), (x_part, y_part) in zip(whole, part, strict=True):
        np.testing.assert_array_equal(x, x_part)
        np.testing.assert_array_equal(y, y_part)


def test_a_batch_can_be_made_again() -> None:
    batches = Batches((X, Y, X[:, 0]), 5, 7, augment=add_noise)
    for step, batch in enumerate(batches.dataset().take(7)):
        for array, again in zip(batch, batches.at(step), strict=True):
            np.testing.assert_array_equal(array, again)


def test_an_image_is_changed_differently_in_each_epoch() -> None:
    batches = Batches((X, Y), 23, 7, shuffle=False, augment=add_noise)
    assert not np.array_equal(batches.at(0)[0], batches.at(1)[0])


def test_the_last_batch_of_an_epoch_may_be_smaller_or_left_out() -> None:
    whole, dropped = Batches((X, Y), 5), Batches((X, Y), 5, drop_remainder=True)
    assert [len(y) for y in epochs(whole, 1)] == [5, 5, 5, 5, 3]
    assert [len(y) for y in epochs(dropped, 2)] == [5] * 8


def test_parts_and_workers_share_each_batch() -> None:
    batches = Batches((X, Y), 8, 2, drop_remainder=True, augment=add_noise)
    whole = [x.numpy() for x, _ in batches.dataset().take(3)]
    for worker in (0, 1):
        mine = batches.dataset(parts=2, worker=worker, workers=2).take(6)
        joined = np.concatenate([x.numpy() for x, _ in mine]).reshape(3, 4, 1)
        for batch, part in zip(whole, joined, strict=True):
            np.testing.assert_array_equal(batch[4 * worker : 4 * worker + 4], part)


def test_inputs_may_be_a_structure() -> None:
    batches = Batches(({"a": X, "b": X[:, 0]}, Y), 4, 1)
    x, y = batches.at(2)
    np.testing.assert_array_equal(x["a"][:, 0], y)
    np.testing.assert_array_equal(x["b"], y)


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (((X, Y[:5]), 5), "Expected arrays of one length"),
        (((X, Y), 0), "Expected a batch_size from 1 to 23"),
        (((X, Y), 24, 0, True, None, True), "Expected a batch_size from 1 to 23"),
    ],
)
def test_arrays_and_sizes_must_fit(arguments: tuple, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        Batches(*arguments)


def test_devices_must_be_able_to_share() -> None:
    with pytest.raises(ValueError, match="Expected a batch_size that 3 devices"):
        Batches((X, Y), 8, drop_remainder=True).dataset(parts=3)
    with pytest.raises(ValueError, match="and drop_remainder"):
        Batches((X, Y), 8).dataset(parts=2)
