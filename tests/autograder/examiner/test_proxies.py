"""What a test sees of a submission: values, and objects that are no values."""

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from autograder.candidate import wire
from autograder.examiner import proxies
from autograder.examiner.proxies import Desk, RefusedValue, RemoteObject, StudentError
from autograder.examiner.session import Crashed, Session

SOURCE = """
import numpy as np
number, table = 3, [[1, 2], [3, 4]]

def double(x):
    return 2 * x

def double_in_place(x):
    x *= 2

def strange():
    return {1, 2}

def huge():
    return np.zeros(2**24)

def inside():
    return [1, {2}, {"a": object()}]

def echo(*args, **kwargs):
    return args, kwargs

class Counter:
    def __init__(self, start):
        self.count = start
    def add(self, n=1):
        self.count += n
        return self.count
    def __call__(self):
        return self.count

counter = Counter(5)

class Odd(ValueError):
    pass

def fail(kind, text="the reason"):
    raise {"value": ValueError, "odd": Odd, "key": KeyError, "stop": StopIteration,
           "exit": SystemExit, "unicode": UnicodeError}[kind](text)

def apply(f, *args, **kwargs):
    return f(*args, **kwargs)

def crash():
    import os
    os._exit(0)
"""


@pytest.fixture
def desk(session: Session) -> Desk:
    """A desk whose submission defines all of SOURCE."""
    assert session.run_cell("all", SOURCE) == (True, ())
    return Desk(session, "test_x")


@pytest.fixture
def get(desk: Desk) -> Callable[[str], Any]:
    """What stands for a name of the submission."""

    def fetch(name: str) -> Any:
        defined, value = desk.fetch(name, "source")
        assert defined
        return value

    return fetch


def test_plain_values_come_as_they_are(desk: Desk) -> None:
    assert desk.fetch("number", "") == (True, 3)
    assert desk.fetch("table", "") == (True, [[1, 2], [3, 4]])
    assert desk.fetch("nothing", "") == (False, None)
    assert [(c.name, c.outcome) for c in desk.calls] == [
        ("number", ("read", 3)),
        ("table", ("read", [[1, 2], [3, 4]])),
    ]


def test_functions_come_as_proxies_and_are_called(desk: Desk, get: Any) -> None:
    double = get("double")
    assert isinstance(double, RemoteObject)
    assert repr(double) == "<function in the submission>"
    assert double.__name__ == "double" and double.__lab_source__ == "source"
    assert double(np.arange(3)).tolist() == [0, 2, 4]
    assert double(x="ab") == "abab"
    assert [(c.name, c.kwargs, c.outcome[0]) for c in desk.calls] == [
        ("double", {}, "value"),
        ("double", {"x": "ab"}, "value"),
    ]


def test_arguments_keep_their_types(get: Any) -> None:
    sent = ((1, [2.5, None], {"a": b"b"}), {"k": (True, 1j)})
    assert get("echo")(*sent[0], **sent[1]) == sent


def test_changes_of_arrays_come_back_and_can_be_undone(desk: Desk, get: Any) -> None:
    x = np.arange(3.0)
    assert get("double_in_place")(x) is None
    assert x.tolist() == [0, 2, 4]
    assert desk.calls[0].args[0].tolist() == [0, 1, 2]  # as it was sent
    assert desk.calls[0].outcome[2][0].tolist() == [0, 2, 4]
    assert desk.restore() and x.tolist() == [0, 1, 2]
    assert not desk.restore()


def test_without_writing_back_arrays_stay(session: Session, desk: Desk) -> None:
    strict = Desk(session, "test_x", writes_back=False)
    x = np.arange(3.0)
    strict.fetch("double_in_place", "source")[1](x)
    assert x.tolist() == [0, 1, 2]


def test_an_array_that_cannot_be_written_stays(get: Any) -> None:
    x = np.arange(3.0)
    x.flags.writeable = False
    get("double_in_place")(x)
    assert x.tolist() == [0, 1, 2]


def test_objects_have_state_and_methods(get: Any) -> None:
    counter = get("counter")
    assert type(counter).__name__ == "Counter"
    assert counter.add(2) == 7
    assert counter() == 7
    made = get("Counter")(1)
    assert made.add(n=4) == 5 and made() == 5


OPERATIONS: dict[str, Callable[[Any], Any]] = {
    "bool": bool,
    "not": lambda p: not p,
    "==": lambda p: p == 1,
    "!=": lambda p: p != 1,
    "<": lambda p: p < 1,
    ">=": lambda p: p >= 1,
    "len": len,
    "iter": list,
    "in": lambda p: 1 in p,
    "[]": lambda p: p[0],
    "int": int,
    "float": float,
    "complex": complex,
    "index": lambda p: [1][p],
    "array": np.asarray,
    "allclose": lambda p: np.allclose(p, 1),
    "+": lambda p: p + 1,
    "1 +": lambda p: 1 + p,
    "-": lambda p: p - 1,
    "*": lambda p: 2 * p,
    "/": lambda p: p / 2,
    "@": lambda p: p @ p,
    "**": lambda p: p**2,
    "unary -": lambda p: -p,
    "abs": abs,
    "round": round,
    "str": str,
    "format": lambda p: f"{p}",
}


