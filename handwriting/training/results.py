"""What is left of a training: the saved network, its score on the test images, the record, the figures."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from handwriting import installation, safe_files
from handwriting.data.sets import Dataset
from handwriting.quiet_keras import keras
from handwriting.report.figures import draw_confusion, draw_curves, draw_misread
from handwriting.report.score import Score, score
from handwriting.training.history import History
from handwriting.training.plan import Plan
from handwriting.training.precision import build_model
from handwriting.training.resume import checksum
from handwriting.training.run_files import Run

EVALUATION_BATCH = 500  # images; any number gives the same result, this one is quick


@dataclass(frozen=True)
class Evaluation:
    """The saved network's answers to the test images.

    Args:
        score: how well it read them.
        probabilities: (n, 10).
        temperature: what its logits were divided by before it was saved.
        parameters: how many it has.
    """

    score: Score
    probabilities: np.ndarray
    temperature: float
    parameters: int


def escaped(path: Path) -> str:
    """A path for ModelCheckpoint, which would replace what stands in braces."""
    return str(path).replace("{", "{{").replace("}", "}}")


def evaluate(model: keras.Model, plan: Plan, data: Dataset, path: Path) -> Evaluation:
    """Sets the confidence right, saves the model, and scores the saved file on the test images."""
    on_validation = model.predict(data.validation.images, batch_size=EVALUATION_BATCH, verbose=0)
    temperature = plan.temperature(data.validation.labels, on_validation)
    save_portable(model, plan.build, path, temperature)
    print(f"scoring the saved model on the {len(data.test):,} test images", flush=True)
    saved = keras.models.load_model(path)
    probabilities = saved.predict(data.test.images, batch_size=EVALUATION_BATCH, verbose=0)
    return Evaluation(
        score(data.test.labels, probabilities), probabilities, temperature, saved.count_params()
    )


def save_portable(
    model: keras.Model, build: Callable[[], keras.Model], path: Path, temperature: float = 1.0
) -> None:
    """Saves the weights in a float32 model without optimizer, which loads and predicts quickly on any machine."""
    keras.utils.clear_session()  # for plain layer names in the file
    portable = build_model(build, "float32")
    portable.set_weights(model.get_weights())
    if temperature != 1:
        last = layer_of_logits(portable)
        last.set_weights([weights / temperature for weights in last.get_weights()])
    with safe_files.replacing(path) as temporary:
        portable.save(temporary)


def layer_of_logits(model: keras.Model) -> keras.Layer | None:
    """The dense layer that gives the logits, if only a softmax follows it. None if there is no such layer."""
    with_weights = [number for number, layer in enumerate(model.layers) if layer.get_weights()]
    last, behind = model.layers[with_weights[-1]], model.layers[with_weights[-1] + 1 :]
    if not isinstance(last, keras.layers.Dense):
        return None
    steps = [activation_of(layer) for layer in (last, *behind)]
    return last if [step for step in steps if step != "linear"] == ["softmax"] else None


def activation_of(layer: keras.Layer) -> str:
    """The name of a layer's activation. Of a layer without an activation, the name of its class."""
    if isinstance(layer, keras.layers.Softmax):
        return "softmax"
    if isinstance(layer, keras.layers.Dense | keras.layers.Activation):
        return keras.activations.serialize(layer.activation)
    return type(layer).__name__


def write_report(
    run: Run, settings: dict, data: Dataset, loss: str, history: History, evaluation: Evaluation
) -> None:
    """Writes the record (JSON) and draws the three figures."""
    files, test, best = run.running, evaluation.score, history.best_epoch
    record = {
        **settings,
        "images": {name: len(getattr(data, name)) for name in ("training", "validation", "test")},
        "test_checksum": checksum(data.test.images, data.test.labels),
        "parameters": evaluation.parameters,
        "epochs_trained": history.epochs,
        "best_epoch": best + 1,
        "validation": {
            "loss": history.columns["val_loss"][best],
            "accuracy": history.columns["val_accuracy"][best],
        },
        "temperature": evaluation.temperature,
        "test": {"loss": test.loss, "accuracy": test.accuracy, "misses": test.misses, "count": test.count},
        "seconds": round(history.seconds, 1),
        "versions": installation.versions(),
        "machine": installation.machine(),
    }
    safe_files.write_json(files.record, record)
    title = f"{run.stem}: {test.accuracy:.2%} of {test.count:,} test images ({data.kind}), seed {settings['seed']}"
    labels = data.test.labels
    draw_curves(files.curves, title, history.columns, best, loss)
    draw_confusion(files.confusion, title, labels, evaluation.probabilities.argmax(axis=1))
    draw_misread(files.misread, title, data.test.images, labels, evaluation.probabilities)
