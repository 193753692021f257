"""Rows 15-17: the interpreter, IPython and the runner, patched from inside."""

from __future__ import annotations

from threat import beside, cheat

NO_ASSERTS = """
import ast
class NoAsserts(ast.NodeTransformer):
    def visit_Assert(self, node):
        return ast.Pass()
    def visit_Expr(self, node):
        return ast.Pass()
"""

# row, what it tries, code that stands beside a wrong answer
PATCHES = {
    "ast_transformers": (
        15,
        "asserts taken out of every cell",
        NO_ASSERTS
        + """
get_ipython().ast_transformers.append(NoAsserts())
""",
    ),
    "input_transformers": (
        15,
        "every cell's text replaced",
        """
get_ipython().input_transformers_cleanup.append(lambda lines: ["pass\\n"])
""",
    ),
    "run_cell": (
        15,
        "run_cell says that all is well",
        """
from types import SimpleNamespace
shell = get_ipython()
type(shell).run_cell = lambda *a, **k: SimpleNamespace(success=True, result=10)
""",
    ),
    "run_ast_nodes": (
        15,
        "no cell runs",
        """
async def nothing(*a, **k):
    return False
type(get_ipython()).run_ast_nodes = nothing
""",
    ),
    "do_execute": (
        15,
        "a kernel that says ok",
        """
class Kernel:
    def do_execute(self, *a, **k):
        return {"status": "ok"}
get_ipython().kernel = Kernel()
""",
    ),
    "showtraceback": (
        15,
        "errors that are not shown",
        """
shell = get_ipython()
for name in ("showtraceback", "_showtraceback", "showsyntaxerror"):
    setattr(type(shell), name, lambda *a, **k: None)
""",
    ),
    "events": (
        15,
        "a hook after every cell",
        """
def after(*a):
    get_ipython().user_ns.update(double=lambda x: 2)
get_ipython().events.register("post_run_cell", after)
get_ipython().events.register("pre_run_cell", after)
""",
    ),
    "user_namespace": (
        15,
        "a namespace that has every name",
        """
class Everything(dict):
    def __contains__(self, name):
        return True
    def __missing__(self, name):
        return True
get_ipython().user_ns = Everything(get_ipython().user_ns)
""",
    ),
    "numpy_comparisons": (
        16,
        "comparisons that always hold",
        """
import numpy as np
for name in ("allclose", "array_equal", "isclose", "all", "array_equiv", "equal"):
    setattr(np, name, lambda *a, **k: True)
for name in ("assert_allclose", "assert_array_equal", "assert_equal"):
    setattr(np.testing, name, lambda *a, **k: None)
""",
    ),
    "checks": (
        16,
        "checks that always pass",
        """
from cnncourse import checks
import sys
for module in (checks, sys.modules["cnncourse.checks"]):
    for name in ("array", "equal", "raises", "shape", "dtype", "holds", "forbids"):
        setattr(module, name, lambda *a, **k: None)
class Nothing:
    __enter__ = __exit__ = lambda *a: True
checks.unchanged = lambda *a: Nothing()
sys.modules["cnncourse.checks"] = sys.modules["cnncourse"].checks = None
""",
    ),
    "builtins": (
        16,
        "built-in functions that lie",
        """
import builtins
builtins.all = builtins.any = builtins.isinstance = lambda *a: True
builtins.AssertionError = builtins.Exception
builtins.print = builtins.open = lambda *a, **k: None
""",
    ),
    "builtin_import": (
        16,
        "an import that gives other modules",
        """
import builtins, types
builtins.__import__ = lambda name, *a, **k: types.SimpleNamespace(array=print)
""",
    ),
    "builtin_types": (
        16,
        "str, len and type that lie",
        """
import builtins
builtins.len = lambda x: 3
builtins.str = lambda *a: "one fewer"
""",
    ),
    "modules": (
        16,
        "modules that are others",
        """
import sys
class Fake:
    def __getattr__(self, name):
        return lambda *a, **k: True
for name in list(sys.modules):
    if name.startswith(("autograder", "cnncourse", "msgpack", "unittest")):
        sys.modules[name] = Fake()
""",
    ),
    "meta_path": (
        16,
        "an importer of its own",
        """
import sys
class Finder:
    def find_spec(self, *a):
        raise SystemExit
sys.meta_path.insert(0, Finder())
sys.path_hooks.insert(0, Finder)
sys.path.insert(0, "/scratch")
""",
    ),
    "unittest": (
        16,
        "unittest patched",
        """
import unittest
for name in dir(unittest.TestCase):
    if name.startswith("assert"):
        setattr(unittest.TestCase, name, lambda *a, **k: None)
""",
    ),
    "atexit": (
        17,
        "code at exit",
        """
import atexit
atexit.register(lambda: print('{"score": 10}'))
""",
    ),
    "signals": (
        17,
        "signals handled",
        """
import signal
for number in range(1, 65):
    try:
        signal.signal(number, lambda *a: None)
    except (OSError, ValueError):
        pass
signal.setitimer(signal.ITIMER_REAL, 0.001, 0.001)
""",
    ),
    "settrace": (
        17,
        "every line traced",
        """
import sys, threading
def trace(frame, event, argument):
    for name in ("expected", "goal", "passed"):
        if name in frame.f_locals:
            frame.f_locals[name] = True
    return trace
sys.settrace(trace)
threading.settrace(trace)
sys.setprofile(lambda *a: None)
""",
    ),
    "gc_callbacks": (
        17,
        "code at every collection",
        """
import gc
def collect(phase, info):
    for o in gc.get_objects()[-50:]:
        if type(o) is dict and "expected" in o:
            o["expected"] = o["received"]
gc.callbacks.append(collect)
gc.set_threshold(1)
""",
    ),
    "finalizers": (
        17,
        "objects that die loudly",
        """
class Dying:
    def __del__(self):
        raise SystemExit(10)
x = [Dying() for _ in range(100)]
del x
loop = Dying(); loop.self = loop
""",
    ),
    "hooks": (
        17,
        "hooks for errors",
        """
import sys, threading, faulthandler
sys.excepthook = sys.unraisablehook = sys.displayhook = lambda *a: None
threading.excepthook = lambda *a: None
faulthandler.enable()
faulthandler.dump_traceback_later(0.01, repeat=True, file=open("/tmp/trace", "w"))
""",
    ),
    "audit_hook": (
        17,
        "a hook that watches every call",
        """
import sys
seen = []
sys.addaudithook(lambda event, arguments: seen.append(event))
""",
    ),
    "recursion": (
        17,
        "another recursion limit",
        """
import sys
sys.setrecursionlimit(60)
""",
    ),
    "runner_says_value": (
        0,
        "a runner that answers itself",
        """
from autograder.candidate import runner
runner.Runner._call = lambda self, request: {"value": True, "passed": True}
""",
    ),
    "runner_hides_changes": (
        0,
        "a runner that hides changed inputs",
        """
from autograder.candidate import runner
runner.Runner._changes = staticmethod(lambda before, after: {})
""",
    ),
    "runner_says_missing": (
        0,
        "a runner that knows no name",
        """
from autograder.candidate import runner
runner.Runner._look = lambda self, request: {"missing": True} if request["name"] == "double" else {"value": self._shell.user_ns[request["name"]]}
""",
    ),
    "wire_equal": (
        0,
        "a wire that sends objects that are equal to all",
        """
from autograder.candidate import wire
class Equal:
    def __eq__(self, other):
        return True
real = wire.encode
def encode(answer, refer=None):
    if "value" in answer:
        answer["value"] = Equal()
    return real(answer, refer)
wire.encode = encode
""",
    ),
    "source_kept": (
        0,
        "a source that hides what runs",
        """
__lab_source__ = "pass"
def pretend():
    pass
pretend.__lab_source__ = "pass"
""",
    ),
}


