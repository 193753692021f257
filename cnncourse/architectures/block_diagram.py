"""The picture of a model: its blocks, their steps, sizes and parameters."""

import re
from dataclasses import dataclass

import keras

from cnncourse.architectures.drawing import FAINT, Arrow, Box, Drawing, Words
from cnncourse.architectures.layer_graph import Block, Step, layer_blocks

STEP_WIDTH, STEP_HEIGHT = 196.0, 38.0
ACROSS, DOWN = 14.0, 18.0  # between steps
MARGIN, TITLE = 12.0, 20.0  # around the steps of a block, above them
BETWEEN = 22.0  # blocks
PAGE, HEADER = 20.0, 86.0
LINK = "#A8487F"  # what comes from elsewhere on the page
COLOURS = {  # fill and edge, after Okabe and Ito; the first word that fits counts
    "Pool": ("#FBE3C4", "#C77700"),
    "Subsampling": ("#FBE3C4", "#C77700"),
    "MaxOverTime": ("#FBE3C4", "#C77700"),
    "Conv": ("#D6EAF8", "#0072B2"),
    "Dense": ("#D5F0E4", "#00795A"),
    "RadialBasis": ("#D5F0E4", "#00795A"),
    "Embedding": ("#D5F0E4", "#00795A"),
    "Add": ("#F6DDEC", "#A8487F"),
    "Concatenate": ("#F6DDEC", "#A8487F"),
    "InputLayer": ("#FFFFFF", "#222222"),
    "": ("#EEEEEE", "#888888"),
}

Mark = Box | Words | Arrow
Spots = dict[str, tuple[float, float]]  # upper left corners of steps


def diagram(model: keras.Model, height: float = 1100.0) -> Drawing:
    """Draws a model, from the input downwards, in columns.

    Each box is a step: a layer with the normalisation, activation and dropout after it,
    the size of its result and its parameters. Steps whose names begin alike, such as
    those of `stage2_block1`, are in one frame; a block that is repeated is drawn once
    with its count.

    Args:
        model: functional, with input sizes that are known.
        height: of a column, about, in pixels.

    Returns:
        A `Drawing`, which notebooks show, and whose `save` writes SVG or PNG.

    Raises:
        ValueError: as `cnncourse.architectures.counts.layer_rows`.
    """
    blocks = layer_blocks(model)
    plans = [_plan(block) for block in blocks]
    homes = {step.name: block.name for block in blocks for step in block.steps}
    marks: list[Mark] = []
    left, lowest = PAGE, 0.0
    above: Spots = {}  # the steps from which an arrow can come down
    for column in _columns([plan.height for plan in plans], height):
        width = max(plans[number].width for number in column)
        top = HEADER
        if above:
            middle = left + width / 2
            words = f"from {homes[next(iter(above))].replace('_', ' ')}"
            marks.append(Words(middle, HEADER - 34, words, 9, colour=LINK))
            above = {
                name: (middle - STEP_WIDTH / 2, HEADER - 26 - STEP_HEIGHT)
                for name in above
            }
        for number in column:
            block, plan = blocks[number], plans[number]
            x, y = left + (width - plan.width) / 2, top
            spots = {n: (x + dx, y + dy) for n, (dx, dy) in plan.offsets.items()}
            marks += _frame(block, x, y, plan)
            for step in block.steps:
                marks += _step(step, spots[step.name])
                marks += _inputs(step, spots, above, homes, y, x + plan.width)
            above = _open(spots)
            top += plan.height + BETWEEN
        lowest = max(lowest, top - BETWEEN)
        left += width + 2 * BETWEEN
    parameters = sum(
        block.count * step.parameters for block in blocks for step in block.steps
    )
    title = Words(PAGE, 24, model.name, size=17, bold=True, align="start")
    note = Words(PAGE, 43, f"{parameters:,} parameters", colour=FAINT, align="start")
    width = max(left - 2 * BETWEEN + PAGE, 240.0)
    return Drawing(width, lowest + PAGE, (title, note, *marks))


def _columns(heights: list[float], height: float) -> list[list[int]]:
    """The numbers of the blocks in each column."""
    columns: list[list[int]] = [[]]
    used = 0.0
    for number, own in enumerate(heights):
        if columns[-1] and used + own > height:
            columns.append([])
            used = 0.0
        columns[-1].append(number)
        used += own + BETWEEN
    return columns


@dataclass(frozen=True)
class Plan:
    """The size of a block's frame, and where its steps are in it."""

    width: float
    height: float
    offsets: Spots


