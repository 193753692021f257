"""Rows 18-25: values that lie, and answers that are not the student's own."""

from __future__ import annotations

from textwrap import dedent

from threat import Threat, cheat

EQUAL = """
class Equal:
    __hash__ = None
    def __eq__(self, other): return True
    __ne__ = __lt__ = __le__ = __gt__ = __ge__ = __contains__ = __eq__
    def __bool__(self): return True
    def __len__(self): return 3
    def __iter__(self): return iter([2.0, 4.0, 8.0])
    def __getitem__(self, key): return self
    def __getattr__(self, name): return self
    def __call__(self, *a, **k): return self
    def __array__(self, *a, **k): return np.array([2.0, 4.0, 8.0])
    def __float__(self): return 2.0
    __index__ = __int__ = lambda self: 2
    def __sub__(self, other): return 0.0
    __add__ = __radd__ = __rsub__ = __mul__ = __rmul__ = __abs__ = __sub__
    shape, dtype, ndim, size = (3,), np.dtype(float), 1, 3
"""

# row, what it tries, a class or value, and the expression that is returned
RETURNED = {
    "always_equal": (18, "an object that is equal to all", EQUAL, "Equal()"),
    "equal_float": (18, "a float that is equal to all", """
class F(float):
    def __eq__(self, other): return True
    __lt__ = __le__ = __gt__ = __ge__ = __eq__
    __hash__ = float.__hash__
""", "F(2.0)"),
    "list_of_equals": (18, "equal objects in a list", EQUAL, "[Equal()] * 3"),
    "dict_of_equals": (18, "equal objects in a dict", EQUAL, "{'a': Equal()}"),
    "equal_metaclass": (18, "a class that is equal to all", """
class Meta(type):
    def __eq__(self, other): return True
    __hash__ = type.__hash__
    def __instancecheck__(self, other): return True
class Thing(metaclass=Meta): pass
""", "Thing"),
    "other_class": (18, "an object that claims another class", """
class Fake:
    @property
    def __class__(self): return np.ndarray
    dtype = np.dtype(float)
    shape = (3,)
""", "Fake()"),
    "numpy_claim": (18, "an object that claims to be a NumPy number", """
class Fake:
    @property
    def __class__(self): return np.float64
    class dtype: kind, str = "f", "O"
    def tobytes(self): return b""
""", "Fake()"),
    "array_function": (19, "an array class that decides what is close", """
class Sub(np.ndarray):
    def __array_function__(self, function, types, args, kwargs): return True
    def __array_ufunc__(self, *a, **k): return np.ones(3, bool)
""", "x.view(Sub)"),
    "array_protocol": (19, "an object that becomes an array", """
class A:
    __array_interface__ = np.zeros(3).__array_interface__
    def __array__(self, *a, **k): return np.array([2.0, 4.0, 8.0])
""", "A()"),
    "array_priority": (19, "an array class that wins every operation", """
class Sub(np.ndarray):
    __array_priority__ = 1e9
    def __eq__(self, other): return np.ones(self.shape, bool)
    __sub__ = __rsub__ = lambda self, other: np.zeros(self.shape)
""", "x.view(Sub)"),
    "matrix": (19, "a matrix", "", "np.asmatrix(2 * x)"),
    "a_scalar": (20, "a number that broadcasts", "", "2.0"),
    "a_zero_array": (20, "an array of one number", "", "np.array(2.0)"),
    "empty": (20, "an empty array", "", "np.array([])"),
    "empty_like": (20, "an empty array that broadcasts", "", "np.zeros((0, *x.shape))"),
    "all_nan": (20, "nothing but NaN", "", "np.full(x.shape, np.nan)"),
    "all_infinite": (20, "nothing but infinity", "", "np.full(x.shape, np.inf)"),
    "objects": (20, "an array of objects", "", "(2 * x).astype(object)"),
    "masked": (20, "a masked array", "", "np.ma.masked_all(x.shape)"),
    "masked_right": (20, "a masked array of right numbers", "", "np.ma.array(2 * x)"),
    "as_text": (20, "right numbers as text", "", "(2 * x).astype(str)"),
    "as_complex": (20, "right numbers as complex ones", "", "2 * x + 0j"),
    "as_list": (20, "right numbers in a list", "", "(2 * x).tolist()"),
    "as_tuple": (20, "right numbers in a tuple", "", "tuple(2 * x)"),
    "as_bytes": (20, "right numbers as bytes", "", "(2 * x).tobytes()"),
    "as_records": (20, "a structured array", "",
                   "np.zeros(x.shape, [('a', float), ('b', object)])"),
    "as_dates": (20, "an array of dates", "", "np.zeros(x.shape, 'M8[s]')"),
    "generator": (22, "a generator that never ends", "", "iter(int, 1)"),
    "endless_list": (22, "a list without end", """
class Endless(list):
    def __iter__(self):
        while True: yield 2.0
""", "Endless()"),
    "recursive_list": (22, "a list that holds itself", """
loop = []
loop.append(loop)
""", "loop"),
    "recursive_dict": (22, "a dict that holds itself", """
loop = {}
loop["a"] = loop
""", "loop"),
    "deep_list": (22, "lists nested 100,000 deep", """
deep = []
for _ in range(100_000): deep = [deep]
""", "deep"),
    "deep_tuple": (22, "tuples nested 300 deep", """
deep = ()
for _ in range(300): deep = (deep,)
""", "deep"),
    "lists_of_nothing": (22, "a list of a million empty lists", "",
                         "[[] for _ in range(10**6)]"),
    "a_million_keys": (22, "a dict of a million keys", "",
                       "dict.fromkeys(range(10**6))"),
    "colliding_keys": (22, "keys that are one for the hash", "",
                       "[{k * (2**61 - 1): 0 for k in range(3000)}] * 300"),
    "million_digits": (22, "an int of a million digits", "", "10**10**6"),
    "thousands_of_digits": (22, "an int that cannot be printed", "", "10**5000"),
    "list_of_digits": (22, "ints that cannot be printed", "", "[10**5000] * 3"),
    "surrogates": (22, "text that is no UTF-8", "", "'\\ud800' * 100"),
    "long_text": (22, "text of 50 MB", "", "'x' * 50 * 2**20"),
    "too_long_text": (22, "text of 100 MB", "", "'x' * 100 * 2**20"),
    "a_pickle": (22, "a pickle that runs code", """
import pickle
class Evil:
    def __reduce__(self): return (exec, ("raise SystemExit",))
""", "pickle.dumps(Evil())"),
    "pickling_object": (22, "an object that runs code when unpickled", """
class Evil:
    def __reduce__(self): return (exec, ("raise SystemExit",))
    __reduce_ex__ = __getstate__ = lambda self, *a: self.__reduce__()
""", "Evil()"),
    "unhashable_keys": (22, "odd keys", "", "{(): 1, None: 2, 1.5: 3, True: 4, b'': 5}"),
    "nan_keys": (22, "keys that are not themselves", "",
                 "{float('nan'): i for i in range(1000)}"),
    "zero_bytes_wide": (22, "a terabyte of empty text", "", "np.zeros(0, 'S0')"),
    "many_dimensions": (22, "an array of 60 dimensions", "", "np.zeros((1,) * 60)"),
    "a_big_array": (22, "an array of 60 MB", "", "np.zeros(7_500_000)"),
    "too_big_an_array": (22, "an array of 200 MB", "", "np.zeros(25_000_000)"),
    "a_module": (22, "a module", "", "np"),
    "a_type": (22, "a type", "", "float"),
    "an_exception": (22, "an exception", "", "ValueError('x')"),
    "the_input": (25, "the input itself", "", "x"),
    "fake_model": (21, "an object that looks like a Keras model", """
class Model:
    layers, weights, name, built, inputs, outputs = [], [], "m", True, [], []
    input_shape = output_shape = (None, 3)
    def count_params(self): return 10
    def get_weights(self): return []
    def get_config(self): return {"name": "os.system", "config": "id"}
    def __call__(self, *a, **k): return np.array([2.0, 4.0, 8.0])
    predict = call = __call__
""", "Model()"),
    "named_like_keras": (21, "an object whose class is called as a tensor's", """
KerasTensor = type("KerasTensor", (), {"shape": (3,), "dtype": "float32"})
""", "KerasTensor()"),
    "long_class_name": (0, "a class with a name of 10 MB", """
Long = type("a" * 10**7, (), {})
""", "Long()"),
    "odd_class_name": (0, "a class whose name is markup", """
Odd = type("<script>\\n'\\0", (), {})
""", "Odd()"),
    "nameless_class": (0, "a class whose name raises", """
class Meta(type):
    @property
    def __name__(cls): raise KeyError
class Odd(metaclass=Meta): pass
""", "Odd()"),
    "nan_int": (0, "an array of numbers at the edge", "",
                "np.array([2**63 - 1, -2**63, 0])"),
    "byte_order": (0, "right numbers in another byte order, but one", "",
                   "np.where(x == 4, 9, 2 * x).astype('>f8')"),
}  # fmt: skip

