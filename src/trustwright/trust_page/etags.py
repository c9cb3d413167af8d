"""Bodies that a client keeps for a minute, and asks about by their tag after that (RFC 9110, 8.8.3 and 13.1.2)."""

import hashlib

from msgspec import Struct

A_MINUTE = 60


class Tagged(Struct, frozen=True):
    """A body, and whether the client has it already."""

    body: bytes
    etag: str
    is_known: bool


def tagged(body: bytes, if_none_match: str) -> Tagged:
    """The body with its tag, compared with those that the header names."""
    etag = f'"{hashlib.sha256(body).hexdigest()[:32]}"'
    named = [each.strip().removeprefix("W/") for each in if_none_match.split(",")]
    return Tagged(body, etag, etag in named or "*" in named)
