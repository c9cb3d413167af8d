"""What the API sends and takes of trust centers, their documents, and who is preapproved."""

from collections.abc import Mapping
from datetime import datetime
from typing import Annotated, Any, ClassVar, Literal

from msgspec import UNSET, Meta, UnsetType, field, structs

from trustwright.agreements.model import Nda
from trustwright.files.model import Upload
from trustwright.http.wire import Id, Timestamp, Wire, iso, iso_or_none
from trustwright.reviews.bodies import moment
from trustwright.trust.addresses import parts
from trustwright.trust.changes import (
    LONGEST_ACCESS,
    LONGEST_ADDRESS,
    LONGEST_NAME,
    LONGEST_SLA,
    LONGEST_TEXT,
    MOST_FACTS,
    DocumentChange,
    NewDocument,
    SettingsChange,
)
from trustwright.trust.markup import safe_html
from trustwright.trust.model import (
    Document,
    DocumentType,
    Emblem,
    ExpirationType,
    Fact,
    FlowType,
    Mode,
    Preapproved,
    PreapprovedKind,
    TrustCenter,
    Visibility,
)

Days = Annotated[int, Meta(ge=1, le=LONGEST_ACCESS)]
Name = Annotated[str, Meta(max_length=LONGEST_NAME)]
Address = Annotated[str, Meta(max_length=LONGEST_ADDRESS)]
Text = Annotated[str, Meta(max_length=LONGEST_TEXT)]

VISIBILITIES = {True: Visibility.PUBLIC, False: Visibility.ON_REQUEST, None: Visibility.UNLISTED}


class WorkspaceQuery(Wire, frozen=True):
    """Without `workspaceId` the primary workspace is meant."""

    workspace_id: Id | None = None


class PrivateDocumentsQuery(Wire, frozen=True):
    """`q` is looked for in the name. Without `workspaceId` all workspaces are meant."""

    q: Annotated[str, Meta(max_length=100)] = ""
    workspace_id: Id | None = None


class DocumentPath(Wire, frozen=True):
    type: DocumentType
    id: Id


class NamedFile(Wire, frozen=True):
    """`file` downloads it, for ten minutes. Both are empty when there is none."""

    name: str = ""
    file: str = ""


class CompanyInfo(Wire, frozen=True, kw_only=True):
    """What a trust center says of its company. The templates are shown as the page shows them."""

    name: str
    security_emails: str
    about: str
    privacy_url: str
    privacy_description: str
    header_template: str
    footer_template: str
    favicon: NamedFile
    nda: NamedFile
    contact_url: str
    about_updated_at: Timestamp
    privacy_updated_at: Timestamp

    @staticmethod
    def of(trust_center: TrustCenter, favicon: NamedFile, nda: NamedFile) -> "CompanyInfo":
        return CompanyInfo(
            name=trust_center.name,
            security_emails=trust_center.security_emails,
            about=trust_center.about,
            privacy_url=trust_center.privacy_url,
            privacy_description=trust_center.privacy_description,
            header_template=safe_html(trust_center.header_template),
            footer_template=safe_html(trust_center.footer_template),
            favicon=favicon,
            nda=nda,
            contact_url=trust_center.contact_url,
            about_updated_at=iso(trust_center.about_updated_at),
            privacy_updated_at=iso(trust_center.privacy_updated_at),
        )


class PreapprovedAnswer(Wire, frozen=True):
    id: int
    name: str
    created_at: Timestamp
    deleted_at: Timestamp | None

    @staticmethod
    def of(entry: Preapproved) -> "PreapprovedAnswer":
        return PreapprovedAnswer(entry.id, entry.name, iso(entry.created_at), iso_or_none(entry.deleted_at))


class PrivateAccess(Wire, frozen=True):
    """How requests are answered, and who needs no reviewer."""

    flow_type: FlowType
    preapproved_email_domains: list[PreapprovedAnswer]
    preapproved_email_addresses: list[PreapprovedAnswer]

    @staticmethod
    def of(trust_center: TrustCenter, entries: list[Preapproved]) -> "PrivateAccess":
        domains = [PreapprovedAnswer.of(each) for each in entries if each.kind is PreapprovedKind.DOMAIN]
        addresses = [PreapprovedAnswer.of(each) for each in entries if each.kind is PreapprovedKind.ADDRESS]
        return PrivateAccess(trust_center.flow_type, domains, addresses)


