"""A value for each pixel: segmentation and super-resolution.

Long, Shelhamer and Darrell 2015, Fully convolutional networks for semantic
segmentation, CVPR, arXiv:1411.4038. Ronneberger, Fischer and Brox 2015, U-Net, MICCAI,
arXiv:1505.04597. Dong, Loy, He and Tang 2014, Learning a deep convolutional network for
image super-resolution, ECCV, arXiv:1501.00092.
"""

from typing import Any

import keras
import numpy as np
from keras import layers

from cnncourse.architectures.architecture import Architecture
from cnncourse.architectures.blocks import conv_relu
from cnncourse.architectures.vgg import CONFIGURATIONS, FILTERS

FCN_STRIDES = (32, 16, 8)


@keras.saving.register_keras_serializable(package="cnncourse")
def bilinear_kernel(shape: tuple[int, ...], dtype: Any = None) -> Any:
    """A kernel of `Conv2DTranspose` that enlarges each map by bilinear interpolation.

    Args:
        shape: `(2 s, 2 s, C, C)` for strides of s.
        dtype: of the kernel.

    Source: Long et al., section 3.3.
    """
    height, width, filters, channels = shape
    line = [1 - abs((i + 0.5) / (height / 2) - 1) for i in range(height)]
    column = [1 - abs((i + 0.5) / (width / 2) - 1) for i in range(width)]
    kernel = np.multiply.outer(np.outer(line, column), np.eye(filters, channels))
    return keras.ops.convert_to_tensor(kernel, dtype=dtype or keras.config.floatx())


def fcn(
    input_shape: tuple[int, ...],
    num_classes: int,
    stride: int = 8,
    width: float = 1.0,
    units: int = 4096,
    dropout: float = 0.5,
) -> keras.Model:
    """VGG-16 whose dense layers slide over the picture, and scores that are enlarged.

    Args:
        input_shape: `(H, W, C)`, height and width multiples of 32.
        num_classes: classes, the background among them.
        stride: of the finest scores: 32 takes those of the last layer, 16 adds those of
            the fourth pooling, 8 those of the third too.
        width: a factor for the numbers of filters, for small experiments.
        units: filters of the layers that were dense.
        dropout: rate after each of these.

    Returns:
        A model that gives logits `(B, H, W, num_classes)`.

    Raises:
        ValueError: if the size or the stride is none of these.

    Maps are padded so that they keep their size, where the paper pads the picture by
    100 pixels and crops.

    Source: section 4.2, figure 3.
    """
    if stride not in FCN_STRIDES:
        raise ValueError(f"Expected stride in {FCN_STRIDES}. Received: stride={stride}")
    if any(size is not None and size % 32 for size in input_shape[:2]):
        raise ValueError(
            "Expected height and width to be multiples of 32. "
            f"Received: input_shape={input_shape}"
        )
    inputs = x = keras.Input(input_shape, name="image")
    pooled = {}
    stages = zip(FILTERS, CONFIGURATIONS["D"], strict=True)
    for stage, (filters, kernel_sizes) in enumerate(stages, start=1):
        for number, kernel_size in enumerate(kernel_sizes, start=1):
            name = f"stage{stage}_block{number}"
            x = conv_relu(x, round(filters * width), kernel_size, name)
        x = pooled[stage] = layers.MaxPooling2D(2, name=f"stage{stage}_pool")(x)
    for name, kernel_size in (("stage6", 7), ("stage7", 1)):
        x = conv_relu(x, units, kernel_size, name)
        x = layers.Dropout(dropout, name=f"{name}_dropout")(x)
    x = layers.Conv2D(num_classes, 1, name="scores")(x)
    for finer, stage in ((16, 4), (8, 3)):
        if stride <= finer:
            x = _enlarge(x, 2, f"stage{stage}_enlarge")
            scores = layers.Conv2D(num_classes, 1, name=f"stage{stage}_scores")
            x = layers.Add(name=f"stage{stage}_add")([x, scores(pooled[stage])])
    logits = _enlarge(x, stride, "logits")
    return keras.Model(inputs, logits, name=f"fcn{stride}")


def _enlarge(x: keras.KerasTensor, factor: int, name: str) -> keras.KerasTensor:
    return layers.Conv2DTranspose(
        x.shape[-1],
        2 * factor,
        factor,
        padding="same",
        use_bias=False,
        kernel_initializer=bilinear_kernel,
        name=name,
    )(x)


