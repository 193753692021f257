"""Imports what a lab wants to be there before the first fork."""

from __future__ import annotations

import gc
import importlib
import sys
from collections.abc import Sequence

# Keras imports it for three wrappers of its own if it is there, which takes a second
SPARED = ("sklearn",)
COURSE = (  # what almost every lab imports
    "cnncourse.checks",
    "cnncourse.datasets",
    "cnncourse.plots",
    "matplotlib.pyplot",
)
OBJECTS = 10_000  # new ones between two collections: a Keras model has some thousands


def preload(packages: Sequence[str]) -> None:
    """Imports packages, without others that they only look for.

    What there is afterwards is out of the garbage collector's sight: looking through
    it again and again would take a third of the time, and copy it in each fork. For
    the rest it comes less often than usual, since most processes end before it pays.

    Args:
        packages: names; what is in `SPARED` is imported now if it is among them, else
            when somebody imports it.
    """
    gc.disable()
    spared = [name for name in SPARED if name not in (*packages, *sys.modules)]
    try:
        for name in spared:
            sys.modules[name] = None  # type: ignore[assignment]  # as if not installed
        for package in packages:
            importlib.import_module(package)
    finally:
        for name in spared:
            del sys.modules[name]
        gc.freeze()
        gc.set_threshold(OBJECTS)
        gc.enable()
