"""The reference architectures of the course, in teaching order.

>>> from cnncourse import architectures
>>> model = architectures.create("lenet5", input_shape=(28, 28, 1))
>>> print(architectures.summary(model))  # doctest: +SKIP

Keras is imported when one of the names is first used.
"""

from collections.abc import Sequence
from importlib import import_module
from typing import Any

HOMES = {
    "ARCHITECTURES": "catalogue",
    "create": "catalogue",
    "list": "catalogue",
    "outline": "catalogue",
    "count_macs": "counts",
    "summary": "summary_table",
    "diagram": "block_diagram",
    "load_weights_from": "weights",
}

__all__ = [  # noqa: RUF022
    "ARCHITECTURES",
    "create",
    "list",
    "outline",
    "count_macs",
    "summary",
    "diagram",
    "load_weights_from",
]


def __getattr__(name: str) -> Any:
    if name in HOMES:
        value = getattr(import_module(f"{__name__}.{HOMES[name]}"), name)
        globals()[name] = value
        return value
    raise AttributeError(
        f"Expected one of {', '.join(HOMES)} in {__name__}. Received: {name}"
    )


def __dir__() -> Sequence[str]:
    return sorted(__all__)
