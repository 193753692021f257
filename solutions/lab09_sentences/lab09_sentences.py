# ---
# jupyter:
#   kernelspec:
#     display_name: Python 3
#     language: python
#     name: python3
#   lab:
#     title: Sentences
#     preload: [keras, sklearn]
#     withheld_modules: [cnncourse.architectures, cnncourse.datasets.text,
#       cnncourse.datasets.word_vectors, cnncourse.training, cnncourse.ops, tensorflow,
#       torch, jax, keras.preprocessing]
#     withheld_names: [keras.utils.pad_sequences, keras.layers.TextVectorization,
#       keras.layers.StringLookup]
#     memory_mb: 3000
# ---

# %% [markdown]
# # Lab 09: Sentences
#
# A convolution looks for the same small thing everywhere. Nothing says that it must
# look in a picture. Lecture 0 closes with "CNNs in language": is this review of a film
# friendly or not? A sentence is a row of words as a signal is a row of numbers, and a
# small thing in it is a few words side by side: *not dull*, *far from funny*.
#
# In 2014 Yoon Kim put one layer of convolution on word vectors, kept of each filter's
# answers the largest, and classified sentences as well as far larger models did. In
# this lab you build his network, from the text to the weights' norms, and then ask it
# which words made it decide.
#
# **When you are through you can**
#
# - turn text into rows of whole numbers, and say what padding, an unknown word and the
#   test set have to do with that;
# - say along which axis a convolution over words slides, and along which it must not;
# - build the net with word vectors that are trained, that are not, and both;
# - explain why counting words must fail where their order decides, and how a window of
#   a few words does not;
# - read the filters: which words excite them, in which sentence, how much.
#
# **How it works.** Replace `raise NotImplementedError()` by your code, run the cell,
# then the checks below it. A check cell that prints nothing has passed. After you
# submit, hidden checks try everything that the docstring promises on other inputs.
#
# Exercise 6 is in Keras, the others need Python and NumPy only. What would be the
# answer ready made is switched off while your work is graded.
#
# **How long it takes.** Three hours. The exercises do not need each other; the
# experiments need all of them.
#
# | exercise | function | points |
# |---|---|---|
# | 1. Words | `tokenize` | 3 |
# | 2. Which words there are | `build_vocabulary` | 3 |
# | 3. Rows of numbers | `encode` | 3 |
# | 4. Filters that read | `conv_over_time` | 3 |
# | 5. Anywhere in the sentence | `max_over_time` | 2 |
# | 6. The net | `sentence_cnn` | 4 |
# | 7. Weights on a leash | `max_norm` | 2 |

# %% given="setup"
import re
from collections import Counter

import matplotlib.pyplot as plt
import numpy as np

from cnncourse import checks, datasets, plots
from cnncourse.quietly import import_quietly

keras = import_quietly("keras")
PAD, UNKNOWN = 0, 1  # the first two numbers of every vocabulary
FULL = False  # True: more sentences and more seeds, some minutes
FILM_REVIEWS = None  # a folder with rt-polarity.all: then Kim's real reviews run too

# %% [markdown]
# ## Reviews whose words deceive
#
# Our data are reviews of films made by a small grammar, so they are there offline and
# we know what is in them. Half of them are plain. The other half hold a praising word,
# a damning word and a negation of some sort, and these sentences come in **twins**: the
# same words with the two exchanged, and the opposite verdict.

# %% experiment="reviews"
examples = 3000 if FULL else 1500
train_texts, train_labels = datasets.load(
    "reviews", "train", as_numpy=True, examples=examples
)
tests = {
    "test (half of them negated)": "test",
    "negation (all of them)": "negation",
}
tests = {
    name: datasets.load("reviews", part, as_numpy=True, examples=600)
    for name, part in tests.items()
}
for text, label in list(zip(*tests["negation (all of them)"], strict=True))[:10]:
    print(f"{('negative', 'positive')[label]:9} {text}")

# %% [markdown]
# ## 1. Words
#
# A net does not read letters. First the text is cut into **tokens**: words and marks.
# How to cut is a choice that must be the same for training and for use, and papers are
# reproduced only if it is theirs. Kim's rules are four, in this order:
#
# 1. What is not one of `A-Z a-z 0-9 ( ) , ! ? '` or a backtick becomes a space: also
#    full stops, hyphens and letters with accents.
# 2. In front of each of the endings `'s 've n't 're 'd 'll` comes a space, wherever it
#    stands: *isn't* becomes *is n't*, so that the net sees a word *n't*, which it will
#    need. These are small letters; capitals are not endings.
# 3. The marks `, ! ( ) ?` stand alone, with a space on both sides.
# 4. Capitals become small letters, and the text is cut at the spaces.
#
# **Your task.** Write `tokenize`. The module `re` helps, but chains of `replace` do it
# too.


# %% solution="tokenize"
def tokenize(sentence):
    """The tokens of a sentence, by the four rules above in their order.

    Args:
        sentence: str.
    Returns:
        List of str, none of them empty; an empty list if nothing is left.
    """
    ### BEGIN SOLUTION
    text = re.sub(r"[^A-Za-z0-9(),!?'`]", " ", sentence)
    text = re.sub(r"('s|'ve|n't|'re|'d|'ll)", r" \1", text)
    text = re.sub(r"([,!()?])", r" \1 ", text)
    return text.lower().split()
    ### END SOLUTION


# %% tests="tokenize" name="marks" points=1
checks.equal(
    tokenize("Funny, warm and fresh: is it?"),
    ["funny", ",", "warm", "and", "fresh", "is", "it", "?"],
    "a sentence with a comma and a question mark",
)
checks.equal(
    tokenize("a well-made film. (really)"),
    ["a", "well", "made", "film", "(", "really", ")"],
    "a hyphen, a full stop and brackets",
)
### BEGIN HIDDEN TESTS
checks.equal(tokenize("no!!no"), ["no", "!", "!", "no"], "marks side by side")
checks.equal(tokenize("good , good"), ["good", ",", "good"], "marks with spaces")
rng = np.random.default_rng(0)
for _ in range(30):
    text, tokens = "", []
    for _ in range(int(rng.integers(1, 9))):
        word = "".join(rng.choice(list("abegmoz05"), size=int(rng.integers(1, 6))))
        mark = str(rng.choice(["", "", "?", "!", ",", ")", "("]))
        text += word + mark + str(rng.choice([" ", "-", ". ", "\t", ";", " \n"]))
        tokens += [word, mark] if mark else [word]
    checks.equal(tokenize(text), tokens, "a random sentence with marks and dashes")
### END HIDDEN TESTS

# %% tests="tokenize" name="endings" points=1
checks.equal(
    tokenize("you couldn't've known"),
    ["you", "could", "n't", "'ve", "known"],
    "couldn't've, which has two endings",
)
checks.equal(
    tokenize("it isn't the hero's day"),
    ["it", "is", "n't", "the", "hero", "'s", "day"],
    "isn't and hero's",
)
checks.equal(
    tokenize("they've said we'll see"),
    ["they", "'ve", "said", "we", "'ll", "see"],
    "they've and we'll",
)
### BEGIN HIDDEN TESTS
checks.equal(
    tokenize("we're sure i'd say who'll've"),
    ["we", "'re", "sure", "i", "'d", "say", "who", "'ll", "'ve"],
    "the other endings, and two in one word",
)
checks.equal(
    tokenize("isn't,it's?"),
    ["is", "n't", ",", "it", "'s", "?"],
    "endings with marks behind them",
)
checks.equal(
    tokenize("rock 'n' roll `so` i'm"),
    ["rock", "'n'", "roll", "`so`", "i'm"],
    "apostrophes that begin no ending, and backticks",
)
### END HIDDEN TESTS

