"""Train a handwritten-digit network.

    python cnn_model_v2.py                        the updated CNN on MNIST
    python cnn_model_v2.py --model mlp            another of the networks in models.py
    python cnn_model_v2.py --data my_digits/      your own labelled pictures
    python cnn_model_v2.py --recipe published     with the settings the network was published with
    python cnn_model_v2.py --start checkpoints/cnn_digit03.keras --data data/mine     learns your hand

The script fetches MNIST, or writes its own digits if MNIST can't be fetched. A fixed tenth of the training images is
held out for validation. The test images are scored once, at the end. It leaves checkpoints/<stem>.keras and
logs/<stem>.csv, .json, .png, _confusion.png and _misread.png. README says how long each network takes on two CPU
cores, and how well it reads. The last lines name the files and say what to do next. Before them is this line:

    test  loss 0.0181  accuracy 99.43%  misses 57/10000
"""

# --help must answer at once, and the worker processes that draw digits import this file again. So Keras, and all that
# needs it, is imported inside the functions.
from __future__ import annotations  # lets an old Python reach the check of its version

import signal

# Until `main` hears Ctrl-C, it ends the script without a traceback.
if __name__ == "__main__" and signal.getsignal(signal.SIGINT) is signal.default_int_handler:
    signal.signal(signal.SIGINT, signal.SIG_DFL)

import argparse
import functools
import time

from handwriting import console, installation, stopping
from handwriting.shipped import PROJECT, STEMS
from handwriting.training.recipe import Recipe, climb_and_fall
from handwriting.training.run_files import Run, how_to_go_on, learned_run, network_name, possible_runs, run_of

SHORT_TRY = "--model cnn_v3 --limit 8000 --epochs 2"
OFFLINE_EPOCHS = 5  # a newcomer without MNIST has a first model within minutes

# Our recipe, one for all networks and any number of epochs. handwriting/training/recipe.py says what each number is.
# benchmarks/recipe.py measures on validation images what most of them are worth.
RECIPE = Recipe(
    # Augmentation. People slant their digits more than they rotate them; MNIST's are centred, so shifts stay small.
    turn=0.17,
    scale=(0.88, 1.14),
    slant=0.2,
    shift=1.5,
    warp=1.0,  # of all augmentation the most useful
    warp_grid=5,  # a bump every seven pixels: strokes bend, but don't break
    other_pens=0.15,  # most images keep MNIST's strokes
    pen_change=0.7,  # all the way would close loops
    spoilt=0.1,  # so few are enough to read most of them; more would cost accuracy on clean images
    # Extra images: digit shapes that MNIST lacks, and ink that is no digit. More of them would cost accuracy on MNIST.
    non_digits=0.03,
    written=0.025,
    images_per_extra=10,  # drawing takes time, and augmentation makes a drawn image new each time
    extra_seed=0,  # benchmarks draw with other seeds
    # A network that needn't be certain of every label overfits less.
    smoothing=0.1,
    # Learning rate: a climb lets a high peak work, and a fall to almost nothing settles the weights in any run length.
    schedule=climb_and_fall,
    warm_up=0.1,
    peak_batch=128,
    # Averaged weights: a share of the run, so that a short run forgets its start; bounded, because at a high rate the
    # weights of more steps are too far apart for the validation to judge an epoch by.
    averaged=0.1,
    most_averaged=650,
    statistics_batches=20,  # enough for steady means, and quick
    # A run of twice the usual length keeps a high rate for twice as long, without progress: it gets twice the patience.
    usual_epochs=15,
    # With fewer validation images, all may be read right. Calibration would then raise the confidence without end.
    calibration_images=1_000,
    temperatures=tuple(1.02**step for step in range(-80, 51)),  # from 0.2 to 2.7
)
DEFAULT_MODEL = "cnn_v2"
RECIPES = {"ours": RECIPE, "published": None}  # None: the settings in models.py


