"""Addresses and domains of requesters, in the one spelling in which they are compared."""

import ipaddress
import re

import idna

from trustwright.errors import Invalid
from trustwright.trust.free_mail import is_free_mail

LOCAL = re.compile(r"[a-z0-9!#$%&'*+/=?^_`{|}~-]+(\.[a-z0-9!#$%&'*+/=?^_`{|}~-]+)*")
LONGEST = 254  # RFC 5321
LONGEST_LOCAL = 64
LONGEST_DOMAIN = 253

SEPARATORS = re.compile(r"[,;]")

# What people write where a domain is wanted, each with what to write instead.
MISTAKES = (
    (re.compile(r"\*"), "wildcards are not understood; name each domain by itself"),
    (re.compile(r"@"), "name the domain alone, without an @; single addresses have a list of their own"),
    (re.compile(r"//|/"), "name the host alone, without https:// and without a path"),
    (re.compile(r"^\."), "leave the leading dot out; a domain stands for itself, and not for those below it"),
    (re.compile(r"\.$"), "leave the dot at its end out"),
    (re.compile(r":"), "name the host alone, without a port"),
)


def normalized(email: str) -> str:
    """An address as it is compared and kept: lower case, its domain in ASCII by IDNA. Raises Invalid."""
    text = email.strip()
    local, at, host = text.rpartition("@")
    domain = _ascii(host)
    found = f"{local.lower()}@{domain}"
    good = local.isascii() and LOCAL.fullmatch(local.lower()) and len(local) <= LONGEST_LOCAL
    if not at or not good or domain is None or "." not in domain or _is_ip(domain) or len(found) > LONGEST:
        raise Invalid(f"{_quoted(text)} is not an e-mail address; send one like name@company.com")
    return found


def domain_of(email: str) -> str:
    """The domain of a normalized address."""
    return email.rpartition("@")[2]


def domain_name(text: str) -> str:
    """A preapproved domain as it is compared and kept: one exact host, in ASCII by IDNA. Raises Invalid for anything
    wider or narrower than that, and for the domain of a free-mail provider (trust-center 1.8)."""
    given = text.strip()
    for mistake, cure in MISTAKES:
        if mistake.search(given):
            raise Invalid(f"{_quoted(given)} cannot be preapproved: {cure}")
    domain = _ascii(given)
    if domain is not None and _is_ip(domain):
        raise Invalid(f"{_quoted(given)} cannot be preapproved: name a domain like company.com, not an IP address")
    if domain is None or "." not in domain:
        raise Invalid(f"{_quoted(given)} is not a domain; send one like company.com")
    if is_free_mail(domain):
        raise Invalid(
            f"{_quoted(given)} cannot be preapproved: anybody can have an address there; preapprove single addresses"
        )
    return domain


def parts(text: str) -> list[str]:
    """What stands between commas and semicolons, without what is empty."""
    return [part.strip() for part in SEPARATORS.split(text) if part.strip()]


def security_addresses(text: str) -> list[str]:
    """The addresses of a list as TrustCenter.security_emails holds it, or as it is sent: normalized, each once, in
    their order. Raises Invalid."""
    return list(dict.fromkeys(map(normalized, parts(text))))


def _ascii(host: str) -> str | None:
    """The host by IDNA 2008 after the mapping of UTS 46, in lower case; None when it is none."""
    if not host or len(host) > LONGEST_DOMAIN:
        return None
    try:
        domain = idna.encode(host, uts46=True).decode("ascii").lower()
    except (idna.IDNAError, UnicodeError):
        return None
    return None if domain.endswith(".") else domain


def _is_ip(domain: str) -> bool:
    """Whether a host is read as an address of four numbers, in any of the spellings that resolvers know."""
    last = domain.rpartition(".")[2]
    try:
        ipaddress.ip_address(domain)
    except ValueError:
        return last.isdecimal() or re.fullmatch(r"0x[0-9a-f]*", last) is not None
    return True


def _quoted(text: str) -> str:
    """The text as an error shows it: not endless."""
    return repr(text if len(text) <= 80 else f"{text[:80]}...")
