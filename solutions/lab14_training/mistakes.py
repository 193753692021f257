# %% mistake="shuffled_after_batching" exercise="input_pipeline" fails="test_input_pipeline_order test_input_pipeline_cache test_input_pipeline_augment"
"""You shuffle whole batches: the same examples sit together in every epoch. Shuffle the
examples before you cut them into batches."""


def input_pipeline(read, augment, count, batch_size, epochs, seed):
    examples = np.stack([read(i) for i in range(count)])
    plain = [examples[i : i + batch_size] for i in range(0, count, batch_size)]
    run, number = [], 0
    for epoch in range(epochs):
        batches = []
        for b in epoch_order(len(plain), seed, epoch):
            batches.append(augment(plain[b], (seed, number)))
            number += 1
        run.append(batches)
    return run


# %% mistake="augmented_images_cached" exercise="input_pipeline" fails="test_input_pipeline_order test_input_pipeline_augment"
"""You keep the augmented batches of the first epoch and show them again in the others.
Keep the plain examples, and augment anew in every epoch."""


def input_pipeline(read, augment, count, batch_size, epochs, seed):
    examples = np.stack([read(i) for i in range(count)])
    order = epoch_order(count, seed, 0)
    batches = []
    for number, start in enumerate(range(0, count, batch_size)):
        batch = examples[order[start : start + batch_size]]
        batches.append(augment(batch, (seed, number)))
    return [batches for _ in range(epochs)]


# %% mistake="augmented_upon_augmented" exercise="input_pipeline" fails="test_input_pipeline_augment"
"""You put the augmented examples back into the cache, so that each epoch augments what
the last one made. Start every epoch from the plain examples."""


def input_pipeline(read, augment, count, batch_size, epochs, seed):
    examples = np.stack([read(i) for i in range(count)])
    run, number = [], 0
    for epoch in range(epochs):
        order = epoch_order(count, seed, epoch)
        batches = []
        for start in range(0, count, batch_size):
            batch = examples[order[start : start + batch_size]]
            rows = order[start : start + batch_size]
            examples[rows] = augment(batch, (seed, number))
            batches.append(examples[rows])
            number += 1
        run.append(batches)
    return run


# %% mistake="augmented_before_the_epochs" exercise="input_pipeline" fails="test_input_pipeline_augment"
"""You augment the examples once, before the epochs, and keep them so. Then the network
sees the same pictures in every epoch: augment each batch when it is made."""


def input_pipeline(read, augment, count, batch_size, epochs, seed):
    examples = np.stack([read(i) for i in range(count)])
    examples = augment(examples, (seed, 0))
    run, number = [], 0
    for epoch in range(epochs):
        order = epoch_order(count, seed, epoch)
        batches = []
        for start in range(0, count, batch_size):
            batch = examples[order[start : start + batch_size]]
            batches.append(batch)
            number += 1
        run.append(batches)
    return run


# %% mistake="no_cache" exercise="input_pipeline" fails="test_input_pipeline_cache"
"""You read every example again in every epoch. Read them once and keep them."""


def input_pipeline(read, augment, count, batch_size, epochs, seed):
    run, number = [], 0
    for epoch in range(epochs):
        order = epoch_order(count, seed, epoch)
        batches = []
        for start in range(0, count, batch_size):
            batch = np.stack([read(int(i)) for i in order[start : start + batch_size]])
            batches.append(augment(batch, (seed, number)))
            number += 1
        run.append(batches)
    return run


# %% mistake="augmented_one_by_one" exercise="input_pipeline" fails="test_input_pipeline_augment"
"""You call `augment` for each example. Put the examples together first and call it once
for the whole batch."""


def input_pipeline(read, augment, count, batch_size, epochs, seed):
    examples = np.stack([read(i) for i in range(count)])
    run, number = [], 0
    for epoch in range(epochs):
        order = epoch_order(count, seed, epoch)
        batches = []
        for start in range(0, count, batch_size):
            batch = examples[order[start : start + batch_size]]
            changed = [augment(example[None], (seed, number))[0] for example in batch]
            batches.append(np.stack(changed))
            number += 1
        run.append(batches)
    return run


# %% mistake="same_order_every_epoch" exercise="input_pipeline" fails="test_input_pipeline_order test_input_pipeline_augment"
"""Every epoch of yours has the order of the first. Give `epoch_order` the number of the
epoch."""


def input_pipeline(read, augment, count, batch_size, epochs, seed):
    examples = np.stack([read(i) for i in range(count)])
    run, number = [], 0
    for epoch in range(epochs):
        order = epoch_order(count, seed, 0)
        batches = []
        for start in range(0, count, batch_size):
            batch = examples[order[start : start + batch_size]]
            batches.append(augment(batch, (seed, number)))
            number += 1
        run.append(batches)
    return run


# %% mistake="not_shuffled" exercise="input_pipeline" fails="test_input_pipeline_order test_input_pipeline_augment"
"""You take the examples as they lie. Each epoch has the order that `epoch_order`
gives."""


def input_pipeline(read, augment, count, batch_size, epochs, seed):
    examples = np.stack([read(i) for i in range(count)])
    run, number = [], 0
    for epoch in range(epochs):
        order = np.arange(count)
        batches = []
        for start in range(0, count, batch_size):
            batch = examples[order[start : start + batch_size]]
            batches.append(augment(batch, (seed, number)))
            number += 1
        run.append(batches)
    return run


# %% mistake="shuffled_the_shuffled" exercise="input_pipeline" fails="test_input_pipeline_order test_input_pipeline_augment"
"""You shuffle the examples in place, so that each epoch permutes the order of the one
before. The order of an epoch must depend on its number alone."""


def input_pipeline(read, augment, count, batch_size, epochs, seed):
    examples = np.stack([read(i) for i in range(count)])
    run, number = [], 0
    for epoch in range(epochs):
        examples = examples[epoch_order(count, seed, epoch)]
        batches = []
        for start in range(0, count, batch_size):
            batch = examples[start : start + batch_size]
            batches.append(augment(batch, (seed, number)))
            number += 1
        run.append(batches)
    return run


# %% mistake="last_batch_dropped" exercise="input_pipeline" fails="test_input_pipeline_order test_input_pipeline_augment"
"""You leave out what does not fill a batch at the end of an epoch. The last batch may
have fewer examples."""


def input_pipeline(read, augment, count, batch_size, epochs, seed):
    examples = np.stack([read(i) for i in range(count)])
    run, number = [], 0
    for epoch in range(epochs):
        order = epoch_order(count, seed, epoch)
        batches = []
        for start in range(0, count - batch_size + 1, batch_size):
            batch = examples[order[start : start + batch_size]]
            batches.append(augment(batch, (seed, number)))
            number += 1
        run.append(batches)
    return run


# %% mistake="augmentation_restarts" exercise="input_pipeline" fails="test_input_pipeline_augment"
"""The number of your batch begins at 0 again in each epoch, and with it the random
changes. Count it on through all epochs."""


def input_pipeline(read, augment, count, batch_size, epochs, seed):
    examples = np.stack([read(i) for i in range(count)])
    run, number = [], 0
    for epoch in range(epochs):
        order = epoch_order(count, seed, epoch)
        batches, number = [], 0
        for start in range(0, count, batch_size):
            batch = examples[order[start : start + batch_size]]
            batches.append(augment(batch, (seed, number)))
            number += 1
        run.append(batches)
    return run


# %% mistake="augmented_by_epoch" exercise="input_pipeline" fails="test_input_pipeline_augment"
"""You give `augment` the number of the epoch. All batches of an epoch are then changed
by the same random numbers: give it the number of the batch."""


def input_pipeline(read, augment, count, batch_size, epochs, seed):
    examples = np.stack([read(i) for i in range(count)])
    run, number = [], 0
    for epoch in range(epochs):
        order = epoch_order(count, seed, epoch)
        batches = []
        for start in range(0, count, batch_size):
            batch = examples[order[start : start + batch_size]]
            batches.append(augment(batch, (seed, epoch)))
            number += 1
        run.append(batches)
    return run


# %% mistake="one_flat_list" exercise="input_pipeline" fails="test_input_pipeline_order test_input_pipeline_cache test_input_pipeline_augment"
"""You return one list of all batches. The task asks for a list of epochs, each of which
is a list of batches."""


def input_pipeline(read, augment, count, batch_size, epochs, seed):
    examples = np.stack([read(i) for i in range(count)])
    run, number = [], 0
    for epoch in range(epochs):
        order = epoch_order(count, seed, epoch)
        batches = []
        for start in range(0, count, batch_size):
            batch = examples[order[start : start + batch_size]]
            batches.append(augment(batch, (seed, number)))
            number += 1
        run.extend(batches)
    return run


# %% mistake="run_without_cut" exercise="input_pipeline" fails="test_input_pipeline_order test_input_pipeline_cache test_input_pipeline_augment"
"""Your epoch is one single batch. Cut the order into pieces of `batch_size`."""


def input_pipeline(read, augment, count, batch_size, epochs, seed):
    examples = np.stack([read(i) for i in range(count)])
    run, number = [], 0
    for epoch in range(epochs):
        order = epoch_order(count, seed, epoch)
        batches = []
        for start in [0]:
            batch = examples[order]
            batches.append(augment(batch, (seed, number)))
            number += 1
        run.append(batches)
    return run


# %% mistake="always_in_turns" exercise="epoch_seconds" fails="test_epoch_seconds_even test_epoch_seconds_uneven"
"""You add all times whatever the buffer. With room for prepared batches, processor and
device work at the same time."""


def epoch_seconds(prepare, train, buffer):
    return sum(prepare) + sum(train)


# %% mistake="only_the_longer" exercise="epoch_seconds" fails="test_epoch_seconds_even test_epoch_seconds_uneven"
"""You take the longer of two sums. The device must wait for the first batch before it
has anything to do, and stands still whenever a batch is late."""


def epoch_seconds(prepare, train, buffer):
    if buffer == 0:
        return sum(prepare) + sum(train)
    return max(sum(prepare), sum(train))


# %% mistake="first_wait_and_longer" exercise="epoch_seconds" fails="test_epoch_seconds_uneven"
"""You let the device wait for the first batch, and then the slower of the two set the
pace of the whole epoch. Times are uneven: follow both workers batch by batch."""


def epoch_seconds(prepare, train, buffer):
    if buffer == 0:
        return sum(prepare) + sum(train)
    return max(prepare[0] + sum(train), sum(prepare) + train[-1])


# %% mistake="in_lockstep" exercise="epoch_seconds" fails="test_epoch_seconds_uneven"
"""You let the processor wait at each batch until the device is done with the one
before. It may go on as long as there is room on the shelf."""


def epoch_seconds(prepare, train, buffer):
    if buffer == 0:
        return sum(prepare) + sum(train)
    middle = [max(p, t) for p, t in zip(prepare[1:], train[:-1], strict=True)]
    return prepare[0] + sum(middle) + train[-1]


# %% mistake="unlimited_room" exercise="epoch_seconds" fails="test_epoch_seconds_uneven"
"""The processor of your pipeline never waits for room. It may begin batch i only when
the device has begun batch i - buffer."""


def epoch_seconds(prepare, train, buffer):
    if buffer == 0:
        return sum(prepare) + sum(train)
    prepared = trained = 0
    begun = []  # when the device began each batch
    for i, (making, using) in enumerate(zip(prepare, train, strict=True)):
        room = 0
        prepared = max(prepared, room) + making
        begun.append(max(prepared, trained))
        trained = begun[i] + using
    return trained


# %% mistake="room_for_one_more" exercise="epoch_seconds" fails="test_epoch_seconds_uneven"
"""You have room for one batch too many: when the processor begins batch i, the device
must have begun batch i - buffer."""


