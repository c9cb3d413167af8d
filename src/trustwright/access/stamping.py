"""Stamps on PDFs: who looks at a copy, and when, on each of its pages (trust-center 2.4)."""

import re
import zlib
from collections.abc import Iterator
from datetime import UTC, datetime
from hashlib import blake2b
from pathlib import Path
from typing import Any
from uuid import UUID

import pikepdf
from msgspec import Struct
from pikepdf import Array, Dictionary, Name, Object, Page, Pdf, PdfError

from trustwright.access import stamp_drawing
from trustwright.access.stamp_drawing import Stamp

MIB = 1024 * 1024
LARGEST = 100 * MIB
MOST_PAGES = 2000

__all__ = ["Stamp", "Unstampable", "stamp", "unstampable"]

# What a page's content may unpack to and still be read; a few kilobytes can unpack to gigabytes.
MOST_CONTENT = 64 * MIB
MOST_DEFLATED = 1032  # how many times larger a deflated content can become
MOST_KNOWN = 50_000
# A page tree, or one of form fields, that is nested deeper than any program makes them.
DEEPEST = 64

# The letter comes first, so that only where there is one its neighbours are looked at.
SAVED = re.compile(rb"[qQ](?<![^\s\]>)}][qQ])(?![^\s\[</({%])")
LETTER = (0.0, 0.0, 612.0, 792.0)

# What odd files make pikepdf raise, besides its own error.
ODD = (PdfError, ValueError, TypeError, KeyError, AttributeError, IndexError, ArithmeticError, RuntimeError)


class Unstampable(RuntimeError):
    """A PDF cannot be stamped; the message says why."""


class Geometry(Struct, frozen=True):
    """What is seen of a page: a box in its own coordinates, and by how many degrees it is turned clockwise."""

    left: float
    bottom: float
    right: float
    top: float
    rotation: int

    @property
    def size(self) -> tuple[float, float]:
        """Width and height as seen."""
        width, height = self.right - self.left, self.top - self.bottom
        return (height, width) if self.rotation in (90, 270) else (width, height)

    @property
    def place(self) -> str:
        """The matrix as a PDF writes it."""
        return " ".join(f"{number:.4f}" for number in self.matrix)

    @property
    def matrix(self) -> tuple[float, ...]:
        """From what is seen, its origin at the lower left, to the page's own coordinates (ISO 32000-1 8.3.3)."""
        return {
            0: (1, 0, 0, 1, self.left, self.bottom),
            90: (0, 1, -1, 0, self.right, self.bottom),
            180: (-1, 0, 0, -1, self.right, self.top),
            270: (0, -1, 1, 0, self.left, self.top),
        }[self.rotation]


class Nesting(Struct, frozen=True):
    """By how much a piece of content leaves the states saved deeper than it found them, and how far below it goes."""

    change: int
    lowest: int


nestings: dict[tuple[bytes, str, bool], Nesting | None] = {}

SAMPLE = Stamp(address="a@b.test", company="C", moment=datetime(2000, 1, 1, tzinfo=UTC), request_id=UUID(int=0))


def unstampable(path: Path) -> str | None:
    """Why a PDF cannot be stamped, as a sentence; None when it can. Reads all of the file: not for the event loop."""
    if path.stat().st_size > LARGEST:
        return f"The PDF is larger than {LARGEST // MIB} MB and cannot be stamped"
    try:
        with _opened(path) as pdf:
            _stamp(pdf, SAMPLE)
    except Unstampable as reason:
        return str(reason)
    return None


def stamp(source: Path, target: Path, text: Stamp) -> None:
    """Writes a copy of a PDF that says on every page whose it is. Raises Unstampable. Not for the event loop."""
    with _opened(source) as pdf:
        _stamp(pdf, text)
        try:
            pdf.save(target, min_version="1.4")
        except ODD as error:
            raise Unstampable("The PDF is damaged and cannot be stamped") from error


def _opened(path: Path) -> Pdf:
    """A PDF as it stands. Recovery is not tried: it may lose pages and say nothing."""
    try:
        return pikepdf.open(path, attempt_recovery=False)
    except pikepdf.PasswordError as error:
        raise Unstampable("The PDF is encrypted and cannot be stamped; save it without a password") from error
    except ODD as error:
        raise Unstampable("The PDF is damaged and cannot be stamped; open it and save it as a new PDF") from error


