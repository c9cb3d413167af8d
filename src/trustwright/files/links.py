"""Links to files: signed, and good for ten minutes."""

import base64
import binascii
import hashlib
import hmac
import struct
from datetime import datetime
from urllib.parse import quote

from msgspec import Struct

VALID = 600

# Account id, file id, and the second at which the link ends.
CLAIM = struct.Struct(">QQQ")
PURPOSE = b"trustwright download\0"


class Grant(Struct, frozen=True):
    """What a link allows, and until when."""

    account_id: int
    file_id: int
    expires: int


def link(public_url: str, secret: bytes, account_id: int, file_id: int, name: str, now: datetime) -> str:
    """The address from which a file can be downloaded for ten minutes."""
    claim = CLAIM.pack(account_id, file_id, int(now.timestamp()) + VALID)
    token = _text(claim + _signature(secret, claim))
    return f"{public_url.rstrip('/')}/files/{token}/{quote(name, safe='')}"


def read_token(secret: bytes, token: str) -> Grant | None:
    """What a token allows, be it over or not; None for one that was not signed with this secret."""
    try:
        raw = base64.b64decode(token + "=" * (-len(token) % 4), altchars=b"-_", validate=True)
    except (ValueError, binascii.Error):
        return None
    claim, signature = raw[: CLAIM.size], raw[CLAIM.size :]
    if len(claim) < CLAIM.size or _text(raw) != token or not hmac.compare_digest(signature, _signature(secret, claim)):
        return None
    return Grant(*CLAIM.unpack(claim))


def _text(raw: bytes) -> str:
    return base64.urlsafe_b64encode(raw).decode().rstrip("=")


def _signature(secret: bytes, claim: bytes) -> bytes:
    return hmac.new(secret, PURPOSE + claim, hashlib.sha256).digest()