def epoch_seconds(prepare, train, buffer):
    if buffer == 0:
        return sum(prepare) + sum(train)
    prepared = trained = 0
    begun = []  # when the device began each batch
    for i, (making, using) in enumerate(zip(prepare, train, strict=True)):
        room = begun[i - buffer - 1] if i > buffer else 0
        prepared = max(prepared, room) + making
        begun.append(max(prepared, trained))
        trained = begun[i] + using
    return trained


# %% mistake="room_when_done" exercise="epoch_seconds" fails="test_epoch_seconds_even test_epoch_seconds_uneven"
"""You free the room of a batch when the device is done with it. It leaves the shelf
when the device begins."""


def epoch_seconds(prepare, train, buffer):
    if buffer == 0:
        return sum(prepare) + sum(train)
    prepared = trained = 0
    begun = []  # when the device began each batch
    for i, (making, using) in enumerate(zip(prepare, train, strict=True)):
        room = begun[i - buffer] if i >= buffer else 0
        prepared = max(prepared, room) + making
        trained = max(prepared, trained) + using
        begun.append(trained)
    return trained


# %% mistake="last_step_forgotten" exercise="epoch_seconds" fails="test_epoch_seconds_even test_epoch_seconds_uneven"
"""You return when the last training step begins. Return when it ends."""


def epoch_seconds(prepare, train, buffer):
    if buffer == 0:
        return sum(prepare) + sum(train)
    prepared = trained = 0
    begun = []  # when the device began each batch
    for i, (making, using) in enumerate(zip(prepare, train, strict=True)):
        room = begun[i - buffer] if i >= buffer else 0
        prepared = max(prepared, room) + making
        begun.append(max(prepared, trained))
        trained = begun[i] + using
    return begun[-1]


# %% mistake="zero_as_one" exercise="epoch_seconds" fails="test_epoch_seconds_even test_epoch_seconds_uneven"
"""Your buffer of 0 works like one of 1. Without prefetch the processor waits until the
device is done."""


def epoch_seconds(prepare, train, buffer):
    buffer = max(buffer, 1)
    prepared = trained = 0
    begun = []  # when the device began each batch
    for i, (making, using) in enumerate(zip(prepare, train, strict=True)):
        room = begun[i - buffer] if i >= buffer else 0
        prepared = max(prepared, room) + making
        begun.append(max(prepared, trained))
        trained = begun[i] + using
    return trained


# %% mistake="device_never_waits" exercise="epoch_seconds" fails="test_epoch_seconds_even test_epoch_seconds_uneven"
"""Your device begins with a batch when it is done with the one before, even if the next
is not prepared. It begins at the later of the two times."""


def epoch_seconds(prepare, train, buffer):
    if buffer == 0:
        return sum(prepare) + sum(train)
    prepared = trained = 0
    begun = []  # when the device began each batch
    for i, (making, using) in enumerate(zip(prepare, train, strict=True)):
        room = begun[i - buffer] if i >= buffer else 0
        prepared = max(prepared, room) + making
        begun.append(trained or prepared)
        trained = begun[i] + using
    return trained


# %% mistake="float16_softmax" exercise="mixed_crossentropy" fails="test_mixed_crossentropy_range test_mixed_crossentropy_scale"
"""Your softmax works in float16, where exp(12) is infinite and small shares vanish.
Turn the logits into float32 first."""


def mixed_crossentropy(logits, labels, scale):
    with np.errstate(all="ignore"):
        powers = np.exp(logits)
        probabilities = powers / powers.sum(axis=1, keepdims=True)
        rows = np.arange(len(labels))
        loss = -np.log(probabilities[rows, labels]).mean()
        gradient = probabilities.copy()
        gradient[rows, labels] -= 1
        scaled = gradient * np.float16(scale) / np.float16(len(labels))
    return float(loss), scaled


# %% mistake="float16_softmax_shifted" exercise="mixed_crossentropy" fails="test_mixed_crossentropy_range test_mixed_crossentropy_scale"
"""You subtract the largest logit, which keeps the powers from overflowing, but you
still compute in float16: small shares vanish and digits are lost. Softmax and loss
belong in float32."""


def mixed_crossentropy(logits, labels, scale):
    logits = logits - logits.max(axis=1, keepdims=True)
    log_sum = np.log(np.exp(logits).sum(axis=1, keepdims=True))
    log_probabilities = logits - log_sum
    rows = np.arange(len(labels))
    loss = -log_probabilities[rows, labels].mean()
    gradient = np.exp(log_probabilities)
    gradient[rows, labels] -= 1
    with np.errstate(over="ignore"):
        return float(loss), (
            gradient.astype(np.float32) * (scale / len(labels))
        ).astype(np.float16)


# %% mistake="scaled_after_rounding" exercise="mixed_crossentropy" fails="test_mixed_crossentropy_scale"
"""You round the gradient to float16 and scale it then. What has become 0 by rounding
stays 0: multiply by the scale before."""


def mixed_crossentropy(logits, labels, scale):
    logits = logits.astype(np.float32)
    logits -= logits.max(axis=1, keepdims=True)
    log_sum = np.log(np.exp(logits).sum(axis=1, keepdims=True))
    log_probabilities = logits - log_sum
    rows = np.arange(len(labels))
    loss = -log_probabilities[rows, labels].mean()
    gradient = np.exp(log_probabilities)
    gradient[rows, labels] -= 1
    with np.errstate(over="ignore"):
        return float(loss), (
            (gradient / len(labels)).astype(np.float16) * np.float16(min(scale, 65504))
        )


# %% mistake="largest_not_subtracted" exercise="mixed_crossentropy" fails="test_mixed_crossentropy_range"
"""You take exp of the logits as they are. In float32 it overflows above 88: subtract
the largest logit of each row first."""


def mixed_crossentropy(logits, labels, scale):
    logits = logits.astype(np.float32)
    with np.errstate(over="ignore"):
        log_sum = np.log(np.exp(logits).sum(axis=1, keepdims=True))
    log_probabilities = logits - log_sum
    rows = np.arange(len(labels))
    loss = -log_probabilities[rows, labels].mean()
    gradient = np.exp(log_probabilities)
    gradient[rows, labels] -= 1
    with np.errstate(over="ignore"):
        return float(loss), (gradient * (scale / len(labels))).astype(np.float16)


# %% mistake="log_of_a_zero" exercise="mixed_crossentropy" fails="test_mixed_crossentropy_range"
"""You take the logarithm of a probability. In float32 a probability below 1e-45 is 0,
and its logarithm infinite: subtract the logarithm of the sum from the logit instead."""


def mixed_crossentropy(logits, labels, scale):
    logits = logits.astype(np.float32)
    logits -= logits.max(axis=1, keepdims=True)
    log_sum = np.log(np.exp(logits).sum(axis=1, keepdims=True))
    log_probabilities = logits - log_sum
    rows = np.arange(len(labels))
    gradient = np.exp(log_probabilities)
    with np.errstate(divide="ignore"):
        loss = -np.log(gradient[rows, labels]).mean()
    gradient[rows, labels] -= 1
    with np.errstate(over="ignore"):
        return float(loss), (gradient * (scale / len(labels))).astype(np.float16)


# %% mistake="clipped_probability" exercise="mixed_crossentropy" fails="test_mixed_crossentropy_range"
"""You add a small number to the probability before its logarithm. That hides how wrong
a very wrong answer is: work with the logarithm of the sum of powers."""


def mixed_crossentropy(logits, labels, scale):
    logits = logits.astype(np.float32)
    logits -= logits.max(axis=1, keepdims=True)
    log_sum = np.log(np.exp(logits).sum(axis=1, keepdims=True))
    log_probabilities = logits - log_sum
    rows = np.arange(len(labels))
    gradient = np.exp(log_probabilities)
    loss = -np.log(gradient[rows, labels] + 1e-7).mean()
    gradient[rows, labels] -= 1
    with np.errstate(over="ignore"):
        return float(loss), (gradient * (scale / len(labels))).astype(np.float16)


# %% mistake="loss_is_scaled" exercise="mixed_crossentropy" fails="test_mixed_crossentropy_scale"
"""You return the scaled loss. The scale is for the gradient; the loss that people read
has none."""


def mixed_crossentropy(logits, labels, scale):
    logits = logits.astype(np.float32)
    logits -= logits.max(axis=1, keepdims=True)
    log_sum = np.log(np.exp(logits).sum(axis=1, keepdims=True))
    log_probabilities = logits - log_sum
    rows = np.arange(len(labels))
    loss = -log_probabilities[rows, labels].mean()
    gradient = np.exp(log_probabilities)
    gradient[rows, labels] -= 1
    with np.errstate(over="ignore"):
        return float(loss) * scale, (gradient * (scale / len(labels))).astype(
            np.float16
        )


# %% mistake="gradient_of_the_sum" exercise="mixed_crossentropy" fails="test_mixed_crossentropy_range test_mixed_crossentropy_scale"
"""Your gradient is that of the sum over the batch. The loss is the mean: divide by the
number of examples."""


def mixed_crossentropy(logits, labels, scale):
    logits = logits.astype(np.float32)
    logits -= logits.max(axis=1, keepdims=True)
    log_sum = np.log(np.exp(logits).sum(axis=1, keepdims=True))
    log_probabilities = logits - log_sum
    rows = np.arange(len(labels))
    loss = -log_probabilities[rows, labels].mean()
    gradient = np.exp(log_probabilities)
    gradient[rows, labels] -= 1
    with np.errstate(over="ignore"):
        return float(loss), (gradient * scale).astype(np.float16)


# %% mistake="no_scale" exercise="mixed_crossentropy" fails="test_mixed_crossentropy_scale"
"""Your gradient does not contain the scale."""


def mixed_crossentropy(logits, labels, scale):
    logits = logits.astype(np.float32)
    logits -= logits.max(axis=1, keepdims=True)
    log_sum = np.log(np.exp(logits).sum(axis=1, keepdims=True))
    log_probabilities = logits - log_sum
    rows = np.arange(len(labels))
    loss = -log_probabilities[rows, labels].mean()
    gradient = np.exp(log_probabilities)
    gradient[rows, labels] -= 1
    with np.errstate(over="ignore"):
        return float(loss), (gradient * (1 / len(labels))).astype(np.float16)


# %% mistake="scaled_backwards" exercise="mixed_crossentropy" fails="test_mixed_crossentropy_scale"
"""You divide the gradient by the scale. It is to be made larger here; it is divided
later, in float32."""


def mixed_crossentropy(logits, labels, scale):
    logits = logits.astype(np.float32)
    logits -= logits.max(axis=1, keepdims=True)
    log_sum = np.log(np.exp(logits).sum(axis=1, keepdims=True))
    log_probabilities = logits - log_sum
    rows = np.arange(len(labels))
    loss = -log_probabilities[rows, labels].mean()
    gradient = np.exp(log_probabilities)
    gradient[rows, labels] -= 1
    with np.errstate(over="ignore"):
        return float(loss), (gradient * (1 / scale / len(labels))).astype(np.float16)


# %% mistake="label_not_subtracted" exercise="mixed_crossentropy" fails="test_mixed_crossentropy_range test_mixed_crossentropy_scale"
"""Your gradient is the softmax alone. For the class of the label, 1 is to be
subtracted."""


def mixed_crossentropy(logits, labels, scale):
    logits = logits.astype(np.float32)
    logits -= logits.max(axis=1, keepdims=True)
    log_sum = np.log(np.exp(logits).sum(axis=1, keepdims=True))
    log_probabilities = logits - log_sum
    rows = np.arange(len(labels))
    loss = -log_probabilities[rows, labels].mean()
    gradient = np.exp(log_probabilities)
    with np.errstate(over="ignore"):
        return float(loss), (gradient * (scale / len(labels))).astype(np.float16)


