"""How fast `fit` is: ours beside the usual scripts', and both beside what the processor could do.

benchmarks/training.py prints the table.
"""

import statistics
import time
from dataclasses import dataclass, replace

import numpy as np

import models
from cnn_model_v2 import RECIPE
from handwriting.data.sets import Labelled
from handwriting.quiet_keras import keras, layers
from handwriting.text_table import text_table
from handwriting.training.plan import Extent, Plan, plan
from handwriting.training.precision import build_model, convolution_seconds

PLAIN, SMALL = "plain cnn_v2", "small example"  # the usual scripts
LONG_RUN = 10_000  # steps, and validation images
FLOPS_A_MULTIPLICATION = 2 * 3  # with its addition; forward, backward to the weights, backward to the input


@dataclass(frozen=True)
class Timing:
    """How the speeds are measured.

    Args:
        rounds: all contestants take turns, so that a disturbance meets each of them.
        steps: the steps of a round.
        first_steps: so many are not timed. They compile, and fill the queue of batches.
        batch_size: images a step.
        large_convolutions: (side, channels) of convolutions that reach the processor's limit. The fastest counts.
    """

    rounds: int = 5
    steps: int = 24
    first_steps: int = 4
    batch_size: int = 128
    large_convolutions: tuple[tuple[int, int], ...] = ((26, 64), (26, 128), (14, 256))


TIMING = Timing()


def small_example() -> keras.Model:
    """The small convolutional network that many scripts copy: 34,826 parameters."""
    return keras.Sequential(
        [
            layers.Input((28, 28, 1)),
            layers.Conv2D(32, 3, activation="relu"),
            layers.MaxPooling2D(2),
            layers.Conv2D(64, 3, activation="relu"),
            layers.MaxPooling2D(2),
            layers.Flatten(),
            layers.Dropout(0.5),
            layers.Dense(10, activation="softmax"),
        ]
    )


def usual_model(name: str) -> keras.Model:
    """A usual script's compiled model."""
    model = models.cnn_v2() if name == PLAIN else small_example()
    model.compile(optimizer="adam", loss="sparse_categorical_crossentropy", metrics=["accuracy"])
    return model