def unet(
    input_shape: tuple[int, ...],
    num_classes: int,
    depth: int = 4,
    filters: int = 64,
    padding: str = "valid",
    dropout: float = 0.5,
) -> keras.Model:
    """U-Net: a path down, a path up, and maps that cross from one to the other.

    Args:
        input_shape: `(H, W, C)`; each pooling must find an even height and width.
        num_classes: classes of a pixel.
        depth: poolings.
        filters: of the first stage; each further one doubles them.
        padding: "valid", as in the paper: maps shrink, crossing maps are cropped, and
            the output is smaller than the input; or "same", which keeps the size.
        dropout: rate at the end of the path down.

    Returns:
        A model that gives logits `(B, H', W', num_classes)`.

    Raises:
        ValueError: if there is no such padding, or a size does not fit.

    Source: section 2, figure 1.
    """
    if padding not in ("valid", "same"):
        raise ValueError(
            f"Expected padding 'valid' or 'same'. Received: padding={padding!r}"
        )
    inputs = x = keras.Input(input_shape, name="image")
    crossing = []
    for stage in range(1, depth + 2):
        if stage > 1:
            _check_even(x, input_shape)
            x = layers.MaxPooling2D(2, name=f"down{stage - 1}_pool")(x)
        x = _two_convolutions(x, filters * 2 ** (stage - 1), padding, f"down{stage}")
        crossing.append(x)
    x = layers.Dropout(dropout, name="dropout")(crossing.pop())
    for stage in range(depth, 0, -1):
        maps = filters * 2 ** (stage - 1)
        enlarge = layers.Conv2DTranspose(maps, 2, 2, name=f"up{stage}_enlarge")
        x = enlarge(x)
        cropped = _crop(crossing.pop(), x, f"up{stage}_crop")
        x = layers.Concatenate(name=f"up{stage}_concat")([cropped, x])
        x = _two_convolutions(x, maps, padding, f"up{stage}")
    logits = layers.Conv2D(num_classes, 1, name="logits")(x)
    return keras.Model(inputs, logits, name="unet")


def _two_convolutions(
    x: keras.KerasTensor, filters: int, padding: str, name: str
) -> keras.KerasTensor:
    for number in (1, 2):
        zeros = 0 if padding == "valid" else None
        label = f"{name}_block{number}"
        options: dict[str, Any] = {"kernel_initializer": "he_normal"}
        x = conv_relu(x, filters, 3, label, padding=zeros, **options)
    return x


def _check_even(x: keras.KerasTensor, input_shape: tuple[int, ...]) -> None:
    if any(size is not None and size % 2 for size in x.shape[1:3]):
        raise ValueError(
            "Expected a size that is even before each pooling, such as 572 with "
            "padding='valid' or a multiple of 2 ** depth with 'same'. Received: "
            f"input_shape={input_shape}, which becomes {x.shape[1:3]}"
        )


def _crop(
    x: keras.KerasTensor, like: keras.KerasTensor, name: str
) -> keras.KerasTensor:
    if None in x.shape[1:3] or x.shape[1:3] == like.shape[1:3]:
        return x
    margins = [x.shape[i] - like.shape[i] for i in (1, 2)]
    sides = tuple((margin // 2, margin - margin // 2) for margin in margins)
    return layers.Cropping2D(sides, name=name)(x)


def srcnn(
    input_shape: tuple[int, ...],
    num_classes: int | None = None,
    filters: tuple[int, int] = (64, 32),
    kernel_sizes: tuple[int, int, int] = (9, 1, 5),
    padding: str = "valid",
) -> keras.Model:
    """SRCNN: patches to features, features to finer ones, these to a sharper picture.

    Args:
        input_shape: `(H, W, C)` of a picture that was enlarged by bicubic
            interpolation; the paper takes the luminance only, so C = 1.
        num_classes: not used.
        filters: of the first two convolutions.
        kernel_sizes: of the three.
        padding: "valid" as in the paper's training, which loses 12 pixels of height and
            width, or "same".

    Returns:
        A model that gives a picture `(B, H', W', C)`, no logits.

    Source: section 3.1; sizes in section 4.
    """
    inputs = x = keras.Input(input_shape, name="image")
    names = ("patches", "mapping")
    for name, number, size in zip(names, filters, kernel_sizes[:2], strict=True):
        x = layers.Conv2D(number, size, padding=padding, name=f"{name}_conv")(x)
        x = layers.ReLU(name=f"{name}_relu")(x)
    last = layers.Conv2D(
        input_shape[-1], kernel_sizes[2], padding=padding, name="picture"
    )
    return keras.Model(inputs, last(x), name="srcnn")


LONG = "Long et al., Fully convolutional networks for semantic segmentation, CVPR 2015"
SMALL_FCN = {
    "input_shape": (32, 32, 3),
    "num_classes": 3,
    "width": 0.125,
    "units": 16,
    "dropout": 0.0,
}

ENTRIES = (
    *(
        Architecture(
            f"fcn{stride}", fcn, 2015, LONG, (224, 224, 3), 21, parameters, macs,
            task="segmentation", options={"stride": stride}, reduced=SMALL_FCN,
        )
        for stride, parameters, macs in (
            (32, 136_152_917, 21_296_701_440),
            (16, 134_815_994, 21_299_154_576),
            (8, 134_489_759, 21_304_752_336),
        )
    ),
    Architecture(
        "unet", unet, 2015,
        "Ronneberger et al., U-Net: convolutional networks for biomedical image "
        "segmentation, MICCAI 2015",
        (572, 572, 1), 2, 31_030_658, 150_428_424_448, task="segmentation",
        reduced={
            "input_shape": (44, 44, 1), "num_classes": 3, "depth": 2, "filters": 4,
            "dropout": 0.0,
        },
    ),
    Architecture(
        "srcnn", srcnn, 2014,
        "Dong et al., Learning a deep convolutional network for image "
        "super-resolution, ECCV 2014",
        (33, 33, 1), None, 8_129, 4_872_800, task="super-resolution",
        reduced={"input_shape": (17, 17, 1), "filters": (8, 4)},
    ),
)  # fmt: skip
