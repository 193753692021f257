"""Does a person see how a run goes?"""

from collections.abc import Callable
from typing import Any

import keras
import numpy as np
import pytest

from cnncourse.training import progress
from cnncourse.training.loop import fit

Make = Callable[..., keras.Model]
Arrays = tuple[np.ndarray, np.ndarray]


def test_each_epoch_is_a_line(
    make: Make, arrays: Arrays, capsys: pytest.CaptureFixture[str]
) -> None:
    run = fit(make(), arrays, arrays, epochs=2, progress="lines")
    lines = capsys.readouterr().out.splitlines()
    assert [line.split("  ")[0] for line in lines] == ["epoch 1/2", "epoch 2/2"]
    assert f"validation loss {run.history['val_loss'][1]:.4g}" in lines[1]


def test_a_bar_shows_speed_and_is_taken_away(
    make: Make, arrays: Arrays, monkeypatch: pytest.MonkeyPatch
) -> None:
    shown: list[dict[str, Any]] = []
    stopped: list[bool] = []
    new_bar = progress.Bar._new_bar

    def watched(self: progress.Bar) -> Any:
        bar = new_bar(self)
        monkeypatch.setattr(bar, "update", lambda task, **fields: shown.append(fields))
        monkeypatch.setattr(bar, "stop", lambda: stopped.append(True))
        return bar

    monkeypatch.setattr(progress.Bar, "_new_bar", watched)
    monkeypatch.setattr(progress, "REFRESH", 0.0)
    fit(make(), arrays, epochs=2, batch_size=30, progress="bar")
    assert [fields["completed"] for fields in shown] == [1, 2, 3, 4, 5, 6]
    assert shown[-1]["description"] == "epoch 2/2"
    assert "images/s, accuracy" in shown[-1]["state"]
    assert stopped == [True]


def test_in_a_notebook_curves_are_drawn_anew_after_each_epoch(
    make: Make, arrays: Arrays, monkeypatch: pytest.MonkeyPatch
) -> None:
    import IPython.display

    class Handle:
        def update(self, figure: Any) -> None:
            figures.append(figure)

    def display(figure: Any, display_id: bool) -> Handle:
        assert display_id
        figures.append(figure)
        return Handle()

    figures: list[Any] = []
    monkeypatch.setattr(IPython.display, "display", display)
    monkeypatch.setattr(progress, "in_notebook", lambda: True)
    fit(make(), arrays, epochs=3)
    points = [len(figure.axes[0].lines[0].get_xdata()) for figure in figures]
    assert points == [1, 2, 3]


def test_silence(
    make: Make, arrays: Arrays, capsys: pytest.CaptureFixture[str]
) -> None:
    fit(make(), arrays, progress="none")
    assert capsys.readouterr().out == ""


def test_this_is_no_notebook() -> None:
    assert not progress.in_notebook()


def test_metrics_are_readable() -> None:
    text = progress.readable({"loss": 0.123456, "val_top_accuracy": 1.0})
    assert text == "loss 0.1235, validation top accuracy 1"
