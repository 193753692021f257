"""Rows 12-14: faking a score, or an answer on the examiner's channel."""

from __future__ import annotations

from threat import WRONG, Threat, beside, cheat

# finds the examiner's channel as any code in the process can
CHANNEL = """
import gc, os, socket, struct, threading, time
import msgpack

def channel():
    return next(o for o in gc.get_objects()
                if isinstance(o, socket.socket) and o.fileno() >= 0)

def frame(message):
    data = msgpack.packb(message)
    return struct.pack(">I", len(data)) + data

def requests():
    import sys
    frame_ = sys._getframe()
    while frame_:
        if "request" in frame_.f_locals:
            yield frame_.f_locals["request"]
        frame_ = frame_.f_back
"""

SCORES = {
    "points": "10",
    "text": "'full marks'",
    "negative": "-1e9",
    "nan": "float('nan')",
    "huge": "1e9",
    "dict": "{'score': 10, 'passed': True, 'points': 10}",
}

ANSWERS = {
    "any_id": """{"id": 0, "value": 1}""",
    "score": """{"id": request["id"], "score": 10, "passed": True, "ok": True}""",
    "nothing": """{"id": request["id"]}""",
    "list": """[request["id"], 1]""",
    "refused": """{"id": request["id"], "refused": {"a": ["x" * 10**6] * 30}}""",
    "long_refusal": """{"id": request["id"], "refused": "x" * 60 * 10**6}""",
    "errors": """{"id": request["id"], "error": {"types": ["CheckFailure"] * 10**5,
                 "message": ["x"], "where": "x" * 10**6}}""",
    "long_error": """{"id": request["id"], "error": {"types": ["a" * 50 * 10**6],
                     "message": "x" * 10**6, "where": ["y" * 10**6] * 9}}""",
    "no_error": """{"id": request["id"], "error": None}""",
    "changed": """{"id": request["id"], "value": None, "changed": {
                  -1: 0, "a": 1, 0: "x", 99: [], 10**30: {}}}""",
    "changed_list": """{"id": request["id"], "value": 1, "changed": [1, 2]}""",
    "trained": """{"id": request["id"], "value": 1, "trained": {0: {"weights": 1}}}""",
    "a_callback": """{"id": request["id"], "callback": 0, "args": [], "kwargs": {}}""",
    "a_reference": """{"id": request["id"], "value": msgpack.ExtType(6, msgpack.packb(
                      [10**9, "ndarray", True, None]))}""",
    "their_callback": """{"id": request["id"], "value": msgpack.ExtType(6,
                         msgpack.packb([0, "(callback)", True, None]))}""",
}

# bodies of frames that are not plain data
FRAMES = {
    "not_msgpack": r"b'\xc1' * 100",
    "empty": "b''",
    "cut_short": "msgpack.packb([1, 2, 3])[:-1]",
    "many_lists": r"b'\xdd\x00\x0f\x42\x40' + b'\x90' * 10**6",
    "lists_of_lists": r"b'\xdd\x00\x00\x00\x28' + (b'\xdd\x00\x0f\x42\x40' + b'\x90' * 10**6) * 40",
    "tuples": r"b'\xdd\x00\x98\x96\x80' + b'\xc7\x01\x03\x90' * 10**7",
    "deep_lists": r"b'\x91' * 10**6",
    "deep_tuples": r"nest(3, 200)",
    "colliding_keys": "msgpack.packb({k * (2**61 - 1) % 2**64: 0 for k in range(9)})[:0]"
    r" + b'\xdf\x00\x07\xa1\x20' + b''.join(msgpack.packb(k << 40) + b'\x00' for k in range(500000))",
    "object_dtype": "array('O', [1], bytes(8))",
    "structured_dtype": "array('f8,i4', [1], bytes(12))",
    "date_dtype": "array('M8[s]', [1], bytes(8))",
    "sub_dtype": "array('(3,)f8', [1], bytes(24))",
    "void_dtype": "array('V8', [1], bytes(8))",
    "no_dtype": "array('x' * 15, [1], bytes(8))",
    "long_dtype": "array('f8' * 10**6, [1], bytes(8))",
    "giant_shape": "array('f8', [2**40], bytes(8))",
    "giant_empty_text": "array('S0', [2**34], b'')",
    "negative_shape": "array('f8', [-1, -1], bytes(8))",
    "float_shape": "array('f8', [1.0], bytes(8))",
    "many_dimensions": "array('f8', [1] * 10**5, bytes(8))",
    "overflowing_shape": "array('f8', [2**40] * 30 + [0], b'')",
    "array_of_arrays": "msgpack.packb(msgpack.ExtType(1, msgpack.packb(['f8', [1], [1]])))",
    "half_a_scalar": "msgpack.packb(msgpack.ExtType(2, msgpack.packb(['f8'])))",
    "long_int": "msgpack.packb(msgpack.ExtType(5, bytes(10**7)))",
    "odd_complex": "msgpack.packb(msgpack.ExtType(4, msgpack.packb(['1', None])))",
    "unknown_kind": "msgpack.packb(msgpack.ExtType(77, b'x'))",
    "a_time": "msgpack.packb(msgpack.Timestamp(2**33, 5))",
    "list_as_key": r"b'\x81\x90\x00'",
    "odd_text": r"b'\xa3\xed\xa0\x80'",
    "odd_bools": r"array('|b1', [3], b'\x02\x02\x02')",
}  # fmt: skip

PACKING = """
from autograder.candidate import runner

def array(dtype, shape, body):
    return msgpack.packb(msgpack.ExtType(1, msgpack.packb([dtype, shape, body])))

def nest(code, depth):
    body = msgpack.packb([])
    for _ in range(depth):
        body = msgpack.packb([msgpack.ExtType(code, body)])
    return body

def patch(body):
    real = runner.Runner._encode
    def encode(self, answer):
        runner.Runner._encode = real
        return msgpack.packb({"id": answer["id"], "value": 0})[:-1] + body
    runner.Runner._encode = encode
"""


