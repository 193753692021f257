"""Rows 26-29: learning the tests, reading the machine, leaving messages."""

from __future__ import annotations

from pathlib import Path

from threat import MARK, Threat, cheat, probe

ROOT = Path(__file__).resolve().parents[3]

# row, what must not be possible, the body of a function that is true if it is
PROBES = {
    "history": (26, "the tests in the history", """
shell = get_ipython()
names = [str(v) for k, v in shell.user_ns.items() if k.startswith(("In", "_i", "Out"))]
return any("secret" in text for text in names)
"""),
    "history_file": (26, "the history in a file", """
return any("secret" in str(r) for r in get_ipython().history_manager.get_tail(100))
"""),
    "notebook_file": (26, "a notebook or test in a folder", f"""
for folder in (".", "/home", "/tmp", "/scratch", {str(ROOT)!r}):
    for path in glob.glob(folder + "/**/*.ipynb", recursive=True)[:5]:
        if "site-packages" not in path:
            return True
"""),
    "command_lines": (26, "another process's command line", """
return [p for p in os.listdir("/proc") if p.isdigit()] != [str(os.getpid())]
"""),
    "own_command_line": (26, "the tests in our command line", """
return any(b"secret" in open(p, "rb").read() or b"doubling" in open(p, "rb").read()
           for p in ("/proc/self/cmdline", "/proc/self/environ"))
"""),
    "parent_memory": (26, "the memory of the process it was forked from", """
return open(f"/proc/{os.getppid()}/mem", "rb").read(1)
"""),
    "parents_pid": (26, "a parent", "return os.getppid() != 0"),
    "ptrace": (26, "tracing a process", """
libc = ctypes.CDLL(None, use_errno=True)
pid = os.fork()
if pid == 0:
    time.sleep(1); os._exit(0)
return libc.ptrace(16, pid, 0, 0) == 0
"""),
    "ptrace_me": (26, "being traced", "return ctypes.CDLL(None).ptrace(0, 0, 0, 0) == 0"),
    "process_vm": (26, "another process's memory by system call", """
libc = ctypes.CDLL(None, use_errno=True)
libc.syscall(310, 1, 0, 0, 0, 0, 0)
return ctypes.get_errno() != 1
"""),
    "pidfd_getfd": (26, "another process's descriptors", """
libc = ctypes.CDLL(None, use_errno=True)
libc.syscall(438, -1, 0, 0)
return ctypes.get_errno() != 1
"""),
    "server_memory": (26, "the tests in inherited memory", """
import re
maps = [l.split() for l in open("/proc/self/maps") if "rw-p" in l]
pattern = re.compile(rb"doubling a m[a]trix")  # which this memory does not hold
with open("/proc/self/mem", "rb") as memory:
    for line in maps:
        start, end = (int(n, 16) for n in line[0].split("-"))
        if end - start < 64 * 2**20:
            try:
                memory.seek(start)
                found = pattern.search(memory.read(end - start))
            except (OSError, ValueError):
                continue
            if found:
                return True
"""),
    "core_dump": (26, "a core dump", """
import resource
return resource.getrlimit(resource.RLIMIT_CORE)[1] > 1
"""),
    "tests_imported": (26, "the examiner's modules", """
import autograder.examiner.scoring
return True
"""),
    "lab_source": (27, "the lab's source", f"""
return os.path.lexists({str(ROOT / "solutions")!r}) or os.path.lexists(
    {str(ROOT / "tests")!r}) or os.path.lexists({str(ROOT / "labs")!r})
"""),
    "a_gradebook": (27, "a gradebook or submissions", """
found = []
for folder, folders, files in os.walk("/"):
    if folder.startswith(("/proc", "/usr", "/dev")) or "site-packages" in folder:
        folders.clear()
        continue
    found += [f for f in files + folders if f in (
        "gradebook.db", "submitted", "autograded", "feedback", ".git", ".autograder")]
return found
"""),
    "shadow": (27, "/etc/shadow", "return open('/etc/shadow').read()"),
    "passwd": (27, "/etc/passwd", "return open('/etc/passwd').read()"),
    "hosts_config": (27, "the host's configuration", """
return set(os.listdir("/etc")) - {"ld.so.cache", "localtime", "alternatives"}
"""),
    "root_home": (27, "root's files", """
return [p for p in os.listdir("/root") if not os.path.isdir(f"/root/{p}")
        or p in (".ssh", ".aws", ".config", ".cache", ".jupyter")]
"""),
    "var": (27, "/var, /srv, /mnt, /opt and /run", """
ours = [os.path.realpath(p) for p in [*sys.path, sys.prefix, sys.base_prefix] if p]
return [p for p in ("/var", "/srv", "/mnt", "/run", "/boot", "/sys", "/media")
        if os.path.lexists(p) and not any(o.startswith(p + "/") for o in ours)]
"""),
    "environment": (27, "a variable of the instructor's", """
return [n for n in os.environ if "TOKEN" in n or "SECRET" in n or "KEY" in n
        or n in ("USER", "LOGNAME", "SSH_AUTH_SOCK", "VIRTUAL_ENV", "OLDPWD",
                 "THREAT_SECRET")]
"""),
    "kernel_files": (27, "the kernel's settings", """
return open("/proc/sys/kernel/core_pattern", "w")
"""),
    "host_devices": (27, "a device", """
return set(os.listdir("/dev")) - {"null", "zero", "full", "random", "urandom", "tty",
    "stdin", "stdout", "stderr", "fd", "core", "pts", "ptmx", "shm", "console"}
"""),
    "make_device": (27, "making a device", """
os.mknod("/scratch/sda", 0o60600, os.makedev(8, 0))
return True
"""),
    "key_rings": (27, "the kernel's keys", """
libc = ctypes.CDLL(None, use_errno=True)
return libc.syscall(250, 0, -3, 1) >= 0
"""),
    "kernel_log": (27, "the kernel's log", """
return ctypes.CDLL(None).klogctl(3, ctypes.create_string_buffer(4096), 4096) >= 0
"""),
    "capabilities": (27, "a capability", """
lines = dict(l.split(":\\t") for l in open("/proc/self/status").read().splitlines())
return any(int(lines[n], 16) for n in ("CapInh", "CapPrm", "CapEff", "CapBnd", "CapAmb"))
"""),
    "no_filter": (27, "a process without a filter", """
lines = dict(l.split(":\\t") for l in open("/proc/self/status").read().splitlines())
return lines["Seccomp"] != "2" or lines["NoNewPrivs"] != "1"
"""),
    "new_privileges": (27, "a program that gives rights", """
done = subprocess.run(["su", "-c", "id"], capture_output=True, stdin=subprocess.DEVNULL)
return done.returncode == 0
"""),
    "a_namespace": (27, "a namespace of its own", """
libc = ctypes.CDLL(None, use_errno=True)
return libc.unshare(0x10000000) == 0
"""),
    "a_cloned_namespace": (27, "a child with a namespace of its own", """
libc = ctypes.CDLL(None, use_errno=True)
pid = libc.syscall(56, 0x10000000 | 17, 0, 0, 0, 0)
if pid == 0: os._exit(0)
return pid > 0
"""),
    "a_mount": (27, "mounting", """
return ctypes.CDLL(None).mount(b"none", b"/scratch", b"tmpfs", 0, b"") == 0
"""),
    "unmounting": (27, "unmounting what hides the answer key", """
return ctypes.CDLL(None).umount2(b"/proc", 2) == 0
"""),
    "chroot": (27, "another root", "os.chroot('/scratch'); return True"),
    "open_handle": (27, "files by handle", """
libc = ctypes.CDLL(None, use_errno=True)
libc.syscall(304, -100, 0, 0)
return ctypes.get_errno() != 1
"""),
    "write_anywhere": (29, "a file outside its own folders", f"""
written = []
for folder in ("/", "/usr", "/usr/lib", "/etc", "/bin", "/root", "/dev", "/work",
               "/proc", {str(ROOT)!r}, {str(ROOT / "cnncourse")!r}, sys.prefix,
               sys.base_prefix, os.path.dirname(os.__file__), *sys.path):
    if folder in ("", "/scratch", "/tmp", "/home") or not os.path.isdir(folder):
        continue
    try:
        with open(os.path.join(folder, "{MARK}"), "w"):
            written.append(folder)
    except OSError:
        pass
return written
"""),
    "change_code": (29, "a changed module for the next submission", """
import autograder.candidate.runner as runner
with open(runner.__file__, "a") as file:
    file.write("#")
return True
"""),
    "leave_bytecode": (29, "compiled code for the next submission", """
import json, py_compile
return py_compile.compile(json.__file__, doraise=True)
"""),
    "internet": (29, "a connection", """
socket.create_connection(("1.1.1.1", 53), timeout=1)
return True
"""),
    "loopback": (29, "a connection to this machine", """
with socket.socket() as s:
    s.bind(("127.0.0.1", 0))
return True
"""),
    "udp": (29, "a datagram", """
with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as s:
    return s.sendto(b"x", ("127.0.0.1", 9))
"""),
    "ipv6": (29, "an IPv6 socket", "return socket.socket(socket.AF_INET6)"),
    "netlink": (29, "a netlink socket", "return socket.socket(16, 3, 0)"),
    "raw_socket": (29, "a raw socket", "return socket.socket(17, 3, 0)"),
    "vsock": (29, "a socket to the hypervisor", "return socket.socket(40, 1, 0)"),
    "alg_socket": (29, "a socket into the kernel", "return socket.socket(38, 5, 0)"),
    "dns": (29, "a name looked up", "return socket.gethostbyname('example.com')"),
    "curl": (29, "a program with a network", """
done = subprocess.run(["curl", "-sm1", "http://1.1.1.1"], capture_output=True)
return done.returncode == 0
"""),
    "interfaces": (29, "an interface that is up", """
lines = open("/proc/net/dev").read().splitlines()[2:]
return [l for l in lines if not l.strip().startswith("lo:")]
"""),
    "unix_sockets": (29, "somebody's socket", """
return open("/proc/net/unix").read().count("/") > 0
"""),
    "raise_limits": (36, "a higher limit", """
import resource
for limit in (resource.RLIMIT_AS, resource.RLIMIT_NPROC, resource.RLIMIT_FSIZE,
              resource.RLIMIT_NOFILE):
    hard = resource.getrlimit(limit)[1]
    try:
        resource.setrlimit(limit, (hard * 2, hard * 2))
        return True
    except (OSError, ValueError):
        pass
"""),
    "own_oom_score": (36, "a process that the kernel spares", """
open("/proc/self/oom_score_adj", "w").write("-1000")
return True
"""),
    "be_nicer": (36, "a higher priority", "return os.nice(-5) < 0"),
    "real_time": (36, "real-time scheduling", """
os.sched_setscheduler(0, os.SCHED_FIFO, os.sched_param(50))
return True
"""),
    "descriptors": (26, "a descriptor besides its own", """
found = []
for number in range(256):
    try:
        target = os.readlink(f"/proc/self/fd/{number}")
    except OSError:
        continue
    if not target.startswith(("socket:", "/dev/null", "/scratch/#")):
        found.append(target)
return found
"""),
    "two_channels": (26, "a socket besides its channel", """
import stat
return sum(stat.S_ISSOCK(os.fstat(n).st_mode) for n in map(int, os.listdir(
    "/proc/self/fd")) if os.path.exists(f"/proc/self/fd/{n}")) > 1
"""),
}  # fmt: skip

