"""Self-attention on a grid, and a net of convolution and attention.

Vaswani et al. 2017, Attention is all you need, NIPS, arXiv:1706.03762. Dai et al. 2021,
CoAtNet: marrying convolution and attention for all data sizes, NeurIPS,
arXiv:2106.04803.
"""

from typing import Any

import keras
import numpy as np
from keras import layers, ops

from cnncourse.architectures.architecture import Architecture
from cnncourse.architectures.batch_normalized import batch_normalization, conv_bn
from cnncourse.architectures.blocks import conv

Shape = tuple[int | None, ...]


@keras.saving.register_keras_serializable(package="cnncourse")
class GridAttention(layers.Layer):
    """`softmax(Q K^T / sqrt(d) + bias) V` between all positions of a grid.

    Without the division the scores of vectors of length d have a variance that grows
    with d, and softmax saturates. Lecture 1 leaves it out.

    Args:
        num_heads: parts into which the channels are cut; each attends for itself, and d
            is the channels of one.
        relative_position: whether a trained bias is added that depends on the distance
            between two positions, down and across: CoAtNet, section 2.1, equation 3.
            The size of the grid is then fixed.
        **options: of `keras.layers.Layer`.

    Call arguments:
        inputs: queries, keys and values, each `(B, H, W, C)`.

    Returns:
        `(B, H, W, C)`.

    Raises:
        ValueError: if `num_heads` does not divide the channels.

    Source: Vaswani et al., section 3.2.
    """

    def __init__(
        self, num_heads: int = 1, relative_position: bool = False, **options: Any
    ) -> None:
        super().__init__(**options)
        if num_heads < 1:
            raise ValueError(f"Expected num_heads >= 1. Received: {num_heads}")
        self.num_heads = num_heads
        self.relative_position = relative_position

    def build(self, input_shape: tuple[Shape, ...]) -> None:
        """Makes the biases, one for each head and distance."""
        _, height, width, channels = input_shape[0]
        if channels is None or channels % self.num_heads:
            raise ValueError(
                f"Expected channels divisible by num_heads={self.num_heads}. "
                f"Received: input_shape={input_shape[0]}"
            )
        if not self.relative_position:
            return
        if height is None or width is None:
            raise ValueError(
                "Expected a grid of known size where relative_position=True. "
                f"Received: input_shape={input_shape[0]}"
            )
        self.bias = self.add_weight(
            shape=((2 * height - 1) * (2 * width - 1), self.num_heads),
            initializer="zeros",
            name="bias",
        )
        y, x = (axis.ravel() for axis in np.mgrid[:height, :width])
        down, across = y[:, None] - y, x[:, None] - x
        index = (down + height - 1) * (2 * width - 1) + across + width - 1
        self.index = index.astype("int32")

    def call(self, inputs: Any) -> Any:
        """Attends; see the class."""
        queries, keys, values = (self._split(x) for x in inputs)
        scores = ops.matmul(queries, ops.swapaxes(keys, 2, 3))
        scores = scores * queries.shape[-1] ** -0.5
        if self.relative_position:
            bias = ops.take(self.bias, self.index, axis=0)
            scores = scores + ops.transpose(bias, (2, 0, 1))
        attended = ops.matmul(ops.softmax(scores), values)
        return ops.reshape(ops.swapaxes(attended, 1, 2), ops.shape(inputs[0]))

    def _split(self, x: Any) -> Any:
        """`(B, H, W, C) -> (B, heads, H W, C / heads)`."""
        size = x.shape[-1] // self.num_heads
        x = ops.reshape(x, (ops.shape(x)[0], -1, self.num_heads, size))
        return ops.swapaxes(x, 1, 2)

    def compute_output_shape(self, input_shape: tuple[Shape, ...]) -> Shape:
        """The shape of the queries."""
        return tuple(input_shape[0])

    def count_macs(self, input_shape: tuple[Shape, ...], output_shape: Shape) -> int:
        """Multiply-accumulates of the two products of matrices."""
        height, width, channels = output_shape[1:]
        return 2 * ((height or 0) * (width or 0)) ** 2 * (channels or 0)

    def get_config(self) -> dict[str, Any]:
        """What `from_config` needs."""
        return {
            **super().get_config(),
            "num_heads": self.num_heads,
            "relative_position": self.relative_position,
        }


