"""Stamps on PDFs of all kinds: on every page, in place, readable; and those that cannot be stamped."""

import io
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from uuid import UUID

import pikepdf
import pypdf
import pytest
from pikepdf import Array, Dictionary, Encryption, Name, Pdf
from pikepdf.exceptions import PageCopyWarning
from reportlab.pdfgen.canvas import Canvas

from trustwright.access import stamping
from trustwright.access.stamping import Stamp, Unstampable, stamp, unstampable

REQUEST = UUID("7d9f3a52-6a53-4f0e-9d20-1c1f6a8f5b11")
TEXT = Stamp(
    address="bob@initech.test",
    company="Initech",
    moment=datetime(2026, 5, 4, 13, 7, 9, tzinfo=UTC),
    request_id=REQUEST,
)
STAMPED = ("bob@initech.test", "Initech", "2026-05-04 13:07:09 UTC", str(REQUEST), "Confidential")

A4 = (595.0, 842.0)
A0 = (2384.0, 3370.0)


def drawn(count: int = 1, size: tuple[float, float] = A4) -> Pdf:
    """A PDF whose pages say their number."""
    made = io.BytesIO()
    canvas = Canvas(made, pagesize=size)
    for number in range(count):
        canvas.drawString(40, size[1] / 2, f"Sheet {number}")
        canvas.showPage()
    canvas.save()
    return pikepdf.open(made)


def set_each(**properties: object) -> Callable[[Pdf], None]:
    """Sets properties of each page."""

    def change(pdf: Pdf) -> None:
        for page in pdf.pages:
            for name, value in properties.items():
                page.obj[f"/{name}"] = value

    return change


def inherit(pdf: Pdf) -> None:
    """Has the root of the pages say what the pages said."""
    root = pdf.Root.Pages
    for name in ("/Resources", "/MediaBox"):
        root[name] = pdf.pages[0].obj[name]
        for page in pdf.pages:
            del page.obj[name]
    root.Rotate = 90


def share(pdf: Pdf) -> None:
    """Has all pages use one array of contents, and the same resources."""
    first = pdf.pages[0].obj
    contents = pdf.make_indirect(Array([first.Contents]))
    resources = pdf.make_indirect(first.Resources)
    for page in pdf.pages:
        page.obj.Contents = contents
        page.obj.Resources = resources


def unbalance(content: bytes) -> Callable[[Pdf], None]:
    """Has each page leave the state of graphics otherwise than it found it."""

    def change(pdf: Pdf) -> None:
        for page in pdf.pages:
            page.contents_add(pdf.make_stream(content))

    return change


def fill(pdf: Pdf) -> None:
    """Makes a form of it, with a field that nobody signed."""
    field = pdf.make_indirect(Dictionary(FT=Name.Tx, T="name", V="Bob"))
    unsigned = pdf.make_indirect(Dictionary(FT=Name.Sig, T="signature"))
    pdf.Root.AcroForm = Dictionary(Fields=Array([field, unsigned]), SigFlags=1)


def without_content(pdf: Pdf) -> None:
    del pdf.pages[0].obj.Contents
    del pdf.pages[0].obj.Resources


def stamped_before(pdf: Pdf) -> None:
    resources = pdf.pages[0].obj.Resources
    resources.XObject = Dictionary(TrustwrightStamp=pdf.make_stream(b""), TrustwrightStampx=pdf.make_stream(b""))


def nothing(_: Pdf) -> None:
    return None


SHAPES: dict[str, tuple[int, tuple[float, float], Callable[[Pdf], None]]] = {
    "plain": (1, A4, nothing),
    "fifty pages": (50, A4, nothing),
    "landscape": (2, (842, 595), nothing),
    "A0": (1, A0, nothing),
    "a label": (1, (90, 40), nothing),
    "rotated by 90": (2, A4, set_each(Rotate=90)),
    "rotated by 180": (2, A4, set_each(Rotate=180)),
    "rotated by 270": (2, A4, set_each(Rotate=270)),
    "rotated by -90": (2, A4, set_each(Rotate=-90)),
    "rotated by 450": (2, A4, set_each(Rotate=450)),
    "cropped": (2, A4, set_each(CropBox=Array([100, 200, 400, 700]))),
    "cropped and rotated": (2, A4, set_each(CropBox=Array([100, 200, 400, 700]), Rotate=90)),
    "cropped to nothing": (1, A4, set_each(CropBox=Array([0, 0, 0, 0]))),
    "boxes upside down": (1, A4, set_each(MediaBox=Array([595, 842, 0, 0]))),
    "not at the origin": (1, A4, set_each(MediaBox=Array([-300, -400, 295, 442]))),
    "inherited": (3, A4, inherit),
    "shared": (3, A4, share),
    "state left open": (2, A4, unbalance(b"q 0.01 0 0 0.01 5000 5000 cm 0 0 1 1 re W n")),
    "state closed too often": (2, A4, unbalance(b"Q Q")),
    "a form": (1, A4, fill),
    "an empty page": (2, A4, without_content),
    "stamped before": (1, A4, stamped_before),
}


