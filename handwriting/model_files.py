"""Opens .keras files, whoever made them.

A file is checked before Keras loads it: nothing in one can run code, reach another file, or take more than a
bounded amount of memory and time. What can't be used is refused with a reason that fits in a line.
"""

from __future__ import annotations  # so that a Python that is too old gets as far as being told so

import io
import itertools
import json
import math
import zipfile
from pathlib import Path

from handwriting import console, safe_files
from handwriting.quiet_keras import keras

CLASSES = 10


PREDICT_BATCH = 250


INPUT_SHAPES = ((28, 28, 1), (28, 28))


# Of the project's own networks the largest has half a million parameters, 43,264 values in its largest layer, and takes
# 52 million steps a digit.
PARAMETERS_CAP = 25_000_000


VALUES_CAP = 200_000  # of a layer's output, a digit


STEPS_CAP = 300_000_000  # multiplications, or what takes as long, a digit


STEPS_A_VALUE = 100  # to move one through memory takes as long as so many multiplications


LAYERS_CAP = 100  # Keras takes a time that grows with their square


OBJECTS_CAP = 2_000  # in a config: layers, their calls, initialisers, the tensors between layers, …


WEIGHTS_CAP = 4 * PARAMETERS_CAP + 1_000_000  # bytes


MEMBERS = {"metadata.json": 10_000, "config.json": 2_000_000, "model.weights.h5": WEIGHTS_CAP}


# What a config may ask Keras to make. All of it computes and nothing else: no layer of these holds code, reads files
# or asks for memory that the caps don't count.
MODELS = {"Sequential", "Functional", "Model"}


LAYERS = {
    *("InputLayer", "Dense", "Flatten", "Reshape", "Permute", "Activation", "Softmax"),
    *(
        "Conv1D",
        "Conv2D",
        "DepthwiseConv2D",
        "SeparableConv2D",
        "Conv2DTranspose",
        "ZeroPadding2D",
        "Cropping2D",
    ),
    *("MaxPooling2D", "AveragePooling2D", "GlobalMaxPooling2D", "GlobalAveragePooling2D", "UpSampling2D"),
    *("Add", "Average", "Concatenate", "Maximum", "Multiply", "Subtract"),
    *("BatchNormalization", "GroupNormalization", "LayerNormalization", "Rescaling"),
    *("ReLU", "LeakyReLU", "PReLU", "ELU"),
    *("Dropout", "SpatialDropout2D", "AlphaDropout", "GaussianDropout", "GaussianNoise"),
    *("RandomFlip", "RandomRotation", "RandomTranslation", "RandomZoom", "RandomContrast"),
}


OTHERS = {
    *("Zeros", "Ones", "Constant", "RandomNormal", "RandomUniform", "TruncatedNormal", "VarianceScaling"),
    *("GlorotNormal", "GlorotUniform", "HeNormal", "HeUniform", "LecunNormal", "LecunUniform"),
    *("L1", "L2", "L1L2", "MaxNorm", "NonNeg", "UnitNorm", "MinMaxNorm"),
    *("DTypePolicy", "__keras_tensor__", "__tuple__"),
}


class RefusedModel(console.InputError):
    """A model that can't be used; its text says why."""


def load_model(path: Path, classes: int = CLASSES):
    """A model from a .keras file, this project's or another's, of so many probabilities; raises RefusedModel."""
    try:
        with zipfile.ZipFile(opened(path)) as archive:
            check_members(archive)
            config = read_config(archive)
            check_objects(config)
            check_weights(archive)
        model = built(config, classes)
        model.load_weights(path)
        return model
    except RefusedModel as error:
        reason = str(error)
    except RecursionError:
        reason = "its config is nested too deeply"
    except MemoryError:
        reason = "it needs more memory than there is"
    except PermissionError:
        reason = "no permission to read it"
    except Exception as error:  # whatever a damaged or foreign file provokes
        reason = f"can't be loaded ({console.first_line(error)}); train it anew, or save it with this Keras"
    raise RefusedModel(f"{path}: {reason}")


