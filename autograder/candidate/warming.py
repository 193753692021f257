"""Runs Keras once before the first fork, so that no candidate pays for the first time.

The first operations of a process load kernels and touch memory, a sixth of a second for
a small model. A fork of a process that has run operations would hang, since threads are
not forked and TensorFlow goes on waiting for them. So what it ran with, its context, is
forgotten here: a fork makes a context of its own, with threads of its own, as a process
does that has never run anything.
"""

from __future__ import annotations

import gc
import os
import weakref


def warm_keras() -> bool:
    """Builds and calls a small model, and forgets TensorFlow's context.

    Returns:
        Whether it did; False if this TensorFlow's context is not of the known form, and
        nothing was run.
    Raises:
        RuntimeError: if something of the old context is left, with which a fork might
            hang.
    """
    from tensorflow.python import pywrap_tfe
    from tensorflow.python.eager import context

    known = hasattr(context, "_context") and hasattr(context, "_create_context")
    if not known or not hasattr(pywrap_tfe, "TFE_ClearScalarCache"):
        return False
    if context._context is not None and context._context._initialized:
        raise RuntimeError("Expected a process that has run no operation")
    # else all contexts, those of forks too, would share the threads of the first one
    os.environ["TF_OVERRIDE_GLOBAL_THREADPOOL"] = "1"
    _run_operations_directly()
    _use_keras()
    gc.collect()
    pywrap_tfe.TFE_ClearScalarCache()
    left = weakref.ref(context.context())
    context.context()._clear_caches()
    context._context = None
    context._create_context()
    gc.collect()
    if left() is not None:
        raise RuntimeError("Expected nothing to hold TensorFlow's old context")
    return True


def _run_operations_directly() -> None:
    """Lets contexts that are made from here on run operations as they are.

    TensorFlow wraps each one in a function, which it optimises: a millisecond for each
    that a process has not run yet, and half of all the time that a small model takes.
    What `tf.function` makes is wrapped as ever.
    """
    from tensorflow.python import pywrap_tfe

    name = "TFE_ContextOptionsSetRunEagerOpAsFunction"
    choose = getattr(pywrap_tfe, name, None)
    if choose is not None:
        setattr(pywrap_tfe, name, lambda options, _: choose(options, False))


def _use_keras() -> None:
    """One model of the layers that courses use most, built, called and described."""
    import keras
    import numpy as np
    from keras import layers
    from keras.src.backend.common import global_state

    model = keras.Sequential(
        [
            keras.Input((8, 8, 3)),
            layers.Conv2D(4, 3, padding="same", activation="relu"),
            layers.BatchNormalization(),
            layers.MaxPooling2D(),
            layers.Dropout(0.5),
            layers.Flatten(),
            layers.Dense(3),
        ]
    )
    images = np.zeros((2, 8, 8, 3), np.float32)
    for training in (True, False):
        np.asarray(model(images, training=training))
    model.set_weights(model.get_weights())
    keras.saving.serialize_keras_object(model)
    del model
    keras.backend.clear_session()
    # what is left of names, seeds and scopes
    global_state.GLOBAL_STATE_TRACKER.__dict__.clear()
