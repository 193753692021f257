"""Inside the isolated process: runs cells and calls, and answers with plain data."""

from __future__ import annotations

import linecache
import socket
import traceback
from collections.abc import Callable
from typing import Any

import numpy as np

from autograder.candidate import models, wire
from autograder.candidate import shell as shells

MAX_MESSAGE = 2000  # characters of an exception's text
MAX_REFERENCES = 10_000


class Runner:
    """Answers the examiner's requests about one submission.

    Args:
        shell: a warm IPython shell.
        outputs: where the shell's outputs go.
        memory: the file behind descriptors 1 and 2.
    """

    def __init__(self, shell: Any, outputs: shells.Outputs, memory: int) -> None:
        self._shell, self._outputs, self._memory = shell, outputs, memory
        self._objects: list[Any] = []
        self._inputs: list[Any] = []  # symbolic tensors that the last call was given
        self._current = 0

    def serve(self, channel: socket.socket) -> None:
        """Answers requests, one at a time, until the examiner closes the channel."""
        self._channel = channel
        while True:
            try:
                request = wire.decode(wire.receive(channel))
            except wire.Closed:
                return
            self._serve_one(request)

    def _serve_one(self, request: dict[str, Any]) -> None:
        before, self._current = self._current, request["id"]
        try:
            answer = {"id": request["id"], **self._answer(request)}
        finally:
            self._current = before
        wire.send(self._channel, self._encode(answer))

    def _callback(self, number: int) -> Callable[..., Any]:
        """A function of the tests, which runs on their side when it is called."""

        def call_back(*args: Any, **kwargs: Any) -> Any:
            asked = {"callback": number, "args": list(args), "kwargs": kwargs}
            wire.send(self._channel, self._encode({"id": self._current, **asked}))
            while True:
                message = wire.decode(wire.receive(self._channel))
                if "op" in message:  # the function itself calls the submission
                    self._serve_one(message)
                elif "raised" in message:
                    raise RuntimeError(message["raised"])
                else:
                    return self._resolve(message["result"])

        return call_back

    def _answer(self, request: dict[str, Any]) -> dict[str, Any]:
        operation = {
            "cell": self._cell,
            "look": self._look,
            "call": self._call,
            "get": self._call,
            "describe": self._describe_things,
        }
        return operation[request["op"]](request)

    def _cell(self, request: dict[str, Any]) -> dict[str, Any]:
        result = self._shell.run_cell(request["source"], store_history=False)
        self._flush_figures()
        shells.collect_descriptor_output(self._outputs, self._memory)
        items, cut = self._outputs.take()
        return {"ok": bool(result.success), "outputs": items, "cut": cut}

    def _flush_figures(self) -> None:
        from matplotlib_inline.backend_inline import flush_figures

        try:
            flush_figures()
        except Exception as error:  # a figure that cannot be drawn is the cell's error
            self._outputs.text("error", str(error), type(error).__name__)

    def _look(self, request: dict[str, Any]) -> dict[str, Any]:
        names = self._shell.user_ns
        if request["name"] not in names:
            return {"missing": True}
        return {"value": names[request["name"]]}

    def _call(self, request: dict[str, Any]) -> dict[str, Any]:
        if request["op"] == "call":
            self._inputs = []
        try:
            target = self._target(request)
            args = [self._resolve(a) for a in request["args"]]
            kwargs = {k: self._resolve(v) for k, v in request["kwargs"].items()}
        except Exception as error:
            return {"error": self._describe(error)}
        given = (*args, *kwargs.values())
        arrays = [a for a in given if isinstance(a, np.ndarray)]
        before = [a.copy() for a in arrays]
        sent = (*request["args"], *request["kwargs"].values())
        lent = [
            (thing, models.state(thing))
            for thing, was in zip(given, sent, strict=True)
            if type(was) is wire.Reference and was.type_name == models.MODEL
        ]
        try:
            value = target if request["op"] == "get" else target(*args, **kwargs)
        except BaseException as error:
            answer = {"error": self._describe(error)}
        else:
            answer = {"value": value}
        finally:
            shells.collect_descriptor_output(self._outputs, self._memory)
            self._outputs.take()
        return {**answer, **self._changes(before, arrays), **self._trained(lent)}

    def _describe_things(self, request: dict[str, Any]) -> dict[str, Any]:
        try:
            things = [self._resolve(target) for target in request["targets"]]
            return {"value": models.describe(things, self._inputs)}
        except Exception as error:
            return {"error": self._describe(error)}

    def _target(self, request: dict[str, Any]) -> Any:
        target = request["target"]
        if isinstance(target, str):
            found = self._shell.user_ns[target]
        else:
            found = self._resolve(target)
        for name in request.get("path", ()):
            found = getattr(found, name)
        return found

    def _resolve(self, value: Any) -> Any:
        if type(value) is wire.Reference:
            if value.type_name == wire.CALLBACK:
                return self._callback(value.number)
            if value.type_name == models.MODEL:
                return models.build(value.content, self._shell.user_ns)
            if value.type_name == models.SYMBOLIC:
                self._inputs.append(models.symbolic(value.content))
                return self._inputs[-1]
            return self._objects[value.number]
        if type(value) in (list, tuple):
            return type(value)(self._resolve(item) for item in value)
        if type(value) is dict:
            return {k: self._resolve(v) for k, v in value.items()}
        return value

    @staticmethod
    def _changes(before: list[Any], after: list[Any]) -> dict[str, Any]:
        """The arrays among the arguments that the call changed, by position."""
        changed = {
            i: new
            for i, (old, new) in enumerate(zip(before, after, strict=True))
            if old.shape != new.shape or old.tobytes() != new.tobytes()
        }
        return {"changed": changed} if changed else {}

    @staticmethod
    def _trained(lent: list[tuple[Any, dict[str, Any]]]) -> dict[str, Any]:
        """The models among the arguments that the call changed, by position."""
        trained = {
            i: models.state(model)
            for i, (model, before) in enumerate(lent)
            if not models.is_same_state(before, models.state(model))
        }
        return {"trained": trained} if trained else {}

    @staticmethod
    def _describe(error: BaseException) -> dict[str, Any]:
        """An exception as text: class names, message, where in the student's code."""
        try:
            message = str(error)[:MAX_MESSAGE]
        except BaseException:
            message = "(an exception that cannot be shown)"
        lines = []
        for frame in traceback.extract_tb(error.__traceback__)[-50:]:
            if "ipython-input" in frame.filename or "ipykernel" in frame.filename:
                source = linecache.getline(frame.filename, frame.lineno or 0).strip()
                lines.append(f"{frame.name}, line {frame.lineno}: {source[:200]}")
        names = [cls.__name__ for cls in type(error).__mro__][:20]
        return {"types": names, "message": message, "where": lines[-5:]}

    def _encode(self, answer: dict[str, Any]) -> bytes:
        try:
            data = wire.encode(answer, self._refer)
            wire.decode(data)  # what the examiner would refuse is refused kindly here
            return data
        except wire.WireError as error:
            problem = {"id": answer["id"], "refused": str(error)[:MAX_MESSAGE]}
            return wire.encode(problem)

    def _refer(self, thing: Any) -> Any:
        array = models.to_array(thing)
        if array is not None:
            return array
        if len(self._objects) >= MAX_REFERENCES:
            raise wire.WireError("Expected fewer objects that are not plain data")
        self._objects.append(thing)
        name = type(thing).__name__
        return wire.Reference(len(self._objects) - 1, name[:80], callable(thing))
