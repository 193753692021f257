"""What all transformations share: the forms of their input and output."""

from dataclasses import dataclass
from typing import Any, ClassVar

from keras import ops

from cnncourse.augmentation.draws import Draws

DTYPES = ("uint8", "float32")
CHANGED = {"image", "label", "boxes", "mask"}  # entries; all others are kept
Batch = dict[str, Any]


@dataclass(frozen=True)
class Transformation:
    """Changes pictures, and with them what belongs to them.

    Called with an element and a seed it returns an element of the same form: a picture,
    a pair `(image, label)` or a dictionary with

    - `image`: `(H, W, C)` or a batch `(B, H, W, C)`; float32 in [0, 1] or uint8 in
      [0, 255], and the result is the same;
    - `label`: class of the picture, a whole number or one-hot `(classes,)`;
    - `boxes`: `(N, 4)` float32 in pixels, left, top, right, bottom, from the picture's
      upper left corner (0, 0) to (W, H); a box that left the picture becomes zeros, so
      that shapes stay;
    - `mask`: class of each pixel `(H, W)` or `(H, W, 1)`; pixels from outside are 0.

    Other entries, such as the boxes' classes, are kept. A batch has one more axis in
    front of each. The pictures of a batch are changed independently.

    Subclasses have `apply(batch, draws)`, which changes a batch.
    """

    only_moves: ClassVar[bool] = False  # pixels, so needs no float32

    def __call__(
        self, element: Any, seed: Any = 0, epoch: Any = None, index: Any = None
    ) -> Any:
        """Changes an element.

        Args:
            element: picture, pair or dictionary, of arrays or tensors.
            seed: whole number of at least 0; the same seed gives the same result.
            epoch: number of the pass over the data, which `AlternatingFlip` needs.
            index: place of the picture in its data set, which `AlternatingFlip` needs;
                `(B,)` for a batch.

        Returns:
            The element with tensors of Keras' backend.

        Raises:
            ValueError: if the picture is not of one of the above forms.
        """
        batch, single = batch_of(element)
        if single and index is not None:
            index = ops.expand_dims(index, 0)
        dtype = batch["image"].dtype
        batch = self.apply(batch, Draws(seed, epoch, index))
        batch = {**batch, "image": to_dtype(batch["image"], dtype)}
        if single:
            for name in CHANGED & set(batch):
                batch[name] = ops.squeeze(batch[name], 0)
        if isinstance(element, dict):
            return batch
        if isinstance(element, tuple):
            return batch["image"], batch["label"]
        return batch["image"]

    def apply(self, batch: Batch, draws: Draws) -> Batch:
        """Changes a batch of pictures."""
        raise NotImplementedError


def batch_of(element: Any) -> tuple[Batch, bool]:
    """Returns an element as a batch, and whether it was a single picture."""
    if isinstance(element, dict):
        batch = dict(element)
    elif isinstance(element, tuple) and len(element) == 2:
        batch = {"image": element[0], "label": element[1]}
    else:
        batch = {"image": element}
    if batch.get("image") is None or isinstance(element, list):
        raise ValueError(
            "Expected a picture, a pair (image, label) or a dictionary with an image. "
            f"Received: element={element!r}"
        )
    for name in CHANGED & set(batch):
        batch[name] = ops.convert_to_tensor(batch[name])
    image = batch["image"]
    shape, dtype = image.shape, str(getattr(image.dtype, "name", image.dtype))
    dtype = dtype.removeprefix("torch.")
    if len(shape) not in (3, 4) or dtype not in DTYPES:
        raise ValueError(
            "Expected an image (H, W, C) or (B, H, W, C), float32 in [0, 1] or uint8. "
            f"Received: image.shape={tuple(shape)}, image.dtype={dtype}"
        )
    single = len(shape) == 3
    if single:
        for name in CHANGED & set(batch):
            batch[name] = ops.expand_dims(batch[name], 0)
    return batch, single


def to_dtype(image: Any, dtype: Any) -> Any:
    """Returns uint8 in [0, 255] or float32 in [0, 1] as the other of the two."""
    if image.dtype == dtype:
        return image
    if "float" in str(dtype):
        return ops.cast(image, "float32") * (1 / 255)
    return ops.cast(ops.round(ops.clip(image, 0, 1) * 255), "uint8")


def size(batch: Batch) -> tuple[Any, Any, Any]:
    """Returns the number of pictures, their height and their width."""
    return tuple(ops.shape(batch["image"])[:3])


def check_share(name: str, value: float, most: float = 1.0) -> None:
    """Refuses what is not in [0, most]."""
    if not 0 <= value <= most:
        raise ValueError(f"Expected {name} in [0, {most:g}]. Received: {name}={value}")


def check_range(name: str, limits: tuple[float, float], most: float = 1.0) -> None:
    """Refuses what is not an ordered pair in [0, most]."""
    if len(limits) != 2 or not 0 <= limits[0] <= limits[1] <= most:
        raise ValueError(
            f"Expected {name} as two ordered numbers in [0, {most:g}]. "
            f"Received: {name}={limits}"
        )


def visible(boxes: Any, height: Any, width: Any) -> Any:
    """Clips boxes to the picture, and makes those outside it zeros."""
    limits = ops.cast(ops.stack([width, height, width, height]), "float32")
    clipped = ops.minimum(ops.maximum(ops.cast(boxes, "float32"), 0.0), limits)
    inside = (clipped[..., 2:3] > clipped[..., :1]) & (
        clipped[..., 3:] > clipped[..., 1:2]
    )
    return ops.where(inside, clipped, 0.0)
