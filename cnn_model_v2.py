"""Train a handwritten-digit network.

    python cnn_model_v2.py                        the updated CNN on MNIST
    python cnn_model_v2.py --model mlp            another of the networks in models.py
    python cnn_model_v2.py --data my_digits/      your own labelled pictures
    python cnn_model_v2.py --recipe published     as the network was published, not our way

It fetches MNIST (or writes its own digits where MNIST can't be had), trains with a fixed tenth of
the training images held out for validation, scores the test images once, and leaves
checkpoints/<stem>.keras and logs/<stem>.csv, .json, .png, _confusion.png and _misread.png.
How long it takes on two CPU cores, and how well each network reads, stands in README.
The last lines name the files; the line before them reads like

    test  loss 0.0181  accuracy 99.43%  misses 57/10000
"""

# Keras and what needs it are imported inside the functions: --help answers at once, and the
# processes that write digits in parallel (which import this file again) stay small.
from __future__ import annotations  # so that a Python that is too old gets as far as being told so

import argparse
import csv
import dataclasses
import functools
import math
import signal
import sys
import time
from pathlib import Path

from handwriting import console, installation, processes, safe_files
from handwriting.shipped import PROJECT, STEMS
from handwriting.training import run_files

OFFLINE_EPOCHS = 5  # so that a newcomer waits minutes for a first model
EVALUATION_BATCH = 500  # any size gives the same result; this one is quick

# Our recipe, one for all networks and any number of epochs: varied images, some of them drawn by synth.py
# (dataset.py), other starting weights (models.py), a learning rate that climbs and then falls in straight lines,
# labels that leave some doubt, the mean of the last weights, and a confidence that means what it says.
PEAK_BATCH = 128  # which models.py's peak rates are for; Adam's rate goes with the root of the batch's size
SMOOTHING = 0.1  # of each label is spread over all digits
WARM_UP = 0.1  # the part of the steps in which the rate climbs
USUAL_EPOCHS = 15  # which the callbacks' patience is for; our runs of twice as many have twice as much
NORMALISED = 20  # batches at most, of whose maps batch normalisation takes means and spreads
AVERAGED = 0.1  # about the part of the steps whose weights are averaged: a part, so that short runs forget their start
MOST_AVERAGED = 650  # steps; the weights of more lie too far apart, at a high rate, to judge an epoch by


def parse_arguments(argv: list[str] | None = None) -> argparse.Namespace:
    parser = console.Parser(description="Train a handwritten-digit network.")
    parser.add_argument("--model", choices=STEMS, default="cnn_v2", help="the network (default: %(default)s)")
    parser.add_argument(
        "--data",
        metavar="mnist|offline|PATH",
        help="an mnist.npz, a folder of IDX files, a Kaggle train.csv, a folder of labelled pictures, or "
        "digits written offline (default: mnist where it can be had, else offline)",
    )
    parser.add_argument(
        "--epochs",
        type=console.positive_integer,
        help="at most so many (default: 15; 5 for mlp and for written digits)",
    )
    parser.add_argument(
        "--batch-size", type=console.positive_integer, help="images a step (default: 128; 32 for mlp)"
    )
    parser.add_argument(
        "--seed", type=console.natural_number, default=0, help="of weights and order (default: %(default)s)"
    )
    parser.add_argument(
        "--limit",
        type=console.positive_integer,
        help="use only so many training images, for a short try; its files end in _try",
    )
    parser.add_argument(
        "--out",
        type=Path,
        default=PROJECT,
        help="where checkpoints/, logs/ and running/ are put (default: beside this script)",
    )
    parser.add_argument(
        "--resume",
        action="store_true",
        help="go on with a run that was interrupted; the other arguments as they were",
    )
    parser.add_argument(
        "--recipe",
        choices=("ours", "published"),
        default="ours",
        help="how to train: our way, or as each network was published (default: %(default)s)",
    )
    parser.add_argument(
        "--precision",
        choices=("auto", "float32", "bfloat16"),
        default="auto",
        help="auto takes bfloat16 where it is faster (default: %(default)s)",
    )
    return parser.parse_args(argv)


def main(argv: list[str] | None = None) -> int:
    """Trains as the command line says; gives the exit code."""
    arguments = parse_arguments(argv)
    console.accept_all_characters()
    signal.signal(signal.SIGTERM, processes.stop_on_signal)
    try:
        installation.start_keras()
        code = train(arguments)
        sys.stdout.flush()
        return code
    except BrokenPipeError:
        return console.output_cut_off(
            "cnn_model_v2.py",
            "send it to a file, and the same command with --resume goes on after the last whole epoch, if there is one",
        )
    except console.InputError as error:
        print(f"cnn_model_v2.py: {console.printable(str(error))}", file=sys.stderr)
        return 2
    except KeyboardInterrupt as interruption:
        print(
            "\nstopped; the same command with --resume goes on after the last whole epoch, if there is one",
            file=sys.stderr,
        )
        return 128 + (interruption.args[0] if interruption.args else signal.SIGINT)
    except OSError as error:
        print(
            f"cnn_model_v2.py: {error}; free space, close what has that file open, or choose another folder with "
            "--out; the same command with --resume goes on after the last whole epoch, if there is one",
            file=sys.stderr,
        )
        return 1