@pytest.mark.parametrize("name", OPERATIONS)
def test_an_object_is_no_value(get: Any, name: str) -> None:
    message = "Expected plain data from strange: .* an object of type set"
    with pytest.raises(RefusedValue, match=message):
        OPERATIONS[name](get("strange")())


def test_objects_inside_values_are_no_values(get: Any) -> None:
    one, two, three = get("inside")()
    assert one == 1
    with pytest.raises(RefusedValue, match="an object of type set"):
        bool(two)
    with pytest.raises(RefusedValue, match="an object of type object"):
        bool(three["a"])


def test_an_object_can_be_sent_back(get: Any) -> None:
    (same,), _ = get("echo")(get("strange")())
    with pytest.raises(RefusedValue, match="an object of type set"):
        list(same)


def test_an_object_is_lost_when_its_process_ends(get: Any) -> None:
    counter = get("Counter")(1)
    with pytest.raises(Crashed, match="Expected crash to end"):
        get("crash")()
    assert get("double")(2) == 4  # a new process
    with pytest.raises(
        RefusedValue, match="An object of Counter was lost in a restart"
    ):
        counter()


def test_names_outlive_a_restart(get: Any) -> None:
    double = get("double")
    with pytest.raises(Crashed, match="Expected crash to end"):
        get("crash")()
    assert double(2) == 4


@pytest.mark.parametrize(
    ("kind", "expected", "name"),
    [
        ("value", ValueError, "ValueError"),
        ("odd", ValueError, "Odd"),
        ("key", KeyError, "KeyError"),
        ("unicode", UnicodeError, "UnicodeError"),
        ("stop", StudentError, "StopIteration"),
        ("exit", StudentError, "SystemExit"),
    ],
)
def test_errors_are_raised_in_the_test(
    desk: Desk, get: Any, kind: str, expected: type[Exception], name: str
) -> None:
    with pytest.raises(expected, match="the reason") as caught:
        get("fail")(kind)
    error = caught.value
    assert isinstance(error, StudentError) and error.kind == name
    assert error.where[-1].startswith("fail, line ")
    assert not isinstance(error, StopIteration | SystemExit)
    assert desk.calls[-1].outcome[:2] == ("raised", name)


DESCRIBED: dict[str, tuple[Any, str, str]] = {
    "whole": ({"types": ["KeyError"], "message": "k", "where": ["a"]}, "KeyError", "k"),
    "no dict": (None, "Exception", ""),
    "empty": ({}, "Exception", ""),
    "no types": ({"types": [], "message": "m"}, "Exception", "m"),
    "types of numbers": ({"types": [1, None]}, "Exception", ""),
    "no identifier": ({"types": ["a b", "<x>"], "message": 5}, "Exception", ""),
    "a builtin that is no error": ({"types": ["len", "print"]}, "len", ""),
    "with a constructor of its own": (
        *({"types": ["UnicodeDecodeError"]}, "UnicodeDecodeError", ""),
    ),
    "an exit": ({"types": ["SystemExit", "BaseException"]}, "SystemExit", ""),
    "long": ({"types": ["E" * 500], "message": "m" * 5000}, "E" * 80, "m" * 2000),
    "where in numbers": ({"types": ["OSError"], "where": 5}, "OSError", ""),
}


@pytest.mark.parametrize("case", DESCRIBED)
def test_what_a_submission_says_of_its_error_is_not_believed(case: str) -> None:
    described, kind, message = DESCRIBED[case]
    error = proxies.student_error(described)
    assert isinstance(error, StudentError) and isinstance(error, Exception)
    assert (error.kind, error.message, str(error)) == (kind, message, message)
    assert not isinstance(error, SystemExit | KeyboardInterrupt)


def test_a_refused_value_is_an_error_and_a_failed_call(desk: Desk, get: Any) -> None:
    with pytest.raises(RefusedValue, match="huge returned something that is not plain"):
        get("huge")()
    assert desk.calls[-1].outcome == ("failed",)


def test_what_a_test_cannot_send_is_not_the_submissions_fault(
    desk: Desk, get: Any
) -> None:
    with pytest.raises(wire.WireError, match="Received: an object of type set"):
        get("echo")({1, 2})
    assert desk.session.findings == [] and get("double")(2) == 4


def test_a_function_of_the_test_is_called_by_the_submission(get: Any) -> None:
    def power(base: float, exponent: float = 1) -> float:
        return base**exponent

    assert get("apply")(power, 3, exponent=2) == 9
    assert get("apply")(lambda x: x.sum(), np.ones(4)) == 4.0


def test_what_the_tests_function_raises_reaches_the_submission(get: Any) -> None:
    def refuse(_: object) -> None:
        raise ValueError("not this")

    with pytest.raises(RuntimeError, match="ValueError: not this"):
        get("apply")(refuse, 1)


def test_a_function_of_the_test_may_call_the_submission(get: Any) -> None:
    double = get("double")
    assert get("apply")(lambda x: double(x) + 1, 5) == 11