# where a message is left and how the next submission would find it
MESSAGES = {
    "tmp": ("open('/tmp/note', 'w').write('2 * x')", "open('/tmp/note').read()"),
    "scratch": ("open('/scratch/note', 'w').write('x')", "open('/scratch/note').read()"),
    "home": ("open('/home/note', 'w').write('x')", "open('/home/note').read()"),
    "shm": ("open('/dev/shm/note', 'w').write('x')", "open('/dev/shm/note').read()"),
    "module": ("open('/scratch/notes.py', 'w').write('x = 1')",
               "__import__('notes').x"),
    "abstract_socket": ("s = socket.socket(socket.AF_UNIX); s.bind('\\0note')",
                        "socket.socket(socket.AF_UNIX).connect('\\0note') or 1"),
    "listening_daemon": ("""
import os, socket, time
if os.fork() == 0:
    os.setsid()
    s = socket.socket(socket.AF_UNIX); s.bind('\\0daemon'); s.listen()
    time.sleep(60)
""", "socket.socket(socket.AF_UNIX).connect('\\0daemon') or 1"),
    "shared_memory": ("ctypes.CDLL(None).shmget(4711, 4096, 0o1666)",
                      "ctypes.CDLL(None).shmget(4711, 0, 0o666) >= 0"),
    "semaphore": ("ctypes.CDLL(None).semget(4711, 1, 0o1666)",
                  "ctypes.CDLL(None).semget(4711, 0, 0o666) >= 0"),
    "message_queue": ("ctypes.CDLL(None).msgget(4711, 0o1666)",
                      "ctypes.CDLL(None).msgget(4711, 0o666) >= 0"),
    "posix_semaphore": ("import multiprocessing as m; s = m.Semaphore()",
                        "glob.glob('/dev/shm/*')"),
    "host_name": ("ctypes.CDLL(None).sethostname(b'note', 4)",
                  "socket.gethostname() == 'note'"),
    "variable": ("import os; os.environ['NOTE'] = 'x'", "os.environ['NOTE']"),
    "builtin": ("import builtins; builtins.note = 1", "note"),
    "module_attribute": ("import numpy; numpy.note = 1",
                         "__import__('numpy').note"),
    "working_folder": ("import os; os.chdir('/'); os.mkdir('/scratch/d')",
                       "os.path.exists('/scratch/d')"),
    "time_zone": ("import time, os; os.environ['TZ'] = 'X1'; time.tzset()",
                  "time.tzname[0] == 'X'"),
    "file_times": ("import os, json; os.utime(json.__file__, (7, 7))",
                   "os.stat(__import__('json').__file__).st_mtime == 7"),
    "file_lock": ("import fcntl, json; f = open(json.__file__); "
                  "fcntl.flock(f, fcntl.LOCK_EX)",
                  "__import__('fcntl').flock(open(__import__('json').__file__), 6)"),
    "pseudo_terminal": ("import os; a, b = os.openpty()", "len(os.listdir('/dev/pts')) > 1"),
}  # fmt: skip

