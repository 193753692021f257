# %% variant="lazy_cache" exercise="input_pipeline"
def input_pipeline(read, augment, count, batch_size, epochs, seed):
    kept = {}

    def example(i):
        if i not in kept:
            kept[i] = read(int(i))
        return kept[i]

    per_epoch = math.ceil(count / batch_size)

    def one_epoch(epoch):
        order = epoch_order(count, seed, epoch)
        for b in range(per_epoch):
            rows = order[b * batch_size : (b + 1) * batch_size]
            batch = np.array([example(i) for i in rows])
            yield augment(batch, (seed, epoch * per_epoch + b))

    return [list(one_epoch(epoch)) for epoch in range(epochs)]


# %% variant="split" exercise="input_pipeline"
def input_pipeline(read, augment, count, batch_size, epochs, seed):
    cache = [read(i) for i in range(count)]
    cuts = list(range(batch_size, count, batch_size))
    run = []
    for epoch in range(epochs):
        parts = np.split(epoch_order(count, seed, epoch), cuts)
        first = epoch * len(parts)
        run.append(
            [
                augment(np.stack([cache[i] for i in part]), (seed, first + n))
                for n, part in enumerate(parts)
            ]
        )
    return run


# %% variant="recursion" exercise="epoch_seconds"
def epoch_seconds(prepare, train, buffer):
    begin, end, ready = {}, {}, {}
    for i in range(len(train)):
        if buffer:
            start = max(ready.get(i - 1, 0), begin.get(i - buffer, 0))
        else:
            start = end.get(i - 1, 0)
        ready[i] = start + prepare[i]
        begin[i] = max(ready[i], end.get(i - 1, 0))
        end[i] = begin[i] + train[i]
    return end[len(train) - 1]


# %% variant="queue" exercise="epoch_seconds"
def epoch_seconds(prepare, train, buffer):
    cpu = device = 0.0
    shelf = []  # when each of the last batches left it
    for preparing, using in zip(prepare, train, strict=True):
        if buffer == 0:
            cpu = device
        elif len(shelf) == buffer:
            cpu = max(cpu, shelf.pop(0))
        cpu += preparing
        device = max(device, cpu)
        shelf.append(device)
        device += using
    return float(device)


# %% variant="float64" exercise="mixed_crossentropy"
def mixed_crossentropy(logits, labels, scale):
    wide = logits.astype(np.float64)
    wide = wide - np.max(wide, axis=1)[:, np.newaxis]
    powers = np.exp(wide)
    sums = powers.sum(axis=1)
    own = wide[np.arange(len(labels)), labels]
    loss = np.mean(np.log(sums) - own)
    one_hot = np.eye(logits.shape[1])[labels]
    gradient = scale * (powers / sums[:, np.newaxis] - one_hot) / len(labels)
    with np.errstate(over="ignore"):
        return np.float32(loss), gradient.astype("float16")


# %% variant="logaddexp" exercise="mixed_crossentropy"
def mixed_crossentropy(logits, labels, scale):
    logits = np.asarray(logits, np.float32)
    log_sums = np.logaddexp.reduce(logits, axis=1)
    losses, gradient = [], np.exp(logits - log_sums[:, None])
    for n, label in enumerate(labels):
        losses.append(float(log_sums[n] - logits[n, label]))
        gradient[n, label] -= 1
    gradient *= scale
    gradient /= len(labels)
    with np.errstate(over="ignore"):
        return sum(losses) / len(losses), np.float16(gradient)


# %% variant="loop" exercise="update_scale"
def update_scale(gradients, scale, good_steps, growth_steps=2000):
    unscaled = []
    for gradient in gradients:
        if np.isnan(gradient).any() or np.isinf(gradient).any():
            return None, max(scale * 0.5, 1.0), 0
        unscaled.append(np.float32(gradient) * np.float32(1 / scale))
    good_steps += 1
    if good_steps >= growth_steps:
        scale, good_steps = scale * 2, 0
    return unscaled, scale, good_steps


