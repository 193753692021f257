"""Is the page of results what the runs were?"""

from dataclasses import replace

import pytest

from benchmarks import results
from benchmarks.results import Result

RUN = Result(
    accuracy=0.993,
    accuracies=[0.98, 0.991, 0.993],
    seconds=[5.0, 10.0, 15.0],
    parameters=61_706,
    hardware={"processor": "a processor", "cores": 2, "precision": "float32"},
    versions={"keras": "3"},
)


def test_the_time_is_that_of_the_first_epoch_that_is_good_enough() -> None:
    assert RUN.seconds_to(0.99) == 10.0
    assert RUN.seconds_to(0.999) is None
    slower = replace(RUN, seconds=[10.0, 30.0, 40.0])
    assert results.mean_time([RUN, slower]) == 20.0
    assert results.mean_time([RUN, replace(RUN, accuracies=[0.1, 0.2, 0.3])]) is None


def test_the_page_has_means_seeds_hardware_and_times() -> None:
    runs = [RUN, replace(RUN, accuracy=0.995), replace(RUN, accuracy=0.994)]
    text = results.page({task.name: runs for task in results.TASKS})
    assert "a processor, 2 cores, float32" in text
    assert "| 61,706 | 3 | **99.40 %** | 99.30 %, 99.50 %, 99.40 % | 15 s |" in text
    assert "## Time to 99% on MNIST" in text
    assert text.count("| 10.0 s | 10.0 s, 10.0 s, 10.0 s |") == 2


def test_without_mnist_there_is_no_time_to_it() -> None:
    text = results.page({"lenet5-digits": [RUN] * 3})
    assert "Time to" not in text
    assert "mnist" not in text


@pytest.mark.parametrize("task", results.TASKS)
def test_a_task_has_a_recipe_or_is_the_other(task: results.Task) -> None:
    from cnncourse.training import RECIPES

    assert task.name in RECIPES or task.name == "keras-io-convnet"
