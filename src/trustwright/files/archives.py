"""Zip archives that are documents: which kind they are, and what they must not hold, or do when unpacked."""

import re
import struct
import tempfile
import zipfile
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO
from zipfile import ZipFile, ZipInfo

from trustwright.files import faults
from trustwright.files.faults import Refused

MIB = 1024 * 1024
PIECE = MIB // 4

MAGIC = b"PK\x03\x04"
ENTRY = b"PK\x01\x02"  # begins each line of an archive's directory

MOST_ENTRIES = 10_000
MOST_BYTES = 1024 * MIB
MOST_TIMES = 100  # what an entry of more than 1 MiB may grow by
DEEPEST = 2  # a sheet within a text is an archive within an archive
METHODS = (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED)

CONTENT_TYPES = "[Content_Types].xml"
MIMETYPE = "mimetype"
MANIFEST = "META-INF/manifest.xml"
OPEN_XML = b"application/vnd.openxmlformats-officedocument."
OPEN_DOCUMENT = b"application/vnd.oasis.opendocument."

MAIN_PARTS = {
    OPEN_XML + b"wordprocessingml.document.main+xml": "docx",
    OPEN_XML + b"spreadsheetml.sheet.main+xml": "xlsx",
    OPEN_XML + b"presentationml.presentation.main+xml": "pptx",
}
MIMETYPES = {
    OPEN_DOCUMENT + b"text": "odt",
    OPEN_DOCUMENT + b"spreadsheet": "ods",
    OPEN_DOCUMENT + b"presentation": "odp",
}
KINDS = {*MAIN_PARTS.values(), *MIMETYPES.values()}

MACRO_TYPES = re.compile(rb"macroEnabled|vnd\.ms-office\.vbaProject", re.IGNORECASE)
MACRO_ENTRIES = re.compile(r"(^|/)vbaproject\.bin$|^xl/macrosheets/|^(basic|scripts)/[^/]", re.IGNORECASE)


def kind_of(path: Path) -> str | None:
    """The extension of the document that an archive is, None when it is none. Raises Refused."""
    with path.open("rb") as file, _opened(file) as archive:
        return _kind(archive)


def examine(path: Path) -> None:
    """Unpacks everything, to nowhere. Raises Refused for what a document must not hold or do."""
    with path.open("rb") as file:
        _examine(file, Room(), 1)


class Room:
    """How much an archive may still unpack to, with those within it."""

    def __init__(self) -> None:
        self._bytes = MOST_BYTES
        self._entries = MOST_ENTRIES

    def take(self, entry: ZipInfo) -> None:
        """Raises Refused."""
        self._bytes -= entry.file_size
        self._entries -= 1
        grows = entry.file_size > MIB and entry.file_size > MOST_TIMES * entry.compress_size
        if grows or self._bytes < 0 or self._entries < 0:
            raise Refused(faults.BOMB)


def _examine(file: IO[bytes], room: Room, depth: int) -> None:
    if depth > DEEPEST:
        raise Refused(faults.NESTED)
    with _opened(file) as archive:
        _kind(archive)
        if any(MACRO_ENTRIES.search(entry.filename) for entry in archive.infolist()):
            raise Refused(faults.MACROS)
        if MANIFEST in archive.NameToInfo and b"encryption-data" in _text(archive, MANIFEST):
            raise Refused(faults.ENCRYPTED)
        for entry in archive.infolist():
            room.take(entry)
        for entry in archive.infolist():
            with tempfile.TemporaryFile() as inner:
                if _unpack(file, entry, inner):
                    _examine(inner, room, depth + 1)


def _kind(archive: ZipFile) -> str | None:
    if CONTENT_TYPES in archive.NameToInfo:
        types = _text(archive, CONTENT_TYPES)
        if MACRO_TYPES.search(types):
            raise Refused(faults.MACROS)
        return next((kind for main, kind in MAIN_PARTS.items() if main in types), None)
    if MIMETYPE in archive.NameToInfo:
        return MIMETYPES.get(_text(archive, MIMETYPE).strip())
    return None


