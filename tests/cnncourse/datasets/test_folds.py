"""Folds are in balance, disjoint and the same under a seed."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cnncourse.datasets.folds import assign_folds, fold_split


@settings(max_examples=50, deadline=None)
@given(
    labels=st.lists(st.integers(0, 4), min_size=12, max_size=80),
    folds=st.integers(2, 12),
    seed=st.integers(0, 9),
)
def test_folds_and_their_classes_differ_by_at_most_one(
    labels: list, folds: int, seed: int
) -> None:
    values = np.array(labels)
    assigned = assign_folds(values, folds, seed)
    np.testing.assert_array_equal(assigned, assign_folds(values, folds, seed))
    for chosen in [values >= 0, *(values == k for k in np.unique(values))]:
        counts = np.bincount(assigned[chosen], minlength=folds)
        assert counts.max() - counts.min() <= 1


def test_the_seed_matters() -> None:
    labels = np.zeros(100, int)
    assert (assign_folds(labels, 5, 0) != assign_folds(labels, 5, 1)).any()


@pytest.mark.parametrize("folds", [1, 5])
def test_wrong_number_of_folds(folds: int) -> None:
    message = f"Expected at least 2 folds.*Received: folds={folds} examples=4"
    with pytest.raises(ValueError, match=message):
        assign_folds(np.zeros(4), folds)


def test_a_split_is_one_fold_or_the_others() -> None:
    labels = np.arange(30) % 3
    tests = [fold_split(labels, "test", fold, 10, 0) for fold in range(10)]
    assert sorted(np.concatenate(tests)) == list(range(30))
    for fold, test in enumerate(tests):
        train = fold_split(labels, "train", fold, 10, 0)
        assert sorted([*train, *test]) == list(range(30))
    np.testing.assert_array_equal(fold_split(labels, "all", 0, 10, 0), np.arange(30))


@pytest.mark.parametrize(
    ("split", "fold", "message"),
    [
        ("dev", 0, "Expected 'train', 'test' or 'all'. Received: split=dev"),
        ("test", 10, "Expected 0 <= fold < 10. Received: fold=10"),
    ],
)
def test_wrong_split(split: str, fold: int, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        fold_split(np.zeros(30), split, fold, 10, 0)
