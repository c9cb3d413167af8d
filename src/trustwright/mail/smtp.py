"""Hands mails to an SMTP server (RFC 5321)."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from email.message import EmailMessage
from ipaddress import ip_address
from urllib.parse import unquote, urlsplit

import aiosmtplib
from msgspec import Struct

SECONDS = 20
# A server may think long about a mail it has wholly received, and who hangs up too early sends it twice.
SECONDS_TO_THINK = 120


class Refused(RuntimeError):
    """The server will never take this mail; the message is its answer."""


class Unreachable(RuntimeError):
    """The mail cannot be handed over now, for a reason that may pass; the message is that reason."""


class BadServer(Unreachable):
    """The address of the server cannot be read; the message says how it is written."""


class Server(Struct, frozen=True):
    host: str
    port: int | None
    username: str | None
    password: str | None
    tls: bool

    @property
    def is_local(self) -> bool:
        try:
            return self.host == "localhost" or ip_address(self.host).is_loopback
        except ValueError:
            return False


def server_of(url: str) -> Server:
    """The server of `smtp://[user:password@]host[:port]` or `smtps://...`. Raises BadServer."""
    try:
        parts = urlsplit(url)
        host, port = parts.hostname, parts.port
    except ValueError:
        host, port, parts = None, None, urlsplit("")
    if parts.scheme not in ("smtp", "smtps") or not host:
        raise BadServer("TRUSTWRIGHT_SMTP_URL must be smtp://[user:password@]host:port, or smtps://...")
    username = unquote(parts.username) if parts.username else None
    password = unquote(parts.password) if parts.password else None
    return Server(host, port, username, password, parts.scheme == "smtps")


@asynccontextmanager
async def connected(url: str) -> AsyncIterator[aiosmtplib.SMTP]:
    """A client of the server, greeted and signed in. Raises Unreachable, also for what its block cannot send.

    STARTTLS is used where it is offered, and needed before a password leaves this machine: someone on the way could
    take the offer out. Certificates are checked except on this machine, where nobody stands between."""
    server = server_of(url)
    needs_tls = True if server.username and not server.is_local else None
    client = aiosmtplib.SMTP(
        hostname=server.host,
        port=server.port,
        username=server.username,
        password=server.password,
        use_tls=server.tls,
        start_tls=False if server.tls else needs_tls,
        validate_certs=not server.is_local,
        timeout=SECONDS,
    )
    try:
        async with client:
            yield client
    except (aiosmtplib.SMTPException, OSError) as error:
        raise Unreachable(said_by(error)) from error


async def greet(url: str) -> str:
    """Connects as a delivery does, and returns what the server calls itself. Raises Unreachable."""
    async with connected(url) as client:
        response = await client.ehlo()
        return response.message.splitlines()[0]


async def transmit(url: str, message: EmailMessage, recipient: str) -> None:
    """Hands a mail over. Raises Refused, Unreachable.

    Only a lasting answer to the recipient or to the content refuses the mail. One to the password or to the sender is
    about the settings: those mails wait until they are mended."""
    async with connected(url) as client:
        try:
            await client.send_message(message, recipients=[recipient], timeout=SECONDS_TO_THINK)
        except aiosmtplib.SMTPRecipientsRefused as error:
            (refusal,) = error.recipients
            raise _answer(refusal) from error
        except aiosmtplib.SMTPDataError as error:
            raise _answer(error) from error
        except (aiosmtplib.SMTPNotSupported, ValueError) as error:
            # The address cannot be written in this server's dialect of SMTP, or in any.
            raise Refused(said_by(error)) from error


def _answer(error: aiosmtplib.SMTPResponseException) -> Refused | Unreachable:
    """4yz may pass, 5yz stays (RFC 5321 4.2.1)."""
    return (Refused if error.code >= 500 else Unreachable)(said_by(error))


def said_by(error: Exception) -> str:
    """An error as a line that the database can keep."""
    if isinstance(error, aiosmtplib.SMTPResponseException):
        text = f"{error.code} {error.message}"
    else:
        text = str(error) or type(error).__name__
    return " ".join(text.encode("utf-8", "replace").decode().replace("\0", "").split())[:500]
