"""What a test sees of a submission: names that call into the other process."""

from __future__ import annotations

import builtins
from collections.abc import Callable
from dataclasses import dataclass, field
from types import FunctionType
from typing import Any

import numpy as np

from autograder.candidate import models, wire
from autograder.examiner import exchange
from autograder.examiner.models import learn
from autograder.examiner.session import CandidateFailure, SandboxBroken, Session


class StudentError(Exception):
    """The student's code raised; mixed with the built-in class that it raised.

    Args:
        kind: the exception's class name.
        message: its text, which the submission chose.
        where: lines of the student's code, innermost last.
    """

    def __init__(self, kind: str, message: str, where: tuple[str, ...]) -> None:
        super().__init__(message)
        self.kind, self.message, self.where = kind, message, where

    def __str__(self) -> str:
        return self.message


class RefusedValue(Exception):
    """What a function returned could not cross; the text is fit for the student."""


@dataclass(frozen=True)
class Call:
    """A call that a test made, or a value that it read, for the diagnosis.

    Args:
        name: the student's function or value.
        args: copies of the arguments.
        kwargs: copies of the keyword arguments.
        outcome: ("value", value, changed), ("raised", class name, changed), ("read",
            value) or ("failed",); `changed` holds the arguments that were changed:
            arrays by index, and the state of models by "model INDEX".
    """

    name: str
    args: tuple
    kwargs: dict[str, Any]
    outcome: tuple


@dataclass
class Desk:
    """Where proxies hand in their calls during one test cell.

    Args:
        session: the submission's process.
        cell: the test cell's id.
        calls: what has been called so far.
        functions: the test's own functions that the submission may call.
        writes_back: whether arrays of the test change as the submission changes its
            copies of them.
        names: the layers and functions of a Keras lab; None for another lab.
    """

    session: Session
    cell: str
    calls: list[Call] = field(default_factory=list)
    functions: list[Callable[..., Any]] = field(default_factory=list)
    names: dict[str, Any] | None = None
    writes_back: bool = True
    _overwritten: list[tuple[np.ndarray, np.ndarray]] = field(default_factory=list)
    _symbolic: list[Any] = field(default_factory=list)

    def fetch(self, name: str, source: str) -> tuple[bool, Any]:
        """Whether a submission defines a name, and what stands for it in the test."""
        defined, value = self.session.look(name)
        if not defined:
            return False, None
        if type(value) is wire.Reference:
            self._symbolic = []
            rebuilt = self._rebuild(value, name)
            if value.number not in rebuilt.objects:
                why = rebuilt.refusals.get(value.number, "")
                return True, _proxy(self, name, value, source, why)
            self.calls.append(
                Call(name, (), {}, ("read", rebuilt.graphs[value.number]))
            )
            return True, rebuilt.objects[value.number]
        self.calls.append(Call(name, (), {}, ("read", value)))
        return True, value

    def call(self, proxy: RemoteObject, args: tuple, kwargs: dict[str, Any]) -> Any:
        """Calls what a proxy stands for and gives its value or raises its error."""
        target, path, name = _address(proxy)
        plain = all(_is_plain(a) for a in (*args, *kwargs.values()))
        kept = (_copies(args), {k: _copy(v) for k, v in kwargs.items()})
        self._symbolic = []
        request = {
            "target": target,
            "path": path,
            "args": [self._outgoing(a) for a in args],
            "kwargs": {k: self._outgoing(v) for k, v in kwargs.items()},
        }
        outcome: tuple = ("failed",)
        try:
            answer = self.session.call(request, name, self.cell, self._call_back)
            changed = self._write_back(answer.get("changed"), args, kwargs)
            changed |= _train(answer.get("trained"), args, kwargs)
            if "value" in answer:
                value = answer["value"]
                outcome = ("value", value, changed)
                rebuilt = self._rebuild(value, name)
                outcome = ("value", exchange.replace(value, rebuilt.graphs), changed)
                return _incoming(self, value, name, rebuilt)
            if "error" in answer:
                error = student_error(answer["error"])
                outcome = ("raised", error.kind, changed)
                raise error
            raise RefusedValue(
                f"{name} returned something that is not plain data, or too much of it"
            )
        finally:
            if plain and target == name and not path:
                self.calls.append(Call(name, *kept, outcome))

    def _write_back(self, changed: Any, args: tuple, kwargs: dict) -> dict[Any, Any]:
        """Repeats in the test's arrays what the call did to its copies."""
        if not self.writes_back:
            return {}
        done = _changes(changed, args, kwargs)
        for old, new in done.values():
            self._overwritten.append((old, old.copy()))
            old[...] = new
        return {index: new for index, (_, new) in done.items()}

    def restore(self) -> bool:
        """Undoes the changes of the test's arrays; whether there were any.

        They may be the lab's own, which the next submission is tested with.
        """
        found = bool(self._overwritten)
        while self._overwritten:
            array, before = self._overwritten.pop()
            if array.flags.writeable:
                array[...] = before
        return found

    def get(self, proxy: RemoteObject, attribute: str) -> Any:
        """Reads an attribute of what a proxy stands for, in a Keras lab."""
        if attribute in _CLAIMS:
            raise RefusedValue(
                f"Expected of {proxy._name} a model whose layers are Keras's own or "
                f"the lab's: `{attribute}` of another cannot be checked. "
                f"{proxy._why}".rstrip()
            )
        target, path, name = _address(proxy)
        request = {"op": "get", "target": target, "path": [*path, attribute]}
        request |= {"args": [], "kwargs": {}}
        answer = self.session.call(request, name, self.cell, self._call_back)
        if "error" in answer:
            raise student_error(answer["error"])
        value = answer.get("value")
        return _incoming(self, value, name, self._rebuild(value, name))

    def _rebuild(self, value: Any, name: str) -> exchange.Rebuilt:
        """Our own copies of the models in what came; none if it is no Keras lab."""

        def ask(found: list[wire.Reference]) -> Any:
            request = {"op": "describe", "targets": found}
            return self.session.call(request, name, self.cell).get("value")

        value = value if self.names is not None else None
        return exchange.Rebuilt(value, self._symbolic, self.names or {}, ask)

    def _call_back(self, asked: dict[str, Any]) -> dict[str, Any]:
        """Runs a function of the test with what the submission gave it."""
        number, args, kwargs = (asked.get(k) for k in ("callback", "args", "kwargs"))
        try:
            function = self.functions[_index(number, len(self.functions))]
            args, kwargs = _typed(args, list), _typed(kwargs, dict)
            rebuilt = self._rebuild(args, "an argument")
            plain = _incoming(self, args, "an argument", rebuilt)
            value = function(*plain, **kwargs)
            return {"result": self._outgoing(value)}
        except (CandidateFailure, SandboxBroken):
            raise
        except Exception as error:
            return {"raised": f"{type(error).__name__}: {error}"[:500]}

    def _outgoing(self, value: Any) -> Any:
        if isinstance(value, RemoteObject):
            return value._reference
        if isinstance(value, FunctionType):
            self.functions.append(value)
            return wire.Reference(len(self.functions) - 1, wire.CALLBACK, True)
        if models.is_symbolic(value):
            self._symbolic.append(value)
        if models.is_symbolic(value) or models.is_model(value):
            return models.refer(value)
        if (array := models.to_array(value)) is not None:
            return array
        if type(value) in (list, tuple):
            return type(value)(self._outgoing(item) for item in value)
        if type(value) is dict:
            return {k: self._outgoing(v) for k, v in value.items()}
        return value


