"""What filters look for, and which words decide, on nets whose answer is known."""

import keras
import numpy as np
import pytest

from cnncourse.architectures.sentence_cnn import sentence_cnn
from cnncourse.interpretation import Ngram, ngram_table, saliency, top_ngrams
from cnncourse.interpretation.ngrams import METHODS, windows_of

WORDS = ("<pad>", "<unknown>", "not", "dull", "witty", "film")
NOT, DULL, WITTY, FILM = 2, 3, 4, 5
ROWS = np.array(
    [[FILM, NOT, DULL, 0, 0], [NOT, WITTY, FILM, 0, 0], [DULL, FILM, DULL, NOT, DULL]]
)


@pytest.fixture(scope="module")
def model() -> keras.Model:
    """Filter 0 of width 2 finds "not dull", filter 1 "witty" at its second place."""
    net = sentence_cnn((5,), 2, vocabulary_size=6, dimensions=6, windows=(1, 2), maps=2)
    net.get_layer("embedding").embeddings.assign(np.eye(6))
    for window in (1, 2):
        layer = net.get_layer(f"window{window}_conv")
        layer.kernel.assign(np.zeros(layer.kernel.shape))
    kernel = np.zeros((2, 6, 2))
    kernel[0, NOT, 0], kernel[1, DULL, 0], kernel[1, WITTY, 1] = 2.0, 1.0, 4.0
    net.get_layer("window2_conv").kernel.assign(kernel)
    # rows: two filters of width 1, which never answer, then those of width 2
    net.get_layer("logits").kernel.assign([[0, 0], [0, 0], [-1.0, 1.0], [0.0, 2.0]])
    return net


@pytest.fixture(scope="module")
def noisy() -> keras.Model:
    """A net with random weights."""
    net = sentence_cnn((5,), 3, vocabulary_size=6, dimensions=4, windows=(2, 3), maps=5)
    rng = np.random.default_rng(0)
    for weight in net.weights:
        if "seed" not in weight.path:
            weight.assign(rng.normal(size=weight.shape))
    return net


def test_the_ngrams_of_each_filter(model: keras.Model) -> None:
    first, second = top_ngrams(model, ROWS, WORDS, 2)
    assert [n.words for n in first[:2]] == [("not", "dull"), ("not", "witty")]
    assert [n.activation for n in first[:2]] == [3.0, 2.0]
    assert first[0].weights == (-1.0, 1.0)
    assert (first[0].sentence, first[0].start) == (0, 1)  # the earlier of two
    assert [n.words for n in second] == [("not", "witty")]


def test_ngrams_at_the_edge_have_padding(model: keras.Model) -> None:
    first = top_ngrams(model, ROWS, WORDS, 2)[0]
    edge = next(n for n in first if n.words[0] == "·")
    assert edge.words == ("·", "dull") and edge.start == -1 and edge.activation == 1.0


def test_padding_alone_is_left_out(model: keras.Model) -> None:
    conv = model.get_layer("window1_conv")
    conv.bias.assign([5.0, 0.0])
    found = top_ngrams(model, ROWS, WORDS, 1, count=9)
    conv.bias.assign([0.0, 0.0])
    assert {n.words for n in found[0]} == {("not",), ("dull",), ("witty",), ("film",)}
    assert found[1] == []


def test_batches_change_nothing(
    noisy: keras.Model, monkeypatch: pytest.MonkeyPatch
) -> None:
    rows = np.random.default_rng(1).integers(1, 6, (9, 5))
    whole = top_ngrams(noisy, rows, WORDS, 3, 2)
    monkeypatch.setattr("cnncourse.interpretation.ngrams.BATCH", 2)
    parts = top_ngrams(noisy, rows, WORDS, 3, 2)
    assert [[n.words for n in f] for f in parts] == [
        [n.words for n in f] for f in whole
    ]
    answers = keras.Model(noisy.input, noisy.get_layer("window3_relu").output)(rows)
    strongest = keras.ops.convert_to_numpy(answers).max((0, 1))
    assert [f[0].activation if f else 0 for f in whole] == pytest.approx(strongest)


