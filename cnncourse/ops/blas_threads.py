"""How many threads share a product of two matrices."""

from functools import lru_cache
from os import cpu_count
from pathlib import Path
from typing import Any

import numpy as np


def blas_threads() -> int:
    """Returns the number of threads that NumPy's BLAS uses now.

    Where the library cannot be asked, as on macOS, it is taken to use all processors.
    """
    library = _numpys_blas()
    return (library and library.get_num_threads()) or cpu_count() or 1


@lru_cache(maxsize=1)
def _numpys_blas() -> Any:
    """threadpoolctl's view of the library; None if it does not know it.

    A wheel of NumPy carries its own, beside its package; elsewhere all packages share
    one.
    """
    from threadpoolctl import ThreadpoolController

    found = ThreadpoolController().select(user_api="blas").lib_controllers
    carried = str(Path(np.__file__).parent)
    own = [library for library in found if library.filepath.startswith(carried)]
    return next(iter(own or found), None)
