"""What a person sees of a run while it goes on: a bar, lines, curves."""

from __future__ import annotations

import sys
import time
from importlib.util import find_spec
from typing import TYPE_CHECKING, Any

import keras

from cnncourse.training.resume import Keeper
from cnncourse.training.run import compare, with_epoch

if TYPE_CHECKING:
    from rich.progress import Progress

KINDS = ("auto", "bar", "lines", "none")
REFRESH = 0.2  # seconds between two looks of the bar at the run


def progress_callbacks(
    kind: str, keeper: Keeper, epochs: int, batch_size: int
) -> list[keras.callbacks.Callback]:
    """Returns the callbacks that show a run.

    Args:
        kind: "bar", "lines" (one for each epoch), "none", or "auto": a bar on a
            terminal, a bar and live curves in a notebook, else lines.
        keeper: of the run.
        epochs: of the run.
        batch_size: of the run.

    Raises:
        ValueError: if there is no such kind.
    """
    if kind not in KINDS:
        raise ValueError(f"Expected progress in {KINDS}. Received: progress={kind!r}")
    if kind == "none":
        return []
    notebook = in_notebook()
    bar = kind == "bar" or (kind == "auto" and (notebook or sys.stdout.isatty()))
    shown: list[keras.callbacks.Callback] = [Bar(keeper, epochs, batch_size, bar)]
    return [*shown, LiveCurves(keeper)] if notebook and kind == "auto" else shown


def in_notebook() -> bool:
    """Returns whether the code runs in a notebook."""
    if "IPython" not in sys.modules:
        return False
    from IPython import get_ipython

    return type(get_ipython()).__name__ == "ZMQInteractiveShell"


class Bar(keras.callbacks.Callback):
    """Shows a bar with images per second and the time left, and a line an epoch.

    Args:
        keeper: of the run.
        epochs: of the run.
        batch_size: of the run.
        live: whether to draw the bar; else only lines.
    """

    def __init__(
        self, keeper: Keeper, epochs: int, batch_size: int, live: bool
    ) -> None:
        super().__init__()
        self.keeper, self.epochs, self.batch_size = keeper, epochs, batch_size
        self.live = live and keeper.steps is not None
        if in_notebook() and find_spec("ipywidgets") is None:
            self.live = False  # rich draws bars in notebooks by these widgets
        self.looked = self.began = 0.0
        self.first_step = 0

    def on_train_begin(self, logs: dict[str, float] | None = None) -> None:
        self.bar = self._new_bar()
        self.first_step, self.began = self.keeper.step, time.perf_counter()
        if self.live:
            total = self.epochs * (self.keeper.steps or 0)
            self.task = self.bar.add_task(
                "", total=total, completed=self.keeper.step, state=""
            )
            self.bar.start()

    def _new_bar(self) -> Progress:
        from rich.console import Console
        from rich.progress import BarColumn, Progress, TextColumn, TimeRemainingColumn

        console = Console(soft_wrap=True)
        return Progress(
            TextColumn("{task.description}"),
            BarColumn(bar_width=24),
            TextColumn("{task.fields[state]}"),
            TimeRemainingColumn(compact=True),
            TextColumn("left"),
            console=console,
            refresh_per_second=4,
            transient=True,
        )

    def on_train_batch_end(self, batch: int, logs: dict[str, float]) -> None:
        now = time.perf_counter()
        if not self.live or now - self.looked < REFRESH:
            return
        self.looked = now
        step = self.keeper.step + 1  # the keeper counts this batch after us
        speed = (step - self.first_step) * self.batch_size / (now - self.began)
        self.bar.update(
            self.task,
            completed=step,
            description=f"epoch {self.keeper.run.epochs + 1}/{self.epochs}",
            state=f"{speed:,.0f} images/s, {readable(logs)}",
        )

    def on_epoch_end(self, epoch: int, logs: dict[str, float]) -> None:
        seconds = self.keeper.elapsed()
        self.bar.console.print(
            f"epoch {epoch + 1}/{self.epochs}  {seconds:.1f} s  {readable(logs)}",
            highlight=False,
        )

    def close(self) -> None:
        """Takes the bar away, however the run ended."""
        if self.live and hasattr(self, "bar"):
            self.bar.stop()


def readable(logs: dict[str, float]) -> str:
    """Returns metrics as a person reads them.

    Example:
        >>> readable({"loss": 0.25, "val_accuracy": 0.99})
        'loss 0.25, validation accuracy 0.99'
    """
    return ", ".join(
        f"{name.replace('val_', 'validation ').replace('_', ' ')} {value:.4g}"
        for name, value in logs.items()
    )


class LiveCurves(keras.callbacks.Callback):
    """Draws loss and metrics in a notebook, anew after each epoch.

    Args:
        keeper: of the run.
    """

    def __init__(self, keeper: Keeper) -> None:
        super().__init__()
        self.keeper = keeper
        self.shown: Any = None

    def on_epoch_end(self, epoch: int, logs: dict[str, float]) -> None:
        from IPython.display import display

        figure = compare([with_epoch(self.keeper.run, logs, 0.0)])
        if self.shown is None:
            self.shown = display(figure, display_id=True)
        else:
            self.shown.update(figure)