# %% mistake="gradient_in_float32" exercise="mixed_crossentropy" fails="test_mixed_crossentropy_range test_mixed_crossentropy_scale"
"""Your gradient is float32. The backward pass goes on in float16: round it once, at the
end."""


def mixed_crossentropy(logits, labels, scale):
    logits = logits.astype(np.float32)
    logits -= logits.max(axis=1, keepdims=True)
    log_sum = np.log(np.exp(logits).sum(axis=1, keepdims=True))
    log_probabilities = logits - log_sum
    rows = np.arange(len(labels))
    loss = -log_probabilities[rows, labels].mean()
    gradient = np.exp(log_probabilities)
    gradient[rows, labels] -= 1
    with np.errstate(over="ignore"):
        gradient *= scale / len(labels)
        return float(loss), gradient.astype(np.float32)


# %% mistake="clipped_to_the_largest" exercise="mixed_crossentropy" fails="test_mixed_crossentropy_scale"
"""You cut the gradient off at the largest number of float16. An infinity is wanted
there, so that the step can be skipped."""


def mixed_crossentropy(logits, labels, scale):
    logits = logits.astype(np.float32)
    logits -= logits.max(axis=1, keepdims=True)
    log_sum = np.log(np.exp(logits).sum(axis=1, keepdims=True))
    log_probabilities = logits - log_sum
    rows = np.arange(len(labels))
    loss = -log_probabilities[rows, labels].mean()
    gradient = np.exp(log_probabilities)
    gradient[rows, labels] -= 1
    with np.errstate(over="ignore"):
        return float(loss), np.clip(
            gradient * (scale / len(labels)), -65504, 65504
        ).astype(np.float16)


# %% mistake="only_the_first_array" exercise="update_scale" fails="test_update_scale_gradients"
"""You look for infinities in the first array only. One bad entry in any of them spoils
the step."""


def update_scale(gradients, scale, good_steps, growth_steps=2000):
    if not np.isfinite(gradients[0]).all():
        return None, max(scale / 2, 1.0), 0
    gradients = [gradient.astype(np.float32) / scale for gradient in gradients]
    if good_steps + 1 == growth_steps:
        return gradients, 2 * scale, 0
    return gradients, scale, good_steps + 1


# %% mistake="only_nan" exercise="update_scale" fails="test_update_scale_gradients"
"""You look for NaN only. An overflow shows as an infinity first: look for both."""


def update_scale(gradients, scale, good_steps, growth_steps=2000):
    if any(np.isnan(gradient).any() for gradient in gradients):
        return None, max(scale / 2, 1.0), 0
    gradients = [gradient.astype(np.float32) / scale for gradient in gradients]
    if good_steps + 1 == growth_steps:
        return gradients, 2 * scale, 0
    return gradients, scale, good_steps + 1


# %% mistake="only_infinities" exercise="update_scale" fails="test_update_scale_gradients test_update_scale_scale"
"""You look for infinities only. Infinity minus infinity is NaN, and spoils the weights
as well."""


def update_scale(gradients, scale, good_steps, growth_steps=2000):
    if any(np.isinf(gradient).any() for gradient in gradients):
        return None, max(scale / 2, 1.0), 0
    gradients = [gradient.astype(np.float32) / scale for gradient in gradients]
    if good_steps + 1 == growth_steps:
        return gradients, 2 * scale, 0
    return gradients, scale, good_steps + 1


# %% mistake="all_entries_bad" exercise="update_scale" fails="test_update_scale_gradients"
"""You skip a step only if no entry of an array is finite. A single bad entry is
enough."""


def update_scale(gradients, scale, good_steps, growth_steps=2000):
    if not all(np.isfinite(gradient).any() for gradient in gradients):
        return None, max(scale / 2, 1.0), 0
    gradients = [gradient.astype(np.float32) / scale for gradient in gradients]
    if good_steps + 1 == growth_steps:
        return gradients, 2 * scale, 0
    return gradients, scale, good_steps + 1


# %% mistake="sum_is_finite" exercise="update_scale" fails="test_update_scale_gradients"
"""You test whether the sum of an array is finite. In float16 the sum of good numbers
overflows too: test the entries."""


def update_scale(gradients, scale, good_steps, growth_steps=2000):
    with np.errstate(over="ignore"):
        sums = [gradient.sum() for gradient in gradients]
    if not np.isfinite(sums).all():
        return None, max(scale / 2, 1.0), 0
    gradients = [gradient.astype(np.float32) / scale for gradient in gradients]
    if good_steps + 1 == growth_steps:
        return gradients, 2 * scale, 0
    return gradients, scale, good_steps + 1


# %% mistake="unscaled_in_float16" exercise="update_scale" fails="test_update_scale_gradients"
"""You divide in float16, where what the scale has saved becomes 0 again. Turn the
gradient into float32, then divide."""


def update_scale(gradients, scale, good_steps, growth_steps=2000):
    if not all(np.isfinite(gradient).all() for gradient in gradients):
        return None, max(scale / 2, 1.0), 0
    gradients = [
        (gradient / np.float16(scale)).astype(np.float32) for gradient in gradients
    ]
    if good_steps + 1 == growth_steps:
        return gradients, 2 * scale, 0
    return gradients, scale, good_steps + 1


# %% mistake="new_scale_divides" exercise="update_scale" fails="test_update_scale_gradients"
"""You divide by the scale of the next step. These gradients were made with the old
one."""


def update_scale(gradients, scale, good_steps, growth_steps=2000):
    if not all(np.isfinite(gradient).all() for gradient in gradients):
        return None, max(scale / 2, 1.0), 0
    good_steps += 1
    if good_steps == growth_steps:
        scale, good_steps = 2 * scale, 0
    gradients = [gradient.astype(np.float32) / scale for gradient in gradients]
    return gradients, scale, good_steps


# %% mistake="not_unscaled" exercise="update_scale" fails="test_update_scale_gradients"
"""Your gradients still contain the scale: divide by it."""


def update_scale(gradients, scale, good_steps, growth_steps=2000):
    if not all(np.isfinite(gradient).all() for gradient in gradients):
        return None, max(scale / 2, 1.0), 0
    gradients = [gradient.astype(np.float32) for gradient in gradients]
    if good_steps + 1 == growth_steps:
        return gradients, 2 * scale, 0
    return gradients, scale, good_steps + 1


# %% mistake="stays_in_float16" exercise="update_scale" fails="test_update_scale_gradients"
"""You give the gradients back as float16. The weights are float32, and what is divided
by the scale needs their range."""


def update_scale(gradients, scale, good_steps, growth_steps=2000):
    if not all(np.isfinite(gradient).all() for gradient in gradients):
        return None, max(scale / 2, 1.0), 0
    gradients = [
        (gradient.astype(np.float32) / scale).astype(np.float16)
        for gradient in gradients
    ]
    if good_steps + 1 == growth_steps:
        return gradients, 2 * scale, 0
    return gradients, scale, good_steps + 1


# %% mistake="zeros_instead_of_none" exercise="update_scale" fails="test_update_scale_gradients"
"""In a bad step you return zeros. An optimizer with momentum would move on all the
same: the step is skipped, so return None."""


def update_scale(gradients, scale, good_steps, growth_steps=2000):
    if not all(np.isfinite(gradient).all() for gradient in gradients):
        return [np.zeros_like(g, np.float32) for g in gradients], max(scale / 2, 1.0), 0
    gradients = [gradient.astype(np.float32) / scale for gradient in gradients]
    if good_steps + 1 == growth_steps:
        return gradients, 2 * scale, 0
    return gradients, scale, good_steps + 1


# %% mistake="never_doubled" exercise="update_scale" fails="test_update_scale_scale"
"""Your scale never grows. After `growth_steps` good steps in a row it is doubled."""


def update_scale(gradients, scale, good_steps, growth_steps=2000):
    if not all(np.isfinite(gradient).all() for gradient in gradients):
        return None, max(scale / 2, 1.0), 0
    gradients = [gradient.astype(np.float32) / scale for gradient in gradients]
    if False:
        return gradients, 2 * scale, 0
    return gradients, scale, good_steps + 1


# %% mistake="doubled_a_step_late" exercise="update_scale" fails="test_update_scale_scale"
"""You double one step too late. The present step counts as one of the good ones."""


def update_scale(gradients, scale, good_steps, growth_steps=2000):
    if not all(np.isfinite(gradient).all() for gradient in gradients):
        return None, max(scale / 2, 1.0), 0
    gradients = [gradient.astype(np.float32) / scale for gradient in gradients]
    if good_steps == growth_steps:
        return gradients, 2 * scale, 0
    return gradients, scale, good_steps + 1


# %% mistake="count_goes_on_after_doubling" exercise="update_scale" fails="test_update_scale_scale"
"""After doubling, your count of good steps goes on. It begins at 0 again whenever the
scale changes."""


def update_scale(gradients, scale, good_steps, growth_steps=2000):
    if not all(np.isfinite(gradient).all() for gradient in gradients):
        return None, max(scale / 2, 1.0), 0
    gradients = [gradient.astype(np.float32) / scale for gradient in gradients]
    if good_steps + 1 == growth_steps:
        return gradients, 2 * scale, good_steps + 1
    return gradients, scale, good_steps + 1


# %% mistake="count_goes_on_after_overflow" exercise="update_scale" fails="test_update_scale_scale"
"""After a bad step you keep the count of good ones. They must come in a row: begin at 0
again."""


def update_scale(gradients, scale, good_steps, growth_steps=2000):
    if not all(np.isfinite(gradient).all() for gradient in gradients):
        return None, max(scale / 2, 1.0), good_steps
    gradients = [gradient.astype(np.float32) / scale for gradient in gradients]
    if good_steps + 1 == growth_steps:
        return gradients, 2 * scale, 0
    return gradients, scale, good_steps + 1


# %% mistake="below_one" exercise="update_scale" fails="test_update_scale_scale"
"""Your scale can fall below 1. It stays at 1 at least."""


def update_scale(gradients, scale, good_steps, growth_steps=2000):
    if not all(np.isfinite(gradient).all() for gradient in gradients):
        return None, scale / 2, 0
    gradients = [gradient.astype(np.float32) / scale for gradient in gradients]
    if good_steps + 1 == growth_steps:
        return gradients, 2 * scale, 0
    return gradients, scale, good_steps + 1


# %% mistake="scale_kept_after_overflow" exercise="update_scale" fails="test_update_scale_scale"
"""You skip the bad step but keep the scale, so that the next one overflows as well.
Halve it."""


def update_scale(gradients, scale, good_steps, growth_steps=2000):
    if not all(np.isfinite(gradient).all() for gradient in gradients):
        return None, scale, 0
    gradients = [gradient.astype(np.float32) / scale for gradient in gradients]
    if good_steps + 1 == growth_steps:
        return gradients, 2 * scale, 0
    return gradients, scale, good_steps + 1


# %% mistake="cosine_from_step_0" exercise="warmup_cosine" fails="test_warmup_cosine_cosine"
"""Your cosine begins at step 0, so the rate jumps after the warm-up and never reaches
the peak. Let it begin where the warm-up ends."""


def warmup_cosine(step, peak, steps, warmup_steps=0, end=0.0):
    if step < warmup_steps:
        return peak * step / warmup_steps
    t = min(step / steps, 1)
    return end + (peak - end) * (1 + math.cos(math.pi * t)) / 2


# %% mistake="warmup_not_in_steps" exercise="warmup_cosine" fails="test_warmup_cosine_cosine"
"""Your cosine takes `steps` steps after the warm-up. The warm-up is part of the run:
there are fewer left."""


