"""How wrong the judge's answers are. A target is the number of the right answer, then each pixel's ink, 0 to 1."""

from handwriting.judge.crops import ANSWERS
from handwriting.quiet_keras import keras

ops = keras.ops
INK_WEIGHT = 4.0  # of the loss of the ink


def judge_loss(target, outputs):
    """The cross-entropy of the answers, and that of the ink's pixels."""
    of_answer = keras.losses.sparse_categorical_crossentropy(
        target[:, 0], outputs[:, :ANSWERS], from_logits=True
    )
    of_ink = keras.losses.binary_crossentropy(target[:, 1:], outputs[:, ANSWERS:], from_logits=True)
    return of_answer + INK_WEIGHT * of_ink


def accuracy(target, outputs):
    """The share of right answers. For `fit`."""
    return keras.metrics.sparse_categorical_accuracy(target[:, 0], outputs[:, :ANSWERS])


def ink_shared(target, outputs):
    """Intersection over union of the digits' ink and of what is taken for it. For `fit`."""
    ink, taken = target[:, 1:] > 0.5, outputs[:, ANSWERS:] > 0
    both, either = (ops.sum(ops.cast(which, "float32")) for which in (ink & taken, ink | taken))
    return both / ops.maximum(either, 1.0) * ops.ones_like(target[:, 0])
