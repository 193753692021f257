"""Scenes of coloured shapes: drawn by formula, the same for the same numbers.

A scene is a function of a seed, a split and an index alone; it has no pixels yet. It
can be drawn at any size and at any time, for its shapes and its background move, so one
scene serves classification, segmentation, detection, captions, motion and
super-resolution, and the truth of each is exact.
"""

from dataclasses import dataclass
from types import MappingProxyType

import numpy as np

SHAPES = ("circle", "square", "triangle", "star", "cross", "ring")
COLOURS = MappingProxyType(
    {
        "red": (0.84, 0.15, 0.16),
        "green": (0.17, 0.60, 0.17),
        "blue": (0.12, 0.35, 0.80),
        "yellow": (0.95, 0.82, 0.10),
        "purple": (0.55, 0.25, 0.70),
        "orange": (0.96, 0.50, 0.09),
    }
)
SPLITS = MappingProxyType({"train": 0, "test": 1, "validation": 2})
LARGE = 0.15  # radius from which a caption says "large"
WAVES = 10  # in the background


@dataclass(frozen=True)
class Shape:
    """A shape in a picture whose sides have length 1; x goes right, y down.

    Attributes:
        kind: place in `SHAPES`.
        colour: place in `COLOURS`.
        x: of the centre at time 0.
        y: of the centre at time 0.
        radius: of the circle that encloses it.
        angle: of its axis, in radians.
        velocity: `(x, y)` per unit of time.
        turn: radians per unit of time.
    """

    kind: int
    colour: int
    x: float
    y: float
    radius: float
    angle: float
    velocity: tuple[float, float]
    turn: float


@dataclass(frozen=True, eq=False)
class Scene:
    """Shapes, later ones in front, before a background of waves.

    Attributes:
        shapes: one or more.
        base: colour of the background, `(3,)`.
        waves: `(WAVES, 6)`: frequencies in x and y, phase, and strength in each colour.
        drift: `(x, y)` of the background per unit of time.
    """

    shapes: tuple[Shape, ...]
    base: np.ndarray
    waves: np.ndarray
    drift: tuple[float, float]


def generator(seed: int, split: str, index: int) -> np.random.Generator:
    """Random numbers of one example, independent of all others."""
    if split not in SPLITS:
        raise ValueError(
            f"Expected one of {', '.join(SPLITS)}. Received: split={split}"
        )
    if seed < 0 or index < 0:
        raise ValueError(
            f"Expected seed >= 0 and index >= 0. Received: seed={seed} index={index}"
        )
    return np.random.default_rng([seed, SPLITS[split], index])


def _pair(rng: np.random.Generator, reach: float) -> tuple[float, float]:
    x, y = rng.uniform(-reach, reach, 2)
    return float(x), float(y)


def _random_shape(
    rng: np.random.Generator, kind: int, radii: tuple[float, float]
) -> Shape:
    radius = float(rng.uniform(*radii))
    x, y = rng.uniform(radius, 1 - radius, 2)
    return Shape(
        kind=kind,
        colour=int(rng.integers(len(COLOURS))),
        x=float(x),
        y=float(y),
        radius=radius,
        angle=float(rng.uniform(0, 2 * np.pi)),
        velocity=_pair(rng, 0.06),
        turn=float(rng.uniform(-0.3, 0.3)),
    )


def _is_free(new: Shape, placed: list[Shape]) -> bool:
    """Whether a shape hides little of the others."""
    return all(
        np.hypot(new.x - old.x, new.y - old.y) > 0.85 * (new.radius + old.radius)
        for old in placed
    )


def make_scene(seed: int, split: str, index: int, most: int = 4) -> Scene:
    """Makes the scene of an index.

    Args:
        seed: of the data set, >= 0.
        split: "train", "test" or "validation".
        index: number of the example, >= 0; its remainder is the kind of the first
            shape, so that the classes are in balance.
        most: shapes at most, >= 1. With 1 the shape is large.

    Returns:
        The scene, with at least one shape; none hides another by much.

    Raises:
        ValueError: if an argument is out of range.
    """
    if most < 1:
        raise ValueError(f"Expected at least one shape. Received: most={most}")
    rng = generator(seed, split, index)
    radii = (0.2, 0.4) if most == 1 else (0.1, 0.2)
    shapes = [_random_shape(rng, index % len(SHAPES), radii)]
    wanted = int(rng.integers(1, most + 1))
    for _ in range(10 * (wanted - 1)):
        if len(shapes) == wanted:
            break
        shape = _random_shape(rng, int(rng.integers(len(SHAPES))), radii)
        if _is_free(shape, shapes):
            shapes.append(shape)
    # mostly light and dark, a little colour: the shapes' colours must be told from it
    waves = rng.normal(size=(WAVES, 6)) * [2.2, 2.2, 0, 0.012, 0.012, 0.012]
    waves[:, 2] = rng.uniform(0, 2 * np.pi, WAVES)
    waves[:, 3:] += rng.normal(size=(WAVES, 1)) * 0.035
    base = rng.uniform(0.4, 0.75) + rng.uniform(-0.1, 0.1, 3)
    return Scene(tuple(shapes), base, waves, _pair(rng, 0.03))


def _star(points: int, inner: float) -> np.ndarray:
    """Corners of a star, or of a polygon if `inner` is 1."""
    angles = np.arange(2 * points) * np.pi / points - np.pi / 2
    radii = np.where(np.arange(2 * points) % 2, inner, 1)
    return np.stack([radii * np.cos(angles), radii * np.sin(angles)], axis=-1)


