"""Vendors, version 2."""

from collections.abc import Awaitable, Callable
from datetime import UTC, date
from enum import StrEnum
from functools import partial
from typing import Any, TypeVar

from msgspec import UNSET, UnsetType, field

from trustwright.accounts.actions import users_by_id
from trustwright.accounts.permissions import Permission
from trustwright.db import Tx
from trustwright.http.lists import CursorPage, NamedQuery, by_cursor
from trustwright.http.operations import Call, Operation, Version
from trustwright.http.people import UserCompact
from trustwright.http.wire import Id, Wire
from trustwright.questionnaires.actions import last_questionnaires
from trustwright.questionnaires.wire import LastQuestionnaire
from trustwright.reviews.actions import documents_of, latest_reviews, soc_reviews_of
from trustwright.reviews.wire import DocumentAnswer, OldSocReview, ReviewCompact
from trustwright.vendors import actions, store
from trustwright.vendors.model import (
    DeadlineStatus,
    ImpactLevel,
    RenewalDateStatus,
    RenewalSchedule,
    Vendor,
    VendorCategory,
    VendorKind,
    VendorRisk,
    VendorStatus,
)
from trustwright.vendors.store import Filter
from trustwright.vendors.wire import NewVendor, VendorChange, VendorCompact, VendorDetails, shown

T = TypeVar("T")

Loaded = dict[int, Any]


class VendorExpand(StrEnum):
    """`user` is another word for `vendorUser`; the last three fill no property (Q18)."""

    CUSTOM_FIELDS = "customFields"
    DOCUMENTS = "documents"
    INTEGRATIONS = "integrations"
    LAST_QUESTIONNAIRE = "lastQuestionnaire"
    LATEST_SECURITY_REVIEWS = "latestSecurityReviews"
    REVIEWS = "reviews"
    VENDOR_USER = "vendorUser"
    USER = "user"
    VENDOR_RELATIONSHIP_CONTACT = "vendorRelationshipContact"
    DATA_ACCESSED_OR_PROCESSED = "dataAccessedOrProcessed"
    SCHEDULE_CONFIGURATION = "scheduleConfiguration"
    CUSTOM_VENDOR_TYPE = "customVendorType"


Expansions = frozenset[VendorExpand]


class VendorPath(Wire, frozen=True):
    vendor_id: Id


class VendorQuery(Wire, frozen=True):
    expand: Expansions = frozenset()


class VendorsQuery(NamedQuery, frozen=True):
    """Any of the values of a list will do, and all filters must hold."""

    expand: Expansions = frozenset()
    category: VendorCategory | None = None
    impact_level: ImpactLevel | None = None
    renewal_date: date | None = None
    renewal_schedule_type: RenewalSchedule | None = None
    risk: VendorRisk | None = None
    status: VendorStatus | None = None
    type: VendorKind | None = None
    categories: list[VendorCategory] = field(default_factory=list)
    statuses: list[VendorStatus] = field(default_factory=list)
    types: list[VendorKind] = field(default_factory=list)
    is_sub_processor: bool | None = None
    vendor_type_ids: list[Id] = field(default_factory=list)
    next_review_deadline_status: list[DeadlineStatus] = field(default_factory=list)
    action_required: bool | None = None
    vendor_user_ids: list[Id] = field(default_factory=list)

    def filter(self, today: date) -> Filter:
        return Filter(
            today=today,
            categories=either(self.category, self.categories),
            risks=either(self.risk, []),
            statuses=either(self.status, self.statuses),
            types=either(self.type, self.types),
            vendor_type_ids=self.vendor_type_ids or None,
            impact_levels=either(self.impact_level, []),
            user_ids=self.vendor_user_ids or None,
            is_sub_processor=self.is_sub_processor,
            renewal_date=self.renewal_date,
            schedule=self.renewal_schedule_type,
            deadline_statuses=either(None, self.next_review_deadline_status),
            action_required=self.action_required,
        )


def either(one: str | None, several: list[Any]) -> list[str] | None:
    """What a filter by one value and a filter by several leave together; None when neither is there."""
    if one is None:
        return [str(each) for each in several] or None
    return [str(one)] if not several or one in several else []


class CustomFieldAnswer(Wire, frozen=True):
    custom_field_id: int
    name: str
    value: str | None


