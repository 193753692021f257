# %% mistake="triple" exercise="double" fails="test_double"
"""You multiplied by three: twice a number is the number and itself."""


def double(x):
    return 3 * x


# %% mistake="in_place" exercise="double" fails="test_double test_double_input"
"""You changed the array that you were given: make a new one."""


def double(x):
    x *= 2
    return x


# %% mistake="sum" exercise="smooth" fails="test_smooth"
"""You added the neighbours: a mean divides by how many there are."""


def smooth(x):
    if len(x) < 2:
        raise ValueError("x has fewer than two numbers")
    return x[1:] + x[:-1]


# %% mistake="no_check" exercise="smooth" fails="test_smooth"
"""You forgot the error for an x that is too short."""


def smooth(x):
    return (x[1:] + x[:-1]) / 2
