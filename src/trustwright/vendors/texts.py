"""What the texts about a vendor must look like, and what an address tells."""

import re
from urllib.parse import urlsplit

from trustwright.accounts.model import is_email
from trustwright.errors import Invalid

ADDRESS = re.compile(r"https?://[!#$%&'()*+,\-./0-9:;=?@A-Z\[\]_a-z~]+", re.IGNORECASE)

# Whose product a trust center is, by the domain that it is served from. A company's own domain tells nothing.
PROVIDERS = {
    "anecdotes.ai": "ANECDOTES",
    "conveyor.com": "CONVEYOR",
    "drata.com": "DRATA",
    "hypercomply.com": "HYPERCOMPLY",
    "safebase.io": "SAFEBASE",
    "safebase.us": "SAFEBASE",
    "scrut.io": "SCRUT",
    "secureframe.com": "SECUREFRAME",
    "securitypalhq.com": "SECURITYPAL",
    "skypher.co": "SKYPHER",
    "sprinto.com": "SPRINTO",
    "trustarc.com": "TRUSTARC",
    "trustcloud.ai": "TRUSTCLOUD",
    "vanta.com": "VANTA",
    "whistic.com": "WHISTIC",
    "zengrc.com": "ZENGRC",
}


def require_web_address(field: str, text: str) -> None:
    """Raises Invalid for what is no URI of http or https (RFC 3986)."""
    if not ADDRESS.fullmatch(text) or not host_of(text):
        raise Invalid(f"{field}: must be an address like https://example.com")


def host_of(address: str) -> str:
    """The host in lower case; empty where there is none."""
    try:
        return urlsplit(address).hostname or ""
    except ValueError:
        return ""


def provider_of(address: str | None) -> str | None:
    """Whose product serves the trust center at an address, None when its host does not tell."""
    labels = host_of(address or "").split(".")
    domains = (".".join(labels[place:]) for place in range(len(labels)))
    return next((PROVIDERS[domain] for domain in domains if domain in PROVIDERS), None)


def mail_addresses(field: str, text: str) -> str:
    """Addresses between semicolons, without the spaces around them. Raises Invalid, naming the first that is none."""
    found = [part.strip() for part in text.split(";") if part.strip()]
    if not found:
        raise Invalid(f"{field}: must be an e-mail address; null is for none")
    if bad := [part for part in found if not is_email(part)]:
        raise Invalid(f"{field}: {bad[0]!r} is not an e-mail address; put a semicolon between two")
    return ";".join(found)
