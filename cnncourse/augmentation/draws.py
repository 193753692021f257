"""Random numbers that follow from a seed alone.

Keras' layers keep the state of their generators in variables: in a parallel `tf.data`
map the draws then come in an order that differs from run to run. TensorFlow's stateless
functions give other numbers when compiled. So the numbers are made here, by mixing the
bits of counters: the same on every backend, compiled or not.
"""

import math
from typing import Any

import keras
import numpy as np
from keras import ops

NEVER = 2.0**-24  # how often all rounds of Jöhnk's method may fail
BITS = 0xFFFFFFFF
GOLDEN = 0x9E3779B9  # 2^32 over the golden ratio: consecutive multiples lie far apart


class Draws:
    """A sequence of random draws.

    Args:
        seed: whole number of at least 0, as a Python number or a scalar tensor.
        epoch: number of the pass over the data, or None.
        index: place of each picture in its data set `(B,)`, or None.
    """

    def __init__(self, seed: Any, epoch: Any = None, index: Any = None) -> None:
        self.epoch, self.index = epoch, index
        self.count = 0
        # wide enough that a product's lower 32 bits survive; JAX has nothing wider
        self.dtype = "uint32" if keras.backend.backend() == "jax" else "int64"
        if isinstance(seed, int | np.integer):
            high, low = self.whole(int(seed) >> 32), self.whole(int(seed) & BITS)
        elif self.dtype == "uint32":
            high, low = self.whole(0), self.whole(seed)
        else:
            seed = self.whole(seed)
            high, low = ops.right_shift(seed, 32), seed & constant(BITS, seed)
        golden = constant(GOLDEN, low)
        self.key = mix((low + golden * high + golden) & constant(BITS, low))

    def whole(self, number: Any) -> Any:
        """Returns a whole number as a tensor that can be mixed."""
        if not hasattr(number, "dtype"):
            return ops.convert_to_tensor(number, self.dtype)
        return ops.cast(number, self.dtype)

    def bits(self, shape: Any) -> Any:
        """Draws whole numbers of 32 bits."""
        self.count += 1
        number = math.prod(shape) if all(isinstance(n, int) for n in shape) else None
        if number is None:
            number = ops.prod(ops.stack([ops.cast(n, "int32") for n in shape]))
        counters = ops.cast(ops.arange(number, dtype="int32"), self.dtype)
        stream = self.whole((self.count * 0x632BE59B) & BITS)
        spread = counters * constant(GOLDEN, counters) + self.key
        mixed = mix((spread & constant(BITS, spread)) ^ stream)
        return ops.reshape(mixed, shape)

    def uniform(self, shape: Any, low: Any = 0.0, high: Any = 1.0) -> Any:
        """Draws evenly from `[low, high)`, float32."""
        # 24 bits are what float32 holds
        share = ops.cast(ops.right_shift(self.bits(shape), 8), "float32") * 2.0**-24
        return low + (high - low) * share

    def normal(self, shape: Any) -> Any:
        """Draws from the standard normal distribution, float32.

        Source: Box and Muller (1958), Annals of Mathematical Statistics 29, 610-611.
        """
        radius = ops.sqrt(-2 * ops.log(1 - self.uniform(shape)))
        return radius * ops.cos(2 * math.pi * self.uniform(shape))

    def integers(self, shape: Any, stop: Any) -> Any:
        """Draws evenly from 0 to `stop - 1`, int32; `stop` may be a tensor."""
        stop = ops.cast(stop, "float32")
        # rounding may reach `stop` itself
        drawn = ops.minimum(ops.floor(self.uniform(shape) * stop), stop - 1)
        return ops.cast(drawn, "int32")

    def order(self, count: Any) -> Any:
        """Draws an order of 0 to `count - 1`, int32."""
        return ops.cast(ops.argsort(self.bits((count,))), "int32")

    def beta(self, count: Any, alpha: float) -> Any:
        """Draws `count` numbers from Beta(alpha, alpha), 0 < alpha <= 1, float32.

        Source: Jöhnk (1964), Metrika 8, 5-15.
        """
        if alpha == 1:
            return self.uniform((count,))
        failing = 1 - math.gamma(1 + alpha) ** 2 / math.gamma(1 + 2 * alpha)
        # of a tiny alpha nothing is left of the share, and one round is enough
        rounds = math.ceil(math.log(NEVER) / math.log(max(failing, NEVER)))
        # logarithms, because a power of 1 / alpha would vanish in float32
        logs = ops.log(1 - self.uniform((2, rounds, count))) / alpha
        accepted = ops.exp(logs[0]) + ops.exp(logs[1]) <= 1
        first = ops.argmax(ops.cast(accepted, "int32"), axis=0)
        chosen = ops.one_hot(first, rounds, axis=0, dtype="float32")
        difference = ops.sum(chosen * (logs[1] - logs[0]), axis=0)
        return ops.sigmoid(-difference)


def constant(number: int, like: Any) -> Any:
    """Returns a whole number as a tensor: JAX takes no large ones as they are."""
    return ops.convert_to_tensor(number, like.dtype)


def mix(x: Any) -> Any:
    """Mixes the bits of whole numbers below 2^32.

    Source: Wellons (2018), "Prospecting for hash functions", lowbias32.
    """
    mask, *factors = (constant(n, x) for n in (BITS, 0x7FEB352D, 0x846CA68B))
    x = ((x ^ ops.right_shift(x, 16)) * factors[0]) & mask
    x = ((x ^ ops.right_shift(x, 15)) * factors[1]) & mask
    return x ^ ops.right_shift(x, 16)
