"""Learning a hand: the training goes on from a trained network, with the person's digits among those of other people.

The new network is kept only if it reads the person's digits no worse, and forgets next to nothing.
"""

import functools
from collections.abc import Callable
from dataclasses import asdict, dataclass
from pathlib import Path

import numpy as np

from handwriting import console, installation, safe_files, stopping
from handwriting.data.hand import HAND, Hand, HandSettings
from handwriting.data.load import load_hand
from handwriting.data.sets import Dataset, Labelled
from handwriting.model_answers import probabilities_of
from handwriting.model_files import RefusedModel, load_model
from handwriting.quiet_keras import keras
from handwriting.report.figures import draw_curves
from handwriting.report.score import Score, score
from handwriting.shipped import CHECKPOINTS, LEARNED, LEARNS, STEMS, name_of, shipped_network
from handwriting.training.batches import ExtraImages
from handwriting.training.callbacks import averaging_adam, recipe_callbacks
from handwriting.training.confidence import best_temperature
from handwriting.training.history import History
from handwriting.training.plan import Extent, Plan, one_hot
from handwriting.training.recipe import Recipe
from handwriting.training.results import layer_of_logits, save_portable
from handwriting.training.resume import check_same_run, checksum, read_state
from handwriting.training.run_files import Run, RunFiles, learned_run
from handwriting.training.variation import varied

LEARNED_FROM = (
    "start_checksum",
    "data_checksum",
    "others",
)  # the settings that say what is learned, and from what


@dataclass(frozen=True)
class LearningSettings:
    """How a hand is learned."""

    images: HandSettings = HAND
    epochs: int = 3  # of the digits of other people; the person's are seen far more often
    batch_size: int = 64
    peak_rate: float = 1e-3  # a fraction of a training's, which would forget what the network knows
    share: float = 0.3  # of each batch, for the person's digits and those like them
    own: float = 0.6  # of that share are the person's digits; the rest are written ones in forms like theirs
    # Validation images of other people that are read after each epoch. All of them are read in the end.
    after_epoch: int = 1_000
    # Parts of the way from the start's weights to the learned ones. The longest that forgets next to nothing is taken.
    ways: tuple[float, ...] = (1.0, 0.85, 0.7, 0.6, 0.5, 0.45, 0.4, 0.35, 0.3, 0.25, 0.2)
    most_forgotten: float = 0.0005  # of the validation images
    loss_noise: float = (
        0.01  # of so few digits as are held back, a smaller difference of the loss says nothing
    )


LEARNING = LearningSettings()


@dataclass(frozen=True)
class Outcome:
    """How a network reads, before or after it has learned a hand.

    Args:
        hand: its score on the person's digits that it is judged by.
        others: its score on the validation images of other people.
    """

    hand: Score
    others: Score


def learn(arguments, recipe: Recipe, fit: Callable, settings: LearningSettings = LEARNING) -> int:
    """Learns a hand as the command line says. Returns the exit code.

    Args:
        arguments: of cnn_model_v2.py.
        recipe: how images are varied and the learning rate moves.
        fit: trains a compiled model, as cnn_model_v2.py does.
        settings: how a hand is learned.
    """
    check(arguments)
    run = learned_run(arguments.out, arguments.start, arguments.name)
    if arguments.resume and not run.is_unfinished:
        print(run.nothing_to_resume())
        return 0
    start = load_start(arguments.start)
    if not start.trainable_weights:
        raise console.InputError(
            "--start: expected a network that can learn, got one without weights to train"
        )
    hand = load_hand(arguments.data, settings.images)
    console.say(f"network  {name_of(arguments.start.stem)}: {start.count_params():,} parameters")
    console.say(*hand.summary(settings.images))
    try:
        before = outcome(start, hand)
    except RefusedModel as reason:
        raise console.InputError(f"--start: {reason}") from None

    with run.claim(arguments.resume):
        chosen = {
            "model": run.stem,
            "start": arguments.start.name,
            "start_checksum": checksum(*start.get_weights()),
            "data": hand.source.kind,
            "data_checksum": checksum(hand.learned.images, hand.learned.labels),
            "others": hand.kind,
            "epochs": arguments.epochs or settings.epochs,
            "batch_size": min(arguments.batch_size or settings.batch_size, len(hand.others)),
            "seed": arguments.seed,
            "backend": keras.backend.backend(),
        }
        state = state_of(run, chosen)
        planned = learning_plan(start, hand, recipe, settings, chosen["epochs"], chosen["batch_size"])
        data = watched(hand, settings)
        keras.utils.clear_session()
        keras.utils.set_random_seed(arguments.seed)
        model = with_steady_statistics(planned.build())
        model.compile(optimizer=planned.optimizer(), loss=planned.loss, metrics=["accuracy"])
        history = fit(model, planned, data, run, chosen, state)
        if not history.failed:
            with stopping.signals_wait():
                way = go_back(model, start, hand, before, settings)
                after = finish(model, planned, hand, run, {**chosen, "way": way}, history, before)
        reason = history.failure() if history.failed else why_worse(before, after, hand, settings)
        if reason:
            run.forget()
            console.complain(f"cnn_model_v2.py: not kept: {reason}")
            return 1
        final = run.publish()
    tell(run, final, before, after, hand)
    return 1 if hand.source.unread else 0


