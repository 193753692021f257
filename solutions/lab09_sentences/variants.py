# %% variant="replaced" exercise="tokenize"
def tokenize(sentence):
    kept = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
    kept += kept.lower() + "0123456789(),!?'`"
    text = "".join(letter if letter in kept else " " for letter in sentence)
    for ending in ("'s", "'ve", "n't", "'re", "'d", "'ll"):
        text = text.replace(ending, f" {ending}")
    for mark in ",!()?":
        text = text.replace(mark, f" {mark} ")
    return [token.lower() for token in text.split()]


# %% variant="found" exercise="tokenize"
def tokenize(sentence):
    tokens = []
    for part in re.split(r"[^A-Za-z0-9(),!?'`]+", sentence):
        for piece in re.split(r"([,!()?])|(?='s|'ve|n't|'re|'d|'ll)", part):
            if piece:
                tokens.append(piece.lower())
    return tokens


# %% variant="loops" exercise="build_vocabulary"
def build_vocabulary(sentences, parts, max_words=None):
    counts = {}
    for i in range(len(sentences)):
        if parts[i] == "train":
            for word in sentences[i]:
                counts[word] = counts.get(word, 0) + 1
    if len(counts) == 0:
        raise ValueError("no training words")
    words = sorted(counts)
    words.sort(key=lambda word: counts[word], reverse=True)
    if max_words is not None:
        words = words[:max_words]
    vocabulary = {"<pad>": PAD, "<unknown>": UNKNOWN}
    for word in words:
        vocabulary[word] = len(vocabulary)
    return vocabulary


# %% variant="unique" exercise="build_vocabulary"
def build_vocabulary(sentences, parts, max_words=None):
    train = [s for s, part in zip(sentences, parts, strict=True) if part == "train"]
    flat = [word for sentence in train for word in sentence]
    if not flat:
        raise ValueError("Expected a training word.")
    words, counts = np.unique(flat, return_counts=True)
    order = np.argsort(-counts, kind="stable")[:max_words]
    numbers = {str(words[place]): rank + 2 for rank, place in enumerate(order)}
    return {"<pad>": 0, "<unknown>": 1, **numbers}


# %% variant="lists" exercise="encode"
def encode(sentences, vocabulary, length, margin=0):
    if length <= 0:
        raise ValueError("the length must be positive")
    rows = []
    for sentence in sentences:
        row = [PAD] * margin
        for i in range(length):
            if i < len(sentence):
                word = sentence[i]
                row.append(vocabulary[word] if word in vocabulary else UNKNOWN)
            else:
                row.append(PAD)
        rows.append(row + [PAD] * margin)
    return np.array(rows, dtype="int32")


# %% variant="padded_at_the_end" exercise="encode"
def encode(sentences, vocabulary, length, margin=0):
    if length < 1:
        raise ValueError(f"Received: length={length}")
    rows = np.zeros((len(sentences), length), np.int32)
    for n, sentence in enumerate(sentences):
        for i, word in enumerate(sentence[:length]):
            rows[n, i] = vocabulary.get(word, 1)
    return np.pad(rows, ((0, 0), (margin, margin)))


# %% variant="windows" exercise="conv_over_time"
def conv_over_time(x, w, b):
    if x.shape[1] < w.shape[0]:
        raise ValueError("the sentence is shorter than the window")
    windows = np.lib.stride_tricks.sliding_window_view(x, len(w), axis=1)
    return np.einsum("btdi,idf->btf", windows, w) + b


# %% variant="loops" exercise="conv_over_time"
def conv_over_time(x, w, b):
    batch, length, _ = x.shape
    height, _, filters = w.shape
    if length < height:
        raise ValueError("the sentence is shorter than the window")
    y = np.empty((batch, length - height + 1, filters), dtype=x.dtype)
    for n in range(batch):
        for t in range(y.shape[1]):
            for f in range(filters):
                y[n, t, f] = np.sum(x[n, t : t + height] * w[:, :, f]) + b[f]
    return y


# %% variant="matrix" exercise="conv_over_time"
def conv_over_time(x, w, b):
    height, entries, filters = w.shape
    count = x.shape[1] - height + 1
    if count < 1:
        raise ValueError("no window")
    flat = np.stack(
        [x[:, t : t + height].reshape(len(x), -1) for t in range(count)], axis=1
    )
    return flat @ w.reshape(height * entries, filters) + b