# %% tests="tokenize" name="letters" points=1
checks.equal(tokenize("A FILM for Me"), ["a", "film", "for", "me"], "capitals")
checks.equal(tokenize("DON'T go"), ["don't", "go"], "an ending in capitals")
### BEGIN HIDDEN TESTS
checks.equal(tokenize("IT's Jo'S"), ["it", "'s", "jo's"], "endings and capitals")
checks.equal(
    tokenize("a café in Kraków, n° 5"),
    ["a", "caf", "in", "krak", "w", ",", "n", "5"],
    "letters with accents",
)
checks.equal(tokenize("the the the"), ["the", "the", "the"], "a word three times")
checks.equal(tokenize(" ...  - "), [], "a text of which nothing is left")
checks.equal(tokenize(""), [], "an empty text")
### END HIDDEN TESTS

# %% [markdown]
# ## 2. Which words there are
#
# Each word gets a number. Two numbers are taken: 0 is **padding**, which fills short
# sentences up and is no word, and 1 is **unknown**, for words that have no number.
#
# Whose words? Those of the **training** sentences only. It is tempting to number all
# words of all files, since nothing is trained by that. But then the model was built in
# knowledge of the test set: no test word is ever unknown, and the accuracy promises
# something that new sentences will not keep.
#
# **Your task.** Write `build_vocabulary`. The frequent words come first, so that
# `max_words` cuts off the rare ones; words that are equally frequent are in
# alphabetical order, so that the numbers do not depend on how the sentences were
# shuffled.


# %% solution="build_vocabulary"
def build_vocabulary(sentences, parts, max_words=None):
    """Numbers the words of the training sentences, the most frequent first.

    Args:
        sentences: list of sentences, each a list of tokens (str).
        parts: list of str as long, the part each sentence belongs to: "train", "test"
            or another. Only "train" counts.
        max_words: how many words to keep, not counting padding and unknown; None for
            all.
    Returns:
        dict, token to int: "<pad>" has 0, "<unknown>" has 1, the words have 2, 3, ...,
        in order of how often they occur in all training sentences together, the most
        frequent first; those that occur equally often are in the order of `sorted`.
    Raises:
        ValueError: if there is no word in the training sentences.
    """
    ### BEGIN SOLUTION
    pairs = zip(sentences, parts, strict=True)
    counts = Counter(word for words, part in pairs if part == "train" for word in words)
    if not counts:
        raise ValueError(
            "Expected words in the training sentences. "
            f"Received: {len(sentences)} sentences, parts={sorted(set(parts))}"
        )
    ordered = sorted(counts, key=lambda word: (-counts[word], word))[:max_words]
    return {
        word: number for number, word in enumerate(["<pad>", "<unknown>", *ordered])
    }
    ### END SOLUTION


# %% tests="build_vocabulary" name="order" points=1
sentences = [["the", "hero", "is", "the", "villain"], ["the", "plot", "is", "dull"]]
checks.equal(
    build_vocabulary(sentences, ["train", "train"]),
    {"<pad>": 0, "<unknown>": 1, "the": 2, "is": 3, "dull": 4, "hero": 5, "plot": 6}
    | {"villain": 7},
    "two training sentences",
)
### BEGIN HIDDEN TESTS
rng = np.random.default_rng(1)
for _ in range(10):
    sentences = [
        [str(word) for word in rng.choice(list("qwertzuiop"), size=n)]
        for n in rng.integers(0, 9, size=12)
    ]
    numbers = build_vocabulary(sentences, ["train"] * 12)
    flat = [word for words in sentences for word in words]
    ranks = sorted((-flat.count(word), word) for word in set(flat))
    checks.equal(
        numbers,
        {"<pad>": 0, "<unknown>": 1} | {w: i + 2 for i, (_, w) in enumerate(ranks)},
        "random sentences, some of them empty",
    )
### END HIDDEN TESTS

# %% tests="build_vocabulary" name="parts" points=1
sentences = [["a", "dull", "plot"], ["a", "superb", "superb", "plot"], ["a", "hero"]]
checks.equal(
    build_vocabulary(sentences, ["train", "test", "train"]),
    {"<pad>": 0, "<unknown>": 1, "a": 2, "dull": 3, "hero": 4, "plot": 5},
    "two training sentences and a test sentence between them",
)
checks.raises(
    ValueError, build_vocabulary, [["a"]], ["test"], what="no training sentence"
)
### BEGIN HIDDEN TESTS
sentences = [["b", "b", "a"], ["a", "a", "c"], ["d", "a", "c"], ["b", "e"]]
checks.equal(
    build_vocabulary(sentences, ["train", "negation", "validation", "train"]),
    {"<pad>": 0, "<unknown>": 1, "b": 2, "a": 3, "e": 4},
    "other parts, in which another word is the most frequent",
)
checks.raises(
    ValueError, build_vocabulary, [[], []], ["train"] * 2, what="empty sentences"
)
### END HIDDEN TESTS

# %% tests="build_vocabulary" name="max_words" points=1
sentences = [["c", "c", "c", "b", "b", "a", "d"]]
checks.equal(
    build_vocabulary(sentences, ["train"], max_words=3),
    {"<pad>": 0, "<unknown>": 1, "c": 2, "b": 3, "a": 4},
    "the three most frequent of four words",
)
### BEGIN HIDDEN TESTS
sentences = [["n", "m"], ["m", "o", "k"], ["k", "m"]]
for count, words in [(1, "m"), (2, "mk"), (4, "mkno"), (9, "mkno")]:
    checks.equal(
        build_vocabulary(sentences, ["train"] * 3, max_words=count),
        {"<pad>": 0, "<unknown>": 1} | {w: i + 2 for i, w in enumerate(words)},
        "at most so many words",
    )
### END HIDDEN TESTS

# %% [markdown]
# ## 3. Rows of numbers
#
# A batch is an array, so its sentences need one length. Short ones are filled with
# padding behind their last word, long ones lose their end, and a word without a number
# becomes `UNKNOWN`: it is there, we only do not know it, so it must not vanish and it
# must not become padding.
#
# A **margin** of padding on both sides lets a window of $h$ words see the first word in
# each of its $h$ places: Kim's margin is $h - 1$ for his widest window. It comes on top
# of the length.
#
# **Your task.** Write `encode`.


# %% solution="encode"
def encode(sentences, vocabulary, length, margin=0):
    """Writes sentences as rows of numbers of one length.

    Args:
        sentences: list of sentences, each a list of tokens (str).
        vocabulary: dict, token to int, as in exercise 2; it is left as it is.
        length: how many words a row holds, at least 1. A longer sentence loses its last
            words, a shorter one is filled with `PAD` behind its last word.
        margin: how many `PAD` come in front of all this, and as many behind it.
    Returns:
        int32 array `(len(sentences), margin + length + margin)`; a token that is not in
        the vocabulary is `UNKNOWN`.
    Raises:
        ValueError: if `length < 1`.
    """
    ### BEGIN SOLUTION
    if length < 1:
        raise ValueError(f"Expected length >= 1. Received: length={length}")
    rows = np.full((len(sentences), length + 2 * margin), PAD, dtype=np.int32)
    for row, words in zip(rows, sentences, strict=True):
        numbers = [vocabulary.get(word, UNKNOWN) for word in words[:length]]
        row[margin : margin + len(numbers)] = numbers
    return rows
    ### END SOLUTION


