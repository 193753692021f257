"""Shows what a policy does to a picture."""

from typing import TYPE_CHECKING, Any

import numpy as np

from cnncourse.augmentation.policies import POLICIES
from cnncourse.augmentation.transformation import Transformation, batch_of

if TYPE_CHECKING:
    from matplotlib.figure import Figure

CELL, WIDTH = 1.5, 6.5  # inches: of a picture and of the figure, at least


def preview(
    policy: str | Transformation,
    image: Any,
    rows: int = 3,
    columns: int = 6,
    seed: int = 0,
) -> "Figure":
    """Draws a picture and what becomes of it.

    Args:
        policy: name of one of `POLICIES`, or a transformation.
        image: picture `(H, W, C)`, or a dictionary with its boxes and mask, which are
            drawn too. A batch has one row for each picture, and `rows` is not used.
        rows: number of rows.
        columns: number of columns; the upper left picture, or the first of each row, is
            the original.
        seed: of the first change; each further one has the next.

    Returns:
        The figure.

    Raises:
        ValueError: if there is no room for the original and a change.
        KeyError: if there is no policy of that name.
    """
    if rows < 1 or columns < 2:
        raise ValueError(
            "Expected at least one row and two columns. "
            f"Received: rows={rows}, columns={columns}"
        )
    name = policy if isinstance(policy, str) else ""
    change = POLICIES[policy].policy if isinstance(policy, str) else policy
    batch, single = batch_of(image)
    before = arrays(batch)
    count = (rows * columns - 1) if single else columns - 1
    after = [arrays(change(batch, seed + k, 0, np.arange(len(before["image"]))))
             for k in range(count)]  # fmt: skip
    cells = []
    for b in range(len(before["image"])):
        cells += [one(before, b), *(one(changed, b) for changed in after)]
    return draw(cells, columns, name)


def arrays(batch: dict) -> dict[str, np.ndarray]:
    """Returns what can be drawn, as arrays."""
    from keras import ops

    names = {"image", "boxes", "mask"} & set(batch)
    return {name: ops.convert_to_numpy(batch[name]) for name in names}


def one(batch: dict[str, np.ndarray], number: int) -> dict[str, np.ndarray]:
    """Returns one example of a batch."""
    return {name: value[number] for name, value in batch.items()}


def draw(cells: list[dict[str, np.ndarray]], columns: int, name: str) -> "Figure":
    """Draws the pictures in a grid, the first of them framed."""
    from matplotlib.figure import Figure
    from matplotlib.layout_engine import ConstrainedLayoutEngine

    from cnncourse.plots import BLUE

    rows = -(-len(cells) // columns)
    height, width = cells[0]["image"].shape[:2]
    side = max(CELL, WIDTH / columns)
    tall = side * min(2.0, max(0.5, height / width))
    layout = ConstrainedLayoutEngine(w_pad=0.02, h_pad=0.02, wspace=0.02, hspace=0.02)
    figure = Figure(figsize=(side * columns, tall * rows + 0.5), layout=layout)
    grid = figure.subplots(rows, columns, squeeze=False)
    for axes, cell in zip(grid.flat, cells, strict=False):
        picture(axes, cell)
    for axes in grid.flat[len(cells) :]:
        axes.set_axis_off()
    grid[0, 0].set_title("original", color=BLUE, fontsize=9)
    for spine in grid[0, 0].spines.values():
        spine.set(visible=True, color=BLUE, linewidth=2.5)
    if name:
        figure.suptitle(f"{name}: {POLICIES[name].text}", fontsize=11)
    return figure


def picture(axes: Any, cell: dict[str, np.ndarray]) -> None:
    """Draws a picture with its boxes and the outline of its mask."""
    from matplotlib.patches import Rectangle

    from cnncourse.plots import ORANGE, SKY

    image = cell["image"]
    grey = image.shape[-1] == 1
    limit = 255 if image.dtype == np.uint8 else 1
    shown = image[..., 0] if grey else image
    axes.imshow(shown, cmap="gray" if grey else None, vmin=0, vmax=limit)
    mask = np.squeeze(cell.get("mask", np.zeros((2, 2))))
    if mask.any() and not mask.all():
        axes.contour(mask > 0, levels=[0.5], colors=[SKY], linewidths=1.5)
    for left, top, right, bottom in cell.get("boxes", ()):
        if right > left:
            axes.add_patch(
                Rectangle(
                    (left - 0.5, top - 0.5),
                    right - left,
                    bottom - top,
                    fill=False,
                    edgecolor=ORANGE,
                    linewidth=1.5,
                )
            )
    axes.set(xticks=[], yticks=[])
    for spine in axes.spines.values():
        spine.set_visible(False)
