"""Weights of keras.applications for the nets that both of us have.

| ours | keras.applications |
|---|---|
| `vgg16`, `vgg19` | `VGG16`, `VGG19` |
| `resnet50_v1`, `resnet101_v1`, `resnet152_v1` | `ResNet50`, `ResNet101`, `ResNet152` |
| `inception_v3` | `InceptionV3` |

The k-th convolution of one net is the k-th of the other, and so are the batch
normalisations and the dense layers: both build their blocks in the same order. Weights
of kernels, scales and shifts are copied as they are. Two things differ:

- Keras's ResNets have biases before batch normalisation. `x + b - mean` equals
  `x - (mean - b)`: the moving mean takes the bias in.
- Their batch normalisation adds 1.001e-5 to the variance and ours 1e-5: the moving
  variance takes the difference in.

The nets of keras.applications end with a softmax unless they are made with
`classifier_activation=None`; ours give logits.
"""

from typing import Any

import keras
import numpy as np
from keras import layers

KINDS = (layers.Conv2D, layers.BatchNormalization, layers.Dense)


def load_weights_from(model: keras.Model, reference: keras.Model) -> None:
    """Copies the weights of a net of keras.applications into the same net of ours.

    Args:
        model: one that `create` made; its weights are replaced.
        reference: the net of keras.applications, with its top and as many classes.

    Raises:
        ValueError: if the two are not the same net: layers, shapes or strides differ.
            Then `model` is as it was.

    Example:
        >>> model = create("resnet50_v1")
        >>> load_weights_from(model, keras.applications.ResNet50())  # doctest: +SKIP
    """
    values = []
    for kind in KINDS:
        for ours, theirs in _pairs(model, reference, kind):
            values.append((ours, _values(ours, theirs)))
    for layer, weights in values:
        layer.set_weights(weights)


def _pairs(
    model: keras.Model, reference: keras.Model, kind: type[layers.Layer]
) -> list[tuple[Any, Any]]:
    ours, theirs = (
        [layer for layer in net.layers if isinstance(layer, kind)]
        for net in (model, reference)
    )
    if len(ours) != len(theirs):
        raise ValueError(
            f"Expected as many layers {kind.__name__} as {model.name!r} has: "
            f"{len(ours)}. Received: {len(theirs)} in reference={reference.name!r}"
        )
    pairs = list(zip(ours, theirs, strict=True))
    for one, other in pairs:
        if _signature(one) != _signature(other):
            raise ValueError(
                f"Expected {other.name!r} of reference={reference.name!r} to be as "
                f"{one.name!r}: {_signature(one)}. Received: {_signature(other)}"
            )
    return pairs


def _signature(layer: Any) -> dict[str, Any]:
    """What must agree: shapes, but for a bias, and strides."""
    if isinstance(layer, layers.BatchNormalization):
        return {w.name: tuple(w.shape) for w in layer.weights}
    return {
        "kernel": tuple(layer.kernel.shape),
        "strides": getattr(layer, "strides", None),
    }


def _values(ours: Any, theirs: Any) -> list[np.ndarray]:
    found = {weight.name: weight.numpy() for weight in theirs.weights}
    if isinstance(ours, layers.BatchNormalization):
        bias = _bias_before(theirs)
        if bias is not None:
            found["moving_mean"] = found["moving_mean"] - bias
        found["moving_variance"] = (
            found["moving_variance"] + theirs.epsilon - ours.epsilon
        )
    return [found[w.name] for w in ours.weights]


def _bias_before(layer: Any) -> np.ndarray | None:
    """The bias of the convolution that a batch normalisation follows directly."""
    before = layer.input._keras_history.operation
    if isinstance(before, layers.Conv2D) and before.use_bias:
        return before.bias.numpy()
    return None
