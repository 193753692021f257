"""Rows 34-39: hanging, dying, flooding, and taking all there is."""

from __future__ import annotations

from threat import MARK, WRONG, Threat, beside, cheat

NAMED = f"""
import ctypes, os, signal, socket, subprocess, sys, threading, time
def named():
    ctypes.CDLL(None).prctl(15, b"{MARK}", 0, 0, 0)
"""

# row, what it tries, the body of `double`, the finding
CALLS = {
    "loops": (34, "a loop without end", "while True: pass", "timed_out"),
    "loops_in_c": (34, "a loop in C", "sum(iter(int, 1))", "timed_out"),
    "sleeps": (34, "a long sleep", "time.sleep(10**6)", "timed_out"),
    "ignores_signals": (34, "a loop that ignores signals", """
for number in range(1, 65):
    try: signal.signal(number, signal.SIG_IGN)
    except (OSError, ValueError): pass
while True:
    try:
        while True: time.sleep(1)
    except BaseException: pass
""", "timed_out"),
    "stops_itself": (34, "a process that stops itself", """
os.kill(os.getpid(), signal.SIGSTOP); os.kill(0, signal.SIGSTOP); time.sleep(60)
""", "timed_out"),
    "exits": (34, "an exit", "os._exit(0)", "crashed"),
    "sys_exit": (34, "a polite exit", "sys.exit(0)", None),
    "quits": (34, "quit", "quit(); exit()", None),
    "becomes_another": (34, "another program in its place",
                        "os.execv('/bin/true', ['true'])", "crashed"),
    "becomes_sleep": (34, "another program that sleeps",
                      f"os.execv('/bin/sleep', ['{MARK}', '600'])", "timed_out"),
    "kills_itself": (34, "SIGKILL to itself", """
os.kill(os.getpid(), signal.SIGKILL); os._exit(9)
""", "crashed"),
    "kills_parent": (34, "SIGKILL to its parent", """
os.kill(os.getppid(), signal.SIGKILL); os._exit(9)
""", "crashed"),
    "kills_group": (34, "SIGKILL to its group", """
try: os.killpg(0, signal.SIGKILL)
finally: os._exit(9)
""", "crashed"),
    "kills_everybody": (34, "SIGKILL to everybody", """
try: os.kill(-1, signal.SIGKILL)
finally: os._exit(9)
""", "crashed"),
    "kills_each": (34, "SIGKILL to every number", """
for pid in range(2, 50_000):
    try: os.kill(pid, signal.SIGKILL)
    except OSError: pass
os._exit(9)
""", "crashed"),
    "patched_exit": (34, "an exit that does not exit", """
os._exit = lambda status: None
raise SystemExit(1)
""", None),
    "daemon": (35, "a daemon by a double fork", """
if os.fork() == 0:
    os.setsid()
    if os.fork() == 0:
        named()
        for n in range(3): os.close(n)
        while True: time.sleep(1)
    os._exit(0)
return x
""", None),
    "daemon_program": (35, "a program started in a new session", f"""
subprocess.Popen(["{MARK}", "600"], executable="/bin/sleep", start_new_session=True)
return x
""", None),
    "daemon_that_respawns": (35, "daemons that start each other again", """
def live():
    while True:
        if os.fork() == 0:
            named(); os.setsid()
        else:
            time.sleep(0.05)
if os.fork() == 0:
    try: live()
    except OSError: time.sleep(600)
return x
""", None),
    "memory_bomb": (36, "all memory", """
keep = []
while True: keep.append(bytearray(50 * 2**20))
""", None),
    "one_giant_array": (36, "a terabyte at once", """
import numpy as np
return np.ones(2**37)
""", None),
    "memory_of_many": (36, "memory through many processes", """
for _ in range(40):
    if os.fork() == 0:
        named()
        keep = [bytearray(20 * 2**20) for _ in range(20)]
        time.sleep(60)
time.sleep(60)
""", None),
    "unmapped_memory": (36, "memory that is not mapped", """
keep = []
for number in range(200):
    f = os.memfd_create("x"); os.write(f, bytes(50 * 2**20)); keep.append(f)
time.sleep(60)
""", None),
    "shared_memory": (36, "shared memory", """
libc = ctypes.CDLL(None, use_errno=True)
libc.shmat.restype = ctypes.c_void_p; libc.shmdt.argtypes = [ctypes.c_void_p]
for _ in range(100):
    number = libc.shmget(0, 100 * 2**20, 0o1600)
    if number < 0: raise OSError
    place = libc.shmat(number, None, 0)
    ctypes.memset(place, 1, 100 * 2**20); libc.shmdt(place)
""", None),
    "fork_bomb": (36, "a fork bomb", """
named()
while True:
    try: os.fork()
    except OSError: pass
""", "timed_out"),
    "fork_bomb_that_answers": (36, "a fork bomb whose children answer", """
for _ in range(5):
    os.fork()
return x
""", None),
    "thread_bomb": (36, "threads without end", """
try:
    while True: threading.Thread(target=time.sleep, args=(60,), daemon=True).start()
except RuntimeError: pass
return x
""", None),
    "fills_disks": (36, "full disks", f"""
for folder in ("/tmp", "/dev/shm", "/home", "/scratch"):
    try:
        for number in range(1000):
            with open(f"{{folder}}/{MARK}{{number}}", "wb") as file:
                file.write(bytes(20 * 2**20))
    except OSError: pass
return x
""", None),
    "one_giant_file": (36, "a giant file", f"""
with open("/tmp/{MARK}", "wb") as file:
    while True: file.write(bytes(2**24))
""", None),
    "a_million_files": (36, "a million files", f"""
for number in range(10**6):
    open(f"/tmp/{MARK}{{number}}", "w").close()
""", None),
    "all_descriptors": (36, "descriptors without end", """
keep = []
try:
    while True: keep.append(os.pipe())
except OSError: pass
return x
""", None),
    "sockets": (36, "sockets full of bytes", """
keep = []
try:
    while True:
        pair = socket.socketpair(); keep.append(pair); pair[0].setblocking(False)
        try:
            while True: pair[0].send(bytes(65536))
        except BlockingIOError: pass
except OSError: pass
return x
""", None),
    "timers": (36, "timers without end", """
libc = ctypes.CDLL(None)
for _ in range(2000):
    libc.timer_create(1, None, ctypes.byref(ctypes.c_void_p()))
return x
""", None),
    "null_pointer": (39, "a null pointer", "ctypes.string_at(0)", "crashed"),
    "overflowing_stack": (39, "a stack that overflows", """
sys.setrecursionlimit(10**9)
def f(n): return [f(n + 1)]
return f(0)
""", None),
    "aborts": (39, "an abort in a library", "ctypes.CDLL(None).abort()", "crashed"),
    "frees_twice": (39, "memory that is freed twice", """
libc = ctypes.CDLL(None)
libc.malloc.restype = ctypes.c_void_p; libc.free.argtypes = [ctypes.c_void_p]
p = libc.malloc(10**6); libc.free(p); libc.free(p); os._exit(0)
""", "crashed"),
    "overwrites_itself": (39, "an interpreter that is overwritten", """
ctypes.memset(id(None), 255, 16); ctypes.memset(id(True), 0, 32)
os._exit(0)
""", "crashed"),
    "locks": (34, "a lock that is never free", """
lock = threading.Lock(); lock.acquire(); lock.acquire()
""", "timed_out"),
    "waits_for_input": (34, "input from a terminal",
                        "sys.stdin.read(); os.read(0, 1); return x", None),
    "prints_for_ever": (37, "output without end", """
while True: print("x" * 10**5)
""", "timed_out"),
    "writes_for_ever": (37, "output without end on the descriptor", """
while True: os.write(1, b"x" * 10**6)
""", None),
}  # fmt: skip