def _plan(block: Block) -> Plan:
    """Puts each step below its inputs, and beside what else is there."""
    rows: dict[str, int] = {}
    lanes: dict[str, int] = {}
    taken: set[tuple[int, int]] = set()
    for step in block.steps:
        inner = [name for name in step.inputs if name in rows]
        row = max((rows[name] + 1 for name in inner), default=0)
        lane = min((lanes[name] for name in inner), default=0)
        while (row, lane) in taken:
            lane += 1
        rows[step.name], lanes[step.name] = row, lane
        taken.add((row, lane))
    width = (max(lanes.values()) + 1) * (STEP_WIDTH + ACROSS) - ACROSS + 2 * MARGIN
    height = TITLE + (max(rows.values()) + 1) * (STEP_HEIGHT + DOWN) - DOWN + MARGIN
    middle = (width - STEP_WIDTH) / 2
    offsets: Spots = {}
    for step in block.steps:
        x = MARGIN + lanes[step.name] * (STEP_WIDTH + ACROSS)
        inner = [name for name in step.inputs if name in rows]
        alone = sum(row == rows[step.name] for row in rows.values()) == 1
        if alone and (len(inner) != 1 or offsets[inner[0]][0] == middle):
            x = middle
        offsets[step.name] = (x, TITLE + rows[step.name] * (STEP_HEIGHT + DOWN))
    return Plan(width, height, offsets)


def _frame(block: Block, x: float, y: float, plan: Plan) -> list[Mark]:
    name = block.name.replace("_", " ")
    marks: list[Mark] = [Box(x, y, plan.width, plan.height, "#FAFAFA", "#CCCCCC")]
    if block.count > 1:
        name += "–" + re.sub(r".*\D", "", block.last)
        times = f"{block.count} times"
        end = x + plan.width - 8
        marks.append(Words(end, y + 10, times, 10, True, FAINT, "end"))
    return [*marks, Words(x + 8, y + 10, name, 10, True, FAINT, "start")]


def _step(step: Step, corner: tuple[float, float]) -> list[Mark]:
    fill, edge = next(pair for word, pair in COLOURS.items() if word in step.kind)
    title = " · ".join([step.title, *step.extras])
    size = min(11.0, 1.65 * STEP_WIDTH / len(title))  # so that it fits
    detail = step.shape
    if step.parameters:
        detail += f"   {step.parameters:,} par."
    middle = corner[0] + STEP_WIDTH / 2
    return [
        Box(*corner, STEP_WIDTH, STEP_HEIGHT, fill, edge),
        Words(middle, corner[1] + 12, title, size),
        Words(middle, corner[1] + 27, detail, 9, colour=FAINT),
    ]


def _open(spots: Spots) -> Spots:
    """The steps of a block that have no other below them."""
    return {
        name: (x, y)
        for name, (x, y) in spots.items()
        if not any(abs(x - x2) < STEP_WIDTH and y2 > y for x2, y2 in spots.values())
    }


def _inputs(
    step: Step,
    spots: Spots,
    above: Spots,
    homes: dict[str, str],
    top: float,
    right: float,
) -> list[Mark]:
    """The arrows to a step; where one would be long, words say where it begins.

    Args:
        step: of a block.
        spots: upper left corners of the block's steps.
        above: those of the block above from which arrows can come.
        homes: the block of every step.
        top: of the frame of the block.
        right: of the frame of the block.
    """
    x, y = spots[step.name]
    middle = x + STEP_WIDTH / 2
    marks: list[Mark] = []
    far: list[str] = []
    for name in step.inputs:
        inside = name in spots
        if not inside and name not in above:
            far.append(homes[name].replace("_", " "))
            continue
        x0, y0 = spots[name] if inside else above[name]
        start = (x0 + STEP_WIDTH / 2, y0 + STEP_HEIGHT)
        crossed = any(
            abs(x2 - (x0 if inside else x)) < STEP_WIDTH and y0 < y2 < y
            for x2, y2 in spots.values()
        )
        first_turn = start[1] + DOWN / 2 if inside else top - BETWEEN / 2
        path: tuple[tuple[float, float], ...]
        if crossed:
            side, last_turn = right - MARGIN / 2, y - DOWN / 2
            end = middle + 40
            path = (
                start, (start[0], first_turn), (side, first_turn), (side, last_turn),
                (end, last_turn), (end, y),
            )  # fmt: skip
        elif start[0] == middle:
            path = (start, (middle, y))
        else:
            turn = y - DOWN / 2 if inside else first_turn
            path = (start, (start[0], turn), (middle, turn), (middle, y))
        marks.append(Arrow(path))
    if far:
        words = "from " + ", ".join(dict.fromkeys(far))
        x = middle + 24 if len(far) < len(step.inputs) else middle
        marks.append(Arrow(((x, y - 12), (x, y)), LINK))
        marks.append(Words(x + 6, y - 8, words, 8, colour=LINK, align="start"))
    return marks
