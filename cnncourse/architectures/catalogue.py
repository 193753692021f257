"""The catalogue, and what makes a model of one of its entries.

Every model is channels-last, Keras 3 on any backend, and gives logits.
"""

import re
from collections.abc import Container
from typing import Any

import keras

from cnncourse.architectures import (
    alexnet,
    attention,
    captioning,
    dense_prediction,
    detection,
    flownet,
    inception,
    inception_v3,
    lenet,
    nin,
    pattern,
    perceptron,
    resnet,
    sentence_cnn,
    vgg,
    voxels,
)
from cnncourse.architectures.architecture import Architecture
from cnncourse.architectures.outlines import without_values
from cnncourse.catalogue import Catalogue

IN_TEACHING_ORDER = (
    perceptron,
    lenet,
    pattern,
    alexnet,
    vgg,
    nin,
    inception,
    inception_v3,
    resnet,
    attention,
    sentence_cnn,
    dense_prediction,
    flownet,
    detection,
    voxels,
    captioning,
)
# what Keras says, in some layer's words, where nothing is left for a window
TOO_SMALL = re.compile("output size would be .*negative")

ARCHITECTURES: Catalogue[Architecture] = Catalogue(
    "architecture",
    [(entry.name, entry) for module in IN_TEACHING_ORDER for entry in module.ENTRIES],
)


def create(
    name: str,
    input_shape: tuple[int | None, ...] | None = None,
    num_classes: int | None = None,
    **options: Any,
) -> keras.Model:
    """Builds a model with random weights.

    Args:
        name: of an entry of `ARCHITECTURES`.
        input_shape: channels last, without the batch, such as `(H, W, C)`; by default
            that of the publication.
        num_classes: at least 1; by default that of the publication.
        **options: for the entry's `build`; they go before the entry's own options.

    Returns:
        A `keras.Model` of that name, whose layers have names; it gives logits unless
        the docstring of the entry's `build` says otherwise.

    Raises:
        UnknownNameError: if there is no such name; the text holds the nearest.
        ValueError: if the input has other axes than the entry's, has its channels
            first, or is too small for the net.

    Example:
        >>> create("lenet5", num_classes=26).output_shape
        (None, 26)
    """
    entry = ARCHITECTURES[name]
    shape = entry.input_shape if input_shape is None else tuple(input_shape)
    classes = entry.num_classes if num_classes is None else num_classes
    _check_channels_last(entry, shape)
    if classes is not None and classes < 1:
        raise ValueError(f"Expected num_classes >= 1. Received: num_classes={classes}")
    try:
        model = entry.build(shape, classes, **{**entry.options, **options})
    except ValueError as error:
        if not TOO_SMALL.search(str(error)):
            raise
        raise ValueError(
            f"Expected an input that is large enough for every layer of {name!r}, "
            f"such as {entry.input_shape}. Received: input_shape={shape}"
        ) from error
    model.name = name
    return model


def outline(
    name: str,
    input_shape: tuple[int | None, ...] | None = None,
    num_classes: int | None = None,
    **options: Any,
) -> keras.Model:
    """Builds a model whose weights take neither memory nor time, as they have no value.

    It is for summaries, counts and diagrams: of VGG-19 in a moment, where `create`
    would draw 143,667,240 random numbers. It cannot be called. The arguments and errors
    are those of `create`.

    Example:
        >>> outline("vgg16").count_params()
        138357544
    """
    with without_values():
        return create(name, input_shape, num_classes, **options)


def list(
    task: str | None = None,
    year: int | Container[int] | None = None,
    at_most: int | None = None,
) -> tuple[str, ...]:
    """Returns the names of the catalogue that pass every filter, in teaching order.

    Args:
        task: such as "classification".
        year: of the publication, or a container of years such as `range(2012, 2015)`.
        at_most: parameters.

    Raises:
        ValueError: if no entry has the task.

    Example:
        >>> list(year=1998)
        ('lenet5_original', 'lenet5')
    """
    tasks = {entry.task: None for entry in ARCHITECTURES.values()}
    if task is not None and task not in tasks:
        raise ValueError(f"Expected task in {tuple(tasks)}. Received: task={task!r}")
    years = {year} if isinstance(year, int) else year
    return tuple(
        name
        for name, entry in ARCHITECTURES.items()
        if (task is None or entry.task == task)
        and (years is None or entry.year in years)
        and (at_most is None or entry.parameters <= at_most)
    )


def _check_channels_last(entry: Architecture, shape: tuple[int | None, ...]) -> None:
    if keras.config.image_data_format() != "channels_last":
        raise ValueError(
            "Expected the Keras setting image_data_format to be 'channels_last'. "
            f"Received: {keras.config.image_data_format()!r}; call "
            "keras.config.set_image_data_format('channels_last')"
        )
    if len(shape) != len(entry.input_shape):
        raise ValueError(
            f"Expected an input_shape like {entry.input_shape} for {entry.name!r}, "
            f"without the batch. Received: input_shape={shape}"
        )
    sizes = [size for size in shape if size is not None]
    if not all(size >= 1 for size in sizes):
        raise ValueError(f"Expected sizes >= 1. Received: input_shape={shape}")
    if len(sizes) == len(shape) >= 3 and shape[0] in (1, 3) and min(sizes[1:]) > 4:
        raise ValueError(
            f"Expected channels last, as in {(*shape[1:], shape[0])}. "
            f"Received: input_shape={shape}, which looks like channels first"
        )
