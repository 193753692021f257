"""What the catalogue knows of an architecture."""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True)
class Architecture:
    """An entry of the catalogue.

    Attributes:
        name: what `create` is asked for: lower case, such as "resnet50".
        build: `build(input_shape, num_classes, **options)` returns a `keras.Model` that
            gives logits unless its docstring says otherwise.
        year: of the publication.
        paper: authors, title and where it appeared; or the lecture that defines it.
        input_shape: `(H, W, C)` of the publication; `(T,)` for sentences.
        num_classes: of the publication; None if the net does not classify.
        parameters: trainable weights that `create(name)` has.
        macs: multiply-accumulates of one forward pass of `create(name)` on one input,
            in convolutions and dense layers, biases not counted; None if not given.
        task: "classification", "segmentation", "super-resolution", ...
        options: arguments of `build` that make this entry of a family.
        reduced: arguments of `create` that make it small enough for a test, such as
            `{"input_shape": (32, 32, 3), "num_classes": 5}`.
    """

    name: str
    build: Callable[..., Any]
    year: int
    paper: str
    input_shape: tuple[int, ...]
    num_classes: int | None
    parameters: int
    macs: int | None
    task: str = "classification"
    options: dict[str, Any] = field(default_factory=dict)
    reduced: dict[str, Any] = field(default_factory=dict)
