"""Requests for access, as they are kept and shown."""

from datetime import datetime
from enum import StrEnum
from uuid import UUID

from msgspec import Struct

from trustwright.trust.model import DocumentType, ExpirationType, FlowType, Visibility


class Status(StrEnum):
    PROCESS_ERROR = "PROCESS_ERROR"
    APPROVED = "APPROVED"
    DENIED = "DENIED"
    NDA_SENT = "NDA_SENT"
    NDA_SIGNED = "NDA_SIGNED"
    FILES_SENT = "FILES_SENT"
    NDA_EXPIRED = "NDA_EXPIRED"
    PENDING = "PENDING"
    REVOKED = "REVOKED"
    ACCESS_EXPIRED = "ACCESS_EXPIRED"
    AUTO_APPROVED = "AUTO_APPROVED"


class StatusSource(StrEnum):
    """Who moved a request, in the words of the API: DOCUSIGN stands for any signature, SALESFORCE for any CRM."""

    SELF = "SELF"
    DOCUSIGN = "DOCUSIGN"
    SALESFORCE = "SALESFORCE"


class Step(StrEnum):
    """What can fail after the decision."""

    SIGNATURE = "SIGNATURE"
    DELIVERY = "DELIVERY"


class AccessRequest(Struct, frozen=True, kw_only=True):
    """One submission. `expires_at` is until when access was decided to last; what holds is `grant_expires_at`, where
    there is a grant."""

    id: int
    request_id: UUID
    workspace_id: int
    email: str
    first_name: str
    last_name: str
    company: str
    flow_type: FlowType
    accepts_terms: bool
    status: Status
    is_auto_approved: bool
    auto_approve_type: str | None
    is_public: bool
    is_renewal: bool
    had_access_before: bool
    tracking_id: UUID | None
    failed_step: Step | None
    managed_by: str
    reviewed_at: datetime | None
    expires_at: datetime | None
    expiration_type: ExpirationType | None
    grant_id: int | None
    grant_expires_at: datetime | None
    team_told_at: datetime | None
    nags: int
    # The mail that carries the documents, by its event: when it is given up, so is the delivery.
    mail_event: str | None
    mailed_at: datetime | None
    created_at: datetime
    updated_at: datetime

    @property
    def full_name(self) -> str:
        return f"{self.first_name} {self.last_name}".strip()


class ListedRequest(AccessRequest, frozen=True, kw_only=True):
    """A request with the names of its documents."""

    documents: list[str]


class NewRequest(Struct, frozen=True, kw_only=True):
    """What a requester sent; `documents` by type and id."""

    email: str
    first_name: str
    last_name: str
    company: str
    accepts_terms: bool
    flow_type: FlowType
    documents: list[tuple[DocumentType, int]]


class Approval(Struct, frozen=True, kw_only=True):
    """What a reviewer decided; `expiration` is in days, None means the workspace's default. Whether it is a whole
    number, `admission.end_of_access` looks."""

    expiration: float | None
    expiration_type: ExpirationType
    is_new_expiration: bool


class StatusChange(Struct, frozen=True, kw_only=True):
    """One line of a request's history."""

    status: Status
    source: StatusSource
    user_name: str | None
    created_at: datetime


class RequestedDocument(Struct, frozen=True, kw_only=True):
    """A document of a request, as it is now; `file_id` None when it was deleted."""

    id: int
    name: str
    type: DocumentType
    version: int
    file_id: int | None
    visibility: Visibility
    created_at: datetime
    approved_at: datetime | None
    denied_at: datetime | None


class CrmAccount(Struct, frozen=True, kw_only=True):
    """What a CRM says of a customer, who is known by an address or by a whole domain."""

    domain: str | None
    email: str | None
    name: str
    relationship_ok: bool
    nda_on_file: bool


class CustomerLine(CrmAccount, frozen=True, kw_only=True):
    """One of them in a list."""

    id: int
