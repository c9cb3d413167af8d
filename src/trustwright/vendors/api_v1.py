"""Vendors, version 1."""

from datetime import date
from enum import StrEnum
from functools import partial
from typing import Annotated, Any, ClassVar, TypeVar

from msgspec import UNSET, Meta, UnsetType, field

from trustwright.accounts.actions import users_by_id
from trustwright.accounts.model import is_email
from trustwright.accounts.permissions import Permission
from trustwright.db import Tx
from trustwright.errors import Invalid
from trustwright.files.actions import files_by_id
from trustwright.http.lists import NumberedPage, PageQuery, SortDirection, numbered
from trustwright.http.operations import Call, Operation, Version
from trustwright.http.people import UserAnswer, UserCompact
from trustwright.http.wire import Id, Timestamp, Wire, iso
from trustwright.questionnaires.wire import LastQuestionnaire
from trustwright.reviews.actions import documents_of, latest_reviews
from trustwright.reviews.wire import NewOldReview, OldSocReview
from trustwright.vendors import actions, store
from trustwright.vendors.api_v2 import (
    Loaded,
    load_contacts,
    load_integrations,
    load_last_questionnaires,
    load_old_reviews,
    renewal_statuses,
    today,
)
from trustwright.vendors.model import (
    DataAccessed,
    DeadlineStatus,
    EnvironmentAccess,
    ImpactLevel,
    OperationalImpact,
    PasswordPolicy,
    RenewalDateStatus,
    RenewalSchedule,
    ReviewSummary,
    Vendor,
    VendorCategory,
    VendorKind,
    VendorRisk,
    VendorStatus,
)
from trustwright.vendors.store import Filter
from trustwright.vendors.wire import Address, NewVendor, VendorBasics, VendorCompact, day, shown

V = TypeVar("V", bound=VendorBasics)

Several = Meta(max_length=10)


class VendorSort(StrEnum):
    CATEGORY = "CATEGORY"
    NAME = "NAME"
    POLICY = "POLICY"
    RISK = "RISK"
    USER = "USER"
    TYPE = "TYPE"
    STATUS = "STATUS"
    IMPACT_LEVEL = "IMPACT_LEVEL"


COLUMNS = {
    VendorSort.CATEGORY: "category",
    VendorSort.NAME: "by_name",
    VendorSort.POLICY: "password_policy",
    VendorSort.RISK: "by_risk",
    VendorSort.USER: "by_user",
    VendorSort.TYPE: "type",
    VendorSort.STATUS: "status",
    VendorSort.IMPACT_LEVEL: "by_impact",
}


class Switch(StrEnum):
    ENABLED = "ENABLED"
    DISABLED = "DISABLED"


class VendorPath(Wire, frozen=True):
    id: Id


