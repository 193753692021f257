"""The commands of `cnncourse` that are about training."""

import argparse


def add_to(commands: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """Adds the commands to those of `cnncourse`."""
