"""Convolutions and gradients against TensorFlow, loops and central differences."""

from dataclasses import dataclass
from typing import Any

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from cnncourse.ops import fft, im2col, shift_gemm, tiling
from cnncourse.ops.convolution import (
    conv,
    conv_bias_gradient,
    conv_input_gradient,
    conv_kernel_gradient,
)
from cnncourse.ops.dispatch import ALGORITHMS
from cnncourse.ops.geometry import flip
from cnncourse.ops.gradcheck import numerical_gradient
from cnncourse.ops.shapes import output_sizes, padding_pairs

FLOATS = (np.float32, np.float64)
TOLERANCE = {np.float32: 2e-4, np.float64: 1e-10}
examples = settings(
    max_examples=100,
    deadline=None,
    derandomize=True,
    # What the fixtures set up is the same for all examples.
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)


@dataclass(frozen=True)
class Problem:
    """Arguments of a convolution."""

    x: np.ndarray
    w: np.ndarray
    dy: np.ndarray
    options: dict[str, Any]

    @property
    def sizes(self) -> tuple[int, ...]:
        return self.x.shape[1:-1]

    @property
    def kernel_size(self) -> tuple[int, ...]:
        return self.w.shape[:-2]

    @property
    def tolerance(self) -> float:
        return TOLERANCE[self.x.dtype.type]