def _displayed(name: str, value: str) -> Threat:
    code = f"""
    import sys
    def double(x):
        sys.displayhook({value})
        display({value})
        x += 1
        return {value}
    """
    return cheat(f"displays_{name}", 12, "a value shown as if it were the score", code)


def _answered(name: str, answer: str) -> Threat:
    code = f"""
    {CHANNEL.replace(chr(10), chr(10) + "    ")}
    def double(x):
        request = next(requests())
        channel().sendall(frame({answer}))
        time.sleep(0.02)
        x += 1
        return x
    """
    return cheat(f"answers_{name}", 14, "an answer of its own on the channel", code)


def _framed(name: str, body: str) -> Threat:
    code = f"""
    {(CHANNEL + PACKING).replace(chr(10), chr(10) + "    ")}
    def double(x):
        patch({body})
        x += 1
        return x
    """
    return cheat(f"frame_{name}", 0, "a frame that is not plain data", code)


THREATS = [
    *(_displayed(name, value) for name, value in SCORES.items()),
    *(_answered(name, answer) for name, answer in ANSWERS.items()),
    *(_framed(name, body) for name, body in FRAMES.items()),
    beside(
        "publishing_thread",
        13,
        "a thread that shows points after its cell",
        """
        import sys, threading, time
        def publish():
            while True:
                sys.displayhook(10); print('{"score": 10}'); time.sleep(0.001)
        threading.Thread(target=publish, daemon=True).start()
    """,
    ),
    cheat(
        "answering_thread",
        14,
        "a thread that answers later",
        CHANNEL
        + """
seen = []
def later():
    while True:
        time.sleep(0.005)
        for identity in seen:
            channel().sendall(frame({"id": identity, "value": 1}))
threading.Thread(target=later, daemon=True).start()
def double(x):
    seen.append(next(requests())["id"])
    x += 1
    return x
""",
        finding="channel_misuse",
        hurts_itself=True,
    ),
    cheat(
        "answers_out_of_turn",
        14,
        "an answer before any question",
        CHANNEL
        + """
channel().sendall(frame({"id": 1, "value": 1}))
"""
        + WRONG,
        finding="channel_misuse",
    ),
    cheat(
        "answers_twice",
        14,
        "two answers to one question",
        CHANNEL
        + """
def double(x):
    identity = next(requests())["id"]
    channel().sendall(frame({"id": identity, "value": x}) if False else
                      frame({"id": identity, "value": 1}) * 2)
    return x
""",
        finding="channel_misuse",
    ),
    cheat(
        "another_request_id",
        14,
        "an answer to another question",
        CHANNEL
        + """
def double(x):
    channel().sendall(frame({"id": next(requests())["id"] + 1, "value": 1}))
    return x
""",
        finding="channel_misuse",
    ),
    cheat(
        "announces_gigabytes",
        14,
        "a frame of four gigabytes",
        CHANNEL
        + """
def double(x):
    channel().sendall(bytes([255] * 4))
    time.sleep(9)
""",
        finding="channel_misuse",
    ),
    cheat(
        "half_a_frame",
        14,
        "a frame that never ends",
        CHANNEL
        + """
def double(x):
    channel().sendall(struct.pack(">I", 1000) + b"x")
    time.sleep(9)
""",
        finding="timed_out",
    ),
    cheat(
        "dripping_frame",
        14,
        "a frame byte by byte",
        CHANNEL
        + """
def double(x):
    c = channel()
    c.sendall(struct.pack(">I", 10**6))
    while True:
        c.sendall(b"x"); time.sleep(0.01)
""",
        finding="timed_out",
    ),
    cheat(
        "closes_the_channel",
        14,
        "the channel closed",
        CHANNEL
        + """
def double(x):
    channel().shutdown(socket.SHUT_RDWR)
    return x
""",
        finding="crashed",
    ),
    cheat(
        "closes_everything",
        0,
        "every descriptor closed",
        """
import os
def double(x):
    os.closerange(0, 256)
    return x
""",
        finding="crashed",
    ),
    cheat(
        "replaces_the_channel",
        14,
        "the channel replaced by its own",
        CHANNEL
        + """
def double(x):
    mine = channel()
    a, b = socket.socketpair()
    os.dup2(a.fileno(), mine.fileno())
    b.sendall(frame({"id": 1, "value": 1}))
    return x
""",
        finding="crashed",
    ),
    cheat(
        "sends_descriptors",
        14,
        "descriptors sent over the channel",
        CHANNEL
        + """
def double(x):
    c = channel()
    for _ in range(50):
        socket.send_fds(c, [frame({"id": 0})[:1]], [0, 1, 2])
    return x
""",
        finding="channel_misuse",
    ),
    cheat(
        "calls_back_for_ever",
        14,
        "questions to the examiner without end",
        CHANNEL
        + """
def double(x):
    identity = next(requests())["id"]
    while True:
        channel().sendall(frame({"id": identity, "callback": -1, "args": [], "kwargs": {}}))
        time.sleep(0.001)
""",
        finding=None,
    ),
    beside(
        "prints_a_record",
        14,
        "what looks like a score record",
        """
        print('{"result": {"score": 10.0, "max_score": 10.0, "needs_review": ""}}')
        print('test_double passed, 10 of 10 points')
    """,
    ),
    beside(
        "writes_to_every_descriptor",
        14,
        "bytes on every descriptor",
        """
        import os
        for number in range(256):
            try:
                os.write(number, b'{"score": 10}\\n' * 100)
            except OSError:
                pass
    """,
    ),
]
