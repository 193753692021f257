"""What the labs of the course import.

The modules are loaded when they are first used, so that `import cnncourse` is fast:

>>> import cnncourse
>>> cnncourse.datasets.photograph("camera").shape
(512, 512)
"""

from importlib import import_module
from types import ModuleType

__version__ = "0.1.0"

MODULES = (
    "architectures",
    "augmentation",
    "catalogue",
    "checks",
    "datasets",
    "interpretation",
    "ops",
    "plots",
    "training",
)

__all__ = ["__version__", *MODULES]


def __getattr__(name: str) -> ModuleType:
    if name in MODULES:
        return import_module(f"{__name__}.{name}")
    raise AttributeError(
        f"Expected one of {', '.join(MODULES)} in {__name__}. Received: {name}"
    )


def __dir__() -> list[str]:
    return sorted(__all__)