def _index(number: Any, count: int) -> int:
    if type(number) is not int or not 0 <= number < count:
        raise RefusedValue(f"Expected a function of the test. Received: {number!r}")
    return number


def _typed(value: Any, kind: type) -> Any:
    if type(value) is not kind:
        raise RefusedValue(f"Expected a {kind.__name__}. Received: {value!r}")
    return value


class RemoteObject:
    """An object that stayed in the candidate: it can be called and asked.

    It is no value: comparing it, or using it as one, fails in the test.
    """

    def __init__(self, desk: Desk, name: str, reference: wire.Reference) -> None:
        self.__dict__.update(_desk=desk, _name=name, _reference=reference, _path=())
        self.__dict__["_generation"] = desk.session.generation

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        return self._desk.call(self, args, kwargs)

    def __getattr__(self, name: str) -> Any:
        if name.startswith("__"):
            raise AttributeError(name)
        if self._desk.names is not None:
            return self._desk.get(self, name)
        child = _proxy(self._desk, self._name, self._reference, "")
        child.__dict__["_path"] = (*self._path, name)
        return child

    def __repr__(self) -> str:
        return f"<{type(self).__name__} in the submission>"


def _refuse(operation: str) -> Any:
    def method(self: RemoteObject, *_: Any) -> Any:
        raise RefusedValue(
            f"Expected plain data from {self._name}: numbers, text, lists or NumPy "
            f"arrays. Received: an object of type {type(self).__name__}"
        )

    method.__name__ = f"__{operation}__"
    return method


# What only our own copy of a model may say of itself.
_CLAIMS = {
    *("compute_output_shape", "count_params", "dtype_policy", "get_config"),
    *("get_layer", "get_weights", "input", "input_shape", "inputs", "layers"),
    *("loss", "metrics", "name", "non_trainable_variables", "non_trainable_weights"),
    *("operations", "optimizer", "output", "output_shape", "outputs", "summary"),
    *("to_json", "trainable", "trainable_variables", "trainable_weights"),
    *("variables", "weights"),
}

# Every operation by which Python takes an object for a value. Without these a test
# like `assert answer` would hold for any object.
for _operation in (
    *("bool", "eq", "ne", "lt", "le", "gt", "ge", "len", "iter", "contains", "getitem"),
    *("setitem", "int", "float", "complex", "index", "array", "add", "radd", "sub"),
    *("rsub", "mul", "rmul", "truediv", "rtruediv", "matmul", "rmatmul", "pow", "neg"),
    *("abs", "round", "mod", "floordiv", "format", "str"),
):
    setattr(RemoteObject, f"__{_operation}__", _refuse(_operation))
