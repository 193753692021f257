import re

import keras
import numpy as np
import pytest
import tensorflow as tf

from cnncourse.architectures.attention import GridAttention, self_attention
from cnncourse.architectures.catalogue import create

ONLY_TENSORFLOW = pytest.mark.skipif(
    keras.backend.backend() != "tensorflow",
    reason="TensorFlow's compiler and gradients",
)

RNG = np.random.default_rng(0)


def attended(
    queries: np.ndarray, keys: np.ndarray, values: np.ndarray, heads: int
) -> np.ndarray:
    """Attention by its definition, one head after the other."""
    batch, height, width, channels = queries.shape
    parts = []
    for head in np.split(np.arange(channels), heads):
        q, k, v = (
            x[..., head].reshape(batch, height * width, -1).astype(float)
            for x in (queries, keys, values)
        )
        weights = np.exp(q @ k.transpose(0, 2, 1) / np.sqrt(len(head)))
        weights /= weights.sum(-1, keepdims=True)
        parts.append((weights @ v).reshape(batch, height, width, -1))
    return np.concatenate(parts, -1)


@pytest.mark.parametrize("heads", [1, 2, 6])
def test_it_is_softmax_of_scaled_products(heads: int) -> None:
    triple = RNG.normal(size=(3, 2, 3, 4, 6)).astype("float32")
    found = GridAttention(heads)(list(triple))
    np.testing.assert_allclose(found, attended(*triple, heads), rtol=1e-5, atol=1e-6)


def test_it_equals_the_attention_of_keras() -> None:
    block_input = keras.Input((2, 3, 8))
    model = keras.Model(block_input, self_attention(block_input, 8, 2, "block"))
    theirs = keras.layers.MultiHeadAttention(2, 4)
    theirs.build((1, 6, 8), (1, 6, 8))
    ours = [
        weight
        for role in ("queries", "keys", "values", "project")
        for weight in model.get_layer(f"block_{role}").get_weights()
    ]
    pairs = zip(ours, theirs.weights, strict=True)
    theirs.set_weights([weight.reshape(other.shape) for weight, other in pairs])
    images = RNG.normal(size=(1, 2, 3, 8)).astype("float32")
    flat = images.reshape(1, 6, 8)
    expected = np.reshape(theirs(flat, flat), (1, 2, 3, 8))
    np.testing.assert_allclose(model(images), expected, rtol=1e-4, atol=1e-5)


def test_scores_do_not_grow_with_the_channels() -> None:
    # without the division by sqrt(d) softmax would give nearly all to one position
    queries, keys = RNG.normal(size=(2, 1, 4, 4, 1024)).astype("float32")
    positions = np.eye(16, 1024, dtype="float32").reshape(1, 4, 4, 1024)
    weights = np.asarray(GridAttention()([queries, keys, positions]))
    assert weights.max() < 0.6


def test_the_bias_belongs_to_the_distance() -> None:
    layer = GridAttention(1, relative_position=True)
    zeros = np.zeros((1, 2, 3, 6), "float32")
    positions = np.eye(6, dtype="float32").reshape(1, 2, 3, 6)
    layer.build([zeros.shape] * 3)
    bias = RNG.normal(size=layer.bias.shape)
    layer.bias.assign(bias)
    weights = np.reshape(layer([zeros, zeros, positions]), (2, 3, 2, 3))
    table = bias.reshape(3, 5)
    for y, x in np.ndindex(2, 3):
        scores = np.array(
            [[table[y - v + 1, x - u + 2] for u in range(3)] for v in range(2)]
        )
        expected = np.exp(scores) / np.exp(scores).sum()
        np.testing.assert_allclose(weights[y, x], expected, rtol=1e-5)


