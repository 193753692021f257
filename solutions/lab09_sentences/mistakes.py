# %% mistake="endings_attached" exercise="tokenize" fails="test_tokenize_endings test_tokenize_letters"
"""Your endings stick to their words: isn't is two tokens, is and n't."""


def tokenize(sentence):
    text = re.sub(r"[^A-Za-z0-9(),!?'`]", " ", sentence)
    text = re.sub(r"([,!()?])", r" \1 ", text)
    return text.lower().split()


# %% mistake="spaces_only" exercise="tokenize" fails="test_tokenize_marks test_tokenize_endings test_tokenize_letters"
"""You cut at the spaces only. Marks and endings must become tokens of their own, and
what is not kept must become a space."""


def tokenize(sentence):
    return sentence.lower().split()


# %% mistake="capitals_kept" exercise="tokenize" fails="test_tokenize_marks test_tokenize_letters"
"""Your tokens keep their capitals: "Funny" and "funny" would be two words. Write them
small at the end."""


def tokenize(sentence):
    text = re.sub(r"[^A-Za-z0-9(),!?'`]", " ", sentence)
    text = re.sub(r"('s|'ve|n't|'re|'d|'ll)", r" \1", text)
    text = re.sub(r"([,!()?])", r" \1 ", text)
    return text.split()


# %% mistake="marks_lost" exercise="tokenize" fails="test_tokenize_marks test_tokenize_endings test_tokenize_letters"
"""You throw the marks away. Comma, question mark, exclamation mark and brackets are
tokens too."""


def tokenize(sentence):
    text = re.sub(r"[^A-Za-z0-9'`]", " ", sentence)
    text = re.sub(r"('s|'ve|n't|'re|'d|'ll)", r" \1", text)
    text = re.sub(r"([,!()?])", r" \1 ", text)
    return text.lower().split()


# %% mistake="marks_attached" exercise="tokenize" fails="test_tokenize_marks test_tokenize_endings test_tokenize_letters"
"""Your marks stick to the words beside them. Put a space in front of each mark and
another behind it."""


def tokenize(sentence):
    text = re.sub(r"[^A-Za-z0-9(),!?'`]", " ", sentence)
    text = re.sub(r"('s|'ve|n't|'re|'d|'ll)", r" \1", text)
    return text.lower().split()


# %% mistake="marks_cut_in_front_only" exercise="tokenize" fails="test_tokenize_marks test_tokenize_endings"
"""You put a space in front of a mark but none behind it, so what follows a mark
without a space sticks to it."""


def tokenize(sentence):
    text = re.sub(r"[^A-Za-z0-9(),!?'`]", " ", sentence)
    text = re.sub(r"('s|'ve|n't|'re|'d|'ll)", r" \1", text)
    text = re.sub(r"([,!()?])", r" \1", text)
    return text.lower().split()


# %% mistake="cut_at_apostrophe" exercise="tokenize" fails="test_tokenize_endings test_tokenize_letters"
"""You cut at each apostrophe. The ending is n't, with its n, and an apostrophe that
begins none of the six endings does not cut."""


def tokenize(sentence):
    text = re.sub(r"[^A-Za-z0-9(),!?'`]", " ", sentence)
    text = re.sub(r"(')", r" \1", text)
    text = re.sub(r"([,!()?])", r" \1 ", text)
    return text.lower().split()


# %% mistake="apostrophe_lost" exercise="tokenize" fails="test_tokenize_endings test_tokenize_letters"
"""Your apostrophes become spaces, so no ending is found. They are among the kept
characters."""


def tokenize(sentence):
    text = re.sub(r"[^A-Za-z0-9(),!?`]", " ", sentence)
    text = re.sub(r"('s|'ve|n't|'re|'d|'ll)", r" \1", text)
    text = re.sub(r"([,!()?])", r" \1 ", text)
    return text.lower().split()


# %% mistake="space_behind_endings" exercise="tokenize" fails="test_tokenize_endings test_tokenize_letters"
"""You put the space behind an ending, where it belongs in front of it."""


def tokenize(sentence):
    text = re.sub(r"[^A-Za-z0-9(),!?'`]", " ", sentence)
    text = re.sub(r"('s|'ve|n't|'re|'d|'ll)", r"\1 ", text)
    text = re.sub(r"([,!()?])", r" \1 ", text)
    return text.lower().split()


# %% mistake="lowered_first" exercise="tokenize" fails="test_tokenize_letters"
"""You write the text small before you look for endings. The rules have an order: an
ending in capitals is none."""


def tokenize(sentence):
    text = re.sub(r"[^a-z0-9(),!?'`]", " ", sentence.lower())
    text = re.sub(r"('s|'ve|n't|'re|'d|'ll)", r" \1", text)
    text = re.sub(r"([,!()?])", r" \1 ", text)
    return text.split()


# %% mistake="accents_kept" exercise="tokenize" fails="test_tokenize_letters"
"""You keep letters with accents. The first rule keeps A-Z and a-z only; every other
letter becomes a space."""


def tokenize(sentence):
    text = re.sub(r"[^\w(),!?'`]", " ", sentence)
    text = re.sub(r"('s|'ve|n't|'re|'d|'ll)", r" \1", text)
    text = re.sub(r"([,!()?])", r" \1 ", text)
    return text.lower().split()


# %% mistake="removed_without_space" exercise="tokenize" fails="test_tokenize_marks test_tokenize_letters"
"""What is not kept vanishes, and the words on its two sides grow together. It must
become a space."""


def tokenize(sentence):
    text = re.sub(r"[^A-Za-z0-9(),!?'`\s]", "", sentence)
    text = re.sub(r"('s|'ve|n't|'re|'d|'ll)", r" \1", text)
    text = re.sub(r"([,!()?])", r" \1 ", text)
    return text.lower().split()


# %% mistake="each_word_once" exercise="tokenize" fails="test_tokenize_marks test_tokenize_letters"
"""You return each token once. The sentence has it as often as it occurs, in its
place."""


def tokenize(sentence):
    text = re.sub(r"[^A-Za-z0-9(),!?'`]", " ", sentence)
    text = re.sub(r"('s|'ve|n't|'re|'d|'ll)", r" \1", text)
    text = re.sub(r"([,!()?])", r" \1 ", text)
    return list(dict.fromkeys(text.lower().split()))


# %% mistake="text_returned" exercise="tokenize" fails="test_tokenize_marks test_tokenize_endings test_tokenize_letters"
"""You return the text with spaces. A list of tokens is asked for: cut it."""


def tokenize(sentence):
    text = re.sub(r"[^A-Za-z0-9(),!?'`]", " ", sentence)
    text = re.sub(r"('s|'ve|n't|'re|'d|'ll)", r" \1", text)
    text = re.sub(r"([,!()?])", r" \1 ", text)
    return " ".join(text.lower().split())


# %% mistake="empty_tokens" exercise="tokenize" fails="test_tokenize_marks test_tokenize_endings test_tokenize_letters"
"""Some of your tokens are empty: two spaces side by side are one cut. `split()`
without an argument knows that."""


def tokenize(sentence):
    text = re.sub(r"[^A-Za-z0-9(),!?'`]", " ", sentence)
    text = re.sub(r"('s|'ve|n't|'re|'d|'ll)", r" \1", text)
    text = re.sub(r"([,!()?])", r" \1 ", text)
    return text.lower().split(" ")


# %% mistake="test_words_too" exercise="build_vocabulary" fails="test_build_vocabulary_parts"
"""You number the words of all sentences. Those of the test must not be known: look at
`parts` and take "train" only."""


