"""What nets look at.

Keras is imported when one of the names is first used.
"""

from importlib import import_module
from typing import Any

HOMES = {
    "HighlightedText": "highlighted_text",
    "Ngram": "ngrams",
    "ngram_table": "ngrams",
    "saliency": "ngrams",
    "top_ngrams": "ngrams",
}

__all__ = sorted(HOMES)


def __getattr__(name: str) -> Any:
    if name in HOMES:
        value = getattr(import_module(f"{__name__}.{HOMES[name]}"), name)
        globals()[name] = value
        return value
    raise AttributeError(
        f"Expected one of {', '.join(HOMES)} in {__name__}. Received: {name}"
    )


def __dir__() -> list[str]:
    return sorted(HOMES)
