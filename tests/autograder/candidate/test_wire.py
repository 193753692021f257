"""The wire: plain data crosses as it is, and nothing else comes out of any bytes."""

import math
import socket
import struct
import threading
from collections.abc import Iterator
from typing import Any

import msgpack
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays

from autograder.candidate import wire

BOUNDED = settings(max_examples=150, deadline=None)

dtypes = st.one_of(
    arrays.boolean_dtypes(),
    arrays.integer_dtypes(endianness="?"),
    arrays.unsigned_integer_dtypes(endianness="?"),
    arrays.floating_dtypes(endianness="?"),
    arrays.complex_number_dtypes(endianness="?"),
    arrays.byte_string_dtypes(max_len=5),
    arrays.unicode_string_dtypes(max_len=5),
)
scalars = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(),
    st.integers(min_value=-(2**400), max_value=2**400),
    st.floats(),
    st.complex_numbers(),
    st.text(),
    st.binary(max_size=50),
)
numpy_arrays = arrays.arrays(
    dtypes, arrays.array_shapes(min_dims=0, max_dims=4, min_side=0, max_side=3)
)
numpy_scalars = dtypes.flatmap(lambda d: arrays.arrays(d, ())).map(lambda a: a[()])
keys = st.one_of(st.text(max_size=5), st.integers(-9, 9), st.booleans(), st.none())
plain = st.recursive(
    scalars | numpy_arrays | numpy_scalars,
    lambda inner: st.one_of(
        st.lists(inner, max_size=4),
        st.lists(inner, max_size=4).map(tuple),
        st.dictionaries(keys, inner, max_size=4),
    ),
    max_leaves=8,
)


def same(a: Any, b: Any) -> bool:
    """Whether two values are equal in type, dtype, shape and bits."""
    if type(a) is not type(b):
        return False
    if isinstance(a, np.ndarray | np.generic):
        same_kind = (a.dtype, a.shape) == (b.dtype, b.shape)
        return same_kind and a.tobytes() == b.tobytes()
    if isinstance(a, list | tuple):
        return len(a) == len(b) and all(map(same, a, b))
    if isinstance(a, dict):
        return same(list(a), list(b)) and same(list(a.values()), list(b.values()))
    if isinstance(a, float):
        return struct.pack("d", a) == struct.pack("d", b)
    if isinstance(a, complex):
        return same([a.real, a.imag], [b.real, b.imag])
    return bool(a == b)


def is_plain(value: Any) -> bool:
    """Whether a value consists of the plain types only, exactly."""
    if type(value) in (list, tuple):
        return all(map(is_plain, value))
    if type(value) is dict:
        return all(is_plain(k) and is_plain(v) for k, v in value.items())
    if type(value) is np.ndarray or isinstance(value, np.generic):
        return value.dtype.kind in "biufcSU" and not value.dtype.hasobject
    if type(value) is wire.Reference:
        return is_plain([value.number, value.type_name, value.content])
    return type(value) in (type(None), bool, int, float, complex, str, bytes)


def decoded(data: bytes) -> Any:
    """The decoded value, or WireError; any other exception goes through."""
    try:
        return wire.decode(data)
    except wire.WireError as error:
        return error


@given(plain)
@BOUNDED
def test_plain_data_crosses_unchanged(value: Any) -> None:
    assert same(wire.decode(wire.encode(value)), value)


EXACT = [
    *(True, 1, 1.0, -0.0, math.inf, 2**64, -(2**63) - 1, 1 << 10_000, "\ud800", b"\0"),
    *(1j, (1,), [1], {(1, 2): "tuple as key"}, ((),), np.float32(1.5), np.bool_(True)),
    *(np.str_("ä"), np.zeros((0, 3)), np.array(7), np.arange(6).reshape(2, 3).T),
    np.array([1, 2], dtype=">i2"),
]


@pytest.mark.parametrize("value", EXACT, ids=lambda v: repr(v)[:30])
def test_types_that_look_alike_stay_apart(value: Any) -> None:
    assert same(wire.decode(wire.encode(value)), value)


