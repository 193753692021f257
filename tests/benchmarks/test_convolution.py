"""Is the comparison of convolutions fair?"""

from benchmarks.convolution import median_ratio


def test_a_machine_that_gets_slower_changes_no_ratio() -> None:
    speeds = [1.0, 1.5, 2.0, 4.0]
    assert median_ratio([2 * s for s in speeds], speeds[:3]) == 2.0
