"""Security reviews and documents of vendors as the API shows them."""

from collections.abc import Collection, Mapping
from datetime import date
from enum import StrEnum
from typing import Any

from msgspec import UNSET, Struct, UnsetType, field

from trustwright.accounts.model import User
from trustwright.http.people import UserAnswer, UserCompact
from trustwright.http.wire import Timestamp, Wire, iso, iso_or_none
from trustwright.reviews.model import (
    Decision,
    DecisionEntry,
    DocumentType,
    Review,
    ReviewStatus,
    ReviewType,
    Step,
    VendorDocument,
)
from trustwright.reviews.soc_form import Certification, ComplianceScope, Criterion, Form, Opinion, ScopeType
from trustwright.reviews.soc_wire import SocFormAnswer
from trustwright.reviews.states import ReviewAction
from trustwright.vendors.model import Vendor
from trustwright.vendors.wire import VendorCompact


class ReviewExpand(StrEnum):
    USER = "user"
    REQUESTER_USER = "requesterUser"
    VENDOR = "vendor"


class ReviewLink(Wire, frozen=True):
    href: str


class ReviewLinks(Wire, frozen=True):
    self: ReviewLink


class Around(Struct, frozen=True, kw_only=True):
    """What is around reviews: the address of the service, who and what is to be shown with them."""

    address: str
    expand: Collection[ReviewExpand] = ()
    people: Mapping[int, User] = {}
    vendors: Mapping[int, Vendor] = {}

    def person(self, user_id: int | None, expand: ReviewExpand) -> UserCompact | UnsetType | None:
        """UNSET where nobody asked for the person."""
        if expand not in self.expand:
            return UNSET
        return _compact(user_id, self.people)


def _compact(user_id: int | None, people: Mapping[int, User]) -> UserCompact | None:
    return UserCompact.of(people[user_id]) if user_id is not None and user_id in people else None


class ReviewCompact(Wire, frozen=True):
    """A review in a few words, as its vendor shows it."""

    id: int
    requested_at: Timestamp
    review_deadline_at: Timestamp
    decision: Decision
    note: str | None
    status: ReviewStatus
    type: ReviewType
    title: str | None
    created_at: Timestamp
    updated_at: Timestamp
    vendor_id: int

    @staticmethod
    def of(review: Review) -> "ReviewCompact":
        return ReviewCompact(**_basics(review))


class ReviewAnswer(ReviewCompact, frozen=True, kw_only=True):
    """`user` conducts it, `requesterUser` asked for it. `socReviewForm` is there for SOC_REPORT reviews."""

    user_id: int | None
    requester_user_id: int | None
    links: ReviewLinks = field(name="_links")
    user: UserCompact | UnsetType | None = UNSET
    requester_user: UserCompact | UnsetType | None = UNSET
    vendor: VendorCompact | UnsetType = UNSET
    soc_review_form: SocFormAnswer | UnsetType = UNSET

    @staticmethod
    def shown(review: Review, around: Around) -> "ReviewAnswer":
        place = f"{around.address}/public/v2/vendors/{review.vendor_id}/security-reviews/{review.id}"
        vendor = VendorCompact.of(around.vendors[review.vendor_id]) if ReviewExpand.VENDOR in around.expand else UNSET
        return ReviewAnswer(
            **_basics(review),
            user_id=review.user_id,
            requester_user_id=review.requester_user_id,
            links=ReviewLinks(self=ReviewLink(href=place)),
            user=around.person(review.user_id, ReviewExpand.USER),
            requester_user=around.person(review.requester_user_id, ReviewExpand.REQUESTER_USER),
            vendor=vendor,
            soc_review_form=SocFormAnswer.of(review.form) if review.type is ReviewType.SOC_REPORT else UNSET,
        )


def _basics(review: Review) -> dict[str, Any]:
    return {
        "id": review.id,
        "requested_at": iso(review.requested_at),
        "review_deadline_at": iso(review.review_deadline_at),
        "decision": review.decision,
        "note": review.note,
        "status": review.status,
        "type": review.type,
        "title": review.title,
        "created_at": iso(review.created_at),
        "updated_at": iso(review.updated_at),
        "vendor_id": review.vendor_id,
    }


class NewOldReview(Wire, frozen=True):
    """A review as version 1 answers its creation."""

    id: int
    requested_at: Timestamp
    review_deadline_at: Timestamp
    decision: Decision
    note: str | None
    status: ReviewStatus
    type: ReviewType
    requester_user: UserAnswer | None

    @staticmethod
    def of(review: Review, requester: User | None) -> "NewOldReview":
        basics = {name: value for name, value in _basics(review).items() if name in NewOldReview.__struct_fields__}
        return NewOldReview(**basics, requester_user=UserAnswer.of(requester) if requester else None)


class ActionItem(Wire, frozen=True):
    action: ReviewAction


class ActionsAnswer(Wire, frozen=True):
    data: list[ActionItem]


class ActionResult(Wire, frozen=True):
    success: bool
    new_status: ReviewStatus
    message: str


class DecisionAnswer(Wire, frozen=True):
    """What a review became at a moment, by whom, and the SHA-256 of the SOC form that it rested on."""

    id: int
    action: Step
    status: ReviewStatus
    decision: Decision
    note: str | None
    form_sha256: str | None
    user_id: int | None
    user: UserCompact | None
    created_at: Timestamp

    @staticmethod
    def of(entry: DecisionEntry, people: Mapping[int, User]) -> "DecisionAnswer":
        return DecisionAnswer(
            id=entry.id,
            action=entry.action,
            status=entry.status,
            decision=entry.decision,
            note=entry.note,
            form_sha256=entry.form_sha256.hex() if entry.form_sha256 else None,
            user_id=entry.user_id,
            user=_compact(entry.user_id, people),
            created_at=iso(entry.created_at),
        )


