"""What a stamp looks like: the operators that draw it, and the font that it is written in (ISO 32000-1).

A font is put together once a process and taken into each copy as it is: to cut out what a stamp needs of it, as
libraries do, takes longer than all the rest of stamping. Hence two: a small one with the letters of Western Europe,
and one eleven times as large for names that need more."""

import unicodedata
import zlib
from datetime import UTC, datetime
from functools import cache
from math import atan2, cos, hypot, sin
from uuid import UUID

from msgspec import Struct
from pikepdf import Array, Dictionary, Name, Object, Pdf

from trustwright import fonts

LONGEST_COMPANY = 60
FOOT = 75  # how many lines of the footer's size the shorter side of a page would have

CMAP = """/CIDInit /ProcSet findresource begin 12 dict begin begincmap
/CIDSystemInfo << /Registry (Adobe) /Ordering (UCS) /Supplement 0 >> def
/CMapName /Adobe-Identity-UCS def /CMapType 2 def
1 begincodespacerange <0000> <FFFF> endcodespacerange
{blocks}
endcmap CMapName currentdict /CMap defineresource pop end end"""
MOST_IN_BLOCK = 100


class Stamp(Struct, frozen=True, kw_only=True):
    """Whose copy it is. `moment` is when it was made, `request_id` the request it was given for."""

    address: str
    company: str
    moment: datetime
    request_id: UUID


class Face(Struct, frozen=True):
    """A font: its name, the glyph of each letter, its width in thousandths of the size, and the parts that go into a
    PDF."""

    name: str
    glyphs: dict[int, int]
    widths: dict[int, float]
    descriptor: bytes
    program: bytes
    to_unicode: bytes


def forms(pdf: Pdf, sizes: list[tuple[float, float]], text: Stamp) -> dict[tuple[float, float], Object]:
    """A form for each size of a page as it is seen, all with one font."""
    written = _Written(_lines(text))
    resources = pdf.make_indirect(
        Dictionary(
            Font=Dictionary(F=_font(pdf, written.face, written.used)),
            ExtGState=Dictionary(W=Dictionary(ca=0.18), B=Dictionary(ca=0.75)),
        )
    )
    return {size: _form(pdf, size, resources, written) for size in sizes}


def _form(pdf: Pdf, size: tuple[float, float], resources: Object, written: "_Written") -> Object:
    width, height = size
    content = f"{_watermark(width, height, written)}\n{_footer(width, height, written)}".encode()
    return pdf.make_stream(
        content,
        Type=Name.XObject,
        Subtype=Name.Form,
        BBox=Array([0, 0, width, height]),
        Resources=resources,
    )


def _lines(text: Stamp) -> list[str]:
    """Two of the watermark, and two of the footer."""
    company = text.company if len(text.company) <= LONGEST_COMPANY else f"{text.company[:LONGEST_COMPANY]}..."
    moment = text.moment.astimezone(UTC).strftime("%Y-%m-%d %H:%M:%S UTC")
    return [
        shown(text.address),
        shown(company),
        shown(", ".join(filter(None, (text.address, company)))),
        f"{moment} - Request {text.request_id} - Confidential",
    ]


class _Written:
    """Lines as a PDF writes them, and their widths in a font of size one."""

    def __init__(self, lines: list[str]) -> None:
        letters = {ord(letter) for line in lines for letter in line}
        self.face = face = _face(fonts.SMALL if letters <= _face(fonts.SMALL).glyphs.keys() else fonts.TEXT)
        self.used = sorted(letters)
        self.widths = [sum(face.widths[ord(letter)] for letter in line) / 1000 for line in lines]
        self.codes = ["".join(f"{face.glyphs[ord(letter)]:04X}" for letter in line) for line in lines]


def _watermark(width: float, height: float, written: _Written) -> str:
    """From the lower left to the upper right."""
    size = min(hypot(width, height) * 0.7 / max(written.widths[:2]), min(width, height) / 6)
    angle = atan2(height, width)
    right, up = cos(angle), sin(angle)
    drawn = []
    for place in (0, 1):
        along, beside = -written.widths[place] * size / 2, size * (0.2 - 1.2 * place)
        x, y = width / 2 + along * right - beside * up, height / 2 + along * up + beside * right
        matrix = f"{right:.4f} {up:.4f} {-up:.4f} {right:.4f} {x:.2f} {y:.2f} Tm"
        drawn.append(f"{matrix} <{written.codes[place]}> Tj")
    return f"q /W gs 0.5 g BT /F {size:.3f} Tf {' '.join(drawn)} ET Q"


