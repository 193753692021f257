"""In the reviews the order of the words decides."""

from collections import Counter

import numpy as np
import pytest

from cnncourse.datasets.loading import load
from cnncourse.datasets.reviews import BLAME, NEGATED, PLAIN, PRAISE, reviews_example


def accuracies(words: int) -> dict[str, float]:
    """Of logistic regression on counts of up to so many words in a row."""
    from sklearn.feature_extraction.text import CountVectorizer
    from sklearn.linear_model import LogisticRegression

    texts, labels = load("reviews", as_numpy=True, examples=2000)
    counts = CountVectorizer(ngram_range=(1, words), token_pattern=r"\S+")
    model = LogisticRegression(max_iter=1000).fit(counts.fit_transform(texts), labels)
    tests = {s: load("reviews", s, as_numpy=True) for s in ("test", "negation")}
    return {s: model.score(counts.transform(t), y) for s, (t, y) in tests.items()}


def test_who_counts_words_guesses_where_there_is_negation() -> None:
    bag, trigrams = accuracies(1), accuracies(3)
    assert 0.45 < bag["negation"] < 0.55 and bag["test"] < 0.78
    assert trigrams["negation"] > 0.85 and trigrams["test"] > 0.85


def test_negated_sentences_have_a_word_of_each_kind() -> None:
    assert all("{a}" in template and "{b}" in template for template in NEGATED)
    assert not any("{a}" in template for template in PLAIN)
    assert not set(PRAISE) & set(BLAME)
    assert len(set(PRAISE)) == len(set(BLAME)) == 20


def test_words_and_labels_are_in_balance() -> None:
    texts, labels = load("reviews", as_numpy=True, seed=4)
    assert np.bincount(labels).tolist() == [2000, 2000]
    counts = Counter(" ".join(texts).split())
    assert all(counts[word] > 50 for word in (*PRAISE, *BLAME))
    assert all(text.endswith(" .") and "  " not in text for text in texts)


def test_parts_are_disjoint_even_under_different_seeds() -> None:
    train = set(load("reviews", as_numpy=True, seed=0)[0])
    for split in ("test", "negation"):
        texts, _ = load("reviews", split, as_numpy=True, seed=9)
        assert not train & set(texts)


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ((0, "dev", 0), "Expected one of train, test, negation. Received: split=dev"),
        ((0, "train", -1), "Expected seed >= 0 and index >= 0.*index=-1"),
    ],
)
def test_wrong_arguments(arguments: tuple, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        reviews_example(*arguments)
