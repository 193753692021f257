"""Ways to change a picture and keep what it shows.

A transformation is a value: calling it with a picture and a seed gives the changed
picture, the same in eager code, in `tf.data` and compiled. Boxes, masks and labels
change with their picture.

>>> policy = POLICIES["cifar"].policy
>>> policy(images, seed=1)

The modules are loaded when they are first used: importing this package is fast.
"""

from importlib import import_module
from typing import Any

_MODULE = {
    "AlternatingFlip": "moves",
    "Brightness": "colour",
    "CentreCrop": "resizing",
    "Contrast": "colour",
    "Crop": "moves",
    "CutMix": "mixing",
    "Erasing": "erasing",
    "Hue": "colour",
    "Mirror": "moves",
    "MixUp": "mixing",
    "NamedPolicy": "policies",
    "PCAColour": "colour",
    "POLICIES": "policies",
    "Policy": "policy",
    "RandAugment": "rand_augment",
    "Rotation": "affine",
    "Saturation": "colour",
    "Scale": "affine",
    "Shear": "affine",
    "Transformation": "transformation",
    "Translation": "affine",
    "preview": "pictures",
}

__all__ = list(_MODULE)


def __getattr__(name: str) -> Any:
    if name in _MODULE:
        return getattr(import_module(f"{__name__}.{_MODULE[name]}"), name)
    raise AttributeError(
        f"Expected one of {', '.join(__all__)} in {__name__}. Received: {name}"
    )


def __dir__() -> list[str]:
    return sorted(__all__)
