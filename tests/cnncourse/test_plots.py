import subprocess
import sys
from io import BytesIO

import matplotlib
import numpy as np
import pytest

matplotlib.use("Agg")

import matplotlib.pyplot as plt
from matplotlib.colors import to_rgb

from cnncourse import plots

GREY = np.linspace(0, 1, 12).reshape(3, 4)
COLOUR = np.linspace(0, 1, 36).reshape(3, 4, 3)
SIGNAL, KERNEL = np.array([1, 2, 3, 4]), np.array([1, 2, 3])

FIGURES = {
    "images": lambda: plots.images([GREY, COLOUR], ["a", "b"]),
    "before_after": lambda: plots.before_after(COLOUR, COLOUR**2),
    "heatmaps": lambda: plots.heatmaps([GREY - 0.5], ["a"], blocks=(1, 2)),
    "feature_maps": lambda: plots.feature_maps([GREY], [COLOUR - 0.5], ["a", "b", "c"]),
    "numbers": lambda: plots.numbers([GREY], ["a"], windows=[(0, 0, 2, 2)]),
    "sliding_window": lambda: plots.sliding_window(SIGNAL, KERNEL, [{"padding": 1}]),
    "signals": lambda: plots.signals({"a": SIGNAL, "b": KERNEL}, strip=GREY),
    "curves": lambda: plots.curves(SIGNAL, {"a": SIGNAL}, "x (s)", "y (m)"),
}  # fmt: skip


def texts(axes):
    """The texts inside the axes, in the order in which they were drawn."""
    return [text.get_text() for text in axes.texts]


def titles(figure):
    found = [a.get_title() or a.get_title(loc="left") for a in figure.axes]
    return [title for title in found if title]


def test_importing_plots_is_light():
    """Does a lab that draws nothing, such as one being graded, load matplotlib?"""
    check = "import sys, cnncourse.plots; sys.exit('matplotlib' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", check], check=False).returncode == 0


@pytest.mark.parametrize("name", FIGURES)
def test_figure_is_drawn_and_shown_once(name):
    """Can it be rendered, and is it closed, so that no notebook shows it twice?"""
    figure = FIGURES[name]()
    file = BytesIO()
    figure.savefig(file, format="png", dpi=40)
    assert file.getvalue().startswith(b"\x89PNG")
    assert plt.get_fignums() == []


def test_a_figure_that_fails_is_closed_too():
    """Is none left open when matplotlib refuses what it is to draw?"""
    with pytest.raises(ValueError, match="could not convert"):
        plots.images([GREY], limits=("black", "white"))
    assert plt.get_fignums() == []


def test_style_stays_inside():
    before = dict(plt.rcParams)
    FIGURES["curves"]()
    assert dict(plt.rcParams) == before


def test_images_draws_each_picture():
    figure = plots.images([GREY, GREY[:, :, None], COLOUR], ["a", "b", "c"], columns=2)
    assert titles(figure) == ["a", "b", "c"]
    assert [a.images[0].get_array().shape for a in figure.axes] == [
        (3, 4), (3, 4), (3, 4, 3)
    ]  # fmt: skip
    assert figure.axes[0].images[0].get_clim() == (0, 1)


def test_images_stretches_only_when_told():
    figure = plots.images([GREY / 2], limits=None)
    assert figure.axes[0].images[0].get_clim() == (0, 0.5)


def test_images_takes_bytes():
    figure = plots.images([np.full((2, 2), 255, np.uint8)])
    np.testing.assert_array_equal(figure.axes[0].images[0].get_array(), np.ones((2, 2)))


