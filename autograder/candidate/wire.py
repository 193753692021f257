"""Plain data between examiner and candidate, as length-prefixed msgpack frames.

Only None, bool, int, float, complex, str, bytes, list, tuple, dict, NumPy arrays and
scalars of plain dtypes cross; each is rebuilt by value as exactly that type. Anything
else stays where it is, and crosses as a `Reference`. Nothing here can run code.
"""

from __future__ import annotations

import math
import socket
import struct
import time
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import msgpack
import numpy as np

MAX_FRAME = 64 * 2**20  # bytes
MAX_ITEMS = 2**20  # of one list, tuple or dict
MAX_TOTAL = 2**21  # of all lists, tuples and dicts in a frame together
MAX_DIMENSIONS = 32
MAX_DIGITS = 4000  # of an int, in bytes of its two's complement
_MAX_SAME_HASH = 64  # keys of a dict; more would make it quadratic
_LENGTH = struct.Struct(">I")
_ARRAY, _SCALAR, _TUPLE, _COMPLEX, _INT, _REFERENCE = range(1, 7)
_PLAIN_KINDS = "biufcSU"  # of NumPy's dtypes


class WireError(ValueError):
    """What came is not a frame of plain data, or what was to go is not."""


class Closed(WireError):
    """The other side is gone."""


class TooLate(WireError):
    """Nothing came in time."""


CALLBACK = "(callback)"  # the type name of a reference to a function of the tests


@dataclass(frozen=True)
class Reference:
    """An object that stayed on the other side.

    Args:
        number: by which the other side knows it.
        type_name: its class's name.
        is_callable: whether it can be called.
        content: plain data from which the other side may rebuild it.
    """

    number: int
    type_name: str
    is_callable: bool = False
    content: Any = None


def encode(value: Any, refer: Callable[[Any], Any] | None = None) -> bytes:
    """Packs plain data.

    Args:
        value: the data; subclasses of plain types do not count as plain.
        refer: called with each object that is not plain data, gives what crosses: a
            `Reference` or an array.
    Returns:
        The bytes, without the length.
    Raises:
        WireError: if something is not plain and `refer` is None, or is too deep, too
            large or recursive.
    """

    def pack_other(other: Any) -> msgpack.ExtType:
        if type(other) is Reference:
            fields = [other.number, other.type_name, other.is_callable]
            if other.content is not None:
                fields.append(other.content)
            return msgpack.ExtType(_REFERENCE, pack(fields))
        if type(other) is tuple:
            return msgpack.ExtType(_TUPLE, pack(list(other)))
        if type(other) is np.ndarray and other.dtype.kind in _PLAIN_KINDS:
            contents = [other.dtype.str, list(other.shape), other.tobytes()]
            return msgpack.ExtType(_ARRAY, pack(contents))
        if isinstance(other, np.generic) and other.dtype.kind in _PLAIN_KINDS:
            whole = np.asarray(other)  # NumPy keeps empty text in one character
            return msgpack.ExtType(_SCALAR, pack([whole.dtype.str, whole.tobytes()]))
        if type(other) is complex:
            return msgpack.ExtType(_COMPLEX, pack([other.real, other.imag]))
        if type(other) is int and (other.bit_length() + 8) // 8 <= MAX_DIGITS:
            size = (other.bit_length() + 8) // 8
            return msgpack.ExtType(_INT, other.to_bytes(size, "big", signed=True))
        if refer is not None:
            return pack_other(refer(other))
        raise WireError(
            f"Expected plain data. Received: an object of type {type(other).__name__}"
        )

    def pack(item: Any) -> bytes:
        packed: bytes = msgpack.packb(
            item, default=pack_other, strict_types=True, unicode_errors="surrogatepass"
        )
        return packed

    try:
        data = pack(value)
    except (ValueError, OverflowError, RecursionError, MemoryError, TypeError) as error:
        if isinstance(error, WireError):
            raise
        raise WireError(f"Expected plain data that can cross. {error}") from None
    if len(data) > MAX_FRAME:
        raise WireError(f"Expected at most {MAX_FRAME} bytes. Received: {len(data)}")
    return data


def decode(data: bytes) -> Any:
    """Rebuilds plain data from bytes that may be hostile.

    Args:
        data: what `encode` gave, or anything.
    Returns:
        The data; each value is of exactly one of the plain types, or a `Reference`.
    Raises:
        WireError: if the bytes are anything else.
    """
    try:
        return _unpack(data, 0, _Budget(MAX_TOTAL))
    except WireError:
        raise
    except (ValueError, TypeError, OverflowError, RecursionError, MemoryError) as error:
        raise WireError(f"Expected a frame of plain data. {error}") from None
    except Exception as error:  # msgpack's own exceptions share no base class
        raise WireError(f"Expected a frame of plain data. {error!r}") from None


class _Budget:
    """Counts what is rebuilt: a byte of a frame may become a hundred of memory."""

    def __init__(self, left: int) -> None:
        self._left = left

    def spend(self, items: int) -> None:
        """Takes `items` and one more for what holds them."""
        self._left -= items + 1
        if self._left < 0:
            raise WireError(f"Expected at most {MAX_TOTAL} items. Received: more")

    def take_list(self, items: list[Any]) -> list[Any]:
        """The list, counted."""
        self.spend(len(items))
        return items

    def take_dict(self, pairs: list[tuple[Any, Any]]) -> dict[Any, Any]:
        """The pairs as a dict, counted; not if keys with one hash make it slow."""
        self.spend(len(pairs))
        hashes = Counter(hash(key) for key, _ in pairs)
        if max(hashes.values(), default=0) > _MAX_SAME_HASH:
            raise WireError("Expected keys of different hashes. Received: others")
        return dict(pairs)


