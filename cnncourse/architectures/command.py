"""The commands of `cnncourse` that are about architectures."""

import argparse
from typing import Any


def models(options: argparse.Namespace) -> int:
    """Prints the catalogue as a table."""
    from rich.console import Console
    from rich.markup import escape
    from rich.table import Table

    from cnncourse import architectures

    names = architectures.list(task=options.task, year=options.year)
    table = Table()
    for column in ("name", "year", "paper", "input"):
        table.add_column(column, overflow="fold", no_wrap=column != "paper")
    for column in ("parameters", "MACs"):
        table.add_column(column, justify="right", no_wrap=True)
    for name in names:
        entry = architectures.ARCHITECTURES[name]
        size = " x ".join(map(str, entry.input_shape))
        macs = "" if entry.macs is None else f"{entry.macs:,}"
        paper = escape(entry.paper)
        table.add_row(name, str(entry.year), paper, size, f"{entry.parameters:,}", macs)
    Console(width=max(132, Console().width)).print(table)
    print(f"{len(names)} architectures")
    return 0


def summary(options: argparse.Namespace) -> int:
    """Prints the table of a model's layers."""
    from cnncourse import architectures

    print(architectures.summary(_outline(options)))
    return 0


def diagram(options: argparse.Namespace) -> int:
    """Writes the picture of a model."""
    from cnncourse import architectures

    picture = architectures.diagram(_outline(options))
    picture.save(options.output)
    print(f"{options.output}: {options.name}")
    return 0


def _outline(options: argparse.Namespace) -> Any:
    from cnncourse import architectures

    return architectures.outline(
        options.name, input_shape=options.input, num_classes=options.classes
    )


def sizes(text: str) -> tuple[int, ...]:
    """Reads a shape such as "28x28x1".

    Raises:
        argparse.ArgumentTypeError: if the text is no shape.
    """
    try:
        return tuple(int(size) for size in text.split("x"))
    except ValueError:
        raise argparse.ArgumentTypeError(
            f"Expected sizes such as 28x28x1. Received: {text!r}"
        ) from None


def add_to(commands: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """Adds the commands to those of `cnncourse`."""
    text = "Lists the reference architectures, in teaching order."
    parser = commands.add_parser("models", help=text, description=text)
    parser.add_argument("--task", help='only those for it, such as "classification"')
    parser.add_argument("--year", type=int, help="only those of this year")
    parser.set_defaults(run=models, uses_keras=True)
    for name, run, text in (
        ("summary", summary, "Prints the layers of an architecture and their costs."),
        ("diagram", diagram, "Draws an architecture, as SVG or PNG."),
    ):
        parser = commands.add_parser(name, help=text, description=text)
        parser.add_argument("name", help="as `cnncourse models` lists it")
        parser.add_argument("--input", type=sizes, help="such as 28x28x1")
        parser.add_argument("--classes", type=int, help="number of classes")
        if run is diagram:
            parser.add_argument(
                "-o", "--output", required=True, help="a file *.svg or *.png"
            )
        parser.set_defaults(run=run, uses_keras=True)