# %% tests="encode" name="length" points=1
vocabulary = {"<pad>": 0, "<unknown>": 1, "the": 2, "is": 3, "dull": 4, "plot": 5}
checks.array(
    encode([["the", "plot", "is", "dull"], ["dull"]], vocabulary, length=4),
    [[2, 5, 3, 4], [4, 0, 0, 0]],
    "a sentence of the length, and one that is shorter",
)
checks.array(
    encode([["the", "plot", "is", "dull"]], vocabulary, length=2),
    [[2, 5]],
    "a sentence that is longer",
)
### BEGIN HIDDEN TESTS
rng = np.random.default_rng(2)
words = list(vocabulary)[2:]
for length in (1, 3, 7, 12):
    sentences = [
        [str(word) for word in rng.choice(words, size=n)] for n in (0, 2, 9, 5)
    ]
    by_hand = np.zeros((4, length), int)
    for n, i in np.ndindex(by_hand.shape):
        if i < len(sentences[n]):
            by_hand[n, i] = vocabulary[sentences[n][i]]
    checks.array(encode(sentences, vocabulary, length), by_hand, "another length")
### END HIDDEN TESTS

# %% tests="encode" name="unknown" points=1
vocabulary = {"<pad>": 0, "<unknown>": 1, "the": 2, "is": 3, "dull": 4, "plot": 5}
checks.array(
    encode([["the", "finale", "is", "dull"]], vocabulary, length=5),
    [[2, 1, 3, 4, 0]],
    "a sentence with a word that has no number",
)
### BEGIN HIDDEN TESTS
checks.array(
    encode([["a", "b", "a", "plot"], ["plot", "b"]], vocabulary, length=4),
    [[1, 1, 1, 5], [5, 1, 0, 0]],
    "several words that have no number",
)
checks.array(
    encode([["a", "b", "plot", "is"]], vocabulary, length=3),
    [[1, 1, 5]],
    "unknown words in a sentence that is too long",
)
### END HIDDEN TESTS

# %% tests="encode" name="margin" points=1
vocabulary = {"<pad>": 0, "<unknown>": 1, "the": 2, "is": 3, "dull": 4, "plot": 5}
rows = encode([["the", "plot"], ["is", "dull", "plot", "is"]], vocabulary, 3, margin=2)
checks.array(rows, [[0, 0, 2, 5, 0, 0, 0], [0, 0, 3, 4, 5, 0, 0]], "margins of two")
checks.dtype(rows, np.int32, "the rows")
### BEGIN HIDDEN TESTS
checks.array(
    encode([["dull"], []], vocabulary, 2, margin=1),
    [[0, 4, 0, 0], [0, 0, 0, 0]],
    "margins of one, and an empty sentence",
)
checks.dtype(encode([["dull"]], vocabulary, 2), np.int32, "a row without margins")
checks.raises(ValueError, encode, [["dull"]], vocabulary, 0, what="length 0")
### END HIDDEN TESTS

# %% [markdown]
# ## 4. Filters that read
#
# Each number is looked up in a table of **word vectors**, `(words in the vocabulary,
# D)`, so a sentence becomes an array of $T$ words by $D$ entries. It looks like a
# picture, and papers draw it as one, but it is none. In a picture, the pixel to the
# right is a neighbour. Entry 7 of a word vector is no neighbour of entry 8: you could
# shuffle the entries of all vectors and nothing would be lost. So a filter does **not
# slide along the entries**. It covers $h$ words in their whole width and slides along
# time only:
#
# $$y_{b,t,f} = b_f + \sum_{i=0}^{h-1} \sum_{d} x_{b,\,t+i,\,d} \; w_{i,d,f}$$
#
# The entries are channels, as the colours of a picture are, and $T - h + 1$ numbers
# come out for each filter.
#
# Here is a sentence with vectors of two entries, *opinion* and *negation*. The filter
# waits for a negation and then a damning word, and its bias makes it strict. Which of
# the three windows does it like?

# %% given="small_sentence"
small_words = ["it", "is", "not", "dull"]
small_sentence = np.array([[[0, 0], [0, 0], [0, 1], [-1, 0]]], dtype=float)  # (1, 4, 2)
not_bad = np.array([[[0], [1]], [[-1], [0]]], dtype=float)  # (2, 2, 1)
not_good = np.array([[[0], [1]], [[1], [0]]], dtype=float)
small_filters = np.concatenate([not_bad, not_good], axis=2)  # (2, 2, 2)

# %% experiment="small_sentence"
unknown = np.full((3, 1), np.nan)
plots.numbers(
    [small_sentence[0], not_bad[:, :, 0], unknown],
    ["it is not dull", "filter", "y without bias"],
    ["*", "="],
    [(2, 0, 2, 2), None, (2, 0, 1, 1)],
)

# %% [markdown]
# **Your task.** Write `conv_over_time` with NumPy. As everywhere in this course the
# filter is not flipped, and there is no padding: `encode` has seen to that.


# %% solution="conv_over_time"
def conv_over_time(x, w, b):
    """Lays each filter on every window of words, in the words' whole width.

    Args:
        x: array `(B, T, D)` of float32 or float64: sentences, words, entries.
        w: array `(h, D, filters)` of the same dtype.
        b: array `(filters,)` of the same dtype, added to each answer.
    Returns:
        Array `(B, T - h + 1, filters)` of the same dtype; the arguments stay as they
        are.
    Raises:
        ValueError: if the sentences are shorter than the window.
    """
    ### BEGIN SOLUTION
    height = len(w)
    if x.shape[1] < height:
        raise ValueError(
            f"Expected at least {height} words. Received: x.shape={x.shape}"
        )
    windows = x.shape[1] - height + 1
    return b + sum(x[:, i : i + windows] @ w[i] for i in range(height))
    ### END SOLUTION


# %% tests="conv_over_time" name="windows" points=1
y = conv_over_time(small_sentence, small_filters, np.array([-1.0, -1.0]))
checks.shape(y, (1, 3, 2), "it is not dull")
checks.array(y[0], [[-1, -1], [-1, -1], [1, -1]], "it is not dull")
x = np.array([1.0, 2, 3, 4]).reshape(1, 4, 1)
checks.array(
    conv_over_time(x, np.array([1.0, 10, 100]).reshape(3, 1, 1), np.zeros(1))[0, :, 0],
    [321, 432],
    "1 2 3 4 with the filter 1 10 100",
)
### BEGIN HIDDEN TESTS
rng = np.random.default_rng(3)
for length, height, case in [
    (7, 3, "a window of three words"),
    (5, 5, "a window as long as the sentence"),
    (6, 1, "a window of one word"),
    (9, 4, "a window of four words"),
]:
    x, w = rng.normal(size=(1, length, 1)), rng.normal(size=(height, 1, 1))
    by_hand = [
        sum(x[0, t + i, 0] * w[i, 0, 0] for i in range(height)) + 0.5
        for t in range(length - height + 1)
    ]
    received = conv_over_time(x, w, np.array([0.5]))
    checks.array(received, np.reshape(by_hand, (1, -1, 1)), case)
### END HIDDEN TESTS

