"""The record of a training run, and pictures of several."""

from __future__ import annotations

import csv
import json
import os
import platform
from collections.abc import Sequence
from dataclasses import asdict, dataclass, field, replace
from functools import cache
from importlib.metadata import version
from pathlib import Path
from typing import TYPE_CHECKING, Any

import keras
import numpy as np

from cnncourse.training.state import write_whole

if TYPE_CHECKING:
    from matplotlib.figure import Figure

PACKAGES = ("cnncourse", "keras", "numpy", "tensorflow")


@dataclass(frozen=True)
class TrainingRun:
    """What was trained, on what, and how it went.

    Attributes:
        name: of the run.
        configuration: model, optimizer, loss, data and arguments of `fit`.
        seed: of the order of the data and the augmentation.
        versions: package -> version.
        hardware: processor, cores, devices, precision.
        history: metric -> values, one for each finished epoch.
        seconds: time of each finished epoch, validation included.
        examples_per_second: over all epochs but the first, in which graphs are traced.
        status: "running", "finished", "stopped early", "interrupted" or "diverged".
    """

    name: str
    configuration: dict[str, Any]
    seed: int
    versions: dict[str, str]
    hardware: dict[str, Any]
    history: dict[str, list[float]] = field(default_factory=dict)
    seconds: list[float] = field(default_factory=list)
    examples_per_second: float | None = None
    status: str = "running"

    @property
    def epochs(self) -> int:
        """How many epochs are finished."""
        return len(self.seconds)

    def best(self, metric: str) -> float:
        """Returns the best value of a metric: the least loss or error, else the most.

        Raises:
            ValueError: if the run has no such metric.
        """
        if not self.history.get(metric):
            raise ValueError(
                f"Expected a metric among {list(self.history)}. Received: {metric!r}"
            )
        least = metric.endswith(("loss", "error"))
        return (min if least else max)(self.history[metric])

    def save(self, file: str | Path) -> None:
        """Writes the record as JSON."""
        text = json.dumps(asdict(self), indent=1)
        write_whole(Path(file), lambda path: path.write_text(f"{text}\n", "utf-8"))

    def save_history(self, file: str | Path) -> None:
        """Writes the history as a table of comma-separated values."""

        def write(path: Path) -> None:
            with path.open("w", newline="", encoding="utf-8") as stream:
                table = csv.writer(stream)
                table.writerow(["epoch", *self.history, "seconds"])
                rows = zip(*self.history.values(), self.seconds, strict=True)
                table.writerows([n, *row] for n, row in enumerate(rows, start=1))

        write_whole(Path(file), write)

    @classmethod
    def load(cls, file: str | Path) -> TrainingRun:
        """Reads a record.

        Raises:
            ValueError: if the file is something else.
            FileNotFoundError: if there is no file.
        """
        try:
            return cls(**json.loads(Path(file).read_text("utf-8")))
        except (TypeError, ValueError) as error:
            raise ValueError(
                f"Expected the record of a run. Received: {file}"
            ) from error

    def plot(self) -> Figure:
        """Draws loss and metrics over the epochs."""
        return compare([self])


def new_run(name: str, configuration: dict[str, Any], seed: int) -> TrainingRun:
    """Returns the record of a run that begins on this machine."""
    return TrainingRun(name, configuration, seed, dict(versions()), hardware())


@cache
def versions() -> dict[str, str]:
    """Returns the versions of Python and of the packages that compute."""
    return {"python": platform.python_version(), **{p: version(p) for p in PACKAGES}}


def hardware() -> dict[str, Any]:
    """Returns what the run computes on."""
    return {
        "processor": _processor(),
        "cores": len(os.sched_getaffinity(0))
        if hasattr(os, "sched_getaffinity")
        else os.cpu_count(),
        "devices": keras.distribution.list_devices(),
        "backend": keras.backend.backend(),
        "precision": keras.config.dtype_policy().name,
    }


@cache
def _processor() -> str:
    try:
        lines = Path("/proc/cpuinfo").read_text("utf-8").splitlines()
    except OSError:
        return platform.processor() or platform.machine()
    names = [line.partition(":")[2] for line in lines if line.startswith("model name")]
    return names[0].strip() if names else platform.machine()


def with_epoch(run: TrainingRun, logs: dict[str, float], seconds: float) -> TrainingRun:
    """Returns the record with one more epoch."""
    history = {name: [*run.history.get(name, []), v] for name, v in logs.items()}
    return replace(run, history=history, seconds=[*run.seconds, seconds])


def compare(runs: Sequence[TrainingRun], metrics: Sequence[str] = ()) -> Figure:
    """Draws the histories of runs over one another.

    Args:
        runs: at least one; the names are the legend.
        metrics: one panel for each; by default those that were measured, each with its
            validation as a broken line.

    Returns:
        The figure.

    Raises:
        ValueError: if there is no run, or none has finished an epoch.
    """
    from cnncourse.plots import LINES
    from cnncourse.plots.drawing import framed_figure

    measured = dict.fromkeys(name for run in runs for name in run.history)
    panels = list(metrics) or [
        name
        for name in measured
        if not name.startswith("val_") and name != "learning_rate"
    ]
    if not panels:
        raise ValueError(
            "Expected runs with at least one finished epoch. "
            f"Received: runs={[run.name for run in runs]}"
        )
    with framed_figure(1, len(panels), 4.6 * len(panels), 3.6) as (figure, axes):
        for panel, metric in zip(axes[0], panels, strict=True):
            for number, run in enumerate(runs):
                colour = LINES[number % len(LINES)]
                for name, dashes in ((metric, "-"), (f"val_{metric}", "--")):
                    values = run.history.get(name, [])
                    label = run.name if name == metric else f"{run.name}, validation"
                    epochs = np.arange(1, len(values) + 1)
                    if len(values):
                        panel.plot(
                            epochs,
                            values,
                            dashes,
                            color=colour,
                            label=label,
                            marker="." if len(values) < 3 else None,
                        )
            panel.set(xlabel="epoch", ylabel=metric.replace("_", " "))
            panel.grid(alpha=0.3)
        handles, labels = axes[0, 0].get_legend_handles_labels()
        figure.legend(handles, labels, loc="outside lower center", ncols=4)
    return figure
