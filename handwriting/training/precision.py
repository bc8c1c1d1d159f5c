"""float32 or bfloat16, whichever trains faster here."""

import time
from collections.abc import Callable

from cnn_model_v2 import targets
from handwriting.quiet_keras import keras

PROBE_STEPS = 4  # timed a precision


FASTER = 1.3  # bfloat16 must be this much faster, so that noise doesn't change the choice


def build_model(network, precision: str):
    """The network with its computations in this precision; its weights are float32 either way."""

    keras.config.set_dtype_policy("mixed_bfloat16" if precision == "bfloat16" else "float32")
    try:
        return network.build()
    finally:
        keras.config.set_dtype_policy("float32")


def choose_precision(wanted: str, network, training, batch_size: int) -> tuple[str, str]:
    """The precision to train in, and why.

    Some CPUs compute bfloat16 twice as fast as float32, others many times slower, and nothing
    reliable tells which: so a convolution, then a few training steps of each are timed.
    """
    if wanted != "auto":
        return wanted, "as asked"
    ratio = convolution_seconds("float32") / convolution_seconds("bfloat16")
    if ratio < 1:  # whole steps would only take long to say the same
        return "float32", f"a convolution in bfloat16 runs at {ratio:.2g} times float32's speed here"
    print("timing a few steps in float32 and in bfloat16", flush=True)
    seconds = {
        precision: step_seconds(network, precision, training, batch_size)
        for precision in ("float32", "bfloat16")
    }
    ratio = seconds["float32"] / seconds["bfloat16"]
    return (
        "bfloat16" if ratio >= FASTER else "float32"
    ), f"bfloat16 runs at {ratio:.1f} times float32's speed here"


def convolution_seconds(precision: str) -> float:
    """The time of one convolution of a few small pictures, the fastest of a few."""

    layer = keras.layers.Conv2D(64, 3, dtype="mixed_bfloat16" if precision == "bfloat16" else "float32")
    pictures = keras.ops.ones((8, 26, 26, 64), dtype=precision)
    return fastest(lambda: float(keras.ops.max(layer(pictures))))  # asked for, so that it is really computed


def step_seconds(network, precision: str, training, batch_size: int) -> float:
    """The time of one training step, the fastest of a few."""
    model = build_model(network, precision)
    model.compile(optimizer=network.optimizer(), loss=network.loss)
    images, labels = training.images[:batch_size], targets(training.labels[:batch_size], network)
    return fastest(lambda: model.train_on_batch(images, labels))


def fastest(task: Callable) -> float:
    """The seconds of the fastest of a few calls; the first one compiles and does not count."""
    task()
    times = []
    for _ in range(PROBE_STEPS):
        started = time.perf_counter()
        task()
        times.append(time.perf_counter() - started)
    return min(times)