class VendorLink(Wire, frozen=True):
    href: str


class VendorLinks(Wire, frozen=True):
    self: VendorLink


class VendorAnswer(VendorDetails, frozen=True, kw_only=True):
    """`integrations` is null unless it is expanded; the properties after it are there only when they are."""

    links: VendorLinks = field(name="_links")
    integrations: list[VendorCompact] | None = None
    catalog_product_candidate_id: int | None = None
    user: UserCompact | UnsetType | None = UNSET
    vendor_relationship_contact: UserCompact | UnsetType | None = UNSET
    custom_fields: list[CustomFieldAnswer] | UnsetType = UNSET
    documents: list[DocumentAnswer] | UnsetType = UNSET
    last_questionnaire: LastQuestionnaire | UnsetType | None = UNSET
    latest_security_reviews: list[ReviewCompact] | UnsetType = UNSET
    reviews: list[OldSocReview] | UnsetType = UNSET


async def list_vendors(call: Call, filters: VendorsQuery) -> CursorPage[VendorAnswer]:
    """Lists the vendors of the account."""
    async with call.read() as tx:
        wanted = filters.filter(today(tx))
        page = await by_cursor(
            filters,
            "vendors",
            partial(store.page_vendors, tx, filters=wanted),
            partial(store.count_vendors, tx, wanted),
            _same,
        )
        return CursorPage(data=await _shown(call, tx, page.data, filters.expand), pagination=page.pagination)


async def create_vendor(call: Call, body: NewVendor) -> VendorAnswer:
    """Creates a vendor."""
    change = body.change()
    async with call.begin() as tx:
        return await _one(call, tx, await actions.create_vendor(tx, change))


async def get_vendor(call: Call, path: VendorPath, filters: VendorQuery) -> VendorAnswer:
    """Gets one vendor."""
    async with call.read() as tx:
        return await _one(call, tx, await actions.get_vendor(tx, path.vendor_id), filters.expand)


async def update_vendor(call: Call, path: VendorPath, body: VendorChange) -> VendorAnswer:
    """Updates those properties of a vendor that are given."""
    change = body.change()
    async with call.begin() as tx:
        return await _one(call, tx, await actions.update_vendor(tx, path.vendor_id, change))


async def delete_vendor(call: Call, path: VendorPath) -> None:
    """Deletes a vendor; its security reviews are kept for audits."""
    async with call.begin() as tx:
        await actions.delete_vendor(tx, path.vendor_id)


def today(tx: Tx) -> date:
    """The day in UTC of the transaction."""
    return tx.now.astimezone(UTC).date()


def _same(vendor: Vendor) -> Vendor:
    return vendor


async def _one(call: Call, tx: Tx, vendor: Vendor, expand: Expansions = frozenset()) -> VendorAnswer:
    return (await _shown(call, tx, [vendor], expand))[0]


async def _shown(call: Call, tx: Tx, vendors: list[Vendor], expand: Expansions) -> list[VendorAnswer]:
    """The vendors of a page, what is expanded loaded for all of them at once."""
    statuses = await renewal_statuses(tx, vendors)
    loaded = {name: await load(tx, vendors) for name, load in wanted_loaders(expand)}
    return [
        shown(
            VendorAnswer,
            vendor,
            statuses[vendor.id],
            links=VendorLinks(self=VendorLink(href=f"{call.settings.public_url}/public/v2/vendors/{vendor.id}")),
            **{name: by_id[vendor.id] for name, by_id in loaded.items()},
        )
        for vendor in vendors
    ]


async def renewal_statuses(tx: Tx, vendors: list[Vendor]) -> dict[int, RenewalDateStatus]:
    """By vendor how it stands with its renewal."""
    found = await store.standings(tx, [vendor.id for vendor in vendors], today(tx))
    return {standing.vendor_id: standing.renewal_date_status for standing in found}


async def load_owners(tx: Tx, vendors: list[Vendor]) -> Loaded:
    users = await users_by_id(tx, {vendor.user_id for vendor in vendors if vendor.user_id})
    return {vendor.id: UserCompact.of(users[vendor.user_id]) if vendor.user_id else None for vendor in vendors}


