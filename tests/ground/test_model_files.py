"""Model files from strangers: whatever a file holds, it is used, or refused with a line that says why."""

import io
import json
import random
import shutil
import time
import zipfile

import h5py
import keras
import numpy as np
import pytest
from keras import layers

import test_load
from handwriting import model_answers, model_files
from handwriting.shipped import PROJECT, STEMS
from handwriting.training.run_files import Run
from tests.helpers import linked

CONFIG, WEIGHTS = "config.json", "model.weights.h5"


def saved(path, *between, shape=(28, 28, 1), outputs=10):
    """The path of a small model that Keras saved."""
    keras.Sequential(
        [layers.Input(shape), *between, layers.Flatten(), layers.Dense(outputs, activation="softmax")]
    ).save(path)
    return path


@pytest.fixture(scope="module")
def plain(tmp_path_factory):
    return saved(tmp_path_factory.mktemp("plain") / "plain.keras", layers.Conv2D(4, 3, activation="relu"))


def changed(path, target, members=None, config=None):
    """A copy of a .keras file with other members, or with a config that a function has changed."""
    with zipfile.ZipFile(path) as archive:
        content = {name: archive.read(name) for name in archive.namelist()}
    if config:
        description = json.loads(content[CONFIG])
        config(description)
        content[CONFIG] = json.dumps(description).encode()
    content |= members or {}
    with zipfile.ZipFile(target, "w") as archive:
        for name, data in content.items():
            if data is not None:
                archive.writestr(name, data)
    return target


def weights(fill):
    """The bytes of an HDF5 file that a function has filled."""
    buffer = io.BytesIO()
    with h5py.File(buffer, "w") as file:
        fill(file)
    return buffer.getvalue()


def refusal(path):
    """The reason for which a file is refused. It must come soon, in one short line."""
    started = time.monotonic()
    with pytest.raises(model_files.RefusedModel) as error:
        model_files.load_model(path)
    assert time.monotonic() - started < 10
    place, reason = f"{path}: ", str(error.value)
    assert reason.startswith(place)
    assert "\n" not in reason
    assert len(reason) < 300 + len(place)
    return reason.removeprefix(place)


@pytest.mark.parametrize("stem", STEMS.values())
def test_shipped_networks_are_used(stem):
    path = Run(PROJECT, stem).final.model
    assert model_files.load_model(path).output_shape == (None, 10)


def test_other_peoples_usual_networks_are_used(tmp_path):
    image = layers.Input((28, 28, 1))
    augmented = keras.Sequential([layers.RandomRotation(0.1), layers.RandomZoom(0.1)])(image)
    trunk = layers.SeparableConv2D(8, 3, depthwise_regularizer="l2", padding="same")(augmented)
    trunk = layers.LeakyReLU()(layers.BatchNormalization()(trunk))
    other = layers.Conv2D(8, 3, padding="same", kernel_initializer=keras.initializers.HeNormal(seed=1))(image)
    features = layers.GlobalAveragePooling2D()(layers.Add()([trunk, other]))
    digit = layers.Dense(10, kernel_constraint=keras.constraints.MaxNorm(2), activation="softmax")(features)
    model = keras.Model(image, digit)
    model.compile("adam", "sparse_categorical_crossentropy")
    model.save(tmp_path / "theirs.keras")
    loaded = model_files.load_model(tmp_path / "theirs.keras")
    digits = np.random.default_rng(0).random((3, 28, 28, 1), np.float32)
    np.testing.assert_allclose(
        model_answers.probabilities_of(loaded, digits), model(digits, training=False), atol=1e-6
    )


def test_a_sequential_without_an_input_layer_is_used(tmp_path):
    """Keras gives it one when it is built."""
    model = keras.Sequential([layers.Flatten(), layers.Dense(10, activation="softmax")])
    model.build((None, 28, 28, 1))
    model.save(tmp_path / "built.keras")
    loaded = model_files.load_model(tmp_path / "built.keras")
    assert loaded.input_shape == (None, 28, 28, 1)
    np.testing.assert_array_equal(loaded.layers[-1].kernel, model.layers[-1].kernel)


