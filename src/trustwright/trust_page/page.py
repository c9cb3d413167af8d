"""The page as its visitors see it: what of all that is kept may be shown, and nothing else."""

from collections import Counter
from collections.abc import Sequence
from datetime import UTC, date, datetime
from typing import TypeVar

from msgspec import UNSET, Struct, UnsetType, field

from trustwright.times import iso
from trustwright.trust.markup import safe_html
from trustwright.trust.model import Document, DocumentType, Emblem, Fact, FlowType, TrustCenter, Visibility
from trustwright.trust_page.controls import CATEGORIES, PUBLIC, Category, Control, PublicStatus, by_category, standing
from trustwright.trust_page.markup import html_of
from trustwright.trust_page.model import (
    Audience,
    Faq,
    Framework,
    Item,
    Link,
    Subprocessor,
    Update,
    UpdateCategory,
)

T = TypeVar("T")

Moment = str


class Public(Struct, frozen=True, kw_only=True, rename="camel"):
    """A part of the page, as its JSON shows it."""


class About(Public, frozen=True):
    """Markdown, and what it looks like."""

    text: str
    html: str
    updated_at: Moment


class Privacy(Public, frozen=True):
    text: str
    html: str
    url: str
    updated_at: Moment


class DocumentLink(Public, frozen=True):
    """A document that is listed; `id` and no address for one that is to be requested."""

    type: DocumentType
    name: str
    is_locked: bool
    id: int | UnsetType = UNSET
    address: str | UnsetType = UNSET


class FrameworkShown(Public, frozen=True):
    name: str
    status: str
    period: str
    auditor: str
    valid_until: date | None
    is_current: bool
    document: DocumentLink | None


class ControlShown(Public, frozen=True):
    """`status`, `isDocumented` and `lastCheckedAt` are left out where the status is not displayed."""

    name: str
    description: str
    status: PublicStatus | UnsetType = UNSET
    is_documented: bool | UnsetType = UNSET
    last_checked_at: Moment | UnsetType | None = UNSET


class CategoryShown(Public, frozen=True):
    category: Category
    title: str
    controls: list[ControlShown]


class SubprocessorShown(Public, frozen=True):
    name: str
    purpose: str
    country: str
    data_categories: list[str]
    dpa_url: str | None
    effective_from: date | None


class UpdateShown(Public, frozen=True):
    title: str
    text: str
    category: UpdateCategory
    published_at: Moment


class FaqShown(Public, frozen=True):
    question: str
    answer: str
    category: str


class LinkShown(Public, frozen=True):
    name: str
    url: str


class Branding(Public, frozen=True):
    """Addresses of the pictures that there are, a color like `#1a73e8` or nothing, and HTML around the page."""

    favicon: str | None
    logo: str | None
    dark_logo: str | None
    primary_color: str
    header_html: str
    footer_html: str


class Agreement(Public, frozen=True):
    """The NDA that stands before the locked documents; `address` leads to its text."""

    required: bool
    name: str | None
    address: str | None


class Page(Public, frozen=True):
    """`slaDays`: within how many days failing controls are promised to pass again, null for no promise.
    `hiddenDocuments`: by type how many documents can be requested whose names are not shown."""

    name: str
    about: About
    facts: list[Fact]
    contact_url: str
    privacy: Privacy
    frameworks: list[FrameworkShown]
    documents: list[DocumentLink]
    hidden_documents: dict[DocumentType, int]
    sla_days: int | None = field(name="slaDays")
    controls: list[CategoryShown]
    subprocessors: list[SubprocessorShown]
    updates: list[UpdateShown]
    faq: list[FaqShown]
    links: list[LinkShown]
    branding: Branding
    nda: Agreement
    accepts_requests: bool
    flow_type: FlowType


class Shown(Struct, frozen=True, kw_only=True):
    """All that a page is made of. `takes_requests`: the account's plan has them."""

    center: TrustCenter
    documents: list[Document]
    controls: list[Control]
    items: list[Item]
    nda_name: str | None
    takes_requests: bool


def build(kept: Shown, now: datetime) -> Page:
    """What visitors see at `now`."""
    center = kept.center
    documents, hidden = listed(center, kept.documents, now)
    items = [item.content for item in kept.items if item.is_published]
    return Page(
        name=center.name,
        about=About(text=center.about, html=html_of(center.about), updated_at=iso(center.about_updated_at)),
        facts=center.facts,
        contact_url=center.contact_url,
        privacy=Privacy(
            text=center.privacy_description,
            html=html_of(center.privacy_description),
            url=center.privacy_url,
            updated_at=iso(center.privacy_updated_at),
        ),
        frameworks=[_framework(each, documents, now) for each in _of(Framework, items)],
        documents=list(documents.values()),
        hidden_documents=hidden,
        sla_days=center.sla_time if center.is_sla_displayed else None,
        controls=_controls(kept.controls, center.sla_time, now),
        subprocessors=[_subprocessor(each) for each in _of(Subprocessor, items)],
        updates=_updates(_of(Update, items), now),
        faq=[FaqShown(question=each.question, answer=each.answer, category=each.category) for each in _of(Faq, items)],
        links=[LinkShown(name=each.name, url=each.url) for each in _of(Link, items)],
        branding=_branding(center),
        nda=_agreement(center, kept.nda_name),
        accepts_requests=center.is_published and kept.takes_requests,
        flow_type=center.flow_type,
    )