def test_an_array_comes_out_as_a_copy_that_can_be_written() -> None:
    received = wire.decode(wire.encode(np.ones(3)))
    received[0] = 5
    assert received.tolist() == [5, 1, 1]


class Int(int):
    """A subclass, whose methods would run in the examiner."""


class Array(np.ndarray):
    """A subclass of arrays."""


def nested(levels: int) -> list:
    value: list = []
    for _ in range(levels):
        value = [value]
    return value


def recursive() -> list:
    value: list = []
    value.append(value)
    return value


REFUSED = {
    "object": (object(), "an object of type object"),
    "function": (len, "builtin_function"),
    "class": (int, "an object of type type"),
    "set": ({1}, "an object of type set"),
    "subclass of int": (Int(3), "an object of type Int"),
    "subclass of array": (np.zeros(2).view(Array), "an object of type Array"),
    "masked array": (np.ma.masked_array([1, 2]), "an object of type MaskedArray"),
    "objects in an array": (np.array([object()]), "an object of type ndarray"),
    "fields in an array": (np.zeros(2, "i4,f8"), "an object of type ndarray"),
    "dates": (np.array(["2020-01-01"], "M8[D]"), "an object of type ndarray"),
    "generator": (iter([]), "list_iterator"),
    "deep inside": ({"a": [(1, {2})]}, "an object of type set"),
    "a huge int": (1 << 40_000, "an object of type int"),
    "too deep": (nested(5000), "Expected plain data that can cross"),
    "recursive": (recursive(), "Expected plain data that can cross"),
}


@pytest.mark.parametrize("case", REFUSED)
def test_what_is_not_plain_does_not_cross(case: str) -> None:
    value, message = REFUSED[case]
    with pytest.raises(wire.WireError, match=message):
        wire.encode(value)