class VendorsQuery(PageQuery, frozen=True):
    """`q` is looked for in the name. Lists take ten values at most, with or without brackets (Q17). Questionnaires are
    not scheduled by vendor here, so that `scheduledQuestionnaireStatus` ENABLED finds none."""

    q: str = ""
    sort: VendorSort = VendorSort.NAME
    sort_dir: SortDirection = SortDirection.ASC
    category: Annotated[list[VendorCategory], Several] = field(default_factory=list)
    risk: Annotated[list[VendorRisk], Several] = field(default_factory=list)
    status: Annotated[list[VendorStatus], Several] = field(default_factory=list)
    contact_email: str | None = None
    contact_name: str | None = None
    critical: bool | None = None
    password_policy: PasswordPolicy | None = None
    user_id: Annotated[list[Id], Several] = field(default_factory=list)
    with_last_questionnaires: bool = False
    type: Annotated[list[VendorKind], Several] = field(default_factory=list)
    impact_level: Annotated[list[ImpactLevel], Several] = field(default_factory=list)
    is_archived: bool | None = None
    renewal_date: str | None = None
    renewal_schedule_type: RenewalSchedule | None = None
    renewal_date_status: RenewalDateStatus | None = None
    next_review_deadline_status: Annotated[list[DeadlineStatus], Several] = field(default_factory=list)
    scheduled_questionnaire_status: Switch | None = None
    security_review_status: Annotated[list[ReviewSummary], Several] = field(default_factory=list)
    shared_account_id: str | None = None

    def filter(self, now: date) -> Filter:
        """Raises Invalid."""
        if self.contact_email is not None and not is_email(self.contact_email):
            raise Invalid("contactEmail: must be an e-mail address")
        nothing = self.scheduled_questionnaire_status is Switch.ENABLED
        return Filter(
            today=now,
            q=self.q,
            categories=[] if nothing else texts(self.category),
            risks=texts(self.risk),
            statuses=texts(self.status),
            types=texts(self.type),
            impact_levels=texts(self.impact_level),
            password_policy=self.password_policy,
            user_ids=self.user_id or None,
            critical=self.critical,
            archived=self.is_archived,
            contact_email=self.contact_email,
            contact_name=self.contact_name,
            shared_account_id=self.shared_account_id,
            renewal_date=None if self.renewal_date is None else day("renewalDate", self.renewal_date),
            schedule=self.renewal_schedule_type,
            renewal_status=self.renewal_date_status,
            deadline_statuses=texts(self.next_review_deadline_status),
            review_summaries=texts(self.security_review_status),
        )


def texts(values: list[Any]) -> list[str] | None:
    """The values of a filter as texts, None for a filter that was not sent."""
    return [str(value) for value in values] or None


class NewVendorV1(NewVendor, frozen=True, kw_only=True):
    """As in version 2, but for two addresses that may be null, and room for more mail addresses."""

    longest_contacts: ClassVar = 1500

    privacy_url: Address | UnsetType | None = UNSET  # type: ignore[assignment]
    terms_url: Address | UnsetType | None = UNSET  # type: ignore[assignment]


class DocumentV1(Wire, frozen=True):
    """`fileUrl` downloads the file, for ten minutes."""

    id: int
    name: str
    file_url: str
    created_at: Timestamp
    updated_at: Timestamp


class DirectoryVendor(VendorBasics, frozen=True, kw_only=True):
    """A vendor in the list. `lastQuestionnaire` is null unless it is asked for; risks are not kept here."""

    user: UserAnswer | None
    vendor_relationship_contact: UserCompact | None
    documents: list[DocumentV1]
    last_questionnaire: LastQuestionnaire | None = None
    reviews: list[OldSocReview]
    security_review: NewOldReview | UnsetType | None = UNSET
    risk_count: int | None = None


class VendorAnswer(DirectoryVendor, frozen=True, kw_only=True):
    cost: str | None
    operational_impact: OperationalImpact | None
    environment_access: EnvironmentAccess | None
    data_accessed: list[DataAccessed] | None = field(name="dataAccessedOrProcessedList")
    integrations: list[VendorCompact]
    latest_security_reviews: list[NewOldReview]
    risks_with_anticipated_completion_date_count: int | None = None


async def list_vendors(call: Call, filters: VendorsQuery) -> NumberedPage[DirectoryVendor]:
    """Lists the vendors of the account."""
    async with call.read() as tx:
        wanted = filters.filter(today(tx))
        page = await numbered(
            filters,
            partial(store.page_ranked_vendors, tx, filters=wanted),
            partial(store.count_vendors, tx, wanted),
            _same,
            column=COLUMNS[filters.sort],
            descending=filters.sort_dir is SortDirection.DESC,
        )
        data = await _directory(call, tx, page.data, with_questionnaires=filters.with_last_questionnaires)
        return NumberedPage(data=data, page=page.page, limit=page.limit, total=page.total)


async def create_vendor(call: Call, body: NewVendorV1) -> VendorAnswer:
    """Creates a vendor."""
    change = body.change()
    async with call.begin() as tx:
        return await _one(call, tx, await actions.create_vendor(tx, change))