def test_without_positions_it_forgets_the_order_and_with_them_it_does_not() -> None:
    triple = RNG.normal(size=(3, 1, 2, 4, 4)).astype("float32")
    turned = triple[:, :, ::-1, ::-1]
    plain, relative = GridAttention(2), GridAttention(2, relative_position=True)
    np.testing.assert_allclose(
        np.asarray(plain(list(turned)))[:, ::-1, ::-1], plain(list(triple)), rtol=1e-4
    )
    relative.build([triple[0].shape] * 3)
    relative.bias.assign(RNG.normal(size=relative.bias.shape))
    apart = np.asarray(relative(list(turned)))[:, ::-1, ::-1] - relative(list(triple))
    assert np.abs(apart).max() > 0.01


@ONLY_TENSORFLOW
def test_compiled_and_in_half_precision_it_is_nearly_the_same() -> None:
    triple = list(RNG.normal(size=(3, 1, 2, 3, 4)).astype("float32"))
    layer = GridAttention(2, relative_position=True, name="one")
    expected = np.asarray(layer(triple))
    compiled = tf.function(layer, jit_compile=True)(triple)
    np.testing.assert_allclose(compiled, expected, rtol=1e-5, atol=1e-6)
    half = GridAttention(2, relative_position=True, dtype="mixed_float16")(triple)
    assert half.dtype == "float16"
    np.testing.assert_allclose(half, expected, atol=0.01)


@ONLY_TENSORFLOW
def test_gradients_equal_finite_differences() -> None:
    layer = GridAttention(2, relative_position=True, dtype="float64")
    triple = tf.constant(RNG.normal(size=(3, 1, 2, 2, 4)))
    weights = RNG.normal(size=(1, 2, 2, 4))
    layer(list(triple))

    def value(x: tf.Tensor) -> tf.Tensor:
        return tf.reduce_sum(layer([x[0], x[1], x[2]]) * weights)

    theoretical, numerical = tf.test.compute_gradient(value, [triple])
    np.testing.assert_allclose(theoretical[0], numerical[0], atol=1e-6)


def test_it_can_be_saved() -> None:
    layer = GridAttention(3, relative_position=True)
    again = GridAttention.from_config(layer.get_config())
    assert (again.num_heads, again.relative_position) == (3, True)


@pytest.mark.parametrize(
    ("options", "shape", "text"),
    [
        ({"num_heads": 4}, (1, 2, 2, 6), "divisible by num_heads=4"),
        ({"relative_position": True}, (1, None, 2, 6), "grid of known size"),
    ],
)
def test_what_does_not_fit_is_refused(options: dict, shape: tuple, text: str) -> None:
    with pytest.raises(ValueError, match=text):
        GridAttention(**options).build([shape] * 3)


def test_no_heads_are_refused() -> None:
    with pytest.raises(ValueError, match=r"num_heads >= 1\. Received: 0"):
        GridAttention(0)


def test_coatnet_halves_the_maps_five_times() -> None:
    model = create("coatnet_small")
    sizes = [
        model.get_layer(name).output.shape[1:]
        for name in ("stage1_block2_gelu", "stage2_block2_add", "stage3_block2_add",
                     "stage4_block2_add2", "stage5_block1_add2")
    ]  # fmt: skip
    assert sizes == [
        (32, 32, 32), (16, 16, 48), (8, 8, 96), (4, 4, 128), (2, 2, 192)
    ]  # fmt: skip


def test_coatnet_0_has_about_the_parameters_of_the_paper() -> None:
    from cnncourse.architectures.catalogue import ARCHITECTURES

    assert ARCHITECTURES["coatnet_0"].parameters == pytest.approx(25e6, rel=0.03)


@pytest.mark.parametrize(
    ("options", "text"),
    [
        ({"blocks": (1, 1)}, "five numbers of blocks, each at least 1"),
        ({"head_size": 7}, "multiples of head_size=7. Received: channels="),
    ],
)
def test_coatnet_refuses_what_does_not_fit(options: dict, text: str) -> None:
    with pytest.raises(ValueError, match=re.escape(text)):
        create("coatnet_small", **options)
