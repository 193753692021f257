"""Figures of photographs, feature maps and other matrices of pixels."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from cnncourse.plots.drawing import (
    FRAME,
    ORANGE,
    bare_axes,
    checked_matrix,
    checked_picture,
    checked_titles,
    colour_reach,
    draw_map,
    draw_picture,
    framed_figure,
    grid_shape,
    used_axes,
)

if TYPE_CHECKING:
    from matplotlib.figure import Figure


def images(
    images: Sequence[np.ndarray],
    titles: Sequence[str] | None = None,
    columns: int | None = None,
    limits: tuple[float, float] | None = (0, 1),
    size: float = 2.4,
) -> Figure:
    """Draws pictures side by side.

    Args:
        images: grey `(H, W)` or `(H, W, 1)`, or coloured `(H, W, 3)`; floats in [0, 1]
            or bytes.
        titles: one for each picture.
        columns: pictures a row; all in one row if None.
        limits: the values that are black and white in grey pictures; None stretches
            each picture to its own darkest and brightest value.
        size: width of a picture in inches.
    Returns:
        The figure, with one axes for each picture.
    Raises:
        ValueError: if there is no picture, one has another shape, or titles lack.
    """
    images = list(images)
    if not images:
        raise ValueError("Expected at least one picture. Received: images=[]")
    titles = checked_titles(titles, len(images), "titles")
    rows, columns = grid_shape(len(images), columns)
    tallest = max(
        checked_picture(i).shape[0] / checked_picture(i).shape[1] for i in images
    )
    height = rows * (size * tallest + 0.35)
    with framed_figure(rows, columns, size * columns, height) as (figure, axes):
        panels = used_axes(axes, len(images))
        for panel, image, text in zip(panels, images, titles, strict=True):
            draw_picture(panel, image, limits)
            panel.set_title(text)
    return figure


def before_after(
    before: np.ndarray,
    after: np.ndarray,
    titles: Sequence[str] = ("before", "after", "after - before"),
    limits: tuple[float, float] | None = (0, 1),
    size: float = 3.0,
) -> Figure:
    """Draws a picture, what became of it, and the signed difference.

    Args:
        before: picture `(H, W)`, `(H, W, 1)` or `(H, W, 3)`.
        after: picture of the same shape.
        titles: of the three panels.
        limits: the values that are black and white in grey pictures.
        size: width of a panel in inches.
    Returns:
        The figure: three panels and a colour bar. The difference of coloured pictures
        is the mean over the colours.
    Raises:
        ValueError: if the shapes differ.
    """
    if np.shape(before) != np.shape(after):
        raise ValueError(
            "Expected two pictures of one shape. "
            f"Received: before={np.shape(before)} after={np.shape(after)}"
        )
    titles = checked_titles(titles, 3, "titles")
    first, second = checked_picture(before), checked_picture(after)
    difference = second.astype(np.float64) - first
    if difference.ndim == 3:
        difference = difference.mean(axis=2)
    height = size * first.shape[0] / first.shape[1] + 0.4
    with framed_figure(1, 3, 3.15 * size, height) as (figure, axes):
        for panel, picture in zip(axes[0], (first, second), strict=False):
            draw_picture(panel, picture, limits)
        drawn = draw_map(axes[0, 2], difference, True, colour_reach(difference))
        bare_axes(axes[0, 2])
        figure.colorbar(drawn, ax=axes[0, 2], shrink=0.85)
        for panel, text in zip(axes[0], titles, strict=True):
            panel.set_title(text)
    return figure


def heatmaps(
    maps: Sequence[np.ndarray],
    titles: Sequence[str] | None = None,
    columns: int | None = None,
    signed: bool = True,
    blocks: tuple[int, int] | None = None,
    labels: tuple[str, str] = ("", ""),
    shared: bool = False,
    size: float = 3.0,
) -> Figure:
    """Draws matrices in colours, each with its colour bar.

    Args:
        maps: matrices `(H, W)`.
        titles: one for each matrix.
        columns: matrices a row; all in one row if None.
        signed: blue, white for zero and red; else from dark (0) to bright.
        blocks: `(rows, columns)` of a block; lines part the blocks.
        labels: of the rows and of the columns, such as `("output", "input")`.
        shared: one colour scale for all, so that they can be compared.
        size: width of a matrix in inches.
    Returns:
        The figure, with two axes for each matrix: it and its colour bar.
    Raises:
        ValueError: if there is no matrix, one is not two-dimensional, or titles are
            missing.
    """
    maps = [checked_matrix(m) for m in maps]
    if not maps:
        raise ValueError("Expected at least one matrix. Received: maps=[]")
    titles = checked_titles(titles, len(maps), "titles")
    rows, columns = grid_shape(len(maps), columns)
    tallest = max(m.shape[0] / m.shape[1] for m in maps)
    largest = max(colour_reach(m) for m in maps)
    width, height = columns * (size + 0.7), rows * (size * tallest + 0.55)
    with framed_figure(rows, columns, width, height) as (figure, axes):
        panels = used_axes(axes, len(maps))
        for panel, values, text in zip(panels, maps, titles, strict=True):
            reach = largest if shared else colour_reach(values)
            drawn = draw_map(panel, values, signed, reach)
            panel.spines[:].set_visible(False)
            panel.set(title=text, ylabel=labels[0], xlabel=labels[1])
            if not any(labels):
                bare_axes(panel)
            if blocks:
                for row in range(blocks[0], values.shape[0], blocks[0]):
                    panel.axhline(row - 0.5, color=FRAME, linewidth=0.8)
                for column in range(blocks[1], values.shape[1], blocks[1]):
                    panel.axvline(column - 0.5, color=FRAME, linewidth=0.8)
            figure.colorbar(drawn, ax=panel, shrink=0.8)
    return figure


def feature_maps(
    images: Sequence[np.ndarray],
    maps: Sequence[np.ndarray],
    titles: Sequence[str] | None = None,
    shared: bool = False,
    size: float = 1.9,
) -> Figure:
    """Draws pictures and beside each the maps that filters made of it.

    Args:
        images: B pictures `(H, W)`, `(H, W, 1)` or `(H, W, 3)`, values in [0, 1].
        maps: B arrays `(H', W', K)`, or one array `(B, H', W', K)`.
        titles: of the K maps.
        shared: one colour scale for all maps; else one for each column, which is one
            filter. A scale ends where 1 of 200 values is beyond it.
        size: width of a panel in inches.
    Returns:
        The figure: B rows of 1 + K panels, then K colour bars.
    Raises:
        ValueError: if there are not as many maps as pictures, or not K of each.
    """
    images, maps = list(images), [np.asarray(m) for m in maps]
    if not images or len(images) != len(maps):
        raise ValueError(
            "Expected as many arrays of maps as pictures, and at least one. "
            f"Received: images={len(images)} maps={len(maps)}"
        )
    if any(m.ndim != 3 or m.shape[2] != maps[0].shape[-1] for m in maps):
        raise ValueError(
            "Expected maps of shape (H, W, K) with one K. "
            f"Received: shapes={[m.shape for m in maps]}"
        )
    count = maps[0].shape[2]
    titles = checked_titles(titles, count, "titles")
    columns = [np.concatenate([m[:, :, k].ravel() for m in maps]) for k in range(count)]
    reaches = [
        colour_reach(np.concatenate(columns) if shared else c, 0.995) for c in columns
    ]
    tallest = size * max(
        checked_picture(i).shape[0] / checked_picture(i).shape[1] for i in images
    )
    width, height = (size + 0.1) * (1 + count), len(images) * (tallest + 0.1) + 0.8
    options: dict[str, Any] = {"height_ratios": [*[tallest] * len(images), 0.12]}
    with framed_figure(len(images) + 1, 1 + count, width, height, **options) as drawn:
        figure, axes = drawn
        axes[0, 0].set_title("input")
        axes[-1, 0].remove()
        for row, image in zip(axes[:-1], images, strict=True):
            draw_picture(row[0], image, (0, 1))
        for k, (text, reach) in enumerate(zip(titles, reaches, strict=True), start=1):
            axes[0, k].set_title(text)
            for row, values in zip(axes[:-1], maps, strict=True):
                coloured = draw_map(row[k], values[:, :, k - 1], True, reach)
                bare_axes(row[k])
            bar = figure.colorbar(
                coloured, cax=axes[-1, k], orientation="horizontal", extend="both"
            )
            bar.locator = _ticks(3)
            bar.update_ticks()
    return figure


def _ticks(count: int) -> Any:
    from matplotlib.ticker import MaxNLocator

    return MaxNLocator(count, symmetric=True, min_n_ticks=3)


def marked(image: np.ndarray, mask: np.ndarray) -> np.ndarray:
    """Tints the part of a picture that a mask names, for `images`.

    Args:
        image: picture `(H, W)`, `(H, W, 1)` or `(H, W, 3)`, values in [0, 1].
        mask: booleans `(H, W)`, true where the picture is to be tinted.
    Returns:
        Coloured picture `(H, W, 3)`, orange where the mask is true.
    Raises:
        ValueError: if picture and mask have different heights or widths.
    """
    picture, mask = np.clip(checked_picture(image), 0, 1), np.asarray(mask, dtype=bool)
    if picture.shape[:2] != mask.shape:
        raise ValueError(
            "Expected a mask as high and wide as the picture. "
            f"Received: picture={picture.shape} mask={mask.shape}"
        )
    from matplotlib.colors import to_rgb

    if picture.ndim == 2:
        picture = np.repeat(picture[:, :, np.newaxis], 3, axis=2)
    tint = 0.35 * picture + 0.65 * np.array(to_rgb(ORANGE))
    return np.where(mask[:, :, np.newaxis], tint, picture)
