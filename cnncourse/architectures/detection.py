"""R-CNN: regions that may hold something, and a net that says what and where exactly.

Girshick, Donahue, Darrell and Malik 2014, Rich feature hierarchies for accurate object
detection and semantic segmentation, CVPR, arXiv:1311.2524.

A box is `(top, left, bottom, right)` in pixels; bottom and right are outside of it.
"""

import keras
import numpy as np
from keras import layers
from numpy.typing import ArrayLike

from cnncourse.architectures.architecture import Architecture
from cnncourse.architectures.blocks import dense_relu


def rcnn_head(
    input_shape: tuple[int, ...],
    num_classes: int,
    units: int = 4096,
    dropout: float = 0.5,
) -> keras.Model:
    """From the maps of a warped region to its class and a better box.

    Args:
        input_shape: `(H, W, C)` of the last pooled maps of a trunk, `(6, 6, 256)` with
            AlexNet.
        num_classes: classes, the background among them and last.
        units: of the two hidden dense layers.
        dropout: rate after each of these.

    Returns:
        A model of two outputs: logits `(B, num_classes)`, and for each class but the
        background the offsets `(B, num_classes - 1, 4)` that `decode_boxes` takes.

    Raises:
        ValueError: if there is no class beside the background.

    The paper classifies by support vector machines on the hidden layer; these logits
    are those of its fine-tuning.

    Source: sections 2.1 to 2.3; offsets from the pooled maps: appendix C.
    """
    if num_classes < 2:
        raise ValueError(
            "Expected num_classes >= 2, the background among them. "
            f"Received: num_classes={num_classes}"
        )
    objects = num_classes - 1
    inputs = keras.Input(input_shape, name="maps")
    flat = layers.Flatten(name="flatten")(inputs)
    x = dense_relu(flat, units, "dense6", dropout)
    x = dense_relu(x, units, "dense7", dropout)
    logits = layers.Dense(num_classes, name="logits")(x)
    offsets = layers.Dense(4 * objects, name="offsets")(flat)
    offsets = layers.Reshape((objects, 4), name="boxes")(offsets)
    return keras.Model(inputs, [logits, offsets], name="rcnn_head")


def intersection_over_union(boxes: ArrayLike, others: ArrayLike) -> np.ndarray:
    """How much of the area that two boxes cover both cover, for each pair.

    Args:
        boxes: `(N, 4)`.
        others: `(M, 4)`.

    Returns:
        `(N, M)` in [0, 1]; 0 where both are empty.

    Example:
        >>> intersection_over_union([[0, 0, 2, 2]], [[0, 1, 2, 3]])
        array([[0.33333333]])
    """
    a, b = _boxes(boxes)[:, None], _boxes(others)[None]
    shared = np.minimum(a[..., 2:], b[..., 2:]) - np.maximum(a[..., :2], b[..., :2])
    both = shared.clip(0).prod(-1)
    union = _areas(a) + _areas(b) - both
    return np.divide(both, union, out=np.zeros_like(both), where=union > 0)


def suppress_weaker(
    boxes: ArrayLike, scores: ArrayLike, threshold: float = 0.3
) -> np.ndarray:
    """Keeps a box only if no better one overlaps it: non-maximum suppression.

    Args:
        boxes: `(N, 4)`.
        scores: `(N,)`, greater is better.
        threshold: intersection over union above which the weaker box goes.

    Returns:
        Indices of the boxes that stay, the best first.

    Source: section 2.2.
    """
    overlaps = intersection_over_union(boxes, boxes)
    kept: list[int] = []
    for index in np.argsort(-np.asarray(scores), kind="stable"):
        if (overlaps[index, kept] <= threshold).all():
            kept.append(int(index))
    return np.array(kept, int)


def encode_boxes(regions: ArrayLike, truths: ArrayLike) -> np.ndarray:
    """The offsets that a net learns: from a proposed region to the true box.

    Args:
        regions: `(N, 4)`, none empty.
        truths: `(N, 4)`, none empty.

    Returns:
        `(N, 4)`: movement of the centre, down and across, in sizes of the region, and
        the logarithms of how much taller and wider the true box is.

    Source: appendix C, equations 6 to 9.
    """
    (centre, size), (true_centre, true_size) = map(_centred, (regions, truths))
    return np.hstack([(true_centre - centre) / size, np.log(true_size / size)])


def decode_boxes(regions: ArrayLike, offsets: ArrayLike) -> np.ndarray:
    """The inverse of `encode_boxes`: boxes `(N, 4)` from regions and offsets.

    Source: appendix C, equations 1 to 4.
    """
    centre, size = _centred(regions)
    move, grow = np.hsplit(np.asarray(offsets, float), 2)
    centre, size = centre + size * move, size * np.exp(grow)
    return np.hstack([centre - size / 2, centre + size / 2])


def warp_regions(
    picture: np.ndarray, boxes: ArrayLike, size: tuple[int, int], context: int = 16
) -> np.ndarray:
    """Cuts regions out and warps each to one size, whatever its shape was.

    Args:
        picture: `(H, W, C)`.
        boxes: `(N, 4)`, none empty.
        size: `(height, width)` of a warped region, `(227, 227)` for AlexNet.
        context: pixels of the surroundings on each side of the warped region.

    Returns:
        float32 `(N, height, width, C)`. Outside of the picture there is its mean.

    Source: section 2.1 and appendix A, "warp" with context.
    """
    from skimage.transform import AffineTransform, warp

    mean = picture.mean((0, 1))
    regions = []
    for top, left, bottom, right in _boxes(boxes):
        scale_y = (bottom - top) / (size[0] - 2 * context)
        scale_x = (right - left) / (size[1] - 2 * context)
        start = (
            left + scale_x * (0.5 - context) - 0.5,
            top + scale_y * (0.5 - context) - 0.5,
        )
        to_picture = AffineTransform(scale=(scale_x, scale_y), translation=start)
        centred = picture.astype("float32") - mean
        regions.append(warp(centred, to_picture, output_shape=size, order=1) + mean)
    return np.array(regions, "float32").reshape(-1, *size, picture.shape[-1])


def _boxes(boxes: ArrayLike) -> np.ndarray:
    array = np.asarray(boxes, float).reshape(-1, np.shape(boxes)[-1])
    if array.shape[-1] != 4 or (array[:, 2:] < array[:, :2]).any():
        raise ValueError(
            "Expected boxes (top, left, bottom, right) with top <= bottom and "
            f"left <= right. Received: boxes={np.asarray(boxes).tolist()}"
        )
    return array


def _areas(boxes: np.ndarray) -> np.ndarray:
    return (boxes[..., 2:] - boxes[..., :2]).prod(-1)


def _centred(boxes: ArrayLike) -> tuple[np.ndarray, np.ndarray]:
    array = _boxes(boxes)
    size = array[:, 2:] - array[:, :2]
    if not (size > 0).all():
        raise ValueError(
            f"Expected boxes that are not empty. Received: boxes={array.tolist()}"
        )
    return array[:, :2] + size / 2, size


ENTRIES = (
    Architecture(
        "rcnn_head", rcnn_head, 2014,
        "Girshick et al., Rich feature hierarchies for accurate object detection and "
        "semantic segmentation, CVPR 2014",
        (6, 6, 256), 21, 55_357_541, 55_349_248, task="detection",
        reduced={
            "input_shape": (3, 3, 4), "num_classes": 3, "units": 16, "dropout": 0.0,
        },
    ),
)  # fmt: skip