class DocumentDownload(Wire, frozen=True):
    """`signedUrl` gives the file to whoever has it, for ten minutes."""

    signed_url: str
    file_buffer: None
    file_name: str


class DocumentAnswer(Wire, frozen=True):
    id: int
    name: str
    created_at: Timestamp
    updated_at: Timestamp
    type: DocumentType
    download_url: DocumentDownload | UnsetType = UNSET

    @staticmethod
    def of(document: VendorDocument, link: str | None) -> "DocumentAnswer":
        """`link`: where its file can be downloaded; None leaves it out."""
        download = DocumentDownload(signed_url=link, file_buffer=None, file_name=document.name) if link else UNSET
        return DocumentAnswer(
            id=document.id,
            name=document.name,
            created_at=iso(document.created_at),
            updated_at=iso(document.updated_at),
            type=document.type,
            download_url=download,
        )


class OldCategory(Wire, frozen=True):
    """One of the criteria; `id` is its place in the enumeration (Q68)."""

    id: int
    category: Criterion


class OldUserControl(Wire, frozen=True):
    id: int
    name: str
    in_place: bool


class OldService(Wire, frozen=True):
    id: int
    name: str


class OldLocation(Wire, frozen=True):
    id: int
    city: str
    state_country: str


class OldFinding(Wire, frozen=True):
    id: int
    description: str


class OldSocReview(Wire, frozen=True):
    """A SOC review as a vendor's `reviews` show it. Questions without an answer are false here."""

    id: int
    updated_at: Timestamp
    reviewer: str | None
    review_date: Timestamp | None
    report_issue_date: Timestamp | None
    soc_report: Certification | None
    soc_report_type1: bool
    soc_report_type2: bool
    soc_type1_start_date: Timestamp | None
    soc_type1_end_date: Timestamp | None
    soc_type2_start_date: Timestamp | None
    soc_type2_end_date: Timestamp | None
    report_opinion: Opinion | None
    encompass_business_needs: bool
    follow_up_activity: str | None
    has_material_impact: bool
    cpa_firm: str | None
    cpa_procedure_performed: str | None
    subservice_organization: str | None
    subservice_organization_using_inclusive_method: bool | None
    subservice_organization_procedure_performed: str | None
    trust_service_categories: list[OldCategory]
    user_controls: list[OldUserControl]
    services: list[OldService]
    locations: list[OldLocation]
    findings: list[OldFinding]

    @staticmethod
    def of(review: Review) -> "OldSocReview":
        form = review.form
        opinion, organizations = form.report_opinion, form.subservice_organizations
        return OldSocReview(
            id=review.id,
            updated_at=iso(review.updated_at),
            reviewer=form.reviewer_information.reviewer,
            review_date=iso_or_none(review.completed_at),
            report_issue_date=_midnight(form.reviewer_information.report_issue_date),
            soc_report=form.compliance_scope.certification,
            **_old_periods(form.compliance_scope),
            report_opinion=opinion.report_opinion,
            encompass_business_needs=bool(opinion.encompass_business_needs),
            follow_up_activity=opinion.follow_up_activity,
            has_material_impact=bool(form.findings.has_material_impact),
            cpa_firm=form.cpa_firm.cpa_firm,
            cpa_procedure_performed=form.cpa_firm.cpa_procedure_performed,
            subservice_organization=organizations.subservice_organization,
            subservice_organization_using_inclusive_method=organizations.subservice_organization_using_inclusive_method,
            subservice_organization_procedure_performed=organizations.subservice_organization_procedure_performed,
            **_old_lists(form),
        )


def _old_periods(scope: ComplianceScope) -> dict[str, Any]:
    """A report of type 1 looks at one day, which both of its dates name."""
    first, second = scope.scope_type is ScopeType.TYPE_1, scope.scope_type is ScopeType.TYPE_2
    day = _midnight(scope.audit_period) if first else None
    period = scope.audit_period_range if second else None
    return {
        "soc_report_type1": first,
        "soc_report_type2": second,
        "soc_type1_start_date": day,
        "soc_type1_end_date": day,
        "soc_type2_start_date": _midnight(period.start) if period else None,
        "soc_type2_end_date": _midnight(period.end) if period else None,
    }


def _old_lists(form: Form) -> dict[str, Any]:
    criteria = form.compliance_scope.trust_service_criteria or ()
    places = form.services_and_locations
    return {
        "trust_service_categories": [
            OldCategory(id=list(Criterion).index(criterion) + 1, category=criterion) for criterion in criteria
        ],
        "user_controls": [
            OldUserControl(id=item.id, name=item.description, in_place=item.in_place)
            for item in form.end_user_controls.user_controls
        ],
        "services": [OldService(id=item.id, name=item.name) for item in places.services],
        "locations": [
            OldLocation(id=item.id, city=item.city, state_country=item.state_or_country) for item in places.locations
        ],
        "findings": [OldFinding(id=item.id, description=item.description) for item in form.findings.findings],
    }


def _midnight(day: date | None) -> str | None:
    return None if day is None else f"{day.isoformat()}T00:00:00.000Z"