# %% tests="conv_over_time" name="entries" points=1
x = np.arange(12.0).reshape(1, 3, 4)
w = np.ones((2, 4, 3)) * [1, 2, 0]
checks.array(
    conv_over_time(x, w, np.array([0.0, 0, 7])),
    [[[28, 56, 7], [60, 120, 7]]],
    "three words of four entries, three filters",
)
### BEGIN HIDDEN TESTS
rng = np.random.default_rng(4)
for batch, length, entries, height, filters, case in [
    (2, 6, 3, 2, 4, "a batch of two"),
    (3, 5, 7, 3, 2, "more entries than words"),
    (1, 8, 4, 4, 4, "as many entries as filters"),
    (2, 4, 4, 4, 3, "one window only"),
]:
    x = rng.normal(size=(batch, length, entries))
    w, b = rng.normal(size=(height, entries, filters)), rng.normal(size=filters)
    by_hand = np.empty((batch, length - height + 1, filters))
    for n, t, f in np.ndindex(by_hand.shape):
        by_hand[n, t, f] = np.sum(x[n, t : t + height] * w[:, :, f]) + b[f]
    checks.array(conv_over_time(x, w, b), by_hand, case)
    order = rng.permutation(entries)
    checks.array(
        conv_over_time(x[:, :, order], w[:, order], b),
        by_hand,
        "entries in another order, in the words as in the filters",
    )
### END HIDDEN TESTS

# %% tests="conv_over_time" name="rules" points=1
x, w = np.ones((1, 2, 3), np.float32), np.ones((2, 3, 2), np.float32)
b = np.zeros(2, np.float32)
with checks.unchanged("sentence, filters and biases after the call", x, w, b):
    y = conv_over_time(x, w, b)
checks.dtype(y, np.float32, "a sentence in float32")
checks.raises(ValueError, conv_over_time, x[:, :1], w, b, what="a sentence of one word")
checks.forbids(conv_over_time, ["keras"], what="NumPy is enough")
### BEGIN HIDDEN TESTS
rng = np.random.default_rng(5)
x, w, b = rng.normal(size=(2, 5, 3)), rng.normal(size=(3, 3, 2)), rng.normal(size=2)
with checks.unchanged("sentences, filters and biases after the call", x, w, b):
    y = conv_over_time(x, w, b)
checks.dtype(y, np.float64, "sentences in float64")
checks.holds(bool(np.any(y < 0)), "answers may be negative: the ReLU comes later")
checks.raises(
    ValueError, conv_over_time, x[:, :2], w, b, what="sentences that are too short"
)
### END HIDDEN TESTS

# %% [markdown]
# ## 5. Anywhere in the sentence
#
# A filter now has an answer for each window. Where it found its words does not matter,
# and sentences have all lengths, so of each filter only the **largest answer over
# time** is kept. In lab 02 you saw it as the pooling with a window as large as the map,
# which forgets all places. What is left is one number for each filter, however long the
# sentence was.
#
# But for us, who want to know what the filter has read, keep the place as well.
#
# **Your task.** Write `max_over_time`.


# %% solution="max_over_time"
def max_over_time(maps):
    """The largest answer of each filter in each sentence, and where it is.

    Args:
        maps: array `(B, windows, filters)` of float32 or float64.
    Returns:
        `(strongest, places)`, a tuple of two arrays `(B, filters)`: the largest
        answers, in the dtype of `maps`, and the numbers of their windows, an array of
        ints. Where several windows are equally strong it is the first.
    """
    ### BEGIN SOLUTION
    return maps.max(axis=1), maps.argmax(axis=1)
    ### END SOLUTION


# %% tests="max_over_time" name="strongest" points=1
maps = np.array([[[-1.0, -1], [-1, 0], [1, -1]], [[-3, 5], [-2, 2], [-4, 2]]])
strongest, places = max_over_time(maps)
checks.array(strongest, [[1, 0], [-2, 5]], "two sentences, three windows, two filters")
### BEGIN HIDDEN TESTS
rng = np.random.default_rng(6)
for batch, windows, filters, case in [
    (1, 5, 3, "one sentence"),
    (4, 2, 7, "many filters"),
    (3, 6, 6, "as many windows as filters"),
    (2, 1, 4, "one window"),
]:
    maps = rng.normal(size=(batch, windows, filters)).astype(np.float32) - 1
    strongest, _ = max_over_time(maps)
    by_hand = np.empty((batch, filters))
    for n, f in np.ndindex(by_hand.shape):
        by_hand[n, f] = max(maps[n, t, f] for t in range(windows))
    checks.array(strongest, by_hand, case, dtype=np.float32)
### END HIDDEN TESTS

# %% tests="max_over_time" name="places" points=1
maps = np.array([[[-1.0, -1], [-1, 0], [1, -1]], [[-3, 5], [-2, 2], [-4, 2]]])
strongest, places = max_over_time(maps)
checks.array(places, [[2, 1], [1, 0]], "two sentences, three windows, two filters")
checks.holds(places.dtype.kind in "iu", "places are ints")
### BEGIN HIDDEN TESTS
rng = np.random.default_rng(7)
for batch, windows, filters, case in [
    (1, 9, 4, "one sentence"),
    (3, 4, 8, "several sentences"),
    (2, 5, 5, "as many windows as filters"),
]:
    maps = rng.integers(-3, 1, size=(batch, windows, filters)).astype(float)
    _, places = max_over_time(maps)
    by_hand = np.empty((batch, filters), int)
    for n, f in np.ndindex(by_hand.shape):
        answers = list(maps[n, :, f])
        by_hand[n, f] = answers.index(max(answers))
    checks.array(places, by_hand, f"{case}, with windows that are equally strong")
### END HIDDEN TESTS

# %% [markdown]
# ## 6. The net
#
# Now all of it in Keras:
#
# word numbers → word vectors → for each width of window: convolution over time, ReLU,
# maximum over time → side by side → dropout → one dense layer → logits.
#
# Kim takes windows of 3, 4 and 5 words, 100 filters each, and dropout 0.5. What he
# compares is where the word vectors come from:
#
# | variant | word vectors |
# |---|---|
# | `"rand"` | random to begin with, trained with all the rest |
# | `"static"` | from elsewhere (learnt from much text without labels), never changed |
# | `"non-static"` | from elsewhere, trained with all the rest |
# | `"multichannel"` | two sets, both from elsewhere; one stays, one is trained |
#
# In the last, every filter is laid on both sets, as on two colours of a picture, **with
# the same weights**, and the two results are added before the bias and the ReLU. A
# convolution is linear, so you may as well add the two vectors of a word first.
#
# **Padding is no word.** Its vector must be zero, and stay so in training, or the net
# learns to count how long sentences are. `keras.layers.Embedding` would train it like
# any other. `WordEmbedding` below is the same layer, but wherever the number is 0 it
# puts zeros, whatever its table says.


# %% given="word_embedding"
class WordEmbedding(keras.layers.Embedding):
    """A vector for each word number; that of padding, number 0, is zeros for ever.

    `WordEmbedding(words, entries, embeddings_initializer=..., trainable=...)` is a
    layer that makes of ints `(B, T)` floats `(B, T, entries)`.
    """

    def call(self, inputs):
        is_word = keras.ops.cast(keras.ops.not_equal(inputs, PAD), self.compute_dtype)
        return super().call(inputs) * keras.ops.expand_dims(is_word, -1)


# %% [markdown]
# **Your task.** Write `sentence_cnn` with layers of Keras and `WordEmbedding`. To give
# a layer its vectors call it on its input first, and then
# `layer.set_weights([matrix])`. (Constants, `Lambda` layers and subclasses of
# `keras.Model` are not accepted.)


