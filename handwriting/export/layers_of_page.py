"""The layers and weights of a network, as the page of `--format html` computes with them."""

import numpy as np

from handwriting import console
from handwriting.quiet_keras import keras, layers

ACTIVATIONS = ("linear", "relu", "softmax")
Described = tuple[dict, list[np.ndarray]]  # a layer in words, and its weights


def described_layers(model: keras.Model) -> tuple[list[dict], list[np.ndarray]]:
    """The layers in words, and their weights. The words say how many weights each array has, and the largest.

    Raises InputError for layers that the page can't compute.
    """
    if not isinstance(model, keras.Sequential):
        raise cannot("a network whose layers follow each other, as in keras.Sequential", type(model).__name__)
    described = [described_layer(layer) for layer in model.layers if not isinstance(layer, NEEDLESS)]
    return (
        [{**words, "weights": [extent(weight) for weight in weights]} for words, weights in described],
        [weight for _, weights in described for weight in weights],
    )


def extent(weights: np.ndarray) -> dict:
    """How many weights an array has, and the largest, whatever its sign."""
    return {"count": weights.size, "largest": largest(weights)}


def largest(weights: np.ndarray) -> float:
    """The largest weight of an array, whatever its sign. 1 if all are 0."""
    return float(np.abs(weights).max(initial=0)) or 1.0


def described_layer(layer: layers.Layer) -> Described:
    """One layer."""
    for kind, describe in KINDS.items():
        if type(layer) is kind:
            return describe(layer)
    raise cannot(f"layers of these kinds: {', '.join(kind.__name__ for kind in KINDS)}", type(layer).__name__)


def convolution(layer: layers.Conv2D) -> Described:
    if layer.dilation_rate != (1, 1) or layer.groups != 1:
        raise cannot("convolutions without dilation and groups", layer.name)
    kernel, *bias = layer.get_weights()
    words = {"kind": "convolution", **window(layer, layer.kernel_size), "activation": activation(layer)}
    return words, [kernel, *bias] if bias else [kernel, np.zeros(layer.filters, np.float32)]


def pooling(layer: layers.MaxPooling2D) -> Described:
    if layer.padding != "valid":
        raise cannot("pooling with valid padding", layer.padding)
    return {"kind": "pooling", **window(layer, layer.pool_size)}, []


def window(layer: layers.Layer, size: tuple[int, int]) -> dict:
    """Where the windows of a layer lie, and how many there are."""
    outputs = layer.output.shape[1:3]
    needed = [(out - 1) * step + side for out, step, side in zip(outputs, layer.strides, size, strict=True)]
    inputs = layer.input.shape[1:3]
    before = [max(0, need - have) // 2 for need, have in zip(needed, inputs, strict=True)]
    return {"size": list(size), "stride": list(layer.strides), "before": before, "outputs": list(outputs)}


def dense(layer: layers.Dense) -> Described:
    kernel, *bias = layer.get_weights()
    words = {"kind": "dense", "activation": activation(layer)}
    return words, [kernel, *bias] if bias else [kernel, np.zeros(layer.units, np.float32)]


def normalisation(layer: layers.BatchNormalization) -> Described:
    """Batch normalisation is a scale and a shift for each channel, once the network is trained."""
    weights = {weight.name: np.asarray(weight, np.float64) for weight in layer.weights}
    scale = weights.get("gamma", 1) / np.sqrt(weights["moving_variance"] + layer.epsilon)
    shift = weights.get("beta", 0) - weights["moving_mean"] * scale
    return {"kind": "affine"}, [scale.astype(np.float32), shift.astype(np.float32)]


def relu(layer: layers.ReLU) -> Described:
    if layer.max_value is not None or layer.negative_slope or layer.threshold:
        raise cannot("a plain ReLU", "one with a slope, a threshold or a largest value")
    return {"kind": "activation", "activation": "relu"}, []


def activation(layer: layers.Layer) -> str:
    """The name of a layer's activation."""
    name = layer.activation.__name__
    if name not in ACTIVATIONS:
        raise cannot(f"one of the activations {', '.join(ACTIVATIONS)}", name)
    return name


def cannot(expected: str, got: str) -> console.InputError:
    """What the page can't compute, and what to do."""
    return console.InputError(f"the html page expects {expected}, got {got}; take --format litert")


NEEDLESS = (
    layers.InputLayer,
    layers.Dropout,
    layers.SpatialDropout2D,
    layers.GaussianNoise,
)  # only for training
KINDS = {
    layers.Conv2D: convolution,
    layers.MaxPooling2D: pooling,
    layers.GlobalAveragePooling2D: lambda layer: ({"kind": "means"}, []),
    layers.Flatten: lambda layer: ({"kind": "flatten"}, []),
    layers.Dense: dense,
    layers.BatchNormalization: normalisation,
    layers.ReLU: relu,
    layers.Activation: lambda layer: ({"kind": "activation", "activation": activation(layer)}, []),
    layers.Softmax: lambda layer: ({"kind": "activation", "activation": "softmax"}, []),
}
