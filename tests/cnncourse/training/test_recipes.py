"""Can every recipe train its net, and is it what its paper says?"""

import keras
import numpy as np
import pytest

from cnncourse.architectures import ARCHITECTURES
from cnncourse.augmentation import POLICIES
from cnncourse.datasets import DATASETS
from cnncourse.training.recipes import PLAIN, RECIPES, Recipe, recipe_for


@pytest.mark.parametrize("name", RECIPES)
def test_a_recipe_names_what_there_is_and_makes_steps(name: str) -> None:
    recipe = RECIPES[name]
    assert recipe.architecture in ARCHITECTURES
    assert recipe.dataset in DATASETS
    assert recipe.augment is None or recipe.augment in POLICIES
    assert recipe.source
    model = keras.Sequential([keras.Input((3,)), keras.layers.Dense(4)])
    recipe.compile(model, steps_per_epoch=5, epochs=recipe.epochs)
    before = model.get_weights()
    x = np.ones((8, 3), np.float32)
    for _ in range(2):  # a rate that warms up begins at 0
        loss = model.train_on_batch(x, np.arange(8) % 4)[0]
    assert np.isfinite(loss)
    assert not np.array_equal(before[0], model.get_weights()[0])


@pytest.mark.parametrize(
    ("name", "epochs", "expected"),
    [
        ("alexnet", [0, 29, 30, 60, 80], [1e-2, 1e-2, 1e-3, 1e-4, 1e-5]),
        ("resnet50", [0, 59, 60, 90], [0.1, 0.1, 0.01, 0.001]),
        ("cifar_resnet20", [0, 90, 91, 137], [0.1, 0.1, 0.01, 0.001]),
        ("lenet5_original", [0, 2, 5, 8, 12], [0.02, 0.008, 0.004, 0.002, 0.0004]),
        ("googlenet", [0, 8, 16], [0.01, 0.0096, 0.009216]),
        ("inception_v3", [0, 2, 4], [0.045, 0.0423, 0.039762]),
        ("sentence_cnn_rand", [0, 20], [1.0, 1.0]),
    ],
)
def test_rates_over_the_epochs(
    name: str, epochs: list[int], expected: list[float]
) -> None:
    steps = 7
    recipe = RECIPES[name]
    optimizer = recipe.optimizer(steps, steps * recipe.epochs)
    optimizer.build([])
    rates = []
    for epoch in epochs:
        optimizer.iterations.assign(epoch * steps)
        rates.append(float(optimizer.learning_rate))
    np.testing.assert_allclose(rates, expected, rtol=1e-5)


def test_kim_uses_adadelta_without_a_rate() -> None:
    config = RECIPES["sentence_cnn_rand"].optimizer(1, 1).get_config()
    assert (config["rho"], config["learning_rate"]) == (0.95, 1.0)
    assert config["epsilon"] == 1e-6


@pytest.mark.parametrize(
    ("architecture", "dataset", "expected"),
    [
        ("lenet5", "mnist", "lenet5-mnist"),
        ("lenet5", "digits", "lenet5-digits"),
        ("resnet50", "textures", "resnet50"),
    ],
)
def test_the_recipe_of_both_names_goes_first(
    architecture: str, dataset: str, expected: str
) -> None:
    assert recipe_for(architecture, dataset) is RECIPES[expected]


def test_other_nets_have_a_plain_recipe() -> None:
    assert recipe_for("mlp", "digits") is PLAIN
    assert isinstance(PLAIN, Recipe)


def test_an_unknown_recipe_is_told_with_the_nearest() -> None:
    with pytest.raises(KeyError, match="Did you mean 'lenet5-mnist'"):
        RECIPES["lenet5-mnst"]
