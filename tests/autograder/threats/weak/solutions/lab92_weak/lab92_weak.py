# ---
# jupyter:
#   kernelspec:
#     display_name: Python 3
#     language: python
#     name: python3
#   lab:
#     title: Weak tests
#     call_seconds: 1.5
#     cell_seconds: 2
#     total_seconds: 12
#     memory_mb: 512
# ---

# %% [markdown]
# Tests as a hurried author writes them: they trust loops, messages, shared arrays and
# `except`. A grader must not make them weaker than they are in a notebook.

# %% given="data"
import numpy as np

from cnncourse import checks

_photograph = np.arange(6.0)


def photograph():
    return _photograph


def halved(x):
    return np.array([v / 2 for v in x])


# %% solution="triple"
def triple(x):
    ### BEGIN SOLUTION
    return 3 * x
    ### END SOLUTION


# %% tests="triple" name="each" points=2
for received, expected in zip(map(triple, [1.0, 2.0]), [3.0, 6.0]):
    checks.equal(received, expected, "three times a number")

# %% tests="triple" name="photograph" points=2
checks.array(triple(photograph()), 3 * np.arange(6.0), "three times a photograph")

# %% tests="triple" name="nothing" points=2
checks.raises(Exception, triple, None, what="three times nothing")

# %% tests="triple" name="message" points=2
answer = triple(2.0)
assert answer == 6.0, answer

# %% tests="triple" name="halved" points=2
checks.array(triple(halved(triple(np.ones(3)))), np.full(3, 4.5), "half of three")


# %% solution="apply"
def apply(function, x):
    ### BEGIN SOLUTION
    return function(x)
    ### END SOLUTION


# %% tests="apply" points=2
checks.equal(apply(lambda v: v + 1, 1.0), 2.0, "one more")
