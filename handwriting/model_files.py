"""Opens .keras files, whoever made them.

A file is checked before Keras loads it. Nothing in a file can run code, read another file, or take more than a
limited amount of memory and time. A file that can't be used is refused with a reason that fits in one line.
"""

from __future__ import annotations  # so that a Python that is too old can still say so

import io
import itertools
import json
import math
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import h5py

from handwriting import console, safe_files
from handwriting.digit_image import CLASSES
from handwriting.quiet_keras import keras

INPUT_SHAPES = ((28, 28, 1), (28, 28))
HDF5_START = b"\x89HDF\r\n\x1a\n"  # how the older .h5 files begin
SHOWN_LETTERS = 60  # of a name from a file that are shown in a message
SHOWN_NAMES_LETTERS = 80  # of a list of such names


@dataclass(frozen=True)
class ModelCaps:
    """How large a model may be.

    Of the project's own networks, the largest has half a million parameters and 43,264 values in its largest layer, and
    takes 52 million steps for a digit. The caps leave room for much larger ones, and stop attacks on memory and time.
    """

    parameters: int = 25_000_000
    values: int = 200_000  # in the output of a layer, for one digit
    steps: int = 300_000_000  # multiplications for one digit, or work that takes as long
    layers: int = 100  # building a model takes Keras a time that grows with the square of its layers
    objects: int = 2_000  # layers, their calls, initialisers and tensors; in the config or the weights' file
    metadata_bytes: int = 10_000
    config_bytes: int = 2_000_000
    weights_bytes: int = 101_000_000  # four for each of the most parameters, and a million for their names

    @property
    def members(self) -> dict[str, int]:
        """The files in a .keras archive, and the bytes that each may have."""
        return {
            "metadata.json": self.metadata_bytes,
            "config.json": self.config_bytes,
            "model.weights.h5": self.weights_bytes,
        }


CAPS = ModelCaps()

# A step of computing is one multiplication. To move one value through memory takes as long as so many of them.
STEPS_PER_VALUE = 100

# The only classes that a config may ask Keras to make. They compute and do nothing else: none of them holds code, reads
# files, or takes memory that the caps don't count.
MODELS = {"Sequential", "Functional", "Model"}

