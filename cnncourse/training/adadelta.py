"""Adadelta that touches only the word vectors of a batch."""

from __future__ import annotations

from typing import Any

import keras


@keras.saving.register_keras_serializable("cnncourse")
class RowAdadelta(keras.optimizers.Adadelta):
    """Adadelta whose step on an embedding costs as much as the rows that a batch uses.

    The averages of a row without a gradient only decay, by `rho` a step, and the row
    stays as it is. So the decay of all steps since a row was last used is done when it
    is used again: the numbers are those of a pass over the whole table in each step.
    A row that a batch uses several times has one gradient, the sum, as in the paper;
    `keras.optimizers.Adadelta` squares each part of it alone. Other variables are
    treated as there.

    Arguments are those of `keras.optimizers.Adadelta`. Gradients come by rows
    (`tf.IndexedSlices`) on the TensorFlow backend; on others this is plain Adadelta.
    XLA cannot compile it: use `compile(..., jit_compile=False)`.

    Source: M. Zeiler, ADADELTA: an adaptive learning rate method, 2012,
    arXiv:1212.5701, algorithm 1.
    """

    def build(self, variables: list[Any]) -> None:
        if self.built:
            return
        super().build(variables)
        # of each row of a table: the step after which its averages are up to date
        self._last_steps = [
            self.add_variable((v.shape[0],), dtype="int32", name=f"{v.name}_last_step")
            if v.name == "embeddings"
            else None
            for v in variables
        ]

    def update_step(self, gradient: Any, variable: Any, learning_rate: Any) -> None:
        last_steps = self._last_steps[self._get_variable_index(variable)]
        if last_steps is None or not hasattr(gradient, "indices"):
            super().update_step(gradient, variable, learning_rate)
        else:
            self._update_rows(gradient, variable, learning_rate, last_steps)

    def _update_rows(
        self, gradient: Any, variable: Any, learning_rate: Any, last_steps: Any
    ) -> None:
        import tensorflow as tf

        index = self._get_variable_index(variable)
        squares = self._accumulated_grads[index]
        changes = self._accumulated_delta_vars[index]
        # a word that a batch has several times has one gradient: the sum
        rows, place = tf.unique(gradient.indices)
        sums = tf.math.unsorted_segment_sum(gradient.values, place, tf.size(rows))
        rho = tf.cast(self.rho, sums.dtype)
        step = tf.cast(self.iterations, tf.int32)  # from 0
        unused = tf.cast(step - tf.gather(last_steps.value, rows), sums.dtype)
        decay = (rho**unused)[:, None]
        square = tf.gather(squares.value, rows) * (rho * decay)
        square += (1 - rho) * sums**2
        change = tf.gather(changes.value, rows) * decay
        delta = -sums * tf.sqrt((change + self.epsilon) / (square + self.epsilon))
        change = rho * change + (1 - rho) * delta**2

        def at_rows(values: Any) -> tf.IndexedSlices:
            return tf.IndexedSlices(values, rows)

        self.assign(squares, at_rows(square))
        self.assign(changes, at_rows(change))
        self.assign(last_steps, at_rows(tf.fill(tf.shape(rows), step + 1)))
        rate = tf.cast(learning_rate, delta.dtype)
        self.assign_add(variable, at_rows(rate * delta))
