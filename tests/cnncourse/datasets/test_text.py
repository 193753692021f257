"""Tokens, vocabulary and padding."""

from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cnncourse.datasets.loading import load
from cnncourse.datasets.text import (
    PAD,
    SPECIAL,
    TOKENIZERS,
    UNKNOWN,
    Vocabulary,
    build_vocabulary,
    encode,
    kim_tokens,
    modern_tokens,
)


@pytest.mark.parametrize(
    ("sentence", "tokens"),
    [
        ("It isn't Bob's; they've won!", "it is n't bob 's they 've won !"),
        ("I'd say we'll see, you're (not) in?",
         "i 'd say we 'll see , you 're ( not ) in ?"),
        ("a  b\tc--d \x85 e.f", "a b c d e f"),
        ("naïve `quoted' 3.5", "na ve `quoted' 3 5"),
        ("", ""),
    ],
)  # fmt: skip
def test_kim(sentence: str, tokens: str) -> None:
    assert kim_tokens(sentence) == tokens.split()


def test_capitals_stay_for_trec() -> None:
    assert kim_tokens("Who is He?", lower=False) == ["Who", "is", "He", "?"]
    assert modern_tokens("Straße", lower=False) == ["Straße"]


@pytest.mark.parametrize(
    ("sentence", "tokens"),
    [
        ("The café isn't 3.5 stars!", ["the", "café", "isn't", "3.5", "stars", "!"]),
        ("well-made \u201cfilm\u201d", ["well-made", "\u201c", "film", "\u201d"]),
        ("cafe\u0301 and don\u2019t", ["café", "and", "don't"]),
        ("Это не плохо.", ["это", "не", "плохо", "."]),
    ],
)
def test_modern(sentence: str, tokens: list) -> None:
    assert modern_tokens(sentence) == tokens


@pytest.mark.parametrize("name", TOKENIZERS)
@settings(max_examples=60, deadline=None)
@given(sentence=st.text(max_size=60))
def test_tokens_have_no_space_and_split_no_further(name: str, sentence: str) -> None:
    tokens = TOKENIZERS[name](sentence)
    assert all(token and token == "".join(token.split()) for token in tokens)
    if name == "kim":
        assert kim_tokens(" ".join(tokens)) == tokens


def test_the_vocabulary_of_the_film_reviews(real_data: Path) -> None:
    """Kim 2014, table 1: 18,765 words, and the longest sentence has 56."""
    sentences, _ = load("mr", "all", True, data_dir=real_data / "sentences")
    tokens = [kim_tokens(sentence) for sentence in sentences]
    assert len({word for words in tokens for word in words}) == 18_765
    assert len(build_vocabulary(tokens)) == 18_765 + len(SPECIAL)
    assert encode(tokens, build_vocabulary(tokens), margin=4).shape == (10_662, 64)


def test_vocabulary_is_by_frequency_then_alphabet() -> None:
    sentences = [["b", "a", "c"], ["c", "b", "c"]]
    assert build_vocabulary(sentences).words == (*SPECIAL, "c", "b", "a")
    assert build_vocabulary(sentences, min_count=2).words == (*SPECIAL, "c", "b")
    few = build_vocabulary(sentences, max_words=1)
    assert few.words == (*SPECIAL, "c") and len(few) == 3
    assert "c" in few and "b" not in few
    assert few.number("c") == 2 and few.number("b") == UNKNOWN


def test_encoding() -> None:
    vocabulary = build_vocabulary([["good", "film"], ["film"]])
    rows = encode([["good", "film", "good"], ["new"], []], vocabulary, 2, margin=1)
    assert rows.tolist() == [[0, 3, 2, 0], [0, 1, 0, 0], [0, 0, 0, 0]]
    assert rows.dtype == np.int32
    assert encode([["film"], ["a", "b"]], vocabulary).shape == (2, 2)
    assert vocabulary.decode(rows[0]) == ["good", "film"]
    assert vocabulary.decode([PAD, UNKNOWN]) == ["<unknown>"]


@settings(max_examples=40, deadline=None)
@given(
    sentences=st.lists(
        st.lists(st.sampled_from("abcde"), max_size=9), min_size=1, max_size=5
    ),
    length=st.integers(9, 12),
    margin=st.integers(0, 3),
)
def test_decoding_gives_the_words_back(
    sentences: list, length: int, margin: int
) -> None:
    vocabulary = build_vocabulary(["abcde"])
    rows = encode(sentences, vocabulary, length, margin)
    assert [vocabulary.decode(row) for row in rows] == sentences


def test_wrong_arguments() -> None:
    with pytest.raises(ValueError, match=r"at least one word.*min_count=3"):
        build_vocabulary([["a", "a"]], min_count=3)
    with pytest.raises(ValueError, match=r"then different words. Received: .*3 words"):
        Vocabulary((*SPECIAL, "<pad>"))
    vocabulary = build_vocabulary([["a"]])
    for length, margin in ((0, 0), (3, -1)):
        with pytest.raises(ValueError, match=rf"length={length} margin={margin}"):
            encode([["a"]], vocabulary, length, margin)
    with pytest.raises(ValueError, match=r"Received: 0 sentences"):
        encode([], vocabulary)