def _unpack(data: bytes, depth: int, budget: _Budget) -> Any:
    if depth > 64:
        raise WireError("Expected at most 64 nested tuples. Received: more")

    def rebuild(code: int, body: bytes) -> Any:
        budget.spend(1)
        if code == _INT:
            if len(body) > MAX_DIGITS:
                raise WireError(
                    "Expected an int of bounded size. Received: a larger one"
                )
            return int.from_bytes(body, "big", signed=True)
        parts = _unpack(body, depth + 1, budget)
        if type(parts) is not list:
            raise WireError(f"Expected a list in extension {code}")
        if code == _TUPLE:
            return tuple(parts)
        if code == _ARRAY:
            return _array(*parts)
        if code == _SCALAR:
            return _array(parts[0], [], parts[1])[()]
        if code == _COMPLEX and [type(p) for p in parts] == [float, float]:
            return complex(*parts)
        if code == _REFERENCE and [type(p) for p in parts[:3]] == [int, str, bool]:
            return Reference(*parts)
        raise WireError(f"Expected a known extension. Received: {code}")

    return msgpack.unpackb(
        data,
        ext_hook=rebuild,
        list_hook=budget.take_list,
        object_pairs_hook=budget.take_dict,
        strict_map_key=False,
        timestamp=1,  # as a float, not as msgpack's own class
        unicode_errors="surrogatepass",
        max_array_len=MAX_ITEMS,
        max_map_len=MAX_ITEMS,
    )


def _array(dtype_text: Any, shape: Any, body: Any) -> np.ndarray:
    if type(dtype_text) is not str or len(dtype_text) > 16 or type(body) is not bytes:
        raise WireError("Expected an array's dtype and bytes")
    dtype = np.dtype(dtype_text)
    if dtype.kind not in _PLAIN_KINDS or dtype.fields or dtype.subdtype:
        raise WireError(f"Expected a plain dtype. Received: {dtype_text!r}")
    if (
        type(shape) is not list
        or len(shape) > MAX_DIMENSIONS
        or any(type(n) is not int or not 0 <= n <= 2**40 for n in shape)
        or math.prod(shape) * dtype.itemsize != len(body)
        or (math.prod(shape) > MAX_ITEMS and not dtype.itemsize)
    ):
        raise WireError("Expected an array's shape to agree with its bytes")
    if dtype.kind == "b":  # a byte other than 0 and 1 would be neither true nor false
        return np.asarray(np.frombuffer(body, np.uint8).reshape(shape) != 0)
    if not dtype.itemsize:
        return np.zeros(shape, dtype)
    return np.frombuffer(body, dtype).reshape(shape).copy()


def send(channel: socket.socket, data: bytes) -> None:
    """Sends one frame.

    Raises:
        Closed: if the other side is gone.
        TooLate: if the channel has a timeout, and the other side does not read.
    """
    try:
        channel.sendall(_LENGTH.pack(len(data)) + data)
    except TimeoutError:
        raise TooLate("Expected the frame to be read in time") from None
    except OSError as error:
        raise Closed(f"Expected an open channel. Received: {error}") from None


def receive(channel: socket.socket, seconds: float | None = None) -> bytes:
    """Receives one frame.

    Args:
        channel: where from.
        seconds: how long to wait for the whole frame, None for ever.
    Returns:
        The frame's bytes, not yet decoded.
    Raises:
        Closed: if the other side is gone.
        TooLate: if the time is over.
        WireError: if the frame is announced larger than allowed.
    """
    deadline = None if seconds is None else time.monotonic() + seconds
    (length,) = _LENGTH.unpack(_read(channel, _LENGTH.size, deadline))
    if length > MAX_FRAME:
        raise WireError(f"Expected at most {MAX_FRAME} bytes. Received: {length}")
    return _read(channel, length, deadline)


def _read(channel: socket.socket, size: int, deadline: float | None) -> bytes:
    chunks = bytearray()
    while len(chunks) < size:
        if deadline is not None:
            left = deadline - time.monotonic()
            if left <= 0:
                raise TooLate("Expected an answer in time")
            channel.settimeout(left)
        else:
            channel.settimeout(None)
        try:
            chunk = channel.recv(min(size - len(chunks), 2**20))
        except TimeoutError:
            raise TooLate("Expected an answer in time") from None
        except OSError as error:
            raise Closed(f"Expected an open channel. Received: {error}") from None
        if not chunk:
            raise Closed("Expected an open channel. Received: end of file")
        chunks += chunk
    return bytes(chunks)


def is_quiet(channel: socket.socket) -> bool:
    """Whether nothing has come that was not asked for."""
    channel.setblocking(False)
    try:
        return channel.recv(1, socket.MSG_PEEK) == b""  # closed, which is seen later
    except BlockingIOError:
        return True
    except OSError:
        return True
    finally:
        channel.setblocking(True)
