"""Residual nets: for ImageNet, for CIFAR, and the plain nets they are compared with.

He, Zhang, Ren and Sun 2016, Deep residual learning for image recognition, CVPR,
arXiv:1512.03385; the same authors 2016, Identity mappings in deep residual networks,
ECCV, arXiv:1603.05027 (version 2).
"""

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from typing import Any

import keras
from keras import layers, ops

from cnncourse.architectures.architecture import Architecture
from cnncourse.architectures.batch_normalized import (
    batch_normalization,
    bn_relu_conv,
    conv_bn,
    conv_bn_relu,
)
from cnncourse.architectures.blocks import conv

VERSIONS = ("1", "1.5", "2")
SHORTCUTS = ("A", "B", "none")


@keras.saving.register_keras_serializable(package="cnncourse")
class ZeroMaps(layers.Layer):
    """Appends maps of zeros until there are as many as `filters`.

    Option A of the paper lets a shortcut reach more maps in this way, without weights.

    Args:
        filters: maps of the output, at least as many as the input has.
        **options: of `keras.layers.Layer`.

    Source: He et al., arXiv:1512.03385, section 3.3.
    """

    def __init__(self, filters: int, **options: Any) -> None:
        super().__init__(**options)
        self.filters = filters

    def build(self, input_shape: tuple[int | None, ...]) -> None:
        """Checks that the input has no more maps than the output."""
        if (input_shape[-1] or 0) > self.filters:
            raise ValueError(
                f"Expected at most {self.filters} maps. "
                f"Received: input_shape={input_shape}"
            )

    def call(self, inputs: Any) -> Any:
        """`(B, H, W, C) -> (B, H, W, filters)`."""
        missing = self.filters - inputs.shape[-1]
        return ops.pad(inputs, ((0, 0), (0, 0), (0, 0), (0, missing)))

    def compute_output_shape(
        self, input_shape: tuple[int | None, ...]
    ) -> tuple[int | None, ...]:
        """The shape of the output."""
        return (*input_shape[:-1], self.filters)

    def get_config(self) -> dict[str, Any]:
        """What `from_config` needs."""
        return {**super().get_config(), "filters": self.filters}


def resnet(
    input_shape: tuple[int, ...],
    num_classes: int,
    blocks: tuple[int, ...] = (3, 4, 6, 3),
    bottleneck: bool = True,
    version: str = "1.5",
    width: int = 64,
) -> keras.Model:
    """A residual net for ImageNet.

    Args:
        input_shape: `(H, W, C)`, from about 32 x 32.
        num_classes: classes.
        blocks: how many there are in each stage; with bottlenecks (3, 4, 6, 3) is
            ResNet-50, without ResNet-34.
        bottleneck: 1x1, 3x3 and 1x1 kernels in a block, or twice 3x3.
        version: "1" reduces in the first 1x1 convolution of a stage, as the paper and
            keras.applications do; "1.5" in its 3x3, as torchvision and lecture 2 do;
            "2" normalises and activates before each convolution, and reduces as "1.5".
            Without bottlenecks "1" and "1.5" are the same net.
        width: filters of the first stage; each further one doubles them.

    Raises:
        ValueError: if there is no such version, or a stage without a block.

    Source: table 1 and section 4.1; version 2: arXiv:1603.05027, figure 1b and the
        appendix.
    """
    if version not in VERSIONS:
        raise ValueError(
            f"Expected version in {', '.join(VERSIONS)}. Received: version={version!r}"
        )
    if not blocks or min(blocks) < 1:
        raise ValueError(
            f"Expected at least one block in each stage. Received: blocks={blocks}"
        )
    preactivated = version == "2"
    inputs = keras.Input(input_shape, name="image")
    x = conv_bn_relu(inputs, width, 7, "stage1", strides=2)
    x = layers.ZeroPadding2D(1, name="stage1_pool_pad")(x)
    x = layers.MaxPooling2D(3, 2, name="stage1_pool")(x)
    blocks_of_kind: dict[tuple[bool, bool], Callable[..., keras.KerasTensor]] = {
        (False, False): basic,
        (False, True): preactivated_basic,
        (True, False): partial(bottleneck_block, reduce_first=version == "1"),
        (True, True): preactivated_bottleneck,
    }
    residual = blocks_of_kind[bottleneck, preactivated]
    for stage, count in enumerate(blocks, start=2):
        for number in range(1, count + 1):
            filters = width * 2 ** (stage - 2)
            strides = 2 if number == 1 and stage > 2 else 1
            x = residual(x, filters, strides, f"stage{stage}_block{number}")
    if preactivated:
        x = batch_normalization(x, "last_bn")
        x = layers.ReLU(name="last_relu")(x)
    return _classified(inputs, x, num_classes, "resnet")


def basic(
    x: keras.KerasTensor, filters: int, strides: int, name: str, shortcut: str = "B"
) -> keras.KerasTensor:
    """Two 3x3 convolutions and a shortcut: `(B, H, W, C) -> (B, H', W', filters)`."""
    other = _shortcut(x, filters, strides, name, shortcut)
    x = conv_bn_relu(x, filters, 3, f"{name}_1", strides=strides)
    x = conv_bn(x, filters, 3, f"{name}_2")
    if other is not None:
        x = layers.Add(name=f"{name}_add")([other, x])
    return layers.ReLU(name=f"{name}_relu")(x)


