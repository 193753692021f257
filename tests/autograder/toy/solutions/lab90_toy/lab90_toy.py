# ---
# jupyter:
#   kernelspec:
#     display_name: Python 3
#     language: python
#     name: python3
#   lab:
#     title: A toy
#     withheld_modules: [cnncourse.ops, scipy, tensorflow, keras, sklearn, skimage]
#     withheld_names: [numpy.convolve, numpy.correlate]
#     call_seconds: 1.5
#     cell_seconds: 2
#     memory_mb: 512
# ---

# %% [markdown]
# # A toy lab
# Small enough to be graded in a moment; the tests of the autograder use it.

# %% given="imports"
import matplotlib.pyplot as plt
import numpy as np

from cnncourse import checks

signal = np.array([1.0, 2.0, 4.0])

# %% [markdown]
# ## `double`


# %% solution="double"
def double(x):
    """Returns a new array with twice the values of x."""
    ### BEGIN SOLUTION
    return 2 * x
    ### END SOLUTION


# %% tests="double" points=3
checks.array(double(signal), np.array([2.0, 4.0, 8.0]), "doubling three numbers")
### BEGIN HIDDEN TESTS
secret = np.array([[31337.0, -7.5], [0.0, 2.25]])
checks.array(double(secret), secret + secret, "doubling a matrix")
### END HIDDEN TESTS

# %% tests="double" name="input" points=2
kept = np.arange(4.0)
with checks.unchanged("doubling keeps its input", kept):
    doubled = double(kept)
checks.shape(doubled, (4,), "doubling four numbers")

# %% [markdown]
# ## `smooth`


# %% solution="smooth"
def smooth(x):
    """Means of neighbours: an array with one number less than x.

    Raises:
        ValueError: if x has fewer than two numbers.
    """
    ### BEGIN SOLUTION
    if len(x) < 2:
        raise ValueError("x has fewer than two numbers")
    return (x[1:] + x[:-1]) / 2
    ### END SOLUTION


# %% tests="smooth" points=3
checks.array(smooth(signal), np.array([1.5, 3.0]), "smoothing three numbers")
### BEGIN HIDDEN TESTS
longer = np.array([5.0, 9.0, 1.0, 3.0])
checks.array(smooth(longer), np.array([7.0, 5.0, 2.0]), "smoothing four numbers")
checks.raises(ValueError, smooth, np.array([1.0]), what="smoothing one number")
### END HIDDEN TESTS

# %% solution="answer"
### BEGIN SOLUTION
answer = "one fewer"
### END SOLUTION

# %% tests="answer" points=2
checks.equal(answer, "one fewer", "how many numbers are left")

# %% experiment="picture"
plt.plot(double(signal))
plt.show()