def warmup_cosine(step, peak, steps, warmup_steps=0, end=0.0):
    if step < warmup_steps:
        return peak * step / warmup_steps
    t = min((step - warmup_steps) / steps, 1)
    return end + (peak - end) * (1 + math.cos(math.pi * t)) / 2


# %% mistake="climbs_again" exercise="warmup_cosine" fails="test_warmup_cosine_cosine"
"""After the last step your rate climbs again, as a cosine does. Hold it at the end."""


def warmup_cosine(step, peak, steps, warmup_steps=0, end=0.0):
    if step < warmup_steps:
        return peak * step / warmup_steps
    t = (step - warmup_steps) / (steps - warmup_steps)
    return end + (peak - end) * (1 + math.cos(math.pi * t)) / 2


# %% mistake="whole_cosine" exercise="warmup_cosine" fails="test_warmup_cosine_cosine"
"""Your cosine goes down and up again in one run. Half a turn, from 0 to pi, is
wanted."""


def warmup_cosine(step, peak, steps, warmup_steps=0, end=0.0):
    if step < warmup_steps:
        return peak * step / warmup_steps
    t = min((step - warmup_steps) / (steps - warmup_steps), 1)
    return end + (peak - end) * (1 + math.cos(2 * math.pi * t)) / 2


# %% mistake="quarter_cosine" exercise="warmup_cosine" fails="test_warmup_cosine_cosine"
"""You take a quarter of a cosine, which ends steeply. Half a turn from 1 to -1, moved
up by 1 and halved, ends flat."""


def warmup_cosine(step, peak, steps, warmup_steps=0, end=0.0):
    if step < warmup_steps:
        return peak * step / warmup_steps
    t = min((step - warmup_steps) / (steps - warmup_steps), 1)
    return end + (peak - end) * math.cos(math.pi * t / 2)


# %% mistake="straight_line_down" exercise="warmup_cosine" fails="test_warmup_cosine_cosine"
"""Your rate falls in a line after the warm-up. It falls along half a cosine."""


def warmup_cosine(step, peak, steps, warmup_steps=0, end=0.0):
    if step < warmup_steps:
        return peak * step / warmup_steps
    t = min((step - warmup_steps) / (steps - warmup_steps), 1)
    return end + (peak - end) * (1 - t)


# %% mistake="end_added" exercise="warmup_cosine" fails="test_warmup_cosine_cosine"
"""You add the end to a cosine that still has the height of the peak, so the rate begins
above the peak. The cosine goes from peak to end."""


def warmup_cosine(step, peak, steps, warmup_steps=0, end=0.0):
    if step < warmup_steps:
        return peak * step / warmup_steps
    t = min((step - warmup_steps) / (steps - warmup_steps), 1)
    return end + peak * (1 + math.cos(math.pi * t)) / 2


# %% mistake="end_as_a_share" exercise="warmup_cosine" fails="test_warmup_cosine_cosine"
"""You take the end as a share of the peak. It is a rate."""


def warmup_cosine(step, peak, steps, warmup_steps=0, end=0.0):
    end = end * peak
    if step < warmup_steps:
        return peak * step / warmup_steps
    t = min((step - warmup_steps) / (steps - warmup_steps), 1)
    return end + (peak - end) * (1 + math.cos(math.pi * t)) / 2


# %% mistake="end_forgotten" exercise="warmup_cosine" fails="test_warmup_cosine_cosine"
"""Your rate always ends at 0. It ends at `end`."""


def warmup_cosine(step, peak, steps, warmup_steps=0, end=0.0):
    if step < warmup_steps:
        return peak * step / warmup_steps
    t = min((step - warmup_steps) / (steps - warmup_steps), 1)
    return peak * (1 + math.cos(math.pi * t)) / 2


# %% mistake="warmup_a_step_early" exercise="warmup_cosine" fails="test_warmup_cosine_warmup"
"""Your warm-up is one step ahead: step 0 has the rate 0, and step `warmup_steps` the
peak."""


def warmup_cosine(step, peak, steps, warmup_steps=0, end=0.0):
    if step < warmup_steps:
        return peak * (step + 1) / warmup_steps
    t = min((step - warmup_steps) / (steps - warmup_steps), 1)
    return end + (peak - end) * (1 + math.cos(math.pi * t)) / 2


# %% mistake="warmup_from_the_end" exercise="warmup_cosine" fails="test_warmup_cosine_warmup"
"""Your warm-up begins at `end`. It begins at 0."""


def warmup_cosine(step, peak, steps, warmup_steps=0, end=0.0):
    if step < warmup_steps:
        return end + (peak - end) * step / warmup_steps
    t = min((step - warmup_steps) / (steps - warmup_steps), 1)
    return end + (peak - end) * (1 + math.cos(math.pi * t)) / 2


# %% mistake="no_warmup" exercise="warmup_cosine" fails="test_warmup_cosine_warmup"
"""Your rate is at the peak from the first step on. In the warm-up it rises in a line
from 0."""


def warmup_cosine(step, peak, steps, warmup_steps=0, end=0.0):
    if step < warmup_steps:
        return peak
    t = min((step - warmup_steps) / (steps - warmup_steps), 1)
    return end + (peak - end) * (1 + math.cos(math.pi * t)) / 2


# %% mistake="cosine_warmup" exercise="warmup_cosine" fails="test_warmup_cosine_warmup"
"""Your warm-up follows a cosine. It is a line."""


def warmup_cosine(step, peak, steps, warmup_steps=0, end=0.0):
    if step < warmup_steps:
        return peak * (1 - math.cos(math.pi * step / warmup_steps)) / 2
    t = min((step - warmup_steps) / (steps - warmup_steps), 1)
    return end + (peak - end) * (1 + math.cos(math.pi * t)) / 2


# %% mistake="cosine_in_degrees" exercise="warmup_cosine" fails="test_warmup_cosine_cosine"
"""You give the cosine 180 t, as if it took degrees. `math.cos` takes radians: pi t."""


def warmup_cosine(step, peak, steps, warmup_steps=0, end=0.0):
    if step < warmup_steps:
        return peak * step / warmup_steps
    t = min((step - warmup_steps) / (steps - warmup_steps), 1)
    return end + (peak - end) * (1 + math.cos(180 * t)) / 2


# %% mistake="straight_lines" exercise="one_cycle" fails="test_one_cycle"
"""Your rate goes up and down in lines. Both parts are halves of a cosine."""


def one_cycle(step, peak, steps, rise=0.3, start=1 / 25, end=1e-4):
    def half_cosine(first, last, t):
        return first + (last - first) * t

    top = rise * steps
    if step < top:
        return peak * half_cosine(start, 1, step / top)
    return peak * half_cosine(1, end, min((step - top) / (steps - top), 1))


# %% mistake="falls_to_the_start" exercise="one_cycle" fails="test_one_cycle"
"""Your rate falls back to where it began. It ends at the share `end` of the peak."""


def one_cycle(step, peak, steps, rise=0.3, start=1 / 25, end=1e-4):
    def half_cosine(first, last, t):
        return first + (last - first) * (1 - math.cos(math.pi * t)) / 2

    top = rise * steps
    if step < top:
        return peak * half_cosine(start, 1, step / top)
    return peak * half_cosine(1, start, min((step - top) / (steps - top), 1))


# %% mistake="end_of_the_start" exercise="one_cycle" fails="test_one_cycle"
"""You take `end` as a share of the first rate. It is a share of the peak."""


def one_cycle(step, peak, steps, rise=0.3, start=1 / 25, end=1e-4):
    def half_cosine(first, last, t):
        return first + (last - first) * (1 - math.cos(math.pi * t)) / 2

    top = rise * steps
    if step < top:
        return peak * half_cosine(start, 1, step / top)
    return peak * half_cosine(1, start * end, min((step - top) / (steps - top), 1))


# %% mistake="starts_at_zero" exercise="one_cycle" fails="test_one_cycle"
"""Your rate begins at 0. It begins at the share `start` of the peak."""


def one_cycle(step, peak, steps, rise=0.3, start=1 / 25, end=1e-4):
    def half_cosine(first, last, t):
        return first + (last - first) * (1 - math.cos(math.pi * t)) / 2

    top = rise * steps
    if step < top:
        return peak * half_cosine(0, 1, step / top)
    return peak * half_cosine(1, end, min((step - top) / (steps - top), 1))


# %% mistake="rates_not_shares" exercise="one_cycle" fails="test_one_cycle"
"""You take `start` and `end` as rates. They are shares of the peak."""


def one_cycle(step, peak, steps, rise=0.3, start=1 / 25, end=1e-4):
    def half_cosine(first, last, t):
        return first + (last - first) * (1 - math.cos(math.pi * t)) / 2

    top = rise * steps
    if step < top:
        return half_cosine(start, peak, step / top)
    return half_cosine(peak, end, min((step - top) / (steps - top), 1))


# %% mistake="falls_over_the_whole_run" exercise="one_cycle" fails="test_one_cycle"
"""Your rate falls over as many steps as the whole run has. Only the steps after the
peak are left for it."""


def one_cycle(step, peak, steps, rise=0.3, start=1 / 25, end=1e-4):
    def half_cosine(first, last, t):
        return first + (last - first) * (1 - math.cos(math.pi * t)) / 2

    top = rise * steps
    if step < top:
        return peak * half_cosine(start, 1, step / top)
    return peak * half_cosine(1, end, min((step - top) / steps, 1))


# %% mistake="peak_always_in_the_middle" exercise="one_cycle" fails="test_one_cycle"
"""Your peak is always in the middle of the run. It comes after the share `rise` of the
steps."""


def one_cycle(step, peak, steps, rise=0.3, start=1 / 25, end=1e-4):
    def half_cosine(first, last, t):
        return first + (last - first) * (1 - math.cos(math.pi * t)) / 2

    top = steps / 2
    if step < top:
        return peak * half_cosine(start, 1, step / top)
    return peak * half_cosine(1, end, min((step - top) / (steps - top), 1))


# %% mistake="up_after_the_end" exercise="one_cycle" fails="test_one_cycle"
"""After the last step your rate climbs again. Hold it at the end."""


def one_cycle(step, peak, steps, rise=0.3, start=1 / 25, end=1e-4):
    def half_cosine(first, last, t):
        return first + (last - first) * (1 - math.cos(math.pi * t)) / 2

    top = rise * steps
    if step < top:
        return peak * half_cosine(start, 1, step / top)
    return peak * half_cosine(1, end, (step - top) / (steps - top))


# %% mistake="quarters_of_a_cosine" exercise="one_cycle" fails="test_one_cycle"
"""You use quarters of a cosine, which leave the start with a jolt. Halves are flat at
both ends."""


def one_cycle(step, peak, steps, rise=0.3, start=1 / 25, end=1e-4):
    def half_cosine(first, last, t):
        return first + (last - first) * math.sin(math.pi * t / 2)

    top = rise * steps
    if step < top:
        return peak * half_cosine(start, 1, step / top)
    return peak * half_cosine(1, end, min((step - top) / (steps - top), 1))


# %% mistake="rise_in_steps" exercise="one_cycle" fails="test_one_cycle"
"""You take `rise` as a number of steps. It is a share of them."""


def one_cycle(step, peak, steps, rise=0.3, start=1 / 25, end=1e-4):
    def half_cosine(first, last, t):
        return first + (last - first) * (1 - math.cos(math.pi * t)) / 2

    top = rise
    if step < top:
        return peak * half_cosine(start, 1, step / top)
    return peak * half_cosine(1, end, min((step - top) / (steps - top), 1))