async def get_vendor(call: Call, path: VendorPath) -> VendorAnswer:
    """Shows a vendor with its documents and reviews."""
    async with call.read() as tx:
        return await _one(call, tx, await actions.get_vendor(tx, path.id))


def _same(vendor: Vendor) -> Vendor:
    return vendor


async def _directory(call: Call, tx: Tx, vendors: list[Vendor], *, with_questionnaires: bool) -> list[DirectoryVendor]:
    loaded = await _embedded(call, tx, vendors)
    reviews = await _reviews(tx, vendors)
    loaded["security_review"] = {id_: each[0] if each else None for id_, each in reviews.items()}
    if with_questionnaires:
        loaded["last_questionnaire"] = await load_last_questionnaires(tx, vendors)
    return await _rendered(tx, DirectoryVendor, vendors, loaded)


async def _one(call: Call, tx: Tx, vendor: Vendor) -> VendorAnswer:
    loaded = await _embedded(call, tx, [vendor])
    loaded["latest_security_reviews"] = await _reviews(tx, [vendor])
    loaded["last_questionnaire"] = await load_last_questionnaires(tx, [vendor])
    loaded["integrations"] = await load_integrations(tx, [vendor])
    return (await _rendered(tx, VendorAnswer, [vendor], loaded))[0]


async def _rendered(tx: Tx, kind: type[V], vendors: list[Vendor], loaded: dict[str, Loaded]) -> list[V]:
    statuses = await renewal_statuses(tx, vendors)
    return [
        shown(kind, vendor, statuses[vendor.id], **{name: by_id[vendor.id] for name, by_id in loaded.items()})
        for vendor in vendors
    ]


async def _embedded(call: Call, tx: Tx, vendors: list[Vendor]) -> dict[str, Loaded]:
    """By property and vendor what version 1 shows of a vendor everywhere."""
    owners = await users_by_id(tx, {vendor.user_id for vendor in vendors if vendor.user_id})
    return {
        "user": {vendor.id: UserAnswer.of(owners[vendor.user_id]) if vendor.user_id else None for vendor in vendors},
        "vendor_relationship_contact": await load_contacts(tx, vendors),
        "documents": await _documents(call, tx, vendors),
        "reviews": await load_old_reviews(tx, vendors),
    }


async def _documents(call: Call, tx: Tx, vendors: list[Vendor]) -> Loaded:
    found = await documents_of(tx, [vendor.id for vendor in vendors])
    files = await files_by_id(tx, {document.file_id for documents in found.values() for document in documents})
    return {
        vendor_id: [
            DocumentV1(
                id=document.id,
                name=document.name,
                file_url=call.link_to(files[document.file_id]),
                created_at=iso(document.created_at),
                updated_at=iso(document.updated_at),
            )
            for document in documents
        ]
        for vendor_id, documents in found.items()
    }


async def _reviews(tx: Tx, vendors: list[Vendor]) -> Loaded:
    found = await latest_reviews(tx, [vendor.id for vendor in vendors])
    ids = {review.requester_user_id for reviews in found.values() for review in reviews if review.requester_user_id}
    users = await users_by_id(tx, ids)
    return {
        vendor_id: [NewOldReview.of(review, users.get(review.requester_user_id or 0)) for review in reviews]
        for vendor_id, reviews in found.items()
    }


operation = partial(Operation, version=Version.V1)

operations = [
    operation(
        method="GET",
        path="/vendors",
        handler=list_vendors,
        permissions=(Permission.VENDORS_GET,),
        errors=(400,),
    ),
    operation(
        method="POST",
        path="/vendors",
        handler=create_vendor,
        permissions=(Permission.VENDORS_POST,),
        success=(201,),
        errors=(400,),
    ),
    operation(
        method="GET",
        path="/vendors/{id}",
        handler=get_vendor,
        permissions=(Permission.VENDORS_GET_VENDOR,),
        errors=(404,),
    ),
]
