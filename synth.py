"""A digit writer: training without a download, and the pictures of data/.

    python synth.py                              draws docs/written.png, docs/non_digits.png, docs/forms_….png
    python synth.py --count 70000 --out my.npz   writes a data set in MNIST's form
    python synth.py --pictures data              draws the pictures that the project ships

A digit is a form (FORMS) whose control points, proportions, slant and care vary as writers vary (HABITS),
drawn with a round pen, left with gaps and ragged edges, and brought to the input contract: ink bright, longer side
20 px, centre of mass in pixel 14. Digit i depends on the seed and on i alone. Letters, scribbles, lines and blots
come in the same form (`write_non_digits`).
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from PIL import Image, ImageDraw, ImageFilter

import images
from handwriting import console, processes, safe_files
from handwriting.shipped import PROJECT

# How each digit is written: (how often, its strokes). A stroke goes through its points, x to the right and
# y downwards; a digit is about 1 high. A point that stands twice is a corner. How often: part a guess, part what a
# network that tells the forms apart saw among MNIST's training images (benchmarks/writer.py); of a hundred or so.
FORMS = {
    0: [
        # ending inside
        (48, [[(0.40, 0.06), (0.16, 0.16), (0.00, 0.56), (0.14, 0.94), (0.42, 0.98), (0.68, 0.68),
               (0.64, 0.28), (0.44, 0.08), (0.22, 0.14), (0.14, 0.34)]]),
        # left open at the top
        (28, [[(0.42, 0.00), (0.14, 0.16), (0.00, 0.52), (0.12, 0.90), (0.40, 1.00), (0.66, 0.80),
               (0.70, 0.40), (0.58, 0.12), (0.30, 0.06)]]),
        # closed
        (14, [[(0.55, 0.03), (0.30, 0.00), (0.06, 0.25), (0.01, 0.60), (0.16, 0.93), (0.40, 1.00),
               (0.64, 0.82), (0.71, 0.45), (0.60, 0.10), (0.40, 0.00)]]),
        # closed with a small loop
        (8, [[(0.36, 0.04), (0.10, 0.22), (0.01, 0.60), (0.18, 0.95), (0.45, 0.98), (0.68, 0.70),
              (0.66, 0.30), (0.48, 0.02), (0.34, 0.05), (0.40, 0.20), (0.56, 0.12)]]),
        # beginning above itself
        (2, [[(0.54, -0.05), (0.36, 0.05), (0.12, 0.24), (0.01, 0.62), (0.18, 0.96), (0.46, 0.96),
              (0.66, 0.64), (0.60, 0.24), (0.40, 0.08), (0.26, 0.12)]]),
        # slashed
        (1, [[(0.55, 0.03), (0.30, 0.00), (0.06, 0.25), (0.01, 0.60), (0.16, 0.93), (0.40, 1.00),
              (0.64, 0.82), (0.71, 0.45), (0.60, 0.10), (0.40, 0.00)],
             [(0.66, 0.06), (0.36, 0.50), (0.08, 0.94)]]),
    ],
    1: [
        # bare
        (87, [[(0.06, 0.00), (0.04, 0.35), (0.02, 0.70), (0.00, 1.00)]]),
        # with a flag
        (5, [[(0.00, 0.24), (0.14, 0.14), (0.25, 0.00), (0.25, 0.00), (0.24, 0.35), (0.23, 0.70),
              (0.22, 1.00)]]),
        # with flag and foot
        (4, [[(0.05, 0.22), (0.17, 0.13), (0.28, 0.00), (0.28, 0.00), (0.27, 0.50), (0.26, 1.00)],
             [(0.00, 1.00), (0.28, 0.99), (0.56, 1.00)]]),
        # with a long flag
        (2, [[(0.00, 0.44), (0.16, 0.22), (0.30, 0.00), (0.30, 0.00), (0.26, 0.50), (0.22, 1.00)]]),
        # with flag and a wide foot
        (2, [[(0.06, 0.26), (0.20, 0.13), (0.30, 0.00), (0.30, 0.00), (0.29, 0.50), (0.27, 0.98)],
             [(-0.06, 1.00), (0.28, 0.99), (0.64, 1.00)]]),
    ],
    2: [
        # swinging through the foot
        (26, [[(0.02, 0.14), (0.26, 0.00), (0.56, 0.08), (0.62, 0.34), (0.42, 0.62), (0.12, 0.90),
               (0.10, 0.97), (0.36, 0.93), (0.66, 0.96), (0.84, 0.88)]]),
        # with a large loop at the foot
        (18, [[(0.10, 0.18), (0.30, 0.00), (0.56, 0.06), (0.58, 0.32), (0.42, 0.62), (0.18, 0.92),
               (0.02, 0.88), (0.06, 0.66), (0.30, 0.66), (0.58, 0.86), (0.90, 0.94)]]),
        # with a wide loop, the end running out
        (18, [[(0.14, 0.10), (0.40, 0.00), (0.60, 0.16), (0.54, 0.46), (0.34, 0.78), (0.10, 0.94),
               (-0.04, 0.78), (0.08, 0.60), (0.36, 0.58), (0.60, 0.74), (0.84, 0.76)]]),
        # the loop as large as a bowl
        (16, [[(0.10, 0.08), (0.34, 0.00), (0.56, 0.14), (0.60, 0.42), (0.50, 0.76), (0.24, 0.98),
               (0.02, 0.86), (0.04, 0.62), (0.26, 0.52), (0.50, 0.66), (0.66, 0.88)]]),
        # with a corner at the foot
        (6, [[(0.03, 0.24), (0.18, 0.04), (0.44, 0.01), (0.62, 0.18), (0.55, 0.45), (0.30, 0.74),
              (0.00, 0.98), (0.00, 0.98), (0.32, 0.95), (0.72, 0.97)]]),
        # tall, with a small loop at the foot
        (5, [[(0.22, 0.08), (0.36, 0.00), (0.42, 0.14), (0.38, 0.45), (0.28, 0.80), (0.12, 0.98),
              (0.00, 0.86), (0.12, 0.72), (0.34, 0.82), (0.60, 0.86)]]),
        # broad, with a large loop
        (4, [[(0.12, 0.14), (0.34, 0.00), (0.52, 0.14), (0.44, 0.46), (0.22, 0.80), (0.04, 0.96),
              (-0.06, 0.80), (0.14, 0.66), (0.44, 0.80), (0.74, 0.98), (1.00, 0.86)]]),
        # with a loop at the foot
        (3, [[(0.06, 0.20), (0.22, 0.02), (0.46, 0.02), (0.60, 0.22), (0.50, 0.50), (0.28, 0.80),
              (0.08, 0.96), (0.00, 0.84), (0.12, 0.74), (0.34, 0.86), (0.55, 0.98), (0.78, 0.88)]]),
        # beginning with a hook
        (2, [[(0.20, 0.30), (0.10, 0.16), (0.32, 0.00), (0.60, 0.12), (0.58, 0.40), (0.36, 0.74),
              (0.06, 1.00), (0.06, 1.00), (0.40, 0.97), (0.80, 0.98)]]),
        # narrow, on a foot
        (2, [[(0.10, 0.14), (0.22, 0.00), (0.34, 0.08), (0.32, 0.35), (0.26, 0.65), (0.18, 0.96),
              (0.18, 0.96), (0.40, 0.97), (0.62, 0.98)]]),
        # flat, with a long tail
        (1, [[(0.00, 0.20), (0.20, 0.02), (0.42, 0.10), (0.36, 0.40), (0.10, 0.72), (-0.10, 0.86),
              (-0.02, 0.62), (0.30, 0.50), (0.70, 0.52), (1.10, 0.48)]]),
    ],
    3: [
        # with a small loop in the middle
        (62, [[(0.06, 0.10), (0.30, 0.00), (0.54, 0.10), (0.50, 0.32), (0.30, 0.46), (0.20, 0.50),
               (0.26, 0.42), (0.50, 0.52), (0.62, 0.72), (0.48, 0.94), (0.22, 1.00), (0.00, 0.88)]]),
        # round
        (23, [[(0.04, 0.12), (0.26, 0.00), (0.52, 0.06), (0.56, 0.26), (0.40, 0.42), (0.20, 0.47),
               (0.20, 0.47), (0.46, 0.52), (0.63, 0.70), (0.52, 0.92), (0.26, 1.00), (0.00, 0.90)]]),
        # running out in a straight tail
        (9, [[(0.02, 0.08), (0.30, 0.00), (0.50, 0.08), (0.40, 0.26), (0.22, 0.36), (0.22, 0.36),
              (0.44, 0.42), (0.46, 0.62), (0.34, 0.84), (0.14, 1.00)]]),
        # with a flat top
        (4, [[(0.04, 0.03), (0.30, 0.01), (0.58, 0.00), (0.58, 0.00), (0.44, 0.20), (0.28, 0.38),
              (0.28, 0.38), (0.52, 0.46), (0.64, 0.68), (0.52, 0.92), (0.26, 1.00), (0.00, 0.90)]]),
        # with loops at the ends
        (2, [[(0.12, 0.22), (0.10, 0.06), (0.36, 0.00), (0.56, 0.14), (0.46, 0.38), (0.24, 0.48),
              (0.24, 0.48), (0.52, 0.56), (0.62, 0.78), (0.40, 1.00), (0.10, 0.96), (0.04, 0.84),
              (0.20, 0.82)]]),
    ],
    4: [
        # open
        (57, [[(0.12, 0.00), (0.05, 0.28), (0.00, 0.54), (0.00, 0.54), (0.34, 0.54), (0.70, 0.50)],
              [(0.60, 0.02), (0.56, 0.34), (0.52, 0.68), (0.48, 1.00)]]),
        # open and round at the elbow
        (34, [[(0.10, 0.02), (0.02, 0.28), (0.06, 0.50), (0.30, 0.52), (0.58, 0.40)],
              [(0.66, 0.00), (0.60, 0.36), (0.55, 0.70), (0.52, 1.00)]]),
        # closed, in two strokes
        (6, [[(0.52, 0.00), (0.28, 0.32), (0.00, 0.62), (0.00, 0.62), (0.36, 0.62), (0.76, 0.60)],
             [(0.52, 0.00), (0.51, 0.50), (0.50, 1.00)]]),
        # closed, in one stroke
        (3, [[(0.54, 0.52), (0.28, 0.58), (0.02, 0.56), (0.02, 0.56), (0.28, 0.24), (0.52, 0.00),
              (0.52, 0.00), (0.51, 0.50), (0.48, 1.00)]]),
    ],
    5: [
        # in one stroke
        (46, [[(0.68, 0.00), (0.44, 0.02), (0.18, 0.03), (0.18, 0.03), (0.12, 0.24), (0.08, 0.42),
               (0.08, 0.42), (0.32, 0.40), (0.54, 0.54), (0.54, 0.80), (0.32, 0.98), (0.00, 0.92)]]),
        # like an S
        (18, [[(0.66, 0.00), (0.40, 0.04), (0.20, 0.14), (0.16, 0.34), (0.34, 0.46), (0.52, 0.62),
               (0.48, 0.86), (0.26, 0.99), (0.00, 0.94)]]),
        # the belly curling in
        (17, [[(0.62, 0.00), (0.38, 0.03), (0.16, 0.04), (0.16, 0.04), (0.10, 0.40), (0.10, 0.40),
               (0.38, 0.36), (0.60, 0.56), (0.54, 0.88), (0.26, 1.00), (0.04, 0.88), (0.10, 0.76)]]),
        # with a small belly and a long bar
        (9, [[(0.20, 0.02), (0.14, 0.26), (0.08, 0.46), (0.08, 0.46), (0.28, 0.44), (0.44, 0.58),
              (0.42, 0.80), (0.24, 0.96), (0.00, 0.92)],
             [(0.20, 0.02), (0.54, 0.03), (0.92, 0.00)]]),
        # the bar as a second stroke
        (7, [[(0.16, 0.04), (0.12, 0.24), (0.08, 0.42), (0.08, 0.42), (0.30, 0.38), (0.54, 0.50),
              (0.56, 0.76), (0.36, 0.97), (0.00, 0.94)],
             [(0.17, 0.03), (0.42, 0.03), (0.68, 0.00)]]),
        # without a bar
        (2, [[(0.46, 0.00), (0.20, 0.16), (0.10, 0.36), (0.30, 0.50), (0.36, 0.74), (0.20, 1.00)]]),
        # the belly closed
        (2, [[(0.60, 0.02), (0.34, 0.04), (0.18, 0.06), (0.18, 0.06), (0.06, 0.46), (0.06, 0.46),
              (0.34, 0.36), (0.58, 0.58), (0.50, 0.90), (0.24, 1.00), (0.02, 0.86), (0.05, 0.60)]]),
    ],
    6: [
        # with a straight stem
        (46, [[(0.36, 0.00), (0.20, 0.26), (0.06, 0.52), (0.00, 0.78), (0.14, 0.98), (0.38, 0.96),
               (0.50, 0.78), (0.40, 0.60), (0.20, 0.62), (0.03, 0.80)]]),
        # the bowl left open
        (32, [[(0.24, 0.00), (0.08, 0.34), (0.00, 0.70), (0.14, 0.97), (0.44, 0.96), (0.62, 0.74),
               (0.50, 0.52), (0.26, 0.56)]]),
        # wide, the bowl running into the stem
        (13, [[(0.62, 0.06), (0.36, 0.10), (0.12, 0.36), (0.02, 0.70), (0.18, 0.98), (0.46, 0.98),
               (0.60, 0.76), (0.46, 0.58), (0.22, 0.66), (0.10, 0.86)]]),
        # with a curled stem
        (6, [[(0.50, 0.00), (0.24, 0.18), (0.06, 0.48), (0.03, 0.78), (0.20, 0.99), (0.44, 0.94),
              (0.53, 0.74), (0.42, 0.56), (0.22, 0.58), (0.06, 0.76)]]),
        # with a large bowl
        (3, [[(0.42, 0.00), (0.16, 0.18), (0.00, 0.54), (0.08, 0.90), (0.40, 1.00), (0.70, 0.80),
              (0.62, 0.50), (0.34, 0.40), (0.08, 0.60)]]),
    ],
    7: [
        # round at the shoulder
        (37, [[(0.00, 0.10), (0.26, 0.02), (0.54, 0.04), (0.60, 0.18), (0.50, 0.48), (0.44, 0.76),
               (0.42, 1.00)]]),
        # with a hook at the start
        (19, [[(0.02, 0.22), (0.03, 0.10), (0.08, 0.05), (0.34, 0.06), (0.62, 0.02), (0.64, 0.08),
               (0.50, 0.36), (0.40, 0.68), (0.34, 1.00)]]),
        # plain
        (15, [[(0.00, 0.06), (0.32, 0.05), (0.62, 0.02), (0.62, 0.02), (0.48, 0.34), (0.36, 0.66),
               (0.28, 1.00)]]),
        # crossed
        (9, [[(0.00, 0.06), (0.32, 0.05), (0.64, 0.02), (0.64, 0.02), (0.48, 0.34), (0.34, 0.66),
              (0.22, 1.00)],
             [(0.16, 0.52), (0.40, 0.50), (0.64, 0.47)]]),
        # beginning with a wave
        (6, [[(0.00, 0.34), (0.10, 0.08), (0.26, 0.13), (0.46, 0.13), (0.64, 0.00), (0.64, 0.00),
              (0.52, 0.36), (0.42, 0.68), (0.36, 1.00)]]),
        # crossed and round
        (5, [[(0.00, 0.16), (0.10, 0.06), (0.38, 0.04), (0.60, 0.06), (0.57, 0.30), (0.42, 0.68), (0.36, 1.00)],
             [(0.16, 0.52), (0.42, 0.50), (0.68, 0.46)]]),
        # an arch
        (4, [[(0.00, 0.36), (0.04, 0.14), (0.30, 0.02), (0.64, 0.04), (0.78, 0.22), (0.66, 0.60), (0.52, 1.00)]]),
        # with a serif
        (3, [[(0.02, 0.28), (0.00, 0.06), (0.00, 0.06), (0.30, 0.09), (0.62, 0.02), (0.62, 0.02),
              (0.50, 0.40), (0.42, 1.00)]]),
        # with a long serif
        (2, [[(0.04, 0.00), (0.00, 0.30), (0.00, 0.30), (0.30, 0.22), (0.62, 0.04), (0.62, 0.04),
              (0.46, 0.50), (0.34, 1.00)]]),
        # with a foot
        (1, [[(0.02, 0.08), (0.30, 0.05), (0.60, 0.02), (0.60, 0.02), (0.40, 0.50), (0.22, 0.96),
              (0.22, 0.96), (0.34, 0.97), (0.50, 0.95)]]),
    ],
    8: [
        # pinched, open at the top
        (30, [[(0.60, 0.04), (0.34, 0.02), (0.14, 0.16), (0.22, 0.36), (0.44, 0.56), (0.48, 0.80),
               (0.30, 0.99), (0.10, 0.88), (0.14, 0.66), (0.38, 0.40), (0.62, 0.10)]]),
        # in one stroke, from the upper right
        (17, [[(0.55, 0.12), (0.36, 0.00), (0.12, 0.10), (0.14, 0.30), (0.34, 0.46), (0.52, 0.66),
               (0.46, 0.92), (0.22, 1.00), (0.04, 0.84), (0.12, 0.62), (0.36, 0.44), (0.54, 0.26),
               (0.54, 0.10)]]),
        # not closed at the top
        (14, [[(0.62, 0.16), (0.40, 0.02), (0.16, 0.10), (0.16, 0.32), (0.38, 0.50), (0.52, 0.72),
               (0.38, 0.96), (0.14, 0.94), (0.10, 0.74), (0.30, 0.52), (0.56, 0.30), (0.70, 0.06)]]),
        # a large ring on a small one
        (8, [[(0.38, 0.64), (0.12, 0.40), (0.06, 0.14), (0.34, 0.00), (0.60, 0.16), (0.54, 0.42),
              (0.32, 0.64), (0.18, 0.86), (0.28, 1.00), (0.42, 0.90), (0.36, 0.62)]]),
        # two rings
        (8, [[(0.36, 0.46), (0.16, 0.38), (0.12, 0.16), (0.32, 0.00), (0.52, 0.12), (0.52, 0.34),
              (0.34, 0.46)],
             [(0.34, 0.46), (0.10, 0.58), (0.04, 0.82), (0.28, 1.00), (0.54, 0.88), (0.56, 0.62),
              (0.36, 0.46)]]),
        # wide open at the top
        (7, [[(0.62, 0.02), (0.44, 0.20), (0.30, 0.42), (0.14, 0.68), (0.12, 0.90), (0.28, 1.00),
              (0.42, 0.86), (0.36, 0.60), (0.20, 0.38), (0.08, 0.18), (0.20, 0.04), (0.38, 0.10)]]),
        # like an S, not quite closed
        (7, [[(0.70, 0.10), (0.46, 0.00), (0.16, 0.12), (0.18, 0.36), (0.42, 0.52), (0.54, 0.72),
              (0.40, 0.97), (0.14, 0.94), (0.12, 0.76), (0.34, 0.56), (0.60, 0.34)]]),
        # a small ring on a large one, drawn from the middle
        (2, [[(0.30, 0.46), (0.16, 0.30), (0.22, 0.06), (0.42, 0.00), (0.52, 0.16), (0.42, 0.38),
              (0.14, 0.60), (0.02, 0.82), (0.20, 1.00), (0.48, 0.94), (0.56, 0.70), (0.34, 0.50),
              (0.22, 0.40)]]),
        # a small ring on a slanted one
        (2, [[(0.44, 0.30), (0.26, 0.32), (0.22, 0.12), (0.42, 0.00), (0.54, 0.12), (0.44, 0.32),
              (0.20, 0.56), (0.02, 0.82), (0.14, 1.00), (0.38, 0.92), (0.42, 0.68), (0.34, 0.44)]]),
        # straight through the middle
        (1, [[(0.56, 0.06), (0.30, 0.00), (0.12, 0.16), (0.22, 0.36), (0.40, 0.54), (0.46, 0.80),
              (0.28, 1.00), (0.08, 0.86), (0.18, 0.60), (0.40, 0.32), (0.54, 0.06)]]),
        # running out to the upper right
        (1, [[(0.46, 0.22), (0.36, 0.10), (0.18, 0.14), (0.16, 0.34), (0.36, 0.50), (0.44, 0.74),
              (0.30, 0.96), (0.10, 0.98), (0.06, 0.82), (0.24, 0.58), (0.48, 0.30), (0.72, 0.02)]]),
        # a large ring on a tiny loop
        (1, [[(0.20, 0.98), (0.34, 0.72), (0.56, 0.42), (0.60, 0.14), (0.36, 0.00), (0.10, 0.10),
              (0.08, 0.36), (0.28, 0.64), (0.42, 0.84), (0.36, 1.00), (0.20, 0.98)]]),
        # open at the foot
        (1, [[(0.10, 1.00), (0.24, 0.72), (0.44, 0.40), (0.52, 0.14), (0.34, 0.00), (0.14, 0.12),
              (0.20, 0.40), (0.36, 0.70), (0.46, 1.00)]]),
    ],
    9: [
        # with a straight stem
        (40, [[(0.54, 0.12), (0.34, 0.00), (0.10, 0.12), (0.04, 0.36), (0.22, 0.50), (0.44, 0.38),
               (0.55, 0.12), (0.55, 0.12), (0.52, 0.40), (0.48, 0.70), (0.44, 1.00)]]),
        # with an open loop
        (39, [[(0.52, 0.06), (0.22, 0.02), (0.02, 0.22), (0.12, 0.44), (0.38, 0.44), (0.56, 0.22),
               (0.54, 0.50), (0.48, 1.00)]]),
        # with a curled stem
        (7, [[(0.56, 0.16), (0.36, 0.00), (0.12, 0.10), (0.06, 0.34), (0.24, 0.48), (0.46, 0.38),
              (0.57, 0.16), (0.58, 0.44), (0.52, 0.78), (0.32, 0.99), (0.04, 0.92)]]),
        # in one swing
        (4, [[(0.50, 0.06), (0.26, 0.04), (0.06, 0.22), (0.10, 0.42), (0.32, 0.42), (0.52, 0.20),
              (0.56, 0.06), (0.50, 0.38), (0.40, 0.70), (0.32, 1.00)]]),
        # open at the top
        (4, [[(0.30, 0.06), (0.06, 0.18), (0.04, 0.40), (0.26, 0.48), (0.48, 0.32), (0.58, 0.02),
              (0.58, 0.02), (0.54, 0.50), (0.46, 1.00)]]),
        # with a large bowl
        (3, [[(0.60, 0.20), (0.36, 0.00), (0.06, 0.20), (0.02, 0.58), (0.24, 0.80), (0.50, 0.60),
              (0.62, 0.18), (0.62, 0.18), (0.62, 0.60), (0.64, 1.00)]]),
        # like an S
        (3, [[(0.66, 0.04), (0.36, 0.02), (0.12, 0.16), (0.16, 0.36), (0.40, 0.38), (0.54, 0.30),
              (0.50, 0.62), (0.34, 1.00)]]),
    ],
}  # fmt: skip


# In straight strokes, as with a mouse or on a form: MNIST has none of these. They are in `write_all_forms` only.
STRAIGHT_FORMS = {
    0: [[[(0.00, 0.00), (0.56, 0.00), (0.56, 0.00), (0.56, 1.00), (0.56, 1.00), (0.00, 1.00), (0.00, 1.00),
          (0.00, 0.00)]]],
    1: [[[(0.00, 0.44), (0.40, 0.00), (0.40, 0.00), (0.40, 1.00)]],
        [[(0.00, 0.52), (0.52, 0.00), (0.52, 0.00), (0.32, 1.00)]]],
    2: [[[(0.00, 0.00), (0.56, 0.00), (0.56, 0.00), (0.56, 0.48), (0.56, 0.48), (0.00, 0.52), (0.00, 0.52),
          (0.00, 1.00), (0.00, 1.00), (0.58, 1.00)]]],
    3: [[[(0.00, 0.00), (0.54, 0.00), (0.54, 0.00), (0.54, 1.00), (0.54, 1.00), (0.00, 1.00)],
         [(0.10, 0.50), (0.54, 0.50)]]],
    4: [[[(0.00, 0.00), (0.00, 0.54), (0.00, 0.54), (0.56, 0.52)], [(0.54, 0.00), (0.54, 1.00)]]],
    5: [[[(0.56, 0.00), (0.00, 0.02), (0.00, 0.02), (0.00, 0.46), (0.00, 0.46), (0.54, 0.46), (0.54, 0.46),
          (0.54, 1.00), (0.54, 1.00), (0.00, 1.00)]]],
    6: [[[(0.52, 0.00), (0.00, 0.02), (0.00, 0.02), (0.00, 1.00), (0.00, 1.00), (0.54, 1.00), (0.54, 1.00),
          (0.54, 0.50), (0.54, 0.50), (0.00, 0.50)]],
        [[(0.04, 0.00), (0.00, 1.00), (0.00, 1.00), (0.54, 1.00), (0.54, 1.00), (0.54, 0.52), (0.54, 0.52),
          (0.02, 0.50)]]],
    7: [[[(0.00, 0.02), (0.54, 0.00), (0.54, 0.00), (0.54, 1.00)]]],
    8: [[[(0.00, 0.00), (0.54, 0.00), (0.54, 0.00), (0.54, 1.00), (0.54, 1.00), (0.00, 1.00), (0.00, 1.00),
          (0.00, 0.00)], [(0.00, 0.50), (0.54, 0.48)]]],
    9: [[[(0.54, 0.50), (0.00, 0.50), (0.00, 0.50), (0.00, 0.00), (0.00, 0.00), (0.54, 0.00), (0.54, 0.00),
          (0.54, 1.00)]]],
}  # fmt: skip


@dataclass(frozen=True)
class Habits:
    """How much writers differ. Set by hand, by what helped benchmarks/writer.py to read MNIST's training images."""

    point: float = 0.050  # how far each control point strays, in digit heights
    slant: float = 0.24  # spread of the shear
    mean_slant: float = 0.16  # most people lean to the right
    turn: float = 0.07  # radians
    aspect: float = 0.24  # spread of the logarithm of width over height
    proportion: float = 0.08  # how far inner parts move against outer ones, in digit heights
    bend: float = 0.035  # how far a whole digit bows, in digit heights
    pen: float = 1.22  # radius of the pen in the 20 px box
    pen_spread: float = 0.28  # of its logarithm
    pressure: float = 0.16  # how much the pen's width changes along a stroke
    overshoot: float = 0.03  # how far strokes run on beyond their ends or stop before, in digit heights
    hurry: float = 0.7  # how much of its bends the fastest hand cuts short
    breaks: float = 0.04  # how many digits have a gap in the ink
    roughness: float = 0.5  # how ragged the roughest digit's edges are, in full inks


