"""Settings for every test."""

from __future__ import annotations

import os
import sys
from pathlib import Path

# nbgrader runs `alembic` by name, which is beside this Python
os.environ["PATH"] = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
os.environ.setdefault("MPLBACKEND", "agg")
os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
