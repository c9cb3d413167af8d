"""Events as a file that can be checked elsewhere: a JSON line an event, and a last one with the head, signed or not.

docs/events.md describes the format, and docs/verify_events.py reads it."""

from datetime import datetime

import msgspec
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from msgspec import Struct

from trustwright.errors import Invalid
from trustwright.events.chain import Head, Link
from trustwright.times import iso

FORMAT = "trustwright events 1"


class Line(Struct, frozen=True):
    """One event: the text that was hashed, and the hash of its link in hexadecimal."""

    position: int
    hash: str
    text: str


class Statement(Struct, frozen=True, rename="camel"):
    """What a head says, and what is signed."""

    format: str
    account_id: int
    position: int
    hash: str
    exported_at: str


class Ending(Struct, frozen=True, rename="camel"):
    """The last line. `head` is a Statement as the very text whose UTF-8 is signed; signature and key in hexadecimal."""

    head: str
    signature: str | None = None
    public_key: str | None = None


def signing_key(secret_key: bytes) -> Ed25519PrivateKey:
    """The key that signs heads, made of the service's secret key for this purpose alone."""
    seed = HKDF(SHA256(), 32, salt=None, info=b"trustwright heads of events").derive(secret_key)
    return Ed25519PrivateKey.from_private_bytes(seed)


def public_key(key: Ed25519PrivateKey) -> str:
    """Its other half, in hexadecimal."""
    return key.public_key().public_bytes_raw().hex()


def line_of(link: Link) -> bytes:
    """An event that is there, as a line."""
    return msgspec.json.encode(Line(link.position, link.hash.hex(), link.text or "")) + b"\n"


def ending(account_id: int, head: Head, now: datetime, key: Ed25519PrivateKey | None) -> bytes:
    """The last line, signed where there is a key."""
    statement = msgspec.json.encode(Statement(FORMAT, account_id, head.position, head.hash.hex(), iso(now)))
    if key is None:
        last = Ending(statement.decode())
    else:
        last = Ending(statement.decode(), key.sign(statement).hex(), public_key(key))
    return msgspec.json.encode(last) + b"\n"


def head_of(last_line: bytes, account_id: int, key: Ed25519PrivateKey) -> Head:
    """The head that a bundle of this account ends with. Raises Invalid for what is no such bundle, or is not signed by
    this key though it is signed."""
    try:
        last = msgspec.json.decode(last_line, type=Ending)
        statement = msgspec.json.decode(last.head, type=Statement)
        if last.signature is not None:
            key.public_key().verify(bytes.fromhex(last.signature), last.head.encode())
        head = Head(statement.position, bytes.fromhex(statement.hash))
    except (msgspec.MsgspecError, ValueError) as error:
        raise Invalid("The file does not end as a bundle of events does") from error
    except InvalidSignature as error:
        raise Invalid(f"The bundle was not signed by the key of this service, {public_key(key)}") from error
    if (statement.format, statement.account_id) != (FORMAT, account_id):
        raise Invalid(f"The bundle holds {statement.format} of account {statement.account_id}, not of {account_id}")
    return head
