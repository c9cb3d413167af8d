"""What the API and the public form send and take of requests for access."""

from typing import Annotated, Any, ClassVar
from uuid import UUID

from msgspec import UNSET, Meta, UnsetType, field

from trustwright.access_requests.model import (
    AccessRequest,
    Approval,
    CrmAccount,
    NewRequest,
    RequestedDocument,
    Status,
    StatusChange,
    StatusSource,
)
from trustwright.http.lists import PageQuery, SortDirection
from trustwright.http.wire import Id, Timestamp, Wire, iso, iso_or_none
from trustwright.trust.model import DocumentType, ExpirationType, FlowType, Visibility

Name = Annotated[str, Meta(max_length=255)]
GivenName = Annotated[str, Meta(min_length=1, max_length=255)]
Email = Annotated[str, Meta(max_length=254, extra_json_schema={"format": "email"})]
MOST_ACCOUNTS = 10_000
Marked = Annotated[str, Meta(pattern="^(COMPLIANCE|POLICY|SECURITY_REPORT):[0-9]{1,9}$")]


class WantedDocument(Wire, frozen=True):
    document_id: Id
    type: DocumentType


Documents = Annotated[list[WantedDocument], Meta(max_length=500)]


class RequestPath(Wire, frozen=True):
    id: UUID


class RequestsQuery(PageQuery, frozen=True):
    """`q` is looked for in names, address and company. Without `status` those that wait are left out."""

    sort_dir: SortDirection = SortDirection.ASC
    q: Annotated[str, Meta(max_length=100)] = ""
    status: Status | None = None


class RequestQuery(Wire, frozen=True):
    workspace_id: Id


class PersonBody(Wire, frozen=True):
    """Who asks, and for what."""

    email: Email
    name: GivenName
    lastname: Name
    company: Name
    accept_terms: bool
    documents: Documents

    def request(self, flow: FlowType) -> NewRequest:
        return NewRequest(
            email=self.email,
            first_name=self.name.strip(),
            last_name=self.lastname.strip(),
            company=self.company.strip(),
            accepts_terms=self.accept_terms,
            flow_type=flow,
            documents=[(document.type, document.document_id) for document in self.documents],
        )


class NewRequestBody(PersonBody, frozen=True):
    example: ClassVar = {
        "email": "bob@initech.example",
        "name": "Bob",
        "lastname": "Slydell",
        "company": "Initech",
        "acceptTerms": True,
        "documents": [{"documentId": 7, "type": "SECURITY_REPORT"}],
        "flowType": "SELF",
    }

    flow_type: FlowType


class VisitorBody(PersonBody, frozen=True):
    """What a visitor sends. The flow is the trust center's, whatever is sent."""

    flow_type: FlowType | UnsetType = UNSET


class FormFields(Wire, frozen=True):
    """The same as browsers send forms: each document as `POLICY:7`, the box absent when it is not ticked."""

    email: Email
    name: GivenName
    lastname: Name
    company: Name
    documents: Annotated[list[Marked], Meta(max_length=500)] = field(default_factory=list)
    accept_terms: bool = False
    flow_type: FlowType | UnsetType = UNSET

    def body(self) -> VisitorBody:
        named = [document.partition(":") for document in self.documents]
        return VisitorBody(
            email=self.email,
            name=self.name,
            lastname=self.lastname,
            company=self.company,
            accept_terms=self.accept_terms,
            documents=[WantedDocument(document_id=int(number), type=DocumentType(type_)) for type_, _, number in named],
            flow_type=self.flow_type,
        )


class Received(Wire, frozen=True):
    """The same for everybody, whatever is known of the address."""

    received: bool
    message: str


class RequestAnswer(Wire, frozen=True):
    """A request in a list. `reviewedAt` is left out while nobody has decided."""

    request_id: str
    created_at: Timestamp
    expiration_date: Timestamp | None
    name: str
    lastname: str
    email: str
    company: str
    flow_type: FlowType
    is_auto_approved: bool
    status: Status
    reviewed_at: Timestamp | UnsetType = UNSET

    @staticmethod
    def of(request: AccessRequest) -> "RequestAnswer":
        return RequestAnswer(
            request_id=str(request.request_id),
            created_at=iso(request.created_at),
            expiration_date=iso_or_none(request.grant_expires_at if request.grant_id else request.expires_at),
            name=request.first_name,
            lastname=request.last_name,
            email=request.email,
            company=request.company,
            flow_type=request.flow_type,
            is_auto_approved=request.is_auto_approved,
            status=request.status,
            reviewed_at=iso(request.reviewed_at) if request.reviewed_at else UNSET,
        )