def opened(path: Path) -> Path:
    """The path, if it is that of a file of a bearable size."""
    reason = safe_files.unusable(path, sum(MEMBERS.values()))
    if reason:
        raise RefusedModel(reason)
    with path.open("rb") as file:
        start = file.read(8)
    if start == b"\x89HDF\r\n\x1a\n":
        raise RefusedModel("the older .h5 format; load it in Keras and save it as .keras")
    return path


def check_members(archive: zipfile.ZipFile) -> None:
    """The archive holds what Keras saves, once each, of bearable sizes."""
    names = [member.filename for member in archive.infolist()]
    if sorted(names) != sorted(MEMBERS):
        raise RefusedModel(f"expected {', '.join(MEMBERS)} in it, got {(', '.join(names) or 'nothing')[:80]}")
    for member in archive.infolist():
        if member.file_size > MEMBERS[member.filename]:
            raise RefusedModel(f"{member.filename} is too large: {member.file_size:,} bytes")


def read_config(archive: zipfile.ZipFile) -> dict:
    try:
        config = json.loads(archive.read("config.json"))
    except ValueError as error:
        raise RefusedModel(f"config.json is damaged ({console.first_line(error)})") from None
    if not isinstance(config, dict) or str(config.get("class_name")) not in MODELS:
        raise RefusedModel("config.json describes no model of layers")
    config.pop("compile_config", None)  # how it was trained doesn't matter for reading
    return config


def check_objects(config: dict) -> None:
    """Everything that the config asks Keras to make is something harmless of Keras's own."""
    objects = layers = 0
    left = [config]
    while left:
        value = left.pop()
        if isinstance(value, list):
            left += value
        elif isinstance(value, dict):
            left += value.values()
            if "class_name" not in value:
                continue
            name, module = value["class_name"], value.get("module")
            if not isinstance(name, str) or name not in MODELS | LAYERS | OTHERS:
                raise RefusedModel(f"it asks for {str(name)[:60]!r}, which is not allowed")
            if module is not None and str(module).split(".")[0] != "keras":
                raise RefusedModel(f"it asks for the module {str(module)[:60]!r}, which is not allowed")
            if (value.get("config") or {}).get("data_format") == "channels_first":
                raise RefusedModel("its layers expect the colours first, which few processors compute")
            calls = len(value.get("inbound_nodes") or ())
            if name in MODELS and calls > 1:
                raise RefusedModel("a model in it is called several times")
            objects += 1 + calls
            layers += name in LAYERS
    if layers > LAYERS_CAP or objects > OBJECTS_CAP:
        raise RefusedModel(f"too large: {layers} layers, {objects} objects")


def built(config: dict, classes: int):
    """The model, with weights as they were before it learned; it is measured before it has any."""

    try:
        # In this scope variables have a shape, but no values yet.
        with keras.StatelessScope(initialize_variables=False):
            model = keras.saving.deserialize_keras_object(config)
            check_size(model, classes)
        with keras.StatelessScope():
            pass  # at whose end Keras gives a value to every variable that waits for one
    except BaseException:
        keras.utils.clear_session(free_memory=False)  # none of them shall wait any longer
        raise
    return model


def check_size(model, classes: int) -> None:
    """The model takes digits, gives so many probabilities, and is not too large to try."""
    taken, given = shape_of(model, "input_shape"), shape_of(model, "output_shape")
    if taken not in INPUT_SHAPES or given != (classes,):
        raise RefusedModel(
            f"expected (28, 28, 1) images in and {classes} probabilities out, got {taken} in and {given} out"
        )
    parameters = sum(math.prod(variable.shape) for variable in model.variables)
    if parameters > PARAMETERS_CAP:
        raise RefusedModel(f"too large: {parameters:,} parameters")
    values, steps = size_of(model)
    if values > VALUES_CAP or steps > STEPS_CAP:
        raise RefusedModel(f"too slow: {values:,} values in a layer, {steps:,} steps of computing a digit")