async def load_contacts(tx: Tx, vendors: list[Vendor]) -> Loaded:
    ids = {vendor.id: vendor.relationship_user_id for vendor in vendors}
    users = await users_by_id(tx, {user_id for user_id in ids.values() if user_id})
    return {id_: UserCompact.of(users[user_id]) if user_id else None for id_, user_id in ids.items()}


async def load_integrations(tx: Tx, vendors: list[Vendor]) -> Loaded:
    """Those of the integrated vendors that are still there."""
    found = await actions.vendors_by_id(tx, {id_ for vendor in vendors for id_ in vendor.integrations})
    return {
        vendor.id: [VendorCompact.of(found[id_]) for id_ in vendor.integrations if found[id_].deleted_at is None]
        for vendor in vendors
    }


async def load_custom_fields(tx: Tx, vendors: list[Vendor]) -> Loaded:
    fields = await store.all_fields(tx)
    return {
        vendor.id: [
            CustomFieldAnswer(custom_field_id=field.id, name=field.name, value=value)
            for field in fields
            if (value := vendor.custom_fields.get(str(field.id))) is not None
        ]
        for vendor in vendors
    }


async def load_documents(tx: Tx, vendors: list[Vendor]) -> Loaded:
    found = await documents_of(tx, [vendor.id for vendor in vendors])
    return {id_: [DocumentAnswer.of(document, None) for document in documents] for id_, documents in found.items()}


async def load_latest_reviews(tx: Tx, vendors: list[Vendor]) -> Loaded:
    found = await latest_reviews(tx, [vendor.id for vendor in vendors])
    return {id_: [ReviewCompact.of(review) for review in reviews] for id_, reviews in found.items()}


async def load_old_reviews(tx: Tx, vendors: list[Vendor]) -> Loaded:
    found = await soc_reviews_of(tx, [vendor.id for vendor in vendors])
    return {id_: [OldSocReview.of(review) for review in reviews] for id_, reviews in found.items()}


async def load_last_questionnaires(tx: Tx, vendors: list[Vendor]) -> Loaded:
    found = await last_questionnaires(tx, [vendor.id for vendor in vendors])
    return {vendor.id: LastQuestionnaire.of(found[vendor.id]) if vendor.id in found else None for vendor in vendors}


Loader = Callable[[Tx, list[Vendor]], Awaitable[Loaded]]

# What each expansion fills, and how.
LOADERS: dict[VendorExpand, tuple[str, Loader]] = {
    VendorExpand.CUSTOM_FIELDS: ("custom_fields", load_custom_fields),
    VendorExpand.DOCUMENTS: ("documents", load_documents),
    VendorExpand.LAST_QUESTIONNAIRE: ("last_questionnaire", load_last_questionnaires),
    VendorExpand.LATEST_SECURITY_REVIEWS: ("latest_security_reviews", load_latest_reviews),
    VendorExpand.REVIEWS: ("reviews", load_old_reviews),
    VendorExpand.INTEGRATIONS: ("integrations", load_integrations),
    VendorExpand.VENDOR_USER: ("user", load_owners),
    VendorExpand.USER: ("user", load_owners),
    VendorExpand.VENDOR_RELATIONSHIP_CONTACT: ("vendor_relationship_contact", load_contacts),
}


def wanted_loaders(expand: Expansions) -> list[tuple[str, Loader]]:
    """Each loader once, whatever words ask for it."""
    return list(dict(LOADERS[each] for each in expand if each in LOADERS).items())


VENDORS = "/vendors"
VENDOR = "/vendors/{vendorId}"

operation = partial(Operation, version=Version.V2)

operations = [
    operation(method="GET", path=VENDORS, handler=list_vendors, permissions=(Permission.VENDORS_GET,), errors=(400,)),
    operation(
        method="POST",
        path=VENDORS,
        handler=create_vendor,
        permissions=(Permission.VENDORS_POST,),
        success=(201,),
        errors=(400,),
    ),
    operation(
        method="GET", path=VENDOR, handler=get_vendor, permissions=(Permission.VENDORS_GET_VENDOR,), errors=(404,)
    ),
    operation(
        method="PUT", path=VENDOR, handler=update_vendor, permissions=(Permission.VENDORS_PUT,), errors=(400, 404)
    ),
    operation(
        method="DELETE",
        path=VENDOR,
        handler=delete_vendor,
        permissions=(Permission.VENDORS_DELETE,),
        success=(204,),
    ),
]