def test_the_work_of_every_call_is_counted():
    conv = layers.Conv2D(4, 3, padding="same")
    image = layers.Input((28, 28, 1))
    once = conv(layers.Conv2D(4, 3, padding="same")(image))
    values = 28 * 28 * 4
    moved = model_files.STEPS_PER_VALUE * (28 * 28 + 2 * values)
    expected = model_files.Work(values, moved + 28 * 28 * (40 + 148))
    assert model_files.work_of(keras.Model(image, once)) == expected
    pooled = keras.Model(image, layers.MaxPooling2D(5, 1, padding="same")(image))
    expected = model_files.Work(28 * 28, model_files.STEPS_PER_VALUE * 28 * 28 * (1 + 25))
    assert model_files.work_of(pooled) == expected
    inner = keras.Sequential([layers.Input((28, 28, 4)), layers.Conv2D(4, 3, padding="same")])
    model = keras.Model(image, inner(inner(inner(layers.Conv2D(4, 3, padding="same")(image)))))
    assert model_files.work_of(model).steps >= 28 * 28 * (40 + 3 * 148)


def test_a_model_inside_may_be_called_once(tmp_path):
    image = layers.Input((28, 28, 1))
    inner = keras.Sequential([layers.Input((28, 28, 1)), layers.ReLU()])
    for calls, used in ((inner(image), True), (inner(inner(image)), False)):
        digit = layers.Dense(10, activation="softmax")(layers.Flatten()(calls))
        keras.Model(image, digit).save(tmp_path / "inner.keras")
        if used:
            assert model_files.load_model(tmp_path / "inner.keras")
        else:
            assert "called several times" in refusal(tmp_path / "inner.keras")


def test_layers_that_could_run_code_or_read_files_are_refused(plain, tmp_path):
    for name, module in (
        ("Lambda", "keras.layers"),
        ("TFSMLayer", "keras.layers"),
        ("StringLookup", "keras.layers"),
        ("function", "builtins"),
        ("__lambda__", None),
        ("Dense", "os"),
        (["Dense"], "keras.layers"),
        (None, "keras.layers"),
    ):

        def ask(config, name=name, module=module):
            config["config"]["layers"][1] |= {"class_name": name, "module": module}

        assert "not allowed" in refusal(changed(plain, tmp_path / "asks.keras", config=ask))

    def hide(config):
        config["config"]["layers"][1]["config"]["activation"] = {
            "class_name": "function",
            "config": "system",
            "module": "os",
        }

    assert "not allowed" in refusal(changed(plain, tmp_path / "hides.keras", config=hide))


@pytest.mark.parametrize(
    ("between", "message"),
    [
        ([layers.Flatten, (layers.Dense, 160_000)], "parameters"),
        ([(layers.UpSampling2D, 10_000), layers.GlobalMaxPooling2D], "too slow"),
        ([(layers.ZeroPadding2D, 5_000), layers.GlobalMaxPooling2D], "too slow"),
        ([(layers.Conv2D, 1000, 28, 1, "same")], "steps of computing"),
        ([(layers.MaxPooling2D, 27, 1, "same")] * 8, "steps of computing"),
        ([(layers.Conv2D, 1, 1)] * 400, "layers"),
    ],
)
def test_models_too_large_are_refused_before_they_are_made(tmp_path, between, message):
    # In this scope, making the file takes little memory, too.
    with keras.StatelessScope(initialize_variables=False):
        made = [make[0](*make[1:]) if isinstance(make, tuple) else make() for make in between]
        model = keras.Sequential([layers.Input((28, 28, 1)), *made, layers.Flatten(), layers.Dense(10)])
        config = json.dumps(keras.saving.serialize_keras_object(model))
    keras.utils.clear_session()
    base = saved(tmp_path / "base.keras")
    path = changed(base, tmp_path / "large.keras", members={CONFIG: config})
    assert message in refusal(path)


def test_weights_must_be_numbers_in_the_file(plain, tmp_path):
    secret = tmp_path / "secret.h5"
    with h5py.File(secret, "w") as file:
        file["numbers"] = np.ones(3)

    def linked(file):
        file["layers"] = h5py.ExternalLink(str(secret), "/numbers")

    def soft(file):
        file["layers"] = h5py.SoftLink("/layers")

    def elsewhere(file):
        file.create_dataset("vars", (3,), "f8", external=[(str(secret), 0, 24)])

    def virtual(file):
        layout = h5py.VirtualLayout((3,), "f8")
        layout[:] = h5py.VirtualSource(str(secret), "numbers", (3,))
        file.create_virtual_dataset("vars", layout)

    def text(file):
        file["vars"] = "words"

    def bomb(file):
        file.create_dataset("vars", (10**6, 10**6), "f4", chunks=(1000, 1000), compression="gzip")

    def ring(file):
        file.create_group("layers")["layers"] = file["/"]

    for fill, said in (
        (linked, "elsewhere"),
        (soft, "elsewhere"),
        (elsewhere, "not numbers in the file"),
        (virtual, "not numbers in the file"),
        (text, "not numbers in the file"),
        (bomb, "too large"),
        (ring, "too many pieces"),
        (lambda file: None, "can't be loaded"),
    ):
        path = changed(plain, tmp_path / "weights.keras", members={WEIGHTS: weights(fill)})
        assert said in refusal(path)


