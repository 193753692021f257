"""The recipe of the sentence CNN."""

from pathlib import Path
from typing import Any

import keras
import numpy as np
import pytest

from cnncourse.architectures.sentence_cnn import VARIANTS
from cnncourse.datasets.text import PAD, UNKNOWN, build_vocabulary
from cnncourse.training.adadelta import RowAdadelta
from cnncourse.training.sentences import (
    KeepBest,
    SentenceData,
    SentenceRecipe,
    evaluation_batches,
    sentence_data,
    sentence_model,
    train_sentences,
    training_batches,
)

pytestmark = pytest.mark.skipif(
    keras.backend.backend() != "tensorflow", reason="batches are TensorFlow's"
)
SMALL: dict[str, Any] = {"windows": (2, 3), "maps": 5, "dimensions": 8}


def made(recipe: SentenceRecipe, count: int = 60) -> SentenceData:
    """Sentences of class 1 have word 2 before word 3, those of class 0 after it."""
    rng = np.random.default_rng(0)
    labels = np.arange(count) % 2
    rows = np.zeros((count, 10), np.int32)
    for row, label in zip(rows, labels, strict=True):
        length = rng.integers(3, 8)
        row[:length] = rng.integers(4, 9, length)
        place = rng.integers(0, length - 1)
        row[place : place + 2] = (2, 3) if label else (3, 2)
    vocabulary = build_vocabulary([list("abcdefg")])
    matrix = rng.uniform(-0.25, 0.25, (9, recipe.dimensions)).astype("float32")
    part = rows, labels
    return SentenceData(part, part, part, vocabulary, matrix, 2)


@pytest.mark.parametrize("variant", VARIANTS)
def test_every_variant_learns_the_order_of_two_words(variant: str) -> None:
    vectors = None if variant == "rand" else "file"
    recipe = SentenceRecipe(
        variant, vectors, epochs=40, batch_size=7, dropout=0.1, **SMALL
    )
    seen: list[int] = []
    data = made(recipe)
    model, result = train_sentences(data, recipe, 1, lambda e, logs: seen.append(e))
    assert result.test_accuracy >= 0.9
    assert seen == list(range(40)) and len(result.dev_accuracy) == 40
    assert result.dev_accuracy[result.best_epoch - 1] == max(result.dev_accuracy)
    assert result.sentences == (60, 60, 60) and result.words == 9
    for name in ("embedding", "embedding_static"):
        if name in (layer.name for layer in model.layers):
            table = keras.ops.convert_to_numpy(model.get_layer(name).embeddings.value)
            assert (table == data.matrix).all() == (name == "embedding_static")
            np.testing.assert_array_equal(table[PAD], data.matrix[PAD])


@pytest.mark.parametrize("word_dropout", [0.0, 0.3])
def test_equal_seeds_give_equal_nets_and_others_do_not(word_dropout: float) -> None:
    recipe = SentenceRecipe(epochs=2, batch_size=20, word_dropout=word_dropout, **SMALL)
    data = made(recipe)
    nets = [train_sentences(data, recipe, seed)[0] for seed in (3, 3, 4)]
    logits = [net.predict(data.test[0], verbose=0) for net in nets]
    np.testing.assert_allclose(logits[0], logits[1], rtol=1e-5, atol=1e-6)
    assert np.abs(logits[0] - logits[2]).max() > 1e-4


def test_the_net_is_that_of_the_paper() -> None:
    recipe = SentenceRecipe()
    model = sentence_model(made(recipe), recipe)
    optimizer = model.optimizer
    assert isinstance(optimizer, RowAdadelta)
    found = optimizer.rho, optimizer.epsilon, float(optimizer.learning_rate.value)
    assert found == pytest.approx((0.95, 1e-6, 1.0))
    assert model.get_layer("logits").kernel_constraint.max_norm == 3.0
    assert model.get_layer("pad").padding == (4, 4)
    assert [model.get_layer(f"window{w}_conv").filters for w in (3, 4, 5)] == [100] * 3
    assert (recipe.epochs, recipe.batch_size, recipe.dropout) == (25, 50, 0.5)