# %% mistake="rate_of_the_least_loss" exercise="suggest_rate" fails="test_suggest_rate"
"""You take the rate with the least loss. There the loss is about to rise: take the rate
at which it falls fastest."""


def suggest_rate(rates, losses):
    smoothed, average = [], 0.0
    for i, loss in enumerate(losses):
        average = 0.9 * average + 0.1 * loss
        value = average / (1 - 0.9 ** (i + 1))
        if not np.isfinite(value) or (smoothed and value > 4 * min(smoothed)):
            break
        smoothed.append(value)
    return float(rates[np.argmin(smoothed)])


# %% mistake="no_smoothing" exercise="suggest_rate" fails="test_suggest_rate"
"""You look for the slope in the losses of single batches, which jump. Smooth them
first."""


def suggest_rate(rates, losses):
    smoothed, average = [], 0.0
    for i, loss in enumerate(losses):
        value = loss
        if not np.isfinite(value) or (smoothed and value > 4 * min(smoothed)):
            break
        smoothed.append(value)
    slopes = np.diff(smoothed) / np.diff(np.log(rates[: len(smoothed)]))
    i = np.argmin(slopes)
    return float(np.sqrt(rates[i] * rates[i + 1]))


# %% mistake="average_from_zero" exercise="suggest_rate" fails="test_suggest_rate"
"""Your moving average begins at 0 and needs dozens of steps to get up. Divide by 1 -
0.9 ** (i + 1)."""


def suggest_rate(rates, losses):
    smoothed, average = [], 0.0
    for i, loss in enumerate(losses):
        average = 0.9 * average + 0.1 * loss
        value = average
        if not np.isfinite(value) or (smoothed and value > 4 * min(smoothed)):
            break
        smoothed.append(value)
    slopes = np.diff(smoothed) / np.diff(np.log(rates[: len(smoothed)]))
    i = np.argmin(slopes)
    return float(np.sqrt(rates[i] * rates[i + 1]))


# %% mistake="weights_swapped" exercise="suggest_rate" fails="test_suggest_rate"
"""Your average forgets too fast: the old average has the weight 0.9, the new loss
0.1."""


def suggest_rate(rates, losses):
    smoothed, average = [], 0.0
    for i, loss in enumerate(losses):
        average = 0.1 * average + 0.9 * loss
        value = average / (1 - 0.1 ** (i + 1))
        if not np.isfinite(value) or (smoothed and value > 4 * min(smoothed)):
            break
        smoothed.append(value)
    slopes = np.diff(smoothed) / np.diff(np.log(rates[: len(smoothed)]))
    i = np.argmin(slopes)
    return float(np.sqrt(rates[i] * rates[i + 1]))


# %% mistake="correction_one_off" exercise="suggest_rate" fails="test_suggest_rate"
"""Your correction of the average is one step off. The first loss has i = 0, and is
divided by 1 - 0.9."""


def suggest_rate(rates, losses):
    smoothed, average = [], 0.0
    for i, loss in enumerate(losses):
        average = 0.9 * average + 0.1 * loss
        value = average / (1 - 0.9 ** (i + 2))
        if not np.isfinite(value) or (smoothed and value > 4 * min(smoothed)):
            break
        smoothed.append(value)
    slopes = np.diff(smoothed) / np.diff(np.log(rates[: len(smoothed)]))
    i = np.argmin(slopes)
    return float(np.sqrt(rates[i] * rates[i + 1]))


# %% mistake="slope_over_the_rate" exercise="suggest_rate" fails="test_suggest_rate"
"""You divide by the difference of the rates. Between small rates it is tiny, so the
steepest place is always at the beginning: use their logarithms."""


def suggest_rate(rates, losses):
    smoothed, average = [], 0.0
    for i, loss in enumerate(losses):
        average = 0.9 * average + 0.1 * loss
        value = average / (1 - 0.9 ** (i + 1))
        if not np.isfinite(value) or (smoothed and value > 4 * min(smoothed)):
            break
        smoothed.append(value)
    slopes = np.diff(smoothed) / np.diff(rates[: len(smoothed)])
    i = np.argmin(slopes)
    return float(np.sqrt(rates[i] * rates[i + 1]))


# %% mistake="largest_step" exercise="suggest_rate" fails="test_suggest_rate"
"""You take the largest fall between neighbours. The rates need not rise by the same
factor: divide by the difference of their logarithms."""


def suggest_rate(rates, losses):
    smoothed, average = [], 0.0
    for i, loss in enumerate(losses):
        average = 0.9 * average + 0.1 * loss
        value = average / (1 - 0.9 ** (i + 1))
        if not np.isfinite(value) or (smoothed and value > 4 * min(smoothed)):
            break
        smoothed.append(value)
    slopes = np.diff(smoothed)
    i = np.argmin(slopes)
    return float(np.sqrt(rates[i] * rates[i + 1]))


# %% mistake="explosion_kept" exercise="suggest_rate" fails="test_suggest_rate"
"""You keep the losses after the explosion. The way down from there is the steepest of
all: leave out the first exploded loss and all that follow."""


def suggest_rate(rates, losses):
    smoothed, average = [], 0.0
    for i, loss in enumerate(losses):
        average = 0.9 * average + 0.1 * loss
        value = average / (1 - 0.9 ** (i + 1))
        if not np.isfinite(value):
            break
        smoothed.append(value)
    slopes = np.diff(smoothed) / np.diff(np.log(rates[: len(smoothed)]))
    i = np.argmin(slopes)
    return float(np.sqrt(rates[i] * rates[i + 1]))


# %% mistake="exploded_losses_skipped" exercise="suggest_rate" fails="test_suggest_rate"
"""You leave out the exploded losses, but go on with those after them, whose rates then
no longer fit. Stop at the first."""


def suggest_rate(rates, losses):
    smoothed, average = [], 0.0
    for i, loss in enumerate(losses):
        average = 0.9 * average + 0.1 * loss
        value = average / (1 - 0.9 ** (i + 1))
        if not np.isfinite(value) or (smoothed and value > 4 * min(smoothed)):
            continue
        smoothed.append(value)
    slopes = np.diff(smoothed) / np.diff(np.log(rates[: len(smoothed)]))
    i = np.argmin(slopes)
    return float(np.sqrt(rates[i] * rates[i + 1]))


# %% mistake="steepest_either_way" exercise="suggest_rate" fails="test_suggest_rate"
"""You take the steepest slope in either direction, which is that of the explosion. Take
the steepest fall: the least slope."""


def suggest_rate(rates, losses):
    smoothed, average = [], 0.0
    for i, loss in enumerate(losses):
        average = 0.9 * average + 0.1 * loss
        value = average / (1 - 0.9 ** (i + 1))
        if not np.isfinite(value) or (smoothed and value > 4 * min(smoothed)):
            break
        smoothed.append(value)
    slopes = np.diff(smoothed) / np.diff(np.log(rates[: len(smoothed)]))
    i = np.argmax(np.abs(slopes))
    return float(np.sqrt(rates[i] * rates[i + 1]))


# %% mistake="steepest_rise" exercise="suggest_rate" fails="test_suggest_rate"
"""You take the place where the loss rises fastest. A fall is a negative slope: take the
least."""


def suggest_rate(rates, losses):
    smoothed, average = [], 0.0
    for i, loss in enumerate(losses):
        average = 0.9 * average + 0.1 * loss
        value = average / (1 - 0.9 ** (i + 1))
        if not np.isfinite(value) or (smoothed and value > 4 * min(smoothed)):
            break
        smoothed.append(value)
    slopes = np.diff(smoothed) / np.diff(np.log(rates[: len(smoothed)]))
    i = np.argmax(slopes)
    return float(np.sqrt(rates[i] * rates[i + 1]))


# %% mistake="left_of_the_pair" exercise="suggest_rate" fails="test_suggest_rate"
"""You return the lower of the two neighbouring rates. Return the rate in their middle,
the root of their product."""


def suggest_rate(rates, losses):
    smoothed, average = [], 0.0
    for i, loss in enumerate(losses):
        average = 0.9 * average + 0.1 * loss
        value = average / (1 - 0.9 ** (i + 1))
        if not np.isfinite(value) or (smoothed and value > 4 * min(smoothed)):
            break
        smoothed.append(value)
    slopes = np.diff(smoothed) / np.diff(np.log(rates[: len(smoothed)]))
    i = np.argmin(slopes)
    return float(rates[i])


# %% mistake="right_of_the_pair" exercise="suggest_rate" fails="test_suggest_rate"
"""You return the higher of the two neighbouring rates. Return the rate in their middle,
the root of their product."""


def suggest_rate(rates, losses):
    smoothed, average = [], 0.0
    for i, loss in enumerate(losses):
        average = 0.9 * average + 0.1 * loss
        value = average / (1 - 0.9 ** (i + 1))
        if not np.isfinite(value) or (smoothed and value > 4 * min(smoothed)):
            break
        smoothed.append(value)
    slopes = np.diff(smoothed) / np.diff(np.log(rates[: len(smoothed)]))
    i = np.argmin(slopes)
    return float(rates[i + 1])


# %% mistake="arithmetic_middle" exercise="suggest_rate" fails="test_suggest_rate"
"""You return the mean of the two rates. On an axis of logarithms their middle is the
root of their product."""


def suggest_rate(rates, losses):
    smoothed, average = [], 0.0
    for i, loss in enumerate(losses):
        average = 0.9 * average + 0.1 * loss
        value = average / (1 - 0.9 ** (i + 1))
        if not np.isfinite(value) or (smoothed and value > 4 * min(smoothed)):
            break
        smoothed.append(value)
    slopes = np.diff(smoothed) / np.diff(np.log(rates[: len(smoothed)]))
    i = np.argmin(slopes)
    return float((rates[i] + rates[i + 1]) / 2)


# %% mistake="mean_of_means" exercise="global_gradient" fails="test_global_gradient_unequal"
"""You take the mean of the devices' means. With unequal shares it gives an example on a
small share more weight than one on a large share: weigh each mean by the size of its
share."""


def global_gradient(gradient, w, x, y, devices):
    total = np.zeros_like(w)
    for rows in np.array_split(np.arange(len(x)), devices):
        if len(rows):
            total += gradient(w, x[rows], y[rows])
    return total / min(devices, len(x))


# %% mistake="idle_devices_count" exercise="global_gradient" fails="test_global_gradient_unequal"
"""You divide the sum of the means by the number of devices, those without examples
included. Weigh each mean by the size of its share, and divide by the size of the
batch."""


def global_gradient(gradient, w, x, y, devices):
    total = np.zeros_like(w)
    for rows in np.array_split(np.arange(len(x)), devices):
        if len(rows):
            total += gradient(w, x[rows], y[rows])
    return total / devices


# %% mistake="sum_of_means" exercise="global_gradient" fails="test_global_gradient_shares test_global_gradient_unequal"
"""You add up the devices' means. With eight devices the step is eight times too large:
the loss is a mean over the global batch."""


def global_gradient(gradient, w, x, y, devices):
    total = np.zeros_like(w)
    for rows in np.array_split(np.arange(len(x)), devices):
        if len(rows):
            total += gradient(w, x[rows], y[rows])
    return total


# %% mistake="divided_twice" exercise="global_gradient" fails="test_global_gradient_shares test_global_gradient_unequal"
"""You add the devices' means and divide by the size of the global batch: each example
is then divided by twice. Turn the means into sums first."""


def global_gradient(gradient, w, x, y, devices):
    total = np.zeros_like(w)
    for rows in np.array_split(np.arange(len(x)), devices):
        if len(rows):
            total += gradient(w, x[rows], y[rows])
    return total / len(x)


