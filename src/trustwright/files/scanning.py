"""The virus scanner: clamd, spoken to over a socket."""

import asyncio
import struct
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from urllib.parse import urlsplit

from msgspec import Struct

from trustwright.files.model import ScanState

PIECE = 128 * 1024
PATIENCE = 3.0  # seconds for a ping
LONGEST_SCAN = 300.0


class NoVerdict(RuntimeError):
    """The scanner does not answer, or cannot say; the message says why. Trying again may help."""


class Verdict(Struct, frozen=True):
    """`detail`: the name of what was found."""

    state: ScanState
    detail: str | None = None


async def answers(url: str) -> bool:
    """Whether the scanner is up. `url`: tcp://host:port or unix:///path."""
    try:
        async with asyncio.timeout(PATIENCE), _connected(url) as (reader, writer):
            writer.write(b"zPING\0")
            return await reader.readuntil(b"\0") == b"PONG\0"
    except (OSError, TimeoutError, asyncio.IncompleteReadError, NoVerdict):
        return False


async def scan(url: str, content: AsyncIterator[bytes]) -> Verdict:
    """What the scanner says of a content. Raises NoVerdict."""
    try:
        async with asyncio.timeout(LONGEST_SCAN), _connected(url) as (reader, writer):
            # Heard from the start: past its own limit of size the scanner answers and hangs up, and what it said
            # would be lost with the connection.
            answer = asyncio.create_task(reader.readuntil(b"\0"))
            try:
                with suppress(ConnectionError):
                    await _send(writer, content, answer)
                return _verdict((await answer).decode(errors="replace"))
            finally:
                answer.cancel()
    except (OSError, TimeoutError, asyncio.IncompleteReadError, asyncio.LimitOverrunError) as error:
        raise NoVerdict(f"The virus scanner does not answer: {error}") from error


async def _send(writer: asyncio.StreamWriter, content: AsyncIterator[bytes], answer: asyncio.Task[bytes]) -> None:
    """Sends as much as the scanner wants to hear."""
    writer.write(b"zINSTREAM\0")
    async for part in content:
        for start in range(0, len(part), PIECE):
            if answer.done():
                return
            piece = part[start : start + PIECE]
            writer.write(struct.pack(">I", len(piece)) + piece)
            await writer.drain()
            await asyncio.sleep(0)  # `drain` alone need not let the answer in
    writer.write(struct.pack(">I", 0))
    await writer.drain()


def _verdict(answer: str) -> Verdict:
    said = answer.rstrip("\0\n ").removeprefix("stream:").strip()
    if said == "OK":
        return Verdict(ScanState.CLEAN)
    if said.endswith(" FOUND"):
        return Verdict(ScanState.INFECTED, said.removesuffix(" FOUND"))
    raise NoVerdict(f"The virus scanner cannot say: {said or 'it hung up'}")


@asynccontextmanager
async def _connected(url: str) -> AsyncIterator[tuple[asyncio.StreamReader, asyncio.StreamWriter]]:
    parts = urlsplit(url)
    if parts.scheme == "unix":
        reader, writer = await asyncio.open_unix_connection(parts.path)
    elif parts.scheme == "tcp" and parts.hostname and parts.port:
        reader, writer = await asyncio.open_connection(parts.hostname, parts.port)
    else:
        raise NoVerdict("TRUSTWRIGHT_CLAMD_URL must be tcp://host:port or unix:///path")
    try:
        yield reader, writer
    finally:
        writer.close()
        with suppress(ConnectionError):
            await writer.wait_closed()
