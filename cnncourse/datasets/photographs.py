"""Photographs that scikit-image and scikit-learn carry."""

from dataclasses import dataclass

import numpy as np

from cnncourse.catalogue import Catalogue
from cnncourse.datasets.installed import installed_file


@dataclass(frozen=True)
class Photograph:
    """Where a photograph lies, and who may use it.

    Attributes:
        package: import name of the package that carries it.
        path: path of the file in the package.
        licence: the terms as the package states them.
        source: who made it or where it was taken from.
    """

    package: str
    path: str
    licence: str
    source: str


def _scikit_image(file: str, licence: str, source: str) -> Photograph:
    return Photograph("skimage", f"data/{file}", licence, source)


def _scikit_learn(file: str, licence: str, source: str) -> Photograph:
    return Photograph("sklearn", f"datasets/images/{file}", licence, source)


PHOTOGRAPHS = Catalogue(
    "photograph",
    [
        ("camera", _scikit_image("camera.png", "CC0", "Lav Varshney")),
        ("astronaut", _scikit_image("astronaut.png", "public domain", "NASA")),
        ("cat", _scikit_image("chelsea.png", "CC0", "Stefan van der Walt")),
        ("coffee", _scikit_image("coffee.png", "CC0", "Rachel Michetti")),
        ("rocket", _scikit_image("rocket.jpg", "public domain", "SpaceX")),
        ("china", _scikit_learn("china.jpg", "CC BY 2.0", "danielbuechele, Flickr")),
        ("flower", _scikit_learn("flower.jpg", "CC BY 2.0", "vultilion, Flickr")),
        ("coins", _scikit_image(
            "coins.png", "no known restrictions", "Brooklyn Museum")),
        ("clock", _scikit_image(
            "clock_motion.png", "public domain", "Stefan van der Walt")),
        ("text", _scikit_image(
            "text.png", "public domain", "Wikipedia, File:Corner.png")),
        ("brick", _scikit_image("brick.png", "CC0", "CC0Textures, Bricks25")),
        ("grass", _scikit_image("grass.png", "CC0", "linolafett, DeviantArt")),
        ("gravel", _scikit_image("gravel.png", "CC0", "CC0Textures, Gravel04")),
        ("retina", _scikit_image("retina.jpg", "CC0", "Mikael Häggström, Wikimedia")),
        ("page", _scikit_image(
            "page.png", "scikit-image's BSD-3-Clause", "scikit-image")),
    ],
)  # fmt: skip


def photograph(name: str) -> np.ndarray:
    """Loads a photograph.

    Args:
        name: one of `PHOTOGRAPHS`.

    Returns:
        float32 `(H, W)` for a grey picture, `(H, W, 3)` for a coloured one (red, green,
        blue), values in [0, 1].

    Raises:
        KeyError: if there is no photograph of that name.
        FileNotFoundError: if the package that carries it is not installed.

    Example:
        >>> photograph("camera").shape
        (512, 512)
    """
    record = PHOTOGRAPHS[name]
    file = installed_file(record.package, record.path)
    from PIL import Image  # here, so that only those who load a picture pay for it

    with Image.open(file) as picture:
        return np.asarray(picture, dtype=np.float32) / np.float32(255)