def _cross(arm: float) -> np.ndarray:
    corner = np.array([[arm, -1], [arm, -arm], [1, -arm]]) / np.hypot(1, arm)
    quarter = np.array([[0, -1], [1, 0]])
    turns = [np.linalg.matrix_power(quarter, n) for n in range(4)]
    return np.concatenate([corner @ turn.T for turn in turns])


CORNERS = MappingProxyType(
    {
        "square": _star(2, 1),
        "triangle": _star(3, 0.5),
        "star": _star(5, 0.42),
        "cross": _cross(0.33),
    }
)


def _polygon_distance(x: np.ndarray, y: np.ndarray, corners: np.ndarray) -> np.ndarray:
    """Distance to a polygon's outline, negative inside."""
    nearest = np.full(x.shape, np.inf)
    inside = np.zeros(x.shape, dtype=bool)
    for (ax, ay), (bx, by) in zip(corners, np.roll(corners, -1, axis=0), strict=True):
        ex, ey = bx - ax, by - ay
        along = np.clip(((x - ax) * ex + (y - ay) * ey) / (ex**2 + ey**2), 0, 1)
        squared = (x - ax - along * ex) ** 2 + (y - ay - along * ey) ** 2
        nearest = np.minimum(nearest, squared)
        if ey:
            inside ^= ((ay > y) != (by > y)) & (x < ax + (y - ay) * ex / ey)
    return np.where(inside, -1, 1) * np.sqrt(nearest)


def signed_distance(kind: str, x: np.ndarray, y: np.ndarray) -> np.ndarray:
    """Distance to the outline of an upright shape of radius 1, negative inside.

    Args:
        kind: one of `SHAPES`.
        x: to the right of its centre.
        y: below its centre, of the same shape.

    Returns:
        The distances, in the shape of `x`.
    """
    if kind == "circle":
        return np.hypot(x, y) - 1
    if kind == "ring":
        return np.abs(np.hypot(x, y) - 0.78) - 0.22
    return _polygon_distance(x, y, CORNERS[kind])


def _background(scene: Scene, x: np.ndarray, y: np.ndarray, time: float) -> np.ndarray:
    x, y = x - time * scene.drift[0], y - time * scene.drift[1]
    across, down, phase = scene.waves[:, :3].T[:, :, np.newaxis, np.newaxis]
    waves = np.sin(2 * np.pi * (across * x + down * y) + phase)
    return scene.base + np.tensordot(waves, scene.waves[:, 3:], axes=(0, 0))


def render(scene: Scene, size: int, time: float = 0.0) -> tuple[np.ndarray, np.ndarray]:
    """Draws a scene with smooth edges.

    Args:
        scene: from `make_scene`.
        size: pixels a side.
        time: when; 0 is the first frame, 1 the next.

    Returns:
        image: float32 `(size, size, 3)`, values in [0, 1].
        owner: int64 `(size, size)`, the number of the shape that is seen at a pixel's
            centre, -1 for the background.

    Raises:
        ValueError: if the size is too small to show anything.
    """
    if size < 8:
        raise ValueError(f"Expected at least 8 pixels a side. Received: size={size}")
    y, x = (np.mgrid[:size, :size] + 0.5) / size
    image = _background(scene, x, y, time)
    owner = np.full((size, size), -1)
    colours = np.array(list(COLOURS.values()))
    for number, shape in enumerate(scene.shapes):
        dx = x - shape.x - time * shape.velocity[0]
        dy = y - shape.y - time * shape.velocity[1]
        near = np.nonzero(dx**2 + dy**2 < (shape.radius + 1 / size) ** 2)
        angle = shape.angle + time * shape.turn
        cosine, sine = np.cos(angle) / shape.radius, np.sin(angle) / shape.radius
        u = cosine * dx[near] + sine * dy[near]
        v = cosine * dy[near] - sine * dx[near]
        distance = signed_distance(SHAPES[shape.kind], u, v) * shape.radius * size
        stripes = 1 + 0.12 * np.sin(7 * u) * np.sin(7 * v + 1)
        paint = colours[shape.colour] * stripes[:, np.newaxis]
        cover = np.clip(0.5 - distance, 0, 1)[:, np.newaxis]
        image[near] += cover * (paint - image[near])
        owner[near] = np.where(distance < 0, number, owner[near])
    return np.clip(image, 0, 1).astype(np.float32), owner


def flow_field(scene: Scene, owner: np.ndarray) -> np.ndarray:
    """Where each pixel of the first frame has moved in the next.

    Args:
        scene: from `make_scene`.
        owner: `(size, size)` from `render` at time 0.

    Returns:
        float32 `(size, size, 2)`: columns to the right and rows down, in pixels.
    """
    size = len(owner)
    y, x = (np.mgrid[:size, :size] + 0.5) / size
    flow = np.empty((size, size, 2))
    flow[:] = scene.drift
    for number, shape in enumerate(scene.shapes):
        mine = owner == number
        dx, dy = x[mine] - shape.x, y[mine] - shape.y
        cosine, sine = np.cos(shape.turn) - 1, np.sin(shape.turn)
        flow[mine, 0] = cosine * dx - sine * dy + shape.velocity[0]
        flow[mine, 1] = sine * dx + cosine * dy + shape.velocity[1]
    return (flow * size).astype(np.float32)


def describe(scene: Scene) -> str:
    """Says what is in a scene from left to right: "a large red ring and a ..."."""
    names = list(COLOURS)
    parts = []
    for shape in sorted(scene.shapes, key=lambda shape: shape.x):
        size = "large" if shape.radius >= LARGE else "small"
        parts.append(f"a {size} {names[shape.colour]} {SHAPES[shape.kind]}")
    return " and ".join(filter(None, [", ".join(parts[:-1]), parts[-1]]))
