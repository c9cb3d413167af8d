"""Small files of every kind: good ones, and ones made to be refused."""

import base64
import io
import struct
import zipfile
from typing import Any

PDF = b"%PDF-1.4\n1 0 obj<</Type/Catalog/Pages 2 0 R>>endobj\n2 0 obj<</Type/Pages/Kids[]/Count 0>>endobj\n%%EOF\n"
PNG = base64.b64decode(
    "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNkYPhfDwAChwGA60e6kgAAAABJRU5ErkJggg=="
)
GIF = base64.b64decode("R0lGODlhAQABAIAAAAAAAP///yH5BAEAAAAALAAAAAABAAEAAAIBRAA7")
JPG = b"\xff\xd8\xff\xe0\x00\x10JFIF\x00\x01\x01\x00\x00\x01\x00\x01\x00\x00" + bytes(100) + b"\xff\xd9"
CSV = "Frage,Antwort\nVerschlüsselt?,Ja\n".encode()

OPEN_XML = "application/vnd.openxmlformats-officedocument."
OPEN_DOCUMENT = "application/vnd.oasis.opendocument."
MAIN = {
    "docx": f"{OPEN_XML}wordprocessingml.document.main+xml",
    "xlsx": f"{OPEN_XML}spreadsheetml.sheet.main+xml",
    "pptx": f"{OPEN_XML}presentationml.presentation.main+xml",
    "docm": "application/vnd.ms-word.document.macroEnabled.main+xml",
}
MIMETYPES = {"odt": "text", "ods": "spreadsheet", "odp": "presentation"}

Entries = dict[str, bytes]


def archive(entries: Entries, *, method: int = zipfile.ZIP_DEFLATED) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", method) as file:
        for name, content in entries.items():
            file.writestr(name, content)
    return buffer.getvalue()


def open_xml(kind: str, more: Entries | None = None, **how: Any) -> bytes:
    """A docx, xlsx or pptx with these entries besides."""
    types = f'<Types><Override PartName="/main.xml" ContentType="{MAIN[kind]}"/></Types>'
    return archive({"[Content_Types].xml": types.encode(), "main.xml": b"<main/>" * 50, **(more or {})}, **how)


def open_document(kind: str, more: Entries | None = None) -> bytes:
    """An odt, ods or odp with these entries besides."""
    mimetype = f"{OPEN_DOCUMENT}{MIMETYPES[kind]}".encode()
    return archive(
        {"mimetype": mimetype, "content.xml": b"<office/>", "META-INF/manifest.xml": b"<m/>", **(more or {})}
    )


def word(*, flags: int = 0, more: tuple[str, ...] = (), text: str = "WordDocument") -> bytes:
    """A .doc, or a compound file of something else when its stream of text has another name."""
    header = struct.pack("<HHHHHH", 0xA5EC, 0x00C1, 0, 0x0409, 0, flags)
    return compound_file({text: header.ljust(4096, b"\0"), **{name: bytes(4096) for name in more}})


SECTOR = 512
FREE, END, FAT = 0xFFFFFFFF, 0xFFFFFFFE, 0xFFFFFFFD


def compound_file(streams: Entries) -> bytes:
    """Streams of whole sectors, all of them at the root; up to three."""
    entries = [_entry("Root Entry", 5, child=1, start=END, size=0)]
    fat = [FAT, END]
    body = b""
    for number, (name, content) in enumerate(streams.items(), 1):
        start, count = len(fat), len(content) // SECTOR
        fat += [*range(start + 1, start + count), END]
        body += content
        right = number + 1 if number < len(streams) else FREE
        entries.append(_entry(name, 2, right=right, start=start, size=len(content)))
    directory = b"".join(entries).ljust(SECTOR, b"\0")
    table = struct.pack(f"<{len(fat)}I", *fat).ljust(SECTOR, b"\xff")
    return _header() + table + directory + body


def _header() -> bytes:
    signature = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(16)
    versions = struct.pack("<5H6x", 0x3E, 3, 0xFFFE, 9, 6)
    numbers = struct.pack("<9I", 0, 1, 1, 0, 4096, END, 0, END, 0)
    return (signature + versions + numbers + struct.pack("<I", 0)).ljust(SECTOR, b"\xff")


def _entry(name: str, kind: int, *, right: int = FREE, child: int = FREE, start: int, size: int) -> bytes:
    encoded = name.encode("utf-16-le") + b"\0\0"
    links = struct.pack("<HBB3I", len(encoded), kind, 1, FREE, right, child)
    return encoded.ljust(64, b"\0") + links + bytes(36) + struct.pack("<IQ", start, size)


GOOD = {
    "pdf": PDF,
    "png": PNG,
    "gif": GIF,
    "jpg": JPG,
    "jpeg": JPG,
    "csv": CSV,
    "docx": open_xml("docx"),
    "xlsx": open_xml("xlsx"),
    "pptx": open_xml("pptx"),
    "odt": open_document("odt"),
    "ods": open_document("ods"),
    "odp": open_document("odp"),
    "doc": word(),
}
