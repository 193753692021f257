"""Feeds a model: cache, shuffle, batch, augment, prefetch, in this order.

The cache is before what is random, or every epoch would be the same; the shuffle is
before the batches, or the same examples would always meet; augmentation comes after
them, because one call for many pictures costs less than many calls.

All that is random follows from the seed and the number of the epoch. So epochs differ,
runs agree, and a run that goes on after a stop can begin with the epoch it reached.
"""

from collections.abc import Callable
from itertools import count
from typing import TYPE_CHECKING, Any

import keras
import numpy as np

if TYPE_CHECKING:
    import tensorflow as tf

BUFFER = 10_000  # examples to shuffle among, where the number of all is not known

# Called with an element and the keywords seed, epoch and index.
Augment = Callable[..., Any]


def pipeline(
    dataset: Any,
    batch_size: int,
    augment: Augment | None = None,
    shuffle: bool = True,
    cache: bool = True,
    seed: int = 0,
    first_epoch: int = 0,
    drop_remainder: bool = False,
) -> "tf.data.Dataset":
    """Makes the input of a training from a data set or from arrays.

    Each pass over the result is an epoch: it has another order and other augmentations
    than the one before, and the same as in another run with the same seed.

    Args:
        dataset: a `tf.data.Dataset` of examples; or an array `(N, ...)`, or a tuple or
            dictionary of arrays with one N. Arrays are quicker: only their indices are
            shuffled.
        batch_size: examples in a batch; the last one may have fewer.
        augment: changes a batch: called with the batch and the keywords `seed` (int64
            scalar), `epoch` (int64 scalar) and `index` (int64 `(B,)`, places of the
            examples in the data set), as those of `cnncourse.augmentation` are.
        shuffle: each epoch in an order of its own. A data set whose size is not known,
            or that is not cached, is shuffled among 10,000 examples at a time.
        cache: keeps the examples of a `tf.data.Dataset` in memory after the first
            epoch; arrays are there anyway.
        seed: of order and augmentation, at least 0.
        first_epoch: number of the epoch that comes first, to go on after a stop.
        drop_remainder: leaves a last batch with fewer examples out, so that all batches
            have one shape.

    Returns:
        A `tf.data.Dataset` of batches; give `fit` `shuffle=False` with it, or Keras
        warns that it cannot shuffle it again. Axes other than the first have the sizes
        that the examples have; the first is known too if no batch has fewer.

    Raises:
        ValueError: if a size is not at least 1, if arrays differ in their number of
            examples, or if Keras' backend cannot augment in `tf.data`.
    """
    import tensorflow as tf

    check(batch_size, seed, first_epoch)
    if augment is not None and keras.backend.backend() != "tensorflow":
        raise ValueError(
            "Expected the TensorFlow backend for augmentation in tf.data; use Batches "
            f"with others. Received: backend={keras.backend.backend()!r}"
        )
    epochs = numbered_epochs(first_epoch)
    if isinstance(dataset, tf.data.Dataset):
        batches, size = from_dataset(
            dataset,
            epochs,
            batch_size,
            shuffle,
            cache,
            seed,
            drop_remainder,
            augment is not None,
        )
    else:
        batches, size = from_arrays(
            dataset, epochs, batch_size, shuffle, seed, drop_remainder
        )

    def changed(element: Any, seed: Any, epoch: Any, index: Any) -> Any:
        if augment is None:
            return element
        return augment(element, seed=seed, epoch=epoch, index=index)

    batches = batches(changed)
    if size is not None:
        number = size // batch_size if drop_remainder else -(-size // batch_size)
        batches = batches.apply(tf.data.experimental.assert_cardinality(number))
    return batches.prefetch(tf.data.AUTOTUNE)


def check(batch_size: int, seed: int, first_epoch: int) -> None:
    """Refuses numbers that are too small."""
    if batch_size < 1 or seed < 0 or first_epoch < 0:
        raise ValueError(
            "Expected batch_size of at least 1, seed and first_epoch of at least 0. "
            f"Received: batch_size={batch_size}, seed={seed}, first_epoch={first_epoch}"
        )


def epoch_plan(
    size: int, shuffle: bool, seed: int, epoch: int
) -> tuple[np.ndarray, np.int64]:
    """Returns the order of an epoch `(size,)`, and the seed of its first batch."""
    rng = np.random.default_rng((seed, int(epoch)))
    first = rng.integers(2**62)
    order = rng.permutation(size) if shuffle else np.arange(size)
    return order, np.int64(first)


def numbered_epochs(first: int) -> "tf.data.Dataset":
    """Makes a data set of one number, which is one larger in each pass."""
    import tensorflow as tf

    numbers = count(first)
    once = tf.data.Dataset.from_tensors(0)

    def number(_: Any) -> Any:
        drawn = tf.numpy_function(lambda: np.int64(next(numbers)), [], tf.int64)
        return tf.ensure_shape(drawn, ())

    return once.map(number)


def number_of_examples(arrays: Any) -> int:
    """Returns the number of examples, the same in all arrays."""
    lengths = {len(array) for array in keras.tree.flatten(arrays)}
    if len(lengths) != 1 or not min(lengths):
        raise ValueError(
            "Expected arrays with one and the same number of examples, at least 1. "
            f"Received: {sorted(lengths)}"
        )
    return lengths.pop()