def size_of(model) -> tuple[int, int]:
    """The values of the largest layer's output for one digit, and the steps that all calls of layers take."""
    largest = total = 0
    # Keras has no public way to ask for the calls; a Sequential keeps them in a model inside.
    for call in itertools.chain(*getattr(model, "_functional", model)._nodes_by_depth.values()):
        layer, shapes = call.operation, [tensor.shape[1:] for tensor in call.output_tensors]
        if any(length is None for shape in shapes for length in shape):
            raise RefusedModel(f"the size of {layer.name[:60]!r} depends on more than the picture")
        largest = max([largest, *map(math.prod, shapes)])
        if hasattr(layer, "layers"):
            values, steps = size_of(layer)
            largest, total = max(largest, values), total + steps
        else:  # each place in the output takes each weight once, or a part of them
            total += sum(math.prod(shape[:-1]) for shape in shapes) * layer.count_params()
            window = math.prod(getattr(layer, "pool_size", ()))
            total += STEPS_A_VALUE * window * sum(map(math.prod, shapes))
    return largest, total


def check_weights(archive: zipfile.ZipFile) -> None:
    """The weights are plain numbers in the file itself, no more of them than a model may have."""
    import h5py

    with h5py.File(io.BytesIO(archive.read("model.weights.h5")), "r") as file:
        left, values, objects = [file], 0, 0
        while left:
            group = left.pop()
            for name in group:
                objects += 1
                if objects > OBJECTS_CAP:
                    raise RefusedModel("its weights are in too many pieces")
                if not isinstance(group.get(name, getlink=True), h5py.HardLink):
                    raise RefusedModel(f"its weights {str(name)[:60]!r} lie elsewhere")
                member = group[name]
                if isinstance(member, h5py.Group):
                    left.append(member)
                elif member.external or member.is_virtual or member.dtype.kind not in "fiu":
                    raise RefusedModel(f"its weights {str(name)[:60]!r} are not numbers in the file")
                else:
                    values += member.size
                    if values > PARAMETERS_CAP:
                        raise RefusedModel(f"too large: {values:,} weights")


def shape_of(model, which: str) -> tuple | None:
    """A model's input or output shape without the batch, or None where it has none or several."""
    try:
        shape = getattr(model, which)
    except (AttributeError, ValueError):
        return None
    return tuple(shape[1:]) if isinstance(shape, tuple) else None


def probabilities_of(model, digits):
    """The model's probabilities, ten for each digit or as many as it has; raises RefusedModel where they are none."""
    import numpy as np

    classes = model.output_shape[-1]
    if not len(digits):
        return np.empty((0, classes), np.float32)
    images = digits.reshape(-1, *model.input_shape[1:])
    batches = [images[start : start + PREDICT_BATCH] for start in range(0, len(images), PREDICT_BATCH)]
    try:
        # `predict` would compile the model first, which takes longer than reading a few pictures.
        answers = [keras.ops.convert_to_numpy(model(batch, training=False)) for batch in batches]
        probabilities = np.concatenate(answers)
    except Exception as error:  # a foreign model may fail in its own way
        raise RefusedModel(f"failed while predicting ({console.first_line(error)})") from error
    if probabilities.shape != (len(digits), classes):
        raise RefusedModel(f"expected {classes} probabilities for each digit, got something else")
    if not np.isfinite(probabilities).all() or (probabilities < 0).any():
        raise RefusedModel("its answers are no probabilities; end it with a softmax")
    if not np.allclose(probabilities.sum(axis=1), 1, atol=0.01):
        raise RefusedModel("its answers don't add up to 1; end it with a softmax")
    return probabilities
