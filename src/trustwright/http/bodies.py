"""Request bodies: read as far as the limit allows, unpacked when gzipped, decoded into their type."""

import asyncio
import re
import zlib
from collections.abc import AsyncGenerator
from typing import Any, TypeVar
from urllib.parse import parse_qsl

import msgspec
from litestar import Request
from litestar.exceptions import InternalServerException

from trustwright.errors import Invalid, TooLarge

T = TypeVar("T")

# An odd number of backslashes: `\\u0000` is the text of an escape, and no NUL.
ESCAPED_NUL = re.compile(rb"(?<!\\)(?:\\\\)*\\u0000")
GZIP = 16 + zlib.MAX_WBITS

# Seconds between two parts of a body. The server waits as long for a head: connections are few, and who holds them all
# by saying nothing keeps everybody else out.
PATIENCE = 30.0


async def read(request: Request[Any, Any, Any], limit: int) -> bytes:
    """The body, unpacked. Raises TooLarge as soon as more than `limit` bytes are known of, packed or not."""
    return b"".join([chunk async for chunk in chunks(request, limit)])


async def chunks(request: Request[Any, Any, Any], limit: int) -> AsyncGenerator[bytes, None]:
    """The body as it arrives, unpacked. Raises TooLarge as `read` does."""
    length = request.headers.get("content-length", "")
    if length.isdecimal() and int(length) > limit:
        raise too_large(limit)
    encoding = request.headers.get("content-encoding", "identity").strip().lower()
    if encoding not in ("identity", "gzip", "x-gzip", ""):
        raise Invalid(f"Content-Encoding: send gzip or nothing, not {encoding}")
    room = limit
    unpack = Gzip() if encoding.endswith("gzip") else None
    async for chunk in _arriving(request):
        part = unpack.more(chunk, room + 1) if unpack else chunk
        room -= len(part)
        if room < 0:
            raise too_large(limit)
        yield part
    if unpack and not unpack.complete:
        raise Invalid("The gzip body is cut short")


async def _arriving(request: Request[Any, Any, Any]) -> AsyncGenerator[bytes, None]:
    parts = request.stream()
    try:
        while True:
            async with asyncio.timeout(PATIENCE):
                chunk = await anext(parts, None)
            if chunk is None:
                return
            yield chunk
    except TimeoutError as error:
        raise Invalid(f"Nothing more of the body came for {PATIENCE:g} seconds") from error
    except InternalServerException as error:
        # The framework says so of a client that went away: no fault of ours, and nobody is left to read the answer.
        raise Invalid("The client went away before the end of the body") from error


def too_large(limit: int) -> TooLarge:
    return TooLarge(f"The body is larger than {limit} bytes; send it in smaller parts")


class Gzip:
    """Unpacks gzip as it arrives, one member after another (RFC 1952)."""

    def __init__(self) -> None:
        self._member = zlib.decompressobj(GZIP)

    @property
    def complete(self) -> bool:
        return self._member.eof

    def more(self, packed: bytes, most: int) -> bytes:
        """What the next bytes unpack to, up to `most`. Raises Invalid."""
        unpacked = b""
        try:
            while packed and len(unpacked) < most:
                if self._member.eof:
                    self._member = zlib.decompressobj(GZIP)
                unpacked += self._member.decompress(packed, most - len(unpacked))
                packed = self._member.unused_data
        except zlib.error as error:
            raise Invalid("The body is not gzip, although Content-Encoding says so") from error
        return unpacked


def decode(body: bytes, kind: type[T]) -> T:
    """The JSON body as a `kind`. Raises Invalid with a sentence that names the field."""
    if ESCAPED_NUL.search(body):
        raise Invalid("A text must not contain the NUL character")
    try:
        return msgspec.json.decode(body, type=kind)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise Invalid(fault(error)) from error


def fault(error: Exception) -> str:
    """What a decoding error says, with the field first: `size: Expected ...`."""
    if isinstance(error, RecursionError):
        return "The JSON is nested too deeply"
    if isinstance(error, UnicodeDecodeError):
        return "The JSON is not UTF-8"
    text, _, place = str(error).partition(" - at `$")
    place = place.rstrip("`").lstrip(".")
    return f"{place}: {text}" if place else text


def urlencoded(body: bytes, most: int) -> list[tuple[str, str]]:
    """Names and values of a form with at most so many fields, in its order. Raises Invalid."""
    try:
        pairs = parse_qsl(body.decode(), keep_blank_values=True, errors="strict", max_num_fields=most)
    except ValueError as error:
        raise Invalid(f"The form cannot be read: send it urlencoded, in UTF-8, with at most {most} fields") from error
    if any("\0" in part for pair in pairs for part in pair):
        raise Invalid("A text must not contain the NUL character")
    return pairs
