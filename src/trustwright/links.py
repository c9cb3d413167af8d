"""Links in mails: the tokens by which they are known, and the addresses that they lead to."""

import hashlib
import secrets


class NoPublicUrl(RuntimeError):
    """A link cannot be made in a process that does not know its address: set TRUSTWRIGHT_PUBLIC_URL."""


def new_token() -> str:
    """256 random bits for a link or a cookie."""
    return secrets.token_urlsafe(32)


def hash_token(token: str) -> bytes:
    """SHA-256: the token is random and long, so a slow hash would add cost and no safety."""
    return hashlib.sha256(token.encode("utf-8", "surrogateescape")).digest()


def new_code() -> str:
    """Six digits that somebody reads in a mail and types."""
    return f"{secrets.randbelow(10**6):06}"


def address(public_url: str, path: str) -> str:
    """The absolute address of a path that begins with a slash. Raises NoPublicUrl."""
    if not public_url:
        raise NoPublicUrl(NoPublicUrl.__doc__)
    return public_url.rstrip("/") + path
