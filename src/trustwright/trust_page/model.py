"""The sections of the trust page that are lists of entries: subprocessors, updates, questions, frameworks, links."""

from collections import Counter
from datetime import date, datetime
from enum import StrEnum
from typing import Annotated, Any
from urllib.parse import urlsplit

import msgspec
from msgspec import Meta, Struct

from trustwright.errors import Invalid
from trustwright.trust.model import DocumentType

Name = Annotated[str, Meta(min_length=1, max_length=255)]
ShortText = Annotated[str, Meta(max_length=255)]
LongText = Annotated[str, Meta(max_length=20_000)]
Address = Annotated[str, Meta(max_length=2000)]


KEYS = ("code", "name", "title", "question")  # the fields by which entries are known


class Kind(StrEnum):
    SUBPROCESSOR = "SUBPROCESSOR"
    UPDATE = "UPDATE"
    FAQ = "FAQ"
    FRAMEWORK = "FRAMEWORK"
    LINK = "LINK"


class UpdateCategory(StrEnum):
    COMPLIANCE = "compliance"
    VULNERABILITIES = "vulnerabilities"
    INCIDENTS = "incidents"
    SUBPROCESSORS = "subprocessors"
    GENERAL = "general"


class Audience(StrEnum):
    """ACCESS_HOLDERS: those who were granted documents."""

    PUBLIC = "PUBLIC"
    ACCESS_HOLDERS = "ACCESS_HOLDERS"


class DocumentRef(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A document of the same workspace."""

    type: DocumentType
    id: int


class Entry(
    Struct, frozen=True, kw_only=True, tag_field="kind", tag=lambda name: name.upper(), forbid_unknown_fields=True
):
    """One entry of a section; its class is its kind."""


class Subprocessor(Entry, frozen=True, kw_only=True):
    name: Name
    purpose: LongText
    country: ShortText
    data_categories: Annotated[list[Name], Meta(max_length=100)] = []
    dpa_url: Address | None = None
    effective_from: date | None = None


class Update(Entry, frozen=True, kw_only=True):
    """News; what is published in the future is shown then."""

    title: Name
    text: LongText
    category: UpdateCategory
    published_at: datetime
    audience: Audience = Audience.PUBLIC


class Faq(Entry, frozen=True, kw_only=True):
    question: Annotated[str, Meta(min_length=1, max_length=2000)]
    answer: LongText
    category: ShortText = ""


class Framework(Entry, frozen=True, kw_only=True):
    """What a badge rests on. It holds until the end of `valid_until`."""

    name: Name
    status: ShortText
    period: ShortText = ""
    auditor: ShortText = ""
    valid_until: date | None = None
    document: DocumentRef | None = None

    def is_current(self, today: date) -> bool:
        return self.valid_until is None or self.valid_until >= today


class Link(Entry, frozen=True, kw_only=True):
    name: Name
    url: Address


Content = Subprocessor | Update | Faq | Framework | Link


class NewItem(Struct, frozen=True, kw_only=True):
    content: Content
    is_published: bool = True


class Item(Struct, frozen=True, kw_only=True):
    """An entry as it is kept."""

    id: int
    workspace_id: int
    place: int
    is_published: bool
    content: Content
    created_at: datetime
    updated_at: datetime


class Replaced(Struct, frozen=True, kw_only=True):
    """What became of a section that was replaced, each entry by its code, name, title or question."""

    added: list[str]
    changed: list[str]
    unchanged: list[str]
    removed: list[str]


def kind_of(content: Content) -> Kind:
    return Kind(str(type(content).__struct_config__.tag))


def key_of(content: Content) -> str:
    """By what an entry is known among those of its kind."""
    if isinstance(content, Update):
        return content.title
    return content.question if isinstance(content, Faq) else content.name


def require_sound(content: Struct) -> None:
    """Raises Invalid for an entry, or the fields of a control, that must not be kept: with NUL in a text, an address
    that is none, a text too long."""
    values: dict[str, Any] = msgspec.to_builtins(content)
    try:
        msgspec.convert(values, type(content))
    except msgspec.ValidationError as error:
        raise Invalid(fault(error)) from error
    for name, value in values.items():
        for text in value if isinstance(value, list) else [value]:
            if isinstance(text, str) and "\0" in text:
                raise Invalid(f"{name}: must not contain NUL")
        if name in KEYS and not value.strip():
            raise Invalid(f"{name}: must not be blank")
        if name in ("url", "dpa_url") and value is not None and not is_web_address(value):
            raise Invalid(f"{name}: must be an address that begins with https:// or http://")


def require_distinct(keys: list[str]) -> None:
    """Raises Invalid for a section in which two entries have the same key."""
    for key, count in Counter(keys).items():
        if count > 1:
            raise Invalid(f"{key!r} is there {count} times; each entry of a section needs a name of its own")


def is_web_address(text: str) -> bool:
    """Whether a browser that is led there stays on the web: no javascript:, no data:, nothing relative."""
    if any(character.isspace() or not character.isprintable() for character in text):
        return False
    try:
        parts = urlsplit(text)
        return parts.scheme in ("http", "https") and bool(parts.hostname)
    except ValueError:
        return False


def fault(error: msgspec.ValidationError) -> str:
    """What does not fit, its place first: `subprocessors[2].name: Expected ...`."""
    text, _, place = str(error).partition(" - at `$")
    place = place.rstrip("`").lstrip(".")
    return f"{place}: {text}" if place else text