# %% variant="float64_division" exercise="update_scale"
def update_scale(gradients, scale, good_steps, growth_steps=2000):
    everything = np.concatenate([gradient.ravel() for gradient in gradients])
    if not np.all(np.abs(everything) < np.inf):
        return None, scale / 2 if scale > 2 else 1.0, 0
    wide = [(g.astype(np.float64) / scale).astype(np.float32) for g in gradients]
    doubled = (good_steps + 1) % growth_steps == 0
    return wide, scale * (1 + doubled), 0 if doubled else good_steps + 1


# %% variant="squared_cosine" exercise="warmup_cosine"
def warmup_cosine(step, peak, steps, warmup_steps=0, end=0.0):
    if step >= steps:
        return end
    if step < warmup_steps:
        return step / warmup_steps * peak
    share = (step - warmup_steps) / (steps - warmup_steps)
    height = math.cos(share * math.pi / 2) ** 2
    return peak * height + end * (1 - height)


# %% variant="numpy" exercise="warmup_cosine"
def warmup_cosine(step, peak, steps, warmup_steps=0, end=0.0):
    rise = min(step / warmup_steps, 1.0) if warmup_steps else 1.0
    t = np.clip((step - warmup_steps) / (steps - warmup_steps), 0, 1)
    fall = end + 0.5 * (peak - end) * (1 + np.cos(np.pi * t))
    return rise * fall if step >= warmup_steps else rise * peak


# %% variant="squared_sines" exercise="one_cycle"
def one_cycle(step, peak, steps, rise=0.3, start=1 / 25, end=1e-4):
    top = rise * steps
    if step <= top:
        lowest, share = start, step / top
    else:
        lowest, share = end, max((steps - step) / (steps - top), 0)
    return peak * (lowest + (1 - lowest) * math.sin(share * math.pi / 2) ** 2)


# %% variant="three_parts" exercise="one_cycle"
def one_cycle(step, peak, steps, rise=0.3, start=1 / 25, end=1e-4):
    if step >= steps:
        return peak * end
    up, down = rise * steps, (1 - rise) * steps
    if step <= up:
        middle, half = (1 + start) / 2, (1 - start) / 2
        return peak * (middle - half * np.cos(np.pi * step / up))
    middle, half = (1 + end) / 2, (1 - end) / 2
    return peak * (middle + half * np.cos(np.pi * (step - up) / down))


# %% variant="weighted_means" exercise="suggest_rate"
def suggest_rate(rates, losses):
    means = []
    for i in range(len(losses)):
        weights = 0.9 ** np.arange(i, -1, -1.0)
        mean = np.average(losses[: i + 1], weights=weights)
        if not np.isfinite(mean) or (means and mean > 4 * np.min(means)):
            break
        means.append(mean)
    logs = np.log(rates)
    slope = [
        (means[i + 1] - means[i]) / (logs[i + 1] - logs[i])
        for i in range(len(means) - 1)
    ]
    best = slope.index(min(slope))
    return np.exp((logs[best] + logs[best + 1]) / 2)


# %% variant="whole_arrays" exercise="suggest_rate"
def suggest_rate(rates, losses):
    n = len(losses)
    with np.errstate(all="ignore"):
        powers = 0.9 ** np.subtract.outer(np.arange(n), np.arange(n)).clip(0)
        parts = np.where(np.tri(n, dtype=bool), 0.1 * powers * losses, 0.0)
        smoothed = parts.sum(axis=1) / (1 - 0.9 ** np.arange(1, n + 1))
        least = np.minimum.accumulate(smoothed)
        fine = np.isfinite(smoothed)
        fine[1:] &= smoothed[1:] <= 4 * least[:-1]
    keep = n if fine.all() else int(np.argmin(fine))
    slopes = np.diff(smoothed[:keep]) / np.log(rates[1:keep] / rates[: keep - 1])
    place = slopes.argmin()
    return math.sqrt(rates[place] * rates[place + 1])


