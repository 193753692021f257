"""TensorFlow as the oracle: on one thread of the CPU, without its greetings."""

import os
from typing import Any

import pytest

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")


@pytest.fixture(scope="session")
def tf() -> Any:
    """TensorFlow, imported once."""
    import tensorflow

    return tensorflow