def bottleneck_block(
    x: keras.KerasTensor,
    filters: int,
    strides: int,
    name: str,
    reduce_first: bool = False,
) -> keras.KerasTensor:
    """1x1, 3x3, 1x1 and a shortcut: `(B, H, W, C) -> (B, H', W', 4 filters)`."""
    first, second = (strides, 1) if reduce_first else (1, strides)
    other = _shortcut(x, 4 * filters, strides, name, "B")
    x = conv_bn_relu(x, filters, 1, f"{name}_1", strides=first)
    x = conv_bn_relu(x, filters, 3, f"{name}_2", strides=second)
    x = conv_bn(x, 4 * filters, 1, f"{name}_3")
    x = layers.Add(name=f"{name}_add")([other, x])
    return layers.ReLU(name=f"{name}_relu")(x)


def preactivated_basic(
    x: keras.KerasTensor, filters: int, strides: int, name: str
) -> keras.KerasTensor:
    """As `basic`, each convolution after its normalisation and ReLU."""
    other, x = _preactivated(x, filters, strides, name)
    x = conv(x, filters, 3, f"{name}_1_conv", strides=strides, use_bias=False)
    x = bn_relu_conv(x, filters, 3, f"{name}_2")
    return layers.Add(name=f"{name}_add")([other, x])


def preactivated_bottleneck(
    x: keras.KerasTensor, filters: int, strides: int, name: str
) -> keras.KerasTensor:
    """As `bottleneck_block`, each convolution after its normalisation and ReLU."""
    other, x = _preactivated(x, 4 * filters, strides, name)
    x = conv(x, filters, 1, f"{name}_1_conv", use_bias=False)
    x = bn_relu_conv(x, filters, 3, f"{name}_2", strides=strides)
    x = bn_relu_conv(x, 4 * filters, 1, f"{name}_3")
    return layers.Add(name=f"{name}_add")([other, x])


def _preactivated(
    x: keras.KerasTensor, filters: int, strides: int, name: str
) -> tuple[keras.KerasTensor, keras.KerasTensor]:
    """The shortcut, and what the first convolution gets.

    The first block follows a ReLU of its own, so it is not activated again; where the
    size changes both paths get the activated maps. Source: arXiv:1603.05027, appendix.
    """
    activated = x
    if not name.startswith("stage2_block1"):
        activated = batch_normalization(x, f"{name}_1_bn")
        activated = layers.ReLU(name=f"{name}_1_relu")(activated)
    if strides == 1 and x.shape[-1] == filters:
        return x, activated
    label = f"{name}_shortcut_conv"
    options: dict[str, Any] = {"strides": strides, "use_bias": False}
    return conv(activated, filters, 1, label, **options), activated


def _shortcut(
    x: keras.KerasTensor, filters: int, strides: int, name: str, kind: str
) -> keras.KerasTensor | None:
    """The identity, where shapes agree; otherwise what option `kind` makes of it."""
    if kind == "none":
        return None
    if strides == 1 and x.shape[-1] == filters:
        return x
    if kind == "B":
        return conv_bn(x, filters, 1, f"{name}_shortcut", strides=strides)
    x = layers.MaxPooling2D(1, strides, name=f"{name}_shortcut_subsample")(x)
    return ZeroMaps(filters, name=f"{name}_shortcut_zeros")(x)


def cifar_resnet(
    input_shape: tuple[int, ...],
    num_classes: int,
    depth: int = 20,
    shortcut: str = "A",
    width: int = 16,
) -> keras.Model:
    """A residual net for CIFAR-10: three stages of 16, 32 and 64 filters.

    Args:
        input_shape: `(H, W, C)`.
        num_classes: classes.
        depth: 6 n + 2 for n blocks of two convolutions in each stage.
        shortcut: where shapes change, "A" subsamples and appends maps of zeros, "B"
            projects by a 1x1 convolution; "none" gives the plain net, without any
            shortcut.
        width: filters of the first stage.

    Raises:
        ValueError: if the depth is not of that form, or there is no such shortcut.

    Keras walks through the graph of a net recursively. For depths of several hundred
    Python's recursion limit is raised while the net is built; raise it with
    `sys.setrecursionlimit` before you load such a net from a file.

    Source: section 4.2; options A and B: section 3.3.
    """
    if shortcut not in SHORTCUTS:
        raise ValueError(
            f"Expected shortcut in {', '.join(SHORTCUTS)}. "
            f"Received: shortcut={shortcut!r}"
        )
    count, rest = divmod(depth - 2, 6)
    if count < 1 or rest:
        raise ValueError(
            "Expected depth = 6 n + 2 with n >= 1, such as 20, 32, 44, 56 or 110. "
            f"Received: depth={depth}"
        )
    inputs = keras.Input(input_shape, name="image")
    x = conv_bn_relu(inputs, width, 3, "stage1")
    for stage in (2, 3, 4):
        for number in range(1, count + 1):
            filters = width * 2 ** (stage - 2)
            strides = 2 if number == 1 and stage > 2 else 1
            x = basic(x, filters, strides, f"stage{stage}_block{number}", shortcut)
    with recursion_limit(1000 + 4 * depth):  # at most seven layers for two of depth
        return _classified(inputs, x, num_classes, f"cifar_resnet{depth}")


