"""How many vendors there are of each kind, version 2."""

from enum import StrEnum
from typing import Annotated, Any, Generic, TypeVar

from msgspec import UNSET, Meta, UnsetType

from trustwright.accounts.permissions import Permission
from trustwright.http.operations import Call, Operation, Version
from trustwright.http.wire import Wire
from trustwright.vendors import store
from trustwright.vendors.api_v2 import today
from trustwright.vendors.model import (
    ImpactLevel,
    PasswordPolicy,
    RenewalDateStatus,
    VendorCategory,
    VendorKind,
    VendorRisk,
    VendorStatus,
)

K = TypeVar("K")


class StatsScope(StrEnum):
    REMINDER = "reminder"
    HAS_PII = "hasPii"
    BUSINESS_UNITS = "businessUnits"
    PASSWORD_POLICY = "passwordPolicy"  # noqa: S105
    STATUS = "status"
    IS_CRITICAL = "isCritical"
    IS_SUB_PROCESSOR = "isSubProcessor"
    TYPE = "type"
    RISK = "risk"
    IMPACT_LEVEL = "impactLevel"


class Criticality(StrEnum):
    """`None`: nobody has said (Q64)."""

    YES = "Yes"
    NO = "No"
    NONE = "None"


class StatsQuery(Wire, frozen=True):
    """At least one scope; archived vendors count only when they are asked for (Q64)."""

    expand: Annotated[frozenset[StatsScope], Meta(min_length=1)]
    include_archived: bool = False


class StatsItem(Wire, Generic[K], frozen=True):
    count: int
    key: K


class StatsAnswer(Wire, frozen=True):
    """Only the scopes that were asked for; each has all its keys, also those that no vendor has."""

    reminder: list[StatsItem[RenewalDateStatus]] | UnsetType = UNSET
    has_pii: list[StatsItem[bool]] | UnsetType = UNSET
    business_units: list[StatsItem[VendorCategory]] | UnsetType = UNSET
    password_policy: list[StatsItem[PasswordPolicy]] | UnsetType = UNSET
    status: list[StatsItem[VendorStatus]] | UnsetType = UNSET
    is_critical: list[StatsItem[Criticality]] | UnsetType = UNSET
    is_sub_processor: list[StatsItem[bool]] | UnsetType = UNSET
    type: list[StatsItem[VendorKind]] | UnsetType = UNSET
    risk: list[StatsItem[VendorRisk]] | UnsetType = UNSET
    impact_level: list[StatsItem[ImpactLevel]] | UnsetType = UNSET


BOOLEANS = {"true": True, "false": False}

# For each scope the property that it fills and, by their text in the database, its keys.
KEYS: dict[StatsScope, tuple[str, dict[str, Any]]] = {
    StatsScope.REMINDER: ("reminder", {key.value: key for key in RenewalDateStatus}),
    StatsScope.HAS_PII: ("has_pii", BOOLEANS),
    StatsScope.BUSINESS_UNITS: ("business_units", {key.value: key for key in VendorCategory}),
    StatsScope.PASSWORD_POLICY: ("password_policy", {key.value: key for key in PasswordPolicy}),
    StatsScope.STATUS: ("status", {key.value: key for key in VendorStatus}),
    StatsScope.IS_CRITICAL: ("is_critical", {key.value: key for key in Criticality}),
    StatsScope.IS_SUB_PROCESSOR: ("is_sub_processor", BOOLEANS),
    StatsScope.TYPE: ("type", {key.value: key for key in VendorKind}),
    StatsScope.RISK: ("risk", {key.value: key for key in VendorRisk}),
    StatsScope.IMPACT_LEVEL: ("impact_level", {key.value: key for key in ImpactLevel}),
}


async def get_vendor_stats(call: Call, filters: StatsQuery) -> StatsAnswer:
    """Counts the vendors by the scopes that are asked for."""
    scopes = [scope.value for scope in filters.expand]
    async with call.read() as tx:
        found = await store.count_by_scopes(tx, scopes, today(tx), include_archived=filters.include_archived)
    counts = {(each.scope, each.key): each.count for each in found}
    items: dict[str, Any] = {}
    for scope in filters.expand:
        name, keys = KEYS[scope]
        items[name] = [StatsItem(count=counts.get((scope, text), 0), key=key) for text, key in keys.items()]
    return StatsAnswer(**items)


operations = [
    Operation(
        version=Version.V2,
        method="GET",
        path="/vendors-stats",
        handler=get_vendor_stats,
        permissions=(Permission.VENDORS_GET_STATS,),
        errors=(400,),
    ),
]
