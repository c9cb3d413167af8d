"""What requests send of security reviews and of the documents of vendors."""

import re
from datetime import UTC, date, datetime, time
from enum import StrEnum
from typing import Annotated, ClassVar, TypeVar

from msgspec import UNSET, Meta, UnsetType

from trustwright.errors import Invalid
from trustwright.files.model import Upload
from trustwright.http.wire import Id, Timestamp, Wire
from trustwright.reviews.model import (
    Decision,
    DocumentType,
    NewReview,
    ReviewChange,
    ReviewStatus,
    ReviewType,
)
from trustwright.reviews.soc_form import FormChange
from trustwright.reviews.states import Performance, ReviewAction

Choice = TypeVar("Choice", bound=StrEnum)

Title = Annotated[str, Meta(max_length=191)]
Note = Annotated[str, Meta(max_length=1000)]
BoundedId = Annotated[int, Meta(ge=1, le=1_000_000_000)]

# A name of the enumeration, or a number for its place in it (Q25).
StatusChoice = Annotated[int | str, Meta(extra_json_schema={"examples": ["NOT_YET_STARTED"]})]
TypeChoice = Annotated[int | str, Meta(extra_json_schema={"examples": ["SOC_REPORT"]})]
DocumentChoice = Annotated[int | str, Meta(extra_json_schema={"examples": ["SOC_DOCUMENT"]})]

NUMBER = re.compile(r"[0-9]{1,3}")
MOMENT = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}([Tt ][0-9]{2}:[0-9]{2}.*)?")
EARLIEST, LATEST = 1900, 9000


def moment(name: str, text: str) -> datetime:
    """A date and time with any offset; without one, and for a plain date, in UTC (Q19). Raises Invalid."""
    try:
        found = datetime.fromisoformat(text if MOMENT.fullmatch(text) else "")
    except ValueError as error:
        raise Invalid(f"{name}: must be a date and time like 2025-07-01T16:45:55Z") from error
    if not EARLIEST <= found.year < LATEST:
        raise Invalid(f"{name}: must lie between the years {EARLIEST} and {LATEST}")
    return found.astimezone(UTC) if found.tzinfo else found.replace(tzinfo=UTC)


def chosen(name: str, given: int | str, kind: type[Choice]) -> Choice:
    """The member of that name, or in that place counted from 1 (Q25). Raises Invalid."""
    members = list(kind)
    place = int(given) if NUMBER.fullmatch(str(given)) else 0
    if 1 <= place <= len(members):
        return members[place - 1]
    if isinstance(given, str) and given in kind.__members__:
        return kind(given)
    raise Invalid(f"{name}: must be one of {', '.join(members)}, or a number from 1 to {len(members)}")


class OldNewReview(Wire, frozen=True):
    """A new review as version 1 takes it: without a note."""

    example: ClassVar = {
        "title": "Review of 2025",
        "reviewDeadlineAt": "2025-07-01T16:45:55.246Z",
        "securityReviewStatus": "NOT_YET_STARTED",
        "securityReviewType": "SECURITY",
    }

    review_deadline_at: Timestamp
    security_review_status: ReviewStatus
    security_review_type: ReviewType
    requested_at: Timestamp | UnsetType = UNSET
    requester_user_id: BoundedId | UnsetType = UNSET
    title: Title | None = None

    def review(self) -> NewReview:
        """Raises Invalid."""
        return _new(self, self.security_review_type, self.security_review_status, None)


class NewSecurityReview(Wire, frozen=True):
    """Whoever requested it: `requesterUserId`, else the vendor's owner, else an admin."""

    example: ClassVar = {
        "title": "Review of 2025",
        "reviewDeadlineAt": "2025-07-01T16:45:55.246Z",
        "securityReviewStatus": "NOT_YET_STARTED",
        "securityReviewType": "SOC_REPORT",
        "note": "Their report comes in March",
    }

    review_deadline_at: Timestamp
    security_review_status: ReviewStatus
    security_review_type: ReviewType
    requested_at: Timestamp | UnsetType = UNSET
    requester_user_id: BoundedId | None = None
    title: Title | None = None
    note: Note | None = None

    def review(self) -> NewReview:
        """Raises Invalid."""
        return _new(self, self.security_review_type, self.security_review_status, self.note)


