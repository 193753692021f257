"""Which devices a program trains on, in which precision, and how repeatably."""

from __future__ import annotations

import os
from contextlib import AbstractContextManager
from dataclasses import dataclass
from typing import Any

import keras

PRECISIONS = {  # what is asked for -> the policy of Keras
    "float32": "float32",
    "bfloat16": "mixed_bfloat16",
    "float16": "mixed_float16",
}
AMPERE, VOLTA = (8, 0), (7, 0)  # the first GPUs with bfloat16, with fast float16


@dataclass(frozen=True)
class Devices:
    """What `prepare` resolved.

    Attributes:
        backend: of Keras: "tensorflow", "jax" or "torch".
        kind: "GPU" or "CPU".
        names: of the devices that are used, in order.
        precision: "float32", "bfloat16" or "float16".
        xla: whether Keras compiles training steps by XLA when `compile` is left to
            choose; it does so on GPUs.
        deterministic: whether equal runs give equal bits.
        memory_growth: whether GPU memory is taken only when it is needed.
        seed: of the global generators, from which weights are drawn.
    """

    backend: str
    kind: str
    names: tuple[str, ...]
    precision: str
    xla: bool
    deterministic: bool
    memory_growth: bool
    seed: int

    def scope(self) -> AbstractContextManager[Any]:
        """Inside it, a model is made that trains on all of the devices.

        Example:
            >>> with prepare(0, devices=2).scope():  # doctest: +SKIP
            ...     model = architectures.create("lenet5")
        """
        from cnncourse.training.distribution import parallel

        return parallel(self.names)

    def __str__(self) -> str:
        count = f"{len(self.names)} x " if len(self.names) > 1 else ""
        return (
            f"{count}{self.kind} ({', '.join(self.names)}), {self.precision}, "
            f"XLA {'on' if self.xla else 'off'}, "
            f"{'deterministic' if self.deterministic else 'not deterministic'}, "
            f"seed {self.seed}, Keras {keras.__version__} on {self.backend}"
        )


def prepare(
    seed: int,
    precision: str = "auto",
    memory_growth: bool = True,
    deterministic: bool = False,
    devices: str | int = "auto",
) -> Devices:
    """Sets up devices, precision and randomness for a program, and says what it chose.

    Call it first: devices cannot be changed once TensorFlow has run an operation.

    Args:
        seed: at least 0; of Python, NumPy, the backend and Keras.
        precision: "float32", "bfloat16", "float16", or "auto": bfloat16 on GPUs that
            have it, float16 on older ones with tensor cores, float32 elsewhere. The
            last two keep weights in float32; float16 scales the loss.
        memory_growth: take GPU memory as it is needed instead of all at once.
        deterministic: one switch for everything: operations, data pipelines, seeds.
            It costs time on GPUs.
        devices: "auto": every GPU, or else the CPU; or how many. More CPUs than one
            are logical ones, which show on any machine how several devices behave.

    Returns:
        What was resolved, which is also printed.

    Raises:
        ValueError: if an argument is not as above, there are not so many GPUs, or
            TensorFlow has already started.
    """
    if precision not in ("auto", *PRECISIONS):
        raise ValueError(
            f"Expected precision in {('auto', *PRECISIONS)}. "
            f"Received: precision={precision!r}"
        )
    if devices != "auto" and (not isinstance(devices, int) or devices < 1):
        raise ValueError(
            f"Expected devices='auto' or a number >= 1. Received: devices={devices!r}"
        )
    if seed < 0:
        raise ValueError(f"Expected seed >= 0. Received: seed={seed}")
    keras.utils.set_random_seed(seed)
    resolve = _tensorflow if keras.backend.backend() == "tensorflow" else _others
    kind, names, best = resolve(devices, memory_growth, deterministic)
    chosen = best if precision == "auto" else precision
    keras.config.set_dtype_policy(PRECISIONS[chosen])
    resolved = Devices(
        backend=keras.backend.backend(),
        kind=kind,
        names=names,
        precision=chosen,
        xla=kind == "GPU",
        deterministic=deterministic,
        memory_growth=memory_growth and kind == "GPU",
        seed=seed,
    )
    print(resolved)
    return resolved


def _tensorflow(
    devices: str | int, memory_growth: bool, deterministic: bool
) -> tuple[str, tuple[str, ...], str]:
    """Returns the kind and names of the devices, and the precision that suits them."""
    import tensorflow as tf

    gpus = tf.config.list_physical_devices("GPU")
    try:
        if gpus:
            gpus = _some_gpus(gpus, devices)
            tf.config.set_visible_devices(gpus, "GPU")
            for gpu in gpus:
                tf.config.experimental.set_memory_growth(gpu, memory_growth)
        elif devices not in ("auto", 1):
            cpu = tf.config.list_physical_devices("CPU")[0]
            one = tf.config.LogicalDeviceConfiguration()
            tf.config.set_logical_device_configuration(cpu, [one] * int(devices))
    except RuntimeError as error:
        raise ValueError(
            "Expected prepare() before the first operation of TensorFlow: restart the "
            f"program or the kernel. Received: {error}"
        ) from error
    if deterministic:
        tf.config.experimental.enable_op_determinism()
    if not gpus:
        count = 1 if devices == "auto" else int(devices)
        return "CPU", tuple(f"CPU:{i}" for i in range(count)), "float32"
    details = [tf.config.experimental.get_device_details(gpu) for gpu in gpus]
    oldest = min(detail.get("compute_capability", (0, 0)) for detail in details)
    best = (
        "bfloat16" if oldest >= AMPERE else "float16" if oldest >= VOLTA else "float32"
    )
    return "GPU", tuple(f"GPU:{i}" for i in range(len(gpus))), best


def _some_gpus(gpus: list[Any], devices: str | int) -> list[Any]:
    count = len(gpus) if devices == "auto" else int(devices)
    if count > len(gpus):
        raise ValueError(
            f"Expected devices <= {len(gpus)}, the GPUs here. "
            f"Received: devices={devices}"
        )
    return gpus[:count]


def _others(
    devices: str | int, memory_growth: bool, deterministic: bool
) -> tuple[str, tuple[str, ...], str]:
    """As `_tensorflow`, by the means of Keras itself, for JAX and torch.

    XLA and cuBLAS read these settings when they start, hence only if `prepare` is
    called first.
    """
    if deterministic:
        flags = os.environ.get("XLA_FLAGS", "")
        os.environ["XLA_FLAGS"] = f"{flags} --xla_gpu_deterministic_ops=true".strip()
        os.environ.setdefault("CUBLAS_WORKSPACE_CONFIG", ":4096:8")
    if memory_growth:
        os.environ.setdefault("XLA_PYTHON_CLIENT_PREALLOCATE", "false")
    gpus = list(keras.distribution.list_devices("gpu"))
    found = gpus or list(keras.distribution.list_devices("cpu")) or ["cpu:0"]
    count = len(found) if devices == "auto" else int(devices)
    if count > len(found):
        raise ValueError(
            f"Expected devices <= {len(found)}, those here. Received: devices={devices}"
        )
    kind = "GPU" if gpus else "CPU"
    return kind, tuple(found[:count]), "bfloat16" if gpus else "float32"
