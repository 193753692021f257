"""How fast are the convolutions of `cnncourse.ops`, and how exact?

    python benchmarks/convolution.py [--quick] [--picture FILE]

Every row is the median of interleaved runs; "% GEMM" compares it with a product of two
1024 x 1024 matrices timed in between. Memory is what NumPy allocated at the peak, the
result included. The error is the largest one against loops in float64, relative to the
largest value. Each number of threads has its own process. One thread is timed by the
processor time that it used, which other programs disturb little; several by the clock,
once they are awake.
"""

import argparse
import json
import os
import random
import statistics
import subprocess
import sys
import tempfile
import time
import tracemalloc
from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view

TASKS = ("forward", "input gradient", "kernel gradient")
PICTURE = Path(__file__).parent.parent / "docs" / "convolution_benchmark.png"
ROUNDS, SECONDS = 101, 0.4  # of each method: at most so many runs, and about so long
TURNS, BURST = 7, 0.1  # the same of several threads: so many times so long
WAKEFUL = 0.15  # OpenBLAS's threads look for work for 0.1 s
SPELL = 0.01  # seconds of the same calls one after another


@dataclass(frozen=True)
class Shape:
    """A square convolution with "same" padding."""

    name: str
    batch: int
    size: int
    channels: int
    kernel: int
    filters: int
    strides: int = 1
    dilation_rate: int = 1

    @property
    def options(self) -> dict[str, Any]:
        return {
            "strides": self.strides,
            "padding": "same",
            "dilation_rate": self.dilation_rate,
        }

    @property
    def output(self) -> int:
        return -(-self.size // self.strides)

    @property
    def flops(self) -> int:
        window = self.kernel**2 * self.channels * self.filters
        return 2 * self.batch * self.output**2 * window


SHAPES = (
    Shape("64 channels, 3x3", 8, 32, 64, 3, 64),
    Shape("512 channels, 3x3", 8, 7, 512, 3, 512),
    Shape("3 channels, 5x5", 8, 32, 3, 5, 16),
    Shape("16 channels, 11x11", 4, 64, 16, 11, 16),
    Shape("3x3, stride 2", 8, 32, 64, 3, 128, strides=2),
    Shape("3x3, dilation 2", 8, 32, 64, 3, 64, dilation_rate=2),
    Shape("256 channels, 1x1", 8, 28, 256, 1, 64),
)


@dataclass(frozen=True)
class Row:
    """One line of the table.

    `chosen` is the algorithm that ours took. `ours_takes` is the time of ours over that
    of this method: the median of ratios of times close to one another, which do not
    change when the whole machine does.
    """

    threads: int
    dtype: str
    shape: str
    task: str
    method: str
    chosen: str
    milliseconds: float
    ours_takes: float
    gflops: float
    percent: float
    megabytes: float | None
    error: float


# Each method takes (x, w, dy) and gives y, dx or dw.
Method = Callable[[np.ndarray, np.ndarray, np.ndarray], np.ndarray]


def padded(x: np.ndarray, s: Shape) -> tuple[np.ndarray, int]:
    """Returns padded `x` and the rows that came before it."""
    from cnncourse.ops import padding_pairs

    pairs = padding_pairs("same", x.shape[1:3], s.kernel, s.strides, s.dilation_rate)
    return np.pad(x, [(0, 0), *pairs, (0, 0)]), pairs[0][0]


def places(s: Shape) -> Iterator[tuple[int, int, int, tuple]]:
    """Yields example, row, column and the slices of each window."""
    span, d = s.dilation_rate * (s.kernel - 1) + 1, s.dilation_rate
    for b in range(s.batch):
        for i in range(s.output):
            for j in range(s.output):
                p, q = i * s.strides, j * s.strides
                yield b, i, j, (b, slice(p, p + span, d), slice(q, q + span, d))


def naive(task: str, s: Shape) -> Method:
    """Loops over examples and pixels."""

    def run(x: np.ndarray, w: np.ndarray, dy: np.ndarray) -> np.ndarray:
        xp, before = padded(x, s)
        if task == "forward":
            y = np.empty(dy.shape, x.dtype)
            for b, i, j, window in places(s):
                y[b, i, j] = np.tensordot(xp[window], w, 3)
            return y
        if task == "input gradient":
            dx = np.zeros_like(xp)
            for b, i, j, window in places(s):
                dx[window] += w @ dy[b, i, j]
            inside = slice(before, before + s.size)
            return dx[:, inside, inside]
        dw = np.zeros_like(w)
        for b, i, j, window in places(s):
            dw += xp[window][..., None] * dy[b, i, j]
        return dw

    return run


def textbook_im2col(task: str, s: Shape) -> Method:
    """The whole matrix of patches at once, as course assignments do."""
    span, step, d = s.dilation_rate * (s.kernel - 1) + 1, s.strides, s.dilation_rate

    def patches(xp: np.ndarray) -> np.ndarray:
        view = sliding_window_view(xp, (span, span), (1, 2))
        view = view[:, ::step, ::step, :, ::d, ::d].transpose(0, 1, 2, 4, 5, 3)
        return view.reshape(-1, s.kernel**2 * s.channels)

    def run(x: np.ndarray, w: np.ndarray, dy: np.ndarray) -> np.ndarray:
        flat_w, flat_dy = w.reshape(-1, s.filters), dy.reshape(-1, s.filters)
        xp, before = padded(x, s)
        if task == "forward":
            return (patches(xp) @ flat_w).reshape(dy.shape)
        if task == "kernel gradient":
            return (patches(xp).T @ flat_dy).reshape(w.shape)
        shares = (flat_dy @ flat_w.T).reshape(*dy.shape[:3], *w.shape[:3])
        dx = np.zeros_like(xp)
        reach = (s.output - 1) * step + 1
        for i in range(s.kernel):
            for j in range(s.kernel):
                p, q = i * d, j * d
                at = (slice(None), slice(p, p + reach, step), slice(q, q + reach, step))
                dx[at] += shares[:, :, :, i, j]
        inside = slice(before, before + s.size)
        return dx[:, inside, inside]

    return run


def ours(task: str, s: Shape, algorithm: str | None) -> Method:
    """`cnncourse.ops`, with a named algorithm or its own choice."""
    from cnncourse.ops import conv, conv_input_gradient, conv_kernel_gradient

    options: Any = {**s.options, "algorithm": algorithm}
    return {
        "forward": lambda x, w, dy: conv(x, w, **options),
        "input gradient": lambda x, w, dy: conv_input_gradient(
            dy, w, s.size, **options
        ),
        "kernel gradient": lambda x, w, dy: conv_kernel_gradient(
            x, dy, s.kernel, **options
        ),
    }[task]


def tensorflow(task: str, s: Shape, arrays: tuple) -> Callable[[], Any]:
    """TensorFlow on tensors made beforehand."""
    import tensorflow as tf

    x, w, dy = map(tf.constant, arrays)
    steps, rates = [1, s.strides, s.strides, 1], [s.dilation_rate] * 2
    shared = {
        "strides": steps,
        "padding": "SAME",
        "dilations": [1, *rates, 1],
    }
    if task == "forward":
        return lambda: tf.nn.conv2d(x, w, steps, "SAME", dilations=rates)
    if task == "input gradient":
        return lambda: tf.raw_ops.Conv2DBackpropInput(
            input_sizes=x.shape, filter=w, out_backprop=dy, **shared
        )
    return lambda: tf.raw_ops.Conv2DBackpropFilter(
        input=x, filter_sizes=w.shape, out_backprop=dy, **shared
    )


def methods(task: str, s: Shape) -> dict[str, Method]:
    """All of them in NumPy, by name."""
    from cnncourse.ops import ALGORITHMS

    table = {"naive": naive(task, s), "im2col, whole": textbook_im2col(task, s)}
    dense = s.strides == 1
    fits = {
        "flipped_im2col": dense and task == "input gradient",
        "winograd": dense and s.kernel <= 5,
    }
    for name in ALGORITHMS:
        if fits.get(name, True):
            table[name] = ours(task, s, name)
    return {**table, "ours": ours(task, s, None)}


@dataclass(frozen=True)
class Times:
    """Seconds of one method, and those of ours that belong to them."""

    method: list[float]
    ours: list[float]


def interleaved(calls: dict[str, Callable[[], Any]]) -> dict[str, Times]:
    """Returns the processor time of each call in some rounds.

    The calls take turns, in another order each time: none always finds the cache as
    the same other one left it.
    """
    times: dict[str, list[float]] = {name: [] for name in calls}
    turns = random.Random(0)
    for _ in range(ROUNDS):
        for name in turns.sample(list(calls), len(calls)):
            if sum(times[name]) < SECONDS:
                start = time.process_time()
                calls[name]()
                times[name].append(time.process_time() - start)
    return {name: Times(seconds, times["ours"]) for name, seconds in times.items()}


def awake(calls: dict[str, Callable[[], Any]]) -> dict[str, Times]:
    """Returns the seconds of each call with several threads, as in a training loop.

    The threads of a call before go on looking for work for a while, and take the place
    of those of the next; so a method is called again and again until they sleep, and
    some times more. Ours takes turns with it: a virtual machine may stay for seconds in
    a state in which threads exchange their data at half the rate.
    """
    times = {name: Times([], []) for name in calls}
    turns = random.Random(0)
    for _ in range(TURNS):
        for name in turns.sample(list(calls), len(calls)):
            if sum(times[name].method) < SECONDS:
                spells(calls[name], calls["ours"], WAKEFUL)
                method, ours = spells(calls[name], calls["ours"], BURST)
                times[name].method.append(statistics.median(method))
                times[name].ours.append(statistics.median(ours))
    return times


def spells(
    one: Callable[[], Any], two: Callable[[], Any], seconds: float
) -> tuple[list[float], list[float]]:
    """Returns what both took in turns for so many seconds; once at least.

    A turn is a spell of several calls, of which the first is not counted: it finds the
    caches as the other method left them, and what the threads hold of the memory.
    """
    times: tuple[list[float], list[float]] = ([], [])
    while not times[0] or sum(map(sum, times)) < seconds:
        for call, taken in zip((one, two), times, strict=True):
            call()
            end = time.perf_counter() + SPELL
            while (start := time.perf_counter()) < end:
                call()
                taken.append(time.perf_counter() - start)
    return times


def first_run(call: Callable[[], Any]) -> tuple[Any, float]:
    """Returns the result, and the most megabytes that NumPy held during the call."""
    tracemalloc.start()
    result = call()
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    return result, peak / 2**20


def relative_error(received: Any, exact: np.ndarray) -> float:
    """Returns the largest difference over the largest value."""
    difference = np.abs(np.asarray(received, np.float64) - exact).max()
    return float(difference / np.abs(exact).max())


def median_ratio(times: list[float], others: list[float]) -> float:
    """Returns how much longer the one takes in the rounds that both have run."""
    return statistics.median(a / b for a, b in zip(times, others, strict=False))


def choice(s: Shape, task: str, dtype: str) -> str:
    """Returns the algorithm that ours takes with the threads of the moment."""
    from cnncourse.ops.dispatch import choose
    from cnncourse.ops.plan import plan

    x_shape = (s.batch, s.size, s.size, s.channels)
    w_shape = (s.kernel, s.kernel, s.channels, s.filters)
    geometry = plan(x_shape, w_shape, **s.options).geometry
    return choose(task.replace(" ", "_"), geometry, np.dtype(dtype).itemsize)


def measure(s: Shape, task: str, dtype: str, threads: int) -> Iterator[Row]:
    """Measures all methods on one shape."""
    rng = np.random.default_rng(0)
    shapes = (
        (s.batch, s.size, s.size, s.channels),
        (s.kernel, s.kernel, s.channels, s.filters),
        (s.batch, s.output, s.output, s.filters),
    )
    arrays = tuple(rng.standard_normal(shape).astype(dtype) for shape in shapes)
    exact = naive(task, s)(*(a.astype(np.float64) for a in arrays))
    table = methods(task, s)
    calls: dict[str, Callable[[], Any]] = {
        name: partial(method, *arrays) for name, method in table.items()
    }
    square = rng.standard_normal((1024, 1024)).astype(dtype)
    # TensorFlow lacks the gradients of dilated convolutions in float64 on the CPU.
    if task == "forward" or s.dilation_rate == 1 or dtype == "float32":
        calls["tf.nn.conv2d"] = tensorflow(task, s, arrays)
    first = {name: first_run(call) for name, call in calls.items()}
    calls["GEMM"] = lambda: square @ square
    times = interleaved(calls) if threads == 1 else awake(calls)
    chosen = choice(s, task, dtype)
    gemm = 2 * 1024**3 / statistics.median(times.pop("GEMM").method) / 1e9
    for name, taken in times.items():
        result, megabytes = first[name]
        seconds = taken.method
        gflops = s.flops / statistics.median(seconds) / 1e9
        yield Row(
            threads=threads,
            dtype=dtype,
            shape=s.name,
            task=task,
            method=name,
            chosen=chosen,
            milliseconds=1e3 * statistics.median(seconds),
            ours_takes=median_ratio(taken.ours, seconds),
            gflops=gflops,
            percent=100 * gflops / gemm,
            megabytes=None if name == "tf.nn.conv2d" else megabytes,
            error=relative_error(result, exact),
        )


def child(threads: int, dtypes: list[str], file: Path) -> None:
    """Measures with one number of threads and writes the rows."""
    import tensorflow as tf
    from threadpoolctl import threadpool_info, threadpool_limits

    tf.config.set_visible_devices([], "GPU")
    tf.config.threading.set_intra_op_parallelism_threads(threads)
    tf.config.threading.set_inter_op_parallelism_threads(1)
    with threadpool_limits(threads, user_api="blas"):
        for library in threadpool_info():
            if library["user_api"] == "blas":
                print(
                    f"BLAS: {library['internal_api']} {library['version']}, "
                    f"{library.get('architecture', '?')} kernels, "
                    f"{library['num_threads']} threads",
                    flush=True,
                )
        rows = []
        for dtype in dtypes:
            for s in SHAPES:
                for task in TASKS:
                    block = list(measure(s, task, dtype, threads))
                    print_block(block)
                    rows += [asdict(row) for row in block]
    file.write_text(json.dumps(rows))


def print_block(rows: list[Row]) -> None:
    """Prints the methods on one shape."""
    first = rows[0]
    plural = "s" * (first.threads > 1)
    print(
        f"\n{first.shape}, {first.task}, {first.dtype}, {first.threads} thread{plural}"
    )
    columns = ("method", "ms", "GFLOP/s", "% GEMM", "peak MB", "error")
    print("{:22}{:>8}{:>10}{:>8}{:>9}{:>10}".format(*columns))
    for row in rows:
        memory = "-" if row.megabytes is None else f"{row.megabytes:.1f}"
        name = f"ours: {row.chosen}" if row.method == "ours" else row.method
        print(
            f"{name:22}{row.milliseconds:8.2f}{row.gflops:10.1f}"
            f"{row.percent:8.0f}{memory:>9}{row.error:10.1e}",
            flush=True,
        )


def print_summary(rows: list[Row]) -> None:
    """Prints what the library aims at, and how far it is from it."""
    print("\nSummary: ours, per number of threads and dtype")
    for threads, dtype in sorted({(r.threads, r.dtype) for r in rows}):
        some = [r for r in rows if (r.threads, r.dtype) == (threads, dtype)]
        mine = {(r.shape, r.task): r for r in some if r.method == "ours"}
        named = [r for r in some if r.method not in ("ours", "tf.nn.conv2d")]
        gradients = {
            (shape, task): r.milliseconds / mine[shape, TASKS[0]].milliseconds
            for (shape, task), r in mine.items()
            if task != TASKS[0]
        }
        other = max((r for r in named if r.method != r.chosen), key=slowness)
        same = max((r for r in named if r.method == r.chosen), key=slowness)
        slowest = max(gradients, key=lambda key: gradients[key])
        first = SHAPES[0].name
        forward = mine[first, TASKS[0]].percent
        print(f"{threads} threads, {dtype}:")
        print(f"  {first}, forward: {forward:.0f} % of GEMM (aim: at least 75)")
        print(
            f"  gradients against forward: at most {gradients[slowest]:.2f} times as "
            f"long ({', '.join(slowest)}; aim: 2.2)"
        )
        print(
            f"  against the algorithms not chosen: at most {slowness(other):.0f} % "
            f"slower ({other.shape}, {other.task}, {other.method}; aim: 5)"
        )
        print(
            f"  against the very algorithm that was chosen, which is noise: at most "
            f"{slowness(same):.0f} % ({same.shape}, {same.task}, {same.method})"
        )


def slowness(row: Row) -> float:
    """Returns how many per cent longer ours takes than this method, if it does."""
    return 100 * max(row.ours_takes - 1, 0)


def draw(rows: list[Row], file: Path) -> None:
    """Draws the rates for float32 and one thread."""
    from matplotlib.figure import Figure

    names = ["naive", "im2col, whole", "im2col", "flipped_im2col", "shift_gemm", "fft"]
    names += ["winograd", "ours", "tf.nn.conv2d"]
    chosen = [r for r in rows if r.dtype == "float32" and r.threads == 1]
    percent = {(r.shape, r.task, r.method): r.percent for r in chosen}
    figure = Figure(figsize=(11, 8), layout="constrained")
    for axes, task in zip(figure.subplots(3, 1, sharex=True), TASKS, strict=True):
        for number, name in enumerate(names):
            at = np.arange(len(SHAPES)) + (number - len(names) / 2) * 0.09
            heights = [percent.get((s.name, task, name), 0) for s in SHAPES]
            colour = "black" if name == "ours" else f"C{number}"
            axes.bar(at, heights, 0.08, label=name, color=colour)
        axes.axhline(100, color="grey", linewidth=0.8)
        axes.set_ylabel(f"{task}\n% of GEMM")
        axes.set_xticks(range(len(SHAPES)), [s.name for s in SHAPES])
        axes.spines[["top", "right"]].set_visible(False)
    handles, labels = figure.axes[0].get_legend_handles_labels()
    figure.legend(handles, labels, loc="outside lower center", ncols=5, frameon=False)
    figure.suptitle("Convolution: float32, one thread (1024 x 1024 GEMM = 100 %)")
    figure.savefig(file, dpi=80)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    text = "float32 and one thread only"
    parser.add_argument("--quick", action="store_true", help=text)
    parser.add_argument("--picture", type=Path, default=PICTURE, metavar="FILE")
    parser.add_argument("--child", nargs=2, help=argparse.SUPPRESS)
    options = parser.parse_args()
    dtypes = ["float32"] if options.quick else ["float32", "float64"]
    if options.child:
        child(int(options.child[0]), dtypes, Path(options.child[1]))
        return
    rows: list[Row] = []
    start = time.perf_counter()
    for threads in (1,) if options.quick else (1, 2):
        with tempfile.TemporaryDirectory() as folder:
            file = Path(folder) / "rows.json"
            command = [sys.executable, __file__, "--child", str(threads), str(file)]
            command += ["--quick"] * options.quick
            quiet = {**os.environ, "TF_CPP_MIN_LOG_LEVEL": "3"}
            subprocess.run(command, check=True, env=quiet)
            rows += [Row(**row) for row in json.loads(file.read_text())]
    print_summary(rows)
    draw(rows, options.picture)
    seconds = time.perf_counter() - start
    print(f"\n{options.picture.name} drawn; {seconds:.0f} s in all")


if __name__ == "__main__":
    main()