def parse_arguments(argv: list[str] | None = None) -> argparse.Namespace:
    parser = console.Parser(description=f"Train a handwritten-digit network. Half a minute: {SHORT_TRY}")
    add = parser.add_argument
    add("--model", choices=STEMS, help=f"the network (default: {DEFAULT_MODEL})")
    add(
        "--data",
        action=console.Once,
        metavar="mnist|offline|PATH",
        help="an mnist.npz, a folder of IDX files, a Kaggle train.csv, a folder of labelled pictures, or "
        "digits written offline (default: mnist if it can be fetched, else offline)",
    )
    add("--start", type=console.path_given, metavar="KERAS", help="learn your hand: go on from this network")
    add("--name", type=network_name, help="of the network with --start (default: its name and _mine)")
    add("--epochs", type=console.positive_integer, help="at most (default: 15; mlp, offline 5; --start 3)")
    add(
        "--batch-size", type=console.positive_integer, help="images a step (default: 128; mlp 32; --start 64)"
    )
    add("--seed", type=console.natural_number, default=0, help="of weights and order (default: %(default)s)")
    short = "use only so many images, validation included, for a short try; its files end in _try"
    add("--limit", type=console.positive_integer, help=short)
    place = "the folder for checkpoints/, logs/ and running/ (default: beside this script)"
    add("--out", type=console.path_given, default=PROJECT, help=place)
    add("--tensorboard", type=console.path_given, metavar="DIR", help="also write what TensorBoard shows")
    add("--resume", action="store_true", help="continue an interrupted run; give its other arguments, too")
    way = "how to train: our way, or as each network was published (default: %(default)s)"
    add("--recipe", choices=RECIPES, default="ours", help=way)
    precise = "auto takes bfloat16 if it is faster here (default: %(default)s)"
    add("--precision", choices=("auto", "float32", "bfloat16"), default="auto", help=precise)
    arguments = parser.parse_args(argv)
    if not arguments.start:  # which brings its own network
        arguments.model = arguments.model or DEFAULT_MODEL
    return arguments


def main(argv: list[str] | None = None) -> int:
    """Trains as the command line says. Returns the exit code."""
    arguments = parse_arguments(argv)
    return console.guard(lambda: train(arguments), "cnn_model_v2.py", lambda: early_end(arguments))


def early_end(arguments: argparse.Namespace) -> console.EarlyEnd:
    """What to do after an early end."""
    learned = arguments.start and [learned_run(arguments.out, arguments.start, arguments.name)]
    go_on = how_to_go_on(
        learned or possible_runs(arguments.out, arguments.model, arguments.data, arguments.limit)
    )
    free = "free space, close the program that has that file open, or choose another folder with --out"
    return console.EarlyEnd(go_on, f"send it to a file; {go_on}", f"{free}; {go_on}", write_failed_code=1)


