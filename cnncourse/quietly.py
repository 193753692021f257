"""Imports TensorFlow without the notes that it writes on itself.

They are a screenful of lines about processors and missing graphics cards, written by
its C++ code before any setting can stop them, and in a notebook they stand in red.
"""

import os
import sys
from importlib import import_module
from pathlib import Path
from types import ModuleType

# one of them is there where CUDA can work: a card of this machine, of WSL, of a Jetson
GPU_FILES = ("/dev/nvidiactl", "/dev/nvidia0", "/dev/dxg", "/dev/nvhost-gpu")


def import_quietly(name: str) -> ModuleType:
    """Imports a module; what C code writes to standard error meanwhile is dropped.

    Args:
        name: of the module, such as "keras".

    Returns:
        The module.

    Raises:
        ImportError: if it cannot be imported; Python's own errors are not dropped.

    Example:
        >>> import_quietly("math").sqrt(4.0)
        2.0
    """
    if name in sys.modules:
        return sys.modules[name]
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
    if sys.platform == "linux" and not any(Path(f).exists() for f in GPU_FILES):
        # or the first operation complains that there is none
        os.environ.setdefault("CUDA_VISIBLE_DEVICES", "-1")
    sys.stderr.flush()
    kept = os.dup(2)
    try:
        nowhere = os.open(os.devnull, os.O_WRONLY)
        os.dup2(nowhere, 2)
        os.close(nowhere)
        return import_module(name)
    finally:
        os.dup2(kept, 2)
        os.close(kept)