def test_training_does_not_scale_and_inference_halves() -> None:
    recipe = SentenceRecipe(**SMALL)
    model = sentence_model(made(recipe), recipe)
    rest = keras.Model(model.get_layer("dropout").input, model.layers[-2].output)
    ones = np.ones((4, 10), "float32")
    np.testing.assert_allclose(rest(ones), 0.5 * ones)
    trained = keras.ops.convert_to_numpy(rest(ones, training=True))
    assert set(np.unique(trained).tolist()) == {0.0, 1.0}


def test_the_last_batch_is_filled_and_the_order_changes() -> None:
    rows = np.arange(1, 24, dtype=np.int32)[:, None].repeat(3, 1)
    batches = training_batches((rows, rows[:, 0]), 5, seed=0)
    epochs = [[b[0].numpy()[:, 0] for b in batches] for _ in range(2)]
    for epoch in epochs:
        assert [len(batch) for batch in epoch] == [5] * 5
        words, counts = np.unique(np.concatenate(epoch), return_counts=True)
        np.testing.assert_array_equal(words, np.arange(1, 24))
        assert sorted(counts)[-3:] == [1, 2, 2]
    sets = [{tuple(batch) for batch in epoch} for epoch in epochs]
    assert sets[0] == sets[1]  # who is with whom stays
    orders = [[tuple(batch) for batch in epoch] for epoch in epochs]
    assert orders[0] != orders[1]


def test_words_are_replaced_by_the_unknown_one_and_padding_is_not() -> None:
    rows = np.arange(2, 2 + 40 * 30, dtype=np.int32).reshape(40, 30)
    rows[:, 25:] = PAD
    whole = training_batches((rows, rows[:, 0]), 20, 0)
    expected = {int(row[0]): row for words, _ in whole for row in words.numpy()}
    batches = training_batches((rows, rows[:, 0]), 20, 0, word_dropout=0.2)
    gone = []
    for _ in range(2):
        replaced = []
        for words, labels in batches:
            for row, label in zip(words.numpy(), labels.numpy(), strict=True):
                changed = row != expected[int(label)]
                assert (row[changed] == UNKNOWN).all()
                assert not changed[25:].any()
                replaced.append((int(label), tuple(np.flatnonzero(changed).tolist())))
        gone.append(sorted(replaced))
        share = sum(len(places) for _, places in replaced) / (40 * 25)
        assert 0.15 < share < 0.25
    assert gone[0] != gone[1]


def test_more_is_filled_than_there_is() -> None:
    rows = np.ones((3, 2), np.int32)
    batches = list(training_batches((rows, rows[:, 0]), 8, seed=0))
    assert [len(x) for x, _ in batches] == [8]


def test_batches_lose_padding_but_one_column() -> None:
    rows = np.array([[4, 5, 0, 0, 0], [4, 0, 0, 0, 0], [6, 7, 8, 0, 0]], np.int32)
    labels = np.array([0, 1, 2])
    (words, found), *others = evaluation_batches((rows, labels))
    assert others == []
    np.testing.assert_array_equal(found, [1, 0, 2])  # by length
    np.testing.assert_array_equal(words, rows[[1, 0, 2], :4])


def test_trimming_changes_no_answer() -> None:
    recipe = SentenceRecipe(dropout=0.2, **SMALL)
    data = made(recipe)
    model = sentence_model(data, recipe)
    rng = np.random.default_rng(2)
    for weight in model.weights:
        weight.assign(rng.normal(size=weight.shape))
    wide = np.pad(data.test[0], ((0, 0), (0, 6)))
    for words, _ in evaluation_batches(data.test):
        whole = np.pad(words.numpy(), ((0, 0), (0, wide.shape[1] - words.shape[1])))
        np.testing.assert_allclose(model(words), model(whole), rtol=1e-4, atol=1e-5)


class Weights:
    """A model of one weight that follows the epochs."""

    def __init__(self) -> None:
        self.weights = [keras.Variable(np.zeros(1, "float32"))]
        self.stop_training = False