def check(arguments) -> None:
    """Raises InputError if an argument is missing, or makes no sense with --start."""
    if arguments.start is None:
        raise console.InputError(
            "--name: expected --start, too; it names a network that goes on from another"
        )
    if arguments.data is None:
        raise console.InputError("--start: expected your digits, too; give their folder: --data data/mine")
    others = {
        "--model": arguments.model,
        "--limit": arguments.limit,
        "--recipe": arguments.recipe != "ours",
        "--precision": arguments.precision == "bfloat16",
    }
    if given := [flag for flag, is_given in others.items() if is_given]:
        raise console.InputError(f"--start: expected no {given[0]}, which is for new networks; leave it out")


def state_of(run: Run, chosen: dict):
    """What a killed run left to continue from, if it learned the same digits. Else None, and nothing is left of it."""
    if not run.state.exists():
        return None
    state = read_state(run.state)
    if any(state.settings.get(name) != chosen[name] for name in LEARNED_FROM):
        console.say("what is learned has changed since the run was stopped; it begins again")
        run.forget()
        return None
    check_same_run(state, chosen, run)
    return state


def outcome(model: keras.Model, hand: Hand) -> Outcome:
    """How a network reads the images that it is judged by."""
    return Outcome(score_of(model, hand.judged), score_of(model, hand.validation))


def score_of(model: keras.Model, labelled: Labelled) -> Score:
    return score(labelled.labels, probabilities_of(model, labelled.images))


def learning_plan(
    start: keras.Model, hand: Hand, recipe: Recipe, settings: LearningSettings, epochs: int, batch_size: int
) -> Plan:
    """How training goes on from a network."""
    extent = Extent(len(hand.others), len(hand.validation), epochs, batch_size)
    return Plan(
        build=functools.partial(copy_of, start, start.get_weights()),
        optimizer=functools.partial(averaging_adam, recipe, settings.peak_rate, batch_size, extent.steps),
        loss="categorical_crossentropy",
        labels=one_hot,
        batch_size=batch_size,
        steps=extent.steps,
        augment=lambda images, random: varied(images, recipe, random),
        draw_extra=functools.partial(own_images, hand, settings),
        callbacks=functools.partial(recipe_callbacks, recipe, extent.steps),
        temperature=functools.partial(best_temperature, tried=recipe.temperatures),
    )


def copy_of(start: keras.Model, weights: list[np.ndarray]) -> keras.Model:
    """A network of the same layers and weights."""
    copy = keras.models.clone_model(start)
    copy.set_weights(weights)
    return copy


def with_steady_statistics(model: keras.Model) -> keras.Model:
    """The model, whose batch-norm statistics stay those of the start: the batches hold too much of one hand."""
    for layer in model.layers:
        if isinstance(layer, keras.layers.BatchNormalization):
            layer.trainable = False
    return model


def go_back(
    model: keras.Model, start: keras.Model, hand: Hand, before: Outcome, settings: LearningSettings
) -> float:
    """Moves the weights back towards those of the start, until next to nothing is forgotten. Returns the part kept.

    Half the way keeps most of what was learned, and forgets much less than the whole way.
    """
    known, learned = start.get_weights(), model.get_weights()
    allowed = settings.most_forgotten * len(hand.validation)
    for way in settings.ways:
        model.set_weights([old + way * (new - old) for old, new in zip(known, learned, strict=True)])
        if forgotten(before, score_of(model, hand.validation)) <= allowed:
            break
    return way


def forgotten(before: Outcome, others: Score) -> int:
    """How many more of the validation images are misread than before."""
    return others.misses - before.others.misses


