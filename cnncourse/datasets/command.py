"""The commands of `cnncourse` that are about datasets."""

import argparse


def add_to(commands: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """Adds the commands to those of `cnncourse`."""
    listing = commands.add_parser("datasets", help="list the data sets, or explain one")
    listing.add_argument("name", nargs="?", help="the data set to explain")
    listing.set_defaults(run=_list)
    show = commands.add_parser("show", help="draw examples of a data set")
    show.add_argument("name", help="a data set of `cnncourse datasets`")
    show.add_argument("-o", "--output", help="picture to write (NAME.png)")
    show.add_argument("--split", default="train", help="which part (train)")
    show.add_argument("--count", type=int, default=12, help="examples (12)")
    show.add_argument("--seed", type=int, default=0, help="of what is random (0)")
    show.add_argument("--task", help="of the set shapes: detection, flow, ...")
    show.add_argument("--data-dir", help="folder with your files or the cache")
    show.add_argument("--image-size", type=int, help="pixels a side")
    show.set_defaults(run=_show)


MARKS = {"nothing": "offline", "network": "online", "files": "your files"}


def _list(options: argparse.Namespace) -> int:
    from cnncourse.datasets.entries import DATASETS
    from cnncourse.datasets.loading import info

    if options.name:
        print(info(options.name))
        return 0
    width = max(map(len, DATASETS))
    for name, record in DATASETS.items():
        sizes = " ".join(f"{n:,}" for n in record.splits.values()) or "-"
        print(
            f"{name:<{width}}  {MARKS[record.needs]:<10}  {record.task:<14}  "
            f"{sizes:<24}  {record.title}"
        )
    print(
        "\noffline: always there; online: downloaded once, then cached; your files: "
        "from data_dir.\n`cnncourse datasets NAME` says more, `cnncourse show NAME` "
        "draws examples."
    )
    return 0


def _show(options: argparse.Namespace) -> int:
    import matplotlib

    matplotlib.use("agg")
    from cnncourse.datasets.showing import save, show

    chosen = {"task": options.task, "image_size": options.image_size,
              "data_dir": options.data_dir}  # fmt: skip
    given = {key: value for key, value in chosen.items() if value is not None}
    figure = show(
        options.name, options.split, options.count, seed=options.seed, **given
    )
    path = options.output or f"{options.name}.png"
    save(figure, path)
    print(path)
    return 0
