"""What a vendor becomes when its fields are given anew."""

from datetime import UTC, datetime
from typing import Any, TypeVar

from msgspec import UNSET, Struct, UnsetType, structs

from trustwright.errors import Invalid
from trustwright.vendors.model import CustomValue, VendorFields, VendorStatus
from trustwright.vendors.renewal import renewal_date
from trustwright.vendors.texts import provider_of

V = TypeVar("V", bound=VendorFields)


class Change(Struct, frozen=True, kw_only=True):
    """`fields` holds by name those of VendorFields that were given; the others stay. `confirmed` True confirms the
    vendor now."""

    fields: dict[str, Any]
    confirmed: bool | UnsetType | None = UNSET
    custom_values: list[CustomValue] = []


def applied(before: V, change: Change, now: datetime) -> V:
    """The vendor with the given fields and what follows from them; custom values aside. Raises Invalid.

    A vendor is of a type that all accounts have, or of one of the account's own: naming one ends the other."""
    given = dict(change.fields)
    if given.get("type") is not None and given.get("vendor_type_id") is not None:
        raise Invalid("type and vendorTypeId: a vendor has one or the other")
    if given.get("type") is not None:
        given["vendor_type_id"] = None
    elif given.get("vendor_type_id") is not None:
        given["type"] = None
    schedule = given.get("renewal_schedule_type", before.renewal_schedule_type)
    today = now.astimezone(UTC).date()
    given["renewal_date"] = renewal_date(before, schedule, given.get("renewal_date", UNSET), today)
    if "trust_center_url" in given:
        given["trust_center_provider"] = provider_of(given["trust_center_url"])
    if change.confirmed is not UNSET:
        given["confirmed_at"] = now if change.confirmed else None
    if given.get("status", before.status) is not VendorStatus.ARCHIVED:
        given["archived_at"] = None
    elif before.archived_at is None:
        given["archived_at"] = now
    return structs.replace(before, **given)