def _text(archive: ZipFile, name: str) -> bytes:
    with archive.open(name) as entry:
        text = entry.read(MIB + 1)
    if len(text) > MIB:
        raise Refused(faults.BOMB)
    return text


@contextmanager
def _opened(file: IO[bytes]) -> Iterator[ZipFile]:
    """The archive, if its directory is sound."""
    try:
        # Counted before the directory is read, which takes far more memory than the entries are long.
        if _count(file, ENTRY) > MOST_ENTRIES:
            raise Refused(faults.BOMB)
        with ZipFile(file) as archive:
            _require_sound(archive.infolist())
            yield archive
    except (zipfile.BadZipFile, zlib.error, struct.error, OSError, EOFError, ValueError, NotImplementedError) as error:
        raise error if isinstance(error, Refused) else Refused(faults.DAMAGED) from error


def _count(file: IO[bytes], signature: bytes) -> int:
    file.seek(0)
    found, before = 0, b""
    while piece := file.read(MIB):
        found += (before + piece).count(signature)
        before = piece[1 - len(signature) :]
    return found


def _require_sound(entries: list[ZipInfo]) -> None:
    if min((entry.header_offset for entry in entries), default=-1) != 0:
        raise Refused(faults.DAMAGED)
    for entry in entries:
        if entry.flag_bits & 1:
            raise Refused(faults.ENCRYPTED)
        if entry.compress_type not in METHODS:
            raise Refused(faults.METHOD)
        if _leads_out(entry.orig_filename):
            raise Refused(faults.NAMES)


def _leads_out(name: str) -> bool:
    parts = re.split(r"[/\\]", name)
    return parts[0] == "" or ".." in parts or "\0" in name or re.match(r"[A-Za-z]:", name) is not None


def _unpack(file: IO[bytes], entry: ZipInfo, inner: IO[bytes]) -> bool:
    """Whether an entry is an archive itself, which is then in `inner`. Raises Refused for one that is not what
    the directory says."""
    size, crc, is_archive = 0, 0, False
    for piece in _pieces(file, entry):
        is_archive = is_archive or (not size and piece.startswith(MAGIC))
        size, crc = size + len(piece), zlib.crc32(piece, crc)
        if size > entry.file_size:
            raise Refused(faults.BOMB)
        if is_archive:
            inner.write(piece)
    if size < entry.file_size or crc != entry.CRC:
        raise Refused(faults.DAMAGED)
    return is_archive


def _pieces(file: IO[bytes], entry: ZipInfo) -> Iterator[bytes]:
    """What an entry unpacks to, whatever the directory says of its length; the first piece has four bytes or more if
    the entry has."""
    file.seek(entry.header_offset)
    header = file.read(30)
    if not header.startswith(MAGIC):
        raise Refused(faults.DAMAGED)
    file.seek(sum(struct.unpack_from("<2H", header, 26)), 1)
    waiting = b""
    for piece in _inflated(_packed(file, entry.compress_size), entry.compress_type):
        waiting += piece
        if len(waiting) >= len(MAGIC):
            yield waiting
            waiting = b""
    yield waiting


def _packed(file: IO[bytes], size: int) -> Iterator[bytes]:
    while size:
        piece = file.read(min(PIECE, size))
        if not piece:
            raise Refused(faults.DAMAGED)
        size -= len(piece)
        yield piece


def _inflated(packed: Iterator[bytes], method: int) -> Iterator[bytes]:
    if method == zipfile.ZIP_STORED:
        yield from packed
        return
    stream = zlib.decompressobj(-zlib.MAX_WBITS)
    for piece in packed:
        rest = piece
        while rest:
            yield stream.decompress(rest, PIECE)
            rest = stream.unconsumed_tail
    yield stream.flush()
    if not stream.eof:
        raise Refused(faults.DAMAGED)
