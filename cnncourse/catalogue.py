"""An ordered, immutable table from names to records."""

from collections.abc import Iterable, Iterator, Mapping
from difflib import get_close_matches
from typing import Generic, TypeVar

Record = TypeVar("Record")


class UnknownNameError(KeyError):
    """A name that is not in the catalogue; its text holds the nearest names."""

    def __str__(self) -> str:  # KeyError would show the text in quotation marks
        return str(self.args[0])


class Catalogue(Mapping[str, Record], Generic[Record]):
    """Maps names to records, in the order of definition.

    Args:
        kind: what an entry is, in the singular, for error messages ("data set").
        entries: pairs `(name, record)`.

    Raises:
        ValueError: if a name appears twice.

    Example:
        >>> sizes = Catalogue("size", [("small", 32), ("large", 224)])
        >>> sizes["large"]
        224
    """

    def __init__(self, kind: str, entries: Iterable[tuple[str, Record]]) -> None:
        self._kind = kind
        self._records: dict[str, Record] = {}
        for name, record in entries:
            if name in self._records:
                raise ValueError(
                    f"Expected every {kind} to have its own name. Received: {name!r} "
                    "twice"
                )
            self._records[name] = record

    def __getitem__(self, name: str) -> Record:
        """Returns the record of `name`, or raises `UnknownNameError`."""
        if isinstance(name, str) and name in self._records:
            return self._records[name]
        near = get_close_matches(str(name), self._records, n=3)
        meant = f" Did you mean {' or '.join(map(repr, near))}?" if near else ""
        raise UnknownNameError(
            f"Expected one of {', '.join(map(repr, self._records))} as {self._kind}."
            f"{meant} Received: {name!r}"
        )

    def __contains__(self, name: object) -> bool:
        return isinstance(name, str) and name in self._records

    def __iter__(self) -> Iterator[str]:
        return iter(self._records)

    def __len__(self) -> int:
        return len(self._records)

    def __repr__(self) -> str:
        return f"Catalogue({self._kind!r}: {', '.join(self._records)})"