@pytest.mark.parametrize(
    ("accuracies", "patience", "best", "epochs"),
    [
        ([0.5, 0.7, 0.7, 0.6], None, 2, 4),  # of equals the last
        ([0.9, 0.1, 0.2, 0.3], 2, 0, 3),
        ([0.1, 0.2, 0.3], 1, 2, 3),
    ],
)
def test_the_best_epoch_is_kept(
    accuracies: list[float], patience: int | None, best: int, epochs: int
) -> None:
    keep, model = KeepBest(patience), Weights()
    keep.set_model(model)
    for epoch, accuracy in enumerate(accuracies):
        model.weights[0].assign([epoch])
        keep.on_epoch_end(epoch, {"val_accuracy": accuracy})
        if model.stop_training:
            break
    assert epoch + 1 == epochs
    keep.on_train_end()
    assert float(model.weights[0].value[0]) == keep.epoch == best


def test_data_of_the_course() -> None:
    recipe = SentenceRecipe(dev_share=0.2)
    data = sentence_data("reviews", recipe)
    train, dev = len(data.train[1]), len(data.dev[1])
    assert dev == pytest.approx(0.2 * (train + dev), abs=1)
    assert data.matrix.shape == (len(data.vocabulary), 300)
    assert not data.matrix[:2].any() and 0.24 < np.abs(data.matrix).max() <= 0.25
    assert (data.train[0][:, -1] == PAD).all() and data.num_classes == 2


def test_words_of_dev_and_test_are_unknown_without_a_file(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    texts = np.array([f"word{i} film" for i in range(20)], dtype=object)
    labels = np.arange(20) % 2
    parts = {"train": (texts, labels), "test": (np.array(["tested"]), labels[:1])}
    monkeypatch.setattr(
        "cnncourse.training.sentences.load", lambda name, split, **options: parts[split]
    )
    data = sentence_data("reviews", SentenceRecipe())
    assert len(data.vocabulary) == 2 + 1 + 18  # two of twenty are the dev part
    assert data.dev[0][:, 0].tolist() == [1, 1] and "tested" not in data.vocabulary
    file = tmp_path / "vectors.txt"
    file.write_text("tested 1 2 3\nword0 4 5 6\n")
    recipe = SentenceRecipe("static", str(file))
    data = sentence_data("reviews", recipe)
    assert len(data.vocabulary) == 2 + 1 + 20 + 1
    np.testing.assert_array_equal(data.matrix[data.test[0][0, 0]], [1, 2, 3])


def test_films_and_questions(real_data: Path) -> None:
    folder = real_data / "sentences"
    if not folder.is_dir():
        pytest.skip(f"no sentences in {real_data}")
    films = sentence_data("mr", SentenceRecipe(dimensions=2), folder, fold=3)
    sizes = [len(part[1]) for part in (films.train, films.dev, films.test)]
    assert sum(sizes) == 10_662 and sizes[1] in (959, 960) and sizes[2] in (1066, 1067)
    questions = sentence_data("trec", SentenceRecipe(dimensions=2), folder)
    assert len(questions.train[1]) + len(questions.dev[1]) == 5_452
    assert len(questions.test[1]) == 500 and questions.num_classes == 6
    assert "What" in questions.vocabulary and "What" not in films.vocabulary


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"variant": "both"}, r"Expected variant in .*'both'"),
        ({"tokenizer": "none"}, r"tokenizer='none'"),
        ({"variant": "static"}, r"Expected a file of word vectors .*vectors=None"),
        ({"vectors": "file"}, r"each variant but 'rand'.*vectors='file'"),
        ({"epochs": 0}, r"Expected numbers >= 1.*epochs=0"),
        ({"dev_share": 0.9}, r"0 < dev_share <= 0.5.*dev_share=0.9"),
        ({"patience": 0}, r"patience=0"),
        ({"word_dropout": 1.0}, r"0 <= word_dropout < 1.*word_dropout=1.0"),
    ],
)
def test_wrong_recipe(arguments: dict[str, Any], message: str) -> None:
    with pytest.raises(ValueError, match=message):
        SentenceRecipe(**arguments)


def test_pictures_are_no_sentences() -> None:
    with pytest.raises(ValueError, match=r"Expected a data set of texts.*digits"):
        sentence_data("digits", SentenceRecipe())
