"""Labs and submissions as plain data, for the pipe to the examiner."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

from autograder.cells import Alternative, Cell
from autograder.course import Lab, Limits
from autograder.record import Finding
from autograder.submission import Submission


def to_plain(thing: Lab | Submission) -> dict[str, Any]:
    """A lab or submission as dicts, tuples, text, numbers and bytes."""
    return asdict(thing)


def lab_from_plain(plain: dict[str, Any]) -> Lab:
    """The lab that `to_plain` took apart."""
    nested = {
        "cells": tuple(Cell(**c) for c in plain["cells"]),
        "limits": Limits(**plain["limits"]),
        "mistakes": tuple(Alternative(**m) for m in plain["mistakes"]),
        "variants": tuple(Alternative(**v) for v in plain["variants"]),
    }
    return Lab(**{**plain, **nested})


def submission_from_plain(plain: dict[str, Any]) -> Submission:
    """The submission in a request to the examiner."""
    fields = plain["submission"]
    findings = tuple(Finding(**f) for f in fields["findings"])
    return Submission(**{**fields, "findings": findings})