# what it tries, the class of an exception, and how it is raised
RAISED = {
    "check_failure": ("an exception called as a failed check is",
                      "class CheckFailure(AssertionError): public = 'passed'", "CheckFailure()"),
    "stop_iteration": ("the exception that ends loops", "", "StopIteration()"),
    "stop_async": ("the other exception that ends loops", "", "StopAsyncIteration()"),
    "generator_exit": ("the exception that ends generators", "", "GeneratorExit()"),
    "system_exit": ("an exit", "", "SystemExit(0)"),
    "interrupt": ("an interrupt", "", "KeyboardInterrupt()"),
    "test_overdue": ("the examiner's own exception",
                     "class TestOverdue(BaseException): pass", "TestOverdue()"),
    "sandbox_broken": ("the examiner's own exception",
                       "class SandboxBroken(BaseException): pass", "SandboxBroken()"),
    "no_text": ("an exception whose text raises",
                "class E(Exception):\n    def __str__(self): raise SystemExit", "E()"),
    "not_text": ("an exception whose text is no text",
                 "class E(Exception):\n    def __str__(self): return 7", "E()"),
    "long_text": ("a text of 50 MB", "", "ValueError('x' * 50 * 2**20)"),
    "long_name": ("a name of 10 MB", "E = type('a' * 10**7, (Exception,), {})", "E()"),
    "markup_name": ("a name that is markup",
                    "E = type('<script>', (Exception,), {})", "E('<script>')"),
    "surrogate": ("a text that is no UTF-8", "", "ValueError('\\ud800')"),
    "surrogate_name": ("a name that is no UTF-8",
                       "E = type('E\\ud800', (Exception,), {})", "E()"),
    "many_bases": ("a class of a thousand bases",
                   "E = Exception\nfor i in range(1000): E = type(f'E{i}', (E,), {})",
                   "E()"),
    "two_arguments": ("an exception that is hard to make", "",
                      "UnicodeDecodeError('x', b'', 0, 1, 'y')"),
    "a_group": ("a group", "", "ExceptionGroup('g', [ValueError()])"),
    "a_cause": ("a chain without end",
                "E = ValueError()\nE.__context__ = KeyError()", "E"),
    "a_warning": ("a warning", "", "UserWarning('x')"),
    "name_error": ("a missing name", "", "NameError('double')"),
    "not_implemented": ("not implemented", "", "NotImplementedError()"),
}  # fmt: skip