def test_a_frame_has_a_limit() -> None:
    with pytest.raises(wire.WireError, match="Expected at most 67108864 bytes"):
        wire.encode(np.zeros(wire.MAX_FRAME // 8 + 1))


def test_what_is_not_plain_crosses_as_a_reference() -> None:
    kept: list[object] = []

    def refer(thing: object) -> wire.Reference:
        kept.append(thing)
        return wire.Reference(len(kept) - 1, type(thing).__name__, callable(thing))

    received = wire.decode(wire.encode([1, len, {"a": {2}}], refer))
    assert received == [
        *(1, wire.Reference(0, "builtin_function_or_method", True)),
        {"a": wire.Reference(1, "set", False)},
    ]
    assert kept == [len, {2}]


def extension(code: int, contents: Any) -> bytes:
    """A frame as a hostile candidate would write it."""
    body = contents if isinstance(contents, bytes) else msgpack.packb(contents)
    return msgpack.packb(msgpack.ExtType(code, body))


def tuples(levels: int) -> bytes:
    frame = msgpack.packb([])
    for _ in range(levels):
        frame = msgpack.packb([msgpack.ExtType(3, frame)])
    return msgpack.packb(msgpack.ExtType(3, frame))


HOSTILE = {
    "no bytes": (b"", "Expected a frame of plain data"),
    "cut off": (wire.encode([1, 2, 3])[:-1], "Expected a frame of plain data"),
    "bytes left over": (wire.encode(1) + b"\0", "Expected a frame of plain data"),
    "text that is not UTF-8": (b"\xa2\xff\xff", "Expected a frame of plain data"),
    "unknown extension": (extension(42, []), "Received: 42"),
    "a time of two bytes": (b"\xd5\xff\0\0", "Expected a frame"),
    "extension without a list": (extension(3, 5), "Expected a list in extension 3"),
    "object dtype": (extension(1, ["|O", [1], b"\0" * 8]), "plain dtype"),
    "dtype with fields": (extension(1, ["i4,i4", [1], b"\0" * 8]), "plain dtype"),
    "dtype with a shape": (extension(1, ["(2,)i4", [1], b"\0" * 8]), "plain dtype"),
    "dates": (extension(1, ["<M8[D]", [1], b"\0" * 8]), "plain dtype"),
    "unknown dtype": (extension(1, ["nonsense", [1], b""]), "Expected a frame"),
    "a dtype that is no text": (extension(1, [1, [1], b""]), "dtype and bytes"),
    "a list as body": (extension(1, ["<i4", [1], [1]]), "dtype and bytes"),
    "too few bytes": (extension(1, ["<i4", [2], b"\0" * 4]), "agree with its bytes"),
    "a bomb": (extension(1, ["<i4", [2**40, 2**40], b""]), "agree with its bytes"),
    "negative shape": (extension(1, ["<i4", [-1], b""]), "agree with its bytes"),
    "bool as shape": (extension(1, ["|i1", [True], b"\0"]), "agree with its bytes"),
    "many dimensions": (extension(1, ["|i1", [1] * 99, b"\0"]), "agree with its bytes"),
    "a missing part": (extension(1, ["<i4"]), "Expected a frame"),
    "an empty scalar": (extension(2, []), "Expected a frame"),
    "text in a complex number": (extension(4, ["1", "2"]), "Received: 4"),
    "a huge int": (extension(5, b"\1" * 4001), "int of bounded size"),
    "a reference to a float": (extension(6, [0.5, "a", True]), "Received: 6"),
    "an endless list": (b"\xdd\xff\xff\xff\xff", "Expected a frame"),
    "an endless dict": (b"\xdf\xff\xff\xff\xff", "Expected a frame"),
    "a dict of colliding keys": (
        wire.encode(dict.fromkeys(n * (2**61 - 1) for n in range(99))),
        "keys of different hashes",
    ),
    "many lists": (msgpack.packb([[0] * 2**20] * 3), "at most 2097152 items"),
    "a list as key": (b"\x81\x90\xc0", "Expected a frame"),
    "nested tuples": (tuples(80), "at most 64 nested tuples"),
    "nested lists": (b"\x91" * 100_000 + b"\xc0", "Expected a frame"),
    "an array as key": (
        b"\x81" + wire.encode(np.zeros(2)) + b"\xc0",
        "Expected a frame",
    ),
}


@pytest.mark.parametrize("case", HOSTILE)
def test_hostile_bytes_are_refused(case: str) -> None:
    data, message = HOSTILE[case]
    with pytest.raises(wire.WireError, match=message):
        wire.decode(data)


@given(st.binary(max_size=200))
@BOUNDED
def test_any_bytes_give_plain_data_or_an_error(data: bytes) -> None:
    received = decoded(data)
    assert isinstance(received, wire.WireError) or is_plain(received)


@given(plain, st.data())
@BOUNDED
def test_changed_frames_give_plain_data_or_an_error(value: Any, data: Any) -> None:
    frame = bytearray(wire.encode(value))
    for _ in range(data.draw(st.integers(1, 4))):
        place = data.draw(st.integers(0, len(frame) - 1))
        match data.draw(st.sampled_from(["set", "insert", "delete"])):
            case "set":
                frame[place] = data.draw(st.integers(0, 255))
            case "insert":
                frame[place:place] = data.draw(st.binary(max_size=6))
            case "delete" if len(frame) > 1:
                del frame[place]
    received = decoded(bytes(frame))
    assert isinstance(received, wire.WireError) or is_plain(received)


@given(st.integers(1, 6), st.recursive(scalars, lambda i: st.lists(i, max_size=4)))
@BOUNDED
def test_any_extension_gives_plain_data_or_an_error(code: int, body: Any) -> None:
    frame = msgpack.packb(
        msgpack.ExtType(code, wire.encode(body)), unicode_errors="surrogatepass"
    )
    received = decoded(frame)
    assert isinstance(received, wire.WireError) or is_plain(received)


@pytest.fixture
def pair() -> Iterator[tuple[socket.socket, socket.socket]]:
    ours, theirs = socket.socketpair()
    with ours, theirs:
        yield ours, theirs


def test_frames_keep_their_bounds(pair: tuple[socket.socket, socket.socket]) -> None:
    ours, theirs = pair
    for frame in (b"first", b"", b"x" * 1000):
        wire.send(ours, frame)
    assert [wire.receive(theirs, 5) for _ in range(3)] == [b"first", b"", b"x" * 1000]


def test_a_large_frame_arrives_in_pieces(
    pair: tuple[socket.socket, socket.socket],
) -> None:
    ours, theirs = pair
    frame = bytes(range(256)) * 2**14
    sender = threading.Thread(target=wire.send, args=(ours, frame))
    sender.start()
    assert wire.receive(theirs, 10) == frame
    sender.join()


def test_receive_waits_for_ever_without_a_limit(
    pair: tuple[socket.socket, socket.socket],
) -> None:
    ours, theirs = pair
    theirs.settimeout(0.01)
    later = threading.Timer(0.1, wire.send, (ours, b"late"))
    later.start()
    assert wire.receive(theirs) == b"late"
    later.join()


def test_receive_stops_in_time(pair: tuple[socket.socket, socket.socket]) -> None:
    ours, theirs = pair
    ours.send(struct.pack(">I", 10) + b"half")
    with pytest.raises(wire.TooLate, match="Expected an answer in time"):
        wire.receive(theirs, 0.05)


def test_a_drip_of_bytes_does_not_stretch_the_time(
    pair: tuple[socket.socket, socket.socket],
) -> None:
    ours, theirs = pair
    stop = threading.Event()

    def drip() -> None:
        ours.send(struct.pack(">I", 10_000))
        while not stop.wait(0.02):
            ours.send(b"x")

    dripping = threading.Thread(target=drip)
    dripping.start()
    try:
        with pytest.raises(wire.TooLate, match="in time"):
            wire.receive(theirs, 0.2)
    finally:
        stop.set()
        dripping.join()


def test_receive_sees_the_end(pair: tuple[socket.socket, socket.socket]) -> None:
    ours, theirs = pair
    ours.send(b"\0\0")
    ours.close()
    with pytest.raises(wire.Closed, match="Received: end of file"):
        wire.receive(theirs, 5)


def test_receive_believes_no_announcement(
    pair: tuple[socket.socket, socket.socket],
) -> None:
    ours, theirs = pair
    ours.send(b"\xff\xff\xff\xff")
    with pytest.raises(wire.WireError, match="Received: 4294967295"):
        wire.receive(theirs, 5)


def test_send_sees_that_nobody_reads(
    pair: tuple[socket.socket, socket.socket],
) -> None:
    ours, _ = pair
    ours.settimeout(0.05)
    with pytest.raises(wire.TooLate, match="to be read in time"):
        wire.send(ours, b"x" * 2**24)


def test_send_sees_that_the_other_side_is_gone(
    pair: tuple[socket.socket, socket.socket],
) -> None:
    ours, theirs = pair
    theirs.close()
    with pytest.raises(wire.Closed, match="Expected an open channel"):
        wire.send(ours, b"x" * 2**20)


def test_is_quiet_until_something_comes(
    pair: tuple[socket.socket, socket.socket],
) -> None:
    ours, theirs = pair
    assert wire.is_quiet(theirs)
    ours.send(b"x")
    assert not wire.is_quiet(theirs)
    assert theirs.recv(1) == b"x"  # it only looked
    ours.close()
    assert wire.is_quiet(theirs)


def test_a_time_of_msgpack_comes_out_as_a_number() -> None:
    assert same(wire.decode(msgpack.packb(msgpack.Timestamp(3))), 3.0)


@pytest.mark.parametrize("content", [None, {"weights": [1.5]}])
def test_a_reference_crosses_with_its_content(content: Any) -> None:
    reference = wire.Reference(3, "Layer", True, content)
    assert wire.decode(wire.encode({"a": reference})) == {"a": reference}