def test_archives_must_be_what_keras_saves(plain, tmp_path):
    def of(**members):
        return changed(
            plain,
            tmp_path / "odd.keras",
            members={name.replace("_", "."): data for name, data in members.items()},
        )

    assert "expected metadata.json" in refusal(of(**{"../../evil_py": b"x"}))
    assert "expected metadata.json" in refusal(of(metadata_json=None))
    assert "too large" in refusal(of(config_json=b" " * 3_000_000))
    assert "damaged" in refusal(of(config_json=b"{"))
    assert "no model" in refusal(of(config_json=b"[]"))
    assert "no model" in refusal(of(config_json=b'{"class_name": "Dense"}'))
    assert refusal(of(config_json=b"[" * 100_000))
    assert refusal(of(config_json=b'{"class_name": "Sequential", "config": 1}'))
    with (
        zipfile.ZipFile(tmp_path / "twice.keras", "w") as archive,
        pytest.warns(UserWarning, match="Duplicate"),
    ):
        for name in (CONFIG, CONFIG, WEIGHTS):
            archive.writestr(name, b"{}")
    assert "expected metadata.json" in refusal(tmp_path / "twice.keras")


def test_files_that_are_no_archives_are_refused_with_their_kind(tmp_path):
    (tmp_path / "folder.keras").mkdir()
    (tmp_path / "empty.keras").touch()
    (tmp_path / "text.keras").write_text("hello")
    link = [("link", "a link to nothing")] if linked(tmp_path / "link.keras", tmp_path / "nowhere") else []
    with h5py.File(tmp_path / "older.keras", "w"):
        pass
    with (tmp_path / "large.keras").open("wb") as file:
        file.truncate(10 * model_files.CAPS.weights_bytes)
    for name, said in (
        ("folder", "a folder"),
        ("empty", "an empty file"),
        ("text", "can't be loaded"),
        *link,
        ("missing", "no such file"),
        ("older", "older .h5"),
        ("large", "too large"),
    ):
        assert said in refusal(tmp_path / f"{name}.keras")


def test_damaged_files_are_refused_or_give_probabilities(plain, tmp_path):
    """Flipped bits and missing ends, anywhere. If a file can still be loaded, the model's answers are checked."""
    content, digit = plain.read_bytes(), np.zeros((1, 28, 28, 1), np.float32)
    chance, refused = random.Random(0), 0
    for number in range(150):
        damaged = bytearray(content)
        for _ in range(chance.choice([1, 4, 32])):
            damaged[chance.randrange(len(damaged))] ^= 1 << chance.randrange(8)
        if number % 3 == 0:
            del damaged[chance.randrange(len(damaged)) :]
        path = tmp_path / "damaged.keras"
        path.write_bytes(damaged)
        try:
            assert model_answers.probabilities_of(model_files.load_model(path), digit).shape == (1, 10)
        except model_files.RefusedModel as reason:
            refused += 1
            assert str(reason)
    assert refused > 100


def test_damaged_weights_with_a_right_checksum(plain, tmp_path):
    """The checksum in the archive protects from chance, not from people."""
    with zipfile.ZipFile(plain) as archive:
        content = archive.read(WEIGHTS)
    chance, digit = random.Random(1), np.zeros((1, 28, 28, 1), np.float32)
    outcomes = set()
    for _ in range(40):
        damaged = bytearray(content)
        for _ in range(chance.choice([1, 8, 64])):
            damaged[chance.randrange(len(damaged))] = chance.randrange(256)
        path = changed(plain, tmp_path / "damaged.keras", members={WEIGHTS: bytes(damaged)})
        try:
            outcomes.add(model_answers.probabilities_of(model_files.load_model(path), digit).shape)
        except model_files.RefusedModel:
            outcomes.add("refused")
    assert outcomes == {"refused", (1, 10)}


def test_a_bad_model_is_a_line_and_the_others_are_used(plain, tmp_path, capsys):
    models = tmp_path / "models"
    models.mkdir()
    shutil.copy(plain, models / "good.keras")
    changed(
        plain,
        models / "bad.keras",
        config=lambda config: config["config"]["layers"].append({"class_name": "Lambda"}),
    )
    picture = PROJECT / "data" / "3-chalk.jpg"
    assert test_load.main([str(picture), "--models", str(models), "--out", str(tmp_path)]) == 1
    said = capsys.readouterr()
    assert "not used" in said.err
    assert "Lambda" in said.err
    assert "good" in said.out
