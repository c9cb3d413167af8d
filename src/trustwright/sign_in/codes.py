"""Codes of the second factor: those of an app (TOTP, RFC 6238), and those for the day when the app has gone."""

import base64
import hashlib
import hmac
import secrets
from urllib.parse import quote, urlencode

from trustwright.errors import Invalid

STEP = 30
DIGITS = 6
# Steps of half a minute by which a clock may be wrong.
DRIFT = 1
SECRET_BYTES = 20

RECOVERY_CODES = 10
# 80 bits: nobody finds one by its hash.
RECOVERY_BYTES = 10


def new_secret() -> str:
    """As apps take it: base32."""
    return base64.b32encode(secrets.token_bytes(SECRET_BYTES)).decode()


def secret_bytes(secret: str) -> bytes:
    """Raises Invalid for what `new_secret` did not make."""
    if len(secret) != 32 or not secret.isascii() or set(secret) - set("ABCDEFGHIJKLMNOPQRSTUVWXYZ234567"):
        raise Invalid("The key of the second factor cannot be read. Open the page once more")
    return base64.b32decode(secret)


def code_at(secret: bytes, step: int) -> str:
    """The six digits of a time step (RFC 4226, 5.3)."""
    digest = hmac.digest(secret, step.to_bytes(8, "big"), hashlib.sha1)
    place = digest[-1] & 0x0F
    number = int.from_bytes(digest[place : place + 4], "big") & 0x7FFFFFFF
    return f"{number % 10**DIGITS:0{DIGITS}}"


def step_of(secret: bytes, code: str, now: float, after: int = 0) -> int | None:
    """The time step that a code belongs to, if it is one of now (`now` in seconds) and comes behind `after`."""
    current = int(now // STEP)
    given = "".join(code.split())
    for step in range(current - DRIFT, current + DRIFT + 1):
        if step > after and hmac.compare_digest(code_at(secret, step).encode(), given.encode()):
            return step
    return None


def app_address(secret: str, email: str) -> str:
    """What the QR code says."""
    asked = urlencode({"secret": secret, "issuer": "Trustwright", "digits": DIGITS, "period": STEP})
    return f"otpauth://totp/Trustwright:{quote(email)}?{asked}"


def new_recovery_codes() -> list[str]:
    """Codes to write down, in groups of four."""
    texts = [base64.b32encode(secrets.token_bytes(RECOVERY_BYTES)).decode().lower() for _ in range(RECOVERY_CODES)]
    return ["-".join(text[start : start + 4] for start in range(0, len(text), 4)) for text in texts]


def recovery_hash(code: str) -> bytes:
    """SHA-256 of a code, however it was typed: it is random and long enough for a fast hash."""
    plain = "".join(character for character in code.lower() if character.isalnum())
    return hashlib.sha256(plain.encode()).digest()