# %% variant="taken_along" exercise="max_over_time"
def max_over_time(maps):
    places = np.argmax(maps, axis=1)
    strongest = np.take_along_axis(maps, places[:, None, :], axis=1)
    return strongest[:, 0, :], places


# %% variant="loops" exercise="max_over_time"
def max_over_time(maps):
    strongest = maps[:, 0].copy()
    places = np.zeros(strongest.shape, dtype=np.int32)
    for t in range(1, maps.shape[1]):
        better = maps[:, t] > strongest
        strongest[better] = maps[:, t][better]
        places[better] = t
    return strongest, places


# %% variant="layers_apart" exercise="sentence_cnn"
def sentence_cnn(
    variant, matrix, length, num_classes, windows=(3, 4, 5), maps=100, dropout=0.5
):
    from keras import layers

    words, entries = matrix.shape
    inputs = keras.Input(shape=(length,), dtype="int64", name="numbers")

    def embedded(trainable, name):
        layer = WordEmbedding(words, entries, name=name)
        vectors = layer(inputs)
        layer.set_weights([np.array(matrix)])
        layer.trainable = trainable
        return vectors

    if variant == "rand":
        layer = WordEmbedding(words, entries)
        x = layer(inputs)
        layer.set_weights([np.random.uniform(-0.25, 0.25, matrix.shape)])
    elif variant == "static":
        x = embedded(False, "stays")
    elif variant == "non-static":
        x = embedded(True, "learns")
    elif variant == "multichannel":
        x = embedded(True, "learns") + embedded(False, "stays")
    else:
        raise ValueError(f"no variant {variant}")
    features = []
    for window in windows:
        y = layers.Conv1D(maps, window, padding="valid", name=f"conv{window}")(x)
        y = layers.GlobalMaxPooling1D(name=f"max{window}")(y)
        features.append(layers.ReLU()(y))
    x = features[0] if len(features) == 1 else layers.concatenate(features)
    x = layers.Dropout(rate=dropout)(x)
    return keras.Model(inputs, layers.Dense(num_classes, name="logits")(x))


# %% variant="functions" exercise="sentence_cnn"
def sentence_cnn(
    variant, matrix, length, num_classes, windows=(3, 4, 5), maps=100, dropout=0.5
):
    kinds = ("rand", "static", "non-static", "multichannel")
    if variant not in kinds:
        raise ValueError(f"Expected one of {kinds}. Received: {variant}")
    inputs = keras.Input((length,), dtype="int32")
    tables = []
    for trainable in [(True,), (False,), (True,), (False, True)][kinds.index(variant)]:
        table = WordEmbedding(
            matrix.shape[0],
            matrix.shape[1],
            embeddings_initializer=keras.initializers.RandomUniform(-0.25, 0.25),
        )
        table.trainable = trainable
        tables.append((table, table(inputs)))
        if variant != "rand":
            table.embeddings.assign(matrix)
    x = sum([vectors for _, vectors in tables[1:]], tables[0][1])
    maxima = []
    for height in windows:
        answers = keras.layers.Conv1D(maps, height)(x)
        answers = keras.ops.relu(answers)
        maxima.append(keras.ops.max(answers, axis=1))
    x = keras.ops.concatenate(maxima, axis=-1) if len(maxima) > 1 else maxima[0]
    x = keras.layers.Dropout(dropout)(x)
    outputs = keras.layers.Dense(num_classes)(x)
    return keras.Model(inputs=inputs, outputs=outputs)


# %% variant="loops" exercise="max_norm"
def max_norm(w, limit):
    result = w.copy()
    for j in range(w.shape[1]):
        norm = np.linalg.norm(w[:, j])
        if norm > limit:
            result[:, j] = w[:, j] / norm * limit
    return result


# %% variant="long_columns_only" exercise="max_norm"
def max_norm(w, limit):
    norms = np.linalg.norm(w, axis=0)
    long = norms > limit
    y = np.array(w)
    y[:, long] *= limit / norms[long]
    return y
