"""Secrets that the database keeps and cannot read: sealed with a key that is made of the service's secret key."""

import base64

from cryptography.fernet import Fernet, InvalidToken
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF


class Sealer:
    """Seals texts for one purpose, so that a text of one place is none in another."""

    def __init__(self, secret_key: bytes, purpose: str) -> None:
        derived = HKDF(SHA256(), 32, salt=None, info=f"trustwright {purpose}".encode()).derive(secret_key)
        self._fernet = Fernet(base64.urlsafe_b64encode(derived))

    def seal(self, content: bytes) -> bytes:
        return self._fernet.encrypt(content)

    def unseal(self, sealed: bytes, *, seconds: int | None = None) -> bytes | None:
        """None for what another key has sealed, for what was changed, and for what is older than `seconds`."""
        try:
            return self._fernet.decrypt(sealed, ttl=seconds)
        except InvalidToken:
            return None