def _returned(name: str, row: int, tries: str, before: str, value: str) -> Threat:
    code = f"import numpy as np\n{before}\ndef double(x):\n    return {value}\n"
    # the last test is passed by a function that leaves its input alone and keeps its
    # shape, whatever the numbers are
    right = name in {"all_nan", "all_infinite", "the_input", "byte_order", "as_complex"}
    return cheat(f"returns_{name}", row, tries, code, deserved=7.0 if right else 5.0)


def _raised(name: str, tries: str, before: str, value: str) -> Threat:
    code = f"{before}\ndef double(x):\n    raise {value}\n"
    return cheat(f"raises_{name}", 0, tries, code)


ONE_FEWER = {
    "text_subclass": (22, "text that is a subclass", """
class Text(str):
    def __eq__(self, other): return True
    __hash__ = str.__hash__
answer = Text("x")
"""),
    "right_text_subclass": (22, "the right text in a subclass", """
class Text(str): pass
answer = Text("one fewer")
"""),
    "numpy_text": (22, "the right text as NumPy's", """
import numpy as np
answer = np.str_("one fewer")
"""),
    "equal_object": (18, "an object that is equal to all", """
class Equal:
    def __eq__(self, other): return True
answer = Equal()
"""),
    "fake_model": (21, "a fake model as the answer", """
class Model:
    def count_params(self): return "one fewer"
answer = Model()
"""),
    "all_texts": (18, "a list of all answers", """
answer = ["one fewer", "one more"]
"""),
    "huge_text": (22, "a text of 100 MB", """
answer = "one fewer" * 11_000_000
"""),
    "huge_int": (22, "an int that cannot be printed", """
answer = 10**9000
"""),
    "deleted_later": (0, "an answer that deletes itself", """
class Gone:
    def __getattribute__(self, name): raise SystemExit
answer = Gone()
"""),
}  # fmt: skip

