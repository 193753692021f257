"""How each net is trained: what its paper says, as far as it can be done here."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from functools import partial
from typing import Any

import keras

from cnncourse.catalogue import Catalogue
from cnncourse.training.losses import SmoothedCrossentropy
from cnncourse.training.optimizers import PaperSGD
from cnncourse.training.schedules import step_decay, warmup_cosine

# from the numbers of batches, of an epoch and of the run
MakeOptimizer = Callable[[int, int], keras.optimizers.Optimizer]


@dataclass(frozen=True)
class Recipe:
    """How to train a net.

    Attributes:
        architecture: name in the catalogue of architectures.
        dataset: of the paper; it may be used for others.
        epochs: passes over the data.
        batch_size: of all devices together.
        optimizer: `optimizer(steps_per_epoch, steps)`.
        source: paper and section.
        differs: in what it is not the paper's; "" if in nothing that is known.
        image_size: to which pictures are resized when they are loaded; None for the
            size of the data set.
        augment: name of a policy of `cnncourse.augmentation`; None for none.
        smoothing: of the labels.
        dropout: in front of the last layer, in addition to the net's own.
        ema: momentum of the moving average of the weights; None for none.
        options: of `architectures.create`.
    """

    architecture: str
    dataset: str
    epochs: int
    batch_size: int
    optimizer: MakeOptimizer
    source: str
    differs: str = ""
    image_size: int | None = None
    augment: str | None = None
    smoothing: float = 0.0
    dropout: float = 0.0
    ema: float | None = None
    options: dict[str, Any] = field(default_factory=dict)

    def compile(self, model: keras.Model, steps_per_epoch: int, epochs: int) -> None:
        """Gives a model the optimizer, loss and metric of the recipe."""
        steps = steps_per_epoch * epochs
        model.compile(
            optimizer=self.optimizer(steps_per_epoch, steps),
            loss=SmoothedCrossentropy(self.smoothing),
            metrics=["accuracy"],
        )


def adam_cosine(peak: float, warmup_epochs: float = 1.0) -> MakeOptimizer:
    """Adam, with a rate that warms up and then falls along half a cosine."""

    def make(steps_per_epoch: int, steps: int) -> keras.optimizers.Optimizer:
        warmup = min(int(warmup_epochs * steps_per_epoch), steps // 4)
        return keras.optimizers.Adam(warmup_cosine(peak, steps, warmup))

    return make


def sgd_steps(
    initial: float,
    drops: tuple[float, ...],
    decay: float,
    bias_rate: float = 1.0,
) -> MakeOptimizer:
    """SGD with momentum 0.9, whose rate is divided by 10 at shares of the run."""

    def make(steps_per_epoch: int, steps: int) -> keras.optimizers.Optimizer:
        at = sorted({max(1, round(share * steps)) for share in drops})
        rate = step_decay(initial, at)
        return PaperSGD(rate, 0.9, decay=decay, bias_rate=bias_rate)

    return make


def lenet_1998(steps_per_epoch: int, steps: int) -> keras.optimizers.Optimizer:
    """SGD with the ratios of the rates that the paper gives for its 20 passes."""
    passes, factors = (2, 5, 8, 12), (1.0, 0.4, 0.2, 0.1, 0.02)
    boundaries = [max(1, round(steps * p / 20)) - 1 for p in passes]
    rates = [0.02 * factor for factor in factors]
    schedule = keras.optimizers.schedules.PiecewiseConstantDecay(boundaries, rates)
    return PaperSGD(schedule, 0.9, decay=0.0)


def googlenet_2014(steps_per_epoch: int, steps: int) -> keras.optimizers.Optimizer:
    """SGD with momentum 0.9, whose rate falls by 4 % every eight epochs."""
    schedule = keras.optimizers.schedules.ExponentialDecay(
        0.01, 8 * steps_per_epoch, 0.96, staircase=True
    )
    return PaperSGD(schedule, 0.9, decay=2e-4)


def inception_2015(steps_per_epoch: int, steps: int) -> keras.optimizers.Optimizer:
    """RMSProp, whose rate falls by 6 % every two epochs, with clipped gradients."""
    schedule = keras.optimizers.schedules.ExponentialDecay(
        0.045, 2 * steps_per_epoch, 0.94, staircase=True
    )
    return keras.optimizers.RMSprop(schedule, rho=0.9, epsilon=1.0, global_clipnorm=2.0)


def kim_2014(steps_per_epoch: int, steps: int) -> keras.optimizers.Optimizer:
    """Adadelta as it was published: without a learning rate, which is to say 1."""
    return keras.optimizers.Adadelta(1.0, rho=0.95, epsilon=1e-6)


ALEXNET = sgd_steps(0.01, (1 / 3, 2 / 3, 8 / 9), decay=5e-4, bias_rate=2.0)
VGG = sgd_steps(0.01, (1 / 3, 2 / 3, 8 / 9), decay=5e-4)
RESNET = sgd_steps(0.1, (0.5, 0.75), decay=1e-4)
IMAGENET: dict[str, Any] = {"image_size": 256, "augment": "alexnet"}
DROPS = "the rate falls at fixed epochs; there it fell when the error stood still"
HE = "He et al. 2015, arXiv:1512.03385"

MakeRecipe = Callable[..., Recipe]
_LENET: MakeRecipe = partial(
    Recipe,
    "lenet5",
    source="Lecture 2; distortions as in LeCun et al. 1998, section III.B",
    differs="a recipe of this course: Adam, cosine decay and mild distortions",
    augment="lenet",
)
_VGG: MakeRecipe = partial(
    Recipe,
    dataset="imagenet2012",
    epochs=74,
    batch_size=256,
    optimizer=VGG,
    source="Simonyan and Zisserman 2014, arXiv:1409.1556, section 3.1",
    differs=f"{DROPS}; no jitter of scale",
    **IMAGENET,
)
_RESNET: MakeRecipe = partial(
    Recipe,
    dataset="imagenet2012",
    epochs=120,
    batch_size=256,
    optimizer=RESNET,
    source=f"{HE}, section 3.4",
    differs=f"{DROPS}; no jitter of scale",
    **IMAGENET,
)
_CIFAR_RESNET: MakeRecipe = partial(
    Recipe,
    dataset="cifar10",
    epochs=182,  # 64,000 steps of 128 out of 45,000 examples
    batch_size=128,
    optimizer=RESNET,
    source=f"{HE}, section 4.2",
    differs="all 50,000 examples are trained on, so that an epoch has more steps",
    augment="cifar",
)

RECIPES: Catalogue[Recipe] = Catalogue(
    "recipe",
    [
        (
            "lenet5-digits",
            _LENET(
                dataset="digits",
                epochs=60,
                batch_size=64,
                optimizer=adam_cosine(3e-3, 3),
                image_size=28,
            ),
        ),
        (
            "lenet5-mnist",
            _LENET(
                dataset="mnist",
                epochs=16,
                batch_size=128,
                optimizer=adam_cosine(3e-3),
                dropout=0.1,
            ),
        ),
        (
            "lenet5_original",
            Recipe(
                "lenet5_original",
                "mnist",
                20,
                32,
                lenet_1998,
                "LeCun et al. 1998, sections II.C and III",
                "batches of 32 and momentum in place of single examples and estimated "
                "second derivatives; cross-entropy of the distances for the paper's "
                "criterion, to which it is near",
            ),
        ),
        *(
            (
                name,
                Recipe(
                    name,
                    "imagenet2012",
                    90,
                    128,
                    ALEXNET,
                    "Krizhevsky et al. 2012, section 5",
                    DROPS,
                    **IMAGENET,
                ),
            )
            for name in (
                "alexnet",
                "alexnet_one_column",
                "alexnet_single_stream",
                "zfnet",
            )
        ),
        *((name, _VGG(name)) for name in ("vgg11", "vgg13", "vgg16", "vgg19")),
        (
            "nin_cifar",
            Recipe(
                "nin_cifar",
                "cifar10",
                120,
                128,
                sgd_steps(0.1, (2 / 3, 5 / 6), decay=1e-4),
                "Lin et al. 2013, arXiv:1312.4400, section 4",
                f"{DROPS}; the paper gives neither rates nor decay",
                augment="cifar",
            ),
        ),
        (
            "googlenet",
            Recipe(
                "googlenet",
                "imagenet2012",
                250,
                256,
                googlenet_2014,
                "Szegedy et al. 2014, arXiv:1409.4842, section 6",
                "the paper gives neither the first rate, nor batch size, decay or "
                "number of epochs; no auxiliary heads; one machine",
                **IMAGENET,
            ),
        ),
        (
            "inception_v3",
            Recipe(
                "inception_v3",
                "imagenet2012",
                100,
                32,
                inception_2015,
                "Szegedy et al. 2015, arXiv:1512.00567, section 8",
                "one machine in place of fifty; crops as for AlexNet",
                smoothing=0.1,
                ema=0.9999,
                image_size=342,
                augment="alexnet",
            ),
        ),
        *(
            (f"resnet{depth}", _RESNET(f"resnet{depth}"))
            for depth in (18, 34, 50, 101, 152)
        ),
        *(
            (name, _CIFAR_RESNET(name))
            for name in (f"cifar_resnet{depth}" for depth in (20, 32, 44, 56))
        ),
        *(
            (
                name,
                Recipe(
                    name,
                    "mr",
                    25,
                    50,
                    kim_2014,
                    "Kim 2014, section 3.1, and the author's published code",
                    "one division into training and test in place of ten; a last batch "
                    "that is smaller is not filled",
                ),
            )
            for name in (
                "sentence_cnn_rand",
                "sentence_cnn_static",
                "sentence_cnn_non_static",
                "sentence_cnn_multichannel",
            )
        ),
    ],
)

PLAIN = Recipe(
    "any",
    "any",
    30,
    64,
    adam_cosine(1e-3),
    "this course",
    "a recipe that trains most small nets",
)


def recipe_for(architecture: str, dataset: str) -> Recipe:
    """Returns the recipe of a net for a data set.

    Args:
        architecture: name in the catalogue of architectures.
        dataset: name in the catalogue of data sets.

    Returns:
        That of both names; else the first of the net; else `PLAIN`.
    """
    own = [r for r in RECIPES.values() if r.architecture == architecture]
    fitting = [r for r in own if r.dataset == dataset]
    return (fitting or own or [PLAIN])[0]