class PrivateAccessChange(Wire, frozen=True):
    """`preapprovedEmailDomains` replaces the whole set: a list, or one text with commas or semicolons (Q59). Addresses
    in `securityEmails` have commas or semicolons between them; an empty text clears. What is absent stays."""

    example: ClassVar = {
        "securityEmails": "security@acme.example, legal@acme.example",
        "preapprovedEmailDomains": ["initech.example", "globex.example"],
    }

    security_emails: Address | UnsetType = UNSET
    remove_nda: bool = False
    preapproved_email_domains: list[str] | str | UnsetType = UNSET

    @property
    def contacts(self) -> str | None:
        return None if self.security_emails is UNSET else self.security_emails

    @property
    def domains(self) -> list[str] | None:
        given = self.preapproved_email_domains
        if given is UNSET:
            return None
        return parts(given) if isinstance(given, str) else given


class PreapprovedAddresses(Wire, frozen=True):
    """The whole set."""

    example: ClassVar = {"emails": ["bob@initech.example"]}

    emails: list[str]


class FactBody(Wire, frozen=True):
    name: Name
    value: Text


class SettingsBody(Wire, frozen=True):
    """What is absent stays. Lengths are in days; null for `defaultExpirationDays` means access without end."""

    example: ClassVar = {"slug": "acme", "isPublished": True, "flowType": "SELF", "slaTime": 14}

    slug: str | UnsetType | None = UNSET
    is_published: bool | UnsetType = UNSET
    flow_type: FlowType | UnsetType = UNSET
    is_sla_displayed: bool | UnsetType = field(default=UNSET, name="isSLADisplayed")
    sla_time: Annotated[int, Meta(ge=0, le=LONGEST_SLA)] | UnsetType = UNSET
    default_expiration_days: Days | UnsetType | None = UNSET
    default_expiration_type: ExpirationType | UnsetType = UNSET
    nda_memory_days: Days | UnsetType = UNSET
    signing_window_days: Days | UnsetType = UNSET
    asks_on_new_device: bool | UnsetType = UNSET
    tells_denied: bool | UnsetType = UNSET
    hides_private_names: bool | UnsetType = UNSET
    legal_email: Name | UnsetType = UNSET
    name: Name | UnsetType = UNSET
    about: Text | UnsetType = UNSET
    privacy_description: Text | UnsetType = UNSET
    privacy_url: Address | UnsetType = UNSET
    contact_url: Address | UnsetType = UNSET
    header_template: Text | UnsetType = UNSET
    footer_template: Text | UnsetType = UNSET
    primary_color: Name | UnsetType = UNSET
    facts: Annotated[list[FactBody], Meta(max_length=MOST_FACTS)] | UnsetType = UNSET

    def change(self) -> SettingsChange:
        given: dict[str, Any] = {name: getattr(self, name) for name in self.__struct_fields__}
        if self.facts is not UNSET:
            given["facts"] = [Fact(name=fact.name, value=fact.value) for fact in self.facts]
        return SettingsChange(**given)


class SettingsAnswer(Wire, frozen=True, kw_only=True):
    """The settings as they were sent; the page shows its templates without what is not safe in them."""

    slug: str | None
    is_published: bool
    flow_type: FlowType
    is_sla_displayed: bool = field(name="isSLADisplayed")
    sla_time: int
    default_expiration_days: int | None
    default_expiration_type: ExpirationType
    nda_memory_days: int
    signing_window_days: int
    asks_on_new_device: bool
    tells_denied: bool
    hides_private_names: bool
    legal_email: str
    name: str
    about: str
    privacy_description: str
    privacy_url: str
    contact_url: str
    header_template: str
    footer_template: str
    primary_color: str
    facts: list[FactBody]

    @staticmethod
    def of(trust_center: TrustCenter) -> "SettingsAnswer":
        values = structs.asdict(trust_center)
        values["facts"] = [FactBody(fact.name, fact.value) for fact in trust_center.facts]
        return SettingsAnswer(**{name: values[name] for name in SettingsAnswer.__struct_fields__})