def from_arrays(
    arrays: Any,
    epochs: "tf.data.Dataset",
    batch_size: int,
    shuffle: bool,
    seed: int,
    drop_remainder: bool,
) -> tuple[Callable, int]:
    """Shuffles indices, and gathers the examples of a batch at once."""
    import tensorflow as tf

    size = number_of_examples(arrays)
    tensors = tf.nest.map_structure(tf.convert_to_tensor, arrays)
    fixed = drop_remainder or size % batch_size == 0

    def batches(changed: Callable) -> "tf.data.Dataset":
        def planned(epoch: Any) -> Any:
            order, first = tf.numpy_function(
                lambda epoch: epoch_plan(size, shuffle, seed, epoch),
                [epoch],
                (tf.int64, tf.int64),
            )
            order, first = tf.ensure_shape(order, (size,)), tf.ensure_shape(first, ())
            indices = tf.data.Dataset.from_tensor_slices(order)
            indices = indices.batch(batch_size, drop_remainder=fixed)
            return indices.enumerate(first).map(lambda b, i: (b, epoch, i))

        def gathered(seed: Any, epoch: Any, index: Any) -> Any:
            element = tf.nest.map_structure(lambda t: tf.gather(t, index), tensors)
            return changed(element, seed, epoch, index)

        return epochs.flat_map(planned).map(
            gathered, num_parallel_calls=tf.data.AUTOTUNE, deterministic=True
        )

    return batches, size


def from_dataset(
    dataset: "tf.data.Dataset",
    epochs: "tf.data.Dataset",
    batch_size: int,
    shuffle: bool,
    cache: bool,
    seed: int,
    drop_remainder: bool,
    augmented: bool,
) -> tuple[Callable, int | None]:
    """Shuffles examples that come one after the other."""
    import tensorflow as tf

    known = int(dataset.cardinality())
    if known in (0, tf.data.INFINITE_CARDINALITY):
        raise ValueError(
            "Expected a data set that ends, with at least one example. "
            f"Received: cardinality={known}"
        )
    size = known if known > 0 else None
    buffer = size if size and cache else min(size or BUFFER, BUFFER)
    fixed = drop_remainder or (size is not None and size % batch_size == 0)
    source = dataset.cache() if cache else dataset
    if augmented:
        source = source.enumerate()

    def batches(changed: Callable) -> "tf.data.Dataset":
        def one_epoch(epoch: Any) -> Any:
            first = tf.numpy_function(
                lambda epoch: epoch_plan(0, False, seed, epoch)[1], [epoch], tf.int64
            )
            first = tf.ensure_shape(first, ())
            examples = source
            if shuffle:
                # of this function's graph: the order is that of our seed alone, and
                # with a global seed of 0 `shuffle` would refuse a tensor
                tf.compat.v1.get_default_graph().seed = None
                examples = examples.shuffle(
                    buffer, seed=first, reshuffle_each_iteration=False
                )
            # large examples take longer to copy into a batch than to change there
            examples = examples.batch(
                batch_size,
                drop_remainder=fixed,
                num_parallel_calls=tf.data.AUTOTUNE,
                deterministic=True,
            )
            if not augmented:
                return examples
            return examples.enumerate(first).map(lambda b, e: (b, epoch, *e))

        def unpacked(seed: Any, epoch: Any, index: Any, element: Any) -> Any:
            return changed(element, seed, epoch, index)

        if not augmented:
            return epochs.flat_map(one_epoch)
        return epochs.flat_map(one_epoch).map(
            unpacked, num_parallel_calls=tf.data.AUTOTUNE, deterministic=True
        )

    return batches, size


class Batches(keras.utils.PyDataset):
    """The same batches as `pipeline` makes from arrays, without TensorFlow.

    For `fit` with any backend; give it `shuffle=False`, because the batches are
    shuffled already.

    Args:
        arrays: array `(N, ...)`, or a tuple or dictionary of arrays with one N.
        batch_size: examples in a batch; the last one may have fewer.
        augment: as in `pipeline`.
        shuffle: each epoch in an order of its own.
        seed: of order and augmentation, at least 0.
        first_epoch: number of the epoch that comes first, to go on after a stop.
        drop_remainder: leaves a last batch with fewer examples out.
        **options: `workers`, `use_multiprocessing` and `max_queue_size` of Keras.

    Raises:
        ValueError: if a size is not at least 1, or if arrays differ in their number of
            examples.
    """

    def __init__(
        self,
        arrays: Any,
        batch_size: int,
        augment: Augment | None = None,
        shuffle: bool = True,
        seed: int = 0,
        first_epoch: int = 0,
        drop_remainder: bool = False,
        **options: Any,
    ) -> None:
        super().__init__(**options)
        check(batch_size, seed, first_epoch)
        self.size = number_of_examples(arrays)
        self.arrays, self.batch_size, self.augment = arrays, batch_size, augment
        self.shuffle, self.seed, self.drop_remainder = shuffle, seed, drop_remainder
        self.epoch = first_epoch
        self._plan()

    def _plan(self) -> None:
        self.order, self.first = epoch_plan(
            self.size, self.shuffle, self.seed, self.epoch
        )

    def __len__(self) -> int:
        if self.drop_remainder:
            return self.size // self.batch_size
        return -(-self.size // self.batch_size)

    def __getitem__(self, number: int) -> Any:
        if not 0 <= number < len(self):
            raise IndexError(f"Expected a batch below {len(self)}. Received: {number}")
        start = number * self.batch_size
        index = self.order[start : start + self.batch_size]
        element = keras.tree.map_structure(lambda array: array[index], self.arrays)
        if self.augment is None:
            return element
        changed = self.augment(
            element, seed=self.first + number, epoch=self.epoch, index=index
        )
        return keras.tree.map_structure(keras.ops.convert_to_numpy, changed)

    def on_epoch_end(self) -> None:
        """Goes on to the next epoch; `fit` calls it."""
        self.epoch += 1
        self._plan()