# %% variant="strided_shares" exercise="global_gradient"
def global_gradient(gradient, w, x, y, devices):
    parts = []
    for device in range(min(devices, len(x))):
        mine, targets = x[device::devices], y[device::devices]
        parts.append(gradient(w, mine, targets) * (len(mine) / len(x)))
    return sum(parts)


# %% variant="weighted_average" exercise="global_gradient"
def global_gradient(gradient, w, x, y, devices):
    devices = min(devices, len(x))
    pairs = list(
        zip(np.array_split(x, devices), np.array_split(y, devices), strict=True)
    )
    means = [gradient(w, inputs, targets) for inputs, targets in pairs]
    return np.average(means, axis=0, weights=[len(inputs) for inputs, _ in pairs])


# %% variant="copy" exercise="scale_recipe"
def scale_recipe(recipe, devices):
    scaled = dict(recipe)
    for key in ("batch_size", "learning_rate"):
        scaled[key] = recipe[key] * devices
    for key in ("steps", "warmup_steps"):
        scaled[key] = -(-recipe[key] // devices)
    return scaled


# %% variant="by_examples" exercise="scale_recipe"
def scale_recipe(recipe, devices):
    batch_size = recipe["batch_size"] * devices

    def steps_for(steps):
        examples = steps * recipe["batch_size"]
        return (examples + batch_size - 1) // batch_size

    return {
        "batch_size": batch_size,
        "learning_rate": recipe["learning_rate"] * float(devices),
        "steps": steps_for(recipe["steps"]),
        "warmup_steps": steps_for(recipe["warmup_steps"]),
    }


# %% variant="epoch_and_place" exercise="train"
def train(x, y, steps, batch_size, seed, state=None):
    rng = np.random.default_rng(seed)
    weights, velocity = np.zeros((x.shape[1], 10)), np.zeros((x.shape[1], 10))
    epoch, place, done = 0, 0, 0
    if state is not None:
        weights, velocity, epoch, place, done, rng.bit_generator.state = state
    losses = []
    while len(losses) < steps:
        rows = epoch_order(len(x), seed, epoch)[place : place + batch_size]
        weights, velocity, loss = update(
            weights, velocity, x[rows], y[rows], rate_at(done), rng
        )
        losses.append(loss)
        done, place = done + 1, place + batch_size
        if place >= len(x):
            epoch, place = epoch + 1, 0
    return losses, [weights, velocity, epoch, place, done, rng.bit_generator.state]


# %% variant="pickled" exercise="train"
def train(x, y, steps, batch_size, seed, state=None):
    import pickle

    if state is None:
        rng = np.random.default_rng(seed)
        weights, velocity, done = np.zeros((x.shape[1], 10)), 0.0, 0
    else:
        weights, velocity, done, rng = pickle.loads(state)
    in_epoch = -(-len(x) // batch_size)
    losses = []
    for _ in range(steps):
        order = epoch_order(len(x), seed, done // in_epoch)
        rows = order[done % in_epoch * batch_size :][:batch_size]
        weights, velocity, loss = update(
            weights, velocity, x[rows], y[rows], rate_at(done), rng
        )
        done += 1
        losses += [loss]
    return losses, pickle.dumps((weights, velocity, done, rng))


# %% variant="sorted" exercise="throughput"
def throughput(step_seconds, batch_size, macs, peak_flops):
    times = sorted(step_seconds[2:])
    n = len(times)
    median = (times[n // 2] + times[(n - 1) // 2]) / 2
    work = 3 * macs * batch_size
    return {
        "images_per_second": batch_size / median,
        "macs_per_second": work / median,
        "fraction_of_peak": 2 * work / (median * peak_flops),
    }


# %% variant="statistics" exercise="throughput"
def throughput(step_seconds, batch_size, macs, peak_flops):
    from statistics import median

    speed = {"images_per_second": batch_size / median(step_seconds[2:])}
    speed["macs_per_second"] = speed["images_per_second"] * macs * 3
    speed["fraction_of_peak"] = speed["macs_per_second"] / (peak_flops / 2)
    return speed