def train(arguments: argparse.Namespace) -> int:
    """One run, from the data to the report. Returns the exit code."""
    installation.check_installation()  # before the imports that need it
    import models
    from handwriting.data.load import load
    from handwriting.quiet_keras import keras
    from handwriting.training import advice
    from handwriting.training.learning import learn
    from handwriting.training.plan import Extent, plan
    from handwriting.training.precision import build_model, choose_precision
    from handwriting.training.results import evaluate, write_report
    from handwriting.training.resume import check_same_run, checksum, read_state
    from handwriting.training.tensorboard import tensorboard_callbacks

    more_callbacks = tensorboard_callbacks(arguments.tensorboard, arguments.resume)
    if arguments.start or arguments.name:
        return learn(arguments, RECIPE, functools.partial(fit, more_callbacks=more_callbacks))
    network = models.NETWORKS[arguments.model]
    runs = possible_runs(arguments.out, arguments.model, arguments.data, arguments.limit)
    if arguments.resume and not any(run.is_unfinished for run in runs):
        print(runs[0].nothing_to_resume())  # before MNIST is fetched, or digits are written
        return 0
    data = load(arguments.data, arguments.limit)
    print(f"images   {data.summary()}")
    run = run_of(arguments.out, arguments.model, data.kind, arguments.limit)
    if arguments.resume and not run.is_unfinished:
        print(run.nothing_to_resume())
        return 0

    with run.claim(arguments.resume) as files:
        state = read_state(run.state) if arguments.resume and run.state.exists() else None
        if arguments.resume and not state:
            print("that run died before the end of its first epoch; it begins again")
        epochs = arguments.epochs or (OFFLINE_EPOCHS if data.kind == "offline" else network.epochs)
        batch_size = min(arguments.batch_size or network.batch_size, len(data.training))
        extent = Extent(len(data.training), len(data.validation), epochs, batch_size)
        planned = plan(network, RECIPES[arguments.recipe], extent)
        before = state.settings["precision"] if state else None
        precision, reason = choose_precision(arguments.precision, planned, data.training, before)
        settings = {
            "model": arguments.model,
            "recipe": arguments.recipe,
            "epochs": epochs,
            "batch_size": batch_size,
            "seed": arguments.seed,
            "limit": arguments.limit,
            "precision": precision,
            "smoothing": planned.smoothing,
            "data": data.kind,
            "data_checksum": checksum(data.training.images, data.training.labels),
            "backend": keras.backend.backend(),
        }
        if state:
            check_same_run(state, settings, run)

        keras.utils.clear_session()
        keras.utils.set_random_seed(arguments.seed)
        model = build_model(planned.build, precision)
        model.compile(optimizer=planned.optimizer(), loss=planned.loss, metrics=["accuracy"])
        parameters = f"{model.count_params():,} parameters"
        console.say(f"network  {arguments.model}: {parameters}, {precision} ({reason})")
        epochs_and_more = f"{epochs} epoch{'s' if epochs > 1 else ''} in batches of {batch_size}"
        console.say(f"training at most {epochs_and_more}, seed {arguments.seed}, recipe {arguments.recipe}")
        console.say(*advice.before(data, extent))
        history = fit(model, planned, data, run, settings, state, more_callbacks)
        if history.failed:
            console.complain(f"cnn_model_v2.py: {history.failure()}; {history.what_is_kept()}")
        if not history.good_epochs:
            return 1
        with stopping.signals_wait():
            evaluation = evaluate(model, planned, data, files.model)
            write_report(run, settings, data, planned.loss, history, evaluation)
        final = run.publish()

    print(f"\ntest  {evaluation.score}{'  (written digits)' if data.kind == 'offline' else ''}")
    for path in final.paths():
        print(f"wrote {console.shown(path)}")
    console.say(*advice.after(run, evaluation.score))
    return 1 if history.failed or data.unread else 0


def fit(model, planned, data, run: Run, settings: dict, state, more_callbacks=lambda run: []):
    """Trains a compiled model, from the start or from a state. The model then has its best epoch's weights."""
    from handwriting.quiet_keras import keras
    from handwriting.training.history import History, read_log
    from handwriting.training.results import EVALUATION_BATCH, escaped
    from handwriting.training.resume import Resume
    from handwriting.training.watching import watched

    started = time.perf_counter()  # drawing the extra images is part of the training
    files = run.running
    batches = planned.batches(data.training, settings["seed"])
    callbacks = [
        *planned.callbacks(batches),
        keras.callbacks.EarlyStopping(
            monitor="val_loss", patience=5 * planned.patience, restore_best_weights=True
        ),
        # The best so far, for whoever looks meanwhile. `evaluate` replaces it in the end.
        keras.callbacks.ModelCheckpoint(escaped(files.model), monitor="val_loss", save_best_only=True),
        # Before CSVLogger, because it fills the column learning_rate.
        keras.callbacks.ReduceLROnPlateau(monitor="val_loss", factor=0.5, patience=3 * planned.patience),
        keras.callbacks.CSVLogger(files.log, append=True),
        keras.callbacks.TerminateOnNaN(),
        batches.follow_epochs(),
        *more_callbacks(run),
    ]
    resume = Resume(run, settings, callbacks, state, started)
    with watched(files.log, callbacks) as watching:
        model.fit(
            batches,
            epochs=settings["epochs"],
            initial_epoch=resume.first_epoch,
            validation_data=(data.validation.images, planned.labels(data.validation.labels)),
            validation_batch_size=EVALUATION_BATCH,
            callbacks=[*callbacks, *watching, resume],
            verbose=0,
            shuffle=False,  # the batches have their own order
        )
    return History(read_log(files.log), resume.seconds)


if __name__ == "__main__":
    stopping.leave(main())