def build_vocabulary(sentences, parts, max_words=None):
    pairs = zip(sentences, parts, strict=True)
    counts = Counter(word for words, _ in pairs for word in words)
    if not counts:
        raise ValueError(
            "Expected words in the training sentences. "
            f"Received: {len(sentences)} sentences, parts={sorted(set(parts))}"
        )
    ordered = sorted(counts, key=lambda word: (-counts[word], word))[:max_words]
    return {
        word: number for number, word in enumerate(["<pad>", "<unknown>", *ordered])
    }


# %% mistake="all_but_test" exercise="build_vocabulary" fails="test_build_vocabulary_parts"
"""You leave out the test sentences but take all others. There are more parts than
two: take "train" only."""


def build_vocabulary(sentences, parts, max_words=None):
    pairs = zip(sentences, parts, strict=True)
    counts = Counter(word for words, part in pairs if part != "test" for word in words)
    if not counts:
        raise ValueError(
            "Expected words in the training sentences. "
            f"Received: {len(sentences)} sentences, parts={sorted(set(parts))}"
        )
    ordered = sorted(counts, key=lambda word: (-counts[word], word))[:max_words]
    return {
        word: number for number, word in enumerate(["<pad>", "<unknown>", *ordered])
    }


# %% mistake="counted_everywhere" exercise="build_vocabulary" fails="test_build_vocabulary_parts"
"""You number the training words only, but count them in all sentences. So the test
decides which words are frequent."""


def build_vocabulary(sentences, parts, max_words=None):
    counts = Counter(word for words in sentences for word in words)
    pairs = zip(sentences, parts, strict=True)
    known = {word for words, part in pairs if part == "train" for word in words}
    if not known:
        raise ValueError("Expected words in the training sentences.")
    ordered = sorted(known, key=lambda word: (-counts[word], word))[:max_words]
    return {
        word: number for number, word in enumerate(["<pad>", "<unknown>", *ordered])
    }


# %% mistake="ties_as_they_come" exercise="build_vocabulary" fails="test_build_vocabulary_order test_build_vocabulary_parts"
"""Words that are equally frequent stand in the order in which they first occur. It
must be that of the alphabet, so that shuffling changes nothing."""


def build_vocabulary(sentences, parts, max_words=None):
    pairs = zip(sentences, parts, strict=True)
    counts = Counter(word for words, part in pairs if part == "train" for word in words)
    if not counts:
        raise ValueError(
            "Expected words in the training sentences. "
            f"Received: {len(sentences)} sentences, parts={sorted(set(parts))}"
        )
    ordered = sorted(counts, key=lambda word: -counts[word])[:max_words]
    return {
        word: number for number, word in enumerate(["<pad>", "<unknown>", *ordered])
    }


# %% mistake="order_of_occurrence" exercise="build_vocabulary" fails="test_build_vocabulary_order test_build_vocabulary_parts test_build_vocabulary_max_words"
"""Your numbers follow the order in which words first occur. The most frequent come
first."""


def build_vocabulary(sentences, parts, max_words=None):
    pairs = zip(sentences, parts, strict=True)
    counts = Counter(word for words, part in pairs if part == "train" for word in words)
    if not counts:
        raise ValueError(
            "Expected words in the training sentences. "
            f"Received: {len(sentences)} sentences, parts={sorted(set(parts))}"
        )
    ordered = list(counts)[:max_words]
    return {
        word: number for number, word in enumerate(["<pad>", "<unknown>", *ordered])
    }


# %% mistake="alphabetical" exercise="build_vocabulary" fails="test_build_vocabulary_order test_build_vocabulary_parts test_build_vocabulary_max_words"
"""Your numbers follow the alphabet alone. How often a word occurs comes first; the
alphabet decides between equals."""


def build_vocabulary(sentences, parts, max_words=None):
    pairs = zip(sentences, parts, strict=True)
    counts = Counter(word for words, part in pairs if part == "train" for word in words)
    if not counts:
        raise ValueError(
            "Expected words in the training sentences. "
            f"Received: {len(sentences)} sentences, parts={sorted(set(parts))}"
        )
    ordered = sorted(counts, key=str)[:max_words]
    return {
        word: number for number, word in enumerate(["<pad>", "<unknown>", *ordered])
    }


# %% mistake="rarest_first" exercise="build_vocabulary" fails="test_build_vocabulary_order test_build_vocabulary_parts test_build_vocabulary_max_words"
"""Your rarest words come first, so that `max_words` would cut the frequent ones off."""


def build_vocabulary(sentences, parts, max_words=None):
    pairs = zip(sentences, parts, strict=True)
    counts = Counter(word for words, part in pairs if part == "train" for word in words)
    if not counts:
        raise ValueError(
            "Expected words in the training sentences. "
            f"Received: {len(sentences)} sentences, parts={sorted(set(parts))}"
        )
    ordered = sorted(counts, key=lambda word: (counts[word], word))[:max_words]
    return {
        word: number for number, word in enumerate(["<pad>", "<unknown>", *ordered])
    }


# %% mistake="ties_backwards" exercise="build_vocabulary" fails="test_build_vocabulary_order test_build_vocabulary_parts test_build_vocabulary_max_words"
"""Your ties are in the alphabet's order backwards: sorting in reverse turns both, the
counts and the words."""


def build_vocabulary(sentences, parts, max_words=None):
    pairs = zip(sentences, parts, strict=True)
    counts = Counter(word for words, part in pairs if part == "train" for word in words)
    if not counts:
        raise ValueError(
            "Expected words in the training sentences. "
            f"Received: {len(sentences)} sentences, parts={sorted(set(parts))}"
        )
    ordered = sorted(counts, key=lambda word: (counts[word], word), reverse=True)[
        :max_words
    ]
    return {
        word: number for number, word in enumerate(["<pad>", "<unknown>", *ordered])
    }


# %% mistake="no_padding_no_unknown" exercise="build_vocabulary" fails="test_build_vocabulary_order test_build_vocabulary_parts test_build_vocabulary_max_words"
"""Your words begin at 0. Numbers 0 and 1 belong to "<pad>" and "<unknown>", which are
in the vocabulary too."""


def build_vocabulary(sentences, parts, max_words=None):
    pairs = zip(sentences, parts, strict=True)
    counts = Counter(word for words, part in pairs if part == "train" for word in words)
    if not counts:
        raise ValueError(
            "Expected words in the training sentences. "
            f"Received: {len(sentences)} sentences, parts={sorted(set(parts))}"
        )
    ordered = sorted(counts, key=lambda word: (-counts[word], word))[:max_words]
    return {word: number for number, word in enumerate(ordered)}


# %% mistake="padding_and_unknown_exchanged" exercise="build_vocabulary" fails="test_build_vocabulary_order test_build_vocabulary_parts test_build_vocabulary_max_words"
"""You exchanged the first two: padding is 0 and unknown is 1."""


def build_vocabulary(sentences, parts, max_words=None):
    pairs = zip(sentences, parts, strict=True)
    counts = Counter(word for words, part in pairs if part == "train" for word in words)
    if not counts:
        raise ValueError(
            "Expected words in the training sentences. "
            f"Received: {len(sentences)} sentences, parts={sorted(set(parts))}"
        )
    ordered = sorted(counts, key=lambda word: (-counts[word], word))[:max_words]
    return {
        word: number for number, word in enumerate(["<unknown>", "<pad>", *ordered])
    }


# %% mistake="no_unknown" exercise="build_vocabulary" fails="test_build_vocabulary_order test_build_vocabulary_parts test_build_vocabulary_max_words"
"""You left no number for unknown words: "<unknown>" has 1, and the first word 2."""


def build_vocabulary(sentences, parts, max_words=None):
    pairs = zip(sentences, parts, strict=True)
    counts = Counter(word for words, part in pairs if part == "train" for word in words)
    if not counts:
        raise ValueError(
            "Expected words in the training sentences. "
            f"Received: {len(sentences)} sentences, parts={sorted(set(parts))}"
        )
    ordered = sorted(counts, key=lambda word: (-counts[word], word))[:max_words]
    return {word: number for number, word in enumerate(["<pad>", *ordered])}