# %% solution="sentence_cnn"
def sentence_cnn(
    variant, matrix, length, num_classes, windows=(3, 4, 5), maps=100, dropout=0.5
):
    """Kim's net for sentences of one length, margins included.

    Args:
        variant: "rand", "static", "non-static" or "multichannel".
        matrix: array `(words, entries)` of word vectors from elsewhere. "rand" takes
            only its shape and draws its own, uniform in [-0.25, 0.25].
        length: of a row of word numbers.
        num_classes: how many logits.
        windows: heights of the filters, in words; all different.
        maps: number of filters of each height.
        dropout: share of the features that is dropped in training, between the maxima
            and the dense layer.
    Returns:
        keras.Model, ints `(B, length)` to logits `(B, num_classes)`; no softmax. It has
        one set of word vectors ("multichannel": two), a convolution with bias for each
        window and one dense layer with bias, whose inputs are in the order of
        `windows`. Padding has the vector zero. The convolutions add no padding.
    Raises:
        ValueError: if there is no such variant.
    """
    ### BEGIN SOLUTION
    trained = {
        "rand": [True],
        "static": [False],
        "non-static": [True],
        "multichannel": [False, True],
    }
    if variant not in trained:
        raise ValueError(f"Expected one of {list(trained)}. Received: {variant=}")
    words = keras.Input((length,), dtype="int32")
    uniform = keras.initializers.RandomUniform(-0.25, 0.25)
    channels = []
    for trainable in trained[variant]:
        embedding = WordEmbedding(
            *matrix.shape, embeddings_initializer=uniform, trainable=trainable
        )
        channels.append(embedding(words))
        if variant != "rand":
            embedding.set_weights([matrix])
    x = keras.layers.Add()(channels) if len(channels) > 1 else channels[0]
    features = []
    for height in windows:
        y = keras.layers.Conv1D(maps, height, activation="relu")(x)
        features.append(keras.layers.GlobalMaxPooling1D()(y))
    x = keras.layers.Concatenate()(features) if len(features) > 1 else features[0]
    x = keras.layers.Dropout(dropout)(x)
    return keras.Model(words, keras.layers.Dense(num_classes)(x))
    ### END SOLUTION


# %% tests="sentence_cnn" name="sizes" points=1
matrix = np.zeros((10, 300), np.float32)
model = sentence_cnn("rand", matrix, 20, 2)
checks.equal(model.input_shape, (None, 20), "rows of twenty numbers")
checks.equal(model.output_shape, (None, 2), "two logits")
checks.equal(
    model.count_params(), 3_000 + 360_902, "Kim's filters and dense layer, ten words"
)
checks.raises(
    ValueError, sentence_cnn, "random", matrix, 20, 2, what="an unknown variant"
)
### BEGIN HIDDEN TESTS
model = sentence_cnn("static", np.zeros((7, 6)), 9, 3, windows=(2, 4), maps=5)
checks.equal(
    sorted(tuple(w.shape) for w in model.weights),
    [(2, 6, 5), (3,), (4, 6, 5), (5,), (5,), (7, 6), (10, 3)],
    "the shapes of all weights for other windows",
)
model = sentence_cnn("multichannel", np.zeros((7, 6)), 9, 3, windows=(3,), maps=4)
checks.equal(
    sorted(tuple(w.shape) for w in model.weights),
    [(3,), (3, 6, 4), (4,), (4, 3), (7, 6), (7, 6)],
    "the shapes of all weights of two channels and one window",
)
### END HIDDEN TESTS

# %% tests="sentence_cnn" name="logits" points=1
matrix = np.random.default_rng(8).normal(size=(6, 4)).astype(np.float32)
rows = np.array([[0, 0, 2, 5, 3, 0, 0], [0, 0, 4, 1, 0, 0, 0]])
model = sentence_cnn("static", matrix, 7, 2, windows=(2, 3), maps=5)
logits = np.asarray(model(rows))
checks.shape(logits, (2, 2), "the logits of two sentences")
longer = sentence_cnn("static", matrix, 9, 2, windows=(2, 3), maps=5)
longer.set_weights(model.get_weights())
checks.array(
    np.asarray(longer(np.pad(rows, ((0, 0), (1, 1))))),
    logits,
    "the same sentences with more padding",
    rtol=1e-4,
    atol=1e-6,
)
### BEGIN HIDDEN TESTS
rng = np.random.default_rng(9)
vectors = rng.normal(size=(11, 4)).astype(np.float32)
model = sentence_cnn("static", vectors, 8, 5, windows=(3, 2), maps=6)
shapes = [tuple(w.shape) for w in model.weights]
wanted = [(11, 4), (3, 4, 6), (2, 4, 6), (12, 5)]
checks.holds(all(shape in shapes for shape in wanted), "weights of the right shapes")
values = {}
for shape in wanted[1:]:
    kernel, bias = model.weights[shapes.index(shape) :][:2]
    values[shape] = rng.normal(size=shape), rng.normal(size=tuple(bias.shape))
    kernel.assign(values[shape][0])
    bias.assign(values[shape][1])
rows = rng.integers(1, 11, size=(3, 8))
rows[1, 5:] = rows[2, :2] = 0
x = np.where(rows[:, :, None] == 0, 0, vectors[rows])
features = []
for shape in wanted[1:3]:
    w, b = values[shape]
    answers = [
        np.tensordot(x[:, t : t + len(w)], w, 2) + b for t in range(8 - len(w) + 1)
    ]
    features.append(np.maximum(np.max(answers, axis=0), 0))
w, b = values[12, 5]
checks.array(
    np.asarray(model(rows)),
    np.concatenate(features, axis=1) @ w + b,
    "all weights drawn at random, as in prediction",
    rtol=1e-3,
    atol=1e-4,
)
### END HIDDEN TESTS

# %% tests="sentence_cnn" name="variants" points=1
matrix = np.random.default_rng(10).normal(size=(40, 5)).astype(np.float32)
small = {"windows": (2,), "maps": 3}
model = sentence_cnn("static", matrix, 7, 2, **small)
checks.equal(len(model.trainable_weights), 4, "static: filters and dense layer only")
table = model.non_trainable_weights[0]
checks.array(np.asarray(table), matrix, "static: the vectors from elsewhere")
model = sentence_cnn("non-static", matrix, 7, 2, **small)
checks.equal(len(model.trainable_weights), 5, "non-static: all is trained")
### BEGIN HIDDEN TESTS
found = [w for w in model.trainable_weights if tuple(w.shape) == (40, 5)]
checks.equal(len(found), 1, "non-static: one set of vectors")
checks.array(np.asarray(found[0]), matrix, "non-static: the vectors from elsewhere")
model = sentence_cnn("rand", matrix, 7, 2, **small)
checks.equal(len(model.trainable_weights), 5, "rand: all is trained")
found = [w for w in model.trainable_weights if tuple(w.shape) == (40, 5)]
checks.equal(len(found), 1, "rand: one set of vectors")
drawn = np.asarray(found[0])[1:]
checks.holds(bool(np.abs(drawn).max() <= 0.25), "rand: within [-0.25, 0.25]")
checks.holds(0.12 < float(drawn.std()) < 0.17, "rand: uniform, as far out as it goes")
model = sentence_cnn("multichannel", matrix, 7, 2, **small)
checks.equal(len(model.trainable_weights), 5, "multichannel: what is trained")
checks.equal(len(model.non_trainable_weights), 1, "multichannel: what stays")
stays = model.non_trainable_weights[0]
learns = next(w for w in model.trainable_weights if tuple(w.shape) == (40, 5))
checks.array(np.asarray(stays), matrix, "multichannel: the vectors that stay")
checks.array(np.asarray(learns), matrix, "multichannel: the vectors that are trained")
learns.assign(-3 * matrix)
rng = np.random.default_rng(11)
shapes, values = [tuple(w.shape) for w in model.weights], []
for shape in [(2, 5, 3), (3, 2)]:
    for w in model.weights[shapes.index(shape) :][:2]:  # kernel and bias
        values.append(rng.normal(size=tuple(w.shape)))
        w.assign(values[-1])