def _stamp(pdf: Pdf, text: Stamp) -> None:
    try:
        pages = list(pdf.pages)
        if reason := _hindrance(pdf, pages):
            raise Unstampable(reason)
        _draw(pdf, pages, text)
    except ODD as error:
        if isinstance(error, Unstampable):
            raise
        raise Unstampable("The PDF is damaged and cannot be stamped; open it and save it as a new PDF") from error


def _hindrance(pdf: Pdf, pages: list[Page]) -> str | None:
    """What forbids to change a PDF, or would leave some of it without a stamp."""
    if pdf.is_encrypted:
        return "The PDF is encrypted and cannot be stamped; save it without a password and without restrictions"
    if not 1 <= len(pages) <= MOST_PAGES:
        return f"The PDF must have from 1 to {MOST_PAGES} pages to be stamped, and has {len(pages)}"
    if _is_signed(pdf, pages):
        return "The PDF is signed, and a stamp would break the signature; print it to a new PDF"
    if Name.Collection in pdf.Root or len(pdf.attachments):
        return "The PDF has other files attached, which cannot be stamped; save it without them"
    if bool(pdf.Root.get(Name.NeedsRendering, False)):
        return "The PDF is a dynamic form (XFA), which cannot be stamped; print it to a new PDF"
    return None


def _is_signed(pdf: Pdf, pages: list[Page]) -> bool:
    permissions = pdf.Root.get(Name.Perms)
    if isinstance(permissions, Dictionary) and (Name.DocMDP in permissions or Name.UR3 in permissions):
        return True
    form = pdf.Root.get(Name.AcroForm)
    fields = form.get(Name.Fields) if isinstance(form, Dictionary) else None
    if any(_is_signature(field) for field in _tree(fields, DEEPEST)):
        return True
    return any(_is_signature(each) for page in pages for each in _tree(page.obj.get(Name.Annots), 1))


def _tree(nodes: object, depth: int) -> Iterator[Dictionary]:
    """The fields of a form, or the annotations of a page."""
    if not isinstance(nodes, Array) or not depth:
        return
    for node in nodes.as_list():
        if isinstance(node, Dictionary):
            yield node
            yield from _tree(node.get(Name.Kids), depth - 1)


def _is_signature(field: Dictionary) -> bool:
    """Whether a field, or the widget of one, holds a signature. A signature is told by its value too, for the type of
    a field may stand above it."""
    value = field.get(Name.V)
    return isinstance(value, Dictionary) and (field.get(Name.FT) == Name.Sig or Name.ByteRange in value)


def _draw(pdf: Pdf, pages: list[Page], text: Stamp) -> None:
    """Puts the stamp over every page; pages of one size share one drawing, and of one shape one piece of content."""
    geometries = [_geometry(page.obj) for page in pages]
    sizes = list(dict.fromkeys(geometry.size for geometry in geometries))
    forms = stamp_drawing.forms(pdf, sizes, text)
    overlay = Overlay(pdf, forms)
    for page, geometry in zip(pages, geometries, strict=True):
        overlay.put(page, geometry)


class Overlay:
    """Puts the drawings over pages, each piece of content made once."""

    def __init__(self, pdf: Pdf, forms: dict[tuple[float, float], Object]) -> None:
        self._pdf = pdf
        self._forms = forms
        self._pieces: dict[bytes, Object] = {}

    def put(self, page: Page, geometry: Geometry) -> None:
        """The page keeps its content as it is where that leaves the state of graphics as it found it, and has it
        wrapped into a form where it may not."""
        content = _content(page.obj)
        if _is_balanced(content):
            before, resources = b"q\n", _own(page.obj, Name.Resources, _inherited(page.obj, Name.Resources))
        else:
            form = _wrapped(self._pdf, page, geometry)
            before, content = b"/TrustwrightPage Do\nq\n", []
            resources = page.obj.Resources = Dictionary(XObject=Dictionary(TrustwrightPage=form))
        drawings = _own(resources, Name.XObject, resources.get(Name.XObject))
        name = _free_name(drawings)
        drawings[name] = self._forms[geometry.size]
        after = f"\nQ\nq {geometry.place} cm {name} Do Q\n".encode()
        page.obj.Contents = Array([self._piece(before), *content, self._piece(after)])

    def _piece(self, content: bytes) -> Object:
        if content not in self._pieces:
            self._pieces[content] = self._pdf.make_stream(content)
        return self._pieces[content]


