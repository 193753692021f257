# %% variant="addition" exercise="double"
def double(x):
    return x + x


# %% variant="convolution" exercise="smooth"
def smooth(x):
    if len(x) < 2:
        raise ValueError("too short")
    return np.array([np.mean(x[i : i + 2]) for i in range(len(x) - 1)])
