"""A trust center as a folder: what `trust.yaml` may say, and what is wrong with it."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, date, datetime
from typing import Annotated, Any, TypeVar

import msgspec
from msgspec import UNSET, Meta, Struct, UnsetType

from trustwright import plain_yaml
from trustwright.errors import Invalid, Problem
from trustwright.trust.changes import SettingsChange
from trustwright.trust.model import DocumentType, Mode, Visibility
from trustwright.trust_page.controls import ControlFields
from trustwright.trust_page.model import (
    Content,
    Faq,
    Link,
    LongText,
    Name,
    ShortText,
    Subprocessor,
    Update,
    fault,
    key_of,
    require_distinct,
    require_sound,
)

FILE = "trust.yaml"
LARGEST = plain_yaml.LARGEST
DEEPEST = 20

# Fields that are moments; a plain date there is its midnight UTC.
MOMENTS = ("expires_at", "evidence_until", "published_at")
# How settings name the pictures of the page in the database.
PICTURES = ("favicon_file_id", "logo_file_id", "dark_logo_file_id")

C = TypeVar("C", bound=Content)

# A file below the folder, by its path from there.
FilePath = Annotated[str, Meta(min_length=1, max_length=1000)]


class Settings(SettingsChange, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The settings of the trust center; its pictures stand in `branding`."""


class Branding(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Files of pictures."""

    favicon: FilePath | None = None
    logo: FilePath | None = None
    dark_logo: FilePath | None = None


class DocumentLine(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A document; its type and name say which. Without a visibility a new one gets what the workspace's rules decide,
    and a known one keeps its own."""

    name: Name
    type: DocumentType
    file: FilePath
    visibility: Visibility | None = None
    mode: Mode = Mode.DOWNLOAD
    is_published: bool = True
    needs_review: bool = False
    expires_at: datetime | None = None


class SubprocessorLine(Subprocessor, frozen=True, kw_only=True):
    is_published: bool = True


class UpdateLine(Update, frozen=True, kw_only=True):
    is_published: bool = True


class FaqLine(Faq, frozen=True, kw_only=True):
    is_published: bool = True


class LinkLine(Link, frozen=True, kw_only=True):
    is_published: bool = True


class DocumentName(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A document of the workspace, in this folder or already there."""

    type: DocumentType
    name: Name


class FrameworkLine(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    name: Name
    status: ShortText
    period: ShortText = ""
    auditor: ShortText = ""
    valid_until: date | None = None
    document: DocumentName | None = None
    is_published: bool = True


class PreapprovedLines(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    domains: list[ShortText] | None = None
    addresses: list[LongText] | None = None


class Folder(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What the file says; what it does not name stays as it is."""

    settings: Settings | UnsetType = UNSET
    branding: Branding | UnsetType = UNSET
    nda: FilePath | UnsetType = UNSET
    preapproved: PreapprovedLines | UnsetType = UNSET
    documents: list[DocumentLine] | UnsetType = UNSET
    controls: list[ControlFields] | UnsetType = UNSET
    subprocessors: list[SubprocessorLine] | UnsetType = UNSET
    updates: list[UpdateLine] | UnsetType = UNSET
    faq: list[FaqLine] | UnsetType = UNSET
    frameworks: list[FrameworkLine] | UnsetType = UNSET
    links: list[LinkLine] | UnsetType = UNSET


def read(text: bytes) -> Folder:
    """What a file says. Raises Invalid with the place of what is wrong."""
    try:
        # Dates and yes and no as YAML has them.
        values = _plain(plain_yaml.read(text, deepest=DEEPEST, loader=plain_yaml.Loader))
        folder = msgspec.convert(values, Folder)
    except msgspec.ValidationError as error:
        raise Invalid(f"{FILE}: {fault(error)}") from error
    except plain_yaml.NotPlain as error:
        raise Invalid(f"{FILE}: {error}") from error
    _look(folder, values)
    return folder


def content_of(kind: type[C], line: Struct) -> C:
    """The entry that a line stands for."""
    return kind(**{name: getattr(line, name) for name in kind.__struct_fields__})


@contextmanager
def at(place: str) -> Iterator[None]:
    """Puts the place before what is wrong there."""
    try:
        yield
    except Problem as problem:
        problem.message = f"{place}: {problem.message}"
        raise


def _plain(value: Any, name: object = None) -> Any:
    """What YAML said in the types that JSON has, and moments with their zone."""
    if isinstance(value, dict):
        return {key: _plain(inner, key) for key, inner in value.items()}
    if isinstance(value, list):
        return [_plain(inner) for inner in value]
    if isinstance(value, datetime):
        return value if value.tzinfo else value.replace(tzinfo=UTC)
    if isinstance(value, date) and name in MOMENTS:
        return datetime.combine(value, datetime.min.time(), UTC)
    return value


def _look(folder: Folder, values: dict[str, Any]) -> None:
    """Raises Invalid for what fits its type, and still cannot be."""
    for name in PICTURES:
        if name in values.get("settings", {}):
            raise Invalid(f"{FILE}: settings: Object contains unknown field `{name}`")
    for name in ("documents", "controls", "subprocessors", "updates", "faq", "frameworks", "links"):
        lines = getattr(folder, name)
        if lines is UNSET:
            continue
        for place, line in enumerate(lines):
            with at(f"{FILE}: {name}[{place}]"):
                require_sound(line)
        with at(f"{FILE}: {name}"):
            require_distinct([_key(line) for line in lines])


def _key(line: Struct) -> str:
    match line:
        case ControlFields():
            return line.code
        case DocumentLine():
            return f"{line.type} {line.name.strip()}"
        case FrameworkLine():
            return line.name
        case Subprocessor() | Update() | Faq() | Link():
            return key_of(line)
    raise TypeError(f"{type(line).__name__} is no line of a section")