LAYERS = {
    *("InputLayer", "Dense", "Flatten", "Reshape", "Permute", "Activation", "Softmax"),
    *("Conv1D", "Conv2D", "DepthwiseConv2D", "SeparableConv2D", "Conv2DTranspose"),
    *("ZeroPadding2D", "Cropping2D"),
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
    """A model file that can't be used. The message says why."""


def load_model(path: Path) -> keras.Model:
    """The model in a .keras file, of this project or of anybody else. Raises RefusedModel if it can't be used."""
    try:
        check_file(path)
        with zipfile.ZipFile(path) as archive:
            check_members(archive)
            config = read_config(archive)
            check_objects(config)
            check_weights(archive)
        model = build_model(config)
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
    except Exception as error:  # a damaged or foreign file can provoke any
        reason = f"can't be loaded ({console.first_line(error)}); train it anew, or save it with this Keras"
    raise RefusedModel(f"{path}: {reason}")


def check_file(path: Path) -> None:
    """Checks that the path names a file, no larger than the caps, and not in the older format."""
    reason = safe_files.unusable(path, sum(CAPS.members.values()))
    if reason:
        raise RefusedModel(reason)
    with path.open("rb") as file:
        start = file.read(len(HDF5_START))
    if start == HDF5_START:
        raise RefusedModel(
            "expected a .keras file, got the older .h5 format; load it in Keras, save it as .keras"
        )


def check_members(archive: zipfile.ZipFile) -> None:
    """Checks that the archive holds the files that Keras saves, once each, no larger than the caps."""
    caps = CAPS.members
    names = [member.filename for member in archive.infolist()]
    if sorted(names) != sorted(caps):
        got = ", ".join(names)[:SHOWN_NAMES_LETTERS] or "nothing"
        raise RefusedModel(f"expected {', '.join(caps)} in it, got {got}; save it with Keras")
    for member in archive.infolist():
        cap = caps[member.filename]
        if member.file_size > cap:
            raise RefusedModel(
                f"{member.filename} is too large: expected at most {cap:,} bytes, got {member.file_size:,}"
            )


def read_config(archive: zipfile.ZipFile) -> dict:
    """The config of the model, without that of its training."""
    try:
        config = json.loads(archive.read("config.json"))
    except ValueError as error:
        raise RefusedModel(f"config.json is damaged ({console.first_line(error)})") from None
    if not isinstance(config, dict) or str(config.get("class_name")) not in MODELS:
        raise RefusedModel("config.json describes no model of layers")
    config.pop("compile_config", None)
    return config


def check_objects(config: dict) -> None:
    """Checks that the config asks Keras only for objects on the lists above, and for no more than the caps."""
    objects = layers = 0
    for wanted in wanted_objects(config):
        check_class(wanted)
        calls = len(wanted.get("inbound_nodes") or ())
        if wanted["class_name"] in MODELS and calls > 1:
            raise RefusedModel("a model in it is called several times")
        objects += 1 + calls
        layers += wanted["class_name"] in LAYERS
    if layers > CAPS.layers or objects > CAPS.objects:
        raise RefusedModel(
            f"too large: expected at most {CAPS.layers} layers and {CAPS.objects:,} objects, "
            f"got {layers:,} layers and {objects:,} objects"
        )


def wanted_objects(config: dict) -> Iterator[dict]:
    """Every description of an object in a config, however deep."""
    left = [config]
    while left:
        value = left.pop()
        if isinstance(value, list):
            left += value
        elif isinstance(value, dict):
            left += value.values()
            if "class_name" in value:
                yield value


def check_class(wanted: dict) -> None:
    """Checks that an object is of a class on the lists above, from Keras itself."""
    name, module = wanted["class_name"], wanted.get("module")
    if not isinstance(name, str) or name not in MODELS | LAYERS | OTHERS:
        raise RefusedModel(f"it asks for {shortened(name)}, which is not allowed")
    if module is not None and str(module).split(".")[0] != "keras":
        raise RefusedModel(f"it asks for the module {shortened(module)}, which is not allowed")
    if (wanted.get("config") or {}).get("data_format") == "channels_first":
        raise RefusedModel(
            "expected layers with the colours last, got channels_first, which few processors can compute"
        )


def shortened(name: object) -> str:
    """A name from a file, in quotation marks, short enough for a line."""
    return repr(str(name)[:SHOWN_LETTERS])


def check_weights(archive: zipfile.ZipFile) -> None:
    """Checks that the weights are numbers in the file itself, and no more of them than a model may have."""
    with h5py.File(io.BytesIO(archive.read("model.weights.h5")), "r") as file:
        groups, values, objects = [file], 0, 0
        while groups:
            group = groups.pop()
            for name in group:
                objects += 1
                if objects > CAPS.objects:  # also the way out of a ring of links
                    raise RefusedModel("its weights are in too many pieces")
                member = plain_member(group, name)
                if isinstance(member, h5py.Group):
                    groups.append(member)
                    continue
                values += member.size
                if values > CAPS.parameters:
                    raise RefusedModel(
                        f"too large: expected at most {CAPS.parameters:,} weights, got {values:,} or more"
                    )


def plain_member(group: h5py.Group, name: str) -> h5py.Group | h5py.Dataset:
    """A group, or an array of numbers. Raises RefusedModel for anything else, and for links to other places."""
    if not isinstance(group.get(name, getlink=True), h5py.HardLink):
        raise RefusedModel(f"its weights {shortened(name)} lie elsewhere")
    member = group[name]
    if isinstance(member, h5py.Group):
        return member
    if member.external or member.is_virtual or member.dtype.kind not in "fiu":
        raise RefusedModel(f"its weights {shortened(name)} are not numbers in the file")
    return member


def build_model(config: dict) -> keras.Model:
    """The model that a config describes, before its weights are loaded. It is measured before it takes memory."""
    try:
        # In this scope variables have a shape, but no values yet.
        with keras.StatelessScope(initialize_variables=False):
            model = deserialized(config)
            check_size(model)
        # At the end of a scope, Keras gives a value to every variable that waits for one.
        with keras.StatelessScope():
            pass
    except BaseException:
        keras.utils.clear_session(free_memory=False)  # drops the variables that still wait for a value
        raise
    return model


def deserialized(config: dict) -> keras.Model:
    """The model that a config describes. Keras alone would build a Sequential anew after each of its layers."""
    inside = config.get("config")
    if config["class_name"] != "Sequential" or "layers" not in inside:
        return keras.saving.deserialize_keras_object(config)
    layers = list(map(keras.saving.deserialize_keras_object, inside["layers"]))
    return keras.Sequential(layers, name=inside.get("name"))


def check_size(model: keras.Model) -> None:
    """Checks that a model takes digit images, gives so many probabilities, and is no larger than the caps."""
    taken, given = shape_of(model, "input_shape"), shape_of(model, "output_shape")
    if taken not in INPUT_SHAPES or given != (CLASSES,):
        raise RefusedModel(
            f"expected (28, 28, 1) images in and {CLASSES} probabilities out, got {taken} in and {given} out"
        )
    parameters = sum(math.prod(variable.shape) for variable in model.variables)
    if parameters > CAPS.parameters:
        raise RefusedModel(f"too large: expected at most {CAPS.parameters:,} parameters, got {parameters:,}")
    work = work_of(model)
    if work.values > CAPS.values or work.steps > CAPS.steps:
        raise RefusedModel(
            f"too slow: expected at most {CAPS.values:,} values in a layer and {CAPS.steps:,} steps of computing "
            f"for a digit, got {work.values:,} values and {work.steps:,} steps"
        )


@dataclass(frozen=True)
class Work:
    """What a model takes to read one digit.

    Args:
        values: the values in the largest output of a layer.
        steps: the steps of computing of all calls of layers.
    """

    values: int
    steps: int


def work_of(model: keras.Model) -> Work:
    """The work of a model for one digit, counted from its config: it need not run."""
    values = steps = 0
    # Keras has no public way to ask for the calls of layers. A Sequential model keeps them in a model inside.
    for call in itertools.chain(*getattr(model, "_functional", model)._nodes_by_depth.values()):
        layer, shapes = call.operation, [tensor.shape[1:] for tensor in call.output_tensors]
        if any(length is None for shape in shapes for length in shape):
            raise RefusedModel(f"the size of {shortened(layer.name)} depends on more than the picture")
        values = max([values, *map(math.prod, shapes)])
        if hasattr(layer, "layers"):
            inside = work_of(layer)
            values, steps = max(values, inside.values), steps + inside.steps
        else:
            steps += steps_of_call(layer, shapes)
    return Work(values, steps)


def steps_of_call(layer: keras.layers.Layer, shapes: list[tuple[int, ...]]) -> int:
    """The steps that one call of a layer takes, at most.

    Args:
        layer: the layer.
        shapes: the shapes of its outputs for one digit.
    """
    # Every place of the output takes every weight once, or some of the weights.
    multiplied = sum(math.prod(shape[:-1]) for shape in shapes) * layer.count_params()
    window = math.prod(getattr(layer, "pool_size", ()))
    moved = window * sum(map(math.prod, shapes))
    return multiplied + STEPS_PER_VALUE * moved


def shape_of(model: keras.Model, which: str) -> tuple | None:
    """A model's input_shape or output_shape without the batch, or None if it has none or several."""
    try:
        shape = getattr(model, which)
    except (AttributeError, ValueError):
        return None
    return tuple(shape[1:]) if isinstance(shape, tuple) else None
