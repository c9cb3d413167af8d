"""What settings and documents become when some of their fields are given anew."""

import re
from datetime import datetime
from typing import Any
from urllib.parse import urlsplit

from msgspec import UNSET, Struct, UnsetType, structs

from trustwright.errors import Invalid
from trustwright.trust.addresses import normalized, security_addresses
from trustwright.trust.model import (
    Document,
    DocumentType,
    ExpirationType,
    Fact,
    FlowType,
    Mode,
    TrustCenter,
    Visibility,
)

SLUG = re.compile(r"[a-z0-9][a-z0-9-]{0,61}[a-z0-9]")
DOMAIN = re.compile(r"([a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z][a-z0-9-]{0,61}[a-z0-9]")
COLOR = re.compile(r"#[0-9a-f]{6}")

LONGEST_NAME = 255
LONGEST_ADDRESS = 768
LONGEST_TEXT = 20_000
MOST_FACTS = 50
LONGEST_ACCESS = 1825  # days (Q56)
LONGEST_SLA = 3650  # days

TEXTS = ("name", "privacy_url", "contact_url", "about", "privacy_description", "header_template", "footer_template")
LENGTHS = {"name": LONGEST_NAME, "privacy_url": LONGEST_ADDRESS, "contact_url": LONGEST_ADDRESS}
DAYS = {
    "sla_time": (0, LONGEST_SLA),
    "default_expiration_days": (1, LONGEST_ACCESS),
    "nda_memory_days": (1, LONGEST_ACCESS),
    "signing_window_days": (1, LONGEST_ACCESS),
}


class SettingsChange(Struct, frozen=True, kw_only=True):
    """What is given anew of a trust center; UNSET stays. The file ids are those of pictures."""

    slug: str | UnsetType | None = UNSET
    is_published: bool | UnsetType = UNSET
    flow_type: FlowType | UnsetType = UNSET
    is_sla_displayed: bool | UnsetType = UNSET
    sla_time: int | UnsetType = UNSET
    default_expiration_days: int | UnsetType | None = UNSET
    default_expiration_type: ExpirationType | UnsetType = UNSET
    nda_memory_days: int | UnsetType = UNSET
    signing_window_days: int | UnsetType = UNSET
    asks_on_new_device: bool | UnsetType = UNSET
    tells_denied: bool | UnsetType = UNSET
    hides_private_names: bool | UnsetType = UNSET
    security_emails: str | UnsetType = UNSET
    legal_email: str | UnsetType = UNSET
    name: str | UnsetType = UNSET
    about: str | UnsetType = UNSET
    privacy_description: str | UnsetType = UNSET
    privacy_url: str | UnsetType = UNSET
    contact_url: str | UnsetType = UNSET
    header_template: str | UnsetType = UNSET
    footer_template: str | UnsetType = UNSET
    primary_color: str | UnsetType = UNSET
    favicon_file_id: int | UnsetType = UNSET
    logo_file_id: int | UnsetType = UNSET
    dark_logo_file_id: int | UnsetType = UNSET
    facts: list[Fact] | UnsetType = UNSET
    domain: str | UnsetType | None = UNSET
    is_indexed: bool | UnsetType = UNSET


class NewDocument(Struct, frozen=True, kw_only=True):
    """A document to be; without a visibility the workspace's rules decide."""

    name: str
    type: DocumentType
    visibility: Visibility | None = None
    mode: Mode = Mode.DOWNLOAD
    is_published: bool = True
    needs_review: bool = False
    expires_at: datetime | None = None


class DocumentChange(Struct, frozen=True, kw_only=True):
    """What is given anew of a document; UNSET stays."""

    name: str | UnsetType = UNSET
    visibility: Visibility | UnsetType = UNSET
    mode: Mode | UnsetType = UNSET
    is_published: bool | UnsetType = UNSET
    needs_review: bool | UnsetType = UNSET
    expires_at: datetime | UnsetType | None = UNSET


def changed_settings(before: TrustCenter, change: SettingsChange, now: datetime) -> TrustCenter:
    """The trust center with what was given. The dates of its texts move only when these do. Raises Invalid."""
    fields = given(change)
    for name in fields.keys() & {*TEXTS}:
        require_length(camel(name), fields[name], LENGTHS.get(name, LONGEST_TEXT))
    for name in fields.keys() & DAYS.keys():
        _require_days(camel(name), fields[name], *DAYS[name], may_be_none=name == "default_expiration_days")
    _require_slug(fields.get("slug"))
    _require_domain(fields.get("domain"))
    for name in ("privacy_url", "contact_url"):
        _require_link(camel(name), fields.get(name, ""))
    fields |= _spelled(fields)
    _require_facts(fields.get("facts", []))
    after = structs.replace(before, **fields)
    if not after.name.strip():
        raise Invalid("name: a trust center needs one")
    if after.is_published and after.slug is None:
        raise Invalid("isPublished: give the trust center a slug first, which becomes part of its address")
    return structs.replace(
        after,
        about_updated_at=before.about_updated_at if after.about == before.about else now,
        privacy_updated_at=before.privacy_updated_at
        if after.privacy_description == before.privacy_description
        else now,
    )


