"""Training on several devices, by the engines that exist for it."""

from __future__ import annotations

import os
from collections.abc import Sequence
from contextlib import AbstractContextManager, nullcontext
from typing import Any

import keras

from cnncourse.training.batches import Batches


def parallel(devices: Sequence[str] | None = None) -> AbstractContextManager[Any]:
    """A context in which a model is made, compiled and trained on several devices.

    Every device has a copy of the weights and takes an equal share of each batch; the
    gradients are averaged. TensorFlow does it by `MirroredStrategy`, or, where the
    environment variable TF_CONFIG names several workers, by
    `MultiWorkerMirroredStrategy`; JAX by `keras.distribution`, which is no more than a
    stub on TensorFlow.

    Args:
        devices: their names, such as `("GPU:0", "GPU:1")`; by default all GPUs, or
            the CPU. With one device the context does nothing.

    Raises:
        ValueError: if the backend has no engine, or a device does not exist.

    Example:
        >>> with parallel(["CPU:0", "CPU:1"]):  # doctest: +SKIP
        ...     model = architectures.create("lenet5")
        ...     model.compile(...)
        >>> fit(model, (x, y), batch_size=128)  # 64 on each  # doctest: +SKIP
    """
    backend = keras.backend.backend()
    if backend == "tensorflow":
        return _tensorflow_scope(devices)
    if devices is None:
        devices = keras.distribution.list_devices()
    if len(devices) <= 1:
        return nullcontext()
    if backend != "jax":
        raise ValueError(
            "Expected one device, or TensorFlow or JAX as backend of Keras. "
            f"Received: devices={tuple(devices)}, backend={backend!r}"
        )
    return keras.distribution.DataParallel(devices=list(devices)).scope()


def _tensorflow_scope(devices: Sequence[str] | None) -> AbstractContextManager[Any]:
    import tensorflow as tf

    if '"worker"' in os.environ.get("TF_CONFIG", ""):
        return _several_workers().scope()
    existing = [
        device.name.removeprefix("/device:")
        for kind in ("GPU", "CPU")
        for device in tf.config.list_logical_devices(kind)
    ]
    if devices is None:
        devices = [name for name in existing if name.startswith("GPU")]
    unknown = sorted(set(devices) - set(existing))
    if unknown:
        raise ValueError(
            f"Expected devices among {existing}. Received: {', '.join(unknown)}"
        )
    if len(devices) <= 1:
        return nullcontext()
    return tf.distribute.MirroredStrategy(list(devices)).scope()


def _several_workers() -> Any:
    """A strategy for several workers that `fit` of Keras 3.15 can use (keras#20585).

    Keras asks it for the mean of a whole batch `(x, y)`, where it takes one value, and
    for the mean over axis 0 of losses and metrics, which have none.
    """
    import tensorflow as tf

    strategy = tf.distribute.MultiWorkerMirroredStrategy()
    reduce = strategy.reduce

    def reduce_all(operation: str, values: Any, axis: int | None = None) -> Any:
        def reduce_one(value: Any) -> Any:
            mine = strategy.experimental_local_results(value)[0]
            return reduce(operation, value, axis=axis if mine.shape.rank else None)

        return keras.tree.map_structure(reduce_one, values)

    strategy.reduce = reduce_all
    return strategy


def replicas(model: keras.Model) -> int:
    """Returns on how many devices of all workers the model trains."""
    strategy = getattr(model, "distribute_strategy", None)
    return 1 if strategy is None else int(strategy.num_replicas_in_sync)


def scope_of(model: keras.Model) -> AbstractContextManager[Any]:
    """Returns the scope in which variables for the model's devices are made."""
    strategy = getattr(model, "distribute_strategy", None)
    return nullcontext() if strategy is None else strategy.scope()


def is_chief(model: keras.Model) -> bool:
    """Returns whether this process writes the files: the first worker, or the only."""
    strategy = getattr(model, "distribute_strategy", None)
    resolver = getattr(strategy, "cluster_resolver", None)
    if resolver is None or resolver.task_type is None:
        return True
    return resolver.task_type in ("chief", "worker") and not resolver.task_id


def distributed(model: keras.Model, batches: Batches, first_step: int) -> Any:
    """Returns batches as the model's devices take them.

    A batch is the same whatever the number of devices: each takes its part of it.

    Args:
        model: made in the scope of its strategy, if it has one.
        batches: of all devices together.
        first_step: where to begin.

    Raises:
        ValueError: if the devices cannot share a batch equally.
    """
    if replicas(model) == 1:
        return batches.dataset(first_step)
    strategy = model.distribute_strategy

    def of_one_worker(context: Any) -> Any:
        return batches.dataset(
            first_step,
            parts=context.num_replicas_in_sync // context.num_input_pipelines,
            worker=context.input_pipeline_id,
            workers=context.num_input_pipelines,
        )

    return strategy.distribute_datasets_from_function(of_one_worker)