class StatusAnswer(Wire, frozen=True):
    status: Status
    source: StatusSource
    created_at: Timestamp
    user: str | UnsetType = UNSET

    @staticmethod
    def of(change: StatusChange) -> "StatusAnswer":
        return StatusAnswer(
            status=change.status,
            source=change.source,
            created_at=iso(change.created_at),
            user=change.user_name or UNSET,
        )


class RequestedDocumentAnswer(Wire, frozen=True):
    """`file` downloads it, for ten minutes; it is empty when the document was deleted."""

    id: int
    name: str
    type: DocumentType
    file: str
    created_at: Timestamp = field(name="created_at")
    version: int
    is_public: bool
    approved_at: Timestamp | None
    denied_at: Timestamp | None

    @staticmethod
    def of(document: RequestedDocument, file: str) -> "RequestedDocumentAnswer":
        return RequestedDocumentAnswer(
            id=document.id,
            name=document.name,
            type=document.type,
            file=file,
            created_at=iso(document.created_at),
            version=document.version,
            is_public=document.visibility is Visibility.PUBLIC,
            approved_at=iso_or_none(document.approved_at),
            denied_at=iso_or_none(document.denied_at),
        )


class RequestDetails(Wire, frozen=True):
    """One request, its history the oldest first. `ndaUrl` is there when an agreement was sent to be signed;
    `managedBy` is empty until somebody has decided."""

    email: str
    first_name: str
    last_name: str
    company: str
    request_id: str
    managed_by: str
    documents: list[RequestedDocumentAnswer]
    statuses: list[StatusAnswer]
    flow_type: FlowType
    auto_approve_type: str | None
    nda_url: str | UnsetType = UNSET

    @staticmethod
    def of(
        request: AccessRequest,
        documents: list[RequestedDocumentAnswer],
        statuses: list[StatusChange],
        nda_url: str | None,
    ) -> "RequestDetails":
        return RequestDetails(
            email=request.email,
            first_name=request.first_name,
            last_name=request.last_name,
            company=request.company,
            request_id=str(request.request_id),
            managed_by=request.managed_by,
            documents=documents,
            statuses=[StatusAnswer.of(change) for change in statuses],
            flow_type=request.flow_type,
            auto_approve_type=request.auto_approve_type,
            nda_url=nda_url or UNSET,
        )


class ApprovalBody(Wire, frozen=True):
    """`expiration` is a number of days, whatever `expirationType` says; that is how it is shown. With
    `isNewExpiration` all that the person holds gets the new end."""

    example: ClassVar = {"expiration": 365, "expirationType": "DAYS", "isNewExpiration": False}

    expiration_type: ExpirationType
    expiration: int | float | UnsetType = UNSET
    is_new_expiration: bool = False

    def approval(self) -> Approval:
        return Approval(
            expiration=None if self.expiration is UNSET else self.expiration,
            expiration_type=self.expiration_type,
            is_new_expiration=self.is_new_expiration,
        )


class Approved(Wire, frozen=True):
    """`trackingId` is the agreement's that is to be signed, or was."""

    is_approved: bool
    tracking_id: str | UnsetType = UNSET


class Denied(Wire, frozen=True):
    is_denied: bool


class Revoked(Wire, frozen=True):
    is_revoked: bool


class Sent(Wire, frozen=True):
    is_sent: bool


class CrmAccountBody(Wire, frozen=True):
    """A customer, known by an address or by a whole domain."""

    name: Name = ""
    email: Annotated[str, Meta(max_length=254)] | None = None
    domain: Annotated[str, Meta(max_length=253)] | None = None
    relationship_ok: bool = False
    nda_on_file: bool = False

    @staticmethod
    def of(account: CrmAccount) -> "CrmAccountBody":
        return CrmAccountBody(**_values(account))

    def account(self) -> CrmAccount:
        return CrmAccount(**_values(self))


def _values(account: CrmAccount | CrmAccountBody) -> dict[str, Any]:
    return {name: getattr(account, name) for name in CrmAccount.__struct_fields__}


class CrmAccounts(Wire, frozen=True):
    """The whole table: who is a customer in good standing, and has an NDA on file."""

    example: ClassVar = {
        "accounts": [
            {
                "name": "Initech",
                "email": None,
                "domain": "initech.example",
                "relationshipOk": True,
                "ndaOnFile": True,
            }
        ]
    }

    accounts: Annotated[list[CrmAccountBody], Meta(max_length=MOST_ACCOUNTS)]