w, b, dense, c = values
rows = rng.integers(1, 40, size=(9, 7))
x = -2 * matrix[rows]
answers = [np.tensordot(x[:, t : t + 2], w, 2) + b for t in range(6)]
checks.array(
    np.asarray(model(rows)),
    np.maximum(np.max(answers, axis=0), 0) @ dense + c,
    "multichannel: the same filters on both channels, and one bias",
    rtol=1e-3,
    atol=1e-4,
)
### END HIDDEN TESTS

# %% tests="sentence_cnn" name="training" points=1
matrix = np.ones((9, 4), np.float32)
model = sentence_cnn("rand", matrix, 6, 2, windows=(2,), maps=20)
nothing = np.zeros((1, 6), int)  # padding only
before = np.asarray(model(nothing))
for w in model.weights:
    if tuple(w.shape) == (
        9,
        4,
    ):  # the word vectors: change the first row, the padding's
        w.assign(np.asarray(w) + 50 * np.eye(9, 1))
checks.array(
    np.asarray(model(nothing)), before, "padding, after its vector was changed"
)
### BEGIN HIDDEN TESTS
for share in (0.2, 0.5):
    model = sentence_cnn("rand", matrix, 6, 80, windows=(2, 3), maps=40, dropout=share)
    for w in model.weights:  # all features are 1, and the logits are 1 + the features
        w.assign(np.zeros(w.shape))
        if len(w.shape) == 1:
            w.assign(np.ones(w.shape))
        if tuple(w.shape) == (80, 80):
            w.assign(np.eye(80))
    checks.array(np.asarray(model(nothing)), np.full((1, 80), 2), "no dropout in use")
    many = np.repeat(nothing, 20, axis=0)
    logits = np.asarray(model(many, training=True))
    dropped = float(np.mean(np.abs(logits - 1) < 1e-6))
    checks.holds(abs(dropped - share) < 0.08, "the share of features that is dropped")
### END HIDDEN TESTS

# %% [markdown]
# ## 7. Weights on a leash
#
# Besides dropout Kim has a second guard against learning by heart: the weights of each
# **class** in the dense layer may not grow longer than 3. After every step of training
# the L2 norm of each column of the matrix `(features, classes)` is looked at, and a
# column that is too long is shortened to norm 3. Nothing else happens: this is not
# weight decay, which pulls at all weights all the time. (Filters and word vectors are
# left alone, which many programs that say "Kim 2014" get wrong.)
#
# **Your task.** Write `max_norm`. A column of norm 5 and one of norm 2, limit 3: what
# becomes of them?


# %% solution="max_norm"
def max_norm(w, limit):
    """Shortens the columns that are longer than the limit.

    Args:
        w: array `(inputs, units)` of float32 or float64; left as it is.
        limit: greatest L2 norm of a column, above 0.
    Returns:
        New array of the shape and dtype of `w`: columns whose norm exceeds the limit
        are scaled to it, all others have exactly the values that they had.
    """
    ### BEGIN SOLUTION
    norms = np.sqrt(np.sum(w**2, axis=0))
    scale = np.where(norms > limit, limit / np.maximum(norms, limit), 1)
    return (w * scale).astype(w.dtype)
    ### END SOLUTION


# %% tests="max_norm" name="columns" points=1
w = np.array([[3.0, 0, 1], [4.0, 2, 1]])
checks.array(
    max_norm(w, 3), [[1.8, 0, 1], [2.4, 2, 1]], "columns of norm 5, 2 and 1.41"
)
### BEGIN HIDDEN TESTS
rng = np.random.default_rng(12)
for inputs, units, limit, case in [
    (6, 3, 2.0, "more rows than columns"),
    (3, 7, 1.5, "more columns than rows"),
    (5, 5, 3.0, "a square matrix"),
    (9, 1, 0.5, "a single column"),
]:
    w = rng.normal(size=(inputs, units)) * rng.uniform(0.2, 3, size=units)
    by_hand = w.copy()
    for j in range(units):
        norm = sum(value**2 for value in w[:, j]) ** 0.5
        if norm > limit:
            by_hand[:, j] = [value * limit / norm for value in w[:, j]]
    checks.array(max_norm(w, limit), by_hand, case)
### END HIDDEN TESTS

# %% tests="max_norm" name="rules" points=1
w = np.array([[3.0, 0, 0.1], [4.0, 0, 0.3]], np.float32)
with checks.unchanged("the matrix after the call", w):
    received = max_norm(w, 1)
checks.dtype(received, np.float32, "a matrix in float32")
checks.array(received[:, 1], [0, 0], "a column of zeros")
checks.holds(bool(np.all(received[:, 2] == w[:, 2])), "a short column, to the last bit")
### BEGIN HIDDEN TESTS
rng = np.random.default_rng(13)
w = rng.normal(size=(8, 40))
with checks.unchanged("the matrix after the call", w):
    received = max_norm(w, 2.8)
short = np.linalg.norm(w, axis=0) < 2.7
checks.holds(
    bool(np.all(received[:, short] == w[:, short])), "short columns, to the last bit"
)
checks.array(
    max_norm(received, 2.8), received, "a second call changes nothing", rtol=1e-12
)
checks.array(max_norm(np.zeros((3, 2)), 0.5), np.zeros((3, 2)), "a matrix of zeros")
### END HIDDEN TESTS

# %% [markdown]
# ## The experiment: not dull but witty
#
# The opponent is old and strong: **logistic regression on a bag of words**. It counts
# how often each word occurs in the sentence and gives each word a weight. Against it
# goes your net with word vectors that begin at random, trained as Kim did: Adadelta,
# batches of 50, and `max_norm` on the columns of the dense layer after every step. Both
# see the same 1,500 training sentences.


# %% experiment="opponent"
from sklearn.feature_extraction.text import CountVectorizer
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import make_pipeline


def bag_of_words(longest):
    """Logistic regression on the counts of all runs of up to so many words."""
    counts = CountVectorizer(
        tokenizer=tokenize,
        token_pattern=None,
        lowercase=False,
        ngram_range=(1, longest),
    )
    return make_pipeline(counts, LogisticRegression(max_iter=1000))


# %% experiment="prepare"
train_tokens = [tokenize(text) for text in train_texts]
test_tokens = {
    name: [tokenize(text) for text in texts] for name, (texts, _) in tests.items()
}
all_tokens, parts = list(train_tokens), ["train"] * len(train_tokens)
for name, tokens in test_tokens.items():
    all_tokens += tokens
    parts += [name] * len(tokens)
vocabulary = build_vocabulary(all_tokens, parts)
words_of = list(vocabulary)
WINDOWS = (2, 3, 4)  # our sentences are short
longest = max(map(len, train_tokens))
MARGIN = max(WINDOWS) - 1


def rows_of(tokens):
    """Rows of word numbers, as long as the longest training sentence."""
    return encode(tokens, vocabulary, longest, MARGIN)


rows = rows_of(train_tokens)
print(f"{len(vocabulary)} words, rows of {rows.shape[1]} numbers, for example")
print(train_tokens[1], "\n", rows[1])


# %% experiment="training"
class NormLimit(keras.callbacks.Callback):
    """Your exercise 7 on the dense layer, after every step."""

    def on_train_batch_end(self, batch, logs=None):
        kernel = self.model.layers[-1].kernel
        kernel.assign(max_norm(np.asarray(kernel), 3.0))


