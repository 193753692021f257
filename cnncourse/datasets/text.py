"""Sentences as whole numbers: tokens, a vocabulary, padding."""

import re
import unicodedata
from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from types import MappingProxyType

import numpy as np

PAD, UNKNOWN = 0, 1
SPECIAL = ("<pad>", "<unknown>")

# what is not one of these becomes a space; these marks and endings stand alone
_KEPT_BY_KIM = re.compile(r"[^A-Za-z0-9(),!?'`]")
_ENDING = re.compile(r"('s|'ve|n't|'re|'d|'ll)")
_MARK = re.compile(r"([,!()?])")
# words with inner apostrophes and hyphens, numbers, single marks
_MODERN = re.compile(r"\w+(?:['\-.]\w+)*|[^\w\s]", re.UNICODE)


def kim_tokens(sentence: str, lower: bool = True) -> list[str]:
    """Splits a sentence as Kim 2014 did.

    Letters, digits and `(),!?'` and the backtick are kept, all else is a space; the
    endings 's, 've, n't, 're, 'd, 'll and the marks , ! ( ) ? are tokens of their own.

    Args:
        sentence: text.
        lower: whether to write it small; the paper does so but for TREC.

    Returns:
        The tokens.

    Source: Kim 2014; the rules are those of `clean_str` in the author's program.

    Example:
        >>> kim_tokens("It isn't funny, is it?")
        ['it', 'is', "n't", 'funny', ',', 'is', 'it', '?']
    """
    text = _KEPT_BY_KIM.sub(" ", sentence)
    text = _MARK.sub(r" \1 ", _ENDING.sub(r" \1", text))
    return (text.lower() if lower else text).split()


def modern_tokens(sentence: str, lower: bool = True) -> list[str]:
    """Splits a sentence of any script into words, numbers and single marks.

    Accents and all scripts stay, and letters that look alike but are encoded in several
    ways become equal (NFKC). Inner apostrophes, hyphens and points do not split.

    Args:
        sentence: text.
        lower: whether to fold capitals.

    Returns:
        The tokens.

    Example:
        >>> modern_tokens("The café isn't 3.5 stars!")
        ['the', 'café', "isn't", '3.5', 'stars', '!']
    """
    text = unicodedata.normalize("NFKC", sentence).replace("\u2019", "'")
    return _MODERN.findall(text.casefold() if lower else text)


TOKENIZERS: Mapping[str, Callable[..., list[str]]] = MappingProxyType(
    {"kim": kim_tokens, "modern": modern_tokens}
)


@dataclass(frozen=True)
class Vocabulary:
    """Words and their numbers; 0 is padding and 1 an unknown word.

    Attributes:
        words: all, `SPECIAL` first.
    """

    words: tuple[str, ...]
    _numbers: Mapping[str, int] = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        numbers = {word: number for number, word in enumerate(self.words)}
        if self.words[:2] != SPECIAL or len(numbers) != len(self.words):
            raise ValueError(
                f"Expected {SPECIAL} and then different words. "
                f"Received: {self.words[:4]}... ({len(self.words)} words)"
            )
        object.__setattr__(self, "_numbers", numbers)

    def __len__(self) -> int:
        return len(self.words)

    def __contains__(self, word: object) -> bool:
        return word in self._numbers

    def number(self, word: str) -> int:
        """The number of a word, `UNKNOWN` if it has none."""
        return self._numbers.get(word, UNKNOWN)

    def decode(self, numbers: Iterable[int]) -> list[str]:
        """The words of numbers, without padding."""
        return [self.words[int(number)] for number in numbers if number != PAD]


def build_vocabulary(
    sentences: Iterable[Sequence[str]],
    max_words: int | None = None,
    min_count: int = 1,
) -> Vocabulary:
    """Numbers the words of the training sentences, the most frequent first.

    Give it the training split alone: with the words of the test split the model would
    know which words it will be asked about.

    Args:
        sentences: tokens of each.
        max_words: how many to keep beside padding and unknown; all if None.
        min_count: how often a word must occur.

    Returns:
        The vocabulary; words that occur equally often are in alphabetical order.

    Raises:
        ValueError: if no word is left.
    """
    counts = Counter(word for tokens in sentences for word in tokens)
    ordered = sorted(counts.items(), key=lambda item: (-item[1], item[0]))
    words = [word for word, count in ordered if count >= min_count][:max_words]
    if not words:
        raise ValueError(
            "Expected at least one word. Received: "
            f"{len(counts)} words, max_words={max_words} min_count={min_count}"
        )
    return Vocabulary((*SPECIAL, *words))


def encode(
    sentences: Sequence[Sequence[str]],
    vocabulary: Vocabulary,
    length: int | None = None,
    margin: int = 0,
) -> np.ndarray:
    """Writes sentences as rows of numbers of one length.

    Args:
        sentences: tokens of each.
        vocabulary: of the training split.
        length: of a row without its margins; longer sentences lose their end, shorter
            ones are padded there. None takes the longest sentence.
        margin: paddings in front and behind, so that a filter of height h sees the
            first word in each place; Kim 2014 has h - 1 of the widest filter.

    Returns:
        int32 `(N, margin + length + margin)`.

    Raises:
        ValueError: if the length is not positive, the margin is negative or there is no
            sentence.

    Example:
        >>> encode([["a", "b"]], build_vocabulary([["a"]]), length=3)
        array([[2, 1, 0]], dtype=int32)
    """
    if length is None:
        length = max(map(len, sentences), default=0)
    if length < 1 or margin < 0:
        raise ValueError(
            "Expected sentences, length >= 1 and margin >= 0. Received: "
            f"{len(sentences)} sentences, length={length} margin={margin}"
        )
    rows = np.full((len(sentences), length + 2 * margin), PAD, dtype=np.int32)
    for row, tokens in zip(rows, sentences, strict=True):
        numbers = [vocabulary.number(word) for word in tokens[:length]]
        row[margin : margin + len(numbers)] = numbers
    return rows
