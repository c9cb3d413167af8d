"""SQL of the list of vendors that people look at."""

from collections.abc import AsyncGenerator
from datetime import date, datetime
from enum import StrEnum

from msgspec import Struct, structs

from trustwright.db import Slice, Tx
from trustwright.vendors.model import VendorCategory, VendorKind, VendorRisk, VendorStatus, VendorType
from trustwright.vendors.store import MATCHING, TYPE, TYPES, Filter

# The orders of the list, as its indexes have them.
BY_NAME = "lower(v.name)"
BY_RISK = "array_position('{NONE,LOW,MODERATE,HIGH}'::text[], v.risk)"
BY_RENEWAL = "v.renewal_date"
BY_CREATION = "v.created_at"

REVIEWED = "select from reviews r where r.account_id = v.account_id and r.vendor_id = v.id and r.status"
STATE = f"""(case
    when exists ({REVIEWED} in ('NOT_YET_STARTED', 'IN_PROGRESS')) then 'UNDER_REVIEW'
    when exists ({REVIEWED} = 'COMPLETED') then 'REVIEWED'
    else 'NEVER_REVIEWED' end)"""

LISTED = f"""
    select v.id, v.name, v.category, v.risk, v.status, v.type, v.vendor_type_id, v.critical, v.user_id, v.url,
        v.contacts_email, v.renewal_date, v.created_at, {STATE} as reviewed
    {MATCHING}
"""


class Reviewed(StrEnum):
    """How far a vendor is with its reviews."""

    UNDER_REVIEW = "UNDER_REVIEW"
    REVIEWED = "REVIEWED"
    NEVER_REVIEWED = "NEVER_REVIEWED"


# The same, each so that the fewest reviews are looked at.
WHERE = {
    Reviewed.UNDER_REVIEW: f" and exists ({REVIEWED} in ('NOT_YET_STARTED', 'IN_PROGRESS'))",
    Reviewed.REVIEWED: f""" and exists ({REVIEWED} = 'COMPLETED')
        and not exists ({REVIEWED} in ('NOT_YET_STARTED', 'IN_PROGRESS'))""",
    Reviewed.NEVER_REVIEWED: f" and not exists ({REVIEWED} <> 'NOT_REQUIRED')",
    None: "",
}


class ListedVendor(Struct, frozen=True, kw_only=True):
    """A vendor in a line."""

    id: int
    name: str
    category: VendorCategory | None
    risk: VendorRisk
    status: VendorStatus | None
    type: VendorKind | None
    vendor_type_id: int | None
    critical: bool | None
    user_id: int | None
    url: str | None
    contacts_email: str | None
    renewal_date: date | None
    created_at: datetime
    reviewed: Reviewed


class Named(Struct, frozen=True):
    """A vendor by name."""

    id: int
    name: str


async def page(tx: Tx, part: Slice, wanted: Filter, reviewed: Reviewed | None) -> list[ListedVendor]:
    """A page of the vendors that match."""
    return await tx.page(ListedVendor, LISTED + WHERE[reviewed], part, key="v.id", **structs.asdict(wanted))


def stream(tx: Tx, part: Slice, wanted: Filter, reviewed: Reviewed | None) -> AsyncGenerator[ListedVendor, None]:
    """All vendors that match, in the order of `part`."""
    direction = "desc" if part.descending else "asc"
    sql = f"{LISTED}{WHERE[reviewed]} order by {part.column} {direction}, v.id {direction}"
    return tx.stream(ListedVendor, sql, **structs.asdict(wanted))


async def vendors_named(tx: Tx, names: list[str]) -> list[Named]:
    """The vendors that have exactly these names."""
    return await tx.all(
        Named,
        """
        select id, name from vendors
        where account_id = %(account_id)s and deleted_at is null and name = any (%(names)s::text[])
        order by id
        """,
        names=names,
    )


async def all_types(tx: Tx, most: int) -> list[VendorType]:
    """The account's own types by name, so many at most."""
    return await tx.all(VendorType, f"{TYPES} order by lower(name), id limit %(most)s", most=most)


async def types_by_id(tx: Tx, ids: list[int]) -> list[VendorType]:
    """Those of the ids that are types, deleted or not: vendors keep them."""
    return await tx.all(
        VendorType,
        f"select {TYPE} from vendor_types where account_id = %(account_id)s and id = any (%(ids)s::integer[])",
        ids=ids,
    )
