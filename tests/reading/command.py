"""test_load.py as the tests of this folder run it, the table that it leaves, and networks that others made."""

import csv

import keras

import test_load


def table(out):
    with (out / "logs" / "predictions.csv").open(newline="", encoding="utf-8") as file:
        return list(csv.DictReader(file))


def read(trained, out, *paths, models=None):
    models = map(str, models or [trained / "checkpoints"])
    return test_load.main([*map(str, paths), "--models", *models, "--out", str(out)])


def foreign(path, shape=(28, 28), outputs=10, activation="softmax"):
    model = keras.Sequential(
        [
            keras.layers.Input(shape),
            keras.layers.Flatten(),
            keras.layers.Dense(outputs, activation=activation),
        ]
    )
    model.save(path)
    return path