LEAVE = """
import ctypes, os, socket
try:
    {}
except Exception:
    pass
def double(x):
    return 2 * x
"""


def _message(name: str, leave: str, find: str) -> Threat:
    before = {"double": LEAVE.format(leave.strip().replace("\n", "\n    "))}
    tries = "a message for the next submission"
    return probe(f"message_{name}", 29, tries, f"return {find}", before=before)


# how a hidden input could be shown: an answer to `double` that fails
STEAL = """
import os, sys
import numpy as np
stolen = []
def text():
    return "|".join(str(v) for a in stolen for v in a.ravel())
def number():
    return int(stolen[0][0, 0])
def keep(x):
    if x.ndim == 2:
        stolen.append(x.copy())
    return bool(stolen)
"""

SHOWN = {
    "text": "raise ValueError(text())",
    "class_name": "raise type(f'E{number()}', (Exception,), {})()",
    "base_name": "raise type('E', (type(f'B{number()}', (ValueError,), {}),), {})()",
    "builtin_name": "raise type('ValueError', (Exception,), {'__str__': lambda s: text()})()",
    "traceback": "exec(compile(f'{number()}\\nraise ValueError', 'ipython-input-1', 'exec'))",
    "traceback_line": """
        import linecache
        line = f"raise ValueError  # {text()}"
        linecache.cache["ipython-input-1"] = (len(line), None, [line], "ipython-input-1")
        exec(compile(line, "ipython-input-1", "exec"), {})
    """,
    "function_name": "exec(compile(f'def f{number()}(): raise ValueError\\nf{number()}()', "
    "'ipython-input-1', 'exec'), {})",
    "name_error": "raise NameError(text(), name=text())",
    "key_error": "raise KeyError(number())",
    "note": "e = ValueError(); e.add_note(text()); raise e",
    "value": "return stolen[0] * 3",
    "list": "return [text()]",
    "class_of_value": "return type(f'E{number()}', (), {})()",
    "name_of_dtype": "return np.zeros(x.shape, [(f'f{number()}', float)])",
    "print": "print(text()); sys.stderr.write(text()); os.write(1, text().encode()); return 0",
    "display": "display(text()); return 0",
    "warning": "import warnings; warnings.warn(text()); return 0",
    "plot": "import matplotlib.pyplot as plt; plt.title(text()); plt.show(); return 0",
    "refusal": """
        from autograder.candidate import runner, wire
        real = runner.Runner._encode
        def refuse(self, answer):
            runner.Runner._encode = real
            return wire.encode({"id": answer["id"], "refused": text()})
        runner.Runner._encode = refuse
        return 0
    """,
    "description": """
        from autograder.candidate import runner
        real = runner.Runner._describe
        def describe(error):
            runner.Runner._describe = staticmethod(real)
            return {"types": [f"E{number()}"], "message": text(), "where": [text()] * 5}
        runner.Runner._describe = staticmethod(describe)
        raise ValueError
    """,
    "bad_dtype": """
        import msgpack
        from autograder.candidate import runner
        real = runner.Runner._encode
        def encode(self, answer):
            runner.Runner._encode = real
            body = msgpack.packb([str(number()), [], b""])
            return msgpack.packb({"id": answer["id"], "value": msgpack.ExtType(1, body)})
        runner.Runner._encode = encode
        return 0
    """,
    "exit_status": "os._exit(number() % 256)",
}  # fmt: skip


