"""Whether a file is what its name says, and harmless enough to be kept (Q35, decisions 14)."""

import codecs
import struct
from collections.abc import Iterator
from pathlib import Path

from msgspec import Struct

from trustwright.errors import Invalid
from trustwright.files import archives, compound, faults
from trustwright.files.faults import Refused
from trustwright.files.model import Upload
from trustwright.files.names import extension

MIB = 1024 * 1024

OPEN_XML = "application/vnd.openxmlformats-officedocument."
OPEN_DOCUMENT = "application/vnd.oasis.opendocument."
UNKNOWN = ("", "application/octet-stream")


class Kind(Struct, frozen=True):
    """A kind of file. `content_types`: what a client may declare it as; the first is what it is kept as."""

    extension: str
    content_types: tuple[str, ...]


CSV = "text/csv application/csv text/x-csv application/x-csv text/comma-separated-values text/plain"
KINDS = {
    "pdf": Kind("pdf", ("application/pdf", "application/x-pdf")),
    "docx": Kind("docx", (f"{OPEN_XML}wordprocessingml.document",)),
    "xlsx": Kind("xlsx", (f"{OPEN_XML}spreadsheetml.sheet",)),
    "pptx": Kind("pptx", (f"{OPEN_XML}presentationml.presentation",)),
    "odt": Kind("odt", (f"{OPEN_DOCUMENT}text",)),
    "ods": Kind("ods", (f"{OPEN_DOCUMENT}spreadsheet",)),
    "odp": Kind("odp", (f"{OPEN_DOCUMENT}presentation",)),
    "doc": Kind("doc", ("application/msword",)),
    "gif": Kind("gif", ("image/gif",)),
    "jpg": Kind("jpg", ("image/jpeg", "image/jpg", "image/pjpeg")),
    "jpeg": Kind("jpg", ("image/jpeg", "image/jpg", "image/pjpeg")),
    "png": Kind("png", ("image/png", "image/x-png")),
    # Where Excel is installed, Windows takes a CSV file for one of its own.
    "csv": Kind("csv", (*CSV.split(), "application/vnd.ms-excel")),
}

HEAD = 1024  # how far down readers of PDF look for its header
MAGIC = {
    b"%PDF-": "pdf",
    b"\x89PNG\r\n\x1a\n": "png",
    b"GIF87a": "gif",
    b"GIF89a": "gif",
    b"\xff\xd8\xff": "jpg",
}
IMAGES = ("png", "gif", "jpg")
MARKUP = (b"<script", b"<html", b"<!doctype", b"<svg", b"<iframe")
UTF_16 = (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)
CONTROLS = bytes(code for code in range(32) if code not in b"\t\n\r\f") + b"\x7f"

# The end of a zip archive: signature, two numbers of disks, entries here and in all, size and place of the directory,
# length of the comment. It stands within the last 64 KiB.
END_OF_ZIP = struct.Struct("<4s4H2LH")
TAIL = END_OF_ZIP.size + 65_535


def check(upload: Upload, extensions: list[str]) -> str:
    """The content type to keep the file under. Reads all of it. Raises Invalid with what is wrong about it."""
    kind = KINDS.get(extension(upload.name))
    if kind is None or extension(upload.name) not in extensions:
        raise Invalid(f"{upload.name}: send a file of one of these kinds: {', '.join(extensions)}")
    if upload.content_type not in (*UNKNOWN, *kind.content_types):
        raise Invalid(f"{upload.name}: its content type must be {kind.content_types[0]}, not {upload.content_type}")
    try:
        if _kind_of(upload.path) != kind.extension:
            raise Refused(faults.OTHER.format(kind.extension))
        _examine(upload.path, kind.extension)
    except Refused as error:
        raise Invalid(f"{upload.name}: {error}") from error
    return kind.content_types[0]


def likely_extension(path: Path) -> str:
    """The extension that fits a content; `bin` where none does."""
    try:
        return _kind_of(path) or "bin"
    except Refused:
        return "bin"


def _kind_of(path: Path) -> str | None:
    head = _head(path)
    for magic, found in MAGIC.items():
        if head.startswith(magic):
            return found
    if head.startswith(archives.MAGIC):
        return archives.kind_of(path)
    if head.startswith(compound.MAGIC):
        return compound.kind_of(path)
    return "csv" if _is_text(path) else None


def _examine(path: Path, kind: str) -> None:
    """Raises Refused for what a file of this kind must not be or hold."""
    if kind in archives.KINDS:
        archives.examine(path)
    if kind == "doc":
        compound.examine(path)
    if kind in ("csv", *IMAGES) and _is_markup(path, anywhere=kind in IMAGES):
        raise Refused(faults.MARKUP)
    if kind != "pdf" and b"%PDF-" in _head(path):
        raise Refused(faults.HIDDEN_PDF)
    if kind in ("pdf", *IMAGES) and _holds_zip(path):
        raise Refused(faults.HIDDEN_ZIP)


def _head(path: Path) -> bytes:
    with path.open("rb") as file:
        return file.read(HEAD)


def _is_text(path: Path) -> bool:
    """UTF-16 that says so, or bytes without control characters: UTF-8, Latin-1 and all that extend ASCII."""
    if _head(path).startswith(UTF_16):
        return _is_utf_16(path)
    return all(len(piece.translate(None, CONTROLS)) == len(piece) for piece in _pieces(path))


def _is_utf_16(path: Path) -> bool:
    decoder = codecs.getincrementaldecoder("utf-16")()
    try:
        has_nul = any("\0" in decoder.decode(piece) for piece in _pieces(path))
        decoder.decode(b"", final=True)
    except UnicodeDecodeError:
        return False
    return not has_nul


def _pieces(path: Path) -> Iterator[bytes]:
    with path.open("rb") as file:
        while piece := file.read(MIB):
            yield piece


def _is_markup(path: Path, *, anywhere: bool) -> bool:
    """Whether a browser could take the begin of a file for a page."""
    head = _head(path).lower()
    if head.startswith(UTF_16):
        head = head[2:].replace(b"\0", b"")
    start = head.removeprefix(codecs.BOM_UTF8).lstrip()
    return start.startswith(MARKUP) or (anywhere and any(tag in head for tag in MARKUP))


def _holds_zip(path: Path) -> bool:
    """Readers of zip look for its end and take whatever comes before it."""
    with path.open("rb") as file:
        size = file.seek(0, 2)
        file.seek(max(0, size - TAIL))
        tail = file.read()
    place = tail.rfind(b"PK\x05\x06")
    while place >= 0:
        if len(tail) - place >= END_OF_ZIP.size:
            _, _, _, here, entries, length, *_ = END_OF_ZIP.unpack_from(tail, place)
            if here == entries and entries and length <= size - len(tail) + place:
                return True
        place = tail.rfind(b"PK\x05\x06", 0, place)
    return False
