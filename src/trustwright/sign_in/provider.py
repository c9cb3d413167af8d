"""The identity provider of an account (OpenID Connect), and what must be true of it."""

import re
from datetime import datetime
from urllib.parse import urlsplit

from msgspec import Struct

from trustwright.errors import Invalid

DOMAIN = re.compile(r"(?!-)[a-z0-9-]{1,63}(\.(?!-)[a-z0-9-]{1,63})+")
LONGEST = 500
MOST_DOMAINS = 50

# Addresses there belong to everybody, so no company can speak for them.
EVERYBODYS = frozenset(
    """
    gmail.com googlemail.com outlook.com hotmail.com live.com msn.com yahoo.com icloud.com me.com proton.me
    protonmail.com gmx.de gmx.net web.de aol.com mail.com yandex.ru qq.com 163.com
    """.split()
)


class Provider(Struct, frozen=True, kw_only=True):
    """`client_secret` is sealed. `domains`: of the addresses that it knows. `is_only_way`: passwords let nobody in."""

    issuer: str
    client_id: str
    client_secret: bytes
    domains: list[str]
    is_enabled: bool
    is_only_way: bool
    updated_at: datetime

    @property
    def shuts_passwords_out(self) -> bool:
        return self.is_enabled and self.is_only_way

    def serves(self, email: str) -> bool:
        """Whether an address is in one of its domains."""
        return domain_of(email) in self.domains


class NamedAccount(Struct, frozen=True):
    account_id: int
    account_name: str


class Given(Struct, frozen=True, kw_only=True):
    """A provider as a form has it; `client_secret` None to keep the one that is there."""

    issuer: str
    client_id: str
    client_secret: str | None
    domains: list[str]
    is_enabled: bool
    is_only_way: bool


class Person(Struct, frozen=True, kw_only=True):
    """Whom a provider has confirmed. `email` None where it did not say that the address is verified."""

    issuer: str
    subject: str
    email: str | None


def domain_of(email: str) -> str:
    return email.strip().lower().rpartition("@")[2]


def domains_in(text: str) -> list[str]:
    """Domains with commas, blanks or line breaks between. Raises Invalid."""
    found = list(dict.fromkeys(each.lower().lstrip("@") for each in re.split(r"[,;\s]+", text) if each))
    for domain in found:
        if not DOMAIN.fullmatch(domain):
            raise Invalid(f"domains: {domain!r} is not a domain like example.com")
        if domain in EVERYBODYS:
            raise Invalid(f"domains: addresses of {domain} belong to everybody, not to your company")
    if not found or len(found) > MOST_DOMAINS:
        raise Invalid(f"domains: name 1 to {MOST_DOMAINS} domains")
    return found


def require_issuer(issuer: str, *, is_http_allowed: bool) -> str:
    """As the provider itself writes it. Raises Invalid."""
    try:
        parts = urlsplit(issuer)
        is_whole = bool(parts.hostname) and (parts.port is None or parts.port > 0)
    except ValueError as error:
        raise Invalid("issuer: this is no address; write it as https://host/path") from error
    if parts.scheme not in (("https", "http") if is_http_allowed else ("https",)) or not is_whole:
        raise Invalid("issuer: must be an address that begins with https://")
    if parts.query or parts.fragment or "@" in parts.netloc or len(issuer) > LONGEST or not issuer.isascii():
        raise Invalid("issuer: must have neither a user name nor anything behind ? or #")
    return issuer


def require_text(name: str, text: str) -> str:
    """Raises Invalid."""
    if not text or len(text) > LONGEST or not text.isprintable():
        raise Invalid(f"{name}: 1 to {LONGEST} characters")
    return text