@pytest.mark.parametrize(
    ("function", "arguments", "message"),
    [
        (plots.images, ([],), r"at least one picture. Received: images=\[\]"),
        (plots.images, ([GREY], ["a", "b"]), "1 titles, one for each. Received"),
        (plots.images, ([np.ones(3)],), r"\(H, W, 3\). Received: shape=\(3,\)"),
        (plots.images, ([np.ones((2, 2, 2))],), r"Received: shape=\(2, 2, 2\)"),
        (plots.before_after, (GREY, COLOUR), r"before=\(3, 4\) after=\(3, 4, 3\)"),
        (plots.before_after, (GREY, GREY, ["a"]), "Expected 3 titles"),
        (plots.heatmaps, ([],), r"at least one matrix. Received: maps=\[\]"),
        (plots.heatmaps, ([COLOUR],), r"Received: shape=\(3, 4, 3\)"),
        (plots.heatmaps, ([GREY], []), r"Expected 1 titles.* Received: titles=\[\]"),
        (plots.feature_maps, ([GREY], []), "Received: images=1 maps=0"),
        (plots.feature_maps, ([], []), "Received: images=0 maps=0"),
        (plots.feature_maps, ([GREY], [GREY]), r"Received: shapes=\[\(3, 4\)\]"),
        (plots.feature_maps, ([GREY] * 2, [COLOUR, COLOUR[:, :, :2]]), "with one K."),
        (plots.feature_maps, ([GREY], [COLOUR], ["a"]), "Expected 3 titles"),
        (plots.marked, (GREY, GREY[:2] > 0), r"picture=\(3, 4\) mask=\(2, 4\)"),
        (plots.numbers, ([],), r"Received: grids=\[\]"),
        (plots.numbers, ([SIGNAL],), r"Received: shape=\(4,\)"),
        (plots.numbers, ([GREY] * 2, None, ["=", "="]), "Expected 1 symbols"),
        (plots.numbers, ([GREY], None, None, []), r"Received: windows=\[\]"),
        (plots.sliding_window, (KERNEL, SIGNAL), "Received: window=4 signal=3"),
        (plots.sliding_window, (SIGNAL, KERNEL, []), r"Received: cases=\[\]"),
        (plots.signals, ({},), r"signals of shape \(n,\). Received: signals={}"),
        (plots.signals, ({"a": GREY},), r"Received: signals={'a': \(3, 4\)}"),
        (plots.curves, (SIGNAL, {"a": KERNEL}, "x", "y"), "Received: lengths={'a': 3}"),
    ],
)
def test_wrong_arguments_are_refused(function, arguments, message):
    with pytest.raises(ValueError, match=message):
        function(*arguments)


def test_before_after_shows_the_difference():
    figure = plots.before_after(COLOUR, COLOUR / 2, ["x", "y", "y - x"])
    assert titles(figure) == ["x", "y", "y - x"]
    assert len(figure.axes) == 4  # three panels and a colour bar
    difference = figure.axes[2].images[0]
    np.testing.assert_allclose(difference.get_array(), -COLOUR.mean(axis=2) / 2)
    low, high = difference.get_clim()
    assert low == -high


def test_heatmaps_have_zero_in_the_middle():
    figure = plots.heatmaps([GREY - 0.1, GREY * 3], ["a", "b"])
    assert titles(figure) == ["a", "b"]
    assert len(figure.axes) == 4  # each with a colour bar
    limits = [a.images[0].get_clim() for a in figure.axes[:2]]
    np.testing.assert_allclose(limits, [(-0.9, 0.9), (-3, 3)])


def test_heatmaps_can_share_a_scale_and_be_unsigned():
    figure = plots.heatmaps([GREY + 1, GREY * 3], signed=False, shared=True)
    assert [a.images[0].get_clim() for a in figure.axes[:2]] == [(0, 3), (0, 3)]
    assert figure.axes[0].images[0].get_cmap().name == "viridis"


def test_heatmap_of_zeros_has_a_scale():
    figure = plots.heatmaps([np.zeros((2, 2)), np.full((2, 2), np.nan)])
    assert [a.images[0].get_clim() for a in figure.axes[:2]] == [(-1, 1), (-1, 1)]


def test_heatmaps_part_blocks_and_name_axes():
    figure = plots.heatmaps([np.eye(6)], blocks=(2, 3), labels=("output", "input"))
    axes = figure.axes[0]
    assert len(axes.lines) == 3  # two between rows of blocks, one between columns
    assert (axes.get_ylabel(), axes.get_xlabel()) == ("output", "input")


