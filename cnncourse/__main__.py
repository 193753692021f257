"""The `cnncourse` command."""

import argparse
import sys
from collections.abc import Sequence


def main(arguments: Sequence[str] | None = None) -> int:
    """Runs a command.

    Args:
        arguments: as typed, without the program's name; by default those of this run.

    Returns:
        The exit status: 0 if all is well, 1 if something is missing.
    """
    parser = argparse.ArgumentParser(
        prog="cnncourse", description="What the labs of the course need."
    )
    commands = parser.add_subparsers(required=True, metavar="COMMAND")
    text = "Says whether this machine can run the labs."
    doctor = commands.add_parser("doctor", help=text, description=text)
    doctor.set_defaults(run=_doctor)
    options = parser.parse_args(arguments)
    status: int = options.run(options)
    return status


def _doctor(options: argparse.Namespace) -> int:
    from cnncourse.doctor import report

    return report()


if __name__ == "__main__":
    sys.exit(main())