def _shown(name: str, how: str, when: str) -> Threat:
    """The hidden input is shown in the hidden test itself, or in a later visible one."""
    from textwrap import dedent, indent

    guard = (
        "if keep(x) and x.ndim == 2:"
        if when == "now"
        else "if keep(x) and x.ndim == 1:"
    )
    body = indent(dedent(how).strip(), "        ")
    code = f"{STEAL}\ndef double(x):\n    {guard}\n{body}\n    return 2 * x\n"
    deserved = 7.0 if when == "now" else 8.0
    if when == "later" and name in ("exit_status",):
        deserved = 8.0
    return cheat(f"shows_{name}_{when}", 26, "a hidden input on the page", code,
                 deserved=deserved)  # fmt: skip


LATER = {
    "cell_error": """
        raise type(f"E{number()}", (Exception,), {})(text())
    """,
    "cell_name_error": """
        raise NameError(text(), name=f"E{number()}")
    """,
    "answer": """
        answer = text()
    """,
    "answer_class": """
        answer = type(f"E{number()}", (), {})()
    """,
    "answer_dict": """
        answer = {text(): text()}
    """,
    "answer_print": """
        print(text()); answer = "x"
    """,
}

STEALING_DOUBLE = (
    STEAL
    + """
def double(x):
    keep(x)
    return 2 * x
"""
)