def test_feature_maps_have_a_scale_for_each_filter():
    maps = np.stack([GREY, 10 * GREY], axis=-1)
    figure = plots.feature_maps([GREY, GREY], [maps, -maps], ["a", "b"])
    assert titles(figure) == ["input", "a", "b"]
    assert len(figure.axes) == 2 * 3 + 2  # two rows of three, and a bar for each filter
    limits = [a.images[0].get_clim()[1] for a in figure.axes[:6] if a.images]
    np.testing.assert_allclose(limits, [1, 1, 10, 1, 1, 10], rtol=0.05)


def test_feature_maps_can_share_a_scale():
    maps = np.stack([GREY, 10 * GREY], axis=-1)
    figure = plots.feature_maps([GREY], [maps], shared=True)
    first, second = (figure.axes[k].images[0].get_clim() for k in (1, 2))
    assert first == second


def test_marked_tints_the_mask_only():
    mask = GREY > 0.5
    tinted = plots.marked(GREY, mask)
    assert tinted.shape == (3, 4, 3)
    np.testing.assert_array_equal(
        tinted[~mask], np.repeat(GREY[~mask, None], 3, axis=1)
    )
    expected = 0.35 * GREY[mask, None] + 0.65 * np.array(to_rgb(plots.ORANGE))
    np.testing.assert_allclose(tinted[mask], expected)


def test_numbers_writes_every_number_as_by_hand():
    grids = [np.array([[1, -2.0], [-0.5, np.nan]]), np.array([[1 / 3, -0.001]])]
    figure = plots.numbers(grids, ["x", "w"], ["⋆"], [(0, 1, 2, 1), None])
    written = texts(figure.axes[0])
    assert written == ["1", "−2", "−0.5", "?", "x", "⋆", "0.33", "0", "w", ""]
    frames = [p for p in figure.axes[0].patches if not p.get_fill()]
    assert len(frames) == 1
    assert (frames[0].get_width(), frames[0].get_height()) == (1, 2)


def test_sliding_window_has_a_line_for_each_output():
    cases = [{}, {"strides": 2}, {"padding": 1}, {"dilation_rate": 2}]
    x, w = np.array([2, 1, 3, 5, 4, 6, 1]), np.array([1, 0, -1])
    figure = plots.sliding_window(x, w, cases, columns=2)
    sums = [[t for t in texts(a) if t.startswith("=")] for a in figure.axes]
    assert sums == [
        ["= −1", "= −4", "= −1", "= −1", "= 3"],
        ["= −1", "= −1", "= 3"],
        ["= −1", "= −1", "= −4", "= −1", "= −1", "= 3", "= 6"],
        ["= −2", "= −5", "= 2"],
    ]
    assert titles(figure) == [
        "5 outputs",
        "strides=2: 3 outputs",
        "padding=1: 7 outputs",
        "dilation_rate=2: 3 outputs",
    ]


def test_signals_share_their_positions():
    figure = plots.signals({"a": SIGNAL, "b": KERNEL}, strip=GREY, xlabel="column")
    strip, first, second = figure.axes
    assert titles(figure) == ["a", "b"]
    assert second.get_xlabel() == "column"
    assert first.get_xlim() == second.get_xlim() == strip.get_xlim()
    np.testing.assert_array_equal(first.lines[-1].get_ydata(), SIGNAL)
    np.testing.assert_array_equal(strip.lines[0].get_ydata(), [1, 1])  # the middle row


def test_curves_are_labelled():
    figure = plots.curves(
        SIGNAL, {"a": SIGNAL, "b": 2 * SIGNAL}, "x (s)", "y (m)", {"dots": 0 * SIGNAL}
    )
    axes = figure.axes[0]
    assert [line.get_label() for line in axes.lines] == ["dots", "a", "b"]
    assert [t.get_text() for t in figure.legends[0].get_texts()] == ["dots", "a", "b"]
    assert (axes.get_xlabel(), axes.get_ylabel()) == ("x (s)", "y (m)")
    colours = {line.get_color() for line in axes.lines}
    assert len(colours) == 3
    np.testing.assert_array_equal(axes.lines[2].get_ydata(), 2 * SIGNAL)