HABITS = Habits()
POINTS = 120  # on the path of a digit: more than one a pixel, or hairlines would be dotted
# Digits that share a random stream; part of what (seed, i) means, so changing it changes all digits.
BLOCK = 500
HURRIED_POINTS = 6  # on either side of a path's point, over which the fastest hand evens out
BREAK_POINTS = (5, 12)  # a gap's length on the path; the pen's round ends fill the shortest
FAINTEST = 0.02  # what is left of ink that rough paper did not take
USUAL_WIDTH = 0.6  # of the forms, in digit heights
SCALE_STEPS = 6  # until the box is 20 px: path and pen grow differently
WORTH_PROCESSES = 8  # blocks; fewer are written in this process
TILE = 10  # digits drawn at once: all distances of a block would take much memory
FIELD = images.SIDE
BOX = images.DIGIT_SIDE


# ---------------------------------------------------------------- paths


def spline(points: int, samples: int) -> np.ndarray:
    """The matrix (samples, points) that takes a stroke's control points to points on a smooth path through them."""
    position = np.linspace(0, points - 1, samples)
    segment = np.minimum(position.astype(int), points - 2)
    t = position - segment
    weights = (
        (-0.5 * t + t**2 - 0.5 * t**3),
        (1 - 2.5 * t**2 + 1.5 * t**3),
        (0.5 * t + 2 * t**2 - 1.5 * t**3),
        (-0.5 * t**2 + 0.5 * t**3),
    )
    matrix = np.zeros((samples, points))
    for offset, weight in zip((-1, 0, 1, 2), weights, strict=True):
        np.add.at(matrix, (np.arange(samples), np.clip(segment + offset, 0, points - 1)), weight)
    return matrix


