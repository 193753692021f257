"""The policies of well-known papers, by name."""

from dataclasses import dataclass

from cnncourse.augmentation.affine import Rotation, Scale, Shear, Translation
from cnncourse.augmentation.colour import PCAColour
from cnncourse.augmentation.moves import Crop, Mirror
from cnncourse.augmentation.policy import Policy
from cnncourse.augmentation.resizing import CentreCrop
from cnncourse.catalogue import Catalogue


@dataclass(frozen=True)
class NamedPolicy:
    """A policy and where it comes from.

    Attributes:
        policy: what to call with a picture and a seed.
        size: pixels of the shorter side of the pictures that it is meant for.
        source: the paper.
        text: what it does, in a line.
    """

    policy: Policy
    size: int
    source: str
    text: str


POLICIES = Catalogue(
    "augmentation policy",
    [
        (
            "lenet",
            NamedPolicy(
                Policy(
                    Translation(share=0.07),
                    Scale(0.1, squeeze=0.1),
                    Rotation(degrees=8),
                    Shear(0.15),
                ),
                32,
                "LeCun et al. (1998), section III.B, names the distortions",
                "shifts, scales, squeezes, turns and slants digits a little",
            ),
        ),
        (
            "alexnet",
            NamedPolicy(
                Policy(Crop(224 / 256), Mirror(), PCAColour()),
                256,
                "Krizhevsky et al. (2012), section 4.1",
                "crops 224 of 256 pixels, mirrors, jitters colour along its components",
            ),
        ),
        (
            "cifar",
            NamedPolicy(
                Policy(Crop(pad=4), Mirror()),
                32,
                "He et al. (2016), section 4.2",
                "pads by 4 pixels, crops the old size, mirrors",
            ),
        ),
        (
            "imagenet_eval",
            NamedPolicy(
                Policy(CentreCrop(224, shorter=256)),
                256,
                "Krizhevsky et al. (2012) and He et al. (2016), one crop in the middle",
                "resizes the shorter side to 256, cuts the middle 224; not random",
            ),
        ),
    ],
)