def train(variant, matrix, rows, labels, epochs, seed, maps=30, windows=WINDOWS):
    """Your exercise 6, trained, and the mean loss of each epoch."""
    keras.utils.set_random_seed(seed)
    model = sentence_cnn(variant, matrix, rows.shape[1], 2, windows=windows, maps=maps)
    model.compile(
        keras.optimizers.Adadelta(1.0, rho=0.95, epsilon=1e-6),
        keras.losses.SparseCategoricalCrossentropy(from_logits=True),
        jit_compile=False,
    )
    history = model.fit(
        rows, labels, batch_size=50, epochs=epochs, verbose=0, callbacks=[NormLimit()]
    )
    return model, history.history["loss"]


def accuracy(model, rows, labels):
    """The share of sentences that a net gets right."""
    return np.mean(np.argmax(np.asarray(model(rows)), axis=1) == labels)


net, losses = train("rand", np.zeros((len(vocabulary), 32)), rows, train_labels, 20, 0)
scores = {}
bags = {"bag of words": 1, "bag of 1, 2 and 3 words in a row": 3}
for name, run in bags.items():
    bags[name] = bag_of_words(run).fit(train_texts, train_labels)
    scores[f"{name}\n({bags[name][-1].coef_.size:,} weights)"] = [
        bags[name].score(texts, labels) for texts, labels in tests.values()
    ]
scores[f"your net\n({net.count_params():,} weights)"] = [
    accuracy(net, rows_of(test_tokens[part]), labels)
    for part, (_, labels) in tests.items()
]

# %% experiment="training_figure"
with plt.rc_context(plots.STYLE):
    _, (left, right) = plt.subplots(
        1, 2, figsize=(10, 3), width_ratios=[1, 2], layout="constrained"
    )
    left.plot(range(1, len(losses) + 1), losses, color=plots.BLUE, marker="o", ms=3)
    left.axhline(np.log(2), color=plots.FRAME, linestyle=":")
    left.text(len(losses), np.log(2) + 0.01, "guessing", ha="right")
    left.set(xlabel="epoch", ylabel="loss in training", ylim=(0, 0.8))
    for i, part in enumerate(tests):
        colour, places = (plots.SKY, plots.BLUE)[i], np.arange(3) + 0.4 * i - 0.2
        heights = [values[i] for values in scores.values()]
        right.bar(places, heights, 0.38, color=colour, label=part)
        for place, height in zip(places, heights, strict=True):
            right.text(place, height + 0.01, f"{height:.1%}", ha="center")
    right.axhline(0.5, color=plots.FRAME, linestyle=":")
    right.set_xticks(range(3), scores)
    right.set(ylabel="sentences right", ylim=(0, 1.3), yticks=np.arange(0, 1.1, 0.25))
    right.legend(loc="upper left", ncols=2)
    plt.show()

# %% [markdown]
# The bag of words is right for half of the negated sentences: it might as well toss a
# coin, and more training sentences would not help it. Nothing is wrong with its
# training. Its score is a sum over words, and a sentence and its twin hold the same
# words. So both get the *same* score, whatever the weights are, and since their
# verdicts differ, exactly one of the two is right.
#
# The order of the words is what tells them apart, and a window of two words sees a
# little of it: *but witty* occurs in one of the twins and not in the other. The third
# opponent proves that this is the reason, and not some magic of nets: count runs of
# words too, and logistic regression can tell twins apart. But look what it costs: a
# weight for every run that occurs, and *but witty* teaches it nothing on *but
# charming*. The net has a filter for *but* and a praising word, since it learnt that
# praising words have vectors that lie alike.
#
# ## Which words fire which filter
#
# Your `conv_over_time` and `max_over_time` with the trained weights say for every
# filter how strong it answered, and where. First we ask the filters: which runs of
# words, of all test sentences, excite you most?


# %% given="highlight"
def highlight(lines, title):
    """Draws lines of words on coloured ground.

    Args:
        lines: `(name, words, values)` each; a value in [-1, 1] for each word, blue for
            -1 and orange for 1.
        title: of the figure.
    """
    colours = plt.matplotlib.colors.LinearSegmentedColormap.from_list(
        "verdict", [plots.SKY, "white", plots.ORANGE]
    )
    indent = max(len(name) for name, _, _ in lines) + 2
    width = indent + max(len(" ".join(words)) for _, words, _ in lines) + 2
    with plt.rc_context(plots.STYLE):
        figure = plt.figure(figsize=(width * 0.082, 0.29 * len(lines) + 0.4))
        axes = figure.add_axes((0, 0, 1, 1))
        axes.set(xlim=(0, width), ylim=(len(lines) - 0.4, -0.6), title=title)
        axes.axis("off")
        font = {"family": "monospace", "fontsize": 9.5, "va": "center"}
        for row, (name, words, values) in enumerate(lines):
            axes.text(0, row, name, **font)
            left = indent
            for word, value in zip(words, values, strict=True):
                ground = plt.Rectangle(
                    (left - 0.4, row - 0.38), len(word) + 0.8, 0.76,
                    color=colours((1 + value) / 2), linewidth=0,
                )  # fmt: skip
                axes.add_patch(ground)
                axes.text(left + len(word) / 2, row, word, ha="center", **font)
                left += len(word) + 1
        plt.show()


# %% experiment="answers"
def answers(model, rows):
    """What each filter answers to each sentence.

    Returns: for each convolution its window, the strongest answers after the ReLU,
    their places, and what an answer of 1 adds to "positive" minus "negative".
    """
    table = next(x for x in model.layers if isinstance(x, WordEmbedding)).get_weights()
    vectors = np.where(rows[:, :, None] == PAD, 0, table[0][rows])
    kernel = model.layers[-1].get_weights()[0]
    says, found, first = kernel[:, 1] - kernel[:, 0], [], 0
    convolutions = [x for x in model.layers if isinstance(x, keras.layers.Conv1D)]
    for convolution, height in zip(convolutions, WINDOWS, strict=True):
        w, b = convolution.get_weights()
        strongest, places = max_over_time(conv_over_time(vectors, w, b))
        part = says[first : first + len(b)]
        found.append((height, np.maximum(strongest, 0), places, part))
        first += len(b)
    return found


def spell(row, place, height):
    """The words of a window, padding as a dot."""
    return ["·" if n == PAD else words_of[n] for n in row[place : place + height]]


part = "negation (all of them)"
negated = rows_of(test_tokens[part])
lines = []
for height, strongest, places, says in answers(net, negated):
    weight = says * strongest.max(axis=0)
    for f in [*np.argsort(-weight)[:2], *np.argsort(weight)[:2]]:
        runs = {}
        for n in np.argsort(-strongest[:, f]):
            runs.setdefault(" ".join(spell(negated[n], places[n, f], height)), n)
        value = np.sign(says[f]) * 0.9
        words, values = [], []
        for run in list(runs)[:4]:
            words += [run.ljust(height * 9 + 2), ""]
            values += [value, 0]
        lines.append((f"{height} words, filter {f:2}", words, values))
highlight(lines, "the four runs of words that excite a filter most")

# %% [markdown]
# Orange filters speak for "positive", blue ones for "negative". Nobody told them what a
# negation is. Hold the grammar against them: behind *than*, *out*, *got a* and *really*
# stands the word that counts, and filters of two words live on that. Look for filters
# that read the other half, *not* or *looks* and a word that is then **not** meant: they
# answer to damning words and speak for "positive". No weight for a single word does
# that.
#
# Now the other way round: take a sentence, and give each word what the filters that
# chose a window with it add to the verdict. Each pair of lines is a pair of twins.

