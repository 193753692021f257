"""Optical flow from two pictures.

Dosovitskiy et al. 2015, FlowNet: learning optical flow with convolutional networks,
ICCV, arXiv:1504.06852.
"""

from collections.abc import Callable

import keras
from keras import layers

from cnncourse.architectures.architecture import Architecture
from cnncourse.architectures.layers.correlation import Correlation

# name, kernel size, strides, filters in units of the width
CONVOLUTIONS = (
    ("conv1", 7, 2, 1),
    ("conv2", 5, 2, 2),
    ("conv3", 5, 2, 4),
    ("conv3_1", 3, 1, 4),
    ("conv4", 3, 2, 8),
    ("conv4_1", 3, 1, 8),
    ("conv5", 3, 2, 8),
    ("conv5_1", 3, 1, 8),
    ("conv6", 3, 2, 16),
)
REFINEMENT = (("conv5_1", 8), ("conv4_1", 4), ("conv3_1", 2), ("conv2", 1))


def flownet(
    input_shape: tuple[int, ...],
    num_classes: int | None = None,
    correlated: bool = False,
    width: int = 64,
    max_displacement: int = 20,
    auxiliary_heads: bool = False,
) -> keras.Model:
    """FlowNetSimple or FlowNetCorr: from two pictures to the movement of each pixel.

    Args:
        input_shape: `(H, W, C)` of the two pictures one after the other in the
            channels; height and width are multiples of 64, C is even.
        num_classes: not used.
        correlated: False for FlowNetSimple, which takes the two as one picture; True
            for FlowNetCorr, where each goes through the same three convolutions and
            the results are compared by a `Correlation` layer.
        width: filters of the first convolution; the others have multiples of it.
        max_displacement: of the correlation, in its pixels, which are 8 of the input's.
        auxiliary_heads: the outputs are then a list, of the flow and of the coarser
            ones that it is refined from, from fine to coarse; the paper's training adds
            the losses of all.

    Returns:
        A model that gives flow `(B, H, W, 2)`: pixels down and across. The net's own
        flow has a quarter of the height and width and is enlarged bilinearly.

    Raises:
        ValueError: if a size does not fit.

    Kernels of the refinement are those of the authors' published model.

    Source: section 3, figures 2 and 3.
    """
    height, breadth, channels = input_shape
    if (height or 0) % 64 or (breadth or 0) % 64 or channels % 2:
        raise ValueError(
            "Expected height and width to be multiples of 64 and an even number of "
            f"channels, for two pictures. Received: input_shape={input_shape}"
        )
    inputs = keras.Input(input_shape, name="pictures")
    maps = (_correlated if correlated else _simple)(inputs, width, max_displacement)
    x = maps["conv6"]
    flow = layers.Conv2D(2, 3, padding="same", name="flow6")(x)
    flows: list[keras.KerasTensor] = []
    for level, (name, factor) in zip((5, 4, 3, 2), REFINEMENT, strict=True):
        x = _enlarge(x, factor * width, f"refine{level}")
        x = layers.LeakyReLU(0.1, name=f"refine{level}_relu")(x)
        larger = _enlarge(flow, 2, f"refine{level}_flow")
        x = layers.Concatenate(name=f"refine{level}_concat")([maps[name], x, larger])
        flows.insert(0, flow)
        flow = layers.Conv2D(2, 3, padding="same", name=f"flow{level}")(x)
    enlarge = layers.UpSampling2D(4, interpolation="bilinear", name="flow")
    outputs = [enlarge(flow), flow, *flows] if auxiliary_heads else enlarge(flow)
    name = "flownet_correlated" if correlated else "flownet_simple"
    return keras.Model(inputs, outputs, name=name)


def _simple(
    pictures: keras.KerasTensor, width: int, max_displacement: int
) -> dict[str, keras.KerasTensor]:
    maps, x = {}, pictures
    for row in CONVOLUTIONS:
        x = maps[row[0]] = _conv_relu(*row, width)(x)
    return maps


def _correlated(
    pictures: keras.KerasTensor, width: int, max_displacement: int
) -> dict[str, keras.KerasTensor]:
    channels = pictures.shape[-1] // 2
    pair = [
        pictures[..., :channels],
        pictures[..., channels:],
    ]
    maps = {}
    for row in CONVOLUTIONS[:3]:
        shared = _conv_relu(*row, width)
        pair = [shared(x) for x in pair]
        maps[row[0]] = pair[0]
    alike = Correlation(max_displacement, 2, name="correlation")(pair)
    alike = layers.LeakyReLU(0.1, name="correlation_relu")(alike)
    first = _conv_relu("redirect", 1, 1, 0.5, width)(pair[0])
    x = layers.Concatenate(name="correlation_concat")([first, alike])
    for row in CONVOLUTIONS[3:]:
        x = maps[row[0]] = _conv_relu(*row, width)(x)
    return maps


def _conv_relu(
    name: str, kernel_size: int, strides: int, factor: float, width: int
) -> Callable[[keras.KerasTensor], keras.KerasTensor]:
    """A convolution that several inputs can share, with zeros on each side alike."""
    pad = layers.ZeroPadding2D(kernel_size // 2, name=f"{name}_pad")
    convolve = layers.Conv2D(
        round(factor * width),
        kernel_size,
        strides,
        kernel_initializer="he_normal",
        name=f"{name}_conv",
    )
    relu = layers.LeakyReLU(0.1, name=f"{name}_relu")
    return lambda x: relu(convolve(pad(x) if kernel_size > 1 else x))


def _enlarge(x: keras.KerasTensor, filters: int, name: str) -> keras.KerasTensor:
    options = {"padding": "same", "name": f"{name}_enlarge"}
    return layers.Conv2DTranspose(filters, 4, 2, **options)(x)


FLOWNET = (
    "Dosovitskiy et al., FlowNet: learning optical flow with convolutional networks, "
    "ICCV 2015"
)

ENTRIES = tuple(
    Architecture(
        name, flownet, 2015, FLOWNET, (384, 512, 6), None, parameters, macs,
        task="optical flow", options={"correlated": correlated},
        reduced={"input_shape": (64, 64, 6), "width": 4, "max_displacement": 4},
    )
    for name, correlated, parameters, macs in (
        ("flownet_simple", False, 29_238_306, 15_334_798_080),
        ("flownet_correlated", True, 29_737_090, 22_275_846_912),
    )
)  # fmt: skip
