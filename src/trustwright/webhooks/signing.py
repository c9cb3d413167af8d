"""Secrets of webhooks, and the signatures made with them.

A secret is made of the key of the server and of random bytes in the database. Neither alone is enough, so a copy of the
database signs nothing, and the secret itself stands nowhere."""

import base64
import hashlib
import hmac
import secrets

PREFIX = "whsec_"
PURPOSE = b"secret of a webhook"


def new_nonce() -> bytes:
    """256 random bits."""
    return secrets.token_bytes(32)


def secret_of(key: bytes, account_id: int, nonce: bytes) -> str:
    """The same as long as the key of the server is: `whsec_` and 32 bytes in base64url (RFC 4648, 5)."""
    made = hmac.new(key, b"\0".join((PURPOSE, str(account_id).encode(), nonce)), hashlib.sha256).digest()
    return PREFIX + base64.urlsafe_b64encode(made).decode().rstrip("=")


def fingerprint(secret: str) -> bytes:
    """SHA-256, which tells whether a secret made anew is the one that was shown."""
    return hashlib.sha256(secret.encode()).digest()


def signature(secret: str, timestamp: int, body: bytes) -> str:
    """The header that proves who sent a body, and when; `timestamp` in seconds since 1970. The key of the HMAC is the
    whole secret, its prefix included."""
    mac = hmac.new(secret.encode(), str(timestamp).encode() + b"." + body, hashlib.sha256)
    return f"v1={mac.hexdigest()}"