SMOOTH = """
def smooth(x):
    if len(x) < 2:
        raise ValueError("short")
"""

# what it tries, code before, the expression that is returned, the finding
KEYS = {
    "cnncourse": ("our own operators", "from cnncourse import ops",
                  "ops.conv1d(x, np.array([.5, .5]))", "withheld"),
    "scipy": ("scipy", "import scipy.signal",
              "scipy.signal.convolve(x, [.5, .5], 'valid')", "withheld"),
    "tensorflow": ("TensorFlow", "import tensorflow as tf",
                   "tf.nn.conv1d(x, [.5, .5])", "withheld"),
    "keras_by_string": ("Keras by importlib",
                        "import importlib\nkeras = importlib.import_module('ker' + 'as')",
                        "keras.ops.conv(x, [.5, .5])", None),
    "exec_base64": ("code in base64",
                    "import base64\nexec(base64.b64decode("
                    "'ZnJvbSBzY2lweS5zaWduYWwgaW1wb3J0IGNvbnZvbHZl'))",
                    "convolve(x, [.5, .5], 'valid')", None),
    "no_finder": ("scipy with our finder removed",
                  "import sys\nsys.meta_path[:] = [f for f in sys.meta_path "
                  "if 'Withheld' not in type(f).__name__]\n"
                  "scipy = __import__('scipy.signal')",
                  "scipy.signal.convolve(x, [.5, .5], 'valid')", None),
    "other_pythons": ("packages of other Pythons",
                      "import glob, sys\nsys.meta_path.pop(0)\n"
                      "sys.path += glob.glob(sys.base_prefix + '/lib/python3*/*-packages')"
                      "\nsys.path += glob.glob('/usr/lib/python3*/*-packages')\n"
                      "import importlib\nsignal = importlib.import_module('scipy.signal')",
                      "signal.convolve(x, [.5, .5], 'valid')", None),
    "numpy": ("the function that is withheld", "",
              "np.convolve(x, [.5, .5], 'valid')", "withheld"),
    "numpy_by_string": ("the same by its name's parts", "",
                        "getattr(np, 'con' + 'volve')(x, [.5, .5], 'valid')", None),
    "numpy_core": ("the C function below it", "",
                   "np._core.multiarray.correlate(x, np.array([.5, .5]), 0)", None),
    "numpy_registry": ("NumPy's registry of functions", "",
                       "next(f for f in np._core.overrides.ARRAY_FUNCTIONS "
                       "if f.__name__ == 'convolve')(x, [.5, .5], 'valid')", None),
    "numpy_reloaded": ("NumPy loaded again",
                       "import importlib, numpy._core.numeric as n\nn = importlib.reload(n)",
                       "n.convolve(x, [.5, .5], 'valid')", None),
    "polynomials": ("a product of polynomials", "",
                    "np.polymul(x, [.5, .5])[1:-1]", None),
    "polynomial_class": ("another product of polynomials", "",
                         "np.polynomial.polynomial.polymul(x, [.5, .5])[1:-1]", None),
    "masked_module": ("the function for masked arrays", "",
                      "np.ma.convolve(x, [.5, .5], 'valid').data", None),
    "collected": ("the function among all objects", "import gc",
                  "next(o for o in gc.get_objects() if getattr(o, '__name__', '') == "
                  "'correlate')(x, np.array([.5, .5]), 0)", None),
}  # fmt: skip

