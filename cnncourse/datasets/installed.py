"""Finds data files inside installed packages, without importing the packages.

Importing scikit-learn for one small file would take longer than the lab that uses it;
and while a lab is graded only the packages' data are there, not their code.
"""

from importlib.machinery import PathFinder
from pathlib import Path


def installed_file(package: str, path: str) -> Path:
    """Finds a file of an installed package.

    Args:
        package: top-level import name, such as "sklearn".
        path: path of the file below the package's folder, with slashes.

    Returns:
        The path of the file.

    Raises:
        FileNotFoundError: if the package or the file is missing.
    """
    spec = PathFinder.find_spec(package)
    folders = spec.submodule_search_locations if spec else None
    for folder in folders or ():
        file = Path(folder) / path
        if file.is_file():
            return file
    raise FileNotFoundError(
        f"Expected the file {path} in the installed package {package}: install it, "
        f"or again. Received: {'no such file' if folders else 'no such package'}"
    )
