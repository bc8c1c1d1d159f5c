"""One example of each attack that a stranger could put into a .keras file."""

import io
import json
from collections.abc import Callable

import h5py

Members = dict[str, bytes]  # the files in a .keras archive, by name

KERAS_LAYER = {"module": "keras.layers", "registered_name": None}
POLICY = {"trainable": True, "dtype": "float32"}
IMAGE_SHAPE = [None, 28, 28, 1]


def hostile_models(members: Members) -> dict[str, Members]:
    """The attacks, by name. Each is made from the members of a good file."""
    return (
        forbidden_layers(members)
        | too_large_layers(members)
        | too_many_calls(members)
        | bad_weights(members)
        | bad_archives(members)
    )


def forbidden_layers(members: Members) -> dict[str, Members]:
    """Layers and functions that would run code or read files."""
    return {
        "lambda": with_layer(members, "Lambda", function="print('ran')"),
        "saved_model": with_layer(members, "TFSMLayer", filepath="/etc"),
        "lookup": with_layer(members, "StringLookup", vocabulary="/etc/passwd"),
        "function": with_settings(
            members, activation={"class_name": "function", "module": "os", "config": "system"}
        ),
        "module": with_changes(members, {"module": "os", "class_name": "system"}),
    }


def too_large_layers(members: Members) -> dict[str, Members]:
    """Layers with few bytes in the config that would take much memory or time."""
    upsampling = {"name": "up", "size": [10_000, 10_000]}
    padding = {"name": "pad", "padding": 10**6}
    return {
        "many_filters": with_settings(members, filters=10**8),
        "huge_kernel": with_settings(members, kernel_size=[28, 28], filters=100_000),
        "upsampling": with_changes(
            members, {**KERAS_LAYER, "class_name": "UpSampling2D", "config": upsampling}
        ),
        "padding": with_changes(members, {**KERAS_LAYER, "class_name": "ZeroPadding2D", "config": padding}),
        "many_layers": with_more_layers(members, 90),
        "too_many_layers": with_more_layers(members, 1_000),
    }


def too_many_calls(members: Members) -> dict[str, Members]:
    """Few layers that are called again and again, and a config that is nested too deeply."""
    return {
        "often_called": with_config(members, often_called_layer(300)),
        "often_called_model": with_config(members, often_called_model(300)),
        "often_called_as_before": with_config(members, often_called_layer(50_000, call=keras_2_call)),
        "deep": {**members, "config.json": b'{"class_name":"Sequential","config":' + b"[" * 10**6},
    }


def bad_weights(members: Members) -> dict[str, Members]:
    """Weights that lie in other files, go round in a ring, or are absurdly many."""

    def ring(file: h5py.File) -> None:
        file.create_group("layers")["layers"] = file["/"]

    def bomb(file: h5py.File) -> None:
        file.create_dataset("w", (10**6, 10**6), "f4", chunks=(1000, 1000), compression="gzip")

    return {
        "link": with_weights(
            members, lambda file: file.__setitem__("layers", h5py.ExternalLink("/etc/passwd", "/"))
        ),
        "soft_link": with_weights(members, lambda file: file.__setitem__("layers", h5py.SoftLink("/layers"))),
        "ring": with_weights(members, ring),
        "weights_bomb": with_weights(members, bomb),
    }


def bad_archives(members: Members) -> dict[str, Members]:
    """Archives that unpack to much, have members that belong elsewhere, or are empty."""
    return {
        "zip_bomb": {**members, "model.weights.h5": bytes(200_000_000)},
        "config_bomb": {**members, "config.json": b" " * 100_000_000},
        "path": {**members, "../../escaped.txt": b"escaped"},
        "assets": {**members, "assets/escaped.txt": b"escaped"},
        "nothing": {},
    }


def with_config(members: Members, config: dict) -> Members:
    """The file with another config."""
    return {**members, "config.json": json.dumps(config).encode()}