# %% mistake="sum_over_the_batch" exercise="global_gradient" fails="test_global_gradient_shares test_global_gradient_unequal"
"""You return the sum over the examples. The loss is their mean: divide once by the size
of the global batch."""


def global_gradient(gradient, w, x, y, devices):
    total = np.zeros_like(w)
    for rows in np.array_split(np.arange(len(x)), devices):
        if len(rows):
            total += len(rows) * gradient(w, x[rows], y[rows])
    return total


# %% mistake="divided_by_the_devices" exercise="global_gradient" fails="test_global_gradient_shares test_global_gradient_unequal"
"""You have the sum over all examples, and divide it by the number of devices. Divide it
by the size of the global batch."""


def global_gradient(gradient, w, x, y, devices):
    total = np.zeros_like(w)
    for rows in np.array_split(np.arange(len(x)), devices):
        if len(rows):
            total += len(rows) * gradient(w, x[rows], y[rows])
    return total / devices


# %% mistake="one_device_does_it_all" exercise="global_gradient" fails="test_global_gradient_shares test_global_gradient_unequal"
"""You give a device the whole batch, so that nothing is gained by the others. Each is
to get a share of its own."""


def global_gradient(gradient, w, x, y, devices):
    return gradient(w, x, y)


# %% mistake="first_share_only" exercise="global_gradient" fails="test_global_gradient_shares test_global_gradient_unequal"
"""You return the gradient of the first share. All shares must be combined."""


def global_gradient(gradient, w, x, y, devices):
    rows = np.array_split(np.arange(len(x)), devices)[0]
    return gradient(w, x[rows], y[rows])


# %% mistake="remainder_dropped" exercise="global_gradient" fails="test_global_gradient_unequal"
"""You leave out the examples that cannot be shared equally. Some shares have one
more."""


