"""Settings for every test."""

from __future__ import annotations

import os
import sys
from pathlib import Path

import pytest

# nbgrader runs `alembic` by name, which is beside this Python
os.environ["PATH"] = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
os.environ.setdefault("MPLBACKEND", "agg")
os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
# before TensorFlow starts: afterwards it takes no settings, whichever test comes first
os.environ.setdefault("TF_NUM_INTEROP_THREADS", "1")
os.environ.setdefault("TF_NUM_INTRAOP_THREADS", "1")
os.environ.setdefault("CUDA_VISIBLE_DEVICES", "")

DATA = Path(
    os.environ.get("CNNCOURSE_DATA", Path(__file__).parents[2] / "shared" / "data")
)


@pytest.fixture(scope="session")
def real_data() -> Path:
    """The folder of real data sets, which the project does not contain."""
    if not DATA.is_dir():
        pytest.skip(f"no data sets in {DATA}: name a folder in CNNCOURSE_DATA")
    return DATA