RemoteObject.__hash__ = object.__hash__  # type: ignore[method-assign]


def _proxy(
    desk: Desk, name: str, reference: wire.Reference, source: str, why: str = ""
) -> RemoteObject:
    """A proxy whose class is called as the object's own class is."""
    label = reference.type_name[:80]
    label = label if label.isidentifier() else "object"
    proxy = type(label, (RemoteObject,), {})(desk, name, reference)
    proxy.__dict__["__name__"] = name
    proxy.__dict__["__lab_source__"] = source
    proxy.__dict__["_by_name"] = bool(source)
    proxy.__dict__["_why"] = why
    return proxy


def _address(proxy: RemoteObject) -> tuple[Any, list[str], str]:
    if proxy.__dict__.get("_by_name"):
        return proxy._name, list(proxy._path), proxy._name
    if proxy._generation != proxy._desk.session.generation:
        raise RefusedValue(f"An object of {proxy._name} was lost in a restart.")
    return proxy._reference, list(proxy._path), proxy._name


def student_error(described: Any) -> StudentError:
    """An exception to raise in the test, from what the candidate says of one.

    Args:
        described: "types" (class names, most derived first), "message", "where".
    Returns:
        A `StudentError` that is also of the first built-in class among `types`.
    """
    plain = described if type(described) is dict else {}
    types = [t[:80] for t in _texts(plain.get("types")) if t.isidentifier()]
    types = types or ["Exception"]
    message = plain.get("message")
    message = message if type(message) is str else ""
    where = tuple(t[:300] for t in _texts(plain.get("where"))[:5])
    known = [getattr(builtins, t, None) for t in types]
    base = next((k for k in known if _is_ordinary_error(k)), None)
    bases: tuple[type, ...] = (StudentError,)
    if isinstance(base, type) and base is not Exception:
        bases = (StudentError, base)
    try:
        made: StudentError = type(types[0], bases, {})(types[0], message[:2000], where)
    except TypeError:  # a built-in with a constructor of its own, UnicodeDecodeError
        made = StudentError(types[0], message[:2000], where)
    return made


def _is_ordinary_error(thing: Any) -> bool:
    if not (isinstance(thing, type) and issubclass(thing, Exception)):
        return False
    # these would end a loop in the test, as if there were nothing more to check
    return not issubclass(thing, StopIteration | StopAsyncIteration)


def _texts(items: Any) -> list[str]:
    return [t for t in items if type(t) is str] if type(items) is list else []


def _incoming(desk: Desk, value: Any, name: str, rebuilt: exchange.Rebuilt) -> Any:
    proxies = {
        r.number: _proxy(desk, name, r, "", rebuilt.refusals.get(r.number, ""))
        for r in exchange.references(value)
        if r.number not in rebuilt.objects
    }
    return exchange.replace(value, {**proxies, **rebuilt.objects})


def _is_plain(value: Any) -> bool:
    if type(value) in (list, tuple):
        return all(_is_plain(item) for item in value)
    if type(value) is dict:
        return all(_is_plain(item) for item in value.values())
    return not isinstance(value, RemoteObject)


def _copy(value: Any) -> Any:
    if type(value) in (list, tuple):
        return type(value)(_copy(item) for item in value)
    if type(value) is dict:
        return {k: _copy(v) for k, v in value.items()}
    if models.is_model(value) or models.is_symbolic(value):
        return models.refer(value)
    return value.copy() if isinstance(value, np.ndarray) else value


def _copies(values: tuple) -> tuple:
    return tuple(_copy(v) for v in values)


def _changes(
    changed: Any, args: tuple, kwargs: dict[str, Any]
) -> dict[Any, tuple[np.ndarray, np.ndarray]]:
    """The arrays of the test that a call changed, each with its new values."""
    arrays = [a for a in (*args, *kwargs.values()) if isinstance(a, np.ndarray)]
    done = {}
    for index, new in changed.items() if type(changed) is dict else ():
        if type(index) is not int or not 0 <= index < len(arrays):
            continue
        old = arrays[index]
        same = type(new) is np.ndarray and (new.shape, new.dtype) == (
            old.shape,
            old.dtype,
        )
        if same and old.flags.writeable:
            done[index] = (old, new)
    return done


def _train(trained: Any, args: tuple, kwargs: dict[str, Any]) -> dict[str, Any]:
    """Repeats in the test's models what the call did to its copies."""
    done = {}
    lent = [a for a in (*args, *kwargs.values()) if models.is_model(a)]
    for index, state in trained.items() if type(trained) is dict else ():
        if type(index) is int and 0 <= index < len(lent) and type(state) is dict:
            learn(lent[index], state)
            done[f"model {index}"] = state
    return done