class NewReviewWithFile(Wire, frozen=True):
    """Status and types by name, or by their places, counted from 1. In JSON `file` is base64, and `fileName` its name;
    without one the title serves."""

    title: Annotated[str, Meta(min_length=1, max_length=255)]
    review_deadline_at: Timestamp
    security_review_status: StatusChoice
    security_review_type: TypeChoice
    file: Upload
    requested_at: Timestamp | UnsetType = UNSET
    requester_user_id: BoundedId | UnsetType = UNSET
    note: Note | UnsetType = UNSET
    document_type: DocumentChoice = DocumentType.COMPLIANCE_REPORT.value

    def review(self) -> NewReview:
        """Raises Invalid."""
        type_ = chosen("securityReviewType", self.security_review_type, ReviewType)
        status = chosen("securityReviewStatus", self.security_review_status, ReviewStatus)
        return _new(self, type_, status, None if self.note is UNSET else self.note)

    def kind_of_document(self) -> DocumentType:
        """Raises Invalid."""
        return chosen("documentType", self.document_type, DocumentType)


def _new(
    body: OldNewReview | NewSecurityReview | NewReviewWithFile,
    type_: ReviewType,
    status: ReviewStatus,
    note: str | None,
) -> NewReview:
    return NewReview(
        type=type_,
        status=status,
        review_deadline_at=moment("reviewDeadlineAt", body.review_deadline_at),
        requested_at=None if body.requested_at is UNSET else moment("requestedAt", body.requested_at),
        title=body.title,
        note=note,
        requester_user_id=None if body.requester_user_id is UNSET else body.requester_user_id,
    )


class ReviewTitle(Wire, frozen=True):
    """What any review takes of an update."""

    title: Title | UnsetType = UNSET


class ReviewUpdate(ReviewTitle, frozen=True):
    """`socForm` is for SOC_REPORT reviews, and ignored for others. In it, what is absent stays and null clears; items
    of lists are appended, and an empty list clears."""

    example: ClassVar = {
        "title": "SOC 2 of 2025",
        "socForm": {
            "complianceScope": {
                "certification": "SOC_2",
                "scopeType": "TYPE_2",
                "auditPeriodRange": {"start": "2024-01-01", "end": "2024-12-31"},
                "trustServiceCriteria": ["SECURITY", "AVAILABILITY"],
            },
            "findings": {"findings": [{"description": "A door stood open"}], "hasMaterialImpact": False},
        },
    }

    soc_form: FormChange | UnsetType | None = UNSET


class ReviewPatch(Wire, frozen=True):
    """What is absent stays. `userId`: who conducts the review."""

    example: ClassVar = {"status": "COMPLETED", "decision": "APPROVED_WITH_CONDITIONS", "note": "Until May"}

    status: ReviewStatus | UnsetType = UNSET
    decision: Decision | UnsetType = UNSET
    note: Note | UnsetType | None = UNSET
    review_deadline_at: Timestamp | UnsetType = UNSET
    user_id: BoundedId | UnsetType | None = UNSET

    def change(self) -> ReviewChange:
        """Raises Invalid."""
        deadline = self.review_deadline_at
        return ReviewChange(
            status=self.status,
            decision=self.decision,
            note=self.note,
            review_deadline_at=UNSET if deadline is UNSET else moment("reviewDeadlineAt", deadline),
            user_id=self.user_id,
        )


class ReviewActionBody(Wire, frozen=True):
    """`decision` and `note` go with finalize, which approves without them; `resetDecision` goes with reopen."""

    example: ClassVar = {"action": "finalize", "decision": "APPROVED_WITH_CONDITIONS", "note": "Until May"}

    action: ReviewAction
    decision: Decision | UnsetType = UNSET
    note: Note | UnsetType = UNSET
    reset_decision: bool | UnsetType = UNSET

    def performance(self) -> Performance:
        return Performance(
            action=self.action,
            decision=None if self.decision is UNSET else self.decision,
            note=None if self.note is UNSET else self.note,
            reset_decision=None if self.reset_decision is UNSET else self.reset_decision,
        )


class NewDocument(Wire, frozen=True):
    """With `securityReviewId` it is a document of that review."""

    file: Upload
    security_review_id: Id | None = None
    type: DocumentType = DocumentType.COMPLIANCE_REPORT


def first_moment(day: date | None) -> datetime | None:
    return None if day is None else datetime.combine(day, time.min, UTC)


def last_moment(day: date | None) -> datetime | None:
    return None if day is None else datetime.combine(day, time.max, UTC)
