"""Are the numbers of an evaluation those of their definitions?"""

import json
from pathlib import Path

import keras
import numpy as np
import pytest
import sklearn.metrics
from hypothesis import given, settings
from hypothesis import strategies as st

from cnncourse.training import evaluation

RNG = np.random.default_rng(1)
X = RNG.random((60, 4, 4, 1), dtype=np.float32)
LABELS = RNG.integers(0, 3, 60)


def classifier(activation: str | None = None) -> keras.Model:
    keras.utils.set_random_seed(0)
    layers = [keras.layers.Flatten(), keras.layers.Dense(3, activation=activation)]
    return keras.Sequential([keras.Input((4, 4, 1)), *layers])


def test_numbers_are_those_of_sklearn(tmp_path: Path) -> None:
    model = classifier()
    result = evaluation.evaluate(model, X, LABELS, ["a", "b", "c"], top_k=(1, 2, 5))
    p = evaluation.predict(model, X)
    np.testing.assert_allclose(p.sum(1), 1)
    guess = p.argmax(1)
    assert result.accuracy == sklearn.metrics.accuracy_score(LABELS, guess)
    expected = sklearn.metrics.confusion_matrix(LABELS, guess)
    np.testing.assert_array_equal(result.confusion, expected)
    np.testing.assert_allclose(result.log_loss, sklearn.metrics.log_loss(LABELS, p))
    top = sklearn.metrics.top_k_accuracy_score(LABELS, p, k=2)
    assert result.top_k == {
        "1": pytest.approx(result.accuracy),
        "2": pytest.approx(top),
    }
    scores = sklearn.metrics.precision_recall_fscore_support(
        LABELS, guess, zero_division=0
    )
    mine = np.array([list(row.values()) for row in result.per_class.values()])
    np.testing.assert_allclose(mine, np.transpose(scores))
    result.save(tmp_path / "e.json")
    assert json.loads((tmp_path / "e.json").read_text())["count"] == 60
    assert "accuracy" in str(result)
    assert result.table().row_count == 3
    texts = {text.get_text() for text in result.plot().axes[0].texts}
    assert str(expected.max()) in texts


def test_logits_and_probabilities_give_the_same() -> None:
    logits, probabilities = classifier(), classifier("softmax")
    np.testing.assert_allclose(
        evaluation.predict(logits, X), evaluation.predict(probabilities, X), atol=1e-6
    )


def test_views_are_averaged() -> None:
    model = classifier()
    mirrored = evaluation.predict(model, X[:, :, ::-1])
    both = evaluation.predict(model, X, [lambda x: x, lambda x: x[:, :, ::-1]])
    np.testing.assert_allclose(both, (mirrored + evaluation.predict(model, X)) / 2)


def test_the_six_views_shift_and_mirror() -> None:
    views = evaluation.mirrored_and_shifted(1)
    results = [view(X) for view in views]
    assert {result.shape for result in results} == {X.shape}
    assert len({result.tobytes() for result in results}) == 6
    assert any(np.array_equal(result, X) for result in results)
    np.testing.assert_array_equal(results[0][:, 1:, 1:], X[:, :-1, :-1])
    assert len(evaluation.mirrored_and_shifted(0)) == 2
    with pytest.raises(ValueError, match="Expected shift >= 0"):
        evaluation.mirrored_and_shifted(-1)


@settings(deadline=None, max_examples=30)
@given(st.integers(0, 10_000), st.integers(2, 12))
def test_calibration_error_is_that_of_its_definition(seed: int, bins: int) -> None:
    rng = np.random.default_rng(seed)
    p = rng.dirichlet(np.ones(4), 50)
    labels = rng.integers(0, 4, 50)
    error = 0.0
    sure, right = p.max(1), p.argmax(1) == labels
    for n in range(bins):
        inside = (np.minimum((sure * bins).astype(int), bins - 1)) == n
        if inside.any():
            error += inside.mean() * abs(sure[inside].mean() - right[inside].mean())
    calibration = evaluation.calibration(labels, p, bins)
    np.testing.assert_allclose(calibration.error, error)
    np.testing.assert_allclose(calibration.share.sum(), 1)


def test_who_is_sure_and_right_is_calibrated() -> None:
    calibration = evaluation.calibration(np.array([0, 1]), np.eye(2))
    assert calibration.error == 0
    assert calibration.plot().axes[0].get_xlabel() == "confidence"


def test_the_most_wrong_come_first() -> None:
    p = np.array([[0.6, 0.4], [0.9, 0.1], [0.8, 0.2], [0.3, 0.7]])
    figure = evaluation.most_wrong(X[:4], np.array([1, 1, 0, 1]), p, ["cat", "dog"])
    titles = [axes.get_title() for axes in figure.axes]
    assert titles == ["cat (90%)\nis dog", "cat (60%)\nis dog"]
    with pytest.raises(ValueError, match="Expected at least one wrong answer"):
        evaluation.most_wrong(X[:2], np.array([0, 1]), np.eye(2))


def test_arguments_must_fit() -> None:
    p = np.full((4, 3), 1 / 3)
    with pytest.raises(ValueError, match=r"Expected labels \(n,\)"):
        evaluation.top_k_accuracy(np.zeros(3, int), p, 1)
    with pytest.raises(ValueError, match="Expected k from 1 to 3"):
        evaluation.top_k_accuracy(np.zeros(4, int), p, 4)
    with pytest.raises(ValueError, match="Expected class numbers from 0 to 2"):
        evaluation.confusion_matrix(np.array([0, 3]), np.array([0, 0]), 3)
    with pytest.raises(ValueError, match="Expected bins >= 1"):
        evaluation.calibration(np.zeros(4, int), p, 0)
    with pytest.raises(ValueError, match="Expected 3 names of classes"):
        evaluation.evaluate(classifier(), X, LABELS, ["a"])
    feature_maps = keras.Sequential([keras.Input((4, 4, 1)), keras.layers.ReLU()])
    with pytest.raises(ValueError, match=r"Expected a model that gives finite"):
        evaluation.predict(feature_maps, X)
