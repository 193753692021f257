"""Is the comparison of convolutions fair?"""

import pytest

from benchmarks.convolution import (
    SHAPES,
    TASKS,
    Row,
    choice,
    median_ratio,
    print_summary,
)


def test_a_machine_that_gets_slower_changes_no_ratio() -> None:
    speeds = [1.0, 1.5, 2.0, 4.0]
    assert median_ratio([2 * s for s in speeds], speeds[:3]) == 2.0


@pytest.mark.parametrize("task", TASKS)
def test_choice_is_that_of_the_library(task: str) -> None:
    assert choice(SHAPES[0], task, "float32") == "winograd"
    assert choice(SHAPES[3], task, "float64") == "fft"


def row(task: str, method: str, milliseconds: float, ours_takes: float) -> Row:
    return Row(
        threads=1,
        dtype="float32",
        shape=SHAPES[0].name,
        task=task,
        method=method,
        chosen="winograd",
        milliseconds=milliseconds,
        ours_takes=ours_takes,
        gflops=1.0,
        percent=80.0,
        megabytes=1.0,
        error=0.0,
    )


def test_summary_tells_a_worse_choice_from_noise(
    capsys: pytest.CaptureFixture[str],
) -> None:
    rows = []
    for task, milliseconds in zip(TASKS, (1.0, 1.5, 1.2), strict=True):
        rows += [
            row(task, "ours", milliseconds, 1.0),
            row(task, "winograd", milliseconds, 1.08 if task == TASKS[1] else 0.9),
            row(task, "im2col", milliseconds, 1.03 if task == TASKS[2] else 0.5),
            row(task, "tf.nn.conv2d", milliseconds, 2.0),
        ]
    print_summary(rows)
    lines = capsys.readouterr().out.splitlines()
    assert lines[3:] == [
        "  64 channels, 3x3, forward: 80 % of GEMM (aim: at least 75)",
        (
            "  gradients against forward: at most 1.50 times as long "
            "(64 channels, 3x3, input gradient; aim: 2.2)"
        ),
        (
            "  against the algorithms not chosen: at most 3 % slower "
            "(64 channels, 3x3, kernel gradient, im2col; aim: 5)"
        ),
        (
            "  against the very algorithm that was chosen, which is noise: at most 8 % "
            "(64 channels, 3x3, input gradient, winograd)"
        ),
    ]
