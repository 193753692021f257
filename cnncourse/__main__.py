"""The `cnncourse` command."""

import argparse
import sys
from collections.abc import Sequence
from importlib import import_module

from cnncourse.quietly import import_quietly

# each has a function `add_to(commands)`, and imports what is slow when a command runs
COMMANDS = (
    "cnncourse.doctor",
    "cnncourse.datasets.command",
    "cnncourse.augmentation.command",
    "cnncourse.architectures.command",
    "cnncourse.training.command",
)


def main(arguments: Sequence[str] | None = None) -> int:
    """Runs a command.

    Args:
        arguments: as typed, without the program's name; by default those of this run.

    Returns:
        The exit status: 0 if all is well, 1 if something is missing, 2 if what was
        asked for is wrong: then one line says what was expected and what came.
    """
    parser = argparse.ArgumentParser(
        prog="cnncourse", description="What the labs of the course need."
    )
    commands = parser.add_subparsers(required=True, metavar="COMMAND")
    for module in COMMANDS:
        import_module(module).add_to(commands)
    options = parser.parse_args(arguments)
    if getattr(options, "uses_keras", False):
        import_quietly("keras")
    try:
        status: int = options.run(options)
    except (ValueError, KeyError, OSError) as error:
        print(f"cnncourse: {error}", file=sys.stderr)
        return 2
    return status


if __name__ == "__main__":
    sys.exit(main())
