"""Dask workers that preload this module die of a picture named 9-lethal.png, as of a fault in a decoder."""

import os

from handwriting.pictures import decoding

open_unharmed = decoding.image_of


def image_of(source):
    if getattr(source, "name", "") == "9-lethal.png":
        os._exit(1)
    return open_unharmed(source)


decoding.image_of = image_of