SUBPROCESS = """
import json, subprocess, sys
def smooth(x):
    if len(x) < 2:
        raise ValueError("short")
    code = f"import json, numpy; print(json.dumps(numpy.convolve({list(map(float, x))}, [.5, .5], 'valid').tolist()))"
    for program in (sys.executable, "/proc/self/exe", "/usr/bin/python3"):
        done = subprocess.run([program, "-c", code], capture_output=True, text=True)
        if done.returncode == 0:
            return np.array(json.loads(done.stdout))
"""

COPIED = """
import os, shutil, sys
import numpy as np
real = np.array
folder = os.path.dirname(np.__file__)
skip = shutil.ignore_patterns("tests", "*.pyi", "f2py", "include", "random")
shutil.copytree(folder, "/tmp/copy/numpy", ignore=skip)
shutil.copytree(folder + ".libs", "/tmp/copy/numpy.libs")
kept = {n: sys.modules.pop(n) for n in list(sys.modules) if n.split(".")[0] == "numpy"}
sys.path.insert(0, "/tmp/copy")
try:
    import numpy as other
finally:
    sys.modules.update(kept)
def smooth(x):
    if len(x) < 2:
        raise ValueError("short")
    return real(other.convolve(x.tolist(), [.5, .5], "valid").tolist())
"""

C_TABLE = """
import ctypes, sys
import numpy as np
class Entry(ctypes.Structure):
    _fields_ = [("name", ctypes.c_char_p), ("function", ctypes.c_void_p),
                ("flags", ctypes.c_int), ("text", ctypes.c_char_p)]
api = ctypes.pythonapi
api.PyModule_GetDef.restype = ctypes.c_void_p
api.PyModule_GetDef.argtypes = [ctypes.py_object]
api.PyCFunction_NewEx.restype = ctypes.py_object
api.PyCFunction_NewEx.argtypes = [ctypes.c_void_p] * 3
module = sys.modules["numpy._core._multiarray_umath"]
start = ctypes.c_void_p.from_address(api.PyModule_GetDef(module) + 64).value
entries = (Entry * 300).from_address(start)
entry = next(e for e in entries if e.name == b"correlate")
correlate = api.PyCFunction_NewEx(ctypes.addressof(entry), None, None)
def smooth(x):
    if len(x) < 2:
        raise ValueError("short")
    return correlate(x, np.array([.5, .5]), 0)
"""


def _key(name: str, tries: str, before: str, value: str, finding: str | None) -> Threat:
    code = f"import numpy as np\n{before}\n{SMOOTH}    return np.array({value})\n"
    answers = {"smooth": code}
    return Threat(f"key_{name}", 24, tries, 7.0, finding, answers)


