"""The commands of `cnncourse` that are about augmentation."""

import argparse
from pathlib import Path
from typing import Any


def add_to(commands: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """Adds the commands to those of `cnncourse`."""
    preview = commands.add_parser(
        "preview", help="draw what an augmentation policy does to a picture"
    )
    preview.add_argument("policy", metavar="POLICY", help="lenet, alexnet, cifar, ...")
    preview.add_argument(
        "image", metavar="IMAGE", nargs="?", type=Path, help="a picture of yours"
    )
    preview.add_argument(
        "-o", "--output", metavar="FILE", type=Path, help="POLICY.png by default"
    )
    preview.add_argument("--seed", type=int, default=0)
    preview.set_defaults(run=run, uses_keras=True)


def run(options: argparse.Namespace) -> int:
    """Writes the preview."""
    from cnncourse.augmentation import POLICIES, preview

    record = POLICIES[options.policy]
    if options.image is None and options.policy == "lenet":
        image = digit(record.size)
    else:
        image = opened(options.image or cat(), record.size)
    if options.policy == "imagenet_eval":  # always the same, and cuts a square itself
        figure = preview(options.policy, image, rows=1, columns=2)
    else:
        figure = preview(options.policy, middle(image), seed=options.seed)
    output = options.output or Path(f"{options.policy}.png")
    figure.savefig(output, dpi=120)
    print(f"{output}: {record.text}")
    return 0


def opened(file: Path, shorter: int) -> Any:
    """Opens a picture and makes its shorter side so long."""
    import numpy as np
    from PIL import Image, UnidentifiedImageError

    try:
        with Image.open(file) as found:
            picture = found.convert("RGB")
    except UnidentifiedImageError:
        raise ValueError(f"Expected a picture. Received: {file}") from None
    factor = shorter / min(picture.size)
    sides = [max(shorter, round(side * factor)) for side in picture.size]
    return np.asarray(picture.resize(sides, Image.Resampling.LANCZOS))


def middle(image: Any) -> Any:
    """Cuts out the square in the middle."""
    side = min(image.shape[:2])
    top, left = ((n - side) // 2 for n in image.shape[:2])
    return image[top : top + side, left : left + side]


def cat() -> Path:
    """Returns the file of scikit-image's cat."""
    import skimage

    return Path(skimage.__file__).parent / "data" / "chelsea.png"


def digit(side: int) -> Any:
    """A figure 5, white on black, `(side, side, 1)`."""
    import numpy as np
    from PIL import Image, ImageDraw, ImageFont

    picture = Image.new("L", (side, side))
    font = ImageFont.load_default(size=side * 0.8)
    centre = (side / 2, side / 2)
    ImageDraw.Draw(picture).text(centre, "5", 255, font, anchor="mm")
    return np.asarray(picture)[..., None]