@pytest.mark.parametrize("shape", SHAPES)
def test_every_page_of_every_shape_says_whose_it_is(tmp_path: Path, shape: str) -> None:
    count, size, change = SHAPES[shape]
    source, target = tmp_path / "source.pdf", tmp_path / "target.pdf"
    with drawn(count, size) as pdf:
        change(pdf)
        pdf.save(source)

    assert unstampable(source) is None
    stamp(source, target, TEXT)

    before, after = pypdf.PdfReader(source).pages, pypdf.PdfReader(target).pages
    assert len(after) == count
    for was, is_ in zip(before, after, strict=True):
        shown = is_.extract_text()
        for text in STAMPED:
            assert text in shown
        assert was.extract_text().strip() in shown
        assert (is_.mediabox, is_.cropbox, is_.rotation) == (was.mediabox, was.cropbox, was.rotation)


@pytest.mark.parametrize("rotation", [0, 90, 180, 270])
@pytest.mark.parametrize("box", [(0, 0, 600, 800), (100, 50, 400, 700)])
def test_the_stamp_covers_what_is_seen_upright(rotation: int, box: tuple[float, float, float, float]) -> None:
    geometry = stamping.Geometry(*box, rotation)
    width, height = geometry.size
    a, b, c, d, e, f = geometry.matrix

    def placed(x: float, y: float) -> tuple[float, float]:
        return a * x + c * y + e, b * x + d * y + f

    corners = [placed(0, 0), placed(width, 0), placed(width, height), placed(0, height)]

    # A page that is turned clockwise shows its corners, from the lower left one on, one later for each quarter.
    left, bottom, right, top = box
    of_page = [(left, bottom), (right, bottom), (right, top), (left, top)]
    quarters = rotation // 90
    assert corners == of_page[quarters:] + of_page[:quarters]


def test_pages_of_one_size_share_their_stamp(tmp_path: Path) -> None:
    source, target = tmp_path / "source.pdf", tmp_path / "target.pdf"
    with drawn(10) as pdf:
        pdf.pages[3].obj.MediaBox = Array([0, 0, 842, 595])
        pdf.save(source)

    stamp(source, target, TEXT)

    with pikepdf.open(target) as pdf:
        stamps = {page.obj.Resources.XObject.TrustwrightStamp.objgen for page in pdf.pages}
        assert len(stamps) == 2


@pytest.mark.parametrize(
    ("company", "shown"),
    [
        ("Müller & Söhne", "Müller & Söhne"),
        ("株式会社 Initech", "???? Initech"),
        ("Ωmega \U0001f600", "Ωmega ?"),
        ("Dvořák i Łódź", "Dvořák i Łódź"),
        ("A\u202eB\x00C\nD", "A?B?C D"),
        ("(\\) <</>>", "(\\) <</>>"),
        ("", ""),
        ("x" * 255, "x" * 60 + "..."),
    ],
)
def test_a_company_may_be_called_anything(tmp_path: Path, company: str, shown: str) -> None:
    source, target = tmp_path / "source.pdf", tmp_path / "target.pdf"
    with drawn() as pdf:
        pdf.save(source)

    stamp(source, target, Stamp(address="b@x.test", company=company, moment=TEXT.moment, request_id=REQUEST))

    assert shown in pypdf.PdfReader(target).pages[0].extract_text()


def encrypted(path: Path) -> None:
    with drawn() as pdf:
        pdf.save(path, encryption=Encryption(owner="owner", user="user"))


def restricted(path: Path) -> None:
    with drawn() as pdf:
        pdf.save(path, encryption=Encryption(owner="owner", user=""))


def signed(path: Path) -> None:
    with drawn() as pdf:
        signature = pdf.make_indirect(Dictionary(Type=Name.Sig, ByteRange=Array([0, 1, 2, 3]), Contents=b"x"))
        pdf.Root.AcroForm = Dictionary(Fields=Array([pdf.make_indirect(Dictionary(FT=Name.Sig, T="s", V=signature))]))
        pdf.save(path)


def signed_below(path: Path) -> None:
    """The type of the field stands above the one that holds the signature."""
    with drawn() as pdf:
        signature = pdf.make_indirect(Dictionary(ByteRange=Array([0, 1, 2, 3]), Contents=b"x"))
        kid = pdf.make_indirect(Dictionary(V=signature))
        parent = pdf.make_indirect(Dictionary(FT=Name.Sig, T="s", Kids=Array([kid])))
        pdf.Root.AcroForm = Dictionary(Fields=Array([parent]))
        pdf.save(path)