@st.composite
def problems(
    draw: Any,
    both: bool = True,
    unit_strides: bool = False,
    dtypes: tuple[type, ...] = FLOATS,
    small: bool = False,
) -> Problem:
    """Draws a convolution.

    Without `both` it has strides or dilation but not both at once.
    """
    rank = draw(st.integers(1, 2 if small else 3))

    def per_axis(low: int, high: int) -> tuple[int, ...]:
        return tuple(draw(st.integers(low, high)) for _ in range(rank))

    kernel_size = per_axis(1, 3 if small else 4)
    strides, dilation_rate = per_axis(1, 3), per_axis(1, 2 if small else 3)
    if unit_strides:
        strides = (1,) * rank
    elif not both:
        if draw(st.booleans()):
            strides = (1,) * rank
        else:
            dilation_rate = (1,) * rank
    pairs = tuple(zip(per_axis(0, 3), per_axis(0, 3), strict=True))
    padding = draw(st.sampled_from(["valid", "same", 1, pairs]))
    sizes = tuple(
        d * (k - 1) + 1 + draw(st.integers(0, 2 if small else 5))
        for k, d in zip(kernel_size, dilation_rate, strict=True)
    )
    groups = draw(st.integers(1, 2 if small else 3))
    channels, filters = (draw(st.integers(1, 2 if small else 3)) * groups for _ in "io")
    options = {"strides": strides, "padding": padding, "dilation_rate": dilation_rate}
    outputs = output_sizes(sizes, kernel_size, **options)
    batch = draw(st.integers(1, 3))
    rng = np.random.default_rng(draw(st.integers(0, 2**32 - 1)))
    dtype = draw(st.sampled_from(dtypes))
    x, w, dy = (
        rng.standard_normal(shape).astype(dtype)
        for shape in (
            (batch, *sizes, channels),
            (*kernel_size, channels // groups, filters),
            (batch, *outputs, filters),
        )
    )
    return Problem(x, w, dy, {**options, "groups": groups})


@pytest.fixture(params=list(ALGORITHMS))
def algorithm(request: pytest.FixtureRequest) -> str:
    return request.param


@pytest.fixture
def small_blocks(monkeypatch: pytest.MonkeyPatch) -> None:
    """Makes the algorithms cut even small problems into many pieces."""
    monkeypatch.setattr(im2col, "BLOCK_BYTES", 64)
    monkeypatch.setattr(im2col, "SMALLEST_BLOCK", 3)
    monkeypatch.setattr(shift_gemm, "ROWS", 3)
    monkeypatch.setattr(shift_gemm, "SMALL_IMAGE", 20)
    monkeypatch.setattr(tiling, "BLOCK_BYTES", 64)
    monkeypatch.setattr(tiling, "SMALLEST_BLOCK", 3)
    monkeypatch.setattr(tiling, "ROW_BYTES", 16)
    monkeypatch.setattr(
        fft, "tile_sizes", lambda g: tuple(fft._fast(e + 1) for e in g.extents)
    )


def loops(x: np.ndarray, w: np.ndarray, options: dict[str, Any]) -> np.ndarray:
    """The definition, written out window by window."""
    sizes, kernel_size, groups = x.shape[1:-1], w.shape[:-2], options["groups"]
    shape = {name: options[name] for name in ("strides", "padding", "dilation_rate")}
    pairs = padding_pairs(
        shape["padding"], sizes, kernel_size, shape["strides"], shape["dilation_rate"]
    )
    padded = np.pad(x, [(0, 0), *pairs, (0, 0)])
    outputs = output_sizes(sizes, kernel_size, **shape)
    y = np.zeros((x.shape[0], *outputs, w.shape[-1]), x.dtype)
    inputs, filters = w.shape[-2], w.shape[-1] // groups
    for at in np.ndindex(*outputs):
        window = padded[
            (
                slice(None),
                *(
                    slice(i * s, i * s + d * (k - 1) + 1, d)
                    for i, s, d, k in zip(
                        at,
                        shape["strides"],
                        shape["dilation_rate"],
                        kernel_size,
                        strict=True,
                    )
                ),
            )
        ]
        for group in range(groups):
            part = window[..., group * inputs : (group + 1) * inputs]
            for f in range(group * filters, (group + 1) * filters):
                axes = tuple(range(1, part.ndim))
                y[(slice(None), *at, f)] = (part * w[..., f]).sum(axis=axes)
    return y


def tf_conv(tf: Any, x: Any, w: Any, options: dict[str, Any]) -> Any:
    """TensorFlow's convolution; it lacks explicit padding and gradients of groups."""
    padding = options["padding"]
    if not isinstance(padding, str):
        pairs = padding_pairs(padding, x.shape[1:-1], w.shape[:-2])
        x, padding = tf.pad(x, [(0, 0), *pairs, (0, 0)]), "valid"
    groups = options["groups"]
    parts = [
        tf.nn.convolution(
            inputs,
            filters,
            strides=list(options["strides"]),
            padding=padding.upper(),
            dilations=list(options["dilation_rate"]),
            data_format={1: "NWC", 2: "NHWC", 3: "NDHWC"}[len(x.shape) - 2],
        )
        for inputs, filters in zip(
            tf.split(x, groups, -1), tf.split(w, groups, -1), strict=True
        )
    ]
    return tf.concat(parts, -1)


def fitting(algorithm: str, **limits: Any) -> Any:
    """Problems that the algorithm is made for."""
    return problems(unit_strides=algorithm == "winograd", **limits)


@examples
@given(data=st.data())
@pytest.mark.usefixtures("small_blocks")
def test_matches_loops(algorithm: str, data: Any) -> None:
    p = data.draw(fitting(algorithm))
    expected = loops(p.x, p.w, p.options)
    y = conv(p.x, p.w, algorithm=algorithm, **p.options)
    assert y.dtype == p.x.dtype and y.shape == expected.shape
    np.testing.assert_allclose(y, expected, rtol=p.tolerance, atol=p.tolerance)


@examples
@given(p=problems(both=False))
def test_value_and_gradients_match_tensorflow(tf: Any, p: Problem) -> None:
    x, w = tf.constant(p.x), tf.constant(p.w)
    with tf.GradientTape() as tape:
        tape.watch([x, w])
        expected = tf_conv(tf, x, w, p.options)
    dx, dw = tape.gradient(expected, [x, w], tf.constant(p.dy))
    for received, oracle in (
        (conv(p.x, p.w, **p.options), expected),
        (conv_input_gradient(p.dy, p.w, p.sizes, **p.options), dx),
        (conv_kernel_gradient(p.x, p.dy, p.kernel_size, **p.options), dw),
    ):
        assert received.dtype == p.x.dtype and received.shape == tuple(oracle.shape)
        np.testing.assert_allclose(received, oracle, rtol=p.tolerance, atol=p.tolerance)


@examples
@given(data=st.data())
@pytest.mark.usefixtures("small_blocks")
def test_gradients_of_all_algorithms_are_adjoint(algorithm: str, data: Any) -> None:
    """Convolution is linear in x and in w, so <dy, y> = <dx, x> = <dw, w>."""
    p = data.draw(fitting(algorithm))
    y = loops(p.x, p.w, p.options)
    dx = conv_input_gradient(p.dy, p.w, p.sizes, algorithm=algorithm, **p.options)
    dw = conv_kernel_gradient(
        p.x, p.dy, p.kernel_size, algorithm=algorithm, **p.options
    )
    assert dx.dtype == dw.dtype == p.x.dtype
    scale = np.abs(p.dy).sum() * np.abs(y).max()
    for gradient, value in ((dx, p.x), (dw, p.w)):
        assert gradient.shape == value.shape
        difference = np.sum(gradient * value) - np.sum(p.dy * y)
        assert abs(difference) <= p.tolerance * scale


@settings(examples, max_examples=40)
@given(data=st.data())
@pytest.mark.usefixtures("small_blocks")
def test_gradients_match_central_differences(algorithm: str, data: Any) -> None:
    p = data.draw(fitting(algorithm, dtypes=(np.float64,), small=True))
    options = {**p.options, "algorithm": algorithm}
    dx = conv_input_gradient(p.dy, p.w, p.sizes, **options)
    dw = conv_kernel_gradient(p.x, p.dy, p.kernel_size, **options)
    by_x = numerical_gradient(lambda x: loops(x, p.w, p.options), p.x, p.dy)
    by_w = numerical_gradient(lambda w: loops(p.x, w, p.options), p.w, p.dy)
    np.testing.assert_allclose(dx, by_x, rtol=1e-6, atol=1e-6)
    np.testing.assert_allclose(dw, by_w, rtol=1e-6, atol=1e-6)


@pytest.mark.parametrize("dtype", FLOATS)
def test_large_image_in_several_blocks(algorithm: str, dtype: type) -> None:
    rng = np.random.default_rng(0)
    x = rng.standard_normal((3, 70, 61, 20)).astype(dtype)
    w = rng.standard_normal((3, 4, 20, 5)).astype(dtype)
    options = {"strides": (1, 1), "padding": "same", "dilation_rate": (1, 1)}
    y = conv(x, w, algorithm=algorithm, **options)
    corner = conv(x[1:2, :12, :13], w, padding=((1, 0), (1, 0)), algorithm="im2col")
    tolerance = TOLERANCE[dtype]
    np.testing.assert_allclose(y[1, :11, :11], corner[0], atol=tolerance)
    expected = loops(x[2:], w, {**options, "groups": 1})
    np.testing.assert_allclose(y[2:], expected, rtol=tolerance, atol=tolerance)


@pytest.mark.parametrize("dtype", FLOATS)
def test_what_is_not_a_number_shows_without_a_warning(
    algorithm: str, dtype: type
) -> None:
    x = np.array([np.inf, -np.inf, 1, 2, 3], dtype).reshape(1, 5, 1)
    ones = np.ones((2, 1, 1), dtype)
    with np.errstate(all="raise"):
        y = conv(x, ones, algorithm=algorithm)
        dx = conv_input_gradient(y, ones, 5, algorithm=algorithm)
        dw = conv_kernel_gradient(x, y, 2, algorithm=algorithm)
    assert np.isnan(y[0, 0]) and np.isnan(dx[0, 0]) and np.isnan(dw).all()


def test_bias_is_added_to_every_pixel() -> None:
    x, w = np.zeros((2, 4, 3, 1)), np.zeros((2, 2, 1, 3))
    b = np.array([1.0, 2.0, 3.0])
    y = conv(x, w, b)
    np.testing.assert_array_equal(y, np.broadcast_to(b, (2, 3, 2, 3)))


def test_bias_gradient_is_the_sum_over_batch_and_pixels() -> None:
    dy = np.random.default_rng(0).standard_normal((2, 3, 4, 5))
    np.testing.assert_allclose(conv_bias_gradient(dy), np.einsum("bhwf->f", dy))


@pytest.mark.parametrize("layout", ["reversed", "strided", "Fortran"])
def test_any_memory_layout(algorithm: str, layout: str) -> None:
    rng = np.random.default_rng(1)
    views = {
        "reversed": lambda a: a[::-1, ::-1, ::-1],
        "strided": lambda a: np.repeat(np.repeat(a, 2, axis=1), 2, axis=3)[
            :, ::2, :, ::2
        ],
        "Fortran": np.asfortranarray,
    }
    x, w, dy = (
        views[layout](rng.standard_normal(shape))
        for shape in ((2, 6, 5, 3), (2, 3, 3, 4), (2, 5, 3, 4))
    )
    plain = [np.ascontiguousarray(a) for a in (x, w, dy)]
    options = {"algorithm": algorithm}
    for received, expected in (
        (conv(x, w, **options), conv(*plain[:2], **options)),
        (
            conv_input_gradient(dy, w, (6, 5), **options),
            conv_input_gradient(plain[2], plain[1], (6, 5), **options),
        ),
        (
            conv_kernel_gradient(x, dy, (2, 3), **options),
            conv_kernel_gradient(plain[0], plain[2], (2, 3), **options),
        ),
    ):
        np.testing.assert_allclose(received, expected)


def test_inputs_are_not_changed(algorithm: str) -> None:
    rng = np.random.default_rng(0)
    x, w, dy = (
        rng.standard_normal(s) for s in ((2, 5, 5, 2), (3, 3, 2, 2), (2, 5, 5, 2))
    )
    b = np.ones(2)
    arrays = (x, w, dy, b)
    before = [a.copy() for a in arrays]
    for a in arrays:
        a.flags.writeable = False
    options = {"padding": "same", "algorithm": algorithm}
    conv(x, w, b, **options)
    conv_input_gradient(dy, w, 5, **options)
    conv_kernel_gradient(x, dy, 3, **options)
    for a, old in zip(arrays, before, strict=True):
        np.testing.assert_array_equal(a, old)


def test_result_shares_no_memory_with_the_input(algorithm: str) -> None:
    x = np.random.default_rng(0).standard_normal((1, 4, 4, 1))
    y = conv(x, np.ones((1, 1, 1, 1)), algorithm=algorithm)
    assert not np.shares_memory(x, y)


LECTURE_X = [[4, 5, 8, 7], [1, 8, 8, 8], [3, 6, 6, 4], [6, 5, 7, 8]]
LECTURE_W = [[1, 4, 1], [1, 4, 3], [3, 3, 1]]


def image(values: list) -> np.ndarray:
    return np.array(values, np.float64)[None, ..., None]


def kernel(values: list) -> np.ndarray:
    return np.array(values, np.float64)[..., None, None]


def test_examples_of_the_lectures() -> None:
    x, w = image(LECTURE_X), kernel(LECTURE_W)
    np.testing.assert_allclose(conv(x, w)[0, ..., 0], [[122, 148], [126, 134]])
    np.testing.assert_allclose(conv(x, flip(w))[0, ..., 0], [[119, 148], [121, 143]])
    line = image([0, 0, 0, 0, 1, 2, 3, 4, 4, 4, 4])
    derivative = conv(line, kernel([-1, 1]))
    np.testing.assert_allclose(derivative.ravel(), [0, 0, 0, 1, 1, 1, 1, 0, 0, 0])
    line, w = image([1, 2, 3, 4]), kernel([1, 2, 3])
    np.testing.assert_allclose(conv(line, w, padding=1).ravel(), [8, 14, 20, 11])
    np.testing.assert_allclose(conv(line, flip(w)).ravel(), [10, 16])


def test_two_channels_and_two_filters_of_lecture_3() -> None:
    first = [[1, -2, 2, 2], [2, 1, 3, -2], [-2, 3, -3, 1], [-1, 2, -4, 2]]
    second = [[3, 0, 0, 0], [-2, -2, 1, -1], [2, -1, 3, 1], [5, -2, 0, 1]]
    x = np.stack([first, second], axis=-1)[None].astype(np.float64)
    w = np.zeros((2, 2, 2, 2))
    w[:, :, 0, 0], w[:, :, 1, 0] = [[1, -2], [-2, 1]], [[1, 0], [0, 1]]
    w[:, :, 0, 1], w[:, :, 1, 1] = [[3, 1], [2, 2]], [[0, 0], [0, 4]]
    y = conv(x, w, np.array([0.1, 0.2]))[0]
    expected = [[3.1, -3.9, -10.9], [4.1, -12.9, 16.1], [-3.9, 0.1, 9.1]]
    np.testing.assert_allclose(y[..., 0], expected)


def test_flipped_kernel_is_the_convolution_of_mathematics() -> None:
    rng = np.random.default_rng(0)
    x, w = rng.standard_normal(9), rng.standard_normal(4)
    y = conv(x[None, :, None], flip(w[:, None, None]))
    np.testing.assert_allclose(y.ravel(), np.convolve(x, w, "valid"))


ones = np.ones
WRONG: dict[str, tuple[Any, str]] = {
    "rank of x": (lambda: conv(ones((4, 4)), ones((2, 2, 1, 1))), "1 to 3 spatial"),
    "rank of w": (lambda: conv(ones((1, 4, 4, 1)), ones((2, 2, 1))), r"w\.shape=\(2"),
    "channels": (
        lambda: conv(ones((1, 4, 4, 3)), ones((2, 2, 2, 1))),
        r"channels of x over groups.*x\.shape=\(1, 4, 4, 3\)",
    ),
    "groups": (
        lambda: conv(ones((1, 4, 4, 4)), ones((2, 2, 2, 3)), groups=2),
        "groups to divide.*groups=2",
    ),
    "no groups": (
        lambda: conv(ones((1, 4, 4)), ones((2, 4, 3)), groups=0),
        "Expected groups.*groups=0",
    ),
    "no groups in dx": (
        lambda: conv_input_gradient(ones((1, 3, 1)), ones((2, 1, 1)), 4, groups=0),
        "Expected groups.*groups=0",
    ),
    "no groups in dw": (
        lambda: conv_kernel_gradient(ones((1, 4, 1)), ones((1, 3, 1)), 2, groups=0),
        "Expected groups.*groups=0",
    ),
    "stride 0": (
        lambda: conv(ones((1, 4, 1)), ones((2, 1, 1)), strides=0),
        "Expected strides: an integer >= 1.*strides=0",
    ),
    "dilation 0": (
        lambda: conv(ones((1, 4, 1)), ones((2, 1, 1)), dilation_rate=(0,)),
        "Expected dilation_rate",
    ),
    "large kernel": (
        lambda: conv(ones((1, 4, 1)), ones((3, 1, 1)), dilation_rate=2),
        r"no larger than the padded input, \(4,\).*spans \(5,\)",
    ),
    "integers": (
        lambda: conv(ones((1, 4, 1), int), ones((2, 1, 1))),
        "x of dtype float32 or float64.*int64",
    ),
    "two dtypes": (
        lambda: conv(ones((1, 4, 1), np.float32), ones((2, 1, 1))),
        "one dtype.*float32.*float64",
    ),
    "strides of winograd": (
        lambda: conv(ones((1, 4, 1)), ones((2, 1, 1)), strides=2, algorithm="winograd"),
        r"Expected strides of 1.*strides=\(2,\)",
    ),
    "kernel of winograd": (
        lambda: conv(ones((1, 9, 1)), ones((6, 1, 1)), algorithm="winograd"),
        r"at most 5 taps along each axis for winograd.*kernel_size=\(6,\)",
    ),
    "padding": (
        lambda: conv(ones((1, 4, 1)), ones((2, 1, 1)), padding="full"),
        "Expected padding.*'full'",
    ),
    "negative padding": (
        lambda: conv(ones((1, 4, 1)), ones((2, 1, 1)), padding=((1, -1),)),
        "Expected padding",
    ),
    "bias": (
        lambda: conv(ones((1, 4, 1)), ones((2, 1, 3)), ones(2)),
        r"Expected b of shape \(3,\).*\(2,\)",
    ),
    "empty axis": (
        lambda: conv(ones((0, 4, 1)), ones((2, 1, 3))),
        "Expected no empty axis",
    ),
    "dy of dx": (
        lambda: conv_input_gradient(ones((1, 4, 1)), ones((2, 1, 1)), 4),
        r"Expected dy of shape \(1, 3, 1\)",
    ),
    "dy of dw": (
        lambda: conv_kernel_gradient(ones((1, 4, 1)), ones((2, 3, 1)), 2),
        r"Expected dy of shape \(1, 3, 1\)",
    ),
    "input size": (
        lambda: conv_input_gradient(ones((1, 4, 1)), ones((2, 1, 1)), (4, 4)),
        "Expected input_size",
    ),
    "kernel size": (
        lambda: conv_kernel_gradient(ones((1, 4, 1)), ones((1, 3, 1)), 0),
        "Expected kernel_size",
    ),
}


@pytest.mark.parametrize("case", WRONG)
def test_wrong_arguments_say_what_was_expected(case: str) -> None:
    call, message = WRONG[case]
    with pytest.raises(ValueError, match=f"(?s){message}.*"):
        call()


def test_unknown_algorithm() -> None:
    with pytest.raises(KeyError, match="Did you mean 'im2col'"):
        conv(ones((1, 4, 1)), ones((2, 1, 1)), algorithm="im2cols")
