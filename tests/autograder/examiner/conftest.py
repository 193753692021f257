"""The toy lab as the examiner uses it, and a session with a real process."""

from __future__ import annotations

import socket
from collections.abc import Iterator

import pytest

from autograder.course import Lab
from autograder.examiner.material import Material
from autograder.examiner.session import Session


@pytest.fixture(scope="session")
def material(toy: Lab) -> Material:
    """The toy lab, compiled."""
    return Material(toy)


@pytest.fixture
def session(control: socket.socket, toy: Lab) -> Iterator[Session]:
    """A session whose process starts when it is asked."""
    running = Session(control, toy.limits)
    yield running
    running.close()