# row, what it tries, a cell, the finding
CELLS = {
    "cell_loops": (34, "a cell without end", "while True: pass", "timed_out"),
    "cell_exits": (34, "a cell that exits", "import os; os._exit(0)", "crashed"),
    "cell_prints": (37, "a cell that prints without end", """
while True: print("x" * 10**5)
""", "timed_out"),
    "long_line": (37, "20 MB on one line", "print('x' * 20 * 2**20)", "too_much_output"),
    "many_lines": (37, "a million lines", "print('x\\n' * 10**6)", "too_much_output"),
    "program_output": (37, "a program that prints 20 MB", """
import subprocess
subprocess.run(["head", "-c", "20000000", "/dev/zero"])
""", "too_much_output"),
    "many_pictures": (37, "hundreds of pictures", """
import base64
png = base64.b64decode("iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk"
                       "+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==")
for _ in range(10_000):
    display({"image/png": png}, raw=True)
""", "too_much_output"),
    "clears_for_ever": (37, "outputs that are cleared without end", """
from IPython.display import clear_output
while True:
    print("x" * 1000); clear_output()
""", "timed_out"),
    "giant_repr": (37, "an object that prints 50 MB", """
class Big:
    def __repr__(self): return "x" * 50 * 2**20
Big()
""", "too_much_output"),
    "repr_loops": (37, "an object that prints for ever", """
class Endless:
    def __repr__(self):
        while True: pass
Endless()
""", "timed_out"),
    "error_loops": (34, "an error whose text never ends", """
class Endless(Exception):
    def __str__(self):
        while True: pass
raise Endless
""", "timed_out"),
    "error_exits": (34, "an error whose text exits", """
import os
class Exit(Exception):
    def __str__(self): os._exit(0)
raise Exit
""", "crashed"),
    "open_figures": (37, "hundreds of open figures", """
import warnings
import matplotlib.pyplot as plt
warnings.simplefilter("ignore")
for _ in range(200): plt.figure(figsize=(1, 1))
""", None),
    "giant_figure": (37, "a figure of a terabyte", """
import matplotlib.pyplot as plt
plt.figure(figsize=(10**4, 10**4)); plt.show()
""", None),
}  # fmt: skip