def _footer(width: float, height: float, written: _Written) -> str:
    """On a ground of its own, to be read on dark pages too."""
    size = min(min(width, height) / FOOT, width * 0.96 / max(written.widths[2:]))
    drawn = []
    for place, above in ((2, 1.9), (3, 0.65)):
        x = (width - written.widths[place] * size) / 2
        drawn.append(f"1 0 0 1 {x:.2f} {size * above:.2f} Tm <{written.codes[place]}> Tj")
    ground = f"q /B gs 1 g 0 0 {width:.2f} {size * 3.2:.2f} re f Q"
    return f"{ground} q 0.25 g BT /F {size:.3f} Tf {' '.join(drawn)} ET Q"


def shown(text: str) -> str:
    """A text in letters that the larger font has, and a question mark for each other."""
    glyphs = _face(fonts.TEXT).glyphs
    line = " ".join(unicodedata.normalize("NFC", text).split())
    return "".join(letter if ord(letter) in glyphs and letter.isprintable() else "?" for letter in line)


def _font(pdf: Pdf, face: Face, used: list[int]) -> Object:
    """The font with the widths of the letters that are used (ISO 32000-1 9.7)."""
    program = pdf.make_stream(face.program, Filter=Name.FlateDecode)
    descriptor = Object.parse(face.descriptor)
    descriptor.FontFile2 = program
    widths = " ".join(f"{face.glyphs[code]} [{face.widths[code]:g}]" for code in used)
    below = Object.parse(
        b"<< /Type /Font /Subtype /CIDFontType2 /BaseFont /%s /CIDToGIDMap /Identity "
        b"/CIDSystemInfo << /Registry (Adobe) /Ordering (Identity) /Supplement 0 >> /DW 600 /W [%s] >>"
        % (face.name.encode(), widths.encode())
    )
    below.FontDescriptor = pdf.make_indirect(descriptor)
    return pdf.make_indirect(
        Dictionary(
            Type=Name.Font,
            Subtype=Name.Type0,
            BaseFont=Name(f"/{face.name}"),
            Encoding=Name("/Identity-H"),
            DescendantFonts=Array([pdf.make_indirect(below)]),
            ToUnicode=pdf.make_stream(face.to_unicode, Filter=Name.FlateDecode),
        )
    )


@cache
def _face(name: str) -> Face:
    face = fonts.font(name).face
    program = fonts.path_of(name).read_bytes()
    glyphs = {code: face.charToGlyph[code] for code in fonts.letters(name) if code in face.charWidths}
    box = " ".join(f"{number:g}" for number in face.bbox)
    descriptor = (
        f"<< /Type /FontDescriptor /FontName /{name} /Flags 32 /ItalicAngle 0 /StemV 80 "
        f"/FontBBox [{box}] /Ascent {face.ascent:g} /Descent {face.descent:g} /CapHeight {face.capHeight:g} >>"
    )
    # A glyph that stands for several letters, as that of all blanks does, is read as the first of them.
    letters = {glyph: code for code, glyph in sorted(glyphs.items(), reverse=True)}
    pairs = [f"<{glyph:04X}> <{code:04X}>" for glyph, code in sorted(letters.items())]
    parts = [pairs[start : start + MOST_IN_BLOCK] for start in range(0, len(pairs), MOST_IN_BLOCK)]
    blocks = "\n".join(f"{len(part)} beginbfchar {' '.join(part)} endbfchar" for part in parts)
    return Face(
        name=name,
        glyphs=glyphs,
        widths={code: float(face.charWidths[code]) for code in glyphs},
        descriptor=descriptor.encode(),
        program=zlib.compress(program, 9),
        to_unicode=zlib.compress(CMAP.format(blocks=blocks).encode(), 9),
    )