def signed_on_a_page(path: Path) -> None:
    with drawn() as pdf:
        signature = pdf.make_indirect(Dictionary(ByteRange=Array([0, 1, 2, 3]), Contents=b"x"))
        widget = Dictionary(Subtype=Name.Widget, FT=Name.Sig, V=signature, Rect=Array([0, 0, 1, 1]))
        pdf.pages[0].obj.Annots = Array([pdf.make_indirect(widget)])
        with pytest.warns(PageCopyWarning):
            pdf.save(path)


def certified(path: Path) -> None:
    with drawn() as pdf:
        pdf.Root.Perms = Dictionary(DocMDP=Dictionary())
        pdf.save(path)


def with_usage_rights(path: Path) -> None:
    with drawn() as pdf:
        pdf.Root.Perms = Dictionary(UR3=Dictionary())
        pdf.save(path)


def no_pdf(path: Path) -> None:
    path.write_bytes(b"Dear all, this is no PDF")


def empty(path: Path) -> None:
    path.write_bytes(b"")


def truncated(path: Path) -> None:
    with drawn(20) as pdf:
        pdf.save(path)
    path.write_bytes(path.read_bytes()[:-400])


def torn(path: Path) -> None:
    """The table of objects leads astray."""
    with drawn(3) as pdf:
        pdf.save(path, object_stream_mode=pikepdf.ObjectStreamMode.disable)
    path.write_bytes(path.read_bytes().replace(b"obj", b"o j", 4))


def no_pages(path: Path) -> None:
    with Pdf.new() as pdf:
        pdf.save(path)


def too_many_pages(path: Path) -> None:
    with drawn() as pdf:
        page = pdf.pages[0]
        for _ in range(2000):
            pdf.pages.append(page)
        pdf.save(path)


def with_attachment(path: Path) -> None:
    with drawn() as pdf:
        pdf.attachments["secret.txt"] = b"Secret"
        pdf.save(path)


def in_circles(path: Path) -> None:
    """The pages are their own parents."""
    with drawn() as pdf:
        pdf.Root.Pages.Kids = Array([pdf.Root.Pages])
        pdf.save(path)


@pytest.mark.parametrize(
    ("make", "why"),
    [
        (encrypted, "encrypted"),
        (restricted, "encrypted"),
        (signed, "signed"),
        (signed_below, "signed"),
        (signed_on_a_page, "signed"),
        (certified, "signed"),
        (with_usage_rights, "signed"),
        (no_pdf, "damaged"),
        (empty, "damaged"),
        (truncated, "damaged"),
        (torn, "damaged"),
        (no_pages, "1 to 2000 pages"),
        (too_many_pages, "1 to 2000 pages"),
        (with_attachment, "attached"),
        (in_circles, "damaged"),
    ],
)
def test_what_cannot_be_stamped_is_said_and_not_written(tmp_path: Path, make: Callable[[Path], None], why: str) -> None:
    source, target = tmp_path / "source.pdf", tmp_path / "target.pdf"
    make(source)

    reason = unstampable(source)

    assert reason is not None
    assert why in reason
    with pytest.raises(Unstampable, match=why):
        stamp(source, target, TEXT)
    assert not target.exists()


def test_a_huge_pdf_is_not_even_read(tmp_path: Path) -> None:
    source = tmp_path / "source.pdf"
    with source.open("wb") as file:
        file.truncate(stamping.LARGEST + 1)

    assert unstampable(source) == "The PDF is larger than 100 MB and cannot be stamped"


def test_what_unpacks_to_gigabytes_is_not_unpacked(tmp_path: Path) -> None:
    source, target = tmp_path / "source.pdf", tmp_path / "target.pdf"
    with drawn() as pdf:
        pdf.pages[0].obj.Contents = pdf.make_stream(b" " * (stamping.MOST_CONTENT + 1))
        pdf.save(source, compress_streams=True)

    with pikepdf.open(source) as pdf:
        assert not stamping._is_balanced([pdf.pages[0].obj.Contents])
    stamp(source, target, TEXT)

    assert "Confidential" in pypdf.PdfReader(target).pages[0].extract_text()


def test_what_is_known_of_a_content_does_not_grow_without_end(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(stamping, "MOST_KNOWN", 3)
    monkeypatch.setattr(stamping, "nestings", {})
    source, target = tmp_path / "source.pdf", tmp_path / "target.pdf"
    with drawn(10) as pdf:
        pdf.save(source)

    stamp(source, target, TEXT)

    assert len(stamping.nestings) <= 3
    assert all("Confidential" in page.extract_text() for page in pypdf.PdfReader(target).pages)