def test_the_table_begins_with_what_decides_most(model: keras.Model) -> None:
    text = ngram_table(top_ngrams(model, ROWS, WORDS, 2, 1), ("bad", "good"))
    assert text.splitlines() == [
        "filter   0  good          not dull (3.00)",
        "filter   1  good          not witty (4.00)",
    ]


def test_an_ngram_in_its_sentence(model: keras.Model) -> None:
    best = top_ngrams(model, ROWS, WORDS, 2)[0][0]
    assert isinstance(best, Ngram)
    shown = best.in_sentence(["film", "not", "dull"])
    assert str(shown) == "filter 0: film not++ dull++"


@pytest.mark.parametrize("method", METHODS)
def test_the_words_that_decide_have_the_scores(model: keras.Model, method: str) -> None:
    words = ["film", "not", "dull"]
    shown = saliency(model, ROWS[0], words, 1, method)
    film, *others = shown.scores
    assert film == pytest.approx(0, abs=1e-6) and all(s > 0.1 for s in others)
    against = saliency(model, ROWS[0], words, 0, method)
    assert against.scores == pytest.approx([-s for s in shown.scores])
    assert saliency(model, ROWS[0], words, None, method).scores == shown.scores


def test_occlusion_is_the_difference_of_two_answers(noisy: keras.Model) -> None:
    row = np.array([3, 4, 2, 0, 0])
    shown = saliency(noisy, row, ["a", "b", "c"], 2, "occlusion")
    without = row.copy()
    without[1] = 0
    logits = keras.ops.convert_to_numpy(noisy(np.stack([row, without])))
    centred = logits[:, 2] - logits.mean(1)
    assert shown.scores[1] == pytest.approx(centred[0] - centred[1], rel=1e-4)


def test_the_gradient_is_that_of_the_answer(noisy: keras.Model) -> None:
    """Longer vectors of one word change the answer as its score says."""
    row, step = np.array([3, 4, 2, 5, 1]), 1e-3
    shown = saliency(noisy, row, list("abcde"), 0)
    table = noisy.get_layer("embedding").embeddings
    before = keras.ops.convert_to_numpy(table.value)
    answers = []
    for factor in (1 + step, 1 - step):
        changed = before.copy()
        changed[4] *= factor
        table.assign(changed)
        logits = keras.ops.convert_to_numpy(noisy(row[None]))[0]
        answers.append(logits[0] - logits.mean())
    table.assign(before)
    slope = (answers[0] - answers[1]) / (2 * step)
    assert shown.scores[1] == pytest.approx(slope, rel=0.02, abs=0.02)


def test_shares_of_the_maxima_add_up(noisy: keras.Model) -> None:
    net = keras.models.clone_model(noisy)
    rng = np.random.default_rng(3)
    for weight in net.weights:
        if "seed" not in weight.path:  # so even that padding wins nowhere
            weight.assign(rng.uniform(0.9, 1, weight.shape))
    row = np.array([3, 4, 2, 5, 1])
    shown = saliency(net, row, list("abcde"), 1, "maxima")
    logits = keras.ops.convert_to_numpy(net(row[None]))[0]
    bias = keras.ops.convert_to_numpy(net.get_layer("logits").bias.value)
    wanted = (logits - bias)[1] - (logits - bias).mean()
    assert sum(shown.scores) == pytest.approx(wanted, rel=1e-3, abs=1e-4)


def test_windows(noisy: keras.Model) -> None:
    assert windows_of(noisy) == [2, 3]


def test_wrong_arguments(model: keras.Model) -> None:
    with pytest.raises(ValueError, match=r"Expected a window in \[1, 2\].*window=3"):
        top_ngrams(model, ROWS, WORDS, 3)
    with pytest.raises(ValueError, match=r"count >= 1.*count=0"):
        top_ngrams(model, ROWS, WORDS, 2, 0)
    with pytest.raises(ValueError, match=r"Expected method in .*'guess'"):
        saliency(model, ROWS[0], ["a", "b", "c"], method="guess")
    with pytest.raises(ValueError, match=r"label in 0..1.*label=2"):
        saliency(model, ROWS[0], ["a", "b", "c"], 2)
    with pytest.raises(ValueError, match=r"as many as words.*3 numbers, 1 words"):
        saliency(model, ROWS[0], ["a"])