# %% mistake="max_words_counts_all" exercise="build_vocabulary" fails="test_build_vocabulary_max_words"
"""Your `max_words` counts padding and unknown too. Keep so many words beside these
two."""


def build_vocabulary(sentences, parts, max_words=None):
    pairs = zip(sentences, parts, strict=True)
    counts = Counter(word for words, part in pairs if part == "train" for word in words)
    if not counts:
        raise ValueError(
            "Expected words in the training sentences. "
            f"Received: {len(sentences)} sentences, parts={sorted(set(parts))}"
        )
    ordered = sorted(counts, key=lambda word: (-counts[word], word))[
        : None if max_words is None else max_words - 2
    ]
    return {
        word: number for number, word in enumerate(["<pad>", "<unknown>", *ordered])
    }


# %% mistake="max_words_ignored" exercise="build_vocabulary" fails="test_build_vocabulary_max_words"
"""You keep all words, whatever `max_words` says."""


def build_vocabulary(sentences, parts, max_words=None):
    pairs = zip(sentences, parts, strict=True)
    counts = Counter(word for words, part in pairs if part == "train" for word in words)
    if not counts:
        raise ValueError(
            "Expected words in the training sentences. "
            f"Received: {len(sentences)} sentences, parts={sorted(set(parts))}"
        )
    ordered = sorted(counts, key=lambda word: (-counts[word], word))
    return {
        word: number for number, word in enumerate(["<pad>", "<unknown>", *ordered])
    }


# %% mistake="sentences_counted" exercise="build_vocabulary" fails="test_build_vocabulary_order test_build_vocabulary_max_words"
"""You count in how many sentences a word occurs. A word that occurs twice in one
sentence counts twice."""


def build_vocabulary(sentences, parts, max_words=None):
    pairs = zip(sentences, parts, strict=True)
    counts = Counter(
        word for words, part in pairs if part == "train" for word in sorted(set(words))
    )
    if not counts:
        raise ValueError(
            "Expected words in the training sentences. "
            f"Received: {len(sentences)} sentences, parts={sorted(set(parts))}"
        )
    ordered = sorted(counts, key=lambda word: (-counts[word], word))[:max_words]
    return {
        word: number for number, word in enumerate(["<pad>", "<unknown>", *ordered])
    }


# %% mistake="empty_accepted" exercise="build_vocabulary" fails="test_build_vocabulary_parts"
"""Without a training word you return a vocabulary all the same. The docstring
promises a ValueError."""


def build_vocabulary(sentences, parts, max_words=None):
    pairs = zip(sentences, parts, strict=True)
    counts = Counter(word for words, part in pairs if part == "train" for word in words)
    ordered = sorted(counts, key=lambda word: (-counts[word], word))[:max_words]
    return {
        word: number for number, word in enumerate(["<pad>", "<unknown>", *ordered])
    }


# %% mistake="unknown_skipped" exercise="encode" fails="test_encode_unknown"
"""Words without a number vanish from your rows, and the others move together. Each
becomes `UNKNOWN`, in its place."""


def encode(sentences, vocabulary, length, margin=0):
    if length < 1:
        raise ValueError(f"Expected length >= 1. Received: length={length}")
    rows = np.full((len(sentences), length + 2 * margin), PAD, dtype=np.int32)
    for row, words in zip(rows, sentences, strict=True):
        numbers = [vocabulary[word] for word in words if word in vocabulary][:length]
        row[margin : margin + len(numbers)] = numbers
    return rows


# %% mistake="unknown_is_padding" exercise="encode" fails="test_encode_unknown"
"""Words without a number become padding. They are words, only unknown: their number
is `UNKNOWN`."""


def encode(sentences, vocabulary, length, margin=0):
    if length < 1:
        raise ValueError(f"Expected length >= 1. Received: length={length}")
    rows = np.full((len(sentences), length + 2 * margin), PAD, dtype=np.int32)
    for row, words in zip(rows, sentences, strict=True):
        numbers = [vocabulary.get(word, PAD) for word in words[:length]]
        row[margin : margin + len(numbers)] = numbers
    return rows


# %% mistake="unknown_raises" exercise="encode" fails="test_encode_unknown"
"""A word without a number stops your program. Give it the number `UNKNOWN` instead."""


def encode(sentences, vocabulary, length, margin=0):
    if length < 1:
        raise ValueError(f"Expected length >= 1. Received: length={length}")
    rows = np.full((len(sentences), length + 2 * margin), PAD, dtype=np.int32)
    for row, words in zip(rows, sentences, strict=True):
        numbers = [vocabulary[word] for word in words[:length]]
        row[margin : margin + len(numbers)] = numbers
    return rows


# %% mistake="vocabulary_grows" exercise="encode" fails="test_encode_unknown"
"""You give new words new numbers. The vocabulary is closed: there is no word vector
with such a number."""


def encode(sentences, vocabulary, length, margin=0):
    if length < 1:
        raise ValueError(f"Expected length >= 1. Received: length={length}")
    rows = np.full((len(sentences), length + 2 * margin), PAD, dtype=np.int32)
    vocabulary = dict(vocabulary)
    for row, words in zip(rows, sentences, strict=True):
        numbers = [
            vocabulary.setdefault(word, len(vocabulary)) for word in words[:length]
        ]
        row[margin : margin + len(numbers)] = numbers
    return rows


# %% mistake="padded_in_front" exercise="encode" fails="test_encode_length test_encode_unknown test_encode_margin"
"""You fill short sentences up in front. Padding comes behind the last word."""


def encode(sentences, vocabulary, length, margin=0):
    if length < 1:
        raise ValueError(f"Expected length >= 1. Received: length={length}")
    rows = np.full((len(sentences), length + 2 * margin), PAD, dtype=np.int32)
    for row, words in zip(rows, sentences, strict=True):
        numbers = [vocabulary.get(word, UNKNOWN) for word in words[:length]]
        row[margin + length - len(numbers) : margin + length] = numbers
    return rows


# %% mistake="first_words_lost" exercise="encode" fails="test_encode_length test_encode_unknown test_encode_margin"
"""Of long sentences you keep the end. They lose their last words, so keep the first."""


def encode(sentences, vocabulary, length, margin=0):
    if length < 1:
        raise ValueError(f"Expected length >= 1. Received: length={length}")
    rows = np.full((len(sentences), length + 2 * margin), PAD, dtype=np.int32)
    for row, words in zip(rows, sentences, strict=True):
        numbers = [vocabulary.get(word, UNKNOWN) for word in words[-length:]]
        row[margin : margin + len(numbers)] = numbers
    return rows


# %% mistake="padded_with_unknown" exercise="encode" fails="test_encode_length test_encode_unknown test_encode_margin"
"""You fill up with `UNKNOWN`. What fills up is no word: it is `PAD`."""


def encode(sentences, vocabulary, length, margin=0):
    if length < 1:
        raise ValueError(f"Expected length >= 1. Received: length={length}")
    rows = np.full((len(sentences), length + 2 * margin), UNKNOWN, dtype=np.int32)
    for row, words in zip(rows, sentences, strict=True):
        numbers = [vocabulary.get(word, UNKNOWN) for word in words[:length]]
        row[margin : margin + len(numbers)] = numbers
    return rows


# %% mistake="margin_ignored" exercise="encode" fails="test_encode_margin"
"""You do not look at `margin`: so many `PAD` come in front of the words, and behind
them."""


def encode(sentences, vocabulary, length, margin=0):
    if length < 1:
        raise ValueError(f"Expected length >= 1. Received: length={length}")
    rows = np.full((len(sentences), length), PAD, dtype=np.int32)
    for row, words in zip(rows, sentences, strict=True):
        numbers = [vocabulary.get(word, UNKNOWN) for word in words[:length]]
        row[: len(numbers)] = numbers
    return rows


