"""What the finder answers: CHANNELS numbers for each cell of a picture. Needs no Keras."""

from handwriting.digit_image import CLASSES

CELL = 4  # px; the side of a cell
HEIGHTS = (7, 80)  # px; digits whose longer side is in this range are known
STRIDE = 8  # px; a picture's sides are multiples of it
BOX = 4  # numbers: from the cell's middle to the digit's left, top, right, bottom, as logarithms of cells
VOTE = 2  # numbers: from the cell's middle to the middle of the digit that its ink belongs to, in cells
CHANNELS = 1 + CLASSES + BOX + VOTE + 1  # the first and the last are logits: a digit's middle, a digit's ink


def split(answers):
    """The answers (…, CHANNELS) as the logit of middles, class logits, boxes, votes, and the logit of digits' ink."""
    boxes = 1 + CLASSES
    votes = boxes + BOX
    return (
        answers[..., 0],
        answers[..., 1:boxes],
        answers[..., boxes:votes],
        answers[..., votes : votes + VOTE],
        answers[..., -1],
    )
