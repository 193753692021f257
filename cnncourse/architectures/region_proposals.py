"""Boxes that may hold an object, of any class: selective search.

Uijlings, van de Sande, Gevers and Smeulders 2013, Selective search for object
recognition, IJCV 104(2). R-CNN takes its regions from it.
"""

from dataclasses import dataclass

import numpy as np

BINS = 25  # of a channel's histogram; section 3.2


@dataclass(frozen=True)
class Region:
    """A part of the picture.

    Attributes:
        box: `(top, left, bottom, right)`.
        size: pixels.
        colours: histogram of each channel, one after the other; its sum is 1.
    """

    box: tuple[int, int, int, int]
    size: int
    colours: np.ndarray


def region_proposals(
    picture: np.ndarray, scale: float = 100.0, smallest: int = 50, minimum: int = 10
) -> np.ndarray:
    """Merges neighbours that are alike, again and again, and notes every box.

    Args:
        picture: `(H, W, 3)`, values in [0, 1].
        scale: greater ones start with larger regions.
        smallest: pixels of a region at the start.
        minimum: height and width of a box that is returned, in pixels.

    Returns:
        Boxes `(N, 4)`: `(top, left, bottom, right)`, the largest region first, none
        twice. That of the whole picture is the first.

    Raises:
        ValueError: if the picture has other axes or values.

    One of the paper's strategies: colours as they are, and alike are regions of similar
    colour, of small size, and such that fill one another's gaps. The paper has texture
    too and unites the boxes of several strategies.

    Source: sections 3.1 and 3.2.
    """
    if picture.ndim != 3 or picture.shape[-1] != 3:
        raise ValueError(
            f"Expected a picture (H, W, 3). Received: shape={picture.shape}"
        )
    if picture.min() < 0 or picture.max() > 1:
        raise ValueError(
            "Expected values in [0, 1]. "
            f"Received: from {picture.min()} to {picture.max()}"
        )
    from skimage.segmentation import felzenszwalb

    labels = felzenszwalb(picture, scale=scale, sigma=0.8, min_size=smallest)
    regions = _regions(picture, labels)
    area = picture.shape[0] * picture.shape[1]
    alike = {
        pair: _likeness(regions[pair[0]], regions[pair[1]], area)
        for pair in _neighbours(labels)
    }
    while alike:
        one, other = max(alike, key=lambda pair: (alike[pair], pair))
        new = max(regions) + 1
        regions[new] = _merged(regions[one], regions[other])
        touched = [pair for pair in alike if one in pair or other in pair]
        beside = {label for pair in touched for label in pair} - {one, other}
        for pair in touched:
            del alike[pair]
        for label in beside:
            alike[label, new] = _likeness(regions[label], regions[new], area)
    by_size = sorted(regions.values(), key=lambda region: -region.size)
    boxes = list(dict.fromkeys(region.box for region in by_size))
    large = [
        (top, left, bottom, right)
        for top, left, bottom, right in boxes
        if bottom - top >= minimum and right - left >= minimum
    ]
    return np.array(large, int).reshape(-1, 4)


def _regions(picture: np.ndarray, labels: np.ndarray) -> dict[int, Region]:
    levels = np.minimum((picture * BINS).astype(int), BINS - 1)
    regions = {}
    for label in np.unique(labels):
        rows, columns = np.nonzero(labels == label)
        counts = [
            np.bincount(levels[rows, columns, channel], minlength=BINS)
            for channel in range(3)
        ]
        box = (
            int(rows.min()),
            int(columns.min()),
            int(rows.max()) + 1,
            int(columns.max()) + 1,
        )
        colours = np.concatenate(counts) / (3 * rows.size)
        regions[int(label)] = Region(box, rows.size, colours)
    return regions


def _neighbours(labels: np.ndarray) -> set[tuple[int, int]]:
    """Pairs of labels, the smaller first, that touch one another."""
    below = np.stack([labels[:-1].ravel(), labels[1:].ravel()], 1)
    beside = np.stack([labels[:, :-1].ravel(), labels[:, 1:].ravel()], 1)
    pairs = np.sort(np.concatenate([below, beside]), axis=1)
    different = np.unique(pairs[pairs[:, 0] != pairs[:, 1]], axis=0)
    return {(int(a), int(b)) for a, b in different}


def _likeness(a: Region, b: Region, area: int) -> float:
    """Colour, size and fill, each in [0, 1]: equations 2, 4 and 5."""
    colour = np.minimum(a.colours, b.colours).sum()
    top, left, bottom, right = _hull(a, b)
    gaps = (bottom - top) * (right - left) - a.size - b.size
    return float(colour + (1 - (a.size + b.size) / area) + (1 - gaps / area))


def _merged(a: Region, b: Region) -> Region:
    size = a.size + b.size
    colours = (a.size * a.colours + b.size * b.colours) / size
    return Region(_hull(a, b), size, colours)


def _hull(a: Region, b: Region) -> tuple[int, int, int, int]:
    return (
        min(a.box[0], b.box[0]),
        min(a.box[1], b.box[1]),
        max(a.box[2], b.box[2]),
        max(a.box[3], b.box[3]),
    )
