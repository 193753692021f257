"""Data for the labs that needs no network: it lies inside the packages we depend on."""

from cnncourse.datasets.digits import digits
from cnncourse.datasets.photographs import PHOTOGRAPHS, Photograph, photograph

__all__ = ["PHOTOGRAPHS", "Photograph", "digits", "photograph"]
