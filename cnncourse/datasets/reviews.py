"""Film reviews from a grammar, in which the order of the words decides.

Half of the reviews are plain ("the plot is witty"). The others hold one praising and
one damning word and a negation, and each of these sentences has a twin with the two
words exchanged ("not dull but witty", "not witty but dull"): the same words, the other
verdict. Whoever counts words is right for half of them; whoever reads two or three
words in a row can be right for all. Asides use the same words without an opinion ("it
is about a dull clerk").
"""

import zlib
from types import MappingProxyType

import numpy as np

SENTIMENTS = ("negative", "positive")
PRAISE = tuple(
    "brilliant charming clever delightful funny fresh gripping lively lovely memorable "
    "moving perfect splendid subtle superb sweet tender thrilling warm witty".split()
)
BLAME = tuple(
    "boring bland clumsy dreary dull dumb flat feeble hollow lifeless messy pointless "
    "predictable shallow silly slow stale tedious tiresome weak".split()
)
ASPECTS = tuple(
    "cast comedy dialogue drama ending finale hero opening pace performance plot "
    "premise romance score script soundtrack story style twist villain".split()
)
DEGREES = ("", "", "", "really", "truly", "rather", "simply", "quite")
PLAIN = (
    "the {aspect} is {degree} {b}",
    "i found the {aspect} {degree} {b}",
    "what a {b} {aspect}",
    "a {b} film with a {b2} {aspect}",
    "the {aspect} is {b} and so is the {aspect2}",
    "from the first minute the {aspect} feels {b}",
)
NEGATED = (
    "the {aspect} is not {a} but {degree} {b}",
    "the {aspect} is {degree} {b} , not {a}",
    "the {aspect} is {b} and never {a}",
    "i feared a {a} {aspect} and got a {b} one",
    "critics call the {aspect} {a} , i call it {b}",
    "far from {a} , the {aspect} is {degree} {b}",
    "the {aspect} is anything but {a} , it is {b}",
    "nobody could call the {aspect} {a} , it is {b}",
    "the {aspect} looks {a} at first and turns out {b}",
    "less {a} than {b} , that is the {aspect}",
)
ASIDES = (
    "it is about a {any} {person} and a {any2} {person2}",
    "it tells of one {any} summer in {place}",
    "we saw it on a {day} in {place}",
    "a {person} learns that {place} is {any}",
    "it runs for {number} minutes",
    "the {person} in the next seat was from {place}",
    "it was filmed in {place} with {number} actors",
    "my {person} chose it for a {day}",
)
PERSONS = (
    "clerk teacher sister brother painter sailor doctor singer farmer lawyer cousin "
    "neighbour driver student baker soldier".split()
)
PLACES = (
    "paris lisbon oslo vienna naples dublin prague athens madrid berlin boston "
    "chicago kyoto lima cairo sydney".split()
)
DAYS = "monday tuesday wednesday thursday friday saturday sunday holiday".split()
NUMBERS = "twenty thirty forty fifty sixty seventy eighty ninety".split()
# a sentence belongs to one part, whatever the seed: by the remainder of its checksum
PARTS = MappingProxyType(
    {"train": range(8), "test": range(8, 9), "negation": range(9, 10)}
)
STREAMS = MappingProxyType({"train": 0, "test": 1, "negation": 2})


def _words(rng: np.random.Generator, label: int) -> dict[str, str]:
    """A word for every place in the templates."""

    def two(words: tuple[str, ...] | list[str]) -> list[str]:
        return [words[i] for i in rng.choice(len(words), 2, replace=False)]

    wanted, other = (PRAISE, BLAME) if label else (BLAME, PRAISE)
    (b, b2), (a, _), (aspect, aspect2) = two(wanted), two(other), two(ASPECTS)
    (person, person2), (place, _) = two(PERSONS), two(PLACES)
    anything, anything2 = two(PRAISE + BLAME)
    return {
        "a": a, "b": b, "b2": b2, "aspect": aspect, "aspect2": aspect2,
        "any": anything, "any2": anything2, "person": person, "person2": person2,
        "place": place, "degree": str(rng.choice(DEGREES)),
        "day": str(rng.choice(DAYS)), "number": str(rng.choice(NUMBERS)),
    }  # fmt: skip


def _sentence(rng: np.random.Generator, label: int, negated: bool) -> str:
    opinion = str(rng.choice(NEGATED if negated else PLAIN))
    aside = str(rng.choice(ASIDES))
    parts = [opinion, aside] if rng.random() < 0.5 else [aside, opinion]
    text = " . ".join(parts).format(**_words(rng, label))
    return f"{' '.join(text.split())} ."


def reviews_example(seed: int, split: str, index: int) -> tuple[str, np.int64]:
    """Writes one review.

    Args:
        seed: of the data set, >= 0.
        split: "train" or "test", half of which are negated, or "negation", a second
            test in which all are.
        index: number of the example, >= 0; its remainder is the label.

    Returns:
        text: words and marks with one space between them, as in the set MR.
        label: 0 negative, 1 positive.

    Raises:
        ValueError: if an argument is out of range.
    """
    if split not in PARTS:
        raise ValueError(f"Expected one of {', '.join(PARTS)}. Received: split={split}")
    if seed < 0 or index < 0:
        raise ValueError(
            f"Expected seed >= 0 and index >= 0. Received: seed={seed} index={index}"
        )
    rng = np.random.default_rng([seed, STREAMS[split], index])
    label = index % 2
    while True:
        negated = split == "negation" or rng.random() < 0.5
        text = _sentence(rng, label, negated)
        if zlib.crc32(text.encode()) % 10 in PARTS[split]:
            return text, np.int64(label)
