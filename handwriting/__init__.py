"""Handwritten digits: train networks that read them, and read pictures of numbers.

    import handwriting

    result = handwriting.read("scan.png")
    print(result.reading, result.confidence, result.status)

The map of the house. Imports go one way: from the scripts to the wings, and from the wings to the ground floor.

    scripts       cnn_model_v2.py trains, test_load.py reads pictures, draw.py has the page to draw on, models.py has
                  the networks

    wings         pictures/    a picture -> the digits on it
                  finder/      the network that finds them, and its training
                  judge/       the network that looks at each find alone, and its training
                  reading/     digits -> readings, the table, the picture sheet
                  writing/     digits as hands write them, and ink that is no digit
                  data/        files -> training, validation and test images
                  training/    the recipe, the batches, a run and how it is resumed; learning a hand
                  report/      scores and figures
                  export/      networks in other formats, and the page that reads offline
                  compare/     trainings side by side
                  cluster/     reading on the workers of a Dask scheduler
                  submit/      a submission to Kaggle's digit recognizer
                  web/         the page to draw on, and its server

    ground floor  digit_image.py   the form in which every digit reaches a network
                  filters.py       filters of pixel arrays
                  model_files.py   opens .keras files, whoever made them; model_answers.py asks them
                  shipped.py       the networks that come with the project
                  console.py       arguments, errors, progress
                  processes.py     worker processes; stopping.py ends a program when it is told to
                  safe_files.py    files that are written whole or not at all
                  installation.py  what is installed; quiet_keras.py imports Keras
                  text_table.py    tables of text; workbook.py writes them for Excel
"""

from __future__ import annotations


def read(picture, networks=None):
    """Reads the digits on a picture, or on each of a list of pictures.

    Args:
        picture: a path, the bytes of a file, a PIL image, or an array of grey, RGB or RGBA pixels (uint8, or float in
            [0, 1]). Or a list of these.
        networks: what `load_networks` returns. Without it, the ensemble of the shipped networks reads.

    Returns:
        A result with `reading`, `confidence`, `status`, and `digits`. Each digit has `box`, `digit`, `confidence` and
        `image`. For a list, a list of results.
    """
    from handwriting.reading.api import read_pictures  # here, because it imports Keras, which takes seconds

    return read_pictures(picture, networks)


def load_networks(paths):
    """The networks in .keras files, or in folders of them, for `read`. Raises an error if one can't be used."""
    from handwriting.reading.api import usable_networks  # here, because it imports Keras

    return usable_networks(paths)
