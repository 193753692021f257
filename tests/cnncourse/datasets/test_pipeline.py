"""The input of a training."""

from typing import Any

import keras
import numpy as np
import pytest

from cnncourse.datasets.pipeline import Batches, pipeline

tf = pytest.importorskip("tensorflow")

COUNT = 23
X = np.linspace(0, 1, COUNT * 12, dtype=np.float32).reshape(COUNT, 2, 2, 3)
Y = np.arange(COUNT)


def sources() -> list:
    return [(X, Y), tf.data.Dataset.from_tensor_slices((X, Y))]


SOURCES = pytest.mark.parametrize("number", [0, 1], ids=["arrays", "dataset"])


def orders(data: Any, epochs: int) -> list[list[int]]:
    return [np.concatenate([y for _, y in data]).tolist() for _ in range(epochs)]


def record(element: Any, *, seed: Any, epoch: Any, index: Any) -> dict:
    """Shows what an augmentation is told."""
    x, y = element
    n = tf.shape(y)
    return {
        "x": x,
        "y": y,
        "seed": tf.fill(n, seed),
        "epoch": tf.fill(n, epoch),
        "index": index,
    }


@SOURCES
@pytest.mark.parametrize("cache", [True, False])
def test_epochs_differ_and_runs_agree(number: int, cache: bool) -> None:
    first = orders(pipeline(sources()[number], 5, seed=1, cache=cache), 4)
    assert all(sorted(order) == Y.tolist() for order in first)
    assert len({tuple(order) for order in first}) == 4
    assert first == orders(pipeline(sources()[number], 5, seed=1, cache=cache), 4)
    assert first != orders(pipeline(sources()[number], 5, seed=2, cache=cache), 4)


@pytest.mark.parametrize("global_seed", [0, 1])
@SOURCES
def test_the_order_is_that_of_its_own_seed(number: int, global_seed: int) -> None:
    before = orders(pipeline(sources()[number], 5, seed=1), 2)
    keras.utils.set_random_seed(global_seed)
    assert orders(pipeline(sources()[number], 5, seed=1), 2) == before


@SOURCES
def test_goes_on_after_a_stop(number: int) -> None:
    whole = orders(pipeline(sources()[number], 5), 4)
    assert orders(pipeline(sources()[number], 5, first_epoch=2), 2) == whole[2:]


@SOURCES
def test_without_shuffle_the_order_stays(number: int) -> None:
    data = pipeline(sources()[number], 5, shuffle=False)
    assert orders(data, 2) == [Y.tolist()] * 2
    x = np.concatenate([x for x, _ in data])
    np.testing.assert_array_equal(x, X)


@SOURCES
def test_shapes_are_known(number: int) -> None:
    source = sources()[number]
    some, fixed = (pipeline(source, 5, drop_remainder=d) for d in (False, True))
    whole = pipeline(source, COUNT)
    assert [d.element_spec[0].shape[0] for d in (some, fixed, whole)] == [None, 5, 23]
    assert some.element_spec[0].shape[1:] == (2, 2, 3)
    assert [len(d) for d in (some, fixed, whole)] == [5, 4, 1]
    assert [len(list(d)) for d in (some, fixed, whole)] == [5, 4, 1]


@SOURCES
def test_augmentation_is_told_seed_epoch_and_index(number: int) -> None:
    data = pipeline(sources()[number], 5, record)
    seeds = []
    for epoch in range(2):
        for batch in data:
            assert (batch["epoch"].numpy() == epoch).all()
            np.testing.assert_array_equal(batch["index"], batch["y"])
            seeds.append(int(batch["seed"][0]))
    assert len(set(seeds)) == 10
    again = [int(b["seed"][0]) for b in pipeline(sources()[number], 5, record)]
    assert again == seeds[:5]


def test_a_cached_data_set_is_read_once_and_augmented_each_time() -> None:
    read = [0]

    def examples() -> Any:
        read[0] += 1
        yield from range(7)

    source = tf.data.Dataset.from_generator(
        examples, output_signature=tf.TensorSpec((), tf.int64)
    )
    data = pipeline(source, 3, lambda x, *, seed, epoch, index: x + 100 * epoch)
    passes = [np.concatenate(list(data)) for _ in range(3)]
    assert [sorted(p.tolist()) for p in passes] == [
        [100 * e + k for k in range(7)] for e in range(3)
    ]
    assert read == [1]


def test_structures_stay() -> None:
    data = pipeline({"image": X, "label": Y}, 4, shuffle=False)
    assert set(data.element_spec) == {"image", "label"}
    assert next(iter(pipeline(X, 4))).shape == (4, 2, 2, 3)


def flip(element: Any, *, seed: Any, epoch: Any, index: Any) -> Any:
    """An augmentation that uses all that it is told, on any backend."""
    x, y = element
    return x * keras.ops.cast(epoch + 1, "float32"), y + keras.ops.cast(
        seed % 7, y.dtype
    )


@pytest.mark.parametrize("augment", [None, flip])
def test_batches_are_those_of_the_pipeline(augment: Any) -> None:
    batches = Batches((X, Y), 5, augment, seed=3, first_epoch=1)
    data = pipeline((X, Y), 5, augment, seed=3, first_epoch=1)
    for _ in range(2):
        made = [batches[number] for number in range(len(batches))]
        for ours, theirs in zip(made, data, strict=True):
            for a, b in zip(ours, theirs, strict=True):
                assert isinstance(a, np.ndarray)
                np.testing.assert_array_equal(a, b)
        batches.on_epoch_end()


def test_batches_can_drop_the_remainder_and_end() -> None:
    batches = Batches((X, Y), 5, drop_remainder=True)
    assert len(batches) == 4
    with pytest.raises(IndexError, match=r"below 4\. Received: 4"):
        batches[4]


@pytest.mark.parametrize("kind", ["pipeline", "Batches"])
def test_a_model_learns_from_it(kind: str) -> None:
    model = keras.Sequential([keras.layers.Flatten(), keras.layers.Dense(1)])
    model.compile("sgd", "mse")
    make = {"pipeline": pipeline, "Batches": Batches}[kind]
    data = make((X, Y.astype("float32") / COUNT), 5)
    history = model.fit(data, epochs=4, shuffle=False, verbose=0).history["loss"]
    assert history[-1] < history[0]


@pytest.mark.parametrize("make", [pipeline, Batches])
@pytest.mark.parametrize(
    "arrays, options, message",
    [
        ((X, Y), {"batch_size": 0}, "batch_size=0"),
        ((X, Y), {"batch_size": 2, "seed": -1}, "seed=-1"),
        ((X, Y), {"batch_size": 2, "first_epoch": -1}, "first_epoch=-1"),
        ((X, Y[:5]), {"batch_size": 2}, r"number of examples.*\[5, 23\]"),
        ((X[:0], Y[:0]), {"batch_size": 2}, r"at least 1. Received: \[0\]"),
    ],
)
def test_refuses(make: Any, arrays: Any, options: dict, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        make(arrays, **options)


def test_refuses_data_sets_that_do_not_end() -> None:
    with pytest.raises(ValueError, match=r"ends.*cardinality=-1"):
        pipeline(tf.data.Dataset.range(3).repeat(), 2)


def test_refuses_augmentation_in_tf_data_on_another_backend(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(keras.backend, "backend", lambda: "jax")
    with pytest.raises(ValueError, match=r"use Batches.*backend='jax'"):
        pipeline((X, Y), 2, flip)
