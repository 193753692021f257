"""Is smoothed cross-entropy what the paper says?"""

import keras
import numpy as np
import pytest

from cnncourse.training.losses import SmoothedCrossentropy

LOGITS = np.random.default_rng(0).normal(size=(5, 4)).astype(np.float32)
LABELS = np.array([0, 3, 1, 1, 2])
ONE_HOT = np.eye(4, dtype=np.float32)[LABELS]


@pytest.mark.parametrize("labels", [LABELS, LABELS[:, None], ONE_HOT])
@pytest.mark.parametrize("smoothing", [0.0, 0.1, 0.5])
def test_numbers_columns_and_one_hot_labels_agree(
    labels: np.ndarray, smoothing: float
) -> None:
    expected = keras.losses.CategoricalCrossentropy(
        from_logits=True, label_smoothing=smoothing
    )(ONE_HOT, LOGITS)
    loss = SmoothedCrossentropy(smoothing)(labels, LOGITS)
    np.testing.assert_allclose(loss, expected, rtol=1e-5)


def test_mixtures_of_labels_are_taken_as_they_are() -> None:
    mixed = 0.7 * ONE_HOT + 0.3 * ONE_HOT[::-1]
    logs = LOGITS - np.log(np.exp(LOGITS).sum(1, keepdims=True))
    loss = SmoothedCrossentropy()(mixed, LOGITS)
    np.testing.assert_allclose(loss, -(mixed * logs).sum(1).mean(), rtol=1e-5)


def test_it_can_be_saved() -> None:
    again = keras.losses.deserialize(keras.losses.serialize(SmoothedCrossentropy(0.2)))
    assert (again.smoothing, again.name) == (0.2, "smoothed_crossentropy")


@pytest.mark.parametrize("smoothing", [-0.1, 1.0])
def test_smoothing_has_a_range(smoothing: float) -> None:
    with pytest.raises(ValueError, match="Expected 0 <= smoothing < 1"):
        SmoothedCrossentropy(smoothing)