def own_images(hand: Hand, settings: LearningSettings) -> ExtraImages:
    """The person's digits and those like them, as they are mixed into every batch."""
    times = settings.own / (1 - settings.own) * len(hand.alike) / len(hand.learned)
    own = np.tile(np.arange(len(hand.learned)), max(1, round(times)))
    images = np.concatenate([hand.learned.images[own], hand.alike.images])
    targets = one_hot(np.concatenate([hand.learned.labels[own], hand.alike.labels]))
    return ExtraImages(images, targets, settings.share)


def watched(hand: Hand, settings: LearningSettings) -> Dataset:
    """The sets that `fit` takes. The person's digits weigh as much in the validation as those of other people."""
    some = hand.validation.take(slice(settings.after_epoch))
    own = hand.judged.take(np.arange(len(some)) % len(hand.judged))
    both = Labelled(np.concatenate([own.images, some.images]), np.concatenate([own.labels, some.labels]))
    source = hand.source
    return Dataset(source.kind, source.description, hand.others, both, hand.judged, source.unread)


def finish(
    model: keras.Model, planned: Plan, hand: Hand, run: Run, chosen: dict, history: History, before: Outcome
) -> Outcome:
    """Saves the network with its confidence set right, scores the saved file, and writes the record and the curves."""
    temperature = 1.0  # a network that somebody else has made may have no layer to set it with
    if layer_of_logits(model):
        probabilities = probabilities_of(model, hand.validation.images)
        temperature = planned.temperature(hand.validation.labels, probabilities)
    files = run.running
    save_portable(model, planned.build, files.model, temperature)
    after = outcome(load_model(files.model), hand)
    record = {
        **chosen,
        "images": {
            name: len(getattr(hand, name))
            for name in ("learned", "held_back", "alike", "others", "validation")
        },
        "parameters": model.count_params(),
        "epochs_trained": history.epochs,
        "best_epoch": history.best_epoch + 1,
        "temperature": temperature,
        "judged_by": hand.judged_by,
        "before": asdict(before),
        "after": asdict(after),
        "seconds": round(history.seconds, 1),
        "versions": installation.versions(),
        "machine": installation.machine(),
    }
    safe_files.write_json(files.record, record)
    title = f"{run.stem}: {after.hand.accuracy:.0%} of {after.hand.count:,} {hand.judged_by}"
    draw_curves(files.curves, title, history.columns, history.best_epoch, planned.loss)
    return after


def why_worse(before: Outcome, after: Outcome, hand: Hand, settings: LearningSettings) -> str | None:
    """Why the new network is not worth keeping. None if it is."""
    old, new = before.hand, after.hand
    if (new.misses, new.loss) > (old.misses, old.loss + settings.loss_noise):
        return (
            f"the new network misreads {new.misses} of {new.count} {hand.judged_by}, the one before {old.misses}; "
            f"its loss on them is {new.loss:.4f}, before {old.loss:.4f}; look for wrong labels, or add digits"
        )
    if forgotten(before, after.others) > settings.most_forgotten * before.others.count:
        return (
            f"the new network has forgotten too much: it misreads {after.others.misses} of {after.others.count:,} "
            f"validation images, the one before {before.others.misses}; look for wrong labels, or add digits"
        )
    return None


def load_start(path: Path) -> keras.Model:
    """The network to go on from. Raises InputError if it can't be used."""
    if not path.exists():
        example = console.shown(shipped_network(LEARNS))
        raise console.InputError(
            f"--start: expected the .keras file of a network, such as {example}, got {path}"
        )
    return load_model(path)


def tell(run: Run, final: RunFiles, before: Outcome, after: Outcome, hand: Hand) -> None:
    """Says what was learned, where it is, and what to do next."""
    print()
    for name, old, new in (
        (hand.judged_by, before.hand, after.hand),
        ("validation images", before.others, after.others),
    ):
        print(f"{name:<17}  before  {old}\n{'':<17}  after   {new}")
    for path in final.paths():
        if path.exists():
            print(f"wrote {console.shown(path)}")
    if replaced := run.replaced():
        console.say(replaced)
    network = name_of(run.stem) if final.model.parent == CHECKPOINTS else console.shown(final.model)
    joins = run.stem.endswith(LEARNED) and final.model.parent == CHECKPOINTS
    on_page = ", python draw.py" if run.stem == STEMS[LEARNS] + LEARNED else ""
    console.say(
        f"it reads with the others now: python test_load.py{on_page}"
        if joins
        else f"next, read pictures with it: python test_load.py --models {network}"
    )
