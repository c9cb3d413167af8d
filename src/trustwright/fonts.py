"""The typefaces of the PDFs that are made here: DejaVu Sans, which has the letters of all of Europe and of many
beyond, and Bitstream Vera, from which it was made, which is small and has those of Western Europe."""

from functools import cache
from importlib.resources import files
from pathlib import Path

from reportlab.pdfbase import pdfmetrics
from reportlab.pdfbase.ttfonts import TTFont

TEXT, STRONG, SLANTED = "DejaVuSans", "DejaVuSans-Bold", "DejaVuSans-Oblique"
SMALL = "Vera"

MOST = 0xFFFF


def path_of(name: str) -> Path:
    """Where a font's file lies: Vera comes with reportlab, DejaVu is laid beside the package when that is built."""
    folder = files("reportlab") / "fonts" if name == SMALL else files("trustwright") / "static/vendor/dejavu-fonts-ttf"
    return Path(str(folder / f"{name}.ttf"))


@cache
def font(name: str) -> TTFont:
    """A font, which reportlab knows by its name from now on."""
    made = TTFont(name, str(path_of(name)))
    pdfmetrics.registerFont(made)
    return made


@cache
def letters(name: str) -> frozenset[int]:
    """The code points that a font has a shape for. Those beyond the first 65,536 are left out: what is written with
    them cannot be copied out of a PDF again as it was."""
    return frozenset(code for code in font(name).face.charToGlyph if code <= MOST)
