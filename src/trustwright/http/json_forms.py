"""A form that comes as JSON, its one file in base64 (Q24). The body lies on disk and is decoded from there, so that
memory holds a piece of it at a time."""

import asyncio
import binascii
import mmap
import re
from collections.abc import Iterator
from contextlib import aclosing
from pathlib import Path
from typing import Any

import msgspec
from litestar import Request
from msgspec import Raw, Struct

from trustwright.errors import Invalid, TooLarge
from trustwright.files.checking import likely_extension
from trustwright.files.model import DOCUMENT_EXTENSIONS, Upload
from trustwright.files.names import base_name, extension
from trustwright.http import bodies
from trustwright.http.incoming import PIECE, Sink, Writer
from trustwright.settings import MIB, Settings

OTHERS = MIB  # what the fields besides the file may take together
PLAIN = 5 * MIB  # a file that is no base64 but the text itself

DATA_URI = re.compile(rb"data:(?P<media>[\w.+\\/-]*)(?:;[\w.+=-]+)*;base64,", re.ASCII)
LONGEST_HEAD = 500


class Wrapped(Struct, frozen=True):
    """The file as an object with its name."""

    base64: Raw = msgspec.field(name="base64String")
    filename: str | None = None


async def read(request: Request[Any, Any, Any], field: str, folder: Path, settings: Settings) -> dict[str, Any]:
    """The values of the form; `field` is the one that holds the file. Raises Invalid and TooLarge."""
    limit = settings.max_file * 4 // 3 + MIB
    body = Writer(Sink(folder / "body", limit))
    async with aclosing(bodies.chunks(request, limit)) as chunks:
        async for chunk in chunks:
            await body.write(chunk)
    await body.flush()
    sink = Sink(folder / "file", settings.max_file)
    return await asyncio.to_thread(_values, body.sink.path, field, sink)


def _values(path: Path, field: str, sink: Sink) -> dict[str, Any]:
    if not path.stat().st_size:
        raise Invalid("The body is empty; send a JSON object")
    with path.open("rb") as body:
        # Not closed by hand: the texts found in it are views of it, and it ends with the last of them.
        raws = _decode(mmap.mmap(body.fileno(), 0, access=mmap.ACCESS_READ), dict[str, Raw])
    file = raws.pop(field, Raw(b"null"))
    if sum(len(memoryview(raw)) for raw in raws.values()) > OTHERS:
        raise TooLarge(f"The fields besides the file must not be larger than {OTHERS} bytes together")
    values = {name: bodies.decode(bytes(raw), Any) for name, raw in raws.items()}
    if bytes(memoryview(file)[:4]) == b"null":
        return values
    given = values.get("fileName")
    return values | {field: _upload(file, field, sink, given, values.get("title"))}


def _upload(raw: Raw, field: str, sink: Sink, file_name: object, title: object) -> Upload:
    view = memoryview(raw)
    media, wrapped_name = "", None
    if bytes(view[:1]) == b"{":
        wrapped = _decode(raw, Wrapped)
        view, wrapped_name = memoryview(wrapped.base64), wrapped.filename
    if bytes(view[:1]) != b'"':
        raise Invalid(f"{field}: must be the file in base64, or an object with base64String and filename")
    head = DATA_URI.match(bytes(view[1:LONGEST_HEAD]))
    if head:
        media = head["media"].replace(b"\\/", b"/").decode().lower()
    content = view[1 + (head.end() if head else 0) : -1]
    _write(content, sink, field, literal=None if head or wrapped_name is not None else view)
    if not sink.size:
        raise Invalid(f"{field}: the file is empty")
    name = _name(file_name or wrapped_name, title, sink.path)
    return Upload(name=name, content_type=media, size=sink.size, sha256=sink.sha256(), path=sink.path)


def _write(content: memoryview, sink: Sink, field: str, literal: memoryview | None) -> None:
    """Writes what the base64 stands for; where it is none and a literal is allowed, the text itself."""
    try:
        for piece in _decoded(content):
            sink.append(piece)
    except binascii.Error as error:
        if literal is None:
            raise Invalid(f"{field}: not base64") from error
        if len(literal) > PLAIN:
            raise TooLarge(f"{field}: a text must not be larger than {PLAIN} bytes; send it in base64") from error
        sink.restart()
        sink.append(_decode(literal, str).encode())


def _decoded(text: memoryview) -> Iterator[bytes]:
    """What base64 in a JSON text stands for, in pieces. Raises binascii.Error for all that is not strictly base64."""
    rest = b""
    for start in range(0, len(text), PIECE):
        # JSON may write a slash as `\/`, and a piece may end between the two.
        piece = (rest + bytes(text[start : start + PIECE])).replace(b"\\/", b"/")
        # Four characters are held back, for they may be the last, and only those may end in padding.
        whole = max(0, (len(piece) - piece.endswith(b"\\")) // 4 * 4 - 4)
        if b"=" in piece[:whole]:
            raise binascii.Error("More after the padding")
        yield binascii.a2b_base64(piece[:whole], strict_mode=True)
        rest = piece[whole:]
    if len(rest) % 4:  # which Python does not mind where a `=` is too many
        raise binascii.Error("Incomplete")
    yield binascii.a2b_base64(rest, strict_mode=True)


def _name(given: object, title: object, path: Path) -> str:
    """The name given, else one made of the title: that is no file's name, and gets the extension of its content."""
    if given is not None:
        if not isinstance(given, str):
            raise Invalid("fileName: must be a text")
        return base_name(given)
    name = base_name(title.replace("/", "-") if isinstance(title, str) else "file")
    return name if extension(name) in DOCUMENT_EXTENSIONS else f"{name[:240]}.{likely_extension(path)}"


def _decode(data: Any, kind: Any) -> Any:
    try:
        return msgspec.json.decode(data, type=kind)
    except (msgspec.DecodeError, UnicodeError, RecursionError) as error:
        raise Invalid(bodies.fault(error)) from error