def may_be_private(flow_type: FlowType, *, has_nda: bool) -> bool:
    """Whether a workspace can open private documents to anybody at all (trust-center 3)."""
    return has_nda or flow_type is FlowType.NO_NDA_REQUIRED


def changed_document(before: Document, change: DocumentChange) -> Document:
    """The document with what was given. Raises Invalid."""
    fields = given(change)
    if "name" in fields:
        fields["name"] = document_name(fields["name"])
    return structs.replace(before, **fields)


def document_name(text: str) -> str:
    """The name without the spaces around it. Raises Invalid."""
    name = text.strip()
    require_length("name", name, LONGEST_NAME)
    if not name:
        raise Invalid("name: a document needs one")
    return name


def require_stampable(document: Document) -> None:
    """Raises Invalid for a private document that has to be stamped and cannot be (trust-center 2.4)."""
    if document.visibility is Visibility.PUBLIC or document.mode is Mode.ORIGINAL or document.stamp_fault is None:
        return
    raise Invalid(
        f"{document.name}: {document.stamp_fault.rstrip('.')}. Replace the file, make the document public, or give it "
        "the mode ORIGINAL, which sends it out without a stamp"
    )


def given(change: Struct) -> dict[str, Any]:
    """The fields of a change that were given, by name."""
    return {name: value for name, value in structs.asdict(change).items() if value is not UNSET}


def differences(before: Struct, after: Struct) -> tuple[dict[str, Any], dict[str, Any]]:
    """By name, as the API spells it, what was and what is now, of the fields that differ."""
    names = [name for name in before.__struct_fields__ if getattr(before, name) != getattr(after, name)]
    return (
        {camel(name): getattr(before, name) for name in names},
        {camel(name): getattr(after, name) for name in names},
    )


def told(document: Document) -> dict[str, Any]:
    """What the event of a new or deleted document tells of it."""
    names = ("type", "name", "visibility", "mode", "is_published", "needs_review", "version", "file_id", "expires_at")
    return {camel(name): getattr(document, name) for name in names}


def camel(name: str) -> str:
    """How the API spells a field of the model."""
    if name == "is_sla_displayed":
        return "isSLADisplayed"
    first, *others = name.split("_")
    return first + "".join(word.title() for word in others)


def require_length(field: str, text: str, longest: int) -> None:
    """Raises Invalid for a text that is too long, or cannot be kept."""
    if len(text) > longest:
        raise Invalid(f"{field}: must not be longer than {longest} characters")
    if "\0" in text:
        raise Invalid(f"{field}: must not contain NUL")


def _spelled(fields: dict[str, Any]) -> dict[str, Any]:
    """The fields that have one right spelling, in it."""
    found: dict[str, Any] = {}
    if "legal_email" in fields:
        found["legal_email"] = normalized(fields["legal_email"]) if fields["legal_email"].strip() else ""
    if "security_emails" in fields:
        require_length("securityEmails", fields["security_emails"], LONGEST_ADDRESS)
        found["security_emails"] = ",".join(security_addresses(fields["security_emails"]))
    if "primary_color" in fields:
        found["primary_color"] = fields["primary_color"].strip().lower()
        if found["primary_color"] and not COLOR.fullmatch(found["primary_color"]):
            raise Invalid("primaryColor: must be a color like #1a73e8, or empty")
    return found


def _require_days(field: str, value: int | None, least: int, most: int, *, may_be_none: bool) -> None:
    if value is None and may_be_none:
        return
    if value is None or not least <= value <= most:
        raise Invalid(f"{field}: must be a whole number of days from {least} to {most}")


def _require_slug(slug: str | None) -> None:
    if slug is not None and not SLUG.fullmatch(slug):
        raise Invalid(
            "slug: must have 2 to 63 characters, only lower-case letters, digits and hyphens, and a letter or digit at "
            "its begin and end"
        )


def _require_domain(domain: str | None) -> None:
    if domain is not None and (len(domain) > LONGEST_NAME or not DOMAIN.fullmatch(domain)):
        raise Invalid("domain: must be the name of a host like trust.example.com, in lower-case letters")


def _require_link(field: str, text: str) -> None:
    """An address that a browser may follow: no `javascript:` stands behind a link of the page."""
    if not text:
        return
    try:
        parts = urlsplit(text)
        good = bool(parts.hostname) and parts.scheme in ("http", "https")
    except ValueError:
        good = False
    if field == "contactUrl" and text.lower().startswith("mailto:"):
        normalized(text[len("mailto:") :])
        good = True
    if not good or re.search(r"[\s<>\"\\\x00-\x1f]", text):
        raise Invalid(f"{field}: must be an address like https://example.com, or empty")


def _require_facts(facts: list[Fact]) -> None:
    if len(facts) > MOST_FACTS:
        raise Invalid(f"facts: must not be more than {MOST_FACTS}")
    for fact in facts:
        require_length("facts: name", fact.name, LONGEST_NAME)
        require_length("facts: value", fact.value, LONGEST_TEXT)
        if not fact.name.strip():
            raise Invalid("facts: each needs a name")