# %% experiment="twins"
pairs = [
    ("the plot is not dull but witty .", "the plot is not witty but dull ."),
    ("far from tender , the villain is weak .",
     "far from weak , the villain is tender ."),
    ("less funny than flat , that is the score .",
     "less flat than funny , that is the score ."),
    ("the script looks stale at first and turns out lively .",
     "the script looks lively at first and turns out stale ."),
]  # fmt: skip
twins = [tokenize(text) for pair in pairs for text in pair]
twin_rows = rows_of(twins)
logits = np.asarray(net(twin_rows))
credit = np.zeros(twin_rows.shape)
for height, strongest, places, says in answers(net, twin_rows):
    for n, f in np.ndindex(strongest.shape):
        window = slice(places[n, f], places[n, f] + height)
        credit[n, window] += strongest[n, f] * says[f] / height
credit /= np.abs(credit).max()
bag_scores = bags["bag of words"].decision_function(
    [text for pair in pairs for text in pair]
)
lines = []
for n, words in enumerate(twins):
    verdict = f"net {logits[n, 1] - logits[n, 0]:+6.1f}   bag {bag_scores[n]:+5.2f}"
    lines.append((verdict, words, credit[n, MARGIN : MARGIN + len(words)]))
highlight(lines, "what each word adds: orange for positive, blue for negative")

# %% [markdown]
# The bag's scores of twins agree to the last digit; your net's have opposite signs.
#
# ## Vectors from elsewhere
#
# Kim's best results need word vectors that were learnt from 100 billion words of news.
# We can do a little of this: take 6,000 reviews **without their labels**, count which
# words stand near which, and keep the strongest directions of this table. Words that
# stand among the same neighbours get vectors that lie alike. Then we train all four
# variants with few labelled sentences, where such help should count most.


# %% given="vectors"
def vectors_from_text(tokens, vocabulary, entries=32, near=2):
    """Word vectors `(words, entries)` from which words stand near which.

    The table holds positive pointwise mutual information; its singular vectors with the
    largest values are kept, scaled to entries of about 0.15.
    """
    counts = np.full((len(vocabulary), len(vocabulary)), 1e-2)
    for words in tokens:
        numbers = [vocabulary.get(word, UNKNOWN) for word in words]
        for i, number in enumerate(numbers):
            for other in numbers[i + 1 : i + 1 + near]:
                counts[number, other] += 1
                counts[other, number] += 1
    share = counts / counts.sum()
    information = np.log(share / (share.sum(0) * share.sum(1)[:, None]))
    u, s, _ = np.linalg.svd(np.maximum(information, 0))
    vectors = u[:, :entries] * np.sqrt(s[:entries])
    return (0.15 * vectors / vectors.std()).astype(np.float32)


# %% experiment="variants"
unlabelled, _ = datasets.load("reviews", "train", as_numpy=True, examples=6000)
matrix = vectors_from_text([tokenize(text) for text in unlabelled], vocabulary)
variants = ["rand", "static", "non-static", "multichannel"]
seeds, few = range(5 if FULL else 2), 300
shares = {variant: [] for variant in variants}
for variant in variants:
    for seed in seeds:
        part = slice(seed * few, (seed + 1) * few)  # other sentences for each seed
        model, _ = train(variant, matrix, rows[part], train_labels[part], 40, seed)
        labels = tests["negation (all of them)"][1]
        shares[variant].append(accuracy(model, negated, labels))

# %% experiment="variants_figure"
with plt.rc_context(plots.STYLE):
    _, axes = plt.subplots(figsize=(7, 2.4), layout="constrained")
    for i, variant in enumerate(variants):
        axes.plot(shares[variant], [i] * len(seeds), "o", color=plots.BLUE, alpha=0.6)
        axes.plot(np.mean(shares[variant]), i, "|", color=plots.BLACK, ms=18, mew=2)
    axes.axvline(0.5, color=plots.FRAME, linestyle=":")
    axes.set_yticks(range(len(variants)), variants)
    axes.set(
        xlabel=f"negated sentences right, after {few} labelled sentences",
        xlim=(0.45, 1.02),
        ylim=(len(variants) - 0.5, -0.5),
    )
    plt.show()

# %% [markdown]
# Vectors from elsewhere help. With 300 labelled sentences the net that starts from them
# gets about 97 of 100 negated sentences right, the one that starts at random not quite
# 90: it has to find out first which words are opinions at all. But they help only if
# they may **move**. The static net hardly does better than a coin, and the reason is in
# how the vectors were made. What stands beside *witty* also stands beside *dull*: "the
# plot is ...". Who learns words from their neighbours takes the two for much the same.
# Ask the vectors, before and after training, for the nearest neighbours of a word.

# %% experiment="neighbours"
trained = next(
    x for x in model.layers if isinstance(x, WordEmbedding) and x.trainable
).get_weights()[0]
for name, vectors in [("from elsewhere", matrix), ("after training", trained)]:
    units = vectors / np.linalg.norm(vectors, axis=1, keepdims=True).clip(1e-9)
    print(name)
    for word in ["witty", "dull", "charming", "weak"]:
        nearest = np.argsort(-(units @ units[vocabulary[word]]))[1:6]
        print(f"  {word:9}:", ", ".join(words_of[n] for n in nearest))

# %% [markdown]
# Kim saw the same in vectors that were learnt from billions of words: the nearest word
# to *bad* was *good*, and training on the reviews took them apart. The multichannel net
# was his attempt to have both, vectors that move and an anchor that does not. In his
# tables it wins some and loses some:
#
# | | MR | SST-2 | Subj | TREC | CR | MPQA |
# |---|---|---|---|---|---|---|
# | rand | 76.1 | 82.7 | 89.6 | 91.2 | 79.8 | 83.4 |
# | static | 81.0 | 86.8 | 93.0 | 92.8 | 84.7 | 89.6 |
# | non-static | 81.5 | 87.2 | 93.4 | 93.6 | 84.3 | 89.5 |
# | multichannel | 81.1 | 88.1 | 93.2 | 92.2 | 85.0 | 89.4 |
#
# If you have the 10,662 film reviews of Pang and Lee (MR), name their folder in
# `FILM_REVIEWS` at the top: the next cell trains your net and the bag of words on them.
# Real reviews are no trap for bags of words, as the grammar is; so the two come closer.

# %% experiment="film_reviews"
if FILM_REVIEWS:
    halves = [
        datasets.load("mr", part, as_numpy=True, data_dir=FILM_REVIEWS, fold=0)
        for part in ("train", "test")
    ]
    (known, known_labels), (new, new_labels) = (
        ([tokenize(text) for text in texts], labels) for texts, labels in halves
    )
    numbers = build_vocabulary(
        known + new, ["train"] * len(known) + ["test"] * len(new)
    )
    known_rows, new_rows = (encode(t, numbers, 56, 4) for t in (known, new))
    real, _ = train(
        "rand", np.zeros((len(numbers), 300)), known_rows, known_labels,
        25 if FULL else 5, 0, maps=100, windows=(3, 4, 5),
    )  # fmt: skip
    right = bag_of_words(1).fit(*halves[0]).score(*halves[1])
    print(f"bag of words {right:.1%}, net {accuracy(real, new_rows, new_labels):.1%}")
else:
    print("Name a folder in FILM_REVIEWS to run this on real reviews.")

# %% [markdown]
# ## What you take along
#
# - The test set must not decide which words there are.
# - A convolution over words slides along time only; the entries of a word vector are
#   channels.
# - The maximum over time forgets the place, and makes all sentences equally long.
# - A sum over words gives twins one score. Order needs windows.
# - Padding is no word: its vector is zero and stays so.
# - Word vectors from elsewhere say what stands beside what, not what is good. Let them
#   move.
# - Max-norm shortens columns that are too long and leaves the others alone.
#
# Something to think about: "the plot, which my cousin and three of his friends called
# witty, is dull". How tall must a window be to read it? What would you stack, with what
# you know of receptive fields from lab 02?