def our_plan(name: str, timing: Timing) -> Plan:
    """Our training of a network on the images of a round, as in a long run."""
    images = timing.steps * timing.batch_size
    return plan(
        models.NETWORKS[name], RECIPE, Extent(images, LONG_RUN, LONG_RUN // timing.steps, timing.batch_size)
    )


@dataclass
class Contestant:
    """A network in a precision. Its measurements are appended round by round.

    Args:
        name: what the table calls it.
        precision: float32 or bfloat16.
        model: compiled.
        plan: how we train it; None for a usual script, which gives `fit` the arrays.
        rates: images a second.
        augmentation_costs: the part of the speed that augmentation takes.
    """

    name: str
    precision: str
    model: keras.Model
    plan: Plan | None
    rates: list[float]
    augmentation_costs: list[float]

    def measure(self, training: Labelled, timing: Timing) -> None:
        """One round."""
        if self.plan is None:
            self.rates.append(usual_rate(self.model, training, timing))
            return
        rate = our_rate(self.model, self.plan, training, timing)
        without = our_rate(self.model, replace(self.plan, augment=None), training, timing)
        self.rates.append(rate)
        self.augmentation_costs.append(1 - rate / without)


def speeds(training: Labelled, usual: list[str], ours: list[str], timing: Timing = TIMING) -> str:
    """Images a second in `fit`, what augmentation costs, and the part of the processor's limit: a table."""
    precisions = ["float32"]
    slower = convolution_seconds("bfloat16") / convolution_seconds("float32")
    if slower < 1:
        precisions.append("bfloat16")
    else:
        print(f"bfloat16 is left out: a convolution takes {slower:.2g} times as long in it here")
    contestants = [Contestant(name, "float32", usual_model(name), None, [], []) for name in usual]
    for name in ours:
        our = our_plan(name, timing)
        contestants += [
            Contestant(f"our {name}", precision, our_model(our, precision), our, [], [])
            for precision in precisions
        ]
    limits = {precision: 0.0 for precision in precisions}  # Flop a second
    for _ in range(timing.rounds):
        for contestant in contestants:
            contestant.measure(training, timing)
        for precision in precisions:
            found = [convolution_speed(*size, precision, timing) for size in timing.large_convolutions]
            limits[precision] = max(limits[precision], *found)
    rows = [row(contestant, limits[contestant.precision], len(training)) for contestant in contestants]
    titles = ["network", "precision", "images/s", "s/epoch", "augmentation", "bare limit", "part of it"]
    return text_table(titles, rows, right_aligned={2, 3, 4, 5, 6})


def row(contestant: Contestant, flops_a_second: float, images: int) -> list[str]:
    """A contestant's row of the table."""
    rate = statistics.median(contestant.rates)
    limit = flops_a_second / (FLOPS_A_MULTIPLICATION * multiplications(contestant.model))
    costs = contestant.augmentation_costs
    return [
        contestant.name,
        contestant.precision,
        f"{rate:,.0f}",
        f"{images / rate:.1f}",
        f"{statistics.median(costs):.0%}" if costs else "",
        f"{limit:,.0f}",
        f"{rate / limit:.2f}",
    ]


def our_model(a_plan: Plan, precision: str) -> keras.Model:
    """A plan's compiled model."""
    model = build_model(a_plan.build, precision)
    model.compile(optimizer=a_plan.optimizer(), loss=a_plan.loss, metrics=["accuracy"])
    return model


def usual_rate(model: keras.Model, training: Labelled, timing: Timing) -> float:
    """Images a second of `fit` on arrays."""
    count = timing.steps * timing.batch_size
    images, labels = training.images[:count], training.labels[:count]
    ends, note = batch_ends()
    model.fit(images, labels, batch_size=timing.batch_size, verbose=0, callbacks=[note])
    return images_a_second(ends, timing)


def our_rate(model: keras.Model, a_plan: Plan, training: Labelled, timing: Timing) -> float:
    """Images a second of `fit` on our batches, with our callbacks."""
    count = timing.steps * timing.batch_size
    batches = a_plan.batches(Labelled(training.images[:count], training.labels[:count]), seed=0)
    ends, note = batch_ends()
    callbacks = [*a_plan.callbacks(batches), batches.follow_epochs(), note]
    model.fit(batches, verbose=0, shuffle=False, callbacks=callbacks)
    return images_a_second(ends, timing)


def batch_ends() -> tuple[list[float], keras.callbacks.Callback]:
    """A list, and the callback that appends to it when each batch ended."""
    ends: list[float] = []
    note = keras.callbacks.LambdaCallback(
        on_train_batch_end=lambda batch, logs: ends.append(time.perf_counter())
    )
    return ends, note


def images_a_second(ends: list[float], timing: Timing) -> float:
    """The speed after the first steps."""
    timed = ends[timing.first_steps - 1 :]
    return timing.batch_size * (len(timed) - 1) / (timed[-1] - timed[0])


def convolution_speed(side: int, channels: int, precision: str, timing: Timing = TIMING) -> float:
    """Flop a second of one large convolution, forward."""
    dtype = "mixed_bfloat16" if precision == "bfloat16" else "float32"
    layer = keras.layers.Conv2D(channels, 3, use_bias=False, dtype=dtype)
    images = keras.random.normal((timing.batch_size, side + 2, side + 2, channels), dtype=precision)
    layer(images)
    times = []
    for _ in range(5):
        started = time.perf_counter()
        float(layer(images)[0, 0, 0, 0])  # a value is asked for, so it is really computed
        times.append(time.perf_counter() - started)
    return 2 * timing.batch_size * (side * channels * 3) ** 2 / min(times)


def multiplications(model: keras.Model) -> int:
    """The multiplications of the convolutions and dense layers for one image."""
    total = 0
    for layer in model.layers:
        if isinstance(layer, layers.Conv2D):
            _, height, width, _ = layer.output.shape
            total += height * width * int(np.prod(layer.kernel.shape))
        elif isinstance(layer, layers.Dense):
            total += int(np.prod(layer.kernel.shape))
    return total