def _call(name: str, row: int, tries: str, body: str, finding: str | None) -> Threat:
    lines = "\n".join(f"    {line}" for line in body.strip().split("\n"))
    code = f"{NAMED}\ndef double(x):\n{lines}\n"
    returns_input = body.strip().endswith("return x")
    wins_two = returns_input and name not in _LOSES_INPUT
    deserved = 7.0 if wins_two else 5.0
    return cheat(name, row, tries, code, deserved=deserved, finding=finding)


_LOSES_INPUT = {"fork_bomb_that_answers"}


def _cell(name: str, row: int, tries: str, code: str, finding: str | None) -> Threat:
    # right answers beside it keep what they are worth
    answers = {"answer": f"answer = 'x'\n{code}"}
    return Threat(name, row, tries, 8.0, finding, answers)


def _slow_cells(notebook: dict) -> None:
    empty = {"cell_type": "code", "metadata": {}, "outputs": []}
    cell = {**empty, "source": "import time\ntime.sleep(1.9)"}
    notebook["cells"][3:3] = [cell] * 400


def _hanging_cells(notebook: dict) -> None:
    empty = {"cell_type": "code", "metadata": {}, "outputs": []}
    notebook["cells"] += [{**empty, "source": "while True: pass"}] * 20


THREATS = [
    *(_call(name, *rest) for name, rest in CALLS.items()),
    *(_cell(name, *rest) for name, rest in CELLS.items()),
    beside("late_thread", 34, "a thread that kills later", """
import os, threading
threading.Timer(0.3, os._exit, (0,)).start()
"""),
    Threat("slow_cells", 38, "four hundred cells that each use their time", 0.0,
           "timed_out", change=_slow_cells, lab="weak", slow=True),
    Threat("hanging_cells", 38, "twenty cells without end after right answers", 10.0,
           "timed_out", change=_hanging_cells, slow=True),
    Threat("dies_as_it_is_made", 34, "an answer that exits as its cell runs", 5.0,
           "crashed", {"double": "import os\nos._exit(0)" + WRONG}),
    Threat("hangs_in_each_test", 34, "every function hangs", 2.0, "timed_out",
           {"double": "def double(x):\n    while True: pass",
            "smooth": "def smooth(x):\n    while True: pass"}),
]  # fmt: skip