def _own(holder: Object, name: Name, held: Object | None) -> Object:
    """A dictionary that no other page shares: the one that stands in its holder itself, or else a copy."""
    if not isinstance(held, Dictionary):
        holder[name] = Dictionary()
    elif held.is_indirect or name not in holder:
        holder[name] = Dictionary(dict(held.items()))
    return holder[name]


def _free_name(held: Object) -> str:
    name = "/TrustwrightStamp"
    while name in held:
        name += "x"
    return name


def _wrapped(pdf: Pdf, page: Page, geometry: Geometry) -> Object:
    """The content of a page as a form. It is made of a copy of the page, because it is read when the PDF is saved."""
    form = Page(pdf.make_indirect(Dictionary(dict(page.obj.items())))).as_form_xobject(handle_transformations=False)
    form.BBox = Array([geometry.left, geometry.bottom, geometry.right, geometry.top])
    return form


def _content(page: Object) -> list[Object]:
    found = page.get(Name.Contents)
    parts = found.as_list() if isinstance(found, Array) else [found]
    return [part for part in parts if isinstance(part, pikepdf.Stream)]


def _is_balanced(content: list[Object]) -> bool:
    """Whether each saved state of graphics is restored, as far as that is seen without parsing: letters in texts and
    images may be taken for operators, which costs a page its wrapping and no more."""
    depth = 0
    for part in content:
        nesting = _nesting(part)
        if nesting is None or depth + nesting.lowest < 0:
            return False
        depth += nesting.change
    return depth == 0


def _nesting(part: Object) -> Nesting | None:
    """How a piece of content saves and restores the state; None where that is not found out."""
    raw = part.read_raw_bytes()
    # A document is stamped for many people: what was found out of its content stays so.
    key = (blake2b(raw, digest_size=16).digest(), str(part.get(Name.Filter)), Name.DecodeParms in part)
    if key in nestings:
        return nestings.get(key)
    unpacked = _unpacked(part, raw)
    found = None if unpacked is None else _nesting_of(unpacked)
    if len(nestings) >= MOST_KNOWN:
        nestings.clear()
    nestings[key] = found
    return found


def _nesting_of(content: bytes) -> Nesting:
    depth = lowest = 0
    for operator in SAVED.findall(content):
        depth += 1 if operator == b"q" else -1
        lowest = min(lowest, depth)
    return Nesting(depth, lowest)


def _unpacked(part: Object, raw: bytes) -> bytes | None:
    """A stream's content; None for one that may be too large, or is packed in another way than nearly all are."""
    kind = part.get(Name.Filter, Array())
    filters = [str(each) for each in (kind.as_list() if isinstance(kind, Array) else [kind])]
    if Name.DecodeParms in part:
        return None
    if filters == ["/FlateDecode"]:
        unpack = zlib.decompressobj()
        try:
            unpacked = unpack.decompress(raw, MOST_CONTENT)
        except zlib.error:
            return None
        return None if unpack.unconsumed_tail else unpacked
    if (
        filters in ([], ["/ASCII85Decode", "/FlateDecode"])
        and len(raw) * (MOST_DEFLATED if filters else 1) <= MOST_CONTENT
    ):
        return part.read_bytes()
    return None


def _inherited(page: Object, name: Name) -> Object | None:
    """A property of a page, or of what stands above it in the tree of pages."""
    node: Any = page
    for _ in range(DEEPEST):
        if not isinstance(node, Dictionary):
            return None
        if name in node:
            found: Object = node[name]
            return found
        node = node.get(Name.Parent)
    return None


def _geometry(page: Object) -> Geometry:
    """What is seen of a page: its crop box, as far as it lies on its paper; all of the paper when that is nothing."""
    paper = _box(_inherited(page, Name.MediaBox)) or LETTER
    crop = _box(_inherited(page, Name.CropBox)) or paper
    seen = (max(paper[0], crop[0]), max(paper[1], crop[1]), min(paper[2], crop[2]), min(paper[3], crop[3]))
    turned: Any = _inherited(page, Name.Rotate)
    rotation = int(turned) % 360 if turned is not None else 0
    return Geometry(*(seen if _has_area(seen) else paper), rotation // 90 * 90)


def _box(given: Object | None) -> tuple[float, float, float, float] | None:
    if not isinstance(given, Array) or len(given) != 4:
        return None
    x, y, u, v = (float(number) for number in given.as_list())
    box = (min(x, u), min(y, v), max(x, u), max(y, v))
    return box if _has_area(box) else None


def _has_area(box: tuple[float, float, float, float]) -> bool:
    return box[2] - box[0] >= 1 and box[3] - box[1] >= 1