# %% mistake="margin_in_front_only" exercise="encode" fails="test_encode_margin"
"""Your margin is in front only. The windows stick out behind the last word too."""


def encode(sentences, vocabulary, length, margin=0):
    if length < 1:
        raise ValueError(f"Expected length >= 1. Received: length={length}")
    rows = np.full((len(sentences), length + margin), PAD, dtype=np.int32)
    for row, words in zip(rows, sentences, strict=True):
        numbers = [vocabulary.get(word, UNKNOWN) for word in words[:length]]
        row[margin : margin + len(numbers)] = numbers
    return rows


# %% mistake="margin_behind_only" exercise="encode" fails="test_encode_margin"
"""All your margin is behind the words. Half of it belongs in front."""


def encode(sentences, vocabulary, length, margin=0):
    if length < 1:
        raise ValueError(f"Expected length >= 1. Received: length={length}")
    rows = np.full((len(sentences), length + 2 * margin), PAD, dtype=np.int32)
    for row, words in zip(rows, sentences, strict=True):
        numbers = [vocabulary.get(word, UNKNOWN) for word in words[:length]]
        row[: len(numbers)] = numbers
    return rows


# %% mistake="margin_within_length" exercise="encode" fails="test_encode_margin"
"""You take the margin out of the length. It comes on top: a row holds `margin +
length + margin` numbers."""


def encode(sentences, vocabulary, length, margin=0):
    if length < 1:
        raise ValueError(f"Expected length >= 1. Received: length={length}")
    rows = np.full((len(sentences), length), PAD, dtype=np.int32)
    for row, words in zip(rows, sentences, strict=True):
        numbers = [
            vocabulary.get(word, UNKNOWN)
            for word in words[: max(length - 2 * margin, 0)]
        ]
        row[margin : margin + len(numbers)] = numbers
    return rows


# %% mistake="margin_of_unknown" exercise="encode" fails="test_encode_margin"
"""Your margin is made of `UNKNOWN`. Nothing stands there, so it is `PAD`."""


def encode(sentences, vocabulary, length, margin=0):
    if length < 1:
        raise ValueError(f"Expected length >= 1. Received: length={length}")
    rows = np.full((len(sentences), length + 2 * margin), PAD, dtype=np.int32)
    for row, words in zip(rows, sentences, strict=True):
        numbers = [vocabulary.get(word, UNKNOWN) for word in words[:length]]
        row[:margin] = row[margin + length :] = UNKNOWN
        row[margin : margin + len(numbers)] = numbers
    return rows


# %% mistake="longest_decides" exercise="encode" fails="test_encode_length test_encode_unknown test_encode_margin"
"""Your rows are as long as the longest sentence. Their length is given."""


def encode(sentences, vocabulary, length, margin=0):
    if length < 1:
        raise ValueError(f"Expected length >= 1. Received: length={length}")
    length = max(map(len, sentences))
    rows = np.full((len(sentences), length + 2 * margin), PAD, dtype=np.int32)
    for row, words in zip(rows, sentences, strict=True):
        numbers = [vocabulary.get(word, UNKNOWN) for word in words[:length]]
        row[margin : margin + len(numbers)] = numbers
    return rows


# %% mistake="wrong_dtype" exercise="encode" fails="test_encode_margin"
"""Your numbers are right but not int32: give the array its dtype when you make it."""


def encode(sentences, vocabulary, length, margin=0):
    if length < 1:
        raise ValueError(f"Expected length >= 1. Received: length={length}")
    rows = np.full((len(sentences), length + 2 * margin), PAD, dtype=np.int64)
    for row, words in zip(rows, sentences, strict=True):
        numbers = [vocabulary.get(word, UNKNOWN) for word in words[:length]]
        row[margin : margin + len(numbers)] = numbers
    return rows


# %% mistake="length_0_accepted" exercise="encode" fails="test_encode_margin"
"""A length below 1 makes no sense, and the docstring promises a ValueError."""


def encode(sentences, vocabulary, length, margin=0):
    rows = np.full((len(sentences), length + 2 * margin), PAD, dtype=np.int32)
    for row, words in zip(rows, sentences, strict=True):
        numbers = [vocabulary.get(word, UNKNOWN) for word in words[:length]]
        row[margin : margin + len(numbers)] = numbers
    return rows


# %% mistake="entries_as_width" exercise="conv_over_time" fails="test_conv_over_time_windows test_conv_over_time_entries"
"""You slide over the entries of the word vectors too, as if they were the columns of
a picture. They are channels: a filter covers all of them at once, and moves along
time only."""


def conv_over_time(x, w, b):
    height = len(w)
    if x.shape[1] < height:
        raise ValueError(
            f"Expected at least {height} words. Received: x.shape={x.shape}"
        )
    windows = x.shape[1] - height + 1
    entries = x.shape[2]
    y = np.zeros((len(x), windows, entries, w.shape[2]), x.dtype)
    wide = np.pad(x, ((0, 0), (0, 0), (0, entries - 1)))
    for i in range(height):
        for d in range(entries):
            part = wide[:, i : i + windows, d : d + entries, None]
            y += part * w[i, d]
    return b + y


# %% mistake="entries_not_summed" exercise="conv_over_time" fails="test_conv_over_time_windows test_conv_over_time_entries"
"""You leave the entries of the word vectors side by side. A filter's answer is one
number: sum over them too."""


def conv_over_time(x, w, b):
    height = len(w)
    if x.shape[1] < height:
        raise ValueError(
            f"Expected at least {height} words. Received: x.shape={x.shape}"
        )
    windows = x.shape[1] - height + 1
    y = 0
    for i in range(height):
        y = y + x[:, i : i + windows, :, None] * w[i]
    return y + b


# %% mistake="time_and_entries_exchanged" exercise="conv_over_time" fails="test_conv_over_time_windows test_conv_over_time_entries"
"""You slide along the entries of the word vectors. Time is axis 1, the entries are
axis 2."""


def conv_over_time(x, w, b):
    height = len(w)
    if x.shape[1] < height:
        raise ValueError(
            f"Expected at least {height} words. Received: x.shape={x.shape}"
        )
    windows = x.shape[1] - height + 1
    y = np.zeros((len(x), x.shape[2], w.shape[2]), x.dtype)
    for i in range(height):
        for t in range(windows):
            y += x[:, t + i, :, None] * w[i]
    return b + y


# %% mistake="flipped" exercise="conv_over_time" fails="test_conv_over_time_windows test_conv_over_time_entries"
"""Your filters are flipped in time. Their first word meets the first word of the
window."""


def conv_over_time(x, w, b):
    height = len(w)
    if x.shape[1] < height:
        raise ValueError(
            f"Expected at least {height} words. Received: x.shape={x.shape}"
        )
    windows = x.shape[1] - height + 1
    return b + sum(x[:, i : i + windows] @ w[height - 1 - i] for i in range(height))


# %% mistake="entries_flipped" exercise="conv_over_time" fails="test_conv_over_time_windows test_conv_over_time_entries"
"""Your filters are flipped in time and in their entries. Nothing is flipped: entry d
of the word meets entry d of the filter."""


def conv_over_time(x, w, b):
    height = len(w)
    if x.shape[1] < height:
        raise ValueError(
            f"Expected at least {height} words. Received: x.shape={x.shape}"
        )
    windows = x.shape[1] - height + 1
    w = w[::-1, ::-1]
    return b + sum(x[:, i : i + windows] @ w[i] for i in range(height))


# %% mistake="no_bias" exercise="conv_over_time" fails="test_conv_over_time_windows test_conv_over_time_entries"
"""You forgot the bias: each filter adds its own number to all its answers."""