def train(arguments: argparse.Namespace) -> int:
    """The whole run: data, network, fit, evaluation, report."""
    import keras

    import models
    from handwriting.data.load import load
    from handwriting.training import resume
    from handwriting.training.confidence import can_tell_confidence
    from handwriting.training.precision import build_model, choose_precision

    network = models.NETWORKS[arguments.model]
    data = load(arguments.data, arguments.limit)
    print(
        f"images   {data.description}: {len(data.training):,} for training, "
        f"{len(data.validation):,} for validation, {len(data.test):,} for the test"
    )
    stem = run_stem(arguments.model, data.kind, arguments.limit)
    state_path = run_files.state_file(arguments.out, stem)
    if arguments.resume and not run_files.left_unfinished(arguments.out, stem):
        place = state_path.parent.parent
        stems = sorted(path.name for path in place.glob("*/"))
        others = ", ".join(other for other in stems if run_files.left_unfinished(arguments.out, other))
        print(
            f"nothing left to resume: no unfinished run of {stem} lies in {place}; "
            + (f"to go on with {others} give that run's other arguments, too; " if others else "")
            + f"leave out --resume to train {stem} anew"
        )
        return 0

    with run_files.claim(arguments.out, stem, arguments.resume) as files:
        state = resume.read_state(state_path) if arguments.resume and state_path.exists() else None
        if arguments.resume and not state:
            print("that run died before its first epoch had ended; it begins again")
        epochs = arguments.epochs or (OFFLINE_EPOCHS if data.kind == "offline" else network.epochs)
        batch_size = min(arguments.batch_size or network.batch_size, len(data.training))
        if arguments.recipe == "ours":
            steps = epochs * -(-len(data.training) // batch_size)
            network = with_our_recipe(network, batch_size, steps, smooth=can_tell_confidence(data.validation))
        if state and arguments.precision == "auto":
            precision, reason = state.settings["precision"], "as before"
        else:
            precision, reason = choose_precision(arguments.precision, network, data.training, batch_size)
        settings = {
            "model": arguments.model,
            "recipe": arguments.recipe,
            "epochs": epochs,
            "batch_size": batch_size,
            "seed": arguments.seed,
            "limit": arguments.limit,
            "precision": precision,
            "smoothing": network.smoothing,
            "data": data.kind,
            "data_checksum": resume.checksum(data.training.images, data.training.labels),
            "backend": keras.backend.backend(),
        }
        if state:
            resume.check_same_run(state, settings, state_path)

        keras.utils.clear_session()
        keras.utils.set_random_seed(arguments.seed)
        model = build_model(network, precision)
        model.compile(optimizer=network.optimizer(), loss=network.loss, metrics=["accuracy"])
        print(f"network  {arguments.model}: {model.count_params():,} parameters, {precision} ({reason})")
        print(
            f"training at most {epochs} epoch{'s' if epochs > 1 else ''} in batches of {batch_size}, "
            f"seed {arguments.seed}, recipe {arguments.recipe}",
            flush=True,
        )
        history, seconds = fit(model, network, data, settings, files, state_path, state)
        good = sum(map(math.isfinite, history["val_loss"]))
        failed = not math.isfinite(history["loss"][-1]) or not good
        if failed:
            print(
                f"cnn_model_v2.py: the loss is not a number any more, in epoch {len(history['loss'])}; "
                + (f"saving the best of the {good} before" if good else "nothing new was saved"),
                file=sys.stderr,
            )
            if not good:
                return 1
        test = evaluate(model, network, data, settings, files, history, seconds)
        final = run_files.publish(arguments.out, stem)

    written = "  (written digits; README says how it reads real ones)" if data.kind == "offline" else ""
    print(f"\ntest  {test}{written}")
    for path in final.paths():
        print(f"wrote {console.shown(path)}")
    return 1 if failed else 0


def with_our_recipe(network, batch_size: int, steps: int, smooth: bool = True):
    """The network as our recipe builds and trains it."""
    return dataclasses.replace(
        network,
        build=functools.partial(network.build, **network.ours),
        optimizer=functools.partial(our_optimizer, network.peak_rate, batch_size, steps),
        one_hot=True,  # what is no digit has a share of each digit for a label
        smoothing=SMOOTHING if smooth and network.spare_weights else 0.0,
    )


def our_optimizer(peak_rate: float, batch_size: int, steps: int):
    """Adam that also keeps a running mean of the weights."""
    import keras

    peak = peak_rate * math.sqrt(batch_size / PEAK_BATCH)
    averaged = max(1.0, min(AVERAGED * steps, MOST_AVERAGED))
    return keras.optimizers.Adam(peak * rate_shape(0, steps), use_ema=True, ema_momentum=1 - 1 / averaged)


def our_callbacks(steps: int, batches) -> list:
    """What averages the weights, normalises for them before each validation, and drives the learning rate."""
    import keras

    def follow_shape(batch, logs=None) -> None:
        optimizer = rate.model.optimizer  # asked of the callback: JAX brings it up to date only then
        done = int(optimizer.iterations)
        if done < steps:
            # Multiplied, not set, so that what ReduceLROnPlateau halves stays halved.
            ratio = rate_shape(done, steps) / rate_shape(done - 1, steps)
            optimizer.learning_rate = float(optimizer.learning_rate) * ratio

    rate = keras.callbacks.LambdaCallback(on_train_batch_end=follow_shape)
    normalising = keras.callbacks.LambdaCallback(
        on_test_begin=lambda logs: normalise_anew(normalising.model, batches)
    )
    # The averaging stands first: the other callbacks then see, score and save the averaged weights.
    return [keras.callbacks.SwapEMAWeights(swap_on_epoch=True), normalising, rate]


def normalise_anew(model, batches) -> None:
    """Gives batch normalisation the means and spreads of the weights in place; it remembers those of others.

    The weights in place are the averaged ones, which training itself never uses.
    """
    import keras

    normalisations = [layer for layer in model.layers if isinstance(layer, keras.layers.BatchNormalization)]
    if not normalisations:
        return
    momenta = [layer.momentum for layer in normalisations]
    for number in range(min(NORMALISED, len(batches))):
        for layer in normalisations:
            layer.momentum = number / (number + 1)  # all batches count alike, and nothing before them
        images, _ = batches[number]
        model(images, training=True)
    for layer, momentum in zip(normalisations, momenta, strict=True):
        layer.momentum = momentum


def rate_shape(step: int, steps: int) -> float:
    """The learning rate at a step as a part of its peak: straight up, then straight down to almost nothing."""
    warm_up = WARM_UP * steps
    return min(1.0, (step + 1) / warm_up, (steps - step) / (steps - warm_up))


def fit(
    model, network, data, settings: dict, files: run_files.RunFiles, state_path: Path, state
) -> tuple[dict[str, list[float]], float]:
    """Trains a compiled model, from the start or from a state.

    Returns:
        The CSV's columns, and the seconds that training took. The model has its best epoch's weights.
    """
    import keras

    from handwriting.training import batches as training_batches
    from handwriting.training.resume import Resume

    started = time.perf_counter()  # what synth.py draws to learn from takes its time, too
    ours = settings["recipe"] == "ours"
    batches = training_batches.Batches(
        data.training.images,
        targets(data.training.labels, network),
        settings["batch_size"],
        settings["seed"],
        vary=ours,
        company=company(network, len(data.training)) if ours else None,
    )
    callbacks = our_callbacks(settings["epochs"] * len(batches), batches) if ours else []
    # The longer our run is, the longer its rate stays high, and nothing gets better meanwhile.
    stretch = max(1, settings["epochs"] // USUAL_EPOCHS) if ours else 1
    callbacks += [
        keras.callbacks.EarlyStopping(monitor="val_loss", patience=5 * stretch, restore_best_weights=True),
        # The best so far, for whoever looks meanwhile; `save_for_everyone` writes the last word over it.
        keras.callbacks.ModelCheckpoint(escaped(files.model), monitor="val_loss", save_best_only=True),
        # Before CSVLogger, whose learning_rate column it fills.
        keras.callbacks.ReduceLROnPlateau(monitor="val_loss", factor=0.5, patience=3 * stretch),
        keras.callbacks.CSVLogger(files.log, append=True),
        keras.callbacks.TerminateOnNaN(),
        batches.follow_epochs(),
    ]
    going_on = Resume(state_path, settings, files.log, callbacks, state, started)
    try:
        with processes.signals_wait() as stop_if_asked:
            stopping = keras.callbacks.LambdaCallback(on_train_batch_end=stop_if_asked)
            model.fit(
                batches,
                epochs=settings["epochs"],
                initial_epoch=going_on.first_epoch,
                validation_data=(data.validation.images, targets(data.validation.labels, network)),
                validation_batch_size=EVALUATION_BATCH,
                callbacks=[*callbacks, stopping, going_on],
                shuffle=False,  # the batches have their own order
            )
    finally:
        close_log(callbacks, files.log)
    return read_log(files.log), going_on.seconds


def evaluate(
    model,
    network,
    data,
    settings: dict,
    files: run_files.RunFiles,
    history: dict[str, list[float]],
    seconds: float,
):
    """Saves the trained model, scores the saved file on the test images, and writes the run's story."""
    import keras

    from handwriting.report.figures import draw_confusion, draw_curves, draw_misread
    from handwriting.report.score import score
    from handwriting.training.confidence import best_temperature, can_tell_confidence

    temperature = 1.0
    if settings["recipe"] == "ours" and can_tell_confidence(data.validation):
        temperature = best_temperature(
            data.validation.labels,
            model.predict(data.validation.images, batch_size=EVALUATION_BATCH, verbose=0),
        )
    save_for_everyone(model, network, files.model, temperature)
    print(f"scoring the saved model on the {len(data.test):,} test images", flush=True)
    saved = keras.models.load_model(files.model)
    probabilities = saved.predict(data.test.images, batch_size=EVALUATION_BATCH, verbose=0)
    test = score(data.test.labels, probabilities)
    finite = [epoch for epoch, loss in enumerate(history["val_loss"]) if math.isfinite(loss)]
    best = min(finite, key=history["val_loss"].__getitem__)
    story = {
        **settings,
        "images": {name: len(getattr(data, name)) for name in ("training", "validation", "test")},
        "parameters": saved.count_params(),
        "epochs_trained": len(history["loss"]),
        "best_epoch": best + 1,
        "validation": {"loss": history["val_loss"][best], "accuracy": history["val_accuracy"][best]},
        "temperature": temperature,
        "test": {"loss": test.loss, "accuracy": test.accuracy, "misses": test.misses, "count": test.count},
        "seconds": round(seconds, 1),
        "versions": installation.versions(),
        "machine": installation.machine(),
    }
    safe_files.write_settings(files.settings, story)
    title = (
        f"{files.model.stem}: {test.accuracy:.2%} of {test.count:,} test images ({data.kind}), "
        f"seed {settings['seed']}"
    )
    draw_curves(files.curves, title, history, best, network.loss)
    draw_confusion(files.confusion, title, data.test.labels, probabilities.argmax(axis=1))
    draw_misread(files.misread, title, data.test.images, data.test.labels, probabilities)
    return test


def run_stem(model: str, data_kind: str, limit: int | None) -> str:
    """The stem of the run's files; short and offline runs never replace a model of all the real images."""
    return STEMS[model] + ("_offline" if data_kind == "offline" else "") + ("_try" if limit else "")


def targets(labels, network):
    """Labels as the network's loss takes them."""
    import keras

    return smoothed(keras.utils.to_categorical(labels, 10), network) if network.one_hot else labels


def smoothed(rows, network):
    """Rows of ten, of each of which as much as the network wants is spread over all digits."""
    return (1 - network.smoothing) * rows + network.smoothing / rows.shape[1]


def company(network, beside: int):
    """What the network learns beside so many images, and its targets; None where it has no weights to spare."""
    from handwriting.training import batches as training_batches

    if not network.spare_weights:
        return None
    pictures, rows = training_batches.company(beside)
    return pictures, smoothed(rows, network)


def save_for_everyone(model, network, path: Path, temperature: float) -> None:
    """Saves the weights in a float32 model without optimizer: quick to load and to predict anywhere."""
    import keras

    from handwriting.training.precision import build_model

    keras.utils.clear_session()  # for plain layer names in the file
    portable = build_model(network, "float32")
    portable.set_weights(model.get_weights())
    with_weights = [layer for layer in portable.layers if layer.get_weights()]
    last = with_weights[-1]  # softmax may be a layer of its own
    last.set_weights([weights / temperature for weights in last.get_weights()])
    with safe_files.replacing(path) as temporary:
        portable.save(temporary)


def close_log(callbacks: list, path: Path) -> None:
    """Closes CSVLogger's file, which an interrupted `fit` leaves open; on Windows its lines end twice."""
    for callback in callbacks:
        log_file = getattr(callback, "csv_file", None)
        if log_file:
            log_file.close()
    if path.exists() and b"\r\r\n" in (text := path.read_bytes()):
        path.write_bytes(text.replace(b"\r\r\n", b"\r\n"))


def read_log(path: Path) -> dict[str, list[float]]:
    """The CSV's columns as numbers."""
    with path.open(newline="", encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    return {name: [float(row[name]) for row in rows] for name in rows[0]}


def escaped(path: Path) -> str:
    """A path for ModelCheckpoint, which would fill in what stands in braces."""
    return str(path).replace("{", "{{").replace("}", "}}")


if __name__ == "__main__":
    raise SystemExit(main())
