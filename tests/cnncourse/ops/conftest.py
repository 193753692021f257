"""TensorFlow as the oracle: on one thread of the CPU, without its greetings."""

import os
from typing import Any

import pytest

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")


@pytest.fixture(scope="session")
def tf() -> Any:
    """TensorFlow, set up once."""
    import tensorflow

    tensorflow.config.threading.set_inter_op_parallelism_threads(1)
    tensorflow.config.threading.set_intra_op_parallelism_threads(1)
    tensorflow.config.set_visible_devices([], "GPU")
    return tensorflow
