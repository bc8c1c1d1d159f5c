"""Images of all of Pillow's modes -> 8-bit RGB: 16 and 32 bits, floating-point numbers, transparency, dithering."""

import numpy as np
from PIL import Image, ImageFilter

STRIP = 256  # rows; so many at a time are converted to 8 bits, because whole pictures would take much memory
WHITES = tuple(2**bits - 1 for bits in (1, 8, 10, 12, 14, 16))  # the brightest levels of so many bits
NOT_HOT = 0.999  # of a strip's floating-point numbers; a few that are higher are faults of the sensor
DITHERED = 0.2  # of the dots; if more have no neighbour, they stand for a shade of grey
DITHER_BLUR = 2  # px; the radius of the blur that makes grey of the dots
BRIGHT_INK = 160  # of 255; what is brighter needs dark paper to be seen on


def plain_rgb(image: Image.Image, longer_side: int) -> Image.Image:
    """An image of any mode as 8-bit RGB. Pillow's own conversion would clip 16 bits and drop transparency.

    Large images are shrunk first where a conversion takes many bytes for each pixel.
    """
    if image.mode in ("I", "F") or image.mode.startswith("I;16"):
        image = eight_bits(image)
        shrink(image, longer_side)
    if image.has_transparency_data:
        image = image if image.mode == "RGBA" else image.convert("RGBA")
        shrink(image, longer_side)
        return on_paper(image)
    if image.mode == "1":
        image = without_dithering(image)
    return image if image.mode == "RGB" else image.convert("RGB")


def eight_bits(image: Image.Image) -> Image.Image:
    """A grey image of 16 or 32 bits, or of floating-point numbers, in 8 bits."""
    tops = range(0, image.height, STRIP)
    brightest = max(brightest_level(rows_of_levels(image, top), image.mode == "F") for top in tops)
    white = next(limit for limit in (*WHITES, brightest) if brightest <= limit)
    grey = np.empty((image.height, image.width), np.uint8)
    for top in tops:
        grey[top : top + STRIP] = rows_of_levels(image, top).clip(0, white) * (255 / white)
    return Image.fromarray(grey)


def brightest_level(levels: np.ndarray, may_be_hot: bool) -> float:
    """The highest level. If it may be a fault of the sensor, the 99.9th percentile instead."""
    return float(np.quantile(levels, NOT_HOT, method="lower") if may_be_hot else levels.max())


def rows_of_levels(image: Image.Image, top: int) -> np.ndarray:
    """A strip of an image as float32. What is not a number is 0."""
    strip = image.crop((0, top, image.width, min(top + STRIP, image.height)))
    return np.nan_to_num(np.asarray(strip, np.float32))


def without_dithering(image: Image.Image) -> Image.Image:
    """A black-and-white image. If its dots stand for shades of grey, the grey image."""
    dots = np.asarray(image)
    dots = dots if dots.mean() < 0.5 else ~dots  # white dots on black, or black ones on white
    padded = np.pad(dots, 1)
    neighbours = padded[:-2, 1:-1] | padded[2:, 1:-1] | padded[1:-1, :-2] | padded[1:-1, 2:]
    if (dots & ~neighbours).sum() <= DITHERED * dots.sum():
        return image
    return image.convert("L").filter(ImageFilter.BoxBlur(DITHER_BLUR))


def on_paper(image: Image.Image) -> Image.Image:
    """A transparent image on white paper, or on black if most of it is transparent and the rest is bright."""
    pixels = np.asarray(image, np.float32)
    weight = pixels[..., 3].sum()
    brightness = (pixels[..., :3].mean(axis=2) * pixels[..., 3]).sum() / weight if weight else 0
    transparent = (pixels[..., 3] < 128).mean()
    paper = (0, 0, 0) if brightness > BRIGHT_INK and transparent > 0.5 else (255, 255, 255)
    return Image.alpha_composite(Image.new("RGBA", image.size, (*paper, 255)), image).convert("RGB")


def shrink(image: Image.Image, longer_side: int) -> None:
    """Shrinks an image whose longer side is longer than that."""
    image.thumbnail((longer_side, longer_side), Image.Resampling.BOX, reducing_gap=None)
