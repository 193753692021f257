import keras
import numpy as np
import pytest

from cnncourse.architectures.captioning import write_caption
from cnncourse.architectures.catalogue import create

START, END = 0, 1
SMALL = {"words": 4, "filters": (4, 8), "units": 16, "dropout": 0.0}


def small(vocabulary: int = 6) -> keras.Model:
    keras.utils.set_random_seed(0)
    return create("captioner", (16, 16, 3), vocabulary, **SMALL)


def test_a_word_depends_on_the_picture_and_the_words_before_only() -> None:
    model = small()
    rng = np.random.default_rng(0)
    pictures = rng.normal(size=(2, 16, 16, 3))
    words = np.array([[0, 3, 4, 5]])
    logits = np.asarray(model([pictures[:1], words]))
    later = np.asarray(model([pictures[:1], np.array([[0, 3, 2, 2]])]))
    other = np.asarray(model([pictures[1:], words]))
    assert logits.shape == (1, 4, 6)
    np.testing.assert_array_equal(logits[:, :2], later[:, :2])
    assert np.abs(logits - later)[:, 2:].max() > 1e-3
    assert np.abs(logits - other)[:, 0].max() > 1e-6


def test_it_learns_to_say_what_it_sees() -> None:
    model = small()
    rng = np.random.default_rng(0)
    pictures = rng.normal(size=(2, 16, 16, 3)).astype("float32")
    words = np.array([[START, 3, 4, END], [START, 5, END, END]])
    following = np.array([[3, 4, END, END], [5, END, END, END]])
    loss = keras.losses.SparseCategoricalCrossentropy(from_logits=True)
    model.compile(keras.optimizers.Adam(0.01), loss)
    model.fit([pictures, words], following, epochs=60, batch_size=2, verbose=0)
    # the batch's own statistics: the moving ones have not settled
    sentences = [
        np.asarray(model([pictures, words], training=True))[i].argmax(-1).tolist()
        for i in (0, 1)
    ]
    assert sentences[0][:3] == [3, 4, END] and sentences[1][:2] == [5, END]


@pytest.mark.parametrize(
    ("chain", "expected"),
    [({START: 3, 3: 4, 4: END}, [3, 4]), ({START: 5, 5: 5}, [5, 5, 5, 5])],
)
def test_a_caption_is_written_word_for_word(
    chain: dict[int, int], expected: list[int]
) -> None:
    following = np.zeros((6, 6), "float32")
    for word, after in chain.items():
        following[word, after] = 1
    picture = keras.Input((2, 2, 1))
    words = keras.Input((4,), dtype="int32")
    embed = keras.layers.Embedding(6, 6, weights=[following])
    model = keras.Model([picture, words], embed(words))
    assert write_caption(model, np.zeros((2, 2, 1)), START, END) == expected