def conv_over_time(x, w, b):
    height = len(w)
    if x.shape[1] < height:
        raise ValueError(
            f"Expected at least {height} words. Received: x.shape={x.shape}"
        )
    windows = x.shape[1] - height + 1
    return sum(x[:, i : i + windows] @ w[i] for i in range(height))


# %% mistake="bias_for_each_word" exercise="conv_over_time" fails="test_conv_over_time_windows test_conv_over_time_entries"
"""You add the bias once for each word of the window. It is added once for each
answer."""


def conv_over_time(x, w, b):
    height = len(w)
    if x.shape[1] < height:
        raise ValueError(
            f"Expected at least {height} words. Received: x.shape={x.shape}"
        )
    windows = x.shape[1] - height + 1
    return sum(x[:, i : i + windows] @ w[i] + b for i in range(height))


# %% mistake="one_window_too_few" exercise="conv_over_time" fails="test_conv_over_time_windows test_conv_over_time_entries"
"""One window is missing, the last: a sentence of T words has T - h + 1 of them."""


def conv_over_time(x, w, b):
    height = len(w)
    if x.shape[1] < height:
        raise ValueError(
            f"Expected at least {height} words. Received: x.shape={x.shape}"
        )
    windows = x.shape[1] - height
    return b + sum(x[:, i : i + windows] @ w[i] for i in range(height))


# %% mistake="padded" exercise="conv_over_time" fails="test_conv_over_time_windows test_conv_over_time_entries"
"""You pad the sentences until as many answers come out as there are words. `encode`
has padded already: only whole windows count."""


