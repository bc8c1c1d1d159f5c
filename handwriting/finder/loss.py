"""How wrong the finder's answers are."""

from dataclasses import dataclass

from handwriting.finder.answers import split
from handwriting.finder.targets import TARGETS, parts_of
from handwriting.quiet_keras import keras

ops = keras.ops


@dataclass(frozen=True)
class LossSettings:
    """How the parts of the loss are weighed."""

    focus: float = 2.0  # the exponent of the focal loss
    near: float = 4.0  # the exponent by which cells near a middle count less as empty ones
    crowd: float = 0.25  # the exponent by which pages with more digits count more
    class_weight: float = 1.0
    box_weight: float = 1.0
    vote_weight: float = 0.3
    ink_weight: float = 0.5


LOSS = LossSettings()


def finder_loss(target, answers):
    """How wrong answers are: a focal loss of the middles, and the losses of classes, boxes, votes and ink."""
    heat, counts, classes, box, core_counts, vote, ink, ink_counts = parts_of(target)
    of_middle, of_class, of_box, of_vote, of_ink = split(answers)
    chance = ops.clip(ops.sigmoid(of_middle), 1e-5, 1 - 1e-5)
    is_middle = ops.cast(heat > 0.99, "float32")
    missed = -((1 - chance) ** LOSS.focus) * ops.log(chance) * is_middle
    invented = -((1 - heat) ** LOSS.near) * chance**LOSS.focus * ops.log(1 - chance) * (1 - is_middle)
    digits = ops.maximum(ops.sum(is_middle, axis=(1, 2)), 1.0)
    # The weight of a page grows with its number of digits, but more slowly than the number.
    weight = (digits / ops.mean(digits)) ** LOSS.crowd
    middles = ops.sum((missed + invented) * counts, axis=(1, 2)) / digits
    wrong_classes = ops.categorical_crossentropy(classes, of_class, from_logits=True)
    wrong_boxes = ops.mean(ops.abs(of_box - box), axis=-1)
    cores = mean_where(LOSS.class_weight * wrong_classes + LOSS.box_weight * wrong_boxes, core_counts)
    votes = mean_where(ops.mean(ops.abs(of_vote - vote), axis=-1), ops.cast(ink > TARGETS.inked, "float32"))
    inks = ops.mean(ops.binary_crossentropy(ink, of_ink, from_logits=True) * ink_counts, axis=(1, 2))
    return weight * (middles + cores + LOSS.vote_weight * votes) + LOSS.ink_weight * inks


def mean_where(values, counts):
    """The mean of each page's values, each as much as it counts; 0 where nothing counts."""
    return ops.sum(values * counts, axis=(1, 2)) / ops.maximum(ops.sum(counts, axis=(1, 2)), 1.0)


def accuracy(target, answers):
    """The share of digits whose middle is found and whose likeliest class is right. For `fit`."""
    heat, _, classes, *_ = parts_of(target)
    of_middle, of_class, *_ = split(answers)
    is_middle = ops.cast(heat > 0.99, "float32")
    right = ops.cast(ops.argmax(of_class, axis=-1) == ops.argmax(classes, axis=-1), "float32")
    likely = ops.cast(of_middle > 0, "float32")
    count = ops.sum(is_middle)
    return ops.sum(right * likely * is_middle) / ops.maximum(count, 1.0) * ops.ones_like(heat[:, 0, 0])