def path_matrix(strokes: list, samples: int) -> tuple[np.ndarray, np.ndarray]:
    """The matrix that takes a form's control points to `samples` points on its strokes, and each sample's stroke.

    The samples are shared out by length, so that the points are equally dense.
    """
    lengths = np.array([np.hypot(*np.diff(np.array(stroke), axis=0).T).sum() for stroke in strokes])
    shares = np.maximum(2, np.floor(samples * lengths / lengths.sum())).astype(int)
    shares[0] += samples - shares.sum()
    matrix = np.zeros((samples, sum(map(len, strokes))))
    row = column = 0
    for stroke, share in zip(strokes, shares, strict=True):
        matrix[row : row + share, column : column + len(stroke)] = spline(len(stroke), share)
        row, column = row + share, column + len(stroke)
    return matrix, np.repeat(np.arange(len(strokes)), shares)


def written_paths(
    strokes: list, count: int, random: np.random.Generator, habits: Habits, samples: int = POINTS
):
    """The paths of `count` digits of one form, each by another hand: (count, samples, 2)."""
    control = np.concatenate([np.array(stroke) for stroke in strokes])
    corner = np.all(control[1:] == control[:-1], axis=1)
    stray = smoothed(random.normal(0, habits.point, (count, len(control), 2)))
    stray[:, 1:][:, corner] = stray[:, :-1][:, corner]  # a corner stays one point
    control = with_overshoots(control + stray, strokes, random, habits)
    careful, stroke_numbers = path_matrix(strokes, samples)
    hurry = random.uniform(0, habits.hurry, (count, 1, 1))
    paths = (1 - hurry) * (careful @ control) + hurry * (cut_short(careful, stroke_numbers) @ control)
    x, y = paths[..., 0], paths[..., 1]
    x, y = with_other_proportions(x, y, random, habits)
    middle = y - 0.5
    bow = random.normal(0, habits.bend, (count, 1)) * np.cos(np.pi * middle)
    sway = random.normal(0, habits.bend, (count, 1)) * np.sin(2 * np.pi * middle)
    x = x * np.exp(random.normal(0, habits.aspect, (count, 1))) + bow + sway
    x = x - middle * random.normal(habits.mean_slant, habits.slant, (count, 1))
    turn = random.normal(0, habits.turn, (count, 1))
    return np.stack(
        [x * np.cos(turn) - middle * np.sin(turn), x * np.sin(turn) + middle * np.cos(turn)], axis=2
    )


