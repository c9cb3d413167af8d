"""Trust centers, their documents, and what is preapproved."""

from datetime import datetime
from enum import StrEnum

from msgspec import Struct


class FlowType(StrEnum):
    """What stands between a request and the documents."""

    SELF = "SELF"
    DIGITAL_SIGNATURE = "DIGITAL_SIGNATURE"
    NO_NDA_REQUIRED = "NO_NDA_REQUIRED"
    SALESFORCE_CRM = "SALESFORCE_CRM"


class ExpirationType(StrEnum):
    """How a length of access is shown; the number itself is always days (decisions 26)."""

    DAYS = "DAYS"
    WEEKS = "WEEKS"
    MONTHS = "MONTHS"
    YEARS = "YEARS"


class DocumentType(StrEnum):
    COMPLIANCE = "COMPLIANCE"
    POLICY = "POLICY"
    SECURITY_REPORT = "SECURITY_REPORT"


class Visibility(StrEnum):
    """PUBLIC: anybody downloads it. ON_REQUEST: listed with a lock. UNLISTED: only who knows of it can be given it."""

    PUBLIC = "PUBLIC"
    ON_REQUEST = "ON_REQUEST"
    UNLISTED = "UNLISTED"


class Mode(StrEnum):
    """What a private document may be used for. ORIGINAL goes out without a stamp."""

    VIEW = "VIEW"
    DOWNLOAD = "DOWNLOAD"
    ORIGINAL = "ORIGINAL"


class PreapprovedKind(StrEnum):
    DOMAIN = "DOMAIN"
    ADDRESS = "ADDRESS"


class Fact(Struct, frozen=True):
    """One line of the box of facts: `Data regions`, `EU, US`."""

    name: str
    value: str


class TrustCenter(Struct, frozen=True, kw_only=True):
    """The settings of one workspace. Lengths are in days; `default_expiration_days` None means access without end.
    `domain`: a host of the company's own that shows the page. `is_indexed`: search engines may list it."""

    workspace_id: int
    slug: str | None
    is_published: bool
    flow_type: FlowType
    is_sla_displayed: bool
    sla_time: int
    default_expiration_days: int | None
    default_expiration_type: ExpirationType
    nda_memory_days: int
    signing_window_days: int
    asks_on_new_device: bool
    tells_denied: bool
    hides_private_names: bool
    security_emails: str
    legal_email: str
    name: str
    about: str
    about_updated_at: datetime
    privacy_description: str
    privacy_url: str
    privacy_updated_at: datetime
    contact_url: str
    header_template: str
    footer_template: str
    primary_color: str
    favicon_file_id: int | None
    logo_file_id: int | None
    dark_logo_file_id: int | None
    facts: list[Fact]
    domain: str | None
    is_indexed: bool
    created_at: datetime
    updated_at: datetime


class Place(Struct, frozen=True):
    """Where the trust center is that a visitor named by its slug."""

    account_id: int
    workspace_id: int


class Host(Struct, frozen=True):
    """The trust center that a visitor named by its own host."""

    account_id: int
    workspace_id: int
    slug: str


class Listed(Struct, frozen=True):
    """A page that search engines may list."""

    slug: str
    updated_at: datetime


class Document(Struct, frozen=True, kw_only=True):
    """A document at its current version. `stamp_fault`: why its file cannot be stamped, None when it can be or is no
    PDF."""

    id: int
    workspace_id: int
    type: DocumentType
    name: str
    visibility: Visibility
    mode: Mode
    is_published: bool
    needs_review: bool
    version: int
    file_id: int
    stamp_fault: str | None = None
    expires_at: datetime | None
    created_at: datetime
    updated_at: datetime

    @property
    def is_public(self) -> bool | None:
        """As the API shows it: null for an unlisted one."""
        return None if self.visibility is Visibility.UNLISTED else self.visibility is Visibility.PUBLIC

    def is_offered(self, now: datetime) -> bool:
        """Whether it can be seen or asked for at all."""
        return self.is_published and (self.expires_at is None or self.expires_at > now)


class DocumentVersion(Struct, frozen=True, kw_only=True):
    """One file that a document has, or had; `user_id` is who brought it, as far as it was a user."""

    version: int
    file_id: int
    file_name: str
    size: int
    user_id: int | None
    created_at: datetime


class Preapproved(Struct, frozen=True, kw_only=True):
    id: int
    kind: PreapprovedKind
    name: str
    created_at: datetime
    deleted_at: datetime | None


class Emblem(StrEnum):
    """A picture of the page, as the API names it."""

    FAVICON = "favicon"
    LOGO = "logo"
    DARK_LOGO = "darkLogo"