def with_changes(members: Members, changes: dict) -> Members:
    """The file with changes in the description of its second layer."""
    config = json.loads(members["config.json"])
    config["config"]["layers"][1].update(changes)
    return with_config(members, config)


def with_settings(members: Members, **settings: object) -> Members:
    """The file with other settings of its second layer."""
    config = json.loads(members["config.json"])
    config["config"]["layers"][1]["config"].update(settings)
    return with_config(members, config)


def with_layer(members: Members, class_name: str, **settings: object) -> Members:
    """The file with a second layer of another class, and more settings."""
    return with_settings(with_changes(members, {**KERAS_LAYER, "class_name": class_name}), **settings)


def with_more_layers(members: Members, count: int) -> Members:
    """The file with so many layers more."""
    config = json.loads(members["config.json"])
    settings = {"activation": "relu", "dtype": "float32"}
    config["config"]["layers"][1:1] = [
        {**KERAS_LAYER, "class_name": "Activation", "config": {"name": f"a{number}", **settings}}
        for number in range(count)
    ]
    return with_config(members, config)


def with_weights(members: Members, fill: Callable[[h5py.File], None]) -> Members:
    """The file with weights that a function has written."""
    buffer = io.BytesIO()
    with h5py.File(buffer, "w") as file:
        fill(file)
    return {**members, "model.weights.h5": buffer.getvalue()}


def keras_3_call(after: str, number: int) -> dict:
    """A call of a layer on the answer of another layer's call with this number, as Keras 3 writes it."""
    history = {"shape": IMAGE_SHAPE, "dtype": "float32", "keras_history": [after, number, 0]}
    return {"args": [{"class_name": "__keras_tensor__", "config": history}], "kwargs": {}}


def keras_2_call(after: str, number: int) -> list:
    """The same as Keras 2 writes it, in far fewer bytes."""
    return [[after, number, 0, {}]]


def often_called_layer(times: int, call: Callable = keras_3_call) -> dict:
    """The config of a model with one layer that is called again and again on its own answer."""
    calls = calls_in_a_row(times, call)
    return called_model(layer("again", "Activation", {"activation": "relu", **POLICY}, calls), times)


def often_called_model(times: int) -> dict:
    """The config of a model with a model in it that is called again and again on its own answer."""
    last = 49
    inside = [input_layer()]
    for number in range(last + 1):
        after = f"inside{number - 1}" if number else "start"
        settings = {"activation": "relu", **POLICY}
        inside.append(layer(f"inside{number}", "Activation", settings, [keras_3_call(after, 0)]))
    settings = {"layers": inside, "trainable": True, **ends(f"inside{last}", 0)}
    return called_model(layer("again", "Functional", settings, calls_in_a_row(times, keras_3_call)), times)


def calls_in_a_row(times: int, call: Callable) -> list:
    """The calls of the layer "again": first on the input, then on its own answers."""
    return [call("again" if number else "start", max(0, number - 1)) for number in range(times)]


def called_model(again: dict, times: int) -> dict:
    """The config of a model whose one layer "again" is called so many times."""
    return layer("all", "Functional", {"layers": [input_layer(), again], **ends("again", times - 1)}, [])


def input_layer() -> dict:
    """The description of an input for digit images."""
    return layer("start", "InputLayer", {"batch_shape": IMAGE_SHAPE, **POLICY}, [])


def ends(last: str, number: int) -> dict:
    """The input of a model, and its output: the answer of the last layer's call with this number."""
    return {"input_layers": [["start", 0, 0]], "output_layers": [[last, number, 0]]}


def layer(name: str, class_name: str, settings: dict, calls: list) -> dict:
    """The description of a layer or model as Keras writes it into a config."""
    return {
        "module": "keras.src.models.functional" if class_name == "Functional" else "keras.layers",
        "class_name": class_name,
        "config": {**settings, "name": name},
        "registered_name": None,
        "name": name,
        "inbound_nodes": calls,
    }
