"""The page behind a signed agreement that says who signed what, when and how; and the same as data."""

import io
import unicodedata
from datetime import UTC, datetime
from functools import cache
from uuid import UUID
from xml.sax.saxutils import escape

import msgspec
from msgspec import Struct
from reportlab.lib.pagesizes import A4
from reportlab.lib.styles import ParagraphStyle
from reportlab.lib.units import mm
from reportlab.platypus import Flowable, Paragraph, SimpleDocTemplate, Spacer, Table, TableStyle

from trustwright.agreements.sealing import RECORD
from trustwright.fonts import SLANTED, STRONG, TEXT, font, letters

# What has no shape of its own, or changes that of others, is written out even where a font has it.
INVISIBLE = {"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"}

# A drawn signature: strokes of points on a field of 600 by 200, counted from its top left corner.
Stroke = list[tuple[int, int]]
WIDTH, HEIGHT = 600, 200


class Certificate(Struct, frozen=True, kw_only=True, rename="camel"):
    """What is certified. Hashes are SHA-256 in hexadecimal. `name` is whose signature it is: as typed, else as asked
    for."""

    envelope_id: UUID
    request_id: UUID
    asked_by: str
    agreement: str
    agreement_version: int
    agreement_sha256: str
    name: str
    asked_name: str
    typed_name: str
    drawing: list[Stroke]
    company: str
    email: str
    asked_at: datetime
    code_mailed_at: datetime
    signed_at: datetime
    consent: str
    ip: str
    user_agent: str


def record_of(certificate: Certificate) -> bytes:
    """What is certified as JSON, every letter as it was given."""
    return msgspec.json.encode(certificate)


def pages_of(certificate: Certificate) -> bytes:
    """The certificate as a PDF, of one page unless its texts are very long."""
    output = io.BytesIO()
    document = SimpleDocTemplate(
        output,
        pagesize=A4,
        leftMargin=20 * mm,
        rightMargin=20 * mm,
        topMargin=20 * mm,
        bottomMargin=20 * mm,
        title="Certificate of signature",
        lang="en",
        invariant=1,
        initialFontName=font(TEXT).fontName,
    )
    document.build(_story(certificate))
    return output.getvalue()


def _story(certificate: Certificate) -> list[Flowable]:
    signature: list[Flowable] = []
    if certificate.drawing:
        signature += [Drawn(certificate.drawing), Spacer(0, 2 * mm)]
    if certificate.typed_name:
        signature += [_paragraph(certificate.typed_name, SLANTED, 20)]
    return [
        _paragraph("Certificate of signature", STRONG, 18),
        Spacer(0, 3 * mm),
        _paragraph(
            f"{certificate.name} signed the agreement on the pages before this one, electronically, "
            f"for {certificate.asked_by}.",
            TEXT,
            10,
        ),
        Spacer(0, 6 * mm),
        *signature,
        Spacer(0, 6 * mm),
        _table(_rows(certificate)),
        Spacer(0, 6 * mm),
        _paragraph(
            f"The agreement's hash is that of the file as it was shown, before this page was put behind it. The file "
            f"{RECORD}, attached to this document, says the same as data. Letters that this typeface lacks stand here "
            f"as \\u and their number in braces; in {RECORD} they are as they were given.",
            TEXT,
            8,
            written=True,
        ),
    ]


def _rows(certificate: Certificate) -> list[tuple[str, str]]:
    verified = (
        f"A code mailed to {certificate.email} at {_moment(certificate.code_mailed_at)} was entered on the page on "
        f"which the agreement was signed"
    )
    return [
        ("Signer", certificate.name),
        ("Name in the request", certificate.asked_name),
        ("Signature", _manner(certificate)),
        ("Company", certificate.company),
        ("E-mail address", certificate.email),
        ("Signed for", certificate.asked_by),
        ("Agreement", f"{certificate.agreement}, version {certificate.agreement_version}"),
        ("SHA-256 of the agreement", certificate.agreement_sha256),
        ("Envelope", str(certificate.envelope_id)),
        ("Request", str(certificate.request_id)),
        ("Asked at", _moment(certificate.asked_at)),
        ("Mailbox", verified),
        ("Signed at", _moment(certificate.signed_at)),
        ("Consent", certificate.consent),
        ("IP address", certificate.ip or "unknown"),
        ("Browser", certificate.user_agent or "unknown"),
    ]


def _manner(certificate: Certificate) -> str:
    if certificate.drawing and certificate.typed_name:
        return "Drawn, and the name typed"
    return "Drawn" if certificate.drawing else "The name typed"


def _table(rows: list[tuple[str, str]]) -> Table:
    cells = [[_paragraph(name, STRONG, 8), _paragraph(value, TEXT, 8)] for name, value in rows]
    table = Table(cells, colWidths=[45 * mm, 120 * mm], hAlign="LEFT", splitInRow=1)
    line = ("LINEBELOW", (0, 0), (-1, -1), 0.25, "#8791a5")
    table.setStyle(TableStyle([("VALIGN", (0, 0), (-1, -1), "TOP"), ("LEFTPADDING", (0, 0), (0, -1), 0), line]))
    return table


def _paragraph(text: str, font: str, size: int, *, written: bool = False) -> Paragraph:
    """A text of which nothing is markup; `written` for one of ours, in which a backslash is itself."""
    style = ParagraphStyle(font, fontName=font, fontSize=size, leading=size * 1.35)
    return Paragraph(escape(text if written else shown(text)), style)


def shown(text: str) -> str:
    """A text in letters that the typeface has: any other, and the backslash, as `\\u{10FFFF}`, so that nothing is lost
    and nothing can be mistaken."""
    return "".join(letter if _has_shape(letter) else f"\\u{{{ord(letter):X}}}" for letter in text)


def _has_shape(letter: str) -> bool:
    if letter == "\\" or unicodedata.category(letter) in INVISIBLE:
        return False
    return letter == " " or (not letter.isspace() and ord(letter) in _shapes())


def _moment(moment: datetime) -> str:
    return f"{moment.astimezone(UTC):%Y-%m-%d %H:%M:%S} UTC"


@cache
def _shapes() -> frozenset[int]:
    """The code points that all of the typeface's cuts have."""
    return letters(TEXT) & letters(STRONG) & letters(SLANTED)


class Drawn(Flowable):
    """A drawn signature, half as large as the field on which it was drawn."""

    SCALE = 0.5

    def __init__(self, strokes: list[Stroke]) -> None:
        super().__init__()
        self.width, self.height = WIDTH * self.SCALE, HEIGHT * self.SCALE
        self._strokes = strokes

    def draw(self) -> None:
        """Called by reportlab."""
        canvas = self.canv
        canvas.setLineWidth(1.2)
        canvas.setLineCap(1)
        canvas.setLineJoin(1)
        for stroke in self._strokes:
            path = canvas.beginPath()
            places = [(x * self.SCALE, self.height - y * self.SCALE) for x, y in stroke]
            path.moveTo(*places[0])
            for place in places[1:] or places:
                path.lineTo(*place)
            canvas.drawPath(path, stroke=1, fill=0)