def global_gradient(gradient, w, x, y, devices):
    size = max(len(x) // devices, 1)
    total, count = np.zeros_like(w), 0
    for start in range(0, min(size * devices, len(x)), size):
        rows = slice(start, start + size)
        total += size * gradient(w, x[rows], y[rows])
        count += size
    return total / count


# %% mistake="rest_on_the_last" exercise="global_gradient" fails="test_global_gradient_unequal"
"""You give the last device all that is left over. The sizes of the shares differ by 1
at most, else the others wait for it."""


def global_gradient(gradient, w, x, y, devices):
    devices = min(devices, len(x))
    size = len(x) // devices
    cuts = [d * size for d in range(devices)] + [len(x)]
    total = np.zeros_like(w)
    for first, last in zip(cuts[:-1], cuts[1:], strict=True):
        total += (last - first) * gradient(w, x[first:last], y[first:last])
    return total / len(x)


# %% mistake="shares_rounded_up" exercise="global_gradient" fails="test_global_gradient_unequal"
"""You cut shares of the rounded-up size, so that the last device has less, or nothing.
The sizes of the shares differ by 1 at most."""


def global_gradient(gradient, w, x, y, devices):
    size = math.ceil(len(x) / devices)
    total = np.zeros_like(w)
    for start in range(0, len(x), size):
        rows = slice(start, start + size)
        total += len(x[rows]) * gradient(w, x[rows], y[rows])
    return total / len(x)


# %% mistake="targets_reversed" exercise="global_gradient" fails="test_global_gradient_shares test_global_gradient_unequal"
"""Your shares of the targets are not those of the inputs. Cut both at the same
places."""


def global_gradient(gradient, w, x, y, devices):
    total = np.zeros_like(w)
    targets = y[::-1]
    for rows in np.array_split(np.arange(len(x)), devices):
        if len(rows):
            total += len(rows) * gradient(w, x[rows], targets[rows])
    return total / len(x)


# %% mistake="batch_not_scaled" exercise="scale_recipe" fails="test_scale_recipe"
"""Your batch is that of one device, so each of several has a fraction of its work. The
batch size is that of all devices together."""


def scale_recipe(recipe, devices):
    return {
        "batch_size": recipe["batch_size"],
        "learning_rate": devices * recipe["learning_rate"],
        "steps": math.ceil(recipe["steps"] / devices),
        "warmup_steps": math.ceil(recipe["warmup_steps"] / devices),
    }


# %% mistake="batch_divided" exercise="scale_recipe" fails="test_scale_recipe"
"""You return the share of one device. The batch size is that of all devices together,
and each is to have as much work as before."""


def scale_recipe(recipe, devices):
    return {
        "batch_size": recipe["batch_size"] // devices,
        "learning_rate": devices * recipe["learning_rate"],
        "steps": math.ceil(recipe["steps"] / devices),
        "warmup_steps": math.ceil(recipe["warmup_steps"] / devices),
    }


# %% mistake="rate_not_scaled" exercise="scale_recipe" fails="test_scale_recipe"
"""Your rate is that of one device. There are fewer steps now, and each must reach
further: if the batch is k times as large, so is the rate."""


def scale_recipe(recipe, devices):
    return {
        "batch_size": devices * recipe["batch_size"],
        "learning_rate": recipe["learning_rate"],
        "steps": math.ceil(recipe["steps"] / devices),
        "warmup_steps": math.ceil(recipe["warmup_steps"] / devices),
    }


# %% mistake="rate_by_the_root" exercise="scale_recipe" fails="test_scale_recipe"
"""You multiply the rate by the root of the number of devices. Some optimizers want
that; the rule here is k times the batch, k times the rate."""


def scale_recipe(recipe, devices):
    return {
        "batch_size": devices * recipe["batch_size"],
        "learning_rate": math.sqrt(devices) * recipe["learning_rate"],
        "steps": math.ceil(recipe["steps"] / devices),
        "warmup_steps": math.ceil(recipe["warmup_steps"] / devices),
    }


# %% mistake="rate_divided" exercise="scale_recipe" fails="test_scale_recipe"
"""You divide the rate by the number of devices. A larger batch allows a larger step."""


def scale_recipe(recipe, devices):
    return {
        "batch_size": devices * recipe["batch_size"],
        "learning_rate": recipe["learning_rate"] / devices,
        "steps": math.ceil(recipe["steps"] / devices),
        "warmup_steps": math.ceil(recipe["warmup_steps"] / devices),
    }


# %% mistake="steps_not_scaled" exercise="scale_recipe" fails="test_scale_recipe"
"""You keep the number of steps, so that the run sees k times as many examples. It is to
see as many as before."""


def scale_recipe(recipe, devices):
    return {
        "batch_size": devices * recipe["batch_size"],
        "learning_rate": devices * recipe["learning_rate"],
        "steps": recipe["steps"],
        "warmup_steps": math.ceil(recipe["warmup_steps"] / devices),
    }


# %% mistake="warmup_not_scaled" exercise="scale_recipe" fails="test_scale_recipe"
"""You keep the steps of the warm-up. It is to see as many examples as before, so it
takes fewer steps."""


def scale_recipe(recipe, devices):
    return {
        "batch_size": devices * recipe["batch_size"],
        "learning_rate": devices * recipe["learning_rate"],
        "steps": math.ceil(recipe["steps"] / devices),
        "warmup_steps": recipe["warmup_steps"],
    }


# %% mistake="warmup_lengthened" exercise="scale_recipe" fails="test_scale_recipe"
"""You multiply the steps of the warm-up. It is to see as many examples as before, and
each step sees more."""


def scale_recipe(recipe, devices):
    return {
        "batch_size": devices * recipe["batch_size"],
        "learning_rate": devices * recipe["learning_rate"],
        "steps": math.ceil(recipe["steps"] / devices),
        "warmup_steps": recipe["warmup_steps"] * devices,
    }


# %% mistake="steps_rounded_down" exercise="scale_recipe" fails="test_scale_recipe"
"""You round the steps down, so that some examples are not seen. At least as many as
before are to be seen: round up."""


def scale_recipe(recipe, devices):
    return {
        "batch_size": devices * recipe["batch_size"],
        "learning_rate": devices * recipe["learning_rate"],
        "steps": recipe["steps"] // devices,
        "warmup_steps": recipe["warmup_steps"] // devices,
    }


# %% mistake="steps_rounded" exercise="scale_recipe" fails="test_scale_recipe"
"""You round the steps to the nearest number. At least as many examples as before are to
be seen: round up."""


def scale_recipe(recipe, devices):
    return {
        "batch_size": devices * recipe["batch_size"],
        "learning_rate": devices * recipe["learning_rate"],
        "steps": round(recipe["steps"] / devices),
        "warmup_steps": round(recipe["warmup_steps"] / devices),
    }


# %% mistake="one_step_too_many" exercise="scale_recipe" fails="test_scale_recipe"
"""You add a step even where the division leaves no rest. Round up."""


def scale_recipe(recipe, devices):
    return {
        "batch_size": devices * recipe["batch_size"],
        "learning_rate": devices * recipe["learning_rate"],
        "steps": recipe["steps"] // devices + 1,
        "warmup_steps": recipe["warmup_steps"] // devices + 1,
    }


# %% mistake="steps_not_whole" exercise="scale_recipe" fails="test_scale_recipe"
"""Your numbers of steps are not whole. Round them up to ints."""


def scale_recipe(recipe, devices):
    return {
        "batch_size": devices * recipe["batch_size"],
        "learning_rate": devices * recipe["learning_rate"],
        "steps": recipe["steps"] / devices,
        "warmup_steps": recipe["warmup_steps"] / devices,
    }


# %% mistake="velocity_not_saved" exercise="train" fails="test_train_epochs test_train_anywhere"
"""Your state lacks the velocity: the optimizer goes on without its momentum."""


def train(x, y, steps, batch_size, seed, state=None):
    rng = np.random.default_rng(seed)
    weights = velocity = np.zeros((x.shape[1], 10))
    first = 0
    if state is not None:
        weights, first = state["weights"], state["step"]
        rng.bit_generator.state = state["dropout"]
    batches = math.ceil(len(x) / batch_size)
    losses = []
    for step in range(first, first + steps):
        epoch, position = divmod(step, batches)
        start = position * batch_size
        rows = epoch_order(len(x), seed, epoch)[start : start + batch_size]
        weights, velocity, loss = update(
            weights, velocity, x[rows], y[rows], rate_at(step), rng
        )
        losses.append(loss)
    state = {
        "weights": weights,
        "velocity": velocity,
        "step": first + steps,
        "dropout": rng.bit_generator.state,
    }
    return losses, state


# %% mistake="dropout_starts_again" exercise="train" fails="test_train_epochs test_train_anywhere"
"""Your Dropout begins again with its first random numbers. The state of the generator
belongs to the run."""


def train(x, y, steps, batch_size, seed, state=None):
    rng = np.random.default_rng(seed)
    weights = velocity = np.zeros((x.shape[1], 10))
    first = 0
    if state is not None:
        weights, velocity, first = state["weights"], state["velocity"], state["step"]
    batches = math.ceil(len(x) / batch_size)
    losses = []
    for step in range(first, first + steps):
        epoch, position = divmod(step, batches)
        start = position * batch_size
        rows = epoch_order(len(x), seed, epoch)[start : start + batch_size]
        weights, velocity, loss = update(
            weights, velocity, x[rows], y[rows], rate_at(step), rng
        )
        losses.append(loss)
    state = {
        "weights": weights,
        "velocity": velocity,
        "step": first + steps,
        "dropout": rng.bit_generator.state,
    }
    return losses, state


# %% mistake="dropout_seeded_by_the_step" exercise="train" fails="test_train_epochs test_train_anywhere"
"""After an interruption you seed Dropout anew, by the number of the step. Those are not
the numbers that an uninterrupted run draws: save the state of the generator."""


def train(x, y, steps, batch_size, seed, state=None):
    rng = np.random.default_rng(seed)
    weights = velocity = np.zeros((x.shape[1], 10))
    first = 0
    if state is not None:
        weights, velocity, first = state["weights"], state["velocity"], state["step"]
        rng = np.random.default_rng((seed, first))
    batches = math.ceil(len(x) / batch_size)
    losses = []
    for step in range(first, first + steps):
        epoch, position = divmod(step, batches)
        start = position * batch_size
        rows = epoch_order(len(x), seed, epoch)[start : start + batch_size]
        weights, velocity, loss = update(
            weights, velocity, x[rows], y[rows], rate_at(step), rng
        )
        losses.append(loss)
    state = {
        "weights": weights,
        "velocity": velocity,
        "step": first + steps,
        "dropout": rng.bit_generator.state,
    }
    return losses, state


# %% mistake="weights_alone" exercise="train" fails="test_train_epochs test_train_anywhere"
"""Your state holds the weights and nothing else. Momentum, Dropout's generator, the
number of the step and the place in the data belong to a run too."""


def train(x, y, steps, batch_size, seed, state=None):
    rng = np.random.default_rng(seed)
    weights = velocity = np.zeros((x.shape[1], 10))
    first = 0
    if state is not None:
        weights = state["weights"]
    batches = math.ceil(len(x) / batch_size)
    losses = []
    for step in range(first, first + steps):
        epoch, position = divmod(step, batches)
        start = position * batch_size
        rows = epoch_order(len(x), seed, epoch)[start : start + batch_size]
        weights, velocity, loss = update(
            weights, velocity, x[rows], y[rows], rate_at(step), rng
        )
        losses.append(loss)
    state = {
        "weights": weights,
        "velocity": velocity,
        "step": first + steps,
        "dropout": rng.bit_generator.state,
    }
    return losses, state


# %% mistake="weights_not_saved" exercise="train" fails="test_train_epochs test_train_anywhere"
"""Your run goes on with weights of zeros. Take them from the state."""


def train(x, y, steps, batch_size, seed, state=None):
    rng = np.random.default_rng(seed)
    weights = velocity = np.zeros((x.shape[1], 10))
    first = 0
    if state is not None:
        velocity, first = state["velocity"], state["step"]
        rng.bit_generator.state = state["dropout"]
    batches = math.ceil(len(x) / batch_size)
    losses = []
    for step in range(first, first + steps):
        epoch, position = divmod(step, batches)
        start = position * batch_size
        rows = epoch_order(len(x), seed, epoch)[start : start + batch_size]
        weights, velocity, loss = update(
            weights, velocity, x[rows], y[rows], rate_at(step), rng
        )
        losses.append(loss)
    state = {
        "weights": weights,
        "velocity": velocity,
        "step": first + steps,
        "dropout": rng.bit_generator.state,
    }
    return losses, state


# %% mistake="steps_start_again" exercise="train" fails="test_train_epochs test_train_anywhere"
"""Your count of steps begins at 0 again, and with it the rate and the order of the
data. Save how many steps are done."""


def train(x, y, steps, batch_size, seed, state=None):
    rng = np.random.default_rng(seed)
    weights = velocity = np.zeros((x.shape[1], 10))
    first = 0
    if state is not None:
        weights, velocity = state["weights"], state["velocity"]
        rng.bit_generator.state = state["dropout"]
    batches = math.ceil(len(x) / batch_size)
    losses = []
    for step in range(first, first + steps):
        epoch, position = divmod(step, batches)
        start = position * batch_size
        rows = epoch_order(len(x), seed, epoch)[start : start + batch_size]
        weights, velocity, loss = update(
            weights, velocity, x[rows], y[rows], rate_at(step), rng
        )
        losses.append(loss)
    state = {
        "weights": weights,
        "velocity": velocity,
        "step": first + steps,
        "dropout": rng.bit_generator.state,
    }
    return losses, state


# %% mistake="rate_starts_again" exercise="train" fails="test_train_epochs test_train_anywhere"
"""Your learning rate begins again after an interruption. It belongs to the step of the
whole run."""


def train(x, y, steps, batch_size, seed, state=None):
    rng = np.random.default_rng(seed)
    weights = velocity = np.zeros((x.shape[1], 10))
    first = 0
    if state is not None:
        weights, velocity, first = state["weights"], state["velocity"], state["step"]
        rng.bit_generator.state = state["dropout"]
    batches = math.ceil(len(x) / batch_size)
    losses = []
    for step in range(first, first + steps):
        epoch, position = divmod(step, batches)
        start = position * batch_size
        rows = epoch_order(len(x), seed, epoch)[start : start + batch_size]
        weights, velocity, loss = update(
            weights, velocity, x[rows], y[rows], rate_at(step - first), rng
        )
        losses.append(loss)
    state = {
        "weights": weights,
        "velocity": velocity,
        "step": first + steps,
        "dropout": rng.bit_generator.state,
    }
    return losses, state


# %% mistake="order_starts_again" exercise="train" fails="test_train_epochs test_train_anywhere"
"""After an interruption you go through the data as in the first epoch. Which epoch it
is belongs to the state."""


def train(x, y, steps, batch_size, seed, state=None):
    rng = np.random.default_rng(seed)
    weights = velocity = np.zeros((x.shape[1], 10))
    first = 0
    if state is not None:
        weights, velocity, first = state["weights"], state["velocity"], state["step"]
        rng.bit_generator.state = state["dropout"]
    batches = math.ceil(len(x) / batch_size)
    losses = []
    for step in range(first, first + steps):
        epoch, position = divmod(step - first, batches)
        start = position * batch_size
        rows = epoch_order(len(x), seed, epoch)[start : start + batch_size]
        weights, velocity, loss = update(
            weights, velocity, x[rows], y[rows], rate_at(step), rng
        )
        losses.append(loss)
    state = {
        "weights": weights,
        "velocity": velocity,
        "step": first + steps,
        "dropout": rng.bit_generator.state,
    }
    return losses, state


# %% mistake="epoch_starts_again" exercise="train" fails="test_train_anywhere"
"""After an interruption in the middle of an epoch you begin the epoch again, so that
some examples are seen twice. Save the place in the epoch too."""


def train(x, y, steps, batch_size, seed, state=None):
    rng = np.random.default_rng(seed)
    weights = velocity = np.zeros((x.shape[1], 10))
    first = 0
    if state is not None:
        weights, velocity, first = state["weights"], state["velocity"], state["step"]
        rng.bit_generator.state = state["dropout"]
    batches = math.ceil(len(x) / batch_size)
    losses = []
    for step in range(first, first + steps):
        epoch, position = divmod(step - first % batches, batches)
        start = position * batch_size
        rows = epoch_order(len(x), seed, epoch)[start : start + batch_size]
        weights, velocity, loss = update(
            weights, velocity, x[rows], y[rows], rate_at(step), rng
        )
        losses.append(loss)
    state = {
        "weights": weights,
        "velocity": velocity,
        "step": first + steps,
        "dropout": rng.bit_generator.state,
    }
    return losses, state


# %% mistake="rest_of_the_epoch_skipped" exercise="train" fails="test_train_anywhere"
"""After an interruption you go on with the next epoch: what was left of the present one
is never seen. Save the place in the epoch too."""


def train(x, y, steps, batch_size, seed, state=None):
    rng = np.random.default_rng(seed)
    weights = velocity = np.zeros((x.shape[1], 10))
    first = 0
    if state is not None:
        weights, velocity, first = state["weights"], state["velocity"], state["step"]
        rng.bit_generator.state = state["dropout"]
    batches = math.ceil(len(x) / batch_size)
    losses = []
    for step in range(first, first + steps):
        epoch, position = divmod(step + -first % batches, batches)
        start = position * batch_size
        rows = epoch_order(len(x), seed, epoch)[start : start + batch_size]
        weights, velocity, loss = update(
            weights, velocity, x[rows], y[rows], rate_at(step), rng
        )
        losses.append(loss)
    state = {
        "weights": weights,
        "velocity": velocity,
        "step": first + steps,
        "dropout": rng.bit_generator.state,
    }
    return losses, state


# %% mistake="saved_in_float32" exercise="train" fails="test_train_epochs test_train_anywhere"
"""You save the weights as float32. The run computes in float64, and rounding makes it
another run."""


def train(x, y, steps, batch_size, seed, state=None):
    rng = np.random.default_rng(seed)
    weights = velocity = np.zeros((x.shape[1], 10))
    first = 0
    if state is not None:
        weights, velocity, first = state["weights"], state["velocity"], state["step"]
        rng.bit_generator.state = state["dropout"]
    batches = math.ceil(len(x) / batch_size)
    losses = []
    for step in range(first, first + steps):
        epoch, position = divmod(step, batches)
        start = position * batch_size
        rows = epoch_order(len(x), seed, epoch)[start : start + batch_size]
        weights, velocity, loss = update(
            weights, velocity, x[rows], y[rows], rate_at(step), rng
        )
        losses.append(loss)
    state = {
        "weights": weights.astype(np.float32),
        "velocity": velocity,
        "step": first + steps,
        "dropout": rng.bit_generator.state,
    }
    return losses, state


# %% mistake="new_seed_after_a_stop" exercise="train" fails="test_train_epochs test_train_anywhere"
"""You change the seed of the order after an interruption. Each epoch's order is a
function of the seed and its number alone."""


def train(x, y, steps, batch_size, seed, state=None):
    rng = np.random.default_rng(seed)
    weights = velocity = np.zeros((x.shape[1], 10))
    first = 0
    if state is not None:
        weights, velocity, first = state["weights"], state["velocity"], state["step"]
        rng.bit_generator.state = state["dropout"]
    batches = math.ceil(len(x) / batch_size)
    losses = []
    for step in range(first, first + steps):
        epoch, position = divmod(step, batches)
        start = position * batch_size
        rows = epoch_order(len(x), seed + (first > 0), epoch)[
            start : start + batch_size
        ]
        weights, velocity, loss = update(
            weights, velocity, x[rows], y[rows], rate_at(step), rng
        )
        losses.append(loss)
    state = {
        "weights": weights,
        "velocity": velocity,
        "step": first + steps,
        "dropout": rng.bit_generator.state,
    }
    return losses, state


# %% mistake="same_order_in_every_epoch" exercise="train" fails="test_train_whole"
"""All your epochs have one order. Give `epoch_order` the number of the epoch."""


def train(x, y, steps, batch_size, seed, state=None):
    rng = np.random.default_rng(seed)
    weights = velocity = np.zeros((x.shape[1], 10))
    first = 0
    if state is not None:
        weights, velocity, first = state["weights"], state["velocity"], state["step"]
        rng.bit_generator.state = state["dropout"]
    batches = math.ceil(len(x) / batch_size)
    losses = []
    for step in range(first, first + steps):
        epoch, position = divmod(step, batches)
        start = position * batch_size
        rows = epoch_order(len(x), seed, 0)[start : start + batch_size]
        weights, velocity, loss = update(
            weights, velocity, x[rows], y[rows], rate_at(step), rng
        )
        losses.append(loss)
    state = {
        "weights": weights,
        "velocity": velocity,
        "step": first + steps,
        "dropout": rng.bit_generator.state,
    }
    return losses, state


# %% mistake="rest_dropped" exercise="train" fails="test_train_whole"
"""You leave out what does not fill a batch at the end of an epoch. The last batch may
have fewer examples."""


def train(x, y, steps, batch_size, seed, state=None):
    rng = np.random.default_rng(seed)
    weights = velocity = np.zeros((x.shape[1], 10))
    first = 0
    if state is not None:
        weights, velocity, first = state["weights"], state["velocity"], state["step"]
        rng.bit_generator.state = state["dropout"]
    batches = max(len(x) // batch_size, 1)
    losses = []
    for step in range(first, first + steps):
        epoch, position = divmod(step, batches)
        start = position * batch_size
        rows = epoch_order(len(x), seed, epoch)[start : start + batch_size]
        weights, velocity, loss = update(
            weights, velocity, x[rows], y[rows], rate_at(step), rng
        )
        losses.append(loss)
    state = {
        "weights": weights,
        "velocity": velocity,
        "step": first + steps,
        "dropout": rng.bit_generator.state,
    }
    return losses, state


# %% mistake="constant_rate" exercise="train" fails="test_train_whole"
"""Your rate is always that of the first step. Step n has the rate `rate_at(n)`."""


def train(x, y, steps, batch_size, seed, state=None):
    rng = np.random.default_rng(seed)
    weights = velocity = np.zeros((x.shape[1], 10))
    first = 0
    if state is not None:
        weights, velocity, first = state["weights"], state["velocity"], state["step"]
        rng.bit_generator.state = state["dropout"]
    batches = math.ceil(len(x) / batch_size)
    losses = []
    for step in range(first, first + steps):
        epoch, position = divmod(step, batches)
        start = position * batch_size
        rows = epoch_order(len(x), seed, epoch)[start : start + batch_size]
        weights, velocity, loss = update(
            weights, velocity, x[rows], y[rows], rate_at(0), rng
        )
        losses.append(loss)
    state = {
        "weights": weights,
        "velocity": velocity,
        "step": first + steps,
        "dropout": rng.bit_generator.state,
    }
    return losses, state


# %% mistake="dropout_of_each_step_the_same" exercise="train" fails="test_train_whole"
"""You make a new generator in every step, so Dropout always leaves out the same inputs.
Make one for the run and let it go on."""


def train(x, y, steps, batch_size, seed, state=None):
    rng = np.random.default_rng(seed)
    weights = velocity = np.zeros((x.shape[1], 10))
    first = 0
    if state is not None:
        weights, velocity, first = state["weights"], state["velocity"], state["step"]
        rng.bit_generator.state = state["dropout"]
    batches = math.ceil(len(x) / batch_size)
    losses = []
    for step in range(first, first + steps):
        epoch, position = divmod(step, batches)
        start = position * batch_size
        rows = epoch_order(len(x), seed, epoch)[start : start + batch_size]
        weights, velocity, loss = update(
            weights,
            velocity,
            x[rows],
            y[rows],
            rate_at(step),
            np.random.default_rng(seed),
        )
        losses.append(loss)
    state = {
        "weights": weights,
        "velocity": velocity,
        "step": first + steps,
        "dropout": rng.bit_generator.state,
    }
    return losses, state


# %% mistake="steps_of_the_whole_run" exercise="train" fails="test_train_epochs test_train_anywhere"
"""You take `steps` as the number of the whole run, so that too few are made after an
interruption. It says how many to make now."""


def train(x, y, steps, batch_size, seed, state=None):
    rng = np.random.default_rng(seed)
    weights = velocity = np.zeros((x.shape[1], 10))
    first = 0
    if state is not None:
        weights, velocity, first = state["weights"], state["velocity"], state["step"]
        rng.bit_generator.state = state["dropout"]
    batches = math.ceil(len(x) / batch_size)
    losses = []
    for step in range(first, steps):
        epoch, position = divmod(step, batches)
        start = position * batch_size
        rows = epoch_order(len(x), seed, epoch)[start : start + batch_size]
        weights, velocity, loss = update(
            weights, velocity, x[rows], y[rows], rate_at(step), rng
        )
        losses.append(loss)
    state = {
        "weights": weights,
        "velocity": velocity,
        "step": max(first, steps),
        "dropout": rng.bit_generator.state,
    }
    return losses, state


# %% mistake="step_count_of_this_call" exercise="train" fails="test_train_epochs test_train_anywhere"
"""You save how many steps this call made. Save how many the run has made in all: after
a second interruption it counts."""


def train(x, y, steps, batch_size, seed, state=None):
    rng = np.random.default_rng(seed)
    weights = velocity = np.zeros((x.shape[1], 10))
    first = 0
    if state is not None:
        weights, velocity, first = state["weights"], state["velocity"], state["step"]
        rng.bit_generator.state = state["dropout"]
    batches = math.ceil(len(x) / batch_size)
    losses = []
    for step in range(first, first + steps):
        epoch, position = divmod(step, batches)
        start = position * batch_size
        rows = epoch_order(len(x), seed, epoch)[start : start + batch_size]
        weights, velocity, loss = update(
            weights, velocity, x[rows], y[rows], rate_at(step), rng
        )
        losses.append(loss)
    state = {
        "weights": weights,
        "velocity": velocity,
        "step": steps,
        "dropout": rng.bit_generator.state,
    }
    return losses, state


# %% mistake="replayed_from_the_start" exercise="train" fails="test_train_anywhere"
"""You save the number of the step and make all steps again from the beginning. That
takes as long as not saving at all: put what was learnt into the state."""


def train(x, y, steps, batch_size, seed, state=None):
    rng = np.random.default_rng(seed)
    weights = velocity = np.zeros((x.shape[1], 10))
    first = 0 if state is None else state["step"]
    batches = math.ceil(len(x) / batch_size)
    losses = []
    for step in range(first + steps):
        epoch, position = divmod(step, batches)
        start = position * batch_size
        rows = epoch_order(len(x), seed, epoch)[start : start + batch_size]
        weights, velocity, loss = update(
            weights, velocity, x[rows], y[rows], rate_at(step), rng
        )
        losses.append(loss)
    return losses[first:], {"step": first + steps}


# %% mistake="forward_only" exercise="throughput" fails="test_throughput"
"""You count the forward pass only. A training step does three times its work."""


def throughput(step_seconds, batch_size, macs, peak_flops):
    images_per_second = batch_size / float(np.median(step_seconds[2:]))
    macs_per_second = macs * images_per_second
    return {
        "images_per_second": images_per_second,
        "macs_per_second": macs_per_second,
        "fraction_of_peak": 2 * macs_per_second / peak_flops,
    }


# %% mistake="twice_the_forward_pass" exercise="throughput" fails="test_throughput"
"""You count a training step as twice the forward pass. There are two gradients, by the
inputs and by the weights, besides the outputs: three times."""


def throughput(step_seconds, batch_size, macs, peak_flops):
    images_per_second = batch_size / float(np.median(step_seconds[2:]))
    macs_per_second = 2 * macs * images_per_second
    return {
        "images_per_second": images_per_second,
        "macs_per_second": macs_per_second,
        "fraction_of_peak": 2 * macs_per_second / peak_flops,
    }


# %% mistake="mac_is_one_operation" exercise="throughput" fails="test_throughput"
"""You compare multiply-adds with floating-point operations. Each MAC is two of them."""


def throughput(step_seconds, batch_size, macs, peak_flops):
    images_per_second = batch_size / float(np.median(step_seconds[2:]))
    macs_per_second = 3 * macs * images_per_second
    return {
        "images_per_second": images_per_second,
        "macs_per_second": macs_per_second,
        "fraction_of_peak": macs_per_second / peak_flops,
    }


# %% mistake="half_an_operation" exercise="throughput" fails="test_throughput"
"""You halve the MACs. A MAC is two floating-point operations, so there are twice as
many of these."""


def throughput(step_seconds, batch_size, macs, peak_flops):
    images_per_second = batch_size / float(np.median(step_seconds[2:]))
    macs_per_second = 3 * macs * images_per_second
    return {
        "images_per_second": images_per_second,
        "macs_per_second": macs_per_second,
        "fraction_of_peak": macs_per_second / 2 / peak_flops,
    }


# %% mistake="compiling_counts" exercise="throughput" fails="test_throughput"
"""You count the first two steps, in which the machine traces and compiles. Leave them
out."""


def throughput(step_seconds, batch_size, macs, peak_flops):
    images_per_second = batch_size / float(np.median(step_seconds))
    macs_per_second = 3 * macs * images_per_second
    return {
        "images_per_second": images_per_second,
        "macs_per_second": macs_per_second,
        "fraction_of_peak": 2 * macs_per_second / peak_flops,
    }


# %% mistake="one_step_left_out" exercise="throughput" fails="test_throughput"
"""You leave out one step at the beginning. The first two do not count."""


def throughput(step_seconds, batch_size, macs, peak_flops):
    images_per_second = batch_size / float(np.median(step_seconds[1:]))
    macs_per_second = 3 * macs * images_per_second
    return {
        "images_per_second": images_per_second,
        "macs_per_second": macs_per_second,
        "fraction_of_peak": 2 * macs_per_second / peak_flops,
    }


# %% mistake="mean_of_the_steps" exercise="throughput" fails="test_throughput"
"""You take the mean of the steps. One slow step moves it: take the median."""


def throughput(step_seconds, batch_size, macs, peak_flops):
    images_per_second = batch_size / float(np.mean(step_seconds[2:]))
    macs_per_second = 3 * macs * images_per_second
    return {
        "images_per_second": images_per_second,
        "macs_per_second": macs_per_second,
        "fraction_of_peak": 2 * macs_per_second / peak_flops,
    }


# %% mistake="fastest_step" exercise="throughput" fails="test_throughput"
"""You take the fastest step. That is the best case and not what a training reaches:
take the median."""


def throughput(step_seconds, batch_size, macs, peak_flops):
    images_per_second = batch_size / float(np.min(step_seconds[2:]))
    macs_per_second = 3 * macs * images_per_second
    return {
        "images_per_second": images_per_second,
        "macs_per_second": macs_per_second,
        "fraction_of_peak": 2 * macs_per_second / peak_flops,
    }


# %% mistake="total_time" exercise="throughput" fails="test_throughput"
"""You divide one batch by the time of all steps. Divide it by the time of one."""


def throughput(step_seconds, batch_size, macs, peak_flops):
    images_per_second = batch_size / float(np.sum(step_seconds[2:]))
    macs_per_second = 3 * macs * images_per_second
    return {
        "images_per_second": images_per_second,
        "macs_per_second": macs_per_second,
        "fraction_of_peak": 2 * macs_per_second / peak_flops,
    }


# %% mistake="batches_not_images" exercise="throughput" fails="test_throughput"
"""You count batches. An image rate has the batch size in it."""


def throughput(step_seconds, batch_size, macs, peak_flops):
    images_per_second = 1 / float(np.median(step_seconds[2:]))
    macs_per_second = 3 * macs * images_per_second
    return {
        "images_per_second": images_per_second,
        "macs_per_second": macs_per_second,
        "fraction_of_peak": 2 * macs_per_second / peak_flops,
    }


# %% mistake="fraction_upside_down" exercise="throughput" fails="test_throughput"
"""Your fraction is upside down: what is reached, divided by what is possible."""


def throughput(step_seconds, batch_size, macs, peak_flops):
    images_per_second = batch_size / float(np.median(step_seconds[2:]))
    macs_per_second = 3 * macs * images_per_second
    return {
        "images_per_second": images_per_second,
        "macs_per_second": macs_per_second,
        "fraction_of_peak": peak_flops / (2 * macs_per_second),
    }


# %% mistake="in_percent" exercise="throughput" fails="test_throughput"
"""Your fraction is in percent. It is 1 if the device does all it can."""


def throughput(step_seconds, batch_size, macs, peak_flops):
    images_per_second = batch_size / float(np.median(step_seconds[2:]))
    macs_per_second = 3 * macs * images_per_second
    return {
        "images_per_second": images_per_second,
        "macs_per_second": macs_per_second,
        "fraction_of_peak": 200 * macs_per_second / peak_flops,
    }
