"""Text in pictures: its font, and as much of it as fits."""

import functools

from PIL import ImageFont


@functools.cache
def font(size: int) -> ImageFont.ImageFont:
    return ImageFont.load_default(size)


def shorten_to(text: str, width: float, size: int, keep_end: bool = False) -> str:
    """As much of a text as fits into so many pixels: its beginning, or its end."""
    shown = text
    while text and font(size).getlength(shown) > width:
        text = text[1:] if keep_end else text[:-1]
        shown = f"...{text}" if keep_end else f"{text}..."
    return shown


def wrapped(text: str, width: float, size: int) -> str:
    """A text broken into lines of at most so many pixels. Its own lines are kept."""
    return "\n".join("\n".join(wrapped_line(line, width, size)) for line in text.split("\n"))


def wrapped_line(text: str, width: float, size: int) -> list[str]:
    """A line of text as one or more lines of at most so many pixels, broken between words. Too long a word is cut."""
    lines = [""]
    for word in text.split():
        longer = f"{lines[-1]} {word}".strip()
        if font(size).getlength(longer) <= width:
            lines[-1] = longer
            continue
        if lines[-1]:
            lines.append("")
        for letter in word:
            if lines[-1] and font(size).getlength(lines[-1] + letter) > width:
                lines.append("")
            lines[-1] += letter
    return lines
