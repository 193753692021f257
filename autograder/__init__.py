"""Builds, checks and grades labs, on nbgrader's gradebook and formats."""

__version__ = "0.1.0"