def conv_over_time(x, w, b):
    height = len(w)
    if x.shape[1] < height:
        raise ValueError(
            f"Expected at least {height} words. Received: x.shape={x.shape}"
        )
    x = np.pad(x, ((0, 0), ((height - 1) // 2, height // 2), (0, 0)))
    windows = x.shape[1] - height + 1
    return b + sum(x[:, i : i + windows] @ w[i] for i in range(height))


# %% mistake="windows_side_by_side" exercise="conv_over_time" fails="test_conv_over_time_windows test_conv_over_time_entries"
"""Your windows do not overlap: they move on by their own height. They move on by one
word."""


def conv_over_time(x, w, b):
    height = len(w)
    if x.shape[1] < height:
        raise ValueError(
            f"Expected at least {height} words. Received: x.shape={x.shape}"
        )
    windows = x.shape[1] - height + 1
    answers = sum(x[:, i : i + windows] @ w[i] for i in range(height))
    return (b + answers)[:, ::height]


# %% mistake="sentences_mixed" exercise="conv_over_time" fails="test_conv_over_time_entries"
"""You add the sentences of the batch up. Axis 0 counts sentences, and each has its
own answers."""


def conv_over_time(x, w, b):
    height = len(w)
    if x.shape[1] < height:
        raise ValueError(
            f"Expected at least {height} words. Received: x.shape={x.shape}"
        )
    windows = x.shape[1] - height + 1
    answers = sum(x[:, i : i + windows] @ w[i] for i in range(height))
    return b + answers.sum(axis=0, keepdims=True)


# %% mistake="relu_inside" exercise="conv_over_time" fails="test_conv_over_time_windows test_conv_over_time_entries test_conv_over_time_rules"
"""You cut negative answers off. The ReLU comes later; the answers themselves may be
negative."""


def conv_over_time(x, w, b):
    height = len(w)
    if x.shape[1] < height:
        raise ValueError(
            f"Expected at least {height} words. Received: x.shape={x.shape}"
        )
    windows = x.shape[1] - height + 1
    answers = sum(x[:, i : i + windows] @ w[i] for i in range(height))
    return np.maximum(b + answers, 0)


# %% mistake="mean_of_window" exercise="conv_over_time" fails="test_conv_over_time_windows test_conv_over_time_entries"
"""You divide by the number of words in the window. It is a sum, not a mean."""


def conv_over_time(x, w, b):
    height = len(w)
    if x.shape[1] < height:
        raise ValueError(
            f"Expected at least {height} words. Received: x.shape={x.shape}"
        )
    windows = x.shape[1] - height + 1
    answers = sum(x[:, i : i + windows] @ w[i] for i in range(height))
    return b + answers / height


# %% mistake="always_float64" exercise="conv_over_time" fails="test_conv_over_time_rules"
"""Your answers are float64 whatever came in. Make the array with the dtype of `x`."""


def conv_over_time(x, w, b):
    height = len(w)
    if x.shape[1] < height:
        raise ValueError(
            f"Expected at least {height} words. Received: x.shape={x.shape}"
        )
    windows = x.shape[1] - height + 1
    y = np.zeros((len(x), windows, w.shape[2]))
    for i in range(height):
        y += x[:, i : i + windows] @ w[i]
    return y + b


# %% mistake="short_accepted" exercise="conv_over_time" fails="test_conv_over_time_rules"
"""For sentences shorter than the window you return something. There is no window, and
the docstring promises a ValueError."""


def conv_over_time(x, w, b):
    windows = max(x.shape[1] - len(w) + 1, 0)
    y = np.zeros((len(x), windows, w.shape[2]), x.dtype) + b
    for t in range(windows):
        y[:, t] += np.tensordot(x[:, t : t + len(w)], w, 2)
    return y


# %% mistake="over_filters" exercise="max_over_time" fails="test_max_over_time_strongest test_max_over_time_places"
"""You take the largest over the filters. They are asked different things: take it
over time, axis 1, for each filter by itself."""


def max_over_time(maps):
    return maps.max(axis=2), maps.argmax(axis=2)


# %% mistake="over_batch" exercise="max_over_time" fails="test_max_over_time_strongest test_max_over_time_places"
"""You take the largest over the sentences. Axis 0 counts them; time is axis 1."""


def max_over_time(maps):
    return maps.max(axis=0), maps.argmax(axis=0)


# %% mistake="over_all" exercise="max_over_time" fails="test_max_over_time_strongest test_max_over_time_places"
"""You keep one answer for each sentence. Each filter keeps its own largest: reduce
over time only."""


def max_over_time(maps):
    flat = maps.reshape(len(maps), -1)
    return flat.max(axis=1), flat.argmax(axis=1)


# %% mistake="mean" exercise="max_over_time" fails="test_max_over_time_strongest"
"""You keep the mean over time. Two words in a long sentence would hardly count: keep
the largest."""


def max_over_time(maps):
    return maps.mean(axis=1), maps.argmax(axis=1)


# %% mistake="largest_size" exercise="max_over_time" fails="test_max_over_time_strongest test_max_over_time_places"
"""You compare sizes without their signs. An answer of -4 is weaker than one of 1."""


def max_over_time(maps):
    places = np.abs(maps).argmax(axis=1)
    strongest = np.take_along_axis(maps, places[:, None], axis=1)[:, 0]
    return strongest, places


# %% mistake="zero_at_least" exercise="max_over_time" fails="test_max_over_time_strongest"
"""Your largest answers are never negative: you begin with a zero that no window gave.
The ReLU comes later."""


def max_over_time(maps):
    return np.maximum(maps.max(axis=1), 0), maps.argmax(axis=1)


# %% mistake="smallest" exercise="max_over_time" fails="test_max_over_time_strongest test_max_over_time_places"
"""You keep the smallest answers."""


def max_over_time(maps):
    return maps.min(axis=1), maps.argmin(axis=1)


# %% mistake="last_of_equals" exercise="max_over_time" fails="test_max_over_time_places"
"""Where windows are equally strong you name the last. The first is asked for."""


def max_over_time(maps):
    last = maps.shape[1] - 1 - maps[:, ::-1].argmax(axis=1)
    return maps.max(axis=1), last


# %% mistake="places_from_1" exercise="max_over_time" fails="test_max_over_time_places"
"""Your windows are counted from 1. The first is number 0."""


def max_over_time(maps):
    return maps.max(axis=1), maps.argmax(axis=1) + 1


# %% mistake="only_last_window" exercise="max_over_time" fails="test_max_over_time_strongest test_max_over_time_places"
"""You keep the last window's answers. The largest may be anywhere."""


def max_over_time(maps):
    places = np.full((len(maps), maps.shape[2]), maps.shape[1] - 1)
    return maps[:, -1], places


# %% mistake="time_axis_kept" exercise="max_over_time" fails="test_max_over_time_strongest test_max_over_time_places"
"""Your arrays still have the axis of time, with length 1. It goes away: `(B,
filters)`."""


def max_over_time(maps):
    strongest = maps.max(axis=1, keepdims=True)
    return strongest, maps.argmax(axis=1, keepdims=True)


# %% mistake="places_as_floats" exercise="max_over_time" fails="test_max_over_time_places"
"""Your places are floats. They are numbers of windows, with which one indexes: ints."""


def max_over_time(maps):
    return maps.max(axis=1), maps.argmax(axis=1).astype(float)


# %% mistake="padding_learned" exercise="sentence_cnn" fails="test_sentence_cnn_logits test_sentence_cnn_training"
"""Your padding has a vector that is trained like a word's. Use `WordEmbedding`, which
puts zeros there."""


def sentence_cnn(
    variant, matrix, length, num_classes, windows=(3, 4, 5), maps=100, dropout=0.5
):
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
        embedding = keras.layers.Embedding(
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


# %% mistake="entries_as_width" exercise="sentence_cnn" fails="test_sentence_cnn_sizes test_sentence_cnn_logits test_sentence_cnn_variants"
"""Your filters slide over the entries of the word vectors as if they were columns of
a picture. A filter covers a word in its whole width: the entries are the channels of
a Conv1D."""


def sentence_cnn(
    variant, matrix, length, num_classes, windows=(3, 4, 5), maps=100, dropout=0.5
):
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
        y = keras.layers.Reshape((*x.shape[1:], 1))(x)
        y = keras.layers.Conv2D(maps, (height, 1), activation="relu")(y)
        features.append(keras.layers.GlobalMaxPooling2D()(y))
    x = keras.layers.Concatenate()(features) if len(features) > 1 else features[0]
    x = keras.layers.Dropout(dropout)(x)
    return keras.Model(words, keras.layers.Dense(num_classes)(x))


# %% mistake="pooled_over_filters" exercise="sentence_cnn" fails="test_sentence_cnn_sizes test_sentence_cnn_logits test_sentence_cnn_variants test_sentence_cnn_training"
"""You take the maximum over the filters, so that one number is left for each window
and the dense layer hangs on the length. Take it over time, for each filter."""


def sentence_cnn(
    variant, matrix, length, num_classes, windows=(3, 4, 5), maps=100, dropout=0.5
):
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
        y = keras.layers.Permute((2, 1))(y)
        features.append(keras.layers.GlobalMaxPooling1D()(y))
    x = keras.layers.Concatenate()(features) if len(features) > 1 else features[0]
    x = keras.layers.Dropout(dropout)(x)
    return keras.Model(words, keras.layers.Dense(num_classes)(x))


# %% mistake="mean_over_time" exercise="sentence_cnn" fails="test_sentence_cnn_logits test_sentence_cnn_variants"
"""You keep the mean over time. Keep the maximum."""


def sentence_cnn(
    variant, matrix, length, num_classes, windows=(3, 4, 5), maps=100, dropout=0.5
):
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
        features.append(keras.layers.GlobalAveragePooling1D()(y))
    x = keras.layers.Concatenate()(features) if len(features) > 1 else features[0]
    x = keras.layers.Dropout(dropout)(x)
    return keras.Model(words, keras.layers.Dense(num_classes)(x))


# %% mistake="flattened" exercise="sentence_cnn" fails="test_sentence_cnn_sizes test_sentence_cnn_logits test_sentence_cnn_variants test_sentence_cnn_training"
"""You pool pairs of windows and flatten the rest. Over the whole sentence one maximum
is kept for each filter."""


def sentence_cnn(
    variant, matrix, length, num_classes, windows=(3, 4, 5), maps=100, dropout=0.5
):
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
        y = keras.layers.MaxPooling1D(2)(y)
        features.append(keras.layers.Flatten()(y))
    x = keras.layers.Concatenate()(features) if len(features) > 1 else features[0]
    x = keras.layers.Dropout(dropout)(x)
    return keras.Model(words, keras.layers.Dense(num_classes)(x))


# %% mistake="no_relu" exercise="sentence_cnn" fails="test_sentence_cnn_logits test_sentence_cnn_variants"
"""Your convolutions have no ReLU."""


def sentence_cnn(
    variant, matrix, length, num_classes, windows=(3, 4, 5), maps=100, dropout=0.5
):
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
        y = keras.layers.Conv1D(maps, height)(x)
        features.append(keras.layers.GlobalMaxPooling1D()(y))
    x = keras.layers.Concatenate()(features) if len(features) > 1 else features[0]
    x = keras.layers.Dropout(dropout)(x)
    return keras.Model(words, keras.layers.Dense(num_classes)(x))


# %% mistake="softmax" exercise="sentence_cnn" fails="test_sentence_cnn_logits test_sentence_cnn_variants test_sentence_cnn_training"
"""Your model ends with a softmax. Logits are what comes before it."""


def sentence_cnn(
    variant, matrix, length, num_classes, windows=(3, 4, 5), maps=100, dropout=0.5
):
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
    return keras.Model(words, keras.layers.Dense(num_classes, activation="softmax")(x))


# %% mistake="windows_in_a_row" exercise="sentence_cnn" fails="test_sentence_cnn_sizes test_sentence_cnn_logits"
"""Your windows follow one another, so the second reads the first one's answers. All
of them read the word vectors, side by side."""


def sentence_cnn(
    variant, matrix, length, num_classes, windows=(3, 4, 5), maps=100, dropout=0.5
):
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
        x = keras.layers.Conv1D(maps, height, activation="relu")(x)
        features.append(keras.layers.GlobalMaxPooling1D()(x))
    x = keras.layers.Concatenate()(features) if len(features) > 1 else features[0]
    x = keras.layers.Dropout(dropout)(x)
    return keras.Model(words, keras.layers.Dense(num_classes)(x))


# %% mistake="first_window_only" exercise="sentence_cnn" fails="test_sentence_cnn_sizes test_sentence_cnn_logits test_sentence_cnn_training"
"""You use the first height of window only. Each of `windows` has filters of its own,
and their maxima are put side by side."""


def sentence_cnn(
    variant, matrix, length, num_classes, windows=(3, 4, 5), maps=100, dropout=0.5
):
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
    for height in windows[:1]:
        y = keras.layers.Conv1D(maps, height, activation="relu")(x)
        features.append(keras.layers.GlobalMaxPooling1D()(y))
    x = keras.layers.Concatenate()(features) if len(features) > 1 else features[0]
    x = keras.layers.Dropout(dropout)(x)
    return keras.Model(words, keras.layers.Dense(num_classes)(x))


# %% mistake="features_added" exercise="sentence_cnn" fails="test_sentence_cnn_sizes test_sentence_cnn_logits test_sentence_cnn_training"
"""You add the features of the windows up. Put them side by side: concatenate."""


def sentence_cnn(
    variant, matrix, length, num_classes, windows=(3, 4, 5), maps=100, dropout=0.5
):
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
    x = keras.layers.Add()(features) if len(features) > 1 else features[0]
    x = keras.layers.Dropout(dropout)(x)
    return keras.Model(words, keras.layers.Dense(num_classes)(x))


# %% mistake="padded" exercise="sentence_cnn" fails="test_sentence_cnn_logits test_sentence_cnn_variants"
"""Your convolutions pad the sentence. The margins of the rows are all the padding
there is."""


def sentence_cnn(
    variant, matrix, length, num_classes, windows=(3, 4, 5), maps=100, dropout=0.5
):
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
        y = keras.layers.Conv1D(maps, height, padding="same", activation="relu")(x)
        features.append(keras.layers.GlobalMaxPooling1D()(y))
    x = keras.layers.Concatenate()(features) if len(features) > 1 else features[0]
    x = keras.layers.Dropout(dropout)(x)
    return keras.Model(words, keras.layers.Dense(num_classes)(x))


# %% mistake="static_trained" exercise="sentence_cnn" fails="test_sentence_cnn_variants"
"""Your "static" vectors are trained. They stay as they came: the layer is not
trainable."""


def sentence_cnn(
    variant, matrix, length, num_classes, windows=(3, 4, 5), maps=100, dropout=0.5
):
    trained = {
        "rand": [True],
        "static": [True],
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


# %% mistake="non_static_frozen" exercise="sentence_cnn" fails="test_sentence_cnn_variants"
"""Your "non-static" vectors are frozen. Only "static" ones are, and one of the two
channels."""


def sentence_cnn(
    variant, matrix, length, num_classes, windows=(3, 4, 5), maps=100, dropout=0.5
):
    trained = {
        "rand": [True],
        "static": [False],
        "non-static": [False],
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


# %% mistake="both_channels_trained" exercise="sentence_cnn" fails="test_sentence_cnn_variants"
"""Both of your channels are trained. One of them stays as it came."""


def sentence_cnn(
    variant, matrix, length, num_classes, windows=(3, 4, 5), maps=100, dropout=0.5
):
    trained = {
        "rand": [True],
        "static": [False],
        "non-static": [True],
        "multichannel": [True, True],
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


# %% mistake="both_channels_frozen" exercise="sentence_cnn" fails="test_sentence_cnn_variants"
"""Both of your channels are frozen. One of them is trained."""


def sentence_cnn(
    variant, matrix, length, num_classes, windows=(3, 4, 5), maps=100, dropout=0.5
):
    trained = {
        "rand": [True],
        "static": [False],
        "non-static": [True],
        "multichannel": [False, False],
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


# %% mistake="one_channel" exercise="sentence_cnn" fails="test_sentence_cnn_sizes test_sentence_cnn_variants"
"""Your "multichannel" has one set of word vectors. It has two, one that stays and one
that is trained."""


def sentence_cnn(
    variant, matrix, length, num_classes, windows=(3, 4, 5), maps=100, dropout=0.5
):
    trained = {
        "rand": [True],
        "static": [False],
        "non-static": [True],
        "multichannel": [True],
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


# %% mistake="filters_for_each_channel" exercise="sentence_cnn" fails="test_sentence_cnn_sizes test_sentence_cnn_variants"
"""Each of your channels has filters of its own. The same filters are laid on both,
and the results are added."""


def sentence_cnn(
    variant, matrix, length, num_classes, windows=(3, 4, 5), maps=100, dropout=0.5
):
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
    x = keras.layers.Concatenate()(channels) if len(channels) > 1 else channels[0]
    features = []
    for height in windows:
        y = keras.layers.Conv1D(maps, height, activation="relu")(x)
        features.append(keras.layers.GlobalMaxPooling1D()(y))
    x = keras.layers.Concatenate()(features) if len(features) > 1 else features[0]
    x = keras.layers.Dropout(dropout)(x)
    return keras.Model(words, keras.layers.Dense(num_classes)(x))


# %% mistake="channels_one_after_another" exercise="sentence_cnn" fails="test_sentence_cnn_variants"
"""You put the channels one behind the other in time, as if the sentence were said
twice. They are two vectors of the same word: add them."""


def sentence_cnn(
    variant, matrix, length, num_classes, windows=(3, 4, 5), maps=100, dropout=0.5
):
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
    x = keras.layers.Concatenate(axis=1)(channels) if len(channels) > 1 else channels[0]
    features = []
    for height in windows:
        y = keras.layers.Conv1D(maps, height, activation="relu")(x)
        features.append(keras.layers.GlobalMaxPooling1D()(y))
    x = keras.layers.Concatenate()(features) if len(features) > 1 else features[0]
    x = keras.layers.Dropout(dropout)(x)
    return keras.Model(words, keras.layers.Dense(num_classes)(x))


# %% mistake="channels_averaged" exercise="sentence_cnn" fails="test_sentence_cnn_variants"
"""You take the mean of the two channels. The results of the two are added."""


def sentence_cnn(
    variant, matrix, length, num_classes, windows=(3, 4, 5), maps=100, dropout=0.5
):
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
    x = keras.layers.Average()(channels) if len(channels) > 1 else channels[0]
    features = []
    for height in windows:
        y = keras.layers.Conv1D(maps, height, activation="relu")(x)
        features.append(keras.layers.GlobalMaxPooling1D()(y))
    x = keras.layers.Concatenate()(features) if len(features) > 1 else features[0]
    x = keras.layers.Dropout(dropout)(x)
    return keras.Model(words, keras.layers.Dense(num_classes)(x))


# %% mistake="vectors_never_set" exercise="sentence_cnn" fails="test_sentence_cnn_logits test_sentence_cnn_variants"
"""The vectors from elsewhere never reach your model: call the layer first, then
`set_weights([matrix])`."""


def sentence_cnn(
    variant, matrix, length, num_classes, windows=(3, 4, 5), maps=100, dropout=0.5
):
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
    x = keras.layers.Add()(channels) if len(channels) > 1 else channels[0]
    features = []
    for height in windows:
        y = keras.layers.Conv1D(maps, height, activation="relu")(x)
        features.append(keras.layers.GlobalMaxPooling1D()(y))
    x = keras.layers.Concatenate()(features) if len(features) > 1 else features[0]
    x = keras.layers.Dropout(dropout)(x)
    return keras.Model(words, keras.layers.Dense(num_classes)(x))


# %% mistake="default_initializer" exercise="sentence_cnn" fails="test_sentence_cnn_variants"
"""Your random vectors are those that Keras draws unless told otherwise, within 0.05.
Kim's are uniform in [-0.25, 0.25]."""


def sentence_cnn(
    variant, matrix, length, num_classes, windows=(3, 4, 5), maps=100, dropout=0.5
):
    trained = {
        "rand": [True],
        "static": [False],
        "non-static": [True],
        "multichannel": [False, True],
    }
    if variant not in trained:
        raise ValueError(f"Expected one of {list(trained)}. Received: {variant=}")
    words = keras.Input((length,), dtype="int32")
    channels = []
    for trainable in trained[variant]:
        embedding = WordEmbedding(*matrix.shape, trainable=trainable)
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


# %% mistake="normal_initializer" exercise="sentence_cnn" fails="test_sentence_cnn_variants"
"""Your random vectors are normal, not uniform: some lie outside of [-0.25, 0.25]."""


def sentence_cnn(
    variant, matrix, length, num_classes, windows=(3, 4, 5), maps=100, dropout=0.5
):
    trained = {
        "rand": [True],
        "static": [False],
        "non-static": [True],
        "multichannel": [False, True],
    }
    if variant not in trained:
        raise ValueError(f"Expected one of {list(trained)}. Received: {variant=}")
    words = keras.Input((length,), dtype="int32")
    uniform = keras.initializers.RandomNormal(0, 0.25)
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


# %% mistake="no_dropout" exercise="sentence_cnn" fails="test_sentence_cnn_training"
"""There is no dropout between the maxima and the dense layer."""


def sentence_cnn(
    variant, matrix, length, num_classes, windows=(3, 4, 5), maps=100, dropout=0.5
):
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
    return keras.Model(words, keras.layers.Dense(num_classes)(x))


# %% mistake="dropout_on_words" exercise="sentence_cnn" fails="test_sentence_cnn_training"
"""Your dropout is on the word vectors. It belongs between the maxima and the dense
layer."""


def sentence_cnn(
    variant, matrix, length, num_classes, windows=(3, 4, 5), maps=100, dropout=0.5
):
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
    x = keras.layers.Dropout(dropout)(x)
    features = []
    for height in windows:
        y = keras.layers.Conv1D(maps, height, activation="relu")(x)
        features.append(keras.layers.GlobalMaxPooling1D()(y))
    x = keras.layers.Concatenate()(features) if len(features) > 1 else features[0]
    return keras.Model(words, keras.layers.Dense(num_classes)(x))


# %% mistake="dropout_on_logits" exercise="sentence_cnn" fails="test_sentence_cnn_training"
"""Your dropout is behind the dense layer and drops logits. It belongs before it."""


def sentence_cnn(
    variant, matrix, length, num_classes, windows=(3, 4, 5), maps=100, dropout=0.5
):
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
    x = keras.layers.Dense(num_classes)(x)
    return keras.Model(words, keras.layers.Dropout(dropout)(x))


# %% mistake="keeps_for_drops" exercise="sentence_cnn" fails="test_sentence_cnn_training"
"""You drop the share that is to be kept. Keras's Dropout takes the share that is
dropped."""


def sentence_cnn(
    variant, matrix, length, num_classes, windows=(3, 4, 5), maps=100, dropout=0.5
):
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
    x = keras.layers.Dropout(1 - dropout)(x)
    return keras.Model(words, keras.layers.Dense(num_classes)(x))


# %% mistake="always_half" exercise="sentence_cnn" fails="test_sentence_cnn_training"
"""Your dropout is always one half. Its share is an argument."""


def sentence_cnn(
    variant, matrix, length, num_classes, windows=(3, 4, 5), maps=100, dropout=0.5
):
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
    x = keras.layers.Dropout(0.5)(x)
    return keras.Model(words, keras.layers.Dense(num_classes)(x))


# %% mistake="any_variant" exercise="sentence_cnn" fails="test_sentence_cnn_sizes"
"""You take any word for a variant. For one that there is not the docstring promises a
ValueError."""


def sentence_cnn(
    variant, matrix, length, num_classes, windows=(3, 4, 5), maps=100, dropout=0.5
):
    trained = {
        "rand": [True],
        "static": [False],
        "non-static": [True],
        "multichannel": [False, True],
    }
    words = keras.Input((length,), dtype="int32")
    uniform = keras.initializers.RandomUniform(-0.25, 0.25)
    channels = []
    for trainable in trained.get(variant, [True]):
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


# %% mistake="rows" exercise="max_norm" fails="test_max_norm_columns test_max_norm_rules"
"""You measure rows. The weights of a class are a column: sum over axis 0."""


def max_norm(w, limit):
    norms = np.sqrt(np.sum(w**2, axis=1, keepdims=True))
    scale = np.where(norms > limit, limit / np.maximum(norms, limit), 1)
    return (w * scale).astype(w.dtype)


# %% mistake="whole_matrix" exercise="max_norm" fails="test_max_norm_columns test_max_norm_rules"
"""You measure the whole matrix at once. Each column has a norm of its own."""


def max_norm(w, limit):
    norms = np.sqrt(np.sum(w**2))
    scale = np.where(norms > limit, limit / np.maximum(norms, limit), 1)
    return (w * scale).astype(w.dtype)


# %% mistake="clipped" exercise="max_norm" fails="test_max_norm_columns"
"""You cut single values off at the limit. The norm of a column is limited, and all
its values shrink by the same factor."""


def max_norm(w, limit):
    return np.clip(w, -limit, limit)


# %% mistake="all_to_limit" exercise="max_norm" fails="test_max_norm_columns test_max_norm_rules"
"""You scale all columns to the limit, also those that are shorter. These stay as they
are."""


def max_norm(w, limit):
    norms = np.sqrt(np.sum(w**2, axis=0))
    scale = limit / np.where(norms > 0, norms, 1)
    return (w * scale).astype(w.dtype)


# %% mistake="sum_of_sizes" exercise="max_norm" fails="test_max_norm_columns test_max_norm_rules"
"""You measure columns by the sum of their sizes, the L1 norm. The L2 norm is the root
of the sum of squares."""


def max_norm(w, limit):
    norms = np.sum(np.abs(w), axis=0)
    scale = np.where(norms > limit, limit / np.maximum(norms, limit), 1)
    return (w * scale).astype(w.dtype)


# %% mistake="largest_value" exercise="max_norm" fails="test_max_norm_columns"
"""You measure columns by their largest value. The L2 norm is the root of the sum of
squares."""


def max_norm(w, limit):
    norms = np.max(np.abs(w), axis=0)
    scale = np.where(norms > limit, limit / np.maximum(norms, limit), 1)
    return (w * scale).astype(w.dtype)


# %% mistake="no_root" exercise="max_norm" fails="test_max_norm_columns test_max_norm_rules"
"""You compare the square of the norm with the limit: the root is missing."""


def max_norm(w, limit):
    norms = np.sum(w**2, axis=0)
    scale = np.where(norms > limit, limit / np.maximum(norms, limit), 1)
    return (w * scale).astype(w.dtype)


# %% mistake="in_place" exercise="max_norm" fails="test_max_norm_rules"
"""You change the matrix that was given. Return a new one."""


def max_norm(w, limit):
    norms = np.sqrt(np.sum(w**2, axis=0))
    scale = np.where(norms > limit, limit / np.maximum(norms, limit), 1)
    w *= scale.astype(w.dtype)
    return w


# %% mistake="zero_divided" exercise="max_norm" fails="test_max_norm_rules"
"""You divide by the norm of every column, and a column of zeros becomes NaN. Divide
only where the norm exceeds the limit."""


def max_norm(w, limit):
    norms = np.sqrt(np.sum(w**2, axis=0))
    with np.errstate(all="ignore"):
        scale = np.minimum(norms, limit) / norms
    return (w * scale).astype(w.dtype)


# %% mistake="nearly_one" exercise="max_norm" fails="test_max_norm_rules"
"""Short columns come back slightly changed: you multiply them by a factor that is
nearly 1, as Keras's MaxNorm does. They keep exactly their values."""


def max_norm(w, limit):
    norms = np.sqrt(np.sum(w**2, axis=0))
    scale = np.minimum(norms, limit) / (norms + 1e-7)
    return (w * scale).astype(w.dtype)


# %% mistake="divided_by_norm" exercise="max_norm" fails="test_max_norm_columns"
"""You scale long columns to norm 1. The limit is their new norm."""


def max_norm(w, limit):
    norms = np.sqrt(np.sum(w**2, axis=0))
    scale = np.where(norms > limit, 1 / np.maximum(norms, limit), 1)
    return (w * scale).astype(w.dtype)


# %% mistake="zeroed" exercise="max_norm" fails="test_max_norm_columns"
"""You set columns that are too long to zero. They are shortened, their direction
stays."""


def max_norm(w, limit):
    norms = np.sqrt(np.sum(w**2, axis=0))
    scale = np.where(norms > limit, 0, 1)
    return (w * scale).astype(w.dtype)


# %% mistake="root_mean_square" exercise="max_norm" fails="test_max_norm_columns"
"""You divide by the number of inputs: that is the root of the mean of the squares.
The norm has their sum."""


def max_norm(w, limit):
    norms = np.sqrt(np.mean(w**2, axis=0))
    scale = np.where(norms > limit, limit / np.maximum(norms, limit), 1)
    return (w * scale).astype(w.dtype)