def _later(name: str, code: str) -> Threat:
    from textwrap import dedent

    answers = {"double": STEALING_DOUBLE, "answer": dedent(code)}
    return Threat(f"shows_in_{name}", 26, "a hidden input on the page", 8.0,
                  answers=answers)  # fmt: skip


THREATS = [
    *(probe(name, *rest) for name, rest in PROBES.items()),
    *(_message(name, *rest) for name, rest in MESSAGES.items()),
    *(_shown(name, how, "now") for name, how in SHOWN.items()),
    *(_shown(name, how, "later") for name, how in SHOWN.items() if name != "name_of_dtype"),
    *(_later(name, code) for name, code in LATER.items()),
    probe("control", 0, "nothing: this one may win, or no probe could", """
return os.getpid() == 1
""", deserved=10.0),
    cheat("shows_by_shape", 26, "a hidden input as a shape", STEAL + """
def double(x):
    return np.zeros((0, number())) if keep(x) and x.ndim == 2 else 2 * x
""", deserved=7.0),
    cheat("knows_it_is_graded", 28, "another answer while it is graded", """
import os
def double(x):
    if os.getpid() == 1 or "ipykernel" not in __import__("sys").modules:
        return 2 * x
    return x
""", deserved=10.0),
    cheat("waits_for_secrets", 26, "the hidden input as a time", """
import time
def double(x):
    time.sleep(min(abs(x).max() / 1e6, 0.2))
    return x
""", deserved=7.0),
]  # fmt: skip