def listed(
    center: TrustCenter, documents: list[Document], now: datetime
) -> tuple[dict[tuple[DocumentType, int], DocumentLink], dict[DocumentType, int]]:
    """The documents that are named, by type and id, and by type the number of those that can be requested unnamed."""
    offered = [document for document in documents if document.is_offered(now)]
    locked = [document for document in offered if document.visibility is Visibility.ON_REQUEST]
    named = [document for document in offered if document.visibility is Visibility.PUBLIC]
    if not center.hides_private_names:
        named += locked
        locked = []
    found = {(document.type, document.id): _document(center, document) for document in named}
    return found, dict(Counter(document.type for document in locked))


def needs_nda(flow_type: FlowType, *, has_nda: bool) -> bool:
    """Whether a visitor must agree to it. With a CRM it may, where there is one (trust-center 1.3)."""
    if flow_type is FlowType.SALESFORCE_CRM:
        return has_nda
    return flow_type is not FlowType.NO_NDA_REQUIRED


def _document(center: TrustCenter, document: Document) -> DocumentLink:
    if document.visibility is Visibility.PUBLIC:
        address = _address(center, f"documents/{document.type}/{document.id}")
        return DocumentLink(type=document.type, name=document.name, is_locked=False, address=address)
    return DocumentLink(type=document.type, name=document.name, is_locked=True, id=document.id)


def _framework(
    each: Framework, documents: dict[tuple[DocumentType, int], DocumentLink], now: datetime
) -> FrameworkShown:
    return FrameworkShown(
        name=each.name,
        status=each.status,
        period=each.period,
        auditor=each.auditor,
        valid_until=each.valid_until,
        is_current=each.is_current(now.astimezone(UTC).date()),
        document=documents.get((each.document.type, each.document.id)) if each.document else None,
    )


def _controls(controls: list[Control], sla_time: int, now: datetime) -> list[CategoryShown]:
    return [
        CategoryShown(
            category=category,
            title=CATEGORIES[category],
            controls=[_control(control, sla_time, now) for control in members],
        )
        for category, members in by_category(controls).items()
    ]


def _control(control: Control, sla_time: int, now: datetime) -> ControlShown:
    if not control.is_status_displayed:
        return ControlShown(name=control.name, description=control.description)
    stands = standing(control, sla_time, now)
    return ControlShown(
        name=control.name,
        description=control.description,
        status=PUBLIC[stands.status],
        is_documented=stands.is_documented,
        last_checked_at=iso(stands.last_checked_at) if stands.last_checked_at else None,
    )


def _subprocessor(each: Subprocessor) -> SubprocessorShown:
    return SubprocessorShown(
        name=each.name,
        purpose=each.purpose,
        country=each.country,
        data_categories=each.data_categories,
        dpa_url=each.dpa_url,
        effective_from=each.effective_from,
    )


def _updates(updates: list[Update], now: datetime) -> list[UpdateShown]:
    """The newest first."""
    out = [each for each in updates if each.audience is Audience.PUBLIC and each.published_at <= now]
    return [
        UpdateShown(title=each.title, text=each.text, category=each.category, published_at=iso(each.published_at))
        for each in sorted(out, key=lambda each: each.published_at, reverse=True)
    ]


def _branding(center: TrustCenter) -> Branding:
    return Branding(
        favicon=_picture(center, Emblem.FAVICON),
        logo=_picture(center, Emblem.LOGO),
        dark_logo=_picture(center, Emblem.DARK_LOGO),
        primary_color=center.primary_color,
        header_html=safe_html(center.header_template),
        footer_html=safe_html(center.footer_template),
    )


def picture_file(center: TrustCenter, emblem: Emblem) -> int | None:
    """The file id of a picture of the page."""
    return {
        Emblem.FAVICON: center.favicon_file_id,
        Emblem.LOGO: center.logo_file_id,
        Emblem.DARK_LOGO: center.dark_logo_file_id,
    }[emblem]


def _picture(center: TrustCenter, emblem: Emblem) -> str | None:
    return _address(center, f"branding/{emblem}") if picture_file(center, emblem) else None


def _agreement(center: TrustCenter, name: str | None) -> Agreement:
    if name is None or not needs_nda(center.flow_type, has_nda=True):
        return Agreement(required=needs_nda(center.flow_type, has_nda=False), name=None, address=None)
    return Agreement(required=True, name=name, address=_address(center, "nda"))


def _address(center: TrustCenter, rest: str) -> str:
    """Without a host, so that it works under whatever name the page is reached."""
    return f"/trust/{center.slug}/{rest}"


def _of(kind: type[T], contents: Sequence[object]) -> list[T]:
    return [content for content in contents if isinstance(content, kind)]
