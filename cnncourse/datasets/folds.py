"""Parts of a data set that hold the classes in equal shares."""

import numpy as np


def assign_folds(labels: np.ndarray, folds: int, seed: int = 0) -> np.ndarray:
    """Assigns every example to one of several folds, class by class.

    Args:
        labels: int `(N,)`.
        folds: how many, at least 2.
        seed: equal seeds give equal folds.

    Returns:
        int64 `(N,)`, values in 0..folds - 1. The folds differ by at most one example,
        and so do the counts of each class in them.

    Raises:
        ValueError: if there are fewer than two folds, or fewer examples than folds.

    Source: Kim 2014, section 3, reports the mean over ten such folds where a data set
    has no test part of its own.
    """
    labels = np.asarray(labels)
    if not 2 <= folds <= len(labels):
        raise ValueError(
            "Expected at least 2 folds and not more than there are examples. "
            f"Received: folds={folds} examples={len(labels)}"
        )
    shuffled = np.random.default_rng(seed).permutation(len(labels))
    by_class = shuffled[np.argsort(labels[shuffled], kind="stable")]
    assigned = np.empty(len(labels), dtype=np.int64)
    assigned[by_class] = np.arange(len(labels)) % folds
    return assigned


def fold_split(
    labels: np.ndarray, split: str, fold: int, folds: int, seed: int
) -> np.ndarray:
    """Chooses the examples of a split: the test part is one fold, the rest trains.

    Args:
        labels: int `(N,)`.
        split: "train", "test" or "all".
        fold: number of the fold that is the test part, from 0.
        folds: how many folds there are.
        seed: of the assignment.

    Returns:
        int64 indices in increasing order.

    Raises:
        ValueError: if there is no such split or fold.
    """
    if split not in ("train", "test", "all"):
        raise ValueError(f"Expected 'train', 'test' or 'all'. Received: split={split}")
    if not 0 <= fold < folds:
        raise ValueError(f"Expected 0 <= fold < {folds}. Received: fold={fold}")
    if split == "all":
        return np.arange(len(labels))
    in_test = assign_folds(labels, folds, seed) == fold
    return np.flatnonzero(in_test if split == "test" else ~in_test)
