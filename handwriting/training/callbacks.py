"""The callbacks that our recipe adds to Keras's own: averaged weights, batch-norm statistics, the learning rate."""

import math

from handwriting.quiet_keras import keras
from handwriting.training.batches import Batches
from handwriting.training.recipe import Recipe


def averaging_adam(
    recipe: Recipe, peak_rate: float, batch_size: int, steps: int, longest: float | None = None
) -> keras.optimizers.Optimizer:
    """Adam that also keeps a running mean of the weights. Its rate grows with the square root of the batch size.

    Args:
        recipe: how to train.
        peak_rate: the highest learning rate.
        batch_size: images in a batch.
        steps: of the whole training.
        longest: gradients of a variable that are longer, as vectors, are shortened to this length.
    """
    peak = peak_rate * math.sqrt(batch_size / recipe.peak_batch)
    averaged = max(1.0, min(recipe.averaged * steps, recipe.most_averaged))
    return keras.optimizers.Adam(
        peak * recipe.schedule(0, steps, recipe.warm_up),
        use_ema=True,
        ema_momentum=1 - 1 / averaged,
        clipnorm=longest,
    )


def recipe_callbacks(recipe: Recipe, steps: int, batches: Batches) -> list[keras.callbacks.Callback]:
    """The callbacks that belong to `averaging_adam`, to be placed before all others.

    SwapEMAWeights stands first: the callbacks after it see, score and save the averaged weights.
    """
    return [
        keras.callbacks.SwapEMAWeights(swap_on_epoch=True),
        statistics_callback(batches, recipe.statistics_batches),
        schedule_callback(recipe, steps),
    ]


def schedule_callback(recipe: Recipe, steps: int) -> keras.callbacks.Callback:
    """Moves the learning rate along the recipe's schedule after each step."""

    def follow_schedule(batch, logs=None) -> None:
        optimizer = callback.model.optimizer  # asked of the callback: JAX updates it only there
        done = int(optimizer.iterations)
        if done < steps:
            now, before = (recipe.schedule(step, steps, recipe.warm_up) for step in (done, done - 1))
            # Multiplied, not set: what ReduceLROnPlateau halves stays halved.
            optimizer.learning_rate = float(optimizer.learning_rate) * (now / before)

    callback = keras.callbacks.LambdaCallback(on_train_batch_end=follow_schedule)
    return callback


def statistics_callback(batches: Batches, most: int) -> keras.callbacks.Callback:
    """Recomputes batch-norm statistics before each validation."""
    callback = keras.callbacks.LambdaCallback(
        on_test_begin=lambda logs: recompute_statistics(callback.model, batches, most)
    )
    return callback


def recompute_statistics(model: keras.Model, batches: Batches, most: int) -> None:
    """Gives the batch-norm layers the mean and variance that the current weights produce, over at most so many batches.

    The current weights are the averaged ones. Training never uses them, so the stored statistics don't fit them.
    """
    norms = [layer for layer in model.layers if isinstance(layer, keras.layers.BatchNormalization)]
    layers = [layer for layer in norms if layer.trainable]  # others keep their statistics
    if not layers:
        return
    momenta = [layer.momentum for layer in layers]
    for number in range(min(most, len(batches))):
        for layer in layers:
            layer.momentum = number / (number + 1)  # all batches count alike, and nothing before them
        images, _ = batches[number]
        model(images, training=True)
    for layer, momentum in zip(layers, momenta, strict=True):
        layer.momentum = momentum