def with_overshoots(
    control: np.ndarray, strokes: list, random: np.random.Generator, habits: Habits
) -> np.ndarray:
    """Control points (n, points, 2) whose strokes run on a little beyond their ends, or stop before them."""
    control = control.copy()
    first = 0
    for stroke in strokes:
        last = first + len(stroke) - 1
        for end, inner in ((first, first + 1), (last, last - 1)):
            onwards = control[:, end] - control[:, inner]
            onwards /= np.linalg.norm(onwards, axis=1, keepdims=True) + 1e-6
            control[:, end] += random.normal(0, habits.overshoot, (len(control), 1)) * onwards
        first = last + 1
    return control


def cut_short(matrix: np.ndarray, stroke_numbers: np.ndarray) -> np.ndarray:
    """A path matrix for a hand in a hurry, which cuts every bend short: each point is a mean of those around it."""
    shortened = np.empty_like(matrix)
    for number in range(stroke_numbers.max() + 1):
        rows = matrix[stroke_numbers == number]
        near = min(HURRIED_POINTS, (len(rows) - 1) // 2)
        padded = np.pad(rows, ((near, near), (0, 0)), mode="edge")
        sums = np.cumsum(np.pad(padded, ((1, 0), (0, 0))), axis=0)
        shortened[stroke_numbers == number] = (sums[2 * near + 1 :] - sums[: -2 * near - 1]) / (2 * near + 1)
    return shortened


def with_breaks(paths: np.ndarray, random: np.random.Generator, habits: Habits) -> np.ndarray:
    """Some of the paths (n, points, 2) with a gap, where the pen did not write."""
    count, points = paths.shape[:2]
    length = random.integers(*BREAK_POINTS, count) * (random.random(count) < habits.breaks)
    start = random.integers(0, points - BREAK_POINTS[1], count)
    place = np.arange(points)
    in_gap = (place > start[:, np.newaxis]) & (place < (start + length)[:, np.newaxis])
    return np.take_along_axis(paths, np.where(in_gap, start[:, np.newaxis], place)[..., np.newaxis], axis=1)


def with_other_proportions(
    x: np.ndarray, y: np.ndarray, random: np.random.Generator, habits: Habits
) -> tuple[np.ndarray, np.ndarray]:
    """Stretches some parts of each digit and squeezes others: large and small loops, high and low waists."""
    count = (len(x), 1)

    def swing(along: np.ndarray) -> np.ndarray:
        once, twice = (
            random.normal(0, habits.proportion, count),
            random.normal(0, habits.proportion / 2, count),
        )
        return once * np.sin(np.pi * along) + twice * np.sin(2 * np.pi * along)

    across = x / USUAL_WIDTH
    twist = 2 * (y - 0.5) * (across - 0.5)
    moved_y = y + swing(y) + random.normal(0, habits.proportion, count) * twist
    moved_x = x + USUAL_WIDTH * (swing(across) + random.normal(0, 2 * habits.proportion, count) * twist)
    return moved_x, moved_y


def smoothed(noise: np.ndarray) -> np.ndarray:
    """Noise whose neighbours along the path are alike: a hand strays in curves, not in zigzags."""
    padded = np.pad(noise, ((0, 0), (1, 1), (0, 0)), mode="edge")
    return (padded[:, :-2] + 2 * padded[:, 1:-1] + padded[:, 2:]) / 4 * 1.6  # 1.6 gives the spread back


def pen_radii(count: int, samples: int, random: np.random.Generator, habits: Habits) -> np.ndarray:
    """The pen's radius along each path, in the pixels of the 20 px box: (count, samples)."""
    radius = habits.pen * np.exp(random.normal(0, habits.pen_spread, (count, 1)))
    along = np.linspace(0, 1, samples)
    wave = np.sin(
        2 * np.pi * (random.uniform(0.5, 1.5, (count, 1)) * along + random.uniform(0, 1, (count, 1)))
    )
    return np.clip(radius * (1 + habits.pressure * random.normal(0, 1, (count, 1)) * wave), 0.55, 3.6)


def paths_in_forms(forms: list, count: int, random: np.random.Generator) -> np.ndarray:
    """The paths of `count` characters, each in one of the forms: (count, POINTS, 2)."""
    often = np.array([form[0] for form in forms], float)
    chosen = random.choice(len(forms), size=count, p=often / often.sum())
    paths = np.empty((count, POINTS, 2))
    for number, (_, strokes) in enumerate(forms):
        which = np.flatnonzero(chosen == number)
        paths[which] = written_paths(strokes, len(which), random, HABITS)
    return with_breaks(paths, random, HABITS)


# ---------------------------------------------------------------- digits for training


def write_block(seed: int, block: int) -> tuple[np.ndarray, np.ndarray]:
    """Digits number block · BLOCK and following: uint8 (BLOCK, 28, 28) and their labels."""
    random = np.random.default_rng([seed, block])
    labels = random.integers(0, 10, BLOCK)
    paths = np.empty((BLOCK, POINTS, 2))
    for digit, forms in FORMS.items():
        which = np.flatnonzero(labels == digit)
        paths[which] = paths_in_forms(forms, len(which), random)
    return in_ink(paths, random), labels


def write_all_forms(count: int, seed: int = 0) -> tuple[np.ndarray, np.ndarray]:
    """Digits in which each form is as frequent as any other of its digit: uint8 (count, 28, 28) and labels (count,).

    People write forms that MNIST hardly has: 1s with a flag, crossed 7s, 8s of two squares.
    """
    random = np.random.default_rng([seed, 0, 2])  # neither the digits' stream nor the non-digits'
    labels = np.arange(count) % 10
    paths = np.empty((count, POINTS, 2))
    for digit, forms in FORMS.items():
        which = np.flatnonzero(labels == digit)
        alike = [(1, strokes) for _, strokes in forms]
        alike += [(1, strokes) for strokes in STRAIGHT_FORMS[digit]]
        paths[which] = paths_in_forms(alike, len(which), random)
    return in_ink(paths, random), labels


def in_ink(paths: np.ndarray, random: np.random.Generator, pen: float | np.ndarray = 1.0) -> np.ndarray:
    """Paths written with pens of all widths, to the input contract: uint8 (n, 28, 28).

    Args:
        paths: (n, POINTS, 2).
        random: where chance comes from.
        pen: how much wider than usual the pens are.
    """
    radii = np.minimum(pen_radii(len(paths), POINTS, random, HABITS), thickest_pens(paths)) * pen
    fields = images.centred(roughened(drawn(paths, radii), random, HABITS))
    return (fields * 255).round().astype(np.uint8)


def drawn(paths: np.ndarray, radii: np.ndarray) -> np.ndarray:
    """Paths drawn so that the ink's box is 20 px long, somewhere in the field: float32 (n, 28, 28).

    Full ink is 1; deeper in a thick stroke there stands more.
    """
    mean_radius = radii.mean(axis=1, keepdims=True)
    # How far from the path a pixel's middle still gets ink, less the half pixel that belongs to it.
    reach = (np.sqrt(radii**2 + mean_radius + 0.25) - 0.5)[..., np.newaxis]
    scale = np.full((len(paths), 1, 1), 10.0)
    for _ in range(SCALE_STEPS):
        low, high = (paths * scale - reach).min(axis=1), (paths * scale + reach).max(axis=1)
        longest = np.argmax(high - low, axis=1)[:, np.newaxis]
        extent = np.take_along_axis(high - low, longest, axis=1)
        path_extent = np.take_along_axis(np.ptp(paths, axis=1), longest, axis=1)
        scale += ((BOX - extent) / path_extent)[..., np.newaxis]
    placed = paths * scale - low[:, np.newaxis] + (FIELD - BOX) // 2
    fields = np.empty((len(paths), FIELD, FIELD), np.float32)
    pixel_middles = np.arange(FIELD, dtype=np.float32) + 0.5
    placed, radii = placed.astype(np.float32), radii.astype(np.float32)
    for start in range(0, len(paths), TILE):
        tile = slice(start, start + TILE)
        from_x = (pixel_middles[:, np.newaxis] - placed[tile, np.newaxis, :, 0]) ** 2
        from_y = (pixel_middles[:, np.newaxis] - placed[tile, np.newaxis, :, 1]) ** 2 - radii[
            tile, np.newaxis
        ] ** 2
        nearest = (from_y[:, :, np.newaxis] + from_x[:, np.newaxis]).min(axis=3)
        mean = mean_radius[tile, np.newaxis].astype(np.float32)
        fields[tile] = np.maximum(0.5 + mean - np.sqrt(np.maximum(nearest + mean**2, 0)), 0)
    return fields


def thickest_pens(paths: np.ndarray) -> np.ndarray:
    """The largest radius of the pen for each path, in pixels of the box: (n, 1).

    3.6 for a bare 1, and the less the longer the path, so that in most digits the loops stay open.
    """
    lengths = np.hypot(*np.moveaxis(np.diff(paths, axis=1), 2, 0)).sum(axis=1) / np.ptp(paths, axis=1).max(
        axis=1
    )
    return (1.6 + 2 / lengths)[:, np.newaxis]


def roughened(fields: np.ndarray, random: np.random.Generator, habits: Habits) -> np.ndarray:
    """Digits with ragged edges, as paper and scanner leave them, some more and some less; the box stays."""
    frame = (len(fields), FIELD + 2, FIELD + 2)
    noise = random.standard_normal(frame, np.float32)
    noise = (noise[:, :-2] + 2 * noise[:, 1:-1] + noise[:, 2:]) / 4
    noise = (noise[:, :, :-2] + 2 * noise[:, :, 1:-1] + noise[:, :, 2:]) / 4
    spread = random.uniform(0, habits.roughness, (len(fields), 1, 1)).astype(np.float32)
    # 2.6 gives back the spread that the smoothing took.
    noise *= 2.6 * spread
    return np.where(fields > FAINTEST, np.clip(fields + noise, FAINTEST, 1), fields)


def write_digits(count: int, seed: int = 0, progress: bool = False) -> tuple[np.ndarray, np.ndarray]:
    """Writes digits on all cores: uint8 (count, 28, 28) and labels (count,)."""
    return in_blocks(write_block, count, seed, f"writing {count:,} digits" if progress else None)


def in_blocks(write: Callable, count: int, seed: int, told: str | None) -> tuple[np.ndarray, np.ndarray]:
    """Pictures uint8 (count, 28, 28) and a number for each, written block by block; many of them on all cores.

    Args:
        write: makes a block of them from the seed and the block's number.
        count: how many.
        seed: of the chance in them.
        told: what the progress bar says, which appears where it takes seconds.
    """
    blocks = range(-(-count // BLOCK))
    pixels = np.empty((len(blocks) * BLOCK, FIELD, FIELD), np.uint8)
    numbers = np.empty(len(blocks) * BLOCK, np.int64)
    written = written_blocks(write, seed, blocks)
    if told and len(blocks) >= WORTH_PROCESSES:
        from rich.progress import track

        written = track(written, told, total=len(blocks))
    for block, (block_pixels, block_numbers) in zip(blocks, written, strict=True):
        place = slice(block * BLOCK, (block + 1) * BLOCK)
        pixels[place], numbers[place] = block_pixels, block_numbers
    return pixels[:count], numbers[:count]


def written_blocks(write: Callable, seed: int, blocks: range) -> Iterator[tuple[np.ndarray, np.ndarray]]:
    """The blocks in order, from as many processes as there are cores."""
    cores = processes.usable_cores()
    if cores == 1 or len(blocks) < WORTH_PROCESSES:
        yield from (write(seed, block) for block in blocks)
        return
    with processes.worker_processes(cores) as pool:
        yield from pool.map(write, [seed] * len(blocks), blocks, chunksize=2)


# ---------------------------------------------------------------- what is not a digit

# Letters and signs that nobody takes for a digit, in the form of FORMS.
LETTERS = [
    (1, [[(0.00, 1.00), (0.16, 0.50), (0.32, 0.00), (0.32, 0.00), (0.48, 0.50), (0.64, 1.00)],
         [(0.10, 0.64), (0.54, 0.62)]]),  # A
    (1, [[(0.56, 0.00), (0.00, 0.02), (0.00, 0.02), (0.00, 0.98), (0.00, 0.98), (0.58, 1.00)],
         [(0.00, 0.50), (0.44, 0.48)]]),  # E
    (1, [[(0.58, 0.00), (0.02, 0.02), (0.02, 0.02), (0.00, 1.00)], [(0.00, 0.46), (0.42, 0.44)]]),  # F
    (1, [[(0.02, 0.00), (0.00, 1.00)], [(0.58, 0.00), (0.56, 1.00)], [(0.00, 0.52), (0.56, 0.48)]]),  # H
    (1, [[(0.02, 0.00), (0.00, 1.00)], [(0.54, 0.00), (0.04, 0.52), (0.04, 0.52), (0.58, 1.00)]]),  # K
    (1, [[(0.00, 1.00), (0.06, 0.00), (0.06, 0.00), (0.34, 0.62), (0.34, 0.62), (0.62, 0.00), (0.62, 0.00),
          (0.70, 1.00)]]),  # M
    (1, [[(0.00, 1.00), (0.02, 0.00), (0.02, 0.00), (0.54, 1.00), (0.54, 1.00), (0.56, 0.00)]]),  # N
    (1, [[(0.00, 1.00), (0.02, 0.50), (0.03, 0.00), (0.03, 0.00), (0.42, 0.06), (0.42, 0.36), (0.05, 0.48),
          (0.05, 0.48), (0.56, 1.00)]]),  # R
    (1, [[(0.00, 0.02), (0.62, 0.00)], [(0.31, 0.02), (0.30, 1.00)]]),  # T
    (1, [[(0.00, 0.00), (0.18, 1.00), (0.18, 1.00), (0.36, 0.30), (0.36, 0.30), (0.54, 1.00), (0.54, 1.00),
          (0.72, 0.00)]]),  # W
    (1, [[(0.02, 0.00), (0.56, 1.00)], [(0.56, 0.00), (0.00, 1.00)]]),  # X
    (1, [[(0.04, 0.52), (0.50, 0.48), (0.44, 0.10), (0.20, 0.02), (0.00, 0.48), (0.18, 0.96), (0.58, 0.84)]]),  # e
    (1, [[(0.48, 0.06), (0.34, 0.00), (0.22, 0.20), (0.20, 1.00)], [(0.00, 0.42), (0.46, 0.40)]]),  # f
    (1, [[(0.04, 0.00), (0.00, 1.00), (0.00, 1.00), (0.14, 0.56), (0.36, 0.52), (0.42, 0.70), (0.42, 1.00)]]),  # h
    (1, [[(0.00, 0.20), (0.02, 1.00), (0.02, 1.00), (0.14, 0.30), (0.34, 0.30), (0.36, 1.00), (0.36, 1.00),
          (0.48, 0.30), (0.68, 0.30), (0.72, 1.00)]]),  # m
    (1, [[(0.18, 0.00), (0.12, 1.00)], [(0.50, 0.00), (0.44, 1.00)], [(0.00, 0.34), (0.66, 0.30)],
         [(0.00, 0.70), (0.64, 0.66)]]),  # #
    (1, [[(0.62, 0.12), (0.36, 0.00), (0.04, 0.26), (0.02, 0.70), (0.32, 1.00), (0.64, 0.86)]]),  # C
    (1, [[(0.00, 0.00), (0.02, 1.00), (0.02, 1.00), (0.52, 0.98)]]),  # L
    (1, [[(0.00, 0.02), (0.02, 1.00)], [(0.00, 0.06), (0.30, 0.00), (0.48, 0.24), (0.30, 0.50), (0.02, 0.48)]]),  # P
    (1, [[(0.00, 0.00), (0.02, 0.62), (0.28, 1.00), (0.54, 0.62), (0.56, 0.00)]]),  # U
    (1, [[(0.00, 0.00), (0.28, 1.00), (0.28, 1.00), (0.58, 0.00)]]),  # V
    (1, [[(0.52, 0.12), (0.22, 0.00), (0.00, 0.40), (0.08, 0.88), (0.32, 0.98), (0.52, 0.64), (0.56, 0.04),
          (0.56, 0.04), (0.56, 0.78), (0.72, 1.00)]]),  # a
    (1, [[(0.46, 0.52), (0.24, 0.42), (0.00, 0.70), (0.18, 1.00), (0.42, 0.84), (0.50, 0.00), (0.50, 0.00),
          (0.48, 0.60), (0.58, 1.00)]]),  # d
    (1, [[(0.00, 0.00), (0.02, 1.00)], [(0.40, 0.40), (0.04, 0.70), (0.04, 0.70), (0.46, 1.00)]]),  # k
    (1, [[(0.00, 0.04), (0.02, 1.00), (0.02, 1.00), (0.16, 0.24), (0.44, 0.04), (0.56, 0.34), (0.58, 1.00)]]),  # n
    (1, [[(0.02, 0.04), (0.04, 1.00), (0.04, 1.00), (0.12, 0.38), (0.32, 0.06), (0.56, 0.10)]]),  # r
    (1, [[(0.24, 0.00), (0.20, 0.80), (0.34, 1.00), (0.52, 0.90)], [(0.00, 0.30), (0.48, 0.28)]]),  # t
    (1, [[(0.00, 0.00), (0.04, 0.72), (0.24, 1.00), (0.50, 0.70), (0.56, 0.02), (0.56, 0.02), (0.58, 0.80),
          (0.70, 1.00)]]),  # u
    (1, [[(0.10, 0.04), (0.00, 0.66), (0.18, 1.00), (0.40, 0.70), (0.42, 0.40), (0.44, 0.70), (0.64, 1.00),
          (0.84, 0.64), (0.74, 0.02)]]),  # omega
    (1, [[(0.86, 0.04), (0.60, 0.62), (0.28, 1.00), (0.00, 0.56), (0.24, 0.00), (0.54, 0.40), (0.90, 0.98)]]),  # alpha
    (1, [[(0.50, 0.08), (0.22, 0.00), (0.08, 0.22), (0.30, 0.46), (0.30, 0.46), (0.00, 0.70), (0.16, 0.98),
          (0.54, 0.90)]]),  # epsilon
    (1, [[(0.04, 0.00), (0.22, 0.08), (0.40, 0.54), (0.64, 1.00)], [(0.32, 0.38), (0.00, 1.00)]]),  # lambda
    (1, [[(0.06, 0.00), (0.00, 1.00)], [(0.06, 0.04), (0.08, 0.56), (0.30, 0.64), (0.48, 0.04), (0.48, 0.04),
          (0.48, 0.54), (0.62, 0.64)]]),  # mu
    (1, [[(0.00, 0.10), (0.20, 0.00), (0.76, 0.02)], [(0.24, 0.02), (0.12, 1.00)], [(0.54, 0.02), (0.54, 0.86),
          (0.66, 1.00)]]),  # pi
    (1, [[(0.32, 0.24), (0.06, 0.34), (0.02, 0.58), (0.24, 0.78), (0.52, 0.70), (0.62, 0.46), (0.48, 0.24),
          (0.32, 0.24)], [(0.36, 0.00), (0.28, 1.00)]]),  # phi
    (1, [[(0.00, 0.00), (0.08, 0.46), (0.34, 0.60), (0.60, 0.44), (0.68, 0.00)], [(0.36, 0.00), (0.32, 1.00)]]),  # psi
    (1, [[(0.00, 1.00), (0.24, 0.98), (0.06, 0.46), (0.38, 0.00), (0.72, 0.46), (0.54, 0.98), (0.78, 1.00)]]),  # Omega
    (1, [[(0.20, 1.00), (0.50, 0.00), (0.50, 0.00), (0.80, 1.00), (0.80, 1.00), (0.02, 0.38), (0.02, 0.38),
          (0.98, 0.36), (0.98, 0.36), (0.20, 1.00)]]),  # star
    (1, [[(0.00, 0.50), (1.00, 0.48)], [(0.48, 0.00), (0.50, 1.00)]]),  # plus
    (1, [[(0.00, 0.56), (0.26, 1.00), (0.26, 1.00), (0.86, 0.00)]]),  # tick
    (1, [[(0.00, 0.40), (1.00, 0.38)], [(0.70, 0.08), (1.00, 0.38), (1.00, 0.38), (0.72, 0.72)]]),  # arrow
    (1, [[(0.00, 0.03), (0.50, 0.00), (1.00, 0.02)]]),  # dash
    (1, [[(0.04, 0.20), (0.26, 0.00), (0.46, 0.18), (0.46, 0.60), (0.46, 1.00)],
         [(0.46, 0.50), (0.16, 0.50), (0.00, 0.74), (0.16, 0.98), (0.46, 0.80)]]),  # a, as printed
    (1, [[(0.00, 0.98), (0.20, 0.40), (0.30, 0.04), (0.18, 0.02), (0.12, 0.50), (0.08, 1.00), (0.20, 0.56),
          (0.42, 0.52), (0.48, 0.80), (0.60, 1.00)]]),  # h, with a loop
    (1, [[(0.52, 0.00), (0.50, 0.72), (0.26, 1.00), (0.00, 0.84)], [(0.24, 0.00), (0.78, 0.00)]]),  # J
    (1, [[(0.00, 0.00), (0.08, 0.90), (0.26, 0.88), (0.36, 0.20), (0.36, 0.20), (0.46, 0.92), (0.62, 0.88),
          (0.72, 0.00)]]),  # w, round
    (1, [[(0.00, 0.06), (0.22, 0.10), (0.30, 0.50), (0.38, 0.90), (0.62, 0.94)],
         [(0.60, 0.02), (0.30, 0.50), (0.02, 1.00)]]),  # x, curved
    (1, [[(0.62, 0.04), (0.30, 0.02), (0.12, 0.24), (0.30, 0.44), (0.48, 0.46), (0.24, 0.52), (0.02, 0.74),
          (0.22, 1.00), (0.64, 0.94)]]),  # epsilon, with a loop
    (1, [[(0.56, 0.02), (0.26, 0.02), (0.20, 0.18), (0.32, 0.52), (0.68, 1.00)],
         [(0.34, 0.56), (0.00, 1.00)]]),  # lambda, curved
    (1, [[(0.56, 0.06), (0.00, 0.00), (0.00, 0.00), (0.36, 0.48), (0.36, 0.48), (0.00, 1.00), (0.00, 1.00),
          (0.60, 0.96)]]),  # Sigma
    (1, [[(0.60, 0.40), (0.44, 0.30), (0.34, 0.56), (0.52, 0.68), (0.64, 0.36), (0.64, 0.66), (0.90, 0.68),
          (0.94, 0.28), (0.50, 0.00), (0.04, 0.32), (0.10, 0.84), (0.52, 1.00), (0.82, 0.92)]]),  # at
    (1, [[(0.50, 0.24), (0.30, 0.00), (0.00, 0.20), (0.12, 0.58), (0.50, 1.00), (0.50, 1.00), (0.88, 0.58),
          (1.00, 0.20), (0.70, 0.00), (0.50, 0.24)]]),  # heart
]  # fmt: skip

# What people show a reader of digits besides digits, and how much of it.
KINDS = {"letter": 0.4, "scribble": 0.15, "lines": 0.1, "blot": 0.1, "two digits": 0.1, "texture": 0.15}
WIDEST_LETTER = 1.7  # times as in LETTERS
TEXTURE_GRAIN, FAINTEST_TEXTURE = (1.5, 4.0), 0.15  # px: how large the patches of a texture are; of full ink


def write_non_digits(count: int, seed: int = 0, progress: bool = False) -> tuple[np.ndarray, np.ndarray]:
    """Ink that is no digit, in the digits' form: uint8 (count, 28, 28), and each one's number in KINDS.

    Number i depends on (seed, i) alone, as with the digits.
    """
    return in_blocks(
        write_non_digit_block, count, seed, f"drawing {count:,} non-digits" if progress else None
    )


def write_non_digit_block(seed: int, block: int) -> tuple[np.ndarray, np.ndarray]:
    """Non-digits number block · BLOCK and following: uint8 (BLOCK, 28, 28) and their numbers in KINDS."""
    random = np.random.default_rng([seed, block, 1])  # not the digits' stream
    kinds = random.choice(len(KINDS), size=BLOCK, p=list(KINDS.values()))
    pixels = np.empty((BLOCK, FIELD, FIELD), np.uint8)
    writers = (letter_paths, scribble_paths, line_paths, blot_paths, pair_paths)
    for kind, paths_of_kind in enumerate(writers):
        which = np.flatnonzero(kinds == kind)
        pens = random.uniform(2.5, 4, (len(which), 1)) if paths_of_kind is blot_paths else 1.0
        pixels[which] = in_ink(paths_of_kind(len(which), random), random, pens)
    textures = np.flatnonzero(kinds == list(KINDS).index("texture"))
    pixels[textures] = textures_in_ink(len(textures), random)
    return pixels, kinds


def letter_paths(count: int, random: np.random.Generator) -> np.ndarray:
    """Letters, each made wider than in LETTERS or not: people's small ones are often as wide as high."""
    paths = paths_in_forms(LETTERS, count, random)
    paths[..., 0] *= random.uniform(1, WIDEST_LETTER, (count, 1))
    return paths


def scribble_paths(count: int, random: np.random.Generator) -> np.ndarray:
    """A pen that wanders about and crosses itself."""
    control = random.uniform(0, 1, (count, 9, 2)) * random.uniform(0.6, 1, (count, 1, 2))
    return spline(9, POINTS) @ control


def line_paths(count: int, random: np.random.Generator) -> np.ndarray:
    """Three lines, or two that cross two others, as on ruled and on squared paper."""
    paths = np.empty((count, POINTS, 2))
    for number, crossed in enumerate(random.random(count) < 0.5):
        places = np.linspace(0, 1, 2 if crossed else 3)
        if crossed:
            places = 0.5 + (places - 0.5) * random.uniform(0.4, 0.7)
        lines = [[(0, place), (1, place)] for place in places]
        if crossed:
            lines += [[(place, 0), (place, 1)] for place in places]
        strokes = np.array(lines) + random.normal(0, 0.03, (len(lines), 2, 2))
        paths[number] = path_matrix(list(strokes), POINTS)[0] @ strokes.reshape(-1, 2)
    paths[..., 1] *= random.uniform(0.6, 1, (count, 1))
    turned = random.random(count) < 0.5
    paths[turned] = paths[turned][..., ::-1]
    return paths


def blot_paths(count: int, random: np.random.Generator) -> np.ndarray:
    """From the middle outwards and back, all around, to be drawn with a very thick pen."""
    angles = np.linspace(0, 2 * np.pi, 13) + random.uniform(0, 2 * np.pi, (count, 1))
    reach = random.uniform(0.2, 0.5, (count, 13)) * (np.arange(13) % 2)
    return spline(13, POINTS) @ np.stack([reach * np.cos(angles), reach * np.sin(angles)], axis=2)


def pair_paths(count: int, random: np.random.Generator) -> np.ndarray:
    """Two digits that touch."""
    every_form = [form for forms in FORMS.values() for form in forms]
    left, right = (paths_in_forms(every_form, count, random)[:, ::2] for _ in range(2))
    left = left - left.max(axis=1, keepdims=True) * [1, 0]
    right = right - right.min(axis=1, keepdims=True) * [1, 0]
    right += random.uniform([-0.12, -0.1], [0.02, 0.1], (count, 1, 2))
    return np.concatenate([left, right], axis=1)


def textures_in_ink(count: int, random: np.random.Generator) -> np.ndarray:
    """What a piece of a photograph looks like as ink, to the input contract: uint8 (count, 28, 28)."""
    noise = random.standard_normal((count, BOX, BOX)).astype(np.float32)
    places = np.arange(BOX)
    grain = random.uniform(*TEXTURE_GRAIN, (count, 1, 1))
    smoothing = np.exp(-(((places - places[:, np.newaxis]) / grain) ** 2)).astype(np.float32)
    patches = smoothing @ noise @ smoothing
    patches /= patches.max(axis=(1, 2), keepdims=True)
    hardness, level = random.uniform(2, 6, (count, 1, 1)), random.uniform(-0.1, 0.5, (count, 1, 1))
    ink = np.minimum(hardness * (patches - level), 1)
    ink[ink < FAINTEST_TEXTURE] = 0
    fields = [images.contract_array(images.cropped(patch, 0, 0).ink)[..., 0] for patch in ink]
    return (np.reshape(fields, (count, FIELD, FIELD)) * 255).round().astype(np.uint8)


# ---------------------------------------------------------------- pictures as people make them


@dataclass(frozen=True)
class Style:
    """How a picture looks. Lengths are in pixels or parts of the digits' height."""

    size: tuple[int, int]  # width, height
    height: float  # of the digits, as a part of the picture's height
    pen: float  # the pen's radius as a part of the digits' height
    ink: tuple[int, int, int]
    paper: tuple[int, int, int]
    place: tuple[float, float] = (0.5, 0.5)  # of the digits' middle on the picture
    suffix: str = ".png"
    shadow: float = 0.0  # how much light is lost at the dark end of the picture
    grain: float = 0.0  # noise of the paper, in grey levels
    blur: float = 0.0
    streaky: bool = False  # pencil and chalk leave paper showing through
    transparent: bool = False


STYLES = {
    "pen": Style((320, 320), 0.62, 0.035, (32, 58, 150), (255, 255, 255)),
    "marker": Style((400, 400), 0.66, 0.085, (18, 18, 20), (255, 255, 255)),
    "hairline": Style((420, 360), 0.60, 0.012, (25, 25, 25), (255, 255, 255)),
    "red": Style((300, 380), 0.55, 0.055, (206, 38, 46), (250, 244, 228), grain=2, suffix=".jpg"),
    "chalk": Style((360, 360), 0.62, 0.045, (238, 240, 232), (38, 62, 52), streaky=True, suffix=".jpg", grain=3),
    "corner": Style((400, 400), 0.28, 0.045, (20, 20, 20), (255, 255, 255), place=(0.22, 0.76)),
    "wide": Style((640, 220), 0.66, 0.045, (40, 40, 46), (252, 252, 250), place=(0.68, 0.52)),
    "big": Style((1000, 1000), 0.68, 0.042, (24, 36, 92), (255, 255, 255)),
    "small": Style((28, 28), 0.72, 0.070, (255, 255, 255), (0, 0, 0)),
    "shadow": Style((480, 400), 0.46, 0.042, (52, 54, 66), (205, 203, 198), shadow=0.45, grain=4, blur=1.2,
                    suffix=".jpg"),
    "transparent": Style((300, 300), 0.66, 0.050, (10, 10, 10), (255, 255, 255), transparent=True),
    "pencil": Style((360, 420), 0.52, 0.026, (112, 112, 116), (247, 247, 245), streaky=True, grain=2, blur=0.6,
                    suffix=".jpg"),
    "green": Style((340, 340), 0.60, 0.060, (20, 128, 72), (240, 250, 255)),
    "night": Style((320, 320), 0.62, 0.050, (255, 214, 64), (22, 26, 48)),
}  # fmt: skip

STYLES_PER_DIGIT = 5
ROWS_OF_DIGITS = {
    "42": "pen", "17": "marker", "365": "wide", "2047": "shadow", "1984": "wide", "90210": "wide", "58": "chalk",
    "603": "big", "31": "red", "7746": "wide", "825": "pencil", "96": "night", "40": "transparent", "273": "green",
}  # fmt: skip

PICTURE_HABITS = Habits(mean_slant=0.12, slant=0.13, aspect=0.13, point=0.024, bend=0.018, proportion=0.03)
PICTURE_POINTS = 400


def draw_pictures(folder: Path, seed: int = 0) -> list[Path]:
    """Draws the labelled pictures of data/: every digit in several styles, and some rows of digits."""
    wanted = [
        (str(digit), list(STYLES)[(digit * 5 + turn * 3) % len(STYLES)])
        for digit in range(10)
        for turn in range(STYLES_PER_DIGIT)
    ]
    wanted += list(ROWS_OF_DIGITS.items())
    folder.mkdir(parents=True, exist_ok=True)
    paths = []
    for number, (text, style_name) in enumerate(wanted):
        style = STYLES[style_name]
        picture = draw_picture(text, style, np.random.default_rng([seed, number]))
        path = folder / f"{text}-{style_name}{style.suffix}"
        picture.save(path, **({"quality": 82} if style.suffix == ".jpg" else {"optimize": True}))
        paths.append(path)
    return paths


def draw_picture(text: str, style: Style, random: np.random.Generator) -> Image.Image:
    """One picture of some digits in a row."""
    width, height = style.size
    sharper = max(2, -(-400 // height))  # drawn larger, then scaled down, for smooth edges
    mask = Image.new("L", (width * sharper, height * sharper))
    high = style.height * height * sharper
    strokes_of_digits = [written_strokes(int(digit), random) for digit in text]
    extents = [np.concatenate(strokes) for strokes in strokes_of_digits]
    gap = random.uniform(0.16, 0.26, len(text))
    total = sum(np.ptp(extent[:, 0]) for extent in extents) + gap[1:].sum()
    high = min(high, 0.9 * width * sharper / (total + 2 * style.pen))
    margin = style.pen * high + 0.03 * max(mask.size)
    left = np.clip(style.place[0] * mask.width - total * high / 2, margin, mask.width - margin - total * high)
    middle = np.clip(style.place[1] * mask.height, margin + high / 2, mask.height - margin - high / 2)
    for extent, strokes, space in zip(extents, strokes_of_digits, [*gap[1:], 0], strict=True):
        up_or_down = random.normal(0, 0.03) * high if len(text) > 1 else 0.0
        corner = np.array([left / high - extent[:, 0].min(), (middle + up_or_down) / high])
        for stroke in strokes:
            draw_stroke(mask, (stroke + corner) * high, style.pen * high, random)
        left += (np.ptp(extent[:, 0]) + space) * high
    ink = np.asarray(mask.resize(style.size, Image.Resampling.BOX), np.float32) / 255
    return on_paper(ink, style, random)


def written_strokes(digit: int, random: np.random.Generator) -> list[np.ndarray]:
    """One digit by a fresh hand, stroke by stroke, 1 high and around height 0."""
    often = np.array([form[0] for form in FORMS[digit]], float)
    strokes = FORMS[digit][random.choice(len(often), p=often / often.sum())][1]
    path = written_paths(strokes, 1, random, PICTURE_HABITS, PICTURE_POINTS)[0]
    path = (path - [0, (path[:, 1].min() + path[:, 1].max()) / 2]) / np.ptp(path[:, 1])
    stroke_numbers = path_matrix(strokes, PICTURE_POINTS)[1]
    return [path[stroke_numbers == number] for number in range(len(strokes))]


def draw_stroke(mask: Image.Image, points: np.ndarray, radius: float, random: np.random.Generator) -> None:
    """Draws a stroke whose width breathes a little, as pressure and speed change."""
    draw = ImageDraw.Draw(mask)
    along = np.linspace(0, 1, len(points))
    wave = np.sin(2 * np.pi * (random.uniform(0.6, 1.4) * along + random.uniform()))
    radii = np.maximum(radius * (1 + 0.14 * wave), 0.5)
    for (x, y), r in zip(points, radii, strict=True):
        draw.ellipse((x - r, y - r, x + r, y + r), fill=255)
    for (x0, y0), (x1, y1), r in zip(points[:-1], points[1:], radii, strict=False):
        draw.line((x0, y0, x1, y1), fill=255, width=max(1, round(2 * r)))


def on_paper(ink: np.ndarray, style: Style, random: np.random.Generator) -> Image.Image:
    """Ink (height, width) in [0, 1] on the style's paper, in its light."""
    height, width = ink.shape
    if style.streaky:
        coarse = Image.fromarray(random.normal(0, 1, (height // 3, width // 3)).astype(np.float32))
        ink = ink * np.clip(0.82 + 0.22 * np.asarray(coarse.resize((width, height))), 0.2, 1)
    if style.transparent:
        colour = np.broadcast_to(np.array(style.ink, np.uint8), (height, width, 3))
        return Image.fromarray(np.dstack([colour, (ink * 255).round().astype(np.uint8)]), "RGBA")
    cover = ink[..., np.newaxis]
    colours = np.array(style.paper) * (1 - cover) + np.array(style.ink) * cover
    if style.shadow:
        x, y = np.meshgrid(np.linspace(-1, 1, width), np.linspace(-1, 1, height))
        turn = random.uniform(0, 2 * np.pi)
        edge = (x * np.cos(turn) + y * np.sin(turn) + random.uniform(-0.2, 0.2)) * 3
        colours = colours * (1 - style.shadow / (1 + np.exp(-edge)))[..., np.newaxis]
    colours = colours + random.normal(0, style.grain, (height, width, 1)) if style.grain else colours
    picture = Image.fromarray(np.clip(colours, 0, 255).round().astype(np.uint8))
    return picture.filter(ImageFilter.GaussianBlur(style.blur)) if style.blur else picture


# ---------------------------------------------------------------- command


def contact_sheet(columns: int = 26, seed: int = 0) -> Image.Image:
    """Ten rows of written digits, a row a digit, black on white."""
    pixels, labels = write_digits(columns * 40, seed)
    return sheet_of([pixels[labels == digit][:columns] for digit in range(10)])


def non_digits_sheet(columns: int = 26, seed: int = 0) -> Image.Image:
    """Ink that is no digit, a row a kind."""
    pixels, kinds = write_non_digits(columns * 20, seed)
    return sheet_of([pixels[kinds == kind][:columns] for kind in range(len(KINDS))])


def forms_sheet(digit: int, columns: int = 24, seed: int = 0) -> Image.Image:
    """Every form of a digit, a row a form in the order of FORMS, by many hands."""
    random = np.random.default_rng([seed, digit])
    rows = []
    for _, strokes in FORMS[digit]:
        rows.append(in_ink(written_paths(strokes, columns, random, HABITS), random))
    return sheet_of(rows)


def sheet_of(rows: list[np.ndarray]) -> Image.Image:
    """Rows of as many fields each, black on white, twice as large."""
    sheet = Image.fromarray(255 - np.concatenate([np.concatenate(list(row), axis=1) for row in rows]))
    return sheet.resize((2 * sheet.width, 2 * sheet.height), Image.Resampling.BICUBIC)


def main() -> int:
    """Writes what the command line asks for."""
    parser = console.Parser(description="Write digits as a hand does.")
    parser.add_argument("--count", type=console.positive_integer, help="write so many digits into --out")
    parser.add_argument("--out", type=Path, help="an .npz in MNIST's form, a seventh of it for the test")
    parser.add_argument(
        "--pictures", type=Path, metavar="DIR", help="draw the pictures of data/ into a folder"
    )
    parser.add_argument("--seed", type=console.natural_number, default=0, help="(default: %(default)s)")
    arguments = parser.parse_args()
    if arguments.out and arguments.out.suffix != ".npz":
        parser.error(f"expected an --out that ends in .npz, came {arguments.out}")
    if (arguments.count is None) != (arguments.out is None):
        parser.error("expected --count and --out together")
    if arguments.pictures and arguments.count:
        parser.error("expected --pictures or --count, came both; give one at a time")
    if arguments.pictures:
        paths = draw_pictures(arguments.pictures, arguments.seed)
        print(f"drew {len(paths)} pictures in {arguments.pictures}")
    elif arguments.count:
        pixels, labels = write_digits(arguments.count, arguments.seed, progress=True)
        training = arguments.count - arguments.count // 7
        with safe_files.replacing(arguments.out) as temporary:
            np.savez_compressed(
                temporary, x_train=pixels[:training], y_train=labels[:training].astype(np.uint8),
                x_test=pixels[training:], y_test=labels[training:].astype(np.uint8),
            )  # fmt: skip
        print(f"wrote {arguments.out}")
    else:
        sheets = {
            "written": contact_sheet(seed=arguments.seed),
            "non_digits": non_digits_sheet(seed=arguments.seed),
        }
        sheets |= {f"forms_{digit}": forms_sheet(digit, seed=arguments.seed) for digit in FORMS}
        for name, sheet in sheets.items():
            path = PROJECT / "docs" / f"{name}.png"
            with safe_files.replacing(path) as temporary:
                sheet.save(temporary)
            print(f"wrote {console.shown(path)}")
    return 0


if __name__ == "__main__":
    raise SystemExit(console.exit_code(main))