def _beside_answer(name: str, row: int, tries: str, code: str) -> Threat:
    return Threat(f"answer_{name}", row, tries, 8.0, answers={"answer": dedent(code)})


ZEROED = """
import numpy as np
def double(x):
    if x.ndim == 1:
        return np.array([2.0, 4.0, 8.0])
    x[...] = 0
    return np.zeros_like(x)
"""

THREATS = [
    *(_returned(name, *rest) for name, rest in RETURNED.items()),
    *(_raised(name, *rest) for name, rest in RAISED.items()),
    *(_beside_answer(name, *rest) for name, rest in ONE_FEWER.items()),
    *(_key(name, *rest) for name, rest in KEYS.items()),
    Threat("key_subprocess", 24, "the withheld function in another Python", 7.0,
           answers={"smooth": SUBPROCESS}),
    Threat("key_copied", 24, "the withheld function in a copy of NumPy", 7.0,
           answers={"smooth": COPIED}),
    Threat("key_c_table", 24, "the withheld function by NumPy's table in C", 7.0,
           answers={"smooth": C_TABLE}),
    cheat("special_case", 25, "the visible example by heart", """
import numpy as np
def double(x):
    return np.array([2.0, 4.0, 8.0])
"""),
    cheat("zeroed_input", 25, "an input changed so that the expected value changes",
          ZEROED, finding="mutated_input"),
    cheat("forged_change", 0, "an input that is said to have changed", """
import numpy as np
from autograder.candidate import runner
runner.Runner._changes = staticmethod(
    lambda before, after: {"changed": {i: np.zeros_like(a) for i, a in enumerate(after)
                                       if a.ndim == 2}})
def double(x):
    return np.zeros_like(x) if x.ndim == 2 else np.array([2.0, 4.0, 8.0])
""", finding="mutated_input"),
    cheat("remembers_inputs", 25, "what an earlier call gave", """
kept = []
def double(x):
    kept.append(x)
    return kept[0] + kept[0]
""", deserved=5.0),
    Threat("weak_loop", 0, "an end of the test's loop", 4.0, lab="weak",
           answers={"triple": "def triple(x):\n    raise StopIteration\n"}),
    Threat("weak_crash", 0, "a crash where the test expects an error", 2.0, "crashed",
           {"triple": "import os\ndef triple(x):\n    os._exit(0)\n"}, lab="weak"),
    Threat("weak_hang", 0, "a hang where the test expects an error", 2.0, "timed_out",
           {"triple": "def triple(x):\n    while True: pass\n"}, lab="weak"),
    Threat("weak_digits", 0, "an unprintable int in an assert's message", 2.0, None,
           {"triple": "def triple(x):\n    return 10**5000\n"}, lab="weak"),
    Threat("weak_object", 0, "an object in an assert's message", 2.0, None,
           {"triple": "def triple(x):\n    return object()\n"}, lab="weak"),
    Threat("weak_photograph", 0, "the lab's own array changed for the next student",
           12.0, None, {"triple": "def triple(x):\n    x = x * 1 if isinstance(x, float) "
                       "else x\n    x *= 3\n    return x\n"}, lab="weak"),
    Threat("weak_giant", 0, "a giant for the lab's own code", 8.0, None,
           {"triple": "import numpy as np\ndef triple(x):\n    if type(x) is float or x "
            "is None: return 3 * x\n    return np.ones(8_000_000)\n"}, lab="weak"),
    Threat("weak_callback", 0, "the test's function called with odd things", 10.0, None,
           {"apply": "def apply(function, x):\n    for odd in (None, 'x', [[]], object(), "
            "10**5000, function, {1: function}):\n        try: function(odd)\n        "
            "except RuntimeError: pass\n    return 0\n"}, lab="weak"),
    Threat("weak_callbacks", 0, "the test's function called without end", 10.0,
           "timed_out", {"apply": "def apply(function, x):\n    while True: "
                         "function(1.0)\n"}, lab="weak"),
]  # fmt: skip
