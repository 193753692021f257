"""The batches of a training run, each a pure function of the seed and its number.

Keras' own `fit` on arrays repeats one permutation in every epoch of a seeded run on
TensorFlow, and cannot start in the middle of an epoch. Here the order of an epoch
depends on the seed and the epoch alone, and the augmentation of a batch on the seed and
the number of the batch, so that any batch of a run can be made again at any time.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any

import keras
import numpy as np

if TYPE_CHECKING:
    import tensorflow as tf

Augment = Callable[..., Any]


def epoch_order(count: int, seed: int, epoch: int) -> np.ndarray:
    """Returns the order in which an epoch takes the examples.

    Args:
        count: of examples, at least 1.
        seed: of the run, at least 0.
        epoch: from 0.

    Returns:
        int64 `(count,)`, a permutation, which depends on the arguments alone.

    Raises:
        ValueError: if an argument is too small.
    """
    if count < 1 or seed < 0 or epoch < 0:
        raise ValueError(
            "Expected count >= 1, seed >= 0 and epoch >= 0. "
            f"Received: count={count}, seed={seed}, epoch={epoch}"
        )
    return np.random.default_rng((seed, epoch)).permutation(count)


@dataclass(frozen=True, eq=False)
class Batches:
    """Arrays, and how they are cut into the batches of all epochs.

    Attributes:
        arrays: `(x, y)` or `(x, y, sample_weight)`; each an array, or a structure of
            arrays for nets with several inputs; all with the examples on axis 0.
        batch_size: of all devices together, at least 1.
        seed: at least 0.
        shuffle: whether each epoch has its own order; else that of the arrays.
        augment: `augment((x, y), seed=, epoch=, index=)` gives the changed pair, as
            the policies of `cnncourse.augmentation` do: a pure function of a batch, an
            int64 that is another for each batch of the run, the epoch and the places
            `(B,)` of the examples. It runs in the input pipeline.
        drop_remainder: leave out what is left after the last full batch of an epoch.
    """

    arrays: tuple[Any, ...]
    batch_size: int
    seed: int = 0
    shuffle: bool = True
    augment: Augment | None = None
    drop_remainder: bool = False

    def __post_init__(self) -> None:
        lengths = {len(leaf) for leaf in keras.tree.flatten(self.arrays)}
        if len(lengths) != 1:
            raise ValueError(
                f"Expected arrays of one length. Received: lengths={sorted(lengths)}"
            )
        if self.batch_size < 1 or (self.drop_remainder and self.steps < 1):
            raise ValueError(
                f"Expected a batch_size from 1 to {self.count}. "
                f"Received: batch_size={self.batch_size}"
            )

    @property
    def count(self) -> int:
        """How many examples there are."""
        return len(keras.tree.flatten(self.arrays)[0])

    @property
    def steps(self) -> int:
        """How many batches an epoch has."""
        full, rest = divmod(self.count, self.batch_size)
        return full + (rest > 0 and not self.drop_remainder)

    def order(self, epoch: int) -> np.ndarray:
        """Returns the order of an epoch: int64 `(count,)`."""
        if self.shuffle:
            return epoch_order(self.count, self.seed, epoch)
        return np.arange(self.count)

    def at(self, step: int) -> tuple[Any, ...]:
        """Makes one batch again.

        Args:
            step: from 0, counted through all epochs.

        Returns:
            Arrays, as the model saw them.
        """
        batch = next(iter(self.dataset(step)))
        return keras.tree.map_structure(keras.ops.convert_to_numpy, batch)

    def dataset(
        self, first_step: int = 0, parts: int = 1, worker: int = 0, workers: int = 1
    ) -> tf.data.Dataset:
        """Returns the batches of the run, without end.

        Args:
            first_step: from 0, counted through all epochs: where to begin.
            parts: into how many equal parts each batch is cut, for so many devices of
                this worker, which take turns.
            worker: which part of each batch, from 0.
            workers: how many workers share each batch.

        Raises:
            ValueError: if a batch cannot be cut so.
        """
        import tensorflow as tf

        shares = parts * workers
        if self.batch_size % shares or (shares > 1 and not self.drop_remainder):
            raise ValueError(
                f"Expected a batch_size that {shares} devices can share, and "
                f"drop_remainder. Received: batch_size={self.batch_size}, "
                f"drop_remainder={self.drop_remainder}"
            )

        def own_parts(*batch: Any) -> Any:
            return keras.tree.map_structure(
                lambda array: tf.reshape(
                    array, (workers, parts, self.batch_size // shares, *array.shape[1:])
                )[worker],
                batch,
            )

        steps = tf.data.Dataset.counter(first_step // self.steps)
        steps = steps.flat_map(lambda epoch: self._steps_of(epoch, first_step))
        tensors = self._tensors  # made here, outside the graph of the pipeline
        batches = steps.map(
            lambda step, indices: self._make(tensors, step, indices),
            num_parallel_calls=tf.data.AUTOTUNE,
            deterministic=True,
        )
        if shares > 1:
            batches = batches.map(own_parts).unbatch()
        return batches.prefetch(tf.data.AUTOTUNE)

    def _steps_of(self, epoch: tf.Tensor, first_step: int) -> tf.data.Dataset:
        """The number and the indices of each batch of an epoch."""
        import tensorflow as tf

        order = tf.numpy_function(self.order, [epoch], tf.int64, stateful=False)
        order = tf.ensure_shape(order, [self.count])
        first_epoch, position = divmod(first_step, self.steps)
        skipped = tf.where(epoch == first_epoch, position, 0)
        numbers = epoch * self.steps + tf.cast(skipped, tf.int64)
        rest = order[skipped * self.batch_size :]
        cut = tf.data.Dataset.from_tensor_slices(rest).batch(
            self.batch_size, self.drop_remainder
        )
        return cut.enumerate(numbers)

    @cached_property
    def _tensors(self) -> tuple[Any, ...]:
        import tensorflow as tf

        with tf.device("CPU"):
            return keras.tree.map_structure(tf.convert_to_tensor, self.arrays)

    def _make(
        self, tensors: tuple[Any, ...], step: tf.Tensor, indices: tf.Tensor
    ) -> tuple[Any, ...]:
        """Gathers a batch and augments it."""
        import tensorflow as tf

        batch = keras.tree.map_structure(
            lambda array: tf.gather(array, indices), tensors
        )
        if self.augment is None:
            return batch
        seed = tf.constant(self.seed % 2**31 * 2**32, tf.int64) + step
        changed = self.augment(
            batch[:2], seed=seed, epoch=step // self.steps, index=indices
        )
        return (*changed, *batch[2:])