def self_attention(
    x: keras.KerasTensor,
    channels: int,
    num_heads: int,
    name: str,
    relative_position: bool = False,
) -> keras.KerasTensor:
    """Projects maps to queries, keys and values, attends and projects back.

    Args:
        x: maps `(B, H, W, C)`.
        channels: of queries, keys, values and output.
        num_heads: must divide `channels`.
        name: of the block.
        relative_position: as in `GridAttention`.

    Returns:
        Maps `(B, H, W, channels)`.
    """
    projected = [
        layers.Dense(channels, name=f"{name}_{role}")(x)
        for role in ("queries", "keys", "values")
    ]
    attend = GridAttention(num_heads, relative_position, name=f"{name}_attention")
    return layers.Dense(channels, name=f"{name}_project")(attend(projected))


def transformer_block(
    x: keras.KerasTensor,
    channels: int,
    name: str,
    strides: int = 1,
    head_size: int = 32,
) -> keras.KerasTensor:
    """Self-attention and then two dense layers; each is added to its input.

    Args:
        x: maps `(B, H, W, C)`.
        channels: of the output.
        name: of the block.
        strides: pools the input of the attention and of its shortcut.
        head_size: channels of a head.

    Source: CoAtNet, appendix A.1; attention with relative positions.
    """
    shortcut = x
    x = layers.LayerNormalization(epsilon=1e-5, name=f"{name}_norm1")(x)
    if strides > 1:
        x = layers.MaxPooling2D(strides, padding="same", name=f"{name}_pool")(x)
    shortcut = _pooled_shortcut(shortcut, channels, strides, name)
    x = self_attention(x, channels, channels // head_size, name, relative_position=True)
    shortcut = x = layers.Add(name=f"{name}_add1")([shortcut, x])
    x = layers.LayerNormalization(epsilon=1e-5, name=f"{name}_norm2")(x)
    x = layers.Dense(4 * channels, activation="gelu", name=f"{name}_expand")(x)
    x = layers.Dense(channels, name=f"{name}_reduce")(x)
    return layers.Add(name=f"{name}_add2")([shortcut, x])


def mbconv(
    x: keras.KerasTensor, channels: int, name: str, strides: int = 1
) -> keras.KerasTensor:
    """1x1 to four times the channels, depthwise 3x3, squeeze-excitation, 1x1 back.

    Source: Sandler et al. 2018, arXiv:1801.04381; Hu et al. 2018, arXiv:1709.01507;
        in this form CoAtNet, appendix A.1.
    """
    wide = 4 * channels
    shortcut = _pooled_shortcut(x, channels, strides, name)
    x = batch_normalization(x, f"{name}_bn")
    x = conv_bn(x, wide, 1, f"{name}_expand")
    x = layers.Activation("gelu", name=f"{name}_expand_gelu")(x)
    if strides > 1:
        x = layers.ZeroPadding2D(1, name=f"{name}_depthwise_pad")(x)
    x = layers.DepthwiseConv2D(
        3,
        strides,
        padding="valid" if strides > 1 else "same",
        use_bias=False,
        name=f"{name}_depthwise_conv",
    )(x)
    x = batch_normalization(x, f"{name}_depthwise_bn")
    x = layers.Activation("gelu", name=f"{name}_depthwise_gelu")(x)
    x = squeeze_excitation(x, channels // 4, f"{name}_excite")
    x = conv(x, channels, 1, f"{name}_project")
    return layers.Add(name=f"{name}_add")([shortcut, x])


def squeeze_excitation(
    x: keras.KerasTensor, units: int, name: str
) -> keras.KerasTensor:
    """Multiplies each map by a number in (0, 1) that the averages of all maps decide.

    Source: Hu et al. 2018, Squeeze-and-excitation networks, arXiv:1709.01507.
    """
    gate = layers.GlobalAveragePooling2D(keepdims=True, name=f"{name}_average")(x)
    gate = layers.Dense(units, activation="gelu", name=f"{name}_squeeze")(gate)
    gate = layers.Dense(x.shape[-1], activation="sigmoid", name=f"{name}_gate")(gate)
    return layers.Multiply(name=f"{name}_multiply")([x, gate])


def _pooled_shortcut(
    x: keras.KerasTensor, channels: int, strides: int, name: str
) -> keras.KerasTensor:
    if strides > 1:
        pool = layers.MaxPooling2D(
            strides, padding="same", name=f"{name}_shortcut_pool"
        )
        x = pool(x)
    if x.shape[-1] == channels:
        return x
    return layers.Dense(channels, name=f"{name}_shortcut")(x)


def coatnet(
    input_shape: tuple[int, ...],
    num_classes: int,
    blocks: tuple[int, ...] = (2, 2, 3, 5, 2),
    channels: tuple[int, ...] = (64, 96, 192, 384, 768),
    head_size: int = 32,
) -> keras.Model:
    """Convolutions where maps are large, attention where they are small.

    Args:
        input_shape: `(H, W, C)`, at least 64 x 64; the attention's biases belong to
            this size.
        num_classes: classes.
        blocks: in the stem, in two stages of convolutions and in two of attention; each
            of the five halves height and width.
        channels: of these; those of the attention are multiples of `head_size`.
        head_size: channels of an attention head.

    Raises:
        ValueError: if there are not five of each, or a head does not fit.

    Source: CoAtNet, table 3 (the defaults are CoAtNet-0) and appendix A.1.
    """
    if len(blocks) != 5 or len(channels) != 5 or min(blocks) < 1:
        raise ValueError(
            "Expected five numbers of blocks, each at least 1, and five of channels. "
            f"Received: blocks={blocks}, channels={channels}"
        )
    if any(number % head_size for number in channels[3:]):
        raise ValueError(
            f"Expected channels[3:] to be multiples of head_size={head_size}. "
            f"Received: channels={channels}"
        )
    inputs = x = keras.Input(input_shape, name="image")
    for number in range(1, blocks[0] + 1):
        name, strides = f"stage1_block{number}", 2 if number == 1 else 1
        x = conv_bn(x, channels[0], 3, name, strides=strides)
        x = layers.Activation("gelu", name=f"{name}_gelu")(x)
    for stage in (2, 3, 4, 5):
        for number in range(1, blocks[stage - 1] + 1):
            name, strides = f"stage{stage}_block{number}", 2 if number == 1 else 1
            if stage < 4:
                x = mbconv(x, channels[stage - 1], name, strides)
            else:
                x = transformer_block(x, channels[stage - 1], name, strides, head_size)
    x = layers.GlobalAveragePooling2D(name="average")(x)
    x = layers.LayerNormalization(epsilon=1e-5, name="last_norm")(x)
    logits = layers.Dense(num_classes, name="logits")(x)
    return keras.Model(inputs, logits, name="coatnet")


DAI = "Dai et al., CoAtNet: marrying convolution and attention, NeurIPS 2021"
SMALL = {
    "input_shape": (64, 64, 3),
    "num_classes": 3,
    "blocks": (1, 1, 1, 1, 1),
    "channels": (8, 8, 16, 16, 16),
    "head_size": 8,
}

ENTRIES = (
    Architecture(
        "coatnet_small", coatnet, 2021, f"{DAI}; smaller", (64, 64, 3), 10,
        1_074_336, 45_699_968,
        options={"blocks": (2, 2, 2, 2, 1), "channels": (32, 48, 96, 128, 192)},
        reduced=SMALL,
    ),
    Architecture(
        "coatnet_0", coatnet, 2021, DAI, (224, 224, 3), 1000,
        24_446_356, 4_545_917_952, reduced=SMALL,
    ),
)  # fmt: skip
