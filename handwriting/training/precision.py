"""float32 or bfloat16: whichever trains faster on this processor."""

import time
from collections.abc import Callable

from handwriting.data.sets import Labelled
from handwriting.quiet_keras import keras
from handwriting.training.plan import Plan

TIMED_CALLS = 4  # of a task; the fastest one counts
FASTER = 1.3  # bfloat16 must be so many times as fast, or noise might decide
SHORT = 1_000  # steps; in a shorter run, timing steps takes as long as the faster ones save


def build_model(build: Callable[[], keras.Model], precision: str) -> keras.Model:
    """The model with its computations in this precision. Its weights are float32 either way."""
    keras.config.set_dtype_policy("mixed_bfloat16" if precision == "bfloat16" else "float32")
    try:
        return build()
    finally:
        keras.config.set_dtype_policy("float32")


def choose_precision(
    wanted: str, plan: Plan, training: Labelled, before: str | None = None
) -> tuple[str, str]:
    """The precision to train in, and the reason.

    Some processors compute bfloat16 twice as fast as float32, others many times slower. Nothing reliable tells which,
    so a convolution is timed in both. If that is quicker in bfloat16, so are a few training steps, but not for a short
    run of convolutions.

    Args:
        wanted: float32, bfloat16, or auto.
        plan: how the network is trained.
        training: the training images.
        before: the precision of the run that is resumed, if one is.
    """
    if wanted != "auto":
        return wanted, "as asked"
    if before:
        return before, "as before"
    ratio = convolution_seconds("float32") / convolution_seconds("bfloat16")
    # Where a convolution is slow, whole steps would say the same, and take long.
    if ratio < 1 or (plan.steps < SHORT and has_convolutions(plan.build())):
        return faster(ratio), f"a convolution in bfloat16 runs at {ratio:.2g} times float32's speed here"
    print("timing a few steps in float32 and in bfloat16", flush=True)
    ratio = step_seconds(plan, "float32", training) / step_seconds(plan, "bfloat16", training)
    return faster(ratio), f"bfloat16 runs at {ratio:.1f} times float32's speed here"


def has_convolutions(model: keras.Model) -> bool:
    """Whether most of what the model computes is like the convolution that is timed."""
    return any(isinstance(layer, keras.layers.Conv2D) for layer in model.layers)


def faster(ratio: float) -> str:
    """The precision to train in, if bfloat16 is so many times as fast as float32."""
    return "bfloat16" if ratio >= FASTER else "float32"


def convolution_seconds(precision: str) -> float:
    """The time of one convolution. Of fewer images it would vary by half."""
    layer = keras.layers.Conv2D(64, 3, dtype="mixed_bfloat16" if precision == "bfloat16" else "float32")
    images = keras.ops.ones((64, 26, 26, 64), dtype=precision)
    return fastest(
        lambda: float(keras.ops.max(layer(images)))
    )  # a value is asked for, so it is really computed


def step_seconds(plan: Plan, precision: str, training: Labelled) -> float:
    """The time of one training step."""
    model = build_model(plan.build, precision)
    model.compile(optimizer=plan.optimizer(), loss=plan.loss)
    images = training.images[: plan.batch_size]
    labels = plan.labels(training.labels[: plan.batch_size])
    return fastest(lambda: model.train_on_batch(images, labels))


def fastest(task: Callable) -> float:
    """The seconds of the fastest of a few calls. The first call compiles and does not count."""
    task()
    times = []
    for _ in range(TIMED_CALLS):
        started = time.perf_counter()
        task()
        times.append(time.perf_counter() - started)
    return min(times)
