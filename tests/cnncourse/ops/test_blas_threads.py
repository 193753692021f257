"""The number of threads of NumPy's BLAS."""

import os

import pytest
from threadpoolctl import threadpool_info, threadpool_limits

from cnncourse.ops import blas_threads as module
from cnncourse.ops.blas_threads import blas_threads


@pytest.mark.parametrize("threads", [1, 2])
def test_it_follows_the_limit_of_the_moment(threads: int) -> None:
    if not any(library["user_api"] == "blas" for library in threadpool_info()):
        pytest.skip("this NumPy's BLAS cannot be asked")
    with threadpool_limits(threads, user_api="blas"):
        assert blas_threads() == min(threads, os.cpu_count() or 1)


def test_a_library_that_cannot_be_asked_uses_all(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(module, "_numpys_blas", lambda: None)
    assert blas_threads() == os.cpu_count()
