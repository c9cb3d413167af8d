"""Security reviews of vendors, what was decided on them, and the documents of vendors."""

from datetime import datetime
from enum import StrEnum

from msgspec import UNSET, Struct, UnsetType

from trustwright.reviews.soc_form import Form


class ReviewType(StrEnum):
    """SECURITY is free in form, SOC_REPORT fills the form of eight sections, UPLOAD_REPORT was made elsewhere."""

    SECURITY = "SECURITY"
    SOC_REPORT = "SOC_REPORT"
    UPLOAD_REPORT = "UPLOAD_REPORT"


class ReviewStatus(StrEnum):
    NOT_YET_STARTED = "NOT_YET_STARTED"
    IN_PROGRESS = "IN_PROGRESS"
    COMPLETED = "COMPLETED"
    NOT_REQUIRED = "NOT_REQUIRED"


class Decision(StrEnum):
    PENDING = "PENDING"
    APPROVED = "APPROVED"
    APPROVED_WITH_CONDITIONS = "APPROVED_WITH_CONDITIONS"
    REJECTED = "REJECTED"


class DocumentType(StrEnum):
    """In the documented order, by which a number may stand for a name (Q25)."""

    COMPLIANCE_REPORT = "COMPLIANCE_REPORT"
    COMPLIANCE_REPORT_REVIEW = "COMPLIANCE_REPORT_REVIEW"
    BRIDGE_LETTER = "BRIDGE_LETTER"
    UPLOADED_COMPLIANCE_REPORT_REVIEW = "UPLOADED_COMPLIANCE_REPORT_REVIEW"
    QUESTIONNAIRE_ATTACHMENT = "QUESTIONNAIRE_ATTACHMENT"
    SOC_DOCUMENT = "SOC_DOCUMENT"
    QUESTIONNAIRE_REPORT = "QUESTIONNAIRE_REPORT"
    TRUST_CENTER_PAGE = "TRUST_CENTER_PAGE"


class Step(StrEnum):
    """How a status or a decision came to change: by an action, by filling the form, or by a direct change."""

    FINALIZE = "finalize"
    REOPEN = "reopen"
    START = "start"
    CHANGE = "change"


class Review(Struct, frozen=True, kw_only=True):
    """`user_id` is who conducts it. `soc_form` is None for other types than SOC_REPORT."""

    id: int
    vendor_id: int
    type: ReviewType
    status: ReviewStatus
    decision: Decision
    title: str | None
    note: str | None
    requested_at: datetime
    review_deadline_at: datetime
    user_id: int | None
    requester_user_id: int | None
    soc_form: Form | None
    completed_at: datetime | None
    created_at: datetime
    updated_at: datetime

    @property
    def form(self) -> Form:
        """The form as saved, or an empty one."""
        return self.soc_form or Form()


class NewReview(Struct, frozen=True, kw_only=True):
    """A review to be. `requested_at` None: now. `requester_user_id` None: the vendor's owner, or an admin (Q27)."""

    type: ReviewType
    status: ReviewStatus
    review_deadline_at: datetime
    requested_at: datetime | None = None
    title: str | None = None
    note: str | None = None
    requester_user_id: int | None = None


class DecisionEntry(Struct, frozen=True, kw_only=True):
    """One change of a review's status or decision, as it was after it. `form_sha256` tells which form it rested on."""

    id: int
    action: Step
    status: ReviewStatus
    decision: Decision
    note: str | None
    form_sha256: bytes | None
    user_id: int | None
    created_at: datetime


class ReviewChange(Struct, frozen=True, kw_only=True):
    """A direct change of a review (decisions 10); UNSET leaves, None clears."""

    status: ReviewStatus | UnsetType = UNSET
    decision: Decision | UnsetType = UNSET
    note: str | UnsetType | None = UNSET
    review_deadline_at: datetime | UnsetType = UNSET
    user_id: int | UnsetType | None = UNSET


class VendorDocument(Struct, frozen=True, kw_only=True):
    id: int
    vendor_id: int
    review_id: int | None
    file_id: int
    type: DocumentType
    name: str
    created_at: datetime
    updated_at: datetime


class ReviewFilter(Struct, frozen=True, kw_only=True):
    """What reviews to list: any of the values in each list, an empty list for all; None for no bound."""

    vendor_ids: list[int] = []
    statuses: list[ReviewStatus] = []
    types: list[ReviewType] = []
    decisions: list[Decision] = []
    created_from: datetime | None = None
    created_to: datetime | None = None
    updated_from: datetime | None = None
    updated_to: datetime | None = None