@contextmanager
def recursion_limit(limit: int) -> Iterator[None]:
    """Raises Python's recursion limit to at least `limit` inside a with-statement."""
    before = sys.getrecursionlimit()
    sys.setrecursionlimit(max(before, limit))
    try:
        yield
    finally:
        sys.setrecursionlimit(before)


def _classified(
    inputs: keras.KerasTensor, x: keras.KerasTensor, num_classes: int, name: str
) -> keras.Model:
    x = layers.GlobalAveragePooling2D(name="average")(x)
    logits = layers.Dense(num_classes, name="logits")(x)
    return keras.Model(inputs, logits, name=name)


RESIDUAL = "He et al., Deep residual learning for image recognition, CVPR 2016"
IDENTITY = "He et al., Identity mappings in deep residual networks, ECCV 2016"
BLOCKS = {  # depth: blocks in each stage, whether they are bottlenecks
    18: ((2, 2, 2, 2), False),
    34: ((3, 4, 6, 3), False),
    50: ((3, 4, 6, 3), True),
    101: ((3, 4, 23, 3), True),
    152: ((3, 8, 36, 3), True),
}
IMAGENET = (  # depth, version, parameters, multiply-accumulates
    (18, "1.5", 11_689_512, 1_814_073_344),
    (34, "1.5", 21_797_672, 3_663_761_408),
    (50, "1.5", 25_557_032, 4_089_184_256),
    (101, "1.5", 44_549_160, 7_801_405_440),
    (152, "1.5", 60_192_808, 11_513_626_624),
    (50, "1", 25_557_032, 3_857_973_248),
    (101, "1", 44_549_160, 7_570_194_432),
    (152, "1", 60_192_808, 11_282_415_616),
    (18, "2", 11_687_720, 1_814_073_344),
    (34, "2", 21_795_880, 3_663_761_408),
    (50, "2", 25_549_352, 4_089_184_256),
    (101, "2", 44_541_480, 7_801_405_440),
    (152, "2", 60_185_128, 11_513_626_624),
)
SUFFIXES = {"1.5": "", "1": "_v1", "2": "_v2", "A": "", "B": "_b"}
CIFAR = (  # depth, shortcut, parameters, multiply-accumulates
    (20, "A", 269_722, 40_551_040),
    (32, "A", 464_154, 68_862_592),
    (44, "A", 658_586, 97_174_144),
    (56, "A", 853_018, 125_485_696),
    (110, "A", 1_727_962, 252_887_680),
    (1202, "A", 19_421_274, 2_829_238_912),
    (20, "B", 272_474, 40_813_184),
    (32, "B", 466_906, 69_124_736),
    (44, "B", 661_338, 97_436_288),
    (56, "B", 855_770, 125_747_840),
    (110, "B", 1_730_714, 253_149_824),
    (20, "none", 269_722, 40_551_040),
    (32, "none", 464_154, 68_862_592),
    (44, "none", 658_586, 97_174_144),
    (56, "none", 853_018, 125_485_696),
    (110, "none", 1_727_962, 252_887_680),
)


def _imagenet_entry(
    depth: int, version: str, parameters: int, macs: int
) -> Architecture:
    blocks, bottleneck = BLOCKS[depth]
    return Architecture(
        f"resnet{depth}{SUFFIXES[version]}",
        resnet,
        2016 if version == "2" else 2015,
        IDENTITY if version == "2" else RESIDUAL,
        (224, 224, 3),
        1000,
        parameters,
        macs,
        options={"blocks": blocks, "bottleneck": bottleneck, "version": version},
        reduced={
            "input_shape": (32, 32, 3),
            "num_classes": 3,
            "blocks": (1, 2),
            "width": 8,
        },
    )


def _cifar_entry(depth: int, shortcut: str, parameters: int, macs: int) -> Architecture:
    kind = "plain" if shortcut == "none" else "resnet"
    return Architecture(
        f"cifar_{kind}{depth}{SUFFIXES.get(shortcut, '')}",
        cifar_resnet,
        2015,
        RESIDUAL,
        (32, 32, 3),
        10,
        parameters,
        macs,
        options={"depth": depth, "shortcut": shortcut},
        reduced={
            "input_shape": (16, 16, 3),
            "num_classes": 3,
            "depth": 8,
            "width": 8,
        },
    )


def _entries(
    entry: Callable[..., Architecture], rows: tuple[tuple[Any, ...], ...]
) -> tuple[Architecture, ...]:
    return tuple(entry(*row) for row in rows)


ENTRIES = (*_entries(_imagenet_entry, IMAGENET), *_entries(_cifar_entry, CIFAR))