class NdaForm(Wire, frozen=True):
    """A PDF. What was accepted before stays on record, and everybody is asked anew."""

    file: Upload


class NdaAnswer(Wire, frozen=True):
    """`file` downloads it, for ten minutes; `sha256` is that of its content, in hexadecimal."""

    name: str
    file: str
    version: int
    sha256: str

    @staticmethod
    def of(nda: Nda, file: str) -> "NdaAnswer":
        return NdaAnswer(nda.name, file, nda.version, nda.sha256.hex())


class LogoForm(Wire, frozen=True):
    """A picture: png, jpg or gif."""

    kind: Emblem
    file: Upload


class DocumentForm(Wire, frozen=True, kw_only=True):
    """A new document. `isPublic` may be the word null, for an unlisted one; without it a document is private where the
    workspace has an NDA or needs none, else public."""

    name: Name
    type: DocumentType
    file: Upload
    is_public: bool | Literal["null"] | UnsetType = UNSET
    mode: Mode = Mode.DOWNLOAD

    def new(self) -> NewDocument:
        public = None if self.is_public == "null" else self.is_public
        visibility = None if public is UNSET else VISIBILITIES[public]
        return NewDocument(name=self.name, type=self.type, visibility=visibility, mode=self.mode)


class VersionForm(Wire, frozen=True):
    file: Upload


class DocumentBody(Wire, frozen=True):
    """What is absent stays. `isPublic` null makes a document unlisted, `expiresAt` null lets it stay for good."""

    example: ClassVar = {"name": "SOC 2 report 2026", "isPublic": False, "expiresAt": "2027-06-30T00:00:00Z"}

    name: Name | UnsetType = UNSET
    is_public: bool | UnsetType | None = UNSET
    mode: Mode | UnsetType = UNSET
    is_published: bool | UnsetType = UNSET
    needs_review: bool | UnsetType = UNSET
    expires_at: Timestamp | UnsetType | None = UNSET

    def change(self) -> DocumentChange:
        """Raises Invalid."""
        return DocumentChange(
            name=self.name,
            visibility=UNSET if self.is_public is UNSET else VISIBILITIES[self.is_public],
            mode=self.mode,
            is_published=self.is_published,
            needs_review=self.needs_review,
            expires_at=self._end(),
        )

    def _end(self) -> datetime | UnsetType | None:
        given = self.expires_at
        return given if given is UNSET or given is None else moment("expiresAt", given)


class DocumentAnswer(Wire, frozen=True, kw_only=True):
    """A document at its current version. `file` downloads it, for ten minutes; `isPublic` is null for one that is
    unlisted."""

    id: int
    name: str
    type: DocumentType
    file: str
    created_at: Timestamp = field(name="created_at")
    version: int
    is_public: bool | None

    @staticmethod
    def of(document: Document, links: Mapping[int, str]) -> "DocumentAnswer":
        return DocumentAnswer(**shown(document, links))


class ManagedDocument(DocumentAnswer, frozen=True, kw_only=True):
    """A document with all that its managers may set."""

    mode: Mode
    is_published: bool
    needs_review: bool
    expires_at: Timestamp | None

    @staticmethod
    def of(document: Document, links: Mapping[int, str]) -> "ManagedDocument":
        return ManagedDocument(
            **shown(document, links),
            mode=document.mode,
            is_published=document.is_published,
            needs_review=document.needs_review,
            expires_at=iso_or_none(document.expires_at),
        )


class PrivateDocuments(Wire, frozen=True):
    private_documents: list[DocumentAnswer]


class Documents(Wire, frozen=True):
    documents: list[ManagedDocument]


def shown(document: Document, links: Mapping[int, str]) -> dict[str, Any]:
    """What every answer tells of a document; `links` are addresses by file id."""
    return {
        "id": document.id,
        "name": document.name,
        "type": document.type,
        "file": links[document.file_id],
        "created_at": iso(document.created_at),
        "version": document.version,
        "is_public": document.is_public,
    }