# a hidden change of the input is none, as far as anybody can see; the others spoil the
# rest of their own submission
DESERVED = {
    "runner_hides_changes": 7.0,
    "runner_says_value": 2.0,
    "wire_equal": 0.0,
    "input_transformers": 0.0,
    "run_cell": 0.0,
    "run_ast_nodes": 0.0,
    "builtins": 0.0,
}

THREATS = [
    *(
        beside(
            name,
            row,
            tries,
            code,
            deserved=DESERVED.get(name, 5.0),
        )
        for name, (row, tries, code) in PATCHES.items()
    ),
    cheat("reads_frames", 23, "the expected value from the callers' frames", """
import sys
def double(x):
    frame = sys._getframe()
    while frame is not None:
        for values in (frame.f_locals, frame.f_globals):
            for name in ("expected", "goal", "secret", "longer"):
                if name in values:
                    return values[name]
        frame = frame.f_back
    return x
""", deserved=7.0),
    cheat("overwrites_frames", 23, "another expected value in the callers' frames", """
import ctypes, sys
def double(x):
    frame = sys._getframe()
    while frame is not None:
        for name in ("expected", "goal", "received"):
            if name in frame.f_locals:
                frame.f_locals[name] = x
                ctypes.pythonapi.PyFrame_LocalsToFast(
                    ctypes.py_object(frame), ctypes.c_int(0))
        frame = frame.f_back
    return x
""", deserved=7.0),
    cheat("searches_memory", 23, "the expected value among all objects", """
import gc
import numpy as np
def double(x):
    for thing in gc.get_objects():
        if type(thing) is dict and "secret" in thing:
            return thing["secret"] * 2
        if isinstance(thing, np.ndarray) and thing.shape == x.shape and thing is not x:
            if (thing == x + x).all():
                return thing
    return x
""", deserved=7.0),
    cheat("calls_the_test", 23, "the test's functions through the runner", """
def double(x):
    from autograder.examiner import scoring
    return scoring.answer(x)
"""),
]  # fmt: skip
